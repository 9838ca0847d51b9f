/** What else goes with what a change takes out is part of it: footnotes that nothing calls any more, and the words of another's new clause. */
import { expect, it } from "vitest"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import { fatesTold } from "../server/decisions/fates.ts"
import { type Change, changesIn, describeChange } from "../shared/changes/changes.ts"
import { changeSaid } from "../shared/changes/pieces.ts"
import { relationsOf } from "../shared/changes/rivals.ts"
import { changeHash, sightOf } from "../shared/changes/sight.ts"
import { struckIn } from "../shared/changes/waiting.ts"
import { anchorCharacter } from "../shared/schema/block.ts"
import { clause, draftState, head, note } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"

const noted = draftState([
  head("resolves"),
  { ...clause(`to keep a lamp${anchorCharacter} at every mole,`, "a"), calls: ["n"] },
  { ...clause(`to count them${anchorCharacter} each year,`, "b"), calls: ["m"] },
  note("of bronze or of iron", "n"),
  note("in spring", "m"),
])

async function room(state: Uint8Array): Promise<{ cohort: Cohort; s: Member; b: Member }> {
  const cohort = new Cohort(state)
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  return { cohort, s, b }
}

const of = (cohort: Cohort, source: string): Change => changesIn(cohort.room.gate.blocks).find((change) => change.source === source)!
const hashOf = (cohort: Cohort, source: string): string => changeHash(of(cohort, source), sightOf(cohort.room.gate.blocks))

it("[NOTE2 HASH1 PIECE1] a footnote that goes with its call is told and seen, and an amendment of it moves the hash once it is agreed", async () => {
  const { cohort, s, b } = await room(noted)
  s.delete(1, 14, 15)
  await cohort.settle()
  expect(describeChange(of(cohort, "S"))).toBe("delete “*” with the footnote “of bronze or of iron”")
  const before = hashOf(cohort, "S")
  b.type(3, 20, " alone")
  await cohort.settle()
  expect(hashOf(cohort, "S"), "what others only propose moves no hash").toBe(before)
  const changes = changesIn(cohort.room.gate.blocks)
  expect(relationsOf(cohort.room.gate.blocks, changes).goesWith(of(cohort, "S").id)).toEqual([of(cohort, "B").id])
  expect(await cohort.decide([of(cohort, "B").id], "accept")).toBe(true)
  expect(hashOf(cohort, "S")).not.toBe(before)
  expect(describeChange(of(cohort, "S"))).toContain("of bronze or of iron alone")
})

it("[NOTE2 HASH1 PIECE1] so with a clause, and with several, each where it is called", async () => {
  const { cohort, s } = await room(noted)
  s.session.restructuring.deleteClause(1)
  await cohort.settle()
  expect(describeChange(of(cohort, "S"))).toMatch(/^delete the clause “to keep a lamp\*? .*” with the footnote “of bronze or of iron”$/s)
  s.delete(2, 10, 16)
  await cohort.settle()
  const said = changesIn(cohort.room.gate.blocks).map((change) => changeSaid(change, (id) => id))
  expect(said).toHaveLength(2)
  expect(said[1]).toMatch(/with the footnote “in spring”$/)
})

it("[NOTE2] one that is called elsewhere too does not go", async () => {
  const { cohort, s } = await room(
    draftState([
      head("resolves"),
      { ...clause(`to keep a lamp${anchorCharacter} at every mole${anchorCharacter},`, "a"), calls: ["n", "n"] },
      note("of bronze", "n"),
    ]),
  )
  s.delete(1, 14, 15)
  await cohort.settle()
  expect(of(cohort, "S").footnotes).toBeUndefined()
})

it("[RES1 HASH1] the deletion of another's new clause has its words, and accepting the clause says that nothing of it comes", async () => {
  const { cohort, s, b } = await room(draftState([head("resolves"), clause("to keep a lamp at every mole,", "a")]))
  b.session.tracking.addClauseWith(2, "to build more dams;")
  await cohort.settle()
  s.session.restructuring.deleteClause(2)
  await cohort.settle()
  expect(describeChange(of(cohort, "S"))).toBe("delete the clause “to build more dams;”")
  const before = hashOf(cohort, "S")
  const [own, strike] = [of(cohort, "B").id, of(cohort, "S").id]
  b.type(2, 0, "never ")
  await cohort.settle()
  expect(hashOf(cohort, "S")).not.toBe(before)
  expect(await cohort.decide([strike], "accept")).toBe(true)
  expect(struckIn(own, cohort.room.gate.blocks, new Set([strike]))).toEqual([{ source: "S", words: "never to build more dams;" }])
  let told: unknown[] = []
  await cohort.act("accept", function* (gate) {
    const done = yield* decideChanges(gate, seenIn(gate, [own]), "accept", { isPartial: false })
    expect([...done.struck]).toEqual([own])
    told = fatesTold(done, "accept", "the chair", (block) => block)
    return { row: done.row, decidedBlocks: done.blocks, details: {} }
  })
  expect(JSON.stringify(told)).toContain(
    "new clause “never to build more dams;”, of which nothing is in the text: an accepted deletion takes all of it out",
  )
  expect(cohort.room.gate.blocks.map(({ id }) => id)).toHaveLength(2)
})
