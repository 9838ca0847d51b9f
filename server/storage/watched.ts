import { StoreFailure as Failure } from "./failures.ts"
import { DamageError, Finding, type Store } from "./store.ts"

/** A failure of the store: what was asked of it, what it answered, and whether the same was heard a moment ago. */
export interface StoreFailure {
  readonly call: string
  readonly error: Error
  readonly isRepeated: boolean
}

const writing: ReadonlySet<string> = new Set([
  "createDraft",
  "append",
  "saveFile",
  "saveSetting",
  "savePerson",
  "assignClient",
  "saveSignIn",
  "tryWriting",
])

const headsNote =
  "The file heads cannot be written: what is saved is kept, but whether the last entries of the drafts are all there could not be proven after a crash."

/** What everybody is told where something about people is damaged. */
export const peopleNote = "Something that is stored about people is damaged. The server's log says what."

/** A failure that is heard again so soon is not news. */
const newsAfterMs = 10_000
/** How often a store that fails is asked whether it can be written to again. */
const probeEveryMs = 2_000

/** The failures of a store, heard in one place, whoever asked. */
export class StoreWatch {
  readonly #onFailure: (failure: StoreFailure) => void
  readonly #heard = new Map<string, number>()
  #failing: string | null = null
  #stopped: string | null = null
  readonly #notes = new Set<string>()
  /** What of the people's tables was told last. */
  #people = new Set<string>()
  readonly #onWell: (() => void)[] = []
  /** Where drafts end is not written beside them: what is saved is saved, and its loss would not be told. */
  #areHeadsFailing = false

  constructor(onFailure: (failure: StoreFailure) => void) {
    this.#onFailure = onFailure
  }

  /** Why it has failed, and written nothing since, in a sentence for everybody; null: it does well. */
  get failing(): string | null {
    return this.#stopped ?? this.#failing
  }

  /** Calls back whenever it can be written to again after it could not. */
  whenWell(then: () => void): void {
    this.#onWell.push(then)
  }

  /** Asks a store that fails again and again whether it can be written to: so it is well without anybody typing. Gives what ends that. */
  probing(store: Pick<Store, "tryWriting">): () => void {
    let isTrying = false
    const timer = setInterval(() => {
      if (isTrying || this.#failing === null || this.#stopped !== null) return
      isTrying = true
      // What it answers is heard like any other answer.
      store
        .tryWriting()
        .catch(() => undefined)
        .finally(() => (isTrying = false))
    }, probeEveryMs)
    timer.unref()
    return () => clearInterval(timer)
  }

  /** What was found at the start and hinders nobody, in sentences for everybody. */
  get notes(): readonly string[] {
    return [...this.#notes, ...(this.#areHeadsFailing ? [headsNote] : [])]
  }

  /** Takes in what is wrong by now with what is stored about people, in sentences: what is new is told, and the note stands as long as something is. */
  tellOfPeople(sentences: readonly string[]): void {
    if (sentences.length > 0) this.#notes.add(peopleNote)
    else this.#notes.delete(peopleNote)
    for (const sentence of sentences)
      if (!this.#people.has(sentence)) this.#onFailure({ call: "found", error: new Finding(sentence, peopleNote), isRepeated: false })
    this.#people = new Set(sentences)
  }

  /** Why nothing is written any more until the next start, in a sentence for everybody; null: it is. */
  get stopped(): string | null {
    return this.#stopped
  }

  /** The store, watched. */
  over(store: Store): Store {
    const onTrouble = (error: Error): void => {
      if (error instanceof Failure) return this.#failed("heads", error)
      // What was found at the start is told, and hinders nobody.
      if (error instanceof Finding && error.note !== null) this.#notes.add(error.note)
      if (error instanceof Finding && error.note === peopleNote) this.#people.add(error.message)
      this.#onFailure({ call: "start", error, isRepeated: false })
    }
    store.onTrouble(onTrouble, () => (this.#areHeadsFailing = false))
    return new Proxy(store, {
      get: (target, call: keyof Store & string) => {
        const work: unknown = Reflect.get(target, call)
        return typeof work === "function" ? (...values: unknown[]) => this.#asked(call, () => Reflect.apply(work, target, values)) : work
      },
    })
  }

  #asked(call: string, work: () => unknown): unknown {
    const answer = work()
    if (!(answer instanceof Promise)) return answer
    return answer.then(
      (value: unknown) => {
        if (writing.has(call) && this.#failing !== null) {
          this.#failing = null
          for (const then of this.#onWell) then()
        }
        return value
      },
      (error: Error) => {
        // Damage that was found is an answer; the store is well.
        if (!(error instanceof DamageError)) this.#failed(call, error)
        throw error
      },
    )
  }

  #failed(call: string, error: Error): void {
    const now = performance.now()
    const key = `${call} ${error.message}`
    const isRepeated = now - (this.#heard.get(key) ?? Number.NEGATIVE_INFINITY) < newsAfterMs
    if (!isRepeated) this.#heard.set(key, now)
    if (error instanceof Failure && error.isStopped) this.#stopped = error.told
    this.#hinders(call, error)
    this.#onFailure({ call, error, isRepeated })
  }
  /** Takes a failure for what hinders writing, or for what is worth a note. */
  #hinders(call: string, error: Error): void {
    const [isStopped, isDamage] = error instanceof Failure ? [error.isStopped, error.isDamage] : [false, false]
    if (call === "heads" && !isStopped) this.#areHeadsFailing = true
    // What one draft has lost stops no other, and what cannot be read hinders no writing.
    else if (isDamage && !isStopped && error instanceof Failure && error.draft !== null) return
    else if (isDamage && !isStopped && !writing.has(call))
      this.#notes.add("Something that is stored could not be read. The server's log says what.")
    else this.#failing = error instanceof Failure ? error.told : "The store fails. The server's log tells more."
  }
}
