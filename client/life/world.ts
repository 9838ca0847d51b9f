import type * as Y from "yjs"
import type { RefusedMessage } from "../../shared/sync/protocol.ts"
import type { DraftSession, SessionEvents, Transport } from "../editor/draft-session.ts"
import type { KeptWords } from "../editor/kept-places.ts"
import type { StateHost } from "../editor/operations.ts"
import type { FailureKind, LifeName, State, Told } from "./machine.ts"
import type { Outbox } from "./outbox.ts"

// What a life needs of the world, and what it tells of itself: a browser gives and hears it, or a test.

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
  line(life: Pick<LifeName, "client" | "pass">, doc: Y.Doc, events: LineEvents): { stop(): void }
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

/** Words that wait to be put back, and whose they are. */
export interface Piece extends KeptWords {
  readonly source: string
  readonly client: number
}
