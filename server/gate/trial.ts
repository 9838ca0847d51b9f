import * as Y from "yjs"
import { structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { linksRoot } from "../../shared/sync/roots.ts"
import { areWritten, type Letters } from "./as-it-came.ts"
import { isCrowded } from "./bounds.ts"

/** A marker that was deleted, and in which block. */
export interface CutMarker {
  readonly key: string
  readonly id: { readonly client: number; readonly clock: number }
  readonly isOpening: boolean
  readonly element: Y.XmlElement | null
  readonly isFresh: boolean
}

interface TrialOf {
  readonly known?: ReadonlyMap<number, number> | null
  readonly hasMarks?: boolean
  readonly letters?: Letters | null
}

/** What was done to the shadow since a trial began: which blocks and entries it touched, and what the shadow emitted, which becomes one row (GATE9). */
export class Trial {
  readonly emitted: Uint8Array[] = []
  readonly touched = new Set<Y.XmlElement>()
  cuts: CutMarker[] = []
  isListChanged = false
  /** Whether anything was touched that is no block and no entry. */
  isElsewhere = false
  /** Whether marks lie over one another more than anything that people do. */
  isCrowded = false
  /** Whether anything was deleted. */
  takesAway = false
  /** What failed in here: Yjs would take it for a fault of the bytes that it applies. */
  fault: unknown = null
  // Most updates have none of these.
  #newAttributes: Set<Y.XmlElement> | null = null
  #removed: Set<Y.XmlElement> | null = null
  #entries: Set<string> | null = null
  #links: Set<string> | null = null
  readonly #fragment: Y.XmlFragment
  readonly #known: ReadonlyMap<number, number> | null
  readonly #hasMarks: boolean
  #letters: Letters | null

  /** `known`: of an update, the first clock of each client that the room did not know; `letters`: what it is, where it is nothing else. */
  constructor(fragment: Y.XmlFragment, { known = null, hasMarks = false, letters = null }: TrialOf = {}) {
    this.#fragment = fragment
    this.#known = known
    this.#hasMarks = hasMarks
    this.#letters = letters
  }

  /** Whether the attributes of a block may not be what they were. */
  hasNewAttributes(element: Y.XmlElement): boolean {
    return this.#newAttributes?.has(element) ?? false
  }

  get removed(): ReadonlySet<Y.XmlElement> {
    return this.#removed ?? noElements
  }

  get entries(): ReadonlySet<string> {
    return this.#entries ?? noEntries
  }

  get links(): ReadonlySet<string> {
    return this.#links ?? noEntries
  }

  row(): Uint8Array | null {
    const { emitted } = this
    return emitted.length === 0 ? null : emitted.length === 1 ? emitted[0]! : Y.mergeUpdates(emitted)
  }

  /** Takes for what the shadow emits of a transaction the update as it came, where that is the same. Whether it is. */
  takesAsItCame(tr: Y.Transaction): boolean {
    const letters = this.#letters
    // What is mended afterwards is none of it.
    this.#letters = null
    if (letters === null || !areWritten(letters, tr)) return false
    this.emitted.push(letters.update.slice())
    return true
  }

  /** Notes a transaction on the shadow. */
  note(tr: Y.Transaction): void {
    try {
      for (const [type, keys] of tr.changed) this.#noteChange(type as Y.AbstractType<unknown>, keys)
      if (tr.changed.has(this.#fragment as never)) this.#noteAdded(tr)
      if (this.#hasMarks) for (const element of this.touched) this.isCrowded ||= isCrowded(textOfElement(element))
      this.takesAway ||= tr.deleteSet.clients.size > 0
      if (this.takesAway) Y.iterateDeletedStructs(tr, tr.deleteSet, (struct) => this.#noteDeleted(struct))
    } catch (error) {
      this.fault ??= error
    }
  }

  #noteChange(type: Y.AbstractType<unknown>, keys: ReadonlySet<string | null>): void {
    if ((type as unknown) === this.#fragment) {
      this.isListChanged = true
      for (const key of keys) if (key !== null) this.isElsewhere = true
      return
    }
    if ((type as unknown) === this.#fragment.doc?.share.get(structureRoot)) {
      for (const key of keys) {
        if (key === null) this.isElsewhere = true
        else (this.#entries ??= new Set()).add(key)
      }
      return
    }
    if ((type as unknown) === this.#fragment.doc?.share.get(linksRoot)) {
      for (const key of keys) {
        if (key === null) this.isElsewhere = true
        else (this.#links ??= new Set()).add(key)
      }
      return
    }
    const element = blockOf(type, this.#fragment)
    if (!element) {
      this.isElsewhere = true
      return
    }
    this.touched.add(element)
    if ((type as unknown) === element) (this.#newAttributes ??= new Set()).add(element)
  }

  /** What is new in a type that is new itself, Yjs does not tell. */
  #noteAdded(tr: Y.Transaction): void {
    for (const [client, end] of tr.afterState) {
      const start = tr.beforeState.get(client) ?? 0
      if (start === end) continue
      const structs = tr.doc.store.clients.get(client) ?? []
      for (let i = Y.findIndexSS(structs, start); i < structs.length; i++) {
        const item = structs[i]!
        if (!(item instanceof Y.Item) || item.deleted || (item.parent as unknown) !== this.#fragment) continue
        const type = item.content instanceof Y.ContentType ? item.content.type : null
        if (type instanceof Y.XmlElement) this.touched.add(type)
      }
    }
  }

  #noteDeleted(struct: Y.Item | Y.GC): void {
    if (!(struct instanceof Y.Item)) return
    const { content, parent } = struct
    if (content instanceof Y.ContentType && (parent as unknown) === this.#fragment && content.type instanceof Y.XmlElement) {
      // A block that came and went within one update never was.
      if (this.#known === null || !this.#isFresh(struct)) (this.#removed ??= new Set()).add(content.type)
      this.touched.add(content.type)
    }
    if (this.#known === null || !(content instanceof Y.ContentFormat)) return
    const element = blockOf(parent as Y.AbstractType<unknown> | null, this.#fragment)
    const { client, clock } = struct.id
    const isOpening = (content.value as unknown) !== null
    this.cuts.push({ key: content.key, id: { client, clock }, isOpening, element, isFresh: this.#isFresh(struct) })
  }

  #isFresh({ id: { client, clock } }: Y.Item): boolean {
    const known = this.#known?.get(client)
    return known !== undefined && clock >= known
  }
}

/** The block that a type is or stands in. */
function blockOf(type: Y.AbstractType<unknown> | null, fragment: Y.XmlFragment): Y.XmlElement | null {
  let current = type
  while (current?._item) {
    const parent = current._item.parent as Y.AbstractType<unknown>
    if ((parent as unknown) === fragment) return current instanceof Y.XmlElement ? current : null
    current = parent
  }
  return null
}

const noElements: ReadonlySet<Y.XmlElement> = new Set()
const noEntries: ReadonlySet<string> = new Set()
