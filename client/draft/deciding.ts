import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals"
import { type Meaning, meaningOf } from "../../shared/changes/carried.ts"
import { type Change, onlyTakes } from "../../shared/changes/changes.ts"
import { type Counts, countsOf } from "../../shared/changes/counts.ts"
import type { Verdict } from "../../shared/changes/effects.ts"
import type { ForestalledBy } from "../../shared/changes/forestalled.ts"
import { type Ties, withLinked } from "../../shared/changes/links.ts"
import type { Part } from "../../shared/changes/part.ts"
import type { Twins } from "../../shared/changes/twins.ts"
import type { Block } from "../../shared/schema/block.ts"
import type { Acts, Decision, SeenChange, Told } from "./acts.ts"
import { stepFrom, type TextPlace } from "./stepping.ts"
import { sameMeaning, toldOf } from "./told.ts"

/** What one act of the chair covers. */
export type Grain = "one" | "ticked" | "clause" | "source" | "all"

/** What is asked before it is done, for it is about many changes, ends others or is final. */
export type Asked =
  | {
      readonly kind: "decide"
      /** The chair's, or of a delegation on its own. */
      readonly verdict: Verdict
      /** The changes as they were when it was asked: what comes in meanwhile is not covered. */
      readonly asked: ReadonlySet<string>
      /** Where one change is decided by itself: which. */
      readonly one: string | null
      /** Where only a part of it is decided: which. */
      readonly part: Part | null
      /** What they have in common, such as "by Sweden"; "" where they were chosen one by one. */
      readonly which: string
      /** What it does now, to them and to others. */
      readonly meant: Meaning
      /** Whether that is something else than what the chair has looked at. */
      readonly isChanged: boolean
    }
  | { readonly kind: "adopt" }

/** What deciding needs of the open draft. */
export interface DecidingContext {
  readonly changes: ReadonlySignal<readonly Change[]>
  readonly blocks: ReadonlySignal<readonly Block[]>
  readonly chosen: Signal<string | null>
  /** The clause that the caret or the selection stands in. */
  readonly caretBlock: ReadonlySignal<string | null>
  /** From where one steps with nothing on the table: the caret, and where there is none what stands at the top of the view. */
  readonly here: () => TextPlace | null
  readonly ticked: Signal<ReadonlySet<string>>
  readonly said: Signal<string>
  readonly acts: Acts
  /** Changes as this browser has them now, each with what a decision on it binds to. */
  readonly seen: (ids: readonly string[], part?: Part) => SeenChange[]
  /** Those of some changes that have grown since they were drawn. */
  readonly grown: (ids: ReadonlySet<string>) => readonly Change[]
  readonly twins: () => Twins
  /** Blocks with the marks of each run in the order in which they were opened. */
  readonly inOrder: (blocks: readonly Block[]) => readonly Block[]
  /** Changes that were accepted and wait for the proposal around them. */
  readonly noted: ReadonlySignal<ReadonlySet<string>>
  /** Of these, those of which a part is in the text already. */
  readonly inPart: ReadonlySignal<ReadonlySet<string>>
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

/** So long after something has changed a question is read anew; at the press of its button it always is. */
const againMs = 150

/** How long a change that was decided is taken to be on its way out of the text. */
const leavingMs = 4_000

/**
 * The change on the table, and what the chair decides. A decision takes it off the table and puts no other there: going to the next is a step of its
 * own, so a key that is held or pressed twice decides once. What covers many changes, or is final, is asked first.
 */
export class Deciding {
  readonly grain: Signal<Grain> = signal("one")
  readonly asked: Signal<Asked | null> = signal(null)
  /** Decided by this browser, as the server has said, and still in the text it has. */
  readonly #leaving: Signal<ReadonlySet<string>> = signal(new Set())
  /** On which this browser has asked for a decision that the server has not confirmed. */
  readonly #underWay: Signal<ReadonlySet<string>> = signal(new Set())
  /** Those of which it was lost whether they were decided. */
  #unknown: ReadonlySet<string> = new Set()
  /** The changes on which nothing is decided, as far as the server has said: those are counted. */
  readonly undecided: ReadonlySignal<readonly Change[]>
  /** Those of them on which no decision is under way: these can be decided. */
  readonly open: ReadonlySignal<readonly Change[]>
  /** How many are undecided, for every place that tells it. */
  readonly counts: ReadonlySignal<Counts>
  readonly current: ReadonlySignal<Change | null>
  /** What a step forward leads to once a decision has emptied the table. */
  readonly next: ReadonlySignal<Change | null>
  /** The order of the changes at the last decision, from the place of the one decided on. */
  readonly #following: Signal<readonly string[]> = signal([])
  readonly #context: DecidingContext
  /** The change that was last on the table. */
  #left: string | null = null
  /** What one set out to decide together was called off: the next change that one turns to is decided by itself. */
  #isCalledOff = false
  #queue: Promise<unknown> = Promise.resolve()
  /** Reads a question anew, soon. */
  #again: ReturnType<typeof setTimeout> | null = null

  constructor(context: DecidingContext) {
    this.#context = context
    const { changes, chosen } = context
    this.undecided = computed(() => changes.value.filter(({ id }) => !this.#leaving.value.has(id) && !context.noted.value.has(id)))
    this.open = computed(() => this.undecided.value.filter((change) => !this.#underWay.value.has(change.id)))
    this.counts = computed(() => countsOf(this.undecided.value))
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
        if (this.current.value) this.#left = this.current.value.id
        if (this.current.value && this.#following.peek().length > 0) this.#following.value = []
      }),
      effect(() => {
        if (this.current.value && this.#isCalledOff) this.grain.value = "one"
        if (this.current.value) this.#isCalledOff = false
      }),
      // What was asked is true as long as it stands (UI134).
      effect(() => {
        void [this.#context.blocks.value, this.#context.ties.value, this.#context.forestalled.value, this.#context.noted.value]
        // Many letters of one hand are read once.
        if (untracked(() => this.asked.value)?.kind === "decide") this.#again ??= setTimeout(() => this.isTrue(), againMs)
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
      if (this.#again !== null) clearTimeout(this.#again)
    }
  }

  /** Whether a decision is under way: on a change, or on any. */
  isUnderWay(id?: string): boolean {
    return id === undefined ? this.#underWay.value.size > 0 : this.#underWay.value.has(id)
  }

  /** Says what became of decisions whose answer was lost, once the text is again as the server has it. */
  tellUnknown(): void {
    const asked = this.#unknown
    if (asked.size === 0) return
    this.#unknown = new Set()
    const open = this.#context.changes.value.filter(({ id }) => asked.has(id)).length
    const of = asked.size === 1 ? "it is" : open === asked.size ? `all ${open} changes are` : `${open} of ${asked.size} changes are`
    this.#context.said.value =
      open === 0
        ? "Connected again. What you decided last is no longer open."
        : `Connected again. Your last decision was not made: ${of} still open.`
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

  /** Goes to the next or the previous open change: from that on the table, or after a decision from its place, else from the caret. */
  step(direction: 1 | -1): void {
    const list = this.open.value
    if (list.length === 0) return
    const at = list.findIndex((change) => change.id === this.#context.chosen.value)
    const after = this.next.value ? list.indexOf(this.next.value) : -1
    if (at < 0 && after < 0) {
      const order = new Map(this.#context.blocks.value.map(({ id }, i) => [id, i]))
      const found = stepFrom(list, order, { here: this.#context.here(), left: this.#left }, direction)
      return this.#context.choose(found?.id ?? null)
    }
    const from = at >= 0 ? at : after - (direction === 1 ? 1 : 0)
    this.#context.choose(list[(from + direction + list.length) % list.length]!.id)
  }

  /** Decides what the console covers, or asks first. */
  decide(verdict: Decision): void {
    const grain = this.effectiveGrain
    const list = this.coveredBy(grain)
    const [first] = list
    if (!first) return
    if (grain === "one" || (grain === "ticked" && list.length === 1)) return this.decideOne(first.id, verdict)
    const asked = new Set(list.map((change) => change.id))
    const meant = this.#meant(asked, verdict, true)
    if (meant.decided.size > 0)
      this.asked.value = {
        kind: "decide",
        verdict,
        asked,
        one: null,
        part: null,
        which: this.#which(grain, first),
        meant,
        isChanged: false,
      }
    else this.#context.said.value = meant.leftOut.some(({ kind }) => kind !== "forestalled") ? rivalsSentence : forestalledSentence
  }

  #which(grain: Grain, first: Change): string {
    if (grain === "clause") return `in ${this.#context.addressOf(first.block)}`
    return grain === "source" ? `by ${this.#context.nameOf(first.source)}` : ""
  }

  /** What a verdict on some changes does. `leavesOut`: without those among which the chair has to choose (RIVAL2, RIVAL3, RIVAL7) or that are to be read. */
  #meant(asked: ReadonlySet<string>, verdict: Verdict, leavesOut: boolean, part: Part | null = null): Meaning {
    const { blocks, twins, ties, forestalled, noted, inPart } = this.#context
    return meaningOf(asked, verdict, {
      ...{
        blocks: this.#context.inOrder(blocks.value),
        ties: ties.value,
        twins: twins(),
        noted: noted.value,
        forestalled: forestalled.value,
      },
      ...{ leavesOut, inPart: inPart.value, part },
    })
  }

  /** What accepting one change would do. */
  meantByOne(id: string): Meaning {
    return this.#meant(new Set([id]), "accept", false)
  }

  /** Reads anew what a question is about; where that is something else now the question says so. Whether it is what the chair has looked at. */
  isTrue(): boolean {
    if (this.#again !== null) clearTimeout(this.#again)
    this.#again = null
    const asked = this.asked.value
    if (asked?.kind !== "decide") return true
    const open = new Set(this.open.value.map(({ id }) => id))
    const still = new Set([...asked.asked].filter((id) => open.has(id)))
    const meant = this.#meant(still, asked.verdict, asked.one === null, asked.part)
    if (sameMeaning(meant, asked.meant)) return !asked.isChanged
    this.asked.value = { ...asked, asked: still, meant, isChanged: true }
    return false
  }

  /** The chair has looked at what has changed in a question. */
  look(): void {
    const asked = this.asked.value
    if (asked?.kind === "decide") this.asked.value = { ...asked, isChanged: false }
  }

  /** Takes back the chair's last decision, once those on their way have arrived; pressed again, the one before it. */
  takeBackLast(): void {
    this.#queue = this.#queue.then(() => this.#context.acts.takeBackLast())
  }

  /** Decides one change, or a part of it; where a clause goes with what others propose in it, that is asked first. */
  decideOne(id: string, verdict: Decision, part: Part | null = null): void {
    const change = this.open.value.find((other) => other.id === id)
    if (!change) return
    const asked = new Set([id])
    const meant = this.#meant(asked, verdict, false, part)
    if (this.#mustAsk(change, meant))
      this.asked.value = { kind: "decide", verdict, asked, one: id, part, which: "", meant, isChanged: false }
    else void this.#perform(meant.decided, verdict, toldOf(meant), part)
  }

  /** Withdraws a change of one's own; where something that was accepted falls with it, that is asked first (RES3). */
  withdraw(id: string): void {
    const asked = new Set([id])
    const meant = this.#meant(asked, "withdraw", false)
    if (meant.lapsed.size === 0) return void this.#context.acts.withdraw([id])
    this.asked.value = { kind: "decide", verdict: "withdraw", asked, one: id, part: null, which: "", meant, isChanged: false }
  }

  /**
   * Whether a decision on one change is asked first: others end with it of which its card says nothing. What only was to take out words that go is no
   * loss; in a clause or a footnote that goes as a whole all is told.
   */
  #mustAsk(change: Change, { ended, lapsed }: Meaning): boolean {
    if (lapsed.size > 0) return true
    const going = change.footnotes !== undefined || change.structure.some(({ proposal }) => proposal.kind === "delete")
    return this.open.value.some((other) => ended.has(other.id) && (going || !onlyTakes(other)))
  }

  askAdopt(): void {
    this.asked.value = { kind: "adopt" }
  }

  /** Does what was asked. */
  confirm(): void {
    const asked = this.asked.value
    this.asked.value = null
    this.grain.value = "one"
    if (asked?.kind === "decide") {
      const { verdict, meant, part } = asked
      if (verdict === "withdraw") void this.#context.acts.withdraw([...asked.asked])
      else void this.#perform(meant.decided, verdict, toldOf(meant), part)
    }
    if (asked?.kind === "adopt") void this.#context.acts.adopt()
  }

  cancel(): void {
    if (this.asked.value?.kind === "decide") this.#isCalledOff = true
    this.asked.value = null
  }

  // One after the other, each as it was seen when it was taken.
  async #perform(asked: ReadonlySet<string>, verdict: Decision, told: Told, part: Part | null): Promise<void> {
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
    const seen = this.#context.seen([...ids], part ?? undefined)
    const at = list.findLastIndex((change) => ids.has(change.id))
    const wasChosen = chosen.value
    this.#underWay.value = new Set([...this.#underWay.value, ...ids])
    ticked.value = new Set([...ticked.value].filter((id) => !ids.has(id)))
    if (wasChosen === null || ids.has(wasChosen)) {
      choose(null)
      this.#following.value = [...list.slice(at + 1), ...list.slice(0, at + 1)].map((change) => change.id)
    }
    const done = this.#queue.then(() => acts.decide(seen, verdict, told))
    this.#queue = done
    const left = await done
    if (left === "unknown") this.#unknown = new Set([...this.#unknown, ...ids])
    if (left === "refused" || left === "unknown") {
      this.#isAnswered(ids)
      if (wasChosen !== null && ids.size === 1 && chosen.value === null) choose(wasChosen)
    } else {
      const staying = new Set(left)
      // What has left the text before the answer came is on no way out of it: it may come back at once.
      const there = new Set(this.#context.changes.peek().map(({ id }) => id))
      this.#leaving.value = new Set([...this.#leaving.value, ...[...ids].filter((id) => there.has(id) && !staying.has(id))])
      this.#isAnswered(ids)
      setTimeout(() => this.#stays(ids), leavingMs)
    }
  }

  #isAnswered(ids: ReadonlySet<string>): void {
    this.#underWay.value = new Set([...this.#underWay.value].filter((id) => !ids.has(id)))
  }

  #stays(ids: Iterable<string>): void {
    const leaving = new Set(this.#leaving.value)
    for (const id of ids) leaving.delete(id)
    this.#leaving.value = leaving
  }
}
