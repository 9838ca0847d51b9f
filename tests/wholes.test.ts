import { describe, expect, it } from "vitest"
import type { Understood } from "../client/panels/file-said.ts"
import { addressesIn, fileChangeSaid } from "../client/panels/file-said.ts"
import { readFile } from "../server/files/read-file.ts"
import { write } from "../server/papers/formats.ts"
import { wholesSaid } from "../shared/changes/wholes.ts"
import { addressesOf, labelsOf } from "../shared/clauses/labels.ts"
import type { StructuralAct } from "../shared/schema/block.ts"
import { markId } from "../shared/schema/keys.ts"
import { blocksOf, structureRoot } from "../shared/sync/read.ts"
import { metaOfDoc } from "../shared/sync/roots.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

const base = draftState([
  head("resolves"),
  clause("to keep a lamp at every mole,", "a"),
  clause("to count the lamps each year,", "b"),
  clause("to report to the Council,", "c"),
  clause("to share what was learned,", "d"),
])

/** Every act on a clause as a whole, with what is said of it. A new one does not compile without its case. */
const cases: Readonly<Record<StructuralAct["kind"], readonly [StructuralAct, string]>> = {
  delete: [{ kind: "delete" }, "delete resolves 3"],
  join: [{ kind: "join", into: "b" }, "join resolves 3 to resolves 2"],
  level: [{ kind: "level", level: 2 }, "put resolves 3 at level 2"],
  move: [{ kind: "move", after: "a" }, "move resolves 3 behind resolves 1"],
}

/** What the list of a file's changes says, of the file of a draft. */
function listed(cohort: Cohort): string[] {
  const options = { view: "open", marks: "delegation", hasComments: false, template: null } as const
  const file = readFile(write(paperOf(cohort.room.main), { format: "json", ...options })) as unknown as Understood
  return file.changes.map((change) => fileChangeSaid(change, file, addressesIn(file)))
}

describe("changes of whole clauses", () => {
  for (const [act, said] of Object.values(cases))
    it(`[UI119] a file's list says what is done to which clause, as the draft does: ${said}`, async () => {
      const cohort = new Cohort(base)
      const { session } = cohort.member("S")
      await cohort.settle()
      const id = markId("S", session.doc.clientID, 9_000)
      session.doc.transact(() => session.doc.getMap(structureRoot).set(id, { id, of: "", source: "S", block: "c", ...act }))
      await cohort.settle()
      const [change] = cohort.changes()
      const { profile, labels } = metaOfDoc(cohort.room.main)
      const blocks = blocksOf(cohort.room.main)
      const addresses = addressesOf(blocks, labelsOf(blocks, profile, labels))
      const ofDraft = wholesSaid(
        change!.structure.map(({ proposal }) => proposal),
        (block) => addresses.get(block)!,
      )
      expect([ofDraft, listed(cohort)]).toEqual([said, [`${said}: “to report to the Council,”`]])
    })

  it("[UI119] of a split it says of which clause, and behind which words", async () => {
    const cohort = new Cohort(base)
    const member = cohort.member("S")
    await cohort.settle()
    member.session.tracking.split({ index: 3, at: "to report".length })
    await cohort.settle()
    expect(listed(cohort)).toEqual(["split resolves 3 after “to report”"])
  })

  it("[UI119] of many clauses the first is named and the others are counted", () =>
    expect(
      wholesSaid(
        [1, 2, 3].map((n) => ({ kind: "delete", block: `${n}` })),
        (block) => `resolves ${block}`,
      ),
    ).toBe("delete resolves 1 and 2 more"))
})
