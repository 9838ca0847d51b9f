import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, Sitting, select, startBrowser } from "./room.ts"

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

it("[RIVAL8] words in the midst of what another replaces: the card says how the text will read, and what is wrong with it", async () => {
  await brazil.bringToFront()
  await select(brazil, "to conclude", "such arrangements")
  await brazil.keyboard.type("the treaties")
  await brazil.waitForSelector(".save-status.is-saved")
  await sweden.bringToFront()
  await caretAfter(sweden, "to conclude", "such")
  await sweden.keyboard.type(" and other")
  await sweden.waitForSelector(".save-status.is-saved")
  await chair.bringToFront()
  await blockWith(chair, "to conclude").scrollIntoViewIfNeeded()
  await chair.keyboard.press("Alt+2")
  await blockWith(chair, "to conclude").getByText("and other").click()
  await expect.poll(() => chair.locator(".related .together").first().textContent()).toContain("no space between")
})
