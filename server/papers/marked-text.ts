/**
 * Plain text of a paper that shows changes: "{+S: words that come+}{-S: words that go-}". Braces stand in no resolution, and square brackets mean there
 * that something is not agreed. Such a text is for reading: what was moved or joined it tells in words, so that it is not read back but refused.
 */
import { clauseJoined } from "../../shared/changes/changes.ts"
import { splitCharacter } from "../../shared/schema/block.ts"
import { markedOpening } from "../files/marked-text.ts"
import type { Attribution, SheetBlock, SheetRun } from "./sheet.ts"

const legend = (isNamed: boolean): string =>
  isNamed
    ? `${markedOpening}{+S: words that S puts in+}, {-S: words that S takes out-}, {S: what S does to a clause}.`
    : `${markedOpening}{+words put in+}, {-words taken out-}, {what is done to a clause}.`

/** A name in a mark: what closes one is no part of it. */
const plain = (author: string): string => author.replace(/[{}]/g, "")

/** Whose a mark is, as it stands in it: "S: ", of what is agreed since the text in force "S, accepted: ". In nobody's name and unknown: "". */
function whose(by: readonly Attribution[]): string {
  const names = by.map(({ source, author, isAccepted }) => {
    const name = source ?? (isAccepted ? "" : plain(author))
    return [name, isAccepted ? "accepted" : ""].filter(Boolean).join(", ")
  })
  const said = [...new Set(names.filter(Boolean))].join("; ")
  return said === "" ? "" : `${said}: `
}

const paired = (sign: "+" | "-", by: string | null, words: string): string =>
  by === null || words === "" ? words : `{${sign}${by}${words}${sign}}`

/** A list in stretches of which all have the same. */
function alike<Part>(list: readonly Part[], keyOf: (part: Part) => string | null): Part[][] {
  const stretches: Part[][] = []
  for (const part of list) {
    const last = stretches.at(-1)
    if (last && keyOf(last[0]!) === keyOf(part)) last.push(part)
    else stretches.push([part])
  }
  return stretches
}

/** The words of a paper with their marks. `isNamed`: whether it says whose they are. */
export class MarkedText {
  readonly #isNamed: boolean
  /** Whether there was anything to mark. */
  isMarked = false

  constructor(isNamed: boolean) {
    this.#isNamed = isNamed
  }

  /** The first line of such a text. */
  get legend(): string {
    return legend(this.#isNamed)
  }

  #whose(...by: Attribution[]): string {
    this.isMarked = true
    return this.#isNamed ? whose(by) : ""
  }

  /** Words, each stretch of one change in one pair of marks. `callOf`: how a footnote is called. */
  words(runs: readonly SheetRun[], callOf: (run: SheetRun) => string): string {
    const said = runs.map((run) => ({
      text: callOf(run),
      inserted: run.inserted && this.#whose(run.inserted),
      deleted: run.deleted && this.#whose(run.deleted, ...run.alsoDeleted),
    }))
    return alike(said, ({ inserted }) => inserted)
      .map((put) => {
        const words = alike(put, ({ deleted }) => deleted).map((taken) =>
          paired("-", taken[0]!.deleted, taken.map(({ text }) => text).join("")),
        )
        return paired("+", put[0]!.inserted, words.join(""))
      })
      .join("")
      .replaceAll(splitCharacter, "¶")
  }

  /** A block's words, and what is done to it as a whole. */
  block(sheet: SheetBlock, callOf: (run: SheetRun) => string): string {
    const { runs, deleted, inserted } = sheet
    const own = (by: Attribution, run: SheetRun): boolean => run.deleted?.change === by.change
    const isOne = deleted !== null && runs.some((run) => !own(deleted, run))
    const struck = isOne ? runs.map((run): SheetRun => (run.deleted ? run : { ...run, deleted })) : runs
    const whole = inserted ? struck.map((run): SheetRun => (run.inserted || run.deleted ? run : { ...run, inserted })) : struck
    return this.words(whole, callOf) + this.#acts(sheet)
  }

  #acts({ joined, onto, cut, level, moved, others, block, late }: SheetBlock): string {
    const act = (by: Attribution | null | undefined, what: string): string => (by ? ` {${this.#whose(by)}${what}}` : "")
    const to = block.structure.find((proposal) => proposal.kind === "level") as { level: number } | undefined
    return [
      act(joined, `joined to ${clauseJoined(onto)}`),
      act(cut, "split here"),
      act(level?.by, level && to ? `level ${level.was} to ${to.level}` : `level was ${level?.was}`),
      act(moved?.by, moved?.end === "from" ? "moved from here" : "moved here"),
      ...(moved?.end === "to" ? [] : [...others, ...late].map(({ by, said }) => act(by, said))),
    ].join("")
  }

  /** A label, with the one in force where somebody proposes another. */
  label({ label, relabelled }: SheetBlock): string {
    if (!relabelled) return label
    const by = this.#whose(relabelled.by)
    return `{-${by}${relabelled.was}-}{+${by}${label}+}`
  }
}
