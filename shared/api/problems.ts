/** What can go wrong with a request, as RFC 9457 has it: each kind with its status and its title. */
import { z } from "zod"
import { rosterFileShape } from "./shapes.ts"

export const problems = {
  "bad-input": { status: 400, title: "This cannot be read" },
  "not-signed-in": { status: 401, title: "Not signed in" },
  "not-allowed": { status: 403, title: "Not allowed" },
  "not-found": { status: 404, title: "Not found" },
  conflict: { status: 409, title: "Changed meanwhile" },
  "too-large": { status: 413, title: "Too large" },
  unsupported: { status: 415, title: "Not a kind of file that is read" },
  "too-many": { status: 429, title: "Too many requests" },
  "store-failed": { status: 503, title: "The store failed" },
} as const

export type ProblemKind = keyof typeof problems

export const problemKinds = Object.keys(problems) as ProblemKind[]

/** The URN that tells a kind of problem from another. */
export const problemType = (kind: ProblemKind): string => `urn:clausula:problem:${kind}`

const text = z.string()
const texts = z.array(text).readonly()

/** What goes beside the standard members of a problem, to go on from it. */
export const problemDetails = z.object({
  /** After so many seconds it may be tried again. */
  seconds: z.number().optional(),
  /** Entries of the record that have to be taken back first, in this order; and one that cannot be. */
  first: z.array(z.number().int()).readonly().optional(),
  stuck: z.number().int().optional(),
  /** Changes as they are now, where they were decided as they were before, or would end unseen; and those that are there no more. */
  fresh: z
    .array(z.object({ id: text, hash: text }))
    .readonly()
    .optional(),
  gone: texts.optional(),
  /** Changes of which one can be accepted only. */
  competing: texts.optional(),
  /** The change of which this part cannot be decided alone. */
  part: text.optional(),
  /** The change that is not wholly inside one's own. */
  outside: text.optional(),
  /** Of a file: what it brings that one may not bring, and whose that is; the texts that it holds; what is wrong in a roster, and what was read of it. */
  left: z
    .array(z.object({ what: text, why: text }))
    .readonly()
    .optional(),
  foreign: text.nullable().optional(),
  texts: z
    .array(z.object({ designation: text, title: text }))
    .readonly()
    .optional(),
  ...rosterFileShape.partial().shape,
  /** Who enters must say: another name; or whether they are one of these `people`. `others`: who has the name and cannot be meant. */
  needs: z.enum(["name", "same"]).optional(),
  people: z
    .array(z.object({ id: text, name: text, since: text.nullable() }))
    .readonly()
    .optional(),
  others: z
    .array(z.object({ name: text, standing: text, isColleague: z.boolean() }))
    .readonly()
    .optional(),
  /** How the meeting would see who goes on as another person. */
  asAnother: text.optional(),
})
export type ProblemDetails = Readonly<z.output<typeof problemDetails>>

/** A problem as RFC 9457 has it. */
export const problemShape = z.looseObject({
  type: z.enum(problemKinds.map(problemType)),
  title: z.string(),
  status: z.number().int(),
  /** The sentence, for a person: what, where, what to do. */
  detail: z.string(),
  ...problemDetails.shape,
})
export type Problem = z.output<typeof problemShape>
