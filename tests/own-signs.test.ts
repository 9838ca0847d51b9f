import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FileChange, FileDraft } from "../server/files/file-draft.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { write } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"
import { type Answer, apiRoot } from "../shared/api/contract.ts"
import { splitCharacter } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { ins, p, wordFile, words } from "./word-file.ts"

/** Signs of ours in files: those of a table in a table alone, that of a split under a mark of its own; whatever form the file has. */
const clean = readText("RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto report.\n")
const keep = clean.blocks.find(({ text }) => text.startsWith("to keep"))!.id
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const asJson = (draft: unknown): Uint8Array => bytesOf(JSON.stringify(draft))

/** S's words behind "to keep", as our own file tells of them. */
function inserting(coming: string, type: "clause" | "table" = "clause"): FileDraft {
  const segments = [{ block: keep, kind: "insertion" as const, from: 7, to: 7 + coming.length }]
  const change: FileChange = {
    ...{ id: "c1", kind: "insertion", source: "S", enteredBy: "Elin", date: "2026-01-01T00:00:00Z", block: keep, text: coming },
    segments,
  }
  const blocks = clean.blocks.map((block) =>
    block.id === keep ? { ...block, type, text: `${block.text.slice(0, 7)}${coming}${block.text.slice(7)}` } : block,
  )
  return { ...clean, blocks, changes: [change] }
}
const asAkn = (draft: FileDraft): Uint8Array =>
  write(printableOf(draft), { format: "akn", view: "open", marks: "delegation", hasComments: true, template: null })

const files: readonly [form: string, bytes: () => Uint8Array][] = [
  ["our own JSON", () => asJson(inserting(" H\tH\nH"))],
  ["Akoma Ntoso", () => bytesOf(new TextDecoder().decode(asAkn(inserting(" H+H=H"))).replaceAll("H+H=H", "H&#9;H&#10;H"))],
  [
    "Word",
    () =>
      wordFile({
        body: p(words("resolves")) + p(words("to keep") + ins("Ann", " H</w:t><w:tab/><w:t>H</w:t><w:br/><w:t>H") + words(" a lamp;")),
      }),
  ],
  ["plain text", () => bytesOf("resolves\n1\tto keep H\tH H a lamp;\n2\tto report.\n")],
]

describe("signs of ours in files", () => {
  let meeting: Meeting
  let chair: Guest
  let secretary: Guest
  beforeAll(async () => {
    meeting = await Meeting.open()
    chair = await meeting.guest("chair")
    secretary = await meeting.guest("secretary")
  })
  afterAll(() => meeting.stop())

  it.each(files)("[GATE1 IMP15] the signs of a table are spaces in the clauses of a file in %s", (_, bytes) => {
    const draft = readFile(bytes())
    const [clause] = draft.blocks.filter(({ text }) => text.includes("to keep H"))
    expect(clause?.text).toContain("H H H")
    for (const { text } of [...draft.blocks.filter(({ type }) => type !== "table"), ...draft.notes]) expect(text).not.toMatch(/[\t\n]/)
  })

  it("[GATE1 IMP15] that is said, at the clause, in the text in force too; a table keeps them", () => {
    const table = { id: "t1", type: "table", text: "a\tb\nc\td" }
    const { blocks } = inserting(" H\tH")
    const note = { id: "n1", label: "1", text: "see\tthere", block: null, at: null }
    const draft = readFile(
      asJson({ ...clean, blocks: [...blocks, table], notes: [note], inForce: { blocks: [...blocks, table], notes: [note] } }),
    )
    expect(draft.warnings.filter(({ code }) => code === "SIGNS")).toMatchObject([
      { block: keep, message: expect.stringContaining("only a table takes") },
      { block: "n1" },
    ])
    expect(draft.blocks.at(-1)!.text).toBe(table.text)
    expect(draft.notes[0]!.text).toBe("see there")
    expect(draft.inForce!.blocks.find(({ id }) => id === keep)!.text).toBe("to keep H H a lamp at every mole;")
    expect(draft.inForce!.blocks.at(-1)!.text).toBe(table.text)
  })

  it.each(["clause", "table"] as const)(
    "[GATE1 IMP15] accepted, none is in the clause of the draft that the file calls a %s",
    async (type) => {
      const draft = await meeting.draft(clean)
      const { room } = await meeting.server.drafts.open(draft)
      const path = `${apiRoot}/drafts/${draft}/import`
      const { status } = await secretary.request("POST", path, { raw: asJson(inserting(" H\tH\nH", type)) as Uint8Array<ArrayBuffer> })
      expect(status).toBeLessThan(300)
      const changes = (await chair.call("changes", { draft })) as Answer<"changes">
      if (changes.length > 0)
        await chair.call("decide", { draft }, { verdict: "accept", changes: changes.map(({ id, hash }) => ({ id, hash })) })
      for (const block of blocksOf(room.main))
        if (block.type !== "table") for (const run of block.runs) expect(run.text).not.toMatch(/[\t\n]/)
    },
  )

  it.each(["onto a draft", "as a draft of its own"])(
    "[GATE1 IMP15] a split among words stands alone under a mark of its own: %s",
    async (way) => {
      const file = inserting(` G${splitCharacter}G`)
      const draft = await meeting.draft(way === "onto a draft" ? clean : readFile(asJson(file)))
      const { room } = await meeting.server.drafts.open(draft)
      if (way === "onto a draft") {
        const path = `${apiRoot}/drafts/${draft}/import`
        const { status } = await secretary.request("POST", path, { raw: asJson(file) as Uint8Array<ArrayBuffer> })
        expect(status).toBeLessThan(300)
      }
      const runs = blocksOf(room.main).flatMap((block) => block.runs.filter((run) => run.marks.some(({ name }) => name === "insertion")))
      expect(runs.map(({ text }) => text)).toEqual([" G", splitCharacter, "G"])
      expect(new Set(runs.map((run) => run.marks[0]!.id)).size).toBe(3)
      expect(new Set(runs.map((run) => run.marks[0]!.changeId)).size, "one change").toBe(1)
    },
  )

  it("[GATE1 IMP15] the sign of a split that nobody proposes, or in a clause that is added, is a space", () => {
    const text = `to count${splitCharacter}lamps;`
    const added = { ...clean.blocks.find(({ id }) => id === keep)!, id: "new", text }
    const agreed = { ...added, id: "old" }
    const change = {
      ...{ id: "c1", kind: "insertion", source: "S", block: "new", text, newBlocks: ["new"] },
      segments: [{ block: "new", kind: "insertion", from: 0, to: text.length }],
    }
    const draft = readFile(asJson({ ...clean, blocks: [...clean.blocks, agreed, added], changes: [change] }))
    expect(draft.blocks.slice(-2).map((block) => block.text)).toEqual(["to count lamps;", "to count lamps;"])
    expect(draft.warnings.map(({ block }) => block)).toEqual(["old", "new"])
  })

  /** S divides a block of the draft, which the file calls this. */
  const dividing = (block: string, type: string): FileDraft => {
    const segments = [{ block, kind: "insertion", from: 3, to: 4 }]
    const change = { ...{ id: "c1", kind: "structure", source: "S", block, text: splitCharacter }, segments }
    const cut = ({ text }: { readonly text: string }): string => `${text.slice(0, 3)}${splitCharacter}${text.slice(3)}`
    const blocks = clean.blocks.map((other) => (other.id === block ? { ...other, type, text: cut(other) } : other))
    return { ...clean, blocks, changes: [change] } as unknown as FileDraft
  }
  const blockOf = (type: string): string => clean.blocks.find((block) => block.type === type)!.id

  it.each(["designation", "title", "formula", "head"])(
    "[GATE1 IMP15] a %s is divided by no file, as by no update: the sign is a space, and that is said",
    async (type) => {
      const file = dividing(blockOf(type), type)
      const read = readFile(asJson(file))
      expect(read.warnings).toMatchObject([
        { code: "SIGNS", message: expect.stringContaining("only a clause, a paragraph or a quotation takes") },
      ])
      expect(read.changes).toMatchObject([{ kind: "insertion", text: " " }])
      for (const draft of [await meeting.draft(clean), await meeting.draft(read)]) {
        const { room } = await meeting.server.drafts.open(draft)
        await secretary.request("POST", `${apiRoot}/drafts/${draft}/import`, { raw: asJson(file) as Uint8Array<ArrayBuffer> })
        const found = blocksOf(room.main).filter((block) => block.type === type)
        expect(found.map(({ runs }) => runs.map(({ text }) => text).join("")).join("")).not.toContain(splitCharacter)
        expect(((await chair.call("changes", { draft })) as Answer<"changes">).map(({ kind }) => kind)).not.toContain("split")
      }
    },
  )

  it("[GATE1 IMP15] a clause is divided by a file", async () => {
    const draft = await meeting.draft(clean)
    const raw = asJson(dividing(keep, "clause")) as Uint8Array<ArrayBuffer>
    await secretary.request("POST", `${apiRoot}/drafts/${draft}/import`, { raw })
    expect(((await chair.call("changes", { draft })) as Answer<"changes">).map(({ kind }) => kind)).toEqual(["split"])
  })

  it("[GATE4 IMP11] a file puts nothing but clauses at another level: another is refused, and which it is", () => {
    const titled = blockOf("title")
    const change = {
      id: "c1",
      kind: "structure",
      source: "S",
      block: titled,
      text: "On harbours",
      structure: [{ kind: "level", block: titled, level: 2 }],
    }
    expect(() => readFile(asJson({ ...clean, changes: [change] }), "level.json")).toThrow(
      `level.json does not fit together: change “c1” would put “${titled}” at another level, and only a clause has one.`,
    )
  })
})
