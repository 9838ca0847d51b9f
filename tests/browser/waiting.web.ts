import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, Sitting, startBrowser } from "./room.ts"

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

async function typed(page: Page, clause: string, after: string, words: string): Promise<void> {
  await page.bringToFront()
  await caretAfter(page, clause, after)
  await page.keyboard.type(words, { delay: 20 })
  await page.waitForSelector(".save-status.is-saved")
}

const card = () => chair.locator(".margin .card.is-chosen")

/** Opens the card of some words on the chair's page. */
async function openCardOf(clause: string, words: string): Promise<void> {
  await chair.bringToFront()
  const block = blockWith(chair, clause)
  await block.scrollIntoViewIfNeeded()
  await block.locator("[data-change]", { hasText: words }).last().click()
  await card().waitFor()
  await card().locator(".is-writing").waitFor({ state: "detached" })
}

const open = async (): Promise<number> => {
  const text = (await chair.locator(".stepper .count").textContent()) ?? ""
  return Number(/(\d+) of (\d+)/.exec(text)?.[2] ?? /\d+/.exec(text)?.[0] ?? 0)
}

/** As it is drawn: what a view leaves out is not in it. */
// biome-ignore lint/performance/useDomNodeTextContent: only the text that is drawn is meant
const read = (clause: string): Promise<string> => blockWith(chair, clause).innerText()

/** What a view of the chair's page shows of a clause; then the markup is shown again. */
async function shownAs(view: string, clause: string): Promise<string> {
  await chair.bringToFront()
  await chair.keyboard.press(view)
  const text = await read(clause)
  await chair.keyboard.press("Alt+2")
  // Without the flags of carets.
  return text.replace(/\n\w+\n/g, "")
}
const working = (clause: string): Promise<string> => shownAs("Alt+4", clause)

it("[RES3 UNDO2] what is accepted inside a proposal is not undone by who wrote it, and falls as the proposal is taken back", async () => {
  const clause = "public register of national"
  const before = await open()
  // What is out of view is not drawn.
  await blockWith(chair, clause).scrollIntoViewIfNeeded()
  await expect.poll(() => working(clause)).toMatch(/national/)
  const agreed = await working(clause)
  await typed(sweden, clause, "national", " and regional")
  await blockWith(brazil, clause).filter({ hasText: "regional" }).waitFor()
  await typed(brazil, clause, "and", " wider")
  await blockWith(chair, clause).filter({ hasText: "wider" }).waitFor()
  await openCardOf(clause, "wider")
  await card().locator(".accept").click()
  await chair.locator(".said", { hasText: "1 change accepted: it takes effect with the proposal around it." }).waitFor()
  await expect.poll(open).toBe(before + 1)
  await brazil.bringToFront()
  await brazil.locator(".said", { hasText: "Accepted, with the proposal around it" }).waitFor()
  await brazil.keyboard.press("Control+z")
  await sweden.bringToFront()
  expect(await blockWith(sweden, clause).textContent()).toMatch(/national and wider\w? regional/)
  await sweden.keyboard.press("Control+z")
  await blockWith(chair, clause).filter({ hasNotText: "regional" }).waitFor()
  await expect.poll(open).toBe(before)
  await expect.poll(() => working(clause)).toBe(agreed)
  await brazil.locator(".said", { hasText: "Gone with the proposal that it stood in, which its delegation ended" }).waitFor()
})

it("[RES1 TRK6] the last word of a proposal, selected and typed over, waits with the proposal as a whole", async () => {
  const clause = "to organize regional"
  await typed(sweden, clause, "regional", " fire drills")
  const block = blockWith(brazil, "to organize regional")
  await block.filter({ hasText: "fire drills" }).waitFor()
  const agreed = await working(clause)
  await brazil.bringToFront()
  await caretAfter(brazil, clause, "regional")
  for (let i = 0; i < " fire drills".length; i++) await brazil.keyboard.press("ArrowRight")
  for (let i = 0; i < "drills".length; i++) await brazil.keyboard.press("Shift+ArrowLeft")
  await brazil.keyboard.type("games", { delay: 20 })
  await brazil.waitForSelector(".save-status.is-saved")
  await blockWith(chair, clause).filter({ hasText: "games" }).waitFor()
  await openCardOf(clause, "games")
  await card().locator(".accept").click()
  await chair.locator(".said", { hasText: "1 change accepted: it takes effect with the proposal around it." }).waitFor()
  expect(await working(clause)).toBe(agreed)
  await openCardOf(clause, "fire")
  expect(await card().textContent()).toMatch(/Brazil takes out “drills” of this, which was accepted before/)
  await card().locator(".accept").click()
  await chair.locator(".said", { hasText: "1 change accepted into the text. 1 accepted before has taken effect with it." }).waitFor()
  await expect.poll(() => working(clause)).toMatch(/regional fire games/)
})

it("[RES3] who withdraws is asked first where something accepted inside falls, and reads before and after what that is; Take back tells it apart", async () => {
  const clause = "to require mobile operators"
  await expect.poll(() => working(clause)).toMatch(/operators/)
  await typed(sweden, clause, "operators", " and ferries")
  await blockWith(brazil, clause).filter({ hasText: "ferries" }).waitFor()
  await brazil.bringToFront()
  await caretAfter(brazil, clause, "operators")
  for (let i = 0; i < " and ferries".length; i++) await brazil.keyboard.press("ArrowRight")
  for (let i = 0; i < "ferries".length; i++) await brazil.keyboard.press("Shift+ArrowLeft")
  await brazil.keyboard.type("barges", { delay: 20 })
  await brazil.waitForSelector(".save-status.is-saved")
  await blockWith(chair, clause).filter({ hasText: "barges" }).waitFor()
  await openCardOf(clause, "barges")
  await card().locator(".accept").click()
  await chair.locator(".said", { hasText: "1 change accepted: it takes effect with the proposal around it." }).waitFor()
  // What is accepted and waits is its own delegation's to withdraw no more, nor its host's to take in.
  for (const who of [brazil, sweden]) {
    await who.bringToFront()
    await blockWith(who, clause).scrollIntoViewIfNeeded()
    await blockWith(who, clause).locator("[data-change]", { hasText: "barges" }).last().click()
    const waits = who.locator(".margin .card.is-chosen").filter({ hasText: "barges" })
    await waits.getByRole("button", { name: "Comment" }).waitFor()
    expect(await waits.getByRole("button", { name: /^(Withdraw|Take into ours)$/ }).count()).toBe(0)
  }
  await sweden.bringToFront()
  await blockWith(sweden, clause).scrollIntoViewIfNeeded()
  await blockWith(sweden, clause).locator("[data-change]", { hasText: " and" }).first().click()
  const own = sweden.locator(".margin .card.is-chosen")
  await own.getByRole("button", { name: "Withdraw" }).click()
  const question = sweden.getByRole("alertdialog")
  await question.waitFor()
  const asked = await question.textContent()
  expect(asked).toMatch(/^Withdraw the change by Sweden in .*\?/)
  expect(asked).toMatch(/Accepted before and gone with it, 1 change/)
  expect(asked).toContain("Brazil")
  expect(asked).toContain("barges")
  await question.getByRole("button", { name: "Withdraw it" }).click()
  await sweden
    .locator(".said", { hasText: "Withdrawn. Accepted before, and gone with it: Brazil, replace “ferries” by “barges”." })
    .waitFor()
  await blockWith(chair, clause).filter({ hasNotText: "barges" }).waitFor()
  await sweden.getByRole("button", { name: /^Record/ }).click()
  await sweden.locator(".register").getByRole("button", { name: "Take back", exact: true }).first().click()
  await sweden
    .locator(".said", { hasText: "Taken back: 1 change is open again; 1 accepted before is inside again, and still accepted." })
    .waitFor({ state: "attached" })
  await sweden.keyboard.press("Escape")
  await blockWith(chair, clause).filter({ hasText: "barges" }).waitFor()
})

it("[BACK3 BACK4] where what an accepted replacement replaces was undone and typed again, U leaves all as it is and says which half is missing", async () => {
  const clause = "to designate a national"
  await expect.poll(() => working(clause)).toMatch(/authority/)
  await typed(sweden, clause, "authority", " of ships and ports")
  await blockWith(brazil, clause).filter({ hasText: "ports" }).waitFor()
  await brazil.bringToFront()
  await caretAfter(brazil, clause, "authority")
  for (let i = 0; i < " of ships and ports".length; i++) await brazil.keyboard.press("ArrowRight")
  for (let i = 0; i < "ports".length; i++) await brazil.keyboard.press("Shift+ArrowLeft")
  await brazil.keyboard.type("havens", { delay: 20 })
  await brazil.waitForSelector(".save-status.is-saved")
  await blockWith(chair, clause).filter({ hasText: "havens" }).waitFor()
  await openCardOf(clause, "havens")
  await card().locator(".accept").click()
  await chair.locator(".said", { hasText: "1 change accepted: it takes effect with the proposal around it." }).waitFor()
  await sweden.bringToFront()
  await caretAfter(sweden, clause, " of ships")
  await sweden.keyboard.press("Control+z")
  await blockWith(chair, clause).filter({ hasNotText: "havens" }).waitFor()
  await sweden.keyboard.press("Control+y")
  await blockWith(chair, clause).filter({ hasText: "of ships and ports" }).waitFor()
  await chair.bringToFront()
  await chair.keyboard.press("Alt+c")
  await chair.keyboard.press("u")
  await chair
    .locator(".said", {
      hasText: /“ports”, which B proposed to replace, was taken out since .* Earlier decisions can be taken back from the record\.$/,
    })
    .waitFor()
  expect(await shownAs("Alt+3", clause)).toContain("authority of ships and ports")
  expect(await shownAs("Alt+3", clause)).not.toContain("havens")
})
