import { existsSync, readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readFile, readTexts } from "../server/files/read-file.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { write } from "../server/papers/formats.ts"
import { type PaperView, type Printable, printableOf } from "../server/papers/printable.ts"

const shared = new URL("../../shared/", import.meta.url)
const isThere = existsSync(shared)
if (!isThere) console.log("skipped: the real texts in ../shared are not beside this clone")

const folders = ["akn", "docx/corpus", "cases/word", "seeds", "seeds-lang"]
const files = isThere
  ? folders.flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, shared))
        .filter((name) => /\.(?:docx|txt|xml)$/.test(name) && !/^(?:xml\.xsd|min_amendment)/.test(name))
        .map((name) => `${folder}/${name}`),
    )
  : []

const clauses = (draft: FileDraft): FileDraft["blocks"] =>
  draft.blocks.filter(({ type, label, text }) => type === "clause" && (label || text.trim()))
const labelsOf = (draft: FileDraft): string[] =>
  clauses(draft).map(({ label, renumbered }) => `${renumbered ? `${renumbered.was}>` : ""}${label}`)
/** All of a text in order, its labels where they stand. */
const words = ({ cover, blocks }: FileDraft): string =>
  [...cover.map((line) => line.text), ...blocks.map(({ label = "", text }) => label + text)].join("").replace(/\s/g, "")

/** How many labels of a paper differ once a form of it is read again. A page is not read: the labels stand in it as they are. */
function changed(paper: Printable, view: PaperView): Record<string, number> {
  const want = fileDraftOf(paper, view)
  const told = labelsOf(want)
  const hasHeads = want.blocks.some(({ type }) => type === "head")
  const differ = (got: readonly string[]): number => Math.max(told.length, got.length) - told.filter((label, i) => got[i] === label).length
  const counts: Record<string, number> = {}
  const options = { view, marks: "delegation", hasComments: false, template: null } as const
  for (const format of ["json", "docx", "akn"] as const) counts[format] = differ(labelsOf(readFile(write(paper, { format, ...options }))))
  if (view === "proposed" || view === "working") {
    const text = readFile(write(paper, { format: "txt", ...options }))
    // Without heads a line of text does not say whether it is a clause; its label and words are there all the same, but for loose lines at the end.
    counts.txt = hasHeads
      ? differ(labelsOf(text))
      : words(want).startsWith(words(text)) && words(want).length - words(text).length < 200
        ? 0
        : 1
  }
  const page = new TextDecoder().decode(write(paper, { format: "html", ...options }))
  const shown = [...page.matchAll(/<p [^>]*class="block clause level-\d"[^>]*><span class="label">(.*?)<\/span>/g)].map(([, label = ""]) =>
    label
      .replace(/^<ins/, "><ins")
      .replace(/<del[^>]*>(.*?)<\/del> ?/, "$1>")
      .replace(/<[^>]*>/g, ""),
  )
  const labelled = told.filter(Boolean)
  counts.html = Math.max(labelled.length, shown.length) - labelled.filter((label, i) => shown[i] === label).length
  return counts
}

describe.runIf(isThere)("labels of real texts", () => {
  let known = 0
  for (const file of files)
    it(`[LABEL3] ${file}: no label changes from the file to any form and back`, () => {
      const texts = readTexts(new Uint8Array(readFileSync(new URL(file, shared))), file)
      for (const { draft, designation } of texts) {
        const paper = printableOf(draft)
        known += labelsOf(draft).filter(Boolean).length
        for (const view of ["open", "proposed", "working"] as const)
          if (clauses(fileDraftOf(paper, view)).length > 0)
            expect(
              Object.entries(changed(paper, view)).filter(([, count]) => count > 0),
              `${designation} ${view}`,
            ).toEqual([])
      }
    })
  it("[LABEL3] there are some thousand labels in them", () => expect(known).toBeGreaterThan(3_000))

  it("[LABEL3] the numbers of the 64 texts of PP-18 are those of the XML, in order", () => {
    const source = readFileSync(new URL("akn/akn4itu_pp18_final_acts_akn.xml", shared), "utf8")
    const numbers = [...source.matchAll(/<num[^>]*>(.*?)<\/num>/gs)].map(([, words = ""]) => words.replace(/<[^>]*>/g, "").trim())
    const labels = readTexts(new TextEncoder().encode(source)).flatMap(({ draft }) => labelsOf(draft))
    let at = 0
    for (const label of labels) if (label === numbers[at]) at++
    expect([at, numbers.length]).toEqual([2_198, 2_198])
  })
})
