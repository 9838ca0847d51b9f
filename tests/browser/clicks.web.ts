import type { Browser, CDPSession, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Sitting, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let sweden: Page
let cdp: CDPSession
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  sweden = await sitting.page("s")
  cdp = await sweden.context().newCDPSession(sweden)
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

/** The clauses that hold words of others, and the id of a change in each; and those that hold none. */
const scene = (page: Page): Promise<{ changed: [block: string, change: string][]; plain: string[] }> =>
  page.evaluate(() => {
    const changed: [string, string][] = []
    const plain: string[] = []
    for (const block of document.querySelectorAll<HTMLElement>(".ProseMirror > p[data-block]")) {
      const change = block.querySelector<HTMLElement>("span[data-change]")?.dataset.change
      if (change) changed.push([block.dataset.block!, change])
      else if (block.textContent!.length > 40) plain.push(block.dataset.block!)
    }
    return { changed, plain }
  })

/** A place between the letters of a change, or of the last words of a clause, in the middle of the window. */
async function placeIn(page: Page, block: string, change: string | null): Promise<{ x: number; y: number }> {
  const find = ([of, words]: (string | null)[]): { x: number; y: number } => {
    const clause = document.querySelector(`.ProseMirror [data-block="${of}"]`)!
    const root = words === null ? clause : clause.querySelector(`span[data-change="${words}"]`)!
    root.scrollIntoView({ block: "center" })
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    let last: Node = walker.nextNode()!
    for (let node: Node | null = last; node; node = walker.nextNode()) if (node.textContent!.length > 3) last = node
    const range = document.createRange()
    const middle = Math.floor(last.textContent!.length / 2)
    range.setStart(last, middle)
    range.setEnd(last, middle + 1)
    const { left, top, bottom } = range.getBoundingClientRect()
    return { x: left + 1, y: (top + bottom) / 2 }
  }
  await page.evaluate(find, [block, change])
  await page.waitForTimeout(150)
  return page.evaluate(find, [block, change])
}

const holderOf = (page: Page, word: string): Promise<string | undefined> =>
  page.evaluate((text) => {
    const blocks = [...document.querySelectorAll<HTMLElement>(".ProseMirror > [data-block]")]
    return blocks.find((block) => block.textContent!.includes(text))?.dataset.block
  }, word)

it("[CARET3] what is typed right behind a click goes where it was clicked, however short the press and slow the machine", async () => {
  const { changed, plain } = await scene(sweden)
  const lost: string[] = []
  let n = 0
  for (const [rate, delays] of [
    [1, [0, 20]],
    [6, [0, 60]],
  ] as const) {
    await cdp.send("Emulation.setCPUThrottlingRate", { rate })
    for (const delay of delays) {
      for (let i = 0; i < 4; i++) {
        const [block, change] = n % 2 ? [plain[n % plain.length]!, null] : changed[n % changed.length]!
        const word = `q${n++}w`
        const { x, y } = await placeIn(sweden, block, change)
        await sweden.mouse.click(x, y, { delay })
        await sweden.keyboard.type(word, { delay: 5 })
        if ((await holderOf(sweden, word)) !== block) lost.push(`${word} in ${change ?? "plain words"} at ${rate}x, ${delay} ms`)
      }
    }
  }
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 })
  expect(lost).toEqual([])
})
