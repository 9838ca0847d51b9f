import type { KeptFiles } from "./drafts/kept-files.ts"
import type { Proofs } from "./drafts/proofs.ts"
import type { StoreWatch } from "./storage/watched.ts"

export const stopping = "The server is restarting. Try again in a moment."

/** Whether the server can be used, why not, and what else an operator should know, in sentences without places. */
export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
  readonly notes: readonly string[]
}

export function readinessOf({
  isStopping,
  storeWatch,
  proofs,
  files,
  linesLost = 0,
}: {
  isStopping: boolean
  storeWatch: Pick<StoreWatch, "failing" | "notes">
  proofs: Pick<Proofs, "damaged">
  files: Pick<KeptFiles, "notes">
  /** Lines of the log that could not be written since the last that could. */
  linesLost?: number
}): Readiness {
  const { damaged, known } = proofs.damaged()
  const spoilt = damaged === 0 ? null : `${damaged} of ${known} drafts ${damaged === 1 ? "is" : "are"} damaged.`
  const areAllSpoilt = damaged > 0 && damaged === known
  const reasons = [isStopping ? stopping : null, storeWatch.failing, areAllSpoilt ? spoilt : null].filter((reason) => reason !== null)
  const silent = linesLost === 0 ? [] : ["The server's log cannot be written: its disk may be full."]
  return {
    ready: reasons.length === 0,
    reasons,
    notes: [...storeWatch.notes, ...silent, ...files.notes, ...(spoilt && !areAllSpoilt ? [spoilt] : [])],
  }
}
