import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, draftText, editorHasRead, Sitting, startBrowser, viewRests, writtenBox } from "./room.ts"

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

/** Whether the console shows its letters as keys. */
const announced = (page: Page): Promise<boolean> =>
  page.locator(".console .accept kbd").evaluate((key) => getComputedStyle(key).visibility === "visible")

/** Where the chair's hand may be, and whether A decides there. */
const hands: Record<string, { go: (page: Page) => Promise<unknown>; decides: boolean }> = {
  "a change clicked in the text": { go: (page) => page.locator(".ProseMirror .inserted:visible").first().click(), decides: false },
  "a change stepped to from the text": {
    go: async (page) => {
      await caretAfter(page, "invites Member States", "invites Member")
      await page.keyboard.press("Alt+ArrowDown")
    },
    decides: false,
  },
  "a card that was opened by its row": { go: (page) => page.locator(".margin .entry-row .line:visible").first().click(), decides: false },
  nothing: { go: (page) => page.evaluate(() => (document.activeElement as HTMLElement).blur()), decides: false },
  "what the console decides on": { go: (page) => page.locator(".console select").focus(), decides: false },
  "the console": { go: (page) => page.keyboard.press("Alt+c"), decides: true },
}

it("[UI132] a letter is shown on the console as a key exactly where it decides; elsewhere it decides nothing, and where nothing is written says so", async () => {
  const chair = await sitting.page("chair")
  const open = (): Promise<string> =>
    chair
      .locator(".stepper .count")
      .textContent()
      .then((text) => /(\d+)(?! of)\D*$/.exec(text!)![1]!)
  for (const [name, { go, decides }] of Object.entries(hands)) {
    await caretAfter(chair, "to organize regional", "regional")
    await chair.keyboard.press("Alt+ArrowDown")
    await chair.locator(".margin .card.is-chosen").waitFor()
    await go(chair)
    expect(await announced(chair), name).toBe(decides)
    const before = await open()
    // In the choice a letter chooses.
    if (await focused(chair, "select")) continue
    await chair.keyboard.press("a")
    const isWritten = await focused(chair, ".ProseMirror")
    if (isWritten) await chair.keyboard.press("Backspace")
    else if (!decides)
      await chair.locator(".said.is-shown", { hasText: "At the console A is “accept into the text”: Alt+C leads there." }).waitFor()
    if (decides) await expect.poll(open).not.toBe(before)
    else await expect.poll(async () => `${name}: ${await open()}`).toBe(`${name}: ${before}`)
  }
  await chair.context().close()
})

it("[REM5] a comment that was put aside outlives its window, is in every window of the person on the draft, and signing out names it and hands it back", async () => {
  const page = await sitting.page("s", "night-sky")
  await caretAfter(page, "that the unaided sight", "unaided")
  await page.keyboard.press("Alt+m")
  await page.keyboard.type("Whose sight?")
  await page.keyboard.press("Escape")
  const context = page.context()
  const address = page.url()
  // Nothing asks: nothing is lost.
  await page.close({ runBeforeUnload: true })
  await expect.poll(() => context.pages().length).toBe(0)
  const [again, other] = [await context.newPage(), await context.newPage()]
  for (const one of [again, other]) {
    await one.goto(address)
    await one.waitForSelector(".save-status.is-saved")
    await blockWith(one, "that the unaided sight").scrollIntoViewIfNeeded()
    await one.locator(".margin .entry-row", { hasText: "Whose sight?" }).waitFor()
  }
  await again.locator(".margin .entry-row", { hasText: "Whose sight?" }).locator(".line").click()
  await again.keyboard.type(" Ours?")
  await again.keyboard.press("Escape")
  await other.locator(".margin .entry-row", { hasText: "Whose sight? Ours?" }).waitFor()
  const drafts = await context.newPage()
  await drafts.goto(new URL("/", address).href)
  await drafts.locator("button.who").click()
  await drafts.getByRole("button", { name: "Sign out" }).click()
  const asked = drafts.getByRole("dialog", { name: "Some of your words are not sent" }).or(drafts.getByRole("alertdialog"))
  await asked.getByText("1 comment not sent").waitFor()
  expect(await asked.locator("textarea").inputValue()).toMatch(/\S, .+:\nWhose sight\? Ours\?$/)
  await asked.getByRole("button", { name: "Copy the comment" }).click()
  expect(
    await asked.locator("textarea").evaluate((field: HTMLTextAreaElement) => field.selectionEnd - field.selectionStart),
  ).toBeGreaterThan(10)
  await asked.getByRole("button", { name: "Stay" }).click()
  await again.bringToFront()
  await again.locator(".margin .entry-row", { hasText: "Whose sight? Ours?" }).locator(".line").click()
  await again.keyboard.press("Control+Enter")
  await again.locator(".card.thread", { hasText: "Whose sight? Ours?" }).waitFor()
  // Sent by one window it waits in no other.
  await other.locator(".margin .entry-row", { hasText: "not sent" }).waitFor({ state: "detached" })
  await drafts.bringToFront()
  await drafts.locator("button.who").click()
  await drafts.getByRole("button", { name: "Sign out" }).click()
  await drafts.waitForURL(/\/left$/)
  await context.close()
})

it("[REM6] a comment that is pasted too long is kept whole, says by how much, and is sent once it is shortened", async () => {
  const long = `${"Sight ".repeat(700)}end`
  await sweden.bringToFront()
  await sweden.context().grantPermissions(["clipboard-read", "clipboard-write"])
  await sweden.evaluate((text) => navigator.clipboard.writeText(text), long)
  await caretAfter(sweden, "to organize regional", "regional")
  await sweden.keyboard.press("Alt+m")
  await sweden.keyboard.press("Control+v")
  const card = sweden.locator(".margin .remark-card")
  await card.getByText("4,203 of 4,000 letters: all of it is kept here. Shorten it by 203 to send it.").waitFor()
  expect(await writtenBox(sweden).inputValue()).toBe(long)
  const send = card.getByRole("button", { name: "Send to the meeting" })
  expect(await send.isDisabled()).toBe(true)
  await sweden.keyboard.press("Control+Enter")
  await editorHasRead(sweden)
  expect(await writtenBox(sweden).inputValue()).toBe(long)
  for (let i = 0; i < 203; i++) await sweden.keyboard.press("Backspace")
  expect(await send.isDisabled()).toBe(false)
  await sweden.keyboard.press("Control+Enter")
  await sweden.locator(".margin .card.thread:not(.remark-card)", { hasText: "Sight Sight" }).waitFor()
  await sweden.keyboard.press("Escape")
})

/** The height of the caret in the part of the window that is the text's, and how much of that there is. */
const caretHeight = (page: Page): Promise<{ top: number; room: number }> =>
  page.evaluate(() => {
    const { anchorNode, anchorOffset } = getSelection()!
    const range = document.createRange()
    range.setStart(anchorNode!, Math.max(0, anchorOffset - 1))
    range.setEnd(anchorNode!, anchorOffset)
    const desk = document.querySelector(".desk")!.getBoundingClientRect()
    return { top: range.getBoundingClientRect().top - desk.top, room: desk.height }
  })

/** The clause at the top of the view. */
const atTop = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const edge = document.querySelector(".desk")!.getBoundingClientRect().top
    const block = [...document.querySelectorAll<HTMLElement>(".ProseMirror > [data-block]")].find(
      (one) => one.getBoundingClientRect().height > 0 && one.getBoundingClientRect().bottom > edge + 2,
    )
    return block!.dataset.block!
  })

const windows = [
  [360, 740],
  [740, 360],
  [1440, 900],
  [1000, 700],
  [1440, 900],
] as const

it("[UI136] the line that one writes stays in view however the window changes its size, and where none is, the clause at the top", async () => {
  const page = await sitting.page("s")
  await caretAfter(page, "to organize regional", "regional")
  await page.keyboard.type("ly")
  await viewRests(page)
  for (const [width, height] of windows) {
    await page.setViewportSize({ width, height })
    await expect
      .poll(async () => {
        const { top, room } = await caretHeight(page)
        return top >= 0 && top + 20 <= room ? "in view" : `${width}x${height}: ${top} of ${room}`
      })
      .toBe("in view")
    await viewRests(page)
  }
  await page.keyboard.press("Control+z")
  await page.keyboard.press("Alt+l")
  await viewRests(page)
  expect((await caretHeight(page)).top).toBeGreaterThan(0)
  await page.keyboard.press("Escape")
  await page.context().close()
  const reader = await sitting.page("b")
  await reader.locator(".desk").hover({ position: { x: 500, y: 400 } })
  await reader.mouse.wheel(0, 1_500)
  await viewRests(reader)
  const clause = await atTop(reader)
  for (const [width, height] of windows) {
    await reader.setViewportSize({ width, height })
    await expect.poll(async () => `${width}: ${await atTop(reader)}`).toBe(`${width}: ${clause}`)
    await viewRests(reader)
  }
  await reader.context().close()
})

it("[UI130] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
