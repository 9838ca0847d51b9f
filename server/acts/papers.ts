import type { Answer } from "../../shared/api/contract.ts"
import { paperParts } from "../../shared/api/papers.ts"
import { beginningOf } from "../../shared/schema/letters.ts"
import { detailsOf } from "../decisions/recorded.ts"
import type { Drafts } from "../drafts/drafts.ts"
import { hashOfBytes, type KeptFiles } from "../drafts/kept-files.ts"
import type { OpenDraft } from "../drafts/open-draft.ts"
import { type Asker, Turns, theServer } from "../pace/turns.ts"
import { extensionOf, type Format, type WriteOptions, type WritePaperOptions, writePaperBy } from "../papers/formats.ts"
import type { Printable } from "../papers/printable.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { PublishedHead, Store, StoredEntry } from "../storage/store.ts"
import type { Desk } from "../workers/desk.ts"
import type { Procedure } from "./procedure.ts"

export type Published = Answer<"publish">

/** How a paper is to be, beside what text it shows. */
export type PaperOptions = Omit<WritePaperOptions, "template"> & { readonly inTemplate: boolean }

const slug = (words: string): string => words.replace(/(?<=\p{L})['’]s\b/gu, "").replace(/[^\p{L}\p{M}\p{N}]+/gu, "-")

/** What a file of a draft is called. `parts`: what tells it from others of the draft, which is never cut. */
export const fileName = (title: string, format: Format, parts: readonly string[] = []): string =>
  `${[beginningOf(slug(title), 60) || "draft", ...parts.map(slug)].join("-")}.${extensionOf(format)}`

/** A name that no other file has yet: of two that show the same, such as in another template, the second is "… 2". */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf(".")
  const nth = (n: number): string => (n === 1 ? name : `${name.slice(0, dot)}-${n}${name.slice(dot)}`)
  let n = 1
  while (taken.has(nth(n))) n++
  return nth(n)
}

/** How many papers are written and printed at once, and how many one may have waiting. A print takes a browser of its own. */
const writingLimits = { atOnce: 2, ofOne: 1, waitingOfOne: 8, waitingInAll: 200, what: "papers" } as const
const printingLimits = { atOnce: 1, ofOne: 1, waitingOfOne: 3, waitingInAll: 60, what: "PDF files" } as const

/** Drafts on paper: as they are now or as a named version was, in the institution's template, and kept as they were published. */
export class Papers {
  readonly #store: Store
  readonly #files: KeptFiles
  readonly #drafts: Drafts
  readonly #procedure: Procedure
  readonly #desk: Desk
  readonly #now: () => Date
  readonly #writing = new Turns(writingLimits)
  readonly #printing = new Turns(printingLimits)
  /** Documents of versions that were looked at last; a version never changes. */
  readonly #versions = new Map<string, Promise<Printable>>()

  constructor(parts: { store: Store; files: KeptFiles; drafts: Drafts; procedure: Procedure; desk: Desk; now: () => Date }) {
    this.#store = parts.store
    this.#files = parts.files
    this.#drafts = parts.drafts
    this.#procedure = parts.procedure
    this.#desk = parts.desk
    this.#now = parts.now
  }

  async #printable(draft: OpenDraft, version: number | null): Promise<Printable> {
    await this.#drafts.demandProven(draft)
    if (version === null) return this.#drafts.whole.printable(draft)
    // Who is on the roster is known as it is now, also to a version that is kept ready.
    return { ...(await this.#version(draft, version)), ...this.#drafts.whole.names() }
  }

  #version(draft: OpenDraft, version: number): Promise<Printable> {
    const named = draft.room.committedMeta.versions.find(({ n }) => n === version)
    if (!named) throw new DomainError("not-found", `There is no version ${version} of this draft.`)
    const key = `${draft.record.id} ${version}`
    let known = this.#versions.get(key)
    if (!known) {
      known = this.#asItWas(draft, version).then((was) => ({ ...was, version: named.name }))
      known.catch(() => this.#versions.delete(key))
      this.#versions.set(key, known)
      const [oldest] = this.#versions.keys()
      if (this.#versions.size > keptVersions) this.#versions.delete(oldest!)
    }
    return known
  }

  /** A draft as it was when a version was named, with the sitting that named it. */
  async #asItWas(draft: OpenDraft, version: number): Promise<Printable> {
    const doc = await this.#drafts.history.at(draft, version)
    const entries = await this.#store.register(draft.record.id)
    const { sitting } = entries.find((entry) => detailsOf(entry, "nameVersion")?.n === version)!
    return this.#drafts.whole.printable(draft, { doc, sitting })
  }

  /** A draft as a file. `version`: as it was when that was named; null: as it is now. */
  written(draft: OpenDraft, version: number | null, paper: PaperOptions, asker: Asker = theServer): Promise<Uint8Array> {
    return this.#written(draft, version, paper, asker, null)
  }

  async #written(
    draft: OpenDraft,
    version: number | null,
    paper: PaperOptions,
    asker: Asker,
    head: PublishedHead | null,
  ): Promise<Uint8Array> {
    const { inTemplate, ...options } = paper
    const template = inTemplate && options.format === "docx" ? ((await this.#files.template())?.bytes ?? null) : null
    return this.#made({ ...options, template }, asker, async (chosen) =>
      this.#desk.write({ draft: bearing(await this.#printable(draft, version), head), options: chosen }, asker),
    )
  }

  /** What changed from a version to another, or to the draft as it is now, as tracked changes of nobody. */
  async compared(
    draft: OpenDraft,
    version: number,
    to: number | null,
    { text, format }: { text: "working" | "proposed"; format: Format },
    asker: Asker,
  ): Promise<Uint8Array> {
    return this.#made({ format, view: "open", marks: "delegation", hasComments: false, template: null }, asker, async (options) => {
      const [before, after] = [await this.#printable(draft, version), await this.#printable(draft, to)]
      return this.#desk.compare({ before, after, text, options }, asker)
    })
  }

  /** Everything that a paper costs is done when its turn comes, what is gathered for it too; a print waits for a turn of its own. */
  #made(options: WritePaperOptions, asker: Asker, write: (options: WriteOptions) => Promise<Uint8Array>): Promise<Uint8Array> {
    const inTurn = (chosen: WriteOptions): Promise<Uint8Array> => this.#writing.run(asker, () => write(chosen))
    if (options.format !== "pdf") return writePaperBy(options, inTurn)
    return this.#printing.run(asker, () => writePaperBy(options, inTurn, asker.signal))
  }

  /** The named versions, with what was published of each: the record of decisions knows. */
  async versions(draft: OpenDraft, nameOf: (person: string) => string): Promise<Answer<"versions">> {
    const entries = await this.#drafts.history.record(draft)
    const files = filesIn(entries)
    return entries.flatMap((entry) => {
      const named = detailsOf(entry, "nameVersion")
      if (!named) return []
      const { n, name } = named
      const its = files.flatMap(({ version, file }) => (version === n ? [file] : []))
      return [{ n, name, at: entry.at, enteredBy: nameOf(entry.enteredBy), files: its }]
    })
  }

  /** Publishes a version: its file is written once, kept under its hash, and noted in the record. */
  async publish(person: Person, draft: OpenDraft, version: number, options: PaperOptions, asker: Asker): Promise<Published> {
    this.#procedure.allow("publish", this.#procedure.actor(person), draft)
    const before = filesIn(await this.#store.register(draft.record.id)).filter((other) => other.version === version)
    if (before.length >= mostFiles)
      throw new DomainError(
        "too-many",
        `${mostFiles} files of this version are published, as many as one has. Name the draft anew, then publish that.`,
      )
    const head = await this.#store.head(draft.record.id)
    const bytes = await this.#written(draft, version, options, asker, head)
    const { format, view, marks, hasComments: comments } = options
    const named = draft.room.committedMeta.versions.find(({ n }) => n === version)!
    const hash = hashOfBytes(bytes)
    const parts = [beginningOf(named.name, 60), ...paperParts({ view, marks, comments })]
    const others = new Set(before.flatMap(({ file: other }) => (other.hash === hash ? [] : [other.name])))
    const file: Published = {
      hash,
      name: freeName(fileName(beginningOf(draft.record.title, 40), format, parts), others),
      ...{ format, view, marks, comments },
      bytes: bytes.length,
      at: this.#now().toISOString(),
      ...(head ? { head } : {}),
    }
    await this.#store.saveFile(file.hash, bytes)
    await this.#procedure.turn(person, draft, (_gate, who) => {
      const details = { version, versionName: named.name, file }
      const entry = this.#procedure.entry("publish", who, this.#procedure.sourceOf(this.#procedure.actor(who)), details)
      return { row: null, entry: { ...entry, at: file.at }, answer: undefined }
    })
    return file
  }

  /** A published file, proven against its hash. */
  async published(draft: OpenDraft, version: number, hash: string): Promise<{ file: Published; bytes: Uint8Array }> {
    await this.#drafts.demandProven(draft)
    const found = filesIn(await this.#drafts.history.record(draft)).find((other) => other.version === version && other.file.hash === hash)
    if (!found) throw new DomainError("not-found", "No such file was published of this version.")
    return { file: found.file, bytes: await this.#files.published(found.file, draft.record.id) }
  }

  /** What the institution's template is called. Throws where it is damaged. */
  async template(): Promise<{ readonly name: string } | null> {
    return this.#files.template()
  }

  /** Keeps an institution's template. Throws where a paper cannot be written in it. */
  async setTemplate(name: string, bytes: Uint8Array, asker: Asker): Promise<void> {
    await this.#desk.tryTemplate({ bytes, name }, asker)
    await this.#files.setTemplate(name, bytes)
  }

  removeTemplate(): Promise<void> {
    return this.#files.removeTemplate()
  }
}

/** Files of a version at most: each is kept for ever. */
const mostFiles = 100

/** So many digits of a chain tell logs apart. */
const headDigits = 16

/**
 * A paper that bears, beside the name of its version, how the log ended when it was published. Nobody who holds the paper can be shown a log that was
 * rewritten since, whoever operates the store (DAM).
 */
const bearing = (printable: Printable, head: PublishedHead | null): Printable =>
  head ? { ...printable, version: `${printable.version} · ${head.chain.slice(0, headDigits)}` } : printable

/** How many versions are kept ready. */
const keptVersions = 8

const filesIn = (entries: readonly StoredEntry[]): { version: number; file: Published }[] =>
  entries.flatMap((entry) => detailsOf(entry, "publish") ?? [])
