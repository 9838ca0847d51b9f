import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blockWith, caretAfter, Sitting, startBrowser } from "./room.ts"
import { SlowLine } from "./slow-line.ts"

let browser: Browser
let sitting: Sitting
let chair: Page
let sweden: Page
let brazil: Page
const lines: SlowLine[] = []
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  lines.push(await SlowLine.to(Number(sitting.port), 20))
  ;[chair, sweden, brazil] = await Promise.all([
    sitting.page("chair"),
    sitting.page("s", "early-warning", lines[0]!.port),
    sitting.page("b"),
  ])
})
afterAll(async () => {
  for (const line of lines) line.close()
  await sitting?.close()
  await browser?.close()
})

const here = (page: Page): Promise<string[]> => page.getByLabel("Present").locator("li").allTextContents()
const shownView = (page: Page): Promise<string[]> =>
  page.locator(".views select").evaluateAll((all) => all.map((select) => (select as HTMLSelectElement).value))
const said = (page: Page, text: string | RegExp): Promise<void> => page.locator(".said.is-shown", { hasText: text }).waitFor()

it("[UI48] whose line was cut is seen again at once, sees the others at once, and meanwhile claims nobody", async () => {
  await expect.poll(() => here(chair)).toEqual(expect.arrayContaining(["S", "B"]))
  for (let times = 0; times < 3; times++) {
    const cut = lines[0]!.cut(1_500)
    await sweden.locator(".save-status.is-offline").waitFor()
    await expect.poll(() => sweden.getByLabel("Present").count()).toBe(0)
    // Nor that anybody sees what is typed.
    expect(await sweden.locator(".live", { hasText: "Everyone sees" }).count()).toBe(0)
    expect(await sweden.locator(".save-status").textContent()).not.toMatch(/\d/)
    await expect.poll(() => here(chair)).not.toContain("S")
    await cut
    await sweden.locator(".save-status.is-saved").waitFor({ timeout: 20_000 })
    await expect.poll(() => here(chair), { timeout: 3_000 }).toContain("S")
    await expect.poll(() => here(sweden), { timeout: 3_000 }).toEqual(expect.arrayContaining(["CHAIR", "B"]))
  }
})

it("[LIFE3 LIFE4] another delegation chosen while the line is cut: the page goes on for the one it names, says why, and the words are that one's, through a closed window too", async () => {
  const line = await SlowLine.to(Number(sitting.port), 5)
  lines.push(line)
  const secretary = await sitting.page("secretary", "early-warning", line.port)
  const list = secretary.getByLabel("Writing for", { exact: true })
  const named = (code: string): Promise<void> => expect.poll(() => list.inputValue()).toBe(code)
  const choose = async (code: string): Promise<void> => {
    await list.focus()
    await list.selectOption(code)
  }
  const sourceOf = (words: string): Promise<string | null> =>
    blockWith(chair, "to maintain a public register").locator("ins", { hasText: words }).first().getAttribute("data-source")
  await choose("B")
  await said(secretary, "You now write for Brazil")
  await secretary.locator(".live", { hasText: "Everyone sees each letter" }).waitFor()
  const cut = line.cut(12_000)
  await secretary.locator(".save-status.is-offline").waitFor()
  await secretary.locator(".live", { hasText: "until then you write for Brazil" }).waitFor()
  expect(await secretary.getByText("Everyone sees each letter").count()).toBe(0)
  await choose("S")
  await said(secretary, "You go on writing for Brazil")
  await named("B")
  await caretAfter(secretary, "to maintain a public register", "public register")
  await secretary.keyboard.type(" of cells")
  await named("B")
  await secretary.locator(".save-status", { hasText: "kept on this device" }).waitFor()
  await cut
  await secretary.locator(".save-status.is-saved").waitFor({ timeout: 20_000 })
  await blockWith(chair, "to maintain a public register").filter({ hasText: "register of cells" }).waitFor()
  expect(await sourceOf("of cells")).toBe("B")
  // Typed while it is cut, and the window closed before the line is back: the next window sends it for whom it was typed.
  const again = line.cut(4_000)
  await secretary.locator(".save-status.is-offline").waitFor()
  await caretAfter(secretary, "to maintain a public register", "public register")
  await secretary.keyboard.type(" and masts")
  await secretary.locator(".save-status", { hasText: "kept on this device" }).waitFor()
  const address = secretary.url()
  await secretary.close({ runBeforeUnload: false })
  await again
  const next = await sitting.contexts.at(-1)!.newPage()
  await next.goto(address)
  await next.locator(".save-status.is-saved").waitFor({ timeout: 20_000 })
  await blockWith(chair, "to maintain a public register").filter({ hasText: "register and masts" }).waitFor({ timeout: 20_000 })
  expect(await sourceOf("and masts")).toBe("B")
  await next.close()
})

it("[LIFE2 LIFE3] what is typed while one changes to write for another delegation goes in for that one, each letter, where the caret is", async () => {
  const line = await SlowLine.to(Number(sitting.port), 250)
  lines.push(line)
  const secretary = await sitting.page("secretary", "early-warning", line.port)
  const list = secretary.getByLabel("Writing for", { exact: true })
  await secretary.locator(".save-status.is-saved").waitFor()
  for (const [code, words] of [
    ["B", " plainly"],
    ["S", " soberly"],
  ] as const) {
    await caretAfter(secretary, "mobile operators", "to require")
    await list.selectOption(code)
    // The list has the focus by a hand; the text has it again by the next click.
    await secretary.locator(".ProseMirror:visible").focus()
    await secretary.keyboard.type(words, { delay: 25 })
    await secretary.locator(".save-status.is-saved").waitFor({ timeout: 20_000 })
    const written = blockWith(chair, "mobile operators").locator("ins", { hasText: words.trim() }).first()
    await written.waitFor()
    expect([await written.textContent(), await written.getAttribute("data-source")]).toEqual([words, code])
    expect(await secretary.locator(".tray").count()).toBe(0)
  }
  await secretary.close()
})

/** The block at the upper edge of the window, and how far below the edge it stands. */
const atEdge = (page: Page): Promise<{ block: string; below: number }> =>
  page.evaluate(() => {
    const edge = document.querySelector(".desk")!.getBoundingClientRect().top
    const blocks = [...document.querySelectorAll<HTMLElement>(".paper:not([hidden]) .ProseMirror > *")]
    const first = blocks.find((block) => block.offsetHeight > 0 && block.getBoundingClientRect().bottom > edge)!
    return { block: first.textContent!.slice(0, 40), below: Math.round(first.getBoundingClientRect().top - edge) }
  })

/** The page has come to rest: two looks a frame apart see the same. */
async function atRest(page: Page): Promise<{ block: string; below: number }> {
  let last = await atEdge(page)
  await expect
    .poll(async () => {
      const before = last
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
      last = await atEdge(page)
      return JSON.stringify(last) === JSON.stringify(before)
    })
    .toBe(true)
  return last
}

it("[LIFE7] on a line that has fallen silent the page says within seconds that what is typed is not sent; while the room answers it does not", async () => {
  const everyone = sweden.locator(".live", { hasText: "Everyone sees each letter" })
  await caretAfter(sweden, "to submit a report", "to submit")
  // Longer than the page waits for an answer, and always something on its way.
  await sweden.keyboard.type("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", { delay: 75 })
  expect(await everyone.count()).toBe(1)
  await sweden.waitForSelector(".save-status.is-saved")
  lines[0]!.silence()
  await sweden.keyboard.type(" sil")
  await sweden.locator(".save-status", { hasText: "Not sent yet" }).waitFor({ timeout: 5_000 })
  expect(await everyone.count()).toBe(0)
  await sweden.keyboard.type("ent")
  expect(await sweden.locator(".save-status").textContent()).toContain("Not sent yet")
  lines[0]!.speak()
  await sweden.waitForSelector(".save-status.is-saved")
  await everyone.waitFor()
  await blockWith(brazil, "to submit").filter({ hasText: "silent" }).waitFor()
  for (let i = 0; i < 3; i++) await sweden.keyboard.press("Control+z")
})

it("[UI104] a second window of one's own is shown as nobody else, in the list of who is present and by no caret; others see one person", async () => {
  const names = (page: Page): Promise<string[]> =>
    page.locator(".presence li").evaluateAll((all) => all.map((one) => one.getAttribute("title")!).sort())
  const before = await names(sweden)
  const second = await sweden.context().newPage()
  await second.goto(sweden.url())
  await second.waitForSelector(".save-status.is-saved")
  await caretAfter(second, "to submit a report", "to submit")
  await second.keyboard.type("zx")
  await blockWith(sweden, "to submit").filter({ hasText: "zx" }).waitFor()
  await blockWith(brazil, "to submit").locator(".caret").first().waitFor()
  expect(await blockWith(sweden, "to submit").locator(".caret").count()).toBe(0)
  expect(await names(sweden)).toEqual(before)
  expect(await names(second)).toEqual(before)
  await second.keyboard.press("Control+z")
  await blockWith(sweden, "to submit a report").waitFor()
  await second.waitForSelector(".save-status.is-saved")
  await second.close()
  await sweden.bringToFront()
})

it("[UI49] view, the one delegation, and the place in the text survive a reload", async () => {
  const { width, height } = brazil.viewportSize()!
  await brazil.mouse.move(width / 2, height / 2)
  for (const [key, view] of [
    ["Alt+1", ["force"]],
    ["Alt+2", ["markup"]],
    ["Alt+4", ["working"]],
    ["Alt+5", ["original"]],
    ["Alt+6", ["source", "FJI"]],
  ] as const) {
    await brazil.keyboard.press(key)
    if (key === "Alt+6") await brazil.getByLabel("Delegation shown").selectOption("FJI")
    await brazil.mouse.wheel(0, 700)
    await brazil.mouse.wheel(0, -90)
    const before = await atRest(brazil)
    await brazil.reload()
    await brazil.waitForSelector(".save-status.is-saved")
    expect(await shownView(brazil)).toEqual([...view])
    await expect.poll(() => atEdge(brazil)).toEqual(before)
    expect(await atRest(brazil)).toEqual(before)
  }
  await brazil.keyboard.press("Alt+1")
})

it("[UI50] Alt+6 shows one delegation: that of the change on the table, else one's own, else the first", async () => {
  const observer = await sitting.page("observer")
  await observer.keyboard.press("Alt+6")
  expect(await shownView(observer)).toEqual(["source", "S"])
  const paper = observer.locator(".ProseMirror > [data-block]", { has: observer.locator(".inserted:visible, .struck:visible") })
  expect(await paper.count()).toBeGreaterThan(0)
  await observer.close()
  const fresh = await sitting.page("b")
  await fresh.keyboard.press("Alt+6")
  expect(await shownView(fresh)).toEqual(["source", "B"])
  await fresh.close()
  const table = await sitting.page("chair")
  await blockWith(table, "to organize regional").scrollIntoViewIfNeeded()
  await blockWith(table, "to organize regional").locator(".struck").first().click()
  await table.keyboard.press("Alt+6")
  expect((await shownView(table))[1]).toBe("S")
  await table.close()
})

it("[UI51] who types where one reads only is told why: the view, the role", async () => {
  await brazil.keyboard.press("Alt+4")
  await blockWith(brazil, "to maintain a public register").click()
  await brazil.keyboard.type("x")
  await said(brazil, /“Working text” is for reading.*Alt\+2/)
  await brazil.keyboard.press("Alt+5")
  await brazil.locator(".is-sealed p").first().click()
  await brazil.keyboard.press("Backspace")
  await said(brazil, /“Text in force” is for reading/)
  await brazil.keyboard.press("Alt+2")
  const observer = await sitting.page("observer")
  await blockWith(observer, "to maintain a public register").click()
  await observer.keyboard.type("hello")
  await said(observer, "Observers read this draft; they do not write in it.")
  await observer.close()
})

it("[UI52] ? is the sheet of keys where nobody writes, a sign where somebody does; Alt+? is the sheet anywhere", async () => {
  const sheet = brazil.getByRole("dialog", { name: "Marks and keys" })
  await caretAfter(brazil, "to maintain a public register", "public register")
  await brazil.keyboard.type("?")
  await blockWith(chair, "to maintain a public register").filter({ hasText: "register?" }).waitFor()
  expect(await sheet.count()).toBe(0)
  await brazil.keyboard.press("Alt+Shift+Slash")
  await sheet.waitFor()
  // Keys of the room do nothing behind it.
  const before = await brazil.locator(".stepper .count").textContent()
  await brazil.keyboard.press("Alt+ArrowDown")
  expect(await brazil.locator(".stepper .count").textContent()).toBe(before)
  await brazil.keyboard.press("Escape")
  await sheet.waitFor({ state: "detached" })
  await brazil.keyboard.press("Control+z")
})

it("[UI53] the menu closes on Escape, on a click in the text, on a click elsewhere, and leaves the caret where it was", async () => {
  const list = brazil.locator(".menu-list")
  const openMenu = async (): Promise<void> => {
    await brazil.locator(".menu > summary").click()
    await list.waitFor()
  }
  await caretAfter(brazil, "to maintain a public register", "to maintain")
  await openMenu()
  await brazil.keyboard.press("Escape")
  await expect.poll(() => list.isVisible()).toBe(false)
  await openMenu()
  await blockWith(brazil, "to maintain a public register").click()
  await expect.poll(() => list.isVisible()).toBe(false)
  await openMenu()
  await brazil.locator(".top-bar .what").click()
  await expect.poll(() => list.isVisible()).toBe(false)
  await openMenu()
  await brazil.locator(".views select").first().focus()
  await expect.poll(() => list.isVisible()).toBe(false)
})

const blocks = (page: Page): Promise<number> => page.locator(".ProseMirror > [data-block]").count()
/** Every block that is drawn, with its label; where others' carets stand is none of its words. */
const drawn = (page: Page): Promise<string[]> =>
  page.locator(".ProseMirror > *").evaluateAll((all) =>
    all
      .filter((block) => (block as HTMLElement).offsetHeight > 0)
      .map((block) => {
        const words = block.cloneNode(true) as HTMLElement
        for (const caret of words.querySelectorAll(".caret")) caret.remove()
        return `${words.dataset.label ?? ""} ${words.textContent!.slice(0, 20)}`.trim()
      }),
  )
const outline = (page: Page): Promise<string[]> => page.locator(".outline .clause").allTextContents()

it("[UI54] a new clause that is taken back, by undo, by key, by withdrawal or letter by letter, leaves nothing on the page", async () => {
  const pages = [sweden, chair]
  const before = await Promise.all(pages.map(async (page) => [await drawn(page), await outline(page), await blocks(page)]))
  const takeBack: readonly ((page: Page) => Promise<void>)[] = [
    (page) => page.keyboard.press("Control+z"),
    async (page) => {
      await page.keyboard.type("to lend")
      await page.keyboard.press("Alt+Shift+Backspace")
    },
    async (page) => {
      await page.keyboard.type("xy")
      for (let i = 0; i < 3; i++) await page.keyboard.press("Backspace")
    },
    async (page) => {
      await page.keyboard.type("to sell sirens;")
      await page.waitForSelector(".save-status.is-saved")
      await blockWith(page, "to sell sirens").locator(".inserted").first().click()
      await page.locator(".margin .card.is-chosen").getByRole("button", { name: "Withdraw" }).click()
      await expect.poll(() => blockWith(page, "to sell sirens").count()).toBe(0)
    },
    async (page) => {
      await page.keyboard.type("to borrow;")
      await blockWith(chair, "to borrow").locator(".inserted").first().click()
      await chair.locator(".console").focus()
      await chair.keyboard.press("n")
      await expect.poll(() => blockWith(page, "to borrow").count()).toBe(0)
    },
  ]
  for (const take of takeBack) {
    await caretAfter(sweden, "to submit a report", "next conference,")
    await sweden.keyboard.press("Enter")
    await take(sweden)
    await sweden.waitForSelector(".save-status.is-saved")
    for (const [i, page] of pages.entries())
      await expect.poll(async () => [await drawn(page), await outline(page), await blocks(page)]).toEqual(before[i])
    // What is typed next goes into the text that is seen. (Withdrawing has taken the focus to a card.)
    if (!(await sweden.locator(".ProseMirror").evaluate((text) => text === document.activeElement))) continue
    await sweden.keyboard.type("!")
    await expect.poll(() => sweden.locator(".ProseMirror > [data-block]:has(.inserted)", { hasText: "!" }).count()).toBe(1)
    expect(await blocks(sweden)).toBe(before[0]![2])
    await sweden.keyboard.press("Control+z")
    await expect.poll(() => drawn(sweden)).toEqual(before[0]![0])
  }
  // A label that nobody sees is not taken: the next new clause is the first.
  await caretAfter(sweden, "to submit a report", "next conference,")
  await sweden.keyboard.press("Enter")
  await sweden.keyboard.type("to end;")
  await blockWith(chair, "to end;").waitFor()
  expect(await blockWith(chair, "to end;").getAttribute("data-label")).toBe("4 bis")
})

it("[UI54] undo of Enter takes the clause back and not what was written elsewhere; doing it again brings it back", async () => {
  await caretAfter(sweden, "to designate a national", "authority")
  await sweden.keyboard.type(" FARAWAY")
  await sweden.waitForSelector(".save-status.is-saved")
  const before = await blocks(sweden)
  await caretAfter(sweden, "to maintain a public register", "authorities;")
  await sweden.keyboard.press("Enter")
  expect(await blocks(sweden)).toBe(before + 1)
  await sweden.keyboard.press("Control+z")
  await expect.poll(() => blocks(sweden)).toBe(before)
  await sweden.keyboard.press("Control+Shift+z")
  await expect.poll(() => blocks(sweden)).toBe(before + 1)
  await sweden.keyboard.type("again")
  await blockWith(chair, "again").waitFor()
  await expect.poll(() => blockWith(chair, "FARAWAY").count()).toBe(1)
})

it("[UI55] Enter behind the designation, the title and the opening words makes no clause: the caret goes on", async () => {
  const before = await blocks(brazil)
  for (const [block, words] of [
    ["RESOLUTION 98", ")"],
    ["Telecommunications in the service", "hazards"],
    ["The Plenipotentiary Conference", "2018),"],
  ] as const) {
    await caretAfter(brazil, block, words)
    const here = await brazil.evaluate(() => document.getSelection()!.anchorNode!.parentElement!.closest("[data-block]")!.textContent)
    await brazil.keyboard.press("Enter")
    expect(await blocks(brazil)).toBe(before)
    await expect
      .poll(() => brazil.evaluate(() => document.getSelection()!.anchorNode!.parentElement!.closest("[data-block]")!.textContent))
      .not.toBe(here)
  }
  await caretAfter(brazil, "Telecommunications in the service", "hazards")
  await brazil.getByRole("button", { name: "New clause" }).click()
  await said(brazil, "Put the caret into the clause")
  expect(await blocks(brazil)).toBe(before)
})

it("[UI56] as proposed, a clause of which every word is struck is not there", async () => {
  await caretAfter(brazil, "to conclude such arrangements", "to conclude")
  await brazil.keyboard.press("Home")
  await blockWith(brazil, "to conclude such arrangements").evaluate((block) => getSelection()!.selectAllChildren(block))
  await brazil.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  await brazil.keyboard.press("Delete")
  await blockWith(chair, "to conclude such arrangements").locator(".struck").first().waitFor()
  await chair.keyboard.press("Alt+3")
  await expect.poll(() => drawn(chair).then((all) => all.filter((line) => line.includes("to conclude such")))).toEqual([])
  await chair.keyboard.press("Alt+1")
  await blockWith(chair, "to conclude such arrangements").locator(".struck").first().waitFor()
})

it("[UI57] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
