import { beginning, chainOf, entryChainOf, hashOfSnapshot, hex, isSameHash, sealOf, snapshotVersion } from "./chain.ts"
import { draftDamaged, readOr } from "./failures.ts"
import type { Head } from "./heads.ts"
import { writeSource } from "./people-rows.ts"
import type { ProvenDraft } from "./proven-draft.ts"
import type { Sql } from "./sql.ts"
import type { SqlValue } from "./sqlite-driver.ts"
import { type Commit, DamageError, type DraftRecord, type LogRow, type Loss, type Snapshot, type StoredEntry } from "./store.ts"
import { goneTitle, keepEnd, keptEnd, testifiedDrafts } from "./testimony.ts"

/** Where a draft ends now: what the next commit leans on. */
interface End {
  readonly title: string
  readonly epoch: number
  readonly seq: number
  readonly chain: Uint8Array
  readonly register: number
  readonly registerChain: Uint8Array
}

/** How a draft was left: where it ends, and what of its record was altered by then. */
export interface Left extends Head {
  readonly problem: string | null
}

const headOf = (draft: string, { title, epoch, seq, chain, register, registerChain }: End): Head => ({
  ...{ draft, title, epoch, seq, register },
  chain: hex(chain),
  registerChain: hex(registerChain),
})

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"))

export const rowOf = (row: Record<string, SqlValue>): LogRow => ({
  seq: Number(row.seq),
  client: Number(row.client),
  person: String(row.person),
  source: String(row.source),
  kind: row.kind as LogRow["kind"],
  at: String(row.at),
  update: new Uint8Array(row.bytes as Uint8Array),
})

/** What stands in the table of drafts: a record that its seal proves, one that it does not, or none. */
export type FoundRecord =
  | {
      readonly record: DraftRecord
      readonly seal: Uint8Array
      /** The first entry of the record of decisions says what it is called: no seal covers that. */
      readonly isTitleProven: boolean
    }
  | { readonly altered: DraftRecord | null }
  | null

const last = Number.MAX_SAFE_INTEGER

/** What of a draft's record its first entry says too: no seal covers it. */
const entered = ["title", "designation", "forceHash"] as const

/** Drafts with their logs, records of decisions and snapshots, as plain synchronous calls. */
export class DraftLog {
  readonly #sql: Sql
  /** Where drafts end, as this process has proven or written them: the tables are held against it, whoever wrote to them meanwhile. */
  readonly #ends = new Map<string, End>()
  /** Drafts that were found damaged, and what was found: nothing is written on top. */
  readonly #damaged = new Map<string, string>()
  readonly #altered = new Set<string>()
  /** What was found altered of the records of drafts as they were proven. */
  readonly #problems = new Map<string, string | null>()

  constructor(sql: Sql) {
    this.#sql = sql
  }

  create(record: DraftRecord, commit: Commit): Head {
    const seal = sealOf(record)
    return this.#kept(record.id, () => {
      this.#sql.prepare("INSERT INTO drafts (id, record, seal) VALUES (?, ?, ?)").run(record.id, JSON.stringify(record), seal)
      return this.#write(record.id, commit)
    })
  }

  /** `head`: what is kept beside the database of a draft that this process has not proven. */
  append(draft: string, commit: Commit, head: Head | null = null): Head {
    return this.#kept(draft, () => this.#write(draft, commit, head))
  }

  // A write that failed has changed nothing: where the draft ends is what it was.
  #kept(draft: string, write: () => End): Head {
    const end = this.#sql.transaction(write)
    this.#ends.set(draft, end)
    return headOf(draft, end)
  }

  /** Takes in what was proven of a draft: where it ends, or that nobody writes to it. */
  proven({ proof: { draft, damage }, head }: ProvenDraft): void {
    this.forget(draft)
    this.#problems.set(draft, this.recordProblem(draft, null))
    if (damage !== null) this.#damaged.set(draft, damage)
    else if (head) this.#ends.set(draft, { ...head, chain: bytesOf(head.chain), registerChain: bytesOf(head.registerChain) })
  }

  /** How the drafts were left that this process has proven or written. */
  heads(): Left[] {
    return [...this.#ends].map(([draft, end]) => ({ ...headOf(draft, end), problem: this.#problems.get(draft) ?? null }))
  }

  /** Drafts that were found written to otherwise since this was asked last. */
  altered(): string[] {
    const altered = [...this.#altered]
    this.#altered.clear()
    return altered
  }

  /** Forgets where a draft ends, for it was written to otherwise. */
  forget(draft: string): void {
    this.#ends.delete(draft)
    this.#damaged.delete(draft)
  }

  #write(draft: string, commit: Commit, head: Head | null = null): End {
    const damage = this.#damaged.get(draft)
    if (damage !== undefined) throw draftDamaged(draft, damage)
    const end = this.#demandEnd(draft, head)
    let { seq, chain, register, registerChain } = end
    const insert = this.#sql.prepare(
      "INSERT INTO log (draft, seq, client, person, source, kind, at, bytes, chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    for (const part of commit.rows) {
      const row: LogRow = { ...part, seq: ++seq }
      chain = chainOf(chain, draft, row)
      insert.run(draft, seq, row.client, row.person, row.source, row.kind, row.at, row.update, chain)
    }
    for (const source of commit.sources ?? []) writeSource(this.#sql, source)
    const entries = this.#sql.prepare("INSERT INTO register (draft, n, seq, entry, chain) VALUES (?, ?, ?, ?, ?)")
    for (const { ofRow, ...part } of commit.entries) {
      const entry = JSON.stringify(ofRow === undefined ? part : { ...part, row: end.seq + ofRow + 1 })
      registerChain = entryChainOf(registerChain, { draft, n: ++register, seq, entry }, chain)
      entries.run(draft, register, seq, entry, registerChain)
    }
    const written = { ...end, seq, chain, register, registerChain }
    keepEnd(this.#sql, headOf(draft, written))
    return written
  }

  /** Where the draft ends. Throws where that is not where it was left: then nobody writes to it until it is proven anew. */
  #demandEnd(draft: string, head: Head | null): End {
    const left = this.#ends.get(draft)
    const now = this.#end(draft, left)
    const isAsLeft = left
      ? now.seq === left.seq &&
        now.register === left.register &&
        isSameHash(now.chain, left.chain) &&
        isSameHash(now.registerChain, left.registerChain)
      : !head || head.epoch !== now.epoch || (now.seq >= head.seq && now.register >= head.register)
    if (isAsLeft) return left ?? now
    throw draftDamaged(draft, this.changed(draft))
  }

  /** Nobody writes to the draft until it is proven anew, for it was written to otherwise; the sentence that says so. */
  changed(draft: string): string {
    const damage = "Its log or its record of decisions was written to by another program, or lost entries, while it was open."
    this.#damaged.set(draft, damage)
    this.#altered.add(draft)
    return damage
  }

  /** `left`: where it was left; of that the record's seal, which takes as long as the record is, and the epoch are known. */
  #end(draft: string, left?: End): End {
    const row = this.#sql.prepare("SELECT seq, chain FROM log WHERE draft = ? ORDER BY seq DESC LIMIT 1").get(draft)
    const entry = this.#sql.prepare("SELECT n, chain FROM register WHERE draft = ? ORDER BY n DESC LIMIT 1").get(draft)
    const { title, epoch, seal } = left ? { ...left, seal: left.registerChain } : this.#recorded(draft)
    return {
      title,
      epoch,
      seq: Number(row?.seq ?? 0),
      chain: row ? new Uint8Array(row.chain as Uint8Array) : beginning,
      register: Number(entry?.n ?? 0),
      registerChain: entry?.chain ? new Uint8Array(entry.chain as Uint8Array) : seal,
    }
  }

  #recorded(draft: string): { readonly title: string; readonly epoch: number; readonly seal: Uint8Array } {
    const found = this.found(draft)
    const isWhole = found !== null && "record" in found
    return { title: isWhole ? found.record.title : "", epoch: this.loss(draft)?.epoch ?? 1, seal: isWhole ? found.seal : beginning }
  }

  /** All drafts, those too of which only a part is left, behind the others. */
  ids(): string[] {
    const recorded = this.#sql.prepare("SELECT id FROM drafts ORDER BY rowid").all()
    return [...new Set([...recorded.map(({ id }) => String(id)), ...testifiedDrafts(this.#sql)])]
  }

  found(id: string): FoundRecord {
    const row = this.#sql.prepare("SELECT record, seal FROM drafts WHERE id = ?").get(id)
    if (!row) return null
    const record = recordIn(String(row.record))
    const seal = record && sealOf(record)
    if (!(record && seal && record.id === id && isSameHash(row.seal, seal))) return { altered: record }
    const { forceHash = null, ...called } = this.#entered(id, seal)
    // After a loss there may be no text in force any more.
    const force = record.force === null ? record.forceHash : (forceHash ?? record.forceHash)
    return { record: { ...record, ...called, forceHash: force }, seal, isTitleProven: called.title !== undefined }
  }

  /** What the first entry of the record of decisions says of a draft, where the chain proves that entry: its seal tells nothing of that. */
  #entered(draft: string, seal: Uint8Array): Partial<Pick<DraftRecord, (typeof entered)[number]>> {
    const { row, log } = readOr<{ row?: Record<string, SqlValue> | undefined; log?: SqlValue | undefined }>(
      () => {
        const first = this.#sql.prepare("SELECT seq, entry, chain FROM register WHERE draft = ? AND n = 1").get(draft)
        const at = this.#sql.prepare("SELECT chain FROM log WHERE draft = ? AND seq = ?").get(draft, Number(first?.seq ?? 0))
        return { row: first, log: at?.chain }
      },
      () => ({}),
    )
    if (!row) return {}
    const first = { draft, n: 1, seq: Number(row.seq), entry: String(row.entry) }
    if (!isSameHash(row.chain, entryChainOf(seal, first, log instanceof Uint8Array ? log : beginning))) return {}
    const said = entryIn(first.entry)
    const details = said?.act === "import" ? said.details : {}
    return Object.fromEntries(entered.flatMap((name) => (typeof details[name] === "string" ? [[name, details[name]]] : [])))
  }

  /**
   * What of a draft's record is another than it was entered, or, of a draft of an earlier version, than is known elsewhere, in a sentence; null: nothing.
   * What is shown is as it was entered.
   */
  recordProblem(id: string, title: string | null): string | null {
    const found = readOr(
      () => this.found(id),
      () => null,
    )
    if (!(found && "record" in found)) return null
    const stored = recordIn(String(this.#sql.prepare("SELECT record FROM drafts WHERE id = ?").get(id)?.record))
    const other = entered.filter((name) => stored?.[name] !== found.record[name])
    if (title !== null && found.record.title !== title) other.push("title")
    const names = { title: "title", designation: "designation", forceHash: "hash of its text in force" } as const
    if (other.length === 0) return null
    const which = [...new Set(other)].map((name) => names[name]).join(" and ")
    return `Its ${which} in the database ${other.length === 1 ? "is" : "are"} not what was entered: “${stored?.[other[0]!] ?? ""}”.`
  }

  /**
   * A draft's record as far as it can be trusted: without text in force and what its import understood where they do not prove themselves, and with
   * the title that is known elsewhere where nothing of it is left.
   */
  record(id: string, title: string): DraftRecord | null {
    const found = this.found(id)
    const known = title || keptEnd(this.#sql, id)?.title
    if (found && "record" in found) return found.isTitleProven || !known ? found.record : { ...found.record, title: known }
    const row = this.#sql.prepare("SELECT at FROM log WHERE draft = ? ORDER BY seq LIMIT 1").get(id)
    if (!found && !row) return null
    const altered = found?.altered ?? null
    return {
      id,
      title: known ?? altered?.title ?? id,
      designation: altered?.designation ?? "",
      createdAt: altered?.createdAt ?? String(row?.at ?? ""),
      force: null,
      forceHash: null,
      imported: JSON.stringify({ cover: [], debris: [], warnings: [] }),
    }
  }

  rows(draft: string, after: number, through = last): LogRow[] {
    const from = after > 0 ? this.#sql.prepare("SELECT chain FROM log WHERE draft = ? AND seq = ?").get(draft, after) : undefined
    if (after > 0 && !from) throw new DamageError(`The log of draft ${draft} does not reach entry ${after}.`, 0)
    let chain: Uint8Array = from ? new Uint8Array(from.chain as Uint8Array) : beginning
    let seq = after
    const rows: LogRow[] = []
    for (const stored of this.#sql
      .prepare("SELECT * FROM log WHERE draft = ? AND seq > ? AND seq <= ? ORDER BY seq")
      .all(draft, after, through)) {
      const row = rowOf(stored)
      chain = chainOf(chain, draft, row)
      if (row.seq !== ++seq || !isSameHash(stored.chain, chain)) {
        // Who writes on would lean on what is no longer there.
        if (this.#ends.has(draft)) this.changed(draft)
        throw new DamageError(`The log of draft ${draft} is damaged at entry ${seq}. ${seq - 1} entries before it can be trusted.`, seq - 1)
      }
      rows.push(row)
    }
    return rows
  }

  snapshot(draft: string, through = last): Snapshot | null {
    const kept = this.#snapshot(draft)
    return kept && "state" in kept && kept.seq <= through ? kept : null
  }

  /** Why a snapshot that is there is not used; null: it fits, or there is none, or it is of an earlier version. */
  snapshotProblem(draft: string): string | null {
    const kept = this.#snapshot(draft)
    return kept && "problem" in kept ? kept.problem : null
  }

  #snapshot(draft: string): Snapshot | { readonly problem: string | null } | null {
    const row = this.#sql.prepare("SELECT * FROM snapshots WHERE draft = ?").get(draft)
    if (!row) return null
    if (row.version !== snapshotVersion) return { problem: null }
    const seq = Number(row.seq)
    const at = this.#sql.prepare("SELECT chain FROM log WHERE draft = ? AND seq = ?").get(draft, seq)
    if (!at || !isSameHash(row.chain, at.chain as Uint8Array)) return { problem: `Its snapshot is not of entry ${seq} of its log.` }
    const state = new Uint8Array(row.state as Uint8Array)
    const isProven = isSameHash(row.hash, hashOfSnapshot(draft, seq, at.chain as Uint8Array, state))
    return isProven ? { seq, state } : { problem: "Its snapshot was altered." }
  }

  /** Never an older one over a newer; one that fits nothing is in nobody's way. */
  saveSnapshot(draft: string, { seq, state }: Snapshot): void {
    const at = this.#sql.prepare("SELECT chain FROM log WHERE draft = ? AND seq = ?").get(draft, seq)
    const kept = this.snapshot(draft)
    const end = this.#ends.get(draft)
    // What is not the row any more that the state was made of is nothing to lean on.
    if (!at || (kept && kept.seq > seq) || this.#damaged.has(draft) || (end?.seq === seq && !isSameHash(at.chain, end.chain))) return
    this.#sql
      .prepare("INSERT OR REPLACE INTO snapshots (draft, seq, state, chain, hash, version) VALUES (?, ?, ?, ?, ?, ?)")
      .run(draft, seq, state, at.chain as Uint8Array, hashOfSnapshot(draft, seq, at.chain as Uint8Array, state), snapshotVersion)
  }

  register(draft: string, through = last): StoredEntry[] {
    return this.#sql
      .prepare("SELECT n, entry FROM register WHERE draft = ? AND seq <= ? ORDER BY n")
      .all(draft, through)
      .flatMap((row) => {
        const entry = entryIn(String(row.entry))
        return entry ? [{ ...entry, n: Number(row.n) }] : []
      })
  }

  loss(draft: string): Loss | null {
    return this.losses().find((loss) => loss.draft === draft) ?? null
  }

  hasHead(draft: string, chain: string): boolean {
    const rows = this.#sql.prepare("SELECT 1 FROM log WHERE draft = ? AND substr(lower(hex(chain)), 1, ?) = ? LIMIT 1")
    return rows.get(draft, chain.length, chain) !== undefined
  }

  /** The last loss of each draft; where the table cannot be read, the heads still know the epochs. */
  losses(): Loss[] {
    const rows = readOr(
      () => this.#sql.prepare("SELECT * FROM losses AS one WHERE epoch = (SELECT MAX(epoch) FROM losses WHERE draft = one.draft)").all(),
      () => [],
    )
    return rows.map((row) => ({
      draft: String(row.draft),
      epoch: Number(row.epoch),
      at: String(row.at),
      sentence: String(row.sentence),
      lastClient: Number(row.last_client),
      isGone: Number(row.gone) === 1,
      title: Number(row.gone) === 1 ? goneTitle(this.#sql, String(row.draft)) : "",
    }))
  }
}

/** An entry's text as a value; null where it is none any more. */
function entryIn(text: string): Omit<StoredEntry, "n"> | null {
  try {
    const entry = JSON.parse(text) as Omit<StoredEntry, "n"> | null
    return typeof entry?.act === "string" && typeof entry.details === "object" && entry.details !== null ? entry : null
  } catch {
    return null
  }
}

function recordIn(text: string): DraftRecord | null {
  try {
    const record = JSON.parse(text) as DraftRecord | null
    return typeof record?.title === "string" ? record : null
  } catch {
    return null
  }
}
