// What a draft from a file is made of: its kinds, levels, sources, names and dates, and that what is no running text holds no sign that no text takes. Words and
// places in them are looked at by `fit`, sizes by `bounds`.
import { z } from "zod"
import { type BlockType, blockTypes } from "../../shared/schema/block.ts"
import { notStated, sourcePattern } from "../../shared/schema/keys.ts"
import { longestBlockId } from "../../shared/schema/structure.ts"
import { strangeSign } from "./characters.ts"
import { isDate } from "./dates.ts"

/** Longest name of somebody that is taken, in UTF-16 units. */
const longestName = 512

/** Longest that a clause which is gone is spoken of in a file. */
export const longestAddress = 200

const offset = z.number().int().min(0)
const segment = z.object({ block: z.string(), kind: z.enum(["insertion", "deletion"]), from: offset, to: offset })
const blockName = z.string().max(longestBlockId)
const structure = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("delete"), block: blockName }),
  z.object({ kind: z.literal("join"), block: blockName, into: blockName, apart: z.literal(true).optional() }),
  z.object({ kind: z.literal("move"), block: blockName, after: blockName.nullable() }),
  z.object({ kind: z.literal("level"), block: blockName, level: z.number().int().min(1).max(4) }),
])
const source = z
  .string()
  .regex(sourcePattern, "a source is 1 to 16 capitals, digits or hyphens")
  .nullable()
  .transform((code) => (code === notStated ? null : code))
const isPlain = (text: string): boolean => strangeSign(text) === null
const said = "it holds a sign that no text takes"
const person = z.string().max(longestName, "no name is so long").refine(isPlain, said).nullable().default(null)
const when = z
  .string()
  // Files that earlier versions of ours have published say "" of what nobody has said.
  .refine((text) => text === "" || isDate(text), "it is no date such as 2026-03-01T10:00:00Z")
  .nullable()
  .default(null)
const id = z
  .string()
  .regex(/^[\w.-]{1,64}$/, "an id is 1 to 64 letters, digits, points, hyphens or underscores")
  // What every object has is no block's own.
  .refine((name) => !(name in {}), "this id is taken by the program itself")
const plain = z.string().refine(isPlain, said)

const type = z.enum(blockTypes as [BlockType, ...BlockType[]])
const block = z.object({
  id,
  type,
  part: z.enum(["preamble", "operative"]).optional(),
  level: z.number().int().min(1).max(4).optional(),
  label: plain.max(64).optional(),
  importedLabel: plain.max(64).optional(),
  shownLabel: plain.max(64).optional(),
  renumbered: z.object({ was: plain.max(64), source: source.default(null), enteredBy: person, date: when }).optional(),
  dir: z.enum(["rtl", "ltr"]).optional(),
  origin: id.nullable().optional(),
  text: z.string(),
})
const notes = z
  .array(
    z.object({
      id,
      label: z.string(),
      text: z.string(),
      block: z.string().nullable().default(null),
      at: offset.nullable().default(null),
    }),
  )
  .default([])
const inForce = z.object({
  blocks: z.array(block),
  notes,
  left: z.array(z.object({ id, type, origin: id.nullable(), joined: id, behind: id.nullable() })).default([]),
  accepted: z
    .array(
      z.object({
        source: source.default(null),
        segments: z.array(z.object({ block: blockName, kind: z.enum(["insertion", "deletion"]), text: plain })).default([]),
        acts: z
          .array(z.object({ kind: z.enum(["delete", "join", "move", "level"]), block: blockName, origin: blockName.nullable() }))
          .default([]),
      }),
    )
    .default([]),
})

export const fileDraftShape = z.object({
  profile: z.enum(["itu", "un"]).default("itu"),
  cover: z.array(z.object({ field: plain.nullable(), text: plain })).default([]),
  blocks: z.array(block).min(1, "a draft has at least one block"),
  changes: z
    .array(
      z.object({
        id: z.string(),
        kind: z.enum(["insertion", "deletion", "replacement", "move", "structure"]),
        source: source.default(null),
        enteredBy: person,
        date: when,
        block: z.string(),
        text: z.string(),
        replacedBy: z.string().optional(),
        newBlocks: z.array(z.string()).optional(),
        segments: z.array(segment).optional(),
        structure: z.array(structure).optional(),
        inside: z.array(z.string()).optional(),
      }),
    )
    .default([]),
  comments: z
    .array(
      z.object({
        id: z.string(),
        by: person,
        source: source.optional(),
        date: when,
        block: z.string().nullable().default(null),
        quote: z.string().default(""),
        text: plain,
        replies: z.array(z.object({ by: person, source: source.optional(), date: when, text: plain })).default([]),
        resolved: z.boolean().default(false),
        at: z.object({ from: offset, to: offset }).optional(),
        further: z.array(z.object({ block: z.string(), from: offset, to: offset })).optional(),
        change: z.string().optional(),
        lost: z.enum(["words", "clause"]).optional(),
        address: z.string().max(longestAddress).optional(),
      }),
    )
    .default([]),
  notes,
  inForce: inForce.optional(),
  debris: z.array(z.string()).default([]),
  warnings: z.array(z.object({ code: z.string(), block: z.string().optional(), message: z.string() })).default([]),
})
