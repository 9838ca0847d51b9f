import { type Answer, apiRoot, type Problem, type RequestBody, type RouteName, routes } from "../shared/api/contract.ts"

/** What the server answered in place of a result: a sentence for the person, and what goes with it. */
export class ApiProblem extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

const unreachable: Problem = {
  type: "urn:clausula:problem:offline",
  title: "No connection",
  status: 0,
  detail: "The server cannot be reached. Check the network; what you typed is kept here.",
}

interface CallOptions<Name extends RouteName> {
  readonly body?: RequestBody<Name>
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  /** For routes that take a file. */
  readonly file?: Blob
}

function addressOf(path: string, params: Readonly<Record<string, string>>, query: Readonly<Record<string, string>>): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""))
  const search = new URLSearchParams(query).toString()
  return `${apiRoot}${filled}${search && `?${search}`}`
}

/** Calls a route of the contract. Throws an ApiProblem with the server's sentence, or one that says that there is no connection. */
export async function call<Name extends RouteName>(name: Name, options: CallOptions<Name> = {}): Promise<Answer<Name>> {
  const route = routes[name]
  const address = addressOf(route.path, options.params ?? {}, options.query ?? {})
  const isJson = options.file === undefined && route.method === "post"
  let response: Response
  try {
    response = await fetch(address, {
      method: route.method.toUpperCase(),
      ...(isJson ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(options.body ?? {}) } : {}),
      ...(options.file ? { headers: { "Content-Type": "application/octet-stream" }, body: options.file } : {}),
    })
  } catch {
    throw new ApiProblem(unreachable)
  }
  if (response.status === 204) return undefined as Answer<Name>
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok)
    throw new ApiProblem(
      (answer as Problem | null) ?? { ...unreachable, status: response.status, detail: `The server answered ${response.status}.` },
    )
  return answer as Answer<Name>
}
