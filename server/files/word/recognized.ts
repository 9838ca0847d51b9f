import { foldLabel, rootOf } from "../../../shared/clauses/additions.ts"
import { formOf, isPartOfLabel, type Label, labelIn } from "../../../shared/clauses/label-forms.ts"
import type { Profile } from "../../../shared/clauses/labels.ts"
import { splitCharacter } from "../../../shared/schema/block.ts"
import { singleBlanks } from "../characters.ts"
import type { CoverField, FileBlock, FileWarning } from "../file-draft.ts"
import { endsSentence, findStart, isFormula, isHead, isRightToLeft, openingOf, Recognizer } from "../recognize.ts"
import type { Piece } from "./items.ts"
import { Counter, type Numbering } from "./numbering.ts"
import { type Style, styleChain, type WordPackage } from "./package.ts"
import { hasWords, isDeleted, isInserted, slicePieces } from "./pieces.ts"
import type { Strand } from "./strands.ts"

type Kind = "clause" | "designation" | "title" | "formula" | "head" | "heading" | "quote" | "listed" | "paragraph" | "cover" | "reference"

/** What styles say, by their folded names. ITU's are those of its resolutions; the rest are Word's own. Source: exchange.md. */
const kindOfStyle: Readonly<Record<string, Kind>> = {
  resno: "designation",
  recno: "designation",
  decno: "designation",
  restitle: "title",
  restitel: "title",
  rectitle: "title",
  dectitle: "title",
  resref: "reference",
  call: "head",
  headingb: "heading",
  annexno: "heading",
  annextitle: "heading",
  annexref: "heading",
  appendixno: "heading",
  appendixtitle: "heading",
  sectionno: "heading",
  sectiontitle: "heading",
  chapno: "heading",
  chaptitle: "heading",
  partno: "heading",
  parttitle: "heading",
  enumlev1: "listed",
  enumlev2: "listed",
  enumlev3: "listed",
  quote: "quote",
  intensequote: "quote",
  // Our own files: what no words tell.
  continuation: "paragraph",
  clause1: "clause",
  clause2: "clause",
  clause3: "clause",
  clause4: "clause",
  proposal: "cover",
  reasons: "cover",
  source: "cover",
  agendaitem: "cover",
  docnumber: "cover",
  title1: "cover",
  title2: "cover",
  title3: "cover",
  title4: "cover",
}

const kindByStyle: ReadonlyMap<string, Kind> = new Map(Object.entries(kindOfStyle))

/** A strand and what it is. */
export interface Told {
  readonly strand: Strand
  readonly block: Pick<FileBlock, "type" | "part" | "level" | "importedLabel" | "shownLabel">
  readonly isRtl: boolean
  readonly pieces: readonly Piece[]
  readonly renumbering: Renumbering | null
  readonly warnings: readonly Pick<FileWarning, "code" | "message">[]
}

/** A tracked change of a typed number: it renumbers, and changes no text. */
export interface Renumbering {
  readonly was: string
  readonly now: string
  readonly author: string | null
  readonly date: string | null
}

export interface ToldText {
  readonly profile: Profile
  readonly told: readonly Told[]
  readonly cover: readonly CoverField[]
  readonly debris: readonly string[]
}

const textIn = (pieces: readonly Piece[], test: (piece: Piece) => boolean): string =>
  pieces
    .filter(test)
    .map((piece) => piece.text)
    .join("")

/** A strand as it is to be, or, where nothing of it would be left, as it stands: by that it is told what it is. */
function shapeOf(strand: Strand): string {
  const isKept = hasWords(strand.pieces, (piece) => !isDeleted(piece))
  return plain(textIn(strand.pieces, (piece) => !isKept || !isDeleted(piece)))
}

/** A strand as it stands without what is put into it. */
const inForceOf = (strand: Strand): string => plain(textIn(strand.pieces, (piece) => !isInserted(piece)))

/** One tab between a label and its words, single blanks elsewhere. */
const plain = singleBlanks

const styleOf = (strand: Strand, word: WordPackage): Style[] => styleChain(word.styles, strand.paragraph?.style ?? word.defaultStyle)

function kindOf(chain: readonly Style[]): Kind | null {
  for (const { name } of chain) {
    const kind = kindByStyle.get(name)
    if (kind) return kind
    if (name === "title") return "title"
    if (/^heading\d$/.test(name)) return "heading"
  }
  return null
}

/** What a strand's list shows before it. `isOwn`: that is its label in the file; what is inserted into a list gets none from it. */
interface Shown {
  readonly label: string
  readonly level: number
  readonly isBullet: boolean
  readonly isOwn: boolean
  /** What is read in Word with all that is inserted and without what is deleted. */
  readonly asProposed: string
}

/** The list of a paragraph and its level in it: the nearest style that names a list counts where the paragraph names none. */
function listOf(strand: Strand, chain: readonly Style[], numbering: Numbering): { id: string; level: number } | null {
  const own = strand.paragraph?.list
  const inherited = chain.find((style) => style.numbering?.id !== undefined && style.numbering?.id !== null)?.numbering
  const id = own?.id ?? inherited?.id ?? null
  if (id === null || !numbering.has(id)) return null
  return {
    id,
    level: own?.level ?? chain.find((style) => style.numbering?.level !== null && style.numbering !== null)?.numbering?.level ?? 0,
  }
}

/** Counts the lists of a text as they are in force: what is inserted into a list moves no number of it. */
class Lists {
  readonly #counter: Counter
  readonly #proposed: Counter
  readonly #lists: ReadonlyMap<Strand, { readonly id: string; readonly level: number }>
  /** Lists that have paragraphs in the text in force. */
  readonly #inForce: ReadonlySet<string>

  constructor(strands: readonly Strand[], chains: readonly (readonly Style[])[], numbering: Numbering) {
    this.#counter = new Counter(numbering)
    this.#proposed = new Counter(numbering)
    const found = strands.map((strand, i) => [strand, listOf(strand, chains[i]!, numbering)] as const)
    this.#lists = new Map(found.flatMap(([strand, list]) => (list ? [[strand, list] as const] : [])))
    this.#inForce = new Set(found.flatMap(([strand, list]) => (list && strand.inserted === null ? [`${list.id}/${list.level}`] : [])))
  }

  shown(strand: Strand): Shown | null {
    const list = this.#lists.get(strand)
    if (!list) return null
    const { id, level } = list
    const isOwn = strand.inserted === null || !this.#inForce.has(`${id}/${level}`)
    const shown = isOwn ? this.#counter.next(id, level) : this.#counter.shown(id, level)
    const proposed = strand.act?.kind === "delete" ? null : this.#proposed.next(id, level)
    return shown && { ...shown, level, isOwn: isOwn || shown.isBullet, asProposed: proposed?.label ?? shown.label }
  }
}

/** Says of each strand what block it is: by its style, its list, its words. */
export function tellStrands(strands: readonly Strand[], word: WordPackage): ToldText {
  const shapes = strands.map(shapeOf)
  const chains = strands.map((strand) => styleOf(strand, word))
  const kinds = strands.map((strand, i) => (strand.paragraph ? kindOf(chains[i]!) : "paragraph"))
  const opening = openingKinds(
    shapes,
    kinds,
    chains.map(([style]) => style?.name),
  )
  const recognizer = new Recognizer(opening.profile)
  const lists = new Lists(strands, chains, word.numbering)
  const told: Told[] = []
  const cover: CoverField[] = []
  const debris: string[] = []
  const tell = (strand: Strand, i: number): void => {
    const shape = shapes[i]!
    const number = lists.shown(strand)
    const kind = opening.kinds[i] ?? kinds[i] ?? null
    const isRtl = strand.paragraph?.isRtl === true || isRightToLeft(shape)
    const say = (
      block: Told["block"],
      pieces: readonly Piece[] = strand.pieces,
      renumbering: Renumbering | null = null,
      warnings: Told["warnings"] = [],
    ): void => {
      const parts = partsWithoutLabels(pieces, block)
      told.push({ strand, block, isRtl, pieces: trimmed(parts.pieces, strand), renumbering, warnings: [...warnings, ...parts.warnings] })
    }
    if (!strand.paragraph) {
      told.push({ strand, block: { type: "table" }, isRtl, pieces: strand.pieces, renumbering: null, warnings: [] })
      return recognizer.passed(shape)
    }
    switch (kind) {
      case "cover":
        // The cover stands before the text in every form: what comes behind anything of the text is part of it, or the order would change.
        if (told.length > 0 || !isCoverLine(strand, chains[i]!)) {
          recognizer.passed(shape)
          return say({ type: "paragraph" }, numbered(strand, number))
        }
        return void cover.push({ field: fieldOf(chains[i]!), text: (number ? `${number.label} ` : "") + shape.replaceAll("\t", " ") })
      case "designation":
      case "title":
      case "formula":
      case "quote":
        recognizer.passed(shape)
        return say({ type: kind }, numbered(strand, number))
      case "clause": {
        const level = Number(chains[i]!.find((style) => kindByStyle.get(style.name) === "clause")!.name.slice(-1))
        // A tab behind an end is that of the label of what this cuts off.
        const [first = ""] = shape.split(splitCharacter)
        const label = first.includes("\t") ? first.slice(0, first.indexOf("\t")) : null
        if (label === null) {
          const struck = struckLabel(strand)
          const { pieces, renumbering } = withoutLabel(strand, 0, struck?.length ?? 0)
          if (struck && renumbering === null) {
            const own = { literal: struck.label.literal, kind: "number" as const, value: struck.label.literal }
            const { block, warnings } = recognizer.labelled(own, struck.length, level)
            return say(block, pieces, null, warnings)
          }
          const { block } = recognizer.unlabelled()
          return say({ ...block, level }, pieces, renumbering)
        }
        const skip = label.length + 1
        const { block, warnings } = recognizer.labelled({ literal: label, kind: "number", value: label }, skip, level)
        const { pieces, renumbering } = withoutLabel(strand, skip)
        return say(block, pieces, renumbering, warnings)
      }
      case "paragraph":
      case "reference":
        recognizer.passed(shape)
        return say({ type: "paragraph" }, numbered(strand, number))
      case "heading":
        recognizer.passed(shape)
        return say({ type: "heading" }, numbered(strand, number))
      case "head": {
        const { block, warnings } = recognizer.head(shape, inForceOf(strand))
        return say(block, strand.pieces, null, warnings)
      }
      default:
    }
    if (number?.isBullet && (isHead(shape) || labelIn(shape) !== null)) debris.push(number.label)
    else if (number) {
      const known = labelIn(`${number.label}\tx`)
      const isKnown = known?.literal === number.label
      const label = isKnown ? known : { literal: number.label, kind: "sign" as const, value: number.label }
      const { block, warnings } = recognizer.labelled(label, 0, number.level === 0 ? undefined : Math.min(4, number.level + 1))
      const { importedLabel: _, ...unlabelled } = block
      return say(number.isOwn ? block : { ...unlabelled, shownLabel: number.asProposed }, strand.pieces, null, [
        ...warnings,
        ...tooDeep(number.level),
      ])
    }
    const inForce = inForceOf(strand)
    if (opening.profile === "itu" && inForce !== shape && !isHead(shape) && labelIn(shape) === null && isHead(inForce)) {
      const { block, warnings } = recognizer.head(shape, inForce)
      return say(block, strand.pieces, null, warnings)
    }
    const struck = isHead(shape) || labelIn(shape) !== null ? null : struckLabel(strand)
    const found = struck ? recognizer.labelled(struck.label, 0) : recognizer.line(shape, number !== null)
    const { pieces, renumbering, kept } = withoutLabel(strand, found.skip, struck?.length ?? 0)
    say(
      found.block,
      pieces,
      renumbering,
      // In a paper of ours the label is the room's, and comes anew.
      strand.act?.kind === "join" && kept !== "" && word.carried.size === 0 ? [...found.warnings, labelGone(kept)] : found.warnings,
    )
  }
  strands.forEach(tell)
  return { profile: opening.profile, told, cover, debris }
}

/** Word deletes the end of a paragraph, and leaves the number that was typed behind it among the words. */
const labelGone = (label: string): Told["warnings"][number] => ({
  code: "LABEL",
  message: `This clause is joined to the one before, and its label “${label}” goes with that: in the file it would stand among the words.`,
})

/** Lists of a file go nine levels deep, clauses of a draft four. */
const tooDeep = (level: number): Told["warnings"] =>
  level < 4
    ? []
    : [
        {
          code: "LEVEL",
          message: `The list of the file goes ${level + 1} levels deep here; a draft has four, so this stands on the fourth.`,
        },
      ]

/** Whether a line of the opening can be a field: what is tracked must be decidable, a comment and a footnote need their words; reasons are printed last. */
const isCoverLine = (strand: Strand, chain: readonly Style[]): boolean =>
  strand.inserted === null &&
  strand.act === null &&
  strand.deletedEnd === null &&
  strand.pieces.every(({ revisions, comments, note }) => revisions.length + comments.length === 0 && note === null) &&
  fieldOf(chain) !== "reasons"

const fieldOf = (chain: readonly Style[]): string | null => chain.find((style) => kindByStyle.get(style.name) === "cover")?.name ?? null

/** The opening by its styles where the file has an institution's; else by its words. */
function openingKinds(
  shapes: readonly string[],
  kinds: readonly (Kind | null)[],
  chainNames: readonly (string | undefined)[],
): { profile: Profile; kinds: readonly (Kind | null)[] } {
  const found: (Kind | null)[] = kinds.map(() => null)
  const heads = kinds.some((kind) => kind === "head")
  const first = shapes.findIndex((shape, i) => (heads ? kinds[i] === "head" : kinds[i] === null && isHead(shape)))
  const named = kinds.indexOf("designation")
  if (named >= 0 || heads) {
    const from = named >= 0 ? named : Math.max(0, kinds.indexOf("title"))
    for (let i = 0; i < from; i++) found[i] = "cover"
    const styled = chainNames.lastIndexOf("normalaftertitle", Math.max(0, first))
    if (styled > from) found[styled] = "formula"
    else
      for (let i = from; i < first; i++)
        if (kinds[i] === null && isFormula(shapes[i]!) && !endsSentence(shapes[i]!.replace(/[,،]$/, ""))) found[i] = "formula"
    return { profile: "itu", kinds: found }
  }
  const start = findStart(shapes)
  if (start.formula < 0) return { profile: start.profile, kinds: found }
  const opening = openingOf(shapes, start.formula, () => null)
  for (let i = 0; i < opening.coverEnd; i++) found[i] = "cover"
  if (opening.designation !== null) found[opening.designation] = "designation"
  for (let i = opening.titleFrom; i < start.formula; i++) found[i] = "title"
  found[start.formula] = "formula"
  return { profile: start.profile, kinds: found }
}

/** The pieces of a block that has no label, behind the number that its list shows: there it is text. */
function numbered(strand: Strand, number: Shown | null): readonly Piece[] {
  if (!number) return strand.pieces
  const revisions = strand.inserted ? (strand.pieces[0]?.revisions ?? []) : []
  return [{ text: `${number.label} `, revisions, comments: [], note: null, isItalic: false }, ...strand.pieces]
}

/**
 * The pieces without a typed label of `skip` characters of the shape, or one of `struck` characters that is no part of it. Where the label itself is
 * revised that is a renumbering; so is one that was deleted or put before words that had none. `kept`: what of the label is not deleted.
 */
function withoutLabel(
  strand: Strand,
  skip: number,
  struck = 0,
): { pieces: readonly Piece[]; renumbering: Renumbering | null; kept: string } {
  const { pieces } = strand
  const isKept = hasWords(pieces, (piece) => !isDeleted(piece))
  const counts = (piece: Piece): boolean => !isKept || !isDeleted(piece)
  // The shape is the text with its blanks folded: the label ends behind its last character that is none, and the blanks after it go too.
  let left = skip > 0 ? plainLabel(textIn(pieces, counts), skip) : 0
  let cut = struck
  let at = 0
  for (const piece of pieces) {
    if (left <= 0) break
    if (counts(piece)) {
      const taken = Math.min(left, piece.text.length)
      left -= taken
      cut = at + taken
    }
    at += piece.text.length
  }
  if (skip > 0) cut = throughStruckLabel(pieces, cut)
  if (cut === 0) return { pieces, renumbering: null, kept: "" }
  const { label, words } = parted(slicePieces(pieces, 0, cut), plain(textIn(pieces, counts)).slice(0, skip))
  const revised = label.find((piece) => piece.revisions.length > 0 && piece.text.trim() !== "")
  // A clause that goes as a whole takes its label along; one of which only the words go is left without.
  const isRenumbered = revised !== undefined && strand.inserted === null && (isKept || strand.act?.kind !== "delete")
  const literal = (test: (piece: Piece) => boolean): string => plain(textIn(label, test))
  const was = literal((piece) => !isInserted(piece))
  const now = literal((piece) => !isDeleted(piece))
  const [by] = revised?.revisions ?? []
  // Whoever joins a clause to another strikes its label with that.
  const isJoined = now === "" && strand.act?.kind === "join" && strand.act.by.author === by?.author
  const renumbering = isRenumbered && !isJoined && by && was !== now ? { was, now, author: by.author, date: by.date } : null
  return { pieces: [...words, ...slicePieces(pieces, cut, Number.POSITIVE_INFINITY)], renumbering, kept: now }
}

/**
 * The pieces of a clause without the labels that were typed where its parts begin that inserted ends cut off: such a part is labelled behind the one
 * before it, like every clause that is added. Of another form than the clause's own, what stands there may be words, and stays; where that has none, a tab
 * tells them apart.
 */
function partsWithoutLabels(
  pieces: readonly Piece[],
  { type, importedLabel }: Told["block"],
): { pieces: readonly Piece[]; warnings: Told["warnings"] } {
  const isCut = (piece: Piece): boolean => piece.text === splitCharacter && isInserted(piece) && !isDeleted(piece)
  if (type !== "clause" || !pieces.some(isCut)) return { pieces, warnings: [] }
  const kept: Piece[] = []
  const warnings: Told["warnings"][number][] = []
  for (let i = 0; i < pieces.length; ) {
    const isPart = i > 0 && isCut(pieces[i - 1]!)
    let to = i
    while (to < pieces.length && !isCut(pieces[to]!)) to++
    const part = pieces.slice(i, Math.min(to + 1, pieces.length))
    const label = isPart ? typedLabel(part) : null
    const isLabel = label !== null && (importedLabel ? formOf(label.literal) === formOf(importedLabel) : label.isTabbed)
    kept.push(...(isLabel ? label.behind : part))
    if (isLabel && importedLabel && foldLabel(rootOf(label.literal)) !== foldLabel(rootOf(importedLabel)))
      warnings.push({
        code: "NUM",
        message: `The end of this clause becomes a clause of its own, labelled “${label.literal}” in the file; here it is labelled behind this one.`,
      })
    i = to + 1
  }
  return { pieces: kept, warnings }
}

/** A label that opens some pieces, inserted to its last character, and the pieces behind it. */
function typedLabel(pieces: readonly Piece[]): { literal: string; isTabbed: boolean; behind: Piece[] } | null {
  // Where a clause was moved from all of it is deleted, its label too.
  const isAllGone = pieces.every((piece) => isDeleted(piece) || piece.text === splitCharacter)
  const isThere = (piece: Piece): boolean => isAllGone || !isDeleted(piece)
  const whole = textIn(pieces, isThere)
  // What is behind the tab of a label is none of it, though it may look like more: “1 bis⇥i”.
  const anyWord = "x"
  const untilTab = whole.slice(0, whole.indexOf("\t") + 1) + anyWord
  const text = labelIn(plain(untilTab))?.rest === anyWord ? untilTab : whole
  const label = labelIn(plain(text))
  if (!label) return null
  const length = plain(text).length - label.rest.length
  let left = plainLabel(text, length)
  const isTabbed = plain(text).slice(0, length).endsWith("\t")
  const behind: Piece[] = []
  for (const piece of pieces) {
    const taken = isThere(piece) ? Math.min(left, piece.text.length) : 0
    if (piece.text.slice(0, taken).trim() !== "" && !isInserted(piece)) return null
    left -= taken
    // A blank that has not come with the label is the text's.
    const from = isInserted(piece) ? taken : 0
    if (from < piece.text.length) behind.push({ ...piece, text: piece.text.slice(from) })
  }
  return { literal: label.literal, isTabbed, behind }
}

/** The pieces of a label that is known, and the words among them that were deleted before or in it: these are text. */
function parted(pieces: readonly Piece[], known: string): { label: Piece[]; words: Piece[] } {
  const label: Piece[] = []
  const words: Piece[] = []
  for (let i = 0; i < pieces.length; ) {
    let end = i + 1
    while (end < pieces.length && isDeleted(pieces[end]!) === isDeleted(pieces[i]!)) end++
    const stretch = pieces.slice(i, end)
    const text = textIn(stretch, () => true)
    const isWords = isDeleted(stretch[0]!) && !isPartOfLabel(text) && !known.includes(text.trim())
    ;(isWords ? words : label).push(...stretch)
    i = end
  }
  return { label, words }
}

/** Blanks but for the end of a paragraph, which stands for a split. */
const blank = /[^\S\u2029]/

/** How many characters of the raw text the label of the folded one takes. */
function plainLabel(raw: string, skip: number): number {
  const signs = [...plain(raw).slice(0, skip)].filter((sign) => !blank.test(sign)).length
  let seen = 0
  let at = 0
  while (at < raw.length && (seen < signs || blank.test(raw[at]!))) {
    if (!blank.test(raw[at]!)) seen++
    at++
  }
  return at
}

/** The end of a label that was struck right behind the one that was put in its place: the pieces up to `cut` hold the new one alone. */
function throughStruckLabel(pieces: readonly Piece[], cut: number): number {
  if (slicePieces(pieces, 0, cut).some((piece) => !isInserted(piece) && piece.text.trim() !== "")) return cut
  let to = cut
  let text = ""
  let at = 0
  for (const piece of pieces) {
    const end = at + piece.text.length
    if (end > cut && (!isDeleted(piece) || isInserted(piece))) break
    if (end > cut) {
      text += piece.text
      to = end
    }
    at = end
  }
  return labelIn(`${text.trim()}\tx`)?.literal === text.trim() ? to : cut
}

/** A label at the very start that is deleted whole before words that stay, so that the clause has none any more, and its length. */
function struckLabel({ pieces }: Strand): { label: Label; length: number } | null {
  if (!hasWords(pieces, (piece) => !isDeleted(piece))) return null
  const before = textIn(pieces, (piece) => !isInserted(piece))
  const label = labelIn(plain(before))
  if (!label) return null
  const length = plainLabel(before, plain(before).length - label.rest.length)
  let at = 0
  for (const piece of pieces) {
    const own = piece.text.slice(0, length - at)
    if (isInserted(piece) || (!isDeleted(piece) && own.trim() !== "")) return null
    at += piece.text.length
    if (at >= length) return { label, length }
  }
  return null
}

/** Tabs are blanks; agreed blanks at the edges are no text, but where the edge is to be joined to another. */
function trimmed(pieces: readonly Piece[], { act, isJoinedTo }: Strand): Piece[] {
  const list = pieces.map((piece) => ({ ...piece, text: piece.text.replaceAll("\t", " ") }))
  const isAgreed = (piece: Piece | undefined): piece is Piece => piece !== undefined && piece.revisions.length === 0
  while (act?.kind !== "join" && isAgreed(list[0])) {
    list[0] = { ...list[0]!, text: list[0]!.text.trimStart() }
    if (list[0]!.text !== "") break
    list.shift()
  }
  while (!isJoinedTo && isAgreed(list.at(-1))) {
    list[list.length - 1] = { ...list.at(-1)!, text: list.at(-1)!.text.trimEnd() }
    if (list.at(-1)!.text !== "") break
    list.pop()
  }
  return list.filter((piece) => piece.text !== "")
}
