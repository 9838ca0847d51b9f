import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { costs, crowd } from "../server/gate/bounds.ts"
import { Gate } from "../server/gate/gate.ts"
import { caps } from "../server/gate/shapes.ts"
import { newMark } from "../shared/schema/schema.ts"
import { elementsOf, textOfElement } from "../shared/sync/read.ts"
import { newDraftDoc, slotAt, writeItem, writeMark, writeText } from "../shared/sync/write.ts"
import { clause, draftState } from "./build.ts"

const client = 100
const who = { person: "p", source: "S" }

/** A room's gate, and the document of one of Sweden's browsers that has its state. */
class Scene {
  readonly gate: Gate
  readonly doc = newDraftDoc()
  #counter = 0

  constructor(words = "that the lamps be lit each night;") {
    const state = draftState([clause(words, "c0"), clause("to count the lamps;", "c1")])
    this.gate = new Gate([state], (id) => (id === client ? who : { person: "q", source: "B" }))
    Y.applyUpdate(this.doc, state)
    this.doc.clientID = client
  }

  text(index = 0): Y.XmlText {
    return textOfElement(elementsOf(this.doc)[index]!)!
  }

  mark(name: "insertion" | "deletion" = "insertion", within: readonly string[] = []): ReturnType<typeof newMark> {
    const id = `S.${client}.${++this.#counter}`
    return name === "insertion" ? newMark("insertion", { id, source: "S", within }) : newMark("deletion", { id, source: "S", over: within })
  }

  /** What a browser would send after some writing. */
  update(write: (tr: Y.Transaction) => void): Uint8Array {
    const before = Y.encodeStateVector(this.doc)
    let deleted: Uint8Array | null = null
    const keep = (update: Uint8Array): void => void (deleted = update)
    this.doc.on("update", keep)
    this.doc.transact(write)
    this.doc.off("update", keep)
    return deleted ?? Y.encodeStateAsUpdate(this.doc, before)
  }

  /** The outcome, in words, and how long it took. */
  judged(update: Uint8Array): { said: string; ms: number } {
    const from = performance.now()
    const outcome = this.gate.receive(update, who, true)
    return { said: outcome.kind === "refused" ? outcome.reason : outcome.kind, ms: performance.now() - from }
  }
}

/** Others wait no longer than this for one update, on a busy machine too. */
const soon = 1_500

describe("what one update may cost", () => {
  it("[GATE13] own insertions three thousand deep are refused at once; nine are taken", () => {
    for (const [depth, said] of [
      [3_000, "too-deep"],
      [crowd.insertions + 1, "too-deep"],
      [crowd.insertions, "accepted"],
    ] as const) {
      const scene = new Scene()
      const update = scene.update((tr) => {
        let within: string[] = []
        let place = slotAt(tr, scene.text(), 5, "S")
        for (let n = 0; n < depth; n++) {
          const mark = scene.mark("insertion", within.slice(-8))
          within = [...within, mark.id].slice(-8)
          writeText(tr, scene.text(), place, "x", [mark])
          const letter = scene.doc.store.clients
            .get(client)!
            .findLast((item) => item instanceof Y.Item && item.content instanceof Y.ContentString) as Y.Item
          place = { left: letter, right: letter.right, marks: [] }
        }
      })
      const outcome = scene.judged(update)
      expect(outcome.said, `${depth} deep`).toBe(said)
      expect(outcome.ms).toBeLessThan(soon)
      // Nothing was applied that would have to be taken back.
      expect(scene.gate.isSpoilt).toBe(false)
    }
  })

  it("[GATE13] eight thousand marks around nothing, and the same words struck a hundred times, are refused at once", () => {
    const around = new Scene()
    const nothing = around.update((tr) => {
      let { left, right } = slotAt(tr, around.text(), 5, "S")
      for (let n = 0; n < 4_000; n++) left = writeItem(tr, around.text(), { left, right }, markerOf(around.mark()))
    })
    expect(around.judged(nothing)).toMatchObject({ said: expect.stringMatching(/too-deep|broken-pair/) })
    const struck = new Scene()
    const often = struck.update((tr) => {
      for (let n = 0; n < 100; n++) writeMark(tr, struck.text(), 5, 12, struck.mark("deletion"))
    })
    expect(struck.judged(often)).toMatchObject({ said: "too-deep" })
  })

  it("[GATE13] an update that strikes the same letters a hundred thousand times over is refused before it is applied", () => {
    const scene = new Scene("x".repeat(50_000))
    const clock = [...scene.doc.store.clients.keys()].filter((id) => id !== client)[0]!
    const outcome = scene.judged(updateOf([], [[clock, Array.from({ length: 100_000 }, () => [0, 50_000])]]))
    expect(outcome.said).toBe("malformed")
    expect(outcome.ms).toBeLessThan(soon)
    expect(scene.gate.isSpoilt).toBe(false)
  })

  it("[GATE13] an update that takes every second letter of a long insertion is too much; one that takes a thousand is not", () => {
    for (const [count, said] of [
      [costs.cuts, "too-large"],
      [1_000, "accepted"],
    ] as const) {
      const scene = new Scene()
      scene.judged(scene.update((tr) => writeText(tr, scene.text(), slotAt(tr, scene.text(), 5, "S"), "x".repeat(60_000), [scene.mark()])))
      const first = scene.doc.store.clients.get(client)!.find((item) => item instanceof Y.Item && item.content instanceof Y.ContentString)!
      const ranges = Array.from({ length: count }, (_, i) => [first.id.clock + 2 * i + 1, 1])
      const outcome = scene.judged(updateOf([], [[client, ranges]]))
      expect(outcome.said, `${count}`).toBe(said)
      expect(outcome.ms).toBeLessThan(soon)
    }
  })

  it("[GATE13] items that all want to stand behind the same letter are refused before Yjs looks for their order", () => {
    const scene = new Scene()
    const update = scene.update((tr) => {
      const text = scene.text()
      const { left, right } = slotAt(tr, text, 5, "S")
      const anchors: Y.Item[] = []
      for (let n = 0; n < 2; n++) anchors.push(writeItem(tr, text, { left, right }, markerOf(scene.mark())))
      for (let n = 0; n < 5_000; n++) {
        const id = Y.createID(client, Y.getState(scene.doc.store, client))
        const at = anchors[n % 2]!
        new Y.Item(id, left, left?.lastId ?? null, at, at.id, text, null, new Y.ContentString("x")).integrate(tr, 0)
      }
    })
    const outcome = scene.judged(update)
    expect(outcome.said).toBe("too-large")
    expect(outcome.ms).toBeLessThan(soon)
  })

  it("[GATE13] letters without a mark, each apart from the next by one that is gone, are mended by the hundred and refused by the thousand", () => {
    for (const [count, said] of [
      [costs.texts + 1, "too-large"],
      [costs.mended + 1, "too-large"],
      [500, "accepted"],
    ] as const) {
      const scene = new Scene()
      const update = scene.update((tr) => {
        const text = scene.text()
        let { left, right } = slotAt(tr, text, 5, "S")
        for (let n = 0; n < count; n++)
          for (const content of [new Y.ContentString("q"), new Y.ContentDeleted(1) as never]) {
            left = writeItem(tr, text, { left, right }, content)
            right = left.right
          }
      })
      const outcome = scene.judged(update)
      expect(outcome.said, `${count}`).toBe(said)
      expect(outcome.ms).toBeLessThan(soon)
    }
  })

  it("[GATE13] marks that name what nobody ever wrote are written anew by the hundred and refused by the thousand", () => {
    for (const [count, said] of [
      [costs.mended + 1, "too-large"],
      [500, "accepted"],
    ] as const) {
      const scene = new Scene("word ".repeat(count + 10))
      const update = scene.update((tr) => {
        for (let n = 0; n < count; n++) {
          const id = `S.${client}.${n + 1}`
          writeMark(tr, scene.text(), n * 5, n * 5 + 2, newMark("deletion", { id, source: "S", over: ["B.5.9999"], heard: "0" }))
        }
      })
      expect(scene.judged(update).said, `${count}`).toBe(said)
    }
  })

  it("[GATE13] what honest people send when they come back from a long time without a line is taken", () => {
    const scene = new Scene("word ".repeat(2_000))
    const update = scene.update((tr) => {
      const text = scene.text()
      for (let n = 0; n < 1_000; n++) writeText(tr, text, slotAt(tr, text, n * 10, "S"), "n", [scene.mark()])
      for (let n = 0; n < 500; n++) writeText(tr, text, slotAt(tr, text, 0, "S"), "p", [scene.mark()])
    })
    expect(scene.judged(update)).toMatchObject({ said: "accepted" })
  })
})

describe("what a source may have open", () => {
  const typed = (scene: Scene, words: string, index = 0): string =>
    scene.judged(scene.update((tr) => writeText(tr, scene.text(index), slotAt(tr, scene.text(index), 3, "S"), words, [scene.mark()]))).said

  it("[GATE11] a block grows to a hundred thousand letters and no further; another goes on", () => {
    const scene = new Scene()
    expect(typed(scene, "x".repeat(caps.lettersOfBlock - 100))).toBe("accepted")
    expect(typed(scene, "y".repeat(200))).toBe("block-too-long")
  })

  it("[GATE11] a source has four hundred thousand open letters at most", () => {
    const blocks = Array.from({ length: 6 }, (_, i) => clause("word", `c${i}`))
    const state = draftState(blocks)
    const gate = new Gate([state], () => who)
    const doc = newDraftDoc()
    Y.applyUpdate(doc, state)
    doc.clientID = client
    const said = blocks.map((_, i) => {
      const before = Y.encodeStateVector(doc)
      const mark = newMark("insertion", { id: `S.${client}.${i + 1}`, source: "S" })
      doc.transact((tr) => {
        const text = textOfElement(elementsOf(doc)[i]!)!
        writeText(tr, text, slotAt(tr, text, 2, "S"), "x".repeat(90_000), [mark])
      })
      const outcome = gate.receive(Y.encodeStateAsUpdate(doc, before), who, true)
      return outcome.kind === "refused" ? outcome.reason : outcome.kind
    })
    expect(said.slice(0, 5)).toEqual(["accepted", "accepted", "accepted", "accepted", "too-many-letters"])
  })

  it("[GATE11] twenty thousand open marks, those too that belong to a change of many", () => {
    const scene = new Scene("word ".repeat(100))
    const change = scene.mark()
    const said: string[] = []
    for (let round = 0; round < 6; round++)
      said.push(
        scene.judged(
          scene.update((tr) => {
            for (let n = 0; n < 4_000; n++) {
              const mark = round + n === 0 ? change : newMark("insertion", { id: scene.mark().id, source: "S", of: change.id })
              writeText(tr, scene.text(1), slotAt(tr, scene.text(1), 3, "S", "avoid-own"), "x", [mark])
            }
          }),
        ).said,
      )
    expect(said).toEqual(["accepted", "accepted", "accepted", "accepted", "accepted", "too-many-changes"])
  })
})

const markerOf = (mark: ReturnType<typeof newMark>): Y.ContentFormat =>
  new Y.ContentFormat(mark.key, { id: mark.id, of: "", source: mark.source, within: "" })

/** The bytes of an update that holds no structs and deletes these ranges. */
function updateOf(_structs: readonly never[], ds: readonly (readonly [number, readonly (readonly number[])[]])[]): Uint8Array {
  const bytes: number[] = []
  const write = (value: number): void => {
    let rest = value
    while (rest > 127) {
      bytes.push(128 | (rest % 128))
      rest = Math.floor(rest / 128)
    }
    bytes.push(rest)
  }
  write(0)
  write(ds.length)
  for (const [id, ranges] of ds) {
    write(id)
    write(ranges.length)
    for (const [clock, len] of ranges) {
      write(clock!)
      write(len!)
    }
  }
  return Uint8Array.from(bytes)
}
