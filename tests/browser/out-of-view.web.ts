import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Sitting, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let page: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  page = await sitting.page("s")
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

const text = (block: string): Promise<string> =>
  page.evaluate((id) => document.querySelector(`.ProseMirror [data-block="${id}"]`)?.textContent ?? "", block)

it("[CARET1 TRK6] words that are typed over two clauses which are scrolled out of view stand together where they were typed", async () => {
  for (let round = 0; round < 6; round++) {
    await page.reload()
    await page.waitForSelector(".save-status.is-saved")
    await page.mouse.move(600, 400)
    await page.mouse.wheel(0, -20_000)
    await page.waitForFunction(() => document.querySelector(".ProseMirror > [data-type=clause]")!.getBoundingClientRect().top > 100)
    // From the midst of the first clause into the second, with the mouse.
    const ends = await page.evaluate(() => {
      const clauses = [...document.querySelectorAll(".ProseMirror > [data-type=clause]")].slice(0, 2)
      return clauses.map((clause, i) => {
        const walker = document.createTreeWalker(clause, NodeFilter.SHOW_TEXT)
        let node = walker.nextNode()!
        while (node.textContent!.length < 12) node = walker.nextNode()!
        const range = document.createRange()
        range.setStart(node, i === 0 ? 10 : 5)
        range.setEnd(node, i === 0 ? 11 : 6)
        const { left, top, height } = range.getBoundingClientRect()
        return { id: clause.getAttribute("data-block")!, x: left + 0.5, y: top + height / 2 }
      })
    })
    const [first, second] = ends as [(typeof ends)[0], (typeof ends)[0]]
    await page.mouse.move(first.x, first.y)
    await page.mouse.down()
    await page.mouse.move(second.x, second.y, { steps: 4 })
    await page.mouse.up()
    await page.mouse.wheel(0, 6000)
    await page.waitForTimeout(round * 80)
    const word = `align${round}all`
    await page.keyboard.type(word)
    await page.waitForSelector(".save-status.is-saved")
    expect(`${await text(first.id)} ${await text(second.id)}`).toContain(word)
    for (let i = 0; i < 6 && `${await text(first.id)} ${await text(second.id)}`.includes("align"); i++) {
      await page.keyboard.press("Control+z")
      await page.waitForTimeout(200)
    }
  }
  expect(sitting.errors).toEqual([])
})
