import { hashOf } from "../../shared/changes/hash.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { shortened } from "../../shared/schema/letters.ts"
import { isNobodysName, notStatedName } from "../people/nobody.ts"
import type { FileChange, FileDraft, FileWarning } from "./file-draft.ts"

/** Somebody whom a file names, with what is theirs in it and the source that the name seems to mean. */
export interface FileAuthor {
  /** As the file has it; "" where it names nobody. */
  readonly name: string
  readonly changes: number
  readonly comments: number
  readonly suggested: string | null
}

export interface KnownSource {
  readonly code: string
  readonly name: string
}

/**
 * Who changed and commented in a file. A source is suggested, one of `sources`, where it was stated for the same name in an earlier file, else only where
 * the name says it in so many words: "Sweden", "S", "Sweden (S)".
 */
export function authorsOf(
  draft: FileDraft,
  sources: readonly KnownSource[],
  earlier: ReadonlyMap<string, string> = new Map(),
): FileAuthor[] {
  const codes = new Set(sources.map(({ code }) => code))
  const suggested = (name: string): string | null => {
    const before = earlier.get(name)
    return before !== undefined && codes.has(before) ? before : meantBy(name, sources)
  }
  const authors = new Map<string, { changes: number; comments: number }>()
  const count = (name: string | null, what: "changes" | "comments"): void => {
    const entry = authors.get(name ?? "") ?? { changes: 0, comments: 0 }
    entry[what]++
    authors.set(name ?? "", entry)
  }
  for (const change of draft.changes) if (change.source === null) count(change.enteredBy, "changes")
  for (const { renumbered } of draft.blocks) if (renumbered?.source === null) count(renumbered.enteredBy, "changes")
  for (const comment of draft.comments) for (const remark of [comment, ...comment.replies]) if (!remark.source) count(remark.by, "comments")
  return [...authors].map(([name, counts]) => ({ name, ...counts, suggested: suggested(name) }))
}

/** A source that a file itself says words to be by, and how many of its changes, and comments and replies. */
export interface SaidSource {
  readonly code: string
  readonly changes: number
  readonly comments: number
  /** Whether the meeting has it. */
  readonly isOnRoster: boolean
}

/** Every source that gets words without anybody stating it, for the file says so: in our own forms. In the order in which they come. */
export function sourcesSaid(draft: FileDraft, roster: readonly KnownSource[]): SaidSource[] {
  const said = new Map<string, { changes: number; comments: number }>()
  const count = (source: string | null | undefined, what: "changes" | "comments"): void => {
    if (!source || source === notStated) return
    const counts = said.get(source) ?? { changes: 0, comments: 0 }
    counts[what]++
    said.set(source, counts)
  }
  for (const { source } of draft.changes) count(source, "changes")
  for (const { renumbered } of draft.blocks) count(renumbered?.source, "changes")
  for (const comment of draft.comments) for (const { source } of [comment, ...comment.replies]) count(source, "comments")
  const known = new Set(roster.map(({ code }) => code))
  return [...said].map(([code, counts]) => ({ code, ...counts, isOnRoster: known.has(code) }))
}

/** What is to be told of names that are nobody's in a file, as far as nobody says whose the words are; null: nothing. */
export function namesLacking({
  changes,
  comments,
  blocks,
  revisions = [],
}: Pick<FileDraft, "changes" | "comments" | "blocks" | "revisions">): FileWarning | null {
  const remarks = comments.flatMap((comment) => [comment, ...comment.replies])
  const numbers = blocks.flatMap(({ renumbered }) => renumbered ?? [])
  const names = new Set([
    ...revisions.flatMap(({ story, enteredBy }) => (story ? [] : [enteredBy])),
    ...[...changes, ...numbers].flatMap(({ source, enteredBy }) => (source ? [] : [enteredBy])),
    ...remarks.flatMap(({ source, by }) => (source ? [] : [by])),
  ])
  const nobody = [...names].filter((name) => isNobodysName(name ?? ""))
  if (nobody.length === 0) return null
  const scrubbed = nobody.flatMap((name) => (name?.trim() && name !== notStatedName ? [`“${name}”`] : []))
  const removed = scrubbed.length > 0 ? [`Names were removed from this file: changes or comments are by ${scrubbed.join(", ")}.`] : []
  const lacking = scrubbed.length < nobody.length ? ["This file does not say who made some of its changes or comments."] : []
  return { code: "AUTHOR", message: [...removed, ...lacking, "Whose they are must be stated."].join(" ") }
}

/** A file of our own without what it tells of names that were lacking in an earlier one, where whose the words are is said by now. */
export const withoutNamesFound = (draft: FileDraft): FileDraft =>
  namesLacking(draft) === null ? { ...draft, warnings: draft.warnings.filter(({ code }) => code !== "AUTHOR") } : draft

/** What our papers put behind the name of a source whose change was accepted. */
const acceptedSuffix = " – accepted"

/** How a paper names whose an accepted change was. */
export const signedAccepted = (name: string): string => `${name}${acceptedSuffix}`

function meantBy(name: string, sources: readonly KnownSource[]): string | null {
  const own = name.trim()
  const plain = (own.endsWith(acceptedSuffix) ? own.slice(0, -acceptedSuffix.length) : own).toLowerCase()
  const found = sources.filter(
    ({ code, name: own }) =>
      [code, own, `${own} (${code})`].some((form) => form.toLowerCase() === plain) || plain.endsWith(`(${code.toLowerCase()})`),
  )
  return found.length === 1 ? found[0]!.code : null
}

/** Source by author's name; who is not in it, or has "", stays not stated. */
export type SourceOfAuthor = Readonly<Record<string, string>>

/** A draft with the sources that were stated for its authors. What the file itself says stays. */
export function withSources(draft: FileDraft, stated: SourceOfAuthor): FileDraft {
  const of = (name: string | null): string | null => (Object.hasOwn(stated, name ?? "") ? stated[name ?? ""]! || null : null)
  const remark = <Remark extends { readonly by: string | null; readonly source?: string | null }>(part: Remark): Remark =>
    part.source ? part : { ...part, source: of(part.by) }
  return {
    ...draft,
    blocks: draft.blocks.map((block) =>
      block.renumbered?.source === null ? { ...block, renumbered: { ...block.renumbered, source: of(block.renumbered.enteredBy) } } : block,
    ),
    changes: draft.changes.map((change) => (change.source === null ? { ...change, source: of(change.enteredBy) } : change)),
    comments: draft.comments.map((comment) => ({ ...remark(comment), replies: comment.replies.map(remark) })),
  }
}

const nameOnlyInFile = /^not stated \(“(.*)” in the file\)$/su

/** Whether a paper names somebody so. */
export const isOnlyInFile = (author: string): boolean => nameOnlyInFile.test(author)

/** A name as the first file had it, also where a paper of ours has told since that only a file gives it. */
export const nameInFile = (author: string): string => nameOnlyInFile.exec(author)?.[1] ?? author

/** Longest name of an author that Word takes, in UTF-16 units. Source: ISO/IEC 29500. */
const longestAuthor = 255

/**
 * How a paper names whom only a file names, of a change that nobody has stated whose it is: so that nobody takes the name for a source's, whatever the
 * file has there. A name of this form is one already: a paper that is brought back says no more than it said.
 */
export function onlyInFile(name: string): string {
  if (name === "") return notStatedName
  if (isOnlyInFile(name) || name === notStatedName) return name
  const around = "not stated (“” in the file)".length
  return `not stated (“${shortened(name, longestAuthor - around)}” in the file)`
}

/** An author's name as a file has it; "": one that is nobody's. */
export function authorOf(enteredBy: string | null): string {
  const name = nameInFile(enteredBy ?? "")
  return isNobodysName(name) ? "" : name
}

/** Who made a change in a file, as it is kept of it; "": a name that is nobody's. */
export const whoPrint = ({ enteredBy }: Pick<FileChange, "enteredBy">): string => {
  const name = authorOf(enteredBy)
  // As long as a paper of ours may name somebody.
  return name === "" ? "" : hashOf([nameInFile(onlyInFile(name))])
}
