import * as Y from "yjs"
import { workingTextOf } from "../../shared/changes/projections.ts"
import { addressesOf, labelsOf } from "../../shared/clauses/labels.ts"
import { momentsAround } from "../../shared/sync/moment.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { metaOfDoc } from "../../shared/sync/roots.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import { copyOfState } from "../comparison/already.ts"
import { type BesideOptions, laidBeside } from "../comparison/beside.ts"
import { compareDrafts } from "../comparison/compare-drafts.ts"
import { printsOf } from "../comparison/prints.ts"
import { withSeams } from "../comparison/seams.ts"
import { withUnits } from "../comparison/units.ts"
import { type Asked, type ComesFirst, comesFirst, type Logged } from "../decisions/first-back.ts"
import type { FileDraft } from "../files/file-draft.ts"
import { addressesIn } from "../files/labelled.ts"
import type { LibraryText } from "../files/library-text.ts"
import { withProposedNotes } from "../files/notes.ts"
import { type OpeningState, openingStateOf } from "../files/opening-state.ts"
import { chosenText, readFile, readTexts } from "../files/read-file.ts"
import { idsIn } from "../gate/ids.ts"
import { fileDraftOf } from "../papers/file-draft-of.ts"
import { type WriteOptions, write } from "../papers/formats.ts"
import { type Printable, printableOf, printableOfDoc, type Surroundings } from "../papers/printable.ts"
import type { LogRow } from "../storage/store.ts"
import type { ReadBeside } from "./read-beside.ts"
import { type Reviewed, type Reviewer, reviewOf } from "./review.ts"

interface SentFile {
  readonly bytes: Uint8Array
  /** What it is called, for sentences. */
  readonly name: string
}

/** A draft of the meeting as plain data. */
export interface DraftBeside {
  readonly state: Uint8Array
  readonly surroundings: Surroundings
}

interface SentBeside extends SentFile, BesideOptions, DraftBeside {
  /** Of a collection, which text; null: its only one. */
  readonly text: string | null
  /** Whether the first text of a collection is looked at where none is named. */
  readonly isPreview: boolean
}

interface ComparedVersions {
  readonly before: Printable
  readonly after: Printable
  readonly text: "working" | "proposed"
  readonly options: WriteOptions
}

/** The text of a file that is meant; of a collection that is only looked at, the first. */
export const textMeant = (texts: readonly LibraryText[], name: string, text: string | null, isPreview: boolean): FileDraft =>
  isPreview && texts.length > 1 && text === null ? texts[0]!.draft : chosenText(texts, name, text)

export const namesOf = (texts: readonly LibraryText[]): Pick<LibraryText, "designation" | "title">[] =>
  texts.map(({ designation, title }) => ({ designation, title }))

/** What the draft's people call the clauses of its working text; "" of what is none. */
function workingAddressesOf(doc: Y.Doc): (block: string | null) => string {
  const blocks = workingTextOf(blocksOf(doc))
  const { profile, labels } = metaOfDoc(doc)
  const addresses = addressesOf(blocks, labelsOf(blocks, profile, labels))
  return (block) => (block && addresses.get(block)) ?? ""
}

function readBeside({ bytes, name, text, isPreview, state, surroundings, ...options }: SentBeside): ReadBeside {
  const texts = readTexts(bytes, name)
  const doc = copyOfState(state)
  const working = fileDraftOf(printableOfDoc(doc, surroundings), "working")
  const file = textMeant(texts, name, text, isPreview)
  const { differences, offered, ...beside } = laidBeside(file, working, options)
  const addressOf = workingAddressesOf(doc)
  const inFile = addressesIn(file)
  // What the draft has not is called as the file calls it.
  const theirs = (block: string | null): string => (block !== null && inFile.has(block) ? `${inFile.get(block)} of the file` : "")
  return {
    ...beside,
    texts: namesOf(texts),
    differences: differences.map((place) => ({ ...place, address: addressOf(place.ourBlock) || theirs(place.block) })),
    offered: offered.map(({ id, block, text, by }) => ({ id, address: addressOf(block), text, by })),
  }
}

/** What is done with files, each from plain data to plain data, so that it can be done beside the meeting: a long file takes seconds. */
export const fileWork = {
  read: ({ bytes, name }: SentFile): LibraryText[] => readTexts(bytes, name),
  /** Reads a file and lays it beside a draft. */
  readBeside,
  /** What it would bring there, as its review shows it. */
  review: ({ reviewer, ...sent }: SentBeside & { readonly reviewer: Reviewer }): Reviewed =>
    reviewOf(readBeside(sent), sent.name, sent.state, reviewer),
  /** The first row of a room that opens with what a file holds. */
  open: ({ draft, broughtBy }: { readonly draft: FileDraft; readonly broughtBy: string }): OpeningState => {
    const whole = withUnits(withProposedNotes(withSeams(draft)))
    return openingStateOf(whole, broughtBy, printsOf(whole))
  },
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
  /** What must be taken back before a decision can be. */
  comesFirst: ({ logged, asked }: { readonly logged: Logged; readonly asked: Asked }): ComesFirst => comesFirst(logged, asked),
  idsIn: ({ update }: { readonly update: Uint8Array }): string[] => idsIn(update),
  /** What changed from one state of a draft to another. */
  compare: ({ before, after, text, options }: ComparedVersions): Uint8Array =>
    write(printableOf(compareDrafts(fileDraftOf(before, text), fileDraftOf(after, text), null)), options),
  /** Throws where a paper cannot be written in a template. */
  tryTemplate: ({ bytes, name }: SentFile): void => {
    const draft = readFile(Buffer.from("resolves\n1\tto meet;\n"))
    const options = { format: "docx", view: "open", marks: "plain", hasComments: false } as const
    readFile(write(printableOf(draft), { ...options, template: bytes }), name)
  },
  write: ({ draft, options }: { readonly draft: Printable; readonly options: WriteOptions }): Uint8Array => write(draft, options),
} as const

export type FileWork = typeof fileWork
export type FileTask = keyof FileWork
