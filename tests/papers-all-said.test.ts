import { strFromU8, unzipSync } from "fflate"
import { describe, expect, it } from "vitest"
import { type PublishOptions, publish } from "../server/exchange/formats.ts"
import { readFile } from "../server/exchange/read-file.ts"
import { anchorCharacter } from "../shared/schema/block.ts"
import { clause, draftState, head, note } from "./build.ts"
import { Cohort } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

const options: Omit<PublishOptions, "format" | "view"> = { marks: "delegation", hasComments: true, template: null }
const decoded = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe("papers say all", () => {
  it("[WORD12] rolling text calls its footnotes in every form", async () => {
    const call = anchorCharacter
    const cohort = new Cohort(
      draftState([
        head("resolves"),
        { ...clause(`to light 12 lamps${call};`, "a"), calls: ["n1"] },
        { ...clause(`to count 7${call} of them`, "b"), calls: ["n2"] },
        note("See Decision 612.", "n1"),
        note("Each year.", "n2"),
      ]),
    )
    const s = cohort.member("S")
    await cohort.settle()
    s.type(1, 3, "always ")
    await cohort.settle()
    const draft = paperOf(cohort.room.main)
    const paper = (format: PublishOptions["format"]): Promise<Uint8Array> => publish(draft, { format, ...options, view: "rolling" })
    const notes = ["See Decision 612.", "Each year."]
    for (const format of ["docx", "akn"] as const) {
      const bytes = await paper(format)
      const read = readFile(bytes, `ours.${format}`)
      expect(
        read.notes.map(({ text }) => text),
        format,
      ).toEqual(notes)
      expect(read.blocks.map(({ text }) => text)).toEqual(["resolves", `to [S: always ]light 12 lamps${call};`, `to count 7${call} of them`])
    }
    expect(strFromU8(unzipSync(await paper("docx"))["word/document.xml"]!)).not.toContain(call)
    const html = decoded(await paper("html"))
    expect(html).not.toContain(call)
    expect([...html.matchAll(/<li id="note-(\d)"[^>]*>([^<]*)</g)].map(([, n, text]) => `${n} ${text!.trim()}`)).toEqual(["1 See Decision 612.", "2 Each year."])
    expect(html).toMatch(/lamps<a [^>]*>1<\/a>;/)
  })
})
