import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { Gate } from "../server/gate/gate.ts"
import { ownerOf } from "../shared/schema/block.ts"
import { keyOf, serverClient } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { attributesOf, blocksRoot, elementsOf, runsOfText, structureRoot, textOfElement } from "../shared/sync/read.ts"
import { newDraftDoc, removeMark, removeText, slotAt, writeMark, writeText } from "../shared/sync/write.ts"
import { clause, draftState, head, random } from "./build.ts"

/**
 * A forger who knows how the document is built: it writes random items at random places, some honest, most not. Whatever the gate takes, everybody
 * else's must be as it was: looked at by identity, letter and mark, in code that the gate does not use.
 */
const forger = 101
const victim = 102
const sources = new Map([
  [forger, { person: "p-s", source: "S" }],
  [victim, { person: "p-b", source: "B" }],
])

/** All that is not the forger's, as a list of lines. */
function othersPart(doc: Y.Doc): string[] {
  const lines: string[] = []
  for (const element of elementsOf(doc)) {
    const attrs = attributesOf(element)
    if (attrs.insertedBy === "S") continue
    lines.push(JSON.stringify(["block", element.nodeName, Object.entries(attrs).sort()]))
    for (const run of runsOfText(textOfElement(element)!)) {
      if (ownerOf(run.marks)?.source === "S") continue
      const marks = run.marks.filter((mark) => mark.source !== "S" || mark.name === "comment").map((mark) => mark.key)
      for (let i = 0; i < run.text.length; i++)
        lines.push(`${run.client === serverClient ? "agreed" : run.client} ${run.clock + i} ${run.text[i]} ${marks.sort()}`)
    }
  }
  for (const [key, value] of [...doc.getMap(structureRoot).entries()].sort())
    if ((value as { source?: string }).source !== "S") lines.push(JSON.stringify([key, value]))
  for (const name of ["proposals", "threads", "meta"]) lines.push(JSON.stringify([name, doc.getMap(name).toJSON()]))
  return lines
}

/** What the forger claims as its own must have been written by it. */
function claimed(doc: Y.Doc): string[] {
  const wrong: string[] = []
  for (const element of elementsOf(doc))
    for (const run of runsOfText(textOfElement(element)!))
      if (ownerOf(run.marks)?.source === "S" && run.client === victim) wrong.push(run.text)
  return wrong
}

type Random = ReturnType<typeof random>
type Forgery = (doc: Y.Doc, tr: Y.Transaction, r: Random) => void

const anyText = (doc: Y.Doc, r: Random): Y.XmlText => textOfElement(r.pick(elementsOf(doc)))!
const anyItem = (text: Y.XmlText, r: Random): Y.Item | null => {
  let item = text._start
  for (let n = r.below(12); item?.right && n > 0; n--) item = item.right
  return item
}
const anyId = (r: Random): string =>
  r.pick([`S.${forger}.${r.below(40)}`, `B.${victim}.${r.below(6)}`, `S.${victim}.3`, `S.${serverClient}.${r.below(99)}`])
const value = (id: string, r: Random): object =>
  r.pick([
    { id, of: "", source: "S", within: "" },
    { id, of: "", source: "S", over: "" },
    { id, of: r.pick(["", `S.${forger}.1`, `B.${victim}.1`]), source: r.pick(["S", "B"]), within: r.pick(["", `B.${victim}.1`, "x"]) },
    { id, source: "S" },
  ])

function put(tr: Y.Transaction, text: Y.XmlText, left: Y.Item | null, content: Y.ContentString | Y.ContentFormat): void {
  const { doc } = tr
  const right = left ? left.right : text._start
  const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
  new Y.Item(id, left, left?.lastId ?? null, right, right?.id ?? null, text, null, content).integrate(tr, 0)
}

const forgeries: readonly Forgery[] = [
  // Honest words, so that later forgeries find some of the forger's own.
  (doc, tr, r) => {
    const text = anyText(doc, r)
    const slot = slotAt(tr, text, r.below(text.length + 1), "S")
    const id = `S.${forger}.${Y.getState(doc.store, forger) + 100}`
    const within = slot.marks.filter((mark) => mark.name !== "comment").map((mark) => mark.id)
    writeText(tr, text, slot, "mine", [newMark("insertion", { id, source: "S", within })])
  },
  (doc, tr, r) => {
    const text = anyText(doc, r)
    const from = r.below(text.length)
    writeMark(
      tr,
      text,
      from,
      Math.min(text.length, from + 1 + r.below(6)),
      newMark(r.pick(["deletion", "insertion"] as const), { id: `S.${forger}.${r.below(500)}`, source: "S" }),
    )
  },
  (doc, tr, r) => put(tr, ...at(doc, r), new Y.ContentString(r.pick(["x", "agreed", "\u2029", "a\u2029", "\u202e", "😀"]))),
  (doc, tr, r) => {
    const id = anyId(r)
    put(
      tr,
      ...at(doc, r),
      new Y.ContentFormat(keyOf(r.pick(["insertion", "deletion", "comment"]), id), r.next() < 0.3 ? (null as never) : value(id, r)),
    )
  },
  (doc, tr, r) => void anyItem(anyText(doc, r), r)?.delete(tr),
  (doc, tr, r) => {
    const text = anyText(doc, r)
    if (text.length > 1) removeText(tr, text, r.below(text.length - 1), 1 + r.below(text.length - 1))
  },
  (doc, tr, r) => removeMark(tr, anyText(doc, r), keyOf(r.pick(["insertion", "deletion"]), anyId(r))),
  (doc, _, r) =>
    doc.getMap(structureRoot).set(anyId(r), {
      id: anyId(r),
      of: "",
      source: r.pick(["S", "S", "B"]),
      block: r.pick(["c0", "c1", "resolves", "gone"]),
      ...r.pick([
        { kind: "delete" },
        { kind: "move", after: "c1" },
        { kind: "join", into: "c0" },
        { kind: "level", level: r.below(6) },
        { kind: "x" },
      ]),
    }),
  (doc, _, r) => doc.getMap(structureRoot).delete(r.pick([...doc.getMap(structureRoot).keys(), "none"])),
  (doc, _, r) =>
    r
      .pick(elementsOf(doc))
      .setAttribute(r.pick(["level", "id", "insertedBy", "joined", "origin", "dir", "__proto__"]), r.pick(["1", "S", "c0", "rtl"])),
  (doc, _, r) => {
    const element = new Y.XmlElement(r.pick(["clause", "head", "evil"]))
    element.insert(0, [new Y.XmlText(r.pick(["", "words"]))])
    doc.getXmlFragment(blocksRoot).insert(r.below(4), [element])
    for (const [name, attr] of Object.entries({ id: `n${anyId(r)}`, insertedBy: r.pick(["S", "S", "B"]), insertedId: anyId(r) }))
      element.setAttribute(name, attr)
  },
  (doc, _, r) => doc.getXmlFragment(blocksRoot).delete(r.below(3), 1),
  (doc, _, r) => doc.getMap(r.pick(["meta", "proposals", "threads", "mine"])).set("k", r.below(9)),
]
const at = (doc: Y.Doc, r: Random): [Y.XmlText, Y.Item | null] => {
  const text = anyText(doc, r)
  return [text, r.next() < 0.2 ? null : anyItem(text, r)]
}

/** A draft in which the victim has open words, a deletion and a proposal about a clause. */
function scene(): Uint8Array {
  const doc = newDraftDoc()
  Y.applyUpdate(doc, draftState([head("resolves"), clause("to continue the work 😀 of it", "c0"), clause("to report yearly", "c1")]))
  doc.clientID = victim
  doc.transact((tr) => {
    const text = textOfElement(elementsOf(doc)[1]!)!
    writeText(tr, text, slotAt(tr, text, 6, "B"), "victim", [newMark("insertion", { id: `B.${victim}.1`, source: "B" })])
    writeMark(tr, textOfElement(elementsOf(doc)[2]!)!, 3, 8, newMark("deletion", { id: `B.${victim}.2`, source: "B" }))
    doc.getMap(structureRoot).set(`B.${victim}.3`, { id: `B.${victim}.3`, of: "", source: "B", block: "c1", kind: "delete" })
  })
  return Y.encodeStateAsUpdate(doc)
}

const rounds = Number(process.env.FORGE ?? "4000")

describe("forging", () => {
  it(`[GATE1 GATE3-GATE6] of ${rounds} random forgeries none changes what is another's`, () => {
    const start = scene()
    let state = start
    const tally = { taken: 0, refused: 0, nothing: 0, reasons: new Map<string, number>() }
    const gate = new Gate([state], (client) => sources.get(client))
    for (let round = 1; round <= rounds; round++) {
      const r = random(round)
      const doc = newDraftDoc()
      Y.applyUpdate(doc, state)
      doc.clientID = forger
      const updates: Uint8Array[] = []
      doc.on("update", (update: Uint8Array) => void updates.push(update))
      try {
        doc.transact((tr) => {
          for (let n = 1 + r.below(3); n > 0; n--) r.pick(forgeries)(doc, tr, r)
        })
      } catch {
        // What Yjs itself will not write is no forgery.
        continue
      }
      if (updates.length === 0) continue
      const before = othersPart(gate.shadow)
      const outcome = gate.receive(updates.length === 1 ? updates[0]! : Y.mergeUpdates(updates), { person: "p-s", source: "S" }, true)
      if (outcome.kind === "refused") {
        tally.refused++
        tally.reasons.set(outcome.reason, (tally.reasons.get(outcome.reason) ?? 0) + 1)
        gate.rebuild([state])
      } else {
        tally[outcome.kind === "accepted" ? "taken" : "nothing"]++
        expect(othersPart(gate.shadow), `forgery ${round}`).toEqual(before)
        expect(claimed(gate.shadow), `forgery ${round}`).toEqual([])
        expect(gate.shadow.store.pendingStructs).toBeNull()
        state = Y.encodeStateAsUpdate(gate.shadow)
        // Begins anew now and then, or the forger's own words would crowd out all others'.
        if (tally.taken % 20 === 0) {
          state = start
          gate.rebuild([state])
        }
      }
    }
    console.log("forgeries", { ...tally, reasons: Object.fromEntries([...tally.reasons].sort((a, b) => b[1] - a[1])) })
    expect(tally.refused).toBeGreaterThan(rounds / 3)
    expect(tally.taken, "some must pass, or nothing is tested").toBeGreaterThan(rounds / 50)
    expect(tally.reasons.size).toBeGreaterThan(12)
  }, 3_600_000)
})
