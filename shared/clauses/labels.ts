import { agreedTextOf, type Block, isBlank, isPresent, type Part, textOf } from "../schema/block.ts"
import { foldLabel, labelBehind, rootOf } from "./additions.ts"
import { UnderHeadings } from "./annexes.ts"
import { spokenHead } from "./heads.ts"
import { noteNumbers } from "./notes.ts"

/** How a body labels its clauses. */
export type Profile = "itu" | "un"

/**
 * Labels that do not move: block id -> label, "" for a clause that stands without one. Those of a text in force are as its file has them, whatever a
 * profile would count (NUM8).
 */
export type FrozenLabels = Readonly<Record<string, string>>

/** Another label that a file proposes for a clause by a tracked change of its number: it changes no text, and moves no label in force (NUM9). */
export interface Renumbering {
  /** An id as a change has one: by it is known who entered it. */
  readonly id: string
  readonly source: string
  readonly now: string
}

/** By block id. */
export type Renumbered = Readonly<Record<string, Renumbering>>

/** The labels as they would be with every proposed renumbering. */
export const withRenumbered = (frozen: FrozenLabels, renumbered: Renumbered): FrozenLabels =>
  Object.keys(renumbered).length === 0
    ? frozen
    : { ...frozen, ...Object.fromEntries(Object.entries(renumbered).map(([block, { now }]) => [block, now])) }

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
/** 1 -> "a", 26 -> "z", 27 -> "aa". */
export function letterOf(ordinal: number): string {
  const cycle = Math.ceil(ordinal / 26)
  return letters.charAt((ordinal - 1) % 26).repeat(cycle)
}

/** The order in which Arabic texts letter their items. */
const abjad = "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"

const lettered = (ordinal: number, dir: Block["dir"]): string =>
  dir === "rtl" ? abjad.charAt((ordinal - 1) % abjad.length).repeat(Math.ceil(ordinal / abjad.length)) : letterOf(ordinal)

/** 4 -> "iv". */
export const roman = (ordinal: number): string => romans[ordinal - 1] ?? String(ordinal)

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
  readonly head: Block | null
  readonly part: Part
  readonly clauses: Block[]
}

function sectionsOf(blocks: readonly Block[]): Section[] {
  const sections: Section[] = []
  let current: Section | null = null
  for (const block of blocks) {
    if (!isPresent(block) || isBlank(block)) continue
    if (block.type === "head") sections.push((current = { head: block, part: block.part, clauses: [] }))
    else if (block.type === "heading") current = null
    else if (block.type === "clause") {
      if (!current) sections.push((current = { head: null, part: "operative", clauses: [] }))
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

/** Whether all clauses of a section were added since, under a head that was too or under none: then no label there is older, and they are counted. */
const isNew = ({ head, clauses }: Section, frozen: FrozenLabels): boolean =>
  clauses.every(({ id, origin }) => frozen[id] === undefined || (head?.origin === null && origin === null))

/**
 * Labels under frozen numbering: every frozen label stays where it is; a clause added since is labelled after its predecessor ("2 bis", "c ter)"),
 * and one added before the first as "0" or "ante a)"; after a clause that stands alone without a label it becomes the second (NUM4-NUM6).
 */
export function labelsOf(blocks: readonly Block[], profile: Profile, frozen: FrozenLabels): Map<string, string> {
  if (Object.keys(frozen).length === 0) return computedLabels(blocks, profile)
  const numbering = numberings[profile]
  const labels = new Map<string, string>()
  const sections = sectionsOf(blocks)
  const samples = samplesIn(sections, frozen)
  let counted: ReadonlyMap<string, string> | null = null
  const gone = goneIn(blocks, frozen)
  let follower = new Follower(profile, frozen, samples, gone)
  for (const section of sections) {
    if (numbering.restartsAt(section.part)) follower = new Follower(profile, frozen, samples, gone)
    follower.open(section)
    const fresh: ReadonlyMap<string, string> | null =
      numbering.restartsAt(section.part) && isNew(section, frozen) ? (counted ??= computedLabels(blocks, profile)) : null
    section.clauses.forEach((clause, i) => {
      const own = frozen[clause.id] ?? (fresh ? follower.ifFree(fresh.get(clause.id) ?? "") : null)
      labels.set(clause.id, follower.next(clause, own ?? follower.after(section, i)))
    })
  }
  return labels
}

/** The clauses that are counted, for no label in their section is older than they: what comes before them moves their labels. */
export function countedIn(blocks: readonly Block[], profile: Profile, frozen: FrozenLabels): ReadonlySet<string> {
  const { restartsAt } = numberings[profile]
  const isCounted = Object.keys(frozen).length === 0 ? () => true : (section: Section) => restartsAt(section.part) && isNew(section, frozen)
  return new Set(
    sectionsOf(blocks)
      .filter(isCounted)
      .flatMap(({ clauses }) => clauses.map(({ id }) => id)),
  )
}

/** Labels of clauses of the text in force that are gone (folded): no addition is given one of them, for it would be taken for that clause. */
function goneIn(blocks: readonly Block[], frozen: FrozenLabels): ReadonlySet<string> {
  const there = new Set(blocks.filter(isPresent).map(({ id }) => id))
  return new Set(Object.entries(frozen).flatMap(([id, label]) => (label === "" || there.has(id) ? [] : [foldLabel(label)])))
}

/** The first frozen label of each part and level: how the text labels such clauses. */
function samplesIn(sections: readonly Section[], frozen: FrozenLabels): Map<string, string> {
  const samples = new Map<string, string>()
  for (const { part, clauses } of sections)
    for (const { id, level } of clauses) {
      const label = frozen[id]
      if (label && !samples.has(`${part} ${level}`)) samples.set(`${part} ${level}`, label)
    }
  return samples
}

/** The clauses with frozen labels that stand beside one, before and behind it, under the same clause. */
function siblingsOf(clauses: readonly Block[], i: number, frozen: FrozenLabels): { earlier: Block[]; later: Block[] } {
  const { level } = clauses[i]!
  let from = i
  while (from > 0 && clauses[from - 1]!.level >= level) from--
  let to = i + 1
  while (to < clauses.length && clauses[to]!.level >= level) to++
  const isSibling = (clause: Block): boolean => clause.level === level && frozen[clause.id] !== undefined
  return { earlier: clauses.slice(from, i).filter(isSibling), later: clauses.slice(i + 1, to).filter(isSibling) }
}

/** Follows the clauses of a section and labels those that no frozen label tells. */
class Follower {
  readonly #profile: Profile
  readonly #frozen: FrozenLabels
  readonly #samples: ReadonlyMap<string, string>
  readonly #taken = new Set<string>()
  /** Those, and what no addition may be called. */
  readonly #notAgain: Set<string>
  /** The last label of each level that is one. */
  readonly #last = new Map<number, string>()
  /** Whether a clause of the section stands without a label. */
  #hasBare = false

  constructor(profile: Profile, frozen: FrozenLabels, samples: ReadonlyMap<string, string>, gone: ReadonlySet<string>) {
    this.#profile = profile
    this.#frozen = frozen
    this.#samples = samples
    this.#notAgain = new Set(gone)
  }

  open({ clauses }: Section): void {
    for (const { id } of clauses) if (this.#frozen[id]) this.#take(this.#frozen[id])
    this.#hasBare = clauses.some(({ id }) => this.#frozen[id] === "")
  }

  #take(label: string): void {
    this.#taken.add(foldLabel(label))
    this.#notAgain.add(foldLabel(label))
  }

  ifFree(label: string): string | null {
    return this.#taken.has(foldLabel(label)) ? null : label
  }

  next({ level }: Block, label: string): string {
    for (const deeper of [...this.#last.keys()]) if (deeper > level) this.#last.delete(deeper)
    if (label) {
      this.#last.set(level, label)
      this.#take(label)
    }
    return label
  }

  /** The label of a clause that was added, the i-th of its section. */
  after({ part, clauses }: Section, i: number): string {
    const { level, dir } = clauses[i]!
    const previous = this.#last.get(level)
    if (previous !== undefined && !this.#hasBare) return labelBehind(previous, this.#notAgain, this.#frozen)
    const { earlier, later } = siblingsOf(clauses, i, this.#frozen)
    const labels = [...earlier, ...later].map((clause) => this.#frozen[clause.id])
    const isBare = labels.length > 1 && labels.every((label) => label === "")
    // A text that gives such clauses no label gives none to another.
    if (isBare || (earlier.length > 0 && this.#isUnnumbered(part, level))) return ""
    if (previous !== undefined) return labelBehind(previous, this.#notAgain, this.#frozen)
    const ordinal = (n: number): string => this.#ordinal(n, part, level, dir)
    if (earlier.length > 0) return this.#free(ordinal(2))
    const next = later.find((clause) => this.#frozen[clause.id])
    return next ? this.#before(this.#frozen[next.id]!) : this.#free(ordinal(1))
  }

  /** UN texts number no paragraph of the preamble. */
  #isUnnumbered(part: Part, level: number): boolean {
    return this.#profile === "un" && part === "preamble" && level === 1
  }

  #free(label: string): string {
    return label && this.#taken.has(foldLabel(label)) ? labelBehind(label, this.#notAgain, this.#frozen) : label
  }

  #before(next: string): string {
    const zero = next.replace(/(?<!\d)1(?=[^\p{L}\d]*$)/u, "0")
    return this.#free(zero !== next ? zero : /[\p{L}\p{N}]/u.test(next) ? `ante ${next}` : next)
  }

  /** The n-th label of a level, as the text labels that level elsewhere, else as the profile does. */
  #ordinal(n: number, part: Part, level: number, dir: Block["dir"]): string {
    const sample = this.#samples.get(`${part} ${level}`) ?? ""
    const digits = /^([^\d.]*)\d+(\D*)$/.exec(sample)
    if (digits) return `${digits[1]}${n}${digits[2]}`
    const letter = /^(\P{L}?)([a-z])(\P{L}*)$/u.exec(sample)
    if (letter) return `${letter[1]}${letter[2] === "i" && level > 1 ? roman(n) : letterOf(n)}${letter[3]}`
    const parent = this.#last.get(level - 1)?.replace(/[.)]$/, "") ?? ""
    const isPart = level === 2 && part === "operative" && this.#profile === "itu" && /\d$/.test(rootOf(parent))
    return isPart ? `${parent}.${n}` : numberings[this.#profile].label(part, level, [...Array(level - 1).fill(0), n], dir)
  }
}

/** A head, or the heading of an annex or a part, and the clauses under it. */
export interface OutlineEntry {
  readonly head: Block | null
  readonly clauses: readonly Block[]
}

/** Heads with their clauses, in order: the outline of the draft. */
export function outlineOf(blocks: readonly Block[]): OutlineEntry[] {
  const entries: { head: Block | null; clauses: Block[] }[] = []
  for (const block of blocks) {
    if (!isPresent(block) || isBlank(block)) continue
    if (block.type === "head" || block.type === "heading") entries.push({ head: block, clauses: [] })
    else if (block.type === "clause") {
      if (entries.length === 0) entries.push({ head: null, clauses: [] })
      entries.at(-1)!.clauses.push(block)
    }
  }
  return entries
}

/** A label as it is said: "2" of "2.", "أ)" of "أ )". */
const spokenLabel = (label: string): string => label.replace(/\s{1,4}(?=\p{P}{0,4}$)/u, "").replace(/\.$/, "")

const namesOfTypes: Partial<Record<Block["type"], string>> = {
  designation: "the designation",
  title: "the title",
  formula: "the opening words",
}

/**
 * How the room names each block: "recalling c)", "resolves 2", "instructs the Director of BDT 4", "ANNEX 1, A.1"; a paragraph or quotation by the clause
 * it follows; never a count of blocks (NUM7).
 */
export function addressesOf(blocks: readonly Block[], labels: ReadonlyMap<string, string>): Map<string, string> {
  const addresses = new Map<string, string>()
  const spoken = new Map<string, number>()
  let head = ""
  let last = ""
  let parent = ""
  const numbers = noteNumbers(blocks)
  const under = new UnderHeadings()
  let preambular = 0
  for (const block of blocks) {
    if (!isPresent(block) || isBlank(block)) {
      // A joined clause is spoken of as the one that holds its words, which stands before it; the place of one that went as what stands before that.
      const survivor = block.joined === block.id || isPresent(block) ? [...addresses.values()].at(-1) : addresses.get(block.joined!)
      if (survivor !== undefined) addresses.set(block.id, survivor)
      continue
    }
    if (block.type === "heading") {
      // What is under it is not under the head before it.
      head = parent = ""
      const name = under.heading(agreedTextOf(block) || textOf(block))
      last = [under.annex, under.section].filter(Boolean).join(", ")
      addresses.set(block.id, `heading "${name}"`)
      continue
    }
    under.other()
    const { annex, section } = under
    if (block.type === "head") {
      const name = spokenHead(agreedTextOf(block) || textOf(block))
      const times = (spoken.get(`${annex}/${name}`) ?? 0) + 1
      spoken.set(`${annex}/${name}`, times)
      head = times > 1 ? `${name} (${times})` : name
      last = [annex, head].filter(Boolean).join(", ")
      addresses.set(block.id, annex === "" ? `head "${head}"` : `${annex}, head "${head}"`)
    } else if (block.type === "clause") {
      const label = spokenLabel(labels.get(block.id) ?? "")
      const isBare = block.level === 2 && /^[\p{L}(]/u.test(label)
      if (block.level === 1) parent = label
      const numbered = [isBare ? parent : "", label].filter(Boolean).join(" ")
      const place = head === "" ? [annex, section, numbered] : [annex, `${head} ${numbered}`.trim()]
      const name = place.filter(Boolean).join(", ") || "the text"
      last = head === "" && annex === "" && section === "" ? `paragraph ${name}` : name
      addresses.set(block.id, last)
    } else if (block.type === "note") addresses.set(block.id, `footnote ${numbers.get(block.noteId ?? "") ?? "without a call"}`)
    else if (block.type === "quote") addresses.set(block.id, `quotation after ${last || "the opening words"}`)
    // UN texts number no paragraph of the preamble; the room counts them.
    else if (block.type === "paragraph" && [head, parent, annex, section].every((name) => name === ""))
      addresses.set(block.id, (last = `preambular paragraph ${++preambular}`))
    else addresses.set(block.id, namesOfTypes[block.type] ?? `paragraph after ${last || "the opening words"}`)
  }
  return addresses
}
