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

/** The text of a clause as an eye reads it: what is hidden is not read, and the spaces that are drawn are. */
const read = (page: Page): Promise<string> =>
  blockWith(page, "to conclude").evaluate((block) => {
    const told = (node: Node): string => {
      if (!(node instanceof HTMLElement)) return node.textContent ?? ""
      if (getComputedStyle(node).display === "none") return ""
      const drawn = (side: "::before" | "::after"): string => (getComputedStyle(node, side).content === '" "' ? " " : "")
      return drawn("::before") + [...node.childNodes].map(told).join("") + drawn("::after")
    }
    return told(block)
  })

it("[RIVAL8] words in the midst of what another replaces: as proposed and on the card one space stands on each side", async () => {
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
  await chair.keyboard.press("Alt+3")
  // The flag of who has just typed there is no word of it.
  await expect.poll(() => read(chair)).toMatch(/^to conclude and other S?the treatiesB? with them/)
  await chair.keyboard.press("Alt+2")
  await blockWith(chair, "to conclude").getByText("and other").click()
  await expect.poll(() => chair.locator(".related .together").first().textContent()).toContain("to conclude and other the treaties with")
})
