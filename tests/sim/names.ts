import * as Y from "yjs"

/** Something that was written, by the operation that wrote it: "12.3" is the fourth of what operation 12 wrote; 0 is the draft as it was opened. */
export type Name = string

interface Born {
  readonly clock: number
  readonly length: number
  readonly op: number
  readonly first: number
}

/**
 * Names for letters, blocks and changes that do not hang on what else is in a trace: client ids, clocks and counters shift when a line is deleted, the
 * number of the line that wrote something does not.
 */
export class Names {
  readonly #born = new Map<number, Born[]>()
  readonly #written = new Map<number, { client: number; clock: number; length: number; first: number }[]>()
  readonly #count = new Map<string, number>()
  readonly #nameOfId = new Map<string, Name>()
  readonly #idOfName = new Map<Name, string>()

  /** Operation `op` made a client write from one clock up to another. */
  wrote(op: number, doc: Y.Doc, client: number, from: number, to: number): void {
    const list = this.#born.get(client) ?? []
    this.#born.set(client, list)
    // A server that was taken back writes those clocks again.
    while (list.length > 0 && list.at(-1)!.clock >= from) list.pop()
    const written = this.#written.get(op) ?? []
    this.#written.set(op, written)
    const first = written.reduce((sum, { length }) => sum + length, 0)
    list.push({ clock: from, length: to - from, op, first })
    written.push({ client, clock: from, length: to - from, first })
    this.#idsIn(op, doc, client, from, to)
  }

  #idsIn(op: number, doc: Y.Doc, client: number, from: number, to: number): void {
    const structs = doc.store.clients.get(client)
    if (!structs) return
    for (let i = Y.findIndexSS(structs, from); i < structs.length; i++) {
      const struct = structs[i]!
      if (struct.id.clock >= to) break
      if (!(struct instanceof Y.Item)) continue
      const { content, parentSub } = struct
      if (content instanceof Y.ContentFormat) {
        const value = content.value as unknown as { id?: string; of?: string } | null
        if (value?.id) this.#name(op, "c", value.of || value.id)
      } else if (content instanceof Y.ContentAny && parentSub !== null) {
        const value = content.arr.at(-1) as unknown
        if (parentSub === "id" && typeof value === "string") this.#name(op, "b", value)
        else if (parentSub === "insertedId" && typeof value === "string") this.#name(op, "c", value)
        else if (typeof value === "object" && value !== null && "kind" in value) this.#name(op, "c", parentSub)
      }
    }
  }

  #name(op: number, kind: "b" | "c", id: string): void {
    if (this.#nameOfId.has(kind + id)) return
    const at = `${op}.${kind}`
    const n = this.#count.get(at) ?? 0
    this.#count.set(at, n + 1)
    this.#nameOfId.set(kind + id, `${at}${n}`)
    this.#idOfName.set(`${at}${n}`, id)
  }

  block(id: string): Name {
    return this.#nameOfId.get(`b${id}`) ?? id
  }

  change(id: string): Name {
    return this.#nameOfId.get(`c${id}`) ?? id
  }

  /** The id of a block or change; the name itself where it is one. */
  id(name: Name): string {
    return this.#idOfName.get(name) ?? name
  }

  letter(client: number, clock: number): Name {
    const born = this.#born.get(client)?.findLast((part) => part.clock <= clock)
    return born && clock < born.clock + born.length ? `${born.op}.${born.first + clock - born.clock}` : `${client}:${clock}`
  }

  /** The letter of a name; null: nothing of that name was written. */
  place(name: Name): { client: number; clock: number } | null {
    const [op, k] = name.split(".").map(Number)
    for (const { client, clock, length, first } of this.#written.get(op!) ?? [])
      if (k! >= first && k! < first + length) return { client, clock: clock + k! - first }
    return null
  }
}
