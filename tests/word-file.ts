import { strToU8, zipSync } from "fflate"

const namespaces =
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:w16cid="http://schemas.microsoft.com/office/word/2016/wordml/cid" xmlns:w16cex="http://schemas.microsoft.com/office/word/2018/wordml/cex" xmlns:w16du="http://schemas.microsoft.com/office/word/2023/wordml/word16du"'
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

/** Parts of a Word file, as the markup inside their root elements. */
export interface WordSketch {
  readonly body: string
  readonly styles?: string
  readonly numbering?: string
  readonly footnotes?: string
  readonly comments?: string
  readonly commentsExtended?: string
  readonly commentsIds?: string
  readonly commentsExtensible?: string
  readonly endnotes?: string
  readonly header1?: string
  readonly footer1?: string
  /** Further entries of the archive, whole. */
  readonly more?: Readonly<Record<string, string | Uint8Array>>
  /** Further relationships of the main part, as markup. */
  readonly relationships?: string
}

const parts = [
  ["styles", "w:styles", `${office}/styles`],
  ["numbering", "w:numbering", `${office}/numbering`],
  ["footnotes", "w:footnotes", `${office}/footnotes`],
  ["comments", "w:comments", `${office}/comments`],
  ["commentsExtended", "w15:commentsEx", "http://schemas.microsoft.com/office/2011/relationships/commentsExtended"],
  ["commentsIds", "w16cid:commentsIds", "http://schemas.microsoft.com/office/2016/09/relationships/commentsIds"],
  ["commentsExtensible", "w16cex:commentsExtensible", "http://schemas.microsoft.com/office/2018/08/relationships/commentsExtensible"],
  ["endnotes", "w:endnotes", `${office}/endnotes`],
  ["header1", "w:hdr", `${office}/header`],
  ["footer1", "w:ftr", `${office}/footer`],
] as const

/** A Word file written by hand for a test: by no code of ours. */
export function wordFile(sketch: WordSketch): Uint8Array {
  const files: Record<string, Uint8Array> = {}
  const put = (name: string, text: string | Uint8Array): void => {
    files[name] = typeof text === "string" ? strToU8(text) : text
  }
  put("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
  put(
    "_rels/.rels",
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="${office}/officeDocument" Target="word/document.xml"/></Relationships>`,
  )
  put("word/document.xml", `<w:document ${namespaces}><w:body>${sketch.body}</w:body></w:document>`)
  const relations: string[] = []
  for (const [name, root, type] of parts) {
    const content = sketch[name]
    if (content === undefined) continue
    put(`word/${name}.xml`, `<${root} ${namespaces}>${content}</${root}>`)
    relations.push(`<Relationship Id="${name}" Type="${type}" Target="${name}.xml"/>`)
  }
  put(
    "word/_rels/document.xml.rels",
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${relations.join("")}${sketch.relationships ?? ""}</Relationships>`,
  )
  for (const [name, text] of Object.entries(sketch.more ?? {})) put(name, text)
  return zipSync(files)
}

/** `w:author` and `w:date` of a revision. */
export const by = (author: string, date = "2026-03-01T10:00:00Z"): string => `w:id="1" w:author="${author}" w:date="${date}"`
export const words = (text: string): string => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`
export const ins = (author: string, text: string): string => `<w:ins ${by(author)}>${words(text)}</w:ins>`
export const del = (author: string, text: string): string =>
  `<w:del ${by(author)}><w:r><w:delText xml:space="preserve">${text}</w:delText></w:r></w:del>`
/** A paragraph; `mark` are the revisions of its end, `pPr` what else stands in its properties. */
export const p = (content: string, { style = "", mark = "", pPr = "" } = {}): string =>
  `<w:p><w:pPr>${style ? `<w:pStyle w:val="${style}"/>` : ""}${pPr}${mark ? `<w:rPr>${mark}</w:rPr>` : ""}</w:pPr>${content}</w:p>`
export const markIns = (author: string): string => `<w:ins ${by(author)}/>`
export const markDel = (author: string): string => `<w:del ${by(author)}/>`
/** One end of a move: a range of the name around what stands in it. */
export const moveRange = (end: "From" | "To", name: string, inner: string): string =>
  `<w:move${end}RangeStart w:id="${name}${end}" w:name="${name}" w:author="x"/>${inner}<w:move${end}RangeEnd w:id="${name}${end}"/>`
export const moved = (end: "From" | "To", author: string, inner: string): string => `<w:move${end} ${by(author)}>${inner}</w:move${end}>`
/** A paragraph that is one end of a move; `inner` says what of it moves. */
export const movedP = (end: "From" | "To", author: string, inner: string): string => p(inner, { mark: `<w:move${end} ${by(author)}/>` })
