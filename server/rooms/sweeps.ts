// New clauses that a source emptied or never filled are taken out, once it has been away so long that nobody of it can still be typing in one without a line
// (TRK3). When that is done is said here, and what goes; that it is done in its turn and committed is the room's.
import type * as Y from "yjs"
import { type Block, isBlank, isPresent } from "../../shared/schema/block.ts"
import { blocksRoot, elementsOf, textOfElement } from "../../shared/sync/read.ts"
import { noteStood, type StandingBefore } from "../gate/stood.ts"
import type { Clock } from "../pace/clock.ts"

/** How long a source is away before its empty clauses are swept. */
const sweepAfterMs = 600_000

/** What a sweep needs of its room. */
export interface Sweeping {
  readonly clock: Clock
  readonly inTurn: (task: () => void) => void
  readonly hasEmptied: (source: string) => boolean
  readonly isPresent: (source: string) => boolean
  readonly sweep: (source: string) => void
}

/** Sweeps that are to come: while there are any their room stays open. */
export class Sweeps {
  readonly #sweeping: Sweeping
  #planned = 0

  constructor(sweeping: Sweeping) {
    this.#sweeping = sweeping
  }

  get arePlanned(): boolean {
    return this.#planned > 0
  }

  plan(source: string): void {
    const { clock, inTurn, hasEmptied, sweep } = this.#sweeping
    inTurn(() => {
      if (!hasEmptied(source)) return
      this.#planned++
      clock.later(() => {
        this.#planned--
        if (!this.#sweeping.isPresent(source)) inTurn(() => sweep(source))
      }, sweepAfterMs)
    })
  }
}

/** Whose the empty clauses of a draft are. */
export const sourcesOfBlank = (blocks: readonly Block[]): Set<string> =>
  new Set(blocks.flatMap((block) => (isBlank(block) && isPresent(block) ? (block.insertedBy ?? []) : [])))

export function emptiedBy(source: string, shadow: Y.Doc): Y.XmlElement[] {
  const isEmpty = (element: Y.XmlElement): boolean =>
    element.getAttribute("insertedBy") === source &&
    // The place of a clause that stands elsewhere is no empty clause: late words find their way from it.
    element.getAttribute("joined") === undefined &&
    (textOfElement(element)?.length ?? 0) === 0
  return elementsOf(shadow).filter(isEmpty)
}

/** Takes them out; comments that stand on one keep where it stood. */
export function removeEmptied(source: string, shadow: Y.Doc, standing: StandingBefore): void {
  const fragment = shadow.getXmlFragment(blocksRoot)
  for (const element of emptiedBy(source, shadow)) fragment.delete(elementsOf(shadow).indexOf(element), 1)
  noteStood(shadow, standing, new Set(elementsOf(shadow).map((element) => element.getAttribute("id") as string)))
}
