// Why nothing is decided: what competes, what ends or waits untold. Each throws one sentence for the chair, with the changes to look at; nothing is written
// before all of them have passed.
import { type Change, changesIn } from "../../shared/changes/changes.ts"
import type { Choice, Competing } from "../../shared/changes/chosen.ts"
import type { Units } from "../../shared/changes/links.ts"
import type { Relations } from "../../shared/changes/rivals.ts"
import type { Sight } from "../../shared/changes/sight.ts"
import { DomainError } from "../problems.ts"
import { seenNow } from "./as-seen.ts"
import type { Terms } from "./decided.ts"

/** Throws where something ends with a decision of which the chair was not told, for it came in meanwhile. */
export function demandTold(ending: readonly Change[], { ends }: Terms, sight: Sight): void {
  const untold = ends ? ending.filter(({ id }) => !ends.has(id)) : []
  if (untold.length === 0) return
  const sources = [...new Set(untold.map(({ source }) => source))].join(", ")
  throw new DomainError(
    "conflict",
    `Nothing was decided: something else would end with it, proposed by ${sources} meanwhile. Look at it and decide again.`,
    { fresh: untold.map((change) => seenNow(change, sight)), gone: [] },
  )
}

/**
 * Throws where something that is accepted would wait of which the chair was told that it takes effect: somebody put something around it meanwhile, which
 * no hash tells (RES8). What would take effect at once although it was to wait has only seen the proposal around it decided.
 */
export function demandWaitTold({ decided, writtenAs }: Choice, noted: ReadonlySet<string>, { waits }: Terms, sight: Sight): void {
  const untold = waits ? decided.filter(({ id }) => noted.has(writtenAs.get(id) ?? id) && !waits.has(id)) : []
  if (untold.length === 0) return
  const sources = [...new Set(untold.map(({ source }) => source))].join(", ")
  throw new DomainError(
    "conflict",
    `Nothing was decided: what is proposed by ${sources} would take effect only with a proposal that came to stand around it meanwhile. Look at it and decide again.`,
    { fresh: changesIn(sight.blocks, new Set(untold.map(({ id }) => id))).map((change) => seenNow(change, sight)), gone: [] },
  )
}

const sourcesOf = (changes: readonly string[], known: ReadonlyMap<string, Change>): string =>
  [...new Set(changes.map((id) => known.get(id)?.source ?? "somebody"))].join(", ")

/** Of proposals that compete only one can be accepted; which one is for the chair to say (RIVAL2). */
export function refuseRivals(
  { competing }: Choice,
  known: ReadonlyMap<string, Change>,
  units: Units,
  relations: Relations,
  leaveOut: ReadonlySet<Competing["kind"]>,
): void {
  const group = competing.find(({ kind }) => kind === "rivals" && !leaveOut.has(kind))
  if (!group) return
  const among = [...new Set(group.changes.map((id) => units.of(id)?.id ?? id))]
  const refused = (sentence: string): DomainError => new DomainError("conflict", sentence, { competing: group.changes })
  const sources = sourcesOf(group.changes, known)
  if (among.length === 1 && units.membersOf(among[0]!).length > 1) throw refused(tornSaid(sources))
  const areRivals = among.some((id) => relations.rivalsOf(id).some((other) => among.includes(other)))
  if (!areRivals) throw refused(deadEndSaid(sources, among.length === 1))
  throw rivalsRefused(group.changes, known)
}

const tornSaid = (sources: string): string =>
  `Nothing was decided: what is linked here, by ${sources}, cannot all be accepted, for it makes different things of the same words or of the same clause. Untie it and choose.`

const deadEndSaid = (sources: string, isOne: boolean): string =>
  `Nothing was decided: what is proposed here, by ${sources}, cannot all be carried out, for it joins clauses in a circle or to one that goes, or gives one clause two places or two levels. ${
    isOne ? "Do not retain it, and ask its delegation to propose anew what it means." : "Accept less of it."
  }`

export const rivalsRefused = (changes: readonly string[], known: ReadonlyMap<string, Change>): DomainError =>
  new DomainError(
    "conflict",
    `Two of these proposals, by ${sourcesOf(changes, known)}, cannot both be accepted, for they make different things of the same words or of the same clause. Choose one.`,
    { competing: changes },
  )

export function chooseFirst({ competing }: Choice, known: ReadonlyMap<string, Change>): DomainError {
  const changes = [...new Set(competing.flatMap((group) => group.changes))]
  const sources = sourcesOf(changes, known)
  return new DomainError(
    "conflict",
    competing.every(({ kind }) => kind === "forestalled")
      ? `Nothing was decided: the words that this was to replace (${sources}) have been replaced by another change that was accepted. Read it and decide on it alone.`
      : `Nothing was decided: what was asked for competes (${sources}). Choose among these proposals first.`,
    { competing: changes },
  )
}
