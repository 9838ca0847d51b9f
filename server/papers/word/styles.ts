import type { BlockType } from "../../../shared/schema/block.ts"
import type { SheetBlock } from "../sheet.ts"

/** The styles of our own Word files, by the names that ITU's resolutions use where it has one. `paragraph` and `run` are their properties as markup. */
export interface WordStyle {
  readonly id: string
  readonly name: string
  readonly basedOn: string | null
  readonly paragraph: string
  readonly run: string
}

const centred = '<w:jc w:val="center"/>'
const hanging = (left: number, by = 794): string =>
  `<w:tabs><w:tab w:val="left" w:pos="${left}"/></w:tabs><w:ind w:left="${left}" w:hanging="${by}"/>`

export const wordStyles: readonly WordStyle[] = [
  { id: "Normal", name: "Normal", basedOn: null, paragraph: '<w:spacing w:before="120" w:after="0"/>', run: "" },
  {
    id: "Resno",
    name: "Res_No",
    basedOn: "Normal",
    paragraph: `<w:keepNext/><w:spacing w:before="360"/>${centred}`,
    run: '<w:caps/><w:sz w:val="28"/>',
  },
  {
    id: "Restitle",
    name: "Res_title",
    basedOn: "Normal",
    paragraph: `<w:keepNext/><w:spacing w:before="240" w:after="240"/>${centred}`,
    run: '<w:b/><w:sz w:val="28"/>',
  },
  { id: "Normalaftertitle", name: "Normal after title", basedOn: "Normal", paragraph: '<w:spacing w:before="240"/>', run: "" },
  {
    id: "Call",
    name: "Call",
    basedOn: "Normal",
    paragraph: '<w:keepNext/><w:spacing w:before="200"/><w:ind w:left="794"/>',
    run: "<w:i/>",
  },
  { id: "Continuation", name: "Continuation", basedOn: "Normal", paragraph: "", run: "" },
  { id: "Clause1", name: "Clause 1", basedOn: "Normal", paragraph: hanging(794), run: "" },
  { id: "Clause2", name: "Clause 2", basedOn: "Normal", paragraph: hanging(1588), run: "" },
  { id: "Clause3", name: "Clause 3", basedOn: "Normal", paragraph: hanging(2382), run: "" },
  { id: "Clause4", name: "Clause 4", basedOn: "Normal", paragraph: hanging(3176), run: "" },
  { id: "enumlev1", name: "enumlev1", basedOn: "Normal", paragraph: `<w:spacing w:before="80"/>${hanging(794)}`, run: "" },
  { id: "enumlev2", name: "enumlev2", basedOn: "enumlev1", paragraph: hanging(1588), run: "" },
  { id: "enumlev3", name: "enumlev3", basedOn: "enumlev2", paragraph: hanging(2382), run: "" },
  { id: "Quote", name: "Quote", basedOn: "Normal", paragraph: '<w:ind w:left="794" w:right="794"/>', run: "" },
  {
    id: "Annextitle",
    name: "Annex_title",
    basedOn: "Normal",
    paragraph: `<w:keepNext/><w:spacing w:before="360" w:after="120"/>${centred}`,
    run: '<w:b/><w:sz w:val="26"/>',
  },
  { id: "Source", name: "Source", basedOn: "Normal", paragraph: centred, run: "<w:b/>" },
  { id: "Proposal", name: "Proposal", basedOn: "Normal", paragraph: '<w:keepNext/><w:spacing w:before="240"/>', run: "<w:b/>" },
  { id: "Reasons", name: "Reasons", basedOn: "Normal", paragraph: "", run: "" },
  { id: "FootnoteText", name: "footnote text", basedOn: "Normal", paragraph: '<w:spacing w:before="0"/>', run: '<w:sz w:val="20"/>' },
  { id: "CommentText", name: "annotation text", basedOn: "Normal", paragraph: '<w:spacing w:before="0"/>', run: '<w:sz w:val="20"/>' },
  { id: "Footer", name: "footer", basedOn: "Normal", paragraph: centred, run: '<w:sz w:val="18"/>' },
]

const styleOfType: Readonly<Record<Exclude<BlockType, "clause" | "paragraph">, string>> = {
  designation: "Resno",
  title: "Restitle",
  formula: "Normalaftertitle",
  head: "Call",
  quote: "Quote",
  note: "FootnoteText",
  heading: "Annextitle",
  table: "Normal",
}

/** The style of a block: ITU's own where label, words and place tell a clause and its level; else the style must. */
export function styleOfBlock({ type, level }: SheetBlock["block"], isTold: boolean): string {
  if (type === "paragraph") return "Continuation"
  if (type !== "clause") return styleOfType[type]
  if (!isTold) return `Clause${level}`
  return level === 1 ? "Normal" : `enumlev${Math.min(3, level - 1)}`
}
