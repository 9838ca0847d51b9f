import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { crowdedDraft } from "./crowd.ts"
import { Sitting, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let chair: Page
let draft = ""
const codes = [...Array(34)].map((_, i) => `D${String(i).padStart(2, "0")}`)
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  const secretary = await sitting.page("secretary")
  const post = (path: string, body: string, type: string): Promise<{ id?: string }> =>
    secretary.evaluate(
      async ([to, sent, kind]) => {
        const answer = await fetch(`/api/v1${to}`, { method: "POST", headers: { "content-type": kind! }, body: sent! })
        if (!answer.ok) throw new Error(await answer.text())
        return answer.json()
      },
      [path, body, type],
    )
  await post("/roster", codes.map((code) => `${code},Land ${code}`).join("\n"), "text/csv")
  const shape = crowdedDraft({ clauses: codes.length, changes: codes.length, codes })
  draft = (await post("/drafts?name=crowd.json", JSON.stringify(shape), "application/octet-stream")).id!
  await secretary.context().close()
  chair = await sitting.page("chair", draft)
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

/** How the code of each delegation is drawn: in which tone, on which ground, in which frame. */
const looks = (page: Page, selector: string, pseudo: string | null): Promise<[string, string][]> =>
  page.evaluate(
    ([all, part]) =>
      [...document.querySelectorAll<HTMLElement>(all!)].map((element): [string, string] => {
        const style = getComputedStyle(element, part)
        const { color, backgroundColor, backgroundImage, borderTopStyle, borderTopWidth } = style
        return [
          element.dataset.code ?? element.textContent!,
          [color, backgroundColor, backgroundImage, borderTopStyle, borderTopWidth].join(" / "),
        ]
      }),
    [selector, pseudo] as const,
  )

/** Each delegation is drawn in one way, and no two in the same. */
function expectApart(found: readonly [string, string][], what: string): void {
  const byCode = new Map(found.filter(([code]) => codes.includes(code)))
  expect(byCode.size, what).toBeGreaterThan(18)
  for (const [code, look] of found) if (byCode.has(code)) expect(look, `${what}: ${code}`).toBe(byCode.get(code))
  expect(new Set(byCode.values()).size, what).toBe(byCode.size)
}

it("[UI94] delegations of one tone are told apart by more than it: behind their words, in the list, in the margin, on paper", async () => {
  expectApart(await looks(chair, ".ProseMirror .ends", "::after"), "text")
  await chair.locator(".stepper .count").click()
  await chair.locator(".changes-panel .entry-row").first().waitFor()
  expectApart(await looks(chair, ".changes-panel .source-code", null), "list")
  await chair.locator(".stepper .count").click()
  const html = await chair.evaluate(async (id) => (await fetch(`/api/v1/drafts/${id}/export?format=html`)).text(), draft)
  const context = await browser.newContext()
  const paper = await context.newPage()
  await paper.setContent(html)
  expectApart(
    (await looks(paper, "main .by", null)).map(([code, look]) => [code.split(" ")[0]!, look]),
    "paper",
  )
  await context.close()
})

it("[UI94] the lines of delegations of one tone have another weight", async () => {
  const weights = await chair.evaluate(() => {
    const found: Record<string, string[]> = {}
    for (const element of document.querySelectorAll<HTMLElement>(".ProseMirror .inserted")) {
      const { textDecorationColor, textDecorationThickness } = getComputedStyle(element)
      ;(found[textDecorationColor] ??= []).push(textDecorationThickness)
    }
    return Object.values(found).map((list) => new Set(list).size)
  })
  expect(Math.max(...weights)).toBe(2)
})

it("[UI94] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
