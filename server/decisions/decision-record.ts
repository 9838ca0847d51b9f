import type { Change } from "../../shared/changes/changes.ts"
import { sha256Of } from "../../shared/changes/hash.ts"
import type { Part } from "../../shared/changes/part.ts"
import { changeSaid } from "../../shared/changes/pieces.ts"
import { workingText } from "../../shared/changes/projections.ts"
import { seenOf } from "../../shared/changes/sight.ts"
import { type Block, isAgreed, textOf } from "../../shared/schema/block.ts"
import { targetOf } from "../../shared/schema/structure.ts"
import type { Decided } from "./decided.ts"

/** Longest JSON of what was hashed that an entry holds whole, in UTF-16 units; of longer ones the hashes of its parts. */
const longestSeen = 4_000

/** A change in an entry of the record: whose, where, what, and what was hashed of it when it was decided (HASH2). */
export interface RecordedChange {
  readonly id: string
  readonly source: string
  /** All that proposed it; the first one's words were written. */
  readonly sources: readonly string[]
  readonly address: string
  readonly what: string
  readonly waits: boolean
  /** Of what waits, or goes after it has waited: a part of it is in the text. */
  readonly inPart?: true
  /** No letter of it comes: accepted deletions take all of them out. */
  readonly struck?: true
  readonly hash: string
  /** The JSON whose SHA-256 is `hash`; or, of a long one, its parts' hashes. */
  readonly seen: string | { readonly parts: readonly string[] }
  /** What overtook it, or whose words stand for it. */
  readonly by?: string
  /** Only this of it was decided, as `what` says; it was seen as a whole. `rest`: the change that stays open with what is left. */
  readonly part?: Part
  readonly rest?: string
  /** The clauses that it proposed something about as wholes, and those behind or into which it put them. */
  readonly about?: readonly string[]
  /** Where it had come too late for what it was to replace: what was said of that when it was decided (RIVAL4). */
  readonly late?: string
}

const clausesNamed = ({ structure }: Change): string[] => [
  ...new Set(
    structure.flatMap(({ proposal }) => {
      const target = targetOf(proposal)
      return typeof target === "string" ? [proposal.block, target] : [proposal.block]
    }),
  ),
]

/** A clause that a decision touched: its working text before and after. Null: it was not there, or no longer is. */
export interface RecordedBlock {
  readonly id: string
  readonly address: string
  readonly before: string | null
  readonly after: string | null
}

/** What the record keeps of a decision, so that it can be proven from the record alone. */
export interface DecisionRecord {
  readonly changes: readonly RecordedChange[]
  readonly identical: readonly RecordedChange[]
  readonly overtaken: readonly RecordedChange[]
  readonly superseded: readonly RecordedChange[]
  /** Accepted before with the proposal around them, and in the text from now on. */
  readonly effective: readonly RecordedChange[]
  readonly blocks: readonly RecordedBlock[]
}

export function recordOf(done: Decided, address: (block: string) => string): DecisionRecord {
  const proposers = new Map<string, string[]>()
  for (const change of [...done.decided, ...done.identical]) {
    const first = done.by.get(change.id) ?? change.id
    proposers.set(first, [...(proposers.get(first) ?? []), change.source])
  }
  const told = (change: Change): RecordedChange => {
    const sight = done.wentBefore.has(change.id) ? done.stoodIn : done.sight
    const part = done.parts.get(change.id)
    const json = part ? seenOf(part.whole, part.seenIn) : seenOf(change, sight)
    const by = done.by.get(change.id)
    return {
      id: change.id,
      source: change.source,
      sources: [...new Set([change.source, ...(proposers.get(by ?? change.id) ?? [])])],
      address: address(change.block),
      what: changeSaid(done.asAccepted.get(change.id) ?? change, address),
      waits: done.noted.has(by ?? change.id),
      ...(done.inPart.has(by ?? change.id) ? { inPart: true } : {}),
      ...(done.struck.has(by ?? change.id) ? { struck: true } : {}),
      hash: sha256Of(json),
      seen: json.length <= longestSeen ? json : { parts: partsOf(json) },
      ...(by === undefined ? {} : { by }),
      ...(part ? { part: part.part, rest: part.rest } : {}),
      ...(change.structure.length > 0 ? { about: clausesNamed(change) } : {}),
      ...(done.late.has(change.id) ? { late: done.late.get(change.id)! } : {}),
    }
  }
  return {
    changes: done.decided.map(told),
    identical: done.identical.map(told),
    overtaken: done.overtaken.map(told),
    superseded: done.superseded.map(told),
    effective: done.effective.map(told),
    blocks: touchedBlocks(done, address),
  }
}

const partsOf = (json: string): string[] =>
  Array.from({ length: Math.ceil(json.length / longestSeen) }, (_, i) => sha256Of(json.slice(i * longestSeen, (i + 1) * longestSeen)))

/** The blocks whose working text a decision changed, added or removed, in the order of the text. */
function touchedBlocks({ sight, after }: Decided, address: (block: string) => string): RecordedBlock[] {
  const now = new Map(after.map((block) => [block.id, block]))
  const told: RecordedBlock[] = []
  const wordsOf = (block: Block | undefined): string | null => (block && isAgreed(block) ? textOf(workingText(block)) : null)
  for (const block of sight.blocks) {
    const then = now.get(block.id)
    if (then === block) continue
    const words = { before: wordsOf(block), after: wordsOf(then) }
    if (words.before !== words.after) told.push({ id: block.id, address: address(block.id), ...words })
  }
  for (const block of after)
    if (!sight.block.has(block.id)) told.push({ id: block.id, address: address(block.id), before: null, after: wordsOf(block) })
  return told
}
