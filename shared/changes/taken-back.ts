/** What the record of decisions says of taking back: read by the server, which does it, and by the browser, which offers it. */
export interface RecordedAct {
  readonly n: number
  readonly act: string
  readonly row?: number | undefined
  readonly details: Readonly<Record<string, unknown>>
}

/** What was accepted and waited was settled, for its owner took back in the text what stood around it: it fell with that, or took effect. */
export const takesEffect = "takeEffect"

/** Acts by which the meeting, or a delegation of its own, decides on changes. */
const decisions: ReadonlySet<string> = new Set(["accept", "notRetain", "withdraw", takesEffect])

export const isDecision = ({ act }: Pick<RecordedAct, "act">): boolean => decisions.has(act)

/** An entry that was taken back with another, as a whole or of it some changes alone. */
export interface Along {
  readonly n: number
  readonly changes?: readonly string[] | undefined
}

const alongOf = ({ details }: RecordedAct): readonly Along[] => (Array.isArray(details.along) ? (details.along as readonly Along[]) : [])

/** The entries that an entry takes back as wholes: what was asked for first. */
export const undoneBy = (entry: RecordedAct): readonly number[] => {
  const { act, details } = entry
  const asked = act === "takeBack" && typeof details.undoes === "number" ? [details.undoes] : []
  return [...asked, ...alongOf(entry).flatMap(({ n, changes }) => (changes ? [] : [n]))]
}

/** Of which entries an entry opens some changes again, and which. */
export function openedBy(entry: RecordedAct): Along[] {
  const { act, details } = entry
  const opened = alongOf(entry).filter(({ changes }) => changes !== undefined)
  if (act !== "reopenChange" || typeof details.of !== "number" || !Array.isArray(details.changes)) return opened
  const along = new Set(opened.flatMap(({ changes }) => changes ?? []))
  const ids = (details.changes as readonly { readonly id?: string }[]).flatMap(({ id }) => (id !== undefined && !along.has(id) ? [id] : []))
  return [{ n: details.of, changes: ids }, ...opened]
}

/** Numbers of the entries that were taken back. */
export const undoneIn = (entries: readonly RecordedAct[]): ReadonlySet<number> => new Set(entries.flatMap((entry) => undoneBy(entry)))

/** Of each decision, by the number of its entry, the changes that were opened again alone. */
export function openedAgain(entries: readonly RecordedAct[]): ReadonlyMap<number, ReadonlySet<string>> {
  const opened = new Map<number, Set<string>>()
  for (const { n, changes = [] } of entries.flatMap(openedBy)) opened.set(n, new Set([...(opened.get(n) ?? []), ...changes]))
  return opened
}

/** Lists of an entry that name what it decided or ended. */
export const named = ["changes", "identical", "overtaken", "superseded"] as const

const idsOf = ({ details }: RecordedAct, ...names: readonly string[]): string[] =>
  names.flatMap((name) => {
    const list = details[name]
    return Array.isArray(list) ? (list as readonly { readonly id?: string }[]).flatMap(({ id }) => id ?? []) : []
  })

/** What waited and was settled by an entry, for what stood around it was taken back in the text. */
export const settledIn = (entry: RecordedAct): string[] => (entry.act === takesEffect ? idsOf(entry, "settled") : [])

/** The decision that holds on a change: that by which it was settled later is none. */
export function decisionOn<Entry extends RecordedAct>(entries: readonly Entry[], change: string): Entry | undefined {
  const undone = undoneIn(entries)
  const isOn = (entry: RecordedAct): boolean => idsOf(entry, ...named).includes(change) && !settledIn(entry).includes(change)
  return entries.findLast((entry) => isDecision(entry) && !undone.has(entry.n) && isOn(entry))
}

/** Clauses that an act touched; the browser is not told. */
const touchedIn = ({ details }: RecordedAct): readonly string[] =>
  Array.isArray(details.touched) ? (details.touched as readonly string[]) : []

/** Whether one of what an entry settled is in the text at another place. */
const settlesInPart = ({ details }: RecordedAct): boolean =>
  ["superseded", "effective"].some((name) => Array.isArray(details[name]) && details[name].some((change) => change.inPart === true))

/**
 * Entries by which something was settled that an entry had accepted, the latest first: they are nobody's decision, and go with it. So do those that settled
 * one that is in the text at another place of the same clause, for what brought it there may be what is taken back.
 */
export function completedBy<Entry extends RecordedAct>(
  entries: readonly Entry[],
  taken: Entry,
  isMeant: (change: string) => boolean,
): Entry[] {
  const undone = undoneIn(entries)
  const touched = new Set(touchedIn(taken))
  const isOf = (entry: Entry): boolean =>
    settledIn(entry).some(isMeant) || (settlesInPart(entry) && touchedIn(entry).some((block) => touched.has(block)))
  return entries.filter((entry) => entry.n > taken.n && !undone.has(entry.n) && isOf(entry)).toReversed()
}

/** Entries that are taken back, or opened again in part, along with an entry, in one act with it. */
export function goesAlong(entries: readonly RecordedAct[], n: number): number[] {
  const entry = entries.find((other) => other.n === n)
  if (!entry) return []
  const own = new Set(idsOf(entry, ...named))
  const settled = completedBy(entries, entry, (change) => own.has(change))
  const accepted = [entry, ...settled].flatMap((one) => settledIn(one).flatMap((change) => decisionOn(entries, change)?.n ?? []))
  return [...new Set([...settled.map((other) => other.n), ...accepted])].filter((other) => other !== n).sort((a, b) => a - b)
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
