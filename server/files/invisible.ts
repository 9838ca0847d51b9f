/** Invisible signs in a file that no script needs where they stand (GATE1): they go, and all places behind them move up. */
import { holdsInvisible, holdsRefused, strangePlaces, withoutStrange } from "../../shared/schema/characters.ts"
import type { FileChange, FileDraft } from "./file-draft.ts"
import { forceIn } from "./in-force.ts"

/** Where an offset of a text is once what is invisible has gone. */
type Shift = (offset: number) => number

const unmoved: Shift = (offset) => offset

/** A draft of a file without them. What nobody takes anywhere stays: that is refused, not mended. */
export function withoutInvisible(draft: FileDraft): FileDraft {
  const force = forceIn(draft)
  if (force === null) return seenAlone(draft)
  const { blocks, notes } = seenAlone(force)
  return { ...seenAlone(draft), inForce: { ...draft.inForce!, blocks, notes } }
}

function seenAlone(draft: FileDraft): FileDraft {
  if (![...draft.blocks, ...draft.notes].some(({ text }) => holdsInvisible(text))) return draft
  const shifts = new Map<string, Shift>()
  const seen = <Part extends { readonly id: string; readonly text: string }>(part: Part): Part => {
    const places = holdsInvisible(part.text)
      ? strangePlaces(part.text).filter(({ from, to }) => !holdsRefused(part.text.slice(from, to)))
      : []
    if (places.length === 0) return part
    shifts.set(part.id, (offset) => offset - places.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, offset) - from), 0))
    return { ...part, text: without(part.text, places) }
  }
  const blocks = draft.blocks.map(seen)
  const bodies = draft.notes.map(seen)
  if (shifts.size === 0) return draft
  const shiftIn = (block: string | null): Shift => (block === null ? unmoved : (shifts.get(block) ?? unmoved))
  const moved = <Place extends { readonly from: number; readonly to: number }>(place: Place, block: string | null): Place => {
    const shift = shiftIn(block)
    return { ...place, from: shift(place.from), to: shift(place.to) }
  }
  return {
    ...draft,
    blocks,
    notes: bodies.map((note) => ({ ...note, at: note.at === null ? null : shiftIn(note.block)(note.at) })),
    changes: draft.changes.flatMap((change) => changed(change, moved)),
    comments: draft.comments.map(({ at, further, ...comment }) => {
      const place = at && moved(at, comment.block)
      const others = further?.map((part) => moved(part, part.block)).filter(({ from, to }) => from < to)
      return {
        ...comment,
        quote: withoutStrange(comment.quote),
        ...(place && place.from < place.to ? { at: place } : {}),
        ...(others && others.length > 0 ? { further: others } : {}),
      }
    }),
    ...(draft.brackets ? { brackets: draft.brackets.map((part) => moved(part, part.block)) } : {}),
  }
}

/** A change at its places as they are now; none where nothing is left of it. */
function changed(
  change: FileChange,
  moved: <Place extends { from: number; to: number }>(place: Place, block: string) => Place,
): FileChange[] {
  const segments = change.segments?.map((part) => moved(part, part.block)).filter(({ from, to }) => from < to)
  const isLeft = (segments?.length ?? 0) > 0 || (change.newBlocks?.length ?? 0) > 0 || (change.structure?.length ?? 0) > 0
  if (!isLeft && (change.segments?.length ?? 0) > 0) return []
  const { replacedBy } = change
  return [
    {
      ...change,
      text: withoutStrange(change.text),
      ...(replacedBy === undefined ? {} : { replacedBy: withoutStrange(replacedBy) }),
      ...(segments ? { segments } : {}),
    },
  ]
}

function without(text: string, places: readonly { readonly from: number; readonly to: number }[]): string {
  let rest = ""
  let from = 0
  for (const place of places) {
    rest += text.slice(from, place.from)
    from = place.to
  }
  return rest + text.slice(from)
}
