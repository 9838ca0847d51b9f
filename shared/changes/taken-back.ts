/** What the record of decisions says of taking back: read by the server, which does it, and by the browser, which offers it. */
export interface RecordedAct {
  readonly n: number
  readonly act: string
  readonly row?: number | undefined
  readonly details: Readonly<Record<string, unknown>>
}

/** What was accepted and waited took effect, for its owner took back in the text what stood around it. */
export const takesEffect = "takeEffect"

/** Acts by which the meeting, or a delegation of its own, decides on changes. */
const decisions: ReadonlySet<string> = new Set(["accept", "notRetain", "withdraw", takesEffect])

export const isDecision = ({ act }: Pick<RecordedAct, "act">): boolean => decisions.has(act)

/** The entry that an entry takes back, or null. */
export const undoneBy = ({ act, details }: RecordedAct): number | null =>
  act === "takeBack" && typeof details.undoes === "number" ? details.undoes : null

/** Numbers of the entries that were taken back. */
export const undoneIn = (entries: readonly RecordedAct[]): ReadonlySet<number> => new Set(entries.flatMap((entry) => undoneBy(entry) ?? []))

/** Of each decision, by the number of its entry, the changes that were opened again alone. */
export function openedAgain(entries: readonly RecordedAct[]): ReadonlyMap<number, ReadonlySet<string>> {
  const opened = new Map<number, Set<string>>()
  for (const { act, details } of entries) {
    if (act !== "reopenChange" || typeof details.of !== "number" || !Array.isArray(details.changes)) continue
    const ids = (details.changes as readonly { readonly id?: string }[]).flatMap(({ id }) => id ?? [])
    opened.set(details.of, new Set([...(opened.get(details.of) ?? []), ...ids]))
  }
  return opened
}

/** The last decision that still holds, of the chair's or of all; null: there is none. */
export function lastDecision<Entry extends RecordedAct>(entries: readonly Entry[], isChairs = false): Entry | null {
  const undone = undoneIn(entries)
  return (
    entries.findLast(
      (entry) => isDecision(entry) && !(isChairs && entry.act === "withdraw") && entry.row !== undefined && !undone.has(entry.n),
    ) ?? null
  )
}
