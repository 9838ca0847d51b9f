import { ofFile } from "../../shared/comments/thread.ts"
import { notStated, parseMarkId } from "../../shared/schema/keys.ts"
import { detailsOf } from "../decisions/recorded.ts"
import type { Entered } from "../files/opening-state.ts"
import { idsIn } from "../gate/ids.ts"
import { pauses } from "../pace/pauses.ts"
import type { LogRow, StoredEntry } from "../storage/store.ts"

/** Who entered something and when. `broughtBy`: of what a file brought, who brought it. */
export interface EnteredMark {
  readonly person: string
  readonly at: string
  readonly broughtBy: string | null
  /** It came with a file, whether that says by whom or not. */
  readonly isOfFile: boolean
}

export type EnteredOf = (mark: string) => EnteredMark | null

/** From what it is read. */
interface Sources {
  /** Rows after a sequence number. */
  readonly rows: (after: number) => Promise<readonly LogRow[]>
  readonly register: () => Promise<readonly StoredEntry[]>
  /** Reads a large update beside the meeting: `idsIn`. */
  readonly idsInLarge: (update: Uint8Array) => Promise<readonly string[]>
  /** What the file says of whom that the draft came from. */
  readonly inFile: () => Entered | undefined
  /** What decided changes left or became, by the change that is open since. */
  readonly wholes: () => ReadonlyMap<string, string>
}

/** Larger updates hold the loop longer than others should wait. */
const largeBytes = 100_000

const wholeSeconds = (at: string): string => at.replace(/\.\d+Z$/, "Z")

/** Who entered which mark of a draft and when: read from its log once, in pieces, then kept up. */
export class EnteredBook {
  readonly #sources: Sources
  readonly #byMark = new Map<string, { readonly person: string; readonly at: string; readonly isOfFile: boolean }>()
  #inFile: Entered = {}
  #wholes: ReadonlyMap<string, string> = new Map()
  #seq = 0
  #acts = -1
  /** One reads at a time. */
  #reading: Promise<void> = Promise.resolve()

  constructor(sources: Sources) {
    this.#sources = sources
  }

  /** As of a sequence number and so many acts. */
  async asOf(seq: number, acts: number): Promise<EnteredOf> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#read(seq, acts))
    await this.#reading
    return (mark) => this.#of(mark)
  }

  async #read(seq: number, acts: number): Promise<void> {
    const pause = pauses()
    if (seq > this.#seq)
      for (const row of await this.#sources.rows(this.#seq)) {
        this.#readRow(row, row.update.length > largeBytes ? await this.#sources.idsInLarge(row.update) : idsIn(row.update))
        await pause()
      }
    if (acts === this.#acts) return
    // What a file brought was entered by whom the file names, where it says.
    const inFile = { ...this.#sources.inFile() }
    for (const entry of await this.#sources.register()) Object.assign(inFile, detailsOf(entry, "importChanges", "attribute")?.entered)
    this.#inFile = inFile
    this.#wholes = this.#sources.wholes()
    this.#acts = acts
  }

  #readRow(row: LogRow, ids: readonly string[]): void {
    this.#seq = Math.max(this.#seq, row.seq)
    // Nobody types in an act: what one brings came with a file, or is left of what was entered before.
    for (const id of ids)
      if (!this.#byMark.has(id)) this.#byMark.set(id, { person: row.person, at: wholeSeconds(row.at), isOfFile: row.kind === "act" })
  }

  #of(mark: string): EnteredMark | null {
    const whole = this.#wholes.get(mark)
    if (whole !== undefined && this.#byMark.get(mark)?.isOfFile) return this.#of(whole)
    const { by = null, at = null } = this.#inFile[mark] ?? {}
    // Whoever brought a file did not make what it says of nobody.
    const isNobodys = parseMarkId(mark)?.source === notStated
    const wrote = this.#byMark.get(mark)
    const found = isNobodys ? undefined : wrote
    if (by === null && at === null) return found ? { ...found, broughtBy: null } : null
    const broughtBy = wrote?.person ?? null
    return { person: by === null ? (found?.person ?? "") : `${ofFile}${by}`, at: at ?? found?.at ?? "", broughtBy, isOfFile: true }
  }
}
