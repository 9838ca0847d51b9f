import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import mammoth from "mammoth"
import type { FileBlock, FileChange, FileDraft } from "../../server/files/file-draft.ts"
import { readWord } from "../../server/files/word/read.ts"
import { printableOf } from "../../server/papers/printable.ts"
import { sheetOf } from "../../server/papers/sheet-of.ts"
import { writeWord } from "../../server/papers/word/file.ts"
import { type Measure, quantile, round, spread } from "./measure.ts"

const sizes = [100, 1_000, 5_000]
const runs = 3

/** A resolution with so many changes, by three people, in clauses of about thirty words. */
function resolution(changes: number): FileDraft {
  const clauses = Math.ceil(changes / 4)
  const text =
    "that the Secretary-General shall report to the Council on the implementation of this resolution and on its financial implications for the Member States and Sector Members of the Union"
  const blocks: FileBlock[] = [{ id: "h", type: "head", part: "operative", text: "resolves" }]
  const list: FileChange[] = []
  for (let i = 0; i < clauses; i++) {
    const id = `b${i}`
    blocks.push({ id, type: "clause", level: 1, text: `${text}, item ${i};` })
    for (let n = 0; n < 4 && list.length < changes; n++) {
      const from = 5 + n * 36
      const kind = n % 2 ? "insertion" : "deletion"
      list.push({
        id: `c${list.length}`,
        kind,
        source: null,
        enteredBy: ["Ann", "Bob", "Eve"][n % 3]!,
        date: "2026-03-01T10:00:00Z",
        block: id,
        text: text.slice(from, from + 9),
        segments: [{ block: id, kind, from, to: from + 9 }],
      })
    }
  }
  return { profile: "itu", cover: [], blocks, changes: list, comments: [], notes: [], debris: [], warnings: [] }
}

/** CPU seconds of a task in this process. */
async function cpuOf(task: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await task()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** CPU seconds of a program of its own, its start included; null where it is not installed. */
function cpuOfProgram(program: string, args: readonly string[]): number | null {
  const { status, stderr, error } = spawnSync("bash", ["-c", 'TIMEFORMAT="%U %S"; time "$0" "$@" >/dev/null 2>&1', program, ...args])
  if (error || status !== 0) return null
  const [user, system] = String(stderr).trim().split(" ").map(Number)
  return user! + system!
}

/** How many of the changes a reader tells, with their author. */
async function told(bytes: Uint8Array, path: string): Promise<Record<string, number>> {
  const { value } = await mammoth.convertToHtml({ buffer: Buffer.from(bytes) })
  const pandoc = String(spawnSync("pandoc", ["--track-changes=all", "-t", "json", path], { maxBuffer: 1 << 30 }).stdout ?? "")
  return {
    ours: readWord(bytes).changes.length,
    mammoth: value.split("<ins").length - 1 + value.split("<del").length - 1,
    pandoc: pandoc.split('"insertion"').length - 1 + pandoc.split('"deletion"').length - 1,
  }
}

/**
 * What others in a meeting wait for, at most, while a file of the largest size is looked at, brought onto a draft and taken away as Word, in the built
 * program: milliseconds that a request for nothing takes meanwhile.
 */
async function waits(): Promise<Record<string, number>> {
  const data = mkdtempSync(join(tmpdir(), "clausula-bench-"))
  const child = spawn(process.execPath, ["dist/server/main.js", "serve", "--sample", "--json", "--data", data, "--port", "0"], {
    stdio: ["ignore", "pipe", "ignore"],
  })
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer]
    const { url, addresses } = JSON.parse(line.toString()) as { url: string; addresses: { url: string }[] }
    const base = url.replace("localhost", "127.0.0.1")
    const token = addresses.find((address) => address.url.includes("//secretary."))!.url.split("#")[1]
    const headers = { "Content-Type": "application/json" }
    const signedIn = await fetch(`${base}/api/v1/session`, { method: "POST", headers, body: JSON.stringify({ token }) })
    const cookie = signedIn.headers.get("set-cookie")!.split(";")[0]!
    const call = async (path: string, body?: Uint8Array | string): Promise<string> => {
      const post = body === undefined ? {} : { method: "POST", body: body as string }
      const response = await fetch(`${base}/api/v1${path}`, { headers: { Cookie: cookie }, ...post })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return response.text()
    }
    const draft = resolution(sizes.at(-1)!)
    const bytes = writeWord(sheetOf(printableOf(draft), { view: "open", marks: "delegation", hasComments: true }))
    const { id } = JSON.parse(await call("/drafts?name=a.json", JSON.stringify({ ...draft, changes: [] }))) as { id: string }
    const authors = JSON.stringify({ Ann: "S", Bob: "B", Eve: "FJI" })
    const longest: Record<string, number> = {}
    const measured = async (what: string, work: () => Promise<string>): Promise<void> => {
      let isDone = false
      longest[what] = 0
      const end = work().finally(() => (isDone = true))
      while (!isDone) {
        const asked = performance.now()
        await fetch(`${base}/healthz`)
        longest[what] = Math.max(longest[what], performance.now() - asked)
      }
      await end
    }
    await measured("looked at", () => call(`/drafts/${id}/import?preview=true`, bytes))
    await measured("brought onto the draft", () => call(`/drafts/${id}/import?${new URLSearchParams({ authors })}`, bytes))
    await measured("taken away as Word", () => call(`/drafts/${id}/export?format=docx`))
    return longest
  } finally {
    child.kill()
  }
}

/** P7: what reading and writing Word costs, and what is told, against pandoc, mammoth and LibreOffice on the same files. */
export async function word(): Promise<Measure> {
  const folder = mkdtempSync(join(tmpdir(), "clausula-bench-"))
  const figures = new Map<string, number[]>()
  const note = (name: string, value: number | null): void => {
    if (value !== null) figures.set(name, [...(figures.get(name) ?? []), value])
  }
  const fidelity: string[] = []
  for (const size of sizes) {
    const draft = printableOf(resolution(size))
    const write = (): Uint8Array => writeWord(sheetOf(draft, { view: "open", marks: "delegation", hasComments: true }))
    const bytes = write()
    const path = join(folder, `${size}.docx`)
    writeFileSync(path, bytes)
    for (let i = 0; i <= runs; i++) {
      const ours = await cpuOf(() => readWord(bytes))
      const theirs = await cpuOf(() => mammoth.convertToHtml({ buffer: Buffer.from(bytes) }))
      const written = await cpuOf(write)
      // The first round warms the machine up.
      if (i === 0) continue
      note(`read ${size}: ours`, ours)
      note(`read ${size}: mammoth`, theirs)
      note(`write ${size}: ours`, written)
      note(`read ${size}: pandoc`, cpuOfProgram("pandoc", ["--track-changes=all", "-t", "json", "-o", join(folder, "x.json"), path]))
      note(
        `read and write ${size}: LibreOffice`,
        cpuOfProgram("soffice", [
          "--headless",
          `-env:UserInstallation=file://${folder}/office`,
          "--convert-to",
          "odt",
          "--outdir",
          folder,
          path,
        ]),
      )
    }
    const counts = await told(bytes, path)
    fidelity.push(`of ${size} changes: ours ${counts.ours}, pandoc ${counts.pandoc}, mammoth ${counts.mammoth}`)
  }
  const median = (name: string): number => quantile(figures.get(name) ?? [Number.NaN], 0.5)
  const largest = sizes.at(-1)!
  return {
    id: "P7",
    what: `Word: CPU seconds to read and to write; min / median / max of ${runs} runs; programs with their start`,
    rows: [...figures].map(([name, values]) => ({ name, "CPU s": spread(values, 3) })),
    notes: [
      `read ${largest}: ${round(median(`read ${largest}: ours`) / median(`read ${largest}: mammoth`), 2)} times mammoth's, ${round(median(`read ${largest}: ours`) / median(`read ${largest}: pandoc`), 2)} times pandoc's (bar: mammoth's time with pandoc's fidelity)`,
      `growth from ${sizes[1]} to ${largest}: ${round(median(`read ${largest}: ours`) / median(`read ${sizes[1]}: ours`), 1)} times`,
      ...fidelity,
      `others wait at most, while a file of ${largest} changes is: ${Object.entries(await waits())
        .map(([what, ms]) => `${what} ${round(ms, 0)} ms`)
        .join(", ")}`,
    ],
  }
}
