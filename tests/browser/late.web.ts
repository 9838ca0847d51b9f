import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, entry, openCard, Sitting, select, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let sweden: Page
let brazil: Page
let chair: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[sweden, brazil, chair] = await Promise.all([sitting.page("s"), sitting.page("b"), sitting.page("chair")])
  for (const page of [sweden, brazil, chair]) page.setDefaultTimeout(10_000)
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

/** The chair accepts the change with these words. */
async function accept(clause: string, words: string): Promise<void> {
  await blockWith(chair, clause).scrollIntoViewIfNeeded()
  await openCard(chair, words)
  await chair.locator(".console").focus()
  await chair.keyboard.press("a")
}

it("[RIVAL4] what came too late for its words says so to its writer and on its card, and “accept all” leaves it out and says why", async () => {
  const clause = "to organize"
  await sweden.context().setOffline(true)
  await sweden.waitForSelector(".save-status.is-offline")
  await select(sweden, clause, "regional exercises")
  await sweden.keyboard.type("drills in each region")
  await select(brazil, clause, "regional exercises")
  await brazil.keyboard.type("rehearsals")
  await blockWith(chair, clause).filter({ hasText: "rehearsals" }).waitFor()
  await accept(clause, "rehearsals")
  await blockWith(brazil, clause).locator(".inserted", { hasText: "rehearsal" }).waitFor({ state: "detached" })
  await sweden.context().setOffline(false)
  await sweden.waitForSelector(".save-status.is-saved")
  const said = /“regional exercises” was replaced by “rehearsals” of Brazil, accepted meanwhile/
  await sweden.getByText(said).first().waitFor()
  await blockWith(chair, clause).filter({ hasText: "drills" }).waitFor()
  for (const page of [chair, sweden]) {
    await blockWith(page, clause).scrollIntoViewIfNeeded()
    const row = page.locator(".margin .entry-row", { hasText: "drills" })
    expect(await row.textContent()).toContain("came too late")
    const card = await openCard(page, "drills")
    expect(await card.textContent()).toMatch(said)
    expect(await card.textContent()).toContain("Accepting this puts “drills in each region” in beside that: both stand.")
  }
  await chair.locator(".console select").selectOption("all")
  await chair.locator(".console").focus()
  await chair.keyboard.press("a")
  const question = chair.locator("dialog[open]")
  await question.waitFor()
  expect(await question.textContent()).toMatch(/Left out, 1 change that came too late: the words to be replaced had gone/)
  await chair.keyboard.press("Escape")
})

it("[ANCHOR2] in the margin and the list a comment on a clause that is gone is under the old name of that", async () => {
  const clause = "to maintain a public register"
  await caretAfter(brazil, clause, "to maintain")
  await brazil.keyboard.press("Alt+m")
  await brazil.keyboard.type("Keep the register.")
  const address = (await brazil.locator(".remark-card .address").textContent())!
  await brazil.keyboard.press("Control+Enter")
  await entry(chair, "Keep the register.").waitFor()
  await caretAfter(sweden, clause, "to maintain")
  await sweden.keyboard.press("Alt+Shift+Backspace")
  await blockWith(chair, clause).and(chair.locator(".is-going")).waitFor()
  await accept(clause, "the whole clause")
  await blockWith(brazil, clause).waitFor({ state: "detached" })
  const row = chair.locator(".margin .entry-row", { hasText: "Keep the register." })
  await row.waitFor()
  // Shortened in the middle, so that its number is seen; all of it is in the title.
  expect(await row.locator(".aside").textContent()).toMatch(/^was .*…?.*2$/)
  expect(await row.locator(".line").getAttribute("title")).toContain(`${address}. On a clause that is no longer here`)
  await chair.keyboard.press("Alt+l")
  await chair.getByRole("tab", { name: /Comments/ }).click()
  await chair.locator(".changes-panel h3", { hasText: `${address}, no longer here` }).waitFor()
})

it("no page had an error", () => expect(sitting.errors).toEqual([]))
