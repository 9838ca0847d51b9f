import { describe, expect, it } from "vitest"
import { changesIn } from "../shared/changes/changes.ts"
import { isIncorporable } from "../shared/changes/incorporate.ts"
import { type Block, defaultAttrs, type Mark } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { run } from "./build.ts"

const outer = newMark("insertion", { id: "S.101.1", source: "S" })
const put = (n: number, within: readonly string[], source = "B"): Mark => newMark("insertion", { id: `${source}.102.${n}`, source, within })
const against = (over: readonly string[]): Mark => newMark("deletion", { id: "B.102.9", source: "B", over })

/** Whether Sweden may take Brazil's change into its own, where Sweden's insertion holds this. */
function taken(...inner: Mark[]): boolean {
  const runs = [run("a"), run("s", outer), run("y", outer, ...inner), run("t", outer), run("b")]
  const blocks: Block[] = [{ ...defaultAttrs, id: "c", type: "clause", structure: [], runs }]
  const change = changesIn(blocks).find(({ source }) => source === "B")!
  return isIncorporable(blocks, change, "S", new Set())
}

describe("[TRK10] who owns an insertion takes into it what was put into it, and nothing else", () => {
  it("words that were typed into it", () => expect(taken(put(1, ["S.101.1"]))).toBe(true))
  it("an objection to its words", () => expect(taken(against(["S.101.1"]))).toBe(true))
  it("words that it came to stand around", () => expect(taken(put(1, []))).toBe(false))
  it("nor such as name another insertion of the same source", () => expect(taken(put(1, ["S.101.7"]))).toBe(false))
  it("words in the words of a third are that one's to take", () =>
    expect(taken(put(3, ["S.101.1"], "F"), put(1, ["S.101.1", "F.102.3"]))).toBe(false))
})
