import * as decoding from "lib0/decoding"
import * as encoding from "lib0/encoding"
import { encodeMessage } from "../../shared/sync/protocol.ts"
import type { Clock } from "../pace/clock.ts"
import type { Session } from "../people/session.ts"

interface State {
  clock: number
  /** JSON of the state as everyone may see it; "null" once the client has left. */
  json: string
}

/** Longest awareness state, in UTF-16 units, as it arrives. */
const longestState = 2_000

/** Clocks count on from what a browser says up to here; a larger one would overflow in those who read it. */
const highestClock = 2 ** 31

/** Longest awareness update that is looked into, in bytes: one says where one person is. */
const longestUpdate = 16_384

/** How long changes are collected before they are sent. */
const beatMs = 100

/** Bytes waiting on a socket past which it gets no carets. */
const slowAfterBytes = 256_000

/**
 * Who is present and where those who type have their caret. A client announces itself alone; name and source are the server's (GATE11). Changes are
 * collected and sent in one frame per beat, for carets would be most of the traffic.
 */
export class Presence {
  readonly #states = new Map<number, State>()
  readonly #changed = new Set<number>()
  /** The last clock that others have of a client, also once it has left: browsers pass over what is not newer (GATE11). */
  readonly #clocks = new Map<number, number>()
  readonly #clock: Clock
  readonly #sessions: () => Iterable<Session>
  #isBeatPlanned = false

  /** `sessions`: who is told. */
  constructor(clock: Clock, sessions: () => Iterable<Session>) {
    this.#clock = clock
    this.#sessions = sessions
  }

  /** Takes an awareness update from a session; what it says of others is dropped. */
  receive(session: Session, update: Uint8Array): void {
    this.#planBeat()
    if (update.length > longestUpdate) return
    for (const [client, state] of readStates(update)) {
      if (client !== session.client || state.json.length > longestState) continue
      this.#set(client, state.clock, ownState(session, state.json))
    }
  }

  // A browser that comes back counts on from where its line was cut; that it had left was told under a later clock.
  #set(client: number, atLeast: number, json: string): void {
    const clock = Math.max(Math.min(atLeast, highestClock), (this.#clocks.get(client) ?? 0) + 1)
    this.#clocks.set(client, clock)
    this.#states.set(client, { clock, json })
    this.#changed.add(client)
  }

  left(client: number): void {
    this.#planBeat()
    if (this.#states.has(client)) this.#set(client, 0, "null")
  }

  /** The frame that tells a newcomer who is present, or null where nobody is. */
  everyone(): Uint8Array | null {
    const present = [...this.#states].filter(([, state]) => state.json !== "null")
    return present.length > 0 ? encodeMessage({ kind: "awareness", update: writeStates(present) }) : null
  }

  #planBeat(): void {
    if (this.#isBeatPlanned) return
    this.#isBeatPlanned = true
    this.#clock.later(() => {
      this.#isBeatPlanned = false
      this.#beat()
    }, beatMs)
  }

  /** One beat: what changed since the last goes to all who keep up. */
  #beat(): void {
    if (this.#changed.size === 0) return
    const states = [...this.#changed].map((client): [number, State] => [client, this.#states.get(client)!])
    this.#changed.clear()
    for (const [client, state] of states) if (state.json === "null") this.#states.delete(client)
    const frame = encodeMessage({ kind: "awareness", update: writeStates(states) })
    for (const session of this.#sessions()) if (session.buffered() < slowAfterBytes) session.send(frame)
  }
}

function ownState(session: Session, json: string): string {
  let state: unknown = null
  try {
    state = JSON.parse(json)
  } catch {
    return "null"
  }
  if (typeof state !== "object" || state === null) return "null"
  const person = session.person()
  const { cursor } = state as { cursor?: unknown }
  return JSON.stringify({
    user: { person: person.id, name: person.name, role: person.role, source: session.source },
    ...(cursor ? { cursor } : {}),
  })
}

function readStates(update: Uint8Array): [number, State][] {
  const states: [number, State][] = []
  try {
    const decoder = decoding.createDecoder(update)
    const count = Math.min(decoding.readVarUint(decoder), 1_000)
    for (let i = 0; i < count; i++) {
      const client = decoding.readVarUint(decoder)
      states.push([client, { clock: decoding.readVarUint(decoder), json: decoding.readVarString(decoder) }])
    }
  } catch {
    return []
  }
  return states
}

const writeStates = (states: readonly [number, State][]): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, states.length)
    for (const [client, state] of states) {
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, state.clock)
      encoding.writeVarString(encoder, state.json)
    }
  })
