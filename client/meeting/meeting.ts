import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals"
import type { Me } from "../../shared/api/contract.ts"
import { ofFile } from "../../shared/comments/thread.ts"
import { tonesOf, turnsOf } from "../../shared/people/roster.ts"
import { may } from "../../shared/policy/policy.ts"
import { notStated } from "../../shared/schema/keys.ts"
import type { SourceLook } from "../ui/look.ts"
import { ApiProblem, call } from "./api.ts"

/** A hundred browsers that hear the same news do not ask in the same moment. */
const soonMs = 250
const pollMs = 4_000

type Names = ReadonlyMap<string, string>

const readAll = async (): Promise<{ me: Me; names: Names }> => {
  const [me, people] = await Promise.all([call("me"), call("people")])
  return { me, names: new Map(people.map(({ id, name }) => [id, name])) }
}

/** Who meets, as this page knows it: oneself, the roster in its order, the names of people, the sitting. It is read again whenever the server says so. */
export class MeetingHere {
  readonly me: Signal<Me>
  readonly names: Signal<Names>
  /** By code: the tone of a delegation, by its place on the roster. */
  readonly tones: ReadonlySignal<ReadonlyMap<string, number>>
  /** By code: what tells apart delegations of one tone. */
  readonly turns: ReadonlySignal<ReadonlyMap<string, number>>
  /** Why one is signed in no longer; "" while one is. */
  readonly ended: Signal<string> = signal("")
  /** Which of the dialogs about the meeting is open. */
  readonly dialog: Signal<"people" | "sitting" | "leaving" | null> = signal(null)
  #isPlanned = false

  private constructor(first: { me: Me; names: Names }) {
    this.me = signal(first.me)
    this.names = signal(first.names)
    this.tones = computed(() => tonesOf(this.me.value.sources.map(({ code }) => code)))
    this.turns = computed(() => turnsOf(this.me.value.sources.map(({ code }) => code)))
  }

  static async open(): Promise<MeetingHere> {
    return new MeetingHere(await readAll())
  }

  /** Whether oneself says what sitting it is, and keeps the list of people. */
  get mayKeep(): boolean {
    return may("setSitting", { role: this.me.value.role, hat: null }, { stage: "drafting", secretaryOperates: true }).isAllowed
  }

  /** How a source is drawn. */
  lookOf(source: string): SourceLook {
    return { tone: this.tones.value.get(source) ?? 0, turn: this.turns.value.get(source) ?? 0 }
  }

  /** How a source is called. */
  nameOf(source: string): string {
    return this.me.value.sources.find((known) => known.code === source)?.name ?? (source === notStated ? "Not stated" : source)
  }

  /** How a person is called, by the id under which something of it is kept. */
  personName(id: string): string {
    return id.startsWith(ofFile) ? id.slice(ofFile.length) : (this.names.value.get(id) ?? "Somebody")
  }

  async read(): Promise<void> {
    try {
      const { me, names } = await readAll()
      // What is the same draws nothing anew.
      if (JSON.stringify(me) !== JSON.stringify(this.me.peek())) this.me.value = me
      if (JSON.stringify([...names]) !== JSON.stringify([...this.names.peek()])) this.names.value = names
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.status === 401) this.end(error.message)
    }
  }

  /** One is signed in no longer: the first reason that is heard holds. */
  end(sentence: string): void {
    if (this.ended.peek() === "") this.ended.value = sentence
  }

  /** Reads it again in a moment; asked several times, once. */
  soon(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    setTimeout(() => {
      this.#isPlanned = false
      void this.read()
    }, Math.random() * soonMs)
  }

  /** Keeps up on a page that has no line to the server; the answer ends it. */
  keepUp(): () => void {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && this.ended.peek() === "") void this.read()
    }, pollMs)
    const onFocus = (): void => void this.read()
    addEventListener("focus", onFocus)
    return () => {
      clearInterval(timer)
      removeEventListener("focus", onFocus)
    }
  }
}
