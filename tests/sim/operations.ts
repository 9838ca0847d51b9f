import { Fragment, Slice } from "prosemirror-model"
import { seenIn } from "../../server/decisions/as-seen.ts"
import { authorsOf, withSources } from "../../server/files/authors.ts"
import { withBrackets } from "../../server/files/brackets.ts"
import { inlineDesk } from "../../server/workers/desk.ts"
import { isDecision, undoneIn } from "../../shared/changes/taken-back.ts"
import { schema } from "../../shared/schema/schema.ts"
import { decodeMessage, encodeMessage } from "../../shared/sync/protocol.ts"
import { roots } from "../../shared/sync/roots.ts"
import { random } from "../build.ts"
import { forgeriesBy } from "../forgeries.ts"
import { RandomFile } from "../random-file.ts"
import type { DiskState } from "./disk.ts"
import { Delegate, type Liar, type StockPeer } from "./people.ts"
import { placeIn, stretchIn } from "./places.ts"
import type { Op } from "./trace.ts"
import type { World } from "./world.ts"

type Operation = (world: World, op: Op) => boolean | Promise<boolean>

/** Lets a delegate write, if it may at this moment; whether anything came of it. */
function writing(write: (delegate: Delegate, op: Op, world: World) => void): Operation {
  return (world, op) => {
    const delegate = world.guest(op.who)
    if (!(delegate instanceof Delegate) || !delegate.mayWrite) return false
    if (op.joins !== true) delegate.session.undoManager.stopCapturing()
    const before = delegate.session.changes
    write(delegate, op, world)
    return delegate.session.changes > before
  }
}

/** The position of a place in an editor's document. */
function posOf({ state }: Delegate, index: number, at: number): number {
  let pos = 1
  for (let i = 0; i < index; i++) pos += state.doc.child(i).nodeSize
  return pos + at
}

const indexOf = (delegate: Delegate, world: World, op: Op): number => {
  const id = world.names.id(String(op.block))
  return delegate.state.doc.content.content.findIndex((node) => node.attrs.id === id)
}

const insideText = (delegate: Delegate, index: number): boolean => index >= 0 && index < delegate.state.doc.childCount

/** What people do to the text, by the real client. */
const edits: Readonly<Record<string, Operation>> = {
  type: writing((delegate, op, { names }) => {
    const place = placeIn(delegate.doc, names, op)
    if (!place) return
    const pos = posOf(delegate, place.index, place.at)
    delegate.session.tracking.dispatch(delegate.state.tr.insertText(String(op.text), pos))
  }),
  delete: writing((delegate, op, { names }) => {
    const found = stretchIn(delegate.doc, names, op)
    if (!found) return
    const from = posOf(delegate, found.index, found.at)
    delegate.session.tracking.dispatch(delegate.state.tr.delete(from, from + found.to - found.at))
  }),
  replace: writing((delegate, op, { names }) => {
    const found = stretchIn(delegate.doc, names, op)
    if (!found) return
    const from = posOf(delegate, found.index, found.at)
    delegate.session.tracking.dispatch(delegate.state.tr.insertText(String(op.text), from, from + found.to - found.at))
  }),
  across: writing((delegate, op, { names }) => {
    const place = placeIn(delegate.doc, names, op)
    if (!place || !insideText(delegate, place.index + 1)) return
    const next = Math.min(Number(op.n), delegate.state.doc.child(place.index + 1).content.size)
    delegate.session.tracking.dispatch(
      delegate.state.tr.delete(posOf(delegate, place.index, place.at), posOf(delegate, place.index + 1, next)),
    )
  }),
  paste: writing((delegate, op, { names }) => {
    const place = placeIn(delegate.doc, names, op)
    if (!place) return
    const lines = (op.lines as string[]).map((line) => schema.nodes.clause!.create({ id: "x", insertedBy: "X" }, schema.text(line)))
    const pos = posOf(delegate, place.index, place.at)
    delegate.session.tracking.dispatch(delegate.state.tr.replace(pos, pos, new Slice(Fragment.from(lines), 1, 1)))
  }),
  replaceAll: writing((delegate, op) => {
    const { tr } = delegate.state
    let done = 0
    for (let index = delegate.state.doc.childCount - 1; index >= 0 && done < 4; index--) {
      const at = delegate.state.doc.child(index).textContent.indexOf(String(op.letter))
      if (at >= 0 && ++done) tr.insertText(String(op.text), posOf(delegate, index, at), posOf(delegate, index, at + 1))
    }
    if (tr.docChanged) delegate.session.tracking.dispatch(tr)
  }),
  newClause: writing((delegate, op, world) => {
    const index = indexOf(delegate, world, op)
    if (index >= 0) delegate.session.tracking.addClause(index + 1, null)
  }),
  splitOwn: writing((delegate, op, { names }) => {
    const place = placeIn(delegate.doc, names, op)
    if (place && delegate.state.doc.child(place.index).attrs.insertedBy === delegate.source) delegate.session.tracking.splitOwn(place)
  }),
  split: writing((delegate, op, { names }) => {
    const place = placeIn(delegate.doc, names, op)
    if (place && place.index > 0) delegate.session.tracking.split(place)
  }),
  join: writing((delegate, op, world) => {
    const index = indexOf(delegate, world, op)
    if (index > 0) delegate.session.restructuring.join(index)
  }),
  deleteClause: writing((delegate, op, world) => {
    const index = indexOf(delegate, world, op)
    if (index > 0) delegate.session.restructuring.deleteClause(index)
  }),
  move: writing((delegate, op, world) => {
    const index = indexOf(delegate, world, op)
    if (index > 0) delegate.session.restructuring.moveClause(index, op.step as 1 | -1)
  }),
  level: writing((delegate, op, world) => {
    const index = indexOf(delegate, world, op)
    if (index > 0) delegate.session.restructuring.changeLevel(index, op.step as 1 | -1)
  }),
  undo: writing((delegate) => void delegate.session.undoManager.undo()),
  redo: writing((delegate) => void delegate.session.undoManager.redo()),
}

/** What a network does. */
const network: Readonly<Record<string, Operation>> = {
  come: (world, { who }) => world.come(world.guest(who)),
  up: (world, { who, n }) => world.deliverUp(world.guest(who), Number(n)) > 0,
  down: (world, { who, n }) => world.deliverDown(world.guest(who), Number(n)) > 0,
  cut: (world, { who, side }) => world.cut(world.guest(who), side as "both" | "here" | "there"),
  /** Two frames from the room come in the other order, or one of them twice; only updates, for they must not mind. */
  disturb: (world, { who, swaps }) => {
    const down = world.guest(who).line?.down ?? []
    const isUpdate = (frame: Uint8Array | undefined): boolean => frame !== undefined && decodeMessage(frame)?.kind === "update"
    const at = down.findIndex((frame, i) => isUpdate(frame) && (!swaps || isUpdate(down[i + 1])))
    if (at < 0) return false
    const [frame] = down.splice(at, 1)
    if (swaps) down.splice(at + 1, 0, frame!)
    else down.splice(at, 0, frame!, frame!)
    return true
  },
}

/** What a machine does: its disk, its clock, its end. */
const machine: Readonly<Record<string, Operation>> = {
  turn: async ({ clock }) => {
    await clock.turn()
    return true
  },
  pass: async ({ clock }, { ms }) => {
    await clock.pass(Number(ms))
    return true
  },
  date: ({ clock }, { ms }) => {
    clock.setDate(Number(ms))
    return true
  },
  disk: async ({ disk, clock }, { state }) => {
    disk.state = state as DiskState
    if (state === "prompt") await disk.go()
    await clock.turn()
    return true
  },
  write: async ({ disk, clock }, { n }) => {
    if (disk.waits === 0) return false
    await disk.go(Number(n))
    await clock.turn()
    return true
  },
  restart: async (world, { how, written }) => {
    await world.restart(how as "drained" | "killed", Number(written))
    return true
  },
  snapshot: async ({ room, clock }) => {
    void room.saveSnapshot()
    await clock.turn()
    return true
  },
}

const person = (world: World, key: string): ReturnType<World["meeting"]["people"]["person"]> =>
  world.meeting.people.person(key === "C" ? "p-chair" : key === "SEC" ? "p-secretary" : world.guest(key).person)

/** Acts of the meeting, asked for as the routes do. */
const acts: Readonly<Record<string, Operation>> = {
  look: (world) => {
    world.seen.clear()
    for (const { id, hash } of seenIn(world.room.gate)) world.seen.set(id, hash)
    return world.seen.size > 0
  },
  decide: async (world, { who, verdict, changes, looked, partial, together }) => {
    const ids = (changes as string[]).map((name) => world.names.id(name))
    const seen = looked
      ? ids.flatMap((id) => (world.seen.has(id) ? [{ id, hash: world.seen.get(id)! }] : []))
      : seenIn(world.room.gate, ids).map(({ id, hash }) => ({ id, hash }))
    if (seen.length === 0) return false
    const request = { verdict: verdict as "accept", changes: seen, partial: partial === true, together: together === true }
    world.ask(world.acts.decide(person(world, who!), world.draft, request))
    await world.clock.turn()
    return true
  },
  /** Takes back the last decision but `n` that holds, or opens one change of it again. */
  takeBack: async (world, { who, n, change }) => {
    const entries = await world.drafts.history.record(world.draft)
    const undone = undoneIn(entries)
    const decisions = entries.filter((entry) => isDecision(entry) && !undone.has(entry.n))
    const entry = decisions.at(-1 - Number(n))
    if (!entry) return false
    const changes = (entry.details.changes ?? []) as readonly { id: string }[]
    const one = change === undefined ? undefined : changes[Number(change) % Math.max(1, changes.length)]
    world.ask(
      one
        ? world.acts.reopen(person(world, who!), world.draft, { change: one.id })
        : world.acts.takeBack(person(world, who!), world.draft, { n: entry.n }),
    )
    await world.clock.turn()
    return true
  },
  withdraw: async (world, { who, act, changes }) => {
    const ids = (changes as string[]).map((name) => world.names.id(name))
    const seen = seenIn(world.room.gate, ids).map(({ id, hash }) => ({ id, hash }))
    if (seen.length === 0) return false
    const { source, session } = world.guest(who) as Delegate
    const after = { client: session.doc.clientID, n: session.sentCount }
    world.ask(world.acts.withdraw(person(world, who!), world.draft, { act: act as "withdraw", as: source, changes: seen, after }))
    await world.clock.turn()
    return true
  },
  comment: async (world, op) => {
    const { shadow } = world.room.gate
    const found = stretchIn(shadow, world.names, op)
    if (!found) return false
    const block = world.names.id(String(op.block))
    const element = world.room.gate.blocks[found.index]
    const quote = (element?.runs ?? [])
      .map(({ text }) => text)
      .join("")
      .slice(found.at, found.to)
    const anchor =
      op.on === "clause" ? { on: "clause" as const, block } : { on: "words" as const, block, from: found.at, to: found.to, quote }
    const as = (world.guest(op.who) as Delegate).source
    world.ask(world.acts.comment(person(world, op.who!), world.draft, { as, anchor, text: String(op.text) }))
    await world.clock.turn()
    return true
  },
  remark: async (world, { who, n, act, text }) => {
    const threads = [...roots.threads(world.room.gate.shadow).keys()].sort()
    const thread = threads[Number(n) % Math.max(1, threads.length)]
    if (thread === undefined) return false
    const as = (world.guest(who) as Delegate).source
    world.ask(
      act === "reply"
        ? world.acts.reply(person(world, who!), world.draft, { as, text: String(text) }, { draft: world.id, thread })
        : world.acts.resolveThread(person(world, who!), world.draft, { as, resolved: act === "resolve" }, { draft: world.id, thread }),
    )
    await world.clock.turn()
    return true
  },
  version: async (world, { name }) => {
    world.ask(world.acts.nameVersion(person(world, "C"), world.draft, { name: String(name) }))
    await world.clock.turn()
    return true
  },
  operates: async (world, { on }) => {
    world.ask(world.acts.settings(person(world, "C"), world.draft, { secretaryOperates: on === true }))
    await world.clock.turn()
    return true
  },
  /** A random Word file comes onto the draft. */
  import: async (world, { file }) => {
    const { draft, drafts, acts: meeting } = world
    const bytes = new RandomFile(Number(file)).bytes
    const request = {
      bytes,
      name: "file.docx",
      text: null,
      isPreview: false,
      isCompared: false,
      confirmed: [],
      ...drafts.whole.beside(draft),
    }
    const beside = await inlineDesk.readBeside(request)
    const stated = Object.fromEntries(authorsOf(beside.draft, []).map(({ name }, i) => [name, ["S", "B", "E"][i % 3]!]))
    const understood = withBrackets(withSources(beside.draft, stated))
    world.ask(meeting.importChanges(person(world, "SEC"), draft, { draft: understood, homes: beside.homes, name: "file.docx" }))
    await world.clock.turn()
    return true
  },
}

/** Who may write, and for whom. */
const standing: Readonly<Record<string, Operation>> = {
  hat: (world, { who, source }) => {
    const delegate = world.guest(who) as Delegate
    const { session } = delegate
    if (delegate.source === source || !delegate.line || !session.isSynced || !session.isSaved || delegate.waiting.length > 0) return false
    delegate.source = String(source)
    world.cut(delegate)
    delegate.mustRejoin = true
    return world.come(delegate)
  },
  revoke: async (world, { who, on }) => {
    const { people } = world.meeting
    const record = people.record(world.guest(who).person)!
    await people.save({ ...record, isRevoked: on === true })
    return true
  },
}

/** Those who do not play by the rules, and those who do not know them. */
const strangers: Readonly<Record<string, Operation>> = {
  lie: async (world, { n }) => {
    const liar = world.guest("L") as Liar
    if (!liar.line && !(await world.come(liar))) return false
    const { doc, updates } = liar.copyOf(world.room.main)
    const r = random(Number(n))
    const forgeries = forgeriesBy({ own: "L", forger: liar.client, other: "S", victim: world.guest("S").doc.clientID })
    try {
      doc.transact((tr) => {
        for (let count = 1 + r.below(3); count > 0; count--) r.pick(forgeries)(doc, tr, r)
      })
    } catch {
      // What Yjs itself will not write is no lie.
      return false
    }
    for (const update of updates) liar.line?.sendUp(encodeMessage({ kind: "update", update }))
    world.deliverUp(liar, Number.POSITIVE_INFINITY)
    await world.clock.turn()
    world.deliverDown(liar, Number.POSITIVE_INFINITY)
    return updates.length > 0
  },
  peerTypes: (world, op) => {
    const peer = world.guest("P") as StockPeer
    const place = placeIn(peer.doc, world.names, op)
    const text = place && peer.text(world.names.id(String(op.block)))
    if (!text || !peer.line) return false
    text.insert(place.at, String(op.text))
    return true
  },
  peerDeletes: (world, op) => {
    const peer = world.guest("P") as StockPeer
    const found = stretchIn(peer.doc, world.names, op)
    const text = found && peer.text(world.names.id(String(op.block)))
    if (!text || !peer.line) return false
    text.delete(found.at, found.to - found.at)
    return true
  },
}

export const operations: Readonly<Record<string, Operation>> = { ...edits, ...network, ...machine, ...acts, ...standing, ...strangers }

export const perform: Operation = (world, op) => {
  const operation = operations[op.do]
  if (!operation) throw new Error(`no operation is called ${op.do}`)
  return operation(world, op)
}

export const editKinds = Object.keys(edits)
