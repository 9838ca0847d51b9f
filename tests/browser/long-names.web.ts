import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Sitting, startBrowser } from "./room.ts"

const word = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
const long = word + word
const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 768, height: 1024 },
  { width: 360, height: 740 },
]

let browser: Browser
let sitting: Sitting
let secretary: Page
let sweden: Page
let longDraft = ""
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  secretary = await sitting.page("secretary")
  const send = (path: string, body: string, type = "application/json"): Promise<Record<string, string>> =>
    secretary.evaluate(
      async ([to, content, kind]) => {
        const answer = await fetch(`/api/v1${to}`, { method: "POST", headers: { "Content-Type": kind! }, body: content! })
        if (!answer.ok) throw new Error(`${to}: ${answer.status} ${await answer.text()}`)
        return answer.json()
      },
      [path, body, type],
    )
  await send("/roster", `S,${long}\nB,${`Republic of ${word} `.repeat(2)}`, "text/csv")
  await send("/sittings", JSON.stringify({ body: long, room: long, date: "2026-11-23", chair: null }))
  const text = `RESOLUTION ${word} (Geneva, 2024)\n${long}\n\nThe Council,\n\nconsidering ${word}\na)\tthat ${long} fails;\nb)\tthat lamps fail,\n\nresolves\n1\tto keep ${long};\n2\tto count,\n`
  longDraft = (await send("/drafts?name=long.txt", text, "text/plain")).id!
  const { token } = await send("/invitations", JSON.stringify({ role: "delegate", hats: ["S"], name: long }))
  const context = await browser.newContext(sitting.options)
  sitting.contexts.push(context)
  sweden = await context.newPage()
  await sweden.goto(`http://s.localhost:${sitting.port}/enter#${token}`)
  await sweden.waitForURL(/\/$/)
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

/** What makes the page wider than its window, or a part of it scroll sideways that is no frame of a table. */
const wide = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    const found = scrollWidth > clientWidth ? [`the page: ${scrollWidth}`] : []
    for (const element of document.querySelectorAll<HTMLElement>("*")) {
      const { overflowX } = getComputedStyle(element)
      const isFrame = element.closest(".table-frame:not(:has(.register))") !== null
      if ((overflowX === "auto" || overflowX === "scroll") && element.scrollWidth > element.clientWidth + 1 && !isFrame)
        found.push(`${element.tagName}.${element.className}: ${element.scrollWidth} in ${element.clientWidth}`)
    }
    return found
  })

/** On a small window the tools lie in a sheet, which a hand opens first. */
async function reach(page: Page): Promise<void> {
  const sheet = page.locator(".sheet-button")
  if ((await sheet.count()) === 0 || (await page.locator(".room-sheet").isVisible())) return
  await sheet.click()
  await page.locator(".room-sheet").waitFor()
  expect(await wide(page), "the sheet").toEqual([])
}

for (const size of sizes)
  it(`[UI58] long names widen nothing at ${size.width}: list, bars, menus, outline, lists, dialogs`, async () => {
    for (const [who, page] of [
      ["secretary", secretary],
      ["s", sweden],
    ] as const) {
      await page.setViewportSize(size)
      await page.goto(`http://${who}.localhost:${sitting.port}/`)
      await page.locator(".drafts li").first().waitFor()
      expect(await wide(page), "the drafts").toEqual([])
      for (const draft of ["early-warning", longDraft]) {
        await page.goto(`http://${who}.localhost:${sitting.port}/drafts/${draft}`)
        await page.waitForSelector(".save-status.is-saved")
        expect(await wide(page), draft).toEqual([])
        await page.keyboard.press("Alt+ArrowDown")
        expect(await wide(page), "a card").toEqual([])
        await page.keyboard.press("Alt+L")
        expect(await wide(page), "the list").toEqual([])
        await page.keyboard.press("Alt+L")
        await page.keyboard.press("Alt+6")
        expect(await wide(page), "one delegation").toEqual([])
        await page.keyboard.press("Alt+1")
        await page.locator(".ProseMirror > [data-type=clause]").first().click()
        await reach(page)
        await page.locator(".menu > summary").click()
        expect(await wide(page), "the menu").toEqual([])
        const { x, width } = (await page.locator(".menu-list").boundingBox())!
        expect(x >= 0 && x + width <= size.width, "the menu is inside").toBe(true)
        await page.keyboard.press("Escape")
        if (await page.locator(".room-sheet").isVisible()) await page.keyboard.press("Escape")
        if (who === "secretary" && draft === "early-warning") {
          await page.locator(".console select").selectOption("all")
          await page.locator(".console .accept").click()
          await page.getByRole("alertdialog").waitFor()
          expect(await wide(page), "the question").toEqual([])
          await page.keyboard.press("Escape")
        }
        for (const name of ["Record", "Versions", "Download"]) {
          await reach(page)
          await page.locator(".tools").getByRole("button", { name }).click()
          await page.locator("dialog[open]").waitFor()
          expect(await wide(page), name).toEqual([])
          await page.keyboard.press("Escape")
        }
      }
    }
  })

it("[UI58] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
