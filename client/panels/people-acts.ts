import type { Roster } from "../../shared/api/contract.ts"
import type { MeetingHere } from "../meeting/meeting.ts"

/** A link that was just made. */
export interface NewLink {
  readonly whom: string
  readonly url: string
  readonly expiresAt: string
}

/** What the pages of the list stand on. */
export interface ListActs {
  readonly roster: Roster
  readonly meeting: MeetingHere
  readonly isBusy: boolean
  /** Does something on the server and reads the list anew; its outcome, or why it failed, is said in a sentence. */
  run(act: () => Promise<string>): Promise<void>
  /** Shows a link that was just made. */
  show(link: NewLink): void
}

/** The address by which one enters with a token; behind `#` it reaches no log. */
export const addressOf = (token: string): string => `${location.origin}/enter#${token}`
