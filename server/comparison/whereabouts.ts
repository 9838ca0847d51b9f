import type * as Y from "yjs"
import { agreedPlaces } from "../../shared/changes/compare.ts"
import { workingText } from "../../shared/changes/projections.ts"
import { type Block, isAgreed, type Mark, ownerOf, textOf } from "../../shared/schema/block.ts"
import type { PlacedRun } from "../../shared/schema/runs.ts"
import { blockOfElement, elementsOf, runsOfText, textOfElement } from "../../shared/sync/read.ts"
import type { FileBlock, FileChange, FileDraft } from "../files/file-draft.ts"
import { mapped, workingBlocksOf } from "./beside.ts"
import type { Home, WorkingBlock } from "./homes.ts"
import { type Spread, spreadIn, withAmended } from "./lineage.ts"
import { gapOf, type KnownPlaces, Placing } from "./placing.ts"

/** A letter of the draft: its block, and its id in Yjs, which stays whatever is written around it. */
export interface Letter {
  readonly block: string
  readonly client: number
  readonly clock: number
  /** Who puts it in; "": it is agreed. */
  readonly source: string
}

/** A letter of the draft with what is proposed about it. */
export interface Sign {
  readonly letter: Letter
  readonly sign: string
  /** The insertion that puts it in; null: it is agreed. */
  readonly owner: Mark | null
}

/** Where a letter stands in its block now, and the insertion that puts it in. */
export interface Standing {
  readonly element: Y.XmlElement
  readonly offset: number
  readonly owner: Mark | null
}

/** Where the words and clauses of a file are on the draft: agreed ones, and those that somebody has proposed there already. */
export class Whereabouts implements KnownPlaces {
  readonly file: ReadonlyMap<string, WorkingBlock>
  readonly homes: ReadonlyMap<string, Home>
  /** The draft's blocks, in order, and those of them that are agreed. */
  readonly blocks: readonly Block[]
  readonly room: readonly Block[]
  /** As the file has them, whoever puts what in. */
  readonly placing: Placing
  readonly #elements: ReadonlyMap<string, Y.XmlElement>
  readonly #texts: ReadonlyMap<string, FileBlock>
  readonly #standing = new Map<string, string>()
  readonly #letters = new Map<string, (Letter | null)[]>()
  readonly #signs = new Map<string, readonly Sign[]>()
  readonly #agreed = new Map<string, readonly Sign[]>()
  readonly #read = new Set<string>()
  /** Clauses of the file that decisions divided or joined since. */
  readonly #spread: ReadonlyMap<string, Spread>

  /** `homes` may be of an earlier state: where a block's words are others by now they are looked up anew. */
  constructor(doc: Y.Doc, draft: FileDraft, homes: ReadonlyMap<string, Home>, blocks: readonly Block[]) {
    this.blocks = blocks
    this.room = blocks.filter(isAgreed)
    this.file = workingBlocksOf(draft)
    this.homes = withAmended(doc, currentHomes(homes, this.file, this.room), this.file, this.room)
    this.#spread = spreadIn(this.homes, this.file, blocks)
    for (const [block, { parts }] of this.#spread) if (!this.homes.has(block)) this.#standing.set(block, parts[0]!)
    this.placing = new Placing(draft, this.file, this.homes)
    this.#elements = new Map(elementsOf(doc).map((element) => [element.getAttribute("id") as string, element]))
    const notes = draft.notes.map(({ id, text }): FileBlock => ({ id, type: "note", text }))
    this.#texts = new Map([...draft.blocks, ...notes].map((block) => [block.id, block]))
  }

  /** A block of the file, new or not. */
  theirs(block: string): FileBlock {
    return this.#texts.get(block)!
  }

  /** The draft's block that a block of the file is, agreed or proposed there already. */
  blockOf(block: string): string | undefined {
    return this.homes.get(block)?.id ?? this.#standing.get(block)
  }

  /** The draft's blocks that a block of the file is: several, in order, where it was divided since. */
  partsOf(block: string): readonly string[] {
    const spread = this.#spread.get(block)
    if (spread && !spread.isMerged) return spread.parts
    const id = this.blockOf(block)
    return id === undefined ? [] : [id]
  }

  elementOf(block: string): Y.XmlElement | undefined {
    const id = this.blockOf(block)
    return id === undefined ? undefined : this.#elements.get(id)
  }

  /** The last of the draft's blocks in which words of one of the file stand: what the file puts behind that goes behind it. */
  lastElementOf(block: string): Y.XmlElement | undefined {
    const last = this.#spread.get(block)?.parts.at(-1)
    return last === undefined ? this.elementOf(block) : this.#elements.get(last)
  }

  /** Whether a clause of the file's text in force is one with another in the draft. */
  isMerged(block: string): boolean {
    return this.#spread.get(block)?.isMerged ?? (this.#standing.has(block) && this.placing.adding(block) === undefined)
  }

  /** Whose the letter of the draft is that one of the file is; "": it is agreed. Null: it is not there. */
  sourceAt(block: string, at: number): string | null {
    return this.letterAt(block, at)?.source ?? null
  }

  /** Says that a clause of the file which has no home is there. */
  standsAs(block: string, ours: string): void {
    this.#standing.set(block, ours)
  }

  /** Whether a clause of the file that has no home is there. */
  isStanding(block: string): boolean {
    return this.#standing.has(block)
  }

  /** Says which letter of the draft each letter of a block of the file is, as far as it is one. */
  noteLetters(block: string, from: number, letters: readonly (Letter | null)[]): void {
    let own = this.#letters.get(block)
    if (!own) this.#letters.set(block, (own = new Array<Letter | null>(this.theirs(block).text.length).fill(null)))
    letters.forEach((letter, i) => void (own[from + i] = letter))
  }

  /** Forgets letters that a change of the file has there, for it comes all the same. */
  forget(isForgotten: (change: FileChange) => boolean): void {
    for (const [block, letters] of this.#letters) {
      const owners = this.placing.ownersIn(block)
      letters.forEach((letter, i) => {
        const owner = owners[i]
        if (letter && owner && isForgotten(owner)) letters[i] = null
      })
    }
    for (const block of this.#standing.keys()) {
      const adding = this.placing.adding(block)
      if (adding && isForgotten(adding)) this.#standing.delete(block)
    }
  }

  /** The letters of a block of the draft, proposed and struck ones too. */
  signsOf(id: string): readonly Sign[] {
    let signs = this.#signs.get(id)
    if (!signs) {
      const text = textOfElement(this.#elements.get(id)!)
      signs = (text ? runsOfText(text) : []).flatMap(({ text: words, marks, client, clock }) => {
        const owner = ownerOf(marks)
        const source = owner?.source ?? ""
        return words.split("").map((sign, i) => ({ letter: { block: id, client, clock: clock + i, source }, sign, owner }))
      })
      this.#signs.set(id, signs)
    }
    return signs
  }

  /** The letter of the draft that one of the file is; null: it is not there. */
  letterAt(block: string, at: number): Letter | null {
    const known = this.#letters.get(block)?.[at]
    if (known) return known
    const [file, home] = [this.file.get(block), this.homes.get(block)]
    if (!file || this.placing.ownersIn(block)[at] || this.isRead(block)) return null
    const spread = this.#spread.get(block)
    if (spread) {
      const its = spread.to[file.places[at]!]
      return its ? (this.#agreedOf(its.block)[its.at]?.letter ?? null) : null
    }
    if (!home) return null
    const place = home.to[file.places[at]!]
    return place === null || place === undefined ? null : (this.#agreedOf(home.id)[place]?.letter ?? null)
  }

  /** Of a clause that was divided or joined since: the agreed letter right before a place, else the one right behind it. */
  #beside(block: string, from: number): { readonly letter: Letter; readonly isBefore: boolean } | null {
    const file = this.file.get(block)!
    const [before, behind] = [file.isInserted.lastIndexOf(false, from - 1), file.isInserted.indexOf(false, from)]
    const left = from > 0 && before >= 0 ? this.letterAt(block, before) : null
    if (left) return { letter: left, isBefore: true }
    const right = behind < 0 ? null : this.letterAt(block, behind)
    return right && { letter: right, isBefore: false }
  }

  /** Whether it is known of each letter of a block whether it is there. */
  isRead(block: string): boolean {
    return this.#read.has(block)
  }

  /** Says so. */
  noteRead(block: string): void {
    this.#read.add(block)
  }

  #agreedOf(id: string): readonly Sign[] {
    let agreed = this.#agreed.get(id)
    if (!agreed) this.#agreed.set(id, (agreed = this.signsOf(id).filter(({ owner }) => owner === null)))
    return agreed
  }

  /** The letter of the draft behind which what the file puts in at a place goes; null: none is known before it. */
  before(block: string, from: number): Letter | null {
    const owners = this.placing.ownersIn(block)
    for (let at = from - 1; at >= 0; at--) {
      const letter = this.#letters.get(block)?.[at]
      if (letter) return letter
      // What else the file puts in is not there, or comes with it.
      if (!owners[at] && !this.isRead(block)) return null
    }
    return null
  }

  /** Whether what the file puts in at a place has one. */
  hasPlace(block: string, from: number): boolean {
    const [file, home] = [this.file.get(block), this.homes.get(block)]
    if (this.isRead(block) || this.before(block, from)) return true
    if (this.#spread.has(block)) return this.#beside(block, from) !== null
    if (this.isStanding(block)) return true
    return file !== undefined && home !== undefined && gapOf(file, home, from) !== null
  }

  /** Where letters are now: each block is read once, so that nothing may be written between two answers. */
  get now(): (letter: Letter) => Standing | null {
    const read = new Map<string, readonly PlacedRun[]>()
    return ({ block, client, clock }) => {
      const element = this.#elements.get(block)
      if (!element) return null
      let runs = read.get(block)
      if (!runs) {
        const text = textOfElement(element)
        read.set(block, (runs = text ? runsOfText(text) : []))
      }
      let offset = 0
      for (const run of runs) {
        if (run.client === client && run.clock <= clock && clock < run.clock + run.text.length)
          return { element, offset: offset + clock - run.clock, owner: ownerOf(run.marks) }
        offset += run.text.length
      }
      return null
    }
  }

  /** Where what the file puts in at a place goes: behind what stands before it there, else behind the agreed letter before it. */
  gapAt(block: string, from: number): { element: Y.XmlElement; offset: number } {
    const letter = this.before(block, from)
    const behind = letter && this.now(letter)
    if (behind) return { element: behind.element, offset: behind.offset + 1 }
    const beside = this.isRead(block) || !this.#spread.has(block) ? null : this.#beside(block, from)
    const its = beside && this.now(beside.letter)
    if (its) return { element: its.element, offset: its.offset + (beside.isBefore ? 1 : 0) }
    const element = this.elementOf(block)!
    if (this.isStanding(block) || this.isRead(block)) return { element, offset: 0 }
    const gap = gapOf(this.file.get(block)!, this.homes.get(block)!, from)!
    return { element, offset: gap === 0 ? 0 : agreedPlaces(blockOfElement(element))[gap - 1]! + 1 }
  }
}

/** Homes in the draft as it stands: a block that went, or is not agreed, is none; words that changed since are looked up again. */
function currentHomes(
  homes: ReadonlyMap<string, Home>,
  file: ReadonlyMap<string, WorkingBlock>,
  room: readonly Block[],
): Map<string, Home> {
  const blocks = new Map(room.map((block) => [block.id, block]))
  const current = new Map<string, Home>()
  for (const [id, home] of homes) {
    const block = blocks.get(home.id)
    const theirs = file.get(id)
    if (!block || !theirs) continue
    const words = textOf(workingText(block))
    current.set(id, words === home.words ? home : { id: home.id, words, to: mapped(theirs.working, words) })
  }
  return current
}
