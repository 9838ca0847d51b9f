import { strToU8, zipSync } from "fflate"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { largestFile, readFile } from "../server/files/read-file.ts"
import { write } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"
import { DomainError } from "../server/problems.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { Meeting } from "./meeting.ts"

const text = "RESOLUTION 1\nresolves\n1\tto meet;\n2\tto act, é, 你.\n"
const draft = readFile(strToU8(text))
const ownPage = (): Uint8Array =>
  write(printableOf(draft), { format: "html", view: "open", marks: "delegation", hasComments: true, template: null })

const utf16 = (words: string, isBig: boolean, mark: string = "\ufeff"): Uint8Array => {
  const bytes = Buffer.from(`${mark}${words}`, "utf16le")
  return new Uint8Array(isBig ? bytes.swap16() : bytes)
}

/** Files of other forms: what the sentence calls each, and what it says to do. */
const foreign: readonly (readonly [string, () => Uint8Array, RegExp, RegExp])[] = [
  ["RTF", () => strToU8("{\\rtf1\\ansi\\deff4{\\fonttbl{\\f0 Arial;}}resolves}"), /an RTF file/, /save it as a Word document/],
  ["a web page", () => strToU8("\ufeff<!DOCTYPE html>\n<html><body><p>resolves</p></body></html>"), /a web page/, /save it as \.docx/],
  ["a web page without a head", () => strToU8("<html><body><p>resolves to act</p></body></html>"), /a web page/, /\.docx/],
  ["a piece of one", () => strToU8("<p class=x>resolves</p><p>to act</p>"), /a web page/, /\.docx/],
  ["XHTML", () => strToU8('<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"/>'), /a web page/, /\.docx/],
  ["our own page", ownPage, /a web page/, /a page that Clausula wrote send the same paper as Word/],
  [
    "a web archive saved as .doc",
    () => strToU8("MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n<html/>"),
    /a web archive or a mail/,
    /save it as a Word/,
  ],
  [
    "a mail",
    () => strToU8("Received: from a\nSubject: our proposal\nContent-Type: text/plain\n\nresolves"),
    /a web archive or a mail/,
    /attached/,
  ],
  ["XML of another kind", () => strToU8("<a>hello</a>"), /XML, but not Akoma Ntoso 3\.0: its root is <a>/, /Save the text as/],
  ["XML with a head", () => strToU8('<?xml version="1.0"?>\n<book><p/></book>'), /its root is <book>/, /Save the text as/],
  [
    "Word's own XML",
    () => strToU8('<?xml version="1.0"?><?mso-application progid="Word.Document"?><pkg:package/>'),
    /saved as XML/,
    /as \.docx/,
  ],
  ["UTF-16 without its mark", () => utf16(text, false, ""), /UTF-16 without the mark/, /Save it as UTF-8/],
  ["UTF-16 that is broken", () => new Uint8Array([0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00]), /UTF-16/, /Save it as UTF-8/],
  ["another encoding", () => new Uint8Array([0x63, 0x61, 0x66, 0xe9]), /not text in UTF-8/, /Save it as UTF-8/],
  ["a PDF", () => strToU8("%PDF-1.7 ..."), /a PDF/, /Send the Word file/],
  ["a picture", () => new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]), /a picture/, /Send the document/],
  ["a packed archive", () => strToU8("Rar!\u001a\u0007"), /a packed archive/, /Unpack it/],
  ["a zip archive", () => zipSync({ "ours.txt": strToU8("hi") }), /a zip archive/, /Unpack it/],
  ["an OpenDocument file", () => zipSync({ "content.xml": strToU8("<a/>") }), /OpenDocument/, /Save it as Word/],
  ["anything else", () => new Uint8Array([1, 0, 2, 0, 0, 7, 9]), /binary data/, /are read/],
  ["a list in JSON", () => strToU8('[{"id": "b1"}]'), /JSON, but not a draft/, /./],
  ["JSON that is cut short", () => strToU8('{"blocks": [{"id"'), /begins like Clausula's own file/, /export it again/],
]

describe("files of other forms", () => {
  for (const [name, bytes, what, advice] of foreign)
    it(`[IMP14] ${name}: what it is, and what to do`, () => {
      let said: unknown
      try {
        readFile(bytes(), "theirs.doc")
      } catch (error) {
        said = error
      }
      expect(said).toBeInstanceOf(DomainError)
      const { message } = said as Error
      expect(message).toMatch(what)
      expect(message).toMatch(advice)
      expect(message).toMatch(/^theirs\.doc .*\.$/s)
    })

  it("[IMP14] text in UTF-16 is read as that in UTF-8", () => {
    for (const isBig of [false, true]) expect(readFile(utf16(text, isBig))).toEqual(draft)
  })

  it("[IMP14] a text that only begins like another form is read", () => {
    const texts = [
      "<1> resolves\n1\tto act;\n",
      "[resolves]\n1\tto act;\n",
      "From: the Chair\nresolves\n1\tto act;\n",
      "Subject: fees\n\nresolves\n1\tto act;\n",
      "<Brazil proposes>\nresolves\n1\tto act;\n",
    ]
    for (const words of texts)
      expect(
        readFile(strToU8(words)).blocks.map((block) => block.text),
        words,
      ).toContain("to act;")
  })
})

describe("files that are too large", () => {
  let meeting: Meeting
  beforeAll(async () => {
    meeting = await Meeting.open()
  })
  afterAll(() => meeting.stop())

  const sentence =
    /^The file is larger than can be taken: it has 20\.1 MB; at most 20 MB are taken\. Take pictures and embedded files out of it, or divide it, and send it again\.$/
  it("[IMP12] by how much, what is taken, and what to do, by every door", async () => {
    const bytes = new Uint8Array(largestFile + 100_000)
    expect(() => readFile(bytes)).toThrow(sentence)
    const secretary = await meeting.guest("secretary")
    const { status, body } = await secretary.request("POST", `${apiRoot}/drafts?preview=1`, {
      raw: bytes,
      headers: { "Content-Type": "application/octet-stream" },
    })
    expect(status).toBe(413)
    expect((body as { detail: string }).detail).toMatch(sentence)
  })
})
