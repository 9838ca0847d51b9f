import { z } from "zod"
import { anchorCharacter, type BlockType, blockTypes, splitCharacter } from "../../shared/schema/block.ts"
import { notStated, sourcePattern } from "../../shared/schema/keys.ts"
import { halfLetterIn } from "../../shared/schema/letters.ts"
import { longestBlockId } from "../../shared/schema/structure.ts"
import { DomainError } from "../problems.ts"
import { tooMuchIn } from "./bounds.ts"
import { shown, strangeSign } from "./characters.ts"
import { isDate } from "./dates.ts"
import type { ImportedChange, ImportedDraft } from "./file-draft.ts"
import { forceIn } from "./in-force.ts"

/** Longest name of somebody that is taken, in UTF-16 units. */
const longestName = 512

/** Longest that a clause which is gone is spoken of in a file. */
export const longestAddress = 200

const offset = z.number().int().min(0)
const segment = z.object({ block: z.string(), kind: z.enum(["insertion", "deletion"]), from: offset, to: offset })
const blockName = z.string().max(longestBlockId)
const structure = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("delete"), block: blockName }),
  z.object({ kind: z.literal("join"), block: blockName, into: blockName, apart: z.literal(true).optional() }),
  z.object({ kind: z.literal("move"), block: blockName, after: blockName.nullable() }),
  z.object({ kind: z.literal("level"), block: blockName, level: z.number().int().min(1).max(4) }),
])
const source = z
  .string()
  .regex(sourcePattern, "a source is 1 to 16 capitals, digits or hyphens")
  .nullable()
  .transform((code) => (code === notStated ? null : code))
const isPlain = (text: string): boolean => strangeSign(text) === null
const said = "it holds a sign that no text takes"
const person = z.string().max(longestName, "no name is so long").refine(isPlain, said).nullable().default(null)
const when = z
  .string()
  // Files that earlier versions of ours have published say "" of what nobody has said.
  .refine((text) => text === "" || isDate(text), "it is no date such as 2026-03-01T10:00:00Z")
  .nullable()
  .default(null)
const id = z
  .string()
  .regex(/^[\w.-]{1,64}$/, "an id is 1 to 64 letters, digits, points, hyphens or underscores")
  // What every object has is no block's own.
  .refine((name) => !(name in {}), "this id is taken by the program itself")
const plain = z.string().refine(isPlain, said)

const type = z.enum(blockTypes as [BlockType, ...BlockType[]])
const block = z.object({
  id,
  type,
  part: z.enum(["preamble", "operative"]).optional(),
  level: z.number().int().min(1).max(4).optional(),
  label: plain.max(64).optional(),
  importedLabel: plain.max(64).optional(),
  shownLabel: plain.max(64).optional(),
  renumbered: z.object({ was: plain.max(64), source: source.default(null), enteredBy: person, date: when }).optional(),
  dir: z.enum(["rtl", "ltr"]).optional(),
  origin: id.nullable().optional(),
  text: z.string(),
})
const notes = z
  .array(
    z.object({
      id,
      label: z.string(),
      text: z.string(),
      block: z.string().nullable().default(null),
      at: offset.nullable().default(null),
    }),
  )
  .default([])
const inForce = z.object({
  blocks: z.array(block),
  notes,
  left: z.array(z.object({ id, type, origin: id.nullable(), joined: id, behind: id.nullable() })).default([]),
  accepted: z
    .array(
      z.object({
        source: source.default(null),
        segments: z.array(z.object({ block: blockName, kind: z.enum(["insertion", "deletion"]), text: plain })).default([]),
        acts: z
          .array(z.object({ kind: z.enum(["delete", "join", "move", "level"]), block: blockName, origin: blockName.nullable() }))
          .default([]),
      }),
    )
    .default([]),
})

const draftShape = z.object({
  profile: z.enum(["itu", "un"]).default("itu"),
  cover: z.array(z.object({ field: plain.nullable(), text: plain })).default([]),
  blocks: z.array(block).min(1, "a draft has at least one block"),
  changes: z
    .array(
      z.object({
        id: z.string(),
        kind: z.enum(["insertion", "deletion", "replacement", "move", "structure"]),
        source: source.default(null),
        enteredBy: person,
        date: when,
        block: z.string(),
        text: z.string(),
        replacedBy: z.string().optional(),
        newBlocks: z.array(z.string()).optional(),
        segments: z.array(segment).optional(),
        structure: z.array(structure).optional(),
        inside: z.array(z.string()).optional(),
      }),
    )
    .default([]),
  comments: z
    .array(
      z.object({
        id: z.string(),
        by: person,
        source: source.optional(),
        date: when,
        block: z.string().nullable().default(null),
        quote: z.string().default(""),
        text: plain,
        replies: z.array(z.object({ by: person, source: source.optional(), date: when, text: plain })).default([]),
        resolved: z.boolean().default(false),
        at: z.object({ from: offset, to: offset }).optional(),
        further: z.array(z.object({ block: z.string(), from: offset, to: offset })).optional(),
        change: z.string().optional(),
        lost: z.enum(["words", "clause"]).optional(),
        address: z.string().max(longestAddress).optional(),
      }),
    )
    .default([]),
  notes,
  inForce: inForce.optional(),
  debris: z.array(z.string()).default([]),
  warnings: z.array(z.object({ code: z.string(), block: z.string().optional(), message: z.string() })).default([]),
})

/**
 * A draft as our own forms hold it, which say of each change what it does and where. Throws a DomainError that says what is not as it should be. `form`:
 * what the file is written in.
 */
export function demandOwn(value: unknown, name: string, form: string): ImportedDraft {
  const read = draftShape.safeParse(value)
  if (!read.success) {
    const [issue] = read.error.issues
    throw new DomainError("bad-input", `${name} is ${form}, but not a draft: at ${issue?.path.join(".") || "the top"}, ${issue?.message}.`)
  }
  const draft = read.data as unknown as ImportedDraft
  demandFit(draft, name, { isOwn: true })
  return draft
}

/** Throws a DomainError where a draft is too large, or its parts do not fit together. `isOwn`: whether the file itself says what each change does. */
export function demandFit(draft: ImportedDraft, name: string, { isOwn } = { isOwn: false }): void {
  const excess = tooMuchIn(draft)
  if (excess !== null) throw new DomainError("too-large", `${name} ${excess}.`)
  const fit = new Fit(draft)
  const half = halfLetterIn(draft)
  const flaw = fit.flaw() ?? (half === null ? null : `${half} holds half of a letter`) ?? (isOwn ? fit.untruth() : null)
  if (flaw !== null) throw new DomainError("bad-input", `${name} does not fit together: ${flaw}.`)
}

/** Letters and digits alone: how words of a change are put beside each other is each form's own. */
const letters = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, "")

/** What does not fit together in a draft: its parts name each other, and places in texts. Each finds a flaw and says it, or null. */
class Fit {
  readonly #draft: ImportedDraft
  readonly #texts = new Map<string, string>()

  constructor(draft: ImportedDraft) {
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
      const flaw = this.#inStructure(change) ?? this.#inKind(change) ?? this.#inSorts(change)
      if (flaw !== null) return flaw
    }
    return this.#inTwice()
  }

  /** Each letter is put in by one change: by the innermost, where one stands inside another. By two it would come in twice. */
  #inTwice(): string | null {
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

  #inStructure({ id: own, structure: acts = [] }: ImportedChange): string | null {
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
  #inKind({ id: own, kind, text, replacedBy, segments = [], newBlocks = [], structure: acts = [] }: ImportedChange): string | null {
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
  #inSorts({ id: own, segments = [], newBlocks = [], structure: acts = [] }: ImportedChange): string | null {
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
