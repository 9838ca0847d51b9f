import { hourOf } from "./storage/hour.ts"
import type { Loss, Proof } from "./storage/store.ts"

/** What people are told of a draft of which not all could be proven. */
export interface Damage {
  readonly sentence: string
  /** When what is shown was written, ISO 8601, UTC; null where nothing can be shown. */
  readonly until: string | null
  readonly isReadable: boolean
  readonly epoch: number
}

/** For what the log proves and yet this program cannot read. */
const unreadableSentence =
  "This draft cannot be shown: what is stored of it cannot be read as a draft. The operator finds more in the server's log."

export const unreadable: Damage = { sentence: unreadableSentence, until: null, isReadable: false, epoch: 1 }

const untilThen = "Nobody can write in it until the operator has put a backup in its place or accepted the loss."

/** What is damaged in a draft, what is shown of it and what to do, in sentences for everybody; null where it is whole (rules DAM). */
export function damageOf({ damage, seq, at, epoch }: Proof): Damage | null {
  if (damage === null) return null
  const isReadable = seq > 0
  const shown = isReadable && at ? `What is shown is the draft as it was on ${hourOf(at)}.` : "Nothing of it can be shown."
  return { sentence: `This draft is damaged. ${damage} ${shown} ${untilThen}`, until: isReadable ? at : null, isReadable, epoch }
}

/** What is told of a draft that is gone: the operator accepted the loss of all of it. */
export const goneDamage = ({ at, epoch, sentence }: Loss): Damage => ({
  sentence: `This draft is gone. On ${hourOf(at)} the operator accepted its loss. ${sentence}`,
  until: null,
  isReadable: false,
  epoch,
})
