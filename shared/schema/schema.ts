import { type MarkSpec, type Node, type Mark as NodeMark, type NodeSpec, Schema } from "prosemirror-model"
import {
  attrsOfType,
  type Block,
  type BlockAttrs,
  type BlockType,
  blockTypes,
  commonAttrs,
  defaultAttrs,
  type Mark,
  type MarkName,
  noStructure,
  type Run,
} from "./block.ts"
import { keyOf } from "./keys.ts"

/** Separator of the ids in `within` and `over`, where a mark is written as an attribute. */
export const idSeparator = ","

const splitIds = (value: unknown): readonly string[] => (typeof value === "string" && value ? value.split(idSeparator) : noIds)
const noIds: readonly string[] = []

const tagOf: Record<BlockType, string> = {
  designation: "h1",
  title: "h2",
  formula: "p",
  head: "h3",
  clause: "p",
  paragraph: "p",
  quote: "blockquote",
  note: "aside",
  heading: "h2",
  table: "pre",
}

function nodeSpec(type: BlockType): NodeSpec {
  const names = [...commonAttrs, ...attrsOfType[type]]
  const attrs = Object.fromEntries(names.map((name) => [name, { default: defaultAttrs[name as keyof typeof defaultAttrs] ?? null }]))
  return {
    group: "block",
    content: "text*",
    attrs,
    toDOM: (node) => {
      const { id, insertedBy, dir, part, level } = node.attrs
      const dom: Record<string, string> = { "data-type": type, "data-block": id ?? "", dir }
      if (insertedBy) dom["data-inserted-by"] = insertedBy
      if (node.attrs.joined) dom["data-joined"] = ""
      if (type === "head") dom["data-part"] = part
      if (type === "clause") dom["data-level"] = String(level)
      return [tagOf[type], dom, 0]
    },
    parseDOM: [{ tag: `[data-type=${type}]`, priority: 60 }, ...(type === "clause" ? ["p", "li", "div"].map((tag) => ({ tag })) : [])],
  }
}

const text = { validate: "string" } as const
const optional = { default: "", validate: "string" } as const

/** Marks never spread to what is typed at their edge, and never exclude each other: two sources on the same words keep both (TRK1). */
const markSpec = (tag: string, attrs: MarkSpec["attrs"]): MarkSpec => ({
  attrs: attrs!,
  inclusive: false,
  excludes: "",
  toDOM: (mark) => [
    tag,
    { "data-mark": mark.type.name, "data-source": mark.attrs.source, "data-change": mark.attrs.of || mark.attrs.id },
    0,
  ],
})

/** The one schema: `block*`, each block `text*`. Why it is flat: `block+` or nesting lets a merge remove what nobody deleted (design rule). */
export const schema = new Schema({
  nodes: {
    doc: { content: "block*" },
    ...(Object.fromEntries(blockTypes.map((type) => [type, nodeSpec(type)])) as Record<BlockType, NodeSpec>),
    text: {},
  },
  marks: {
    insertion: markSpec("ins", { id: text, of: optional, source: text, within: optional }),
    deletion: markSpec("del", { id: text, of: optional, source: text, over: optional, heard: optional }),
    comment: markSpec("span", { id: text, source: text }),
    noteRef: markSpec("span", { id: text, source: text, noteId: text }),
  },
})

/** Which attributes a mark's value has in Yjs: all strings, all present but for `optionalMarkAttrs`. */
export const markAttrs: Readonly<Record<MarkName, readonly string[]>> = {
  insertion: ["id", "of", "source", "within"],
  deletion: ["id", "of", "source", "over", "heard"],
  comment: ["id", "source"],
  noteRef: ["id", "source", "noteId"],
}

/** Attributes of a mark's value that are left out where they are empty. */
export const optionalMarkAttrs: ReadonlySet<string> = new Set(["heard"])

export const isMarkName = (name: string): name is MarkName => Object.hasOwn(markAttrs, name)

const marksByValue = new WeakMap<object, Mark>()

/** The plain mark behind a value read from Yjs or from ProseMirror; the same object for the same value. */
export function markOf(name: MarkName, value: Readonly<Record<string, string>>): Mark {
  let mark = marksByValue.get(value)
  if (!mark) {
    const { id = "", of = "", source = "", within, over, heard = "", noteId = "" } = value
    const lists = { within: splitIds(within), over: splitIds(over) }
    mark = { name, key: keyOf(name, id), id, of, source, changeId: of || id, ...lists, heard, noteId }
    marksByValue.set(value, mark)
  }
  return mark
}

/** A mark as the attribute value that Yjs and ProseMirror keep. */
export function attrsOfMark(mark: Mark): Record<string, string> {
  const all: Record<string, string> = { ...mark, within: mark.within.join(idSeparator), over: mark.over.join(idSeparator) }
  const names = markAttrs[mark.name].filter((attr) => all[attr] || !optionalMarkAttrs.has(attr))
  return Object.fromEntries(names.map((attr) => [attr, all[attr]!]))
}

/** A new mark of one's own; what is not given of `of`, `within`, `over`, `heard` and `noteId` is empty. */
export function newMark(
  name: MarkName,
  parts: { id: string; source: string } & Partial<Pick<Mark, "of" | "within" | "over" | "heard" | "noteId">>,
): Mark {
  const { id, source, of = "", within = noIds, over = noIds, heard = "", noteId = "" } = parts
  return { name, key: keyOf(name, id), id, of, source, changeId: of || id, within, over, heard, noteId }
}

const runsByMarks = new WeakMap<readonly NodeMark[], readonly Mark[]>()

const marksOfNode = (node: Node): readonly Mark[] => {
  let marks = runsByMarks.get(node.marks)
  if (!marks) {
    marks = node.marks.map((mark) => markOf(mark.type.name as MarkName, mark.attrs as Record<string, string>))
    runsByMarks.set(node.marks, marks)
  }
  return marks
}

const blocksByNode = new WeakMap<Node, Block>()

/** A block node as plain value; memoised, for nodes never change. */
export function blockOfNode(node: Node): Block {
  let block = blocksByNode.get(node)
  if (!block) {
    const runs: Run[] = []
    node.forEach((child) => {
      runs.push({ text: child.text ?? "", marks: marksOfNode(child) })
    })
    block = { ...defaultAttrs, ...(node.attrs as BlockAttrs), type: node.type.name as BlockType, runs, structure: noStructure }
    blocksByNode.set(node, block)
  }
  return block
}

const blockListByDoc = new WeakMap<Node, readonly Block[]>()

/** All blocks of a document node, in order; memoised. */
export function blocksOfDoc(doc: Node): readonly Block[] {
  let blocks = blockListByDoc.get(doc)
  if (!blocks) {
    blocks = doc.children.map(blockOfNode)
    blockListByDoc.set(doc, blocks)
  }
  return blocks
}
