import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals"
import * as Y from "yjs"
import type { RefusedMessage } from "../../shared/sync/protocol.ts"
import { DraftSession, type KeptWords, type SessionEvents, type Transport } from "../editor/draft-session.ts"
import type { StateHost } from "../editor/operations.ts"
import { type SpokenWords, strandedWords, wordsLeft } from "./left-words.ts"
import {
  beginning,
  type Effect,
  type FailureKind,
  type Held,
  hatOf,
  isEnding,
  type LifeEvent,
  type LifeName,
  next,
  type SaveStatus,
  type State,
  statusOf,
  type Told,
  takesTyping,
} from "./machine.ts"
import type { Left, LeftLife, Outbox, TrayEntry } from "./outbox.ts"

/** What became of a wish to join. Rejected with `JoinFailed`. */
export type Joined = Omit<LifeName, "key">

export class JoinFailed extends Error {
  readonly why: FailureKind
  constructor(why: FailureKind, sentence: string) {
    super(sentence)
    this.why = why
  }
}

export interface LineEvents {
  onOpen(transport: Transport): void
  onFrame(frame: Uint8Array): void
  /** The line is gone; unless the code ends the life it is opened again by itself. */
  onClosed(code: number): void
}

/** What a life needs of the world. */
export interface World {
  readonly host: StateHost
  readonly outbox: Outbox
  join(as: string | null): Promise<Joined>
  line(life: Pick<LifeName, "client" | "pass">, events: LineEvents): { stop(): void }
  /** Runs a task after so many milliseconds. */
  later(task: () => void, ms: number): void
  now(): Date
  /** For whom the person may write at this moment. */
  hats(): readonly string[]
  /** Whether what is shown is what is left of a damaged draft. */
  isDamaged(): boolean
  /** Whether the page shows words of an input method that are nobody's proposal yet. */
  isComposing(): boolean
}

export interface LifeEvents extends Pick<SessionEvents, "onNotice" | "onSay"> {
  /** A document is there, empty still. */
  onBegin(session: DraftSession): void
  /** It takes the place of what the editor showed: it is about to be shown. */
  onShow(session: DraftSession): void
  onLine(session: DraftSession, isOpen: boolean): void
  onAwareness(session: DraftSession, update: Uint8Array): void
  onTold(told: Told): void
  /** What was typed while nothing could take it goes where the caret is; false where that is nowhere. */
  onEarly(text: string): boolean
  /** A transition has been made, with all that follows from it. */
  onTransition?(state: State): void
  whyRefused(refused: RefusedMessage): string
  /** How a block is spoken of, or was while it was there; undefined: nobody here has seen it. */
  addressOf(block: string): string | undefined
}

interface Open {
  readonly life: LifeName
  readonly session: DraftSession
  line: { stop(): void } | null
  wasSynced: boolean
  wasSaved: boolean
  /** How many changes are acknowledged, as the device knows it. */
  saved: number
}

/** So often words are put back one time after the other; refused again they go to the tray. */
const mostPutBack = 3

/** Among so many keys a window begins in each second: two of them do not meet. */
const keysOfSecond = 4_000_000

const elsewhere = "You write for another delegation now."

/** A piece that waits to be put back, and whose it is. */
interface Piece extends KeptWords {
  readonly source: string
  readonly client: number
}

interface Returning {
  readonly left: LeftLife
  readonly session: DraftSession
  line: { stop(): void } | null
  /** So much the room had of the life as it came back; null: it is not known yet, and nothing was restored. */
  known: number | null
  /** Words for which the room said that it had no place. */
  readonly told: string[]
}

/**
 * A window's life with the room: carries out what the machine says, and keeps each word that was typed in one place: the session, what waits to be put
 * back, the tray, or, of earlier windows, what is on its way (LIFE2).
 */
export class Life {
  readonly state: Signal<State> = signal(beginning)
  readonly tray: Signal<readonly TrayEntry[]> = signal([])
  /** Spaces that were handed back, and no word yet that they stood before. */
  #spaces = { text: "", why: "", source: "" }
  readonly hat: ReadonlySignal<string | null> = computed(() => hatOf(this.state.value))
  readonly takesTyping: ReadonlySignal<boolean> = computed(() => takesTyping(this.state.value))
  readonly #held: Signal<Held>
  readonly status: ReadonlySignal<SaveStatus> = computed(() => statusOf(this.state.value, this.#held.value))
  /** Grows whenever the room acknowledges something. */
  readonly acknowledged: Signal<number> = signal(0)
  readonly #world: World
  readonly #events: LifeEvents
  readonly #open = new Map<number, Open>()
  #shown: Open
  #waiting: Piece[] = []
  /** What was typed while nothing could take it, and for whom the page said that one would write. */
  #early: { readonly text: string; readonly source: string } | null = null
  #left: LeftLife[] = []
  readonly #returning = new Map<number, Returning>()
  #isLooking = true
  /** How often words were put back since something was saved. */
  #putBacks = 0
  #savedAt: Date | null = null
  #lastKey = 0
  readonly #queue: LifeEvent[] = []
  #isRunning = false
  #isStopped = false

  constructor(world: World, events: LifeEvents) {
    this.#world = world
    this.#events = events
    const nobody: LifeName = { key: 0, client: null, source: "", epoch: "", pass: "" }
    this.#shown = { life: nobody, session: this.#newSession(nobody), line: null, wasSynced: false, wasSaved: true, saved: 0 }
    this.#held = signal(this.#count())
  }

  /** Of what the editor shows. */
  get session(): DraftSession {
    return this.#shown.session
  }

  get client(): number {
    return this.#shown.life.client ?? 0
  }

  /** How many pieces of text are in no room yet; none that anybody still wants, once all is stopped. */
  get unsent(): number {
    if (this.#isStopped) return 0
    const { unsaved, waiting, returning, inTray } = this.#count()
    return unsaved + waiting + returning + inTray
  }

  /** Joins for a hat, and stays in the room. */
  async begin(as: string | null): Promise<void> {
    this.send({ type: "open", as })
    await this.#world.outbox.open((left) => this.#found(left))
    this.#isLooking = false
    this.refresh()
  }

  choose(hat: string): void {
    this.send({ type: "choose", hat, isSaved: this.#isSaved })
  }

  /** The hats of the person are other ones, or are known anew. */
  wear(hats: readonly string[]): void {
    this.send({ type: "hats", hats, isSaved: this.#isSaved })
  }

  /** Everything stops; what is kept on the device stays there. */
  stop(): void {
    this.endEarly("The window was closed before they were taken.")
    this.#isStopped = true
    for (const { line, session } of new Set([this.#shown, ...this.#open.values(), ...this.#returning.values()])) {
      line?.stop()
      session.destroy()
    }
    this.#world.outbox.close()
  }

  /** Events are taken one after the other: what an effect tells waits until the effects of the transition are done. */
  send(event: LifeEvent): void {
    if (this.#isStopped) return
    this.#queue.push(event)
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      for (let one = this.#queue.shift(); one; one = this.#queue.shift()) this.#take(one)
    } finally {
      this.#isRunning = false
    }
  }

  #take(event: LifeEvent): void {
    const [state, effects] = next(this.state.peek(), event)
    this.state.value = state
    for (const effect of effects) this.#do(effect)
    this.#hangUp()
    if (state.at === "live") {
      this.#putBackWaiting()
      this.#sendLeft()
      this.#putEarly()
      const { source } = state.life
      // A hat may have been withdrawn while the line was away.
      if (source !== "" && state.life.client !== null && !this.#world.hats().includes(source)) this.wear(this.#world.hats())
    }
    if (state.at === "leaving") this.#leave()
    this.refresh()
    this.#events.onTransition?.(state)
  }

  #do(effect: Effect): void {
    switch (effect.do) {
      case "join":
        return this.#world.later(() => this.#join(effect.key, effect.as), effect.afterMs)
      case "wait":
        return this.#world.later(() => this.send({ type: "timer", key: effect.key }), effect.ms)
      case "begin":
        return this.#begin(effect.life)
      case "show":
        return this.#show(effect.key)
      case "drop":
        return this.#drop(effect.key)
      case "keep":
        return this.#keep(effect)
      case "tell":
        return this.#events.onTold(effect.told)
      default:
        effect satisfies never
    }
  }

  #join(key: number, as: string | null): void {
    const { at, last } = this.state.peek()
    if (this.#isStopped || at === "leaving" || last !== key) return
    this.#world.join(as).then(
      (joined) => this.send({ type: "joined", key, ...joined }),
      (error: unknown) => {
        const [why, sentence] = error instanceof JoinFailed ? [error.why, error.message] : (["unreachable", ""] as const)
        this.send({ type: "failed", key, why, sentence })
      },
    )
  }

  #newSession(life: LifeName): DraftSession {
    const { key, client, source, epoch, pass } = life
    const session: DraftSession = new DraftSession(
      this.#world.host,
      client ?? 0,
      source,
      {
        onStatus: () => this.#followed(key),
        onRefused: (refused) => {
          const { raced: isRaced, clock } = refused
          this.send({ type: "refused", key, isRaced, clock, why: this.#events.whyRefused(refused) })
        },
        onNotice: (...told) => this.#events.onNotice(...told),
        onAwareness: (update) => this.#events.onAwareness(session, update),
        onSay: (sentence) => this.#events.onSay(sentence),
        onLocal: (update, n, recorded) => {
          const stood = recorded.map((one) => ({ ...one, ...this.#addressOf(one.block) }))
          return client === null ? undefined : this.#world.outbox.keep({ client, source, epoch, pass, n, update, stood })
        },
      },
      { isHeld: true },
    )
    return session
  }

  #begin(life: LifeName): void {
    const { key } = life
    const session = this.#newSession(life)
    const open: Open = { life, session, line: null, wasSynced: false, wasSaved: true, saved: 0 }
    this.#open.set(key, open)
    this.#events.onBegin(session)
    open.line = this.#world.line(life, {
      onOpen: (transport) => {
        session.opened(transport)
        this.send({ type: "opened", key })
        this.#events.onLine(session, true)
      },
      onFrame: (frame) => session.receive(frame),
      onClosed: (code) => {
        session.closed()
        this.send({ type: "closed", key, code })
        this.#events.onLine(session, false)
      },
    })
  }

  /** Something about the truth of "Saved" has changed in a session. */
  #followed(key: number): void {
    const open = this.#open.get(key)
    if (!open) return
    const { session, life } = open
    const { isSaved, isSynced, savedChanges } = session
    // What is acknowledged behind a refusal is dealt with, not saved.
    if (session.isOver) return
    if (isSynced && !open.wasSynced) {
      open.wasSynced = true
      this.send({ type: "synced", key })
    }
    if (life.client !== null && savedChanges > open.saved) {
      this.#world.outbox.acknowledged(life.client, (open.saved = savedChanges))
      this.acknowledged.value++
    }
    if (isSaved && !open.wasSaved) {
      this.#savedAt = this.#world.now()
      this.#putBacks = 0
    }
    if (isSaved !== open.wasSaved) this.send({ type: "acknowledged", key, isSaved: this.#isSaved })
    open.wasSaved = isSaved
    if (this.#left.length > 0 && session.isReady) this.send({ type: "look" })
    this.refresh()
  }

  get #isSaved(): boolean {
    return (this.session.isOver || this.session.isSaved) && this.#waiting.length === 0
  }

  #show(key: number): void {
    const open = this.#open.get(key)
    if (!open) return
    const before = this.#shown
    this.#shown = open
    this.#open.delete(before.life.key)
    before.line?.stop()
    before.session.destroy()
    this.#events.onShow(open.session)
    open.session.show()
  }

  #drop(key: number): void {
    const open = this.#open.get(key)
    if (!open) return
    open.line?.stop()
    if (open === this.#shown) return
    this.#open.delete(key)
    open.session.destroy()
  }

  #keep({ key, where, why, clock }: Extract<Effect, { do: "keep" }>): void {
    const open = this.#open.get(key)
    if (!open) return
    const { session, life } = open
    const isRefusal = clock !== undefined
    const hasUnsent = !session.isOver && !session.isSaved
    const pieces = session.unsavedWords(clock).map((words): Piece => ({ ...words, source: life.source, client: life.client ?? 0 }))
    session.end()
    open.line?.stop()
    if (where === "putBack" && pieces.length > 0 && this.#putBacks < mostPutBack) {
      this.#putBacks++
      this.#waiting.push(...pieces)
    } else {
      this.#toTray(pieces, why)
      if (life.client !== null) this.#world.outbox.forget(life.client)
      if (where !== "tray" || pieces.length > 0) return
      // What holds no words, such as a deletion, stands in no tray. Where nothing was on its way there is nothing to tell.
      if (isRefusal) this.#events.onSay(why)
      else if (hasUnsent) this.#events.onSay(`Your last changes are not in the draft. ${why}`)
    }
  }

  /** Lines of lives that are over. What the editor shows stays until another takes its place. */
  #hangUp(): void {
    const state = this.state.peek()
    const keys = new Set<number | undefined>(
      state.at === "changing"
        ? [state.life.key, state.next?.key]
        : state.at === "joining" || state.at === "leaving"
          ? []
          : [state.life.key],
    )
    for (const [key, open] of this.#open) if (!keys.has(key)) open.line?.stop()
  }

  #leave(): void {
    this.endEarly("You were signed out before they were sent.")
    for (const { client, ...piece } of this.#waiting.splice(0)) {
      this.#toTray([piece], "You were signed out before they were sent.")
      this.#world.outbox.forget(client)
    }
    for (const { line, session } of this.#returning.values()) {
      line?.stop()
      session.destroy()
    }
    this.#returning.clear()
  }

  // ---- words that go back

  /** Words of a life that was refused go where they stood, as a new proposal of the same source; else to the tray. */
  #putBackWaiting(): void {
    const { session } = this
    const state = this.state.peek()
    if (this.#waiting.length === 0 || !takesTyping(state) || !session.isSynced) return
    const pieces = this.#waiting.splice(0)
    for (const piece of pieces) {
      const isSame = piece.source === session.source
      if (isSame && session.putBack(piece)) continue
      const isReplaced = isSame && session.hasPlaceFor(piece)
      this.#toTray([piece], isReplaced ? "What they were to replace is gone." : isSame ? "Their place is gone." : elsewhere)
    }
    for (const client of new Set(pieces.map((piece) => piece.client))) this.#world.outbox.forget(client)
  }

  // ---- words that nothing could take yet

  /** Letters that were typed where nothing takes them at this moment. False where nothing will: then they are nowhere, and who typed them is told. */
  typedEarly(text: string): boolean {
    const state = this.state.peek()
    const source = state.at === "changing" ? state.to : hatOf(state)
    if (this.#isStopped || state.at === "leaving" || !source) return false
    if (this.#early && this.#early.source !== source) this.endEarly(elsewhere)
    this.#early = { text: (this.#early?.text ?? "") + text, source }
    this.refresh()
    return true
  }

  /** The last of them is not meant any more. False where there is none. */
  takeBackEarly(): boolean {
    if (!this.#early) return false
    const text = [...this.#early.text].slice(0, -1).join("")
    this.#early = text === "" ? null : { ...this.#early, text }
    this.refresh()
    return true
  }

  /** The place or the delegation for which they were typed is another now: they are handed back. */
  endEarly(why = "The caret was put elsewhere before they were taken."): void {
    const early = this.#early
    this.#early = null
    if (early) this.#toTray([{ text: early.text, source: early.source, block: null, after: null, isOwnBlock: false }], why)
  }

  #putEarly(): void {
    const early = this.#early
    const { session } = this
    if (!early || !takesTyping(this.state.peek()) || !session.isSynced) return
    if (early.source !== session.source) return this.endEarly(elsewhere)
    this.#early = null
    if (this.#events.onEarly(early.text)) return
    this.#early = early
    this.endEarly("Their place is gone.")
  }

  // ---- words that earlier windows left

  #found({ lives, tray }: Left): void {
    if (this.#isStopped) return
    this.#left.push(...lives)
    this.tray.value = [...this.tray.peek(), ...tray]
    this.send({ type: "look" })
  }

  /**
   * Sends what earlier windows left, under the client ids and for the sources under which it was typed: what the room has already is passed over there,
   * and nothing is said twice. What belongs to another log or epoch, or to a hat that is worn no longer, goes to the tray.
   */
  #sendLeft(): void {
    const state = this.state.peek()
    if (state.at !== "live" || state.life.client === null || this.#world.isDamaged()) return
    // A line that has just come back may not have said yet that the draft was set back: then it is this life that is of another epoch.
    if (!this.session.isReady) return
    for (const left of this.#left.splice(0)) {
      const isSameLog = left.epoch.split(" ")[0] === state.life.epoch.split(" ")[0]
      if (left.epoch !== state.life.epoch)
        this.#handBack(left, isSameLog, "The draft was set back since, and these words of yours were lost.")
      // Of a hat that is worn no longer too: the room says what it has, and refuses the rest.
      else this.#return(left)
    }
  }

  #handBack(left: LeftLife, isSameLog: boolean, why: string): void {
    this.#toTray(
      wordsLeft(isSameLog ? this.session.doc : null, left).map((words) => ({ ...words, source: left.source })),
      why,
    )
    this.#world.outbox.forget(left.client)
  }

  #return(left: LeftLife): void {
    const returning: Returning = { left, session: this.#returningSession(left), line: null, known: null, told: [] }
    const { session } = returning
    this.#returning.set(left.client, returning)
    returning.line = this.#world.line(left, {
      onOpen: (transport) => session.opened(transport),
      onFrame: (frame) => session.receive(frame),
      onClosed: (code) => {
        session.closed()
        // Signed out: it stays on the device until the person is here again.
        if (isEnding(code) && this.#returning.has(left.client)) this.#returned(returning)
      },
    })
  }

  #returningSession(left: LeftLife): DraftSession {
    return new DraftSession(
      this.#world.host,
      left.client,
      left.source,
      {
        onStatus: () => this.#follow(left.client),
        onRefused: (refused) => this.#notTaken(left.client, refused),
        onNotice: (notice) => {
          if (notice.kind === "kept") this.#returning.get(left.client)?.told.push(notice.words)
          else this.#events.onNotice(notice)
        },
        onAwareness: () => undefined,
        onSay: () => undefined,
      },
      { isHeld: true, isReturning: true },
    )
  }

  #follow(client: number): void {
    const returning = this.#returning.get(client)
    if (!returning?.session.isReady) return
    const { session, left } = returning
    if (returning.known === null) {
      returning.known = Y.getState(session.doc.store, client)
      session.restore(left.updates)
    }
    if (!session.isSaved) return
    this.#strand(returning, strandedWords(session.doc, left, returning.known))
    this.#world.outbox.forget(client)
    this.#returned(returning)
  }

  #notTaken(client: number, refused: RefusedMessage): void {
    const returning = this.#returning.get(client)
    if (!returning) return
    const { session, left, known } = returning
    const { source } = left
    const { clock } = refused
    const isHere = known !== null && refused.reason !== "epoch" && refused.reason !== "damaged"
    const found = isHere ? session.unsavedWords(clock) : wordsLeft(this.session.doc, left, clock)
    const stranded = isHere ? strandedWords(session.doc, left, clock) : []
    if (refused.raced) this.#waiting.push(...found.map((words): Piece => ({ ...words, source, client })))
    else
      this.#toTray(
        found.map((words) => ({ ...words, source })),
        this.#events.whyRefused(refused),
      )
    this.#strand(returning, stranded)
    this.#returned(returning)
    if (!refused.raced || found.length === 0) this.#world.outbox.forget(client)
    this.send({ type: "look" })
  }

  /** What stands nowhere any more, and what the room told of without being known here to stand nowhere. */
  #strand({ left: { source }, told }: Returning, words: readonly SpokenWords[]): void {
    const others = told.filter((text) => !words.some((piece) => isAmong(text, piece.text)))
    const noPlace = others.map((text) => ({ text, block: null, after: null, isOwnBlock: false }))
    this.#toTray(
      [...words, ...noPlace].map((piece) => ({ ...piece, source })),
      "What they stood in is gone.",
    )
  }

  #returned({ left, line, session }: Returning): void {
    this.#returning.delete(left.client)
    line?.stop()
    session.destroy()
    this.refresh()
  }

  // ---- the tray

  #toTray(pieces: readonly (SpokenWords & { readonly source: string })[], why: string): void {
    for (const { text, block, after, isOwnBlock, stoodIn, stoodAfter, struck, address, source } of pieces) {
      const stood = {
        ...(stoodIn !== undefined && { stoodIn }),
        ...(stoodAfter !== undefined && { stoodAfter }),
        ...(struck !== undefined && { struck }),
        ...(address !== undefined && { address }),
      }
      this.handBack({ text, block, after, isOwnBlock, ...stood }, why, source)
    }
  }

  #addressOf(block: string): { readonly address?: string } {
    const address = this.#events.addressOf(block)
    return address === undefined ? {} : { address }
  }

  /** Words go to the tray, which is kept on the device too. */
  handBack(words: SpokenWords, why: string, source = this.hat.peek() ?? ""): void {
    // A space that was written before a word may come as a piece of its own: it is no entry, but stands before the word again.
    const isSame = this.#spaces.why === why && this.#spaces.source === source
    const text = (isSame ? this.#spaces.text : "") + words.text
    this.#spaces = { text: text.trim() === "" ? text : "", why, source }
    if (text.trim() === "") return
    const block = words.block ?? words.stoodIn
    const entry: TrayEntry = {
      ...words,
      text,
      why,
      source,
      ...(block !== undefined && this.#addressOf(block)),
      key: this.#nextKey(),
    }
    this.tray.value = [...this.tray.peek(), entry]
    this.#world.outbox.tray(entry)
    this.refresh()
  }

  /** The device gives entries back in the order of their keys, and those of other windows lie there too. */
  #nextKey(): number {
    const seconds = Math.floor(this.#world.now().getTime() / 1_000)
    this.#lastKey = Math.max(this.#lastKey + 1, seconds * keysOfSecond + Math.floor(Math.random() * keysOfSecond))
    return this.#lastKey
  }

  /** Its writer wants the words no more, or has them elsewhere. */
  discard(key: number): void {
    this.tray.value = this.tray.peek().filter((entry) => entry.key !== key)
    this.#world.outbox.untray(key)
    this.refresh()
  }

  /** Its writer leaves, and wants nothing of it any more: nothing of it is sent, and nothing stays on the device. */
  async discardAll(): Promise<void> {
    if (this.#isStopped) return
    this.tray.value = []
    for (const { line } of [this.#shown, ...this.#open.values(), ...this.#returning.values()]) line?.stop()
    await this.#world.outbox.clear()
    this.stop()
  }

  // ---- what may be said

  #count(): Held {
    const { session } = this.#shown
    const returning = [...this.#left, ...[...this.#returning.values()].map(({ left }) => left)]
    return {
      unsaved: (session.isOver ? 0 : session.changes - session.savedChanges) + (this.#world.isComposing() ? 1 : 0),
      waiting: this.#waiting.length + (this.#early ? 1 : 0),
      returning: returning.reduce((sum, { updates }) => sum + updates.length, 0),
      isLooking: this.#isLooking,
      inTray: this.tray.peek().length,
      isKept: this.#world.outbox.isKept,
      isDamaged: this.#world.isDamaged(),
      savedAt: this.#savedAt,
    }
  }

  /** Something that the status tells may have changed. */
  refresh(): void {
    const now = this.#count()
    const was = this.#held.peek()
    if ((Object.keys(now) as (keyof Held)[]).some((name) => now[name] !== was[name])) this.#held.value = now
  }

  /** Where each word is that is in no room: for what watches over it. */
  get places(): {
    readonly session: readonly KeptWords[]
    readonly waiting: readonly Piece[]
    readonly left: readonly LeftLife[]
    readonly early: string
  } {
    const { session } = this
    return {
      early: this.#early?.text ?? "",
      session: session.isOver ? [] : session.unsavedWords(),
      waiting: this.#waiting,
      left: [...this.#left, ...[...this.#returning.values()].map(({ left }) => left)],
    }
  }
}

/** Whether the letters of some words are in a text, in their order. */
function isAmong(words: string, text: string): boolean {
  let at = 0
  for (const unit of text.split("")) if (unit === words[at]) at++
  return at === words.length
}
