import type { Node } from "prosemirror-model"
import { Plugin, PluginKey } from "prosemirror-state"
import { Decoration, DecorationSet } from "prosemirror-view"
import type { AcceptedStructure } from "../../shared/changes/compare.ts"
import { proposedTextOf } from "../../shared/changes/projections.ts"
import { type Plan, planOf } from "../../shared/changes/restructure.ts"
import { noteCalledBy, noteNumbers } from "../../shared/clauses/notes.ts"
import { type Block, type StructuralProposal, splitCharacter } from "../../shared/schema/block.ts"
import { blockOfNode, blocksOfDoc } from "../../shared/schema/schema.ts"
import { isApart, withStructure } from "../../shared/schema/structure.ts"
import { heavierFor, type SourceLook, toneValue } from "../ui/look.ts"
import { ghostsIn, isShownBy } from "./ghosts.ts"
import { leadOf, roomFor } from "./labels.ts"
import { readsAsProposed, type View } from "./marks.ts"
import { isRewritten } from "./places.ts"

/** What drawing of structure depends on beside the document. */
export interface StructureDrawing {
  readonly view: View
  readonly source: string | null
  readonly chosen: string | null
  readonly proposals: readonly StructuralProposal[]
  /** What was accepted since the text in force; null where it is not shown. */
  readonly accepted: AcceptedStructure | null
  readonly labels: ReadonlyMap<string, string>
  /** Whether the lead words of its paragraphs are in italics. */
  readonly hasLeads: boolean
  readonly addressOf: (block: string) => string
  readonly nameOf: (source: string) => string
  readonly lookOf: (source: string) => SourceLook
}

interface State {
  readonly drawing: StructureDrawing
  readonly set: DecorationSet
}

export const structureKey = new PluginKey<State>("structure")

/** What the tag on a block says of a proposal. */
function sentenceOf(proposal: StructuralProposal, block: Block, drawing: StructureDrawing): string {
  switch (proposal.kind) {
    case "delete":
      return "delete"
    case "join":
      return `${isApart(proposal) ? "move behind" : "join to"} ${drawing.addressOf(proposal.into)}`
    case "move":
      return proposal.after === null ? "move to the front" : `move behind ${drawing.addressOf(proposal.after)}`
    case "level":
      return `level ${block.level} → ${proposal.level}`
    default:
      return proposal satisfies never
  }
}

const toneOf = (source: string, drawing: StructureDrawing): string => toneValue(drawing.lookOf(source).tone)

function tag(proposal: StructuralProposal, block: Block, drawing: StructureDrawing): HTMLElement {
  const element = document.createElement("span")
  element.className = `block-tag tag-${proposal.kind}${proposal.changeId === drawing.chosen ? " is-chosen" : ""}`
  element.style.setProperty("--tone", toneOf(proposal.source, drawing))
  element.dataset.change = proposal.changeId
  element.contentEditable = "false"
  // It speaks the page's language, whatever the clause is written in.
  element.dir = "ltr"
  element.title = `proposed by ${drawing.nameOf(proposal.source)}`
  element.textContent = sentenceOf(proposal, block, drawing)
  const code = element.appendChild(document.createElement("b"))
  code.textContent = proposal.source
  markTurn(code, drawing.lookOf(proposal.source))
  return element
}

/** Delegations of one tone are told apart by the ground of their codes. */
function markTurn(code: HTMLElement, { turn }: SourceLook): void {
  if (turn > 0) code.dataset.turn = String(turn)
}

function acceptedTag(words: string): HTMLElement {
  const element = document.createElement("span")
  element.className = "block-tag is-accepted"
  element.dir = "ltr"
  element.contentEditable = "false"
  element.title = "accepted, against the text in force"
  element.textContent = words
  return element
}

/** The words of a block as they are read outside of the editor's own blocks: with the numbers of the footnotes that it calls. */
function wordsOf(block: Block, notes: ReadonlyMap<string, number>, hasLeads: boolean): (string | Element)[] {
  let leading = (hasLeads && leadOf(block)?.length) || 0
  return block.runs.flatMap((run): (string | Element)[] => {
    const note = noteCalledBy(run)
    if (note === null) {
      const text = run.text.replaceAll(splitCharacter, " ")
      const led = text.slice(0, leading)
      leading -= led.length
      if (led === "") return [text]
      const lead = document.createElement("span")
      lead.className = "lead"
      lead.textContent = led
      return [lead, text.slice(led.length)]
    }
    const call = document.createElement("span")
    call.className = "note-ref"
    call.dataset.note = String(notes.get(note) ?? "")
    return [call]
  })
}

/** A block as it is read where it is proposed to stand; cut in two it is several. */
const readAs = (block: Block): Block[] => proposedTextOf([{ ...block, structure: [], insertedBy: null, insertedId: null }])

/** The words of a block at the place where it is proposed to stand. They are read there, not written. */
function ghost(proposal: StructuralProposal, block: Block, drawing: StructureDrawing, notes: ReadonlyMap<string, number>): HTMLElement {
  const element = document.createElement("div")
  element.className = `ghost${proposal.changeId === drawing.chosen ? " is-chosen" : ""}`
  element.style.setProperty("--tone", toneOf(proposal.source, drawing))
  element.dataset.change = proposal.changeId
  element.dataset.type = block.type
  element.dataset.level = String(block.level)
  // Where it would stand it has no label yet: that is for the decision to give.
  if (block.type === "clause") element.dataset.label = block.dir === "rtl" ? "←" : "→"
  element.dir = block.dir
  element.contentEditable = "false"
  readAs(block).forEach((part, i) => {
    if (i > 0) element.append(" ¶ ")
    element.append(...wordsOf(part, notes, drawing.hasLeads))
  })
  const note = element.appendChild(document.createElement("span"))
  note.className = "block-tag tag-move"
  note.dir = "ltr"
  note.textContent = `moved here from ${drawing.addressOf(block.id)}`
  const code = note.appendChild(document.createElement("b"))
  code.textContent = proposal.source
  markTurn(code, drawing.lookOf(proposal.source))
  return element
}

function suppressed(block: Block, drawing: StructureDrawing, notes: ReadonlyMap<string, number>): HTMLElement {
  const element = document.createElement("div")
  element.className = "suppressed"
  element.dataset.type = block.type
  element.dataset.level = String(block.level)
  const label = drawing.labels.get(block.id)
  if (label) {
    element.dataset.label = label
    element.style.cssText = roomFor(label.length)
  }
  element.dir = block.dir
  element.contentEditable = "false"
  element.title = "deleted, against the text in force"
  element.appendChild(document.createElement("del")).append(...wordsOf(block, notes, drawing.hasLeads))
  return element
}

/** Where each block begins. */
function placesOf(doc: Node): Map<string, { pos: number; node: Node }> {
  const places = new Map<string, { pos: number; node: Node }>()
  doc.forEach((node, pos) => {
    places.set(node.attrs.id as string, { pos, node })
  })
  return places
}

const classOf: Readonly<Record<StructuralProposal["kind"], string>> = {
  delete: "is-going",
  join: "is-joining",
  move: "is-moving",
  level: "is-levelling",
}

/** By block the proposal that is drawn over all its words, and is chosen by a click on them: to delete it, else to move it. */
function choosableIn(proposals: readonly StructuralProposal[]): Map<string, StructuralProposal> {
  const found = new Map<string, StructuralProposal>()
  for (const kind of ["delete", "move"])
    for (const proposal of proposals) if (proposal.kind === kind && !found.has(proposal.block)) found.set(proposal.block, proposal)
  return found
}

function draw(doc: Node, drawing: StructureDrawing): DecorationSet {
  const { view, source, chosen } = drawing
  if (view !== "force" && view !== "markup" && view !== "source" && !readsAsProposed(view)) return DecorationSet.empty
  const places = placesOf(doc)
  const written = drawing.proposals.filter((proposal) => view !== "source" || proposal.source === source)
  const blocks = structuredBlocks(doc, written)
  const plan = planOf(blocks, () => true)
  const isShown = isShownBy(plan)
  // Of proposals that compete a reading shows one, as it is written there: the others have no place in it.
  const proposals = readsAsProposed(view) ? written.filter(isShown) : written
  const notes = noteNumbers(blocks)
  const choosable = choosableIn(proposals)
  const decorations: Decoration[] = []
  const endOf = (id: string | null): number => {
    const place = id === null ? undefined : places.get(id)
    return place ? place.pos + place.node.nodeSize : 0
  }
  for (const proposal of proposals) {
    const place = places.get(proposal.block)
    if (!place) continue
    const { pos, node } = place
    const block = blockOfNode(node)
    const isChosen = proposal.changeId === chosen
    const key = `${proposal.id}:${isChosen}:${JSON.stringify(sentenceOf(proposal, block, drawing))}`
    const classes = [
      ...(isApart(proposal) ? [] : [classOf[proposal.kind]]),
      ...(isChosen ? ["is-chosen"] : []),
      ...(readsAsProposed(view) ? ["as-proposed", "is-changed"] : []),
    ]
    const style = `--out:${toneOf(proposal.source, drawing)}${heavierFor("out", drawing.lookOf(proposal.source))}${proposal.kind === "level" ? `;--to:${proposal.level}` : ""}`
    const chosenBy = choosable.get(proposal.block) === proposal ? { "data-whole-change": proposal.changeId } : {}
    decorations.push(Decoration.node(pos, pos + node.nodeSize, { class: classes.join(" "), style, ...chosenBy }))
    if (!readsAsProposed(view)) {
      const at = proposal.kind === "join" ? pos + 1 : pos + node.nodeSize - 1
      const side = proposal.kind === "join" ? -1 : 1
      decorations.push(Decoration.widget(at, () => tag(proposal, block, drawing), { side, key, ignoreSelection: true }))
    }
  }
  decorations.push(...drawGhosts(blocks, proposals, plan, drawing, notes, endOf))
  if (view === "force" && drawing.accepted) decorations.push(...drawAccepted(places, drawing.accepted, drawing, notes, endOf))
  return DecorationSet.create(doc, decorations)
}

/** The clauses that are to move, where they would stand. Several at one place stand in the order in which they would be read. */
function drawGhosts(
  blocks: readonly Block[],
  proposals: readonly StructuralProposal[],
  plan: Plan,
  drawing: StructureDrawing,
  notes: ReadonlyMap<string, number>,
  endOf: (id: string | null) => number,
): Decoration[] {
  if (!proposals.some(({ kind }) => kind === "move")) return []
  const drawn = new Set(proposals.map(({ id }) => id))
  const byId = new Map(blocks.map((block) => [block.id, block]))
  const levels = new Map(plan.levels.map(({ block, level }) => [block, level]))
  const ghosts = ghostsIn(blocks).filter(({ proposal }) => drawn.has(proposal.id))
  return ghosts.map(({ proposal, behind }, i) => {
    const stays = byId.get(proposal.block)!
    const block = { ...stays, level: levels.get(stays.id) ?? stays.level }
    const said = sentenceOf(proposal, block, drawing)
    const key = ["ghost", proposal.id, proposal.changeId === drawing.chosen, said, block.level, JSON.stringify(readAs(block))].join(":")
    return Decoration.widget(endOf(behind), () => ghost(proposal, block, drawing, notes), {
      side: (i + 1) / (ghosts.length + 1) - 2,
      key,
      ignoreSelection: true,
    })
  })
}

function drawAccepted(
  places: ReadonlyMap<string, { pos: number; node: Node }>,
  accepted: AcceptedStructure,
  drawing: StructureDrawing,
  notes: ReadonlyMap<string, number>,
  endOf: (id: string | null) => number,
): Decoration[] {
  const decorations: Decoration[] = []
  for (const { block, behind } of accepted.suppressed)
    decorations.push(
      Decoration.widget(endOf(behind), () => suppressed(block, drawing, notes), {
        side: -1,
        key: `suppressed:${block.id}`,
        ignoreSelection: true,
      }),
    )
  const note = (id: string, words: string): void => {
    const place = places.get(id)
    if (!place) return
    const at = place.pos + place.node.nodeSize - 1
    decorations.push(Decoration.widget(at, () => acceptedTag(words), { side: 1, key: `accepted:${id}:${words}`, ignoreSelection: true }))
  }
  for (const id of accepted.moved) note(id, "moved")
  for (const [id, was] of accepted.levelWas) note(id, `level was ${was}`)
  return decorations
}

const isSameList = (before: Node, after: Node): boolean =>
  before.childCount === after.childCount && before.children.every((node, i) => node.attrs.id === after.child(i).attrs.id)

/** Whether a block with a proposed move has other words now: its ghost then has too. */
const isMovedTextSame = (before: Node, after: Node, drawing: StructureDrawing): boolean => {
  const moved = new Set(drawing.proposals.filter((proposal) => proposal.kind === "move").map((proposal) => proposal.block))
  return moved.size === 0 || after.children.every((node, i) => !moved.has(node.attrs.id as string) || node === before.child(i))
}

/** Draws structural proposals: what is to go, to join, to move, to change its level; and what of it was accepted. Nothing of this is in the text. */
export function structurePlugin(first: StructureDrawing): Plugin<State> {
  return new Plugin<State>({
    key: structureKey,
    state: {
      init: (_, { doc }) => ({ drawing: first, set: draw(doc, first) }),
      apply: (tr, value, before) => {
        const drawing = (tr.getMeta(structureKey) as StructureDrawing | undefined) ?? value.drawing
        const isSame = isSameList(before.doc, tr.doc) && isMovedTextSame(before.doc, tr.doc, drawing) && !isRewritten(tr, before.doc)
        if (drawing === value.drawing && isSame) return tr.docChanged ? { drawing, set: value.set.map(tr.mapping, tr.doc) } : value
        return { drawing, set: draw(tr.doc, drawing) }
      },
    },
    props: { decorations: (state) => structureKey.getState(state)?.set },
  })
}

/** The blocks of a document with what is proposed about each. */
export const structuredBlocks = (doc: Node, proposals: readonly StructuralProposal[]): readonly Block[] =>
  proposals.length === 0 ? blocksOfDoc(doc) : withStructure(blocksOfDoc(doc), proposals)
