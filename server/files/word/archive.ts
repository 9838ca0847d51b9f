import { Inflate } from "fflate"
import { DomainError } from "../../problems.ts"

/** Caps on an archive. Sizes in bytes; those of contents are counted while they are unpacked, for what an archive says of itself may be a lie. */
export const archiveCaps = {
  entries: 5_000,
  entryBytes: 60 * 1024 * 1024,
  allBytes: 200 * 1024 * 1024,
  wholeBytes: 60 * 1024 * 1024,
} as const

/** The parts of a Word file that are read, unpacked; names of the rest. */
export interface Archive {
  readonly parts: ReadonlyMap<string, Uint8Array>
  /** Parts that are never opened: pictures, macros, embedded files. */
  readonly left: readonly string[]
}

interface Entry {
  readonly name: string
  readonly isEncrypted: boolean
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly offset: number
}

const stored = 0
const deflated = 8
/** What others keep in a file beside its text: also our own marks, under whatever name a program saved them. */
const isBeside = /^customXml\/item(?!Props)[^/]{1,60}\.xml$/i
/** Of a Word file only its XML is text, and not that of themes, forms and what others embedded. */
const isRead = (name: string): boolean =>
  isBeside.test(name) ||
  (/\.(?:xml|rels)$/i.test(name) && !/(?:^|\/)(?:theme|glossary|customXml|embeddings|media|fonts|diagrams|charts|ink)\//i.test(name))

const damaged = (name: string, why: string): DomainError =>
  new DomainError("bad-input", `${name} is damaged: ${why}. Open it in Word, save it again and try once more.`)

/** The directory at the end of a zip archive. It is read, not the headers along the way, so that nothing hides between entries. */
function entriesOf(bytes: Uint8Array, name: string): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = bytes.length - 22
  const first = Math.max(0, bytes.length - 22 - 0xffff)
  while (end >= first && view.getUint32(end, true) !== 0x06054b50) end--
  if (end < first || bytes.length < 22) throw damaged(name, "the directory of the archive is missing, perhaps it is cut short")
  const count = view.getUint16(end + 10, true)
  let at = view.getUint32(end + 16, true)
  if (count === 0xffff || at === 0xffffffff)
    throw new DomainError("unsupported", `${name} is an archive of a kind that Word does not write (zip64).`)
  if (count > archiveCaps.entries)
    throw new DomainError("too-large", `${name} holds ${count} parts; at most ${archiveCaps.entries} are taken.`)
  const entries: Entry[] = []
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) throw damaged(name, "its directory does not hold what it says")
    const nameLength = view.getUint16(at + 28, true)
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)),
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    })
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return entries
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

/** CRC-32 of some bytes, as zip archives have it. */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** Unpacks in pieces, so that a bomb is stopped when it has grown too large, whatever size it claims. */
function unpack(packed: Uint8Array, room: number, tooLarge: () => DomainError): Uint8Array {
  const pieces: Uint8Array[] = []
  let size = 0
  const inflate = new Inflate((piece) => {
    size += piece.length
    if (size > room) throw tooLarge()
    pieces.push(piece)
  })
  const step = 65_536
  for (let at = 0; at < packed.length; at += step) inflate.push(packed.subarray(at, at + step), at + step >= packed.length)
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** Opens a zip archive and unpacks the parts of it that a Word file needs. Throws a DomainError that says what is wrong. */
export const openArchive = (bytes: Uint8Array, name: string): Archive => unpacked(bytes, name, isRead, archiveCaps.allBytes)

/** Every part of a zip archive, pictures too, by its name: of one that is packed again for each paper, and so is smaller. */
export const openWhole = (bytes: Uint8Array, name: string): Record<string, Uint8Array> =>
  Object.fromEntries(unpacked(bytes, name, () => true, archiveCaps.wholeBytes).parts)

function unpacked(bytes: Uint8Array, name: string, isTaken: (part: string) => boolean, allBytes: number): Archive {
  const parts = new Map<string, Uint8Array>()
  const left: string[] = []
  const seen = new Set<string>()
  let room = allBytes
  for (const entry of entriesOf(bytes, name)) {
    const part = entry.name.replace(/^\/+/, "")
    if (part.endsWith("/")) continue
    if (seen.has(part.toLowerCase()))
      throw new DomainError("bad-input", `${name} holds the part “${part}” twice. Which is meant is not known.`)
    seen.add(part.toLowerCase())
    if (!isTaken(part)) {
      left.push(part)
      continue
    }
    if (entry.isEncrypted) throw new DomainError("unsupported", `${name} is encrypted. Save it without a password first.`)
    const tooLarge = (): DomainError =>
      new DomainError(
        "too-large",
        room < archiveCaps.entryBytes
          ? `${name} unpacks to more than ${inMegabytes(allBytes)} MB in all. Such a file is not taken.`
          : `${name}: its part “${part}” unpacks to more than ${inMegabytes(archiveCaps.entryBytes)} MB. Such a file is not taken.`,
      )
    const content = contentOf(bytes, entry, Math.min(room, archiveCaps.entryBytes), tooLarge, name, part)
    room -= content.length
    parts.set(part, content)
  }
  return { parts, left }
}

const inMegabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024)

function contentOf(bytes: Uint8Array, entry: Entry, room: number, tooLarge: () => DomainError, name: string, part: string): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { offset, packed, method } = entry
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== 0x04034b50)
    throw damaged(name, `its part “${part}” is not where it should be`)
  const from = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
  if (from + packed > bytes.length) throw damaged(name, `its part “${part}” is cut short`)
  const data = bytes.subarray(from, from + packed)
  let content: Uint8Array
  if (method === stored) {
    if (data.length > room) throw tooLarge()
    content = data
  } else if (method === deflated)
    try {
      content = unpack(data, room, tooLarge)
    } catch (error) {
      if (error instanceof DomainError) throw error
      throw damaged(name, `its part “${part}” cannot be unpacked`)
    }
  else throw new DomainError("unsupported", `${name} is packed in a way that Word does not use. Open it in Word and save it again.`)
  if (crcOf(content) !== entry.crc) throw damaged(name, `its part “${part}” does not match its checksum`)
  return content
}
