import * as encoding from "lib0/encoding"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Y from "yjs"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import type { Room } from "../server/rooms/room.ts"
import { finished } from "../shared/changes/slices.ts"
import { keyOf, serverClient } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksRoot, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { removeMark, removeText, slotAt, writeMark, writeText } from "../shared/sync/write.ts"
import { signature } from "./cohort.ts"
import { type Guest, type Line, Meeting, smallDraft } from "./meeting.ts"

/**
 * A hostile client over real sockets: each attack must be refused with its reason, leave the committed bytes as they were, and hurt nobody else.
 * Brazil has an open insertion in block 7 and a deletion in block 8 before each attack by Sweden.
 */
interface Scene {
  readonly doc: Y.Doc
  readonly client: number
  readonly brazil: number
  text(index: number): Y.XmlText
  mark(
    name: "insertion" | "deletion",
    parts?: Partial<{ id: string; source: string; of: string; within: string[]; over: string[] }>,
  ): ReturnType<typeof newMark>
}
type Attack = (scene: Scene, tr: Y.Transaction) => void

const raw = (
  tr: Y.Transaction,
  text: Y.XmlText,
  content: Y.ContentFormat | Y.ContentString | Y.ContentEmbed,
  left: Y.Item | null = null,
): void => {
  const { doc } = tr
  const right = left ? left.right : text._start
  const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
  new Y.Item(id, left, left?.lastId ?? null, right, right?.id ?? null, text, null, content).integrate(tr, 0)
}
const firstMarker = (text: Y.XmlText, key: string, isOpening: boolean): Y.Item => {
  for (let item = text._start; item; item = item.right)
    if (
      !item.deleted &&
      item.content instanceof Y.ContentFormat &&
      item.content.key === key &&
      ((item.content.value as unknown) !== null) === isOpening
    )
      return item
  throw new Error(`no marker ${key}`)
}

/** An item that says to have been written between two letters of a text which do not stand in that order. */
function between(tr: Y.Transaction, text: Y.XmlText, behind: number, before: number, content: Y.ContentFormat | Y.ContentString): void {
  const { doc } = tr
  const letters: Y.ID[] = []
  for (let item = text._start; item; item = item.right)
    if (!item.deleted && item.countable) for (let i = 0; i < item.length; i++) letters.push(Y.createID(item.id.client, item.id.clock + i))
  const [origin, rightOrigin] = [letters[behind]!, letters[before]!]
  const left = Y.getItemCleanEnd(tr, doc.store, origin) as Y.Item
  const right = Y.getItemCleanStart(tr, rightOrigin) as Y.Item
  const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
  new Y.Item(id, left, origin, right, rightOrigin, text, null, content).integrate(tr, 0)
}

const attacks: readonly [rule: string, name: string, attack: Attack, reason: RegExp][] = [
  [
    "GATE1",
    "an insertion under another's source",
    ({ text, mark, client }, tr) =>
      writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "x", [mark("insertion", { source: "B", id: `B.${client}.1` })]),
    /forged-source/,
  ],
  [
    "GATE1",
    "a key of another's client",
    ({ text, mark, brazil }, tr) => writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "x", [mark("insertion", { id: `S.${brazil}.77` })]),
    /foreign-key/,
  ],
  [
    "GATE1",
    "a key of the server",
    ({ text, mark }, tr) => writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "x", [mark("insertion", { id: `S.${serverClient}.7` })]),
    /foreign-key/,
  ],
  [
    "GATE1",
    "a closing marker between a letter and one that stands before it",
    ({ text, mark }, tr) => {
      const own = mark("insertion")
      between(tr, text(7), 12, 4, new Y.ContentFormat(own.key, null as never))
      writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "x", [own])
    },
    /^malformed$/,
  ],
  ["GATE1", "words between a letter and itself", ({ text }, tr) => between(tr, text(7), 6, 6, new Y.ContentString("x")), /^malformed$/],
  [
    "GATE1",
    "words that were gone when they came, more than any update brings",
    ({ text }, tr) => raw(tr, text(7), new Y.ContentDeleted(2 ** 40) as never, text(7)._start),
    /^too-large$/,
  ],
  [
    "GATE1",
    "an id that does not yield its key",
    ({ text, client }, tr) =>
      raw(tr, text(7), new Y.ContentFormat(keyOf("insertion", `S.${client}.5`), { id: `S.${client}.6`, of: "", source: "S", within: "" })),
    /mark-id/,
  ],
  [
    "GATE1",
    "a mark with an attribute too many",
    ({ text, client }, tr) =>
      raw(
        tr,
        text(7),
        new Y.ContentFormat(keyOf("insertion", `S.${client}.5`), { id: `S.${client}.5`, of: "", source: "S", within: "", evil: "1" }),
      ),
    /mark-shape/,
  ],
  [
    "GATE1",
    "a deletion that heard of something else than a number",
    ({ text, client }, tr) => {
      const value = { id: `S.${client}.5`, of: "", source: "S", over: "", heard: "-1" }
      raw(tr, text(7), new Y.ContentFormat(keyOf("deletion", value.id), value))
    },
    /mark-shape/,
  ],
  [
    "GATE1",
    "joining another's change",
    ({ text, mark, brazil }, tr) => writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "x", [mark("insertion", { of: `B.${brazil}.1` })]),
    /foreign-change/,
  ],
  [
    "GATE1",
    "a comment mark, which is the server's",
    ({ text, client }, tr) =>
      raw(tr, text(7), new Y.ContentFormat(keyOf("comment", `S.${client}.5`), { id: `S.${client}.5`, source: "S" })),
    /mark-of-the-server/,
  ],
  ["GATE1", "a mark of no known name", ({ text }, tr) => raw(tr, text(7), new Y.ContentFormat("bold", true as never)), /unknown-mark/],
  [
    "GATE1",
    "bidi overrides",
    ({ text, mark }, tr) => writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "a\u202eb", [mark("insertion")]),
    /characters/,
  ],
  [
    "GATE1",
    "a footnote anchor without a footnote",
    ({ text, mark }, tr) => writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "\ufffc", [mark("insertion")]),
    /characters/,
  ],
  [
    "GATE1",
    "control characters",
    ({ text, mark }, tr) => writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "a\u0000b", [mark("insertion")]),
    /characters/,
  ],
  [
    "GATE1",
    "a table's signs in a clause",
    ({ text, mark }, tr) => writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "a\tb\nc", [mark("insertion")]),
    /characters/,
  ],
  ["GATE1", "an embed in the text", ({ text }, tr) => raw(tr, text(7), new Y.ContentEmbed({ src: "x" })), /content-kind/],
  [
    "GATE1",
    "300,000 characters",
    ({ text, mark }, tr) => writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "x".repeat(300_000), [mark("insertion")]),
    /too-large/,
  ],
  ["GATE3", "a root of one's own", ({ doc }) => doc.getMap("mine").set("a", 1), /foreign-root/],
  ["GATE3", "writing to meta", ({ doc }) => doc.getMap("meta").set("stage", "adopted"), /foreign-root/],
  ["GATE3", "writing to threads", ({ doc }) => doc.getMap("threads").set("x", {}), /foreign-root/],
  [
    "GATE11",
    "more new blocks than a source may have",
    ({ doc, client }) => {
      for (let n = 1; n <= 501; n++) addBlock(doc, { id: `nS.${client}.${n}`, insertedBy: "S", insertedId: `S.${client}.${n}` })
    },
    /too-many-blocks/,
  ],
  ["GATE4", "removing the last block", ({ doc }) => doc.getXmlFragment(blocksRoot).delete(elementsOf(doc).length - 1, 1), /block-removed/],
  [
    "GATE4",
    "a block under another's source with an id of one's own",
    ({ doc, client }) => addBlock(doc, { id: `nS.${client}.3`, insertedBy: "B", insertedId: `S.${client}.3` }),
    /forged-block/,
  ],
  ["GATE4", "removing a block", ({ doc }) => doc.getXmlFragment(blocksRoot).delete(4, 1), /block-removed/],
  [
    "GATE4",
    "a block under another's source",
    ({ doc, client }) => addBlock(doc, { id: `nS.${client}.3`, insertedBy: "B", insertedId: `B.${client}.3` }),
    /forged-block/,
  ],
  ["GATE4", "a block of agreed text", ({ doc, client }) => addBlock(doc, { id: `nS.${client}.3` }), /forged-block/],
  [
    "GATE4",
    "a block with an id that is taken",
    ({ doc, client }) => addBlock(doc, { id: "b7", insertedBy: "S", insertedId: `S.${client}.3` }),
    /block-id/,
  ],
  [
    "GATE4",
    "a head",
    ({ doc, client }) => addBlock(doc, { id: `nS.${client}.3`, insertedBy: "S", insertedId: `S.${client}.3` }, "head"),
    /block-type/,
  ],
  [
    "GATE4",
    "a block that claims an origin",
    ({ doc, client }) => addBlock(doc, { id: `nS.${client}.3`, insertedBy: "S", insertedId: `S.${client}.3`, origin: "b1" }),
    /block-shape/,
  ],
  ["GATE4", "blocks in blocks", ({ doc }) => elementsOf(doc)[7]!.insert(1, [new Y.XmlElement("clause")]), /block-shape/],
  [
    "GATE4",
    "agreed text in a new block",
    ({ doc, client }) => addBlock(doc, { id: `nS.${client}.3`, insertedBy: "S", insertedId: `S.${client}.3` }, "clause", "unmarked"),
    /none/,
  ],
  ["GATE5", "deleting agreed words", ({ text }, tr) => removeText(tr, text(4), 0, 4), /agreed-text-changed/],
  ["GATE5", "deleting agreed words and typing them again", ({ text }, tr) => retype(tr, text(4), 0, 4), /agreed-text-changed/],
  ["GATE5", "deleting another's open words", ({ text }, tr) => removeText(tr, text(7), 7, 11), /others-words-changed/],
  [
    "GATE5",
    "deleting another's markers",
    ({ text, brazil }, tr) => removeMark(tr, text(7), keyOf("insertion", `B.${brazil}.1`)),
    /foreign-marker-deleted/,
  ],
  [
    "GATE5",
    "letting another's deletion bleed",
    ({ text, brazil }, tr) => firstMarker(text(8), keyOf("deletion", `B.${brazil}.2`), false).delete(tr),
    /foreign-marker-deleted/,
  ],
  [
    "GATE5",
    "an own insertion over agreed words",
    ({ text, mark }, tr) => writeMark(tr, text(4), 0, 4, mark("insertion")),
    /agreed-text-changed/,
  ],
  [
    "GATE5",
    "an own insertion over another's open words",
    ({ text, mark }, tr) => writeMark(tr, text(7), 7, 9, mark("insertion", { within: [] })),
    /others|foreign-words/,
  ],
  [
    "GATE5",
    "a marker that never closes",
    ({ text, client }, tr) => {
      raw(tr, text(4), new Y.ContentFormat(keyOf("deletion", `S.${client}.5`), { id: `S.${client}.5`, of: "", source: "S", over: "" }))
    },
    /broken-pair/,
  ],
  [
    "GATE5",
    "a pair across two blocks",
    ({ text, client }, tr) => {
      raw(tr, text(4), new Y.ContentFormat(keyOf("deletion", `S.${client}.5`), { id: `S.${client}.5`, of: "", source: "S", over: "" }))
      raw(tr, text(5), new Y.ContentFormat(keyOf("deletion", `S.${client}.5`), null as never))
    },
    /broken-pair/,
  ],
  [
    "GATE6",
    "another's id spanned over one's own words",
    ({ text, mark, brazil }, tr) => {
      writeText(tr, text(4), slotAt(tr, text(4), 3, "S"), "mine", [mark("insertion")])
      raw(tr, text(4), new Y.ContentFormat(keyOf("deletion", `B.${brazil}.9`), { id: `B.${brazil}.9`, of: "", source: "B", over: "" }))
    },
    /foreign-key/,
  ],
  [
    "GATE4",
    "changing the level of an agreed clause",
    ({ doc }) => elementsOf(doc)[7]!.setAttribute("level", 2 as never),
    /block-attributes/,
  ],
  [
    "GATE4",
    "taking a source's name off its new block",
    ({ doc }) => elementsOf(doc)[7]!.setAttribute("insertedBy", "S"),
    /block-attributes/,
  ],
  ["GATE3", "a proposal under another's source", ({ doc, brazil }) => propose(doc, `B.${brazil}.9`, { source: "B" }), /forged-source/],
  ["GATE3", "a proposal under an id of another's client", ({ doc, brazil }) => propose(doc, `S.${brazil}.9`), /foreign-key/],
  [
    "GATE3",
    "a proposal whose id is not its key",
    ({ doc, client }) => propose(doc, `S.${client}.9`, { id: `S.${client}.8` }),
    /structure-shape/,
  ],
  ["GATE3", "a proposal of no known kind", ({ doc, client }) => propose(doc, `S.${client}.9`, { kind: "adopt" }), /structure-shape/],
  ["GATE3", "a proposal with a field too many", ({ doc, client }) => propose(doc, `S.${client}.9`, { evil: "1" }), /structure-shape/],
  [
    "GATE3",
    "a proposal that joins another's change",
    ({ doc, client, brazil }) => propose(doc, `S.${client}.9`, { of: `B.${brazil}.1` }),
    /structure-shape/,
  ],
  [
    "GATE3",
    "a proposal about the title",
    ({ doc, client }) => propose(doc, `S.${client}.9`, { block: idOf(doc, "title") }),
    /structure-block/,
  ],
  ["GATE3", "a level of nine", ({ doc, client }) => propose(doc, `S.${client}.9`, { kind: "level", level: 9 }), /structure-shape/],
  [
    "GATE3",
    "a clause behind itself",
    ({ doc, client }) => propose(doc, `S.${client}.9`, { kind: "move", after: idAt(doc, 4) }),
    /structure-block/,
  ],
  [
    "GATE3",
    "a clause joined to a head",
    ({ doc, client }) => propose(doc, `S.${client}.9`, { kind: "join", into: idOf(doc, "head") }),
    /structure-block/,
  ],
  ["GATE3", "taking back another's proposal", ({ doc, brazil }) => doc.getMap("structure").delete(`B.${brazil}.4`), /others-proposal/],
  [
    "GATE3",
    "changing another's proposal",
    ({ doc, brazil }) => propose(doc, `B.${brazil}.4`, { source: "B", block: idAt(doc, 5) }),
    /others-proposal/,
  ],
  [
    "GATE3",
    "a tombstone under the id of another's next proposal",
    ({ doc, brazil }) => {
      propose(doc, `B.${brazil}.9`)
      doc.getMap("structure").delete(`B.${brazil}.9`)
    },
    /foreign-key/,
  ],
  [
    "LINK3",
    "a tombstone under the id of another's next link",
    ({ doc, brazil }) => {
      doc.getMap("links").set(`B.${brazil}.9`, 1)
      doc.getMap("links").delete(`B.${brazil}.9`)
    },
    /foreign-key/,
  ],
  [
    "GATE4",
    "a tombstone under an attribute of a clause that is not one's own",
    ({ doc }) => {
      elementsOf(doc)[7]!.setAttribute("origin", "x")
      elementsOf(doc)[7]!.removeAttribute("origin")
    },
    /block-attributes/,
  ],
  ["GATE3", "a proposal under the key __proto__", ({ doc }) => propose(doc, "__proto__"), /structure-shape/],
  ["GATE3", "a list for a proposal", ({ doc, client }) => doc.getMap("structure").set(`S.${client}.9`, ["delete"]), /block-shape/],
  ["GATE3", "a number for a proposal", ({ doc, client }) => doc.getMap("structure").set(`S.${client}.9`, 7), /structure-shape/],
  [
    "GATE3",
    "a type of one's own among the proposals",
    ({ doc, client }) => doc.getMap("structure").set(`S.${client}.9`, new Y.Map()),
    /content-kind/,
  ],
  ["GATE3", "a list of proposals instead of entries", ({ doc }) => doc.getArray("structure").push([1]), /structure-shape/],
  [
    "GATE1",
    "a proposal of ten kilobytes",
    ({ doc, client }) => propose(doc, `S.${client}.9`, { block: "x".repeat(10_000) }),
    /block-shape/,
  ],
  ["GATE1", "a key of ten kilobytes", ({ doc }) => propose(doc, `S.${"1".repeat(10_000)}.9`), /block-shape/],
  [
    "GATE1",
    "a subdocument among the proposals",
    ({ doc, client }) => doc.getMap("structure").set(`S.${client}.9`, new Y.Doc()),
    /content-kind/,
  ],
  ["GATE1", "a subdocument in a clause", ({ text }, tr) => raw(tr, text(7), new Y.ContentDoc(new Y.Doc()) as never), /content-kind/],
  [
    "GATE1",
    "20,000 levels of nesting",
    ({ doc }) => {
      let outer = new Y.XmlElement("clause")
      doc.getXmlFragment(blocksRoot).push([outer])
      for (let i = 0; i < 20_000; i++) {
        const inner = new Y.XmlElement("clause")
        outer.insert(0, [inner])
        outer = inner
      }
    },
    /too-large/,
  ],
  [
    "GATE1",
    "a split with words in it",
    ({ text, mark }, tr) => writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "a\u2029b", [mark("insertion")]),
    /characters/,
  ],
  [
    "GATE1",
    "half of a surrogate pair, which the encoding of the wire replaces",
    ({ text, mark }, tr) => writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "a\ud83d", [mark("insertion")]),
    /none/,
  ],
  ["GATE3", "a word about what the server put elsewhere", ({ doc }) => doc.getArray("relocations").push([[1, 0, 5, 2, 0]]), /foreign-root/],
  [
    "GATE3",
    "a decision of one's own",
    ({ doc, client }) => doc.getMap("proposals").set(`S.${client}.5`, { status: "accepted", source: "S" }),
    /foreign-root/,
  ],
  [
    "GATE4",
    "an attribute __proto__ on a new block",
    ({ doc, client }) =>
      addBlock(
        doc,
        Object.fromEntries([
          ["id", `nS.${client}.3`],
          ["insertedBy", "S"],
          ["insertedId", `S.${client}.3`],
          ["__proto__", "x"],
        ]),
      ),
    /block-shape/,
  ],
  [
    "GATE4",
    "a new block that claims to be a place that words left",
    ({ doc, client }) => addBlock(doc, { id: `nS.${client}.3`, insertedBy: "S", insertedId: `S.${client}.3`, joined: "b4" }),
    /block-shape/,
  ],
  [
    "GATE4",
    "emptying a clause by calling it joined",
    ({ doc }) => elementsOf(doc)[4]!.setAttribute("joined", idAt(doc, 5)),
    /block-attributes/,
  ],
  [
    "GATE4",
    "a block id that another would make next",
    ({ doc, client, brazil }) => addBlock(doc, { id: `nB.${brazil}.50`, insertedBy: "S", insertedId: `S.${client}.3` }),
    /block-id/,
  ],
  [
    "GATE6",
    "agreeing to one's own words: the marks go, the words stay",
    ({ text, mark, client }, tr) => {
      writeText(tr, text(7), slotAt(tr, text(7), 3, "S"), "mine", [mark("insertion")])
      removeMark(tr, text(7), keyOf("insertion", `S.${client}.5`))
    },
    /none/,
  ],
  [
    "GATE6",
    "calling another's words one's own",
    ({ text, mark, brazil }, tr) => writeMark(tr, text(7), 7, 12, mark("insertion", { within: [`B.${brazil}.1`] })),
    /others|foreign-words/,
  ],
  [
    "GATE6",
    "calling agreed words one's own inside one's own insertion",
    ({ text, mark, client }, tr) => {
      writeText(tr, text(4), slotAt(tr, text(4), 3, "S"), "mine", [mark("insertion")])
      writeMark(tr, text(4), 0, 12, mark("insertion", { id: `S.${client}.6`, within: [`S.${client}.5`] }))
    },
    /agreed|foreign-words/,
  ],
  ["GATE5", "cutting a surrogate pair of agreed text", ({ text }, tr) => removeText(tr, text(9), 1, 2), /agreed-text-changed|malformed/],
  [
    "GATE11",
    "more proposals about clauses than a source may have",
    ({ doc, client }) => {
      for (let n = 10; n < 1_020; n++) propose(doc, `S.${client}.${n}`)
    },
    /too-many-changes/,
  ],
]

const idAt = (doc: Y.Doc, index: number): string => elementsOf(doc)[index]!.getAttribute("id") as string
const idOf = (doc: Y.Doc, type: string): string =>
  elementsOf(doc)
    .find((element) => element.nodeName === type)!
    .getAttribute("id") as string

/** An entry among the structural proposals: whole and honest, but for what is given. */
function propose(doc: Y.Doc, key: string, parts: Record<string, unknown> = {}): void {
  doc.getMap("structure").set(key, { id: key, of: "", source: "S", block: idAt(doc, 4), kind: "delete", ...parts })
}

function addBlock(doc: Y.Doc, attrs: Record<string, string>, type = "clause", words = ""): void {
  const element = new Y.XmlElement(type)
  const text = new Y.XmlText()
  element.insert(0, [text])
  doc.getXmlFragment(blocksRoot).insert(5, [element])
  for (const [name, value] of Object.entries(attrs)) element.setAttribute(name, value)
  if (words) text.insert(0, words)
}

function retype(tr: Y.Transaction, text: Y.XmlText, from: number, to: number): void {
  const words = text.toString().slice(from, to)
  removeText(tr, text, from, to)
  writeText(tr, text, slotAt(tr, text, from, "S"), words, [])
}

/** An update with an empty string under a client's id, which that has not written under. */
function emptyStructs(client: number): Uint8Array {
  const encoder = new Y.UpdateEncoderV1()
  encoding.writeVarUint(encoder.restEncoder, 1)
  encoding.writeVarUint(encoder.restEncoder, 1)
  encoder.writeClient(client)
  encoding.writeVarUint(encoder.restEncoder, 0)
  // A string in the root of blocks, with neighbours on neither side.
  encoder.writeInfo(4)
  encoder.writeParentInfo(true)
  encoder.writeString(blocksRoot)
  encoder.writeString("")
  encoding.writeVarUint(encoder.restEncoder, 0)
  return encoder.toUint8Array()
}

let meeting: Meeting
let sweden: Guest
let brazil: Guest
beforeAll(async () => {
  meeting = await Meeting.open()
  sweden = await meeting.guest("delegate", ["S"])
  brazil = await meeting.guest("delegate", ["B"])
})
afterAll(() => meeting.stop())

async function seat(guest: Guest, draft: string): Promise<{ line: Line; client: number }> {
  const { clientId: client } = await guest.join(draft)
  const line = await guest.socket(draft, client).ready()
  line.doc.clientID = client
  return { line, client }
}

async function accept(room: Room, id: string): Promise<void> {
  await room.act((gate) => {
    const { row } = finished(decideChanges(gate, seenIn(gate, [id]), "accept", { isPartial: false }))
    const entry = { act: "accept", at: "2026-11-22T09:00:00Z", decidedBy: "p", enteredBy: "p", source: "CHAIR", sitting, details: {} }
    return { row, entry, answer: null }
  })
}
const sitting = { body: "Test body", room: "A", date: "2026-11-22", chair: "The Chair" }

const change = (line: Line, edit: (tr: Y.Transaction) => void): Uint8Array => {
  const before = Y.encodeStateVector(line.doc)
  const updates: Uint8Array[] = []
  const keep = (update: Uint8Array): void => void updates.push(update)
  line.doc.on("update", keep)
  line.doc.transact(edit)
  line.doc.off("update", keep)
  return updates.length === 1 ? updates[0]! : Y.encodeStateAsUpdate(line.doc, before)
}

describe("hostile updates over real sockets", () => {
  for (const way of ["update", "step2", "update from before a decision"] as const)
    for (const [rule, name, attack, reason] of attacks)
      it(`[${rule}] ${name}, as ${way}`, async () => {
        const draft = await meeting.draft(smallDraft())
        const { room } = await meeting.server.drafts.open(draft)
        const b = await seat(brazil, draft)
        const typed = change(b.line, (tr) => {
          const text = textOfElement(elementsOf(b.line.doc)[7]!)!
          writeText(tr, text, slotAt(tr, text, 7, "B"), "very ", [newMark("insertion", { id: `B.${b.client}.1`, source: "B" })])
          writeMark(tr, textOfElement(elementsOf(b.line.doc)[8]!)!, 3, 8, newMark("deletion", { id: `B.${b.client}.2`, source: "B" }))
          propose(b.line.doc, `B.${b.client}.4`, { source: "B" })
          const last = textOfElement(elementsOf(b.line.doc).at(-1)!)!
          writeText(tr, last, slotAt(tr, last, 4, "B"), "\u2029", [newMark("insertion", { id: `B.${b.client}.5`, source: "B" })])
        })
        b.line.send({ kind: "update", update: typed })
        await b.line.until(() => b.line.acknowledged === 1)
        const s = await seat(sweden, draft)
        const scene: Scene = {
          doc: s.line.doc,
          client: s.client,
          brazil: b.client,
          text: (index) => textOfElement(elementsOf(s.line.doc)[index]!)!,
          mark: (kind, parts = {}) => newMark(kind, { id: `S.${s.client}.5`, source: "S", ...parts }),
        }
        const bytes = change(s.line, (tr) => attack(scene, tr))
        // The chair splits the last clause: from then on the gate also looks for words that must be carried over.
        if (way === "update from before a decision") await accept(room, `B.${b.client}.5`)
        const before = Y.encodeStateAsUpdate(room.main)
        const looked = signature(room.main)
        s.line.send({ kind: way === "step2" ? "step2" : "update", update: bytes })
        const isLie = reason.source !== "none"
        await s.line.until(() => s.line.closed !== null || (!isLie && s.line.acknowledged > 0))
        if (!isLie) {
          // No lie: unmarked words are attributed to their sender.
          expect(s.line.refusal).toBeNull()
        } else {
          expect(s.line.refusal).toMatch(reason)
          expect(s.line.closed).toBe(4409)
          expect(s.line.acknowledged, "a refused update counts as dealt with").toBe(1)
          expect(signature(room.main)).toBe(looked)
          expect(Y.encodeStateAsUpdate(room.main)).toEqual(before)
        }
        // The other person goes on working.
        const n = b.line.acknowledged
        b.line.send({
          kind: "update",
          update: change(b.line, (tr) => {
            const text = textOfElement(elementsOf(b.line.doc)[5]!)!
            writeText(tr, text, slotAt(tr, text, 0, "B"), "on ", [newMark("insertion", { id: `B.${b.client}.3`, source: "B" })])
          }),
        })
        await b.line.until(() => b.line.acknowledged === n + 1)
        b.line.close()
      })

  const garbage: readonly [string, () => Uint8Array, RegExp][] = [
    [
      "bytes of no meaning",
      () => Uint8Array.from({ length: 400 }, (_, i) => (i * 37 + 11) % 256),
      /malformed|gap|foreign-client|content-kind/,
    ],
    [
      "structs under another's client id",
      () => {
        const doc = new Y.Doc()
        doc.clientID = 999
        doc.getXmlFragment(blocksRoot).insert(0, [new Y.XmlElement("clause")])
        return Y.encodeStateAsUpdate(doc)
      },
      /foreign-client/,
    ],
    ["structs that hold nothing under another's client id", () => emptyStructs(999), /malformed/],
  ]
  for (const [name, bytes, reason] of garbage)
    it(`[GATE1] ${name}`, async () => {
      const draft = await meeting.draft()
      const s = await seat(sweden, draft)
      s.line.send({ kind: "step2", update: bytes() })
      await s.line.until(() => s.line.closed !== null)
      expect(s.line.refusal).toMatch(reason)
    })

  it("[GATE2] words that lean on what the room does not have leave nothing pending", async () => {
    const draft = await meeting.draft()
    const { room } = await meeting.server.drafts.open(draft)
    const before = Y.encodeStateAsUpdate(room.main)
    const s = await seat(sweden, draft)
    // Somebody whom the room never heard of wrote here first; what Sweden types leans on it.
    s.line.doc.clientID = 999
    s.line.doc.transact((tr) =>
      writeText(
        tr,
        textOfElement(elementsOf(s.line.doc)[4]!)!,
        slotAt(tr, textOfElement(elementsOf(s.line.doc)[4]!)!, 3, "B"),
        "unheard",
        [],
      ),
    )
    s.line.doc.clientID = s.client
    const text = textOfElement(elementsOf(s.line.doc)[4]!)!
    s.line.send({
      kind: "step2",
      update: change(s.line, (tr) =>
        writeText(tr, text, slotAt(tr, text, 6, "S"), "mine", [newMark("insertion", { id: `S.${s.client}.1`, source: "S" })]),
      ),
    })
    await s.line.until(() => s.line.closed !== null)
    expect(s.line.refusal).toBe("missing-parts")
    expect(Y.encodeStateAsUpdate(room.main)).toEqual(before)
    expect(room.gate.shadow.store.pendingStructs).toBeNull()
  })

  it("[GATE2] deletions of what nobody has written leave nothing pending", async () => {
    const draft = await meeting.draft()
    const { room } = await meeting.server.drafts.open(draft)
    const before = Y.encodeStateAsUpdate(room.main)
    const s = await seat(sweden, draft)
    // A document that knows of words under somebody's id, and deletes them: only the deletion is sent.
    const doc = new Y.Doc()
    doc.clientID = 999
    doc.getText("t").insert(0, "unheard")
    const known = Y.encodeStateVector(doc)
    doc.getText("t").delete(0, 7)
    s.line.send({ kind: "update", update: Y.encodeStateAsUpdate(doc, known) })
    await s.line.until(() => s.line.closed !== null)
    expect(s.line.refusal).toBe("missing-parts")
    expect(Y.encodeStateAsUpdate(room.main)).toEqual(before)
    expect(room.gate.shadow.store.pendingDs).toBeNull()
  })

  it("[GATE2] two thousand small pieces that lean on nothing are refused at the first, at once", async () => {
    const draft = await meeting.draft()
    const { room } = await meeting.server.drafts.open(draft)
    const before = Y.encodeStateAsUpdate(room.main)
    const s = await seat(sweden, draft)
    const pieces: Uint8Array[] = []
    s.line.doc.on("update", (update: Uint8Array) => void pieces.push(update))
    for (let i = 0; i < 2_000; i++) s.line.doc.getXmlFragment(blocksRoot).insert(0, [new Y.XmlElement("clause")])
    const from = Date.now()
    s.line.send({ kind: "step2", update: Y.encodeStateAsUpdate(s.line.doc, Y.encodeStateVector(s.line.doc)) })
    for (const piece of pieces.toReversed()) s.line.send({ kind: "update", update: piece })
    await s.line.until(() => s.line.closed !== null)
    expect(s.line.refusal).toMatch(/gap|missing-parts/)
    expect(Date.now() - from).toBeLessThan(5_000)
    expect(Y.encodeStateAsUpdate(room.main)).toEqual(before)
    expect(room.gate.shadow.store.pendingStructs).toBeNull()
  })

  it("[GATE0] one who may only read changes no marker that anybody sees, and is not refused for a clean-up that nobody sees", async () => {
    const draft = await meeting.draft()
    const { room } = await meeting.server.drafts.open(draft)
    const s = await seat(sweden, draft)
    const text = textOfElement(elementsOf(s.line.doc)[4]!)!
    const mark = newMark("deletion", { id: `S.${s.client}.1`, source: "S" })
    s.line.send({ kind: "update", update: change(s.line, (tr) => writeMark(tr, text, 0, 4, mark)) })
    await s.line.until(() => s.line.acknowledged === 1)
    await room.act((gate) => ({
      row: gate.act((_, shadow) => shadow.getMap("meta").set("stage", "adopted")),
      entry: { act: "adopt", at: "2026-11-22T09:00:00Z", decidedBy: "p", enteredBy: "p", source: "CHAIR", sitting, details: {} },
      answer: null,
    }))
    const before = signature(room.main)
    s.line.send({ kind: "update", update: change(s.line, (tr) => removeMark(tr, text, mark.key)) })
    await s.line.until(() => s.line.closed !== null)
    expect(s.line.refusal).toBe("may-not-write")
    expect(signature(room.main)).toBe(before)
  })

  it("[GATE1] a flood of messages closes that socket alone", async () => {
    const draft = await meeting.draft()
    const flood = await seat(sweden, draft)
    const other = await seat(brazil, draft)
    for (let i = 0; i < 9_000; i++) flood.line.send({ kind: "queryAwareness" })
    await flood.line.until(() => flood.line.closed !== null)
    expect(flood.line.closed).toBe(4529)
    expect(other.line.closed).toBeNull()
    other.line.close()
  })

  it("[GATE1] an update in V2 encoding brings nothing", async () => {
    const draft = await meeting.draft()
    const { room } = await meeting.server.drafts.open(draft)
    const before = Y.encodeStateAsUpdate(room.main)
    const s = await seat(sweden, draft)
    const doc = new Y.Doc()
    doc.getXmlFragment(blocksRoot).insert(0, [new Y.XmlElement("clause")])
    s.line.send({ kind: "step2", update: Y.encodeStateAsUpdateV2(doc) })
    await s.line.until(() => s.line.closed !== null || s.line.acknowledged === 1)
    expect(Y.encodeStateAsUpdate(room.main)).toEqual(before)
    s.line.close()
  })

  it("[GATE0] a clean-up of markers that changes nothing visible is never refused", async () => {
    const draft = await meeting.draft()
    const { room } = await meeting.server.drafts.open(draft)
    const s = await seat(sweden, draft)
    const text = textOfElement(elementsOf(s.line.doc)[4]!)!
    const mark = newMark("insertion", { id: `S.${s.client}.1`, source: "S" })
    // Its words go, and the pair stays with nothing in it.
    s.line.send({ kind: "update", update: change(s.line, (tr) => writeText(tr, text, slotAt(tr, text, 2, "S"), "x", [mark])) })
    s.line.send({ kind: "update", update: change(s.line, (tr) => removeText(tr, text, 2, 3)) })
    await s.line.until(() => s.line.acknowledged === 2)
    const b = await seat(brazil, draft)
    const markersIn = (doc: Y.Doc): Y.Item[] => {
      const found: Y.Item[] = []
      for (let item = textOfElement(elementsOf(doc)[4]!)!._start; item; item = item.right)
        if (!item.deleted && item.content instanceof Y.ContentFormat && item.content.key === mark.key) found.push(item)
      return found
    }
    const before = signature(room.main)
    const pair = markersIn(b.line.doc)
    expect(pair).toHaveLength(2)
    // Half of it, as Yjs takes it out of itself on who reads it: the pair goes whole.
    b.line.send({ kind: "update", update: change(b.line, (tr) => pair[0]!.delete(tr)) })
    await b.line.until(() => b.line.acknowledged === 1 || b.line.closed !== null)
    expect([b.line.closed, b.line.refusal]).toEqual([null, null])
    expect([signature(room.main), markersIn(room.main)]).toEqual([before, []])
    // And an answer that brings nothing.
    s.line.send({ kind: "step2", update: Y.encodeStateAsUpdate(s.line.doc, Y.encodeStateVector(s.line.doc)) })
    await s.line.until(() => s.line.acknowledged === 3)
    for (const { line } of [s, b]) line.close()
  })

  it("[GATE11] awareness that is too large, no JSON, or says that another has left changes nothing for anybody", async () => {
    const draft = await meeting.draft()
    const b = await brazil.provider(draft, (await brazil.join(draft)).clientId)
    b.provider.awareness.setLocalState({ cursor: { at: 1 } })
    const s = await sweden.provider(draft, (await sweden.join(draft)).clientId)
    const end = Date.now() + 10_000
    const seen = (): boolean => s.provider.awareness.getStates().has(b.doc.clientID)
    while (!seen() && Date.now() < end) await new Promise((resolve) => setImmediate(resolve))
    const { line } = await seat(sweden, draft)
    const state = (client: number, json: string): Uint8Array => {
      const bytes = new TextEncoder().encode(json)
      const varUint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varUint(n >>> 7)])
      return Uint8Array.from([1, ...varUint(client), ...varUint(99), ...varUint(bytes.length), ...bytes])
    }
    const own = line.doc.clientID
    line.send({ kind: "awareness", update: state(b.doc.clientID, "null") })
    line.send({ kind: "awareness", update: state(own, "{not json") })
    line.send({ kind: "awareness", update: state(own, JSON.stringify({ user: "x".repeat(5_000) })) })
    line.send({ kind: "awareness", update: Uint8Array.from([255, 255, 255]) })
    line.send({ kind: "queryAwareness" })
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(line.closed).toBeNull()
    expect(seen(), "Brazil is still there").toBe(true)
    expect(JSON.stringify([...s.provider.awareness.getStates().values()])).not.toContain("xxxx")
    s.provider.destroy()
    b.provider.destroy()
    line.close()
  })

  it("[GATE11] awareness under another's client id is dropped, and name and source are the server's", async () => {
    const draft = await meeting.draft()
    const s = await sweden.provider(draft, (await sweden.join(draft)).clientId)
    const b = await brazil.provider(draft, (await brazil.join(draft)).clientId)
    s.provider.awareness.setLocalState({ user: { name: "President", source: "CHAIR" }, cursor: { x: 1 } })
    const seen = (): { user?: { source: string; name: string } } | undefined =>
      b.provider.awareness.getStates().get(s.doc.clientID) as never
    const end = Date.now() + 10_000
    while (!seen() && Date.now() < end) await new Promise((resolve) => setImmediate(resolve))
    expect(seen()?.user).toMatchObject({ source: "S", name: "delegate S" })
    s.provider.destroy()
    b.provider.destroy()
  })
})
