import { describe, expect, it } from "vitest"
import { cleanText } from "../server/comparison/on-baseline.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readWord } from "../server/files/word/read.ts"
import { by, del, ins, p, type WordSketch, wordFile, words } from "./word-file.ts"

const read = (sketch: WordSketch | string): FileDraft => readWord(wordFile(typeof sketch === "string" ? { body: sketch } : sketch))
const texts = (draft: FileDraft, view: "working" | "proposed" = "proposed"): string[] =>
  cleanText(draft, view).blocks.map(({ text }) => text)

/** One case: what a body is as a text, and all that is said of it: code, block, sentence. */
function says(
  sketch: WordSketch | string,
  text: readonly string[],
  expected: readonly (readonly [code: string, block: string | null, message: RegExp])[],
): FileDraft {
  const draft = read(sketch)
  expect(texts(draft)).toEqual(text)
  expect(draft.warnings.map(({ code, block }) => [code, block ?? null])).toEqual(expected.map(([code, block]) => [code, block]))
  draft.warnings.forEach(({ message }, i) => {
    expect(message).toMatch(expected[i]![2])
    expect(message).toMatch(/^[A-Z].*[.]$/s)
  })
  return draft
}

const run = (inner: string, rPr = ""): string => `<w:r>${rPr && `<w:rPr>${rPr}</w:rPr>`}${inner}</w:r>`
const looking = (rPr: string, text: string): string => run(`<w:t xml:space="preserve">${text}</w:t>`, rPr)
const sign = (kind: string): string => run(`<w:fldChar w:fldCharType="${kind}"/>`)
const code = (text = " REF z "): string => run(`<w:instrText>${text}</w:instrText>`)
const box = (inner: string): string => `<w:pict><v:shape><v:textbox><w:txbxContent>${inner}</w:txbxContent></v:textbox></v:shape></w:pict>`
const drawn = (inner: string): string => `<w:drawing><wp:inline>${inner}</wp:inline></w:drawing>`

describe("Word in: fields and readings swallow nothing", () => {
  const fields: readonly (readonly [name: string, body: string, text: readonly string[], told: boolean])[] = [
    ["never ends", p(words("One ") + sign("begin") + code() + words("two")) + p(words("Next.")), ["One two", "Next."], true],
    [
      "has a result and never ends",
      p(words("One ") + sign("begin") + code() + sign("separate") + words("two")) + p(words("Next.")),
      ["One two", "Next."],
      true,
    ],
    [
      "never ends around one that does",
      p(sign("begin") + code() + words("a")) + p(sign("begin") + code() + sign("separate") + words("see") + sign("end") + words(" b")),
      ["a", "see b"],
      true,
    ],
    [
      "never ends within one that does",
      p(sign("begin") + code() + sign("begin") + code() + sign("separate") + words("see") + sign("end") + words(" b")) + p(words("c")),
      ["see b", "c"],
      true,
    ],
    [
      "comes to its result in a later paragraph",
      p(words("One ") + sign("begin") + code() + words("two")) + p(words("Next.")) + p(sign("separate") + words("5") + sign("end")),
      ["One two", "Next.", "5"],
      true,
    ],
    [
      "ends in a later paragraph without a result",
      p(words("One ") + sign("begin") + code() + words("two")) + p(words("Next.") + sign("end")),
      ["One two", "Next."],
      true,
    ],
    ["ends but never began", p(words("One ") + sign("separate") + words("two") + sign("end")), ["One two"], false],
    [
      "has its result over paragraphs",
      p(sign("begin") + code(" TOC ") + sign("separate") + words("One")) + p(words("two") + sign("end")),
      ["One", "two"],
      false,
    ],
    [
      "never ends in a cell",
      `<w:tbl><w:tr><w:tc>${p(sign("begin") + code() + words("a"))}</w:tc><w:tc>${p(words("b"))}</w:tc></w:tr></w:tbl>${p(words("c"))}`,
      ["a\tb", "c"],
      true,
    ],
  ]
  for (const [name, body, text, told] of fields)
    it(`[WORD20] a field that ${name}`, () => void says(body, text, told ? [["FIELD", "b1", /has no end/]] : []))

  it("[WORD20] a field in a footnote hides nothing of it either, and of the text nothing", () => {
    const draft = read({
      body: p(`${words("a")}<w:r><w:footnoteReference w:id="1"/></w:r>`) + p(words("b")),
      footnotes: `<w:footnote w:id="1">${p(sign("begin") + code() + words("note"))}</w:footnote>`,
    })
    expect(draft.notes.map(({ text }) => text)).toEqual(["note"])
    expect(draft.warnings).toMatchObject([{ code: "FIELD", block: "f1" }])
  })

  it("[WORD20] words in the code of a whole field are not shown by Word: they are told", () =>
    void says(
      p(words("One ") + sign("begin") + code() + words("odd") + sign("separate") + words("5") + sign("end")),
      ["One 5"],
      [["FIELD", "b1", /left out: “odd”/]],
    ))

  it("[WORD20] words under ruby are text, with their revisions; the reading is told", () => {
    const ruby = (base: string, reading: string): string =>
      `<w:r><w:ruby><w:rubyPr/><w:rt>${words(reading)}</w:rt><w:rubyBase>${base}</w:rubyBase></w:ruby></w:r>`
    const draft = says(
      p(
        ruby(words("東京"), "とうきょう") +
          `<w:ins ${by("Bob")}>${ruby(words("会議"), "かいぎ")}</w:ins>` +
          ruby(del("Ann", "旧") + words("新"), "しん") +
          words("。"),
      ),
      ["東京会議新。"],
      [["RUBY", "b1", /“とうきょう” above “東京”, “かいぎ” above “会議”, “しん” above “旧新”/]],
    )
    expect(draft.changes.map(({ enteredBy, text }) => [enteredBy, text])).toEqual([
      ["Bob", "会議"],
      ["Ann", "旧"],
    ])
    expect(texts(draft, "working")).toEqual(["東京旧新。"])
  })
})

describe("Word in: what a draft does not take is told", () => {
  const revised = p(words("Box says ") + del("Ann", "old") + ins("Bob", "new") + words(" text"))
  const alternatives = `<mc:AlternateContent><mc:Choice Requires="wps">${drawn(`<w:txbxContent>${revised}</w:txbxContent>`)}</mc:Choice><mc:Fallback>${box(revised)}</mc:Fallback></mc:AlternateContent>`

  it("[WORD20] text boxes with what is revised in them, once, also where they stand alone or in one another", () => {
    for (const body of [
      p(words("Body.") + run(alternatives)),
      p(words("Body.")) + p(run(box(revised))),
      p(
        words("Body.") +
          run(
            `<mc:AlternateContent><mc:Choice Requires="wps">${drawn(`<w:txbxContent>${revised}</w:txbxContent>`)}</mc:Choice><mc:Fallback><w:pict/></mc:Fallback></mc:AlternateContent>`,
          ),
      ),
    ]) {
      const draft = says(body, ["Body."], [["BOX", "b1", /“Box says new text”.*Ann deletes “old”, Bob inserts “new”/]])
      expect(draft.changes).toEqual([])
      expect(draft.debris).toEqual(["[text box: Box says new text]"])
      expect(draft.revisions!.map(({ kind, enteredBy, text, story }) => [kind, enteredBy, text, story])).toEqual([
        ["deletion", "Ann", "old", "text box"],
        ["insertion", "Bob", "new", "text box"],
      ])
    }
    says(p(words("Body.") + run(box(p(words("outer ") + run(box(p(words("inner")))))))), ["Body."], [["BOX", "b1", /“outer”, “inner”/]])
  })

  it("[WORD20] revisions in headers and footers, each with its author and words", () => {
    const draft = says(
      {
        body: p(words("Body.")),
        header1: p(words("Document ") + del("Bob", "18-E") + ins("Bob", "18(Rev.1)-E")),
        footer1: p(words("Page ") + ins("Cat", "draft")),
      },
      ["Body."],
      [
        ["MARGIN", null, /In a header.*Bob deletes “18-E”, Bob inserts “18\(Rev\.1\)-E”/],
        ["MARGIN", null, /In a footer.*Cat inserts “draft”/],
      ],
    )
    expect(draft.debris).toEqual(["[header or footer: Document 18(Rev.1)-E]", "[header or footer: Page draft]"])
    expect(draft.revisions!.map(({ story }) => story)).toEqual(["header", "header", "footer"])
    says({ body: p(words("Body.")), header1: p(words("Document 18-E")) }, ["Body."], [])
  })

  const looks = `<w:style w:type="character" w:styleId="Gone"><w:name w:val="Gone"/><w:rPr><w:strike/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="GoneP"><w:name w:val="GoneP"/><w:rPr><w:dstrike/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Based"><w:name w:val="Based"/><w:basedOn w:val="GoneP"/></w:style>`

  it("[WORD20] words struck by hand, by strike or double strike, of themselves or by a style; what is underlined beside them", () => {
    says(
      p(
        words("The parties ") +
          looking("<w:strike/>", "sho") +
          looking('<w:b/><w:strike w:val="true"/>', "uld ") +
          looking('<w:u w:val="single"/>', "shall") +
          words(" act."),
      ),
      ["The parties should shall act."],
      [["STRUCK", "b1", /by hand.*“should”\..*Underlined by hand beside it: “shall”/]],
    )
    says(p(looking("<w:dstrike/>", "Whole clause.")), ["Whole clause."], [["STRUCK", "b1", /“Whole clause\.”/]])
    says(
      {
        styles: looks,
        body:
          p(looking('<w:rStyle w:val="Gone"/>', "a") + words(" b")) +
          p(words("c"), { style: "Based" }) +
          p(looking('<w:dstrike w:val="0"/>', "d"), { style: "Based" }),
      },
      ["a b", "c", "d"],
      [
        ["STRUCK", "b1", /“a”/],
        ["STRUCK", "b2", /“c”/],
      ],
    )
    says(p(looking('<w:u w:val="single"/>', "only underlined")), ["only underlined"], [])
    says(p(`${words("a")}<w:del ${by("Ann")}>${looking("<w:strike/>", "b")}</w:del>`), ["a"], [])
    says(p(looking('<w:strike w:val="false"/>', "a")), ["a"], [])
  })

  it("[WORD20] struck words in tables and footnotes, told where they stand", () => {
    says(
      {
        body: `<w:tbl><w:tr><w:tc>${p(looking("<w:strike/>", "cell"))}</w:tc></w:tr></w:tbl>${p(`${words("a")}<w:r><w:footnoteReference w:id="1"/></w:r>`)}`,
        footnotes: `<w:footnote w:id="1">${p(looking("<w:strike/>", "note"))}</w:footnote>`,
      },
      ["cell", "a\ufffc"],
      [
        ["STRUCK", "b1", /“cell”/],
        ["STRUCK", "f1", /“note”/],
      ],
    )
  })

  it("[WORD20] hidden words", () =>
    void says(
      p(words("a ") + looking("<w:vanish/>", "secret ") + words("b") + looking("<w:webHidden/>", " c")),
      ["a secret b c"],
      [["HIDDEN", "b1", /hidden.*“secret”/]],
    ))

  it("[WORD20] formulas, read as their signs, with what is revised in them", () => {
    const draft = says(
      p(
        `${words("is ")}<m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><w:ins ${by("Ann")}/><m:t>b</m:t></m:r></m:den></m:f></m:oMath>${words(".")}`,
      ),
      ["is ab."],
      [["FORMULA", "b1", /“ab”/]],
    )
    expect(draft.changes).toMatchObject([{ kind: "insertion", enteredBy: "Ann", text: "b" }])
  })

  it("[WORD20] a footnote with a sign of its own; one that nothing calls", () => {
    const footnotes = `<w:footnote w:id="1">${p(words("Note."))}</w:footnote><w:footnote w:id="2">${p(words("Lonely."))}</w:footnote>`
    says(
      { body: p(words("a") + run('<w:footnoteReference w:customMarkFollows="1" w:id="1"/><w:t>*</w:t>') + words(" b")), footnotes },
      ["a\ufffc* b"],
      [
        ["NOTE", "b1", /sign of its own.*“\*”/],
        ["NOTE", null, /Nothing in the text calls.*“Lonely\.”/],
      ],
    )
  })

  it("[WORD20] a table within a cell, with the rows that come and go in it", () => {
    const row = (cells: readonly string[], trPr = ""): string =>
      `<w:tr>${trPr && `<w:trPr>${trPr}</w:trPr>`}${cells.map((own) => `<w:tc>${own}</w:tc>`).join("")}</w:tr>`
    const inner = `<w:tbl>${row([p(words("in ") + del("Ann", "one") + ins("Bob", "two")), p(words("x"))])}${row([p(words("new row")), p("")], `<w:ins ${by("Bob")}/>`)}</w:tbl>`
    const draft = says(
      `<w:tbl>${row([p(words("outer")) + inner + p(words("after")), p(words("right"))])}</w:tbl>`,
      ["outer in two x new row after\tright"],
      [["TABLE", "b1", /“in two x new row”/]],
    )
    expect(texts(draft, "working")).toEqual(["outer in one x after\tright"])
    expect(draft.changes.map(({ enteredBy, kind, text }) => [enteredBy, kind, text])).toEqual([
      ["Ann", "deletion", "one"],
      ["Bob", "insertion", "two"],
      ["Bob", "insertion", "new row "],
    ])
    expect(draft.revisions!.filter(({ kind, text }) => kind === "insertion" && text === "")).toMatchObject([
      { enteredBy: "Bob", block: "b1" },
    ])
  })

  it("[WORD20] objects, pictures, charts, drawings: what they are, and where", () => {
    const picture = drawn('<wp:docPr id="1" name="x" descr="The harbour"/><a:graphic><a:graphicData><pic:pic/></a:graphicData></a:graphic>')
    const chart = drawn('<wp:docPr id="2" name="x"/><a:graphic><a:graphicData><c:chart/></a:graphicData></a:graphic>')
    const wordArt = '<w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict>'
    says(
      p(words("a") + run('<w:object><o:OLEObject ProgID="Excel.Sheet.12"/></w:object>')) +
        p(words("b") + run(picture) + run(chart)) +
        p(words("c") + run(wordArt)),
      ["a", "b", "c"],
      [
        ["EMBEDDED", "b1", /embedded object.*Excel\.Sheet\.12/],
        ["PICTURE", "b2", /picture.*“The harbour”/],
        ["PICTURE", "b2", /chart/],
        ["PICTURE", "b3", /drawing.*“DRAFT”/],
      ],
    )
  })

  it("[WORD20] other files, parts of larger documents", () =>
    void says(
      `${p(words("a"))}<w:altChunk r:id="x"/>${p(`${words("b")}<w:subDoc r:id="y"/>`)}<w:altChunk r:id="z"/>`,
      ["a", "b"],
      [
        ["ALTCHUNK", "b2", /included here as a whole/],
        ["EXTERNAL", "b2", /larger document/],
      ],
    ))

  it("[WORD20] elements that nobody knows, wherever they hold words; words in no paragraph", () => {
    says(
      `${p(words("a"))}<w:odd>${p(words("between"))}</w:odd>${p(`${words("b")}<x:odd xmlns:x="urn:x">in a paragraph</x:odd>${run("<w:odd>in a run</w:odd>")}`)}<w:tbl><w:odd>${words("in a table")}</w:odd><w:tr><w:odd>${words("in a row")}</w:odd><w:tc>${p(words("c"))}<w:odd>${words("in a cell")}</w:odd></w:tc></w:tr></w:tbl>`,
      ["a", "b", "c"],
      [
        ["UNKNOWN", "b2", /“between” \(w:odd\), “in a paragraph” \(odd\), “in a run” \(w:odd\)/],
        ["UNKNOWN", "b3", /“in a cell” \(w:odd\), “in a table” \(w:odd\), “in a row” \(w:odd\)/],
      ],
    )
    says(
      `${p(words("a"))}${ins("Ann", "loose")}${words(" words")}<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>${p(words("b"))}`,
      ["a", "b"],
      [["UNKNOWN", "b2", /no paragraph.*“loose”, “words”, “x”/]],
    )
    says(
      `${p(words("a"))}<w:sdt><w:sdtPr><w:alias w:val="x"/></w:sdtPr><w:sdtContent>${p(words("b"))}</w:sdtContent></w:sdt><w:sectPr/>`,
      ["a", "b"],
      [],
    )
  })

  it("[WORD20] words of two who typed at once, which Word holds apart, are what each of them did", () => {
    const draft = says(
      p(
        `${words("a ")}<w14:conflictIns ${by("Ann")}>${words("b ")}</w14:conflictIns><w14:conflictDel ${by("Bob")}>${words("c ")}</w14:conflictDel>${words("d")}`,
      ),
      ["a b d"],
      [],
    )
    expect(draft.changes.map(({ enteredBy, kind, text }) => [enteredBy, kind, text])).toEqual([
      ["Ann", "insertion", "b "],
      ["Bob", "deletion", "c "],
    ])
  })

  it("[WORD20] every revision of looks, cells, columns, sections and controls is listed", () => {
    const change = (name: string): string => `<w:${name} ${by(name)}/>`
    const draft = read(
      p(words("a"), { pPr: `<w:sectPr>${change("sectPrChange")}</w:sectPr>${change("pPrChange")}` }) +
        p(`${change("customXmlInsRangeStart")}${words("b")}${change("customXmlDelRangeStart")}`) +
        `<w:tbl><w:tblPr>${change("tblPrChange")}</w:tblPr><w:tblGrid>${change("tblGridChange")}</w:tblGrid><w:tr><w:tblPrEx>${change("tblPrExChange")}</w:tblPrEx><w:trPr>${change("trPrChange")}</w:trPr><w:tc><w:tcPr>${change("cellIns")}${change("cellDel")}${change("cellMerge")}${change("tcPrChange")}</w:tcPr>${p(run("<w:t>c</w:t>", change("rPrChange")), { mark: change("rPrChange").replaceAll("rPrChange", "rPrChange") })}</w:tc></w:tr></w:tbl>`,
    )
    const names = [
      "sectPrChange",
      "pPrChange",
      "customXmlInsRangeStart",
      "customXmlDelRangeStart",
      "tblPrChange",
      "tblGridChange",
      "tblPrExChange",
      "trPrChange",
      "cellIns",
      "cellDel",
      "cellMerge",
      "tcPrChange",
      "rPrChange",
    ]
    expect(new Set(draft.revisions!.map(({ enteredBy }) => enteredBy))).toEqual(new Set(names))
  })
})

describe("Word in: times", () => {
  const local = 'w:date="2026-03-01T10:00:00Z"'
  const utc = 'w16du:dateUtc="2026-03-01T09:00:00Z"'

  it("[WORD21] the true time of a revision comes before the local one that Word calls UTC", () => {
    const draft = read(
      p(
        `<w:ins w:id="1" w:author="Ann" ${local} ${utc}>${words("a")}</w:ins><w:ins w:id="2" w:author="Bob" ${local}>${words("b")}</w:ins>`,
      ),
    )
    expect(draft.changes.map(({ date }) => date)).toEqual(["2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z"])
    expect(draft.revisions!.map(({ date }) => date)).toEqual(["2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z"])
  })

  it("[WORD21] so does that of a comment and of a reply, also where the file says it in a part of its own", () => {
    const comment = (id: number, date: string): string =>
      `<w:comment w:id="${id}" w:author="Ann" ${date}><w:p w14:paraId="0A00000${id}">${words("x")}</w:p></w:comment>`
    const draft = read({
      body: p(
        [0, 2, 3]
          .map(
            (id) =>
              `<w:commentRangeStart w:id="${id}"/>${words(`w${id} `)}<w:commentRangeEnd w:id="${id}"/><w:r><w:commentReference w:id="${id}"/></w:r>`,
          )
          .join(""),
      ),
      comments: comment(0, local) + comment(1, local) + comment(2, `${local} ${utc}`) + comment(3, local),
      commentsExtended:
        '<w15:commentEx w15:paraId="0A000000" w15:done="0"/><w15:commentEx w15:paraId="0A000001" w15:paraIdParent="0A000000" w15:done="0"/>',
      commentsIds: [0, 1].map((id) => `<w16cid:commentId w16cid:paraId="0A00000${id}" w16cid:durableId="1B00000${id}"/>`).join(""),
      commentsExtensible:
        '<w16cex:commentExtensible w16cex:durableId="1B000000" w16cex:dateUtc="2026-03-01T08:00:00Z"/><w16cex:commentExtensible w16cex:durableId="1B000001" w16cex:dateUtc="2026-03-01T08:30:00Z"/>',
    })
    expect(draft.comments.map(({ date, replies }) => [date, replies.map((reply) => reply.date)])).toEqual([
      ["2026-03-01T08:00:00Z", ["2026-03-01T08:30:00Z"]],
      ["2026-03-01T09:00:00Z", []],
      ["2026-03-01T10:00:00Z", []],
    ])
  })
})
