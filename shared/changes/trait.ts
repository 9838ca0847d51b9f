// A change as it is compared with others: what it says, where it puts words, which it takes out; and what two such have to do with each other.
import { type Block, isAgreed, type Mark } from "../schema/block.ts"
import { targetOf } from "../schema/structure.ts"
import { type Change, onlyTakes, type Segment } from "./changes.ts"
import { groundedIn, groundIn, madeOf, type OnGround } from "./grounds.ts"
import { type Asked, type ById, byIdOf, competes, deadEndsAmong } from "./restructure.ts"

/** A stretch of a block that a change takes out, as offsets in the block. */
interface Taken {
  readonly block: string
  readonly from: number
  readonly to: number
}

/** A change as it is compared with others. */
export interface Trait {
  readonly change: Change
  readonly order: number
  readonly hosts: string
  /** Its hosts but for the deletions into which it was typed: the words that it finds there are the same without these. */
  readonly grounds: string
  /** The changes whose deletions it was typed into. */
  readonly typedInto: ReadonlySet<string>
  readonly taken: readonly Taken[]
  readonly onGround: readonly OnGround[]
  /** Keys of the places where it puts words or clauses. */
  readonly places: readonly string[]
  /** The same for changes that say the same. */
  readonly form: string
  /** Whether it only takes out: words, or whole clauses. */
  readonly onlyTakes: boolean
}

/** A mark that others name. */
type Host = Pick<Mark, "name" | "changeId">

/** The marks that others name, by id. One of which nothing is left stands for itself. */
export function hostMarks(blocks: readonly Block[], changes: readonly Change[]): (id: string) => Host {
  const sought = new Set(changes.flatMap((change) => change.inside))
  const found = new Map<string, Host>()
  if (sought.size > 0)
    for (const block of blocks)
      for (const run of block.runs) for (const mark of run.marks) if (sought.has(mark.id)) found.set(mark.id, mark)
  return (id) => found.get(id) ?? { name: "insertion", changeId: id }
}

/** A draft's blocks by id and in order, with the agreed ones around each; made once for many changes. */
export class BlockOrder {
  readonly #blocks: readonly Block[]
  /** Made for the first that asks: changes of words do not. */
  #around: ReadonlyMap<string, Around> | null = null

  constructor(blocks: readonly Block[]) {
    this.#blocks = blocks
  }

  block(id: string): Block {
    return byIdOf(this.#blocks).get(id)!
  }

  around(id: string): Around {
    this.#around ??= aroundIn(this.#blocks)
    return this.#around.get(id)!
  }
}

/** The ids of the agreed blocks between which a proposed one stands; null: there is none on that side. */
type Around = readonly [previous: string | null, next: string | null]

function aroundIn(blocks: readonly Block[]): Map<string, Around> {
  const around = new Map<string, Around>()
  let previous: string | null = null
  let proposed: string[] = []
  const close = (next: string | null): void => {
    for (const id of proposed) around.set(id, [previous, next])
    proposed = []
  }
  for (const block of blocks) {
    if (!isAgreed(block)) proposed.push(block.id)
    else {
      close(block.id)
      previous = block.id
    }
  }
  close(null)
  return around
}

export function traitOf(
  change: Change,
  order: number,
  blocks: BlockOrder,
  hostOf: (id: string) => Host,
  asCompared: (words: string) => string,
  known: (id: string) => string = (id) => id,
): Trait {
  const named = (marks: readonly Host[]): string => [...new Set(marks.map(({ changeId }) => known(changeId)))].sort().join(" ")
  const hostsIn = change.inside.map(hostOf)
  const hosts = named(hostsIn)
  const grounds = named(hostsIn.filter(({ name }) => name !== "deletion"))
  const typedInto = new Set(hostsIn.flatMap(({ name, changeId }) => (name === "deletion" ? [changeId] : [])))
  const own = new Set(change.newBlocks)
  const inText = change.segments.filter((segment) => !own.has(segment.block))
  const places: string[] = []
  const byBlock = new Map<string, Segment[]>()
  for (const segment of inText) byBlock.set(segment.block, [...(byBlock.get(segment.block) ?? []), segment])
  const onGround: OnGround[] = []
  const words = [...byBlock].map(([block, segments]) => {
    const ground = groundIn(blocks.block(block), change)
    for (const segment of segments) if (segment.kind === "insertion") places.push(`${grounds}|${block}|${ground.index(segment.from)}`)
    onGround.push(groundedIn(block, segments, ground))
    return [known(block), ...madeOf(segments, ground, asCompared)]
  })
  const added = change.newBlocks.map((id) => {
    const { type, level, dir } = blocks.block(id)
    const [previous, next] = blocks.around(id)
    if (type !== "note") places.push(`${hosts}||${previous}|${next}`)
    const text = change.segments.filter((segment) => segment.block === id && segment.kind === "insertion").map((part) => part.text)
    return [previous, next, type, level, dir, asCompared(text.join(""))]
  })
  const structure = change.structure.map(({ proposal }) => {
    const target = targetOf(proposal)
    return [proposal.kind, known(proposal.block), typeof target === "string" ? known(target) : target]
  })
  const taken = change.segments.filter((segment) => segment.kind === "deletion")
  return {
    change,
    order,
    hosts,
    grounds,
    typedInto,
    taken,
    onGround,
    places,
    onlyTakes: onlyTakes(change),
    form: JSON.stringify([hosts, words, added, structure]),
  }
}

/** What a change proposes about blocks as wholes. */
export const askedBy = (change: Change | undefined): Asked[] =>
  change?.structure.map(({ proposal }) => ({ change: change.id, proposal })) ?? []

/** Whether two changes take out a letter that both stand on, and at least one of them puts something in its place. */
export function overlap(a: Trait, b: Trait): boolean {
  if (a.onlyTakes && b.onlyTakes) return false
  return a.taken.some((part) => b.taken.some((other) => part.block === other.block && part.from < other.to && other.from < part.to))
}

export const sharesPlace = (a: Trait, b: Trait): boolean => a.places.some((place) => b.places.includes(place))

/** The clauses that a change deletes, and the footnotes that go with what it takes out. */
export const deletedBy = ({ change }: Trait): string[] => [
  ...change.structure.flatMap(({ proposal }) => (proposal.kind === "delete" ? [proposal.block] : [])),
  ...(change.footnotes ?? []).map(({ block }) => block),
]

/** The clauses in which a change has words, or of which it makes something as wholes. */
export const touchedBy = ({ change }: Trait): string[] => [
  ...new Set([...change.segments.map(({ block }) => block), ...change.structure.map(({ proposal }) => proposal.block)]),
]

/** Whether one deletes a clause of whose words, or of which, another source makes something else; what only takes out words there means no less. */
export function endsWith(deletion: Trait, other: Trait): boolean {
  if (other.onlyTakes || other.change.source === deletion.change.source || deletion.hosts.split(" ").includes(other.change.id)) return false
  const going = new Set(deletedBy(deletion))
  return going.size > 0 && touchedBy(other).some((block) => going.has(block))
}

/**
 * Whether a change puts words into the middle of what another takes out. What was typed into what only goes was meant to stand there once it has gone; what
 * was typed into what something else replaces would be left standing beside that.
 */
export const within = (a: Trait, b: Trait): boolean =>
  a.grounds === b.grounds &&
  !(a.typedInto.has(b.change.id) && b.onlyTakes) &&
  a.onGround.some(({ block, puts }) =>
    b.onGround.some((other) => other.block === block && puts.some((at) => other.takes.some(({ from, to }) => from < at && at < to))),
  )

/**
 * Whether two changes make different things of the same block as a whole (RES7), or would, with what was joined since, join words in a circle or to what
 * goes.
 */
export function competeAsBlocks(a: Change, b: Change, blocks: ById): boolean {
  if (a.structure.length === 0 || b.structure.length === 0) return false
  if (a.structure.some((part) => b.structure.some((other) => competes(part.proposal, other.proposal)))) return true
  return deadEndsAmong([...askedBy(a), ...askedBy(b)], blocks).some((changes) => changes.length > 1)
}
