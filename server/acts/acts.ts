import * as Y from "yjs"
import type { Answer, Entry, EntryOf, RequestBody } from "../../shared/api/contract.ts"
import { type Change, changesIn, changesInSlices } from "../../shared/changes/changes.ts"
import { countsOf } from "../../shared/changes/counts.ts"
import type { Verdict } from "../../shared/changes/effects.ts"
import { hashOf } from "../../shared/changes/hash.ts"
import { changeSaid } from "../../shared/changes/pieces.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { isDecision } from "../../shared/changes/taken-back.ts"
import { ofFile, type Remark } from "../../shared/comments/thread.ts"
import { type Act, type Actor, may, mayResolve, mayWithdraw, type Ruling } from "../../shared/policy/policy.ts"
import { parseMarkId } from "../../shared/schema/keys.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { linksIn, metaOfDoc, notedIn, roots, tiesIn } from "../../shared/sync/roots.ts"
import { alreadyOn } from "../comparison/already.ts"
import type { Already } from "../comparison/already-there.ts"
import { notOnRoster } from "../comparison/brought.ts"
import type { FileBeside } from "../comparison/homes.ts"
import { type ImportedOnto, importChanges, type KnownThere } from "../comparison/import-changes.ts"
import { comingOnto } from "../comparison/onto.ts"
import type { IsSource } from "../comparison/whose.ts"
import { addressBook } from "../decisions/address-book.ts"
import { demandOpen, type Seen, seenNow } from "../decisions/as-seen.ts"
import { attributeInSlices, type RemarkAsked } from "../decisions/attribute.ts"
import { decideChanges } from "../decisions/decide.ts"
import type { Terms } from "../decisions/decided.ts"
import { type DecisionRecord, recordOf } from "../decisions/decision-record.ts"
import { fatesTold, noticesOf, reopenedTold } from "../decisions/fates.ts"
import { type Asked, refusalOf } from "../decisions/first-back.ts"
import { incorporateInSlices } from "../decisions/incorporate.ts"
import { besideText, Mismatch } from "../decisions/proven.ts"
import { type AllTakenBack, type Around, actOf, isBlocked, type Step, stepsOf, takeAllBack } from "../decisions/steps-back.ts"
import { demandDecisionOn, InTheWay, inexact, refusal } from "../decisions/taking.ts"
import type { Drafts, OpenDraft } from "../drafts/drafts.ts"
import type { EnteredOf } from "../drafts/entered.ts"
import { OpenChanges } from "../drafts/open-changes.ts"
import type { Gate } from "../gate/gate.ts"
import { unhurried } from "../pace/pauses.ts"
import type { Meeting } from "../people/meeting.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { Performed } from "../rooms/performed.ts"
import type { RegisterEntry, SourceRecord, StoredEntry } from "../storage/store.ts"
import { beginThread, replyTo, setResolved, threadOf } from "./threads.ts"

/** Versions that a draft has at most. */
export const mostVersions = 500

/** So often an act is worked out anew where others decide between. */
const mostTries = 10

/** Another act was done between the reading of the record and the turn of what was worked out from it. */
class DecidedMeanwhile extends DomainError {
  constructor() {
    super("conflict", "Others are deciding on this draft at this moment, so nothing was changed. Try again.")
  }
}

/** What an entry keeps and shows to nobody: the clauses that its act touched, and who had entered what it brought, by its change. */
interface Unshown {
  readonly touched?: readonly string[]
  readonly entered?: Readonly<Record<string, unknown>>
}

/** What a secretary does on the word of the chair alone. */
const onChairsWord: ReadonlySet<string> = new Set(["accept", "notRetain", "takeBack", "reopenChange", "untie", "adopt"])

/** By whose right something is done: the chair's, or that of the source whose change it is. */
type Right = "of the chair" | "of its source"

const rightTo = (act: string): Right => (onChairsWord.has(act) ? "of the chair" : "of its source")

/** A withdrawal is taken back by the right by which it was made, a decision by the chair's (BACK3). */
const rightToTakeBack = ({ act }: StoredEntry): Right => (act === "withdraw" ? "of its source" : "of the chair")

type After = { client: number; n: number } | undefined

/** Why a text cannot be adopted yet. `open`: how many changes are; without any something that was accepted waits in a new clause without words. */
export const notYetSaid = (open: number): string =>
  open === 0
    ? "What was accepted in a new clause that holds nothing any more still waits for that clause. Adopt the text once more; the clause is taken out then."
    : `${open} ${open === 1 ? "change is still open. Decide it" : "changes are still open. Decide them"} first; then the text can be adopted.`

/** How many changes stand in the way of adoption; what of them is accepted and waits is not open, but what it waits for is. */
function leftIn(doc: Y.Doc): { readonly count: number; readonly open: number } {
  const left = changesIn(blocksOf(doc))
  const noted = notedIn(doc)
  return { count: left.length, open: countsOf(left.filter(({ id }) => !noted.has(id))).all }
}

/** The acts of the meeting: each authorized by the policy table, run on the room's one queue, written to the register (rules ACT, POL). */
export class Acts {
  readonly #drafts: Drafts
  readonly #meeting: Meeting
  readonly #now: () => Date
  readonly #openChanges: OpenChanges

  constructor(drafts: Drafts, meeting: Meeting, now: () => Date) {
    this.#drafts = drafts
    this.#meeting = meeting
    this.#now = now
    this.#openChanges = new OpenChanges((draft) => drafts.enteredOf(draft))
  }

  /** For whom a person acts: a hat of its own, named or the only one there is. */
  actor(person: Person, as?: string): Actor {
    if (as !== undefined && !person.hats.includes(as))
      throw new DomainError("not-allowed", `You do not write for ${as}. Choose a delegation that is yours.`)
    return { role: person.role, hat: as ?? person.hats[0] ?? null }
  }

  /** Runs an act in its turn, of one who may still be here then, with the role and hats of then: what comes before may take a while. */
  #act<Answer>(
    { id }: Person,
    draft: OpenDraft,
    perform: (gate: Gate, person: Person) => Performed<Answer> | Sliced<Performed<Answer>>,
  ): Promise<Answer> {
    return draft.room.act((gate) => {
      const why = this.#meeting.people.whyNot(id)
      if (why !== null) throw new DomainError("not-signed-in", why)
      return perform(gate, this.#meeting.people.person(id))
    })
  }

  #demand(ruling: Ruling): void {
    if (!ruling.isAllowed) throw new DomainError("not-allowed", ruling.sentence)
  }

  #allow(act: Act, actor: Actor, draft: OpenDraft): void {
    this.#demand(may(act, actor, draft.room.meta))
  }

  async #settle({ id }: Person, draft: OpenDraft, after: After): Promise<void> {
    if (!after) return
    const bound = draft.bindings.get(after.client)
    // Whose line is another's waits for nothing there.
    if (bound && bound.person !== id) throw new DomainError("not-allowed", "These words are not yours to wait for.")
    if (bound && !(await draft.room.settled(after.client, after.n)))
      throw new DomainError("conflict", "Words that you typed before are not saved yet. Try again in a moment.")
  }

  /**
   * What the record says of an act. A secretary's decision is the chair's who presides at this moment; where no chair is there nobody is named, and the
   * record says that too (WHO3). What a secretary does for a source whose hat it wears is its own, whatever the act is called.
   */
  #entry<Act extends Entry["act"]>(
    act: Act,
    person: Person,
    source: string,
    details: EntryOf<Act>["details"] & Unshown,
    right = rightTo(act),
  ): RegisterEntry {
    const { sittings } = this.#meeting
    const isOnWord = person.role === "secretary" && right === "of the chair"
    const decidedBy = isOnWord ? (sittings.presiding()?.id ?? "") : person.id
    return { act, at: this.#now().toISOString(), decidedBy, enteredBy: person.id, source, sitting: sittings.now(), details: { ...details } }
  }

  async decide(asker: Person, draft: OpenDraft, request: RequestBody<"decide">): Promise<Answer<"decide">> {
    await this.#settle(asker, draft, request.after)
    return this.#act(asker, draft, (gate, person) => {
      const actor = this.actor(person, person.role === "chair" ? "CHAIR" : "SEC")
      this.#allow("decide", actor, draft)
      const terms = {
        isPartial: request.partial ?? false,
        isTogether: request.together ?? false,
        ends: request.ends && new Set(request.ends),
        waits: request.waits && new Set(request.waits),
      }
      return this.#resolve(gate, person, actor.hat!, request.verdict, request.changes, terms)
    })
  }

  /** Takes back a decision of the record; a delegation its own withdrawal, the chair all others (BACK3). */
  async takeBack(asker: Person, draft: OpenDraft, request: RequestBody<"takeBack">): Promise<Answer<"takeBack">> {
    this.#drafts.demandWhole(draft)
    await this.#settle(asker, draft, request.after)
    return this.#onRecord(draft, (entries, demandSame) =>
      this.#takingBack(asker, draft, entries, { n: request.n, change: null }, demandSame),
    )
  }

  /**
   * Runs an act that is worked out from the record, anew where another act was done meanwhile: one whose commit is still under way is in no record, and
   * may be the very same.
   */
  async #onRecord<Result>(
    draft: OpenDraft,
    work: (entries: readonly StoredEntry[], demandSame: () => void) => Promise<Result>,
  ): Promise<Result> {
    for (let tries = 1; ; tries++) {
      const done = await draft.room.recorded()
      const demandSame = (): void => {
        if (draft.room.done !== done) throw new DecidedMeanwhile()
      }
      try {
        return await work(await this.#drafts.register(draft), demandSame)
      } catch (error) {
        if (!(error instanceof DecidedMeanwhile) || tries === mostTries) throw error
      }
    }
  }

  /** Opens one change again, with what its decision ended; of several that were decided together the others stay decided. */
  async reopen(asker: Person, draft: OpenDraft, request: RequestBody<"reopen">): Promise<Answer<"reopen">> {
    this.#drafts.demandWhole(draft)
    await this.#settle(asker, draft, request.after)
    const { change } = request
    return this.#onRecord(draft, (entries, demandSame) =>
      this.#takingBack(asker, draft, entries, { n: demandDecisionOn(entries, change).n, change }, demandSame),
    )
  }

  async #takingBack(
    asker: Person,
    draft: OpenDraft,
    entries: readonly StoredEntry[],
    { n, change }: Pick<Asked, "n" | "change">,
    demandSame: () => void,
  ): Promise<Answer<"takeBack">> {
    const steps: (Step & Around)[] = []
    for (const step of stepsOf(entries, n, change)) {
      this.#takesBack(asker, draft, step.taken.entry)
      steps.push({ ...step, ...(await this.#drafts.around(draft, step.taken.row, { person: asker.id })) })
    }
    const { entry } = steps.find(({ taken }) => taken.entry.n === n)!.taken
    let along: readonly number[] = []
    let waiting: readonly string[] = []
    const perform = function* (this: Acts, gate: Gate, person: Person): Sliced<Performed<string[]>> {
      const actor = this.#takesBack(person, draft, entry)
      demandSame()
      const done = yield* takeAllBack(gate, steps, n)
      if (isBlocked(done)) throw new InTheWay(refusal(done.step.taken, done.obstacles))
      along = done.along.map((other) => other.n)
      waiting = done.waiting.map(({ id }) => id)
      return this.#takenBack(gate, person, actor, entry, done)
    }
    try {
      const reopened = await this.#act(asker, draft, (gate, person) => perform.call(this, gate, person))
      return { n, reopened, ...(waiting.length > 0 ? { waiting: [...waiting] } : {}), ...(along.length > 0 ? { along: [...along] } : {}) }
    } catch (error) {
      if (error instanceof Mismatch) throw inexact()
      if (error instanceof InTheWay) throw await this.#withAllThatComesFirst(asker, draft, { n, change }, error.refusal)
      if (error instanceof DomainError && change !== null && error.details.first !== undefined)
        throw await this.#withAllThatComesFirst(asker, draft, { n, change }, error)
      throw error
    }
  }

  /** Why something cannot be taken back at once, with all that must be taken back before it. */
  async #withAllThatComesFirst(
    asker: Person,
    draft: OpenDraft,
    { n, change }: Pick<Asked, "n" | "change">,
    direct: DomainError,
  ): Promise<DomainError> {
    const { first = [] } = direct.details as { readonly first?: readonly number[] }
    if (first.length === 0) return direct
    // What is in the way may have been entered meanwhile.
    await draft.room.recorded()
    const entries = await this.#drafts.register(draft)
    const notTheirs = entries.flatMap((entry): [number, string][] => {
      const why = entry.n < n ? null : this.#whyNotTheirs(asker, draft, entry)
      return why === null ? [] : [[entry.n, why]]
    })
    const row = entries.find((entry) => entry.n === n)!.row!
    try {
      const found = await this.#drafts.comesFirst(draft, row, entries, { n, change, notTheirs }, { person: asker.id })
      return refusalOf({ n, change }, found, direct)
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      // The history is too long to be tried: then one after the other is named.
      return new DomainError("conflict", `${direct.told} Others may have to be taken back before that; it is said then.`, direct.details)
    }
  }

  #whyNotTheirs(asker: Person, draft: OpenDraft, entry: StoredEntry): string | null {
    if (!isDecision(entry)) return null
    try {
      this.#takesBack(asker, draft, entry)
      return null
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      return entry.act === "withdraw" ? `It is a withdrawal by ${entry.source}, which alone takes that back.` : error.told
    }
  }

  #takesBack(person: Person, draft: OpenDraft, entry: StoredEntry): Actor {
    if (rightToTakeBack(entry) === "of the chair") {
      const actor = this.actor(person, person.role === "chair" ? "CHAIR" : person.role === "secretary" ? "SEC" : undefined)
      this.#allow("takeBack", actor, draft)
      return actor
    }
    const actor = this.actor(person, person.hats.includes(entry.source) ? entry.source : undefined)
    this.#demand(mayWithdraw(actor, entry.source, draft.room.meta))
    return actor
  }

  #takenBack(gate: Gate, person: Person, actor: Actor, taken: StoredEntry, done: AllTakenBack): Performed<string[]> {
    const { act, details } = actOf(taken.n, done)
    const right = rightToTakeBack(taken)
    const address = addressBook(gate)
    const told = (change: Change) => ({
      id: change.id,
      source: change.source,
      address: address(change.block),
      what: changeSaid(change, address),
    })
    const changes = [...done.reopened.map(told), ...done.waiting.map((change) => ({ ...told(change), waits: true }))]
    const entry = this.#entry(act, person, actor.hat!, { ...details, changes, touched: done.blocks }, right)
    return {
      row: done.row,
      entry,
      decidedBlocks: done.blocks,
      notices: [
        ...reopenedTold(done.reopened, this.#byWhom(person, right), address),
        ...noticesOf("acceptedWithHost", done.waiting, "an earlier decision, which holds again", address),
      ],
      answer: done.reopened.map((change) => change.id),
    }
  }

  async withdraw(asker: Person, draft: OpenDraft, request: RequestBody<"withdraw">): Promise<Answer<"withdraw">> {
    await this.#settle(asker, draft, request.after)
    if (request.act === "incorporate") return this.#incorporate(asker, draft, request)
    return this.#act(asker, draft, (gate, person) => {
      const asked = new Set(request.changes.map(({ id }) => id))
      const open = new Map(changesIn(gate.blocks, asked).map((change) => [change.id, change]))
      const source = open.get(request.changes[0]!.id)?.source
      const actor = this.actor(person, request.as ?? (source !== undefined && person.hats.includes(source) ? source : undefined))
      for (const { id } of request.changes) {
        const change = open.get(id)
        if (change) this.#demand(mayWithdraw(actor, change.source, draft.room.meta))
      }
      demandOpen(gate, request.changes)
      return this.#withdrawn(this.#resolve(gate, person, actor.hat!, "withdraw", request.changes, { isPartial: false }))
    })
  }

  *#withdrawn(work: Sliced<Performed<Answer<"decide">>>): Sliced<Performed<Answer<"withdraw">>> {
    const performed = yield* work
    const { decided, lapsed, inPart } = performed.answer
    const { superseded } = performed.entry.details as unknown as DecisionRecord
    const gone = superseded.filter(({ id }) => lapsed.includes(id))
    const told = gone.map(({ id, source, what }) => ({ change: id, source, what, inPart: inPart.includes(id) }))
    return { ...performed, answer: { withdrawn: decided, incorporated: [], lapsed: told } }
  }

  async #incorporate(asker: Person, draft: OpenDraft, request: RequestBody<"withdraw">): Promise<Answer<"withdraw">> {
    return this.#act(asker, draft, (gate, person) => {
      const actor = this.actor(person, request.as)
      this.#allow("incorporate", actor, draft)
      return this.#takenIn(gate, person, actor.hat!, request.changes)
    })
  }

  *#takenIn(gate: Gate, person: Person, into: string, seen: readonly Seen[]): Sliced<Performed<Answer<"withdraw">>> {
    const address = addressBook(gate)
    const done = yield* incorporateInSlices(gate, seen, into)
    const credited = done.changes.map((change) => ({
      id: change.id,
      source: change.source,
      address: address(change.block),
      what: changeSaid(change, address),
    }))
    return {
      row: done.row,
      entry: this.#entry("incorporate", person, into, { changes: credited, into, touched: done.blocks }),
      decidedBlocks: done.blocks,
      notices: noticesOf("incorporated", done.changes, this.#byWhom(person, rightTo("incorporate")), address),
      answer: { withdrawn: [], incorporated: done.changes.map((change) => change.id), lapsed: [] },
    }
  }

  *#resolve(
    gate: Gate,
    person: Person,
    source: string,
    verdict: Verdict,
    seen: readonly Seen[],
    terms: Terms,
  ): Sliced<Performed<Answer<"decide">>> {
    const address = addressBook(gate)
    const done = yield* decideChanges(gate, seen, verdict, terms)
    return {
      row: done.row,
      entry: this.#entry(verdict, person, source, { ...recordOf(done, address), touched: done.blocks }),
      decidedBlocks: done.blocks,
      notices: fatesTold(done, verdict, this.#byWhom(person, rightTo(verdict)), address),
      answer: {
        decided: done.decided.map((change) => change.id),
        identical: done.identical.map((change) => change.id),
        overtaken: done.overtaken.map((change) => change.id),
        competing: done.competing.map(({ kind, changes }) => ({ kind, changes: [...changes] })),
        stale: done.stale.map((change) => seenNow(change, done.sight)),
        gone: [...done.gone],
        superseded: done.superseded.map((change) => change.id),
        lapsed: [...done.lapsed],
        effective: done.effective.map((change) => change.id),
        inPart: [...done.inPart],
        struck: [...done.struck],
        noted: [...done.decided, ...done.identical].flatMap(({ id }) => (done.noted.has(done.by.get(id) ?? id) ? [id] : [])),
        parts: [...done.parts].map(([change, { rest }]) => ({ change, rest })),
      },
    }
  }

  /** Who did something, as those are told whose changes it was done to. */
  #byWhom(person: Person, right: Right): string {
    if (person.role === "chair") return "the chair"
    if (person.role !== "secretary") return person.name
    if (right === "of its source") return "the secretariat"
    return this.#meeting.sittings.presiding() ? "the chair, entered by the secretariat" : "the secretariat, no chair present"
  }

  async comment(asker: Person, draft: OpenDraft, request: RequestBody<"comment">): Promise<Answer<"comment">> {
    await this.#settle(asker, draft, request.after)
    return this.#act(asker, draft, (gate, person) => {
      const actor = this.actor(person, request.as)
      this.#allow("comment", actor, draft)
      const { row, id, block } = beginThread(gate, request.anchor, this.#remark(person, actor, request.text))
      const { anchor, text } = request
      const details = {
        thread: id,
        block,
        address: addressBook(gate)(block),
        ...(anchor.on === "words" ? { quote: anchor.quote } : {}),
        text,
      }
      return { row, entry: this.#entry("comment", person, actor.hat!, details), answer: { id } }
    })
  }

  #remark(person: Person, actor: Actor, text: string): Remark {
    return { person: person.id, source: actor.hat!, text, at: this.#now().toISOString() }
  }

  async reply(asker: Person, draft: OpenDraft, thread: string, request: RequestBody<"reply">): Promise<Answer<"reply">> {
    return this.#act(asker, draft, (gate, person) => {
      const actor = this.actor(person, request.as)
      this.#allow("comment", actor, draft)
      const row = replyTo(gate, thread, this.#remark(person, actor, request.text))
      return { row, entry: this.#entry("reply", person, actor.hat!, { thread, text: request.text }), answer: { id: thread } }
    })
  }

  async resolveThread(
    asker: Person,
    draft: OpenDraft,
    thread: string,
    request: RequestBody<"resolveThread">,
  ): Promise<Answer<"resolveThread">> {
    return this.#act(asker, draft, (gate, person) => {
      const actor = this.actor(person, request.as)
      this.#demand(mayResolve(actor, threadOf(gate, thread).remarks[0]?.source ?? "", draft.room.meta))
      const row = setResolved(gate, thread, request.resolved)
      const act = request.resolved ? "resolve" : "reopen"
      return {
        row,
        entry: this.#entry(act, person, actor.hat ?? "", { thread }),
        answer: { id: thread, resolved: request.resolved },
      }
    })
  }

  /** The secretariat states whose changes and remarks are whose file did not say it. Who entered them in the file stays. */
  async attribute(asker: Person, draft: OpenDraft, request: RequestBody<"attribute">): Promise<Answer<"attribute">> {
    const { changes: seen, remarks: asked = [] } = request
    if (seen.length + asked.length === 0) throw new DomainError("bad-input", "Name the changes, or the remarks, whose source you state.")
    await this.#settle(asker, draft, request.after)
    if (!this.#meeting.people.sources().some((known) => known.code === request.source))
      throw new DomainError("bad-input", notOnRoster(request.source))
    const entered = await this.#drafts.enteredOf(draft)
    return this.#act(asker, draft, (gate, person) => {
      this.#allow("attribute", this.actor(person), draft)
      if (person.role === "secretary" && !person.hats.includes(request.source))
        throw new DomainError(
          "not-allowed",
          "The secretariat does not write for the chair, and states nothing to be the chair's. Leave it not stated; it can be decided on as it is.",
        )
      return this.#attributed(gate, person, { seen, source: request.source, asked }, entered)
    })
  }

  *#attributed(
    gate: Gate,
    person: Person,
    { seen, source, asked }: { readonly seen: readonly Seen[]; readonly source: string; readonly asked: readonly RemarkAsked[] },
    entered: EnteredOf,
  ): Sliced<Performed<Answer<"attribute">>> {
    const address = addressBook(gate)
    const done = yield* attributeInSlices(gate, seen, source, asked)
    const was = (id: string): { by: string | null; at: string | null } => {
      const found = entered(id)
      return { by: found?.person.startsWith(ofFile) ? found.person.slice(ofFile.length) : null, at: found?.at ?? null }
    }
    const details = {
      to: source,
      changes: done.changes.map((change) => ({
        id: done.ids.get(change.id)!,
        address: address(change.block),
        what: changeSaid(change, address),
        source,
      })),
      ...(done.remarks.length === 0
        ? {}
        : {
            remarks: done.remarks.map(({ thread, said }) => ({
              thread: thread.id,
              address: address(thread.anchor.block),
              text: said.text,
            })),
          }),
      touched: done.blocks,
      entered: Object.fromEntries(done.changes.map((change) => [done.ids.get(change.id), was(change.id)])),
    }
    return {
      row: done.row,
      entry: this.#entry("attribute", person, "SEC", details),
      decidedBlocks: done.blocks,
      answer: { attributed: done.changes.map((change) => done.ids.get(change.id)!), remarks: done.remarks.length },
    }
  }

  /** Each of the changes that are linked with one is decided by itself from now on (LINK2). */
  async untie(asker: Person, draft: OpenDraft, request: RequestBody<"untie">): Promise<Answer<"untie">> {
    await this.#settle(asker, draft, request.after)
    return this.#act(asker, draft, (gate, person) => {
      this.#allow("decide", this.actor(person), draft)
      const untied = [...tiesIn(gate.shadow).with(request.change)]
      if (untied.length < 2) throw new DomainError("not-found", "This change is linked with no other any more.")
      const address = addressBook(gate)
      const changes = changesIn(gate.blocks, new Set(untied))
      const row = besideText(gate, (_, shadow) => {
        for (const { id, changes: tied } of linksIn(shadow))
          if (tied.some((change) => untied.includes(change))) roots.links(shadow).delete(id)
      })
      const told = changes.map((change) => ({
        id: change.id,
        source: change.source,
        address: address(change.block),
        what: changeSaid(change, address),
      }))
      return { row, entry: this.#entry("untie", person, person.role === "chair" ? "CHAIR" : "SEC", { changes: told }), answer: { untied } }
    })
  }

  /** Takes a file's changes and comments onto a draft. A delegate brings its own delegation's; whose the others are the secretariat says. */
  async importChanges(asker: Person, draft: OpenDraft, file: FileBeside): Promise<ImportedOnto> {
    const sourceOf = ({ role, hats }: Person): string | null =>
      role === "chair" ? "CHAIR" : role === "secretary" ? "SEC" : (hats[0] ?? null)
    const demand = (person: Person): void => this.#allow("importChanges", { role: person.role, hat: sourceOf(person) }, draft)
    const { people } = this.#meeting
    demand(asker)
    const { file: brings, left, fresh, isSource } = comingOnto(file, asker, people.sources())
    if (left.length > 0 && brings.draft.changes.length === 0 && brings.draft.comments.length === 0)
      throw new DomainError("not-allowed", "Nothing in this file is your own delegation's. The secretariat imports files of several.", {
        left,
      })
    // On the roster by the time when they are brought they may be already.
    const coming = (): SourceRecord[] => {
      const known = new Set(people.sources().map(({ code }) => code))
      return fresh.flatMap((code) => (known.has(code) ? [] : [{ code, name: code }]))
    }
    const said = await this.#saidAlready(draft, brings, isSource)
    const done = await this.#act(asker, draft, (gate, person) => {
      demand(person)
      // What a file may bring was read from these: where they are others by now the file is read again.
      if (person.role !== asker.role || !asker.hats.every((hat) => person.hats.includes(hat)))
        throw new DomainError("conflict", "What you may write for was changed meanwhile. Bring the file again.")
      const sources = coming()
      people.demandNew(sources)
      return this.#imported(gate, person, sourceOf(person) ?? "SEC", brings, sources, { said, isSource })
    })
    people.cameOn(coming())
    return { ...done, left: [...left, ...done.left] }
  }

  /** On a copy of the draft that is made in its turn; the rest outside the queue, for nobody waits for it. */
  async #saidAlready({ room }: OpenDraft, file: FileBeside, isSource: IsSource): Promise<Already[]> {
    return unhurried(alreadyOn(await room.look(({ shadow }) => Y.encodeStateAsUpdate(shadow)), file, isSource))
  }

  *#imported(
    gate: Gate,
    person: Person,
    source: string,
    file: FileBeside,
    sources: readonly SourceRecord[],
    known: KnownThere,
  ): Sliced<Performed<ImportedOnto>> {
    const done = yield* importChanges(gate, file, { ...known, broughtBy: person.id })
    const address = addressBook(gate)
    const found = yield* changesInSlices(gate.blocks, new Set(done.changes))
    const changes = found.map((change) => ({
      id: change.id,
      source: change.source,
      address: address(change.block),
      what: changeSaid(change, address),
    }))
    const details = {
      file: file.name,
      changes,
      comments: done.comments,
      replies: done.replies,
      left: done.left.length,
      already: done.already.length,
      entered: done.entered,
    }
    return { row: done.row, entry: this.#entry("importChanges", person, source, details), sources, answer: done }
  }

  async settings(asker: Person, draft: OpenDraft, request: RequestBody<"settings">): Promise<Answer<"settings">> {
    const { secretaryOperates } = request
    return this.#act(asker, draft, (gate, person) => {
      const actor = this.actor(person)
      this.#allow("letSecretaryOperate", actor, draft)
      const row = besideText(gate, (_, shadow) => roots.meta(shadow).set("secretaryOperates", secretaryOperates))
      return { row, entry: this.#entry("secretaryOperates", person, "CHAIR", { secretaryOperates }), answer: { secretaryOperates } }
    })
  }

  /** Opens a page that everybody may read, or closes it. */
  async openToPublic(asker: Person, draft: OpenDraft, { view }: RequestBody<"openToPublic">): Promise<Answer<"openToPublic">> {
    return this.#act(asker, draft, (gate, person) => {
      this.#allow("openToPublic", this.actor(person), draft)
      const row = besideText(gate, (_, shadow) => roots.meta(shadow).set("publicView", view))
      return { row, entry: this.#entry("openToPublic", person, "SEC", { view }), answer: { view } }
    })
  }

  /** Names the draft as it is at this moment; the row that says so is the last of that state. */
  async nameVersion(asker: Person, draft: OpenDraft, request: RequestBody<"nameVersion">): Promise<Answer<"nameVersion">> {
    await this.#settle(asker, draft, request.after)
    return this.#act(asker, draft, (gate, person) => {
      const actor = this.actor(person)
      this.#allow("nameVersion", actor, draft)
      const { versions } = metaOfDoc(gate.shadow)
      const name = request.name.trim()
      if (versions.some((version) => version.name === name))
        throw new DomainError("conflict", `There is a version “${name}” already. Give this one another name.`)
      if (versions.length >= mostVersions)
        throw new DomainError(
          "too-many",
          `This draft has ${mostVersions} named versions, as many as one has. Publish one of them, or go on in a new draft.`,
        )
      const n = (versions.at(-1)?.n ?? 0) + 1
      const entry = this.#entry("nameVersion", person, actor.hat!, { n, name })
      const row = besideText(gate, (_, shadow) => roots.meta(shadow).set("versions", [...versions, { n, name, at: entry.at }]))
      return { row, entry, answer: { n } }
    })
  }

  /** Throws where a person may not publish. */
  demandPublish(person: Person, draft: OpenDraft): void {
    this.#allow("publish", this.actor(person), draft)
  }

  /** Notes in the record that a file of a version was published. */
  async published(asker: Person, draft: OpenDraft, version: number, file: Answer<"publish">): Promise<void> {
    const { name } = draft.room.committedMeta.versions.find(({ n }) => n === version)!
    await this.#act(asker, draft, (_gate, person) => {
      const entry = this.#entry("publish", person, this.actor(person).hat!, { version, versionName: name, file })
      return { row: null, entry: { ...entry, at: file.at }, answer: undefined }
    })
  }

  async adopt(asker: Person, draft: OpenDraft, request: RequestBody<"adopt">): Promise<Answer<"adopt">> {
    await this.#settle(asker, draft, request.after)
    // What was accepted about a new clause that holds nothing any more waits for what nobody can decide on.
    const before = leftIn(draft.room.main)
    if (before.count > 0 && before.open === 0) draft.room.sweepBlank(asker.id)
    return this.#act(asker, draft, (gate, person) => {
      const actor = this.actor(person, person.role === "chair" ? "CHAIR" : person.role === "secretary" ? "SEC" : undefined)
      this.#allow("adopt", actor, draft)
      const { count, open } = leftIn(gate.shadow)
      if (count > 0) throw new DomainError("conflict", notYetSaid(open))
      const hash = hashOf(blocksOf(gate.shadow))
      const row = besideText(gate, (_, shadow) => roots.meta(shadow).set("stage", "adopted"))
      return { row, entry: this.#entry("adopt", person, actor.hat!, { hash }), answer: { stage: "adopted", hash } }
    })
  }

  /** Who entered a change: its own delegation, somebody on its behalf, or whom the file names that brought it. */
  async changeEntered(draft: OpenDraft, change: string): Promise<Answer<"changeEntered">> {
    const found = (await this.#drafts.enteredOf(draft))(change)
    if (!found) return { how: "own", by: null, at: null, broughtBy: null }
    const { person, at, broughtBy, isOfFile } = found
    const inFile = person.startsWith(ofFile) ? person.slice(ofFile.length) : null
    if (isOfFile) return { how: "file", by: inFile, at: at || null, broughtBy: this.#meeting.people.nameOf(broughtBy ?? person) }
    const source = parseMarkId(change)?.source
    const isFor = source !== "SEC" && this.#meeting.people.person(person).role === "secretary"
    return { how: isFor ? "for" : "own", by: this.#meeting.people.nameOf(person), at, broughtBy: null }
  }

  /** The open changes with their addresses and who entered them, as JSON. */
  changes(draft: OpenDraft): Promise<Uint8Array> {
    return this.#openChanges.json(draft)
  }
}
