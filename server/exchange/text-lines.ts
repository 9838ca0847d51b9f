import { anchorCharacter } from "../../shared/schema/block.ts"

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
  readonly hasBullet: boolean
  /** The name of the cover field that a bookmark gave it. */
  readonly field: string | null
  readonly comments: readonly InlineComment[]
  readonly notes: readonly InlineNote[]
  readonly debris: readonly string[]
}

// The number that a conversion repeats goes; what stands behind it, a semicolon say, is the clause's own.
const footnoteCall = /\[footnoteRef:(\d+)\]\d*/g
const bracketed = /\[(bookmark|image):\s*([^\]]*)\]/g
const bullet = /^[•◦▪‣∙·*]\s+/
const rule = /[_─—]{4,}/g
const commentMark = /\s*Comment by ([^:\n]{1,80}):[ \t]*/

/** Cuts `[1: ... ]` out of the text, brackets inside it included; the note may run over several lines. */
function takeNotes(text: string, debris: string[]): { rest: string; notes: Map<string, string> } {
  const notes = new Map<string, string>()
  let rest = text
  for (const call of text.matchAll(footnoteCall)) {
    const number = call[1]!
    const opening = new RegExp(`\\[${number}:\\s?`).exec(rest)
    if (!opening) continue
    const end = closingBracket(rest, opening.index)
    if (end < 0) continue
    notes.set(number, rest.slice(opening.index + opening[0].length, end))
    debris.push(opening[0].trim(), "]")
    rest = rest.slice(0, opening.index) + rest.slice(end + 1)
  }
  return { rest, notes }
}

function closingBracket(text: string, from: number): number {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    if (text[i] === "[") depth++
    else if (text[i] === "]" && --depth === 0) return i
  }
  return -1
}

/** A note's words without the number that a conversion repeats before them, and without rules. */
function cleanNote(number: string, raw: string, debris: string[]): string {
  const take = (text: string, pattern: RegExp): string =>
    text.replace(pattern, (found) => {
      debris.push(found.trim())
      return " "
    })
  return take(take(raw, rule), new RegExp(`^\\s*${number}\\s+`))
    .replace(/\s+/g, " ")
    .trim()
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
  let text = body.replace(bracketed, (found, kind: string, name: string) => {
    debris.push(found)
    if (kind === "bookmark") fields.push(name.trim())
    return ""
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
  if (hasBullet) {
    debris.push(text[0]!)
    text = text.replace(bullet, "")
  }
  // A tab between label and words stays until the label is read; all other runs of blanks are one.
  text = text
    .replace(/[ \u00a0]*\t[ \t\u00a0]*/g, "\t")
    .replace(/ {2,}/g, " ")
    .trim()
  return { number, text, isIndented, hasBullet, field: fields.at(-1) ?? null, comments, notes, debris }
}
