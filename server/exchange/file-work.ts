import type { LibraryText } from "./akn/read.ts"
import { type Beside, type BesideOptions, laidBeside } from "./beside.ts"
import { type DraftState, draftStateOf } from "./draft-state.ts"
import { type WriteOptions, write } from "./formats.ts"
import type { ImportedDraft } from "./imported.ts"
import type { Publishable } from "./publishable.ts"
import { chosenText, readTexts } from "./read-file.ts"

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
  open: ({ draft }: { readonly draft: ImportedDraft }): DraftState => draftStateOf(draft),
  write: ({ draft, options }: { readonly draft: Publishable; readonly options: WriteOptions }): Uint8Array => write(draft, options),
} as const

export type FileWork = typeof fileWork
export type FileTask = keyof FileWork
