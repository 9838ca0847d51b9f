import { randomBytes } from "node:crypto"
import type { Logger } from "pino"
import type { DraftSummary } from "../../shared/api/contract.ts"
import { closeCode } from "../../shared/sync/protocol.ts"
import { damageOf } from "../damage.ts"
import type { FileDraft } from "../files/file-draft.ts"
import type { Metrics } from "../metrics.ts"
import type { Clock } from "../pace/clock.ts"
import type { Shares } from "../pace/shares.ts"
import type { Meeting } from "../people/meeting.ts"
import { DomainError } from "../problems.ts"
import { KeptOpen } from "../rooms/kept-open.ts"
import { StoreFailure } from "../storage/failures.ts"
import type { Commit, Loss, Store } from "../storage/store.ts"
import type { Desk } from "../workers/desk.ts"
import { type CreationOptions, createDraft } from "./creation.ts"
import { History } from "./history.ts"
import { demandWhole, type OpenDraft } from "./open-draft.ts"
import { openDraft } from "./opening.ts"
import { Proofs } from "./proofs.ts"
import { Summaries } from "./summaries.ts"
import { WholeDrafts } from "./whole-drafts.ts"

export interface DraftsParts {
  readonly store: Store
  readonly meeting: Meeting
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly desk: Desk
  readonly shares: Shares
  /** Why nothing is written at this moment, or any more until the next start, in a sentence; null: it is. */
  readonly unwritable: () => string | null
  /** How long a room stays open that nobody uses. */
  readonly idleRoomMs: number
}

/** Client ids of one person on one draft: each page that opens it takes two, and they are never used again. */
const mostClients = 20_000

/** All drafts of the meeting: created by import, opened from the store when somebody comes, closed when nobody is there or it is not as it was left. */
export class Drafts {
  /** What can be proven of each. */
  readonly proofs: Proofs
  /** What lists say of each. */
  readonly summaries: Summaries
  /** The past of each. */
  readonly history: History
  /** Each with all that a paper says beside its text. */
  readonly whole: WholeDrafts
  readonly #parts: DraftsParts
  readonly #kept: KeptOpen<OpenDraft>
  /** Open drafts that were not as they were left: they are closed, and what they hold proves nothing. */
  readonly #left = new WeakSet<OpenDraft>()
  #closing: Promise<void> = Promise.resolve()

  constructor(parts: DraftsParts) {
    this.#parts = parts
    this.proofs = new Proofs(parts.store, parts.log, parts.metrics)
    this.summaries = new Summaries({ ...parts, proofs: this.proofs })
    this.history = new History(parts.store, parts.desk)
    this.whole = new WholeDrafts(parts.meeting, this.history)
    this.#kept = new KeptOpen({
      open: (id) => this.#load(id),
      isIdle: ({ room }) => room.isIdle,
      prepare: ({ room }) => room.saveSnapshot(),
      closed: (id, draft) => {
        this.summaries.close(id, draft)
        draft.room.destroy()
      },
      onCount: (count) => parts.metrics.rooms.set(count),
      idleMs: parts.idleRoomMs,
      clock: parts.clock,
    })
    // What the store says where it cannot be asked is told by its watch.
    parts.meeting.whenWrittenBeside(() => void this.#closeAltered().catch(() => undefined))
  }

  /** Opens a draft, once for all who come. Throws where there is none, or where nothing of it can be shown. */
  async open(id: string): Promise<OpenDraft> {
    const draft = await this.#kept.get(id)
    return draft.proof.damage !== null && (await this.#goesOn(id, await this.#parts.store.losses())) ? this.#kept.get(id) : draft
  }

  async #load(id: string): Promise<OpenDraft> {
    const { proofs } = this
    const proof = await proofs.of(id)
    const draft = await openDraft({ ...this.#parts, proofs, append: (of, commit) => this.#append(of, commit) }, proof)
    this.summaries.forget(id)
    return draft
  }

  /** Where the draft is opened meanwhile, it stays open until the work is done. */
  hold<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    return this.#kept.hold(id, work)
  }

  /** Creates a draft from what a file holds; its text becomes the sealed text in force. */
  async create(imported: FileDraft, options: CreationOptions): Promise<string> {
    const id = await createDraft(this.#parts, imported, options)
    this.proofs.made(id)
    return id
  }

  /** Two client ids for a person under a hat: one to write with, one to start again with after a refusal. */
  async join(draft: OpenDraft, person: string, source: string): Promise<{ clientId: number; spare: number; pass: string }> {
    demandWhole(draft)
    let own = 0
    for (const binding of draft.bindings.values()) if (binding.person === person) own++
    if (own >= mostClients)
      throw new DomainError(
        "too-many",
        "You have opened this draft more often than anybody needs to. Ask the secretariat for a link of your own.",
      )
    // Where the folder is set back to a copy of before, ids are given again: whoever has one from then shows another pass.
    const pass = randomBytes(12).toString("base64url")
    const assign = async (): Promise<number> => {
      const client = await this.#parts.store.assignClient(draft.record.id, person, source, pass)
      draft.bindings.set(client, { person, source, pass })
      return client
    }
    return { clientId: await assign(), spare: await assign(), pass }
  }

  ids(): Promise<string[]> {
    return this.#parts.store.draftIds()
  }

  /** Drafts of which nothing was left, and that loss was accepted: none is made again in their place. */
  async gone(): Promise<string[]> {
    return (await this.#parts.store.losses()).flatMap(({ draft, isGone }) => (isGone ? [draft] : []))
  }

  /** All drafts, without opening any; one that is damaged says so and is in nobody's way. */
  async list(): Promise<DraftSummary[]> {
    const losses = await this.#parts.store.losses()
    const listed: DraftSummary[] = []
    for (const id of await this.ids()) {
      await this.#goesOn(id, losses)
      const open = await this.#kept.found(id)
      listed.push(open ? this.summaries.of(open) : await this.summaries.ofClosed(id))
    }
    const known = new Set(listed.map(({ id }) => id))
    const gone = losses.filter(({ draft, isGone }) => isGone && !known.has(draft))
    return [...listed, ...gone.map((loss) => this.summaries.ofGone(loss))]
  }

  /** Closes the rooms that nobody has used for a while. */
  closeIdle(): Promise<void> {
    return this.#kept.closeIdle()
  }

  /**
   * Whether a draft that was found damaged goes on, for the operator has accepted the loss meanwhile. Then what is known of it is forgotten, and who
   * looks at what was left is sent to come again.
   */
  async #goesOn(id: string, losses: readonly Loss[]): Promise<boolean> {
    const open = await this.#kept.found(id)
    const damage = open ? damageOf(open.proof) : await this.summaries.damageOf(id)
    if (!damage || !losses.some((loss) => loss.draft === id && loss.epoch > damage.epoch)) return false
    if (open) await this.#close(id, open)
    this.summaries.forget(id)
    return true
  }

  /** Closes a room at once, and sends who is there to come again; nothing of what it held is listed. */
  async #close(id: string, draft: OpenDraft): Promise<void> {
    await draft.room.close(closeCode.restarting)
    this.#kept.drop(id, draft)
    this.summaries.forget(id)
  }

  /** Where the store finds that a draft is not what it was left as, its room is closed: who comes again is shown what can be proven. */
  async #append(id: string, commit: Commit): Promise<number> {
    try {
      return await this.#parts.store.append(id, commit)
    } catch (error) {
      if (error instanceof StoreFailure && error.draft === id) setImmediate(() => void this.#closeDamaged(id))
      throw error
    }
  }

  async #closeDamaged(id: string): Promise<void> {
    const open = await this.#kept.found(id)
    if (!open || open.proof.damage !== null) return
    this.#left.add(open)
    await this.#close(id, open)
  }

  /** What another program has written to under the server is closed and proven anew, before anybody reads or writes there. */
  #closeAltered(): Promise<void> {
    // One after the other: who asks second waits until what the first was told of is closed.
    this.#closing = this.#closing.catch(() => undefined).then(() => this.#closeNamed())
    return this.#closing
  }

  async #closeNamed(): Promise<void> {
    for (const id of await this.#parts.store.altered()) {
      await this.#closeDamaged(id)
      this.summaries.forget(id)
      await this.proofs.lookAt(id)
    }
  }

  /** Throws where a draft is damaged, or where it or the meeting's place was changed under the server, also where nobody has written since. */
  async demandProven(draft: OpenDraft): Promise<void> {
    demandWhole(draft)
    await this.#parts.store.writtenBeside()
    await this.#closeAltered()
    if (!this.#left.has(draft)) return
    throw new DomainError("store-failed", "Another program has written to this draft: it is proven anew. Open it again.")
  }

  /** Commits what waits and sends everybody away to come again. */
  async drain(code: number): Promise<void> {
    this.#kept.stop()
    for (const { room } of await this.#kept.all()) {
      await room.close(code)
      await room.saveSnapshot()
    }
  }
}
