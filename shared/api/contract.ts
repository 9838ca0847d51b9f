import { z } from "zod"
import { longestRemark } from "../comments/thread.ts"
import { isPlainName } from "../people/roster.ts"
import { holdsRefused } from "../schema/characters.ts"

/** Every route of the HTTP surface: method, path, request, answer. The server validates by it, the browser calls by it, OpenAPI is made from it. */
export const apiRoot = "/api/v1"

const text = z.string()
const shortText = z.string().trim().min(1).max(200)
/** A name of a person, a delegation, a body or a room. */
const plainName = shortText.refine(isPlainName, "It holds signs that are no letters.")
const source = z.string().regex(/^[A-Z][A-Z0-9-]{0,15}$/)
const blockId = z.string().min(1).max(64)
const role = z.enum(["chair", "secretary", "delegate", "observer"])
const after = z
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
const sittingTerms = z.object({
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
const seen = z.object({ id: z.string().max(64), hash: z.string().length(64) })
const offset = z.number().int().min(0)
// Of a stretch of the change the letters from `from` up to `to`, in UTF-16 units; or, of a replacement, only what comes in or what goes out.
const part = z.union([z.strictObject({ segment: offset, from: offset, to: offset }), z.strictObject({ side: z.enum(["in", "out"]) })])
/**
 * `reopened`: open again. `waiting`: accepted before that decision; they wait again for what is open around them. `along`: entries that were taken back,
 * or opened again in part, with what was asked for.
 */
const takenBack = z.object({
  n: z.number().int(),
  reopened: z.array(text),
  waiting: z.array(text).optional(),
  along: z.array(z.number().int()).optional(),
})
const seenList = z.array(seen).min(1).max(5_000)
export const entryShape = z.object({
  n: z.number().int(),
  act: text,
  at: text,
  decidedBy: text,
  enteredBy: text,
  source: text,
  sitting: sittingShape,
  details: z.record(text, z.unknown()),
  /** The row of the log that it wrote: without one it cannot be taken back. */
  row: z.number().int().optional(),
})
const anchor = z.discriminatedUnion("on", [
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
const remark = z
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
const fileQuery = z.object({
  preview: z.enum(["true"]).optional(),
  text: shortText.optional(),
  name: shortText.optional(),
  authors: z.string().max(20_000).optional(),
  roster: z
    .string()
    .regex(/^[A-Z0-9-]{1,16}(,[A-Z0-9-]{1,16}){0,299}$/, "The delegations that come on the roster are codes with commas between: J,SEN.")
    .optional(),
})
const authorShape = z.object({ name: text, changes: z.number().int(), comments: z.number().int(), suggested: text.nullable() })
/** A source that a file itself gives words to, with their number; whether it is on the roster, as only what is there has words. */
const saidShape = z.object({ code: text, changes: z.number().int(), comments: z.number().int(), isOnRoster: z.boolean() })
const libraryShape = z.object({ designation: text, title: text })

const formatShape = z.enum(["docx", "pdf", "html", "akn", "json", "txt"])
const viewShape = z.enum(["force", "working", "proposed", "open", "against", "rolling"])
const marksShape = z.enum(["delegation", "body", "plain"])
const yesOrNo = z.enum(["true", "false"])
const versionNumber = z.coerce.number().int().min(1)
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

interface Route {
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

const defineRoutes = <Routes extends Record<string, Route>>(routes: Routes): Routes => routes

export const routes = defineRoutes({
  signIn: {
    method: "post",
    path: "/session",
    summary: "Turn an invitation into a signed-in session (a cookie)",
    // Where somebody of this name has entered already 409 asks who it is (`needs: "same"`): the id of that person, or "another".
    body: z.object({ token: z.string().min(8).max(200), name: plainName.optional(), same: z.string().max(64).optional() }),
    answer: personShape,
    status: 201,
    isPublic: true,
  },
  signOut: { method: "delete", path: "/session", summary: "Sign out", status: 204 },
  me: {
    method: "get",
    path: "/me",
    // `notKept`: that the sign-in could not be written down, and what that means; null: it is.
    summary: "Who is signed in, the roster of sources in its order, and the sitting in force",
    answer: personShape.extend({ sources: z.array(sourceShape), sitting: sittingNowShape, notKept: text.nullable() }),
  },
  lookAtInvitation: {
    method: "post",
    path: "/session/invitation",
    summary: "What an invitation is for, before one enters by it; nothing is used up",
    body: z.object({ token: z.string().min(8).max(200) }),
    answer: z.object({
      role,
      /** For whom one writes by it, each with its tone. */
      sources: z.array(sourceShape.extend({ tone: z.number().int() })),
      /** The one person whom it is for; null: who enters gives a name. */
      name: text.nullable(),
      sitting: sittingShape,
      /** Who is signed in on this device already. */
      here: personShape.nullable(),
    }),
    isPublic: true,
  },
  people: {
    method: "get",
    path: "/people",
    summary: "Names behind the ids of people",
    answer: z.array(z.object({ id: text, name: text, role })),
  },
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
  register: { method: "get", path: "/drafts/:draft/register", summary: "The record of decisions", answer: z.array(entryShape) },
  exportDraft: {
    method: "get",
    path: "/drafts/:draft/export",
    summary: "The draft as a file",
    query: z.object({
      format: formatShape.default("json"),
      view: viewShape.default("open"),
      marks: marksShape.default("delegation"),
      comments: yesOrNo.default("true"),
      // As it was when that version was named; without one as it is now.
      version: versionNumber.optional(),
      // Whether Word takes the institution's template, where the secretariat has set one.
      template: yesOrNo.default("true"),
    }),
    givesFile: true,
  },
  versions: {
    method: "get",
    path: "/drafts/:draft/versions",
    summary: "The versions that were named, with the files that were published of each",
    answer: z.array(versionShape),
  },
  nameVersion: {
    method: "post",
    path: "/drafts/:draft/versions",
    summary: "Name the draft as it is now: this state can be had again, published and compared",
    body: z.object({ name: shortText, after: after.optional() }),
    answer: z.object({ n: z.number().int() }),
    status: 201,
  },
  publish: {
    method: "post",
    path: "/drafts/:draft/versions/:version/files",
    summary: "Publish a version: its file is written once and kept",
    body: z.object({
      format: formatShape,
      view: viewShape.default("against"),
      marks: marksShape.default("body"),
      comments: z.boolean().default(false),
      template: z.boolean().default(true),
    }),
    answer: publishedShape,
    status: 201,
  },
  publishedFile: {
    method: "get",
    path: "/drafts/:draft/versions/:version/files/:hash",
    summary: "A published file, to the byte",
    givesFile: true,
  },
  compareVersions: {
    method: "get",
    path: "/drafts/:draft/versions/:version/compare",
    summary: "What changed from a version to another, or to the draft as it is now, as tracked changes",
    query: z.object({
      with: versionNumber.optional(),
      text: z.enum(["working", "proposed"]).default("working"),
      format: formatShape.default("docx"),
    }),
    givesFile: true,
  },
  template: {
    method: "get",
    path: "/template",
    summary: "The institution's Word template that papers are written in",
    answer: z.object({ name: text.nullable() }),
  },
  setTemplate: {
    method: "post",
    path: "/template",
    summary: "Set the institution's Word template: its styles, headers and page are kept, {{title}}, {{designation}} ... are filled",
    takesFile: true,
    query: z.object({ name: shortText.default("template.docx") }),
    answer: z.object({ name: text }),
    status: 201,
  },
  removeTemplate: { method: "delete", path: "/template", summary: "Write papers without a template again", status: 204 },
  roster: {
    method: "get",
    path: "/roster",
    summary: "The delegations, people and invitations of the meeting, for who keeps the list",
    answer: rosterShape,
  },
  readRoster: {
    method: "post",
    path: "/roster",
    summary: "Put the delegations of a CSV file on the roster: a line a delegation, code and name; with `preview` it is only looked at",
    takesFile: true,
    query: z.object({ preview: z.enum(["true"]).optional() }),
    answer: z.object({
      rows: z.array(z.object({ line: z.number().int(), code: text, name: text, brings: z.enum(["new", "renamed", "same"]) })),
      errors: z.array(z.object({ line: z.number().int(), field: z.enum(["code", "name", "line"]), say: text })),
    }),
  },
  addDelegation: {
    method: "post",
    path: "/roster/delegations",
    summary: "Put a delegation on the roster, or give it another name",
    body: z.object({ code: source, name: plainName }),
    answer: sourceShape,
    status: 201,
  },
  invite: {
    method: "post",
    path: "/invitations",
    summary: "Invite a delegation or a person: a link with a token that is shown once",
    body: z.object({
      role: role.optional(),
      hats: z.array(source).max(200).default([]),
      /** The one person whom it is for, new on the list. */
      name: plainName.optional(),
      /** The one person whom it is for, who is on the list already: role and hats are its own. */
      person: text.max(64).optional(),
      sourceName: plainName.optional(),
      days: z.number().int().min(1).max(365).default(30),
    }),
    answer: z.object({ id: text, token: text, expiresAt: text, person: text.nullable(), name: text.nullable() }),
    status: 201,
  },
  withdrawInvitation: {
    method: "delete",
    path: "/invitations/:invitation",
    summary: "Withdraw an invitation: nobody enters by it any more; who has entered stays",
    status: 204,
  },
  setAccess: {
    method: "post",
    path: "/people/:person/access",
    summary: "Withdraw a person: its sign-ins and sockets end at once; or give access back",
    body: z.object({ withdrawn: z.boolean() }),
    answer: z.object({ id: text, withdrawn: z.boolean() }),
  },
  sittings: {
    method: "get",
    path: "/sittings",
    summary: "The sittings of the meeting, the oldest first",
    answer: z.array(sittingShape.extend({ id: text, openedAt: text, closedAt: text.nullable() })),
  },
  openSitting: {
    method: "post",
    path: "/sittings",
    summary: "Open a sitting: body, room, date and chairperson of all that is done from now on; the one before is closed",
    body: sittingTerms.extend({ chair: shortText.nullable().default(null) }),
    answer: sittingNowShape,
    status: 201,
  },
  changeSitting: {
    method: "post",
    path: "/sittings/current",
    summary: "Say something else of the sitting in force; what was done before keeps what it bears",
    body: sittingTerms.partial(),
    answer: sittingNowShape,
  },
})

export type RouteName = keyof typeof routes
type BodyOf<R> = R extends { body: infer S extends z.ZodType } ? z.input<S> : undefined
export type RequestBody<Name extends RouteName> = BodyOf<(typeof routes)[Name]>
export type Answer<Name extends RouteName> = (typeof routes)[Name] extends { answer: infer S extends z.ZodType } ? z.output<S> : undefined

export type DraftSummary = z.output<typeof draftShape>
export type Entry = z.output<typeof entryShape>
export type Me = Answer<"me">
export type SittingNow = z.output<typeof sittingNowShape>
export type Roster = z.output<typeof rosterShape>

/** An error as RFC 9457 has it. `details` go beside the standard members. */
export const problemShape = z.looseObject({ type: text, title: text, status: z.number().int(), detail: text })
export type Problem = z.output<typeof problemShape>

const jsonOf = (shape: z.ZodType): unknown => z.toJSONSchema(shape, { io: "input", unrepresentable: "any" })

const parametersOf = (route: Route): unknown[] => {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map((match) => ({
    name: match[1],
    in: "path",
    required: true,
    schema: { type: "string" },
  }))
  const shape = route.query && (jsonOf(route.query) as { properties?: Record<string, unknown> })
  const inQuery = Object.entries(shape?.properties ?? {}).map(([name, schema]) => ({ name, in: "query", required: false, schema }))
  return [...inPath, ...inQuery]
}

/** With every answer that is read of a damaged draft: what is damaged, in a sentence. What it lists may be less than there was. */
export const damageHeader = "Clausula-Damage"

/** The OpenAPI 3.1 description, generated from the validators above. */
export function openApi(version: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    const path = `${apiRoot}${route.path.replace(/:(\w+)/g, "{$1}")}`
    const problem = {
      description: "A problem, said in one sentence",
      content: { "application/problem+json": { schema: jsonOf(problemShape) } },
    }
    const file = { "application/octet-stream": { schema: { type: "string", format: "binary" } } }
    paths[path] ??= {}
    paths[path][route.method] = {
      operationId: name,
      summary: route.summary,
      parameters: parametersOf(route),
      ...(route.body ? { requestBody: { required: true, content: { "application/json": { schema: jsonOf(route.body) } } } } : {}),
      ...(route.takesFile ? { requestBody: { required: true, content: file } } : {}),
      responses: {
        [route.status ?? 200]: {
          description: "Done",
          ...(route.path.includes(":draft")
            ? { headers: { [damageHeader]: { description: "The draft is damaged: why, in a sentence", schema: { type: "string" } } } }
            : {}),
          ...(route.answer
            ? { content: { "application/json": { schema: jsonOf(route.answer) } } }
            : route.givesFile
              ? { content: file }
              : {}),
        },
        default: problem,
      },
    }
  }
  return { openapi: "3.1.0", info: { title: "Clausula", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } }, paths }
}
