import * as Y from "yjs"
import type { ForestalledToldBy } from "../../shared/changes/forestalled.ts"
import type { OtherSides } from "../../shared/changes/other-side.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import type { Twins } from "../../shared/changes/twins.ts"
import type { FrozenLabels, Profile, Renumbered } from "../../shared/clauses/labels.ts"
import { inPlaceOrder, placesOf, type ThreadPlace } from "../../shared/comments/place-of.ts"
import { fileSaid, ofFile, type Remark, type Thread } from "../../shared/comments/thread.ts"
import type { Block } from "../../shared/schema/block.ts"
import { groundOf } from "../../shared/sync/ground.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { forestalledToldIn, metaOfDoc, otherSidesIn, roots, threadsOf, twinsIn } from "../../shared/sync/roots.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import type { CoverField, FileDraft, FileWarning } from "../files/file-draft.ts"
import { openingStateOf } from "../files/opening-state.ts"

/**
 * Which text a file shows: in force, with every accepted change, with every open one; with the open changes marked; marked against the text in force,
 * accepted changes too; or with the open changes in brackets, for paper.
 */
export type PaperView = "force" | "working" | "proposed" | "open" | "against" | "rolling"
export const paperViews: readonly PaperView[] = ["force", "working", "proposed", "open", "against", "rolling"]

/** Whether a view shows what is proposed as proposals, with whose each is. */
export const showsChanges = (view: PaperView): boolean => view === "open" || view === "against"

/** A draft and what surrounds it, as a writer of papers needs it: plain data. */
export interface Printable {
  readonly profile: Profile
  readonly labels: FrozenLabels
  readonly renumbered: Renumbered
  readonly blocks: readonly Block[]
  /** The sealed text in force; null for a new resolution. */
  readonly force: readonly Block[] | null
  readonly threads: readonly Thread[]
  /** What a decision moved apart that still says the same. */
  readonly twins?: Twins
  /** What of open changes came too late for what it was to replace. */
  readonly late?: ForestalledToldBy
  /** Of what is left of replacements: the side that was accepted by itself. */
  readonly sides?: OtherSides
  /** Where each thread stands, by its id. */
  readonly places: ReadonlyMap<string, ThreadPlace>
  /** What became of decided changes. */
  readonly accepted: readonly ProposalEntry[]
  readonly cover: readonly CoverField[]
  readonly debris: readonly string[]
  readonly warnings: readonly FileWarning[]
  /**
   * By the id of a change or renumbering: who entered it and when, where that is known: an empty name or time is none. `broughtBy`: of what a file brought
   * to the meeting, who brought it; `by` is then whom the file names.
   */
  readonly entered: ReadonlyMap<string, { readonly by: string | null; readonly at: string | null; readonly broughtBy?: string }>
  /** Names of people by their ids, and of sources by their codes. */
  readonly people: ReadonlyMap<string, string>
  readonly sources: ReadonlyMap<string, string>
  /** The body that meets: it signs what leaves the house in nobody's own name. */
  readonly body: string
  /** The name of the version that it is; null: it is no named one. */
  readonly version: string | null
  /** The day it is of, as YYYY-MM-DD: that of the sitting; null where it is not known. */
  readonly date: string | null
  /** How what several propose at one place is read, where the draft no longer says whose that is. */
  readonly reading?: Reading
  /** Whether it is to say whose nothing is. */
  readonly isNameless?: boolean
}

/** The name of a person, also of one whom only a file names. */
export const nameOf = (person: string, people: ReadonlyMap<string, string>): string | null =>
  person.startsWith(ofFile) ? person.slice(ofFile.length) : (people.get(person) ?? null)

/** What a remark says of where it comes from, if a file brought it to the meeting; null: it was made there, or there is no meeting. */
export const remarkFrom = ({ person, broughtBy }: Remark, people: ReadonlyMap<string, string>): string | null =>
  broughtBy === undefined ? null : fileSaid(nameOf(person, people), people.get(broughtBy) ?? null)

/** What a writer of papers needs of a draft that is not in its document. */
export type Surroundings = Omit<Printable, keyof ReturnType<typeof inDoc>>

function inDoc(doc: Y.Doc) {
  const { profile, labels, renumbered } = metaOfDoc(doc)
  const blocks = blocksOf(doc)
  const threads = threadsOf(doc)
  const places = placesOf(threads, groundOf(doc, blocks))
  return {
    ...{ profile, labels, renumbered, blocks, places },
    threads: inPlaceOrder(threads, places, blocks),
    twins: twinsIn(doc),
    late: forestalledToldIn(doc),
    sides: otherSidesIn(doc),
    accepted: [...roots.proposals(doc).values()].filter((entry) => entry.status === "accepted"),
  }
}

/** A draft's document and what surrounds it, as a writer of papers needs it. */
export const printableOfDoc = (doc: Y.Doc, surroundings: Surroundings): Printable => ({ ...inDoc(doc), ...surroundings })

/** What a file holds, as a writer of papers needs it: by way of the state of a room, so that it is the same as if it were a draft of a meeting. */
export function printableOf(draft: FileDraft): Printable {
  const { update, force, entered } = openingStateOf(draft)
  const doc = newDraftDoc()
  Y.applyUpdate(doc, update)
  return printableOfDoc(doc, {
    force,
    cover: draft.cover,
    debris: draft.debris,
    warnings: draft.warnings,
    entered: new Map(Object.entries(entered).map(([id, { by, at }]) => [id, { by: by || null, at: at || null }])),
    people: new Map(),
    sources: new Map(),
    body: "",
    version: null,
    date: lastDay(draft),
  })
}

/** The day of the last change that a file tells of. */
const lastDay = (draft: FileDraft): string | null =>
  draft.changes
    .map((change) => change.date?.slice(0, 10) ?? "")
    .filter((day) => /^\d{4}-\d\d-\d\d$/.test(day))
    .sort()
    .at(-1) ?? null

/** How what several sources propose at one place is read (RIVAL6). It hangs on whose each is, so that it is worked out before a paper forgets that. */
export interface Reading {
  /** The text as proposed. */
  readonly proposed: readonly Block[]
  /** Changes that put in what another puts in already. */
  readonly echoes: ReadonlySet<string>
  /** By block: the runs, by their index, that a space parts from what another source proposes before them. */
  readonly parted: ReadonlyMap<string, ReadonlySet<number>>
  /** By block: of each end that stands in it, in their order, the clause as proposed that begins behind it; null: none does. */
  readonly cutOff: ReadonlyMap<string, readonly (string | null)[]>
}
