import { spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium } from "playwright-core"
const home = "/work/main"
const data = mkdtempSync(join(tmpdir(), "look-"))
const child = spawn(process.execPath, [join(home, "dist/server/main.js"), "serve", "--sample", "--json", "--data", data, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] })
const { url, addresses } = await new Promise((resolve) => child.stdout.once("data", (bytes) => resolve(JSON.parse(bytes.toString()))))
process.on("exit", () => child.kill())
const { port } = new URL(url)
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] })
const context = await browser.newContext({ viewport: { width: 1360, height: 1000 }, reducedMotion: "reduce" })
const page = await context.newPage()
await page.goto(addresses.find((address) => address.url.includes("//secretary.")).url)
await page.waitForURL(/\/$/)
await page.goto(`http://secretary.localhost:${port}/drafts/early-warning`)
await page.waitForSelector(".save-status.is-saved")
const j = await page.evaluate(async () => (await fetch("/api/v1/drafts/early-warning/export?format=json&view=working")).json())
console.log(j.notes)
const block = j.blocks.find((b) => b.type === "clause" && b.text.length > 40 && !b.text.includes("\ufffc"))
const at = block.text.indexOf(" ", 20)
const text = block.text.slice(0, at) + " and at sea\ufffc" + block.text.slice(at)
const file = { ...j, changes: [{ id: "x", kind: "insertion", source: "S", enteredBy: "Ann Ek", date: "2026-11-20T10:00:00Z", block: block.id, text: " and at sea\ufffc", segments: [{ block: block.id, kind: "insertion", from: at, to: at + 12 }] }], blocks: j.blocks.map((b) => b === block ? { ...b, text } : b), notes: [...j.notes, { id: "nn", label: "9", text: "As defined in the Convention on Lamps at Sea.", block: block.id, at: at + 11 }] }
console.log(await page.evaluate(async (f) => (await fetch("/api/v1/drafts/early-warning/import", { method: "POST", body: JSON.stringify(f) })).json(), file))
await page.waitForTimeout(800)
await page.screenshot({ path: "/tmp/look1.png" })
await page.evaluate(() => document.querySelector('[data-type="note"]')?.scrollIntoView({ block: "center" }))
await page.waitForTimeout(500)
await page.screenshot({ path: "/tmp/look2.png" })
await page.getByText("Text in force", { exact: false }).first().click().catch(() => {})
await page.waitForTimeout(500)
await page.evaluate(() => document.querySelector('.is-sealed [data-type="note"]')?.scrollIntoView({ block: "center" }))
await page.screenshot({ path: "/tmp/look3.png" })
await browser.close()
process.exit(0)
