// A flattened text: struck and inserted words stand side by side, and nothing says which is which. With its text in force the insertions are known; what was
// struck is only offered.
import { compareTokens, type Stretch, wordsIn } from "../../shared/changes/compare.ts"
import { hashOf } from "../../shared/changes/hash.ts"
import type { FileChange, FileDraft } from "../files/file-draft.ts"
import { DomainError } from "../problems.ts"
import { align, likeness } from "./align.ts"
import { type ComparedDraft, Merger, type OfferedDeletion } from "./merger.ts"

/** Words cut where a word of the text in force ends in them, or begins: "DubaiBuenos" is "Dubai" and "Buenos". */
function unglued(text: string, known: ReadonlySet<string>): string[] {
  return (text.match(/[\p{L}\p{M}]+|\p{N}+|[^\p{L}\p{M}\p{N}]/gu) ?? []).flatMap((token) => {
    if (token.length < 3 || known.has(token)) return [token]
    for (let cut = token.length - 1; cut >= 2; cut--)
      if (known.has(token.slice(0, cut))) return [token.slice(0, cut), ...unglued(token.slice(cut), known)]
    for (let cut = 1; cut <= token.length - 2; cut++) if (known.has(token.slice(cut))) return [token.slice(0, cut), token.slice(cut)]
    return [token]
  })
}

/** What a flattened text has beyond the text in force was inserted; what of the text in force it lacks was not there when it was flattened. */
function stretchesOfFlattened(force: string, flattened: string): Stretch[] {
  const words = force.match(/[\p{L}\p{M}]+|\p{N}+|[^\p{L}\p{M}\p{N}]/gu) ?? []
  const known = new Set(words.filter((word) => word.length > 1))
  return compareTokens(words, unglued(flattened, known))
}

/** How much of a block of the text in force a flattened one holds: its own insertions do not count against it. */
const containment: typeof likeness = (a, b) => {
  if (a.type !== b.type) return 0
  const words = wordsIn(a.text)
  if (words.length === 0) return likeness(a, b)
  const flat = b.text.toLowerCase()
  const held = words.filter((word) => flat.includes(word)).length / words.length
  return Math.max(likeness(a, b), held * 0.95)
}

/**
 * Reads a flattened text, in which struck and inserted words stand side by side, with its text in force: the insertions are recovered, and the words that
 * they seem to replace are offered as deletions, for somebody who knows to confirm. Whose they are is not in such a text and never guessed.
 */
export function readFlattened(force: FileDraft, flattened: FileDraft): ComparedDraft {
  const merger = new Merger(force, flattened, null)
  const offered: OfferedDeletion[] = []
  for (const { a: ours, b: theirs } of align(force.blocks, flattened.blocks, containment)) {
    if (ours && theirs) {
      const first = merger.changes.length
      const stretches = stretchesOfFlattened(ours.text, theirs.text)
      merger.keep(ours, stretches, ours)
      merger.follow(theirs, ours.id, stretches)
      offered.push(...offers(ours.id, stretches, merger.changes.slice(first)))
    } else if (ours) merger.keep(ours, [{ kind: "kept", text: ours.text }], ours)
    else merger.add(theirs!)
  }
  const struck =
    offered.length === 0
      ? "Whether words were struck nothing in the file says."
      : `${offered.length === 1 ? "One word or phrase" : `${offered.length} words or phrases`} may have been struck; nothing in the file says so.`
  const message = `The insertions were recovered from the text in force. ${struck} Whose changes they are is not stated.`
  return {
    ...merger.draft(force, flattened),
    offered,
    debris: flattened.debris,
    warnings: [
      { code: "FLAT", message },
      ...flattened.warnings.filter((warning) => warning.code !== "FLAT" && warning.block === undefined),
    ],
  }
}

/** The word or number that a text ends in, with its points and hyphens; "" where it ends in another sign. */
const lastWord = (text: string): string => text.slice(lastBreak(text) + 1).replace(/^[.-]+/, "")

/** Where the last sign stands that is of no word; -1 where there is none. */
function lastBreak(text: string): number {
  let last = -1
  for (const { index, 0: sign } of text.matchAll(/[^\p{L}\p{M}\p{N}.-]/gu)) last = index + sign.length - 1
  return last
}

/** Words of the text in force that an insertion is glued to: it seems to stand in their place. */
function offers(block: string, stretches: readonly Stretch[], changes: readonly FileChange[]): OfferedDeletion[] {
  const offered: OfferedDeletion[] = []
  let at = 0
  stretches.forEach((stretch, i) => {
    const before = stretches[i - 1]
    if (stretch.kind === "inserted" && before?.kind === "kept") {
      // Without a blank between: the word, number or sign right before.
      const glued = /^[\s,;.]/.test(stretch.text) ? "" : lastWord(before.text)
      const change = changes.find((other) =>
        other.segments?.some((part) => part.block === block && part.kind === "insertion" && part.from === at),
      )
      if (glued && change) {
        const from = at - glued.length
        offered.push({ id: hashOf([block, from, glued]).slice(0, 12), block, from, to: at, text: glued, change: change.id })
      }
    }
    at += stretch.text.length
  })
  return offered
}

/** Takes confirmed deletions into a draft: each goes with the insertion that it was offered with. */
export function confirmed(draft: ComparedDraft, deletions: readonly OfferedDeletion[]): FileDraft {
  const { offered: _, ...rest } = draft
  const changes = draft.changes.map((change): FileChange => {
    const own = deletions.filter((deletion) => deletion.change === change.id)
    if (own.length === 0) return change
    return {
      ...change,
      kind: "replacement",
      text: own.map((deletion) => deletion.text).join(" … "),
      replacedBy: change.text,
      segments: [...own.map(({ block, from, to }) => ({ block, kind: "deletion" as const, from, to })), ...change.segments!],
    }
  })
  return { ...rest, changes }
}

/** Of the offered deletions those that somebody confirmed, by their ids. Throws where one is not offered, or no longer. */
export function chosenOffers({ offered = [] }: ComparedDraft, ids: readonly string[]): OfferedDeletion[] {
  return ids.map((id) => {
    const offer = offered.find((other) => other.id === id)
    if (!offer) throw new DomainError("conflict", "The text in force has changed since the file was looked at. Look at it again.")
    return offer
  })
}
