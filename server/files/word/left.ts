import { shortened } from "../../../shared/schema/letters.ts"
import type { FileWarning } from "../file-draft.ts"
import type { Left, LeftKind } from "./items.ts"

/** Something that was left, and the block that it stands in or behind. */
export interface LeftAt {
  readonly block: string | null
  readonly left: Left
}

interface Saying {
  readonly code: string
  /** `what`: the words of all of one kind in one block, in quotes. */
  readonly say: (what: string, all: readonly Left[]) => string
}

const sayings: Readonly<Record<Exclude<LeftKind, "underlined">, Saying>> = {
  altChunk: { code: "ALTCHUNK", say: () => "Another file is included here as a whole (altChunk). It was left out." },
  box: { code: "BOX", say: (what, all) => `A text box stands here: ${what}. It is no part of the text.${revisedIn(all)}` },
  carried: {
    code: "LEFT",
    say: (_, all) =>
      `${all[0]!.about || "Somebody"} proposes to bring this to a clause that the file no longer holds; that proposal was left out.`,
  },
  chart: { code: "PICTURE", say: (what) => `A chart or diagram was left out${named(what)}.` },
  code: { code: "FIELD", say: (what) => `The code of a field holds words that the file does not show; they were left out: ${what}.` },
  drawing: { code: "PICTURE", say: (what) => `A drawing was left out${named(what)}.` },
  field: { code: "FIELD", say: () => "A field begins here and has no end. It was taken for words: nothing of the text went with it." },
  formula: { code: "FORMULA", say: (what) => `A formula was read as the signs in it, one after the other: ${what}.` },
  hidden: { code: "HIDDEN", say: (what) => `These words are hidden in the file, and stand in the text here: ${what}.` },
  join: {
    code: "MOVE",
    say: (what, all) =>
      `${all[0]!.about || "Somebody"} joins what moves here to the clause before, ${what}: that was not taken, for one or the other can be accepted.`,
  },
  level: { code: "LEVEL", say: (what) => `The file gives ${what} as the level of a list, which is none: it was read as the first.` },
  loose: { code: "UNKNOWN", say: (what) => `Words that stand in no paragraph of the file were left out: ${what}.` },
  moved: {
    code: "MOVE",
    say: (_, all) =>
      `Words were struck at the place from which this moves, and live on where it moves to: ${listed(all.map(({ words, about }) => `${quoted(words)} by ${about || "somebody"}`))}.`,
  },
  nestedTable: { code: "TABLE", say: (what) => `A table within a cell was read as words of that cell: ${what}.` },
  noteSign: {
    code: "NOTE",
    say: (what) => `A footnote has a sign of its own; it is numbered here, and the sign stands in the text: ${what}.`,
  },
  object: { code: "EMBEDDED", say: (what) => `An embedded object was left out${named(what)}.` },
  picture: { code: "PICTURE", say: (what) => `A picture was left out${named(what)}.` },
  ruby: {
    code: "RUBY",
    say: (_, all) =>
      `The reading above words was left out: ${listed(all.map(({ words, about }) => `${quoted(words)} above ${quoted(about)}`))}.`,
  },
  struck: { code: "STRUCK", say: (what) => `Struck by hand, not as a tracked change: ${what}. It stands in the text as agreed.` },
  subdocument: { code: "EXTERNAL", say: () => "A part of a larger document is referred to here. It was not read." },
  unknown: {
    code: "UNKNOWN",
    say: (_, all) =>
      `The file holds something that is not known here; it was left out: ${listed(all.map(({ words, about }) => `${quoted(words)} (${about})`))}.`,
  },
}

/** What is revised in a box is told with it. */
const revisedIn = (all: readonly Left[]): string => {
  const revised = all.map(({ about }) => about).filter(Boolean)
  return revised.length > 0 ? ` What is changed in it was not taken: ${listed(revised)}.` : ""
}

const most = 120
const short = (words: string): string => shortened(words.replace(/\s+/g, " ").trim(), most)

const mostListed = 8
/** Some of a list, and how many more there are. */
export const listed = (all: readonly string[]): string =>
  all.length > mostListed ? `${all.slice(0, mostListed).join(", ")} and ${all.length - mostListed} more` : all.join(", ")

const named = (what: string): string => (what ? ` (${what})` : "")

/** Says of each block what of it was left, a sentence for each kind. */
export function warningsOfLeft(found: readonly LeftAt[]): FileWarning[] {
  const groups = new Map<string, { block: string | null; kind: LeftKind; all: Left[] }>()
  for (const { block, left } of found) {
    const key = `${block} ${left.kind}`
    const group = groups.get(key)
    if (group) group.all.push(left)
    else groups.set(key, { block, kind: left.kind, all: [left] })
  }
  return [...groups.values()].flatMap(({ block, kind, all }): FileWarning[] => {
    // Underlined words alone are a matter of looks; beside struck ones they are what was to come in their place.
    if (kind === "underlined") return []
    const { code, say } = sayings[kind]
    const underlined = kind === "struck" ? (groups.get(`${block} underlined`)?.all ?? []) : []
    const also = underlined.length > 0 ? ` Underlined by hand beside it: ${quotes(underlined.map(({ words }) => words))}.` : ""
    return [{ code, ...(block === null ? {} : { block }), message: say(quotes(all.map(({ words }) => words)), all) + also }]
  })
}

/** Words in quotes, cut where they are long. */
export const quoted = (words: string): string => `“${short(words)}”`

const quotes = (words: readonly string[]): string => listed(words.filter((own) => own.trim() !== "").map(quoted))
