/** What waited is told as it was accepted: its owner may have taken words out of what stood around it since, and with them some that it was to replace (RES3). */
import type { Change, ChangeKind } from "../../shared/changes/changes.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import { splitCharacter } from "../../shared/schema/block.ts"

type Words = NonNullable<ProposalEntry["segments"]>

/**
 * Changes that were accepted and waited, as they were accepted, by their id; without those of which all the words are left, or a part of which is in the
 * text already: what becomes of the others is told of the rest. `stood`: as they were before what stood around them
 * went; `accepted`: what the room's document said of them then. What is about a clause as a whole is told as it is.
 */
export function asAccepted(
  changes: readonly Change[],
  stood: readonly Change[],
  accepted: { get(change: string): ProposalEntry | undefined },
): ReadonlyMap<string, Change> {
  const before = new Map(stood.map((change) => [change.id, change]))
  return new Map(
    changes.flatMap((change): [string, Change][] => {
      const first = accepted.get(change.id)?.by ?? change.id
      const { segments, inPart } = accepted.get(first) ?? {}
      if (!segments || inPart || !ofWords.has(change.kind) || hasWords(change.segments, segments)) return []
      const then = before.get(first)
      const { id, source } = change
      return [[id, then && hasWords(then.segments, segments) ? { ...then, id, source } : madeOf(change, segments)]]
    }),
  )
}

const ofWords: ReadonlySet<ChangeKind> = new Set(["insertion", "deletion", "replacement"])

const lettersOf = (words: Words, kind: Words[number]["kind"]): string =>
  words.flatMap((one) => (one.kind === kind ? [one.text] : [])).join("")

const hasWords = (words: Words, all: Words): boolean =>
  (["insertion", "deletion"] as const).every((kind) => lettersOf(words, kind) === lettersOf(all, kind))

/** The change with all of its words, where it is by now: the clause that they were accepted in may have been joined to another since. */
function madeOf(change: Change, words: Words): Change {
  const segments = words.map(({ kind, text }) => ({ block: change.block, kind, text, from: 0, to: text.length }))
  const wordsOf = (kind: Words[number]["kind"]): string =>
    segments.flatMap((one) => (one.kind === kind ? [one.text.replaceAll(splitCharacter, "¶")] : [])).join(" … ")
  const [inserted, deleted] = [wordsOf("insertion"), wordsOf("deletion")]
  const kind = inserted === "" ? "deletion" : deleted === "" ? "insertion" : "replacement"
  return { ...change, kind, segments, inserted, deleted }
}
