/**
 * Opening one change again that was decided together with others (rules BACK): the draft as it would have been before the decision had the others been
 * decided already. Taking back is then the same as for a decision on that change alone.
 */
import { type Block, isDeletionInEffect, isPresent, isProposal, type Mark, ownerOf, splitCharacter } from "../schema/block.ts"
import type { PlacedRun } from "../schema/runs.ts"
import { type Change, changesIn } from "./changes.ts"
import type { Moment } from "./moment.ts"
import { lettersOf, type Origin, originKey, type Placed } from "./placed.ts"
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
 * A change with those of one decision that took the same letters out, that ended with it, or whose fate they share, by however many steps: one cannot be as
 * it was while the others are decided, so they are open again together. What was accepted inside another waits for that again, and stays accepted.
 * `decided`: what the decision was about, and what ended with it.
 */
export function openedTogether(change: string, before: Moment, after: Moment, decided: ReadonlySet<string>): Set<string> {
  const together = fateShared(change, after)
  const beside = new Map<string, Set<string>>()
  for (const { insertedId, runs } of before.blocks)
    for (const { marks } of runs) {
      const proposed = marks.filter((mark) => isProposal(mark) && decided.has(mark.changeId))
      const here = new Set(proposed.map(({ changeId }) => changeId))
      if (insertedId !== null && decided.has(insertedId)) here.add(insertedId)
      const isAccepted = (id: string): boolean => after.proposals.get(id)?.status === "accepted"
      const isPutIn = proposed.every(({ name }) => name === "insertion") && [...here].every(isAccepted)
      if (here.size > 1 && !isPutIn) for (const one of here) beside.set(one, new Set([...(beside.get(one) ?? []), ...here]))
    }
  for (const one of together) for (const other of [...(beside.get(one) ?? []), ...fateShared(one, after)]) together.add(other)
  return together
}

/**
 * The moment before the decision on some of the changes that it was about; null where they are about clauses as wholes, or their words went with what the
 * others did: then the decision is taken back as a whole.
 */
export function beforeSome(before: Moment, after: Moment, some: ReadonlySet<string>, originOf: OriginOf): Moment | null {
  const changes = changesIn(before.blocks, some)
  if (changes.some((change) => isAboutClauses(change, after))) return null
  const [was, became] = [lettersOf(before.blocks, originOf), lettersOf(after.blocks, originOf)]
  const there = new Map(after.blocks.map((block) => [block.id, block]))
  const back = new Map<Origin, Placed>()
  for (const [origin, placed] of was) {
    if (became.has(origin) || !wentBy(placed.marks, after, (change) => some.has(change))) continue
    // What others took out too stays out.
    if (wentBy(placed.marks, after, (change) => !some.has(change))) continue
    const block = there.get(placed.block)
    if (!block || !isPresent(block)) return null
    back.set(origin, placed)
  }
  const inside = tookEffectInside(was, after, some)
  const isBack = (mark: Mark): boolean => isProposal(mark) && (some.has(mark.changeId) || inside.marks.has(mark.key))
  const isKept = (mark: Mark): boolean =>
    !isProposal(mark) || isBack(mark) || after.proposals.get(mark.changeId)?.status === before.proposals.get(mark.changeId)?.status
  const blocks = after.blocks.map((block) => withLetters(block, { before, was, back, isBack, isKept, originOf }))
  const proposals = new Map(after.proposals)
  for (const [change, entry] of after.proposals)
    if (entry.status === "accepted" && before.proposals.get(change)?.status !== "accepted" && inside.changes.has(entry.by ?? change))
      proposals.set(change, { ...entry, status: "acceptedWithHost", ...(inside.inPart.has(entry.by ?? change) ? { inPart: true } : {}) })
  for (const change of some) {
    const entry = before.proposals.get(change)
    if (entry) proposals.set(change, entry)
    else proposals.delete(change)
  }
  const comes = new Set(changesIn(blocks, some).map(({ id }) => id))
  return changes.every(({ id }) => comes.has(id)) ? { ...after, heard: before.heard, blocks, proposals } : null
}

/** Whether a change was about clauses as wholes, or has made two of one. */
const isAboutClauses = ({ id, structure, newBlocks, segments }: Change, { proposals }: Moment): boolean =>
  structure.length > 0 ||
  newBlocks.length > 0 ||
  (proposals.get(id)?.status === "accepted" && segments.some(({ kind, text }) => kind === "insertion" && text.includes(splitCharacter)))

/** Words inside a change that took effect with it: once that is open again they are accepted as before, and wait for it (RES3). */
interface Inside {
  /** By their keys, the marks of those words. */
  readonly marks: ReadonlySet<string>
  readonly changes: ReadonlySet<string>
  /** Of those the ones that have words elsewhere too, which stay in the text. */
  readonly inPart: ReadonlySet<string>
}

function tookEffectInside(was: ReadonlyMap<Origin, Placed>, { proposals }: Moment, some: ReadonlySet<string>): Inside {
  const marks = new Set<string>()
  const changes = new Set<string>()
  const elsewhere = new Set<string>()
  for (const { marks: all } of was.values()) {
    const hosts = new Set(all.flatMap(({ name, changeId, id }) => (name === "insertion" && some.has(changeId) ? [id] : [])))
    for (const mark of all) {
      if (mark.name !== "insertion" || some.has(mark.changeId) || proposals.get(mark.changeId)?.status !== "accepted") continue
      if (mark.within.some((host) => hosts.has(host))) {
        marks.add(mark.key)
        changes.add(mark.changeId)
      } else elsewhere.add(mark.changeId)
    }
  }
  return { marks, changes, inPart: new Set([...changes].filter((change) => elsewhere.has(change))) }
}

/** Whether a letter with these marks goes by what some changes have become. */
function wentBy(marks: readonly Mark[], { proposals }: Moment, isSome: (change: string) => boolean): boolean {
  const owner = ownerOf(marks)
  return marks.some((mark) => {
    const entry = proposals.get(mark.changeId)
    if (!entry || !isSome(mark.changeId)) return false
    const isAccepted = entry.status === "accepted" || entry.status === "acceptedWithHost"
    if (mark.name === "deletion") return isAccepted && isDeletionInEffect(mark, marks)
    // Of proposals that say the same the words of one are in the text, and stand for those of the others.
    const isPutIn = isAccepted && entry.by === undefined
    return mark.name === "insertion" && !isPutIn && owner !== null && (owner === mark || owner.within.includes(mark.id))
  })
}

/** A block as the decision left it, with the letters and marks of some changes as they were. */
function withLetters(
  block: Block,
  {
    before,
    was,
    back,
    isBack,
    isKept,
    originOf,
  }: {
    readonly before: Moment
    readonly was: ReadonlyMap<Origin, Placed>
    readonly back: ReadonlyMap<Origin, Placed>
    /** Whether the decision took a mark off that is to be there again. */
    readonly isBack: (mark: Mark) => boolean
    /** Whether a mark is on a letter that comes back. */
    readonly isKept: (mark: Mark) => boolean
    readonly originOf: OriginOf
  },
): Block {
  const letters: { origin: Origin; run: PlacedRun }[] = (block.runs as readonly PlacedRun[]).flatMap(({ text, client, clock, marks }) =>
    Array.from({ length: text.length }, (_, i) => {
      const origin = originKey(originOf({ client, clock: clock + i }))
      const more = (was.get(origin)?.marks ?? []).filter((mark) => isBack(mark) && !marks.some(({ key }) => key === mark.key))
      // In the order in which they were opened.
      const all = more.length === 0 ? marks : inOrder([...marks, ...more], was.get(origin)!.marks)
      return { origin, run: { text: text[i]!, client, clock: clock + i, marks: all } }
    }),
  )
  const missing = [...back].filter(([, placed]) => placed.block === block.id)
  if (missing.length === 0 && !letters.some(({ origin }) => was.get(origin)?.marks.some(isBack))) return block
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
    letters.splice(pred + 1, 0, { origin, run: { text: letter, client, clock, marks: marks.filter(isKept) } })
  }
  return { ...block, runs: letters.map(({ run }) => run) }
}

/** Marks in the order of others; those that are not among them last. */
function inOrder(marks: readonly Mark[], like: readonly Mark[]): Mark[] {
  const at = new Map(like.map(({ key }, n) => [key, n]))
  return [...marks].sort((a, b) => (at.get(a.key) ?? like.length) - (at.get(b.key) ?? like.length))
}
