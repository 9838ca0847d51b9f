/**
 * What a paper of ours says and Word has no mark for: a second source that takes out or puts in the same words or the same clause, a second proposal about one clause. A bookmark stands
 * at its place, and a part of the file that programs keep and nobody sees says what the bookmark means. Such a mark is a proposal again when the file is
 * read, and never a remark; what a person needs to be told of it stands in a note that the product signs, for nobody else said it (WORD25).
 */
import { escaped, tag } from "../markup.ts"
import { childrenOf, isElement, type XmlElement } from "../xml.ts"
import { saidBy } from "./attribution.ts"
import { office, xml } from "./own-names.ts"
import type { Revision } from "./revision.ts"

/** Whose notes in a file of ours are that nobody of the meeting made. */
export const productName = "Clausula"

export const carriedNamespace = "urn:clausula:word:1"
/** Where the part is, and how it is related to the text. */
export const carriedPart = { path: "customXml/itemClausula.xml", relation: `${office}/customXml` } as const

const dataStore = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"

/** What stands beside the part: without a name in the store of such parts some programs drop it. */
export const carriedBeside: Readonly<Record<string, string>> = {
  "customXml/itemPropsClausula.xml": `${xml}<ds:datastoreItem xmlns:ds="${dataStore}" ds:itemID="{C1A0501A-0000-4000-8000-000000000001}"><ds:schemaRefs><ds:schemaRef ds:uri="${carriedNamespace}"/></ds:schemaRefs></ds:datastoreItem>`,
  "customXml/_rels/itemClausula.xml.rels": `${xml}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${tag("Relationship", { Id: "rId1", Type: `${office}/customXmlProps`, Target: "itemPropsClausula.xml" })}</Relationships>`,
}

/** The type of what stands beside it; that of the part itself is plain XML. */
export const typeBeside = {
  path: "/customXml/itemPropsClausula.xml",
  type: "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
} as const

/** Bookmarks of ours begin so; programs do not list what begins with an underscore. */
const bookmarkStart = "_Clausula"
export const bookmarkOf = (n: number): string => `${bookmarkStart}${n}`

/** What is proposed about a clause as a whole; `to` is the bookmark of the clause that it is to be joined to or to stand behind, null: of none. */
export type CarriedAct =
  | { readonly kind: "delete" }
  | { readonly kind: "join"; readonly to: string }
  | { readonly kind: "move"; readonly to: string | null }
  | { readonly kind: "level"; readonly level: number }

interface By {
  readonly author: string | null
  readonly date: string | null
  /** The name of the move that it is part of. */
  readonly move: string | null
}

/** What a bookmark means. */
export type Carried =
  /** The words in it are taken out. */
  | ({ readonly kind: "strike" } & By)
  /** Words come here. */
  | ({ readonly kind: "put"; readonly text: string } & By)
  /** A new clause comes behind this place, as its paragraphs: markup where a file is written, read where one is. */
  | { readonly kind: "clause"; readonly paragraphs: string | readonly XmlElement[] }
  /** A space stands here that parts words of two sources, for reading: no words of anybody. */
  | { readonly kind: "gap" }
  /** What a note of the product says: of no bookmark, for programs move those that stand at a comment. */
  | { readonly kind: "note"; readonly text: string }
  /** What stands before a remark that a file brought to the meeting: where it comes from. */
  | { readonly kind: "from"; readonly text: string }
  /** A clause that another mark names. */
  | { readonly kind: "place" }
  | { readonly kind: "act"; readonly act: CarriedAct; readonly by: By }

const byOf = ({ author, date, move }: By): Record<string, string | null> => ({ "w:author": author || null, "w:date": date, move })

function entry(name: string, carried: Carried): string {
  const { kind } = carried
  switch (kind) {
    case "strike":
      return tag("c:mark", { name, kind, ...byOf(carried) })
    case "put":
      return tag("c:mark", { name, kind, ...byOf(carried) }, escaped(carried.text))
    case "clause":
      return tag("c:mark", { name, kind }, typeof carried.paragraphs === "string" ? carried.paragraphs : "")
    case "note":
    case "from":
      return tag("c:mark", { name, kind }, escaped(carried.text))
    case "gap":
    case "place":
      return tag("c:mark", { name, kind })
    case "act": {
      const { act, by } = carried
      const to = act.kind === "join" || act.kind === "move" ? act.to : null
      return tag("c:mark", { name, kind: act.kind, ...byOf(by), to, level: act.kind === "level" ? act.level : null })
    }
    default:
      return kind satisfies never
  }
}

/** The part that says what the bookmarks of a file mean. */
export const carriedMarkup = (carried: ReadonlyMap<string, Carried>): string =>
  `${xml}<c:marks xmlns:c="${carriedNamespace}" xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">${[...carried].map(([name, one]) => entry(name, one)).join("")}</c:marks>`

/** What a mark of such a part means; null where it is none that is known. */
function meantBy(mark: XmlElement): Carried | null {
  const { kind = "", to = null, level = "", move = null } = mark.attrs
  const by = { ...saidBy(mark), move }
  const text = mark.children.filter((part) => !isElement(part)).join("")
  switch (kind) {
    case "strike":
      return { kind, ...by }
    case "put":
      return { kind, ...by, text }
    case "clause":
      return { kind, paragraphs: childrenOf(mark, "w:p") }
    case "note":
    case "from":
      return { kind, text }
    case "gap":
    case "place":
      return { kind }
    case "delete":
      return { kind: "act", act: { kind }, by }
    case "join":
      return to === null ? null : { kind: "act", act: { kind, to }, by }
    case "move":
      return { kind: "act", act: { kind, to }, by }
    case "level":
      return /^[1-4]$/.test(level) ? { kind: "act", act: { kind, level: Number(level) }, by } : null
    default:
      return null
  }
}

/** What the bookmarks of a file mean, by their names. */
export const carriedIn = (root: XmlElement | null): ReadonlyMap<string, Carried> =>
  new Map(
    root?.name === "c:marks"
      ? childrenOf(root, "c:mark").flatMap((mark) => {
          const meant = meantBy(mark)
          return meant === null ? [] : [[mark.attrs.name ?? "", meant] as const]
        })
      : [],
  )

/** What is said in the comments of a file that nobody of the meeting said: the notes of the product, or where remarks come from. */
export const saidIn = (carried: ReadonlyMap<string, Carried>, kind: "note" | "from"): ReadonlySet<string> =>
  new Set([...carried.values()].flatMap((one) => (one.kind === kind && "text" in one ? [one.text] : [])))

/** A mark as a revision of words. */
export const revisionOf = ({ kind, author, date, move }: Carried & { readonly kind: "strike" | "put" }): Revision => ({
  kind: kind === "put" ? "insertion" : "deletion",
  ...{ author, date, move },
})
