import { strToU8 } from "fflate"
import { escaped, tag } from "../../files/markup.ts"
import { carriedBeside, carriedPart, typeBeside } from "../../files/word/carried.ts"
import { office, xml } from "../../files/word/own-names.ts"
import type { Sheet } from "../sheet.ts"
import { coreProperties, declared, ownParts, styleMarkup, zipped } from "./parts.ts"
import { wordStyles } from "./styles.ts"
import { intoTemplate } from "./template.ts"
import { wordPartsOf } from "./write.ts"

const styleSheet = (): string =>
  `${xml}<w:styles ${declared}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Arial" w:eastAsia="SimSun"/><w:sz w:val="24"/><w:szCs w:val="24"/><w:lang w:val="en-GB" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault></w:docDefaults>${wordStyles.map(styleMarkup).join("")}</w:styles>`

/** What stands at the foot of each page: which version it is, page x of y. */
function footerOf({ version }: Sheet): string {
  const words = (text: string): string => tag("w:r", {}, `<w:t xml:space="preserve">${escaped(text)}</w:t>`)
  const sign = (kind: string): string => `<w:r>${tag("w:fldChar", { "w:fldCharType": kind })}</w:r>`
  const field = (name: string): string =>
    `${sign("begin")}<w:r><w:instrText xml:space="preserve"> ${name} </w:instrText></w:r>${sign("separate")}${words("1")}${sign("end")}`
  const pages = `${field("PAGE")}${words(" / ")}${field("NUMPAGES")}`
  return `${xml}<w:ftr ${declared}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>${version === null ? "" : words(`${version} – `)}${pages}</w:p></w:ftr>`
}

const relationships = (list: readonly { readonly type: string; readonly target: string }[]): string =>
  `${xml}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${list
    .map(({ type, target }, i) => tag("Relationship", { Id: `rId${i + 1}`, Type: type, Target: target }))
    .join("")}</Relationships>`

const wordType = (part: string): string => `application/vnd.openxmlformats-officedocument.wordprocessingml.${part}+xml`

/**
 * Writes a paper as a Word file: revisions live with their authors and dates, comments with replies, footnotes, moves, right to left. `template`: an
 * institution's file whose styles, headers and page it takes. The same paper gives the same bytes; no time, name or rsid of the machine is in it.
 */
export function writeWord(sheet: Sheet, template: Uint8Array | null = null): Uint8Array {
  const parts = wordPartsOf(sheet)
  if (template) return intoTemplate(template, parts, sheet)
  const own = ownParts.filter(({ name }) => (name === "footnotes" ? parts.hasNotes : parts.hasComments || name === "people"))
  const relations = [
    { type: `${office}/styles`, target: "styles.xml" },
    { type: `${office}/settings`, target: "settings.xml" },
    { type: `${office}/footer`, target: "footer1.xml" },
    ...own.map(({ name, relation }) => ({ type: relation, target: `${name}.xml` })),
    ...(parts.carried === null ? [] : [{ type: carriedPart.relation, target: `../${carriedPart.path}` }]),
  ]
  const section = `<w:sectPr>${tag("w:footerReference", { "w:type": "default", "r:id": "rId3" })}<w:pgSz w:w="11907" w:h="16840"/><w:pgMar w:top="1418" w:right="1134" w:bottom="1418" w:left="1134" w:header="720" w:footer="720" w:gutter="0"/></w:sectPr>`
  const types = [
    ["/word/document.xml", wordType("document.main")],
    ["/word/styles.xml", wordType("styles")],
    ["/word/settings.xml", wordType("settings")],
    ["/word/footer1.xml", wordType("footer")],
    ["/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"],
    ...own.map(({ name, type }) => [`/word/${name}.xml`, type]),
    ...(parts.carried === null ? [] : [[typeBeside.path, typeBeside.type]]),
  ]
  const notes = parts.hasNotes ? '<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>' : ""
  const files: Record<string, string> = {
    "[Content_Types].xml": `${xml}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${types.map(([name, type]) => tag("Override", { PartName: name!, ContentType: type! })).join("")}</Types>`,
    "_rels/.rels": relationships([
      { type: `${office}/officeDocument`, target: "word/document.xml" },
      { type: "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", target: "docProps/core.xml" },
    ]),
    "docProps/core.xml": coreProperties(sheet.title),
    "word/document.xml": `${xml}<w:document ${declared}><w:body>${parts.body}${section}</w:body></w:document>`,
    "word/styles.xml": styleSheet(),
    "word/settings.xml": `${xml}<w:settings ${declared}>${notes}<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`,
    "word/footer1.xml": footerOf(sheet),
    "word/_rels/document.xml.rels": relationships(relations),
    ...(parts.carried === null ? {} : { [carriedPart.path]: parts.carried, ...carriedBeside }),
    ...Object.fromEntries(
      own.map(({ name }) => [`word/${name}.xml`, parts[name as "footnotes" | "comments" | "commentsExtended" | "people"]]),
    ),
  }
  return zipped(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])))
}
