import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import type { FileDraft } from "../../server/files/file-draft.ts"
import { readWord } from "../../server/files/word/read.ts"
import { home } from "../process.ts"
import { by, del, ins, markIns, p, wordFile, words } from "../word-file.ts"
import { blockWith, entry, Sitting, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let secretary: Page
let sweden: Page
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[secretary, sweden] = await Promise.all([sitting.page("secretary"), sitting.page("s")])
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

const axe = readFileSync(join(home, "node_modules/axe-core/axe.min.js"), "utf8")
async function accessible(page: Page): Promise<void> {
  await page.evaluate(axe)
  const found = await page.evaluate(() =>
    (
      globalThis as unknown as { axe: { run(where: string): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
    ).axe.run("dialog[open]"),
  )
  expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([])
}

const paper = (body: string): { name: string; mimeType: string; buffer: Buffer } => ({
  name: "Brazil – comments.docx",
  mimeType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  buffer: Buffer.from(
    wordFile({
      body,
      comments: `<w:comment ${by("Marta Lima")}><w:p>${words("Which registers?")}</w:p></w:comment>`,
    }),
  ),
})

it("[UI30] a Word file on a draft: authors get their sources, what differs is shown, and one act puts the changes at their words", async () => {
  const plain = (await blockWith(secretary, "to maintain a public reg").textContent())!
  const whole = "to maintain a public register"
  expect(plain).toContain(whole)
  const file = paper(
    p(words("resolves to instruct the Director of the Telecommunication Development Bureau")) +
      p(
        `${words("2\tto maintain a ")}${del("Marta Lima", "public")}${ins("Marta Lima", "open")}<w:commentRangeStart w:id="1"/>${words(" register")}<w:commentRangeEnd w:id="1"/>${words(plain.slice(plain.indexOf(whole) + whole.length))}`,
      ),
  )
  await secretary.locator("nav.tools input[type=file]").setInputFiles(file)
  const dialog = secretary.locator("dialog[open]")
  await dialog.locator(".authors").waitFor()
  expect(await dialog.locator("h2").textContent()).toBe("Changes from Brazil – comments.docx")
  expect(await dialog.locator(".understood").textContent()).toMatch(/1 tracked change, 1 comment/)
  await dialog.getByLabel(/From whom the changes of Marta Lima/).selectOption("B")
  await accessible(secretary)
  await dialog.locator("button.primary").click()
  await dialog.getByText("1 change and 1 comment are on the draft now.").waitFor()
  await dialog.getByRole("button", { name: "Close" }).last().click()
  const changed = blockWith(sweden, "to maintain a")
  await changed.locator("ins", { hasText: "open" }).waitFor()
  await blockWith(sweden, "to maintain a").scrollIntoViewIfNeeded()
  await entry(sweden, /Brazil.*replace.*public.*by.*open/s).waitFor()
  // Brought again it is there already, stated or not; stated to be Sweden's it is a proposal of Sweden's own.
  await secretary.locator("nav.tools input[type=file]").setInputFiles(file)
  await dialog.getByText(/^Nothing to put on this draft: all that finds a place is there already/).waitFor()
  await dialog.getByLabel(/From whom the changes of Marta Lima/).selectOption("")
  await dialog.locator(".review[aria-busy=false]").waitFor()
  await dialog.getByText(/^Nothing to put on this draft: all that finds a place is there already/).waitFor()
  expect(await dialog.locator(".already").count()).toBe(1)
  await dialog.getByLabel(/From whom the changes of Marta Lima/).selectOption("S")
  await dialog.getByRole("button", { name: "Put 1 change and 1 comment on this draft" }).waitFor()
  expect(await dialog.locator(".already").count()).toBe(0)
  await dialog.getByRole("button", { name: "Cancel" }).click()
})

it("[UI99] the next file proposes whose its author's changes were, offers no source that is not the secretariat's to state, and tells labels that differ", async () => {
  const plain = (await blockWith(secretary, "to maintain a").textContent())!
  const file = paper(
    p(words("resolves to instruct the Director of the Telecommunication Development Bureau")) +
      p(words(`2\t${plain.slice(plain.indexOf("to maintain"))}`)) +
      p(ins("Marta Lima", "2bis)\tto keep that register open;"), { mark: markIns("Marta Lima") }),
  )
  await secretary.locator("nav.tools input[type=file]").setInputFiles(file)
  const dialog = secretary.locator("dialog[open]")
  const whose = dialog.getByLabel(/From whom the changes of Marta Lima/)
  await whose.waitFor()
  expect(await whose.inputValue()).toBe("B")
  const offered = await whose.locator("option").evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value))
  expect(offered).toEqual(expect.arrayContaining(["", "SEC", "S", "B"]))
  expect(offered).not.toContain("CHAIR")
  const line = dialog.locator(".relabelled li")
  expect(await line.textContent()).toMatch(/^2bis\) as the file reads, .* on this draft: “to keep that register open;”$/)
  await accessible(secretary)
  await dialog.getByRole("button", { name: "Cancel" }).click()
})

it("[UI150] the review names every source that a file gives words to; one that is not on the roster comes there where the secretary ticks it", async () => {
  const own = await secretary.evaluate(async () => {
    const draft = location.pathname.split("/").at(-1)!
    return (await fetch(`/api/v1/drafts/${draft}/export?format=json&view=working`)).text()
  })
  const draft = JSON.parse(own) as FileDraft
  const block = draft.blocks.find(({ text }) => text.includes("to maintain a"))!
  const from = block.text.length
  const [text, said] = [" thrice", { by: null, date: "2026-03-01T10:00:00Z" }]
  const file: FileDraft = {
    ...draft,
    blocks: draft.blocks.map((other) => (other === block ? { ...block, text: block.text + text } : other)),
    changes: [
      {
        ...{ id: "q1", kind: "insertion", source: "QQQ", enteredBy: null, date: null, block: block.id, text },
        segments: [{ block: block.id, kind: "insertion", from, to: from + text.length }],
      },
    ],
    comments: [
      {
        ...{ ...said, id: "k1", source: "CHAIR", block: block.id, quote: "", text: "So be it.", resolved: false },
        replies: [{ ...said, source: "S", text: "Thanks." }],
      },
    ],
  }
  await secretary
    .locator("nav.tools input[type=file]")
    .setInputFiles({ name: "q.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(file)) })
  const dialog = secretary.locator("dialog[open]")
  await dialog.locator(".authors tbody tr").nth(2).waitFor()
  const rows = async (): Promise<string[]> =>
    (await dialog.locator(".authors tbody tr").allTextContents()).map((row) => row.replace(/\s+/g, " ").trim())
  expect(await rows()).toEqual([
    expect.stringMatching(/^said to be by QQQ ?10 ?Not stated: QQQ is not on the roster\. Put it there$/),
    expect.stringMatching(/^said to be by Chair \(CHAIR\) ?01 ?Not stated: that is the chair's to say$/),
    expect.stringMatching(/^said to be by .*\(S\) ?01 ?.*\(S\)$/),
  ])
  await accessible(secretary)
  await dialog.getByLabel(/Put it there/).click()
  await dialog.getByText("QQQ, put on the roster").waitFor()
  await dialog.locator(".review[aria-busy=false]").waitFor()
  await dialog.getByRole("button", { name: /^Put 1 change, 1 comment and 1 reply/ }).click()
  await dialog.getByText(/are on the draft now/).waitFor()
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click()
  const sources = await secretary.evaluate(async () => {
    const id = location.pathname.split("/").at(-1)!
    const changes = (await (await fetch(`/api/v1/drafts/${id}/changes`)).json()) as { source: string; inserted: string }[]
    return changes.filter(({ inserted }) => inserted === " thrice").map(({ source }) => source)
  })
  expect(sources).toEqual(["QQQ"])
})

it("[UI30] a delegate's own file is its delegation's; what finds no place is listed", async () => {
  await sweden
    .locator("nav.tools input[type=file]")
    .setInputFiles(paper(p(`${words("a clause that nobody has ever seen ")}${ins("Ann Ek", "here")}`)))
  const dialog = sweden.locator("dialog[open]")
  await dialog.locator(".authors select").first().waitFor()
  expect(await dialog.locator(".authors select").first().isDisabled()).toBe(true)
  await dialog.getByRole("button", { name: "Put 1 comment on this draft all the same" }).click()
  await dialog.getByText(/found no place in this draft/).waitFor()
  await dialog.getByRole("button", { name: "Close" }).last().click()
})

/** Comments of a file, each with the ids of its paragraph and of the one that it answers. */
const withComments = (): ReturnType<typeof paper> => {
  const remarks = [
    ["1", "11", "", "Which registers?"],
    ["2", "22", "", "Public to whom?"],
    ["3", "33", "11", "All of them."],
  ] as const
  return {
    ...paper(""),
    name: "Comments only.docx",
    buffer: Buffer.from(
      wordFile({
        body:
          p(words("resolves to instruct the Director of the Telecommunication Development Bureau")) +
          p(
            `${words("2\tto maintain a public ")}${remarks.map(([id]) => `<w:commentRangeStart w:id="${id}"/>`).join("")}${words("register")}${remarks.map(([id]) => `<w:commentRangeEnd w:id="${id}"/>`).join("")}`,
          ),
        comments: remarks
          .map(
            ([id, paragraph, , text]) =>
              `<w:comment w:id="${id}" w:author="Marta Lima" w:date="2026-11-20T10:00:00Z"><w:p w14:paraId="000000${paragraph}">${words(text)}</w:p></w:comment>`,
          )
          .join(""),
        commentsExtended: remarks
          .map(
            ([, paragraph, parent]) =>
              `<w15:commentEx w15:paraId="000000${paragraph}"${parent ? ` w15:paraIdParent="000000${parent}"` : ""} w15:done="0"/>`,
          )
          .join(""),
      }),
    ),
  }
}

it("[UI73] the button says what it will put: of comments alone no changes, a reply is a reply; where there is nothing to put there is no button", async () => {
  const dialog = secretary.locator("dialog[open]")
  await secretary.locator("nav.tools input[type=file]").setInputFiles(withComments())
  await dialog.getByRole("button", { name: /^Put 2 comments and 1 reply on this draft/ }).click()
  await dialog.getByText("2 comments and 1 reply are on the draft now.").waitFor()
  await dialog.getByRole("button", { name: "Close" }).last().click()
  await secretary
    .locator("nav.tools input[type=file]")
    .setInputFiles({ name: "same.txt", mimeType: "text/plain", buffer: readFileSync(join(home, "seeds/early-warning.txt")) })
  await dialog.getByText("Nothing to put on this draft: the file has no tracked changes and no comments.").waitFor()
  expect(await dialog.getByRole("button", { name: /^Put/ }).count()).toBe(0)
  await secretary.keyboard.press("Escape")
  await dialog.waitFor({ state: "detached" })
})

it("[WHO12 UI30] whose the remarks of a file are that nobody stated is stated later on their card, and every page has it", async () => {
  const quote = "messages in the Common Alerting Protocol"
  const plain = (await blockWith(secretary, quote).textContent())!
  const at = plain.indexOf(quote)
  const comment = (id: number, author: string, text: string): string =>
    `<w:comment ${by(author).replace('w:id="1"', `w:id="${id}"`)}><w:p>${words(text)}</w:p></w:comment>`
  const range = (id: number, inner: string): string =>
    `<w:commentRangeStart w:id="${id}"/>${inner}<w:commentRangeEnd w:id="${id}"/><w:r><w:commentReference w:id="${id}"/></w:r>`
  const buffer = wordFile({
    body:
      p(words("considering")) +
      p(`${words(`e)\t${plain.slice(0, at)}`)}${range(61, words(quote))}${words(plain.slice(at + quote.length))}`),
    comments: comment(61, "Nora Quist", "Which edition of it?"),
  })
  const dialog = secretary.locator("dialog[open]")
  await secretary.bringToFront()
  await secretary
    .locator("nav.tools input[type=file]")
    .setInputFiles({ name: "remarks.docx", mimeType: "application/octet-stream", buffer: Buffer.from(buffer) })
  await dialog.getByRole("button", { name: /^Put 1 comment on this draft/ }).click()
  await dialog.getByText("1 comment is on the draft now.").waitFor()
  await dialog.getByRole("button", { name: "Close" }).last().click()
  await blockWith(secretary, quote).scrollIntoViewIfNeeded()
  await entry(secretary, "Which edition").locator(":is(.line, .title)").first().click()
  const card = secretary.locator(".margin .card.is-chosen")
  await card.getByText("Which edition of it?").waitFor()
  expect(await card.locator(".by").first().textContent()).not.toContain("Brazil")
  // Who may not say so is not asked.
  await blockWith(sweden, quote).scrollIntoViewIfNeeded()
  await entry(sweden, "Which edition").locator(":is(.line, .title)").first().click()
  const seen = sweden.locator(".margin .card.is-chosen")
  await seen.getByText("Which edition of it?").waitFor()
  expect(await seen.locator(".state-source").count()).toBe(0)
  // A click on the question takes the hand to the list; its first letters choose.
  await secretary.bringToFront()
  await card.getByText("Whose is it?").click({ position: { x: 4, y: 6 } })
  await secretary.keyboard.type("Bra")
  await secretary.keyboard.press("Enter")
  await card.locator(".state-source").waitFor({ state: "detached" })
  for (const page of [card, seen]) await page.locator(".by .source-code", { hasText: /^B$/ }).waitFor()
  // The file's name of who said it stays: stated is for whom, not that they said it here.
  for (const page of [card, seen]) expect(await page.locator(".by").first().textContent()).toContain("Nora Quist")
})

for (const [width, height] of [
  [1280, 640],
  [360, 640],
] as const)
  it(`[UI30] that a file was made on another text is seen without scrolling at ${width}x${height}, and before the button in the order of reading`, async () => {
    const before = secretary.viewportSize()!
    await secretary.setViewportSize({ width, height })
    const long = Array.from({ length: 40 }, (_, i) =>
      p(`${words(`${i + 1}\tto paint every lighthouse of coast ${i} `)}${ins("Marta Lima", "red")}`),
    )
    await secretary.locator("nav.tools input[type=file]").setInputFiles(paper(long.join("")))
    const said = secretary.locator("dialog[open]").getByRole("alert")
    await said.waitFor()
    const { y, height: tall } = (await said.boundingBox())!
    expect(y).toBeGreaterThanOrEqual(0)
    expect(y + tall).toBeLessThanOrEqual(height)
    const isFirst = await said.evaluate((alert) => {
      const button = [...alert.closest("dialog")!.querySelectorAll("button")].find((one) => one.textContent!.startsWith("Put "))
      return !button || !!(alert.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING)
    })
    expect(isFirst).toBe(true)
    await secretary.keyboard.press("Escape")
    await secretary.locator("dialog[open]").waitFor({ state: "detached" })
    await secretary.setViewportSize(before)
  })

it("[UI30] a file that was made on another text says so before anything else, and leaving the draft alone is the first thing to do", async () => {
  const file = paper(
    p(words("resolves to instruct the Director of the Telecommunication Development Bureau")) +
      p(
        `${words("1\tto paint every lighthouse of the coast ")}${del("Marta Lima", "white")}${ins("Marta Lima", "red")}${words(" before winter,")}`,
      ) +
      p(
        `${words("2\tto report on the paint used, and on the brushes, to the next conference")}${ins("Marta Lima", " of painters")}${words(".")}`,
      ),
  )
  const before = await secretary.locator(".ProseMirror").textContent()
  await secretary.locator("nav.tools input[type=file]").setInputFiles(file)
  const dialog = secretary.locator("dialog[open]")
  const said = dialog.getByRole("alert")
  await said.waitFor()
  expect(await said.textContent()).toMatch(/made on another text.*Of the 24 words.*1 of its 2 changes finds no place there/s)
  await accessible(secretary)
  const top = async (part: ReturnType<typeof dialog.locator>): Promise<number> => (await part.boundingBox())!.y
  expect(await top(said)).toBeLessThan(await top(dialog.locator(".understood")))
  const buttons = dialog.locator(".row").last().locator("button")
  expect(await buttons.allTextContents()).toEqual(["Leave this draft as it is", "Put 1 change and 1 comment on this draft all the same"])
  expect(await dialog.locator("button.primary").textContent()).toBe("Leave this draft as it is")
  // Who presses Enter at once puts nothing on the draft.
  await secretary.keyboard.press("Enter")
  await secretary.locator("dialog[open]").waitFor({ state: "detached" })
  expect(await secretary.locator(".ProseMirror").textContent()).toBe(before)
})

it("[UI30] a file that tracks nothing can be compared; what it may have struck is ticked", async () => {
  const text = readFileSync(join(home, "seeds/early-warning.txt"), "utf8").replace("(Dubai, 2018),", "(DubaiNairobi, 20182026),")
  await sweden.locator("nav.tools input[type=file]").setInputFiles({ name: "flat.txt", mimeType: "text/plain", buffer: Buffer.from(text) })
  const dialog = sweden.locator("dialog[open]")
  await dialog.getByRole("button", { name: "Compare with the text in force" }).click()
  await dialog.getByText("2 deletions to confirm").waitFor()
  await dialog.getByRole("checkbox", { name: /Dubai.*Nairobi/ }).check()
  await accessible(sweden)
  await dialog.locator("button.primary").click()
  await dialog.getByText("1 change is on the draft now.").waitFor()
  await dialog.getByRole("button", { name: "Close" }).last().click()
  const formula = blockWith(sweden, "The Plenipotentiary Conference of the")
  await formula.locator("del", { hasText: "Dubai" }).waitFor()
  expect(await formula.locator("del").allTextContents()).toEqual(["Dubai"])
})

it("[UI31] a hostile file is told in a sentence, in the place where one looks; the room goes on", async () => {
  await secretary
    .locator("nav.tools input[type=file]")
    .setInputFiles({ name: "bad.docx", mimeType: "application/zip", buffer: Buffer.from("PK\u0003\u0004nothing") })
  const alert = secretary.locator("dialog[open] [role=alert]")
  await alert.waitFor()
  expect(await alert.textContent()).toMatch(/bad\.docx is damaged/)
  await secretary.locator("dialog[open]").getByRole("button", { name: "Cancel" }).click()
})

it("[UI32] the draft is taken away as Word, PDF, page and the rest, marked as chosen", async () => {
  await sweden.getByRole("button", { name: "Download" }).click()
  const dialog = sweden.locator("dialog[open]")
  await accessible(sweden)
  await dialog.getByLabel(/Each delegation/).check()
  const take = async (name: RegExp): Promise<{ file: string; bytes: Buffer }> => {
    const [download] = await Promise.all([sweden.waitForEvent("download"), dialog.getByRole("link", { name }).click()])
    return { file: download.suggestedFilename(), bytes: readFileSync((await download.path())!) }
  }
  const word = await take(/Word/)
  expect(word.file).toMatch(/\.docx$/)
  const authors = new Set(readWord(new Uint8Array(word.bytes)).changes.map((change) => change.enteredBy))
  expect([...authors]).toContain("Brazil (B)")
  expect((await take(/PDF/)).bytes.subarray(0, 5).toString()).toBe("%PDF-")
  expect((await take(/Web page/)).bytes.toString()).toContain("<ins")
  expect((await take(/Akoma/)).file).toMatch(/\.xml$/)
  await dialog.getByRole("button", { name: "Close" }).click()
  expect(sitting.errors).toEqual([])
})

it("[UI30] what is to be looked at comes unfolded, twenty at most; a file of another form is told to be that", async () => {
  const odd = (n: number): string =>
    p(words("resolves")) +
    Array.from({ length: n + 1 }, (_, i) => p(words(`${1 + 2 * i}\tto do the thing of the number ${i};`))).join("") +
    p(ins("Marta Lima", "2\tto say so;"), { mark: markIns("Marta Lima") })
  const choose = secretary.locator("nav.tools input[type=file]")
  const dialog = secretary.locator("dialog[open]")
  for (const n of [8, 30]) {
    await choose.setInputFiles(paper(odd(n)))
    const list = dialog.locator("details", { hasText: "to look at" }).first()
    await list.waitFor()
    expect(await list.evaluate((details) => (details as HTMLDetailsElement).open)).toBe(true)
    const said = Number(/^(\d+) things? to look at/.exec((await list.locator("summary").first().textContent())!)![1])
    expect(said).toBeGreaterThanOrEqual(n)
    const seen = await list.locator(":scope > ul > li").count()
    expect(seen).toBe(Math.min(said, 20))
    if (said > 20) await list.getByText(`${said - 20} more`).waitFor()
    await dialog.getByRole("button", { name: /Cancel|Leave this draft/ }).click()
  }
  await choose.setInputFiles({ name: "theirs.doc", mimeType: "application/rtf", buffer: Buffer.from("{\\rtf1\\ansi resolves}") })
  await dialog.getByText("theirs.doc is an RTF file. Open it in Word or LibreOffice and save it as a Word document (.docx).").waitFor()
  await dialog
    .getByRole("button", { name: /Close|Cancel/ })
    .first()
    .click()
  expect(sitting.errors.filter((error) => !error.includes("415"))).toEqual([])
})

it("[UI33] a version is named and its file kept as it was published; a delegation takes it away, and compares it with now", async () => {
  await secretary.getByRole("button", { name: "Versions" }).click()
  const dialog = secretary.locator("dialog[open]")
  await dialog.getByText("No version has a name yet").waitFor()
  await dialog.getByLabel("Name of the version").fill("DT/12")
  await dialog.getByLabel("Text", { exact: true }).selectOption("open")
  await dialog.getByLabel("Whose marks").selectOption("delegation")
  await accessible(secretary)
  await dialog.getByRole("button", { name: "Publish" }).click()
  await dialog.getByText(/^Published as .*DT-12-with-open-changes-each-delegation-marks\.docx/).waitFor()
  await dialog.locator(".versions").getByText("DT/12").waitFor()
  await dialog.getByLabel("Name of the version").fill("DT/12")
  await dialog.getByRole("button", { name: "Publish" }).click()
  await dialog.getByText("There is a version “DT/12” already").waitFor()
  await accessible(secretary)
  await dialog.getByRole("button", { name: "Close" }).click()

  const words = " for all who live by rivers"
  const clause = blockWith(sweden, "to designate a national alerting authority")
  await clause.click()
  await sweden.keyboard.press("End")
  await sweden.keyboard.type(words, { delay: 10 })
  await sweden.waitForSelector(".save-status.is-saved")
  await sweden.getByRole("button", { name: "Versions" }).click()
  const row = sweden.locator("dialog[open] .versions tbody tr")
  const take = async (name: string, of = row): Promise<Buffer> => {
    const [download] = await Promise.all([sweden.waitForEvent("download"), of.getByRole("link", { name, exact: true }).first().click()])
    return readFileSync((await download.path())!)
  }
  // A link is a line of text, and its form is never broken within a word.
  const link = await row.getByRole("link", { name: /^Word, with/ }).boundingBox()
  expect(link!.height).toBeLessThan(100)
  const kept = readWord(new Uint8Array(await take("Word, with open changes, each delegation's marks")))
  expect(kept.changes.length).toBeGreaterThan(10)
  expect(kept.blocks.some((block) => block.text.includes(words))).toBe(false)
  await row.getByLabel("Compare DT/12 with").selectOption("")
  expect((await take("Web page")).toString()).toContain("RESOLUTION 98")
  await row.getByRole("button", { name: "Download …" }).click()
  const download = sweden.locator("dialog[open]")
  expect(await download.getByLabel("The draft").inputValue()).toBe("1")
  await download.getByLabel("As proposed").check()
  const old = readWord(new Uint8Array(await take("Word (.docx)", download)))
  expect(old.blocks.some((block) => block.text.includes(words))).toBe(false)
  await download.getByLabel("The draft").selectOption("")
  const now = readWord(new Uint8Array(await take("Word (.docx)", download)))
  expect(now.blocks.some((block) => block.text.includes(words))).toBe(true)
  expect(sitting.errors).toEqual([])
})

it("[UI34] text in square brackets is drawn as not agreed as soon as both are there, for all, and marked in the outline", async () => {
  await sweden.locator("dialog[open]").getByRole("button", { name: "Close" }).click()
  const clause = blockWith(sweden, "to designate a national alerting authority")
  await clause.click()
  await sweden.keyboard.press("End")
  await sweden.keyboard.type(" [where needed", { delay: 10 })
  expect(await clause.locator(".bracketed").count()).toBe(0)
  await sweden.keyboard.type("]", { delay: 10 })
  const seen = blockWith(secretary, "to designate a national alerting authority").locator(".bracketed")
  await expect.poll(async () => (await seen.allTextContents()).join(""), { timeout: 10_000 }).toBe("[where needed]")
  await secretary.locator(".outline .in-brackets").waitFor()
  await sweden.keyboard.press("Backspace")
  await seen.first().waitFor({ state: "detached" })
  expect(sitting.errors).toEqual([])
})
