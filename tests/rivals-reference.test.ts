import { describe, expect, it } from "vitest"
import { changesIn } from "../shared/changes/changes.ts"
import { choiceInSlices } from "../shared/changes/choice.ts"
import type { Verdict } from "../shared/changes/effects.ts"
import { twinsParted } from "../shared/changes/noted-twins.ts"
import { resolved, waitingAmong } from "../shared/changes/resolve.ts"
import { relationsOf } from "../shared/changes/rivals.ts"
import { finished } from "../shared/changes/slices.ts"
import type { Twin } from "../shared/changes/twins.ts"
import { type Block, defaultAttrs, type Mark, type Run, textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { random } from "./build.ts"

/**
 * A second opinion on words that compete (RIVAL), letter by letter and written from the rules alone: which changes say the same, which cannot both be
 * accepted, and what is left of the text once verdicts are given, in whatever order. It shares no code with what it checks.
 */
interface Letter {
  readonly letter: string
  /** The insertions around it, outermost first; the last one put it there. */
  readonly inside: readonly Insertion[]
  readonly struckBy: readonly Strike[]
}
interface Insertion {
  readonly change: string
  readonly within: readonly string[]
  readonly mark: string
}
interface Strike {
  readonly change: string
  /** The change whose words it objects to; null: agreed words. */
  readonly host: string | null
}
interface Scene {
  readonly letters: readonly Letter[]
  readonly block: Block
  readonly changes: readonly string[]
}

const sources = ["A", "B", "C", "D"]
const sourceOf = (change: string): string => change.split(".")[0]!
const offered = ["x", "y", "x"]

/** A paragraph in which several sources strike, replace and add, often the same; inside insertions too. */
function scene(seed: number): Scene {
  const r = random(seed)
  const letters: Letter[] = []
  const runs: Run[] = []
  const changes: string[] = []
  let n = 0
  let word = 0
  const fresh = (source: string): string => `${source}.1.${++n}`
  const write = (text: string, inside: readonly Insertion[], struckBy: readonly Strike[], marks: readonly Mark[]): void => {
    if (text === "") return
    for (const letter of text) letters.push({ letter, inside, struckBy })
    runs.push({ text, marks })
  }
  const passage = (depth: number, inside: readonly Insertion[], marks: readonly Mark[]): void => {
    const owner = inside.at(-1)
    const over = owner ? [owner.mark] : []
    const within = marks.map((mark) => mark.id)
    const others = sources.filter((source) => source !== (owner && sourceOf(owner.change)))
    const plain = (): string => String.fromCharCode(97 + (word++ % 20))
    for (let part = 1 + r.below(3); part > 0; part--) {
      write(plain(), inside, [], marks)
      const kind = r.pick(["strike", "replace", "replace", "insert", "insert", "host"])
      if (kind === "host" && depth < 2) {
        const source = r.pick(others)
        const id = fresh(source)
        changes.push(id)
        passage(depth + 1, [...inside, { change: id, within, mark: id }], [...marks, newMark("insertion", { id, source, within })])
        continue
      }
      // Two words; each of some sources strikes the first, the second or both, and may put something behind.
      const who = others.filter(() => r.next() < 0.6)
      const acts = who.map((source) => {
        const id = fresh(source)
        changes.push(id)
        const reach = r.below(3)
        const put = kind === "strike" ? "" : r.pick(offered)
        return { id, source, put, first: kind !== "insert" && reach !== 1, second: kind !== "insert" && reach !== 0 }
      })
      const strikes = (test: (act: (typeof acts)[number]) => boolean): { marks: Mark[]; struckBy: Strike[] } => {
        const hit = acts.filter(test)
        return {
          marks: [...marks, ...hit.map(({ id, source }) => newMark("deletion", { id, source, over }))],
          struckBy: hit.map(({ id }) => ({ change: id, host: owner?.change ?? null })),
        }
      }
      if (kind !== "insert") {
        const one = strikes((act) => act.first)
        write(plain(), inside, one.struckBy, one.marks)
        const two = strikes((act) => act.second)
        write(plain(), inside, two.struckBy, two.marks)
      }
      for (const { id, source, put, first, second } of acts) {
        if (put === "") continue
        const isReplacement = first || second
        const mark = isReplacement ? fresh(source) : id
        const insertion = { change: id, within, mark }
        write(put, [...inside, insertion], [], [...marks, newMark("insertion", { id: mark, of: isReplacement ? id : "", source, within })])
      }
    }
  }
  passage(0, [], [])
  write("z", [], [], [])
  return { letters, changes, block: { ...defaultAttrs, id: "c", type: "clause", runs, structure: [] } }
}

/** What the rules say of two changes of a scene. */
class Rules {
  readonly #scene: Scene
  constructor(scene: Scene) {
    this.#scene = scene
  }
  #own(change: string): Letter[] {
    return this.#scene.letters.filter((letter) => letter.inside.at(-1)?.change === change)
  }
  #struck(change: string): Letter[] {
    return this.#scene.letters.filter((letter) => letter.struckBy.some((strike) => strike.change === change))
  }
  /** The changes that a change stands inside. */
  #hosts(change: string): string {
    const around = [
      ...this.#own(change).map((letter) => letter.inside.slice(0, -1)),
      ...this.#struck(change).map((letter) => letter.inside),
    ]
    return [...new Set(around.flat().map((insertion) => insertion.change))].sort().join(" ")
  }
  /** The words that it finds there, as they would read if it alone were taken. */
  #alone(change: string): string {
    const hosts = new Set(this.#hosts(change).split(" "))
    const isThere = ({ inside }: Letter): boolean => inside.every((insertion) => insertion.change === change || hosts.has(insertion.change))
    return this.#scene.letters
      .filter((letter) => isThere(letter) && !letter.struckBy.some((strike) => strike.change === change))
      .map(({ letter }) => letter)
      .join("")
  }
  isSame(a: string, b: string): boolean {
    return a !== b && sourceOf(a) !== sourceOf(b) && this.#hosts(a) === this.#hosts(b) && this.#alone(a) === this.#alone(b)
  }
  isRival(a: string, b: string): boolean {
    if (a === b || this.isSame(a, b)) return false
    if (this.#own(a).length + this.#own(b).length === 0) return false
    const struck = new Set(this.#struck(a))
    return this.#struck(b).some((letter) => struck.has(letter))
  }
  /** Whether several changes stand inside one: withdrawing it leaves them without the words that they were about, and so in other relations (RES3). */
  holdsSeveral(host: string): boolean {
    return this.#scene.changes.filter((change) => this.#hosts(change).split(" ").includes(host)).length > 1
  }
  onlyStrikes(change: string): boolean {
    return this.#own(change).length === 0
  }
  /** The text once these verdicts are given: no two accepted ones are rivals, all that say the same have the same verdict. */
  decided(verdicts: ReadonlyMap<string, Verdict>): string {
    const all = new Map(verdicts)
    const { changes } = this.#scene
    for (const [change, verdict] of verdicts) {
      if (verdict === "withdraw" || (verdict === "notRetain" && this.onlyStrikes(change))) continue
      const same = changes.filter((other) => this.isSame(change, other))
      if (verdict === "notRetain") for (const other of same) all.set(other, "notRetain")
      else {
        const group = changes.filter((other) => other === change || same.includes(other)).sort((a, b) => this.#first(a) - this.#first(b))
        group.forEach((other, i) => {
          all.set(other, i === 0 ? "accept" : "notRetain")
        })
        for (const other of changes)
          if (group.some((one) => this.isRival(one, other)) && !group.includes(other)) all.set(other, "notRetain")
      }
    }
    return this.#left(all)
  }
  #first(change: string): number {
    return this.#scene.letters.findIndex(
      (letter) => letter.inside.at(-1)?.change === change || letter.struckBy.some((strike) => strike.change === change),
    )
  }
  #left(verdicts: ReadonlyMap<string, Verdict>): string {
    let left = this.#scene.letters
    for (;;) {
      const now = left
      const isAlive = (change: string): boolean => now.some((letter) => letter.inside.at(-1)?.change === change)
      const holdsUp = (insertion: Insertion): boolean =>
        !["accept", "withdraw"].includes(verdicts.get(insertion.change) ?? "") && isAlive(insertion.change)
      const next = now.filter(({ inside, struckBy }) => {
        const owner = inside.at(-1)
        if (owner && verdicts.get(owner.change) === "withdraw") return false
        if (inside.some((insertion) => verdicts.get(insertion.change) === "notRetain")) return false
        if (inside.some(holdsUp)) return true
        const wasWithdrawn = (host: string | null): boolean => host !== null && verdicts.get(host) === "withdraw"
        return !struckBy.some(({ change, host }) => verdicts.get(change) === "accept" && !wasWithdrawn(host))
      })
      if (next.length === left.length) return next.map(({ letter }) => letter).join("")
      left = next
    }
  }
}

/** Verdicts given one after the other, as the room does it: what is gone cannot be decided, what waits for its host is noted. */
function oneByOne(block: Block, verdicts: readonly (readonly [string, Verdict])[]): string {
  let blocks: Block[] = [block]
  let noted = new Set<string>()
  const twins = new Map<string, Twin[]>()
  for (const [id, verdict] of verdicts) {
    const near = changesIn(blocks)
    const asked = near.filter((change) => change.id === id && !noted.has(id))
    if (asked.length === 0) continue
    const choice = finished(choiceInSlices(asked, verdict, near, relationsOf(blocks, near, twins)))
    const given = new Map<string, Verdict>([...[...noted].map((change) => [change, "accept"] as const), ...choice.verdicts])
    const after = resolved(blocks, given)
    for (const [change, parted] of finished(twinsParted(near, relationsOf(blocks, near, twins), after)))
      twins.set(change, [...(twins.get(change) ?? []), ...parted])
    blocks = after
    noted = waitingAmong(blocks, given)
  }
  return blocks.map(textOf).join("|")
}

function shuffled<T>(list: readonly T[], r: ReturnType<typeof random>): T[] {
  const rest = [...list]
  return list.map(() => rest.splice(r.below(rest.length), 1)[0]!)
}

/** Verdicts that a chair can give: none contradicts another. */
function verdictsFor({ changes }: Scene, rules: Rules, r: ReturnType<typeof random>): [string, Verdict][] {
  const given = new Map<string, Verdict>()
  const ended = new Set<string>()
  for (const change of shuffled(changes, r)) {
    if (given.has(change) || ended.has(change) || r.next() < 0.3) continue
    const verdict = r.pick(["accept", "accept", "notRetain", "withdraw"] as const)
    const same = changes.filter((other) => rules.isSame(change, other))
    // One verdict for all that say the same, whoever is named; a withdrawal beside another verdict would be a change of mind.
    if (same.some((other) => given.has(other)) || (verdict === "withdraw" && same.length > 0)) continue
    if (verdict === "withdraw" && rules.holdsSeveral(change)) continue
    if (verdict === "accept") {
      const rivals = changes.filter((other) => [change, ...same].some((one) => rules.isRival(one, other)))
      if (rivals.some((rival) => given.get(rival) === "withdraw" || given.get(rival) === "accept")) continue
      for (const rival of rivals) ended.add(rival)
    }
    given.set(change, verdict)
  }
  return [...given]
}

const scenes = Array.from({ length: Number(process.env.SCENES ?? "500") }, (_, seed) => seed + 1)

describe("words that compete, against a reference written from the rules", () => {
  it("[RIVAL1 RIVAL2] which changes say the same, and which cannot both be accepted", () => {
    let same = 0
    let rivals = 0
    for (const seed of scenes) {
      const now = scene(seed)
      const rules = new Rules(now)
      const listed = changesIn([now.block])
      const relations = relationsOf([now.block], listed)
      for (const { id } of listed) {
        const others = listed.map((change) => change.id)
        expect(relations.identicalTo(id), `the same as ${id}, scene ${seed}`).toEqual(others.filter((other) => rules.isSame(id, other)))
        expect(relations.rivalsOf(id), `rivals of ${id}, scene ${seed}`).toEqual(others.filter((other) => rules.isRival(id, other)))
        same += relations.identicalTo(id).length
        rivals += relations.rivalsOf(id).length
      }
    }
    expect(same).toBeGreaterThan(scenes.length / 2)
    expect(rivals).toBeGreaterThan(scenes.length / 2)
  }, 600_000)

  it("[RES6 RIVAL] every order of the same verdicts gives the text of the rules", () => {
    let orders = 0
    for (const seed of scenes) {
      const now = scene(seed)
      const rules = new Rules(now)
      const r = random(seed * 13)
      const given = verdictsFor(now, rules, r)
      const expected = rules.decided(new Map(given))
      for (let order = 0; order < 6; order++) {
        const sequence = shuffled(given, r)
        expect(oneByOne(now.block, sequence), `scene ${seed} in the order ${JSON.stringify(sequence)}`).toBe(expected)
        orders++
      }
    }
    expect(orders).toBe(scenes.length * 6)
    console.log(`words that compete: ${orders} orders of ${scenes.length} scenes`)
  }, 600_000)
})
