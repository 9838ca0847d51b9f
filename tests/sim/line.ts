import type { Session } from "../../server/people/session.ts"
import type { Guest } from "./people.ts"

/**
 * A socket between a guest and the room, which delivers when told. It may be cut on one side alone: then frames go nowhere, and the other side believes
 * that it stands.
 */
export class Line {
  readonly guest: Guest
  readonly client: number
  session!: Session
  readonly up: Uint8Array[] = []
  readonly down: Uint8Array[] = []
  /** What the guest has sent that counts, in order: until which clock of its own each reaches. */
  readonly sent: number[] = []
  isOpenHere = true
  isOpenThere = true
  /** The room has closed it: the guest hears of that once it has read what came before. */
  closing: number | null = null
  isRefused = false

  constructor(guest: Guest, client: number) {
    this.guest = guest
    this.client = client
  }

  sendUp(frame: Uint8Array): void {
    if (this.isOpenHere) this.up.push(frame)
  }
}
