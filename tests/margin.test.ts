import { describe, expect, it } from "vitest"
import { type Beside, gapPx, heightsOf, rowPx, type StackItem, settle } from "../client/panels/stack.ts"
import { type Change, describeChange } from "../shared/changes/changes.ts"
import { inQuotes, isSameToTheEye, shortenMiddle, unseenNamed } from "../shared/changes/wording.ts"
import { random } from "./build.ts"

const row = (top: number): StackItem => ({ top, height: rowPx, weight: 1 })

describe("the stack beside the text", () => {
  it("[MAR2] what has room stands at its words", () => expect(settle([row(10), row(100), row(400)])).toEqual([10, 100, 400]))
  it("[MAR2] what has none shares it, nothing over another; what is open keeps its place", () => {
    expect(settle([row(100), row(100)])).toEqual([100 - (rowPx + gapPx) / 2, 100 + (rowPx + gapPx) / 2])
    const [above, card, below] = settle([row(100), { top: 110, height: 200, weight: 1e6 }, row(140)])
    expect([Math.round(card!), Math.round(above!), Math.round(below!)]).toEqual([110, 110 - rowPx - gapPx, 310 + gapPx])
  })
  it("[MAR2] nothing is above the head of the margin", () => expect(settle([row(0), row(0), row(0)])[0]).toBe(0))
  it("[MAR2] of 2,000 random stacks none has one thing over another, and none could stand nearer", () => {
    const r = random(7)
    for (let round = 0; round < 2_000; round++) {
      const items = Array.from({ length: 1 + r.below(12) }, () => ({ top: r.below(600), height: 20 + r.below(60), weight: 1 })).sort(
        (a, b) => a.top - b.top,
      )
      const tops = settle(items)
      const cost = (places: readonly number[]): number => places.reduce((sum, top, i) => sum + (top - items[i]!.top) ** 2, 0)
      const isFree = (places: readonly number[]): boolean =>
        places[0]! >= 0 && places.every((top, i) => i === 0 || top >= places[i - 1]! + items[i - 1]!.height + gapPx - 1e-6)
      expect(isFree(tops)).toBe(true)
      for (let i = 0; i < tops.length; i++)
        for (const by of [-3, 3]) {
          // No other place of one, and of all that stand behind it, is nearer to the words.
          const moved = tops.map((top, n) => (n >= i ? top + by : top))
          if (isFree(moved)) expect(cost(moved)).toBeGreaterThanOrEqual(cost(tops) - 1e-6)
        }
    }
  })
})

describe("how much of a clause is shown", () => {
  const clause = (id: string, top: number, groups: string): Beside => ({
    id,
    rows: [...groups].map((group) => ({ top, group })),
    platesPx: rowPx,
    cards: [],
  })
  it("[MAR1] a row for each change where there is room", () => {
    expect([...heightsOf([clause("a", 0, "SBJ"), clause("b", 300, "SB")], 200).values()]).toEqual(["changes", "changes"])
  })
  it("[MAR1] where there is none a row for each delegation, then one line of codes; the clause that takes most gives way first", () => {
    const crowd = clause("a", 300, "SSSSSSSSSSSSSSSSSSSSBJ")
    expect([...heightsOf([crowd, clause("b", 330, "SB")], 200).values()]).toEqual(["delegations", "changes"])
    const many = clause("a", 300, "ABCDEFGHIJKLMNOPQRSTUVW")
    expect([...heightsOf([many, clause("b", 330, "SB")], 200).values()]).toEqual(["plates", "changes"])
  })
  it("[MAR1 MAR2] however many there are, nothing is further from its words than it may be, unless all are codes already", () => {
    const r = random(11)
    for (let round = 0; round < 200; round++) {
      const clauses = Array.from({ length: 30 }, (_, i) =>
        clause(`c${i}`, i * 60, Array.from({ length: r.below(14) }, () => "SBJFKUM"[r.below(7)]).join("")),
      ).filter(({ rows }) => rows.length > 0)
      const heights = heightsOf(clauses, 200)
      const items = clauses.flatMap(({ id, rows }) => {
        const first = rows.filter((one, i) => rows.findIndex(({ group }) => group === one.group) === i)
        const shown = { changes: rows, delegations: first, plates: rows.slice(0, 1) }[heights.get(id)!]
        return shown.map(({ top }) => row(top))
      })
      settle(items).forEach((top, i) => {
        expect(Math.abs(top - items[i]!.top)).toBeLessThanOrEqual(200)
      })
    }
  })
})

describe("words beside the text", () => {
  it("[MAR3] what nobody sees is called by its name", () => {
    expect(["", " ", "  ", "\u00a0", " \t", "\u00ad", "\u200f", "\u200b \n", "\u2003", " a"].map(unseenNamed)).toEqual([
      null,
      "a space",
      "2 spaces",
      "a no-break space",
      "a space and a tab",
      "a soft hyphen",
      "a right-to-left mark",
      "a zero-width space, a space and a line break",
      "a sign U+2003",
      null,
    ])
    expect([inQuotes(" "), inQuotes(" x")]).toEqual(["a space", "“ x”"])
    expect([isSameToTheEye("a b", "a  b"), isSameToTheEye("ab", "a b"), isSameToTheEye("a", "b"), isSameToTheEye(" ", "  ")]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
  it("[MAR3] long words are shortened in the middle, between letters as people see them", () => {
    expect(shortenMiddle("short", 10)).toBe("short")
    const short = shortenMiddle("the beginning of many words that go on and on until the very end", 24)
    expect(short).toMatch(/^the beginning.*…/)
    expect(short).toMatch(/very end$/)
    expect(short.length).toBeLessThanOrEqual(24)
    const flags = "🇸🇪".repeat(50)
    expect([...new Intl.Segmenter().segment(shortenMiddle(flags, 9))].map(({ segment }) => segment)).toEqual([
      ...Array(5).fill("🇸🇪"),
      "…",
      ...Array(3).fill("🇸🇪"),
    ])
    expect(shortenMiddle("x".repeat(1e6), 20).length).toBe(20)
  })
  it("[MAR3] of a long replacement both sides are told", () => {
    const change = {
      kind: "replacement",
      deleted: `old ${"o".repeat(900)} gone`,
      inserted: `new ${"n".repeat(900)} come`,
      structure: [],
    } as unknown as Change
    const told = describeChange(change, 40)
    expect(told).toMatch(/^replace “old o+…o* ?gone” by “new n+…n* ?come”$/)
    expect(told.length).toBeLessThan(120)
    expect(describeChange({ ...change, deleted: "a", inserted: " " })).toBe("replace “a” by a space")
  })
})
