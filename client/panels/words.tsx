import { Fragment } from "preact"
import { type Change, newClauses } from "../../shared/changes/changes.ts"
import { changeSaid, clausesOf, listed, piecesOf } from "../../shared/changes/pieces.ts"
import { readBefore } from "../../shared/changes/projections.ts"
import { splitSaid, wholesSaid } from "../../shared/changes/wholes.ts"
import { isSameToTheEye, shortenMiddle, unseenNamed } from "../../shared/changes/wording.ts"
import { quoted } from "../../shared/clauses/notes.ts"
import { type Block, splitCharacter } from "../../shared/schema/block.ts"
import { endOf } from "../../shared/schema/letters.ts"
import { isApart, targetOf } from "../../shared/schema/structure.ts"
import type { DraftText } from "../draft/text.ts"

/** Letters of old and new words together that a row has room for. */
const rowLetters = 36
/** Letters that a row shows of each piece of a change, however many there are. */
const leastRowLetters = 12
/** Letters of one side that a card shows at first. */
const cardLetters = 220

/** Words as they are shown beside the text: shortened in the middle, signs that nobody sees by their names. */
export function shown(text: string, most: number): string {
  return unseenNamed(text) ?? quoted(shortenMiddle(text, most))
}

/** What nobody sees is named; its name is no word of the change. */
function Words({ tag: Tag, text, children }: { tag: "ins" | "del" | "q"; text: string; children: string }) {
  return <Tag class={unseenNamed(text) === null ? undefined : "is-unseen"}>{children}</Tag>
}

/** A pair of texts that share the room for one: what one does not need the other has. */
function shownPair(a: string, b: string, most: number): [string, string] {
  const half = Math.floor(most / 2)
  return [shown(a, Math.max(half, most - b.length)), shown(b, Math.max(half, most - a.length))]
}

/** The words of a change's clauses, for what is proposed about a clause as a whole. */
const ownWords = (change: Change): string => change.structure.map((part) => part.text).join(" … ")

/** Where a change leads that moves a clause, joins it or puts it at another level. */
function leadsTo(text: DraftText, change: Change): string {
  const proposal = change.structure[0]?.proposal
  switch (proposal?.kind) {
    case "move":
      return proposal.after === null ? "to the front" : `behind ${text.addressOf(proposal.after)}`
    case "join":
      return `${isApart(proposal) ? "behind" : "to"} ${text.addressOf(proposal.into)}`
    case "level":
      return `at level ${change.structure.map((part) => targetOf(part.proposal)).join(", ")}`
    default:
      return ""
  }
}

/** The last words of what stands before a place, as one would say them to find it. */
export function lastWords(before: string): string {
  const words = endOf(before.replaceAll(splitCharacter, " ").trimEnd(), 48).split(/\s+/).slice(-4).join(" ")
  return quoted(words)
}

/** Those before a place of a block: words that stand together for who writes there. */
export const wordsBefore = (block: Block | undefined, at: number, source: string): string =>
  block ? lastWords(readBefore(block, at, source)) : ""

const after = (text: DraftText, change: Change): string => {
  const first = change.segments[0]
  return first
    ? wordsBefore(
        text.blocks.value.find((block) => block.id === first.block),
        first.from,
        change.source,
      )
    : ""
}

/** What a change does to clauses as wholes, in one line that names them; of one that does more, all of that. */
export function wholeChangeSaid(text: DraftText, change: Change): string {
  if (isOfPieces(change)) return changeSaid(change, (block) => text.addressOf(block), rowLetters)
  const addressOf = (block: string): string => text.addressOf(block)
  const acts = change.structure.map(({ proposal }) => proposal)
  return acts.length > 0 ? wholesSaid(acts, addressOf) : splitSaid(addressOf(change.block), after(text, change))
}

const Hidden = ({ children }: { children: string }) => <span class="visually-hidden">{children}</span>

/** Whether a change does several things, or does them in several clauses, and is told piece by piece. */
export const isOfPieces = (change: Change): boolean => piecesOf(change).length > 1

/** A change in one line. Of one that does several things in several clauses each piece is named with its clause. */
export function RowWords({ text, change }: { text: DraftText; change: Change }) {
  const pieces = piecesOf(change)
  if (pieces.length < 2) return <PieceWords text={text} change={pieces[0] ?? change} most={rowLetters} />
  const most = Math.max(leastRowLetters, Math.floor(rowLetters / pieces.length))
  return (
    <>
      <i>{pieces.length} parts </i>
      <span class="pieces" title={changeSaid(change, (block) => text.addressOf(block))}>
        {pieces.map((piece, i) => (
          <Fragment key={keyOf(piece)}>
            {i > 0 && "; "}
            <b>{text.addressOf(piece.block)}</b> <PieceWords text={text} change={piece} most={most} />
          </Fragment>
        ))}
      </span>
    </>
  )
}

/** Tells the pieces of one change apart. */
const keyOf = ({ kind, block, segments }: Change): string => `${kind} ${block} ${segments[0]?.from ?? ""}`

/** Old words struck, new ones underlined; what is done is said to those who cannot see that. */
function PieceWords({ text, change, most }: { text: DraftText; change: Change; most: number }) {
  return (
    <>
      <KindWords text={text} change={change} most={most} />
      {(change.footnotes ?? []).map(({ block, text }) => (
        <Fragment key={block}>
          <i> with the footnote </i>
          <del>{shown(text, most)}</del>
        </Fragment>
      ))}
    </>
  )
}

function KindWords({ text, change, most: rowLetters }: { text: DraftText; change: Change; most: number }) {
  const { kind } = change
  switch (kind) {
    case "insertion":
      return (
        <>
          <Hidden>insert </Hidden>
          <Words tag="ins" text={change.inserted}>
            {shown(change.inserted, rowLetters)}
          </Words>
        </>
      )
    case "deletion":
      return (
        <>
          <Hidden>delete </Hidden>
          <Words tag="del" text={change.deleted}>
            {shown(change.deleted, rowLetters)}
          </Words>
        </>
      )
    case "replacement": {
      const [deleted, inserted] = shownPair(change.deleted, change.inserted, rowLetters)
      return (
        <>
          <Hidden>replace </Hidden>
          <Words tag="del" text={change.deleted}>
            {deleted}
          </Words>
          <Hidden> by </Hidden>
          <Words tag="ins" text={change.inserted}>
            {inserted}
          </Words>
        </>
      )
    }
    case "new clause":
      return (
        <>
          <i>new </i>
          <ins>{shown(change.inserted, rowLetters)}</ins>
        </>
      )
    case "clause deletion":
      return (
        <>
          <i>the whole clause </i>
          <del>{shown(change.deleted, rowLetters)}</del>
        </>
      )
    case "split":
      return (
        <>
          <i>split after </i>
          <q>{after(text, change)}</q>
        </>
      )
    case "join":
    case "move":
    case "level change":
      return (
        <>
          <i>
            {kind === "level change" ? "put" : kind} {leadsTo(text, change)}
          </i>
          {change.inserted.trim() && <ins> {shown(change.inserted, rowLetters)}</ins>}
        </>
      )
    default:
      return kind satisfies never
  }
}

/** One line of a card: what is done, and the words that it is done with. */
interface Line {
  readonly does: string
  readonly tag: "ins" | "del" | "q"
  readonly words: string
}

function linesOf(text: DraftText, change: Change): Line[] {
  const { kind } = change
  const inserted = (does: string): Line => ({ does, tag: "ins", words: change.inserted })
  const deleted = (does: string): Line => ({ does, tag: "del", words: change.deleted })
  const place = after(text, change)
  const behind: Line[] = place ? [{ does: "after", tag: "q", words: place }] : []
  switch (kind) {
    case "insertion":
      return [inserted("insert"), ...behind]
    case "deletion":
      return [deleted("delete")]
    case "replacement":
      return [deleted("replace"), inserted("by")]
    case "new clause":
      return [inserted(newClauses(change))]
    case "clause deletion":
      return [deleted("delete the clause")]
    case "split":
      return [{ ...behind[0], does: "split the clause after", tag: "q", words: place }]
    case "join":
    case "move":
    case "level change":
      return [
        { does: kind === "level change" ? "put" : kind, tag: "q", words: ownWords(change) },
        { does: leadsTo(text, change), tag: "q", words: "" },
        ...(change.inserted ? [inserted(change.inserted.trim() ? "insert" : "with")] : []),
      ]
    default:
      return kind satisfies never
  }
}

/** The footnotes that go with what is taken out. */
const footnoteLines = ({ footnotes = [] }: Change): Line[] =>
  footnotes.map(({ text }) => ({ does: "with the footnote", tag: "del", words: text }))

/** Letters that a card shows of each piece of a change, however many there are. */
const leastCardLetters = 60

/** Letters of each of so many pieces that a card shows; `most`: of one that is alone. */
const lettersOfEach = (pieces: number, most: number): number => Math.max(leastCardLetters, Math.floor(most / pieces))

/** Whether a card has to leave out words of a change. */
export function isLong(change: Change): boolean {
  const pieces = piecesOf(change)
  const most = lettersOfEach(pieces.length, cardLetters)
  return pieces.some((piece) => [piece.inserted, piece.deleted, ownWords(piece)].some((words) => words.length > most))
}

/** A change in full, a line for what goes and one for what comes, each piece of it with its clause. `most`: letters of each that are shown. */
export function CardWords({ text, change, most = cardLetters }: { text: DraftText; change: Change; most?: number }) {
  const pieces = piecesOf(change)
  const clauses = clausesOf(change)
  return (
    <div class="what" dir="auto">
      {pieces.map((piece) => (
        <Fragment key={keyOf(piece)}>
          {pieces.length > 1 && (
            <p class="of-clause">
              <span class="does">in</span> <b dir="auto">{text.addressOf(piece.block)}</b>
            </p>
          )}
          <PieceLines text={text} change={piece} most={lettersOfEach(pieces.length, most)} />
        </Fragment>
      ))}
      {pieces.length === 1 && clauses.length > 1 && (
        <p class="of-clause">
          <span class="does">in</span> {listed(clauses.map((block) => text.addressOf(block)))}
        </p>
      )}
    </div>
  )
}

function PieceLines({ text, change, most }: { text: DraftText; change: Change; most: number }) {
  const isBySpaces = change.kind === "replacement" && isSameToTheEye(change.deleted, change.inserted)
  return (
    <>
      {[...linesOf(text, change), ...footnoteLines(change)].map(({ does, tag, words }, i) => (
        <p key={`${i} ${does}`}>
          <span class="does">{does}</span>{" "}
          {words && (
            <Words tag={tag} text={words}>
              {shown(words, most)}
            </Words>
          )}
        </p>
      ))}
      {isBySpaces && <p class="note">They differ by spaces alone.</p>}
    </>
  )
}
