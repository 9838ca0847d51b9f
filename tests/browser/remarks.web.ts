import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import { blockWith, writtenBox as box, caretAfter, draftText, entry, openCard, Sitting, select, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let sweden: Page
let brazil: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[sweden, brazil] = await Promise.all([sitting.page("s"), sitting.page("b")])
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})
// Nothing is left over from a test that failed.
beforeEach(async () => {
  await sweden.evaluate(() => localStorage.clear())
  await sweden.reload()
  await sweden.waitForSelector(".save-status.is-saved")
})

/** A box in which something was typed at once: it is in the box and not in the draft; the box is wholly seen, beside its words. */
async function isWrittenIn(page: Page, text: string, words: string): Promise<void> {
  expect(await box(page).inputValue()).toBe(text)
  expect(await draftText(page)).not.toContain(text)
  const found = await page.evaluate((sought) => {
    const slot = document.activeElement!.closest(".card")!.getBoundingClientRect()
    const walker = document.createTreeWalker(document.querySelector(".ProseMirror")!, NodeFilter.SHOW_TEXT)
    let at: DOMRect | null = null
    for (let node = walker.nextNode(); node && !at; node = walker.nextNode()) {
      const from = node.textContent!.indexOf(sought)
      if (from < 0) continue
      const range = document.createRange()
      range.setStart(node, from)
      range.setEnd(node, from + sought.length)
      at = range.getBoundingClientRect()
    }
    const desk = document.querySelector(".desk")!.getBoundingClientRect()
    // What lies over it would be hit in its place.
    const isHit = [0.1, 0.5, 0.9].every((share) =>
      document.elementFromPoint(slot.left + slot.width / 2, slot.top + slot.height * share)?.closest(".card"),
    )
    return {
      slot: [slot.top, slot.bottom, slot.left, slot.right],
      words: [at!.top, at!.bottom],
      desk: [desk.top, desk.bottom, desk.right],
      isHit,
    }
  }, words)
  const { slot, desk } = found
  expect(found.isHit, "nothing lies over the box").toBe(true)
  expect(slot[0], `the box is wholly in view ${JSON.stringify(found)}`).toBeGreaterThanOrEqual(desk[0]!)
  expect(slot[1]).toBeLessThanOrEqual(desk[1]!)
  expect(slot[3]).toBeLessThanOrEqual(desk[2]!)
  expect(found.words[0], `its words are beside it ${JSON.stringify(found)}`).toBeLessThanOrEqual(slot[1]!)
  expect(found.words[1]).toBeGreaterThanOrEqual(slot[0]!)
}

/** The letters right before the caret, in the text. */
const beforeCaret = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { anchorNode, anchorOffset } = getSelection()!
    return document.activeElement?.classList.contains("ProseMirror") ? (anchorNode?.textContent ?? "").slice(0, anchorOffset) : "no caret"
  })

const doors: Record<string, (page: Page) => Promise<unknown>> = {
  "Alt+M": (page) => page.keyboard.press("Alt+m"),
  "the button": (page) => page.locator(".writing-bar").getByRole("button", { name: "Comment" }).click(),
  "the tool at the selection": (page) => page.locator(".selection-tool").click(),
}

for (const [door, go] of Object.entries(doors))
  it(`[REM1 REM2] a comment on words by ${door}: what is typed at once is in the box, beside the words; Escape gives the caret back`, async () => {
    await select(sweden, "to maintain a public register", "alerting authorities")
    await go(sweden)
    await sweden.keyboard.type("Which ones?")
    await isWrittenIn(sweden, "Which ones?", "alerting authorities")
    await sweden.keyboard.press("Escape")
    expect(await sweden.evaluate(() => [document.activeElement?.className.includes("ProseMirror"), getSelection()!.toString()])).toEqual([
      true,
      "alerting authorities",
    ])
    await entry(sweden, "Which ones?").getByText("not sent").waitFor()
    await go(sweden)
    await sweden.keyboard.type(" All?")
    await isWrittenIn(sweden, "Which ones? All?", "alerting authorities")
  })

for (const door of ["Alt+M", "the button"])
  it(`[REM1 REM2] a comment on the clause of the caret by ${door}; the next letter after Escape goes where the caret was`, async () => {
    await caretAfter(sweden, "to conclude such arrangements", "such arrange")
    await doors[door]!(sweden)
    await sweden.keyboard.type("Too many.")
    await isWrittenIn(sweden, "Too many.", "such arrange")
    await sweden.keyboard.press("Escape")
    expect(await beforeCaret(sweden)).toMatch(/such arrange$/)
    await sweden.keyboard.type("X")
    await blockWith(sweden, "to conclude such").filter({ hasText: "arrangeXments" }).waitFor()
    await sweden.keyboard.press("Backspace")
    await blockWith(sweden, "to conclude such").filter({ hasText: "arrangements" }).waitFor()
  })

it("[REM1] with the whole draft selected the box is on its first clause, and nothing that is typed goes into the draft", async () => {
  const before = await draftText(sweden)
  await blockWith(sweden, "to maintain a public reg").click()
  await sweden.keyboard.press("Control+a")
  await sweden.keyboard.press("Alt+m")
  await sweden.keyboard.type("of all")
  await expect.poll(() => box(sweden).inputValue()).toBe("of all")
  expect(await draftText(sweden)).toBe(before)
  await sweden.keyboard.press("Control+a")
  await sweden.keyboard.press("Backspace")
  await sweden.keyboard.press("Escape")
})

it("[REM1 REM2] a comment from a card, and a reply: typed at once, at the words of the change; Escape gives the caret back to where one wrote", async () => {
  await caretAfter(brazil, "to organize regional exercises", "regional exercises")
  await brazil.keyboard.type(" and drills")
  await blockWith(sweden, "to organize regional").filter({ hasText: "and drills" }).waitFor()
  await caretAfter(sweden, "to organize regional exercises", "to organize")
  const card = await openCard(sweden, /Brazil.*and drills/s)
  await card.getByRole("button", { name: "Comment" }).click()
  await sweden.keyboard.type("Of whom?")
  await isWrittenIn(sweden, "Of whom?", "and drill")
  await sweden.keyboard.press("Escape")
  expect(await beforeCaret(sweden)).toMatch(/to organize$/)
  await card.getByRole("button", { name: "Comment" }).click()
  await sweden.keyboard.press("Control+Enter")
  await card.getByText("Of whom?").waitFor()
  expect(await beforeCaret(sweden), "sent: one writes on").toMatch(/to organize$/)
  await card.getByRole("button", { name: "Reply" }).click()
  await sweden.keyboard.type("Of ours.")
  await isWrittenIn(sweden, "Of ours.", "and drill")
  await sweden.keyboard.press("Escape")
  expect(await beforeCaret(sweden)).toMatch(/to organize$/)
  await card.getByLabel("Reply, read by everyone in the meeting").click()
  await sweden.keyboard.type(" All.")
  await card.getByRole("button", { name: "Reply" }).click()
  await card.getByText("Of ours. All.").waitFor()
})

it("[REM1] at the foot and at the head of the window the box is wholly in view, beside its words", async () => {
  for (const [where, block] of [
    ["end", "start"],
    ["start", "end"],
  ] as const) {
    await select(sweden, "to maintain a public register", "public register")
    await blockWith(sweden, "to maintain a public register").evaluate((element, place) => element.scrollIntoView({ block: place }), where)
    await sweden.keyboard.press("Alt+m")
    await sweden.keyboard.type(block)
    await isWrittenIn(sweden, block, "public register")
    await sweden.keyboard.press("Escape")
    await entry(sweden, block).getByRole("button", { name: "Discard" }).click()
  }
})

it("[REM1] where the words were scrolled away they come back with the box", async () => {
  await select(sweden, "to maintain a public register", "public register")
  await sweden.locator(".desk").evaluate((desk) => desk.scrollTo(0, 0))
  await sweden.keyboard.press("Alt+m")
  await sweden.keyboard.type("Here.")
  await isWrittenIn(sweden, "Here.", "public register")
})

it("[REM3] a half-written one stays at its words, with the focus, while others type, propose and decide above it and in its clause", async () => {
  const chair = await sitting.page("chair")
  await caretAfter(brazil, "to provide technical assistance", "assistance")
  await brazil.keyboard.type(" of all kinds")
  await select(sweden, "to maintain a public register", "alerting authorities")
  await sweden.keyboard.press("Alt+m")
  await sweden.keyboard.type("We ")
  await caretAfter(brazil, "to bring this resolution", "Reduction;")
  await brazil.keyboard.press("Enter")
  await brazil.keyboard.type("to add a clause above it;")
  await blockWith(sweden, "to add a clause above it").waitFor()
  await sweden.keyboard.type("can ")
  await caretAfter(brazil, "to maintain a public register", "to maintain")
  await brazil.keyboard.type(" for good")
  await blockWith(sweden, "to maintain").filter({ hasText: "for good" }).waitFor()
  await sweden.keyboard.type("live ")
  await blockWith(chair, "to provide technical").locator(".inserted").first().click()
  await chair.locator(".console").focus()
  await chair.keyboard.press("a")
  await expect.poll(() => chair.locator(".said").textContent()).toMatch(/accepted into the text/)
  await blockWith(sweden, "to provide technical").locator(".accepted-in").waitFor()
  await sweden.keyboard.type("with it.")
  await isWrittenIn(sweden, "We can live with it.", "alerting authorities")
  await sweden.keyboard.press("Control+Enter")
  await blockWith(brazil, "to maintain").locator(".commented").waitFor()
  expect((await blockWith(brazil, "to maintain").locator(".commented").allTextContents()).join("")).toBe("alerting authorities")
  await chair.close()
})

it("[REM3] it is not lost by scrolling, by clicking elsewhere, by a comment elsewhere, by a reload; it comes back with its words", async () => {
  await select(sweden, "to submit a report", "a report")
  await sweden.keyboard.press("Alt+m")
  await sweden.keyboard.type("In writing?")
  await sweden.locator(".desk").hover()
  for (const dy of [2_000, -6_000]) await sweden.mouse.wheel(0, dy)
  await caretAfter(sweden, "Member States in establishing", "in establishing")
  await sweden.keyboard.type("Z")
  await blockWith(sweden, "Member States in establishing").filter({ hasText: "establishingZ" }).waitFor()
  await sweden.keyboard.press("Backspace")
  await blockWith(sweden, "to submit a report").scrollIntoViewIfNeeded()
  await expect.poll(() => sweden.locator(".margin textarea").inputValue()).toBe("In writing?")
  await select(sweden, "to bring this resolution", "the attention")
  await sweden.keyboard.press("Alt+m")
  await sweden.keyboard.type("Whose?")
  await isWrittenIn(sweden, "Whose?", "the attention")
  await blockWith(sweden, "to submit a report").scrollIntoViewIfNeeded()
  await entry(sweden, "In writing?").getByText("not sent").waitFor()
  await sweden.reload()
  await sweden.waitForSelector(".save-status.is-saved")
  await blockWith(sweden, "to submit a report").scrollIntoViewIfNeeded()
  await entry(sweden, "In writing?").locator(".line").click()
  await sweden.keyboard.type(" Signed?")
  await isWrittenIn(sweden, "In writing? Signed?", "a report")
  await sweden.keyboard.press("Control+Enter")
  await entry(brazil, "In writing? Signed?").waitFor({ state: "attached" })
  expect((await blockWith(brazil, "to submit a report").locator(".commented").allTextContents()).join("")).toBe("a report")
})

it("[REM3] words that go while one writes about them: the box says so, and the comment is on their clause; sent twice in one moment it is there once", async () => {
  await caretAfter(brazil, "to require mobile operators", "operators")
  await brazil.keyboard.type(" everywhere")
  await blockWith(sweden, "to require mobile").filter({ hasText: "everywhere" }).waitFor()
  await select(sweden, "to require mobile operators", "everywher")
  await sweden.keyboard.press("Alt+m")
  await sweden.keyboard.type("Really")
  for (let i = 0; i < " everywhere".length; i++) await brazil.keyboard.press("Backspace")
  await sweden.getByText("These words are gone. Your comment will be on their clause.").waitFor()
  await sweden.keyboard.type("?")
  await sweden.keyboard.press("Control+Enter")
  await sweden.keyboard.press("Control+Enter")
  await blockWith(brazil, "to require mobile").scrollIntoViewIfNeeded()
  await entry(brazil, "Really?").waitFor()
  await sweden.locator(".margin textarea:focus").waitFor({ state: "detached" })
  expect(await brazil.locator(".margin .entry-row", { hasText: "Really?" }).count()).toBe(1)
})

it("[REM2] an empty box is gone with Escape and with a click in the text; an input method keeps its Escape", async () => {
  await select(sweden, "to submit a report", "implementation")
  await sweden.keyboard.press("Alt+m")
  await box(sweden).waitFor()
  await sweden.keyboard.press("Escape")
  expect(await sweden.locator(".margin textarea").count()).toBe(0)
  await sweden.keyboard.press("Alt+m")
  await box(sweden).waitFor()
  await blockWith(sweden, "to bring this resolution").click()
  await expect.poll(() => sweden.locator(".margin .remark-card").count()).toBe(0)
  await sweden.keyboard.press("Alt+m")
  const cdp = await sweden.context().newCDPSession(sweden)
  await cdp.send("Input.imeSetComposition", { text: "に", selectionStart: 1, selectionEnd: 1 })
  await box(sweden).evaluate((field) =>
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", isComposing: true, bubbles: true })),
  )
  await cdp.send("Input.insertText", { text: "日本" })
  expect(await box(sweden).inputValue()).toBe("日本")
})

it("[REM1] on a small screen the box lies at the foot of the window, and its words above it", async () => {
  const small = await Sitting.open(browser, { viewport: { width: 360, height: 740 }, hasTouch: true })
  const page = await small.page("s")
  await select(page, "to maintain a public register", "alerting authorities")
  await page.locator(".selection-tool").click()
  await page.keyboard.type("Which?")
  const found = await page.evaluate(() => {
    const card = document.activeElement!.closest(".card")!.getBoundingClientRect()
    const words = document.querySelector(".remarked")!.getBoundingClientRect()
    const desk = document.querySelector(".desk")!.getBoundingClientRect()
    return {
      card: [card.top, card.bottom, card.width],
      words: [words.top, words.bottom],
      desk: desk.top,
      wide: document.documentElement.scrollWidth,
    }
  })
  expect(await page.locator("textarea:focus").inputValue()).toBe("Which?")
  expect(found.card[1]).toBeLessThanOrEqual(740)
  expect(found.words[0], JSON.stringify(found)).toBeGreaterThanOrEqual(found.desk)
  expect(found.words[1], JSON.stringify(found)).toBeLessThanOrEqual(found.card[0]!)
  expect(found.wide).toBe(360)
  expect(small.errors).toEqual([])
  await small.close()
})

it("[WHO12] the card of a comment that a file brought says so: whom the file names has said nothing here", async () => {
  const fresh = await Sitting.open(browser)
  const [bringer, reader] = [await fresh.page("s"), await fresh.page("b")]
  await bringer.evaluate(async () => {
    const url = `/api/v1${location.pathname}`
    const file = await (await fetch(`${url}/export?format=json`)).json()
    const block = file.blocks.find(({ type }: { type: string }) => type === "clause").id
    const said = (by: string, text: string) => ({ by, source: "S", date: "2020-11-20T09:00:00Z", text })
    const comment = { ...said("Amara Diallo (Chair)", "The chair has ruled"), id: "t", block, quote: "", resolved: false }
    file.changes = []
    file.comments = [{ ...comment, replies: [said("Rafael Nogueira", "Brazil agrees")] }]
    await fetch(`${url}/import`, { method: "POST", body: JSON.stringify(file) })
  })
  const card = await openCard(reader, "The chair has ruled")
  const [first, reply] = await card.locator(".remark .by").allTextContents()
  expect(first).toMatch(/^S From a file by Amara Diallo \(Chair\), brought by Elin Öberg; its date there: 20 Nov 2020, /)
  expect(reply).toMatch(/^S From a file by Rafael Nogueira, brought by Elin Öberg; its date there: 20 Nov 2020, /)
  expect(await card.locator(".remark .name").count()).toBe(0)
  expect(fresh.errors).toEqual([])
  await fresh.close()
})

it("[REM1] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
