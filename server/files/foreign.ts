/** What is taken in, as sentences end that refuse another form. */
const taken = "Word (.docx), Akoma Ntoso (.xml), Clausula's own file (.json) and plain text are read."
const asWord = "Open it in Word or LibreOffice and save it as a Word document (.docx)."

/** Forms that their first bytes name, and what to do with such a file. Source: the signatures that `file` and the formats' own specifications give. */
const binary: readonly (readonly [RegExp, string])[] = [
  [/^%PDF/, `a PDF, in which changes and clauses cannot be told. Send the Word file that it was made of, or its text as plain text.`],
  [
    /^(?:\u0089PNG|\u00ff\u00d8\u00ff|GIF8|BM[\s\S]{4}\0\0\0\0|II\*\0|MM\0\*|RIFF[\s\S]{4}WEBP|[\s\S]{4}ftyphei)/,
    `a picture, in which no text can be read. Send the document that it shows: ${taken}`,
  ],
  [/^(?:Rar!|7z\u00bc\u00af|\u001f\u008b|BZh|\u00fd7zXZ)/, `a packed archive. Unpack it and send the document that is in it: ${taken}`],
  [/^\u00ffWPC/, `a WordPerfect file. ${asWord}`],
  [/^(?:MZ|\u007fELF)/, `a program, not a text. ${taken}`],
]

/** What a file of another form is and what to do with it, as is said behind "The file is"; null: its first bytes name no such form. */
export function foreignBytes(bytes: Uint8Array): string | null {
  const start = String.fromCharCode(...bytes.subarray(0, 16))
  return binary.find(([signature]) => signature.test(start))?.[1] ?? null
}

/** What bytes are that hold zeros and no mark of UTF-16, as is said behind "The file is". */
export const strangeBytes = (bytes: Uint8Array): string =>
  isBareUtf16(bytes)
    ? "text in UTF-16 without the mark that says so. Save it as UTF-8 and send it again."
    : `not text: it holds binary data. ${taken}`

/** Text of which every other byte is zero: Latin letters in UTF-16. */
function isBareUtf16(bytes: Uint8Array): boolean {
  const zeros = [0, 0]
  const looked = Math.min(bytes.length, 4_096)
  for (let i = 0; i < looked; i++) {
    const byte = bytes[i]!
    if (byte === 0) zeros[i % 2]!++
    // Control characters stand in no text.
    else if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return false
  }
  const [most, least] = [Math.max(...zeros), Math.min(...zeros)]
  return most > looked / 4 && least < looked / 50
}

/** Names of elements that a web page, or a piece of one, begins with. */
const htmlElements = "html|head|body|meta|title|style|script|link|div|p|table|span|h[1-6]|ul|ol|article|section|main|font|center|br"

const textual: readonly (readonly [RegExp, string])[] = [
  [/^\{\\\*?rtf/i, `an RTF file. ${asWord}`],
  [/^(?:<\?xml[^>]*\?>\s*)?<(?:!doctype\s+)?html\b/i, "a web page"],
  [new RegExp(`^<(?:${htmlElements})(?:\\s[^<>]*)?/?>`, "i"), "a web page"],
  [/^<\?xml[\s\S]*?<(?:w:wordDocument|pkg:package)\b/, `a Word document that was saved as XML. Open it in Word and save it as .docx.`],
  [/^<\?xml[\s\S]*?<office:document\b/, `an OpenDocument file that was saved as XML. ${asWord}`],
  [/^%!PS/, `a PostScript file. Send the Word file that it was made of.`],
  [/^(?:%[^\n]*\n\s*)*\\documentclass\b/, `a LaTeX file. Convert it to Word (.docx) or to plain text and send that.`],
]

const webPage =
  "a web page (HTML), not Akoma Ntoso or a Word file. Of a page that Clausula wrote send the same paper as Word (.docx) or as Clausula's own file; open any other in Word and save it as .docx."
const webArchive =
  "a web archive or a mail (MIME), whatever its name ends in. Open it in Word and save it as a Word document (.docx); of a mail send the file that is attached."

/** Fields that web archives and mails begin with. Source: RFC 5322 and RFC 2557. */
const mailField = /^(?:mime-version|content-type|content-location|received|return-path|message-id|from|to|subject|date|x-[\w-]+):/i

/** Whether text begins with fields as a mail or a web archive does, and says there of what type it is. */
function isMail(text: string): boolean {
  const head = text.slice(0, 8_192).split(/\r?\n\r?\n/, 1)[0]!
  return mailField.test(head) && /^(?:content-type|mime-version):\s*\S/im.test(head)
}

/** Begins like an element, and is closed as one. */
function isMarkup(text: string): boolean {
  const name = /^<([A-Za-z_][\w:.-]*)(?:\s+[\w:.-]+\s*=\s*["'][^<>]*)?\/?>/.exec(text.slice(0, 4_096))?.[1]
  return name !== undefined && (text.includes(`</${name}>`) || /^<[^<>]*\/>\s*$/.test(text))
}

/** A text without the comments of markup before it. */
function beginningOf(text: string): string {
  let rest = text.trimStart()
  while (rest.startsWith("<!--") && rest.includes("-->")) rest = rest.slice(rest.indexOf("-->") + 3).trimStart()
  return rest
}

/** What text of another form is and what to do with it, as is said behind "The file is"; null: it is none that is known. */
export function foreignText(text: string): string | null {
  const start = beginningOf(text.slice(0, 4_096))
  const found = textual.find(([beginning]) => beginning.test(start))?.[1]
  if (found !== undefined) return found === "a web page" ? webPage : found
  return isMail(start) ? webArchive : null
}

/** Whether text is XML, by how it begins. */
export const isXml = (text: string): boolean => {
  const body = text.trimStart()
  return body.startsWith("<?xml") || isMarkup(body)
}

/** Whether text is meant as JSON. A bracket alone is none: texts begin with what is not agreed. */
export function isJson(text: string): boolean {
  const body = text.trim()
  return body.startsWith("{") || (body.startsWith("[") && body.endsWith("]") && parses(body))
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const inMegabytes = (bytes: number): string => (bytes / 1024 / 1024).toLocaleString("en", { maximumFractionDigits: 1 })

/** What is said of a file that is too large. `bytes` null: nobody knows by how much, for it was not read to its end. */
export const tooLargeFile = (name: string, bytes: number | null, most: number): string =>
  `${name} is larger than can be taken${bytes === null ? "" : `: it has ${inMegabytes(bytes)} MB`}; at most ${inMegabytes(most)} MB are taken. Take pictures and embedded files out of it, or divide it, and send it again.`
