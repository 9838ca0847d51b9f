import type { Database, SqlValue, Statement } from "./sqlite-driver.ts"

/** Numbers as they come: drivers refuse a whole row for one that is greater than any of ours, and bytes that were overwritten read as such. */
const asNumbers = (row: Record<string, SqlValue>): Record<string, SqlValue> => {
  for (const [name, value] of Object.entries(row)) if (typeof value === "bigint") row[name] = Number(value)
  return row
}

function tolerant(statement: Statement): Statement {
  statement.setReadBigInts?.(true)
  return {
    run: (...values) => statement.run(...values),
    get: (...values) => {
      const row = statement.get(...values)
      return row && asNumbers(row)
    },
    all: (...values) => statement.all(...values).map(asNumbers),
  }
}

/** A database with its statements kept, and transactions. */
export class Sql {
  readonly #db: Database
  readonly #statements = new Map<string, Statement>()

  /** Looks, inside a transaction, whether one may still write; throws where not. */
  demandOwn: () => void = () => undefined

  constructor(db: Database) {
    this.#db = db
  }

  prepare(sql: string): Statement {
    let statement = this.#statements.get(sql)
    if (!statement) this.#statements.set(sql, (statement = tolerant(this.#db.prepare(sql))))
    return statement
  }

  exec(sql: string): void {
    this.#db.exec(sql)
  }

  /** All or nothing. */
  transaction<Result>(work: () => Result): Result {
    this.#db.exec("BEGIN IMMEDIATE")
    try {
      this.demandOwn()
      const result = work()
      this.#db.exec("COMMIT")
      return result
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  /** Several looks at one state, whoever writes meanwhile. */
  reading<Result>(work: () => Result): Result {
    this.#db.exec("BEGIN")
    try {
      return work()
    } finally {
      this.#rollBack()
    }
  }

  // Where a disk is full SQLite has rolled back by itself, and says that there is nothing to roll back.
  #rollBack(): void {
    try {
      this.#db.exec("ROLLBACK")
    } catch {
      return
    }
  }

  /** Closes it, where it is nobody else's with all in one file, so that a copy of that file is a whole one. */
  close(isOwn: boolean): void {
    this.#statements.clear()
    try {
      if (isOwn) this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)")
    } catch {
      // A full disk, or one that only reads: the write-ahead log stays beside the file and is read at the next start.
    }
    this.#db.close()
  }

  /** Lets go of a database that could not be used; that it cannot be closed in order either is no news. */
  abandon(): void {
    try {
      this.#db.close()
    } catch {
      return
    }
  }
}
