import { beginningOf } from "../../../shared/schema/letters.ts"
import { DomainError } from "../../problems.ts"
import type { FileWarning } from "../file-draft.ts"
import { childOf, childrenOf, parseXml, type XmlElement } from "../xml.ts"
import { type Archive, openArchive } from "./archive.ts"
import { type Carried, carriedIn, carriedNamespace } from "./carried.ts"
import { Looks } from "./looks.ts"
import { isOn, listLevel } from "./markup.ts"
import { type Numbering, numberingOf } from "./numbering.ts"

/** Namespaces by the prefix under which this reader knows them; the strict ones stand for the same. Source: ISO/IEC 29500 and Microsoft's extensions. */
export const namespaces: Readonly<Record<string, string>> = {
  "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
  "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
  "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
  "http://purl.oclc.org/ooxml/officeDocument/relationships": "r",
  "http://schemas.openxmlformats.org/package/2006/relationships": "rel",
  "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
  "http://purl.oclc.org/ooxml/officeDocument/math": "m",
  "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
  "http://schemas.microsoft.com/office/word/2010/wordml": "w14",
  "http://schemas.microsoft.com/office/word/2012/wordml": "w15",
  "http://schemas.microsoft.com/office/word/2016/wordml/cid": "w16cid",
  "http://schemas.microsoft.com/office/word/2018/wordml/cex": "w16cex",
  "http://schemas.microsoft.com/office/word/2023/wordml/word16du": "w16du",
  [carriedNamespace]: "c",
}

export interface Style {
  /** Without case, underscores and spaces: "resno", "normalaftertitle". */
  readonly name: string
  readonly basedOn: string | null
  readonly numbering: { readonly id: string | null; readonly level: number | null } | null
  readonly isItalic: boolean
}

/** A Word file, its parts found by their relationships and parsed. */
export interface WordPackage {
  readonly body: XmlElement
  readonly styles: ReadonlyMap<string, Style>
  readonly defaultStyle: string | null
  readonly numbering: Numbering
  /** By id; separators are left out by their type. */
  readonly footnotes: ReadonlyMap<string, XmlElement>
  readonly endnotes: ReadonlyMap<string, XmlElement>
  readonly comments: readonly XmlElement[]
  /** By paragraph id of a comment. */
  readonly commentStates: ReadonlyMap<string, CommentState>
  /** What the bookmarks of a file of ours mean, by their names. */
  readonly carried: ReadonlyMap<string, Carried>
  readonly looks: Looks
  /** Headers and footers, which are no part of the text. */
  readonly margins: readonly XmlElement[]
  readonly warnings: readonly FileWarning[]
}

export interface CommentState {
  /** The paragraph id of the comment that it answers. */
  readonly parent: string | null
  readonly isResolved: boolean
  /** When it was made, where the file says so apart from the local time; null where it does not. */
  readonly trueTime: string | null
}

interface Relationship {
  readonly type: string
  readonly target: string
  readonly isExternal: boolean
}

const foldName = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, "")

/** A part's name from a target in a relationship of another part. */
function resolved(base: string, target: string): string {
  if (target.startsWith("/")) return target.slice(1)
  const path = base.split("/").slice(0, -1)
  for (const step of target.split("/")) {
    if (step === "..") path.pop()
    else if (step !== ".") path.push(step)
  }
  return path.join("/")
}

class Reader {
  readonly #archive: Archive
  readonly #name: string
  readonly warnings: FileWarning[] = []

  constructor(archive: Archive, name: string) {
    this.#archive = archive
    this.#name = name
  }

  /** Says something of the file, once. */
  warn(warning: FileWarning): void {
    if (!this.warnings.some(({ message }) => message === warning.message)) this.warnings.push(warning)
  }

  part(path: string): XmlElement | null {
    const bytes =
      this.#archive.parts.get(path) ?? [...this.#archive.parts].find(([known]) => known.toLowerCase() === path.toLowerCase())?.[1]
    return bytes ? parseXml(bytes, namespaces, `${this.#name}: its part “${path}”`) : null
  }

  /** The part that says what the bookmarks of a file of ours mean. Others' parts of that kind may be anything, and are not parsed. */
  markedPart(relations: readonly Relationship[]): XmlElement | null {
    const found = relations.find(({ type, target, isExternal }) => {
      const bytes = type === "customXml" && !isExternal ? this.#archive.parts.get(target) : undefined
      return bytes !== undefined && new TextDecoder().decode(bytes.subarray(0, 2_000)).includes(carriedNamespace)
    })
    return found ? this.part(found.target) : null
  }

  relationships(of: string): Relationship[] {
    const slash = of.lastIndexOf("/")
    const root = this.part(`${of.slice(0, slash + 1)}_rels/${of.slice(slash + 1)}.rels`)
    return childrenOf(root ?? undefined, "rel:Relationship").map(({ attrs }) => ({
      type: (attrs.Type ?? "").split("/").at(-1)!,
      target: attrs.TargetMode === "External" ? (attrs.Target ?? "") : resolved(of, attrs.Target ?? ""),
      isExternal: attrs.TargetMode === "External",
    }))
  }
}

/** What archives of other kinds hold, what they are, and what to do with one. */
const others: readonly (readonly [RegExp, string, string])[] = [
  [/^xl\//, "an Excel workbook", "Copy the text into a Word document (.docx) and send that."],
  [/^ppt\//, "a PowerPoint presentation", "Copy the text into a Word document (.docx) and send that."],
  [/^Index\/Document\.iwa$/, "an Apple Pages document", "Export it from Pages as Word (.docx)."],
  [/^META-INF\/container\.xml$/, "an e-book (EPUB)", "Save the text as Word (.docx) first."],
  [/^(?:content\.xml|META-INF\/manifest\.xml)$/, "an OpenDocument file (.odt)", "Save it as Word (.docx) first."],
]
const anArchive = ["a zip archive", "Unpack it and send the document that is in it; a Word document save in Word again."] as const

/** Opens a Word file. Throws a DomainError that says what is wrong with it. */
export function openWord(bytes: Uint8Array, name: string): WordPackage {
  const archive = openArchive(bytes, name)
  const reader = new Reader(archive, name)
  const main = reader.relationships("").find((relation) => relation.type === "officeDocument" && !relation.isExternal)?.target
  const root = main === undefined ? null : reader.part(main)
  if (main === undefined || root?.name !== "w:document") {
    const other = others.find(([pattern]) => [...archive.parts.keys(), ...archive.left].some((part) => pattern.test(part)))
    const [what, advice] = other ? other.slice(1) : anArchive
    throw new DomainError("unsupported", `${name} is ${what}, not a Word document. ${advice}`)
  }
  const body = childOf(root, "w:body")
  if (!body) throw new DomainError("bad-input", `${name} is a Word document without a body. Open it in Word and save it again.`)
  const relations = reader.relationships(main)
  const partOf = (type: string): XmlElement | null => {
    const found = relations.find((relation) => relation.type === type && !relation.isExternal)
    return found ? reader.part(found.target) : null
  }
  warnOfLeft(archive, relations, reader)
  const styles = partOf("styles")
  return {
    body,
    ...stylesOf(styles, (message) => reader.warn({ code: "LEVEL", message })),
    looks: new Looks(styles),
    carried: carriedIn(reader.markedPart(relations)),
    numbering: numberingOf(partOf("numbering"), (message) => reader.warn({ code: "LEVEL", message })),
    footnotes: notesOf(partOf("footnotes"), "w:footnote"),
    endnotes: notesOf(partOf("endnotes"), "w:endnote"),
    comments: childrenOf(partOf("comments") ?? undefined, "w:comment"),
    commentStates: commentStatesOf(partOf("commentsExtended"), partOf("commentsIds"), partOf("commentsExtensible")),
    margins: relations.flatMap(({ type, target, isExternal }) => {
      const margin = (type === "header" || type === "footer") && !isExternal ? reader.part(target) : null
      return margin ? [margin] : []
    }),
    warnings: reader.warnings,
  }
}

function warnOfLeft(archive: Archive, relations: readonly Relationship[], reader: Reader): void {
  const has = (pattern: RegExp): boolean => archive.left.some((part) => pattern.test(part))
  if (has(/vbaProject/i)) reader.warnings.push({ code: "MACRO", message: "The file holds macros. They were left out and never run." })
  if (has(/(?:^|\/)embeddings\//i))
    reader.warnings.push({ code: "EMBEDDED", message: "The file holds embedded objects. They were left out." })
  if (relations.some((relation) => relation.type === "aFChunk"))
    reader.warnings.push({ code: "ALTCHUNK", message: "The file includes another file as a whole (altChunk). It was left out." })
  const outside = relations.filter((relation) => relation.isExternal && relation.type !== "hyperlink")
  if (outside.length > 0)
    reader.warnings.push({
      code: "EXTERNAL",
      message: `The file points to ${outside.length === 1 ? "something" : `${outside.length} things`} outside itself (${[...new Set(outside.map((relation) => relation.type))].join(", ")}). Nothing was fetched.`,
    })
}

function stylesOf(root: XmlElement | null, tell: (sentence: string) => void): Pick<WordPackage, "styles" | "defaultStyle"> {
  const styles = new Map<string, Style>()
  let defaultStyle: string | null = null
  for (const style of childrenOf(root ?? undefined, "w:style")) {
    const id = style.attrs["w:styleId"]
    if (id === undefined || (style.attrs["w:type"] ?? "paragraph") !== "paragraph") continue
    if (isTrue(style.attrs["w:default"])) defaultStyle = id
    const numPr = childOf(childOf(style, "w:pPr"), "w:numPr")
    const level = childOf(numPr, "w:ilvl")?.attrs["w:val"]
    if (level !== undefined && listLevel(level) === null)
      tell(`A style of the file gives “${beginningOf(level, 20)}” as the level of a list, which is none: it was read as the first.`)
    styles.set(id, {
      name: foldName(childOf(style, "w:name")?.attrs["w:val"] ?? id),
      basedOn: childOf(style, "w:basedOn")?.attrs["w:val"] ?? null,
      numbering: numPr
        ? { id: childOf(numPr, "w:numId")?.attrs["w:val"] ?? null, level: level === undefined ? null : (listLevel(level) ?? 0) }
        : null,
      isItalic: isOn(childOf(childOf(style, "w:rPr"), "w:i")),
    })
  }
  return { styles, defaultStyle }
}

const isTrue = (value: string | undefined): boolean => value === "1" || value === "true" || value === "on"

/** A style and those it is based on, nearest first. */
export function styleChain(styles: ReadonlyMap<string, Style>, id: string | null): Style[] {
  const chain: Style[] = []
  for (let style = id === null ? undefined : styles.get(id); style && !chain.includes(style); ) {
    chain.push(style)
    style = style.basedOn === null ? undefined : styles.get(style.basedOn)
  }
  return chain
}

/** Separators are told by their type: their ids differ from program to program. */
const notesOf = (root: XmlElement | null, name: string): Map<string, XmlElement> =>
  new Map(
    childrenOf(root ?? undefined, name)
      .filter(({ attrs }) => attrs["w:type"] === undefined || attrs["w:type"] === "normal")
      .map((note) => [note.attrs["w:id"] ?? "", note]),
  )

function commentStatesOf(extended: XmlElement | null, ids: XmlElement | null, extensible: XmlElement | null): Map<string, CommentState> {
  const times = new Map(
    childrenOf(extensible ?? undefined, "w16cex:commentExtensible").map(({ attrs }) => [
      attrs["w16cex:durableId"] ?? "",
      attrs["w16cex:dateUtc"] ?? null,
    ]),
  )
  const timeOf = new Map(
    childrenOf(ids ?? undefined, "w16cid:commentId").map(({ attrs }) => [
      attrs["w16cid:paraId"] ?? "",
      times.get(attrs["w16cid:durableId"] ?? "") ?? null,
    ]),
  )
  const states = new Map<string, CommentState>()
  for (const [paragraph, trueTime] of timeOf) states.set(paragraph, { parent: null, isResolved: false, trueTime })
  for (const { attrs } of childrenOf(extended ?? undefined, "w15:commentEx")) {
    const paragraph = attrs["w15:paraId"] ?? ""
    states.set(paragraph, {
      parent: attrs["w15:paraIdParent"] ?? null,
      isResolved: isTrue(attrs["w15:done"]),
      trueTime: timeOf.get(paragraph) ?? null,
    })
  }
  return states
}
