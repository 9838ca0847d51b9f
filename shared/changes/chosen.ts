import type { Change } from "./changes.ts"
import type { Verdict } from "./effects.ts"

/**
 * Changes that cannot be taken by the way: some make different things of the same words, others stand at one place in no order yet; and each that came too
 * late for what it was to make something else of. "clause goes": one deletes the clause in which the others stand, and accepting it would end them.
 */
export interface Competing {
  readonly kind: "rivals" | "at one place" | "forestalled" | "clause goes"
  readonly changes: readonly string[]
}

/** What a verdict on some changes means for all that stand in a relation to them (rules RIVAL). */
export interface Choice {
  /** The changes that the verdict is about: those asked for, without what was left out. */
  readonly decided: readonly Change[]
  /** What happens to words and blocks: of changes that say the same one takes effect, the others give way to it. */
  readonly verdicts: ReadonlyMap<string, Verdict>
  /** Changes that are decided along, for they say the same; each with the asked one that it equals. */
  readonly identical: ReadonlyMap<string, string>
  /** Of changes that say the same: those that give way, with the one that stands for them. */
  readonly writtenAs: ReadonlyMap<string, string>
  /** Changes that end because something else was made of their words, each with what overtook it. */
  readonly overtaken: ReadonlyMap<string, string>
  /** Left out: it is for the chair to choose. */
  readonly competing: readonly Competing[]
}
