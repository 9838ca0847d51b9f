import type { Answer, CheckedBody, Entry, Params, RequestBody, RouteName } from "../../shared/api/contract.ts"
import type { Change } from "../../shared/changes/changes.ts"
import { changeSaid } from "../../shared/changes/pieces.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { type Act, type Actor, may, type Ruling } from "../../shared/policy/policy.ts"
import type { DetailsOf } from "../decisions/recorded.ts"
import type { OpenDraft } from "../drafts/open-draft.ts"
import type { Gate } from "../gate/gate.ts"
import type { Meeting } from "../people/meeting.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { Performed } from "../rooms/performed.ts"
import type { RegisterEntry } from "../storage/store.ts"

/** An act on a draft, as its route asks for it. */
export type ActOnDraft<Name extends RouteName> = (
  asker: Person,
  draft: OpenDraft,
  request: RequestBody<Name> | CheckedBody<Name>,
  params: Params<Name>,
) => Promise<Answer<Name>>
export type ActsOnDraft<Names extends RouteName> = { readonly [Name in Names]: ActOnDraft<Name> }

/** Who acts, under a hat. */
export type Hatted = Actor & { readonly hat: string }

/** By whose right something is done: the chair's, or that of the source whose change it is. */
export type Right = "of the chair" | "of its source"

/** What a secretary does on the word of the chair alone. */
const onChairsWord: ReadonlySet<string> = new Set(["accept", "notRetain", "takeBack", "reopenChange", "untie", "adopt"])

const rightTo = (act: Entry["act"]): Right => (onChairsWord.has(act) ? "of the chair" : "of its source")

/** What an entry of the record says of a change that it names. */
export const namedInEntry = (
  change: Change,
  address: (block: string) => string,
): { id: string; source: string; address: string; what: string } => ({
  id: change.id,
  source: change.source,
  address: address(change.block),
  what: changeSaid(change, address),
})

/**
 * What every act of the meeting goes through, whatever it does (rules ACT, POL). In this order:
 *
 * 1. `settle`: what its asker had typed before it is committed or refused; what the act is about may hang on it.
 * 2. `turn`: the room's one queue comes to it. What follows is one step there: nothing else happens to the draft between it and the commit.
 * 3. `actor` and `allow` (or `demand`, where a ruling hangs on whose change it is): the asker as it is then, under one of its hats, and the policy.
 * 4. The act itself, on the gate's shadow. It belongs to the act's own file; it gives the row that it wrote.
 * 5. `entry`: what the record of decisions keeps of it, and `byWhom`: what those are told whose changes it was done to.
 */
export class Procedure {
  readonly meeting: Meeting
  readonly now: () => Date

  constructor(meeting: Meeting, now: () => Date) {
    this.meeting = meeting
    this.now = now
  }

  /** Waits for words that a person typed on a line of its own. Throws where they cannot be waited for. */
  async settle({ id }: Person, draft: OpenDraft, after: { readonly client: number; readonly n: number } | undefined): Promise<void> {
    if (!after) return
    const bound = draft.bindings.get(after.client)
    // Whose line is another's waits for nothing there.
    if (bound && bound.person !== id) throw new DomainError("not-allowed", "These words are not yours to wait for.")
    if (bound && !(await draft.room.settled(after.client, after.n)))
      throw new DomainError("conflict", "Words that you typed before are not saved yet. Try again in a moment.")
  }

  /** Runs an act in its turn, of one who may still be here then, with the role and hats of then: what comes before may take a while. */
  turn<Answer>(
    { id }: Person,
    draft: OpenDraft,
    perform: (gate: Gate, person: Person) => Performed<Answer> | Sliced<Performed<Answer>>,
  ): Promise<Answer> {
    return draft.room.act((gate) => {
      const why = this.meeting.people.whyNot(id)
      if (why !== null) throw new DomainError("not-signed-in", why)
      return perform(gate, this.meeting.people.person(id))
    })
  }

  /** For whom a person acts: a hat of its own, named or the only one there is. */
  actor(person: Person, as: string): Hatted
  actor(person: Person, as?: string): Actor
  actor(person: Person, as?: string): Actor {
    if (as !== undefined && !person.hats.includes(as))
      throw new DomainError("not-allowed", `You do not write for ${as}. Choose a delegation that is yours.`)
    return { role: person.role, hat: as ?? person.hats[0] ?? null }
  }

  /** A person in its office: as the chair or as the secretariat; others under what hat they have. */
  inOffice(person: Person): Actor {
    return this.actor(person, person.role === "chair" ? "CHAIR" : person.role === "secretary" ? "SEC" : undefined)
  }

  /** The source under whose hat somebody acts: whoever the policy lets act for a source has one. */
  sourceOf({ role, hat }: Actor): string {
    if (hat === null) throw new Error(`A ${role} without a hat was let act for a source.`)
    return hat
  }

  allow(act: Act, actor: Actor, draft: OpenDraft): void {
    this.demand(may(act, actor, draft.room.meta))
  }

  demand(ruling: Ruling): void {
    if (!ruling.isAllowed) throw new DomainError("not-allowed", ruling.sentence)
  }

  /**
   * What the record says of an act. A secretary's decision is the chair's who presides at this moment; where no chair is there nobody is named, and the
   * record says that too (WHO3). What a secretary does for a source whose hat it wears is its own, whatever the act is called.
   */
  entry<Act extends Entry["act"]>(act: Act, person: Person, source: string, details: DetailsOf<Act>, right = rightTo(act)): RegisterEntry {
    const { sittings } = this.meeting
    const isOnWord = person.role === "secretary" && right === "of the chair"
    const decidedBy = isOnWord ? (sittings.presiding()?.id ?? "") : person.id
    return { act, at: this.now().toISOString(), decidedBy, enteredBy: person.id, source, sitting: sittings.now(), details: { ...details } }
  }

  /** Who did something, as those are told whose changes it was done to. */
  byWhom(person: Person, act: Entry["act"], right = rightTo(act)): string {
    if (person.role === "chair") return "the chair"
    if (person.role !== "secretary") return person.name
    if (right === "of its source") return "the secretariat"
    return this.meeting.sittings.presiding() ? "the chair, entered by the secretariat" : "the secretariat, no chair present"
  }
}
