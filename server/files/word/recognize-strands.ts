// What each strand of a Word file is: by its style, its list, its words, in this order, for a style is meant and words are a guess.
import { labelIn } from "../../../shared/clauses/label-forms.ts"
import type { Profile } from "../../../shared/clauses/labels.ts"
import { splitCharacter } from "../../../shared/schema/block.ts"
import type { CoverField, FileBlock } from "../file-draft.ts"
import { isHead, isRightToLeft, Recognizer } from "../recognize.ts"
import type { Piece } from "./items.ts"
import { fieldOf, kindByStyle, kindOf, openingKinds, styleOf } from "./kinds.ts"
import { Lists, type Shown } from "./lists.ts"
import type { Style, WordPackage } from "./package.ts"
import { hasWords, isDeleted, isInserted } from "./pieces.ts"
import type { Strand } from "./strands.ts"
import { partsWithoutLabels, plain, type Renumbering, type Said, struckLabel, textIn, withoutLabel } from "./typed-labels.ts"

/** A strand and what it is. */
export interface Recognized {
  readonly strand: Strand
  readonly block: Pick<FileBlock, "type" | "part" | "level" | "importedLabel" | "shownLabel">
  readonly isRtl: boolean
  readonly pieces: readonly Piece[]
  readonly renumbering: Renumbering | null
  readonly warnings: readonly Said[]
}

export interface RecognizedText {
  readonly profile: Profile
  readonly told: readonly Recognized[]
  readonly cover: readonly CoverField[]
  readonly debris: readonly string[]
}

/** A strand as it is to be, or, where nothing of it would be left, as it stands: by that it is told what it is. */
function shapeOf(strand: Strand): string {
  const isKept = hasWords(strand.pieces, (piece) => !isDeleted(piece))
  return plain(textIn(strand.pieces, (piece) => !isKept || !isDeleted(piece)))
}

/** A strand as it stands without what is put into it. */
const inForceOf = (strand: Strand): string => plain(textIn(strand.pieces, (piece) => !isInserted(piece)))

/** Says of each strand what block it is: by its style, its list, its words. */
export function recognizeStrands(strands: readonly Strand[], word: WordPackage): RecognizedText {
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
  const told: Recognized[] = []
  const cover: CoverField[] = []
  const debris: string[] = []
  const tell = (strand: Strand, i: number): void => {
    const shape = shapes[i]!
    const number = lists.shown(strand)
    const kind = opening.kinds[i] ?? kinds[i] ?? null
    const isRtl = strand.paragraph?.isRtl === true || isRightToLeft(shape)
    const say = (
      block: Recognized["block"],
      pieces: readonly Piece[] = strand.pieces,
      renumbering: Renumbering | null = null,
      warnings: readonly Said[] = [],
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
const labelGone = (label: string): Said => ({
  code: "LABEL",
  message: `This clause is joined to the one before, and its label “${label}” goes with that: in the file it would stand among the words.`,
})

/** Lists of a file go nine levels deep, clauses of a draft four. */
const tooDeep = (level: number): readonly Said[] =>
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

/** The pieces of a block that has no label, behind the number that its list shows: there it is text. */
function numbered(strand: Strand, number: Shown | null): readonly Piece[] {
  if (!number) return strand.pieces
  const revisions = strand.inserted ? (strand.pieces[0]?.revisions ?? []) : []
  return [{ text: `${number.label} `, revisions, comments: [], note: null, isItalic: false }, ...strand.pieces]
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
