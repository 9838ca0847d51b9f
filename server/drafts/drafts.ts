import { randomBytes, randomUUID } from "node:crypto"
import type { Logger } from "pino"
import * as Y from "yjs"
import type { Answer, DraftSummary } from "../../shared/api/contract.ts"
import { changeIdsIn } from "../../shared/changes/changes.ts"
import { hashOf } from "../../shared/changes/hash.ts"
import type { Moment } from "../../shared/changes/moment.ts"
import type { Sitting } from "../../shared/people/sitting.ts"
import { type Block, textOf } from "../../shared/schema/block.ts"
import { closeCode } from "../../shared/sync/protocol.ts"
import { wholesIn } from "../../shared/sync/roots.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import type { BaselineDifference } from "../comparison/on-baseline.ts"
import { damageOf, goneDamage, unreadable } from "../damage.ts"
import type { Asked, ComesFirst } from "../decisions/first-back.ts"
import { settled } from "../decisions/settle.ts"
import type { FileDraft } from "../files/file-draft.ts"
import type { Entered } from "../files/opening-state.ts"
import type { Binding } from "../gate/shapes.ts"
import type { Metrics } from "../metrics.ts"
import type { Clock } from "../pace/clock.ts"
import type { Shares } from "../pace/shares.ts"
import type { Asker } from "../pace/turns.ts"
import { nameOf, type Printable, printableOfDoc, type Surroundings } from "../papers/printable.ts"
import type { Meeting } from "../people/meeting.ts"
import { DomainError } from "../problems.ts"
import { KeptOpen } from "../rooms/kept-open.ts"
import { Room } from "../rooms/room.ts"
import { StoreFailure } from "../storage/failures.ts"
import type {
  ClientRecord,
  Commit,
  DraftRecord,
  LogRow,
  Loss,
  Proof,
  RegisterEntry,
  Snapshot,
  SourceRecord,
  Store,
  StoredEntry,
} from "../storage/store.ts"
import type { Desk } from "../workers/desk.ts"
import type { DraftBeside } from "../workers/file-work.ts"
import { decidedSince } from "./decided-since.ts"
import { docOf, type Listed, lostSummary, summaryOf } from "./draft-summary.ts"
import { EnteredBook, type EnteredOf } from "./entered.ts"
import { hasGaps, provenByReplay } from "./replayed.ts"

/** A draft that is open: its room, its record, who is bound to which client id, and what of it could be proven as it was opened. */
export interface OpenDraft {
  readonly record: DraftRecord
  readonly room: Room
  readonly bindings: Map<number, Binding & Pick<ClientRecord, "pass">>
  readonly proof: Proof
}

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

/** A count that takes longer than this is not made again for so many times as long as it took. */
const quickMs = 25
const restPerCount = 10

/** What a draft's record keeps of the file that it came from, beside its text. */
type Imported = Pick<FileDraft, "cover" | "debris" | "warnings"> & { readonly entered?: Entered }

const importedOf = (record: DraftRecord): Imported => JSON.parse(record.imported) as Imported

/** All drafts of the meeting: opened from the store when somebody comes, created by import. */
export class Drafts {
  readonly #store: Store
  readonly #meeting: Meeting
  readonly #clock: Clock
  readonly #log: Logger
  readonly #metrics: Metrics
  readonly #desk: Desk
  readonly #shares: Shares
  readonly #unwritable: () => string | null
  readonly #kept: KeptOpen<OpenDraft>
  /** Drafts that were proven, and whether each was found damaged last. */
  readonly #found = new Map<string, boolean>()
  /** What the operator was told of damaged drafts. */
  readonly #told = new Map<string, string>()
  /** What a list says of drafts that are not open, as of the last time that they were. */
  readonly #summaries = new Map<string, Promise<Listed>>()
  /** Who entered a change and when, by mark id; read from the log once, then kept up. */
  readonly #entered = new WeakMap<OpenDraft, EnteredBook>()
  readonly #forces = new WeakMap<DraftRecord, Answer<"force">>()
  /** Open drafts that were not as they were left: they are closed, and what they hold proves nothing. */
  readonly #left = new WeakSet<OpenDraft>()
  #closing: Promise<void> = Promise.resolve()
  readonly #registers = new WeakMap<object, { readonly acts: number; readonly entries: Promise<StoredEntry[]> }>()
  /** What was listed of open drafts last, and as of when. */
  readonly #shown = new WeakMap<
    OpenDraft,
    { readonly seq: number; readonly listed: Listed; readonly at: number; readonly tookMs: number }
  >()

  constructor(parts: DraftsParts) {
    this.#store = parts.store
    this.#meeting = parts.meeting
    this.#clock = parts.clock
    this.#log = parts.log
    this.#metrics = parts.metrics
    this.#desk = parts.desk
    this.#unwritable = parts.unwritable
    this.#shares = parts.shares
    this.#kept = new KeptOpen({
      open: (id) => this.#load(id),
      isIdle: ({ room }) => room.isIdle,
      prepare: ({ room }) => room.saveSnapshot(),
      closed: (id, draft) => this.#closed(id, draft),
      onCount: (count) => this.#metrics.rooms.set(count),
      idleMs: parts.idleRoomMs,
      clock: parts.clock,
    })
    // What the store says where it cannot be asked is told by its watch.
    parts.meeting.whenWrittenBeside(() => void this.#closeAltered().catch(() => undefined))
  }

  /** Opens a draft, once for all who come. Throws where there is none, or where nothing of it can be shown. */
  async open(id: string): Promise<OpenDraft> {
    const draft = await this.#kept.get(id)
    return draft.proof.damage !== null && (await this.#goesOn(id, await this.#store.losses())) ? this.#kept.get(id) : draft
  }

  /** Where the draft is opened meanwhile, it stays open until the work is done. */
  hold<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    return this.#kept.hold(id, work)
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
    const damage = open ? damageOf(open.proof) : ((await this.#summaries.get(id)?.catch(() => null))?.damage ?? null)
    if (!damage || !losses.some((loss) => loss.draft === id && loss.epoch > damage.epoch)) return false
    await open?.room.close(closeCode.restarting)
    if (open) this.#kept.drop(id, open)
    this.#summaries.delete(id)
    return true
  }

  #closed(id: string, draft: OpenDraft): void {
    this.#summaries.set(id, Promise.resolve(summaryOf(draft.record, draft.room.main, draft.proof)))
    draft.room.destroy()
  }

  async #load(id: string): Promise<OpenDraft> {
    const proof = await this.#proven(id)
    return this.#loaded(id, proof)
  }

  async #loaded(id: string, proof: Proof): Promise<OpenDraft> {
    const record = await this.#recordOf(proof)
    const bindings: OpenDraft["bindings"] = new Map()
    for (const { client, person, source, pass } of await this.#store.clients(id)) bindings.set(client, { person, source, pass })
    const damage = damageOf(proof)
    const room = await this.#fromState(
      proof,
      (state) =>
        new Room(state, {
          log: { append: (commit) => this.#appended(id, commit), saveSnapshot: (made) => this.#store.saveSnapshot(id, made) },
          bindingOf: (client) => bindings.get(client),
          settle: settled,
          clock: this.#clock,
          sliceMs: 15,
          shares: this.#shares,
          sitting: () => this.#meeting.sittings.now(),
          ...(damage ? { readOnly: damage.sentence } : {}),
          onRefused: (reason, isRaced) => {
            this.#metrics.refusals.inc({ reason, raced: String(isRaced) })
            this.#log.info({ draft: id, reason, isRaced }, "update refused")
          },
          onFault: (error, doing) => {
            this.#metrics.faults.inc({ doing })
            this.#log.error({ draft: id, err: error, doing }, "a fault of ours")
          },
          onCommit: (count, seconds) => {
            this.#metrics.updates.inc(count)
            this.#metrics.commitSeconds.observe(seconds)
          },
        }),
    )
    const less = hasGaps(room.main) ? await provenByReplay(this.#store, proof) : proof
    if (less.seq < proof.seq) {
      room.destroy()
      this.#tell(less)
      return this.#loaded(id, less)
    }
    for (const source of new Set([...bindings.values()].map((binding) => binding.source))) room.planSweep(source)
    room.settleLeft()
    this.#summaries.delete(id)
    return { record, room, bindings, proof }
  }

  /** Where the store finds that a draft is not what it was left as, its room is closed: who comes again is shown what can be proven. */
  async #appended(id: string, commit: Commit): Promise<number> {
    try {
      return await this.#store.append(id, commit)
    } catch (error) {
      if (error instanceof StoreFailure && error.draft === id) setImmediate(() => void this.#closeDamaged(id))
      throw error
    }
  }

  async #closeDamaged(id: string): Promise<void> {
    const open = await this.#kept.found(id)
    if (!open || open.proof.damage !== null) return
    this.#left.add(open)
    await open.room.close(closeCode.restarting)
    this.#kept.drop(id, open)
    this.#summaries.delete(id)
  }

  /** What another program has written to under the server is closed and proven anew, before anybody reads or writes there. */
  #closeAltered(): Promise<void> {
    // One after the other: who asks second waits until what the first was told of is closed.
    this.#closing = this.#closing.catch(() => undefined).then(() => this.#closeNamed())
    return this.#closing
  }

  async #closeNamed(): Promise<void> {
    for (const id of await this.#store.altered()) {
      await this.#closeDamaged(id)
      this.#summaries.delete(id)
      const proof = await this.#store.examine(id)
      if (proof) this.#tell(proof)
    }
  }

  /** Throws where a draft is damaged, or where it or the meeting's place was changed under the server, also where nobody has written since. */
  async demandProven(draft: OpenDraft): Promise<void> {
    this.demandWhole(draft)
    await this.#store.writtenBeside()
    await this.#closeAltered()
    if (!this.#left.has(draft)) return
    throw new DomainError("store-failed", "Another program has written to this draft: it is proven anew. Open it again.")
  }

  /** What can be proven of a draft. Throws where there is none. */
  async #proven(id: string): Promise<Proof> {
    const proof = await this.#store.examine(id)
    if (!proof) throw await this.#notThere(id)
    this.#tell(proof)
    return proof
  }

  async #notThere(id: string): Promise<DomainError> {
    const gone = (await this.#store.losses()).find(({ draft, isGone }) => isGone && draft === id)
    return new DomainError("not-found", gone ? goneDamage(gone).sentence : "There is no draft under this address.")
  }

  #tell({ draft, title, damage }: Proof): void {
    this.#found.set(draft, damage !== null)
    this.#metrics.damaged.set(this.damaged().damaged)
    if (damage === null || this.#told.get(draft) === damage) return
    this.#told.set(draft, damage)
    this.#log.error({ draft, title, damage }, "draft damaged")
  }

  /** How many of the drafts that were proven are damaged. */
  damaged(): { readonly damaged: number; readonly known: number } {
    return { damaged: [...this.#found.values()].filter(Boolean).length, known: this.#found.size }
  }

  /** Proves every draft, one after the other, so that the operator hears of damage before anybody comes upon it. */
  async lookThrough(): Promise<void> {
    for (const id of await this.#store.draftIds()) {
      const proof = await this.#store.examine(id)
      if (proof) this.#tell(proof)
    }
  }

  async #recordOf(proof: Proof): Promise<DraftRecord> {
    const damage = damageOf(proof)
    const record = damage && !damage.isReadable ? null : await this.#store.draft(proof.draft)
    if (!record) throw new DomainError("store-failed", (damage ?? unreadable).sentence)
    return record
  }

  /** Something made of a draft's state: from its last snapshot, and where that cannot be read, from all its rows (STO5). */
  async #fromState<Made>(
    { draft, seq }: Proof,
    make: (state: { snapshot: Snapshot | null; rows: readonly LogRow[] }) => Made,
  ): Promise<Made> {
    const snapshot = await this.#store.snapshot(draft, seq)
    try {
      if (snapshot) return make({ snapshot, rows: await this.#store.rows(draft, snapshot.seq, seq) })
    } catch (error) {
      this.#log.warn({ draft, seq: snapshot?.seq, reason: (error as Error).message }, "snapshot passed over")
    }
    const rows = await this.#store.rows(draft, 0, seq)
    try {
      return make({ snapshot: null, rows })
    } catch (error) {
      this.#log.error({ draft, reason: (error as Error).message }, "draft cannot be read")
      throw new DomainError("store-failed", unreadable.sentence, {}, { cause: error })
    }
  }

  /** Two client ids for a person under a hat: one to write with, one to start again with after a refusal. */
  async join(draft: OpenDraft, person: string, source: string): Promise<{ clientId: number; spare: number; pass: string }> {
    const damage = damageOf(draft.proof)
    if (damage) throw new DomainError("store-failed", damage.sentence)
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
      const client = await this.#store.assignClient(draft.record.id, person, source, pass)
      draft.bindings.set(client, { person, source, pass })
      return client
    }
    return { clientId: await assign(), spare: await assign(), pass }
  }

  ids(): Promise<string[]> {
    return this.#store.draftIds()
  }

  /** Drafts of which nothing was left, and that loss was accepted: none is made again in their place. */
  async gone(): Promise<string[]> {
    return (await this.#store.losses()).flatMap(({ draft, isGone }) => (isGone ? [draft] : []))
  }

  /** All drafts, without opening any; one that is damaged says so and is in nobody's way. */
  async list(): Promise<DraftSummary[]> {
    const losses = await this.#store.losses()
    const sitting = this.#meeting.sittings.now()
    const summaries: DraftSummary[] = []
    for (const id of await this.#store.draftIds()) {
      await this.#goesOn(id, losses)
      summaries.push(this.#asStored({ ...(await this.#listed(id)), sitting }))
    }
    const known = new Set(summaries.map(({ id }) => id))
    const gone = losses.filter(({ draft, isGone }) => isGone && !known.has(draft))
    return [...summaries, ...gone.map((loss) => ({ ...lostSummary(loss.draft, loss.title, goneDamage(loss)), sitting }))]
  }

  /** Where nothing can be written, each draft says so: what is shown is what was saved. */
  #asStored(summary: DraftSummary): DraftSummary {
    const sentence = this.#unwritable()
    if (sentence === null || summary.damage) return summary
    const { epoch = 1 } = summary.loss ?? {}
    return { ...summary, damage: { sentence, until: null, isReadable: true, epoch } }
  }

  async #listed(id: string): Promise<Listed> {
    const open = await this.#kept.found(id)
    if (open) return this.summary(open)
    let summary = this.#summaries.get(id)
    if (!summary) {
      summary = this.#summarized(id)
      this.#summaries.set(id, summary)
      summary.catch(() => this.#summaries.delete(id))
    }
    return summary.catch((error: unknown) => {
      // One draft that cannot be read is listed as such; the others are not its concern.
      if (error instanceof DomainError) return lostSummary(id, id, { ...unreadable, sentence: error.told })
      throw error
    })
  }

  async #summarized(id: string): Promise<Listed> {
    const proof = await this.#proven(id)
    const damage = damageOf(proof)
    if (damage && !damage.isReadable) return lostSummary(id, proof.title, damage)
    const record = await this.#recordOf(proof)
    const doc = await this.#fromState(proof, docOf)
    const less = hasGaps(doc) ? await provenByReplay(this.#store, proof) : proof
    if (less.seq === proof.seq) return summaryOf(record, doc, proof)
    this.#tell(less)
    return less.seq === 0 ? lostSummary(id, less.title, damageOf(less)!) : summaryOf(record, await this.#fromState(less, docOf), less)
  }

  summary(draft: OpenDraft): DraftSummary {
    const { record, room, proof } = draft
    const known = this.#shown.get(draft)
    const now = this.#clock.elapsedMs()
    // Of a large draft a list may be a moment old while people type: else who asks again and again would keep the server at counting.
    if (known && (known.seq === room.seq || now - known.at < known.tookMs * restPerCount))
      return this.#asStored({ ...known.listed, sitting: this.#meeting.sittings.now() })
    const listed = this.#shares.charged(this.#shares.payer(), () => summaryOf(record, room.main, proof, room.standing.blocks()))
    const tookMs = this.#clock.elapsedMs() - now
    this.#shown.set(draft, { seq: room.seq, listed, at: now + tookMs, tookMs: tookMs < quickMs ? 0 : tookMs })
    return this.#asStored({ ...listed, sitting: this.#meeting.sittings.now() })
  }

  /** Creates a draft from what a file holds; its text becomes the sealed text in force. */
  async create(
    imported: FileDraft,
    options: { id?: string; title?: string | undefined; enteredBy: string; sources?: readonly SourceRecord[] },
  ): Promise<string> {
    const id = options.id ?? randomUUID()
    const at = this.#clock.now().toISOString()
    const { update, force, entered } = await this.#desk.open({ draft: imported, broughtBy: options.enteredBy })
    const sealed = JSON.stringify(force)
    const wordsOf = (type: Block["type"]): string =>
      force
        .filter((block) => block.type === type)
        .map(textOf)
        .join(" ")
    const { cover, debris, warnings } = imported
    const record: DraftRecord = {
      id,
      title: options.title || wordsOf("title") || wordsOf("designation") || "Untitled draft",
      designation: wordsOf("designation"),
      createdAt: at,
      force: sealed,
      forceHash: hashOf(force),
      imported: JSON.stringify({ cover, debris, warnings, entered } satisfies Imported),
    }
    const entry: RegisterEntry = {
      act: "import",
      at,
      decidedBy: options.enteredBy,
      enteredBy: options.enteredBy,
      source: "SEC",
      sitting: this.#meeting.sittings.now(),
      details: {
        ...{ blocks: imported.blocks.length, warnings: warnings.length },
        // In the chain of the record of decisions: so it is proven what the draft is called.
        ...{ title: record.title, designation: record.designation, forceHash: record.forceHash },
      },
    }
    const row = { client: 0, person: options.enteredBy, source: "SEC", kind: "act" as const, at, update }
    await this.#store.createDraft(record, { rows: [row], entries: [entry], sources: options.sources ?? [] })
    this.#found.set(id, false)
    return id
  }

  /** The sealed text in force, proven against its hash. */
  force(record: DraftRecord): Answer<"force"> {
    let known = this.#forces.get(record)
    if (!known) this.#forces.set(record, (known = this.#provenForce(record)))
    return known
  }

  #provenForce(record: DraftRecord): Answer<"force"> {
    const blocks = record.force === null ? null : (JSON.parse(record.force) as Block[])
    if (blocks && hashOf(blocks) !== record.forceHash)
      throw new DomainError("store-failed", "The sealed text in force does not match its hash.")
    return { blocks, hash: record.forceHash, imported: JSON.parse(record.imported) as unknown }
  }

  /** How the clauses of a draft's working text are called. */
  /** Of the places where a file's text is another, which a decision on this draft made so. */
  async withDecided<Place extends BaselineDifference>(
    draft: OpenDraft,
    differences: readonly Place[],
  ): Promise<(Omit<Place, "ourBlock"> & { isDecided: boolean })[]> {
    const isDecided = differences.length > 0 ? decidedSince(await this.register(draft)) : () => false
    return differences.map((difference) => {
      const { ourBlock: _, ...place } = difference
      return { ...place, isDecided: isDecided(difference) }
    })
  }

  /** A draft as it is committed, for work on it beside the meeting. */
  beside(draft: OpenDraft): DraftBeside {
    this.demandWhole(draft)
    return { state: draft.room.encodedState(), surroundings: this.#surroundings(draft, this.#meeting.sittings.now()) }
  }

  /** The record of decisions, as far as the draft's log can be trusted. */
  /** The record of decisions; of an open draft it is read once for each act. */
  register(draft: Pick<OpenDraft, "proof"> & Partial<Pick<OpenDraft, "room">>): Promise<StoredEntry[]> {
    const acts = draft.room?.acts
    const known = this.#registers.get(draft)
    if (known && known.acts === acts) return known.entries
    const { damage, seq } = draft.proof
    const entries = damage === null ? this.#store.register(draft.proof.draft) : this.#store.register(draft.proof.draft, seq)
    if (acts === undefined) return entries
    this.#registers.set(draft, { acts, entries })
    entries.catch(() => this.#registers.delete(draft))
    return entries
  }

  /** The rows of a draft that can be trusted, behind one of them. */
  #rows({ proof: { draft, damage, seq } }: OpenDraft, after: number): Promise<LogRow[]> {
    return damage === null ? this.#store.rows(draft, after) : this.#store.rows(draft, after, seq)
  }

  /** Nothing leaves the house as a whole draft that is none. */
  demandWhole({ proof }: OpenDraft): void {
    const damage = damageOf(proof)
    if (damage) throw new DomainError("store-failed", damage.sentence)
  }

  /** A draft's document as it was when a version of it was named. */
  async at(draft: OpenDraft, version: number): Promise<Y.Doc> {
    const rows = (await this.#rows(draft, 0)).map(({ kind, update }) => ({ kind, update }))
    const state = await this.#desk.stateAt({ rows, version })
    if (!state) throw new DomainError("not-found", "There is no version of this number.")
    const doc = newDraftDoc()
    Y.applyUpdate(doc, state)
    return doc
  }

  /** A draft right before and right after a row of its log. */
  around(draft: OpenDraft, row: number, asker?: Asker): Promise<{ before: Moment; after: Moment }> {
    return this.#desk.momentsAround(async () => {
      const snapshot = await this.#store.snapshot(draft.record.id, row - 1)
      const rows = (await this.#rows(draft, snapshot?.seq ?? 0)).filter(({ seq }) => seq <= row)
      if (rows.at(-1)?.seq !== row) throw new DomainError("store-failed", "What was decided there is no longer in the draft's log.")
      return { updates: [...(snapshot ? [snapshot.state] : []), ...rows.map(({ update }) => update)] }
    }, asker)
  }

  /** What must be taken back before a decision of this row can be, or before one change of it. */
  comesFirst(draft: OpenDraft, row: number, entries: readonly StoredEntry[], asked: Asked, asker?: Asker): Promise<ComesFirst> {
    return this.#desk.comesFirst(async () => {
      const snapshot = await this.#store.snapshot(draft.record.id, row - 1)
      const rows = await this.#rows(draft, snapshot?.seq ?? 0)
      return { logged: { state: snapshot?.state ?? null, rows: rows.map(({ seq, update }) => ({ seq, update })), entries }, asked }
    }, asker)
  }

  /** Who entered which mark and when: from the log row that first brought it. */
  enteredOf(draft: OpenDraft): Promise<EnteredOf> {
    let book = this.#entered.get(draft)
    if (!book) {
      book = new EnteredBook({
        rows: (after) => this.#rows(draft, after),
        register: () => this.register(draft),
        idsInLarge: (update) => this.#desk.idsIn({ update }),
        inFile: () => importedOf(draft.record).entered,
        wholes: () => wholesIn(draft.room.main),
      })
      this.#entered.set(draft, book)
    }
    return book.asOf(draft.room.seq, draft.room.acts)
  }

  /** Names as a paper has them now: of people, and of the roster in its order. */
  names(): Pick<Printable, "people" | "sources"> {
    const { people } = this.#meeting
    return {
      people: new Map(people.records().map(({ id }) => [id, people.nameOf(id)])),
      sources: new Map(people.sources().map(({ code, name }) => [code, name])),
    }
  }

  /** What papers of now say beside the draft: names and the sitting. Another value, another paper. */
  aboutNow(): string {
    const { body, date } = this.#meeting.sittings.now()
    return JSON.stringify([body, date, ...this.#meeting.people.sources().map(({ code, name }) => [code, name])])
  }

  /** A draft with all that a file of it holds, as it is now, or as a document of it was in the sitting in which that was named. */
  async printable(
    draft: OpenDraft,
    { doc, sitting }: { doc: Y.Doc; sitting: Sitting } = { doc: draft.room.main, sitting: this.#meeting.sittings.now() },
  ): Promise<Printable> {
    this.demandWhole(draft)
    const enteredOf = await this.enteredOf(draft)
    const paper = printableOfDoc(doc, this.#surroundings(draft, sitting))
    const entered = new Map<string, { by: string | null; at: string | null; broughtBy?: string }>()
    const ids = [...paper.blocks.flatMap((block) => [...changeIdsIn(block)]), ...Object.values(paper.renumbered).map((part) => part.id)]
    for (const id of ids) {
      const found = enteredOf(id)
      // What nobody has said is null on a paper: an empty name or time is none, and no reader takes it for one.
      if (!found) continue
      const brought = found.isOfFile ? { broughtBy: (found.broughtBy && nameOf(found.broughtBy, paper.people)) || "" } : {}
      entered.set(id, { by: nameOf(found.person, paper.people) || null, at: found.at || null, ...brought })
    }
    return { ...paper, entered }
  }

  /** All but who entered what. */
  #surroundings({ record }: OpenDraft, { body, date }: Sitting): Surroundings {
    const force = this.force(record).blocks as Block[] | null
    const { cover, debris, warnings } = importedOf(record)
    return { force, cover, debris, warnings, entered: new Map(), ...this.names(), body, version: null, date }
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
