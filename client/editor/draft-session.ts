// One thing, and long: what was written, sent, kept on the device, acknowledged and lost its place is counted by the same clocks, and each word is in one of these.
import * as Y from "yjs"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import { parseMarkId } from "../../shared/schema/keys.ts"
import { movesOf } from "../../shared/sync/ground.ts"
import { decodeMessage, encodeMessage, type NoticeMessage, type RefusedMessage } from "../../shared/sync/protocol.ts"
import { blocksRoot, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { type Relocation, roots } from "../../shared/sync/roots.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import { Binding } from "./binding.ts"
import { Desk } from "./desk.ts"
import { type CaretPlace, dropDecided, followMoved, followParts, keepHeard, keepPlaces, placeOfCaret } from "./gestures.ts"
import { KeptPlaces, type KeptWords } from "./kept-places.ts"
import type { StateHost } from "./operations.ts"
import {
  inOrderOf,
  insertionAround,
  isPartOfText,
  type OwnLetter,
  type PlaceGone,
  piecesOf,
  placeOfPiece,
  type RecordedBlock,
  standingPieces,
  struckAsWritten,
  struckWith,
  type TakenLetters,
  takenIn,
  takenOut,
  wordsOf,
} from "./own-pieces.ts"
import { Restructuring } from "./restructuring.ts"
import { Tracking } from "./tracking.ts"
import { nameOf, takenAway, type UnsavedAct, unsavedActsIn, unsavedPieces } from "./unsaved-acts.ts"

/** A way for frames to the room. */
export interface Transport {
  send(frame: Uint8Array): void
}

/** What was typed at one place that is gone, in its order there. */
interface Homeless {
  readonly letters: readonly OwnLetter[]
  readonly stood: PlaceGone
  /** Those of which the room has said that it has no place for them. */
  readonly told: Set<number>
}

export interface SessionEvents {
  /** Saved, unsaved, synced: something about the truth of "Saved" changed. */
  onStatus(): void
  onRefused(refused: RefusedMessage): void
  /** `stood`: of words that were kept, where they stood, and what they were to replace, where that is known. */
  onNotice(notice: NoticeMessage, stood?: PlaceGone): void
  onAwareness(update: Uint8Array): void
  onSay(sentence: string): void
  /** A local change, the n-th of this life, and where what the room has not heard stands by it; where it is being kept on the device its frame waits for that. */
  onLocal?(update: Uint8Array, n: number, stood: readonly RecordedBlock[]): Promise<void> | undefined
}

/** An update that waits until it is kept on the device. */
interface WaitingFrame {
  readonly frame: Uint8Array
  readonly changes: number
  readonly clock: number
  isKept: boolean
}

/**
 * One life of the draft in a browser: a Y.Doc under one client id, bound to the editor's state, and what it takes to say truthfully what is saved.
 * After a refusal it is thrown away: a refused update stays in its author's Y.Doc, and all later edits would lean on it.
 */
export class DraftSession {
  readonly doc: Y.Doc
  readonly client: number
  readonly source: string
  readonly desk: Desk
  readonly binding: Binding
  readonly tracking: Tracking
  readonly restructuring: Restructuring
  /** Where words that were handed back stood, and the way back there. */
  readonly places: KeptPlaces
  readonly undoManager: Y.UndoManager
  isSynced = false
  /** It was refused: what is still on its way to it is for a document that nobody else has. */
  #isOver = false
  /** Local changes so far, and how many of them the room has acknowledged as durable. */
  changes = 0
  savedChanges = 0
  readonly #events: SessionEvents
  #transport: Transport | null = null
  /** Whether this socket has answered the room's question. Until then local updates stay here: the answer carries them all, in order. */
  #hasAnswered = false
  #sent: { changes: number; clock: number }[] = []
  #waiting: WaitingFrame[] = []
  #keeping: Promise<void> | undefined
  #acknowledgedOfSocket = 0
  /** What the room has of this client's writing; and how much of that it has said so, with all that became of it. */
  #savedClock = 0
  #acknowledgedClock = 0
  /** Own words that the room has not acknowledged and that went by no decision about them: they may have been carried elsewhere. */
  #homeless: Homeless[] = []
  /** What one took away again of one's own, by the change that did it, as long as the room has not acknowledged that. */
  #takenAway: { readonly changes: number; readonly clock: number; readonly act: UnsavedAct }[] = []
  /** And what of what the room has, to be replaced by what was written there. */
  #takenOut: (TakenLetters & { readonly changes: number })[] = []
  /** What stood in the blocks that were last written in: what was to be replaced may go before the words are refused. */
  #recorded: readonly RecordedBlock[] = []
  /** How far the room knew this client's writing when the line was opened. */
  #knownClock = 0
  #isShown = false
  readonly #isHeld: boolean

  /** `isHeld`: it is not shown in the editor before `show` says so. `isReturning`: it only brings what was written under this id before. */
  constructor(host: StateHost, clientId: number, source: string, events: SessionEvents, { isHeld = false, isReturning = false } = {}) {
    this.#events = events
    this.#isHeld = isHeld
    this.source = source
    this.doc = newDraftDoc()
    this.client = clientId
    // Yjs gives a document another id where it hears of its own from elsewhere.
    if (!isReturning) this.doc.clientID = clientId
    this.desk = new Desk(host)
    this.binding = new Binding(this.desk, this.doc)
    const say = (sentence: string): void => events.onSay(sentence)
    this.tracking = new Tracking(this.desk, this.binding, { source }, say)
    this.restructuring = new Restructuring(this.desk, this.binding, this.tracking, source, say)
    this.places = new KeptPlaces(this.doc, this.desk, this.binding, this.tracking)
    const structure = this.doc.getMap(structureRoot)
    this.undoManager = new Y.UndoManager([this.doc.getXmlFragment(blocksRoot), structure], {
      trackedOrigins: new Set([this.binding]),
      captureTimeout: 500,
      // A client never removes a block: undoing one's own new clause empties it (TRK3).
      deleteFilter: (item) =>
        !(item.content instanceof Y.ContentType) && (item.parentSub === null || item.parentSub === "level" || item.parent === structure),
    })
    this.doc.on("update", (update: Uint8Array, origin: unknown, _doc: Y.Doc, tr: Y.Transaction) => {
      if (origin !== this) this.#sendLocal(update, tr)
    })
    this.doc.on("afterTransaction", (tr: Y.Transaction) => {
      if (tr.origin !== this)
        for (const taken of takenAway(this.doc, tr, this.client)) this.#takenAway.push({ ...taken, changes: this.changes + 1 })
      if (tr.local)
        for (const taken of takenOut(tr, this.client, this.#acknowledgedClock)) this.#takenOut.push({ ...taken, changes: this.changes + 1 })
      // Of what an earlier window wrote its changes tell.
      if (!tr.local && !this.isSaved && !isReturning) this.#keepHomeless(tr)
    })
    let before: CaretPlace | null = null
    this.binding.onGesture = () => {
      before = placeOfCaret(this.binding, this.desk.state)
    }
    keepPlaces(this.undoManager, () => before)
    keepHeard(this.undoManager, () => this.binding.heard)
    // TRK8, UNDO2: a decision takes only what it decided from the undo stack of the source decided on.
    const proposals = roots.proposals(this.doc)
    proposals.observe((event, tr) => {
      // What took its place is noted later, and is no decision.
      const isDecision = (id: string, was: ProposalEntry | undefined): boolean => proposals.get(id)?.status !== was?.status
      const decided = [...event.changes.keys].filter(
        ([id, { oldValue }]) => parseMarkId(id)?.source === source && isDecision(id, oldValue as ProposalEntry | undefined),
      )
      if (decided.length > 0) dropDecided(this.undoManager, tr, new Set(decided.map(([id]) => id)))
    })
    structure.observe(({ keysChanged }, tr) => {
      if (tr.local) return
      const itemOf = (key: string | null): Y.Item | null => (key === null ? null : (structure._map.get(key) ?? null))
      const entries = [...keysChanged].flatMap((key) => itemOf(key) ?? [])
      followParts(this.undoManager, entries, (entry) => {
        const [said] = entry.content.getContent() as ({ of?: string; source?: string } | undefined)[]
        return said?.of && said.source === source ? itemOf(said.of) : null
      })
    })
    roots.relocations(this.doc).observe((event) => {
      const moved = event.changes.delta.flatMap(({ insert }) => (insert ?? []) as Relocation[])
      followMoved(this.undoManager, moved)
    })
  }

  get isSaved(): boolean {
    return this.savedChanges === this.changes
  }

  /** It was refused or ended: nothing more goes into it. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Nothing more is typed into it, and no kept words are put back into it. */
  end(): void {
    this.isSynced = false
    this.#isOver = true
    this.#transport = null
  }

  /** Whether all that the room had when this socket came is here, and the room has heard what was missing there. */
  get isReady(): boolean {
    return this.isSynced && this.#acknowledgedOfSocket > 0
  }

  /** The editor shows it from now on. */
  show(): void {
    if (this.#isShown || !this.isSynced) return
    this.#isShown = true
    this.binding.attach()
  }

  /**
   * Changes that an earlier window made under this client id, in their order, and what stood beside what it wrote; what of them the room has counts as
   * saved.
   */
  restore(updates: readonly Uint8Array[], stood: readonly RecordedBlock[] = []): void {
    this.#savedClock = Y.getState(this.doc.store, this.client)
    this.#acknowledgedClock = this.#savedClock
    for (const update of updates) Y.applyUpdate(this.doc, update)
    this.#recorded = stood
  }

  destroy(): void {
    this.#transport = null
    this.#waiting = []
    this.undoManager.destroy()
    this.binding.destroy()
    this.doc.destroy()
  }

  /** A socket has opened: asks the room for what is missing here. The room asks back. */
  opened(transport: Transport): void {
    this.#transport = transport
    this.#sent = []
    this.#waiting = []
    this.#hasAnswered = false
    this.#acknowledgedOfSocket = 0
    transport.send(encodeMessage({ kind: "step1", stateVector: Y.encodeStateVector(this.doc) }))
  }

  closed(): void {
    this.#transport = null
    this.#waiting = []
    this.#events.onStatus()
  }

  /** How many update messages go before one that follows now: what an act waits for. */
  get sentCount(): number {
    return this.#sent.length + this.#waiting.length
  }

  send(frame: Uint8Array): void {
    this.#transport?.send(frame)
  }

  receive(frame: Uint8Array): void {
    const message = decodeMessage(frame)
    switch (message?.kind) {
      case "step1":
        return this.#answer(message.stateVector)
      case "step2":
      case "update":
        if (this.#isOver) return
        this.desk.read()
        Y.applyUpdate(this.doc, message.update, this)
        if (message.kind === "step2" && !this.isSynced) {
          this.isSynced = true
          if (!this.#isHeld) this.show()
        }
        return this.#events.onStatus()
      case "acknowledged":
        return this.#acknowledged(message.n)
      case "refused":
        this.isSynced = false
        this.#isOver = true
        return this.#events.onRefused(message.refused)
      case "notice": {
        const { notice } = message
        // It tells of each part that came to it; what was typed at one place is handed back at once, when it has told all of it.
        if (notice.kind === "kept" && this.#homeless.some((piece) => hears(piece, notice.words))) return
        return this.#events.onNotice(notice)
      }
      case "awareness":
        return this.#events.onAwareness(message.update)
      default:
        return
    }
  }

  #keepHomeless(tr: Y.Transaction): void {
    const { client } = this
    const gone = new Map<number, Y.Item>()
    Y.iterateDeletedStructs(tr, tr.deleteSet, (struct) => {
      if (!(struct instanceof Y.Item) || struct.id.client !== client || !(struct.content instanceof Y.ContentString)) return
      if (isPartOfText(struct.parent as Y.XmlText) && this.#isDecided(struct)) return
      const end = struct.id.clock + struct.length
      for (let clock = Math.max(this.#acknowledgedClock, struct.id.clock); clock < end; clock++) gone.set(clock, struct)
    })
    if (gone.size > 0) {
      const structs = this.doc.store.clients.get(client) ?? []
      // What had gone before does not come back with the block.
      const isRead = ({ id }: Y.Item): boolean => Y.isDeleted(tr.deleteSet, id)
      const isLetter = (item: Y.Item): boolean => isRead(item) || takenIn(item, this.#takenOut).length > 0
      const isThere = (item: Y.Item): boolean => !item.deleted || isRead(item)
      const pieces = piecesOf(structs, client, this.#acknowledgedClock, (clock) => gone.has(clock))
      const beginOf = (letters: readonly OwnLetter[]): [Y.Item, number] => [gone.get(letters[0]!.clock)!, letters[0]!.clock]
      // As they were read, and not as they were typed.
      for (const letters of inOrderOf(this.doc.getXmlFragment(blocksRoot), pieces, beginOf)) {
        const [item, clock] = beginOf(letters)
        const stood = placeOfPiece(item, clock, this.#acknowledgedClock, isLetter)
        const standing = standingPieces(item.parent as Y.XmlText, client, this.#acknowledgedClock, isThere, this.#takenOut)
        this.#homeless.push({ letters, stood: { ...stood, ...struckWith(standing, letters) }, told: new Set() })
      }
    }
    if (this.#hasAnswered) this.#tellHomeless()
  }

  /** Whether a letter went by a decision about its change: somebody was told of that. */
  #isDecided(letter: Y.Item): boolean {
    const mark = insertionAround(letter, this.source)
    return mark !== null && roots.proposals(this.doc).has(mark.changeId)
  }

  /**
   * Tells of words whose block went while they were on a line that broke: the room never had them, for this document cannot send them any more, or its
   * word about them was lost with that line. Of those that it hears of on this line it tells itself.
   */
  #tellHomeless(): void {
    for (const piece of this.#homeless.splice(0)) {
      const { letters } = piece
      const isAwaited = this.#hasAnswered && letters.some(({ clock }) => clock >= this.#knownClock)
      if (isAwaited || letters.every(({ clock }) => clock < this.#knownClock && this.#isCarried(clock))) this.#homeless.push(piece)
      else this.#handBack(piece)
    }
  }

  /** What of a piece is nowhere else is its writer's again: `isTold`, where the room has told of all that it took. */
  #handBack({ letters, stood, told }: Homeless, isTold = false): void {
    const isNowhere = ({ clock }: OwnLetter): boolean => told.has(clock) || (clock < this.#knownClock ? !this.#isCarried(clock) : !isTold)
    const words = wordsOf(letters.filter(isNowhere))
    if (words !== "") this.#events.onNotice({ kind: "kept", words }, stood)
  }

  /** Whether a letter of this client was carried over into a block that is part of the text: what became of it there was said of its change. */
  #isCarried(clock: number): boolean {
    const id = { client: this.client, clock }
    const now = movesOf(this.doc).latest(id)
    if (now.client === id.client && now.clock === id.clock) return false
    const item = Y.getItem(this.doc.store, Y.createID(now.client, now.clock)) as Y.Item | Y.GC
    return item instanceof Y.Item && isPartOfText(item.parent as Y.XmlText)
  }

  #answer(stateVector: Uint8Array): void {
    const known = Y.decodeStateVector(stateVector)
    if (this.#holdsMore(known)) return this.#setBack(known.get(this.client) ?? 0)
    // What was taken while its acknowledgement was lost with the line.
    this.#knownClock = known.get(this.client) ?? 0
    this.#savedClock = Math.max(this.#savedClock, this.#knownClock)
    this.#tellHomeless()
    const transport = this.#transport
    const answer = (): void => {
      if (!transport || transport !== this.#transport) return
      this.#hasAnswered = true
      const frame = encodeMessage({ kind: "step2", update: Y.encodeStateAsUpdate(this.doc, stateVector) })
      this.#sendCounted(frame, this.changes, Y.getState(this.doc.store, this.client))
    }
    if (this.#keeping) void this.#keeping.then(answer)
    else answer()
  }

  /** Whether the room knows less than it had told or acknowledged: it was set back to a copy of before. */
  #holdsMore(known: ReadonlyMap<number, number>): boolean {
    const isLess = ([client, clock]: [number, number]): boolean =>
      (known.get(client) ?? 0) < (client === this.client ? this.#acknowledgedClock : clock)
    return [...Y.decodeStateVector(Y.encodeStateVector(this.doc))].some(isLess)
  }

  #setBack(clock: number): void {
    this.isSynced = false
    this.#isOver = true
    this.#events.onRefused({ reason: "epoch", block: null, raced: false, clock })
  }

  #sendLocal(update: Uint8Array, tr: Y.Transaction): void {
    this.changes++
    const recorded = this.#recordedIn(tr)
    this.#recorded = [...this.#recorded.filter(({ block }) => recorded.every((one) => one.block !== block)), ...recorded]
    const keeping = this.#events.onLocal?.(update, this.changes, recorded)
    this.#keeping = keeping
    void keeping?.then(() => {
      if (this.#keeping === keeping) this.#keeping = undefined
    })
    if (this.#transport && this.#hasAnswered) {
      const frame = encodeMessage({ kind: "update", update })
      const waiting = { frame, changes: this.changes, clock: Y.getState(this.doc.store, this.client), isKept: !keeping }
      this.#waiting.push(waiting)
      void keeping?.then(() => {
        waiting.isKept = true
        this.#sendKept()
      })
      this.#sendKept()
    }
    this.#events.onStatus()
  }

  /** What stands in the blocks in which something was written: once a block is gone nothing tells that any more. */
  #recordedIn(tr: Y.Transaction): RecordedBlock[] {
    const blocks = this.doc.getXmlFragment(blocksRoot).toArray() as Y.XmlElement[]
    const touched = new Set<unknown>(tr.changed.keys())
    return blocks.flatMap((element, index): RecordedBlock[] => {
      const text = textOfElement(element)
      const block = text && touched.has(text) ? element.getAttribute("id") : undefined
      if (block === undefined) return []
      const standing = standingPieces(text, this.client, this.#acknowledgedClock, undefined, this.#takenOut)
      return [{ block, index, pieces: standing.map(({ clocks, behind, struck }) => ({ clocks, behind, struck })) }]
    })
  }

  #sendKept(): void {
    while (this.#waiting[0]?.isKept) {
      const { frame, changes, clock } = this.#waiting.shift()!
      this.#sendCounted(frame, changes, clock)
    }
  }

  #sendCounted(frame: Uint8Array, changes: number, clock: number): void {
    if (!this.#transport) return
    this.#sent.push({ changes, clock })
    this.#transport.send(frame)
  }

  #acknowledged(n: number): void {
    const sent = this.#sent[n - 1]
    if (!sent) return
    this.#acknowledgedOfSocket = n
    this.savedChanges = Math.max(this.savedChanges, sent.changes)
    if (this.isSaved) this.#recorded = []
    this.#takenAway = this.#takenAway.filter(({ changes }) => changes > this.savedChanges)
    this.#takenOut = this.#takenOut.filter(({ changes }) => changes > this.savedChanges)
    this.#savedClock = Math.max(this.#savedClock, sent.clock)
    this.#acknowledgedClock = Math.max(this.#acknowledgedClock, sent.clock)
    // The room has told of those that found no place.
    const isOnItsWay = ({ letters }: Homeless): boolean => letters.some(({ clock }) => clock >= this.#savedClock)
    const heard = this.#homeless.filter((piece) => !isOnItsWay(piece))
    this.#homeless = this.#homeless.filter(isOnItsWay)
    for (const piece of heard) this.#handBack(piece, true)
    this.#events.onStatus()
  }

  /** All words typed here that the room has not acknowledged, or has not from `clock` on, in document order, each with its place (GATE10). */
  unsavedWords(clock = this.#savedClock): KeptWords[] {
    const homeless = this.#homeless.flatMap(({ letters, stood }) => {
      const text = wordsOf(letters.filter((letter) => !this.#isCarried(letter.clock)))
      return text === "" ? [] : [{ text, block: null, after: null, isOwnBlock: false, ...stood }]
    })
    return [...homeless, ...unsavedWordsIn(this.doc, this.client, clock, this.#recorded)]
  }

  /** What one did beside typing that the room has not acknowledged, or has not from `clock` on. */
  unsavedActs(clock = this.#savedClock): UnsavedAct[] {
    // What words were to replace is told with them.
    const replaced = new Set(this.#recorded.flatMap(({ pieces }) => pieces.flatMap(({ struck }) => struck.map(nameOf))))
    const isAlone = (one: { readonly clock: number }): boolean => !replaced.has(nameOf({ client: this.client, ...one }))
    const taken = this.#takenAway
      .filter((one) => one.changes > this.savedChanges && one.clock < clock && isAlone(one))
      .map(({ act }) => act)
    return [...taken, ...unsavedActsIn(this.doc, this.client, clock)]
  }
}

/** Whether words of which the room tells are of a piece: its letters are told of then. */
function hears({ letters, told }: Homeless, words: string): boolean {
  const clocks: number[] = []
  for (const { clock, unit } of letters) if (!told.has(clock) && unit === words[clocks.length]) clocks.push(clock)
  if (clocks.length < words.length) return false
  for (const clock of clocks) told.add(clock)
  return true
}

/** The words that a client wrote from a clock on, in document order, each with its place. `recorded`: what stood beside them as they were written. */
export function unsavedWordsIn(doc: Y.Doc, client: number, clock: number, recorded: readonly RecordedBlock[] = []): KeptWords[] {
  const kept: KeptWords[] = []
  let previous: string | null = null
  for (const element of doc.getXmlFragment(blocksRoot).toArray() as Y.XmlElement[]) {
    const id = element.getAttribute("id") as string
    const { _item } = element
    const isOwnBlock = _item?.id.client === client && _item.id.clock >= clock
    for (const piece of unsavedPieces(doc, textOfElement(element), client, clock)) {
      const { text, after } = piece
      const struck = struckAsWritten(piece, recorded, client, clock)
      kept.push({ text, after, ...(struck.length > 0 && { struck }), block: isOwnBlock ? previous : id, isOwnBlock })
    }
    if (!isOwnBlock) previous = id
  }
  return kept
}
