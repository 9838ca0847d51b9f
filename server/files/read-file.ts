import { DomainError } from "../problems.ts"
import { readAkn } from "./akn/read.ts"
import { withoutNamesFound } from "./authors.ts"
import { demandFileDraft, demandOwn } from "./border.ts"
import type { FileDraft } from "./file-draft.ts"
import { foreignBytes, foreignText, isJson, isXml, strangeBytes, tooLargeFile } from "./foreign.ts"
import { withoutInvisible } from "./invisible.ts"
import { withOwnLabels } from "./labelled.ts"
import { type LibraryText, libraryTextOf } from "./library-text.ts"
import { withSignsInPlace } from "./own-signs.ts"
import { longestText, readText } from "./text.ts"
import { readWord } from "./word/read.ts"

/** Largest file that is taken, in bytes. */
export const largestFile = 20 * 1024 * 1024

/**
 * Reads a file by its content, not by its name: Word, Akoma Ntoso, the product's own JSON, or plain text in UTF-8 or UTF-16. `text`: of a collection, which text
 * is meant, by its designation or its place counted from 1. Throws a DomainError that says what is wrong.
 */
export function readFile(bytes: Uint8Array, name = "The file", text: string | null = null): FileDraft {
  return chosenText(readTexts(bytes, name), name, text)
}

/** All texts that a file holds: one, or those of a collection. */
export function readTexts(bytes: Uint8Array, name = "The file"): LibraryText[] {
  const texts = readAny(bytes, name).map((text) => ({ ...text, draft: withSignsInPlace(withoutInvisible(text.draft)) }))
  for (const { draft } of texts) demandFileDraft(draft, name)
  return texts
}

interface ReadableFile {
  readonly bytes: Uint8Array
  readonly text: string
  readonly name: string
}

/** Each form of file that is read. What comes of it, whichever it was, goes through one border: `demandFileDraft`. */
export const readers = {
  word: ({ bytes, name }: ReadableFile): LibraryText[] => [libraryTextOf(readWord(bytes, name))],
  akn: ({ text, name }: ReadableFile): LibraryText[] =>
    readAkn(text, name).map((found) => ({ ...found, draft: withoutNamesFound(found.draft) })),
  own: ({ text, name }: ReadableFile): LibraryText[] => [libraryTextOf(withoutNamesFound(readJson(text, name)))],
  text: ({ text }: ReadableFile): LibraryText[] => [libraryTextOf(readText(text))],
} as const

function readAny(bytes: Uint8Array, name: string): LibraryText[] {
  if (bytes.length === 0) throw new DomainError("bad-input", `${name} is empty.`)
  if (bytes.length > largestFile) throw new DomainError("too-large", tooLargeFile(name, bytes.length, largestFile))
  const start = String.fromCharCode(...bytes.subarray(0, 4))
  if (start === "PK\u0003\u0004" || start === "PK\u0005\u0006") return readers.word({ bytes, text: "", name })
  if (start === "\u00d0\u00cf\u0011\u00e0") throw new DomainError("unsupported", oldOffice(bytes, name))
  const foreign = foreignBytes(bytes)
  if (foreign !== null) throw new DomainError("unsupported", `${name} is ${foreign}`)
  const text = decoded(bytes, name)
  const other = foreignText(text)
  if (other !== null) throw new DomainError("unsupported", `${name} is ${other}`)
  if (isXml(text)) return readers.akn({ bytes, text, name })
  if (isJson(text)) return readers.own({ bytes, text, name })
  if (text.length > longestText)
    throw new DomainError("too-large", `${name} has ${text.length} characters; at most ${longestText} are read.`)
  return readers.text({ bytes, text, name })
}

/** The text of bytes in UTF-8, or in UTF-16 with the mark that says so. */
function decoded(bytes: Uint8Array, name: string): string {
  const mark = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : null
  if (mark === null && bytes.subarray(0, 65_536).includes(0)) throw new DomainError("unsupported", `${name} is ${strangeBytes(bytes)}`)
  let text: string
  try {
    text = new TextDecoder(mark ?? "utf-8", { fatal: true }).decode(bytes)
  } catch (error) {
    const form = mark === null ? "UTF-8" : "UTF-16, which it says it is"
    throw new DomainError("unsupported", `${name} is not text in ${form}. Save it as UTF-8 and try again.`, {}, { cause: error })
  }
  if (mark !== null && text.includes("\0")) throw new DomainError("unsupported", `${name} is ${strangeBytes(bytes)}`)
  return text
}

const foldName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()

/** The one text of a file, or that of a collection which is asked for. */
export function chosenText(texts: readonly LibraryText[], name: string, asked: string | null): FileDraft {
  if (texts.length === 1 && asked === null) return texts[0]!.draft
  const wanted = asked === null ? null : foldName(asked)
  const found = texts.filter(({ designation }, i) => foldName(designation) === wanted || String(i + 1) === wanted)
  const near = found.length > 0 || !wanted ? found : texts.filter(({ designation }) => `${foldName(designation)} `.startsWith(`${wanted} `))
  if (near.length === 1) return near[0]!.draft
  if (asked !== null)
    throw new DomainError("bad-input", `${name} holds ${near.length === 0 ? "no text" : "several texts"} named “${asked}”.`)
  throw new DomainError(
    "bad-input",
    `${name} holds ${texts.length} texts. Say which one is meant, by its designation, such as “${texts[0]!.designation}”.`,
    {
      texts: texts.map(({ designation, title }) => ({ designation, title })),
    },
  )
}

/** Old Office files and encrypted new ones come in the same container; only the latter name their encryption, in UTF-16. */
function oldOffice(bytes: Uint8Array, name: string): string {
  const isEncrypted = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(Buffer.from("EncryptedPackage", "utf16le"))
  return isEncrypted
    ? `${name} is an Office file with a password. Save it without one in Word and try again.`
    : `${name} is a Word file of the old kind (.doc). Open it in Word and save it as .docx.`
}

function readJson(text: string, name: string): FileDraft {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new DomainError(
      "bad-input",
      `${name} begins like Clausula's own file (JSON) but is not: ${(error as Error).message}. Perhaps it is cut short: export it again.`,
      {},
      { cause: error },
    )
  }
  return withOwnLabels(demandOwn(value, name, "JSON"))
}
