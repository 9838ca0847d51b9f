import type { Node } from "prosemirror-model"
import type { EditorState } from "prosemirror-state"
import { Plugin, PluginKey } from "prosemirror-state"
import { Decoration, DecorationSet } from "prosemirror-view"
import { acceptedIn, type Kin } from "../../shared/changes/compare.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import { wantParting } from "../../shared/changes/projections.ts"
import { type Block, isDeletionInEffect, type Mark, ownerOf, splitCharacter } from "../../shared/schema/block.ts"
import { codeShown } from "../../shared/schema/keys.ts"
import { blockOfNode } from "../../shared/schema/schema.ts"
import { heavierFor, type SourceLook, toneValue } from "../ui/look.ts"
import { undrawn } from "./block-view.ts"

/** How the text is shown. A view never changes it (Alt+1 to Alt+7). */
export type View = "force" | "markup" | "proposed" | "working" | "original" | "source" | "simple"

/** Whether a view reads as if everything that is proposed were agreed; the simple one has a bar beside what is proposed. */
export const readsAsProposed = (view: View): boolean => view === "proposed" || view === "simple"

/** What drawing depends on beside the document. */
export interface Drawing {
  readonly view: View
  /** The one source whose changes are shown, in view `source`. */
  readonly source: string | null
  /** The change or thread that is chosen. */
  readonly chosen: string | null
  /** With what of the text in force each block is compared. */
  readonly kin: ReadonlyMap<string, Kin>
  /** Changes whose words another proposes too, which a reading has once. */
  readonly echoes: ReadonlySet<string>
  readonly hasForce: boolean
  readonly accepted: readonly ProposalEntry[]
  readonly openThreads: ReadonlySet<string>
  readonly lookOf: (source: string) => SourceLook
}

interface State {
  readonly drawing: Drawing
  readonly set: DecorationSet
}

export const marksKey = new PluginKey<State>("marks")

/** Sets how the text is drawn. */
export const redraw = (state: EditorState, drawing: Drawing): EditorState["tr"] =>
  state.tr.setMeta(marksKey, drawing).setMeta("addToHistory", false)

const toneOf = (drawing: Drawing, source: string): string => toneValue(drawing.lookOf(source).tone)

interface Look {
  readonly classes: string[]
  readonly style: string[]
  readonly attrs: Record<string, string>
}

const isShown = (source: string, drawing: Drawing): boolean => drawing.view !== "source" || drawing.source === source

/** How one run looks: who put it in, who strikes it, what is hidden in this view. */
function lookOf(marks: readonly Mark[], drawing: Drawing): Look | null {
  const look: Look = { classes: [], style: [], attrs: {} }
  const owner = ownerOf(marks)
  const strikes = marks.filter((mark) => mark.name === "deletion" && isDeletionInEffect(mark, marks))
  const strike = strikes.find((mark) => isShown(mark.source, drawing))
  const { view } = drawing
  if (owner && (view === "working" || !isShown(owner.source, drawing))) look.classes.push("is-hidden")
  else if (readsAsProposed(view) && (strike || (owner && drawing.echoes.has(owner.changeId)))) look.classes.push("is-hidden")
  else if (view === "markup" || view === "force" || view === "source") drawMarkup(look, owner, strike, strikes, drawing)
  else if (view === "simple" && owner && owner.changeId === drawing.chosen) look.classes.push("is-read")
  for (const mark of marks) {
    if (mark.name === "comment" && drawing.openThreads.has(mark.id)) {
      look.classes.push("commented")
      look.attrs["data-thread"] = mark.id
      if (mark.id === drawing.chosen) look.classes.push("is-chosen")
    }
    if (mark.name === "noteRef") look.classes.push("note-ref")
  }
  return look.classes.length > 0 ? look : null
}

function drawMarkup(look: Look, owner: Mark | null, strike: Mark | undefined, strikes: readonly Mark[], drawing: Drawing): void {
  if (owner) {
    look.classes.push("inserted")
    look.style.push(`--in:${toneOf(drawing, owner.source)}${heavierFor("in", drawing.lookOf(owner.source))}`)
    look.attrs["data-change"] = owner.changeId
  }
  if (strike) {
    look.classes.push("struck")
    look.style.push(`--out:${toneOf(drawing, strike.source)}${heavierFor("out", drawing.lookOf(strike.source))}`)
    look.attrs["data-change"] = strike.changeId
    if (strikes.length > 1) look.classes.push("struck-twice")
  }
  const ids = [owner?.changeId, ...strikes.map((mark) => mark.changeId)]
  if (drawing.chosen !== null && ids.includes(drawing.chosen)) look.classes.push("is-chosen")
}

/** The change that ends at the end of a run, whose code is written behind it. */
function endingIn(runs: Block["runs"], i: number): Mark | null {
  const here = changeMarks(runs[i]!.marks)
  const next = i + 1 < runs.length ? changeMarks(runs[i + 1]!.marks).map((mark) => mark.changeId) : []
  return here.find((mark) => !next.includes(mark.changeId)) ?? null
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** The code of a source behind the last letter of its change: on that letter alone, for another's caret inside the change would cut it in two. */
function codeBehind(text: string, from: number, to: number, source: string, drawing: Drawing): Decoration {
  const last = [...graphemes.segment(text.slice(-32))].at(-1)?.segment.length ?? 1
  const { turn } = drawing.lookOf(source)
  return Decoration.inline(Math.max(from, to - last), to, {
    class: turn > 0 ? `ends turn-${turn}` : "ends",
    "data-code": codeShown(source),
    style: `--code:${toneOf(drawing, source)}`,
  })
}

/** The first letter of words that would run together with those of another source, which this reading has before them. */
function partedFrom(runs: Block["runs"], i: number, drawing: Drawing): number {
  const isHidden = (run: Block["runs"][number]): boolean => lookOf(run.marks, drawing)?.classes.includes("is-hidden") ?? false
  const last = runs.slice(0, i).findLast((run) => !isHidden(run))
  const run = runs[i]!
  if (!last || isHidden(run) || !wantParting(last, run)) return 0
  return [...graphemes.segment(run.text.slice(0, 32))][0]?.segment.length ?? 1
}

const changeMarks = (marks: readonly Mark[]): Mark[] => {
  const owner = ownerOf(marks)
  return marks.filter((mark) => mark === owner || (mark.name === "deletion" && isDeletionInEffect(mark, marks)))
}

function blockDecorations(node: Node, pos: number, drawing: Drawing): Decoration[] {
  const block = blockOfNode(node)
  const decorations: Decoration[] = []
  let from = pos + 1
  const isMarkup = drawing.view === "markup" || drawing.view === "force" || drawing.view === "source"
  block.runs.forEach((run, i) => {
    const to = from + run.text.length
    let look = lookOf(run.marks, drawing)
    if (run.text === splitCharacter) {
      look ??= { classes: [], style: [], attrs: {} }
      look.classes.push("pilcrow")
    }
    const parted = readsAsProposed(drawing.view) ? partedFrom(block.runs, i, drawing) : 0
    if (parted > 0) decorations.push(Decoration.inline(from, from + parted, { class: "is-parted" }))
    if (look) {
      decorations.push(Decoration.inline(from, to, { class: look.classes.join(" "), style: look.style.join(";"), ...look.attrs }))
      const ending = isMarkup && !look.classes.includes("is-hidden") ? endingIn(block.runs, i) : null
      if (ending && isShown(ending.source, drawing)) decorations.push(codeBehind(run.text, from, to, ending.source, drawing))
    }
    from = to
  })
  // A clause of which this view shows no letter is not in its text.
  if (block.runs.length > 0 && block.runs.every((run) => lookOf(run.marks, drawing)?.classes.includes("is-hidden")))
    decorations.push(Decoration.node(pos, pos + node.nodeSize, { class: "is-swept" }, undrawn))
  if (drawing.view === "simple" && (block.insertedBy || block.runs.some((run) => changeMarks(run.marks).length > 0)))
    decorations.push(Decoration.node(pos, pos + node.nodeSize, { class: "is-changed" }))
  if (drawing.view === "force" && drawing.hasForce) decorations.push(...acceptedDecorations(block, pos, drawing))
  return decorations
}

/** Accepted changes stay visible against the text in force, differently drawn from open ones. */
function acceptedDecorations(block: Block, pos: number, drawing: Drawing): Decoration[] {
  return acceptedIn(block, drawing.kin.get(block.id) ?? null, drawing.accepted).map((part) => {
    if (part.kind === "split")
      return Decoration.widget(pos + 1 + part.at, () => acceptedSplit(), { side: -1, key: `${block.id}:split`, ignoreSelection: true })
    const style = part.source ? `--in:${toneOf(drawing, part.source)};--out:${toneOf(drawing, part.source)}` : ""
    const title = `accepted${part.source ? `, proposed by ${part.source}` : ""}`
    if (part.kind === "inserted") return Decoration.inline(pos + 1 + part.from, pos + 1 + part.to, { class: "accepted-in", style, title })
    const widget = (): HTMLElement => {
      const del = document.createElement("del")
      del.className = "accepted-out"
      del.style.cssText = style
      del.title = title
      del.textContent = part.text.replaceAll(splitCharacter, "¶")
      return del
    }
    return Decoration.widget(pos + 1 + part.at, widget, {
      side: -1,
      key: `${block.id}:${part.at}:${part.text}:${part.source}`,
      ignoreSelection: true,
    })
  })
}

function acceptedSplit(): HTMLElement {
  const mark = document.createElement("span")
  mark.className = "accepted-split"
  mark.title = "the clause was cut in two here, against the text in force"
  mark.textContent = "¶"
  return mark
}

function drawAll(doc: Node, drawing: Drawing): DecorationSet {
  const decorations: Decoration[] = []
  doc.forEach((node, pos) => {
    decorations.push(...blockDecorations(node, pos, drawing))
  })
  return DecorationSet.create(doc, decorations)
}

/** Draws again only the blocks that are new: nodes never change, so a block that is the same node looks the same. */
function drawChanged(before: Node, doc: Node, set: DecorationSet, drawing: Drawing): DecorationSet {
  const known = new Set(before.children)
  let drawn = set
  doc.forEach((node, pos) => {
    if (known.has(node)) return
    drawn = drawn.remove(drawn.find(pos, pos + node.nodeSize, () => true)).add(doc, blockDecorations(node, pos, drawing))
  })
  return drawn
}

/** Draws tracked changes and comments. */
export function marksPlugin(first: Drawing): Plugin<State> {
  return new Plugin<State>({
    key: marksKey,
    state: {
      init: (_, { doc }) => ({ drawing: first, set: drawAll(doc, first) }),
      apply: (tr, value, before) => {
        const drawing = tr.getMeta(marksKey) as Drawing | undefined
        if (drawing) return { drawing, set: drawAll(tr.doc, drawing) }
        if (!tr.docChanged) return value
        return { drawing: value.drawing, set: drawChanged(before.doc, tr.doc, value.set.map(tr.mapping, tr.doc), value.drawing) }
      },
    },
    props: { decorations: (state) => marksKey.getState(state)?.set },
  })
}
