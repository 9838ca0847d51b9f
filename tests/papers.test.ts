import { createHash } from "node:crypto"
import { strFromU8, unzipSync } from "fflate"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readFile } from "../server/files/read-file.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { type Guest, Meeting, newFolder } from "./meeting.ts"
import { ins, p, wordFile, words } from "./word-file.ts"

const folder = newFolder()
let meeting: Meeting
let chair: Guest
let secretary: Guest
let sweden: Guest
async function gather(): Promise<void> {
  chair = await meeting.guest("chair")
  secretary = await meeting.guest("secretary")
  sweden = await meeting.guest("delegate", ["S"])
}
beforeAll(async () => {
  meeting = await Meeting.open(folder)
  await gather()
})
afterAll(() => meeting.stop())

const heading = p(words("considering")) + p(words("a)\tthat ships arrive by night;")) + p(words("b)\tthat lamps fail in storms,"))
const amended = (by: string, text: string): Uint8Array =>
  wordFile({
    body: `${heading}${p(words("resolves"))}${p(`${words("1\tto keep a lamp at every mole")}${ins(by, text)}${words(";")}`)}${p(words("2\tto count the lamps each year,"))}`,
  })
const bring = (draft: string, text: string) =>
  secretary.request("POST", `${apiRoot}/drafts/${draft}/import?${new URLSearchParams({ authors: '{"Ann Ek": "S"}' })}`, {
    raw: amended("Ann Ek", text) as Uint8Array<ArrayBuffer>,
  })
const bytesOf = async (guest: Guest, path: string): Promise<{ status: number; bytes: Uint8Array; name: string }> => {
  const response = await fetch(`${meeting.url}${apiRoot}${path}`, { headers: { Cookie: guest.cookie } })
  const name = decodeURIComponent(/filename\*=UTF-8''(.*)$/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "")
  return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()), name }
}
const json = async (path: string): Promise<FileDraft> =>
  JSON.parse(new TextDecoder().decode((await bytesOf(sweden, path)).bytes)) as FileDraft
const textsOf = (draft: FileDraft): string[] => draft.blocks.map((block) => block.text)

describe("named versions", () => {
  it("[VER1] a version is the draft to the letter as it was when it was named, whatever came later, also after a restart", async () => {
    const draft = await meeting.draft()
    await bring(draft, " and a bell")
    const before = await json(`/drafts/${draft}/export?format=json&view=open`)
    expect(await chair.call("nameVersion", { draft }, { name: "Draft 1" })).toEqual({ n: 1 })
    const [change] = await chair.call("changes", { draft })
    await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: change!.id, hash: change!.hash }] })
    await bring(draft, " and a rope")
    expect(await secretary.call("nameVersion", { draft }, { name: "Draft 2" })).toEqual({ n: 2 })
    expect(await json(`/drafts/${draft}/export?format=json&view=open&version=1`)).toEqual(before)
    expect(textsOf(await json(`/drafts/${draft}/export?format=json&view=working&version=1`))).toContain("to keep a lamp at every mole;")
    expect(textsOf(await json(`/drafts/${draft}/export?format=json&view=working&version=2`))).toContain(
      "to keep a lamp at every mole and a bell;",
    )
    await meeting.stop()
    meeting = await Meeting.open(folder)
    await gather()
    expect(await json(`/drafts/${draft}/export?format=json&view=open&version=1`)).toEqual(before)
    expect((await sweden.call("versions", { draft })).map(({ n, name, files }) => [n, name, files])).toEqual([
      [1, "Draft 1", []],
      [2, "Draft 2", []],
    ])
    expect((await sweden.call("register", { draft })).map(({ act }) => act)).toEqual([
      "import",
      "importChanges",
      "nameVersion",
      "accept",
      "importChanges",
      "nameVersion",
    ])
  })

  it("[VER2] chair and secretariat name; a name is given once; a version that is not there is said so", async () => {
    const draft = await meeting.draft()
    expect(await sweden.call("nameVersion", { draft }, { name: "Mine" })).toMatchObject({ status: 403 })
    await chair.call("nameVersion", { draft }, { name: "Draft 1" })
    expect(await secretary.call("nameVersion", { draft }, { name: " Draft 1 " })).toMatchObject({
      status: 409,
      detail: expect.stringMatching(/already/),
    })
    expect(await secretary.call("nameVersion", { draft }, { name: "  " })).toMatchObject({ status: 400 })
    for (const path of [
      "export?version=2",
      "versions/2/compare",
      "versions/1/compare?with=7",
      "versions/1/files/abc",
      "versions/x/compare",
    ])
      expect((await bytesOf(sweden, `/drafts/${draft}/${path}`)).status, path).toBe(404)
    expect((await bytesOf(sweden, `/drafts/${draft}/export?version=0`)).status).toBe(400)
  })

  it("[VER3] any two versions, or one and the draft as it is now, compared: both texts to the letter, as tracked changes", async () => {
    const draft = await meeting.draft()
    await chair.call("nameVersion", { draft }, { name: "Draft 1" })
    await bring(draft, " and a bell")
    const [change] = await chair.call("changes", { draft })
    await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: change!.id, hash: change!.hash }] })
    await chair.call("nameVersion", { draft }, { name: "Draft 2" })
    await bring(draft, " by night")
    const kinds = (compared: FileDraft): unknown[] => compared.changes.map(({ kind, text, source }) => [kind, text, source])
    expect(kinds(await json(`/drafts/${draft}/versions/1/compare?with=2&format=json`))).toEqual([["insertion", " and a bell", null]])
    expect(kinds(await json(`/drafts/${draft}/versions/2/compare?with=1&format=json`))).toEqual([["deletion", " and a bell", null]])
    expect(kinds(await json(`/drafts/${draft}/versions/2/compare?format=json`))).toEqual([])
    expect(kinds(await json(`/drafts/${draft}/versions/2/compare?format=json&text=proposed`))).toEqual([["insertion", "by night ", null]])
    const word = readFile((await bytesOf(sweden, `/drafts/${draft}/versions/1/compare?with=2`)).bytes)
    expect(word.changes.map(({ kind, text }) => [kind, text])).toEqual([["insertion", " and a bell"]])
  })
})

describe("publishing", () => {
  it("[PAPER6] a draft that is opened from our own form of a paper against the text in force has that in force; who accepted elsewhere is not said", async () => {
    const draft = await meeting.draft()
    await bring(draft, " and a bell")
    const [change] = await chair.call("changes", { draft })
    await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: change!.id, hash: change!.hash }] })
    await bring(draft, " by night")
    const text = async (of: string, view: string): Promise<string> =>
      new TextDecoder().decode((await bytesOf(secretary, `/drafts/${of}/export?format=txt&view=${view}`)).bytes)
    for (const format of ["json", "akn"]) {
      const file = (await bytesOf(secretary, `/drafts/${draft}/export?format=${format}&view=against`)).bytes
      const { body } = await secretary.request("POST", `${apiRoot}/drafts`, { raw: file as Uint8Array<ArrayBuffer> })
      const again = (body as { id: string }).id
      for (const view of ["force", "working", "proposed"])
        expect(await text(again, view), `${format} ${view}`).toBe(await text(draft, view))
      expect(await text(again, "force")).not.toContain("bell")
      expect(await text(draft, "against")).toContain("{+S, accepted:  and a bell+}")
      expect(await text(again, "against")).not.toContain("S, accepted")
      expect(await text(again, "against")).toMatch(/accepted: {1,2}and a bell\+/)
    }
  })

  it("[VER7] every paper of one version, and every download, has a name of its own that says view and marks; the record says them too", async () => {
    const draft = await meeting.draft()
    await bring(draft, " and a bell")
    await chair.call("nameVersion", { draft }, { name: "DT/12" })
    const names: string[] = []
    for (const view of ["against", "open", "proposed", "rolling"] as const)
      for (const marks of ["delegation", "body"] as const)
        for (const comments of [true, false]) {
          const file = await secretary.call("publish", { draft, version: "1" }, { format: "docx", view, marks, comments })
          names.push(file.name)
        }
    const { files } = (await sweden.call("versions", { draft }))[0]!
    const hashes = new Map(files.map(({ hash, name }) => [hash, name]))
    expect(new Set(hashes.values()).size, names.join(" ")).toBe(hashes.size)
    expect(names[0]).toMatch(/-DT-12-against-the-text-in-force-each-delegation-marks-with-comments\.docx$/)
    expect(names.at(-1)).toMatch(/-DT-12-rolling-text-the-body-marks\.docx$/)
    const told = (await sweden.call("register", { draft })).flatMap((entry) => (entry.act === "publish" ? [entry.details.file] : []))
    expect(told).toContainEqual(expect.objectContaining({ view: "open", marks: "body", comments: false }))
    const download = async (query: string): Promise<string> => (await bytesOf(sweden, `/drafts/${draft}/export?format=txt&${query}`)).name
    expect(await download("view=force")).toMatch(/-text-in-force\.txt$/)
    expect(await download("view=open&marks=plain&comments=false&version=1")).toMatch(/-DT-12-with-open-changes-nobody-marks\.txt$/)
    expect((await bytesOf(sweden, `/drafts/${draft}/versions/1/compare`)).name).toMatch(/-compared-DT-12-with-now\.docx$/)
  })

  it("[VER4] a published file is kept to the byte, by its hash, and is in the record; who may not publish does not", async () => {
    const draft = await meeting.draft()
    await bring(draft, " and a bell")
    await chair.call("nameVersion", { draft }, { name: "DT/12" })
    const options = { format: "docx", view: "open", marks: "delegation", comments: true } as const
    expect(await sweden.call("publish", { draft, version: "1" }, options)).toMatchObject({ status: 403 })
    const file = await secretary.call("publish", { draft, version: "1" }, options)
    expect(file).toMatchObject({ format: "docx", view: "open", marks: "delegation", comments: true })
    expect(file.name).toMatch(/DT-12-with-open-changes-each-delegation-marks-with-comments\.docx$/)
    await bring(draft, " and a rope")
    const kept = await bytesOf(sweden, `/drafts/${draft}/versions/1/files/${file.hash}`)
    expect([kept.status, kept.name, kept.bytes.length]).toEqual([200, file.name, file.bytes])
    expect(createHash("sha256").update(kept.bytes).digest("hex")).toBe(file.hash)
    expect(readFile(kept.bytes).changes.map(({ text }) => text)).toEqual([" and a bell"])
    expect((await sweden.call("versions", { draft }))[0]!.files).toEqual([file])
    expect((await sweden.call("register", { draft })).at(-2)).toMatchObject({
      act: "publish",
      details: { version: 1, versionName: "DT/12", file: { hash: file.hash } },
    })
    expect(await secretary.call("publish", { draft, version: "9" }, options)).toMatchObject({ status: 404 })
    const other = await meeting.draft()
    await chair.call("nameVersion", { draft: other }, { name: "DT/12" })
    expect((await bytesOf(sweden, `/drafts/${other}/versions/1/files/${file.hash}`)).status, "of that draft only").toBe(404)
  })

  it("[VER5] the institution's template is tried, kept, and taken for Word until it is removed; only the secretariat sets it", async () => {
    const draft = await meeting.draft()
    const set = (guest: Guest, raw: Uint8Array, name = "Council.docx") =>
      guest.request("POST", `${apiRoot}/template?${new URLSearchParams({ name })}`, { raw: raw as Uint8Array<ArrayBuffer> })
    const template = wordFile({
      body: p(words("International Harbour Union, {{title}}")) + p(words("{{text}}")) + p(words("Page foot of the Union, {{version}}")),
    })
    expect((await set(sweden, template)).status).toBe(403)
    expect(await set(secretary, new TextEncoder().encode("no Word file"), "notes.txt")).toMatchObject({
      status: expect.any(Number),
      body: { detail: expect.stringMatching(/notes\.txt|template/i) },
    })
    expect(await secretary.call("template")).toEqual({ name: null })
    expect((await set(secretary, template)).status).toBe(201)
    expect(await sweden.call("template")).toEqual({ name: "Council.docx" })
    const textIn = async (query: string): Promise<string> => {
      const { cover, blocks } = readFile((await bytesOf(sweden, `/drafts/${draft}/export?format=docx${query}`)).bytes)
      return [...cover, ...blocks].map(({ text }) => text).join("\n")
    }
    expect(await textIn("")).toMatch(/International Harbour Union, [\s\S]*lamp at every mole[\s\S]*Page foot/)
    expect(await textIn("&template=false")).not.toMatch(/Union/)
    await chair.call("nameVersion", { draft }, { name: "DT/12 & more" })
    expect(await textIn("&version=1")).toMatch(/Page foot of the Union, DT\/12 & more/)
    await secretary.request("DELETE", `${apiRoot}/template`)
    expect(await textIn("")).not.toMatch(/Union/)
    const page = await bytesOf(sweden, `/drafts/${draft}/export?format=html&version=1`)
    expect(new TextDecoder().decode(page.bytes)).toContain('<span class="mark" dir="auto">DT/12 &amp; more</span>')
    const footer = unzipSync((await bytesOf(sweden, `/drafts/${draft}/export?format=docx&version=1`)).bytes)["word/footer1.xml"]!
    expect(strFromU8(footer)).toContain("DT/12 &amp; more – ")
  })
})
