import { describe, expect, it } from "vitest"
import { readText } from "../server/files/text.ts"
import { writePaper } from "../server/papers/formats.ts"
import type { PaperView } from "../server/papers/printable.ts"
import type { Marks } from "../server/papers/sheet.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head, note } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

const texts = ["resolves", "to adopt lighting standards;", "to burn;", "to count;", "to close."]

interface Scene {
  readonly cohort: Cohort
  readonly s: Member
  readonly b: Member
  /** The lines of its plain text, without the first, which says what the marks mean. */
  lines(view?: PaperView, marks?: Marks): Promise<string[]>
}

async function scene(): Promise<Scene> {
  const cohort = new Cohort(
    draftState([
      ...texts.map((text, i) => ({ ...(i === 0 ? head(text) : clause(text, `c${i}`)), origin: `o${i}` })),
      { ...clause("to keep lamps\ufffc lit.", "d"), calls: ["n"], origin: "o5" },
      { ...note("of bronze", "n"), origin: "o6" },
    ]),
  )
  const force = blocksOf(cohort.room.main).map((block) => ({ ...block, id: block.origin! }))
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  const lines = async (view: PaperView = "open", marks: Marks = "delegation"): Promise<string[]> => {
    const draft = { ...paperOf(cohort.room.main, force), body: "WG Plenary" }
    const text = new TextDecoder().decode(await writePaper(draft, { format: "txt", view, marks, hasComments: true, template: null }))
    return text.trimEnd().split("\n")
  }
  return { cohort, s, b, lines }
}

describe("plain text with open changes", () => {
  it("[PAPER5] shows what is struck and what is put in, by whom, and says how", async () => {
    const { cohort, s, b, lines } = await scene()
    s.replace(1, 3, 27, "adopt lighting laws")
    await cohort.settle()
    b.delete(1, 3, 8)
    b.type(2, 7, " brightly")
    s.session.restructuring.deleteClause(3)
    await cohort.settle()
    expect(await lines()).toEqual([
      "Changes are marked in this text: {+S: words that S puts in+}, {-S: words that S takes out-}, {S: what S does to a clause}.",
      "resolves",
      "1\tto {-S; B: adopt-}{-S:  lighting standards-}{+S: adopt lighting laws+};",
      "2\tto burn{+B:  brightly+};",
      "3\t{-S: to count;-}",
      "4\tto close.",
      "5\tto keep lamps[footnoteRef:1]1[1: of bronze ] lit.",
    ])
  })

  it("[PAPER5] shows words in words of another, splits, joins, moves, levels, new clauses and changed footnotes", async () => {
    const { cohort, s, b, lines } = await scene()
    s.type(1, 9, "all street ")
    await cohort.settle()
    b.delete(1, 9, 13)
    b.session.restructuring.moveClause(2, 1)
    s.session.restructuring.changeLevel(4, 1)
    s.session.undoManager.stopCapturing()
    s.type(6, 2, " old")
    await cohort.settle()
    const text = await lines()
    expect(text[2]).toBe("1\tto adopt {+S: {-B: all -}street +}lighting standards;")
    expect(text.filter((line) => line.includes("moved"))).toEqual(["2\tto burn; {B: moved from here}", "2\tto burn; {B: moved here}"])
    expect(text.find((line) => line.includes("to close."))).toContain("to close. {S: level 1 to 2}")
    expect(text.at(-1)).toContain("[1: of{+S:  old+} bronze ]")
  })

  it("[PAPER5] against the text in force shows what was accepted too; in nobody's name it names nobody", async () => {
    const { cohort, s, b, lines } = await scene()
    s.replace(1, 18, 27, "laws")
    s.session.undoManager.stopCapturing()
    s.session.restructuring.deleteClause(2)
    await cohort.settle()
    await cohort.decide(
      cohort.changes().map(({ id }) => id),
      "accept",
    )
    await cohort.settle()
    b.type(2, 0, "now ")
    await cohort.settle()
    expect(await lines("open")).toContain("1\tto adopt lighting laws;")
    const against = await lines("against")
    expect(against).toContain("1\tto adopt lighting {-S, accepted: standards-}{+S, accepted: laws+};")
    expect(against.some((line) => line.endsWith("{-S, accepted: to burn;-}"))).toBe(true)
    for (const marks of ["body", "plain"] as const) {
      const nameless = await lines("against", marks)
      expect(nameless[0]).toBe("Changes are marked in this text: {+words put in+}, {-words taken out-}, {what is done to a clause}.")
      expect(nameless).toContain("1\tto adopt lighting {-standards-}{+laws+};")
    }
  })

  it("[PAPER5] is refused on the way in, in a sentence; what shows no change is read back", async () => {
    const { cohort, s, lines } = await scene()
    expect(readText((await lines()).join("\n")).blocks.map(({ text }) => text)[1]).toBe(texts[1])
    s.replace(1, 3, 27, "adopt lighting laws")
    await cohort.settle()
    const text = await lines()
    for (const marks of ["delegation", "plain"] as const)
      expect(() => readText(`\ufeff${text.join("\n")}`), marks).toThrow(
        /^Changes are marked in this plain text .*Bring the Word or JSON file/,
      )
    expect(() => readText(text.slice(1).join("\n"))).toThrow("(“{-S: adopt lighting standards-}”)")
    for (const view of ["working", "proposed", "rolling"] as const)
      expect(readText((await lines(view)).join("\n")).blocks.length, view).toBeGreaterThan(4)
  })
})
