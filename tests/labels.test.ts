import { describe, expect, it } from "vitest"
import { laidBeside } from "../server/comparison/beside.ts"
import { compareDrafts } from "../server/comparison/compare-drafts.ts"
import { cleanText } from "../server/comparison/on-baseline.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { readWord } from "../server/files/word/read.ts"
import { type Format, write } from "../server/papers/formats.ts"
import { type PaperView, paperViews, printableOf } from "../server/papers/printable.ts"
import { labelIn } from "../shared/clauses/label-forms.ts"
import { labelsOf } from "../shared/clauses/labels.ts"
import { blocksOfDoc } from "../shared/schema/schema.ts"
import { metaOfDoc } from "../shared/sync/roots.ts"
import { Cohort } from "./cohort.ts"
import { by, del, ins, markIns, p, wordFile, words } from "./word-file.ts"

/** The labels of a draft's clauses in order; "4>6": a 4 that a tracked change makes a 6. */
const labels = (draft: FileDraft): string[] =>
  draft.blocks.flatMap(({ type, label = "", renumbered }) => (type === "clause" ? [(renumbered ? `${renumbered.was}>` : "") + label] : []))

const formats = ["json", "docx", "akn", "txt", "html"] as const satisfies readonly Format[]

/** Plain text with its marks carried out: what goes has gone, what comes is there. Such a text is not read again itself. */
const unmarked = (text: string): string =>
  text
    .replace(/^Changes are marked in this text: .*\n+/, "")
    .replace(/\{-[^{}]*-\}/g, "")
    .replace(/\{\+(?:[^{}:]*: )?([^{}]*)\+\}/g, "$1")
    .replace(/ \{[^{}]*\}/g, "")

/** What a file of ours says the labels are: read again or, of a page, taken from where they stand. */
function labelsIn(format: (typeof formats)[number], bytes: Uint8Array): string[] {
  if (format === "txt") return labels(readFile(new TextEncoder().encode(unmarked(new TextDecoder().decode(bytes)))))
  if (format !== "html") return labels(readFile(bytes))
  return [...new TextDecoder().decode(bytes).matchAll(/<p [^>]*class="block clause[^>]*>(?:<span class="label">(.*?)<\/span>)?/g)].map(
    ([, label = ""]) =>
      label
        .replace(/^<ins/, "><ins")
        .replace(/<del[^>]*>(.*?)<\/del> ?/, "$1>")
        .replace(/<[^>]*>/g, ""),
  )
}

/** In every form and view a draft has these labels; without marks those that are proposed, or those in force. */
function everywhere(draft: FileDraft, open: readonly string[], inForce: readonly string[] = open): void {
  const proposed = open.map((label) => label.replace(/^.*>/, ""))
  const expected = (view: PaperView, format: Format): readonly string[] =>
    view === "force" || view === "working" ? inForce : view === "proposed" || view === "rolling" || format === "txt" ? proposed : open
  const paper = printableOf(draft)
  for (const view of paperViews)
    for (const format of formats) {
      const bytes = write(paper, { format, view, marks: "delegation", hasComments: true, template: null })
      expect(labelsIn(format, bytes), `${view}, ${format}`).toEqual(expected(view, format))
    }
}

const opening =
  "RESOLUTION 1 (Rev. Hammamet, 2016)\nRules of procedure\nThe World Telecommunication Standardization Assembly (Hammamet, 2016),\n"
const typed = (list: readonly string[], head = "resolves"): string =>
  `${opening}${head}\n${list.map((label, i) => `${label}\tthat lamp ${i} burns;`).join("\n")}\n`
const paragraphs = (text: string): string =>
  text
    .trim()
    .split("\n")
    .map((line) => p(words(line).replaceAll("\t", '</w:t><w:tab/><w:t xml:space="preserve">')))
    .join("")
const inWord = (list: readonly string[], head?: string): FileDraft => readWord(wordFile({ body: paragraphs(typed(list, head)) }))

describe("labels of a text in force", () => {
  const lists: readonly (readonly [what: string, labels: readonly string[], head?: string])[] = [
    ["an addition behind the sign", ["a)", "b)", "b)bis", "c)", "d)"], "considering"],
    ["additions of every spelling", ["1", "1bis", "2", "2.1", "2.1bis", "2 ter", "3", "3bis.1", "191ter"]],
    ["additions within the sign", ["a)", "abis)", "b)", "b ter)", "(c)", "(c bis)"], "considering"],
    ["a lone letter", ["a)"], "considering"],
    ["a lone number", ["1"]],
    ["numbers of sections", ["1.1", "1.2", "a)", "b)", "1.3", "1.4"]],
    ["letters that skip", ["a)", "b)", "d)", "e)", "g)"], "noting"],
    ["letters in both signs", ["(a)", "(b)", "(i)", "(ii)", "(c)"], "noting"],
    ["a number behind letters", ["1.3", "a)", "b)", "1.4"]],
    ["numbers that begin late", ["4", "5", "7"]],
    ["the same twice", ["1", "2", "2", "3"]],
    ["full stops", ["1.", "(a)", "(b)", "2.", "(i)"]],
    ["Roman numerals", ["I.", "II.", "IV.", "i)", "ii)"]],
    ["Cyrillic", ["а)", "б)", "в)", "1)", "2)"], "considering"],
    ["Latin and Cyrillic that look alike", ["a)", "b)", "с)", "d)"], "considering"],
    ["Chinese signs", ["一、", "二、", "㈠", "㈡", "(一)", "（二）", "①"]],
    ["Arabic letters with a blank", ["أ )", "ب)", "ج)", "د)"], "إذ يذكّر"],
    ["Arabic numbers of parts, typed in reverse", ["1", "1.1", "2.1", "3.1", "2", "1.2", "2.2"], "يقرر"],
    ["a sign typed before its number", ["(1", "(2", "(3"], "يقرر"],
    ["Arabic digits and a hyphen", ["١ -", "٢ -", "٣ -"], "يقرر"],
    ["an Arabic addition", ["1", "2", "2 مكرراً", "3"], "يقرر"],
    ["a Chinese addition", ["1", "2", "2之二", "3"]],
    ["more than four additions", ["2", "2 bis", "2 ter", "2 quater", "2 quinquies", "2 sexies", "2 octodecies", "2 tervicies"]],
    ["dashes and bullets", ["1", "–", "–", "2", "•", "•"]],
    ["labels of two parts", ["1(a)", "1(b)", "2 a)", "c)1)", "A.1", "2A"]],
    ["named numbers", ["Article 5", "Article 6", "§ 3"]],
    ["letters of other alphabets", ["α)", "β)", "א)", "가)"], "considering"],
    ["additions with a hyphen or in capitals", ["1", "1-bis", "2", "2 TER"]],
    ["marks of direction", ["\u200f1", "\u200f1.2\u200f", "\u200fأ)"], "يقرر"],
    ["a number with a letter in a sign", ["1a)", "1b)", "(2a)"]],
    ["an empty one", ["a)", ")", "c)"], "noting"],
  ]
  for (const [what, list, head] of lists)
    it(`[LABEL1] ${what}: as typed, in Word and in text, in every form and view, and read again`, () => {
      for (const draft of [inWord(list, head), readText(typed(list, head))]) {
        expect(labels(draft)).toEqual(list)
        everywhere(draft, list)
      }
    })
  it("[LABEL1] nothing but what sets a label off makes one", () => {
    for (const line of ["e.g.\tlamps", "To\tAnn", "Re:\tlamps", "2014 was dark", "co-op\tlamps", "b iscuits", "U.S.\tlamps", "bis\tlamps"])
      expect(labelIn(line), line).toBeNull()
    expect(labelIn("b) biscuits are eaten")).toMatchObject({ literal: "b)", rest: "biscuits are eaten" })
  })
  it("[LABEL1] clauses without a label have none, and keep none", () => {
    const draft = readText(`${opening}resolves\nto light;\nto burn;\nto count,\n`)
    expect(labels(draft)).toEqual(["", "", ""])
    const { profile, labels: frozen, blocks } = printableOf(draft)
    expect([...labelsOf(blocks, profile, frozen).values()]).toEqual(["", "", ""])
  })
  it("[LABEL1] an excerpt without heads keeps its numbers", () => {
    const draft = readWord(wordFile({ body: paragraphs("6\tto cooperate;\n6bis\tto meet;\n9\tto report,") }))
    everywhere(draft, ["6", "6bis", "9"])
  })
  it("[LABEL1] a draft of ours that labels nothing is counted", () => {
    const blocks = [
      { id: "h", type: "head", part: "operative", text: "resolves" },
      { id: "a", type: "clause", text: "to light;" },
      { id: "b", type: "clause", text: "to burn," },
    ]
    everywhere(readFile(new TextEncoder().encode(JSON.stringify({ blocks }))), ["1", "2"])
  })
})

describe("levels that no label tells", () => {
  it("[LABEL1] a clause whose level or label its words do not tell has a style of ours in Word, and reads back the same", () => {
    const rows = [
      ["clause", 1, "a)"],
      ["clause", 1, "i)"],
      ["clause", 3, "1"],
      ["clause", 2, "Section A"],
      ["clause", 1, ""],
      ["clause", 1, ""],
    ] as const
    const blocks = [
      { id: "h", type: "head", part: "preamble", text: "considering" },
      ...rows.map(([type, level, label], i) => ({ id: `c${i}`, type, level, label, text: `lamp ${i} burns;` })),
    ]
    const draft = readFile(new TextEncoder().encode(JSON.stringify({ blocks })))
    const again = readWord(
      write(printableOf(draft), { format: "docx", view: "open", marks: "delegation", hasComments: true, template: null }),
    )
    expect(again.blocks.slice(1).map(({ type, level, label }) => [type, level, label])).toEqual(rows)
  })
})

describe("numbers that Word counts", () => {
  const level = (n: number, format: string, text: string, more = ""): string =>
    `<w:lvl w:ilvl="${n}"><w:start w:val="1"/><w:numFmt w:val="${format}"/>${more}<w:lvlText w:val="${text}"/></w:lvl>`
  const list = (levels: string): string =>
    `<w:abstractNum w:abstractNumId="0">${levels}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>`
  const item = (content: string, ilvl = 0, mark = ""): string =>
    p(content, { mark, pPr: `<w:numPr><w:ilvl w:val="${ilvl}"/><w:numId w:val="1"/></w:numPr>` })
  const resolves = p(words("resolves"))

  it("[LABEL1] are frozen as they stand in force: what is inserted or deleted moves none, and is labelled behind what stands before it", () => {
    const draft = readWord(
      wordFile({
        numbering: list(level(0, "decimal", "%1.")),
        body:
          resolves +
          item(words("one;")) +
          item(ins("Ann", "new;"), 0, markIns("Ann")) +
          item(del("Ann", "two;")) +
          item(words("three;")) +
          item(words("four,")),
      }),
    )
    expect(labels(cleanText(draft, "working"))).toEqual(["1.", "2.", "3.", "4."])
    expect(labels(draft)).toEqual(["1.", "1 bis.", "2.", "3.", "4."])
  })
  it("[LABEL1] a list of which all is inserted has the numbers that it shows", () => {
    const draft = readWord(
      wordFile({
        numbering: list(level(0, "lowerLetter", "(%1)")),
        body: p(words("The lamps:")) + item(ins("Ann", "one;"), 0, markIns("Ann")) + item(ins("Ann", "two;"), 0, markIns("Ann")),
      }),
    )
    expect(labels(draft)).toEqual(["(a)", "(b)"])
  })
  it.each([
    ["chineseCounting", "（%1）", ["（一）", "（二）"]],
    ["russianLower", "%1)", ["а)", "б)"]],
    ["arabicAbjad", "%1)", ["أ)", "ب)"]],
    ["arabicAlpha", "%1)", ["أ)", "ب)"]],
    ["decimalEnclosedCircle", "%1", ["①", "②"]],
    ["ordinal", "%1", ["1st", "2nd"]],
    ["upperRoman", "Article %1 –", ["Article I –", "Article II –"]],
    ["bullet", "\uf0b7", ["•", "•"]],
    ["bullet", "–", ["–", "–"]],
  ] as const)("[LABEL1] %s “%s”: in every form, and read again", (format, text, expected) => {
    const draft = readWord(
      wordFile({ numbering: list(level(0, format, text)), body: resolves + item(words("one;")) + item(words("two,")) }),
    )
    expect(labels(draft)).toEqual(expected)
    everywhere(draft, expected)
  })
  it("[LABEL1] legal numbers, levels that do not begin anew, lists that a style links", () => {
    const numbering = `<w:abstractNum w:abstractNumId="0"><w:styleLink w:val="Clauses"/>${level(0, "upperRoman", "%1.")}${level(1, "decimal", "%1.%2", '<w:isLgl/><w:lvlRestart w:val="0"/>')}</w:abstractNum><w:abstractNum w:abstractNumId="5"><w:numStyleLink w:val="Clauses"/></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>`
    const body = resolves + [0, 1, 1, 0, 1].map((ilvl) => item(words("to light;"), ilvl)).join("")
    expect(labels(readWord(wordFile({ numbering, body })))).toEqual(["I.", "1.1", "1.2", "II.", "2.3"])
  })
  it("[LABEL1] a bullet before a typed label is none", () => {
    const draft = readWord(
      wordFile({ numbering: list(level(0, "bullet", "•")), body: resolves + item(words("1\tto light;")) + item(words("2\tto burn,")) }),
    )
    expect(labels(draft)).toEqual(["1", "2"])
  })
})

describe("a tracked renumbering", () => {
  const tab = "<w:r><w:tab/></w:r>"
  const cases: readonly (readonly [what: string, label: string, open: string, inForce: string])[] = [
    ["struck and put before the tab", del("Ann", "4") + ins("Ann", "6") + tab, "4>6", "4"],
    ["put and struck", `${ins("Ann", "6\t")}${del("Ann", "4\t")}`, "4>6", "4"],
    ["with its tab", `${del("Ann", "4\t")}${ins("Ann", "6\t")}`, "4>6", "4"],
    ["of a part", words("1.") + del("Ann", "2") + ins("Ann", "3") + tab, "1.2>1.3", "1.2"],
    ["by an addition", words("4") + ins("Ann", "bis") + tab, "4>4bis", "4"],
    ["put where none was", `${ins("Ann", "4\t")}`, ">4", ""],
    ["struck", `${del("Ann", "4\t")}`, "4>", "4"],
  ]
  it.each(cases)("[LABEL2] %s: stays tracked, its author's, in every form", (_, label, open, inForce) => {
    const body = p(words("resolves")) + p(label + words("to cooperate;")) + p(words(`7\tto report,`))
    const draft = readWord(wordFile({ body }))
    expect(draft.blocks[1]).toMatchObject({ text: "to cooperate;", renumbered: { was: inForce, enteredBy: "Ann" } })
    expect(draft.changes).toEqual([])
    everywhere(draft, [open, "7"], [inForce, "7"])
    for (const format of ["json", "docx", "akn"] as const) {
      const again = readFile(write(printableOf(draft), { format, view: "open", marks: "delegation", hasComments: true, template: null }))
      expect(again.blocks[1]!.renumbered, format).toMatchObject({ was: inForce, enteredBy: "Ann", date: "2026-03-01T10:00:00Z" })
    }
  })
  it("[LABEL2] nobody's name is in a plain paper, and none is the secretariat's", () => {
    const draft = readWord(wordFile({ body: p(del("Ann", "4") + ins("Ann", "6") + tab + words("to cooperate;")) }))
    for (const marks of ["delegation", "body", "plain"] as const) {
      const [block] = readWord(write(printableOf(draft), { format: "docx", view: "open", marks, hasComments: true, template: null })).blocks
      expect(block!.renumbered).toMatchObject({ was: "4", enteredBy: marks === "delegation" ? "Ann" : "Author" })
    }
  })
  it("[LABEL2] beside a draft it is told, for no number there moves", () => {
    const file = readWord(wordFile({ body: p(words("resolves")) + p(del("Ann", "4") + ins("Ann", "6") + tab + words("to cooperate;")) }))
    const draft = readText("resolves\n4\tto cooperate;\n")
    const { warnings } = laidBeside(file, draft, { isCompared: false, confirmed: [] }).draft
    expect(warnings.map(({ message }) => message)).toContain(
      "The file numbers a clause otherwise: “4” becomes “6”. The numbers of this draft stay as they are.",
    )
    const body = ["4", "5"].map((was) => p(del("Ann", was) + ins("Ann", `${was}bis`) + tab + words(`to cooperate ${was} times;`)))
    const several = readWord(wordFile({ body: p(words("resolves")) + body.join("") }))
    const ours = readText("resolves\n4\tto cooperate 4 times;\n5\tto cooperate 5 times;\n")
    const said = laidBeside(several, ours, { isCompared: false, confirmed: [] }).draft.warnings.map(({ message }) => message)
    for (const line of ["“4” becomes “4bis”", "“5” becomes “5bis”"])
      expect(said.filter((message) => message.includes(line))).toHaveLength(1)
  })
  it("[LABEL2] two texts that label a clause otherwise are compared: it is renumbered", () => {
    const [a, b] = [readText(typed(["1", "2", "3"])), readText(typed(["1", "2 bis", "3"]))]
    const compared = compareDrafts(a, b, "S")
    expect(labels(compared)).toEqual(["1", "2>2 bis", "3"])
    expect([labels(cleanText(compared, "working")), labels(cleanText(compared, "proposed"))]).toEqual([labels(a), labels(b)])
  })
})

describe("clauses that are added", () => {
  const added = (n: number): string =>
    Array.from({ length: n }, (_, i) => p(ins("Ann", `new ${i};`), { style: "Clause1", mark: markIns("Ann") })).join("")
  const styles = '<w:style w:type="paragraph" w:styleId="Clause1"><w:name w:val="Clause 1"/></w:style>'

  it("[LABEL1] six and more behind one: every form has the same, and our own file read again is the same draft", () => {
    const body = paragraphs(`${opening}resolves\n1\tone;\n2\ttwo;`) + added(9) + paragraphs("3\tthree,")
    const draft = readWord(wordFile({ styles, body }))
    const own = ["bis", "ter", "quater", "quinquies", "sexies", "septies", "octies", "novies", "decies"].map((word) => `2 ${word}`)
    everywhere(draft, ["1", "2", ...own, "3"], ["1", "2", "3"])
    for (const format of ["json", "docx", "akn"] as const) {
      const again = readFile(write(printableOf(draft), { format, view: "open", marks: "delegation", hasComments: true, template: null }))
      expect(again.blocks.map(({ type, label, text }) => [type, label, text])).toEqual(
        draft.blocks.map(({ type, label, text }) => [type, label, text]),
      )
    }
  })
  it("[LABEL1] in the spelling of the text: glued, behind the sign", () => {
    const glued = readWord(wordFile({ styles, body: paragraphs(typed(["1", "1bis", "2"])) + added(2) + paragraphs("3\tthree,") }))
    expect(labels(glued)).toEqual(["1", "1bis", "2", "2bis", "2ter", "3"])
    const behind = paragraphs(typed(["a)", "a)bis", "b)"], "considering")) + added(1) + paragraphs("resolves\n1\tto act;") + added(1)
    expect(labels(readWord(wordFile({ styles, body: behind })))).toEqual(["a)", "a)bis", "b)", "b)bis", "1", "1bis"])
  })
  it("[LABEL1] a label that the file types for a new clause is kept", () => {
    const typedNew = p(ins("Ann", "1 alt\tto act;").replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">'), { mark: markIns("Ann") })
    const numbered = p(`${ins("Ann", "2")}<w:ins ${by("Ann")}><w:r><w:tab/></w:r></w:ins>${ins("Ann", "to go;")}`, { mark: markIns("Ann") })
    const next = p(`${del("Ann", "2") + ins("Ann", "3")}<w:r><w:tab/></w:r>${words("to stay,")}`)
    const draft = readWord(wordFile({ body: paragraphs(`resolves\n1\tto light;`) + numbered + next }))
    everywhere(draft, ["1", "2", "2>3"], ["1", "2"])
    expect(readWord(wordFile({ body: paragraphs("resolves\n1\tto light;") + typedNew })).blocks).toHaveLength(3)
  })
  it("[LABEL1] in the meeting: behind b)bis comes b)ter, for every member and on every paper", async () => {
    const draft = readText(typed(["a)", "b)", "b)bis", "c)"], "considering"))
    const cohort = new Cohort(openingStateOf(draft).update)
    const [ann, bob] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    const index = blocksOfDoc(ann.state.doc).findIndex((block) => block.importedLabel === "b)bis")
    ann.session.tracking.addClauseWith(index + 1, "that lamps smoke;")
    await cohort.settle()
    for (const { state, session } of [ann, bob]) {
      const { profile, labels: frozen } = metaOfDoc(session.doc)
      expect([...labelsOf(blocksOfDoc(state.doc), profile, frozen).values()]).toEqual(["a)", "b)", "b)bis", "b)ter", "c)"])
    }
  })
})
