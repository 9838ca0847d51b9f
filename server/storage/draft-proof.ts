import { beginning, chainOf, entryChainOf, hex, isSameHash } from "./chain.ts"
import { type DraftLog, type FoundRecord, rowOf } from "./draft-log.ts"
import { isDamage, readOr } from "./failures.ts"
import type { Head } from "./heads.ts"
import type { ProvenDraft } from "./proven-draft.ts"
import type { Sql } from "./sql.ts"
import type { SqlValue } from "./sqlite-driver.ts"
import type { Loss } from "./store.ts"
import { type ActRow, actsWithoutEntry, isLossEntered, keptEnd, rowOfSnapshot } from "./testimony.ts"

/** How far a log has been proven. */
export interface LogProof {
  readonly seq: number
  readonly chain: Uint8Array
  /** When the last proven row was written. */
  readonly at: string | null
  /** What is wrong with the row behind it; null: nothing so far. */
  readonly problem: string | null
  /** That row could not be read, be it there or not: it may be the next draft's. */
  readonly isUnreadable: boolean
  readonly isEnd: boolean
  /** The acts of people in it: each has an entry in the record of decisions. */
  readonly acts: readonly ActRow[]
}

export const unproven: LogProof = { seq: 0, chain: beginning, at: null, problem: null, isUnreadable: false, isEnd: false, acts: [] }

/** Proves the next rows of a log, at most `limit`, so that others have their turn in between. */
export function proveLog(sql: Sql, draft: string, from: LogProof, limit: number): LogProof {
  let stored: Record<string, SqlValue>[]
  try {
    stored = sql.prepare("SELECT * FROM log WHERE draft = ? AND seq > ? ORDER BY seq LIMIT ?").all(draft, from.seq, limit)
  } catch (error) {
    if (!isDamage(error)) throw error
    // Row by row up to the first that cannot be read.
    if (limit > 1) return proveLog(sql, draft, from, 1)
    const problem = `Its log cannot be read from entry ${from.seq + 1} on.`
    return { ...from, problem, isUnreadable: true, isEnd: true }
  }
  let { seq, chain, at } = from
  const acts = [...from.acts]
  const stopped = (problem: string): LogProof => ({ seq, chain, at, acts, problem, isUnreadable: false, isEnd: true })
  for (const values of stored) {
    const row = rowOf(values)
    if (row.seq !== seq + 1) return stopped(`Entry ${seq + 1} of its log is missing.`)
    const next = chainOf(chain, draft, row)
    if (!isSameHash(values.chain, next)) return stopped(`Entry ${row.seq} of its log was altered.`)
    seq = row.seq
    chain = next
    at = row.at
    if (row.kind === "act" && row.person !== "") acts.push({ seq, at, person: row.person })
  }
  return { seq, chain, at, acts, problem: null, isUnreadable: false, isEnd: stored.length < limit }
}

/** Proves what came to a log since it was read through. */
export function proveRest(sql: Sql, draft: string, from: LogProof): LogProof {
  let log = from.problem === null ? { ...from, isEnd: false } : from
  while (!log.isEnd) log = proveLog(sql, draft, log, 1_000)
  return log
}

interface RegisterProof {
  /** The last entry that can be trusted, and the chain there. */
  readonly n: number
  readonly chain: Uint8Array
  readonly problem: string | null
}

/** Proves a record of decisions as far as the log is proven: what was entered on lost rows is lost with them. */
function proveRegister(
  sql: Sql,
  draft: string,
  { seal, log, known, loss }: { seal: Uint8Array | null; log: LogProof; known: Head | null; loss: Loss | null },
): RegisterProof {
  let n = 0
  let chain = seal
  const stored = sql
    .prepare(
      `SELECT register.n, register.seq, register.entry, register.chain, log.chain AS log FROM register
       LEFT JOIN log ON log.draft = register.draft AND log.seq = register.seq WHERE register.draft = ?
       AND (register.seq <= ? OR register.seq IS NULL) ORDER BY register.n`,
    )
    .all(draft, log.seq)
  for (const row of stored) {
    const entry = { draft, n: Number(row.n), seq: Number(row.seq), entry: String(row.entry) }
    const next = chain && entryChainOf(chain, entry, row.log instanceof Uint8Array ? row.log : beginning)
    if (next && !isSameHash(row.chain, next))
      return { n, chain: chain ?? beginning, problem: `Entry ${n + 1} of its record of decisions was altered or is missing.` }
    // Where the draft's own record is lost, nothing tells how its chain began.
    chain = next ?? new Uint8Array(row.chain as Uint8Array)
    n = entry.n
  }
  return { n, chain: chain ?? beginning, problem: registerAgainst(sql, draft, n, log, known, loss) }
}

const areMissing = (count: number, of: string): string =>
  count === 1 ? `The last entry of ${of} is missing.` : `The last ${count} entries of ${of} are missing.`

function registerAgainst(sql: Sql, draft: string, n: number, log: LogProof, known: Head | null, loss: Loss | null): string | null {
  if (loss && !loss.isGone && !isLossEntered(sql, draft, loss)) return "The loss that was accepted last is not in its record of decisions."
  if (!known || known.register <= n) {
    const lacking = actsWithoutEntry(sql, draft, log.acts)
    if (lacking > 0)
      return `${lacking === 1 ? "An act" : `${lacking} acts`} of its log ${lacking === 1 ? "is" : "are"} missing in its record of decisions.`
  }
  if (!known || known.register === 0) return null
  // What was entered on rows that are lost is told with them.
  if (n < known.register) return log.seq < known.seq ? null : areMissing(known.register - n, "its record of decisions")
  const at = sql.prepare("SELECT chain FROM register WHERE draft = ? AND n = ?").get(draft, known.register)
  if (at?.chain instanceof Uint8Array && hex(at.chain) === known.registerChain) return null
  return `Its record of decisions is not the one that was kept: up to entry ${known.register} something is another.`
}

/** Whether the log of a draft has a row with that chain. */
export function isRow(sql: Sql, draft: string, { seq, chain }: { seq: number; chain: string }): boolean {
  const at = sql.prepare("SELECT chain FROM log WHERE draft = ? AND seq = ?").get(draft, seq)
  return at?.chain instanceof Uint8Array && hex(at.chain) === chain
}

/** Whether all that tell where a log ended tell of a row of it that is no earlier than a snapshot's. */
const isPastSnapshot = (sql: Sql, draft: string, seq: number, ends: readonly (Head | null)[]): boolean =>
  ends.every((end) => end !== null && end.seq >= seq && isRow(sql, draft, end))

function logAgainst(sql: Sql, draft: string, log: LogProof, known: Head | null): string | null {
  const reachesHead = known !== null && log.seq >= known.seq
  if (log.problem && !(log.isUnreadable && reachesHead)) return log.problem
  // What was entered names the row that it was entered on.
  const named = Number(sql.prepare("SELECT MAX(seq) AS seq FROM register WHERE draft = ?").get(draft)?.seq ?? 0)
  // A snapshot names the row that it was made of; it is a cache, and where head and end both prove the log behind that row the snapshot is wrong.
  const snapshot = rowOfSnapshot(sql, draft)
  const had = snapshot && isPastSnapshot(sql, draft, snapshot.seq, [known, keptEnd(sql, draft)]) ? null : snapshot
  const missing = Math.max(known?.seq ?? 0, named, had?.seq ?? 0) - log.seq
  if (missing > 0 && log.seq === 0) return `Its log is missing (${missing === 1 ? "1 entry" : `${missing} entries`}).`
  if (missing > 0) return areMissing(missing, "its log")
  const differs = [had && { seq: had.seq, chain: hex(had.chain) }, known].find((row) => row && row.seq > 0 && !isRow(sql, draft, row))
  return differs ? `Its log is not the one that was kept: up to entry ${differs.seq} something is another.` : null
}

/** Whether an end of a draft is from before another one. */
const isBehind = (one: Head, other: Head): boolean =>
  one.epoch !== other.epoch ? one.epoch < other.epoch : one.seq < other.seq || (one.seq === other.seq && one.register < other.register)

/**
 * Proves a draft whose log has been read through, against the head that is kept beside the database, and where that is lost or behind, against the end
 * that the database keeps. Null: there is no such draft.
 */
export function proveDraft(sql: Sql, drafts: DraftLog, draft: string, head: Head | null, log: LogProof): ProvenDraft | null {
  const proven = provenAgainst(sql, drafts, draft, head, log)
  const kept = proven?.proof.damage ? null : keptEnd(sql, draft)
  return kept && (!head || isBehind(head, kept)) ? provenAgainst(sql, drafts, draft, kept, log) : proven
}

/** That a whole draft of another name stands where this one was, in a sentence: what is missing of this one then says little. Null: it does not. */
function foreign(found: FoundRecord, known: Head | null, log: LogProof): string | null {
  const isOther = found && "record" in found && found.isTitleProven && known && known.title !== "" && found.record.title !== known.title
  // One that goes as far as this one did is told by its chain.
  if (!isOther || log.problem !== null || log.seq >= known.seq) return null
  return `Another draft, “${found.record.title}”, stands in its place under the same id.`
}

/** What a draft is called, by what proves it first: an altered record names it last, for it may be another draft's. */
function titleOf(found: FoundRecord, end: Head | null): string | null {
  if (found && "record" in found && found.isTitleProven) return found.record.title
  return end?.title || (found && ("record" in found ? found.record.title : found.altered?.title)) || null
}

function provenAgainst(sql: Sql, drafts: DraftLog, draft: string, head: Head | null, log: LogProof): ProvenDraft | null {
  // What cannot be read counts as altered.
  const found = readOr<FoundRecord>(
    () => drafts.found(draft),
    () => ({ altered: null }),
  )
  const loss = drafts.loss(draft)
  // A head from before a loss that was accepted tells of what is known to be lost.
  const known = head && head.epoch >= (loss?.epoch ?? 1) ? head : null
  const epoch = known?.epoch ?? loss?.epoch ?? 1
  const isThere = found !== null || log.seq > 0 || log.problem !== null
  if (!isThere && !known) return null
  const title = titleOf(found, head ?? keptEnd(sql, draft)) ?? draft
  const base = { draft, title, epoch, loss }
  if (!isThere) return { proof: { ...base, seq: 0, at: null, register: 0, damage: "Nothing of it is left in the database." }, head: null }
  const seal = found && "record" in found ? found.seal : null
  const register = readOr<RegisterProof>(
    () => proveRegister(sql, draft, { seal, log, known, loss }),
    () => ({ n: 0, chain: beginning, problem: "Its record of decisions cannot be read." }),
  )
  const damages = [
    foreign(found, known, log),
    found === null ? "Its own record (title, text in force) is missing." : null,
    found && "altered" in found ? "Its own record (title, text in force) was altered." : null,
    readOr(
      () => logAgainst(sql, draft, log, known),
      () => "Its log cannot be read to its end.",
    ),
    register.problem,
  ].filter((damage) => damage !== null)
  const proof = { ...base, seq: log.seq, at: log.at, register: register.n, damage: damages.length > 0 ? damages.join(" ") : null }
  const end = { seq: log.seq, chain: hex(log.chain), register: register.n, registerChain: hex(register.chain) }
  return { proof, head: proof.damage === null ? { draft, title, epoch, ...end } : null }
}
