import { finished } from "../../shared/changes/slices.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { type Already, alreadyTalked, broughtAlready, bySource, copyOfState, saidAlready } from "../acts/already.ts"
import { mayBring } from "../acts/brought.ts"
import type { FileBeside } from "../acts/import-changes.ts"
import { relabelledBefore } from "../acts/relabelled.ts"
import { comingOf, commentsAlready } from "../acts/talked.ts"
import { authorsOf, type KnownSource, type SourceOfAuthor, withSources } from "../exchange/authors.ts"
import { withBrackets } from "../exchange/brackets.ts"
import type { Person } from "../rooms/session.ts"
import type { ReadBeside } from "./file-work.ts"

/** Who looks at a file, and what is known of the names in it. */
export interface Reviewer {
  readonly person: Person
  /** Whose its authors' changes are, as far as it was stated. */
  readonly stated: SourceOfAuthor
  /** Whom an author may be. */
  readonly sources: readonly KnownSource[]
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
  { draft, texts, differences, offered, match, homes, left }: ReadBeside,
  name: string,
  state: Uint8Array,
  reviewer: Reviewer,
): Reviewed {
  const { stated, sources, earlier } = reviewer
  const understood = withBrackets(withSources(draft, stated))
  const authors = authorsOf(draft, sources, earlier)
  const file = { draft: understood, homes, name }
  const { already, ...remarks } = alreadyThere(file, state, reviewer, new Map(authors.map(({ name, suggested }) => [name, suggested])))
  const known = new Set(already.map(({ what }) => what))
  const answer = {
    changes: [],
    ...remarks,
    left: left.filter(({ what }) => !known.has(what)),
    already: already.map(told),
    relabelled: finished(relabelledBefore(state, file, new Set(already.map(({ id }) => id)))),
    understood,
    authors,
    texts,
    offered,
    // A file of which something is on the draft already was made for it, however much was decided since.
    match: already.length > 0 ? { ...match, isOther: false } : match,
  }
  return { json: new TextEncoder().encode(JSON.stringify(answer)), differences }
}

/**
 * What of a file is on the draft already: whose a change is that nobody has stated, its author's name suggests. What another source proposes alike is not
 * there already: it is decided together with it (RIVAL1).
 */
function alreadyThere(
  file: FileBeside,
  state: Uint8Array,
  { person, stated }: Reviewer,
  suggested: ReadonlyMap<string, string | null>,
): { already: Already[]; comments: number; replies: number } {
  const hat = person.role === "delegate" ? (person.hats[0] ?? null) : null
  // What nobody states is put on the draft as not stated: what a delegation has proposed alike is another proposal then.
  const suggestion = (author: string | null): string =>
    hat ?? ((Object.hasOwn(stated, author ?? "") ? stated[author ?? ""] : suggested.get(author ?? "")) || notStated)
  const doc = copyOfState(state)
  const isSource = bySource(({ enteredBy }) => suggestion(enteredBy))
  const brought = broughtAlready(doc, blocksOf(doc), file.draft, isSource)
  const said = finished(saidAlready(state, file, new Set(brought.map(({ id }) => id)), isSource))
  const sourceOf = ({ source, by }: { source?: string | null; by: string | null }): string => source ?? suggestion(by)
  const talked = commentsAlready(doc, file.draft, sourceOf)
  const isBrought = person.role === "secretary" ? () => true : (source: string | null) => mayBring(source, person)
  const comes = file.draft.comments.filter((comment) => isBrought(sourceOf(comment)))
  return { already: [...brought, ...said, ...alreadyTalked(file.draft, talked)], ...comingOf(comes, talked) }
}
