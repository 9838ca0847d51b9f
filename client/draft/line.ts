import { effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals"
import { type Change, changesIn } from "../../shared/changes/changes.ts"
import { encodeMessage, type NoticeMessage } from "../../shared/sync/protocol.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { type Caret, caretsKey } from "../editor/carets.ts"
import type { Composition } from "../editor/composition.ts"
import type { DraftSession } from "../editor/draft-session.ts"
import { labelsKey } from "../editor/labels.ts"
import type { PlaceGone } from "../editor/own-pieces.ts"
import { browserWorld } from "../life/browser-world.ts"
import { Life } from "../life/life.ts"
import type { SaveStatus } from "../life/machine.ts"
import { lateSentences, sentenceOf, whyKept, whyRefused } from "../life/sentences.ts"
import { unreachableSaid } from "../meeting/api.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { rememberedHere, rememberHere } from "../meeting/shelf.ts"
import { BeingWritten } from "./being-written.ts"
import { fateTold, reopenedTold } from "./fates.ts"
import type { Page } from "./page.ts"
import { Presence, type Present } from "./presence.ts"
import type { RoomHere } from "./room.ts"
import type { DraftText } from "./text.ts"
import { Waiting, type WaitingParts } from "./waiting.ts"

export interface LineParts extends Pick<WaitingParts, "isBusy" | "isDeciding" | "tellUnknown"> {
  readonly page: Page
  readonly room: RoomHere
  readonly text: DraftText
  readonly meeting: MeetingHere
  readonly composition: Composition
  /** What was typed while nothing took it is typed now; false where its place is gone. */
  readonly typeEarly: (text: string) => boolean
  /** That what a change was to replace had gone before it came; null: it had not. */
  readonly forestalledSaid: (change: Change) => string | null
}

const adoptedSaid = "The text is adopted. It is sealed: nothing more is proposed in it or said about it."

/**
 * The line to the room: this window's life with it, who else is there, what is true of one's words, and what the room tells. While the line is away it
 * asks the routes whether the draft is damaged and whether one is still signed in, and once it is back reads what was missed.
 */
export class Line {
  readonly #parts: LineParts
  readonly life: Life
  readonly status: ReadonlySignal<SaveStatus>
  readonly present: Signal<readonly Present[]> = signal([])
  /** For whom others type at this moment. */
  readonly #typing: Signal<readonly Pick<Caret, "source" | "by">[]> = signal([])
  readonly beingWritten: BeingWritten
  readonly #waiting: Waiting
  #presence: Presence | null = null

  constructor(parts: LineParts) {
    this.#parts = parts
    this.life = this.#newLife()
    this.beingWritten = new BeingWritten({ typing: this.#typing, nameOf: (source) => parts.meeting.nameOf(source) })
    const { page, isBusy, isDeciding, tellUnknown } = parts
    this.#waiting = new Waiting({ life: this.life, page, isBusy, isDeciding, tellUnknown })
    this.status = this.#waiting.status
  }

  /** For whom one writes: the source of what typing goes into. */
  get hat(): ReadonlySignal<string | null> {
    return this.life.hat
  }

  /** Joins the room and stays in it. */
  open(): void {
    const { room, meeting } = this.#parts
    void room.readForce()
    const worn = rememberedHere(this.#hatShelf)
    const { hats } = meeting.me.value
    void this.life.begin(worn !== null && hats.includes(worn) ? worn : (hats[0] ?? null))
  }

  /** Follows what changes of the person and of the draft. Returns how to stop. */
  watch(): () => void {
    const { meeting, room } = this.#parts
    const stops = [
      effect(() => {
        const sentence = meeting.ended.value
        if (sentence !== "") untracked(() => this.#end(sentence))
      }),
      effect(() => {
        const { hats } = meeting.me.value
        untracked(() => this.life.wear(hats))
      }),
      effect(() => {
        void room.damage.value
        untracked(() => this.life.refresh())
      }),
      effect(() => {
        if (this.hat.value !== null) rememberHere(this.#hatShelf, this.hat.value)
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** Follows how long answers take. Returns how to stop. */
  watchAnswers(): () => void {
    return this.#waiting.watch()
  }

  destroy(): void {
    this.#presence?.destroy()
    this.#parts.composition.destroy()
    this.life.stop()
  }

  /** One has typed: others see the caret for a while. */
  typed(): void {
    this.#presence?.typed()
  }

  /** Words whose place is gone go to the tray. */
  #handBack(text: string, stood: PlaceGone = {}): void {
    this.life.handBack({ text, block: null, after: null, isOwnBlock: false, ...stood }, whyKept.clauseGone)
  }

  get #hatShelf(): string {
    return `clausula.hat.${this.#parts.room.summary.id}`
  }

  #newLife(): Life {
    const { page, room, text, meeting, composition } = this.#parts
    const world = browserWorld({
      draft: room.summary.id,
      person: meeting.me.value.id,
      host: page,
      hats: () => meeting.me.value.hats,
      isDamaged: () => room.damage.peek() !== null,
      isComposing: () => composition.isUnsaved,
      onKept: () => this.life.refresh(),
      lookAtDamage: () => room.lookAtDamage(),
      onSignedOut: (sentence) => meeting.end(sentence),
    })
    return new Life(world, {
      onBegin: (session) => this.#follow(session),
      onShow: (session) => this.#welcome(session),
      onLine: (session, isOpen) => this.#followLine(session, isOpen),
      onAwareness: (session, update) => {
        if (session === this.life.session) this.#presence?.receive(update)
      },
      onNotice: (...told) => this.#noticed(...told),
      onSay: (sentence) => page.say(sentence),
      onTold: (told) => page.say(sentenceOf(told, (source) => meeting.nameOf(source))),
      onEarly: (early) => this.#parts.typeEarly(early),
      // What is being composed goes on in another session, once that has what was put back.
      onTransition: () => composition.synced(),
      whyRefused: (refused) => whyRefused(refused, room.meta.peek().stage === "adopted"),
      addressOf: (block) => text.lastAddressOf(block),
    })
  }

  /** One is signed in no longer: what is in no room yet is kept in the tray, and nothing more is typed. */
  #end(sentence: string): void {
    this.#parts.composition.finish()
    this.life.send({ type: "revoked", sentence })
  }

  #follow(session: DraftSession): void {
    const { page, room } = this.#parts
    room.follow(session.doc, (before) => {
      const { stage } = room.meta.value
      const isNews = session === this.life.session && session.isSynced && before !== stage
      if (isNews && stage === "adopted") page.say(adoptedSaid)
      page.draw((state) => state.tr.setMeta(labelsKey, room.meta.value))
    })
  }

  /** Another session has come into the editor: who is here is asked and told anew. */
  #welcome(session: DraftSession): void {
    const { page, meeting, composition } = this.#parts
    composition.moved()
    this.#presence?.destroy()
    this.#presence = new Presence(session, {
      me: meeting.me.value.id,
      lookOf: (code) => meeting.lookOf(code),
      caret: () => page.state.selection.head,
      onPresent: (present) => {
        this.present.value = present
      },
      onCarets: (carets) => {
        this.#typing.value = carets
        page.draw((state) => state.tr.setMeta(caretsKey, carets))
      },
    })
    this.#presence.opened()
    session.send(encodeMessage({ kind: "queryAwareness" }))
  }

  // ---- the line comes and goes

  #followLine(session: DraftSession, isOpen: boolean): void {
    const { page, room, meeting } = this.#parts
    if (session === this.life.session) {
      if (isOpen) this.#presence?.opened()
      else this.#presence?.closed()
    }
    if (isOpen && page.said.peek().startsWith(unreachableSaid)) page.say("")
    if (isOpen) void room.readForce()
    // Where nothing is saved any more the page says so: what was typed is kept here.
    if (isOpen || room.damage.value) void this.#joinOnceWhole()
    else void room.lookAtDamage()
    // What was told while the line was away was not heard; and a browser is not told why a line was refused: the routes say whether one is signed in.
    meeting.soon()
  }

  /** Who reads what is left of the draft joins it again once it goes on. */
  async #joinOnceWhole(): Promise<void> {
    const { room } = this.#parts
    if (!room.damage.value) return
    await room.lookAtDamage()
    if (!room.damage.value) this.life.send({ type: "again" })
  }

  // ---- what the room tells

  #noticed(notice: NoticeMessage, stood?: PlaceGone): void {
    const { page, room, meeting } = this.#parts
    if (notice.kind === "meeting") meeting.soon()
    if (notice.kind === "meeting" && room.damage.value) void this.#joinOnceWhole()
    if (notice.kind === "late") page.say(lateSentences[notice.proposal])
    if (notice.kind === "kept") this.#handBack(notice.words, stood)
    if (notice.kind === "forestalled") this.#sayForestalled(notice.change)
    if (notice.kind === "decided") page.say(fateTold(notice))
    if (notice.kind === "reopened") page.say(reopenedTold(notice))
  }

  #sayForestalled(id: string): void {
    const { page, text, forestalledSaid } = this.#parts
    const change = changesIn(blocksOf(this.life.session.doc), new Set([id]))[0]
    const said = change && forestalledSaid(change)
    if (said) page.say(`${text.addressOf(change.block)}: ${said}`)
  }
}
