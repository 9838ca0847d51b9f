import { finished } from "../../shared/changes/slices.ts"
import type { Already } from "../comparison/already-there.ts"
import { importedBefore } from "../comparison/import-changes.ts"
import { comingOnto } from "../comparison/onto.ts"
import { authorsOf, type FileAuthor, type KnownSource, type SourceOfAuthor, sourcesSaid, withSources } from "../files/authors.ts"
import { withBrackets } from "../files/brackets.ts"
import type { Person } from "../people/session.ts"
import type { ReadBeside } from "./read-beside.ts"

/** Who looks at a file, and what is known of the names in it. */
export interface Reviewer {
  readonly person: Person
  /** Whose its authors' changes are, as far as it was stated. */
  readonly stated: SourceOfAuthor
  /** Whom an author may be. */
  readonly sources: readonly KnownSource[]
  /** All sources of the meeting. */
  readonly roster: readonly KnownSource[]
  /** Delegations that it puts on the roster with the file. */
  readonly welcomed: readonly string[]
  /** What was stated of earlier files. */
  readonly earlier: ReadonlyMap<string, string>
}

/** What a file would bring onto a draft. */
export interface Reviewed {
  /** The answer, without the places where the texts differ: what was decided since is told of them. */
  readonly json: Uint8Array
  readonly differences: ReadBeside["differences"]
}

const told = ({ what, change, status }: Already): Pick<Already, "what" | "change" | "status"> => ({ what, change, status })

/** Of what a file brings, all that its review shows: it is written here, for a long one would hold up the meeting to be written there. */
export function reviewOf(
  { draft, texts, differences, offered, match, homes }: ReadBeside,
  name: string,
  state: Uint8Array,
  { person, stated, sources, roster, welcomed, earlier }: Reviewer,
): Reviewed {
  const understood = withBrackets(withSources(draft, stated))
  const authors = authorsOf(draft, sources, earlier)
  const meant = { ...meantBy(person, authors), ...stated }
  const { file, left, isSource } = comingOnto({ draft: withBrackets(withSources(draft, meant)), homes, name, welcomed }, person, roster)
  const { changes, already, relabelled, comments, replies, left: homeless } = finished(importedBefore(state, file, isSource))
  const answer = {
    ...{ changes: [], placed: changes.length, comments, replies, relabelled },
    left: [...left, ...homeless],
    already: already.map(told),
    ...{ understood, authors, said: sourcesSaid(draft, roster), texts, offered },
    // A file of which some change is on the draft already was made for it, however much was decided since. The same comment may be on several texts.
    match: already.some(({ id }) => draft.changes.some((change) => change.id === id)) ? { ...match, isOther: false } : match,
  }
  return { json: new TextEncoder().encode(JSON.stringify(answer)), differences }
}

/**
 * Whose the changes of each author are as long as nobody has stated it, as the review proposes it: a delegate's own; else as the name suggests. What
 * another source proposes alike is not there already: it is decided together with it (RIVAL1).
 */
function meantBy({ role, hats }: Person, authors: readonly FileAuthor[]): SourceOfAuthor {
  const own = role === "delegate" ? (hats[0] ?? "") : null
  return Object.fromEntries(authors.map(({ name, suggested }) => [name, own ?? suggested ?? ""]))
}
