import { type DOMOutputSpec, DOMSerializer, Fragment, type Node, Slice } from "prosemirror-model"
import type { EditorState } from "prosemirror-state"
import type { EditorProps } from "prosemirror-view"
import { withoutEchoes } from "../../shared/changes/once.ts"
import { proposedReadingOf, textBySource, workingTextOf } from "../../shared/changes/projections.ts"
import {
  anchorCharacter,
  type Block,
  blockTypes,
  cellSeparator,
  noStructure,
  rowSeparator,
  type StructuralProposal,
  splitCharacter,
  textOf,
} from "../../shared/schema/block.ts"
import { blockOfNode, blocksOfDoc, schema } from "../../shared/schema/schema.ts"
import { withStructure } from "../../shared/schema/structure.ts"
import { count } from "../ui/words.ts"
import { takesClauseBehind } from "./blocks.ts"
import { paragraphsOf } from "./lines.ts"
import type { View } from "./marks.ts"
import { readPasted } from "./pasted.ts"
import { labelsTold, withoutLayout, withoutTypedLabels } from "./typed-labels.ts"

/** What copying and pasting depend on beside the document. */
export interface ClipboardContext {
  readonly view: () => View
  readonly oneSource: () => string | null
  /** Changes whose words another proposes too. */
  readonly echoes: () => ReadonlySet<string>
  /** How the clauses are labelled, by their ids. */
  readonly labels: () => ReadonlyMap<string, string>
  readonly proposals: () => readonly StructuralProposal[]
  readonly say: (sentence: string) => void
}

/** The text as the view reads: as proposed, unless another reading is shown. */
function readingOf(blocks: readonly Block[], { view, oneSource, echoes }: ClipboardContext): Block[] {
  if (view() === "working") return workingTextOf(blocks)
  const source = oneSource()
  return view() === "source" && source !== null ? textBySource(blocks, source) : proposedReadingOf(withoutEchoes(blocks, echoes()))
}

/** Blocks that are proposed to stand behind a selected one: their words are read there. */
function movedInto(selected: ReadonlyMap<string, Block>, doc: Node, proposals: readonly StructuralProposal[]): Set<string> {
  const isMovedIn = ({ kind, block }: StructuralProposal): boolean => kind === "move" && !selected.has(block)
  const moves = proposals.filter((proposal) => isMovedIn(proposal) && proposal.kind === "move" && selected.has(proposal.after ?? ""))
  const ids = new Set(moves.map((proposal) => proposal.block))
  return new Set(doc.children.map((node) => node.attrs.id as string).filter((id) => ids.has(id)))
}

/** What is copied of a selection: its reading, struck words out, clauses where they are proposed to stand. Within one block only its words count. */
function copied(slice: Slice, doc: Node, context: ClipboardContext): Block[] {
  const blocks = slice.content.content.filter((node) => node.isTextblock).map(blockOfNode)
  const [first] = blocks
  if (blocks.length <= 1)
    return first ? readingOf([{ ...first, insertedBy: null, insertedId: null, joined: null, structure: noStructure }], context) : []
  const selected = new Map(blocks.map((block) => [block.id, block]))
  const movedIn = movedInto(selected, doc, context.proposals())
  const all = blocksOfDoc(doc).flatMap((block) => selected.get(block.id) ?? (movedIn.has(block.id) ? [block] : []))
  const isHere = (id: string | null): boolean => id === null || selected.has(id) || movedIn.has(id)
  // What goes behind a place that is not selected is not read here.
  const leaves = new Set(
    context.proposals().flatMap((proposal) => (proposal.kind === "move" && !isHere(proposal.after) ? [proposal.block] : [])),
  )
  const here = context.view() === "working" ? all : all.filter((block) => !leaves.has(block.id))
  return readingOf(withStructure(here, context.proposals()), context)
}

/** `label`: of a clause that is copied as a whole, for the plain text. */
const nodeOf = (block: Block, label: string): Node => {
  const text = textOf(block).replaceAll(anchorCharacter, "")
  const attrs = block.type === "clause" ? { level: block.level, importedLabel: label || null } : {}
  return schema.nodes[block.type]!.create({ dir: block.dir, ...attrs }, text ? schema.text(text) : null)
}

/** Labels of the clauses of which every word is copied; of words out of one clause none, for they go into another sentence. */
function labelsIn(slice: Slice, doc: Node, context: ClipboardContext): ReadonlyMap<string, string> {
  const labels = context.labels()
  const nodes = slice.content.content.filter((node) => node.isTextblock)
  if (nodes.length < 2) return new Map()
  const sizes = new Map(doc.children.map((node) => [node.attrs.id as string, node.content.size]))
  return new Map(
    nodes.flatMap(({ attrs, content }): [string, string][] => {
      const id = attrs.id as string
      return sizes.get(id) === content.size && labels.get(id) ? [[id, labels.get(id)!]] : []
    }),
  )
}

/** A line of plain text as our files have it: the label before a tab, deeper clauses behind tabs. */
const lineOf = ({ attrs, textContent }: Node): string =>
  attrs.importedLabel ? `${"\t".repeat(Number(attrs.level) - 1)}${String(attrs.importedLabel)}\t${textContent}` : textContent

const dirOf = (node: Node): Record<string, string> => (node.attrs.dir === "rtl" ? { dir: "rtl" } : {})

const tags: Readonly<Record<string, string>> = { designation: "h1", title: "h2", heading: "h2", head: "h3", quote: "blockquote" }

type Drawn = (node: Node) => DOMOutputSpec

/** A table as one, for a page that is not ours. */
const tableDom: Drawn = (node) => {
  const rows = node.textContent
    .split(rowSeparator)
    .map((row): DOMOutputSpec => ["tr", ...row.split(cellSeparator).map((cell): DOMOutputSpec => ["td", cell])])
  return ["table", dirOf(node), ["tbody", ...rows]]
}

/** Plain elements: no ids, no marks, nothing of how this editor keeps its text. */
const drawn = Object.fromEntries(blockTypes.map((type): [string, Drawn] => [type, (node) => [tags[type] ?? "p", dirOf(node), 0]]))
const serializer = new DOMSerializer({ ...DOMSerializer.nodesFromSchema(schema), ...drawn, table: tableDom }, {})

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

/** A paste as it came: its paragraphs, and what plain clauses do not take of it. */
export interface Paste {
  readonly lines: number
  readonly hasLevels: boolean
  readonly hasTable: boolean
  readonly leftOut: ReadonlySet<string>
  /** Labels that were typed before its paragraphs, and are none of the words. */
  readonly labels?: readonly string[]
}

const signsIn = (doc: Node): number => doc.textContent.split(splitCharacter).length - 1

/** What became of pasted paragraphs, told from the text before and after; `into`: where they were pasted. */
function becameOf({ lines, hasLevels }: Paste, into: Block | null, before: Node, after: Node): string {
  if (into && !takesClauseBehind(into))
    return `${lines} paragraphs pasted as one line, for ${glued[into.type] ?? "this part"} has no clauses.`
  const known = new Set(before.children.map((node) => node.attrs.id))
  const added = after.children.filter((node) => !known.has(node.attrs.id) && node.content.size > 0)
  const name = added.every((node) => node.type.name === "clause") ? "clause" : "paragraph"
  if (signsIn(after) > signsIn(before))
    return `${lines} paragraphs pasted into the middle of a clause, as one change: accepted, it makes ${lines} clauses of that one.${hasLevels ? " They all have its level." : ""}`
  if (added.length >= lines || (into && isBlankBefore(into))) return `${lines} paragraphs pasted as new ${name}s.`
  const rest = count(added.length, `new ${name}`)
  return `${lines} paragraphs pasted: the first into the ${into?.type === "clause" ? "clause" : "paragraph"} that was there, behind it ${rest}.`
}

const isBlankBefore = (block: Block): boolean => block.insertedBy !== null && textOf(block) === ""

/** What became of a paste, and what of it was left out. */
export function pasteTold(paste: Paste, into: Block | null, before: Node, after: Node): string {
  const { lines, hasTable, leftOut, labels = [] } = paste
  const left = [...leftOut, labelsTold(labels)].filter(Boolean).join(" and ")
  return [
    lines > 1 ? becameOf(paste, into, before, after) : "",
    left ? `Left out: ${left}.` : "",
    hasTable ? "A table is pasted as plain words, a line for each row." : "",
  ]
    .filter(Boolean)
    .join(" ")
}

/** What takes several paragraphs as one line, as it is spoken of. */
const glued: Partial<Record<Block["type"], string>> = {
  designation: "a designation",
  title: "a title",
  formula: "an opening formula",
  note: "a footnote",
}

/** The block in which a paste begins. */
const pastedInto = ({ selection: { $from } }: EditorState): Block | null => ($from.depth > 0 ? blockOfNode($from.parent) : null)

/** The labels that a paste leaves behind there (`tracking.ts`). */
function labelsOffered(slice: Slice, { selection: { $from } }: EditorState, into: Block | null): readonly string[] {
  if (into && !takesClauseBehind(into)) return []
  const paragraphs = paragraphsOf(slice)
  const begins = $from.depth === 0 || $from.parentOffset === 0
  const lines = paragraphs.map((line, i) => (i > 0 || begins ? withoutLayout(line, paragraphs.length) : line))
  return withoutTypedLabels(lines, begins).labels
}

/** How the editor copies and pastes: the reading goes out, plain paragraphs come in. */
export function clipboardProps(context: ClipboardContext): EditorProps {
  let leftOut: ReadonlySet<string> = new Set()
  let hasTable = false
  return {
    transformCopied: (slice, view) => {
      const labels = labelsIn(slice, view.state.doc, context)
      const nodes = copied(slice, view.state.doc, context).map((block) => nodeOf(block, labels.get(block.id) ?? ""))
      return nodes.length > 0 ? new Slice(Fragment.from(nodes), 1, 1) : Slice.empty
    },
    clipboardSerializer: serializer,
    clipboardTextSerializer: (slice) => slice.content.content.map(lineOf).join("\n"),
    transformPastedHTML: (html) => {
      const pasted = readPasted(html)
      leftOut = pasted.leftOut
      hasTable = pasted.hasTable
      // As our own copies say it, so that every space that is left is kept.
      return pasted.lines.map((line, i) => `<p${i === 0 ? ' data-pm-slice="1 1 []"' : ""}>${escaped(line)}</p>`).join("")
    },
    handlePaste: (view, event, slice) => {
      if (!event.clipboardData?.getData("text/html")) [leftOut, hasTable] = [new Set(), false]
      const texts = slice.content.content.map((node) => node.textContent).filter((text, i) => i === 0 || text.trim() !== "")
      const paste = { lines: texts.length, hasLevels: texts.some((text) => text.startsWith("\t")), hasTable, leftOut }
      const { doc } = view.state
      const into = pastedInto(view.state)
      const labels = labelsOffered(slice, view.state, into)
      ;[leftOut, hasTable] = [new Set(), false]
      // Told once it is done, and of what was done: what may not be written says why itself.
      queueMicrotask(() => {
        const sentence = pasteTold({ ...paste, labels }, into, doc, view.state.doc)
        if (sentence && (view.state.doc !== doc || slice.size === 0)) context.say(sentence)
      })
      return slice.size === 0
    },
    handleDOMEvents: {
      copy: (view, event) => refuseEmpty(view, event, context),
      cut: (view, event) => refuseEmpty(view, event, context),
    },
  }
}

/** Where nothing but struck words is selected, what the clipboard holds stays there. */
function refuseEmpty(view: Parameters<NonNullable<EditorProps["transformCopied"]>>[1], event: Event, context: ClipboardContext): boolean {
  const { selection, doc } = view.state
  if (selection.empty || copied(selection.content(), doc, context).some((block) => textOf(block) !== "")) return false
  event.preventDefault()
  context.say("Nothing was copied: these words are proposed for deletion.")
  return true
}
