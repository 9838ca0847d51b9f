import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { cleanText } from "../../server/comparison/on-baseline.ts"
import { readWord } from "../../server/files/word/read.ts"
import { PandocText } from "./pandoc-text.ts"
import { isThere, judge } from "./tools.ts"

const shared = new URL("../../../shared/", import.meta.url)
const filesIn = (folder: string): string[] =>
  existsSync(new URL(folder, shared))
    ? readdirSync(new URL(folder, shared))
        .filter((name) => name.endsWith(".docx"))
        .map((name) => `${folder}${name}`)
    : []
const files = [...filesIn("docx/corpus/"), ...filesIn("cases/word/")]
if (files.length === 0) console.log("skipped: the Word files in ../shared are not beside this clone")

/** Files whose text and pandoc's differ for a reason that was looked at. */
const otherwise: Readonly<Record<string, string>> = {
  "pt__HC031-Complicated-Document.docx": "formulas in the words of TeX",
  "tika__testWORD_2006ml.docx": "formulas in the words of TeX",
  "dd__DD001-DenseBookmarkXrefFootnote.docx": "a cross-reference to a footnote is the footnote to pandoc",
  "poi__stress023.docx": "words that were struck before a number follow it here; what is split off has our label",
  "87-strict-utc-ruby-rtl.docx": "pandoc cannot read it",
}

/** Numbers of lists that pandoc prints otherwise than Word shows them, or not at all, by how often. Each was looked at: ours go on where the list does. */
const otherNumbers: Readonly<Record<string, number>> = {
  "fa__005-InsertedNumberedParagraph.docx": 2,
  "oxsdk__BackgroundReport_-_THE_WORKING_GROUP_ON_INTERNET_GOVERNANCE.docx": 6,
}

/** Signs that say the same, as one; blanks and calls of footnotes are none. */
const plain = (text: string): string =>
  text
    .normalize("NFC")
    .replace(/[\s\u00ad\ufffc\u200b-\u200f\ufeff\u2029]/g, "")
    .replace(/[“”„]/g, '"')
    .replace(/[‘’]/g, "'")
    .replace(/[\u2010-\u2014]/g, "-")

/** One of our blocks as it begins in the whole text. */
interface Start {
  readonly label: number
  readonly isAdded: boolean
}

/** Our text in one piece, and where its blocks begin. */
function ourText(name: string, bytes: Uint8Array, view: "proposed" | "working") {
  const file = readWord(bytes, name)
  const known = new Set(file.blocks.map((block) => block.id))
  for (const change of file.changes) for (const block of change.newBlocks ?? []) known.delete(block)
  const { cover, blocks, notes } = cleanText(file, view)
  const starts = new Map<number, Start>()
  let text = ""
  const all = [...cover.map((line) => ({ id: null, label: "", text: line.text })), ...blocks]
  for (const { id, label = "", text: own } of all) {
    if (plain(label + own) === "") continue
    starts.set(text.length, { label: plain(label).length, isAdded: id !== null && !known.has(id) })
    text += plain(label) + plain(own)
  }
  return { text, starts, notes: notes.map((note) => plain(note.text)) }
}

/**
 * Our text and pandoc's are the same, sign by sign and in order, with their labels where they are typed. A number that Word counts is not text to pandoc:
 * it is passed over, and compared with what pandoc makes of it. Of a clause that is added without a label ours is passed over. Gives the numbers that
 * differ.
 */
function readsTheSame(name: string, path: string, how: "accept" | "reject"): string[] {
  const theirs = new PandocText(judge("pandoc", [`--track-changes=${how}`, "-f", "docx", "-t", "json", path]))
  const { text, starts, notes } = ourText(name, new Uint8Array(readFileSync(path)), how === "accept" ? "proposed" : "working")
  const different: string[] = []
  let at = 0
  for (const line of theirs.lines) {
    const words = plain(line.text)
    if (words === "") continue
    const start = starts.get(at)
    if (start && line.marker !== null) {
      const label = text.slice(at, at + start.label)
      if (label.replace(/[().]/g, "") !== line.marker.replace(/[().]/g, "") && line.marker !== "•")
        different.push(`${label}, not ${line.marker}`)
      at += start.label
    } else if (start && line.isHeading && !text.startsWith(words, at)) {
      const number = text.indexOf(words, at) - at
      if (number > 0 && number < 12) {
        different.push(`${text.slice(at, at + number)}, no number`)
        at += number
      }
    } else if (start?.isAdded && !text.startsWith(words, at)) at += start.label
    expect(text.slice(at, at + words.length), `${how}, behind “${text.slice(Math.max(0, at - 60), at)}”`).toBe(words)
    at += words.length
  }
  expect(text.slice(at), `${how}: behind the end`).toBe("")
  expect(notes, `${how}: footnotes`).toEqual(theirs.notes.map(plain))
  return different
}

describe.skipIf(!isThere("pandoc"))("we read a Word file as pandoc does, in order, with its labels", () => {
  for (const file of files) {
    const name = file.split("/").at(-1)!
    const path = fileURLToPath(new URL(file, shared))
    if (!(name in otherwise))
      it(`[WORD23] ${name}`, () => {
        for (const how of ["accept", "reject"] as const) {
          const different = readsTheSame(name, path, how)
          expect(different.length, different.join("; ")).toBe(otherNumbers[name] ?? 0)
        }
      })
  }
})
