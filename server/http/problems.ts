import type { ErrorRequestHandler, Response } from "express"
import type { Logger } from "pino"
import { problems, problemType } from "../../shared/api/problems.ts"
import { tooLargeFile } from "../files/foreign.ts"
import { largestFile } from "../files/read-file.ts"
import { DomainError, type ProblemDetails, type ProblemKind } from "../problems.ts"
import { DamageError } from "../storage/store.ts"

/** Answers with problem+json (RFC 9457). */
export function sendProblem(response: Response, kind: ProblemKind, detail: string, details: ProblemDetails = {}): void {
  const { status, title } = problems[kind]
  if (details.seconds !== undefined) response.setHeader("Retry-After", String(details.seconds))
  response
    .status(status)
    .type("application/problem+json")
    .send(JSON.stringify({ type: problemType(kind), title, status, detail, ...details }))
}

/** Errors of express and body-parser carry a status and a type of their own. */
interface ParserError extends Error {
  readonly type?: string
  readonly status?: number
  /** Of a body that is too large: the most that is taken, and how long it says it is, in bytes. */
  readonly limit?: number
  readonly length?: number
}

function tooLarge({ limit, length = null }: { readonly limit?: number; readonly length?: number | null }): string {
  if (limit === largestFile) return tooLargeFile("The file", length, largestFile)
  const most = limit === undefined ? "less" : `at most ${Math.round(limit / 1024)} kB`
  return `What you sent is too large: this address takes ${most} at once. Shorten it, or send it in parts.`
}

/** Turns what a handler threw into an answer; what nobody expected is logged and said without its inside. */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error: ParserError, _request, response, next) => {
    if (response.headersSent) return next(error)
    if (error instanceof DomainError) return sendProblem(response, error.kind, error.told, error.details)
    if (error.type === "entity.too.large") return sendProblem(response, "too-large", tooLarge(error))
    if (error.type === "entity.parse.failed") return sendProblem(response, "bad-input", `The body is not JSON: ${error.message}.`)
    if (error.status !== undefined && error.status < 500)
      return sendProblem(response, "bad-input", `The request cannot be read: ${error.message}.`)
    // No fault of ours: what is wrong is in the store, and the sentence says where.
    if (error instanceof DamageError) {
      log.error({ damage: error.message }, "a draft is damaged")
      return sendProblem(response, "store-failed", `${error.message} Nobody writes to it until the operator has put it right.`)
    }
    log.error({ err: error }, "request failed")
    sendProblem(response, "store-failed", "Something failed on the server. Nothing was changed; try again.")
  }
}
