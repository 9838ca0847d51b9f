// Two texts become one draft: each block is kept, removed or added, each stretch of words that differs is a change. Places are those in the words of both.
import { compareWords, type Stretch } from "../../shared/changes/compare.ts"
import type { CommentPlace } from "../../shared/comments/places.ts"
import { anchorCharacter } from "../../shared/schema/block.ts"
import type { FileBlock, FileChange, FileComment, FileDraft, FileNote } from "../files/file-draft.ts"
import { withLabels } from "../files/labelled.ts"

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
export class Merger {
  readonly blocks: FileBlock[] = []
  readonly notes: FileNote[] = []
  readonly changes: FileChange[] = []
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

  /** A block of A, which B has as another: with what differs in its words, its label and its level. */
  keep(block: FileBlock, stretches: readonly Stretch[], other: FileBlock): void {
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

  /** A block of A that B lacks. */
  remove(block: FileBlock): void {
    this.keep(block, [{ kind: "kept", text: block.text }], block)
    this.change({ kind: "structure", block: block.id, text: block.text, structure: [{ kind: "delete", block: block.id }] })
  }

  /** A block that B alone has. */
  add(block: FileBlock): string {
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

  /** All of it. */
  draft(a: FileDraft, b: FileDraft): ComparedDraft {
    return {
      profile: a.profile,
      cover: b.cover.length > 0 ? b.cover : a.cover,
      blocks: withLabels(this.blocks, a.profile, this.changes),
      changes: this.changes,
      comments: this.comments(b.comments),
      notes: this.notes,
      debris: [],
      warnings: [],
    }
  }
}
