import { EditorState, type Transaction } from "prosemirror-state"
import * as Y from "yjs"
import type { KeptWords } from "../client/editor/kept-places.ts"
import type { StateHost } from "../client/editor/operations.ts"
import { livesOf } from "../client/life/device.ts"
import { strandedWords } from "../client/life/left-words.ts"
import { Life } from "../client/life/life.ts"
import { type Device, type DeviceOperation, type KeptUpdate, type Left, Outbox, type TrayEntry } from "../client/life/outbox.ts"
import { whyRefused } from "../client/life/sentences.ts"
import { type Joined, JoinFailed, type LineEvents, type World } from "../client/life/world.ts"
import type { Person, Session } from "../server/people/session.ts"
import type { LogRow } from "../server/storage/store.ts"
import { ownerOf } from "../shared/schema/block.ts"
import { schema } from "../shared/schema/schema.ts"
import { closeCode, decodeMessage, encodeMessage } from "../shared/sync/protocol.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort } from "./cohort.ts"

const base = draftState([head("resolves"), clause("to keep the lamps", "c1"), clause("to report yearly", "c2"), clause("to meet", "c3")])

/** A server that can be away, lose the end of its log, and withdraw a hat. */
export class Server {
  cohort = new Cohort(base)
  isUp = true
  epoch = 1
  /** The last client id that was given before the last loss. */
  lostClient = 0
  /** Refusals are called raced: they touch what was decided a moment ago. */
  isRaced = false
  readonly person: { -readonly [Name in keyof Person]: Person[Name] } = {
    id: "p-sec",
    name: "Sec",
    role: "secretary",
    hats: ["SEC", "B", "S"],
    isRevoked: false,
  }
  readonly seats = new Map<number, Line>()

  join(as: string | null): Joined {
    const { hats } = this.person
    if (!this.isUp) throw new JoinFailed("unreachable", "The server cannot be reached.")
    if (as !== null && !hats.includes(as)) throw new JoinFailed("hat", `You do not write for ${as}.`)
    const source = as ?? hats[0] ?? ""
    return { client: this.cohort.newClient(this.person.id, source), source, epoch: `log ${this.epoch}`, pass: "k" }
  }

  /** Its log ends so many rows earlier than what it had acknowledged; the operator has accepted that. */
  lose(rows: number): void {
    const kept: LogRow[] = this.cohort.log.rows.slice(0, Math.max(0, this.cohort.log.rows.length - rows))
    const doc = new Y.Doc({ gc: false })
    for (const update of [this.cohort.initial, ...kept.map((row) => row.update)]) Y.applyUpdate(doc, update)
    for (const line of [...this.seats.values()]) line.breaks()
    this.lostClient = this.cohort.lastClient
    this.epoch++
    this.cohort = new Cohort(Y.encodeStateAsUpdate(doc), { earlier: this.cohort })
  }

  goDown(): void {
    this.isUp = false
    for (const line of [...this.seats.values()]) line.breaks()
  }
}

type Down = { readonly frame: Uint8Array } | { readonly code: number }

/** A websocket between a window and the server, which delivers when told. */
class Line {
  readonly client: number
  readonly events: LineEvents
  readonly #server: Server
  toServer: Uint8Array[] = []
  toClient: Down[] = []
  isOpen = false
  isStopped = false
  #seat: Session | null = null

  constructor(server: Server, client: number, events: LineEvents) {
    this.#server = server
    this.client = client
    this.events = events
  }

  connect(): void {
    const server = this.#server
    if (this.isOpen || this.isStopped || !server.isUp) return
    this.toServer = []
    this.toClient = []
    this.isOpen = true
    if (this.client <= server.lostClient) {
      const clock = Y.getState(server.cohort.room.main.store, this.client)
      const refused = { reason: "epoch", block: null, raced: false, clock }
      this.toClient.push({ frame: encodeMessage({ kind: "refused", refused }) }, { code: closeCode.refused })
      return this.events.onOpen({ send: () => undefined })
    }
    // One open socket per id.
    server.seats.get(this.client)?.breaks()
    const { source } = server.cohort.bindingOf(this.client)!
    const { person } = server
    // What the room says late on a line that is dead reaches nobody, also once there is another.
    const says = (one: Down): void => {
      if (this.#seat === seat) this.toClient.push(one)
    }
    const seat: Session = {
      person: () => person,
      client: this.client,
      source,
      speaksOurs: true,
      send: (frame) => says({ frame: server.isRaced ? raced(frame) : frame }),
      close: (code) => says({ code }),
      buffered: () => 0,
    }
    this.#seat = seat
    server.seats.set(this.client, this)
    server.cohort.room.join(this.#seat)
    this.events.onOpen({ send: (frame) => void this.toServer.push(frame) })
  }

  up(count = Number.POSITIVE_INFINITY): void {
    for (let i = 0; i < count && this.toServer.length > 0; i++) this.#server.cohort.room.receive(this.#seat!, this.toServer.shift()!)
  }

  down(count = Number.POSITIVE_INFINITY): void {
    for (let i = 0; i < count && this.toClient.length > 0 && !this.isStopped; i++) {
      const one = this.toClient.shift()!
      if ("frame" in one) this.events.onFrame(one.frame)
      else this.breaks(one.code)
    }
  }

  breaks(code = 1006): void {
    if (!this.isOpen) return
    this.#leave()
    if (code >= 4400 && [closeCode.refused, closeCode.notAllowed, closeCode.unknownDraft].includes(code as never)) this.isStopped = true
    this.events.onClosed(code)
  }

  stop(): void {
    this.isStopped = true
    this.#leave()
  }

  #leave(): void {
    this.isOpen = false
    if (this.#server.seats.get(this.client) === this) this.#server.seats.delete(this.client)
    if (this.#seat) this.#server.cohort.room.leave(this.#seat)
    this.#seat = null
  }
}

function raced(frame: Uint8Array): Uint8Array {
  const message = decodeMessage(frame)
  return message?.kind === "refused" ? encodeMessage({ kind: "refused", refused: { ...message.refused, raced: true } }) : frame
}

interface Page {
  isOpen: boolean
  updates: Map<string, KeptUpdate>
  tray: Map<number, TrayEntry>
}

/** What a browser keeps, for all its windows; writing fails while it is full. */
export class Browser {
  readonly pages: Page[] = []
  isFull = false
  #watchers: { page: Page; found: (left: Left) => void }[] = []

  device(): Device {
    const page: Page = { isOpen: true, updates: new Map(), tray: new Map() }
    this.pages.push(page)
    return {
      open: () => Promise.resolve(),
      write: (operations) => {
        if (this.isFull) return Promise.reject(new Error("full"))
        for (const operation of operations) perform(page, operation)
        return Promise.resolve()
      },
      watch: (found) => {
        this.#watchers.push({ page, found })
        this.#look()
        return Promise.resolve()
      },
      close: () => {
        page.isOpen = false
        this.#watchers = this.#watchers.filter((one) => one.page !== page)
        this.#look()
      },
    }
  }

  #look(): void {
    const [first] = this.#watchers
    if (!first) return
    for (const page of this.pages) {
      if (page.isOpen || (page.updates.size === 0 && page.tray.size === 0)) continue
      for (const [key, entry] of page.updates) first.page.updates.set(key, entry)
      for (const [key, entry] of page.tray) first.page.tray.set(key, entry)
      const left = { lives: livesOf([...page.updates.values()]), tray: [...page.tray.values()] }
      page.updates.clear()
      page.tray.clear()
      first.found(left)
    }
  }

  /** What closed windows left that no open one has taken over. */
  get lying(): { updates: KeptUpdate[]; tray: TrayEntry[] } {
    const closed = this.pages.filter((page) => !page.isOpen)
    return { updates: closed.flatMap((page) => [...page.updates.values()]), tray: closed.flatMap((page) => [...page.tray.values()]) }
  }
}

function perform(page: Page, operation: DeviceOperation): void {
  if (operation.kind === "keep") page.updates.set(`${operation.entry.client}.${operation.entry.n}`, operation.entry)
  else if (operation.kind === "tray") page.tray.set(operation.entry.key, operation.entry)
  else if (operation.kind === "untray") page.tray.delete(operation.key)
  else if (operation.kind === "clear") {
    page.updates.clear()
    page.tray.clear()
  } else
    for (const [key, { client, n }] of page.updates)
      if (client === operation.client && (operation.n === undefined || n <= operation.n)) page.updates.delete(key)
}

/** A window on the draft, without a browser: the real life, sessions and outbox; the world does what it is told. */
export class Window {
  readonly life: Life
  readonly lines: Line[] = []
  readonly said: string[] = []
  state = EditorState.create({ schema })
  readonly #server: Server
  #joins: { as: string | null; done: (joined: Joined) => void; failed: (error: unknown) => void }[] = []
  #tasks: { task: () => void; ms: number }[] = []
  readonly outbox: Outbox
  isClosed = false
  /** Where what was typed while nothing took it is to go. */
  #caret = { index: 0, atEnd: false }

  constructor(server: Server, browser: Browser, onTransition: () => void = () => undefined) {
    this.#server = server
    const state = (): EditorState => this.state
    const host: StateHost = {
      get state() {
        return state()
      },
      update: (tr: Transaction) => {
        this.state = this.state.apply(tr)
      },
    }
    const outbox = new Outbox(browser.device())
    this.outbox = outbox
    const world: World = {
      host,
      outbox,
      join: (as) => new Promise((done, failed) => void this.#joins.push({ as, done, failed })),
      line: ({ client }, _doc, events) => {
        const line = new Line(server, client!, events)
        this.lines.push(line)
        return line
      },
      later: (task, ms) => void this.#tasks.push({ task, ms }),
      now: () => new Date(0),
      hats: () => server.person.hats,
      isDamaged: () => false,
      isComposing: () => false,
    }
    this.life = new Life(world, {
      onBegin: () => undefined,
      onShow: () => undefined,
      onLine: () => undefined,
      onAwareness: () => undefined,
      onNotice: (notice, stood) => {
        const kept = { block: null, after: null, isOwnBlock: false, ...stood }
        if (notice.kind === "kept") this.life.handBack({ ...kept, text: notice.words }, "Gone.")
      },
      onSay: (sentence) => void this.said.push(sentence),
      onTold: (told) => void this.said.push(told.kind),
      onEarly: (text) => this.#put(this.#caret.index, this.#caret.atEnd, text),
      onTransition,
      whyRefused,
      addressOf: (block) => `the clause ${block}`,
    })
    void this.life.begin("SEC")
  }

  /** Runs what is due: with `ms` what waits so long. */
  async pass(ms = 0): Promise<void> {
    const due = this.#tasks.filter((task) => task.ms <= ms)
    this.#tasks = this.#tasks.filter((task) => task.ms > ms)
    for (const { task } of due) task()
    await turns()
  }

  async answerJoins(): Promise<void> {
    for (const { as, done, failed } of this.#joins.splice(0)) {
      try {
        done(this.#server.join(as))
      } catch (error) {
        failed(error)
      }
    }
    await turns()
  }

  get open(): Line[] {
    return this.lines.filter((line) => line.isOpen)
  }

  connect(): void {
    for (const line of this.lines) line.connect()
  }

  up(count?: number): void {
    for (const line of this.open) line.up(count)
  }

  down(count?: number): void {
    for (const line of this.open) line.down(count)
  }

  /** Everything goes its way; a while passes. */
  async settle(rounds = 12): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      await this.pass()
      await this.answerJoins()
      this.connect()
      this.up()
      await this.#server.cohort.tick()
      await this.#server.cohort.tick()
      this.down()
      await turns()
    }
  }

  /** Types as an editor would: where nothing is taken at this moment it waits at the caret. False where nothing will be taken. */
  type(index: number, atEnd: boolean, text: string): boolean {
    const { life } = this
    if (index >= this.state.doc.childCount) return false
    if (life.takesTyping.peek() && life.session.isSynced) return this.#put(index, atEnd, text)
    const { at } = life.state.peek()
    if (at !== "joining" && at !== "syncing" && at !== "changing") return false
    if (this.#caret.index !== index || this.#caret.atEnd !== atEnd) life.early.end()
    this.#caret = { index, atEnd }
    return life.early.type(text)
  }

  #put(index: number, atEnd: boolean, text: string): boolean {
    const { life } = this
    if (index >= this.state.doc.childCount) return false
    let pos = 1
    for (let i = 0; i < index; i++) pos += this.state.doc.child(i).nodeSize
    if (atEnd) pos += this.state.doc.child(index).content.size
    life.session.tracking.dispatch(this.state.tr.insertText(text, pos))
    return true
  }

  /** Where words are on this window's side, by the name of the place. */
  placesOf(word: string): string[] {
    const { session, waiting, left, early } = this.life.places
    const has = (words: readonly KeptWords[]): boolean => words.some(({ text }) => text.includes(word))
    const places: string[] = []
    if (has(session)) places.push("session")
    if (has(waiting)) places.push("waiting")
    if (early.includes(word)) places.push("early")
    if (has(this.life.tray.peek())) places.push("tray")
    if (left.some((one) => has(strandedWords(new Y.Doc(), one)))) places.push("left")
    return places
  }

  async close(): Promise<void> {
    await turns()
    this.isClosed = true
    this.life.stop()
    for (const line of this.lines) line.stop()
  }
}

export async function turns(): Promise<void> {
  for (let i = 0; i < 8; i++) await Promise.resolve()
}

/** Under which sources a word stands in the room, once for each time. */
export function sourcesInRoom(server: Server, word: string): string[] {
  const sources: string[] = []
  for (const block of blocksOf(server.cohort.room.main))
    for (const run of block.runs)
      for (let at = run.text.indexOf(word); at >= 0; at = run.text.indexOf(word, at + 1))
        sources.push(ownerOf(run.marks)?.source ?? "agreed")
  return sources
}

/** Places of a word on closed windows' side. */
export function lyingPlaces(browser: Browser, word: string): string[] {
  const { updates, tray } = browser.lying
  const places: string[] = []
  if (livesOf(updates).some((left) => strandedWords(new Y.Doc(), left).some(({ text }) => text.includes(word)))) places.push("device")
  if (tray.some(({ text }) => text.includes(word))) places.push("kept tray")
  return places
}
