import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, Sitting, select, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let chair: Page
let sweden: Page
let brazil: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[chair, sweden, brazil] = await Promise.all([sitting.page("chair"), sitting.page("s"), sitting.page("b")])
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

it("[RIVAL1] as proposed, the words that two delegations propose alike are read once", async () => {
  for (const page of [sweden, brazil]) {
    await page.bringToFront()
    await select(page, "to conclude such arrangements", "arrangements")
    await page.keyboard.type("treaties")
    await page.waitForSelector(".save-status.is-saved")
  }
  await chair.bringToFront()
  await blockWith(chair, "to conclude such").scrollIntoViewIfNeeded()
  // What is hidden as taken out is in the page, and is not read.
  // biome-ignore lint/performance/useDomNodeTextContent: only the text that is drawn is meant
  const read = (): Promise<string> => blockWith(chair, "to conclude such").innerText()
  await expect.poll(read).toMatch(/treaties.*treaties/s)
  await chair.keyboard.press("Alt+3")
  // The flags of those who have just typed there are no words of it.
  await expect.poll(read).toMatch(/^to conclude such\s+(?:[SB]\s+)*treaties\s+(?:[SB]\s+)*with them/)
  expect(sitting.errors).toEqual([])
})

it("[RIVAL6] as proposed, what two delegations make of one word is read as two", async () => {
  for (const [page, word] of [
    [sweden, "these"],
    [brazil, "those"],
  ] as const) {
    await page.bringToFront()
    await select(page, "with them", "conclude")
    await page.keyboard.type(word)
    await page.waitForSelector(".save-status.is-saved")
  }
  await chair.bringToFront()
  // What is drawn between them is no letter of the text.
  const parted = blockWith(chair, "with them").locator(".is-parted")
  const drawn = (): Promise<string[]> =>
    parted.evaluateAll((letters) => letters.map((letter) => `${getComputedStyle(letter, "::before").content}${letter.textContent}`))
  await expect.poll(drawn).toEqual(['" "t'])
  await chair.keyboard.press("Alt+2")
  await expect.poll(drawn).toEqual([])
  expect(sitting.errors).toEqual([])
})
