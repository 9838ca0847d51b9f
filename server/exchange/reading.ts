import { echoesIn, withoutEchoes } from "../../shared/changes/once.ts"
import { proposedReadingOf, runTogether } from "../../shared/changes/projections.ts"
import { type Block, isDeletionInEffect, ownerOf, type Run } from "../../shared/schema/block.ts"
import type { Publishable } from "./publishable.ts"

/** How what several sources propose at one place is read (RIVAL6). It hangs on whose each is, so that it is worked out before a paper forgets that. */
export interface Reading {
  /** The text as proposed. */
  readonly proposed: readonly Block[]
  /** Changes that put in what another puts in already. */
  readonly echoes: ReadonlySet<string>
  /** By block: the runs, by their index, that a space parts from what another source proposes before them. */
  readonly parted: ReadonlyMap<string, ReadonlySet<number>>
}

/** How the proposals of a draft are read. */
export function readingOf({ blocks, twins }: Pick<Publishable, "blocks" | "twins">): Reading {
  const echoes = echoesIn(blocks, undefined, twins)
  return {
    proposed: proposedReadingOf(withoutEchoes(blocks, echoes)),
    echoes,
    parted: new Map(blocks.map((block) => [block.id, partedIn(block, echoes)])),
  }
}

function partedIn({ runs }: Block, echoes: ReadonlySet<string>): Set<number> {
  const parted = new Set<number>()
  let last: Run | null = null
  runs.forEach((run, i) => {
    const isGone = run.marks.some((mark) => mark.name === "deletion" && isDeletionInEffect(mark, run.marks))
    if (isGone || echoes.has(ownerOf(run.marks)?.changeId ?? "")) return
    if (last && runTogether(last, run)) parted.add(i)
    last = run
  })
  return parted
}
