import { type Answer, apiRoot, type RequestBody, type RouteName, routes } from "../../shared/api/contract.ts"
import type { Problem } from "../../shared/api/problems.ts"

/** What the server answered in place of a result: a sentence for the person, and what goes with it. */
export class ApiProblem extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** So begins what is said while the server is away; it is true no longer once the line is back. */
export const unreachableSaid = "The server cannot be reached."

const unreachable: Problem = {
  type: "urn:clausula:problem:offline",
  title: "No connection",
  status: 0,
  detail: `${unreachableSaid} Check the network; what you typed is kept here.`,
}

interface CallOptions<Name extends RouteName> {
  readonly body?: RequestBody<Name>
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
}

function addressOf(path: string, params: Readonly<Record<string, string>>, query: Readonly<Record<string, string>>): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""))
  const search = new URLSearchParams(query).toString()
  return `${apiRoot}${filled}${search && `?${search}`}`
}

/** A file on its way, and the answer that it will get. */
export interface Sending<Name extends RouteName> {
  readonly answer: Promise<Answer<Name>>
  /** Ends it: the server stops reading. */
  readonly cancel: () => void
}

/**
 * Sends a file to a route that takes one. `onProgress` hears how much of it has gone, from 0 to 1, then null while the server reads. Cancelled, it is
 * answered by nothing.
 */
export function send<Name extends RouteName>(
  name: Name,
  options: CallOptions<Name> & { readonly file: Blob; readonly onProgress?: (share: number | null) => void },
): Sending<Name> {
  const request = new XMLHttpRequest()
  const answer = new Promise<Answer<Name>>((resolve, reject) => {
    request.open("POST", addressOf(routes[name].path, options.params ?? {}, options.query ?? {}))
    request.setRequestHeader("Content-Type", "application/octet-stream")
    request.responseType = "json"
    request.upload.onprogress = (event) => options.onProgress?.(event.lengthComputable ? event.loaded / event.total : null)
    request.upload.onload = () => options.onProgress?.(null)
    request.onerror = () => reject(new ApiProblem(unreachable))
    request.onload = () => {
      const given = request.response as unknown
      if (request.status < 300) resolve(given as Answer<Name>)
      else reject(new ApiProblem((given as Problem | null) ?? answered(request.status)))
    }
    request.send(options.file)
  })
  return { answer, cancel: () => request.abort() }
}

const answered = (status: number): Problem => ({ ...unreachable, status, detail: `The server answered ${status}.` })

/** Calls a route of the contract. Throws an ApiProblem with the server's sentence, or one that says that there is no connection. */
export async function call<Name extends RouteName>(name: Name, options: CallOptions<Name> = {}): Promise<Answer<Name>> {
  const route = routes[name]
  const address = addressOf(route.path, options.params ?? {}, options.query ?? {})
  const isJson = route.method === "post"
  let response: Response
  try {
    response = await fetch(address, {
      method: route.method.toUpperCase(),
      ...(isJson ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(options.body ?? {}) } : {}),
    })
  } catch {
    throw new ApiProblem(unreachable)
  }
  if (response.status === 204) return undefined as Answer<Name>
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok) throw new ApiProblem((answer as Problem | null) ?? answered(response.status))
  return answer as Answer<Name>
}
