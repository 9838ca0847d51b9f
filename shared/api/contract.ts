/** Every route of the HTTP surface: method, path, request, answer. The server validates by it, the browser calls by it, OpenAPI is made from it. */
import type { z } from "zod"
import { actRoutes } from "./act-routes.ts"
import { draftRoutes } from "./draft-routes.ts"
import { paperRoutes } from "./paper-routes.ts"
import { peopleRoutes } from "./people-routes.ts"
import type { entryShape, recordedChangeShape } from "./record.ts"
import { sessionRoutes } from "./session-routes.ts"
import type { draftShape, rosterShape, sittingNowShape } from "./shapes.ts"

export const apiRoot = "/api/v1"

/** With every answer that is read of a damaged draft: what is damaged, in a sentence. What it lists may be less than there was. */
export const damageHeader = "Clausula-Damage"

export const routes = { ...sessionRoutes, ...draftRoutes, ...actRoutes, ...paperRoutes, ...peopleRoutes }

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
