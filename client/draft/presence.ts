import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from "y-protocols/awareness"
import * as Y from "yjs"
import { encodeMessage } from "../../shared/sync/protocol.ts"
import type { Caret } from "../editor/carets.ts"
import type { DraftSession } from "../editor/draft-session.ts"
import type { SourceLook } from "../ui/look.ts"

/** Somebody who has the draft open. */
export interface Present {
  readonly client: number
  /** By whose id one knows a second window of one's own. */
  readonly person: string
  readonly name: string
  readonly source: string
  readonly role: string
}

/** The own code of a role that may also write for others; null where one is there as whom one writes for. */
const ownCodes: Readonly<Record<string, string>> = { chair: "CHAIR", secretary: "SEC" }

/** As whom somebody is here: the secretary is the secretariat, for whomever words are entered. "" where one writes for nobody. */
export const standsAs = ({ role, source }: Pick<Present, "role" | "source">): string => ownCodes[role] ?? source

/** For whom somebody of another code enters words; null: for nobody else. */
export const entersFor = (present: Pick<Present, "role" | "source">): string | null =>
  present.source !== "" && present.source !== standsAs(present) ? present.source : null

export interface PresenceEvents {
  /** The id of the person at this window: other windows of theirs are nobody else. */
  readonly me: string
  readonly lookOf: (source: string) => SourceLook
  readonly caret: () => number
  readonly onPresent: (present: readonly Present[]) => void
  readonly onCarets: (carets: readonly Caret[]) => void
}

/** How long after the last letter one's caret is shown to others. */
const typingMs = 8_000
const tellEveryMs = 120

/** Who is here, and the carets of those who type; where somebody merely reads is never told. */
export class Presence {
  readonly #session: DraftSession
  readonly #events: PresenceEvents
  readonly #awareness: Awareness
  #typedAt = Number.NEGATIVE_INFINITY
  #tell: ReturnType<typeof setTimeout> | undefined
  #fall: ReturnType<typeof setTimeout> | undefined

  constructor(session: DraftSession, events: PresenceEvents) {
    this.#session = session
    this.#events = events
    this.#awareness = new Awareness(session.doc)
    this.#awareness.setLocalState({})
    this.#awareness.on("update", (_changes: unknown, origin: unknown) => {
      if (origin !== "remote") this.#announce()
    })
    this.#awareness.on("change", () => this.#show())
  }

  destroy(): void {
    clearTimeout(this.#tell)
    clearTimeout(this.#fall)
    this.#awareness.destroy()
  }

  receive(update: Uint8Array): void {
    applyAwarenessUpdate(this.#awareness, update, "remote")
  }

  /** The line is there again: the room tells at once who is here, and is told that one is. */
  opened(): void {
    this.#forgetOthers()
    // Under a clock of its own: what the others had last of this browser is that it left.
    this.#tellCaret()
  }

  /** The line is cut: nobody can be said to be here. */
  closed(): void {
    this.#forgetOthers()
    this.#show()
  }

  // With their clocks: a room that begins to count anew would not be believed.
  #forgetOthers(): void {
    for (const clocks of [this.#awareness.states, this.#awareness.meta])
      for (const client of [...clocks.keys()]) if (client !== this.#awareness.clientID) clocks.delete(client)
  }

  #announce(): void {
    const update = encodeAwarenessUpdate(this.#awareness, [this.#session.doc.clientID])
    this.#session.send(encodeMessage({ kind: "awareness", update }))
  }

  /** One has typed: the caret is shown soon, and no longer a while after the last letter. */
  typed(): void {
    this.#typedAt = performance.now()
    this.#tell ??= setTimeout(() => {
      this.#tell = undefined
      this.#tellCaret()
    }, tellEveryMs)
    clearTimeout(this.#fall)
    this.#fall = setTimeout(() => this.#tellCaret(), typingMs + tellEveryMs)
  }

  #tellCaret(): void {
    const isTyping = performance.now() - this.#typedAt < typingMs
    const relative = isTyping && this.#session.isSynced ? this.#session.binding.relativeOf(this.#events.caret()) : null
    this.#awareness.setLocalState(relative ? { cursor: Y.relativePositionToJSON(relative) } : {})
  }

  #show(): void {
    const present: Present[] = []
    const carets: Caret[] = []
    for (const [client, state] of this.#awareness.getStates()) {
      const { user, cursor } = state as { user?: Omit<Present, "client">; cursor?: unknown }
      if (!user || client === this.#session.doc.clientID || user.person === this.#events.me) continue
      present.push({ client, ...user })
      const pos = cursor ? this.#placeOf(cursor) : null
      if (pos !== null)
        carets.push({
          client,
          pos,
          source: user.source,
          by: entersFor(user) === null ? null : standsAs(user),
          look: this.#events.lookOf(user.source),
        })
    }
    this.#events.onPresent(present)
    this.#events.onCarets(carets)
  }

  #placeOf(cursor: unknown): number | null {
    try {
      return this.#session.binding.absoluteOf(Y.createRelativePositionFromJSON(cursor))
    } catch {
      // Another's browser sent what is no position: its caret is not drawn.
      return null
    }
  }
}
