import { isDelegationCode, mistakenFor } from "../../shared/people/roster.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { shortened } from "../../shared/schema/letters.ts"
import type { FileDraft } from "../files/file-draft.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { LeftOut } from "./placing.ts"

/** What a person brings of a file: its own words and those it may enter, nobody else's. */
export interface Brought {
  readonly draft: FileDraft
  /** Remarks that stay out, and why. */
  readonly left: readonly LeftOut[]
  /** Delegations that come on the roster with it, as its bringer has confirmed. */
  readonly fresh: readonly string[]
}

type Remark = FileDraft["comments"][number]["replies"][number]

const short = (text: string): string => shortened(text, 60)

/**
 * What of a file a person may bring (ONTO3): each change, comment and reply bears a source that it may write for. A change of another refuses the file; a
 * comment or reply of another stays out and is listed. The secretariat enters for every delegation on the roster, and for those that it puts there with
 * the file (`welcomed`); what a file says to be another's, or the chair's, is not stated until it is stated here.
 */
export function brought(draft: FileDraft, person: Person, roster: ReadonlySet<string>, welcomed: readonly string[] = []): Brought {
  return person.role === "secretary" ? entered(draft, roster, welcomed) : own(draft, person)
}

/**
 * Throws where the secretariat would state that somebody's changes are the chair's, for which it does not write; or a delegation's that is not on the
 * roster.
 */
export function demandMayState({ role }: Person, stated: Readonly<Record<string, string>>, roster: Iterable<string>): void {
  if (role !== "secretary") return
  const known = new Set([...roster, notStated, ""])
  if (Object.values(stated).includes("CHAIR"))
    throw new DomainError(
      "not-allowed",
      "The secretariat does not write for the chair, and states nothing to be the chair's. Leave it not stated; it can be decided on as it is.",
    )
  const unknown = Object.values(stated).find((code) => !known.has(code))
  if (unknown !== undefined) throw new DomainError("bad-input", notOnRoster(unknown))
}

/** Why nothing is a source's that the meeting does not have. */
export const notOnRoster = (code: string): string => `${code} is not on the roster of this meeting. Put it there first, under People.`

function entered(draft: FileDraft, roster: ReadonlySet<string>, welcomed: readonly string[]): Brought {
  const mistaken = welcomed.map(mistakenFor).find((sentence) => sentence !== null)
  if (mistaken) throw new DomainError("bad-input", mistaken)
  const fresh = new Set<string>()
  const unknown = new Map<string, number>()
  let unproven = 0
  const source = (code: string | null | undefined): string | null => {
    if (code === "CHAIR") unproven++
    if (code == null || code === "CHAIR" || code === notStated) return null
    if (roster.has(code)) return code
    if (welcomed.includes(code) && isDelegationCode(code)) {
      fresh.add(code)
      return code
    }
    unknown.set(code, (unknown.get(code) ?? 0) + 1)
    return null
  }
  const remark = <Part extends Remark>(part: Part): Part => ({ ...part, source: source(part.source) })
  const changes = draft.changes.map((change) => ({ ...change, source: source(change.source) }))
  const blocks = draft.blocks.map((block) =>
    block.renumbered ? { ...block, renumbered: { ...block.renumbered, source: source(block.renumbered.source) } } : block,
  )
  const comments = draft.comments.map((comment) => ({ ...remark(comment), replies: comment.replies.map(remark) }))
  const warnings = [
    ...draft.warnings,
    ...(unproven > 0
      ? [
          {
            code: "chair-not-stated",
            message: `The file says of ${unproven} changes or remarks that they are the chair's. A file cannot say that: whose they are is not stated.`,
          },
        ]
      : []),
    ...[...fresh].map((code) => ({
      code: "new-on-roster",
      message: `${code} was not on the roster. It is now; give it its name in the list of people.`,
    })),
    ...[...unknown].map(([code, many]) => ({
      code: "not-on-roster",
      message: `${code} is not on the roster: whose ${many === 1 ? "1 change or remark is" : `${many} changes or remarks are`} that the file says to be by ${code} is not stated.`,
    })),
  ]
  return { draft: { ...draft, blocks, changes, comments, warnings }, left: [], fresh: [...fresh] }
}

/** Whether a remark of a source is one's own to bring: a chair may bring what nobody has signed, a delegation's own file is its own throughout. */
export const mayBring = (code: string | null | undefined, { role, hats }: Person): boolean =>
  code == null || code === notStated ? role === "chair" : hats.includes(code)

function own(draft: FileDraft, person: Person): Brought {
  const { role } = person
  const isOwn = (code: string | null | undefined): boolean => mayBring(code, person)
  // Onto a draft, where delegations bring their files, no number comes.
  const renumbered = role === "chair" ? draft.blocks.flatMap((block) => block.renumbered ?? []) : []
  const foreign = [...draft.changes, ...renumbered].find((change) => !isOwn(change.source))
  if (foreign)
    throw new DomainError("not-allowed", "Changes of your own delegation only. The secretariat imports files of several.", {
      foreign: foreign.source,
    })
  const left: LeftOut[] = []
  const takes = (what: string, { text, source, by }: Remark): boolean => {
    if (isOwn(source)) return true
    const whose = source && source !== notStated ? source : (by ?? "somebody whom the file does not name")
    left.push({ what: `${what} “${short(text)}”`, why: `It is by ${whose}. You bring your own delegation's words only.` })
    return false
  }
  const comments = draft.comments
    .filter((comment) => takes("comment", comment))
    .map((comment) => ({ ...comment, replies: comment.replies.filter((reply) => takes("reply", reply)) }))
  return { draft: { ...draft, comments }, left, fresh: [] }
}
