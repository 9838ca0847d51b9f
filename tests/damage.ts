import { createHash } from "node:crypto"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { openDatabase } from "../server/storage/sqlite-driver.ts"

export const databaseIn = (folder: string): string => join(folder, "clausula.db")

/** Does to a meeting's database what a disk, or a hand with a tool, may do to it. All of it is in one file afterwards. */
export function tamper(folder: string, ...statements: readonly string[]): void {
  const db = openDatabase(databaseIn(folder))
  for (const sql of statements) db.exec(sql)
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  db.close()
}

/** One value out of a meeting's database. */
export function valueIn(folder: string, sql: string): unknown {
  const db = openDatabase(databaseIn(folder))
  const row = db.prepare(sql).get()
  db.close()
  return row && Object.values(row)[0]
}

/** Removes what SQLite keeps beside its file, as one does who copies that file alone. */
export const dropWal = (folder: string): void => {
  for (const end of ["-wal", "-shm"]) rmSync(`${databaseIn(folder)}${end}`, { force: true })
}

/** Lies about heads and leaves them well made. */
export function rewriteHeads(folder: string, change: (heads: Record<string, unknown>[]) => void): void {
  const path = join(folder, "heads")
  const { heads } = JSON.parse(readFileSync(path, "utf8")) as { heads: Record<string, unknown>[] }
  change(heads)
  writeFileSync(path, JSON.stringify({ heads, check: createHash("sha256").update(JSON.stringify(heads)).digest("hex") }))
}

/** What `heads` knows of a draft. */
export function headIn(folder: string, draft: string): Record<string, unknown> | undefined {
  const path = join(folder, "heads")
  if (!existsSync(path)) return undefined
  const { heads } = JSON.parse(readFileSync(path, "utf8")) as { heads: Record<string, unknown>[] }
  return heads.find((head) => head.draft === draft)
}
