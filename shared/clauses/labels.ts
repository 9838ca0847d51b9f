import { workingText } from "../changes/projections.ts"
import { type Block, isPresent, type Part, textOf } from "../schema/block.ts"
import { spokenHead } from "./heads.ts"
import { noteNumbers } from "./notes.ts"

/** How a body labels its clauses. */
export type Profile = "itu" | "un"

/** Labels that an act has frozen: block id -> label, "" for a clause that stands without one. */
export type FrozenLabels = Readonly<Record<string, string>>

const letters = "abcdefghijklmnopqrstuvwxyz"
const romans = [
  "i",
  "ii",
  "iii",
  "iv",
  "v",
  "vi",
  "vii",
  "viii",
  "ix",
  "x",
  "xi",
  "xii",
  "xiii",
  "xiv",
  "xv",
  "xvi",
  "xvii",
  "xviii",
  "xix",
  "xx",
]
const additions = ["bis", "ter", "quater", "quinquies", "sexies", "septies", "octies", "novies", "decies"]

/** 1 -> "a", 26 -> "z", 27 -> "aa". */
export function letterOf(ordinal: number): string {
  const cycle = Math.ceil(ordinal / 26)
  return letters[(ordinal - 1) % 26]!.repeat(cycle)
}

/** The order in which Arabic texts letter their items. */
const abjad = "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"

const lettered = (ordinal: number, dir: Block["dir"]): string =>
  dir === "rtl" ? abjad[(ordinal - 1) % abjad.length]!.repeat(Math.ceil(ordinal / abjad.length)) : letterOf(ordinal)

const roman = (ordinal: number): string => romans[ordinal - 1] ?? String(ordinal)

interface Numbering {
  readonly label: (part: Part, level: number, path: readonly number[], dir: Block["dir"]) => string
  /** Whether a head starts its clauses at one again. */
  readonly restartsAt: (part: Part) => boolean
  readonly labelsLoneClause: boolean
}

const numberings: Readonly<Record<Profile, Numbering>> = {
  itu: {
    label: (part, level, path, dir) => {
      const last = path.at(-1)!
      if (part === "preamble") return level % 2 ? `${lettered(last, dir)})` : `${roman(last)})`
      if (level <= 2) return path.slice(0, level).join(".")
      return level === 3 ? `${roman(last)})` : `${lettered(last, dir)})`
    },
    restartsAt: () => true,
    labelsLoneClause: false,
  },
  un: {
    label: (part, level, path) => {
      const last = path.at(-1)!
      if (level === 1) return part === "preamble" ? "" : `${last}.`
      return level === 2 ? `(${letterOf(last)})` : `(${roman(last)})`
    },
    restartsAt: () => false,
    labelsLoneClause: true,
  },
}

interface Section {
  readonly part: Part
  readonly clauses: Block[]
}

function sectionsOf(blocks: readonly Block[]): Section[] {
  const sections: Section[] = []
  let current: Section | null = null
  for (const block of blocks) {
    if (!isPresent(block)) continue
    if (block.type === "head") sections.push((current = { part: block.part, clauses: [] }))
    else if (block.type === "heading") current = null
    else if (block.type === "clause") {
      if (!current) sections.push((current = { part: "operative", clauses: [] }))
      current.clauses.push(block)
    }
  }
  return sections
}

/**
 * Labels of all clauses as the profile numbers them, block id -> label; "" where a clause has none. Source: ITU drafting practice (letters per
 * preambular head, numbers per operative head, no label on a lone clause), UN editorial practice (numbers through the operative part). NUM1-NUM3.
 */
export function computedLabels(blocks: readonly Block[], profile: Profile): Map<string, string> {
  const numbering = numberings[profile]
  const labels = new Map<string, string>()
  let path: number[] = []
  for (const section of sectionsOf(blocks)) {
    if (numbering.restartsAt(section.part)) path = []
    const isLone = !numbering.labelsLoneClause && section.clauses.filter((clause) => clause.level === 1).length === 1
    for (const clause of section.clauses) {
      path = path.slice(0, clause.level)
      while (path.length < clause.level) path.push(0)
      path[clause.level - 1]! += 1
      labels.set(clause.id, isLone && clause.level === 1 ? "" : numbering.label(section.part, clause.level, path, clause.dir))
    }
  }
  return labels
}

const additionPattern = new RegExp(` (?:${additions.join("|")})(?=\\)|\\.|$)`)
const rootOf = (label: string): string => label.replace(additionPattern, "")

function added(label: string, addition: string): string {
  const tail = /[).]$/.exec(label)?.[0] ?? ""
  return `${label.slice(0, label.length - tail.length)} ${addition}${tail}`
}

function firstFree(root: string, taken: ReadonlySet<string>): string {
  for (const addition of additions) if (!taken.has(added(root, addition))) return added(root, addition)
  let ordinal = additions.length + 2
  while (taken.has(added(root, String(ordinal)))) ordinal++
  return added(root, String(ordinal))
}

/**
 * Labels under frozen numbering: every frozen label stays where it is; a clause added since is labelled after its predecessor ("2 bis", "c ter)"),
 * and one added before the first as "0" or "ante a)"; after a clause that stands alone without a label it becomes the second (NUM4-NUM6).
 */
export function labelsOf(blocks: readonly Block[], profile: Profile, frozen: FrozenLabels): Map<string, string> {
  if (Object.keys(frozen).length === 0) return computedLabels(blocks, profile)
  const labels = new Map<string, string>()
  for (const section of sectionsOf(blocks)) {
    const taken = new Set(section.clauses.map((clause) => frozen[clause.id]).filter((label): label is string => label !== undefined))
    const before = new Map<number, string>()
    for (const clause of section.clauses) {
      const { level } = clause
      for (const deeper of [...before.keys()]) if (deeper > level) before.delete(deeper)
      let label = frozen[clause.id]
      if (label === undefined) {
        label = labelAfter(before.get(level), before.get(level - 1), section.part, level, clause.dir, profile, taken)
        taken.add(label)
      }
      labels.set(clause.id, label)
      before.set(level, label)
    }
  }
  return labels
}

function labelAfter(
  previous: string | undefined,
  parent: string | undefined,
  part: Part,
  level: number,
  dir: Block["dir"],
  profile: Profile,
  taken: ReadonlySet<string>,
): string {
  const { label } = numberings[profile]
  const ordinalOf = (ordinal: number): string => {
    const own = label(part, level, [...Array(level - 1).fill(0), ordinal], dir)
    return level === 2 && part === "operative" && profile === "itu" && parent ? `${parent}.${ordinal}` : own
  }
  if (previous === undefined) {
    const first = ordinalOf(1)
    if (!taken.has(first)) return first
    return /^\d/.test(first) ? first.replace(/\d+(?=\.?$)/, "0") : `ante ${first}`
  }
  if (previous === "") return profile === "un" && part === "preamble" && level === 1 ? "" : ordinalOf(2)
  return firstFree(rootOf(previous), taken)
}

/** A head and the clauses under it. */
export interface OutlineEntry {
  readonly head: Block | null
  readonly clauses: readonly Block[]
}

/** Heads with their clauses, in order: the outline of the draft. */
export function outlineOf(blocks: readonly Block[]): OutlineEntry[] {
  const entries: { head: Block | null; clauses: Block[] }[] = []
  for (const block of blocks) {
    if (!isPresent(block)) continue
    if (block.type === "head") entries.push({ head: block, clauses: [] })
    else if (block.type === "clause") {
      if (entries.length === 0) entries.push({ head: null, clauses: [] })
      entries.at(-1)!.clauses.push(block)
    }
  }
  return entries
}

const namesOfTypes: Partial<Record<Block["type"], string>> = {
  designation: "the designation",
  title: "the title",
  formula: "the opening words",
}

/**
 * How the room names each block: "recalling c)", "resolves 2", "instructs the Director of BDT 4"; a paragraph or quotation by the clause it follows;
 * never a count of blocks (NUM7).
 */
export function addressesOf(blocks: readonly Block[], labels: ReadonlyMap<string, string>): Map<string, string> {
  const addresses = new Map<string, string>()
  const spoken = new Map<string, number>()
  let head = ""
  let last = ""
  let parent = ""
  const numbers = noteNumbers(blocks)
  let preambular = 0
  for (const block of blocks) {
    if (!isPresent(block)) {
      // A joined clause is spoken of as the one that holds its words, which stands before it; the place of one that went as what stands before that.
      const survivor = block.joined === block.id ? [...addresses.values()].at(-1) : addresses.get(block.joined!)
      if (survivor !== undefined) addresses.set(block.id, survivor)
      continue
    }
    if (block.type === "head") {
      const name = spokenHead(textOf(workingText(block)) || textOf(block))
      const times = (spoken.get(name) ?? 0) + 1
      spoken.set(name, times)
      head = times > 1 ? `${name} (${times})` : name
      last = head
      addresses.set(block.id, `head "${head}"`)
    } else if (block.type === "clause") {
      const label = labels.get(block.id) ?? ""
      const isBare = block.level === 2 && /^[a-z(]/i.test(label)
      if (block.level === 1) parent = label
      const name = [head, isBare ? parent.replace(/\.$/, "") : "", label.replace(/\.$/, "")].filter(Boolean).join(" ") || "the text"
      last = head === "" ? `paragraph ${name}` : name
      addresses.set(block.id, last)
    } else if (block.type === "note") addresses.set(block.id, `footnote ${numbers.get(block.noteId ?? "") ?? "without a call"}`)
    else if (block.type === "quote") addresses.set(block.id, `quotation after ${last || "the opening words"}`)
    // UN texts number no paragraph of the preamble; the room counts them.
    else if (block.type === "paragraph" && head === "" && parent === "")
      addresses.set(block.id, (last = `preambular paragraph ${++preambular}`))
    else addresses.set(block.id, namesOfTypes[block.type] ?? `paragraph after ${last || "the opening words"}`)
  }
  return addresses
}
