import { describe, expect, it } from "vitest"
import type { Change } from "../shared/changes/changes.ts"
import { changesIn } from "../shared/changes/changes.ts"
import { spoiltReading } from "../shared/changes/other-side.ts"
import { flawsIn } from "../shared/changes/spaces.ts"
import { type Block, defaultAttrs, type Mark } from "../shared/schema/block.ts"
import { areGlued, lacksBlank, takesBlank } from "../shared/schema/letters.ts"
import { newMark } from "../shared/schema/schema.ts"
import { run } from "./build.ts"

/** Two words of a script, and whether it parts them by blanks. */
const scripts: readonly (readonly [name: string, one: string, other: string, hasBlanks: boolean])[] = [
  ["Latin", "lamp", "mole", true],
  ["Latin with marks of their own", "e\u0301te\u0301", "e\u0301te\u0301", true],
  ["Cyrillic", "маяк", "мол", true],
  ["Greek", "φάρος", "μόλος", true],
  ["Arabic", "منارة", "رصيف", true],
  ["Arabic with vowel signs", "كِتَابٌ", "رصيف", true],
  ["Hebrew", "מגדלור", "מזח", true],
  ["Devanagari", "दीपक", "घाट", true],
  ["digits", "12", "2026", true],
  ["Chinese", "灯塔", "码头", false],
  ["Japanese", "ランプ", "まで", false],
  ["Chinese beside Latin", "灯塔", "lamp", false],
]

const out = newMark("deletion", { id: "B.102.1", source: "B" })
const at = (...runs: [string, ...Mark[]][]): Block[] => [
  { ...defaultAttrs, id: "c", type: "clause", structure: [], runs: runs.map(([text, ...marks]) => run(text, ...marks)) },
]
const changeOf = (blocks: readonly Block[], source: string): Change => changesIn(blocks).find((change) => change.source === source)!

describe("[RIVAL8 PART6] there is one sense in which words are glued, in whatever script", () => {
  for (const [name, one, other, hasBlanks] of scripts)
    it(`${name}: ${hasBlanks ? "it is told" : "there is nothing to tell"}`, () => {
      expect([areGlued(one, other), lacksBlank(one, other), takesBlank(one, other)]).toEqual([hasBlanks, hasBlanks, hasBlanks])
      expect([areGlued(`${one} `, other), lacksBlank(one, ` ${other}`), takesBlank(`${one} `, other)]).toEqual([false, false, false])
      // Of a change that came too late, and of one whose neighbour goes by another's acceptance.
      const late = at([`${one}`], [other, newMark("insertion", { id: "J.103.1", source: "J" })], [" x"])
      expect(spoiltReading(changeOf(late, "J"), late)?.includes("no space between") ?? false).toBe(hasBlanks)
      const between = at([`${one}`], [" ", out], [" ", newMark("deletion", { id: "J.103.1", source: "J" })], [other])
      const both = new Map(changesIn(between).map(({ id }) => [id, "accept"] as const))
      expect(flawsIn(between[0]!, both)).toEqual(hasBlanks ? ["no space between"] : [])
    })

  it("what is glued lacks a blank, and what lacks one takes one where texts are put together", () => {
    const ends = ["a", "я", "ر", "塔", "5", ".", ",", ")", "(", "“", "”", "’", '"', 'a"', "%", "–", "/", " ", "\n", "、", ""]
    for (const before of ends)
      for (const after of [...ends, '"a']) {
        const [glued, lacks, takes] = [areGlued(before, after), lacksBlank(before, after), takesBlank(before, after)]
        expect([glued && !lacks, lacks && !takes], JSON.stringify([before, after])).toEqual([false, false])
      }
  })

  it("a closing sign and a word lack one, an opening sign and what it opens do not", () => {
    for (const [before, after] of [
      ["mole,", "lamp"],
      ["(a)", "lamp"],
      ["mole", "(a"],
      ['the "mole"', "lamp"],
      ["mole", '"lamp'],
    ] as const)
      expect(lacksBlank(before, after), `${before}|${after}`).toBe(true)
    for (const [before, after] of [
      ["(", "lamp"],
      ["“", "lamp"],
      ["mole", ","],
      [' "', "lamp"],
      ["mole", '"'],
      ["mole", "”"],
    ] as const)
      expect(lacksBlank(before, after), `${before}|${after}`).toBe(false)
  })
})
