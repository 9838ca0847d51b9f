/** What the contract says of a route. */
import type { z } from "zod"

export interface Route {
  readonly method: "get" | "post" | "delete"
  /** Express form, under `apiRoot`. */
  readonly path: string
  readonly summary: string
  readonly body?: z.ZodType
  readonly query?: z.ZodType
  readonly answer?: z.ZodType
  readonly status?: number
  /** The body is a file, not JSON. */
  readonly takesFile?: boolean
  /** The answer is a file, not JSON. */
  readonly givesFile?: boolean
  readonly isPublic?: boolean
}

/** A family of routes, with the exact type of each. */
export const defineRoutes = <const Routes extends Record<string, Route>>(routes: Routes): Routes => routes
