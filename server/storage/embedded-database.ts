import { createHash } from "node:crypto"
import { chmodSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Role } from "../../shared/policy/policy.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import { type Database, openDatabase, type SqlValue, type Statement } from "./sqlite-driver.ts"
import {
  type ClientRecord,
  type Commit,
  DamageError,
  type DraftRecord,
  type InvitationRecord,
  type LogRow,
  type PersonRecord,
  type SignInRecord,
  type SittingRecord,
  type Snapshot,
  type SourceRecord,
  type StoredEntry,
} from "./store.ts"

const tables = `
  CREATE TABLE IF NOT EXISTS drafts (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS log (draft TEXT NOT NULL, seq INTEGER NOT NULL, client INTEGER NOT NULL, person TEXT NOT NULL, source TEXT NOT NULL,
    kind TEXT NOT NULL, at TEXT NOT NULL, bytes BLOB NOT NULL, chain BLOB NOT NULL, PRIMARY KEY (draft, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS snapshots (draft TEXT PRIMARY KEY, seq INTEGER NOT NULL, state BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS register (draft TEXT NOT NULL, n INTEGER NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (draft, n)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS files (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sources (code TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hats TEXT NOT NULL, revoked INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS invitations (token TEXT PRIMARY KEY, role TEXT NOT NULL, hats TEXT NOT NULL, person TEXT, expires TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sign_ins (cookie TEXT PRIMARY KEY, person TEXT NOT NULL, expires TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sittings (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS clients (draft TEXT NOT NULL, client INTEGER NOT NULL, person TEXT NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (draft, client)) STRICT, WITHOUT ROWID;
`

/** Columns that came later: a store that was made before them gets them when it is opened. */
const laterColumns: readonly (readonly [table: string, column: string, definition: string])[] = [
  ["people", "invitation", "TEXT"],
  ["people", "since", "TEXT"],
  ["invitations", "made", "TEXT NOT NULL DEFAULT ''"],
  ["invitations", "made_by", "TEXT"],
  ["invitations", "withdrawn", "INTEGER NOT NULL DEFAULT 0"],
]

const invitationOf = (row: Record<string, SqlValue>): InvitationRecord => ({
  tokenHash: String(row.token),
  role: row.role as Role,
  hats: JSON.parse(String(row.hats)) as string[],
  person: row.person === null ? null : String(row.person),
  expiresAt: String(row.expires),
  madeAt: String(row.made),
  madeBy: row.made_by === null ? null : String(row.made_by),
  isWithdrawn: Number(row.withdrawn) === 1,
})

/** First client id that is given to a person; lower ones are nobody's. */
const firstClient = 16

const chainOf = (previous: Uint8Array, draft: string, row: LogRow): Uint8Array =>
  createHash("sha256")
    .update(previous)
    .update(JSON.stringify([draft, row.seq, row.client, row.person, row.source, row.kind, row.at]))
    .update(row.update)
    .digest()

const beginning = new Uint8Array(32)

const rowOf = (row: Record<string, SqlValue>): LogRow => ({
  seq: Number(row.seq),
  client: Number(row.client),
  person: String(row.person),
  source: String(row.source),
  kind: row.kind as LogRow["kind"],
  at: String(row.at),
  update: new Uint8Array(row.bytes as Uint8Array),
})

/**
 * The embedded store as plain synchronous calls: SQLite in one directory, WAL, `synchronous=FULL`. It runs in a worker (`embedded.ts`), so that a
 * commit never holds up the event loop; every value it takes or gives can be cloned.
 */
export class EmbeddedDatabase {
  readonly #db: Database
  readonly #statements = new Map<string, Statement>()

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const path = join(directory, "clausula.db")
    this.#db = openDatabase(path)
    this.#db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;")
    const mode = this.#db.prepare("PRAGMA synchronous").get()
    if (Number(Object.values(mode ?? {})[0]) !== 2) throw new Error("SQLite did not take synchronous=FULL")
    this.#db.exec(tables)
    this.#addLaterColumns()
    chmodSync(path, 0o600)
  }

  #addLaterColumns(): void {
    for (const [table, column, definition] of laterColumns) {
      const has = this.#db.prepare(`SELECT 1 FROM pragma_table_info('${table}') WHERE name = ?`).get(column)
      if (!has) this.#db.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition}`)
    }
  }

  #sql(sql: string): Statement {
    let statement = this.#statements.get(sql)
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare(sql)))
    return statement
  }

  #transaction<Result>(work: () => Result): Result {
    this.#db.exec("BEGIN IMMEDIATE")
    try {
      const result = work()
      this.#db.exec("COMMIT")
      return result
    } catch (error) {
      this.#db.exec("ROLLBACK")
      throw error
    }
  }

  createDraft(draft: DraftRecord, commit: Commit): void {
    this.#transaction(() => {
      this.#sql("INSERT INTO drafts (id, record) VALUES (?, ?)").run(draft.id, JSON.stringify(draft))
      this.#write(draft.id, commit)
    })
  }

  drafts(): DraftRecord[] {
    return this.#sql("SELECT record FROM drafts ORDER BY rowid")
      .all()
      .map((row) => JSON.parse(String(row.record)) as DraftRecord)
  }

  draft(id: string): DraftRecord | null {
    const row = this.#sql("SELECT record FROM drafts WHERE id = ?").get(id)
    return row ? (JSON.parse(String(row.record)) as DraftRecord) : null
  }

  append(draft: string, commit: Commit): number {
    return this.#transaction(() => this.#write(draft, commit))
  }

  #write(draft: string, commit: Commit): number {
    const last = this.#sql("SELECT seq, chain FROM log WHERE draft = ? ORDER BY seq DESC LIMIT 1").get(draft)
    let seq = Number(last?.seq ?? 0)
    let chain: Uint8Array = last ? new Uint8Array(last.chain as Uint8Array) : beginning
    const insert = this.#sql(
      "INSERT INTO log (draft, seq, client, person, source, kind, at, bytes, chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    for (const part of commit.rows) {
      const row: LogRow = { ...part, seq: ++seq }
      chain = chainOf(chain, draft, row)
      insert.run(draft, seq, row.client, row.person, row.source, row.kind, row.at, row.update, chain)
    }
    const entries = this.#sql(
      "INSERT INTO register (draft, n, entry) VALUES (?, (SELECT 1 + COALESCE(MAX(n), 0) FROM register WHERE draft = ?), ?)",
    )
    for (const entry of commit.entries) entries.run(draft, draft, JSON.stringify(entry))
    return seq
  }

  rows(draft: string, after: number): LogRow[] {
    const first = after > 0 ? this.#sql("SELECT chain FROM log WHERE draft = ? AND seq = ?").get(draft, after) : undefined
    if (after > 0 && !first) throw new DamageError(`The log of draft ${draft} does not reach entry ${after}, which its snapshot names.`, 0)
    let chain: Uint8Array = first ? new Uint8Array(first.chain as Uint8Array) : beginning
    let seq = after
    const rows: LogRow[] = []
    for (const stored of this.#sql("SELECT * FROM log WHERE draft = ? AND seq > ? ORDER BY seq").all(draft, after)) {
      const row = rowOf(stored)
      chain = chainOf(chain, draft, row)
      if (row.seq !== ++seq || Buffer.compare(chain, stored.chain as Uint8Array) !== 0)
        throw new DamageError(`The log of draft ${draft} is damaged at entry ${seq}. ${seq - 1} entries before it can be trusted.`, seq - 1)
      rows.push(row)
    }
    return rows
  }

  snapshot(draft: string): Snapshot | null {
    const row = this.#sql("SELECT seq, state FROM snapshots WHERE draft = ?").get(draft)
    return row ? { seq: Number(row.seq), state: new Uint8Array(row.state as Uint8Array) } : null
  }

  saveSnapshot(draft: string, snapshot: Snapshot): void {
    this.#sql("INSERT OR REPLACE INTO snapshots (draft, seq, state) VALUES (?, ?, ?)").run(draft, snapshot.seq, snapshot.state)
  }

  register(draft: string): StoredEntry[] {
    return this.#sql("SELECT n, entry FROM register WHERE draft = ? ORDER BY n")
      .all(draft)
      .map((row) => ({ ...(JSON.parse(String(row.entry)) as Omit<StoredEntry, "n">), n: Number(row.n) }))
  }

  saveFile(hash: string, bytes: Uint8Array): void {
    this.#sql("INSERT OR IGNORE INTO files (hash, bytes) VALUES (?, ?)").run(hash, bytes)
  }

  file(hash: string): Uint8Array | null {
    const row = this.#sql("SELECT bytes FROM files WHERE hash = ?").get(hash)
    return row ? new Uint8Array(row.bytes as Uint8Array) : null
  }

  setting(name: string): string | null {
    const row = this.#sql("SELECT value FROM settings WHERE name = ?").get(name)
    return row ? String(row.value) : null
  }

  saveSetting(name: string, value: string | null): void {
    if (value === null) this.#sql("DELETE FROM settings WHERE name = ?").run(name)
    else this.#sql("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)").run(name, value)
  }

  sources(): SourceRecord[] {
    return this.#sql("SELECT code, name FROM sources ORDER BY rowid")
      .all()
      .map((row) => ({ code: String(row.code), name: String(row.name) }))
  }

  saveSource(source: SourceRecord): void {
    this.#sql("INSERT INTO sources (code, name) VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET name = excluded.name").run(
      source.code,
      source.name,
    )
  }

  people(): PersonRecord[] {
    return this.#sql("SELECT * FROM people ORDER BY rowid")
      .all()
      .map((row) => ({
        id: String(row.id),
        name: String(row.name),
        role: row.role as Role,
        hats: JSON.parse(String(row.hats)) as string[],
        isRevoked: Number(row.revoked) === 1,
        ...(row.invitation === null ? {} : { invitation: String(row.invitation) }),
        ...(row.since === null ? {} : { since: String(row.since) }),
      }))
  }

  savePerson({ id, name, role, hats, isRevoked, invitation, since }: PersonRecord): void {
    this.#sql(
      `INSERT INTO people (id, name, role, hats, revoked, invitation, since) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, role = excluded.role, hats = excluded.hats, revoked = excluded.revoked,
        invitation = COALESCE(excluded.invitation, invitation), since = COALESCE(excluded.since, since)`,
    ).run(id, name, role, JSON.stringify(hats), isRevoked ? 1 : 0, invitation ?? null, since ?? null)
  }

  invitation(tokenHash: string): InvitationRecord | null {
    const row = this.#sql("SELECT * FROM invitations WHERE token = ?").get(tokenHash)
    return row ? invitationOf(row) : null
  }

  invitations(): InvitationRecord[] {
    return this.#sql("SELECT * FROM invitations ORDER BY rowid").all().map(invitationOf)
  }

  saveInvitation({ tokenHash, role, hats, person, expiresAt, madeAt, madeBy, isWithdrawn }: InvitationRecord): void {
    this.#sql(
      `INSERT INTO invitations (token, role, hats, person, expires, made, made_by, withdrawn) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (token) DO UPDATE SET expires = excluded.expires, withdrawn = excluded.withdrawn`,
    ).run(tokenHash, role, JSON.stringify(hats), person, expiresAt, madeAt, madeBy, isWithdrawn ? 1 : 0)
  }

  signIn(cookieHash: string): SignInRecord | null {
    const row = this.#sql("SELECT * FROM sign_ins WHERE cookie = ?").get(cookieHash)
    return row ? { cookieHash, person: String(row.person), expiresAt: String(row.expires) } : null
  }

  saveSignIn(signIn: SignInRecord): void {
    this.#sql("INSERT OR REPLACE INTO sign_ins (cookie, person, expires) VALUES (?, ?, ?)").run(
      signIn.cookieHash,
      signIn.person,
      signIn.expiresAt,
    )
  }

  removeSignIn(cookieHash: string): void {
    this.#sql("DELETE FROM sign_ins WHERE cookie = ?").run(cookieHash)
  }

  removeSignInsOf(person: string): void {
    this.#sql("DELETE FROM sign_ins WHERE person = ?").run(person)
  }

  sittings(): SittingRecord[] {
    return this.#sql("SELECT record FROM sittings ORDER BY rowid")
      .all()
      .map((row) => JSON.parse(String(row.record)) as SittingRecord)
  }

  saveSitting(sitting: SittingRecord): void {
    this.#sql("INSERT INTO sittings (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record").run(
      sitting.id,
      JSON.stringify(sitting),
    )
  }

  // SQLite's own number: it moves when another connection has committed, and not with what this one writes.
  writtenBeside(): number {
    return Number(Object.values(this.#sql("PRAGMA data_version").get() ?? {})[0])
  }

  assignClient(draft: string, person: string, source: string): number {
    return this.#transaction(() => {
      const last = this.#sql("SELECT MAX(client) AS last FROM clients WHERE draft = ?").get(draft)
      const client = Number(last?.last ?? firstClient - 1) + 1
      if (client >= serverClient) throw new Error(`draft ${draft} has used up its client ids`)
      this.#sql("INSERT INTO clients (draft, client, person, source) VALUES (?, ?, ?, ?)").run(draft, client, person, source)
      return client
    })
  }

  clients(draft: string): ClientRecord[] {
    return this.#sql("SELECT * FROM clients WHERE draft = ?")
      .all(draft)
      .map((row) => ({ draft, client: Number(row.client), person: String(row.person), source: String(row.source) }))
  }

  close(): void {
    this.#statements.clear()
    this.#db.close()
  }
}

/** An operation of the database, as it travels to the worker. */
export type DatabaseCall = Exclude<keyof EmbeddedDatabase, never>
