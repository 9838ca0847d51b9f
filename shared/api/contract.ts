/** Every route of the HTTP surface: method, path, request, answer. The server validates by it, the browser calls by it, OpenAPI is made from it. */
import { z } from "zod"
import { entryShape, type recordedChangeShape } from "./record.ts"
import {
  after,
  anchor,
  authorShape,
  changeShape,
  draftShape,
  fileQuery,
  formatShape,
  libraryShape,
  marksShape,
  offset,
  part,
  personShape,
  plainName,
  publishedShape,
  remark,
  role,
  rosterFileShape,
  rosterShape,
  saidShape,
  seen,
  seenList,
  shortText,
  sittingNowShape,
  sittingShape,
  sittingTerms,
  source,
  sourceShape,
  takenBack,
  text,
  versionNumber,
  versionShape,
  viewShape,
  yesOrNo,
} from "./shapes.ts"

export const apiRoot = "/api/v1"

/** With every answer that is read of a damaged draft: what is damaged, in a sentence. What it lists may be less than there was. */
export const damageHeader = "Clausula-Damage"

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

const defineRoutes = <const Routes extends Record<string, Route>>(routes: Routes): Routes => routes

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
    answer: rosterFileShape,
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
type RouteOf<Name extends RouteName> = (typeof routes)[Name]
/** What is sent to a route: members with a default may be left out. */
export type RequestBody<Name extends RouteName> = RouteOf<Name> extends { body: infer S extends z.ZodType } ? z.input<S> : undefined
/** What a handler gets of that once it is checked. */
export type CheckedBody<Name extends RouteName> =
  RouteOf<Name> extends { body: infer S extends z.ZodType }
    ? z.output<S>
    : RouteOf<Name> extends { takesFile: true }
      ? Uint8Array
      : undefined
export type CheckedQuery<Name extends RouteName> = RouteOf<Name> extends { query: infer S extends z.ZodType } ? z.output<S> : undefined
type NamesIn<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | NamesIn<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never
/** What the address of a route names: draft, version, hash ... */
export type Params<Name extends RouteName> = Readonly<Record<NamesIn<RouteOf<Name>["path"]>, string>>
export type Answer<Name extends RouteName> = RouteOf<Name> extends { answer: infer S extends z.ZodType } ? AsTold<z.output<S>> : undefined
/** What was told changes nothing where it came from. */
type AsTold<Told> = Told extends readonly (infer Each)[]
  ? readonly AsTold<Each>[]
  : Told extends object
    ? { readonly [Member in keyof Told]: AsTold<Told[Member]> }
    : Told

export type DraftSummary = AsTold<z.output<typeof draftShape>>
/** An entry of the record; `act` says which details it has. */
export type Entry = AsTold<z.output<typeof entryShape>>
export type EntryOf<Act extends Entry["act"]> = Extract<Entry, { readonly act: Act }>
/** A change in an entry. */
export type RecordedChange = AsTold<z.output<typeof recordedChangeShape>>

/** A list of changes in an entry; empty where its act has none of this name. */
export function listIn({ details }: Entry, name: ListName): readonly RecordedChange[] {
  const lists: Partial<Record<ListName, readonly RecordedChange[]>> = "changes" in details ? details : {}
  return lists[name] ?? []
}
export type ListName = "changes" | "identical" | "overtaken" | "superseded" | "effective"
export type Me = Answer<"me">
export type SittingNow = AsTold<z.output<typeof sittingNowShape>>
export type Roster = AsTold<z.output<typeof rosterShape>>
