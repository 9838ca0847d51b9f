import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { commandBeside } from "../process.ts"
import { blockWith, caretAfter, draftText, editorHasRead, Sitting, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let chair: Page
let sweden: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[chair, sweden] = await Promise.all([sitting.page("chair"), sitting.page("s")])
  for (const page of [chair, sweden]) page.setDefaultTimeout(15_000)
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

const count = (page: Page): Promise<string> =>
  page
    .locator(".stepper .count")
    .textContent()
    .then((text) => text!.trim())
const toast = (page: Page, text: string | RegExp): Promise<void> => page.locator(".said.is-shown", { hasText: text }).waitFor()

/** The chair decides on the next change by a key of the console. */
async function decideNext(key: "a" | "n"): Promise<void> {
  await chair.keyboard.press("Alt+ArrowDown")
  await chair.locator(".margin .card.is-chosen").waitFor()
  await chair.keyboard.press("Alt+c")
  await chair.keyboard.press(key)
}

it("[UI133] a decision on a server that stands still is shown as under way and counted once it is made; meanwhile nothing says that it was", async () => {
  expect(await count(chair)).toBe("14 open")
  sitting.serving.child.kill("SIGSTOP")
  try {
    await decideNext("n")
    await chair.locator(".save-status.is-acting", { hasText: "Deciding …" }).waitFor()
    expect(await count(chair)).toBe("14 open")
    expect(await chair.locator(".margin .entry-row .aside", { hasText: "being decided" }).count()).toBe(1)
    await toast(chair, "your decision is not known to have been made yet")
    await chair.locator(".save-status.is-acting", { hasText: "No answer yet …" }).waitFor()
    expect(await count(chair)).toBe("14 open")
  } finally {
    sitting.serving.child.kill("SIGCONT")
  }
  await toast(chair, "1 change not retained")
  await expect.poll(() => count(chair)).toBe("13 open")
  await chair.locator(".save-status.is-saved").waitFor()
})

it("[UI133] on a server that is gone it says that the decision is not known to have been made, and once it is back that it was not", async () => {
  const before = await count(chair)
  await sitting.powerCut(async () => {
    await decideNext("n")
    await toast(chair, "It is not known whether your decision was made")
    expect(await chair.locator(".said").textContent()).not.toMatch(/what you typed/)
    expect((await count(chair)).replace(/^\d+ of (\d+)$/, "$1 open")).toBe(before)
  })
  await toast(chair, "Your last decision was not made: it is still open.")
  await chair.keyboard.press("Escape")
})

it("[UI134] what comes in while adoption is asked is in the question, which then adopts nothing; adopted, everybody is told and nothing offers to write", async () => {
  await chair.locator(".console select").selectOption("all")
  await chair.locator(".console").focus()
  await chair.keyboard.press("n")
  await chair
    .getByRole("alertdialog")
    .getByRole("button", { name: /^Not retained|changes/ })
    .first()
    .click()
  await expect.poll(() => count(chair)).toBe("No open change")
  await sweden.bringToFront()
  await caretAfter(sweden, "to organize regional", "regional")
  await sweden.keyboard.press("Alt+m")
  await sweden.keyboard.type("When?")
  await chair.bringToFront()
  await chair.locator(".console").getByRole("button", { name: "Adopt the text" }).click()
  const asked = chair.getByRole("alertdialog")
  const adopt = asked.getByRole("button", { name: "Adopt the text" })
  await asked.getByText("No change is open.").waitFor()
  expect(await adopt.isDisabled()).toBe(false)
  const brazil = await sitting.page("b")
  await caretAfter(brazil, "to organize regional", "regional")
  await brazil.keyboard.type("x")
  await chair.bringToFront()
  await asked.getByText("1 change open, by Brazil: decide on it first.").waitFor()
  expect(await asked.getByText("No change is open.").count()).toBe(0)
  expect(await adopt.isDisabled()).toBe(true)
  await brazil.bringToFront()
  await brazil.keyboard.press("Backspace")
  await chair.bringToFront()
  await asked.getByText("No change is open.").waitFor()
  await adopt.click()
  await toast(sweden, "The text is adopted.")
  await toast(brazil, "The text is adopted.")
  for (const page of [sweden, brazil, chair]) {
    await page.locator(".hat", { hasText: "Adopted" }).waitFor()
    expect(await page.getByText("Everyone sees each letter").count()).toBe(0)
    expect(await page.locator(".writing-tools button:not([disabled]):visible").count()).toBe(0)
  }
  const box = sweden.locator(".margin .remark-card")
  expect(await box.getByRole("button", { name: "Send to the meeting" }).isDisabled()).toBe(true)
  await box.getByText("The text is adopted. It is sealed").waitFor()
  expect(await box.locator("textarea").inputValue()).toBe("When?")
})

it("[UI135] who was withdrawn is told so by all that they try: to type, to comment, to open the page again", async () => {
  const page = await sitting.page("s", "night-sky")
  await caretAfter(page, "that the unaided sight", "unaided")
  await page.keyboard.press("Alt+m")
  await page.keyboard.type("Whose?")
  const me = await page.evaluate(() => fetch("/api/v1/me").then((answer) => answer.json() as Promise<{ id: string }>))
  expect(await commandBeside(["withdraw", me.id, "--data", sitting.data])).toMatchObject({ code: 0 })
  const withdrawn = "Your access to this meeting was withdrawn. Ask the secretariat."
  await page.getByRole("alert").getByText(withdrawn).waitFor()
  const box = page.locator(".margin .remark-card")
  await box.getByText(withdrawn).waitFor()
  expect(await box.getByRole("button", { name: "Send to the meeting" }).isDisabled()).toBe(true)
  const tools = page.locator(".writing-tools button", { hasText: "Comment" })
  expect([await tools.isDisabled(), await tools.getAttribute("title")]).toEqual([true, withdrawn])
  await page.keyboard.press("Escape")
  const before = await draftText(page)
  await blockWith(page, "that the unaided sight").click()
  await page.keyboard.type("x")
  await toast(page, withdrawn)
  await editorHasRead(page)
  expect(await draftText(page)).toBe(before)
  await page.reload()
  await page.getByText(withdrawn).waitFor()
})

it("[UI133] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
