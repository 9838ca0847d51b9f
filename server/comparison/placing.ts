import type { Sliced } from "../../shared/changes/slices.ts"
import type { FileChange, FileDraft } from "../files/file-draft.ts"
import { covers, type Span, spansIn } from "../files/hosts.ts"
import { firstWordsOf } from "./first-words.ts"
import type { Home, WorkingBlock } from "./homes.ts"

/** A change or comment of a file that found no place in the draft, and why. */
export interface LeftOut {
  readonly what: string
  readonly why: string
}

type Segment = NonNullable<FileChange["segments"]>[number]

/** A change of a file in a few words: what it does, and to which words. */
export function saidOfChange({ kind, text, replacedBy = "", structure = [] }: FileChange): string {
  const words = firstWordsOf(`“${text || replacedBy}”`)
  if (kind !== "structure") return `${kind} ${words}`
  const [act] = structure
  switch (act?.kind) {
    case "delete":
      return `deletion of the clause ${words}`
    case "join":
      return `join of the clause ${words} to another`
    case "level":
      return `level ${act.level} for the clause ${words}`
    case "move":
      return `move of the clause ${words}`
    default:
      return "split of a clause"
  }
}

export function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string | null): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === null) continue
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

/** What is known of a file on a draft beside the homes of its clauses: which of its words and clauses others have proposed there, or have become agreed. */
export interface KnownPlaces {
  /** Whose the letter of the draft is that one of the file is; "": it is agreed. Null: it is not there. */
  sourceAt(block: string, at: number): string | null
  /** Whether a clause of the file that has no home is there. */
  isStanding(block: string): boolean
  /** Whether what the file puts in at a place has one. */
  hasPlace(block: string, from: number): boolean
  /** Whether a clause of the file's text in force is one with another there, so that nothing can be done to it as a whole. */
  isMerged(block: string): boolean
}

/** Which changes of a file have a place in a draft: all of their words and clauses are there, or come with others that have one. */
export class Placing {
  readonly placed: Set<FileChange>
  readonly left: LeftOut[] = []
  readonly #draft: FileDraft
  readonly #file: ReadonlyMap<string, WorkingBlock>
  readonly #homes: ReadonlyMap<string, Home>
  /** Which change adds a block of the file. */
  readonly #addedBy: ReadonlyMap<string, FileChange>
  /** Stretches that are inserted, by block of the file, the longest first. */
  readonly #insertions: ReadonlyMap<string, readonly { readonly change: FileChange; readonly part: Segment }[]>
  readonly #owners = new Map<string, readonly (FileChange | null)[]>()
  readonly #between: ReadonlySet<string>
  readonly #spans: ReadonlyMap<string, readonly Span[]>
  readonly #known: KnownPlaces | null

  /** `except`: ids of changes that are not to be placed, and are not told. */
  constructor(
    draft: FileDraft,
    file: ReadonlyMap<string, WorkingBlock>,
    homes: ReadonlyMap<string, Home>,
    except: ReadonlySet<string> = new Set(),
    known: KnownPlaces | null = null,
  ) {
    this.#known = known
    this.#draft = draft
    this.#file = file
    this.#homes = homes
    this.placed = new Set(draft.changes.filter(({ id }) => !except.has(id)))
    this.#addedBy = new Map(draft.changes.flatMap((change) => (change.newBlocks ?? []).map((block) => [block, change] as const)))
    const parts = draft.changes.flatMap((change) =>
      (change.segments ?? []).filter((part) => part.kind === "insertion").map((part) => ({ change, part })),
    )
    parts.sort((a, b) => b.part.to - b.part.from - (a.part.to - a.part.from))
    this.#insertions = grouped(parts, ({ part }) => part.block)
    this.#between = this.#betweenStrangers()
    this.#spans = grouped(spansIn(draft), ({ segment }) => segment.block)
  }

  /** New clauses of the file that stand between clauses of which neither is in the draft: nothing says where they belong. */
  #betweenStrangers(): ReadonlySet<string> {
    const between = new Set<string>()
    const isStanding = (id: string): boolean => this.#known?.isStanding(id) ?? false
    const isAgreed = (id: string): boolean => !this.#addedBy.has(id) || isStanding(id)
    const ids = this.#draft.blocks.map(({ id }) => id)
    let before: string | null = null
    let waiting: string[] = []
    const settle = (behind: string | null): void => {
      const known = [before, behind].filter((id) => id !== null)
      if (known.length > 0 && !known.some((id) => this.#homes.has(id) || isStanding(id))) for (const id of waiting) between.add(id)
      waiting = []
    }
    for (const id of ids) {
      if (!isAgreed(id)) {
        waiting.push(id)
        continue
      }
      settle(id)
      before = id
    }
    settle(null)
    return between
  }

  /** Which change adds a block of the file; undefined for agreed ones. */
  adding(block: string): FileChange | undefined {
    return this.#addedBy.get(block)
  }

  insertionsIn(block: string): readonly { readonly change: FileChange; readonly part: Segment }[] {
    return this.#insertions.get(block) ?? []
  }

  /**
   * Leaves out each change of which a part has no place, whole, for half of it would say something else; then those that stood in it, until all that
   * is left has its place.
   */
  *leaveOut(): Sliced<void> {
    for (let isDone = false; !isDone; ) {
      isDone = true
      for (const change of this.placed) {
        const why = this.#obstacle(change)
        yield
        if (why === null) continue
        isDone = false
        this.placed.delete(change)
        this.left.push({ what: saidOfChange(change), why })
      }
    }
  }

  #obstacle(change: FileChange): string | null {
    for (const segment of change.segments ?? []) {
      const why = this.#obstacleAt(change, segment)
      if (why !== null) return why
    }
    if (change.newBlocks?.some((block) => this.#between.has(block))) return "The clauses before and behind it are not in this draft."
    for (const act of change.structure ?? []) {
      const named = [act.block, act.kind === "join" ? act.into : act.kind === "move" ? act.after : null]
      if (named.some((block) => block !== null && !this.#isThere(block))) return "A clause that it is about is not in this draft."
      if (this.#known?.isMerged(act.block)) return "The clause that it is about is one clause with another in this draft."
    }
    return null
  }

  /** Whether a block of the file is in the draft, or comes with a change that has its place. */
  #isThere(block: string): boolean {
    const adding = this.#addedBy.get(block)
    if (adding) return this.placed.has(adding) || (this.#known?.isStanding(block) ?? false)
    return this.#homes.has(block) || (this.#known?.isStanding(block) ?? false)
  }

  #obstacleAt(change: FileChange, { block, kind, from, to }: Segment): string | null {
    if (!this.#isThere(block)) return "The clause that it was made on is not in this draft."
    const file = this.#file.get(block)
    const home = this.#homes.get(block)
    if (kind === "insertion") {
      if (this.#hostsOf(change, { block, kind, from, to }).some((host) => !this.#hasWords(host)))
        return "The words that it stands in are not in this draft."
      const hasPlace = !file || (this.#known ? this.#known.hasPlace(block, from) : !home || gapOf(file, home, from) !== null)
      return hasPlace ? null : "The words around it are not in this draft."
    }
    const owners = this.ownersIn(block)
    for (let i = from; i < to; i++) {
      const owner = owners[i] ?? null
      const source = this.#known?.sourceAt(block, i) ?? null
      if (source !== null && source === change.source) return "It deletes open words of its own source: they are taken back on the draft."
      if (source !== null) continue
      if (owner ? !this.placed.has(owner) : file && (this.#known !== null || (home && home.to[file.places[i]!] === null)))
        return "The words that it deletes are not in this draft."
    }
    return null
  }

  /** The insertions of others that one of the file stands in. */
  #hostsOf(change: FileChange, segment: Segment): readonly Span[] {
    const inside = change.inside ?? []
    if (inside.length === 0) return []
    const spans = this.#spans.get(segment.block) ?? []
    return spans.filter((host) => inside.includes(host.change.id) && host.change !== change && covers(host.segment, segment))
  }

  /** Whether some words of an insertion come, or are there. */
  #hasWords({ change, segment: { block, from, to } }: Span): boolean {
    if (this.placed.has(change)) return true
    const owners = this.ownersIn(block)
    for (let i = from; i < to; i++) if (owners[i] === change && (this.#known?.sourceAt(block, i) ?? null) !== null) return true
    return false
  }

  /** The change that inserted each character of a block of the file, the innermost; null for agreed ones. */
  ownersIn(block: string): readonly (FileChange | null)[] {
    let owners = this.#owners.get(block)
    if (!owners) {
      const text = this.#file.get(block)?.block.text ?? this.#textOfNew(block)
      const all = new Array<FileChange | null>(text.length).fill(this.#addedBy.get(block) ?? null)
      for (const { change, part } of this.insertionsIn(block)) all.fill(change, part.from, part.to)
      this.#owners.set(block, (owners = all))
    }
    return owners
  }

  #textOfNew(block: string): string {
    return (this.#draft.blocks.find(({ id }) => id === block) ?? this.#draft.notes.find(({ id }) => id === block))?.text ?? ""
  }
}

/** Before which of the draft's words an insertion of the file goes, from its neighbours; null where the draft has neither. */
export function gapOf(file: WorkingBlock, home: Home, from: number): number | null {
  const at = file.places[from] ?? file.working.length
  const before = at === 0 ? -1 : (home.to[at - 1] ?? null)
  const behind = home.to[at] ?? null
  if (before === null && behind === null) return null
  return before === null ? behind : before + 1
}
