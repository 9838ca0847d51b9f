import { isDelegationCode } from "../../shared/people/roster.ts"
import type { Role } from "../../shared/policy/policy.ts"
import { endOfClients, sparedProblem } from "./client-ids.ts"
import type { Sql } from "./sql.ts"
import type { SqlValue } from "./sqlite-driver.ts"
import type { InvitationRecord, PersonRecord, SittingRecord, SourceRecord } from "./store.ts"
import { testifiedDrafts } from "./testimony.ts"

type Row = Record<string, SqlValue>

/** Puts a source on the roster, or gives it another name. */
export function writeSource(sql: Sql, { code, name }: SourceRecord): void {
  sql.prepare("INSERT INTO sources (code, name) VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET name = excluded.name").run(code, name)
}

function jsonIn(text: SqlValue | undefined): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

const roles: readonly Role[] = ["chair", "secretary", "delegate", "observer"]
const isRole = (role: unknown): role is Role => roles.includes(role as Role)
const isHour = (at: unknown): at is string => typeof at === "string" && !Number.isNaN(Date.parse(at))
const areHats = (hats: unknown): hats is string[] => Array.isArray(hats) && hats.every((hat) => typeof hat === "string")

/** A person as stored; one whose row is no person has no rights, and `problem` says what is wrong with it. */
export function personOf(row: Row): PersonRecord {
  const { id, name, role } = row
  const hats = jsonIn(row.hats)
  const problem = !isRole(role)
    ? `its role is “${String(role)}”`
    : !areHats(hats)
      ? "what it may write for cannot be read"
      : String(name).trim() === ""
        ? "it has no name"
        : null
  const base = {
    ...{ id: String(id), name: String(name).trim() || String(id) },
    ...(row.invitation === null ? {} : { invitation: String(row.invitation) }),
    ...(row.since === null ? {} : { since: String(row.since) }),
  }
  if (problem === null) return { ...base, role: role as PersonRecord["role"], hats: hats as string[], isRevoked: Number(row.revoked) === 1 }
  return { ...base, role: "observer", hats: [], isRevoked: true, problem }
}

/** An invitation as stored; null: it is none. */
export function invitationOf(row: Row): InvitationRecord | null {
  const hats = jsonIn(row.hats)
  if (!isRole(row.role) || !areHats(hats) || !isHour(row.expires)) return null
  return {
    tokenHash: String(row.token),
    role: row.role,
    hats,
    person: row.person === null ? null : String(row.person),
    expiresAt: row.expires,
    madeAt: String(row.made),
    madeBy: row.made_by === null ? null : String(row.made_by),
    isWithdrawn: Number(row.withdrawn) === 1,
  }
}

/** A sitting as stored; null: it is none. */
export function sittingOf(row: Row): SittingRecord | null {
  const record = jsonIn(row.record) as Partial<SittingRecord> | null | undefined
  const texts = [record?.id, record?.body, record?.room, record?.date]
  const isWhole =
    texts.every((text) => typeof text === "string") &&
    isHour(record?.openedAt) &&
    (record?.closedAt === null || isHour(record?.closedAt)) &&
    (record?.chair === null || typeof record?.chair === "string")
  return isWhole ? (record as SittingRecord) : null
}

/** Tables that have rows wherever another one has: which, what its rows are, and what proves that there were some. */
const neverEmpty: readonly (readonly [table: string, what: string, proof: string])[] = [
  ["people", "people", "SELECT 1 FROM sign_ins UNION ALL SELECT 1 FROM clients"],
  ["clients", "client ids", `SELECT 1 FROM log JOIN people ON people.id = log.person WHERE log.kind = 'edit' AND log.client > 0`],
]

/** Tables that were emptied, in sentences. */
const emptied = (sql: Sql): string[] =>
  neverEmpty.flatMap(([table, what, proof]) => {
    const has = (rows: string): boolean => sql.prepare(`SELECT EXISTS (${rows}) AS has`).get()?.has === 1
    if (has(`SELECT 1 FROM ${table}`) || !has(proof)) return []
    return [
      `The list of ${what} was emptied: others of its tables tell that there were some (table ${table}). Put a backup of the folder in its place.`,
    ]
  })

/** Whoever is invited for a delegation brings it onto the roster, and none is ever taken off: one that is not there was lost, or its code altered. */
function offRoster(people: readonly Row[], sources: readonly Row[]): string[] {
  const codes = new Set(sources.map(({ code }) => String(code)))
  const written = people.map(personOf).flatMap(({ role, hats, problem }) => (role === "delegate" && problem === undefined ? hats : []))
  const lost = [...new Set(written)].filter((code) => isDelegationCode(code) && !codes.has(code)).sort()
  if (lost.length === 0) return []
  const which = `${lost.length === 1 ? "The delegation" : "The delegations"} ${lost.join(", ")}`
  return [`${which}, for which people on the list write, ${lost.length === 1 ? "is" : "are"} not on the roster (table sources).`]
}

/** What is wrong with what is stored about people, in sentences: each hurts what it is about alone. */
export function peopleProblems(sql: Sql): string[] {
  const all = (table: string): Row[] => sql.prepare(`SELECT * FROM ${table}`).all()
  const people = all("people")
  const ids = new Set(people.map(({ id }) => String(id)))
  // Also one of which the record is lost, or all, be it that this was accepted: that is told of the draft.
  const drafts = new Set(
    [...all("drafts").map(({ id }) => id), ...all("losses").map(({ draft }) => draft), ...testifiedDrafts(sql)].map(String),
  )
  const broken = <Value>(table: string, one: string, many: string, read: (row: Row) => Value | null): string[] => {
    const count = all(table).filter((row) => read(row) === null).length
    if (count === 0) return []
    return [
      count === 1
        ? `1 ${one} cannot be read, and counts as not there (table ${table}).`
        : `${count} ${many} cannot be read, and count as not there (table ${table}).`,
    ]
  }
  return [
    ...emptied(sql),
    ...offRoster(people, all("sources")),
    ...people.flatMap((row) => {
      const { id, name, problem } = personOf(row)
      return problem === undefined ? [] : [`The person ${id} (${name}) cannot come in: ${problem} (table people).`]
    }),
    ...broken("invitations", "invitation", "invitations", (row) => invitationOf(row)),
    ...broken("sittings", "sitting", "sittings", (row) => sittingOf(row)),
    ...broken("sources", "delegation of the roster", "delegations of the roster", ({ code, name }) =>
      code !== "" && name !== "" ? code! : null,
    ),
    ...broken("sign_ins", "sign-in", "sign-ins", ({ person, expires }) => (ids.has(String(person)) && isHour(expires) ? 1 : null)),
    ...broken("clients", "client id", "client ids", ({ draft, client, person }) => {
      const isOwn = Number(client) > 0 && Number(client) < endOfClients
      return isOwn && person !== "" && drafts.has(String(draft)) ? 1 : null
    }),
    ...[sparedProblem(sql)].filter((problem) => problem !== null),
  ]
}

/** Where in `settings` stands what is wrong and was accepted: sentences, each with the hour of that. */
const acceptedSetting = "accepted losses"

export function acceptedIn(sql: Sql): ReadonlyMap<string, string> {
  const accepted = jsonIn(sql.prepare("SELECT value FROM settings WHERE name = ?").get(acceptedSetting)?.value)
  const pairs = Array.isArray(accepted) ? (accepted as unknown[][]) : []
  return new Map(pairs.filter((pair) => Array.isArray(pair)).map(([sentence, at]) => [String(sentence), String(at)]))
}

function keepAccepted(sql: Sql, accepted: ReadonlyMap<string, string>): void {
  if (accepted.size === 0) sql.prepare("DELETE FROM settings WHERE name = ?").run(acceptedSetting)
  else sql.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)").run(acceptedSetting, JSON.stringify([...accepted]))
}

/** Takes what is wrong for accepted: it alarms nobody any more, as long as it is that and nothing else. */
export const acceptProblems = (sql: Sql, sentences: readonly string[], at: string): void =>
  keepAccepted(sql, new Map([...sentences.map((sentence) => [sentence, at] as const), ...acceptedIn(sql)]))

/** Forgets of the people's tables what was accepted once and is well again: where it comes back it is news. */
export function forgetHealed(sql: Sql): void {
  const accepted = acceptedIn(sql)
  if (accepted.size === 0) return
  const now = new Set(peopleProblems(sql))
  const isOfPeople = (sentence: string): boolean => /\(table \w+\)/.test(sentence)
  const kept = new Map([...accepted].filter(([sentence]) => !isOfPeople(sentence) || now.has(sentence)))
  if (kept.size < accepted.size) keepAccepted(sql, kept)
}
