/**
 * Changes that say the same, that compete, or that stand at one place (rules RIVAL). What a change does is read on the words that it finds there: the
 * agreed ones, and those of the open insertions that it stands inside. Nothing here decides; `decide` on the server and the cards in the browser ask.
 */
import { type Block, isAgreed, isPresent, type Mark, ownerOf, type Run, type StructuralProposal, splitCharacter } from "../schema/block.ts"
import { notStated } from "../schema/keys.ts"
import { runFrom, startsOf } from "../schema/runs.ts"
import { targetOf } from "../schema/structure.ts"
import { type Change, changeIdsIn, changesInSlices, isAbout, onlyTakes, type Segment } from "./changes.ts"
import { type ForestalledBy, forestalledOf, noneForestalled } from "./forestalled.ts"
import { holdsOthers } from "./holding.ts"
import { noTies, type Ties, Units, withLinked } from "./links.ts"
import { type Asked, type ById, byIdOf, competes, deadEndsAmong, survivorOf } from "./restructure.ts"
import { groundOf } from "./sight.ts"
import { finished, type Sliced } from "./slices.ts"

/** How the changes of one list stand to each other; every answer is in document order and leaves the change itself out. */
export interface Relations {
  /** Changes of other sources that make the same of the same words: agreed once, in the name of all (RIVAL1). */
  identicalTo(change: string): readonly string[]
  /** Changes that make something else of the same words or blocks: never both accepted (RIVAL2). */
  rivalsOf(change: string): readonly string[]
  /**
   * Insertions and new clauses of other sources at the same place, where the order is for the meeting to say; and words put in the middle of what another
   * takes out, which would be left standing alone (RIVAL3).
   */
  atPlaceOf(change: string): readonly string[]
  /** Of these, what takes out words in the middle of which this puts its own; and what puts its own into the middle of what this takes out. */
  amidOf(change: string): readonly string[]
  aroundOf(change: string): readonly string[]
  /** Of a deletion of a clause, what others make of its words or of it; of such a change, what deletes its clause: accepting that ends it (RIVAL7). */
  goesWith(change: string): readonly string[]
  /** Whether others have something inside it that would end with it. */
  holdsOthers(change: string): boolean
  /** Whether what it was to make something else of had gone when it arrived, and its own words are left (RIVAL4). */
  isForestalled(change: string): boolean
  /** Whether some of what is linked as one change make different things of the same words or blocks: not to be accepted together (RIVAL2). */
  competesInItself(change: string): boolean
  /** Of some changes the groups that cannot be carried out together, though any two of each may be; and each that cannot be by itself. */
  deadEndsAmong(changes: readonly string[]): readonly (readonly string[])[]
}

/** A stretch of a block that a change takes out, as offsets in the block. */
interface Taken {
  readonly block: string
  readonly from: number
  readonly to: number
}

/** Where on the ground of a block a change puts words, and which stretches of it it takes out. */
interface OnGround {
  readonly block: string
  readonly puts: readonly number[]
  readonly takes: readonly { readonly from: number; to: number }[]
}

/** A change as it is compared with others. */
interface Trait {
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

/**
 * Changes that said the same when something was agreed between their words, which moved them apart: they go on saying the same as long as each says what
 * it said then. By change; `said` is its own words.
 */
export type Twins = ReadonlyMap<string, readonly Twin[]>

export interface Twin {
  readonly change: string
  readonly said: string
}

const noTwins: Twins = new Map()

const saidBy = (change: Change): string => `${folded(change.deleted)}>${folded(change.inserted)}`

/**
 * The twins that a decision moves apart, by change, as they are to be noted. `near`: the changes before it, and `then`, how they stood to each other;
 * `after`: the blocks that it leaves.
 */
export function* twinsParted(
  near: readonly Change[],
  then: Relations,
  after: readonly Block[],
  ties: Ties = noTies,
): Sliced<Map<string, Twin[]>> {
  const paired = near.filter(({ id }) => then.identicalTo(id).length > 0)
  if (paired.length === 0) return new Map()
  const ids = withLinked(
    paired.map(({ id }) => id),
    ties,
  )
  const left = new Units(yield* changesInSlices(after, ids), ties).units
  const now = yield* relationsInSlices(after, left)
  const open = new Map(left.map((change) => [change.id, change]))
  const parted = new Map<string, Twin[]>()
  for (const change of left) {
    const still = new Set(now.identicalTo(change.id))
    const gone = then.identicalTo(change.id).filter((other) => open.has(other) && !still.has(other))
    if (gone.length > 0)
      parted.set(
        change.id,
        gone.map((other) => ({ change: other, said: saidBy(change) })),
      )
  }
  return parted
}

/** So many others are noted to say the same as a change. */
const mostTwins = 32

/**
 * Of changes of whom nobody has stated whose they are, and that only put in, those that say the same and are by two authors: they are to be noted as twins,
 * for what is proposed does not tell the one from the other. `whoOf`: the author of a change, "" where that is a name that is nobody's.
 */
export function* twinsUnstated(
  blocks: readonly Block[],
  changes: readonly Change[],
  ties: Ties,
  whoOf: (change: string) => string,
): Sliced<Map<string, Twin[]>> {
  const noted = new Map<string, Twin[]>()
  const order = new BlockOrder(blocks)
  // Two ends at one place are two clauses that begin there.
  const isSuch = (change: Change): boolean =>
    change.source === notStated && !areTaking(change) && !change.segments.some(({ text }) => text.includes(splitCharacter))
  // What is linked says the same together; untied, each by itself.
  for (const tied of ties.isEmpty ? [ties] : [ties, noTies]) {
    const such = new Units(changes, tied).units.filter(isSuch)
    if (such.length < 2) continue
    const hostOf = hostMarks(blocks, such)
    const forms = new Map<string, Map<string, Change[]>>()
    for (const change of such) {
      yield
      const who = whoOf(change.id)
      if (who === "") continue
      const { form } = traitOf(change, 0, order, hostOf, folded)
      const authors = forms.get(form) ?? new Map<string, Change[]>()
      forms.set(form, authors)
      authors.set(who, [...(authors.get(who) ?? []), change])
    }
    for (const authors of forms.values())
      for (const [who, own] of authors) {
        const others = [...authors].flatMap(([other, theirs]) => (other === who ? [] : theirs.slice(0, mostTwins))).slice(0, mostTwins)
        for (const change of own) {
          const twins = others.map((other) => ({ change: other.id, said: saidBy(change) }))
          if (twins.length > 0) noted.set(change.id, [...(noted.get(change.id) ?? []), ...twins])
        }
      }
  }
  return noted
}

const areTaking = ({ structure, segments }: Change): boolean => structure.length > 0 || segments.some(({ kind }) => kind === "deletion")

/**
 * Whether two changes that say the same are of two. What nobody has stated may be anybody's: nobody takes the same words out twice, but one author may well
 * put in the same twice; of two whom their files name otherwise that is noted.
 */
function areOthers(a: Change, b: Change): boolean {
  if (a.source !== b.source) return true
  return a.source === notStated && areTaking(a)
}

const mayBeOthers = (a: Change, b: Change): boolean => a.source !== b.source || a.source === notStated

/** The relations among some changes of a draft. */
export const relationsOf = (...given: Parameters<typeof relationsInSlices>): Relations => finished(relationsInSlices(...given))

/** `relationsOf`, with a pause after each change. */
export function* relationsInSlices(
  blocks: readonly Block[],
  changes: readonly Change[],
  twins: Twins = noTwins,
  forestalled: ForestalledBy = noneForestalled,
  membersOf: (unit: string) => readonly Change[] = alone,
): Sliced<Relations> {
  const hostOf = hostMarks(blocks, changes)
  const order = new BlockOrder(blocks)
  const traits: Trait[] = []
  for (const change of changes) {
    traits.push(traitOf(change, traits.length, order, hostOf, folded))
    yield
  }
  const byId = new Map(traits.map((trait) => [trait.change.id, trait]))
  const byForm = grouped(traits, (trait) => [trait.form])
  const byPlace = grouped(traits, (trait) => trait.places)
  const byBlock = grouped(traits, (trait) => [...new Set(trait.taken.map((part) => part.block))])
  const byGround = grouped(traits, (trait) => trait.onGround.map(({ block }) => block))
  const namedBy = ({ change }: Trait): string[] => blocksNamedBy(change, byIdOf(blocks))
  const byNamed = grouped(traits, namedBy)
  const byDeleted = grouped(traits, deletedBy)
  const byTouched = byDeleted.size > 0 ? grouped(traits, touchedBy) : byDeleted
  const isTwin = (a: Trait, b: Trait): boolean =>
    twins.get(a.change.id)?.some(({ change, said }) => change === b.change.id && said === saidBy(a.change)) === true
  const twinsOf = ({ change }: Trait): Trait[] => (twins.get(change.id) ?? []).flatMap((twin) => byId.get(twin.change) ?? [])
  const isSame = (a: Trait, b: Trait): boolean =>
    (areOthers(a.change, b.change) && a.form === b.form) || (mayBeOthers(a.change, b.change) && isTwin(a, b) && isTwin(b, a))
  const related = (id: string, candidates: (trait: Trait) => Iterable<Trait>, test: (a: Trait, b: Trait) => boolean): string[] => {
    const trait = byId.get(id)
    if (!trait) return []
    const found = [...new Set(candidates(trait))].filter((other) => other !== trait && test(trait, other))
    return found.sort((a, b) => a.order - b.order).map(({ change }) => change.id)
  }
  const inBlocksOf = (trait: Trait): Trait[] => [
    ...trait.taken.flatMap(({ block }) => byBlock.get(block) ?? []),
    ...namedBy(trait).flatMap((id) => byNamed.get(id) ?? []),
  ]
  const onGroundOf = (trait: Trait): Trait[] => trait.onGround.flatMap(({ block }) => byGround.get(block) ?? [])
  const areApart = (a: Trait, b: Trait): boolean => a.change.source !== b.change.source && !isSame(a, b) && !overlap(a, b)
  return {
    identicalTo: (id) => related(id, (trait) => [...(byForm.get(trait.form) ?? []), ...twinsOf(trait)], isSame),
    rivalsOf: (id) =>
      related(id, inBlocksOf, (a, b) => !isSame(a, b) && (overlap(a, b) || competeAsBlocks(a.change, b.change, byIdOf(blocks)))),
    amidOf: (id) => related(id, onGroundOf, (a, b) => areApart(a, b) && within(a, b)),
    aroundOf: (id) => related(id, onGroundOf, (a, b) => areApart(a, b) && within(b, a)),
    atPlaceOf: (id) =>
      related(
        id,
        (trait) => [...trait.places.flatMap((place) => byPlace.get(place) ?? []), ...onGroundOf(trait)],
        (a, b) => areApart(a, b) && (sharesPlace(a, b) || within(a, b) || within(b, a)),
      ),
    goesWith: (id) =>
      related(
        id,
        (trait) => [
          ...deletedBy(trait).flatMap((block) => byTouched.get(block) ?? []),
          ...(byDeleted.size > 0 ? touchedBy(trait).flatMap((block) => byDeleted.get(block) ?? []) : []),
        ],
        (a, b) => endsWith(a, b) || endsWith(b, a),
      ),
    holdsOthers: (id) => byId.has(id) && holdsOthers(byId.get(id)!.change, (block) => order.block(block), blocks),
    isForestalled: (id) => forestalled.size > 0 && byId.has(id) && forestalledOf(byId.get(id)!.change, forestalled).length > 0,
    competesInItself: (id) => {
      const members = membersOf(id)
      if (members.length < 2) return false
      const within = relationsOf(blocks, members)
      return members.some((member) => within.rivalsOf(member.id).length > 0)
    },
    deadEndsAmong: (ids) =>
      deadEndsAmong(
        ids.flatMap((id) => askedBy(byId.get(id)?.change)),
        byIdOf(blocks),
      ),
  }
}

/** What a change proposes about blocks as wholes. */
const askedBy = (change: Change | undefined): Asked[] => change?.structure.map(({ proposal }) => ({ change: change.id, proposal })) ?? []

const alone = (): readonly Change[] => []

/**
 * Of some groups of changes those that compete with one before them in their group that stays: what is linked must not compete within itself (LINK1).
 */
export function* rivalsWithin(blocks: readonly Block[], groups: readonly (readonly string[])[]): Sliced<Set<string>> {
  const found = new Map((yield* changesInSlices(blocks, new Set(groups.flat()))).map((change) => [change.id, change]))
  const rivals = new Set<string>()
  for (const group of groups) {
    const changes = group.flatMap((id) => found.get(id) ?? [])
    const relations = yield* relationsInSlices(blocks, changes)
    const stays = new Set<string>()
    for (const { id } of changes) (relations.rivalsOf(id).some((other) => stays.has(other)) ? rivals : stays).add(id)
  }
  return rivals
}

/** Changes and blocks that stand for others: what is said inside or about the one is said of the other. */
export type StandsFor = ReadonlyMap<string, string>

const forItself: StandsFor = new Map()

/** So many changes are read before others have their turn. */
const readAtOnce = 64

/**
 * What each of some changes says, by its id: the same for changes that say the same, of the same source too, with other quotation marks, hyphens or
 * spaces too. By it nothing is decided, only what is there already is known again.
 */
export function* formsOf(
  blocks: readonly Block[],
  changes: readonly Change[],
  standsFor: StandsFor = forItself,
): Sliced<Map<string, string>> {
  return yield* byChange(changes, formIn(blocks, changes, standsFor))
}

function* byChange<Value>(changes: readonly Change[], read: (change: Change) => Value): Sliced<Map<string, Value>> {
  const all = new Map<string, Value>()
  for (const [i, change] of changes.entries()) {
    if (i % readAtOnce === 0) yield
    all.set(change.id, read(change))
  }
  return all
}

function formIn(blocks: readonly Block[], changes: readonly Change[], standsFor: StandsFor): (change: Change) => string {
  const hostOf = hostMarks(blocks, changes)
  const order = new BlockOrder(blocks)
  return (change) => traitOf(change, 0, order, hostOf, normal, (id) => standsFor.get(id) ?? id).form
}

/**
 * What each part of some changes says, by the change's id: of each new block, each stretch of words, each entry about a block. Changes that were divided
 * in another way say the same together.
 */
export function* partFormsOf(
  blocks: readonly Block[],
  changes: readonly Change[],
  standsFor: StandsFor = forItself,
): Sliced<Map<string, string[]>> {
  const formOf = formIn(blocks, changes, standsFor)
  return yield* byChange(changes, (change) => partsOf(change).map(formOf))
}

function partsOf(change: Change): Change[] {
  const nothing = { ...change, newBlocks: [], segments: [], structure: [] }
  const own = new Set(change.newBlocks)
  const ofBlock = (id: string): Segment[] => change.segments.filter(({ block }) => block === id)
  return [
    ...change.newBlocks.map((id) => ({ ...nothing, newBlocks: [id], segments: ofBlock(id) })),
    ...change.segments
      .filter(({ block }) => !own.has(block))
      .flatMap(linesOf)
      .map((segment) => ({ ...nothing, segments: [segment] })),
    ...change.structure.map((part) => ({ ...nothing, structure: [part] })),
  ]
}

/** The lines of words that come, and each end that cuts a clause between them. */
function linesOf(segment: Segment): Segment[] {
  if (segment.kind === "deletion") return [segment]
  let { from } = segment
  return segment.text.split(/(\u2029)/).flatMap((text) => {
    const line = { ...segment, from, to: from + text.length, text }
    from = line.to
    return text ? [line] : []
  })
}

/**
 * The changes that can stand in a relation to some of a draft: those of the same blocks, about the same blocks as wholes, and new clauses beside. A
 * decision on one of thousands looks at these alone.
 */
export function* changesNear(blocks: readonly Block[], ids: { has(change: string): boolean }): Sliced<Change[]> {
  const near = new Set<string>()
  const take = (block: Block): void => {
    for (const id of changeIdsIn(block)) near.add(id)
  }
  const named = new Set<string>()
  blocks.forEach((block, at) => {
    if (!isAbout(block, ids)) return
    take(block)
    for (const proposal of block.structure)
      if (ids.has(proposal.changeId)) for (const id of blocksNamed(proposal, byIdOf(blocks))) named.add(id)
    if (block.insertedBy !== null) for (const beside of newOnesBeside(blocks, at)) take(beside)
  })
  if (named.size > 0)
    for (const block of blocks)
      for (const proposal of block.structure)
        for (const id of blocksNamed(proposal, byIdOf(blocks))) if (named.has(id)) near.add(proposal.changeId)
  return yield* changesInSlices(blocks, near)
}

/**
 * The blocks that a change is about as wholes, and those that it puts them behind or into, by what they were joined to since, too: what competes has one of
 * them in common.
 */
const blocksNamedBy = ({ structure }: Change, blocks: ById): string[] => [
  ...new Set(structure.flatMap(({ proposal }) => [...blocksNamed(proposal, blocks)])),
]

function* blocksNamed(proposal: StructuralProposal, blocks: ById): Iterable<string> {
  yield proposal.block
  const target = targetOf(proposal)
  if (typeof target !== "string") return
  yield target
  const into = blocks.get(target)?.joined == null ? null : survivorOf(blocks, target)
  if (into) yield into.id
}

/** The proposed blocks that stand in a row with one, itself left out. */
function newOnesBeside(blocks: readonly Block[], at: number): Block[] {
  const isBetween = (block: Block | undefined): boolean => block !== undefined && (block.insertedBy !== null || !isPresent(block))
  let from = at
  let to = at
  while (isBetween(blocks[from - 1])) from--
  while (isBetween(blocks[to + 1])) to++
  return blocks.slice(from, to + 1).filter((_, i) => from + i !== at)
}

function grouped(traits: readonly Trait[], keysOf: (trait: Trait) => readonly string[]): Map<string, Trait[]> {
  const groups = new Map<string, Trait[]>()
  for (const trait of traits)
    for (const key of keysOf(trait)) {
      const group = groups.get(key)
      if (group) group.push(trait)
      else groups.set(key, [trait])
    }
  return groups
}

/** A mark that others name. */
type Host = Pick<Mark, "name" | "changeId">

/** The marks that others name, by id. One of which nothing is left stands for itself. */
function hostMarks(blocks: readonly Block[], changes: readonly Change[]): (id: string) => Host {
  const sought = new Set(changes.flatMap((change) => change.inside))
  const found = new Map<string, Host>()
  if (sought.size > 0)
    for (const block of blocks)
      for (const run of block.runs) for (const mark of run.marks) if (sought.has(mark.id)) found.set(mark.id, mark)
  return (id) => found.get(id) ?? { name: "insertion", changeId: id }
}

/** A draft's blocks by id and in order, with the agreed ones around each; made once for many changes. */
class BlockOrder {
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

function traitOf(
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

/** Whether two changes take out a letter that both stand on, and at least one of them puts something in its place. */
function overlap(a: Trait, b: Trait): boolean {
  if (a.onlyTakes && b.onlyTakes) return false
  return a.taken.some((part) => b.taken.some((other) => part.block === other.block && part.from < other.to && other.from < part.to))
}

const sharesPlace = (a: Trait, b: Trait): boolean => a.places.some((place) => b.places.includes(place))

/** The clauses that a change deletes, and the footnotes that go with what it takes out. */
const deletedBy = ({ change }: Trait): string[] => [
  ...change.structure.flatMap(({ proposal }) => (proposal.kind === "delete" ? [proposal.block] : [])),
  ...(change.footnotes ?? []).map(({ block }) => block),
]

/** The clauses in which a change has words, or of which it makes something as wholes. */
const touchedBy = ({ change }: Trait): string[] => [
  ...new Set([...change.segments.map(({ block }) => block), ...change.structure.map(({ proposal }) => proposal.block)]),
]

/** Whether one deletes a clause of whose words, or of which, another source makes something else; what only takes out words there means no less. */
function endsWith(deletion: Trait, other: Trait): boolean {
  if (other.onlyTakes || other.change.source === deletion.change.source || deletion.hosts.split(" ").includes(other.change.id)) return false
  const going = new Set(deletedBy(deletion))
  return going.size > 0 && touchedBy(other).some((block) => going.has(block))
}

/**
 * Whether a change puts words into the middle of what another takes out. What was typed into what only goes was meant to stand there once it has gone; what
 * was typed into what something else replaces would be left standing beside that.
 */
const within = (a: Trait, b: Trait): boolean =>
  a.grounds === b.grounds &&
  !(a.typedInto.has(b.change.id) && b.onlyTakes) &&
  a.onGround.some(({ block, puts }) =>
    b.onGround.some((other) => other.block === block && puts.some((at) => other.takes.some(({ from, to }) => from < at && at < to))),
  )

/**
 * Whether two changes make different things of the same block as a whole (RES7), or would, with what was joined since, join words in a circle or to what
 * goes.
 */
function competeAsBlocks(a: Change, b: Change, blocks: ById): boolean {
  if (a.structure.length === 0 || b.structure.length === 0) return false
  if (a.structure.some((part) => b.structure.some((other) => competes(part.proposal, other.proposal)))) return true
  return deadEndsAmong([...askedBy(a), ...askedBy(b)], blocks).some((changes) => changes.length > 1)
}

/** The ground of a block for one change: its letters, and where in it an offset of the block lies. */
interface Ground {
  readonly text: string
  /** How many letters of the ground stand before an offset. */
  index(offset: number): number
}

const agreedGrounds = new WeakMap<Block, Ground>()

/** The ground of a change in a block. That of all which stand in nobody's insertion is the same. */
function groundIn(block: Block, change: Change): Ground {
  if (change.inside.length > 0) return readGround(block, groundOf(change))
  let ground = agreedGrounds.get(block)
  if (!ground) agreedGrounds.set(block, (ground = readGround(block, (run) => ownerOf(run.marks) === null)))
  return ground
}

function readGround(block: Block, isGround: (run: Run) => boolean): Ground {
  const { runs } = block
  const before: number[] = []
  const stands = runs.map(isGround)
  let text = ""
  runs.forEach((run, i) => {
    before.push(text.length)
    if (stands[i]) text += run.text
  })
  const index = (offset: number): number => {
    const next = runFrom(runs, offset)
    if (next < runs.length && startsOf(runs)[next] === offset) return before[next]!
    const last = next - 1
    if (last < 0) return 0
    return before[last]! + (stands[last] ? Math.min(offset - startsOf(runs)[last]!, runs[last]!.text.length) : 0)
  }
  return { text, index }
}

function groundedIn(block: string, segments: readonly Segment[], ground: Ground): OnGround {
  const takes: { readonly from: number; to: number }[] = []
  for (const segment of segments) {
    if (segment.kind !== "deletion") continue
    const [from, to] = [ground.index(segment.from), ground.index(segment.to)]
    const last = takes.at(-1)
    if (last?.to === from) last.to = to
    else takes.push({ from, to })
  }
  const puts = segments.filter(({ kind }) => kind === "insertion").map(({ from }) => ground.index(from))
  return { block, puts, takes }
}

/**
 * What a change makes of the words that it finds in a block, were it taken alone: the stretch of the outcome that differs, and how much before and behind
 * it does not. Two that come to the same outcome say the same, in however many pieces and over however many words each of them says it.
 */
function madeOf(
  segments: readonly Segment[],
  ground: Ground,
  asCompared: (words: string) => string,
): [before: number, words: string, behind: number] {
  let made = ""
  let at = 0
  for (const segment of [...segments].sort((a, b) => a.from - b.from)) {
    const from = ground.index(segment.from)
    made += ground.text.slice(at, Math.max(at, from))
    at = Math.max(at, from)
    if (segment.kind === "insertion") made += segment.text
    else at = Math.max(at, ground.index(segment.to))
  }
  made += ground.text.slice(at)
  const [was, now] = [asCompared(ground.text), asCompared(made)]
  // A change of nothing that is compared is compared sign by sign.
  return was === now ? differing(ground.text, made) : differing(was, now)
}

function differing(was: string, now: string): [before: number, words: string, behind: number] {
  const most = Math.min(was.length, now.length)
  let before = 0
  while (before < most && was[before] === now[before]) before++
  let behind = 0
  while (behind < most - before && was.at(-1 - behind) === now.at(-1 - behind)) behind++
  return [before, now.slice(before, now.length - behind), behind]
}

/**
 * Words as they are compared where one of several is written in the name of all: composed letters, one form of quotation marks and of spaces. By another dash, or an invisible sign, another text is proposed (RIVAL1).
 */
export const folded = (words: string): string =>
  words
    .normalize("NFC")
    .replace(/[“”„‟«»]/g, '"')
    .replace(/[‘’‚‛‹›]/g, "'")
    // Not the sign of a split, which JavaScript takes for a space.
    .replace(/(?:(?!\u2029)\s)+/g, " ")

/** Words as what is there already is known again: composed, one form of quotation marks, hyphens and spaces, nothing invisible; case is kept. */
export const normal = (words: string): string =>
  folded(words.replace(/[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g, "-").replace(/[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g, ""))
