import type { SheetRun } from "../sheet.ts"

/** A run where it is written: that of a clause that moves is written at both ends. */
export interface Unit {
  readonly home: object
  readonly run: SheetRun
  /** Whether it is one end of a move that is not the place where the words go. */
  readonly isOldPlace: boolean
}

interface Range {
  readonly first: Unit
  last: Unit
  length: number
  isOldPlace: boolean
}

/**
 * Where the range of each thread begins and ends in a Word file. A comment has one range in one story, from its first words to its last, over
 * paragraphs; of words that are written twice it is at the place where they go.
 */
export class CommentRanges {
  readonly #ranges = new Map<string, Range>()
  readonly #opens = new Map<object, Map<SheetRun, string[]>>()
  readonly #closes = new Map<object, Map<SheetRun, string[]>>()

  constructor(stories: readonly (readonly Unit[])[]) {
    for (const story of stories) this.#read(story)
    for (const [thread, { first, last }] of this.#ranges) {
      put(this.#opens, first, thread)
      put(this.#closes, last, thread)
    }
  }

  #read(story: readonly Unit[]): void {
    const open = new Map<string, Range>()
    for (const unit of story) {
      const { run } = unit
      // What stands struck from the text in force is not there for a comment to be about.
      if (run.deleted?.isAccepted) continue
      for (const [thread, range] of open)
        if (!run.threads.includes(thread)) {
          open.delete(thread)
          this.#consider(thread, range)
        }
      for (const thread of run.threads) {
        const range = open.get(thread)
        if (!range) {
          open.set(thread, { first: unit, last: unit, length: run.text.length, isOldPlace: unit.isOldPlace })
          continue
        }
        range.last = unit
        range.length += run.text.length
        range.isOldPlace &&= unit.isOldPlace
      }
    }
    for (const [thread, range] of open) this.#consider(thread, range)
  }

  /** Of several stretches the longest is the range; of two that are alike that of the new place. */
  #consider(thread: string, range: Range): void {
    const known = this.#ranges.get(thread)
    const isBetter = !known || range.length > known.length || (range.length === known.length && known.isOldPlace)
    if (isBetter) this.#ranges.set(thread, range)
  }

  has(thread: string): boolean {
    return this.#ranges.has(thread)
  }

  /** Threads whose range begins right before a run. */
  opening(home: object, run: SheetRun): readonly string[] {
    return this.#opens.get(home)?.get(run) ?? []
  }

  /** Threads whose range ends right behind a run. */
  closing(home: object, run: SheetRun): readonly string[] {
    return this.#closes.get(home)?.get(run) ?? []
  }
}

function put(at: Map<object, Map<SheetRun, string[]>>, { home, run }: Unit, thread: string): void {
  const runs = at.get(home) ?? new Map<SheetRun, string[]>()
  runs.set(run, [...(runs.get(run) ?? []), thread])
  at.set(home, runs)
}
