import { computed, type ReadonlySignal } from "@preact/signals"
import { type Act, may, type Ruling } from "../../shared/policy/policy.ts"
import type { Life } from "../life/life.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import type { Page } from "./page.ts"
import type { RoomHere } from "./room.ts"

export interface RightsParts {
  readonly meeting: MeetingHere
  readonly room: RoomHere
  readonly page: Page
  readonly life: Pick<Life, "hat" | "takesTyping">
}

/** What the person may do at this moment: as the policy says, in a meeting that one is signed in to and a draft that is whole. */
export class Rights {
  readonly #parts: RightsParts
  /** Whether the person may write in what is shown; whether it is taken at this very moment is another matter. */
  readonly mayWrite: ReadonlySignal<boolean> = computed(() => {
    const { page, life } = this.#parts
    return this.ruling("propose").isAllowed && life.hat.value !== null && (page.view.value === "force" || page.view.value === "markup")
  })
  readonly isEditable: ReadonlySignal<boolean> = computed(() => this.mayWrite.value && this.#parts.life.takesTyping.value)

  constructor(parts: RightsParts) {
    this.#parts = parts
  }

  /** Whether the person may do an act now, or the sentence that says why not. */
  ruling(act: Act): Ruling {
    const { meeting, room, life } = this.#parts
    if (meeting.ended.value !== "" && act !== "read") return { isAllowed: false, sentence: meeting.ended.value }
    if (room.damage.value && act !== "read") return { isAllowed: false, sentence: room.damage.value.sentence }
    return may(act, { role: meeting.me.value.role, hat: life.hat.value }, room.meta.value)
  }

  get mayDecide(): boolean {
    return this.ruling("decide").isAllowed
  }
}
