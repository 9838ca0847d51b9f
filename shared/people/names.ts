import type { Role } from "../policy/policy.ts"
import { nameKey, seenAsName } from "./roster.ts"

/** Somebody on the list, as far as it is a matter of being told from others. */
export interface Named {
  readonly id: string
  /** As it was given. */
  readonly name: string
  readonly role: Role
  readonly hats: readonly string[]
}

/** A name without what stands in brackets behind it: "Li Wei (2)" and "Li Wei (S)" are Li Wei. */
function bareName(name: string): string {
  let bare = name.normalize("NFKC").trim()
  while (bare.endsWith(")")) {
    const at = bare.lastIndexOf("(")
    if (at <= 0) break
    bare = bare.slice(0, at).trimEnd()
  }
  return bare
}

const seenBare = (name: string): string => seenAsName(bareName(name))

/** Whether an ear or an eye takes two names for one: without case, accents and look-alike letters, and without what stands in brackets behind them. */
export const isSameName = (name: string, other: string): boolean => seenBare(name) === seenBare(other)

const roleWords: Readonly<Record<Exclude<Role, "delegate">, string>> = { chair: "Chair", secretary: "Secretariat", observer: "Observer" }

/** What tells somebody apart at first sight: the codes of the delegations that it writes for, or its role. */
export const standingOf = ({ role, hats }: Pick<Named, "role" | "hats">): string =>
  role === "delegate" ? [...hats].sort().join(", ") || "Delegate" : roleWords[role]

// Of a thousand people one comes or goes: the others' names are not looked at anew.
const bares = new WeakMap<Named, string>()
function groupOf(person: Named): string {
  let seen = bares.get(person)
  if (seen === undefined) bares.set(person, (seen = seenBare(person.name)))
  return seen
}

/**
 * By id the name under which each is shown, no two alike (WHO10): of several of one name each has behind it what tells it apart at first sight, "Tom Reed
 * (US)" beside "Tom Reed (Secretariat)"; where that is equal too the later ones have a number. Who shares its name with nobody has it as it was given.
 */
export function namesApart(people: readonly Named[]): ReadonlyMap<string, string> {
  const groups = new Map<string, Named[]>()
  for (const person of people) {
    const group = groups.get(groupOf(person))
    if (group) group.push(person)
    else groups.set(groupOf(person), [person])
  }
  const shown = new Map<string, string>()
  for (const group of groups.values()) {
    if (group.length === 1) shown.set(group[0]!.id, group[0]!.name)
    else for (const [id, name] of toldApart(group)) shown.set(id, name)
  }
  return shown
}

/** Several of one name. What is in brackets behind a name is no part of it, so none of these is like a name of another group. */
function* toldApart(group: readonly Named[]): Generator<[id: string, name: string]> {
  const isByStanding = new Set(group.map(standingOf)).size > 1
  const taken = new Set<string>()
  const numbers = new Map<string, number>()
  for (const person of group) {
    const form = isByStanding ? withStanding(person) : withNumber(person)
    let name = form(null)
    let n = numbers.get(name) ?? 1
    const first = name
    while (taken.has(seenAsName(name))) name = form(++n)
    numbers.set(first, n)
    taken.add(seenAsName(name))
    yield [person.id, name]
  }
}

type Form = (number: number | null) => string

const withNumber =
  ({ name }: Named): Form =>
  (n) =>
    n === null ? name : `${name} (${n})`

function withStanding({ name, ...person }: Named): Form {
  // A number that it has already goes into the brackets.
  const [, bare = name, own = null] = /^(.*\S) \((\d{1,9})\)$/.exec(name) ?? []
  const standing = standingOf(person)
  return (n) => `${bare} (${[standing, n ?? own].filter((part) => part !== null).join(", ")})`
}

/** Whether a word that is given for somebody on the list means it: its name, as it was given or as it is shown. */
export const isCalled = (given: string, name: string, shown: string): boolean =>
  nameKey(given) === nameKey(name) || nameKey(given) === nameKey(shown)
