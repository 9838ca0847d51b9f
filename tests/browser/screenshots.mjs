// Takes the pictures of README from the running program: `npm run screenshots`; with a folder, all those that one looks at before showing the product.

import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium } from "playwright-core"
import { ensureReady, home } from "../../server/ready.mjs"

ensureReady()
const folder = process.argv[2] ?? join(home, ".github/pictures")
mkdirSync(folder, { recursive: true })
const data = mkdtempSync(join(tmpdir(), "clausula-pictures-"))
const child = spawn(process.execPath, [join(home, "dist/server/main.js"), "serve", "--sample", "--json", "--data", data, "--port", "0"], {
  stdio: ["ignore", "pipe", "inherit"],
})
const { url, addresses } = await new Promise((resolve) => child.stdout.once("data", (bytes) => resolve(JSON.parse(bytes.toString()))))
const { port } = new URL(url)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
})

async function open(who, draft, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, reducedMotion: "reduce", ...options })
  const page = await context.newPage()
  await page.goto(addresses.find((address) => address.url.includes(`//${who}.`)).url)
  await page.waitForURL(/\/$/)
  if (draft) {
    await page.goto(`http://${who}.localhost:${port}/drafts/${draft}`)
    await page.waitForSelector(".save-status.is-saved")
    await page.waitForTimeout(400)
  }
  return page
}
const shot = (page, name) => page.screenshot({ path: join(folder, `${name}.png`) })
const clause = (page, text) => page.locator(".ProseMirror > [data-block]", { hasText: text }).first()

// Whatever happens, the program that was started ends.
process.on("exit", () => child.kill())
const chair = await open("chair", "early-warning")
const sweden = await open("s", "early-warning")
await open("b", "early-warning")
// The chair decides on two changes, so that accepted ones are seen beside open ones.
for (const key of ["a", "a"]) {
  if ((await chair.locator(".stepper .count").textContent()).includes("open")) await chair.getByLabel("Next change").click()
  await chair.locator(".console").focus()
  await chair.keyboard.press(key)
  await chair.waitForTimeout(400)
}
await clause(sweden, "that false alarms").click()
await sweden.keyboard.press("End")
await sweden.keyboard.type(" and the sea", { delay: 15 })
await chair.locator(".ProseMirror > [data-block]", { hasText: "that false alarms" }).locator(".struck").first().click()
await chair.waitForTimeout(7_500)
await shot(chair, "chair")
await sweden.locator(".margin .entry-row .line").first().click()
await sweden.waitForTimeout(500)
await shot(sweden, "delegate")
if (process.argv[2]) await (process.argv[3] === "kinds" ? kinds() : lookAtAll())
await browser.close()
child.kill()

/** Puts the caret behind some words of a clause, and presses keys there. */
async function at(page, text, words, ...keys) {
  await clause(page, text).evaluate((element, sought) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
    let rest = element.textContent.indexOf(sought) + sought.length
    if (rest < sought.length) throw new Error(`no words: ${sought}`)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (rest <= node.textContent.length) {
        element.closest(".ProseMirror").focus()
        getSelection().collapse(node, rest)
        return
      }
      rest -= node.textContent.length
    }
  }, words)
  await page.waitForTimeout(120)
  for (const key of keys)
    await (key.length > 1 && /^(?:[A-Z]\w+\+)*[A-Z]\w+$/.test(key) ? page.keyboard.press(key) : page.keyboard.type(key, { delay: 8 })).then(
      () => page.waitForTimeout(60),
    )
  await page.waitForTimeout(250)
}

/** Every kind of change on one page: words, nested and overlapping, and clauses as a whole. */
async function everyKind() {
  const brazil = await open("b", "early-warning")
  const third = await open("secretary", "early-warning")
  await at(sweden, "Member States in establishing", "warning systems", " and rivers and gauges")
  await at(brazil, "Member States in establishing", "rivers", ", wide")
  await at(third, "Member States in establishing", ", wide", " indeed")
  await at(third, "Member States in establishing", "and gauges", "Shift+Control+ArrowLeft", "Delete")
  await at(brazil, "to promote the use", "Common Alerting", "Shift+Control+ArrowLeft", "Shift+Control+ArrowLeft", "Delete")
  await at(third, "to promote the use", "use of the", "Enter")
  await at(brazil, "by publishing the results", "by pub", "Home", "Backspace")
  await at(sweden, "to maintain a public", "register", "Alt+Shift+Backspace")
  await at(third, "to report on the coverage", "systems", "Alt+Shift+ArrowUp")
  await at(brazil, "to conclude such arrangements", "arrangements", "Alt+Shift+ArrowRight")
  await chair.waitForTimeout(1_500)
}

/** The clause that these words stand in, in the middle of the window. */
async function bring(page, text) {
  await clause(page, text).evaluate((element) => element.scrollIntoView({ block: "center" }))
  await page.waitForTimeout(600)
}

async function kinds() {
  await everyKind()
  await bring(chair, "to promote the use")
  await shot(chair, "kinds")
  await chair.locator(".block-tag.tag-move").last().click()
  await chair.waitForTimeout(500)
  await shot(chair, "kinds-chosen")
  for (const [view, name] of [
    ["Alt+3", "kinds-proposed"],
    ["Alt+4", "kinds-working"],
    ["Alt+1", "kinds-again"],
  ]) {
    await chair.keyboard.press(view)
    await bring(chair, "to promote the use")
    await shot(chair, name)
  }
  const dark = await open("secretary", "early-warning", { colorScheme: "dark" })
  await bring(dark, "to promote the use")
  await shot(dark, "kinds-dark")
  const phone = await open("s", "early-warning", { viewport: { width: 360, height: 740 } })
  await bring(phone, "to promote the use")
  await shot(phone, "kinds-phone")
  await at(sweden, "to bring this resolution", "attention")
  await sweden.getByTitle("Propose something about the clause").click()
  await shot(sweden, "clause-menu")
  await chair.getByLabel("Decide").selectOption("all")
  await chair.locator(".console .accept").click()
  const question = chair.getByRole("alertdialog")
  await question.waitFor()
  await chair.waitForTimeout(500)
  await shot(chair, "question")
  await question.getByRole("button", { name: /^Accept/ }).click()
  await chair.waitForTimeout(1_500)
  await bring(chair, "to promote the use")
  await shot(chair, "kinds-accepted")
}

async function lookAtAll() {
  await shot(await open("secretary", "night-sky"), "secretary-un")
  await shot(await open("observer", "early-warning"), "observer")
  await shot(await open("chair", null), "drafts")
  await shot(await open("chair", "water-arabic"), "arabic")
  await shot(await open("chair", "early-warning", { colorScheme: "dark" }), "dark")
  const phone = await open("s", "early-warning", { viewport: { width: 360, height: 740 } })
  await shot(phone, "phone")
  await phone.locator(".stepper .count").click()
  await phone.waitForTimeout(300)
  await shot(phone, "phone-list")
  await shot(await open("chair", "early-warning", { viewport: { width: 360, height: 740 } }), "phone-chair")
  await chair.getByRole("button", { name: "Record" }).click()
  await chair.waitForTimeout(500)
  await shot(chair, "record")
  await chair.keyboard.press("Escape")
  await kinds()
}
