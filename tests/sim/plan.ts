import type * as Y from "yjs"
import { changesIn } from "../../shared/changes/changes.ts"
import { elementsOf, runsOfText, textOfElement } from "../../shared/sync/read.ts"
import { random } from "../build.ts"
import { Delegate, type StockPeer } from "./people.ts"
import { placeNamed, stretchNamed } from "./places.ts"
import type { Op, Plan } from "./trace.ts"
import type { World } from "./world.ts"

type Random = ReturnType<typeof random>
/** An operation without its number; null: there is nothing for it to do now. */
type Draft = Omit<Op, "at"> | null

const sparse = Array.from({ length: 6 }, (_, i) => `that the Secretary-General shall report to the Council on item ${i};`)
const dense = ["abcdefghij0123456789", "the café 😀 – أن يقدّم تقريراً 文本", "klmnopqrst"]
const words = ["A", "BB", "yes ", "é", "😀", "و", "文", " shall", "A"]

export const stepsOfPlay = 240

/** What the play of a seed begins with. */
export function planOf(seed: number): Plan {
  const r = random(seed * 31 + 7)
  const kind = r.below(16)
  const lookMs = r.below(8) === 0 ? { lookMs: 16 } : {}
  if (kind === 0) return { texts: [], file: r.below(100_000), ...lookMs }
  return { texts: kind < 4 ? sparse : dense, ...lookMs, ...(r.below(3) === 0 ? { areLettersOwn: true } : {}) }
}

// A person never puts the caret inside a surrogate pair.
const boundary = (text: string, at: number): number => (/[\udc00-\udfff]/.test(text[at] ?? "") ? at - 1 : at)

const textOfY = (text: Y.XmlText): string =>
  runsOfText(text)
    .map((run) => run.text)
    .join("")

/** Makes the operations of one play, one after the other, from what the world is like at each moment. */
export class Player {
  readonly #r: Random
  readonly #world: World
  readonly #hasLiars: boolean
  readonly #hasPeer: boolean
  readonly #hasChair: boolean
  #letters = 0

  constructor(world: World, seed: number) {
    this.#world = world
    this.#r = random(seed)
    this.#hasLiars = seed % 4 === 1
    this.#hasPeer = seed % 4 === 2
    this.#hasChair = seed % 8 !== 3
  }

  next(): Omit<Op, "at"> {
    for (;;) {
      const op = this.#any()
      if (op) return op
    }
  }

  #any(): Draft {
    const r = this.#r
    const chance = r.next()
    const key = r.pick(["S", "B", "E", "S", "B", "E", "S2"])
    if (chance < 0.42) return this.#edit(key)
    if (chance < 0.57) return { do: "down", who: this.#reader(key), n: 1 + r.below(4) }
    if (chance < 0.74) return { do: "up", who: this.#reader(key), n: 1 + r.below(4) }
    if (chance < 0.84) return { do: "turn" }
    if (chance < 0.87) return this.#world.guest(key).line ? this.#trouble(key) : { do: "come", who: key }
    if (chance < 0.89) return { do: "come", who: r.pick(["S", "B", "E", "S2", ...(this.#hasPeer ? ["P"] : [])]) }
    if (chance < 0.905) return this.#machine()
    if (chance < 0.93) return this.#stranger()
    return this.#act(key)
  }

  #reader(key: string): string {
    return this.#hasPeer && this.#r.below(6) === 0 ? "P" : key
  }

  #text(): string {
    if (!this.#world.plan.areLettersOwn) return this.#r.pick(words)
    // Each letter once: from the planes of Han, which have enough.
    return String.fromCharCode(...Array.from({ length: 1 + this.#r.below(3) }, () => 0x4e00 + this.#letters++))
  }

  // ---- the text

  #edit(key: string): Draft {
    const guest = this.#world.guest(key)
    if (!(guest instanceof Delegate) || !guest.mayWrite) return null
    const r = this.#r
    const kind = r.pick(bag)
    const more = r.next() < 0.5 ? { joins: true } : {}
    const { doc } = guest.state
    const index = r.below(doc.childCount)
    const text = doc.child(index).textContent
    const at = boundary(text, r.below(text.length + 1))
    const named = { do: kind, who: key, ...more }
    const place = (): { block: string; after: string | null } => placeNamed(guest.doc, this.#world.names, { index, at })
    const block = (): string => this.#world.names.block(String(doc.child(index).attrs.id))
    switch (kind) {
      case "type":
        return { ...named, ...place(), text: this.#text() }
      case "delete":
      case "replace": {
        const to = boundary(text, Math.min(text.length, at + 1 + r.below(6)))
        if (to <= at) return null
        const stretch = stretchNamed(guest.doc, this.#world.names, index, at, to)
        return kind === "delete" ? { ...named, ...stretch } : { ...named, ...stretch, text: this.#text() }
      }
      case "across": {
        if (index + 1 >= doc.childCount) return null
        return { ...named, ...place(), n: boundary(doc.child(index + 1).textContent, Math.min(3, doc.child(index + 1).content.size)) }
      }
      case "paste":
        return { ...named, ...place(), lines: Array.from({ length: 1 + r.below(3) }, () => this.#text()) }
      case "replaceAll":
        // It writes the same letters at several places.
        if (this.#world.plan.areLettersOwn) return null
        return { ...named, letter: r.pick(["a", "0", "t", "e", "k"]), text: this.#text() }
      case "split":
      case "splitOwn":
        return { ...named, ...place() }
      case "move":
        return { ...named, block: block(), step: r.pick([1, -1]) }
      case "level":
        return { ...named, block: block(), step: r.pick([1, 1, -1]) }
      case "newClause":
      case "join":
      case "deleteClause":
        return { ...named, block: block() }
      default:
        return named
    }
  }

  // ---- lines and machines

  #trouble(key: string): Draft {
    const r = this.#r
    if (r.next() < 0.5) return { do: "disturb", who: key, swaps: r.next() < 0.5 }
    return { do: "cut", who: key, side: r.pick(["both", "both", "here", "there"]) }
  }

  #machine(): Draft {
    const r = this.#r
    const { disk } = this.#world
    const chance = r.next()
    if (disk.state !== "prompt" && chance < 0.5) return { do: "disk", state: "prompt" }
    if (disk.waits > 0 && chance < 0.7) return { do: "write", n: 1 + r.below(2) }
    if (chance < 0.6) return { do: "disk", state: r.pick(["slow", "slow", "full"]) }
    if (chance < 0.7) return { do: "restart", how: r.pick(["killed", "killed", "drained"]), written: r.below(3) }
    if (chance < 0.8) return { do: "snapshot" }
    if (chance < 0.9) return { do: "date", ms: r.pick([-10_800_000, 3_600_000, -1_000]) }
    return { do: "pass", ms: r.pick([5, 60, 1_000, 6_000, 700_000]) }
  }

  // ---- strangers

  #stranger(): Draft {
    const r = this.#r
    if (this.#hasLiars) return { do: "lie", who: "L", n: r.below(1_000_000) }
    if (!this.#hasPeer) return null
    const peer = this.#world.guest("P") as StockPeer
    if (!peer.line) return { do: "come", who: "P" }
    const elements = elementsOf(peer.doc).filter((element) => (textOfElement(element)?.length ?? 0) > 0)
    if (elements.length === 0) return null
    const element = r.pick(elements)
    const index = elementsOf(peer.doc).indexOf(element)
    const text = textOfY(textOfElement(element)!)
    const at = boundary(text, r.below(text.length))
    const to = boundary(text, Math.min(text.length, at + 1 + r.below(3)))
    if (to <= at) return null
    if (r.next() < 0.7) return { do: "peerTypes", who: "P", ...placeNamed(peer.doc, this.#world.names, { index, at }), text: this.#text() }
    return { do: "peerDeletes", who: "P", ...stretchNamed(peer.doc, this.#world.names, index, at, to) }
  }

  // ---- acts

  #act(key: string): Draft {
    const r = this.#r
    const chance = r.next()
    if (chance < 0.1) return this.#comment(key)
    if (chance < 0.17) return { do: "remark", who: key, n: r.below(20), act: r.pick(["reply", "resolve", "reopen"]), text: "and why?" }
    if (chance < 0.2) return { do: "version", name: `Version ${r.below(1_000)}` }
    if (chance < 0.23) return { do: "hat", who: key, source: r.pick(["S", "B", "E"]) }
    if (chance < 0.26) return this.#rights(key)
    if (chance < 0.27) return { do: "operates", on: r.next() < 0.8 }
    if (chance < 0.28 && this.#world.plan.file !== undefined) return { do: "import", file: this.#world.plan.file + r.below(2) }
    if (!this.#hasChair) return null
    if (chance < 0.4) return { do: "look" }
    if (chance < 0.55) return this.#takeBack(key)
    return this.#decide(key)
  }

  #rights(key: string): Draft {
    const { people } = this.#world.meeting
    const revoked = this.#world.delegates.find(({ person }) => people.person(person).isRevoked)
    return revoked ? { do: "revoke", who: revoked.key, on: false } : { do: "revoke", who: key, on: true }
  }

  #comment(key: string): Draft {
    const r = this.#r
    const { shadow } = this.#world.room.gate
    const elements = elementsOf(shadow)
    const index = r.below(elements.length)
    const body = textOfElement(elements[index]!)
    const text = body ? textOfY(body) : ""
    const from = boundary(text, r.below(text.length + 1))
    const to = boundary(text, Math.min(text.length, from + 1 + r.below(5)))
    if (to <= from) return null
    const stretch = stretchNamed(shadow, this.#world.names, index, from, to)
    return { do: "comment", who: key, ...stretch, on: r.pick(["words", "words", "clause"]), text: "why?" }
  }

  #takeBack(key: string): Draft {
    const r = this.#r
    const which = { n: r.pick([0, 0, 0, 1, 1, 2, 3, 5]), ...(r.next() < 0.3 ? { change: r.below(3) } : {}) }
    return { do: "takeBack", who: r.pick(["C", "C", "C", "SEC", key]), ...which }
  }

  #decide(key: string): Draft {
    const r = this.#r
    const { names, room } = this.#world
    const open = changesIn(room.gate.blocks)
    if (open.length === 0) return null
    const chosen = Array.from({ length: 1 + r.below(3) }, () => r.pick(open))
    const changes = [...new Set(chosen.map(({ id }) => names.change(id)))]
    if (r.next() < 0.25) {
      const guest = this.#world.guest(key)
      const own = open.filter(({ source }) => source === guest.source).map(({ id }) => names.change(id))
      if (r.next() < 0.2) return { do: "withdraw", who: key, act: "incorporate", changes: changes.slice(0, 1) }
      return own.length === 0 ? null : { do: "withdraw", who: key, act: "withdraw", changes: [r.pick(own)] }
    }
    const all = r.next() < 0.03 ? { changes: open.map(({ id }) => names.change(id)), partial: true, together: r.next() < 0.5 } : { changes }
    return {
      do: "decide",
      who: r.pick(["C", "C", "SEC"]),
      verdict: r.pick(["accept", "accept", "notRetain"]),
      ...all,
      ...(r.next() < 0.4 ? { looked: true } : {}),
      ...(r.next() < 0.3 ? { partial: true } : {}),
    }
  }
}

const weights: Readonly<Record<string, number>> = {
  type: 12,
  delete: 5,
  replace: 5,
  across: 3,
  paste: 3,
  newClause: 2,
  splitOwn: 5,
  replaceAll: 2,
  split: 4,
  join: 5,
  deleteClause: 3,
  move: 4,
  level: 4,
  undo: 5,
  redo: 6,
}
const bag = Object.entries(weights).flatMap(([kind, weight]) => Array<string>(weight).fill(kind))
