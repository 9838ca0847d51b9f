import * as Y from "yjs"
import { blockOfNode } from "../../shared/schema/schema.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import { type DocRead, isStruckBy, Reader } from "../oracle.ts"
import { differences } from "./laws.ts"
import { Delegate, Liar } from "./people.ts"
import { LawBroken, type Op } from "./trace.ts"
import type { World } from "./world.ts"

const mostRounds = 60

/** The network heals, the disk is written, everybody comes: until nothing moves any more. */
export async function settle(world: World): Promise<void> {
  const at = Number.MAX_SAFE_INTEGER
  const each = async (op: Op, ms: number): Promise<void> => world.perform(op, () => round(world, ms))
  for (const { id, isRevoked } of world.meeting.people.everyone())
    if (isRevoked) await world.meeting.people.save({ ...world.meeting.people.record(id)!, isRevoked: false })
  for (let n = 0, quiet = 0; quiet < 2; n++) {
    if (n === mostRounds) throw new LawBroken("ends", `after ${mostRounds} rounds: ${unsettled(world)}`)
    // Who waits for what never comes is told so after five seconds.
    await each({ at, do: "settle" }, n < 5 ? 60 : 2_000)
    quiet = unsettled(world) === "" ? quiet + 1 : 0
  }
}

async function round(world: World, ms: number): Promise<boolean> {
  world.disk.state = "prompt"
  await world.disk.go()
  for (const guest of world.guests.values()) {
    if (guest instanceof Liar || (guest.key === "P" && !guest.line && world.plan.file === undefined && !isPlaying(world, guest.key)))
      continue
    // A line that only one side believes in is dead after some silence.
    if (guest.line && !guest.line.isOpenThere && guest.line.down.length === 0) world.cut(guest, "here")
    await world.come(guest)
    world.deliverUp(guest, Number.POSITIVE_INFINITY)
  }
  await world.clock.pass(ms)
  for (const guest of world.guests.values()) world.deliverDown(guest, Number.POSITIVE_INFINITY)
  await world.clock.turn()
  return false
}

const isPlaying = (world: World, key: string): boolean => !world.guest(key).mustRejoin

/** What is still under way, in words; nothing: "". */
function unsettled(world: World): string {
  const parts: string[] = []
  for (const guest of world.guests.values()) {
    const { line, key } = guest
    if (guest instanceof Liar) continue
    if (line && line.up.length + line.down.length > 0) parts.push(`frames of ${key}`)
    if (!(guest instanceof Delegate)) continue
    if (!line) parts.push(`${key} is away`)
    else if (!guest.session.isSynced) parts.push(`${key} is not synced`)
    else if (!guest.session.isSaved) parts.push(`${key} has unsaved words`)
    if (guest.waiting.length > 0) parts.push(`words of ${key} wait`)
  }
  if (world.unanswered > 0) parts.push("acts without an answer")
  return parts.join(", ")
}

/** What must hold once nothing moves: one draft everywhere, every word in one place, every mark its true source's. */
export async function demandWhole(world: World): Promise<void> {
  const { laws } = world
  const main = laws.readMain()
  laws.demand("shadow is main", differences(main, laws.read()))
  await demandReplay(world, main)
  for (const guest of world.guests.values()) {
    if (guest instanceof Liar || !guest.line) continue
    laws.demand(
      "peers are main",
      differences(main, new Reader(guest.doc).read()).map((what) => `${guest.key}: ${what}`),
    )
    if (guest instanceof Delegate) laws.demand("editor is main", editorDiffers(guest, main))
  }
  laws.demand("whose words", misattributed(world))
  laws.demand("strikes stay", drifted(world))
  laws.demand("where words went", leftBehind(main))
  if (world.plan.areLettersOwn) laws.demand("words", wordsAmiss(world, main))
  if (laws.broken) throw laws.broken
}

/** The log, from its first row and from its snapshot, gives the same draft, and its chain holds. */
async function demandReplay({ ground, id, laws }: World, main: DocRead): Promise<void> {
  const { store } = ground
  const rows = await store.rows(id, 0)
  const replayed = (updates: readonly Uint8Array[]): DocRead => {
    const doc = newDraftDoc()
    doc.transact(() => {
      for (const update of updates) Y.applyUpdate(doc, update)
    })
    return new Reader(doc).read()
  }
  laws.demand("replay is main", differences(main, replayed(rows.map(({ update }) => update))))
  const snapshot = await store.snapshot(id)
  if (snapshot) {
    const later = rows.filter(({ seq }) => seq > snapshot.seq).map(({ update }) => update)
    laws.demand("snapshot is main", differences(main, replayed([snapshot.state, ...later])))
  }
  const proof = await store.examine(id)
  laws.demand("chain", proof === null ? ["no such draft"] : proof.damage === null ? [] : [proof.damage])
}

function editorDiffers(delegate: Delegate, main: DocRead): string[] {
  const problems: string[] = []
  if (delegate.session.binding.verify()) problems.push(`the editor of ${delegate.key} was corrected`)
  const { doc } = delegate.state
  if (doc.childCount !== main.blocks.length) return [`${delegate.key} shows ${doc.childCount} blocks of ${main.blocks.length}`]
  doc.forEach((node, _pos, i) => {
    const shown = blockOfNode(node)
    const block = main.blocks[i]!
    const is = runsShown(shown.runs.map(({ text, marks }) => [text, marks.map(({ key }) => key)]))
    const should = runsShown(block.letters.map(({ text, marks }) => [text, marks.map(({ key }) => key)]))
    if (shown.id !== block.id || is !== should) problems.push(`${delegate.key} shows ${is} for ${should}`)
  })
  return problems
}

function runsShown(runs: readonly (readonly [string, readonly string[]])[]): string {
  let shown = ""
  let last = ""
  for (const [text, marks] of runs) {
    const keys = [...marks].sort().join(" ")
    if (keys !== last) shown += `[${keys}]`
    shown += text
    last = keys
  }
  return shown
}

/** Characters of which the writer is not the owner of their mark. */
function misattributed({ laws, writers, draft }: World): string[] {
  const { relocations } = draft.room.gate
  const wrong: string[] = []
  for (const { letters } of laws.readMain().blocks)
    for (const { text, ids, owner } of letters) {
      if (!owner) continue
      for (let i = 0; i < text.length; i++) {
        const [client, clock] = ids[i]!.split(".").map(Number) as [number, number]
        const writer = writers.get(client) ?? relocations.broughtFor({ client, clock })
        // What was taken in may be its writer's again, where the disk was full.
        if (writer !== owner.source && laws.takenIn.get(ids[i]!) !== owner.source)
          wrong.push(`${text[i]}: written by ${writer}, marked ${owner.source}`)
      }
    }
  return wrong.slice(0, 3)
}

/** Deletions that reach over letters of the opened text which nobody meant, or fell off some that were meant and are there. */
function drifted(world: World): string[] {
  const main = world.laws.readMain()
  const opened = newDraftDoc()
  Y.applyUpdate(opened, world.initial)
  const agreedAtOpening = new Set(
    new Reader(opened).read().blocks.flatMap(({ letters }) => letters.flatMap(({ owner, ids }) => (owner ? [] : ids))),
  )
  const meant = new Map<string, ReadonlySet<string>>()
  for (const delegate of world.delegates) for (const [mark, covered] of delegate.meant) meant.set(mark, covered)
  const { relocations } = world.room.gate
  const first = (id: string): string => {
    const [client, clock] = id.split(".").map(Number) as [number, number]
    const original = relocations.original({ client, clock })
    return `${original.client}.${original.clock}`
  }
  const there = new Set<string>()
  const struck = new Map<string, Set<string>>()
  const byChange = new Map<string, Set<string>>()
  const changeOf = new Map<string, string>()
  for (const { letters } of main.blocks)
    for (const { ids, owner, marks } of letters) {
      if (owner) continue
      for (const id of ids) there.add(id)
      for (const { name, id: mark, change } of marks) {
        if (name !== "deletion") continue
        changeOf.set(mark, change)
        for (const [map, key] of [
          [struck, mark],
          [byChange, change],
        ] as const) {
          const covered = map.get(key) ?? new Set()
          map.set(key, covered)
          for (const id of ids) covered.add(id)
        }
      }
    }
  const wrong: string[] = []
  for (const [mark, covered] of struck) {
    const intended = meant.get(mark)
    if (!intended) continue
    const again = world.laws.reopened.get(changeOf.get(mark)!)
    const firsts = new Set([...intended].map(first))
    for (const id of covered) if (!firsts.has(id) && agreedAtOpening.has(id)) wrong.push(`${mark} spread to ${id}`)
    for (const id of firsts)
      if (there.has(id) && (again?.has(id) ?? true) && !byChange.get(changeOf.get(mark)!)!.has(id)) wrong.push(`${mark} fell off ${id}`)
  }
  return wrong.slice(0, 3)
}

/** A block that is no part of the text any more holds no words. */
const leftBehind = ({ blocks }: DocRead): string[] =>
  blocks
    .filter(({ attrs, letters }) => attrs.some(([name]) => name === "joined") && letters.length > 0)
    .map(({ id }) => `block ${id} holds words`)

/**
 * Every letter that somebody typed is in one place, unless somebody took it out. One that was agreed while its writer took it out and wrote it again
 * (undo and redo) stands there beside itself, struck or not, as the chair said.
 */
function wordsAmiss(world: World, main: DocRead): string[] {
  const inMain = new Map<string, number>()
  for (const { letters } of main.blocks)
    for (const { text, owner, marks } of letters) {
      const isStruck = marks.some((mark) => mark.name === "deletion" && isStruckBy(owner, mark, marks))
      for (const letter of text) inMain.set(letter, (inMain.get(letter) ?? 0) + (isStruck ? 0.001 : 1))
    }
  const kept = new Set<string>()
  const removed = new Set(world.laws.removed)
  for (const delegate of world.delegates) {
    for (const { text } of [...delegate.tray, ...delegate.waiting]) for (const letter of text) kept.add(letter)
    for (const text of delegate.kept) for (const letter of text) kept.add(letter)
    for (const letter of delegate.removed) removed.add(letter)
  }
  const problems: string[] = []
  const typed = new Map<string, number>()
  for (const delegate of world.delegates) for (const letter of delegate.typed) typed.set(letter, (typed.get(letter) ?? 0) + 1)
  for (const delegate of world.delegates)
    for (const letter of new Set(delegate.typed)) {
      if (letter < "\u4e00" || letter > "\u9fff") continue
      const count = inMain.get(letter) ?? 0
      if (count >= typed.get(letter)! + 1) problems.push(`${letter}, typed by ${delegate.key}, is there ${Math.floor(count)} times`)
      if (count === 0 && !kept.has(letter) && !removed.has(letter)) problems.push(`${letter}, typed by ${delegate.key}, is lost`)
    }
  return problems.slice(0, 5)
}
