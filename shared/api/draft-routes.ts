/** Routes to drafts: made of files, listed, read, joined. */
import { z } from "zod"
import { entryShape } from "./record.ts"
import { defineRoutes } from "./route.ts"
import { authorShape, changeShape, draftShape, fileQuery, libraryShape, saidShape, shortText, source, text } from "./shapes.ts"

export const draftRoutes = defineRoutes({
  drafts: { method: "get", path: "/drafts", summary: "The drafts that one may open", answer: z.array(draftShape) },
  importDraft: {
    method: "post",
    path: "/drafts",
    summary: "Import a file as a new draft: Word, Akoma Ntoso, plain text or the product's own JSON, told apart by content",
    takesFile: true,
    query: fileQuery.extend({ title: shortText.optional() }),
    answer: z.object({
      id: text.nullable(),
      understood: z.unknown(),
      authors: z.array(authorShape),
      said: z.array(saidShape),
      texts: z.array(libraryShape),
    }),
    status: 201,
  },
  importChanges: {
    method: "post",
    path: "/drafts/:draft/import",
    summary: "Take the tracked changes and comments of a file onto this draft, each at the words that it was made on",
    takesFile: true,
    // A file without tracked changes is compared with the text in force where one asks for it: a paper with some clauses only would delete all others.
    // Of a flattened one deletions are offered; `confirmed` lists the ids of those that are some, with commas.
    query: fileQuery.extend({ compare: z.enum(["true"]).optional(), confirmed: z.string().max(12_000).optional() }),
    answer: z.object({
      changes: z.array(text),
      // How many came; of a review how many would come.
      placed: z.number().int(),
      comments: z.number().int(),
      replies: z.number().int(),
      left: z.array(z.object({ what: text, why: text })),
      // What its source has proposed on this draft already, and what became of it: it is not put there again.
      already: z.array(z.object({ what: text, change: text, status: text })),
      // Clauses that the file adds and labels otherwise than they are labelled here, behind what stands before them.
      relabelled: z.array(z.object({ what: text, theirs: text, ours: text })),
      understood: z.unknown(),
      authors: z.array(authorShape),
      said: z.array(saidShape),
      texts: z.array(libraryShape),
      // Where the text that the file was made on is another; `isDecided`: what was decided on this draft since made it so.
      differences: z.array(z.object({ block: text.nullable(), address: text, theirs: text, ours: text, isDecided: z.boolean() })),
      // How many words of the text that the file was made on stand in this draft, and whether that makes it another text.
      match: z.object({ words: z.number().int(), here: z.number().int(), isOther: z.boolean() }),
      offered: z.array(z.object({ id: text, address: text, text, by: text })),
    }),
    status: 201,
  },
  draft: { method: "get", path: "/drafts/:draft", summary: "One draft", answer: draftShape },
  force: {
    method: "get",
    path: "/drafts/:draft/force",
    summary: "The sealed text in force that the draft revises, and what its import understood",
    answer: z.object({ blocks: z.array(z.unknown()).nullable(), hash: text.nullable(), imported: z.unknown() }),
  },
  join: {
    method: "post",
    path: "/drafts/:draft/join",
    summary: "Be given client ids for the websocket, bound for ever to the person and one of its hats",
    body: z.object({ as: source.optional() }).default({}),
    answer: z.object({
      clientId: z.number().int(),
      spare: z.number().int(),
      /** Shown with the ids on the websocket, as `pass`: an id may have been given again since the server's folder was set back. */
      pass: text,
      as: source.nullable(),
      /** Of which log they are: what was written under one means nothing in another. */
      log: text,
      epoch: z.number().int(),
      seq: z.number().int(),
    }),
    status: 201,
  },
  changes: {
    method: "get",
    path: "/drafts/:draft/changes",
    summary: "The open changes, with who entered each and when",
    answer: z.array(changeShape),
  },
  changeEntered: {
    method: "get",
    path: "/drafts/:draft/changes/:change/entered",
    summary: "Who entered a change, and when: for its own delegation, for another, or in a file that somebody brought",
    answer: z.object({ how: z.enum(["own", "for", "file"]), by: text.nullable(), at: text.nullable(), broughtBy: text.nullable() }),
  },
  register: { method: "get", path: "/drafts/:draft/register", summary: "The record of decisions", answer: z.array(entryShape) },
})
