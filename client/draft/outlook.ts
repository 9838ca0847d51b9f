import type { Change } from "../../shared/changes/changes.ts"
import { forestalledOf, forestalledSaid, toldOf } from "../../shared/changes/forestalled.ts"
import { withLinked } from "../../shared/changes/links.ts"
import { otherSideSaid, sideReads, spoiltReading } from "../../shared/changes/other-side.ts"
import type { Part } from "../../shared/changes/part.ts"
import { acceptedReads, partTakenSaid, readingSaid, type WillRead } from "../../shared/changes/taken-together.ts"
import { isSurrounded, struckIn } from "../../shared/changes/waiting.ts"
import { inQuotes } from "../../shared/changes/wording.ts"
import { agreedSinceIn } from "../../shared/sync/agreed-since.ts"
import { otherSidesIn, thereIn } from "../../shared/sync/roots.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import type { Deciding } from "./deciding.ts"
import { type Related, relatedTo, tiedWith } from "./related.ts"
import type { RoomHere } from "./room.ts"
import type { DraftText } from "./text.ts"

export interface OutlookParts {
  readonly room: RoomHere
  readonly text: DraftText
  readonly meeting: MeetingHere
  readonly deciding: Deciding
}

/** What comes of a change: what would be in the text where it is accepted, alone, in part or with others, and which others it has to do with. */
export class Outlook {
  readonly #parts: OutlookParts

  constructor(parts: OutlookParts) {
    this.#parts = parts
  }

  /** That what a change was to replace had gone before it came, and what accepting it would do now (RIVAL4); null: it had not. */
  forestalledSaid(change: Change): string | null {
    const { room, meeting } = this.#parts
    const forestalled = forestalledOf(change, room.forestalled.value)
    if (forestalled.length === 0) return null
    const proposals = new Map(room.proposals.value)
    const told = forestalled.map((one) => toldOf(one, proposals.get(one.by)))
    return forestalledSaid(change, told, (source) => meeting.nameOf(source))
  }

  /** Of one that came too late, how the text will read once it is accepted, where that is spoilt: its words glued to others, or two spaces; else null. */
  lateReads(change: Change): string | null {
    const { room, text } = this.#parts
    return forestalledOf(change, room.forestalled.value).length === 0 ? null : spoiltReading(change, text.blocks.value)
  }

  /** How the text will read where only one side of a replacement is accepted; null: that hangs on the proposal around it. */
  sideReads(change: Change, side: "in" | "out"): string | null {
    return sideReads(change, side, this.#parts.text.blocks.value)
  }

  /** Of what is left of a replacement one side of which was accepted, how the text will read (PART6); null: it is none. */
  otherSideSaid(change: Change): string | null {
    const { doc, blocks } = this.#parts.text
    return otherSideSaid(change, otherSidesIn(doc), blocks.value, agreedSinceIn(doc))
  }

  /**
   * What accepting a change would do that its words do not show: a part of it takes effect at once and the rest waits, or accepted deletions take words of
   * it out; each in a sentence.
   */
  acceptingSaid(change: Change): string[] {
    const { text, meeting, deciding } = this.#parts
    const noted = text.noted.value
    if (noted.has(change.id)) return []
    const struck = struckIn(change.id, text.blocks.value, noted)
    const said = struck.map(
      ({ source, words }) =>
        `${meeting.nameOf(source)} takes out ${inQuotes(words.trim(), 80)} of this, which was accepted before: where this is accepted these words do not come into the text.`,
    )
    const reads = this.#acceptedReads([change.id])
    const isAmid = change.inside.length > 0 || isSurrounded(change, text.blocks.value)
    const meant = isAmid ? deciding.meantByOne(change.id) : null
    if (meant?.inPart.has(change.id))
      return [
        "Accepted, a part of this takes effect at once, and the rest with the proposal around it.",
        ...(reads ? [`The text in force then reads ${readingSaid(reads)}.`] : []),
        ...said,
      ]
    // Of what it was put into itself its card speaks.
    if (change.inside.length === 0 && meant?.waiting.has(change.id))
      return ["Accepted, this takes effect only with the proposal that came to stand around it.", ...said]
    // Of what came too late, and of the other side of what was parted, its card tells the reading in any case.
    const isTold = this.lateReads(change) !== null || this.otherSideSaid(change) !== null
    return reads && reads.flaws.length > 0 && !isTold ? [`Accepted, the text in force then reads ${readingSaid(reads)}.`, ...said] : said
  }

  /** How the text in force will read where a part of a change is accepted; null: nothing of that takes effect now. */
  partSaid(change: Change, part: Part): string | null {
    const { text } = this.#parts
    return partTakenSaid(text.inOrder(text.blocks.value), change, part, agreedSinceIn(text.doc))
  }

  /** How its clause will read where a change and others at its place are all accepted; null: nothing of that takes effect now, or not all can be. */
  togetherSaid(change: Change, others: readonly Change[]): string | null {
    const reads = this.#acceptedReads([change.id, ...others.map(({ id }) => id)])
    return reads && readingSaid(reads)
  }

  /** How the text in force will read where some changes are accepted, with all that goes along; null: none of its words change now. */
  #acceptedReads(ids: readonly string[]): WillRead | null {
    const { room, text } = this.#parts
    const ties = room.ties.value
    return acceptedReads(text.blocks.value, withLinked(ids, ties), {
      ...{ ties, twins: text.twins(), noted: text.noted.value, inPart: text.inPart.value },
      isThere: thereIn(text.blocks.value, new Map(room.proposals.value)),
      sinceOf: agreedSinceIn(text.doc),
      inOrder: (blocks) => text.inOrder(blocks),
    })
  }

  /** The other open changes that are decided by one verdict with one (LINK1). */
  tiedWith(change: Change): readonly Change[] {
    const { room, text } = this.#parts
    return tiedWith(change, text.changes.value, room.ties.value)
  }

  /** Changes that say the same as one, compete with it, or stand at its place (RIVAL). */
  relatedTo(change: Change): Related {
    const { room, text } = this.#parts
    return relatedTo(change, text.blocks.value, room.ties.value, text.twins())
  }
}
