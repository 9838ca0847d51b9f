import type * as Y from "yjs"
import type { Gate } from "../../server/gate/gate.ts"
import type { Outcome } from "../../server/gate/outcome.ts"
import type { Binding } from "../../server/gate/shapes.ts"
import type { Performed } from "../../server/rooms/performed.ts"
import type { Room } from "../../server/rooms/room.ts"
import type { RegisterEntry } from "../../server/storage/store.ts"
import type { Verdict } from "../../shared/changes/effects.ts"
import { isSliced, type Sliced } from "../../shared/changes/slices.ts"
import { type BlockRead, brokenBetween, type DocRead, isStruckBy, type OpenMark, Reader } from "../oracle.ts"
import { brokenByTakingBack, type Decided } from "./back.ts"
import { LawBroken } from "./trace.ts"
import { leftAfter, lettersOf, type Verdicts } from "./verdicts.ts"

/** What the record says of a decision, as far as a law needs it. */
interface DecisionAnswer {
  readonly decided: readonly string[]
  readonly identical: readonly string[]
  readonly overtaken: readonly string[]
}

/**
 * Watches the one room: what an update or an act made of the draft is read, by the oracle, before and after, and compared with what was promised of it.
 * The room's parts are looked at where they meet; none of them is replaced.
 */
export class Laws {
  readonly #room: Room
  #shadow: Y.Doc
  #reader: Reader
  /** The draft as it was after the last thing that was taken. */
  #sound: DocRead
  #isActing = false
  readonly #main: Reader
  /** How often each was checked: a law that is never reached proves nothing. */
  readonly checked: Map<string, number>
  broken: LawBroken | null = null
  /** Letters that acts took out. */
  removed = ""
  /** What changes struck when they were opened again: what was gone when they were decided is none of it, for it was not seen. */
  readonly reopened = new Map<string, Set<string>>()
  /** Decisions, the first to the last. */
  #decided: Decided[] = []
  #decisions = 0
  /** Whose letters are since a delegation took them into its own (TRK10), by the id under which they were written. */
  takenIn = new Map<string, string>()

  constructor(room: Room, checked: Map<string, number>) {
    this.#room = room
    this.checked = checked
    this.#shadow = room.gate.shadow
    this.#reader = new Reader(this.#shadow)
    this.#main = new Reader(room.main)
    this.#sound = this.read()
    this.#watchGate(room.gate)
    this.#watchActs(room)
  }

  /** The draft with all that was taken, committed or not. */
  read(): DocRead {
    const { shadow } = this.#room.gate
    if (shadow !== this.#shadow) {
      this.#shadow = shadow
      this.#reader = new Reader(shadow)
    }
    return this.#reader.read()
  }

  readMain(): DocRead {
    return this.#main.read()
  }

  break(law: string, detail: string): void {
    this.broken ??= new LawBroken(law, detail)
  }

  #count(law: string): void {
    this.checked.set(law, (this.checked.get(law) ?? 0) + 1)
  }

  demand(law: string, problems: readonly string[]): void {
    this.#count(law)
    if (problems.length > 0) this.break(law, problems.join("; "))
  }

  #watchGate(gate: Gate): void {
    const receive = gate.receive.bind(gate)
    const act = gate.act.bind(gate)
    const rebuild = gate.rebuild.bind(gate)
    gate.receive = (update: Uint8Array, who: Binding, mayWrite: boolean, heard?: number): Outcome => {
      const before = this.read()
      const outcome = receive(update, who, mayWrite, heard)
      if (outcome.kind === "accepted" || outcome.kind === "nothing") {
        const after = this.read()
        this.demand("promise", brokenBetween(before, after, who.source))
        this.demand("strikes", idleStrikes(before, after, who.source))
        if (outcome.kind === "nothing") this.demand("nothing is nothing", before === after ? [] : differences(before, after))
        if (this.#shadow.store.pendingStructs) this.break("promise", "something waits for what has not come")
        this.#sound = after
      }
      if (outcome.kind === "failed") this.break("fault", String((outcome.error as Error).stack ?? outcome.error))
      return outcome
    }
    gate.act = (write) => {
      const before = this.#isActing ? null : this.read()
      const row = act(write)
      if (before) {
        const after = this.read()
        this.demand("sweep", swept(before, after))
        // What was accepted inside words that their source took back falls with them, and is told (RES3).
        this.removed += goneLetters(before, after)
        this.#sound = after
      }
      return row
    }
    gate.rebuild = (updates) => {
      rebuild(updates)
      const now = this.read()
      // After a refusal all that was taken is there still; where the store failed, just what is committed.
      const left = differences(this.#sound, now)
      if (left.length > 0) this.demand("rollback", differences(this.readMain(), now).length === 0 ? [] : left)
      else this.demand("rollback", [])
      this.#sound = now
    }
  }

  #watchActs(room: Room): void {
    const act = room.act.bind(room)
    room.act = <Answer>(perform: (gate: Gate) => Performed<Answer> | Sliced<Performed<Answer>>) => {
      let undo = (): void => undefined
      const note = (before: DocRead, done: Performed<Answer>): void => {
        undo = this.#performed(before, done)
      }
      const done = act<Answer>((gate) => {
        this.#isActing = true
        const before = this.read()
        try {
          const work = perform(gate)
          if (isSliced(work)) return this.#watched(work, (last) => note(before, last))
          note(before, work)
          return work
        } finally {
          this.#isActing = false
        }
      })
      // What the store did not take was neither decided nor taken back.
      done.catch(() => undo())
      return done
    }
  }

  *#watched<Answer>(work: Sliced<Performed<Answer>>, note: (done: Performed<Answer>) => void): Sliced<Performed<Answer>> {
    for (;;) {
      this.#isActing = true
      try {
        const step = work.next()
        if (step.done) {
          note(step.value)
          return step.value
        }
      } finally {
        this.#isActing = false
      }
      yield
    }
  }

  /** Looks at what an act did. How what is kept of it is forgotten again. */
  #performed(before: DocRead, done: Performed<unknown>): () => void {
    const known = [...this.#decided]
    this.#looked(before, done)
    const added = this.#decided.filter((decision) => !known.includes(decision))
    const taken = known.filter((decision) => !this.#decided.includes(decision))
    return () => {
      this.#decided = [...this.#decided.filter((decision) => !added.includes(decision)), ...taken].sort((a, b) => a.n - b.n)
    }
  }

  #looked(before: DocRead, done: Performed<unknown>): void {
    const after = this.read()
    this.removed += goneLetters(before, after)
    const { act } = done.entry
    if (act === "accept" || act === "notRetain" || act === "withdraw") {
      const answer = decisionIn(done.answer, act)
      this.demand("verdict", decided(before, after, act, answer, done.entry.details))
      this.#decided.push({
        n: ++this.#decisions,
        before,
        after,
        changes: new Set([...answer.decided, ...answer.identical, ...answer.overtaken]),
        opened: new Set(),
      })
    } else if (act === "takeBack" || act === "reopenChange") this.demand("taking back", this.#takenBack(before, after, done))
    else if (act === "importChanges") this.demand("import", added(before, after))
    else if (act === "incorporate") {
      this.demand("owner", [
        ...sameAgreed(before, after),
        ...this.#takenIn(before, after, (done.answer as { incorporated: string[] }).incorporated),
      ])
    } else if (act === "attribute") this.demand("owner", sameAgreed(before, after))
    else this.demand("remark", sameText(before, after))
    this.#sound = after
  }

  #takenBack(before: DocRead, after: DocRead, { answer, entry }: Performed<unknown>): string[] {
    const reopened = new Set((answer as { reopened: string[] }).reopened)
    for (const { id, deletions } of lettersOf(after))
      for (const { change } of deletions)
        if (reopened.has(change)) this.reopened.set(change, (this.reopened.get(change) ?? new Set()).add(id))
    // The last that it can have been: what waited for its host was decided on again, perhaps, and that was taken back before.
    const at = this.#decided.findLastIndex(({ changes }) => [...reopened].every((change) => changes.has(change)))
    const decision = this.#decided[at]
    const along = (entry.details.along ?? []) as readonly { readonly changes?: unknown }[]
    const isWhole = entry.act === "takeBack" && along.every(({ changes }) => changes === undefined)
    if (isWhole && decision) this.#decided.splice(at, 1)
    else for (const change of reopened) decision?.opened.add(change)
    // Nothing may be open again of what everybody has taken back meanwhile.
    return decision && reopened.size > 0 ? brokenByTakingBack(decision, before, after, reopened, isWhole) : []
  }

  /** Only letters of the changes that were taken in have another owner than before: the one in whose words they stood. */
  #takenIn(before: DocRead, after: DocRead, changes: readonly string[]): string[] {
    const was = new Map(lettersOf(before).map((letter) => [letter.id, letter]))
    const problems: string[] = []
    for (const { id, owner } of lettersOf(after)) {
      const old = was.get(id)
      if (!old || !owner || old.owner?.source === owner.source) continue
      const around = old.inside.filter(({ change }) => !changes.includes(change)).map(({ source }) => source)
      if (!old.owner || !changes.includes(old.owner.change) || !around.includes(owner.source))
        problems.push(`letter ${id} of ${old.owner?.source} became ${owner.source}'s`)
      this.takenIn.set(id, owner.source)
    }
    return problems.slice(0, 3)
  }
}

/** Words of a source that came to stand under another's deletion of the same change of its own, and are not struck by it: it would be drawn, and on no card. */
function idleStrikes(before: DocRead, after: DocRead, source: string): string[] {
  if (before === after) return []
  const same = new Set(before.blocks)
  const idle = (blocks: readonly BlockRead[]): string[] =>
    blocks.flatMap(({ letters }) =>
      letters.flatMap(({ marks, owner }) => {
        if (owner?.source !== source) return []
        const isAimed = (mark: OpenMark): boolean => marks.some(({ id, change }) => change === owner.change && mark.over.includes(id))
        const drawn = marks.filter((mark) => mark.name === "deletion" && mark.source !== source && isAimed(mark))
        return drawn.filter((mark) => !isStruckBy(owner, mark, marks)).map((mark) => `${owner.id} of ${owner.change} under ${mark.id}`)
      }),
    )
  const now = idle(after.blocks.filter((block) => !same.has(block)))
  if (now.length === 0) return []
  const was = new Set(idle(before.blocks))
  return now.filter((one) => !was.has(one)).slice(0, 3)
}

function goneLetters(before: DocRead, after: DocRead): string {
  const left = new Set(after.blocks.flatMap(({ letters }) => letters.flatMap(({ ids }) => ids)))
  let gone = ""
  for (const { letters } of before.blocks)
    for (const { text, ids } of letters) for (let i = 0; i < text.length; i++) if (!left.has(ids[i]!)) gone += text[i]
  return gone
}

function decisionIn(answer: unknown, act: Verdict): DecisionAnswer {
  const { decided = [], identical = [], overtaken = [], withdrawn = [] } = answer as Partial<DecisionAnswer> & { withdrawn?: string[] }
  return { decided: act === "withdraw" && decided.length === 0 ? withdrawn : decided, identical, overtaken }
}

const told = (block: BlockRead): string => JSON.stringify([block.id, block.type, block.attrs])

/** What one reading shows that another does not. */
export function differences(a: DocRead, b: DocRead): string[] {
  if (a === b) return []
  const problems: string[] = []
  const [before, after] = [a, b].map((read) => read.blocks)
  if (before!.map(({ id }) => id).join() !== after!.map(({ id }) => id).join()) problems.push("other blocks, or another order")
  const other = new Map(after!.map((block) => [block.id, block]))
  for (const block of before!) {
    const now = other.get(block.id)
    if (!now || now === block) continue
    if (told(block) !== told(now)) problems.push(`attributes of ${block.id}`)
    if (wordsOf(block) !== wordsOf(now)) problems.push(`block ${block.id}: ${wordsOf(block)} is ${wordsOf(now)}`)
  }
  if (JSON.stringify([...a.entries].sort()) !== JSON.stringify([...b.entries].sort())) problems.push("entries about blocks")
  if (a.record !== b.record && a.record.join() !== b.record.join()) problems.push("the record")
  return problems
}

/** The letters of a block as they stand, each run with the keys in force. */
function wordsOf({ letters }: BlockRead): string {
  let text = ""
  let keys: string | null = null
  for (const part of letters) {
    const now = part.marks
      .map(({ key }) => key)
      .sort()
      .join(",")
    if (now !== keys) text += `[${now}]`
    keys = now
    text += part.text
  }
  return text
}

interface Standing {
  readonly block: string
  readonly letter: string
  readonly owner: string | null
  readonly keys: ReadonlySet<string>
}

/** Each letter by the id under which it was first written. */
function standing(read: DocRead, without: (name: string) => boolean): Map<string, Standing> {
  const all = new Map<string, Standing>()
  for (const { id, letters } of read.blocks)
    for (const { text, ids, marks, owner } of letters) {
      const keys = new Set(marks.filter(({ name }) => !without(name)).map(({ key }) => key))
      for (let i = 0; i < text.length; i++) all.set(ids[i]!, { block: id, letter: text[i]!, owner: owner?.key ?? null, keys })
    }
  return all
}

const isRemark = (name: string): boolean => name === "comment"

/** A remark, a version or a setting leaves text, proposals and entries alone. */
function sameText(before: DocRead, after: DocRead): string[] {
  const [a, b] = [standing(before, isRemark), standing(after, isRemark)]
  const problems = a.size === b.size ? [] : [`${a.size} letters before, ${b.size} after`]
  for (const [id, was] of a) if (!isSame(was, b.get(id))) problems.push(`letter ${id} "${was.letter}" of ${was.block}`)
  if (before.entries !== after.entries && JSON.stringify([...before.entries]) !== JSON.stringify([...after.entries]))
    problems.push("entries about blocks")
  return problems.slice(0, 3)
}

const isSame = (a: Standing, b: Standing | undefined): boolean =>
  b !== undefined &&
  a.block === b.block &&
  a.owner === b.owner &&
  a.keys.size === b.keys.size &&
  [...a.keys].every((key) => b.keys.has(key))

/** A file only adds: what was agreed or proposed stands as it stood. */
function added(before: DocRead, after: DocRead): string[] {
  const [a, b] = [standing(before, isRemark), standing(after, isRemark)]
  const problems: string[] = []
  for (const [id, was] of a) {
    const now = b.get(id)
    if (!now || now.block !== was.block || now.owner !== was.owner || [...was.keys].some((key) => !now.keys.has(key)))
      problems.push(`letter ${id} "${was.letter}" of ${was.block}`)
  }
  for (const [id, { owner, letter }] of b)
    if (owner === null && !a.has(id) && !isInNew(after, id)) problems.push(`"${letter}" became agreed`)
  for (const key of before.entries.keys()) if (!after.entries.has(key)) problems.push(`entry ${key} is gone`)
  return problems.slice(0, 3)
}

const isInNew = (read: DocRead, letter: string): boolean =>
  read.blocks.some((block) => block.insertedBy !== undefined && block.letters.some(({ ids }) => ids.includes(letter)))

/** Whose a change is may be said otherwise; the agreed text is what it was. */
function sameAgreed(before: DocRead, after: DocRead): string[] {
  const agreed = (read: DocRead): string =>
    read.blocks
      .filter(({ insertedBy }) => insertedBy === undefined)
      .map(({ id, letters }) => `${id} ${letters.map(({ owner, ids }) => (owner ? "" : ids.join())).join("")}`)
      .join("\n")
  return agreed(before) === agreed(after) ? [] : ["the agreed text"]
}

/** Only blocks go that hold nothing. */
function swept(before: DocRead, after: DocRead): string[] {
  const left = new Set(after.blocks.map(({ id }) => id))
  return before.blocks.filter(({ id, letters }) => !left.has(id) && letters.length > 0).map(({ id }) => `block ${id} held words`)
}

/** A decision does to every letter what the rules say, and nothing to what it was not about. */
function decided(before: DocRead, after: DocRead, act: Verdict, answer: DecisionAnswer, details: RegisterEntry["details"]): string[] {
  const verdicts = new Map<string, Verdict>()
  for (const line of before.record) {
    const [kind, id, entry] = JSON.parse(line) as [string, string, { status?: string; by?: string }]
    if (kind !== "decided" || entry?.status !== "acceptedWithHost") continue
    // What stands for another that waits is that one's matter.
    if (entry.by !== undefined) return []
    verdicts.set(id, "accept")
  }
  for (const id of answer.overtaken) verdicts.set(id, "notRetain")
  for (const id of answer.identical) verdicts.set(id, act === "accept" ? "notRetain" : act)
  for (const id of answer.decided) verdicts.set(id, act)
  if (act !== "accept") return wrongAfter(before, after, verdicts).slice(0, 3)
  // RIVAL1: of those that say the same one stands for all, whichever was asked for. The record says which; it must say the same.
  const said = saidIn(before)
  const wrong: string[] = []
  for (const { id, by } of (details.changes ?? []) as readonly { readonly id: string; readonly by?: string }[]) {
    if (by === undefined) continue
    if (sourceOf(by) === sourceOf(id) || said.get(by) !== said.get(id)) wrong.push(`${by} stands for ${id}`)
    verdicts.set(by, "accept").set(id, "notRetain")
  }
  return [...wrong, ...wrongAfter(before, after, verdicts)].slice(0, 3)
}

const sourceOf = (change: string): string => change.slice(0, change.indexOf("."))

const wrongAfter = (before: DocRead, after: DocRead, verdicts: Verdicts): string[] => [
  ...gone(before, after, verdicts),
  ...agreedNow(before, after, verdicts),
  ...untouched(before, after, verdicts),
]

/** The words that each change puts in, in document order. */
function saidIn(read: DocRead): Map<string, string> {
  const said = new Map<string, string>()
  for (const { letters } of read.blocks)
    for (const { text, owner } of letters) if (owner) said.set(owner.change, (said.get(owner.change) ?? "") + text)
  return said
}

/** Blocks that come or go as a whole, or that live by a call, are another law's. */
function isWhole(block: BlockRead, before: DocRead, verdicts: Verdicts): boolean {
  if (block.type === "note" || block.insertedBy !== undefined) return true
  for (const [key, entry] of before.entries)
    if (entry.block === block.id && entry.kind === "delete" && verdicts.has(String(entry.of || key))) return true
  return false
}

function gone(before: DocRead, after: DocRead, verdicts: Verdicts): string[] {
  const expected = leftAfter(before, verdicts)
  const left = new Set(after.blocks.flatMap(({ letters }) => letters.flatMap(({ ids }) => ids)))
  const problems: string[] = []
  for (const block of before.blocks) {
    if (isWhole(block, before, verdicts)) continue
    for (const { text, ids } of block.letters)
      for (let i = 0; i < text.length; i++)
        if (text[i] !== "\u2029" && expected.has(ids[i]!) !== left.has(ids[i]!))
          problems.push(`"${text[i]}" ${ids[i]} of ${block.id} ${left.has(ids[i]!) ? "stays" : "went"} (${[...verdicts].join(" ")})`)
  }
  return problems
}

/** Nothing becomes agreed that was not accepted, and what was agreed stays so. */
function agreedNow(before: DocRead, after: DocRead, verdicts: Verdicts): string[] {
  const all = lettersOf(before)
  const was = new Map(all.map((letter) => [letter.id, letter]))
  const living = new Set(all.map(({ owner }) => owner?.change))
  const problems: string[] = []
  for (const { id, inside, block } of lettersOf(after)) {
    const old = was.get(id)
    if (!old) continue
    if (old.inside.length === 0 && inside.length > 0 && old.block.insertedBy === undefined) problems.push(`letter ${id} is agreed no more`)
    if (inside.length > 0 || old.inside.length === 0 || block.insertedBy !== undefined) continue
    const open = old.inside.filter(({ change }) => verdicts.get(change) !== "accept" && verdicts.get(change) !== "withdraw")
    if (open.some(({ change }) => living.has(change)) && verdicts.get(old.owner!.change) !== "accept")
      problems.push(`letter ${id} became agreed, ${old.owner!.change} is open`)
  }
  return problems
}

/** Proposals that it was not about stand as they stood, on the letters that are left. */
function untouched(before: DocRead, after: DocRead, verdicts: Verdicts): string[] {
  const is = new Map(lettersOf(after).map((letter) => [letter.id, letter]))
  const final = after.final
  const letters = lettersOf(before)
  // A mark whose own words are gone, and that strikes nothing, is no change any more: it goes with the first insertion that is lifted beside it, and so
  // one of which this decision takes the last letters out.
  const living = new Set(
    letters.flatMap(({ id, owner, deletions, marks }) => [
      ...(owner ? [owner.change] : []),
      ...(is.has(id) ? deletions.filter((mark) => isStruckBy(owner, mark, marks)).map(({ change }) => change) : []),
    ]),
  )
  const problems: string[] = []
  for (const letter of letters) {
    const now = is.get(letter.id)
    if (!now) continue
    for (const { name, key, change } of letter.marks) {
      if (name === "comment" || name === "noteRef" || verdicts.has(change) || final.has(change) || !living.has(change)) continue
      if (!now.marks.some((mark) => mark.key === key || mark.change === change)) problems.push(`${change} is off letter ${letter.id}`)
    }
  }
  return problems
}
