// Whatever its form, a draft from a file passes one border, and no other way leads in.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { demandFileDraft } from "../server/files/border.ts"
import { fileBounds } from "../server/files/bounds.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { type readers, readTexts } from "../server/files/read-file.ts"
import { DomainError } from "../server/problems.ts"
import { p, wordFile, words } from "./word-file.ts"

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const many = (line: (i: number) => string): string => Array.from({ length: fileBounds.blocks + 1 }, (_, i) => line(i)).join("")

/** In each form a file of more paragraphs than are taken, which no reader looks at by itself. */
const tooLong: Readonly<Record<keyof typeof readers, () => Uint8Array>> = {
  word: () => wordFile({ body: many(() => p(words("a"))) }),
  akn: () =>
    utf8(
      `<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><doc><mainBody>${many(() => "<p>a</p>")}</mainBody></doc></akomaNtoso>`,
    ),
  own: () =>
    utf8(JSON.stringify({ blocks: JSON.parse(`[${many((i) => `${i > 0 ? "," : ""}{"id":"b${i}","type":"clause","text":"a"}`)}]`) })),
  text: () => utf8(many(() => "a\n")),
}

/** What the border says of something; null: it lets it in. */
function saidOf(work: () => unknown): string | null {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError)
    return (error as Error).message
  }
  return null
}

describe("the border of the house for files", () => {
  it.each(Object.entries(tooLong))("[IMP16] what is read of a %s file passes it", (_, bytes) => {
    expect(saidOf(() => readTexts(bytes(), "draft"))).toBe(
      "draft has 10,001 paragraphs and footnotes; at most 10,000 are taken. Divide it.",
    )
  })

  it("[IMP16] nothing but the one reader of files asks the readers of each form", () => {
    const server = join(import.meta.dirname, "../server")
    const sources = (readdirSync(server, { recursive: true }) as string[]).filter((path) => path.endsWith(".ts"))
    const asking = sources.filter((path) =>
      /import [^;]*?\bread(Word|Akn|Text)\b[^;]*? from "/.test(readFileSync(join(server, path), "utf8").replaceAll("\nimport", ";import")),
    )
    expect(asking).toEqual(["files/read-file.ts"])
  })

  const plain: FileDraft = {
    ...{ profile: "itu", cover: [], debris: [], warnings: [], notes: [], comments: [] },
    blocks: [{ id: "a", type: "clause", level: 1, label: "1", text: "to act now;" }],
    changes: [
      {
        ...{ id: "c", kind: "insertion", source: null, enteredBy: "Ann", date: null, block: "a", text: " now" },
        segments: [{ block: "a", kind: "insertion", from: 6, to: 10 }],
      },
    ],
  }
  const [block, change] = [plain.blocks[0]!, plain.changes[0]!]
  const flaws: Readonly<Record<string, readonly [FileDraft, RegExp]>> = {
    "a shape that no draft has": [{ ...plain, blocks: [{ ...block, level: 5 }] }, /at blocks\.0\.level/],
    "an author whose name turns what stands behind it": [
      { ...plain, changes: [{ ...change, enteredBy: "Ann\u202e" }] },
      /at changes\.0\.enteredBy, it holds a sign that no text takes/,
    ],
    "a source that is none": [{ ...plain, changes: [{ ...change, source: "not a code" }] }, /at changes\.0\.source, a source is/],
    "a label with a control character": [{ ...plain, blocks: [{ ...block, label: "1\u0007" }] }, /at blocks\.0\.label/],
    "words with a sign that no text takes": [{ ...plain, blocks: [{ ...block, text: "to act now\u202e" }] }, /holds U\+202E/],
    "half of a letter": [{ ...plain, changes: [{ ...change, text: " now\ud83d" }] }, /holds half of a letter/],
    "a change at a place that is none": [
      { ...plain, changes: [{ ...change, segments: [{ block: "a", kind: "insertion", from: 6, to: 60 }] }] },
      /which has 11 characters/,
    ],
    "more letters than a paragraph takes": [
      { ...plain, blocks: [{ ...block, text: "x".repeat(fileBounds.lettersOfBlock + 1) }] },
      /letters in one paragraph/,
    ],
  }
  it.each(Object.entries(flaws))("[IMP16] %s is refused there, whatever form it came in", (_, [draft, sentence]) => {
    expect(saidOf(() => demandFileDraft(plain, "draft"))).toBe(null)
    expect(saidOf(() => demandFileDraft(draft, "draft"))).toMatch(sentence)
  })
})
