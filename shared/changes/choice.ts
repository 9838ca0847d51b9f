import { folded } from "./as-compared.ts"
import { type Change, onlyTakes } from "./changes.ts"
import type { Choice, Competing } from "./chosen.ts"
import type { Verdict } from "./effects.ts"
import type { Relations } from "./rivals.ts"
import type { Sliced } from "./slices.ts"

/** Nothing is chosen: what was accepted before may be due all the same, for what stood around it has gone. */
export const nothingChosen: Choice = {
  decided: [],
  verdicts: new Map(),
  identical: new Map(),
  writtenAs: new Map(),
  overtaken: new Map(),
  competing: [],
}

/**
 * Whether two changes that say the same are written with other signs: another quotation mark, another space. Then the one is written that was asked for,
 * for that was seen; else the first in the text.
 */
const isWrittenOtherwise = (a: Change, b: Change | undefined): boolean =>
  b !== undefined && folded(a.inserted) === folded(b.inserted) && a.inserted.normalize("NFC") !== b.inserted.normalize("NFC")

/**
 * Of changes that say the same the one that is written: that in which others have something, for it would end with the others; of several such the one
 * that was asked for, of none the first in the text. `group`: the asked one and those, in document order.
 */
function writtenOf(one: Change, group: readonly string[], byId: ReadonlyMap<string, Change>, relations: Relations): string {
  const holding = group.length > 1 ? group.filter((id) => relations.holdsOthers(id)) : []
  const first = holding.includes(one.id) ? one.id : (holding[0] ?? group[0]!)
  return isWrittenOtherwise(one, byId.get(first)) ? one.id : first
}

/**
 * The choice that a verdict is, with a pause after each change. `near`: the changes that can stand in a relation to the asked ones, those included, in
 * document order. `leaveOut`: which competing ones are left out in place of being told as an obstacle.
 */
export function* choiceInSlices(
  asked: readonly Change[],
  verdict: Verdict,
  near: readonly Change[],
  relations: Relations,
  leaveOut: ReadonlySet<Competing["kind"]> = new Set(),
): Sliced<Choice> {
  const order = new Map(near.map((change, i) => [change.id, i]))
  const byId = new Map(near.map((change) => [change.id, change]))
  const competing = verdict === "accept" ? yield* competingInSlices(asked, relations) : []
  const isLeft = new Set(competing.filter(({ kind }) => leaveOut.has(kind)).flatMap(({ changes }) => changes))
  const decided = asked.filter(({ id }) => !isLeft.has(id))
  const verdicts = new Map<string, Verdict>()
  const identical = new Map<string, string>()
  const writtenAs = new Map<string, string>()
  const overtaken = new Map<string, string>()
  const isAsked = new Set(decided.map(({ id }) => id))
  for (const one of decided) {
    yield
    if (verdicts.has(one.id)) continue
    // A deletion that is not retained says nothing of the other's; a withdrawal is its source's own.
    const isAlone = verdict === "withdraw" || (verdict === "notRetain" && onlyTakes(one))
    const same = isAlone ? [] : relations.identicalTo(one.id)
    const group = [one.id, ...same].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
    for (const id of same) if (!isAsked.has(id)) identical.set(id, one.id)
    const first = writtenOf(one, group, byId, relations)
    for (const id of group) {
      // Also of deletions: of "the the" two may strike one each, and mean the same.
      const gives = verdict === "accept" && id !== first
      verdicts.set(id, gives ? "notRetain" : verdict)
      if (gives) writtenAs.set(id, first)
    }
  }
  if (verdict === "accept")
    for (const id of [...verdicts.keys()]) {
      yield
      for (const rival of relations.rivalsOf(id)) {
        if (verdicts.has(rival)) continue
        verdicts.set(rival, "notRetain")
        overtaken.set(rival, writtenAs.get(id) ?? id)
      }
    }
  return { decided, verdicts, identical, writtenAs, overtaken, competing }
}

type Related = (id: string) => readonly string[]

function* competingInSlices(asked: readonly Change[], relations: Relations): Sliced<Competing[]> {
  const isAsked = new Set(asked.map(({ id }) => id))
  function* groupsOf(kind: Competing["kind"], related: Related, without: ReadonlySet<string>): Sliced<Competing[]> {
    const seen = new Set<string>()
    const groups: Competing[] = []
    for (const { id } of asked) {
      yield
      if (seen.has(id) || without.has(id)) continue
      const group: string[] = []
      const open = [id]
      for (let at = open.pop(); at !== undefined; at = open.pop()) {
        if (seen.has(at)) continue
        seen.add(at)
        group.push(at)
        const others = related(at).filter((other) => isAsked.has(other) && !without.has(other) && !seen.has(other))
        // What says the same as one that competes goes with it.
        const same = others.length > 0 || group.length > 1 ? relations.identicalTo(at).filter((other) => isAsked.has(other)) : []
        open.push(...others, ...same.filter((other) => !seen.has(other)))
      }
      if (group.length > 1) groups.push({ kind, changes: inOrder(asked, group) })
    }
    return groups
  }
  const apart = yield* groupsOf("rivals", relations.rivalsOf, new Set())
  const grouped = new Set(apart.flatMap(({ changes }) => changes))
  // What is linked and competes within itself cannot be accepted as one either.
  const torn = asked.filter(({ id }) => !grouped.has(id) && relations.competesInItself(id))
  // Of more than two that lead in a circle any two go together.
  const apartOrTorn = new Set([...grouped, ...torn.map(({ id }) => id)])
  const ends = relations.deadEndsAmong(asked.flatMap(({ id }) => (apartOrTorn.has(id) ? [] : [id])))
  const rivals = [
    ...apart,
    ...torn.map(({ id }): Competing => ({ kind: "rivals", changes: [id] })),
    ...ends.map((changes): Competing => ({ kind: "rivals", changes: inOrder(asked, changes) })),
  ]
  const competes = new Set(rivals.flatMap(({ changes }) => changes))
  const groups = [...rivals, ...(yield* groupsOf("at one place", relations.atPlaceOf, competes))]
  const told = new Set(groups.flatMap(({ changes }) => changes))
  // Also what competes by itself ends with its clause; it is told once.
  const going = (yield* groupsOf("clause goes", relations.goesWith, new Set()))
    .map(({ kind, changes }) => ({ kind, changes: changes.filter((id) => !told.has(id)) }))
    .filter(({ changes }) => changes.length > 0)
  const alone = asked.filter(({ id }) => relations.isForestalled(id))
  return [...groups, ...going, ...alone.map(({ id }): Competing => ({ kind: "forestalled", changes: [id] }))]
}

const inOrder = (asked: readonly Change[], ids: readonly string[]): string[] => {
  const wanted = new Set(ids)
  return asked.filter(({ id }) => wanted.has(id)).map(({ id }) => id)
}
