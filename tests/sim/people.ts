import * as decoding from "lib0/decoding"
import * as encoding from "lib0/encoding"
import { EditorState, type Transaction } from "prosemirror-state"
import * as syncProtocol from "y-protocols/sync"
import * as Y from "yjs"
import { DraftSession } from "../../client/editor/draft-session.ts"
import type { KeptWords } from "../../client/editor/kept-places.ts"
import type { StateHost } from "../../client/editor/operations.ts"
import { schema } from "../../shared/schema/schema.ts"
import { closeCode, messageType, type NoticeMessage, type RefusedMessage } from "../../shared/sync/protocol.ts"
import { blocksRoot, elementsOf, runsOfText, textOfElement } from "../../shared/sync/read.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import type { Line } from "./line.ts"

/** Whoever sits at one end of a line. */
export interface Guest {
  readonly key: string
  readonly person: string
  /** For whom it writes now. */
  source: string
  readonly doc: Y.Doc
  readonly speaksOurs: boolean
  line: Line | null
  /** Begins anew under a client id that was just given: what it knew is gone. */
  begin(client: number): void
  opened(line: Line): void
  receive(frame: Uint8Array): void
  closed(code: number): void
  /** Whether it must join with another client id. */
  readonly mustRejoin: boolean
  destroy(): void
}

/** What a deletion was meant to cover the moment it was made: its mark, and the characters by their ids. */
export type Meant = ReadonlyMap<string, ReadonlySet<string>>

/** A delegate, with a browser's worth of the real client. */
export class Delegate implements Guest {
  readonly key: string
  readonly person: string
  source: string
  readonly speaksOurs = true
  line: Line | null = null
  mustRejoin = true
  session!: DraftSession
  state = EditorState.create({ schema })
  readonly tray: KeptWords[] = []
  readonly kept: string[] = []
  readonly refusals: RefusedMessage[] = []
  /** Characters that it removed on purpose, by their ids. */
  corrections = 0
  readonly meant = new Map<string, Set<string>>()
  /** Letters that it took out by its own hand. */
  removed = ""
  /** Letters that it wrote. */
  typed = ""
  #putBack: KeptWords[] = []
  readonly #host: StateHost

  constructor(key: string, person: string, source: string) {
    this.key = key
    this.person = person
    this.source = source
    const read = (): EditorState => this.state
    this.#host = {
      get state() {
        return read()
      },
      update: (tr) => this.#update(tr),
    }
    this.session = this.#newSession(0, "")
  }

  get doc(): Y.Doc {
    return this.session.doc
  }

  /** A page that must join anew, for it was refused or has put on another hat, is not written in meanwhile. */
  get mayWrite(): boolean {
    return this.session.isSynced && !this.mustRejoin && this.state.doc.childCount > 1
  }

  /** Words that wait to be put back where they stood. */
  get waiting(): readonly KeptWords[] {
    return this.#putBack
  }

  #update(tr: Transaction): void {
    this.state = this.state.apply(tr)
  }

  begin(client: number): void {
    this.corrections += this.session.binding.corrections
    this.session.destroy()
    this.session = this.#newSession(client, this.source)
    this.mustRejoin = false
  }

  #newSession(client: number, source: string): DraftSession {
    const session = new DraftSession(this.#host, client, source, {
      onStatus: () => undefined,
      onRefused: (refused) => this.#refused(refused),
      onNotice: (notice) => this.#noticed(notice),
      onAwareness: () => undefined,
      onSay: () => undefined,
    })
    // By the clock, a replay on a slower machine would put other edits into one undo step.
    session.undoManager.captureTimeout = Number.POSITIVE_INFINITY
    session.doc.on("beforeObserverCalls", (tr: Y.Transaction) => {
      if (tr.local) this.#noteDeliberate(tr)
    })
    return session
  }

  /** What a person takes out, and what a deletion is meant to cover, is known the moment it is done. */
  #noteDeliberate(tr: Y.Transaction): void {
    const { doc } = tr
    Y.iterateDeletedStructs(tr, tr.deleteSet, (struct) => {
      if (struct instanceof Y.Item && struct.content instanceof Y.ContentString) this.removed += struct.content.str
    })
    const structs = doc.store.clients.get(doc.clientID) ?? []
    const from = tr.beforeState.get(doc.clientID) ?? 0
    for (let i = structs.length - 1; i >= 0 && structs[i]!.id.clock >= from; i--) {
      const { content } = structs[i] as Y.Item
      if (content instanceof Y.ContentString) this.typed += content.str
    }
    const known = new Set(this.meant.keys())
    for (const type of tr.changed.keys()) {
      if (!((type as unknown) instanceof Y.XmlText)) continue
      for (const run of runsOfText(type as unknown as Y.XmlText))
        for (const { name, id } of run.marks) {
          if (name !== "deletion" || known.has(id) || Number(id.split(".")[1]) !== tr.doc.clientID) continue
          const covered = this.meant.get(id) ?? new Set()
          this.meant.set(id, covered)
          for (let i = 0; i < run.text.length; i++) covered.add(`${run.client}.${run.clock + i}`)
        }
    }
  }

  opened(line: Line): void {
    this.line = line
    this.session.opened({ send: (frame) => line.sendUp(frame) })
  }

  receive(frame: Uint8Array): void {
    this.session.receive(frame)
    if (this.session.isSynced && this.#putBack.length > 0)
      for (const words of this.#putBack.splice(0)) if (!this.session.places.putBack(words)) this.tray.push(words)
  }

  closed(code: number): void {
    this.line = null
    this.session.closed()
    if (code === closeCode.refused || code === closeCode.notAllowed || code === closeCode.unknownDraft) this.mustRejoin = true
  }

  #refused(refused: RefusedMessage): void {
    this.refusals.push(refused)
    this.mustRejoin = true
    const words = this.session.unsavedWords(refused.clock)
    if (refused.raced) this.#putBack.push(...words)
    else this.tray.push(...words)
  }

  #noticed(notice: NoticeMessage): void {
    if (notice.kind === "kept") this.kept.push(notice.words)
  }

  destroy(): void {
    this.session.destroy()
  }
}

/** A stock y-websocket client with stock Yjs: it knows nothing of tracked changes, and Yjs tidies its markers up. */
export class StockPeer implements Guest {
  readonly key: string
  readonly person: string
  source: string
  readonly speaksOurs = false
  line: Line | null = null
  mustRejoin = true
  doc = new Y.Doc()

  constructor(key: string, person: string, source: string) {
    this.key = key
    this.person = person
    this.source = source
  }

  begin(client: number): void {
    this.doc.destroy()
    this.doc = new Y.Doc()
    this.doc.clientID = client
    this.mustRejoin = false
    this.doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#send((encoder) => syncProtocol.writeUpdate(encoder, update))
    })
  }

  #send(write: (encoder: encoding.Encoder) => void): void {
    const { line } = this
    if (!line) return
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, messageType.sync)
    write(encoder)
    line.sendUp(encoding.toUint8Array(encoder))
  }

  opened(line: Line): void {
    this.line = line
    this.#send((encoder) => syncProtocol.writeSyncStep1(encoder, this.doc))
  }

  receive(frame: Uint8Array): void {
    const decoder = decoding.createDecoder(frame)
    if (decoding.readVarUint(decoder) !== messageType.sync) return
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, messageType.sync)
    syncProtocol.readSyncMessage(decoder, encoder, this.doc, this)
    if (encoding.length(encoder) > 1) this.line?.sendUp(encoding.toUint8Array(encoder))
  }

  closed(code: number): void {
    this.line = null
    if (code >= 4400 && code < 4500) this.mustRejoin = true
  }

  text(block: string): Y.XmlText | null {
    const elements = this.doc.getXmlFragment(blocksRoot).toArray() as Y.XmlElement[]
    const element = elements.find((other) => other.getAttribute("id") === block)
    return element ? textOfElement(element) : null
  }

  destroy(): void {
    this.doc.destroy()
  }
}

/** One who writes raw structs: it keeps no document of its own but a copy of the room's. */
export class Liar implements Guest {
  readonly key: string
  readonly person: string
  source: string
  readonly speaksOurs = true
  line: Line | null = null
  mustRejoin = true
  doc = newDraftDoc()
  client = 0

  constructor(key: string, person: string, source: string) {
    this.key = key
    this.person = person
    this.source = source
  }

  begin(client: number): void {
    this.client = client
    this.mustRejoin = false
  }

  opened(line: Line): void {
    this.line = line
  }

  receive(): void {
    return
  }

  closed(code: number): void {
    this.line = null
    if (code >= 4400 && code < 4500) this.mustRejoin = true
  }

  /** A document as the room has it, to be written to under the liar's id; what it writes comes out as updates. */
  copyOf(room: Y.Doc): { doc: Y.Doc; updates: Uint8Array[] } {
    this.doc.destroy()
    const doc = newDraftDoc()
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(room))
    doc.clientID = this.client
    const updates: Uint8Array[] = []
    doc.on("update", (update: Uint8Array) => void updates.push(update))
    this.doc = doc
    return { doc, updates }
  }

  destroy(): void {
    this.doc.destroy()
  }
}

/** A place in a block of a document: behind a letter, or at its start. */
export const textIn = (doc: Y.Doc, block: string): { text: Y.XmlText; index: number } | null => {
  const elements = elementsOf(doc)
  const index = elements.findIndex((element) => element.getAttribute("id") === block)
  const text = index < 0 ? null : textOfElement(elements[index]!)
  return text && { text, index }
}
