import { describe, expect, it } from "vitest"
import { fileBounds } from "../server/files/bounds.ts"
import { readTexts } from "../server/files/read-file.ts"
import { DomainError } from "../server/problems.ts"
import { ins, p, wordFile, words } from "./word-file.ts"

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const clause = (text: string, id = "a"): object => ({ id, type: "clause", text })
const json = (draft: object): Uint8Array => bytesOf(JSON.stringify({ blocks: [clause("to act;")], ...draft }))
const insertion = (n: number, from: number, to: number): object => ({
  ...{ id: `k${n}`, kind: "insertion", block: "a", text: "x".repeat(to - from) },
  segments: [{ block: "a", kind: "insertion", from, to }],
})
const many = <Part>(count: number, make: (i: number) => Part): Part[] => Array.from({ length: count }, (_, i) => make(i))
const comment = (n: number, more: object = {}): object => ({
  id: `c${n}`,
  by: "Ann",
  block: "a",
  quote: "",
  text: "why?",
  replies: [],
  resolved: false,
  ...more,
})
const reply = { by: "Bo", date: null, text: "so" }

const cases: readonly (readonly [name: string, bytes: () => Uint8Array, sentence: RegExp])[] = [
  [
    "paragraphs without end, as text",
    () => bytesOf("a\n".repeat(fileBounds.blocks + 10)),
    /has 10,0\d\d paragraphs and footnotes; at most 10,000/,
  ],
  [
    "paragraphs without end, in Word",
    () => wordFile({ body: p(words("a")).repeat(fileBounds.blocks + 10) }),
    /paragraphs and footnotes; at most/,
  ],
  [
    "paragraphs without end, as our own",
    () => json({ blocks: many(fileBounds.blocks + 1, (i) => clause("a", `b${i}`)) }),
    /paragraphs and/,
  ],
  [
    "footnotes without end",
    () => bytesOf(many(fileBounds.notes + 1, (i) => `a[footnoteRef:${i}]${i}[${i}: w]`).join("\n")),
    /footnotes; at most 2,000/,
  ],
  [
    "one paragraph of a hundred thousand letters and more",
    () => json({ blocks: [clause("x".repeat(fileBounds.lettersOfBlock + 1))] }),
    /letters in one paragraph/,
  ],
  [
    "millions of letters",
    () => json({ blocks: many(40, (i) => clause("x".repeat(90_000), `b${i}`)) }),
    /3,600,000 letters; at most 3,000,000/,
  ],
  ["changes without end", () => json({ changes: many(fileBounds.changes + 1, (i) => insertion(i, 0, 1)) }), /20,001 tracked changes/],
  ["comments without end", () => json({ comments: many(fileBounds.comments + 1, (i) => comment(i)) }), /5,001 comments/],
  [
    "a comment with replies without end",
    () => json({ comments: [comment(0, { replies: many(600, () => reply) })] }),
    /600 replies to one comment; at most 499/,
  ],
  ["a comment as long as a book", () => json({ comments: [comment(0, { text: "x".repeat(30_000) })] }), /30,000 letters in one comment/],
  ["a label as long as a line", () => json({ blocks: [{ ...clause("to act;"), label: "1".repeat(65) }] }), /label/],
  [
    "insertions in insertions three thousand deep",
    () => json({ blocks: [clause("x".repeat(7_000))], changes: many(3_000, (i) => insertion(i, i, 7_000 - i)) }),
    /deeper than 9\. Accept or reject/,
  ],
  [
    "the same words inserted by many",
    () => json({ blocks: [clause("x".repeat(20))], changes: many(10, (i) => insertion(i, 0, 20)) }),
    /deeper than 9/,
  ],
]

describe("how large a draft from a file may be", () => {
  for (const [name, bytes, sentence] of cases)
    it(`[IMP12] ${name}: a sentence that says what is too much and what to do`, () => {
      let said: unknown
      try {
        readTexts(bytes(), "draft")
      } catch (error) {
        said = error
      }
      expect(said).toBeInstanceOf(DomainError)
      expect((said as Error).message).toMatch(sentence)
      expect((said as Error).message).toMatch(/^draft .*\.$/s)
    })

  it("[IMP12] what is large and honest is taken: nine in one another, a thousand beside one another", () => {
    const deep = json({ blocks: [clause("x".repeat(100))], changes: many(9, (i) => insertion(i, i, 100 - i)) })
    const wide = json({ blocks: [clause("x".repeat(3_000))], changes: many(1_000, (i) => insertion(i, 3 * i, 3 * i + 2)) })
    for (const bytes of [deep, wide]) expect(readTexts(bytes)[0]!.draft.changes.length).toBeGreaterThan(8)
    const body = p(words("resolves")) + many(2_000, (i) => p(words(`${i + 1}\tto act`) + ins("Ann", " now"))).join("")
    expect(readTexts(wordFile({ body }))[0]!.draft.changes).toHaveLength(2_000)
  })
})
