import type { ProposalEntry, ProposalStatus } from "../changes/outcome.ts"
import { isUncalled, noteNumbers } from "../clauses/notes.ts"
import { type Block, isBlank, isPresent, type Run } from "../schema/block.ts"
import type { ItemId } from "../schema/runs.ts"
import type { Stood } from "./places.ts"
import { type CommentPlace, commentPlaces } from "./places.ts"
import { byTime, type Thread } from "./thread.ts"

/**
 * How a thread stands to what it is about: at its words; at its clause, draft or open change; where words stood that were deleted; where a clause stood
 * that is gone.
 */
export type Standing = "words" | "clause" | "draft" | "change" | "struck" | "gone"

/** The one place of a thread (ANCHOR1). */
export interface ThreadPlace {
  /** A block that is part of the text and drawn; null only where a draft has none. */
  readonly block: string | null
  readonly from: number
  readonly to: number
  readonly standing: Standing
  /** All its words that are there, in the order of the text. */
  readonly words: readonly CommentPlace[]
  /** Of a clause that is gone: its id, and how it was spoken of, where that is known. */
  readonly gone: { readonly block: string; readonly address: string | null; readonly origin: string | null } | null
  /** Of a thread on a change: that, or what took its place; "open", what was decided, or null where its author took it back. */
  readonly change: { readonly id: string; readonly status: ProposalStatus | "open" | null } | null
}

/** What of a draft says where its threads are. */
export interface Ground {
  readonly blocks: readonly Block[]
  /** A letter by its first identity, or the nearest place to where it was; null where nothing is left that tells. */
  readonly near: (letter: ItemId) => { readonly block: string; readonly at: number } | null
  readonly stood: (block: string) => Stood | undefined
  readonly proposal: (change: string) => ProposalEntry | undefined
}

/** The place of every thread of a draft, by its id: none is without one, whatever became of its words (ANCHOR1). */
export function placesOf(threads: readonly Thread[], ground: Ground): ReadonlyMap<string, ThreadPlace> {
  if (threads.length === 0) return new Map()
  const finder = new Finder(threads, ground)
  return new Map(threads.map((thread) => [thread.id, finder.placeOf(thread)]))
}

/** Threads as they are listed: by place, then by time (ANCHOR4). */
export function inPlaceOrder(threads: readonly Thread[], places: ReadonlyMap<string, ThreadPlace>, blocks: readonly Block[]): Thread[] {
  const order = new Map(blocks.map(({ id }, i) => [id, i]))
  const indexOf = ({ id }: Thread): number => order.get(places.get(id)?.block ?? "") ?? -1
  const from = ({ id }: Thread): number => places.get(id)?.from ?? 0
  return threads.toSorted((a, b) => indexOf(a) - indexOf(b) || from(a) - from(b) || byTime(a, b))
}

/** A thread's place among what was decided about its change, its words or its clause; null where there is nothing to say. */
export function standingSaid({ standing, gone, change }: ThreadPlace): string | null {
  const clause = gone ? `On a clause that is no longer here${gone.address ? `: it was ${gone.address}` : ""}.` : null
  if (change && change.status !== "open") return [`On a change that ${fate(change.status)}.`, clause].filter(Boolean).join(" ")
  return clause ?? (standing === "struck" ? "On words that were deleted." : null)
}

/** A remark as a paper bears it that has no other place for what became of its subject. */
export const withStanding = (said: string | null, text: string): string => (said === null ? text : `(${said}) ${text}`)

const standingRead = /^\(On (?:a clause that is no longer here|words that were deleted|a change that)(?:[^()\n]|\([^()\n]*\))*\.\) /

/** The same read back: the remark without that; null where it says nothing of the kind. */
export const withoutStanding = (text: string): string | null => (standingRead.test(text) ? text.replace(standingRead, "") : null)

function fate(status: ProposalStatus | null): string {
  switch (status) {
    case "accepted":
      return "was accepted"
    case "acceptedWithHost":
      return "was accepted with the proposal around it"
    case "notRetained":
      return "was not retained"
    case "withdrawn":
      return "was withdrawn"
    case "superseded":
      return "went with the text around it"
    case "overtaken":
      return "was overtaken by another that was accepted"
    case "incorporated":
      return "was taken into the proposal around it"
    case null:
      return "its author took back"
    default:
      return status satisfies never
  }
}

class Finder {
  readonly #ground: Ground
  readonly #words: ReadonlyMap<string, readonly CommentPlace[]>
  readonly #byId: ReadonlyMap<string, Block>
  readonly #order: ReadonlyMap<string, number>
  readonly #calls: ReadonlyMap<string, number>
  /** Where each open change begins that a thread is on, or may come to be. */
  readonly #open: ReadonlyMap<string, CommentPlace>

  constructor(threads: readonly Thread[], ground: Ground) {
    const { blocks } = ground
    this.#ground = ground
    this.#words = commentPlaces(blocks)
    this.#byId = new Map(blocks.map((block) => [block.id, block]))
    this.#order = new Map(blocks.map((block, i) => [block.id, i]))
    this.#calls = noteNumbers(blocks)
    this.#open = threads.some(({ anchor }) => anchor.on === "change") ? openPlaces(blocks) : new Map()
  }

  placeOf(thread: Thread): ThreadPlace {
    const { anchor } = thread
    const words = this.#words.get(thread.id) ?? []
    if (anchor.on === "change") return this.#onChange(thread, anchor.change)
    const [first] = words
    if (first) return { ...this.#at(first), standing: this.#isDrawn(first.block) ? "words" : "struck", words, gone: null, change: null }
    if (anchor.on === "words") return this.#onGround(thread)
    return this.#onClause(anchor.block, anchor.on)
  }

  #onChange(thread: Thread, asked: string): ThreadPlace {
    const id = this.#successorOf(asked)
    const open = this.#open.get(id)
    if (open) return { ...this.#at(open), standing: "change", words: [], gone: null, change: { id, status: "open" } }
    return { ...this.#onGround(thread), change: { id: asked, status: this.#ground.proposal(asked)?.status ?? null } }
  }

  /** The change that took the place of one, where that is open; else itself. */
  #successorOf(asked: string): string {
    const { proposal } = this.#ground
    const seen = new Set<string>()
    for (let at: string | undefined = asked; at !== undefined && !seen.has(at); at = proposal(at)?.next) {
      if (this.#open.has(at)) return at
      seen.add(at)
    }
    return asked
  }

  /** Where its letters stood, of which none bears its mark any more. */
  #onGround({ anchor, letters }: Thread): ThreadPlace {
    if (letters) {
      const [client, clock, lastClient, lastClock] = letters
      const near = this.#ground.near({ client, clock }) ?? this.#ground.near({ client: lastClient, clock: lastClock })
      if (near && this.#isDrawn(near.block))
        return { block: near.block, from: near.at, to: near.at, standing: "struck", words: [], gone: null, change: null }
    }
    return this.#onClause(anchor.block, "struck")
  }

  #onClause(id: string, standing: Standing): ThreadPlace {
    const survivor = this.#survivorOf(id)
    if (survivor !== null && this.#isDrawn(survivor))
      return { block: survivor, from: 0, to: 0, standing, words: [], gone: null, change: null }
    const stood = this.#ground.stood(id)
    const block = survivor ?? this.#behind(id)
    const gone = { block: id, address: stood?.address ?? null, origin: stood?.origin ?? null }
    return { ...this.#at({ block: block ?? "", from: 0, to: 0 }), standing: "gone", words: [], gone, change: null }
  }

  /** The block that stands before the place of one that is gone; null where that is not known. */
  #behind(id: string): string | null {
    const seen = new Set<string>()
    for (let at: string | null | undefined = id; at && !seen.has(at); at = this.#ground.stood(at)?.behind) {
      seen.add(at)
      const survivor = this.#survivorOf(at)
      if (survivor !== null) return survivor
      // A clause that went may have left its place, for another that is to stand behind it.
      if (this.#order.has(at)) return at
    }
    return null
  }

  #survivorOf(id: string): string | null {
    const seen = new Set<string>()
    let block = this.#byId.get(id)
    for (; block && block.joined !== null && !seen.has(block.id); block = this.#byId.get(block.joined)) seen.add(block.id)
    return block && isPresent(block) ? block.id : null
  }

  #isDrawn(id: string): boolean {
    const block = this.#byId.get(id)
    return block !== undefined && isDrawn(block) && !isUncalled(block, this.#calls)
  }

  /** At a place, or at the nearest block before it that is drawn, else the first one. */
  #at({ block, from, to }: CommentPlace): Pick<ThreadPlace, "block" | "from" | "to"> {
    if (this.#isDrawn(block)) return { block, from, to }
    const { blocks } = this.#ground
    for (let i = this.#order.get(block) ?? -1; i >= 0; i--) {
      const before = blocks[i]!
      if (isDrawn(before) && before.type !== "note") return { block: before.id, from: 0, to: 0 }
    }
    const first = blocks.find(isDrawn) ?? blocks.find(isPresent)
    return { block: first?.id ?? null, from: 0, to: 0 }
  }
}

const isDrawn = (block: Block): boolean => isPresent(block) && !isBlank(block)

/** Where each open change begins. */
function openPlaces(blocks: readonly Block[]): Map<string, CommentPlace> {
  const places = new Map<string, CommentPlace>()
  const put = (change: string, block: string, from: number, { text }: Pick<Run, "text">): void => {
    if (!places.has(change)) places.set(change, { block, from, to: from + text.length })
  }
  for (const block of blocks) {
    if (!isDrawn(block)) continue
    if (block.insertedId !== null) put(block.insertedId, block.id, 0, { text: "" })
    for (const { changeId } of block.structure) put(changeId, block.id, 0, { text: "" })
    let at = 0
    for (const run of block.runs) {
      for (const mark of run.marks) if (mark.name === "insertion" || mark.name === "deletion") put(mark.changeId, block.id, at, run)
      at += run.text.length
    }
  }
  return places
}
