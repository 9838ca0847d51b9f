import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, entry, openCard, Sitting, select, startBrowser } from "./room.ts"

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

it("[PART6] once only what comes of a replacement is accepted, the card of what goes says how the text will read", async () => {
  const clause = "to organize"
  await select(sweden, clause, "regional exercises")
  await sweden.keyboard.type("drills")
  await blockWith(chair, clause).filter({ hasText: "drills" }).waitFor()
  await blockWith(chair, clause).scrollIntoViewIfNeeded()
  const card = await openCard(chair, "drills")
  const only = card.getByRole("button", { name: "Accept only what comes" })
  // What is left stands beside it: that is known before it is accepted.
  expect(await only.getAttribute("title")).toMatch(
    /the text then reads “.*exercisesdrills.*” \(with no space between\); what is left stays open$/,
  )
  await only.click()
  await entry(chair, "drills").waitFor({ state: "detached" })
  const rest = await openCard(chair, "regional exercises")
  const said = await rest.textContent()
  expect(said).toContain("“drills” of the same proposal was accepted by itself")
  expect(said).toContain("exercisesdrills")
  expect(said).toContain("(with no space between)")
})
