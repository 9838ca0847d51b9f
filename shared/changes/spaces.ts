/**
 * What is wrong with the spaces where changes take effect (RIVAL8): words that stood apart are glued, or two spaces stand side by side, though the text in
 * force has no such place, and nobody wrote one. Whatever the reason: another's words are left out, a part waits, the other half was decided before.
 */
import { type Block, isDeletionInEffect, isProposal, type Mark, ownerOf, type Run } from "../schema/block.ts"
import { parseMarkId, serverClient } from "../schema/keys.ts"
import { effectsOn, givenOn, isIdle, type Verdicts } from "./resolve.ts"

export type Flaw = "two spaces" | "no space between"

/** As it is told behind the words; "" where nothing is wrong. */
export const flawsSaid = (flaws: readonly Flaw[]): string => (flaws.length > 0 ? ` (with ${flaws.join(", and ")})` : "")

// What stands before a space, and behind one. The ends of lines and clauses are no spaces.
const closesWord = /[\p{L}\p{M}\p{N},;:.!?)\]”’»%]$/u
const opensWord = /^[\p{L}\p{N}([“‘«]/u
const endsInSpace = /[^\S\u2028\u2029]$/
const beginsWithSpace = /^[^\S\u2028\u2029]/

/** Whether a mark that others name is in force somewhere, or its words are agreed. */
export type IsThere = (mark: string) => boolean

const isEverythingThere: IsThere = () => true

/** What is wrong in a block once verdicts are carried out on it. */
export const flawsIn = (block: Block, verdicts: Verdicts, isThere: IsThere = isEverythingThere): readonly Flaw[] =>
  new Seams(block, verdicts, isThere).flaws()

class Seams {
  readonly #runs: readonly Run[]
  readonly #verdicts: Verdicts
  readonly #isThere: IsThere
  /** Indexes of the runs that the text has afterwards. */
  readonly #left: readonly number[]
  /** By source what it had before its eyes, run by run, when it wrote; null: what it wrote among is there no more. */
  readonly #views = new Map<string, readonly boolean[]>()

  constructor(block: Block, verdicts: Verdicts, isThere: IsThere) {
    this.#runs = block.runs
    this.#verdicts = verdicts
    this.#isThere = isThere
    this.#left = runsLeft(block, verdicts)
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
    const [before, behind] = [this.#runs[i]!.text.slice(-2), this.#runs[j]!.text.slice(0, 2)]
    if (endsInSpace.test(before) && beginsWithSpace.test(behind)) return "two spaces"
    return closesWord.test(before) && opensWord.test(behind) ? "no space between" : null
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
    return [...marks].some((mark) => this.#isWhole(mark) && areSideBySide(i, j, (k) => this.#viewOf(mark.source)[k]!))
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

  /** The agreed words, its own, and those among which it put some or takes some out, but for what it takes out. */
  #viewOf(source: string): readonly boolean[] {
    let view = this.#views.get(source)
    if (!view) this.#views.set(source, (view = this.#readBy(source)))
    return view
  }

  #readBy(source: string): readonly boolean[] {
    const named = new Set<string>()
    const follow = ({ within, over }: Mark): void => {
      for (const id of [...within, ...over])
        if (!named.has(id)) {
          named.add(id)
          for (const { marks } of this.#runs) for (const mark of marks) if (mark.id === id) follow(mark)
        }
    }
    for (const { marks } of this.#runs) for (const mark of marks) if (mark.source === source) follow(mark)
    return this.#runs.map(({ marks }) => {
      const owner = ownerOf(marks)
      if (owner && owner.source !== source && !named.has(owner.id)) return false
      return !marks.some((mark) => mark.name === "deletion" && mark.source === source && isDeletionInEffect(mark, marks))
    })
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

/** Whether nothing stands between two runs, of those that are read. */
function areSideBySide(i: number, j: number, isRead: (run: number) => boolean): boolean {
  if (!isRead(i) || !isRead(j)) return false
  for (let k = i + 1; k < j; k++) if (isRead(k)) return false
  return true
}

/** Indexes of the runs of a block that stand in the text once verdicts are carried out on it, as far as they go. */
function runsLeft(block: Block, verdicts: Verdicts): number[] {
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
  return left.flatMap(({ run, i }) => (run.text === "" || ownerOf(run.marks) ? [] : [i]))
}
