import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals"
import type { Change } from "../shared/changes/changes.ts"
import { type Choice, type Competing, choiceOf } from "../shared/changes/choice.ts"
import { type Counts, countsOf } from "../shared/changes/counts.ts"
import type { ForestalledBy } from "../shared/changes/forestalled.ts"
import { type Ties, Units, withLinked } from "../shared/changes/links.ts"
import type { Part } from "../shared/changes/part.ts"
import { relationsOf, type Twins } from "../shared/changes/rivals.ts"
import type { Block } from "../shared/schema/block.ts"
import type { Acts, Decision, SeenChange } from "./acts.ts"

/** What one act of the chair covers. */
export type Grain = "one" | "ticked" | "clause" | "source" | "all"

/** What is asked before it is done, for it is about many changes or final. */
export type Asked =
  | {
      readonly kind: "decide"
      readonly verdict: Decision
      /** The changes as they were when it was asked: what comes in meanwhile is not covered. */
      readonly ids: ReadonlySet<string>
      /** What they have in common, such as "by Sweden"; "" where they were chosen one by one. */
      readonly which: string
      /** Left out, in groups, for it is for the chair to choose: what competes, what stands at one place, and what came too late for its words. */
      readonly leftOut: readonly Competing[]
      /** Not among them, but decided along, for they say the same. */
      readonly same: ReadonlySet<string>
      /** Not among them, but ended, for something else is made of their words. */
      readonly ending: ReadonlySet<string>
    }
  /** A clause is to go, and with it what others propose in it. */
  | { readonly kind: "suppress"; readonly id: string; readonly ending: ReadonlySet<string> }
  | { readonly kind: "adopt" }

export interface DecidingContext {
  readonly changes: ReadonlySignal<readonly Change[]>
  readonly blocks: ReadonlySignal<readonly Block[]>
  readonly chosen: Signal<string | null>
  /** The clause that the caret or the selection stands in. */
  readonly caretBlock: ReadonlySignal<string | null>
  readonly ticked: Signal<ReadonlySet<string>>
  readonly said: Signal<string>
  readonly acts: Acts
  /** Changes as this browser has them now, each with what a decision on it binds to. */
  readonly seen: (ids: readonly string[], part?: Part) => SeenChange[]
  /** Those of some changes that have grown since they were drawn. */
  readonly grown: (ids: ReadonlySet<string>) => readonly Change[]
  readonly twins: () => Twins
  readonly forestalled: ReadonlySignal<ForestalledBy>
  readonly ties: ReadonlySignal<Ties>
  readonly choose: (id: string | null) => void
  readonly addressOf: (block: string) => string
  readonly nameOf: (source: string) => string
}

const rivalsSentence =
  "These proposals cannot both be accepted, stand at one place in no order yet, or one in the middle of what another takes out. Choose one, and decide on it alone."

const forestalledSentence =
  "What these proposals were to replace had gone when they came, for others on the same words were accepted. Read each, and decide on it alone."

/** How long a change that was decided is taken to be on its way out of the text. */
const leavingMs = 4_000

/**
 * The change on the table, and what the chair decides. A decision takes it off the table and puts no other there: going to the next is a step of its
 * own, so a key that is held or pressed twice decides once. What covers many changes, or is final, is asked first.
 */
export class Deciding {
  readonly grain: Signal<Grain> = signal("one")
  readonly asked: Signal<Asked | null> = signal(null)
  /** Decided by this browser, and still in the text it has. */
  readonly #leaving: Signal<ReadonlySet<string>> = signal(new Set())
  /** The open changes that are not decided yet. */
  readonly open: ReadonlySignal<readonly Change[]>
  /** How many these are, for every place that tells it. */
  readonly counts: ReadonlySignal<Counts>
  readonly current: ReadonlySignal<Change | null>
  /** What a step forward leads to once a decision has emptied the table. */
  readonly next: ReadonlySignal<Change | null>
  /** The order of the changes at the last decision, from the place of the one decided on. */
  readonly #following: Signal<readonly string[]> = signal([])
  readonly #context: DecidingContext
  /** What one set out to decide together was called off: the next change that one turns to is decided by itself. */
  #isCalledOff = false
  #queue: Promise<unknown> = Promise.resolve()

  constructor(context: DecidingContext) {
    this.#context = context
    const { changes, chosen } = context
    this.open = computed(() => changes.value.filter((change) => !this.#leaving.value.has(change.id)))
    this.counts = computed(() => countsOf(this.open.value))
    this.current = computed(() => this.open.value.find((change) => change.id === chosen.value) ?? null)
    this.next = computed(() => {
      if (this.current.value || this.#following.value.length === 0) return null
      const open = new Map(this.open.value.map((change) => [change.id, change]))
      const next = this.#following.value.find((id) => open.has(id))
      return next === undefined ? null : open.get(next)!
    })
  }

  /**
   * Forgets the place of the last decision once another change is chosen, and of a change that it is leaving once it has: where it comes back, by whose
   * act ever, it is open like any other. Returns how to stop.
   */
  watch(): () => void {
    const stops = [
      effect(() => {
        if (this.current.value && this.#following.peek().length > 0) this.#following.value = []
      }),
      effect(() => {
        if (this.current.value && this.#isCalledOff) this.grain.value = "one"
        if (this.current.value) this.#isCalledOff = false
      }),
      effect(() => {
        const there = new Set(this.#context.changes.value.map(({ id }) => id))
        const leaving = this.#leaving.peek()
        const left = [...leaving].filter((id) => there.has(id))
        if (left.length < leaving.size) this.#leaving.value = new Set(left)
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** The changes that a grain covers now. */
  coveredBy(grain: Grain): readonly Change[] {
    const open = this.open.value
    const current = this.current.value
    switch (grain) {
      case "one":
        return current ? [current] : []
      case "ticked":
        return open.filter((change) => this.#context.ticked.value.has(change.id))
      case "clause": {
        const { clause } = this
        return clause === null ? [] : open.filter((change) => change.block === clause)
      }
      case "source":
        return current ? open.filter((change) => change.source === current.source) : []
      case "all":
        return open
      default:
        return grain satisfies never
    }
  }

  /** The clause that a decision on a clause is about: that of the change on the table, else the one that the caret stands in. */
  get clause(): string | null {
    return this.current.value?.block ?? this.#context.caretBlock.value
  }

  /** The grain in effect: ticked changes are meant where one has ticked some and said nothing else. */
  get effectiveGrain(): Grain {
    return this.grain.value === "one" && this.coveredBy("ticked").length > 0 ? "ticked" : this.grain.value
  }

  /** Goes to the next or the previous open change. */
  step(direction: 1 | -1): void {
    const list = this.open.value
    if (list.length === 0) return
    const at = list.findIndex((change) => change.id === this.#context.chosen.value)
    const after = this.next.value ? list.indexOf(this.next.value) : -1
    const from = at >= 0 ? at : after >= 0 ? after - (direction === 1 ? 1 : 0) : direction === 1 ? -1 : 0
    this.#context.choose(list[(from + direction + list.length) % list.length]!.id)
  }

  /** Decides what the console covers, or asks first. */
  decide(verdict: Decision): void {
    const grain = this.effectiveGrain
    const list = this.coveredBy(grain)
    const [first] = list
    if (!first) return
    if (grain === "one" || (grain === "ticked" && list.length === 1)) return this.decideOne(first.id, verdict)
    const meant = this.#meant(new Set(list.map((change) => change.id)), verdict)
    if (meant.ids.size > 0) this.asked.value = { kind: "decide", verdict, which: this.#which(grain, first), ...meant }
    else this.#context.said.value = meant.leftOut.some(({ kind }) => kind !== "forestalled") ? rivalsSentence : forestalledSentence
  }

  #which(grain: Grain, first: Change): string {
    if (grain === "clause") return `in ${this.#context.addressOf(first.block)}`
    return grain === "source" ? `by ${this.#context.nameOf(first.source)}` : ""
  }

  /**
   * What a verdict on some changes does: to them, without those among which the chair has to choose (RIVAL2, RIVAL3) or that are to be read first
   * (RIVAL4), and to others (RIVAL1).
   */
  #meant(asked: ReadonlySet<string>, verdict: Decision): Pick<Asked & { kind: "decide" }, "ids" | "leftOut" | "same" | "ending"> {
    const { blocks, changes, twins, ties, forestalled } = this.#context
    const units = new Units(changes.value, ties.value)
    const among = units.units.filter((unit) => units.idsOf(unit.id).some((id) => asked.has(id)))
    const relations = relationsOf(blocks.value, units.units, twins(), units.gathered(forestalled.value))
    const choice: Choice = choiceOf(among, verdict, units.units, relations, new Set(["rivals", "at one place", "forestalled"]))
    const membersOf = (ids: Iterable<string>): string[] => [...ids].flatMap((unit) => units.idsOf(unit))
    return {
      ids: new Set(membersOf(choice.decided.map(({ id }) => id)).filter((id) => asked.has(id))),
      leftOut: choice.competing.map(({ kind, changes: group }) => ({ kind, changes: membersOf(group) })),
      same: new Set(membersOf(choice.identical.keys())),
      ending: new Set(membersOf(choice.overtaken.keys())),
    }
  }

  /** Takes back the chair's last decision, once those on their way have arrived; pressed again, the one before it. */
  takeBackLast(): void {
    this.#queue = this.#queue.then(() => this.#context.acts.takeBackLast())
  }

  /** Decides one change, or a part of it; where a clause goes with what others propose in it, that is asked first. */
  decideOne(id: string, verdict: Decision, part?: Part): void {
    const change = this.open.value.find((other) => other.id === id)
    if (!change) return
    if (part) return void this.#perform(new Set([id]), verdict, part)
    const ending = verdict === "accept" ? this.#endingWith(change) : new Set<string>()
    if (ending.size > 0) this.asked.value = { kind: "suppress", id, ending }
    else void this.#perform(new Set([id]), verdict)
  }

  /** Open changes in the clauses that a change deletes. */
  #endingWith(change: Change): Set<string> {
    const going = new Set(change.structure.flatMap(({ proposal }) => (proposal.kind === "delete" ? [proposal.block] : [])))
    return new Set(this.open.value.filter((other) => other.id !== change.id && going.has(other.block)).map((other) => other.id))
  }

  askAdopt(): void {
    this.asked.value = { kind: "adopt" }
  }

  /** Does what was asked. */
  confirm(): void {
    const asked = this.asked.value
    this.asked.value = null
    this.grain.value = "one"
    if (asked?.kind === "decide") void this.#perform(asked.ids, asked.verdict)
    if (asked?.kind === "suppress") void this.#perform(new Set([asked.id]), "accept")
    if (asked?.kind === "adopt") void this.#context.acts.adopt()
  }

  cancel(): void {
    if (this.asked.value?.kind === "decide") this.#isCalledOff = true
    this.asked.value = null
  }

  // One after the other, each as it was seen when it was taken.
  async #perform(asked: ReadonlySet<string>, verdict: Decision, part?: Part): Promise<void> {
    const { ticked, chosen, choose, acts, ties } = this.#context
    const open = new Set(this.open.value.map(({ id }) => id))
    // What is linked goes with it, by one verdict.
    const ids = new Set([...(part ? asked : withLinked(asked, ties.value))].filter((id) => asked.has(id) || open.has(id)))
    // Nobody decides on letters that no picture has shown yet (HASH1).
    const [grown] = this.#context.grown(ids)
    if (grown) {
      this.#context.said.value = `Nothing was decided: ${this.#context.nameOf(grown.source)} has just written on. Read it again and decide.`
      return
    }
    const list = this.open.value
    const seen = this.#context.seen([...ids], part)
    const at = list.findLastIndex((change) => ids.has(change.id))
    const wasChosen = chosen.value
    this.#leaving.value = new Set([...this.#leaving.value, ...ids])
    ticked.value = new Set([...ticked.value].filter((id) => !ids.has(id)))
    if (wasChosen === null || ids.has(wasChosen)) {
      choose(null)
      this.#following.value = [...list.slice(at + 1), ...list.slice(0, at + 1)].map((change) => change.id)
    }
    const done = this.#queue.then(() => acts.decide(seen, verdict))
    this.#queue = done
    const left = await done
    if (left === null) {
      this.#stays(ids)
      if (wasChosen !== null && ids.size === 1 && chosen.value === null) choose(wasChosen)
    } else {
      this.#stays(left)
      setTimeout(() => this.#stays(ids), leavingMs)
    }
  }

  #stays(ids: Iterable<string>): void {
    const leaving = new Set(this.#leaving.value)
    for (const id of ids) leaving.delete(id)
    this.#leaving.value = leaving
  }
}
