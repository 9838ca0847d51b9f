import { createHash } from "node:crypto"
import type { DraftRecord, LogRow } from "./store.ts"

/** Before the first entry of a chain. */
export const beginning = new Uint8Array(32)

/** The chain at a log row: SHA-256 of the chain before it and of all that the row says. */
export const chainOf = (previous: Uint8Array, draft: string, row: LogRow): Uint8Array =>
  createHash("sha256")
    .update(previous)
    .update(JSON.stringify([draft, row.seq, row.client, row.person, row.source, row.kind, row.at]))
    .update(row.update)
    .digest()

/** What of a draft's record never changes: its chain of decisions begins with it. */
export const sealOf = ({ id, createdAt, force, imported }: DraftRecord): Uint8Array =>
  createHash("sha256")
    .update(JSON.stringify([id, createdAt, force, imported]))
    .digest()

/**
 * The chain at an entry of the record of decisions: it covers the entry to the letter, and by the log's chain at `seq` all that the log held when it
 * was written.
 */
export const entryChainOf = (
  previous: Uint8Array,
  { draft, n, seq, entry }: { draft: string; n: number; seq: number; entry: string },
  log: Uint8Array,
): Uint8Array =>
  createHash("sha256")
    .update(previous)
    .update(log)
    .update(JSON.stringify([draft, n, seq, entry]))
    .digest()

/** Raised when what a state means to the reader changes: snapshots of another version are replayed, never read. */
export const snapshotVersion = 2

/** A snapshot's own proof: of which draft, of which row with which chain, and the state to the byte. So it also proves how far the log once went. */
export const hashOfSnapshot = (draft: string, seq: number, chain: Uint8Array, state: Uint8Array): Uint8Array =>
  createHash("sha256")
    .update(JSON.stringify([draft, seq]))
    .update(chain)
    .update(state)
    .digest()

export const isSameHash = (a: unknown, b: Uint8Array): boolean => a instanceof Uint8Array && Buffer.compare(a, b) === 0

export const hex = (hash: Uint8Array): string => Buffer.from(hash).toString("hex")
