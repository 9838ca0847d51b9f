import { bulletSigns } from "../../shared/clauses/label-forms.ts"
import { anchorCharacter } from "../../shared/schema/block.ts"
import { singleBlanks } from "./characters.ts"

/** A footnote that a conversion wrote into the running text: `[footnoteRef:1]1[1: words ]`. */
export interface InlineNote {
  readonly number: string
  readonly text: string
}

export interface InlineComment {
  readonly by: string
  readonly text: string
}

/** One line of a text file, freed of what a conversion left in it. Nothing is dropped: what is not text is listed in its place. */
export interface Line {
  /** 1-based. */
  readonly number: number
  readonly text: string
  readonly isIndented: boolean
  /** The bullet that stood before it. */
  readonly bullet: string | null
  /** The name of the cover field that a bookmark gave it. */
  readonly field: string | null
  readonly comments: readonly InlineComment[]
  readonly notes: readonly InlineNote[]
  readonly debris: readonly string[]
}

// The number that a conversion repeats goes; what stands behind it, a semicolon say, is the clause's own.
const footnoteCall = /\[footnoteRef:(\d+)\]\d*/g
const bracketed = /\[(bookmark|image):/g
const bullet = new RegExp(`^[${bulletSigns}]\\s+`, "u")
const rule = /[_─—]{4,}/g
const commentMark = /Comment by ([^:\n]{1,80}):[ \t]*/
const noteOpening = /\[(\d{1,9}):\s?/g

/** Cuts `[1: ... ]` out of the text, brackets inside it included; the note may run over several lines. */
function takeNotes(text: string, debris: string[]): { rest: string; notes: Map<string, string> } {
  const notes = new Map<string, string>()
  /** How often each number is called: so many notes of it are taken, the last one holds. */
  const calls = new Map<string, number>()
  for (const [, number] of text.matchAll(footnoteCall)) calls.set(number!, (calls.get(number!) ?? 0) + 1)
  if (calls.size === 0) return { rest: text, notes }
  const ends = closingBrackets(text)
  const kept: string[] = []
  let at = 0
  for (const opening of text.matchAll(noteOpening)) {
    const number = opening[1]!
    const left = calls.get(number) ?? 0
    const end = ends.get(opening.index)
    if (opening.index < at || left === 0 || end === undefined) continue
    calls.set(number, left - 1)
    notes.set(number, text.slice(opening.index + opening[0].length, end))
    debris.push(opening[0].trim(), "]")
    kept.push(text.slice(at, opening.index))
    at = end + 1
  }
  return { rest: kept.join("") + text.slice(at), notes }
}

/** Where each bracket that is closed is closed. */
function closingBrackets(text: string): Map<number, number> {
  const ends = new Map<number, number>()
  const open: number[] = []
  for (let at = text.search(/[[\]]/); at >= 0 && at < text.length; at++) {
    if (text[at] === "[") open.push(at)
    else if (text[at] === "]" && open.length > 0) ends.set(open.pop()!, at)
  }
  return ends
}

/** Takes bookmarks and pictures out of a line. */
function withoutMarks(text: string, take: (found: string, kind: string, name: string) => void): string {
  const kept: string[] = []
  let at = 0
  for (const opening of text.matchAll(bracketed)) {
    if (opening.index < at) continue
    const end = text.indexOf("]", opening.index)
    if (end < 0) break
    kept.push(text.slice(at, opening.index))
    take(text.slice(opening.index, end + 1), opening[1]!, text.slice(opening.index + opening[0].length, end))
    at = end + 1
  }
  return kept.join("") + text.slice(at)
}

/** A note's words without the number that a conversion repeats before them, and without rules. */
function cleanNote(number: string, raw: string, debris: string[]): string {
  const words = raw
    .replace(rule, (found) => {
      debris.push(found)
      return " "
    })
    .trim()
  const isRepeated = words.startsWith(number) && /\s/.test(words[number.length] ?? "")
  if (isRepeated) debris.push(number)
  return (isRepeated ? words.slice(number.length) : words).replace(/\s+/g, " ").trim()
}

/** The lines of a file with notes, comments, bookmarks and bullets taken apart. Empty lines are left out. */
export function linesOf(text: string): { lines: Line[]; debris: string[] } {
  const debris: string[] = []
  const { rest, notes } = takeNotes(text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n"), debris)
  const lines: Line[] = []
  rest.split("\n").forEach((raw, i) => {
    const line = lineOf(raw, i + 1, notes, debris)
    if (line.text !== "" || line.comments.length > 0) lines.push(line)
    else debris.push(...line.debris)
  })
  return { lines, debris }
}

function lineOf(raw: string, number: number, allNotes: ReadonlyMap<string, string>, fileDebris: string[]): Line {
  const debris: string[] = []
  const fields: string[] = []
  const notes: InlineNote[] = []
  const [body = "", ...remarks] = raw.split(commentMark)
  const comments: InlineComment[] = []
  for (let i = 0; i + 1 < remarks.length; i += 2) {
    debris.push("Comment by")
    comments.push({ by: remarks[i]!.trim(), text: remarks[i + 1]!.trim() })
  }
  let text = withoutMarks(body, (found, kind, name) => {
    debris.push(found)
    if (kind === "bookmark") fields.push(name.trim())
  })
  text = text.replace(footnoteCall, (found, called: string) => {
    debris.push(found.trim())
    const words = allNotes.get(called)
    if (words === undefined) return ""
    notes.push({ number: called, text: cleanNote(called, words, fileDebris) })
    return anchorCharacter
  })
  text = text.replace(rule, (found) => {
    debris.push(found)
    return " "
  })
  const isIndented = /^\s/.test(text)
  text = text.trim()
  const hasBullet = bullet.test(text)
  const sign = hasBullet ? text[0]! : null
  if (hasBullet) text = text.replace(bullet, "")
  // A tab between label and words stays until the label is read; all other runs of blanks are one.
  text = singleBlanks(text)
  return { number, text, isIndented, bullet: sign, field: fields.at(-1) ?? null, comments, notes, debris }
}
