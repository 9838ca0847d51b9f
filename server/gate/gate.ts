// One object with a life of its own: the shadow, what is known of it, and the one trial that is under way. What is judged, mended and read is in files beside it.
import * as Y from "yjs"
import type { Link } from "../../shared/changes/links.ts"
import type { Block, Mark } from "../../shared/schema/block.ts"
import { parseKey, parseMarkId, serverClient } from "../../shared/schema/keys.ts"
import { structuralProposalOf, withStructure } from "../../shared/schema/structure.ts"
import { blocksRoot, structureRoot } from "../../shared/sync/read.ts"
import { linkOf, linksIn, notedIn, roots } from "../../shared/sync/roots.ts"
import { applyRepairs } from "./apply.ts"
import { asLetters } from "./as-it-came.ts"
import { tooCostly } from "./bounds.ts"
import type { Count, Kept, Refused, State } from "./case.ts"
import { Census } from "./census.ts"
import { isDroppedUnapplied } from "./clean-up.ts"
import { countOf, type GateCounts, nothingCounted } from "./counts.ts"
import { hitBy, isKnown, isMeant, reachOf, removesRelocated } from "./deletions.ts"
import { factsOf } from "./facts.ts"
import { type Fresh, nothingFresh, type Reinstated } from "./fresh.ts"
import { giveLabels } from "./given.ts"
import { newHeldDoc } from "./halves.ts"
import { judge } from "./judge.ts"
import { labelled } from "./labelled.ts"
import { Numbers } from "./numbers.ts"
import { type Outcome, refusal } from "./outcome.ts"
import { atOf, elementAt } from "./places.ts"
import { type Near, Reached, waitingNear } from "./reached.ts"
import { type BlockReading, blockOf, readBlock } from "./reading.ts"
import { reinstateLetters, reinstateMarker } from "./reinstate.ts"
import { Relocations } from "./relocations.ts"
import type { At, Repair } from "./repairs.ts"
import { ShadowRest } from "./rest.ts"
import { type Binding, type BindingOf, caps } from "./shapes.ts"
import { struckWordsGone } from "./strikes.ts"
import { StruckGone } from "./struck-gone.ts"
import { type DeleteSet, isComplete, isDisordered, readStructs, strayItem } from "./structs.ts"
import { Trial } from "./trial.ts"

/** An update that may be, as the judge left it. */
interface Judged {
  readonly fresh: Fresh
  readonly after: State
  readonly source: string
  readonly kept: readonly Kept[]
}

/** How often the judge reads again before a state that it never finds sound is refused. */
const mostRounds = 4

/**
 * Tries updates on a shadow of the room: applies one, has the judge prove that it left everything but its sender's own proposals unchanged, carries out
 * what must be mended, and has it proven again, before it is committed (rules GATE). The shadow runs ahead of what is committed; `rebuild` takes it back.
 */
export class Gate {
  readonly counts: GateCounts = nothingCounted()
  readonly #bindingOf: BindingOf
  readonly #numbers = new Numbers()
  readonly #struckGone = new StruckGone()
  #shadow!: Y.Doc
  #fragment!: Y.XmlFragment
  #structure!: Y.Map<unknown>
  #linksMap!: Y.Map<unknown>
  /** The links of the draft as they were last read. */
  #links!: Map<string, Link>
  #relocations!: Relocations
  #census!: Census
  #rest!: ShadowRest
  #trial: Trial | null = null
  #noted: ReadonlySet<string> | null = null
  /** Whether an update that was not taken has left something in the shadow: then it must be rebuilt. */
  isSpoilt = false
  /** How many transactions of acts have changed the shadow. */
  written = 0

  constructor(updates: readonly Uint8Array[], bindingOf: BindingOf) {
    this.#bindingOf = bindingOf
    this.rebuild(updates)
    for (const { id } of this.#census.marks) this.#note(id, 0)
    // Those that were taken back were written too: a colleague who has not heard of that may write one again.
    for (const id of [...this.#structure._map.keys(), ...roots.proposals(this.#shadow).keys()]) this.#note(id, 0)
  }

  /** The document with everything accepted so far, committed or not. For reading. */
  get shadow(): Y.Doc {
    return this.#shadow
  }

  /** Where words are that acts and repairs have put elsewhere. */
  get relocations(): Relocations {
    return this.#relocations
  }

  /** Changes that were accepted and wait for the proposal around them. */
  get noted(): ReadonlySet<string> {
    this.#noted ??= notedIn(this.#shadow)
    return this.#noted
  }

  /** The elements in which a mark of some changes opens, around nothing too. */
  elementsWith(changes: ReadonlySet<string>): ReadonlySet<Y.XmlElement> {
    return new Set([...changes].flatMap((change) => [...this.#census.blocksOf(change)]))
  }

  /** What a source has open in the draft. */
  loadOf(source: string): Count {
    return this.#census.countOf(source)
  }

  /** All blocks of the shadow as plain values; those that did not change are the same objects as before. */
  get blocks(): readonly Block[] {
    const blocks = this.#elements().map((element) => blockOf(this.#census.reading(element)!))
    return withStructure(blocks, this.#census.entries.values())
  }

  /** The blocks as they were before an update that is the last thing that was done. */
  stoodBefore(reached: Reached): readonly Block[] {
    return reached.stood(this.#elements())
  }

  /** Of what waits that which an update may have reached. */
  waitingNear(reached: Reached): Near {
    return waitingNear(this.#census, this.noted, reached)
  }

  #elements(): Y.XmlElement[] {
    return this.#fragment.toArray() as Y.XmlElement[]
  }

  /** Starts again from committed state and the rows that wait for commit. */
  rebuild(updates: readonly Uint8Array[]): void {
    this.isSpoilt = false
    this.#shadow?.destroy()
    const shadow = newHeldDoc()
    // One transaction: later rows lean on earlier ones, and the clean-up of Yjs runs once.
    shadow.transact(() => {
      for (const update of updates) Y.applyUpdate(shadow, update)
    })
    // After the state is loaded: before, Yjs would take another id, for this one "seems to be in use".
    shadow.clientID = serverClient
    this.#shadow = shadow
    this.#fragment = shadow.getXmlFragment(blocksRoot)
    this.#structure = shadow.getMap(structureRoot)
    this.#linksMap = roots.links(shadow)
    this.#links = new Map(linksIn(shadow).map((link) => [link.id, link]))
    this.#noted = null
    roots.proposals(shadow).observe(() => {
      this.#noted = null
    })
    this.#relocations = new Relocations(shadow)
    this.#census = new Census()
    for (const element of this.#elements()) this.#census.read(element)
    for (const key of this.#structure.keys()) this.#keepEntry(key)
    this.#numbers.takeBack((client) => Y.getState(shadow.store, client))
    this.#numbers.opened(Y.decodeStateVector(Y.encodeStateVector(shadow)))
    const remembered = { numbers: this.#numbers, struckGone: this.#struckGone }
    this.#rest = new ShadowRest(shadow, this.#census, this.#relocations, remembered, this.#bindingOf)
    const keep = (update: Uint8Array): void => void this.#trial?.emitted.push(update)
    shadow.on("afterTransaction", (tr: Y.Transaction) => {
      this.#trial?.note(tr)
      if (this.#trial?.takesAsItCame(tr)) shadow.off("update", keep)
      else shadow.on("update", keep)
    })
  }

  #keepLink(key: string): void {
    const link = linkOf(key, this.#linksMap.get(key))
    if (link) this.#links.set(key, link)
    else this.#links.delete(key)
  }

  #keepEntry(key: string): void {
    this.#census.keepEntry(key, structuralProposalOf(key, this.#structure.get(key)))
  }

  #note(id: string, clock: number): void {
    const parts = parseMarkId(id)
    if (parts) this.#numbers.note(parts.client, parts.n, clock)
  }

  /** Runs an act of the server on the shadow; its row, or null where it changed nothing. */
  act(write: (tr: Y.Transaction, shadow: Y.Doc) => void): Uint8Array | null {
    const trial = new Trial(this.#fragment)
    this.#trial = trial
    try {
      this.#shadow.transact((tr) => write(tr, this.#shadow))
      const before = new Map([...trial.touched].map((element) => [element, this.#census.reading(element)]))
      this.#keepWhatChanged(trial)
      const began = labelled(trial, {
        was: (element) => before.get(element),
        is: (element) => this.#census.reading(element),
      })
      if (began) this.#giveLabels(began)
    } finally {
      this.#trial = null
    }
    const row = trial.row()
    if (row) this.written++
    return row
  }

  /** After the blocks are kept: labels follow from all of them. What it writes is part of the same row (GATE9). */
  #giveLabels(began: ReadonlySet<string>): void {
    this.#shadow.transact(() => giveLabels(this.#shadow, this.blocks, began), "repair")
  }

  /** What was changed is read anew; nothing else is. */
  #keepWhatChanged(trial: Trial): void {
    for (const element of trial.removed) this.#census.drop(element)
    for (const element of trial.touched) {
      if (trial.removed.has(element)) continue
      const before = this.#census.reading(element)
      const { end, opensTwice, attrs } = this.#census.read(element)
      if ((end.length > 0 && !before?.end.length) || (opensTwice && !before?.opensTwice))
        throw new Error(`an act leaves a mark open in block ${JSON.stringify(attrs.id)}`)
    }
    for (const key of trial.entries) this.#keepEntry(key)
    for (const key of trial.links) this.#keepLink(key)
  }

  /**
   * Tries an update of a session. `mayWrite` is its right at this moment. Where it is not accepted the shadow may be spoilt (`isSpoilt`): then the
   * caller must `rebuild`. `nothing`: the update brought nothing that counts (GATE0). `heard`: the server's clock as the sender knew it when it made
   * the update; null: it is one that a browser sends as it is made, which deletes only what is there for it.
   */
  receive(update: Uint8Array, who: Binding, mayWrite: boolean, heard: number | null = null): Outcome {
    if (update.length > caps.updateBytes) return refusal("too-large")
    let decoded: ReturnType<typeof Y.decodeUpdate>
    try {
      decoded = Y.decodeUpdate(update)
    } catch {
      return refusal("malformed")
    }
    try {
      return this.#receive(update, decoded, who, mayWrite, heard)
    } catch (error) {
      return { kind: "failed", error }
    } finally {
      this.#trial = null
      this.#rest.after = null
      this.#rest.entries = noEntries
    }
  }

  #receive(update: Uint8Array, decoded: ReturnType<typeof Y.decodeUpdate>, who: Binding, mayWrite: boolean, heard: number | null): Outcome {
    const { structs, ds } = decoded
    if (isDisordered(decoded)) return refusal("malformed")
    const costly = tooCostly(decoded, this.#shadow)
    if (costly) return refusal(costly)
    const isQuiet = structs.every((struct) => isKnown(struct, this.#shadow))
    // Of one that brings anything new it does not matter: it is judged in full.
    const reach = !isQuiet || removesRelocated(ds, this.#relocations, heard ?? 0) ? "text" : reachOf(ds, this.#shadow)
    if (isQuiet && reach === "nothing") return { kind: "nothing" }
    const isMarkersOnly = isQuiet && reach === "markers"
    // GATE0: a clean-up of one that may not write is dropped in silence; an undo is refused, or its browser would go on with what nobody else has.
    if (!mayWrite && isMarkersOnly && !isMeant(ds, this.#shadow, who.source, this.#bindingOf)) return { kind: "nothing" }
    if (!mayWrite) return refusal("may-not-write")
    const read = readStructs(decoded, this.#shadow, who, this.#bindingOf)
    if ("refused" in read) return refusal(read.refused)
    if (isMarkersOnly && this.#isDropped(ds, who.source)) return { kind: "dropped" }
    const trial = new Trial(this.#fragment, { known: read.known, hasMarks: read.marks.size > 0, letters: asLetters(decoded, update) })
    this.#trial = trial
    this.isSpoilt = true
    try {
      Y.applyUpdate(this.#shadow, update, "session")
    } catch {
      // What throws while foreign bytes are applied is the update's doing, but for what we do there ourselves.
      if (trial.fault) throw trial.fault
      return refusal("malformed")
    }
    if (trial.fault) throw trial.fault
    if (trial.isCrowded) return refusal("too-deep")
    if (!isComplete(decoded, this.#shadow)) return refusal("missing-parts")
    const stray = this.#strayReason(trial, read.known, who.source)
    if (stray) return refusal(stray)
    const reinstated = trial.takesAway && this.noted.size > 0 ? this.#reinstate(trial, who.source) : []
    const fresh = factsOf(read, { shadow: this.#shadow, trial, relocations: this.#relocations, ds, heard, isMarkersOnly, reinstated })
    return this.#try(trial, fresh, who.source)
  }

  #strayReason(trial: Trial, known: ReadonlyMap<number, number>, source: string): string | null {
    if (this.#shadow.store.pendingStructs || this.#shadow.store.pendingDs) return "missing-parts"
    return strayItem(this.#shadow, known, source) ?? (trial.isElsewhere ? "foreign-root" : null)
  }

  /** What an update removes of its source's changes that are accepted and wait comes back where it stood. */
  #reinstate(trial: Trial, source: string): Reinstated[] {
    const isSuch = (mark: Mark | null): mark is Mark => mark !== null && mark.source === source && this.noted.has(mark.changeId)
    const readings = [...trial.touched].flatMap((element) => (trial.removed.has(element) ? [] : (this.#census.reading(element) ?? [])))
    const concerned = readings.filter((reading) => reading.marks.some(isSuch))
    if (concerned.length === 0) return []
    let reinstated: Reinstated[] = []
    const cut = trial.cuts.filter(({ key, isFresh }) => !isFresh && isSuch(this.#census.markOf(key)))
    this.#shadow.transact((tr) => {
      reinstated = concerned.flatMap((reading) => reinstateLetters(tr, this.#relocations, reading, isSuch))
      for (const marker of cut) reinstateMarker(tr, marker, this.#census.markOf(marker.key)!)
    }, "repair")
    if (trial.fault) throw trial.fault
    trial.cuts = trial.cuts.filter((marker) => !cut.includes(marker))
    return reinstated
  }

  /** Judges what a trial has done so far, mends, and judges again, until nothing is left to mend. */
  #try(trial: Trial, fresh: Fresh, source: string): Outcome {
    const kept: Kept[] = []
    for (let round = 0, facts = fresh; round < mostRounds; round++, facts = nothingFresh) {
      const { before, after } = this.#statesOf(trial)
      this.#rest.after = after.blocks
      this.#rest.entries = after.entries
      const verdict = judge(before, after, facts, { source, rest: this.#rest })
      if ("refused" in verdict) return this.#refusal(verdict)
      if ("dropped" in verdict) return { kind: "dropped" }
      kept.push(...verdict.kept)
      if (verdict.repairs.length === 0) return this.#accept(trial, { fresh, after, source, kept })
      kept.push(...this.#mend(verdict.repairs, source).map((words) => ({ words })))
      kept.push(...verdict.repairs.flatMap((repair) => (repair.kind === "forestall" ? [{ forestalled: repair.change }] : [])))
    }
    return refusal("unstable")
  }

  #mend(repairs: readonly Repair[], source: string): string[] {
    let lost: string[] = []
    this.#shadow.transact((tr) => {
      lost = applyRepairs(tr, this.#relocations, source, repairs)
    }, "repair")
    if (this.#trial?.fault) throw this.#trial.fault
    for (const { kind } of repairs) {
      const name = countOf[kind]
      if (name) this.counts[name]++
    }
    return lost
  }

  #statesOf(trial: Trial): { before: State; after: State } {
    const before = new Map<At, BlockReading | null>()
    const after = new Map<At, BlockReading | null>()
    for (const element of trial.touched) {
      const at = atOf(element)
      const was = this.#census.reading(element)
      if (was) before.set(at, was)
      if (!trial.removed.has(element)) after.set(at, readBlock(element, trial.hasNewAttributes(element) ? undefined : was?.attrs))
    }
    const links = trial.links.size === 0 ? noEntries : new Map([...trial.links].map((key) => [key, this.#linksMap.get(key)]))
    return {
      before: { blocks: before, entries: this.#census.entries, links: this.#links },
      after: { blocks: after, entries: this.#entriesOf(trial), links },
    }
  }

  #entriesOf(trial: Trial): ReadonlyMap<string, unknown> {
    if (trial.entries.size === 0) return noEntries
    return new Map([...trial.entries].map((key) => [key, this.#structure.get(key)]))
  }

  #accept(trial: Trial, { fresh, after, source, kept }: Judged): Outcome {
    const began = labelled(trial, {
      was: (element) => this.#census.reading(element),
      is: (element) => after.blocks.get(atOf(element)),
    })
    const reached = trial.takesAway && this.noted.size > 0 ? new Reached(this.#census, trial) : null
    for (const element of trial.touched) {
      const reading = after.blocks.get(atOf(element))
      if (trial.takesAway) for (const words of struckWordsGone(this.#census.reading(element), reading, source)) this.#struckGone.note(words)
      if (reading) this.#census.keep(element, reading)
    }
    for (const key of trial.entries) this.#keepEntry(key)
    for (const key of trial.links) this.#keepLink(key)
    if (began) this.#giveLabels(began)
    this.#noteNumbers(trial, fresh, after)
    this.counts.kept += kept.length
    this.isSpoilt = false
    const row = trial.row()
    return row ? { kind: "accepted", row, kept, reached } : { kind: "nothing" }
  }

  #noteNumbers(trial: Trial, fresh: Fresh, after: State): void {
    const clockOf = (client: number): number => fresh.known.get(client) ?? 0
    for (const key of fresh.marks.keys()) {
      const parts = parseKey(key)
      if (parts) this.#numbers.note(parts.client, parts.n, clockOf(parts.client))
    }
    // What an update names of clients that write nothing in it they may not have written yet.
    for (const id of [...trial.entries, ...trial.links]) {
      const client = parseMarkId(id)?.client ?? -1
      if (fresh.known.has(client)) this.#note(id, clockOf(client))
    }
    if (trial.isListChanged) for (const reading of after.blocks.values()) this.#note(String(reading?.attrs.id).slice(1), 0)
  }

  #refusal({ refused, at }: Refused): Outcome {
    const element = at === null ? null : elementAt(this.#shadow, at)
    return refusal(refused, (element?.getAttribute("id") as string | undefined) ?? null)
  }

  /** Whether deletions of markers are a clean-up that is not taken. Those of its source's changes that are accepted and wait come back: nothing of them counts. */
  #isDropped(ds: DeleteSet, source: string): boolean {
    const comesBack = (item: Y.Item): boolean => {
      const mark = this.#census.markOf((item.content as Y.ContentFormat).key)
      return mark !== null && mark.source === source && this.noted.has(mark.changeId)
    }
    const hit = new Set((hitBy(ds, this.#shadow) as Y.Item[]).filter((item) => !comesBack(item)))
    return isDroppedUnapplied({ hit, source, rest: this.#rest, readingOf: (element) => this.#census.reading(element) })
  }
}

const noEntries: ReadonlyMap<string, unknown> = new Map()
