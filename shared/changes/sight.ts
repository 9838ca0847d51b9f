/**
 * What a decision binds to (rules HASH): a change with the place it stands at, as canonical JSON and its SHA-256. Server and browser make the same of
 * the same document. Other people's open words are in it nowhere, so that their typing moves no hash; agreed words beside the change are, and the
 * identity of the letters that it stands between, so that the same words at another place are another change.
 */
import { type Block, isAgreed, isBlank, isPresent, ownerOf, type Run, type StructuralProposal } from "../schema/block.ts"
import { runFrom } from "../schema/runs.ts"
import { targetOf } from "../schema/structure.ts"
import { type Change, changesIn, type Segment } from "./changes.ts"
import { canonicalJson, sha256Of } from "./hash.ts"
import { noTies, type Ties } from "./links.ts"
import { clauseWords } from "./projections.ts"
import { byIdOf } from "./restructure.ts"

/** A letter by the Yjs id under which it was first written. */
export interface LetterId {
  readonly client: number
  readonly clock: number
}

/** The id under which a letter was first written, however often the server wrote it anew since. */
export type OriginOf = (letter: LetterId) => LetterId

/** A draft as somebody sees it who decides: its blocks, and which letter is which. */
export interface Sight {
  readonly blocks: readonly Block[]
  readonly block: ReadonlyMap<string, Block>
  readonly originOf: OriginOf
  readonly ties: Ties
}

const itself: OriginOf = (letter) => letter

export const sightOf = (blocks: readonly Block[], originOf: OriginOf = itself, ties: Ties = noTies): Sight => ({
  blocks,
  block: byIdOf(blocks),
  originOf,
  ties,
})

/** A change of a link, and what is seen of it alone, as JSON. */
interface Linked {
  readonly change: Change
  readonly json: string
}

const linkedIn = new WeakMap<Sight, ReadonlyMap<string, Change>>()
const groupsIn = new WeakMap<Sight, Map<ReadonlySet<string>, readonly Linked[]>>()

/**
 * What is seen of the changes that are linked with one, in the order of their ids: what is decided with it is part of what is seen (HASH1). Each is read
 * once in a sight, however many are linked with it.
 */
function linkedWith({ id, source }: Change, sight: Sight): string[] {
  const group = sight.ties.groupOf(id)
  if (!group) return []
  const groups = memoized(groupsIn, sight, () => new Map<ReadonlySet<string>, readonly Linked[]>())
  let linked = groups.get(group)
  if (!linked) {
    const open = memoized(linkedIn, sight, () => new Map(changesIn(sight.blocks, sight.ties.all).map((change) => [change.id, change])))
    const changes = [...group].flatMap((other) => open.get(other) ?? []).sort((a, b) => (a.id < b.id ? -1 : 1))
    linked = changes.map((change) => ({ change, json: canonicalJson(seenAlone(change, sight, wholeStretches)) }))
    groups.set(group, linked)
  }
  return linked.flatMap(({ change, json }) => (change.id !== id && change.source === source ? [json] : []))
}

/** What is kept of a sight, made where it is not there yet. */
function memoized<Kept>(known: WeakMap<Sight, Kept>, sight: Sight, make: () => Kept): Kept {
  let kept = known.get(sight)
  if (kept === undefined) known.set(sight, (kept = make()))
  return kept
}

/** How many agreed letters on each side of a change are part of what was seen; UTF-16 units, no letter cut. */
const reach = 32

/** What is hashed of a change: all that the decision is about, and nothing else (HASH1). */
export const seenOf = (change: Change, sight: Sight): string => seenWith(change, sight, wholeStretches)

type Stretches = (change: Change, sight: Sight) => readonly Segment[]

function seenWith(change: Change, sight: Sight, stretches: Stretches): string {
  const linked = linkedWith(change, sight)
  const alone = canonicalJson(seenAlone(change, sight, stretches))
  // The JSON of the list that has theirs as one more member.
  return linked.length === 0 ? alone : `${alone.slice(0, -1)},[${linked.join(",")}]]`
}

/** The stretches of a change, each as if nothing of others stood in it: open words that are typed into it cut it, and are no part of what is seen. */
function wholeStretches(change: Change, sight: Sight): Segment[] {
  const isGround = groundOf(change)
  const whole: Segment[] = []
  for (const segment of change.segments) {
    const last = whole.at(-1)
    const isCut = last?.block === segment.block && last.kind === segment.kind && isNothingBetween(last, segment, isGround, sight)
    if (isCut) whole[whole.length - 1] = { ...last, to: segment.to, text: last.text + segment.text }
    else whole.push(segment)
  }
  return whole
}

/** Whether between two stretches stands only what others propose. */
function isNothingBetween(first: Segment, next: Segment, isGround: (run: Run) => boolean, sight: Sight): boolean {
  const runs = sight.block.get(first.block)?.runs ?? []
  const end = runFrom(runs, next.from)
  for (let i = runFrom(runs, first.to); i < end; i++) if (isGround(runs[i]!)) return false
  return true
}

function seenAlone(change: Change, sight: Sight, stretches: Stretches): unknown[] {
  const isGround = groundOf(change)
  const own = placesOfOwn(change, sight)
  // New blocks that hold nothing are no part of the change, and go when it is decided; that they are there is seen all the same.
  const blank = blankIn(sight).get(change.id)
  return [
    "h2",
    change.id,
    change.source,
    change.kind,
    [...change.inside].sort(),
    stretches(change, sight).map((segment) => [segment.block, segment.kind, segment.text, ...aroundSegment(segment, isGround, sight)]),
    change.newBlocks.map((id) => newBlockSeen(id, own, sight)),
    change.structure.map(({ proposal }) => structureSeen(proposal, sight)),
    ...(blank ? [blank.map((id) => newBlockSeen(id, own, sight))] : []),
    ...(change.footnotes ? [["footnotes", ...change.footnotes.map(({ block, text }) => [block, text])]] : []),
  ]
}

const blankBlocks = new WeakMap<Sight, ReadonlyMap<string, readonly string[]>>()

/** Of each change that has any, the new blocks that hold nothing. */
function blankIn(sight: Sight): ReadonlyMap<string, readonly string[]> {
  let known = blankBlocks.get(sight)
  if (!known) {
    const found = new Map<string, string[]>()
    for (const block of sight.blocks)
      if (block.insertedId !== null && isBlank(block) && isPresent(block))
        found.set(block.insertedId, [...(found.get(block.insertedId) ?? []), block.id])
    blankBlocks.set(sight, (known = found))
  }
  return known
}

const hashes = new WeakMap<Sight, WeakMap<Change, string>>()

/** The hash that a decision on a change bears: SHA-256 of what is seen of it, as 64 hexadecimal digits. */
export function changeHash(change: Change, sight: Sight): string {
  const known = memoized(hashes, sight, () => new WeakMap<Change, string>())
  let hash = known.get(change)
  if (hash === undefined) known.set(change, (hash = sha256Of(seenOf(change, sight))))
  return hash
}

/** The same for a decision on letters of one stretch: these are counted in it as others' words cut it. Where none do it is the hash of the change. */
export const hashForPart = (change: Change, sight: Sight): string => sha256Of(seenWith(change, sight, ({ segments }) => segments))

/** Whether a run is ground for a change: agreed, or words of an insertion that the change stands inside. */
export function groundOf(change: Change): (run: Run) => boolean {
  const hosts = new Set(change.inside)
  return (run) => {
    const owner = ownerOf(run.marks)
    return owner === null || (owner.changeId !== change.id && (hosts.has(owner.id) || hosts.has(owner.changeId)))
  }
}

/** The nearest ground letters on both sides of a stretch, by identity, and the agreed letters there. */
function aroundSegment(segment: Segment, isGround: (run: Run) => boolean, sight: Sight): [string, string, string, string] {
  const runs = sight.block.get(segment.block)?.runs ?? []
  const before = looking(runs, runFrom(runs, segment.from) - 1, -1, isGround, sight)
  const behind = looking(runs, runFrom(runs, segment.to), 1, isGround, sight)
  return [before.letter, behind.letter, before.words, behind.words]
}

const edge = "edge"

/** From a run on, to one side: the first ground letter, and the agreed words next to it. */
function looking(
  runs: readonly Run[],
  from: number,
  step: 1 | -1,
  isGround: (run: Run) => boolean,
  sight: Sight,
): { letter: string; words: string } {
  let letter = edge
  let words = ""
  for (let i = from; i >= 0 && i < runs.length && (letter === edge || words.length <= reach); i += step) {
    const run = runs[i]!
    if (letter === edge && isGround(run)) letter = identityOf(run, step > 0 ? 0 : run.text.length - 1, sight)
    if (ownerOf(run.marks) === null) words = step > 0 ? words + run.text : run.text + words
  }
  return { letter, words: step > 0 ? firstLetters(words) : lastLetters(words) }
}

function firstLetters(words: string): string {
  const cut = words.slice(0, reach)
  return cut.length < words.length && /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut
}

function lastLetters(words: string): string {
  const cut = words.slice(-reach)
  return cut.length < words.length && /^[\udc00-\udfff]/.test(cut) ? cut.slice(1) : cut
}

/** A letter of a document that is not read from Yjs, as in a test of pure values, is known by its own words. */
function identityOf(run: Run, at: number, { originOf }: Sight): string {
  const { client, clock } = run as Run & Partial<LetterId>
  if (client === undefined || clock === undefined) return run.text[at]!
  const origin = originOf({ client, clock: clock + at })
  return `${origin.client}.${origin.clock}`
}

/** Where the blocks of a sight stand, and between which agreed ones: looked up for each block that a change adds or moves. */
interface Places {
  readonly of: ReadonlyMap<string, number>
  /** For each place the last agreed block before it, and the first from it on; -1: there is none. One more than there are blocks. */
  readonly agreedBefore: readonly number[]
  readonly agreedFrom: readonly number[]
}

const places = new WeakMap<Sight, Places>()

const placesIn = (sight: Sight): Places =>
  memoized(places, sight, () => {
    const { blocks } = sight
    const of = new Map<string, number>()
    const agreedBefore = [-1]
    const agreedFrom = new Array<number>(blocks.length + 1).fill(-1)
    blocks.forEach((block, i) => {
      if (!of.has(block.id)) of.set(block.id, i)
      agreedBefore.push(isAgreed(block) ? i : agreedBefore[i]!)
    })
    for (let i = blocks.length - 1; i >= 0; i--) agreedFrom[i] = isAgreed(blocks[i]!) ? i : agreedFrom[i + 1]!
    return { of, agreedBefore, agreedFrom }
  })

const idAt = ({ blocks }: Sight, at: number | undefined): string | null => blocks[at ?? -1]?.id ?? null

/** Where the blocks stand that a change adds, in their order. */
const placesOfOwn = ({ newBlocks }: Change, sight: Sight): number[] =>
  newBlocks.length === 0 ? [] : [...new Set(newBlocks)].flatMap((id) => placesIn(sight).of.get(id) ?? []).sort((a, b) => a - b)

/** A new block: what it is, the agreed blocks that it stands between, and how many of the change's own stand before it there. */
function newBlockSeen(id: string, own: readonly number[], sight: Sight): unknown[] {
  const { of, agreedBefore, agreedFrom } = placesIn(sight)
  const at = of.get(id)!
  const { type, level, dir } = sight.blocks[at]!
  return [id, type, level, dir, idAt(sight, agreedBefore[at]), idAt(sight, agreedFrom[at + 1]), countBelow(own, at)]
}

/** How many of some numbers in their order are less than one. */
function countBelow(numbers: readonly number[], limit: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** What becomes of a block: where it goes, between which agreed blocks, and the words that go with it or that it comes to. */
function structureSeen(proposal: StructuralProposal, sight: Sight): unknown[] {
  const { blocks, block } = sight
  const words = (id: string | null): string => {
    const found = id === null ? undefined : block.get(id)
    return found ? clauseWords(found) : ""
  }
  const target = targetOf(proposal)
  const told = [proposal.kind, proposal.block, target, words(proposal.block)]
  if (proposal.kind === "join") return [...told, words(proposal.into), ...(proposal.apart ? ["apart"] : [])]
  if (proposal.kind !== "move") return told
  const { of, agreedBefore, agreedFrom } = placesIn(sight)
  const at = (proposal.after === null ? undefined : of.get(proposal.after)) ?? -1
  // The block itself stays at neither place.
  const isItself = (found: number): boolean => blocks[found]?.id === proposal.block
  let previous = agreedBefore[at + 1]!
  while (isItself(previous)) previous = agreedBefore[previous]!
  let next = agreedFrom[at + 1]!
  while (isItself(next)) next = agreedFrom[next + 1]!
  return [...told, idAt(sight, previous), idAt(sight, next)]
}
