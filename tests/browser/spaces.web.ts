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

it("[RIVAL8] words between which another's stood that was not retained: the card says that they would be glued", async () => {
  const clause = "to maintain a public register"
  const card = () => chair.locator(".margin .card.is-chosen")
  await sweden.bringToFront()
  await caretAfter(sweden, clause, "to maintain a public register")
  await sweden.keyboard.type(" and a list")
  await sweden.waitForSelector(".save-status.is-saved")
  await blockWith(brazil, clause).filter({ hasText: "and a list" }).waitFor()
  await brazil.bringToFront()
  await caretAfter(brazil, clause, "to maintain a public register")
  for (let i = 0; i < " and a list of".length; i++) await brazil.keyboard.press("ArrowRight")
  for (let i = 0; i < "list of".length; i++) await brazil.keyboard.press("Shift+ArrowLeft")
  await brazil.keyboard.type("book on", { delay: 20 })
  await brazil.waitForSelector(".save-status.is-saved")
  await chair.bringToFront()
  await blockWith(chair, clause).scrollIntoViewIfNeeded()
  await blockWith(chair, clause).filter({ hasText: "book on" }).waitFor()
  await blockWith(chair, clause).locator("[data-change]", { hasText: "and a" }).first().click()
  await card().locator(".not-retain").click()
  await chair.waitForFunction(() => !document.querySelector(".ProseMirror")!.textContent!.includes("and a"))
  await blockWith(chair, clause).locator("[data-change]", { hasText: "book on" }).last().click()
  await expect
    .poll(() => card().locator(".related").textContent())
    .toMatch(/Accepted, the text in force then reads “.*registerbook on.*” \(with no space between\)\./)
  await card().locator(".accept").click()
  await blockWith(chair, clause).filter({ hasText: "registerbook on" }).waitFor()
})

it("[RIVAL8] words that were agreed since beside what is left: its card says what both cards said", async () => {
  const clause = "to designate a national alerting"
  const card = () => chair.locator(".margin .card.is-chosen")
  await brazil.bringToFront()
  await select(brazil, clause, "authority")
  await brazil.keyboard.type("roll")
  await brazil.waitForSelector(".save-status.is-saved")
  await blockWith(sweden, clause).filter({ hasText: "roll" }).waitFor()
  await sweden.bringToFront()
  await caretAfter(sweden, clause, "authority")
  await sweden.keyboard.type(" and list")
  await sweden.waitForSelector(".save-status.is-saved")
  await chair.bringToFront()
  await blockWith(chair, clause).scrollIntoViewIfNeeded()
  await blockWith(chair, clause).filter({ hasText: "and list" }).waitFor()
  await blockWith(chair, clause).locator("[data-change]", { hasText: "and list" }).last().click()
  await card().locator(".accept").click()
  await expect.poll(() => blockWith(chair, clause).locator("[data-change]", { hasText: "and list" }).count()).toBe(0)
  await blockWith(chair, clause).locator("[data-change]", { hasText: "roll" }).last().click()
  await expect
    .poll(() => card().locator(".related").textContent())
    .toMatch(/Accepted, the text in force then reads “.* {2}and listroll.*” \(with two spaces, and no space between\)\./)
})
