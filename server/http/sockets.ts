import type { IncomingMessage, Server } from "node:http"
import type { Duplex } from "node:stream"
import type { Logger } from "pino"
import { type WebSocket, WebSocketServer } from "ws"
import * as Y from "yjs"
import { problems } from "../../shared/api/problems.ts"
import { beginningOf } from "../../shared/schema/letters.ts"
import { closeCode, encodeMessage } from "../../shared/sync/protocol.ts"
import type { Config } from "../config.ts"
import type { Drafts } from "../drafts/drafts.ts"
import type { OpenDraft } from "../drafts/open-draft.ts"
import { caps } from "../gate/shapes.ts"
import type { Metrics } from "../metrics.ts"
import type { Shares } from "../pace/shares.ts"
import { type Line, pingMs } from "../people/attendance.ts"
import type { Meeting } from "../people/meeting.ts"
import type { Person, Session } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { Admission } from "./admission.ts"
import { isOriginAllowed } from "./origins.ts"
import { Pace } from "./pace.ts"
import { sendOver } from "./wire.ts"

export interface SocketParts {
  readonly config: Config
  readonly drafts: Drafts
  readonly meeting: Meeting
  readonly metrics: Metrics
  readonly log: Logger
  readonly admission: Admission
  readonly shares: Shares
  /** Why nobody may come in to write at this moment, in a sentence; null: they may. */
  readonly whyNot: () => string | null
}

/** A WebsocketProvider closes after 30 s without a message; pings do not count. */
const keepAliveMs = 15_000
/** How long a socket whose sign-in has ended may take to close. */
const endMs = 500
/** How long a line that was closed may take to read what was on its way. */
const unreadMs = 10_000
const path = /^\/sync\/([\w-]{1,64})$/

/** A reason as a close frame takes it: 123 bytes at most. */
const inBytes = (reason: string): string => {
  let most = 120
  while (Buffer.byteLength(beginningOf(reason, most)) > 123) most -= 4
  return beginningOf(reason, most)
}

function refuseUpgrade(socket: Duplex, status: number, sentence: string): void {
  const body = JSON.stringify({ status, detail: sentence })
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** Somebody who had joined comes back to a draft that is gone. */
class GoneDraft extends DomainError {
  constructor(sentence: string) {
    super("not-found", sentence)
  }
}

interface Welcome {
  readonly draft: OpenDraft
  readonly person: Person
  /** Hash of the cookie. */
  readonly signIn: string
  readonly client: number | null
  readonly speaksOurs: boolean
  /** What it holds may be more than the draft has: its client id was given before a loss, or the draft is damaged. */
  readonly holdsMore: boolean
  /** Its client id was given to another since, or to nobody: what the draft has of it is not its own. */
  readonly isAnothers: boolean
}

/** Takes websockets under `/sync/{draft}`: origin, cookie and ownership of the client id are checked before the handshake (rules SOCK). */
export function mountSockets(server: Server, parts: SocketParts): () => void {
  const wss = new WebSocketServer({ noServer: true, maxPayload: caps.updateBytes + 1_024, perMessageDeflate: false })
  const openClients = new Map<string, WebSocket>()
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy())
    welcome(request, parts)
      .then((guest) =>
        wss.handleUpgrade(request, socket, head, (ws) =>
          guest.holdsMore ? sendAway(ws, guest) : seat({ ws, socket }, guest, parts, openClients),
        ),
      )
      .catch((error: unknown) => {
        // The answer to a handshake no browser shows to its page, and one that had joined would come back for ever.
        if (error instanceof GoneDraft)
          return wss.handleUpgrade(request, socket, head, (ws) => ws.close(closeCode.unknownDraft, inBytes(error.told)))
        if (error instanceof DomainError) return refuseUpgrade(socket, problems[error.kind].status, error.told)
        parts.log.error({ err: error }, "upgrade failed")
        refuseUpgrade(socket, 500, "Something failed on the server. Try again.")
      })
  })
  const pings = setInterval(() => {
    for (const ws of wss.clients) ws.ping()
  }, pingMs)
  return () => {
    clearInterval(pings)
    wss.close()
  }
}

async function welcome(request: IncomingMessage, parts: SocketParts): Promise<Welcome> {
  const { config, drafts, admission } = parts
  const url = new URL(request.url ?? "/", "http://localhost")
  const match = path.exec(url.pathname)
  if (!match) throw new DomainError("not-found", "Websockets are taken under /sync/{draft} only.")
  if (!isOriginAllowed(request, config))
    throw new DomainError("not-allowed", "This page may not connect to this server: it comes from another address.")
  const standing = await admission.standing(request)
  if (!standing.person) throw new DomainError("not-signed-in", standing.sentence)
  const { person, signIn } = standing
  const asked = url.searchParams.get("client")
  const draft = await drafts.open(match[1]!).catch((error: unknown) => {
    throw asked !== null && error instanceof DomainError && error.kind === "not-found" ? new GoneDraft(error.told) : error
  })
  const client = asked === null ? null : Number(asked)
  const hindrance = parts.whyNot()
  if (hindrance !== null && client !== null) throw new DomainError("store-failed", hindrance)
  const speaksOurs = url.searchParams.get("v") === "1"
  const { damage, loss } = draft.proof
  const binding = client === null ? undefined : draft.bindings.get(client)
  const pass = url.searchParams.get("pass") ?? ""
  // Nobody was given this id, or somebody else was: since then the folder was set back to a copy of before.
  const isAnothers = client !== null && pass !== "" && (binding?.pass ?? "none") !== "" && binding?.pass !== pass
  const holdsMore = client !== null && (damage !== null || client <= (loss?.lastClient ?? 0) || isAnothers)
  const isNotTheirs = client !== null && binding?.person !== person.id
  if (holdsMore ? !speaksOurs : isNotTheirs)
    throw new DomainError("not-allowed", "This client id is not yours on this draft. Join the draft first.")
  return { draft, person, signIn, client, speaksOurs, holdsMore, isAnothers }
}

/** Tells a browser to start again; of its own words it keeps those that the draft has no longer. */
function sendAway(ws: WebSocket, { draft, client, isAnothers }: Welcome): void {
  const reason = draft.proof.damage === null ? "epoch" : "damaged"
  const clock = isAnothers ? 0 : Y.getState(draft.room.main.store, client ?? 0)
  ws.send(encodeMessage({ kind: "refused", refused: { reason, block: null, raced: false, clock } }))
  ws.close(closeCode.refused, reason)
}

/** A websocket, and the line that it speaks over. */
interface Connected {
  readonly ws: WebSocket
  readonly socket: Duplex
}

function seat({ ws, socket }: Connected, guest: Welcome, parts: SocketParts, openClients: Map<string, WebSocket>): void {
  const { draft, person, signIn, client, speaksOurs } = guest
  const { room } = draft
  // Closed for want of people while the handshake was under way: the next try opens it.
  if (room.isClosed) return ws.close(closeCode.tryLater, "try again")
  const { people, signIns, attendance } = parts.meeting
  const key = `${draft.record.id}/${client}`
  // One open socket per id: a browser that comes back before its old line has died takes its place.
  if (client !== null) openClients.get(key)?.terminate()
  if (client !== null) openClients.set(key, ws)
  parts.metrics.clients.inc()
  const session: Session = {
    person: () => (signIns.whyNot(signIn) === null ? people.person(person.id) : { ...people.person(person.id), isRevoked: true }),
    client,
    source: client === null ? null : (draft.bindings.get(client)?.source ?? null),
    speaksOurs,
    send: (frame) => {
      if (ws.readyState === ws.OPEN) sendOver(ws, socket, frame)
    },
    close: (code, reason) => {
      ws.close(code, inBytes(reason))
      // Who does not read hears of no close either, and what waits for it lies in memory.
      setTimeout(() => ws.terminate(), unreadMs).unref()
    },
    buffered: () => ws.bufferedAmount,
  }
  const line: Line = {
    signIn,
    person: person.id,
    end: (sentence) => {
      attendance.went(line)
      room.leave(session)
      session.close(closeCode.notAllowed, sentence)
      // Who does not answer the close is cut off.
      setTimeout(() => ws.terminate(), endMs).unref()
    },
    tell: () => {
      if (speaksOurs) session.send(encodeMessage({ kind: "notice", notice: { kind: "meeting" } }))
    },
  }
  const keepAlive = setInterval(() => session.send(Uint8Array.of(1, 1, 0)), keepAliveMs)
  const pace = new Pace(parts.shares, person.id, ws, (frame) => room.receive(session, frame))
  ws.on("pong", () => attendance.heard(line))
  ws.on("message", (data, isBinary) => {
    attendance.heard(line)
    if (!isBinary) return session.close(closeCode.refused, "frames are binary")
    pace.take(new Uint8Array(data as Buffer))
  })
  ws.on("error", (error) => parts.log.info({ err: error.message }, "socket error"))
  ws.on("close", () => {
    clearInterval(keepAlive)
    attendance.went(line)
    parts.metrics.clients.dec()
    if (openClients.get(key) === ws) openClients.delete(key)
    pace.end(() => room.leave(session))
  })
  attendance.came(line)
  room.join(session)
  // It may have ended while the handshake was under way.
  const ended = signIns.whyNot(signIn)
  if (ended !== null) line.end(ended)
}
