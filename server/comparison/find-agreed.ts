// What of a file has become agreed text of the draft, whoever the file says to have proposed it (ONTO15). Clauses are looked at where they stand in both, alone
// or with those beside them, for each text may have divided or joined them; what only happens to read the same was amended by nobody.
import type * as Y from "yjs"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { splitCharacter } from "../../shared/schema/block.ts"
import { isApart } from "../../shared/schema/structure.ts"
import { isAccepted, roots } from "../../shared/sync/roots.ts"
import type { FileChange, FileDraft } from "../files/file-draft.ts"
import { type AgreedThere, agreedThere, isSameWords, type Piece } from "./agreed-there.ts"
import { type Already, alreadyThe } from "./already-there.ts"
import { type FilePieces, isOfKind, range } from "./file-pieces.ts"
import type { Letter, Sign, Whereabouts } from "./whereabouts.ts"

export class FindAgreed {
  readonly #doc: Y.Doc
  readonly #where: Whereabouts
  readonly #draft: FileDraft
  readonly #pieces: FilePieces
  /** By a change of the file: the blocks in which it is agreed. */
  readonly #agreedIn = new Map<FileChange, Set<string>>()
  /** The clauses of the file's text in force, in order. */
  readonly #agreed: readonly string[]
  #joined: ReadonlySet<string> | undefined
  /** What was done to clauses as wholes here. */
  readonly #done: ReadonlySet<string>
  /** How many clauses went. */
  readonly #deleted: number
  #amended: ReadonlySet<string> | "any" | undefined

  constructor(doc: Y.Doc, where: Whereabouts, draft: FileDraft, pieces: FilePieces) {
    this.#doc = doc
    this.#where = where
    this.#draft = draft
    this.#pieces = pieces
    this.#agreed = draft.blocks.flatMap(({ id }) => (where.placing.adding(id) ? [] : [id]))
    const accepted = [...roots.proposals(doc).values()].filter(isAccepted)
    const acts = accepted.flatMap((entry) => (entry.acts ?? []).map(({ kind }) => kind))
    this.#done = new Set(acts)
    this.#deleted = acts.filter((kind) => kind === "delete").length
  }

  /** What has become agreed text since the file was written, or before it was: words in a clause, and clauses. */
  *find(): Sliced<void> {
    const { homes, file, room, placing } = this.#where
    const taken = new Set([...homes.values()].map(({ id }) => id))
    const place = new Map(room.map(({ id }, i) => [id, i]))
    for (const block of this.#pieces.changed) {
      for (const anchor of this.#where.isRead(block) || placing.adding(block) ? [] : this.#anchorsOf(block)) {
        const home = homes.get(anchor)!
        const at = place.get(home.id)!
        // What reads there as it did before its changes has none of them.
        const isSame = file.get(block)?.working === home.words && !this.#isJoined(block)
        if (isSame || (anchor === block && this.#agree([block], [home.id]))) break
        const isThere =
          windows(this.#agreed, this.#agreed.indexOf(anchor), (id) => !homes.has(id)).some((theirs) => {
            if (!theirs.includes(block) || !this.#agree(theirs, [home.id])) return false
            for (const id of theirs) if (!homes.has(id)) this.#where.standsAs(id, home.id)
            return true
          }) ||
          windows(room, at, ({ id }) => !taken.has(id)).some((ours) =>
            this.#agree(
              [block],
              ours.map(({ id }) => id),
            ),
          )
        if (isThere) break
      }
      yield
    }
    const free = room.filter(({ id, origin, type }) => !taken.has(id) && origin === null && type !== "note")
    if (free.length === 0) return
    let last = -1
    for (const { id } of this.#draft.blocks) {
      const home = homes.get(id)
      if (home) last = place.get(home.id) ?? last
      const change = this.#where.placing.adding(id)
      if (!change) continue
      const ours = free.find(
        (one) => (place.get(one.id) ?? -1) > last && isOfKind(this.#where, id, one) && this.#agree([id], [one.id], change),
      )
      if (!ours) continue
      free.splice(free.indexOf(ours), 1)
      last = place.get(ours.id)!
      this.#where.standsAs(id, ours.id)
      yield
    }
  }

  /** Whether something that was accepted here may have made a clause what it is: else it only happens to read so, as another text does. */
  #isAmended(ours: string): boolean {
    this.#amended ??= amendedBy(roots.proposals(this.#doc).values())
    return this.#amended === "any" || this.#amended.has(ours)
  }

  /** The clauses of a file's text in force beside which one may stand in the draft: itself, or where it is none there those before and behind it. */
  #anchorsOf(block: string): string[] {
    const { homes } = this.#where
    if (homes.has(block)) return [block]
    const at = this.#agreed.indexOf(block)
    const before = at < 0 ? undefined : this.#agreed.slice(0, at).findLast((id) => homes.has(id))
    const behind = at < 0 ? undefined : this.#agreed.slice(at + 1).find((id) => homes.has(id))
    return [before, behind].filter((id) => id !== undefined)
  }

  /** Whether the file joins a clause to another, or another to it. */
  #isJoined(block: string): boolean {
    this.#joined ??= new Set(
      this.#draft.changes.flatMap(({ structure = [] }) => structure.flatMap((act) => (act.kind === "join" ? [act.block, act.into] : []))),
    )
    return this.#joined.has(block)
  }

  /** Clauses of the file that are to become one against clauses of the draft that one became. */
  #agree(theirs: readonly string[], ours: readonly string[], added?: FileChange): boolean {
    if (!ours.some((id) => this.#isAmended(id))) return false
    const parts = ours.map((id) => this.#where.signsOf(id).filter(({ owner }) => owner === null))
    const known = added ? new Map([[added, true]]) : undefined
    for (const seam of theirs.length === 1 ? [""] : ["", " "]) {
      const pieces = theirs.flatMap((block, i) => [...(i > 0 && seam !== "" ? [between(seam)] : []), ...this.#pieces.of(block)])
      for (const [sign, read] of parts.length === 1 ? ([["", parts]] as const) : cutsOf(parts)) {
        const cut: Read[] = sign === "" ? [] : [{ letter: null, sign }]
        const signs = read.flatMap((part, i): readonly Read[] => (i > 0 ? [...cut, ...part] : part))
        const found = signs.length === 0 ? null : agreedThere(pieces, signs.map((one) => one.sign).join(""), known)
        if (!found) continue
        this.#noteAgreed(
          theirs,
          seam.length,
          found,
          signs.map(({ letter }) => letter),
        )
        return true
      }
    }
    return false
  }

  #noteAgreed(theirs: readonly string[], seam: number, { to, changes }: AgreedThere, letters: readonly (Letter | null)[]): void {
    let from = 0
    for (const block of theirs) {
      const end = from + this.#where.theirs(block).text.length
      this.#where.noteLetters(
        block,
        0,
        to.slice(from, end).map((at) => (at === null ? null : letters[at]!)),
      )
      this.#where.noteRead(block)
      from = end + seam
    }
    for (const change of changes) this.#agreedIn.set(change, new Set([...(this.#agreedIn.get(change) ?? []), ...theirs]))
  }

  /** Whether what a change does to clauses as wholes was done here. */
  #isDone({ structure = [] }: FileChange): boolean {
    const { homes, room } = this.#where
    return structure.every((act) => {
      // What follows a joined clause does so once that is joined.
      if (isApart(act)) return true
      if (!this.#done.has(act.kind)) return false
      switch (act.kind) {
        case "join":
          return (
            (this.#where.isRead(act.block) || this.#where.isMerged(act.block)) &&
            this.#where.blockOf(act.block) === this.#where.blockOf(act.into)
          )
        case "delete":
          return this.#where.blockOf(act.block) === undefined && this.#mayHaveGone
        case "level":
          return room.find(({ id }) => id === homes.get(act.block)?.id)?.level === act.level
        case "move": {
          const at = room.findIndex(({ id }) => id === homes.get(act.block)?.id)
          return at >= 0 && (act.after === null ? at === 0 : room[at - 1]?.id === this.#where.blockOf(act.after))
        }
        default:
          return act satisfies never
      }
    })
  }

  /**
   * Whether all clauses that the file deletes and the draft lacks can have gone with what was accepted there: of a clause that went nothing is left to be
   * known by.
   */
  get #mayHaveGone(): boolean {
    const lacking = this.#draft.changes.flatMap(({ structure = [] }) =>
      structure.filter(({ kind, block }) => kind === "delete" && this.#where.blockOf(block) === undefined),
    )
    return lacking.length <= this.#deleted
  }

  /** Which changes of the file are agreed here as wholes, and those about clauses alone that were done here. */
  settled(isKnown: (change: FileChange) => boolean): Already[] {
    const found: Already[] = []
    for (const [change, blocks] of this.#agreedIn) {
      const own = new Set([...(change.segments ?? []).map(({ block }) => block), ...(change.newBlocks ?? [])])
      if (isKnown(change) || ![...own].every((block) => blocks.has(block)) || !this.#isDone(change)) continue
      found.push(alreadyThe(change, this.#acceptedAs(change), "accepted"))
    }
    for (const change of this.#draft.changes) {
      const { segments = [], newBlocks = [], structure = [] } = change
      if (isKnown(change) || structure.length === 0 || segments.length + newBlocks.length > 0 || !this.#isDone(change)) continue
      found.push(alreadyThe(change, "", "accepted"))
    }
    return found
  }

  /** Whether words of a change are agreed. */
  has(change: FileChange): boolean {
    return this.#agreedIn.has(change)
  }

  /** The accepted change of the draft that put these words in or took them out; "" where none says so. */
  #acceptedAs({ segments = [] }: FileChange): string {
    const words = (list: readonly { readonly kind: string; readonly text: string }[], kind: string): string =>
      list.flatMap((part) => (part.kind === kind ? [part.text] : [])).join("")
    const own = segments.map(({ block, kind, from, to }) => ({ kind, text: this.#where.theirs(block).text.slice(from, to) }))
    for (const [id, { status, segments: theirs = [] }] of roots.proposals(this.#doc).entries())
      if (status === "accepted" && (["insertion", "deletion"] as const).every((kind) => isSameWords(words(own, kind), words(theirs, kind))))
        return id
    return ""
  }
}

/** A letter of the draft as it is read, or what is read between two clauses. */
type Read = Pick<Sign, "sign"> & { readonly letter: Letter | null }

/** What would stand between the words of two clauses of a file if they were one. */
const between = (text: string): Piece => ({ from: 0, text, owner: null, takenBy: [] })

/** What a file may have where a clause was divided: the sign of the split, or the words as they were; and no blanks where a clause begins. */
const cutsOf = (parts: readonly (readonly Sign[])[]): readonly (readonly [sign: string, parts: readonly (readonly Sign[])[]])[] => [
  [splitCharacter, parts],
  [splitCharacter, parts.map(trimmed)],
  ["", parts],
  [" ", parts.map(trimmed)],
]

/** Stretches of several in a row around one, of which the others are free. */
function windows<Item>(all: readonly Item[], at: number, isFree: (one: Item) => boolean): Item[][] {
  const count = (step: 1 | -1): number => {
    let n = 0
    while (n < mostParts && all[at + step * (n + 1)] !== undefined && isFree(all[at + step * (n + 1)]!)) n++
    return n
  }
  const [before, behind] = at < 0 ? [0, 0] : [count(-1), count(1)]
  return range(0, before + 1).flatMap((less) =>
    range(0, behind + 1).flatMap((more) => (less + more === 0 ? [] : [all.slice(at - less, at + more + 1)])),
  )
}

/** Letters without the blanks at both ends. */
function trimmed(signs: readonly Sign[]): readonly Sign[] {
  const from = signs.findIndex(({ sign }) => sign.trim() !== "")
  return from < 0 ? [] : signs.slice(from, signs.findLastIndex(({ sign }) => sign.trim() !== "") + 1)
}

/** So many clauses are looked at that one may have been split into. */
const mostParts = 4

/** The blocks in which something was accepted; "any": clauses were made of others, and words may be elsewhere by now. */
function amendedBy(proposals: Iterable<ProposalEntry>): ReadonlySet<string> | "any" {
  const blocks = new Set<string>()
  for (const entry of proposals) {
    if (!isAccepted(entry)) continue
    const { segments = [], acts = [] } = entry
    if (acts.some(({ kind }) => kind === "join" || kind === "move") || segments.some(({ text }) => text.includes(splitCharacter)))
      return "any"
    for (const { block } of [...segments, ...acts]) blocks.add(block)
  }
  return blocks
}
