import { afterEach, describe, expect, it, vi } from "vitest"
import * as Y from "yjs"
import { seenIn, sightOfGate } from "../server/decisions/as-seen.ts"
import { attributeInSlices } from "../server/decisions/attribute.ts"
import { incorporateInSlices } from "../server/decisions/incorporate.ts"
import { settled } from "../server/decisions/settle.ts"
import { costs } from "../server/gate/bounds.ts"
import { Census } from "../server/gate/census.ts"
import { Gate } from "../server/gate/gate.ts"
import { type Change, changesIn, joinsIn } from "../shared/changes/changes.ts"
import { type Link, Ties } from "../shared/changes/links.ts"
import { changeHash, type Sight, sightOf } from "../shared/changes/sight.ts"
import { finished, type Sliced } from "../shared/changes/slices.ts"
import { type Block, defaultAttrs, noStructure } from "../shared/schema/block.ts"
import { serverClient } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { withStructure } from "../shared/schema/structure.ts"
import { Moves } from "../shared/sync/moves.ts"
import { elementsOf, textOfElement } from "../shared/sync/read.ts"
import { notedIn, roots } from "../shared/sync/roots.ts"
import { closing, newDraftDoc, opening, writeItem } from "../shared/sync/write.ts"
import { clause, draftState, head, random, run } from "./build.ts"
import { Cohort } from "./cohort.ts"

// Times say little on a busy machine: what is done is counted, and must not grow with what has nothing to do with it.

const client = 100
const who = { person: "p", source: "S" }

/** A room's gate, and the document of one of Sweden's browsers that has its state. */
class Scene {
  readonly gate: Gate
  readonly doc = newDraftDoc()
  #counter = 0

  constructor(more: (doc: Y.Doc) => void = () => undefined) {
    const before = newDraftDoc()
    Y.applyUpdate(before, draftState([clause("that the lamps be lit each night;", "c0"), clause("to count the lamps;", "c1")]))
    before.clientID = 16_777_215
    before.transact(() => more(before))
    const state = Y.encodeStateAsUpdate(before)
    this.gate = new Gate([state], (id) => (id === client ? who : { person: "q", source: "B" }))
    Y.applyUpdate(this.doc, state)
    this.doc.clientID = client
  }

  get text(): Y.XmlText {
    return textOfElement(elementsOf(this.doc)[0]!)!
  }

  mark(name: "insertion" | "deletion", heard = ""): ReturnType<typeof newMark> {
    const id = `S.${client}.${++this.#counter}`
    return name === "insertion" ? newMark(name, { id, source: "S" }) : newMark(name, { id, source: "S", heard })
  }

  /** What is said of a browser's writing. */
  said(write: (tr: Y.Transaction) => void): string {
    let sent: Uint8Array | null = null
    const keep = (update: Uint8Array): void => void (sent ??= update)
    this.doc.on("update", keep)
    this.doc.transact(write)
    this.doc.off("update", keep)
    const outcome = this.gate.receive(sent!, who, true)
    if (outcome.kind === "failed") throw outcome.error
    return outcome.kind === "refused" ? outcome.reason : outcome.kind
  }

  /** Letters that are gone at once, in as many pieces, and then empty deletions around them all. */
  strikingGone(letters: number, deletions: number): string {
    this.said((tr) => {
      const left = this.text._start!
      let { right } = left
      const made: Y.Item[] = []
      for (let n = 0; n < letters; n++) made.push((right = writeItem(tr, this.text, { left, right }, new Y.ContentString("z"))))
      for (const item of made) item.delete(tr)
    })
    return this.said((tr) => {
      const marks = Array.from({ length: deletions }, () => this.mark("deletion", "0"))
      let left = this.text._start!
      for (const mark of marks) left = writeItem(tr, this.text, { left, right: left.right }, opening(mark))
      while (left.right?.deleted) left = left.right
      for (const mark of marks) left = writeItem(tr, this.text, { left, right: left.right }, closing(mark))
    })
  }
}

/** `count` entries of what an accepted change took of a client's letters. */
const taking = (count: number, of: number) => (doc: Y.Doc) => {
  roots.proposals(doc).set("B.200.1", { status: "accepted", source: "B" })
  roots.taken(doc).push(Array.from({ length: count }, (_, i) => [of, i, 1, 0, "B.200.1", "x"] as const))
}

afterEach(() => void vi.restoreAllMocks())

describe("what others would wait for does not grow with what has nothing to do with it", () => {
  it("[GATE13] what accepted changes took is looked up once for each piece, however many deletions lie over it and however much was taken", () => {
    for (const taken of [10, 1_000]) {
      const scene = new Scene(taking(taken, 300))
      const lookedUp = vi.spyOn(Moves.prototype, "allOf")
      const asked = vi.spyOn(Y.Map.prototype, "get")
      expect(scene.strikingGone(200, 100)).toBe("accepted")
      expect(lookedUp.mock.calls.length).toBeGreaterThanOrEqual(200)
      expect(lookedUp.mock.calls.length).toBeLessThan(300)
      expect(asked.mock.calls.length, `${taken} taken`).toBeLessThan(2_000)
      vi.restoreAllMocks()
    }
  })

  it("[GATE13 GATE8] so is where words went, however many deletions lie over what is gone", () => {
    const scene = new Scene((doc) => roots.relocations(doc).push([[300, 0, 1, 16_777_215, 900_000]]))
    const lookedUp = vi.spyOn(Moves.prototype, "cameBackFor")
    expect(scene.strikingGone(200, 100)).toBe("accepted")
    expect(lookedUp.mock.calls.length).toBeGreaterThanOrEqual(200)
    expect(lookedUp.mock.calls.length).toBeLessThan(1_000)
  })

  it("[GATE13] many deletions around much that was taken are too much; one is told of all of it", () => {
    const scene = new Scene(taking(100, client))
    expect(scene.strikingGone(100, 1)).toBe("accepted")
    const [notes] = [...roots.forestalled(scene.gate.shadow).values()]
    expect(notes![0]!.words).toBe("x".repeat(100))
    const crowded = new Scene(taking(100, client))
    expect(crowded.strikingGone(100, costs.mended / 100 + 1)).toBe("too-large")
  })

  it("[RIVAL4] what of a stretch was there for somebody is told as it is of each of its letters: 200 tables", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const { below } = random(seed)
      const moves = new Moves()
      // Each place is written to once, from what is there by then.
      for (let clock = 10; clock < 100; ) {
        const length = 1 + below(5)
        const from = below(Math.max(1, clock - length))
        const isOwn = below(3) === 0
        const written = [isOwn ? 7 : serverClient, from, length, serverClient, clock, below(2) === 0] as const
        moves.note(below(2) ? [...written, below(clock)] : written)
        clock += length + below(4)
      }
      const letters = { client: serverClient, clock: below(40), length: 1 + below(60) }
      const heard = below(110)
      const there = moves.thereFor(letters, heard).flatMap(({ clock, length }) => Array.from({ length }, (_, i) => clock + i))
      const each = Array.from({ length: letters.length }, (_, i) => letters.clock + i)
      expect(there, `seed ${seed}`).toEqual(each.filter((clock) => moves.asHeard({ client: serverClient, clock }, heard) !== null))
    }
  })

  it("[GATE13] markers that come back are looked for by their keys", () => {
    const passed = (pairs: number): number => {
      const scene = new Scene()
      const filtered = vi.spyOn(Array.prototype, "filter")
      const said = scene.said((tr) => {
        let left = scene.text._start!
        const { right } = left
        for (let n = 0; n < pairs; n++) {
          const mark = scene.mark("insertion")
          left = writeItem(tr, scene.text, { left, right }, opening(mark))
          left = writeItem(tr, scene.text, { left, right }, closing(mark))
        }
        writeItem(tr, scene.text, { left, right }, new Y.ContentString("z")).delete(tr)
      })
      const sum = filtered.mock.contexts.reduce<number>((all, list) => all + (list as unknown[]).length, 0)
      vi.restoreAllMocks()
      expect(said).toBe("accepted")
      return sum
    }
    const [few, many] = [passed(50), passed(500)]
    expect(many / few).toBeLessThan(15)
  })

  it("[GATE13] behind many new blocks the list is walked once", () => {
    const walked = (added: number): number => {
      const scene = new Scene((doc) => roots.relocations(doc).push([[300, 0, 1, 16_777_215, 900_000]]))
      // Whoever goes from one to the next asks of each whether it is there still.
      const looked = vi.spyOn(Y.Item.prototype, "deleted", "get")
      const said = scene.said((tr) => {
        const fragment = scene.doc.getXmlFragment("blocks")
        let left = fragment._start!
        for (let n = 1; n <= added; n++) {
          const element = new Y.XmlElement("clause")
          element.insert(0, [new Y.XmlText()])
          const id = Y.createID(client, Y.getState(scene.doc.store, client))
          const item = new Y.Item(id, left, left.lastId, null, null, fragment, null, new Y.ContentType(element))
          item.integrate(tr, 0)
          const name = `S.${client}.${n}`
          for (const [key, value] of Object.entries({ id: `n${name}`, insertedBy: "S", insertedId: name })) element.setAttribute(key, value)
          left = item
        }
      })
      expect(said).toBe("accepted")
      const sum = looked.mock.calls.length
      vi.restoreAllMocks()
      return sum
    }
    const [few, many] = [walked(20), walked(200)]
    expect(many / few).toBeLessThan(15)
  })

  it("[GATE0 GATE13] a clean-up that is dropped leaves the shadow as it is", () => {
    const mark = newMark("deletion", { id: "B.200.1", source: "B", heard: "1" })
    const scene = new Scene((doc) =>
      doc.transact((tr) => {
        const text = textOfElement(elementsOf(doc)[0]!)!
        const { client: by, clock } = text._start!.id
        const [second, third] = [2, 4].map((n) => Y.getItemCleanStart(tr, Y.createID(by, clock + n))) as [Y.Item, Y.Item]
        writeItem(tr, text, { left: null, right: text._start }, opening(mark))
        const left = writeItem(tr, text, { left: second.left, right: second }, closing(mark))
        writeItem(tr, text, { left, right: second }, opening(mark))
        writeItem(tr, text, { left: third.left, right: third }, closing(mark))
      }),
    )
    const before = Y.encodeStateAsUpdate(scene.gate.shadow)
    const said = scene.said((tr) => {
      const markers: Y.Item[] = []
      for (let item = scene.text._start; item; item = item.right) if (item.content instanceof Y.ContentFormat) markers.push(item)
      for (const marker of markers.slice(1, 3)) marker.delete(tr)
    })
    expect(said).toBe("dropped")
    expect(scene.gate.isSpoilt).toBe(false)
    expect(Y.encodeStateAsUpdate(scene.gate.shadow)).toEqual(before)
  })
})

describe("while an accepted change waits for its host", () => {
  const long = 60

  it("[ROOM2 RES3] a letter that goes elsewhere makes nobody look over the draft; one that goes beside it settles it all the same", async () => {
    const cohort = new Cohort(draftState([head("resolves"), ...Array.from({ length: long }, (_, i) => clause("to keep a lamp,", `c${i}`))]))
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    s.type(1, 2, " always")
    b.type(long, 2, " never")
    await cohort.settle()
    b.type(1, 5, "BB")
    await cohort.settle()
    const inner = cohort.changes().find(({ source, block }) => source === "B" && block === "c0")!
    expect(await cohort.decide([inner.id], "accept")).toBe(true)
    await cohort.settle()
    expect([...notedIn(cohort.room.main)]).toEqual([inner.id])
    const all = vi.spyOn(Gate.prototype, "blocks", "get")
    const looked = vi.spyOn(Census.prototype, "reading")
    b.delete(long, 7, 8)
    await cohort.settle()
    expect(all.mock.calls.length).toBe(0)
    expect(looked.mock.calls.length).toBeLessThan(long / 2)
    // Within what it waits for, too, as long as that is there.
    s.delete(1, 3, 4)
    await cohort.settle()
    expect(all.mock.calls.length).toBe(0)
    expect([...notedIn(cohort.room.main)]).toEqual([inner.id])
    s.session.undoManager.undo()
    s.session.undoManager.undo()
    await cohort.settle()
    expect([...notedIn(cohort.room.main)]).toEqual([])
    expect(roots.proposals(cohort.room.main).get(inner.id)?.status).toBe("superseded")
  })

  it("[RES3] what waits for a change is settled where the last words of that go in another clause", async () => {
    const host = newMark("insertion", { id: `S.${client}.1`, source: "S" })
    const more = newMark("insertion", { id: `S.${client}.2`, source: "S", of: host.id })
    const inner = newMark("insertion", { id: "B.200.1", source: "B", within: [host.id] })
    const doc = newDraftDoc()
    Y.applyUpdate(doc, draftState([clause("to keep", "c0"), clause("to count", "c1"), clause("to end", "c2")]))
    doc.clientID = 200
    doc.transact((tr) => {
      const put = (index: number, parts: readonly (Y.ContentFormat | string)[]): void => {
        const text = textOfElement(elementsOf(doc)[index]!)!
        let left = text._start!
        for (const part of parts)
          left = writeItem(tr, text, { left, right: null }, typeof part === "string" ? new Y.ContentString(part) : part)
      }
      put(0, [opening(host), opening(inner), "BB", closing(inner), closing(host)])
      put(1, [opening(more), "x", closing(more)])
    })
    doc.clientID = 16_777_215
    roots.proposals(doc).set(inner.id, { status: "acceptedWithHost", source: "B" })
    const gate = new Gate([Y.encodeStateAsUpdate(doc)], () => who)
    const takingBack = newDraftDoc()
    Y.applyUpdate(takingBack, Y.encodeStateAsUpdate(doc))
    takingBack.clientID = client
    let sent: Uint8Array | null = null
    takingBack.on("update", (update: Uint8Array) => void (sent = update))
    takingBack.transact((tr) => {
      for (let item = textOfElement(elementsOf(takingBack)[1]!)!._start; item; item = item.right)
        if (item.content instanceof Y.ContentString && item.content.str === "x") item.delete(tr)
    })
    const outcome = gate.receive(sent!, who, true)
    const reached = outcome.kind === "accepted" ? outcome.reached : null
    expect(settled(gate, () => gate.stoodBefore(reached!), reached)).not.toBeNull()
    expect(roots.proposals(gate.shadow).get(inner.id)?.status).toBe("superseded")
  })
})

/** Insertions of B in one clause, in an insertion of S each where `within`. */
function crowdOf(count: number): Gate {
  const doc = newDraftDoc()
  Y.applyUpdate(doc, draftState([clause("that", "c0"), ...Array.from({ length: 3 }, (_, i) => clause("to count;", `d${i}`))]))
  doc.clientID = client
  const host = newMark("insertion", { id: `S.${client}.1`, source: "S" })
  doc.transact((tr) => {
    const text = textOfElement(elementsOf(doc)[0]!)!
    let left = writeItem(tr, text, { left: text._start!, right: null }, opening(host))
    left = writeItem(tr, text, { left, right: null }, new Y.ContentString("host"))
    for (let n = 1; n <= count; n++) {
      const mark = newMark("insertion", { id: `B.200.${n}`, source: "B", within: [host.id] })
      left = writeItem(tr, text, { left, right: null }, opening(mark))
      left = writeItem(tr, text, { left, right: null }, new Y.ContentString("b"))
      left = writeItem(tr, text, { left, right: null }, closing(mark))
      left = writeItem(tr, text, { left, right: null }, new Y.ContentString("h"))
    }
    writeItem(tr, text, { left, right: null }, closing(host))
  })
  return new Gate([Y.encodeStateAsUpdate(doc)], () => who)
}

describe("what is seen of changes", () => {
  const linksOf = (changes: readonly Change[]): Link => ({ id: "S.1.1", source: "B", changes: changes.map(({ id }) => id) })

  it("[HASH1 LINK1] what is seen of a linked change is read once in a sight, however many are linked with it", () => {
    const { blocks } = crowdOf(60)
    const changes = changesIn(blocks).filter(({ source }) => source === "B")
    const asked = { places: 0 }
    const counting = (ties: Ties): Sight =>
      sightOf(
        blocks.map((block) => ({ ...block, runs: block.runs.map((one, i) => ({ ...one, client: 1, clock: i * 10 })) })),
        (letter) => {
          asked.places++
          return letter
        },
        ties,
      )
    const hashed = (ties: Ties): number => {
      const sight = counting(ties)
      asked.places = 0
      for (const change of changes) changeHash(change, sight)
      return asked.places
    }
    const alone = hashed(new Ties([]))
    expect(alone).toBeGreaterThan(0)
    expect(hashed(new Ties([linksOf(changes)]))).toBeLessThanOrEqual(2 * alone)
  })

  it("[ROOM2] taking in and attributing pause between the changes that were asked for", () => {
    const steps = (work: Sliced<unknown>): number => {
      for (let n = 0; ; n++) if (work.next().done) return n
    }
    const gate = crowdOf(40)
    const seen = seenIn(gate).filter(({ id }) => id.startsWith("B"))
    const stale = seen.map(({ id }) => ({ id, hash: "0".repeat(64) }))
    for (const act of [incorporateInSlices(gate, stale, "S"), attributeInSlices(gate, stale, "S")]) {
      let n = 0
      expect(() => {
        for (; !act.next().done; ) n++
      }).toThrow(/no longer as you saw it/)
      expect(n).toBeGreaterThan(40)
    }
    expect(steps(incorporateInSlices(gate, seen, "S"))).toBeGreaterThan(40)
    expect(changesIn(gate.blocks).map(({ source, inserted }) => [source, inserted])).toEqual([["S", `host${"bh".repeat(40)}`]])
    expect(finished(incorporateInSlices(crowdOf(40), seen, "S")).changes).toHaveLength(40)
    expect(sightOfGate(gate).blocks).toEqual(gate.blocks)
  })

  it("[TRK5] where joins lead is read once for a list of blocks", () => {
    let reads = 0
    const blocks = Array.from({ length: 400 }, (_, i): Block => {
      const block = { ...defaultAttrs, id: `c${i}`, type: "clause" as const, runs: [run(`clause ${i}`)], structure: noStructure }
      const get = (target: Block, name: string): unknown => {
        reads++
        return Reflect.get(target, name)
      }
      return new Proxy(block, { get: get as ProxyHandler<Block>["get"] & object })
    })
    const of = (i: number, into: number, change: string) =>
      ({ kind: "join", id: `S.1.${i + 1}`, of: change, changeId: change, source: "S", block: `c${i}`, into: `c${into}` }) as const
    const joins = Array.from({ length: 300 }, (_, i) => of(i + 1, i % 2 ? 0 : i, "S.1.1"))
    const drawn = withStructure(blocks, joins)
    const ontoOf = joinsIn(drawn)
    reads = 0
    const said = joins.map((join) => ontoOf(join))
    expect(said.every((words) => words === null)).toBe(true)
    expect(ontoOf(of(350, 0, "S.1.9"))).toBe("clause 0")
    expect(reads).toBeLessThan(40 * blocks.length)
  })
})
