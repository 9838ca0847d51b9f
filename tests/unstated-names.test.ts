import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { type Format, formats, write } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { by, p, wordFile, words } from "./word-file.ts"

/** What a file calls its authors: as papers name the chair, delegations and what was accepted, in each form; and somebody. */
const names = [
  "Chair (CHAIR)",
  "CHAIR",
  "Secretariat (SEC)",
  "Land S (S)",
  "S",
  "Land B (B) – accepted",
  "S, accepted",
  "NOT-STATED",
  "Committee 3",
  "Ann Ek",
  "S: tides+}{+B",
  "not stated (“S” in the file)",
  "n".repeat(250),
]
const wordOf = (i: number): string => `word${String.fromCharCode(97 + i)}`
const clauses = names.map((_, i) => `to keep lamp ${String.fromCharCode(97 + i)} at its mole`)
const clean = readText(
  `RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n${clauses.map((clause, i) => `${i + 1}\t${clause};`).join("\n")}\n`,
)

const xml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")
const file = wordFile({
  body: [
    ...["RESOLUTION 7", "On harbours", "The Council,", "resolves"].map((line) => p(words(line))),
    ...clauses.map((clause, i) => {
      const stated = i === 0 ? `<w:ins ${by("Cy")}>${words(" truly")}</w:ins>` : ""
      return p(`${words(`${i + 1}\t${clause}`)}${stated}<w:ins ${by(xml(names[i]!))}>${words(` ${wordOf(i)}`)}</w:ins>${words(";")}`)
    }),
  ].join(""),
})

/** Whom a form names for words that were put in. */
const namedFor: Readonly<Record<Exclude<Format, "pdf">, (bytes: Uint8Array, word: string) => string>> = {
  docx: (bytes, word) => readFile(bytes).changes.find(({ text }) => text.trim() === word)?.enteredBy ?? "",
  html: (bytes, word) =>
    new RegExp(`title="inserted: ([^"]*)"[^>]*> ${word}<`).exec(new TextDecoder().decode(bytes))?.[1]?.replaceAll("&quot;", '"') ?? "",
  txt: (bytes, word) =>
    new RegExp(`\\{\\+([^{}]*): ${word}\\+\\}`).exec(new TextDecoder().decode(bytes).replaceAll(":  ", ": "))?.[1] ?? "",
  akn: (bytes, word) => sourceAndName(readFile(bytes), word),
  json: (bytes, word) => sourceAndName(readFile(bytes), word),
}
/** These say source and name apart. */
const sourceAndName = ({ changes }: FileDraft, word: string): string => {
  const change = changes.find(({ text }) => text.trim() === word)!
  return change.source ?? `not stated (“${change.enteredBy}” in the file)`
}

describe("names that only a file gives", () => {
  let meeting: Meeting
  let secretary: Guest
  let draft: string
  beforeAll(async () => {
    meeting = await Meeting.open()
    secretary = await meeting.guest("secretary")
    draft = await meeting.draft(clean)
    expect((await bring(draft, file, { authors: '{"Cy":"S"}' })).status).toBe(201)
  })
  afterAll(() => meeting.stop())

  const bring = (onto: string, raw: Uint8Array, query: Record<string, string>) =>
    secretary.request("POST", `${apiRoot}/drafts/${onto}/import?${new URLSearchParams(query)}`, { raw: raw as Uint8Array<ArrayBuffer> })
  const exported = async (format: string, view: string): Promise<Uint8Array> => {
    const query = new URLSearchParams({ format, view, marks: "delegation", comments: "true" })
    const answer = await fetch(`${meeting.url}${apiRoot}/drafts/${draft}/export?${query}`, { headers: { Cookie: secretary.cookie } })
    return new Uint8Array(await answer.arrayBuffer())
  }
  const sources = async (of: string): Promise<string[]> => {
    const changes = await secretary.call("changes", { draft: of })
    return changes.map(({ source, inserted }) => `${source}:${inserted}`).sort()
  }

  const forms = formats.filter((format) => format !== "pdf")
  it.each(forms.flatMap((form) => ["open", "against"].map((view) => [form, view] as const)))(
    "[PAPER9] are told from sources in %s, %s",
    async (form, view) => {
      const bytes = await exported(form, view)
      const named = namedFor[form]
      expect(["Land S (S)", "S"]).toContain(named(bytes, "truly"))
      names.forEach((name, i) => {
        const shown = named(bytes, wordOf(i))
        expect(shown, name).toMatch(/^not stated \(“.+” in the file\)$/s)
        expect(shown, name).toContain(
          name
            .replace(/^not stated \(“(.*)” in the file\)$/, "$1")
            .replace(/[{}]/g, form === "txt" ? "" : "$&")
            .slice(0, 200),
        )
      })
    },
  )

  it("[PAPER9] stand in no legend as if they were sources", async () => {
    const page = new TextDecoder().decode(await exported("html", "open"))
    const legend = /<p class="legend"[^>]*>(.*?)<\/p>/s.exec(page)![1]!
    const entries = [...legend.matchAll(/<ins[^>]*>(.*?)<\/ins>/gs)].map(([, name]) => name)
    expect(entries.filter((name) => !name!.startsWith("not stated"))).toEqual(["S"])
  })

  it("[PAPER9] stay not stated where the paper is brought back, onto the draft and onto a new one", async () => {
    const own = await exported("docx", "open")
    const before = await sources(draft)
    const preview = (await bring(draft, own, { preview: "true" })).body as { authors: { name: string; suggested: string | null }[] }
    const authors = JSON.stringify(Object.fromEntries(preview.authors.map(({ name, suggested }) => [name, suggested ?? ""])))
    expect(((await bring(draft, own, { authors })).body as { changes: unknown[] }).changes).toEqual([])
    expect(await sources(draft)).toEqual(before)
    const other = await meeting.draft(clean)
    await bring(other, own, { authors })
    expect(await sources(other)).toEqual(before)
  })

  it("[PAPER9] are as the file has them where nobody is stated to be a source", () => {
    const options = { format: "docx", view: "open", marks: "delegation", hasComments: true, template: null } as const
    const again = readFile(write(printableOf(readFile(file)), options))
    expect(new Set(again.changes.map(({ enteredBy }) => enteredBy))).toEqual(new Set(["Cy", ...names]))
  })
})
