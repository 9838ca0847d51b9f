import { describe, expect, it } from "vitest"
import { cleanText } from "../server/comparison/on-baseline.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readFile } from "../server/files/read-file.ts"
import { readWord } from "../server/files/word/read.ts"
import { writePaper } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"
import { by, del, ins, markDel, markIns, p, type WordSketch, wordFile, words } from "./word-file.ts"

const read = (sketch: WordSketch | string): FileDraft => readWord(wordFile(typeof sketch === "string" ? { body: sketch } : sketch))

/** What the changes are, in short: who, what. */
const changes = (draft: FileDraft): string[] =>
  draft.changes.map(
    ({ kind, enteredBy, text, replacedBy }) => `${enteredBy}: ${kind} “${text}”${replacedBy === undefined ? "" : ` by “${replacedBy}”`}`,
  )
const texts = (draft: FileDraft, view: "working" | "proposed"): string[] =>
  cleanText(draft, view)
    .blocks.map((block) => block.text)
    .filter(Boolean)

/** One case: a body, the changes that it holds, and its text before and after. */
function reads(body: string, expected: { changes: string[]; before: string[]; after: string[] }): void {
  const draft = read(body)
  expect(changes(draft)).toEqual(expected.changes)
  expect(texts(draft, "working"), "with every change rejected").toEqual(expected.before)
  expect(texts(draft, "proposed"), "with every change accepted").toEqual(expected.after)
}

describe("Word in: revisions", () => {
  it("[WORD1] insertion, deletion and replacement of words, with author and date as they stand", () => {
    reads(p(words("The ") + del("Ann", "old") + ins("Ann", "new") + words(" text") + ins("Bob", ", now")), {
      changes: ["Ann: replacement “old” by “new”", "Bob: insertion “, now”"],
      before: ["The old text"],
      after: ["The new text, now"],
    })
    const [change] = read(p(words("a") + ins("Ann", "b"))).changes
    expect(change).toMatchObject({ source: null, enteredBy: "Ann", date: "2026-03-01T10:00:00Z" })
    expect(read(p(`${words("a")}<w:ins w:id="1">${words("b")}</w:ins>`)).changes[0]).toMatchObject({ enteredBy: null, date: null })
  })

  it("[WORD1] one author's deletion inside another's insertion keeps both", () => {
    reads(p(`${words("a ")}<w:ins ${by("Ann")}>${words("b ")}<w:del ${by("Bob")}><w:r><w:delText>c</w:delText></w:r></w:del></w:ins>`), {
      changes: ["Ann: insertion “b c”", "Bob: deletion “c”"],
      before: ["a "],
      after: ["a b "],
    })
  })

  it("[WORD2] a whole inserted paragraph is a new block, also where Word marks the end of the one before", () => {
    const whole = p(words("one")) + p(ins("Ann", "two"), { mark: markIns("Ann") }) + p(words("three"))
    const shifted = p(words("one"), { mark: markIns("Ann") }) + p(ins("Ann", "two")) + p(words("three"))
    for (const body of [whole, shifted]) {
      reads(body, { changes: ["Ann: insertion “two”"], before: ["one", "three"], after: ["one", "two", "three"] })
      expect(read(body).changes[0]!.newBlocks).toEqual(["b2"])
    }
  })

  it("[WORD2] an inserted end inside a paragraph splits it, a deleted end joins the next", () => {
    reads(p(words("one"), { mark: markIns("Ann") }) + p(words("two")), {
      changes: ["Ann: structure “¶”"],
      before: ["onetwo"],
      after: ["one", "two"],
    })
    reads(p(words("one "), { mark: markDel("Ann") }) + p(words("two")), {
      changes: ["Ann: structure “two”"],
      before: ["one ", "two"],
      after: ["one two"],
    })
  })

  it("[WORD2] a label typed where an inserted end begins a clause is its label, never among its words", () => {
    const split = (typed: string): string =>
      p(words("resolves")) +
      p(words("1\tto keep one,"), { mark: markIns("Ann") }) +
      p(typed + words("to guard it;")) +
      p(words("2\tto end."))
    for (const typed of [ins("Ann", "1bis\t"), ins("Ann", "1") + ins("Bob", "bis\t"), del("Ann", "and ") + ins("Ann", "1bis\t")])
      expect(texts(read(split(typed)), "proposed"), typed).toEqual(["resolves", "to keep one,", "to guard it;", "to end."])
    expect(read(split(ins("Ann", "1bis\t"))).warnings).toEqual([])
    expect(read(split(ins("Ann", "7\t"))).warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining("labelled “7” in the file"),
    ])
    // Agreed words, and labels of another form, may be words.
    expect(texts(read(split(words("2\t"))), "proposed")).toContain("2 to guard it;")
    expect(texts(read(split(ins("Ann", "(a)\t"))), "proposed")).toContain("(a) to guard it;")
  })

  it("[WORD2] a whole deleted paragraph goes; what is left of several joins the first", () => {
    reads(p(words("one")) + p(del("Ann", "two"), { mark: markDel("Ann") }) + p(words("three")), {
      changes: ["Ann: structure “two”"],
      before: ["one", "two", "three"],
      after: ["one", "three"],
    })
    reads(
      p(words("one ") + del("Ann", "x"), { mark: markDel("Ann") }) +
        p(del("Ann", "two"), { mark: markDel("Ann") }) +
        p(del("Ann", "y") + words("three")),
      {
        changes: ["Ann: deletion “x”", "Ann: structure “two”", "Ann: deletion “y”", "Ann: structure “ythree”"],
        before: ["one x", "two", "ythree"],
        after: ["one three"],
      },
    )
  })

  it("[WORD2] who selects from the end of a clause over all of the next deletes that one", () => {
    const label = (n: string): string => words(`${n}\t`)
    const clauses = (second: string, mark = markDel("Ann")): string =>
      p(words("resolves")) + p(label("1") + words("one;"), { mark }) + p(second) + p(label("3") + words("three."))
    const before = ["resolves", "one;", "two;", "three."]
    const after = ["resolves", "one;", "three."]
    for (const second of [del("Ann", "2\ttwo;"), del("Ann", "2\t") + del("Ann", "two;")])
      reads(clauses(second), { changes: ["Ann: structure “two;”"], before, after })
    reads(p(words("one;"), { mark: markDel("Ann") }) + p(del("Ann", "two;"), { mark: markDel("Ann") }) + p(del("Ann", "three.")), {
      changes: ["Ann: structure “two;”", "Ann: structure “three.”"],
      before: ["one;", "two;", "three."],
      after: ["one;"],
    })
    // Whose end goes and whose words go are two: each is proposed.
    const two = read(clauses(del("Bob", "two;")))
    expect(changes(two)).toEqual(["Bob: deletion “two;”", "Ann: structure “two;”"])
    expect(two.changes.at(-1)!.structure).toEqual([{ kind: "join", block: two.blocks[2]!.id, into: two.blocks[1]!.id }])
  })

  it("[WORD3] paragraphs that moved are one move; an end without the other is words that went or came", () => {
    const range = (end: "From" | "To", inner: string): string =>
      `<w:move${end}RangeStart w:id="9" w:name="m1" ${by("Ann").replace('w:id="1" ', "")}/>${inner}<w:move${end}RangeEnd w:id="9"/>`
    const from = range("From", p(`<w:moveFrom ${by("Ann")}>${words("moving")}</w:moveFrom>`, { mark: `<w:moveFrom ${by("Ann")}/>` }))
    const to = range("To", p(`<w:moveTo ${by("Ann")}>${words("moving")}</w:moveTo>`, { mark: `<w:moveTo ${by("Ann")}/>` }))
    reads(p(words("one")) + from + p(words("two")) + to + p(words("three")), {
      changes: ["Ann: move “moving”"],
      before: ["one", "moving", "two", "three"],
      after: ["one", "two", "moving", "three"],
    })
    reads(p(words("one")) + from, { changes: ["Ann: structure “moving”"], before: ["one", "moving"], after: ["one"] })
  })

  it("[WORD4] a tracked number is a renumbering, no change of text; so is one that is deleted or added", () => {
    const draft = read(
      p(words("resolves")) +
        p(words("1\tto begin;")) +
        p(`${del("Ann", "4")}${ins("Ann", "2")}${words("\tto go on;")}`) +
        p(`${del("Ann", "5\t")}${words("to end.")}`),
    )
    expect(draft.changes).toEqual([])
    expect(draft.blocks.map((block) => block.text)).toEqual(["resolves", "to begin;", "to go on;", "to end."])
    expect(draft.revisions!.filter((revision) => revision.kind === "numbering").map((revision) => revision.text)).toEqual([
      "“4” → “2”",
      "“5” → “”",
    ])
  })

  it("[WORD4] changes of looks and of list numbers are listed, and are no change of text", () => {
    const draft = read(
      p(`<w:r><w:rPr><w:b/><w:rPrChange ${by("Ann")}><w:rPr/></w:rPrChange></w:rPr><w:t>bold</w:t></w:r>`, {
        pPr: `<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/><w:ins ${by("Bob")}/></w:numPr><w:pPrChange ${by("Ann")}><w:pPr/></w:pPrChange>`,
      }),
    )
    expect(draft.changes).toEqual([])
    expect(draft.revisions!.map((revision) => `${revision.enteredBy}: ${revision.kind}`).sort()).toEqual([
      "Ann: formatting",
      "Ann: numbering",
      "Bob: numbering",
    ])
  })

  it("[WORD5] a table is one block: cells by tabs, rows by lines; rows that come and go, and words in cells", () => {
    const cell = (content: string): string => `<w:tc><w:p>${content}</w:p></w:tc>`
    const row = (cells: string, trPr = ""): string => `<w:tr>${trPr ? `<w:trPr>${trPr}</w:trPr>` : ""}${cells}</w:tr>`
    const draft = read(
      `<w:tbl>${row(cell(words("a")) + cell(words("b") + ins("Ann", "c")))}${row(cell(del("Bob", "d")) + cell(del("Bob", "e")), markDel("Bob"))}${row(cell(words("f")) + cell(""))}</w:tbl>`,
    )
    expect(draft.blocks).toMatchObject([{ type: "table", text: "a\tbc\nd\te\nf\t" }])
    expect(changes(draft)).toEqual(["Ann: insertion “c”", "Bob: deletion “d\te\n”"])
    expect(texts(draft, "proposed")).toEqual(["a\tbc\nf\t"])
  })

  it("[WORD5] rows that come and go leave no empty row behind, wherever they stand, in every form", async () => {
    const row = (text: string, by: "Ann" | "Bob" | null = null): string => {
      const words = `<w:r><w:t>${text}</w:t></w:r>`
      const trPr = by === null ? "" : `<w:trPr>${by === "Ann" ? markIns("Ann") : markDel("Bob")}</w:trPr>`
      return `<w:tr>${trPr}<w:tc><w:p>${by === "Ann" ? ins("Ann", text) : by === "Bob" ? del("Bob", text) : words}</w:p></w:tc></w:tr>`
    }
    const tables: readonly (readonly [rows: string, force: string, proposed: string])[] = [
      [row("a") + row("b", "Bob"), "a\nb", "a"],
      [row("a") + row("b", "Ann"), "a", "a\nb"],
      [row("a") + row("b", "Bob") + row("c", "Ann") + row("d", "Ann"), "a\nb", "a\nc\nd"],
      [row("a", "Ann") + row("b", "Bob") + row("c") + row("d", "Bob"), "b\nc\nd", "a\nc"],
      [row("a") + row("b", "Bob") + row("c") + row("d", "Ann") + row("e", "Bob"), "a\nb\nc\ne", "a\nc\nd"],
    ]
    for (const [rows, force, proposed] of tables) {
      const draft = read(`${p(words("x"))}<w:tbl>${rows}</w:tbl>${p(words("y"))}`)
      const both = (of: FileDraft): string[][] => [texts(of, "working"), texts(of, "proposed")]
      const expected = [
        ["x", force, "y"],
        ["x", proposed, "y"],
      ]
      expect(both(draft)).toEqual(expected)
      for (const format of ["docx", "akn", "json"] as const) {
        const options = { format, marks: "delegation", hasComments: true, template: null } as const
        expect(both(readFile(await writePaper(printableOf(draft), { ...options, view: "open" }))), format).toEqual(expected)
        const clean = readFile(await writePaper(printableOf(draft), { ...options, view: "proposed" }))
        expect(texts(clean, "working"), format).toEqual(expected[1])
      }
    }
  })
})

describe("Word in: what a paragraph is", () => {
  const styles = (["Res_No", "Res_title", "Normal after title", "Call", "enumlev1", "Annex_title", "Source"] as const)
    .map((name) => `<w:style w:type="paragraph" w:styleId="${name.replace(/\W/g, "")}"><w:name w:val="${name}"/></w:style>`)
    .join("")

  it("[WORD24] what stands before and behind the resolution keeps its order in every form, tables and reasons too", async () => {
    const table = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Document 18</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    const reasons = '<w:style w:type="paragraph" w:styleId="Reasons"><w:name w:val="Reasons"/></w:style>'
    const text = (...parts: string[]) => parts.join("")
    const resolution = text(
      p(words("RESOLUTION 7 (Geneva, 2012)"), { style: "Res_No" }),
      p(words("Harbour lights"), { style: "Res_title" }),
      p(words("The Conference,"), { style: "Normalaftertitle" }),
      p(words("resolves"), { style: "Call" }),
      p(words("1\tto light;")),
    )
    const source = p(words("Sweden"), { style: "Source" })
    const because = p(words("Reasons: it is dark."), { style: "Reasons" })
    const bodies = [
      text(table, source, p(words("MOD S/18/1")), table, resolution, because, p(words("NOC S/18/2")), p(words("ARTICLE 5")), because),
      text(source, table, p(words("Proposals")), because, resolution, because),
      text(source, p(`${words("Proposals")}${ins("Ann", " for the work")}`), table, because, resolution, source),
    ]
    for (const body of bodies) {
      const draft = read({ styles: styles + reasons, body })
      const inFile = [...body.matchAll(/<w:t[^>]*>([^<]*)<\/w:t>/g)].map(([, own]) => own!.replace(/^1\t/, "")).join("")
      const inOrder = ({ cover, blocks }: FileDraft): string => [...cover, ...blocks].map((part) => part.text).join("")
      expect(inOrder(draft)).toBe(inFile)
      for (const format of ["docx", "akn", "json"] as const) {
        const written = await writePaper(printableOf(draft), {
          format,
          view: "open",
          marks: "delegation",
          hasComments: true,
          template: null,
        })
        expect(inOrder(readFile(written)), format).toBe(inFile)
      }
    }
  })

  it("[WORD6] ITU styles give the kinds of blocks; typed numbers become structure", () => {
    const draft = read({
      styles,
      body: [
        p(words("Sweden"), { style: "Source" }),
        p(words("RESOLUTION 7 (Rev. Dubai, 2018)"), { style: "Res_No" }),
        p(words("Harbour lights"), { style: "Res_title" }),
        p(words("The Conference,"), { style: "Normalaftertitle" }),
        p(words("considering"), { style: "Call" }),
        p(`<w:r><w:t>a)</w:t><w:tab/><w:t>that it is dark;</w:t></w:r>`),
        p(words("resolves"), { style: "Call" }),
        p(words("1\tto light,")),
        p(words("1.1\tat night;"), { style: "enumlev1" }),
        p(words("1000\tin 2030 at the latest;")),
        p(words("2030 being far off;")),
        p(words("ANNEX"), { style: "Annex_title" }),
      ].join(""),
    })
    expect(draft.cover).toEqual([{ field: "source", text: "Sweden" }])
    expect(
      draft.blocks.map(({ type, part, level, importedLabel, text }) => [type, part ?? level ?? "", importedLabel ?? "", text]),
    ).toEqual([
      ["designation", "", "", "RESOLUTION 7 (Rev. Dubai, 2018)"],
      ["title", "", "", "Harbour lights"],
      ["formula", "", "", "The Conference,"],
      ["head", "preamble", "", "considering"],
      ["clause", 1, "a)", "that it is dark;"],
      ["head", "operative", "", "resolves"],
      ["clause", 1, "1", "to light,"],
      ["clause", 2, "1.1", "at night;"],
      ["clause", 1, "1000", "in 2030 at the latest;"],
      ["paragraph", "", "", "2030 being far off;"],
      ["heading", "", "", "ANNEX"],
    ])
  })

  it("[WORD6] lists count as Word counts them, inherited through styles, with overrides", () => {
    const level = (n: number, format: string, text: string): string =>
      `<w:lvl w:ilvl="${n}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`
    const item = (text: string, num: string, ilvl = 0): string =>
      p(words(text), { pPr: `<w:numPr><w:ilvl w:val="${ilvl}"/><w:numId w:val="${num}"/></w:numPr>` })
    const draft = read({
      numbering: `<w:abstractNum w:abstractNumId="0">${level(0, "lowerLetter", "%1)")}${level(1, "decimal", "%1.%2")}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>`,
      styles: `<w:style w:type="paragraph" w:styleId="Listed"><w:name w:val="Listed"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>`,
      body: item("x", "1") + item("y", "1", 1) + item("y", "1", 1) + p(words("z"), { style: "Listed" }) + item("w", "2"),
    })
    expect(draft.blocks.map((block) => [block.importedLabel, block.level])).toEqual([
      ["a)", 1],
      ["a.1", 2],
      ["a.2", 2],
      ["b)", 1],
      ["e)", 1],
    ])
  })

  it("[WORD4] words that were deleted before a typed number, or in it, are text; only what is like a number renumbers", () => {
    const draft = read(
      p(words("resolves")) +
        p(
          del("Ann", "When a carport is demolished, its spaces are replaced. ") +
            words("18.33.") +
            del("Ann", "070 ") +
            ins("Ann", "060 ") +
            words("Conformance;"),
        ) +
        p(del("Ann", "4") + ins("Ann", "6") + words("\tto act;")),
    )
    expect(changes(draft)).toEqual(["Ann: deletion “When a carport is demolished, its spaces are replaced. ”"])
    expect(draft.blocks.map(({ importedLabel, text }) => [importedLabel, text]).slice(1)).toEqual([
      ["18.33.060", "When a carport is demolished, its spaces are replaced. Conformance;"],
      ["6", "to act;"],
    ])
    expect(draft.revisions!.filter(({ kind }) => kind === "numbering").map(({ text }) => text)).toEqual([
      "“18.33.070” → “18.33.060”",
      "“4” → “6”",
    ])
  })

  it("[WORD7] signs of symbol fonts are those of Unicode, whichever way Word writes them", () => {
    const sym = (font: string, char: string): string => `<w:r><w:sym w:font="${font}" w:char="${char}"/></w:r>`
    const inFont = (text: string): string => `<w:r><w:rPr><w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/></w:rPr><w:t>${text}</w:t></w:r>`
    const all = [
      sym("Symbol", "F061"),
      sym("Symbol", "F0A3"),
      sym("Wingdings", "F0E0"),
      sym("Wingdings", "F0D8"),
      sym("Symbol", "F0D8"),
      inFont("b\uf067"),
      words(" \uf0b7 "),
      sym("Else", "2030"),
      sym("Wingdings", "F0FF"),
      sym("Symbol", "x"),
    ]
    expect(read(p(words("a ") + all.join(""))).blocks[0]!.text).toBe("a α≤→➢¬βγ • ‰\uf0ff")
  })

  it("[WORD7] fields, controls, links and text boxes: results and words are kept, codes are not", () => {
    const field = `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF x </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${words("five")}<w:r><w:fldChar w:fldCharType="end"/></w:r>`
    const draft = read(
      p(
        `${words("see ")}${field}<w:hyperlink>${words(" here")}</w:hyperlink><w:sdt><w:sdtContent>${words(" now")}</w:sdtContent></w:sdt><w:r><w:pict><w:txbxContent><w:p>${words("boxed")}</w:p></w:txbxContent></w:pict></w:r>`,
      ),
    )
    expect(draft.blocks[0]!.text).toBe("see five here now")
    expect(draft.debris).toEqual(["[text box: boxed]"])
  })

  it("[WORD7] what runs from right to left does so; control signs and overrides of direction are dropped", () => {
    const draft = read(p(words("القرار \u202e12"), { pPr: "<w:bidi/>" }))
    expect(draft.blocks[0]).toMatchObject({ dir: "rtl", text: "القرار 12" })
  })
})

describe("Word in: footnotes and comments", () => {
  it("[WORD8] footnotes stand where they are called, separators are told by their type, and are revised like text", () => {
    const draft = read({
      footnotes: `<w:footnote w:id="7" w:type="separator"><w:p/></w:footnote><w:footnote w:id="1"><w:p>${words(" a note")}${ins("Ann", " more")}</w:p></w:footnote>`,
      body: p(`${words("text")}<w:r><w:footnoteReference w:id="1"/></w:r>${words(" on")}`),
    })
    expect(draft.notes).toMatchObject([{ text: "a note more", block: "b1", at: 4 }])
    expect(draft.changes).toMatchObject([{ kind: "insertion", enteredBy: "Ann", block: "f1", text: " more" }])
  })

  it("[WORD9] comments with replies and resolved; over paragraphs, at a point, without any place", () => {
    const comment = (id: string, author: string, text: string, paraId: string): string =>
      `<w:comment w:id="${id}" w:author="${author}" w:date="2026-03-02T08:00:00Z"><w:p w14:paraId="${paraId}">${words(text)}</w:p></w:comment>`
    const reference = (id: string): string => `<w:r><w:commentReference w:id="${id}"/></w:r>`
    const draft = read({
      comments:
        comment("0", "Ann", "why?", "AAAA0000") +
        comment("1", "Bob", "because", "AAAA0001") +
        comment("2", "Ann", "here", "AAAA0002") +
        comment("3", "Eve", "lost", "AAAA0003"),
      commentsExtended: `<w15:commentEx w15:paraId="AAAA0000" w15:done="1"/><w15:commentEx w15:paraId="AAAA0001" w15:paraIdParent="AAAA0000" w15:done="0"/>`,
      body:
        p(`${words("one ")}<w:commentRangeStart w:id="0"/>${words("two")}`) +
        p(`${words("three")}<w:commentRangeEnd w:id="0"/>${reference("0")}${words(" four")}${reference("2")}`),
    })
    expect(
      draft.comments.map(({ by: author, block, quote, text, resolved, replies }) => [
        author,
        block,
        quote,
        text,
        resolved,
        replies.map((reply) => reply.text),
      ]),
    ).toEqual([
      ["Ann", "b1", "two\nthree", "why?", true, ["because"]],
      ["Ann", "b2", "", "here", false, []],
      ["Eve", null, "", "lost", false, []],
    ])
    expect(draft.warnings.filter((warning) => warning.code === "COMMENT")).toHaveLength(1)
  })

  it("[WORD9] names that were scrubbed are said to be nobody's", () => {
    const draft = read(p(words("a") + ins("Författare", "b")))
    expect(draft.warnings.map((warning) => warning.code)).toContain("AUTHOR")
  })
  it("[WORD3] a head in which something is proposed stays what it is in force, with and without a style", () => {
    for (const pPr of ["", '<w:pStyle w:val="Call"/>']) {
      const styles = '<w:style w:type="paragraph" w:styleId="Call"><w:name w:val="Call"/></w:style>'
      const lines = ["RESOLUTION 1", "On lamps", "The Council,"].map((line) => p(words(line))).join("")
      const first = p(words("considering"), { pPr }) + p(words("a)\tthat lamps burn,"))
      const second = p(ins("Ann", "hereby ") + words("resolves"), { pPr }) + p(words("1\tto light;"))
      const { blocks } = readWord(wordFile({ styles, body: lines + first + second }))
      expect(blocks.filter(({ type }) => type === "head").map(({ part, text }) => [part, text])).toEqual([
        ["preamble", "considering"],
        ["operative", "hereby resolves"],
      ])
    }
  })
})
