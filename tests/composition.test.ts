import { TextSelection } from "prosemirror-state"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import * as Y from "yjs"
import { newClause } from "../client/editor/commands.ts"
import { Composition } from "../client/editor/composition.ts"
import type { KeptWords } from "../client/editor/kept-places.ts"
import { describeChange } from "../shared/changes/changes.ts"
import { proposedTextOf } from "../shared/changes/projections.ts"
import { ownerOf, textOf } from "../shared/schema/block.ts"
import { encodeMessage } from "../shared/sync/protocol.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head, random } from "./build.ts"
import { Cohort, type Member, signature, signatureOfState } from "./cohort.ts"

const agreed = "to continue the work of the group on lighting;"
const clauses = [head("resolves"), clause("to invite Members,", "c0"), clause(agreed, "c1"), clause("to report,", "c2")]

/** A scene of three: S composes, B does other things, the chair decides. */
class Scene {
  readonly cohort = new Cohort(draftState(clauses))
  readonly s: Member = this.cohort.member("S")
  readonly b: Member = this.cohort.member("B")
  readonly kept: string[] = []
  readonly handedBack: KeptWords[] = []
  readonly why: string[] = []
  now = 0
  readonly composition: Composition
  #session = this.s.session
  /** What the input method has under way. */
  #length = 0

  constructor() {
    this.composition = new Composition(this.s.host, {
      session: () => this.s.session,
      keep: (text, stood, why) => {
        this.kept.push(text)
        this.handedBack.push({ text, ...stood })
        this.why.push(why)
      },
      onStatus: () => undefined,
      now: () => this.now,
    })
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 8; round++) {
      for (const member of this.cohort.members) member.recover()
      if (this.s.session !== this.#session) {
        this.#session = this.s.session
        this.composition.moved()
      }
      for (const member of this.cohort.members) member.deliverUp()
      await this.cohort.tick()
      await this.cohort.tick()
      for (const member of this.cohort.members) member.deliverDown()
      this.composition.synced()
    }
  }

  index(id: string, member = this.s): number {
    return member.state.doc.children.findIndex((node) => node.attrs.id === id)
  }

  put(from: number, to = from, id = "c1"): void {
    const index = this.index(id)
    const { state } = this.s
    this.s.host.update(state.tr.setSelection(TextSelection.create(state.doc, this.s.pos(index, from), this.s.pos(index, to))))
  }

  key(letters: string): void {
    const { from, to } = this.s.state.selection
    this.composition.dispatch(this.s.state.tr.insertText(letters, from, to))
  }

  /** An input method begins at the caret or over what is selected; `over`: the letters before the caret that it takes up. */
  begin(over = 0): void {
    this.composition.start()
    const { from, to } = this.s.state.selection
    this.#length = to - from + over
  }

  compose(words: string): void {
    // What others do before it moves it along, as the browser's own text node goes with its block.
    const end = this.s.state.selection.to
    const from = end - this.#length
    const { state } = this.s
    this.composition.dispatch(words ? state.tr.insertText(words, from, end) : state.tr.delete(from, end))
    this.composition.updated()
    this.#length = words.length
  }

  /** The end, and what follows it after a moment. */
  end(): void {
    this.composition.end()
    vi.advanceTimersByTime(60)
  }

  async decide(verdict: "accept" | "notRetain", which: (source: string) => boolean): Promise<void> {
    await this.cohort.decide(
      this.cohort
        .changes()
        .filter(({ source }) => which(source))
        .map(({ id }) => id),
      verdict,
    )
  }

  /** Letters with their owners: those of S in order. */
  lettersOf(source: string): string {
    return blocksOf(this.cohort.room.main)
      .flatMap((block) => block.runs)
      .filter((run) => ownerOf(run.marks)?.source === source)
      .map((run) => run.text)
      .join("")
  }

  get proposed(): string {
    return proposedTextOf(blocksOf(this.cohort.room.main)).map(textOf).join("|")
  }

  sound(): void {
    const main = signature(this.cohort.room.main)
    for (const member of this.cohort.members) {
      expect(signatureOfState(member.state)).toBe(main)
      expect(signature(member.session.doc)).toBe(main)
      expect(member.session.binding.corrections).toBe(0)
    }
    expect(this.composition.holds).toBe(false)
    expect(this.cohort.room.faults).toBe(0)
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] }))
afterEach(() => void vi.useRealTimers())

interface Way {
  /** What comes before: words of one's own, a selection. */
  readonly prepare?: (scene: Scene) => void
  /** Events one after the other; between any two something else may happen. */
  readonly events: readonly ((scene: Scene) => void)[]
  /** What the person has written in the end. */
  readonly written: string
  /** Letters of the agreed text that go. */
  readonly gone?: readonly [number, number]
  readonly isCancelled?: boolean
}

const compose =
  (words: string) =>
  (scene: Scene): void =>
    scene.compose(words)
const begin =
  (over = 0) =>
  (scene: Scene): void =>
    scene.begin(over)
const end = (scene: Scene): void => scene.end()

const at = 11
const ways: Record<string, Way> = {
  Japanese: { events: [begin(), compose("n"), compose("ni"), compose("に"), compose("にほ"), compose("日本"), end], written: "日本" },
  Hangul: {
    events: [begin(), compose("ㅎ"), compose("하"), compose("한"), end, begin(), compose("ㄱ"), compose("구"), compose("국"), end],
    written: "한국",
  },
  "dead key": { events: [begin(), compose("´"), compose("é"), end], written: "é" },
  "autocorrect over own words": {
    prepare: (scene) => scene.key(" abc"),
    events: [begin(3), compose("xy"), compose("xyz"), end],
    written: " xyz",
  },
  "autocorrect over agreed words": { events: [begin(8), compose("hol"), compose("hold"), end], written: "hold", gone: [3, 11] },
  "a phone, word by word": {
    events: [begin(), compose(" on"), compose(" one"), end, begin(), compose(" t"), compose(" two"), end],
    written: " one two",
  },
  cancelled: { events: [begin(), compose("n"), compose("ni"), compose(""), end], written: "", isCancelled: true },
  "over a selection": {
    prepare: (scene) => scene.put(3, 11),
    events: [begin(), compose("h"), compose("ho"), compose("hold"), end],
    written: "hold",
    gone: [3, 11],
  },
  "Enter behind it": {
    // Behind the blank, where the hand has put the caret: the cut goes behind one (TRK13).
    prepare: (scene) => scene.put(at + 1),
    gone: [at + 1, at + 1],
    events: [
      begin(),
      compose("한"),
      (scene) => scene.composition.end(),
      (scene) => {
        scene.composition.finish()
        newClause(scene.s.session.tracking)(scene.s.state, (tr) => scene.composition.dispatch(tr))
      },
    ],
    written: "한\u2029",
  },
}

/** What happens meanwhile. */
const events: Record<string, (scene: Scene) => Promise<void> | void> = {
  nothing: () => undefined,
  "typing before": ({ b }) => b.type(2, 2, "Z"),
  "typing at the place": (scene) => scene.b.type(2, Math.min(at, scene.b.text(2).length), "Z"),
  "typing in the words": ({ b }) => b.type(2, 7, "Z"),
  "typing behind": ({ b }) => b.type(2, b.text(2).length - 3, "Z"),
  "typing elsewhere": ({ b }) => b.type(1, 3, "Z"),
  "another's new clause before": ({ b }) => b.session.tracking.addClauseWith(1, "Y"),
  "a decision on a neighbour": async (scene) => {
    scene.b.delete(2, 30, 33)
    await scene.settle()
    await scene.decide("notRetain", (source) => source === "B")
  },
  "a refusal": (scene) => {
    const clock = Y.getState(scene.cohort.room.main.store, scene.s.session.client)
    scene.s.session.receive(encodeMessage({ kind: "refused", refused: { reason: "agreed-text-changed", block: null, raced: true, clock } }))
    scene.cohort.room.leave(scene.s.seat)
    scene.s.seat.close(4409, "")
  },
  "a cut line": (scene) => {
    scene.s.cut()
    scene.s.connect()
  },
}

const without = (text: string): string => text.replaceAll("|Y", "").replaceAll("Z", "")

async function play(way: Way, event: (scene: Scene) => Promise<void> | void, gap: number): Promise<Scene> {
  const scene = new Scene()
  await scene.settle()
  scene.put(at)
  way.prepare?.(scene)
  if (gap % 2 === 0) await scene.settle()
  for (const [i, step] of way.events.entries()) {
    step(scene)
    if (i !== gap) continue
    await event(scene)
    await scene.settle()
  }
  await scene.settle()
  return scene
}

describe("composition", () => {
  for (const [name, way] of Object.entries(ways)) {
    for (const [what, event] of Object.entries(events)) {
      it(`[COMP1] ${name}: exactly what was written stands there, with ${what} between any two events`, async () => {
        for (let gap = 0; gap < way.events.length; gap++) {
          const scene = await play(way, event, gap)
          const [from, to] = way.gone ?? [at, at]
          const text = `resolves|to invite Members,|${agreed.slice(0, from)}${way.written}${agreed.slice(to)}|to report,`
          expect(without(scene.proposed), `after event ${gap}`).toBe(text.replace("\u2029", "|"))
          expect(scene.lettersOf("S"), `after event ${gap}`).toBe(way.written)
          expect(scene.cohort.changes().filter(({ source }) => source === "S").length).toBeLessThanOrEqual(
            way.written.includes("\u2029") ? 2 : 1,
          )
          expect(scene.kept).toEqual([])
          expect(scene.s.tray).toEqual([])
          scene.sound()
        }
      })
    }
  }

  const single = Object.entries(ways).filter(
    ([, way]) => way.events.at(-1) === end && way.events.filter((step) => step === end).length === 1,
  )

  for (const [name, way] of single) {
    it(`[COMP2] ${name}: where the clause is accepted away meanwhile, what was composed is kept whole`, async () => {
      for (let gap = 0; gap < way.events.length - 1; gap++) {
        const scene = await play(
          way,
          async (here) => {
            here.b.session.restructuring.deleteClause(2)
            await here.settle()
            await here.decide("accept", (source) => source === "B")
          },
          gap,
        )
        expect(scene.kept, `after event ${gap}`).toEqual(way.isCancelled ? [] : [way.written.trim()])
        expect(scene.proposed).toBe("resolves|to invite Members,|to report,")
        scene.sound()
      }
    })
  }

  const ownOf = ({ cohort }: Scene): string[] =>
    cohort.changes().flatMap((change) => (change.source === "S" ? [describeChange(change)] : []))

  for (const [name, way] of single.filter(([, { prepare, gone, isCancelled }]) => !isCancelled && (!prepare || gone)))
    it(`[COMP2 LIFE9] ${name}: once the clause is there again it goes where it was composed, in place of what it was to replace`, async () => {
      const undisturbed = ownOf(await play(way, () => undefined, 0))
      const scene = await play(
        way,
        async (here) => {
          here.b.session.restructuring.deleteClause(2)
          await here.settle()
          await here.decide("accept", (source) => source === "B")
        },
        0,
      )
      expect(ownOf(scene)).toEqual([])
      expect(await scene.cohort.takeBack(1), scene.cohort.refusal?.message).toBe(true)
      await scene.settle()
      for (const kept of scene.handedBack) expect(scene.s.session.places.putBack(kept)).toBe(true)
      await scene.settle()
      expect(ownOf(scene)).toEqual(undisturbed)
      scene.sound()
    })

  for (const [name, way] of single.filter(([, { prepare, gone }]) => !prepare || gone)) {
    it(`[COMP1] ${name}: where the words around are accepted away meanwhile, what was composed stands in their place`, async () => {
      for (let gap = 0; gap < way.events.length; gap++) {
        const scene = await play(
          way,
          async (here) => {
            here.b.delete(2, 3, 15)
            await here.settle()
            await here.decide("accept", (source) => source === "B")
          },
          gap,
        )
        if (gap < way.events.length - 1) expect(scene.lettersOf("S"), `after event ${gap}`).toBe(way.written)
        expect(scene.kept).toEqual([])
        scene.sound()
      }
    })
  }

  it("[COMP1] own words that are agreed while they are composed anew are struck, and the new ones proposed", async () => {
    const way = ways["autocorrect over own words"]!
    for (let gap = 0; gap < 3; gap++) {
      const scene = await play(
        way,
        async (here) => {
          await here.settle()
          await here.decide("accept", (source) => source === "S")
        },
        gap,
      )
      expect(scene.proposed).toBe(`resolves|to invite Members,|${agreed.slice(0, at)} xyz${agreed.slice(at)}|to report,`)
      expect(scene.lettersOf("S")).toBe("xyz")
      scene.sound()
    }
  })

  it("[COMP1] nothing of it leaves the page before it ends, and it is one step back", async () => {
    const scene = new Scene()
    await scene.settle()
    scene.put(at)
    scene.key(" now")
    scene.s.session.undoManager.stopCapturing()
    await scene.settle()
    scene.begin()
    for (const words of ["n", "に", "日本"]) {
      scene.compose(words)
      await scene.settle()
      expect(scene.b.text(2)).toBe(`${agreed.slice(0, at)} now${agreed.slice(at)}`)
      expect(scene.composition.isUnsaved).toBe(true)
    }
    scene.end()
    await scene.settle()
    expect(scene.b.text(2)).toBe(`${agreed.slice(0, at)} now日本${agreed.slice(at)}`)
    scene.s.session.undoManager.undo()
    await scene.settle()
    expect(scene.b.text(2)).toBe(`${agreed.slice(0, at)} now${agreed.slice(at)}`)
    scene.sound()
  })

  it("[COMP3] what is composed for more than 5 s is taken at a pause, the page is not touched, and all of it is one step back", async () => {
    const scene = new Scene()
    await scene.settle()
    scene.put(at)
    scene.begin()
    for (const words of [" a", " a long", " a long sentence"]) {
      scene.now += 3_000
      scene.compose(words)
      const shown = scene.s.state.doc
      scene.composition.look()
      scene.now += 800
      scene.composition.look()
      expect(scene.s.state.doc).toBe(shown)
      scene.b.type(2, 3, "Z")
      await scene.settle()
    }
    expect(scene.lettersOf("S")).toBe(" a long sentence")
    scene.compose(" a long sentences")
    scene.end()
    await scene.settle()
    expect(scene.lettersOf("S")).toBe(" a long sentences")
    expect(without(scene.proposed)).toContain("continue a long sentences the work")
    scene.sound()
    scene.s.session.undoManager.undo()
    await scene.settle()
    expect(scene.lettersOf("S")).toBe("")
    scene.sound()
  })

  /** A place in the middle of words that stand eight proposals deep. */
  async function deepPlace(scene: Scene): Promise<number> {
    const others = ["D", "E", "F", "G", "H", "I", "J", "K"].map((source) => scene.cohort.member(source))
    await scene.settle()
    for (const [depth, member] of others.entries()) {
      member.type(2, at + depth * 2, "xxxx")
      await scene.settle()
    }
    return at + 16
  }

  for (const isLong of [true, false])
    it(`[COMP3 LIFE2] what is composed where no proposal may stand any more is handed back whole at its end${isLong ? ", however long it lasts" : ""}`, async () => {
      const scene = new Scene()
      const place = await deepPlace(scene)
      scene.put(place)
      scene.begin()
      for (const words of ["a", "a long", "a long sentence"]) {
        scene.now += isLong ? 6_000 : 0
        scene.compose(words)
        scene.now += isLong ? 800 : 0
        scene.composition.look()
        await scene.settle()
        expect(scene.composition.isUnsaved).toBe(true)
      }
      scene.end()
      await scene.settle()
      expect(scene.kept).toEqual(["a long sentence"])
      expect(scene.why).toEqual(["tooDeep"])
      expect(scene.lettersOf("S")).toBe("")
      scene.sound()
    })

  it("[COMP2 LIFE9] what was composed over words where it may not stand strikes nothing, and is handed back with what it was to replace", async () => {
    const scene = new Scene()
    const place = await deepPlace(scene)
    scene.put(place - 1, place)
    scene.begin()
    scene.compose("y")
    scene.end()
    await scene.settle()
    const [kept] = scene.handedBack
    expect([kept?.text, kept?.struck?.map(({ text }) => text), kept?.block]).toEqual(["y", ["x"], "c1"])
    expect(scene.cohort.changes().some(({ source }) => source === "S")).toBe(false)
    expect(scene.s.session.places.placeFor(kept!)).toEqual({ block: "c1", at: place, isWhole: true })
    scene.sound()
  })

  it("[COMP2] what was composed for one delegation is handed back where the person writes for another then", async () => {
    const scene = new Scene()
    await scene.settle()
    scene.put(at)
    scene.begin()
    scene.compose("に")
    scene.s.wear("K")
    await scene.settle()
    expect(scene.kept).toEqual(["に"])
    scene.end()
    await scene.settle()
    expect(scene.cohort.changes()).toEqual([])
    scene.sound()
  })

  it("[COMP1] two who compose at one place keep each one's words whole", async () => {
    const { below } = random(7)
    for (let round = 0; round < 40; round++) {
      const scene = new Scene()
      const other = new Composition(scene.b.host, {
        session: () => scene.b.session,
        keep: () => undefined,
        onStatus: () => undefined,
        now: () => 0,
      })
      await scene.settle()
      scene.put(at)
      scene.b.host.update(scene.b.state.tr.setSelection(TextSelection.create(scene.b.state.doc, scene.b.pos(2, at))))
      scene.begin()
      other.start()
      for (const letter of ["に", "ほ"]) {
        scene.compose(letter === "に" ? "に" : "にほ")
        other.dispatch(scene.b.state.tr.insertText(letter === "に" ? "京" : "都", scene.b.state.selection.from))
        if (below(2)) await scene.settle()
      }
      if (below(2)) scene.end()
      if (below(2)) await scene.settle()
      other.finish()
      scene.end()
      await scene.settle()
      expect([scene.lettersOf("S"), scene.lettersOf("B")]).toEqual(["にほ", "京都"])
      expect(scene.proposed).toMatch(/continue(にほ京都|京都にほ) the/)
      scene.sound()
    }
  })
})
