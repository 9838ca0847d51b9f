import { expect, it } from "vitest"
import { laidBeside } from "../server/comparison/beside.ts"
import { importChanges } from "../server/comparison/import-changes.ts"
import { cleanText } from "../server/comparison/on-baseline.ts"
import type { FileBlock, FileChange, FileComment, FileDraft, FileNote, FileStructure } from "../server/files/file-draft.ts"
import { withProposedNotes } from "../server/files/notes.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readWord } from "../server/files/word/read.ts"
import { Gate } from "../server/gate/gate.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { type Format, writePaper } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"
import { DomainError } from "../server/problems.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { finished } from "../shared/changes/slices.ts"
import { textOf } from "../shared/schema/block.ts"
import { random } from "./build.ts"
import { RandomFile } from "./random-file.ts"

type Loose<T> = { -readonly [K in keyof T]: T[K] }
interface LooseDraft {
  blocks: Loose<FileBlock>[]
  changes: Loose<FileChange>[]
  comments: FileComment[]
  notes: Loose<FileNote>[]
}

/** Makes some things in a draft of the right shape name or point at what they should not. */
function spoil(draft: LooseDraft, seed: number): void {
  const { below, pick } = random(seed)
  const ids = [...draft.blocks, ...draft.notes].map(({ id }) => id).concat("nowhere", "")
  const acts = (): FileStructure =>
    pick<FileStructure>([
      { kind: "delete", block: pick(ids) },
      { kind: "join", block: pick(ids), into: pick(ids) },
      { kind: "move", block: pick(ids), after: pick([null, ...ids]) },
      { kind: "level", block: pick(ids), level: 3 },
    ])
  for (let n = 1 + below(6); n > 0; n--) {
    const change = draft.changes.length > 0 ? pick(draft.changes) : null
    const note = draft.notes.length > 0 ? pick(draft.notes) : null
    const segment = change?.segments?.length ? (pick([...change.segments]) as Loose<NonNullable<FileChange["segments"]>[number]>) : null
    const spoilers: readonly (() => void)[] = [
      () => segment && (segment.from = below(60)),
      () => segment && (segment.to = below(60)),
      () => segment && (segment.block = pick(ids)),
      () => segment && (segment.kind = segment.kind === "deletion" ? "insertion" : "deletion"),
      () => change && (change.newBlocks = [pick(ids), ...(change.newBlocks ?? [])]),
      () => change && (change.structure = [...(change.structure ?? []), acts()]),
      () => change && (change.id = pick(draft.changes).id),
      () => change?.segments && (change.segments = [...change.segments, ...change.segments]),
      () => change && (change.source = pick(["S", "B"])),
      () => note && (note.at = below(80)),
      () => note && (note.block = pick([null, ...ids])),
      () => note && (note.id = pick(ids) || "x"),
      () => (pick(draft.blocks).text = pick(["", "a\u2029b", "\ufffc", "x".repeat(30), "a\nb\tc", "\u202e", "\ud800"])),
      () =>
        draft.comments.push({
          ...{ id: "k", by: "A", date: null, block: pick([null, ...ids]), quote: "q", text: "t" },
          ...{ replies: [], resolved: false, at: { from: below(50), to: below(50) } },
        }),
    ]
    pick(spoilers)()
  }
}

/** Makes the changes of a spoilt draft say what they do now, for a lie that is told well. */
function tellWell(draft: LooseDraft): void {
  const texts = new Map([...draft.blocks, ...draft.notes].map(({ id, text }) => [id, text]))
  for (const change of draft.changes) {
    const { segments = [], newBlocks = [], structure = [] } = change
    const words = (kind: string): string =>
      segments.flatMap((part) => (part.kind === kind ? [texts.get(part.block)?.slice(part.from, part.to) ?? ""] : [])).join("")
    const has = (kind: string): boolean => segments.some((part) => part.kind === kind)
    if (structure.length > 0) change.kind = "structure"
    else if (has("insertion") && has("deletion"))
      Object.assign(change, { kind: "replacement", text: words("deletion"), replacedBy: words("insertion") })
    else if (has("insertion") || newBlocks.length > 0) Object.assign(change, { kind: "insertion", text: words("insertion") })
    else Object.assign(change, { kind: "deletion", text: words("deletion") })
  }
}

const formats: readonly Format[] = ["docx", "html", "akn", "txt", "json"]

it("[IMP11] a spoilt file of our own is refused in a sentence, or it is taken whole: written in every form, and brought onto a draft without changing what is agreed", async () => {
  let refused = 0
  let taken = 0
  for (let seed = 1; seed <= 700; seed++) {
    const good = readWord(new RandomFile(seed).bytes)
    const spoilt = JSON.parse(JSON.stringify(good)) as LooseDraft
    spoil(spoilt, seed)
    if (seed % 4 > 0) tellWell(spoilt)
    let file: FileDraft
    try {
      file = readFile(new TextEncoder().encode(JSON.stringify(spoilt)), "spoilt.json")
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(DomainError)
      expect((error as Error).message).toMatch(/^spoilt\.json (?:is JSON, but not a draft|does not fit together): .+\.$/)
      refused++
      continue
    }
    taken++
    const gate = new Gate([openingStateOf(withProposedNotes(file)).update], () => undefined)
    expect(gate.blocks.length).toBeGreaterThan(0)
    for (const format of formats)
      await writePaper(printableOf(file), { format, view: "against", marks: "delegation", hasComments: true, template: null })
    const working = cleanText(good, "working")
    const room = new Gate([openingStateOf(working).update], () => undefined)
    const before = workingTextOf(room.blocks).map(textOf)
    const beside = laidBeside(file, working, { isCompared: false, confirmed: [] })
    if (beside.draft.changes.length + beside.draft.comments.length > 0) finished(importChanges(room, { ...beside, name: "x" }))
    expect(workingTextOf(room.blocks).map(textOf), `seed ${seed}`).toEqual(before)
  }
  expect([refused > 100, taken > 100]).toEqual([true, true])
}, 60_000)

it("[IMP11 PAPER6] a spoilt text in force is refused in a sentence, or taken whole and written in every form", async () => {
  let refused = 0
  let taken = 0
  for (let seed = 1; seed <= 100; seed++) {
    const { below, pick, next } = random(seed)
    const good = readWord(new RandomFile(seed).bytes)
    const { blocks, notes } = fileDraftOf(printableOf(good), "force")
    const ids = [...good.blocks, ...good.notes].map(({ id }) => id).concat("nowhere")
    const place = (id: string) => ({
      id,
      type: "clause",
      origin: pick([null, ...ids]),
      joined: pick([id, ...ids]),
      behind: pick([null, ...ids]),
    })
    const inForce = JSON.parse(
      JSON.stringify({ blocks, notes, left: [place("left-1"), place("left-2")], accepted: [] as object[] }),
    ) as Record<string, Record<string, unknown>[]>
    const spoilers: readonly (() => void)[] = [
      () => (pick(inForce.blocks!).text = pick(["", "a\u2029b", "\u202e", "x".repeat(30)])),
      () => (pick(inForce.blocks!).id = pick(ids)),
      () => inForce.left!.push({ ...place(pick(["left-1", "left-3", ...ids])), behind: pick(["left-1", "left-2", "left-3"]) }),
      () => (inForce.left![0]!.behind = "left-2") && (inForce.left![1]!.behind = "left-1"),
      () =>
        inForce.accepted!.push({
          source: pick(["S", null]),
          segments: [{ block: pick(ids), kind: "insertion", text: pick(["a", "\u202e", ""]) }],
          acts: [{ kind: pick(["join", "move", "level", "delete"]), block: pick(ids), origin: pick([null, ...ids]) }],
        }),
    ]
    for (let n = below(3); n > 0; n--) pick(spoilers)()
    if (next() < 0.1) inForce.blocks = []
    let file: FileDraft
    try {
      file = readFile(new TextEncoder().encode(JSON.stringify({ ...good, inForce })), "spoilt.json")
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(DomainError)
      expect((error as Error).message).toMatch(/^spoilt\.json (?:is JSON, but not a draft|does not fit together): .+\.$/)
      refused++
      continue
    }
    taken++
    expect(new Gate([openingStateOf(withProposedNotes(file)).update], () => undefined).blocks.length).toBeGreaterThan(0)
    for (const view of ["force", "against"] as const)
      for (const format of formats)
        await writePaper(printableOf(file), { format, view, marks: "delegation", hasComments: true, template: null })
  }
  expect([refused > 25, taken > 15]).toEqual([true, true])
}, 60_000)

const twice = (
  ...changes: readonly { readonly kind?: string; readonly source: string; readonly places: readonly (readonly [number, number])[] }[]
): FileDraft =>
  readFile(
    new TextEncoder().encode(
      JSON.stringify({
        blocks: [{ id: "a", type: "clause", level: 1, label: "1", text: "to keep red old lamps;" }],
        changes: changes.map(({ kind = "insertion", source, places }, i) => ({
          id: `c${i + 1}`,
          kind,
          source,
          block: "a",
          text: places.map(([from, to]) => "to keep red old lamps;".slice(from, to)).join(""),
          segments: places.map(([from, to]) => ({ block: "a", kind, from, to })),
        })),
      }),
    ),
    "twice.json",
  )

it("[IMP13] of words that a file of our own puts in twice a sentence says which they are", () => {
  const whole = { source: "S", places: [[8, 16]] } as const
  const refused = (who: string, from: number, to: number): string =>
    `twice.json does not fit together: ${who} would put in characters ${from} to ${to} of block “a” twice: leave them to one segment of one change, the innermost.`
  const both = "changes “c1” and “c2”"
  expect(() => twice(whole, { source: "B", places: [[8, 16]] })).toThrow(refused(both, 8, 16))
  expect(() => twice(whole, { source: "S", places: [[8, 16]] })).toThrow(refused(both, 8, 16))
  // A part of another's words is the inner one's.
  const inner = twice(whole, { source: "B", places: [[12, 14]] }).changes
  expect(inner.map(({ text, segments = [] }) => [text, ...segments.map(({ from, to }) => [from, to])])).toEqual([
    ["red d ", [8, 12], [14, 16]],
    ["ol", [12, 14]],
  ])
  expect(() => twice(whole, { source: "B", places: [[12, 21]] })).toThrow(refused(both, 12, 16))
  expect(() =>
    twice({
      source: "S",
      places: [
        [8, 11],
        [8, 11],
      ],
    }),
  ).toThrow(refused("change “c1”", 8, 11))
  // Inside another's, as our own forms write it, and side by side.
  expect(
    twice(
      {
        source: "S",
        places: [
          [8, 12],
          [15, 16],
        ],
      },
      { source: "B", places: [[12, 15]] },
    ).changes,
  ).toHaveLength(2)
  expect(twice({ source: "S", places: [[8, 12]] }, { source: "B", places: [[12, 16]] }).changes).toHaveLength(2)
  // Two may strike the same words.
  expect(twice({ ...whole, kind: "deletion" }, { kind: "deletion", source: "B", places: [[8, 16]] }).changes).toHaveLength(2)
})

it("[IMP13] a change of our own form that would do two things to one clause is refused, and the sentence says to which", () => {
  type Act = NonNullable<FileChange["structure"]>[number]
  const read = (...acts: readonly Act[]): FileDraft => {
    const blocks = ["a", "b", "c"].map((id) => ({ id, type: "clause", level: 1, label: "", text: `to keep ${id};` }))
    const kind = acts.every((act) => act.kind === "move") ? "move" : "structure"
    const change = { id: "c1", kind, source: "S", block: "a", text: "", structure: acts }
    return readFile(new TextEncoder().encode(JSON.stringify({ blocks, changes: [change] })), "acts.json")
  }
  const join = (block: string, into: string): Act => ({ block, kind: "join", into })
  const move = (block: string, after: string): Act => ({ block, kind: "move", after })
  const level = (block: string, to: number): Act => ({ block, kind: "level", level: to })
  const gone = (block: string): Act => ({ block, kind: "delete" })
  for (const acts of [
    [join("c", "b"), gone("c")],
    [join("c", "b"), gone("b")],
    [join("c", "b"), join("c", "a")],
    [join("b", "c"), join("c", "b")],
    [move("c", "a"), move("c", "b")],
    [level("c", 2), level("c", 3)],
  ])
    expect(() => read(...acts), JSON.stringify(acts)).toThrow(/change “c1” would do to block “[bc]” what cannot be done together/)
  for (const acts of [
    [join("c", "b"), join("b", "a")],
    [gone("b"), gone("c")],
    [move("b", "c"), level("b", 2)],
    [level("b", 2), level("c", 2)],
  ])
    expect(read(...acts).changes, JSON.stringify(acts)).toHaveLength(1)
})
