import { isDamage } from "./failures.ts"
import type { Sql } from "./sql.ts"
import type { SqlValue } from "./sqlite-driver.ts"

type Row = Record<string, SqlValue>

/** A table that could not be read to its end, and why, in words. */
export interface Hurt {
  readonly table: string
  readonly why: string
}

/** So many rows are read in one go. */
const pageRows = 500
/** So many rows are asked for by their number behind the last one that could be read, where nothing tells how many there are. */
const farthest = 2_000

/** What SQLite's check says, a fault each, without the names of its functions; none: "ok". */
export const plainFaults = (said: string): string[] =>
  said
    .replace(/\*+ in database \w+ \*+/g, "\n")
    .split("\n")
    .map((line) =>
      line
        .replace(/\b\w{1,60}\(\) returns error code \d{1,9}/g, "it cannot be read")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((line) => line !== "" && line !== "ok")

/** What SQLite finds wrong with its file, a line each; it may be so broken that nothing can be looked at. */
export function faultsOf(sql: Sql, most: number, table?: string): readonly string[] {
  try {
    const asked = table === undefined ? String(most) : `"${table}"`
    const rows = sql.prepare(`PRAGMA integrity_check(${asked})`).all()
    return rows.flatMap((row) => plainFaults(String(Object.values(row)[0]))).slice(0, table === undefined ? most : undefined)
  } catch (error) {
    if (!isDamage(error)) throw error
    return [(error as Error).message]
  }
}

interface Source {
  readonly from: Sql
  readonly table: string
  readonly hurt: (why: string) => void
}

/** Something read; where the disk or the file gives it no more, null. */
function tried<Value>({ hurt }: Source, read: () => Value): Value | null {
  try {
    return read()
  } catch (error) {
    if (!isDamage(error)) throw error
    hurt((error as Error).message)
    return null
  }
}

/** Rows by ascending number from 0: many at once, and around what cannot be read one by one, up to `through` at least. */
function numbered(source: Source, read: (first: number, limit: number) => Row[], numberOf: (row: Row) => number, through: number): Row[] {
  const rows: Row[] = []
  let first = 0
  let limit = pageRows
  let misses = 0
  for (;;) {
    const found = tried(source, () => read(first, limit))
    if (found) {
      rows.push(...found)
      if (found.length < limit) return rows
      first = numberOf(found.at(-1)!) + 1
      // Behind what could not be read it goes on at its pace.
      limit = pageRows
      misses = 0
    } else if (limit > 1) limit = 1
    else if (first >= through || ++misses > farthest) return rows
    else first++
  }
}

/** All rows of a table with numbers of its own. Its indexes are passed over: they may be what is broken. */
function plainRows(source: Source): Row[] {
  const { from, table } = source
  const lastOne = tried(source, () => Number(from.prepare(`SELECT MAX(rowid) AS last FROM "${table}"`).get()?.last ?? 0))
  const select = from.prepare(`SELECT rowid AS "number of row", * FROM "${table}" NOT INDEXED WHERE rowid >= ? ORDER BY rowid LIMIT ?`)
  return numbered(
    source,
    (first, limit) => select.all(first, limit),
    (row) => Number(row["number of row"]),
    lastOne ?? farthest,
  )
}

/** Drafts that a table names, from one to the next, and around what cannot be read by those that are known from elsewhere. */
function draftsIn(source: Source, known: readonly string[]): Set<string> {
  const names = new Set<string>()
  const next = source.from.prepare(`SELECT MIN(draft) AS name FROM "${source.table}" WHERE draft > ?`)
  for (const start of ["", ...known]) {
    let name: string | null = start
    while (name !== null) {
      if (name !== "") names.add(name)
      const behind: string = name
      const found: SqlValue | undefined | null = tried(source, () => next.get(behind)?.name)
      name = found === null || found === undefined || names.has(String(found)) ? null : String(found)
    }
  }
  return names
}

/** All rows of a table that are kept by draft and number. */
function draftRows(source: Source, key: string, known: ReadonlyMap<string, number>): Row[] {
  const select = source.from.prepare(`SELECT * FROM "${source.table}" WHERE draft = ? AND "${key}" >= ? ORDER BY "${key}" LIMIT ?`)
  return [...draftsIn(source, [...known.keys()])].flatMap((draft) =>
    numbered(
      source,
      (first, limit) => select.all(draft, first, limit),
      (row) => Number(row[key]),
      known.get(draft) ?? 0,
    ),
  )
}

/** Where the name of a table or an index, and the page that it begins on, stand in the schema. */
const schemaOf = (sql: Sql): Row[] => sql.prepare("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema").all()

/**
 * What SQLite says of the pages of a table itself, first of all; null: nothing. What it says of an index alone hurts no row.
 */
function faultOfRows(from: Sql, table: string, root: number): string | null {
  return faultsOf(from, 100, table).find((line) => [...line.matchAll(/\bTree (\d+)/g)].some(([, tree]) => Number(tree) === root)) ?? null
}

/**
 * Writes all that can be read of a database into an empty one, table by table and around what cannot be read; its indexes are made anew. `ends`: how
 * far the log of each draft is known to go. Gives the tables that could not be read to their end.
 */
export function salvage(from: Sql, into: Sql, ends: ReadonlyMap<string, number>): readonly Hurt[] {
  const schema = schemaOf(from)
  const [version] = Object.values(from.prepare("PRAGMA user_version").get() ?? {})
  const hurts = new Map<string, string>()
  into.exec("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL")
  into.transaction(() => {
    for (const { type, sql } of schema) if (type === "table" && sql !== null) into.exec(String(sql))
    for (const { type, name, rootpage, sql } of schema) {
      if (type !== "table" || sql === null) continue
      const table = String(name)
      const hurt = (why: string): void => void (hurts.has(table) || hurts.set(table, why.replace(/\s+/g, " ")))
      const fault = faultOfRows(from, table, Number(rootpage))
      if (fault !== null) hurt(fault)
      const key = /PRIMARY KEY \(draft, (\w+)\)/.exec(String(sql))?.[1]
      const source: Source = { from, table, hurt }
      const rows = /WITHOUT ROWID/i.test(String(sql)) && key !== undefined ? draftRows(source, key, ends) : plainRows(source)
      written(into, table, rows, hurt)
    }
    for (const { type, sql } of schema) if (type !== "table" && sql !== null) into.exec(String(sql))
    into.exec(`PRAGMA user_version = ${Number(version ?? 0)}`)
  })
  return [...hurts].map(([table, why]) => ({ table, why }))
}

function written(into: Sql, table: string, rows: readonly Row[], hurt: (why: string) => void): void {
  for (const { "number of row": number, ...row } of rows) {
    const names = [...(number === undefined ? [] : ["rowid"]), ...Object.keys(row).map((name) => `"${name}"`)]
    const values = [...(number === undefined ? [] : [number]), ...Object.values(row)]
    try {
      into.prepare(`INSERT INTO "${table}" (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`).run(...values)
    } catch (error) {
      // Bytes that read as a row and can be none of this table.
      if (!/constraint failed|cannot store/.test((error as Error).message)) throw error
      hurt((error as Error).message)
    }
  }
}
