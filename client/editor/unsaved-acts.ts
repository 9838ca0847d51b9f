import * as Y from "yjs"
import { type StructuralProposal, splitCharacter } from "../../shared/schema/block.ts"
import type { ItemId } from "../../shared/schema/runs.ts"
import { structuralProposalOf } from "../../shared/schema/structure.ts"
import { blocksRoot, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { blockAround, insertionAround, type StandingPiece, standingPieces, struckLetters } from "./own-pieces.ts"

/** Something that a person did which brings no words, in or about a block; null: of one that nobody knows. */
export type UnsavedAct = { readonly block: string | null } & (
  | { readonly kind: "strike"; readonly words: string }
  | { readonly kind: "split" | "add" | "relevel" }
  | { readonly kind: "propose" | "takeBack"; readonly proposal: StructuralProposal["kind"] }
)

/**
 * What a client wrote in a text from a clock on. The space that a join brings along is no words: it goes with that join.
 */
export function unsavedPieces(doc: Y.Doc, text: Y.XmlText | null, client: number, clock: number): StandingPiece[] {
  return standingPieces(text, client, clock).filter((piece) => piece.text.trim() !== "" || !isOfJoin(doc, client, clock, piece))
}

function isOfJoin(doc: Y.Doc, client: number, clock: number, { clocks }: StandingPiece): boolean {
  const joins = [...doc.getMap(structureRoot)._map].flatMap(([key, item]) => {
    const isFresh = item.id.client === client && item.id.clock >= clock && !item.deleted
    const proposal = isFresh ? structuralProposalOf(key, item.content.getContent()[0]) : null
    return proposal?.kind === "join" ? proposal.changeId : []
  })
  if (joins.length === 0) return false
  const letter = Y.getItem(doc.store, Y.createID(client, clocks[0]![0])) as Y.Item
  return joins.includes(insertionAround(letter)?.changeId ?? "")
}

/**
 * What a client did from a clock on beside the words that it wrote: what it struck with nothing in its place, where it cut clauses, what it added without
 * words or proposed about clauses as wholes. In document order.
 */
export function unsavedActsIn(doc: Y.Doc, client: number, clock: number): UnsavedAct[] {
  const isFresh = (item: Y.Item | null | undefined): boolean => item?.id.client === client && item.id.clock >= clock && !item.deleted
  const acts: UnsavedAct[] = []
  for (const element of doc.getXmlFragment(blocksRoot).toArray() as Y.XmlElement[]) {
    const block = (element.getAttribute("id") as string | undefined) ?? null
    const text = textOfElement(element)
    const pieces = unsavedPieces(doc, text, client, clock)
    const isAdded = isFresh(element._item)
    if (isAdded && pieces.length === 0) acts.push({ kind: "add", block })
    if (!isAdded && isFresh(element._map.get("level"))) acts.push({ kind: "relevel", block })
    for (const words of loneStrikes(text, client, clock, new Set(pieces.flatMap(({ struck }) => struck.map(nameOf)))))
      acts.push({ kind: "strike", block, words })
    for (const piece of pieces) if (isSplitAlone(piece.text)) acts.push({ kind: "split", block })
  }
  for (const [key, item] of doc.getMap(structureRoot)._map) {
    const proposal = isFresh(item) ? structuralProposalOf(key, item.content.getContent()[0]) : null
    if (proposal) acts.push({ kind: "propose", block: proposal.block, proposal: proposal.kind })
  }
  return acts
}

/** Whether what was typed is a cut, and no words: no tray shows that. */
export const isSplitAlone = (words: string): boolean => words.includes(splitCharacter) && words.trim() === ""

export const nameOf = ({ client, clock }: ItemId): string => `${client}:${clock}`

/** Stretches of letters that are struck with nothing in their place, those side by side as one. */
function loneStrikes(text: Y.XmlText | null, client: number, clock: number, replaced: ReadonlySet<string>): string[] {
  return struckLetters(text, client, clock)
    .map((letters) => letters.flatMap((one) => (replaced.has(nameOf(one)) ? [] : one.text)).join(""))
    .filter((words) => words !== "")
}

/**
 * What a transaction took away of what a client had written itself, by the clock that it had: letters of a text, and proposals about clauses. Asked
 * before the document forgets it.
 */
export function takenAway(doc: Y.Doc, tr: Y.Transaction, client: number): { readonly clock: number; readonly act: UnsavedAct }[] {
  const structure = doc.getMap(structureRoot)
  const taken: { clock: number; act: UnsavedAct }[] = []
  let last: { item: Y.Item; act: { kind: "strike"; block: string | null; words: string } } | null = null
  Y.iterateDeletedStructs(tr, tr.deleteSet, (item) => {
    if (!(item instanceof Y.Item) || item.id.client !== client) return
    const { clock } = item.id
    if (item.content instanceof Y.ContentString && item.parent instanceof Y.XmlText) {
      if (last && last.item.right === item) last.act.words += item.content.str
      else {
        const act = { kind: "strike" as const, block: blockAround(item.parent) ?? null, words: item.content.str }
        last = { item, act }
        return void taken.push({ clock, act })
      }
      last = { item, act: last.act }
    } else if (item.parent === structure && item.parentSub !== null && !structure.has(item.parentSub)) {
      const proposal = structuralProposalOf(item.parentSub, item.content.getContent()[0])
      if (proposal) taken.push({ clock, act: { kind: "takeBack", block: proposal.block, proposal: proposal.kind } })
    }
  })
  return taken
}
