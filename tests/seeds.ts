import { readFileSync } from "node:fs"
import { beginThread, replyTo } from "../server/acts/threads.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readText } from "../server/files/text.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { addressesOf, labelsOf } from "../shared/clauses/labels.ts"
import { blocksOfDoc } from "../shared/schema/schema.ts"
import { metaOfDoc } from "../shared/sync/roots.ts"
import { Cohort, type Member } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

interface Edit {
  readonly as: string
  readonly in: string
  readonly replace?: string
  readonly by?: string
  readonly after?: string
  readonly insert?: string
  readonly delete?: string
  readonly clause?: string
}

interface Script {
  readonly sources: Readonly<Record<string, string>>
  readonly edits: readonly Edit[]
  readonly comments: readonly { as: string; in: string; on?: string; text: string; replies?: readonly { as: string; text: string }[] }[]
}

const folder = new URL("../seeds/", import.meta.url)
export const seedNames = ["early-warning", "night-sky", "water-arabic"] as const
const at = "2026-11-20T09:00:00.000Z"

/** A sample draft: its text, read as any text is, then amended by its delegations through the same editor and the same gate as in a meeting. */
export async function makeSeed(name: string): Promise<FileDraft & { sources: Script["sources"] }> {
  const script = JSON.parse(readFileSync(new URL(`${name}.script.json`, folder), "utf8")) as Script
  const read = readText(readFileSync(new URL(`${name}.txt`, folder), "utf8"))
  const cohort = new Cohort(openingStateOf(read).update)
  const members = new Map(Object.keys(script.sources).map((source) => [source, cohort.member(source)]))
  await cohort.settle()
  for (const edit of script.edits) {
    amend(members.get(edit.as)!, edit)
    await cohort.settle()
  }
  const { gate } = cohort.room
  for (const comment of script.comments) {
    const { index, id, text } = placeOf(members.get(comment.as)!, comment.in)
    const from = comment.on ? text.indexOf(comment.on) : -1
    if (comment.on && from < 0) throw new Error(`${comment.in} does not say “${comment.on}” (block ${index})`)
    const remark = (source: string, words: string): Parameters<typeof beginThread>[2] => ({
      person: `file:Delegate of ${script.sources[source]}`,
      source,
      text: words,
      at,
    })
    const anchor = comment.on
      ? { on: "words" as const, block: id, from, to: from + comment.on.length, quote: comment.on }
      : { on: "clause" as const, block: id }
    const thread = beginThread(gate, anchor, remark(comment.as, comment.text))
    for (const reply of comment.replies ?? []) replyTo(gate, thread.id, remark(reply.as, reply.text))
  }
  const paper = {
    ...paperOf(gate.shadow),
    accepted: [],
    cover: read.cover,
    debris: read.debris,
    warnings: read.warnings,
    date: "1970-01-01",
  }
  const draft = fileDraftOf(paper, "open")
  return { sources: script.sources, ...draft }
}

function placeOf(member: Member, address: string): { index: number; id: string; text: string } {
  const blocks = blocksOfDoc(member.state.doc)
  const { profile, labels } = metaOfDoc(member.session.doc)
  const addresses = addressesOf(blocks, labelsOf(blocks, profile, labels))
  const index = blocks.findIndex((block) => {
    const named = addresses.get(block.id)
    return named === address || named === `the ${address}`
  })
  if (index < 0) throw new Error(`no clause is called “${address}”; there are ${[...addresses.values()].join(", ")}`)
  return { index, id: blocks[index]!.id, text: member.text(index) }
}

function amend(member: Member, edit: Edit): void {
  const { index, text } = placeOf(member, edit.in)
  const words = edit.replace ?? edit.after ?? edit.delete
  const from = words === undefined ? 0 : text.indexOf(words)
  if (from < 0) throw new Error(`${edit.in} does not say “${words}”: ${text}`)
  const to = from + (words?.length ?? 0)
  if (edit.clause !== undefined) {
    member.session.tracking.addClauseWith(index + 1, edit.clause)
  } else if (edit.replace !== undefined) member.replace(index, from, to, edit.by ?? "")
  else if (edit.insert !== undefined) member.type(index, to, edit.insert)
  else member.delete(index, from, to)
}
