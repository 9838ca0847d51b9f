import { describe, expect, it } from "vitest"
import { withUnits } from "../server/comparison/units.ts"
import type { FileChange, FileDraft } from "../server/files/file-draft.ts"
import { readText } from "../server/files/text.ts"
import { describeChange } from "../shared/changes/changes.ts"
import { citationsIn } from "../shared/clauses/citations.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort } from "./cohort.ts"

const cited = (text: string): string[] => citationsIn(text).map(({ from, to }) => text.slice(from, to))

describe("what is cited", () => {
  it("[UNIT] a text with its number and edition, in six languages", () => {
    expect(cited("recalling Resolution 179 (Rev. Busan, 2014) of the Conference")).toEqual(["Resolution 179 (Rev. Busan, 2014)"])
    expect(cited("la Résolution 130 (Rév. Dubaï, 2018) et")).toEqual(["Résolution 130 (Rév. Dubaï, 2018)"])
    expect(cited("Резолюции 71 (Пересм. Дубай, 2018 г.)")).toEqual(["Резолюции 71 (Пересм. Дубай, 2018 г.)"])
    expect(cited("第179号决议（2014年，釜山，修订版）")).toEqual(["第179号决议（2014年，釜山，修订版）"])
    expect(cited("القرار 130 (المراجَع في دبي، 2018)")).toEqual(["القرار 130 (المراجَع في دبي، 2018)"])
    expect(cited("Council Resolution 1306 (C09, last amended C15)")).toEqual(["Resolution 1306 (C09, last amended C15)"])
  })
  it("[UNIT] a date; and nothing in a remark in parentheses", () => {
    expect(cited("of 18 September 2019 and del 18 de septiembre de 2019")).toEqual(["18 September 2019", "18 de septiembre de 2019"])
    expect(cited("the Union (in particular its Bureau) shall, in 3 years, report")).toEqual([])
  })
  it("[UNIT] many parentheses cost no time", () => {
    const started = performance.now()
    citationsIn("(1".repeat(20_000) + "a ".repeat(50_000) + "Resolution ".repeat(10_000))
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

const text = "b) Resolution 179 (Rev. BusanBucharest, 20142022) of the Conference, shallshould report"
const at = (words: string): { from: number; to: number } => ({ from: text.indexOf(words), to: text.indexOf(words) + words.length })
const replaced = (id: string, gone: string, come: string, date: string | null = null, enteredBy = "Ann"): FileChange => ({
  id,
  kind: "replacement",
  source: "S",
  enteredBy,
  date,
  block: "b1",
  text: gone,
  replacedBy: come,
  segments: [
    { block: "b1", kind: "deletion", ...at(gone) },
    { block: "b1", kind: "insertion", ...at(come) },
  ],
})
const draft = (...changes: FileChange[]): FileDraft => ({
  ...readText("RESOLUTION 1\nresolves\n1\tto do"),
  blocks: [{ id: "b1", type: "clause", text }],
  changes,
})
const told = (...changes: FileChange[]): string[] =>
  withUnits(draft(...changes)).changes.map((change) => `${change.kind} ${change.text} > ${change.replacedBy}`)

describe("what a file changes", () => {
  it("[UNIT1] in one citation by one author is one change; what stands elsewhere is another", () =>
    expect(told(replaced("1", "Busan", "Bucharest"), replaced("2", "2014", "2022"), replaced("3", "shall", "should"))).toEqual([
      "replacement Busan … 2014 > Bucharest … 2022",
      "replacement shall > should",
    ]))
  it("[UNIT1] of two authors it stays two", () =>
    expect(told(replaced("1", "Busan", "Bucharest"), replaced("2", "2014", "2022", null, "Bob"))).toHaveLength(2))
  it("[UNIT1] what stood inside one of them stands inside the whole", () => {
    const inner: FileChange = {
      ...replaced("4", "buchar", "x"),
      kind: "deletion",
      source: "B",
      inside: ["2"],
      segments: [{ block: "b1", kind: "deletion", ...at("2022") }],
    }
    const { changes } = withUnits(draft(replaced("1", "Busan", "Bucharest"), replaced("2", "2014", "2022"), inner))
    expect(changes.map(({ id, inside }) => [id, inside])).toEqual([
      ["1", undefined],
      ["4", ["1"]],
    ])
  })
})

describe("what a person types", () => {
  it("[UNIT1] in one citation joins one change, and in the words beside it another", async () => {
    const cohort = new Cohort(
      draftState([head("recalling"), clause("Resolution 179 (Rev. Busan, 2014) of the Conference shall stand", "c1")]),
    )
    const member = cohort.member("S")
    await cohort.settle()
    const replace = (gone: string, come: string): void => {
      const from = member.text(1).indexOf(gone)
      member.replace(1, from, from + gone.length, come)
    }
    replace("Busan", "Bucharest")
    replace("shall", "should")
    replace("2014", "2022")
    await cohort.settle()
    expect(cohort.changes().map((change) => describeChange(change))).toEqual([
      "replace “Busan … 2014” by “Bucharest … 2022”",
      "replace “shall” by “should”",
    ])
  })
})
