/** What came too late for a decision that is taken back: it is open again as it was proposed, or that is refused (BACK6). */
import * as Y from "yjs"
import type { BackPlan, Obstacles } from "../../shared/changes/back-plan.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import { type Origin, originKey } from "../../shared/changes/placed.ts"
import { type Block, isProposal, type Mark, type StructuralProposal } from "../../shared/schema/block.ts"
import { parseMarkId } from "../../shared/schema/keys.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { entryOf, structuralProposalOf, targetOf } from "../../shared/schema/structure.ts"
import { blocksOf as blocksOfDoc, markOfMarker, structureOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { isAccepted, roots } from "../../shared/sync/roots.ts"
import { hasMarker, writeMark } from "../../shared/sync/write.ts"
import { type Sort, sortOfBlock, sortOfEntry, sortOfMark } from "../gate/case.ts"
import { goesWith } from "../gate/one-thing.ts"
import { elementsOf, type Site } from "../gate/restructure.ts"
import { badProposal, caps } from "../gate/shapes.ts"
import { lettersIn } from "./words-back.ts"

type Fates = ReadonlyMap<string, ProposalEntry>

/**
 * Changes that stand in the way. What a change was to take out returns under its deletion only while that is open: so one that came too late for words
 * which come back, and was decided on as it was then, must be open first; and one that was decided on while those were gone is not opened again once
 * they are back, for it would not be what it was.
 */
export function decidedTooLate(shadow: Y.Doc, before: Fates, { proposals: back }: BackPlan): Set<string> {
  const now = roots.proposals(shadow)
  const opens = (change: string): boolean => back.has(change) && !isAccepted(back.get(change) ?? undefined)
  const inTheWay = new Set<string>()
  for (const [change, list] of roots.forestalled(shadow).entries()) {
    const fate = now.get(change)
    if (fate === undefined) continue
    for (const { by } of list) {
      // A withdrawal is its source's own: the chair could not take it back. What a part left open has the deletion.
      if (opens(by) && !opens(change) && fate.status !== "withdrawn" && fate.next === undefined) inTheWay.add(change)
      if (opens(change) && !opens(by) && isAccepted(before.get(by)) && !isAccepted(now.get(by))) inTheWay.add(by)
    }
  }
  return inTheWay
}

/**
 * Deletions whose writers had these letters before their eyes, but which arrived after the decision that is taken back had taken them out, are on them
 * again: wherever they stand now, for their place may be another than that in which the deletion was made. Call it once the record says what is open.
 */
export function strikeLate(site: Site, { proposals: back, was, became }: BackPlan, blocks: ReadonlySet<string>, mint: Mint): void {
  const { doc } = site.tr
  const forestalled = roots.forestalled(doc)
  const deletions: LateDeletion[] = []
  for (const [change, list] of [...forestalled.entries()]) {
    const returning = list.flatMap(({ by, deletion }) => (deletion && back.has(by) ? [deletion] : []))
    if (returning.length === 0) continue
    forestalled.set(
      change,
      list.map(({ deletion, ...note }) => (deletion && !back.has(note.by) ? { ...note, deletion } : note)),
    )
    if (roots.proposals(doc).has(change)) continue
    for (const { letters, ...parts } of returning) deletions.push({ change, parts, origins: originsOf(letters, site) })
  }
  const live = deletions.length > 0 ? deletionsIn(site) : new Map<string, Mark>()
  for (const element of deletions.length > 0 ? elementsOf(site) : []) {
    const text = textOfElement(element)
    if (!text || !blocks.has(element.getAttribute("id") as string)) continue
    for (const { change, parts, origins } of deletions) {
      const isMissing = ({ origin, marks }: LetterRead): boolean =>
        origins.has(origin) && was.has(origin) && !became.has(origin) && !marks.some((mark) => isDeletionOf(mark, change))
      const mark = live.get(parts.id) ?? deletionOf(change, parts)
      for (const [from, to] of rangesWhere(lettersIn(text, site), isMissing)) {
        const isUsed = mark.changeId !== change || hasMarker(text, mark.key)
        writeMark(site.tr, text, from, to, isUsed ? deletionOf(change, { ...parts, id: mint(mark.source) }) : mark)
      }
    }
  }
}

type Mint = (source: string) => string
type LetterRead = ReturnType<typeof lettersIn>[number]

/** A deletion that came too late for some letters. */
interface LateDeletion {
  readonly change: string
  readonly parts: Pick<Mark, "id" | "over" | "heard">
  readonly origins: ReadonlySet<Origin>
}

const deletionOf = (change: string, parts: LateDeletion["parts"]): Mark =>
  newMark("deletion", { ...parts, source: parseMarkId(parts.id)!.source, of: change === parts.id ? "" : change })

const isDeletionOf = ({ name, changeId }: Mark, change: string): boolean => name === "deletion" && changeId === change

const originsOf = (letters: readonly (readonly [number, number, number])[], { relocations }: Site): Set<Origin> =>
  new Set(
    letters.flatMap(([client, clock, length]) =>
      Array.from({ length }, (_, i) => originKey(relocations.original({ client, clock: clock + i }))),
    ),
  )

/** All deletions that are written somewhere, around nothing too, by their ids. */
function deletionsIn(site: Site): Map<string, Mark> {
  const found = new Map<string, Mark>()
  for (const element of elementsOf(site))
    for (let item = textOfElement(element)?._start ?? null; item; item = item.right) {
      const mark = item.deleted || !(item.content instanceof Y.ContentFormat) ? null : markOfMarker(item.content)
      if (mark?.name === "deletion") found.set(mark.id, mark)
    }
  return found
}

function rangesWhere<Part>(parts: readonly Part[], isSuch: (part: Part) => boolean): [from: number, to: number][] {
  const found: [number, number][] = []
  parts.forEach((part, at) => {
    const last = found.at(-1)
    if (!isSuch(part)) return
    if (last?.[1] === at) last[1] = at + 1
    else found.push([at, at + 1])
  })
  return found
}

/** That changes which came too late, or stand on what is taken back, were decided on since. */
export const obstaclesOf = (changes: ReadonlySet<string>): Obstacles => ({
  letters: new Set(),
  blocks: new Set(),
  changes,
  proposed: new Set(),
  openAgain: new Set(),
})

/**
 * Proposals about blocks that are there again, open as they were written; not those in place of which their source has made others since, nor such as
 * nobody can make about blocks like these (GATE3), which could not be known while they were gone. One whose name something else bears by now, or whose
 * change is of another sort, or does something else to the same clause, is a change of its own (GATE14). What is more than its source may have open
 * stays where it is. `typeOf`: of the blocks that are there.
 */
export function lateBack(
  shadow: Y.Doc,
  { restored, unjoined }: BackPlan,
  typeOf: (block: string) => Block["type"] | null,
  mint: Mint,
): StructuralProposal[] {
  const returned = new Set([...restored.map(({ block }) => block.id), ...unjoined.map(({ block }) => block)])
  const late = roots.late(shadow)
  if (returned.size === 0 || late.size === 0) return []
  const structure = shadow.getMap(structureRoot)
  const open = structureOf(shadow)
  const found: StructuralProposal[] = []
  let borne: Borne | null = null
  // Of one that was of several entries each follows the first.
  const renamed = new Map<string, string>()
  for (const [id, value] of [...late.entries()]) {
    const proposal = structuralProposalOf(id, value)
    const blocks = proposal ? blocksOf(proposal) : []
    if (!proposal || !blocks.some((block) => returned.has(block)) || !blocks.every((block) => typeOf(block) !== null)) continue
    const own = open.filter(({ source }) => source === proposal.source)
    const isReplaced = own.some(({ kind, block }) => kind === proposal.kind && block === proposal.block)
    const isNone = isReplaced || badProposal(proposal, typeOf) !== null || roots.proposals(shadow).has(proposal.changeId)
    if (!isNone && own.length >= caps.structureOfSource) continue
    late.delete(id)
    if (isNone) continue
    borne ??= new Borne(blocksOfDoc(shadow))
    const now = fitting(proposal, { borne, open, renamed, mint })
    structure.set(now.id, entryOf(now))
    borne.add(now)
    open.push(now)
    found.push(now)
  }
  return found
}

/** A proposal as it can be opened: under its own name and in its change, or as a change of its own. */
function fitting(
  proposal: StructuralProposal,
  given: { borne: Borne; open: readonly StructuralProposal[]; renamed: Map<string, string>; mint: Mint },
): StructuralProposal {
  const { borne, open, renamed, mint } = given
  const { source, of } = proposal
  const isBorne = borne.has(proposal.id)
  const id = isBorne ? mint(source) : proposal.id
  const takesIn = (change: string): boolean =>
    borne.sortsOf(change).every((sort) => sort === sortOfEntry(proposal)) &&
    goesWith(
      open.filter(({ changeId }) => changeId === change),
      proposal,
    )
  // What bears its name by now is not what it was of.
  const named = of === "" ? id : proposal.changeId
  const change = [renamed.get(proposal.changeId) ?? named, named].find(takesIn)
  // Others that are open may name it as the change that they are of.
  const alone = (): string => (takesIn(id) ? id : mint(source))
  const changeId = change ?? alone()
  if (changeId !== proposal.changeId) renamed.set(proposal.changeId, changeId)
  const own = change === undefined ? changeId : id
  return { ...proposal, id: own, of: changeId === own ? "" : changeId, changeId }
}

/** Which names of marks, blocks and entries are borne in a draft, and of which sorts each change is. */
class Borne {
  readonly #names = new Set<string>()
  readonly #sorts = new Map<string, Set<Sort>>()

  constructor(blocks: readonly Block[]) {
    for (const block of blocks) {
      if (block.insertedId !== null) this.#note(block.insertedId, block.insertedId, sortOfBlock(block.type))
      for (const { marks } of block.runs)
        for (const mark of marks)
          if (isProposal(mark)) this.#note(mark.id, mark.changeId, sortOfMark(mark, { type: block.type, attrs: { ...block } }))
      for (const proposal of block.structure) this.add(proposal)
    }
  }

  add(proposal: StructuralProposal): void {
    this.#note(proposal.id, proposal.changeId, sortOfEntry(proposal))
  }

  #note(name: string, change: string, sort: Sort): void {
    this.#names.add(name)
    this.#sorts.set(change, (this.#sorts.get(change) ?? new Set()).add(sort))
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }

  sortsOf(change: string): Sort[] {
    return [...(this.#sorts.get(change) ?? [])]
  }
}

/** The blocks that a proposal is about. */
function blocksOf(proposal: StructuralProposal): string[] {
  const target = targetOf(proposal)
  return typeof target === "string" ? [proposal.block, target] : [proposal.block]
}
