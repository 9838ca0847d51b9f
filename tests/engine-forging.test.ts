import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { Gate } from "../server/gate/gate.ts"
import { joinBlock } from "../server/gate/restructure.ts"
import { serverClient } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksRoot, elementsOf, structureRoot, textOfElement } from "../shared/sync/read.ts"
import { newDraftDoc, slotAt, writeMark, writeText } from "../shared/sync/write.ts"
import { clause, draftState, head, random } from "./build.ts"
import { signature } from "./cohort.ts"
import { forgeriesBy } from "./forgeries.ts"
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

const forgeries = forgeriesBy({ own: "S", forger, other: "B", victim })
const rounds = Number(process.env.FORGE ?? "4000")

/** An update of the forger's, written to a copy of a draft that knows nothing else of it. */
function forged(state: Uint8Array, write: (doc: Y.Doc, tr: Y.Transaction) => void): Uint8Array {
  const doc = newDraftDoc()
  Y.applyUpdate(doc, state)
  doc.clientID = forger
  const updates: Uint8Array[] = []
  doc.on("update", (update: Uint8Array) => void updates.push(update))
  doc.transact((tr) => write(doc, tr))
  return updates[0]!
}

describe("forging", () => {
  it("[GATE1 GATE9] clocks that were used are not used again: what is taken is what anybody reads who replays it", () => {
    const gate = new Gate([scene()], (client) => sources.get(client))
    const own = forged(scene(), (doc, tr) => {
      const text = textOfElement(elementsOf(doc)[2]!)!
      writeText(tr, text, slotAt(tr, text, 16, "S"), "x", [newMark("insertion", { id: `S.${forger}.1`, source: "S" })])
    })
    expect(gate.receive(own, sources.get(forger)!, true).kind).toBe("accepted")
    // The same clocks, in another clause: its first letters are known, the rest goes where they are not.
    const again = forged(scene(), (doc, tr) => {
      const text = textOfElement(elementsOf(doc)[1]!)!
      writeText(tr, text, slotAt(tr, text, 3, "S"), "agreed", [newMark("insertion", { id: `S.${forger}.1`, source: "S" })])
    })
    expect(gate.receive(again, sources.get(forger)!, true)).toMatchObject({ kind: "refused", reason: "malformed" })
  })

  it("[GATE9] the row of letters is what Yjs writes of them, whatever else the bytes could say", () => {
    const typed = (text: string): { state: Uint8Array; update: Uint8Array } => {
      const open = forged(scene(), (doc, tr) => {
        const words = textOfElement(elementsOf(doc)[2]!)!
        writeText(tr, words, slotAt(tr, words, 16, "S"), "x", [newMark("insertion", { id: `S.${forger}.1`, source: "S" })])
      })
      const state = Y.mergeUpdates([scene(), open])
      const update = forged(state, (doc, tr) => {
        const words = textOfElement(elementsOf(doc)[2]!)!
        writeText(tr, words, slotAt(tr, words, 17, "S"), text, [])
      })
      return { state, update }
    }
    /** What Yjs emits of an update, of which part may be known already. */
    const emitted = (state: Uint8Array, update: Uint8Array): Uint8Array => {
      const doc = newDraftDoc()
      Y.applyUpdate(doc, state)
      let row = new Uint8Array()
      doc.on("update", (bytes: Uint8Array) => {
        row = new Uint8Array(bytes)
      })
      Y.applyUpdate(doc, update)
      return row
    }
    const rowOf = (state: Uint8Array, update: Uint8Array): Uint8Array => {
      const gate = new Gate([state], (client) => sources.get(client))
      // The frame that it came in is read again for the next one.
      const frame = update.slice()
      const outcome = gate.receive(frame, sources.get(forger)!, true)
      frame.fill(0)
      return outcome.kind === "accepted" ? outcome.row : new Uint8Array()
    }
    for (const text of ["y", "é", "建议", "توصية", "😀", "words and words ".repeat(20)]) {
      const { state, update } = typed(text)
      expect(rowOf(state, update), text).toEqual(update)
      expect(emitted(state, update), text).toEqual(update)
    }
    const { state, update } = typed("yz")
    const [clients, structs, client, clock, info, ...rest] = update
    const said: readonly (readonly [string, readonly number[]])[] = [
      ["something behind it", [...update, 1, 2, 3]],
      ["numbers that are longer than they need be", [clients!, structs!, client! | 0x80, 0, clock!, info!, ...rest]],
      ["a name that it does not bear", [clients!, structs!, client!, clock!, info! | 0x20, ...rest]],
    ]
    for (const [what, bytes] of said) expect(rowOf(state, Uint8Array.from(bytes)), what).toEqual(update)
    // Of what is known in part only the rest is new.
    const more = typed("yzw").update
    const known = Y.mergeUpdates([state, update])
    expect(rowOf(known, more)).toEqual(emitted(known, more))
    expect(rowOf(known, more).length).toBeLessThan(more.length)
  })

  it("[GATE1 ROOM7] a client that is named twice in an update is refused, and is no fault of ours", () => {
    const words = (text: string): Uint8Array =>
      forged(scene(), (doc, tr) => {
        const clause = textOfElement(elementsOf(doc)[2]!)!
        writeText(tr, clause, slotAt(tr, clause, 16, "S"), text, [newMark("insertion", { id: `S.${forger}.1`, source: "S" })])
      })
    // An update is a list of lists, each of one client, and what is deleted: the number of lists, the lists, and nothing deleted.
    const listOf = (update: Uint8Array): number[] => [...update.slice(1, -1)]
    const [long, short, empty] = [listOf(words("PHANTOM")), listOf(words("r")), [0, forger, 0]]
    for (const lists of [
      [long, short],
      [short, long],
      [short, short],
      [long, empty],
      [empty, long],
    ]) {
      const gate = new Gate([scene()], (client) => sources.get(client))
      const outcome = gate.receive(Uint8Array.from([lists.length, ...lists.flat(), 0]), sources.get(forger)!, true)
      if (lists[0] === empty) expect(outcome.kind).toBe("accepted")
      else expect(outcome).toMatchObject({ kind: "refused", reason: lists[1] === empty ? "missing-parts" : "malformed" })
    }
  })

  it("[GATE3] a proposal that was made without a line is in the room, whatever another wrote under its id and took back meanwhile", () => {
    const key = `B.${victim}.7`
    const late = (root: string, value: unknown) => (doc: Y.Doc) => void doc.getMap(root).set(key, value)
    const sent = (write: (doc: Y.Doc) => void): Uint8Array => {
      const doc = newDraftDoc()
      Y.applyUpdate(doc, scene())
      doc.clientID = victim
      const known = Y.encodeStateVector(doc)
      write(doc)
      return Y.encodeStateAsUpdate(doc, known)
    }
    const made: [string, unknown][] = [
      ...[{ kind: "delete" }, { kind: "join", into: "c0" }, { kind: "move", after: null }, { kind: "level", level: 2 }].map(
        (parts): [string, unknown] => [structureRoot, { id: key, of: "", source: "B", block: "c1", ...parts }],
      ),
      ["links", { source: "B", changes: [`B.${victim}.1`, `B.${victim}.2`] }],
    ]
    for (const [root, value] of made) {
      const gate = new Gate([scene()], (client) => sources.get(client))
      const tombstones = forged(scene(), (doc) => {
        for (const map of [structureRoot, "links"])
          for (let n = 4; n < 20; n++) {
            doc.getMap(map).set(`B.${victim}.${n}`, "x")
            doc.getMap(map).delete(`B.${victim}.${n}`)
          }
      })
      expect(gate.receive(tombstones, sources.get(forger)!, true)).toMatchObject({ kind: "refused", reason: "foreign-key" })
      gate.rebuild([scene()])
      expect(gate.receive(sent(late(root, value)), sources.get(victim)!, true).kind).toBe("accepted")
      expect(gate.shadow.getMap(root).get(key), root).toEqual(value)
    }
  })

  it("[GATE4] so is the level of a new clause", () => {
    const id = `nB.${victim}.8`
    const withClause = (): Y.Doc => {
      const doc = newDraftDoc()
      Y.applyUpdate(doc, scene())
      doc.clientID = victim
      const element = new Y.XmlElement("clause")
      element.insert(0, [new Y.XmlText()])
      doc.getXmlFragment(blocksRoot).insert(2, [element])
      for (const [name, value] of Object.entries({ id, insertedBy: "B", insertedId: id.slice(1) })) element.setAttribute(name, value)
      return doc
    }
    const doc = withClause()
    const start = Y.encodeStateAsUpdate(doc)
    const gate = new Gate([start], (client) => sources.get(client))
    const clauseIn = (other: Y.Doc): Y.XmlElement => elementsOf(other).find((element) => element.getAttribute("id") === id)!
    const tombstone = forged(start, (other) => {
      clauseIn(other).setAttribute("level", 3 as never)
      clauseIn(other).removeAttribute("level")
    })
    expect(gate.receive(tombstone, sources.get(forger)!, true)).toMatchObject({ kind: "refused", reason: "block-attributes" })
    gate.rebuild([start])
    clauseIn(doc).setAttribute("level", 2 as never)
    expect(gate.receive(Y.encodeStateAsUpdate(doc), sources.get(victim)!, true).kind).toBe("accepted")
    expect(clauseIn(gate.shadow).getAttribute("level")).toBe(2)
  })

  it("[GATE14] what words stand inside of names no mark that is yet to be written, by anybody or by the server", () => {
    const gate = new Gate([scene()], (client) => sources.get(client))
    const next = Y.getState(gate.shadow.store, serverClient)
    const within = [`B.${victim}.1`, `B.${victim}.4`, `B.${victim}.9999`, `B.${serverClient}.${next}`, `B.${serverClient}.${next + 1}`]
    const update = forged(scene(), (doc, tr) => {
      const text = textOfElement(elementsOf(doc)[1]!)!
      writeText(tr, text, slotAt(tr, text, 8, "S"), "XYZ", [newMark("insertion", { id: `S.${forger}.1`, source: "S", within })])
    })
    expect(gate.receive(update, sources.get(forger)!, true).kind).toBe("accepted")
    const mark = gate.blocks.flatMap((block) => block.runs.flatMap((run) => run.marks)).find(({ id }) => id === `S.${forger}.1`)
    expect(mark?.within).toEqual([`B.${victim}.1`])
  })

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
        const loaded = newDraftDoc()
        Y.applyUpdate(loaded, state)
        expect(signature(loaded), `forgery ${round}: whoever opens the draft reads it as it was judged`).toBe(signature(gate.shadow))
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
