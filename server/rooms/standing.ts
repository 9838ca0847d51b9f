import * as Y from "yjs"
import type { Block } from "../../shared/schema/block.ts"
import { withStructure } from "../../shared/schema/structure.ts"
import { blockOfElement, elementsOf, structureOf } from "../../shared/sync/read.ts"

/** The blocks of a document as plain values: those that did not change are the same as before, and are not read again. */
export class Standing {
  readonly #doc: Y.Doc
  #known = new WeakMap<Y.XmlElement, Block>()

  constructor(doc: Y.Doc) {
    this.#doc = doc
    doc.on("afterTransaction", (tr: Y.Transaction) => {
      for (const type of tr.changed.keys()) this.#forget(type as Y.AbstractType<unknown>)
    })
  }

  #forget(type: Y.AbstractType<unknown>): void {
    for (let at: Y.AbstractType<unknown> | null = type; at; at = at.parent) if (at instanceof Y.XmlElement) this.#known.delete(at)
  }

  blocks(): Block[] {
    return withStructure(
      elementsOf(this.#doc).map((element) => this.#blockOf(element)),
      structureOf(this.#doc),
    )
  }

  /** Reads what has not been read yet, with a pause after each block: what changes meanwhile is read again by `blocks`. */
  *readingAhead(): Generator<undefined, void, undefined> {
    for (const element of elementsOf(this.#doc)) {
      this.#blockOf(element)
      yield
    }
  }

  #blockOf(element: Y.XmlElement): Block {
    let block = this.#known.get(element)
    if (!block) this.#known.set(element, (block = blockOfElement(element)))
    return block
  }
}
