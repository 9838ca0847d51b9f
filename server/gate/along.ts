/**
 * What the server struck along with a deletion: where one mark could not strike all that it is to strike, another of its change does, which its source did
 * not write. An undo knows only what that wrote, and they go with it (GATE17).
 */
import type { Mark } from "../../shared/schema/block.ts"
import { parseKey, parseMarkId, serverClient } from "../../shared/schema/keys.ts"
import type { Case } from "./case.ts"
import type { BlockReading } from "./reading.ts"
import type { At } from "./repairs.ts"

/** Keys of the deletions that go with those that are taken back. What was decided stays as it was decided. */
export function struckAlong({ before, fresh, rest }: Case, taken: ReadonlySet<string>): Iterable<string> {
  const changes = new Set<string>()
  for (const key of taken) {
    const mark = rest.markOf(key)
    if (mark?.name === "deletion" && !rest.isDecided(mark.changeId)) changes.add(mark.changeId)
  }
  if (changes.size === 0) return nothing
  const rests = new Map<string, boolean>()
  const isRest = (change: string): boolean => {
    const known = rests.get(change) ?? rest.isRest(change)
    rests.set(change, known)
    return known
  }
  // What is left of a divided change stands under marks of the server's that are its own.
  const isAlong = (mark: Mark): boolean => changes.has(mark.changeId) && isStruckAlong(mark) && !isRest(mark.changeId)
  const places = new Set<At>()
  for (const change of changes) for (const at of rest.placesOf(change)) places.add(at)
  const readings = [...places].flatMap((at) => before.blocks.get(at) ?? rest.readingOf(at) ?? [])
  if (!readings.some(({ marks }) => marks.some(isAlong))) return nothing
  const held = new Held(taken)
  for (const { mark } of fresh.marks.values()) if (mark?.name === "deletion") held.goesOn(mark.changeId)
  for (const reading of readings)
    held.read(reading, (mark) => (mark.name !== "deletion" || !changes.has(mark.changeId) ? null : isAlong(mark) ? "along" : "own"))
  return held.going()
}

const nothing: readonly string[] = []

/**
 * Whether the server made a mark for a deletion that is there. Those of a file are the server's too: their change has a name of its making, and they say
 * nothing of what their writer had heard.
 */
const isStruckAlong = ({ name, key, id, changeId, heard }: Mark): boolean =>
  name === "deletion" &&
  id !== changeId &&
  parseKey(key)?.client === serverClient &&
  (heard !== "" || parseMarkId(changeId)?.client !== serverClient)

/** Which deletions hold those that the server struck along: the ones that such a one stands in, else those that it touches, else all of its change. */
class Held {
  readonly #taken: ReadonlySet<string>
  /** The changes of which deletions stay. */
  readonly #staying = new Set<string>()
  /** By the key of each, what it stands beside in each of its texts. */
  readonly #along = new Map<string, { readonly change: string; readonly by: ReadonlySet<string>[] }>()

  constructor(taken: ReadonlySet<string>) {
    this.#taken = taken
  }

  goesOn(change: string): void {
    this.#staying.add(change)
  }

  read({ marks, runs }: BlockReading, sortOf: (mark: Mark) => "own" | "along" | null): void {
    const lastOf = new Map<string, number>()
    for (const mark of marks) {
      const sort = sortOf(mark)
      if (sort === "along" && !this.#along.has(mark.key)) this.#along.set(mark.key, { change: mark.changeId, by: [] })
      if (sort !== "own") continue
      lastOf.set(mark.key, -1)
      if (!this.#taken.has(mark.key)) this.#staying.add(mark.changeId)
    }
    for (const [i, run] of runs.entries()) for (const { key } of run.marks) if (lastOf.has(key)) lastOf.set(key, i)
    const around = new Map<string, Mark>()
    const seen = new Set<string>()
    let touching = new Map<string, Set<string>>()
    for (const [i, run] of runs.entries()) {
      const struck = run.marks.filter((mark) => sortOf(mark) !== null)
      for (const mark of struck) if (lastOf.has(mark.key)) around.set(mark.key, mark)
      const now = new Map(struck.map(({ changeId }) => [changeId, touching.get(changeId) ?? new Set<string>()]))
      for (const mark of struck) {
        if (lastOf.has(mark.key)) now.get(mark.changeId)!.add(mark.key)
        if (lastOf.has(mark.key) || seen.has(mark.key)) continue
        seen.add(mark.key)
        const standsIn = [...around.values()].filter(({ changeId }) => changeId === mark.changeId).map(({ key }) => key)
        this.#along.get(mark.key)!.by.push(standsIn.length > 0 ? new Set(standsIn) : now.get(mark.changeId)!)
      }
      for (const key of around.keys()) if (lastOf.get(key)! <= i) around.delete(key)
      touching = now
    }
  }

  *going(): Iterable<string> {
    for (const [key, { change, by }] of this.#along) {
      const holding = by.filter((keys) => keys.size > 0)
      const isHeld = holding.length > 0 ? holding.some((keys) => [...keys].some((own) => !this.#taken.has(own))) : this.#staying.has(change)
      if (!isHeld) yield key
    }
  }
}
