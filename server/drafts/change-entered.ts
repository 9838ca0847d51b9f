import type { Answer } from "../../shared/api/contract.ts"
import { ofFile } from "../../shared/comments/thread.ts"
import { parseMarkId } from "../../shared/schema/keys.ts"
import type { People } from "../people/people.ts"
import type { EnteredOf } from "./entered.ts"

/** Who entered a change, as everybody is told: its own delegation, somebody on its behalf, or whom the file names that brought it. */
export function changeEntered(enteredOf: EnteredOf, change: string, people: People): Answer<"changeEntered"> {
  const found = enteredOf(change)
  if (!found) return { how: "own", by: null, at: null, broughtBy: null }
  const { person, at, broughtBy, isOfFile } = found
  const inFile = person.startsWith(ofFile) ? person.slice(ofFile.length) : null
  if (isOfFile) return { how: "file", by: inFile, at: at || null, broughtBy: people.nameOf(broughtBy ?? person) }
  const source = parseMarkId(change)?.source
  const isFor = source !== "SEC" && people.person(person).role === "secretary"
  return { how: isFor ? "for" : "own", by: people.nameOf(person), at, broughtBy: null }
}
