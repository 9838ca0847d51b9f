/** What is accepted about a clause that is only proposed waits for that clause (RES1): nobody takes it out meanwhile, and nothing waits for ever. */
import { expect, it } from "vitest"
import * as Y from "yjs"
import { undo } from "../client/editor/undo.ts"
import type { Change } from "../shared/changes/changes.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf, blocksRoot, structureRoot } from "../shared/sync/read.ts"
import { roots } from "../shared/sync/roots.ts"
import { writeText } from "../shared/sync/write.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"
import { Meeting } from "./meeting.ts"
import { writerOf } from "./writer.ts"

const base = draftState([head("resolves"), clause("to light the lamps;", "a"), clause("to report,", "b")])

interface Scene {
  readonly cohort: Cohort
  readonly s: Member
  readonly level: Change
  readonly clause: Change
}

/** B proposes a clause, S another level for it, and the chair accepts that of S. */
async function levelAccepted(): Promise<Scene> {
  const cohort = new Cohort(base)
  const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
  await cohort.settle()
  b.session.tracking.addClauses(2, ["to trim the lamps;"], null)
  await cohort.settle()
  s.session.restructuring.changeLevel(2, 1)
  await cohort.settle()
  const of = (source: string): Change => cohort.changes().find((change) => change.source === source)!
  const scene = { cohort, s, level: of("S"), clause: of("B") }
  await cohort.decide([scene.level.id], "accept")
  await cohort.settle()
  return scene
}

const levelOf = ({ cohort }: Scene): number => blocksOf(cohort.room.main)[2]!.level

const undoing = ({ s }: Scene): unknown => undo(s.session, s.state, (tr) => s.host.update(tr), { isSeen: () => true, say: () => undefined })

for (const [how, take] of [
  ["by its undo", (scene: Scene) => void undoing(scene)],
  ["by the keys that proposed it", ({ s }: Scene) => void s.session.restructuring.changeLevel(2, -1)],
  [
    "by what its browser sends",
    ({ s, level }: Scene) => s.session.doc.transact(() => s.session.doc.getMap(structureRoot).delete(level.structure[0]!.proposal.id)),
  ],
] as const)
  it(`[GATE14 TRK8] a level that is accepted and waits for its clause is taken out ${how} no more`, async () => {
    const scene = await levelAccepted()
    const { cohort, level } = scene
    take(scene)
    await cohort.settle()
    expect(roots.proposals(cohort.room.main).get(level.id)?.status).toBe("acceptedWithHost")
    await cohort.decide([scene.clause.id], "accept")
    await cohort.settle()
    expect([roots.proposals(cohort.room.main).get(level.id)?.status, levelOf(scene)]).toEqual(["accepted", 2])
    expect([cohort.refusals, cohort.faults, cohort.room.faults]).toEqual([[], [], 0])
  })

it("[ACT5 RES3] adoption does not wait for a new clause that its source has emptied", async () => {
  const meeting = await Meeting.open()
  try {
    const chair = await meeting.guest("chair")
    const draft = await meeting.draft()
    const s = await writerOf(await meeting.guest("delegate", ["S"], "Sven"), draft, "S")
    const id = `S.${s.clientId}.1`
    const words = new Y.XmlText()
    await s.write((doc, tr) => {
      const element = new Y.XmlElement("clause")
      for (const [name, value] of Object.entries({ id: `n${id}`, insertedBy: "S", insertedId: id })) element.setAttribute(name, value)
      const fragment = doc.getXmlFragment(blocksRoot)
      fragment.insert(9, [element])
      element.insert(0, [words])
      writeText(tr, words, { left: null, right: null, marks: [] }, "to trim the lamps;", [newMark("insertion", { id, source: "S" })])
    })
    const b = await writerOf(await meeting.guest("delegate", ["B"], "Bia"), draft, "B")
    const level = `B.${b.clientId}.1`
    await b.write((doc) =>
      doc.getMap(structureRoot).set(level, { id: level, of: "", source: "B", block: `n${id}`, kind: "level", level: 2 }),
    )
    const listed = await chair.call("changes", { draft })
    expect(listed.map((change) => change.id).sort()).toEqual([level, id].sort())
    await chair.call(
      "decide",
      { draft },
      { verdict: "accept", changes: listed.filter((change) => change.id === level).map((c) => ({ id: c.id, hash: c.hash })) },
    )
    await s.write(() => words.delete(0, words.length))
    expect(await chair.call("changes", { draft })).toEqual([])
    expect(await chair.call("adopt", { draft }, { stage: "adopted" } as never)).toMatchObject({ stage: "adopted" })
  } finally {
    await meeting.stop()
  }
})
