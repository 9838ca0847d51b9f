import { strToU8, zipSync } from "fflate"
import { describe, expect, it } from "vitest"
import { readTexts } from "../server/files/read-file.ts"
import { archiveCaps } from "../server/files/word/archive.ts"
import { printableOf } from "../server/papers/printable.ts"
import { DomainError } from "../server/problems.ts"
import { fileWork } from "../server/workers/file-work.ts"
import { random } from "./build.ts"
import { by, ins, p, wordFile, words } from "./word-file.ts"

const good = wordFile({ body: p(words("resolves")) + p(words("1\tto begin") + ins("Ann", " now")) })
const main = (body: string): Uint8Array => wordFile({ body })

/** Where an entry's header begins in the archive. */
function entryAt(bytes: Uint8Array, name: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (let i = 0; i + 46 < bytes.length; i++)
    if (
      view.getUint32(i, true) === 0x02014b50 &&
      new TextDecoder().decode(bytes.subarray(i + 46, i + 46 + view.getUint16(i + 28, true))) === name
    )
      return i
  throw new Error(`no entry ${name}`)
}

function patched(bytes: Uint8Array, change: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice()
  change(new DataView(copy.buffer), copy)
  return copy
}

const withPart = (name: string, content: string | Uint8Array, more: Record<string, Uint8Array> = {}): Uint8Array =>
  wordFile({ body: p(words("a")), more: { [name]: content, ...more } })

const blanks = new Uint8Array(archiveCaps.entryBytes + 1).fill(32)
const bomb = wordFile({ body: p(words("a")), more: { "word/settings.xml": blanks } })

const cases: readonly (readonly [name: string, bytes: () => Uint8Array, sentence: RegExp])[] = [
  ["an empty file", () => new Uint8Array(), /is empty/],
  ["an empty archive", () => zipSync({}), /not a Word document/],
  ["a zip bomb that says how large it is", () => bomb, /unpacks to more than/],
  [
    "a zip bomb that lies about its size",
    () => patched(bomb, (view) => view.setUint32(entryAt(bomb, "word/settings.xml") + 24, 10, true)),
    /unpacks to more than/,
  ],
  [
    "many parts that are too much together",
    () => {
      const part = new Uint8Array(archiveCaps.entryBytes - 1).fill(32)
      return wordFile({ body: p(words("a")), more: Object.fromEntries([1, 2, 3, 4].map((n) => [`word/x${n}.xml`, part])) })
    },
    /unpacks to more than/,
  ],
  [
    "thousands of parts",
    () =>
      zipSync(Object.fromEntries(Array.from({ length: archiveCaps.entries + 1 }, (_, i) => [`x${i}.bin`, new Uint8Array()])), { level: 0 }),
    /at most 5000/,
  ],
  ["a DOCTYPE", () => withPart("word/document.xml", '<!DOCTYPE w [<!ENTITY a "b">]><w/>'), /DOCTYPE/],
  [
    "an entity that nobody declared",
    () => withPart("word/document.xml", '<w:document xmlns:w="x"><w:body>&a;</w:body></w:document>'),
    /not good XML/,
  ],
  ["markup that does not close", () => main("<w:p>"), /not good XML/],
  ["twenty thousand elements deep", () => main(`${"<w:sdt>".repeat(20_000)}${"</w:sdt>".repeat(20_000)}`), /deeper than 400/],
  ["text that is not UTF-8", () => withPart("word/document.xml", new Uint8Array([60, 0xff, 0xff, 62])), /UTF-8/],
  [
    "a part that is there twice",
    () =>
      patched(withPart("word/documenu.xml", "<x/>"), (_, bytes) => {
        const at = entryAt(bytes, "word/documenu.xml")
        bytes.set(strToU8("word/document.xml"), at + 46)
      }),
    /twice/,
  ],
  ["half a file", () => good.slice(0, good.length / 2), /damaged/],
  ["a file without its end", () => good.slice(0, -10), /damaged/],
  ["a byte that was flipped", () => patched(good, (view) => view.setUint32(entryAt(good, "word/document.xml") + 16, 1, true)), /checksum/],
  ["a part that is encrypted", () => patched(good, (view) => view.setUint16(entryAt(good, "word/document.xml") + 8, 1, true)), /password/],
  [
    "an Office file with a password",
    () => new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, ...Buffer.from("EncryptedPackage", "utf16le")]),
    /password/,
  ],
  ["an old Word file", () => new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]), /\.doc\b/],
  ["a PDF", () => strToU8("%PDF-1.7"), /PDF/],
  ["an Excel workbook", () => zipSync({ "_rels/.rels": strToU8("<Relationships/>"), "xl/workbook.xml": strToU8("<workbook/>") }), /Excel/],
  [
    "a document without a body",
    () => withPart("word/document.xml", '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'),
    /without a body/,
  ],
  ["XML that is no Akoma Ntoso", () => strToU8('<?xml version="1.0"?><html/>'), /not Akoma Ntoso/],
  ["Akoma Ntoso with a DOCTYPE", () => strToU8('<?xml version="1.0"?><!DOCTYPE a><akomaNtoso/>'), /DOCTYPE/],
]

describe("hostile files", () => {
  for (const [name, bytes, sentence] of cases)
    it(`[IMP11] ${name}: a sentence that says what is wrong`, () => {
      let said: unknown
      try {
        readTexts(bytes(), "draft.docx")
      } catch (error) {
        said = error
      }
      expect(said).toBeInstanceOf(DomainError)
      expect((said as Error).message).toMatch(sentence)
      expect((said as Error).message, "it names the file and is a sentence").toMatch(/^draft\.docx.*[.?]$/s)
    })

  it("[IMP11] a template whose pictures unpack to hundreds of megabytes is refused while it is unpacked, also where it lies about their sizes", () => {
    const picture = new Uint8Array(archiveCaps.entryBytes).fill(32)
    const pictures = Object.fromEntries([1, 2, 3].map((n) => [`word/media/image${n}.png`, picture]))
    const template = wordFile({ body: p(words("{{text}}")), more: pictures })
    const lying = patched(template, (view) => view.setUint32(entryAt(template, "word/media/image2.png") + 24, 10, true))
    for (const bytes of [template, lying])
      expect(() => fileWork.tryTemplate({ bytes, name: "ours.dotx" })).toThrow(
        /^The template unpacks to more than 60 MB in all\. Such a file is not taken\.$/,
      )
  })

  it("[IMP11] macros, embedded and outside things are left out with a warning, and nothing is fetched", () => {
    const [read] = readTexts(
      wordFile({
        body: p(words("a")),
        more: { "word/vbaProject.bin": new Uint8Array([1]), "word/embeddings/oleObject1.bin": new Uint8Array([1]) },
        relationships: ["image", "attachedTemplate", "aFChunk"]
          .map(
            (type, i) =>
              `<Relationship Id="x${i}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="http://127.0.0.1:9/x" TargetMode="External"/>`,
          )
          .join(""),
      }),
    )
    expect(read!.draft.warnings.map((warning) => warning.code)).toEqual(["MACRO", "EMBEDDED", "ALTCHUNK", "EXTERNAL"])
  })

  it("[IMP11] the Strict form of Word's format is read like the other", () => {
    const strict = wordFile({
      body: p(words("a")),
      more: {
        "word/document.xml": `<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body>${p(words("strict") + ins("Ann", " b"))}</w:body></w:document>`,
      },
    })
    expect(readTexts(strict)[0]!.draft.changes).toMatchObject([{ enteredBy: "Ann", text: " b" }])
  })

  it("[IMP11] thousands of files with flipped, lost and doubled bytes: each is read or refused in a sentence, none throws anything else", () => {
    const rich = wordFile({
      body: `${p(`<w:commentRangeStart w:id="0"/>${words("resolves")}<w:commentRangeEnd w:id="0"/>`) + p(words("1\tto begin") + ins("Ann", " now"))}<w:tbl><w:tr><w:tc>${p(words("x"))}</w:tc></w:tr></w:tbl>`,
      comments: `<w:comment ${by("Bob")}><w:p>${words("why")}</w:p></w:comment>`,
    })
    const r = random(7)
    const tally = { read: 0, refused: 0 }
    for (let i = 0; i < 3_000; i++) {
      const bytes = [...rich]
      for (let n = 1 + r.below(3); n > 0; n--) {
        const at = r.below(bytes.length)
        const kind = r.below(3)
        if (kind === 0) bytes[at] = r.below(256)
        else if (kind === 1) bytes.splice(at, 1 + r.below(20))
        else bytes.splice(at, 0, ...bytes.slice(at, at + r.below(20)))
      }
      try {
        readTexts(Uint8Array.from(bytes), "x.docx")
        tally.read++
      } catch (error) {
        if (!(error instanceof DomainError)) throw new Error(`file ${i}`, { cause: error })
        tally.refused++
      }
    }
    expect(tally.refused).toBeGreaterThan(1_000)
  })

  it("[IMP11] markup that is well formed but makes no sense is read without a fault", () => {
    const r = random(11)
    const names = [
      "w:p",
      "w:r",
      "w:t",
      "w:ins",
      "w:del",
      "w:moveFrom",
      "w:moveTo",
      "w:tbl",
      "w:tr",
      "w:tc",
      "w:pPr",
      "w:rPr",
      "w:numPr",
      "w:sdt",
      "w:fldChar",
      "w:commentRangeStart",
      "w:moveFromRangeStart",
      "w:footnoteReference",
      "mc:AlternateContent",
    ]
    const attrs = [
      "",
      ' w:id="1"',
      ' w:author="A"',
      ' w:date="not a date"',
      ' w:val="-1"',
      ' w:val="999999999999"',
      ' w:fldCharType="begin"',
      ' w:name="m"',
    ]
    const any = (depth: number): string => {
      const name = r.pick(names)
      const inner = depth > 5 ? "" : Array.from({ length: r.below(4) }, () => (r.next() < 0.3 ? "text " : any(depth + 1))).join("")
      return `<${name}${r.pick(attrs)}>${inner}</${name}>`
    }
    for (let i = 0; i < 1_500; i++) {
      const body = Array.from({ length: 1 + r.below(5) }, () => any(0)).join("")
      expect(() => printableOf(readTexts(main(body))[0]!.draft), `body ${i}: ${body}`).not.toThrow()
    }
  })
})
