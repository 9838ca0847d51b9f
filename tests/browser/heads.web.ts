import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, Sitting, startBrowser, viewRests, type Who } from "./room.ts"

const drafts = ["early-warning", "water-arabic"]
const long = "The Delegation of the Federated and Associated Island States of the Very Far Southern Ocean"

let browser: Browser
let sitting: Sitting
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  const secretary = await sitting.page("secretary")
  await roster(secretary, `S,${long}\nB,Republic of ${long}\n`)
  await secretary.context().close()
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

/** Puts delegations on the roster. */
async function roster(secretary: Page, csv: string): Promise<void> {
  const answer = await secretary.evaluate(async (body) => {
    const answer = await fetch("/api/v1/roster", { method: "POST", headers: { "Content-Type": "text/csv" }, body })
    return answer.ok ? "" : await answer.text()
  }, csv)
  expect(answer).toBe("")
}

async function opened(who: Who, draft: string, width: number, height: number): Promise<Page> {
  const page = await sitting.page(who, draft)
  await page.setViewportSize({ width, height })
  return page
}

for (const who of ["chair", "secretary", "s", "observer"] as const)
  it(`[UI91] on a phone the heads of the ${who} are one bar of 48 px, which says the place, who sees the letters and for whom one writes`, async () => {
    for (const draft of drafts) {
      const page = await opened(who, draft, 360, 740)
      await page.locator(".top-bar.is-small").waitFor()
      const { y } = (await page.locator(".desk").boundingBox())!
      expect(y).toBeLessThanOrEqual(48)
      for (const said of [".what strong", ".live", ".save-status", ".who .role", ".stepper .count"])
        expect(await page.locator(`.top-bar ${said}`).isVisible(), said).toBe(true)
      if (who === "s" || who === "secretary") expect(await page.locator(".who .source-code").textContent()).toBe(who === "s" ? "S" : "SEC")
      await page.context().close()
    }
  })

it("[UI91] at 200 % zoom the text has half of the window, for the chair too", async () => {
  const page = await opened("chair", "early-warning", 683, 384)
  await page.locator(".top-bar.is-small").waitFor()
  expect((await page.locator(".desk").boundingBox())!.height).toBeGreaterThanOrEqual(192)
  await page.context().close()
})

it("[UI91] what the bar of a phone has no room for lies in its sheet, which goes when something of it is used", async () => {
  const page = await opened("s", "early-warning", 360, 740)
  const sheet = page.locator(".room-sheet")
  await caretAfter(page, "to maintain a public register", "public")
  await page.locator(".sheet-button").click()
  await sheet.locator(".views select").selectOption("working")
  expect(await page.locator(".sheet.view-working").count()).toBe(1)
  await sheet.locator(".views select").selectOption("force")
  await sheet.getByRole("button", { name: "Comment" }).click()
  await sheet.waitFor({ state: "hidden" })
  await page.keyboard.type("Which one?")
  expect(await page.locator("textarea:focus").inputValue()).toBe("Which one?")
  await page.keyboard.press("Escape")
  await page.locator(".sheet-button").click()
  await page.keyboard.press("Alt+m")
  await sheet.waitFor({ state: "hidden" })
  await page.keyboard.press("Escape")
  await page.locator(".sheet-button").click()
  await sheet.locator(".menu > summary").click()
  await sheet.getByRole("button", { name: "Delete the clause" }).click()
  await sheet.waitFor({ state: "hidden" })
  await blockWith(page, "to maintain a public register").and(page.locator(".is-going")).waitFor()
  await page.context().close()
})

for (const [width, height] of [
  [1366, 768],
  [1024, 768],
  [840, 700],
] as const)
  for (const draft of drafts)
    it(`[UI92] the row of tools is one line at ${width} px in ${draft}, however long the names, in every view, and while the line is cut`, async () => {
      for (const who of ["secretary", "s", "chair"] as const) {
        const page = await opened(who, draft, width, height)
        if (who === "secretary") {
          await page.getByLabel("Writing for").selectOption("S")
          await page.locator(".said.is-shown", { hasText: "You now write for" }).waitFor()
        }
        const lies = async (when: string): Promise<void> => {
          const found = await page.locator(".writing-bar").evaluate((bar) => {
            const boxes = [...bar.children].map((child) => child.getBoundingClientRect())
            return {
              height: bar.getBoundingClientRect().height,
              over: boxes.some((box, i) => i > 0 && box.left < boxes[i - 1]!.right - 1),
              wide: Math.max(...boxes.map((box) => box.right)) - innerWidth,
            }
          })
          expect(found.height, `${who}, ${when}`).toBeLessThanOrEqual(46)
          expect(found.over, `${who}, ${when}: one over another`).toBe(false)
          expect(found.wide, `${who}, ${when}`).toBeLessThanOrEqual(0)
        }
        await lies("at rest")
        await page.keyboard.press("Alt+6")
        await page.getByLabel("Delegation shown").waitFor()
        await lies("one delegation")
        await page.context().setOffline(true)
        await page.locator(".live.is-away").waitFor()
        await lies("cut")
        await page.context().close()
      }
    })

for (const width of [1366, 360])
  it(`[UI93] an Arabic title in the bar begins where the line below it begins, and is cut at its own end, at ${width} px`, async () => {
    const page = await opened("chair", "water-arabic", width, 740)
    const title = page.locator(".top-bar .what strong")
    const below = page.locator(".top-bar .what > *").last()
    // The bar of a small window takes the place of the other a moment after the window is small.
    const apart = async (): Promise<number> => {
      const [first, second] = await Promise.all([title.boundingBox(), below.boundingBox()])
      return first && second ? Math.abs(first.x - second.x) : Number.POSITIVE_INFINITY
    }
    await expect.poll(apart, { timeout: 10_000 }).toBeLessThanOrEqual(1)
    expect(await title.evaluate((element) => getComputedStyle(element).direction)).toBe("rtl")
    await page.context().close()
  })

/** A page of a delegation that has just been invited, on a draft. */
async function delegate(secretary: Page, code: string): Promise<Page> {
  const token = await secretary.evaluate(async (hat) => {
    const body = JSON.stringify({ role: "delegate", hats: [hat], name: `Delegate of ${hat}` })
    const answer = await fetch("/api/v1/invitations", { method: "POST", headers: { "Content-Type": "application/json" }, body })
    return ((await answer.json()) as { token: string }).token
  }, code)
  const context = await sitting.browser.newContext(sitting.options)
  sitting.contexts.push(context)
  const page = await context.newPage()
  await page.goto(`http://${code.toLowerCase()}.localhost:${sitting.port}/enter#${token}`)
  await page.waitForURL(/\/$/)
  await page.goto(`http://${code.toLowerCase()}.localhost:${sitting.port}/drafts/early-warning`)
  await page.waitForSelector(".save-status.is-saved")
  return page
}

it("[UI105] beside a title that is too long to be read whole three codes of those present stand all the same", async () => {
  const secretary = await sitting.page("secretary")
  const draft = await secretary.evaluate(
    async (sent) => {
      const headers = { "content-type": "application/octet-stream" }
      const answer = await fetch("/api/v1/drafts?name=long.json", { method: "POST", headers, body: sent })
      if (!answer.ok) throw new Error(await answer.text())
      return ((await answer.json()) as { id: string }).id
    },
    JSON.stringify({
      blocks: [
        { id: "t", type: "title", part: "preamble", text: `On ${"the lighting of harbours and of all that lies before them, ".repeat(6)}` },
        { id: "h", type: "head", part: "operative", text: "resolves" },
        { id: "c", type: "clause", part: "operative", text: "to keep a lamp;" },
      ],
      changes: [],
    }),
  )
  const others = [secretary]
  for (const who of ["chair", "b", "observer"] as const) others.push(await sitting.page(who, draft))
  await secretary.goto(new URL(`/drafts/${draft}`, secretary.url()).href)
  const page = await opened("s", draft, 1366, 768)
  await page.locator(".presence > li.one").nth(3).waitFor({ state: "attached" })
  const codes = (): Promise<number> => page.locator(".presence > li.one:not(.has-no-room)").count()
  for (const width of [1366, 1280, 1920, 1366]) {
    await page.setViewportSize({ width, height: 768 })
    await expect.poll(codes, { message: `${width}` }).toBeGreaterThanOrEqual(3)
  }
  for (const other of others) await other.context().close()
  await page.context().close()
})

it("[UI105] the title is read whole however many are present; as many codes as there is room for stand in one line, and the count of the others opens the list", async () => {
  const page = await opened("s", "early-warning", 1366, 768)
  const title = page.locator(".top-bar .what strong")
  const isWhole = (): Promise<boolean> => title.evaluate((element) => element.scrollWidth <= element.clientWidth)
  expect(await isWhole(), "alone").toBe(true)
  const secretary = await sitting.page("secretary")
  await roster(secretary, "PAN,Panama\nUGA,Uganda\nPER,Peru\nNPL,Nepal\nCHE,Switzerland\nMEX,Mexico\n")
  const others: Page[] = [secretary]
  for (const code of ["PAN", "UGA", "PER", "NPL", "CHE", "MEX"]) others.push(await delegate(secretary, code))
  for (const who of ["chair", "observer"] as const) others.push(await sitting.page(who))
  const all = others.length
  await page
    .locator(".presence > li.one")
    .nth(all - 1)
    .waitFor({ state: "attached" })
  for (const [width, least] of [
    [1366, 1],
    [1440, 2],
    [1920, all],
  ] as const) {
    await page.setViewportSize({ width, height: 768 })
    const line = await page.evaluate(async () => {
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
      const list = document.querySelector(".presence")!.getBoundingClientRect()
      const seen = [...document.querySelectorAll<HTMLElement>(".presence > li")].filter(
        (one) => getComputedStyle(one).visibility === "visible",
      )
      const whole = seen.filter((one) => {
        const { left, right, top, bottom } = one.getBoundingClientRect()
        return (
          left >= list.left - 1 &&
          right <= list.right + 1 &&
          one.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2))
        )
      })
      return {
        codes: seen.filter((one) => one.matches(".one")).length,
        cut: seen.length - whole.length,
        lines: new Set(seen.map((one) => Math.round((one.getBoundingClientRect().top + one.getBoundingClientRect().bottom) / 6))).size,
        more: Number(
          document.querySelector(".presence > .more summary")?.firstChild?.parentElement?.textContent?.match(/\+(\d+)/)?.[1] ?? 0,
        ),
      }
    })
    expect(line, `${width}`).toMatchObject({ cut: 0, lines: 1 })
    expect(line.codes + line.more, `${width}`).toBe(all)
    expect(line.codes, `${width}`).toBeGreaterThanOrEqual(least)
    expect(await isWhole(), `${width}`).toBe(true)
    if (line.more === 0) continue
    await page.locator(".presence .more summary").click()
    expect(await page.locator(".presence .present-list li").count()).toBe(all)
    expect(await page.locator(".presence .present-list").textContent()).toMatch(/Uganda Delegate of UGA/)
    await page.keyboard.press("Escape")
    await page.locator(".presence .present-list").waitFor({ state: "hidden" })
  }
  // On a phone the sheet names them.
  await page.setViewportSize({ width: 390, height: 760 })
  await page.locator(".sheet-button").click()
  await page
    .locator(".room-sheet .present-list li")
    .nth(all - 1)
    .waitFor()
  for (const other of others) await other.context().close()
  await page.context().close()
})

it("[UI113] the secretary who enters words for a delegation is present as the secretariat, and the card says who writes", async () => {
  const [page, secretary] = [await opened("chair", "early-warning", 1440, 900), await sitting.page("secretary")]
  await secretary.getByLabel("Writing for").first().selectOption("B")
  await secretary.locator(".said", { hasText: "You now write for" }).waitFor()
  await page.locator('.presence .one[title*="(for "]').waitFor({ state: "attached" })
  const titles = await page.locator(".presence .one").evaluateAll((all) => all.map((one) => [one.textContent!, one.getAttribute("title")!]))
  expect(titles.filter(([code]) => code === "SEC" || code === "B")).toEqual([
    ["SEC", expect.stringMatching(/^Secretariat: .+ \(for Republic of/)],
  ])
  await caretAfter(secretary, "public register of national", "to maintain")
  await secretary.keyboard.type(" and", { delay: 30 })
  await blockWith(page, "public register of national").locator(".inserted").last().click()
  const card = page.locator(".margin .card.is-chosen")
  await card.waitFor()
  const typing = secretary.keyboard.type(" to keep", { delay: 120 })
  await card.locator(".is-writing", { hasText: /^The secretariat is entering this for Republic of/ }).waitFor()
  expect(await blockWith(page, "public register of national").locator(".caret").textContent()).toBe("SEC for B")
  await typing
  await secretary.waitForSelector(".save-status.is-saved")
  for (const other of [page, secretary]) await other.context().close()
})

it("[UI106] the tool at a selection stands at the end of the lines, away from labels, in either direction of writing", async () => {
  for (const draft of drafts) {
    const page = await opened("s", draft, 1440, 900)
    const clause = page.locator(".ProseMirror > [data-type=clause][data-label]").first()
    await clause.scrollIntoViewIfNeeded()
    const box = (await clause.boundingBox())!
    await page.mouse.dblclick(box.x + box.width / 2, box.y + 14)
    await page.locator(".selection-tool").waitFor()
    const [tool, block] = await page.evaluate(
      (element) => [document.querySelector(".selection-tool")!.getBoundingClientRect().toJSON(), element!.getBoundingClientRect().toJSON()],
      await clause.elementHandle(),
    )
    if (draft === "water-arabic") expect(tool.right).toBeLessThan((block.left + block.right) / 2)
    else expect(tool.left).toBeGreaterThan((block.left + block.right) / 2)
    await page.context().close()
  }
})

it("[UI116] on any window the tool at a selection covers no letter of the text, and the text stays where it was", async () => {
  for (const [draft, width, height] of [
    ["early-warning", 360, 740],
    ["early-warning", 640, 740],
    ["early-warning", 820, 700],
    ["early-warning", 1000, 700],
    ["water-arabic", 360, 740],
    ["water-arabic", 820, 700],
  ] as const) {
    const page = await opened("s", draft, width, height)
    const clause = page.locator(".ProseMirror > [data-type=clause][data-label]").nth(4)
    await clause.scrollIntoViewIfNeeded()
    const topOf = async (): Promise<number> => Math.round((await clause.boundingBox())!.y)
    const tool = page.locator(".selection-tool")
    for (const isAtTop of [false, true]) {
      // In the middle of the window, and right under the bar.
      // The heights of what was not drawn yet come out as it is scrolled to.
      for (let n = 0; n < 3; n++) {
        await clause.evaluate((element, atTop) => {
          const desk = document.querySelector(".desk")!
          const { top, height } = desk.getBoundingClientRect()
          desk.scrollTop += element.getBoundingClientRect().top - top - (atTop ? 6 : height / 2)
        }, isAtTop)
        await viewRests(page)
      }
      const before = await topOf()
      // Another word each time: Escape closes the tool for the words that are selected.
      const word = await clause.evaluate((element, nth) => {
        let n = 0
        const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
        const range = document.createRange()
        for (let node = walker.nextNode(); node; node = walker.nextNode())
          for (const { index, 0: letters } of node.textContent!.matchAll(/\p{L}{4,}/gu)) {
            range.setStart(node, index)
            range.setEnd(node, index + letters.length)
            const box = range.getBoundingClientRect()
            if (n++ === nth) return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
          }
        throw new Error("no such word in it")
      }, Number(isAtTop))
      await page.mouse.dblclick(word.x, word.y)
      await tool.waitFor()
      await viewRests(page)
      // Words at the very top come out from under the line.
      const most = isAtTop ? 60 : 1
      expect(Math.abs((await topOf()) - before), `${draft} at ${width}: the text stays`).toBeLessThanOrEqual(most)
      const covered = await page.evaluate(() => {
        const box = document.querySelector(".selection-tool")!.getBoundingClientRect()
        const view = document.querySelector(".desk")!.getBoundingClientRect()
        const found: string[] = []
        for (const block of document.querySelectorAll(".ProseMirror > [data-block]")) {
          const range = document.createRange()
          range.selectNodeContents(block)
          for (const rect of range.getClientRects()) {
            const [top, bottom] = [Math.max(rect.top, view.top), Math.min(rect.bottom, view.bottom)]
            if (rect.left < box.right - 1 && rect.right > box.left + 1 && top < box.bottom - 1 && bottom > box.top + 1)
              found.push(block.textContent!.slice(0, 30))
          }
        }
        const bar = [...document.querySelectorAll(".room > :is(.top-bar, .writing-bar)")].map((one) => one.getBoundingClientRect().bottom)
        return { found, overBar: box.top < Math.max(...bar) - 1, wide: box.right > innerWidth + 1 || box.left < -1 }
      })
      expect(covered, `${draft} at ${width}`).toEqual({ found: [], overBar: false, wide: false })
      await page.keyboard.press("Escape")
      await tool.waitFor({ state: "detached" })
      await viewRests(page)
      expect(Math.abs((await topOf()) - before), `${draft} at ${width}: and again once it goes`).toBeLessThanOrEqual(most)
    }
    await page.context().close()
  }
})

it("[UI116] on any window the tool at a selection covers nothing of the margin, and is one row that holds all of it", async () => {
  for (const who of ["s", "chair"] as const)
    for (const width of [360, 900, 1000, 1180, 1300, 1440]) {
      const page = await opened(who, "early-warning", width, 800)
      await caretAfter(page, "to continue to assist", "of priority")
      for (let i = 0; i < 5; i++) await page.keyboard.press("Shift+ArrowLeft")
      const tool = page.locator(".selection-tool")
      await tool.waitFor()
      await viewRests(page)
      if (who === "chair") {
        await tool.getByRole("button", { name: "Accept the selected words" }).waitFor()
        await tool.getByRole("button", { name: "Not retained" }).waitFor()
      }
      await tool.getByRole("button", { name: "Comment" }).waitFor()
      const found = await page.evaluate(() => {
        const element = document.querySelector(".selection-tool")!
        const box = element.getBoundingClientRect()
        const isOver = element.classList.contains("is-over")
        const tops = [...element.querySelectorAll("button")].map((button) => button.getBoundingClientRect().top)
        const covered = [...document.querySelectorAll(".margin :is(.entry-row, .card)")].filter((entry) => {
          const { left, right, top, bottom } = entry.getBoundingClientRect()
          return left < box.right && right > box.left && top < box.bottom && bottom > box.top
        })
        return {
          covered: covered.map((entry) => entry.textContent),
          isOneRow: !isOver || new Set(tops).size === 1,
          isWhole: element.scrollWidth <= element.clientWidth && box.left >= 0 && box.right <= innerWidth,
        }
      })
      expect(found, `${who} at ${width}`).toEqual({ covered: [], isOneRow: true, isWhole: true })
      await page.context().close()
    }
})

it("[UI107] a row in the margin runs as its clause is written: in an Arabic draft the code stands at the right of the words", async () => {
  const writer = await opened("b", "water-arabic", 1440, 900)
  const clause = writer.locator(".ProseMirror > [data-type=clause][data-label]").first()
  await clause.click()
  await writer.keyboard.press("End")
  await writer.keyboard.type(" ماء")
  await writer.waitForSelector(".save-status.is-saved")
  const row = writer.locator(".margin .entry-row", { hasText: "ماء" })
  await row.waitFor()
  const [code, words] = await row.evaluate((element) =>
    [".source-code", ".words ins"].map((one) => element.querySelector(one)!.getBoundingClientRect().toJSON() as DOMRect),
  )
  expect(code!.left).toBeGreaterThanOrEqual(words!.right)
  await writer.context().close()
})

it("[UI91] nothing in any page failed", () => expect(sitting.errors).toEqual([]))

it("[UI137] the name in the bar is whole above and below the line, and a tag in an Arabic clause keeps its code apart from its number", async () => {
  const page = await opened("s", "water-arabic", 1440, 900)
  const name = page.locator(".top-bar .who .name")
  expect(await name.evaluate((element) => element.scrollHeight <= element.clientHeight)).toBe(true)
  const clause = page.locator('.ProseMirror > [data-block][data-type="clause"]', { hasText: "Open Sensor" })
  await clause.click()
  await page.keyboard.press("Alt+Shift+ArrowDown")
  const gap = await page
    .locator(".block-tag.tag-move")
    .first()
    .evaluate((tag) => {
      const words = document.createRange()
      words.selectNodeContents(tag.firstChild!)
      const code = tag.querySelector("b")!.getBoundingClientRect()
      return Math.min(...[...words.getClientRects()].map(({ left, right }) => Math.max(code.left - right, left - code.right)))
    })
  expect(gap).toBeGreaterThan(3)
  await page.context().close()
})

it("[UI138] the console tells where the next change is in full, and is as high where nothing is open", async () => {
  const page = await opened("chair", "early-warning", 1440, 900)
  const { height } = (await page.locator(".console").boundingBox())!
  for (let i = 0; i < 12; i++) {
    const address = page.locator(".console .on-table .address")
    expect(await address.evaluate((element) => element.scrollHeight <= element.clientHeight + 1), (await address.textContent())!).toBe(true)
    await page.keyboard.press("Alt+ArrowDown")
  }
  const secretary = await sitting.page("secretary")
  const draft = await secretary.evaluate(async () => {
    const body = "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp;\n2\tto report.\n"
    const answer = await fetch("/api/v1/drafts?name=plain.txt", {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body,
    })
    return ((await answer.json()) as { id: string }).id
  })
  const done = await opened("chair", draft, 1440, 900)
  await done.getByRole("button", { name: "Adopt the text …" }).waitFor()
  expect((await done.locator(".console").boundingBox())!.height).toBe(height)
  for (const other of [page, secretary, done]) await other.context().close()
})

it("[UI139] on a phone what is said in passing covers no button of the card that is open", async () => {
  const page = await opened("s", "early-warning", 360, 640)
  await page.locator(".ProseMirror .inserted").first().click()
  const card = page.locator(".margin .card.is-chosen")
  await card.getByRole("button", { name: "Comment", exact: true }).click()
  await page.keyboard.type("half")
  await page.keyboard.press("Escape")
  const said = page.locator(".said.is-shown", { hasText: "kept here" })
  await said.waitFor()
  await page.locator(".ProseMirror .inserted").first().click()
  await card.waitFor()
  const between = async (): Promise<number> => {
    const [over, under] = [(await said.boundingBox())!, (await page.locator(".margin .card").first().boundingBox())!]
    return under.y - over.y - over.height
  }
  await expect.poll(between).toBeGreaterThanOrEqual(0)
  await page.context().close()
})
