import { describe, expect, it } from "vitest"
import { stepFrom } from "../client/draft/stepping.ts"
import type { Change } from "../shared/changes/changes.ts"

/** Changes in the order of the text: "b3" begins at the fourth letter of block b; of two at one place the second is "b3'". */
const list = ["a0", "b3", "b3'", "b9", "d2"].map((id) => {
  const [block, at] = [id[0]!, Number(id[1])]
  return { id, block, segments: [{ block, from: at, to: at + 1 }] } as unknown as Change
})
const order = new Map(["a", "b", "c", "d", "e"].map((id, i) => [id, i]))
const step = (place: string | null, direction: 1 | -1, left: string | null = null): string | undefined =>
  stepFrom(list, order, { here: place === null ? null : { block: place[0]!, at: Number(place.slice(1)) }, left }, direction)?.id

describe("a step from a place of the text", () => {
  it("[UI131] forward is the first change at the place or behind it, back the last before it, and round at the ends", () => {
    expect(["a0", "a1", "b4", "b10", "c0", "d3", "e0"].map((place) => step(place, 1))).toEqual(["a0", "b3", "b9", "d2", "d2", "a0", "a0"])
    expect(["a0", "a1", "b3", "b4", "c5", "e0"].map((place) => step(place, -1))).toEqual(["d2", "a0", "a0", "b3'", "b9", "d2"])
  })

  it("[UI131] from where the change begins that one has just been at, it goes on from that one, though others begin there too", () => {
    expect([step("b3", 1, "b3"), step("b3", 1, "b3'"), step("b3", -1, "b3'"), step("b3", 1, "a0")]).toEqual(["b3'", "b9", "b3", "b3"])
  })

  it("[UI131] without a place it begins at the ends; where nothing is open there is none", () => {
    expect([step(null, 1), step(null, -1), step("z4", 1)]).toEqual(["a0", "d2", "a0"])
    expect(stepFrom([], order, { here: { block: "a", at: 0 }, left: null }, 1)).toBeUndefined()
  })
})
