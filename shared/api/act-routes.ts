/** Routes to what people do to a draft; each has an act of its name (`server/acts/`). */
import { z } from "zod"
import { defineRoutes } from "./route.ts"
import { after, anchor, offset, part, remark, seen, seenList, source, takenBack, text } from "./shapes.ts"

export const actRoutes = defineRoutes({
  decide: {
    method: "post",
    path: "/drafts/:draft/decisions",
    summary: "Accept changes into the text, or not retain them, each as it was seen",
    body: z.object({
      verdict: z.enum(["accept", "notRetain"]),
      // With `part` only that part is decided; what is left stays open as a change of its own.
      changes: z
        .array(seen.extend({ part: part.optional() }))
        .min(1)
        .max(5_000),
      // What is no longer as it was seen, and what competes, is left out and told, in place of deciding nothing.
      partial: z.boolean().default(false),
      // Also insertions at one place, in the order of the document.
      together: z.boolean().default(false),
      // What the chair was told that ends with it; where anything else would, nothing is decided. Without this whatever ends does, and the answer tells it.
      ends: z.array(text).max(20_000).optional(),
      // What of it the chair was told takes effect only with the proposal around it; where anything else would, nothing is decided. Without
      // this whatever waits does, and the answer tells it.
      waits: z.array(text).max(20_000).optional(),
      after: after.optional(),
    }),
    answer: z.object({
      decided: z.array(text),
      identical: z.array(text),
      overtaken: z.array(text),
      competing: z.array(z.object({ kind: z.enum(["rivals", "at one place", "forestalled", "clause goes"]), changes: z.array(text) })),
      stale: z.array(z.unknown()),
      gone: z.array(text),
      superseded: z.array(text),
      // Of these, what was accepted before and waited for the proposal around it.
      lapsed: z.array(text),
      // Of what was accepted, what takes effect only with the proposal around it.
      noted: z.array(text),
      // What was accepted before, waited, and takes effect now.
      effective: z.array(text),
      // Of what waits, or goes after it has waited, those of which a part is in the text.
      inPart: z.array(text),
      // Accepted, and no letter comes of it: deletions that were accepted take all of them out.
      struck: z.array(text),
      // Of a change that was decided in part, the change that goes on with what is left.
      parts: z.array(z.object({ change: text, rest: text })),
    }),
  },
  takeBack: {
    method: "post",
    path: "/drafts/:draft/decisions/taken-back",
    summary:
      "Take back a decision of the record: what it decided is open again; 409 names in `first` all entries to take back before it, in this order, and as `stuck` one that cannot be",
    body: z.object({ n: z.number().int().min(1), after: after.optional() }),
    answer: takenBack,
  },
  reopen: {
    method: "post",
    path: "/drafts/:draft/decisions/reopened",
    summary: "Open a decided change again, with what its decision ended; what was decided together with it stays decided",
    body: z.object({ change: z.string().max(64), after: after.optional() }),
    answer: takenBack,
  },
  withdraw: {
    method: "post",
    path: "/drafts/:draft/proposals",
    summary: "Withdraw open changes of one's own source, or take those of others inside one's own into it",
    body: z.object({ act: z.enum(["withdraw", "incorporate"]), as: source.optional(), changes: seenList, after: after.optional() }),
    answer: z.object({
      withdrawn: z.array(text),
      incorporated: z.array(text),
      // Accepted before, waiting for what is withdrawn, and gone with it; `inPart`: a part of it is in the text and stays.
      lapsed: z.array(z.object({ change: text, source: text, what: text, inPart: z.boolean() })),
    }),
  },
  untie: {
    method: "post",
    path: "/drafts/:draft/links",
    summary: "Untie changes that are decided by one verdict: each is decided by itself from now on",
    body: z.object({ change: text.max(64), after: after.optional() }),
    answer: z.object({ untied: z.array(text) }),
  },
  attribute: {
    method: "post",
    path: "/drafts/:draft/attributions",
    summary: "State whose changes, and whose remarks in threads, are whose file did not say it; a remark by its place in its thread",
    body: z.object({
      source,
      changes: z.array(seen).max(5_000),
      remarks: z
        .array(z.object({ thread: text.max(64), remark: offset.max(1_000) }))
        .max(5_000)
        .optional(),
      after: after.optional(),
    }),
    answer: z.object({ attributed: z.array(text), remarks: z.number().int() }),
  },
  comment: {
    method: "post",
    path: "/drafts/:draft/threads",
    summary: "Comment on words, a clause or a change; everybody who may open the draft reads it",
    body: z.object({ as: source.optional(), anchor, text: remark, after: after.optional() }),
    answer: z.object({ id: text }),
    status: 201,
  },
  reply: {
    method: "post",
    path: "/drafts/:draft/threads/:thread/replies",
    summary: "Reply in a thread",
    body: z.object({ as: source.optional(), text: remark }),
    answer: z.object({ id: text }),
    status: 201,
  },
  resolveThread: {
    method: "post",
    path: "/drafts/:draft/threads/:thread/state",
    summary: "Resolve or reopen a thread",
    body: z.object({ as: source.optional(), resolved: z.boolean() }),
    answer: z.object({ id: text, resolved: z.boolean() }),
  },
  settings: {
    method: "post",
    path: "/drafts/:draft/settings",
    summary: "The chair lets the secretary operate, or no longer",
    body: z.object({ secretaryOperates: z.boolean() }),
    answer: z.object({ secretaryOperates: z.boolean() }),
  },
  openToPublic: {
    method: "post",
    path: "/drafts/:draft/public",
    summary: "Open a page of the draft that everybody may read without signing in, or close it: /public/{draft}",
    body: z.object({ view: z.enum(["working", "open"]).nullable() }),
    answer: z.object({ view: z.enum(["working", "open"]).nullable() }),
  },
  adopt: {
    method: "post",
    path: "/drafts/:draft/stage",
    summary: "Adopt the text: it is sealed. Open changes must be decided first",
    body: z.object({ stage: z.literal("adopted"), after: after.optional() }),
    answer: z.object({ stage: text, hash: text }),
  },
})
