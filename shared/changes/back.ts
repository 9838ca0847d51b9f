/**
 * Taking back a decision (rules BACK): what it did is read from the draft right before and right after it, so nothing is kept for it. It is taken back
 * where no later decision changed how a letter, a block or an entry stands that it had touched; else it is said what stands in the way. Letters are
 * known by the ids under which they were first written. The inversion is one class because all its questions are asked of the same three moments, and
 * each of them may add to what stands in the way; what it gives is in `back-plan`, and what the outcome is held against in `back-flaws`.
 */

import {
  type Block,
  type BlockAttrs,
  isAgreed,
  isPresent,
  isProposal,
  type Mark,
  ownerOf,
  type StructuralProposal,
} from "../schema/block.ts"
import type { PlacedRun } from "../schema/runs.ts"
import { targetOf } from "../schema/structure.ts"
import type { BackPlan, Obstacles } from "./back-plan.ts"
import type { Link } from "./links.ts"
import type { Moment } from "./moment.ts"
import type { ProposalEntry } from "./outcome.ts"
import { type Letters, lettersOf, type Origin, type Placed, standsSame } from "./placed.ts"
import type { LetterId, OriginOf } from "./sight.ts"

const namesIn = ({ within, over }: Mark): string => JSON.stringify([within, over])

const attributeNames = ["origin", "insertedBy", "insertedId", "dir", "part", "level", "importedLabel", "noteId"] as const

/** The plan that takes a decision back, or what stands in the way. `originOf`: as the draft has it now; `is`: its letters, where they are known. */
export const inverse = (before: Moment, after: Moment, now: Moment, originOf: OriginOf, is?: Letters): BackPlan | Obstacles =>
  new Inversion(before, after, now, originOf, is).made()

class Inversion {
  readonly #before: Moment
  readonly #after: Moment
  readonly #now: Moment
  readonly #byId: Readonly<Record<"before" | "after" | "now", ReadonlyMap<string, Block>>>
  readonly #was: Letters
  readonly #became: Letters
  readonly #is: Letters
  readonly #letters = new Set<Origin>()
  readonly #blocks = new Set<string>()
  readonly #changes = new Set<string>()
  readonly #proposed = new Set<string>()
  readonly #openAgain = new Set<string>()
  /** Entries about parts of a block that go, for others of the same change are about the whole. */
  readonly #ofWholes = new Set<string>()
  readonly #merged = new Map<string, string>()
  readonly #originOf: OriginOf

  constructor(before: Moment, after: Moment, now: Moment, originOf: OriginOf, is?: Letters) {
    this.#before = before
    this.#after = after
    this.#now = now
    this.#originOf = originOf
    const byId = ({ blocks }: Moment): ReadonlyMap<string, Block> => new Map(blocks.map((block) => [block.id, block]))
    this.#byId = { before: byId(before), after: byId(after), now: byId(now) }
    const differing = new Set<string>()
    for (const id of new Set([...this.#byId.before.keys(), ...this.#byId.after.keys()]))
      if (readingOf(this.#byId.before.get(id)) !== readingOf(this.#byId.after.get(id))) differing.add(id)
      else if (!isSameElement(before.elements.get(id), after.elements.get(id))) differing.add(id)
    const of = ({ blocks }: Moment): Block[] => blocks.filter(({ id }) => differing.has(id))
    this.#was = lettersOf(of(before), originOf)
    this.#became = lettersOf(of(after), originOf)
    this.#is = is ?? lettersOf(now.blocks, originOf)
    for (const [change, entry] of after.proposals)
      if (entry.next !== undefined && before.proposals.get(change)?.next !== entry.next && !this.#isThere(entry.next, this.#was))
        if (this.#isThere(entry.next, this.#became)) this.#merged.set(entry.next, change)
  }

  #isThere(change: string, letters: Letters): boolean {
    for (const { marks } of letters.values()) if (marks.some(({ changeId }) => changeId === change)) return true
    return false
  }

  made(): BackPlan | Obstacles {
    const touched = this.#touchedLetters()
    const structure = this.#structure()
    const entries = this.#entries()
    const proposals = this.#proposals()
    const { unmade, renamed } = this.#marks()
    if ([this.#blocks, this.#changes, this.#proposed, this.#openAgain].some(({ size }) => size > 0))
      return {
        letters: this.#letters,
        blocks: this.#blocks,
        changes: this.#changes,
        proposed: this.#proposed,
        openAgain: this.#openAgain,
      }
    return {
      ...structure,
      touched,
      unmade,
      renamed,
      entries,
      proposals,
      labels: this.#labels(),
      given: this.#given(),
      twins: differences(this.#before.twins, this.#after.twins),
      anchors: this.#anchors(),
      links: this.#links(proposals),
      merged: this.#merged,
      withdrawn: this.#withdrawn(),
      was: this.#was,
      became: this.#became,
      decidedFrom: this.#before.heard,
      goneSince: this.#after.heard,
    }
  }

  #withdrawn(): Set<string> {
    const [after, now] = [this.#after, this.#now]
    const gone = marked(after.blocks)
    for (const change of marked(now.blocks)) gone.delete(change)
    return new Set([...gone].filter((change) => !after.proposals.has(change) && !now.proposals.has(change)))
  }

  /** Labels as they were. One that was kept for a clause while that was proposed stays where it was accepted since: it is that of the later decision. */
  #labels(): BackPlan["labels"] {
    const labels = differences(Object.entries(this.#before.labels), Object.entries(this.#after.labels))
    const isKeptSince = (id: string): boolean => {
      const [became, is] = [this.#byId.after.get(id), this.#byId.now.get(id)]
      return became !== undefined && is !== undefined && !isAgreed(became) && isAgreed(is)
    }
    return new Map([...labels].filter(([id, label]) => label !== null || !isKeptSince(id)))
  }

  #given(): BackPlan["given"] {
    const gone = differences(this.#before.given, this.#after.given)
    return new Map([...gone].flatMap(([block, given]) => (given ? [[block, given] as const] : [])))
  }

  /** The blocks in which letters stand otherwise since the decision; and what a later one has made of those. */
  #touchedLetters(): Set<string> {
    const touched = new Set<string>()
    for (const origin of new Set([...this.#was.keys(), ...this.#became.keys()])) {
      const was = this.#was.get(origin)
      const became = this.#became.get(origin)
      if (standsSame(was, became)) continue
      touched.add((was ?? became)!.block)
      // What was proposed on a letter that went comes back with it: it must be open still.
      if (!became)
        for (const mark of was!.marks) if (isProposal(mark) && this.#isDecidedSince(mark.changeId)) this.#changes.add(mark.changeId)
      for (const block of this.#alteredIn(was, became, this.#is.get(origin))) {
        this.#blocks.add(block)
        this.#letters.add(origin)
      }
    }
    return touched
  }

  /** The blocks in which a later decision changed how a letter stands that this one touched. */
  #alteredIn(was: Placed | undefined, became: Placed | undefined, is: Placed | undefined): string[] {
    if (!became) {
      if (is) return [is.block]
      const block = this.#byId.now.get(was!.block)
      // Where the block went as a whole it comes back with its words.
      return this.#isPresentAfter(was!.block) && (!block || !isPresent(block)) ? [was!.block] : []
    }
    const owner = ownerOf(became.marks)?.changeId ?? null
    // Open words may be taken back by who wrote them; all others only a decision takes out.
    if (!is) return owner === null || this.#isDecidedSince(owner) ? [became.block] : []
    const now = ownerOf(is.marks)
    // What was done to words that were agreed cannot be undone on words that are not.
    const wereAgreed = was !== undefined && owner === null && ownerOf(was.marks) === null
    if (wereAgreed && now && is.block === became.block && !this.#now.proposals.has(now.changeId)) {
      this.#openAgain.add(now.source)
      return []
    }
    return is.block !== became.block || (now?.changeId ?? null) !== owner ? [became.block, is.block] : []
  }

  #isPresentAfter(id: string): boolean {
    const block = this.#byId.after.get(id)
    return block !== undefined && isPresent(block)
  }

  #isDecidedSince(change: string): boolean {
    const now = this.#now.proposals.get(change)
    return now !== undefined && now.status !== this.#after.proposals.get(change)?.status
  }

  #structure(): Pick<BackPlan, "unsplit" | "unmoved" | "unjoined" | "restored" | "attributes"> {
    const { before, after, now } = this.#byId
    const plan = {
      unsplit: [] as { block: string; parts: { id: string; home: string }[] }[],
      unmoved: [] as { block: string; place: string }[],
      unjoined: [] as { block: string; from: string; first: Origin | null }[],
      restored: [] as { block: Block; element: LetterId }[],
      attributes: [] as { block: string; name: keyof BlockAttrs; value: unknown }[],
    }
    const fromParts = new Map<string, { id: string; home: string }[]>()
    for (const block of this.#after.blocks) {
      if (before.has(block.id) || !isPresent(block)) continue
      const home = this.#homeOf(block)
      const whole = this.#joinedTo(home)
      if (home === null || whole === null) this.#blocks.add(block.id)
      else fromParts.set(whole, [...(fromParts.get(whole) ?? []), { id: block.id, home }])
    }
    for (const [block, parts] of fromParts) {
      for (const id of [block, ...parts.map((part) => part.id)]) this.#demandUnparted(id)
      for (const part of parts) this.#demandNothingAbout(part.id, [block, ...parts.map(({ id }) => id)])
      plan.unsplit.push({ block, parts })
    }
    for (const was of this.#before.blocks) {
      if (!isPresent(was)) continue
      const became = after.get(was.id)
      if (!became || (!isPresent(became) && became.joined === was.id)) {
        const is = now.get(was.id)
        if (is && isPresent(is)) this.#blocks.add(was.id)
        plan.restored.push({ block: was, element: this.#before.elements.get(was.id)! })
        continue
      }
      if (!isPresent(became)) {
        const from = became.joined!
        if (now.get(was.id)?.joined !== from) this.#blocks.add(was.id)
        // One that the decision joined to another in its turn has its words there.
        if (this.#isPresentAfter(from)) this.#demandUnparted(from)
        plan.unjoined.push({ block: was.id, from, first: this.#firstOf(was.id) })
        for (const name of attributeNames) if (was[name] !== became[name]) plan.attributes.push({ block: was.id, name, value: was[name] })
        continue
      }
      if (!isSameElement(this.#before.elements.get(was.id), this.#after.elements.get(was.id))) {
        const place = this.#placeLeftBy(was.id)
        if (place === null || !now.has(place) || !this.#isSameBlockNow(was.id)) this.#blocks.add(was.id)
        else plan.unmoved.push({ block: was.id, place })
        this.#demandWhole(was.id)
      }
      for (const name of attributeNames) {
        if (was[name] === became[name]) continue
        if (now.get(was.id)?.[name] !== became[name]) this.#blocks.add(was.id)
        plan.attributes.push({ block: was.id, name, value: was[name] })
      }
    }
    return plan
  }

  /** The block in which the letters stood of one that the decision cut off. */
  #homeOf(part: Block): string | null {
    for (const [origin, { block }] of this.#became) if (block === part.id) return this.#was.get(origin)?.block ?? null
    return null
  }

  /** What a block was joined to by the decision, before that was cut; itself where it was not. */
  #joinedTo(block: string | null): string | null {
    const { before, after } = this.#byId
    let at = block
    for (let hops = after.size; at !== null && hops > 0; hops--) {
      const is = after.get(at)
      if (!is || isPresent(is) || is.joined === at || is.joined === null || !before.has(is.joined)) break
      at = is.joined
    }
    return at
  }

  /** The first of its letters that is left, of a block that was joined to another. */
  #firstOf(block: string): Origin | null {
    for (const [origin, was] of this.#was) if (was.block === block && this.#is.has(origin)) return origin
    return null
  }

  /** The empty place that a block left when it moved. */
  #placeLeftBy(id: string): string | null {
    const element = this.#before.elements.get(id)!
    for (const [other, at] of this.#after.elements) if (other !== id && isSameElement(at, element)) return other
    return null
  }

  /**
   * Whether a block stands where the decision left it: it is the element that it was, or the one that this came back as; or it has moved and gone back, so
   * that it stands behind the place that it left, with nothing between that was there then.
   */
  #isSameBlockNow(id: string): boolean {
    const now = this.#byId.now.get(id)
    if (!now || !isPresent(now)) return false
    const firstOf = (element: LetterId | undefined): LetterId | undefined => element && this.#originOf(element)
    const left = firstOf(this.#after.elements.get(id))
    let isBehind = false
    for (const block of this.#now.blocks) {
      isBehind ||= isSameElement(firstOf(this.#now.elements.get(block.id)), left)
      if (block.id === id) return isBehind
      if (isBehind && isPresent(block) && this.#isPresentAfter(block.id)) return false
    }
    return false
  }

  /** A block whose words go elsewhere again must have those that the decision left it, wherever it stands. */
  #demandUnparted(id: string): void {
    this.#demandWhole(id)
    // What was a block then; a place that a move has left since was none.
    for (const { id: other, joined } of this.#now.blocks)
      if (joined === id && other !== id && this.#isPresentAfter(other)) this.#blocks.add(id).add(other)
  }

  /** A block must be there, with all of its words that are left: of one that was cut since the parts are one first. */
  #demandWhole(id: string): void {
    const now = this.#byId.now.get(id)
    if (!now || !isPresent(now)) this.#blocks.add(id)
    for (const [origin, { block }] of this.#became) {
      const is = this.#is.get(origin)
      if (block !== id || !is || is.block === id) continue
      this.#letters.add(origin)
      this.#blocks.add(id).add(is.block)
    }
  }

  /**
   * A part that is to be one with another again can be moved, joined or deleted by nobody. What was proposed about the whole, and holds for the parts too as
   * it arrived late, is about the whole again.
   */
  #demandNothingAbout(part: string, whole: readonly string[]): void {
    const isOfWhole = (entry: StructuralProposal): boolean =>
      entry.of !== "" &&
      whole.every((block) =>
        [...this.#now.entries.values()].some(
          (other) => other.changeId === entry.changeId && other.kind === entry.kind && other.block === block,
        ),
      )
    for (const [id, entry] of this.#now.entries) {
      if (entry.block !== part || this.#after.entries.has(id)) continue
      if (isOfWhole(entry)) this.#ofWholes.add(id)
      else this.#proposed.add(entry.source)
    }
  }

  #entries(): Map<string, StructuralProposal | null> {
    const entries = new Map<string, StructuralProposal | null>()
    for (const [id, was] of this.#before.entries) {
      const became = this.#after.entries.get(id)
      const is = this.#now.entries.get(id)
      if (became && isSameEntry(was, became)) continue
      // Its source has taken it back since, or proposes another place or level.
      if (became && !(is && isSameEntry(became, is))) continue
      this.#demandThere(was.block)
      this.#demandThere(targetOf(was))
      entries.set(id, was)
    }
    for (const [id, became] of this.#after.entries)
      if (!this.#before.entries.has(id)) {
        entries.set(id, null)
        if (this.#isDecidedSince(became.changeId) && became.of === "") this.#changes.add(became.changeId)
      }
    for (const id of this.#ofWholes) entries.set(id, null)
    return entries
  }

  /** What is proposed about a block needs it: one that the decision left must not have gone since. */
  #demandThere(block: unknown): void {
    if (typeof block !== "string" || !this.#isPresentAfter(block)) return
    const now = this.#byId.now.get(block)
    if (!now || !isPresent(now)) this.#blocks.add(block)
  }

  #proposals(): Map<string, ProposalEntry | null> {
    const proposals = differences(this.#before.proposals, this.#after.proposals)
    for (const change of proposals.keys()) {
      const { next: _, ...became } = this.#after.proposals.get(change) ?? {}
      const { next: __, ...is } = this.#now.proposals.get(change) ?? {}
      if (JSON.stringify(became) !== JSON.stringify(is)) this.#changes.add(change)
    }
    for (const rest of this.#merged.keys()) if (this.#now.proposals.has(rest)) this.#changes.add(rest)
    return proposals
  }

  #anchors(): Map<string, string> {
    const anchors = new Map<string, string>()
    for (const [key, was] of this.#before.anchors) {
      const became = this.#after.anchors.get(key)
      if (became !== undefined && became !== was && this.#now.anchors.get(key) === became) anchors.set(key, was)
    }
    return anchors
  }

  /** What the decision took out of links is in them again, but for those that the chair has untied since. */
  #links(proposals: ReadonlyMap<string, ProposalEntry | null>): Link[] {
    const links: Link[] = []
    for (const [id, was] of this.#before.links) {
      const became = this.#after.links.get(id)?.changes ?? []
      const is = this.#now.links.get(id)?.changes
      const back = was.changes.filter((change) => !became.includes(change) && proposals.get(change) === null)
      if (back.length === 0 || (became.length > 0 && !is)) continue
      const isOpen = (change: string): boolean => back.includes(change) || (is?.includes(change) ?? !this.#now.proposals.has(change))
      const changes = [...was.changes.filter(isOpen), ...(is ?? []).filter((change) => !was.changes.includes(change))]
      if (changes.length > 1) links.push({ ...was, changes })
    }
    return links
  }

  /** Marks that the decision made, and those that it wrote with other names. */
  #marks(): Pick<BackPlan, "unmade" | "renamed"> {
    const marksIn = (letters: Letters): Map<string, Mark> => {
      const marks = new Map<string, Mark>()
      for (const placed of letters.values()) for (const mark of placed.marks) if (isProposal(mark)) marks.set(mark.key, mark)
      return marks
    }
    const [were, are] = [marksIn(this.#was), marksIn(this.#became)]
    const unmade = new Map<string, Mark | null>()
    const renamed = new Map<string, Mark>()
    for (const [key, mark] of are) {
      const was = were.get(key)
      if (!was) unmade.set(key, this.#wholeOf(mark))
      else if (namesIn(was) !== namesIn(mark)) renamed.set(key, was)
    }
    return { unmade, renamed }
  }

  /** The mark of which one that a division made was part. */
  #wholeOf(mark: Mark): Mark | null {
    const change = this.#merged.get(mark.changeId)
    for (const [origin, { marks }] of this.#became)
      if (marks.some(({ key }) => key === mark.key)) {
        const found = this.#was.get(origin)?.marks.find((other) => other.changeId === change && other.name === mark.name)
        if (found) return found
      }
    return null
  }
}

const isSameElement = (a: LetterId | undefined, b: LetterId | undefined): boolean => a?.client === b?.client && a?.clock === b?.clock

export const isSameEntry = (a: StructuralProposal, b: StructuralProposal): boolean =>
  a.block === b.block && a.kind === b.kind && a.of === b.of && targetOf(a) === targetOf(b)

/** All that is read of a block, as one text; what is proposed about it as a whole apart. */
function readingOf(block: Block | undefined): string {
  if (!block) return ""
  const { runs, structure: _, ...attrs } = block
  const letters = (runs as readonly PlacedRun[]).map(({ text, client, clock, marks }) => [
    text,
    client,
    clock,
    marks.filter(isProposal).map((mark) => [mark.key, mark.within, mark.over]),
  ])
  return JSON.stringify([attrs, letters])
}

/** What differs between two tables: each key with its earlier value, null where it had none. */
function differences<Value>(
  before: Iterable<readonly [string, Value]>,
  after: Iterable<readonly [string, Value]>,
): Map<string, Value | null> {
  const [a, b] = [new Map(before), new Map(after)]
  const found = new Map<string, Value | null>()
  for (const [key, value] of a) if (!b.has(key) || JSON.stringify(value) !== JSON.stringify(b.get(key))) found.set(key, value)
  for (const key of b.keys()) if (!a.has(key)) found.set(key, null)
  return found
}

/** Changes of which a mark is in force. */
const marked = (blocks: readonly Block[]): Set<string> =>
  new Set(blocks.flatMap(({ runs }) => runs.flatMap(({ marks }) => marks.filter(isProposal).map(({ changeId }) => changeId))))
