import type { Answer } from "../../shared/api/contract.ts"
import { changesInSlices } from "../../shared/changes/changes.ts"
import { lateSaid } from "../../shared/changes/forestalled.ts"
import { otherSideSaid } from "../../shared/changes/other-side.ts"
import { changeSaid } from "../../shared/changes/pieces.ts"
import { sightOf } from "../../shared/changes/sight.ts"
import { addressesOf, labelsOf } from "../../shared/clauses/labels.ts"
import { targetOf } from "../../shared/schema/structure.ts"
import { agreedSinceIn } from "../../shared/sync/agreed-since.ts"
import { originsOf } from "../../shared/sync/origins.ts"
import { forestalledToldIn, metaOfDoc, notedIn, otherSidesIn, tiesIn } from "../../shared/sync/roots.ts"
import { seenNow } from "../decisions/as-seen.ts"
import { pauses } from "../pace/pauses.ts"
import type { EnteredOf } from "./entered.ts"
import type { OpenDraft } from "./open-draft.ts"

const code = (source: string): string => source

interface Listed {
  readonly seq: number
  readonly json: Promise<Uint8Array>
}

/**
 * The open changes of a draft as JSON, made once for each state of it however many ask, and in pieces, for thousands of changes take longer than others
 * should wait (ACT8). While one list is made, those who ask for a later state share the next.
 */
export class OpenChanges {
  readonly #enteredOf: (draft: OpenDraft) => Promise<EnteredOf>
  readonly #lists = new WeakMap<OpenDraft, { made: Listed; next: Promise<Uint8Array> | null }>()

  constructor(enteredOf: (draft: OpenDraft) => Promise<EnteredOf>) {
    this.#enteredOf = enteredOf
  }

  json(draft: OpenDraft): Promise<Uint8Array> {
    const known = this.#lists.get(draft)
    if (known?.made.seq === draft.room.seq) return known.made.json
    if (!known) return this.#begin(draft)
    known.next ??= known.made.json.then(
      () => this.#begin(draft),
      () => this.#begin(draft),
    )
    return known.next
  }

  #begin(draft: OpenDraft): Promise<Uint8Array> {
    const made = { seq: draft.room.seq, json: this.#make(draft) }
    const lists = { made, next: null }
    this.#lists.set(draft, lists)
    made.json.catch(() => this.#lists.get(draft) === lists && this.#lists.delete(draft))
    return made.json
  }

  async #make(draft: OpenDraft): Promise<Uint8Array> {
    const pause = pauses()
    const { main, standing } = draft.room
    for (const _ of standing.readingAhead()) await pause()
    // At one moment: what is committed meanwhile is of the next list.
    const sight = sightOf(standing.blocks(), originsOf(main), tiesIn(main))
    // What was accepted and waits for the proposal around it is decided.
    const noted = notedIn(main)
    const { profile, labels } = metaOfDoc(main)
    const [late, sides] = [forestalledToldIn(main), otherSidesIn(main)]
    const sinceOf = agreedSinceIn(main)
    const enteredOf = await this.#enteredOf(draft)
    const addresses = addressesOf(sight.blocks, labelsOf(sight.blocks, profile, labels))
    const addressOf = (block: string): string => addresses.get(block) ?? "the text"
    await pause()
    const work = changesInSlices(sight.blocks)
    let step = work.next()
    for (; !step.done; step = work.next()) await pause()
    const pieces: string[] = []
    for (const change of step.value) {
      if (noted.has(change.id)) continue
      const found = enteredOf(change.id)
      const { id, source, kind, block, inserted, deleted } = change
      const told: Answer<"changes">[number] = {
        ...seenNow(change, sight),
        ...{ id, source, kind, block, inserted, deleted },
        segments: [...change.segments],
        structure: change.structure.map(({ proposal, text }) => ({
          kind: proposal.kind,
          block: proposal.block,
          to: targetOf(proposal),
          text,
        })),
        newBlocks: [...change.newBlocks],
        inside: [...change.inside],
        address: addressOf(block),
        what: changeSaid(change, addressOf),
        late: lateSaid(change, late, code),
        otherSide: otherSideSaid(change, sides, sight.blocks, sinceOf),
        enteredBy: found?.person ?? null,
        at: found?.at ?? null,
      }
      pieces.push(JSON.stringify(told))
      await pause()
    }
    return Buffer.from(`[${pieces.join(",")}]`)
  }
}
