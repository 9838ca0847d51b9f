/** What the server knows of time, and how it does something later. A simulation gives one that it moves itself. */
export interface Clock {
  /** The date. It may be set, back too, while the server runs. */
  now(): Date
  /** Milliseconds by a clock that only goes forward: durations are measured by it. */
  elapsedMs(): number
  /** Runs a task after so many milliseconds, 0: as soon as others had their turn. What waits so keeps no process alive that wants to end. */
  later(task: () => void, ms: number): void
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => new Date(),
  elapsedMs: () => performance.now(),
  later: (task, ms) => void (ms === 0 ? setImmediate(task) : setTimeout(task, ms).unref()),
}
