import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import type { FileDraft } from "../../server/files/file-draft.ts"
import { crowdedDraft } from "./crowd.ts"
import { blockWith, caretAfter, editorHasRead, entry, openCard, Sitting, select, startBrowser } from "./room.ts"

const longCode = "LONGLONGLONGLONG"
const longName = `The former Confederation of the ${"very ".repeat(20)}long name of a State with islands and protectorates`
const codes = ["S", "B", "J", "FJI", "KEN", "UAE", "MEX", "POL", longCode]

let browser: Browser
let sitting: Sitting
let secretary: Page
let sweden: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[secretary, sweden] = await Promise.all([sitting.page("secretary"), sitting.page("s")])
  for (const code of codes.slice(4))
    expect(
      await post(
        "/invitations",
        JSON.stringify({ role: "delegate", hats: [code], sourceName: code === longCode ? longName : `Land ${code}` }),
      ),
    ).toBeTruthy()
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

/** What the secretariat sends to the server from its page. */
const post = (path: string, body: string, type = "application/json"): Promise<{ id?: string }> =>
  secretary.evaluate(
    async ([to, sent, kind]) => {
      const answer = await fetch(`/api/v1${to}`, { method: "POST", headers: { "content-type": kind! }, body: sent! })
      if (!answer.ok) throw new Error(await answer.text())
      return answer.json()
    },
    [path, body, type],
  )

const crowd = async (shape: Parameters<typeof crowdedDraft>[0]): Promise<string> =>
  (await post("/drafts?name=crowd.json", JSON.stringify(crowdedDraft(shape)), "application/octet-stream")).id!

/** Sources with changes at each block, as the server has them. */
const sourcesByBlock = (page: Page, draft: string): Promise<Record<string, string[]>> =>
  page.evaluate(async (id) => {
    const changes = (await (await fetch(`/api/v1/drafts/${id}/changes`)).json()) as { source: string; segments: { block: string }[] }[]
    const sources: Record<string, Set<string>> = {}
    for (const { source, segments } of changes) for (const { block } of segments) (sources[block] ??= new Set()).add(source)
    return Object.fromEntries(Object.entries(sources).map(([block, set]) => [block, [...set].sort()]))
  }, draft)

/** Everything in the margin beside a block: which codes, and how far from its block it stands. */
const beside = (page: Page, block: string): Promise<{ codes: string[]; drift: number }> =>
  page.evaluate((id) => {
    const clause = document.querySelector(`.ProseMirror > [data-block="${id}"]`)!.getBoundingClientRect()
    const slots = [...document.querySelectorAll<HTMLElement>(`.margin .slot[data-beside="${id}"]`)]
    const drifts = slots.map((slot) => {
      const { top, bottom } = slot.getBoundingClientRect()
      return Math.max(0, clause.top - bottom, top - clause.bottom)
    })
    const shown = slots.flatMap((slot) => [...slot.querySelectorAll(".source-code")].map((code) => code.textContent!))
    return { codes: [...new Set(shown)].sort(), drift: Math.max(0, ...drifts) }
  }, block)

/** Pairs of things in the margin that stand over each other. */
const overlaps = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const rects = [...document.querySelectorAll(".margin .slot")].map((slot) => slot.getBoundingClientRect()).sort((a, b) => a.top - b.top)
    return rects.filter((rect, i) => i > 0 && rect.top < rects[i - 1]!.bottom - 1).length
  })

const settled = (page: Page): Promise<unknown> =>
  page.evaluate(() => new Promise<void>((done) => setTimeout(() => requestAnimationFrame(() => done()), 300)))

for (const [changes, width, height] of [
  [83, 1440, 900],
  [83, 1280, 720],
  [300, 1440, 900],
] as const)
  it(`[MAR1 MAR2] ${changes} changes of nine delegations in 30 clauses at ${width}x${height}: each clause names each of them, near its words, nothing over another`, async () => {
    const draft = await crowd({ clauses: 30, changes, codes })
    const page = await sitting.page("s", draft)
    await page.setViewportSize({ width, height })
    const expected = await sourcesByBlock(page, draft)
    expect(Object.keys(expected).length).toBe(30)
    for (const [block, sources] of Object.entries(expected)) {
      await page.locator(`.ProseMirror > [data-block="${block}"]`).evaluate((element) => element.scrollIntoView({ block: "center" }))
      await expect.poll(async () => (await beside(page, block)).codes, { message: block }).toEqual(sources)
      await settled(page)
      expect((await beside(page, block)).drift, block).toBeLessThanOrEqual(240)
      expect(await overlaps(page), block).toBe(0)
    }
    await page.context().close()
  })

it("[MAR1] what a delegation has more at a clause is behind a button that opens all of it; so does a line of codes; Escape closes it", async () => {
  const draft = await crowd({ clauses: 8, changes: 320, codes: ["S", "B", "J"], between: 1 })
  const page = await sitting.page("s", draft)
  const more = page.locator(".margin .more").first()
  await more.waitFor()
  expect(await more.textContent()).toMatch(/^\d+ more$/)
  await more.click()
  const list = page.locator(".clause-list")
  await list.getByText("40 changes, 3 delegations").waitFor()
  expect(await list.locator(".entry-row").count()).toBe(40)
  const inView = await list.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect()
    const desk = document.querySelector(".desk")!.getBoundingClientRect()
    return top >= desk.top && bottom <= desk.bottom
  })
  expect(inView).toBe(true)
  await list.locator(".line").nth(4).click()
  await list.locator(".card.is-chosen").waitFor()
  expect(await list.locator(".entry-row").count()).toBe(39)
  await page.keyboard.press("Escape")
  await list.waitFor({ state: "detached" })
  // By keys alone: it has the focus as it opens, Tab goes through it, and Escape leads back to what opens it.
  const at = (selector: string): Promise<boolean> => page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)
  await more.focus()
  await page.keyboard.press("Enter")
  await list.waitFor()
  expect(await at(".clause-list .entry-row:nth-of-type(1) .line")).toBe(true)
  await page.keyboard.press("Tab")
  expect(await at(".clause-list .entry-row:nth-of-type(2) .line")).toBe(true)
  await page.keyboard.press("Escape")
  await list.waitFor({ state: "detached" })
  await expect.poll(() => at(".margin .rows :is(.more, .line)")).toBe(true)
  await more.click()
  await list.waitFor()
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  // First the card that is still open, then the list.
  await page.keyboard.press("Escape")
  await list.locator(".card").waitFor({ state: "detached" })
  await page.keyboard.press("Escape")
  await list.waitFor({ state: "detached" })
  await page.context().close()
})

it("[MAR2] the card of a change that one clicks in the text is wholly in view beside its words, wherever they are in the window", async () => {
  const draft = await crowd({ clauses: 30, changes: 83, codes })
  const page = await sitting.page("s", draft)
  const words = page.locator(".ProseMirror .inserted")
  for (const i of [1, 20, 40]) {
    for (const where of ["start", "center", "end"] as const) {
      await words.nth(i).evaluate((element, block) => element.scrollIntoView({ block }), where)
      await words.nth(i).click()
      const found = async (): Promise<boolean> =>
        page.evaluate((n) => {
          const card = document.querySelector(".margin .card.is-chosen")?.getBoundingClientRect()
          const at = document.querySelectorAll(".ProseMirror .inserted")[n]!.getBoundingClientRect()
          const desk = document.querySelector(".desk")!.getBoundingClientRect()
          return !!card && card.top >= desk.top && card.bottom <= desk.bottom && card.top <= at.bottom && card.bottom >= at.top
        }, i)
      await expect.poll(found, { message: `${i} at ${where}` }).toBe(true)
    }
  }
  await page.context().close()
})

it("[MAR3] a row and a card tell what goes and what comes, however long; a space is called a space", async () => {
  const brazil = await sitting.page("b")
  await select(brazil, "to submit a report", "on the implementation of this resolution")
  await brazil.keyboard.type(`beginning ${"and so on ".repeat(30)}coming`)
  const row = entry(sweden, /Brazil.*beginning.*coming/s)
  await blockWith(sweden, "to submit a report").scrollIntoViewIfNeeded()
  await row.waitFor()
  const sizes = await row.locator(".words").evaluate((words) => {
    const width = (selector: string): number => words.querySelector(selector)!.getBoundingClientRect().width
    return {
      del: width("del"),
      ins: width("ins"),
      right: words.querySelector("ins")!.getBoundingClientRect().right,
      edge: words.getBoundingClientRect().right,
    }
  })
  expect(sizes.del).toBeGreaterThan(40)
  expect(sizes.ins).toBeGreaterThan(40)
  expect(sizes.right).toBeLessThanOrEqual(sizes.edge + 1)
  const card = await openCard(sweden, /Brazil.*beginning.*coming/s)
  expect((await card.locator(".what").textContent())!.replaceAll(/\s+/g, " ")).toMatch(
    /^replace on the implementation of this resolution ?by beginning .*….*coming$/,
  )
  await card.getByRole("button", { name: "All words" }).click()
  expect(await card.locator("ins").textContent()).not.toContain("…")
  await caretAfter(brazil, "to conclude such arrangements", "to conclude")
  await brazil.keyboard.type(" ")
  await blockWith(sweden, "to conclude such").scrollIntoViewIfNeeded()
  await entry(sweden, /Brazil.*insert\s+a space/s).waitFor()
  await brazil.keyboard.press("Backspace")
  await select(brazil, "to conclude such arrangements", " ")
  await brazil.keyboard.press("Delete")
  await entry(sweden, /Brazil.*delete\s+a space/s).waitFor()
  await brazil.context().close()
})

it("[MAR4] in every view nothing stands beside another clause for words that the view does not draw", async () => {
  await caretAfter(sweden, "to maintain a public register", ";")
  await sweden.keyboard.press("Enter")
  await sweden.keyboard.type("to lend sirens for a year;")
  await caretAfter(sweden, "to bring this resolution", "to bring")
  await sweden.keyboard.press("Alt+Shift+Backspace")
  await caretAfter(sweden, "to open their warning", "to open")
  await sweden.keyboard.press("Alt+Shift+ArrowUp")
  await sweden.waitForSelector(".save-status.is-saved")
  for (const view of ["As proposed", "Working text", "Against the text in force", "All markup", "One delegation"]) {
    await sweden.locator(".views select").first().selectOption({ label: view })
    for (const words of ["to maintain a public register", "to bring this resolution", "to open their warning", "RESOLUTION 98"]) {
      const clause = blockWith(sweden, words)
      if (await clause.isVisible()) await clause.evaluate((element) => element.scrollIntoView({ block: "center" }))
      await settled(sweden)
      const wrong = await sweden.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>(".margin .slot")]
          .filter((slot) => {
            const element = document.querySelector<HTMLElement>(`.ProseMirror > [data-block="${slot.dataset.beside}"]`)
            if (element && element.getClientRects().length > 0) return false
            // What moves the clause stands where the clause is drawn.
            const change = slot.querySelector<HTMLElement>("[data-entry], [data-card]")
            const ghost = document.querySelector(`.ghost[data-change="${change?.dataset.entry ?? change?.dataset.card}"]`)
            return !ghost || Math.abs(ghost.getBoundingClientRect().top - slot.getBoundingClientRect().top) > 120
          })
          .map((slot) => slot.textContent),
      )
      expect(wrong, `${view}, ${words}`).toEqual([])
    }
    const hasSirens = await sweden.locator(".margin", { hasText: "lend sirens" }).count()
    if (view === "Working text") expect(hasSirens).toBe(0)
  }
  await sweden.locator(".views select").first().selectOption({ label: "Against the text in force" })
})

for (const [width, height, who] of [
  [1440, 900, "chair"],
  [1280, 720, "s"],
  [1000, 700, "chair"],
  [360, 740, "chair"],
] as const)
  it(`[MAR5] long names and codes widen nothing at ${width}x${height}, with a card, the list and the console open`, async () => {
    const draft = await crowd({ clauses: 6, changes: 18, codes: [longCode, "S", "B"] })
    const page = await sitting.page(who, draft)
    await page.setViewportSize({ width, height })
    const wide = (): Promise<string[]> =>
      page.evaluate(() =>
        [
          document.documentElement,
          ...document.querySelectorAll<HTMLElement>(
            ".desk, .top-bar, .writing-bar, .console, .margin .card, .changes-panel, .change-list, .paper",
          ),
        ]
          .filter((element) => element.scrollWidth > element.clientWidth + 1 || element.getBoundingClientRect().right > innerWidth + 1)
          .map(
            (element) =>
              `${element.className || element.tagName}: ${element.scrollWidth} > ${element.clientWidth}, ${element.getBoundingClientRect().right}`,
          ),
      )
    // The window was just made smaller: its bars are drawn anew.
    await expect.poll(wide).toEqual([])
    await page.locator(".ProseMirror .inserted").first().click()
    await page.locator(".margin .card.is-chosen").waitFor()
    expect(await page.locator(".margin .card.is-chosen .name").first().textContent()).toBe(longName)
    expect(await wide()).toEqual([])
    await page.locator(".stepper .count").click()
    await page.locator(".changes-panel .entry-row").first().waitFor()
    expect(await wide()).toEqual([])
    await page.context().close()
  })

it("[MAR9] of a deletion over everything each row says what goes in its clause, and the outline marks each clause", async () => {
  const draft = await crowd({ clauses: 6, changes: 0, codes: ["S"] })
  const page = await sitting.page("s", draft)
  await page.locator(".ProseMirror > [data-type=clause]").first().click()
  await page.keyboard.press("Control+a")
  await page.keyboard.press("Delete")
  await page.waitForSelector(".save-status.is-saved")
  const clauses = await page.locator(".outline button.clause").count()
  expect(clauses).toBeGreaterThan(3)
  await expect.poll(() => page.locator(".outline button.clause .has-open").count()).toBe(clauses)
  const rows = page.locator(".margin .entry-row .words del")
  await rows.first().waitFor()
  const told = await rows.allTextContents()
  expect(told.length).toBeGreaterThan(3)
  expect(new Set(told).size, told.join(" | ")).toBe(told.length)
  await page.context().close()
})

it("[FATE2] a change that the secretariat entered for a delegation says so on its card", async () => {
  await secretary.getByLabel("Writing for").selectOption("B")
  await secretary.waitForSelector(".save-status.is-saved")
  await caretAfter(secretary, "free of charge, capacity", "to make")
  await secretary.keyboard.type(" gladly")
  await blockWith(sweden, "free of charge, capacity").filter({ hasText: "gladly" }).waitFor()
  await secretary.waitForSelector(".save-status.is-saved")
  await blockWith(sweden, "free of charge, capacity").scrollIntoViewIfNeeded()
  const card = await openCard(sweden, /Brazil.*gladly/s)
  await card.getByText("Entered for Brazil").waitFor()
  expect((await card.locator(".entered").textContent())!).toMatch(/^Entered for Brazil by Tomás Rivera, secretariat, \d\d:\d\d$/)
})

it("[FATE1] the author is told what became of a change, in passing and afterwards, over a reload", async () => {
  const chair = await sitting.page("chair")
  await caretAfter(sweden, "to continue studies", "to continue")
  await sweden.keyboard.type(" in time")
  const clause = blockWith(chair, "spectrum needs of ocean")
  await clause.locator(".inserted", { hasText: "in tim" }).first().waitFor()
  await clause.locator(".inserted", { hasText: "in tim" }).first().click()
  await chair.locator(".console").focus()
  await chair.keyboard.press("n")
  await sweden.locator(".said", { hasText: /Not retained by the chair.*insert “ in time”/ }).waitFor()
  await sweden.reload()
  await sweden.waitForSelector(".save-status.is-saved")
  await sweden.getByRole("button", { name: /of yours decided/ }).click()
  const fate = sweden.locator(".fates li", { hasText: "in time" })
  await fate.getByText("Not retained").waitFor()
  expect(await fate.textContent()).toMatch(/Amara Diallo/)
  expect(await sweden.getByRole("button", { name: /of yours decided/ }).count()).toBe(0)
  await chair.context().close()
})

for (const [width, height] of [
  [1440, 900],
  [1100, 700],
  [360, 740],
] as const)
  it(`[SAID1] what is said in passing covers no line that is written, at ${width}x${height}`, async () => {
    const page = await sitting.page("b")
    await page.setViewportSize({ width, height })
    // The line on which one writes is put by the wheel where a sentence would lie, and nothing is typed after, which would bring it away from there.
    for (const where of ["foot", "head"] as const) {
      await caretAfter(page, "to promote the use of the Common Alerting", "to promote")
      await page.keyboard.type("x")
      await page.keyboard.press("Backspace")
      const away = await page.evaluate((wanted) => {
        const desk = document.querySelector(".desk")!.getBoundingClientRect()
        const line = getSelection()!.getRangeAt(0).getClientRects()[0]!
        const to = { foot: desk.bottom - 4 - line.height, head: desk.top + 4 }[wanted]
        return line.top - to
      }, where)
      await page.locator(".desk").hover()
      await page.mouse.wheel(0, away)
      const lineAt = (): Promise<{ top: number; bottom: number; desk: { top: number; bottom: number } }> =>
        page.evaluate(() => {
          const { top, bottom } = getSelection()!.getRangeAt(0).getClientRects()[0]!
          const desk = document.querySelector(".desk")!.getBoundingClientRect()
          return { top, bottom, desk: { top: desk.top, bottom: desk.bottom } }
        })
      if (where === "foot") await expect.poll(async () => (await lineAt()).bottom).toBeGreaterThan((await lineAt()).desk.bottom - 40)
      if (where === "head") await expect.poll(async () => (await lineAt()).top).toBeLessThan((await lineAt()).desk.top + 40)
      const was = await lineAt()
      await page.keyboard.press("Alt+c")
      await page.locator(".said.is-shown").waitFor()
      const found = await page.evaluate(() => {
        const said = document.querySelector(".said.is-shown")!.getBoundingClientRect()
        const range = getSelection()!.getRangeAt(0)
        const line = range.getClientRects()[0]!
        const block = range.startContainer.parentElement!.closest("[data-block]")!.getBoundingClientRect()
        return {
          said: [said.top, said.bottom, said.left, said.right],
          line: [line.top, line.bottom, block.left, block.right],
          wide: innerWidth,
        }
      })
      const { said, line } = found
      expect(Math.abs(line[0]! - was.top), "the line is about where the wheel has put it").toBeLessThan(60)
      const isOver = said[0]! < line[1]! && said[1]! > line[0]! && said[2]! < line[3]! && said[3]! > line[2]!
      expect(isOver, `${where} ${JSON.stringify(found)}`).toBe(false)
      expect(said[2]).toBeGreaterThanOrEqual(0)
      expect(said[3]).toBeLessThanOrEqual(found.wide)
      await page.locator(".said.is-shown").waitFor({ state: "detached", timeout: 15_000 })
    }
    await page.context().close()
  })

for (const [width, height] of [
  [1100, 700],
  [360, 740],
] as const)
  it(`[SAID1] a sentence that stands gives way to the line that is scrolled or stepped under it, at ${width}x${height}`, async () => {
    const page = await sitting.page("b")
    await page.setViewportSize({ width, height })
    const covered = (): Promise<boolean> =>
      page.evaluate(() => {
        const said = document.querySelector(".said.is-shown")!.getBoundingClientRect()
        const line = getSelection()!.getRangeAt(0).getClientRects()[0]!
        return said.top < line.bottom && said.bottom > line.top
      })
    const distance = (): Promise<number> =>
      page.evaluate(() => {
        const said = document.querySelector(".said.is-shown")!.getBoundingClientRect()
        return getSelection()!.getRangeAt(0).getClientRects()[0]!.top - said.top - 8
      })
    await caretAfter(page, "to promote the use of the Common Alerting", "to promote")
    await page.keyboard.press("Alt+c")
    await page.locator(".said.is-shown").waitFor()
    await page.locator(".desk").hover()
    for (let round = 0; round < 2; round++) {
      await page.mouse.wheel(0, await distance())
      await editorHasRead(page)
      expect(await covered(), `scrolled, ${round}`).toBe(false)
    }
    await page.keyboard.press("Alt+Shift+Slash")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Alt+c")
    for (let step = 0; step < 14; step++) {
      await page.keyboard.press("ArrowDown")
      await editorHasRead(page)
      expect(await covered(), `stepped, ${step}`).toBe(false)
    }
    await page.context().close()
  })

/** One clause at which some ask for the same, others for something else in its place, and one for words inside another's. */
function contestedDraft(wanted: readonly (readonly [source: string, words: string])[]): FileDraft {
  const before = "to invite administrations to name "
  const old = "one office"
  let text = before + old
  const changes = wanted.map(([source, words], i): FileDraft["changes"][number] => {
    const from = text.length
    text += words
    return {
      ...{ id: `${source}.300.${i}`, kind: "replacement", source, enteredBy: null, date: null, block: "c", text: old, replacedBy: words },
      segments: [
        { block: "c", kind: "deletion", from: before.length, to: before.length + old.length },
        { block: "c", kind: "insertion", from, to: text.length },
      ],
    }
  })
  const blocks: FileDraft["blocks"] = [
    { id: "b1", type: "designation", text: "RESOLUTION 41 (Suva, 2022)" },
    { id: "b2", type: "title", text: "Keeping islands connected when a submarine cable fails" },
    { id: "b3", type: "head", part: "operative", text: "resolves" },
    { id: "c", type: "clause", level: 1, text: `${text} that answers for repair permits at any hour;` },
    { id: "d", type: "clause", level: 1, text: "to report." },
  ]
  return { profile: "itu", cover: [], blocks, changes, comments: [], notes: [], debris: [], warnings: [] }
}

for (const [who, width, height] of [
  ["s", 1440, 900],
  ["chair", 1280, 720],
] as const)
  it(`[MAR6] a row of ${who} is legible where some ask for the same and others compete, at ${width}x${height}`, async () => {
    const contact = " a single point of contact for repair"
    const draft = (
      await post(
        "/drafts?name=contested.json",
        JSON.stringify(
          contestedDraft([
            ["S", contact],
            ["B", contact],
            ["KEN", " two offices and a deputy for each"],
            ["J", contact],
            ["FJI", " as many offices as there are islands"],
            ["MEX", contact],
            ["POL", " two offices and a deputy for each"],
            [longCode, contact],
          ]),
        ),
        "application/octet-stream",
      )
    ).id!
    const page = await sitting.page(who, draft)
    await page.setViewportSize({ width, height })
    await page.locator(".margin .entry-row").first().waitFor()
    await settled(page)
    const rows = await page.locator(".margin .entry-row .line").evaluateAll((lines) =>
      lines.map((line) => {
        const wide = line.getBoundingClientRect().width
        const words = line.querySelector(".words")!
        const asides = [...line.querySelectorAll<HTMLElement>(".aside")]
        return {
          said: line.textContent!,
          codes: [...line.querySelectorAll(".source-code")].map((code) => code.textContent),
          share: words.getBoundingClientRect().width / wide,
          come: words.querySelector("ins")!.getBoundingClientRect().width,
          isCut: asides.some((aside) => aside.scrollWidth > aside.clientWidth),
          overflows: line.scrollWidth > line.clientWidth,
        }
      }),
    )
    expect(rows.length).toBeGreaterThanOrEqual(8)
    for (const row of rows) {
      const about = JSON.stringify(row)
      expect(row.share, about).toBeGreaterThan(0.38)
      expect(row.come, about).toBeGreaterThan(50)
      expect([row.isCut, row.overflows], about).toEqual([false, false])
      expect(row.said, about).toMatch(/against/)
    }
    expect(rows[0]!.said).toMatch(/the same as .*J/)
    expect(rows[0]!.codes.slice(0, 2)).toEqual(["S", "B"])
    await page.context().close()
  })

for (const [width, height] of [
  [1366, 768],
  [1280, 720],
  [390, 760],
] as const)
  it(`[MAR8] a card with many neighbours is wholly reachable, its acts in view, at ${width}x${height}`, async () => {
    const wanted = [...codes, "NZ", "CL", "EGY"].map((code) => [code, ` as many offices as ${code} names`] as const)
    const draft = (await post("/drafts?name=many.json", JSON.stringify(contestedDraft(wanted)), "application/octet-stream")).id!
    const page = await sitting.page("chair", draft)
    await page.setViewportSize({ width, height })
    await page.keyboard.press("Alt+ArrowDown")
    const card = page.locator(".margin .card.is-chosen")
    await card
      .locator(".related-list li")
      .nth(wanted.length - 2)
      .waitFor()
    await settled(page)
    const inView = await card.evaluate((element) => {
      const desk = document.querySelector(".desk")!.getBoundingClientRect()
      const { top, bottom, left, right } = element.getBoundingClientRect()
      const acts = [...element.querySelectorAll("footer button, header button")].map((act) => {
        const { top: from, bottom: to, left: x, width: wide } = act.getBoundingClientRect()
        return act.contains(document.elementFromPoint(x + wide / 2, (from + to) / 2))
      })
      const wide = [...element.querySelectorAll(".related, .related *")].filter(
        (part) => part.getBoundingClientRect().right > right || part.getBoundingClientRect().left < left,
      )
      const rows = [...element.querySelectorAll<HTMLElement>(".related-list li")]
      return {
        isInside: top >= desk.top - 1 && bottom <= Math.max(desk.bottom, matchMedia("(width < 52rem)").matches ? innerHeight : 0) + 1,
        acts: acts.every(Boolean),
        wide: wide.filter((part) => getComputedStyle(part.parentElement!).overflowX === "visible").length,
        highest: Math.max(...rows.map((row) => row.offsetHeight)),
        narrowest: Math.min(...rows.map((row) => row.querySelector<HTMLElement>("ins")!.parentElement!.offsetWidth)),
      }
    })
    expect(inView).toMatchObject({ isInside: true, acts: true, wide: 0 })
    expect(inView.highest).toBeLessThanOrEqual(44)
    expect(inView.narrowest).toBeGreaterThan(90)
    // Each in the tone of its own delegation, as its code.
    const tones = await card.locator(".related-list li").evaluateAll((rows) =>
      rows.map((row) => ({
        words: getComputedStyle(row.querySelector("ins")!).color,
        code: getComputedStyle(row.querySelector(".source-code")!).getPropertyValue("--tone"),
        own: getComputedStyle(row.querySelector("ins")!).getPropertyValue("--tone"),
      })),
    )
    expect(tones.every(({ code, own }) => code === own)).toBe(true)
    expect(new Set(tones.map(({ words }) => words)).size).toBeGreaterThan(4)
    // The wheel reaches the last one.
    const last = card.locator(".related-list li").last()
    await card.locator(".inside").hover()
    await page.mouse.wheel(0, 2_000)
    await settled(page)
    expect(
      await last.evaluate((row) => {
        const { left, top, width: wide, height: high } = row.getBoundingClientRect()
        return row.contains(document.elementFromPoint(left + wide / 2, top + high / 2))
      }),
    ).toBe(true)
    await page.context().close()
  })

it("[MAR1] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
