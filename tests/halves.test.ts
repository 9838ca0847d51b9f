/** A sign of two UTF-16 units is never cut in two: Yjs would leave a sign that nobody wrote in each copy that is read anew (GATE1, BIND2). */
import * as encoding from "lib0/encoding"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { whyRefused } from "../client/life/sentences.ts"
import type { ItemId } from "../shared/schema/runs.ts"
import { newMark } from "../shared/schema/schema.ts"
import { encodeMessage } from "../shared/sync/protocol.ts"
import { elementsOf, runsOfText, textOfElement } from "../shared/sync/read.ts"
import { closing, newDraftDoc, opening, removeText, writeItem } from "../shared/sync/write.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"

const line = "to keep a lamp at every mole,"

const cuts: readonly [string, (text: Y.XmlText, tr: Y.Transaction) => void][] = [
  ["taking out its first half", (text, tr) => removeText(tr, text, line.length + 2, line.length + 3)],
  ["taking out its second half", (text, tr) => removeText(tr, text, line.length + 3, line.length + 4)],
  ["taking out the half of one and of the next", (text, tr) => removeText(tr, text, line.length + 3, line.length + 5)],
]
for (const [how, cut] of cuts)
  it(`[GATE1 BIND2] no sign is cut in two by ${how}`, async () => {
    const cohort = new Cohort(draftState([head("resolves"), clause(line, "a")]))
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    s.type(1, line.length, " a😀😀b")
    await cohort.settle()
    const { doc } = s.session
    doc.transact((tr) => cut(textOfElement(elementsOf(doc)[1]!)!, tr))
    await cohort.settle()
    const left = how.includes("next") ? " ab" : " a😀b"
    for (const copy of [cohort.room.main, s.session.doc, b.session.doc, cohort.member("J").session.doc]) {
      await cohort.settle()
      expect(
        textOfElement(elementsOf(copy)[1]!)!
          .toString()
          .replace(/<[^>]*>/g, ""),
      ).toBe(line + left)
    }
    expect([cohort.refusals, cohort.faults, b.session.binding.corrections]).toEqual([[], [], 0])
  })

const agreed = "\u{1f600}"
const proposed = "\u{1f60e}"

const wordsOf = (doc: Y.Doc): string[] =>
  elementsOf(doc)
    .filter((element) => element.getAttribute("joined") === undefined)
    .map((element) =>
      runsOfText(textOfElement(element)!)
        .map(({ text }) => text)
        .join(""),
    )

/** The first half of a sign that a member has in its draft. */
function signOf({ session: { doc } }: Member, sign: string): ItemId {
  for (const element of elementsOf(doc))
    for (const { text, client, clock } of runsOfText(textOfElement(element)!))
      if (text.includes(sign)) return { client, clock: clock + text.indexOf(sign) }
  throw new Error("there is no such sign")
}

/** What a program of a member writes that changes a copy of its draft. */
function updateOf({ session }: Member, write: (tr: Y.Transaction) => void): Uint8Array {
  const doc = newDraftDoc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(session.doc))
  doc.clientID = session.doc.clientID
  let update: Uint8Array | null = null
  doc.on("update", (written: Uint8Array) => {
    update = written
  })
  doc.transact(write)
  return update!
}

const markOfProgram = ({ source, session }: Member) => newMark("insertion", { id: `${source}.${session.doc.clientID}.900`, source })

/** An insertion of a member between the halves of a sign. */
const writtenBetween = (member: Member, { client, clock }: ItemId): Uint8Array =>
  updateOf(member, (tr) => {
    const right = Y.getItemCleanStart(tr, Y.createID(client, clock + 1)) as Y.Item
    const text = right.parent as Y.XmlText
    let left = right.left
    for (const content of [opening(markOfProgram(member)), new Y.ContentString("W"), closing(markOfProgram(member))])
      left = writeItem(tr, text, { left, right }, content)
  })

/** The deletion of one letter, as it is on the wire. */
const deletionOf = ({ client, clock }: ItemId): Uint8Array => Uint8Array.from([0, 1, client, 1, clock, 1])

const begin = draftState([
  head("resolves"),
  clause(`to keep a ${agreed} lamp,`, "a"),
  clause("to paint it,", "b"),
  clause("to report,", "c"),
])

class Halves {
  readonly cohort: Cohort
  readonly s: Member
  readonly colleague: Member
  readonly b: Member

  constructor(state = begin) {
    this.cohort = new Cohort(state)
    this.s = this.cohort.member("S")
    this.colleague = this.cohort.member("S")
    this.b = this.cohort.member("B")
  }

  static async begun(): Promise<Halves> {
    const halves = new Halves()
    await halves.cohort.settle()
    return halves
  }

  async decide(verdict: "accept" | "notRetain", source?: string): Promise<void> {
    await this.cohort.settle()
    const ids = this.cohort.changes().flatMap((change) => (source === undefined || change.source === source ? [change.id] : []))
    expect(await this.cohort.decide(ids, verdict)).toBe(true)
  }

  /** S proposes a sign too: " x😎y". */
  async withProposedSign(): Promise<void> {
    this.s.type(1, 9, ` x${proposed}y`)
    await this.cohort.settle()
  }

  /** The room forgets which units of what is gone were halves, as in drafts of which it once did. */
  forget(): void {
    this.cohort.room.gate.rebuild([Y.encodeStateAsUpdate(this.cohort.replayed())])
  }

  async sends(member: Member, update: Uint8Array): Promise<void> {
    this.cohort.room.receive(member.seat, encodeMessage({ kind: "update", update }))
    await this.cohort.settle()
  }

  /** The words of the clauses, which are the same for all, and without a sign that nobody wrote. */
  async words(): Promise<string[]> {
    await this.cohort.settle()
    const [words, ...others] = [
      this.cohort.replayed(),
      this.cohort.room.main,
      ...this.cohort.members.map(({ session }) => session.doc),
    ].map(wordsOf)
    for (const other of others) expect(other).toEqual(words)
    expect(words!.join("")).not.toContain("\ufffd")
    expect([this.cohort.faults, this.cohort.room.faults]).toEqual([[], 0])
    return words!.slice(1)
  }

  reasons(): string[] {
    return this.cohort.refusals.map(({ reason }) => reason)
  }
}

const wholes: Readonly<Record<string, (member: Member) => unknown>> = {
  "stays where it is": () => undefined,
  "is moved": ({ session }) => session.restructuring.moveClause(1, 1),
  "is joined to by the next": ({ session }) => session.restructuring.join(2),
  "is split before it": ({ session }) => session.tracking.split({ index: 1, at: 7 }),
  "is split behind it": ({ session }) => session.tracking.split({ index: 1, at: 17 }),
}

describe("between the halves of a sign nothing is written", () => {
  for (const [how, restructure] of Object.entries(wholes))
    for (const whose of [agreed, proposed])
      it(`[GATE1] of ${whose === agreed ? "an agreed" : "a proposed"} one whose clause ${how}`, async () => {
        const halves = await Halves.begun()
        if (whose === proposed) await halves.withProposedSign()
        const writers = whose === proposed ? [halves.colleague] : [halves.b, halves.colleague]
        const updates = writers.map((member) => [member, writtenBetween(member, signOf(member, whose))] as const)
        restructure(halves.s)
        await halves.cohort.settle()
        const structure = halves.cohort.changes().filter(({ inserted }) => !inserted.includes("x"))
        if (how !== "stays where it is")
          await halves.cohort.decide(
            structure.map(({ id }) => id),
            "accept",
          )
        const before = await halves.words()
        for (const [member, update] of updates) await halves.sends(member, update)
        expect(await halves.words()).toEqual(before)
        expect(halves.reasons()).toEqual(writers.map(() => "within-sign"))
      })

  it("[GATE1] of an agreed one that is gone: taking back brings it as it was", async () => {
    const halves = await Halves.begun()
    const update = writtenBetween(halves.b, signOf(halves.b, agreed))
    halves.s.delete(1, 3, 13)
    await halves.decide("accept")
    await halves.sends(halves.b, update)
    expect(halves.reasons()).toEqual(["within-sign"])
    expect(await halves.cohort.takeBack(1)).toBe(true)
    expect(await halves.words()).toEqual([`to keep a ${agreed} lamp,`, "to paint it,", "to report,"])
  })

  it("[GATE1] of an own one that is gone: an undo brings it as it was", async () => {
    const halves = await Halves.begun()
    await halves.withProposedSign()
    const { s, colleague } = halves
    const update = writtenBetween(colleague, signOf(colleague, proposed))
    s.session.undoManager.stopCapturing()
    s.delete(1, 9, 13)
    await halves.cohort.settle()
    await halves.sends(colleague, update)
    expect(halves.reasons()).toEqual(["within-sign"])
    s.session.undoManager.undo()
    expect((await halves.words())[0]).toBe(`to keep a x${proposed}y ${agreed} lamp,`)
  })

  it("[GATE1] of one that comes with it", async () => {
    const halves = await Halves.begun()
    const mark = markOfProgram(halves.s)
    const update = updateOf(halves.s, (tr) => {
      const text = textOfElement(elementsOf(tr.doc)[2]!)!
      const opened = writeItem(tr, text, { left: text._start, right: null }, opening(mark))
      const words = writeItem(tr, text, { left: opened, right: null }, new Y.ContentString(`x${proposed}y`))
      writeItem(tr, text, { left: words, right: null }, closing(mark))
    })
    // No library writes this: the sign whole, and what says to stand in it.
    const { client } = mark.id.match(/\.(?<client>\d+)\./)!.groups as { client: string }
    const [first, clock] = [update.slice(0, -1), Y.decodeUpdate(update).structs[1]!.id.clock]
    const between = [0xc4, Number(client), clock + 1, Number(client), clock + 2, 1, "W".charCodeAt(0), 0]
    first[1]! += 1
    await halves.sends(halves.s, Uint8Array.from([...first, ...between]))
    expect(halves.reasons()).toEqual(["within-sign"])
    expect(await halves.words()).toEqual([`to keep a ${agreed} lamp,`, "to paint it,", "to report,"])
  })

  it("[GATE1] also after a restart, without that the letters of what is gone are kept", async () => {
    const halves = await Halves.begun()
    const gone = signOf(halves.b, agreed)
    halves.s.delete(1, 3, 13)
    await halves.decide("accept")
    await halves.cohort.settle()
    const state = halves.cohort.room.encodedState()
    const held = new Y.Doc({ gc: false })
    Y.applyUpdate(held, state)
    const kept = [...held.store.clients.values()].flat().flatMap((item) => (item instanceof Y.Item && item.deleted ? [item.content] : []))
    expect(kept.flatMap((content) => (content instanceof Y.ContentString ? [content.str] : []))).toEqual([".......\u{10000}."])
    const again = new Halves(state)
    await again.cohort.settle()
    // One item under the first clock of its client, of letters, between two letters.
    const update = encoding.encode((encoder) => {
      for (const number of [1, 1, again.b.session.doc.clientID, 0]) encoding.writeVarUint(encoder, number)
      encoding.writeUint8(encoder, 0xc4)
      for (const number of [gone.client, gone.clock, gone.client, gone.clock + 1]) encoding.writeVarUint(encoder, number)
      encoding.writeVarString(encoder, "W")
      encoding.writeVarUint(encoder, 0)
    })
    await again.sends(again.b, update)
    expect(again.reasons()).toEqual(["within-sign"])
  })

  it("[GATE1] and who tries is told", () =>
    expect(whyRefused({ reason: "within-sign" } as Parameters<typeof whyRefused>[0])).toBe(
      "These words stood in the middle of one sign, between its two halves. Write them before it or behind it.",
    ))
})

describe("where something stands between the halves of what is gone, of which the room forgot that it was a sign", () => {
  it("[GATE1 BACK2] an agreed one comes back whole", async () => {
    const halves = await Halves.begun()
    const update = writtenBetween(halves.b, signOf(halves.b, agreed))
    halves.s.delete(1, 3, 13)
    await halves.decide("accept")
    halves.forget()
    await halves.sends(halves.b, update)
    expect((await halves.words())[0]).toBe("to Wlamp,")
    expect(await halves.cohort.takeBack(1)).toBe(true)
    expect((await halves.words())[0]).toBe(`to keep a ${agreed}W lamp,`)
  })

  it("[GATE1 BACK2] a proposed one comes back whole", async () => {
    const halves = await Halves.begun()
    await halves.withProposedSign()
    const update = writtenBetween(halves.colleague, signOf(halves.colleague, proposed))
    await halves.decide("notRetain")
    halves.forget()
    await halves.sends(halves.colleague, update)
    expect(await halves.cohort.takeBack(1)).toBe(true)
    expect((await halves.words())[0]).toBe(`to keep a x${proposed}Wy ${agreed} lamp,`)
  })

  for (const how of ["is moved", "is split before it"])
    it(`[GATE1 GATE8] what was written there goes behind one whose clause ${how}`, async () => {
      const halves = await Halves.begun()
      await halves.withProposedSign()
      const update = writtenBetween(halves.colleague, signOf(halves.colleague, proposed))
      wholes[how]!(halves.b)
      await halves.decide("accept", "B")
      halves.forget()
      await halves.sends(halves.colleague, update)
      expect(halves.reasons()).toEqual([])
      expect((await halves.words()).join("")).toContain(`a x${proposed}Wy ${agreed} lamp,`)
    })
})

describe("half a sign that is taken out late", () => {
  for (const how of ["is moved", "is split before it"])
    for (const half of [0, 1]) {
      it(`[GATE1 GATE8] goes as a whole where its clause ${how}: half ${half}`, async () => {
        const halves = await Halves.begun()
        await halves.withProposedSign()
        const { client, clock } = signOf(halves.colleague, proposed)
        wholes[how]!(halves.b)
        await halves.decide("accept", "B")
        await halves.sends(halves.colleague, deletionOf({ client, clock: clock + half }))
        expect((await halves.words()).join("")).toContain(`a xy ${agreed} lamp,`)
        expect(halves.reasons()).toEqual([])
      })

      it(`[GATE1 GATE7] is struck as a whole where it was agreed and its clause ${how}: half ${half}`, async () => {
        const halves = await Halves.begun()
        await halves.withProposedSign()
        const { client, clock } = signOf(halves.colleague, proposed)
        wholes[how]!(halves.b)
        await halves.decide("accept")
        await halves.sends(halves.colleague, deletionOf({ client, clock: clock + half }))
        expect((await halves.words()).join("")).toContain(`a x${proposed}y ${agreed} lamp,`)
        expect(halves.cohort.changes().map(({ source, deleted }) => [source, deleted])).toEqual([["S", proposed]])
        expect(halves.reasons()).toEqual([])
      })
    }
})
