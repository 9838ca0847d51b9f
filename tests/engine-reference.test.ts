import { describe, expect, it } from "vitest"
import { changesIn } from "../shared/changes/changes.ts"
import type { Verdict } from "../shared/changes/effects.ts"
import { proposedTextOf, textBySource, workingTextOf } from "../shared/changes/projections.ts"
import { resolved } from "../shared/changes/resolve.ts"
import { type Block, defaultAttrs, type Mark, type Run, type StructuralAct, textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { random } from "./build.ts"
import { competingAmong } from "./competing.ts"

/**
 * A second opinion on projections and verdicts, letter by letter and block by block, written from the rules alone: it shares no code with what it
 * checks. A letter knows the insertions around it, outermost first, and the deletions on it; a verdict set says what becomes of it.
 */
interface Letter {
  readonly letter: string
  /** Insertions around it, outermost first; the last one put it there. */
  readonly inside: readonly Insertion[]
  readonly deletions: readonly Deletion[]
}
interface Insertion {
  readonly id: string
  readonly source: string
  /** Everything of others that it was typed in. */
  readonly within: readonly string[]
}
interface Deletion {
  readonly id: string
  readonly source: string
  /** The insertion whose words it objects to, or null. */
  readonly against: string | null
}
type Verdicts = ReadonlyMap<string, Verdict>

const sources = ["A", "B", "C"]
const letters = "abcdefghijklmnopqrstuvwxyz"

/** A random paragraph with insertions and deletions nested in each other, three and more deep, as letters and as a block. */
function scene(seed: number): { letters: Letter[]; block: Block; ids: string[] } {
  const r = random(seed)
  const all: Letter[] = []
  const runs: Run[] = []
  const ids: string[] = []
  let n = 0
  const write = (depth: number, inside: readonly Insertion[], deletions: readonly Deletion[], marks: readonly Mark[]): void => {
    const parts = 1 + r.below(4)
    for (let part = 0; part < parts; part++) {
      const kind = depth >= 4 ? "words" : r.pick(["words", "words", "insertion", "deletion"])
      const owner = inside.at(-1)
      if (kind === "words") {
        const text = Array.from({ length: 1 + r.below(2) }, () => letters[n++ % 26]!).join("")
        for (const letter of text) all.push({ letter, inside, deletions })
        runs.push({ text, marks })
        continue
      }
      const source = r.pick(sources.filter((other) => other !== owner?.source))
      const id = `${source}.1.${ids.length + 1}`
      ids.push(id)
      if (kind === "insertion") {
        const within = marks.map((mark) => mark.id)
        write(depth + 1, [...inside, { id, source, within }], deletions, [...marks, newMark("insertion", { id, source, within })])
      } else {
        const over = owner ? [owner.id] : []
        const deletion = { id, source, against: owner?.id ?? null }
        write(depth + 1, inside, [...deletions, deletion], [...marks, newMark("deletion", { id, source, over })])
      }
    }
  }
  write(0, [], [], [])
  return { letters: all, ids, block: { ...defaultAttrs, id: "c", type: "clause", runs, structure: [] } }
}

/** A deletion counts for a letter unless the letter was typed into it, or it was aimed at other words. */
function aimsAt(deletion: Deletion, { inside }: Letter): boolean {
  const owner = inside.at(-1)
  if (!owner) return true
  return !owner.within.includes(deletion.id) && inside.some((insertion) => insertion.id === deletion.against)
}

const show = (kept: readonly Letter[]): string => kept.map(({ letter }) => letter).join("")

const reference = {
  working: (all: readonly Letter[]) => show(all.filter(({ inside }) => inside.length === 0)),
  proposed: (all: readonly Letter[]) => show(all.filter((letter) => !letter.deletions.some((deletion) => aimsAt(deletion, letter)))),
  by: (all: readonly Letter[], source: string) =>
    show(
      all.filter(
        (letter) =>
          letter.inside.every((insertion) => insertion.source === source) &&
          !letter.deletions.some((deletion) => deletion.source === source && aimsAt(deletion, letter)),
      ),
    ),
  /** What is left of the letters once all these verdicts were given, in whatever order. */
  decided(all: readonly Letter[], verdicts: Verdicts): string {
    // What is taken out may leave a change with nothing, which then holds up nothing.
    for (let left = all; ; ) {
      const next = afterVerdicts(all, verdicts, left)
      if (next.length === left.length) return show(next)
      left = next
    }
  },
}

function afterVerdicts(all: readonly Letter[], verdicts: Verdicts, left: readonly Letter[]): Letter[] {
  // An insertion that has no letter of its own is as good as withdrawn.
  const isAlive = (insertion: Insertion): boolean => left.some((letter) => letter.inside.at(-1)?.id === insertion.id)
  const isWithdrawn = (insertion: Insertion): boolean => verdicts.get(insertion.id) === "withdraw"
  return all.filter((letter) => {
    const { inside, deletions } = letter
    const owner = inside.at(-1)
    if (owner && isWithdrawn(owner)) return false
    if (inside.some((insertion) => verdicts.get(insertion.id) === "notRetain")) return false
    const isOpen = (insertion: Insertion): boolean =>
      verdicts.get(insertion.id) !== "accept" && !isWithdrawn(insertion) && isAlive(insertion)
    if (inside.some(isOpen)) return true
    // What is typed into a deletion is agreed only once that is decided; till then nothing else takes it out.
    return !deletions.some(
      (deletion) =>
        verdicts.get(deletion.id) === "accept" &&
        aimsAt(deletion, letter) &&
        !inside.some((insertion) => insertion.id === deletion.against && isWithdrawn(insertion)) &&
        !waitsForDeletion(letter, verdicts, left),
    )
  })
}

/** Whether a letter stands inside a deletion that was not aimed at it and that nobody has decided on; one that takes nothing out is none. */
const waitsForDeletion = (letter: Letter, verdicts: Verdicts, all: readonly Letter[]): boolean =>
  letter.deletions.some(
    (deletion) =>
      !verdicts.has(deletion.id) &&
      !aimsAt(deletion, letter) &&
      all.some((other) => other.deletions.some((one) => one.id === deletion.id) && aimsAt(deletion, other)),
  )

const shown = (blocks: readonly Block[]): string => blocks.map(textOf).join("|")

/** Gives verdicts one after the other, as the chair does: what waits for its host is noted, what is gone cannot be decided. */
function oneByOne(start: readonly Block[], verdicts: readonly (readonly [string, Verdict])[]): Block[] {
  let blocks = [...start]
  const noted = new Map<string, Verdict>()
  for (const [id, verdict] of verdicts) {
    if (!changesIn(blocks).some((change) => change.id === id)) continue
    const given = new Map([...noted, [id, verdict] as const])
    blocks = resolved(blocks, given)
    if (verdict === "accept") noted.set(id, verdict)
  }
  return blocks
}

function shuffled<T>(list: readonly T[], r: ReturnType<typeof random>): T[] {
  const rest = [...list]
  return list.map(() => rest.splice(r.below(rest.length), 1)[0]!)
}

const scenes = Array.from({ length: Number(process.env.SCENES ?? "1500") }, (_, seed) => seed + 1)

describe("words, against a reference written from the rules", () => {
  it("[TRK7] working text, as proposed, by source", () => {
    for (const seed of scenes) {
      const { letters: all, block } = scene(seed)
      expect(shown(workingTextOf([block])), `working text, scene ${seed}`).toBe(reference.working(all))
      expect(shown(proposedTextOf([block])), `as proposed, scene ${seed}`).toBe(reference.proposed(all))
      for (const source of sources)
        expect(shown(textBySource([block], source)), `by ${source}, scene ${seed}`).toBe(reference.by(all, source))
    }
  })

  it("[RES1-RES8] verdicts in one act and in every order", () => {
    let compared = 0
    for (const seed of scenes) {
      const { letters: all, block, ids } = scene(seed)
      const r = random(seed * 7)
      const listed = new Set(changesIn([block]).map((change) => change.id))
      const given = ids
        .filter((id) => listed.has(id) && r.next() < 0.7)
        .map((id) => [id, r.pick(["accept", "accept", "notRetain", "withdraw"] as const)] as const)
      const expected = reference.decided(all, new Map(given))
      expect(shown(resolved([block], new Map(given))), `at once, scene ${seed}`).toBe(expected)
      for (let order = 0; order < 4; order++) {
        const sequence = shuffled(given, r)
        expect(shown(oneByOne([block], sequence)), `scene ${seed} in the order ${JSON.stringify(sequence)}`).toBe(expected)
        compared++
      }
    }
    expect(compared).toBe(scenes.length * 4)
  })
})

/** A list of blocks of which each bears its name, and proposals about them. */
interface Layout {
  readonly blocks: Block[]
  readonly acts: { id: string; block: string; act: StructuralAct }[]
}

function layout(seed: number): Layout {
  const r = random(seed)
  const names = Array.from({ length: 4 + r.below(4) }, (_, i) => letters[i]!)
  const acts = Array.from({ length: 1 + r.below(4) }, (_, i) => {
    const source = r.pick(sources)
    const block = r.pick(names)
    const others = names.filter((name) => name !== block)
    const act = r.pick<StructuralAct>([
      { kind: "delete" },
      { kind: "level", level: 2 + r.below(3) },
      { kind: "move", after: r.next() < 0.2 ? null : r.pick(others) },
      { kind: "join", into: r.pick(others) },
    ])
    return { id: `${source}.1.${i + 1}`, block, act, source }
  })
  const blocks = names.map(
    (name): Block => ({
      ...defaultAttrs,
      id: name,
      type: "clause",
      runs: [{ text: name.toUpperCase(), marks: [] }],
      structure: acts
        .filter((other) => other.block === name)
        .map(({ id, source, act }) => ({ id, of: "", source, block: name, changeId: id, ...act })),
    }),
  )
  return { blocks, acts }
}

const lines = (blocks: readonly Block[]): string =>
  blocks
    .filter((block) => block.joined === null)
    .map((block) => `${block.level}${textOf(block)}`)
    .join(" ")

/** One accepted proposal, carried out by hand on a list of lines; null where it cannot be. */
function byHand(blocks: readonly Block[], { block, act }: Layout["acts"][number]): string {
  let list = blocks.map((other) => ({ id: other.id, level: other.level, text: textOf(other) }))
  const at = list.findIndex((other) => other.id === block)
  const line = list[at]!
  switch (act.kind) {
    case "delete":
      list = list.filter((other) => other !== line)
      break
    case "level":
      line.level = act.level
      break
    case "join":
      list.find((other) => other.id === act.into)!.text += line.text
      list = list.filter((other) => other !== line)
      break
    case "move":
      list = list.filter((other) => other !== line)
      list.splice(act.after === null ? 0 : list.findIndex((other) => other.id === act.after) + 1, 0, line)
      break
    default:
      act satisfies never
  }
  return list.map((other) => `${other.level}${other.text}`).join(" ")
}

describe("blocks, against a reference written from the rules", () => {
  it("[TRK5] each kind of proposal does what its name says, and nothing before it is accepted", () => {
    for (const seed of scenes) {
      const { blocks, acts } = layout(seed)
      const before = lines(blocks.map((block) => ({ ...block, structure: [] })))
      expect(lines(workingTextOf(blocks)), `layout ${seed}`).toBe(before)
      const one = acts[0]!
      expect(lines(resolved(blocks, new Map([[one.id, "accept"]]))), `layout ${seed}: ${JSON.stringify(one)}`).toBe(byHand(blocks, one))
      expect(lines(resolved(blocks, new Map([[one.id, "notRetain"]])))).toBe(before)
    }
  })

  it("[RES6] what does not compete gives the same text in every order, and at once", () => {
    let compared = 0
    for (const seed of scenes) {
      const { blocks, acts } = layout(seed)
      const r = random(seed * 11)
      const given = acts.map(({ id }) => [id, r.pick(["accept", "accept", "notRetain"] as const)] as const)
      if (competingAmong(blocks, new Map(given)).length > 0 || isCircular(acts, new Map(given))) continue
      const atOnce = lines(resolved(blocks, new Map(given)))
      for (let order = 0; order < 4; order++) {
        const sequence = shuffled(given, r)
        expect(lines(oneByOne(blocks, sequence)), `layout ${seed}: ${JSON.stringify(acts)} as ${JSON.stringify(sequence)}`).toBe(atOnce)
        compared++
      }
    }
    expect(compared).toBeGreaterThan(scenes.length / 2)
  })
})

/** Two moves behind each other, or two joins into each other, have no one order that both ask for. */
function isCircular(acts: Layout["acts"], verdicts: Verdicts): boolean {
  const next = new Map<string, string>()
  for (const { id, block, act } of acts)
    if (verdicts.get(id) === "accept" && (act.kind === "move" || act.kind === "join")) {
      const target = act.kind === "move" ? act.after : act.into
      if (target !== null) next.set(block, target)
    }
  for (const start of next.keys()) {
    const seen = new Set([start])
    for (let at = next.get(start); at !== undefined; at = next.get(at)) {
      if (seen.has(at)) return true
      seen.add(at)
    }
  }
  return false
}
