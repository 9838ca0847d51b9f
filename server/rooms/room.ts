// The room is one thing because its steps, acts, sweeps and faults all change the one shadow and the one seat of each session, in one order; what can stand
// without these (the queue, group commit, seats, the state for joiners, presence, sweeps, notices) has a file of its own.
import * as Y from "yjs"
import { isSliced, type Sliced } from "../../shared/changes/slices.ts"
import { takesEffect } from "../../shared/changes/taken-back.ts"
import type { Sitting } from "../../shared/people/sitting.ts"
import { may, type Ruling } from "../../shared/policy/policy.ts"
import type { Block } from "../../shared/schema/block.ts"
import { closeCode, decodeMessage, encodeMessage } from "../../shared/sync/protocol.ts"
import { type DraftMeta, metaOfDoc } from "../../shared/sync/roots.ts"
import { Gate } from "../gate/gate.ts"
import { newHeldDoc } from "../gate/halves.ts"
import type { Outcome } from "../gate/outcome.ts"
import type { Reached } from "../gate/reached.ts"
import { caps } from "../gate/shapes.ts"
import { standingIn } from "../gate/stood.ts"
import type { Session } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { LogRow, Snapshot } from "../storage/store.ts"
import { Committer } from "./committer.ts"
import { framesOf } from "./frames.ts"
import { CommittedState, lackingOf } from "./joining.ts"
import { noticeOfKept, notify, tellSources } from "./notices.ts"
import type { Performed, Settled } from "./performed.ts"
import { Presence } from "./presence.ts"
import { Queue } from "./queue.ts"
import { Races } from "./races.ts"
import type { RoomOptions } from "./room-options.ts"
import { isRefused, mayGoOn, type Seat, Seats } from "./seats.ts"
import { Standing } from "./standing.ts"
import { emptiedBy, removeEmptied, Sweeps, sourcesOfBlank } from "./sweeps.ts"
import { commitOf, lastSent, type Row, rowsOf, type Waiting } from "./waiting.ts"

/** A message that brings something to write. */
interface Update {
  readonly kind: "step2" | "update"
  readonly update: Uint8Array
}

/** An update in its turn. */
interface Tried {
  readonly update: Uint8Array
  /** How many of the session's messages are dealt with once it is refused; and once it is committed. */
  readonly n: number
  readonly taken: number
  /** The server's clock as its writer knew it; null: as it is. */
  readonly heard: number | null
}

const nobodySaid: Sitting = { body: "", room: "", date: "", chair: "" }

const snapshotEvery = 1_000
/** So many updates of a session wait for its answer, so long. */
const mostEarly = 1_000
const answerMs = 10_000
/** Bytes that may wait for a session that does not read, beside the state that it has asked for. */
const slowAfterBytes = 4_000_000

const nothing = (): void => undefined

const closedMeanwhile = (): DomainError => new DomainError("store-failed", "The draft was closed meanwhile. Try again.")

const interrupted = (): DomainError =>
  new DomainError("store-failed", "Something failed on the server meanwhile. Nothing was changed; try again.")

const storeFailed = (cause?: unknown): DomainError =>
  new DomainError("store-failed", "The store cannot write at this moment. Nothing was changed; try again.", {}, { cause })

/**
 * One draft, open for everybody in it. An update goes one way, always in this order: 1 decode, 2 authorize, 3 try on the shadow, 4 append and
 * commit, 5 apply to main and broadcast, 6 acknowledge. Acts take the same queue. Nobody sees an edit that a crash could lose (rules ROOM).
 */
export class Room {
  readonly gate: Gate
  readonly standing: Standing
  readonly #main: Y.Doc
  readonly #options: RoomOptions
  readonly #seats: Seats
  readonly #presence: Presence
  readonly #state: CommittedState
  readonly #queue: Queue
  readonly #committer: Committer<Waiting>
  readonly #races: Races
  readonly #sweeps: Sweeps
  #seq: number
  #snapshotSeq: number
  /** How many acts were committed since the room was opened. */
  #acts = 0
  /** How many acts were done, committed or not. */
  #done = 0
  /** How often the shadow was made anew, and why last: an act that was under way then has lost it. */
  #shadows = 0
  #whyAnew: () => DomainError = interrupted
  #isClosed = false
  /** What main emitted of its own while committed rows were applied: a fault, expected to stay 0. */
  faults = 0

  constructor(state: { snapshot: Snapshot | null; rows: readonly LogRow[] }, options: RoomOptions) {
    const { clock } = options
    this.#options = options
    const updates = [...(state.snapshot ? [state.snapshot.state] : []), ...state.rows.map((row) => row.update)]
    this.#main = newHeldDoc()
    this.#main.transact(() => {
      for (const update of updates) Y.applyUpdate(this.#main, update)
    })
    this.standing = new Standing(this.#main)
    this.#seq = state.rows.at(-1)?.seq ?? state.snapshot?.seq ?? 0
    this.#snapshotSeq = state.snapshot?.seq ?? 0
    this.#state = new CommittedState(this.#main, clock)
    this.gate = new Gate([this.#state.encoded()], options.bindingOf)
    this.#seats = new Seats(clock)
    this.#presence = new Presence(clock, () => this.#seats.sessions)
    this.#races = new Races(clock)
    this.#queue = new Queue({ clock, sliceMs: options.sliceMs, shares: options.shares, onFault: (error) => this.#faulty(error, "act") })
    this.#committer = new Committer(clock, {
      append: (batch) => this.#append(batch),
      appended: (batch, seq, seconds) => this.#appended(batch, seq, seconds),
      broadcast: (batch) => this.#broadcast(rowsOf(batch).map((row) => row.update)),
      acknowledge: (batch) => this.#acknowledge(batch),
      failed: (dropped, error) => this.#notCommitted(dropped, error),
      fault: (error) => this.#faulty(error, "commit"),
    })
    this.#sweeps = new Sweeps({
      clock,
      inTurn: (task) => this.#queue.inTurn(task),
      hasEmptied: (source) => emptiedBy(source, this.gate.shadow).length > 0,
      isPresent: (source) => this.#seats.isPresent(source),
      sweep: (source) => this.#trySweep(source),
    })
    // Not by `update`: Yjs would write each row once more for whoever listens to that.
    this.#main.on("afterTransaction", (tr: Y.Transaction) => {
      if (tr.local && (tr.changed.size > 0 || tr.deleteSet.clients.size > 0)) this.faults++
    })
  }

  // The six steps of an update.

  /** 1 Decode: what a session sends, each message in its turn. */
  receive(session: Session, frame: Uint8Array): void {
    const seat = this.#seats.of(session)
    if (!seat) return
    if (!mayGoOn(seat, frame.length, this.#options.clock)) return session.close(closeCode.tooFast, "too many messages")
    this.#guarded(session, () => this.#decode(session, seat, frame))
  }

  #decode(session: Session, seat: Seat, frame: Uint8Array): void {
    const message = decodeMessage(frame)
    switch (message?.kind) {
      case "step1":
        return this.#queue.charged(() => this.#answer(session, seat, message.stateVector))()
      case "step2":
      case "update":
        return this.#queue.inTurn(() => this.#guarded(session, () => this.#inOrder(session, seat, message)))
      case "awareness":
        return this.#presence.receive(session, message.update)
      case "queryAwareness":
        this.#tellPresent(session)
        return this.#closeIfSlow(session)
      default:
        return session.close(closeCode.refused, "not a message of this protocol")
    }
  }

  /** What came early is tried behind the answer. Nothing of all this counts as taken before the last of it is. */
  #inOrder(session: Session, seat: Seat, { kind, update }: Update): void {
    const n = ++seat.received
    if (isRefused(seat)) return
    const early = seat.writes.is === "joining" ? seat.writes.early : []
    if (kind === "step2") seat.writes = { is: "writing" }
    else if (early.length > 0) return this.#keepEarly(session, seat, early, n, update)
    // What a browser sends as it is made deletes only what is there for it. Its answer to our question lists all that it knows to be deleted.
    const heard = kind === "step2" ? seat.heard : null
    const before = n - early.length - 1
    for (const [i, one] of [update, ...early].entries()) {
      if (isRefused(seat)) return
      this.#receiveUpdate(session, seat, { update: one, n, taken: i === early.length ? n : before, heard: i === 0 ? heard : null })
    }
  }

  #receiveUpdate(session: Session, seat: Seat, tried: Tried): void {
    const person = session.person()
    const { isAllowed } = this.rulingFor(session)
    const outcome = this.gate.receive(tried.update, { person: person.id, source: session.source ?? "" }, isAllowed, tried.heard)
    this.#follow(session, seat, tried, outcome)
  }

  /** 2 Authorize: whether a session may write at this moment, or why not. */
  rulingFor(session: Session): Ruling {
    const { readOnly } = this.#options
    if (readOnly !== undefined) return { isAllowed: false, sentence: readOnly }
    const person = session.person()
    const mayWear = session.source !== null && person.hats.includes(session.source)
    if (person.isRevoked || !mayWear || session.client === null)
      return { isAllowed: false, sentence: "You may read this draft, not write in it." }
    return may("propose", { role: person.role, hat: session.source }, this.meta)
  }

  /** 3 Try on the shadow: what follows from the gate's answer. */
  #follow(session: Session, seat: Seat, { update, n, taken }: Tried, outcome: Outcome): void {
    const sent = { session, n: taken }
    switch (outcome.kind) {
      case "refused":
        if (outcome.reason === "gap" && seat.writes.is === "joining") return this.#keepEarly(session, seat, seat.writes.early, n, update)
        return this.#refuse(session, seat, n, outcome.reason, outcome.block)
      case "failed":
        this.#options.onFault?.(outcome.error, "update")
        return this.#refuse(session, seat, n, "server-fault", null)
      case "dropped":
        if (this.gate.isSpoilt) this.#rebuild()
        return this.#committer.add({ sent })
      case "nothing":
        return this.#committer.add({ sent })
      case "accepted": {
        const { client, source } = session
        const meta = { client: client!, person: session.person().id, source: source!, kind: "edit", at: this.#now() } as const
        const tell = (): void => {
          // Its browser may have come back meanwhile, on another line.
          const hearer = this.#seats.of(session) ? session : (this.#seats.ofClient(session.client) ?? session)
          for (const kept of outcome.kept) notify(hearer, noticeOfKept(kept))
        }
        this.#committer.add({ sent, row: { ...meta, update: outcome.row }, tell })
        const { reached } = outcome
        if (reached) this.#settle(() => this.gate.stoodBefore(reached), meta, reached)
        return
      }
      default:
        outcome satisfies never
    }
  }

  /** 4 Append and commit. */
  #append(batch: readonly Waiting[]): Promise<number> | null {
    const commit = commitOf(batch)
    return commit.rows.length > 0 || commit.entries.length > 0 ? this.#options.log.append(commit) : null
  }

  #appended(batch: readonly Waiting[], seq: number | null, seconds: number): void {
    this.#seq = seq ?? this.#seq
    this.#acts += batch.filter(({ entry }) => entry).length
    this.#options.onCommit?.(rowsOf(batch).length, seconds)
  }

  /** 5 Apply to main and broadcast. */
  #broadcast(updates: readonly Uint8Array[]): boolean {
    if (updates.length === 0) return false
    this.#state.note(updates)
    for (const update of updates) Y.applyUpdate(this.#main, update, "commit")
    for (const frame of framesOf(updates)) for (const session of this.#seats.readers()) session.send(frame)
    for (const session of [...this.#seats.sessions]) this.#closeIfSlow(session)
    return true
  }

  /** 6 Acknowledge. What fails here of one is no other's: all of it is durable, and each is told so. */
  #acknowledge(batch: readonly Waiting[]): void {
    for (const { tell } of batch) this.#apart(() => tell?.())
    this.#apart(() => {
      for (const [session, n] of lastSent(batch)) {
        const seat = this.#seats.of(session)
        if (!seat) continue
        this.#seats.acknowledge(seat, n)
        if (session.speaksOurs) session.send(encodeMessage({ kind: "acknowledged", n }))
      }
    })
    for (const { committed } of batch) this.#apart(() => committed?.())
    this.#maybeSnapshot()
  }

  // What else becomes of an update.

  /**
   * A standard provider that reconnects sends what is typed now before it has answered what was typed while the line was cut. The answer brings both:
   * so what came before it, and leans on what is not here, waits for it, and all that comes behind does too. Where none comes it is refused.
   */
  #keepEarly(session: Session, seat: Seat, early: Uint8Array[], n: number, update: Uint8Array): void {
    const bytes = early.reduce((sum, one) => sum + one.length, update.length)
    if (bytes > caps.updateBytes || early.length >= mostEarly) return this.#refuse(session, seat, n, "gap", null)
    early.push(update)
    if (early.length > 1) return
    const refuseUnanswered = (): void => {
      if (this.#seats.of(session) === seat && seat.writes.is === "joining") this.#refuse(session, seat, seat.received, "gap", null)
    }
    this.#options.clock.later(() => this.#queue.inTurn(refuseUnanswered), answerMs)
  }

  /**
   * Refuses an update. What the session sent before it is committed and acknowledged first, so that its browser knows exactly which words were not
   * taken; what it sends after it leans on it and is passed over (GATE10).
   */
  #refuse(session: Session, seat: Seat, n: number, reason: string, block: string | null): void {
    if (this.gate.isSpoilt) this.#rebuild()
    seat.writes = { is: "refused" }
    const isRaced = this.#races.isRaced(block)
    this.#options.onRefused?.(reason, isRaced)
    const tell = (): void => {
      if (session.speaksOurs) {
        // In this order: what is acknowledged after a refusal is dealt with, not saved.
        const clock = session.client === null ? 0 : Y.getState(this.#main.store, session.client)
        session.send(encodeMessage({ kind: "refused", refused: { reason, block, raced: isRaced, clock } }))
        session.send(encodeMessage({ kind: "acknowledged", n }))
      }
      for (const waiter of seat.waiters.splice(0)) waiter.run(true)
      session.close(closeCode.refused, reason)
      this.leave(session)
    }
    this.#committer.add({ committed: tell, failed: tell })
  }

  /**
   * The store failed: what waits is dropped and every writer is sent away to come again; their browsers still hold those updates and send them again
   * by step2. It heals by itself when the store does (ROOM5).
   */
  #notCommitted(dropped: readonly Waiting[], error: unknown): void {
    this.#shadows++
    this.#whyAnew = storeFailed
    this.gate.rebuild([this.#state.encoded()])
    for (const { failed } of dropped) failed?.(storeFailed(error))
    for (const session of [...this.#seats.sessions]) {
      if (session.client === null) continue
      session.close(closeCode.tryLater, "the store cannot write")
      this.leave(session)
    }
  }

  /**
   * What was accepted and waited for a proposal that its owner has taken back in the text waits no longer: that is settled in the same commit, with an
   * entry of the record (RES3). `stood`: the draft as it was before; `reached`: where not all of it was touched, what was.
   */
  #settle(stood: () => readonly Block[], by: Omit<Row, "update">, reached: Reached | null = null): void {
    let done: Settled | null
    try {
      done = this.#options.settle(this.gate, stood, reached)
    } catch (error) {
      // What was typed is taken all the same.
      return this.#faulty(error, "act")
    }
    if (!done) return
    const { person, source, at } = by
    const { row, details, blocks, notices } = done
    const sitting = this.#options.sitting?.() ?? nobodySaid
    const entry = { act: takesEffect, at, decidedBy: person, enteredBy: person, source, sitting, details: { ...details } }
    this.#races.note(blocks)
    this.#committer.add({
      row: row && { ...by, client: 0, kind: "act", update: row },
      entry,
      committed: () => this.#tellSources(notices),
    })
  }

  /** What a draft of an earlier version left waiting with nothing around it is settled as it is opened. */
  settleLeft(): void {
    if (this.#options.readOnly !== undefined || this.gate.noted.size === 0) return
    const by = { client: 0, person: "", source: "SEC", kind: "act", at: this.#now() } as const
    this.#queue.inTurn(() => this.#settle(() => this.gate.blocks, by))
  }

  // Acts.

  /**
   * Runs an act: on the shadow now, its answer once it is durable. `perform` throws a DomainError where the act may not be done; then nothing has
   * changed. Where it comes back as sliced work it runs slice by slice; the queue is held until it is done, so that it is still one act, one commit,
   * one frame.
   */
  act<Answer>(perform: (gate: Gate) => Performed<Answer> | Sliced<Performed<Answer>>): Promise<Answer> {
    const { readOnly } = this.#options
    if (readOnly !== undefined) return Promise.reject(new DomainError("store-failed", readOnly))
    if (this.#isClosed) return Promise.reject(closedMeanwhile())
    return new Promise((resolve, reject) => {
      const done = (performed: Performed<Answer>): void => this.#performed(performed, resolve, reject)
      let written = this.gate.written
      const failed = (error: unknown): void => {
        if (!(error instanceof DomainError)) this.#faulty(error, "act")
        // Whatever it had done by then nobody has.
        else if (this.gate.isSpoilt || this.gate.written !== written) this.#rebuild()
        reject(error)
      }
      this.#queue.inTurn(() => {
        written = this.gate.written
        const shadow = this.#shadows
        const demandGround = (): void => {
          if (this.#shadows !== shadow) throw this.#whyAnew()
        }
        try {
          const work = perform(this.gate)
          if (isSliced(work)) this.#queue.run({ work, demandGround, done, failed })
          else done(work)
        } catch (error) {
          failed(error)
        }
      })
    })
  }

  #performed<Answer>(done: Performed<Answer>, resolve: (answer: Answer) => void, reject: (error: unknown) => void): void {
    const { entry, row } = done
    this.#done++
    const forgetRace = this.#races.note(done.decidedBlocks ?? [])
    this.#committer.add({
      row: row && { client: 0, person: entry.enteredBy, source: entry.source, kind: "act", at: entry.at, update: row },
      entry,
      sources: done.sources ?? [],
      committed: () => {
        resolve(done.answer)
        this.#tellSources(done.notices ?? [], entry.enteredBy)
      },
      failed: (error) => {
        forgetRace()
        reject(error)
      },
    })
  }

  /** Something read from the shadow in its turn: as of the last act that is done, never of one that is half done. */
  look<Value>(read: (gate: Gate) => Value): Promise<Value> {
    if (this.#isClosed) return Promise.reject(closedMeanwhile())
    return new Promise((resolve, reject) => {
      this.#queue.inTurn(() => {
        try {
          resolve(read(this.gate))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  /** Resolves once the first `n` updates that a client id's socket has sent are committed or refused; false where nobody knows (`Seats.settled`). */
  settled(client: number, n: number, timeoutMs = 5_000): Promise<boolean> {
    return this.#seats.settled(client, n, timeoutMs)
  }

  /** Resolves when each act that was done before is committed, and in the record, or has failed; with how many were done by then. */
  recorded(): Promise<number> {
    if (this.#isClosed) return Promise.reject(closedMeanwhile())
    return new Promise((resolve) => {
      this.#queue.inTurn(() => {
        const count = this.#done
        const ended = (): void => resolve(count)
        this.#committer.add({ committed: ended, failed: ended })
      })
    })
  }

  /** Resolves when everything accepted so far is committed or has failed. */
  async drained(): Promise<void> {
    while (this.#isWorking) await new Promise<void>((resolve) => this.#options.clock.later(resolve, 1))
  }

  // Who is in it.

  join(session: Session): void {
    this.#seats.take(session)
    session.send(encodeMessage({ kind: "step1", stateVector: Y.encodeStateVector(this.#main) }))
    this.#tellPresent(session)
  }

  leave(session: Session): void {
    const { client } = session
    if (!this.#seats.leave(session) || client === null) return
    // Where its browser has come back meanwhile under the same id, it has not left.
    if (!this.#seats.ofClient(client)) this.#presence.left(client)
    if (session.source !== null) this.planSweep(session.source)
  }

  #answer(session: Session, seat: Seat, stateVector: Uint8Array): void {
    const lacking = lackingOf(this.#main, stateVector)
    if (!lacking) return session.close(closeCode.refused, "not a state vector")
    seat.heard = Math.min(seat.heard, lacking.heard)
    if (lacking.update) this.#tellState(session, seat, lacking.update)
    else this.#state.whenEncoded(this.#queue.charged(() => this.#tellState(session, seat, this.#state.encoded())))
  }

  /** All that was committed by now is in the one answer: a state a moment old would be another text, in which stock Yjs takes out marks that look empty. */
  #tellState(session: Session, seat: Seat, update: Uint8Array): void {
    if (this.#seats.of(session) !== seat) return
    seat.hears = "reading"
    session.send(encodeMessage({ kind: "step2", update }))
    this.#closeIfSlow(session)
  }

  #tellPresent(session: Session): void {
    const present = this.#presence.everyone()
    if (present) session.send(present)
  }

  /** `but`: a person who has done it, and needs not be told. */
  #tellSources(notices: NonNullable<Performed<unknown>["notices"]>, but?: string): void {
    tellSources([...this.#seats.sessions], notices, but)
  }

  /** A session that does not read is sent away: what waits for it lies in the server's memory. */
  #closeIfSlow(session: Session): void {
    if (session.buffered() < slowAfterBytes + this.#state.bytes) return
    session.close(closeCode.slow, "too slow to keep up")
    this.leave(session)
  }

  // Clauses that were left empty.

  planSweep(source: string): void {
    if (this.#options.readOnly === undefined) this.#sweeps.plan(source)
  }

  /** The same for all at once, whoever may be about to write in one: nobody will, for `person` is to adopt the text. */
  sweepBlank(person: string): void {
    this.#queue.inTurn(() => {
      for (const source of sourcesOfBlank(this.gate.blocks)) this.#trySweep(source, person)
    })
  }

  /** `person`: by whose act; "": nobody's, the room does it by itself. */
  #trySweep(source: string, person = ""): void {
    try {
      this.#sweep(source, person)
    } catch (error) {
      this.#faulty(error, "act")
    }
  }

  #sweep(source: string, person: string): void {
    const stood = this.gate.noted.size > 0 ? this.gate.blocks : null
    const standing = standingIn(this.gate.shadow, this.gate.blocks)
    const update = this.gate.act((_, shadow) => removeEmptied(source, shadow, standing))
    const meta = { client: 0, person, source, kind: "act", at: this.#now() } as const
    if (!update) return
    this.#committer.add({ row: { ...meta, update } })
    if (stood) this.#settle(() => stood, meta)
  }

  // Faults.

  /** What a fault of ours costs while something of one session is done: that one a new start, and nobody else anything. */
  #guarded(session: Session, task: () => void): void {
    try {
      task()
    } catch (error) {
      this.#faulty(error, "update")
      session.close(closeCode.tryLater, "something failed on the server")
      this.leave(session)
    }
  }

  #apart(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#faulty(error, "commit")
    }
  }

  /** An exception of ours: told with its cause, and what it may have left on the shadow goes (ROOM7). */
  #faulty(error: unknown, doing: "update" | "act" | "commit"): void {
    this.#options.onFault?.(error, doing)
    this.#rebuild()
  }

  #rebuild(): void {
    this.#shadows++
    this.#whyAnew = interrupted
    this.gate.rebuild([...this.#state.parts(), ...rowsOf(this.#committer.pending).map((row) => row.update)])
  }

  // Its state, and its end.

  /** The committed document. For reading. */
  get main(): Y.Doc {
    return this.#main
  }

  get seq(): number {
    return this.#seq
  }

  get acts(): number {
    return this.#acts
  }

  /** How many acts were done, committed or not: where it is the same, none has come between. */
  get done(): number {
    return this.#done
  }

  get sessions(): Iterable<Session> {
    return this.#seats.sessions
  }

  get sessionCount(): number {
    return this.#seats.size
  }

  /** Nobody is in it, and nothing of it is under way. */
  get isIdle(): boolean {
    return this.#seats.size === 0 && !this.#sweeps.arePlanned && !this.#isWorking
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get #isWorking(): boolean {
    return this.#queue.isHeld || this.#committer.isWorking
  }

  #now(): string {
    return this.#options.clock.now().toISOString()
  }

  /** Stage, settings and labels as of the last accepted act, committed or not: what rights are read from. */
  get meta(): DraftMeta {
    return metaOfDoc(this.gate.shadow)
  }

  /** Stage and settings as everybody has them: what those outside the room may see is read from these. */
  get committedMeta(): DraftMeta {
    return metaOfDoc(this.#main)
  }

  /** The committed state as one update; kept until the next commit. */
  encodedState(): Uint8Array {
    return this.#state.encoded()
  }

  #maybeSnapshot(): void {
    if (this.#seq - this.#snapshotSeq >= snapshotEvery) void this.saveSnapshot()
  }

  /** Keeps the committed state, where it has changed since that was done. */
  async saveSnapshot(): Promise<void> {
    if (this.#seq === this.#snapshotSeq || this.#options.readOnly !== undefined) return
    this.#snapshotSeq = this.#seq
    // A snapshot is a cache: where it cannot be written the log still holds everything.
    await this.#options.log.saveSnapshot({ seq: this.#seq, state: this.#state.encoded() }).catch(nothing)
  }

  /** Closes every socket, for those in it are to come again; what waits is committed first. */
  async close(code: number): Promise<void> {
    await this.drained()
    for (const session of [...this.#seats.sessions]) {
      session.close(code, "the server is restarting")
      this.leave(session)
    }
  }

  /** Gives its memory back. Only where it is idle; who comes opens another. */
  destroy(): void {
    this.#isClosed = true
    this.gate.shadow.destroy()
    this.#main.destroy()
    this.#state.forget()
  }
}
