import type { Store } from "../storage/store.ts"
import { Attendance } from "./attendance.ts"
import { FileAuthors } from "./file-authors.ts"
import { Invitations } from "./invitations.ts"
import { People } from "./people.ts"
import { SignIns } from "./sign-ins.ts"
import { Sittings } from "./sittings.ts"

/** Everything about who meets: people and roster, their links and sign-ins, who is here, and in which sitting. */
export class Meeting {
  readonly people: People
  readonly attendance: Attendance
  readonly signIns: SignIns
  readonly invitations: Invitations
  readonly sittings: Sittings
  readonly fileAuthors: FileAuthors
  readonly #store: Store
  readonly #besides: (() => void)[] = []
  #heard = 0
  /** What is being taken in: who asks meanwhile waits for it. */
  #takingIn: Promise<void> = Promise.resolve()
  #isTelling = false
  #presiding: string | null = null

  private constructor(store: Store, people: People, now: () => Date) {
    this.#store = store
    this.people = people
    this.attendance = new Attendance(now)
    this.signIns = new SignIns(store, people, now)
    this.invitations = new Invitations(store, people, this.signIns, now)
    this.sittings = new Sittings(store, people, this.attendance, now)
    this.fileAuthors = new FileAuthors(store)
    people.whenChanged(() => this.#changed())
    this.sittings.whenChanged(() => this.#changed())
  }

  static async open(store: Store, now: () => Date): Promise<Meeting> {
    const meeting = new Meeting(store, await People.open(store), now)
    meeting.#heard = await store.writtenBeside()
    await meeting.sittings.read()
    return meeting
  }

  /** Calls `listener` whenever a process beside this one has written something, be it about people or not. */
  whenWrittenBeside(listener: () => void): void {
    this.#besides.push(listener)
  }

  /** Takes in what a process beside this one has written: invitations, people, roster, sittings, sign-ins that ended. */
  async catchUp(): Promise<void> {
    const heard = await this.#store.writtenBeside()
    if (heard !== this.#heard) {
      this.#heard = heard
      this.#takingIn = this.#takeIn()
    }
    await this.#takingIn
  }

  async #takeIn(): Promise<void> {
    try {
      for (const listener of this.#besides) listener()
      await this.people.read()
      await this.sittings.read()
      await this.signIns.read()
    } catch (error) {
      // Nothing was taken in: who asks next tries again.
      this.#heard = Number.NaN
      this.#takingIn = Promise.resolve()
      throw error
    }
    this.#changed()
  }

  /** What is damaged of what is stored about people, links and sittings, in sentences for the operator. */
  problems(): Promise<string[]> {
    return this.#store.peopleProblems()
  }

  /** Ends the sockets whose sign-in holds no longer: signed out, withdrawn, or come to its hour. */
  sweep(): void {
    this.attendance.endWhere(({ signIn }) => this.signIns.whyNot(signIn))
  }

  /** Looks who is there now: ends what holds no longer, and tells where another presides than before. */
  look(): void {
    this.sweep()
    const presiding = this.sittings.presiding()?.id ?? null
    if (presiding !== this.#presiding) this.#changed()
    this.#presiding = presiding
  }

  /**
   * Writes down who came in while nothing could be written, or the one behind a sign-in: before they do anything themselves, so that nothing bears the
   * name of somebody whom a restart would forget (DAM15). Throws where nothing can be written still.
   */
  async writeDown(only?: { readonly person: string; readonly signIn: string }): Promise<void> {
    await this.people.writeDown(only?.person)
    await this.signIns.writeDown(only?.signIn)
  }

  /** Signs a browser out: all its sockets end with it. */
  async signOut(signIn: string, person: string): Promise<void> {
    await this.signIns.end(signIn)
    this.sweep()
    if (!this.attendance.here().has(person)) this.attendance.left(person)
  }

  // Those whose right has gone are sent away at once; the others hear of it once, however many things changed.
  #changed(): void {
    this.sweep()
    if (this.#isTelling) return
    this.#isTelling = true
    queueMicrotask(() => {
      this.#isTelling = false
      this.attendance.tellAll()
    })
  }
}
