import * as Y from "yjs"
import { keyOf, parseKey, serverClient } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksRoot, elementsOf, structureRoot, textOfElement } from "../shared/sync/read.ts"
import { removeMark, removeText, slotAt, writeItem, writeMark, writeText } from "../shared/sync/write.ts"
import type { random } from "./build.ts"

type Random = ReturnType<typeof random>
export type Forgery = (doc: Y.Doc, tr: Y.Transaction, r: Random) => void

const anyText = (doc: Y.Doc, r: Random): Y.XmlText => textOfElement(r.pick(elementsOf(doc)))!
const anyItem = (text: Y.XmlText, r: Random): Y.Item | null => {
  let item = text._start
  for (let n = r.below(12); item?.right && n > 0; n--) item = item.right
  return item
}
/** Behind an item; now and then it says to stand before some other than the next, which may be one that stands before it. */
function put(tr: Y.Transaction, text: Y.XmlText, left: Y.Item | null, content: Y.ContentString | Y.ContentFormat, r: Random): void {
  const { doc } = tr
  const right = r.next() < 0.15 ? anyItem(text, r) : left ? left.right : text._start
  const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
  new Y.Item(id, left, left?.lastId ?? null, right, right?.id ?? null, text, null, content).integrate(tr, 0)
}

const at = (doc: Y.Doc, r: Random): [Y.XmlText, Y.Item | null] => {
  const text = anyText(doc, r)
  return [text, r.next() < 0.2 ? null : anyItem(text, r)]
}

const markersIn = (text: Y.XmlText): Y.Item[] => {
  const markers: Y.Item[] = []
  for (let item = text._start; item; item = item.right) if (!item.deleted && item.content instanceof Y.ContentFormat) markers.push(item)
  return markers
}

/** Who forges, under which client id, and somebody whose words and names it tries. */
export interface Forger {
  readonly own: string
  readonly forger: number
  readonly other: string
  readonly victim: number
}

/**
 * Ways to write what an honest client never would, some but a letter from honest: each writes random items at random places of a document. What Yjs
 * itself will not write throws.
 */
export function forgeriesBy({ own, forger, other, victim }: Forger): readonly Forgery[] {
  const anyId = (r: Random): string =>
    r.pick([
      `${own}.${forger}.${r.below(40)}`,
      `${other}.${victim}.${r.below(6)}`,
      `${own}.${victim}.3`,
      `${own}.${serverClient}.${r.below(99)}`,
    ])
  const value = (id: string, r: Random): object =>
    r.pick([
      { id, of: "", source: own, within: "" },
      { id, of: "", source: own, over: "" },
      {
        id,
        of: r.pick(["", `${own}.${forger}.1`, `${own}.${forger}.30`, `${other}.${victim}.1`]),
        source: r.pick([own, other]),
        within: r.pick(["", `${other}.${victim}.1`, "x"]),
      },
      { id, source: own },
    ])

  return [
    // Honest words, so that later forgeries find some of the forger's own.
    (doc, tr, r) => {
      const text = anyText(doc, r)
      const slot = slotAt(tr, text, r.below(text.length + 1), own)
      const id = `${own}.${forger}.${Y.getState(doc.store, forger) + 100}`
      const within = slot.marks.filter((mark) => mark.name !== "comment").map((mark) => mark.id)
      writeText(tr, text, slot, "mine", [newMark("insertion", { id, source: own, within })])
    },
    (doc, tr, r) => {
      const text = anyText(doc, r)
      const from = r.below(text.length)
      writeMark(
        tr,
        text,
        from,
        Math.min(text.length, from + 1 + r.below(6)),
        newMark(r.pick(["deletion", "insertion"] as const), { id: `${own}.${forger}.${r.below(500)}`, source: own }),
      )
    },
    (doc, tr, r) => put(tr, ...at(doc, r), new Y.ContentString(r.pick(["x", "agreed", "\u2029", "a\u2029", "\u202e", "😀"])), r),
    (doc, tr, r) => {
      const id = anyId(r)
      put(
        tr,
        ...at(doc, r),
        new Y.ContentFormat(keyOf(r.pick(["insertion", "deletion", "comment"]), id), r.next() < 0.3 ? (null as never) : value(id, r)),
        r,
      )
    },
    // A pair around an insertion of another, with words of its own, some of which are taken back at once; or of a mark that it had before.
    (doc, tr, r) => {
      const text = anyText(doc, r)
      const theirs = markersIn(text).filter(
        ({ content }) =>
          (content as Y.ContentFormat).key.startsWith("insertion--") && parseKey((content as Y.ContentFormat).key)?.client === victim,
      )
      const [first, last] = [theirs[0], theirs.at(-1)]
      if (!first || !last) return
      const id = `${own}.${forger}.${r.pick([900 + r.below(50), r.below(40)])}`
      if (r.next() < 0.3) {
        // As an undo and a redo leave it.
        writeText(tr, text, { left: first.left, right: first, marks: [] }, "ours", [newMark("insertion", { id, source: own })])
        removeMark(tr, text, keyOf("insertion", id))
      }
      writeItem(tr, text, { left: last, right: last.right }, new Y.ContentFormat(keyOf("insertion", id), null as never))
      writeItem(tr, text, { left: first.left, right: first }, new Y.ContentString("ours"))
      const taken = writeItem(tr, text, { left: first.left, right: first }, new Y.ContentString("z"))
      writeItem(
        tr,
        text,
        { left: taken.left?.left ?? null, right: taken.left },
        new Y.ContentFormat(keyOf("insertion", id), { id, of: "", source: own, within: "" }),
      )
      if (r.next() < 0.7) taken.delete(tr)
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
        source: r.pick([own, own, other]),
        block: r.pick(["c0", "c1", "resolves", "gone"]),
        ...r.pick([
          { kind: "delete" },
          { kind: "move", after: "c1" },
          { kind: "join", into: "c0" },
          { kind: "level", level: r.below(6) },
          { kind: "x" },
        ]),
      }),
    // About a clause that is gone, or one and itself.
    (doc, _, r) => {
      const id = `${own}.${forger}.${900 + r.below(50)}`
      const block = r.pick(["gone", "c0", "resolves"])
      const target = r.pick([block, "resolves", "gone"])
      doc.getMap(structureRoot).set(id, {
        id,
        of: "",
        source: own,
        block,
        ...r.pick([
          { kind: "join", into: target },
          { kind: "move", after: target },
        ]),
      })
    },
    // Several things that name one change, some by bearing its id.
    (doc, tr, r) => {
      const of = `${own}.${forger}.${r.pick([900 + r.below(50), 500 + r.below(40)])}`
      const propose = (id: string, act: object): void =>
        void doc.getMap(structureRoot).set(id, { id, of: id === of ? "" : of, source: own, block: r.pick(["c0", "c1"]), ...act })
      propose(
        r.pick([of, `${own}.${forger}.${950 + r.below(40)}`]),
        r.pick([{ kind: "delete" }, { kind: "level", level: 2 }, { kind: "move", after: null }]),
      )
      if (r.next() < 0.5) {
        const text = anyText(doc, r)
        const id = r.pick([of, `${own}.${forger}.${990 + r.below(9)}`])
        writeText(tr, text, slotAt(tr, text, r.below(text.length + 1), own), "too", [
          newMark("insertion", { id, of: id === of ? "" : of, source: own }),
        ])
      }
    },
    (doc, _, r) => doc.getMap(structureRoot).delete(r.pick([...doc.getMap(structureRoot).keys(), "none"])),
    (doc, _, r) =>
      r
        .pick(elementsOf(doc))
        .setAttribute(r.pick(["level", "id", "insertedBy", "joined", "origin", "dir", "__proto__"]), r.pick(["1", own, "c0", "rtl"])),
    (doc, _, r) => {
      const element = new Y.XmlElement(r.pick(["clause", "head", "evil"]))
      element.insert(0, [new Y.XmlText(r.pick(["", "words", "a\tb", "\u2029", "\ufffc"]))])
      doc.getXmlFragment(blocksRoot).insert(r.below(4), [element])
      for (const [name, attr] of Object.entries({ id: `n${anyId(r)}`, insertedBy: r.pick([own, own, other]), insertedId: anyId(r) }))
        element.setAttribute(name, attr)
    },
    (doc, _, r) => doc.getXmlFragment(blocksRoot).delete(r.below(3), 1),
    // An own clause, all but honest.
    (doc, _, r) => {
      const element = new Y.XmlElement("clause")
      element.insert(0, [new Y.XmlText(r.pick(["", "words", "a\u200bb", "\u2029"]))])
      doc.getXmlFragment(blocksRoot).insert(r.below(4), [element])
      const id = `${own}.${forger}.${500 + r.below(400)}`
      for (const [name, attr] of Object.entries({ id: `n${id}`, insertedBy: own, insertedId: r.pick([id, id, `${own}.${forger}.30`]) }))
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
        new Y.ContentFormat(keyOf("deletion", `${own}.${forger}.7`), null as never),
      ])
      new Y.Item(id, null, null, null, null, r.pick(parents) as Y.AbstractType<unknown>, r.pick([null, "k"]), content).integrate(tr, 0)
    },
    (doc, _, r) => doc.getMap(r.pick(["meta", "proposals", "threads", "mine"])).set("k", r.below(9)),
  ]
}
