// The rows of a table: in a draft line feeds part them, in Word each is an element that is revised as a whole.
import { cellSeparator, rowSeparator } from "../../../shared/schema/block.ts"
import type { SheetBlock, SheetRun } from "../sheet.ts"
import { splitRuns } from "../sheet-runs.ts"

/** A row of a table with the runs of its cells, and the run of the line feed that comes and goes with it: behind it, of the last rows before it. */
export interface Row {
  readonly runs: readonly SheetRun[]
  readonly cells: readonly (readonly SheetRun[])[]
  readonly separator: SheetRun | null
}

/** The rows of a table, each with what makes it come or go. */
export function rowsOf({ runs }: SheetBlock): Row[] {
  const rows = splitRuns(runs, rowSeparator)
  const isRevised = (i: number, separator: SheetRun | null | undefined): boolean =>
    (["inserted", "deleted"] as const).some((kind) => separator?.[kind] && rows[i]!.runs.every((run) => run[kind] !== null))
  let firstAtEnd = rows.length
  while (firstAtEnd > 1 && isRevised(firstAtEnd - 1, rows[firstAtEnd - 2]!.end)) firstAtEnd--
  // Where every row is revised there is none that the others stand behind.
  if (firstAtEnd === 1 && rows[0]!.runs.length > 0 && isRevised(0, rows[0]!.end)) firstAtEnd = rows.length
  return rows.map((row, i) => ({
    runs: row.runs,
    cells: splitRuns(row.runs, cellSeparator).map((cell) => cell.runs),
    separator: (i >= firstAtEnd ? rows[i - 1]!.end : i === firstAtEnd - 1 ? null : row.end) ?? null,
  }))
}
