import { describe, expect, it } from "vitest"
import { changesIn } from "../shared/changes/changes.ts"
import { partTakenSaid, togetherSaid } from "../shared/changes/taken-together.ts"
import { type Block, defaultAttrs, type Mark, noStructure, type Run } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { run } from "./build.ts"

const id = (source: string, n = 1): string => `${source}.${source.charCodeAt(0)}.${n}`
const ins = (source: string, n = 1, within: readonly string[] = []): Mark => newMark("insertion", { id: id(source, n), source, within })
const del = (source: string, n = 1, over: readonly string[] = []): Mark => newMark("deletion", { id: id(source, n), source, over })
/** The insertion of a replacement: it belongs to the source's deletion with this number. */
const comes = (source: string, n = 1): Mark => newMark("insertion", { id: id(source, n + 50), of: id(source, n), source })
const clause = (...runs: Block["runs"]): Block => ({ ...defaultAttrs, id: "c", type: "clause", runs, structure: noStructure })

const all = [id("B"), id("K")]
const register = (within: readonly string[] = []): Run[] => [
  run("to keep "),
  run("a reg", del("B")),
  run(" and good", del("B"), ins("K", 1, within)),
  run("ister", del("B")),
  run("the list", comes("B")),
  run(" of all lines"),
]

describe("on the card, before anybody decides", () => {
  const said = (...runs: Run[]): string | null => togetherSaid(clause(...runs), all)
  it("[RIVAL8] it is told how the text will read, and so it reads", () =>
    expect(
      said(run("to keep "), run("a register", del("B")), run("the list", comes("B")), run(" of all"), run(" old", ins("K")), run(" lines")),
    ).toBe("“to keep the list of all old lines”"))
  it("[RIVAL8] with its flaw, where words were put into the midst of what another replaces, or at its edge", () => {
    expect(said(...register())).toBe("“to keep  and goodthe list of all lines” (with two spaces, and no space between)")
    expect(said(run("a "), run("progress", del("B")), run(" (yearly)", del("B"), ins("K")), run(" ", del("B")), run("report"))).toBe(
      "“a  (yearly)report” (with two spaces, and no space between)",
    )
  })
  it("[RIVAL8] with its flaw, where no space was brought or one too many", () => {
    expect(said(run("to "), run("one", ins("B")), run("two", ins("K")), run(" held"))).toBe("“to onetwo held” (with no space between)")
    expect(said(run("x ", ins("B")), run("list", del("B")), run(" y", ins("K")))).toBe("“x  y” (with two spaces)")
  })
  it("[RIVAL8] not where nothing of it takes effect now", () =>
    expect(said(run("a"), run(" x", ins("S")), run(" y", ins("S"), ins("B", 1, [id("S")])))).toBe(null))
  it("[RIVAL8 RES1] of one of which a part waits: how the text in force reads until the proposal around is decided", () => {
    const alone = (...runs: Run[]): string | null => togetherSaid(clause(...runs), [id("B")])
    const over = del("B", 1, [id("S")])
    expect(
      alone(run("on the internet"), run(" and in ", ins("S")), run("school", ins("S"), over), run(";", over), run("class;", comes("B"))),
    ).toBe("“the internetclass;” (with no space between)")
    const within = newMark("insertion", { id: id("B", 51), of: id("B"), source: "B", within: [id("S")] })
    expect(
      alone(
        run("activities on "),
        run("the internet", over),
        run(" and", ins("S"), over),
        run("a web or", ins("S"), within),
        run(" in school", ins("S")),
        run(";"),
      ),
    ).toBe("“activities on ;”")
    // Its own words beside those that it leaves are as it wrote them.
    expect(alone(run("a photo"), run("copy", del("B")), run("graph", comes("B")))).toBe("“a photograph”")
  })
  it("[RIVAL8 PART4] of a part: it stands beside words that the whole takes out", () => {
    const draft = [clause(run("a "), run("yearly", del("B")), run("monthly", comes("B")), run(" report"))]
    const [change] = changesIn(draft)
    expect(partTakenSaid(draft, change!, { segment: 1, from: 0, to: 5 })).toBe("“a yearlymonth report” (with no space between)")
    expect(partTakenSaid(draft, change!, { segment: 0, from: 4, to: 6 })).toBe("“a year report”")
  })
})
