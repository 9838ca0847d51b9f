import { type ReadonlySignal, type Signal, signal } from "@preact/signals"
import type { Answer, RequestBody } from "../../shared/api/contract.ts"
import type { Change } from "../../shared/changes/changes.ts"
import type { Part } from "../../shared/changes/part.ts"
import { lastDecision } from "../../shared/changes/taken-back.ts"
import type { PublicView } from "../../shared/sync/roots.ts"
import { ApiProblem, call, unreachableSaid } from "../meeting/api.ts"
import { EnteredBook } from "./entered.ts"
import type { OwnFates } from "./own-fates.ts"

/** What acts need to know of the open draft, and what they tell it. */
export interface ActContext {
  readonly draft: string
  readonly changes: ReadonlySignal<readonly Change[]>
  readonly hat: ReadonlySignal<string | null>
  readonly chosen: Signal<string | null>
  readonly said: Signal<string>
  /** What this browser has sent so far: an act runs once that is committed. */
  readonly after: () => { client: number; n: number }
  readonly choose: (id: string | null) => void
  readonly nameOf: (source: string) => string
  /** Changes as this browser has them now, each with what a decision on it binds to. */
  readonly seen: (ids: readonly string[]) => SeenChange[]
  readonly fates: OwnFates
}

/** What the chair was told of a decision: what ends with it, and what of it takes effect only with the proposal around it. */
export interface Told {
  readonly ends: readonly string[]
  readonly waits: readonly string[]
}

/** A change as somebody saw it: what a decision on it binds to. */
export interface SeenChange {
  readonly id: string
  readonly hash: string
  /** Only this of it is meant. */
  readonly part?: Part
}

/** Why a decision is not taken back, and the entries of the record that must be taken back before it. */
export interface StaysDecided {
  readonly why: string
  readonly first: readonly number[]
  /** The server has said why, and names nothing that could be taken back first. */
  readonly isForGood: boolean
}

/** What the chair decides on a change. */
export type Decision = "accept" | "notRetain"

export type CommentAnchor =
  | { readonly on: "words"; readonly block: string; readonly from: number; readonly to: number; readonly quote: string }
  | { readonly on: "clause"; readonly block: string }
  | { readonly on: "change"; readonly block: string; readonly change: string }

const failed = "That did not work. Try again."
/** Of an act whose answer was lost nobody knows here whether it was done. */
const unknownSaid = (what: string): string => `${unreachableSaid} It is not known whether ${what}: look again once the connection is back.`
const unknownAct = unknownSaid("this was done")

/** What came of asking the server for an act; `unknown`: it was asked, and its answer was lost. */
type Outcome = "done" | "refused" | "unknown"

const changes = (n: number): string => `${n} ${n === 1 ? "change" : "changes"}`

const asSource = (source: string | null): { as?: string } => (source === null ? {} : { as: source })

/** What a decision did, to the changes that it was on and to all others that ended with it. */
export function decidedSaid(
  done: Pick<Answer<"decide">, "decided" | "identical" | "overtaken" | "superseded" | "lapsed" | "noted" | "parts"> &
    Partial<Pick<Answer<"decide">, "effective" | "inPart" | "struck">>,
  verdict: Decision,
): string {
  const { decided, identical, overtaken, superseded, lapsed, noted, parts, effective = [], inPart = [], struck = [] } = done
  const partly = decided.filter((id) => noted.includes(id) && inPart.includes(id)).length
  const waiting = decided.filter((id) => noted.includes(id)).length - partly
  const out = decided.filter((id) => struck.includes(id)).length
  const now = decided.length - waiting - partly - out
  const same = identical.length > 0 ? `, with ${identical.length} that ${identical.length === 1 ? "says" : "say"} the same` : ""
  const [it, its] = [(n: number): string => (n === 1 ? "it" : "them"), (n: number): string => (n === 1 ? "its" : "their")]
  const accepted: readonly (readonly [n: number, how: string, when?: string])[] = [
    [now, "accepted into the text"],
    [partly, "accepted", `in part in the text now, and the rest of ${it(partly)} with the proposal around`],
    [waiting, "accepted", `${waiting === 1 ? "it takes" : "they take"} effect with the proposal around ${it(waiting)}`],
    [out, "accepted, of which nothing comes into the text", `${its(out)} words are taken out by what was accepted before`],
  ]
  const told = accepted.filter(([n]) => n > 0)
  const acceptedSaid = told.map(([n, how, when], i) => {
    const what = i === 0 ? `${changes(n)} ${how}${same}` : `${n} more ${how}`
    return `${when === undefined ? what : `${what}: ${when}`}.`
  })
  const first = verdict === "accept" ? acceptedSaid.join(" ") : `${changes(decided.length)} not retained${same}.`
  const have = (n: number): string => (n === 1 ? "has" : "have")
  const wentOpen = superseded.length - lapsed.length
  const cut = lapsed.filter((id) => inPart.includes(id)).length
  const gone = lapsed.length - cut
  return [
    first,
    effective.length > 0 ? `${effective.length} accepted before ${have(effective.length)} taken effect with it.` : "",
    overtaken.length > 0 ? `${overtaken.length} that competed ${have(overtaken.length)} ended.` : "",
    wentOpen > 0 ? `${wentOpen} that stood in what went ${have(wentOpen)} ended.` : "",
    gone > 0 ? `${gone} accepted before ${have(gone)} gone with what stood around.` : "",
    cut > 0 ? `Of ${cut} that ${cut === 1 ? "was" : "were"} accepted in part, what waited has gone with what stood around.` : "",
    parts.length > 0 ? "What is left of it stays open." : "",
  ]
    .filter(Boolean)
    .join(" ")
}

/** What taking a decision back has opened again, and what of that holds again and waits. */
export function takenBackSaid({ reopened, waiting = [], along = [] }: Answer<"takeBack">): string {
  const also = along.length > 0 ? `, with ${along.length === 1 ? "entry" : "entries"} ${along.join(", ")} of the record` : ""
  const isAre = (n: number): string => (n === 1 ? "is" : "are")
  const again = `${changes(reopened.length)} ${isAre(reopened.length)} open again`
  const held = waiting.length > 0 ? `; ${waiting.length} accepted before ${isAre(waiting.length)} inside again, and still accepted` : ""
  return `Taken back${also}: ${again}${held}.`
}

/** That one's own changes are withdrawn, and what was accepted inside them and is gone with that, by name. */
export function withdrawnSaid({ lapsed }: Pick<Answer<"withdraw">, "lapsed">, nameOf: (source: string) => string): string {
  if (lapsed.length === 0) return "Withdrawn."
  const named = lapsed
    .slice(0, mostNamed)
    .map(({ source, what, inPart }) => `${nameOf(source)}, ${what}${inPart ? " (what of it is in the text stays)" : ""}`)
  const more = lapsed.length > mostNamed ? `; and ${lapsed.length - mostNamed} more` : ""
  return `Withdrawn. Accepted before, and gone with it: ${named.join("; ")}${more}.`
}

/** So many changes a sentence names. */
const mostNamed = 3

/** The acts of the person on this draft: each a call to the server, said in a sentence when it is done or refused. */
export class Acts {
  readonly #context: ActContext
  /** Whether the server was asked for one that it has not answered. */
  readonly isBusy: Signal<boolean> = signal(false)
  /** Who entered a change. */
  readonly entered: EnteredBook
  /** What became of the own delegation's changes. */
  readonly fates: OwnFates

  constructor(context: ActContext) {
    this.#context = context
    this.entered = new EnteredBook(context.draft)
    this.fates = context.fates
  }

  get #params(): { draft: string } {
    return { draft: this.#context.draft }
  }

  get #as(): { as?: string } {
    return asSource(this.#context.hat.value)
  }

  async #do(act: () => Promise<string>, unknown = unknownAct): Promise<boolean> {
    return (await this.#outcomeOf(act, unknown)) === "done"
  }

  async #outcomeOf(act: () => Promise<string>, unknown: string): Promise<Outcome> {
    const { said } = this.#context
    this.isBusy.value = true
    try {
      said.value = await act()
      return "done"
    } catch (error) {
      const isLost = error instanceof ApiProblem && error.problem.status === 0
      said.value = isLost ? unknown : error instanceof ApiProblem ? error.message : failed
      return isLost ? "unknown" : "refused"
    } finally {
      this.isBusy.value = false
    }
  }

  /**
   * The chair's decision on changes as they were seen; `told`: what ends with it and what of it waits, as the chair was told, and nothing else may. Ids
   * of those that stay in the text until their host is decided, or what else came of it.
   */
  async decide(
    changes: readonly SeenChange[],
    verdict: Decision,
    { ends, waits }: Told,
  ): Promise<readonly string[] | Exclude<Outcome, "done">> {
    let waiting: readonly string[] = []
    const outcome = await this.#outcomeOf(async () => {
      const body = { verdict, changes: [...changes], after: this.#context.after(), ends: [...ends], waits: [...waits] }
      const done = await call("decide", { params: this.#params, body })
      waiting = done.noted
      return decidedSaid(done, verdict)
    }, unknownSaid("your decision was made"))
    return outcome === "done" ? waiting : outcome
  }

  /** Takes back a decision of the record. Null where it was done, else why not. */
  takeBack(n: number): Promise<StaysDecided | null> {
    return this.#opening(() => call("takeBack", { params: this.#params, body: { n, after: this.#context.after() } }))
  }

  /** Opens one change again of those that were decided together. */
  reopen(change: string): Promise<StaysDecided | null> {
    return this.#opening(() => call("reopen", { params: this.#params, body: { change, after: this.#context.after() } }))
  }

  async #opening(act: () => Promise<Answer<"takeBack">>): Promise<StaysDecided | null> {
    let first: readonly number[] = []
    let isForGood = false
    const isDone = await this.#do(async () => {
      try {
        return takenBackSaid(await act())
      } catch (error) {
        const problem = error instanceof ApiProblem ? (error.problem as { first?: readonly number[]; stuck?: number }) : {}
        // What cannot all be taken back is not offered.
        if (problem.stuck === undefined) first = problem.first ?? []
        isForGood = error instanceof ApiProblem && error.problem.status === 409 && first.length === 0
        throw error
      }
    })
    return isDone ? null : { why: this.#context.said.value, first, isForGood }
  }

  /** Takes back the last decision of the chair that still holds. */
  async takeBackLast(): Promise<void> {
    let n: number | null = null
    const isRead = await this.#do(async () => {
      n = lastDecision(await call("register", { params: this.#params }), true)?.n ?? null
      return n === null ? "There is no decision to take back." : ""
    })
    if (!isRead || n === null) return
    const stays = await this.takeBack(n)
    // Where nothing helps the key would come to the same decision for ever.
    if (stays?.isForGood) this.#context.said.value = `${stays.why} Earlier decisions can be taken back from the record.`
  }

  async withdraw(ids: readonly string[]): Promise<void> {
    const body = { act: "withdraw" as const, changes: this.#context.seen(ids), after: this.#context.after(), ...this.#as }
    if (body.changes.length === 0) return
    this.fates.decides(body.changes.length)
    const isDone = await this.#do(async () => {
      return withdrawnSaid(await call("withdraw", { params: this.#params, body }), this.#context.nameOf)
    })
    if (!isDone) this.fates.decides(-body.changes.length)
  }

  /** Takes changes of others inside one's own open words into one's own. */
  async incorporate(ids: readonly string[]): Promise<void> {
    const body = { act: "incorporate" as const, changes: this.#context.seen(ids), after: this.#context.after(), ...this.#as }
    if (body.changes.length === 0) return
    await this.#do(async () => {
      await call("withdraw", { params: this.#params, body })
      return "Taken into your proposal. The record names whose words they were."
    })
  }

  /** States whose changes are whose file did not say it. */
  async attribute(ids: readonly string[], source: string): Promise<void> {
    const body = { source, changes: this.#context.seen(ids), after: this.#context.after() }
    if (body.changes.length === 0) return
    await this.#do(async () => {
      const { attributed } = await call("attribute", { params: this.#params, body })
      this.#context.choose(attributed[0] ?? null)
      return `${attributed.length === 1 ? "The change is" : `${attributed.length} changes are`} now by ${source}.`
    })
  }

  /** States whose remarks of a thread are whose file did not say it. */
  async attributeRemarks(thread: string, remarks: readonly number[], source: string): Promise<void> {
    const body = { source, changes: [], remarks: remarks.map((remark) => ({ thread, remark })), after: this.#context.after() }
    await this.#do(async () => {
      const { remarks: stated } = await call("attribute", { params: this.#params, body })
      return `${stated === 1 ? "The remark is" : `${stated} remarks are`} now by ${source}.`
    })
  }

  /** What is linked with a change is decided one by one from now on. */
  untie(change: string): Promise<boolean> {
    return this.#do(async () => {
      const { untied } = await call("untie", { params: this.#params, body: { change, after: this.#context.after() } })
      return `${untied.length} changes are untied: each is decided by itself.`
    })
  }

  /** Comments for the source that was named to who wrote it. */
  comment(anchor: CommentAnchor, text: string, as: string | null): Promise<boolean> {
    return this.#do(async () => {
      const body = { anchor, text, after: this.#context.after(), ...asSource(as) }
      const { id } = await call("comment", { params: this.#params, body })
      // A comment on a change stands on its card.
      this.#context.chosen.value = anchor.on === "change" ? anchor.change : id
      return "Comment sent. Everyone in the meeting can read it."
    }, unknownSaid("your comment was sent; it is kept here"))
  }

  reply(thread: string, text: string, as: string | null): Promise<boolean> {
    return this.#do(async () => {
      await call("reply", { params: { ...this.#params, thread }, body: { text, ...asSource(as) } })
      return "Reply sent."
    }, unknownSaid("your reply was sent; it is kept here"))
  }

  setResolved(thread: string, resolved: boolean): Promise<boolean> {
    return this.#do(async () => {
      await call("resolveThread", { params: { ...this.#params, thread }, body: { resolved, ...this.#as } })
      return resolved ? "Comment resolved." : "Comment reopened."
    })
  }

  letSecretaryOperate(secretaryOperates: boolean): Promise<boolean> {
    return this.#do(async () => {
      await call("settings", { params: this.#params, body: { secretaryOperates } })
      return secretaryOperates ? "The secretary may now decide on your word." : "Only you decide now."
    })
  }

  /** Opens a page that everybody may read without signing in, or closes it. */
  openToPublic(view: PublicView): Promise<boolean> {
    return this.#do(async () => {
      await call("openToPublic", { params: this.#params, body: { view } })
      return view === null ? "The public page is closed." : "Everybody who has the address can read the public page."
    })
  }

  /** Names the draft as it is now. */
  async nameVersion(name: string): Promise<number | null> {
    let named: number | null = null
    await this.#do(async () => {
      const { n } = await call("nameVersion", { params: this.#params, body: { name, after: this.#context.after() } })
      named = n
      return `This state is now version ${n}, “${name}”.`
    })
    return named
  }

  /** Publishes a version: its file is written once and kept. */
  publish(version: number, file: RequestBody<"publish">): Promise<boolean> {
    return this.#do(async () => {
      const { name } = await call("publish", { params: { ...this.#params, version: String(version) }, body: file })
      return `Published as ${name}.`
    })
  }

  adopt(): Promise<boolean> {
    return this.#do(async () => {
      await call("adopt", { params: this.#params, body: { stage: "adopted", after: this.#context.after() } })
      return "The text is adopted."
    })
  }
}
