import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { takesTyping } from "../client/life/machine.ts"
import { describeChange } from "../shared/changes/changes.ts"
import { closeCode } from "../shared/sync/protocol.ts"
import { Browser, lyingPlaces, Server, sourcesInRoom, turns, Window } from "./life-world.ts"

/** A word that was typed: for whom the page said it was, and what became of it by a hand or a disk. */
interface Word {
  readonly text: string
  source: string
  readonly window: Window
  /** Thrown away by its writer, or decided on by the chair. */
  isOver: boolean
  /** It was in the room and a broken disk lost it, or in a window alone whose device was full. */
  mayBeGone: boolean
  /** Its window closed while its device was full, and could not forget there what it had put elsewhere since: the next one finds it again. */
  mayBeTwice: boolean
}

type Move =
  | { readonly do: "type"; readonly window: number; readonly block: number; readonly atEnd: boolean }
  | { readonly do: "choose"; readonly window: number; readonly hat: number }
  | { readonly do: "up" | "down"; readonly window: number; readonly count: number }
  | { readonly do: "join" | "connect" | "cut" | "pass" | "later" | "reload" | "close" | "discard" | "again"; readonly window: number }
  | { readonly do: "server down" | "server up" | "tick" | "store fails" | "store works" | "full" | "room on the device" | "open" }
  /** The room takes nothing from the person, or everything again. */
  | { readonly do: "bar"; readonly isBarred: boolean; readonly isRaced: boolean }
  | { readonly do: "hats"; readonly mask: number }
  | { readonly do: "lose"; readonly rows: number }
  | { readonly do: "decide"; readonly change: number; readonly accepts: boolean }
  | { readonly do: "all goes its way"; readonly window: number }

const window = fc.nat(1)
const named = <const Name extends string>(...names: Name[]): fc.Arbitrary<Name> => fc.constantFrom(...names)
const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 16, arbitrary: fc.record({ do: named("type"), window, block: fc.nat(3), atEnd: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: named("choose"), window, hat: fc.nat(2) }) },
  { weight: 6, arbitrary: fc.record({ do: named("up", "down"), window, count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 5, arbitrary: fc.record({ do: named("all goes its way"), window }) },
  { weight: 6, arbitrary: fc.record({ do: named("join", "connect", "pass"), window }) },
  { weight: 4, arbitrary: fc.record({ do: named("cut", "reload", "close", "later", "discard", "again"), window }) },
  { weight: 4, arbitrary: fc.record({ do: named("tick", "server up") }) },
  { weight: 3, arbitrary: fc.record({ do: named("server down", "store fails", "store works", "full", "room on the device", "open") }) },
  { weight: 3, arbitrary: fc.record({ do: named("bar"), isBarred: fc.boolean(), isRaced: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: named("hats"), mask: fc.integer({ min: 1, max: 7 }) }) },
  { weight: 1, arbitrary: fc.record({ do: named("lose"), rows: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: named("decide"), change: fc.nat(3), accepts: fc.boolean() }) },
)

const allHats = ["SEC", "B", "S"]

/** How often something happened in all runs: a law that was never tried says nothing. */
const seen = new Map<string, number>()
const count = (name: string): void => void seen.set(name, (seen.get(name) ?? 0) + 1)

/** One person with up to two windows, a server, a device; moves, and the law after each transition. */
class Play {
  readonly server = new Server()
  readonly browser = new Browser()
  readonly windows: Window[] = []
  readonly words: Word[] = []

  open(): Window {
    const opened: Window = new Window(this.server, this.browser, () => this.watch())
    this.windows.push(opened)
    return opened
  }

  get #live(): Window[] {
    return this.windows.filter((one) => !one.isClosed)
  }

  #isBusy = false

  /** The law: each word is in one place, and under the source for which the page said that it was typed (LIFE2). */
  watch(): void {
    if (this.#isBusy) return
    for (const word of this.words) if (!word.isOver) this.#lawOf(word)
    for (const one of this.#live) this.#statusOf(one)
  }

  #lawOf(word: Word): void {
    const held = [...this.#live.flatMap((one) => one.placesOf(word.text)), ...lyingPlaces(this.browser, word.text)]
    const inRoom = sourcesInRoom(this.server, word.text)
    for (const place of held) count(place)
    const where = `“${word.text}”, typed for ${word.source}, is in ${held.join(" and ") || "nothing"} and in the room for ${inRoom.join(", ") || "nobody"}`
    if (!word.mayBeTwice) {
      expect(held.length, where).toBeLessThanOrEqual(1)
      expect(inRoom.length, where).toBeLessThanOrEqual(1)
      for (const source of inRoom) expect(source, where).toBe(word.source)
      if (inRoom.length > 0) for (const place of held) expect(["session", "left", "device"], where).toContain(place)
    }
    if (!word.mayBeGone) expect(held.length + inRoom.length, where).toBeGreaterThan(0)
  }

  /** What the page says is true: “Saved” is said of nothing that is not in the room or in the tray. */
  #statusOf(one: Window): void {
    const { life } = one
    const state = life.state.peek()
    if (takesTyping(state)) expect(life.hat.peek()).toBe(life.session.source)
    if (life.status.peek().kind !== "saved") return
    count("saved")
    for (const word of this.words) {
      if (word.isOver || word.mayBeGone || word.window !== one) continue
      const isHere = one.placesOf(word.text).filter((place) => place !== "tray").length > 0
      expect(isHere, `“Saved” while “${word.text}” is on its way`).toBe(false)
    }
  }

  async make(move: Move): Promise<void> {
    if (!("window" in move)) {
      await this.#makeOfAll(move)
    } else {
      const one = this.#live[move.window % Math.max(1, this.#live.length)]
      if (one) await this.#makeOf(one, move)
    }
    await turns()
    this.watch()
  }

  async #makeOf(one: Window, move: Extract<Move, { window: number }>): Promise<void> {
    const { life } = one
    switch (move.do) {
      case "type": {
        const text = `(${this.words.length}w)`
        // While one changes the page names the delegation that one changes to.
        const state = life.state.peek()
        const source = (state.at === "changing" ? state.to : life.hat.peek()) ?? ""
        const isEarly = !takesTyping(state)
        if (!one.type(move.block, move.atEnd, text)) return
        count("typed")
        if (isEarly) count(state.at === "changing" ? "typed while changing" : "typed while joining")
        if (life.state.peek().at === "cut") count("typed while cut")
        this.words.push({ text, source, window: one, isOver: false, mayBeGone: false, mayBeTwice: false })
        return
      }
      case "choose":
        return life.choose(this.server.person.hats[move.hat % this.server.person.hats.length]!)
      case "up":
        return one.up(move.count)
      case "down":
        return one.down(move.count)
      case "join":
        return one.answerJoins()
      case "connect":
        return one.connect()
      case "cut":
        for (const line of one.open) line.breaks()
        return
      case "pass":
        return one.pass()
      case "later":
        return one.pass(15_000)
      case "reload":
      case "close": {
        await turns()
        count(move.do)
        // What the device could not keep goes with the window, which says so beforehand; what it could not forget stays.
        if (this.browser.isFull || !one.outbox.isKept)
          for (const word of this.words) {
            if (one.placesOf(word.text).some((place) => place !== "left")) word.mayBeGone = true
            word.mayBeTwice = true
          }
        this.#isBusy = true
        await one.close()
        this.#isBusy = false
        if (move.do === "reload") this.open()
        return
      }
      case "discard": {
        const [entry] = life.tray.peek()
        if (!entry) return
        for (const word of this.words) if (entry.text.includes(word.text)) word.isOver = true
        return life.kept.discard(entry.key)
      }
      case "again": {
        const [entry] = life.tray.peek()
        if (!entry || !takesTyping(life.state.peek())) return
        this.#isBusy = true
        const isBack = life.session.places.putBack(entry)
        if (isBack) life.kept.discard(entry.key)
        this.#isBusy = false
        // By hand it is for whom one writes now.
        if (isBack) for (const word of this.words) if (entry.text.includes(word.text)) word.source = life.session.source
        return
      }
      case "all goes its way":
        return one.settle(4)
      default:
        move satisfies never
    }
  }

  async #makeOfAll(move: Exclude<Move, { window: number }>): Promise<void> {
    const { server } = this
    switch (move.do) {
      case "server down":
        return server.goDown()
      case "server up":
        server.isUp = true
        return
      case "tick":
        return server.cohort.tick()
      case "store fails":
        server.cohort.log.isFailing = true
        return
      case "store works":
        server.cohort.log.isFailing = false
        return
      case "full":
        this.browser.isFull = true
        return
      case "room on the device":
        this.browser.isFull = false
        return
      case "open":
        if (this.#live.length < 2) this.open()
        return
      case "bar":
        server.person.role = move.isBarred ? "observer" : "secretary"
        server.isRaced = move.isRaced
        return
      case "hats":
        server.person.hats = allHats.filter((_, i) => move.mask & (1 << i))
        if (server.isUp) for (const one of this.#live) one.life.wear(server.person.hats)
        return
      case "lose": {
        this.#isBusy = true
        const before = this.words.filter((word) => sourcesInRoom(server, word.text).length > 0)
        server.lose(move.rows)
        for (const word of before) if (sourcesInRoom(server, word.text).length === 0) word.mayBeGone = true
        this.#isBusy = false
        count("lost by the disk")
        return
      }
      case "decide": {
        const change = server.cohort.changes()[move.change]
        if (!change) return
        this.#isBusy = true
        const isDone = await server.cohort.decide([change.id], move.accepts ? "accept" : "notRetain")
        await server.cohort.tick()
        this.#isBusy = false
        if (!isDone) return
        count("decided")
        for (const word of this.words) {
          const sources = sourcesInRoom(server, word.text)
          if (change.inserted.includes(word.text) || sources.includes("agreed")) word.isOver = true
        }
        return
      }
      default:
        move satisfies never
    }
  }

  /** The server is there, the store works, everybody waits: in the end each word is in the room or handed back. */
  async end(): Promise<void> {
    this.server.isUp = true
    this.server.person.role = "secretary"
    this.server.isRaced = false
    this.server.cohort.log.isFailing = false
    this.browser.isFull = false
    if (this.#live.length === 0) this.open()
    for (const one of this.#live) one.life.wear(this.server.person.hats)
    const isAtRest = (): boolean => this.#live.every((one) => one.life.status.peek().kind === "saved")
    for (let i = 0; i < 4 || (i < 12 && !isAtRest()); i++)
      for (const one of this.#live) {
        // Pauses between tries end; what waits for an answer waits on.
        await one.pass(9_000)
        await one.settle(8)
      }
    this.watch()
    for (const word of this.words) {
      if (word.isOver || word.mayBeGone || word.mayBeTwice) continue
      const held = this.#live.flatMap((one) => one.placesOf(word.text))
      const inRoom = sourcesInRoom(this.server, word.text)
      const states = this.#live.map((one) => JSON.stringify([one.life.state.peek(), one.life.status.peek()])).join()
      expect([...held, ...inRoom.map(() => "room")], `the end of “${word.text}” (${states})`).toHaveLength(1)
      expect(["tray", "room"]).toContain(held[0] ?? "room")
      if (held.length > 0) count("handed back")
    }
    for (const one of this.#live) expect(one.life.status.peek()).toMatchObject({ kind: "saved" })
    expect(this.server.cohort.faults).toEqual([])
  }
}

async function play(sequence: readonly Move[]): Promise<void> {
  const play = new Play()
  const first = play.open()
  await first.settle(6)
  for (const move of sequence) await play.make(move)
  await play.end()
}

const runs = Number(process.env.LIFE_RUNS ?? 400)
const seed = process.env.LIFE_SEED
const path = process.env.LIFE_PATH

describe("client life", () => {
  it("[LIFE6] a line that the server ends is told as lost words only where something was on its way", async () => {
    for (const isTyped of [false, true]) {
      const play = new Play()
      const window = play.open()
      await window.settle(6)
      if (isTyped) window.life.session.tracking.dispatch(window.state.tr.delete(1, 2))
      window.lines.at(-1)!.toClient.push({ code: closeCode.refused })
      window.down()
      await window.settle(6)
      expect(window.said).toEqual(isTyped ? [expect.stringMatching(/^Your last changes are not in the draft/)] : [])
      await play.end()
    }
  })

  for (const heard of [false, true])
    it(`[LIFE2 LIFE4] words that a closed window left come to the tray where their clause has gone meanwhile, those of others to their place: ${heard ? "the room had them, and told a line that was dead" : "the room had none"}`, async () => {
      const server = new Server()
      const browser = new Browser()
      const first = new Window(server, browser)
      await first.settle(6)
      if (!heard) for (const line of first.open) line.breaks()
      // Letter by letter, as a hand does.
      for (const letter of " gone") expect(first.type(1, true, letter)).toBe(true)
      expect(first.type(2, true, " stays")).toBe(true)
      if (!heard) await first.close()
      const other = server.cohort.member("S")
      await server.cohort.settle()
      other.session.restructuring.deleteClause(1)
      await server.cohort.settle()
      expect(await server.cohort.decide([server.cohort.changes()[0]!.id], "accept")).toBe(true)
      await server.cohort.settle()
      if (heard) {
        first.up()
        await server.cohort.settle()
        await first.close()
      }
      const next = new Window(server, browser)
      await next.settle()
      expect(next.life.tray.peek().map(({ text, source }) => [text, source])).toEqual([[" gone", "SEC"]])
      expect([sourcesInRoom(server, " gone"), sourcesInRoom(server, " stays")]).toEqual([[], ["SEC"]])
      await next.close()
      expect(lyingPlaces(browser, "gone")).toEqual(["kept tray"])
    })

  for (const heard of [0, 1, 2])
    it(`[LIFE8] what a closed window left of one piece of typing over a word comes to the tray as one text, in its order: the room had ${["none", "all", "a part"][heard]} of it`, async () => {
      const server = new Server()
      const browser = new Browser()
      const first = new Window(server, browser)
      await first.settle(6)
      const line = first.lines.at(-1)!
      if (heard === 0) line.breaks()
      const { tracking } = first.life.session
      const from = first.state.doc.child(0).nodeSize + 1 + "to ".length
      const over = (text: string, at: number, to = at): void => tracking.dispatch(first.state.tr.insertText(text, at, to))
      over("s", from, from + "keep".length)
      for (const [i, letter] of [..."hps"].entries()) over(letter, from + "keep".length + 1 + i)
      if (heard === 2) {
        // Each change is sent once the device has it.
        await turns()
        line.up(4)
        await server.cohort.settle()
        expect(server.cohort.log.rows.length).toBeGreaterThan(0)
        line.breaks()
      }
      over("i", from + "keep".length + 2)
      expect(first.state.doc.child(1).textContent).toBe("to keepships the lamps")
      await turns()
      const other = server.cohort.member("S")
      await server.cohort.settle()
      other.session.restructuring.deleteClause(1)
      await server.cohort.settle()
      const deletion = server.cohort.changes().find(({ source }) => source === "S")!
      expect(await server.cohort.decide([deletion.id], "accept")).toBe(true)
      await server.cohort.settle()
      if (heard === 1) {
        first.up()
        await server.cohort.settle()
      }
      await first.close()
      const next = new Window(server, browser)
      await next.settle()
      expect(next.life.tray.peek().map(({ text, source }) => [text, source])).toEqual([["ships", "SEC"]])
      await next.close()
    })

  it("[LIFE9] what a closed window left knows where it stood, and what it was to replace, however long its clause was gone when the next one came", async () => {
    const server = new Server()
    const browser = new Browser()
    const first = new Window(server, browser)
    await first.settle(6)
    first.lines.at(-1)!.breaks()
    const { tracking } = first.life.session
    const over = (from: string, words: string): void => {
      const at = first.state.doc.child(0).nodeSize + 1 + first.state.doc.child(1).textContent.indexOf(from)
      tracking.dispatch(first.state.tr.insertText(words, at, at + from.length))
    }
    // The later place first.
    over("lamps", "lights")
    over("keep", "have")
    await turns()
    const other = server.cohort.member("S")
    await server.cohort.settle()
    other.session.restructuring.deleteClause(1)
    await server.cohort.settle()
    expect(await server.cohort.decide([server.cohort.changes()[0]!.id], "accept")).toBe(true)
    await server.cohort.settle()
    await first.close()
    const next = new Window(server, browser)
    await next.settle()
    const tray = next.life.tray.peek()
    expect(tray.map(({ text, stoodIn, address, struck }) => [text, stoodIn, address, struck?.map((part) => part.text)])).toEqual([
      ["have", "c1", "the clause c1", ["keep"]],
      ["lights", "c1", "the clause c1", ["lamps"]],
    ])
    expect(await server.cohort.takeBack(1), server.cohort.refusal?.message).toBe(true)
    await next.settle()
    for (const kept of tray) expect(next.life.session.places.putBack(kept)).toBe(true)
    await next.settle()
    const own = server.cohort.changes().filter(({ source }) => source === "SEC")
    expect(own.map((change) => describeChange(change))).toEqual(["replace “keep” by “have”", "replace “lamps” by “lights”"])
    await next.close()
  })

  it(`[LIFE2 LIFE3 LIFE4] each word is in one place after every transition, under the hat that the page named: ${runs} random lives`, async () => {
    await fc.assert(fc.asyncProperty(fc.array(moves, { minLength: 15, maxLength: 80, size: "max" }), play), {
      numRuns: runs,
      // Shrinking a long life takes minutes: LIFE_SEED and LIFE_PATH play it again.
      ...(process.env.LIFE_SHRINK ? {} : { endOnFailure: true }),
      ...(seed === undefined ? {} : { seed: Number(seed) }),
      ...(path === undefined ? {} : { path }),
    })
    const rare = [
      "session",
      "waiting",
      "tray",
      "left",
      "early",
      "typed while cut",
      "typed while changing",
      "saved",
      "reload",
      "close",
      "lost by the disk",
      "decided",
    ]
    if (runs >= 400) for (const name of rare) expect(seen.get(name) ?? 0, name).toBeGreaterThan(0)
    console.info(Object.fromEntries(seen))
  }, 600_000)
})
