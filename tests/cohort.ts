import type { Node } from "prosemirror-model"
import { EditorState, type Transaction } from "prosemirror-state"
import { yXmlFragmentToProseMirrorRootNode } from "y-prosemirror"
import * as Y from "yjs"
import { DraftSession } from "../client/editor/draft-session.ts"
import type { KeptWords } from "../client/editor/kept-places.ts"
import type { StateHost } from "../client/editor/operations.ts"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import { recordOf } from "../server/decisions/decision-record.ts"
import { type Asked, comesFirst, refusalOf } from "../server/decisions/first-back.ts"
import { settled } from "../server/decisions/settle.ts"
import { actOf, isBlocked, stepsOf, takeAllBack } from "../server/decisions/steps-back.ts"
import { refusal } from "../server/decisions/taking.ts"
import type { Gate } from "../server/gate/gate.ts"
import type { Person, Session } from "../server/people/session.ts"
import { DomainError } from "../server/problems.ts"
import type { Performed } from "../server/rooms/performed.ts"
import { Room } from "../server/rooms/room.ts"
import type { Commit, LogRow, RegisterEntry, Snapshot, StoredEntry } from "../server/storage/store.ts"
import { changesIn } from "../shared/changes/changes.ts"
import type { Verdict } from "../shared/changes/effects.ts"
import type { Part } from "../shared/changes/part.ts"
import { changeHash, sightOf } from "../shared/changes/sight.ts"
import { isSliced, type Sliced } from "../shared/changes/slices.ts"
import { commentPlaces } from "../shared/comments/places.ts"
import { isPresent } from "../shared/schema/block.ts"
import { blockOfNode, schema } from "../shared/schema/schema.ts"
import { momentsAround } from "../shared/sync/moment.ts"
import { originsOf } from "../shared/sync/origins.ts"
import { decodeMessage, type NoticeMessage, type RefusedMessage } from "../shared/sync/protocol.ts"
import { blocksOf, blocksRoot, structureOf } from "../shared/sync/read.ts"
import { linksIn, metaOfDoc, roots, threadsOf } from "../shared/sync/roots.ts"
import { newDraftDoc } from "../shared/sync/write.ts"

const sitting = { body: "Test body", room: "A", date: "2026-11-22", chair: "The Chair" }

/** A log in memory that can be told to fail, and that waits to be told before it commits. */
class MemoryLog {
  readonly rows: LogRow[] = []
  readonly entries: StoredEntry[] = []
  isFailing = false
  append(commit: Commit): Promise<number> {
    if (this.isFailing) return Promise.reject(new Error("disk full"))
    const end = this.rows.length
    for (const row of commit.rows) this.rows.push({ ...row, seq: this.rows.length + 1 })
    for (const { ofRow, ...entry } of commit.entries)
      this.entries.push({ ...entry, n: this.entries.length + 1, ...(ofRow === undefined ? {} : { row: end + ofRow + 1 }) })
    return Promise.resolve(this.rows.length)
  }
  saveSnapshot(_snapshot: Snapshot): Promise<void> {
    return Promise.resolve()
  }
}

export interface MemberOptions {
  readonly role?: Person["role"]
  readonly hats?: readonly string[]
  readonly speaksOurs?: boolean
}

/** One person with a browser's worth of client: editor state, session, and two queues that deliver when told. */
export class Member {
  source: string
  person: Person
  session!: DraftSession
  seat!: Session
  state: EditorState
  readonly host: StateHost
  readonly toServer: Uint8Array[] = []
  readonly toClient: Uint8Array[] = []
  readonly refusals: RefusedMessage[] = []
  readonly notices: NoticeMessage[] = []
  readonly tray: KeptWords[] = []
  /** Words whose place was gone. */
  readonly handedBack: KeptWords[] = []
  readonly said: string[] = []
  isOpen = false
  closedWith: number | null = null
  corrections = 0
  readonly #cohort: Cohort
  #putBack: KeptWords[] = []

  constructor(cohort: Cohort, source: string, options: MemberOptions = {}) {
    this.#cohort = cohort
    this.source = source
    this.person = {
      id: `p-${source}-${cohort.members.length}`,
      name: source,
      role: options.role ?? "delegate",
      hats: options.hats ?? [source],
      isRevoked: false,
    }
    this.state = EditorState.create({ schema })
    const update = (tr: Transaction): void => {
      this.state = this.state.apply(tr)
    }
    const read = (): EditorState => this.state
    this.host = {
      get state() {
        return read()
      },
      update,
    }
    this.begin(options.speaksOurs ?? true)
  }

  /** Joins with a new client id and a new document. */
  begin(speaksOurs = true): void {
    if (this.session) {
      this.corrections += this.session.binding.corrections
      this.session.destroy()
    }
    const client = this.#cohort.newClient(this.person.id, this.source)
    this.session = new DraftSession(this.host, client, this.source, {
      onStatus: () => undefined,
      onRefused: (refused) => this.#refused(refused),
      onNotice: (notice, stood) => {
        this.notices.push(notice)
        if (notice.kind === "kept") this.handedBack.push({ text: notice.words, block: null, after: null, isOwnBlock: false, ...stood })
      },
      onAwareness: () => undefined,
      onSay: (sentence) => void this.said.push(sentence),
    })
    // By the clock, a replay on a slower machine would put other edits into one undo step: tests say where a step ends.
    this.session.undoManager.captureTimeout = Number.POSITIVE_INFINITY
    this.connect(speaksOurs)
  }

  connect(speaksOurs = true): void {
    this.isOpen = true
    this.closedWith = null
    this.toServer.length = 0
    this.toClient.length = 0
    this.seat = {
      person: () => this.person,
      client: this.session.doc.clientID,
      source: this.source,
      speaksOurs,
      send: (frame) => void this.toClient.push(frame),
      close: (code) => {
        this.isOpen = false
        this.closedWith = code
      },
      buffered: () => 0,
    }
    this.#cohort.room.join(this.seat)
    this.session.opened({ send: (frame) => void this.toServer.push(frame) })
  }

  /** The network is cut: frames on their way are lost. */
  cut(): void {
    this.#cohort.room.leave(this.seat)
    this.session.closed()
    this.isOpen = false
    this.toServer.length = 0
    this.toClient.length = 0
  }

  #refused(refused: RefusedMessage): void {
    this.refusals.push(refused)
    const words = this.session.unsavedWords(refused.clock)
    if (refused.raced) this.#putBack.push(...words)
    else this.tray.push(...words)
  }

  /** After a close the person joins anew; what was raced goes back to its place. */
  recover(): void {
    if (this.isOpen) return
    if (this.closedWith === 4409) this.begin()
    else this.connect()
  }

  deliverUp(count = Number.POSITIVE_INFINITY): void {
    for (let i = 0; i < count && this.toServer.length > 0; i++) this.#cohort.room.receive(this.seat, this.toServer.shift()!)
  }

  deliverDown(count = Number.POSITIVE_INFINITY): void {
    for (let i = 0; i < count && this.toClient.length > 0; i++) this.session.receive(this.toClient.shift()!)
    if (this.session.isSynced) for (const words of this.#putBack.splice(0)) if (!this.session.places.putBack(words)) this.tray.push(words)
  }

  /** Writes for another source from now on; what was typed before is saved. */
  wear(source: string): void {
    this.source = source
    this.#cohort.room.leave(this.seat)
    this.begin()
  }

  /** The network delivers two frames from the room in the other order, or one of them twice; only updates, for they must not mind. */
  disturb(isSwap: boolean): boolean {
    const at = this.toClient.findIndex(
      (frame, i) => isUpdate(frame) && (!isSwap || (this.toClient[i + 1] !== undefined && isUpdate(this.toClient[i + 1]!))),
    )
    if (at < 0) return false
    const [frame] = this.toClient.splice(at, 1)
    if (isSwap) this.toClient.splice(at + 1, 0, frame!)
    else this.toClient.splice(at, 0, frame!, frame!)
    return true
  }

  /** Types into block `index` at `at`, as an editor would. */
  type(index: number, at: number, text: string): void {
    this.session.tracking.dispatch(this.state.tr.insertText(text, this.pos(index, at)))
  }

  delete(index: number, from: number, to: number): void {
    this.session.tracking.dispatch(this.state.tr.delete(this.pos(index, from), this.pos(index, to)))
  }

  replace(index: number, from: number, to: number, text: string): void {
    this.session.tracking.dispatch(this.state.tr.insertText(text, this.pos(index, from), this.pos(index, to)))
  }

  pos(index: number, at: number): number {
    let pos = 1
    for (let i = 0; i < index; i++) pos += this.state.doc.child(i).nodeSize
    return pos + at
  }

  text(index: number): string {
    return this.state.doc.child(index).textContent
  }
}

const isUpdate = (frame: Uint8Array): boolean => decodeMessage(frame)?.kind === "update"

type ActDone = Pick<Performed<unknown>, "row" | "decidedBlocks"> & { readonly details?: Readonly<Record<string, unknown>> }
type Named = ActDone & { readonly act: string }

function* after<A, B>(work: Sliced<A>, then: (result: A) => B): Sliced<B> {
  return then(yield* work)
}

/** Members around one room. Nothing moves unless a test says so: transports deliver when told, commits happen in `tick`. */
export class Cohort {
  readonly log = new MemoryLog()
  readonly members: Member[] = []
  readonly room: Room
  readonly #bindings = new Map<number, { person: string; source: string }>()
  readonly refusals: { reason: string; isRaced: boolean }[] = []
  readonly faults: unknown[] = []
  /** Why the last act that was refused was. */
  refusal: DomainError | null = null
  /** Thrown wherever the room asks who a client is: a bug of ours. */
  breaks: Error | null = null
  #tasks: (() => void)[] = []
  #lateTasks: (() => void)[] = []
  #clients: number
  nowMs = Date.parse("2026-11-22T09:00:00Z")

  /** `sliceMs`: 0 pauses a long act wherever it may be paused; `earlier`: one of which this is the room after a loss, with the client ids it gave. */
  constructor(state: Uint8Array, { sliceMs = Number.POSITIVE_INFINITY, earlier }: { sliceMs?: number; earlier?: Cohort } = {}) {
    this.#clients = earlier?.lastClient ?? 100
    if (earlier) for (const [client, binding] of earlier.#bindings) this.#bindings.set(client, binding)
    this.room = new Room(
      { snapshot: { seq: 0, state }, rows: [] },
      {
        log: this.log,
        settle: settled,
        bindingOf: (client) => {
          if (this.breaks) throw this.breaks
          return this.#bindings.get(client)
        },
        clock: {
          now: () => new Date(this.nowMs),
          elapsedMs: () => performance.now(),
          // Long waits (a sweep, a timeout) come when a test says so.
          later: (task, ms) => void (ms < 1_000 ? this.#tasks : this.#lateTasks).push(task),
        },
        sliceMs,
        onRefused: (reason, isRaced) => void this.refusals.push({ reason, isRaced }),
        onFault: (error) => void this.faults.push(error),
      },
    )
    this.initial = state
  }
  readonly initial: Uint8Array

  newClient(person: string, source: string): number {
    const client = ++this.#clients
    this.#bindings.set(client, { person, source })
    return client
  }

  get lastClient(): number {
    return this.#clients
  }

  /** To whom a client id was given. */
  bindingOf(client: number): { person: string; source: string } | undefined {
    return this.#bindings.get(client)
  }

  member(source: string, options: MemberOptions = {}): Member {
    const member = new Member(this, source, options)
    this.members.push(member)
    return member
  }

  /** Lets the room do what it has planned, commits included. */
  async tick(): Promise<void> {
    for (const task of this.#tasks.splice(0)) task()
    for (let i = 0; i < 4; i++) await Promise.resolve()
  }

  /** Lets a long time pass. */
  async muchLater(): Promise<void> {
    for (const task of this.#lateTasks.splice(0)) task()
    await this.tick()
  }

  /** Delivers everything until nothing moves. */
  async settle(): Promise<void> {
    for (let round = 0; round < 12; round++) {
      for (const member of this.members) member.recover()
      for (const member of this.members) member.deliverUp()
      await this.tick()
      await this.tick()
      for (const member of this.members) member.deliverDown()
    }
  }

  changes(): ReturnType<typeof changesIn> {
    return changesIn(blocksOf(this.room.gate.shadow))
  }

  /** Runs an act of the server; what it cannot do now (DomainError) is told by `false`. */
  act(name: string, perform: (gate: Gate) => ActDone | Sliced<ActDone>): Promise<boolean> {
    return this.#acted((gate) => {
      const work = perform(gate)
      return isSliced(work) ? after(work, (done) => ({ ...done, act: name })) : { ...work, act: name }
    })
  }

  async #acted(perform: (gate: Gate) => Named | Sliced<Named>): Promise<boolean> {
    const entry: Omit<RegisterEntry, "act"> = {
      at: new Date(this.nowMs).toISOString(),
      decidedBy: "CHAIR",
      enteredBy: "CHAIR",
      source: "CHAIR",
      sitting,
      details: {},
    }
    const whole = ({ act, details = {}, ...done }: Named): Performed<true> => ({
      ...done,
      entry: { ...entry, act, details: { ...details, touched: done.decidedBlocks ?? [] } },
      answer: true,
    })
    const done = this.room.act((gate) => {
      const work = perform(gate)
      return isSliced(work) ? after(work, whole) : whole(work)
    })
    await this.tick()
    return done.catch((error) => {
      if (!(error instanceof DomainError)) throw error
      this.refusal = error
      return false
    })
  }

  /** The chair decides some changes as they are in the room now; of those with a part only that. */
  async decide(ids: readonly string[], verdict: Verdict, parts: ReadonlyMap<string, Part> = new Map()): Promise<boolean> {
    const seen = seenIn(this.room.gate, ids).map((one) => ({ ...one, part: parts.get(one.id) }))
    return this.act(verdict, (gate) =>
      after(decideChanges(gate, seen, verdict, { isPartial: false }), (done) => ({
        row: done.row,
        decidedBlocks: done.blocks,
        details: { ...recordOf(done, (block) => block) },
      })),
    )
  }

  /** Takes back an entry of the record, or opens one change of it again. */
  async takeBack(n: number, change: string | null = null): Promise<boolean> {
    const asked = { n, change }
    try {
      const steps = stepsOf(this.log.entries, n, change).map((step) => ({ ...step, ...this.#around(step.taken.row) }))
      let blocked: DomainError | null = null
      const isDone = await this.#acted((gate) =>
        after(takeAllBack(gate, steps, n), (done) => {
          if (isBlocked(done)) throw (blocked = refusal(done.step.taken, done.obstacles))
          const { act, details } = actOf(n, done)
          const changes = [...done.reopened, ...done.waiting].map(({ id }) => ({ id }))
          return { act, row: done.row, decidedBlocks: done.blocks, details: { ...details, changes } }
        }),
      )
      if (blocked) this.refusal = this.#withAllThatComesFirst(asked, blocked)
      return isDone
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      this.refusal = error
      return false
    }
  }

  #withAllThatComesFirst(asked: Pick<Asked, "n" | "change">, direct: DomainError): DomainError {
    if ((direct.details.first as readonly number[]).length === 0) return direct
    const logged = { state: this.initial, rows: this.log.rows, entries: this.log.entries }
    return refusalOf(asked, comesFirst(logged, { ...asked, notTheirs: [] }), direct)
  }

  #around(row: number): ReturnType<typeof momentsAround> {
    return momentsAround([this.initial, ...this.log.rows.slice(0, row).map(({ update }) => update)])
  }

  /** The document as the log would give it back. */
  replayed(): Y.Doc {
    const doc = newDraftDoc()
    doc.transact(() => {
      for (const update of [this.initial, ...this.log.rows.map((row) => row.update)]) Y.applyUpdate(doc, update)
    })
    return doc
  }
}

const signatureOfRun = (part: { text: string; marks: readonly { key: string }[] }): [string, string] => [
  part.text,
  part.marks
    .map((mark) => mark.key)
    .sort()
    .join(" "),
]

/** All that people see of a document, as one string: attributes, text, marks. */
export function signature(doc: Y.Doc): string {
  return JSON.stringify(blocksOf(doc).map((block) => [{ ...block, runs: 0, structure: 0 }, joinPairs(block.runs.map(signatureOfRun))]))
}

/** All of a document that a decision changes and taking it back at once brings back: blocks, proposals with their hashes, fates, labels, comments. */
export function standing(doc: Y.Doc): Record<string, unknown> {
  const blocks = blocksOf(doc).filter(isPresent)
  const sight = sightOf(blocks, originsOf(doc))
  return {
    blocks: blocks.map((block) => JSON.stringify([{ ...block, runs: 0, structure: 0 }, joinPairs(block.runs.map(signatureOfRun))])),
    structure: structureSignature(doc),
    hashes: changesIn(blocks)
      .map((change) => `${change.id} ${changeHash(change, sight)}`)
      .sort(),
    proposals: Object.fromEntries([...roots.proposals(doc).entries()].sort()),
    labels: metaOfDoc(doc).labels,
    comments: [...commentPlaces(blocks)].sort(),
    threads: threadsOf(doc).sort((a, b) => (a.id < b.id ? -1 : 1)),
    twins: [...roots.twins(doc).entries()].sort(),
    links: linksIn(doc).sort((a, b) => (a.id < b.id ? -1 : 1)),
  }
}

/** All structural proposals of a document, as one string. */
export const structureSignature = (doc: Y.Doc): string =>
  JSON.stringify(
    structureOf(doc)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((proposal) => Object.entries(proposal).sort()),
  )

export const signatureOfState = (state: EditorState): string => signatureOfNode(state.doc)

/** What a document node shows, comparable with `signature`. */
function signatureOfNode(doc: Node): string {
  const blocks: unknown[] = []
  doc.forEach((node) => {
    const block = blockOfNode(node)
    blocks.push([{ ...block, runs: 0, structure: 0 }, joinPairs(block.runs.map(signatureOfRun))])
  })
  return JSON.stringify(blocks)
}

/**
 * What y-prosemirror reads in a document: code that we did not write. It reads a clone, which must be the same afterwards; `null` where it wrote.
 */
export function signatureByOracle(doc: Y.Doc): string | null {
  const clone = new Y.Doc()
  Y.applyUpdate(clone, Y.encodeStateAsUpdate(doc))
  const before = Y.encodeStateAsUpdate(clone)
  const read = yXmlFragmentToProseMirrorRootNode(clone.getXmlFragment(blocksRoot), schema)
  return Buffer.compare(before, Y.encodeStateAsUpdate(clone)) === 0 ? signatureOfNode(read) : null
}

function joinPairs(pairs: readonly [string, string][]): [string, string][] {
  const joined: [string, string][] = []
  for (const [text, marks] of pairs) {
    const last = joined.at(-1)
    if (last && last[1] === marks) last[0] += text
    else if (text) joined.push([text, marks])
  }
  return joined
}
