/**
 * What is wrong with the spaces where changes take effect (RIVAL8): words that stood apart are glued, or two spaces stand side by side, though the text in
 * force has no such place, and nobody wrote one. Whatever the reason: another's words are left out, a part waits, the other half was decided before.
 */
import { type Block, isDeletionInEffect, isProposal, type Mark, ownerOf, type Run } from "../schema/block.ts"
import { parseMarkId, serverClient } from "../schema/keys.ts"
import { lacksBlank } from "../schema/letters.ts"
import { effectsOn, givenOn, isIdle, type Verdicts } from "./effects.ts"

export type Flaw = "two spaces" | "no space between"

/** As it is told behind the words; "" where nothing is wrong. */
export const flawsSaid = (flaws: readonly Flaw[]): string => (flaws.length > 0 ? ` (with ${flaws.join(", and ")})` : "")

// The ends of lines and clauses are no spaces.
const endsInSpace = /[^\S\u2028\u2029]$/
const beginsWithSpace = /^[^\S\u2028\u2029]/

/** Whether a mark that others name is in force somewhere, or its words are agreed. */
export type IsThere = (mark: string) => boolean

const isEverythingThere: IsThere = () => true

/** Where in a block letters stand that were agreed after a change was written, and right before which agreed ones went then: their offsets. */
export interface Since {
  readonly came: ReadonlySet<number>
  readonly gone: ReadonlySet<number>
}

/** What of a block was agreed since a change of it was written. */
export type SinceOf = (block: Block, change: string) => Since

export const nothingSince: SinceOf = () => ({ came: new Set(), gone: new Set() })

/** What is wrong in a block once verdicts are carried out on it. */
export const flawsIn = (
  block: Block,
  verdicts: Verdicts,
  isThere: IsThere = isEverythingThere,
  sinceOf: SinceOf = nothingSince,
): readonly Flaw[] => new Seams(block, verdicts, isThere, sinceOf).flaws()

class Seams {
  readonly #runs: readonly Run[]
  readonly #verdicts: Verdicts
  readonly #isThere: IsThere
  /** Indexes of the runs that the text has afterwards. */
  readonly #left: readonly number[]
  /** By source what it had before its eyes, run by run, when it wrote. */
  readonly #viewOf: (source: string) => readonly boolean[]
  /** Where each run begins, and the last one ends. */
  readonly #starts: readonly number[]
  readonly #sinceOf: (change: string) => Since

  constructor(block: Block, verdicts: Verdicts, isThere: IsThere, sinceOf: SinceOf) {
    this.#runs = block.runs
    this.#verdicts = verdicts
    this.#isThere = isThere
    this.#left = runsLeft(block, verdicts)
    this.#viewOf = viewsOf(block.runs)
    const starts = [0]
    for (const { text } of block.runs) starts.push(starts.at(-1)! + text.length)
    this.#starts = starts
    this.#sinceOf = (change) => sinceOf(block, change)
  }

  flaws(): Flaw[] {
    const found = new Set<Flaw>()
    for (let at = 1; at < this.#left.length; at++) {
      const [i, j] = [this.#left[at - 1]!, this.#left[at]!]
      const flaw = this.#between(i, j)
      if (flaw && !this.#stoodSo(i, j) && !this.#isWrittenSo(i, j)) found.add(flaw)
      if (this.#isDisplaced(at)) found.add("two spaces").add("no space between")
    }
    return (["two spaces", "no space between"] as const).filter((flaw) => found.has(flaw))
  }

  #between(i: number, j: number): Flaw | null {
    const [before, behind] = [this.#runs[i]!.text.slice(-4), this.#runs[j]!.text.slice(0, 4)]
    if (endsInSpace.test(before) && beginsWithSpace.test(behind)) return "two spaces"
    return lacksBlank(before, behind) ? "no space between" : null
  }

  /** Whether the text in force has two runs side by side. */
  #stoodSo(i: number, j: number): boolean {
    return areSideBySide(i, j, (k) => ownerOf(this.#runs[k]!.marks) === null)
  }

  /** Whether a source whose change has to do with a place had two runs side by side before its eyes. */
  #isWrittenSo(i: number, j: number): boolean {
    const marks = new Set<Mark>()
    for (const k of [i, j]) {
      const owner = ownerOf(this.#runs[k]!.marks)
      if (owner) marks.add(owner)
    }
    for (let k = i + 1; k < j; k++)
      for (const mark of this.#runs[k]!.marks)
        if (mark.name === "deletion" && this.#verdicts.get(mark.changeId) === "accept") marks.add(mark)
    return [...marks].some((mark) => this.#isWhole(mark) && this.#hadSideBySide(i, j, mark))
  }

  /** Whether a change was written where two runs stood side by side: not where one was agreed since, or what stood between went. */
  #hadSideBySide(i: number, j: number, { source, changeId }: Mark): boolean {
    const view = this.#viewOf(source)
    const { came, gone } = this.#sinceOf(changeId)
    const end = this.#starts[i + 1]!
    // Runs meet at the last letter of the one and the first of the other.
    if (!areSideBySide(i, j, (k) => view[k]! && !came.has(k === i ? end - 1 : this.#starts[k]!))) return false
    for (let at = end; at <= this.#starts[j]!; at++) if (gone.has(at)) return false
    return true
  }

  /**
   * Whether all is there among which a change was written: else nobody knows what its source had before its eyes. It names words that have gone, or the mark
   * that it began with has gone with them, for it took some of them out.
   */
  #isWhole({ changeId, source }: Mark): boolean {
    const isOwn = (id: string): boolean => parseMarkId(id)?.source === source
    const all = this.#runs.flatMap(({ marks }) => marks.filter((mark) => mark.changeId === changeId && isProposal(mark)))
    const isBegun = all.some(({ id }) => id === changeId) || parseMarkId(changeId)?.client === serverClient || this.#isThere(changeId)
    return isBegun && all.every(({ within, over }) => [...within, ...over].every((id) => isOwn(id) || this.#isThere(id)))
  }

  /**
   * Whether words that come bring a space where one is already, and lack it at their other end: nobody writes so, what they were put beside has gone.
   * `at`: the place of their first run among those that are left.
   */
  #isDisplaced(at: number): boolean {
    const ownerAt = (k: number): string | undefined => ownerOf(this.#runs[this.#left[k]!]?.marks ?? [])?.changeId
    const change = ownerAt(at)
    if (change === undefined || ownerAt(at - 1) === change) return false
    let end = at
    while (end + 1 < this.#left.length && ownerAt(end + 1) === change) end++
    if (end + 1 === this.#left.length) return false
    const ends = [this.#between(this.#left[at - 1]!, this.#left[at]!), this.#between(this.#left[end]!, this.#left[end + 1]!)]
    return ends.includes("two spaces") && ends.includes("no space between")
  }
}

/** By source the agreed words, its own, and those among which it put some or takes some out, but for what it takes out: run by run, whether it had it before its eyes. */
export function viewsOf(runs: readonly Run[]): (source: string) => readonly boolean[] {
  const views = new Map<string, readonly boolean[]>()
  return (source) => {
    let view = views.get(source)
    if (!view) views.set(source, (view = readBy(source, runs)))
    return view
  }
}

function readBy(source: string, runs: readonly Run[]): readonly boolean[] {
  const named = new Set<string>()
  const follow = ({ within, over }: Mark): void => {
    for (const id of [...within, ...over])
      if (!named.has(id)) {
        named.add(id)
        for (const { marks } of runs) for (const mark of marks) if (mark.id === id) follow(mark)
      }
  }
  for (const { marks } of runs) for (const mark of marks) if (mark.source === source) follow(mark)
  return runs.map(({ marks }) => {
    const owner = ownerOf(marks)
    if (owner && owner.source !== source && !named.has(owner.id)) return false
    return !marks.some((mark) => mark.name === "deletion" && mark.source === source && isDeletionInEffect(mark, marks))
  })
}

/** Whether nothing stands between two runs, of those that are read. */
function areSideBySide(i: number, j: number, isRead: (run: number) => boolean): boolean {
  if (!isRead(i) || !isRead(j)) return false
  for (let k = i + 1; k < j; k++) if (isRead(k)) return false
  return true
}

/** A run that is left, with the marks that are, and which one it was. */
export interface RunLeft {
  readonly run: Run
  readonly i: number
}

/** The runs of a block that are left once verdicts are carried out on it, as far as they go. */
export function runsAfter(block: Block, verdicts: Verdicts): readonly RunLeft[] {
  let left = block.runs.map((run, i) => ({ run, i }))
  for (;;) {
    const now = { ...block, runs: left.map(({ run }) => run) }
    const effects = effectsOn(now, givenOn([now], verdicts))
    if (isIdle(effects)) break
    const { goneRuns, liftedKeys } = effects
    left = left
      .filter((_, at) => !goneRuns.has(at))
      .map(({ run, i }) => ({ run: { ...run, marks: run.marks.filter(({ key }) => !liftedKeys.has(key)) }, i }))
    // A block that becomes agreed is so at once.
    if (effects.block !== "stays") break
  }
  return left
}

/** Indexes of those that the text in force then has. */
const runsLeft = (block: Block, verdicts: Verdicts): number[] =>
  runsAfter(block, verdicts).flatMap(({ run, i }) => (run.text === "" || ownerOf(run.marks) ? [] : [i]))
