import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, draftText, entry, openCard, Sitting, startBrowser, writtenBox } from "./room.ts"

let browser: Browser
let sitting: Sitting
let sweden: Page
let secretary: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[sweden, secretary] = await Promise.all([sitting.page("s"), sitting.page("secretary")])
  for (const page of [sweden, secretary]) page.setDefaultTimeout(10_000)
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

const dialog = (page: Page): ReturnType<Page["locator"]> => page.locator("dialog[open]")
const tool = (page: Page, name: string): Promise<void> => page.locator(".tools").getByRole("button", { name }).click()
const blocks = (page: Page): Promise<number> => page.locator(".ProseMirror > [data-block]").count()

/** Holds a key as a hand does: the browser tells of it again and again. */
async function hold(page: Page, key: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await page.keyboard.down(key)
  await page.keyboard.up(key)
}

/** What may be open, or have the focus, when somebody asks for the box of a comment. */
const places: Record<string, (page: Page) => Promise<unknown>> = {
  "Record open": (page) => tool(page, "Record"),
  "Versions open": (page) => tool(page, "Versions"),
  "Download open": (page) => tool(page, "Download"),
  "Help open": (page) => tool(page, "Help"),
  "the menu of the plate open": (page) => page.locator(".top-bar .who").click(),
  "People open": async (page) => {
    await page.locator(".top-bar .who").click()
    await page.getByRole("button", { name: "People and links" }).click()
    await page.locator("dialog[open]").waitFor()
  },
  "the menu of the clause open": (page) => page.locator(".menu > summary").click(),
  "the list of changes open": async (page) => {
    await page.locator(".stepper .count").click()
    await page
      .locator(".changes-panel")
      .getByRole("tab", { name: /Comments/ })
      .click()
  },
  "the focus on a button": (page) => page.locator(".tools").getByRole("button", { name: "Download" }).focus(),
  "the focus in a choice": (page) => page.locator(".views select").first().focus(),
  "a question open": async (page) => {
    await page.locator(".console select").selectOption("all")
    await page.locator(".console .accept").click()
    await page.getByRole("alertdialog").waitFor()
  },
}

for (const [place, go] of Object.entries(places))
  it(`[UI70 REM1] Alt+M with ${place}: it closes, the box has the focus, and what is typed is in it`, async () => {
    await caretAfter(secretary, "to maintain a public register", "public register")
    const before = await draftText(secretary)
    await go(secretary)
    await secretary.keyboard.press("Alt+m")
    await secretary.keyboard.type("Which one?")
    await expect.poll(() => writtenBox(secretary).inputValue()).toBe("Which one?")
    expect(await dialog(secretary).count()).toBe(0)
    for (const menu of [".menu-list", ".plate-menu"]) expect(await secretary.locator(menu).isVisible()).toBe(false)
    expect(await draftText(secretary)).toBe(before)
    await secretary.locator(".margin .card:has(textarea:focus)").getByRole("button", { name: "Discard" }).click()
  })

it("[UI70] the other keys that open something do so over an open dialog, and the dialog that was open last is the one that is seen", async () => {
  await tool(sweden, "Download")
  await sweden.keyboard.press("Alt+Shift+Slash")
  await sweden.getByRole("dialog", { name: "Marks and keys" }).waitFor()
  expect(await dialog(sweden).count()).toBe(1)
  await sweden.keyboard.press("Alt+4")
  await dialog(sweden).waitFor({ state: "detached" })
  expect(await sweden.locator(".views select").first().inputValue()).toBe("working")
  await tool(sweden, "Record")
  await sweden.keyboard.press("Alt+l")
  await sweden.locator(".changes-panel").waitFor()
  expect(await dialog(sweden).count()).toBe(0)
  await sweden.keyboard.press("Alt+l")
  await sweden.keyboard.press("Alt+1")
  await sweden.keyboard.press("Alt+c")
  await sweden.locator(".said.is-shown", { hasText: "The console is the chair's" }).waitFor()
})

it("[UI70] a question stays for a key that shows another view, and says so; the view is the same", async () => {
  await secretary.locator(".console select").selectOption("all")
  await secretary.locator(".console .accept").click()
  const question = secretary.getByRole("alertdialog")
  await question.waitFor()
  const view = await secretary.locator(".views select").first().inputValue()
  for (const digit of "1234567") {
    await secretary.keyboard.press(`Alt+${digit}`)
    expect(await question.isVisible(), digit).toBe(true)
  }
  await question.getByText("Answer this first").waitFor()
  expect(await secretary.locator(".views select").first().inputValue()).toBe(view)
  await secretary.keyboard.press("Escape")
  await question.waitFor({ state: "detached" })
})

it("[UI70] a dialog in which something was written stays for such a key, and says why", async () => {
  await tool(secretary, "Versions")
  const field = dialog(secretary).locator("input:not([type=checkbox], [type=radio], [type=file])").first()
  await field.fill("As of noon")
  await secretary.keyboard.press("Alt+m")
  await dialog(secretary).getByText("What you wrote here would be lost").waitFor()
  expect(await field.inputValue()).toBe("As of noon")
  await secretary.keyboard.press("Escape")
  await dialog(secretary).waitFor({ state: "detached" })
})

it("[UI71] Enter held at the end of the title, and on through the text, makes no clause; pressed at the end of a clause and held it makes one", async () => {
  const before = await blocks(sweden)
  await caretAfter(sweden, "Telecommunications in the service", "hazards")
  await hold(sweden, "Enter", 30)
  await sweden.waitForSelector(".save-status.is-saved")
  expect(await blocks(sweden)).toBe(before)
  await caretAfter(sweden, "to maintain a public register", ";")
  await hold(sweden, "Enter", 30)
  await expect.poll(() => blocks(sweden)).toBe(before + 1)
  await sweden.keyboard.press("Control+z")
  await expect.poll(() => blocks(sweden)).toBe(before)
})

it("[UI71] Backspace held stops at the start of its clause, Delete at its end: nothing is joined, nothing is struck elsewhere", async () => {
  const struckIn = (words: string): Promise<string[]> => blockWith(sweden, words).locator(".struck").allTextContents()
  for (const [key, behind, clause, other] of [
    ["Backspace", "to conc", "to conclude such", "to designate a national"],
    ["Delete", "such arr", "to conclude such", "to submit a report"],
  ] as const) {
    const before = await struckIn(other)
    await caretAfter(sweden, clause, behind)
    await hold(sweden, key, key === "Backspace" ? 30 : 120)
    expect(await sweden.locator(".is-joining").count()).toBe(0)
    expect(await struckIn(other)).toEqual(before)
    await sweden.keyboard.press("Control+z")
    await sweden.waitForSelector(".save-status.is-saved")
  }
})

it("[UI71] what a held key brings is not pressed by it, and not written in", async () => {
  const chair = await sitting.page("chair")
  await chair.locator(".console select").selectOption("all")
  await chair.locator(".console .accept").focus()
  await hold(chair, "Enter", 10)
  await chair.getByRole("alertdialog").waitFor()
  await chair.keyboard.press("Escape")
  await chair.close()
  await caretAfter(sweden, "to maintain a public register", "public register")
  const before = await draftText(sweden)
  await sweden.locator(".writing-bar").getByRole("button", { name: "Comment" }).focus()
  await hold(sweden, "Enter", 10)
  await expect.poll(() => writtenBox(sweden).inputValue()).toBe("")
  await sweden.keyboard.press("Escape")
  expect(await draftText(sweden)).toBe(before)
})

it("[UI72] every key of the sheet under ? that shows a view does; Simple reads as proposed, with a bar where it differs and nothing struck", async () => {
  await secretary.keyboard.press("Escape")
  await tool(sweden, "Help")
  const rows = dialog(sweden).locator("section", { hasText: "Views, one key each" }).locator("dl.keys > div")
  const keys = await rows.locator("dt").allTextContents()
  const names = await rows.locator("dd").allTextContents()
  expect(keys).toEqual(["Alt1", "Alt2", "Alt3", "Alt4", "Alt5", "Alt6", "Alt7"])
  await sweden.keyboard.press("Escape")
  const view = sweden.locator(".views select").first()
  for (const [i, name] of names.entries()) {
    await sweden.keyboard.press(`Alt+${i + 1}`)
    await expect
      .poll(async () => (await view.locator("option:checked").textContent())!.toLowerCase().replaceAll(/\s*alt.*$/g, ""))
      .toContain(name)
  }
  /** The letters that are seen, block by block. */
  const read = (): Promise<string[]> =>
    sweden.locator(".ProseMirror > [data-block]").evaluateAll((all) => {
      const seen = (block: Element): string => {
        const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
        let text = ""
        for (let node = walker.nextNode(); node; node = walker.nextNode())
          if (node.parentElement!.getClientRects().length > 0) text += node.textContent
        return text
      }
      return all.map(seen).filter((text) => text !== "")
    })
  await sweden.keyboard.press("Alt+3")
  const proposed = await read()
  await sweden.keyboard.press("Alt+7")
  await expect.poll(read).toEqual(proposed)
  const marked = sweden.locator(".ProseMirror > .is-changed")
  expect(await marked.count()).toBeGreaterThan(0)
  const bar = await marked.first().evaluate((block) => getComputedStyle(block, "::after").borderInlineStartWidth)
  expect(bar).toBe("3px")
  expect(await sweden.locator(".ProseMirror .struck").count()).toBe(0)
  // What is put in is not underlined, but a click in it opens its card.
  await sweden.locator(".ProseMirror ins:visible").first().click()
  await sweden.locator(".margin .card.is-chosen").waitFor()
  await sweden.keyboard.type("x")
  await sweden.locator(".said.is-shown", { hasText: "“Simple” is for reading" }).waitFor()
  await sweden.keyboard.press("Alt+1")
})

/** The letters right before the caret where one writes in the text. */
const beforeCaret = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { anchorNode, anchorOffset } = getSelection()!
    return document.activeElement?.closest(".ProseMirror") ? (anchorNode?.textContent ?? "").slice(0, anchorOffset) : "no caret"
  })

const focused = (page: Page, where: string): Promise<boolean> =>
  page.evaluate((selector) => document.activeElement?.closest(selector) != null, where)

const closers: Record<string, (page: Page) => Promise<unknown>> = {
  Escape: (page) => page.keyboard.press("Escape"),
  "its x": (page) => page.locator(".card.is-chosen").getByRole("button", { name: "Close the card" }).click(),
}

for (const [closer, close] of Object.entries(closers))
  it(`[UI100] a card that was opened to read closes by ${closer}, and the next letter goes where the caret was`, async () => {
    await caretAfter(secretary, "to submit a report", "report")
    await secretary.keyboard.type(" fortnightly")
    await blockWith(sweden, "to submit a report").scrollIntoViewIfNeeded()
    await entry(sweden, "fortnightly").waitFor()
    await caretAfter(sweden, "to conclude such arrangements", "such arrange")
    const card = await openCard(sweden, "fortnightly")
    await close(sweden)
    await card.waitFor({ state: "detached" })
    expect(await beforeCaret(sweden)).toMatch(/such arrange$/)
    await sweden.keyboard.type("X")
    await blockWith(sweden, "to conclude such").filter({ hasText: "arrangeXments" }).waitFor()
    await sweden.keyboard.press("Backspace")
    await blockWith(sweden, "to submit a report").locator(".inserted", { hasText: "fortnightl" }).first().click()
    await card.waitFor()
    await close(sweden)
    await card.waitFor({ state: "detached" })
    expect(await focused(sweden, ".ProseMirror"), "opened by its words").toBe(true)
    await secretary.keyboard.press("Control+z")
    await entry(sweden, "fortnightly").waitFor({ state: "detached" })
  })

it("[UI100] in the list of changes, and for who only reads, the row that stands for the card has the focus; Escape closes the list too", async () => {
  await caretAfter(secretary, "to submit a report", "report")
  await secretary.keyboard.type(" fortnightly")
  await blockWith(sweden, "to submit a report").scrollIntoViewIfNeeded()
  await entry(sweden, "fortnightly").waitFor()
  await caretAfter(sweden, "to conclude such arrangements", "such arrange")
  await sweden.keyboard.press("Alt+l")
  const panel = sweden.locator(".changes-panel")
  // The key that opens the list leads into it, and Escape out of it again.
  await expect.poll(() => focused(sweden, ".changes-panel [role=tab]")).toBe(true)
  await sweden.keyboard.press("Escape")
  await panel.waitFor({ state: "detached" })
  expect(await focused(sweden, ".ProseMirror")).toBe(true)
  await sweden.keyboard.press("Alt+l")
  for (const close of Object.values(closers)) {
    await panel.locator(".entry-row", { hasText: "fortnightly" }).locator(".line").click()
    await panel.locator(".card.is-chosen .title").click()
    await close(sweden)
    await expect.poll(() => focused(sweden, ".changes-panel .entry-row")).toBe(true)
  }
  await sweden.keyboard.press("Escape")
  await panel.waitFor({ state: "detached" })
  expect(await focused(sweden, ".ProseMirror")).toBe(true)
  const observer = await sitting.page("observer")
  await blockWith(observer, "to submit a report").scrollIntoViewIfNeeded()
  for (const close of Object.values(closers)) {
    await openCard(observer, "fortnightly")
    await close(observer)
    await expect.poll(() => focused(observer, ".margin .entry-row")).toBe(true)
  }
  await observer.context().close()
  await secretary.keyboard.press("Control+z")
  await entry(sweden, "fortnightly").waitFor({ state: "detached" })
})

/** What lies over the text of a small window: how it is opened, and what it is. */
const sheets: Record<string, { open: (page: Page) => Promise<unknown>; sheet: string }> = {
  "the card of words that were tapped": {
    open: (page) => blockWith(page, "to submit a report").locator(".inserted", { hasText: "fortnightl" }).first().click(),
    sheet: ".margin .card",
  },
  "the card that a step brings": { open: (page) => page.keyboard.press("Alt+ArrowDown"), sheet: ".margin .card" },
  "the list of changes": { open: (page) => page.locator(".stepper .count").click(), sheet: ".changes-panel" },
  "the list of changes by its key": { open: (page) => page.keyboard.press("Alt+l"), sheet: ".changes-panel" },
  "tools and views": { open: (page) => page.locator(".sheet-button").click(), sheet: ".room-sheet" },
}

/** All that stands in the draft but the flags of carets, which come and go. */
const lettersOf = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const text = document.querySelector(".ProseMirror")!.cloneNode(true) as Element
    for (const caret of text.querySelectorAll(".caret")) caret.remove()
    return text.textContent!
  })

/** The height of a place in the window where the text is seen, and no change stands. */
const freeText = (page: Page): Promise<number> =>
  page.evaluate(() => {
    for (let y = 60; y < innerHeight; y += 6) {
      const element = document.elementFromPoint(180, y)
      if (element?.closest(".ProseMirror > [data-block]") && !element.closest("[data-change]")) return y
    }
    throw new Error("no text is seen")
  })

it("[UI101] on a phone nothing is typed into the text under a sheet, Escape closes it and gives the caret back, and so does a tap in the text", async () => {
  await caretAfter(secretary, "to submit a report", "report")
  await secretary.keyboard.type(" fortnightly")
  const small = await sitting.page("b")
  await small.setViewportSize({ width: 360, height: 740 })
  await small.locator(".top-bar.is-small").waitFor()
  await blockWith(small, "to submit a report").filter({ hasText: "fortnightly" }).waitFor()
  const before = await lettersOf(small)
  for (const [name, { open, sheet }] of Object.entries(sheets)) {
    await caretAfter(small, "to submit a report", "to submit")
    await open(small)
    await small.locator(sheet).waitFor()
    await small.keyboard.type("zyx")
    await small.keyboard.press("Backspace")
    expect(await lettersOf(small), name).toBe(before)
    await small.keyboard.press("Escape")
    await small.locator(sheet).waitFor({ state: "hidden" })
    expect(await focused(small, ".ProseMirror"), name).toBe(true)
    await open(small)
    await small.locator(sheet).waitFor()
    await small.mouse.click(180, await freeText(small))
    await small.locator(sheet).waitFor({ state: "hidden" })
  }
  await small.context().close()
  await secretary.keyboard.press("Control+z")
})

it("[UI71] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
