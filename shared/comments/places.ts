import type { Block } from "../schema/block.ts"

/** Words of one block that a comment is about. */
export interface CommentPlace {
  readonly block: string
  readonly from: number
  readonly to: number
}

/** Where the words stand that each thread is about, by its id: from the first to the last in each block that has any, in their order. */
export function commentPlaces(blocks: readonly Block[]): ReadonlyMap<string, readonly CommentPlace[]> {
  const places = new Map<string, CommentPlace[]>()
  for (const { id, runs } of blocks) {
    let from = 0
    for (const run of runs) {
      const to = from + run.text.length
      for (const mark of run.marks) {
        if (mark.name !== "comment") continue
        const own = places.get(mark.id) ?? []
        const last = own.at(-1)
        if (last?.block === id) own[own.length - 1] = { ...last, to }
        else own.push({ block: id, from, to })
        places.set(mark.id, own)
      }
      from = to
    }
  }
  return places
}

/** Where a clause stood that is gone, of those that comments stand on: behind which block, and how it was spoken of. */
export interface Stood {
  /** Null: before all others. */
  readonly behind: string | null
  readonly address: string
  /** The clause of the text in force that it was. */
  readonly origin: string | null
}
