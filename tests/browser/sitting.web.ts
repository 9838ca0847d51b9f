import { readFileSync } from "node:fs"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { home } from "../process.ts"
import { blockWith, caretAfter, entry, openCard, Sitting, select, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let chair: Page
let sweden: Page
let brazil: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[chair, sweden, brazil] = await Promise.all([sitting.page("chair"), sitting.page("s"), sitting.page("b")])
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

const saved = (page: Page): Promise<unknown> => page.waitForSelector(".save-status.is-saved")
const sees = (page: Page, block: string, text: string | RegExp): Promise<unknown> =>
  blockWith(page, block).filter({ hasText: text }).waitFor()

it("[UI1] three people: what one types is seen by the others as its delegation's change, and is saved", async () => {
  await caretAfter(sweden, "to maintain a public register", "public register")
  await sweden.keyboard.type(" and map")
  await Promise.all([
    sees(chair, "to maintain a public register", "register and map"),
    sees(brazil, "to maintain a public register", "register and map"),
    saved(sweden),
  ])
  await blockWith(brazil, "to maintain a public register").scrollIntoViewIfNeeded()
  await entry(brazil, /Sweden.*BDT 2.*insert\s+and map/s).waitFor()
  expect(await blockWith(brazil, "to maintain a public register").locator(".inserted").allTextContents()).toSatisfy(
    (parts: string[]) => parts.join("") === " and map",
  )
})

it("[UI2] two at once on the same words: each deletion and each word keeps its source", async () => {
  await select(sweden, "to conclude such arrangements", "may be necessary")
  await select(brazil, "to conclude such arrangements", "be necessary to avoid")
  await Promise.all([sweden.keyboard.type("are needed", { delay: 20 }), brazil.keyboard.press("Backspace")])
  await Promise.all([saved(sweden), saved(brazil)])
  await sees(chair, "to conclude such arrangements", "are needed")
  await blockWith(chair, "to conclude such arrangements").locator(".struck-twice").first().waitFor()
  const sources = (page: Page): Promise<string[]> =>
    blockWith(page, "to conclude such arrangements")
      .locator("del")
      .evaluateAll((all) => [...new Set(all.map((element) => (element as HTMLElement).dataset.source!))].sort())
  expect(await sources(chair)).toEqual(["B", "S"])
})

it("[UI3] a comment on words is read by all, answered, resolved", async () => {
  await select(brazil, "to maintain a public register", "alerting authorities")
  await brazil.locator(".selection-tool").click()
  await brazil.keyboard.type("Which authorities?")
  await brazil.getByRole("button", { name: "Send to the meeting" }).click()
  await blockWith(sweden, "to maintain a public register").scrollIntoViewIfNeeded()
  const talk = await openCard(sweden, "Which authorities?")
  await talk.getByRole("button", { name: "Reply" }).click()
  await sweden.keyboard.type("Those that are notified.")
  await talk.getByRole("button", { name: "Reply" }).click()
  await entry(brazil, "Those that are notified.").waitFor()
  await entry(brazil, "Which authorities?").getByRole("button", { name: "Resolve" }).click()
  await blockWith(chair, "to maintain a public register").scrollIntoViewIfNeeded()
  await chair.waitForFunction(
    () =>
      ![...document.querySelectorAll(".margin :is(.entry-row, .card)")].some((element) =>
        element.textContent!.includes("Which authorities?"),
      ),
  )
})

it("[UI4] the chair accepts by keyboard: the words are agreed for all and still marked against the text in force; nobody else has the button", async () => {
  await blockWith(chair, "to maintain a public register").locator(".inserted").first().click()
  await chair.locator(".console").focus()
  await chair.keyboard.press("a")
  await blockWith(sweden, "to maintain a public register").locator(".accepted-in").waitFor()
  expect(await blockWith(sweden, "to maintain a public register").locator(".accepted-in").textContent()).toMatch(/and map/)
  expect(await blockWith(sweden, "to maintain a public register").locator(".accepted-in").getAttribute("title")).toMatch(
    /accepted, proposed by S/,
  )
  expect(await sweden.getByRole("button", { name: "Accept into text" }).count()).toBe(0)
  await chair.getByRole("button", { name: "Record" }).click()
  await chair.locator(".register tbody tr", { hasText: "Accepted into text" }).filter({ hasText: "and map" }).waitFor()
  await chair.getByRole("button", { name: "Close", exact: true }).click()
})

it("[UI5] not retained: the words go for all", async () => {
  await caretAfter(sweden, "to bring this resolution", "attention of")
  await sweden.keyboard.type(" all friends of")
  await sees(chair, "to bring this resolution", "all friends of")
  await blockWith(chair, "to bring this resolution").locator(".inserted").first().click()
  await chair.locator(".console").focus()
  await chair.keyboard.press("n")
  for (const page of [chair, sweden, brazil])
    await page.waitForFunction(() => !document.querySelector(".ProseMirror")!.textContent!.includes("all friends of"))
})

it("[UI6] undo and redo touch one's own open change alone", async () => {
  await caretAfter(sweden, "to require mobile operators", "to support")
  await sweden.keyboard.type(" soon")
  await sees(brazil, "to require mobile operators", "support soon")
  await sweden.keyboard.press("Control+z")
  await sweden.waitForFunction(() => !document.querySelector(".ProseMirror")!.textContent!.includes("support soon"))
  await sweden.keyboard.press("Control+Shift+z")
  await sees(brazil, "to require mobile operators", "support soon")
})

it("[UI7] Enter at the end of a clause proposes a new clause, labelled after its predecessor; withdrawing takes it away", async () => {
  await caretAfter(sweden, "to maintain a public register", ";")
  await sweden.keyboard.press("Enter")
  await sweden.keyboard.type("to lend sirens;")
  await sees(brazil, "to lend sirens;", "to lend sirens;")
  expect(await blockWith(brazil, "to lend sirens;").getAttribute("data-label")).toBe("2 bis")
  await blockWith(sweden, "to lend sirens;").locator(".inserted").first().click()
  await entry(sweden, "to lend sirens;").getByRole("button", { name: "Withdraw" }).click()
  await brazil.waitForFunction(() => !document.querySelector(".ProseMirror")!.textContent!.includes("lend sirens"))
})

it("[UI8] a reload brings everything back; paste is flattened and attributed to who pastes", async () => {
  await caretAfter(brazil, "to open their warning systems", "a coast")
  await brazil.evaluate(() => {
    const data = new DataTransfer()
    data.setData(
      "text/html",
      '<p onclick="x()"><b style="color:red">or an</b> <ins data-mark="insertion" data-source="S">aquifer</ins><img src=x onerror="window.hacked=1"></p>',
    )
    document
      .querySelector(".ProseMirror")!
      .dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
  })
  await sees(chair, "to open their warning systems", "or an aquifer")
  await saved(brazil)
  await brazil.reload()
  await sees(brazil, "to open their warning systems", "or an aquifer")
  expect(
    await blockWith(brazil, "to open their warning systems")
      .locator("ins")
      .evaluateAll((all) => [...new Set(all.map((element) => (element as HTMLElement).dataset.source))]),
  ).toEqual(["B"])
  expect(await brazil.evaluate(() => (window as unknown as { hacked?: number }).hacked)).toBeUndefined()
})

it("[UI9] the network is cut with the tab open: it says so, typing goes on, and all is there when it is back", async () => {
  for (const context of sitting.contexts) await context.setOffline(true)
  // An open websocket survives Chromium's emulation; the browser's own event is what tells the page.
  for (const page of [chair, sweden, brazil]) await page.evaluate(() => dispatchEvent(new Event("offline")))
  await sweden.locator(".save-status.is-offline").waitFor()
  await caretAfter(sweden, "to submit a report", "implementation")
  await sweden.keyboard.type(" and the cost")
  await sweden.locator(".save-status", { hasText: /kept on this device/ }).waitFor()
  for (const context of sitting.contexts) await context.setOffline(false)
  for (const page of [chair, sweden, brazil]) await page.evaluate(() => dispatchEvent(new Event("online")))
  await saved(sweden)
  await Promise.all([sees(chair, "to submit a report", "and the cost"), sees(brazil, "to submit a report", "and the cost")])
})

it("[UI10] the views show the same text in six ways and change none of it", async () => {
  // Not innerText: blocks out of sight are not laid out, and it would leave them out.
  const text = (): Promise<string> =>
    chair.locator(".paper:not([hidden]) .ProseMirror").evaluate((element) => {
      const copy = element.cloneNode(true) as HTMLElement
      for (const hidden of copy.querySelectorAll(".is-hidden, .caret, .accepted-out")) hidden.remove()
      return [...copy.children]
        .filter((_, i) => getComputedStyle(element.children[i]!).display !== "none")
        .map((block) => block.textContent)
        .join("\n")
    })
  const view = async (name: string): Promise<string> => {
    await chair.locator(".views select").first().selectOption({ label: name })
    return text()
  }
  expect(await view("As proposed")).toContain("Rev. Doha, 2026")
  expect(await view("As proposed")).not.toContain("Rev. Dubai, 2018)\n")
  expect(await view("Working text")).not.toContain("Doha, 2026")
  expect(await view("Text in force")).toContain("Rev. Dubai, 2018")
  expect(await view("Text in force")).not.toContain("and map")
  expect(await view("All markup")).toContain("Doha, 2026")
  expect(await view("One delegation")).not.toContain("by establishing a fund")
  await view("Against the text in force")
  expect(await text()).toContain("by establishing a fund")
})

it("[UI11] an observer reads and cannot write; the secretary changes hats", async () => {
  const observer = await sitting.page("observer")
  expect(await observer.locator(".ProseMirror").getAttribute("contenteditable")).toBe("false")
  expect(await observer.locator(".hat").textContent()).toMatch(/read/)
  const secretary = await sitting.page("secretary")
  await secretary.getByLabel("Writing for").selectOption("B")
  await secretary.locator(".said", { hasText: "You now write for Brazil" }).waitFor()
  await saved(secretary)
  await caretAfter(secretary, "to designate a national", "alerting authority")
  await secretary.keyboard.type(" by 2027")
  await sees(chair, "to designate a national", "authority by 2027")
  expect(await blockWith(chair, "to designate a national").locator("ins").first().getAttribute("data-source")).toBe("B")
  await Promise.all([observer.close(), secretary.close()])
})

it("[UI12] a refused edit keeps the words in the tray, and the person goes on working", async () => {
  // The room is made to refuse: Brazil's right to write is taken away for a moment by adopting nothing less than a broken frame.
  await caretAfter(brazil, "to provide technical assistance", "national authorities")
  await brazil.evaluate(() => {
    const send = WebSocket.prototype.send
    WebSocket.prototype.send = function (frame) {
      const bytes = new Uint8Array(frame as ArrayBuffer)
      // An update in which one letter of the source is another: a lie that the gate must refuse.
      const forged = bytes.map((byte, i) => (bytes[0] === 0 && bytes[1] === 2 && byte === 66 && bytes[i + 1] === 46 ? 83 : byte))
      WebSocket.prototype.send = send
      send.call(this, forged)
    }
  })
  await brazil.keyboard.type("!")
  await brazil.locator(".tray", { hasText: "!" }).waitFor()
  expect(await brazil.locator(".tray h3").textContent()).toMatch(/^instructs the Director of.* 1$/)
  await saved(brazil)
  await brazil.locator(".tray").getByRole("button", { name: "Propose again" }).click()
  await sees(chair, "to provide technical assistance", "national authorities!")
  await brazil.locator(".tray").waitFor({ state: "detached" })
})

it("[UI118] words typed offline in a clause that is deleted meanwhile are kept once, and go elsewhere only where the person is told", async () => {
  const clause = "to require mobile operators"
  await caretAfter(brazil, clause, "to require")
  await brazil.context().setOffline(true)
  await brazil.waitForSelector(".save-status.is-offline")
  await brazil.keyboard.type(" and to ask")
  await caretAfter(sweden, clause, "to require")
  await sweden.keyboard.press("Alt+Shift+Backspace")
  await saved(sweden)
  await chair.bringToFront()
  await blockWith(chair, clause).locator(".block-tag").first().click()
  const card = chair.locator(".margin .card.is-chosen")
  await card.getByRole("button", { name: "Accept into text" }).click()
  const question = chair.getByRole("alertdialog")
  await question
    .or(chair.locator(".said.is-shown", { hasText: "accepted" }))
    .first()
    .waitFor()
  if (await question.isVisible()) await question.getByRole("button", { name: "Delete the clause" }).click()
  await chair.locator(".said.is-shown", { hasText: "accepted" }).waitFor()
  await brazil.bringToFront()
  await brazil.context().setOffline(false)
  const tray = brazil.locator(".tray")
  await tray.filter({ hasText: "and to ask" }).waitFor()
  await saved(brazil)
  expect(await tray.locator("li").count()).toBe(1)
  // Of the clause that they were typed in, as it was spoken of while it was there.
  expect(await tray.locator("h3").textContent()).toMatch(/^invites Member States \d+, no longer here$/)
  // It lies under the text, and over no word of it.
  const [desk, box] = [(await brazil.locator(".desk").boundingBox())!, (await tray.boundingBox())!]
  expect(box.y).toBeGreaterThanOrEqual(desk.y + desk.height - 1)
  await caretAfter(brazil, "to provide technical assistance", "to provide")
  const before = await blockWith(brazil, "to provide technical assistance").textContent()
  await tray.getByRole("button", { name: "Propose again" }).click()
  await tray.locator(".asked", { hasText: /instructs the Director of.* 1, after “.*to provide”/ }).waitFor()
  expect(await blockWith(brazil, "technical assistance").textContent()).toBe(before)
  await tray.getByRole("button", { name: "Propose them there" }).click()
  await blockWith(brazil, "technical assistance").filter({ hasText: "to provide and to ask" }).waitFor()
  await tray.waitFor({ state: "detached" })
  await brazil.keyboard.press("Control+z")
  await saved(brazil)
})

it("[UI16] Backspace and Delete strike letter by letter and pass over what is struck; typing over a selection is one replacement", async () => {
  const struck = async (): Promise<string> =>
    (await blockWith(brazil, "to designate a national").locator(".struck").allTextContents()).join("")
  await caretAfter(sweden, "to designate a national", "to notify")
  for (let i = 0; i < 3; i++) await sweden.keyboard.press("Backspace")
  await caretAfter(sweden, "to designate a national", "and to not")
  await sweden.keyboard.press("Backspace")
  await saved(sweden)
  await brazil.waitForFunction(() => document.querySelector(".ProseMirror")!.textContent!.includes("to notify it to the Union"))
  expect((await struck()).replace(" by 2027", "")).toBe("tify")
  await caretAfter(sweden, "to designate a national", "it to")
  for (let i = 0; i < 4; i++) await sweden.keyboard.press("Delete")
  await saved(sweden)
  expect((await struck()).replace(" by 2027", "")).toBe("tify the")
  await select(sweden, "World Meteorological Organization", "bring")
  await sweden.keyboard.type("carry")
  await sees(brazil, "World Meteorological Organization", "bringcarry")
  await blockWith(brazil, "World Meteorological Organization").scrollIntoViewIfNeeded()
  await entry(brazil, /replace bring by carry/).waitFor()
})

it("[UI17] with nothing selected the comment is on the clause; the button proposes a clause", async () => {
  await caretAfter(brazil, "to conclude such arrangements", "to conclude")
  await brazil.locator(".writing-bar").getByRole("button", { name: "Comment" }).click()
  await brazil.keyboard.type("Too many arrangements.")
  await brazil.keyboard.press("Control+Enter")
  await blockWith(sweden, "to conclude such arrangements").scrollIntoViewIfNeeded()
  await entry(sweden, "Too many arrangements.").waitFor()
  await caretAfter(brazil, "to make available, free", "to make")
  await brazil.getByRole("button", { name: "New clause" }).click()
  await brazil.keyboard.type("to train their staff;")
  await sees(chair, "to train their staff;", "to train their staff;")
  expect(await blockWith(chair, "to train their staff;").getAttribute("data-label")).toBe("2")
})

it("[UI14] the secretary imports a text: what was understood is shown first, then it is a draft", async () => {
  const secretary = await sitting.page("secretary")
  await secretary.goto(`http://secretary.localhost:${sitting.port}/`)
  await secretary.locator("input[type=file]").setInputFiles(`${home}seeds/early-warning.txt`)
  await secretary.getByText("9 heads, 28 clauses, 1 quotation, 1 footnote.").waitFor()
  await secretary.getByRole("button", { name: "Import as a new draft" }).click()
  await secretary.waitForURL(/\/drafts\//)
  await blockWith(secretary, "to count").or(blockWith(secretary, "to maintain a public register")).first().waitFor()
  await secretary.goto(`http://secretary.localhost:${sitting.port}/`)
  await secretary
    .locator("input[type=file]")
    .setInputFiles({ name: "paper.docx", mimeType: "application/zip", buffer: Buffer.from("PK\u0003\u0004") })
  await secretary
    .getByRole("alert")
    .filter({ hasText: /paper\.docx is damaged/ })
    .waitFor()
  await secretary.close()
})

it("[UI15] axe finds nothing, in every view, light and dark and Arabic", async () => {
  const axe = readFileSync(`${home}node_modules/axe-core/axe.min.js`, "utf8")
  const check = async (page: Page, what: string): Promise<void> => {
    await page.evaluate(axe)
    const found = await page.evaluate(async () => {
      const { violations } = await (
        window as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> }
        }
      ).axe.run()
      return violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 2)
            .map((node) => `${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 300)}`)
            .join(" | ")}`,
      )
    })
    expect(found, what).toEqual([])
  }
  for (const view of ["Against the text in force", "All markup", "As proposed", "Working text", "Text in force", "One delegation"]) {
    await chair.locator(".views select").first().selectOption({ label: view })
    await check(chair, view)
  }
  await chair.locator(".views select").first().selectOption({ label: "Against the text in force" })
  await chair.emulateMedia({ colorScheme: "dark" })
  await check(chair, "dark")
  await chair.emulateMedia({ colorScheme: "light" })
  const arabic = await sitting.page("b", "water-arabic")
  await check(arabic, "Arabic")
  await arabic.goto(`http://b.localhost:${sitting.port}/`)
  await arabic.locator(".drafts li").first().waitFor()
  await check(arabic, "drafts")
  await arabic.close()
})

it("[UI13] nothing in any page failed", () => expect(sitting.errors).toEqual([]))
