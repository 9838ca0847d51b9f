import type { ProblemDetails, ProblemKind } from "../shared/api/problems.ts"

export type { ProblemDetails, ProblemKind }

/** An error whose message is a sentence for a person: what, where, what to do. `details` travel beside it. */
export class DomainError extends Error {
  readonly kind: ProblemKind
  readonly details: ProblemDetails
  constructor(kind: ProblemKind, sentence: string, details: ProblemDetails = {}, options?: ErrorOptions) {
    super(sentence, options)
    this.kind = kind
    this.details = details
  }

  /** The sentence for everybody: it names no place on the server. */
  get told(): string {
    return this.message
  }
}
