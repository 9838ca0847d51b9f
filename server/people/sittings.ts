import { randomUUID } from "node:crypto"
import { isCalled } from "../../shared/people/names.ts"
import type { Sitting } from "../../shared/people/sitting.ts"
import { shortened } from "../../shared/schema/letters.ts"
import { DomainError } from "../problems.ts"
import type { PersonRecord, SittingRecord, Store } from "../storage/store.ts"
import type { Attendance } from "./attendance.ts"
import type { People } from "./people.ts"

/** What the secretariat says of a sitting. `chair`: a person who was invited as chair, by id or name; null: not said. */
export interface SittingTerms {
  readonly body: string
  readonly room: string
  readonly date: string
  readonly chair: string | null
  /** Whether the chair sits in the hall without a page of the meeting: present because the secretariat says so. */
  readonly inHall?: boolean
}

const hourMs = 3_600_000
/** A sitting of another day than today is over so long after it was opened: one that goes on past midnight keeps its day. */
const longestMs = 16 * hourMs

/** The day where the server stands, as YYYY-MM-DD. */
export const dayOf = (at: Date): string =>
  `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`

/**
 * The sittings of the meeting. Every act and every paper bears the one in force when it was done; where nobody has set one they say so, and no name is
 * taken from anywhere else.
 */
export class Sittings {
  readonly #store: Store
  readonly #people: People
  readonly #attendance: Attendance
  readonly #now: () => Date
  #all: readonly SittingRecord[] = []
  #onChange: () => void = () => undefined

  constructor(store: Store, people: People, attendance: Attendance, now: () => Date) {
    this.#store = store
    this.#people = people
    this.#attendance = attendance
    this.#now = now
  }

  /** Calls back whenever the sitting in force is not what it was. */
  whenChanged(then: () => void): void {
    this.#onChange = then
  }

  async read(): Promise<void> {
    this.#all = await this.#store.sittings()
  }

  list(): readonly SittingRecord[] {
    return this.#all
  }

  /** The sitting in force, or null: none was opened, or the last one is over. */
  current(): SittingRecord | null {
    const last = this.#all.at(-1)
    if (!last || last.closedAt !== null) return null
    const now = this.#now()
    return last.date === dayOf(now) || now.getTime() - Date.parse(last.openedAt) < longestMs ? last : null
  }

  /**
   * Who presides at this moment: a person signed in as chair who is here now, not one who was here before; or the one whom the secretariat has stated to
   * sit in the hall. It is whom the secretariat has named; where it has named nobody it is the only chair who is here.
   */
  presiding(): PersonRecord | null {
    const sitting = this.current()
    const since = sitting ? Date.parse(sitting.openedAt) : 0
    const isThere = (id: string): boolean => (sitting?.inHall === true && id === sitting.chair) || this.#attendance.isHere(id, since)
    const present = this.#chairs().filter(({ id }) => isThere(id))
    if (sitting?.chair) return present.find(({ id }) => id === sitting.chair) ?? null
    return present.length === 1 ? present[0]! : null
  }

  /** The sitting as an act or a paper of this moment bears it. */
  now(): Sitting {
    const { body = "", room = "", date = dayOf(this.#now()) } = this.current() ?? {}
    const presiding = this.presiding()
    return { body, room, date, chair: presiding ? this.#people.nameOf(presiding.id) : "" }
  }

  /** Opens a sitting; the one before is closed with it. */
  async open(terms: SittingTerms): Promise<SittingRecord> {
    const openedAt = this.#now().toISOString()
    const sitting: SittingRecord = { id: randomUUID(), ...this.#checked(terms), openedAt, closedAt: null }
    const last = this.#all.at(-1)
    if (last && last.closedAt === null) await this.#store.saveSitting({ ...last, closedAt: openedAt })
    await this.#store.saveSitting(sitting)
    await this.read()
    this.#onChange()
    return sitting
  }

  /** Says something else of the sitting in force: of what is done from now on. Throws where there is none. */
  async change(terms: Partial<SittingTerms>): Promise<SittingRecord> {
    const current = this.current()
    if (!current) throw new DomainError("conflict", "No sitting is open. Open one: its body, room, date and chairperson.")
    const { chair = current.chair } = terms
    const named = chair === current.chair || chair === null ? chair : this.#chairBy(chair).id
    // That somebody sits in the hall was said of the one who was named then.
    const stays = current.inHall === true && named === current.chair
    const sitting: SittingRecord = { ...current, ...this.#checked({ ...current, inHall: stays, ...terms, chair: named }, current.chair) }
    await this.#store.saveSitting(sitting)
    await this.read()
    this.#onChange()
    return sitting
  }

  /** `named`: who is named already, and stays so, whatever became of that person: nobody presides before another is named. */
  #checked({ body, room, date, chair, inHall = false }: SittingTerms, named: string | null = null): SittingTerms {
    if (inHall && chair === null)
      throw new DomainError("bad-input", "Name the chairperson who sits in the hall: a sitting that names nobody has nobody there.")
    return { body, room, date, chair: chair === null || chair === named ? chair : this.#chairBy(chair).id, inHall }
  }

  #chairs(): PersonRecord[] {
    return this.#people.records().filter(({ role, isRevoked }) => role === "chair" && !isRevoked)
  }

  #chairBy(idOrName: string): PersonRecord {
    const chairs = this.#chairs()
    const isMeant = ({ id, name }: PersonRecord): boolean => id === idOrName || isCalled(idOrName, name, this.#people.nameOf(id))
    const found = chairs.filter(isMeant)
    if (found.length === 1) return found[0]!
    const withdrawn = this.#people.records().find((person) => person.role === "chair" && person.isRevoked && isMeant(person))
    if (found.length === 0 && withdrawn)
      throw new DomainError(
        "bad-input",
        `${this.#people.nameOf(withdrawn.id)} was withdrawn and cannot preside. Give access back first, or name another chair.`,
      )
    const known =
      chairs.length === 0 ? "Nobody is invited as chair yet." : `Chairs are ${chairs.map(({ id }) => this.#people.nameOf(id)).join(", ")}.`
    throw new DomainError(
      "bad-input",
      `No chair is called “${shortened(idOrName, 80)}”. ${known} A sitting is presided by one who was invited as chair.`,
    )
  }
}
