import type { Role } from "../../shared/policy/policy.ts"

/** A person as the server knows it at this moment; rights are read from it on every update. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly hats: readonly string[]
  readonly isRevoked: boolean
}

/** One open socket in a room. */
export interface Session {
  /** The person now: read anew each time, so that a change of role or a revocation works at once. */
  person(): Person
  /** The joined client id, or null for a socket that only reads. */
  readonly client: number | null
  /** The source bound to the client id. */
  readonly source: string | null
  /** Whether it understands our own messages (v=1). */
  readonly speaksOurs: boolean
  send(frame: Uint8Array): void
  close(code: number, reason: string): void
  /** Bytes waiting to be sent. */
  buffered(): number
}
