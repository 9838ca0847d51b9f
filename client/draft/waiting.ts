import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals"
import type { Life } from "../life/life.ts"
import type { SaveStatus } from "../life/machine.ts"
import type { Page } from "./page.ts"

/** So long something that was typed may wait for the room's word, and an act for the server's. */
const unansweredMs = 3_000

export interface WaitingParts {
  readonly life: Pick<Life, "status" | "acknowledged">
  readonly page: Page
  /** Whether the server was asked for an act that it has not answered. */
  readonly isBusy: () => boolean
  /** Whether one of them is a decision. */
  readonly isDeciding: () => boolean
  /** Says what became of decisions whose answer was lost. */
  readonly tellUnknown: () => void
}

/** How long the person has waited for an answer: what is true of its words, with what is late. */
export class Waiting {
  readonly #parts: WaitingParts
  /** Something that was typed waits, and the room has acknowledged nothing for a while. */
  readonly #isUnanswered: Signal<boolean> = signal(false)
  /** The server was asked for an act, and has said nothing of it for a while. */
  readonly #isActLate: Signal<boolean> = signal(false)
  readonly status: ReadonlySignal<SaveStatus> = computed(() => {
    const status = this.#parts.life.status.value
    if (status.kind === "saving" && this.#isUnanswered.value) return { kind: "unanswered" }
    const isActing = this.#parts.isDeciding() || this.#isActLate.value
    return status.kind === "saved" && isActing ? { kind: "acting", isLate: this.#isActLate.value } : status
  })

  constructor(parts: WaitingParts) {
    this.#parts = parts
  }

  /** Returns how to stop. */
  watch(): () => void {
    const stops = [this.#watchAnswers(), this.#watchActs(), this.#watchUnknown()]
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** Whoever types on a line that has fallen silent is told so long before the line is given up. */
  #watchAnswers(): () => void {
    const { life } = this.#parts
    const isSaving = computed(() => life.status.value.kind === "saving")
    return effect(() => {
      void life.acknowledged.value
      this.#isUnanswered.value = false
      if (!isSaving.value) return
      const timer = setTimeout(() => {
        this.#isUnanswered.value = true
      }, unansweredMs)
      return () => clearTimeout(timer)
    })
  }

  /** Whoever waits for the answer to an act is told so. */
  #watchActs(): () => void {
    const { page, isBusy, isDeciding } = this.#parts
    return effect(() => {
      this.#isActLate.value = false
      if (!isBusy()) return
      const timer = setTimeout(() => {
        this.#isActLate.value = true
        if (isDeciding()) page.say("The server has not answered: your decision is not known to have been made yet.")
      }, unansweredMs)
      return () => clearTimeout(timer)
    })
  }

  /** Once the line is back it is told what became of a decision whose answer was lost. */
  #watchUnknown(): () => void {
    const { life, tellUnknown } = this.#parts
    const isSaved = computed(() => life.status.value.kind === "saved")
    return effect(() => {
      // The changes follow the text by a frame.
      if (isSaved.value) requestAnimationFrame(() => requestAnimationFrame(() => tellUnknown()))
    })
  }
}
