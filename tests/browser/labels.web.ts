import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { del, ins, p, wordFile, words } from "../word-file.ts"
import { blockWith, caretAfter, Sitting, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

const line = (label: string, text: string): string => p(`${label}<w:r><w:tab/></w:r>${words(text)}`)
const file = {
  name: "Resolution 1.docx",
  mimeType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  buffer: Buffer.from(
    wordFile({
      body:
        p(words("RESOLUTION 1 (Rev. Hammamet, 2016)")) +
        p(words("Rules of procedure")) +
        p(words("The World Telecommunication Standardization Assembly (Hammamet, 2016),")) +
        p(words("considering")) +
        line(words("a)"), "that lamps burn;") +
        line(words("b)"), "that lamps smoke;") +
        line(words("b)bis"), "that lamps fail;") +
        line(words("c)"), "that lamps are dear,") +
        p(words("resolves")) +
        line(words("1"), "to light the lamps;") +
        line(
          words("18.33.030"),
          "to keep the lamps at every mole and every quay, so that the words of this clause run over more than one line of the sheet;",
        ) +
        line(del("Ann", "4") + ins("Ann", "6"), "to count the lamps;") +
        line(words("7"), "to report,"),
    }),
  ),
}

/** What is drawn before the words of a clause. */
const drawn = (page: Page, text: string): Promise<string> =>
  blockWith(page, text).evaluate((clause) => getComputedStyle(clause, "::before").content.replaceAll('"', ""))

it("[UI52] labels are drawn as the file has them; a clause is added in the file's spelling; a number that a file changes shows both", async () => {
  const secretary = await sitting.page("secretary")
  await secretary.goto(`http://secretary.localhost:${sitting.port}/`)
  await secretary.locator("input[type=file]").setInputFiles(file)
  await secretary.getByRole("button", { name: "Import as a new draft" }).click()
  await secretary.waitForURL(/\/drafts\//)
  const draft = secretary.url().split("/").at(-1)!
  const sweden = await sitting.page("s", draft)
  const labels = [
    ["that lamps burn", "a)"],
    ["that lamps smoke", "b)"],
    ["that lamps fail", "b)bis"],
    ["that lamps are dear", "c)"],
    ["to light the lamps", "1"],
    ["to keep the lamps", "18.33.030"],
    ["to count the lamps", "4 → 6"],
    ["to report", "7"],
  ] as const
  for (const [text, label] of labels) expect(await drawn(sweden, text), text).toBe(label)
  await caretAfter(sweden, "that lamps fail", "that lamps fail;")
  await sweden.keyboard.press("Enter")
  await sweden.keyboard.type("that lamps sing;")
  await vi.waitFor(async () => expect(await drawn(secretary, "that lamps sing")).toBe("b)ter"), { timeout: 10_000 })
  if (process.env.PICTURE) await sweden.screenshot({ path: process.env.PICTURE })
  // No label runs into the words.
  for (const [text] of labels) {
    const room = await blockWith(sweden, text).evaluate((clause) => {
      const { content, font, insetInlineStart } = getComputedStyle(clause, "::before")
      const pen = document.createElement("canvas").getContext("2d")!
      pen.font = font
      const end = Number.parseFloat(insetInlineStart) + pen.measureText(content.replaceAll('"', "")).width
      return { end, words: Number.parseFloat(getComputedStyle(clause).paddingInlineStart) }
    })
    expect(room.end, text).toBeLessThan(room.words)
  }
  await sweden.keyboard.press("Alt+3")
  await vi.waitFor(async () => expect(await drawn(sweden, "to count the lamps")).toBe("6"))
  await sweden.keyboard.press("Alt+4")
  await vi.waitFor(async () => expect(await drawn(sweden, "to count the lamps")).toBe("4"))
  expect(sitting.errors).toEqual([])
})

it("[NUM12] the label of a proposed clause stays on every screen where another delegation puts a clause above it", async () => {
  const [sweden, brazil, chair] = await Promise.all([sitting.page("s"), sitting.page("b"), sitting.page("chair")])
  const add = async (page: Page, words: string): Promise<void> => {
    await page.bringToFront()
    await caretAfter(page, "to maintain a public register", "authorities;")
    await page.keyboard.press("Enter")
    await page.keyboard.type(words)
    await page.waitForSelector(".save-status.is-saved")
  }
  const soon = (page: Page, words: string) => expect.poll(() => drawn(page, words), { timeout: 10_000 })
  await add(sweden, "to lend sirens;")
  for (const page of [sweden, brazil, chair]) await soon(page, "to lend sirens").toBe("2 bis")
  await add(brazil, "to lend masts;")
  for (const page of [sweden, brazil, chair]) {
    await soon(page, "to lend masts").toBe("2 ter")
    await soon(page, "to lend sirens").toBe("2 bis")
  }
  // It goes, and nothing is called otherwise.
  await brazil.keyboard.press("Alt+Shift+Backspace")
  await brazil.waitForSelector(".save-status.is-saved")
  for (const page of [sweden, chair]) await soon(page, "to lend sirens").toBe("2 bis")
  expect(sitting.errors).toEqual([])
})
