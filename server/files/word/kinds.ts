// What the styles of a Word file say that a paragraph is, and where its opening ends.
import type { Profile } from "../../../shared/clauses/labels.ts"
import { endsSentence, findStart, isFormula, isHead, openingOf } from "../recognize.ts"
import { type Style, styleChain, type WordPackage } from "./package.ts"
import type { Strand } from "./strands.ts"

/** What a style may say, also of what is no block of its own. */
export type Kind =
  | "clause"
  | "designation"
  | "title"
  | "formula"
  | "head"
  | "heading"
  | "quote"
  | "listed"
  | "paragraph"
  | "cover"
  | "reference"

/** What styles say, by their folded names. ITU's are those of its resolutions; the rest are Word's own. Source: exchange.md. */
const kindOfStyle: Readonly<Record<string, Kind>> = {
  resno: "designation",
  recno: "designation",
  decno: "designation",
  restitle: "title",
  restitel: "title",
  rectitle: "title",
  dectitle: "title",
  resref: "reference",
  call: "head",
  headingb: "heading",
  annexno: "heading",
  annextitle: "heading",
  annexref: "heading",
  appendixno: "heading",
  appendixtitle: "heading",
  sectionno: "heading",
  sectiontitle: "heading",
  chapno: "heading",
  chaptitle: "heading",
  partno: "heading",
  parttitle: "heading",
  enumlev1: "listed",
  enumlev2: "listed",
  enumlev3: "listed",
  quote: "quote",
  intensequote: "quote",
  // Our own files: what no words tell.
  continuation: "paragraph",
  clause1: "clause",
  clause2: "clause",
  clause3: "clause",
  clause4: "clause",
  proposal: "cover",
  reasons: "cover",
  source: "cover",
  agendaitem: "cover",
  docnumber: "cover",
  title1: "cover",
  title2: "cover",
  title3: "cover",
  title4: "cover",
}

export const kindByStyle: ReadonlyMap<string, Kind> = new Map(Object.entries(kindOfStyle))

/** The style of a strand and those that it is based on. */
export const styleOf = (strand: Strand, word: WordPackage): Style[] => styleChain(word.styles, strand.paragraph?.style ?? word.defaultStyle)

/** What the nearest style says that says anything. */
export function kindOf(chain: readonly Style[]): Kind | null {
  for (const { name } of chain) {
    const kind = kindByStyle.get(name)
    if (kind) return kind
    if (name === "title") return "title"
    if (/^heading\d$/.test(name)) return "heading"
  }
  return null
}

/** Of a line of the cover, which field its style says it is. */
export const fieldOf = (chain: readonly Style[]): string | null =>
  chain.find((style) => kindByStyle.get(style.name) === "cover")?.name ?? null

/** The opening by its styles where the file has an institution's; else by its words. */
export function openingKinds(
  shapes: readonly string[],
  kinds: readonly (Kind | null)[],
  chainNames: readonly (string | undefined)[],
): { profile: Profile; kinds: readonly (Kind | null)[] } {
  const found: (Kind | null)[] = kinds.map(() => null)
  const heads = kinds.some((kind) => kind === "head")
  const first = shapes.findIndex((shape, i) => (heads ? kinds[i] === "head" : kinds[i] === null && isHead(shape)))
  const named = kinds.indexOf("designation")
  if (named >= 0 || heads) {
    const from = named >= 0 ? named : Math.max(0, kinds.indexOf("title"))
    for (let i = 0; i < from; i++) found[i] = "cover"
    const styled = chainNames.lastIndexOf("normalaftertitle", Math.max(0, first))
    if (styled > from) found[styled] = "formula"
    else
      for (let i = from; i < first; i++)
        if (kinds[i] === null && isFormula(shapes[i]!) && !endsSentence(shapes[i]!.replace(/[,،]$/, ""))) found[i] = "formula"
    return { profile: "itu", kinds: found }
  }
  const start = findStart(shapes)
  if (start.formula < 0) return { profile: start.profile, kinds: found }
  const opening = openingOf(shapes, start.formula, () => null)
  for (let i = 0; i < opening.coverEnd; i++) found[i] = "cover"
  if (opening.designation !== null) found[opening.designation] = "designation"
  for (let i = opening.titleFrom; i < start.formula; i++) found[i] = "title"
  found[start.formula] = "formula"
  return { profile: start.profile, kinds: found }
}
