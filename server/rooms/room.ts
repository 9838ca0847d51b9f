import * as Y from "yjs"
import { isSliced, type Sliced } from "../../shared/changes/slices.ts"
import { takesEffect } from "../../shared/changes/taken-back.ts"
import type { Sitting } from "../../shared/people/sitting.ts"
import { may, type Ruling } from "../../shared/policy/policy.ts"
import { type Block, isBlank, isPresent } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import { closeCode, decodeMessage, encodeMessage, type NoticeMessage } from "../../shared/sync/protocol.ts"
import { blocksRoot, elementsOf, textOfElement } from "../../shared/sync/read.ts"
import { type DraftMeta, metaOfDoc } from "../../shared/sync/roots.ts"
import { Gate, type Kept } from "../gate/gate.ts"
import { newHeldDoc } from "../gate/halves.ts"
import type { Reached } from "../gate/reached.ts"
import { type BindingOf, caps } from "../gate/shapes.ts"
import { noteStood, standingIn } from "../gate/stood.ts"
import type { Clock } from "../pace/clock.ts"
import type { Shares } from "../pace/shares.ts"
import type { Session } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { Commit, LogRow, RegisterEntry, Snapshot, SourceRecord } from "../storage/store.ts"
import { Presence } from "./presence.ts"
import { Standing } from "./standing.ts"

/** The part of the store that a room needs. */
export interface RoomLog {
  append(commit: Commit): Promise<number>
  saveSnapshot(snapshot: Snapshot): Promise<void>
}

/** What becomes of what was accepted and waited, once nothing stands around it any more. */
export interface Settled {
  readonly row: Uint8Array | null
  /** For the record. */
  readonly details: Readonly<Record<string, unknown>>
  readonly blocks: readonly string[]
  readonly notices: readonly { readonly source: string; readonly notice: NoticeMessage }[]
}

export interface RoomOptions {
  readonly log: RoomLog
  readonly bindingOf: BindingOf
  /** Settles what waits, in the document of the gate; null: nothing is due. `stood`: the draft before; `reached`: what an update has touched, where that is known. */
  readonly settle: (gate: Gate, stood: () => readonly Block[], reached: Reached | null) => Settled | null
  /** Dates, durations, and what is done later: group commit, presence, sweeps. */
  readonly clock: Clock
  /** How long an act on a large draft may run before others have their turn, in ms. */
  readonly sliceMs: number
  readonly onRefused?: (reason: string, isRaced: boolean) => void
  /** An exception of ours, with what was being done: it is no fault of what arrived. */
  readonly onFault?: (error: unknown, doing: "update" | "act" | "commit") => void
  readonly onCommit?: (rows: number, seconds: number) => void
  /** Whose time what is done takes; without it nobody's is counted. */
  readonly shares?: Pick<Shares, "payer" | "charged">
  /** Why nobody may write, in a sentence: the draft is damaged, and this room shows what is left of it. */
  readonly readOnly?: string
  /** The sitting that what is recorded now bears. */
  readonly sitting?: () => Sitting
}

/** What an act leaves: the row it writes, its entry in the register, and the answer to who did it. */
export interface Performed<Answer> {
  readonly row: Uint8Array | null
  readonly entry: RegisterEntry
  readonly answer: Answer
  /** What comes on the roster with it, and is stored in the same commit. */
  readonly sources?: readonly SourceRecord[]
  /** Blocks that were decided on: a refusal that touches one of them soon after is raced. */
  readonly decidedBlocks?: readonly string[]
  /** What is told to the sockets of a source, once it is durable; not to those of the person who did it. */
  readonly notices?: readonly { readonly source: string; readonly notice: NoticeMessage }[]
}

const nobodySaid: Sitting = { body: "", room: "", date: "", chair: "" }

interface Waiting {
  readonly session: Session | null
  readonly n: number
  readonly row: Uint8Array | null
  readonly meta: Omit<LogRow, "seq" | "update"> | null
  readonly entry: RegisterEntry | null
  readonly sources?: readonly SourceRecord[]
  /** What its writer must have heard of before it is told that all is saved: words that are not in the draft. */
  readonly tell?: () => void
  readonly committed: () => void
  readonly failed: (error: unknown) => void
}

interface Seat {
  received: number
  /** The server's clock as the session knew it when it asked what it lacks; before that it is taken to know all. */
  heard: number
  /**
   * Whether the session has asked what it lacks. Before that it hears of no commit: its document could not place it, would keep the deletions for
   * later, and would list them as its own where the line breaks before the answer.
   */
  hasAsked: boolean
  /** Whether the session has sent its step2, which brings all that the room lacks. */
  hasAnswered: boolean
  /** What came before the answer and leans on what only that brings. */
  early: Uint8Array[]
  isRefused: boolean
  acknowledged: number
  waiters: { n: number; run: (isSettled: boolean) => void }[]
  tokens: number
  refilledAt: number
}

/** After a broadcast the room rests so many times as long as one takes, at most so long. Measured: with one time as long 300 people cost twice the CPU. */
const restPerBroadcast = 3
const longestRestMs = 50
/** After the state was encoded anew for who joins that is not done again for so many times as long as it took, at most as long as the rest. */
const restPerEncoding = 3
/** How much of the last broadcast is in what one is taken to take. */
const smoothing = 0.3
/** Most rows that one broadcast frame merges: `Y.mergeUpdates` is superlinear. */
const mergeLimit = 64
const snapshotEvery = 1_000
/** Updates after which the state is encoded anew for those who join. */
const mostSince = 200
/** A session may send this many messages a second, and save up this many. */
const messagesPerSecond = 500
/** So many bytes of a message count as another. */
const bytesPerMessage = 2_000
const burst = 5_000
/** So many updates of a session wait for its answer, so long. */
const mostEarly = 1_000
const answerMs = 10_000
const presenceBeatMs = 100
/** Bytes that may wait for a session that does not read, beside the state that it has asked for. */
const slowAfterBytes = 4_000_000
/** Most bytes that one broadcast frame merges. */
const mergeBytes = 256_000
/** A refusal this soon after a decision on the same block is taken for a race. */
const raceMs = 10_000
/** How long a source is away before its empty clauses are swept. */
const sweepAfterMs = 600_000

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
  readonly #main: Y.Doc
  readonly #options: RoomOptions
  readonly #seats = new Map<Session, Seat>()
  readonly #presence = new Presence()
  readonly #decidedAt = new Map<string, number>()
  #waiting: Waiting[] = []
  #committing: Waiting[] = []
  #isFlushPlanned = false
  /** What a broadcast takes, smoothed, and until when the room rests after the last. */
  #broadcastMs = 0
  #restsUntil = 0
  #isBeatPlanned = false
  /** The committed state as it was encoded last, and what was committed since. */
  #encoded: Uint8Array | null = null
  #since: Uint8Array[] = []
  /** Until when the state is not encoded again for who joins, and who waits for that. */
  #encodesFrom = 0
  #asking: (() => void)[] = []
  #seq: number
  #snapshotSeq: number
  /** How many acts were committed since the room was opened. */
  #acts = 0
  /** How many acts were done, committed or not. */
  #done = 0
  readonly standing: Standing
  /** What came while an act runs in slices: it has its turn afterwards, in the order in which it came. */
  #held: (() => void)[] | null = null
  /** How often the shadow was made anew, and why last: an act that was under way then has lost it. */
  #shadows = 0
  #whyAnew: () => DomainError = interrupted
  /** Sweeps that are to come. */
  #sweeps = 0
  #isClosed = false
  /** What main emitted of its own while committed rows were applied: a fault, expected to stay 0. */
  faults = 0

  constructor(state: { snapshot: Snapshot | null; rows: readonly LogRow[] }, options: RoomOptions) {
    this.#options = options
    const updates = [...(state.snapshot ? [state.snapshot.state] : []), ...state.rows.map((row) => row.update)]
    this.#main = newHeldDoc()
    this.#main.transact(() => {
      for (const update of updates) Y.applyUpdate(this.#main, update)
    })
    this.standing = new Standing(this.#main)
    this.#seq = state.rows.at(-1)?.seq ?? state.snapshot?.seq ?? 0
    this.#snapshotSeq = state.snapshot?.seq ?? 0
    this.gate = new Gate([this.encodedState()], options.bindingOf)
    // Not by `update`: Yjs would write each row once more for whoever listens to that.
    this.#main.on("afterTransaction", (tr: Y.Transaction) => {
      if (tr.local && (tr.changed.size > 0 || tr.deleteSet.clients.size > 0)) this.faults++
    })
  }

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
    return this.#seats.keys()
  }

  get sessionCount(): number {
    return this.#seats.size
  }

  /** Nobody is in it, and nothing of it is under way. */
  get isIdle(): boolean {
    return this.#seats.size === 0 && this.#sweeps === 0 && !this.#isWorking
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get #isWorking(): boolean {
    return this.#held !== null || this.#waiting.length > 0 || this.#committing.length > 0
  }

  /** Stage, settings and labels as of the last accepted act, committed or not: what rights are read from. */
  get meta(): DraftMeta {
    return metaOfDoc(this.gate.shadow)
  }

  /** Stage and settings as everybody has them: what those outside the room may see is read from these. */
  get committedMeta(): DraftMeta {
    return metaOfDoc(this.#main)
  }

  /** The committed state as one update; kept until the next commit, for joiners come in crowds. */
  encodedState(): Uint8Array {
    if (!this.#encoded || this.#since.length > 0) {
      const from = this.#options.clock.elapsedMs()
      this.#encoded = Y.encodeStateAsUpdate(this.#main)
      this.#since = []
      const until = this.#options.clock.elapsedMs()
      this.#encodesFrom = until + Math.min(longestRestMs, restPerEncoding * (until - from))
    }
    return this.#encoded
  }

  /** Does what needs the committed state as one update. To write all of it anew for each of a crowd takes too long: they wait a moment for one. */
  #withState(work: () => void): void {
    const rest = this.#encodesFrom - this.#options.clock.elapsedMs()
    const isEncoded = this.#encoded !== null && this.#since.length === 0
    if (this.#asking.length === 0 && (isEncoded || rest < 1)) return work()
    this.#asking.push(work)
    if (this.#asking.length > 1) return
    this.#options.clock.later(() => {
      for (const waiting of this.#asking.splice(0)) if (!this.#isClosed) waiting()
    }, rest)
  }

  #noteSince(updates: readonly Uint8Array[]): void {
    if (!this.#encoded) return
    this.#since.push(...updates)
    const bytes = this.#since.reduce((sum, update) => sum + update.length, 0)
    if (this.#since.length <= mostSince && bytes <= mergeBytes) return
    this.#encoded = null
    this.#since = []
  }

  /** The committed state as one large update, a moment old, and what was committed since: to write all of it anew takes too long. */
  #stateParts(): Uint8Array[] {
    return [this.#encoded ?? this.encodedState(), ...this.#since]
  }

  join(session: Session): void {
    this.#seats.set(session, {
      received: 0,
      heard: Number.POSITIVE_INFINITY,
      hasAsked: false,
      hasAnswered: false,
      early: [],
      isRefused: false,
      acknowledged: 0,
      waiters: [],
      tokens: burst,
      refilledAt: this.#options.clock.elapsedMs(),
    })
    session.send(encodeMessage({ kind: "step1", stateVector: Y.encodeStateVector(this.#main) }))
    const present = this.#presence.everyone()
    if (present) session.send(present)
  }

  leave(session: Session): void {
    const { client } = session
    for (const waiter of this.#seats.get(session)?.waiters.splice(0) ?? []) waiter.run(false)
    if (!this.#seats.delete(session) || client === null) return
    // Where its browser has come back meanwhile under the same id, it has not left.
    if (![...this.#seats.keys()].some((other) => other.client === client)) {
      this.#presence.left(client)
      this.#planBeat()
    }
    if (session.source !== null) this.planSweep(session.source)
  }

  /**
   * Removes the new clauses that a source emptied or never filled, once it has been away so long that nobody of it can still be typing in one without
   * a line (TRK3).
   */
  planSweep(source: string): void {
    if (this.#options.readOnly !== undefined) return
    this.#inTurn(() => {
      if (this.#emptiedBy(source).length === 0) return
      this.#sweeps++
      this.#options.clock.later(() => {
        this.#sweeps--
        if ([...this.#seats.keys()].some((session) => session.source === source)) return
        this.#inTurn(() => this.#trySweep(source))
      }, sweepAfterMs)
    })
  }

  /** The same for all at once, whoever may be about to write in one: nobody will, for `person` is to adopt the text. */
  sweepBlank(person: string): void {
    this.#inTurn(() => {
      const sources = new Set(this.gate.blocks.flatMap((block) => (isBlank(block) && isPresent(block) ? (block.insertedBy ?? []) : [])))
      for (const source of sources) this.#trySweep(source, person)
    })
  }

  #emptiedBy(source: string): Y.XmlElement[] {
    const isEmpty = (element: Y.XmlElement): boolean =>
      element.getAttribute("insertedBy") === source &&
      // The place of a clause that stands elsewhere is no empty clause: late words find their way from it.
      element.getAttribute("joined") === undefined &&
      (textOfElement(element)?.length ?? 0) === 0
    return elementsOf(this.gate.shadow).filter(isEmpty)
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
    const row = this.gate.act((_, shadow) => {
      const fragment = shadow.getXmlFragment(blocksRoot)
      for (const element of this.#emptiedBy(source)) fragment.delete(elementsOf(shadow).indexOf(element), 1)
      noteStood(shadow, standing, new Set(elementsOf(shadow).map((element) => element.getAttribute("id") as string)))
    })
    const meta = { client: 0, person, source, kind: "act" as const, at: this.#options.clock.now().toISOString() }
    if (!row) return
    this.#wait({ session: null, n: 0, row, meta, entry: null, committed: nothing, failed: nothing })
    if (stood) this.#settle(() => stood, meta)
  }

  /** A task that takes the time of whoever it is done for now, whenever it runs. */
  #charged(task: () => void): () => void {
    const { shares } = this.#options
    const payer = shares?.payer() ?? null
    return shares && payer !== null ? () => shares.charged(payer, task) : task
  }

  /** ROOM2: everything that reads or writes the shadow takes one queue. */
  #inTurn(task: () => void): void {
    const run = this.#charged(task)
    if (this.#held) this.#held.push(run)
    else run()
  }

  receive(session: Session, frame: Uint8Array): void {
    const seat = this.#seats.get(session)
    if (!seat) return
    if (!this.#mayGoOn(seat, frame.length)) return session.close(closeCode.tooFast, "too many messages")
    this.#guarded(session, () => this.#take(session, seat, frame))
  }

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

  /** An exception of ours: told with its cause, and what it may have left on the shadow goes (ROOM7). */
  #faulty(error: unknown, doing: "update" | "act" | "commit"): void {
    this.#options.onFault?.(error, doing)
    this.#rebuild()
  }

  #take(session: Session, seat: Seat, frame: Uint8Array): void {
    // 1 decode
    const message = decodeMessage(frame)
    switch (message?.kind) {
      case "step1":
        return this.#charged(() => this.#answer(session, seat, message.stateVector))()
      case "step2":
      case "update":
        return this.#inTurn(() => this.#guarded(session, () => this.#receiveUpdate(session, seat, message)))
      case "awareness":
        this.#presence.receive(session, message.update)
        return this.#planBeat()
      case "queryAwareness": {
        const present = this.#presence.everyone()
        if (present) session.send(present)
        return this.#closeIfSlow(session)
      }
      default:
        return session.close(closeCode.refused, "not a message of this protocol")
    }
  }

  #mayGoOn(seat: Seat, bytes: number): boolean {
    // By a clock that only goes forward: the date of a server may be set while it runs.
    const now = this.#options.clock.elapsedMs()
    seat.tokens = Math.min(burst, seat.tokens + ((now - seat.refilledAt) / 1_000) * messagesPerSecond)
    seat.refilledAt = now
    seat.tokens -= 1 + bytes / bytesPerMessage
    return seat.tokens >= 0
  }

  #answer(session: Session, seat: Seat, stateVector: Uint8Array): void {
    const isNew = stateVector.length <= 1
    let lacking: Uint8Array | null
    try {
      seat.heard = Math.min(seat.heard, isNew ? 0 : (Y.decodeStateVector(stateVector).get(serverClient) ?? 0))
      lacking = isNew ? null : Y.encodeStateAsUpdate(this.#main, stateVector)
    } catch {
      return session.close(closeCode.refused, "not a state vector")
    }
    if (lacking) this.#tellState(session, seat, lacking)
    else this.#withState(this.#charged(() => this.#tellState(session, seat, this.encodedState())))
  }

  /** All that was committed by now is in the one answer: a state a moment old would be another text, in which stock Yjs takes out marks that look empty. */
  #tellState(session: Session, seat: Seat, update: Uint8Array): void {
    if (this.#seats.get(session) !== seat) return
    seat.hasAsked = true
    session.send(encodeMessage({ kind: "step2", update }))
    this.#closeIfSlow(session)
  }

  /** A session that does not read is sent away: what waits for it lies in the server's memory. */
  #closeIfSlow(session: Session): void {
    if (session.buffered() < slowAfterBytes + (this.#encoded?.length ?? 0)) return
    session.close(closeCode.slow, "too slow to keep up")
    this.leave(session)
  }

  /** Whether a session may write at this moment, or why not. */
  rulingFor(session: Session): Ruling {
    const { readOnly } = this.#options
    if (readOnly !== undefined) return { isAllowed: false, sentence: readOnly }
    const person = session.person()
    const mayWear = session.source !== null && person.hats.includes(session.source)
    if (person.isRevoked || !mayWear || session.client === null)
      return { isAllowed: false, sentence: "You may read this draft, not write in it." }
    return may("propose", { role: person.role, hat: session.source }, this.meta)
  }

  #receiveUpdate(session: Session, seat: Seat, message: { kind: "step2" | "update"; update: Uint8Array }): void {
    const { kind, update } = message
    const n = ++seat.received
    if (seat.isRefused) return
    if (kind === "step2") seat.hasAnswered = true
    else if (seat.early.length > 0) return this.#keepEarly(session, seat, n, update)
    // What a browser sends as it is made deletes only what is there for it. Its answer to our question lists all that it knows to be deleted.
    const heard = kind === "step2" ? seat.heard : null
    // What came early is tried behind the answer. Nothing of all this counts as taken before the last of it is.
    const early = seat.early.splice(0)
    const before = n - early.length - 1
    for (const [i, one] of [update, ...early].entries()) {
      if (seat.isRefused) return
      this.#tryUpdate(session, seat, { update: one, n, taken: i === early.length ? n : before, heard: i === 0 ? heard : null })
    }
  }

  /**
   * A standard provider that reconnects sends what is typed now before it has answered what was typed while the line was cut. The answer brings both:
   * so what came before it, and leans on what is not here, waits for it, and all that comes behind does too. Where none comes it is refused.
   */
  #keepEarly(session: Session, seat: Seat, n: number, update: Uint8Array): void {
    const bytes = seat.early.reduce((sum, one) => sum + one.length, update.length)
    if (bytes > caps.updateBytes || seat.early.length >= mostEarly) return this.#refuse(session, seat, n, "gap", null)
    seat.early.push(update)
    if (seat.early.length > 1) return
    const refuseUnanswered = (): void => {
      if (this.#seats.get(session) === seat && !seat.hasAnswered && !seat.isRefused) this.#refuse(session, seat, seat.received, "gap", null)
    }
    this.#options.clock.later(() => this.#inTurn(refuseUnanswered), answerMs)
  }

  /** `taken`: how many of the session's messages are dealt with once this update is committed; `n`: once it is refused. */
  #tryUpdate(session: Session, seat: Seat, tried: { update: Uint8Array; n: number; taken: number; heard: number | null }): void {
    const { update, n, taken, heard } = tried
    // 2 authorize, 3 try on the shadow
    const person = session.person()
    const isAllowed = this.rulingFor(session).isAllowed
    const outcome = this.gate.receive(update, { person: person.id, source: session.source ?? "" }, isAllowed, heard)
    switch (outcome.kind) {
      case "refused":
        if (outcome.reason === "gap" && !seat.hasAnswered) return this.#keepEarly(session, seat, n, update)
        return this.#refuse(session, seat, n, outcome.reason, outcome.block)
      case "failed":
        this.#options.onFault?.(outcome.error, "update")
        return this.#refuse(session, seat, n, "server-fault", null)
      case "dropped":
        if (this.gate.isSpoilt) this.#rebuild()
        return this.#wait({ session, n: taken, row: null, meta: null, entry: null, committed: nothing, failed: nothing })
      case "nothing":
        return this.#wait({ session, n: taken, row: null, meta: null, entry: null, committed: nothing, failed: nothing })
      case "accepted": {
        const meta = {
          client: session.client!,
          person: person.id,
          source: session.source!,
          kind: "edit" as const,
          at: this.#options.clock.now().toISOString(),
        }
        const tell = (): void => {
          // Its browser may have come back meanwhile, on another line.
          const heard = this.#seats.has(session)
            ? session
            : ([...this.#seats.keys()].find(({ client }) => client === session.client) ?? session)
          for (const kept of outcome.kept) notify(heard, noticeOfKept(kept))
        }
        this.#wait({ session, n: taken, row: outcome.row, meta, entry: null, tell, committed: nothing, failed: nothing })
        const { reached } = outcome
        if (reached) this.#settle(() => this.gate.stoodBefore(reached), meta, reached)
        return
      }
      default:
        outcome satisfies never
    }
  }

  /**
   * What was accepted and waited for a proposal that its owner has taken back in the text waits no longer: that is settled in the same commit, with an
   * entry of the record (RES3). `stood`: the draft as it was before; `reached`: where not all of it was touched, what was.
   */
  #settle(stood: () => readonly Block[], by: NonNullable<Waiting["meta"]>, reached: Reached | null = null): void {
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
    for (const block of blocks) this.#decidedAt.set(block, this.#options.clock.elapsedMs())
    this.#wait({
      ...{ session: null, n: 0, row, meta: { ...by, client: 0, kind: "act" }, failed: nothing },
      entry,
      committed: () => this.#tellSources(notices),
    })
  }

  /** What a draft of an earlier version left waiting with nothing around it is settled as it is opened. */
  settleLeft(): void {
    if (this.#options.readOnly !== undefined || this.gate.noted.size === 0) return
    const at = this.#options.clock.now().toISOString()
    this.#inTurn(() => this.#settle(() => this.gate.blocks, { client: 0, person: "", source: "SEC", kind: "act", at }))
  }

  /** `but`: a person who has done it, and needs not be told. */
  #tellSources(notices: NonNullable<Performed<unknown>["notices"]>, but?: string): void {
    for (const { source, notice } of notices)
      for (const session of this.#seats.keys()) if (session.source === source && session.person().id !== but) notify(session, notice)
  }

  /**
   * Refuses an update. What the session sent before it is committed and acknowledged first, so that its browser knows exactly which words were not
   * taken; what it sends after it leans on it and is passed over (GATE10).
   */
  #refuse(session: Session, seat: Seat, n: number, reason: string, block: string | null): void {
    if (this.gate.isSpoilt) this.#rebuild()
    seat.isRefused = true
    const decidedAt = block === null ? undefined : this.#decidedAt.get(block)
    const isRaced = decidedAt !== undefined && this.#options.clock.elapsedMs() - decidedAt < raceMs
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
    this.#wait({ session: null, n: 0, row: null, meta: null, entry: null, committed: tell, failed: tell })
  }

  #rebuild(): void {
    this.#shadows++
    this.#whyAnew = interrupted
    const rows = [...this.#committing, ...this.#waiting].map((part) => part.row).filter((row) => row !== null)
    this.gate.rebuild([...this.#stateParts(), ...rows])
  }

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
      this.#inTurn(() => {
        written = this.gate.written
        try {
          const work = perform(this.gate)
          if (isSliced(work)) this.#goOn(work, done, failed, this.#shadows)
          else done(work)
        } catch (error) {
          failed(error)
        }
      })
    })
  }

  /** Something read from the shadow in its turn: as of the last act that is done, never of one that is half done. */
  look<Value>(read: (gate: Gate) => Value): Promise<Value> {
    if (this.#isClosed) return Promise.reject(closedMeanwhile())
    return new Promise((resolve, reject) => {
      this.#inTurn(() => {
        try {
          resolve(read(this.gate))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  #goOn<Result>(work: Sliced<Result>, done: (result: Result) => void, failed: (error: unknown) => void, shadow: number): void {
    const until = this.#options.clock.elapsedMs() + this.#options.sliceMs
    let isDone = false
    try {
      if (this.#shadows !== shadow) throw this.#whyAnew()
      for (let isFirst = true; !isDone && (isFirst || this.#options.clock.elapsedMs() < until); isFirst = false) {
        const step = work.next()
        if (step.done) done(step.value)
        isDone = step.done ?? false
      }
    } catch (error) {
      failed(error)
      isDone = true
    }
    // Not within the above: what was held is no part of this act, and its faults are not this one's.
    if (isDone) return this.#release()
    this.#held ??= []
    const goOn = this.#charged(() => this.#goOn(work, done, failed, shadow))
    this.#options.clock.later(goOn, 0)
  }

  /** An act is done: what was held has its turn, up to the next act that runs in slices. One that fails costs the others nothing (ROOM7). */
  #release(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const task of held) {
      try {
        this.#inTurn(task)
      } catch (error) {
        this.#faulty(error, "act")
      }
    }
  }

  #performed<Answer>(done: Performed<Answer>, resolve: (answer: Answer) => void, reject: (error: unknown) => void): void {
    const { entry, row } = done
    this.#done++
    const meta = row && { client: 0, person: entry.enteredBy, source: entry.source, kind: "act" as const, at: entry.at }
    const blocks = done.decidedBlocks ?? []
    const before = blocks.map((block) => [block, this.#decidedAt.get(block)] as const)
    for (const block of blocks) this.#decidedAt.set(block, this.#options.clock.elapsedMs())
    const failed = (error: unknown): void => {
      for (const [block, at] of before) {
        if (at === undefined) this.#decidedAt.delete(block)
        else this.#decidedAt.set(block, at)
      }
      reject(error)
    }
    const committed = (): void => {
      resolve(done.answer)
      this.#tellSources(done.notices ?? [], entry.enteredBy)
    }
    this.#wait({ session: null, n: 0, row, meta, entry, sources: done.sources ?? [], committed, failed })
  }

  /**
   * Resolves once the `n` updates that a client id's socket has sent are committed or refused; false where that takes too long, or where the socket ends
   * before: nobody knows then what of them arrived.
   */
  settled(client: number, n: number, timeoutMs = 5_000): Promise<boolean> {
    const found = [...this.#seats].find(([session]) => session.client === client)
    if (n === 0 || (found && found[1].acknowledged >= n)) return Promise.resolve(true)
    if (!found) return Promise.resolve(false)
    const [, seat] = found
    return new Promise((resolve) => {
      const waiter = { n, run: (isSettled: boolean) => resolve(isSettled) }
      seat.waiters.push(waiter)
      this.#options.clock.later(() => {
        seat.waiters = seat.waiters.filter((other) => other !== waiter)
        resolve(false)
      }, timeoutMs)
    })
  }

  /** Resolves when each act that was done before is committed, and in the record, or has failed; with how many were done by then. */
  recorded(): Promise<number> {
    if (this.#isClosed) return Promise.reject(closedMeanwhile())
    return new Promise((resolve) => {
      this.#inTurn(() => {
        const count = this.#done
        const ended = (): void => resolve(count)
        this.#wait({ session: null, n: 0, row: null, meta: null, entry: null, committed: ended, failed: ended })
      })
    })
  }

  /** Resolves when everything accepted so far is committed or has failed. */
  async drained(): Promise<void> {
    while (this.#isWorking) await new Promise<void>((resolve) => this.#options.clock.later(resolve, 1))
  }

  #wait(part: Waiting): void {
    this.#waiting.push(part)
    this.#planFlush()
  }

  /**
   * A commit begins when the last one has returned and something waits; after a broadcast the room rests a while. So two people wait for nothing, and
   * where there are hundreds they share commits and frames, and broadcasting takes about a quarter of a core (ROOM6).
   */
  #planFlush(): void {
    if (this.#isFlushPlanned || this.#committing.length > 0 || this.#waiting.length === 0) return
    this.#isFlushPlanned = true
    const rest = this.#restsUntil - this.#options.clock.elapsedMs()
    this.#options.clock.later(() => this.#flush(), rest < 1 ? 0 : rest)
  }

  #flush(): void {
    this.#isFlushPlanned = false
    this.#committing = this.#waiting
    this.#waiting = []
    if (this.#committing.length > 0) void this.#commit(this.#committing)
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const rows: Omit<LogRow, "seq">[] = []
    const entries: Commit["entries"][number][] = []
    for (const { row, meta, entry } of batch) {
      const isWritten = row !== null && meta !== null
      if (isWritten) rows.push({ ...meta, update: row })
      if (entry) entries.push(isWritten ? { ...entry, ofRow: rows.length - 1 } : entry)
    }
    const sources = batch.flatMap((part) => part.sources ?? [])
    const started = this.#options.clock.elapsedMs()
    try {
      // 4 append and commit
      if (rows.length > 0 || entries.length > 0) this.#seq = await this.#options.log.append({ rows, entries, sources })
    } catch (error) {
      return this.#fail(batch, error)
    }
    this.#options.onCommit?.(rows.length, (this.#options.clock.elapsedMs() - started) / 1_000)
    this.#committing = []
    this.#acts += entries.length
    // What fails here of one is no other's: all of it is durable, and each is told so.
    const each = (work: (part: Waiting) => void): void => {
      for (const part of batch) this.#apart(() => work(part))
    }
    // 5 apply to main and broadcast
    this.#apart(() => this.#broadcast(rows.map((row) => row.update)))
    // 6 acknowledge
    each((part) => part.tell?.())
    this.#apart(() => this.#acknowledge(batch))
    each((part) => part.committed())
    this.#maybeSnapshot()
    this.#planFlush()
  }

  #apart(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#faulty(error, "commit")
    }
  }

  #broadcast(updates: readonly Uint8Array[]): void {
    if (updates.length === 0) return
    this.#noteSince(updates)
    const from = this.#options.clock.elapsedMs()
    for (const update of updates) Y.applyUpdate(this.#main, update, "commit")
    for (const part of partsOf(updates)) {
      const frame = encodeMessage({ kind: "update", update: mergedOf(part) })
      for (const [session, { hasAsked }] of this.#seats) if (hasAsked) session.send(frame)
    }
    for (const session of [...this.#seats.keys()]) this.#closeIfSlow(session)
    const until = this.#options.clock.elapsedMs()
    this.#broadcastMs += smoothing * (until - from - this.#broadcastMs)
    this.#restsUntil = until + Math.min(longestRestMs, restPerBroadcast * this.#broadcastMs)
  }

  #acknowledge(batch: readonly Waiting[]): void {
    const last = new Map<Session, number>()
    for (const part of batch) if (part.session) last.set(part.session, part.n)
    for (const [session, n] of last) {
      const seat = this.#seats.get(session)
      if (!seat) continue
      seat.acknowledged = n
      if (session.speaksOurs) session.send(encodeMessage({ kind: "acknowledged", n }))
      seat.waiters = seat.waiters.filter((waiter) => {
        if (waiter.n > n) return true
        waiter.run(true)
        return false
      })
    }
  }

  /**
   * The store failed: what waits is dropped and every writer is sent away to come again; their browsers still hold those updates and send them again
   * by step2. It heals by itself when the store does (ROOM5).
   */
  #fail(batch: readonly Waiting[], error: unknown): void {
    const dropped = [...batch, ...this.#waiting]
    this.#shadows++
    this.#whyAnew = storeFailed
    this.#committing = []
    this.#waiting = []
    this.gate.rebuild([this.encodedState()])
    for (const part of dropped) part.failed(storeFailed(error))
    for (const session of [...this.#seats.keys()]) {
      if (session.client === null) continue
      session.close(closeCode.tryLater, "the store cannot write")
      this.leave(session)
    }
  }

  #maybeSnapshot(): void {
    if (this.#seq - this.#snapshotSeq >= snapshotEvery) void this.saveSnapshot()
  }

  /** Keeps the committed state, where it has changed since that was done. */
  async saveSnapshot(): Promise<void> {
    if (this.#seq === this.#snapshotSeq || this.#options.readOnly !== undefined) return
    this.#snapshotSeq = this.#seq
    // A snapshot is a cache: where it cannot be written the log still holds everything.
    await this.#options.log.saveSnapshot({ seq: this.#seq, state: this.encodedState() }).catch(nothing)
  }

  #planBeat(): void {
    if (this.#isBeatPlanned) return
    this.#isBeatPlanned = true
    this.#options.clock.later(() => {
      this.#isBeatPlanned = false
      this.#presence.beat(this.#seats.keys())
    }, presenceBeatMs)
  }

  /** Closes every socket, for those in it are to come again; what waits is committed first. */
  async close(code: number): Promise<void> {
    await this.drained()
    for (const session of [...this.#seats.keys()]) {
      session.close(code, "the server is restarting")
      this.leave(session)
    }
  }

  /** Gives its memory back. Only where it is idle; who comes opens another. */
  destroy(): void {
    this.#isClosed = true
    this.gate.shadow.destroy()
    this.#main.destroy()
    this.#encoded = null
  }
}

/** Updates in parts that one frame each merges: few enough, and small enough. */
function partsOf(updates: readonly Uint8Array[]): Uint8Array[][] {
  const parts: Uint8Array[][] = []
  let bytes = 0
  for (const update of updates) {
    const last = parts.at(-1)
    if (last && last.length < mergeLimit && bytes + update.length <= mergeBytes) last.push(update)
    else parts.push([update])
    bytes = (parts.at(-1) === last ? bytes : 0) + update.length
  }
  return parts
}

const mergedOf = (part: readonly Uint8Array[]): Uint8Array => (part.length === 1 ? part[0]! : Y.mergeUpdates([...part]))

function noticeOfKept(kept: Kept): NoticeMessage {
  if ("words" in kept) return { kind: "kept", words: kept.words }
  return "proposal" in kept ? { kind: "late", proposal: kept.proposal } : { kind: "forestalled", change: kept.forestalled }
}

const notify = (session: Session, notice: NoticeMessage): void => {
  if (session.speaksOurs) session.send(encodeMessage({ kind: "notice", notice }))
}
