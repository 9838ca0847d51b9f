import { strFromU8, unzipSync } from "fflate"
import { describe, expect, it } from "vitest"
import { cleanText } from "../server/comparison/on-baseline.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readWord } from "../server/files/word/read.ts"
import { writePaper } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"
import { by, del, ins, markDel, moved, movedP, moveRange, p, type WordSketch, wordFile, words } from "./word-file.ts"

const texts = (draft: FileDraft, view: "working" | "proposed"): string[] =>
  cleanText(draft, view)
    .blocks.map((block) => block.text)
    .filter(Boolean)

const changes = (draft: FileDraft): string[] =>
  draft.changes.map(
    ({ kind, enteredBy, text, replacedBy }) => `${enteredBy}: ${kind} “${text}”${replacedBy === undefined ? "" : ` by “${replacedBy}”`}`,
  )

/** The draft without what is told of the file it came from. */
const essence = ({ revisions: _, warnings: __, debris: ___, ...rest }: FileDraft): unknown => rest

interface Expected {
  readonly changes: readonly string[]
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** One case: a body, the changes in it, its text before and after; and what is written of it reads back the same. */
async function reads(sketch: WordSketch | string, expected: Expected): Promise<FileDraft> {
  const draft = readWord(wordFile(typeof sketch === "string" ? { body: sketch } : sketch))
  expect(changes(draft).sort()).toEqual([...expected.changes].sort())
  expect(texts(draft, "working"), "with every change rejected").toEqual(expected.before)
  expect(texts(draft, "proposed"), "with every change accepted").toEqual(expected.after)
  const options = { format: "docx", view: "open", marks: "delegation", hasComments: true, template: null } as const
  const written = await writePaper(printableOf(draft), options)
  expect(essence(readWord(written, "ours")), "written and read again").toEqual(essence(draft))
  const letters = (lines: readonly string[]): string => lines.join("").replace(/[\s\ufffc]/g, "")
  expect(readPlainly(written, ["del", "moveFrom"]), "rejected by one who reads no revision within another").toBe(letters(expected.before))
  expect(readPlainly(written, ["ins", "moveTo"]), "accepted by one who reads no revision within another").toBe(letters(expected.after))
  return draft
}

/** The letters of a Word file for a reader, as pandoc is one, that keeps these revisions, leaves the others out, and drops what is revised twice. */
function readPlainly(bytes: Uint8Array, kept: readonly string[]): string {
  const body = strFromU8(unzipSync(bytes)["word/document.xml"]!).replace(/<w:pPr>.*?<\/w:pPr>/gs, "")
  const revision = /<w:(ins|del|moveFrom|moveTo) [^>]*>(.*?)<\/w:\1>/gs
  const read = body.replace(revision, (_, name: string, inner: string) =>
    kept.includes(name) && !/<w:(?:ins|del|moveFrom|moveTo) /.test(inner) ? inner : "",
  )
  return [...read.matchAll(/<w:(?:t|delText)[^>]*>([^<]*)</g)].map(([, text]) => text!.replace(/\s/g, "")).join("")
}

/** A text in which a paragraph moves from behind "Two." to behind "One.". */
const moving = (from: string, to: string): string =>
  p(words("One.")) +
  moveRange("To", "m", movedP("To", "Ann", to)) +
  p(words("Two.")) +
  moveRange("From", "m", movedP("From", "Ann", from)) +
  p(words("Three."))

const whole = moved("From", "Ann", words("The committee shall always report."))

describe("Word in: what others did to what moved", () => {
  it("[WORD19] words that another struck at the new place stay struck and stay theirs", () =>
    reads(
      moving(
        whole,
        moved("To", "Ann", words("The committee shall ")) +
          moved("To", "Ann", del("Bob", "always ")) +
          moved("To", "Ann", words("report.")),
      ),
      {
        changes: ["Ann: move “The committee shall always report.”", "Bob: deletion “always ”"],
        before: ["One.", "Two.", "The committee shall always report.", "Three."],
        after: ["One.", "The committee shall report.", "Two.", "Three."],
      },
    ))

  it("[WORD19] so do those struck at the old place, beside what moves from there", () =>
    reads(
      moving(
        moved("From", "Ann", words("The committee shall ")) + del("Bob", "never ") + moved("From", "Ann", words("report.")),
        moved("To", "Ann", words("The committee shall report.")),
      ),
      {
        changes: ["Ann: move “The committee shall never report.”", "Bob: deletion “never ”"],
        before: ["One.", "Two.", "The committee shall never report.", "Three."],
        after: ["One.", "The committee shall report.", "Two.", "Three."],
      },
    ))

  it("[WORD19] words that another put in at the new place, beside the moved ones or among them, are theirs", () =>
    reads(
      moving(
        whole,
        moved("To", "Ann", words("The committee ")) +
          ins("Cy", "and its bureau ") +
          moved("To", "Ann", words("shall always report.")) +
          moved("To", "Ann", ins("Bob", " Soon.")),
      ),
      {
        changes: [
          "Ann: move “The committee and its bureau shall always report. Soon.”",
          "Cy: insertion “and its bureau ”",
          "Bob: insertion “ Soon.”",
        ],
        before: ["One.", "Two.", "The committee shall always report.", "Three."],
        after: ["One.", "The committee and its bureau shall always report. Soon.", "Two.", "Three."],
      },
    ))

  it("[WORD19] a word that is replaced at the new place is its replacer's, also where its like stands elsewhere in the clause", () =>
    reads(
      moving(
        moved("From", "Ann", words("that that which is done is done")),
        moved("To", "Ann", words("that ")) +
          ins("Bob", "that ") +
          moved("To", "Ann", words("that which is ")) +
          moved("To", "Ann", del("Bob", "done ")) +
          moved("To", "Ann", words("is done")),
      ),
      {
        changes: ["Ann: move “that that that which is done is done”", "Bob: insertion “that ”", "Bob: deletion “done ”"],
        before: ["One.", "Two.", "that that which is done is done", "Three."],
        after: ["One.", "that that that which is is done", "Two.", "Three."],
      },
    ))

  it("[WORD19] what the mover left out at the new place, and wrote there, is the mover's", () =>
    reads(moving(whole, moved("To", "Ann", words("The committee shall report at once."))), {
      changes: ["Ann: deletion “always ”", "Ann: insertion “ at once”", "Ann: move “The committee shall always report at once.”"],
      before: ["One.", "Two.", "The committee shall always report.", "Three."],
      after: ["One.", "The committee shall report at once.", "Two.", "Three."],
    }))

  it("[WORD19] words struck before the move, which the new place lacks, go with it; those that live there are told", async () => {
    const struck =
      moved("From", "Ann", words("The committee shall ")) +
      moved("From", "Ann", del("Bob", "always ")) +
      moved("From", "Ann", words("report."))
    const expected = { before: ["One.", "Two.", "The committee shall always report.", "Three."] }
    await reads(moving(struck, moved("To", "Ann", words("The committee shall report."))), {
      ...expected,
      changes: ["Ann: move “The committee shall always report.”", "Bob: deletion “always ”"],
      after: ["One.", "The committee shall report.", "Two.", "Three."],
    })
    const alive = await reads(moving(struck, moved("To", "Ann", words("The committee shall always report."))), {
      ...expected,
      changes: ["Ann: move “The committee shall always report.”"],
      after: ["One.", "The committee shall always report.", "Two.", "Three."],
    })
    expect(alive.warnings).toEqual([
      {
        code: "MOVE",
        block: "b3",
        message: "Words were struck at the place from which this moves, and live on where it moves to: “always” by Bob.",
      },
    ])
  })

  it("[WORD19] one deletes the whole clause at the place to which another moved it: both are proposals", () => {
    const body =
      p(words("One.")) +
      moveRange("To", "m", p(moved("To", "Ann", del("Bob", "Moving.")), { mark: `<w:moveTo ${by("Ann")}/>${markDel("Bob")}` })) +
      p(words("Two.")) +
      moveRange("From", "m", movedP("From", "Ann", moved("From", "Ann", words("Moving."))))
    const draft = readWord(wordFile({ body }))
    expect(draft.changes.map(({ enteredBy, structure }) => [enteredBy, structure])).toEqual([
      ["Ann", [{ kind: "move", block: "b3", after: "b1" }]],
      ["Bob", [{ kind: "delete", block: "b3" }]],
    ])
    expect(texts(draft, "working")).toEqual(["One.", "Two.", "Moving."])
    expect(texts(draft, "proposed")).toEqual(["One.", "Two."])
  })

  it("[WORD19] two texts under one name, or two authors, are no move: what one has no part in is not said to be theirs", async () => {
    await reads(moving(whole, moved("To", "Ann", words("Fees are due in May."))), {
      changes: ["Ann: insertion “Fees are due in May.”", "Ann: structure “The committee shall always report.”"],
      before: ["One.", "Two.", "The committee shall always report.", "Three."],
      after: ["One.", "Fees are due in May.", "Two.", "Three."],
    })
    const other =
      p(words("One.")) +
      moveRange("To", "m", movedP("To", "Bob", moved("To", "Bob", words("Moving.")))) +
      moveRange("From", "m", movedP("From", "Ann", moved("From", "Ann", words("Moving."))))
    expect(changes(readWord(wordFile({ body: other })))).toEqual(["Bob: insertion “Moving.”", "Ann: structure “Moving.”"])
  })

  it("[WORD3] words that move with ends of paragraphs from the middle of one clause into another are one move, also read again", async () => {
    const [start, end] = ["From", "To"].map((which) => moveRange(which as "From" | "To", "m", "|").split("|") as [string, string])
    const draft = await reads(
      movedP("To", "Ann", words("This keeps ") + end![0] + moved("To", "Ann", words("and takes this"))) +
        movedP("To", "Ann", moved("To", "Ann", words("Whole."))) +
        p(moved("To", "Ann", words("Tail ")) + end![1] + words("and its own.")) +
        p(words("Between.")) +
        movedP("From", "Ann", words("That keeps ") + start![0] + moved("From", "Ann", words("and takes this"))) +
        movedP("From", "Ann", moved("From", "Ann", words("Whole."))) +
        p(moved("From", "Ann", words("Tail ")) + start![1] + words("and a rest.")),
      {
        changes: ["Ann: move “and takes this … Tail ”"],
        before: ["This keeps and its own.", "Between.", "That keeps and takes this", "Whole.", "Tail and a rest."],
        after: ["This keeps and takes this", "Whole.", "Tail and its own.", "Between.", "That keeps and a rest."],
      },
    )
    expect(draft.changes[0]!.structure).toEqual([
      { kind: "delete", block: "b4" },
      { kind: "join", block: "b5", into: "b3" },
    ])
  })

  it("[WORD19] a typed number that is another at the new place is a renumbering", () => {
    const draft = readWord(
      wordFile({
        body:
          p(words("resolves")) +
          p(words("1\tto meet;")) +
          moveRange("To", "m", movedP("To", "Ann", moved("To", "Ann", words("2\tto report;")))) +
          p(words("2\tto act;")) +
          moveRange("From", "m", movedP("From", "Ann", moved("From", "Ann", words("3\tto report;")))),
      }),
    )
    expect(changes(draft)).toEqual(["Ann: move “to report;”"])
    expect(texts(draft, "proposed")).toEqual(["resolves", "to meet;", "to report;", "to act;"])
    expect(draft.revisions!.filter(({ kind }) => kind === "numbering").map(({ text }) => text)).toEqual(["“3” → “2”"])
  })
})

describe("Word in: comments and footnotes of what moved", () => {
  const note = (id: string, text: string): string => `<w:footnote w:id="${id}">${p(words(text))}</w:footnote>`
  const call = (id: string): string => `<w:r><w:footnoteReference w:id="${id}"/></w:r>`
  const comment = (id: string, text: string): string =>
    `<w:comment ${by("Eve").replace('w:id="1"', `w:id="${id}"`)}>${p(words(text))}</w:comment>`
  const ranged = (id: string, inner: string): string =>
    `<w:commentRangeStart w:id="${id}"/>${inner}<w:commentRangeEnd w:id="${id}"/><w:r><w:commentReference w:id="${id}"/></w:r>`

  it("[WORD22] a comment and a footnote that Word has at both ends are one each", async () => {
    const end = (which: "From" | "To", id: number): string =>
      moved(which, "Ann", words("Moved") + call(String(id + 1))) + ranged(String(id), moved(which, "Ann", words(" and remarked on")))
    const draft = await reads(
      {
        body: moving(end("From", 0), end("To", 1)),
        footnotes: note("1", "The note.") + note("2", "The note."),
        comments: comment("0", "why?") + comment("1", "why?"),
      },
      {
        changes: ["Ann: move “Moved\ufffc and remarked on”"],
        before: ["One.", "Two.", "Moved\ufffc and remarked on", "Three."],
        after: ["One.", "Moved\ufffc and remarked on", "Two.", "Three."],
      },
    )
    expect(draft.comments).toMatchObject([{ by: "Eve", text: "why?", block: "b3", quote: " and remarked on", at: { from: 6, to: 22 } }])
    expect(draft.notes).toMatchObject([{ text: "The note.", block: "b3", at: 5 }])
    expect(draft.warnings).toEqual([])
  })

  it("[WORD22] so is a comment without words of its own, and one on words that move within clauses", () => {
    const point = (id: string): string => `<w:r><w:commentReference w:id="${id}"/></w:r>`
    const paragraphs = readWord(
      wordFile({
        body: moving(whole + point("0"), moved("To", "Ann", words("The committee shall always report.")) + point("1")),
        comments: comment("0", "x") + comment("1", "x"),
      }),
    )
    expect(paragraphs.comments).toMatchObject([{ text: "x", block: "b3", quote: "" }])
    const inline = readWord(
      wordFile({
        body: p(
          words("a ") +
            moveRange("From", "w", ranged("0", moved("From", "Ann", words("b ")))) +
            words("c ") +
            moveRange("To", "w", ranged("1", moved("To", "Ann", words("b ")))) +
            words("d"),
        ),
        comments: comment("0", "x") + comment("1", "x"),
      }),
    )
    expect(inline.comments).toMatchObject([{ text: "x", block: "b1", quote: "b ", at: { from: 6, to: 8 } }])
  })

  it("[WORD22] two remarks alike at other words are two", () => {
    const body = p(ranged("0", words("a"))) + p(ranged("1", words("b")))
    expect(readWord(wordFile({ body, comments: comment("0", "x") + comment("1", "x") })).comments).toHaveLength(2)
  })

  it("[WORD22] a comment keeps its range over several paragraphs, over deleted ones, into tables and footnotes", async () => {
    const cell = (inner: string): string => `<w:tc>${p(inner)}</w:tc>`
    const draft = await reads(
      {
        body:
          p(`${words("One ")}<w:commentRangeStart w:id="0"/>${words("starts")}`) +
          p(del("Ann", "Gone."), { mark: markDel("Ann") }) +
          `<w:tbl><w:tr>${cell(words("in a "))}${cell(words("table"))}</w:tr></w:tbl>` +
          p(`${words("ends")}<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>${words(" here.")}${call("1")}`) +
          `<w:tbl><w:tr>${cell(words("x"))}${cell(ranged("1", words("cell")))}</w:tr></w:tbl>`,
        footnotes: `<w:footnote w:id="1">${p(words("A ") + ranged("2", words("note")))}</w:footnote>`,
        comments: comment("0", "over all") + comment("1", "in a cell") + comment("2", "in a note"),
      },
      {
        changes: ["Ann: structure “Gone.”"],
        before: ["One starts", "Gone.", "in a \ttable", "ends here.\ufffc", "x\tcell"],
        after: ["One starts", "in a \ttable", "ends here.\ufffc", "x\tcell"],
      },
    )
    expect(draft.comments.map(({ quote, block, at, further = [] }) => [quote, block, at, further.map((place) => place.block)])).toEqual([
      ["starts\nGone.\nin a \ttable\nends", "b1", { from: 4, to: 10 }, ["b2", "b3", "b4"]],
      ["cell", "b5", { from: 2, to: 6 }, []],
      ["note", "f1", { from: 2, to: 6 }, []],
    ])
  })

  it("[WORD22] in our own Word file every comment has one range, begun and ended in one story", async () => {
    const end = (which: "From" | "To"): string => ranged(which === "From" ? "0" : "1", moved(which, "Ann", words("Moved and remarked on")))
    const file = wordFile({ body: moving(end("From"), end("To")), comments: comment("0", "why?") + comment("1", "why?") })
    const options = { format: "docx", view: "open", marks: "delegation", hasComments: true, template: null } as const
    const bytes = await writePaper(printableOf(readWord(file)), options)
    const { unzipSync, strFromU8 } = await import("fflate")
    const document = strFromU8(unzipSync(bytes)["word/document.xml"]!)
    for (const name of ["commentRangeStart", "commentRangeEnd", "commentReference"])
      expect(document.match(new RegExp(`<w:${name} `, "g")), name).toHaveLength(1)
    // It goes where the clause goes, so that it does not go with the place that the clause leaves.
    expect(document.indexOf("commentRangeStart")).toBeGreaterThan(document.indexOf("<w:moveToRangeStart"))
    expect(document.indexOf("commentRangeEnd")).toBeLessThan(document.indexOf("<w:moveToRangeEnd"))
  })
})
