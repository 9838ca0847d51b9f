import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { describe, expect, it } from "vitest"
import { cleanText } from "../../server/comparison/on-baseline.ts"
import type { FileDraft } from "../../server/files/file-draft.ts"
import { readFile } from "../../server/files/read-file.ts"
import { readWord } from "../../server/files/word/read.ts"
import { type WritePaperOptions, writePaper } from "../../server/papers/formats.ts"
import { type Printable, printableOf } from "../../server/papers/printable.ts"
import { workingTextOf } from "../../shared/changes/projections.ts"
import { textOf } from "../../shared/schema/block.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { clause, draftState, head } from "../build.ts"
import { Cohort } from "../cohort.ts"
import { paperOf } from "../paper-of.ts"
import { del, ins, moved, movedP, moveRange, p, wordFile, words } from "../word-file.ts"
import { isThere, judge, newFolder } from "./tools.ts"

const options: Omit<WritePaperOptions, "format"> = { view: "open", marks: "delegation", hasComments: true, template: null }
const seeds = ["early-warning", "night-sky", "water-arabic"]
const seed = (name: string): FileDraft => readFile(new Uint8Array(readFileSync(new URL(`../../seeds/${name}.json`, import.meta.url))))
const corpusFolder = new URL("../../../shared/docx/corpus/", import.meta.url)
const corpus = existsSync(corpusFolder) ? readdirSync(corpusFolder).filter((name) => name.endsWith(".docx")) : []
if (corpus.length === 0) console.log("skipped: the third-party Word files in ../shared/docx are not beside this clone")
const fileOf = (name: string): FileDraft => readWord(new Uint8Array(readFileSync(new URL(name, corpusFolder))), name)
const docx = (draft: FileDraft): Promise<Uint8Array> => written(printableOf(draft))
const written = (draft: Printable): Promise<Uint8Array> => writePaper(draft, { format: "docx", ...options })

/** Kind, author and all the text of each, as pandoc tells them of a file. */
function byPandoc(bytes: Uint8Array): Map<string, string> {
  const folder = newFolder()
  const path = join(folder, "x.docx")
  writeFileSync(path, bytes)
  const found = new Map<string, string>()
  const kinds: Readonly<Record<string, string>> = { insertion: "ins", deletion: "del", "comment-start": "comment" }
  const textIn = (node: unknown): string => {
    if (Array.isArray(node)) return node.map(textIn).join("")
    if (typeof node !== "object" || node === null) return ""
    const { t, c } = node as { t?: string; c?: unknown }
    if (t === "Str") return String(c)
    return t === undefined || t === "Note" ? "" : textIn(c)
  }
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk)
    if (typeof node !== "object" || node === null) return
    const { t, c } = node as { t?: string; c?: unknown }
    if (t === "Span") {
      const [[, classes, attrs], inner] = c as [[string, string[], [string, string][]], unknown]
      const kind = kinds[classes[0] ?? ""]
      if (kind) {
        const key = `${kind} ${new Map(attrs).get("author") ?? ""}`
        found.set(key, (found.get(key) ?? "") + textIn(inner).replace(/\s/g, ""))
      }
    }
    for (const part of Object.values(node)) walk(part)
  }
  walk(JSON.parse(judge("pandoc", ["--track-changes=all", "-f", "docx", "-t", "json", path])))
  return new Map([...found].filter(([, text]) => text !== ""))
}

/** Its paragraphs are numbered by hand, with tracked numbers and long blanks: they become structure, and are no text in ours. */
const typesNumbers = "poi__stress023.docx"

const lettersOf = (text: string): string =>
  text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}]/gu, "")

/** The letters of A that B has no longer, or not so often. */
function without(a: string, b: string): string {
  const counts = new Map<string, number>()
  for (const letter of b) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  let rest = ""
  for (const letter of a) {
    const left = counts.get(letter) ?? 0
    if (left > 0) counts.set(letter, left - 1)
    else rest += letter
  }
  return rest
}

/** Where pandoc shows more letters, why. */
const moreByPandoc: Readonly<Record<string, string>> = {
  "pt__HC031-Complicated-Document.docx": "formulas in the words of TeX",
  "tika__testWORD_2006ml.docx": "formulas in the words of TeX",
  "poi__stress023.docx": "tracked numbers as they were: here they are structure",
}

/** Where we show more, why: LibreOffice saves a formula in another way, which pandoc passes over. */
const moreByUs: Readonly<Record<string, string>> = { "pt__HC031-Complicated-Document.docx": "a formula" }

/** Of a file with all accepted, and with all rejected, we and pandoc read the same letters. */
function readsLikePandoc(name: string, path: string): void {
  const file = readWord(new Uint8Array(readFileSync(path)), name)
  for (const [how, view] of [
    ["accept", "proposed"],
    ["reject", "working"],
  ] as const) {
    const { cover, blocks, notes } = cleanText(file, view)
    const theirs = lettersOf(judge("pandoc", [`--track-changes=${how}`, "-f", "docx", "-t", "plain", "--wrap=none", path]))
    const words = lettersOf([...cover, ...blocks, ...notes].map(({ text }) => text).join(""))
    const labels = lettersOf(blocks.map(({ importedLabel }) => importedLabel ?? "").join(""))
    if (!(name in moreByPandoc)) expect(without(theirs, words + labels), `${how}: lost`).toBe("")
    else expect(without(theirs, words + labels).length, moreByPandoc[name]).toBeLessThan(60)
    if (!(name in moreByUs)) expect(without(words, theirs), `${how}: made up`).toBe("")
  }
}

describe.skipIf(!isThere("pandoc"))("we read a Word file as pandoc does", () => {
  for (const name of corpus)
    it(`[WORD17] ${name}: with all accepted, and all rejected, not a letter is lost or made up`, () =>
      readsLikePandoc(name, fileURLToPath(new URL(name, corpusFolder))))

  it.skipIf(!isThere("soffice") || corpus.length === 0)(
    "[WORD17] so it is of all of them once LibreOffice has saved them anew",
    () => {
      const folder = newFolder()
      const profile = `-env:UserInstallation=${pathToFileURL(join(folder, "profile")).href}`
      const paths = corpus.map((name) => fileURLToPath(new URL(name, corpusFolder)))
      judge("soffice", ["--headless", profile, "--convert-to", "docx", "--outdir", folder, ...paths])
      const saved = readdirSync(folder).filter((name) => name.endsWith(".docx"))
      expect(saved.length).toBeGreaterThan(60)
      for (const name of saved) readsLikePandoc(name, join(folder, name))
    },
    120_000,
  )
})

describe.skipIf(!isThere("pandoc"))("pandoc reads our Word files", () => {
  for (const name of seeds)
    it(`[WORD15] ${name}: all authors, kinds and texts`, async () => {
      const draft = seed(name)
      const told = byPandoc(await docx(draft))
      for (const change of draft.changes) {
        const come = change.kind === "replacement" ? change.replacedBy : change.kind === "insertion" ? change.text : undefined
        const gone = change.kind === "replacement" || change.kind === "deletion" ? change.text : undefined
        const plain = (text: string): string => text.replace(/\s/g, "").split("…")[0]!
        if (come) expect(told.get(`ins ${change.source}`), `${change.id} ${come}`).toContain(plain(come))
        if (gone) expect(told.get(`del ${change.source}`), `${change.id} ${gone}`).toContain(plain(gone))
      }
      for (const comment of draft.comments) expect([...told.keys()]).toContain(`comment ${comment.source ?? comment.by}`)
    })

  for (const name of corpus)
    it(`[WORD15] ${name}: what pandoc finds in the file it finds in ours`, async () => {
      const before = byPandoc(new Uint8Array(readFileSync(new URL(name, corpusFolder))))
      const after = byPandoc(await docx(fileOf(name)))
      for (const [key, text] of before) {
        const [kind] = key.split(" ")
        // Numbers that were typed and tracked are renumbering, not text; comments that another program anchors nowhere have words in ours.
        const ours = after.get(key) ?? ""
        if (kind === "comment") expect(ours.length, key).toBeGreaterThan(0)
        else {
          const missing = [...text].length - [...ours].length
          expect(missing, `${key}: ${missing} characters fewer than “${text.slice(0, 60)}”`).toBeLessThanOrEqual(
            Math.max(12, text.length * (name === typesNumbers ? 0.15 : 0.05)),
          )
        }
      }
    })
})

describe.skipIf(!isThere("pandoc"))("pandoc reads what others did to a clause that moves", () => {
  it("[WORD15] with all accepted and with all rejected it has every word", async () => {
    const line = (inner: string): string => moved("To", "Ann", inner)
    const read = readWord(
      wordFile({
        body:
          p(words("One.")) +
          moveRange(
            "To",
            "m",
            movedP(
              "To",
              "Ann",
              line(words("It shall ")) +
                line(del("Bob", "always ")) +
                line(words("report in ")) +
                line(del("Bob", "2027")) +
                ins("Bob", "2028") +
                line(words(".")),
            ),
          ) +
          p(words("Two.")) +
          moveRange("From", "m", movedP("From", "Ann", moved("From", "Ann", words("It shall always report in 2027.")))),
      }),
    )
    const path = join(newFolder(), "x.docx")
    writeFileSync(path, await docx(read))
    const lines = (how: string): string[] =>
      judge("pandoc", [`--track-changes=${how}`, "-f", "docx", "-t", "plain", "--wrap=none", path])
        .split("\n")
        .filter(Boolean)
    expect(lines("accept")).toEqual(["One.", "It shall report in 2028.", "Two."])
    expect(lines("reject")).toEqual(["One.", "Two.", "It shall always report in 2027."])
  })
})

describe.skipIf(!isThere("soffice"))("LibreOffice reads our Word files", () => {
  it("[WORD16] of all the seeds: as proposed, with all authors; saved again by it, its file gives our texts", async () => {
    const folder = newFolder()
    for (const name of seeds) writeFileSync(join(folder, `${name}.docx`), await docx(seed(name)))
    const profile = `-env:UserInstallation=file://${folder}/profile`
    const paths = seeds.map((name) => join(folder, `${name}.docx`))
    judge("soffice", ["--headless", profile, "--convert-to", "odt", "--outdir", folder, ...paths])
    judge("soffice", ["--headless", profile, "--convert-to", "docx:MS Word 2007 XML", "--outdir", join(folder, "again"), ...paths])
    for (const name of seeds) {
      const draft = seed(name)
      const again = readWord(new Uint8Array(readFileSync(join(folder, "again", `${name}.docx`))), name)
      const words = (view: "working" | "proposed", of: FileDraft): string =>
        cleanText(of, view)
          .blocks.map((block) => block.text)
          .join(" ")
          .replace(/\s+/g, "")
      for (const view of ["working", "proposed"] as const) expect(words(view, again), `${name}, ${view}`).toBe(words(view, draft))
      const authors = new Set(again.changes.map((change) => change.enteredBy))
      for (const { source } of draft.changes) expect(authors, name).toContain(source)
      const odt = judge("unzip", ["-p", join(folder, `${name}.odt`), "content.xml"])
      expect(odt).toContain("<text:tracked-changes")
      for (const { source } of draft.changes) expect(odt).toContain(`<dc:creator>${source}</dc:creator>`)
    }
  })
})

describe("what Word has no mark for", () => {
  async function paper(): Promise<{ cohort: Cohort; bytes: Uint8Array }> {
    const texts = ["to light 3 lamps;", "that ITU should count 1 200 lamps;", "to report in 2027;", "to close."]
    const cohort = new Cohort(draftState([head("resolves"), ...texts.map((text, i) => clause(text, `c${i}`))]))
    const members = ["J", "F", "B"].map((source) => cohort.member(source))
    await cohort.settle()
    for (const [i, come] of ["shall", "shall", "must"].entries()) members[i]!.replace(2, 9, 15, come)
    for (const member of members) member.session.restructuring.deleteClause(3)
    for (const member of members.slice(1)) void member.session.restructuring.join(2)
    for (const member of members.slice(0, 2)) void member.session.tracking.addClauseWith(5, "to dim them at dawn;")
    await cohort.settle()
    return { cohort, bytes: await written(paperOf(cohort.room.main)) }
  }

  it.skipIf(!isThere("pandoc"))(
    "[RIVAL6] pandoc reads our open paper with all accepted as proposed, with all rejected as agreed",
    async () => {
      const { cohort, bytes } = await paper()
      const path = join(newFolder(), "x.docx")
      writeFileSync(path, bytes)
      const read = (how: string): string[] =>
        judge("pandoc", [`--track-changes=${how}`, "-f", "docx", "-t", "plain", "--wrap=none", path])
          .split("\n")
          .filter(Boolean)
          .map((line) => line.replace(/^\d[ \t]+/, ""))
      const blocks = blocksOf(cohort.room.main)
      expect(read("reject")).toEqual(workingTextOf(blocks).map(textOf))
      // The join is not Word's to make: whose it is stands in a mark of ours.
      expect(read("accept").join(" ")).toContain("that ITU shall must count 1 200 lamps;")
      expect(read("accept").filter((line) => line === "to dim them at dawn;")).toHaveLength(1)
    },
  )

  it.skipIf(!isThere("soffice"))("[WORD25] comes back from our paper once LibreOffice has saved it anew", async () => {
    const { bytes } = await paper()
    const folder = newFolder()
    writeFileSync(join(folder, "x.docx"), bytes)
    const profile = `-env:UserInstallation=file://${folder}/profile`
    judge("soffice", [
      "--headless",
      profile,
      "--convert-to",
      "docx:MS Word 2007 XML",
      "--outdir",
      join(folder, "again"),
      join(folder, "x.docx"),
    ])
    const said = ({ changes, comments }: FileDraft): string[] => [
      ...changes.map(({ enteredBy, kind, text, replacedBy = "" }) => `${enteredBy} ${kind} ${text} ${replacedBy}`).sort(),
      ...comments.map(({ by, text }) => `${by}: ${text}`),
    ]
    expect(said(readWord(new Uint8Array(readFileSync(join(folder, "again", "x.docx")))))).toEqual(said(readWord(bytes)))
  })
})
