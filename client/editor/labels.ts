import type { Node } from "prosemirror-model"
import { Plugin, PluginKey } from "prosemirror-state"
import { Decoration, DecorationSet } from "prosemirror-view"
import { bracketsIn } from "../../shared/clauses/brackets.ts"
import { leadWords } from "../../shared/clauses/heads.ts"
import { labelsOf } from "../../shared/clauses/labels.ts"
import { isUncalled, noteCalledBy, noteNumbers } from "../../shared/clauses/notes.ts"
import { anchorCharacter, type Block, isBlank, textOf } from "../../shared/schema/block.ts"
import { blockOfNode, blocksOfDoc } from "../../shared/schema/schema.ts"
import type { DraftMeta } from "../../shared/sync/roots.ts"
import { undrawn } from "./block-view.ts"
import { isRewritten } from "./places.ts"

interface State {
  readonly meta: DraftMeta
  readonly set: DecorationSet
}

export const labelsKey = new PluginKey<State>("labels")

/** The style of a clause that leaves room for a label of so many signs. */
export const roomFor = (signs: number): string => `--signs: ${signs}`

/** Labels, structure and footnote numbers are computed and drawn in the margin; they are no part of the text. */
function draw(doc: Node, meta: DraftMeta, caret: number): DecorationSet {
  const blocks = blocksOfDoc(doc)
  const labels = labelsOf(blocks, meta.profile, meta.labels)
  const numbers = noteNumbers(blocks)
  const decorations: Decoration[] = []
  let hasNotes = false
  doc.forEach((node, pos) => {
    const block = blockOfNode(node)
    const classes: string[] = []
    const attrs: Record<string, string> = {}
    const label = labels.get(block.id)
    if (label) attrs["data-label"] = label
    const renumbered = meta.renumbered[block.id]
    if (renumbered) Object.assign(attrs, { "data-label": label ?? "", "data-label-now": renumbered.now || "—" })
    const signs = (label ?? "").length + (renumbered ? renumbered.now.length + 3 : 0)
    if (signs > 3) attrs.style = roomFor(signs)
    const holdsCaret = caret > pos && caret < pos + node.nodeSize
    if (block.insertedBy) classes.push(isBlank(block) && !holdsCaret ? "is-swept" : "is-proposed")
    if (block.type === "note") {
      attrs["data-label"] = String(numbers.get(block.noteId ?? "") ?? "")
      if (isUncalled(block, numbers)) classes.push("is-swept")
      else {
        if (!hasNotes) classes.push("first-note")
        hasNotes = true
      }
    }
    const spec = classes.includes("is-swept") ? undrawn : {}
    decorations.push(
      Decoration.node(pos, pos + node.nodeSize, { ...attrs, ...(classes.length > 0 ? { class: classes.join(" ") } : {}) }, spec),
    )
    let at = pos + 1
    for (const run of block.runs) {
      const note = noteCalledBy(run)
      if (note !== null) decorations.push(Decoration.inline(at, at + run.text.length, { "data-note": String(numbers.get(note) ?? "") }))
      at += run.text.length
    }
    for (const { from, to } of bracketsIn(textOf(block)))
      decorations.push(Decoration.inline(pos + 1 + from, pos + 1 + to, { class: "bracketed" }))
    // UN texts run their lead words into the paragraph, in italics.
    const lead = meta.profile === "un" ? leadOf(block) : null
    if (lead) decorations.push(Decoration.inline(pos + 1, pos + 1 + lead.length, { class: "lead" }))
  })
  return DecorationSet.create(doc, decorations)
}

/** The lead words of a paragraph of a UN text. */
export const leadOf = (block: Block): string | null =>
  (block.type === "paragraph" || block.type === "clause") && block.level === 1 ? leadWords(textOf(block)) : null

/** The signs in a block that decorations hang on: calls of footnotes, square brackets. */
const signsIn = (node: Node): string => node.textContent.replace(otherSigns, "")
const otherSigns = new RegExp(`[^[\\]${anchorCharacter}]`, "g")

/**
 * Redrawn when a block comes, goes, becomes empty or has another attribute, its level above all, when a footnote is called or no longer, when brackets come or go, when the caret enters another block, and when labels are
 * frozen anew; else carried along.
 */
function isSameStructure(before: Node, after: Node): boolean {
  if (before.childCount !== after.childCount) return false
  for (let i = 0; i < after.childCount; i++) {
    const a = before.child(i)
    const b = after.child(i)
    if (a === b) continue
    if (!a.sameMarkup(b) || (a.content.size === 0) !== (b.content.size === 0)) return false
    if (signsIn(a) !== signsIn(b)) return false
  }
  return true
}

export function labelsPlugin(first: DraftMeta): Plugin<State> {
  return new Plugin<State>({
    key: labelsKey,
    state: {
      init: (_, { doc }) => ({ meta: first, set: draw(doc, first, -1) }),
      apply: (tr, value, before, after) => {
        const meta = tr.getMeta(labelsKey) as DraftMeta | undefined
        const hasMoved = before.selection.$head.index(0) !== after.selection.$head.index(0)
        if (meta || hasMoved || isRewritten(tr, before.doc) || !isSameStructure(before.doc, tr.doc))
          return { meta: meta ?? value.meta, set: draw(tr.doc, meta ?? value.meta, after.selection.head) }
        return tr.docChanged ? { meta: value.meta, set: value.set.map(tr.mapping, tr.doc) } : value
      },
    },
    props: { decorations: (state) => labelsKey.getState(state)?.set },
  })
}
