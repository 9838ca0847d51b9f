import { readFileSync } from "node:fs"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { home } from "../process.ts"
import { blockWith, caretAfter, entry, openCard, Sitting, startBrowser } from "./room.ts"

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

const blocksFrom = (page: Page, first: string, count: number): Promise<string[]> =>
  blockWith(page, first).evaluate((element, length) => {
    const found: string[] = []
    for (let next: Element | null = element; next && found.length < length; next = next.nextElementSibling)
      if (next.matches("[data-block]:not([data-joined])"))
        found.push(`${next.getAttribute("data-label") ?? ""} ${next.textContent!.slice(0, 24)}`.trim())
    return found
  }, count)

/** The chair brings a change onto the table by its card, and accepts it by key. */
async function accept(change: RegExp, block: string): Promise<void> {
  await blockWith(chair, block).scrollIntoViewIfNeeded()
  await openCard(chair, change)
  await chair.locator(".console").focus()
  await chair.keyboard.press("a")
  await entry(chair, change).waitFor({ state: "detached" })
}

it("[UI19] Enter in a clause proposes a split; accepted, it makes two clauses, and words typed meanwhile stay between their letters", async () => {
  await caretAfter(sweden, "to provide technical", "assistance")
  await sweden.keyboard.press("Enter")
  await blockWith(chair, "to provide technical").locator(".pilcrow").waitFor({ state: "attached" })
  await caretAfter(brazil, "to provide technical", "national authorities")
  await brazil.context().setOffline(true)
  await brazil.keyboard.type(" of all States")
  await accept(/Sweden.*split after/s, "to provide technical")
  await blockWith(chair, "and training to national").waitFor()
  await brazil.context().setOffline(false)
  await blockWith(chair, "and training to national").filter({ hasText: "national authorities of all States" }).waitFor()
  expect(await blocksFrom(chair, "to provide technical", 3)).toEqual([
    "1 to provide technical ass",
    "1 bis and training to national",
    "2 to maintain a public reg",
  ])
  expect(await blockWith(brazil, "and training to national").textContent()).toContain("national authorities of all States")
})

it("[UI19] Backspace at the start of a clause proposes to join it; a key moves it; the menu deletes it", async () => {
  await caretAfter(sweden, "to require mobile operators", "to require")
  await sweden.keyboard.press("Home")
  await sweden.waitForTimeout(100)
  await sweden.keyboard.press("Backspace")
  await blockWith(chair, "to require mobile operators").locator(".tag-join").waitFor()
  await caretAfter(brazil, "to open their warning", "to open")
  await brazil.keyboard.press("Alt+Shift+ArrowUp")
  await chair.locator(".ghost", { hasText: "to open their warning" }).waitFor()
  await caretAfter(brazil, "to bring this resolution", "to bring")
  await brazil.locator(".menu > summary").click()
  await brazil.getByRole("button", { name: "Delete the clause" }).click()
  await blockWith(chair, "to bring this resolution").and(chair.locator(".is-going")).waitFor()
  await accept(/Brazil.*the whole clause/s, "to bring this resolution")
  await chair.locator(".suppressed", { hasText: "to bring this resolution" }).waitFor()
  await accept(/Brazil.*move/s, "to open their warning")
  await accept(/Sweden.*join/s, "to require mobile operators")
  expect(await blocksFrom(chair, "to designate", 2)).toEqual(["1 to designate a national", "3 to open their warning sy"])
  for (const page of [sweden, brazil])
    await blockWith(page, "to designate")
      .filter({ hasText: /Union;(?:¶ | ¶?)to require mobile operators/ })
      .waitFor()
})

it("[UI102] a click on the words of a clause that is to go, or to move, opens its card, as on a label of it; words changed in it open theirs", async () => {
  await caretAfter(brazil, "to submit a report", "to submit")
  await brazil.keyboard.press("Alt+Shift+Backspace")
  await caretAfter(brazil, "to maintain a public", "to maintain")
  await brazil.keyboard.press("Alt+Shift+ArrowUp")
  const card = sweden.locator(".margin .card.is-chosen")
  for (const [clause, sign, words] of [
    ["to submit a report", ".is-going", /delete the clause/],
    ["to maintain a public", ".is-moving", /move/],
  ] as const) {
    await caretAfter(sweden, "to continue studies", "to continue")
    await expect.poll(() => card.count()).toBe(0)
    const block = blockWith(sweden, clause).and(sweden.locator(sign))
    await block.scrollIntoViewIfNeeded()
    await block.click({ position: { x: 60, y: 10 } })
    await card.filter({ hasText: words }).waitFor()
    await caretAfter(sweden, clause, clause)
    await sweden.keyboard.type(" QX")
    await block.locator(".inserted", { hasText: "Q" }).first().click()
    await card.filter({ hasText: /insert.*QX/s }).waitFor()
    await sweden.keyboard.press("Escape")
    await sweden.keyboard.press("Control+z")
  }
  await brazil.keyboard.press("Control+z")
  await brazil.keyboard.press("Control+z")
  for (const sign of [".is-going", ".is-moving"]) await sweden.locator(sign).waitFor({ state: "detached" })
})

it("[UI102] a click on the sign of a deletion opens its card also while words are selected elsewhere: what is decided then is what was clicked", async () => {
  const observer = await sitting.page("observer")
  await brazil.bringToFront()
  await caretAfter(brazil, "to submit a report", "to submit")
  await brazil.keyboard.press("Alt+Shift+Backspace")
  await brazil.waitForSelector(".save-status.is-saved")
  for (const page of [chair, observer]) {
    await page.bringToFront()
    const card = page.locator(".margin .card.is-chosen")
    await blockWith(page, "to submit a report").and(page.locator(".is-going")).waitFor()
    // Another's card is open, and some of its words are selected, as with a mouse.
    await page
      .locator(".ProseMirror .inserted", { hasText: "not more than one" })
      .first()
      .dblclick({ position: { x: 20, y: 8 } })
    await expect.poll(() => page.evaluate(() => getSelection()!.toString())).not.toBe("")
    await card.waitFor()
    const sign = blockWith(page, "to submit a report").locator(".block-tag").first()
    await sign.scrollIntoViewIfNeeded()
    await sign.click()
    await card.filter({ hasText: /delete the clause/ }).waitFor({ timeout: 5_000 })
    expect(await card.count()).toBe(1)
    await page.keyboard.press("Escape")
  }
  await brazil.bringToFront()
  await caretAfter(brazil, "to submit a report", "to submit")
  await brazil.keyboard.press("Control+z")
  await sweden.locator(".is-going").waitFor({ state: "detached" })
  await observer.context().close()
  await sweden.bringToFront()
})

it("[PIECE1] the card and the row of a change that reaches over two clauses name each, with what is done there", async () => {
  await caretAfter(sweden, "by collecting examples", "examples of")
  await sweden.keyboard.down("Shift")
  for (let n = " legislation and of agreements between authorities and operators;".length + 1 + "by testing".length; n > 0; n--)
    await sweden.keyboard.press("ArrowRight")
  await sweden.keyboard.up("Shift")
  await sweden.keyboard.press("Delete")
  await sweden.waitForSelector(".save-status.is-saved")
  await blockWith(chair, "by collecting examples").scrollIntoViewIfNeeded()
  const card = await openCard(chair, /Sweden.*legislation/s)
  const said = (await card.locator(".what").textContent())!.replace(/\s+/g, " ")
  expect(said).toMatch(
    /^in resolves 2\.1 ?delete {1,2}legislation and .* operators; ?in resolves 2\.2 ?delete by testing ?in resolves 2\.2 ?join .*to resolves 2\.1/,
  )
  await card.getByRole("button", { name: "All words" }).click()
  await expect.poll(() => card.locator(".what").textContent()).toContain("legislation and of agreements between authorities and operators;")
  await sweden.keyboard.press("Control+z")
  await entry(chair, /Sweden.*legislation/s).waitFor({ state: "detached" })
})

it("[UI20] proposals that compete are refused together, in a sentence that names them", async () => {
  await caretAfter(sweden, "to organize regional", "regional")
  await sweden.keyboard.press("Alt+Shift+ArrowUp")
  await chair.locator(".ghost", { hasText: "to organize regional" }).waitFor()
  await caretAfter(brazil, "to organize regional", "regional")
  await brazil.keyboard.press("Alt+Shift+ArrowDown")
  await expect.poll(() => chair.locator(".ghost", { hasText: "to organize regional" }).count()).toBe(2)
  await blockWith(chair, "to organize regional").scrollIntoViewIfNeeded()
  for (const who of [/Sweden.*move/s, /Brazil.*move/s]) await entry(chair, who).getByRole("checkbox").check()
  await chair.locator(".console .accept").click()
  await chair.locator(".console .accept").click()
  await chair.getByText("cannot both be accepted").first().waitFor()
  await chair.keyboard.press("Escape")
})

it("[UI20] the owner of an insertion takes another's words inside it into its own", async () => {
  await caretAfter(sweden, "to submit a report", "a report")
  await sweden.keyboard.type(" in writing")
  await blockWith(brazil, "to submit a report").filter({ hasText: "in writing" }).waitFor()
  await caretAfter(brazil, "to submit a report", "in writ")
  await brazil.keyboard.type("XX")
  await blockWith(sweden, "to submit a report").filter({ hasText: "XX" }).waitFor()
  await openCard(sweden, /Brazil.*insert\s+XX/s)
  await sweden.getByRole("button", { name: "Take into ours" }).click()
  await entry(sweden, /Sweden.*in writ.*XX.*ing/s).waitFor()
  await entry(sweden, /Brazil.*insert\s+XX/s).waitFor({ state: "detached" })
})

it("[UI21] axe finds nothing with every kind of proposal on the page and the menu open", async () => {
  await sweden.locator(".menu > summary").click()
  await sweden.evaluate(readFileSync(`${home}node_modules/axe-core/axe.min.js`, "utf8"))
  const found = await sweden.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`)
  })
  expect(found).toEqual([])
  expect(sitting.errors).toEqual([])
})
