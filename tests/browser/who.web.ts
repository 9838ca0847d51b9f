import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { newFolder } from "../meeting.ts"
import { commandBeside, home, kill, type Serving, serve } from "../process.ts"
import { blockWith, caretAfter, startBrowser } from "./room.ts"

/** A real meeting on an empty folder: nobody is there but whom the operator invites. */
let browser: Browser
let serving: Serving
const data = newFolder()
const contexts: BrowserContext[] = []
const errors: string[] = []
let secretary: Page
beforeAll(async () => {
  browser = await startBrowser()
  serving = await serve(["--data", data, "--port", "0"])
})
afterAll(async () => {
  for (const context of contexts) await context.close()
  await kill(serving, "SIGTERM")
  await browser?.close()
})

const url = (): string => `http://localhost:${new URL(serving.url).port}`
const run = async (...args: string[]): Promise<Record<string, string>> => {
  const { code, out, err } = await commandBeside([...args, "--data", data, "--json"])
  expect(code, err).toBe(0)
  return JSON.parse(out) as Record<string, string>
}
const invite = async (...args: string[]): Promise<string> => (await run("invite", ...args, "--url", url())).url!

async function device(options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", ...options })
  contexts.push(context)
  const page = await context.newPage()
  page.on("pageerror", (error) => errors.push(error.message))
  return page
}
const saved = (page: Page): Promise<unknown> => page.waitForSelector(".save-status.is-saved")
const open = async (page: Page): Promise<void> => {
  await page.locator(".drafts a").first().click()
  await page.waitForSelector(".ProseMirror [data-block]")
  await saved(page)
}
/** Enters by a link as a hand does: the box has the focus, so one types. */
async function enter(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link)
  await page.waitForSelector(".big-plate")
  await page.keyboard.type(name)
  await page.keyboard.press("Enter")
}
const menu = async (page: Page, item: string): Promise<void> => {
  await page.locator("button.who").click()
  await page.locator(".plate-menu").getByRole("button", { name: item, exact: true }).click()
}
const axe = readFileSync(join(home, "node_modules/axe-core/axe.min.js"), "utf8")
async function accessible(page: Page, where: string): Promise<void> {
  await page.evaluate(axe)
  const found = await page.evaluate(
    (scope) =>
      (
        globalThis as unknown as { axe: { run(where: string): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
      ).axe.run(scope),
    where,
  )
  expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([])
}
const text = "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the lamps each year.\n"

it("[UI80] the first morning: no name of the sample; the sitting is asked for before the first import, set by keyboard, and told", async () => {
  secretary = await device()
  await secretary.goto(await invite("--role", "secretary", "--name", "Ana Costa"))
  await secretary.waitForURL(/\/$/)
  await secretary.getByText("The sitting is not set").waitFor()
  await secretary.locator("input[type=file]").setInputFiles({ name: "harbours.txt", mimeType: "text/plain", buffer: Buffer.from(text) })
  const dialog = secretary.locator("dialog[open]")
  await dialog.getByText("Say first which one it is").waitFor()
  await accessible(secretary, "dialog[open]")
  await vi.waitFor(async () =>
    expect(await dialog.getByLabel("Body that meets").evaluate((box) => box === document.activeElement)).toBe(true),
  )
  await secretary.keyboard.type("Committee 3")
  await secretary.keyboard.press("Tab")
  await secretary.keyboard.type("Room B")
  await secretary.keyboard.press("Enter")
  await dialog.locator(".review").waitFor()
  await dialog.locator("button.primary").last().click()
  await secretary.waitForSelector(".ProseMirror [data-block]")
  await saved(secretary)
  await secretary.locator(".top-bar .sitting-line", { hasText: "Committee 3 · Room B" }).waitFor()
  await secretary.locator(".top-bar").getByRole("button", { name: "Say the chairperson" }).waitFor()
  await secretary.getByRole("button", { name: "Record" }).click()
  const rows = secretary.locator(".register tbody tr")
  await rows.first().waitFor()
  expect(await rows.allInnerTexts()).toEqual([expect.stringMatching(/Committee 3, Room B[\s\S]*Ana Costa/)])
  await secretary.keyboard.press("Escape")
  expect(await secretary.locator("body").textContent()).not.toMatch(/Amara|Working group of the plenary|Room C/)
})

it("[UI81] the chair whom the operator invites is there to be named; the bar says that it is not here, then that it presides", async () => {
  const link = await invite("--role", "chair", "--name", "Ada Lund")
  await secretary.locator(".top-bar").getByRole("button", { name: "Say the chairperson" }).click()
  const dialog = secretary.locator("dialog[open]")
  await dialog.getByLabel("Chairperson").selectOption({ label: "Ada Lund" })
  await dialog.getByRole("button", { name: "Change this sitting" }).click()
  const line = secretary.locator(".top-bar .sitting-line")
  await line.filter({ hasText: "Ada Lund, chair, is not here" }).waitFor()
  const chair = await device()
  await chair.goto(link)
  await chair.waitForURL(/\/$/)
  await open(chair)
  await chair.locator(".top-bar .sitting-line", { hasText: "Ada Lund presiding" }).waitFor()
  await line.filter({ hasText: "Ada Lund presiding" }).waitFor()
  // Who has left is not there; of one who sits in the hall all the same the secretary says so.
  await chair.goto("about:blank")
  await line.filter({ hasText: "Ada Lund, chair, is not here" }).waitFor({ timeout: 40_000 })
  await menu(secretary, "Sitting")
  const sitting = secretary.locator("dialog[open]")
  await sitting.getByText("up to 20 seconds before").waitFor()
  await sitting.getByText("Presides in the hall").click()
  await sitting.getByText("for you say so").waitFor()
  await accessible(secretary, "dialog[open]")
  await sitting.getByRole("button", { name: "Change this sitting" }).click()
  await line.filter({ hasText: "Ada Lund presiding" }).waitFor()
})

let japan = ""
let japanese: Page
it("[UI82] a link is made in the room and copied; who opens it reads for whom, types a name at once and is in; of two of one name the second is asked", async () => {
  await menu(secretary, "People and links")
  const dialog = secretary.locator("dialog[open]")
  await dialog.getByRole("button", { name: /^Links/ }).click()
  await dialog.getByLabel("Delegation", { exact: true }).click()
  await secretary.keyboard.type("j")
  await secretary.keyboard.press("Tab")
  await secretary.keyboard.type("Japan")
  await secretary.keyboard.press("Enter")
  japan = await dialog.locator(".new-link input").inputValue()
  // The next link, for the same delegation too, wipes none that is shown.
  await dialog.getByRole("button", { name: "Make a link" }).click()
  await vi.waitFor(async () => expect(await dialog.locator(".new-link").count()).toBe(2), { timeout: 5_000 })
  expect(await dialog.locator(".new-link input").last().inputValue()).toBe(japan)
  await dialog.locator(".new-link").first().getByRole("button", { name: "Done" }).click()
  expect(await dialog.locator(".new-link input").inputValue()).toBe(japan)
  await accessible(secretary, "dialog[open]")
  await secretary.keyboard.press("Escape")
  japanese = await device()
  await japanese.goto(japan)
  await japanese.locator(".big-plate", { hasText: "You write for" }).filter({ hasText: "Japan" }).waitFor()
  await japanese.locator(".orientation", { hasText: "Committee 3" }).waitFor()
  await accessible(japanese, "body")
  await japanese.keyboard.type("Ito Kenji")
  await japanese.keyboard.press("Enter")
  await japanese.waitForURL(/\/$/)
  const second = await device()
  await enter(second, japan, "ito kenji")
  await second.getByRole("heading", { name: /has entered already/ }).waitFor()
  await accessible(second, "body")
  await second.getByRole("button", { name: /another person of this name/ }).click()
  await second.waitForURL(/\/$/)
  await second.locator("button.who", { hasText: "Ito Kenji (2)" }).waitFor()
  const tablet = await device()
  await enter(tablet, japan, "Ito Kenji")
  await tablet.getByRole("button", { name: /I am Ito Kenji, on another device/ }).click()
  await tablet.waitForURL(/\/$/)
  expect(await tablet.locator("button.who .name").textContent()).toBe("Ito Kenji")
  await tablet.goto(japan)
  await tablet.getByRole("button", { name: "Go on as Ito Kenji" }).click()
  await tablet.waitForURL(/\/$/)
})

it("[UI108] who types a name that somebody else in the meeting has is told whose it is, sees how the meeting will tell them apart, and is told apart everywhere", async () => {
  const page = await device({ viewport: { width: 360, height: 740 } })
  await enter(page, japan, "Ana Costa")
  await page.getByRole("heading", { name: "Somebody called Ana Costa is in this meeting already: Secretariat" }).waitFor()
  await accessible(page, "body")
  await page.getByRole("button", { name: "Write the name differently" }).click()
  await page.getByRole("button", { name: "Enter the room" }).click()
  await page.getByText("the meeting sees you as Ana Costa (J)").click()
  await page.waitForURL(/\/$/)
  expect(await page.locator("button.who .name").textContent()).toBe("Ana Costa (J)")
  // On the page of the other it is so at once, the record of what was done before too.
  await secretary.locator("button.who", { hasText: "Ana Costa (Secretariat)" }).waitFor()
  await secretary.getByRole("button", { name: "Record" }).click()
  await secretary.locator(".register tbody tr", { hasText: "Ana Costa (Secretariat)" }).first().waitFor()
  await secretary.keyboard.press("Escape")
  await open(page)
  await secretary.locator(".presence li[title*='Ana Costa (J)']").first().waitFor()
  await page.close()
  // A personal link is proof of who one is, the delegation's is none.
  await invite("--role", "delegate", "--source", "J", "--name", "Mori Aya")
  const colleague = await device()
  await enter(colleague, japan, "mori aya")
  await colleague.getByText("Mori Aya was invited by a personal link").waitFor()
  expect(await colleague.getByRole("button", { name: /on another device/ }).count()).toBe(0)
  await accessible(colleague, "body")
})

it("[UI83] a delegation that arrives beside open pages has its name and its tone on all of them and on paper; the secretariat can write for it", async () => {
  await open(japanese)
  const link = await invite("--role", "delegate", "--source", "KEN", "--source-name", "Kenya")
  const hats = secretary.getByLabel("Writing for").locator("option")
  await vi.waitFor(async () => expect(await hats.allTextContents()).toContain("Kenya (KEN)"), { timeout: 5_000 })
  const kenya = await device()
  await enter(kenya, link, "Wanjiru")
  await kenya.waitForURL(/\/$/)
  await open(kenya)
  await caretAfter(kenya, "to keep a lamp", "a lamp")
  await kenya.keyboard.type(" and a bell")
  await saved(kenya)
  const tones: string[] = []
  for (const page of [kenya, japanese, secretary]) {
    const words = blockWith(page, "to keep a lamp").locator(".inserted").first()
    await words.waitFor()
    await page.getByText("Kenya").filter({ visible: true }).first().waitFor()
    tones.push(await words.evaluate((element) => getComputedStyle(element).textDecorationColor))
  }
  expect(new Set(tones).size).toBe(1)
  const html = await kenya.evaluate(async () => {
    const draft = location.pathname.split("/").at(-1)!
    return (await fetch(`/api/v1/drafts/${draft}/export?format=html`)).text()
  })
  const paper = await device()
  await paper.setContent(html)
  expect(
    await paper
      .locator("main ins")
      .first()
      .evaluate((element) => getComputedStyle(element).textDecorationColor),
  ).toBe(tones[0])
  expect(await paper.locator(".legend").textContent()).toContain("Kenya")
  await secretary.getByLabel("Writing for").selectOption("KEN")
  await secretary.locator(".said", { hasText: "You now write for Kenya" }).waitFor()
})

it("[UI84] a person who is withdrawn is told on the open page, with the words that were not sent kept; the others go on", async () => {
  await caretAfter(japanese, "to count the lamps", "the lamps")
  await japanese.context().setOffline(true)
  await japanese.waitForSelector(".save-status.is-offline")
  await japanese.keyboard.type(" in autumn")
  await menu(secretary, "People and links")
  const dialog = secretary.locator("dialog[open]")
  // A second click, on what has come under the pointer, withdraws nobody else.
  await dialog.first().getByRole("button", { name: "Withdraw Ito Kenji", exact: true }).dblclick()
  const question = secretary
    .getByRole("alertdialog")
    .or(secretary.getByRole("dialog", { name: "Withdraw Ito Kenji?" }))
    .first()
  await question.waitFor()
  expect(await secretary.getByText(/was withdrawn and is out/).count()).toBe(0)
  await question.getByRole("button", { name: "End their access" }).click()
  await secretary.getByText(/Ito Kenji was withdrawn and is out/).waitFor()
  await secretary.keyboard.press("Escape")
  await japanese.context().setOffline(false)
  await japanese.getByRole("alert").filter({ hasText: "Your access to this meeting was withdrawn" }).waitFor()
  await japanese.locator(".tray", { hasText: "in autumn" }).waitFor()
  expect(await japanese.locator(".ProseMirror").getAttribute("contenteditable")).toBe("false")
  await saved(secretary)
})

it("[UI85] signing out is in the plate's menu and ends every page of that sign-in; menus close on Escape", async () => {
  const page = await device()
  await enter(page, japan, "Sato")
  await page.waitForURL(/\/$/)
  await page.locator("button.who").click()
  await page.locator(".plate-menu").waitFor()
  await page.keyboard.press("Escape")
  await page.locator(".plate-menu").waitFor({ state: "hidden" })
  const other = await page.context().newPage()
  await other.goto(url())
  await open(other)
  await menu(page, "Sign out")
  await page.getByText("You are signed out").waitFor()
  await other
    .getByRole("alert")
    .filter({ hasText: /signed out|invitation/ })
    .waitFor({ timeout: 5_000 })
})

it("[UI86] nothing widens a page of 360 px, whatever the length of a name", async () => {
  const long = "The Delegation of the Federated and Associated Island States of the Very Far Southern and Eastern Ocean"
  const name = "Maximiliane-Konstanze von und zu Hohenlohe-Waldenburg-Schillingsfürst-Bartenstein"
  const phone = await device({ viewport: { width: 360, height: 740 }, hasTouch: true })
  const fits = async (what: string, page = phone): Promise<void> =>
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), what).toBeLessThanOrEqual(0)
  await phone.goto(await invite("--role", "delegate", "--source", "ABCDEFGHIJKLMNOP", "--source-name", long))
  await phone.waitForSelector(".big-plate")
  await fits("enter")
  await phone.keyboard.type(name)
  await phone.keyboard.press("Enter")
  await phone.waitForURL(/\/$/)
  await fits("drafts")
  await open(phone)
  await fits("room")
  await phone.locator("button.who").click()
  await phone.locator(".plate-menu").waitFor()
  await fits("menu")
  const small = await device({ viewport: { width: 360, height: 740 } })
  await small.goto(await invite("--role", "secretary", "--name", name))
  await small.waitForURL(/\/$/)
  await menu(small, "People and links")
  const dialog = small.locator("dialog[open]")
  for (const tab of [/^People/, /^Links/, /^Delegations/]) {
    await dialog.getByRole("button", { name: tab }).first().click()
    await fits(String(tab), small)
    expect(await dialog.evaluate((element) => element.scrollWidth - element.clientWidth), String(tab)).toBeLessThanOrEqual(0)
  }
  await small.keyboard.press("Escape")
  await menu(small, "Sitting")
  await small.locator("dialog[open] form").waitFor()
  await fits("sitting", small)
})

it("[UI87] nothing in any page failed", () => expect(errors).toEqual([]))
