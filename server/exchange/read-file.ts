import { z } from "zod"
import { anchorCharacter, blockTypes } from "../../shared/schema/block.ts"
import { sourcePattern } from "../../shared/schema/keys.ts"
import { longestBlockId } from "../../shared/schema/structure.ts"
import { DomainError } from "../problems.ts"
import { type LibraryText, readAkn } from "./akn/read.ts"
import { tooMuchIn } from "./bounds.ts"
import { strangeSign } from "./characters.ts"
import type { ImportedDraft } from "./imported.ts"
import { withOwnLabels } from "./labelled.ts"
import { longestText, readText } from "./text.ts"
import { readWord } from "./word/read.ts"

/** Largest file that is taken, in bytes. */
export const largestFile = 20 * 1024 * 1024

const segment = z.object({
  block: z.string(),
  kind: z.enum(["insertion", "deletion"]),
  from: z.number().int().min(0),
  to: z.number().int().min(0),
})
const blockName = z.string().max(longestBlockId)
const structure = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("delete"), block: blockName }),
  z.object({ kind: z.literal("join"), block: blockName, into: blockName }),
  z.object({ kind: z.literal("move"), block: blockName, after: blockName.nullable() }),
  z.object({ kind: z.literal("level"), block: blockName, level: z.number().int().min(1).max(4) }),
])
const source = z.string().regex(sourcePattern, "a source is 1 to 16 capitals, digits or hyphens").nullable()
const when = z.string().nullable().default(null)

const draftShape = z.object({
  profile: z.enum(["itu", "un"]).default("itu"),
  cover: z.array(z.object({ field: z.string().nullable(), text: z.string() })).default([]),
  blocks: z
    .array(
      z.object({
        id: z.string().regex(/^[\w.-]{1,64}$/, "an id is 1 to 64 letters, digits, points, hyphens or underscores"),
        type: z.enum(blockTypes as [string, ...string[]]),
        part: z.enum(["preamble", "operative"]).optional(),
        level: z.number().int().min(1).max(4).optional(),
        label: z.string().max(64).optional(),
        importedLabel: z.string().max(64).optional(),
        renumbered: z
          .object({ was: z.string().max(64), source: source.default(null), enteredBy: z.string().nullable().default(null), date: when })
          .optional(),
        dir: z.enum(["rtl", "ltr"]).optional(),
        origin: z.string().nullable().optional(),
        text: z.string(),
      }),
    )
    .min(1, "a draft has at least one block"),
  changes: z
    .array(
      z.object({
        id: z.string(),
        kind: z.enum(["insertion", "deletion", "replacement", "move", "structure"]),
        source: source.default(null),
        enteredBy: z.string().nullable().default(null),
        date: when,
        block: z.string(),
        text: z.string(),
        replacedBy: z.string().optional(),
        newBlocks: z.array(z.string()).optional(),
        segments: z.array(segment).optional(),
        structure: z.array(structure).optional(),
        inside: z.array(z.string()).optional(),
      }),
    )
    .default([]),
  comments: z
    .array(
      z.object({
        id: z.string(),
        by: z.string().nullable().default(null),
        source: source.optional(),
        date: when,
        block: z.string().nullable().default(null),
        quote: z.string().default(""),
        text: z.string(),
        replies: z
          .array(z.object({ by: z.string().nullable().default(null), source: source.optional(), date: when, text: z.string() }))
          .default([]),
        resolved: z.boolean().default(false),
        at: z.object({ from: z.number().int().min(0), to: z.number().int().min(0) }).optional(),
        further: z.array(z.object({ block: z.string(), from: z.number().int().min(0), to: z.number().int().min(0) })).optional(),
      }),
    )
    .default([]),
  notes: z
    .array(
      z.object({
        id: z.string(),
        label: z.string(),
        text: z.string(),
        block: z.string().nullable().default(null),
        at: z.number().int().nullable().default(null),
      }),
    )
    .default([]),
  debris: z.array(z.string()).default([]),
  warnings: z.array(z.object({ code: z.string(), block: z.string().optional(), message: z.string() })).default([]),
})

const signatures: readonly (readonly [string, string])[] = [["%PDF", "This is a PDF. Save the text as plain text first."]]

/**
 * Reads a file by its content, not by its name: Word, Akoma Ntoso, the product's own JSON, or plain text in UTF-8. `text`: of a collection, which text
 * is meant, by its designation or its place counted from 1. Throws a DomainError that says what is wrong.
 */
export function readFile(bytes: Uint8Array, name = "The file", text: string | null = null): ImportedDraft {
  return chosenText(readTexts(bytes, name), name, text)
}

/** All texts that a file holds: one, or those of a collection. */
export function readTexts(bytes: Uint8Array, name = "The file"): LibraryText[] {
  const read = readAny(bytes, name)
  const drafts = Array.isArray(read) ? read.map((text) => text.draft) : [read]
  for (const draft of drafts) {
    const excess = tooMuchIn(draft)
    if (excess !== null) throw new DomainError("too-large", `${name} ${excess}.`)
    const flaw = flawIn(draft)
    if (flaw !== null) throw new DomainError("bad-input", `${name} does not fit together: ${flaw}.`)
  }
  if (Array.isArray(read)) return read
  const draft = read
  const wordsIn = (type: string): string => draft.blocks.flatMap((block) => (block.type === type ? [block.text] : [])).join(" ")
  return [{ designation: wordsIn("designation"), title: wordsIn("title"), draft }]
}

function readAny(bytes: Uint8Array, name: string): ImportedDraft | LibraryText[] {
  if (bytes.length === 0) throw new DomainError("bad-input", `${name} is empty.`)
  if (bytes.length > largestFile) throw new DomainError("too-large", `${name} has ${bytes.length} bytes; at most ${largestFile} are taken.`)
  const start = String.fromCharCode(...bytes.subarray(0, 4))
  if (start === "PK\u0003\u0004" || start === "PK\u0005\u0006") return readWord(bytes, name)
  if (start === "\u00d0\u00cf\u0011\u00e0") throw new DomainError("unsupported", oldOffice(bytes, name))
  for (const [signature, sentence] of signatures)
    if (start.startsWith(signature)) throw new DomainError("unsupported", `${name}: ${sentence}`)
  if (bytes.subarray(0, 65_536).includes(0)) throw new DomainError("unsupported", `${name} is not text: it holds binary data.`)
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch (error) {
    throw new DomainError("unsupported", `${name} is not text in UTF-8. Save it as UTF-8 and try again.`, {}, { cause: error })
  }
  if (/^\ufeff?\s*<(?:\?xml|[\w:]*akomaNtoso)/.test(text.slice(0, 1_000))) return readAkn(text, name)
  if (/^\s*\{/.test(text.slice(0, 1_000))) return readJson(text, name)
  if (text.length > longestText)
    throw new DomainError("too-large", `${name} has ${text.length} characters; at most ${longestText} are read.`)
  return readText(text)
}

const foldName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()

/** The one text of a file, or that of a collection which is asked for. */
export function chosenText(texts: readonly LibraryText[], name: string, asked: string | null): ImportedDraft {
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

function readJson(text: string, name: string): ImportedDraft {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new DomainError("bad-input", `${name} begins like JSON but is not: ${(error as Error).message}.`, {}, { cause: error })
  }
  const read = draftShape.safeParse(value)
  if (!read.success) {
    const [issue] = read.error.issues
    throw new DomainError("bad-input", `${name} is JSON, but not a draft: at ${issue?.path.join(".") || "the top"}, ${issue?.message}.`)
  }
  return withOwnLabels(read.data as unknown as ImportedDraft)
}

/** What does not fit together in a draft of the right shape: its parts name each other, and places in texts. Null: nothing. */
function flawIn({ blocks, notes, changes, comments }: ImportedDraft): string | null {
  const texts = new Map<string, string>()
  for (const { id, text } of [...blocks, ...notes]) {
    if (texts.has(id)) return `two blocks or notes have the id “${id}”`
    texts.set(id, text)
    const strange = strangeSign(text)
    if (strange !== null) return `block “${id}” holds ${strange}, which no text takes`
  }
  const place = (what: string, block: string, from: number, to: number): string | null => {
    const text = texts.get(block)
    if (text === undefined) return `${what} is in “${block}”, which is no block of it`
    return from < to && to <= text.length
      ? null
      : `${what} is from ${from} to ${to} of block “${block}”, which has ${text.length} characters`
  }
  const called = new Set<string>()
  for (const { id, block, at } of notes) {
    if (block === null || at === null) continue
    if (texts.get(block)?.[at] !== anchorCharacter || called.has(`${at} ${block}`))
      return `note “${id}” is called at ${at} of block “${block}”, where no call of it stands`
    called.add(`${at} ${block}`)
  }
  const ids = new Set<string>()
  const added = new Set<string>()
  for (const { id, segments = [], newBlocks = [] } of changes) {
    if (ids.has(id)) return `two changes have the id “${id}”`
    ids.add(id)
    for (const block of newBlocks) {
      if (!texts.has(block) || added.has(block)) return `change “${id}” adds “${block}”, which is no block of it or is added twice`
      added.add(block)
    }
    for (const { block, from, to } of segments) {
      const flaw = place(`change “${id}”`, block, from, to)
      if (flaw !== null) return flaw
    }
  }
  for (const { id, block, at, further = [] } of comments) {
    if (block === null) continue
    const places = [...(at || !texts.has(block) ? [{ block, from: 0, to: 0, ...at }] : []), ...further]
    for (const { block: own, from, to } of places) {
      const flaw = place(`comment “${id}”`, own, from, to)
      if (flaw !== null) return flaw
    }
  }
  return null
}
