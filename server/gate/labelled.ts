// Whether labels have to be given anew after a trial (GATE9): they follow from all blocks, so it is asked first.
import type * as Y from "yjs"
import type { BlockReading } from "./reading.ts"
import type { Trial } from "./trial.ts"

/**
 * The clauses that are proposed and hold words since a trial began; null where it did nothing that says anything of labels. `was`, `is`: a block before it
 * and as it stands.
 */
export function labelled(
  trial: Trial,
  { was, is }: Record<"was" | "is", (element: Y.XmlElement) => BlockReading | null | undefined>,
): Set<string> | null {
  const began = new Set<string>()
  let isConcerned = false
  for (const element of trial.touched) {
    const before = was(element)
    const after = trial.removed.has(element) ? null : is(element)
    const either = after ?? before
    if (either?.type !== "clause") continue
    const { attrs } = either
    const isProposed = typeof attrs.insertedBy === "string"
    const [held, holds] = [(before?.length ?? 0) > 0, (after?.length ?? 0) > 0]
    if (isProposed && holds && !held) began.add(String(attrs.id))
    isConcerned ||=
      (isProposed && (held !== holds || before?.attrs.level !== after?.attrs.level)) || before?.attrs.joined !== after?.attrs.joined
  }
  return isConcerned ? began : null
}
