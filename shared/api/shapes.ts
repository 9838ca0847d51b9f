/** What goes over the HTTP surface, each thing once: the routes are made of these. */
import { z } from "zod"
import { longestRemark } from "../comments/thread.ts"
import { isPlainName } from "../people/roster.ts"
import { holdsRefused } from "../schema/characters.ts"

export const text = z.string()
export const shortText = z.string().trim().min(1).max(200)
/** A name of a person, a delegation, a body or a room. */
export const plainName = shortText.refine(isPlainName, "It holds signs that are no letters.")
export const source = z.string().regex(/^[A-Z][A-Z0-9-]{0,15}$/)
const blockId = z.string().min(1).max(64)
export const role = z.enum(["chair", "secretary", "delegate", "observer"])
export const after = z
  .object({ client: z.number().int().nonnegative(), n: z.number().int().nonnegative() })
  .describe("Run only once these updates of that client id's socket are committed or refused.")

/** The sitting as an act or a paper bears it. What nobody has said is ""; `chair`: who was present as chair. */
export const sittingShape = z.object({ body: text, room: text, date: text, chair: text })
/** The sitting in force. `id` null: none was opened, or the last one is over. `chair`: who is to preside; `present`: who does so now, "" for nobody;
 * `inHall`: the secretariat has stated that the one who is to preside sits in the hall, with a page of the meeting open or not. */
export const sittingNowShape = z.object({
  id: text.nullable(),
  body: text,
  room: text,
  date: text,
  chair: z.object({ id: text, name: text }).nullable(),
  present: text,
  inHall: z.boolean().optional(),
})
export const sittingTerms = z.object({
  body: plainName,
  room: plainName,
  date: z.iso.date(),
  // A person who was invited as chair, by id or by name; null: not said yet.
  chair: shortText.nullable(),
  // Whether this person sits in the hall without a page of the meeting: then present because the secretariat says so.
  inHall: z.boolean().optional(),
})
export const personShape = z.object({ id: text, name: text, role, hats: z.array(source) })
export const sourceShape = z.object({ code: source, name: text })
export const draftShape = z.object({
  id: text,
  title: text,
  designation: text,
  stage: z.enum(["drafting", "adopted"]),
  profile: z.enum(["itu", "un"]),
  sitting: sittingShape,
  openChanges: z.number().int(),
  openComments: z.number().int(),
  createdAt: text,
  /** What is damaged in it, and when what is shown was written; null: it is whole. Where it is not readable nothing can be shown. */
  damage: z.object({ sentence: text, until: text.nullable(), isReadable: z.boolean(), epoch: z.number().int() }).nullable(),
  /** The last loss that the operator accepted. */
  loss: z.object({ epoch: z.number().int(), at: text, sentence: text }).nullable(),
})
const segment = z.object({ block: text, kind: z.enum(["insertion", "deletion"]), from: z.number(), to: z.number(), text })
export const changeShape = z.object({
  id: text,
  hash: text,
  source,
  kind: z.enum(["insertion", "deletion", "replacement", "new clause", "split", "join", "clause deletion", "move", "level change"]),
  block: text,
  address: text,
  /** What it does, in words: of one that does several things, or does them in several clauses, each with its clause. */
  what: text,
  inserted: text,
  deleted: text,
  segments: z.array(segment),
  /** What becomes of blocks as a whole; `to`: joined into, moved behind (null: to the front), or the new level. */
  structure: z.array(
    z.object({
      kind: z.enum(["delete", "join", "move", "level"]),
      block: text,
      to: z.union([text, z.number().int()]).nullable(),
      text,
    }),
  ),
  newBlocks: z.array(text),
  inside: z.array(text),
  /** Of one that came too late for what it was to replace: what became of those words, and what accepting it does. */
  late: text.nullable(),
  /** Of what is left of a replacement one side of which was accepted: how the text will read. */
  otherSide: text.nullable(),
  enteredBy: text.nullable(),
  at: text.nullable(),
})
export const seen = z.object({ id: z.string().max(64), hash: z.string().length(64) })
export const offset = z.number().int().min(0)
// Of a stretch of the change the letters from `from` up to `to`, in UTF-16 units; or, of a replacement, only what comes in or what goes out.
export const part = z.union([
  z.strictObject({ segment: offset, from: offset, to: offset }),
  z.strictObject({ side: z.enum(["in", "out"]) }),
])
/**
 * `reopened`: open again. `waiting`: accepted before that decision; they wait again for what is open around them. `along`: entries that were taken back,
 * or opened again in part, with what was asked for.
 */
export const takenBack = z.object({
  n: z.number().int(),
  reopened: z.array(text),
  waiting: z.array(text).optional(),
  along: z.array(z.number().int()).optional(),
})
export const seenList = z.array(seen).min(1).max(5_000)
export const anchor = z.discriminatedUnion("on", [
  z.object({
    on: z.literal("words"),
    block: blockId,
    from: z.number().int().min(0),
    to: z.number().int().min(1),
    quote: z.string().min(1).max(10_000),
  }),
  z.object({ on: z.literal("clause"), block: blockId }),
  z.object({ on: z.literal("change"), block: blockId, change: z.string().max(64) }),
])
export const remark = z
  .string()
  .trim()
  .min(1)
  .max(longestRemark)
  // Half a letter has a sentence of its own.
  .refine(
    (words) => !words.isWellFormed() || !holdsRefused(words),
    "It holds signs that nobody sees, or that turn the direction of what follows. Leave them out.",
  )

/**
 * Of a file: whether it is only looked at, which text of a collection is meant, whose its authors' changes are, as JSON, and which of the delegations in it
 * come on the roster with it, with commas: what others say in it is not stated.
 */
export const fileQuery = z.object({
  preview: z.enum(["true"]).optional(),
  text: shortText.optional(),
  name: shortText.optional(),
  authors: z.string().max(20_000).optional(),
  roster: z
    .string()
    .regex(/^[A-Z0-9-]{1,16}(,[A-Z0-9-]{1,16}){0,299}$/, "The delegations that come on the roster are codes with commas between: J,SEN.")
    .optional(),
})
export const authorShape = z.object({ name: text, changes: z.number().int(), comments: z.number().int(), suggested: text.nullable() })
/** A source that a file itself gives words to, with their number; whether it is on the roster, as only what is there has words. */
export const saidShape = z.object({ code: text, changes: z.number().int(), comments: z.number().int(), isOnRoster: z.boolean() })
export const libraryShape = z.object({ designation: text, title: text })

export const formatShape = z.enum(["docx", "pdf", "html", "akn", "json", "txt"])
export const viewShape = z.enum(["force", "working", "proposed", "open", "against", "rolling"])
export const marksShape = z.enum(["delegation", "body", "plain"])
export const yesOrNo = z.enum(["true", "false"])
export const versionNumber = z.coerce.number().int().min(1)
/** A file that was published and is kept as it was. `hash`: SHA-256 of its bytes; `head`: how far the log went and its chain there, which the paper bears. */
export const publishedShape = z.object({
  hash: text,
  name: text,
  format: formatShape,
  view: viewShape,
  marks: marksShape,
  // Papers of earlier versions of the server do not say it.
  comments: z.boolean().optional(),
  bytes: z.number().int(),
  at: text,
  head: z.object({ seq: z.number().int(), chain: text }).optional(),
})
export const versionShape = z.object({
  n: z.number().int(),
  name: text,
  at: text,
  enteredBy: text,
  files: z.array(publishedShape),
})

/** The list that the secretariat keeps. Who made an invitation, and by which somebody came: null where the operator did, or nobody did. */
export const rosterShape = z.object({
  delegations: z.array(sourceShape),
  people: z.array(
    personShape.extend({
      isHere: z.boolean(),
      isWithdrawn: z.boolean(),
      /** What is damaged of what is stored about the person, in words: nobody comes in with it. */
      problem: text.optional(),
      since: text.nullable(),
      lastSeen: text.nullable(),
      invitation: text.nullable(),
    }),
  ),
  invitations: z.array(
    z.object({
      id: text,
      role,
      hats: z.array(source),
      person: text.nullable(),
      name: text.nullable(),
      madeAt: text,
      madeBy: text.nullable(),
      expiresAt: text,
      isWithdrawn: z.boolean(),
      /** How many people have come by it. */
      entered: z.number().int(),
    }),
  ),
})

/** What was read of a roster's file: a line a delegation, and what is wrong with others. */
export const rosterFileShape = z.object({
  rows: z.array(z.object({ line: z.number().int(), code: text, name: text, brings: z.enum(["new", "renamed", "same"]) })).readonly(),
  errors: z.array(z.object({ line: z.number().int(), field: z.enum(["code", "name", "line"]), say: text })).readonly(),
})
