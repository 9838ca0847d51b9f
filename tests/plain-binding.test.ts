import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { Gate } from "../server/gate/gate.ts"
import { changesIn, describeChange } from "../shared/changes/changes.ts"
import { textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { elementsOf, textOfElement } from "../shared/sync/read.ts"
import { newDraftDoc, slotAt, writeText } from "../shared/sync/write.ts"
import { clause, draftState } from "./build.ts"

const sweden = 101
const brazil = 102
const sources = new Map([
  [sweden, { person: "p-s", source: "S" }],
  [brazil, { person: "p-b", source: "B" }],
])

/** Two agreed clauses; in the first Sweden has put "very ", Brazil "often ". */
function scene(): Uint8Array {
  const doc = newDraftDoc()
  Y.applyUpdate(doc, draftState([clause("to keep a lamp", "c0"), clause("to count them", "c1")]))
  const put = (client: number, source: string, at: number, words: string): void => {
    doc.clientID = client
    const text = textOfElement(elementsOf(doc)[0]!)!
    doc.transact((tr) =>
      writeText(tr, text, slotAt(tr, text, at, source), words, [newMark("insertion", { id: `${source}.${client}.1`, source })]),
    )
  }
  put(sweden, "S", 3, "very ")
  put(brazil, "B", 8, "often ")
  return Y.encodeStateAsUpdate(doc)
}

/** What the room makes of what Sweden's browser does with nothing but Yjs's own methods: the text, and every open change; or why it was refused. */
function does(
  write: (doc: Y.Doc, texts: readonly Y.XmlText[]) => void,
  state = scene(),
): { text?: string[]; changes?: string[]; refused?: string } {
  const gate = new Gate([state], (client) => sources.get(client))
  const doc = newDraftDoc()
  Y.applyUpdate(doc, state)
  doc.clientID = sweden
  const before = Y.encodeStateVector(doc)
  doc.transact(() =>
    write(
      doc,
      elementsOf(doc).map((element) => textOfElement(element)!),
    ),
  )
  const outcome = gate.receive(Y.encodeStateAsUpdate(doc, before), sources.get(sweden)!, true)
  if (outcome.kind === "refused") return { refused: outcome.reason }
  return {
    text: gate.blocks.map(textOf),
    changes: changesIn(gate.blocks).map((change) => `${change.source}: ${describeChange(change)}`),
  }
}

const open = ["S: insert “very ”", "B: insert “often ”"]

describe("what a plain binding may do, with Yjs's own methods and no marks", () => {
  it("[PLAIN1] words that it inserts become its source's insertion, in its own they belong to that", () => {
    expect(does((_, [, text]) => text!.insert(3, "re"))).toEqual({
      text: ["to very often keep a lamp", "to recount them"],
      changes: [...open, "S: insert “re”"],
    })
    expect(does((_, [text]) => text!.insert(5, "r"))).toEqual({
      text: ["to verry often keep a lamp", "to count them"],
      changes: ["S: insert “verry ”", open[1]],
    })
  })

  it("[PLAIN2] its own words that it deletes are gone, in the middle of others' too", () => {
    expect(does((_, [text]) => text!.delete(3, 5))).toEqual({ text: ["to often keep a lamp", "to count them"], changes: [open[1]] })
  })

  it("[PLAIN3] agreed words and words of another it cannot delete: nothing of the update counts", () => {
    expect(does((_, [, text]) => text!.delete(3, 6)).refused).toBe("agreed-text-changed")
    expect(does((_, [text]) => text!.delete(8, 6)).refused).toMatch(/^(foreign-marker-deleted|others-words-changed)$/)
    expect(
      does((_, [text]) => {
        text!.insert(0, "now ")
        text!.delete(12, 2)
      }).refused,
    ).toMatch(/^(foreign-marker-deleted|others-words-changed)$/)
  })

  it("[PLAIN4] it formats nothing, adds, moves and removes no clause, and writes to no root", () => {
    const blocks = (doc: Y.Doc): Y.XmlFragment => doc.getXmlFragment("blocks")
    expect(does((_, [text]) => text!.format(0, 2, { bold: true })).refused).toBe("unknown-mark")
    expect(does((_, [text]) => text!.insertEmbed(0, { image: "x" })).refused).toBe("content-kind")
    expect(does((doc) => blocks(doc).delete(1, 1)).refused).toBe("block-removed")
    expect(does((doc) => blocks(doc).insert(0, [new Y.XmlElement("clause")])).refused).toBe("block-shape")
    expect(does((doc) => doc.getMap("proposals").set("x", "y")).refused).toBe("foreign-root")
    expect(does((doc) => doc.getMap("other").set("x", "y")).refused).toBe("foreign-root")
  })
})
