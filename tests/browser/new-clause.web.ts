import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, Sitting, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let sweden: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  sweden = await sitting.page("s")
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

/** The clauses that are seen, and where the caret is: in which, and at which letter. */
const seen = (page: Page): Promise<{ clauses: string[]; caret: [string, number] }> =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLElement>(".ProseMirror > [data-block]")]
    const { anchorNode, anchorOffset } = getSelection()!
    const block = (anchorNode instanceof Element ? anchorNode : anchorNode!.parentElement)!.closest("[data-block]")!
    const before = document.createRange()
    before.setStart(block, 0)
    before.setEnd(anchorNode!, anchorOffset)
    const clauses = all.filter((one) => one.offsetHeight > 0).map((one) => `${one.dataset.label ?? ""} ${one.textContent!.slice(0, 30)}`)
    return { clauses, caret: [block.textContent!.slice(0, 30), before.toString().length] }
  })

const press = async (page: Page, ...keys: string[]): Promise<void> => {
  for (const key of keys) await (key.length === 1 ? page.keyboard.type(key) : page.keyboard.press(key))
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}

for (const [where, behind] of [
  ["end", ";"],
  ["start", ""],
] as const)
  it(`[UNDO1] Enter at the ${where} of a clause and Ctrl+Z, again and again: the clause goes, and the caret is where it was`, async () => {
    await caretAfter(sweden, "to designate a national", behind)
    const before = await seen(sweden)
    for (let round = 0; round < 4; round++) {
      await press(sweden, "Enter")
      const made = await seen(sweden)
      expect(made.clauses).toHaveLength(before.clauses.length + 1)
      await press(sweden, "Control+z")
      expect(await seen(sweden)).toEqual(before)
      await press(sweden, "Control+Shift+z")
      expect(await seen(sweden)).toEqual(made)
      await press(sweden, "Control+z")
      expect(await seen(sweden)).toEqual(before)
    }
  })

for (const pause of [0, 700])
  it(`[UNDO1] words that were written in it and removed again ${pause ? "after a while " : ""}keep it from nothing`, async () => {
    await caretAfter(sweden, "to maintain a public register", "to maintain")
    await press(sweden, "x")
    await caretAfter(sweden, "to maintainx a public register", ";")
    const before = await seen(sweden)
    for (let round = 0; round < 3; round++) {
      await press(sweden, "Enter", "n", "e", "w")
      await sweden.waitForTimeout(pause)
      await press(sweden, "Backspace", "Backspace", "Backspace")
      await sweden.waitForTimeout(pause)
      let presses = 0
      while ((await seen(sweden)).clauses.length > before.clauses.length && presses++ < 4) await press(sweden, "Control+z")
      expect(await seen(sweden)).toEqual(before)
    }
    await sweden.waitForSelector(".save-status.is-saved")
    await press(sweden, "Control+z")
    await blockWith(sweden, "to maintain a public register").waitFor()
    expect((await seen(sweden)).clauses.join()).not.toContain("maintainx")
    await press(sweden, "Control+Shift+z")
    expect((await seen(sweden)).clauses.join()).toContain("maintainx")
    await press(sweden, "Control+z")
  })

/** Ways to divide a clause and to write behind the sign; each is taken back by so many presses, and each press takes back something that is seen. */
const divided: Record<string, { keys: readonly string[]; presses: number }> = {
  "a split and words": { keys: ["Enter", "z", "e", "b", "r", "a", " "], presses: 2 },
  "two splits and words": { keys: ["Enter", "Enter", "z", "e", "b", "r", "a"], presses: 3 },
  "a split, and words that were removed again": {
    keys: ["Enter", "z", "e", "Backspace", "Backspace"],
    presses: 1,
  },
}

for (const [what, { keys, presses }] of Object.entries(divided))
  it(`[UNDO4] ${what} in the middle of a clause: each Ctrl+Z takes back something that is seen`, async () => {
    await caretAfter(sweden, "to maintain a public register", "to maintain")
    const before = await seen(sweden)
    const text = (): Promise<string> => blockWith(sweden, "to maintain").evaluate((block) => block.textContent!)
    const texts = [await text()]
    await press(sweden, ...keys)
    const written = await text()
    for (let i = 0; i < presses; i++) {
      const was = await text()
      await press(sweden, "Control+z")
      expect(await text(), `press ${i + 1}`).not.toBe(was)
      texts.push(was)
    }
    expect(texts[1]).toBe(written)
    expect(await seen(sweden)).toEqual(before)
    for (let i = 0; i < presses; i++) await press(sweden, "Control+Shift+z")
    expect(await text()).toBe(written)
    for (let i = 0; i < presses; i++) await press(sweden, "Control+z")
    expect(await seen(sweden)).toEqual(before)
  })

it("[UNDO1] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
