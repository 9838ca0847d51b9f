// What stands inside an insertion of another's: the words of a file are in stretches of one owner each, and only together they say that one wrote into the
// midst of what another had put in. There one stays inside the other, so that it waits for that as it does where somebody types it.
import { splitCharacter } from "../../shared/schema/block.ts"
import type { FileChange, FileDraft } from "./file-draft.ts"
import { cutAtSplits } from "./own-signs.ts"

/** So many insertions stand in one another at most, as in a room (GATE13). */
export const mostNested = 9

type Segment = NonNullable<FileChange["segments"]>[number]

/** An insertion as it stands: from the first to the last of its own words, with what others put into it. */
export interface Span {
  readonly change: FileChange
  readonly segment: Segment
}

interface Stretch {
  readonly change: FileChange
  readonly from: number
  readonly to: number
  readonly isSplit: boolean
}

export const covers = (outer: Segment, inner: Segment): boolean =>
  outer.block === inner.block && outer.from <= inner.from && inner.to <= outer.to

const sized = ({ from, to }: { readonly from: number; readonly to: number }): number => to - from

/**
 * The insertions of a draft, those around others before these. What a change is `inside` of, and touches the words of, is taken into that; a split stands
 * for itself.
 */
export function spansIn({ blocks, notes, changes }: Pick<FileDraft, "blocks" | "notes" | "changes">): Span[] {
  const hosts = hostsIn(changes)
  const texts = new Map([...blocks, ...notes].map(({ id, text }) => [id, text]))
  const byBlock = new Map<string, Stretch[]>()
  for (const change of changes)
    for (const segment of change.segments ?? []) {
      if (segment.kind !== "insertion") continue
      const text = texts.get(segment.block) ?? ""
      const list = byBlock.get(segment.block) ?? []
      for (const { from, to } of cutAtSplits(segment, text))
        list.push({ change, from, to, isSplit: to - from === 1 && text[from] === splitCharacter })
      byBlock.set(segment.block, list)
    }
  return [...byBlock].flatMap(([block, stretches]) =>
    spansOf(
      stretches.sort((a, b) => a.from - b.from || b.to - a.to),
      hosts,
    ).map(({ change, from, to }): Span => ({ change, segment: { block, kind: "insertion", from, to } })),
  )
}

/** By a change: those around it. Where two would be in each other only one is: nothing stands inside itself. */
function hostsIn(changes: readonly FileChange[]): ReadonlyMap<FileChange, ReadonlySet<FileChange>> {
  const byId = new Map(changes.map((change) => [change.id, change]))
  const around = ({ inside = [] }: FileChange): FileChange[] => inside.flatMap((id) => byId.get(id) ?? [])
  const depth = new Map<FileChange, number>()
  const begun = new Set<FileChange>()
  // Without recursion: a hostile file may name thousands in a row.
  for (const first of changes) {
    const stack = [first]
    for (let change = stack.at(-1); change; change = stack.at(-1)) {
      const next = depth.has(change) || begun.has(change) ? [] : around(change).filter((host) => !begun.has(host))
      begun.add(change)
      if (next.length > 0) {
        stack.push(...next)
        continue
      }
      stack.pop()
      if (depth.has(change)) continue
      let most = 0
      for (const host of around(change)) most = Math.max(most, (depth.get(host) ?? -1) + 1)
      depth.set(change, most)
    }
  }
  const hosts = new Map<FileChange, ReadonlySet<FileChange>>()
  for (const change of changes) {
    const own = around(change).filter((host) => depth.get(host)! < depth.get(change)!)
    if (own.length > 0) hosts.set(change, new Set(own))
  }
  return hosts
}

/** The stretches of a block, in order, as spans: what stands inside a change goes with the words of that which it touches. */
function spansOf(stretches: readonly Stretch[], hosts: ReadonlyMap<FileChange, ReadonlySet<FileChange>>): Stretch[] {
  const isAround = new Set(stretches.flatMap(({ change }) => [...(hosts.get(change) ?? [])]))
  const consumed = new Map<FileChange, number>()
  const spans: Stretch[] = []
  for (const [i, stretch] of stretches.entries()) {
    const { change, isSplit } = stretch
    if (isSplit || !isAround.has(change)) {
      spans.push(stretch)
      continue
    }
    if (i < (consumed.get(change) ?? 0)) continue
    const isIn = (other: Stretch): boolean => hosts.get(other.change)?.has(change) ?? false
    let { from, to } = stretch
    for (let at = i - 1; at >= 0 && stretches[at]!.to === from && isIn(stretches[at]!); at--) from = stretches[at]!.from
    let next = i + 1
    for (; next < stretches.length && stretches[next]!.from <= to; next++) {
      const other = stretches[next]!
      if (!isIn(other) && (other.change !== change || other.isSplit)) break
      to = Math.max(to, other.to)
    }
    consumed.set(change, next)
    spans.push({ ...stretch, from, to })
  }
  return spans.sort((a, b) => sized(b) - sized(a) || a.from - b.from)
}

/**
 * Changes with what each stands in the midst of: words of one change directly on both sides, as where somebody types in another's open words. What comes for
 * such words stands in them too, as the last of what it replaces does (RES1).
 */
export function withHosts(changes: readonly FileChange[]): FileChange[] {
  const inside = new Map<FileChange, Set<string>>()
  const note = (change: FileChange, host: FileChange): void => {
    if (change !== host) inside.set(change, (inside.get(change) ?? new Set()).add(host.id))
  }
  const adding = new Map(changes.flatMap((change) => (change.newBlocks ?? []).map((block) => [block, change] as const)))
  const byBlock = new Map<string, { readonly change: FileChange; readonly from: number; readonly to: number }[]>()
  for (const change of changes)
    for (const { block, kind, from, to } of change.segments ?? []) {
      if (kind !== "insertion") continue
      const list = byBlock.get(block)
      if (list) list.push({ change, from, to })
      else byBlock.set(block, [{ change, from, to }])
    }
  for (const [block, stretches] of byBlock) {
    const host = adding.get(block)
    if (host) for (const { change } of stretches) note(change, host)
    stretches.sort((a, b) => a.from - b.from || b.to - a.to)
    // A row of insertions that touch: what comes between words of one stands in that, with all that stands in it.
    let row: { readonly change: FileChange; readonly within: FileChange[] }[] = []
    let end = -1
    for (const { change, from, to } of stretches) {
      if (from > end) row = []
      end = Math.max(end, to)
      const at = row.findLastIndex((one) => one.change === change)
      if (at < 0) row.push({ change, within: [] })
      else
        for (const between of row.splice(at + 1)) {
          const all = [between.change, ...between.within]
          for (const one of all) note(one, change)
          row[at]!.within.push(...all.filter((one) => inside.get(one)!.size <= mostNested))
        }
    }
  }
  for (const { change, host } of replacedIn(changes, byBlock)) {
    note(change, host)
    for (const one of changes) if (inside.get(host)?.has(one.id)) note(change, one)
  }
  return changes.map((change) => {
    const hosts = inside.get(change)
    return hosts ? { ...change, inside: [...hosts] } : change
  })
}

/** Of what comes right behind words of others that it replaces: whose the last of these are. */
function replacedIn(
  changes: readonly FileChange[],
  insertions: ReadonlyMap<string, readonly { readonly change: FileChange; readonly from: number; readonly to: number }[]>,
): { readonly change: FileChange; readonly host: FileChange }[] {
  const endingAt = new Map<string, FileChange>()
  const owning = new Map<string, (at: number) => FileChange | undefined>()
  const ownerAt = (block: string, at: number): FileChange | undefined => {
    let its = owning.get(block)
    if (!its) {
      const owners: (FileChange | undefined)[] = []
      for (const { change, from, to } of insertions.get(block) ?? []) for (let i = from; i < to; i++) owners[i] = change
      owning.set(block, (its = (i) => owners[i]))
    }
    return its(at)
  }
  return changes.flatMap((change) => {
    const { segments = [] } = change
    endingAt.clear()
    for (const { block, kind, to } of segments) {
      const owner = kind === "deletion" ? ownerAt(block, to - 1) : undefined
      if (owner && owner !== change) endingAt.set(`${to} ${block}`, owner)
    }
    return segments.flatMap(({ block, kind, from }) => {
      const host = kind === "insertion" ? endingAt.get(`${from} ${block}`) : undefined
      return host ? [{ change, host }] : []
    })
  })
}
