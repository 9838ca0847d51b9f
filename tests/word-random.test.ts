import { expect, it } from "vitest"
import { laidBeside } from "../server/comparison/beside.ts"
import { importChanges } from "../server/comparison/import-changes.ts"
import { cleanText } from "../server/comparison/on-baseline.ts"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import { withSources } from "../server/files/authors.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readWord } from "../server/files/word/read.ts"
import { Gate } from "../server/gate/gate.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { writePaper } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"
import { type Change, changesIn } from "../shared/changes/changes.ts"
import { proposedTextOf, workingTextOf } from "../shared/changes/projections.ts"
import { finished } from "../shared/changes/slices.ts"
import { type Block, textOf } from "../shared/schema/block.ts"
import { random } from "./build.ts"
import { RandomFile } from "./random-file.ts"

/** The letters alone: numbers are structure, and blanks are folded beside them. */
const letters = (text: string): string => text.replace(/[^\p{L}]/gu, "")
const sorted = (text: string): string => [...text].sort().join("")
const { SEED, SCALE = "1" } = process.env
const seeds = SEED ? [Number(SEED)] : Array.from({ length: 400 * Number(SCALE) }, (_, i) => i + 1)

it("[WORD18] of random files every word is where it belongs, with all accepted and with all rejected, and what is written of them reads back the same", async () => {
  for (const seed of seeds) {
    const file = new RandomFile(seed)
    const draft = readWord(file.bytes, `seed ${seed}`)
    for (const view of ["proposed", "working"] as const) {
      const { cover, blocks, notes } = cleanText(draft, view)
      expect(letters([...cover, ...blocks].map(({ text }) => text).join("")), `SEED=${seed} ${view}`).toBe(letters(file.text(view, false)))
      // In which order they are called is seen in the text.
      const ours = sorted(letters(notes.map(({ text }) => text).join("")))
      expect(ours, `SEED=${seed} ${view}, footnotes`).toBe(sorted(letters(file.text(view, true))))
    }
    for (const box of file.boxes) expect(draft.debris, `SEED=${seed} text boxes`).toContain(`[text box: ${box.trim()}]`)
    const told = draft.warnings.map(({ message }) => message).join(" ")
    for (const words of file.struck) expect(told, `SEED=${seed} struck by hand`).toContain(words.trim())
    for (const [text, words] of file.quotes()) {
      const comment = draft.comments.find((other) => other.text === text)!
      expect(letters(comment.quote), `SEED=${seed} ${text}`).toBe(letters(words))
    }
    const options = { format: "docx", view: "open", marks: "delegation", hasComments: true, template: null } as const
    const again = readWord(await writePaper(printableOf(draft), options), "ours")
    expect(essence(again), `SEED=${seed} written and read`).toEqual(essence(draft))
  }
}, 120_000)

it("[AKN2] of random files our Akoma Ntoso comes back equal", async () => {
  const options = { view: "open", marks: "delegation", hasComments: true, template: null } as const
  for (const seed of seeds.slice(0, 150)) {
    const draft = printableOf(readWord(new RandomFile(seed).bytes, `seed ${seed}`))
    const bytes = await writePaper(draft, { format: "json", ...options })
    const json = JSON.parse(new TextDecoder().decode(bytes)) as unknown
    expect(readFile(bytes), `SEED=${seed}: our own JSON`).toEqual(json)
    expect(readFile(await writePaper(draft, { format: "akn", ...options })), `SEED=${seed}`).toEqual(json)
  }
})

const shapes = (blocks: readonly Pick<Block, "type" | "level">[], textOfBlock: (i: number) => string): string[] =>
  blocks.map(({ type, level }, i) => `${type} ${type === "clause" ? (level ?? 1) : ""} ${textOfBlock(i)}`)

/** All that each author puts in and takes out, footnotes aside, as sorted letters. */
function byAuthor(changes: readonly Pick<Change, "source" | "segments">[], notes: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { source, segments } of changes)
    for (const { block, kind, text } of segments)
      if (!notes.includes(block)) found[`${source} ${kind}`] = sorted((found[`${source} ${kind}`] ?? "") + letters(text))
  return Object.fromEntries(Object.entries(found).filter(([, text]) => text !== ""))
}

/** A file's changes with the words of each of their segments; inserted ones are those of the innermost insertion. */
function asChanges({ changes, blocks }: FileDraft, sources: Readonly<Record<string, string>>): Pick<Change, "source" | "segments">[] {
  const texts = new Map(blocks.map(({ id, text }) => [id, text]))
  const segmentsOf = ({ segments = [] }: FileDraft["changes"][number]): NonNullable<FileDraft["changes"][number]["segments"]> => segments
  const isOwn = (own: FileDraft["changes"][number], block: string, at: number): boolean => {
    const around = changes.flatMap((change) =>
      segmentsOf(change)
        .filter((part) => part.kind === "insertion" && part.block === block && part.from <= at && at < part.to)
        .map((part) => ({ change, length: part.to - part.from })),
    )
    return around.sort((a, b) => a.length - b.length)[0]!.change === own
  }
  return changes.map((change) => ({
    source: sources[change.enteredBy ?? ""]!,
    segments: segmentsOf(change).map(({ block, kind, from, to }) => {
      const text = [...(texts.get(block) ?? "").slice(from, to)]
        .filter((_, i) => kind === "deletion" || isOwn(change, block, from + i))
        .join("")
      return { block, kind, from, to, text }
    }),
  }))
}

it("[ONTO8] brought onto the text that it was made on, a file changes nothing agreed and proposes its own text: every change at its words, with its author", () => {
  for (const seed of seeds) {
    const draft = readWord(new RandomFile(seed).bytes, `seed ${seed}`)
    if (draft.changes.length === 0) continue
    const working = cleanText(draft, "working")
    const { update } = openingStateOf(working)
    const gate = new Gate([update], () => undefined)
    const room = fileDraftOf({ ...printableOf(working), blocks: gate.blocks }, "working")
    const sources = Object.fromEntries(
      [...new Set(draft.changes.map((change) => change.enteredBy ?? ""))].map((name) => [name, name.toUpperCase()]),
    )
    const beside = laidBeside(withSources(draft, sources), room, { isCompared: false, confirmed: [] })
    const before = workingTextOf(gate.blocks)
    const done = finished(importChanges(gate, { ...beside, name: "x.docx" }))
    expect(done.left, `SEED=${seed} left out`).toEqual([])
    expect(workingTextOf(gate.blocks).map(textOf), `SEED=${seed} agreed text`).toEqual(before.map(textOf))
    expect(
      byAuthor(
        changesIn(gate.blocks),
        gate.blocks.filter((block) => block.type === "note").map(({ id }) => id),
      ),
      `SEED=${seed} whose`,
    ).toEqual(
      byAuthor(
        asChanges(draft, sources),
        draft.notes.map(({ id }) => id),
      ),
    )
    const proposed = cleanText(draft, "proposed")
    const ours = proposedTextOf(gate.blocks)
    const theirs = [...proposed.blocks, ...proposed.notes.map((note) => ({ ...note, type: "note" as const }))]
    expect(
      shapes(ours, (i) => textOf(ours[i]!)),
      `SEED=${seed} as proposed`,
    ).toEqual(shapes(theirs as never, (i) => theirs[i]!.text))
  }
}, 120_000)

it("[ONTO8] the chair who accepts all that a file brings has its text; one who retains nothing has the text as it was", () => {
  for (const seed of seeds)
    for (const verdict of ["accept", "notRetain"] as const) {
      const draft = readWord(new RandomFile(seed).bytes, `seed ${seed}`)
      if (draft.changes.length === 0) continue
      const working = cleanText(draft, "working")
      const gate = new Gate([openingStateOf(working).update], () => undefined)
      const beside = laidBeside(draft, working, { isCompared: false, confirmed: [] })
      finished(importChanges(gate, { ...beside, name: "x.docx" }))
      finished(decideChanges(gate, seenIn(gate), verdict, { isPartial: false }))
      const wanted = cleanText(draft, verdict === "accept" ? "proposed" : "working")
      const texts = [...wanted.blocks, ...wanted.notes].map(({ text }) => text)
      expect(changesIn(gate.blocks), `SEED=${seed} ${verdict}: nothing is open`).toEqual([])
      expect(workingTextOf(gate.blocks).map(textOf).filter(Boolean), `SEED=${seed} ${verdict}`).toEqual(texts.filter(Boolean))
    }
}, 120_000)

/** A text as another meeting has it by now: words and whole blocks gone, come and changed places. */
function altered(draft: FileDraft, seed: number): FileDraft {
  const { below, pick } = random(seed)
  const words = (text: string): string =>
    text.includes("\ufffc")
      ? text
      : text
          .split(" ")
          .flatMap((word) => (below(9) === 0 ? [] : below(9) === 0 ? [word, pick(["anchor", "buoy"])] : [word]))
          .join(" ")
  const blocks = draft.blocks
    .filter((block) => block.text.includes("\ufffc") || below(8) > 0)
    .map((block) => ({ ...block, text: words(block.text) }))
  if (blocks.length > 2 && below(3) === 0) blocks.push(blocks.shift()!)
  return { ...draft, blocks }
}

it("[ONTO2] brought onto a text that is another by now, what is placed is what the file changes, to the letter, and nothing agreed changes", () => {
  let placed = 0
  for (const seed of seeds) {
    const draft = readWord(new RandomFile(seed).bytes, `seed ${seed}`)
    if (draft.changes.length === 0) continue
    const room = altered(cleanText(draft, "working"), seed)
    if (room.blocks.length === 0) continue
    const gate = new Gate([openingStateOf(room).update], () => undefined)
    const beside = laidBeside(draft, room, { isCompared: false, confirmed: [] })
    const before = workingTextOf(gate.blocks).map(textOf)
    const done = finished(importChanges(gate, { ...beside, name: "x.docx" }))
    expect(workingTextOf(gate.blocks).map(textOf), `SEED=${seed} agreed text`).toEqual(before)
    expect(
      done.changes.length + done.left.filter(({ what }) => !what.startsWith("comment")).length,
      `SEED=${seed} each is placed or told`,
    ).toBe(beside.draft.changes.length)
    const told = new Set(beside.draft.changes.flatMap(({ text, replacedBy = "" }) => [text, replacedBy].map((own) => sorted(letters(own)))))
    for (const change of changesIn(gate.blocks)) {
      placed++
      if (change.newBlocks.length > 0 || change.structure.length > 0) continue
      for (const own of [change.deleted, change.inserted]) expect(told, `SEED=${seed} ${own}`).toContain(sorted(letters(own)))
    }
  }
  expect(placed).toBeGreaterThan(seeds.length)
}, 120_000)

const essence = ({
  revisions: _,
  warnings: __,
  debris: ___,
  ...rest
}: FileDraft): Omit<FileDraft, "revisions" | "warnings" | "debris"> => ({
  ...rest,
  // How many blanks stand between words that go is not told by a file where their ends are revised too.
  changes: rest.changes.map((change) =>
    change.kind === "structure" ? { ...change, text: change.text.replace(/[\s¶]+/g, " ").trim() } : change,
  ),
})
