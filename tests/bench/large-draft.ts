import { EditorState, type Plugin, type Transaction } from "prosemirror-state"
import * as Y from "yjs"
import { DraftSession } from "../../client/editor/draft-session.ts"
import { labelsPlugin } from "../../client/editor/labels.ts"
import { marksPlugin } from "../../client/editor/marks.ts"
import { startOf } from "../../client/editor/operations.ts"
import { structurePlugin } from "../../client/editor/structure.ts"
import { seenIn } from "../../server/decisions/as-seen.ts"
import { decideChanges } from "../../server/decisions/decide.ts"
import { Gate } from "../../server/gate/gate.ts"
import { changesIn } from "../../shared/changes/changes.ts"
import { finished } from "../../shared/changes/slices.ts"
import { schema } from "../../shared/schema/schema.ts"
import { encodeMessage } from "../../shared/sync/protocol.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import { clause, draftState } from "../build.ts"
import { type Measure, quantile, round, spread } from "./measure.ts"

const blocks = 1_200
const changes = 5_000
const runs = 3
/** As the server sets it. */
const sliceMs = 15
const none = (): void => undefined

/** A session on a draft, as a browser has it but for the page: `plugins` draw decorations. */
function open(state: Uint8Array, client: number, plugins: readonly Plugin[]): { session: DraftSession; read: () => EditorState } {
  let editor = EditorState.create({ schema, plugins: [...plugins] })
  const host = {
    get state() {
      return editor
    },
    update(tr: Transaction) {
      editor = editor.apply(tr)
    },
  }
  const session = new DraftSession(host, client, "S", { onStatus: none, onRefused: none, onNotice: none, onAwareness: none, onSay: none })
  session.opened({ send: none })
  session.receive(encodeMessage({ kind: "step2", update: state }))
  return { session, read: () => editor }
}

const drawing = (): Plugin[] => [
  marksPlugin({
    view: "markup",
    source: null,
    chosen: null,
    kin: new Map(),
    echoes: new Set(),
    hasForce: false,
    accepted: [],
    openThreads: new Set(),
    lookOf: () => ({ tone: 1, turn: 0 }),
  }),
  structurePlugin({
    view: "markup",
    source: null,
    chosen: null,
    proposals: [],
    accepted: null,
    labels: new Map(),
    hasLeads: false,
    addressOf: () => "",
    nameOf: () => "",
    lookOf: () => ({ tone: 1, turn: 0 }),
  }),
  labelsPlugin({ stage: "drafting", profile: "itu", secretaryOperates: true, labels: {}, renumbered: {}, publicView: null, versions: [] }),
]

/** 1,200 clauses with 5,000 open changes all over them. */
function crowded(count: number): Uint8Array {
  const state = draftState(
    Array.from({ length: blocks }, (_, i) =>
      clause(
        `that the Secretary-General shall report to the Council on implementation of this resolution and its financial implications, item ${i};`,
        `c${i}`,
      ),
    ),
  )
  const { session, read } = open(state, 100, [])
  session.doc.transact(() => {
    for (let i = 0; i < count; i++) {
      const index = i % blocks
      const pos = startOf(read().doc, index) + 1 + 8 + Math.floor(i / blocks) * 24
      if (i % 2) session.tracking.dispatch(read().tr.insertText("new ", pos))
      else session.tracking.dispatch(read().tr.delete(pos, pos + 4))
      session.undoManager.stopCapturing()
    }
  })
  return Y.encodeStateAsUpdate(session.doc)
}

/** Median and p95 of typing 300 letters in one clause, in ms. */
function typing(state: Uint8Array, plugins: readonly Plugin[]): { median: number; p95: number } {
  const { session, read } = open(state, 200, plugins)
  const times: number[] = []
  for (let i = 0; i < 300; i++) {
    const tr = read().tr.insertText("x", startOf(read().doc, 600) + 41 + i)
    const from = performance.now()
    session.tracking.dispatch(tr)
    times.push(performance.now() - from)
  }
  return { median: quantile(times, 0.5), p95: quantile(times, 0.95) }
}

/** The same letters with nothing tracked: a ProseMirror transaction, and Yjs's own insertion. */
function plainTyping(state: Uint8Array): { median: number; p95: number } {
  const { session, read } = open(state, 300, [])
  let editor = read()
  const text = session.binding.textAt(600)
  const times: number[] = []
  for (let i = 0; i < 300; i++) {
    const from = performance.now()
    editor = editor.apply(editor.tr.insertText("x", startOf(editor.doc, 600) + 41 + i))
    text.insert(40 + i, "x")
    times.push(performance.now() - from)
  }
  return { median: quantile(times, 0.5), p95: quantile(times, 0.95) }
}

/**
 * What a decision on the first `count` changes costs the server: on the shadow, and on what is committed; and how long others wait at most, for it
 * runs in slices. In ms.
 */
function deciding(state: Uint8Array, count: number): { all: number; longest: number } {
  const gate = new Gate([state], () => ({ person: "p", source: "S" }))
  const main = newDraftDoc()
  Y.applyUpdate(main, state)
  const seen = seenIn(gate).slice(0, count)
  const from = performance.now()
  let longest = 0
  const held = <Result>(task: () => Result): Result => {
    const began = performance.now()
    const result = task()
    longest = Math.max(longest, performance.now() - began)
    return result
  }
  const work = decideChanges(gate, seen, "accept", { isPartial: false })
  let row: Uint8Array | null = null
  for (let isDone = false; !isDone; )
    held(() => {
      const until = performance.now() + sliceMs
      while (!isDone && performance.now() < until) {
        const step = work.next()
        isDone = step.done ?? false
        if (step.done) row = step.value.row
      }
    })
  held(() => row && Y.applyUpdate(main, row))
  return { all: performance.now() - from, longest }
}

/** What one decision after the other costs in a room that is open, in ms: the median of ten. */
function decidingOneByOne(state: Uint8Array): number {
  const gate = new Gate([state], () => ({ person: "p", source: "S" }))
  const main = newDraftDoc()
  Y.applyUpdate(main, state)
  const times = changesIn(gate.blocks)
    .slice(0, 12)
    .map((change) => {
      const seen = seenIn(gate, [change.id])
      const from = performance.now()
      const { row } = finished(decideChanges(gate, seen, "accept", { isPartial: false }))
      if (row) Y.applyUpdate(main, row)
      return performance.now() - from
    })
  return quantile(times.slice(2), 0.5)
}

/** P8 and the keystroke on a draft with 5,000 open changes; each also at half as many, for growth. */
export async function largeDraft(): Promise<Measure> {
  const figures = new Map<string, number[]>()
  const note = (name: string, value: number): void => void figures.set(name, [...(figures.get(name) ?? []), value])
  const sizes = [0, changes / 2, changes]
  const states = new Map(sizes.map((size) => [size, crowded(size)]))
  const listed = changesIn(blocksOf(docOf(states.get(changes)!))).length
  for (let i = 0; i <= runs; i++) {
    for (const [size, state] of states) {
      const ours = typing(state, [])
      const drawn = typing(state, drawing())
      const plain = plainTyping(state)
      // The first round warms the machine up.
      if (i === 0) continue
      note(`letter, ${size} changes: tracked and bound`, ours.median)
      note(`letter, ${size} changes: and decorations`, drawn.median)
      note(`letter, ${size} changes: plain ProseMirror and Yjs`, plain.median)
      if (size === 0) continue
      note(`accept one of ${size}`, decidingOneByOne(state))
      const { all, longest } = deciding(state, size)
      note(`accept all of ${size}`, all)
      note(`accept all of ${size}: longest that others wait`, longest)
    }
  }
  const median = (name: string): number => quantile(figures.get(name)!, 0.5)
  const letter = (what: string): number => median(`letter, ${changes} changes: ${what}`)
  return {
    id: "P8",
    what: `${blocks} clauses, ${listed} open changes: a letter in the browser's state, a decision on the server; min / median / max of ${runs} runs`,
    rows: [...figures].map(([name, values]) => ({ name, ms: spread(values, 3) })),
    notes: [
      `a letter at ${changes} changes ${round(letter("tracked and bound"), 3)} ms, with decorations ${round(letter("and decorations"), 3)} ms, ${round(letter("tracked and bound") / letter("plain ProseMirror and Yjs"), 2)} times plain`,
      `accept one ${round(median(`accept one of ${changes}`), 2)} ms (bar: 5), all ${round(median(`accept all of ${changes}`), 0)} ms (bar: 1,000), others wait ${round(median(`accept all of ${changes}: longest that others wait`), 0)} ms (bar: 50)`,
    ],
  }
}

function docOf(state: Uint8Array): Y.Doc {
  const doc = newDraftDoc()
  Y.applyUpdate(doc, state)
  return doc
}
