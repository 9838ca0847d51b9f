import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { random } from "../build.ts"
import { blockWith, caretAfter, Sitting, startBrowser } from "./room.ts"
import { SlowLine } from "./slow-line.ts"

const typingMs = Number(process.env.TYPING_MS ?? "60000")
const sentence = "to bring"
const people = [
  ["s", "S", "resolution"],
  ["b", "B", "attention"],
  ["secretary", "SEC", "to bring"],
] as const

let browser: Browser
let sitting: Sitting
const lines: SlowLine[] = []
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
})
afterAll(async () => {
  for (const line of lines) line.close()
  await sitting?.close()
  await browser?.close()
})

/** The words of a block by the delegation whose insertion they stand in, as a page shows them. */
const wordsBySource = (page: Page): Promise<Record<string, string>> =>
  blockWith(page, "to bring").evaluate((block) => {
    const words: Record<string, string> = {}
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const marks = [...block.querySelectorAll<HTMLElement>("ins[data-source]")].filter((ins) => ins.contains(node))
      const inner = marks.find((mark) => !marks.some((other) => other !== mark && mark.contains(other)))
      if (inner) words[inner.dataset.source!] = (words[inner.dataset.source!] ?? "") + node.textContent
    }
    return words
  })

it(
  "[UI18 GATE8 SOCK8] three people type in one sentence for a minute over lines with 200 ms of delay that break",
  async () => {
    const chair = await sitting.page("chair")
    const pages = await Promise.all(
      people.map(async ([who]) => {
        const line = await SlowLine.to(Number(sitting.port), 200)
        lines.push(line)
        return sitting.page(who, "early-warning", line.port)
      }),
    )
    const end = Date.now() + typingMs
    const typed = await Promise.all(
      people.map(async ([, source, word], i) => {
        const page = pages[i]!
        const r = random(i + 1)
        const tokens: string[] = []
        await caretAfter(page, sentence, word)
        while (Date.now() < end) {
          const token = `${source.toLowerCase()}${tokens.length}.`
          await page.keyboard.type(` ${token}`, { delay: 50 + r.below(60) })
          tokens.push(token)
          if (r.next() < 0.3) {
            await page.keyboard.type("x")
            await page.keyboard.press("Backspace")
          }
          if (r.next() < 0.12) await lines[i]!.cut(300 + r.below(1_500))
          await page.waitForTimeout(r.below(250))
        }
        return tokens
      }),
    )
    await Promise.all(pages.map((page) => page.waitForSelector(".save-status.is-saved", { timeout: 30_000 })))
    await expect
      .poll(
        async () => {
          const shown = await Promise.all([chair, ...pages].map((page) => wordsBySource(page)))
          return shown.every((words) => JSON.stringify(words) === JSON.stringify(shown[0]))
        },
        { timeout: 20_000 },
      )
      .toBe(true)
    const words = await wordsBySource(chair)
    people.forEach(([, source], i) => {
      expect(typed[i]!.length, `${source} typed all the time`).toBeGreaterThan(typingMs / 4_000)
      expect(words[source]!.replaceAll(" ", ""), `all words of ${source}, each once and in order`).toBe(typed[i]!.join(""))
    })
    console.log("words typed in one sentence", typed.map((tokens) => tokens.length).join(" + "))
    for (const page of pages) expect(await page.locator(".tray").count(), "nothing was handed back").toBe(0)
    expect(sitting.errors).toEqual([])
  },
  typingMs + 120_000,
)
