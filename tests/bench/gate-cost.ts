import { EditorState, type Transaction } from "prosemirror-state"
import * as Y from "yjs"
import { DraftSession } from "../../client/editor/draft-session.ts"
import { Gate } from "../../server/gate/gate.ts"
import { schema } from "../../shared/schema/schema.ts"
import { encodeMessage } from "../../shared/sync/protocol.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import { clause, draftState } from "../build.ts"
import { type Measure, quantile, round, spread } from "./measure.ts"

const blocks = 1_200
const keystrokes = 600
const suggestions = 600
const rounds = 7
/** Rounds that are not counted: a room that has been open for minutes runs code that is compiled. */
const warming = 4

interface Traffic {
  readonly state: Uint8Array
  readonly keys: Uint8Array[]
  readonly mixed: Uint8Array[]
}

/** What an editor really sends: letters typed on in a clause, and suggestions all over the draft. */
function traffic(): Traffic {
  const state = draftState(
    Array.from({ length: blocks }, (_, i) =>
      clause(
        `that the Secretary-General shall report to the Council on implementation of this resolution and its financial implications, item ${i};`,
        `c${i}`,
      ),
    ),
  )
  let editor = EditorState.create({ schema })
  const host = {
    get state() {
      return editor
    },
    update(tr: Transaction) {
      editor = editor.apply(tr)
    },
  }
  const none = (): void => undefined
  const session = new DraftSession(host, 100, "S", { onStatus: none, onRefused: none, onNotice: none, onAwareness: none, onSay: none })
  session.opened({ send: none })
  session.receive(encodeMessage({ kind: "step2", update: state }))
  const updates: Uint8Array[] = []
  session.doc.on("update", (update: Uint8Array) => void updates.push(update))
  const start = (index: number): number => {
    let pos = 1
    for (let i = 0; i < index; i++) pos += editor.doc.child(i).nodeSize
    return pos
  }
  for (let i = 0; i < keystrokes; i++) session.tracking.dispatch(editor.tr.insertText("x", start(600) + 40 + i))
  const keys = updates.splice(0)
  for (let i = 0; i < suggestions; i++) {
    const pos = start((i * 7) % blocks)
    if (i % 2) session.tracking.dispatch(editor.tr.insertText("as appropriate ", pos + 60))
    else session.tracking.dispatch(editor.tr.delete(pos + 20, pos + 30))
  }
  return { state, keys, mixed: updates.splice(0) }
}

const timesOf = (updates: readonly Uint8Array[], apply: (update: Uint8Array) => void): number[] =>
  updates.map((update) => {
    const from = performance.now()
    apply(update)
    return (performance.now() - from) * 1_000
  })

/**
 * P6: what the gate costs an update, against Yjs's bare applyUpdate of the same bytes; and against the least that any server does which passes an
 * update on: apply it and emit the row.
 */
export async function gateCost(): Promise<Measure> {
  const { state, keys, mixed } = traffic()
  const figures: Record<string, number[][]> = { gateKeys: [], gateMixed: [], bareKeys: [], bareMixed: [], relayKeys: [], relayMixed: [] }
  const who = { person: "p", source: "S" }
  for (let i = 0; i < rounds + warming; i++) {
    const gate = new Gate([state], () => who)
    const judge = (update: Uint8Array): void => {
      const outcome = gate.receive(update, who, true)
      if (outcome.kind !== "accepted") throw new Error(`refused: ${JSON.stringify(outcome)}`)
    }
    const bare = newDraftDoc()
    Y.applyUpdate(bare, state)
    const relay = newDraftDoc()
    Y.applyUpdate(relay, state)
    relay.on("update", () => undefined)
    const run = {
      gateKeys: timesOf(keys, judge),
      gateMixed: timesOf(mixed, judge),
      bareKeys: timesOf(keys, (update) => Y.applyUpdate(bare, update)),
      bareMixed: timesOf(mixed, (update) => Y.applyUpdate(bare, update)),
      relayKeys: timesOf(keys, (update) => Y.applyUpdate(relay, update)),
      relayMixed: timesOf(mixed, (update) => Y.applyUpdate(relay, update)),
    }
    if (i >= warming) for (const [name, times] of Object.entries(run)) figures[name]!.push(times)
  }
  const row = (name: string, key: string): Measure["rows"][number] => ({
    name,
    "median us": spread(figures[key]!.map((times) => quantile(times, 0.5))),
    "p95 us": spread(figures[key]!.map((times) => quantile(times, 0.95))),
  })
  const median = (key: string): number =>
    quantile(
      figures[key]!.map((times) => quantile(times, 0.5)),
      0.5,
    )
  return {
    id: "P6",
    what: `gate: ${blocks} blocks, ${keystrokes} letters in one clause, ${suggestions} suggestions; min / median / max of ${rounds} runs`,
    rows: [
      row("keystroke: gate", "gateKeys"),
      row("keystroke: bare applyUpdate", "bareKeys"),
      row("keystroke: applyUpdate that emits", "relayKeys"),
      row("mixed: gate", "gateMixed"),
      row("mixed: bare applyUpdate", "bareMixed"),
      row("mixed: applyUpdate that emits", "relayMixed"),
    ],
    notes: [
      `keystroke ${round(median("gateKeys"))} us, ${round(median("gateKeys") / median("bareKeys"), 2)} times bare (bar: 100 us, 2.5 times), ${round(median("gateKeys") / median("relayKeys"), 2)} times a relay`,
      `mixed ${round(median("gateMixed"))} us, ${round(median("gateMixed") / median("bareMixed"), 2)} times bare (bar: 200 us, 5 times), ${round(median("gateMixed") / median("relayMixed"), 2)} times a relay`,
    ],
  }
}
