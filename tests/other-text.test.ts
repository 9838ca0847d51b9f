import { describe, expect, it } from "vitest"
import { type Beside, laidBeside } from "../server/comparison/beside.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readText } from "../server/files/text.ts"
import { readWord } from "../server/files/word/read.ts"
import { by, del, ins, p, wordFile, words } from "./word-file.ts"

const draft = readText(
  "RESOLUTION 7 (Geneva, 2024)\nOn the lighting of harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole of every harbour;\n2\tto count the lamps each year and to publish their number,\n3\tto report to the Council on what the counting has shown.\n",
)
const heading = p(words("The Council,")) + p(words("resolves"))
const keep = p(`${words("1\tto keep ")}${del("Ann", "a lamp")}${ins("Ann", "two lamps")}${words(" at every mole of every harbour;")}`)
const paint = p(
  `${words("1\tto paint every lighthouse of the coast ")}${del("Ann", "white")}${ins("Ann", "red")}${words(" before winter;")}`,
)
const file = (body: string): FileDraft => readWord(wordFile({ body }))
const beside = (theirs: FileDraft, isCompared = false): Beside => laidBeside(theirs, draft, { isCompared, confirmed: [] })

describe("files beside a draft", () => {
  it("[BASE2] the text that a file was made on, whole, as an excerpt, or in a longer paper, is no other text", () => {
    const longer = Array.from({ length: 30 }, (_, i) => p(words(`Paragraph ${i} of a long letter that explains what follows.`))).join("")
    const whole =
      keep +
      p(words("2\tto count the lamps each year and to publish their number,")) +
      p(words("3\tto report to the Council on what the counting has shown."))
    for (const body of [heading + whole, heading + keep, longer + heading + whole]) {
      const { match, left } = beside(file(body))
      expect([match.isOther, left]).toEqual([false, []])
    }
    const { match } = beside(file(heading + keep))
    expect(match).toEqual({ words: 10, here: 10, isOther: false })
  })

  it("[BASE2] another text is, though heads and formulas are the same; what finds no place is told beforehand", () => {
    const { match, left } = beside(
      file(heading + paint + p(`${words("2\tto report on the paint used")}${ins("Ann", " and on brushes")}${words(";")}`)),
    )
    expect(match.isOther).toBe(true)
    expect(match.here).toBeLessThan(match.words / 2)
    expect(left).toEqual([
      { what: "replacement “white”", why: "The clause that it was made on is not in this draft." },
      { what: "insertion “ and on brushes”", why: "The words around it are not in this draft." },
    ])
  })

  it("[BASE2] so is one of which most changes find no place, and a clean one that is compared", () => {
    const half = heading + keep + paint.replaceAll("1\t", "2\t") + p(`${words("9\tto buy brushes")}${ins("Ann", " soon")}${words(";")}`)
    expect(beside(file(half)).match.isOther).toBe(true)
    const clean = readText(
      "resolves\n1\tto paint every lighthouse of the coast white before winter;\n2\tto report on the paint used and on the brushes;\n",
    )
    expect(beside(clean, true).match.isOther).toBe(true)
    expect(beside(draft, true).match.isOther).toBe(false)
  })

  it("[ONTO2] a new clause between clauses that the draft lacks has no place; one beside a clause that it has does", () => {
    const fresh = (text: string): string => p(ins("Ann", text), { mark: `<w:ins ${by("Ann")}/>` })
    const stranger = (text: string): string => p(words(text))
    const lost = beside(
      file(
        heading +
          keep +
          stranger("2\tto paint every lighthouse of the coast;") +
          fresh("3\tto buy brushes;") +
          stranger("4\tto wash all the windows of the tower."),
      ),
    )
    expect(lost.left).toEqual([{ what: "insertion “to buy brushes;”", why: "The clauses before and behind it are not in this draft." }])
    const found = beside(file(heading + keep + fresh("2\tto buy brushes;") + stranger("3\tto wash all the windows of the tower.")))
    expect(found.left).toEqual([])
  })
})
