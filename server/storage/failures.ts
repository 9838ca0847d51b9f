import { DomainError } from "../problems.ts"

/** Result codes of SQLite, https://sqlite.org/rescode.html. */
const busy = new Set([5, 6])
const readOnly = 8
const failing = 10
const corrupt = 11
const full = 13
const cannotOpen = 14
const notDatabase = 26

const kept = "What was saved before is kept."

/** Why a place on a disk could not be used, as a sentence; null where the error tells of something else. */
function sentenceOf(error: unknown, place: string): string | null {
  const { errcode, code, message } = error as { errcode?: number; code?: string; message?: string }
  const result = errcode === undefined ? null : errcode & 0xff
  if (result === full || code === "ENOSPC" || code === "EDQUOT")
    return `The disk that holds ${place} is full. ${kept} Free some space, or move the folder to a larger disk.`
  if (result === readOnly || code === "EROFS" || code === "EACCES" || code === "EPERM")
    return `${place} cannot be written: its disk or folder is read-only for this user. ${kept}`
  if (code === "ENOTDIR" || code === "EEXIST" || code === "EISDIR")
    return `${place} cannot be used: a file stands where a folder is needed, or the other way round.`
  if (result === cannotOpen || code === "ENOENT")
    return `${place} cannot be opened: there is no such folder, or it may not be read or written.`
  if (result === notDatabase) return `${place} is not a database, or its beginning was overwritten. Put a backup in its place.`
  if (result === corrupt) return `${place} is damaged (SQLite: ${message}). Put a backup in its place.`
  if (result === failing || code === "EIO") return `The disk that holds ${place} fails (${message}). ${kept}`
  if (result !== null && busy.has(result)) return `${place} is in use by another program. Try again in a moment.`
  return null
}

/** Whether another process holds the database. */
export const isBusy = (error: unknown): boolean => busy.has(((error as { errcode?: number }).errcode ?? 0) & 0xff)

/** Whether what is stored cannot be read, where other failures pass. */
export function isDamage(error: unknown): boolean {
  const { errcode } = error as { errcode?: number }
  return errcode !== undefined && [failing, corrupt, notDatabase].includes(errcode & 0xff)
}

/** What a disk or SQLite answered, as a sentence for the operator; other errors as they are. */
export function storeFailure(error: unknown, place: string): unknown {
  if (error instanceof DomainError) return error
  const sentence = sentenceOf(error, place)
  return sentence === null ? error : new DomainError("store-failed", sentence, {}, { cause: error })
}
