import { shortened } from "../../../shared/schema/letters.ts"
import type { FileComment, FileWarning } from "../file-draft.ts"
import { childrenOf, type XmlElement } from "../xml.ts"
import { saidBy } from "./attribution.ts"
import { productName, saidIn } from "./carried.ts"
import type { Made } from "./changes.ts"
import { paragraphsIn } from "./items.ts"
import type { WordPackage } from "./package.ts"
import { itemsOf } from "./paragraphs.ts"
import { textOf } from "./pieces.ts"
import type { Revision } from "./revision.ts"

interface Place {
  readonly block: string
  readonly from: number
  to: number
}

/** Where a comment stands: a stretch in each block that it is about, in their order. */
interface Standing {
  readonly places: Place[]
  /** The move of which all its words are one end; null where there is none, or where some are not. */
  end: { readonly name: string; readonly kind: Revision["kind"] } | null
}

function standingsIn(made: readonly Made[]): Map<string, Standing> {
  const standings = new Map<string, Standing>()
  for (const { id, pieces } of made) {
    let at = 0
    for (const piece of pieces) {
      const to = at + piece.text.length
      const moved = piece.revisions.find((revision) => revision.move !== null)
      const end = moved ? { name: moved.move!, kind: moved.kind } : null
      for (const comment of piece.comments) {
        const known = standings.get(comment)
        if (!known) {
          standings.set(comment, { places: [{ block: id, from: at, to }], end })
          continue
        }
        if (known.end?.name !== end?.name || known.end?.kind !== end?.kind) known.end = null
        const last = known.places.at(-1)!
        if (last.block === id) last.to = to
        else known.places.push({ block: id, from: at, to })
      }
      at = to
    }
  }
  return standings
}

const lastParagraphId = (comment: XmlElement): string => childrenOf(comment, "w:p").at(-1)?.attrs["w14:paraId"] ?? ""

/** The first comment of a thread, however deep the file nests its replies. */
function rootsOf({ comments, commentStates }: WordPackage): (comment: XmlElement) => XmlElement {
  const byParagraph = new Map(comments.map((comment) => [lastParagraphId(comment), comment]))
  return (comment) => {
    let root = comment
    for (const seen = new Set([root]); ; seen.add(root)) {
      const parent = commentStates.get(lastParagraphId(root))?.parent
      const next = parent ? byParagraph.get(parent) : undefined
      if (!next || seen.has(next)) return root
      root = next
    }
  }
}

/** A comment may be about a whole text; what it quotes of it is for people to read. */
const longestQuote = 1_000
type Found = Omit<FileComment, "id"> & { readonly standing: Standing | undefined }

/** What a comment says, without its place. */
const remarkOf = ({ by, date, text, replies, resolved }: Found): string => JSON.stringify([by, date, text, replies, resolved])

/** Word copies the comments of a passage that moves: then one at its words is the comment, and the other is none. */
function withoutCopies(found: readonly Found[], made: readonly Made[]): Found[] {
  const moving = new Set(made.flatMap(({ id, strand }) => (strand?.act?.kind === "move" ? [id] : [])))
  const seen = new Map<string, Found>()
  const copies = new Set<Found>()
  for (const comment of found) {
    const { standing, block } = comment
    const end = standing?.end
    const place = end ? `words ${end.name}` : block !== null && moving.has(block) ? `block ${block}` : null
    if (place === null) continue
    const key = `${place} ${remarkOf(comment)}`
    const other = seen.get(key)
    if (!other) {
      seen.set(key, comment)
      continue
    }
    // Of words that moved, that which stands where they come to; of a clause, that which reaches further.
    const length = ({ at }: Found): number => (at ? at.to - at.from : 0)
    const isBetter = end ? end.kind === "insertion" : length(comment) > length(other)
    copies.add(isBetter ? other : comment)
    if (isBetter) seen.set(key, comment)
  }
  return found.filter((comment) => !copies.has(comment))
}

/**
 * The comments of a file as threads, each with all the words that it is about, over several blocks too. `points`: the blocks in which those without
 * words stand.
 */
export function commentsOf(
  word: WordPackage,
  made: readonly Made[],
  points: ReadonlyMap<string, string>,
  warnings: FileWarning[],
): FileComment[] {
  const standings = standingsIn(made)
  const notes = saidIn(word.carried, "note")
  const origins = saidIn(word.carried, "from")
  const textById = new Map(made.map(({ id, pieces }) => [id, textOf(pieces)]))
  const rootOf = rootsOf(word)
  const remark = (comment: XmlElement): Pick<FileComment, "by" | "date" | "text"> => {
    const { author, date } = saidBy(comment)
    return {
      by: author,
      date: word.commentStates.get(lastParagraphId(comment))?.trueTime ?? date,
      text: paragraphsIn(itemsOf(comment))
        .map((paragraph) => textOf(paragraph.pieces).trim())
        .filter((line, i) => line !== "" && !(i === 0 && origins.has(line)))
        .join("\n"),
    }
  }
  const roots = word.comments.filter((comment) => rootOf(comment) === comment)
  const found = roots.flatMap((comment): Found[] => {
    const id = comment.attrs["w:id"] ?? ""
    const standing = standings.get(id)
    const [place, ...further] = standing?.places ?? []
    const replies = word.comments.filter((other) => other !== comment && rootOf(other) === comment).map(remark)
    const own = remark(comment)
    // What people answered to a note of ours they have said.
    const said = own.by === productName && notes.has(own.text) ? replies : [own, ...replies]
    if (said.length === 0) return []
    const wordsAt = ({ block, from, to }: Place): string => textById.get(block)!.slice(from, to)
    return [
      {
        ...said[0]!,
        standing,
        block: place?.block ?? points.get(id) ?? null,
        quote: shortened((standing?.places ?? []).map(wordsAt).join("\n"), longestQuote),
        replies: said.slice(1),
        resolved: word.commentStates.get(lastParagraphId(comment))?.isResolved ?? false,
        ...(place ? { at: { from: place.from, to: place.to } } : {}),
        ...(further.length > 0 ? { further: further.map(({ block, from, to }) => ({ block, from, to })) } : {}),
      },
    ]
  })
  return withoutCopies(found, made).map(({ standing: _, ...comment }, i) => {
    if (comment.block === null)
      warnings.push({
        code: "COMMENT",
        message: `A comment by ${comment.by || "somebody"} has no place in the text; it is put on the document.`,
      })
    return { id: `k${i + 1}`, ...comment }
  })
}
