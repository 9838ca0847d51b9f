import type * as Y from "yjs"
import { ownerOf } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import type { ItemId } from "../../shared/schema/runs.ts"
import { Moves } from "../../shared/sync/moves.ts"
import { runsOfText } from "../../shared/sync/read.ts"
import { type Brought, type Relocation, roots } from "../../shared/sync/roots.ts"

/**
 * Which characters and markers the server wrote anew when it split, joined or moved blocks, or carried late words over (GATE8). It lies in the room's
 * document, so that an offline browser may come days later, after a restart or to another machine.
 */
export class Relocations extends Moves {
  readonly #list: Y.Array<Relocation>
  readonly #broughtList: Y.Array<Brought>

  constructor(doc: Y.Doc) {
    super()
    this.#list = roots.relocations(doc)
    this.#broughtList = roots.brought(doc)
    for (const relocation of this.#list.toArray()) this.note(relocation)
    for (const brought of this.#broughtList.toArray()) this.noteBrought(brought)
  }

  /** Records that `length` items beginning with `from` are now those beginning with `to`. Call it inside the transaction that writes them. */
  add(from: ItemId, to: ItemId, length: number): void {
    this.#add([from.client, from.clock, length, to.client, to.clock])
  }

  /** Records that `length` characters are there again, which were gone since a clock of the server's; in a block that is another: as if they had moved. */
  addReturned(from: ItemId, to: ItemId, length: number, goneSince: number, isMoved: boolean): void {
    this.#add([from.client, from.clock, length, to.client, to.clock, !isMoved, goneSince])
  }

  /** Records who wrote what the server restored: `length` characters beginning with `from` came back as those beginning with `to`. */
  addRestored(from: ItemId, to: ItemId, length: number): void {
    this.#add([from.client, from.clock, length, to.client, to.clock, true])
  }

  #add(relocation: Relocation): void {
    this.#list.push([relocation])
    this.note(relocation)
  }

  /** Notes whose the words of an element are that a file has brought: who they are marked for may take them back like words of its own (GATE7). */
  bring(text: Y.XmlText): void {
    for (const { client, clock, text: words, marks } of runsOfText(text)) {
      const source = ownerOf(marks)?.source
      const id = { client, clock }
      if (source === undefined || client !== serverClient || this.before(id) !== null || this.broughtFor(id) === source) continue
      const brought: Brought = [clock, words.length, source]
      this.#broughtList.push([brought])
      this.noteBrought(brought)
    }
  }
}
