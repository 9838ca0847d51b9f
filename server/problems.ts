/** What a person's world can do wrong: turned into problem+json, a close code or an exit code in one place each. */
export type ProblemKind =
  | "bad-input"
  | "not-signed-in"
  | "not-allowed"
  | "not-found"
  | "conflict"
  | "too-large"
  | "unsupported"
  | "too-many"
  | "store-failed"

/** An error whose message is a sentence for a person: what, where, what to do. `details` travel beside it. */
export class DomainError extends Error {
  readonly kind: ProblemKind
  readonly details: Readonly<Record<string, unknown>>
  constructor(kind: ProblemKind, sentence: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(sentence, options)
    this.kind = kind
    this.details = details
  }

  /** The sentence for everybody: it names no place on the server. */
  get told(): string {
    return this.message
  }
}
