import type { DocRead } from "../oracle.ts"
import { lettersOf } from "./verdicts.ts"

/** What a decision made of the draft, as long as it may be taken back. */
export interface Decided {
  /** Which of all it was, counted from 1. */
  readonly n: number
  readonly before: DocRead
  readonly after: DocRead
  readonly changes: ReadonlySet<string>
  /** Of these the ones that were opened again alone since. */
  readonly opened: Set<string>
}

interface Standing {
  readonly block: string
  readonly owner: string | null
  /** All changes that have a mark on it. */
  readonly changes: ReadonlySet<string>
}

function standing(read: DocRead): Map<string, Standing> {
  const all = new Map<string, Standing>()
  for (const { id, block, owner, marks } of lettersOf(read)) {
    const changes = new Set(marks.filter(({ name }) => name === "insertion" || name === "deletion").map(({ change }) => change))
    all.set(id, { block: block.id, owner: owner?.change ?? null, changes })
  }
  return all
}

const told = (one: Standing | undefined): string => (one ? `${one.block}, of ${one.owner ?? "nobody"}` : "nowhere")
const isSame = (a: Standing | undefined, b: Standing | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.owner === b.owner && [...a.changes].sort().join() === [...b.changes].sort().join())
const isSamePlace = (a: Standing | undefined, b: Standing | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.block === b.block && a.owner === b.owner)

/**
 * Taking back (BACK1): what a decision had changed is what it was before it, and all else is what it is. Of a change that is opened again alone only what
 * it was about may become what it was; `reopened`: what is open again.
 */
export function brokenByTakingBack(
  { before, after, changes, opened }: Decided,
  now: DocRead,
  result: DocRead,
  reopened: ReadonlySet<string>,
  isWhole: boolean,
): string[] {
  const [was, became, is, comes] = [before, after, now, result].map(standing) as [
    Map<string, Standing>,
    Map<string, Standing>,
    Map<string, Standing>,
    Map<string, Standing>,
  ]
  const problems = twice(result)
  // What is left of a divided change is one with it again, and the halves of a clause are.
  const left = new Set([...comes.values()].flatMap(({ owner }) => owner ?? []))
  const isMerged = (a: Standing, b: Standing): boolean =>
    a.owner !== null && b.owner !== null && !left.has(a.owner) && reopened.has(b.owner)
  const there = new Set(result.blocks.map(({ id }) => id))
  // What was open through the decision its source may have taken back since, all of it.
  const [openAfter, openNow] = [became, is].map((all) => new Set([...all.values()].flatMap(({ changes }) => [...changes])))
  const isWithdrawn = (change: string): boolean => openAfter!.has(change) && !openNow!.has(change) && !reopened.has(change)
  const isCarried = (a: Standing, b: Standing): boolean => a.owner === b.owner && (!there.has(a.block) || !is.has(a.block))
  for (const id of new Set([...was.keys(), ...became.keys(), ...is.keys(), ...comes.keys()])) {
    const [then, since, last, next] = [was.get(id), became.get(id), is.get(id), comes.get(id)]
    const isTouched = !isSame(then, since) || then?.block !== since?.block
    // What was opened again alone is no part of what is taken back later: it is as it is.
    const isOpened = isWhole && [...(then?.changes ?? [])].some((change) => opened.has(change) && !reopened.has(change))
    if (isOpened && isSamePlace(next, last)) continue
    // What was accepted, waited, and took effect or fell with its host since, is open again in one act with its acceptance.
    if (!isTouched && next?.owner && reopened.has(next.owner) && isSamePlace(next, then)) continue
    if (isTouched && isSamePlace(next, then)) {
      const missing = [...(then?.changes ?? [])].filter(
        (change) => isWhole && !since?.changes.has(change) && !next!.changes.has(change) && !isWithdrawn(change),
      )
      if (missing.length > 0) problems.push(`${missing.join()} is not on letter ${id} again`)
      continue
    }
    // Of clauses that were decided together with one that is opened again the others stay as they are.
    if (isTouched && !isWhole && next && then?.owner === next.owner && (!last || last.block === next.block)) continue
    // Words that another change of the same decision put in, and the one that is opened again took out, are agreed by that, and struck.
    const isAgreedByOther = then?.owner && changes.has(then.owner) && !reopened.has(then.owner) && next?.owner === null
    if (!isWhole && isAgreedByOther && next.block === then.block && [...next.changes].some((change) => reopened.has(change))) continue
    // Its writer may have taken its own open words out since.
    if (isTouched && isWhole && !(since !== undefined && last === undefined && next === undefined && since.owner !== null))
      problems.push(`letter ${id} was ${told(then)}, comes back ${told(next)}`)
    else if (!isSamePlace(next, last) && !(last && next && (isMerged(last, next) || isCarried(last, next))))
      problems.push(`letter ${id} is ${told(last)}, becomes ${told(next)}`)
  }
  return problems.slice(0, 3)
}

/** Every letter is in one place. */
function twice(read: DocRead): string[] {
  const seen = new Set<string>()
  return lettersOf(read).flatMap(({ id, block }) => {
    const isTwice = seen.has(id)
    seen.add(id)
    return isTwice ? [`letter ${id} is in ${block.id} and elsewhere`] : []
  })
}
