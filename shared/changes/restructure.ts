// Blocks as wholes: which levels, joins, moves and deletions verdicts carry out, in which order, and what is still proposed about blocks afterwards (RES6, RES7).
// Where words end a clause is in `splits`.
import {
  type Block,
  type BlockAttrs,
  defaultAttrs,
  isPresent,
  noStructure,
  type Run,
  type StructuralAct,
  type StructuralProposal,
  splitCharacter,
} from "../schema/block.ts"
import { markId, parseMarkId, serverClient } from "../schema/keys.ts"
import { isApart, targetOf } from "../schema/structure.ts"
import { finished, type Sliced } from "./slices.ts"

type Join = StructuralAct & { readonly kind: "join" }

/** What the accepted structural proposals do, in the order in which it is done: levels, joins, moves, deletions. Splits follow from the text. */
export interface Plan {
  readonly levels: readonly (StructuralProposal & { readonly kind: "level" })[]
  readonly joins: readonly (StructuralProposal & Join)[]
  readonly moves: readonly (StructuralProposal & { readonly kind: "move" })[]
  /** Blocks that go. */
  readonly deletes: ReadonlySet<string>
  /** By their ids, all whose turn it was: what could not be done of them beside the others is done never. */
  readonly due: ReadonlySet<string>
}

/** Makes the ids that a resolution needs for what it adds. */
export interface Mint {
  block(): string
  entry(source: string): string
}

/** Ids for pure use: on the server they come from its clock. */
export function countingMint(): Mint {
  let n = 0
  return { block: () => `s${++n}`, entry: (source) => markId(source, serverClient, ++n) }
}

export type ById = ReadonlyMap<string, Block>

const byIdIn = new WeakMap<readonly Block[], ById>()

/** Blocks by their ids. Made once for a list: a list of blocks is never changed, another is made. */
export function byIdOf(blocks: readonly Block[]): ById {
  let byId = byIdIn.get(blocks)
  if (!byId) byIdIn.set(blocks, (byId = new Map(blocks.map((block) => [block.id, block]))))
  return byId
}

/** All that is proposed about blocks as wholes. */
export function structureIn(blocks: readonly Block[]): StructuralProposal[] {
  const proposals: StructuralProposal[] = []
  for (const { structure } of blocks) if (structure.length > 0) proposals.push(...structure)
  return proposals
}

/** The block that holds the words of a block now: itself, or what it was joined into; null where that is gone. */
export function survivorOf(blocks: ById, id: string): Block | null {
  const seen = new Set<string>()
  let block = blocks.get(id)
  while (block && block.joined !== null && !seen.has(block.id)) {
    seen.add(block.id)
    block = blocks.get(block.joined)
  }
  return block && isPresent(block) ? block : null
}

/** The new clauses of others that a proposal is about, by the changes that add them: it stands inside these and waits for them (RES1). */
export function hostsOfProposal(proposal: StructuralProposal, blocks: ById): string[] {
  // What follows a clause waits as that does.
  const first = isApart(proposal) ? joinAsked(proposal as StructuralProposal & Join, blocks) : undefined
  const into = proposal.kind === "join" ? survivorOf(blocks, proposal.into) : null
  const hosts = first ? hostsOfProposal(first, blocks) : []
  return [
    ...hosts,
    ...[blocks.get(proposal.block), into].flatMap((block) =>
      block?.insertedId && block.insertedId !== proposal.changeId ? [block.insertedId] : [],
    ),
  ]
}

/** What the same change asks for the block that one was cut off from. */
const joinAsked = ({ into, changeId }: StructuralProposal & Join, blocks: ById): StructuralProposal | undefined =>
  blocks.get(into)?.structure.find((other) => other.kind === "join" && other.changeId === changeId)

/** Whether an accepted proposal must wait, for the block that it is about is itself still proposed. */
export const isWaiting = (proposal: StructuralProposal, blocks: ById, isAccepted: (change: string) => boolean): boolean =>
  hostsOfProposal(proposal, blocks).some((host) => !isAccepted(host))

/**
 * Whether two changes cannot both be accepted: they put one block at two places, at two levels or into two others, two into one or each into the other,
 * one moves what the other moves its block behind, or one deletes what the other joins. Accepting one ends the other (RES7).
 */
export function competes(a: StructuralProposal, b: StructuralProposal): boolean {
  if (a.changeId === b.changeId) return false
  const displaces = (proposal: StructuralProposal): boolean => proposal.kind === "join" || proposal.kind === "move"
  if (a.block === b.block && a.kind === "level" && b.kind === "level") return a.level !== b.level
  if (a.block === b.block && displaces(a) && displaces(b)) return true
  if (a.kind === "join" && b.kind === "join") return a.into === b.into || (a.into === b.block && b.into === a.block)
  const leads = (move: StructuralProposal, other: StructuralProposal): boolean =>
    move.kind === "move" && other.kind === "move" && move.after === other.block
  if (leads(a, b) || leads(b, a)) return true
  const losesWords = (join: StructuralProposal, other: StructuralProposal): boolean =>
    join.kind === "join" && other.kind === "delete" && (other.block === join.into || other.block === join.block)
  return losesWords(a, b) || losesWords(b, a)
}

/** Something that is proposed about a block as a whole, and by which change. */
export interface Asked {
  readonly change: string
  readonly proposal: StructuralProposal
}

/**
 * Of some changes those that could not all be carried out, for with what has been joined since words would be joined in a circle, or to what goes, or one
 * of them puts a block at two places or levels: in groups, each of which lacks nothing once one of it is left out.
 */
export function deadEndsAmong(asked: readonly Asked[], blocks: ById): string[][] {
  const joins = new Map<string, { readonly change: string; readonly into: string | undefined }>()
  const goes = new Map<string, string>()
  const targets = new Map<string, ReturnType<typeof targetOf>>()
  const ends: string[][] = []
  for (const { change, proposal } of asked) {
    const what = `${change} ${proposal.kind === "level" ? "level" : "place"} ${proposal.block}`
    if (proposal.kind === "delete") goes.set(proposal.block, change)
    else if (targets.has(what) && targets.get(what) !== targetOf(proposal)) ends.push([change])
    else targets.set(what, targetOf(proposal))
    if (proposal.kind !== "join" || joins.has(proposal.block)) continue
    joins.set(proposal.block, { change, into: survivorOf(blocks, proposal.into)?.id })
  }
  const passed = new Set<string>()
  for (const first of joins.keys()) {
    const path = new Map<string, string>()
    let at: string | undefined = first
    while (at !== undefined && !passed.has(at)) {
      const join = joins.get(at)
      if (!join) break
      passed.add(at)
      path.set(at, join.change)
      at = join.into
      const going = at === undefined ? undefined : goes.get(at)
      if (going === undefined) continue
      ends.push([...new Set([join.change, going])])
      break
    }
    if (at === undefined || !path.has(at)) continue
    const round = [...path.keys()]
    ends.push([...new Set(round.slice(round.indexOf(at)).map((block) => path.get(block)!))])
  }
  return ends
}

/** What the structural proposals of the accepted changes do. Of those that compete the first by id is taken; decisions refuse such a choice. */
export function planOf(blocks: readonly Block[], isAccepted: (change: string) => boolean): Plan {
  const proposed = structureIn(blocks.filter((block) => block.structure.length > 0 && isPresent(block)))
  if (proposed.length === 0) return { levels: [], joins: [], moves: [], deletes: new Set(), due: new Set() }
  const byId = byIdOf(blocks)
  const due = proposed.filter((proposal) => isAccepted(proposal.changeId) && !isWaiting(proposal, byId, isAccepted)).sort(inOrder)
  const deletes = new Set(due.filter((proposal) => proposal.kind === "delete").map((proposal) => proposal.block))
  const levels = new Map<string, StructuralProposal & { kind: "level" }>()
  const joins = new Map<string, StructuralProposal & { kind: "join" }>()
  const moves = new Map<string, StructuralProposal & { kind: "move" }>()
  for (const proposal of due) {
    const { block } = proposal
    if (deletes.has(block)) continue
    if (proposal.kind === "level" && !levels.has(block)) levels.set(block, proposal)
    if (proposal.kind === "join" && !joins.has(block) && leadsSomewhere(proposal, byId, joins, deletes)) joins.set(block, proposal)
  }
  for (const proposal of due)
    if (proposal.kind === "move" && !deletes.has(proposal.block) && !joins.has(proposal.block) && !moves.has(proposal.block))
      moves.set(proposal.block, proposal)
  return {
    levels: [...levels.values()],
    joins: [...joins.values()],
    moves: withFollowers([...moves.values()]),
    deletes,
    due: new Set(due.map(({ id }) => id)),
  }
}

/** Moves, each right before those of the same change that follow what it moves: parts of one clause, and what belongs to it. */
function withFollowers(moves: Plan["moves"]): Plan["moves"] {
  const following = followersIn(moves)
  if (following.size === 0) return moves
  const behind = new Map<string | null, Plan["moves"][number][]>()
  for (const move of moves) if (following.has(move.id)) behind.set(move.after, [...(behind.get(move.after) ?? []), move])
  const list = new Set<Plan["moves"][number]>()
  const put = (move: Plan["moves"][number]): void => {
    if (list.has(move)) return
    list.add(move)
    for (const other of behind.get(move.block) ?? []) put(other)
  }
  for (const move of moves) if (!following.has(move.id)) put(move)
  for (const move of moves) put(move)
  return [...list]
}

/** The moves, by their ids, that put a block right behind another which the same change moves. */
function followersIn(moves: Plan["moves"]): ReadonlySet<string> {
  const movedBy = new Map(moves.map(({ block, changeId }) => [block, changeId]))
  return new Set(moves.flatMap(({ id, after, changeId }) => (after !== null && movedBy.get(after) === changeId ? [id] : [])))
}

const inOrder = (a: StructuralProposal, b: StructuralProposal): number => {
  const [x, y] = [parseMarkId(a.id)!, parseMarkId(b.id)!]
  return x.client - y.client || x.n - y.n
}

/** Two joins must not lead into each other, nor any into a block that goes. */
function leadsSomewhere(
  join: StructuralProposal & { kind: "join" },
  byId: ById,
  joins: ReadonlyMap<string, { into: string }>,
  deletes: ReadonlySet<string>,
): boolean {
  let at = survivorOf(byId, join.into)?.id
  for (let step = 0; at !== undefined && step <= joins.size; step++) {
    if (at === join.block || deletes.has(at)) return false
    const next = joins.get(at)
    if (!next) return true
    at = survivorOf(byId, next.into)?.id
  }
  return false
}

/** Whether the plan carries a proposal out. */
function isDoneBy(plan: Plan): (proposal: StructuralProposal) => boolean {
  const done = new Set<StructuralProposal>([...plan.levels, ...plan.joins, ...plan.moves])
  return (proposal) => (proposal.kind === "delete" ? plan.deletes.has(proposal.block) : done.has(proposal))
}

/** Gives an entry another target; used where the block it named was split, moved to or removed. */
export const retargeted = (blocks: readonly Block[], change: (proposal: StructuralProposal) => StructuralProposal): Block[] =>
  blocks.map((block) => (block.structure.length === 0 ? block : { ...block, structure: block.structure.map(change) }))

/** The blocks after a plan. Entries that it carried out, and those that lost their block or competed with one, are gone. */
export const carriedOut = (blocks: readonly Block[], plan: Plan): Block[] => finished(carriedOutInSlices(blocks, plan))

/** `carriedOut`, with pauses. */
export function* carriedOutInSlices(blocks: readonly Block[], plan: Plan): Sliced<Block[]> {
  const levels = new Map(plan.levels.map(({ block, level }) => [block, level]))
  const leveled = (block: Block): Block => {
    const level = levels.get(block.id)
    return level === undefined ? block : { ...block, level }
  }
  let list = levels.size > 0 ? blocks.map(leveled) : [...blocks]
  for (const join of plan.joins) {
    list = joined(list, join)
    yield
  }
  const following = followersIn(plan.moves)
  for (const proposal of inTurn(plan.moves)) {
    list = moved(list, proposal, following)
    yield
  }
  for (const id of plan.deletes) {
    list = without(list, id)
    yield
  }
  return list
}

/** Moves one after the other, each where the ones before it have left its place. */
export function* inTurn(moves: Plan["moves"]): Iterable<Plan["moves"][number]> {
  const following = followersIn(moves)
  let rest = [...moves]
  while (rest.length > 0) {
    const [next, ...others] = rest
    yield next!
    rest = others.map((other) => behindEarlier(other, next!, following) as typeof other)
  }
}

/** The entries left once a plan has been carried out on these blocks. */
export function proposalsLeft(before: readonly Block[], after: readonly Block[], plan: Plan): StructuralProposal[] {
  const written = structureIn(before)
  if (written.length === 0) return []
  const byId = byIdOf(after)
  const done = written.filter(isDoneBy(plan))
  // What competes is what was proposed, not what it became when its target moved.
  const asWritten = new Map(written.map((proposal) => [proposal.id, proposal]))
  return structureIn(after).filter((proposal) => {
    const block = byId.get(proposal.block)
    if (!block || !isPresent(block)) return false
    const into = proposal.kind === "join" ? survivorOf(byId, proposal.into) : undefined
    // Nothing is joined to what is gone, nor to its own words.
    if (into === null || into === block) return false
    const was = asWritten.get(proposal.id) ?? proposal
    return !plan.due.has(was.id) && !done.some((other) => competes(other, was) || isSettledBy(other, was))
  })
}

/** The same level, proposed by two: one acceptance settles both. */
const isSettledBy = (done: StructuralProposal, proposal: StructuralProposal): boolean =>
  done.kind === "level" && proposal.kind === "level" && done.block === proposal.block && done.level === proposal.level

/** Where what follows is cut off again. */
export const cut: Run = { text: splitCharacter, marks: [] }

function joined(blocks: readonly Block[], { block: id, into, apart }: StructuralProposal & Join): Block[] {
  const byId = byIdOf(blocks)
  const target = survivorOf(byId, into)
  const block = byId.get(id)
  if (!target || !block || target === block) return [...blocks]
  return blocks.map((other) => {
    if (other === target) return { ...other, runs: [...other.runs, ...(apart ? [cut] : []), ...block.runs] }
    return other === block ? { ...other, runs: [], joined: target.id } : other
  })
}

function moved(blocks: readonly Block[], proposal: StructuralProposal & { kind: "move" }, following: ReadonlySet<string>): Block[] {
  const { after } = proposal
  const block = blocks.find((other) => other.id === proposal.block)
  if (!block || after === block.id) return [...blocks]
  // Behind the place of the one it names, also where the words of that have been joined to another.
  const rest = blocks.filter((other) => other !== block)
  const at = after === null ? 0 : rest.findIndex((other) => other.id === after) + 1
  return retargeted([...rest.slice(0, at), block, ...rest.slice(at)], (other) => behindEarlier(other, proposal, following))
}

/**
 * Of two that go behind the same block the one with the lower id stands first, in whichever order they are accepted (RES6); before it what follows that
 * block, for the same change has moved it there.
 */
const behindEarlier = (
  other: StructuralProposal,
  done: StructuralProposal & { readonly kind: "move" },
  following: ReadonlySet<string>,
): StructuralProposal =>
  other.kind === "move" && other.id !== done.id && other.after === done.after && (following.has(done.id) || inOrder(done, other) < 0)
    ? { ...other, after: done.block }
    : other

/**
 * The blocks without one. Where another is to stand behind it, its place stays, empty and undrawn: with any other anchor it would hang on the order of
 * decisions where that other stands (RES6).
 */
export function without(blocks: readonly Block[], id: string): Block[] {
  const isAnchor = blocks.some((block) => block.structure.some((proposal) => proposal.kind === "move" && proposal.after === id))
  if (!isAnchor) return blocks.filter((block) => block.id !== id)
  return blocks.map((block) => (block.id === id ? placeOf(block) : block))
}

const placeOf = ({ id, type }: Block): Block => ({ ...defaultAttrs, id, type, joined: id, runs: [], structure: noStructure })

/** Whether a block is the place of one that has gone. */
export const isPlace = (block: BlockAttrs): boolean => block.joined === block.id

/** Kinds of block that go when a decision leaves them without a character. */
const vanishing: ReadonlySet<Block["type"]> = new Set(["clause", "paragraph", "quote", "head", "heading"])

/** Whether a decision that emptied this block takes it away: a suppressed clause is no empty clause. */
export const vanishes = (before: Block, after: Block): boolean =>
  isPresent(after) && vanishing.has(after.type) && before.runs.length > 0 && after.runs.length === 0 && after.insertedBy === null
