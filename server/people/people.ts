import { hatsOf } from "../../shared/people/grants.ts"
import { namesApart } from "../../shared/people/names.ts"
import { mistakenFor, nameTaken } from "../../shared/people/roster.ts"
import { DomainError } from "../problems.ts"
import { cannotWrite } from "../storage/failures.ts"
import type { PersonRecord, SourceRecord, Store } from "../storage/store.ts"
import type { Person } from "./session.ts"

const nobody = (id: string): Person => ({ id, name: "Somebody", role: "observer", hats: [], isRevoked: true })

/** Sources that no delegation can be. */
const ownSources: readonly SourceRecord[] = [
  { code: "CHAIR", name: "Chair" },
  { code: "SEC", name: "Secretariat" },
]

const spoilt = "What is stored about you is damaged, so nobody can tell what you may do here. The operator finds more in the server's log."
/** Nobody is ever taken off the list: who is not on it was lost with a part of the store. */
const unknownHere = "The meeting no longer knows you: what was stored about you is lost. Ask the secretariat for a new link."
/** What is told whose access was withdrawn. */
export const accessWithdrawn = "Your access to this meeting was withdrawn. Ask the secretariat."

/** Who is at the meeting and what they may write for. One object of it lives as long as the server. */
export class People {
  readonly #store: Store
  readonly #people = new Map<string, PersonRecord>()
  readonly #sources = new Map<string, SourceRecord>()
  /** What is being written: known already, and not lost where the store is read meanwhile. */
  readonly #pending = new Map<string, PersonRecord>()
  /** Who came in while nothing could be written. */
  readonly #unsaved = new Set<string>()
  /** By id the name as it is shown; null: people are not what they were when it was made. */
  #shown: ReadonlyMap<string, string> | null = null
  #turn: Promise<unknown> = Promise.resolve()
  #onChange: () => void = () => undefined

  private constructor(store: Store) {
    this.#store = store
  }

  static async open(store: Store): Promise<People> {
    const people = new People(store)
    await people.read()
    return people
  }

  /** Calls back whenever a person or the roster is not what it was. */
  whenChanged(then: () => void): void {
    this.#onChange = then
  }

  // Reading and writing take turns: what is read is never older than what was written.
  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(task)
    this.#turn = done.catch(() => undefined)
    return done
  }

  /** Reads people and roster anew, for another process has written them. */
  read(): Promise<void> {
    return this.#inTurn(async () => {
      const [people, sources] = [await this.#store.people(), await this.#store.sources()]
      const unsaved = [...this.#unsaved].flatMap((id) => this.#people.get(id) ?? [])
      this.#people.clear()
      this.#sources.clear()
      for (const source of [...ownSources, ...sources]) this.#sources.set(source.code, source)
      for (const person of [...people, ...unsaved, ...this.#pending.values()]) this.#people.set(person.id, person)
      this.#shown = null
    })
  }

  /** The person as it is now; somebody without rights where the id is unknown. */
  person(id: string): Person {
    const found = this.#people.get(id)
    if (!found) return nobody(id)
    const { role, isRevoked } = found
    // The secretariat enters for whoever asks: its hats are all sources, those of later delegations too.
    const hats = role === "secretary" ? [...this.#sources.keys()].filter((code) => code !== "CHAIR") : hatsOf(role, found.hats)
    return { id, name: this.nameOf(id), role, hats, isRevoked }
  }

  /** What is kept of a person, or null; its name as it was given. */
  record(id: string): PersonRecord | null {
    return this.#people.get(id) ?? null
  }

  /** Why a person may not come in, in a sentence for that person: damage is told as damage. Null: it may. */
  whyNot(id: string): string | null {
    const record = this.record(id)
    if (!record) return unknownHere
    if (record.problem !== undefined) return spoilt
    return record.isRevoked ? accessWithdrawn : null
  }

  records(): PersonRecord[] {
    return [...this.#people.values()]
  }

  /** A person's name for readers, by which nobody takes it for another of that name; the id itself where nobody has it. */
  nameOf(id: string): string {
    this.#shown ??= namesApart([...this.#people.values()])
    return this.#shown.get(id) ?? id
  }

  everyone(): Person[] {
    return [...this.#people.keys()].map((id) => this.person(id))
  }

  /** The roster with chair and secretariat, in its order. */
  sources(): SourceRecord[] {
    return [...this.#sources.values()]
  }

  /** Puts a delegation on the roster, last; or gives it another name. Throws where it would be taken for the chair or the secretariat. */
  async addSource(source: SourceRecord): Promise<void> {
    if (this.#sources.get(source.code)?.name === source.name) return
    await this.#inTurn(async () => {
      // In its turn: two that are added at once are told apart too.
      this.demandNew([source])
      await this.#store.saveSource(source)
    })
    this.cameOn([source])
  }

  /** Throws where one of some sources may not come on the roster, or not under its name. */
  demandNew(sources: readonly SourceRecord[]): void {
    const names = [...this.#sources.values()].map(({ code, name }) => [code, name] as const)
    for (const { code, name } of sources) {
      const mistaken = mistakenFor(code) ?? mistakenFor(name)
      if (mistaken !== null) throw new DomainError("bad-input", mistaken)
      const taken = nameTaken(code, name, names)
      if (taken !== null) throw new DomainError("conflict", taken)
      names.push([code, name])
    }
  }

  /** Sources are on the roster by now: stored, with what brought them. */
  cameOn(sources: readonly SourceRecord[]): void {
    for (const source of sources) this.#sources.set(source.code, source)
    if (sources.length > 0) this.#onChange()
  }

  /** Keeps a person who enters; where nothing can be written, in memory until something can: whoever comes in reads (DAM15). */
  async enter(person: PersonRecord): Promise<void> {
    try {
      await this.save(person)
    } catch (error) {
      if (!cannotWrite(error)) throw error
      this.#people.set(person.id, person)
      this.#unsaved.add(person.id)
      this.#shown = null
      this.#onChange()
    }
  }

  /** Writes down those, or the one, who came in while nothing could be written. Throws where nothing can be written still. */
  async writeDown(only?: string): Promise<void> {
    for (const id of only === undefined ? [...this.#unsaved] : [only]) {
      const person = this.#unsaved.has(id) ? this.#people.get(id) : undefined
      if (person) await this.save(person)
    }
  }

  /** Keeps a person. It is known at once; where the store cannot write it is as it was. */
  async save(person: PersonRecord): Promise<void> {
    const { id } = person
    const before = this.#people.get(id)
    const now = { ...before, ...person }
    this.#people.set(id, now)
    this.#shown = null
    this.#pending.set(id, now)
    try {
      await this.#inTurn(() => this.#store.savePerson(now))
      this.#unsaved.delete(id)
    } catch (error) {
      if (before) this.#people.set(id, before)
      else this.#people.delete(id)
      this.#shown = null
      throw error
    } finally {
      if (this.#pending.get(id) === now) this.#pending.delete(id)
    }
    this.#onChange()
  }
}
