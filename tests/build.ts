import * as Y from "yjs"
import { anchorCharacter, type BlockAttrs, type BlockType, defaultAttrs, type Mark, type Run } from "../shared/schema/block.ts"
import { markId, serverClient } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksRoot } from "../shared/sync/read.ts"
import { newDraftDoc, writeMark, writeText } from "../shared/sync/write.ts"

export interface BlockSketch extends Partial<BlockAttrs> {
  readonly id: string
  readonly type: BlockType
  /** U+FFFC calls a footnote: `calls` has their ids in order. */
  readonly text: string
  readonly calls?: readonly string[]
}

export const head = (text: string, part: "preamble" | "operative" = "operative", id = text): BlockSketch => ({
  id,
  type: "head",
  text,
  part,
})
export const note = (text: string, id: string): BlockSketch => ({ id, type: "note", text, noteId: id })
export const clause = (text: string, id = text.slice(0, 12), level = 1): BlockSketch => ({ id, type: "clause", text, level })

/** The state of a room that begins with these blocks, as one update written by the server. */
export function draftState(sketches: readonly BlockSketch[]): Uint8Array {
  const doc = newDraftDoc()
  doc.clientID = serverClient
  const fragment = doc.getXmlFragment(blocksRoot)
  let marks = 0
  doc.transact((tr) => {
    for (const { text, type, calls = [], ...attrs } of sketches) {
      const element = new Y.XmlElement(type)
      const body = new Y.XmlText()
      element.insert(0, [body])
      fragment.push([element])
      for (const [name, value] of Object.entries(attrs))
        if (value !== null && value !== defaultAttrs[name as keyof typeof defaultAttrs]) element.setAttribute(name, value as string)
      if (text) writeText(tr, body, { left: null, right: null, marks: [] }, text, [])
      let at = -1
      for (const noteId of calls) {
        at = text.indexOf(anchorCharacter, at + 1)
        writeMark(tr, body, at, at + 1, newMark("noteRef", { id: markId("SEC", serverClient, ++marks), source: "SEC", noteId }))
      }
    }
  })
  return Y.encodeStateAsUpdate(doc)
}

/** A small repeatable source of randomness: mulberry32. */
export function random(seed: number): { next(): number; below(n: number): number; pick<T>(list: readonly T[]): T } {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (n: number): number => Math.floor(next() * n)
  return { next, below, pick: (list) => list[below(list.length)]! }
}

/** A run of plain or marked text for tests of pure functions. */
export const run = (text: string, ...marks: Mark[]): Run => ({ text, marks })
