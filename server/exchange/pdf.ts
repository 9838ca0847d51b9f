import { spawn } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { DomainError } from "../problems.ts"

const browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome"]
const offices = ["soffice", "libreoffice"]
const longestMs = 120_000

/** Runs a program; its exit code, or null where it is not installed. One that hangs is ended. */
function run(program: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "ignore", timeout: longestMs })
    child.on("error", () => resolve(null))
    child.on("exit", (code) => resolve(code ?? 1))
  })
}

const isRoot = process.getuid?.() === 0

/** Which program prints: `CHROMIUM` and `SOFFICE` name others than those on the path. */
const candidates = (named: string | undefined, known: readonly string[]): readonly string[] => (named ? [named] : known)

async function withBrowser(html: Uint8Array, folder: string): Promise<boolean> {
  const page = join(folder, "paper.html")
  await writeFile(page, html)
  for (const browser of candidates(process.env.CHROMIUM, browsers)) {
    const code = await run(browser, [
      "--headless",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // A root user has no sandbox in Chromium; the page is ours, without a script.
      ...(isRoot ? ["--no-sandbox"] : []),
      `--user-data-dir=${join(folder, "profile")}`,
      "--no-pdf-header-footer",
      `--print-to-pdf=${join(folder, "paper.pdf")}`,
      pathToFileURL(page).href,
    ])
    if (code === 0) return true
  }
  return false
}

async function withOffice(docx: Uint8Array, folder: string): Promise<boolean> {
  const paper = join(folder, "paper.docx")
  await writeFile(paper, docx)
  for (const office of candidates(process.env.SOFFICE, offices)) {
    const profile = `-env:UserInstallation=${pathToFileURL(join(folder, "office")).href}`
    if ((await run(office, ["--headless", profile, "--convert-to", "pdf", "--outdir", folder, paper])) === 0) return true
  }
  return false
}

/**
 * A paper as PDF: its page printed by Chromium where that is found, else its Word file by LibreOffice. Throws a DomainError that says what to install
 * where there is neither.
 */
export async function writePdf(html: Uint8Array, docx: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "clausula-pdf-"))
  try {
    if ((await withBrowser(html, folder)) || (await withOffice(await docx(), folder)))
      return new Uint8Array(await readFile(join(folder, "paper.pdf")))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  throw new DomainError(
    "unsupported",
    "A PDF is printed by Chromium or LibreOffice, and neither works on this server. Install one (Debian: apt-get install chromium), or set CHROMIUM or SOFFICE to its path; HTML and Word need nothing.",
  )
}
