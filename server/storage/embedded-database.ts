import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { serverClient } from "../../shared/schema/keys.ts"
import { acceptLoss } from "./accept-loss.ts"
import { endOfClients, firstClient, givenClients, spareClients, sparedClient } from "./client-ids.ts"
import { DraftLog } from "./draft-log.ts"
import { type LogProof, proveDraft, proveLog, proveRest } from "./draft-proof.ts"
import { Guard, type ProvenAnew } from "./guard.ts"
import type { Head } from "./heads.ts"
import { isHeld } from "./lock.ts"
import { databasePath, type Opening, openMeeting, provenAnew } from "./open-meeting.ts"
import type { OpenedMeeting } from "./opened-meeting.ts"
import { acceptedIn, acceptProblems, forgetHealed, invitationOf, peopleProblems, personOf, sittingOf, writeSource } from "./people-rows.ts"
import type { ProvenDraft } from "./proven-draft.ts"
import { faultsOf } from "./salvage.ts"
import type { Sql } from "./sql.ts"
import type {
  ClientRecord,
  Commit,
  DraftRecord,
  InvitationRecord,
  LogRow,
  Loss,
  PersonRecord,
  Proof,
  SignInRecord,
  SittingRecord,
  Snapshot,
  SourceRecord,
  StoredEntry,
} from "./store.ts"

/** Calls that write. */
const writes: ReadonlySet<DatabaseCall> = new Set<DatabaseCall>([
  ...([
    "createDraft",
    "append",
    "acceptLoss",
    "acceptProblems",
    "saveSnapshot",
    "saveFile",
    "saveSetting",
    "saveSource",
    "savePerson",
  ] as const),
  ...(["saveInvitation", "saveSignIn", "removeSignIn", "removeSignInsOf", "saveSitting", "assignClient"] as const),
])

/** A write-ahead log that was brought in has room for a little also on a full disk: only more than that tells. */
const triedBytes = 256_000

/**
 * The embedded store as plain synchronous calls: SQLite in one directory, WAL, `synchronous=FULL`. It runs in a worker (`embedded.ts`), so that a
 * commit never holds up the event loop; every value it takes or gives can be cloned.
 */
export class EmbeddedDatabase {
  readonly #opened: OpenedMeeting
  readonly #sql: Sql
  readonly #log: DraftLog
  readonly #directory: string
  readonly #isBeside: boolean
  #guard: Guard | null = null
  /** The highest client id in the log when this process first asked: later ones are among those that it gave. */
  readonly #written = new Map<string, number>()
  /** The highest client id of each draft that was given when this process began, or that it gave, whatever becomes of their list meanwhile. */
  readonly #given: Map<string, number>
  /** Up to here none is given. */
  readonly #spared: number

  constructor(directory: string, opening: Opening = {}) {
    this.#directory = directory
    this.#isBeside = opening.isBeside ?? false
    this.#opened = openMeeting(directory, opening)
    this.#sql = this.#opened.sql
    this.#log = new DraftLog(this.#sql)
    if (opening.acceptsLoss && [...this.tablesHurt(), ...(this.#opened.lacked ?? [])].includes("clients")) spareClients(this.#sql)
    const givesIds = !opening.isReadOnly && !opening.isBeside
    this.#given = givesIds ? givenClients(this.#sql) : new Map()
    this.#spared = givesIds ? sparedClient(this.#sql) : 0
    if (!givesIds) return
    forgetHealed(this.#sql)
    const path = databasePath(directory)
    const proveAnew = (options: { readonly isFileToo: boolean }): ProvenAnew => provenAnew(path, this.#log.heads(), options)
    this.#guard = new Guard({
      path,
      sql: this.#sql,
      isServer: opening.isServer ?? false,
      proveAnew,
      onChanged: (draft) => this.#log.changed(draft),
    })
    this.#sql.demandOwn = () => this.#guard?.demandOwn()
  }

  /** Does what is asked; what writes is acknowledged only where it is to be found again. */
  ask(call: DatabaseCall, values: readonly unknown[]): unknown {
    const work = (): unknown => (this[call] as (...values: unknown[]) => unknown).apply(this, [...values])
    return this.#guard && writes.has(call) ? this.#guard.writing(work) : work()
  }

  /** Throws where the files are not as this process has left them. */
  look(): void {
    this.#guard?.demand()
  }

  /** Whether it was made, or brought up from a version without heads, as it was opened. */
  isNew(): boolean {
    return this.#opened.isNew
  }

  createDraft(draft: DraftRecord, commit: Commit): Head {
    return this.#log.create(draft, commit)
  }

  draftIds(): string[] {
    return this.#log.ids()
  }

  /** `title`: what it is called where its record is lost. */
  draft(id: string, title: string): DraftRecord | null {
    return this.#log.record(id, title)
  }

  append(draft: string, commit: Commit, head: Head | null): Head {
    return this.#log.append(draft, commit, head)
  }

  altered(): string[] {
    return this.#log.altered()
  }

  proveLog(draft: string, from: LogProof, limit: number): LogProof {
    return proveLog(this.#sql, draft, from, limit)
  }

  proveDraft(draft: string, head: Head | null, log: LogProof): ProvenDraft | null {
    const proven = this.#sql.reading(() => proveDraft(this.#sql, this.#log, draft, head, proveRest(this.#sql, draft, log)))
    if (proven) this.#log.proven(proven)
    else this.#log.forget(draft)
    return proven
  }

  acceptLoss(proof: Proof, headEpoch: number, at: string): Loss {
    return acceptLoss(this.#sql, this.#log, proof, headEpoch, at)
  }

  hasHead(draft: string, chain: string): boolean {
    return this.#log.hasHead(draft, chain)
  }

  losses(): Loss[] {
    return this.#log.losses()
  }

  rows(draft: string, after: number, through?: number): LogRow[] {
    return this.#log.rows(draft, after, through)
  }

  snapshot(draft: string, through?: number): Snapshot | null {
    return this.#log.snapshot(draft, through)
  }

  snapshotProblem(draft: string): string | null {
    return this.#log.snapshotProblem(draft)
  }

  /** What SQLite finds wrong with its own file, and what of it could not be read, in sentences; none: it is whole. */
  fileProblems(): string[] {
    const { unsound, keptAs, stray } = this.#opened
    if (stray) return [stray]
    // What was made anew is sound since.
    if (unsound && !keptAs) return [...unsound.sentences]
    return faultsOf(this.#sql, 20).map((line) => `SQLite finds its file damaged: ${line}.`)
  }

  /** That the file was made anew of what could be read, in a sentence, and what was not read in others; none: it was as it is. */
  madeAnew(): string[] {
    const { unsound, keptAs } = this.#opened
    if (!unsound || !keptAs) return []
    return [
      `The file of the database was damaged and was made anew of all that could be read; the damaged one is kept as ${keptAs}.`,
      ...unsound.sentences,
    ]
  }

  /** That a write-ahead log of something else was moved aside, in a sentence; none: there was none. */
  setAside(): string[] {
    return this.#opened.setAside ? [this.#opened.setAside] : []
  }

  /** Tables of the whole meeting of which something could not be read, and is lost. */
  tablesHurt(): string[] {
    return this.#opened.unsound?.ofMeeting.map(({ table }) => table) ?? []
  }

  /** What is wrong with what is stored about people, in sentences; without what was accepted as lost. */
  peopleProblems(): string[] {
    const accepted = acceptedIn(this.#sql)
    return peopleProblems(this.#sql).filter((sentence) => !accepted.has(sentence))
  }

  /** Sentences about what is wrong that the operator has accepted, with the hour of that. */
  acceptedProblems(): ReadonlyMap<string, string> {
    return acceptedIn(this.#sql)
  }

  /** Takes what is wrong for accepted from now on. */
  acceptProblems(sentences: readonly string[], at: string): void {
    acceptProblems(this.#sql, sentences, at)
  }

  recordProblem(draft: string, title: string | null): string | null {
    return this.#log.recordProblem(draft, title)
  }

  saveSnapshot(draft: string, snapshot: Snapshot): void {
    this.#log.saveSnapshot(draft, snapshot)
  }

  dropSnapshot(draft: string): void {
    this.#sql.prepare("DELETE FROM snapshots WHERE draft = ?").run(draft)
  }

  register(draft: string, through?: number): StoredEntry[] {
    return this.#log.register(draft, through)
  }

  saveFile(hash: string, bytes: Uint8Array): void {
    // Bytes that are not those of their hash any more are put right.
    this.#sql
      .prepare(
        "INSERT INTO files (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO UPDATE SET bytes = excluded.bytes WHERE bytes IS NOT excluded.bytes",
      )
      .run(hash, bytes)
  }

  file(hash: string): Uint8Array | null {
    const row = this.#sql.prepare("SELECT bytes FROM files WHERE hash = ?").get(hash)
    return row ? new Uint8Array(row.bytes as Uint8Array) : null
  }

  setting(name: string): string | null {
    const row = this.#sql.prepare("SELECT value FROM settings WHERE name = ?").get(name)
    return row ? String(row.value) : null
  }

  saveSetting(name: string, value: string | null): void {
    if (value === null) this.#sql.prepare("DELETE FROM settings WHERE name = ?").run(name)
    else this.#sql.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)").run(name, value)
  }

  sources(): SourceRecord[] {
    return this.#sql
      .prepare("SELECT code, name FROM sources ORDER BY rowid")
      .all()
      .map((row) => ({ code: String(row.code), name: String(row.name) }))
  }

  saveSource(source: SourceRecord): void {
    writeSource(this.#sql, source)
  }

  people(): PersonRecord[] {
    return this.#sql.prepare("SELECT * FROM people ORDER BY rowid").all().map(personOf)
  }

  savePerson({ id, name, role, hats, isRevoked, invitation, since }: PersonRecord): void {
    this.#sql
      .prepare(
        `INSERT INTO people (id, name, role, hats, revoked, invitation, since) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, role = excluded.role, hats = excluded.hats, revoked = excluded.revoked,
        invitation = COALESCE(excluded.invitation, invitation), since = COALESCE(excluded.since, since)`,
      )
      .run(id, name, role, JSON.stringify(hats), isRevoked ? 1 : 0, invitation ?? null, since ?? null)
  }

  invitation(tokenHash: string): InvitationRecord | "damaged" | null {
    const row = this.#sql.prepare("SELECT * FROM invitations WHERE token = ?").get(tokenHash)
    return row ? (invitationOf(row) ?? "damaged") : null
  }

  invitations(): InvitationRecord[] {
    return this.#sql
      .prepare("SELECT * FROM invitations ORDER BY rowid")
      .all()
      .flatMap((row) => invitationOf(row) ?? [])
  }

  saveInvitation({ tokenHash, role, hats, person, expiresAt, madeAt, madeBy, isWithdrawn }: InvitationRecord): void {
    this.#sql
      .prepare(
        `INSERT INTO invitations (token, role, hats, person, expires, made, made_by, withdrawn) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (token) DO UPDATE SET expires = excluded.expires, withdrawn = excluded.withdrawn`,
      )
      .run(tokenHash, role, JSON.stringify(hats), person, expiresAt, madeAt, madeBy, isWithdrawn ? 1 : 0)
  }

  signIn(cookieHash: string): SignInRecord | null {
    const row = this.#sql.prepare("SELECT * FROM sign_ins WHERE cookie = ?").get(cookieHash)
    // One without an hour would never end.
    return row && !Number.isNaN(Date.parse(String(row.expires)))
      ? { cookieHash, person: String(row.person), expiresAt: String(row.expires) }
      : null
  }

  saveSignIn(signIn: SignInRecord): void {
    this.#sql
      .prepare("INSERT OR REPLACE INTO sign_ins (cookie, person, expires) VALUES (?, ?, ?)")
      .run(signIn.cookieHash, signIn.person, signIn.expiresAt)
  }

  removeSignIn(cookieHash: string): void {
    this.#sql.prepare("DELETE FROM sign_ins WHERE cookie = ?").run(cookieHash)
  }

  removeSignInsOf(person: string): void {
    this.#sql.prepare("DELETE FROM sign_ins WHERE person = ?").run(person)
  }

  sittings(): SittingRecord[] {
    return this.#sql
      .prepare("SELECT record FROM sittings ORDER BY rowid")
      .all()
      .flatMap((row) => sittingOf(row) ?? [])
  }

  saveSitting(sitting: SittingRecord): void {
    this.#sql
      .prepare("INSERT INTO sittings (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record")
      .run(sitting.id, JSON.stringify(sitting))
  }

  // SQLite's own number: it moves when another connection has committed, and not with what this one writes.
  writtenBeside(): number {
    this.look()
    return Number(Object.values(this.#sql.prepare("PRAGMA data_version").get() ?? {})[0])
  }

  assignClient(draft: string, person: string, source: string, pass: string): number {
    return this.#sql.transaction(() => {
      const client = Math.max(firstClient - 1, this.#lastClient(draft)) + 1
      if (client >= endOfClients) throw new Error(`draft ${draft} has used up its client ids`)
      this.#sql
        .prepare("INSERT INTO clients (draft, client, person, source, pass) VALUES (?, ?, ?, ?, ?)")
        .run(draft, client, person, source, pass)
      this.#given.set(draft, client)
      return client
    })
  }

  /** The highest client id that was ever given, as clients, log, losses and this process know: one that is given twice diverges for ever. */
  #lastClient(draft: string): number {
    const given = this.#sql.prepare("SELECT MAX(client) AS last FROM clients WHERE draft = ? AND client < ?").get(draft, endOfClients)
    let written = this.#written.get(draft)
    if (written === undefined) {
      const row = this.#sql.prepare("SELECT MAX(client) AS last FROM log WHERE draft = ? AND client < ?").get(draft, endOfClients)
      this.#written.set(draft, (written = Number(row?.last ?? 0)))
    }
    const { lastClient: lost = 0 } = this.#log.loss(draft) ?? {}
    const known = [Number(given?.last ?? 0), written, this.#given.get(draft) ?? 0, lost < endOfClients ? lost : 0, this.#spared]
    return Math.max(...known)
  }

  /** Who is bound to which client id: as it was given, and where the log knows otherwise, as the log says, for that is proven. */
  clients(draft: string): ClientRecord[] {
    const rows = this.#sql
      .prepare(
        `SELECT client, person, source, pass FROM clients WHERE draft = ? AND client < ? UNION ALL
         SELECT DISTINCT client, person, source, NULL FROM log WHERE draft = ? AND client > 0 AND client < ? AND kind = 'edit'`,
      )
      .all(draft, serverClient, draft, serverClient)
    const bound = new Map<number, ClientRecord>()
    for (const row of rows) {
      const client = Number(row.client)
      const pass = String(row.pass ?? bound.get(client)?.pass ?? "")
      bound.set(client, { draft, client, person: String(row.person), source: String(row.source), pass })
    }
    return [...bound.values()]
  }

  /** Writes as much as a busy moment does, to the disk itself, and takes it away again. Throws where there is no room for that, or no right. */
  tryWriting(): void {
    const path = join(this.#directory, "probe")
    try {
      writeFileSync(path, new Uint8Array(triedBytes), { flush: true, mode: 0o600 })
    } finally {
      rmSync(path, { force: true })
    }
    this.saveSetting("probe", "written")
    this.saveSetting("probe", null)
  }

  close(): void {
    // Beside a server, and where the files are not ours any more, they are left as they are.
    this.#sql.close(this.#guard ? this.#guard.mayWrite() : this.#isBeside && !isHeld(this.#directory))
    this.#opened.discard?.()
  }
}

/** An operation of the database, as it travels to the worker. */
export type DatabaseCall = Exclude<keyof EmbeddedDatabase, "ask">
