import { existsSync, readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { cleanText } from "../server/comparison/on-baseline.ts"
import { withoutNamesFound } from "../server/files/authors.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readFile } from "../server/files/read-file.ts"
import { readWord } from "../server/files/word/read.ts"
import { writePaper } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"

const folder = new URL("../../shared/docx/", import.meta.url)
const isThere = existsSync(folder)
if (!isThere) console.log("skipped: the third-party Word files in ../shared/docx are not beside this clone")

const corpus = isThere ? readdirSync(new URL("corpus/", folder)).filter((name) => name.endsWith(".docx")) : []
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`corpus/${name}`, folder)))
const known = new Map<string, FileDraft>()
function read(name: string): FileDraft {
  let draft = known.get(name)
  if (!draft) known.set(name, (draft = readWord(bytesOf(name), name)))
  return draft
}

/** A draft as our papers say it: comments by their place and time (ANCHOR4), numbers that Word counted as words. */
function asWritten<Read extends Pick<FileDraft, "blocks" | "comments">>({ blocks, comments, ...rest }: Read): object {
  const places = new Map(blocks.map(({ id }, i) => [id, i]))
  const placeOf = ({ block }: FileDraft["comments"][number]): number => places.get(block ?? "") ?? blocks.length
  const inOrder = comments.toSorted(
    (a, b) =>
      placeOf(a) - placeOf(b) ||
      (a.at?.from ?? 0) - (b.at?.from ?? 0) ||
      (a.date ?? "").localeCompare(b.date ?? "") ||
      (a.text < b.text ? -1 : 1),
  )
  return {
    ...rest,
    blocks: blocks.map(({ shownLabel: _, ...block }) => block),
    comments: inOrder.map(({ id: _, ...comment }) => comment),
  }
}

/** What pandoc lacks, by file. Everything else in these files is equal. Each was opened and looked at. */
const more: Readonly<Record<string, string>> = {
  "adeu__multi_author.docx": "a deletion inside an insertion",
  "docxrs__comment_in_delete_in_insert.docx": "a deletion inside an insertion, and the comment on it",
  "oxsdk__Comment020.docx": "deletions inside insertions, comments without a range, marks of empty paragraphs",
  "mammoth__comments.docx": "a comment that is referred to without a range",
  "poi__comment.docx": "a comment without a range",
  "superdoc__Google_Docs_Originated_comments_and_TCs.docx": "comments whose ranges hold no text",
  "superdoc__features-redlines-comments-annotations-and-more.docx": "comments without a range",
  "adeu__dirty_sample.docx": "the mark of an empty paragraph",
  "poi__58067.docx": "marks of empty paragraphs",
  "poi__delins.docx": "the mark of an empty paragraph",
  "poi__stress023.docx": "marks of empty paragraphs",
  "tika__testWORD_2006ml.docx": "the mark of an empty paragraph",
}

/** Files that say the true time too, which pandoc does not know: it has the local one. */
const withTrueTimes: ReadonlySet<string> = new Set([
  "adeu__dirty_sample.docx",
  "superdoc__basic-resolved-comment.docx",
  "superdoc__threaded-comment.docx",
])

type Row = readonly [kind: string, author: string | null, date: string | null, text: string]
const kindOf: Readonly<Record<string, string>> = {
  insertion: "ins",
  "move-to": "ins",
  deletion: "del",
  "move-from": "del",
  "paragraph-insertion": "pins",
  "paragraph-deletion": "pdel",
}

/** What we read, as pandoc reports it: kind, author, date, text. */
function rowsOf(draft: FileDraft): Row[] {
  // pandoc reads no headers and footers.
  const read = draft.revisions!.filter(({ story }) => story === undefined || story === "text box")
  const revisions = read.flatMap((revision): Row[] => {
    const kind = kindOf[revision.kind]
    return kind === undefined ? [] : [[kind, revision.enteredBy ?? "", revision.date ?? "", revision.text]]
  })
  const comments = draft.comments.flatMap((comment) =>
    [comment, ...comment.replies].map((remark): Row => ["comment", remark.by ?? "", remark.date ?? "", remark.text]),
  )
  return [...revisions, ...comments]
}

/** All the text of one kind, author and date, without blanks: how a revision is cut into pieces is each reader's own. Marks are counted. */
function together(rows: readonly Row[], name: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [kind, author, date, text] of rows) {
    const key = `${kind} ${author ?? ""} ${(withTrueTimes.has(name) ? null : date) ?? ""}`
    const own = kind === "pins" || kind === "pdel" ? "¶" : text.replace(/[\s¶]/g, "")
    if (own) found.set(key, (found.get(key) ?? "") + own)
  }
  return found
}

const sorted = (text: string): string => [...text].sort().join("")

describe.skipIf(!isThere)("Word files that others wrote", () => {
  for (const name of corpus)
    it(`[WORD10] ${name}: revisions and comments are those that pandoc reports${more[name] ? `, and ${more[name]}` : ""}`, () => {
      const ours = together(rowsOf(read(name)), name)
      const theirs = together(
        JSON.parse(readFileSync(new URL(`expected/${name.replace(/docx$/, "revisions.json")}`, folder), "utf8")) as Row[],
        name,
      )
      if (more[name] === undefined) expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs))
      for (const [key, text] of theirs) {
        const own = ours.get(key) ?? ""
        // Nothing that pandoc has is missing: what we have more is letters between or beside.
        let rest = sorted(own)
        for (const letter of sorted(text)) {
          const at = rest.indexOf(letter)
          expect(at, `${key}: “${letter}” of “${text.slice(0, 80)}”`).toBeGreaterThanOrEqual(0)
          rest = rest.slice(0, at) + rest.slice(at + 1)
        }
      }
    })

  it("[WORD10] every row of the list of differences is one: the list holds nothing that is equal", () => {
    for (const name of Object.keys(more)) {
      const theirs = together(
        JSON.parse(readFileSync(new URL(`expected/${name.replace(/docx$/, "revisions.json")}`, folder), "utf8")) as Row[],
        name,
      )
      expect(Object.fromEntries(together(rowsOf(read(name)), name)), name).not.toEqual(Object.fromEntries(theirs))
    }
  })

  const oracles = corpus.filter((name) => /^pt-oracle__.*-Accepted\.docx$/.test(name))
  for (const accepted of oracles)
    it(`[WORD10] ${accepted}: with all accepted, and all rejected, the text is that of the pair`, () => {
      const file = read(accepted.replace("pt-oracle__", "pt__").replace("-Accepted", ""))
      const lines = (draft: FileDraft): string[] =>
        [...draft.cover, ...draft.blocks].map((part) => part.text.replace(/\s+/g, " ").trim()).filter(Boolean)
      expect(lines(cleanText(file, "proposed"))).toEqual(lines(read(accepted)))
      expect(lines(cleanText(file, "working"))).toEqual(lines(read(accepted.replace("Accepted", "Rejected"))))
    })

  for (const name of corpus)
    it(`[WORD11] ${name}: what is written of it reads back the same`, async () => {
      const before = read(name)
      const options = { view: "open", marks: "delegation", hasComments: true, template: null } as const
      const written = await writePaper(printableOf(before), { format: "docx", ...options })
      const { revisions: _, warnings: __, debris: ___, ...after } = readWord(written, "ours")
      const { revisions: ____, warnings: _____, debris: ______, ...original } = before
      expect(asWritten(after)).toEqual(asWritten(original))
    })

  for (const name of corpus)
    it(`[AKN2] ${name}: as Akoma Ntoso it comes back the same`, async () => {
      const draft = printableOf(read(name))
      const options = { view: "open", marks: "delegation", hasComments: true, template: null } as const
      const json = JSON.parse(new TextDecoder().decode(await writePaper(draft, { format: "json", ...options }))) as FileDraft
      // That names are missing is said of a file each time that it is read.
      expect(readFile(await writePaper(draft, { format: "akn", ...options }))).toEqual(withoutNamesFound(json))
    })
})
