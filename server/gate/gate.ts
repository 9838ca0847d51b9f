import * as Y from "yjs"
import { type Block, type Mark, ownerOf, type StructuralProposal } from "../../shared/schema/block.ts"
import { parseKey, parseMarkId, serverClient } from "../../shared/schema/keys.ts"
import { entryOf, structuralProposalOf, withStructure } from "../../shared/schema/structure.ts"
import { blocksRoot, type PlacedRun, runsOfText, structureOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { newDraftDoc, removeMark } from "../../shared/sync/write.ts"
import { isLateLevel, isSameAttrs } from "./attributes.ts"
import { isCrowded, Loads, tooCostly } from "./bounds.ts"
import { type Carried, Carrier, type DeleteSet } from "./carry.ts"
import { brokenPair, dropRewritten, halfPairs, takeBack } from "./pairs.ts"
import { type ItemId, Relocations } from "./relocations.ts"
import { lateWords, markLate, orphans, restore, serverMarkId, tighten } from "./repairs.ts"
import { type Binding, type BindingOf, badNewBlock, badProposal, caps, type Fresh, isMisplaced, readFresh } from "./shapes.ts"
import { blockOfSnapshot, isSameForOthers, type Missing, missingFrom, type Snapshot, snapshotOf, withoutMissing } from "./snapshot.ts"

/** What arrived for a place that is gone: words, or a proposal about a block (GATE8). */
export type Kept = { readonly words: string } | { readonly proposal: StructuralProposal["kind"] }

export type Outcome =
  | { readonly kind: "nothing" }
  | { readonly kind: "accepted"; readonly row: Uint8Array; readonly kept: readonly Kept[] }
  | { readonly kind: "refused"; readonly reason: string; readonly block: string | null }

/** How often each repair was needed, for metrics and the fuzz. */
export interface GateCounts {
  late: number
  removal: number
  stripped: number
  carried: number
  tightened: number
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

/** An update as it is judged. */
interface Sent {
  readonly fresh: Fresh
  readonly ds: DeleteSet
  readonly heard: number
  readonly isCleanUp: boolean
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
  /** Whether it brings marks; and whether they are more than one letter takes. */
  readonly hasMarkers: boolean
  isCrowded: boolean
}

const newTrial = (hasMarkers: boolean): Trial => ({ emitted: [], cuts: [], changed: new Map(), hasMarkers, isCrowded: false })

/**
 * Tries updates on a shadow of the room and proves that each left everything but the sender's own proposals unchanged, before it is committed
 * (rules GATE). The shadow runs ahead of what is committed; `rebuild` takes it back.
 */
export class Gate {
  readonly counts: GateCounts = { late: 0, removal: 0, stripped: 0, carried: 0, tightened: 0, kept: 0 }
  readonly #bindingOf: BindingOf
  /** Keys of marks that were decided: an undo that brings one back is stripped of it (GATE7). */
  readonly #decided: Set<string>
  #shadow!: Y.Doc
  #fragment!: Y.XmlFragment
  #structure!: Y.Map<unknown>
  #proposals = new Map<string, StructuralProposal>()
  #relocations!: Relocations
  #order: Y.XmlElement[] = []
  #snapshots = new Map<Y.XmlElement, Snapshot>()
  #ids = new Set<string>()
  #loads = new Loads()
  /** Highest mark counter seen of each client: a key at or below it was written before, and an undo or redo brings it back. */
  readonly #lastMark = new Map<number, number>()
  #trial: Trial | null = null
  /** Whether an update that was refused has left something in the shadow: then it must be rebuilt. */
  isSpoilt = false
  #known: ReadonlyMap<number, number> = new Map()
  /** The server's clock before the update that is being tried: what it wrote since, it carried over. */
  #firstCarried = 0

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
    this.isSpoilt = false
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
    this.#structure = shadow.getMap(structureRoot)
    this.#relocations = new Relocations(shadow)
    this.#readProposals()
    this.#snapshots = new Map()
    this.#loads = new Loads()
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

  #readProposals(): void {
    this.#proposals = new Map(structureOf(this.#shadow).map((proposal) => [proposal.id, proposal]))
  }

  /** Where words are that acts and repairs have put elsewhere. */
  get relocations(): Relocations {
    return this.#relocations
  }

  /** What a source has open in the draft: marks, and letters of its own. */
  loadOf(source: string): { readonly marks: number; readonly letters: number } {
    return this.#loads.of(source)
  }

  /** All blocks of the shadow as plain values; those that did not change are the same objects as before. */
  get blocks(): readonly Block[] {
    const blocks = this.#order.map((element) => blockOfSnapshot(element, this.#snapshots.get(element)!))
    return withStructure(blocks, this.#proposals.values())
  }

  #keep(element: Y.XmlElement, snapshot: Snapshot): void {
    this.#loads.replace(this.#snapshots.get(element)?.loads ?? null, snapshot.loads)
    this.#snapshots.set(element, snapshot)
  }

  #drop(element: Y.XmlElement): void {
    this.#loads.replace(this.#snapshots.get(element)?.loads ?? null, null)
    this.#snapshots.delete(element)
  }

  #record(tr: Y.Transaction): void {
    const trial = this.#trial
    if (!trial) return
    if (trial.hasMarkers && [...tr.changed.keys()].some((type) => type instanceof Y.XmlText && isCrowded(type))) {
      trial.isCrowded = true
      // Yjs would copy the marks of every letter.
      tr._needFormattingCleanup = false
    }
    for (const [type, keys] of tr.changed) {
      const known = trial.changed.get(type)
      trial.changed.set(type, known ? new Set([...known, ...keys]) : keys)
    }
    if (tr.deleteSet.clients.size === 0) return
    Y.iterateDeletedStructs(tr, tr.deleteSet, (struct) => {
      if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentFormat)) return
      const known = this.#known.get(struct.id.client)
      trial.cuts.push({ key: struct.content.key, parent: struct.parent, isFresh: known !== undefined && struct.id.clock >= known })
    })
  }

  /** Runs an act of the server on the shadow; its row, or null where it changed nothing. */
  act(write: (tr: Y.Transaction, shadow: Y.Doc) => void): Uint8Array | null {
    const trial = newTrial(false)
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
    if (trial.changed.has(this.#structure)) this.#readProposals()
  }

  /**
   * Tries an update of a session. `mayWrite` is its right at this moment. After a refusal the shadow may be spoilt (`isSpoilt`): then the caller must `rebuild`.
   * `nothing`: the update brought nothing that counts (GATE0). `heard`: the server's clock as the sender knew it when it made the update; an update
   * that a browser sends as it is made deletes only what is there for it, so 0 will do.
   */
  receive(update: Uint8Array, who: Binding, mayWrite: boolean, heard = 0): Outcome {
    if (update.length > caps.updateBytes) return { kind: "refused", reason: "too-large", block: null }
    let decoded: ReturnType<typeof Y.decodeUpdate>
    try {
      decoded = Y.decodeUpdate(update)
    } catch {
      return { kind: "refused", reason: "malformed", block: null }
    }
    const costly = tooCostly(decoded, this.#shadow)
    if (costly) return { kind: "refused", reason: costly, block: null }
    const isQuiet = decoded.structs.every((struct) => isKnown(struct, this.#shadow))
    // Of one that brings anything new it does not matter: it is judged in full.
    const reach = !isQuiet || this.#removesRelocated(decoded.ds, heard) ? "text" : this.#reachOf(decoded.ds)
    if (isQuiet && reach === "nothing") return { kind: "nothing" }
    // GATE0: a clean-up of one that may not write is dropped in silence; an undo is refused, or its browser would go on with what nobody else has.
    if (!mayWrite && isQuiet && reach === "markers" && !this.#isMeant(decoded.ds, who.source)) return { kind: "nothing" }
    if (!mayWrite) return { kind: "refused", reason: "may-not-write", block: null }
    const fresh = readFresh(decoded, this.#shadow, who, this.#bindingOf)
    if ("refused" in fresh) return { kind: "refused", reason: fresh.refused, block: null }
    return this.#try(update, who, { fresh, ds: decoded.ds, heard, isCleanUp: isQuiet && reach === "markers" })
  }

  /** What of the shadow the deletions of an update would hit that is still there; null where they name what it has never seen. */
  #hitBy(ds: DeleteSet): (Y.Item | Y.GC)[] | null {
    const hit: (Y.Item | Y.GC)[] = []
    for (const [client, ranges] of ds.clients) {
      const structs = this.#shadow.store.clients.get(client)
      if (!structs) return null
      const state = Y.getState(this.#shadow.store, client)
      for (const { clock, len } of ranges) {
        if (clock + len > state) return null
        for (let i = Y.findIndexSS(structs, clock); i < structs.length && structs[i]!.id.clock < clock + len; i++)
          if (!structs[i]!.deleted) hit.push(structs[i]!)
      }
    }
    return hit
  }

  #reachOf(ds: DeleteSet): "nothing" | "markers" | "text" {
    const hit = this.#hitBy(ds)
    if (hit?.length === 0) return "nothing"
    return hit?.every((struct) => struct instanceof Y.Item && struct.content instanceof Y.ContentFormat) ? "markers" : "text"
  }

  /** Whether deletions of markers are more than Yjs's clean-up: they take back a mark of the sender's own, or would change what anybody sees. */
  #isMeant(ds: DeleteSet, source: string): boolean {
    const hit = new Set(this.#hitBy(ds) as Y.Item[])
    for (const item of hit) if (this.#isOwnKey((item.content as Y.ContentFormat).key, source)) return true
    const texts = new Set([...hit].map((item) => item.parent as Y.XmlText))
    return [...texts].some((text) => !isSameForOthers(runsOfText(text), runsOfText(text, hit), ""))
  }

  /** Whether deletions hit what was written anew without their maker having heard: then they are meant for what it is now (GATE8). */
  #removesRelocated(ds: DeleteSet, heard: number): boolean {
    if (this.#relocations.isEmpty) return false
    for (const [client, list] of ds.clients)
      for (const { clock, len } of list)
        if (this.#relocations.within({ client, clock }, len).some(({ to }) => to.clock >= heard)) return true
    return false
  }

  #try(update: Uint8Array, who: Binding, sent: Sent): Outcome {
    const trial = newTrial(sent.fresh.markers.size > 0)
    this.#trial = trial
    this.#known = sent.fresh.known
    this.#firstCarried = Y.getState(this.#shadow.store, serverClient)
    try {
      Y.applyUpdate(this.#shadow, update, "session")
      if (trial.isCrowded) refuse("too-deep")
      const kept = this.#prove(trial, who, sent)
      const row = merged(trial.emitted)
      if (!row) return { kind: "nothing" }
      this.counts.kept += kept.length
      return { kind: "accepted", row, kept }
    } catch (error) {
      this.isSpoilt = true
      // Whatever throws while foreign bytes are applied is the update's doing; the shadow is rebuilt in any case.
      if (error instanceof Refusal) return { kind: "refused", reason: error.reason, block: error.block }
      return { kind: "refused", reason: "malformed", block: null }
    } finally {
      this.#trial = null
      this.#known = new Map()
    }
  }

  #prove(trial: Trial, who: Binding, sent: Sent): Kept[] {
    const { source } = who
    const { fresh, ds, isCleanUp } = sent
    if (this.#shadow.store.pendingStructs || this.#shadow.store.pendingDs) refuse("missing-parts")
    const touched = new Set<Y.XmlElement>()
    let isListChanged = false
    for (const type of trial.changed.keys()) {
      if (type === this.#fragment) isListChanged = true
      else if (type !== this.#structure) touched.add(blockOf(type, this.#fragment) ?? refuse("foreign-root"))
    }
    for (const { client, clock } of fresh.types) this.#proveType(client, clock)
    const added = isListChanged ? this.#proveList(source, touched) : []
    for (const element of touched) if (!this.#snapshots.has(element)) touched.delete(element)
    for (const element of this.#stripRest(trial.cuts, source, sent)) touched.add(element)
    // GATE0: Yjs's clean-up on receiving peers deletes markers of pairs that hold nothing; where it would change what is seen it is judged as any.
    if (!isCleanUp || !this.#looksSame(touched)) this.#proveMarkers(trial.cuts, fresh, source, [...touched, ...added])
    const tightened = fresh.markers.size > 0 ? this.#tighten(touched, fresh) : new Map<Y.Item, Y.Item>()
    const lost = this.#carry(touched, who, sent, tightened)
    for (const element of touched) this.#proveBlock(element, who, fresh)
    for (const element of added) this.#keep(element, snapshotOf(element) ?? refuse("block-shape", element))
    if (isListChanged) {
      this.#readOrder()
      this.#readIds()
    }
    this.#proveQuota(source, fresh, [...touched, ...added])
    for (const key of fresh.markers.keys()) {
      const { client, n } = parseKey(key)!
      this.#lastMark.set(client, Math.max(n, this.#lastMark.get(client) ?? 0))
    }
    const tooLate = trial.changed.has(this.#structure) ? this.#proveStructure(trial.changed.get(this.#structure)!, source) : []
    return [...lost.map((words) => ({ words })), ...this.#keptWords(fresh, ds), ...tooLate.map((proposal) => ({ proposal }))]
  }

  /** GATE11: how much a source may have open, and how long a block may grow. Only what adds to it is refused. */
  #proveQuota(source: string, fresh: Fresh, blocks: readonly Y.XmlElement[]): void {
    const { marks, letters } = this.#loads.of(source)
    if (fresh.markers.size > 0 && marks > caps.openMarksOfSource) refuse("too-many-changes")
    if (fresh.texts.length === 0) return
    if (letters > caps.openLettersOfSource) refuse("too-many-letters")
    for (const element of blocks) if ((this.#snapshots.get(element)?.length ?? 0) > caps.lettersOfBlock) refuse("block-too-long", element)
  }

  /** GATE7: deletions whose markers slid past what others wrote beside them are put back to where they were made. */
  #tighten(touched: Iterable<Y.XmlElement>, fresh: Fresh): ReadonlyMap<Y.Item, Y.Item> {
    const all = new Map<Y.Item, Y.Item>()
    this.#repair((tr) => {
      for (const element of touched) {
        const text = textOfElement(element)
        if (!text) continue
        const anew = tighten(tr, text, fresh)
        if (anew.size > 0) this.counts.tightened++
        for (const [marker, written] of anew) all.set(marker, written)
      }
    })
    return all
  }

  /** GATE8: what was typed, struck or removed among words that have gone elsewhere goes there too. Words whose place is gone for good. */
  #carry(
    touched: Set<Y.XmlElement>,
    { source }: Binding,
    { fresh, ds, heard }: Sent,
    tightened: ReadonlyMap<Y.Item, Y.Item>,
  ): readonly string[] {
    if (this.#relocations.isEmpty) return []
    const isOwn = (id: ItemId): boolean => this.#isFrom(id, source)
    const isDecided = (key: string): boolean => this.#decided.has(key)
    const carrier = new Carrier(this.#shadow, this.#relocations, fresh, source, isOwn, isDecided, tightened)
    let carried: Carried = { into: new Set(), lost: [] }
    this.#repair((tr) => {
      carried = carrier.carry(tr, touched, ds, heard)
    })
    for (const element of carried.into) touched.add(element)
    this.counts.carried += carried.into.size
    return carried.lost
  }

  /**
   * A mark that its source takes back goes everywhere: where a split or a move has written its pair anew the rest of it is taken back by the server,
   * with the words that an insertion has there. The blocks in which something went.
   */
  #stripRest(cuts: readonly Cut[], source: string, sent: Sent): Y.XmlElement[] {
    if (cuts.length === 0 && this.#relocations.isEmpty) return []
    const keys = new Set(cuts.filter((cut) => !cut.isFresh && this.#isOwnKey(cut.key, source)).map((cut) => cut.key))
    for (const key of this.#takenBackUnheard(sent)) if (this.#isOwnKey(key, source)) keys.add(key)
    if (keys.size === 0) return []
    const stripped: Y.XmlElement[] = []
    this.#repair((tr) => {
      for (const element of this.#order) {
        const text = textOfElement(element)
        if (text && takeBack(tr, text, keys)) stripped.push(element)
      }
    })
    return stripped
  }

  /** Keys of marks of which an update deletes a marker that the server has written anew without its maker having heard. */
  #takenBackUnheard({ ds, heard }: Sent): Set<string> {
    const keys = new Set<string>()
    if (this.#relocations.isEmpty) return keys
    for (const [client, list] of ds.clients)
      for (const { clock, len } of list)
        for (const { from, to, length } of this.#relocations.within({ client, clock }, len)) {
          if (to.clock < heard) continue
          for (let i = 0; i < length; i++) {
            const now = this.#relocations.latest({ client: from.client, clock: from.clock + i })
            const item = Y.getItem(this.#shadow.store, Y.createID(now.client, now.clock)) as Y.Item | Y.GC
            if (item instanceof Y.Item && !item.deleted && item.content instanceof Y.ContentFormat) keys.add(item.content.key)
          }
        }
    return keys
  }

  /** GATE3: entries are the source's own, about blocks that are there. Kinds of those that came too late; they are taken out again. */
  #proveStructure(keys: ReadonlySet<string | null>, source: string): StructuralProposal["kind"][] {
    const tooLate: StructuralProposal["kind"][] = []
    const late: string[] = []
    const typeOf = (block: string): Block["type"] | null => this.#typeOf(block)
    for (const key of keys) {
      if (key === null) refuse("structure-shape")
      const before = this.#proposals.get(key!)
      if (before && before.source !== source) refuse("others-proposal")
      if (!this.#structure.has(key!)) {
        this.#proposals.delete(key!)
        continue
      }
      const proposal = structuralProposalOf(key!, this.#structure.get(key!)) ?? refuse("structure-shape")
      if (proposal.source !== source) refuse("forged-source")
      if (!before && !this.#mayName(proposal.id, source)) refuse("foreign-key")
      const named = [
        proposal.block,
        ...(proposal.kind === "join" ? [proposal.into] : []),
        ...(proposal.kind === "move" ? [proposal.after] : []),
      ]
      if (this.#decided.has(key!) || named.some((block) => block !== null && this.#isGone(block))) {
        if (!this.#decided.has(key!)) tooLate.push(proposal.kind)
        late.push(key!)
        continue
      }
      const bad = badProposal(proposal, typeOf)
      if (bad) refuse(bad)
      this.#proposals.set(key!, proposal)
    }
    if (late.length > 0) this.#repair(() => late.forEach((key) => void this.#structure.delete(key)))
    for (const key of late) this.#proposals.delete(key)
    const own = [...this.#proposals.values()].filter((proposal) => proposal.source === source).length
    if (own > caps.structureOfSource) refuse("too-many-changes")
    return tooLate
  }

  /** Whether an id is the source's to use: made by one of its clients, or by the server for it, which an undo may bring back. */
  #mayName(id: string, source: string): boolean {
    const { client, n } = parseMarkId(id)!
    if (client === serverClient) return n < Y.getState(this.#shadow.store, serverClient)
    return this.#bindingOf(client)?.source === source
  }

  #elementOf(block: string): Y.XmlElement | undefined {
    return this.#order.find((element) => this.#snapshots.get(element)!.attrs.id === block)
  }

  #typeOf(block: string): Block["type"] | null {
    return (this.#elementOf(block)?.nodeName as Block["type"] | undefined) ?? null
  }

  /** Whether a block is not part of the text, or no longer: a proposal about it is one that came too late. */
  #isGone(block: string): boolean {
    const element = this.#elementOf(block)
    return !element || this.#snapshots.get(element)!.attrs.joined !== undefined
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
    if (cuts.length === 0 && fresh.markers.size === 0) return
    for (const cut of cuts)
      if (!cut.isFresh && !this.#isOwnKey(cut.key, source))
        refuse("foreign-marker-deleted", blockOf(cut.parent, this.#fragment) ?? undefined)
    this.#stripHalves([...blocks], fresh)
    const broken = brokenPair(blocks, new Set(cuts.map((cut) => cut.key)), new Set(fresh.markers.keys()))
    if (broken) refuse("broken-pair", broken)
  }

  /** GATE7: of a pair that the server has rewritten in part a redo brings back only the rest; it is stripped. */
  #stripHalves(blocks: readonly Y.XmlElement[], fresh: Fresh): void {
    const again = new Set([...fresh.markers.keys()].filter((key) => this.#isRevived(key, fresh)))
    if (again.size === 0) return
    this.#repair((tr) => {
      for (const block of blocks) dropRewritten(tr, textOfElement(block)!, again)
    })
    const halves = halfPairs(blocks, again)
    if (halves.size === 0) return
    this.counts.stripped += halves.size
    this.#repair((tr) => {
      for (const block of blocks) for (const key of halves) removeMark(tr, textOfElement(block)!, key)
    })
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
    if (after.attrs !== before.attrs && !isSameAttrs(before.attrs, after.attrs, source)) {
      if (!isLateLevel(before.attrs, after.attrs, source)) refuse("block-attributes", element)
      this.#repair(() => this.#proposeLevel(element, before.attrs, (after.attrs.level as number | undefined) ?? 1, source))
      after = snapshotOf(element) ?? refuse("block-shape", element)
    }
    // By markers, not by visible runs: an empty pair that came back would close around words that are restored later.
    const revived = [...fresh.markers.keys()].filter((key) => this.#decided.has(key) || this.#isStray(key, source, fresh, after))
    let carried: readonly PlacedRun[] = []
    if (revived.length > 0) {
      carried = after.runs.filter((run) => run.client === serverClient && run.clock >= this.#firstCarried)
      this.#repair((tr) => {
        for (const key of revived) removeMark(tr, textOfElement(element)!, key)
      })
      this.counts.stripped += revived.length
      after = snapshotOf(element, known)!
    }
    let expected = before.runs
    let gone: Missing[] = []
    const compared = after
    const isSame = isSameForOthers(expected, compared.runs, source)
    if (!isSame) {
      gone = missingFrom(before.runs, after.runs).filter((part) => ownerOf(part.marks)?.source !== source)
      if (gone.some((part) => ownerOf(part.marks) !== null || !this.#isWrittenBy(part, source))) gone = []
      if (gone.length > 0) expected = withoutMissing(before.runs, gone)
    }
    // Words are restored before late ones are marked: a tombstone may lie between two late words, whose pair must not close around it.
    const firstRestored = Y.getState(this.#shadow.store, serverClient)
    if (gone.length > 0) {
      this.counts.removal++
      this.#repair((tr) => restore(tr, textOfElement(element)!, gone, source, this.#relocations))
      after = snapshotOf(element, known)!
    }
    const isRestored = (run: { client: number; clock: number }): boolean => run.client === serverClient && run.clock >= firstRestored
    if (gone.length > 0 && after.runs.some((run) => isRestored(run) && ownerOf(run.marks))) refuse("agreed-text-changed", element)
    const cuts = this.#trial?.cuts ?? []
    const taken = new Set(cuts.length > 0 ? cuts.filter((cut) => !cut.isFresh).map((cut) => cut.key) : [])
    const left = [
      ...(taken.size > 0 ? orphans(before.runs, after.runs, taken, fresh, source) : []),
      // A change that was decided gets nothing new: what was carried into its pair is one of its own.
      ...(revived.length > 0 ? orphans(carried, after.runs, new Set(revived), fresh, source).map((part) => ({ ...part, of: "" })) : []),
    ]
    const late = [...lateWords(after.runs, fresh, source), ...left].sort((a, b) => a.from - b.from)
    if (late.length > 0) {
      this.counts.late++
      this.#repair((tr) => markLate(tr, textOfElement(element)!, late, source))
      after = snapshotOf(element, known)!
    }
    const others = gone.length > 0 ? after.runs.filter((run) => !isRestored(run)) : after.runs
    const isProven = isSame && after === compared
    if (!isProven && !isSameForOthers(expected, others, source)) refuse(classify(before, after, source), element)
    this.#proveOwn(element, source, fresh, after)
    this.#keep(element, after)
  }

  /** The level that a source gave its own new clause, agreed by now, is a proposal about an agreed clause (GATE7). */
  #proposeLevel(element: Y.XmlElement, before: Snapshot["attrs"], level: number, source: string): void {
    if (before.level === undefined) element.removeAttribute("level")
    else element.setAttribute("level", before.level as string)
    if (before.joined !== undefined) return
    const id = serverMarkId(this.#shadow, source)
    const proposal: StructuralProposal = { id, of: "", source, block: before.id as string, changeId: id, kind: "level", level }
    this.#structure.set(id, entryOf(proposal))
    this.#proposals.set(id, proposal)
  }

  /** Whether a character was written under a client of a source, or came with a file as its own. */
  #isFrom(id: ItemId, source: string): boolean {
    return (this.#bindingOf(id.client)?.source ?? this.#relocations.broughtFor(id)) === source
  }

  /** Whether all of some characters were written by a source, also where the server has written them anew since. */
  #isWrittenBy({ client, clock, text }: Pick<PlacedRun, "client" | "clock" | "text">, source: string): boolean {
    if (client !== serverClient) return this.#bindingOf(client)?.source === source
    for (let i = 0; i < text.length; i++) {
      if (!this.#isFrom(this.#relocations.original({ client, clock: clock + i }), source)) return false
    }
    return true
  }

  /** GATE6: P_u is blind inside what it erases. Own characters are written under a client of this source; a new own pair holds only own words. */
  #proveOwn(element: Y.XmlElement, source: string, fresh: Fresh, after: Snapshot): void {
    for (const run of after.runs) {
      const owner = ownerOf(run.marks)
      if (owner?.source === source && run.client !== serverClient && !this.#isWrittenBy(run, source)) refuse("foreign-words", element)
      if (fresh.hasSigns && isMisplaced(run, element, fresh)) refuse("characters", element)
      if (fresh.markers.size === 0) continue
      for (const mark of run.marks) {
        if (mark.name !== "insertion" || mark.source !== source || !fresh.markers.has(mark.key)) continue
        // A redo brings a pair back around what others have written there since; it owns nothing of that, and a decision on it does not reach it.
        const isOwn = owner?.source === source && this.#isWrittenBy(run, source)
        if (!isOwn && !owner?.within.includes(mark.id) && (owner === mark || !this.#isRevived(mark.key, fresh)))
          refuse("foreign-words", element)
      }
    }
  }

  /** A pair that a redo brought back around words that others wrote there and that are agreed by now: its own words get tight pairs instead. */
  #isStray(key: string, source: string, fresh: Fresh, after: Snapshot): boolean {
    return this.#isRevived(key, fresh) && after.runs.some((run) => ownerOf(run.marks)?.key === key && !this.#isWrittenBy(run, source))
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
  #keptWords(fresh: Fresh, ds: DeleteSet): Kept[] {
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
