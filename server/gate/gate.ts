import * as Y from "yjs"
import { type Mark, ownerOf } from "../../shared/schema/block.ts"
import { parseKey, serverClient } from "../../shared/schema/keys.ts"
import { blocksRoot, textOfElement } from "../../shared/sync/read.ts"
import { newDraftDoc, removeMark } from "../../shared/sync/write.ts"
import { brokenPair } from "./pairs.ts"
import { lateWords, markLate, restore } from "./repairs.ts"
import { type Binding, type BindingOf, badNewBlock, caps, type Fresh, readFresh } from "./shapes.ts"
import { isSameForOthers, type Missing, missingFrom, type Snapshot, snapshotOf, withoutMissing } from "./snapshot.ts"

/** Words that arrived for a place that is gone (GATE8). */
export interface Kept {
  readonly words: string
}

export type Outcome =
  | { readonly kind: "nothing" }
  | { readonly kind: "accepted"; readonly row: Uint8Array; readonly kept: readonly Kept[] }
  | { readonly kind: "refused"; readonly reason: string; readonly block: string | null }

/** How often each repair was needed, for metrics and the fuzz. */
export interface GateCounts {
  late: number
  removal: number
  stripped: number
  kept: number
}

class Refusal {
  readonly reason: string
  readonly block: string | null
  constructor(reason: string, block: string | null = null) {
    this.reason = reason
    this.block = block
  }
}

const refuse = (reason: string, element?: Y.XmlElement): never => {
  throw new Refusal(reason, (element?.getAttribute("id") as string | undefined) ?? null)
}

interface Cut {
  readonly key: string
  readonly parent: unknown
  readonly isFresh: boolean
}

/** What one application to the shadow did, as the checks need it. */
interface Trial {
  readonly emitted: Uint8Array[]
  readonly cuts: Cut[]
  readonly changed: Map<unknown, Set<string | null>>
}

/**
 * Tries updates on a shadow of the room and proves that each left everything but the sender's own proposals unchanged, before it is committed
 * (rules GATE). The shadow runs ahead of what is committed; `rebuild` takes it back.
 */
export class Gate {
  readonly counts: GateCounts = { late: 0, removal: 0, stripped: 0, kept: 0 }
  readonly #bindingOf: BindingOf
  /** Keys of marks that were decided: an undo that brings one back is stripped of it (GATE7). */
  readonly #decided: Set<string>
  #shadow!: Y.Doc
  #fragment!: Y.XmlFragment
  #order: Y.XmlElement[] = []
  #snapshots = new Map<Y.XmlElement, Snapshot>()
  #ids = new Set<string>()
  #open = new Map<string, number>()
  /** Highest mark counter seen of each client: a key at or below it was written before, and an undo or redo brings it back. */
  readonly #lastMark = new Map<number, number>()
  #trial: Trial | null = null
  #known: ReadonlyMap<number, number> = new Map()

  constructor(updates: readonly Uint8Array[], bindingOf: BindingOf, decided: Iterable<string> = []) {
    this.#bindingOf = bindingOf
    this.#decided = new Set(decided)
    this.rebuild(updates)
  }

  /** The document with everything accepted so far, committed or not. For reading. */
  get shadow(): Y.Doc {
    return this.#shadow
  }

  /** Starts again from committed state and the rows that wait for commit. */
  rebuild(updates: readonly Uint8Array[]): void {
    this.#shadow?.destroy()
    const shadow = newDraftDoc()
    // One transaction: later rows lean on earlier ones, and the clean-up of Yjs runs once.
    shadow.transact(() => {
      for (const update of updates) Y.applyUpdate(shadow, update)
    })
    // After the state is loaded: before, Yjs would take another id, for this one "seems to be in use".
    shadow.clientID = serverClient
    this.#shadow = shadow
    this.#fragment = shadow.getXmlFragment(blocksRoot)
    this.#snapshots = new Map()
    this.#open = new Map()
    this.#readOrder()
    for (const element of this.#order) this.#keep(element, snapshotOf(element) ?? refuse("block-shape", element))
    this.#readIds()
    shadow.on("afterTransaction", (tr: Y.Transaction) => this.#record(tr))
    shadow.on("update", (update: Uint8Array) => this.#trial?.emitted.push(update))
  }

  #readOrder(): void {
    this.#order = this.#fragment.toArray() as Y.XmlElement[]
  }

  #readIds(): void {
    this.#ids = new Set(this.#order.map((element) => this.#snapshots.get(element)!.attrs.id as string))
  }

  #keep(element: Y.XmlElement, snapshot: Snapshot): void {
    this.#count(this.#snapshots.get(element), -1)
    this.#count(snapshot, 1)
    this.#snapshots.set(element, snapshot)
  }

  #drop(element: Y.XmlElement): void {
    this.#count(this.#snapshots.get(element), -1)
    this.#snapshots.delete(element)
  }

  #count(snapshot: Snapshot | undefined, sign: 1 | -1): void {
    if (!snapshot) return
    const seen = new Set<Mark>()
    for (const run of snapshot.runs)
      for (const mark of run.marks) {
        if (mark.of !== "" || mark.name === "comment" || seen.has(mark)) continue
        seen.add(mark)
        this.#open.set(mark.source, (this.#open.get(mark.source) ?? 0) + sign)
      }
  }

  #record(tr: Y.Transaction): void {
    const trial = this.#trial
    if (!trial) return
    for (const [type, keys] of tr.changed) trial.changed.set(type, new Set([...(trial.changed.get(type) ?? []), ...keys]))
    Y.iterateDeletedStructs(tr, tr.deleteSet, (struct) => {
      if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentFormat)) return
      const known = this.#known.get(struct.id.client)
      trial.cuts.push({ key: struct.content.key, parent: struct.parent, isFresh: known !== undefined && struct.id.clock >= known })
    })
  }

  /** Runs an act of the server on the shadow; its row, or null where it changed nothing. */
  act(write: (tr: Y.Transaction, shadow: Y.Doc) => void): Uint8Array | null {
    const trial: Trial = { emitted: [], cuts: [], changed: new Map() }
    this.#trial = trial
    try {
      this.#shadow.transact((tr) => write(tr, this.#shadow))
    } finally {
      this.#trial = null
    }
    this.#refresh(trial)
    return merged(trial.emitted)
  }

  /** Keys whose marks were decided in an act. */
  noteDecided(keys: Iterable<string>): void {
    for (const key of keys) this.#decided.add(key)
  }

  #refresh(trial: Trial): void {
    const before = new Set(this.#order)
    this.#readOrder()
    const now = new Set(this.#order)
    for (const element of before) if (!now.has(element)) this.#drop(element)
    for (const type of trial.changed.keys()) {
      const element = blockOf(type, this.#fragment)
      if (element && now.has(element)) this.#keep(element, snapshotOf(element)!)
    }
    for (const element of this.#order) if (!this.#snapshots.has(element)) this.#keep(element, snapshotOf(element)!)
    this.#readIds()
  }

  /**
   * Tries an update of a session. `mayWrite` is its right at this moment. After a refusal the shadow is spoilt: the caller must `rebuild`.
   * `nothing`: the update brought nothing that counts (GATE0).
   */
  receive(update: Uint8Array, who: Binding, mayWrite: boolean): Outcome {
    if (update.length > caps.updateBytes) return { kind: "refused", reason: "too-large", block: null }
    let decoded: ReturnType<typeof Y.decodeUpdate>
    try {
      decoded = Y.decodeUpdate(update)
    } catch {
      return { kind: "refused", reason: "malformed", block: null }
    }
    const isQuiet = decoded.structs.every((struct) => isKnown(struct, this.#shadow))
    const reach = this.#reachOf(decoded.ds)
    if (isQuiet && reach === "nothing") return { kind: "nothing" }
    if (!mayWrite) return isQuiet && reach === "markers" ? { kind: "nothing" } : { kind: "refused", reason: "may-not-write", block: null }
    const fresh = readFresh(decoded, this.#shadow, who, this.#bindingOf)
    if ("refused" in fresh) return { kind: "refused", reason: fresh.refused, block: null }
    return this.#try(update, who, fresh, decoded.ds, isQuiet && reach === "markers")
  }

  /** What the deletions of an update would hit that is still there. */
  #reachOf(ds: ReturnType<typeof Y.decodeUpdate>["ds"]): "nothing" | "markers" | "text" {
    let reach: "nothing" | "markers" | "text" = "nothing"
    for (const [client, ranges] of ds.clients) {
      const structs = this.#shadow.store.clients.get(client)
      if (!structs) return "text"
      const state = Y.getState(this.#shadow.store, client)
      for (const { clock, len } of ranges) {
        if (clock + len > state) return "text"
        for (let i = Y.findIndexSS(structs, clock); i < structs.length && structs[i]!.id.clock < clock + len; i++) {
          const struct = structs[i]!
          if (struct.deleted) continue
          if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentFormat)) return "text"
          reach = "markers"
        }
      }
    }
    return reach
  }

  #try(update: Uint8Array, who: Binding, fresh: Fresh, ds: ReturnType<typeof Y.decodeUpdate>["ds"], isCleanUp: boolean): Outcome {
    const trial: Trial = { emitted: [], cuts: [], changed: new Map() }
    this.#trial = trial
    this.#known = fresh.known
    try {
      Y.applyUpdate(this.#shadow, update, "session")
      const kept = this.#prove(trial, who, fresh, ds, isCleanUp)
      const row = merged(trial.emitted)
      if (!row) return { kind: "nothing" }
      this.counts.kept += kept.length
      return { kind: "accepted", row, kept }
    } catch (error) {
      // Whatever throws while foreign bytes are applied is the update's doing; the shadow is rebuilt in any case.
      if (error instanceof Refusal) return { kind: "refused", reason: error.reason, block: error.block }
      return { kind: "refused", reason: "malformed", block: null }
    } finally {
      this.#trial = null
      this.#known = new Map()
    }
  }

  #prove(trial: Trial, who: Binding, fresh: Fresh, ds: ReturnType<typeof Y.decodeUpdate>["ds"], isCleanUp: boolean): Kept[] {
    const { source } = who
    if (this.#shadow.store.pendingStructs || this.#shadow.store.pendingDs) refuse("missing-parts")
    const touched = new Set<Y.XmlElement>()
    let isListChanged = false
    for (const type of trial.changed.keys()) {
      if (type === this.#fragment) isListChanged = true
      else touched.add(blockOf(type, this.#fragment) ?? refuse("foreign-root"))
    }
    for (const { client, clock } of fresh.types) this.#proveType(client, clock)
    const added = isListChanged ? this.#proveList(source, touched) : []
    for (const element of touched) if (!this.#snapshots.has(element)) touched.delete(element)
    // GATE0: Yjs's clean-up on receiving peers deletes markers of pairs that hold nothing; where it would change what is seen it is judged as any.
    if (!isCleanUp || !this.#looksSame(touched)) this.#proveMarkers(trial.cuts, fresh, source, [...touched, ...added])
    for (const element of touched) this.#proveBlock(element, who, fresh)
    for (const element of added) this.#keep(element, snapshotOf(element) ?? refuse("block-shape", element))
    if (isListChanged) {
      this.#readOrder()
      this.#readIds()
    }
    if ((this.#open.get(source) ?? 0) > caps.openChangesOfSource && fresh.markers.size > 0) refuse("too-many-changes")
    for (const key of fresh.markers.keys()) {
      const { client, n } = parseKey(key)!
      this.#lastMark.set(client, Math.max(n, this.#lastMark.get(client) ?? 0))
    }
    return this.#keptWords(fresh, ds)
  }

  /** New types stand as element in the list of blocks, or as text in an element; nothing deeper. */
  #proveType(client: number, clock: number): void {
    const item = Y.getItem(this.#shadow.store, Y.createID(client, clock)) as Y.Item | Y.GC
    if (!(item instanceof Y.Item) || item.deleted) return
    const parent = item.parent
    const { type } = item.content as Y.ContentType
    const isBlock = parent === this.#fragment && type instanceof Y.XmlElement
    const isText =
      parent instanceof Y.XmlElement && parent.parent === this.#fragment && type instanceof Y.XmlText && item.parentSub === null
    if (!isBlock && !isText) refuse("block-shape")
  }

  /** GATE4: survivors keep identity and order, none is removed, what is added is the source's own. */
  #proveList(source: string, touched: Set<Y.XmlElement>): Y.XmlElement[] {
    const now = this.#fragment.toArray() as Y.XmlElement[]
    const added: Y.XmlElement[] = []
    const ids = new Set(this.#ids)
    let next = 0
    for (const element of now) {
      if (this.#snapshots.has(element)) {
        if (this.#order[next++] !== element) refuse("block-removed", this.#order[next - 1])
        continue
      }
      if (!(element instanceof Y.XmlElement)) refuse("block-type")
      const bad = badNewBlock(element, source, (id) => ids.has(id))
      if (bad) refuse(bad)
      ids.add(element.getAttribute("id") as string)
      touched.delete(element)
      added.push(element)
    }
    if (next !== this.#order.length) refuse("block-removed", this.#order[next])
    const own = this.#order.filter((element) => this.#snapshots.get(element)!.attrs.insertedBy === source).length
    if (added.length > 0 && own + added.length > caps.newBlocksOfSource) refuse("too-many-blocks")
    return added
  }

  /** GATE5: markers are judged by structs. Deleted ones are the source's own and go all at once; new ones come as one pair in one block. */
  #proveMarkers(cuts: readonly Cut[], fresh: Fresh, source: string, blocks: Iterable<Y.XmlElement>): void {
    for (const cut of cuts)
      if (!cut.isFresh && !this.#isOwnKey(cut.key, source))
        refuse("foreign-marker-deleted", blockOf(cut.parent, this.#fragment) ?? undefined)
    const broken = brokenPair(blocks, new Set(cuts.map((cut) => cut.key)), new Set(fresh.markers.keys()))
    if (broken) refuse("broken-pair", broken)
  }

  #looksSame(touched: ReadonlySet<Y.XmlElement>): boolean {
    return [...touched].every((element) => isSameForOthers(this.#snapshots.get(element)!.runs, snapshotOf(element)?.runs ?? [], ""))
  }

  #isOwnKey(key: string, source: string): boolean {
    const client = parseKey(key)?.client
    if (client === undefined) return false
    if (client !== serverClient) return this.#bindingOf(client)?.source === source
    for (const snapshot of this.#snapshots.values())
      for (const run of snapshot.runs)
        for (const mark of run.marks) if (mark.key === key) return mark.source === source && mark.name !== "comment"
    return false
  }

  #proveBlock(element: Y.XmlElement, who: Binding, fresh: Fresh): void {
    const { source } = who
    const before = this.#snapshots.get(element)!
    const known = this.#trial?.changed.has(element) ? undefined : before.attrs
    let after = snapshotOf(element, known) ?? refuse("block-shape", element)
    if (after.attrs !== before.attrs && !isSameAttrs(before.attrs, after.attrs)) refuse("block-attributes", element)
    // By markers, not by visible runs: an empty pair that came back would close around words that are restored later.
    const revived = [...fresh.markers.keys()].filter((key) => this.#decided.has(key) || this.#isStray(key, source, fresh, after))
    if (revived.length > 0) {
      this.#repair((tr) => {
        for (const key of revived) removeMark(tr, textOfElement(element)!, key)
      })
      this.counts.stripped += revived.length
      after = snapshotOf(element, known)!
    }
    let expected = before.runs
    let gone: Missing[] = []
    if (!isSameForOthers(expected, after.runs, source)) {
      gone = missingFrom(before.runs, after.runs).filter((part) => ownerOf(part.marks)?.source !== source)
      if (gone.some((part) => ownerOf(part.marks) !== null || !this.#isWrittenBy(part.client, source))) gone = []
      if (gone.length > 0) expected = withoutMissing(before.runs, gone)
    }
    // Words are restored before late ones are marked: a tombstone may lie between two late words, whose pair must not close around it.
    const firstRestored = Y.getState(this.#shadow.store, serverClient)
    if (gone.length > 0) {
      this.counts.removal++
      this.#repair((tr) => restore(tr, textOfElement(element)!, gone, source))
      after = snapshotOf(element, known)!
    }
    const isRestored = (run: { client: number; clock: number }): boolean => run.client === serverClient && run.clock >= firstRestored
    if (after.runs.some((run) => isRestored(run) && ownerOf(run.marks))) refuse("agreed-text-changed", element)
    const late = lateWords(after.runs, fresh, source)
    if (late.length > 0) {
      this.counts.late++
      this.#repair((tr) => markLate(tr, textOfElement(element)!, late, source))
      after = snapshotOf(element, known)!
    }
    const left = gone.length > 0 ? after.runs.filter((run) => !isRestored(run)) : after.runs
    if (!isSameForOthers(expected, left, source)) refuse(classify(before, after, source), element)
    this.#proveOwn(element, source, fresh, after)
    this.#keep(element, after)
  }

  #isWrittenBy(client: number, source: string): boolean {
    return this.#bindingOf(client)?.source === source
  }

  /** GATE6: P_u is blind inside what it erases. Own characters are written under a client of this source; a new own pair holds only own words. */
  #proveOwn(element: Y.XmlElement, source: string, fresh: Fresh, after: Snapshot): void {
    for (const run of after.runs) {
      const owner = ownerOf(run.marks)
      if (owner?.source === source && run.client !== serverClient && !this.#isWrittenBy(run.client, source))
        refuse("foreign-words", element)
      for (const mark of run.marks) {
        if (mark.name !== "insertion" || mark.source !== source || !fresh.markers.has(mark.key)) continue
        // A redo brings a pair back around what others have written there since; it owns nothing of that, and a decision on it does not reach it.
        const isOwn = owner?.source === source && this.#isWrittenBy(run.client, source)
        if (!isOwn && !owner?.within.includes(mark.id) && (owner === mark || !this.#isRevived(mark.key, fresh)))
          refuse("foreign-words", element)
      }
    }
  }

  /** A pair that a redo brought back around words that others wrote there and that are agreed by now: its own words get tight pairs instead. */
  #isStray(key: string, source: string, fresh: Fresh, after: Snapshot): boolean {
    return (
      this.#isRevived(key, fresh) && after.runs.some((run) => ownerOf(run.marks)?.key === key && !this.#isWrittenBy(run.client, source))
    )
  }

  /** Written before and taken back, in an earlier update or, by somebody without a line, within this one. */
  #isRevived(key: string, fresh: Fresh): boolean {
    const parts = parseKey(key)!
    return fresh.takesBack || parts.n <= (this.#lastMark.get(parts.client) ?? 0)
  }

  #repair(write: (tr: Y.Transaction) => void): void {
    this.#shadow.transact(write, "repair")
  }

  /** GATE8: new words whose block is gone are handed back to their writer. */
  #keptWords(fresh: Fresh, ds: ReturnType<typeof Y.decodeUpdate>["ds"]): Kept[] {
    const kept: Kept[] = []
    for (const { client, clock, text } of fresh.texts) {
      const item = Y.getItem(this.#shadow.store, Y.createID(client, clock)) as Y.Item | Y.GC
      const isTakenBack = (ds.clients.get(client) ?? []).some((range) => clock >= range.clock && clock < range.clock + range.len)
      if (isTakenBack || (item instanceof Y.Item && !item.deleted)) continue
      const parent = item instanceof Y.Item ? (item.parent as Y.AbstractType<unknown>)._item : null
      if (item instanceof Y.GC || !parent || parent.deleted) kept.push({ words: text })
    }
    return kept
  }
}

const isKnown = (struct: ReturnType<typeof Y.decodeUpdate>["structs"][number], doc: Y.Doc): boolean =>
  struct.id.clock + struct.length <= Y.getState(doc.store, struct.id.client)

const merged = (updates: readonly Uint8Array[]): Uint8Array | null =>
  updates.length === 0 ? null : updates.length === 1 ? updates[0]! : Y.mergeUpdates([...updates])

function blockOf(type: unknown, fragment: Y.XmlFragment): Y.XmlElement | null {
  let current = type as Y.AbstractType<unknown> | null
  while (current?._item) {
    const parent = current._item.parent as Y.AbstractType<unknown>
    if (parent === (fragment as unknown)) return current as unknown as Y.XmlElement
    current = parent
  }
  return null
}

function isSameAttrs(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

/** The reason that a person or a log understands best. */
function classify(before: Snapshot, after: Snapshot, source: string): string {
  const letters = (snapshot: Snapshot, test: (owner: Mark | null) => boolean): string =>
    snapshot.runs
      .filter((run) => test(ownerOf(run.marks)))
      .map((run) => run.text)
      .join("")
  if (letters(before, (owner) => !owner) !== letters(after, (owner) => !owner)) return "agreed-text-changed"
  const isOthers = (owner: Mark | null): boolean => owner !== null && owner.source !== source
  return letters(before, isOthers) !== letters(after, isOthers) ? "others-words-changed" : "others-marks-changed"
}
