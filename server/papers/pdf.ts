import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { setPriority, tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { cancelled } from "../pace/turns.ts"
import { DomainError } from "../problems.ts"

const browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome"]
const offices = ["soffice", "libreoffice"]
/** How long one program may take, and all that are tried together. */
const longestMs = { program: 45_000, inAll: 100_000 } as const

/** Ends a program with all that it started: a browser is many processes. */
function endAll(child: ChildProcess): void {
  if (process.platform === "win32" || child.pid === undefined) return void child.kill("SIGKILL")
  try {
    process.kill(-child.pid, "SIGKILL")
  } catch (error) {
    // It has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}

/** Runs a program; its exit code, or null where it is not installed. One that hangs is ended, and one that nobody waits for any more. */
function run(program: string, args: readonly string[], signal: AbortSignal): Promise<number | null> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled())
    const child = spawn(program, args, { stdio: "ignore", detached: process.platform !== "win32" })
    // The meeting goes first.
    if (child.pid !== undefined) setPriority(child.pid, 10)
    const end = (): void => endAll(child)
    const timer = setTimeout(end, longestMs.program)
    const gone = (): void => {
      end()
      reject(cancelled())
    }
    signal.addEventListener("abort", gone, { once: true })
    const ended = (code: number | null): void => {
      clearTimeout(timer)
      signal.removeEventListener("abort", gone)
      resolve(code)
    }
    child.on("error", () => ended(null))
    child.on("exit", (code) => ended(code ?? 1))
  })
}

const isRoot = process.getuid?.() === 0

/** Which program prints: `CHROMIUM` and `SOFFICE` name others than those on the path. */
const candidates = (named: string | undefined, known: readonly string[]): readonly string[] => (named ? [named] : known)

async function withBrowser(html: Uint8Array, folder: string, signal: AbortSignal): Promise<boolean> {
  const page = join(folder, "paper.html")
  await writeFile(page, html)
  for (const browser of candidates(process.env.CHROMIUM, browsers)) {
    const args = [
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
    ]
    if ((await run(browser, args, signal)) === 0) return true
  }
  return false
}

async function withOffice(docx: Uint8Array, folder: string, signal: AbortSignal): Promise<boolean> {
  const paper = join(folder, "paper.docx")
  await writeFile(paper, docx)
  for (const office of candidates(process.env.SOFFICE, offices)) {
    const profile = `-env:UserInstallation=${pathToFileURL(join(folder, "office")).href}`
    const args = ["--headless", profile, "--convert-to", "pdf", "--outdir", folder, paper]
    if ((await run(office, args, signal)) === 0) return true
  }
  return false
}

/** The printers write when they printed. A paper says what it is of, not that; its length stays, for a PDF counts its bytes. */
export function withoutTimes(pdf: Buffer): Uint8Array {
  const text = pdf.toString("latin1")
  const timeless = text.replace(/(\/(?:CreationDate|ModDate)\s*\(D:)(\d{14})/g, (_, key: string) => `${key}19800101000000`)
  return new Uint8Array(Buffer.from(timeless, "latin1"))
}

/**
 * A paper as PDF: its page printed by Chromium where that is found, else its Word file by LibreOffice. Throws a DomainError that says what to install
 * where there is neither. It ends where the signal says so.
 */
export async function writePdf(html: Uint8Array, docx: () => Promise<Uint8Array>, signal?: AbortSignal): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "clausula-pdf-"))
  const tooLong = AbortSignal.timeout(longestMs.inAll)
  const ends = signal ? AbortSignal.any([signal, tooLong]) : tooLong
  try {
    if ((await withBrowser(html, folder, ends)) || (await withOffice(await docx(), folder, ends)))
      return withoutTimes(await readFile(join(folder, "paper.pdf")))
  } catch (error) {
    if (tooLong.aborted && !signal?.aborted)
      throw new DomainError("too-large", "This paper takes too long to print. Take it as Word or as a web page, and print that.")
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  throw new DomainError(
    "unsupported",
    "A PDF is printed by Chromium or LibreOffice, and neither works on this server. Install one (Debian: apt-get install chromium), or set CHROMIUM or SOFFICE to its path; HTML and Word need nothing.",
  )
}
