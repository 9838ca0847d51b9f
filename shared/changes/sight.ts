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
  block: new Map(blocks.map((block) => [block.id, block])),
  originOf,
  ties,
})

const linkedIn = new WeakMap<Sight, ReadonlyMap<string, Change>>()

/** The changes that are linked with one, in the order of their ids: what is decided with it is part of what is seen (HASH1). */
function linkedWith({ id, source }: Change, sight: Sight): Change[] {
  if (sight.ties.isEmpty) return []
  let linked = linkedIn.get(sight)
  if (!linked) linkedIn.set(sight, (linked = new Map(changesIn(sight.blocks, sight.ties.all).map((change) => [change.id, change]))))
  const others = sight.ties.with(id).flatMap((other) => (other === id ? [] : (linked.get(other) ?? [])))
  return others.filter((other) => other.source === source).sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** How many agreed letters on each side of a change are part of what was seen; UTF-16 units, no letter cut. */
const reach = 32

/** What is hashed of a change: all that the decision is about, and nothing else (HASH1). */
export const seenOf = (change: Change, sight: Sight): string => seenWith(change, sight, wholeStretches)

type Stretches = (change: Change, sight: Sight) => readonly Segment[]

function seenWith(change: Change, sight: Sight, stretches: Stretches): string {
  const linked = linkedWith(change, sight)
  const alone = seenAlone(change, sight, stretches)
  return canonicalJson(linked.length === 0 ? alone : [...alone, linked.map((other) => seenAlone(other, sight, wholeStretches))])
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
  const own = new Set(change.newBlocks)
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

/** The hash that a decision on a change bears: SHA-256 of what is seen of it, as 64 hexadecimal digits. */
export const changeHash = (change: Change, sight: Sight): string => sha256Of(seenOf(change, sight))

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

/** A new block: what it is, the agreed blocks that it stands between, and how many of the change's own stand before it there. */
function newBlockSeen(id: string, own: ReadonlySet<string>, { blocks }: Sight): unknown[] {
  const at = blocks.findIndex((block) => block.id === id)
  const block = blocks[at]!
  const previous = blocks.slice(0, at).findLast(isAgreed)?.id ?? null
  const next = blocks.slice(at + 1).find(isAgreed)?.id ?? null
  const ownBefore = blocks.slice(0, at).filter((other) => own.has(other.id)).length
  return [id, block.type, block.level, block.dir, previous, next, ownBefore]
}

/** What becomes of a block: where it goes, between which agreed blocks, and the words that go with it or that it comes to. */
function structureSeen(proposal: StructuralProposal, { blocks, block }: Sight): unknown[] {
  const words = (id: string | null): string => {
    const found = id === null ? undefined : block.get(id)
    return found ? clauseWords(found) : ""
  }
  const target = targetOf(proposal)
  const told = [proposal.kind, proposal.block, target, words(proposal.block)]
  if (proposal.kind === "join") return [...told, words(proposal.into), ...(proposal.apart ? ["apart"] : [])]
  if (proposal.kind !== "move") return told
  const at = blocks.findIndex((other) => other.id === proposal.after)
  const stays = (other: Block): boolean => isAgreed(other) && other.id !== proposal.block
  const previous = blocks.slice(0, at + 1).findLast(stays)?.id ?? null
  const next = blocks.slice(at + 1).find(stays)?.id ?? null
  return [...told, previous, next]
}
