import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { decidedSaid, takenBackSaid, withdrawnSaid } from "../client/draft/acts.ts"
import { fatesIn } from "../client/draft/fates.ts"
import { waitSaid } from "../client/panels/register.tsx"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges, settleWaiting } from "../server/decisions/decide.ts"
import type { Decided } from "../server/decisions/decided.ts"
import { type RecordedChange, recordOf } from "../server/decisions/decision-record.ts"
import { apiRoot, type Entry, listIn } from "../shared/api/contract.ts"
import { type Meaning, meaningOf } from "../shared/changes/carried.ts"
import { type Change, describeChange } from "../shared/changes/changes.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { finished } from "../shared/changes/slices.ts"
import { goesAlong, openedAgain, undoneIn } from "../shared/changes/taken-back.ts"
import { isSurrounded, struckIn } from "../shared/changes/waiting.ts"
import { isBlank, textOf } from "../shared/schema/block.ts"
import { markId } from "../shared/schema/keys.ts"
import { blocksOfDoc, newMark } from "../shared/schema/schema.ts"
import { blocksOf, blocksRoot, elementsOf, inOrderOfOpening, structureRoot, textOfElement } from "../shared/sync/read.ts"
import { forestalledIn, notedIn, roots, tiesIn, twinsIn, withNamesakes } from "../shared/sync/roots.ts"
import { slotAt, writeText } from "../shared/sync/write.ts"
import { clause, draftState, head, random } from "./build.ts"
import { Cohort, type Member, signature, signatureOfState } from "./cohort.ts"
import { type Guest, Meeting } from "./meeting.ts"

const line = "to keep a lamp at every mole,"
const base = draftState([head("resolves"), clause(line, "a"), clause("to count the lamps each year,", "b")])

const working = ({ room }: Cohort): string => workingTextOf(room.gate.blocks).map(textOf)[1]!
const open = (cohort: Cohort): string[] => {
  const noted = notedIn(cohort.room.gate.shadow)
  return cohort.changes().flatMap((change) => (noted.has(change.id) ? [] : [`${change.source}: ${describeChange(change)}`]))
}
const statusOf = ({ room }: Cohort, { id }: Change): string | undefined => roots.proposals(room.main).get(id)?.status
const lastEntry = ({ log }: Cohort) => log.entries.at(-1)!
const idsIn = (list: unknown): string[] => (list as { id: string }[]).map(({ id }) => id)

interface Scene {
  readonly cohort: Cohort
  readonly s: Member
  readonly b: Member
  readonly host: Change
  readonly inner: Change
}

/** S proposes something, B something in the midst of it, and the chair accepts that of B. */
async function accepted(propose: (s: Member) => void, within: (b: Member) => void): Promise<Scene> {
  const cohort = new Cohort(base)
  const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
  await cohort.settle()
  propose(s)
  await cohort.settle()
  b.session.undoManager.stopCapturing()
  within(b)
  await cohort.settle()
  const of = (source: string): Change => cohort.changes().find((change) => change.source === source)!
  const scene = { cohort, s, b, host: of("S"), inner: of("B") }
  await cohort.decide([scene.inner.id], "accept")
  await cohort.settle()
  return scene
}

const wordsInWords = (): Promise<Scene> =>
  accepted(
    (s) => s.type(1, 28, " and every pier"),
    (b) => b.type(1, 38, " old"),
  )

/** Nobody is stopped, nothing failed, and each browser has what the room has. */
function sound({ room, refusals, faults, members }: Cohort): void {
  expect([refusals, faults, room.faults]).toEqual([[], [], 0])
  for (const member of members) expect([member.refusals, member.session.binding.corrections]).toEqual([[], 0])
}

describe("what is accepted and waits", () => {
  const takenBack: readonly [string, (scene: Scene) => void][] = [
    ["by its undo", ({ s }) => void s.session.undoManager.undo()],
    [
      "by deleting its words",
      ({ s }) => {
        s.delete(1, 28, 38)
        s.delete(1, 32, 37)
      },
    ],
    ["in one stroke over all of it", ({ s }) => s.delete(1, 28, 47)],
  ]
  for (const [how, take] of takenBack)
    it(`[RES3] falls in the commit by which what it stands in is taken back ${how}: told, recorded, open no more`, async () => {
      const scene = await wordsInWords()
      const { cohort, b, inner } = scene
      expect([working(cohort), statusOf(cohort, inner)]).toEqual([line, "acceptedWithHost"])
      const rows = cohort.log.rows.length
      take(scene)
      await cohort.settle()
      expect(working(cohort)).toBe(line)
      expect(statusOf(cohort, inner)).toBe("superseded")
      expect(cohort.changes().filter(({ source }) => source !== "S")).toEqual([])
      const { act, details, enteredBy, row } = lastEntry(cohort)
      expect(idsIn(details.superseded)).toContain(inner.id)
      expect([act, idsIn(details.settled), enteredBy, row]).toEqual(["takeEffect", [inner.id], scene.s.person.id, cohort.log.rows.length])
      expect(cohort.log.rows.at(-1)?.kind).toBe("act")
      expect(cohort.log.rows.length).toBeGreaterThan(rows)
      expect(b.notices.filter((notice) => notice.kind === "decided").map(({ status }) => status)).toEqual(["superseded"])
      sound(cohort)
    })

  for (const how of ["withdrawn", "taken back by its undo"] as const)
    it(`[RES3] what replaces words of a proposal falls with it where that is ${how}: nothing of it comes into the text`, async () => {
      const { cohort, s, host, inner } = await accepted(
        (s) => s.type(1, 28, " and quays and ports"),
        (b) => b.replace(1, 43, 48, "havens"),
      )
      expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
      if (how === "withdrawn") await cohort.decide([host.id], "withdraw")
      else s.session.undoManager.undo()
      await cohort.settle()
      expect([working(cohort), statusOf(cohort, inner), open(cohort)]).toEqual([line, "superseded", []])
      expect(idsIn(lastEntry(cohort).details.superseded)).toEqual([inner.id])
      sound(cohort)
    })

  it("[RES3 UI134] the question before a withdrawal, and the sentence after it, name what was accepted inside and falls; once that is taken back it waits again", async () => {
    const meeting = await Meeting.open()
    try {
      const chair = await meeting.guest("chair")
      const [sweden, brazil] = [await meeting.guest("delegate", ["S"], "Sven"), await meeting.guest("delegate", ["B"], "Bia")]
      const draft = await meeting.draft()
      const write = async (guest: Guest, source: string, edit: (tr: Y.Transaction, text: Y.XmlText, client: number) => void) => {
        const { clientId } = await guest.join(draft, source)
        const own = await guest.socket(draft, clientId).ready()
        own.doc.clientID = clientId
        own.doc.on("update", (update: Uint8Array, origin: unknown) => {
          if (origin === "mine") own.send({ kind: "update", update })
        })
        own.doc.transact((tr) => edit(tr, textOfElement(elementsOf(own.doc)[7]!)!, clientId), "mine")
        await own.until(() => own.acknowledged > 0 || own.closed !== null)
      }
      let host = ""
      await write(sweden, "S", (tr, text, client) => {
        host = `S.${client}.1`
        writeText(tr, text, slotAt(tr, text, 10, "S"), " big lit", [newMark("insertion", { id: host, source: "S" })])
      })
      await write(brazil, "B", (tr, text, client) =>
        writeText(tr, text, slotAt(tr, text, 14, "B"), " old", [
          newMark("insertion", { id: `B.${client}.1`, source: "B", within: [host] }),
        ]),
      )
      const seen = async (source: string) =>
        (await chair.call("changes", { draft })).filter((change) => change.source === source).map(({ id, hash }) => ({ id, hash }))
      const inner = await seen("B")
      await chair.call("decide", { draft }, { verdict: "accept", changes: inner })
      const done = await sweden.call("withdraw", { draft }, { act: "withdraw", as: "S", changes: await seen("S") })
      expect(done.lapsed).toEqual([{ change: inner[0]!.id, source: "B", what: "insert “ old”", inPart: false }])
      expect(withdrawnSaid(done, (source) => ({ B: "Brazil" })[source] ?? source)).toBe(
        "Withdrawn. Accepted before, and gone with it: Brazil, insert “ old”.",
      )
      const { n } = ((await chair.call("register", { draft })) as Entry[]).at(-1)!
      const back = await sweden.call("takeBack", { draft }, { n })
      expect([back.reopened, back.waiting]).toEqual([[host], [inner[0]!.id]])
      expect(takenBackSaid(back)).toBe("Taken back: 1 change is open again; 1 accepted before is inside again, and still accepted.")
      const last = (await chair.call("register", { draft })).at(-1)!
      expect(listIn(last, "changes").map(({ id, waits }) => [id, waits === true])).toEqual([
        [host, false],
        [inner[0]!.id, true],
      ])
      expect((await chair.call("changes", { draft })).map(({ id }) => id)).toEqual([host])
    } finally {
      await meeting.stop()
    }
  })

  it("[RES3] what is open inside a proposal stays open where that is withdrawn", async () => {
    const cohort = new Cohort(base)
    const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    s.type(1, 28, " and every pier")
    await cohort.settle()
    b.type(1, 38, " old")
    await cohort.settle()
    await cohort.decide([cohort.changes().find(({ source }) => source === "S")!.id], "withdraw")
    await cohort.settle()
    expect([working(cohort), open(cohort)]).toEqual([line, ["B: insert “ old”"]])
    sound(cohort)
  })

  it("[RES3] takes effect where a deletion that it stands in is taken back", async () => {
    const { cohort, s, inner } = await accepted(
      (s) => s.delete(1, 8, 22),
      (b) => b.type(1, 14, " old"),
    )
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
    s.session.undoManager.undo()
    await cohort.settle()
    expect([working(cohort), statusOf(cohort, inner)]).toEqual(["to keep a lamp old at every mole,", "accepted"])
    expect(cohort.changes()).toEqual([])
    sound(cohort)
  })

  it("[RES3] goes where it would take out words that are taken back: told and recorded as gone with them", async () => {
    const { cohort, s, b, inner } = await accepted(
      (s) => s.type(1, 28, " and every pier"),
      (b) => b.delete(1, 33, 39),
    )
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
    s.session.undoManager.undo()
    await cohort.settle()
    expect([working(cohort), statusOf(cohort, inner)]).toEqual([line, "superseded"])
    expect([lastEntry(cohort).act, idsIn(lastEntry(cohort).details.superseded)]).toEqual(["takeEffect", [inner.id]])
    expect(b.notices.at(-1)).toMatchObject({ kind: "decided", status: "superseded", count: 1 })
    sound(cohort)
  })

  for (const how of ["at once", "one after the other"] as const)
    it(`[RES3] a replacement is told and recorded as it was accepted where what stood around it, and what it replaces, is taken out ${how}`, async () => {
      const { cohort, s, b, inner } = await accepted(
        (s) => s.type(1, 28, " and quays and ports"),
        (b) => b.replace(1, 43, 48, "havens"),
      )
      if (how === "at once") s.session.undoManager.undo()
      else {
        for (const words of ["ports", " and quays and "]) {
          const from = s.text(1).indexOf(words)
          s.delete(1, from, from + words.length)
          await cohort.settle()
        }
      }
      await cohort.settle()
      expect([working(cohort), statusOf(cohort, inner)]).toEqual([line, "superseded"])
      expect(lastEntry(cohort)).toMatchObject({
        act: "takeEffect",
        details: { superseded: [{ id: inner.id, what: "replace “ports” by “havens”" }] },
      })
      expect(b.notices.at(-1)).toMatchObject({ status: "superseded", changes: [{ what: "replace “ports” by “havens”" }] })
      sound(cohort)
    })

  for (const verdict of ["accept", "notRetain", "withdraw"] as const)
    it(`[RES3] and where the rest of what stands around it is decided: ${verdict}`, async () => {
      const { cohort, s, host, inner } = await accepted(
        (s) => s.type(1, 28, " and quays and ports"),
        (b) => b.replace(1, 43, 48, "havens"),
      )
      s.delete(1, s.text(1).indexOf("ports"), s.text(1).indexOf("ports") + 5)
      await cohort.settle()
      await cohort.decide([host.id], verdict)
      await cohort.settle()
      const status = verdict === "accept" ? "accepted" : "superseded"
      const { effective, superseded } = lastEntry(cohort).details
      expect(status === "accepted" ? effective : superseded).toMatchObject([{ id: inner.id, what: "replace “ports” by “havens”" }])
      expect(statusOf(cohort, inner)).toBe(status)
      sound(cohort)
    })

  for (const which of ["its acceptance", "that it took effect"] as const)
    it(`[BACK3 BACK5] is open again once ${which} is taken back, in one act with the other: neither means anything alone`, async () => {
      const { cohort, s, inner } = await wordsInWords()
      const first = lastEntry(cohort).n
      s.session.undoManager.undo()
      await cohort.settle()
      const asked = which === "its acceptance" ? first : first + 1
      const other = which === "its acceptance" ? first + 1 : first
      expect(goesAlong(cohort.log.entries, asked), "the button names it").toEqual([other])
      const rows = cohort.log.rows.length
      expect(await cohort.takeBack(asked)).toBe(true)
      await cohort.settle()
      expect([working(cohort), open(cohort), statusOf(cohort, inner)]).toEqual([line, ["B: insert “ old”"], undefined])
      expect(lastEntry(cohort)).toMatchObject({ act: "takeBack", row: rows + 1, details: { undoes: asked, along: [{ n: other }] } })
      expect([...undoneIn(cohort.log.entries)].sort()).toEqual([first, first + 1])
      for (const n of [first, first + 1])
        expect([await cohort.takeBack(n), cohort.refusal?.message]).toEqual([false, "This decision was taken back already."])
      sound(cohort)
    })

  for (const isRedone of [false, true])
    it(`[BACK3] a replacement is not open again as half of itself where what it replaces was taken out by its owner${isRedone ? ", and typed again" : ""}`, async () => {
      const { cohort, s, inner } = await accepted(
        (s) => s.type(1, 28, " and quays and ports"),
        (b) => b.replace(1, 43, 48, "havens"),
      )
      s.session.undoManager.undo()
      await cohort.settle()
      if (isRedone) s.session.undoManager.redo()
      await cohort.settle()
      const before = [signature(cohort.room.main), open(cohort), statusOf(cohort, inner)]
      for (const n of [2, 1]) {
        expect(await cohort.takeBack(n)).toBe(false)
        expect(cohort.refusal?.message).toBe(
          "“ports”, which B proposed to replace, was taken out since by those who wrote it, and without it only a half of that proposal would be open again. It can be proposed again.",
        )
        await cohort.settle()
        expect([signature(cohort.room.main), open(cohort), statusOf(cohort, inner)]).toEqual(before)
      }
      sound(cohort)
    })

  for (const [how, gone, words] of [
    ["all but a letter", "port", "port"],
    ["a letter in its midst", "o", "o"],
    ["one word of two", "quays", "quays"],
    ["the midst and more, so that two of its words are left", "s and p", "s and p"],
  ] as const)
    it(`[BACK3] nor without some of what it replaces: ${how}`, async () => {
      const cohort = new Cohort(base)
      const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
      await cohort.settle()
      s.type(1, 28, " and quays and ports")
      await cohort.settle()
      b.session.undoManager.stopCapturing()
      b.replace(1, 33, 48, "moles and havens")
      await cohort.settle()
      expect(open(cohort)).toContain("B: replace “quays and ports” by “moles and havens”")
      await cohort.decide([cohort.changes().find(({ source }) => source === "B")!.id], "notRetain")
      await cohort.settle()
      const { n } = lastEntry(cohort)
      const at = s.text(1).indexOf(gone, 30)
      s.delete(1, at, at + gone.length)
      s.type(1, at, "haven")
      await cohort.settle()
      const before = [signature(cohort.room.main), open(cohort)]
      expect(await cohort.takeBack(n)).toBe(false)
      expect(cohort.refusal?.message).toContain(
        `“${words}”, which B proposed to replace, was taken out since by those who wrote it, and without it only a half of that proposal would be open again. It can be proposed again.`,
      )
      await cohort.settle()
      expect([signature(cohort.room.main), open(cohort)]).toEqual(before)
      sound(cohort)
    })

  it("[BACK1] a replacement is open again with both halves where the proposal around it was not retained, or is withdrawn and that taken back", async () => {
    for (const verdict of ["notRetain", "withdraw"] as const) {
      const { cohort, host } = await accepted(
        (s) => s.type(1, 28, " and quays and ports"),
        (b) => b.replace(1, 43, 48, "havens"),
      )
      await cohort.decide([host.id], verdict)
      await cohort.settle()
      for (const n of [2, 1]) expect(await cohort.takeBack(n), cohort.refusal?.message).toBe(true)
      await cohort.settle()
      expect(open(cohort)).toEqual(["S: insert “ and quays and ports”", "B: replace “ports” by “havens”"])
      sound(cohort)
    }
  })

  it("[BACK5] of several that were accepted together, and waited for the same, all are open again; what else was accepted stays", async () => {
    const { cohort, s, b } = await accepted(
      (s) => s.type(1, 28, " and every pier"),
      (b) => b.type(1, 38, " old"),
    )
    const first = lastEntry(cohort).n
    b.type(1, 2, " gladly")
    b.session.undoManager.stopCapturing()
    b.type(1, 39, " very")
    await cohort.settle()
    expect(open(cohort).filter((told) => told.startsWith("B"))).toEqual(["B: insert “ gladly”", "B: insert “ very”"])
    await cohort.decide(
      cohort.changes().flatMap(({ id, source }) => (source === "B" && !cohort.room.gate.noted.has(id) ? [id] : [])),
      "accept",
    )
    await cohort.settle()
    s.session.undoManager.undo()
    await cohort.settle()
    expect(working(cohort)).toBe(`to gladly${line.slice(2)}`)
    const settled = lastEntry(cohort)
    expect(goesAlong(cohort.log.entries, settled.n)).toEqual([first, first + 1])
    expect(await cohort.takeBack(settled.n)).toBe(true)
    await cohort.settle()
    expect([working(cohort), open(cohort)]).toEqual([`to gladly${line.slice(2)}`, ["B: insert “ very”", "B: insert “ old”"]])
    const { along } = lastEntry(cohort).details as { along: readonly { readonly n: number; readonly changes?: readonly string[] }[] }
    expect(along.map(({ n, changes }) => [n, changes?.length]).sort()).toEqual([
      [first, undefined],
      [first + 1, 1],
    ])
    expect([...openedAgain(cohort.log.entries)].map(([n, ids]) => [n, ids.size])).toEqual([[first + 1, 1]])
    sound(cohort)
  })

  it("[UNDO2 TRK8] is no step of its source's undo any more, and stays", async () => {
    const { cohort, b, host, inner } = await wordsInWords()
    expect(b.session.undoManager.undoStack).toEqual([])
    b.session.undoManager.undo()
    await cohort.settle()
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
    await cohort.decide([host.id], "accept")
    await cohort.settle()
    expect(working(cohort)).toBe("to keep a lamp at every mole and every old pier,")
    sound(cohort)
  })

  it("[TRK8] is edited by its source as others' words are: what goes is struck, what comes is a proposal of its own", async () => {
    const { cohort, b, host, inner } = await wordsInWords()
    b.delete(1, 39, 42)
    b.type(1, 42, "er")
    await cohort.settle()
    expect(open(cohort).filter((told) => told.startsWith("B"))).toEqual(["B: replace “old” by “er”"])
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
    await cohort.decide([host.id], "accept")
    await cohort.settle()
    expect(working(cohort)).toBe("to keep a lamp at every mole and every old pier,")
    expect(open(cohort)).toEqual(["B: replace “old” by “er”"])
    sound(cohort)
  })

  /** The decision is on its way while B goes on. */
  async function crossed(edit: (b: Member) => void): Promise<Scene> {
    const cohort = new Cohort(base)
    const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    s.type(1, 28, " and every pier")
    await cohort.settle()
    b.session.undoManager.stopCapturing()
    b.type(1, 38, " old")
    await cohort.settle()
    const of = (source: string): Change => cohort.changes().find((change) => change.source === source)!
    const scene = { cohort, s, b, host: of("S"), inner: of("B") }
    edit(b)
    await cohort.decide([scene.inner.id], "accept")
    await cohort.settle()
    return scene
  }

  it("[GATE7 GATE14] stays where an undo of it had not heard: it comes back, struck by who took it out", async () => {
    const { cohort, host, inner } = await crossed((b) => void b.session.undoManager.undo())
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
    expect(open(cohort).sort()).toEqual(["B: delete “ old”", "S: insert “ and every pier”"])
    await cohort.decide([host.id], "accept")
    await cohort.settle()
    expect(working(cohort)).toBe("to keep a lamp at every mole and every old pier,")
    expect(open(cohort)).toEqual(["B: delete “ old”"])
    sound(cohort)
  })

  it("[GATE7 GATE14] stays where a part of it was deleted, or typed into, by who had not heard", async () => {
    const { cohort, host } = await crossed((b) => {
      b.delete(1, 40, 42)
      b.type(1, 40, "n")
    })
    expect(
      open(cohort)
        .filter((told) => told.startsWith("B"))
        .sort(),
    ).toEqual(["B: delete “ld”", "B: insert “n”"])
    await cohort.decide([host.id], "accept")
    await cohort.settle()
    expect(working(cohort)).toBe("to keep a lamp at every mole and every old pier,")
    sound(cohort)
  })

  it("[GATE7 GATE14] a deletion that is accepted and waits is lifted by no undo that had not heard", async () => {
    const cohort = new Cohort(base)
    const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    s.type(1, 28, " and every pier")
    await cohort.settle()
    b.delete(1, 32, 38)
    await cohort.settle()
    const of = (source: string): Change => cohort.changes().find((change) => change.source === source)!
    const { id } = of("S")
    b.session.undoManager.undo()
    await cohort.decide([of("B").id], "accept")
    await cohort.settle()
    expect(open(cohort)).toEqual(["S: insert “ and every pier”"])
    await cohort.decide([id], "accept")
    await cohort.settle()
    expect([working(cohort), open(cohort)]).toEqual(["to keep a lamp at every mole and pier,", []])
    sound(cohort)
  })

  const meant = ({ room: { gate } }: Cohort, id: string, verdict: "accept" | "notRetain", blocks = gate.blocks): Meaning => {
    const { shadow } = gate
    const inPart = new Set([...roots.proposals(shadow).entries()].flatMap(([change, entry]) => (entry.inPart ? [change] : [])))
    return meaningOf(new Set([id]), verdict, {
      ...{ blocks, inPart, leavesOut: false, ties: tiesIn(shadow), twins: twinsIn(shadow), noted: notedIn(shadow) },
      forestalled: forestalledIn(shadow),
    })
  }

  /** Decides one change; what the page said before, what it says after, and what the record has. */
  async function decided(cohort: Cohort, id: string, verdict: "accept" | "notRetain") {
    const before = meant(cohort, id, verdict)
    let done: Decided | null = null
    await cohort.act(verdict, (gate) => {
      done = finished(decideChanges(gate, seenIn(gate, [id]), verdict, { isPartial: false }))
      return { row: done.row, decidedBlocks: done.blocks, details: { ...recordOf(done, () => "1") } }
    })
    await cohort.settle()
    const { decided, identical, overtaken, superseded, lapsed, noted, effective, inPart, struck } = done! as Decided
    const ids = (changes: readonly Change[]): string[] => changes.map((change) => change.id)
    const said = decidedSaid(
      {
        ...{ decided: ids(decided), identical: ids(identical), overtaken: ids(overtaken), superseded: ids(superseded), parts: [] },
        ...{ lapsed: [...lapsed], noted: [...noted], effective: ids(effective), inPart: [...inPart], struck: [...struck] },
      },
      verdict,
    )
    return { before, said, details: lastEntry(cohort).details }
  }

  it("[RES8 HASH1 UI134] what came to stand around a change moves no hash, but where it would wait and the chair was not told nothing is decided", async () => {
    const cohort = new Cohort(base)
    const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    b.type(1, 14, " old")
    b.deliverUp()
    await cohort.tick()
    const [{ id }] = cohort.changes() as [Change]
    const seen = seenIn(cohort.room.gate, [id])
    const told = meant(cohort, id, "accept")
    // S has not heard of it, and strikes the words around it.
    s.delete(1, 10, 18)
    await cohort.settle()
    const now = cohort.changes().find((change) => change.id === id)!
    expect([seenIn(cohort.room.gate, [id]), now.inside, isSurrounded(now, cohort.room.gate.blocks)]).toEqual([seen, [], true])
    const accept = (waits?: ReadonlySet<string>): Promise<boolean> =>
      cohort.act("accept", (gate) => finished(decideChanges(gate, seen, "accept", { isPartial: false, ends: new Set(), waits })))
    expect(await accept(told.waiting)).toBe(false)
    expect(cohort.refusal?.message).toBe(
      "Nothing was decided: what is proposed by B would take effect only with a proposal that came to stand around it meanwhile. Look at it and decide again.",
    )
    expect(cohort.refusal?.details).toMatchObject({ fresh: [{ id, hash: seen[0]!.hash }] })
    expect([working(cohort), notedIn(cohort.room.main).size]).toEqual([line, 0])
    const asked = meant(cohort, id, "accept").waiting
    expect([...asked]).toEqual([id])
    // A browser has its blocks from a document node, which sorts their marks.
    const seenBy = inOrderOfOpening(blocksOfDoc(b.state.doc), b.session.doc)
    expect([...meant(cohort, id, "accept", seenBy).waiting]).toEqual([id])
    expect(await accept(asked)).toBe(true)
    expect([...notedIn(cohort.room.main)]).toEqual([id])
    sound(cohort)
  })

  it("[RES8] what was to wait and takes effect at once is decided: the proposal around it was decided meanwhile", async () => {
    const { cohort, host, inner } = await acrossWords()
    await cohort.decide([host.id], "notRetain")
    const done = await cohort.act("accept", (gate) =>
      finished(decideChanges(gate, seenIn(gate, [inner.id]), "accept", { isPartial: false, waits: new Set([inner.id]) })),
    )
    expect([done, notedIn(cohort.room.main).size]).toEqual([true, 0])
  })

  /** S proposes words, and B takes out some of them with agreed ones around. */
  async function acrossWords(): Promise<Scene> {
    const cohort = new Cohort(base)
    const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    s.type(1, 14, " visibly")
    await cohort.settle()
    b.delete(1, 10, 25)
    await cohort.settle()
    const of = (source: string): Change => cohort.changes().find((change) => change.source === source)!
    return { cohort, s, b, host: of("S"), inner: of("B") }
  }

  it("[RES1 UI112] of which only a part stands in a proposal takes effect in that measure: said before, said after, recorded", async () => {
    const { cohort, host, inner } = await acrossWords()
    const { before, said, details } = await decided(cohort, inner.id, "accept")
    expect([[...before.waiting], [...before.inPart]]).toEqual([[inner.id], [inner.id]])
    expect(working(cohort)).toBe("to keep a  every mole,")
    expect(said).toBe("1 change accepted: in part in the text now, and the rest of it with the proposal around.")
    expect(details.changes).toMatchObject([{ id: inner.id, waits: true, inPart: true }])
    expect(waitSaid({ id: inner.id, inPart: true }, { gone: new Map(), effective: new Map() })).toBe(
      " (in part in the text; the rest takes effect with the proposal around it)",
    )
    // The card of what it strikes says so, and nothing is said to come into the text.
    const noted = notedIn(cohort.room.gate.shadow)
    expect(struckIn(host.id, cohort.room.gate.blocks, noted)).toEqual([{ source: "B", words: " visibly" }])
    const second = await decided(cohort, host.id, "accept")
    expect([...second.before.struck]).toEqual([host.id])
    expect(working(cohort)).toBe("to keep a  every mole,")
    expect(second.said).toBe(
      "1 change accepted, of which nothing comes into the text: its words are taken out by what was accepted before. 1 accepted before has taken effect with it.",
    )
    expect(second.details).toMatchObject({ changes: [{ id: host.id, struck: true }], effective: [{ id: inner.id }] })
    expect([statusOf(cohort, inner), statusOf(cohort, host)]).toEqual(["accepted", "accepted"])
    sound(cohort)
  })

  it("[RES2 UI112] of which a part is in the text stays accepted where what the rest stands in is not retained, and no more is said to go", async () => {
    const { cohort, host, inner } = await acrossWords()
    await decided(cohort, inner.id, "accept")
    const { before, said, details } = await decided(cohort, host.id, "notRetain")
    expect([[...before.lapsed], [...before.inPart]]).toEqual([[inner.id], [inner.id]])
    expect(said).toBe("1 change not retained. Of 1 that was accepted in part, what waited has gone with what stood around.")
    expect(details.superseded).toMatchObject([{ id: inner.id, what: "delete “ visibly”", inPart: true }])
    expect([working(cohort), statusOf(cohort, inner)]).toEqual(["to keep a  every mole,", "accepted"])
    const entry = { decidedBy: "Ann", enteredBy: "Ann", source: "CHAIR", at: "", sitting: {} }
    const record = cohort.log.entries.map(({ n, act, details }) => ({ ...entry, n, act, details })) as unknown as Entry[]
    expect(
      fatesIn(record)
        .filter(({ source }) => source === "B")
        .map(({ act, what }) => `${act} ${what}`)
        .sort(),
    ).toEqual(["accepted delete “lamp visibly at”", "superseded delete “ visibly”"])
    sound(cohort)
  })

  for (const [name, from, to] of [
    ["last", 38, 44],
    ["first", 33, 38],
    ["all", 28, 44],
  ] as const)
    it(`[RES1 TRK6] as a whole where it replaces the ${name} words of another's open insertion`, async () => {
      const cohort = new Cohort(base)
      const [s, k, b] = ["S", "K", "B"].map((source) => cohort.member(source)) as [Member, Member, Member]
      await cohort.settle()
      s.type(1, 28, " and every pier ")
      await cohort.settle()
      for (const member of [k, b]) member.replace(1, from, to, "all")
      await cohort.settle()
      const [host] = cohort.changes().filter(({ source }) => source === "S")
      const inner = cohort.changes().filter(({ source }) => source === "K")[0]!
      const after = `to keep a lamp at every mole${" and every pier ".slice(0, from - 28)}all${" and every pier ".slice(to - 28)},`
      const { said, before } = await decided(cohort, inner.id, "accept")
      expect([...before.inPart]).toEqual([])
      expect(said).toBe("1 change accepted, with 1 that says the same: it takes effect with the proposal around it.")
      expect(working(cohort)).toBe(line)
      const twin = cohort.log.entries.length
      const gone = await decided(cohort, host!.id, "notRetain")
      expect(working(cohort)).toBe(line)
      expect(gone.said).toBe("1 change not retained. 2 accepted before have gone with what stood around.")
      const told = withNamesakes(
        [
          [inner.id, { status: "acceptedWithHost", source: "K" }],
          ["twin", { status: "acceptedWithHost", source: "B", by: inner.id }],
        ],
        [inner],
      )
      expect(told.map(({ source }) => source)).toEqual(["K", "B"])
      expect(await cohort.takeBack(twin + 1)).toBe(true)
      await cohort.decide([host!.id], "accept")
      await cohort.settle()
      expect(working(cohort)).toBe(after)
      sound(cohort)
    })

  it("[RES2 UI112] a replacement inside another's insertion that is open is named where that is not retained, and goes with it", async () => {
    const cohort = new Cohort(base)
    const [s, k] = ["S", "K"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    s.type(1, 28, " and every pier")
    await cohort.settle()
    k.replace(1, 39, 43, "quay")
    await cohort.settle()
    const of = (source: string): Change => cohort.changes().find((change) => change.source === source)!
    const inner = of("K").id
    const { before } = await decided(cohort, of("S").id, "notRetain")
    expect([...before.ended]).toEqual([inner])
    expect([working(cohort), open(cohort)]).toEqual([line, []])
    sound(cohort)
  })

  /** S proposes a clause, B does something to it that is accepted, and S takes its words back. */
  async function inNewClause(within: (b: Member) => void): Promise<Scene> {
    const scene = await accepted((s) => s.session.tracking.addClauses(2, ["to paint the lamps,"], null), within)
    expect(statusOf(scene.cohort, scene.inner)).toBe("acceptedWithHost")
    scene.s.session.undoManager.undo()
    await scene.cohort.settle()
    return scene
  }

  for (const [verdict, text, status] of [
    ["accept", [line, " red", "to count the lamps each year,"], "accepted"],
    ["notRetain", [line, "to count the lamps each year,"], "superseded"],
  ] as const)
    it(`[RES1 RES3] waits for the clause that it stands in, though its owner has taken its words back: ${verdict}`, async () => {
      const { cohort, host, inner } = await inNewClause((b) => b.type(2, 8, " red"))
      // A clause that is only proposed is no agreed text: it is still there to be decided on.
      expect([statusOf(cohort, inner), open(cohort)]).toEqual(["acceptedWithHost", ["S: new clause"]])
      await cohort.decide([host.id], verdict)
      await cohort.settle()
      expect(workingTextOf(cohort.room.gate.blocks).map(textOf).slice(1)).toEqual(text)
      expect([statusOf(cohort, inner), cohort.changes()]).toEqual([status, []])
      sound(cohort)
    })

  it("[RES3 TRK3] goes with a clause that its owner emptied, once that is swept", async () => {
    const { cohort, s, inner } = await inNewClause((b) => {
      const { doc } = b.session
      const id = markId("B", doc.clientID, 9_000)
      const block = b.state.doc.child(2).attrs.id as string
      doc.transact(() => doc.getMap(structureRoot).set(id, { id, of: "", source: "B", block, kind: "level", level: 2 }))
    })
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
    s.cut()
    await cohort.muchLater()
    for (let i = 0; i < 3; i++) await cohort.tick()
    expect([statusOf(cohort, inner), cohort.changes()]).toEqual(["superseded", []])
    expect(cohort.faults).toEqual([])
  })

  for (const how of ["its delegation is away", "the text is to be adopted"] as const)
    it(`[RES3 TRK3] goes with a clause that its owner emptied, with an entry of the record, once ${how}`, async () => {
      const { cohort, s, b, inner } = await inNewClause((b) => {
        const { doc } = b.session
        const id = markId("B", doc.clientID, 9_000)
        const block = b.state.doc.child(2).attrs.id as string
        doc.transact(() => doc.getMap(structureRoot).set(id, { id, of: "", source: "B", block, kind: "level", level: 2 }))
      })
      const accepted = lastEntry(cohort).n
      if (how === "its delegation is away") {
        s.cut()
        await cohort.muchLater()
      } else cohort.room.sweepBlank("CHAIR")
      await cohort.settle()
      const { n, act, enteredBy, details } = lastEntry(cohort)
      expect([act, enteredBy]).toEqual(["takeEffect", how === "its delegation is away" ? "" : "CHAIR"])
      expect([idsIn(details.superseded), idsIn(details.settled)]).toEqual([[inner.id], [inner.id]])
      expect(b.notices.at(-1)).toMatchObject({ kind: "decided", status: "superseded", count: 1 })
      expect(goesAlong(cohort.log.entries, accepted)).toEqual([n])
      expect([await cohort.takeBack(n), cohort.refusal?.message]).toEqual([true, undefined])
      await cohort.settle()
      expect([statusOf(cohort, inner), cohort.faults]).toEqual([undefined, []])
    })

  it("[RES3 ACT5] ends before the text is adopted, by who adopts it and nobody else, and the record has that", async () => {
    const meeting = await Meeting.open()
    try {
      const chair = await meeting.guest("chair")
      const [sweden, brazil] = [await meeting.guest("delegate", ["S"], "Sven"), await meeting.guest("delegate", ["B"], "Bia")]
      const draft = await meeting.draft()
      const written = async (guest: Guest, source: string, edit: (doc: Y.Doc, client: number) => void) => {
        const { clientId } = await guest.join(draft, source)
        const own = await guest.socket(draft, clientId).ready()
        own.doc.clientID = clientId
        own.doc.on("update", (update: Uint8Array, origin: unknown) => {
          if (origin === "mine") own.send({ kind: "update", update })
        })
        own.doc.transact(() => edit(own.doc, clientId), "mine")
        await own.until(() => own.acknowledged > 0 || own.closed !== null)
        return own
      }
      await written(sweden, "S", (doc, client) => {
        const block = new Y.XmlElement("clause")
        block.insert(0, [new Y.XmlText()])
        doc.getXmlFragment(blocksRoot).insert(8, [block])
        const name = `S.${client}.1`
        for (const [key, value] of Object.entries({ id: `n${name}`, insertedBy: "S", insertedId: name })) block.setAttribute(key, value)
      })
      const block = blocksOf((await meeting.server.drafts.open(draft)).room.main).find(isBlank)!.id
      const level = await written(brazil, "B", (doc, client) => {
        const id = `B.${client}.1`
        doc.getMap(structureRoot).set(id, { id, of: "", source: "B", block, kind: "level", level: 2 })
      })
      const [seen] = await chair.call("changes", { draft })
      await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: seen!.id, hash: seen!.hash }] })
      const record = async () => ((await chair.call("register", { draft })) as Entry[]).map(({ act, enteredBy }) => [act, enteredBy])
      const before = await record()
      const refused = await brazil.request("POST", `${apiRoot}/drafts/${draft}/stage`, { body: { stage: "adopted" } })
      expect([refused.status, await record()]).toEqual([403, before])
      await chair.call("adopt", { draft }, { stage: "adopted" })
      const name = before.at(-1)![1]
      expect((await record()).slice(before.length)).toEqual([
        ["takeEffect", name],
        ["adopt", name],
      ])
      level.close()
    } finally {
      await meeting.stop()
    }
  })

  it("[TRK8 TRK10 BACK3] over the wire: nobody withdraws it or takes it in, the record has how it was settled, and taking that back opens it", async () => {
    const meeting = await Meeting.open()
    try {
      const chair = await meeting.guest("chair")
      const [sweden, brazil] = [await meeting.guest("delegate", ["S"], "Sven"), await meeting.guest("delegate", ["B"], "Bia")]
      const draft = await meeting.draft()
      const lineOf = async (guest: Guest, source: string) => {
        const { clientId } = await guest.join(draft, source)
        const own = await guest.socket(draft, clientId).ready()
        own.doc.clientID = clientId
        own.doc.on("update", (update: Uint8Array, origin: unknown) => {
          if (origin === "mine") own.send({ kind: "update", update })
        })
        const write = async (edit: (tr: Y.Transaction, text: Y.XmlText) => void): Promise<void> => {
          const sent = own.acknowledged
          own.doc.transact((tr) => edit(tr, textOfElement(elementsOf(own.doc)[7]!)!), "mine")
          await own.until(() => own.acknowledged > sent || own.closed !== null)
        }
        return { own, clientId, write }
      }
      const s = await lineOf(sweden, "S")
      const host = newMark("insertion", { id: `S.${s.clientId}.1`, source: "S" })
      await s.write((tr, text) => writeText(tr, text, slotAt(tr, text, 10, "S"), " big lit", [host]))
      const b = await lineOf(brazil, "B")
      const inner = newMark("insertion", { id: `B.${b.clientId}.1`, source: "B", within: [host.id] })
      await b.write((tr, text) => writeText(tr, text, slotAt(tr, text, 14, "B"), " old", [inner]))
      const listed = async () => await chair.call("changes", { draft })
      const seen = (await listed()).find(({ id }) => id === inner.id)!
      const changes = [{ id: seen.id, hash: seen.hash }]
      await chair.call("decide", { draft }, { verdict: "accept", changes })
      for (const [guest, act, as] of [
        [brazil, "withdraw", "B"],
        [sweden, "incorporate", "S"],
      ] as const) {
        const { status, body } = await guest.request("POST", `${apiRoot}/drafts/${draft}/proposals`, { body: { act, as, changes } })
        expect([status, (body as { detail: string }).detail]).toEqual([
          409,
          "This is accepted already, and takes effect with the proposal around it. The record can take that decision back.",
        ])
      }
      await s.write((tr, text) => {
        for (let item = text._start; item; item = item.right) if (!item.deleted && item.id.client === s.clientId) item.delete(tr)
      })
      const record = () => chair.call("register", { draft })
      const last = (await record()).at(-1)!
      expect(last).toMatchObject({ act: "takeEffect", decidedBy: "Sven", enteredBy: "Sven", details: { settled: [{ id: inner.id }] } })
      expect(await listed()).toEqual([])
      const back = await chair.call("takeBack", { draft }, { n: last.n })
      expect([back.reopened, (await listed()).map(({ id }) => id)]).toEqual([[inner.id], [inner.id]])
    } finally {
      await meeting.stop()
    }
  })

  const rounds = Number(process.env.WAITING ?? "60")
  it(`[RES1 RES3] has something around it and loses no letter, on ${rounds} random drafts that are typed in, undone and decided on at once`, async () => {
    const seen = { noted: 0, settled: 0, lapsed: 0, lettersKept: 0 }
    for (let seed = 1; seed <= rounds; seed++) {
      const r = random(seed)
      const where = `seed ${seed}`
      const cohort = new Cohort(base)
      const members = ["S", "B", "J"].map((source) => cohort.member(source))
      await cohort.settle()
      for (let act = 10 + r.below(15); act > 0; act--) {
        const member = r.pick(members)
        const { length } = member.text(1)
        const from = r.below(Math.max(1, length - 6))
        const kind = r.pick(["type", "type", "delete", "replace", "undo", "undo", "redo", "accept", "accept", "accept"])
        member.session.undoManager.stopCapturing()
        if (kind === "type") member.type(1, from, r.pick([" x", " yy", " zzz"]))
        if (kind === "delete") member.delete(1, from, from + 1 + r.below(6))
        if (kind === "replace") member.replace(1, from, from + 1 + r.below(6), r.pick(["p", "qq"]))
        if (kind === "undo") member.session.undoManager.undo()
        if (kind === "redo") member.session.undoManager.redo()
        if (kind === "accept") {
          const inside = cohort.changes().filter((change) => change.inside.length > 0)
          if (inside.length > 0) await cohort.decide([r.pick(inside).id], "accept")
        }
        if (r.next() < 0.6) await cohort.settle()
        const { gate } = cohort.room
        seen.noted += gate.noted.size
        expect(finished(settleWaiting(gate, gate.blocks)), `${where}: something waits for nothing`).toBe(null)
      }
      await cohort.settle()
      // What the record says was accepted, and waits, is there to the letter.
      const left = new Map(cohort.changes().map((change) => [change.id, change]))
      for (const [id, { status, by, inPart, segments = [] }] of roots.proposals(cohort.room.main).entries()) {
        if (status !== "acceptedWithHost" || by !== undefined || inPart) continue
        const inserted = segments.flatMap(({ kind, text }) => (kind === "insertion" ? [text] : [])).join("")
        expect(
          left
            .get(id)
            ?.segments.flatMap(({ kind, text }) => (kind === "insertion" ? [text] : []))
            .join(""),
          where,
        ).toBe(inserted)
        seen.lettersKept += inserted.length
      }
      for (const { act, details } of cohort.log.entries) {
        if (act !== "takeEffect") continue
        seen.settled += idsIn(details.settled).length
        seen.lapsed += idsIn(details.superseded).length
      }
      sound(cohort)
      for (const member of members) expect(signatureOfState(member.state), where).toBe(signature(cohort.room.main))
    }
    for (const [name, n] of Object.entries(seen)) expect(n, name).toBeGreaterThan(0)
  })

  /** B's one change puts words in at two places. */
  const inTwo =
    (before: readonly [string, string]) =>
    (b: Member): void => {
      const { doc, tracking } = b.session
      const first = tracking.newId()
      doc.transact((tr) => {
        const text = textOfElement(elementsOf(doc)[1]!)!
        for (const [word, words, id, of] of [
          [before[0], "old ", first, ""],
          [before[1], "new ", tracking.newId(), first],
        ] as const) {
          const slot = slotAt(tr, text, b.text(1).indexOf(word), "B")
          const within = slot.marks.map((mark) => mark.id)
          writeText(tr, text, slot, words, [newMark("insertion", { id, of, source: "B", within })])
        }
      })
    }

  it("[RES3] of one that stood at two places all falls where what is around one of them is taken back", async () => {
    const { cohort, s, b, inner } = await accepted(
      (s) => {
        s.type(1, 28, " and every pier")
        s.session.undoManager.stopCapturing()
        s.type(1, 14, " and bell")
      },
      inTwo(["pier", "bell"]),
    )
    expect(describeChange(inner)).toBe("insert “new  … old ”")
    s.session.undoManager.undo()
    await cohort.settle()
    const { act, n, details } = lastEntry(cohort)
    expect([act, idsIn(details.settled), idsIn(details.superseded), details.effective]).toEqual(["takeEffect", [inner.id], [inner.id], []])
    expect([working(cohort), statusOf(cohort, inner), open(cohort)]).toEqual([line, "superseded", ["S: insert “ and every pier”"]])
    expect(b.notices.at(-1)).toMatchObject({ kind: "decided", status: "superseded", count: 1 })
    expect(await cohort.takeBack(n)).toBe(true)
    await cohort.settle()
    expect([working(cohort), statusOf(cohort, inner)]).toEqual([line, undefined])
    expect(describeChange(cohort.changes().find(({ id }) => id === inner.id)!)).toBe("insert “new  … old ”")
    sound(cohort)
  })

  it("[RES3] of which no letter is left though its marks stand", async () => {
    const { cohort, s, inner } = await accepted(
      (s) => {
        s.type(1, 28, " and every pier")
        s.session.undoManager.stopCapturing()
        s.type(1, 14, " and bell")
      },
      inTwo(["pier", "bell"]),
    )
    const { doc, client } = s.session
    doc.transact((tr) => {
      for (let item = textOfElement(elementsOf(doc)[1]!)!._start; item; item = item.right)
        if (item.content instanceof Y.ContentString && item.id.client === client && / and|bell/.test(item.content.str)) item.delete(tr)
    })
    await cohort.settle()
    expect([working(cohort), statusOf(cohort, inner)]).toEqual([line, "superseded"])
    sound(cohort)
  })

  it("[BACK5] where one of its places is in the text and it fell at the other, both decisions can be taken back", async () => {
    const { cohort, s } = await accepted(
      (s) => {
        s.type(1, 28, " and every pier")
        s.session.undoManager.stopCapturing()
        s.type(1, 14, " and bell")
      },
      inTwo(["pier", "bell"]),
    )
    const host = cohort.changes().find((change) => describeChange(change) === "insert “ and every pier”")!
    await cohort.decide([host.id], "accept")
    await cohort.settle()
    s.session.undoManager.undo()
    await cohort.settle()
    const { n, act } = lastEntry(cohort)
    expect([act, working(cohort)]).toEqual(["takeEffect", "to keep a lamp at every mole and every old pier,"])
    expect([await cohort.takeBack(n), cohort.refusal?.message]).toEqual([false, expect.stringMatching(/Take back entry 2 first/)])
    expect(goesAlong(cohort.log.entries, 2)).toEqual([1, 3])
    expect(await cohort.takeBack(2)).toBe(true)
    await cohort.settle()
    expect([working(cohort), open(cohort)]).toEqual([line, ["B: insert “new  … old ”", "S: insert “ and every pier”"]])
    sound(cohort)
  })

  it("[RES3 BACK5] where it takes effect at one of its places alone the record names it, by the words of that place, and all of it is taken back in one act", async () => {
    const { cohort, s, b, inner } = await accepted(
      (s) => {
        s.delete(1, 18, 28)
        s.session.undoManager.stopCapturing()
        s.delete(1, 3, 14)
      },
      inTwo(["mole", "a lamp"]),
    )
    expect(describeChange(inner)).toBe("insert “new  … old ”")
    s.session.undoManager.undo()
    await cohort.settle()
    const { act, n, details } = lastEntry(cohort)
    const named = [...(details.effective as RecordedChange[]), ...(details.superseded as RecordedChange[])]
    expect([act, idsIn(details.settled), named.map(({ id, what, inPart }) => [id, what, inPart])]).toEqual([
      "takeEffect",
      [inner.id],
      [[inner.id, "insert “new ”", true]],
    ])
    expect(b.notices.flatMap((notice) => (notice.kind === "decided" ? notice.changes.map(({ what }) => what) : []))).toContain(
      "insert “new ”",
    )
    expect(await cohort.takeBack(n)).toBe(true)
    await cohort.settle()
    expect([working(cohort), statusOf(cohort, inner)]).toEqual([line, undefined])
    expect(describeChange(cohort.changes().find(({ id }) => id === inner.id)!)).toBe("insert “new  … old ”")
    sound(cohort)
  })

  it("[RES1 BACK] it is not accepted a second time: there is one decision to take back", async () => {
    const { cohort, b, inner } = await wordsInWords()
    b.type(2, 8, " all")
    await cohort.settle()
    const other = cohort.changes().find(({ source, id }) => source === "B" && id !== inner.id)!
    const entries = cohort.log.entries.length
    expect(await cohort.decide([inner.id], "accept")).toBe(false)
    expect(cohort.log.entries).toHaveLength(entries)
    await cohort.decide([inner.id, other.id], "accept")
    expect(idsIn(lastEntry(cohort).details.changes)).toEqual([other.id])
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
  })
})
