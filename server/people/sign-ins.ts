import { cannotWrite } from "../storage/failures.ts"
import type { SignInRecord, Store } from "../storage/store.ts"
import { accessWithdrawn, type People } from "./people.ts"
import { hashOfSecret, newSecret } from "./secrets.ts"
import type { Person } from "./session.ts"

const dayMs = 86_400_000
const signInDays = 30

/** Who stands behind a cookie, or the sentence that says why nobody does. */
export type Standing =
  | { readonly person: Person; readonly signIn: string; readonly sentence: null }
  | { readonly person: null; readonly sentence: string }

const stranger = "Open the address of your invitation first."
const signedOut = "You are signed out. Open the address of your invitation again."
const atItsHour = "Your sign-in has come to its end. Open the address of your invitation again."
const givenBack = "You have access to this meeting again. Open the address of your invitation once more."

/** What is told to somebody whose sign-in could not be written down. */
export const untilRestart =
  "The meeting's store cannot be written at this moment. You are signed in and read what was saved; if the server is started again before it can be written, open the address of your invitation once more."

/** Signed-in browsers, by the hash of their cookie. What is remembered of them ends at its hour, like what is stored. */
export class SignIns {
  readonly #store: Store
  readonly #people: People
  readonly #now: () => Date
  readonly #known = new Map<string, { readonly person: string; readonly expiresAt: number }>()
  /** Those that began while nothing could be written. */
  readonly #unsaved = new Map<string, SignInRecord>()
  /** Those that ended while they were remembered, and whose access was withdrawn with it: what was asked of the store before does not bring them back. */
  readonly #ended = new Map<string, { readonly withdrawn: string | null }>()

  constructor(store: Store, people: People, now: () => Date) {
    this.#store = store
    this.#people = people
    this.#now = now
  }

  /** Signs a person in; the value of the cookie, which is given once. */
  async begin(person: string): Promise<string> {
    const cookie = newSecret()
    const expiresAt = this.#now().getTime() + signInDays * dayMs
    const cookieHash = hashOfSecret(cookie)
    const record = { cookieHash, person, expiresAt: new Date(expiresAt).toISOString() }
    try {
      await this.#store.saveSignIn(record)
    } catch (error) {
      if (!cannotWrite(error)) throw error
      this.#unsaved.set(cookieHash, record)
    }
    this.#known.set(cookieHash, { person, expiresAt })
    return cookie
  }

  /** Whether a sign-in outlives the server. */
  isKept(signIn: string): boolean {
    return !this.#unsaved.has(signIn)
  }

  /** Writes down those, or the one, that began while nothing could be written. Throws where nothing can be written still. */
  async writeDown(only?: string): Promise<void> {
    for (const signIn of only === undefined ? [...this.#unsaved.keys()] : [only]) {
      const record = this.#unsaved.get(signIn)
      if (!record) continue
      await this.#store.saveSignIn(record)
      this.#unsaved.delete(signIn)
      // It may have ended meanwhile.
      if (this.#ended.has(signIn)) await this.#store.removeSignIn(signIn)
    }
  }

  /** Whether a cookie's value was somebody's, without asking the store. */
  knows(cookie: string | undefined): boolean {
    return cookie !== undefined && this.#known.has(hashOfSecret(cookie))
  }

  /** Who stands behind a cookie's value. */
  async of(cookie: string | undefined): Promise<Standing> {
    if (!cookie) return { person: null, sentence: stranger }
    const signIn = hashOfSecret(cookie)
    if (!this.#known.has(signIn)) await this.#recall(signIn)
    if (!this.#known.has(signIn)) return { person: null, sentence: this.#whyEnded(signIn) ?? stranger }
    const sentence = this.whyNot(signIn)
    if (sentence !== null) return { person: null, sentence }
    return { person: this.#people.person(this.#known.get(signIn)!.person), signIn, sentence: null }
  }

  async #recall(signIn: string): Promise<void> {
    const kept = await this.#store.signIn(signIn)
    if (kept && !this.#ended.has(signIn)) this.#known.set(signIn, { person: kept.person, expiresAt: Date.parse(kept.expiresAt) })
    else this.#forget(signIn)
  }

  /** What another process has ended: as the list of people, which is read before, tells why. */
  #forget(signIn: string): void {
    const known = this.#known.get(signIn)
    if (!known) return
    this.#known.delete(signIn)
    if (this.#ended.has(signIn)) return
    this.#ended.set(signIn, { withdrawn: this.#people.record(known.person)?.isRevoked ? known.person : null })
  }

  /** Why a sign-in holds no longer, or null where it does. */
  whyNot(signIn: string): string | null {
    const known = this.#known.get(signIn)
    if (!known) return this.#whyEnded(signIn) ?? signedOut
    if (known.expiresAt <= this.#now().getTime()) return atItsHour
    return this.#people.whyNot(known.person)
  }

  /** Who was given access again since is told so: the old sign-in stays ended. */
  #whyEnded(signIn: string): string | null {
    const ended = this.#ended.get(signIn)
    if (!ended) return null
    if (ended.withdrawn === null) return signedOut
    return this.#people.record(ended.withdrawn) ? (this.#people.whyNot(ended.withdrawn) ?? givenBack) : accessWithdrawn
  }

  async end(signIn: string): Promise<void> {
    this.#ended.set(signIn, { withdrawn: null })
    this.#known.delete(signIn)
    // What was never written needs not be taken out, on a store that cannot do that either.
    if (this.#unsaved.delete(signIn)) return
    await this.#store.removeSignIn(signIn)
  }

  /** Ends all sign-ins of a person. */
  async endAllOf(person: string): Promise<void> {
    for (const [signIn, known] of this.#known) {
      if (known.person !== person) continue
      this.#ended.set(signIn, { withdrawn: person })
      this.#known.delete(signIn)
      this.#unsaved.delete(signIn)
    }
    await this.#store.removeSignInsOf(person)
  }

  /** Reads what is remembered anew, for another process may have ended some of it. */
  async read(): Promise<void> {
    for (const signIn of [...this.#known.keys()]) if (this.isKept(signIn)) await this.#recall(signIn)
  }
}
