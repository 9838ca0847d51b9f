// What a file says as one change, and was decided on the draft in parts since: what was accepted of it is in the text, the rest is a change of its own there.
import type * as Y from "yjs"
import { type Change, changesIn } from "../../shared/changes/changes.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import type { Block } from "../../shared/schema/block.ts"
import { isAccepted, roots } from "../../shared/sync/roots.ts"
import type { FileChange } from "../files/file-draft.ts"
import { isSameWords } from "./agreed-there.ts"
import type { FileBeside } from "./homes.ts"
import { grouped } from "./placing.ts"
import type { IsSource } from "./whose.ts"

type Segment = NonNullable<FileChange["segments"]>[number]
type Kind = Segment["kind"]

/** A letter of a change of a file. */
interface Letter {
  readonly block: string
  readonly kind: Kind
  readonly at: number
  readonly sign: string
}

/** What of a change was decided at once, or is left of it: the words that it puts in and takes out. Null: what is left, of which no words are recorded. */
type Part = Readonly<Record<Kind, string>> | null

/** A change is decided in so many parts at most; one of more comes as it is. */
const mostParts = 8

/** So many places are tried for the parts of one change. */
const mostSteps = 2_000

const kinds = ["insertion", "deletion"] as const

const wordsOf = (segments: readonly { readonly kind: Kind; readonly text: string }[]): Readonly<Record<Kind, string>> => {
  const words = (kind: Kind): string => segments.flatMap((part) => (part.kind === kind ? [part.text] : [])).join("")
  return { insertion: words("insertion"), deletion: words("deletion") }
}

const sizeOf = ({ insertion, deletion }: Readonly<Record<Kind, string>>): string => `${insertion.length} ${deletion.length}`

/**
 * A file in which each change that was decided in parts on the draft is as many: then what is agreed of it is known to be there, and so is the rest.
 * `isKnown`: those that an earlier file brought are known as they are.
 */
export function inPartsDecided(
  doc: Y.Doc,
  blocks: readonly Block[],
  file: FileBeside,
  isSource: IsSource,
  isKnown: (change: string) => boolean,
): FileBeside {
  const proposals = roots.proposals(doc)
  const decided = [...proposals.values()].filter((entry) => entry.next !== undefined && isAccepted(entry) && entry.segments?.length)
  if (decided.length === 0) return file
  const open = new Map(changesIn(blocks).map((change) => [change.id, change]))
  const parts = new Map(decided.map((entry) => [entry, partsOf(entry, proposals, open)]))
  const wholes = grouped(
    [...open.values()].map(({ source, segments }) => ({ source, words: wordsOf(segments) })),
    ({ words }) => sizeOf(words),
  )
  const texts = new Map([...file.draft.blocks, ...file.draft.notes].map(({ id, text }) => [id, text]))
  const parted = new Map<string, FileChange[]>()
  const taken = new Set<ProposalEntry>()
  for (const change of file.draft.changes) {
    if (isKnown(change.id) || (change.structure ?? []).length + (change.newBlocks ?? []).length > 0) continue
    const letters = lettersOf(change, texts)
    // What stands there as a whole was not decided on.
    const whole = wordsOf(letters.map(({ kind, sign }) => ({ kind, text: sign })))
    const isWhole = (wholes.get(sizeOf(whole)) ?? []).some(
      ({ source, words }) => isSource(change, source) && kinds.every((kind) => isSameWords(words[kind], whole[kind])),
    )
    if (isWhole) continue
    const homes = new Set(letters.map(({ block }) => file.homes.get(block)?.id))
    for (const entry of decided) {
      if (taken.has(entry) || !isSource(change, entry.source) || !entry.segments!.every(({ block }) => homes.has(block))) continue
      const divided = dividedAs(letters, parts.get(entry)!)
      if (!divided) continue
      taken.add(entry)
      parted.set(
        change.id,
        divided.map((own, i) => changeOf(change, own, i === 0 ? change.id : `${change.id} ${i + 1}`)),
      )
      break
    }
  }
  if (parted.size === 0) return file
  const insideOf = ({ inside }: FileChange): Pick<FileChange, "inside"> =>
    inside ? { inside: inside.flatMap((id) => parted.get(id)?.map((part) => part.id) ?? [id]) } : {}
  const changes = file.draft.changes
    .flatMap((change) => parted.get(change.id) ?? [change])
    .map((change) => ({ ...change, ...insideOf(change) }))
  return { ...file, draft: { ...file.draft, changes } }
}

/** What was decided of a change, in order, and what is left of it. */
function partsOf(
  first: ProposalEntry,
  proposals: { get(id: string): ProposalEntry | undefined },
  open: ReadonlyMap<string, Change>,
): Part[] {
  const parts: Part[] = [wordsOf(first.segments!)]
  for (let { next } = first; next !== undefined && parts.length < mostParts; ) {
    const entry: ProposalEntry | undefined = proposals.get(next)
    const segments = entry ? entry.segments : open.get(next)?.segments
    // What was not retained, or withdrawn: a change that was decided so as a whole is not known by its words either, and comes.
    if (!segments) return [...parts, null]
    parts.push(wordsOf(segments))
    next = entry?.next
  }
  return parts
}

const lettersOf = ({ segments = [] }: FileChange, texts: ReadonlyMap<string, string>): Letter[] =>
  segments.flatMap(({ block, kind, from, to }) =>
    (texts.get(block) ?? "")
      .slice(from, to)
      .split("")
      .map((sign, i) => ({ block, kind, at: from + i, sign })),
  )

/** The letters of each part; null: they are not these parts together. Of each kind a part is one stretch of what the parts before it leave. */
function dividedAs(letters: readonly Letter[], parts: readonly Part[]): Letter[][] | null {
  const [byKind, found] = [new Map<Kind, readonly Letter[][]>(), parts.map((): Letter[] => [])]
  for (const kind of kinds) {
    const its = stretchesOf(
      letters.filter((letter) => letter.kind === kind),
      parts.map((part) => (part === null ? null : part[kind])),
      { steps: 0 },
    )
    if (!its) return null
    byKind.set(kind, its)
  }
  for (const [i, own] of found.entries()) for (const kind of kinds) own.push(...byKind.get(kind)![i]!)
  return found.length > 1 && found.every((own) => own.length > 0) ? found : null
}

function stretchesOf(letters: readonly Letter[], words: readonly (string | null)[], tried: { steps: number }): Letter[][] | null {
  const [first, ...rest] = words
  if (first === undefined) return letters.length === 0 ? [] : null
  if (first === null) return [[...letters]]
  const all = letters.map(({ sign }) => sign).join("")
  if (!words.includes(null) && all.length !== words.reduce((sum, part) => sum + part!.length, 0)) return null
  for (let from = 0; from + first.length <= all.length; from++) {
    if (!isSameWords(all.slice(from, from + first.length), first)) continue
    if (++tried.steps > mostSteps) return null
    const left = stretchesOf([...letters.slice(0, from), ...letters.slice(from + first.length)], rest, tried)
    if (left) return [letters.slice(from, from + first.length), ...left]
  }
  return null
}

function changeOf(change: FileChange, letters: readonly Letter[], id: string): FileChange {
  const segments: Segment[] = []
  for (const { block, kind, at } of letters.toSorted((a, b) => (a.block === b.block ? a.at - b.at : 0))) {
    const last = segments.at(-1)
    if (last?.block === block && last.kind === kind && last.to === at) segments[segments.length - 1] = { ...last, to: at + 1 }
    else segments.push({ block, kind, from: at, to: at + 1 })
  }
  const { insertion, deletion } = wordsOf(letters.map(({ kind, sign }) => ({ kind, text: sign })))
  const { replacedBy: _, ...rest } = change
  const kind = insertion && deletion ? "replacement" : deletion ? "deletion" : "insertion"
  return { ...rest, id, kind, text: deletion || insertion, ...(kind === "replacement" ? { replacedBy: insertion } : {}), segments }
}
