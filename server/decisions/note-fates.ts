// What a decision leaves in the roots of the document beside the text: what became of each change, and what later decisions have to know of this one.
import type * as Y from "yjs"
import { agreedBeside } from "../../shared/changes/agreed-since.ts"
import { type Change, countsOn, isAbout } from "../../shared/changes/changes.ts"
import type { Choice } from "../../shared/changes/chosen.ts"
import type { Verdict, Verdicts } from "../../shared/changes/effects.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import type { Sight } from "../../shared/changes/sight.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import type { Twin } from "../../shared/changes/twins.ts"
import type { Block } from "../../shared/schema/block.ts"
import type { PlacedRun } from "../../shared/schema/runs.ts"
import { linksIn, roots, type Taken, writtenFor } from "../../shared/sync/roots.ts"
import type { DecidedPart } from "./decided.ts"

/** What a verdict makes of a change. */
export const statusOf: Record<Verdict, ProposalEntry["status"]> = { accept: "accepted", notRetain: "notRetained", withdraw: "withdrawn" }

/** What becomes of the changes that a decision reaches. */
interface Fates {
  readonly decided: readonly Change[]
  readonly others: readonly Change[]
  readonly verdict: Verdict
  readonly choice: Choice
  readonly overtaken: ReadonlyMap<string, string>
  readonly superseded: readonly Change[]
  readonly lapsed: ReadonlySet<string>
  readonly noted: ReadonlySet<string>
  readonly inPart: ReadonlySet<string>
  readonly by: ReadonlyMap<string, string>
  readonly parts: ReadonlyMap<string, DecidedPart>
}

export function* record(shadow: Y.Doc, fates: Fates, sight: Sight): Sliced<void> {
  const { verdict, choice, overtaken, noted, by } = fates
  const proposals = roots.proposals(shadow)
  const wordsOf = (change: Change): ProposalEntry["segments"] => change.segments.map(({ block, kind, text }) => ({ block, kind, text }))
  const actsOf = ({ structure }: Change): Pick<ProposalEntry, "acts"> =>
    structure.length === 0
      ? {}
      : { acts: structure.map(({ proposal: { kind, block } }) => ({ kind, block, origin: sight.block.get(block)?.origin ?? null })) }
  const along = fates.others.filter(({ id }) => choice.identical.has(id))
  const all = [...fates.decided, ...along]
  const namesakes = new Map<string, string[]>()
  for (const change of all) {
    const first = choice.writtenAs.get(change.id)
    if (first !== undefined) namesakes.set(first, [...(namesakes.get(first) ?? []), change.source])
  }
  for (const change of all) {
    yield
    const standsFor = by.get(change.id)
    const isNoted = noted.has(standsFor ?? change.id)
    const status = isNoted ? "acceptedWithHost" : statusOf[verdict]
    const sources = namesakes.get(change.id)
    settle(proposals, change.id, {
      status,
      source: change.source,
      ...(standsFor === undefined ? {} : { by: standsFor }),
      ...(isNoted && fates.inPart.has(change.id) ? { inPart: true } : {}),
      ...(fates.parts.has(change.id) ? { next: fates.parts.get(change.id)!.rest } : {}),
      ...(sources ? { with: sources } : {}),
      ...(verdict === "accept" && standsFor === undefined ? { segments: wordsOf(change)!, ...actsOf(change) } : {}),
    })
  }
  for (const change of fates.others)
    if (overtaken.has(change.id))
      settle(proposals, change.id, { status: "overtaken", source: change.source, by: overtaken.get(change.id)! })
  for (const change of fates.superseded)
    if (!fates.lapsed.has(change.id)) settle(proposals, change.id, { status: "superseded", source: change.source })
  yield* settleNoted(proposals, fates)
}

/**
 * What was noted and waits no longer took effect with its host, or went with it or with the clause. What said the same shares the fate of what was written
 * for it, whatever became of that.
 */
function* settleNoted(proposals: Y.Map<ProposalEntry>, { noted, lapsed, inPart }: Fates): Sliced<void> {
  const waited = [...proposals.entries()].filter(([, { status }]) => status === "acceptedWithHost")
  const firsts = new Map(waited.map(([id]) => [id, writtenFor(proposals, id)]))
  const isItself = ([id]: readonly [string, ProposalEntry]): boolean => firsts.get(id) === id
  for (const [id, entry] of waited.toSorted((a, b) => Number(isItself(b)) - Number(isItself(a)))) {
    yield
    const first = firsts.get(id)!
    if (noted.has(first)) {
      if (inPart.has(id) && !entry.inPart) proposals.set(id, { ...entry, inPart: true })
      continue
    }
    const { status, by } = first === id ? entry : proposals.get(first)!
    // What is in the text of it stays accepted.
    const isGone = lapsed.has(first) && !inPart.has(first)
    if (status === "acceptedWithHost") proposals.set(id, { ...entry, status: isGone ? "superseded" : "accepted" })
    else proposals.set(id, { ...entry, status, ...(status === "overtaken" && by !== undefined ? { by } : {}) })
  }
}

/** What was decided stays as it was decided; only what waits for its host goes on (GATE14). */
function settle(proposals: Y.Map<ProposalEntry>, id: string, entry: ProposalEntry): void {
  const was = proposals.get(id)
  if (!was || was.status === "acceptedWithHost") proposals.set(id, { ...was, ...entry })
}

/** What is accepted takes letters out: who strikes them without having heard comes too late (RIVAL4). `concerned`: the blocks in which it has any. */
export function noteTaken(
  shadow: Y.Doc,
  since: number,
  concerned: readonly Block[],
  verdicts: Verdicts,
  waiting: ReadonlySet<string>,
): void {
  const accepted = new Set([...verdicts].flatMap(([id, verdict]) => (verdict === "accept" && !waiting.has(id) ? [id] : [])))
  const taken: Taken[] = []
  for (const block of concerned) {
    if (!isAbout(block, accepted)) continue
    for (const { text, marks, client, clock } of block.runs as readonly PlacedRun[])
      for (const mark of marks)
        if (mark.name === "deletion" && accepted.has(mark.changeId) && countsOn(mark, marks))
          taken.push([client, clock, text.length, since, mark.changeId, text])
  }
  roots.taken(shadow).push(taken)
}

/** What becomes agreed beside open changes: who wrote these had it not before their eyes (RIVAL8). */
export function noteAgreed(shadow: Y.Doc, concerned: readonly Block[], verdicts: Verdicts): void {
  const since = roots.since(shadow)
  for (const block of concerned)
    for (const { run, isGap, by, changes } of agreedBeside(block, verdicts)) {
      const { client, clock, text } = block.runs[run] as PlacedRun
      since.set(by, [...(since.get(by) ?? []), [client, clock, isGap ? 0 : text.length, changes]])
    }
}

/** What is left of a change that came too late came too late. */
export function goOnForestalled(shadow: Y.Doc, parts: ReadonlyMap<string, DecidedPart>): void {
  const forestalled = roots.forestalled(shadow)
  for (const [id, { rest }] of parts) if (forestalled.has(id)) forestalled.set(rest, forestalled.get(id)!)
}

/** Notes which open changes go on saying the same, and forgets those of the decided. */
export function noteTwins(shadow: Y.Doc, parted: ReadonlyMap<string, readonly Twin[]>, verdicts: Verdicts): void {
  const twins = roots.twins(shadow)
  for (const [id, found] of parted) twins.set(id, [...(twins.get(id) ?? []), ...found])
  for (const id of verdicts.keys()) if (twins.has(id)) twins.delete(id)
}

/** A link of which fewer than two changes are open ties nothing any more. */
export function forgetLinks(shadow: Y.Doc, verdicts: Verdicts): void {
  const links = roots.links(shadow)
  for (const link of linksIn(shadow)) {
    const open = link.changes.filter((change) => !verdicts.has(change))
    if (open.length < 2) links.delete(link.id)
    else if (open.length < link.changes.length) links.set(link.id, { source: link.source, changes: open })
  }
}
