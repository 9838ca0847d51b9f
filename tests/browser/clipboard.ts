import type { Page } from "playwright-core"

/** A program beside the browser, such as Word: what it copies is on the clipboard just as it wrote it, and what is pasted into it is read whole. */
export class OtherProgram {
  readonly #page: Page

  private constructor(page: Page) {
    this.#page = page
  }

  static async beside(page: Page): Promise<OtherProgram> {
    const other = await page.context().newPage()
    await other.goto("about:blank")
    await other.setContent("<textarea></textarea>")
    return new OtherProgram(other)
  }

  /** Copies with the keyboard; `html` arrives unchanged, as from a native program. */
  async copies(html: string, text = "plain"): Promise<void> {
    await this.#page.bringToFront()
    await this.#page.evaluate(
      ([rich, plain]) => {
        document.oncopy = (event) => {
          if (rich) event.clipboardData!.setData("text/html", rich)
          event.clipboardData!.setData("text/plain", plain!)
          event.preventDefault()
        }
      },
      [html, text],
    )
    await this.#page.locator("textarea").click()
    await this.#page.keyboard.press("Control+c")
  }

  /** Pastes with the keyboard and tells what came. */
  async pastes(): Promise<{ html: string; text: string }> {
    await this.#page.bringToFront()
    await this.#page.evaluate(() => {
      document.onpaste = (event) => {
        const { clipboardData } = event
        document.title = JSON.stringify({ html: clipboardData!.getData("text/html"), text: clipboardData!.getData("text/plain") })
        event.preventDefault()
      }
    })
    await this.#page.locator("textarea").click()
    await this.#page.keyboard.press("Control+v")
    return JSON.parse(await this.#page.title()) as { html: string; text: string }
  }
}
