/** What others struck of a source's open words stays struck, whatever becomes of the insertion around them, and nothing else is struck with it (GATE17). */

import { expect, it } from "vitest"
import * as Y from "yjs"
import { seenIn } from "../server/decisions/as-seen.ts"
import { incorporate } from "../server/decisions/incorporate.ts"
import { Gate } from "../server/gate/gate.ts"
import { changesIn, describeChange } from "../shared/changes/changes.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { type Mark, ownerOf, textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { elementsOf, textOfElement } from "../shared/sync/read.ts"
import { roots } from "../shared/sync/roots.ts"
import { forgetMarkers, slotAt, writeItem, writeMark, writeText } from "../shared/sync/write.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"

const line = "to keep a lamp at every mole,"
const base = draftState([head("resolves"), clause(line, "a")])

interface Scene {
  readonly cohort: Cohort
  readonly s: Member
  readonly s2: Member
  readonly b: Member
}

async function opened(): Promise<Scene> {
  const cohort = new Cohort(base)
  const [s, s2, b] = ["S", "S", "B"].map((source) => cohort.member(source)) as [Member, Member, Member]
  await cohort.settle()
  return { cohort, s, s2, b }
}

/** S proposes " and a red bell", and B strikes "red " of it. */
async function struck(scene: Scene): Promise<void> {
  scene.s.type(1, 28, " and a red bell")
  await scene.cohort.settle()
  scene.b.delete(1, 35, 39)
  await scene.cohort.settle()
}

const open = ({ cohort }: Scene): string[] => cohort.changes().map((change) => `${change.source}: ${describeChange(change)}`)
const working = ({ cohort }: Scene): string => workingTextOf(cohort.room.gate.blocks).map(textOf)[1]!

async function accept(scene: Scene, ...sources: string[]): Promise<void> {
  for (const source of sources) {
    const { id } = scene.cohort.changes().find((change) => change.source === source)!
    await scene.cohort.decide([id], "accept")
    await scene.cohort.settle()
  }
}

function sound({ cohort }: Scene): void {
  expect([cohort.refusals, cohort.faults, cohort.room.faults]).toEqual([[], [], 0])
  for (const member of cohort.members) expect([member.refusals, member.session.binding.corrections]).toEqual([[], 0])
}

for (const isNoted of [false, true]) {
  const when = isNoted ? "that was accepted and waits" : "that is open"
  it(`[GATE17] what its source types among struck words is not struck by what nobody saw: with a deletion ${when}`, async () => {
    const scene = await opened()
    await struck(scene)
    if (isNoted) await accept(scene, "B")
    scene.s.type(1, 37, "dd and r")
    scene.s.type(1, 45, "ea")
    await scene.cohort.settle()
    expect(open(scene)).toEqual([expect.stringMatching(/^S: insert “ and a .* bell”$/), "B: delete “red ”"])
    await accept(scene, ...(isNoted ? [] : ["B"]), "S")
    expect(working(scene)).toBe("to keep a lamp at every mole and a dd and reabell,")
    sound(scene)
  })

  it(`[GATE17] so where it had not heard of the deletion ${when}`, async () => {
    const scene = await opened()
    scene.s.type(1, 28, " and a red bell")
    await scene.cohort.settle()
    scene.s.cut()
    scene.b.delete(1, 35, 39)
    await scene.cohort.settle()
    if (isNoted) await accept(scene, "B")
    scene.s.type(1, 37, "LATE")
    scene.s.connect()
    await scene.cohort.settle()
    await accept(scene, ...(isNoted ? [] : ["B"]), "S")
    expect(working(scene)).toBe("to keep a lamp at every mole and a LATEbell,")
    sound(scene)
  })

  it(`[GATE17] words of a colleague that stay when an insertion is taken back stay struck: by a deletion ${when}`, async () => {
    const scene = await opened()
    scene.s.type(1, 28, " and a bell")
    await scene.cohort.settle()
    scene.s2.type(1, 34, " red old")
    await scene.cohort.settle()
    scene.b.delete(1, 34, 38)
    await scene.cohort.settle()
    if (isNoted) await accept(scene, "B")
    scene.s.session.undoManager.undo()
    await scene.cohort.settle()
    expect(open(scene).sort()).toEqual(["B: delete “ red”", "S: insert “ red old”"])
    await accept(scene, ...(isNoted ? [] : ["B"]), "S")
    expect(working(scene)).toBe("to keep a lamp at every mole old,")
    sound(scene)
  })

  it(`[GATE17] no pair of its source around them makes idle a deletion ${when}`, async () => {
    const scene = await opened()
    await struck(scene)
    const deletion = scene.cohort.changes().find(({ source }) => source === "B")!
    const host = scene.cohort.changes().find(({ source }) => source === "S")!
    if (isNoted) await accept(scene, "B")
    const { doc } = scene.s.session
    doc.transact((tr) => {
      const text = textOfElement(elementsOf(doc)[1]!)!
      const id = scene.s.session.tracking.newId()
      writeMark(tr, text, 35, 39, newMark("insertion", { id, of: host.id, source: "S", within: [host.id, deletion.id] }))
      slotAt(tr, text, 35, "S")
    })
    await scene.cohort.settle()
    expect(open(scene)).toContain("B: delete “red ”")
    await accept(scene, ...(isNoted ? [] : ["B"]), "S")
    expect(working(scene)).toBe("to keep a lamp at every mole and a bell,")
  })
}

it("[GATE17 TRK10] words that their host takes in stay struck by who struck them", async () => {
  for (const isNoted of [false, true]) {
    const scene = await opened()
    const c = scene.cohort.member("C")
    await scene.cohort.settle()
    scene.s.type(1, 28, " and a bell")
    await scene.cohort.settle()
    scene.b.type(1, 34, " red old")
    await scene.cohort.settle()
    c.delete(1, 34, 38)
    await scene.cohort.settle()
    if (isNoted) await accept(scene, "C")
    const of = (source: string): string => scene.cohort.changes().find((change) => change.source === source)!.id
    const { gate } = scene.cohort.room
    incorporate(gate, seenIn(gate, [of("B")]), "S")
    const blocks = scene.cohort.changes()
    expect(blocks.map((change) => `${change.source}: ${describeChange(change)}`)).toEqual([
      `S: insert “ and a red old bell”`,
      "C: delete “ red”",
    ])
    expect(roots.proposals(gate.shadow).get(of("C"))?.status).toBe(isNoted ? "acceptedWithHost" : undefined)
  }
})

const ownMarks = (doc: Y.Doc, key: string): Y.Item[] => {
  const found: Y.Item[] = []
  for (let item = textOfElement(elementsOf(doc)[1]!)!._start; item; item = item.right)
    if (!item.deleted && item.content instanceof Y.ContentFormat && item.content.key === key) found.push(item)
  return found
}

interface NinePieces extends Scene {
  readonly deletion: string
  readonly ninth: string
}

/** S proposes eight insertions; B strikes all of them with one mark, which names no more; S makes two of the first. */
async function ninePieces(): Promise<NinePieces> {
  const scene = await opened()
  const { cohort, s, b } = scene
  for (const at of [28, 24, 19, 16, 11, 9, 7]) s.type(1, at, "+")
  s.type(1, 2, "xyz")
  await cohort.settle()
  const runs = cohort.room.gate.blocks[1]!.runs
  const over = runs.flatMap(({ marks }) => ownerOf(marks)?.id ?? [])
  expect(over).toHaveLength(8)
  const deletion = b.session.tracking.newId()
  b.session.doc.transact((tr) => {
    const text = textOfElement(elementsOf(b.session.doc)[1]!)!
    writeMark(tr, text, 0, text.length, newMark("deletion", { id: deletion, source: "B", over }))
  })
  await cohort.settle()
  const { doc } = s.session
  doc.transact((tr) => {
    const text = textOfElement(elementsOf(doc)[1]!)!
    const first = ownerOf(runs.find((run) => run.text === "xyz")!.marks)!
    for (const item of ownMarks(doc, first.key)) item.delete(tr)
    forgetMarkers(text)
    for (const [from, to] of [
      [3, 5],
      [2, 3],
    ] as const)
      writeMark(tr, text, from, to, newMark("insertion", { id: s.session.tracking.newId(), of: first.changeId, source: "S", within: [] }))
  })
  await cohort.settle()
  expect(cohort.refusals).toEqual([])
  const ninth = strikesIn(scene).find(({ id }) => id !== deletion)!.key
  return { ...scene, deletion, ninth }
}

const strikesIn = ({ cohort }: Scene): Mark[] => {
  const marks = cohort.room.gate.blocks[1]!.runs.flatMap((run) => run.marks.filter(({ name }) => name === "deletion"))
  return [...new Map(marks.map((mark) => [mark.key, mark])).values()]
}

const struckOf = ({ cohort }: Scene, deletion: string): string | undefined =>
  cohort
    .changes()
    .find(({ id }) => id === deletion)
    ?.deleted.replaceAll(" … ", "")

/** Takes a mark back as an undo does: those of its markers go that its source wrote. */
function undoMark({ session: { doc } }: Member, id: string): void {
  doc.transact((tr) => {
    for (const item of ownMarks(doc, newMark("deletion", { id, source: "B" }).key)) if (item.id.client === doc.clientID) item.delete(tr)
    forgetMarkers(textOfElement(elementsOf(doc)[1]!)!)
  })
}

it("[GATE17] of more own insertions than one mark of a deletion names each stays struck", async () => {
  const scene = await ninePieces()
  expect(strikesIn(scene).map(({ changeId, over }) => [changeId, over.length])).toEqual([
    [scene.deletion, 8],
    [scene.deletion, 1],
  ])
  expect(struckOf(scene, scene.deletion)).toBe(scene.s.text(1))
  sound(scene)
})

it("[GATE17] what the room struck along goes with the deletion that its source takes back", async () => {
  const scene = await ninePieces()
  undoMark(scene.b, scene.deletion)
  await scene.cohort.settle()
  expect([strikesIn(scene), open(scene).filter((line) => line.startsWith("B"))]).toEqual([[], []])
  sound(scene)
})

/** S proposes twelve letters, B strikes them, and S makes an insertion of each. */
async function twelvePieces(): Promise<Scene> {
  const scene = await opened()
  const { cohort, s, b } = scene
  s.type(1, 14, "abcdefghijkl")
  await cohort.settle()
  b.delete(1, 14, 26)
  await cohort.settle()
  const { doc } = s.session
  const host = cohort.changes().find(({ source }) => source === "S")!.id
  doc.transact((tr) => {
    const text = textOfElement(elementsOf(doc)[1]!)!
    for (const item of ownMarks(doc, newMark("insertion", { id: host, source: "S" }).key)) item.delete(tr)
    forgetMarkers(text)
    for (let at = 25; at >= 14; at--)
      writeMark(tr, text, at, at + 1, newMark("insertion", { id: s.session.tracking.newId(), of: host, source: "S", within: [] }))
  })
  await cohort.settle()
  expect(strikesIn(scene)).toHaveLength(5)
  return scene
}

it("[GATE17] what the room struck along goes too where nothing is left of what its deletion struck itself", async () => {
  for (const isLeft of [true, false]) {
    const scene = await twelvePieces()
    const { cohort, s, b } = scene
    if (!isLeft) s.delete(1, 14, 22)
    await cohort.settle()
    expect(strikesIn(scene)).toHaveLength(isLeft ? 5 : 4)
    b.session.undoManager.undo()
    await cohort.settle()
    expect([strikesIn(scene), open(scene).filter((line) => line.startsWith("B"))]).toEqual([[], []])
    sound(scene)
  }
})

for (const hasHeard of [false, true])
  it(`[GATE17] and where all of it went to another clause, which its source ${hasHeard ? "has" : "has not"} heard of`, async () => {
    const scene = await twelvePieces()
    const { cohort, b } = scene
    const c = cohort.member("C")
    await cohort.settle()
    c.session.tracking.split({ index: 1, at: 14 })
    await cohort.settle()
    if (!hasHeard) b.cut()
    await accept(scene, "C")
    expect(textOf(cohort.room.gate.blocks[2]!)).toBe("abcdefghijkl at every mole,")
    b.session.undoManager.undo()
    if (!hasHeard) b.connect()
    await cohort.settle()
    const { blocks } = cohort.room.gate
    expect(blocks.flatMap(({ runs }) => runs.flatMap((run) => run.marks.filter(({ name }) => name === "deletion")))).toEqual([])
    sound(scene)
  })

it("[GATE17] what the room struck along stays with a deletion that stays, of another hand of the same delegation too", async () => {
  for (const isColleague of [false, true]) {
    const scene = await ninePieces()
    const { cohort, deletion } = scene
    const hand = isColleague ? cohort.member("B") : scene.b
    await cohort.settle()
    const id = hand.session.tracking.newId()
    const { doc } = hand.session
    doc.transact((tr) => {
      const text = textOfElement(elementsOf(doc)[0]!)!
      writeMark(tr, text, 0, 3, newMark("deletion", { id, of: deletion, source: "B" }))
    })
    await cohort.settle()
    // Of the same change, but elsewhere: what was struck along with the other stands no nearer to it.
    undoMark(scene.b, deletion)
    await cohort.settle()
    expect(strikesIn(scene)).toEqual([])
    expect(open(scene)).toContain("B: delete “res”")
    sound(scene)
  }
})

it("[GATE17] where two marks of a deletion strike the same words what the room struck along stays as long as one of them does", async () => {
  const scene = await ninePieces()
  const { cohort, b, s, deletion, ninth } = scene
  const id = b.session.tracking.newId()
  b.session.doc.transact((tr) => {
    const text = textOfElement(elementsOf(b.session.doc)[1]!)!
    writeMark(tr, text, 0, text.length, newMark("deletion", { id, of: deletion, source: "B" }))
  })
  await cohort.settle()
  undoMark(b, id)
  await cohort.settle()
  expect(struckOf(scene, deletion)).toBe(s.text(1))
  expect(strikesIn(scene).map(({ key }) => key)).toContain(ninth)
  sound(scene)
})

it("[GATE17] what was decided of it stays as it was decided", async () => {
  const scene = await ninePieces()
  await accept(scene, "B")
  const struck = strikesIn(scene)
  expect(struck.length).toBeGreaterThan(0)
  undoMark(scene.b, scene.deletion)
  await scene.cohort.settle()
  expect(
    strikesIn(scene)
      .map(({ key }) => key)
      .sort(),
  ).toEqual(struck.map(({ key }) => key).sort())
  sound(scene)
})

for (const isNoted of [false, true]) {
  const when = isNoted ? "accepted" : "open"

  it(`[GATE7 RES1] where words of a colleague stay what others put in stays in them: a replacement that is ${when}`, async () => {
    const scene = await opened()
    const { cohort, s, s2, b } = scene
    s.type(1, 14, " of ships and ports")
    await cohort.settle()
    s2.type(1, 23, " and nets")
    await cohort.settle()
    b.replace(1, 28, 32, "lines")
    await cohort.settle()
    const put = cohort.changes().find(({ source }) => source === "B")!
    const seen = seenIn(cohort.room.gate, [put.id])
    if (isNoted) await accept(scene, "B")
    s.session.undoManager.undo()
    await cohort.settle()
    expect(open(scene).sort()).toEqual(["B: replace “nets” by “lines”", "S: insert “ and nets”"])
    expect(cohort.changes().find(({ id }) => id === put.id)!.inside).toEqual(put.inside)
    expect(working(scene)).toBe(line)
    if (!isNoted) {
      // As it stands: the words around it are others now, and it waits as it did.
      expect(seenIn(cohort.room.gate, [put.id])).not.toEqual(seen)
      await accept(scene, "B")
      expect(working(scene)).toBe(line)
    }
    await accept(scene, "S")
    expect(working(scene)).toBe("to keep a lamp and lines at every mole,")
    sound(scene)
  })

  it(`[GATE7 RES3] so does what stood in words that are taken back: an insertion that is ${when}`, async () => {
    const scene = await opened()
    const { cohort, s, s2, b } = scene
    s.type(1, 14, " of ships and ports")
    await cohort.settle()
    s2.type(1, 23, " and nets")
    await cohort.settle()
    b.type(1, 20, "XX")
    await cohort.settle()
    if (isNoted) await accept(scene, "B")
    s.session.undoManager.undo()
    await cohort.settle()
    const [put] = cohort.changes().filter(({ source }) => source === "B")
    expect(put?.inside).toEqual([cohort.changes().find(({ source }) => source === "S")!.id])
    if (!isNoted) await accept(scene, "B")
    expect(working(scene)).toBe(line)
    await cohort.decide([cohort.changes().find(({ source }) => source === "S")!.id], "notRetain")
    await cohort.settle()
    expect([working(scene), cohort.changes()]).toEqual([line, []])
    sound(scene)
  })

  it(`[GATE7 RES1] nor does its source put it out by other marks of the same change: an insertion that is ${when}`, async () => {
    const scene = await opened()
    const { cohort, s, b } = scene
    s.type(1, 14, " of ships")
    await cohort.settle()
    b.type(1, 17, " all")
    await cohort.settle()
    if (isNoted) await accept(scene, "B")
    const host = cohort.changes().find(({ source }) => source === "S")!
    const { doc } = s.session
    doc.transact((tr) => {
      const text = textOfElement(elementsOf(doc)[1]!)!
      const key = ownerOf(cohort.room.gate.blocks[1]!.runs.find((run) => run.text === " of")!.marks)!.key
      for (let item = text._start; item; item = item.right)
        if (!item.deleted && item.content instanceof Y.ContentFormat && item.content.key === key) item.delete(tr)
      forgetMarkers(text)
      for (const [from, to] of [
        [21, 27],
        [14, 17],
      ] as const)
        writeMark(tr, text, from, to, newMark("insertion", { id: s.session.tracking.newId(), of: host.id, source: "S", within: [] }))
    })
    await cohort.settle()
    expect(cohort.refusals).toEqual([])
    expect(cohort.changes().find(({ source }) => source === "B")!.inside).toEqual([host.id])
    if (!isNoted) await accept(scene, "B")
    expect(working(scene)).toBe(line)
    await accept(scene, "S")
    expect(working(scene)).toBe("to keep a lamp of all ships at every mole,")
    sound(scene)
  })
}

/** What is proposed, and every letter with its marks as they are written. */
const drawn = (scene: Scene): unknown => [
  open(scene).sort(),
  scene.cohort.room.gate.blocks[1]!.runs.flatMap(({ text, marks }) => [...text].map((letter) => [letter, marks])),
]

function undoing({ session: { undoManager } }: Member, ...steps: ("undo" | "redo")[]): void {
  undoManager.stopCapturing()
  for (const step of steps) undoManager[step]()
}

const hosts: Readonly<Record<string, (s: Member) => void>> = {
  "an insertion": (s) => s.type(1, 14, " and coastal states"),
  "a replacement": (s) => s.replace(1, 10, 14, "the coastal states"),
}

const inOthers: Readonly<Record<string, (b: Member, at: number) => void>> = {
  "a word is replaced": (b, at) => b.replace(1, at, at + 6, "nations"),
  "a word is struck": (b, at) => b.delete(1, at - 8, at),
  "agreed words are struck with it": (b, at) => b.delete(1, 3, at),
}

for (const [host, propose] of Object.entries(hosts))
  for (const [what, strike] of Object.entries(inOthers)) {
    const within = async (): Promise<Scene> => {
      const scene = await opened()
      propose(scene.s)
      await scene.cohort.settle()
      strike(scene.b, scene.s.text(1).indexOf("states"))
      await scene.cohort.settle()
      return scene
    }

    it(`[GATE17 UNDO6] ${host} in which ${what} is after undo and redo as it was, as often as one likes`, async () => {
      const scene = await within()
      const { cohort, s } = scene
      const was = drawn(scene)
      for (const steps of [["undo"], ["redo"], ["undo"], ["redo"], ["undo", "redo"]] as const) {
        undoing(s, ...steps)
        await cohort.settle()
        if (steps.at(-1) === "redo") expect(drawn(scene)).toEqual(was)
      }
      s.cut()
      undoing(s, "undo", "redo", "undo", "redo")
      await cohort.settle()
      expect(drawn(scene)).toEqual(was)
      sound(scene)
    })

    it(`[GATE17 UNDO6] so where its own words were deleted and come back: ${host} in which ${what}`, async () => {
      const scene = await within()
      const { cohort, s } = scene
      const was = drawn(scene)
      const at = s.text(1).indexOf(" coastal")
      s.session.undoManager.stopCapturing()
      s.delete(1, at, s.text(1).indexOf("states") + 6)
      await cohort.settle()
      undoing(s, "undo")
      await cohort.settle()
      expect(drawn(scene)).toEqual(was)
      sound(scene)
    })

    it(`[GATE17] what comes back to a draft that was opened anew meanwhile is struck by nobody: ${host} in which ${what}`, async () => {
      const scene = await within()
      const { cohort, s } = scene
      undoing(s, "undo")
      await cohort.settle()
      const said = open(scene).filter((line) => line.startsWith("B"))
      const gate = new Gate([Y.encodeStateAsUpdate(cohort.room.gate.shadow)], (client) => cohort.bindingOf(client))
      const updates: Uint8Array[] = []
      s.session.doc.on("update", (update) => void updates.push(update))
      undoing(s, "redo")
      for (const update of updates)
        expect(gate.receive(update, { person: s.person.id, source: "S" }, true)).toMatchObject({ kind: "accepted" })
      const blocks = gate.blocks
      expect(
        blocks[1]!.runs.filter(({ marks }) => ownerOf(marks)?.source === "S" && marks.some(({ name }) => name === "deletion")),
      ).toEqual([])
      const [own, ...others] = [...changesIn(blocks)].sort((a, b) => (a.source === "S" ? -1 : b.source === "S" ? 1 : 0))
      expect(others.map((change) => `${change.source}: ${describeChange(change)}`)).toEqual(said)
      expect(own!.inserted).toContain("coastal states")
    })
  }

it("[GATE17] what its source writes where struck words stood is struck by nobody where it is not all of these", async () => {
  for (const [words, left] of [
    ["red", "red "],
    ["re", " "],
    ["rod", " "],
  ] as const) {
    const scene = await opened()
    const { cohort, s } = scene
    await struck(scene)
    const { doc } = s.session
    const text = textOfElement(elementsOf(doc)[1]!)!
    s.delete(1, 35, 38)
    await cohort.settle()
    doc.transact((tr) => {
      let gone = text._start
      while (gone && !(gone.deleted && gone.countable)) gone = gone.right
      writeItem(tr, text, { left: gone!.left, right: gone }, new Y.ContentString(words))
    })
    await cohort.settle()
    expect(cohort.changes().find(({ source }) => source === "B")?.deleted).toBe(left)
    expect(open(scene)).toContain(`S: insert “ and a ${words} bell”`)
    expect(cohort.refusals).toEqual([])
  }
})

it("[GATE17 GATE14] what its source writes in a pair of its own among struck words does not wait for the deletion that strikes them", async () => {
  const scene = await opened()
  const { cohort, s } = scene
  await struck(scene)
  const [host, deletion] = ["S", "B"].map((source) => cohort.changes().find((change) => change.source === source)!.id)
  const { doc } = s.session
  doc.transact((tr) => {
    const text = textOfElement(elementsOf(doc)[1]!)!
    const id = s.session.tracking.newId()
    const mark = newMark("insertion", { id, of: host!, source: "S", within: [host!, deletion!] })
    writeText(tr, text, slotAt(tr, text, 37, "S"), "X", [mark])
  })
  await cohort.settle()
  expect(open(scene)).toEqual(["S: insert “ and a reXd bell”", "B: delete “red ”"])
  const { marks } = cohort.room.gate.blocks[1]!.runs.find(({ text }) => text === "X")!
  expect(marks.map(({ source }) => source)).toEqual(["S", "S"])
  await accept(scene, "S", "B")
  expect(working(scene)).toBe("to keep a lamp at every mole and a Xbell,")
  sound(scene)
})
