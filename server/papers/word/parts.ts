import { zipSync } from "fflate"
import { escaped, tag } from "../../files/markup.ts"
import { office, xml } from "../../files/word/own-names.ts"
import type { WordStyle } from "./styles.ts"

const wordMain = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
const w14 = "http://schemas.microsoft.com/office/word/2010/wordml"
const w15 = "http://schemas.microsoft.com/office/word/2012/wordml"
/** The namespaces that our parts use. */
export const declared = `xmlns:w="${wordMain}" xmlns:r="${office}" xmlns:w14="${w14}" xmlns:w15="${w15}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="w14 w15"`
/** The parts of a Word file that a draft gives. */
export interface WordParts {
  readonly body: string
  readonly footnotes: string
  readonly comments: string
  readonly commentsExtended: string
  readonly people: string
  /** What our bookmarks mean; null where there is none. */
  readonly carried: string | null
  readonly hasNotes: boolean
  readonly hasComments: boolean
}

/** The parts that a draft's own parts are named by, with their content types. */
export const ownParts: readonly { readonly name: string; readonly type: string; readonly relation: string }[] = [
  {
    name: "footnotes",
    type: "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
    relation: `${office}/footnotes`,
  },
  { name: "comments", type: "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml", relation: `${office}/comments` },
  {
    name: "commentsExtended",
    type: "application/vnd.openxmlformats-officedocument.wordprocessingml.commentsExtended+xml",
    relation: "http://schemas.microsoft.com/office/2011/relationships/commentsExtended",
  },
  {
    name: "people",
    type: "application/vnd.openxmlformats-officedocument.wordprocessingml.people+xml",
    relation: "http://schemas.microsoft.com/office/2011/relationships/people",
  },
]

/** A style as it stands in styles.xml. */
export const styleMarkup = ({ id, name, basedOn, paragraph, run }: WordStyle): string =>
  tag(
    "w:style",
    {
      "w:type": "paragraph",
      ...(id === "Normal" ? { "w:default": "1" } : {}),
      ...(basedOn ? { "w:customStyle": "1" } : {}),
      "w:styleId": id,
    },
    `${tag("w:name", { "w:val": name })}${basedOn ? tag("w:basedOn", { "w:val": basedOn }) : ""}<w:qFormat/><w:pPr>${paragraph}</w:pPr><w:rPr>${run}</w:rPr>`,
  )

/** An archive that bears no time: the earliest that zip knows. */
/** The properties of a file: its title, and nobody's name. */
export const coreProperties = (title: string): string =>
  `${xml}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${escaped(title)}</dc:title></cp:coreProperties>`

export const zipped = (files: Record<string, Uint8Array>): Uint8Array => zipSync(files, { mtime: new Date(1980, 0, 1), level: 6 })
