// One thing, and long: each effect of the machine has its method here, and all of them share which sessions are open and which is shown.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals"
import { DraftSession } from "../editor/draft-session.ts"
import type { KeptWords } from "../editor/kept-places.ts"
import { isSplitAlone, type UnsavedAct } from "../editor/unsaved-acts.ts"
import { EarlierWindows } from "./earlier-windows.ts"
import { EarlyWords } from "./early-words.ts"
import { KeptTray } from "./kept-tray.ts"
import type { SpokenWords } from "./left-words.ts"
import {
  beginning,
  type Effect,
  type Held,
  hatOf,
  type LifeEvent,
  type LifeName,
  next,
  type SaveStatus,
  type State,
  statusOf,
  takesTyping,
} from "./machine.ts"
import type { Left, LeftLife, TrayEntry } from "./outbox.ts"
import { actsLost, decidedThere, type WhyKept, whyKept } from "./sentences.ts"
import { JoinFailed, type LifeEvents, type Piece, type World } from "./world.ts"

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

/**
 * A window's life with the room: carries out what the machine says, and keeps each word that was typed in one place: the session, what waits to be put
 * back, the tray, or, of earlier windows, what is on its way (LIFE2).
 */
export class Life {
  readonly state: Signal<State> = signal(beginning)
  /** What waits until its writer says what becomes of it. */
  readonly kept: KeptTray
  /** What was typed while nothing could take it. */
  readonly early: EarlyWords
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
  readonly #earlier: EarlierWindows
  #isLooking = true
  /** How often words were put back since something was saved. */
  #putBacks = 0
  #savedAt: Date | null = null
  readonly #queue: LifeEvent[] = []
  #isRunning = false
  #isStopped = false

  constructor(world: World, events: LifeEvents) {
    this.#world = world
    this.#events = events
    const [state, session] = [(): State => this.state.peek(), (): DraftSession => this.session]
    const onChange = (): void => this.refresh()
    this.kept = new KeptTray({ outbox: world.outbox, now: () => world.now(), addressOf: (block) => events.addressOf(block), onChange })
    const tray = this.kept
    this.early = new EarlyWords({ state, session, tray, put: (text) => events.onEarly(text), onChange })
    this.#earlier = new EarlierWindows({
      ...{ world, session, tray, onChange },
      putBack: (pieces) => void this.#waiting.push(...pieces),
      look: () => this.send({ type: "look" }),
      onNotice: (...told) => events.onNotice(...told),
      whyRefused: (refused) => events.whyRefused(refused),
      tellActs: (...told) => this.#tellActs(...told),
    })
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

  #found({ lives, tray }: Left): void {
    if (this.#isStopped) return
    this.#earlier.found(lives)
    this.kept.bring(tray)
    this.send({ type: "look" })
  }

  /** What waits until its writer says what becomes of it. */
  get tray(): ReadonlySignal<readonly TrayEntry[]> {
    return this.kept.entries
  }

  /** Words go to the tray, those of the hat that is worn unless another is said. */
  handBack(words: SpokenWords, why: string, source = this.hat.peek() ?? ""): void {
    this.kept.add(words, why, source)
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
    this.early.stop()
    this.#isStopped = true
    for (const { line, session } of new Set([this.#shown, ...this.#open.values(), ...this.#earlier.returning])) {
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
      this.#earlier.send(state)
      this.early.put()
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
          const stood = recorded.map((one) => ({ ...one, ...this.kept.addressOf(one.block) }))
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
    open.line = this.#world.line(life, session.doc, {
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
    if (this.#earlier.areLeft && session.isReady) this.send({ type: "look" })
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
    const isPutBack = where === "putBack" && pieces.length > 0 && this.#putBacks < mostPutBack
    // What is put back is cut there again.
    const acts = session.unsavedActs(clock).filter(({ kind }) => !isPutBack || kind !== "split")
    session.end()
    open.line?.stop()
    if (isPutBack) {
      this.#putBacks++
      this.#waiting.push(...pieces)
    } else {
      this.kept.addAll(pieces, why)
      if (life.client !== null) this.#world.outbox.forget(life.client)
    }
    // What holds no words, such as a deletion, stands in no tray. Where nothing was on its way there is nothing to tell.
    const isAll = pieces.every(({ text }) => !isPutBack && text.trim() === "")
    if (acts.length > 0) this.#tellActs(acts, where === "putBack" ? decidedThere : why, isAll)
    else if (!isAll || where === "putBack") return
    else if (isRefusal) this.#events.onSay(why)
    else if (hasUnsent) this.#events.onSay(`Your last changes are not in the draft. ${why}`)
  }

  #tellActs(acts: readonly UnsavedAct[], why: string, isAll: boolean): void {
    const { addressOf } = this.#events
    if (acts.length > 0) this.#events.onSay(actsLost(acts, why, { isAll, addressOf }))
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
    this.early.end("You were signed out before they were sent.")
    for (const { client, ...piece } of this.#waiting.splice(0)) {
      this.kept.addAll([piece], "You were signed out before they were sent.")
      this.#world.outbox.forget(client)
    }
    this.#earlier.leave()
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
      if (isSame && session.places.putBack(piece)) continue
      const why = isSame ? this.#whyNotBack(piece) : "otherHat"
      // A cut stands in no tray.
      if (isSplitAlone(piece.text)) this.#tellActs([{ kind: "split", block: piece.block }], whyKept[why], false)
      else this.kept.addAll([piece], whyKept[why])
    }
    for (const client of new Set(pieces.map((piece) => piece.client))) this.#world.outbox.forget(client)
  }

  #whyNotBack(words: KeptWords): WhyKept {
    const place = this.session.places.placeFor(words)
    return place === null ? "placeGone" : place.isWhole ? "tooDeep" : "replacedGone"
  }

  /** Its writer leaves, and wants nothing of it any more: nothing of it is sent, and nothing stays on the device. */
  async discardAll(): Promise<void> {
    if (this.#isStopped) return
    this.kept.empty()
    for (const { line } of [this.#shown, ...this.#open.values(), ...this.#earlier.returning]) line?.stop()
    await this.#world.outbox.clear()
    this.stop()
  }

  // ---- what may be said

  #count(): Held {
    const { session } = this.#shown
    return {
      unsaved: (session.isOver ? 0 : session.changes - session.savedChanges) + (this.#world.isComposing() ? 1 : 0),
      waiting: this.#waiting.length + (this.early.text === "" ? 0 : 1),
      returning: this.#earlier.lives.reduce((sum, { updates }) => sum + updates.length, 0),
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
      early: this.early.text,
      session: session.isOver ? [] : session.unsavedWords(),
      waiting: this.#waiting,
      left: this.#earlier.lives,
    }
  }
}
