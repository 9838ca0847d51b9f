import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { newFolder } from "../meeting.ts"
import { blockWith, editorHasRead, Sitting, startBrowser, type Who } from "./room.ts"

let browser: Browser
let sitting: Sitting
const pages = new Map<Who, Page>()
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  for (const who of ["s", "chair", "secretary", "observer"] as const) pages.set(who, await sitting.page(who))
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
  expect(sitting.errors).toEqual([])
})

interface Words {
  readonly left: number
  readonly right: number
  readonly y: number
}

/** Where some words stand on the page. */
async function placeOf(page: Page, selector: string, words: string): Promise<Words> {
  const place = await page.evaluate(
    ([within, sought]) => {
      for (const element of document.querySelectorAll(within!)) {
        const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const at = node.textContent!.indexOf(sought!)
          if (at < 0) continue
          node.parentElement!.scrollIntoView({ block: "center" })
          const range = document.createRange()
          range.setStart(node, at)
          range.setEnd(node, at + sought!.length)
          const { left, right, top, bottom } = range.getBoundingClientRect()
          return { left, right, y: (top + bottom) / 2 }
        }
      }
      return null
    },
    [selector, words],
  )
  if (!place) throw new Error(`no “${words}” in ${selector}`)
  await editorHasRead(page)
  return place
}

async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 4 })
  await page.mouse.move(...to, { steps: 4 })
  await page.mouse.up()
  await editorHasRead(page)
}

/** The text without the flags of others' carets, which come and go. */
const draftText = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const copy = document.querySelector(".ProseMirror")!.cloneNode(true) as Element
    for (const caret of copy.querySelectorAll(".caret")) caret.remove()
    return copy.textContent!
  })

const selectedOn = (page: Page): Promise<string> => page.evaluate(() => getSelection()!.toString())
const said = (page: Page): Promise<string> => page.evaluate(() => document.querySelector(".said")!.textContent!)
const text = ".ProseMirror > [data-block]"

async function selectByHand(page: Page, words: string): Promise<Words> {
  await page.bringToFront()
  await placeOf(page, text, words)
  const { left, right, y } = await placeOf(page, text, words)
  // A press on what is selected would drag it.
  await page.mouse.click(left + 30, y)
  await editorHasRead(page)
  await drag(page, [left + 0.5, y], [right - 0.5, y])
  expect(await selectedOn(page)).toBe(words)
  return { left, right, y }
}

/** Drops what comes from outside of the browser. */
async function dropOn(
  page: Page,
  x: number,
  y: number,
  what: { items?: { mimeType: string; data: string }[]; files?: string[] },
): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  const data = { items: [], ...what, dragOperationsMask: 1 }
  for (const type of ["dragEnter", "dragOver", "drop"] as const) await devtools.send("Input.dispatchDragEvent", { type, x, y, data })
  await devtools.detach()
}

const changes = async (): Promise<number> => {
  const list = await pages.get("chair")!.evaluate(async () => {
    const answer = await fetch(`/api/v1${location.pathname}/changes`)
    return (await answer.json()) as unknown[]
  })
  return list.length
}

it("[UI170] words that are pressed again where they are selected, and slip, stay as they are, on every page", async () => {
  const before = await changes()
  for (const [who, page] of pages) {
    const was = await draftText(page)
    for (const slip of [3, 9, 20]) {
      const { left, right, y } = await selectByHand(page, "arrangements")
      await drag(page, [(left + right) / 2, y], [(left + right) / 2 + slip, y])
      expect(await draftText(page), who).toBe(was)
      expect(await said(page), who).not.toContain("moved")
    }
    await page.waitForSelector(".save-status.is-saved")
  }
  expect(await changes()).toBe(before)
})

it("[UI171] words of the draft are not moved by dragging: it is said, and nothing else happens", async () => {
  const before = await changes()
  for (const [who, page] of pages) {
    const was = await draftText(page)
    const { left, right, y } = await selectByHand(page, "to conclude such arrangements")
    const there = await placeOf(page, text, "duplication")
    const now = await placeOf(page, text, "arrangements")
    await drag(page, [(left + right) / 2, now.y], [there.right, there.y])
    expect(await draftText(page), who).toBe(was)
    const mayWrite = await page.evaluate(() => document.querySelector(".ProseMirror")!.getAttribute("contenteditable") === "true")
    if (mayWrite) expect(await said(page), who).toContain("Nothing was moved")
    expect(y).toBeGreaterThan(0)
    await page.waitForSelector(".save-status.is-saved")
  }
  expect(await changes()).toBe(before)
})

it("[UI171] words that are dragged out of the text into a comment are copied, and stay in the text", async () => {
  const page = pages.get("s")!
  const was = await draftText(page)
  const before = await changes()
  await selectByHand(page, "arrangements")
  await page.keyboard.press("Alt+m")
  const box = page.locator(".margin textarea:focus")
  await box.waitFor()
  await page.keyboard.type("Why ")
  await selectByHand(page, "duplication")
  const { left, right, y } = await placeOf(page, text, "duplication")
  const field = (await page.locator(".margin textarea").boundingBox())!
  await drag(page, [(left + right) / 2, y], [field.x + 20, field.y + 12])
  expect(await page.locator(".margin textarea").inputValue()).toContain("duplication")
  expect(await draftText(page)).toBe(was)
  await page.waitForSelector(".save-status.is-saved")
  expect(await changes()).toBe(before)
  await page.keyboard.press("Escape")
})

it("[UI172] words that are dropped on the text from elsewhere are pasted where they are dropped, as a change of their own", async () => {
  const page = pages.get("s")!
  await page.bringToFront()
  await page.waitForSelector(".save-status.is-saved")
  const before = await changes()
  const { right, y } = await placeOf(page, text, "duplication")
  const items = [
    { mimeType: "text/plain", data: "s and delays" },
    { mimeType: "text/html", data: "<p>s <del>or</del>and <b>delays</b></p>" },
  ]
  await dropOn(page, right, y, { items })
  await expect.poll(() => blockWith(page, "to avoid").textContent()).toContain("duplications and delays of work")
  expect(await said(page)).toBe("Left out: struck words.")
  await page.waitForSelector(".save-status.is-saved")
  expect(await changes()).toBe(before + 1)
  await page.keyboard.press("Control+z")
  await expect.poll(() => blockWith(page, "to avoid").textContent()).not.toContain("delays")
  await page.waitForSelector(".save-status.is-saved")
  expect(await changes()).toBe(before)
})

it("[UI172] a file that is dropped anywhere brings changes where one may bring any, else it is said why not, and the page stays", async () => {
  const path = join(newFolder(), "words.txt")
  writeFileSync(path, "words\n")
  for (const [who, page] of pages) {
    await page.bringToFront()
    const address = page.url()
    const was = await draftText(page)
    const { left, y } = await placeOf(page, text, "duplication")
    await dropOn(page, left, y, { files: [path] })
    if (who === "observer") await expect.poll(() => said(page)).toContain("bring no changes")
    else await page.locator("dialog[open]").waitFor()
    expect(page.url()).toBe(address)
    expect(await draftText(page)).toBe(was)
    await page.keyboard.press("Escape")
  }
})
