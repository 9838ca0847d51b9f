import { describe, expect, it } from "vitest"
import { laidBeside } from "../server/comparison/beside.ts"
import { type ImportedOnto, importChanges } from "../server/comparison/import-changes.ts"
import { withSeams } from "../server/comparison/seams.ts"
import { withSources } from "../server/files/authors.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { writePlainText } from "../server/papers/text.ts"
import { finished } from "../shared/changes/slices.ts"
import { Cohort, type Member } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"
import { del, ins, markDel, markIns, p, wordFile, words } from "./word-file.ts"

const lines = [
  "RESOLUTION 7",
  "On harbours",
  "The Council,",
  "resolves",
  "1\tto keep a lamp at every mole, and a keeper beside it;",
  "2\tto count the lamps each year;",
  "3\tto paint every buoy in the colours of its channel;",
  "4\tto report.",
]

const at = (member: Member, word: string): number => {
  for (let i = 0; i < member.state.doc.childCount; i++) if (member.text(i).includes(word)) return i
  throw new Error(`no clause holds ${word}`)
}

/** Replaces words by others, as one types them. */
function replace(member: Member, was: string, now: string): void {
  const clause = at(member, was)
  const from = member.text(clause).indexOf(was)
  member.replace(clause, from, from + was.length, now)
}

/** A draft on which what S has done was accepted. */
async function decided(edits: readonly ((s: Member) => void)[]): Promise<Cohort> {
  const cohort = new Cohort(openingStateOf(readText(`${lines.join("\n")}\n`)).update)
  const s = cohort.member("S")
  await cohort.settle()
  for (const edit of edits) {
    edit(s)
    await cohort.settle()
    const ids = cohort.changes().map(({ id }) => id)
    expect(await cohort.decide(ids, "accept")).toBe(true)
  }
  return cohort
}

/** A paragraph of Ann's file that is another than in the text in force. */
type Paragraphs = Readonly<Record<string, string>>

/** Brings a file of Ann, of NOR, that was made on the text in force. */
async function bring(cohort: Cohort, paragraphs: Paragraphs): Promise<ImportedOnto> {
  const body = lines.map((line) => paragraphs[line.split("\t")[0]!] ?? p(words(line))).join("")
  const { gate } = cohort.room
  const file = withSources(readFile(wordFile({ body })), { Ann: "NOR" })
  const beside = laidBeside(file, fileDraftOf(paperOf(gate.shadow), "working"), { isCompared: false, confirmed: [] })
  let done!: ImportedOnto
  await cohort.act(
    "importChanges",
    () => (done = finished(importChanges(gate, { ...beside, draft: withSeams(beside.draft, beside.homes), name: "old.docx" }))),
  )
  return done
}

const read = (cohort: Cohort, view: "open" | "proposed" = "open"): string[] =>
  writePlainText(paperOf(cohort.room.gate.shadow), view)
    .split("\n")
    .filter((line) => /^\d/.test(line))

const swap = (line: string, was: string, now: string): string => {
  const from = line.indexOf(was)
  return p(words(line.slice(0, from)) + del("Ann", was) + (now ? ins("Ann", now) : "") + words(line.slice(from + was.length)))
}

const [first, second, third] = lines.slice(4) as [string, string, string]
const split = (s: Member): void => void s.session.tracking.split({ index: at(s, "to keep"), at: s.text(at(s, "to keep")).indexOf(" and") })
const join = (s: Member): void => void s.session.restructuring.join(at(s, "to count"))
const amend = (s: Member): void => {
  replace(s, "paint", "repaint or replace")
  replace(s, "the colours of its", "such bright colours as are agreed for each")
}

describe("a file of before decisions", () => {
  it.each([
    [
      "divided",
      [split],
      { 1: swap(first, "keeper", "guard") },
      ["1\tto keep a lamp at every mole,", "1 bis\t and a {-NOR: keeper-}{+NOR: guard+} beside it;"],
    ],
    [
      "divided and amended",
      [split, (s: Member) => replace(s, "beside it", "within sight of it")],
      { 1: swap(first, "keeper", "guard") },
      ["1\tto keep a lamp at every mole,", "1 bis\t and a {-NOR: keeper-}{+NOR: guard+} within sight of it;"],
    ],
    [
      "joined",
      [join],
      { 2: swap(second, "each year", "daily") },
      ["1\tto keep a lamp at every mole, and a keeper beside it; to count the lamps {-NOR: each year-}{+NOR: daily+};"],
    ],
    [
      "joined and amended",
      [join, (s: Member) => replace(s, "lamps", "lights"), (s: Member) => replace(s, "a keeper", "two keepers")],
      { 1: swap(first, "every mole", "each mole"), 2: swap(second, "each year", "daily") },
      [
        "1\tto keep a lamp at {-NOR: every mole-}{+NOR: each mole+}, and two keepers beside it; to count the lights {-NOR: each year-}{+NOR: daily+};",
      ],
    ],
    [
      "amended in most of its words",
      [amend],
      { 3: swap(third, "every buoy", "all buoys") },
      ["3\tto repaint or replace {-NOR: every buoy-}{+NOR: all buoys+} in such bright colours as are agreed for each channel;"],
    ],
    [
      "moved and amended",
      [(s: Member) => s.session.restructuring.moveClause(at(s, "to paint"), -1), amend],
      { 3: swap(third, "every buoy", "all buoys") },
      ["3\tto repaint or replace {-NOR: every buoy-}{+NOR: all buoys+} in such bright colours as are agreed for each channel;"],
    ],
  ] as const)("[ONTO16] what it changes in a clause that was %s comes to where the words are", async (_, edits, paragraphs, wanted) => {
    const cohort = await decided(edits)
    const done = await bring(cohort, paragraphs as Paragraphs)
    expect(done.left).toEqual([])
    for (const line of wanted) expect(read(cohort)).toContain(line)
  })

  const cut =
    (word: string, taken = "") =>
    (s: Member): void => {
      const clause = at(s, word)
      const from = s.text(clause).indexOf(word)
      if (taken) s.delete(clause, from, from + taken.length)
      s.session.tracking.split({ index: clause, at: from + taken.length })
    }
  it.each([
    ["behind its first words", [cut(" the lamps")]],
    ["before its last", [cut(" each year")]],
    ["for a space", [cut(" the lamps", " ")]],
    ["twice", [cut(" the lamps"), cut(" each year", " ")]],
    ["as is the one before", [cut(" the lamps"), cut(" and a keeper"), cut(" beside", " ")]],
  ])("[TRK11] a join of a clause that was divided %s brings the spaces between what becomes one", async (_, edits) => {
    const cohort = await decided(edits)
    const done = await bring(cohort, { 1: p(words(first), { mark: markDel("Ann") }), 2: p(words(second), { mark: markDel("Ann") }) })
    expect(done.left).toEqual([])
    const ids = cohort.changes().map(({ id }) => id)
    expect(await cohort.decide(ids, "accept"), cohort.refusal?.message).toBe(true)
    const text = lines
      .slice(4, 7)
      .map((line) => line.split("\t")[1])
      .join(" ")
    const { blocks } = fileDraftOf(paperOf(cohort.room.gate.shadow), "working")
    const joined = blocks.find((block) => block.text.includes("to count"))!.text
    expect(text.slice(-joined.length)).toBe(joined)
    expect(joined).toMatch(/; to count .*; to paint /)
  })

  it("[ONTO16] words that a decision took out are not there, and that is said of these alone", async () => {
    const cohort = await decided([join, (s) => replace(s, "lamps", "lights")])
    const done = await bring(cohort, {
      2: p(
        words("2\tto count the ") +
          del("Ann", "lamps") +
          ins("Ann", "beacons") +
          words(" each ") +
          del("Ann", "year") +
          ins("Ann", "day") +
          words(";"),
      ),
    })
    expect(done.left).toEqual([{ what: "replacement “lamps”", why: "The words that it deletes are not in this draft." }])
    expect(read(cohort)[0]).toContain("to count the lights each {-NOR: year-}{+NOR: day+};")
  })

  it("[ONTO16] the deletion of a clause that was divided is of all its parts, and what is added behind it stands behind the last", async () => {
    const cohort = await decided([split])
    const gone = await bring(cohort, { 1: p(del("Ann", first), { mark: markDel("Ann") }) })
    expect(gone.left).toEqual([])
    expect(read(cohort, "proposed")).toEqual([
      "2\tto count the lamps each year;",
      "3\tto paint every buoy in the colours of its channel;",
      "4\tto report.",
    ])
    const other = await decided([split])
    const come = await bring(other, { 1: p(words(first)) + p(ins("Ann", "1bis\tto be brief;"), { mark: markIns("Ann") }) })
    expect(come.left).toEqual([])
    expect(read(other, "proposed").slice(0, 3)).toEqual([
      "1\tto keep a lamp at every mole,",
      "1 bis\t and a keeper beside it;",
      "1 ter\tto be brief;",
    ])
  })

  it("[ONTO16] about a clause that is one with another nothing is proposed as a whole, and why is said", async () => {
    for (const paragraphs of [
      { 1: p(del("Ann", first), { mark: markDel("Ann") }) },
      { 2: p(del("Ann", second), { mark: markDel("Ann") }) },
    ]) {
      const cohort = await decided([join])
      const done = await bring(cohort, paragraphs as Paragraphs)
      expect(done.changes).toEqual([])
      expect(done.left.map(({ why }) => why)).toEqual(["The clause that it is about is one clause with another in this draft."])
    }
  })

  it("[ONTO16] a clause that it adds stands behind those that were added there and accepted since", async () => {
    const cohort = await decided([(s) => void s.session.tracking.addClauseWith(at(s, "to count") + 1, "to light some lamps at dusk;")])
    const done = await bring(cohort, { 2: p(words(second)) + p(ins("Ann", "2bis\tto be brief;"), { mark: markIns("Ann") }) })
    expect(done.left).toEqual([])
    expect(read(cohort, "proposed").slice(1, 4)).toEqual([
      "2\tto count the lamps each year;",
      "2 bis\tto light some lamps at dusk;",
      "2 ter\tto be brief;",
    ])
  })

  it("[ONTO16] a clause of another text is not taken for one that was amended", async () => {
    const cohort = await decided([amend])
    const done = await bring(cohort, { 3: p(words("3\tto sink the ") + del("Ann", "channel") + words(" of old wrecks and weed;")) })
    expect(done.changes).toEqual([])
    expect(done.left).toHaveLength(1)
  })
})
