import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { headIn, tamper } from "../damage.ts"
import { command } from "../process.ts"
import { blockWith, caretAfter, Sitting, startBrowser } from "./room.ts"

const draft = "early-warning"
const clause = "to maintain a public register"

let browser: Browser
let sitting: Sitting
let sweden: Page
let chair: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  sweden = await sitting.page("s")
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

const saved = (page: Page): Promise<unknown> => page.waitForSelector(".save-status.is-saved")
const strip = (page: Page): ReturnType<Page["locator"]> => page.locator(".damage-strip")

it("[UI50] words that a damaged draft has lost come back to who typed them; everybody reads what is left and nobody writes", async () => {
  await caretAfter(sweden, clause, "public register")
  await sweden.keyboard.type(" and map")
  await saved(sweden)
  const before = Number(headIn(sitting.data, draft)?.seq)
  await sweden.keyboard.type(" of every harbour")
  await saved(sweden)
  await vi.waitFor(() => expect(Number(headIn(sitting.data, draft)?.seq)).toBeGreaterThan(before), { timeout: 5_000 })
  await vi.waitFor(() => expect(sitting.serving.child.exitCode).toBeNull())
  const kept = 1 + " and map".length
  await sitting.powerCut((data) => tamper(data, `DELETE FROM log WHERE draft = '${draft}' AND seq > ${kept}`))

  // The page that was open all the time: it comes back by itself.
  await strip(sweden)
    .filter({ hasText: /This draft is damaged\. The last \d+ entries of its log are missing\. What is shown/ })
    .waitFor()
  await blockWith(sweden, clause).filter({ hasText: "register and map" }).waitFor()
  expect(await blockWith(sweden, clause).textContent()).not.toContain("harbour")
  await sweden.getByRole("complementary", { name: "Not sent: your words" }).filter({ hasText: "of every harbour" }).waitFor()
  expect(await sweden.locator(".save-status").textContent()).toContain("Damaged")
  await blockWith(sweden, clause).click()
  await sweden.keyboard.type("nothing of this")
  expect(await sweden.locator(".ProseMirror").textContent()).not.toContain("nothing of this")

  chair = await sitting.page("chair", "night-sky")
  await chair.goto(`http://chair.localhost:${sitting.port}/`)
  const rows = chair.locator(".drafts > li")
  await rows.first().waitFor()
  expect(await rows.locator(".damage").allTextContents()).toEqual([expect.stringMatching(/^This draft is damaged\. The last \d+ entries/)])
  await rows.locator("a", { hasText: "This draft is damaged" }).click()
  await strip(chair).filter({ hasText: "This draft is damaged" }).waitFor()
  expect(await chair.locator(".console").count()).toBe(0)
  // What is listed of it may be less than there was, and says so.
  for (const name of ["Record", "Versions"]) {
    await chair.getByRole("button", { name, exact: true }).click()
    await chair.locator("dialog[open] .incomplete").filter({ hasText: "may be missing here: this draft is damaged" }).waitFor()
    expect(await chair.locator("dialog[open]").textContent()).not.toContain("No version has a name yet")
    await chair.keyboard.press("Escape")
  }
})

it("[UI51] once the operator accepts the loss the pages go on by themselves, what was lost can be put back, and the chair is told until it is noted", async () => {
  expect(command(["accept-loss", draft, "--data", sitting.data]).code).toBe(0)
  // Somebody looks at the list: then the server knows.
  const list = await browser.newContext(sitting.options)
  const page = await list.newPage()
  await page.goto(sitting.serving.addresses.find(({ url }) => url.includes("//observer."))!.url)
  await page.locator(".drafts > li").first().waitFor()
  await list.close()

  await strip(chair)
    .filter({ hasText: /This draft was damaged\. On .* the operator accepted the loss/ })
    .waitFor()
  await strip(chair).getByRole("button", { name: "Noted" }).click()
  await strip(chair).waitFor({ state: "detached" })
  await chair.reload()
  await saved(chair)
  expect(await strip(chair).count()).toBe(0)

  await saved(sweden)
  expect(await strip(sweden).count(), "a delegate is not asked to note it").toBe(0)
  const tray = sweden.getByRole("complementary", { name: "Not sent: your words" })
  await tray.filter({ hasText: "of every harbour" }).getByRole("button").first().click()
  await saved(sweden)
  await blockWith(chair, clause).filter({ hasText: "of every harbour" }).waitFor()
  await caretAfter(sweden, clause, "national alerting")
  await sweden.keyboard.type(" and rescuing")
  await saved(sweden)
  await blockWith(chair, clause).filter({ hasText: "alerting and rescuing" }).waitFor()
  expect(sitting.errors).toEqual([])
})

it("[UI50] a published file that is missing: a click on it says so, and no download fails without a word", async () => {
  await chair.getByRole("button", { name: "Versions", exact: true }).click()
  const dialog = chair.locator("dialog[open]")
  await dialog.getByLabel("Name of the version").click()
  await chair.keyboard.type("Rev. 1")
  await dialog.getByLabel("Kept as").selectOption("txt")
  await dialog.getByRole("button", { name: "Publish" }).click()
  const link = dialog.getByRole("link", { name: /^Plain text,/ })
  const [download] = await Promise.all([chair.waitForEvent("download"), link.click()])
  expect(download.suggestedFilename()).toMatch(/Rev-1[^/]*\.txt$/)
  tamper(sitting.data, "DELETE FROM files")
  await link.click()
  await dialog
    .getByRole("status")
    .filter({ hasText: /The published file \S+\.txt is missing\./ })
    .waitFor()
  // The refusal itself is no fault of the page.
  expect(sitting.errors.filter((error) => !error.includes("503"))).toEqual([])
})
