import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, draftText, editorHasRead, Sitting, select, startBrowser, viewRests } from "./room.ts"

let browser: Browser
let sitting: Sitting
let brazil: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  brazil = await sitting.page("b", "night-sky")
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

/** What stands on the page from top to bottom, without labels, tags and codes: the first letters of each clause that is drawn. */
const drawnOrder = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>(".paper:not([hidden]) .ProseMirror > *")]
      .filter((block) => block.getClientRects().length > 0 && !block.matches(".is-moving"))
      .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
      .map((block) => block.textContent!.trim().slice(0, 14)),
  )

it("[UI160] a clause that is to move is drawn with its sub-clauses at its new place, with marks and as proposed", async () => {
  await caretAfter(brazil, "Calls upon Member States", "Member")
  await brazil.keyboard.press("Alt+Shift+ArrowDown")
  await brazil.locator(".ghost").nth(3).waitFor()
  for (const view of ["Alt+1", "Alt+2", "Alt+3"]) {
    await brazil.keyboard.press(view)
    await viewRests(brazil)
    const order = await drawnOrder(brazil)
    const from = order.findIndex((words) => words.startsWith("Encourages ope"))
    const behind = order.slice(from, from + 6).map((words) => words.slice(0, 6))
    expect(behind, view).toEqual(["Encour", "Calls ", "direct", "limit ", "exempt", "Reques"])
  }
  await brazil.keyboard.press("Alt+1")
})

it("[UI161] a click on what holds no caret takes the hand out of the text: letters typed then go nowhere, and the page says how one writes", async () => {
  const sweden = await sitting.page("s", "night-sky")
  const ghost = sweden.locator(".ghost", { hasText: "direct light" })
  const said = sweden.locator(".said", { hasText: "Click in the text where you want to write." })
  const card = sweden.locator(".margin .card.is-chosen")
  // Before one has put a caret into the text at all, and with one elsewhere.
  for (const hasCaret of [false, true]) {
    if (hasCaret) {
      await caretAfter(sweden, "Recognizing that", "unaided")
      await editorHasRead(sweden)
    }
    for (const target of [ghost, sweden.locator(".block-tag.tag-move:not(.ghost *)").first()]) {
      await target.scrollIntoViewIfNeeded()
      const before = await draftText(sweden)
      await target.click({ position: { x: 20, y: 8 } })
      await sweden.keyboard.type("XYZ")
      await card.waitFor()
      await said.waitFor()
      await expect.poll(() => sweden.evaluate(() => document.activeElement?.closest(".card, body")?.className)).toMatch(/card/)
      await sweden.keyboard.type("xyz")
      expect(await draftText(sweden)).toBe(before)
      // Escape gives the caret back to who had one, and nobody else is given one.
      await sweden.keyboard.press("Escape")
      await expect.poll(() => card.count()).toBe(0)
      expect(await sweden.evaluate(() => document.activeElement?.closest(".ProseMirror") !== null)).toBe(hasCaret)
    }
  }
  // Where one has clicked, one writes.
  await caretAfter(sweden, "Recognizing that", "unaided")
  await sweden.keyboard.type("QQ")
  await blockWith(sweden, "unaidedQQ").waitFor()
  await sweden.keyboard.press("Control+z")
  await sweden.context().close()
})

it("[UI161] what is drawn between letters is clicked as the words it stands between", async () => {
  const [chair, sweden] = await Promise.all([sitting.page("chair", "night-sky"), sitting.page("s", "night-sky")])
  await select(sweden, "Recalling the purposes", " and principles")
  await sweden.keyboard.press("Delete")
  await sweden.waitForSelector(".save-status.is-saved")
  const struck = blockWith(chair, "Recalling the purposes").locator("del", { hasText: "principles" })
  await struck.click()
  await chair.locator(".margin .card.is-chosen").getByRole("button", { name: "Accept into text" }).click()
  const gone = sweden.locator(".accepted-out", { hasText: "and principles" })
  await gone.waitFor()
  await caretAfter(sweden, "Recognizing that", "unaided")
  await gone.click()
  await sweden.keyboard.type("ZZ")
  await blockWith(sweden, "Recalling").filter({ hasText: "ZZ" }).waitFor()
  expect(await blockWith(sweden, "Recognizing that").textContent()).not.toContain("ZZ")
  await sweden.keyboard.press("Control+z")
  for (const page of [chair, sweden]) await page.context().close()
})

it("[REM3] a reply that was sent is in its box no longer: nothing is sent twice, and what is typed next is the next reply, not in the text", async () => {
  const talker = await sitting.page("b", "early-warning")
  const commented = talker.locator(".ProseMirror [data-thread]").first()
  await commented.scrollIntoViewIfNeeded()
  await commented.click()
  const card = talker.locator(".margin .card.thread.is-chosen")
  const field = card.locator("textarea")
  for (const [said, send] of [
    ["first reply", () => talker.keyboard.press("Control+Enter")],
    ["second reply", () => card.getByRole("button", { name: "Reply" }).click()],
  ] as const) {
    await field.click()
    await talker.keyboard.type(said)
    await send()
    await card.locator(".remark", { hasText: said }).waitFor()
    await expect.poll(() => field.inputValue()).toBe("")
    await talker.keyboard.press("Control+Enter")
    expect(await card.locator(".remark", { hasText: said }).count()).toBe(1)
    await talker.keyboard.type("and on")
    expect(await field.inputValue()).toBe("and on")
    expect(await draftText(talker)).not.toContain("and on")
    await card.getByRole("button", { name: "Discard" }).click()
    await expect.poll(() => field.inputValue()).toBe("")
  }
  await talker.context().close()
})

it("[REM3] a comment is sent for whom it was begun, and its box says for whom that is, where one may write for several", async () => {
  const secretary = await sitting.page("secretary", "early-warning")
  await caretAfter(secretary, "to submit a report", "to submit")
  await secretary.keyboard.press("Alt+m")
  const box = secretary.locator(".margin .remark-card")
  const sentFor = box.locator(".sent-for")
  await sentFor.filter({ hasText: "Sent for SEC" }).waitFor()
  await secretary.keyboard.type("Of the secretariat")
  await secretary.getByLabel("Writing for").first().selectOption("B")
  await secretary.locator(".said", { hasText: "You now write for Brazil" }).waitFor()
  await sentFor.filter({ hasText: /Sent for SEC.*for whom it was begun/ }).waitFor()
  await box.getByRole("button", { name: "Send to the meeting" }).click()
  await secretary.locator(".margin .card.thread .by", { hasText: /^SEC/ }).waitFor()
  // Begun for the one, sent for the other where one says so; and after a reload it is known.
  await caretAfter(secretary, "to organize regional", "to organize")
  await secretary.keyboard.press("Alt+m")
  await secretary.keyboard.type("Of Brazil")
  await secretary.getByLabel("Writing for").first().selectOption("SEC")
  await secretary.locator(".said", { hasText: "You now write for Secretariat" }).waitFor()
  await secretary.reload()
  await secretary.waitForSelector(".save-status.is-saved")
  await blockWith(secretary, "to organize regional").scrollIntoViewIfNeeded()
  await secretary.locator(".margin .entry-row", { hasText: "Of Brazil" }).locator(".line").click()
  await sentFor.filter({ hasText: /Sent for B.*for whom it was begun/ }).waitFor()
  await sentFor.getByRole("button", { name: /^Send it for Secretariat/ }).click()
  await sentFor.filter({ hasText: /^Sent for SEC \S+$/ }).waitFor()
  await box.getByRole("button", { name: "Send to the meeting" }).click()
  await secretary.locator(".margin .card.thread .by", { hasText: /^SEC/ }).waitFor()
  await secretary.context().close()
})

it("[UI105] at no width does who is present stand over the title or the sitting, and the name of whom one writes for is whole", async () => {
  const [page, ...others] = await Promise.all([
    sitting.page("b", "early-warning"),
    sitting.page("s", "early-warning"),
    sitting.page("chair", "early-warning"),
    sitting.page("secretary", "early-warning"),
  ])
  await expect.poll(() => page.locator(".presence .one").count()).toBeGreaterThan(2)
  // Something was decided of one's own: the row of tools says so.
  const [, chair] = others
  await caretAfter(page, "to submit a report", "to submit")
  await page.keyboard.type("x")
  await blockWith(chair!, "to submitx").locator(".inserted").first().click()
  await chair!.locator(".margin .card.is-chosen").getByRole("button", { name: "Not retained" }).click()
  await page.locator(".fresh-fates").waitFor()
  const wrong: string[] = []
  for (let width = 1024; width <= 1500; width += 28) {
    await page.setViewportSize({ width, height: 800 })
    await viewRests(page, 4)
    const found = await page.evaluate(() => {
      const box = (element: Element): DOMRect => element.getBoundingClientRect()
      const lines = [...document.querySelectorAll(".top-bar .what > *")]
      const seen = [...document.querySelectorAll(".presence > li")].filter((one) => getComputedStyle(one).visibility === "visible")
      const ends = Math.max(...lines.map((line) => box(line).right))
      const name = document.querySelector(".writing-bar .hat .name")!
      return { over: seen.some((one) => box(one).left < ends), cut: name.scrollWidth > name.clientWidth }
    })
    if (found.over) wrong.push(`${width}: over the title`)
    if (found.cut) wrong.push(`${width}: the name is cut`)
  }
  expect(wrong).toEqual([])
  for (const other of [page, ...others]) await other.context().close()
})

it("[UI134] on a phone what a question says of its having changed is whole, above what it is about", async () => {
  const [chair, writer] = await Promise.all([sitting.page("chair", "early-warning"), sitting.page("b", "early-warning")])
  await caretAfter(writer, "to submit a report", "to submit")
  await writer.keyboard.type("y")
  await blockWith(chair, "to submity").waitFor()
  await chair.setViewportSize({ width: 360, height: 740 })
  await chair.locator(".top-bar.is-small").waitFor()
  await chair.locator(".console .grain select").selectOption("all")
  await chair.locator(".console").getByRole("button", { name: "Accept into text" }).click()
  await writer.keyboard.press("Backspace")
  const changed = chair.locator("dialog .changed")
  await changed.waitFor()
  const [note, body] = [await changed.boundingBox(), await chair.locator("dialog .body").boundingBox()]
  expect(await changed.evaluate((element) => element.scrollHeight - element.clientHeight)).toBeLessThanOrEqual(1)
  expect(note!.y + note!.height).toBeLessThanOrEqual(body!.y + 1)
  expect(body!.height).toBeGreaterThan(100)
  await chair.keyboard.press("Escape")
  for (const page of [chair, writer]) await page.context().close()
})

it("[UI162] what is accepted and waits for the proposal around it has no box to tick", async () => {
  const [chair, sweden] = await Promise.all([sitting.page("chair", "early-warning"), sitting.page("s", "early-warning")])
  const writer = await sitting.page("b", "early-warning")
  await caretAfter(sweden, "to conclude such arrangements", "arrangements")
  await sweden.keyboard.type(" without any delay")
  await blockWith(writer, "without any delay").waitFor()
  await caretAfter(writer, "without any delay", "any")
  await writer.keyboard.type(" undue")
  await blockWith(chair, "any undue").waitFor()
  const theirs = blockWith(chair, "any undue").locator('ins[data-source="B"]').last()
  await theirs.click()
  const card = chair.locator(".margin .card.is-chosen")
  expect(await card.locator("input[type=checkbox]").count()).toBe(1)
  await card.getByRole("button", { name: "Accept into text" }).click()
  await chair.locator(".said", { hasText: "takes effect with the proposal around it" }).waitFor()
  await chair.keyboard.press("Escape")
  await theirs.click()
  await card.getByText("It is no longer open").waitFor()
  expect(await card.locator("input[type=checkbox]").count()).toBe(0)
  await chair.keyboard.press("Escape")
  const row = chair.locator(".margin .entry-row", { hasText: "undue" }).filter({ has: chair.locator(".source-code", { hasText: "B" }) })
  if ((await row.count()) > 0) expect(await row.locator("input[type=checkbox]").count()).toBe(0)
  for (const page of [chair, sweden, writer]) await page.context().close()
})

it("[UI163] where what had the focus goes, the focus is at what came: the card of a row in the list, the console, the text that is adopted", async () => {
  const chair = await sitting.page("chair", "water-arabic")
  const focus = (selector: string) => chair.evaluate((wanted) => document.activeElement?.closest(wanted) !== null, selector)
  await chair.keyboard.press("Alt+l")
  const panel = chair.locator(".changes-panel")
  await panel.locator(".entry-row .line").first().click()
  await expect.poll(() => focus(".changes-panel .card .title")).toBe(true)
  await chair.keyboard.press("Escape")
  await expect.poll(() => focus(".changes-panel .entry-row")).toBe(true)
  // Escape closes the list on a desktop too, wherever one is.
  await chair.locator(".top-bar .what").click()
  await chair.keyboard.press("Escape")
  await panel.waitFor({ state: "detached" })
  await chair.keyboard.press("Alt+c")
  await chair.locator(".console .grain select").selectOption("all")
  const adopt = chair.getByRole("button", { name: "Adopt the text …" })
  for (let i = 0; i < 60 && (await adopt.count()) === 0; i++) {
    await chair.locator(".console").focus()
    await chair.keyboard.press("j")
    await chair.keyboard.press("n")
    await chair.waitForTimeout(120)
    if ((await chair.locator("dialog .act").count()) > 0) await chair.locator("dialog .act").click()
  }
  await adopt.click()
  await chair.locator("dialog.question").waitFor()
  await chair.keyboard.press("Escape")
  expect(await focus(".console")).toBe(true)
  await adopt.click()
  await chair.locator("dialog .act").click()
  await chair.locator(".said", { hasText: "The text is adopted" }).waitFor()
  await expect.poll(() => focus("main.sheet")).toBe(true)
  await chair.context().close()
})

it("[UI161] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
