/** An entry of the record of decisions, as a union by its act: what each keeps. */
import { z } from "zod"
import { part, publishedShape, sittingShape } from "./shapes.ts"

const text = z.string()
const count = z.number().int()

/** A change in an entry. Imports and untied links say less of it than decisions do. */
export const recordedChangeShape = z.object({
  id: text,
  source: text,
  /** All that proposed it; the first one's words were written. */
  sources: z.array(text).optional(),
  address: text,
  what: text,
  /** Accepted, and takes effect with the proposal around it. */
  waits: z.boolean().optional(),
  /** Of what waits, or goes after it has waited: a part of it is in the text. */
  inPart: z.literal(true).optional(),
  /** No letter of it comes: accepted deletions take all of them out. */
  struck: z.literal(true).optional(),
  /** SHA-256 of `seen`; that is the JSON that was hashed, or, of a long one, the hashes of its parts (HASH2). */
  hash: text.optional(),
  seen: z.union([text, z.object({ parts: z.array(text) })]).optional(),
  /** What overtook it, or whose words stand for it. */
  by: text.optional(),
  /** Only this of it was decided, as `what` says. `rest`: the change that stays open with what is left. */
  part: part.optional(),
  rest: text.optional(),
  /** The clauses that it proposed something about as wholes, and those behind or into which it put them. */
  about: z.array(text).optional(),
  /** Where it had come too late for what it was to replace: what was said of that when it was decided (RIVAL4). */
  late: text.optional(),
})
const changes = z.array(recordedChangeShape)

/** A clause that an act touched: its working text before and after. Null: it was not there, or no longer is. */
export const recordedBlockShape = z.object({ id: text, address: text, before: text.nullable(), after: text.nullable() })

/** What the record keeps of a decision, so that it can be proven from the record alone. */
const decision = z.object({
  changes,
  identical: changes,
  overtaken: changes,
  superseded: changes,
  /** Accepted before with the proposal around them, and in the text from now on. */
  effective: changes,
  blocks: z.array(recordedBlockShape),
})
/** Entries that were taken back along with what was asked for; with `changes` only those of it were opened again. */
const along = z.array(z.object({ n: count, changes: z.array(text).optional() })).optional()
const thread = z.object({ thread: text })
const remark = z.object({ thread: text, address: text, quote: text.optional(), text })

const detailsOf = {
  accept: decision,
  notRetain: decision,
  withdraw: decision,
  /** `settled`: what waited and fell, or took effect, as what stood around it was taken back in the text. */
  takeEffect: decision.extend({ settled: z.array(z.object({ id: text })) }),
  /** `undoes`: the entry that was asked for. */
  takeBack: z.object({ undoes: count, along, changes }),
  reopenChange: z.object({ of: count, along, changes }),
  incorporate: z.object({ into: text, changes }),
  attribute: z.object({ to: text, changes, remarks: z.array(remark).optional() }),
  untie: z.object({ changes }),
  importChanges: z.object({ file: text, changes, comments: count, replies: count, left: count, already: count }),
  comment: remark.extend({ block: text }),
  reply: thread.extend({ text }),
  resolve: thread,
  reopen: thread,
  secretaryOperates: z.object({ secretaryOperates: z.boolean() }),
  openToPublic: z.object({ view: z.enum(["working", "open"]).nullable() }),
  nameVersion: z.object({ n: count, name: text }),
  publish: z.object({ version: count, versionName: text, file: publishedShape }),
  adopt: z.object({ hash: text }),
  import: z.object({ blocks: count, warnings: count, title: text, designation: text, forceHash: text.nullable() }),
  acceptLoss: z.object({ epoch: count, sentence: text, seq: count, until: text.nullable() }),
} as const

export type ActName = keyof typeof detailsOf

const common = {
  n: count,
  at: text,
  decidedBy: text,
  enteredBy: text,
  source: text,
  sitting: sittingShape,
  /** The row of the log that it wrote: without one it cannot be taken back. */
  row: count.optional(),
}

const entryOf = <Act extends ActName>(act: Act) => z.object({ ...common, act: z.literal(act), details: detailsOf[act] })

export const entryShape = z.discriminatedUnion("act", [
  entryOf("accept"),
  entryOf("notRetain"),
  entryOf("withdraw"),
  entryOf("takeEffect"),
  entryOf("takeBack"),
  entryOf("reopenChange"),
  entryOf("incorporate"),
  entryOf("attribute"),
  entryOf("untie"),
  entryOf("importChanges"),
  entryOf("comment"),
  entryOf("reply"),
  entryOf("resolve"),
  entryOf("reopen"),
  entryOf("secretaryOperates"),
  entryOf("openToPublic"),
  entryOf("nameVersion"),
  entryOf("publish"),
  entryOf("adopt"),
  entryOf("import"),
  entryOf("acceptLoss"),
])
