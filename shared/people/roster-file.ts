import { shortened } from "../schema/letters.ts"
import { isDelegationCode, isPlainName, mistakenFor, nameTaken } from "./roster.ts"

export interface Delegation {
  readonly code: string
  readonly name: string
}

/** What is wrong in a line of a roster file. Lines are counted from 1. */
export interface RosterError {
  readonly line: number
  readonly field: "code" | "name" | "line"
  readonly say: string
}

export interface RosterRow extends Delegation {
  readonly line: number
  /** What the meeting gets of it: a delegation, another name for one, nothing. */
  readonly brings: "new" | "renamed" | "same"
}

export interface RosterFile {
  readonly rows: readonly RosterRow[]
  readonly errors: readonly RosterError[]
}

const longestName = 200
const mostLines = 2_000

/**
 * Reads a roster: a line a delegation, its code and its name, separated by comma, semicolon or tab, quoted where need be. A first line that names the
 * columns ("code", "name", in any order among others) is understood. Order is the order of the roster.
 */
export function readRoster(csv: string, known: readonly Delegation[]): RosterFile {
  const text = csv.replace(/^\uFEFF/, "")
  const raw = text.split(/\r\n|\r|\n/)
  // Before any of them is taken apart.
  if (raw.filter((words) => words.trim() !== "").length > mostLines)
    return { rows: [], errors: [{ line: mostLines + 1, field: "line", say: `A roster has at most ${mostLines} lines.` }] }
  const separator = separatorOf(text)
  const lines = raw.map((words, i) => ({ line: i + 1, cells: cellsOf(words, separator) }))
  const filled = lines.filter(({ cells }) => cells.some((cell) => cell !== ""))
  const columns = columnsOf(filled[0]?.cells ?? [])
  const names = new Map(known.map(({ code, name }) => [code, name]))
  const seen = new Map<string, number>()
  const rows: RosterRow[] = []
  const errors: RosterError[] = []
  for (const { line, cells } of columns.isNamed ? filled.slice(1) : filled) {
    const code = cells[columns.code] ?? ""
    const name = cells[columns.name] ?? ""
    const wrong = wrongIn(code, name, seen.get(code)) ?? wrongName(nameTaken(code, name, names))
    if (wrong) {
      errors.push({ line, ...wrong })
      continue
    }
    seen.set(code, line)
    const had = names.get(code)
    names.set(code, name)
    rows.push({ line, code, name, brings: had === undefined ? "new" : had === name ? "same" : "renamed" })
  }
  if (rows.length === 0 && errors.length === 0)
    errors.push({ line: 1, field: "line", say: "There is no line in it. A line holds a code and a name, such as: S,Sweden" })
  return { rows, errors }
}

function wrongIn(code: string, name: string, before: number | undefined): Omit<RosterError, "line"> | null {
  if (code === "CHAIR" || code === "SEC")
    return { field: "code", say: `${code} is no delegation: chair and secretariat are not on the roster.` }
  if (!isDelegationCode(code))
    return {
      field: "code",
      say: `“${shortened(code, 40)}” is no code. It is one to sixteen capitals, digits or hyphens, such as S or EUR.`,
    }
  const codeTaken = mistakenFor(code)
  if (codeTaken) return { field: "code", say: codeTaken }
  if (name === "") return { field: "name", say: `${code} has no name.` }
  if (name.length > longestName || !isPlainName(name))
    return { field: "name", say: `The name of ${code} is too long or holds signs that are no letters.` }
  const nameTaken = mistakenFor(name)
  if (nameTaken) return { field: "name", say: nameTaken }
  return before === undefined ? null : { field: "code", say: `${code} stands in line ${before} already.` }
}

const wrongName = (say: string | null): Omit<RosterError, "line"> | null => (say === null ? null : { field: "name", say })

/** The sign that separates cells: the one that the first line has most of. */
function separatorOf(text: string): string {
  const first = text.split(/[\r\n]/, 1)[0] ?? ""
  const count = (sign: string): number => first.split(sign).length
  return [",", ";", "\t"].reduce((best, sign) => (count(sign) > count(best) ? sign : best))
}

function cellsOf(line: string, separator: string): string[] {
  const cells: string[] = []
  let cell = ""
  let isQuoted = false
  for (let i = 0; i < line.length; i++) {
    const letter = line[i]!
    if (letter === '"' && isQuoted && line[i + 1] === '"') cell += line[++i]!
    else if (letter === '"') isQuoted = !isQuoted
    else if (letter === separator && !isQuoted) {
      cells.push(cell.trim())
      cell = ""
    } else cell += letter
  }
  return [...cells, cell.trim()]
}

function columnsOf(cells: readonly string[]): { isNamed: boolean; code: number; name: number } {
  const lower = cells.map((cell) => cell.toLowerCase())
  const [code, name] = [lower.indexOf("code"), lower.indexOf("name")]
  return code >= 0 && name >= 0 ? { isNamed: true, code, name } : { isNamed: false, code: 0, name: 1 }
}
