import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as encoding from "lib0/encoding"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Y from "yjs"
import { brought } from "../server/comparison/brought.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { Gate } from "../server/gate/gate.ts"
import { writeAkn } from "../server/papers/akn/write.ts"
import { printableOf } from "../server/papers/printable.ts"
import { DomainError } from "../server/problems.ts"
import { apiRoot, type RouteName, routes } from "../shared/api/contract.ts"
import type { Mark } from "../shared/schema/block.ts"
import { strangePlaces } from "../shared/schema/characters.ts"
import { keyOf, serverClient } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { messageType, syncType } from "../shared/sync/protocol.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { roots } from "../shared/sync/roots.ts"
import { newDraftDoc, removeMark, removeText, slotAt, writeMark, writeText } from "../shared/sync/write.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, signature, structureSignature } from "./cohort.ts"
import { type Door, doors, proofs } from "./doors.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { brokenBy, promised } from "./oracle.ts"
import { by, ins, p, wordFile, words } from "./word-file.ts"

const sweden = 101
const brazil = 102
const bindings = new Map([
  [sweden, { person: "p-s", source: "S" }],
  [brazil, { person: "p-b", source: "B" }],
])
const first = `S.${sweden}.1`

/** A draft in which Brazil and Sweden have something of each kind open, and one change of Sweden's was accepted, another with its host. */
function scene(): Uint8Array {
  const doc = newDraftDoc()
  const table = { id: "t0", type: "table", text: "a\tb\nc\td" } as const
  Y.applyUpdate(
    doc,
    draftState([head("resolves"), clause("to continue the work", "c0"), clause("to report yearly", "c1"), clause("to meet", "c2"), table]),
  )
  const text = (id: string): Y.XmlText => textOfElement(elementsOf(doc).find((element) => element.getAttribute("id") === id)!)!
  const as = (client: number, write: (tr: Y.Transaction) => void): void => {
    doc.clientID = client
    doc.transact(write)
  }
  as(brazil, (tr) => {
    writeText(tr, text("c0"), slotAt(tr, text("c0"), 6, "B"), "its ", [newMark("insertion", { id: `B.${brazil}.1`, source: "B" })])
    writeMark(tr, text("c1"), 3, 8, newMark("deletion", { id: `B.${brazil}.2`, source: "B" }))
    doc.getMap("structure").set(`B.${brazil}.3`, { id: `B.${brazil}.3`, of: "", source: "B", block: "c1", kind: "delete" })
    addClause(doc, tr, { id: `nB.${brazil}.4`, insertedBy: "B", insertedId: `B.${brazil}.4` }, "to sing", `B.${brazil}.4`)
  })
  as(sweden, (tr) => {
    writeText(tr, text("c2"), slotAt(tr, text("c2"), 3, "S"), "often ", [newMark("insertion", { id: first, source: "S" })])
    doc.getMap("structure").set(`S.${sweden}.2`, { id: `S.${sweden}.2`, of: "", source: "S", block: "c2", kind: "level", level: 2 })
    writeText(tr, text("c1"), slotAt(tr, text("c1"), 16, "S"), " more", [newMark("insertion", { id: `S.${sweden}.6`, source: "S" })])
    addClause(doc, tr, { id: `nS.${sweden}.3`, insertedBy: "S", insertedId: `S.${sweden}.3` }, "to dance", `S.${sweden}.3`)
  })
  as(serverClient, (tr) => {
    writeMark(tr, text("c0"), 0, 2, newMark("comment", { id: "B.16777215.1", source: "B" }))
    roots
      .proposals(doc)
      .set(`S.${sweden}.5`, { status: "accepted", source: "S", segments: [{ block: "c0", kind: "insertion", text: "work" }] })
    roots.proposals(doc).set(`S.${sweden}.6`, { status: "acceptedWithHost", source: "S" })
    const remark = { person: "p-b", source: "B", text: "why?", at: "" }
    roots
      .threads(doc)
      .set("B.16777215.1", { id: "B.16777215.1", anchor: { on: "words", block: "c0", quote: "to" }, remarks: [remark], isResolved: false })
    roots.meta(doc).set("stage", "drafting")
  })
  return Y.encodeStateAsUpdate(doc)
}

function addClause(
  doc: Y.Doc,
  tr: Y.Transaction,
  attrs: Readonly<Record<string, unknown>>,
  text: string,
  mark: string | null,
  type = "clause",
): Y.XmlElement {
  const element = new Y.XmlElement(type)
  element.insert(0, [new Y.XmlText()])
  doc.getXmlFragment("blocks").insert(2, [element])
  for (const [name, value] of Object.entries(attrs)) element.setAttribute(name, value as string)
  const source = mark?.split(".")[0] ?? "S"
  if (text)
    writeText(
      tr,
      textOfElement(element)!,
      { left: null, right: null, marks: [] },
      text,
      mark ? [newMark("insertion", { id: mark, source })] : [],
    )
  return element
}

/** What an attack works with: Sweden's own document. */
interface Raid {
  readonly doc: Y.Doc
  readonly tr: Y.Transaction
  /** The text of a block. */
  text(id: string): Y.XmlText
  element(id: string): Y.XmlElement
  /** Writes an item where no honest editor would: among the children of a type, or under a key of it. */
  put(parent: unknown, content: Y.Item["content"], key?: string | null): void
}
/** What it does to the document; or the bytes that it sends in place of what that gives. */
type Attack = (raid: Raid) => unknown

const state = scene()
const who = { person: "p-s", source: "S" }

/** Marks that name one of another source's which is there, and around none of their letters: they say to stand where they never stood. */
function misnamedIn(doc: Y.Doc): string[] {
  const runs = blocksOf(doc).flatMap((block) => block.runs)
  const marks = new Map(runs.flatMap((run) => run.marks.map((mark) => [mark.id, mark] as const)))
  const isAround = (mark: Mark, id: string): boolean =>
    runs.some((run) => run.marks.includes(mark) && run.marks.some((other) => other.id === id)) ||
    runs.some((run) => run.marks.some((other) => other.key === mark.key) && run.marks.some((other) => other.id === id))
  return [...marks.values()].flatMap((mark) =>
    [...mark.within, ...mark.over]
      .filter((id) => marks.has(id) && marks.get(id)!.source !== mark.source && !isAround(mark, id))
      .map((id) => `${mark.id} names ${id}, which is elsewhere`),
  )
}

/** What an attack breaks of the promise; nothing where it is refused, or harmless. */
function brokenByAttack(attack: Attack): { broken: string[]; told: string } {
  const doc = newDraftDoc()
  Y.applyUpdate(doc, state)
  doc.clientID = sweden
  const updates: Uint8Array[] = []
  doc.on("update", (update: Uint8Array) => void updates.push(update))
  const element = (id: string): Y.XmlElement => elementsOf(doc).find((other) => other.getAttribute("id") === id)!
  let bytes: unknown
  doc.transact((tr) => {
    const put: Raid["put"] = (parent, content, key = null) => {
      const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
      const left = key === null ? null : ((parent as Y.AbstractType<unknown>)._map.get(key) ?? null)
      new Y.Item(id, left, left?.lastId ?? null, null, null, parent as Y.AbstractType<unknown>, key, content).integrate(tr, 0)
    }
    bytes = attack({ doc, tr, element, put, text: (id) => textOfElement(element(id))! })
  })
  const update = bytes instanceof Uint8Array ? bytes : updates.length === 1 ? updates[0]! : Y.mergeUpdates(updates)
  expect(update.length, "an attack that sends something").toBeGreaterThan(2)
  const gate = new Gate([state], (client) => bindings.get(client))
  const before = promised(gate.shadow, "S")
  expect(before.flaws, "the scene is sound").toEqual([])
  const outcome = gate.receive(update, who, true)
  if (outcome.kind === "failed") throw outcome.error
  const misnamed = gate.isSpoilt ? [] : misnamedIn(gate.shadow)
  if (gate.isSpoilt) gate.rebuild([state])
  expect(gate.shadow.store.pendingStructs).toBeNull()
  return {
    broken: [...brokenBy(before, promised(gate.shadow, "S")), ...misnamed],
    told: outcome.kind === "refused" ? outcome.reason : outcome.kind,
  }
}

/** One of each kind of content. */
const contents: Readonly<Record<string, () => Y.Item["content"]>> = {
  ContentAny: () => new Y.ContentAny(["words"]),
  ContentBinary: () => new Y.ContentBinary(Uint8Array.of(1, 2)),
  ContentDeleted: () => new Y.ContentDeleted(3),
  ContentDoc: () => new Y.ContentDoc(new Y.Doc()),
  ContentEmbed: () => new Y.ContentEmbed({ src: "x" }),
  ContentFormat: () => new Y.ContentFormat(keyOf("insertion", `S.${sweden}.40`), { id: `S.${sweden}.40`, of: "", source: "S", within: "" }),
  ContentJSON: () => new Y.ContentJSON(["words"]),
  ContentString: () => new Y.ContentString("words"),
  ContentType: () => new Y.ContentType(new Y.XmlText("words")),
}
const placesFor = (content: () => Y.Item["content"]): Attack[] => [
  ({ put, text }) => put(text("c0"), content()),
  ({ put, doc }) => put(doc.getXmlFragment("blocks"), content()),
  ({ put, element }) => put(element("c0"), content()),
  ({ put, text }) => put(text("c0"), content(), "hidden"),
  ({ put, element }) => put(element("c0"), content(), "hidden"),
  ({ put, doc }) => put(doc.getXmlFragment("blocks"), content(), "hidden"),
  ({ put, doc }) => put(doc.getMap("structure"), content()),
  ({ put, doc }) => put(doc.getMap("structure"), content(), `S.${sweden}.41`),
]

/** Words, taken back at once: what is left of them in the update is a struct that was collected. */
const collected =
  (more: (raid: Raid) => void): Attack =>
  (raid) => {
    const other = newDraftDoc()
    Y.applyUpdate(other, Y.encodeStateAsUpdate(raid.doc))
    other.clientID = sweden
    const known = Y.encodeStateVector(other)
    other.transact((tr) => void addClause(other, tr, { id: `nS.${sweden}.50` }, "gone", null))
    other.transact(() => other.getXmlFragment("blocks").delete(2, 1))
    other.transact((tr) =>
      more({ ...raid, doc: other, tr, text: (id) => textOfElement(elementsOf(other).find((part) => part.getAttribute("id") === id)!)! }),
    )
    return Y.encodeStateAsUpdate(other, known)
  }

/** Two updates with what was between them left out. */
const gap =
  (write: (doc: Y.Doc, tr: Y.Transaction, n: number) => void): Attack =>
  (raid) => {
    const other = newDraftDoc()
    Y.applyUpdate(other, Y.encodeStateAsUpdate(raid.doc))
    other.clientID = sweden
    const updates: Uint8Array[] = []
    other.on("update", (update: Uint8Array) => void updates.push(update))
    for (let n = 0; n < 3; n++) other.transact((tr) => write(other, tr, n))
    return Y.mergeUpdates([updates[0]!, updates[2]!])
  }

const insertion = (n: number, parts: Record<string, unknown> = {}): Y.ContentFormat => {
  const id = `S.${sweden}.${n}`
  return new Y.ContentFormat(keyOf("insertion", id), { id, of: "", source: "S", within: "", ...parts })
}
const honestValue = (mark: string, n: number): Record<string, unknown> => {
  const id = `S.${sweden}.${n}`
  const all: Record<string, Record<string, unknown>> = {
    insertion: { id, of: "", source: "S", within: "" },
    deletion: { id, of: "", source: "S", over: "" },
    comment: { id, source: "S" },
    noteRef: { id, source: "S", noteId: "c0" },
  }
  return all[mark]!
}

/** A pair of raw markers around a word of one's own, or around agreed words. */
const pair =
  (value: Record<string, unknown>, key: string, isOwn: boolean): Attack =>
  ({ tr, text }) => {
    const target = text("c0")
    const write = (content: Y.ContentString | Y.ContentFormat, left: Y.Item | null): Y.Item => {
      const right = left ? left.right : target._start
      const id = Y.createID(sweden, Y.getState(tr.doc.store, sweden))
      const item = new Y.Item(id, left, left?.lastId ?? null, right, right?.id ?? null, target, null, content)
      item.integrate(tr, 0)
      return item
    }
    let left = write(new Y.ContentFormat(key, value), null)
    if (isOwn) left = write(new Y.ContentString("mine"), left)
    else for (let item = left.right; item; item = item.right) if (item.countable && !item.deleted) left = item
    write(new Y.ContentFormat(key, null as never), left)
  }

const lies: Readonly<Record<string, readonly unknown[]>> = {
  id: [`B.${brazil}.1`, `S.${brazil}.7`, `S.${serverClient}.7`, "x", 7],
  of: [`B.${brazil}.1`, `S.${sweden}.5`, `S.${sweden}.6`, `S.${sweden}.99`, "__proto__"],
  source: ["B", "CHAIR", "", null],
  within: [
    `B.${brazil}.77`,
    `B.${brazil}.1`,
    `B.${brazil}.2`,
    `B.${brazil}.4`,
    "x,y",
    Array.from({ length: 20 }, (_, i) => `S.${sweden}.${i}`).join(","),
  ],
  over: [`B.${brazil}.1`, `B.${brazil}.4`, `B.${brazil}.88`, "x", 3],
  heard: ["-1", "9999999999", "1e3", 5],
  noteId: ["c0", "", 4],
}

const entry = (parts: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: `S.${sweden}.60`,
  of: "",
  source: "S",
  block: "c0",
  kind: "delete",
  ...parts,
})
const setting =
  (value: unknown, key = `S.${sweden}.60`): Attack =>
  ({ doc }) =>
    void doc.getMap("structure").set(key, value)

const own = { id: `nS.${sweden}.70`, insertedBy: "S", insertedId: `S.${sweden}.70` }
const oddValues: readonly unknown[] = ["B", 2, "x".repeat(60), null]

/** Where in the text, beyond its parts, lies are told. */
const textAttacks: Readonly<Record<string, readonly Attack[]>> = {
  "agreed words": [
    ({ tr, text }) => removeText(tr, text("c0"), 0, 4),
    ({ tr, text }) => writeMark(tr, text("c0"), 0, 4, newMark("insertion", { id: `S.${sweden}.80`, source: "S" })),
    ({ tr, text }) => {
      removeText(tr, text("c2"), 0, 3)
      writeText(tr, text("c2"), slotAt(tr, text("c2"), 0, "S"), "to ", [])
    },
    ({ tr, text }) => removeText(tr, text("t0"), 1, 2),
  ],
  "words of another": [
    ({ tr, text }) => removeText(tr, text("c0"), 6, 10),
    ({ tr, text }) =>
      writeMark(tr, text("c0"), 6, 10, newMark("insertion", { id: `S.${sweden}.81`, source: "S", within: [`B.${brazil}.1`] })),
    ({ tr, text }) => removeText(tr, text(`nB.${brazil}.4`), 0, 2),
    ({ tr, text }) => writeText(tr, text(`nB.${brazil}.4`), slotAt(tr, text(`nB.${brazil}.4`), 3, "S"), "not ", []),
  ],
  "words of a new clause": [
    ...["unmarked", "a\tb", "a\nb", "\ufffc", "\u2029", "a\u2029b", "a\u200bb", "\u202ea", "a\u0085"].map(
      (words): Attack =>
        ({ doc, tr }) =>
          void addClause(doc, tr, own, words, null),
    ),
    ({ doc, tr }) => {
      const element = addClause(doc, tr, own, "struck", null)
      writeMark(tr, textOfElement(element)!, 0, 6, newMark("deletion", { id: `S.${sweden}.82`, source: "S" }))
    },
    ({ doc, tr }) => void addClause(doc, tr, { ...own, insertedId: `S.${sweden}.5` }, "late", `S.${sweden}.83`),
  ],
  "the order of blocks": [
    ({ doc }) => doc.getXmlFragment("blocks").delete(1, 1),
    ({ doc }) => doc.getXmlFragment("blocks").delete(elementsOf(doc).length - 1, 1),
    ({ doc, tr }) => void addClause(doc, tr, { ...own, id: "c0" }, "again", `S.${sweden}.70`),
    ({ doc, tr }) => void addClause(doc, tr, own, "a head", `S.${sweden}.70`, "head"),
  ],
  markers: [
    ({ tr, text }) => removeMark(tr, text("c0"), keyOf("insertion", `B.${brazil}.1`)),
    ({ tr, text }) => removeMark(tr, text("c1"), keyOf("deletion", `B.${brazil}.2`)),
    ({ tr, text }) => removeMark(tr, text("c0"), keyOf("comment", "B.16777215.1")),
    ({ put, text }) => put(text("c0"), insertion(84)),
    ({ put, text }) => {
      put(text("c0"), insertion(85))
      put(text("c1"), new Y.ContentFormat(keyOf("insertion", `S.${sweden}.85`), null as never))
    },
  ],
  "a block's end": [
    // The closing marker alone, of another's and of one's own: words that are joined to this block would fall under it.
    ({ text, tr }) => lastMarker(text(`nB.${brazil}.4`)).delete(tr),
    ({ text, tr }) => lastMarker(text(`nS.${sweden}.3`)).delete(tr),
    ({ doc, tr, put }) => {
      const element = addClause(doc, tr, own, "words", `S.${sweden}.70`)
      put(textOfElement(element), insertion(86))
    },
    ({ text, tr }) => lastMarker(text("c1")).delete(tr),
  ],
  "decided changes": [
    ({ tr, text }) =>
      writeText(tr, text("c0"), slotAt(tr, text("c0"), 2, "S"), "xx", [
        newMark("insertion", { id: `S.${sweden}.87`, of: `S.${sweden}.5`, source: "S" }),
      ]),
    ({ tr, text }) => writeMark(tr, text("c0"), 3, 5, newMark("deletion", { id: `S.${sweden}.88`, of: `S.${sweden}.5`, source: "S" })),
    ({ tr, text }) =>
      writeText(tr, text("c0"), slotAt(tr, text("c0"), 2, "S"), "xx", [newMark("insertion", { id: `S.${sweden}.5`, source: "S" })]),
    setting(entry({ of: `S.${sweden}.5` })),
    setting(entry({ id: `S.${sweden}.5` }), `S.${sweden}.5`),
  ],
}

const lastMarker = (text: Y.XmlText): Y.Item => {
  let found: Y.Item | null = null
  for (let item = text._start; item; item = item.right) if (!item.deleted && item.content instanceof Y.ContentFormat) found = item
  return found!
}

/** The attacks on a door of the document, by what kind of door it is: a door that none knows has none, and fails. */
function attacksOn({ kind, name }: Door): readonly Attack[] {
  switch (kind) {
    case "content": {
      if (name === "GC")
        return [
          collected(() => undefined),
          collected(({ tr, text }) => removeText(tr, text("c0"), 0, 2)),
          collected(({ doc, tr }) => void addClause(doc, tr, { ...own, insertedBy: "B" }, "x", null)),
        ]
      if (name === "Skip")
        return [
          gap((doc, tr, n) =>
            writeText(
              tr,
              textOfElement(elementsOf(doc)[1]!)!,
              { left: null, right: textOfElement(elementsOf(doc)[1]!)!._start, marks: [] },
              `x${n}`,
              [],
            ),
          ),
          gap((doc, tr, n) => void addClause(doc, tr, { ...own, id: `nS.${sweden}.9${n}` }, "x", null)),
          gap((doc, _, n) => void doc.getMap("structure").set(`S.${sweden}.9${n}`, entry({ id: `S.${sweden}.9${n}` }))),
        ]
      const content = contents[name]
      return content ? placesFor(content) : []
    }
    case "root":
      return [
        ({ doc, put }) => put(doc.get(name), new Y.ContentAny(["words"]), "k"),
        ({ doc, put }) => put(doc.get(name), new Y.ContentString("words")),
        ({ doc, put }) => put(doc.get(name), new Y.ContentType(new Y.XmlElement("clause")), "k"),
        ({ doc, tr }) => {
          const type = doc.get(name) as Y.AbstractType<unknown>
          for (const item of [...type._map.values()].slice(0, 1)) item.delete(tr)
          type._start?.delete(tr)
          if (type._map.size === 0 && !type._start) doc.getXmlFragment("blocks").delete(0, 1)
        },
      ]
    case "attribute":
      return oddValues.flatMap((value) => attributeAttacks(name, value))
    case "mark": {
      const [mark = "", attr = ""] = name.split(" ")
      if (attr === "key")
        return [`B.${brazil}.9`, `S.${serverClient}.3`, `S.${brazil}.9`].map((id) => pair(honestValue(mark, 90), keyOf(mark, id), true))
      const key = keyOf(mark, `S.${sweden}.90`)
      const without = Object.fromEntries(Object.entries(honestValue(mark, 90)).filter(([other]) => other !== attr))
      return [
        pair({ ...without, evil: "1" }, key, true),
        pair({ ...honestValue(mark, 90), [attr]: {} }, key, true),
        ...(lies[attr] ?? []).flatMap((value) =>
          [true, false].map((isOwn) => pair({ ...honestValue(mark, 90), [attr]: value }, key, isOwn)),
        ),
      ]
    }
    case "entry":
      return [
        ...(lies[name] ?? ["none", 9, null, `nB.${brazil}.4`]).map((value) =>
          setting(entry(name in entry() ? { [name]: value } : { kind: kindWith[name] ?? name, [name]: value })),
        ),
        setting(entry({ kind: name, source: "B" })),
        setting(entry({ kind: name, evil: 1 })),
        setting({ ...entry(), kind: name, id: `B.${brazil}.3`, source: "B" }, `B.${brazil}.3`),
        ({ doc }) => doc.getMap("structure").delete(`B.${brazil}.3`),
      ]
    case "text":
      return textAttacks[name] ?? []
    default:
      return []
  }
}
const attributeAttacks = (name: string, value: unknown): Attack[] => [
  ({ element }) => element("c0").setAttribute(name, value as string),
  ({ element }) => element(`nB.${brazil}.4`).setAttribute(name, value as string),
  ({ doc, tr }) => void addClause(doc, tr, { ...own, [name]: value }, "words", `S.${sweden}.70`),
  ({ text }) => text("c0").setAttribute(name, value),
  ({ element, put }) => put(element(`nS.${sweden}.3`), new Y.ContentAny([value, value]), name),
]
const kindWith: Readonly<Record<string, string>> = { into: "join", after: "move", level: "level" }

const ofKind = (...kinds: Door["kind"][]): Door[] => doors.filter(({ kind }) => kinds.includes(kind))

describe("every door of the document", () => {
  const tally = new Map<string, number>()
  it.each(ofKind("content", "root", "attribute", "mark", "entry", "text").map((door) => [door.kind, door.name, door] as const))(
    "[DOOR1] %s: %s",
    (_kind, _name, door) => {
      const attacks = attacksOn(door)
      expect(attacks.length, "at least three attacks").toBeGreaterThanOrEqual(3)
      attacks.forEach((attack, i) => {
        const { broken, told } = brokenByAttack(attack)
        expect(broken, `attack ${i + 1}, ${told}`).toEqual([])
        tally.set(told, (tally.get(told) ?? 0) + 1)
      })
    },
  )
  it("[DOOR1] most attacks are refused, and for more than a dozen reasons; some are harmless and taken", () => {
    const refused = [...tally].filter(([reason]) => !["accepted", "nothing", "dropped"].includes(reason))
    console.log("attacks", Object.fromEntries(tally))
    expect(refused.length).toBeGreaterThan(12)
    expect(refused.reduce((sum, [, n]) => sum + n, 0)).toBeGreaterThan(200)
    expect(tally.get("accepted") ?? 0).toBeGreaterThan(20)
  })
  it("[DOOR1] each kind of door has its proof, a rule that stands in a README", () => {
    const home = fileURLToPath(new URL("..", import.meta.url))
    const rules = ["server", "shared"].map((house) => readFileSync(`${home}/${house}/README.md`, "utf8")).join("\n")
    for (const rule of Object.values(proofs).flat()) expect(rules, rule).toMatch(new RegExp(`\\b${rule.replace(/\d+$/, "")}`))
    for (const { kind } of doors) expect(proofs[kind].length).toBeGreaterThan(0)
  })
})

describe("every kind of message", () => {
  const frame = (...write: ((encoder: encoding.Encoder) => void)[]): Uint8Array =>
    encoding.encode((encoder) => {
      for (const step of write) step(encoder)
    })
  const uint = (n: number) => (encoder: encoding.Encoder) => encoding.writeVarUint(encoder, n)
  const bytes = (value: Uint8Array) => (encoder: encoding.Encoder) => encoding.writeVarUint8Array(encoder, value)
  const garbage = Uint8Array.from({ length: 300 }, (_, i) => (i * 73 + 19) % 256)

  /** Frames of a kind with nothing, with garbage, cut short, and with what only the server says. */
  function framesOf(name: string): Uint8Array[] {
    const types: Readonly<Record<string, number>> = messageType
    const syncs: Readonly<Record<string, number>> = syncType
    const sync = syncs[name]
    const begin = sync === undefined ? [uint(types[name] ?? 77)] : [uint(messageType.sync), uint(sync)]
    return [
      frame(...begin),
      frame(...begin, bytes(garbage)),
      frame(...begin, bytes(garbage)).subarray(0, 9),
      frame(...begin, bytes(new Uint8Array(0))),
      frame(...begin, (encoder) =>
        encoding.writeVarString(encoder, JSON.stringify({ reason: "x", block: null, raced: true, kind: "rights" })),
      ),
    ]
  }

  it.each(ofKind("message").map(({ name }) => name))("[DOOR1] %s", async (name) => {
    for (const attack of framesOf(name)) {
      const cohort = new Cohort(draftState([head("resolves"), clause("to count the lamps", "c0")]))
      const [s, b] = [cohort.member("S"), cohort.member("B")]
      await cohort.settle()
      const before = [signature(cohort.room.main), structureSignature(cohort.room.main)]
      cohort.room.receive(s.seat, attack)
      await cohort.tick()
      expect([signature(cohort.room.main), structureSignature(cohort.room.main)]).toEqual(before)
      expect(cohort.faults, "told to be a fault of ours").toEqual([])
      b.type(1, 3, "all ")
      await cohort.settle()
      expect(cohort.changes().map(({ source, inserted }) => [source, inserted])).toEqual([["B", "all "]])
    }
  })
})

describe("every form of file", () => {
  const plain = readText(
    "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the lamps each year.\n",
  )
  const clauseId = plain.blocks.find(({ text }) => text.startsWith("to keep"))!.id
  const said = (source: string, text: string) => ({ by: "Ann", source, date: "2026-11-20T09:00:00Z", text })
  const withChange = (source: string, words = "always ") => ({
    ...plain,
    blocks: plain.blocks.map((block) => (block.id === clauseId ? { ...block, text: `to ${words}${block.text.slice(3)}` } : block)),
    changes: [
      {
        ...{ id: "c1", kind: "insertion" as const, source, enteredBy: "Ann", date: null, block: clauseId, text: words },
        segments: [{ block: clauseId, kind: "insertion" as const, from: 3, to: 3 + words.length }],
      },
    ],
  })
  const withComment = (source: string, reply: string) => ({
    ...withChange("S"),
    comments: [{ id: "t1", ...said(source, "so"), block: clauseId, quote: "", replies: [said(reply, "no")], resolved: false }],
  })
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
  const own = (value: unknown): Uint8Array => utf8(JSON.stringify(value))
  const akn = (draft: Parameters<typeof printableOf>[0]): Uint8Array => utf8(writeAkn(printableOf(draft), "open"))
  const comment = (author: string): string => `<w:comment ${by(author)} w:initials="x">${p(words("so"))}</w:comment>`

  const files: Readonly<Record<string, readonly (() => Uint8Array)[]>> = {
    own: [
      () => own(withChange("B")),
      () => own(withComment("B", "S")),
      () => own(withComment("S", "B")),
      () => own(withChange("S", "pa\u200by ")),
      () => own(withChange("S", "pa\u202ey ")),
    ],
    akn: [
      () => akn(withChange("B")),
      () => akn(withComment("B", "S")),
      () => akn(withComment("S", "B")),
      () => akn(withChange("S", "pa\u200by ")),
    ],
    word: [
      () => wordFile({ body: p(`${words("to keep ")}${ins("Brazil (B)", "all ")}`) }),
      () => wordFile({ body: p(words("to keep")), comments: comment("Brazil (B)") }),
      () => wordFile({ body: p(words("to k\u200beep \u202elamps\u0007 \ufdd0")) }),
    ],
    text: ["1\tto k\u200beep", "1\tto \u202ekeep", "1\tto \u0085 keep \ufffc"].map(
      (line) => () => utf8(`RESOLUTION 7\nOn\nThe Council,\nresolves\n${line}\n`),
    ),
  }

  const delegate = { id: "p-s", name: "S", role: "delegate" as const, hats: ["S"], isRevoked: false }
  it.each(ofKind("file").map(({ name }) => name))("[DOOR1] %s", (name) => {
    const attacks = files[name] ?? []
    expect(attacks.length).toBeGreaterThanOrEqual(3)
    for (const attack of attacks) {
      let taken: ReturnType<typeof brought>
      try {
        taken = brought(readFile(attack()), delegate, new Set(["S", "B"]))
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError)
        continue
      }
      const { draft } = taken
      for (const change of draft.changes) expect(change.source).toBe("S")
      for (const remark of draft.comments.flatMap((part) => [part, ...part.replies])) expect(remark.source).toBe("S")
      for (const { text } of [...draft.blocks, ...draft.notes]) expect(strangePlaces(text), text).toEqual([])
    }
  })
})

describe("every route that writes", () => {
  let meeting: Meeting
  let draft: string
  let people: Record<"observer" | "delegate" | "nobody", Guest>
  beforeAll(async () => {
    meeting = await Meeting.open()
    people = {
      observer: await meeting.guest("observer"),
      delegate: await meeting.guest("delegate", ["S"]),
      nobody: (await meeting.guest("observer", [], "leaves")) as Guest,
    }
    draft = await meeting.draft()
  })
  afterAll(() => meeting.stop())

  const odd = {
    verdict: "accept",
    changes: [{ id: "B.1.1", hash: "x" }],
    act: "withdraw",
    text: "\u202e",
    name: "\u0000",
    source: "CHAIR",
    role: "chair",
    hats: ["CHAIR"],
    token: "x",
    view: "open",
    anchor: {},
  }

  it.each(ofKind("route").map(({ name }) => name as RouteName))("[DOOR1] %s", async (name) => {
    const { room } = await meeting.server.drafts.open(draft)
    const route = routes[name]
    const path = `${apiRoot}${route.path.replace(":draft", draft).replace(/:(\w+)/g, "none")}`
    const before = [
      signature(room.main),
      JSON.stringify(room.main.getMap("meta").toJSON()),
      JSON.stringify(room.main.getMap("threads").toJSON()),
    ]
    const stranger = await fetch(`${meeting.url}${path}`, {
      method: route.method.toUpperCase(),
      headers: { "Content-Type": "application/json" },
      body: "{}",
    })
    expect(stranger.status, "without a sign-in").toBeGreaterThanOrEqual(name === "signOut" ? 200 : 400)
    if (name === "signOut") return
    for (const [guest, body] of [
      [people.observer, odd],
      [people.delegate, odd],
      [people.delegate, { ...odd, changes: "all", text: 7, name: ["x"] }],
    ] as const) {
      const { status } = await guest.request(route.method.toUpperCase(), path, { body })
      expect(status, `${name} ${status}`).toBeLessThan(500)
      if (name !== "join" && name !== "lookAtInvitation") expect(status, name).toBeGreaterThanOrEqual(400)
    }
    expect([
      signature(room.main),
      JSON.stringify(room.main.getMap("meta").toJSON()),
      JSON.stringify(room.main.getMap("threads").toJSON()),
    ]).toEqual(before)
  })

  describe("asked for by who may not", () => {
    /** A request that is well made and about what is there, and who may not do it all the same. */
    interface Shut {
      readonly who: "observer" | "delegate"
      readonly body?: unknown
      readonly raw?: string
      readonly params?: Readonly<Record<string, string>>
      readonly query?: string
    }
    /** What another delegation has on the draft. */
    interface Others {
      readonly change: readonly { readonly id: string; readonly hash: string }[]
      /** One that the chair accepted, and the number of that entry. */
      readonly decided: string
      readonly decision: number
      readonly thread: string
      readonly block: string
    }
    let others: Others
    beforeAll(async () => {
      const [secretary, land] = [await meeting.guest("secretary"), await meeting.guest("delegate", ["B"])]
      await secretary.call("nameVersion", { draft }, { name: "First" })
      const { clientId } = await land.join(draft)
      const line = await land.socket(draft, clientId).ready()
      line.doc.clientID = clientId
      const place = elementsOf(line.doc).findIndex((element) => element.nodeName === "clause")
      const { id: block } = blocksOf(line.doc)[place]!
      line.doc.on("update", (update: Uint8Array, _origin: unknown, _doc: unknown, { local }: Y.Transaction) => {
        if (local) line.send({ kind: "update", update })
      })
      line.doc.transact((tr) => {
        const text = textOfElement(elementsOf(line.doc)[place]!)!
        writeText(tr, text, slotAt(tr, text, 1, "B"), "our ", [newMark("insertion", { id: `B.${clientId}.1`, source: "B" })])
        writeText(tr, text, slotAt(tr, text, 8, "B"), "other ", [newMark("insertion", { id: `B.${clientId}.2`, source: "B" })])
      })
      await line.until(() => line.acknowledged === 1)
      line.close()
      const { id: thread } = await land.call("comment", { draft }, { anchor: { on: "clause", block }, text: "Ours" })
      const all = (await land.call("changes", { draft })).map(({ id, hash }) => ({ id, hash }))
      expect(all).toHaveLength(2)
      const chair = await meeting.guest("chair")
      await chair.call("decide", { draft }, { verdict: "accept", changes: all.slice(1) })
      const decision = (await land.call("register", { draft })).find(({ act }) => act === "accept")!.n
      others = { change: all.slice(0, 1), decided: all[1]!.id, decision, thread, block }
    })

    const sitting = { body: "Committee", room: "1", date: "2026-11-26", chair: null }
    const shut: Readonly<Record<string, (of: Others) => Shut>> = {
      importDraft: () => ({ who: "delegate", raw: "Resolution\n\nresolves\n\n1 to count;", query: "name=a.txt" }),
      importChanges: () => ({ who: "observer", raw: "Resolution\n\nresolves\n\n1 to count;", query: "name=a.txt" }),
      join: () => ({ who: "delegate", body: { as: "B" } }),
      decide: ({ change }) => ({ who: "delegate", body: { verdict: "accept", changes: change } }),
      takeBack: ({ decision }) => ({ who: "delegate", body: { n: decision } }),
      reopen: ({ decided }) => ({ who: "delegate", body: { change: decided } }),
      withdraw: ({ change }) => ({ who: "delegate", body: { act: "withdraw", changes: change } }),
      attribute: ({ change }) => ({ who: "delegate", body: { source: "S", changes: change } }),
      comment: ({ block }) => ({ who: "observer", body: { anchor: { on: "clause", block }, text: "A remark" } }),
      reply: ({ thread }) => ({ who: "observer", body: { text: "A reply" }, params: { thread } }),
      untie: ({ change }) => ({ who: "delegate", body: { change: change[0]!.id } }),
      resolveThread: ({ thread }) => ({ who: "delegate", body: { resolved: true }, params: { thread } }),
      settings: () => ({ who: "delegate", body: { secretaryOperates: false } }),
      openToPublic: () => ({ who: "delegate", body: { view: "open" } }),
      adopt: () => ({ who: "delegate", body: { stage: "adopted" } }),
      nameVersion: () => ({ who: "delegate", body: { name: "Second" } }),
      publish: () => ({ who: "delegate", body: { format: "txt" }, params: { version: "1" } }),
      setTemplate: () => ({ who: "delegate", raw: "PK", query: "name=a.dotx" }),
      removeTemplate: () => ({ who: "delegate" }),
      readRoster: () => ({ who: "delegate", raw: "X,Elsewhere\n" }),
      addDelegation: () => ({ who: "delegate", body: { code: "X", name: "Elsewhere" } }),
      invite: () => ({ who: "delegate", body: { role: "delegate", hats: ["S"] } }),
      withdrawInvitation: () => ({ who: "delegate", params: { invitation: "0".repeat(16) } }),
      setAccess: () => ({ who: "delegate", body: { withdrawn: true }, params: { person: people.observer.id } }),
      openSitting: () => ({ who: "delegate", body: sitting }),
      changeSitting: () => ({ who: "delegate", body: { room: "2" } }),
    }
    /** Doors that are open to who has no sign-in yet: what they let in is a token. */
    const open: readonly string[] = ["signIn", "signOut", "lookAtInvitation"]

    it.each(ofKind("route").map(({ name }) => name as RouteName))(
      "[DOOR1] %s: a request that is well made is refused by who asks, not by its shape",
      async (name) => {
        if (open.includes(name)) return
        const { room } = await meeting.server.drafts.open(draft)
        const { who, body, raw, params = {}, query = "" } = shut[name]!(others)
        const route = routes[name] as { method: string; path: string; body?: { safeParse: (value: unknown) => { success: boolean } } }
        if (route.body) expect(route.body.safeParse(body).success, "it is well made").toBe(true)
        const path = Object.entries({ draft, ...params }).reduce(
          (to, [key, value]) => to.replace(`:${key}`, value),
          `${apiRoot}${route.path}`,
        )
        const address = query ? `${path}?${query}` : path
        const state = (): unknown => [
          signature(room.main),
          JSON.stringify(room.main.getMap("meta").toJSON()),
          meeting.server.people.everyone(),
        ]
        const before = state()
        const headers = { "Content-Type": raw === undefined ? "application/json" : "application/octet-stream" }
        const sent = raw ?? (body === undefined ? null : JSON.stringify(body))
        const stranger = await fetch(`${meeting.url}${address}`, { method: route.method.toUpperCase(), headers, body: sent })
        expect(stranger.status, "without a sign-in").toBe(401)
        const { status, body: answer } = await people[who].request(
          route.method.toUpperCase(),
          address,
          raw === undefined ? { body } : { raw },
        )
        expect([status, (answer as { type: string }).type], JSON.stringify(answer)).toEqual([403, expect.stringContaining("not-allowed")])
        expect(state()).toEqual(before)
      },
    )
  })
})
