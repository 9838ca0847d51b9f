import { writeAkn } from "./akn/write.ts"
import { fileDraftOf } from "./file-draft-of.ts"
import { writeHtml } from "./html.ts"
import { withoutNames } from "./nameless.ts"
import { writePdf } from "./pdf.ts"
import type { PaperView, Printable } from "./printable.ts"
import type { Marks } from "./sheet.ts"
import { sheetOf } from "./sheet-of.ts"
import { writePlainText } from "./text.ts"
import { writeWord } from "./word/file.ts"

export type Format = "docx" | "pdf" | "html" | "akn" | "json" | "txt"
export const formats: readonly Format[] = ["docx", "pdf", "html", "akn", "json", "txt"]

export const mimeOf: Readonly<Record<Format, string>> = {
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  pdf: "application/pdf",
  html: "text/html; charset=utf-8",
  akn: "application/akn+xml",
  json: "application/json",
  txt: "text/plain; charset=utf-8",
}

/** What the names of such files end in. */
export const extensionOf = (format: Format): string => (format === "akn" ? "xml" : format)

export interface WriteOptions {
  /** A PDF is printed, not written. */
  readonly format: Exclude<Format, "pdf">
  readonly view: PaperView
  readonly marks: Marks
  readonly hasComments: boolean
  /** An institution's own Word file. */
  readonly template: Uint8Array | null
}

export type WritePaperOptions = Omit<WriteOptions, "format"> & { readonly format: Format }

/** A draft as a file. */
export const writePaper = (draft: Printable, options: WritePaperOptions): Promise<Uint8Array> =>
  writePaperBy(options, async (chosen) => write(draft, chosen))

/** A file in any format, of what `writes` writes; a PDF is printed from two others, which ends where the signal says so. */
export async function writePaperBy(
  { format, ...options }: WritePaperOptions,
  writes: (options: WriteOptions) => Promise<Uint8Array>,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (format !== "pdf") return writes({ format, ...options })
  return writePdf(await writes({ format: "html", ...options }), () => writes({ format: "docx", ...options }), signal)
}

/** A draft as a file that nothing but us writes. In nobody's name, or the body's, nothing in it says whose anything is, whatever the form. */
export function write(named: Printable, { format, template, ...options }: WriteOptions): Uint8Array {
  const { marks } = options
  const draft = marks === "delegation" ? named : withoutNames(named, marks === "body" && named.body ? named.body : null)
  switch (format) {
    case "docx":
      return writeWord(sheetOf(draft, options), template)
    case "html":
      return utf8(writeHtml(sheetOf(draft, options)))
    case "akn":
      return utf8(writeAkn(draft, options.view))
    case "json":
      return utf8(`${JSON.stringify(fileDraftOf(draft, options.view), null, 1)}\n`)
    case "txt":
      return utf8(writePlainText(draft, options.view, options))
    default:
      return format satisfies never
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
