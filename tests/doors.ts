import * as Y from "yjs"
import { readers } from "../server/files/read-file.ts"
import { type RouteName, routes } from "../shared/api/contract.ts"
import { attrsOfType, commonAttrs } from "../shared/schema/block.ts"
import { markAttrs } from "../shared/schema/schema.ts"
import { restructurable } from "../shared/schema/structure.ts"
import { messageType, syncType } from "../shared/sync/protocol.ts"
import { blocksRoot, structureRoot } from "../shared/sync/read.ts"
import { roots } from "../shared/sync/roots.ts"

/** A place where words or meaning enter. */
export interface Door {
  readonly kind: keyof typeof proofs
  readonly name: string
}

/** What proves each kind of door: rules of the houses' READMEs. */
export const proofs = {
  content: ["GATE1", "GATE2"],
  root: ["GATE3"],
  attribute: ["GATE4"],
  mark: ["GATE1", "GATE5", "GATE14"],
  entry: ["GATE3", "GATE14"],
  text: ["GATE4", "GATE5", "GATE6", "GATE16"],
  message: ["ROOM1", "ROOM7"],
  route: ["POL1", "HTTP1"],
  file: ["WHO9", "IMP11"],
} as const

const door = (kind: Door["kind"], names: readonly string[]): Door[] => names.map((name) => ({ kind, name }))

/** Kinds of content and of structs that Yjs can carry: whatever it exports, so that a new version that has more is seen. */
const contents = [...Object.keys(Y).filter((name) => name.startsWith("Content")), "GC", "Skip"]

/** All doors, made from the code: what is added to it is in the list without anybody remembering. */
export const doors: readonly Door[] = [
  ...door("content", contents),
  ...door("root", [blocksRoot, structureRoot, ...Object.keys(roots), "one that nobody knows"]),
  ...door("attribute", [...new Set([...commonAttrs, ...Object.values(attrsOfType).flat(), "one that no block has"])]),
  ...door(
    "mark",
    Object.entries(markAttrs).flatMap(([mark, attrs]) => [`${mark} key`, ...attrs.map((attr) => `${mark} ${attr}`)]),
  ),
  ...door("entry", ["id", "of", "source", "block", "into", "after", "level", ...Object.keys(restructurable)]),
  // What there is of a text beyond its parts.
  ...door("text", [
    "agreed words",
    "words of another",
    "words of a new clause",
    "the order of blocks",
    "markers",
    "a block's end",
    "decided changes",
  ]),
  ...door("message", [...Object.keys(messageType).filter((name) => name !== "sync"), ...Object.keys(syncType), "none of them"]),
  ...door(
    "route",
    (Object.keys(routes) as RouteName[]).filter((name) => routes[name].method !== "get"),
  ),
  ...door("file", Object.keys(readers)),
]
