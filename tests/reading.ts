import type { Rest, State } from "../server/gate/case.ts"
import type { Fresh } from "../server/gate/fresh.ts"
import { nothingFresh } from "../server/gate/fresh.ts"
import type { BlockReading, Piece } from "../server/gate/reading.ts"
import { type Mark, ownerOf } from "../shared/schema/block.ts"
import { markId, serverClient } from "../shared/schema/keys.ts"
import type { PlacedRun } from "../shared/schema/runs.ts"
import { newMark } from "../shared/schema/schema.ts"
import { Moves } from "../shared/sync/moves.ts"

/**
 * Readings in a notation, for tests of the judge: `a[S:x]b` is an open insertion of S between agreed letters, `{S:ab}` a deletion of S, `[S2:x]` the
 * second mark of S, `~` a tombstone, `/S;` the closing marker of S's insertion alone. Each letter is written once: its code is its clock, its client that of the source whose mark it stands under, so
 * that the same letter is the same character before and after. A mark that is not closed is in force at the end.
 */
export const clients: Readonly<Record<string, number>> = { S: 101, B: 102 }

export const idOf = (source: string, n = 1): string => markId(source, clients[source]!, n)

interface Spelled {
  readonly runs: PlacedRun[]
  readonly pieces: Piece[]
  readonly end: readonly Mark[]
  readonly marks: Mark[]
  readonly opensTwice: boolean
}

/** `parts`: what marks say beyond source and number, by their ids. */
export type Parts = Readonly<Record<string, Partial<Pick<Mark, "of" | "within" | "over" | "heard">>>>

function spelled(text: string, parts: Parts, writers: Readonly<Record<string, string>>): Spelled {
  const runs: PlacedRun[] = []
  const pieces: Piece[] = []
  const marks: Mark[] = []
  let inForce: readonly Mark[] = []
  let opensTwice = false
  for (const token of text.match(/[[{][A-Z]+\d*:|\/[A-Z]+;|[\]}]|./gsu) ?? []) {
    const opening = /^([[{])([A-Z]+)(\d*):$/.exec(token)
    if (opening) {
      const [, bracket, source = "", n] = opening
      const id = idOf(source, Number(n || 1))
      const around = inForce.map((mark) => mark.id)
      const mark = newMark(bracket === "[" ? "insertion" : "deletion", {
        id,
        source,
        ...(bracket === "[" ? { within: around } : {}),
        ...parts[id],
      })
      opensTwice ||= inForce.some(({ key }) => key === mark.key)
      marks.push(mark)
      pieces.push(marker(mark, mark))
      inForce = [...inForce.filter(({ key }) => key !== mark.key), mark]
    } else if (token.length > 1 && token.startsWith("/")) {
      const source = token.slice(1, -1)
      pieces.push(marker(newMark("insertion", { id: idOf(source), source }), null))
    } else if (token === "]" || token === "}") {
      const mark = inForce.findLast(({ name }) => name === (token === "]" ? "insertion" : "deletion"))!
      pieces.push(marker(mark, null))
      inForce = inForce.filter((other) => other !== mark)
    } else if (token === "~") pieces.push({ kind: "gone", client: serverClient, clock: 5, length: 1 })
    else {
      const source = writers[token] ?? ownerOf(inForce)?.source
      const id = { client: source === undefined ? serverClient : clients[source]!, clock: token.codePointAt(0)! }
      runs.push({ ...id, text: token, marks: inForce })
      pieces.push({ kind: "letters", ...id, length: token.length, text: token })
    }
  }
  return { runs, pieces, marks, end: inForce, opensTwice }
}

const marker = (of: Mark, mark: Mark | null): Piece => {
  const [, client = "0", n = "0"] = of.id.split(".")
  const clock = 200_000 + Number(n) * 4 + (of.name === "deletion" ? 2 : 0) + (mark ? 0 : 1)
  return { kind: "marker", client: Number(client), clock, length: 1, key: of.key, mark, beside: null }
}

export interface Sketch {
  readonly attrs?: Readonly<Record<string, unknown>>
  readonly type?: string
  readonly marks?: Parts
  /** Who wrote letters that stand under another's mark, or under none. */
  readonly writers?: Readonly<Record<string, string>>
}

/** One block with this text, as the judge reads it. Null: it is not there. */
export function block(text: string | null, { attrs = {}, type = "clause", marks = {}, writers = {} }: Sketch = {}): State {
  if (text === null) return { blocks: new Map(), entries: new Map() }
  const { pieces: _, ...read } = spelled(text, marks, writers)
  const length = read.runs.reduce((sum, run) => sum + run.text.length, 0)
  const reading: BlockReading = { type, length, attrs: attrs.id === undefined ? { id: "c", ...attrs } : attrs, ...read }
  return { blocks: new Map([["1.1", reading]]), entries: new Map() }
}

/** What an update brought and took: the letters and marks of a source that are in the text after it and were not in that before. */
export function between(before: string | null, after: string, source: string, sketch: Sketch = {}): Fresh {
  const was = spelled(before ?? "", sketch.marks ?? {}, sketch.writers ?? {})
  const now = spelled(after, sketch.marks ?? {}, sketch.writers ?? {})
  const client = clients[source]!
  const isNew = (run: PlacedRun): boolean => !was.runs.some((other) => other.client === run.client && other.clock === run.clock)
  const own = now.runs.filter((run) => run.client === client && isNew(run)).map((run) => run.clock)
  const old = new Set(was.marks.map(({ key }) => key))
  const left = new Map<string, number>()
  for (const piece of now.pieces) if (piece.kind === "marker") left.set(piece.key, (left.get(piece.key) ?? 0) + 1)
  const cuts = was.pieces.flatMap((piece) =>
    piece.kind === "marker" && !now.pieces.some((other) => other.client === piece.client && other.clock === piece.clock)
      ? [{ key: piece.key, at: "1.1", isFresh: false }]
      : [],
  )
  const fresh = now.marks.filter(({ key, source: by }) => !old.has(key) && by === source)
  const known = own.length > 0 ? Math.min(...own) : fresh.length > 0 ? 100_000 : null
  return {
    ...nothingFresh,
    known: known === null ? new Map() : new Map([[client, known]]),
    marks: new Map(fresh.map((mark) => [mark.key, { mark, heard: 0 }])),
    hasSigns: /[\t\n\ufffc\u2029\u200b-\u200d]/.test(after),
    isMarkersOnly: own.length === 0 && fresh.length === 0 && cuts.length > 0 && was.runs.length === now.runs.length,
    cuts,
    pieces: fresh.length > 0 || cuts.length > 0 ? new Map([["1.1", now.pieces]]) : new Map(),
  }
}

/** The rest of a draft in which nothing else is: `parts` say what is. */
export const rest = ({ lastNumberOf = () => -1, ...parts }: Partial<Rest> = {}): Rest => ({
  moves: new Moves(),
  sourceOf: (client) => Object.entries(clients).find(([, id]) => id === client)?.[0] ?? null,
  isOpen: () => false,
  sortsOf: () => new Set(),
  isDecided: () => false,
  nextOf: () => null,
  blocksOf: () => null,
  isRest: () => false,
  rivalsAmong: () => new Set(),
  lastNumberOf,
  mayHaveWritten: (client, n) => n <= lastNumberOf(client),
  markOf: () => null,
  blocksWith: () => [],
  placesOf: () => [],
  readingOf: () => null,
  piecesOf: () => [],
  typeOf: () => null,
  typeEver: (block) => parts.typeOf?.(block) ?? null,
  isTaken: () => false,
  standing: () => [],
  takenOf: () => [],
  stoodFor: () => null,
  struckGone: () => null,
  isForestalled: () => false,
  survivorOf: () => null,
  partsSince: () => [],
  countOf: () => ({ marks: 0, letters: 0, blocks: 0, entries: 0 }),
  serverClock: 1_000,
  ...parts,
})
