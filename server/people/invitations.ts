import { type Granter, hatsOf, mayGrantRole, mayWear } from "../../shared/people/grants.ts"
import { isCalled, isSameName, namesApart, standingOf } from "../../shared/people/names.ts"
import { isDelegationCode, nameApart, nameKey, personMistakenFor } from "../../shared/people/roster.ts"
import type { Role, Ruling } from "../../shared/policy/policy.ts"
import { DomainError } from "../problems.ts"
import type { InvitationRecord, PersonRecord, Store } from "../storage/store.ts"
import type { People } from "./people.ts"
import { hashOfSecret, newSecret } from "./secrets.ts"
import type { Person } from "./session.ts"
import type { SignIns } from "./sign-ins.ts"

const dayMs = 86_400_000

/** Who gives or takes: a person in its role, or the operator at the command line. */
export interface GivenBy {
  readonly role: Granter
  readonly person: string | null
}

export const operator: GivenBy = { role: "operator", person: null }

export interface InvitationTerms {
  /** Of a person who is on the list it is the person's own, said or not. */
  readonly role?: Role | undefined
  readonly hats: readonly string[]
  /** The one person whom it is for, who is on the list; null: who uses it gives a name. */
  readonly person: string | null
  /** The one person whom it is for, new on the list. */
  readonly name?: string | undefined
  /** What the delegation is called, where it is new on the roster. */
  readonly sourceName?: string | undefined
  readonly days: number
  readonly token?: string
  readonly by?: GivenBy
}

export interface Invited {
  readonly id: string
  readonly token: string
  readonly expiresAt: string
  readonly person: string | null
  /** As the meeting sees it: two people of one name are told apart. */
  readonly name: string | null
}

/** What somebody who enters says of himself. `same`: the id of the person of this name that he is, or "another". */
export interface Entering {
  readonly name?: string | undefined
  readonly same?: string | undefined
}

/** An invitation is spoken of by the beginning of its hash; the token is nowhere kept. */
export const idOfInvitation = ({ tokenHash }: InvitationRecord): string => tokenHash.slice(0, 16)

const newPersonId = (): string => `p-${newSecret().slice(0, 16)}`

function demand(ruling: Ruling, kind: "not-allowed" | "bad-input"): void {
  if (!ruling.isAllowed) throw new DomainError(kind, ruling.sentence)
}

/** Throws where a link for a person on the list is to be for another role, delegation or name than the person's own: nothing that is said is left aside. */
function demandOwn(known: PersonRecord, shown: string, { role, hats, name, sourceName }: Omit<InvitationTerms, "days">): void {
  const own = hatsOf(known.role, known.hats)
  const isOther =
    (role !== undefined && role !== known.role) ||
    (hats.length > 0 && [...new Set(hats)].sort().join() !== [...own].sort().join()) ||
    (name !== undefined && !isCalled(name, known.name, shown)) ||
    sourceName !== undefined
  if (!isOther) return
  const what = known.role === "delegate" ? `delegate for ${own.join(", ")}` : known.role
  throw new DomainError(
    "bad-input",
    `${shown} is on the list as ${what}, and a link for a person on the list gives nothing else. Leave role, delegation and name out; for another role invite the person by name.`,
  )
}

/** Throws where somebody new would be taken for the chair or the secretariat by its name (WHO14). */
function demandOwnName(name: string, role: Role): void {
  const mistaken = personMistakenFor(name, role)
  if (mistaken !== null) throw new DomainError("bad-input", mistaken, { needs: "name" })
}

const comesByOwnLink = (name: string): string =>
  `${name} was invited by a personal link. Who is ${name}, on another device, opens that link there, or asks the secretariat for a new one.`

/** Links by which people come in: each for a role and its hats, for one person or for the several of a delegation. */
export class Invitations {
  readonly #store: Store
  readonly #people: People
  readonly #signIns: SignIns
  readonly #now: () => Date

  constructor(store: Store, people: People, signIns: SignIns, now: () => Date) {
    this.#store = store
    this.#people = people
    this.#signIns = signIns
    this.#now = now
  }

  /** Makes an invitation; the token is given once and kept only as a hash. Throws where it would give more than one may give. */
  async invite({ days, by = operator, token = newSecret(), ...terms }: InvitationTerms): Promise<Invited> {
    const known = terms.person === null ? null : this.#people.record(terms.person)
    if (terms.person !== null && !known) throw new DomainError("not-found", "There is no such person on the list.")
    if (known) demandOwn(known, this.#people.nameOf(known.id), terms)
    const { role, hats } = known ?? terms
    if (role === undefined)
      throw new DomainError("bad-input", "Say for which role the invitation is: chair, secretary, delegate or observer.")
    demand(mayGrantRole(by.role, role), "not-allowed")
    demand(mayWear(role, hats), "bad-input")
    if (known?.problem !== undefined)
      throw new DomainError(
        "conflict",
        `What is stored about ${this.#people.nameOf(known.id)} is damaged: ${known.problem}. Invite the person under a new entry.`,
      )
    if (known?.isRevoked)
      throw new DomainError("conflict", `Access for ${this.#people.nameOf(known.id)} was withdrawn. Give it back before you make a link.`)
    if (!known && terms.name !== undefined) demandOwnName(terms.name, role)
    await this.#addToRoster(hats, terms.sourceName)
    const madeAt = this.#now().toISOString()
    const tokenHash = hashOfSecret(token)
    const person = known ?? (terms.name === undefined ? null : this.#newPerson(terms.name, { role, hats, tokenHash, madeAt }))
    if (person && !known) await this.#people.save(person)
    const expiresAt = new Date(Date.parse(madeAt) + days * dayMs).toISOString()
    const invitation: InvitationRecord = {
      ...{ tokenHash, role, hats: hatsOf(role, hats), person: person?.id ?? null },
      ...{ expiresAt, madeAt, madeBy: by.person, isWithdrawn: false },
    }
    await this.#store.saveInvitation(invitation)
    return { id: idOfInvitation(invitation), token, expiresAt, person: invitation.person, name: person && this.#people.nameOf(person.id) }
  }

  /** Throws where a name is given that no delegation of the link would bear: nothing that is said is left aside. */
  async #addToRoster(hats: readonly string[], name: string | undefined): Promise<void> {
    const known = new Map(this.#people.sources().map((source) => [source.code, source.name]))
    const codes = hats.filter(isDelegationCode)
    if (name !== undefined && codes.length === 0)
      throw new DomainError(
        "bad-input",
        `“${name}” would be the name of a delegation, and this link is for none. Give its code too, or leave the name out.`,
      )
    for (const code of codes) {
      const own = known.get(code)
      if (name !== undefined && own !== undefined && own !== code && !isSameName(own, name))
        throw new DomainError(
          "conflict",
          `${code} is on the roster as “${own}”, and a link does not change that to “${name}”. Leave the name out, or change it on the roster first.`,
        )
    }
    for (const code of codes) {
      const own = known.get(code)
      // A code that stands for itself got in without a name: it may have one now.
      if (own === undefined || (own === code && name !== undefined)) await this.#people.addSource({ code, name: name ?? code })
    }
  }

  /** A person who is new on the list, with a name that nobody of the same role and delegation has. */
  #newPerson(name: string, terms: { role: Role; hats: readonly string[]; tokenHash: string; madeAt: string }): PersonRecord {
    const { role, hats, tokenHash, madeAt } = terms
    const taken = this.#colleagues(role, hats).map((other) => other.name)
    return {
      ...{ id: newPersonId(), name: nameApart(name.normalize("NFC"), taken), role, hats: hatsOf(role, hats) },
      ...{ isRevoked: false, invitation: tokenHash, since: madeAt },
    }
  }

  /** All of one role who write for the same. */
  #colleagues(role: Role, hats: readonly string[]): PersonRecord[] {
    const key = (codes: readonly string[]): string => [...codes].sort().join()
    return this.#people.records().filter((other) => other.role === role && key(other.hats) === key(hatsOf(role, hats)))
  }

  /** The invitation of a token. Throws a sentence where it is none, or none any more. */
  async #good(token: string): Promise<InvitationRecord> {
    const invitation = await this.#store.invitation(hashOfSecret(token))
    if (!invitation)
      throw new DomainError("not-signed-in", "This link is not an invitation to this meeting. Ask the secretariat for a new one.")
    if (invitation === "damaged")
      throw new DomainError(
        "store-failed",
        "What is stored about this invitation is damaged: nobody comes in by it. Ask the secretariat for a new one.",
      )
    if (invitation.isWithdrawn) throw new DomainError("not-signed-in", "This invitation was withdrawn. Ask the secretariat for a new one.")
    if (Date.parse(invitation.expiresAt) <= this.#now().getTime())
      throw new DomainError("not-signed-in", "This invitation has expired. Ask the secretariat for a new one.")
    return invitation
  }

  /** What a link is for, before anybody enters by it. Nothing is used up. */
  async look(token: string): Promise<{ role: Role; hats: readonly string[]; name: string | null }> {
    const { role, hats, person } = await this.#good(token)
    return { role, hats: hatsOf(role, hats), name: person === null ? null : this.#people.nameOf(person) }
  }

  /** Turns an invitation into a cookie's value. Throws where it is no good, wants a name, or does not know which of two people it is. */
  async enter(token: string, who: Entering): Promise<{ cookie: string; person: Person }> {
    const invitation = await this.#good(token)
    const person = await this.#personFor(invitation, who)
    const why = this.#people.whyNot(person)
    if (why !== null) throw new DomainError("not-allowed", why)
    return { cookie: await this.#signIns.begin(person), person: this.#people.person(person) }
  }

  async #personFor({ person, role, hats, tokenHash }: InvitationRecord, { name, same }: Entering): Promise<string> {
    if (person !== null) return person
    if (!name) throw new DomainError("bad-input", "Say your name: the meeting sees who writes for the delegation.", { needs: "name" })
    demandOwnName(name, role)
    // Read before anybody is looked for: between that and the person who is new nobody else comes in.
    const invited = new Set((await this.list()).map((invitation) => invitation.person))
    const namesakes = this.#people.records().filter((other) => isSameName(other.name, name))
    const colleagues = this.#colleagues(role, hats).filter((other) => namesakes.includes(other))
    const gone = colleagues.find((other) => other.isRevoked && nameKey(other.name) === nameKey(name))
    if (gone?.problem !== undefined)
      throw new DomainError(
        "store-failed",
        `What is stored about ${this.#people.nameOf(gone.id)} is damaged, so nobody can tell what that person may do here. Ask the secretariat.`,
      )
    if (gone) throw new DomainError("not-allowed", `Access for ${this.#people.nameOf(gone.id)} was withdrawn. Ask the secretariat.`)
    if (same !== undefined && same !== "another") {
      const found = colleagues.find((other) => other.id === same)
      if (!found) throw new DomainError("conflict", "Nobody of this name is there. Say your name again.", { needs: "name" })
      // The link of a delegation is in many hands: it proves nothing of somebody who was given a link of their own.
      if (invited.has(found.id)) throw new DomainError("not-allowed", comesByOwnLink(this.#people.nameOf(found.id)))
      return found.id
    }
    if (same === undefined)
      this.#demandUnlike(
        name,
        { role, hats: hatsOf(role, hats) },
        namesakes,
        (other) => colleagues.includes(other) && !invited.has(other.id),
      )
    const entered = this.#newPerson(name, { role, hats, tokenHash, madeAt: this.#now().toISOString() })
    await this.#people.enter(entered)
    return entered.id
  }

  /**
   * Throws where somebody in the meeting has this name: who that is, and how the meeting would tell the two apart. `mayBe`: whether who comes by this link
   * may be that person, on another device.
   */
  #demandUnlike(
    name: string,
    terms: { readonly role: Role; readonly hats: readonly string[] },
    namesakes: readonly PersonRecord[],
    mayBe: (other: PersonRecord) => boolean,
  ): void {
    const present = namesakes.filter((other) => !other.isRevoked)
    const [first] = present
    if (!first) return
    const own = standingOf(terms)
    const choices = present.filter(mayBe)
    const others = present
      .filter((other) => !mayBe(other))
      .map((other) => ({ name: this.#people.nameOf(other.id), standing: standingOf(other), isColleague: standingOf(other) === own }))
    const asAnother = namesApart([
      ...this.#people.records(),
      {
        id: "",
        name: nameApart(
          name,
          this.#colleagues(terms.role, terms.hats).map((other) => other.name),
        ),
        ...terms,
      },
    ]).get("")!
    const sentence =
      choices.length > 0
        ? `${this.#people.nameOf(choices[0]!.id)} has entered already. Are you the same person on another device, or another person of this name?`
        : `Somebody called ${first.name} is in this meeting already: ${[...new Set(present.map(standingOf))].join("; ")}. Go on, and the meeting sees you as ${asAnother}; or choose another name.`
    const byOwnLink = others.filter(({ isColleague }) => isColleague).map((other) => ` ${comesByOwnLink(other.name)}`)
    throw new DomainError("conflict", sentence + byOwnLink.join(""), {
      needs: "same",
      people: choices.map(({ id, since = null }) => ({ id, name: this.#people.nameOf(id), since })),
      others,
      asAnother,
    })
  }

  list(): Promise<InvitationRecord[]> {
    return this.#store.invitations()
  }

  /** Withdraws a link: nobody enters by it any more. Who has entered stays. */
  /** Whether a token is that of an invitation which is kept: one that is good, or that somebody has withdrawn. */
  async isKept(token: string): Promise<boolean> {
    const found = await this.#store.invitation(hashOfSecret(token))
    return found !== null && found !== "damaged" && (found.isWithdrawn || Date.parse(found.expiresAt) > this.#now().getTime())
  }

  async withdraw(id: string, by: GivenBy): Promise<void> {
    const found = (await this.list()).find((invitation) => idOfInvitation(invitation) === id)
    if (!found) throw new DomainError("not-found", "There is no such invitation.")
    demand(mayGrantRole(by.role, found.role), "not-allowed")
    await this.#store.saveInvitation({ ...found, isWithdrawn: true })
  }

  /** Takes a person's access away, with all its sign-ins; or gives it back. Throws where one may not, and for oneself. */
  async setAccess(id: string, isWithdrawn: boolean, by: GivenBy): Promise<PersonRecord> {
    const person = this.#people.record(id)
    if (!person) throw new DomainError("not-found", "There is no such person on the list.")
    demand(mayGrantRole(by.role, person.role), "not-allowed")
    if (person.problem !== undefined)
      throw new DomainError(
        "conflict",
        `What is stored about ${this.#people.nameOf(id)} is damaged: ${person.problem}. Invite the person anew.`,
      )
    if (id === by.person) throw new DomainError("conflict", "That is you. To leave, sign out.")
    await this.#people.save({ ...person, isRevoked: isWithdrawn })
    if (isWithdrawn) await this.#signIns.endAllOf(id)
    return { ...person, isRevoked: isWithdrawn }
  }
}
