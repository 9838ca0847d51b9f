/**
 * Opening one change again that was decided together with others (rules BACK): the draft as it would have been before the decision had the others been
 * decided already. Taking back is then the same as for a decision on that change alone.
 */
import { type Block, isDeletionInEffect, isPresent, isProposal, type Mark, ownerOf } from "../schema/block.ts"
import type { Moment } from "../sync/moment.ts"
import type { PlacedRun } from "../sync/read.ts"
import { lettersOf, type Origin, originKey, type Placed } from "./back.ts"
import { changesIn } from "./changes.ts"
import type { OriginOf } from "./sight.ts"

/** A change with those that it overtook, that were overtaken with it, and whose words stand for it or it for theirs. */
export function fateShared(change: string, { proposals }: Moment): Set<string> {
  const shared = new Set([change])
  for (let size = 0; size !== shared.size; ) {
    size = shared.size
    for (const [id, { by }] of proposals) {
      if (by === undefined) continue
      if (shared.has(by)) shared.add(id)
      else if (shared.has(id)) shared.add(by)
    }
  }
  return shared
}

/**
 * The moment before the decision on some of the changes that it was about; null where they are about clauses as wholes, or their words went with what the
 * others did: then the decision is taken back as a whole.
 */
export function beforeSome(before: Moment, after: Moment, some: ReadonlySet<string>, originOf: OriginOf): Moment | null {
  const changes = changesIn(before.blocks, some)
  if (changes.some(({ structure, newBlocks }) => structure.length > 0 || newBlocks.length > 0)) return null
  const [was, became] = [lettersOf(before.blocks, originOf), lettersOf(after.blocks, originOf)]
  const there = new Map(after.blocks.map((block) => [block.id, block]))
  const inside = hangingOn(some, was.values(), before, after)
  const isOurs = (mark: Mark, marks: readonly Mark[]): boolean =>
    some.has(mark.changeId) || (inside.has(mark.changeId) && isWithin(some, marks))
  const back = new Map<Origin, Placed>()
  for (const [origin, placed] of was) {
    if (became.has(origin) || !wentBy(placed.marks, after, (mark) => isOurs(mark, placed.marks))) continue
    // What others took out too stays out.
    if (wentBy(placed.marks, after, (mark) => !isOurs(mark, placed.marks))) continue
    const block = there.get(placed.block)
    if (!block || !isPresent(block)) return null
    back.set(origin, placed)
  }
  const isOpen = (mark: Mark, marks: readonly Mark[]): boolean =>
    isOurs(mark, marks) || after.proposals.get(mark.changeId)?.status === before.proposals.get(mark.changeId)?.status
  const blocks = after.blocks.map((block) => withLetters(block, { before, was, back, isOurs, isOpen, originOf }))
  const proposals = new Map(after.proposals)
  for (const change of [...some, ...inside]) {
    const entry = before.proposals.get(change)
    if (entry) proposals.set(change, entry)
    else proposals.delete(change)
  }
  return { ...after, blocks, proposals }
}

const isWithin = (hosts: ReadonlySet<string>, marks: readonly Mark[]): boolean =>
  marks.some(({ name, changeId }) => name === "insertion" && hosts.has(changeId))

/**
 * Changes in the words of some others that only the decision on these decided: such as had waited for them and took effect, and such as went with them.
 * They are again what they were, or their words would be taken for words of those.
 */
function hangingOn(hosts: ReadonlySet<string>, letters: Iterable<Placed>, before: Moment, after: Moment): Set<string> {
  const hangs = (change: string): boolean => {
    const [was, became] = [before, after].map(({ proposals }) => proposals.get(change)?.status)
    return was !== became && (became === "superseded" || (was === "acceptedWithHost" && became === "accepted"))
  }
  const found = new Set<string>()
  for (const { marks } of letters)
    if (isWithin(hosts, marks))
      for (const mark of marks) if (isProposal(mark) && !hosts.has(mark.changeId) && hangs(mark.changeId)) found.add(mark.changeId)
  for (const [id, { by }] of before.proposals) if (by !== undefined && found.has(by) && hangs(id)) found.add(id)
  return found
}

/** Whether a letter with these marks goes by what some changes have become. */
function wentBy(marks: readonly Mark[], { proposals }: Moment, isSome: (mark: Mark) => boolean): boolean {
  const owner = ownerOf(marks)
  return marks.some((mark) => {
    const status = proposals.get(mark.changeId)?.status
    if (status === undefined || !isSome(mark)) return false
    const isAccepted = status === "accepted" || status === "acceptedWithHost"
    if (mark.name === "deletion") return isAccepted && isDeletionInEffect(mark, marks)
    return mark.name === "insertion" && !isAccepted && owner !== null && (owner === mark || owner.within.includes(mark.id))
  })
}

/** A block as the decision left it, with the letters and marks of some changes as they were. */
function withLetters(
  block: Block,
  {
    before,
    was,
    back,
    isOurs,
    isOpen,
    originOf,
  }: {
    readonly before: Moment
    readonly was: ReadonlyMap<Origin, Placed>
    readonly back: ReadonlyMap<Origin, Placed>
    /** Whether a mark among others is one of what is open again. */
    readonly isOurs: (mark: Mark, marks: readonly Mark[]) => boolean
    /** Whether its change is open then. */
    readonly isOpen: (mark: Mark, marks: readonly Mark[]) => boolean
    readonly originOf: OriginOf
  },
): Block {
  const ours = (marks: readonly Mark[] = []): Mark[] => marks.filter((mark) => isProposal(mark) && isOurs(mark, marks))
  const letters: { origin: Origin; run: PlacedRun }[] = (block.runs as readonly PlacedRun[]).flatMap(({ text, client, clock, marks }) =>
    Array.from({ length: text.length }, (_, i) => {
      const origin = originKey(originOf({ client, clock: clock + i }))
      const more = ours(was.get(origin)?.marks).filter((mark) => !marks.some(({ key }) => key === mark.key))
      // In the order in which they were opened.
      const all = more.length === 0 ? marks : inOrder([...marks, ...more], was.get(origin)!.marks)
      return { origin, run: { text: text[i]!, client, clock: clock + i, marks: all } }
    }),
  )
  const missing = [...back].filter(([, placed]) => placed.block === block.id)
  if (missing.length === 0 && !letters.some(({ origin }) => ours(was.get(origin)?.marks).length > 0)) return block
  const order = new Map(
    [
      ...lettersOf(
        before.blocks.filter(({ id }) => id === block.id),
        originOf,
      ).keys(),
    ].map((origin, n) => [origin, n]),
  )
  for (const [origin, { letter, client, clock, marks }] of missing) {
    const at = order.get(origin)!
    const pred = letters.findLastIndex((other) => (order.get(other.origin) ?? Number.POSITIVE_INFINITY) < at)
    const kept = marks.filter((mark) => !isProposal(mark) || isOpen(mark, marks))
    letters.splice(pred + 1, 0, { origin, run: { text: letter, client, clock, marks: kept } })
  }
  return { ...block, runs: letters.map(({ run }) => run) }
}

/** Marks in the order of others; those that are not among them last. */
function inOrder(marks: readonly Mark[], like: readonly Mark[]): Mark[] {
  const at = new Map(like.map(({ key }, n) => [key, n]))
  return [...marks].sort((a, b) => (at.get(a.key) ?? like.length) - (at.get(b.key) ?? like.length))
}
