import * as Y from "yjs"
import { momentsAround } from "../../shared/sync/moment.ts"
import { metaOfDoc } from "../../shared/sync/roots.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import { idsIn } from "../entered.ts"
import type { LogRow } from "../storage/store.ts"
import type { LibraryText } from "./akn/read.ts"
import { type Beside, type BesideOptions, laidBeside } from "./beside.ts"
import { compareDrafts } from "./compared.ts"
import { type DraftState, draftStateOf } from "./draft-state.ts"
import { type WriteOptions, write } from "./formats.ts"
import type { ImportedDraft } from "./imported.ts"
import { withProposedNotes } from "./notes.ts"
import { publishJson } from "./publish.ts"
import { type Publishable, publishableOf } from "./publishable.ts"
import { chosenText, readTexts } from "./read-file.ts"
import { readText } from "./text.ts"
import { withUnits } from "./units.ts"
import { readWord } from "./word/read.ts"

interface SentFile {
  readonly bytes: Uint8Array
  /** What it is called, for sentences. */
  readonly name: string
}

interface SentBeside extends SentFile, BesideOptions {
  /** Of a collection, which text; null: its only one. */
  readonly text: string | null
  /** Whether the first text of a collection is looked at where none is named. */
  readonly isPreview: boolean
  readonly working: ImportedDraft
}

interface ComparedVersions {
  readonly before: Publishable
  readonly after: Publishable
  readonly text: "working" | "proposed"
  readonly options: WriteOptions
}

export interface ReadBeside extends Beside {
  readonly texts: readonly Pick<LibraryText, "designation" | "title">[]
}

/** The text of a file that is meant; of a collection that is only looked at, the first. */
export const textMeant = (texts: readonly LibraryText[], name: string, text: string | null, isPreview: boolean): ImportedDraft =>
  isPreview && texts.length > 1 && text === null ? texts[0]!.draft : chosenText(texts, name, text)

export const namesOf = (texts: readonly LibraryText[]): Pick<LibraryText, "designation" | "title">[] =>
  texts.map(({ designation, title }) => ({ designation, title }))

/** What is done with files, each from plain data to plain data, so that it can be done beside the meeting: a long file takes seconds. */
export const fileWork = {
  read: ({ bytes, name }: SentFile): LibraryText[] => readTexts(bytes, name),
  /** Reads a file and lays it beside a draft. */
  readBeside: ({ bytes, name, text, isPreview, working, ...options }: SentBeside): ReadBeside => {
    const texts = readTexts(bytes, name)
    return { texts: namesOf(texts), ...laidBeside(textMeant(texts, name, text, isPreview), working, options) }
  },
  /** The first row of a room that opens with what a file holds. */
  open: ({ draft, broughtBy }: { readonly draft: ImportedDraft; readonly broughtBy: string }): DraftState =>
    draftStateOf(withUnits(withProposedNotes(draft)), broughtBy),
  /** What a room's document was when a version of it was named: its rows one after the other, up to the one that names it. Null: no row does. */
  stateAt: ({
    rows,
    version,
  }: {
    readonly rows: readonly Pick<LogRow, "kind" | "update">[]
    readonly version: number
  }): Uint8Array | null => {
    const doc = newDraftDoc()
    for (const { kind, update } of rows) {
      Y.applyUpdate(doc, update)
      if (kind === "act" && metaOfDoc(doc).versions.some(({ n }) => n === version)) return Y.encodeStateAsUpdate(doc)
    }
    return null
  },
  /** A draft right before and right after the last of some updates. */
  momentsAround: ({ updates }: { readonly updates: readonly Uint8Array[] }): ReturnType<typeof momentsAround> => momentsAround(updates),
  idsIn: ({ update }: { readonly update: Uint8Array }): string[] => idsIn(update),
  /** What changed from one state of a draft to another. */
  compare: ({ before, after, text, options }: ComparedVersions): Uint8Array =>
    write(publishableOf(compareDrafts(publishJson(before, text), publishJson(after, text), null)), options),
  /** Throws where a paper cannot be written in a template. */
  tryTemplate: ({ bytes, name }: SentFile): void => {
    const draft = readText("resolves\n1\tto meet;\n")
    const options = { format: "docx", view: "open", marks: "plain", hasComments: false } as const
    readWord(write(publishableOf(draft), { ...options, template: bytes }), name)
  },
  write: ({ draft, options }: { readonly draft: Publishable; readonly options: WriteOptions }): Uint8Array => write(draft, options),
} as const

export type FileWork = typeof fileWork
export type FileTask = keyof FileWork
