import type * as Y from "yjs"
import { changesIn } from "../../shared/changes/changes.ts"
import { type Anchor, type FirstAndLast, type Remark, type Thread, threadCaps } from "../../shared/comments/thread.ts"
import { textOf } from "../../shared/schema/block.ts"
import type { ItemId } from "../../shared/schema/runs.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { lettersOf } from "../../shared/sync/ground.ts"
import { blockOfElement, elementsOf, runsOfText, textOfElement } from "../../shared/sync/read.ts"
import { metaOfDoc, replyKey, roots } from "../../shared/sync/roots.ts"
import { writeMark } from "../../shared/sync/write.ts"
import { besideText } from "../decisions/proven.ts"
import type { Gate } from "../gate/gate.ts"
import { serverMarkId } from "../gate/server-marks.ts"
import { DomainError } from "../problems.ts"

/** What a comment is asked for: words come with their place as the commenter saw it. */
export type AnchorRequest =
  | { readonly on: "words"; readonly block: string; readonly from: number; readonly to: number; readonly quote: string }
  | { readonly on: "clause"; readonly block: string }
  | { readonly on: "change"; readonly block: string; readonly change: string }

/** Where the quoted words stand now: at their place, else where they occur once. */
function placeOfQuote(text: string, request: AnchorRequest & { on: "words" }): { from: number; to: number } {
  const { from, to, quote } = request
  if (to - from !== quote.length)
    throw new DomainError(
      "bad-input",
      `The place from ${from} to ${to} is not that of the words that you comment on, which have ${quote.length} characters. Select them again.`,
    )
  if (text.slice(from, to) === quote) return { from, to }
  const first = text.indexOf(quote)
  if (first >= 0 && text.indexOf(quote, first + 1) < 0) return { from: first, to: first + quote.length }
  throw new DomainError("conflict", "The words that you comment on have changed meanwhile. Select them again.")
}

/** Opens a thread; words get a comment mark, written by the server alone. */
export function beginThread(gate: Gate, asked: AnchorRequest, remark: Remark): { row: Uint8Array | null; id: string; block: string } {
  demandRoom(gate, remark.source)
  const request = asked.on === "change" ? onChange(gate, asked) : asked
  const element = elementsOf(gate.shadow).find((part) => part.getAttribute("id") === request.block)
  if (!element) throw new DomainError("not-found", "The clause that you comment on is gone.")
  const id = serverMarkId(gate.shadow, remark.source)
  const place = request.on === "words" ? placeOfQuote(textOf(blockOfElement(element)), request) : null
  const anchor: Anchor = request.on === "words" ? { on: "words", block: request.block, quote: request.quote } : request
  const letters = lettersFor(gate, textOfElement(element)!, request, place)
  const row = besideText(gate, (tr, shadow) => {
    if (place) writeMark(tr, textOfElement(element)!, place.from, place.to, newMark("comment", { id, source: remark.source }))
    roots.threads(shadow).set(id, { id, anchor, ...(letters ? { letters } : {}), remarks: [remark], isResolved: false })
    // Threads on a clause write no mark: a clock tick keeps the next thread's id apart.
  })
  return { row, id, block: request.block }
}

/**
 * Where a comment on a change stands: at the clause that was named, if the change is about that, else at the first of its own. Of a change that is not known
 * it is on the clause: its author may have taken it back, letter by letter, while somebody wrote about it.
 */
function onChange({ blocks, shadow }: Gate, asked: AnchorRequest & { on: "change" }): AnchorRequest {
  const { change, block } = asked
  const [open] = changesIn(blocks, new Set([change]))
  if (open) {
    const its = [open.block, ...open.segments.map((segment) => segment.block), ...open.structure.map(({ proposal }) => proposal.block)]
    return its.includes(block) ? asked : { ...asked, block: open.block }
  }
  const isKnown = roots.proposals(shadow).has(change) || Object.values(metaOfDoc(shadow).renumbered).some(({ id }) => id === change)
  return isKnown ? asked : { on: "clause", block }
}

/** The letters by which a thread is found when its words, or those of its change, have gone. */
function lettersFor(gate: Gate, text: Y.XmlText, request: AnchorRequest, place: { from: number; to: number } | null): FirstAndLast | null {
  const original = (letter: ItemId): ItemId => gate.relocations.original(letter)
  if (place) return lettersOf(text, place.from, place.to, original)
  if (request.on !== "change") return null
  let [from, to, at] = [-1, -1, 0]
  for (const run of runsOfText(text)) {
    if (run.marks.some((mark) => mark.changeId === request.change)) {
      from = from < 0 ? at : from
      to = at + run.text.length
    }
    at += run.text.length
  }
  return from < 0 ? null : lettersOf(text, from, to, original)
}

/** A thread, or the sentence that it is gone. */
export function threadOf(gate: Gate, id: string): Thread {
  const thread = roots.threads(gate.shadow).get(id)
  if (!thread) throw new DomainError("not-found", "This comment is gone.")
  return thread
}

/** Adds a reply, as an entry of its own. Throws where a thread has as many remarks as one has. */
export function replyTo(gate: Gate, id: string, remark: Remark): Uint8Array | null {
  const { remarks } = threadOf(gate, id)
  const replies = roots.replies(gate.shadow)
  let n = 1
  while (replies.has(replyKey(id, n))) n++
  if (remarks.length + n - 1 >= threadCaps.remarks)
    throw new DomainError("too-many", `This thread has ${threadCaps.remarks} remarks, as many as one has. Begin a new comment.`)
  return besideText(gate, (_, shadow) => roots.replies(shadow).set(replyKey(id, n), remark))
}

/** Throws where a source, or all, have begun as many threads as a draft has. */
function demandRoom(gate: Gate, source: string): void {
  const threads = [...roots.threads(gate.shadow).values()]
  if (threads.filter(({ remarks }) => remarks[0]?.source === source).length >= threadCaps.ofSource)
    throw new DomainError(
      "too-many",
      `Your delegation has begun ${threadCaps.ofSource} comments on this draft, as many as one may. Reply to one.`,
    )
  if (threads.length >= threadCaps.inAll)
    throw new DomainError(
      "too-many",
      `This draft has ${threadCaps.inAll} comments, as many as one has. Reply to one, or tell the secretariat.`,
    )
}

export function setResolved(gate: Gate, id: string, isResolved: boolean): Uint8Array | null {
  const thread = threadOf(gate, id)
  return besideText(gate, (_, shadow) => roots.threads(shadow).set(id, { ...thread, isResolved }))
}
