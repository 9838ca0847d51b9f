import type * as Y from "yjs"
import { type Change, changeHash, changesIn } from "../../shared/changes/changes.ts"
import { effectsOn, supersededBy, type Verdict, type Verdicts, waitingAmong } from "../../shared/changes/resolve.ts"
import { labelsOf } from "../../shared/clauses/labels.ts"
import type { Block } from "../../shared/schema/block.ts"
import { blockOfElement, blocksRoot, textOfElement } from "../../shared/sync/read.ts"
import { metaOfDoc, type ProposalEntry, roots } from "../../shared/sync/roots.ts"
import { removeMark, removeText } from "../../shared/sync/write.ts"
import type { Gate } from "../gate/gate.ts"
import { DomainError } from "../problems.ts"

/** A change as somebody saw it when deciding. */
export interface Seen {
  readonly id: string
  readonly hash: string
}

export interface Decided {
  readonly row: Uint8Array | null
  readonly decided: readonly Change[]
  /** Asked for but not as it was seen, with `partial`. */
  readonly stale: readonly Change[]
  readonly gone: readonly string[]
  readonly superseded: readonly Change[]
  readonly noted: ReadonlySet<string>
  readonly liftedKeys: readonly string[]
  readonly blocks: readonly string[]
}

/**
 * Decides changes, each as it was seen: one that differs from its hash means that nothing is decided and a conflict with the fresh state, unless
 * `isPartial` (design section 6). One transaction on the shadow.
 */
export function decideChanges(gate: Gate, seen: readonly Seen[], verdict: Verdict, isPartial: boolean): Decided {
  const elements = gate.shadow.getXmlFragment(blocksRoot).toArray() as Y.XmlElement[]
  const blocks = elements.map(blockOfElement)
  const changes = new Map(changesIn(blocks).map((change) => [change.id, change]))
  const gone = seen.filter(({ id }) => !changes.has(id)).map(({ id }) => id)
  const stale = seen.flatMap(({ id, hash }) => {
    const change = changes.get(id)
    return change && changeHash(change) !== hash ? [change] : []
  })
  if ((gone.length > 0 || stale.length > 0) && !isPartial) throw conflict(stale, gone)
  const decided = seen.flatMap(({ id, hash }) => {
    const change = changes.get(id)
    return change && changeHash(change) === hash ? [change] : []
  })
  if (decided.length === 0) throw conflict(stale, gone)
  const verdicts = withNoted(gate, new Map(decided.map((change) => [change.id, verdict])))
  const superseded = verdict === "notRetain" ? [...supersededBy(blocks, verdicts)].flatMap((id) => changes.get(id) ?? []) : []
  const noted = waitingAmong(blocks, verdicts)
  const liftedKeys: string[] = []
  const touched: string[] = []
  const row = gate.act((tr, shadow) => {
    elements.forEach((element, i) => {
      const lifted = resolveBlock(tr, shadow, element, blocks[i]!, verdicts)
      if (!lifted) return
      liftedKeys.push(...lifted)
      touched.push(blocks[i]!.id)
    })
    record(shadow, decided, verdict, noted, superseded)
    freezeLabels(shadow)
  })
  gate.noteDecided(liftedKeys)
  return { row, decided, stale, gone, superseded, noted, liftedKeys, blocks: touched }
}

const conflict = (stale: readonly Change[], gone: readonly string[]): DomainError =>
  new DomainError("conflict", "Nothing was decided: a change is no longer as you saw it. Look at it again and decide.", {
    fresh: stale.map(seenNow),
    gone,
  })

/** A change with its hash, as a client needs it to decide again. */
export const seenNow = (change: Change): Change & { hash: string } => ({ ...change, hash: changeHash(change) })

// RES1: what was accepted with its host takes effect when the host is accepted, so earlier notes are part of every decision.
function withNoted(gate: Gate, verdicts: Map<string, Verdict>): Verdicts {
  const all = new Map(verdicts)
  for (const [id, entry] of roots.proposals(gate.shadow).entries())
    if (entry.status === "acceptedWithHost" && !all.has(id)) all.set(id, "accept")
  return all
}

/** Carries the effects out on one block; the keys of lifted marks, or null where nothing happens. */
function resolveBlock(tr: Y.Transaction, shadow: Y.Doc, element: Y.XmlElement, block: Block, verdicts: Verdicts): string[] | null {
  const effects = effectsOn(block, verdicts)
  if (effects.block === "stays" && effects.goneRuns.size === 0 && effects.liftedKeys.size === 0) return null
  if (effects.block === "gone") {
    const fragment = shadow.getXmlFragment(blocksRoot)
    fragment.delete((fragment.toArray() as Y.XmlElement[]).indexOf(element), 1)
    return block.runs.flatMap((run) => run.marks.map((mark) => mark.key))
  }
  const text = textOfElement(element)!
  let to = block.runs.reduce((sum, run) => sum + run.text.length, 0)
  for (let i = block.runs.length - 1; i >= 0; i--) {
    const from = to - block.runs[i]!.text.length
    if (effects.goneRuns.has(i)) removeText(tr, text, from, to)
    to = from
  }
  for (const key of effects.liftedKeys) removeMark(tr, text, key)
  if (effects.block === "agreed") {
    element.removeAttribute("insertedBy")
    element.removeAttribute("insertedId")
  }
  return [...effects.liftedKeys]
}

const statusOf: Record<Verdict, ProposalEntry["status"]> = { accept: "accepted", notRetain: "notRetained", withdraw: "withdrawn" }

function record(
  shadow: Y.Doc,
  decided: readonly Change[],
  verdict: Verdict,
  noted: ReadonlySet<string>,
  superseded: readonly Change[],
): void {
  const proposals = roots.proposals(shadow)
  const wordsOf = (change: Change): ProposalEntry["segments"] => change.segments.map(({ block, kind, text }) => ({ block, kind, text }))
  for (const change of decided) {
    const isNoted = noted.has(change.id)
    const status = isNoted ? "acceptedWithHost" : statusOf[verdict]
    proposals.set(change.id, { status, source: change.source, ...(verdict === "accept" ? { segments: wordsOf(change)! } : {}) })
  }
  for (const change of superseded) proposals.set(change.id, { status: "superseded", source: change.source })
  // What was noted and waits no longer took effect with its host, or went with it.
  const settled = verdict === "notRetain" ? "superseded" : "accepted"
  for (const [id, entry] of [...proposals.entries()])
    if (entry.status === "acceptedWithHost" && !noted.has(id)) proposals.set(id, { ...entry, status: settled })
}

/** An accepted clause keeps the label under which it was proposed (NUM5). */
function freezeLabels(shadow: Y.Doc): void {
  const { labels: frozen, profile } = metaOfDoc(shadow)
  const blocks = (shadow.getXmlFragment(blocksRoot).toArray() as Y.XmlElement[]).map(blockOfElement)
  const fresh = blocks.filter((block) => block.type === "clause" && !block.insertedBy && frozen[block.id] === undefined)
  if (fresh.length === 0) return
  const labels = labelsOf(blocks, profile, frozen)
  roots.meta(shadow).set("labels", { ...frozen, ...Object.fromEntries(fresh.map((block) => [block.id, labels.get(block.id) ?? ""])) })
}
