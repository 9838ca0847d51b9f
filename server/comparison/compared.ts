import { compareTokens, compareWords, type Stretch, wordsIn } from "../../shared/changes/compare.ts"
import { hashOf } from "../../shared/changes/hash.ts"
import type { CommentPlace } from "../../shared/comments/places.ts"
import { anchorCharacter } from "../../shared/schema/block.ts"
import type { FileBlock, FileChange, FileComment, FileDraft, FileNote, FileStructure } from "../files/file-draft.ts"
import { withoutForce } from "../files/in-force.ts"
import { withLabels } from "../files/labelled.ts"
import { fileDraftOf } from "../papers/file-draft-of.ts"
import { printableOf } from "../papers/printable.ts"
import { DomainError } from "../problems.ts"
import { align, alignMoved, likeness, type Pair } from "./align.ts"
import { withTablesOf } from "./tables-as-lines.ts"

/** A deletion that nothing in a flattened text proves: somebody who knows must say whether it is one. */
export interface OfferedDeletion {
  /** Of its place and words: another text offers others. */
  readonly id: string
  readonly block: string
  readonly from: number
  readonly to: number
  readonly text: string
  /** The insertion that seems to come in its place. */
  readonly change: string
}

/** What comparing two texts gives: a draft whose text in force is the one and whose text as proposed is the other. */
export type ComparedDraft = FileDraft & { readonly offered?: readonly OfferedDeletion[] }

type Segment = NonNullable<FileChange["segments"]>[number]

/** Puts a compared draft together. */
class Merger {
  readonly blocks: FileBlock[] = []
  readonly notes: FileNote[] = []
  readonly changes: FileChange[] = []
  readonly offered: OfferedDeletion[] = []
  readonly #source: string | null
  readonly #noteOf: { readonly a: ReadonlyMap<string, FileNote>; readonly b: ReadonlyMap<string, FileNote> }
  readonly #ids: Set<string>
  /** Where a block or footnote of B is, and where each of its characters. */
  readonly #follows = new Map<string, { readonly id: string; readonly to: readonly number[] }>()
  #minted = 0

  constructor(a: FileDraft, b: FileDraft, source: string | null) {
    this.#source = source
    const byPlace = (draft: FileDraft): Map<string, FileNote> => new Map(draft.notes.map((note) => [`${note.block}/${note.at}`, note]))
    this.#noteOf = { a: byPlace(a), b: byPlace(b) }
    this.#ids = new Set([...a.blocks, ...a.notes].map((part) => part.id))
  }

  #newId(): string {
    let id: string
    do id = `n${++this.#minted}`
    while (this.#ids.has(id))
    this.#ids.add(id)
    return id
  }

  change(parts: Partial<FileChange> & Pick<FileChange, "kind" | "block" | "text">): string {
    const id = `c${this.changes.length + 1}`
    this.changes.push({ id, source: this.#source, enteredBy: null, date: null, segments: [], ...parts })
    return id
  }

  /** Says where a block or footnote of B came to be. */
  follow(theirs: { readonly id: string }, id: string, stretches: readonly Stretch[]): void {
    const to: number[] = []
    let at = 0
    for (const { kind, text } of stretches) {
      if (kind !== "deleted") for (let i = 0; i < text.length; i++) to.push(at + i)
      at += text.length
    }
    this.#follows.set(theirs.id, { id, to })
  }

  /** B's comments, at its words. */
  comments(list: readonly FileComment[]): FileComment[] {
    return list.map(({ at, further = [], ...comment }) => {
      const own = at && comment.block !== null ? [{ block: comment.block, ...at }] : []
      const [first, ...rest] = [...own, ...further].flatMap((place) => this.#placeOf(place) ?? [])
      const home = comment.block === null ? undefined : this.#follows.get(comment.block)
      if (!first) return { ...comment, block: home?.id ?? null }
      const { block, from, to } = first
      return { ...comment, block, at: { from, to }, ...(rest.length > 0 ? { further: rest } : {}) }
    })
  }

  #placeOf({ block, from, to }: CommentPlace): CommentPlace | null {
    const home = this.#follows.get(block)
    const [first, last] = [home?.to[from], home?.to[to - 1]]
    return home === undefined || first === undefined || last === undefined ? null : { block: home.id, from: first, to: last + 1 }
  }

  kept(block: FileBlock, stretches: readonly Stretch[], other: FileBlock): void {
    const text = stretches.map((stretch) => stretch.text).join("")
    const { renumbered: _, ...rest } = block
    this.blocks.push({ ...rest, ...this.#label(block, other), text })
    this.#words(block.id, stretches)
    this.#anchors(block, other, stretches)
    if (block.type === "clause" && (block.level ?? 1) !== (other.level ?? 1))
      this.change({
        kind: "structure",
        block: block.id,
        text: block.text,
        structure: [{ kind: "level", block: block.id, level: other.level ?? 1 }],
      })
  }

  /** A clause that the two texts label otherwise is renumbered. */
  #label({ type, label: was = "" }: FileBlock, { label = "" }: FileBlock): Pick<FileBlock, "label" | "renumbered"> {
    if (type !== "clause") return {}
    return was === label ? { label } : { label, renumbered: { was, source: this.#source, enteredBy: null, date: null } }
  }

  gone(block: FileBlock): void {
    this.kept(block, [{ kind: "kept", text: block.text }], block)
    this.change({ kind: "structure", block: block.id, text: block.text, structure: [{ kind: "delete", block: block.id }] })
  }

  come(block: FileBlock): string {
    const id = this.#newId()
    const { origin: _, importedLabel: __, renumbered: ___, ...rest } = block
    this.blocks.push({ ...rest, id })
    this.change({
      kind: "insertion",
      block: id,
      text: block.text,
      newBlocks: [id],
      segments: [{ block: id, kind: "insertion", from: 0, to: block.text.length }],
    })
    this.follow(block, id, [{ kind: "kept", text: block.text }])
    for (let at = block.text.indexOf(anchorCharacter); at >= 0; at = block.text.indexOf(anchorCharacter, at + 1))
      this.#note(undefined, this.#noteOf.b.get(`${block.id}/${at}`), id, at)
    return id
  }

  /** Each stretch that differs is a change; one that goes and one that comes right behind it are one. */
  #words(block: string, stretches: readonly Stretch[]): void {
    let at = 0
    stretches.forEach((stretch, i) => {
      const from = at
      at += stretch.text.length
      if (stretch.kind === "kept") return
      const before = stretches[i - 1]
      const segment: Segment = { block, kind: stretch.kind === "inserted" ? "insertion" : "deletion", from, to: at }
      if (stretch.kind === "inserted" && before?.kind === "deleted") {
        const last = this.changes.at(-1)!
        this.changes[this.changes.length - 1] = {
          ...last,
          kind: "replacement",
          replacedBy: stretch.text,
          segments: [...last.segments!, segment],
        }
      } else this.change({ kind: segment.kind, block, text: stretch.text, segments: [segment] })
    })
  }

  /** Footnotes go with their anchors; of one that both texts have the words are compared. */
  #anchors(a: FileBlock, b: FileBlock, stretches: readonly Stretch[]): void {
    let [at, inA, inB] = [0, 0, 0]
    for (const { kind, text } of stretches)
      for (const sign of text.split("")) {
        if (sign === anchorCharacter) {
          const ours = kind === "inserted" ? undefined : this.#noteOf.a.get(`${a.id}/${inA}`)
          const theirs = kind === "deleted" ? undefined : this.#noteOf.b.get(`${b.id}/${inB}`)
          this.#note(ours, theirs, a.id, at)
        }
        at++
        if (kind !== "inserted") inA++
        if (kind !== "deleted") inB++
      }
  }

  #note(ours: FileNote | undefined, theirs: FileNote | undefined, block: string, at: number): void {
    const note = ours ?? theirs
    if (!note) return
    const whole: Stretch = { kind: ours ? "kept" : "inserted", text: note.text }
    const stretches = ours && theirs ? compareWords(ours.text, theirs.text) : [whole]
    const id =
      this.notes.some((known) => known.id === note.id) || this.blocks.some((known) => known.id === note.id) ? this.#newId() : note.id
    this.notes.push({ id, label: String(this.notes.length + 1), text: stretches.map((stretch) => stretch.text).join(""), block, at })
    this.#words(id, stretches)
    if (theirs) this.follow(theirs, id, stretches)
  }

  /** Equal clauses that went at one place and came at another moved. */
  moves(pairs: readonly Pair[]): Map<FileBlock, FileBlock> {
    const moved = new Map<FileBlock, FileBlock>()
    const key = (block: FileBlock): string => JSON.stringify([block.type, block.part, block.level ?? 1, block.text])
    const gone = pairs.flatMap(({ a, b }) => (a && !b ? [a] : []))
    const come = pairs.flatMap(({ a, b }) => (b && !a ? [b] : []))
    // Short ones are equal by chance.
    const single = (list: readonly FileBlock[]): Map<string, FileBlock | null> => {
      const byKey = new Map<string, FileBlock | null>()
      for (const block of list)
        if (block.text.length >= 20 && !block.text.includes(anchorCharacter)) byKey.set(key(block), byKey.has(key(block)) ? null : block)
      return byKey
    }
    const from = single(gone)
    for (const [own, block] of single(come)) {
      const origin = from.get(own)
      if (block && origin) moved.set(block, origin)
    }
    return moved
  }
}

/**
 * Compares two clean texts: the blocks of B among those of A, words that went and came as changes of `source` (null: not stated). The text in force of
 * what comes out is A, its text as proposed B, to the letter (CMP1); no change cuts a word (CMP2).
 */
export function compareDrafts(a: FileDraft, given: FileDraft, source: string | null): ComparedDraft {
  const { draft: b, warnings } = withTablesOf(given, a)
  const merger = new Merger(a, b, source)
  // A line without a word is no text: where only the second has it, nothing is proposed.
  const pairs = align(a.blocks, b.blocks).filter((pair) => pair.a !== null || pair.b!.text !== "")
  const moved = merger.moves(pairs)
  const goesTo = new Map([...moved].map(([theirs, ours]) => [ours, theirs]))
  const acts: { block: string; after: string | null }[] = []
  // What stands last in text B so far: a block that moves goes behind it.
  let last: string | null = null
  for (const { a: ours, b: theirs } of pairs) {
    if (ours && theirs) {
      const stretches = compareWords(ours.text, theirs.text)
      merger.kept(ours, stretches, theirs)
      merger.follow(theirs, ours.id, stretches)
      last = ours.id
    } else if (ours) {
      const there = goesTo.get(ours)
      if (there) merger.kept(ours, [{ kind: "kept", text: ours.text }], there)
      else merger.gone(ours)
    } else {
      const from = moved.get(theirs!)
      if (from) {
        merger.follow(theirs!, from.id, [{ kind: "kept", text: from.text }])
        acts.push({ block: from.id, after: last })
        last = from.id
      } else last = merger.come(theirs!)
    }
  }
  for (const { block, after } of acts) {
    const structure: FileStructure[] = [{ kind: "move", block, after }]
    merger.change({ kind: "move", block, text: merger.blocks.find((other) => other.id === block)!.text, structure })
  }
  return { ...drafted(a, b, merger), warnings }
}

const drafted = (a: FileDraft, b: FileDraft, merger: Merger): ComparedDraft => ({
  profile: a.profile,
  cover: b.cover.length > 0 ? b.cover : a.cover,
  blocks: withLabels(merger.blocks, a.profile, merger.changes),
  changes: merger.changes,
  comments: merger.comments(b.comments),
  notes: merger.notes,
  debris: [],
  warnings: [],
})

/** Words cut where a word of the text in force ends in them, or begins: "DubaiBuenos" is "Dubai" and "Buenos". */
function unglued(text: string, known: ReadonlySet<string>): string[] {
  return (text.match(/[\p{L}\p{M}]+|\p{N}+|[^\p{L}\p{M}\p{N}]/gu) ?? []).flatMap((token) => {
    if (token.length < 3 || known.has(token)) return [token]
    for (let cut = token.length - 1; cut >= 2; cut--)
      if (known.has(token.slice(0, cut))) return [token.slice(0, cut), ...unglued(token.slice(cut), known)]
    for (let cut = 1; cut <= token.length - 2; cut++) if (known.has(token.slice(cut))) return [token.slice(0, cut), token.slice(cut)]
    return [token]
  })
}

/** What a flattened text has beyond the text in force was inserted; what of the text in force it lacks was not there when it was flattened. */
function stretchesOfFlattened(force: string, flattened: string): Stretch[] {
  const words = force.match(/[\p{L}\p{M}]+|\p{N}+|[^\p{L}\p{M}\p{N}]/gu) ?? []
  const known = new Set(words.filter((word) => word.length > 1))
  return compareTokens(words, unglued(flattened, known))
}

/** How much of a block of the text in force a flattened one holds: its own insertions do not count against it. */
const containment: typeof likeness = (a, b) => {
  if (a.type !== b.type) return 0
  const words = wordsIn(a.text)
  if (words.length === 0) return likeness(a, b)
  const flat = b.text.toLowerCase()
  const held = words.filter((word) => flat.includes(word)).length / words.length
  return Math.max(likeness(a, b), held * 0.95)
}

/**
 * Reads a flattened text, in which struck and inserted words stand side by side, with its text in force: the insertions are recovered, and the words that
 * they seem to replace are offered as deletions, for somebody who knows to confirm. Whose they are is not in such a text and never guessed.
 */
export function readFlattened(force: FileDraft, flattened: FileDraft): ComparedDraft {
  const merger = new Merger(force, flattened, null)
  const offered: OfferedDeletion[] = []
  for (const { a: ours, b: theirs } of align(force.blocks, flattened.blocks, containment)) {
    if (ours && theirs) {
      const first = merger.changes.length
      const stretches = stretchesOfFlattened(ours.text, theirs.text)
      merger.kept(ours, stretches, ours)
      merger.follow(theirs, ours.id, stretches)
      offered.push(...offers(ours.id, stretches, merger.changes.slice(first)))
    } else if (ours) merger.kept(ours, [{ kind: "kept", text: ours.text }], ours)
    else merger.come(theirs!)
  }
  const struck =
    offered.length === 0
      ? "Whether words were struck nothing in the file says."
      : `${offered.length === 1 ? "One word or phrase" : `${offered.length} words or phrases`} may have been struck; nothing in the file says so.`
  const message = `The insertions were recovered from the text in force. ${struck} Whose changes they are is not stated.`
  return {
    ...drafted(force, flattened, merger),
    offered,
    debris: flattened.debris,
    warnings: [
      { code: "FLAT", message },
      ...flattened.warnings.filter((warning) => warning.code !== "FLAT" && warning.block === undefined),
    ],
  }
}

/** The word or number that a text ends in, with its points and hyphens; "" where it ends in another sign. */
const lastWord = (text: string): string => text.slice(lastBreak(text) + 1).replace(/^[.-]+/, "")

/** Where the last sign stands that is of no word; -1 where there is none. */
function lastBreak(text: string): number {
  let last = -1
  for (const { index, 0: sign } of text.matchAll(/[^\p{L}\p{M}\p{N}.-]/gu)) last = index + sign.length - 1
  return last
}

/** Words of the text in force that an insertion is glued to: it seems to stand in their place. */
function offers(block: string, stretches: readonly Stretch[], changes: readonly FileChange[]): OfferedDeletion[] {
  const offered: OfferedDeletion[] = []
  let at = 0
  stretches.forEach((stretch, i) => {
    const before = stretches[i - 1]
    if (stretch.kind === "inserted" && before?.kind === "kept") {
      // Without a blank between: the word, number or sign right before.
      const glued = /^[\s,;.]/.test(stretch.text) ? "" : lastWord(before.text)
      const change = changes.find((other) =>
        other.segments?.some((part) => part.block === block && part.kind === "insertion" && part.from === at),
      )
      if (glued && change) {
        const from = at - glued.length
        offered.push({ id: hashOf([block, from, glued]).slice(0, 12), block, from, to: at, text: glued, change: change.id })
      }
    }
    at += stretch.text.length
  })
  return offered
}

/** Takes confirmed deletions into a draft: each goes with the insertion that it was offered with. */
export function confirmed(draft: ComparedDraft, deletions: readonly OfferedDeletion[]): FileDraft {
  const { offered: _, ...rest } = draft
  const changes = draft.changes.map((change): FileChange => {
    const own = deletions.filter((deletion) => deletion.change === change.id)
    if (own.length === 0) return change
    return {
      ...change,
      kind: "replacement",
      text: own.map((deletion) => deletion.text).join(" … "),
      replacedBy: change.text,
      segments: [...own.map(({ block, from, to }) => ({ block, kind: "deletion" as const, from, to })), ...change.segments!],
    }
  })
  return { ...rest, changes }
}

/** Of the offered deletions those that somebody confirmed, by their ids. Throws where one is not offered, or no longer. */
export function chosenOffers({ offered = [] }: ComparedDraft, ids: readonly string[]): OfferedDeletion[] {
  return ids.map((id) => {
    const offer = offered.find((other) => other.id === id)
    if (!offer) throw new DomainError("conflict", "The text in force has changed since the file was looked at. Look at it again.")
    return offer
  })
}

/** A difference between the text that a file revises and ours. */
export interface BaselineDifference {
  readonly block: string | null
  readonly ourBlock: string | null
  readonly theirs: string
  readonly ours: string
}

/** Where the text that a file's changes were made on differs from ours: its text with every change rejected, against the text in force. */
export function baselineDifferences(
  theirs: readonly { id: string; type: FileBlock["type"]; part?: FileBlock["part"]; level?: number; text: string }[],
  ours: readonly FileBlock[],
): BaselineDifference[] {
  return alignMoved(ours, theirs as readonly FileBlock[]).flatMap(({ a, b }) =>
    a && b && a.text === b.text ? [] : [{ block: b?.id ?? null, ourBlock: a?.id ?? null, theirs: b?.text ?? "", ours: a?.text ?? "" }],
  )
}

/** A draft's text as it would be with every change accepted, as a draft without changes; or with every change rejected. */
export function cleanText(draft: FileDraft, view: "proposed" | "working" = "proposed"): FileDraft {
  if (draft.changes.length === 0 && draft.blocks.every((block) => !block.renumbered)) return draft
  const { blocks, notes } = fileDraftOf(printableOf(draft), view)
  return { ...withoutForce(draft), blocks, notes, changes: [], comments: [] }
}

/**
 * A file beside the text in force that it revises. A file with tracked changes keeps them, and where its own text in force differs from ours is said;
 * of a flattened text the insertions are recovered; a clean one is compared.
 */
export function onBaseline(draft: FileDraft, baseline: FileDraft): ComparedDraft {
  const force = cleanText(baseline, "working")
  if (draft.changes.length > 0) {
    const differences = baselineDifferences(cleanText(draft, "working").blocks, force.blocks)
    const warnings = differences.map(({ block, theirs, ours }) => ({
      code: "BASE",
      ...(block === null ? {} : { block }),
      message: !theirs
        ? `The file lacks “${ours}”.`
        : !ours
          ? `The file has “${theirs}”, which is not in the text in force.`
          : `The file was made on “${theirs}”; the text in force is “${ours}”.`,
    }))
    return { ...withoutForce(draft), warnings: [...warnings, ...draft.warnings] }
  }
  // One sign may be a name; read as a flattened text, a clean one would lose its deletions.
  const isFlattened = draft.warnings.filter((warning) => warning.code === "FLAT").length > 1
  if (isFlattened) return readFlattened(force, draft)
  const compared = compareDrafts(force, draft, null)
  return {
    ...compared,
    debris: draft.debris,
    warnings: [...compared.warnings, ...draft.warnings.filter((warning) => warning.block === undefined)],
  }
}
