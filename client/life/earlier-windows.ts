import * as Y from "yjs"
import type { RefusedMessage } from "../../shared/sync/protocol.ts"
import { DraftSession } from "../editor/draft-session.ts"
import type { UnsavedAct } from "../editor/unsaved-acts.ts"
import type { KeptTray } from "./kept-tray.ts"
import { actsLeft, type SpokenWords, strandedWords, wordsLeft } from "./left-words.ts"
import { isEnding, type State } from "./machine.ts"
import type { LeftLife } from "./outbox.ts"
import { decidedThere } from "./sentences.ts"
import type { LifeEvents, Piece, World } from "./world.ts"

export interface EarlierWindowsParts extends Pick<LifeEvents, "onNotice" | "whyRefused"> {
  readonly world: World
  /** Of what the editor shows. */
  readonly session: () => DraftSession
  readonly tray: KeptTray
  /** Words are to go back where they stood, in this life. */
  readonly putBack: (pieces: readonly Piece[]) => void
  /** What held no words is not in the draft, and is told. `isAll`: nothing else was on its way. */
  readonly tellActs: (acts: readonly UnsavedAct[], why: string, isAll: boolean) => void
  /** More may go on now. */
  readonly look: () => void
  readonly onChange: () => void
}

const whatWasSetBack = "The draft was set back since."

/** A life that was left, back in the room under its own client id. */
interface Returning {
  readonly left: LeftLife
  readonly session: DraftSession
  line: { stop(): void } | null
  /** So much the room had of the life as it came back; null: it is not known yet, and nothing was restored. */
  known: number | null
  /** Words for which the room said that it had no place. */
  readonly told: string[]
}

/** What windows that are closed left on this device: each life comes back for as long as it takes to say what it had typed (LIFE4). */
export class EarlierWindows {
  readonly #parts: EarlierWindowsParts
  #left: LeftLife[] = []
  readonly #returning = new Map<number, Returning>()

  constructor(parts: EarlierWindowsParts) {
    this.#parts = parts
  }

  /** Lives of which something is in no room yet. */
  get lives(): LeftLife[] {
    return [...this.#left, ...[...this.#returning.values()].map(({ left }) => left)]
  }

  /** Whether some have not come back yet. */
  get areLeft(): boolean {
    return this.#left.length > 0
  }

  /** Those that are back in the room. */
  get returning(): Iterable<Pick<Returning, "line" | "session">> {
    return this.#returning.values()
  }

  /** The device has given back what a window had left. */
  found(lives: readonly LeftLife[]): void {
    this.#left.push(...lives)
  }

  /** One is signed in no longer: what is not said stays on the device until the person is here again. */
  leave(): void {
    for (const { line, session } of this.#returning.values()) {
      line?.stop()
      session.destroy()
    }
    this.#returning.clear()
  }

  /**
   * Sends what earlier windows left, under the client ids and for the sources under which it was typed: what the room has already is passed over there,
   * and nothing is said twice. What belongs to another log or epoch, or to a hat that is worn no longer, goes to the tray.
   */
  send(state: State): void {
    const { world, session } = this.#parts
    if (state.at !== "live" || state.life.client === null || world.isDamaged()) return
    // A line that has just come back may not have said yet that the draft was set back: then it is this life that is of another epoch.
    if (!session().isReady) return
    for (const left of this.#left.splice(0)) {
      const isSameLog = left.epoch.split(" ")[0] === state.life.epoch.split(" ")[0]
      if (left.epoch !== state.life.epoch)
        this.#handBack(left, isSameLog, "The draft was set back since, and these words of yours were lost.")
      // Of a hat that is worn no longer too: the room says what it has, and refuses the rest.
      else this.#return(left)
    }
  }

  #handBack(left: LeftLife, isSameLog: boolean, why: string): void {
    const doc = isSameLog ? this.#parts.session().doc : null
    const words = wordsLeft(doc, left)
    this.#parts.tray.addAll(
      words.map((piece) => ({ ...piece, source: left.source })),
      why,
    )
    this.#parts.tellActs(actsLeft(doc, left), whatWasSetBack, words.length === 0)
    this.#parts.world.outbox.forget(left.client)
  }

  #return(left: LeftLife): void {
    const returning: Returning = { left, session: this.#returningSession(left), line: null, known: null, told: [] }
    const { session } = returning
    this.#returning.set(left.client, returning)
    returning.line = this.#parts.world.line(left, session.doc, {
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
      this.#parts.world.host,
      left.client,
      left.source,
      {
        onStatus: () => this.#follow(left.client),
        onRefused: (refused) => this.#notTaken(left.client, refused),
        onNotice: (notice) => {
          if (notice.kind === "kept") this.#returning.get(left.client)?.told.push(notice.words)
          else this.#parts.onNotice(notice)
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
      session.restore(left.updates, left.stood)
    }
    if (!session.isSaved) return
    this.#strand(returning, strandedWords(session.doc, left, returning.known))
    this.#parts.world.outbox.forget(client)
    this.#returned(returning)
  }

  #notTaken(client: number, refused: RefusedMessage): void {
    const returning = this.#returning.get(client)
    if (!returning) return
    const { session, left, known } = returning
    const { source } = left
    const { clock } = refused
    const isHere = known !== null && refused.reason !== "epoch" && refused.reason !== "damaged"
    const found = isHere ? session.unsavedWords(clock) : wordsLeft(this.#parts.session().doc, left, clock)
    const stranded = isHere ? strandedWords(session.doc, left, clock) : []
    const acts = isHere ? session.unsavedActs(clock) : actsLeft(this.#parts.session().doc, left, clock)
    const lost = acts.filter(({ kind }) => !refused.raced || kind !== "split")
    if (refused.raced) this.#parts.putBack(found.map((words): Piece => ({ ...words, source, client })))
    else
      this.#parts.tray.addAll(
        found.map((words) => ({ ...words, source })),
        this.#parts.whyRefused(refused),
      )
    this.#strand(returning, stranded)
    this.#parts.tellActs(lost, refused.raced ? decidedThere : this.#parts.whyRefused(refused), found.length + stranded.length === 0)
    this.#returned(returning)
    if (!refused.raced || found.length === 0) this.#parts.world.outbox.forget(client)
    this.#parts.look()
  }

  /** What stands nowhere any more, and what the room told of without being known here to stand nowhere. */
  #strand({ left: { source }, told }: Returning, words: readonly SpokenWords[]): void {
    const others = told.filter((text) => !words.some((piece) => isAmong(text, piece.text)))
    const noPlace = others.map((text) => ({ text, block: null, after: null, isOwnBlock: false }))
    this.#parts.tray.addAll(
      [...words, ...noPlace].map((piece) => ({ ...piece, source })),
      "What they stood in is gone.",
    )
  }

  #returned({ left, line, session }: Returning): void {
    this.#returning.delete(left.client)
    line?.stop()
    session.destroy()
    this.#parts.onChange()
  }
}

/** Whether the letters of some words are in a text, in their order. */
function isAmong(words: string, text: string): boolean {
  let at = 0
  for (const unit of text.split("")) if (unit === words[at]) at++
  return at === words.length
}
