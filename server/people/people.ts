import type { Role } from "../../shared/policy/policy.ts"
import { DomainError } from "../problems.ts"
import type { Person } from "../rooms/session.ts"
import type { InvitationRecord, SourceRecord, Store } from "../storage/store.ts"
import { hashOfSecret, newSecret } from "./secrets.ts"

const dayMs = 86_400_000
const signInDays = 30

const nobody = (id: string): Person => ({ id, name: "Somebody", role: "observer", hats: [], isRevoked: true })

/** Sources that no delegation can be. */
const ownSources: readonly SourceRecord[] = [
  { code: "CHAIR", name: "Chair" },
  { code: "SEC", name: "Secretariat" },
]

/** Who is at the meeting, what they may write for, and how they signed in. One object of it lives as long as the server. */
export class People {
  readonly #store: Store
  readonly #now: () => Date
  readonly #people = new Map<string, Person>()
  readonly #sources = new Map<string, SourceRecord>()
  readonly #byCookie = new Map<string, string>()

  private constructor(store: Store, now: () => Date) {
    this.#store = store
    this.#now = now
  }

  static async open(store: Store, now: () => Date): Promise<People> {
    const people = new People(store, now)
    for (const source of ownSources) people.#sources.set(source.code, source)
    for (const person of await store.people()) people.#people.set(person.id, person)
    for (const source of await store.sources()) people.#sources.set(source.code, source)
    return people
  }

  /** The person as it is now; somebody without rights where the id is unknown. */
  person(id: string): Person {
    const person = this.#people.get(id) ?? nobody(id)
    // The secretariat enters for whoever asks: its hats are all sources, those of later delegations too.
    return person.role === "secretary" ? { ...person, hats: [...this.#sources.keys()].filter((code) => code !== "CHAIR") } : person
  }

  /** A person's name for readers; the id itself where nobody has it. */
  nameOf(id: string): string {
    return this.#people.get(id)?.name ?? id
  }

  everyone(): Person[] {
    return [...this.#people.keys()].map((id) => this.person(id))
  }

  sources(): SourceRecord[] {
    return [...this.#sources.values()]
  }

  async addSource(source: SourceRecord): Promise<void> {
    await this.#store.saveSource(source)
    this.#sources.set(source.code, source)
  }

  async save(person: Person): Promise<void> {
    await this.#store.savePerson(person)
    this.#people.set(person.id, person)
  }

  /** Makes an invitation; the token is given once and kept only as a hash. `person`: the one whom it is for. */
  async invite(terms: {
    role: Role
    hats: readonly string[]
    person: string | null
    days: number
    token?: string
  }): Promise<{ token: string; expiresAt: string }> {
    const token = terms.token ?? newSecret()
    const expiresAt = new Date(this.#now().getTime() + terms.days * dayMs).toISOString()
    const hats = terms.role === "chair" ? ["CHAIR"] : terms.role === "secretary" ? ["SEC"] : terms.hats
    await this.#store.saveInvitation({ tokenHash: hashOfSecret(token), role: terms.role, hats, person: terms.person, expiresAt })
    return { token, expiresAt }
  }

  /** Turns an invitation into a cookie's value. Throws where it is unknown, expired, revoked, or wants a name. */
  async signIn(token: string, name: string | undefined): Promise<{ cookie: string; person: Person }> {
    const invitation = await this.#store.invitation(hashOfSecret(token))
    if (!invitation)
      throw new DomainError("not-signed-in", "This link is not an invitation to this meeting. Ask the secretariat for a new one.")
    if (Date.parse(invitation.expiresAt) < this.#now().getTime())
      throw new DomainError("not-signed-in", "This invitation has expired. Ask the secretariat for a new one.")
    const person = await this.#personFor(invitation, name)
    if (person.isRevoked) throw new DomainError("not-allowed", "Your access to this meeting was withdrawn. Ask the secretariat.")
    const cookie = newSecret()
    const expiresAt = new Date(this.#now().getTime() + signInDays * dayMs).toISOString()
    await this.#store.saveSignIn({ cookieHash: hashOfSecret(cookie), person: person.id, expiresAt })
    return { cookie, person }
  }

  async #personFor(invitation: InvitationRecord, name: string | undefined): Promise<Person> {
    if (invitation.person) {
      const known = (await this.#store.people()).find((person) => person.id === invitation.person)
      if (known) this.#people.set(known.id, known)
      return this.person(invitation.person)
    }
    if (!name) throw new DomainError("bad-input", "Say your name: the meeting sees who writes for the delegation.", { needs: "name" })
    // A delegation's link is used by several people; each name on it is one person, also on another device.
    const id = `p-${hashOfSecret(`${invitation.tokenHash}\n${name.normalize("NFC").toLowerCase()}`).slice(0, 16)}`
    if (!this.#people.has(id)) await this.save({ id, name, role: invitation.role, hats: invitation.hats, isRevoked: false })
    for (const source of await this.#store.sources()) this.#sources.set(source.code, source)
    return this.person(id)
  }

  /** Whether a cookie's value is somebody's, without asking the store. */
  knows(cookie: string | undefined): boolean {
    return cookie !== undefined && this.#byCookie.has(hashOfSecret(cookie))
  }

  /** The person behind a cookie's value, or null. */
  async byCookie(cookie: string | undefined): Promise<Person | null> {
    if (!cookie) return null
    const hash = hashOfSecret(cookie)
    let id = this.#byCookie.get(hash)
    if (id === undefined) {
      const signIn = await this.#store.signIn(hash)
      if (!signIn || Date.parse(signIn.expiresAt) < this.#now().getTime()) return null
      id = signIn.person
      this.#byCookie.set(hash, id)
    }
    const person = this.person(id)
    return person.isRevoked ? null : person
  }

  async signOut(cookie: string): Promise<void> {
    const hash = hashOfSecret(cookie)
    this.#byCookie.delete(hash)
    await this.#store.removeSignIn(hash)
  }
}
