import { strFromU8, strToU8 } from "fflate"
import { escaped, tag } from "../../files/markup.ts"
import { openWhole } from "../../files/word/archive.ts"
import { carriedBeside, carriedPart, typeBeside } from "../../files/word/carried.ts"
import { xml } from "../../files/word/own-names.ts"
import { openWord } from "../../files/word/package.ts"
import { DomainError } from "../../problems.ts"
import type { Sheet } from "../sheet.ts"
import { fragmentsOf, replaceFragments, withoutFragments } from "./fragments.ts"
import { coreProperties, ownParts, styleMarkup, type WordParts, zipped } from "./parts.ts"
import { wordStyles } from "./styles.ts"

const wordsOfMarkup = (markup: string): string =>
  fragmentsOf(markup, "w:t")
    .map(({ inner, close }) => markup.slice(inner, close))
    .join("")

/** A part of the markup whose words are replaced: the first run takes all. */
function withWords(markup: string, words: string): string {
  let isFirst = true
  return replaceFragments(markup, "w:t", () => {
    const text = isFirst ? `<w:t xml:space="preserve">${words}</w:t>` : "<w:t/>"
    isFirst = false
    return text
  })
}

/** Fills `{{name}}` in a part. Word likes to cut such a name over several runs: then the first run of the paragraph takes all of its words. */
function filled(markup: string, values: Readonly<Record<string, string>>): string {
  return replaceFragments(markup, "w:p", (found) => {
    const words = wordsOfMarkup(found)
    if (!field.test(words)) return found
    return withWords(
      found,
      words.replace(fields, (name, key: string) => (Object.hasOwn(values, key.toLowerCase()) ? escaped(values[key.toLowerCase()]!) : name)),
    )
  })
}

const field = /\{\{\s{0,4}\w{1,64}\s{0,4}\}\}/
const fields = /\{\{\s{0,4}(\w{1,64})\s{0,4}\}\}/g
const placeOfText = /\{\{\s{0,4}text\s{0,4}\}\}/i

/** Fills content controls by their tag or title: `designation`, `title`, `body`, and the fields of the cover. */
function controlsFilled(markup: string, values: Readonly<Record<string, string>>): string {
  return replaceFragments(markup, "w:sdt", (found, inner) => {
    const name = /<w:(?:tag|alias) w:val="([^"]*)"/.exec(inner)?.[1]?.toLowerCase()
    return name === undefined || !Object.hasOwn(values, name) ? found : withWords(found, escaped(values[name]!))
  })
}

/** What a template may not bring into a paper: programs, and words of people that would pass for the meeting's. */
function demandClean(files: Readonly<Record<string, Uint8Array>>, main: string): void {
  const refuse = (what: string, how: string): never => {
    throw new DomainError("unsupported", `The template holds ${what}. ${how} in Word and try again.`)
  }
  const names = Object.keys(files)
  if (names.some((name) => /vbaProject|vbaData|\/activeX\//i.test(name))) refuse("macros", "Save it without them")
  if (/<w:(?:ins|del|moveFrom|moveTo|rPrChange|pPrChange)[ />]/.test(strFromU8(files[main]!)))
    refuse("tracked changes", "Accept or reject them")
  if (names.some((name) => /comments\.xml$/.test(name) && strFromU8(files[name]!).includes("<w:comment ")))
    refuse("comments", "Delete them")
}

const noProperties = (kind: string): string =>
  `${xml}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/${kind}-properties"/>`

/** Takes out of a template who made it, when and on what machine; and makes a document of what was saved as a template (.dotx). */
function scrub(files: Record<string, Uint8Array>, title: string): void {
  const change = (name: string, to: (markup: string) => string): void => {
    const known = files[name]
    if (known) files[name] = strToU8(to(strFromU8(known)))
  }
  change("docProps/core.xml", () => coreProperties(title))
  change("docProps/app.xml", () => noProperties("extended"))
  change("docProps/custom.xml", () => noProperties("custom"))
  change("[Content_Types].xml", (types) => types.replaceAll("wordprocessingml.template.main+xml", "wordprocessingml.document.main+xml"))
  for (const name of Object.keys(files)) {
    if (/\.xml$/.test(name) && !name.startsWith("docProps/"))
      change(name, (markup) => withoutFragments(markup.replace(/ w:rsid\w*="[^"]*"/g, ""), "w:rsids", "w:attachedTemplate", "w15:docId"))
    // Where the template lay on somebody's disk.
    if (/settings\.xml\.rels$/.test(name))
      change(name, (markup) =>
        replaceFragments(markup, "Relationship", (found) => (typeOf(found).endsWith("/attachedTemplate") ? "" : found)),
      )
  }
}

const typeOf = (relationship: string): string => /\sType="([^"]*)"/.exec(relationship)?.[1] ?? ""

/** Where a relationship points to, as a path in the archive; undefined where there is none. */
const targetOf = (relationship: string | undefined): string | undefined =>
  relationship === undefined ? undefined : /\sTarget="\/?([^"]+)"/.exec(relationship)?.[1]

const relationshipOf = (markup: string, type: string): string | undefined =>
  fragmentsOf(markup, "Relationship")
    .map(({ from, to }) => markup.slice(from, to))
    .find((found) => typeOf(found).endsWith(`/${type}`))

const fold = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, "")

/**
 * Puts a paper into an institution's own file: its styles, headers, footers and page stay. The text goes where a paragraph says `{{text}}`, else to
 * the end; `{{designation}}`, `{{title}}`, `{{version}}`, `{{body}}`, `{{date}}`, `{{source}}` ... and content controls of these names are filled, in headers too. Styles that it lacks are
 * added; who made it and when is taken out. Throws a DomainError where it is no Word file, or holds macros, tracked changes or comments.
 */
export function intoTemplate(template: Uint8Array, parts: WordParts, sheet: Sheet): Uint8Array {
  const { styles } = openWord(template, "The template")
  const files = openWhole(template, "The template")
  const main = targetOf(relationshipOf(strFromU8(files["_rels/.rels"]!), "officeDocument"))
  const source = main === undefined ? undefined : files[main]
  if (main === undefined || !source || !strFromU8(source).includes("<w:body>"))
    throw new DomainError("unsupported", "The template is a Word file of an unusual make. Open it in Word, save it as .docx and try again.")
  demandClean(files, main)
  scrub(files, sheet.title)
  const { designation, title, body: meeting, version, date } = sheet
  const values: Record<string, string> = { designation, title, body: meeting, version: version ?? "", date: date ?? "" }
  for (const { field, text } of [...sheet.opening, ...sheet.closing]) if (field) values[field.toLowerCase()] ??= text
  const byName = new Map([...styles].map(([id, style]) => [style.name, id]))
  // The template's styles have ids of their own.
  const ownId = new Map(wordStyles.map((style) => [style.id, byName.get(fold(style.name)) ?? style.id]))
  const renamed = (markup: string): string =>
    markup.replace(/<w:pStyle w:val="([^"]*)"\/>/g, (_, id: string) => tag("w:pStyle", { "w:val": ownId.get(id) ?? id }))
  const folder = main.slice(0, main.lastIndexOf("/") + 1)
  const relationsPath = `${folder}_rels/${main.slice(folder.length)}.rels`
  let document = strFromU8(files[main]!)
  const place = fragmentsOf(document, "w:p").find(({ from, to }) => placeOfText.test(wordsOfMarkup(document.slice(from, to))))
  const section = document.lastIndexOf("<w:sectPr")
  const end = section > document.lastIndexOf("</w:p>") ? section : document.indexOf("</w:body>")
  const body = renamed(parts.body)
  document = place ? document.slice(0, place.from) + body + document.slice(place.to) : document.slice(0, end) + body + document.slice(end)
  files[main] = strToU8(controlsFilled(filled(declaring(document), values), values))
  for (const name of Object.keys(files))
    if (name.startsWith(folder) && /^(?:header|footer)\d*\.xml$/.test(name.slice(folder.length)))
      files[name] = strToU8(controlsFilled(filled(strFromU8(files[name]!), values), values))
  addStyles(files, folder, byName, renamed)
  addParts(files, folder, relationsPath, parts, renamed)
  return zipped(files)
}

/** The namespaces that our paragraphs use. */
function declaring(document: string): string {
  const from = document.indexOf("<w:document")
  const to = document.indexOf(">", from)
  if (from < 0 || document.slice(from, to).includes("xmlns:r=")) return document
  return `${document.slice(0, to)} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"${document.slice(to)}`
}

function addStyles(
  files: Record<string, Uint8Array>,
  folder: string,
  byName: ReadonlyMap<string, string>,
  renamed: (markup: string) => string,
): void {
  const path = `${folder}styles.xml`
  const sheet = files[path]
  if (!sheet) return
  const missing = wordStyles.filter((style) => !byName.has(fold(style.name)) && style.id !== "Normal")
  const based = (markup: string): string =>
    markup.replace('<w:basedOn w:val="Normal"/>', tag("w:basedOn", { "w:val": byName.get("normal") ?? "Normal" }))
  files[path] = strToU8(
    strFromU8(sheet).replace("</w:styles>", () => `${missing.map((style) => based(renamed(styleMarkup(style)))).join("")}</w:styles>`),
  )
}

function addParts(
  files: Record<string, Uint8Array>,
  folder: string,
  relationsPath: string,
  parts: WordParts,
  renamed: (markup: string) => string,
): void {
  let relations = strFromU8(files[relationsPath] ?? new Uint8Array())
  let types = strFromU8(files["[Content_Types].xml"]!)
  ownParts.forEach(({ name, type, relation }, i) => {
    if (name === "footnotes" ? !parts.hasNotes : !parts.hasComments && name !== "people") return
    const content = strToU8(renamed(parts[name as "footnotes" | "comments" | "commentsExtended" | "people"]))
    const target = targetOf(relationshipOf(relations, name))
    if (target) {
      files[target.startsWith(folder) ? target : `${folder}${target}`] = content
      return
    }
    const file = `clausula-${name}.xml`
    files[`${folder}${file}`] = content
    relations = relations.replace(
      "</Relationships>",
      `${tag("Relationship", { Id: `rIdClausula${i}`, Type: relation, Target: file })}</Relationships>`,
    )
    types = types.replace("</Types>", `${tag("Override", { PartName: `/${folder}${file}`, ContentType: type })}</Types>`)
  })
  if (parts.carried !== null) {
    for (const [path, content] of Object.entries({ [carriedPart.path]: parts.carried, ...carriedBeside })) files[path] = strToU8(content)
    relations = relations.replace(
      "</Relationships>",
      `${tag("Relationship", { Id: "rIdClausulaMarks", Type: carriedPart.relation, Target: `/${carriedPart.path}` })}</Relationships>`,
    )
    const own = [
      [`/${carriedPart.path}`, "application/xml"],
      [typeBeside.path, typeBeside.type],
    ] as const
    types = types.replace(
      "</Types>",
      `${own.map(([PartName, ContentType]) => tag("Override", { PartName, ContentType })).join("")}</Types>`,
    )
  }
  files[relationsPath] = strToU8(relations)
  files["[Content_Types].xml"] = strToU8(types)
}
