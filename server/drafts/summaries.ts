import type { Logger } from "pino"
import type { DraftSummary } from "../../shared/api/contract.ts"
import { type Damage, damageOf, goneDamage, unreadable } from "../damage.ts"
import type { Clock } from "../pace/clock.ts"
import type { Shares } from "../pace/shares.ts"
import type { Meeting } from "../people/meeting.ts"
import { DomainError } from "../problems.ts"
import type { Loss, Store } from "../storage/store.ts"
import { docOf, type Listed, lostSummary, summaryOf } from "./draft-summary.ts"
import type { OpenDraft } from "./open-draft.ts"
import type { Proofs } from "./proofs.ts"
import { hasGaps, provenByReplay } from "./replayed.ts"
import { fromState, recordOf } from "./stored-state.ts"

/** A count that takes longer than this is not made again for so many times as long as it took. */
const quickMs = 25
const restPerCount = 10

interface SummariesParts {
  readonly store: Store
  readonly log: Logger
  readonly meeting: Meeting
  readonly clock: Clock
  readonly shares: Shares
  readonly proofs: Proofs
  /** Why nothing is written at this moment, or any more until the next start, in a sentence; null: it is. */
  readonly unwritable: () => string | null
}

/** What lists say of drafts: of those that are open as they are, of the others without opening them. */
export class Summaries {
  readonly #parts: SummariesParts
  /** Of drafts that are not open, as of the last time that they were. */
  readonly #closed = new Map<string, Promise<Listed>>()
  /** What was listed of open drafts last, and as of when. */
  readonly #open = new WeakMap<OpenDraft, { readonly seq: number; readonly listed: Listed; readonly at: number; readonly tookMs: number }>()

  constructor(parts: SummariesParts) {
    this.#parts = parts
  }

  /** Of a draft that is open. */
  of(draft: OpenDraft): DraftSummary {
    return this.#told(this.#counted(draft))
  }

  /** Of a draft that is not; one that is damaged says so and is in nobody's way. */
  async ofClosed(id: string): Promise<DraftSummary> {
    let summary = this.#closed.get(id)
    if (!summary) {
      summary = this.#read(id)
      this.#closed.set(id, summary)
      summary.catch(() => this.#closed.delete(id))
    }
    const listed = await summary.catch((error: unknown) => {
      // One draft that cannot be read is listed as such; the others are not its concern.
      if (error instanceof DomainError) return lostSummary(id, id, { ...unreadable, sentence: error.told })
      throw error
    })
    return this.#told(listed)
  }

  /** Of a draft of which nothing was left. */
  ofGone(loss: Loss): DraftSummary {
    return { ...lostSummary(loss.draft, loss.title, goneDamage(loss)), sitting: this.#parts.meeting.sittings.now() }
  }

  /** Keeps what is to be said of a draft that is closed. */
  close(id: string, { record, room, proof }: OpenDraft): void {
    this.#closed.set(id, Promise.resolve(summaryOf(record, room.main, proof)))
  }

  forget(id: string): void {
    this.#closed.delete(id)
  }

  /** What was found damaged in a draft that is not open; null: nothing, or it was not read. */
  async damageOf(id: string): Promise<Listed["damage"]> {
    return (await this.#closed.get(id)?.catch(() => null))?.damage ?? null
  }

  #counted(draft: OpenDraft): Listed {
    const { clock, shares } = this.#parts
    const { record, room, proof } = draft
    const known = this.#open.get(draft)
    const now = clock.elapsedMs()
    // Of a large draft a list may be a moment old while people type: else who asks again and again would keep the server at counting.
    if (known && (known.seq === room.seq || now - known.at < known.tookMs * restPerCount)) return known.listed
    const listed = shares.charged(shares.payer(), () => summaryOf(record, room.main, proof, room.standing.blocks()))
    const tookMs = clock.elapsedMs() - now
    this.#open.set(draft, { seq: room.seq, listed, at: now + tookMs, tookMs: tookMs < quickMs ? 0 : tookMs })
    return listed
  }

  async #read(id: string): Promise<Listed> {
    const { store, proofs } = this.#parts
    const proof = await proofs.of(id)
    const damage = damageOf(proof)
    if (damage && !damage.isReadable) return lostSummary(id, proof.title, damage)
    const record = await recordOf(store, proof)
    const doc = await fromState(this.#parts, proof, docOf)
    const less = hasGaps(doc) ? await provenByReplay(store, proof) : proof
    if (less.seq === proof.seq) return summaryOf(record, doc, proof)
    proofs.tell(less)
    return less.seq === 0
      ? lostSummary(id, less.title, damageOf(less)!)
      : summaryOf(record, await fromState(this.#parts, less, docOf), less)
  }

  /** In the sitting of now. Where nothing can be written, each draft says so: what is shown is what was saved. */
  #told(listed: Listed): DraftSummary {
    const sitting = this.#parts.meeting.sittings.now()
    const sentence = this.#parts.unwritable()
    if (sentence === null || listed.damage) return { ...listed, sitting }
    const damage: Damage = { sentence, until: null, isReadable: true, epoch: listed.loss?.epoch ?? 1 }
    return { ...listed, damage, sitting }
  }
}
