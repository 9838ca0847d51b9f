import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, draftText, editorHasRead, Sitting, select, startBrowser, viewRests } from "./room.ts"

let browser: Browser
let sitting: Sitting
let brazil: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  brazil = await sitting.page("b", "night-sky")
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

/** What stands on the page from top to bottom, without labels, tags and codes: the first letters of each clause that is drawn. */
const drawnOrder = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>(".paper:not([hidden]) .ProseMirror > *")]
      .filter((block) => block.getClientRects().length > 0 && !block.matches(".is-moving"))
      .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
      .map((block) => block.textContent!.trim().slice(0, 14)),
  )

it("[UI160] a clause that is to move is drawn with its sub-clauses at its new place, with marks and as proposed", async () => {
  await caretAfter(brazil, "Calls upon Member States", "Member")
  await brazil.keyboard.press("Alt+Shift+ArrowDown")
  await brazil.locator(".ghost").nth(3).waitFor()
  for (const view of ["Alt+1", "Alt+2", "Alt+3"]) {
    await brazil.keyboard.press(view)
    await viewRests(brazil)
    const order = await drawnOrder(brazil)
    const from = order.findIndex((words) => words.startsWith("Encourages ope"))
    const behind = order.slice(from, from + 6).map((words) => words.slice(0, 6))
    expect(behind, view).toEqual(["Encour", "Calls ", "direct", "limit ", "exempt", "Reques"])
  }
  await brazil.keyboard.press("Alt+1")
})

it("[UI161] a click on what holds no caret takes the hand out of the text: letters typed then go nowhere, and the page says how one writes", async () => {
  const sweden = await sitting.page("s", "night-sky")
  const ghost = sweden.locator(".ghost", { hasText: "direct light" })
  const said = sweden.locator(".said", { hasText: "Click in the text where you want to write." })
  const card = sweden.locator(".margin .card.is-chosen")
  // Before one has put a caret into the text at all, and with one elsewhere.
  for (const hasCaret of [false, true]) {
    if (hasCaret) {
      await caretAfter(sweden, "Recognizing that", "unaided")
      await editorHasRead(sweden)
    }
    for (const target of [ghost, sweden.locator(".block-tag.tag-move:not(.ghost *)").first()]) {
      await target.scrollIntoViewIfNeeded()
      const before = await draftText(sweden)
      await target.click({ position: { x: 20, y: 8 } })
      await sweden.keyboard.type("XYZ")
      await card.waitFor()
      await said.waitFor()
      await expect.poll(() => sweden.evaluate(() => document.activeElement?.closest(".card, body")?.className)).toMatch(/card/)
      await sweden.keyboard.type("xyz")
      expect(await draftText(sweden)).toBe(before)
      // Escape gives the caret back to who had one, and nobody else is given one.
      await sweden.keyboard.press("Escape")
      await expect.poll(() => card.count()).toBe(0)
      expect(await sweden.evaluate(() => document.activeElement?.closest(".ProseMirror") !== null)).toBe(hasCaret)
    }
  }
  // Where one has clicked, one writes.
  await caretAfter(sweden, "Recognizing that", "unaided")
  await sweden.keyboard.type("QQ")
  await blockWith(sweden, "unaidedQQ").waitFor()
  await sweden.keyboard.press("Control+z")
  await sweden.context().close()
})

it("[UI161] what is drawn between letters is clicked as the words it stands between", async () => {
  const [chair, sweden] = await Promise.all([sitting.page("chair", "night-sky"), sitting.page("s", "night-sky")])
  await select(sweden, "Recalling the purposes", " and principles")
  await sweden.keyboard.press("Delete")
  await sweden.waitForSelector(".save-status.is-saved")
  const struck = blockWith(chair, "Recalling the purposes").locator("del", { hasText: "principles" })
  await struck.click()
  await chair.locator(".margin .card.is-chosen").getByRole("button", { name: "Accept into text" }).click()
  const gone = sweden.locator(".accepted-out", { hasText: "and principles" })
  await gone.waitFor()
  await caretAfter(sweden, "Recognizing that", "unaided")
  await gone.click()
  await sweden.keyboard.type("ZZ")
  await blockWith(sweden, "Recalling").filter({ hasText: "ZZ" }).waitFor()
  expect(await blockWith(sweden, "Recognizing that").textContent()).not.toContain("ZZ")
  await sweden.keyboard.press("Control+z")
  for (const page of [chair, sweden]) await page.context().close()
})

it("[REM3] a reply that was sent is in its box no longer: nothing is sent twice, and what is typed next is the next reply, not in the text", async () => {
  const talker = await sitting.page("b", "early-warning")
  const commented = talker.locator(".ProseMirror [data-thread]").first()
  await commented.scrollIntoViewIfNeeded()
  await commented.click()
  const card = talker.locator(".margin .card.thread.is-chosen")
  const field = card.locator("textarea")
  for (const [said, send] of [
    ["first reply", () => talker.keyboard.press("Control+Enter")],
    ["second reply", () => card.getByRole("button", { name: "Reply" }).click()],
  ] as const) {
    await field.click()
    await talker.keyboard.type(said)
    await send()
    await card.locator(".remark", { hasText: said }).waitFor()
    await expect.poll(() => field.inputValue()).toBe("")
    await talker.keyboard.press("Control+Enter")
    expect(await card.locator(".remark", { hasText: said }).count()).toBe(1)
    await talker.keyboard.type("and on")
    expect(await field.inputValue()).toBe("and on")
    expect(await draftText(talker)).not.toContain("and on")
    await card.getByRole("button", { name: "Discard" }).click()
    await expect.poll(() => field.inputValue()).toBe("")
  }
  await talker.context().close()
})

it("[UI161] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
