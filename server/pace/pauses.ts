/** How long work on a whole draft goes on before others have their turn, in ms. */
const sliceMs = 8

/**
 * For long work that is no act: to be called between its pieces, and to be waited for where it gives something. It gives a promise each time that the
 * work has held the loop long enough; meanwhile everything else has its turn.
 */
export function pauses(): () => Promise<void> | undefined {
  let until = performance.now() + sliceMs
  return () => {
    if (performance.now() < until) return undefined
    return new Promise((resolve) =>
      setImmediate(() => {
        until = performance.now() + sliceMs
        resolve()
      }),
    )
  }
}

/** What work in slices comes to, with the others' turns between them. */
export async function unhurried<Value>(work: Iterator<unknown, Value>): Promise<Value> {
  const pause = pauses()
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    await pause()
  }
}
