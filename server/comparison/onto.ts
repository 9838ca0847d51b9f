import type { KnownSource } from "../files/authors.ts"
import type { FileChange } from "../files/file-draft.ts"
import { signedAs } from "../papers/attributor.ts"
import type { Person } from "../people/session.ts"
import { asStated } from "./already.ts"
import { brought } from "./brought.ts"
import type { FileBeside } from "./homes.ts"
import type { LeftOut } from "./placing.ts"
import { withSeams } from "./seams.ts"
import type { IsSource } from "./whose.ts"

/** What somebody brings of a file onto a draft. */
export interface Coming {
  /** Each change and remark with the source that it comes as. */
  readonly file: FileBeside
  /** Remarks that stay out, and why. */
  readonly left: readonly LeftOut[]
  /** Delegations that come on the roster with it. */
  readonly fresh: readonly string[]
  /** Whether a change of it is by a source, for what is there already. */
  readonly isSource: IsSource
}

/**
 * What a person brings of a file onto a draft, and as whose: reckoned here alone, for the review as for the act, so that the one shows what the other
 * does (ONTO12). `roster`: all sources of the meeting. Throws where a change is another's.
 */
export function comingOnto(file: FileBeside, person: Person, roster: readonly KnownSource[]): Coming {
  const { draft, left, fresh } = brought(withSeams(file.draft, file.homes), person, new Set(roster.map(({ code }) => code)), file.welcomed)
  // What the file says to be the chair's comes as nobody's, unless the chair has said it here.
  const chair = signedAs("CHAIR", roster.find(({ code }) => code === "CHAIR")?.name)
  const isChairs = ({ source, enteredBy }: FileChange): boolean => source === "CHAIR" || (source === null && enteredBy === chair)
  const chairs = new Set(file.draft.changes.filter(isChairs).map(({ id }) => id))
  const isSource: IsSource = (change, source) =>
    asStated(change, source) || (source === "CHAIR" && change.source === null && chairs.has(change.id))
  return { file: { ...file, draft, isForItself: person.role !== "secretary" }, left, fresh, isSource }
}
