import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, Sitting, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let secretary: Page
let sweden: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[secretary, sweden] = await Promise.all([sitting.page("secretary"), sitting.page("s")])
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

const labels = (page: Page): Promise<(string | undefined)[]> =>
  page.locator(".ProseMirror > [data-block]").evaluateAll((all) => all.map((block) => (block as HTMLElement).dataset.label))

it("[UI88] labels and what is proposed about clauses stay drawn while one begins to write for another delegation", async () => {
  await caretAfter(sweden, "the household is", "the household is")
  await sweden.keyboard.press("Alt+Shift+ArrowUp")
  await secretary.locator(".ghost").waitFor()
  const before = await labels(secretary)
  expect(before.filter(Boolean).length).toBeGreaterThan(5)
  await secretary.getByLabel("Writing for").selectOption({ label: "Fiji (FJI)" })
  await secretary.locator(".said.is-shown", { hasText: "You now write for Fiji" }).waitFor()
  await secretary.locator(".save-status.is-saved").waitFor()
  expect(await labels(secretary)).toEqual(before)
  expect(await secretary.locator(".ghost, .tag-move").count()).toBeGreaterThan(1)
})

it("[UI89] a clause that is read where it is to go has the numbers of its footnotes", async () => {
  const ghost = secretary.locator(".ghost")
  expect(await ghost.textContent()).not.toContain("\ufffc")
  const call = await blockWith(secretary, "the household is").locator("[data-note]").first().getAttribute("data-note")
  expect(call).toMatch(/^\d+$/)
  expect(await ghost.locator(".note-ref").first().getAttribute("data-note")).toBe(call)
})

it("[UI95] letters put into a word and accepted are drawn as these letters, against the text in force", async () => {
  const chair = await sitting.page("chair")
  await caretAfter(sweden, "to provide technical", "national authorit")
  await sweden.keyboard.type("ari")
  const words = blockWith(chair, "to provide technical")
  await words.locator(".inserted").first().click()
  await chair.locator(".console").focus()
  await chair.keyboard.press("a")
  await words.locator(".accepted-in").waitFor()
  expect(await words.locator(".accepted-in").allTextContents()).toEqual(["ari"])
  expect(await words.locator(".accepted-out").count()).toBe(0)
  await chair.context().close()
})

it("[UI97] a caret's flag is seen when it comes, and leaves the line above once it rests", async () => {
  const brazil = await sitting.page("b")
  await caretAfter(brazil, "to promote the use", "to promote")
  await brazil.keyboard.type("x")
  const flag = sweden.locator(".caret > span", { hasText: "B" })
  await blockWith(sweden, "to promotex the use").scrollIntoViewIfNeeded()
  await flag.waitFor()
  await flag.waitFor({ state: "hidden", timeout: 5_000 })
  expect(await sweden.locator(".caret").isVisible()).toBe(true)
  await caretAfter(brazil, "to promotex the use", "the use")
  await brazil.keyboard.type("y")
  await flag.waitFor()
  await brazil.keyboard.press("Control+z")
  await caretAfter(brazil, "to promotex the use", "x")
  await brazil.keyboard.press("Backspace")
  await brazil.context().close()
})

it("[UI114] in an indented paragraph a caret's flag is as wide as its code", async () => {
  const [brazil, reader] = await Promise.all([sitting.page("b", "night-sky"), sitting.page("s", "night-sky")])
  await caretAfter(brazil, "that the unaided sight", "the unaided")
  await brazil.keyboard.type("x")
  const flag = blockWith(reader, "unaidedx").locator(".caret > span", { hasText: "B" })
  await flag.waitFor()
  expect((await flag.boundingBox())!.width).toBeLessThan(24)
  await brazil.keyboard.press("Control+z")
  await brazil.waitForSelector(".save-status.is-saved")
  for (const page of [brazil, reader]) await page.context().close()
})

it("[UI115] a clause that is to move is drawn at its new place with its lead words in italics, and has its row there", async () => {
  const writer = await sitting.page("s", "night-sky")
  await caretAfter(writer, "operators of satellites", "operators")
  await writer.keyboard.press("Alt+Shift+ArrowUp")
  const ghost = writer.locator(".ghost", { hasText: "operators of satellites" })
  await ghost.waitFor()
  expect(await ghost.locator(".lead").textContent()).toBe("Encourages")
  expect(await ghost.locator(".lead").evaluate((lead) => getComputedStyle(lead).fontStyle)).toBe("italic")
  // As proposed it is drawn there alone.
  await writer.keyboard.press("Alt+3")
  const row = writer.locator(".margin .entry-row", { hasText: /move/ })
  await row.waitFor()
  const apart = async (): Promise<number> => Math.abs((await ghost.boundingBox())!.y - (await row.boundingBox())!.y)
  await expect.poll(apart).toBeLessThan(120)
  await writer.context().close()
})

it("[UI90] the simple view shows a bar beside what would be another text, outside of the clause's own box", async () => {
  const clause = sweden.locator(".ProseMirror > [data-block]:has([data-change])").first()
  await clause.scrollIntoViewIfNeeded()
  const strip = async (): Promise<string> => {
    const { x, y, height } = (await clause.boundingBox())!
    const edge = await clause.evaluate((block) => Number.parseFloat(getComputedStyle(block, "::after").insetInlineStart) || -15)
    return (await sweden.screenshot({ clip: { x: x + edge, y, width: 5, height }, caret: "hide" })).toString("base64")
  }
  await sweden.keyboard.press("Alt+7")
  await sweden.locator(".view-simple .is-changed").first().waitFor()
  const drawn = await strip()
  await sweden.addStyleTag({ content: ".is-changed::after { visibility: hidden }" })
  expect(await strip()).not.toBe(drawn)
  expect(sitting.errors).toEqual([])
})
