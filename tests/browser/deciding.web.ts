import { readFileSync } from "node:fs"
import type { Browser, Locator, Page } from "playwright-core"
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import { home } from "../process.ts"
import { choicesDraft } from "./crowd.ts"
import { blockWith, caretAfter, editorHasRead, Sitting, startBrowser } from "./room.ts"

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

interface Steps {
  /** Which change is on the table, counted from 1; 0: none. */
  readonly at: number
  readonly of: number
}

async function steps(page: Page): Promise<Steps> {
  const text = (await page.locator(".stepper .count").textContent())!
  const [, at = "0", of = /\d+/.exec(text)?.[0] ?? "0"] = /(\d+) of (\d+)/.exec(text) ?? []
  return { at: Number(at), of: Number(of) }
}
const open = async (page: Page): Promise<number> => (await steps(page)).of

/** What the record says was decided, newest first. */
const decided = (page: Page): Promise<{ act: string; changes: number }[]> =>
  page.evaluate(async () => {
    const answer = await fetch("/api/v1/drafts/early-warning/register")
    const entries = (await answer.json()) as { act: string; details: { changes?: unknown[] } }[]
    return entries
      .toReversed()
      .filter(({ act }) => act === "accept" || act === "notRetain")
      .map(({ act, details }) => ({ act, changes: details.changes?.length ?? 0 }))
  })

/** Holds a key as a hand does: the keyboard repeats it. */
async function hold(page: Page, key: string): Promise<void> {
  const keys = key.split("+")
  const last = keys.pop()!
  for (const modifier of keys) await page.keyboard.down(modifier)
  for (let i = 0; i < 8; i++) await page.keyboard.down(last)
  for (const pressed of [last, ...keys]) await page.keyboard.up(pressed)
}

/** A promise that is kept when told. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  const kept: { resolve?: () => void } = {}
  const promise = new Promise<void>((resolve) => {
    kept.resolve = resolve
  })
  return { promise, resolve: () => kept.resolve?.() }
}

const console_ = (): Locator => chair.locator(".console")
const question = (): Locator => chair.getByRole("alertdialog")

it("[UI40] Alt+Down steps one change for a press, however long it is held, in the text and out of it", async () => {
  const { of } = await steps(chair)
  for (const place of ["out", "in"] as const) {
    if (place === "in") await caretAfter(chair, "to maintain a public register", "public")
    // With nothing on the table the first one leads to what is behind the caret.
    const at = place === "out" ? (await steps(chair)).at : 12
    await chair.keyboard.press("Alt+ArrowDown")
    expect(await steps(chair)).toEqual({ at: at + 1, of })
    await hold(chair, "Alt+ArrowDown")
    expect(await steps(chair)).toEqual({ at: at + 2, of })
    await chair.keyboard.press("Alt+ArrowUp")
    expect(await steps(chair)).toEqual({ at: at + 1, of })
  }
})

it("[UI40] Alt+Shift+Up moves the clause that one writes in, and steps nothing", async () => {
  await sweden.bringToFront()
  const before = await steps(sweden)
  await caretAfter(sweden, "to open their warning systems", "warning")
  await sweden.keyboard.press("Alt+Shift+ArrowUp")
  await sweden.locator(".ghost", { hasText: "to open their warning systems" }).waitFor()
  await expect.poll(() => steps(sweden)).toEqual({ at: 0, of: before.of + 1 })
  await sweden.keyboard.press("Alt+Shift+ArrowDown")
  await expect.poll(() => steps(sweden)).toEqual({ at: 0, of: before.of })
  // Its proposal has come and gone at the chair's too.
  await sweden.waitForSelector(".save-status.is-saved")
  await expect.poll(async () => (await steps(chair)).of).toBe(before.of)
})

for (const [key, act] of [
  // Something stands inside the third change: not retaining that would ask first.
  ["n", "notRetain"],
  ["a", "accept"],
] as const)
  it(`[UI41] ${key.toUpperCase()}, held or pressed twice, decides one change; the next is a step of its own`, async () => {
    await console_().focus()
    for (const press of [hold, (page: Page) => page.keyboard.press(key).then(() => page.keyboard.press(key))]) {
      const before = { open: await open(chair), acts: (await decided(chair)).length }
      await chair.keyboard.press("ArrowDown")
      await press(chair, key)
      await expect.poll(() => open(chair)).toBe(before.open - 1)
      // Also well after the decision has come back.
      await expect.poll(() => decided(chair).then((acts) => acts.length)).toBe(before.acts + 1)
      await chair.keyboard.press(key)
      await chair.keyboard.press("Alt+ArrowUp")
      await chair.keyboard.press("Alt+ArrowDown")
      const acts = await decided(chair)
      expect(acts.length).toBe(before.acts + 1)
      expect(acts[0]).toEqual({ act, changes: 1 })
      expect(await open(chair)).toBe(before.open - 1)
      // What is on the table now is put there by the step alone.
      await chair.keyboard.press("Alt+ArrowUp")
    }
  })

it("[UI41] a press for each decision with a step between, as fast as a hand goes, decides as many", async () => {
  const before = { open: await open(chair), acts: (await decided(chair)).length }
  await console_().focus()
  await chair.keyboard.press("ArrowDown")
  await chair.keyboard.press("a")
  await chair.keyboard.press("ArrowDown")
  await chair.keyboard.press("n")
  await expect.poll(() => decided(chair).then((acts) => acts.length)).toBe(before.acts + 2)
  expect((await decided(chair)).slice(0, 2)).toEqual([
    { act: "notRetain", changes: 1 },
    { act: "accept", changes: 1 },
  ])
  await expect.poll(() => open(chair)).toBe(before.open - 2)
})

it("[UI41] a double click on a button decides one change", async () => {
  const before = { open: await open(chair), acts: (await decided(chair)).length }
  await chair.keyboard.press("Alt+ArrowDown")
  await console_().locator(".accept").dblclick()
  await expect.poll(() => open(chair)).toBe(before.open - 1)
  await chair.keyboard.press("Alt+ArrowDown")
  const card = chair.locator(".margin .card.is-chosen")
  await card.getByRole("button", { name: "Not retained" }).dblclick()
  await expect.poll(() => open(chair)).toBe(before.open - 2)
  // The page counts at once; the record has it once it is durable.
  await expect.poll(async () => (await decided(chair)).length).toBe(before.acts + 2)
})

/** Whether a button lies where the pointer is. */
const lies = async (button: Locator, x: number, y: number): Promise<boolean> => {
  const { x: left, y: top, width, height } = (await button.boundingBox())!
  return x >= left && x <= left + width && y >= top && y <= top + height
}

it("[UI103] the card of a change that its author still writes says so, and a decision is on what stood on the card, or on nothing", async () => {
  const card = chair.locator(".margin .card.is-chosen")
  const clause = "public register of national"
  // Before the page's own listeners: what stands on the card at the press.
  await chair.addInitScript(() => {
    addEventListener(
      "keydown",
      (event) => {
        if (event.key === "a") document.body.dataset.stood = document.querySelector(".card.is-chosen .what ins")?.textContent ?? ""
      },
      true,
    )
  })
  await chair.reload()
  await chair.waitForSelector(".save-status.is-saved")
  let done = 0
  for (let round = 0; round < 4; round++) {
    await chair.bringToFront()
    await caretAfter(sweden, clause, "to maintain")
    await sweden.keyboard.type(" and", { delay: 40 })
    await blockWith(chair, clause).locator(".inserted").last().click()
    await card.waitFor()
    const typing = sweden.keyboard.type(" national", { delay: 120 })
    await card.getByText("Sweden is still writing this.").waitFor()
    await console_().focus()
    const before = (await decided(chair)).length
    await chair.keyboard.press("a")
    await typing
    await sweden.waitForSelector(".save-status.is-saved")
    await chair.locator(".said.is-shown", { hasText: /Nothing was decided|1 change accepted/ }).waitFor()
    if ((await decided(chair)).length > before) {
      done++
      const [stood, accepted] = await chair.evaluate(async () => {
        const record = (await (await fetch("/api/v1/drafts/early-warning/register")).json()) as { act: string; details: unknown }[]
        return [
          document.body.dataset.stood!,
          (record.findLast(({ act }) => act === "accept")!.details as { changes: { what: string }[] }).changes[0]!.what,
        ]
      })
      expect(accepted).toMatch(new RegExp(`“ ?${stood!.trim()} ?”`))
      await console_().focus()
      await chair.keyboard.press("u")
      await chair.locator(".said.is-shown", { hasText: "Taken back" }).waitFor()
    }
    while ((await blockWith(chair, clause).locator(".inserted").count()) > 0) {
      await blockWith(chair, clause).locator(".inserted").last().click()
      await console_().focus()
      await chair.keyboard.press("n")
      await chair.locator(".said.is-shown", { hasText: "not retained" }).waitFor()
      await editorHasRead(chair)
    }
  }
  expect(done, "some were decided").toBeGreaterThan(0)
})

it("[UI98] all of the clause that the caret or the selection stands in is decided without a change being picked", async () => {
  // The last, for what was decided just before may still stand in the first.
  const clause = chair.locator(".ProseMirror > [data-type=clause]:has(.inserted)").last()
  const own = await clause
    .locator("[data-change]")
    .evaluateAll((all) => new Set(all.map((one) => (one as HTMLElement).dataset.change)).size)
  const agreed = await clause.evaluate((block) => {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (!node.parentElement!.closest("[data-change]") && node.textContent!.trim().length > 8) return node.textContent!.trim()
    throw new Error("no agreed words")
  })
  for (const act of ["caret", "selection"] as const) {
    await chair.keyboard.press("Escape")
    await clause.scrollIntoViewIfNeeded()
    const { x, y, height } = await clause.evaluate((block, sought) => {
      const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.textContent!.indexOf(sought)
        if (at < 0) continue
        const range = document.createRange()
        range.setStart(node, at + 2)
        range.setEnd(node, at + 3)
        return range.getBoundingClientRect().toJSON() as DOMRect
      }
      throw new Error("no agreed words")
    }, agreed)
    if (act === "caret") await chair.mouse.click(x, y + height / 2)
    else await chair.mouse.dblclick(x, y + height / 2)
    expect((await steps(chair)).at).toBe(0)
    const choice = console_().locator("select")
    await choice.selectOption("clause")
    expect(await choice.locator("option:checked").textContent()).toMatch(new RegExp(`^all in .+ \\(${own}\\)$`))
    await console_().getByRole("button", { name: "Accept into text" }).click()
    await question().waitFor()
    await chair.keyboard.press("Escape")
    await question().waitFor({ state: "detached" })
  }
})

it("[UI42] all open changes are asked about first, counted by delegation; neither button lies where the pointer is", async () => {
  const before = { open: await open(chair), acts: (await decided(chair)).length }
  await console_().locator("select").selectOption("all")
  const box = (await console_().locator(".accept").boundingBox())!
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  await chair.mouse.dblclick(at.x, at.y)
  await question().waitFor()
  expect((await decided(chair)).length).toBe(before.acts)
  const rows = await question().locator("tbody tr").count()
  const counts = await question().locator("tbody td.number").allTextContents()
  expect(rows).toBeGreaterThan(1)
  expect(counts.reduce((sum, text) => sum + Number(text), 0)).toBe(Number(await question().locator("tfoot td.number").textContent()))
  expect(await question().locator("h2").textContent()).toBe(`Accept ${await question().locator("tfoot td.number").textContent()} changes?`)
  for (const button of await question().getByRole("button").all()) expect(await lies(button, at.x, at.y)).toBe(false)
  // Keys that were meant for the console, and Enter, do nothing but go back.
  expect(
    await question()
      .locator("footer button")
      .last()
      .evaluate((element) => element === document.activeElement),
  ).toBe(true)
  for (const key of ["a", "a", "Enter"]) await chair.keyboard.press(key)
  await question().waitFor({ state: "detached" })
  expect((await decided(chair)).length).toBe(before.acts)
  expect(await open(chair)).toBe(before.open)
})

it("[UI42] wherever the pointer is, also where the buttons would stand, and on a small window", async () => {
  for (const size of [
    { width: 1440, height: 900 },
    { width: 360, height: 740 },
  ]) {
    await chair.setViewportSize(size)
    await console_().locator("select").selectOption("all")
    await console_().focus()
    await chair.keyboard.press("n")
    const place = (await question().locator("footer button").first().boundingBox())!
    await chair.keyboard.press("Escape")
    await question().waitFor({ state: "detached" })
    // The pointer now rests where the act stood.
    const at = { x: place.x + place.width / 2, y: place.y + place.height / 2 }
    await chair.mouse.move(at.x, at.y)
    await console_().focus()
    await chair.keyboard.press("n")
    await question().waitFor()
    for (const button of await question().getByRole("button").all()) {
      expect(await lies(button, at.x, at.y)).toBe(false)
      await expect.poll(() => button.isVisible()).toBe(true)
    }
    await chair.keyboard.press("Escape")
  }
  await chair.setViewportSize({ width: 1440, height: 900 })
})

it("[UI42] once it is called off, the next change that the chair turns to is decided by itself", async () => {
  await console_().locator("select").selectOption("all")
  await console_().focus()
  await chair.keyboard.press("a")
  await question().waitFor()
  await chair.keyboard.press("Escape")
  await question().waitFor({ state: "detached" })
  await chair.keyboard.press("Alt+ArrowDown")
  await expect.poll(() => console_().locator("select").inputValue()).toBe("one")
})

it("[UI42] what was asked is done by the act: one decision on all, and no more", async () => {
  const acts = (await decided(chair)).length
  await sweden.bringToFront()
  await caretAfter(sweden, "to organize regional", "regional")
  await chair.bringToFront()
  await console_().locator("select").selectOption("all")
  await console_().focus()
  await chair.keyboard.press("a")
  const asked = Number(await question().locator("tfoot td.number").textContent())
  // What comes in while it is asked is not covered.
  await sweden.bringToFront()
  await sweden.keyboard.type(" LATE")
  await blockWith(chair, "to organize regional").filter({ hasText: "LATE" }).waitFor()
  await chair.bringToFront()
  expect(await question().locator("tfoot td.number").textContent()).toBe(String(asked))
  await question()
    .getByRole("button", { name: `Accept ${asked} changes` })
    .click()
  await expect.poll(() => decided(chair).then((list) => list.length)).toBe(acts + 1)
  expect((await decided(chair))[0]!.act).toBe("accept")
  await expect.poll(async () => (await open(chair)) > 0).toBe(true)
  expect((await blockWith(chair, "to organize regional").locator(".inserted").allTextContents()).join("")).toBe(" LATE")
})

it("[UI43 UI134] a deletion that ends what others propose in the clause is asked about, and names them", async () => {
  await sweden.bringToFront()
  await caretAfter(sweden, "to organize regional", "regional")
  await sweden.keyboard.press("Alt+Shift+Backspace")
  await blockWith(chair, "to organize regional").and(chair.locator(".is-going")).waitFor()
  const brazil = await sitting.page("b")
  await caretAfter(brazil, "to organize regional", "regional")
  await brazil.keyboard.type(" yearly")
  await blockWith(chair, "to organize regional").filter({ hasText: "yearly" }).waitFor()
  await chair.bringToFront()
  const acts = (await decided(chair)).length
  await blockWith(chair, "to organize regional").scrollIntoViewIfNeeded()
  await chair.locator(".margin .entry-row", { hasText: "the whole clause" }).locator(".line").click()
  await console_().focus()
  await hold(chair, "a")
  await question().waitFor()
  const ending = async (): Promise<number> => Number(/Ended with it, (\d+) change/.exec((await question().textContent()) ?? "")?.[1])
  expect(await question().textContent()).toMatch(/Brazil/)
  const ended = await ending()
  expect(ended).toBeGreaterThan(0)
  expect((await decided(chair)).length).toBe(acts)
  // What comes in while it is asked is told, and the next press only says that it was seen.
  const act = question().locator(".act")
  expect(await act.textContent()).toBe("Delete the clause")
  await brazil.bringToFront()
  await caretAfter(brazil, "to organize regional", "to organize")
  await brazil.keyboard.type(" two")
  await blockWith(chair, "to organize regional").or(blockWith(chair, "to organize two")).filter({ hasText: "two" }).first().waitFor()
  await chair.bringToFront()
  await question().getByText("Something has changed since this was asked").waitFor()
  expect(await ending()).toBe(ended + 1)
  await act.click()
  await expect.poll(() => act.textContent()).toBe("Delete the clause")
  expect((await decided(chair)).length).toBe(acts)
  await question().getByRole("button", { name: "Delete the clause" }).click()
  await expect.poll(() => decided(chair).then((list) => list.length)).toBe(acts + 1)
  expect(await chair.locator(".said").textContent()).toBe(
    `1 change accepted into the text. ${ended + 1} that stood in what went have ended.`,
  )
  await brazil.close()
})

it("[UI112 RES2] not retaining a proposal in which others stand is asked about: what is open in it, and what was accepted in it and waits", async () => {
  await sweden.bringToFront()
  await caretAfter(sweden, "public register of national", "national")
  await sweden.keyboard.type(" and regional", { delay: 20 })
  await sweden.waitForSelector(".save-status.is-saved")
  const brazil = await sitting.page("b")
  await caretAfter(brazil, "public register of national", "and")
  await brazil.keyboard.type(" wider", { delay: 20 })
  await brazil.waitForSelector(".save-status.is-saved")
  await chair.bringToFront()
  const clause = blockWith(chair, "public register of national")
  await clause.filter({ hasText: "wider" }).waitFor()
  const card = chair.locator(".margin .card.is-chosen")
  const openCardOf = async (words: string): Promise<void> => {
    await clause.scrollIntoViewIfNeeded()
    await clause.locator("[data-change]", { hasText: words }).last().click()
    await card.waitFor()
    await card.locator(".is-writing").waitFor({ state: "detached" })
  }
  await openCardOf("regional")
  await card.locator(".not-retain").click()
  await question().getByText("Ended with it, 1 change").waitFor()
  expect(await question().textContent()).toMatch(/Not retain the change by Sweden[\s\S]*B Brazil/)
  await chair.keyboard.press("Escape")
  await openCardOf("wider")
  const before = await open(chair)
  await card.locator(".accept").click()
  await chair.locator(".said", { hasText: "1 change accepted: it takes effect with the proposal around it." }).waitFor()
  await expect.poll(() => open(chair)).toBe(before - 1)
  await openCardOf("regional")
  await card.locator(".not-retain").click()
  await question().getByText("Accepted before and gone with it, 1 change").waitFor()
  await question().getByRole("button", { name: "Not retain it" }).click()
  await chair.locator(".said", { hasText: "1 change not retained. 1 accepted before has gone with what stood around." }).waitFor()
  await brazil.locator(".said", { hasText: "Gone with the proposal that it stood in, which the chair ended" }).waitFor()
  await brazil.context().close()
})

it("[RES8 UI134] what came to stand around a change while its decision was on its way is no surprise: nothing is decided, and the card says that it would wait", async () => {
  const [page, brazil, sweden] = await Promise.all((["chair", "b", "s"] as const).map((who) => sitting.page(who, "night-sky")))
  if (!page || !brazil || !sweden) throw new Error("no pages")
  const words = "direct light"
  // Who is offline has not heard of what comes in, and strikes the words around it.
  await caretAfter(sweden, words, "where it")
  await sweden.context().setOffline(true)
  await sweden.waitForSelector(".save-status.is-offline")
  for (let i = 0; i < 8; i++) await sweden.keyboard.press("Shift+ArrowLeft")
  await sweden.keyboard.press("Delete")
  await brazil.bringToFront()
  await caretAfter(brazil, words, "where")
  await brazil.keyboard.type(" exactly", { delay: 20 })
  await brazil.waitForSelector(".save-status.is-saved")
  await page.bringToFront()
  const clause = blockWith(page, words)
  await clause.scrollIntoViewIfNeeded()
  await clause.locator("[data-change]", { hasText: "exactly" }).last().click()
  const card = page.locator(".margin .card.is-chosen")
  await card.locator(".is-writing").waitFor({ state: "detached" })
  const waits = card.getByText("Accepted, this takes effect only with the proposal that came to stand around it.")
  expect(await waits.count()).toBe(0)
  const { promise: isReleased, resolve: release } = withResolvers()
  await page.route("**/decisions", async (route) => {
    await isReleased
    await route.continue()
  })
  await card.locator(".accept").click()
  await sweden.context().setOffline(false)
  await blockWith(brazil, words).locator(".struck", { hasText: "wher" }).waitFor()
  release()
  await page.locator(".said", { hasText: "would take effect only with a proposal that came to stand around it meanwhile" }).waitFor()
  await waits.waitFor()
  await page.unroute("**/decisions")
  await card.locator(".accept").click()
  await page.locator(".said", { hasText: "1 change accepted: it takes effect with the proposal around it." }).waitFor()
  for (const other of [page, brazil, sweden]) await other.context().close()
})

it("[UI44] adoption is asked about, with what became of each delegation's changes; Enter does not adopt", async () => {
  for (let left = await open(chair); left > 0; left = await open(chair)) {
    await console_().focus()
    await chair.keyboard.press("ArrowDown")
    await chair.keyboard.press("n")
    await expect.poll(() => open(chair)).toBeLessThan(left)
  }
  const button = console_().getByRole("button", { name: "Adopt the text" })
  await button.dblclick()
  await question().waitFor()
  expect(await question().textContent()).toMatch(/Sweden[\s\S]*Together[\s\S]*No change is open/)
  await chair.evaluate(readFileSync(`${home}node_modules/axe-core/axe.min.js`, "utf8"))
  const found = await chair.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(where: string): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    return (await axe.run("dialog[open]")).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`)
  })
  expect(found).toEqual([])
  await chair.keyboard.press("Enter")
  await question().waitFor({ state: "detached" })
  expect(await chair.locator(".hat").first().textContent()).not.toMatch(/Adopted/)
  await button.click()
  await question().getByRole("button", { name: "Adopt the text" }).click()
  await chair.locator(".hat", { hasText: "Adopted" }).waitFor()
})

it("[UI116] the tool at a selection covers no words, goes with it out of view and at Escape, and offers the chair to accept the selected part", async () => {
  const page = await sitting.page("chair", "night-sky")
  const sweden = await sitting.page("s", "night-sky")
  await caretAfter(sweden, "that the unaided sight", "of the stars")
  await sweden.keyboard.type(" and of the planets")
  await sweden.waitForSelector(".save-status.is-saved")
  const tool = page.locator(".selection-tool")
  const clause = blockWith(page, "that the unaided sight")
  const doubleClick = async (word: string): Promise<void> => {
    await clause.getByText(word).first().waitFor()
    const { x, y, width, height } = await clause.evaluate((block, sought) => {
      const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.textContent!.indexOf(sought)
        if (at < 0) continue
        const range = document.createRange()
        range.setStart(node, at)
        range.setEnd(node, at + sought.length)
        return range.getBoundingClientRect().toJSON() as DOMRect
      }
      throw new Error(`no ${sought}`)
    }, word)
    await page.mouse.dblclick(x + width / 2, y + height / 2)
    // A hand sees the tool come to the new words before it presses a key.
    await editorHasRead(page)
  }
  // Once nobody's caret stands there the words are drawn anew no more.
  await clause.locator(".caret.is-resting").waitFor()
  await caretAfter(page, "that the unaided sight", " and of the")
  for (let i = 0; i < 6; i++) await page.keyboard.press("Shift+ArrowLeft")
  await tool.waitFor()
  const covered = await page.evaluate(() => {
    const box = document.querySelector(".selection-tool")!.getBoundingClientRect()
    return [...document.querySelectorAll(".ProseMirror > [data-block]")].filter((block) => {
      const range = document.createRange()
      range.selectNodeContents(block)
      return [...range.getClientRects()].some(
        ({ left, right, top, bottom }) => left < box.right && right > box.left && top < box.bottom && bottom > box.top,
      )
    }).length
  })
  expect(covered).toBe(0)
  await tool.getByRole("button", { name: "Accept the selected words" }).click()
  await page.locator(".said.is-shown", { hasText: "What is left of it stays open." }).waitFor()
  // The record names what is left by its words.
  await page.locator(".tools").getByRole("button", { name: "Record" }).click()
  await page.locator("dialog[open] li", { hasText: /in part; .*“.+” stays open/ }).waitFor()
  await page.keyboard.press("Escape")
  await doubleClick("heritage")
  await tool.waitFor()
  await page.keyboard.press("Escape")
  await tool.waitFor({ state: "detached" })
  await page.mouse.click(600, 330)
  // A hand sees the caret there before it selects the same words once more.
  await editorHasRead(page)
  await doubleClick("heritage")
  await tool.waitFor()
  await page.locator(".desk").hover({ position: { x: 500, y: 500 } })
  await page.mouse.wheel(0, 3_000)
  await tool.waitFor({ state: "detached" })
  await page.mouse.wheel(0, -3_000)
  await tool.waitFor()
  for (const other of [page, sweden]) await other.context().close()
})

for (const [width, height] of [
  [1440, 900],
  [1366, 768],
  [1280, 720],
] as const)
  it(`[UI117] the console keeps its height, names the next change whole, and has the focus after a decision on a card, at ${width}x${height}`, async () => {
    const page = await sitting.page("chair", "night-sky")
    await page.setViewportSize({ width, height })
    const heights = new Set<number>()
    const measured = async (): Promise<void> => void heights.add((await page.locator(".console").boundingBox())!.height)
    await measured()
    await page.keyboard.press("Alt+ArrowDown")
    const card = page.locator(".margin .card.is-chosen")
    await card.waitFor()
    await measured()
    await card.getByRole("button", { name: "Not retained", exact: true }).click()
    await page.locator(".console .take-up").waitFor()
    await measured()
    expect(await page.evaluate(() => document.activeElement?.className)).toMatch(/console/)
    const name = page.locator(".console .take-up .name")
    expect(await name.evaluate((element) => element.scrollWidth <= element.clientWidth), (await name.textContent())!).toBe(true)
    await page.keyboard.press("ArrowDown")
    await card.waitFor()
    for (const grain of ["all", "clause", "source"]) {
      await page.locator(".console select").selectOption(grain)
      await measured()
    }
    expect([...heights]).toHaveLength(1)
    await page.context().close()
  })

it("[UI112] the question says what is taken, what is not and why, by place with the delegations; what is more opens", async () => {
  const places = 7
  const secretary = await sitting.page("secretary")
  const draft = await secretary.evaluate(
    async (sent) => {
      const answer = await fetch("/api/v1/drafts?name=choices.json", {
        method: "POST",
        headers: { "content-type": "application/octet-stream" },
        body: sent,
      })
      if (!answer.ok) throw new Error(await answer.text())
      return ((await answer.json()) as { id: string }).id
    },
    JSON.stringify(choicesDraft(places)),
  )
  await secretary.context().close()
  const page = await sitting.page("chair", draft)
  const asked = page.getByRole("alertdialog")
  await page.locator(".console select").selectOption("all")
  await page.locator(".console .accept").click()
  await asked.waitFor()
  expect(await asked.locator("h2").textContent()).toBe("Accept 3 changes?")
  const competing = asked.locator(".left-out", { hasText: `Left out, ${2 * places} changes that compete` })
  const sharing = asked.locator(".left-out", { hasText: `Left out, ${2 * places} changes that share a place` })
  expect(await sharing.textContent()).toMatch(/all that are accepted stand/)
  expect(await sharing.textContent()).not.toMatch(/only/)
  expect(await asked.locator(".left-out").count()).toBe(2)
  for (const list of [competing, sharing]) {
    expect(await list.locator("li").count()).toBe(4)
    await list.getByRole("button", { name: "and 3 more places" }).click()
    expect(await list.locator("li").count()).toBe(places)
    for (const place of await list.locator("li").allTextContents()) expect(place).toMatch(/^resolves.*: S Sweden, B Brazil$/)
  }
  await asked.locator(".act").click()
  // What the question said is what was done.
  await expect.poll(() => open(page)).toBe(4 * places)
  // A decision on some that others compete with names what it ends.
  await page.locator(".margin .entry-row", { hasText: "words0 of Sweden" }).first().locator(".line").click()
  await page.locator(".console select").selectOption("source")
  await page.locator(".console .accept").click()
  await asked.waitFor()
  expect(await asked.locator("h2").textContent()).toBe(`Accept ${2 * places} changes by Sweden?`)
  expect(await asked.locator(".left-out").allTextContents()).toEqual([
    expect.stringMatching(new RegExp(`^Ended by it, ${places} changes: .*B Brazil`)),
  ])
  await asked.locator(".act").click()
  await expect.poll(() => open(page)).toBe(places)
  await page.context().close()
})

it("[UI45] the sheet under ? names the keys; in a field it is a letter", async () => {
  const sheet = chair.getByRole("dialog", { name: "Marks and keys" })
  await chair.locator(".ProseMirror:visible").click({ position: { x: 5, y: 5 } })
  await chair.keyboard.press("?")
  await sheet.waitFor()
  expect(await sheet.textContent()).toMatch(/next change[\s\S]*one delegation/)
  await chair.keyboard.press("Escape")
  await sheet.waitFor({ state: "detached" })
  expect(sitting.errors).toEqual([])
})
