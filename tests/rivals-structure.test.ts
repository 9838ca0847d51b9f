import { describe, expect, it } from "vitest"
import { changesIn } from "../shared/changes/changes.ts"
import { choiceInSlices } from "../shared/changes/choice.ts"
import type { Verdict } from "../shared/changes/effects.ts"
import { twinsParted } from "../shared/changes/noted-twins.ts"
import { resolution, waitingAmong } from "../shared/changes/resolve.ts"
import { countingMint } from "../shared/changes/restructure.ts"
import { relationsOf } from "../shared/changes/rivals.ts"
import { finished } from "../shared/changes/slices.ts"
import type { Twin } from "../shared/changes/twins.ts"
import { type Block, defaultAttrs, type Run, type StructuralAct, splitCharacter } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { random } from "./build.ts"

/**
 * A second opinion on clauses that compete (RIVAL, RES6, RES7), written from the rules alone: lines that several sources delete, move, join, split, level
 * and add, often the same, with words put into them, into new ones too. What is left of a set of verdicts is worked out once, by hand, on a list of lines;
 * the room gives the verdicts one after the other, in any order. It shares no code with what it checks.
 */
interface Act {
  readonly id: string
  readonly source: string
  readonly line: string
  /** `add`: a new line of these words; `words`: put at the end of a line; `split`: behind so many of its letters. A join brings a space along. */
  readonly what:
    | StructuralAct
    | { readonly kind: "add"; readonly words: string; readonly level: number }
    | { readonly kind: "words"; readonly words: string }
    | { readonly kind: "split"; readonly at: number }
}
interface Scene {
  readonly acts: readonly Act[]
  readonly blocks: readonly Block[]
}

const sources = ["A", "B", "C", "D"]

/** Whether one source says both but once: two splits of a line are two, two places for it are not. */
const isOne = (a: Act["what"], b: Act["what"]): boolean => a.kind === b.kind && !(a.kind === "split" && b.kind === "split" && a.at !== b.at)

const sizeOfLine = 3
const lettersOf = (name: string): string => name.toUpperCase() + name.repeat(sizeOfLine - 1)

function scene(seed: number): Scene {
  const r = random(seed)
  const names = ["a", "b", "c", "d", "e", "f"].slice(0, 3 + r.below(4))
  const acts: Act[] = []
  const added = new Map<string, Act[]>()
  const words = new Map<string, Act[]>()
  let n = 0
  const put = (line: string, what: Act["what"], source = r.pick(sources)): Act => {
    const act = { id: `${source}.1.${++n}`, source, line, what }
    acts.push(act)
    return act
  }
  for (let i = 2 + r.below(4); i > 0; i--) {
    const line = r.pick(names)
    const others = names.filter((name) => name !== line)
    const kind = r.pick(["delete", "move", "move", "join", "join", "split", "split", "level", "add", "add", "words"] as const)
    if (kind === "add") {
      const level = 1 + r.below(2)
      const text = r.pick(["x", "y"])
      // Often two or three add the same at one place, or another beside it.
      for (const source of sources.filter(() => r.next() < 0.5)) {
        const what = { kind, words: r.next() < 0.8 ? text : "z", level } as const
        // What one source says twice the chair could accept and not retain, and others say the same of both.
        if (acts.some((act) => act.source === source && act.line === line && JSON.stringify(act.what) === JSON.stringify(what))) continue
        const act = put(line, what, source)
        added.set(line, [...(added.get(line) ?? []), act])
        if (r.next() < 0.3) {
          const guest = put(act.id, { kind: "words", words: "+" }, r.pick(sources.filter((other) => other !== source)))
          words.set(act.id, [guest])
        }
      }
      continue
    }
    if (kind === "words") {
      words.set(line, [...(words.get(line) ?? []), put(line, { kind, words: r.pick(["1", "2"]) })])
      continue
    }
    const what: Act["what"] =
      kind === "split"
        ? { kind, at: 1 + r.below(sizeOfLine - 1) }
        : kind === "delete"
          ? { kind }
          : kind === "level"
            ? { kind, level: 2 + r.below(2) }
            : kind === "move"
              ? { kind, after: r.next() < 0.2 ? null : r.pick(others) }
              : { kind, into: r.pick(others) }
    // The same is often asked by another.
    for (const source of [r.pick(sources), ...sources.filter(() => r.next() < 0.2)])
      if (!acts.some((act) => act.source === source && act.line === line && isOne(act.what, what))) put(line, what, source)
  }
  const runsOf = (name: string, own: Run[]): Run[] => {
    const inside = added.size === 0 ? [] : [...added.values()].flat().filter((act) => act.id === name)
    const within = inside.map(({ id }) => id)
    return [
      ...own,
      ...(words.get(name) ?? []).map(({ id, source, what }) => ({
        text: (what as { words: string }).words,
        marks: [...(own[0]?.marks ?? []), newMark("insertion", { id, source, within })],
      })),
      ...acts.flatMap(({ id, source, what }) =>
        what.kind === "join" && what.into === name ? [{ text: " ", marks: [newMark("insertion", { id, source, within: [] })] }] : [],
      ),
    ]
  }
  const splitRuns = (name: string): Run[] =>
    [...lettersOf(name)].flatMap((letter, i) => [
      ...acts.flatMap(({ id, source, line, what }) =>
        what.kind === "split" && line === name && what.at === i
          ? [{ text: splitCharacter, marks: [newMark("insertion", { id, source, within: [] })] }]
          : [],
      ),
      { text: letter, marks: [] },
    ])
  const blocks = names.flatMap((name): Block[] => {
    const structure = acts.flatMap(({ id, source, line, what }) =>
      line === name && what.kind !== "add" && what.kind !== "words" && what.kind !== "split"
        ? [{ id, of: "", source, block: name, changeId: id, ...what }]
        : [],
    )
    const old: Block = {
      ...defaultAttrs,
      id: name,
      origin: name,
      type: "clause",
      runs: runsOf(name, splitRuns(name)),
      structure,
    }
    const fresh = (added.get(name) ?? []).map(({ id, source, what }): Block => {
      const { words: text, level } = what as { words: string; level: number }
      const own = [{ text, marks: [newMark("insertion", { id, source, within: [] })] }]
      return {
        ...defaultAttrs,
        id: `n${id}`,
        type: "clause",
        level,
        insertedBy: source,
        insertedId: id,
        runs: runsOf(id, own),
        structure: [],
      }
    })
    return [old, ...fresh]
  })
  return { acts, blocks }
}

const cut = "|"

/** What the rules say of two acts, and of a set of verdicts. */
class Rules {
  readonly #acts: readonly Act[]
  readonly #names: readonly string[]

  constructor({ acts, blocks }: Scene) {
    this.#acts = acts
    this.#names = blocks.map(({ id }) => id)
  }

  isSame(a: Act, b: Act): boolean {
    return a.source !== b.source && a.line === b.line && JSON.stringify(a.what) === JSON.stringify(b.what)
  }

  /** RES7, one sentence each. */
  isRival(a: Act, b: Act): boolean {
    if (a.id === b.id || this.isSame(a, b)) return false
    return this.#competes(a, b) || this.#competes(b, a)
  }

  #competes({ line, what }: Act, { line: other, what: asked }: Act): boolean {
    const displaces = (act: Act["what"]): boolean => act.kind === "join" || act.kind === "move"
    // A clause goes to one place, and has one level.
    if (line === other && displaces(what) && displaces(asked)) return true
    if (line === other && what.kind === "level" && asked.kind === "level") return what.level !== asked.level
    // Two that are joined to one clause would stand in no order, and each to the other nowhere; words are not joined to what goes, nor does what is joined go.
    if (what.kind === "join" && asked.kind === "join") return what.into === asked.into || (what.into === other && asked.into === line)
    if (what.kind === "join" && asked.kind === "delete") return other === what.into || other === line
    // Behind a clause that itself moves there is no one place.
    return what.kind === "move" && asked.kind === "move" && what.after === other
  }

  /** The lines that are left: first what each verdict means for all, then words, levels, joins and moves; at last what is deleted goes. */
  left(given: ReadonlyMap<string, Verdict>): string {
    const verdicts = this.#meant(given)
    const is = (act: Act, verdict: Verdict): boolean => verdicts.get(act.id) === verdict
    const isGone = (act: Act): boolean => is(act, "notRetain") || is(act, "withdraw")
    let lines = this.#names.flatMap((name) => {
      const adding = this.#acts.find(({ id }) => `n${id}` === name)
      if (adding && isGone(adding)) return []
      const key = adding?.id ?? name
      const isCut = (at: number): boolean =>
        this.#acts.some((act) => act.line === name && act.what.kind === "split" && act.what.at === at && is(act, "accept"))
      const put = this.#acts.filter((act) => act.line === key && act.what.kind === "words" && !isGone(act))
      const own = adding ? (adding.what as { words: string; level: number }) : { words: this.#letters(name, isCut), level: 1 }
      return [
        { id: name, level: own.level, text: own.words + put.map((act) => (act.what as { words: string }).words).join(""), isThere: true },
      ]
    })
    const accepted = this.#acts.filter((act) => is(act, "accept"))
    const of = (id: string) => lines.find((line) => line.id === id)!
    const deleted = new Set(accepted.flatMap(({ line, what }) => (what.kind === "delete" ? [line] : [])))
    for (const { line, what } of accepted) if (what.kind === "level") of(line).level = what.level
    // Of two that go behind one clause the one that was proposed first stands first.
    for (const { line, what } of accepted.toReversed())
      if (what.kind === "move" && !deleted.has(line)) {
        const moving = of(line)
        lines = lines.filter((other) => other !== moving)
        lines.splice(what.after === null ? 0 : lines.indexOf(of(what.after)) + 1, 0, moving)
      }
    // From the ends of chains: what is joined to what is joined goes with it.
    const into = new Map(accepted.flatMap(({ line, what }) => (what.kind === "join" ? [[line, what.into] as const] : [])))
    const depth = (line: string): number => (into.has(line) ? 1 + depth(into.get(line)!) : 0)
    for (const line of [...into.keys()].sort((a, b) => depth(b) - depth(a))) {
      of(into.get(line)!).text += ` ${of(line).text}`
      of(line).isThere = false
    }
    return lines
      .filter(({ id, isThere }) => isThere && !deleted.has(id))
      .flatMap(({ level, text }) => text.split(cut).map((part) => `${level}${part}`))
      .join("/")
  }

  /** The letters of a line, cut where that is accepted; whatever becomes of them, where they are then a line begins. */
  #letters(name: string, isAccepted: (at: number) => boolean): string {
    return [...lettersOf(name)].map((letter, i) => (isAccepted(i) ? cut : "") + letter).join("")
  }

  /** Those in which others have something: of what says the same such a one is written, for it would end with the others. */
  holding(group: readonly Act[]): Act[] {
    return group.filter(({ id }) => this.#acts.some(({ line }) => line === id))
  }

  /** One verdict for all that say the same, of which one is written; what competes with an accepted one ends. */
  #meant(given: ReadonlyMap<string, Verdict>): Map<string, Verdict> {
    const all = new Map(given)
    for (const act of this.#acts) {
      const verdict = given.get(act.id)
      if (verdict === undefined || verdict === "withdraw") continue
      const same = this.#acts.filter((other) => this.isSame(act, other))
      if (verdict === "notRetain") {
        if (act.what.kind !== "delete") for (const other of same) all.set(other.id, "notRetain")
        continue
      }
      const group = this.#acts.filter((other) => other === act || same.includes(other))
      const holding = this.holding(group)
      const written = holding.includes(act) ? act : (holding[0] ?? group[0])
      for (const other of group) all.set(other.id, other === written ? "accept" : "notRetain")
      for (const other of this.#acts)
        if (group.some((one) => this.isRival(one, other)) && !group.includes(other)) all.set(other.id, "notRetain")
    }
    return all
  }
}

const lines = (blocks: readonly Block[]): string =>
  blocks
    .filter((block) => block.joined === null)
    .map((block) => `${block.level}${block.runs.map(shown).join("")}`)
    .join("/")

/** A run as the model has it: signs that are only proposed, and spaces that would come with a join, are no words. */
const shown = ({ text, marks }: Run): string => (marks.length > 0 && (text === splitCharacter || text === " ") ? "" : text)

function oneByOne(start: readonly Block[], verdicts: readonly (readonly [string, Verdict])[]): string {
  let blocks = start
  let noted = new Set<string>()
  const mint = countingMint()
  const twins = new Map<string, Twin[]>()
  for (const [id, verdict] of verdicts) {
    const near = changesIn(blocks)
    const asked = near.filter((change) => change.id === id && !noted.has(id))
    if (asked.length === 0) continue
    const relations = relationsOf(blocks, near, twins)
    const choice = finished(choiceInSlices(asked, verdict, near, relations))
    const given = new Map<string, Verdict>([...[...noted].map((change) => [change, "accept"] as const), ...choice.verdicts])
    const after = resolution(blocks, given, mint).blocks
    for (const [change, parted] of finished(twinsParted(near, relations, after)))
      twins.set(change, [...(twins.get(change) ?? []), ...parted])
    blocks = after
    noted = waitingAmong(blocks, given)
  }
  return lines(blocks)
}

function shuffled<T>(list: readonly T[], r: ReturnType<typeof random>): T[] {
  const rest = [...list]
  return list.map(() => rest.splice(r.below(rest.length), 1)[0]!)
}

/** Verdicts that a chair can give: none contradicts another. */
function verdictsFor({ acts }: Scene, rules: Rules, r: ReturnType<typeof random>): [string, Verdict][] {
  const given = new Map<string, Verdict>()
  const ended = new Set<string>()
  for (const act of shuffled(acts, r)) {
    if (given.has(act.id) || ended.has(act.id) || r.next() < 0.25) continue
    const same = acts.filter((other) => rules.isSame(act, other))
    if (same.some((other) => given.has(other.id) || ended.has(other.id))) continue
    const hasGuests = [act, ...same].some(({ id }) => acts.some((other) => other.line === id))
    const verdict = r.pick(
      hasGuests || same.length > 0 ? (["accept", "notRetain"] as const) : (["accept", "accept", "notRetain", "withdraw"] as const),
    )
    if (verdict === "accept") {
      const rivals = acts.filter((other) => [act, ...same].some((one) => rules.isRival(one, other)))
      if (rivals.some((rival) => given.get(rival.id) === "accept" || given.get(rival.id) === "withdraw")) continue
      for (const rival of rivals) ended.add(rival.id)
    }
    given.set(act.id, verdict)
  }
  return [...given]
}

/** Two joins into each other, or round, have no end. */
function isCircular({ acts }: Scene, given: ReadonlyMap<string, Verdict>): boolean {
  const next = new Map(
    acts.flatMap(({ id, line, what }) => (given.get(id) === "accept" && what.kind === "join" ? [[line, what.into] as const] : [])),
  )
  for (const start of next.keys()) {
    const seen = new Set([start])
    for (let at = next.get(start); at !== undefined; at = next.get(at)) {
      if (seen.has(at)) return true
      seen.add(at)
    }
  }
  return false
}

/**
 * Given up (as for words between two equal insertions): two new clauses that say the same behind different clauses come to say the same at one place
 * once the clauses between them go, and only then.
 */
function mayComeTogether({ acts }: Scene, given: ReadonlyMap<string, Verdict>): boolean {
  const isDisplaced = acts.some(({ id, what }) => given.get(id) === "accept" && ["delete", "join", "move"].includes(what.kind))
  const adds = acts.filter(({ what }) => what.kind === "add")
  return (
    isDisplaced &&
    adds.some((act) => adds.some((other) => other.line !== act.line && JSON.stringify(other.what) === JSON.stringify(act.what)))
  )
}

/**
 * Given up: where what others have in one of several that say the same is not retained or withdrawn, another of these may be written than before. That
 * tells where others have something in that too, and where something else is proposed between them.
 */
function isWrittenOtherwise({ acts }: Scene, rules: Rules, given: ReadonlyMap<string, Verdict>): boolean {
  const isOut = ({ id }: Act): boolean => ["notRetain", "withdraw"].includes(given.get(id) ?? "")
  const adds = acts.filter(({ what }) => what.kind === "add")
  return adds.some((act) => {
    const group = adds.filter((other) => other === act || rules.isSame(act, other))
    const holding = rules.holding(group)
    const isAlone = adds.filter(({ line }) => line === act.line).length === group.length
    return (holding.length > 1 || !isAlone) && holding.some(({ id }) => acts.some((guest) => guest.line === id && isOut(guest)))
  })
}

const scenes = Array.from({ length: Number(process.env.SCENES ?? "600") }, (_, seed) => seed + 1)

describe("clauses that compete, against a reference written from the rules", () => {
  it("[RIVAL1 RIVAL2 RES7] which proposals about clauses say the same, and which cannot both be accepted", () => {
    let [same, rivals] = [0, 0]
    for (const seed of scenes) {
      const now = scene(seed)
      const rules = new Rules(now)
      const relations = relationsOf(now.blocks, changesIn(now.blocks))
      // What stands inside a new clause that another says too is inside one of two: it is no part of what is compared here.
      const acts = now.acts.filter(({ what }) => what.kind !== "words")
      const among = (ids: readonly string[]): string[] => ids.filter((id) => acts.some((act) => act.id === id)).sort()
      for (const act of acts) {
        const of = (test: (other: Act) => boolean): string[] =>
          acts
            .filter(test)
            .map(({ id }) => id)
            .sort()
        expect(among(relations.identicalTo(act.id)), `the same as ${JSON.stringify(act)}, scene ${seed}`).toEqual(
          of((other) => rules.isSame(act, other)),
        )
        expect(among(relations.rivalsOf(act.id)), `rivals of ${JSON.stringify(act)}, scene ${seed}`).toEqual(
          of((other) => rules.isRival(act, other)),
        )
        same += relations.identicalTo(act.id).length
        rivals += relations.rivalsOf(act.id).length
      }
    }
    expect(same).toBeGreaterThan(scenes.length / 2)
    expect(rivals).toBeGreaterThan(scenes.length / 2)
  }, 900_000)

  it("[RES6 RIVAL] every order of the same verdicts gives the lines of the rules", () => {
    let orders = 0
    let differ = 0
    const first: string[] = []
    for (const seed of scenes) {
      const now = scene(seed)
      const rules = new Rules(now)
      const r = random(seed * 17)
      const given = verdictsFor(now, rules, r)
      if (isCircular(now, new Map(given)) || mayComeTogether(now, new Map(given)) || isWrittenOtherwise(now, rules, new Map(given)))
        continue
      const expected = rules.left(new Map(given))
      for (let order = 0; order < 6; order++) {
        const sequence = shuffled(given, r)
        const found = oneByOne(now.blocks, sequence)
        orders++
        if (found === expected) continue
        differ++
        if (first.length < 5)
          first.push(`scene ${seed}: ${JSON.stringify(now.acts)} as ${JSON.stringify(sequence)} gives ${found}, not ${expected}`)
      }
    }
    console.log(`clauses that compete: ${orders} orders of ${scenes.length} scenes, ${differ} differ`)
    expect(first).toEqual([])
    expect(orders).toBeGreaterThan(scenes.length * 4)
  }, 900_000)
})
