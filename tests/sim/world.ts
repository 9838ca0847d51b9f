import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Logger } from "pino"
import * as Y from "yjs"
import { type Acts, actsOf } from "../../server/acts/acts.ts"
import { Procedure } from "../../server/acts/procedure.ts"
import { Drafts } from "../../server/drafts/drafts.ts"
import type { OpenDraft } from "../../server/drafts/open-draft.ts"
import { withSources } from "../../server/files/authors.ts"
import { withProposedNotes } from "../../server/files/notes.ts"
import { openingStateOf } from "../../server/files/opening-state.ts"
import { readWord } from "../../server/files/word/read.ts"
import { newMetrics } from "../../server/metrics.ts"
import { Shares } from "../../server/pace/shares.ts"
import { Meeting } from "../../server/people/meeting.ts"
import { DomainError } from "../../server/problems.ts"
import { openInlineStore } from "../../server/storage/embedded.ts"
import type { Commit, Store } from "../../server/storage/store.ts"
import { inlineDesk } from "../../server/workers/desk.ts"
import type { Role } from "../../shared/policy/policy.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import { closeCode, decodeMessage, encodeMessage } from "../../shared/sync/protocol.ts"
import { clause, draftState, head } from "../build.ts"
import { RandomFile } from "../random-file.ts"
import { Disk } from "./disk.ts"
import { Laws } from "./laws.ts"
import { Line } from "./line.ts"
import { Names } from "./names.ts"
import { Delegate, type Guest, Liar, StockPeer } from "./people.ts"
import { Scheduler } from "./scheduler.ts"
import { LawBroken, type Op, type Plan } from "./trace.ts"

/** The delegations that are there; the authors of random files are theirs. */
export const sources = ["S", "B", "E"] as const
const authors = { Ann: "S", Bob: "B", Cy: "E", Eve: "B" }

const people: readonly { id: string; role: Role; hats: readonly string[] }[] = [
  { id: "p-chair", role: "chair", hats: [] },
  { id: "p-secretary", role: "secretary", hats: [] },
  ...["p-S", "p-B", "p-E", "p-S2"].map((id) => ({ id, role: "delegate" as const, hats: [...sources] })),
  { id: "p-peer", role: "delegate", hats: ["P"] },
  { id: "p-liar", role: "delegate", hats: ["L"] },
]

const metrics = newMetrics()

/** A folder on a disk of memory where there is one, with the people of the meeting; many drafts are played in it, one after the other. */
export class Ground {
  readonly folder = mkdtempSync(join(process.platform === "linux" ? "/dev/shm" : tmpdir(), "clausula-sim-"))
  readonly store: Store = openInlineStore(this.folder)
  #drafts = 0

  static async open(): Promise<Ground> {
    const ground = new Ground()
    for (const { id, role, hats } of people) await ground.store.savePerson({ id, name: id, role, hats, isRevoked: false })
    for (const code of [...sources, "P", "L"]) await ground.store.saveSource({ code, name: code })
    return ground
  }

  newDraft(): string {
    return `draft-${++this.#drafts}`
  }

  async close(): Promise<void> {
    await this.store.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const sealed = JSON.stringify({ cover: {}, debris: [], warnings: [] })

const stateOf = ({ texts, file }: Plan): Uint8Array =>
  file === undefined
    ? draftState([head("resolves"), ...texts.map((text, i) => clause(text, `c${i}`))])
    : openingStateOf(withProposedNotes(withSources(readWord(new RandomFile(file).bytes), authors))).update

/** The whole system in one process: server, store, lines and people, moved by operations alone. */
export class World {
  readonly plan: Plan
  readonly clock = new Scheduler()
  readonly names = new Names()
  readonly guests = new Map<string, Guest>()
  readonly ground: Ground
  readonly id: string
  readonly checked: Map<string, number>
  disk!: Disk
  meeting!: Meeting
  drafts!: Drafts
  acts!: Acts
  draft!: OpenDraft
  laws!: Laws
  initial!: Uint8Array
  /** How far the durable log goes with each client. */
  #durable = new Map<number, number>()
  #lines = new Set<Line>()
  /** Acts that were asked for and have no answer yet. */
  unanswered = 0
  /** What the chair has looked at: hashes by change. */
  readonly seen = new Map<string, string>()
  readonly writers = new Map<number, string>()
  /** What of the room was last read by a law, as a frame: checked once for all whom it goes to. */
  #lastFrame: Uint8Array | null = null
  /** Operations that did something, by what they do. */
  readonly done: Map<string, number>

  private constructor(ground: Ground, plan: Plan, counts: { checked: Map<string, number>; done: Map<string, number> }) {
    this.ground = ground
    this.plan = plan
    this.id = ground.newDraft()
    this.checked = counts.checked
    this.done = counts.done
  }

  static async open(
    ground: Ground,
    plan: Plan,
    counts = { checked: new Map<string, number>(), done: new Map<string, number>() },
  ): Promise<World> {
    const world = new World(ground, plan, counts)
    const { id, clock } = world
    const at = clock.now().toISOString()
    world.initial = stateOf(plan)
    const row = { client: 0, person: "p-secretary", source: "SEC", kind: "act" as const, at, update: world.initial }
    const record = { id, title: "Draft", designation: "", createdAt: at, force: null, forceHash: null, imported: sealed }
    const sitting = { body: "", room: "", date: "2026-11-22", chair: "" }
    const entry = { act: "import", at, decidedBy: row.person, enteredBy: row.person, source: "SEC", sitting, details: {} }
    await ground.store.createDraft(record, { rows: [row], entries: [entry] })
    world.#kept(id, { rows: [row], entries: [entry] })
    await world.#start()
    const { shadow } = world.draft.room.gate
    world.names.wrote(0, shadow, serverClient, 0, Y.getState(shadow.store, serverClient))
    clock.lookMs = plan.lookMs ?? 0
    for (const guest of [
      ...[..."SBE"].map((key) => new Delegate(key, `p-${key}`, key)),
      new Delegate("S2", "p-S2", "S"),
      new StockPeer("P", "p-peer", "P"),
      new Liar("L", "p-liar", "L"),
    ])
      world.guests.set(guest.key, guest)
    return world
  }

  async #start(): Promise<void> {
    const { clock, ground } = this
    this.disk = new Disk(ground.store, (draft, commit) => this.#kept(draft, commit))
    const { store } = this.disk
    this.meeting = await Meeting.open(store, clock.now)
    const log = { error: (what: unknown) => this.#logged(what), warn: (what: unknown) => this.#logged(what), info: () => undefined }
    this.drafts = new Drafts({
      store,
      clock,
      metrics,
      meeting: this.meeting,
      log: log as unknown as Logger,
      desk: inlineDesk,
      shares: new Shares(clock.elapsedMs),
      idleRoomMs: 3_600_000,
      unwritable: () => null,
    })
    this.acts = actsOf(new Procedure(this.meeting, clock.now), this.drafts.history)
    this.draft = await this.drafts.open(this.id)
    this.laws = new Laws(this.draft.room, this.checked)
    if (this.draft.proof.damage !== null) this.laws.break("chain", this.draft.proof.damage)
  }

  #logged(what: unknown): void {
    const { err } = what as { err?: Error }
    // A file that tells of a fault of ours; a store that was told to fail is none.
    this.laws?.break("fault", String(err?.stack ?? JSON.stringify(what)))
  }

  get room(): OpenDraft["room"] {
    return this.draft.room
  }

  /** Whoever writes, by the real client. */
  get delegates(): Delegate[] {
    return [...this.guests.values()].filter((guest) => guest instanceof Delegate)
  }

  guest(key: string | undefined): Guest {
    const guest = this.guests.get(key ?? "")
    if (!guest) throw new Error(`nobody is called ${key}`)
    return guest
  }

  // ---- what is durable, and who hears of it

  #kept(draft: string, { rows }: Commit): void {
    if (draft !== this.id) return
    for (const { update } of rows)
      for (const [client, clock] of Y.parseUpdateMeta(update).to) this.#durable.set(client, Math.max(clock, this.#durable.get(client) ?? 0))
  }

  #heardBy(line: Line, frame: Uint8Array): void {
    // What is sent after a close goes nowhere.
    if (!line.isOpenThere || line.closing !== null) return
    if (frame !== this.#lastFrame) {
      this.#lastFrame = frame
      const message = decodeMessage(frame)
      if (message?.kind === "update" || message?.kind === "step2") this.#demandDurable(message.update)
      else if (message?.kind === "acknowledged") {
        const reached = line.sent[message.n - 1]
        if (reached === undefined) this.laws.break("acknowledgement", `${message.n} of ${line.sent.length} messages`)
        else if (reached > (this.#durable.get(line.client) ?? 0) && !line.isRefused)
          this.laws.break(
            "acknowledgement",
            `${line.guest.key} is told that ${reached} is saved; ${this.#durable.get(line.client) ?? 0} is`,
          )
        this.checked.set("acknowledgement", (this.checked.get("acknowledgement") ?? 0) + 1)
      } else if (message?.kind === "refused") {
        line.isRefused = true
        const { reason } = message.refused
        if (line.guest instanceof Delegate && reason !== "may-not-write" && reason !== "epoch")
          this.laws.break("refusal", `${line.guest.key}: ${reason} in ${message.refused.block}`)
      }
    }
    line.down.push(frame)
  }

  /** Nobody sees what a crash could lose. */
  #demandDurable(update: Uint8Array): void {
    this.checked.set("durable first", (this.checked.get("durable first") ?? 0) + 1)
    for (const [client, clock] of Y.parseUpdateMeta(update).to)
      if (clock > (this.#durable.get(client) ?? 0))
        this.laws.break("durable first", `client ${client} is shown up to ${clock}, ${this.#durable.get(client) ?? 0} is kept`)
  }

  // ---- lines

  /** A guest comes, or comes again: joins where it must, and opens a line. */
  async come(guest: Guest): Promise<boolean> {
    if (guest.line) return false
    const { draft } = this
    if (guest.mustRejoin) {
      if (this.meeting.people.person(guest.person).isRevoked) return false
      const { clientId } = await this.drafts.join(draft, guest.person, guest.source)
      guest.begin(clientId)
      this.writers.set(clientId, guest.source)
    }
    const client = guest instanceof Liar ? guest.client : guest.doc.clientID
    // Who comes back before its old line has died takes its place.
    for (const other of this.#lines) if (other.client === client) this.#goneThere(other)
    const line = new Line(guest, client)
    line.session = {
      person: () => this.meeting.people.person(guest.person),
      client,
      source: draft.bindings.get(client)?.source ?? null,
      speaksOurs: guest.speaksOurs,
      send: (frame) => this.#heardBy(line, frame),
      // On a line that broke on this side no close code arrives either.
      close: (code) => {
        if (line.isOpenThere) line.closing ??= code
      },
      buffered: () => 0,
    }
    this.#lines.add(line)
    this.room.join(line.session)
    guest.opened(line)
    return true
  }

  #goneThere(line: Line): void {
    if (!line.isOpenThere) return
    line.isOpenThere = false
    this.#lines.delete(line)
    this.room.leave(line.session)
  }

  #goneHere(line: Line, code: number): void {
    if (!line.isOpenHere) return
    line.isOpenHere = false
    if (line.guest.line === line) line.guest.closed(code)
  }

  /** `side`: who hears of it at once; the other goes on believing in the line. */
  cut(guest: Guest, side: "both" | "here" | "there" = "both"): boolean {
    const { line } = guest
    if (!line) return false
    if (side !== "here") this.#goneThere(line)
    if (side !== "there") this.#goneHere(line, 1006)
    return true
  }

  deliverUp(guest: Guest, count: number): number {
    const { line } = guest
    if (!line) return 0
    let done = 0
    for (; done < count && line.up.length > 0; done++) {
      const frame = line.up.shift()!
      if (!line.isOpenThere || line.closing !== null) continue
      const message = decodeMessage(frame)
      if (message?.kind === "update" || message?.kind === "step2")
        line.sent.push(Math.max(line.sent.at(-1) ?? 0, Y.parseUpdateMeta(message.update).to.get(line.client) ?? 0))
      this.room.receive(line.session, frame)
    }
    return done
  }

  deliverDown(guest: Guest, count: number): number {
    const { line } = guest
    if (!line) return 0
    let done = 0
    for (; done < count && line.down.length > 0; done++) guest.receive(line.down.shift()!)
    if (line.closing !== null && line.down.length === 0) {
      this.#goneThere(line)
      this.#goneHere(line, line.closing)
      done++
    }
    return done
  }

  // ---- the server's life

  /** The server ends in order, or dies; then it starts again over the same store. */
  async restart(how: "drained" | "killed", written: number): Promise<void> {
    if (how === "drained") {
      const ended = this.drafts.drain(closeCode.restarting)
      let isEnded = false
      void ended.finally(() => (isEnded = true))
      for (let i = 0; i < 200 && !isEnded; i++) {
        if (this.disk.state === "slow") this.disk.state = "prompt"
        await this.disk.go()
        await this.clock.pass(60)
      }
    }
    await this.disk.die(written)
    for (const line of [...this.#lines]) {
      if (line.closing !== null && how === "drained") while (line.isOpenHere && line.down.length > 0) line.guest.receive(line.down.shift()!)
      line.isOpenThere = false
      this.#lines.delete(line)
      this.#goneHere(line, how === "drained" ? (line.closing ?? 1006) : 1006)
    }
    this.clock.forget()
    this.unanswered = 0
    this.room.destroy()
    this.seen.clear()
    const { broken, removed, takenIn } = this.laws
    await this.#start()
    this.laws.broken ??= broken
    this.laws.removed = removed
    this.laws.takenIn = takenIn
  }

  /** An act that somebody asked for: its answer comes when it is durable. What was asked of a server that died is never answered. */
  ask(act: Promise<unknown>): void {
    const life = this.laws
    const answered = (): void => {
      if (this.laws === life) this.unanswered--
    }
    this.unanswered++
    act.then(answered, (error: unknown) => {
      answered()
      if (!(error instanceof DomainError)) this.laws.break("fault", String((error as Error).stack ?? error))
    })
  }

  // ---- operations

  /** Carries out one operation and sees that every law holds after it. Throws LawBroken. */
  async perform(op: Op, act: (world: World, op: Op) => Promise<boolean> | boolean): Promise<void> {
    const guest = op.who === undefined ? undefined : this.guests.get(op.who)
    const docBefore = guest?.doc
    const from = docBefore ? Y.getState(docBefore.store, docBefore.clientID) : 0
    const serverFrom = this.#serverClock()
    let isDone = false
    try {
      const result = act(this, op)
      isDone = typeof result === "boolean" ? result : await result
    } catch (error) {
      if (error instanceof LawBroken) throw error
      throw new LawBroken("fault", `${JSON.stringify(op)}: ${(error as Error).stack}`)
    }
    if (isDone) this.done.set(op.do, (this.done.get(op.do) ?? 0) + 1)
    if (guest && !(guest instanceof Liar)) {
      const { doc } = guest
      const to = Y.getState(doc.store, doc.clientID)
      const began = doc === docBefore ? from : 0
      if (to > began) this.names.wrote(op.at, doc, doc.clientID, began, to)
      if (guest instanceof Delegate && guest.session.binding.corrections > 0) this.laws.break("editor", `${guest.key} was corrected`)
    }
    const serverTo = this.#serverClock()
    if (serverTo > serverFrom) this.names.wrote(op.at, this.room.gate.shadow, serverClient, serverFrom, serverTo)
    if (this.room.faults > 0) this.laws.break("fault", "main wrote of its own")
    if (this.laws.broken) throw this.laws.broken
  }

  #serverClock(): number {
    return Y.getState(this.room.gate.shadow.store, serverClient)
  }

  destroy(): void {
    for (const guest of this.guests.values()) guest.destroy()
    this.room.destroy()
    this.clock.forget()
  }

  /** A notice that everybody is to ask again who meets. */
  tellMeeting(): void {
    const frame = encodeMessage({ kind: "notice", notice: { kind: "meeting" } })
    for (const line of this.#lines) if (line.guest.speaksOurs) line.session.send(frame)
  }
}
