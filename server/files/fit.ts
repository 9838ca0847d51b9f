// Whether the parts of a draft from a file fit together: they name each other, and stretches of each other's words, and each change says what it does.
import { anchorCharacter, type StructuralProposal, splitCharacter } from "../../shared/schema/block.ts"
import { goesWith } from "../gate/one-thing.ts"
import { shown, strangeSign } from "./characters.ts"
import type { FileChange, FileDraft } from "./file-draft.ts"
import { forceIn } from "./in-force.ts"

/** Letters and digits alone: how words of a change are put beside each other is each form's own. */
const letters = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, "")

/** What does not fit together in a draft: its parts name each other, and places in texts. Each finds a flaw and says it, or null. */
export class Fit {
  readonly #draft: FileDraft
  readonly #texts = new Map<string, string>()

  constructor(draft: FileDraft) {
    this.#draft = draft
  }

  flaw(): string | null {
    return this.#inBlocks() ?? this.#inNotes() ?? this.#inChanges() ?? this.#inComments() ?? this.#inForce()
  }

  /** In the text in force that it carries. */
  #inForce(): string | null {
    const force = forceIn(this.#draft)
    if (force === null) return null
    const flaw = new Fit(force).flaw()
    if (flaw !== null) return `in its text in force ${flaw}`
    const places = new Map(this.#draft.inForce!.left.map((place) => [place.id, place]))
    if (places.size < this.#draft.inForce!.left.length) return "two of its empty places have one id"
    const isThere = (name: string | null): boolean => name === null || this.#texts.has(name) || places.has(name)
    for (const { id: own, joined, behind } of places.values()) {
      if (this.#texts.has(own)) return `the empty place ${shown(own)} has the id of a block`
      if (!isThere(behind) || !(joined === own || this.#texts.has(joined)))
        return `the empty place ${shown(own)} is of no block of it, or behind none`
    }
    return null
  }

  /** Where a change is said to do what it does not. To be asked where nothing else is wrong. */
  untruth(): string | null {
    for (const change of this.#draft.changes) {
      const flaw = this.#inStructure(change) ?? this.#inKind(change) ?? this.#inSorts(change) ?? this.#inActs(change)
      if (flaw !== null) return flaw
    }
    return null
  }

  /** Which words two changes would put in. Where one stands inside another they are the inner one's (`innermost`): to be asked once that was seen to. */
  twice(): string | null {
    const put = this.#draft.changes.flatMap(({ id: own, segments = [] }) =>
      segments.flatMap(({ kind, ...part }) => (kind === "insertion" ? [{ own, ...part }] : [])),
    )
    put.sort((a, b) => (a.block < b.block ? -1 : a.block > b.block ? 1 : a.from - b.from))
    const last = new Map<string, (typeof put)[number]>()
    for (const part of put) {
      const before = last.get(part.block)
      if (before && part.from < before.to) {
        const who = before.own === part.own ? `change ${shown(part.own)}` : `changes ${shown(before.own)} and ${shown(part.own)}`
        const words = `characters ${part.from} to ${Math.min(before.to, part.to)} of block ${shown(part.block)}`
        return `${who} would put in ${words} twice: leave them to one segment of one change, the innermost`
      }
      last.set(part.block, part)
    }
    return null
  }

  #inBlocks(): string | null {
    for (const { id: own, text } of [...this.#draft.blocks, ...this.#draft.notes]) {
      if (this.#texts.has(own)) return `two blocks or notes have the id ${shown(own)}`
      this.#texts.set(own, text)
      const strange = strangeSign(text)
      if (strange !== null) return `block ${shown(own)} holds ${strange}, which no text takes`
    }
    return null
  }

  #place(what: string, block: string, from: number, to: number): string | null {
    const text = this.#texts.get(block)
    if (text === undefined) return `${what} is in ${shown(block)}, which is no block of it`
    return from < to && to <= text.length
      ? null
      : `${what} is from ${from} to ${to} of block ${shown(block)}, which has ${text.length} characters`
  }

  #inNotes(): string | null {
    const called = new Set<string>()
    for (const { id: own, block, at } of this.#draft.notes) {
      if (block === null || at === null) continue
      if (this.#texts.get(block)?.[at] !== anchorCharacter || called.has(`${at} ${block}`))
        return `note ${shown(own)} is called at ${at} of block ${shown(block)}, where no call of it stands`
      called.add(`${at} ${block}`)
    }
    return null
  }

  #inChanges(): string | null {
    const ids = new Set<string>()
    const added = new Set<string>()
    const types = new Map(this.#draft.blocks.map(({ id: name, type: kind }) => [name, kind]))
    for (const { id: own, segments = [], newBlocks = [], structure: acts = [] } of this.#draft.changes) {
      if (ids.has(own)) return `two changes have the id ${shown(own)}`
      ids.add(own)
      for (const block of newBlocks) {
        if (!this.#texts.has(block) || added.has(block))
          return `change ${shown(own)} adds ${shown(block)}, which is no block of it or is added twice`
        added.add(block)
      }
      for (const { block, from, to } of segments) {
        const flaw = this.#place(`change ${shown(own)}`, block, from, to)
        if (flaw !== null) return flaw
      }
      for (const { kind, block } of acts)
        if (kind === "level" && (types.get(block) ?? "clause") !== "clause")
          return `change ${shown(own)} would put ${shown(block)} at another level, and only a clause has one`
    }
    return null
  }

  #inStructure({ id: own, structure: acts = [] }: FileChange): string | null {
    for (const act of acts) {
      const other = act.kind === "join" ? act.into : act.kind === "move" ? act.after : null
      for (const block of [act.block, other])
        if (block !== null && !this.#texts.has(block)) return `change ${shown(own)} is about ${shown(block)}, which is no block of it`
      if (act.block === other)
        return `change ${shown(own)} would ${act.kind} ${shown(other)} ${act.kind === "join" ? "into" : "behind"} itself`
    }
    return null
  }

  /** Whether a change does what it says: the review shows its kind and words, and its places are what is done. */
  #inKind({ id: own, kind, text, replacedBy, segments = [], newBlocks = [], structure: acts = [] }: FileChange): string | null {
    const has = (what: "insertion" | "deletion"): boolean => segments.some((part) => part.kind === what)
    if (segments.length + newBlocks.length + acts.length === 0) return `change ${shown(own)} changes nothing`
    const isOther =
      (kind === "insertion" && !has("insertion") && newBlocks.length === 0) ||
      (kind === "deletion" && (has("insertion") || newBlocks.length > 0)) ||
      (kind === "replacement" && !(has("insertion") && (has("deletion") || acts.length > 0))) ||
      (kind === "move" && acts.length === 0 && !(has("insertion") && has("deletion"))) ||
      (kind === "structure" && acts.length === 0 && !segments.every((part) => this.#wordsAt(part) === splitCharacter))
    if (isOther) return `change ${shown(own)} says that it is of the kind ${shown(kind)}, and is not`
    if (acts.length > 0 || kind === "structure") return null
    const wordsOf = (what: "insertion" | "deletion"): string =>
      letters(segments.flatMap((part) => (part.kind === what ? [this.#wordsAt(part)] : [])).join(""))
    const [come, gone] = [wordsOf("insertion"), wordsOf("deletion")]
    const isTold =
      kind === "replacement" ? letters(text) === gone && letters(replacedBy ?? "") === come : [come, gone].includes(letters(text))
    return isTold ? null : `change ${shown(own)} says ${shown(text)}, and other words stand at its place`
  }

  /**
   * Whether a change is of one sort, as a person makes one and a card shows it: new clauses with their words, moves, levels, or words that come and go with
   * the clauses that go and join. Words that go at one place and come in a new clause are a move, and a clause that moves may come to stand at
   * another level.
   */
  #inSorts({ id: own, segments = [], newBlocks = [], structure: acts = [] }: FileChange): string | null {
    const notes = new Set(this.#draft.notes.map((note) => note.id))
    const has = (...kinds: readonly string[]): boolean => acts.some((act) => kinds.includes(act.kind))
    const isElsewhere = ({ block }: { readonly block: string }): boolean => !newBlocks.includes(block)
    const moved = new Set(acts.flatMap((act) => (act.kind === "move" ? [act.block] : [])))
    const sorts = [
      ...(newBlocks.some((block) => !notes.has(block)) ? ["adds a clause"] : []),
      ...(moved.size > 0 ? ["moves one"] : []),
      ...(acts.some((act) => act.kind === "level" && !moved.has(act.block)) ? ["puts one at another level"] : []),
      ...(segments.some(isElsewhere) || has("delete", "join") ? ["changes words or clauses elsewhere"] : []),
    ]
    const wordsOf = (what: "insertion" | "deletion"): string =>
      segments.flatMap((part) => (part.kind === what ? [this.#wordsAt(part)] : [])).join("")
    const clauses = acts.map((act) => (act.kind === "delete" ? (this.#texts.get(act.block) ?? "") : "")).join("")
    const [gone, come] = [letters(wordsOf("deletion") + clauses), letters(wordsOf("insertion"))]
    if (sorts.length < 2 || (gone === come && gone !== "" && !has("move", "level"))) return null
    return `change ${shown(own)} ${sorts.join(" and ")}: that is more than one change, each with an id of its own`
  }

  /** Whether what a change does to clauses as wholes can be done, all of it: one thing to each, as the gate asks of who writes (GATE14). */
  #inActs({ id: own, structure: acts = [] }: FileChange): string | null {
    const before: StructuralProposal[] = []
    for (const act of acts) {
      const entry = { ...act, id: "", of: "", changeId: "", source: "" }
      // A clause that moves may come to stand at another level; and in a paper against the text in force two that move together may each stand behind the other.
      const isBeside = ({ block, kind }: StructuralProposal): boolean => {
        const isOneWithLevel = kind !== act.kind && [kind, act.kind].every((one) => one === "move" || one === "level")
        return block === act.block ? isOneWithLevel : kind === "move" && act.kind === "move"
      }
      if (
        !goesWith(
          before.filter((other) => !isBeside(other)),
          entry,
        )
      )
        return `change ${shown(own)} would do to block ${shown(act.block)} what cannot be done together with the rest of it`
      before.push(entry)
    }
    return null
  }

  #wordsAt({ block, from, to }: { readonly block: string; readonly from: number; readonly to: number }): string {
    return this.#texts.get(block)?.slice(from, to) ?? ""
  }

  #inComments(): string | null {
    for (const { id: own, block, at, further = [] } of this.#draft.comments) {
      if (block === null) continue
      const places = [...(at || !this.#texts.has(block) ? [{ block, from: 0, to: 0, ...at }] : []), ...further]
      for (const place of places) {
        const flaw = this.#place(`comment ${shown(own)}`, place.block, place.from, place.to)
        if (flaw !== null) return flaw
      }
    }
    return null
  }
}
