// Puts what a file changes on a draft: its words (`words-placer`), then what is done to clauses as wholes, then what is said about them, for each leans on
// what was put there before.
import type * as Y from "yjs"
import type { Sliced } from "../../shared/changes/slices.ts"
import { type Remark, type Thread, threadCaps } from "../../shared/comments/thread.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { lettersOf } from "../../shared/sync/ground.ts"
import { elementsOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { replyKey, roots } from "../../shared/sync/roots.ts"
import { writeMark } from "../../shared/sync/write.ts"
import type { FileBlock, FileChange, FileDraft, FileNote } from "../files/file-draft.ts"
import { type FileRemark, nextId, remarkOf } from "../files/opening-state.ts"
import type { Site } from "../gate/restructure.ts"
import { serverMarkId } from "../gate/server-marks.ts"
import { firstWordsOf } from "./first-words.ts"
import { type LeftOut, Placing } from "./placing.ts"
import { newReplies } from "./talked.ts"
import type { Whereabouts } from "./whereabouts.ts"
import { WordsPlacer } from "./words-placer.ts"

/** Puts what a file changes on a draft, each change at the words that it was made on, and lists what finds no place. */
export class Placer {
  /** Ids of the changes in the draft. */
  readonly changes: string[] = []
  readonly entered: Record<string, { by: string | null; at: string | null }> = {}
  comments = 0
  /** To the comments of the file. */
  replies = 0
  readonly #site: Site
  readonly #shadow: Y.Doc
  readonly #draft: FileDraft
  readonly #firstBlock: string | undefined
  readonly #placing: Placing
  readonly #words: WordsPlacer
  readonly #broughtBy: string | null
  readonly #talked: ReadonlyMap<string, Thread>

  /**
   * `where`: what of the file is on the draft. `except`: ids of changes of the file that stay out. `talked`: its comments that are there already, with
   * their threads. `broughtBy`: who brings it.
   */
  constructor(
    site: Site,
    shadow: Y.Doc,
    draft: FileDraft,
    where: Whereabouts,
    except: ReadonlySet<string> = new Set(),
    talked: ReadonlyMap<string, Thread> = new Map(),
    broughtBy: string | null = null,
  ) {
    this.#talked = talked
    this.#broughtBy = broughtBy
    this.#site = site
    this.#shadow = shadow
    this.#draft = draft
    this.#placing = new Placing(draft, where.file, where.homes, except, where)
    this.#words = new WordsPlacer(site, shadow, draft, where, this.#placing)
    this.#firstBlock = where.room[0]?.id
  }

  /** The id in the draft of a change of the file; undefined: it was not placed. */
  idOf(change: string): string | undefined {
    return this.#words.ids.get(change)
  }

  /** The id in the draft of a block that the file adds; undefined: it was not placed. */
  addedAs(block: string): string | undefined {
    return this.#words.addedAs(block)
  }

  /** Blocks of the draft that are others now. */
  get touched(): ReadonlySet<string> {
    return this.#words.touched
  }

  get left(): LeftOut[] {
    return this.#placing.left
  }

  *place(): Sliced<void> {
    yield* this.#placing.leaveOut()
    const placed = this.#draft.changes.filter((change) => this.#placing.placed.has(change))
    for (const change of placed) this.#words.ids.set(change.id, nextId(this.#shadow, change))
    // Footnotes first, so that what calls them can name them; in the order of their calls.
    const place = new Map(this.#draft.blocks.map(({ id }, i) => [id, i]))
    const called = ({ block }: FileNote): number => place.get(block ?? "") ?? place.size
    const notes = this.#draft.notes.toSorted((a, b) => called(a) - called(b) || (a.at ?? 0) - (b.at ?? 0))
    yield* this.#words.addBlocks(notes.map(({ id, text }): FileBlock => ({ id, type: "note", text })))
    yield* this.#words.addBlocks(this.#draft.blocks)
    yield* this.#words.insertAll()
    for (const change of placed)
      for (const segment of change.segments ?? []) {
        if (segment.kind === "deletion") this.#words.strike(change, segment)
        yield
      }
    for (const change of placed) this.#structure(change)
    for (const change of placed) {
      const id = this.#words.ids.get(change.id)!
      this.changes.push(id)
      if (change.enteredBy !== null || change.date !== null) this.entered[id] = { by: change.enteredBy, at: change.date }
    }
    for (const comment of this.#draft.comments) {
      const thread = this.#talked.get(comment.id)
      if (thread) this.#replies(thread, comment)
      else this.#comment(comment)
      yield
    }
    const touched = elementsOf(this.#shadow).filter((element) => this.touched.has(element.getAttribute("id") as string))
    for (const element of touched) {
      this.#site.relocations.bring(textOfElement(element)!)
      yield
    }
  }

  #structure(change: FileChange): void {
    const structure = this.#shadow.getMap(structureRoot)
    for (const act of change.structure ?? []) {
      const target =
        act.kind === "join"
          ? { into: this.#words.lastIdOf(act.into) }
          : act.kind === "move"
            ? { after: act.after === null ? null : this.#words.lastIdOf(act.after) }
            : {}
      if (act.kind === "join" && (target as { into: string | null }).into === null) continue
      // Of a clause that was divided it holds for all parts; one that moves goes behind the part before it.
      const parts = this.#words.idsOf(act.block)
      parts.forEach((block, i) => {
        const { id, of, source } = this.#words.markOf(change)
        const behind = act.kind === "move" && i > 0 ? { after: parts[i - 1]! } : {}
        if (act.kind === "join" && i > 0) this.#words.part(change, parts[i - 1]!, block)
        structure.set(id, { id, of, source, ...act, ...target, ...behind, block })
        this.#words.touched.add(block)
      })
    }
  }

  /** What was said since in a thread that is there already. */
  #replies(thread: Thread, comment: FileDraft["comments"][number]): void {
    let n = thread.remarks.length
    for (const reply of newReplies(thread, comment).map((reply) => this.#remark(reply))) {
      if (n >= threadCaps.remarks) return
      const all = roots.replies(this.#shadow)
      let key = n
      while (all.has(replyKey(thread.id, key))) key++
      all.set(replyKey(thread.id, key), reply)
      this.replies++
      n++
    }
  }

  #remark(said: FileRemark): Remark {
    return remarkOf(said, this.#broughtBy)
  }

  #comment(comment: FileDraft["comments"][number]): void {
    const its = comment.block === null ? null : this.#words.idOf(comment.block)
    const own = comment.block !== null && comment.at ? [{ block: comment.block, ...comment.at }] : []
    const places = [...own, ...(comment.further ?? [])].flatMap((part) => this.#words.placeOf(part.block, part) ?? [])
    const [place] = places
    const block = place?.block ?? its ?? this.#firstBlock
    if (block === undefined) return
    if (comment.block !== null && its === null && !place)
      this.left.push({
        what: `comment ${firstWordsOf(`“${comment.text}”`)}`,
        why: "Its clause is not in this draft; it is put on the whole draft.",
      })
    const source = comment.source ?? notStated
    const id = serverMarkId(this.#shadow, source)
    for (const { text, from, to } of places) writeMark(this.#site.tr, text, from, to, newMark("comment", { id, source }))
    const letters = place && lettersOf(place.text, place.from, place.to, (letter) => this.#site.relocations.original(letter))
    // Words that are gone, here or in the file already, are still what it is about.
    const anchor: Thread["anchor"] =
      place || (its !== null && comment.quote)
        ? { on: "words", block, quote: comment.quote }
        : its !== null
          ? { on: "clause", block }
          : { on: "draft", block }
    const remarks = [this.#remark(comment), ...comment.replies.map((reply) => this.#remark(reply))]
    roots.threads(this.#shadow).set(id, { id, anchor, ...(letters ? { letters } : {}), remarks, isResolved: comment.resolved })
    this.comments++
    this.replies += comment.replies.length
  }
}
