import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { FileBlock, FileDraft } from "../../server/files/file-draft.ts"
import { readFile } from "../../server/files/read-file.ts"
import { writePaper } from "../../server/papers/formats.ts"
import { paperViews, printableOf } from "../../server/papers/printable.ts"
import { random } from "../build.ts"
import { isThere, judge, newFolder } from "./tools.ts"

const schema = new URL("../../../shared/akn/akomantoso30.xsd", import.meta.url)
const hasSchema = existsSync(schema)
if (!hasSchema) console.log("skipped: the Akoma Ntoso schema in ../shared/akn is not beside this clone")

const folderOf = (path: string): URL => new URL(path, import.meta.url)
const filesIn = (folder: URL, pattern: RegExp): URL[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => pattern.test(name))
        .map((name) => new URL(name, folder))
    : []
const files = [
  ...filesIn(folderOf("../../seeds/"), /(?<!script)\.json$/),
  ...filesIn(folderOf("../../../shared/seeds/"), /\.txt$/),
  ...filesIn(folderOf("../../../shared/docx/corpus/"), /\.docx$/),
]

/** Any list of blocks that a draft can be, in any order, with changes all over it. */
function anyDraft(seed: number): FileDraft {
  const r = random(seed)
  const types = ["designation", "title", "formula", "head", "clause", "clause", "clause", "paragraph", "quote", "heading", "table"] as const
  const blocks = Array.from({ length: 1 + r.below(14) }, (_, i): FileBlock => {
    const type = r.pick(types)
    const text = type === "table" ? "a\tb\nc\t" : r.pick(['that < & > " it is;', "", "أن يقدم تقريرا", "one\u2029two", "a  b "])
    return {
      id: `x${i}`,
      type,
      ...(type === "head" ? { part: r.pick(["preamble", "operative"] as const) } : {}),
      ...(type === "clause" ? { level: 1 + r.below(4) } : {}),
      text: type === "table" ? text : text.replace("\u2029", " "),
    }
  })
  const changes = blocks
    .filter((block) => block.text.length > 4 && block.type !== "table" && r.next() < 0.6)
    .map((block, i) => ({
      id: `c${i}`,
      kind: r.pick(["insertion", "deletion"] as const),
      source: r.pick(["S", "EUR", null]),
      enteredBy: "A & B",
      date: null,
      block: block.id,
      text: block.text.slice(1, 4),
      segments: [{ block: block.id, kind: r.pick(["insertion", "deletion"] as const), from: 1, to: 4 }],
    }))
  return { profile: "itu", cover: [{ field: null, text: "cover <1>" }], blocks, changes, comments: [], notes: [], debris: [], warnings: [] }
}

describe.skipIf(!hasSchema || !isThere("xmllint"))("xmllint judges our Akoma Ntoso", () => {
  it(`[AKN1] ${files.length} files and 120 drafts of every shape, in every view, are valid against the schema`, async () => {
    const folder = newFolder()
    const paths: string[] = []
    const put = async (draft: FileDraft, name: string, of: readonly (typeof paperViews)[number][]): Promise<void> => {
      for (const view of of) {
        const path = join(folder, `${name}.${view}.xml`)
        writeFileSync(
          path,
          await writePaper(printableOf(draft), { format: "akn", view, marks: "delegation", hasComments: true, template: null }),
        )
        paths.push(path)
      }
    }
    for (const [i, file] of files.entries()) await put(readFile(new Uint8Array(readFileSync(file))), `file${i}`, ["open", "proposed"])
    for (let seed = 1; seed <= 120; seed++) await put(anyDraft(seed), `draft${seed}`, seed % 6 === 0 ? paperViews : ["open"])
    expect(() => judge("xmllint", ["--noout", "--nonet", "--schema", schema.pathname, ...paths])).not.toThrow()
  })
})
