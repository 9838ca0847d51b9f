import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { caretAfter, Sitting, startBrowser } from "./room.ts"

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

const numberIn = (text: string | null): number => Number(/\d+/.exec(text ?? "")?.[0] ?? 0)
const sum = (texts: readonly (string | null)[]): number => texts.reduce((all, text) => all + numberIn(text), 0)
/** How many rows the list has under the name of each clause that the outline names, and how many changes the outline tells of it. */
const byClause = (): Promise<{ list: Record<string, number>; outline: Record<string, number> }> =>
  chair.evaluate(() => {
    const list: Record<string, number> = {}
    let heading = ""
    for (const element of document.querySelectorAll(".change-list h3, .change-list .entry-row, .change-list .card.change"))
      if (element.tagName === "H3") heading = element.textContent ?? ""
      else list[heading] = (list[heading] ?? 0) + 1
    const outline: Record<string, number> = {}
    for (const clause of document.querySelectorAll<HTMLElement>(".outline .clause:has(.has-open)"))
      outline[clause.title] = Number.parseInt(clause.querySelector<HTMLElement>(".has-open")!.title, 10)
    for (const name of Object.keys(list))
      if (![...document.querySelectorAll<HTMLElement>(".outline .clause")].some(({ title }) => title === name)) delete list[name]
    return { list, outline }
  })

/** The number of open changes as each place of the chair's page tells it, and the routes. */
async function told(): Promise<Record<string, number>> {
  const routes = await chair.evaluate(async () => {
    const read = async (path: string): Promise<unknown> => (await fetch(`/api/v1/drafts${path}`)).json()
    const drafts = (await read("")) as { id: string; openChanges: number }[]
    const all = (await read("/early-warning/changes")) as unknown[]
    return { "list of drafts": drafts.find(({ id }) => id === "early-warning")!.openChanges, "route of changes": all.length }
  })
  const options = await chair.locator(".console .grain option").allTextContents()
  const tab = chair.locator("#tab-open .n")
  if (!(await tab.isVisible())) await chair.locator(".stepper .count").click()
  await tab.waitFor()
  const bar = await chair.locator(".stepper .count").textContent()
  return {
    ...routes,
    "top bar": numberIn(bar?.includes(" of ") ? (bar.split(" of ")[1] ?? "") : bar),
    console: numberIn(options.find((option) => option.startsWith("all open changes"))!),
    tab: numberIn(await tab.textContent()),
    "rows of the list": await chair.locator(".change-list .entry-row, .change-list .card.change").count(),
    "delegations in the list": sum(
      (await chair.locator(".changes-panel .chip").allTextContents()).slice(1).map((text) => /\d+$/.exec(text)?.[0] ?? "0"),
    ),
  }
}

async function agree(): Promise<number> {
  await expect
    .poll(async () => new Set(Object.values(await told())).size, { timeout: 20_000 })
    .toBe(1)
    .catch(() => undefined)
  const numbers = await told()
  expect(numbers).toEqual(Object.fromEntries(Object.keys(numbers).map((place) => [place, numbers["route of changes"]])))
  const { list, outline } = await byClause()
  expect(outline).toEqual(list)
  expect(Object.keys(outline).length).toBeGreaterThan(3)
  return numbers["top bar"]!
}

it("[COUNT1] every place tells the same number of open changes: in several clauses, said alike, from a file, as one is decided", async () => {
  const before = await agree()
  // One change in three clauses: it has a row at each.
  await sweden.bringToFront()
  await caretAfter(sweden, "to require mobile operators", "to require")
  await sweden.keyboard.press("Shift+ArrowDown")
  await sweden.keyboard.press("Shift+ArrowDown")
  await sweden.keyboard.press("Shift+ArrowDown")
  await sweden.keyboard.press("Shift+ArrowDown")
  await sweden.keyboard.press("Delete")
  await sweden.waitForSelector(".save-status.is-saved")
  // Two that say the same.
  for (const page of [sweden, brazil]) {
    await page.bringToFront()
    await caretAfter(page, "to maintain a public", "public")
    await page.keyboard.type(" and free")
    await page.waitForSelector(".save-status.is-saved")
  }
  await chair.bringToFront()
  await expect.poll(agreedRoutes, { timeout: 20_000 }).toBeGreaterThan(before + 2)
  const now = await agree()
  // A view of one delegation alone hides rows of the margin, and changes no number.
  await chair.keyboard.press("Alt+6")
  expect(await agree()).toBe(now)
  await chair.keyboard.press("Alt+1")
  // The question about all of them speaks of these.
  await chair.locator(".console .grain select").selectOption("all")
  await chair.locator(".console .not-retain").click()
  const question = chair.getByRole("alertdialog")
  const parts = await question.evaluate((box) => ({
    covered: Number(box.querySelector("tfoot .number")?.textContent),
    rows: [...box.querySelectorAll("tbody .number")].reduce((all, cell) => all + Number(cell.textContent), 0),
    said: [...box.querySelectorAll(".left-out b")].reduce((all, title) => all + Number(/\d+/.exec(title.textContent ?? "")?.[0] ?? 0), 0),
  }))
  expect(parts.rows).toBe(parts.covered)
  expect(parts.covered + parts.said).toBe(now)
  await chair.keyboard.press("Escape")
  // As it is decided, too.
  await chair.keyboard.press("Alt+ArrowDown")
  await chair.locator(".console").focus()
  await chair.locator(".console .grain select").selectOption("one")
  await chair.locator(".console").focus()
  await chair.keyboard.press("n")
  await expect.poll(agreedRoutes, { timeout: 20_000 }).toBeLessThan(now)
  await agree()
})

const agreedRoutes = async (): Promise<number> => (await told())["route of changes"]!
