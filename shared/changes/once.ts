import { type Block, ownerOf } from "../schema/block.ts"
import { notStated } from "../schema/keys.ts"
import { targetOf } from "../schema/structure.ts"
import { type Change, changesIn } from "./changes.ts"
import { relationsOf } from "./rivals.ts"
import type { Twins } from "./twins.ts"

/**
 * Changes that put in what another puts in already, by their ids: of what several sources propose alike (RIVAL1) a reading has the words once, those of
 * the first in the text. One that others build on is never left out, or what they put into it would go unread.
 */
export function echoesIn(blocks: readonly Block[], changes: readonly Change[] = changesIn(blocks), twins?: Twins): ReadonlySet<string> {
  const coming = changes.filter((change) => change.newBlocks.length > 0 || change.segments.some(({ kind }) => kind === "insertion"))
  const sources = new Map<string, Set<string>>()
  // What nobody has stated may be anybody's.
  const whose = ({ source, id }: Change): string => (source === notStated ? id : source)
  const placesOf = ({ newBlocks, segments }: Change): string[] => (newBlocks.length > 0 ? [""] : segments.map(({ block }) => block))
  for (const change of coming)
    for (const place of placesOf(change)) sources.set(place, (sources.get(place) ?? new Set()).add(whose(change)))
  // Most stand where nobody else proposes anything; a reading that is drawn at each letter does not compare these.
  const among = coming.filter((change) => placesOf(change).some((place) => sources.get(place)!.size > 1))
  if (among.length === 0) return none
  const relations = relationsOf(blocks, among, twins)
  const echoes = new Set<string>()
  let built: ReadonlySet<string> | null = null
  for (const { id } of among) {
    if (echoes.has(id)) continue
    const others = relations.identicalTo(id).filter((other) => !echoes.has(other))
    if (others.length === 0) continue
    built ??= builtOn(blocks, changes)
    const group = [id, ...others]
    const kept = group.find((one) => built!.has(one)) ?? id
    for (const one of group) if (one !== kept && !built.has(one)) echoes.add(one)
  }
  return echoes
}

const none: ReadonlySet<string> = new Set()

/** The changes in whose words others have something, and those whose clauses others do something about. */
function builtOn(blocks: readonly Block[], changes: readonly Change[]): ReadonlySet<string> {
  const named = new Set(changes.flatMap((change) => change.inside))
  const about = new Set<string>()
  for (const block of blocks)
    for (const proposal of block.structure) {
      about.add(proposal.block)
      const target = targetOf(proposal)
      if (typeof target === "string") about.add(target)
    }
  const built = new Set<string>(named)
  for (const block of blocks) {
    const isOthers = ({ marks }: Block["runs"][number]): boolean => (ownerOf(marks)?.changeId ?? null) !== block.insertedId
    if (block.insertedId !== null && (about.has(block.id) || block.runs.some(isOthers))) built.add(block.insertedId)
    for (const run of block.runs) for (const mark of run.marks) if (named.has(mark.id)) built.add(mark.changeId)
  }
  return built
}

/** The blocks without the words and clauses of some changes that put in what others put in already. */
export function withoutEchoes(blocks: readonly Block[], echoes: ReadonlySet<string>): readonly Block[] {
  if (echoes.size === 0) return blocks
  const isIn = (change: string | null | undefined): boolean => change != null && echoes.has(change)
  const isEcho = (run: Block["runs"][number]): boolean => isIn(ownerOf(run.marks)?.changeId)
  return blocks
    .filter((block) => !isIn(block.insertedId))
    .map((block) => (block.runs.some(isEcho) ? { ...block, runs: block.runs.filter((run) => !isEcho(run)) } : block))
}
