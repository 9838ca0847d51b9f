import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import { blockWith, caretAfter, draftText, entry, openCard, Sitting, select, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let chair: Page
let sweden: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[chair, sweden] = await Promise.all([sitting.page("chair"), sitting.page("s")])
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})
beforeEach(async () => {
  await chair.bringToFront()
})

/** What comes of an act, which a slow machine takes its time for. */
const soon = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 20_000 })
const said = (page: Page): Promise<string | null> => page.locator(".said").textContent()
const acts = (): Promise<string[]> =>
  chair.evaluate(async () => {
    const entries = (await (await fetch("/api/v1/drafts/early-warning/register")).json()) as { act: string }[]
    return entries.map(({ act }) => act)
  })

/** Sweden types words of its own into a clause, and the chair looks at it. */
async function propose(words: string, block = "to maintain a public", behind = "public"): Promise<void> {
  await sweden.bringToFront()
  await caretAfter(sweden, block, behind)
  await sweden.keyboard.type(words)
  await sweden.waitForSelector(".save-status.is-saved")
  await chair.bringToFront()
  await soon(() => draftText(chair)).toContain(words)
  await blockWith(chair, block).scrollIntoViewIfNeeded()
}

for (const key of ["u", "Control+z"])
  it(`[BACK4] ${key} in the console takes back the last decision, in one key, and the delegation is told`, async () => {
    await propose(` and ${key.length} lasting`)
    await openCard(chair, " lasting")
    await chair.locator(".console").focus()
    await chair.keyboard.press("n")
    await soon(() => draftText(chair)).not.toContain(`${key.length} lasting`)
    await chair.locator(".console").focus()
    await chair.keyboard.press(key)
    // Its words, not what is drawn beside them: another's caret comes and goes.
    const open = blockWith(chair, "to maintain a public").locator("ins", { hasText: `and ${key.length} lasting` })
    await soon(() => open.count()).toBe(1)
    await soon(() => said(chair)).toMatch(/^Taken back: 1 change is open again\.$/)
    expect((await acts()).at(-1)).toBe("takeBack")
    await soon(() => said(sweden)).toMatch(/^Open again, taken back by the chair\./)
    await openCard(chair, " lasting")
    await chair.locator(".margin .card.is-chosen .not-retain").click()
    await soon(() => draftText(chair)).not.toContain(`${key.length} lasting`)
  })

it("[BACK4] Ctrl+Z in the text is the writer's own, and takes back no decision", async () => {
  const before = (await acts()).length
  await caretAfter(chair, "to maintain a public", "public")
  await chair.keyboard.type(" xyz")
  await chair.keyboard.press("Control+z")
  await soon(() => draftText(chair)).not.toContain(" xyz")
  expect((await acts()).length).toBe(before)
})

it("[BACK4] the record offers it at each decision, and says what must be taken back first", async () => {
  await propose(" wide open")
  await openCard(chair, " wide open")
  await chair.locator(".margin .card.is-chosen .accept").click()
  await soon(async () => (await acts()).at(-1)).toBe("accept")
  await sweden.bringToFront()
  await select(sweden, "to maintain a public", "wide ")
  await sweden.keyboard.press("Delete")
  await sweden.waitForSelector(".save-status.is-saved")
  await chair.bringToFront()
  await openCard(chair, "wide")
  await chair.locator(".margin .card.is-chosen .accept").click()
  await soon(async () => (await acts()).slice(-2)).toEqual(["accept", "accept"])
  const last = (await acts()).length
  await chair
    .getByRole("button", { name: /record/i })
    .first()
    .click()
  const row = (n: number) => chair.locator(".register tbody tr").filter({ has: chair.locator("td", { hasText: new RegExp(`^${n}$`) }) })
  await row(last - 1)
    .getByRole("button", { name: "Take back" })
    .click()
  await soon(() =>
    row(last - 1)
      .getByRole("alert")
      .textContent(),
  ).toContain(`Take back entry ${last} first`)
  await row(last - 1)
    .getByRole("button", { name: `Take back ${last}, then this` })
    .click()
  for (const n of [last, last - 1]) await soon(() => row(n).textContent()).toContain("taken back")
  expect((await acts()).slice(-2)).toEqual(["takeBack", "takeBack"])
  await chair.keyboard.press("Escape")
  await soon(() => blockWith(chair, "to maintain a public").locator("ins", { hasText: "open" }).count()).toBeGreaterThan(0)
})

it("[BACK5] what took effect because its host was taken back goes with its acceptance: the button names it, and one press does both", async () => {
  const brazil = await sitting.page("b")
  await propose(" bright northern", "to open", "open")
  await brazil.bringToFront()
  await soon(() => draftText(brazil)).toContain(" bright northern")
  await caretAfter(brazil, "to open", "bright")
  await brazil.keyboard.type(" calm")
  await brazil.waitForSelector(".save-status.is-saved")
  await chair.bringToFront()
  await soon(() => draftText(chair)).toContain("bright calm northern")
  const before = (await acts()).length
  await (await openCard(chair, " calm")).locator(".accept").click()
  await soon(acts).toHaveLength(before + 1)
  await sweden.bringToFront()
  await soon(() => draftText(sweden)).toContain("bright calm northern")
  await caretAfter(sweden, "to open", "open")
  await sweden.keyboard.press("Control+z")
  await soon(async () => (await acts()).slice(before)).toEqual(["accept", "takeEffect"])
  await chair.bringToFront()
  await chair
    .getByRole("button", { name: /record/i })
    .first()
    .click()
  const row = (n: number) => chair.locator(".register tbody tr").filter({ has: chair.locator("td", { hasText: new RegExp(`^${n}$`) }) })
  const [accepted, settled] = [before + 1, before + 2]
  await row(accepted)
    .getByRole("button", { name: `Take back, with ${settled}` })
    .waitFor()
  await row(settled)
    .getByRole("button", { name: `Take back, with ${accepted}` })
    .click()
  for (const n of [accepted, settled]) await soon(() => row(n).textContent()).toContain("taken back")
  expect(await row(before + 3).textContent()).toContain(`entry ${settled} is taken back, and with it ${accepted}; open again:`)
  expect((await acts()).slice(before)).toEqual(["accept", "takeEffect", "takeBack"])
  await soon(() => said(chair)).toBe(`Taken back, with entry ${accepted} of the record: 1 change is open again.`)
  await chair.keyboard.press("Escape")
  await entry(chair, "calm").waitFor()
})

it("[BACK5] of several that were decided together the record opens one again, and the others stay decided", async () => {
  const places = { first: ["to conclude", "conclude"], second: ["to open", "open"] } as const
  for (const [words, [block, behind]] of Object.entries(places)) {
    await propose(` ${words}`, block, behind)
    await entry(chair, words).locator("input[type=checkbox]").check()
  }
  await chair.locator(".console .not-retain").click()
  await chair
    .getByRole("alertdialog")
    .getByRole("button", { name: /not retain/i })
    .click()
  await soon(() => draftText(chair)).not.toContain("second")
  await chair
    .getByRole("button", { name: /record/i })
    .first()
    .click()
  const line = chair.locator(".register tbody tr").first().locator("li", { hasText: "second" })
  await line.getByRole("button", { name: "Open again" }).click()
  await soon(() => chair.locator(".register tbody tr").first().textContent()).toContain("Opened again")
  await chair.keyboard.press("Escape")
  await soon(() => draftText(chair)).toContain("open second")
  expect(await draftText(chair)).not.toContain("conclude first")
  await soon(() => said(sweden)).toMatch(/^Open again, taken back by the chair\./)
})

it("[PART4] the chair accepts the selected words of a change, and the rest stays open", async () => {
  await propose(" plain and simple")
  await select(chair, "to maintain a public", " plain")
  const card = await openCard(chair, "plain and simple")
  await card.getByRole("button", { name: "Accept the selected words" }).click()
  await soon(() => said(chair)).toMatch(/What is left of it stays open\.$/)
  const clause = blockWith(chair, "to maintain a public")
  await soon(() => clause.locator("ins", { hasText: "and simple" }).count()).toBeGreaterThan(0)
  expect(await clause.locator("ins", { hasText: "plain" }).count()).toBe(0)
  expect(await clause.textContent()).toContain(" plain and simple")
})

it("[UI120] acts on a card stand in lines with the same edges, however wide the window is and whatever can be done", async () => {
  await sweden.bringToFront()
  await select(sweden, "to maintain a public", "register")
  await sweden.keyboard.type("list of words")
  await sweden.waitForSelector(".save-status.is-saved")
  await chair.bringToFront()
  await soon(() => draftText(chair)).toContain("list of words")
  await select(chair, "to maintain a public", "list of")
  const card = await openCard(chair, "list of words")
  const size = chair.viewportSize()!
  for (const width of [1_600, 1_360, 1_100, 820, 600, 390, 340]) {
    await chair.setViewportSize({ width, height: 860 })
    await card.locator(".parts").first().waitFor()
    const boxes = await card.locator(".acts").evaluate((acts) => {
      const edges = (element: Element): [number, number, number] => {
        const { left, right, top } = element.getBoundingClientRect()
        return [Math.round(left), Math.round(right), Math.round(top)]
      }
      const lines = [...acts.querySelectorAll(".verdicts, .parts")].map((line) => [...line.querySelectorAll("button")].map(edges))
      return { lines, isCut: [...acts.querySelectorAll("button")].some((button) => button.scrollWidth > button.clientWidth + 1) }
    })
    const [verdicts, ...parts] = boxes.lines
    expect(parts.length, `${width}`).toBe(2)
    expect(boxes.isCut, `${width}: no button is narrower than its words`).toBe(false)
    for (const line of boxes.lines) {
      expect(line.length).toBe(2)
      expect(line[0]![2], `${width}: in one line`).toBe(line[1]![2])
    }
    // Lines beneath one another end at one edge; the parts have the same columns.
    const columns = (line: (typeof boxes.lines)[number]): string[] => line.map(([left, right]) => `${left} to ${right}`)
    if (width < 600 || width > 1_000) {
      expect(columns(parts[0]!), `${width}`).toEqual(columns(parts[1]!))
      expect(parts[0]![1]![1], `${width}: one right edge`).toBe(verdicts![1]![1])
    }
  }
  await chair.setViewportSize(size)
})
