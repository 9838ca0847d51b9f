// One thing, and long: every state with every event, in one place, so that none is forgotten.
import { closeCode } from "../../shared/sync/protocol.ts"

/** One life in the room: a client id under one hat. `client` null: it only reads. */
export interface LifeName {
  /** Counted up in this window; what is told of a life, or of the wish for one, bears it. */
  readonly key: number
  readonly client: number | null
  /** "" where nothing is written for anybody. */
  readonly source: string
  /** Of which log and epoch the id is: it means nothing in another. */
  readonly epoch: string
  /** What is shown with the id. */
  readonly pass: string
}

/**
 * Where a window stands with the room. `last` is the last key that was given. Typing goes into the session of a life that is live or cut, and nowhere
 * else; hat, status and whether one can write are derived from this (LIFE1).
 */
export type State = { readonly last: number } & (
  | {
      readonly at: "joining"
      readonly key: number
      readonly as: string | null
      readonly tries: number
      readonly hasFailed: boolean
      /** After a refusal: words may wait to be put back. */
      readonly isAgain: boolean
    }
  | { readonly at: "syncing"; readonly life: LifeName; readonly isCut: boolean; readonly tries: number; readonly isAgain: boolean }
  | { readonly at: "live"; readonly life: LifeName }
  | { readonly at: "cut"; readonly life: LifeName }
  | {
      readonly at: "changing"
      /** The old one: it drains, and is let go once the new one is here. */
      readonly life: LifeName
      readonly to: string | null
      readonly key: number
      readonly tries: number
      readonly isSaved: boolean
      readonly next: LifeName | null
      readonly isNextSynced: boolean
      /** The old hat is worn no longer: there is no way back to it. */
      readonly isForced: boolean
    }
  | { readonly at: "leaving"; readonly as: string | null; readonly why: string }
)

export type LifeEvent =
  | { readonly type: "open"; readonly as: string | null }
  | ({ readonly type: "joined" } & LifeName)
  | { readonly type: "failed"; readonly key: number; readonly why: FailureKind; readonly sentence: string }
  | { readonly type: "opened" | "synced"; readonly key: number }
  | { readonly type: "closed"; readonly key: number; readonly code: number }
  | { readonly type: "acknowledged"; readonly key: number; readonly isSaved: boolean }
  | { readonly type: "refused"; readonly key: number; readonly isRaced: boolean; readonly clock: number; readonly why: string }
  /** `isSaved`: nothing that was typed is on its way, and nothing waits to be put back. */
  | { readonly type: "choose"; readonly hat: string; readonly isSaved: boolean }
  | { readonly type: "hats"; readonly hats: readonly string[]; readonly isSaved: boolean }
  /** One is signed in no longer. */
  | { readonly type: "revoked"; readonly sentence: string }
  /** What could only be read is whole again. */
  | { readonly type: "again" }
  | { readonly type: "timer"; readonly key: number }
  /** Something was found or came back that may go on in this state. */
  | { readonly type: "look" }

/** Why one could not join. `hat`: it is not one's own, or no longer; `gone`: there is no such draft. */
export type FailureKind = "unreachable" | "hat" | "signedOut" | "gone"

/** What the person is told as it happens. */
export type Told =
  | { readonly kind: "changed" | "away" | "withdrawn"; readonly hat: string | null }
  /** One could not change to another. `late`: nobody answered; `barred`: one may not write for that; `ended`: the server let its line go. */
  | { readonly kind: "still"; readonly hat: string | null; readonly to: string | null; readonly why: "late" | "barred" | "ended" }
  | { readonly kind: "wait" }
  | { readonly kind: "sentence"; readonly sentence: string }

export type Effect =
  | { readonly do: "join"; readonly key: number; readonly as: string | null; readonly afterMs: number }
  /** Tells `timer` with this key after so long. */
  | { readonly do: "wait"; readonly key: number; readonly ms: number }
  /** A document and a line of its own; it is not shown yet. */
  | { readonly do: "begin"; readonly life: LifeName }
  /** It takes the place of what the editor showed before; what waits to be put back goes into it. */
  | { readonly do: "show"; readonly key: number }
  /** It is thrown away; nothing was typed into it, or all of it is in the room. */
  | { readonly do: "drop"; readonly key: number }
  /** It is over: what of its words is not in the room waits to be put back, or goes to the tray. */
  | { readonly do: "keep"; readonly key: number; readonly where: "putBack" | "tray"; readonly why: string; readonly clock?: number }
  | { readonly do: "tell"; readonly told: Told }

type Step = readonly [State, readonly Effect[]]
type In<At extends State["at"]> = Extract<State, { at: At }>

/** Closed so, the same document and client id cannot go on. After any other close the line is opened again and sends what is missing (LIFE5). */
const endings: ReadonlySet<number> = new Set([closeCode.refused, closeCode.notAllowed, closeCode.unknownDraft])

export const isEnding = (code: number): boolean => endings.has(code)

const joinTimeoutMs = 15_000
/** As long as the words of the old hat may take to be saved, and the new one to come, before one goes on as before. */
const changeTimeoutMs = 10_000
const longestPauseMs = 10_000

const pauseMs = (tries: number): number => (tries === 0 ? 0 : Math.min(longestPauseMs, 500 * 2 ** tries))

const stay = (state: State): Step => [state, []]
const tell = (told: Told): Effect => ({ do: "tell", told })

export const beginning: State = { at: "joining", key: 0, as: null, tries: 0, hasFailed: false, isAgain: false, last: 0 }

function joining(
  from: State,
  as: string | null,
  effects: readonly Effect[] = [],
  { tries = 0, hasFailed = false, isAgain = false } = {},
): Step {
  const key = from.last + 1
  const afterMs = pauseMs(tries)
  return [
    { at: "joining", key, as, tries, hasFailed, isAgain, last: key },
    [...effects, { do: "join", key, as, afterMs }, { do: "wait", key, ms: afterMs + joinTimeoutMs }],
  ]
}

const leaving = (from: State, why: string, effects: readonly Effect[] = []): Step => [
  { at: "leaving", as: hatOf(from), why, last: from.last },
  effects,
]

/** The state after an event, and what is to be done for it. What is told of a life that is over changes nothing. */
export function next(state: State, event: LifeEvent): Step {
  switch (state.at) {
    case "joining":
      return whileJoining(state, event)
    case "syncing":
      return whileSyncing(state, event)
    case "live":
    case "cut":
      return whileWriting(state, event)
    case "changing":
      return whileChanging(state, event)
    case "leaving":
      return stay(state)
    default:
      return state satisfies never
  }
}

function whileJoining(state: In<"joining">, event: LifeEvent): Step {
  const { as, tries, isAgain, last } = state
  switch (event.type) {
    case "open":
      return joining(state, event.as)
    case "joined": {
      if (event.key !== state.key) return stay(state)
      const life = nameOf(event)
      return [{ at: "syncing", life, isCut: false, tries, isAgain, last }, [{ do: "begin", life }]]
    }
    case "failed":
      if (event.key !== state.key) return stay(state)
      if (event.why === "signedOut" || event.why === "gone") return leaving(state, event.sentence)
      // The server says which hat one has.
      if (event.why === "hat" && as !== null)
        return joining(state, null, [tell({ kind: "withdrawn", hat: as })], { tries: tries + 1, isAgain })
      return joining(state, as, [], { tries: tries + 1, hasFailed: true, isAgain })
    case "timer":
      return event.key === state.key ? joining(state, as, [], { tries: tries + 1, hasFailed: true, isAgain }) : stay(state)
    case "choose":
      if (event.hat === as) return stay(state)
      return event.isSaved ? joining(state, event.hat) : [state, [tell({ kind: "wait" })]]
    case "hats":
      if (as === null || event.hats.includes(as)) return stay(state)
      return joining(state, event.hats[0] ?? null, [tell({ kind: "withdrawn", hat: as })], { tries, isAgain })
    case "revoked":
      return leaving(state, event.sentence)
    default:
      return stay(state)
  }
}

function whileSyncing(state: In<"syncing">, event: LifeEvent): Step {
  const { life, tries, isAgain, last } = state
  const drop: Effect = { do: "drop", key: life.key }
  if ("key" in event && event.key !== life.key) return stay(state)
  switch (event.type) {
    case "opened":
      return stay({ ...state, isCut: false })
    case "synced":
      return [{ at: "live", life, last }, [{ do: "show", key: life.key }]]
    case "closed":
      if (event.code === closeCode.unknownDraft) return leaving(state, noDraft, [drop])
      if (isEnding(event.code)) return joining(state, life.source || null, [drop], { tries: tries + 1, isAgain })
      return stay({ ...state, isCut: true })
    case "refused":
      return joining(state, life.source || null, [drop], { tries: tries + 1, isAgain })
    case "choose":
      if (event.hat === life.source) return stay(state)
      return event.isSaved ? joining(state, event.hat, [drop]) : [state, [tell({ kind: "wait" })]]
    case "hats":
      if (life.source === "" ? event.hats.length === 0 : event.hats.includes(life.source)) return stay(state)
      return joining(state, event.hats[0] ?? null, [drop], { isAgain })
    case "again":
      return joining(state, life.source || null, [drop], { isAgain })
    case "revoked":
      return leaving(state, event.sentence, [drop])
    default:
      return stay(state)
  }
}

const noDraft = "This draft is no longer on the server."
const notWritten = "The line was ended before they were sent."
const signedOut = "You were signed out before they were sent."
const hatGone = "You may write for this delegation no longer."

function whileWriting(state: In<"live" | "cut">, event: LifeEvent): Step {
  const { life, last } = state
  const { key, source } = life
  if ("key" in event && event.key !== key) return stay(state)
  switch (event.type) {
    case "opened":
      return stay({ at: "live", life, last })
    case "closed":
      return isEnding(event.code) ? ended(state, event.code) : stay({ at: "cut", life, last })
    case "refused":
      return refused(state, event)
    case "choose":
      if (event.hat === source) return stay(state)
      // Its words are on no way to the room, and the new one could not come either.
      if (state.at === "cut") return [state, [tell({ kind: "away", hat: source })]]
      return changing(state, event.hat, { isSaved: event.isSaved })
    case "hats":
      // Who only read may write for somebody now.
      if (source === "") return event.hats[0] === undefined ? stay(state) : joining(state, event.hats[0])
      // Cut, nobody knows what the room still takes: it says so when the line is back.
      if (event.hats.includes(source) || state.at === "cut") return stay(state)
      return changing(state, event.hats[0] ?? null, { isSaved: event.isSaved, isForced: true })
    case "again":
      return life.client === null ? joining(state, source || null) : stay(state)
    case "revoked":
      return leaving(state, event.sentence, [{ do: "keep", key, where: "tray", why: signedOut }])
    default:
      return stay(state)
  }
}

/** The server has ended the life without a word about what it did not take. */
function ended(state: In<"live" | "cut" | "changing">, code: number): Step {
  const { life } = state
  const isGone = code === closeCode.unknownDraft
  const keep: Effect = { do: "keep", key: life.key, where: "tray", why: isGone ? noDraft : notWritten }
  if (isGone) return leaving(state, noDraft, [...dropped(state), keep, tell({ kind: "sentence", sentence: noDraft })])
  return joining(state, hatAfter(state), [...dropped(state), keep], { tries: 1, isAgain: true })
}

function refused(state: In<"live" | "cut" | "changing">, { isRaced, why, clock }: Extract<LifeEvent, { type: "refused" }>): Step {
  const { key } = state.life
  const isHatGone = state.at === "changing" && state.isForced
  const where = isRaced && !isHatGone ? "putBack" : "tray"
  const keep: Effect = { do: "keep", key, where, why: isHatGone ? hatGone : why, clock }
  return joining(state, hatAfter(state), [...dropped(state), keep], { isAgain: true })
}

const dropped = (state: State): Effect[] => (state.at === "changing" && state.next ? [{ do: "drop", key: state.next.key }] : [])

/** For whom one goes on after an end: as before, unless that hat is worn no longer. */
const hatAfter = (state: In<"live" | "cut" | "changing">): string | null =>
  state.at === "changing" && state.isForced ? state.to : state.life.source || null

function changing(
  from: In<"live" | "changing">,
  to: string | null,
  { isSaved = false, isForced = false, tries = 0 }: { isSaved?: boolean; isForced?: boolean; tries?: number },
): Step {
  const key = from.last + 1
  const afterMs = pauseMs(tries)
  return [
    { at: "changing", life: from.life, to, key, tries, isSaved, next: null, isNextSynced: false, isForced, last: key },
    [...dropped(from), { do: "join", key, as: to, afterMs }, { do: "wait", key, ms: afterMs + changeTimeoutMs }],
  ]
}

function whileChanging(state: In<"changing">, event: LifeEvent): Step {
  const { life, isForced, to, isSaved } = state
  if ("key" in event && event.key !== life.key) return whileComing(state, event)
  switch (event.type) {
    case "acknowledged":
      return changed({ ...state, isSaved: event.isSaved })
    case "closed":
      if (isEnding(event.code)) return ended(state, event.code)
      if (isForced && isSaved) return joining(state, to, [...dropped(state), { do: "drop", key: life.key }])
      return back(state, "cut", { kind: "away", hat: life.source })
    case "refused":
      return refused(state, event)
    case "choose":
      if (event.hat === to) return stay(state)
      if (event.hat !== life.source) return changing(state, event.hat, { isSaved, isForced })
      return isForced ? stay(state) : back(state, "live", null)
    case "hats":
      if (to === null ? event.hats.length === 0 : event.hats.includes(to))
        return event.hats.includes(life.source) ? stay(state) : stay({ ...state, isForced: true })
      // Of a hat that was withdrawn and given back nothing has changed.
      if (event.hats.includes(life.source)) return back(state, "live", isForced ? null : still(state, "barred"))
      return changing(state, event.hats[0] ?? null, { isSaved, isForced: true })
    case "revoked":
      return leaving(state, event.sentence, [...dropped(state), { do: "keep", key: life.key, where: "tray", why: signedOut }])
    default:
      return stay(state)
  }
}

/** What is told of the new one, while the old one drains. */
function whileComing(state: In<"changing">, event: LifeEvent & { key: number }): Step {
  if (event.key !== state.key) return stay(state)
  switch (event.type) {
    case "joined": {
      const name = nameOf(event)
      return [{ ...state, next: name }, [{ do: "begin", life: name }]]
    }
    case "synced":
      return changed({ ...state, isNextSynced: true })
    case "failed":
      if (event.why === "signedOut" || event.why === "gone") return next(state, { type: "revoked", sentence: event.sentence })
      return notChanged(state, event.why === "hat" ? "barred" : "late")
    case "closed":
    case "refused":
      return notChanged(state, "ended")
    case "timer":
      return notChanged(state, "late")
    default:
      return stay(state)
  }
}

type Still = Extract<Told, { kind: "still" }>

function notChanged(state: In<"changing">, why: Still["why"]): Step {
  const { to, isSaved, isForced, tries } = state
  return isForced ? changing(state, to, { isSaved, isForced, tries: tries + 1 }) : back(state, "live", still(state, why))
}

const still = ({ life, to }: In<"changing">, why: Still["why"]): Told => ({ kind: "still", hat: life.source, to, why })

/** One goes on writing for whom one wrote before. */
function back(state: In<"changing">, at: "live" | "cut", told: Told | null): Step {
  return [{ at, life: state.life, last: state.last }, [...dropped(state), ...(told ? [tell(told)] : [])]]
}

/** The old one is let go once all of it is in the room and the new one is here (LIFE3). */
function changed(state: In<"changing">): Step {
  const { isSaved, isNextSynced, isForced, last } = state
  if (!isSaved || !isNextSynced || !state.next) return stay(state)
  const told: Told = isForced ? { kind: "withdrawn", hat: state.life.source } : { kind: "changed", hat: state.next.source || null }
  return [{ at: "live", life: state.next, last }, [{ do: "show", key: state.next.key }, tell(told)]]
}

const nameOf = ({ key, client, source, epoch, pass }: LifeName): LifeName => ({ key, client, source, epoch, pass })

/** For whom one writes: the source of the session that typing goes into. */
export function hatOf(state: State): string | null {
  return state.at === "joining" || state.at === "leaving" ? state.as : state.life.source || null
}

/** Whether what is typed now goes into a session. */
export const takesTyping = (state: State): boolean =>
  (state.at === "live" || state.at === "cut") && state.life.client !== null && state.life.source !== ""

/** What may be said truthfully about the person's words. */
export type SaveStatus =
  /** `unanswered`: the room has said nothing of them for a while. */
  | { readonly kind: "opening" | "again" | "saving" | "unanswered" | "damaged" | "ended" }
  | { readonly kind: "changing"; readonly to: string | null }
  /** All words are saved, and the server has been asked for an act; `isLate`: it has said nothing of it for a while. */
  | { readonly kind: "acting"; readonly isLate: boolean }
  | { readonly kind: "saved"; readonly at: Date | null; readonly notSent: number }
  /** `isKept`: they are there again when the window was closed. */
  | { readonly kind: "offline"; readonly kept: number; readonly isKept: boolean }

/** What the window holds that is in no room yet. */
export interface Held {
  /** Changes of the session that are not acknowledged. */
  readonly unsaved: number
  /** Pieces that wait to be put back. */
  readonly waiting: number
  /** Changes of earlier windows that are on their way. */
  readonly returning: number
  /** Whether it is not known yet what earlier windows left. */
  readonly isLooking: boolean
  readonly inTray: number
  readonly isKept: boolean
  readonly isDamaged: boolean
  /** When the last change was acknowledged. */
  readonly savedAt: Date | null
}

export function statusOf(state: State, held: Held): SaveStatus {
  const { unsaved, waiting, returning, isKept, savedAt, inTray } = held
  const kept = unsaved + waiting + returning
  const offline: SaveStatus = { kind: "offline", kept, isKept }
  switch (state.at) {
    case "joining":
      return state.hasFailed ? offline : { kind: state.isAgain ? "again" : "opening" }
    case "syncing":
      return state.isCut ? offline : { kind: state.isAgain ? "again" : "opening" }
    case "cut":
      return offline
    case "changing":
      return { kind: "changing", to: state.to }
    case "leaving":
      return { kind: "ended" }
    case "live":
      if (held.isDamaged) return { kind: "damaged" }
      if (held.isLooking) return { kind: "opening" }
      return kept > 0 ? { kind: "saving" } : { kind: "saved", at: savedAt, notSent: inTray }
    default:
      return state satisfies never
  }
}
