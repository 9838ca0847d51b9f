import { splitCharacter } from "../../../shared/schema/block.ts"
import type { FileChange, FileRevision, FileStructure } from "../file-draft.ts"
import { withHosts } from "../hosts.ts"
import type { Item, Paragraph, Piece } from "./items.ts"
import { isInserted, slicePieces, textOf } from "./pieces.ts"
import type { Revision } from "./revision.ts"
import type { Act, Strand } from "./strands.ts"

type Segment = NonNullable<FileChange["segments"]>[number]

/** A block that was made of a strand, or a footnote. */
export interface Made {
  readonly id: string
  readonly pieces: readonly Piece[]
  readonly strand: Strand | null
}

interface Stretch extends Segment {
  readonly text: string
  readonly by: Revision
  readonly isSplit: boolean
  /** Whether it goes on what is before it. */
  readonly isOn?: boolean
}

/** A change while it is put together. */
interface Draft {
  readonly by: Revision
  readonly block: string
  readonly stretches: Stretch[]
  readonly newBlocks: string[]
  readonly structure: FileStructure[]
  /** Words of a clause that goes, or moves, as a whole. */
  whole: string
}

const isSame = (a: Revision, b: Revision): boolean => a.author === b.author && a.date === b.date && a.move === b.move

/**
 * Stretches of one revision each, in order; that of an insertion before what stands in it. A deletion is cut where the insertion under it changes, for
 * it is an objection to each.
 */
function stretchesOf({ id, pieces, strand }: Made): Stretch[] {
  const stretches: Stretch[] = []
  const whole = strand?.act?.kind === "delete" ? strand.act.by : strand?.alsoDeleted
  let last = new Map<string, Stretch>()
  let from = 0
  for (const piece of pieces) {
    const to = from + piece.text.length
    const isSplit = piece.text === splitCharacter && piece.revisions.length > 0
    const host = piece.revisions.find((revision) => revision.kind === "insertion")
    const here = new Map<string, Stretch>()
    for (const by of piece.revisions) {
      if (whole && by.kind === "deletion" && by.author === whole.author) continue
      const under = by.kind === "deletion" && host ? `${host.author}/${host.date}` : ""
      const key = JSON.stringify([by, under, isSplit])
      if (here.has(key)) continue
      const before = last.get(key)
      const stretch: Stretch = {
        block: id,
        kind: by.kind,
        from: before?.from ?? from,
        to,
        text: (before?.text ?? "") + piece.text,
        by,
        isSplit,
      }
      if (before) stretches[stretches.indexOf(before)] = stretch
      else stretches.push(stretch)
      here.set(key, stretch)
    }
    last = here
    from = to
  }
  return stretches.sort((a, b) => a.from - b.from || b.to - a.to || (a.kind === "insertion" ? -1 : 1))
}

const newDraft = (by: Revision, block: string): Draft => ({ by, block, stretches: [], newBlocks: [], structure: [], whole: "" })

/** Whether a stretch goes on a change: it touches its end or is what it puts in behind what others put in there, is of the same person and moment, and makes at most one replacement of it. */
function goesOn(
  change: Draft,
  stretch: Stretch,
  isOthers: (from: number, to: number) => boolean,
  isAround: (from: number, to: number, last: Stretch) => boolean,
): boolean {
  const last = change.stretches.at(-1)
  if (!last || change.by.move !== null || stretch.isSplit || last.isSplit || last.block !== stretch.block || !isSame(last.by, stretch.by))
    return false
  // What others put in stands among the words that somebody takes out, between those and what comes for them, or in the midst of what somebody puts in.
  const isBehind =
    last.to < stretch.from && isOthers(last.to, stretch.from) && (last.kind === "deletion" || isAround(last.to, stretch.from, last))
  if (last.to !== stretch.from && !isBehind) return false
  if (last.kind === stretch.kind) return true
  return change.stretches.every((other) => other.kind === last.kind)
}

/** Whether others put words in. */
const isPutIn = ({ revisions }: Piece, author: string | null): boolean =>
  revisions.some((other) => other.kind === "insertion" && other.author !== author)

/** Whether what others put in stands in the midst of a stretch and one that goes on it: these do not stand in the midst of theirs. */
function isInMidst(pieces: readonly Piece[], from: number, to: number, first: number): boolean {
  const key = ({ author, date }: Revision): string => JSON.stringify([author, date])
  const keysOf = ({ revisions }: Piece): string[] => revisions.flatMap((by) => (by.kind === "insertion" ? [key(by)] : []))
  const between = new Set(slicePieces(pieces, from, to).flatMap(keysOf))
  const before = slicePieces(pieces, 0, first)
  for (let i = before.length - 1; i >= 0; i--) {
    const keys = keysOf(before[i]!)
    if (keys.length === 0) return true
    if (keys.some((own) => between.has(own))) return false
  }
  return true
}

/** Two people may call their moves alike. */
const keyOfMove = ({ move, author }: Revision): string => JSON.stringify([move, author])

/** Where the words of one end of a move stand, and what they are. */
interface MoveEnd {
  text: string
  block: string
  from: number
  to: number
  /** Whether they are one stretch of one block. */
  isOne: boolean
}

/** The ends of all moves of words, by `keyOfMove` and kind. */
function moveEndsIn(made: readonly Made[]): Map<string, MoveEnd> {
  const ends = new Map<string, MoveEnd>()
  for (const { id, pieces } of made) {
    let from = 0
    for (const { text, revisions } of pieces) {
      const to = from + text.length
      for (const by of revisions) {
        if (by.move === null) continue
        const key = `${by.kind} ${keyOfMove(by)}`
        const end = ends.get(key)
        if (!end) ends.set(key, { text, block: id, from, to, isOne: true })
        else {
          end.isOne &&= end.block === id && end.to === from
          end.text += text
          end.to = to
        }
      }
      from = to
    }
  }
  return ends
}

/** Words without blanks and ends of paragraphs, which a move may bring and take. */
const alike = (text: string): string => text.replace(/[\s\u2029]/g, "")

/** Whether what goes at one end of a move comes at the other, elsewhere. */
function isMoveOf(gone: MoveEnd | undefined, come: MoveEnd | undefined): boolean {
  if (!gone || !come || alike(gone.text) !== alike(come.text)) return false
  const isInPlace = gone.isOne && come.isOne && gone.block === come.block && (gone.to === come.from || come.to === gone.from)
  return !isInPlace
}

/** Takes each end of a move for what it is where it has no other end, or one of other words: words that go, or words that come. */
function settled(made: readonly Made[]): { blocks: Made[]; alone: (by: Revision) => Revision } {
  const ends = moveEndsIn(made)
  const actsOf = (strand: Strand | null): readonly Act[] => (strand ? [...(strand.act ? [strand.act] : []), ...strand.others] : [])
  const clauses = new Set(made.flatMap(({ strand }) => actsOf(strand).flatMap(({ kind, by }) => (kind === "move" ? [keyOfMove(by)] : []))))
  const isMove = new Map<string, boolean>()
  const isWhole = (by: Revision): boolean => {
    const key = keyOfMove(by)
    let known = isMove.get(key)
    if (known === undefined) {
      known = clauses.has(key) || isMoveOf(ends.get(`deletion ${key}`), ends.get(`insertion ${key}`))
      isMove.set(key, known)
    }
    return known
  }
  const alone = (by: Revision): Revision => (by.move === null || isWhole(by) ? by : { ...by, move: null })
  const blocks = made.map((block) => ({
    ...block,
    pieces: block.pieces.map((piece) =>
      piece.revisions.some((by) => alone(by) !== by) ? { ...piece, revisions: piece.revisions.map(alone) } : piece,
    ),
  }))
  return { blocks, alone }
}

/** The changes of a file: words by who changed them and when, new blocks, blocks that go, join or move. */
export function changesOf(made: readonly Made[]): FileChange[] {
  const { blocks, alone } = settled(made)
  const drafts: Draft[] = []
  const moves = new Map<string, Draft>()
  const idOf = new Map(made.flatMap(({ id, strand }) => (strand ? [[strand, id] as const] : [])))
  const standing = (strand: Strand): string | undefined => idOf.get(strand.movedFrom ?? strand)
  for (const block of blocks) {
    const { id, strand } = block
    const own: Draft[] = []
    const open = (by: Revision): Draft => {
      const draft = newDraft(by, id)
      own.push(draft)
      return draft
    }
    const stretches = stretchesOf(block)
    const goesOnIn = (change: Draft, stretch: Stretch): boolean =>
      goesOn(
        change,
        stretch,
        (from, to) => slicePieces(block.pieces, from, to).every((piece) => isPutIn(piece, stretch.by.author)),
        (from, to, last) => stretch.kind === "insertion" && isInMidst(block.pieces, from, to, last.from),
      )
    const whole = strand?.inserted ? alone(strand.inserted) : null
    // The words of a new clause are those of whoever inserted it, at the time at which they were written.
    const first = whole && stretches.find((stretch) => stretch.kind === "insertion" && stretch.by.author === whole.author)
    const clause = whole && moveOr(moves, first?.by ?? whole, open)
    clause?.newBlocks.push(id)
    for (const stretch of stretches) {
      if (clause && stretch.kind === "insertion" && stretch.by.author === clause.by.author && !stretch.isSplit)
        clause.stretches.push(stretch)
      else if (stretch.by.move !== null) moveOr(moves, stretch.by, open).stretches.push(stretch)
      else {
        const known = own.find((change) => change !== clause && goesOnIn(change, stretch))
        if (known) known.stretches.push({ ...stretch, isOn: true })
        else open(stretch.by).stretches.push(stretch)
      }
    }
    const also = strand?.alsoDeleted
    const acts = [...(strand?.act ? [strand.act] : []), ...(also ? [{ kind: "delete", by: also } as const] : [])]
    for (const act of acts) {
      const by = alone(act.by)
      const draft = by.move !== null ? moveOr(moves, by, open) : open(dated(by, block))
      draft.structure.push(structureOf(act, id, standing))
      draft.whole += block.pieces
        .filter(
          (piece) => act.kind !== "delete" || piece.revisions.some((other) => other.kind === "deletion" && other.author === act.by.author),
        )
        .map((piece) => piece.text)
        .join("")
    }
    for (const act of strand?.others ?? []) {
      const by = alone(act.by)
      const draft = by.move !== null ? moveOr(moves, by, open) : open(by)
      draft.structure.push(structureOf(act, id, standing))
      draft.whole += textOf(block.pieces.filter((piece) => !isInserted(piece) || strand?.inserted))
    }
    drafts.push(...own)
  }
  const lengths = new Map(made.map(({ id, pieces }) => [id, textOf(pieces).length]))
  return withHosts(withSpaces(drafts, lengths).map((draft, i) => changeOf(draft, `c${i + 1}`)))
}

/** A join brings the space between the words along (TRK11): one that the same person put to the end of the clause before is of the join. */
function withSpaces(drafts: readonly Draft[], lengths: ReadonlyMap<string, number>): Draft[] {
  const taken = new Set<Draft>()
  for (const { structure, by, stretches } of drafts)
    for (const act of structure) {
      if (act.kind !== "join") continue
      const isSpace = (other: Draft): boolean => {
        const [space, ...more] = other.stretches
        if (!space || more.length + other.structure.length + other.newBlocks.length > 0 || space.kind !== "insertion" || space.isSplit)
          return false
        return space.block === act.into && space.text.trim() === "" && isSame(space.by, by) && isAtEnd(space)
      }
      // Behind it may stand what others put in at the same place.
      const isAtEnd = ({ to }: Stretch): boolean =>
        to === lengths.get(act.into) ||
        drafts.some((other) => other.stretches.some(({ block, kind, from }) => kind === "insertion" && block === act.into && from === to))
      const space = drafts.find((other) => !taken.has(other) && isSpace(other))
      if (!space) continue
      taken.add(space)
      stretches.unshift(...space.stretches)
    }
  return drafts.filter((draft) => !taken.has(draft))
}

/** The change that is one move, or a new one. */
function moveOr(moves: Map<string, Draft>, by: Revision, open: (by: Revision) => Draft): Draft {
  const known = by.move === null ? undefined : moves.get(keyOfMove(by))
  if (known) return known
  const draft = open(by)
  if (by.move !== null) moves.set(keyOfMove(by), draft)
  return draft
}

/** The deletion of a clause as a whole bears the time at which its words were deleted. */
const dated = (by: Revision, { pieces }: Made): Revision =>
  pieces.flatMap((piece) => piece.revisions).find((other) => other.kind === "deletion" && other.author === by.author) ?? by

function structureOf(act: NonNullable<Strand["act"]>, block: string, idOf: (strand: Strand) => string | undefined): FileStructure {
  switch (act.kind) {
    case "delete":
      return { kind: "delete", block }
    case "join":
      return { kind: "join", block, into: idOf(act.into) ?? block }
    case "move":
      return { kind: "move", block, after: act.after === null ? null : (idOf(act.after) ?? null) }
    case "level":
      return { kind: "level", block, level: act.level }
    default:
      return act satisfies never
  }
}

/** Stretches that touch, written at different moments, are one segment of a change. */
function segmentsOf(stretches: readonly Stretch[]): Segment[] {
  const segments: Segment[] = []
  for (const { block, kind, from, to } of stretches) {
    const last = segments.at(-1)
    if (last?.block === block && last.kind === kind && last.to === from) segments[segments.length - 1] = { ...last, to }
    else segments.push({ block, kind, from, to })
  }
  return segments
}

function changeOf({ by, block, stretches, newBlocks, structure, whole }: Draft, id: string): FileChange {
  const words = (kind: Stretch["kind"]): string =>
    stretches
      .filter((stretch) => stretch.kind === kind)
      .map((stretch, i, all) =>
        i > 0 && !stretch.isOn && (all[i - 1]!.block !== stretch.block || all[i - 1]!.to !== stretch.from)
          ? ` … ${stretch.text}`
          : stretch.text,
      )
      .join("")
      .replaceAll(splitCharacter, "¶")
  const [gone, come] = [words("deletion"), words("insertion")]
  const isSplit = stretches.length > 0 && stretches.every((stretch) => stretch.isSplit)
  const isMove = by.move !== null
  const kind: FileChange["kind"] = isMove
    ? "move"
    : structure.length > 0 || isSplit
      ? "structure"
      : gone && come
        ? "replacement"
        : gone
          ? "deletion"
          : "insertion"
  return {
    id,
    kind,
    source: null,
    enteredBy: by.author,
    date: by.date,
    block,
    text: structure.length > 0 && !(isMove && gone) ? whole.replaceAll(splitCharacter, "¶") : gone || come,
    ...(kind === "replacement" ? { replacedBy: come } : {}),
    ...(newBlocks.length > 0 ? { newBlocks } : {}),
    segments: segmentsOf(stretches),
    ...(structure.length > 0 ? { structure } : {}),
  }
}

const kindOfRevision = ({ kind, move }: Revision): FileRevision["kind"] =>
  move === null ? kind : kind === "insertion" ? "move-to" : "move-from"

/** Every revision of some paragraphs and tables, literally and in order. */
export function revisionsOf(items: readonly Item[], blockOf: (item: Item) => string | null): FileRevision[] {
  const revisions: FileRevision[] = []
  const inParagraph = (paragraph: Paragraph, block: string | null): void => {
    let open = new Map<string, number>()
    for (const piece of paragraph.pieces) {
      const here = new Map<string, number>()
      for (const revision of piece.revisions) {
        const key = JSON.stringify(revision)
        const at = open.get(key)
        const found = at === undefined ? undefined : revisions[at]
        if (at !== undefined && found) {
          revisions[at] = { ...found, text: found.text + piece.text }
          here.set(key, at)
        } else {
          here.set(key, revisions.length)
          revisions.push({ kind: kindOfRevision(revision), enteredBy: revision.author, date: revision.date, block, text: piece.text })
        }
      }
      open = here
    }
    for (const { kind, author, date } of paragraph.mark)
      revisions.push({ kind: `paragraph-${kind}`, enteredBy: author, date, block, text: "" })
    for (const { kind, author, date, what } of paragraph.formatting) revisions.push({ kind, enteredBy: author, date, block, text: what })
  }
  for (const item of items) {
    const block = blockOf(item)
    if (item.kind === "paragraph") {
      inParagraph(item, block)
      continue
    }
    for (const { kind, author, date, what } of item.formatting) revisions.push({ kind, enteredBy: author, date, block, text: what })
    const row = ({ kind, author, date }: Revision): void => void revisions.push({ kind, enteredBy: author, date, block, text: "" })
    item.innerRows.forEach(row)
    for (const { cells, revisions: own } of item.rows) {
      own.forEach(row)
      for (const paragraph of cells.flat()) inParagraph(paragraph, block)
    }
  }
  return revisions
}
