import { existsSync } from "node:fs"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { vi } from "vitest"
import { newFolder } from "../meeting.ts"
import { kill, type Serving, serve } from "../process.ts"

const candidates = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"]

/** Where a Chromium is, or null. */
export const chromiumPath = (): string | null => candidates.find((path): path is string => path !== undefined && existsSync(path)) ?? null

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

export const startBrowser = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath()!, args: flags })

export type Who = "chair" | "secretary" | "s" | "b" | "observer"

/** A sample meeting in a process of its own, and one Chromium in which every role has a window: a page that lies behind another is slowed down. */
export class Sitting {
  serving: Serving
  readonly browser: Browser
  readonly contexts: BrowserContext[] = []
  readonly options: Parameters<Browser["newContext"]>[0]
  readonly errors: string[] = []
  readonly data: string
  private constructor(serving: Serving, browser: Browser, options: Parameters<Browser["newContext"]>[0], data: string) {
    this.serving = serving
    this.browser = browser
    this.options = options
    this.data = data
  }

  static async open(browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Sitting> {
    const data = newFolder()
    const serving = await serve(["--sample", "--data", data, "--port", "0"])
    return new Sitting(serving, browser, { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...options }, data)
  }

  get port(): string {
    return new URL(this.serving.url).port
  }

  /** A page of a role, signed in by its address, on a draft; `port`: that of a line to the server that is not its own. */
  async page(who: Who, draft = "early-warning", port = this.port): Promise<Page> {
    const context = await this.browser.newContext(this.options)
    this.contexts.push(context)
    const page = await context.newPage()
    page.on("pageerror", (error) => this.errors.push(`${who}: ${error.message}`))
    page.on(
      "console",
      (message) =>
        message.type() === "error" &&
        !/Failed to load resource|WebSocket|ERR_INTERNET|inline event handler/.test(message.text()) &&
        this.errors.push(`${who}: ${message.text()}`),
    )
    const address = this.serving.addresses.find(({ url }) => url.includes(`//${who}.`))!.url
    await page.goto(address)
    await page.waitForURL(/\/$/)
    await page.goto(`http://${who}.localhost:${port}/drafts/${draft}`)
    await page.waitForSelector(".ProseMirror [data-block]")
    await page.waitForSelector(".save-status.is-saved")
    return page
  }

  /** Kills the server as a power cut would, does something to its folder, and starts it again under the same address. */
  async powerCut(meanwhile: (data: string) => void | Promise<void>): Promise<void> {
    const { port } = this
    await kill(this.serving)
    await meanwhile(this.data)
    this.serving = await serve(["--sample", "--data", this.data, "--port", port])
  }

  async close(): Promise<void> {
    for (const context of this.contexts) await context.close()
    await kill(this.serving, "SIGTERM")
  }
}

/** What stands in the margin of a change or a comment: its row, or its card. */
export const entry = (page: Page, text: string | RegExp): ReturnType<Page["locator"]> =>
  page.locator(".margin :is(.entry-row, .card)", { hasText: text }).first()

/** The box of a comment that has the focus. */
export const writtenBox = (page: Page): ReturnType<Page["locator"]> => page.locator(".margin textarea:focus")

/** All that stands in the draft. */
export const draftText = (page: Page): Promise<string> => page.evaluate(() => document.querySelector(".ProseMirror")!.textContent!)

/** Opens the row of a change or a comment as a card. */
export async function openCard(page: Page, text: string | RegExp): Promise<ReturnType<Page["locator"]>> {
  await entry(page, text).locator(":is(.line, .title)").first().click()
  const card = page.locator(".margin .card.is-chosen")
  await card.waitFor()
  return card
}

/** The block whose text begins so. */
export const blockWith = (page: Page, text: string): ReturnType<Page["locator"]> =>
  page.locator(".ProseMirror > [data-block]", { hasText: text }).first()

/** Puts the caret right behind some words of a block, as a click and the keyboard would. */
export async function caretAfter(page: Page, block: string, words: string): Promise<void> {
  const target = blockWith(page, block)
  await target.scrollIntoViewIfNeeded()
  await target.click()
  const place = (element: Node, wanted: string): void => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent!.indexOf(wanted)
      if (at < 0) continue
      getSelection()!.collapse(node, at + wanted.length)
      return
    }
    throw new Error(`no “${wanted}” in one piece in ${element.textContent}`)
  }
  // Another's caret may still stand between the words: it follows them a moment later.
  await vi.waitFor(() => target.evaluate(place, words), { timeout: 5_000 })
  await editorHasRead(page)
}

/** The editor reads the page's selection after the browser has told it: two frames later it has. */
export const editorHasRead = (page: Page): Promise<void> =>
  page.evaluate(() => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))))

/** Selects some words of a block. */
export async function select(page: Page, block: string, words: string): Promise<void> {
  await caretAfter(page, block, words)
  await blockWith(page, block).evaluate((_element, length) => {
    const selection = getSelection()!
    const { anchorNode, anchorOffset } = selection
    selection.setBaseAndExtent(anchorNode!, anchorOffset - length, anchorNode!, anchorOffset)
  }, words.length)
  await editorHasRead(page)
}

/** Waits until the text has stood still for so many frames: whatever follows a scroll or another size has been done by then. */
export const viewRests = (page: Page, frames = 15): Promise<void> =>
  page.evaluate(
    (wanted) =>
      new Promise<void>((resolve) => {
        const desk = document.querySelector(".desk")!
        let [top, height, still] = [desk.scrollTop, desk.scrollHeight, 0]
        const look = (): void => {
          still = desk.scrollTop === top && desk.scrollHeight === height ? still + 1 : 0
          ;[top, height] = [desk.scrollTop, desk.scrollHeight]
          if (still < wanted) requestAnimationFrame(look)
          else resolve()
        }
        requestAnimationFrame(look)
      }),
    frames,
  )
