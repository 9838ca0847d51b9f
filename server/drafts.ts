import { randomUUID } from "node:crypto"
import type { Logger } from "pino"
import * as Y from "yjs"
import type { Answer, DraftSummary } from "../shared/api/contract.ts"
import { changeIdsIn, changesIn, hashOf } from "../shared/changes/changes.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { addressesOf, labelsOf } from "../shared/clauses/labels.ts"
import { ofFile } from "../shared/comments/thread.ts"
import type { Sitting } from "../shared/people/sitting.ts"
import { type Block, textOf } from "../shared/schema/block.ts"
import { parseMarkId } from "../shared/schema/keys.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { metaOfDoc, roots } from "../shared/sync/roots.ts"
import { newDraftDoc } from "../shared/sync/write.ts"
import type { Beside } from "./exchange/beside.ts"
import type { Desk } from "./exchange/desk.ts"
import type { Entered } from "./exchange/draft-state.ts"
import type { ImportedDraft } from "./exchange/imported.ts"
import { publishJson } from "./exchange/publish.ts"
import { nameOf, type Publishable } from "./exchange/publishable.ts"
import type { Binding } from "./gate/shapes.ts"
import type { Metrics } from "./http/metrics.ts"
import type { Meeting } from "./people/meeting.ts"
import { DomainError } from "./problems.ts"
import { Room } from "./rooms/room.ts"
import { DamageError, type DraftRecord, type RegisterEntry, type Store, type StoredEntry } from "./storage/store.ts"

/** A draft that is open: its room, its record, and who is bound to which client id. */
export interface OpenDraft {
  readonly record: DraftRecord
  readonly room: Room
  readonly bindings: Map<number, Binding>
}

/** What a draft's record keeps of the file that it came from, beside its text. */
type Imported = Pick<ImportedDraft, "cover" | "debris" | "warnings"> & { readonly entered?: Entered }

const importedOf = (record: DraftRecord): Imported => JSON.parse(record.imported) as Imported

const wholeSeconds = (at: string): string => at.replace(/\.\d+Z$/, "Z")

/** All drafts of the meeting: opened from the store when somebody comes, created by import. */
export class Drafts {
  readonly #store: Store
  readonly #meeting: Meeting
  readonly #now: () => Date
  readonly #log: Logger
  readonly #metrics: Metrics
  readonly #desk: Desk
  readonly #open = new Map<string, Promise<OpenDraft>>()
  /** Who entered a change and when, by mark id; read from the log once, then kept up. */
  readonly #entered = new Map<string, { seq: number; byMark: Map<string, { person: string; at: string }> }>()

  constructor(parts: { store: Store; meeting: Meeting; now: () => Date; log: Logger; metrics: Metrics; desk: Desk }) {
    this.#store = parts.store
    this.#meeting = parts.meeting
    this.#now = parts.now
    this.#log = parts.log
    this.#metrics = parts.metrics
    this.#desk = parts.desk
  }

  /** The open rooms. */
  async rooms(): Promise<Room[]> {
    const opened = await Promise.allSettled(this.#open.values())
    return opened.flatMap((result) => (result.status === "fulfilled" ? [result.value.room] : []))
  }

  /** Opens a draft, once for all who come. Throws where there is none, or where its log is damaged. */
  open(id: string): Promise<OpenDraft> {
    let opening = this.#open.get(id)
    if (!opening) {
      opening = this.#load(id)
      this.#open.set(id, opening)
      opening.catch(() => this.#open.delete(id))
    }
    return opening
  }

  async #load(id: string): Promise<OpenDraft> {
    const record = await this.#store.draft(id)
    if (!record) throw new DomainError("not-found", "There is no draft under this address.")
    try {
      return await this.#loadRoom(record)
    } catch (error) {
      if (!(error instanceof DamageError)) throw error
      throw new DomainError(
        "store-failed",
        `${error.message} The draft is not opened, so that nothing is written over it.`,
        { saved: error.saved },
        { cause: error },
      )
    }
  }

  async #loadRoom(record: DraftRecord): Promise<OpenDraft> {
    const { id } = record
    const snapshot = await this.#store.snapshot(id)
    const rows = await this.#store.rows(id, snapshot?.seq ?? 0)
    const bindings = new Map<number, Binding>()
    for (const { client, person, source } of await this.#store.clients(id)) bindings.set(client, { person, source })
    const decided = (await this.#store.register(id)).flatMap((entry) => (entry.details.liftedKeys as string[] | undefined) ?? [])
    const room = new Room(
      { snapshot, rows, decided },
      {
        log: { append: (commit) => this.#store.append(id, commit), saveSnapshot: (made) => this.#store.saveSnapshot(id, made) },
        bindingOf: (client) => bindings.get(client),
        now: () => this.#now().toISOString(),
        // A sweep that waits must not keep a process alive that wants to end.
        later: (task, ms) => void setTimeout(task, ms).unref(),
        sliceMs: 15,
        onRefused: (reason, isRaced) => {
          this.#metrics.refusals.inc({ reason, raced: String(isRaced) })
          this.#log.info({ draft: id, reason, isRaced }, "update refused")
        },
        onCommit: (count, seconds) => {
          this.#metrics.updates.inc(count)
          this.#metrics.commitSeconds.observe(seconds)
        },
      },
    )
    for (const source of new Set([...bindings.values()].map((binding) => binding.source))) room.planSweep(source)
    return { record, room, bindings }
  }

  /** Two client ids for a person under a hat: one to write with, one to start again with after a refusal. */
  async join(draft: OpenDraft, person: string, source: string): Promise<{ clientId: number; spare: number }> {
    const assign = async (): Promise<number> => {
      const client = await this.#store.assignClient(draft.record.id, person, source)
      draft.bindings.set(client, { person, source })
      return client
    }
    return { clientId: await assign(), spare: await assign() }
  }

  /** How many drafts the meeting has; none is opened for it. */
  async count(): Promise<number> {
    return (await this.#store.drafts()).length
  }

  async list(): Promise<DraftSummary[]> {
    const summaries: DraftSummary[] = []
    for (const record of await this.#store.drafts()) summaries.push(this.summary(await this.open(record.id)))
    return summaries
  }

  summary({ record, room }: OpenDraft): DraftSummary {
    const { stage, profile } = metaOfDoc(room.main)
    const openComments = [...roots.threads(room.main).values()].filter((thread) => !thread.isResolved).length
    const { id, createdAt } = record
    const sitting = this.#meeting.sittings.now()
    const blocks = workingTextOf(blocksOf(room.main))
    const wordsOf = (type: Block["type"]): string =>
      blocks
        .filter((block) => block.type === type)
        .map(textOf)
        .join(" ")
        .trim()
    const designation = wordsOf("designation")
    const title = wordsOf("title") || record.title
    return { id, title, designation, stage, profile, sitting, openChanges: changesIn(blocksOf(room.main)).length, openComments, createdAt }
  }

  /** Creates a draft from what a file holds; its text becomes the sealed text in force. */
  async create(imported: ImportedDraft, options: { id?: string; title?: string | undefined; enteredBy: string }): Promise<string> {
    const id = options.id ?? randomUUID()
    const at = this.#now().toISOString()
    const { update, force, entered } = await this.#desk.open({ draft: imported })
    const sealed = JSON.stringify(force)
    const wordsOf = (type: Block["type"]): string =>
      force
        .filter((block) => block.type === type)
        .map(textOf)
        .join(" ")
    const { cover, debris, warnings } = imported
    const record: DraftRecord = {
      id,
      title: options.title || wordsOf("title") || wordsOf("designation") || "Untitled draft",
      designation: wordsOf("designation"),
      createdAt: at,
      force: sealed,
      forceHash: hashOf(force),
      imported: JSON.stringify({ cover, debris, warnings, entered } satisfies Imported),
    }
    const entry: RegisterEntry = {
      act: "import",
      at,
      decidedBy: options.enteredBy,
      enteredBy: options.enteredBy,
      source: "SEC",
      sitting: this.#meeting.sittings.now(),
      details: { blocks: imported.blocks.length, warnings: warnings.length, forceHash: record.forceHash },
    }
    const row = { client: 0, person: options.enteredBy, source: "SEC", kind: "act" as const, at, update }
    await this.#store.createDraft(record, { rows: [row], entries: [entry] })
    return id
  }

  /** The sealed text in force, proven against its hash. */
  force(record: DraftRecord): Answer<"force"> {
    const blocks = record.force === null ? null : (JSON.parse(record.force) as Block[])
    if (blocks && hashOf(blocks) !== record.forceHash)
      throw new DomainError("store-failed", "The sealed text in force does not match its hash.")
    return { blocks, hash: record.forceHash, imported: JSON.parse(record.imported) as unknown }
  }

  /** How the clauses of a draft's working text are called. */
  #addressBook({ room }: OpenDraft): (block: string | null) => string {
    const blocks = workingTextOf(blocksOf(room.main))
    const { profile, labels } = metaOfDoc(room.main)
    const addresses = addressesOf(blocks, labelsOf(blocks, profile, labels))
    return (block) => (block && addresses.get(block)) ?? ""
  }

  /** What a file was found to be beside this draft, as its people call the places. */
  told(draft: OpenDraft, { differences, offered }: Beside): Pick<Answer<"importChanges">, "differences" | "offered"> {
    const addressOf = this.#addressBook(draft)
    return {
      differences: differences.map(({ block, ourBlock, theirs, ours }) => ({ block, theirs, ours, address: addressOf(ourBlock) })),
      offered: offered.map(({ id, block, text, by }) => ({ id, text, by, address: addressOf(block) })),
    }
  }

  /** A draft's working text, as a file has it. */
  async working(draft: OpenDraft): Promise<ImportedDraft> {
    return publishJson(await this.publishable(draft), "working")
  }

  register(id: string): Promise<StoredEntry[]> {
    return this.#store.register(id)
  }

  /** A draft's document as it was when a version of it was named. */
  async at({ record: { id } }: OpenDraft, version: number): Promise<Y.Doc> {
    const rows = (await this.#store.rows(id, 0)).map(({ kind, update }) => ({ kind, update }))
    const state = await this.#desk.stateAt({ rows, version })
    if (!state) throw new DomainError("not-found", "There is no version of this number.")
    const doc = newDraftDoc()
    Y.applyUpdate(doc, state)
    return doc
  }

  /** Who entered which mark and when: from the log row that first brought it. */
  async enteredOf(record: DraftRecord): Promise<(mark: string) => { person: string; at: string } | null> {
    const { id } = record
    const known = this.#entered.get(id) ?? { seq: 0, byMark: new Map<string, { person: string; at: string }>() }
    this.#entered.set(id, known)
    for (const row of await this.#store.rows(id, known.seq)) {
      known.seq = Math.max(known.seq, row.seq)
      for (const struct of Y.decodeUpdate(row.update).structs) {
        const value =
          struct instanceof Y.Item && struct.content instanceof Y.ContentFormat ? (struct.content.value as { id?: unknown } | null) : null
        if (typeof value?.id === "string" && parseMarkId(value.id) && !known.byMark.has(value.id))
          known.byMark.set(value.id, { person: row.person, at: wholeSeconds(row.at) })
      }
    }
    // What a file brought was entered by whom the file names, where it says.
    const inFile = { ...importedOf(record).entered }
    for (const { act, details } of await this.#store.register(id))
      if (act === "importChanges" || act === "attribute") Object.assign(inFile, details.entered)
    return (mark) => {
      const { by = null, at = null } = inFile[mark] ?? {}
      const found = known.byMark.get(mark)
      if (by === null && at === null) return found ?? null
      return { person: by === null ? (found?.person ?? "") : `${ofFile}${by}`, at: at ?? found?.at ?? "" }
    }
  }

  /** Names as a paper has them now: of people, and of the roster in its order. */
  names(): Pick<Publishable, "people" | "sources"> {
    const { people } = this.#meeting
    return {
      people: new Map(people.records().map(({ id, name }) => [id, name])),
      sources: new Map(people.sources().map(({ code, name }) => [code, name])),
    }
  }

  /** A draft with all that a file of it holds, as it is now, or as a document of it was in the sitting in which that was named. */
  async publishable(
    { record, room }: OpenDraft,
    { doc, sitting }: { doc: Y.Doc; sitting: Sitting } = { doc: room.main, sitting: this.#meeting.sittings.now() },
  ): Promise<Publishable> {
    const enteredOf = await this.enteredOf(record)
    const { profile, labels } = metaOfDoc(doc)
    const force = this.force(record).blocks as Block[] | null
    const { cover, debris, warnings } = importedOf(record)
    const blocks = blocksOf(doc)
    const { people, sources } = this.names()
    const entered = new Map<string, { by: string | null; at: string | null }>()
    for (const block of blocks)
      for (const id of changeIdsIn(block)) {
        const found = enteredOf(id)
        if (found) entered.set(id, { by: nameOf(found.person, people) ?? "", at: found.at })
      }
    return {
      profile,
      labels,
      blocks,
      force,
      threads: [...roots.threads(doc).values()],
      cover,
      debris,
      warnings,
      entered,
      people,
      sources,
      accepted: [...roots.proposals(doc).values()].filter((entry) => entry.status === "accepted"),
      body: sitting.body,
      version: null,
      date: sitting.date,
    }
  }

  /** Commits what waits and sends everybody away to come again. */
  async drain(code: number): Promise<void> {
    for (const room of await this.rooms()) await room.close(code)
  }
}
