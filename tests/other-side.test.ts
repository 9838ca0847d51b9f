import { strFromU8, unzipSync } from "fflate"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { seenIn } from "../server/decisions/as-seen.ts"
import { attribute } from "../server/decisions/attribute.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import { OpenChanges } from "../server/drafts/open-changes.ts"
import type { OpenDraft } from "../server/drafts/open-draft.ts"
import { Gate } from "../server/gate/gate.ts"
import { formats, write } from "../server/papers/formats.ts"
import { changeShape } from "../shared/api/shapes.ts"
import { changesIn } from "../shared/changes/changes.ts"
import { otherSideSaid, sideReads, spoiltReading } from "../shared/changes/other-side.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { finished } from "../shared/changes/slices.ts"
import { partTakenSaid } from "../shared/changes/taken-together.ts"
import { textOf } from "../shared/schema/block.ts"
import { markId, serverClient } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { agreedSinceIn } from "../shared/sync/agreed-since.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { forestalledIn, otherSidesIn, roots } from "../shared/sync/roots.ts"
import { newDraftDoc, slotAt, writeMark, writeText } from "../shared/sync/write.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

/** Sweden replaces letters of a clause, and the chair accepts one side of that. */
async function parted(side: "in" | "out", { from = 3, to = 11, words = "resume" } = {}): Promise<Cohort> {
  const cohort = new Cohort(draftState([head("resolves"), clause("to continue the work of the group;", "c1"), clause("to report,", "c2")]))
  const s = cohort.member("S")
  await cohort.settle()
  s.replace(1, from, to, words)
  await cohort.settle()
  const [change] = cohort.changes()
  expect(await cohort.decide([change!.id], "accept", new Map([[change!.id, { side }]])), cohort.refusal?.message).toBe(true)
  await cohort.settle()
  return cohort
}

const agreed = (cohort: Cohort): string => textOf(workingTextOf(blocksOf(cohort.room.main))[1]!)

/** What is said of the one change that is left. */
const said = (cohort: Cohort): string | null =>
  otherSideSaid(cohort.changes()[0]!, otherSidesIn(cohort.room.main), blocksOf(cohort.room.main))

const cases = [
  [
    "in",
    {},
    "“resume” of the same proposal was accepted by itself, and stands beside what it was to replace. Accepting this, the text reads “to resume the work”; not retaining it, “to continueresume the work” (with no space between).",
  ],
  [
    "out",
    {},
    "“continue”, which this was to replace, was taken out by itself. Accepting this, the text reads “to resume the work of”; not retaining it, “to  the work of” (with two spaces).",
  ],
  [
    "in",
    { from: 3, to: 12, words: "resume; " },
    "“resume; ” of the same proposal was accepted by itself, and stands beside what it was to replace. Accepting this, the text reads “to resume; the work”; not retaining it, “to continue resume; the work”.",
  ],
] as const

describe("one side of a replacement that was accepted by itself", () => {
  it.each(cases)(
    "[PART6] the card of the other (%s) says so and how the text will read, and so it reads: %o",
    async (side, what, expected) => {
      for (const verdict of ["accept", "notRetain"] as const) {
        const cohort = await parted(side, what)
        const told = said(cohort)
        expect(told).toBe(expected)
        const [, accepted, not] = /the text reads “(.*?)”.*?; not retaining it, “(.*?)”/.exec(told!)!
        await cohort.decide([cohort.changes()[0]!.id], verdict)
        expect(agreed(cohort)).toContain(verdict === "accept" ? accepted : not)
        expect(cohort.changes()).toEqual([])
      }
    },
  )

  it.each([
    ["in", {}, "the text then reads “to continueresume the work of” (with no space between)"],
    ["out", {}, "the text then reads “to  the work of” (with two spaces)"],
    ["in", { from: 3, to: 12, words: "resume; " }, "the text then reads “to continue resume; the work of the”"],
  ] as const)(
    "[PART6] before it is accepted its button (%s) says how the text will read, and so it reads: %o",
    async (side, what, expected) => {
      const cohort = new Cohort(
        draftState([head("resolves"), clause("to continue the work of the group;", "c1"), clause("to report,", "c2")]),
      )
      const s = cohort.member("S")
      await cohort.settle()
      const { from, to, words } = { from: 3, to: 11, words: "resume", ...what }
      s.replace(1, from, to, words)
      await cohort.settle()
      const [change] = cohort.changes()
      expect(sideReads(change!, side, blocksOf(cohort.room.main))).toBe(expected)
      await cohort.decide([change!.id], "accept", new Map([[change!.id, { side }]]))
      expect(agreed(cohort)).toContain(/“(.*)”/.exec(expected)![1])
    },
  )

  it.each([
    [
      { segment: 1, from: 0, to: 5 },
      "“month” of the same proposal was accepted by itself, and stands beside what it was to replace. Accepting this, the text reads “to send a monthly report”; not retaining it, “to send a yearlymonth report” (with no space between).",
    ],
    [
      { segment: 0, from: 0, to: 4 },
      "“year”, which this was to replace, was taken out by itself. Accepting this, the text reads “to send a monthly report”; not retaining it, “to send a ly report”.",
    ],
  ] as const)("[PART6] so does the card of what is left where words of a side were accepted: %o", async (part, expected) => {
    for (const verdict of ["accept", "notRetain"] as const) {
      const cohort = new Cohort(draftState([head("resolves"), clause("to send a yearly report", "c1"), clause("to report,", "c2")]))
      const s = cohort.member("S")
      await cohort.settle()
      s.replace(1, 10, 16, "monthly")
      await cohort.settle()
      const [change] = cohort.changes()
      const before = partTakenSaid(blocksOf(cohort.room.main), change!, part)
      expect(await cohort.decide([change!.id], "accept", new Map([[change!.id, part]]))).toBe(true)
      await cohort.settle()
      expect(before).toBe(part.segment === 1 ? "“send a yearlymonth report” (with no space between)" : "“to send a ly report”")
      expect(agreed(cohort)).toContain(/“(.*)”/.exec(before!)![1])
      const told = said(cohort)
      expect(told).toBe(expected)
      const [, accepted, not] = /the text reads “(.*?)”.*?; not retaining it, “(.*?)”/.exec(told!)!
      await cohort.decide([cohort.changes()[0]!.id], verdict)
      expect(agreed(cohort)).toContain(verdict === "accept" ? accepted : not)
    }
  })

  it("[RIVAL4] the card of what came too late says where its words would be glued to others, to the letter", async () => {
    for (const [instead, from, to, expected] of [
      ["tell", 3, 11, "The text then reads “to resumetell the work” (with no space between)."],
      ["", 3, 12, "The text then reads “to resumethe work of the” (with no space between)."],
      ["", 3, 11, null],
    ] as const) {
      const cohort = new Cohort(draftState([head("resolves"), clause("to continue the work of the group;", "c1")]))
      const [s, j] = [cohort.member("S"), cohort.member("J")]
      await cohort.settle()
      s.replace(1, 3, 11, "resume")
      if (instead === "") j.delete(1, from, to)
      else j.replace(1, from, to, instead)
      j.deliverUp()
      await cohort.tick()
      await cohort.tick()
      await cohort.decide([cohort.changes()[0]!.id], "accept")
      await cohort.settle()
      const [late] = cohort.changes()
      expect(forestalledIn(cohort.room.main).has(late!.id)).toBe(true)
      expect(spoiltReading(late!, blocksOf(cohort.room.main))).toBe(expected)
      await cohort.decide([late!.id], "accept")
      expect(agreed(cohort)).toContain(expected === null ? "to resume the work" : /“(.*)”/.exec(expected)![1])
    }
  })

  it("[PART6] of what waits for the proposal around it no reading is told that is not so yet", async () => {
    const cohort = new Cohort(draftState([head("resolves"), clause("to continue;", "c1")]))
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    s.type(1, 11, " the good work")
    await cohort.settle()
    b.replace(1, 16, 20, "best")
    await cohort.settle()
    const { id } = cohort.changes().find(({ source }) => source === "B")!
    expect(await cohort.decide([id], "accept", new Map([[id, { side: "in" }]]))).toBe(true)
    await cohort.settle()
    const rest = cohort.changes().find(({ source }) => source === "B")!
    expect(otherSideSaid(rest, otherSidesIn(cohort.room.main), blocksOf(cohort.room.main))).toBe(
      "“best” of the same proposal was accepted by itself, and takes effect with the proposal around it.",
    )
  })

  it("[PART6] every form that shows changes, and the list of changes, say it in the same words, in nobody's name too", async () => {
    const cohort = await parted("in")
    const told = said(cohort)!
    for (const format of formats) {
      if (format === "pdf") continue
      for (const view of ["open", "against"] as const)
        for (const marks of ["delegation", "plain"] as const) {
          const bytes = write(paperOf(cohort.room.main), { format, view, marks, hasComments: false, template: null })
          const text =
            format === "docx"
              ? Object.values(unzipSync(bytes))
                  .map((part) => strFromU8(part))
                  .join("\n")
              : new TextDecoder().decode(bytes)
          expect(text.replace(/<\/?w:[^>]*>/g, ""), `${format}, ${view}, ${marks}`).toContain(told)
        }
    }
    const bytes = await new OpenChanges(async () => () => null).json({ room: cohort.room } as OpenDraft)
    const list = changeShape.array().parse(JSON.parse(new TextDecoder().decode(bytes)))
    expect(list.map((change) => change.otherSide)).toEqual([told])
  })

  it.each([
    ["the one that was parted, in another clause", 2, (was: string) => was],
    ["what is left of it, in another clause", 2, (_: string, left: string) => left],
    ["the one that was parted, in its clause", 1, (was: string) => was],
  ] as const)("[PART6 GATE14] words that say to belong to %s are no side of it", async (_, index, named) => {
    const cohort = await parted("out")
    const [was] = [...roots.proposals(cohort.room.main).keys()]
    const left = cohort.changes()[0]!.id
    const told = said(cohort)
    const { doc } = cohort.members[0]!.session
    const id = `S.${doc.clientID}.900`
    doc.transact((tr) => {
      const text = textOfElement(elementsOf(doc)[index]!)!
      writeText(tr, text, slotAt(tr, text, text.length - 3, "S"), " forged", [
        newMark("insertion", { id, source: "S", of: named(was!, left) }),
      ])
    })
    await cohort.settle()
    expect(roots.proposals(cohort.room.main).get(was!)?.next).toBe(left)
    const forged = cohort.changes().find(({ inserted }) => inserted.includes("forged"))!
    const sides = otherSidesIn(cohort.room.main)
    if (index === 2) expect(otherSideSaid(forged, sides, blocksOf(cohort.room.main))).toBeNull()
    expect(said(cohort)?.slice(0, 60)).toBe(told?.slice(0, 60))
  })

  it("[PART6 GATE14] nor is what names a deletion that was accepted as a whole", async () => {
    for (const index of [1, 2]) {
      const cohort = new Cohort(draftState([head("resolves"), clause("to continue the work;", "c1"), clause("to report,", "c2")]))
      const s = cohort.member("S")
      await cohort.settle()
      s.delete(1, 3, 11)
      await cohort.settle()
      const was = cohort.changes()[0]!.id
      expect(await cohort.decide([was], "accept")).toBe(true)
      await cohort.settle()
      const { doc } = s.session
      doc.transact((tr) => {
        const text = textOfElement(elementsOf(doc)[index]!)!
        writeText(tr, text, slotAt(tr, text, 3, "S"), "forged ", [
          newMark("insertion", { id: `S.${doc.clientID}.900`, source: "S", of: was }),
        ])
      })
      await cohort.settle()
      expect(cohort.changes().map(({ inserted }) => inserted)).toEqual(["forged "])
      expect(said(cohort)).toBeNull()
      expect(roots.proposals(cohort.room.main).get(was)?.next).toBe(index === 1 ? cohort.changes()[0]!.id : undefined)
    }
  })

  it("[PART6] nothing is said of a change that was not parted so, of a part that was not retained, or once the decision is taken back", async () => {
    const cohort = await parted("in")
    const n = cohort.log.entries.at(-1)!.n
    expect(await cohort.takeBack(n)).toBe(true)
    expect(said(cohort)).toBeNull()
    const [change] = cohort.changes()
    await cohort.decide([change!.id], "notRetain", new Map([[change!.id, { side: "in" }]]))
    expect(said(cohort)).toBeNull()
  })
})

it("[PART6] what is left of a change whose source is stated since is told to be what was left", () => {
  const notStated = (n: number): string => markId("NOT-STATED", serverClient, n)
  const doc = newDraftDoc()
  Y.applyUpdate(doc, draftState([clause("that the lamps be lit each night;", "c")]))
  doc.clientID = serverClient
  doc.transact((tr) => {
    const text = textOfElement(elementsOf(doc)[0]!)!
    writeMark(tr, text, 9, 14, newMark("deletion", { id: notStated(1000), source: "NOT-STATED" }))
    writeText(tr, text, slotAt(tr, text, 14, "NOT-STATED"), "candles", [
      newMark("insertion", { id: notStated(1001), of: notStated(1000), source: "NOT-STATED" }),
    ])
  })
  const gate = new Gate([Y.encodeStateAsUpdate(doc)], () => ({ person: "p", source: "S" }))
  finished(decideChanges(gate, [{ ...seenIn(gate)[0]!, part: { side: "out" } }], "accept", { isPartial: false }))
  const said = (): (string | null)[] =>
    changesIn(gate.blocks).map((change) => otherSideSaid(change, otherSidesIn(gate.shadow), gate.blocks))
  const before = said()
  expect(before).toEqual([expect.stringContaining("lamps")])
  attribute(gate, seenIn(gate), "S")
  expect(said()).toEqual(before)
})

it("[PART6 RIVAL8] what is wrong with the spaces is told also where what stands beside it was agreed since", async () => {
  const cohort = new Cohort(draftState([head("resolves"), clause("to keep a register of all boats", "a")]))
  const [b, s] = ["B", "S"].map((source) => cohort.member(source))
  await cohort.settle()
  b!.replace(1, 10, 18, "new roll")
  await cohort.settle()
  const [change] = cohort.changes()
  await cohort.decide([change!.id], "accept", new Map([[change!.id, { segment: 1, from: 0, to: 4 }]]))
  await cohort.settle()
  s!.type(1, s!.text(1).indexOf("new"), " and list ")
  await cohort.settle()
  await cohort.decide([cohort.changes().find(({ source }) => source === "S")!.id], "accept")
  await cohort.settle()
  const { main } = cohort.room
  const [rest] = cohort.changes()
  expect(otherSideSaid(rest!, otherSidesIn(main), blocksOf(main), agreedSinceIn(main))).toContain(
    "Accepting this, the text reads “to keep a  and list new roll of all boats” (with two spaces);",
  )
})
