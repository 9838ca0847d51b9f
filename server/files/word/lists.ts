// What the lists of a Word file show before its paragraphs: numbers that no text holds.
import { Counter, type Numbering } from "./numbering.ts"
import type { Style } from "./package.ts"
import type { Strand } from "./strands.ts"

/** What a strand's list shows before it. `isOwn`: that is its label in the file; what is inserted into a list gets none from it. */
export interface Shown {
  readonly label: string
  readonly level: number
  readonly isBullet: boolean
  readonly isOwn: boolean
  /** What is read in Word with all that is inserted and without what is deleted. */
  readonly asProposed: string
}

/** The list of a paragraph and its level in it: the nearest style that names a list counts where the paragraph names none. */
function listOf(strand: Strand, chain: readonly Style[], numbering: Numbering): { id: string; level: number } | null {
  const own = strand.paragraph?.list
  const inherited = chain.find((style) => style.numbering?.id !== undefined && style.numbering?.id !== null)?.numbering
  const id = own?.id ?? inherited?.id ?? null
  if (id === null || !numbering.has(id)) return null
  return {
    id,
    level: own?.level ?? chain.find((style) => style.numbering?.level !== null && style.numbering !== null)?.numbering?.level ?? 0,
  }
}

/** Counts the lists of a text as they are in force: what is inserted into a list moves no number of it. */
export class Lists {
  readonly #counter: Counter
  readonly #proposed: Counter
  readonly #lists: ReadonlyMap<Strand, { readonly id: string; readonly level: number }>
  /** Lists that have paragraphs in the text in force. */
  readonly #inForce: ReadonlySet<string>

  constructor(strands: readonly Strand[], chains: readonly (readonly Style[])[], numbering: Numbering) {
    this.#counter = new Counter(numbering)
    this.#proposed = new Counter(numbering)
    const found = strands.map((strand, i) => [strand, listOf(strand, chains[i]!, numbering)] as const)
    this.#lists = new Map(found.flatMap(([strand, list]) => (list ? [[strand, list] as const] : [])))
    this.#inForce = new Set(found.flatMap(([strand, list]) => (list && strand.inserted === null ? [`${list.id}/${list.level}`] : [])))
  }

  shown(strand: Strand): Shown | null {
    const list = this.#lists.get(strand)
    if (!list) return null
    const { id, level } = list
    const isOwn = strand.inserted === null || !this.#inForce.has(`${id}/${level}`)
    const shown = isOwn ? this.#counter.next(id, level) : this.#counter.shown(id, level)
    const proposed = strand.act?.kind === "delete" ? null : this.#proposed.next(id, level)
    return shown && { ...shown, level, isOwn: isOwn || shown.isBullet, asProposed: proposed?.label ?? shown.label }
  }
}
