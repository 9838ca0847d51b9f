/** The HTTP surface as OpenAPI 3.1 describes it, generated from the validators of the contract. */
import { z } from "zod"
import { apiRoot, damageHeader, type RouteName, routes } from "./contract.ts"
import { type ProblemKind, problemShape, problems } from "./problems.ts"
import type { Route } from "./route.ts"

type Json = Readonly<Record<string, unknown>>
interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Json>>
  readonly required?: readonly string[]
}

const jsonOf = (shape: z.ZodType, io: "input" | "output"): Json => z.toJSONSchema(shape, { io, unrepresentable: "any" })

function parametersOf(route: Route): Json[] {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: "path", required: true, schema: { type: "string" } }))
  const { properties = {}, required = [] } = route.query ? (jsonOf(route.query, "input") as ObjectSchema) : {}
  const inQuery = Object.entries(properties).map(([name, schema]) => ({ name, in: "query", required: required.includes(name), schema }))
  return [...inPath, ...inQuery]
}

const file: Json = { "application/octet-stream": { schema: { type: "string", format: "binary" } } }

function requestBodyOf(route: Route): Json {
  if (route.takesFile) return { requestBody: { required: true, content: file } }
  if (!route.body) return {}
  // One in which everything may be left out may be left out itself.
  const required = !route.body.safeParse(undefined).success
  return { requestBody: { required, content: { "application/json": { schema: jsonOf(route.body, "input") } } } }
}

function doneOf(route: Route): Json {
  const content = route.answer ? { "application/json": { schema: jsonOf(route.answer, "output") } } : route.givesFile ? file : undefined
  const damaged = { description: "The draft is damaged: why, in a sentence", schema: { type: "string" } }
  return {
    description: "Done",
    ...(route.path.includes(":draft") ? { headers: { [damageHeader]: damaged } } : {}),
    ...(content ? { content } : {}),
  }
}

/** The kinds of problem that a route can answer with. */
function problemsOf(route: Route): ProblemKind[] {
  const kinds: ProblemKind[] = ["bad-input", "not-allowed", "too-many", "store-failed"]
  if (!route.isPublic) kinds.push("not-signed-in")
  if (route.path.includes(":")) kinds.push("not-found")
  if (route.method !== "get") kinds.push("conflict", "too-large")
  if (route.takesFile) kinds.push("unsupported")
  return kinds
}

function responsesOf(route: Route): Json {
  const problem = (kind: ProblemKind): Json => ({ $ref: `#/components/responses/${kind}` })
  return {
    [route.status ?? (route.answer || route.givesFile ? 200 : 204)]: doneOf(route),
    ...Object.fromEntries(problemsOf(route).map((kind) => [problems[kind].status, problem(kind)])),
  }
}

const problemResponse = (title: string): Json => ({
  description: title,
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
})

/** The description, for a program that calls the server. */
export function openApi(version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const path = `${apiRoot}${route.path.replace(/:(\w+)/g, "{$1}")}`
    paths[path] ??= {}
    paths[path][route.method] = {
      operationId: name,
      summary: route.summary,
      parameters: parametersOf(route),
      ...requestBodyOf(route),
      responses: responsesOf(route),
      ...(route.isPublic ? { security: [] } : {}),
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: "Clausula", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    security: [{ signIn: [] }],
    paths,
    components: {
      // Over TLS its name is `__Host-clausula`.
      securitySchemes: {
        signIn: { type: "apiKey", in: "cookie", name: "clausula", description: "Given by POST /session for an invitation." },
      },
      schemas: { Problem: jsonOf(problemShape, "output") },
      responses: Object.fromEntries(Object.entries(problems).map(([kind, { title }]) => [kind, problemResponse(title)])),
    },
  }
}
