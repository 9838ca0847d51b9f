import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import { blockWith, caretAfter, Sitting, select, startBrowser } from "./room.ts"

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

/** What comes of an act, which a slow machine takes its time for. */
const soon = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 20_000 })
/** Whether the device of a page holds so many changes that the room has not acknowledged. */
const isKept = (page: Page, changes: number): Promise<boolean> =>
  page.evaluate(
    (least) =>
      new Promise<boolean>((resolve, reject) => {
        const opening = indexedDB.open("clausula")
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const counting = opening.result.transaction("updates").objectStore("updates").count()
          counting.onerror = () => reject(counting.error)
          counting.onsuccess = () => {
            opening.result.close()
            resolve(counting.result >= least)
          }
        }
      }),
    changes,
  )
/** Types over a word without a line; the words are drawn then as `drawn`, and the device keeps each letter. */
async function typesOver(page: Page, clause: string, word: string, words: string, drawn = words): Promise<void> {
  await select(page, clause, word)
  await page.context().setOffline(true)
  await page.waitForSelector(".save-status.is-offline")
  await page.keyboard.type(words, { delay: 20 })
  await blockWith(page, drawn).waitFor()
  await soon(() => isKept(page, words.length)).toBe(true)
}
const acts = (): Promise<string[]> =>
  chair.evaluate(async () => {
    const entries = (await (await fetch("/api/v1/drafts/early-warning/register")).json()) as { act: string }[]
    return entries.map(({ act }) => act)
  })

it("[LIFE9] once the clause is there again from which words were handed back, the tray says so and puts them where they stood", async () => {
  const clause = "to require mobile operators"
  const before = (await acts()).length
  const brazil = await sitting.page("b")
  await caretAfter(brazil, clause, "to require")
  await brazil.context().setOffline(true)
  await brazil.waitForSelector(".save-status.is-offline")
  await brazil.keyboard.type(" and to ask")
  await sweden.bringToFront()
  await caretAfter(sweden, clause, "to require")
  await sweden.keyboard.press("Alt+Shift+Backspace")
  await chair.bringToFront()
  await blockWith(chair, clause).locator(".block-tag").first().click()
  await chair.locator(".margin .card.is-chosen").getByRole("button", { name: "Accept into text" }).click()
  const question = chair.getByRole("alertdialog")
  await soon(async () => {
    if (await question.isVisible()) await question.getByRole("button", { name: "Delete the clause" }).click()
    return (await acts()).slice(before)
  }).toEqual(["accept"])
  await brazil.bringToFront()
  await brazil.context().setOffline(false)
  const tray = brazil.locator(".tray")
  await tray.locator("h3", { hasText: /^invites Member States \d+, no longer here$/ }).waitFor()
  // What is asked before the clause is there again is asked no more.
  await tray.getByRole("button", { name: "Propose again" }).click()
  await tray.locator(".asked").waitFor()
  await chair.bringToFront()
  await chair.locator(".console").focus()
  await chair.keyboard.press("u")
  await soon(async () => (await acts()).slice(before)).toEqual(["accept", "takeBack"])
  await brazil.bringToFront()
  await tray.locator("h3", { hasText: /^invites Member States \d+$/ }).waitFor()
  await tray.locator(".why", { hasText: "It is here again." }).waitFor()
  await tray.locator(".asked").waitFor({ state: "detached" })
  await tray.getByRole("button", { name: "Propose again" }).click()
  await blockWith(brazil, "to require and to ask mobile operators").waitFor()
  await tray.waitFor({ state: "detached" })
})

for (const isReloaded of [false, true])
  it(`[LIFE8] a word that was typed over without a line, in a clause that goes meanwhile, is handed back as one text${isReloaded ? ", to the page that is opened next" : ""}`, async () => {
    const [clause, word] = isReloaded ? ["to open their warning systems", "systems"] : ["to designate a national alerting", "national"]
    const before = (await acts()).length
    const brazil = await sitting.page("b")
    await typesOver(brazil, clause, word, "ships and boats")
    await sweden.bringToFront()
    await caretAfter(sweden, clause, "to ")
    await sweden.keyboard.press("Alt+Shift+Backspace")
    await chair.bringToFront()
    const sign = blockWith(chair, clause).locator(".block-tag").first()
    await sign.scrollIntoViewIfNeeded()
    await sign.click()
    await chair
      .locator(".margin .card.is-chosen", { hasText: "delete the clause" })
      .getByRole("button", { name: "Accept into text" })
      .click()
    const question = chair.getByRole("alertdialog")
    await soon(async () => {
      if (await question.isVisible()) await question.getByRole("button", { name: "Delete the clause" }).click()
      return (await acts()).slice(before)
    }).toEqual(["accept"])
    await brazil.bringToFront()
    if (isReloaded) await brazil.reload().catch(() => undefined)
    await brazil.context().setOffline(false)
    if (isReloaded) await brazil.goto(sweden.url().replace("//s.", "//b."))
    await brazil.locator(".tray").waitFor()
    await brazil.waitForSelector(".save-status:not(.is-offline)")
    await soon(() => brazil.locator(".tray blockquote").allTextContents()).toEqual(["ships and boats"])
    await brazil.getByRole("button", { name: "Discard" }).click()
    await brazil.locator(".tray").waitFor({ state: "detached" })
    await brazil.context().close()
  })

/** Sweden proposes to delete a clause, and the chair accepts that. */
async function goes(clause: string): Promise<void> {
  const before = (await acts()).length
  await sweden.bringToFront()
  await caretAfter(sweden, clause, "to ")
  await sweden.keyboard.press("Alt+Shift+Backspace")
  await chair.bringToFront()
  const sign = blockWith(chair, clause).locator(".block-tag").first()
  await sign.scrollIntoViewIfNeeded()
  await sign.click()
  await chair.locator(".margin .card.is-chosen", { hasText: "delete the clause" }).getByRole("button", { name: "Accept into text" }).click()
  const question = chair.getByRole("alertdialog")
  await soon(async () => {
    if (await question.isVisible()) await question.getByRole("button", { name: "Delete the clause" }).click()
    return (await acts()).slice(before)
  }).toEqual(["accept"])
}

async function takesBack(): Promise<void> {
  const before = (await acts()).length
  await chair.bringToFront()
  await chair.locator(".console").focus()
  await chair.keyboard.press("u")
  await soon(async () => (await acts()).slice(before)).toEqual(["takeBack"])
}

for (const isReloaded of [false, true])
  it(`[LIFE9] words that were to replace others are proposed again in their place once the clause is there again${isReloaded ? ", by the page that is opened next" : ""}`, async () => {
    const [clause, word, words] = isReloaded
      ? ["to conclude such arrangements", "arrangements", "treaties"]
      : ["to maintain a public register", "public", "open"]
    const brazil = await sitting.page("b")
    await typesOver(brazil, clause, word, words, `${word}${words}`)
    await goes(clause)
    await brazil.bringToFront()
    if (isReloaded) await brazil.goto("about:blank")
    await brazil.context().setOffline(false)
    if (isReloaded) await brazil.goto(sweden.url().replace("//s.", "//b."))
    const tray = brazil.locator(".tray")
    await tray.locator("h3", { hasText: /2, no longer here$/ }).waitFor()
    await soon(() => tray.locator(".replaced").allTextContents()).toEqual([`In place of ${word}:`])
    // Where the clause is gone it is said that nothing would be struck.
    await tray.getByRole("button", { name: "Propose again" }).click()
    await tray.locator(".asked", { hasText: `“${word}”, which they were to replace, would not be struck.` }).waitFor()
    await takesBack()
    await brazil.bringToFront()
    await tray.locator("h3", { hasText: / 2$/ }).waitFor()
    await tray.locator(".why", { hasText: "It is here again." }).waitFor()
    await tray.getByRole("button", { name: "Propose again" }).click()
    await tray.waitFor({ state: "detached" })
    await soon(() => blockWith(brazil, `${word}${words}`).locator("del").allTextContents()).toEqual([word])
    await brazil.waitForSelector(".save-status.is-saved")
    await soon(async () =>
      chair.evaluate(async (typed) => {
        const changes = (await (await fetch("/api/v1/drafts/early-warning/changes")).json()) as { deleted: string; inserted: string }[]
        return changes.filter(({ inserted }) => inserted === typed).map(({ deleted }) => deleted)
      }, words),
    ).toEqual([word])
    await brazil.context().close()
  })

/** The chair decides on what Sweden proposes in a clause. */
async function decides(clause: string, verdict: "accept" | "notRetain"): Promise<void> {
  await chair.bringToFront()
  const block = await blockWith(chair, clause).getAttribute("data-block")
  const answered = await chair.evaluate(
    async ([within, as]) => {
      const path = "/api/v1/drafts/early-warning"
      const all = (await (await fetch(`${path}/changes`)).json()) as { id: string; hash: string; source: string; block: string }[]
      const changes = all.filter(({ source, block }) => source === "S" && block === within).map(({ id, hash }) => ({ id, hash }))
      const body = JSON.stringify({ verdict: as, changes })
      const answer = await fetch(`${path}/decisions`, { method: "POST", headers: { "content-type": "application/json" }, body })
      return `${answer.status} ${await answer.text()}`
    },
    [block, verdict] as const,
  )
  expect(answered).toMatch(/^200/)
}

it("[LIFE9] what was typed over a word of one's own open proposal goes in its place again, in the clause that a split has taken it to since", async () => {
  const clause = "to bring this resolution"
  const brazil = await sitting.page("b")
  await caretAfter(brazil, clause, clause)
  await brazil.keyboard.type(" and all coastal tables")
  await brazil.waitForSelector(".save-status.is-saved")
  await typesOver(brazil, clause, "coastal", "island", "and all island tables")
  await goes(clause)
  await brazil.bringToFront()
  await brazil.context().setOffline(false)
  const tray = brazil.locator(".tray")
  await tray.locator("h3", { hasText: /\d, no longer here$/ }).waitFor()
  await soon(() => tray.locator(".replaced").allTextContents()).toEqual(["In place of coastal:"])
  await takesBack()
  await decides(clause, "notRetain")
  await sweden.bringToFront()
  await caretAfter(sweden, clause, "to bring this")
  await sweden.keyboard.press("Enter")
  await sweden.waitForSelector(".save-status.is-saved")
  await decides(clause, "accept")
  await brazil.bringToFront()
  // They are spoken of by the part in which their letter stands now.
  await tray.locator("h3", { hasText: /\d bis$/ }).waitFor()
  await tray.locator(".why", { hasText: "It is here again." }).waitFor()
  await tray.getByRole("button", { name: "Propose again" }).click()
  await tray.waitFor({ state: "detached" })
  await soon(() => blockWith(brazil, "island tables").locator("ins").allTextContents()).toEqual([" and all island tables"])
  await brazil.waitForSelector(".save-status.is-saved")
  await brazil.context().close()
})

it("[LIFE9] where what they were to replace stands there no more the tray asks before the words alone are proposed", async () => {
  const clause = "to organize regional exercises"
  const brazil = await sitting.page("b")
  await typesOver(brazil, clause, "regional", "joint")
  await goes(clause)
  await brazil.bringToFront()
  await brazil.context().setOffline(false)
  const tray = brazil.locator(".tray")
  await tray.waitFor()
  await takesBack()
  await sweden.bringToFront()
  await select(sweden, clause, " regional")
  await sweden.keyboard.press("Delete")
  await sweden.waitForSelector(".save-status.is-saved")
  await chair.bringToFront()
  const answered = await chair.evaluate(async () => {
    const path = "/api/v1/drafts/early-warning"
    const changes = (await (await fetch(`${path}/changes`)).json()) as { id: string; hash: string; deleted: string }[]
    const one = changes.find(({ deleted }) => deleted.trim() === "regional")!
    const body = JSON.stringify({ verdict: "accept", changes: [{ id: one.id, hash: one.hash }] })
    const answer = await fetch(`${path}/decisions`, { method: "POST", headers: { "content-type": "application/json" }, body })
    return `${answer.status} ${await answer.text()}`
  })
  expect(answered).toMatch(/^200/)
  await brazil.bringToFront()
  await blockWith(brazil, clause).locator(".accepted-out", { hasText: "regional" }).waitFor()
  await tray.getByRole("button", { name: "Propose again" }).click()
  await tray
    .locator(".asked", { hasText: /“regional”, which they were to replace, no longer stands there as it did\. .*after “to organize”\./ })
    .waitFor()
  await tray.getByRole("button", { name: "Not now" }).click()
  await tray.getByRole("button", { name: "Discard" }).click()
  await tray.waitFor({ state: "detached" })
  await brazil.context().close()
})

it("[LIFE9 COMP3] words that may not stand at their place, for proposals stand there as deep as they may, stay in the tray until they stand elsewhere", async () => {
  const [clause, other] = ["to account the cost", "to provide technical"]
  const brazil = await sitting.page("b")
  let behind = "to "
  for (const [depth, words] of ["αβ", "γδ", "εζ", "ηθ", "ικ", "λμ", "νξ", "οπ"].entries()) {
    const page = depth % 2 === 0 ? sweden : brazil
    await page.bringToFront()
    const inside = depth === 0 ? clause : behind
    await blockWith(page, inside).waitFor()
    await caretAfter(page, inside, behind)
    await page.keyboard.type(words)
    await page.waitForSelector(".save-status.is-saved")
    behind = words[0]!
  }
  await sweden.bringToFront()
  await blockWith(sweden, "οπ").waitFor()
  await caretAfter(sweden, "οπ", "ο")
  const method = await sweden.context().newCDPSession(sweden)
  for (const text of ["d", "de", "deep"]) {
    await method.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length })
    await blockWith(sweden, text).waitFor()
  }
  await method.send("Input.insertText", { text: "deep words" })
  const tray = sweden.locator(".tray")
  await soon(() => tray.locator("blockquote").allTextContents()).toEqual(["deep words"])
  await tray.locator(".why", { hasText: "Proposals stand in one another there as deep as the room goes." }).waitFor()
  expect(await tray.locator(".why", { hasText: "here again" }).count()).toBe(0)
  await tray.getByRole("button", { name: "Propose again" }).click()
  await tray.locator(".asked", { hasText: "Where they stood proposals stand in one another as deep as the room goes" }).waitFor()
  await caretAfter(sweden, other, "to provide")
  await tray.locator(".asked", { hasText: "after “to provide”" }).waitFor()
  await tray.getByRole("button", { name: "Propose them there" }).click()
  await blockWith(sweden, "to providedeep words technical").waitFor()
  await tray.waitFor({ state: "detached" })
  await sweden.waitForSelector(".save-status.is-saved")
  await brazil.context().close()
})
