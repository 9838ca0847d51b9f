import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { joinBlock } from "../server/acts/restructure.ts"
import { Gate } from "../server/gate/gate.ts"
import { keyOf, serverClient } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksRoot, elementsOf, structureRoot, textOfElement } from "../shared/sync/read.ts"
import { newDraftDoc, removeMark, removeText, slotAt, writeMark, writeText } from "../shared/sync/write.ts"
import { clause, draftState, head, random } from "./build.ts"
import { brokenBy, promised } from "./oracle.ts"

/**
 * A forger who knows how the document is built: it writes random items at random places, some honest, most not. Whatever the gate takes, everybody
 * else's must be as it was: looked at by the oracle, in code that the gate does not use.
 */
const forger = 101
const victim = 102
const sources = new Map([
  [forger, { person: "p-s", source: "S" }],
  [victim, { person: "p-b", source: "B" }],
])

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
    {
      id,
      of: r.pick(["", `S.${forger}.1`, `S.${forger}.30`, `B.${victim}.1`]),
      source: r.pick(["S", "B"]),
      within: r.pick(["", `B.${victim}.1`, "x"]),
    },
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
    element.insert(0, [new Y.XmlText(r.pick(["", "words", "a\tb", "\u2029", "\ufffc"]))])
    doc.getXmlFragment(blocksRoot).insert(r.below(4), [element])
    for (const [name, attr] of Object.entries({ id: `n${anyId(r)}`, insertedBy: r.pick(["S", "S", "B"]), insertedId: anyId(r) }))
      element.setAttribute(name, attr)
  },
  (doc, _, r) => doc.getXmlFragment(blocksRoot).delete(r.below(3), 1),
  // An own clause, all but honest.
  (doc, _, r) => {
    const element = new Y.XmlElement("clause")
    element.insert(0, [new Y.XmlText(r.pick(["", "words", "a\u200bb", "\u2029"]))])
    doc.getXmlFragment(blocksRoot).insert(r.below(4), [element])
    const id = `S.${forger}.${500 + r.below(400)}`
    for (const [name, attr] of Object.entries({ id: `n${id}`, insertedBy: "S", insertedId: r.pick([id, id, `S.${forger}.30`]) }))
      element.setAttribute(name, attr)
  },
  // A last marker alone, whosever; a key where nobody looks; something beside the text of a block.
  (doc, tr, r) => {
    let last: Y.Item | null = null
    for (let item = anyText(doc, r)._start; item; item = item.right)
      if (!item.deleted && item.content instanceof Y.ContentFormat) last = item
    last?.delete(tr)
  },
  (doc, _, r) => anyText(doc, r).setAttribute(r.pick(["k", "id"]), "hidden"),
  (doc, tr, r) => {
    const parents: readonly unknown[] = [r.pick(elementsOf(doc)), doc.getXmlFragment(blocksRoot), doc.getMap(structureRoot)]
    const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
    const content = r.pick([
      new Y.ContentString("x"),
      new Y.ContentAny(["x"]),
      new Y.ContentFormat(keyOf("deletion", `S.${forger}.7`), null as never),
    ])
    new Y.Item(id, null, null, null, null, r.pick(parents) as Y.AbstractType<unknown>, r.pick([null, "k"]), content).integrate(tr, 0)
  },
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
    doc.getMap("proposals").set(`S.${forger}.30`, { status: "accepted", source: "S" })
  })
  return Y.encodeStateAsUpdate(doc)
}

/** The same once its clauses were joined: words have gone elsewhere, and lies can be told of where they were. */
function joined(start: Uint8Array): Uint8Array {
  const gate = new Gate([start], (client) => sources.get(client))
  gate.act((tr, shadow) => joinBlock({ tr, fragment: shadow.getXmlFragment(blocksRoot), relocations: gate.relocations }, "c1", "c0"))
  return Y.encodeStateAsUpdate(gate.shadow)
}

const rounds = Number(process.env.FORGE ?? "4000")

describe("forging", () => {
  it(`[GATE1 GATE3-GATE6] of ${rounds} random forgeries none changes what is another's`, () => {
    const starts = [scene(), joined(scene())]
    let state = starts[0]!
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
      const before = promised(gate.shadow, "S")
      const outcome = gate.receive(updates.length === 1 ? updates[0]! : Y.mergeUpdates(updates), { person: "p-s", source: "S" }, true)
      if (outcome.kind === "refused") {
        tally.refused++
        tally.reasons.set(outcome.reason, (tally.reasons.get(outcome.reason) ?? 0) + 1)
        gate.rebuild([state])
      } else {
        tally[outcome.kind === "accepted" ? "taken" : "nothing"]++
        expect(brokenBy(before, promised(gate.shadow, "S")), `forgery ${round}`).toEqual([])
        expect(gate.shadow.store.pendingStructs).toBeNull()
        state = Y.encodeStateAsUpdate(gate.shadow)
        // Begins anew now and then, or the forger's own words would crowd out all others'.
        if (tally.taken % 20 === 0) {
          state = starts[(tally.taken / 20) % 2]!
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
