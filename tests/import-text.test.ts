import { existsSync, readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"

const folder = new URL("../../shared/seeds/", import.meta.url)
const hasSeeds = existsSync(folder)
if (!hasSeeds) console.log("skipped: the real documents of ../shared/seeds are not beside this clone")

/** What each real document holds, read by hand once. */
const table: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "000_c65afd18a6d94f0c.txt": { designation: 1, title: 1, formula: 1, head: 6, clause: 49, cover: 20, comments: 3, notes: 2 },
  "001_d171120117c53890.txt": { designation: 1, title: 1, formula: 1, head: 7, clause: 64, cover: 1, comments: 0, notes: 1 },
  "002_83ae76971d3b32e9.txt": { title: 1, formula: 1, head: 7, clause: 35, cover: 0, comments: 0, notes: 0 },
  "003_3b15b8340d328aa2.txt": { designation: 1, title: 1, formula: 1, head: 11, clause: 42, cover: 3, comments: 0, notes: 0 },
  "004_98b2ca97eb8e84d4.txt": {
    designation: 1,
    title: 1,
    formula: 1,
    head: 6,
    clause: 29,
    quote: 2,
    paragraph: 1,
    cover: 12,
    comments: 0,
    notes: 0,
  },
}
/** The heads of each, with the number of clauses under them. */
const heads: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  "000_c65afd18a6d94f0c.txt": [
    ["recognizing", 2],
    ["recalling", 14],
    ["taking into account", 12],
    ["instructs the Director of the Telecommunication Development Bureau", 10],
    ["invites Member States", 8],
    ["invites Sector Members", 3],
  ],
  "001_d171120117c53890.txt": [
    ["recognizing", 4],
    ["recalling", 16],
    ["taking into account", 12],
    ["instructs the Director of the Telecommunication Development Bureau", 19],
    ["invites Member States and Sector Members", 1],
    ["invites Member States", 9],
    ["invites Sector Members", 3],
  ],
  "002_83ae76971d3b32e9.txt": [
    ["considering", 8],
    ["Recognizing", 2],
    ["emphasizing", 3],
    ["noting", 5],
    ["resolves to instruct the Secretary-General", 7],
    ["instructs the Director of the Telecommunication Development Bureau", 6],
    ["resolves", 4],
  ],
  "003_3b15b8340d328aa2.txt": [
    ["considering", 11],
    ["recalling", 10],
    ["recognizing", 5],
    ["taking into account", 2],
    ["resolves", 3],
    ["requests the Council", 1],
    ["instructs the Secretary-General", 4],
    ["instructs the Director of the Telecommunication Development Bureau", 2],
    ["instructs the Director of the Telecommunication Standardization Bureau", 1],
    ["invites Member States", 2],
    ["invites Sector Members", 1],
  ],
  "004_98b2ca97eb8e84d4.txt": [
    ["considering", 10],
    ["recgnizing", 5],
    ["recalling", 1],
    ["resolves", 10],
    ["instructs the Secretary-General", 2],
    ["instructs the Director of the Telecommunication Development Bureau", 1],
  ],
}

const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}]+/gu) ?? []
const bag = (texts: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return new Map([...counts].sort())
}
const allTexts = (draft: FileDraft): string[] => [
  ...draft.blocks.flatMap((block) => [block.importedLabel ?? "", block.text]),
  ...draft.comments.flatMap((comment) => [comment.by ?? "", comment.text]),
  ...draft.notes.map((note) => note.text),
  ...draft.cover.map((field) => field.text),
  ...draft.debris,
]
const underHeads = (draft: FileDraft): [string, number][] => {
  const found: [string, number][] = []
  for (const block of draft.blocks) {
    if (block.type === "head") found.push([block.text, 0])
    else if (block.type === "clause") found.at(-1)![1]++
  }
  return found
}

describe.runIf(hasSeeds)("the five real documents", () => {
  const files = hasSeeds ? readdirSync(folder) : []
  it("[IMP1] are all there", () => expect(files).toEqual(Object.keys(table)))
  for (const file of files) {
    const text = readFileSync(new URL(file, folder), "utf8")
    const draft = readText(text)
    it(`[IMP2] ${file}: every word is in a block, a label, a thread, a note, the cover or the debris`, () =>
      expect(bag(allTexts(draft))).toEqual(bag([text])))
    it(`[IMP3] ${file}: kinds as counted by hand`, () => {
      const counts: Record<string, number> = { cover: draft.cover.length, comments: draft.comments.length, notes: draft.notes.length }
      for (const { type } of draft.blocks) counts[type] = (counts[type] ?? 0) + 1
      expect(counts).toEqual(table[file])
    })
    it(`[IMP4] ${file}: every clause is under its head`, () => expect(underHeads(draft)).toEqual(heads[file]))
    it(`[IMP5] ${file}: no source and no change is guessed`, () => expect(draft.changes).toEqual([]))
  }
  it("[IMP6] glued revisions are kept as they stand, and flagged", () => {
    const draft = readText(readFileSync(new URL("004_98b2ca97eb8e84d4.txt", folder), "utf8"))
    expect(draft.blocks.map((block) => block.text).join()).toContain("(Rev. BusanBucharest, 20142022)")
    const flags = draft.warnings
      .filter((warning) => warning.code === "FLAT")
      .map((warning) => warning.message)
      .join("\n")
    for (const glue of ["20142022", "BusanBucharest", "C15C24", "“1.21.3”", "“45”", "“56”"]) expect(flags).toContain(glue)
    expect(draft.blocks.find((block) => block.importedLabel === "1.21.3")).toMatchObject({ level: 2 })
  })
})

describe("plain text", () => {
  const small = (body: string): FileDraft => readText(`RESOLUTION 1 (Geneva, 2024)\nOn lamps\nThe Council,\n${body}`)
  it("[IMP7] an empty label, a missing one and a misspelt head are flagged", () => {
    const draft = small("recaling\na)\tthe lamps;\n)\tthe moles;\nthat ships pass;\n")
    expect(draft.warnings.map((warning) => warning.code).sort()).toEqual(["HEAD", "NUM", "NUM"])
    expect(draft.blocks.filter((block) => block.type === "clause")).toHaveLength(3)
  })
  it("[IMP8] comments and footnotes leave the text and keep their place", () => {
    const draft = small("resolves\n1\tto keep lamps[footnoteRef:1]1; [1: Of glass. ] \tComment by Ann: why?\n2\tto count,\n")
    expect(draft.notes[0]).toMatchObject({ label: "1", text: "Of glass.", at: 13 })
    expect(draft.comments[0]).toMatchObject({ by: "Ann", text: "why?", block: draft.blocks[4]!.id })
    expect(draft.blocks[4]!.text).toBe("to keep lamps\ufffc;")
  })
  it("[IMP9] every word survives whatever the lines are", () => {
    for (const name of ["early-warning", "night-sky", "water-arabic"]) {
      const text = readFileSync(new URL(`../seeds/${name}.txt`, import.meta.url), "utf8")
      const shuffled = text.split("\n").toSorted().join("\n")
      for (const variant of [text, shuffled]) expect(bag(allTexts(readText(variant)))).toEqual(bag([variant]))
    }
  })
})

it("[IMP11] overrides of the direction, control characters and our own signs are in no text, whatever brings them; line ends of every kind are", () => {
  const text = readText("resolves\r1\tto \u202eact\u202c now\u0007;\f2\tto \ufffcstop.\u2028")
  expect(text.blocks.map((block) => block.text)).toEqual(["resolves", "to act now;", "to stop."])
  const xml = `<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><statement name="r"><meta/><mainBody><hcontainer name="x"><heading>resolves</heading><paragraph><num>1</num><content><p>to &#x202E;act&#xFFFC;&#x2066;</p></content></paragraph></hcontainer></mainBody></statement></akomaNtoso>`
  expect(readFile(new TextEncoder().encode(xml)).blocks.at(-1)!.text).toBe("to act")
  const json = (own: string): Uint8Array =>
    new TextEncoder().encode(JSON.stringify({ blocks: [{ id: "b1", type: "paragraph", text: own }] }))
  expect(() => readFile(json("to \u202eact"), "x.json")).toThrow(
    "x.json does not fit together: block “b1” holds U+202E, which no text takes.",
  )
})
