import type * as Y from "yjs"
import type { Answer } from "../../shared/api/contract.ts"
import { changeIdsIn } from "../../shared/changes/changes.ts"
import { hashOf } from "../../shared/changes/hash.ts"
import type { Sitting } from "../../shared/people/sitting.ts"
import type { Block } from "../../shared/schema/block.ts"
import { nameOf, type Printable, printableOfDoc, type Surroundings } from "../papers/printable.ts"
import type { Meeting } from "../people/meeting.ts"
import { DomainError } from "../problems.ts"
import type { DraftRecord } from "../storage/store.ts"
import type { DraftBeside } from "../workers/file-work.ts"
import type { History } from "./history.ts"
import { demandWhole, importedOf, type OpenDraft } from "./open-draft.ts"

/** The sealed text in force, proven against its hash. */
interface Sealed extends Answer<"force"> {
  readonly blocks: readonly Block[] | null
}

/** Drafts as plain data with all that a paper or a file says beside their text: for work on them outside of their room. */
export class WholeDrafts {
  readonly #meeting: Meeting
  readonly #history: History
  readonly #sealed = new WeakMap<DraftRecord, Sealed>()

  constructor(meeting: Meeting, history: History) {
    this.#meeting = meeting
    this.#history = history
  }

  /** The text in force that a draft revises, and what its import understood. */
  force(record: DraftRecord): Sealed {
    const known = this.#sealed.get(record)
    if (known) return known
    const blocks = record.force === null ? null : (JSON.parse(record.force) as Block[])
    if (blocks && hashOf(blocks) !== record.forceHash)
      throw new DomainError("store-failed", "The sealed text in force does not match its hash.")
    const sealed = { blocks, hash: record.forceHash, imported: importedOf(record) }
    this.#sealed.set(record, sealed)
    return sealed
  }

  /** A draft as it is committed, for work on it beside the meeting. */
  beside(draft: OpenDraft): DraftBeside {
    demandWhole(draft)
    return { state: draft.room.encodedState(), surroundings: this.#surroundings(draft, this.#meeting.sittings.now()) }
  }

  /** A draft with all that a file of it holds, as it is now, or as a document of it was in the sitting in which that was named. */
  async printable(
    draft: OpenDraft,
    { doc, sitting }: { doc: Y.Doc; sitting: Sitting } = { doc: draft.room.main, sitting: this.#meeting.sittings.now() },
  ): Promise<Printable> {
    demandWhole(draft)
    const enteredOf = await this.#history.enteredOf(draft)
    const paper = printableOfDoc(doc, this.#surroundings(draft, sitting))
    const entered = new Map<string, { by: string | null; at: string | null; broughtBy?: string }>()
    const ids = [...paper.blocks.flatMap((block) => [...changeIdsIn(block)]), ...Object.values(paper.renumbered).map((part) => part.id)]
    for (const id of ids) {
      const found = enteredOf(id)
      // What nobody has said is null on a paper: an empty name or time is none, and no reader takes it for one.
      if (!found) continue
      const brought = found.isOfFile ? { broughtBy: (found.broughtBy && nameOf(found.broughtBy, paper.people)) || "" } : {}
      entered.set(id, { by: nameOf(found.person, paper.people) || null, at: found.at || null, ...brought })
    }
    return { ...paper, entered }
  }

  /** Names as a paper has them now: of people, and of the roster in its order. */
  names(): Pick<Printable, "people" | "sources"> {
    const { people } = this.#meeting
    return {
      people: new Map(people.records().map(({ id }) => [id, people.nameOf(id)])),
      sources: new Map(people.sources().map(({ code, name }) => [code, name])),
    }
  }

  /** What papers of now say beside the draft: names and the sitting. Another value, another paper. */
  aboutNow(): string {
    const { body, date } = this.#meeting.sittings.now()
    return JSON.stringify([body, date, ...this.#meeting.people.sources().map(({ code, name }) => [code, name])])
  }

  /** All but who entered what. */
  #surroundings({ record }: OpenDraft, { body, date }: Sitting): Surroundings {
    const { blocks: force } = this.force(record)
    const { cover, debris, warnings } = importedOf(record)
    return { force, cover, debris, warnings, entered: new Map(), ...this.names(), body, version: null, date }
  }
}
