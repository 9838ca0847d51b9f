import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, editorHasRead, Sitting, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let pages: readonly (readonly [source: string, page: Page])[]
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  const [sweden, brazil, secretary] = await Promise.all([sitting.page("s"), sitting.page("b"), sitting.page("secretary")])
  pages = [
    ["S", sweden],
    ["B", brazil],
    ["SEC", secretary],
  ]
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

/** Selects words with the mouse, from the first letter to the last, whatever others have drawn between them. */
async function drag(page: Page, block: string, words: string): Promise<void> {
  await page.bringToFront()
  await blockWith(page, block).scrollIntoViewIfNeeded()
  // What it scrolls past, and what others drew, is drawn.
  await editorHasRead(page)
  const ends = await blockWith(page, block).evaluate((element, sought) => {
    const letters: [Node, number][] = []
    let text = ""
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement!.closest("[contenteditable=false]")) continue
      for (let i = 0; i < node.textContent!.length; i++) letters.push([node, i])
      text += node.textContent
    }
    const from = text.indexOf(sought)
    const edge = (at: number): DOMRect => {
      const range = document.createRange()
      const [node, i] = letters[at]!
      range.setStart(node, i)
      range.setEnd(node, i + 1)
      return range.getBoundingClientRect()
    }
    const [first, last] = [edge(from), edge(from + sought.length - 1)]
    return [first.left + 0.5, first.top + first.height / 2, last.right - 0.5, last.top + last.height / 2] as const
  }, words)
  await page.mouse.move(ends[0], ends[1])
  await page.mouse.down()
  await page.mouse.move(ends[2], ends[3], { steps: 5 })
  await page.mouse.up()
  const selected = await page.evaluate(() => getSelection()!.toString())
  expect([selected.startsWith(words.split(" ")[0]!), selected.endsWith(words.split(" ").at(-1)!)], selected).toEqual([true, true])
}

interface Listed {
  readonly source: string
  readonly block: string
  readonly inserted: string
  readonly deleted: string
}
const listed = (page: Page, inserted: readonly string[]): Promise<[string, string, string][]> =>
  page.evaluate(async (words) => {
    const all = (await (await fetch("/api/v1/drafts/early-warning/changes")).json()) as Listed[]
    return all
      .filter((change) => words.some((word) => change.inserted.includes(word)))
      .map(({ source, deleted, inserted: put }): [string, string, string] => [source, deleted, put])
      .sort()
  }, inserted)

it.each([
  ["letter by letter", "to maintain a", "public register", 120],
  ["as fast as it goes", "to conclude", "such arrangements", 0],
])("[CARET1] three replace the same words one after another, %s: three whole proposals", async (_, block, words, delay) => {
  const typed = pages.map(([source]) => `${source.toLowerCase()}${delay}`)
  for (const [i, [, page]] of pages.entries()) {
    await drag(page, block, words)
    await page.keyboard.type(typed[i]!, { delay })
    await page.waitForSelector(".save-status.is-saved")
  }
  const last = pages[2]![1]
  await expect
    .poll(() => listed(last, typed), { timeout: 10_000 })
    .toEqual(pages.map(([source], i): [string, string, string] => [source, words, typed[i]!]).sort())
  const working = await last.evaluate(async () => (await fetch("/api/v1/drafts/early-warning/export?format=txt&view=working")).text())
  expect(working).toContain(words)
})

it("[CARET1] whoever types over words of others and agreed ones strikes them, and takes none of them as its own", async () => {
  const [[, sweden], [, brazil], [, secretary]] = pages as [(typeof pages)[0], (typeof pages)[0], (typeof pages)[0]]
  await drag(sweden, "to organize regional", "regional")
  await sweden.keyboard.type("local")
  await sweden.waitForSelector(".save-status.is-saved")
  await drag(brazil, "to organize", "exercises")
  await brazil.keyboard.type("drills")
  await brazil.waitForSelector(".save-status.is-saved")
  await expect.poll(() => blockWith(secretary, "to organize").textContent()).toContain("drills")
  const before = (await listed(secretary, ["local", "drills"])).map(([source, , put]) => [source, put])
  await drag(secretary, "to organize", "organize regional")
  await secretary.keyboard.type("hold", { delay: 60 })
  await secretary.waitForSelector(".save-status.is-saved")
  await expect.poll(async () => (await listed(secretary, ["hold"])).map(([source, , put]) => [source, put])).toEqual([["SEC", "hold"]])
  expect((await listed(secretary, ["local", "drills"])).map(([source, , put]) => [source, put])).toEqual(before)
})

it("[CARET1] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
