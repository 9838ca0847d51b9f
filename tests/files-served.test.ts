import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { archiveCaps } from "../server/files/word/archive.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { newFolder } from "./meeting.ts"
import { command, home, kill, type Serving, serve } from "./process.ts"
import { ins, p, wordFile, words } from "./word-file.ts"

describe("files that the built server reads", () => {
  let serving: Serving
  let cookie = ""
  beforeAll(async () => {
    serving = await serve(["--sample", "--data", newFolder(), "--port", "0"])
    const { url } = serving.addresses.find((address) => address.url.includes("//secretary."))!
    const response = await fetch(`${serving.url}${apiRoot}/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: url.split("#")[1] }),
    })
    cookie = response.headers.get("set-cookie")!.split(";")[0]!
  })
  afterAll(() => kill(serving, "SIGTERM"))

  const post = (bytes: Uint8Array, query: string, signal?: AbortSignal): Promise<Response> =>
    fetch(`${serving.url}${apiRoot}/drafts?${query}`, {
      method: "POST",
      headers: { Cookie: cookie },
      body: bytes as Uint8Array<ArrayBuffer>,
      ...(signal ? { signal } : {}),
    })
  const drafts = async (): Promise<number> =>
    ((await (await fetch(`${serving.url}${apiRoot}/drafts`, { headers: { Cookie: cookie } })).json()) as unknown[]).length

  it("[IMP11] hostile files cost their own worker: each gets its sentence, nothing is written, the meeting goes on, and a good file is read beside them", async () => {
    const before = await drafts()
    const bomb = wordFile({ body: p(words("a")), more: { "word/settings.xml": new Uint8Array(archiveCaps.entryBytes + 1).fill(32) } })
    // Small when sent, well formed, and more than a worker's memory when read.
    const swollen = wordFile({ body: "<w:p><w:r><w:t>a</w:t></w:r></w:p>".repeat(1_600_000) })
    const good = wordFile({ body: p(words("resolves")) + p(words("1\tto act") + ins("Ann", " now")) })
    const answers = await Promise.all([
      post(bomb, "name=bomb.docx"),
      post(swollen, "name=swollen.docx"),
      post(good, "name=good.docx&preview=true"),
      ...Array.from({ length: 20 }, () => fetch(`${serving.url}/readyz`)),
    ])
    const [first, second, third, ...health] = answers
    expect([first!.status, (await first!.json()) as unknown]).toMatchObject([
      413,
      { detail: expect.stringMatching(/^bomb\.docx.*unpacks to more than/) },
    ])
    expect([second!.status, (await second!.json()) as unknown]).toMatchObject([
      413,
      { detail: expect.stringMatching(/^swollen\.docx takes too much memory/) },
    ])
    expect([third!.status, (await third!.json()) as unknown]).toMatchObject([200, { authors: [{ name: "Ann", changes: 1 }] }])
    expect(health.every((response) => response.status === 200)).toBe(true)
    expect(await drafts()).toBe(before)
  }, 90_000)

  it("[IMP11] whoever cancels ends the reading, and nothing of the file is kept", async () => {
    const before = await drafts()
    const gone = new AbortController()
    const sent = post(wordFile({ body: "<w:p><w:r><w:t>a</w:t></w:r></w:p>".repeat(300_000) }), "name=slow.docx", gone.signal)
    setTimeout(() => gone.abort(), 300)
    await expect(sent).rejects.toThrow(/abort/i)
    expect((await post(wordFile({ body: p(words("resolves")) + p(words("1\tto act;")) }), "name=next.docx")).status).toBe(201)
    expect(await drafts()).toBe(before + 1)
  }, 60_000)
})

describe("commands on files", () => {
  const seed = join(home, "seeds/early-warning.json")
  it("[FLAT1] compare tells what a flattened text offers; numbers confirm, and nothing else does", () => {
    const folder = newFolder()
    const [force, flat] = [join(folder, "force.txt"), join(folder, "flat.txt")]
    writeFileSync(force, "resolves\n1\tto meet in Geneva in 2024;\n2\tto count the lamps;\n")
    writeFileSync(flat, "resolves\n1\tto meet in GenevaNairobi in 20242026;\n2\tto count the lamps;\n")
    const open = command(["compare", force, flat, "--flattened"])
    expect(open.code).toBe(0)
    expect(open.err).toMatch(/2 deletions offered.*\n1 {2}was “Geneva” struck, for “Nairobi”\? --confirm 1\n2 {2}was “2024”/)
    const changes = (confirm: string): string[] =>
      (
        JSON.parse(command(["compare", force, flat, "--flattened", "--confirm", confirm]).out) as { changes: { kind: string }[] }
      ).changes.map(({ kind }) => kind)
    expect(changes("2")).toEqual(["insertion", "replacement"])
    expect(changes("all")).toEqual(["replacement", "replacement"])
    for (const wrong of ["3", "0", "x", ""])
      expect(command(["compare", force, flat, "--flattened", "--confirm", wrong]).code, wrong).toBe(2)
    expect(command(["compare", force, flat, "--confirm", "all"])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/goes with --flattened/),
    })
  })

  it("[PAPER4] without a program that prints, a sentence says what to install", () => {
    const folder = newFolder()
    const none = { CHROMIUM: "/nowhere/chromium", SOFFICE: "/nowhere/soffice" }
    const { code, err } = command(["export", seed, "--format", "pdf", "-o", join(folder, "x.pdf")], undefined, none)
    expect([code, err]).toEqual([2, expect.stringMatching(/printed by Chromium or LibreOffice.*apt-get install chromium/s)])
  })

  it("[PAPER4] a file that ends in .docx and is text is read as text; one that ends in .txt and is Word as Word", () => {
    const folder = newFolder()
    const text = join(folder, "text.docx")
    const word = join(folder, "word.txt")
    writeFileSync(text, "resolves\n1\tto act;\n")
    writeFileSync(word, wordFile({ body: p(words("resolves")) + p(words("1\tto act") + ins("Ann", " now")) }))
    expect(JSON.parse(command(["import", text]).out)).toMatchObject({ blocks: [{ type: "head" }, { type: "clause", text: "to act;" }] })
    expect(JSON.parse(command(["import", word]).out)).toMatchObject({ changes: [{ enteredBy: "Ann", text: " now" }] })
  })
})
