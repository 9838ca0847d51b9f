import type { Browser, CDPSession, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Sitting, startBrowser } from "./room.ts"

/**
 * Input methods, as Chromium is told of them by its debugging protocol. Each way of composing is tried with something else between two of its events:
 * everything with everything where COMPOSING=all, else each way with some, so that each of them comes up.
 */
let browser: Browser
let sitting: Sitting
let chair: Page
let sweden: Page
let brazil: Page
let method: CDPSession
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[chair, sweden, brazil] = await Promise.all([sitting.page("chair"), sitting.page("s"), sitting.page("b")])
  method = await sweden.context().newCDPSession(sweden)
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

const saved = (page: Page): Promise<unknown> => page.waitForSelector(".save-status.is-saved", { timeout: 20_000 })
const rest = (page: Page): Promise<void> =>
  page.evaluate(() => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))))
const blockOf = (page: Page, id: string): ReturnType<Page["locator"]> => page.locator(`.ProseMirror > [data-block="${id}"]`)

/** Puts the caret behind `at` letters of a block, or selects from there to `to`, as a click and the keyboard would. */
async function put(page: Page, id: string, at: number, to = at): Promise<void> {
  const block = blockOf(page, id)
  await block.scrollIntoViewIfNeeded()
  await block.click({ position: { x: 60, y: 8 } })
  await rest(page)
  await block.evaluate(
    (element, [from, end]) => {
      const find = (offset: number, isEnd: boolean): [Node, number] => {
        const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
        let rest = offset
        let last: [Node, number] | null = null
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          if (node.parentElement!.closest(".caret, [contenteditable=false]")) continue
          const { length } = node as Text
          last = [node, length]
          if (isEnd ? rest <= length : rest < length) return [node, rest]
          rest -= length
        }
        return last ?? [element, 0]
      }
      getSelection()!.setBaseAndExtent(...find(from!, from === end), ...find(end!, true))
    },
    [at, to],
  )
  await rest(page)
}

interface Listed {
  readonly id: string
  readonly hash: string
  readonly source: string
  readonly block: string
  readonly inserted: string
  readonly deleted: string
}

const call = <T>(page: Page, path: string, body?: unknown): Promise<T> =>
  page.evaluate(
    async ([to, what]) => {
      const init = what ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(what) } : {}
      return (await fetch(`/api/v1/drafts/early-warning${to}`, init)).json()
    },
    [path, body] as const,
  ) as Promise<T>
const changes = (block: string): Promise<Listed[]> =>
  call<Listed[]>(chair, "/changes").then((all) => all.filter((change) => change.block === block))

async function decide(verdict: string, block: string, source: string): Promise<void> {
  const list = (await changes(block)).filter((change) => change.source === source)
  if (list.length > 0) await call(chair, "/decisions", { verdict, changes: list.map(({ id, hash }) => ({ id, hash })) })
}

/** What a page shows of a block, without others' carets. */
const shown = (page: Page, id: string): Promise<string> =>
  blockOf(page, id).evaluate((element) => {
    const copy = element.cloneNode(true) as HTMLElement
    for (const other of copy.querySelectorAll(".caret, [contenteditable=false], .accepted-out, img")) other.remove()
    return copy.textContent!.replace(/\u200b/g, "")
  })

/** The text in which the input method writes must stay the same object, or it would lose its place in it. */
const sameText = (isFirst: boolean): Promise<boolean> =>
  sweden.evaluate((first) => {
    const here = globalThis as typeof globalThis & { composed?: Node | null }
    const { focusNode } = getSelection()!
    if (first) here.composed = focusNode
    return here.composed === focusNode && focusNode!.isConnected
  }, isFirst)

type Step = (block: string) => Promise<void>
const compose =
  (text: string): Step =>
  async () => {
    await method.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length })
    await rest(sweden)
  }
const commit =
  (text: string): Step =>
  async () => {
    await method.send("Input.insertText", { text })
    await rest(sweden)
  }
const wait =
  (ms: number): Step =>
  () =>
    sweden.waitForTimeout(ms)

interface Way {
  readonly prepare?: (block: string) => Promise<void>
  readonly steps: readonly Step[]
  /** How many of the first steps compose in one text. */
  readonly composing: number
  readonly written: string
  /** The first word of the clause goes. */
  readonly isReplacing?: boolean
}

const at = 3
const word = 5
const ways: Record<string, Way> = {
  Japanese: { steps: [compose("n"), compose("ni"), compose("に"), compose("にほん"), commit("日本")], composing: 4, written: "日本" },
  Hangul: {
    steps: [compose("ㅎ"), compose("하"), compose("한"), commit("한"), compose("ㄱ"), compose("국"), commit("국")],
    composing: 3,
    written: "한국",
  },
  "dead key": { steps: [compose("´"), commit("é")], composing: 1, written: "é" },
  "over own words": {
    prepare: async (block) => {
      await put(sweden, block, at)
      await sweden.keyboard.type("qw")
      await saved(sweden)
      await put(sweden, block, at, at + 2)
    },
    steps: [compose("x"), compose("xyz"), commit("xyz")],
    composing: 2,
    written: "xyz",
  },
  "over agreed words": {
    prepare: (block) => put(sweden, block, at, at + word),
    steps: [compose("X"), compose("XYZ"), commit("XYZ")],
    composing: 2,
    written: "XYZ",
    isReplacing: true,
  },
  "a phone, word by word": {
    steps: [compose("o"), compose("one"), commit("one "), compose("t"), compose("two"), commit("two ")],
    composing: 2,
    written: "one two ",
  },
  cancelled: { steps: [compose("n"), compose("ni"), compose(""), wait(200)], composing: 2, written: "" },
}

/** What happens meanwhile: before the composition, and between two of its events. */
interface Event {
  readonly before?: (block: string) => Promise<void>
  readonly meanwhile: (block: string) => Promise<void>
}

const types = (where: (length: number) => number): Event => ({
  meanwhile: async (block) => {
    await put(brazil, block, where((await shown(brazil, block)).length))
    await brazil.keyboard.type("\u00a7")
    await saved(brazil)
  },
})

const meanwhile: Record<string, Event> = {
  nothing: { meanwhile: () => Promise.resolve() },
  "another types before": types(() => 1),
  "another types in it": types(() => at),
  "another types behind": types((length) => length - 1),
  "a decision on a neighbour": {
    before: async (block) => {
      await put(brazil, block, (await shown(brazil, block)).length - 1)
      await brazil.keyboard.type("\u00a7\u00a7")
      await saved(brazil)
    },
    meanwhile: (block) => decide("notRetain", block, "B"),
  },
  "a decision on what stands around": {
    before: async (block) => {
      await put(brazil, block, 0, at)
      await brazil.keyboard.press("Delete")
      await saved(brazil)
    },
    meanwhile: (block) => decide("notRetain", block, "B"),
  },
  "a refusal": {
    before: async (block) => {
      // The line is the one that sends something.
      await sweden.evaluate(() => {
        const { send } = WebSocket.prototype
        WebSocket.prototype.send = function (frame) {
          WebSocket.prototype.send = send
          Object.assign(globalThis, { line: this })
          send.call(this, frame)
        }
      })
      await put(sweden, block, at)
      await sweden.keyboard.type("q")
      await sweden.keyboard.press("Backspace")
      await saved(sweden)
    },
    // An update that is none: the room ends this life of the draft, and another begins.
    meanwhile: () => sweden.evaluate(() => (globalThis as unknown as { line: WebSocket }).line.send(new Uint8Array([0, 2, 1, 0]))),
  },
}

/** The clauses of the sample, one for each play. */
const clauses = (): Promise<string[]> =>
  sweden.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.ProseMirror > [data-type="clause"]')]
      .filter((element) => element.textContent!.length > 40 && !element.querySelector("ins, del, [data-note]"))
      .map((element) => element.dataset.block!),
  )

const pairs = Object.entries(ways).flatMap(([name, way], i) =>
  Object.entries(meanwhile).flatMap(([what, event], j) =>
    process.env.COMPOSING === "all" ||
    what === "nothing" ||
    (i + j) % 3 === 0 ||
    (name === "over own words" && what === "a decision on what stands around")
      ? [{ name, way, what, event, gap: (i * 3 + j) % (way.steps.length - 1) }]
      : [],
  ),
)
let plays = 0

for (const { name, way, what, event, gap } of pairs) {
  it(`[COMP1] ${name}, ${what}, after event ${gap}: what was committed stands there and nothing else, in a text that stayed the same`, async () => {
    const free = await clauses()
    const block = free[plays++ % free.length]!
    const before = await shown(sweden, block)
    await event.before?.(block)
    await put(sweden, block, at)
    await way.prepare?.(block)
    if (!way.prepare) await put(sweden, block, at)
    await sweden.bringToFront()
    for (const [i, step] of way.steps.entries()) {
      await step(block)
      if (i < way.composing) expect(await sameText(i === 0), `text after event ${i}`).toBe(true)
      if (i === gap) {
        await event.meanwhile(block)
        await sweden.bringToFront()
        await sweden.waitForTimeout(150)
      }
    }
    await sweden.waitForTimeout(120)
    await Promise.all([saved(sweden), saved(brazil)])
    await expect
      .poll(async () => (await changes(block)).filter(({ source }) => source === "S").map(({ inserted }) => inserted), { timeout: 5_000 })
      .toEqual(way.written ? [way.written] : [])
    const gone = way.isReplacing ? before.slice(at, at + word) : ""
    expect((await changes(block)).filter(({ source }) => source === "S").map(({ deleted }) => deleted)).toEqual(way.written ? [gone] : [])
    const texts = await Promise.all([sweden, brazil, chair].map((page) => shown(page, block)))
    expect(texts[1]).toBe(texts[0])
    expect(texts[2]).toBe(texts[0])
    const [start, end] = [before.slice(0, at), before.slice(at)]
    const words = texts[0]!.replaceAll("\u00a7", "")
    expect(words, "text").toBe(way.isReplacing ? `${start}${gone}${way.written}${end.slice(word)}` : `${start}${way.written}${end}`)
    // The clause is as it was, for another play.
    for (const source of ["S", "B"]) await decide("notRetain", block, source)
    await expect.poll(() => shown(sweden, block), { timeout: 5_000 }).toBe(before)
  })
}

it("[COMP2] where the clause is accepted away, what was composed is handed back whole", async () => {
  const block = (await clauses()).at(-1)!
  await put(brazil, block, 2)
  await brazil.keyboard.press("Alt+Shift+Backspace")
  await saved(brazil)
  await put(sweden, block, at)
  await sweden.bringToFront()
  await compose("に")(block)
  await decide("accept", block, "B")
  await blockOf(chair, block).waitFor({ state: "detached" })
  await compose("にほ")(block)
  expect(await sameText(true)).toBe(true)
  await commit("日本")(block)
  await sweden.locator(".tray", { hasText: "日本" }).waitFor()
  await blockOf(sweden, block).waitFor({ state: "detached" })
})

it("[COMP1] Enter right behind a syllable makes a new clause behind it, and one Ctrl+Z takes each back", async () => {
  const block = (await clauses())[0]!
  const { length } = await shown(sweden, block)
  const count = (): Promise<number> => sweden.locator(".ProseMirror > [data-block]").count()
  const blocks = await count()
  await put(sweden, block, length)
  await compose("ㅎ")(block)
  await compose("한")(block)
  await method.send("Input.insertText", { text: "한" })
  await sweden.keyboard.press("Enter")
  await expect.poll(count).toBe(blocks + 1)
  await saved(sweden)
  expect((await changes(block)).map(({ inserted }) => inserted)).toEqual(["한"])
  await sweden.keyboard.press("Control+z")
  await expect.poll(count).toBe(blocks)
  expect((await shown(sweden, block)).length).toBe(length + 1)
  await sweden.keyboard.press("Control+z")
  await expect.poll(async () => (await shown(sweden, block)).length).toBe(length)
})

it("[COMP1] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
