/**
 * Details of the record of decisions, read back as its acts wrote them: the one place where what the store keeps as it was written is taken for what the
 * contract says of it (`shared/api/record.ts`). That no letter of it was changed since is proven by its chain; that the details are those of the act, by
 * `Procedure.entry`, through which every act writes. Entries of earlier versions of the program may lack a list: it is read as empty.
 */

import type { Entry, EntryOf, ListName, RecordedChange } from "../../shared/api/contract.ts"
import type { ActName } from "../../shared/api/record.ts"
import type { StoredEntry } from "../storage/store.ts"

/** Who had entered something, and when, as the file says that brought it; null: it does not say. */
export type EnteredInFile = Readonly<Record<string, { readonly by: string | null; readonly at: string | null }>>

/** What an entry keeps and shows to nobody: the clauses that its act touched, and who had entered what it brought, by its change. */
export interface Unshown {
  readonly touched?: readonly string[]
  readonly entered?: EnteredInFile
}

export type DetailsOf<Act extends ActName> = EntryOf<Act>["details"] & Unshown

/** The details of an entry, where it is of one of these acts. */
export const detailsOf = <Act extends ActName>({ act, details }: StoredEntry, ...acts: readonly Act[]): DetailsOf<Act> | null =>
  acts.some((one) => one === act) ? (details as unknown as DetailsOf<Act>) : null

/** An entry as everybody reads it. */
export const asShown = ({ details: { touched: _, entered: __, ...details }, ...entry }: StoredEntry): Entry =>
  ({ ...entry, details }) as unknown as Entry

/** A list of an entry, of whatever act; empty where there is none of this name. */
const listOf = <Item>({ details }: Pick<StoredEntry, "details">, name: string): readonly Item[] => {
  const list = details[name]
  return Array.isArray(list) ? list : []
}

/** The changes in lists of an entry. */
export const changesNamed = (entry: StoredEntry, ...names: readonly ListName[]): readonly Partial<RecordedChange>[] =>
  names.flatMap((name) => listOf<Partial<RecordedChange>>(entry, name))

/** The clauses that an act touched. */
export const touchedBy = (entry: StoredEntry): readonly string[] => listOf(entry, "touched")

/** The clauses whose working text an act changed, before and after. */
export const blocksTold = (entry: Pick<StoredEntry, "details">): readonly Partial<EntryOf<"accept">["details"]["blocks"][number]>[] =>
  listOf(entry, "blocks")
