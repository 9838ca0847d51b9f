import type { Block } from "../schema/block.ts"
import { isAbout } from "./changes.ts"
import { type Effects, effectsOn, givenOn, isIdle, type Verdicts } from "./effects.ts"
import type { Sliced } from "./slices.ts"

/** Carries effects out on the block at `at`, which is `block` as it stands by now, and gives it as it is afterwards. */
export type Apply = (at: number, block: Block, effects: Effects) => Block

/** What the rounds leave: the blocks, and where those stand that go as a whole or had anything done to them. */
export interface Rounds {
  readonly blocks: readonly Block[]
  /** Indexes of blocks that go as a whole: they are taken out later, once what moves behind them has found its place. */
  readonly gone: ReadonlySet<number>
  readonly touched: ReadonlySet<number>
}

/**
 * The rounds in which verdicts are carried out on words, each block for itself. What goes may leave another change with nothing, and what waited for
 * that waits no longer: so until nothing happens any more. It comes to an end, for each round that is not the last takes out words, marks or a block,
 * and none puts any in. What happens is said here; how it comes about is for `apply`: on plain blocks (`resolve`) or in the room's document (`carry-out`
 * of the server's decisions). It pauses before each block.
 */
export function* wordRounds(blocks: readonly Block[], verdicts: Verdicts, apply: Apply): Sliced<Rounds> {
  const [gone, touched] = [new Set<number>(), new Set<number>()]
  const list = [...blocks]
  const concerned = list.flatMap((block, i) => (isAbout(block, verdicts) ? [i] : []))
  for (let isDone = false; !isDone; ) {
    isDone = true
    const given = givenOn(
      list.filter((_, i) => !gone.has(i)),
      verdicts,
    )
    for (const i of concerned) {
      if (gone.has(i)) continue
      yield
      const effects = effectsOn(list[i]!, given)
      if (isIdle(effects)) continue
      isDone = false
      touched.add(i)
      if (effects.block === "gone") gone.add(i)
      list[i] = apply(i, list[i]!, effects)
    }
  }
  return { blocks: list, gone, touched }
}
