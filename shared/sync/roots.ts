import type * as Y from "yjs"
import { type Forestalled, type ForestalledBy, type ForestalledNote, type ForestalledToldBy, toldOf } from "../changes/forestalled.ts"
import { type Link, mostLinked, Ties } from "../changes/links.ts"
import type { OtherSides } from "../changes/other-side.ts"
import type { ProposalEntry } from "../changes/outcome.ts"
import type { Twin, Twins } from "../changes/twins.ts"
import type { FrozenLabels, Profile, Renumbered } from "../clauses/labels.ts"
import type { Stood } from "../comments/places.ts"
import { byTime, type Remark, type Thread } from "../comments/thread.ts"
import type { Stage } from "../policy/policy.ts"
import type { Block } from "../schema/block.ts"
import { parseMarkId, serverClient } from "../schema/keys.ts"

const proposalsOf = (doc: Y.Doc): Y.Map<ProposalEntry> => doc.getMap("proposals")
const threadsRoot = (doc: Y.Doc): Y.Map<Thread> => doc.getMap("threads")

/** Replies that came after a thread was begun, one by one, so that each costs no more than the first: `thread n`, counted from 1. */
const repliesRoot = (doc: Y.Doc): Y.Map<Remark> => doc.getMap("replies")
const metaOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap("meta")

/**
 * Characters and markers that the server wrote anew at another place: [client, clock, length, client there, clock there]. A sixth element says that they
 * were restored where they stood: that tells their writer, and of what was meant for those that went only deletions go to them. A seventh is the server's
 * clock since which they had been gone, of those that came back when a decision was taken back.
 */
export type Relocation = readonly [number, number, number, number, number, boolean?, number?]

const relocationsOf = (doc: Y.Doc): Y.Array<Relocation> => doc.getArray("relocations")

/** Characters that the server wrote for a source, for a file brought them: [clock of the first, length, source]. A later entry holds. */
export type Brought = readonly [number, number, string]

const broughtOf = (doc: Y.Doc): Y.Array<Brought> => doc.getArray("brought")

const stoodRoot = (doc: Y.Doc): Y.Map<Stood> => doc.getMap("stood")

/** What changes say that files brought, as the file said it, by the change: the same file may come again. */
const filedRoot = (doc: Y.Doc): Y.Map<string> => doc.getMap("filed")

/** Characters that a change took out as it was accepted: [client, clock, length, the server's clock before that, the change, the words]. */
export type Taken = readonly [number, number, number, number, string, string]

/** Written in the order of the decisions, so that what somebody has not heard of is at the end. */
const takenRoot = (doc: Y.Doc): Y.Array<Taken> => doc.getArray("taken")

/** What of a deletion had gone before it arrived, by its change. */
const forestalledRoot = (doc: Y.Doc): Y.Map<readonly ForestalledNote[]> => doc.getMap("forestalled")

/** Proposals about blocks that were gone when they arrived, as they were written, by their id: with the block they are open again. */
const lateRoot = (doc: Y.Doc): Y.Map<unknown> => doc.getMap("late")

/** The label under which a clause is proposed, and its level then, by block: given once it holds words, it moves for nobody else's clause (NUM12). */
export type Given = readonly [label: string, level: number]

const givenRoot = (doc: Y.Doc): Y.Map<Given> => doc.getMap("given")

/**
 * Letters that an accepted change made agreed beside others that were open: [client, clock, length, those changes]. With length 0 it took some out right before
 * this letter.
 */
export type AgreedLetters = readonly [number, number, number, readonly string[]]

/** By the accepted change; it counts as long as that is accepted. */
const sinceRoot = (doc: Y.Doc): Y.Map<readonly AgreedLetters[]> => doc.getMap("since")

/** Changes that are decided by one verdict, by the link's id. */
export const linksRoot = "links"
const linksMap = (doc: Y.Doc): Y.Map<unknown> => doc.getMap(linksRoot)

const twinsRoot = (doc: Y.Doc): Y.Map<readonly Twin[]> => doc.getMap("twins")

/** The server-written roots of a room's document. */
export const roots = {
  proposals: proposalsOf,
  threads: threadsRoot,
  replies: repliesRoot,
  meta: metaOf,
  relocations: relocationsOf,
  brought: broughtOf,
  twins: twinsRoot,
  stood: stoodRoot,
  filed: filedRoot,
  links: linksMap,
  taken: takenRoot,
  forestalled: forestalledRoot,
  late: lateRoot,
  given: givenRoot,
  since: sinceRoot,
} as const

/** Changes that go on saying the same, though a decision moved them apart. */
export const twinsIn = (doc: Y.Doc): Twins => new Map(twinsRoot(doc).entries())

/** Changes that were accepted and wait for the proposal around them; of those that said the same the one whose words were taken. */
export const notedAmong = (proposals: Iterable<readonly [string, ProposalEntry]>): Set<string> =>
  new Set([...proposals].flatMap(([id, { status, by }]) => (status === "acceptedWithHost" && by === undefined ? [id] : [])))

/**
 * Of a change that was accepted and waits the one whose words are written: itself, or what said the same. That may have come to be written in the words of a
 * third in its turn.
 */
export function writtenFor(proposals: { get(change: string): ProposalEntry | undefined }, change: string): string {
  const passed = new Set<string>()
  for (let id = change; ; ) {
    const { status, by } = proposals.get(id) ?? {}
    if (status !== "acceptedWithHost" || by === undefined || passed.has(id)) return id
    passed.add(id)
    id = by
  }
}

/** What said the same as some changes and was accepted with one of them, to wait: each as that one, under its own name and source. */
export const namesakesOf = <Told extends { readonly id: string; readonly source: string }>(
  proposals: Iterable<readonly [string, ProposalEntry]>,
  changes: readonly Told[],
): Told[] => withNamesakes(proposals, changes).filter((told) => !changes.includes(told))

/** Some changes that waited, each with what said the same. */
export function withNamesakes<Told extends { readonly id: string; readonly source: string }>(
  proposals: Iterable<readonly [string, ProposalEntry]>,
  changes: readonly Told[],
): Told[] {
  if (changes.length === 0) return []
  const known = new Map(proposals)
  const isNamed = new Set(changes.map(({ id }) => id))
  const others = [...known].filter(([id, { status, by }]) => status === "acceptedWithHost" && by !== undefined && !isNamed.has(id))
  return changes.flatMap((change) => [
    change,
    ...others.flatMap(([id, { source }]) => (writtenFor(known, id) === change.id ? [{ ...change, id, source }] : [])),
  ])
}

export const notedIn = (doc: Y.Doc): Set<string> => notedAmong(proposalsOf(doc).entries())

/** Decided changes by what is left of them, or took their place. */
export const wholesIn = (doc: Y.Doc): Map<string, string> =>
  new Map([...proposalsOf(doc).entries()].flatMap(([id, { next }]) => (next === undefined ? [] : [[next, id] as const])))

/** Whether a change is in the text, or will be with what it stands in. */
export const isAccepted = (entry: ProposalEntry | undefined): boolean =>
  entry?.status === "accepted" || entry?.status === "acceptedWithHost"

/** Of the marks that others name: whether one is in force in these blocks, or its words are agreed. */
export function thereIn(
  blocks: readonly Block[],
  proposals: { get(change: string): ProposalEntry | undefined },
): (mark: string) => boolean {
  let inForce: Set<string> | null = null
  return (mark) => {
    const entry = proposals.get(mark)
    if (isAccepted(entry) || entry?.status === "incorporated") return true
    inForce ??= new Set(blocks.flatMap(({ runs }) => runs.flatMap(({ marks }) => marks.map(({ id }) => id))))
    return inForce.has(mark)
  }
}

/** What came too late for words that another change took out, as long as that is accepted. */
export function forestalledIn(doc: Y.Doc): ForestalledBy {
  const proposals = proposalsOf(doc)
  const holding = (list: readonly ForestalledNote[]): Forestalled[] =>
    list.flatMap(({ by, words }) => (isAccepted(proposals.get(by)) ? [{ by, words }] : []))
  return new Map(
    [...forestalledRoot(doc).entries()].map(([id, list]) => [id, holding(list)] as const).filter(([, list]) => list.length > 0),
  )
}

/** The same, with whose change took the words out and what it put there. */
export const forestalledToldIn = (doc: Y.Doc): ForestalledToldBy =>
  new Map([...forestalledIn(doc)].map(([id, list]) => [id, list.map((one) => toldOf(one, proposalsOf(doc).get(one.by)))]))

/** Of replacements one side of which, or words of one, was accepted by itself: that, by what is left of them. */
export const otherSidesIn = (doc: Y.Doc): OtherSides =>
  new Map(
    [...proposalsOf(doc).values()].flatMap((entry) => {
      const { next, segments = [] } = entry
      const [first, ...more] = segments
      // What a source adds late to a change that is decided takes its place too, and is no side of it: what a division left has an id of the server's.
      if (
        next === undefined ||
        parseMarkId(next)?.client !== serverClient ||
        !first ||
        !isAccepted(entry) ||
        more.some(({ kind }) => kind !== first.kind)
      )
        return []
      const words = segments.map(({ text }) => text).join(" … ")
      return [[next, { kind: first.kind, words, waits: entry.status === "acceptedWithHost" }] as const]
    }),
  )

/** An entry of the root `links`; null where a value is none. */
export function linkOf(id: string, value: unknown): Link | null {
  if (typeof value !== "object" || value === null) return null
  const { source, changes, ...more } = value as Record<string, unknown>
  const isList = Array.isArray(changes) && changes.every((change): change is string => typeof change === "string")
  if (typeof source !== "string" || !isList || changes.length > mostLinked) return null
  return Object.keys(more).every((name) => name === "id" && more.id === id) ? { id, source, changes } : null
}

/** The links of a draft. */
export const linksIn = (doc: Y.Doc): Link[] => [...linksMap(doc).entries()].flatMap(([id, value]) => linkOf(id, value) ?? [])

export const tiesIn = (doc: Y.Doc): Ties => new Ties(linksIn(doc))

/** Which text the public page of a draft shows; null: there is none. */
export type PublicView = "working" | "open" | null

/** A state of the draft that has a name: what it was when the server wrote this entry. Counted from 1. */
export interface NamedVersion {
  readonly n: number
  readonly name: string
  /** ISO 8601, UTC. */
  readonly at: string
}

export interface DraftMeta {
  readonly stage: Stage
  readonly profile: Profile
  readonly secretaryOperates: boolean
  /** Of the text in force, and those that were given to clauses that are proposed. */
  readonly labels: FrozenLabels
  readonly renumbered: Renumbered
  readonly publicView: PublicView
  readonly versions: readonly NamedVersion[]
}

/** Labels that no decision and no proposal moves: those of the text in force, of what was accepted, and of what was open when a clause before it went. */
export const frozenLabelsIn = (doc: Y.Doc): FrozenLabels => (metaOf(doc).get("labels") as FrozenLabels | undefined) ?? {}

const withGiven = new WeakMap<FrozenLabels, { readonly given: string; readonly labels: FrozenLabels }>()

/** Those, and what was given to clauses that are proposed; the same object as long as nothing about them changes. */
export function labelsWithGiven(doc: Y.Doc, frozen: FrozenLabels): FrozenLabels {
  const entries = [...givenRoot(doc).entries()].map(([block, [label]]): [string, string] => [block, label])
  if (entries.length === 0) return frozen
  const given = JSON.stringify(entries)
  let found = withGiven.get(frozen)
  if (found?.given !== given) withGiven.set(frozen, (found = { given, labels: { ...Object.fromEntries(entries), ...frozen } }))
  return found.labels
}

/** `meta` as a value, with the defaults of a draft that is just being opened. */
export function metaOfDoc(doc: Y.Doc): DraftMeta {
  const meta = metaOf(doc)
  // The stage is asked for at every update, the labels are not.
  let labels: FrozenLabels | null = null
  return {
    stage: (meta.get("stage") as Stage | undefined) ?? "drafting",
    profile: (meta.get("profile") as Profile | undefined) ?? "itu",
    secretaryOperates: (meta.get("secretaryOperates") as boolean | undefined) ?? true,
    get labels() {
      labels ??= labelsWithGiven(doc, frozenLabelsIn(doc))
      return labels
    },
    renumbered: (meta.get("renumbered") as Renumbered | undefined) ?? {},
    publicView: (meta.get("publicView") as PublicView | undefined) ?? null,
    versions: (meta.get("versions") as readonly NamedVersion[] | undefined) ?? [],
  }
}

/** The key of a reply in `replies`. */
export const replyKey = (thread: string, n: number): string => `${thread} ${n}`

/** The keys of the replies of a thread, in order. */
export function replyKeysOf(doc: Y.Doc, thread: string): string[] {
  const n = (key: string): number => Number(key.slice(thread.length + 1))
  return [...repliesRoot(doc).keys()].filter((key) => key.startsWith(`${thread} `)).sort((a, b) => n(a) - n(b))
}

/** All threads of a room's document, by time, each with its replies in order: a Yjs map has another order once it is read again. */
export function threadsOf(doc: Y.Doc): Thread[] {
  const replies = new Map<string, [number, Remark][]>()
  for (const [key, remark] of repliesRoot(doc).entries()) {
    const at = key.lastIndexOf(" ")
    const list = replies.get(key.slice(0, at))
    if (list) list.push([Number(key.slice(at + 1)), remark])
    else replies.set(key.slice(0, at), [[Number(key.slice(at + 1)), remark]])
  }
  const whole = (thread: Thread): Thread => {
    const later = replies.get(thread.id)?.sort(([a], [b]) => a - b)
    return later ? { ...thread, remarks: [...thread.remarks, ...later.map(([, remark]) => remark)] } : thread
  }
  return [...threadsRoot(doc).values()].map(whole).sort(byTime)
}
