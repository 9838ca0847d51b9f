import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, draftText, entry, openCard, Sitting, select, startBrowser, writtenBox } from "./room.ts"

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

/** Proposed words in the text. The code of their source stands on the last letter, in a piece of its own. */
const wordsIn = (page: Page, clause: string, words: string): ReturnType<Page["locator"]> =>
  blockWith(page, clause)
    .locator(".inserted", { hasText: words.slice(0, -1) })
    .first()

/** Brazil proposes words at a place of a clause. */
async function propose(clause: string, behind: string, words: string): Promise<void> {
  await caretAfter(brazil, clause, behind)
  await brazil.keyboard.type(` ${words}`)
  for (const page of [sweden, chair]) await blockWith(page, clause).filter({ hasText: words }).waitFor()
  await brazil.waitForSelector(".save-status.is-saved")
}

async function decide(clause: string, words: string, key: "a" | "n"): Promise<void> {
  await wordsIn(chair, clause, words).click()
  await chair.locator(".console").focus()
  await chair.keyboard.press(key)
}

/** How a change goes while somebody writes about it, and what the box says of it then. */
const ends: readonly (readonly [string, (clause: string, words: string) => Promise<void>, RegExp])[] = [
  ["the chair accepts it", (clause, words) => decide(clause, words, "a"), /has been accepted meanwhile/],
  ["the chair does not retain it", (clause, words) => decide(clause, words, "n"), /was not retained meanwhile/],
  [
    "its author withdraws it",
    async (clause, words) => {
      await wordsIn(brazil, clause, words).click()
      await brazil.locator(".margin .card.is-chosen").getByRole("button", { name: "Withdraw" }).click()
    },
    /author has withdrawn the change/,
  ],
  [
    "its author takes it back letter by letter",
    async (clause, words) => {
      await caretAfter(brazil, clause, words.slice(0, -1))
      await brazil.keyboard.press("Delete")
      for (let i = 0; i < words.length; i++) await brazil.keyboard.press("Backspace")
    },
    /author has taken it back/,
  ],
]

const clauses = [
  ["to organize regional exercises", "regional exercises"],
  ["to provide technical assistance", "assistance"],
  ["to maintain a public register", "public register"],
  ["to require mobile operators", "operators"],
] as const

for (const place of ["the margin", "the list of changes"] as const)
  for (const [i, [how, end, says]] of ends.entries())
    it(`[REM3] a comment half-written on a change's card in ${place}, and ${how}: the box stays with text, focus and caret, and says so`, async () => {
      const [clause, behind] = clauses[i]!
      const words = `${place === "the margin" ? "gladly" : "boldly"}${i}`
      await propose(clause, behind, words)
      const written = `We doubt ${words.slice(0, -2)}X${words.slice(-2)}.`
      if (place === "the margin") await wordsIn(sweden, clause, words).click()
      else {
        await sweden.keyboard.press("Alt+l")
        await sweden.locator(".changes-panel .entry-row", { hasText: words }).locator(".line").click()
      }
      await sweden.locator(".card.is-chosen").getByRole("button", { name: "Comment" }).click()
      await sweden.keyboard.type(`We doubt ${words}.`)
      for (let n = 0; n < 3; n++) await sweden.keyboard.press("ArrowLeft")
      await end(clause, words)
      await sweden.locator(".note", { hasText: says }).waitFor()
      await sweden.keyboard.type("X")
      expect(await writtenBox(sweden).inputValue()).toBe(written)
      expect(await sweden.locator(".margin textarea:focus").count()).toBe(1)
      expect(await draftText(sweden)).not.toContain("X")
      await sweden.keyboard.press("Control+Enter")
      await blockWith(brazil, clause).scrollIntoViewIfNeeded()
      await entry(brazil, written).waitFor()
      await sweden.locator(".margin textarea:focus").waitFor({ state: "detached" })
    })

it("[REM3] a reply half-written on a change's card that goes, or on a comment that is resolved meanwhile, keeps text, focus and caret", async () => {
  await sweden.reload()
  await sweden.waitForSelector(".save-status.is-saved")
  const [clause, behind] = clauses[0]
  await propose(clause, behind, "thrice")
  await wordsIn(sweden, clause, "thrice").click()
  const card = sweden.locator(".margin .card.is-chosen")
  await card.getByRole("button", { name: "Comment" }).click()
  await sweden.keyboard.type("Why so?")
  await sweden.keyboard.press("Control+Enter")
  await card.getByText("Why so?").waitFor()
  await card.getByLabel("Reply, read by everyone").click()
  await sweden.keyboard.type("Because of")
  await decide(clause, "thrice", "a")
  await sweden.locator(".margin .card.thread textarea:focus").waitFor()
  await sweden.keyboard.type(" it")
  expect(await writtenBox(sweden).inputValue()).toBe("Because of it")
  await blockWith(chair, clause).scrollIntoViewIfNeeded()
  await (await openCard(chair, "Why so?")).getByRole("button", { name: "Resolve" }).click()
  await expect.poll(() => sweden.locator(".margin .card", { hasText: /resolved/ }).count()).toBe(1)
  await sweden.keyboard.type(" entirely")
  expect(await writtenBox(sweden).inputValue()).toBe("Because of it entirely")
  expect(await draftText(sweden)).not.toContain("entirely")
  await sweden.keyboard.press("Control+Enter")
  await chair.locator(".margin .card", { hasText: "Because of it entirely" }).waitFor()
})

it("[REM4] on a phone a comment whose words went, one on a clause and one that was kept have signs in the text, which open them", async () => {
  await caretAfter(brazil, "to continue studies", "to continue")
  await brazil.keyboard.type(" henceforth")
  await brazil.waitForSelector(".save-status.is-saved")
  const small = await sitting.page("s")
  await small.setViewportSize({ width: 360, height: 740 })
  await small.locator(".top-bar.is-small").waitFor()
  const clause = blockWith(small, "spectrum needs of ocean")
  await clause.filter({ hasText: "henceforth" }).waitFor()
  const signs = clause.locator(".remark-sign")
  await select(small, "spectrum needs of ocean", "hencefort")
  await small.keyboard.press("Alt+m")
  await small.keyboard.type("Since when?")
  await small.keyboard.press("Control+Enter")
  await small.locator("textarea:focus").waitFor({ state: "detached" })
  expect(await signs.count(), "its words are marked").toBe(0)
  for (let i = 0; i < " henceforth".length; i++) await brazil.keyboard.press("Backspace")
  await signs.first().click()
  await small.locator(".margin .card.thread", { hasText: "Since when?" }).waitFor()
  await small.keyboard.press("Escape")
  await caretAfter(small, "spectrum needs of ocean", "spectrum")
  await small.keyboard.press("Alt+m")
  await small.keyboard.type("To whom?")
  await small.keyboard.press("Escape")
  await clause.locator(".remark-sign.is-half").click()
  await expect.poll(() => writtenBox(small).inputValue()).toBe("To whom?")
  await small.keyboard.press("Control+Enter")
  await expect.poll(() => signs.count()).toBe(2)
  expect(await clause.locator(".remark-sign.is-half").count()).toBe(0)
  const words = await clause.textContent()
  expect(words).toBe(await blockWith(sweden, "spectrum needs of ocean").textContent())
  expect(await sweden.locator(".remark-sign").count(), "beside the margin there are rows").toBe(0)
  await small.context().close()
})

it("[REM3] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
