import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, draftText, editorHasRead, Sitting, startBrowser, writtenBox } from "./room.ts"

let browser: Browser
let sitting: Sitting
let sweden: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  sweden = await sitting.page("s")
  sweden.setDefaultTimeout(10_000)
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

const focused = (page: Page, where: string): Promise<boolean> =>
  page.evaluate((selector) => document.activeElement?.closest(selector) != null, where)

const scrolled = (page: Page): Promise<number> => page.locator(".desk").evaluate((desk) => desk.scrollTop)

/** A margin row far down the text, opened by the hand of somebody who has never clicked in the text. */
async function openFarCard(page: Page): Promise<ReturnType<Page["locator"]>> {
  await page.locator(".desk").hover({ position: { x: 500, y: 400 } })
  await page.mouse.wheel(0, 600)
  await editorHasRead(page)
  await page.locator(".margin .entry-row .line").last().click()
  const card = page.locator(".margin .card.is-chosen")
  await card.waitFor()
  return card
}

/** How a card is closed, or the box of a comment on it is left. */
const leavings: Record<string, (page: Page) => Promise<unknown>> = {
  "a card closed by Escape": (page) => page.keyboard.press("Escape"),
  "a card closed by its x": (page) => page.getByRole("button", { name: "Close the card" }).click(),
  "a comment put aside": async (page) => {
    await page.locator(".card.is-chosen").getByRole("button", { name: "Comment" }).click()
    await page.keyboard.type("Why?")
    await page.keyboard.press("Escape")
  },
  "a comment thrown away": async (page) => {
    await writtenBox(page).or(page.locator(".card.is-chosen textarea")).first().click()
    await page.locator(".card.is-chosen").getByRole("button", { name: "Discard" }).click()
  },
  "a comment sent": async (page) => {
    await page.locator(".card.is-chosen").getByRole("button", { name: "Comment" }).click()
    await page.keyboard.type("Why so?")
    await page.keyboard.press("Control+Enter")
    await page.locator(".card.is-chosen .talk", { hasText: "Why so?" }).waitFor()
  },
}

it("[UI130] who has never put the caret into the text is given none by closing a card or the box of a comment, and nothing is typed there", async () => {
  await sweden.reload()
  await sweden.waitForSelector(".save-status.is-saved")
  const before = await draftText(sweden)
  for (const [name, leave] of Object.entries(leavings)) {
    await openFarCard(sweden)
    const at = await scrolled(sweden)
    expect(at, name).toBeGreaterThan(100)
    await leave(sweden)
    await expect.poll(() => sweden.evaluate((now) => `${now}: ${document.activeElement?.className}`, name)).toMatch(/: (line|quiet title)$/)
    await sweden.keyboard.type("x")
    expect(await focused(sweden, ".ProseMirror"), name).toBe(false)
    expect(await scrolled(sweden), name).toBe(at)
    expect(await draftText(sweden), name).toBe(before)
    if ((await sweden.locator(".card.is-chosen").count()) > 0) await sweden.keyboard.press("Escape")
  }
})

it("[UI130] nor by Escape in the console, which says what to do", async () => {
  const chair = await sitting.page("chair")
  const before = await draftText(chair)
  await chair.keyboard.press("Alt+c")
  await chair.keyboard.press("Escape")
  await chair.locator(".said.is-shown", { hasText: "Click in the text" }).waitFor()
  await chair.keyboard.type("x")
  expect(await draftText(chair)).toBe(before)
  await caretAfter(chair, "to organize regional", "regional")
  await chair.keyboard.press("Alt+c")
  await chair.keyboard.press("Escape")
  expect(await focused(chair, ".ProseMirror")).toBe(true)
  await chair.context().close()
})

it("[UI131] the next change is the one behind the caret, and without a caret the first in view; after Escape the caret is at it", async () => {
  await caretAfter(sweden, "invites Member States", "invites Member")
  const here = await scrolled(sweden)
  await sweden.keyboard.press("Alt+ArrowDown")
  const card = sweden.locator(".margin .card.is-chosen")
  await card.waitFor()
  const at = (): Promise<number> =>
    sweden
      .locator(".stepper .count")
      .textContent()
      .then((text) => Number(/^\s*(\d+) of/.exec(text!)![1]))
  const next = await at()
  expect(next).toBeGreaterThan(1)
  expect(await scrolled(sweden)).toBeGreaterThanOrEqual(here - 600)
  await sweden.keyboard.press("Escape")
  await card.waitFor({ state: "detached" })
  await sweden.keyboard.press("Alt+ArrowUp")
  expect(await at()).toBe(next - 1)
  await sweden.keyboard.press("Escape")
  await sweden.keyboard.press("Alt+ArrowDown")
  expect(await at()).toBe(next)
  // What is typed then is seen, and stands there.
  await sweden.keyboard.press("Escape")
  await sweden.keyboard.type("QXQ")
  const typed = blockWith(sweden, "QXQ").locator(".inserted", { hasText: "QX" }).first()
  await typed.waitFor()
  const box = (await typed.boundingBox())!
  expect(box.y > 0 && box.y < 900).toBe(true)
  await sweden.keyboard.press("Control+z")
  const fresh = await sitting.page("b")
  await fresh.locator(".desk").hover({ position: { x: 500, y: 400 } })
  await fresh.mouse.wheel(0, 900)
  await editorHasRead(fresh)
  await fresh.keyboard.press("Alt+ArrowDown")
  await fresh.locator(".margin .card.is-chosen").waitFor()
  expect(Number(/^\s*(\d+) of/.exec((await fresh.locator(".stepper .count").textContent())!)![1])).toBeGreaterThan(1)
  await fresh.context().close()
})

it("[UI130] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
