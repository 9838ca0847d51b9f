/**
 * Work on a whole draft that may pause between blocks: it yields there, and whoever runs it goes on at once or lets others have their turn first. It
 * must see the same draft when it goes on.
 */
export type Sliced<Result> = Generator<undefined, Result, undefined>

/** Runs sliced work to its end, without a pause. */
export function finished<Result>(work: Sliced<Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

/** Whether something that was handed over is sliced work and not yet its result. */
export const isSliced = <Result extends object>(work: Result | Sliced<Result>): work is Sliced<Result> => "next" in work
