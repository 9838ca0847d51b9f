import { isInWord, takesBlank } from "../../shared/schema/letters.ts"
import type { FileBlock, FileChange, FileDraft } from "../files/file-draft.ts"
import { workingBlocksOf } from "./beside.ts"
import type { Home, WorkingBlock } from "./homes.ts"

/** Of a text without some letters: what is left, and the place before which that begins. */
interface Left {
  readonly words: string
  readonly from: number
}

/**
 * A draft of a file in which each join brings the space between what becomes one, where its last word and the first behind would run together (TRK11):
 * Word deletes the end of a paragraph, and nothing stands there then. Who cuts into a word to join what is left of it means one word. `homes`: where it
 * comes onto a draft, whose words stand there.
 */
export function withSeams(draft: FileDraft, homes: ReadonlyMap<string, Home> = new Map()): FileDraft {
  const isJoin = ({ structure = [] }: FileChange): boolean => structure.some(({ kind }) => kind === "join")
  if (!draft.changes.some(isJoin)) return draft
  const blocks = new Map(draft.blocks.map((block) => [block.id, block]))
  const place = new Map(draft.blocks.map(({ id }, i) => [id, i]))
  const file = workingBlocksOf(draft)
  const left = (block: FileBlock, change: FileChange): Left => leftOf(block, draft, change, file.get(block.id), homes.get(block.id))
  const seams = new Map<string, NonNullable<FileChange["segments"]>[number][]>()
  for (const change of draft.changes) {
    const joined = new Map((change.structure ?? []).flatMap((act) => (act.kind === "join" ? [[act.block, act.into] as const] : [])))
    for (const [id, into] of joined) {
      const block = blocks.get(id)
      const before = block && lastBefore(block, into, joined, { draft, blocks, place, hasWords: (one) => left(one, change).words !== "" })
      if (!block || !before) continue
      const behind = left(block, change)
      const isOneWord = behind.from > 0 && isInWord(block.text, behind.from)
      if (isOneWord || !takesBlank(left(before, change).words, behind.words)) continue
      const at = before.text.length
      blocks.set(before.id, { ...before, text: `${before.text} ` })
      seams.set(change.id, [...(seams.get(change.id) ?? []), { block: before.id, kind: "insertion", from: at, to: at + 1 }])
    }
  }
  if (seams.size === 0) return draft
  return {
    ...draft,
    blocks: draft.blocks.map(({ id }) => blocks.get(id)!),
    changes: draft.changes.map((change) => {
      const more = seams.get(change.id)
      return more ? { ...change, segments: [...(change.segments ?? []), ...more] } : change
    }),
  }
}

/** The clause whose words stand right before those of a joined one: of several that are joined to one, the one before it of which words are left. */
function lastBefore(
  { id }: FileBlock,
  into: string,
  joined: ReadonlyMap<string, string>,
  file: {
    readonly draft: FileDraft
    readonly blocks: ReadonlyMap<string, FileBlock>
    readonly place: ReadonlyMap<string, number>
    hasWords(block: FileBlock): boolean
  },
): FileBlock | undefined {
  const { draft, blocks, place } = file
  for (let i = (place.get(id) ?? 0) - 1; i > (place.get(into) ?? 0); i--) {
    const between = blocks.get(draft.blocks[i]!.id)!
    if (joined.get(between.id) === into && file.hasWords(between)) return between
  }
  return blocks.get(into)
}

/** The words of a block that the source of a change leaves: agreed ones and its own; those of others may go. */
function leftOf(
  { id, text }: FileBlock,
  { changes }: FileDraft,
  own: FileChange,
  file: WorkingBlock | undefined,
  home: Home | undefined,
): Left {
  const isGone = new Array<boolean>(text.length).fill(false)
  const isOwn = ({ source, enteredBy }: FileChange): boolean => source === own.source && (source !== null || enteredBy === own.enteredBy)
  for (const change of changes)
    for (const { block, kind, from, to } of change.segments ?? [])
      if (block === id && (kind === "deletion") === isOwn(change)) isGone.fill(true, from, to)
  if (file && home)
    for (const [at, place] of file.places.entries())
      if (!file.isInserted[at] && (home.to[place] ?? null) === null && !home.inOthers?.[place]) isGone[at] = true
  const from = isGone.indexOf(false)
  return { words: [...text.split("").entries()].flatMap(([i, sign]) => (isGone[i] ? [] : [sign])).join(""), from: Math.max(0, from) }
}
