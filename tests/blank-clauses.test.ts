import { expect, it } from "vitest"
import * as Y from "yjs"
import { describeChange } from "../shared/changes/changes.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { isPresent, textOf } from "../shared/schema/block.ts"
import { blocksOf, blocksRoot } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member, standing } from "./cohort.ts"

/** An act of Sweden's, and empty clauses that it then says to be of the same change; what is open is accepted. */
async function accepted(act: (s: Member) => void, blanks: number, emptied?: (s: Member) => void): Promise<Cohort> {
  const cohort = new Cohort(draftState([head("resolves"), clause("to keep a lamp,", "c0"), clause("to report,", "c1")]))
  const s = cohort.member("S")
  await cohort.settle()
  act(s)
  await cohort.settle()
  const [change] = cohort.changes()
  const shown = describeChange(change!)
  const { doc } = s.session
  for (let n = 900; n < 900 + blanks; n++)
    doc.transact(() => {
      const element = new Y.XmlElement("clause")
      element.insert(0, [new Y.XmlText()])
      doc.getXmlFragment(blocksRoot).insert(1, [element])
      const attrs = { id: `nS.${doc.clientID}.${n}`, insertedBy: "S", insertedId: change!.id }
      for (const [name, value] of Object.entries(attrs)) element.setAttribute(name, value)
    })
  emptied?.(s)
  await cohort.settle()
  expect(cohort.refusals).toEqual([])
  if (!emptied) expect(cohort.changes().map((one) => describeChange(one))).toEqual([shown])
  expect(await cohort.decide([change!.id], "accept"), cohort.refusal?.message).toBe(true)
  await cohort.settle()
  expect(standing(cohort.replayed())).toEqual(standing(cohort.room.main))
  expect(cohort.faults).toEqual([])
  return cohort
}

const agreed = (cohort: Cohort): string => workingTextOf(blocksOf(cohort.room.main)).filter(isPresent).map(textOf).join("|")

it("[NUM10] empty clauses that are hung on words are not agreed with them", async () => {
  const cohort = await accepted((s) => s.type(2, 9, " yearly"), 3)
  expect(agreed(cohort)).toBe("resolves|to keep a lamp,|to report yearly,")
})
it("[NUM10] nor are such as are of one change with a new clause", async () => {
  const cohort = await accepted((s) => s.session.tracking.addClauseWith(2, "to share,"), 2)
  expect(agreed(cohort)).toBe("resolves|to keep a lamp,|to share,|to report,")
  expect(await cohort.takeBack(1), cohort.refusal?.message).toBe(true)
  await cohort.settle()
  expect(cohort.changes().map((change) => describeChange(change))).toEqual(["new clause “to share,”"])
  expect(agreed(cohort)).toBe("resolves|to keep a lamp,|to report,")
})
it("[NUM10] nor one of several new clauses that was emptied since", async () => {
  const cohort = await accepted(
    (s) => s.session.tracking.addClauses(2, ["to share,", "to learn,"], null),
    0,
    (s) => s.delete(3, 0, 9),
  )
  expect(agreed(cohort)).toBe("resolves|to keep a lamp,|to share,|to report,")
})
