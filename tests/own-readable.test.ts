import { strFromU8, strToU8, unzipSync, zipSync } from "fflate"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readFile } from "../server/files/read-file.ts"
import { write } from "../server/papers/formats.ts"
import { paperViews, printableOf } from "../server/papers/printable.ts"
import { marksOfPaper } from "../server/papers/sheet.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { random } from "./build.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { RandomFile } from "./random-file.ts"

/** A Word file whose revisions and comments lack authors and dates here and there. */
function anonymous(seed: number): Uint8Array {
  const { below } = random(seed)
  const parts = unzipSync(new RandomFile(seed).bytes)
  for (const [name, bytes] of Object.entries(parts)) {
    if (!name.startsWith("word/")) continue
    const xml = strFromU8(bytes)
      .replace(/ w:date="[^"]*"/g, (date) => (below(2) === 0 ? date : ""))
      .replace(/ w:author="[^"]*"/g, (author) => [author, "", ' w:author=""'][below(3)]!)
    parts[name] = strToU8(xml)
  }
  return zipSync(parts)
}

describe("our own files", () => {
  let meeting: Meeting
  let secretary: Guest
  beforeAll(async () => {
    meeting = await Meeting.open()
    secretary = await meeting.guest("secretary")
  })
  afterAll(() => meeting.stop())

  const exported = async (draft: string, query: Record<string, string>): Promise<Uint8Array> => {
    const url = `${meeting.url}${apiRoot}/drafts/${draft}/export?${new URLSearchParams({ comments: "true", ...query })}`
    const answer = await fetch(url, { headers: { Cookie: secretary.cookie } })
    expect(answer.status, JSON.stringify(query)).toBe(200)
    return new Uint8Array(await answer.arrayBuffer())
  }

  /** Who entered what, and when, as a draft says it. */
  const said = ({ changes, comments, blocks }: FileDraft) => ({
    changes: changes.map(({ enteredBy, date }) => [enteredBy, date]),
    remarks: comments.flatMap((comment) => [comment, ...comment.replies]).map(({ by, date }) => [by, date]),
    numbers: blocks.flatMap(({ renumbered }) => (renumbered ? [[renumbered.enteredBy, renumbered.date]] : [])),
  })

  async function demandReadable(draft: string, about: string): Promise<void> {
    for (const format of ["json", "akn"])
      for (const view of paperViews)
        for (const marks of marksOfPaper) {
          const bytes = await exported(draft, { format, view, marks })
          const read = readFile(bytes, `${about}: ${format} ${view} ${marks}`)
          if (format === "json") expect(said(read)).toEqual(said(JSON.parse(strFromU8(bytes)) as FileDraft))
        }
  }

  const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
  it.each(seeds)("[AKN2 IMP13] are read by us, whoever a file does not name and whenever it does not say (seed %i)", async (seed) => {
    const raw = anonymous(seed) as Uint8Array<ArrayBuffer>
    const { status, body } = await secretary.request("POST", `${apiRoot}/drafts`, { raw })
    expect(status, JSON.stringify(body).slice(0, 300)).toBe(201)
    const { id } = body as { id: string }
    await demandReadable(id, "a draft that began with it")
    // The same words without the changes, onto which the file is brought.
    const clean = await exported(id, { format: "json", view: "force" })
    const onto = await secretary.request("POST", `${apiRoot}/drafts`, { raw: clean as Uint8Array<ArrayBuffer> })
    const draft = (onto.body as { id: string }).id
    const put = await secretary.request("POST", `${apiRoot}/drafts/${draft}/import`, { raw })
    expect(put.status, JSON.stringify(put.body).slice(0, 300)).toBeLessThan(500)
    await demandReadable(draft, "a draft that it was brought onto")
  })

  it('[AKN2 IMP13] say null of what nobody has said; "" in those of earlier versions is read so', async () => {
    const of = (enteredBy: string | null, date: string | null): string =>
      JSON.stringify({
        blocks: [{ id: "b", type: "clause", text: "to rest now;" }],
        changes: [
          {
            ...{ id: "c", kind: "insertion", source: null, enteredBy, date, block: "b", text: " now" },
            segments: [{ block: "b", kind: "insertion", from: 7, to: 11 }],
          },
        ],
        comments: [{ id: "k", by: enteredBy, date, block: "b", text: "why?", replies: [{ by: enteredBy, date, text: "so" }] }],
      })
    const nothing = said(readFile(strToU8(of(null, null))))
    expect(() => readFile(strToU8(of("", " ")))).toThrow(/no date/)
    const options = { format: "json", view: "open", marks: "delegation", hasComments: true, template: null } as const
    for (const raw of [of(null, null), of("", "")]) {
      const { body } = await secretary.request("POST", `${apiRoot}/drafts`, { raw })
      const ofDraft = await exported((body as { id: string }).id, { format: "json", view: "open" })
      for (const bytes of [ofDraft, write(printableOf(readFile(strToU8(raw))), options)])
        expect(said(JSON.parse(strFromU8(bytes)) as FileDraft)).toEqual(nothing)
    }
  })
})
