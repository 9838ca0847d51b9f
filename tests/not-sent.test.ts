import { describe, expect, it } from "vitest"
import { whyKept } from "../client/life/sentences.ts"
import { describeChange } from "../shared/changes/changes.ts"
import { proposedTextOf } from "../shared/changes/projections.ts"
import { textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { Browser, Server, turns, Window } from "./life-world.ts"

interface Scene {
  readonly server: Server
  readonly browser: Browser
  readonly window: Window
  readonly own: () => string[]
}

async function scene(): Promise<Scene> {
  const server = new Server()
  const browser = new Browser()
  const window = new Window(server, browser)
  await window.settle(6)
  const own = (): string[] =>
    server.cohort
      .changes()
      .filter(({ source }) => source === "SEC")
      .map((change) => describeChange(change))
  return { server, browser, window, own }
}

/** Where some words begin in a clause of what a window shows. */
function posOf({ state }: Window, clause: string, words: string): number {
  let pos = 0
  for (const node of state.doc.children) {
    if (node.attrs.id === clause) return pos + 1 + node.textContent.indexOf(words)
    pos += node.nodeSize
  }
  throw new Error(`no clause ${clause}`)
}

function replace(window: Window, clause: string, words: string, by: string): void {
  const from = posOf(window, clause, words)
  const { tr } = window.state
  window.life.session.tracking.dispatch(by === "" ? tr.delete(from, from + words.length) : tr.insertText(by, from, from + words.length))
}

/** What one does is refused; `isRaced`: the room says that its place was decided on a moment before. */
async function refused({ server, window }: Scene, isRaced: boolean, does: () => void | Promise<void>): Promise<void> {
  server.person.role = "observer"
  server.isRaced = isRaced
  await does()
  await turns()
  window.up()
  await server.cohort.tick()
  await server.cohort.tick()
  window.down()
  server.person.role = "secretary"
  server.isRaced = false
  await window.settle()
}

const withdrawn = "You may not write in this draft at this moment."
const decided = "What stands there was decided on a moment before. Propose it again if it is still wanted."

describe("what the room did not take", () => {
  it("[LIFE2 LIFE9] a replacement that comes back after a decision beside it is a replacement again", async () => {
    const all = await scene()
    await refused(all, true, () => replace(all.window, "c1", "keep", "have"))
    expect(all.own()).toEqual(["replace “keep” by “have”"])
    expect(all.window.life.tray.peek()).toEqual([])
    expect(all.window.said).toEqual([])
    await all.window.close()
  })

  it("[LIFE2 LIFE9] so what replaces a word of one's own open proposal, and no deletion is told beside it", async () => {
    for (const isRaced of [true, false]) {
      const all = await scene()
      replace(all.window, "c1", "keep", "keep and mend")
      await all.window.settle()
      await refused(all, isRaced, () => replace(all.window, "c1", "mend", "wash"))
      const tray = all.window.life.tray.peek()
      expect(tray.map(({ text, struck }) => [text, struck?.map((part) => part.text)])).toEqual(isRaced ? [] : [["wash", ["mend"]]])
      for (const kept of tray) expect(all.window.life.session.places.putBack(kept)).toBe(true)
      await all.window.settle()
      expect(all.own()).toEqual(["replace “keep” by “keep and wash”"])
      expect(all.window.said.join()).not.toContain("deletion")
      await all.window.close()
    }
  })

  for (const isOwn of [false, true])
    it(`[LIFE9] what a page sent into a clause that had gone, and that was closed again at once, is to replace what it was: ${isOwn ? "a word of one's own open proposal" : "an agreed word"}`, async () => {
      const all = await scene()
      const { server, browser, window } = all
      if (isOwn) replace(window, "c1", " the lamps", " and mend the lamps")
      await window.settle()
      window.lines.at(-1)!.breaks()
      replace(window, "c1", isOwn ? "mend" : "lamps", "lights")
      await turns()
      const other = server.cohort.member("S")
      await server.cohort.settle()
      other.session.restructuring.deleteClause(1)
      await server.cohort.settle()
      const deletion = server.cohort.changes().find(({ source }) => source === "S")
      expect(await server.cohort.decide([deletion!.id], "accept"), server.cohort.refusal?.message).toBe(true)
      await server.cohort.settle()
      await window.close()
      const second = new Window(server, browser)
      const rows = server.cohort.log.rows.length
      for (let round = 0; round < 12 && server.cohort.log.rows.length === rows; round++) {
        await second.pass()
        await second.answerJoins()
        second.connect()
        second.down()
        await turns()
        second.up()
        await server.cohort.tick()
      }
      expect(server.cohort.log.rows.length).toBeGreaterThan(rows)
      expect(second.life.tray.peek()).toEqual([])
      await second.close()
      const third = new Window(server, browser)
      await third.settle()
      const tray = third.life.tray.peek()
      expect(tray.map(({ text, stoodIn, struck }) => [text, stoodIn, struck?.map((part) => part.text)])).toEqual([
        ["lights", "c1", [isOwn ? "mend" : "lamps"]],
      ])
      expect(await server.cohort.takeBack(1), server.cohort.refusal?.message).toBe(true)
      await third.settle()
      expect(third.life.session.places.placeFor(tray[0]!)?.isWhole).toBe(true)
      expect(third.life.session.places.putBack(tray[0]!)).toBe(true)
      await third.settle()
      expect(all.own()).toEqual([isOwn ? "replace “ the lamps” by “ and lights the lamps”" : "replace “lamps” by “lights”"])
      await third.close()
    })

  it("[LIFE9] where what they were to replace is gone by then the words wait in the tray, which says so", async () => {
    const all = await scene()
    const { server, window } = all
    const other = server.cohort.member("S")
    await server.cohort.settle()
    other.delete(1, "to ".length, "to keep ".length)
    await server.cohort.settle()
    const [deletion] = server.cohort.changes()
    await refused(all, true, async () => {
      replace(window, "c1", "keep", "have")
      expect(await server.cohort.decide([deletion!.id], "accept"), server.cohort.refusal?.message).toBe(true)
    })
    const tray = window.life.tray.peek().map(({ text, why, struck }) => [text, why, struck?.map((part) => part.text)])
    expect(tray).toEqual([["have", whyKept.replacedGone, ["keep"]]])
    expect(all.own()).toEqual([])
    await window.close()
  })

  const acts: Record<string, { readonly before?: (all: Scene) => void; readonly does: (all: Scene) => void; readonly said: string }> = {
    "a deletion": { does: ({ window }) => replace(window, "c1", "keep", ""), said: "the deletion of “keep” (the clause c1)" },
    "two deletions": {
      does: ({ window }) => {
        replace(window, "c1", "keep", "")
        replace(window, "c2", "yearly", "")
      },
      said: "the deletion of “keep” (the clause c1); the deletion of “yearly” (the clause c2)",
    },
    "the deletion of what one had added": {
      before: ({ window }) => replace(window, "c1", "keep", "keep and mend"),
      does: ({ window }) => replace(window, "c1", "mend", ""),
      said: "the deletion of “mend” (the clause c1)",
    },
    "the deletion of a clause": {
      does: ({ window }) => window.life.session.restructuring.deleteClause(2),
      said: "the proposal to delete a clause (the clause c2)",
    },
    "a move": {
      does: ({ window }) => window.life.session.restructuring.moveClause(2, -1),
      said: "the proposal to move a clause (the clause c2)",
    },
    "a level": {
      does: ({ window }) => window.life.session.restructuring.changeLevel(2, 1),
      said: "the proposal to change a clause's level (the clause c2)",
    },
    "a join": {
      does: ({ window }) => void window.life.session.restructuring.join(2),
      said: "the proposal to join a clause to the one before (the clause c2)",
    },
    "what takes a proposal back": {
      before: ({ window }) => window.life.session.restructuring.deleteClause(2),
      does: ({ window }) => void window.life.session.undoManager.undo(),
      said: "taking back the proposal to delete a clause (the clause c2)",
    },
  }
  for (const isRaced of [true, false])
    it.each(Object.entries(acts))(
      `[LIFE12] %s is told in words${isRaced ? ", where its place was decided on a moment before" : ""}`,
      async (_, act) => {
        const all = await scene()
        act.before?.(all)
        await all.window.settle()
        const standing = all.own()
        await refused(all, isRaced, () => act.does(all))
        expect(all.own()).toEqual(standing)
        expect(all.window.life.tray.peek()).toEqual([])
        expect(all.window.said.slice(-1)).toEqual([`Your last changes are not in the draft: ${act.said}. ${isRaced ? decided : withdrawn}`])
        await all.window.close()
      },
    )

  it("[LIFE12] a split is put back as the words are, else told", async () => {
    const all = await scene()
    const cut = (): void => all.window.life.session.tracking.split({ index: 1, at: "to keep ".length })
    await refused(all, true, cut)
    expect(all.own()).toHaveLength(1)
    expect(all.window.said).toEqual([])
    await refused(all, false, () => all.window.life.session.tracking.split({ index: 2, at: "to ".length }))
    expect(all.own()).toHaveLength(1)
    expect(all.window.said).toEqual([
      `Your last changes are not in the draft: the proposal to split a clause (the clause c2). ${withdrawn}`,
    ])
    await all.window.close()
  })

  for (const isRaced of [true, false])
    it(`[LIFE12] beside words that ${isRaced ? "go back to their place" : "come to the tray"} a deletion elsewhere is told`, async () => {
      const all = await scene()
      await refused(all, isRaced, () => {
        replace(all.window, "c1", "keep", "have")
        replace(all.window, "c2", "yearly", "")
      })
      expect(all.own()).toEqual(isRaced ? ["replace “keep” by “have”"] : [])
      expect(all.window.life.tray.peek().map(({ text }) => text)).toEqual(isRaced ? [] : ["have"])
      const why = isRaced ? decided : withdrawn
      expect(all.window.said).toEqual([`Of your last changes these are not in the draft: the deletion of “yearly” (the clause c2). ${why}`])
      await all.window.close()
    })

  for (const isRaced of [true, false])
    it(`[LIFE12 LIFE4] a deletion that a closed window left and the room ${isRaced ? "meets with a decision" : "refuses"} is told by the next`, async () => {
      const all = await scene()
      const { server, browser, window } = all
      window.lines.at(-1)!.breaks()
      replace(window, "c1", "keep", "")
      await turns()
      await window.close()
      const next = new Window(server, browser)
      await next.settle(1)
      server.person.role = "observer"
      server.isRaced = isRaced
      await next.settle(6)
      server.person.role = "secretary"
      server.isRaced = false
      await next.settle()
      expect(next.said).toEqual([
        `Your last changes are not in the draft: the deletion of “keep” (the clause c1). ${isRaced ? decided : withdrawn}`,
      ])
      await next.close()
    })

  it("[LIFE9 TRK2] words that may not stand at their place any more, for proposals stand there as deep as they may, stay in the tray", async () => {
    const all = await scene()
    const { server, window } = all
    const others = ["D", "E", "F", "G", "H", "I", "J", "K"].map((source) => server.cohort.member(source))
    await server.cohort.settle()
    for (const [depth, member] of others.slice(0, 7).entries()) {
      member.type(1, 3 + depth * 2, "xxxx")
      await server.cohort.settle()
    }
    await window.settle(3)
    const at = posOf(window, "c1", "x") + 14
    await refused(all, true, () => {
      window.life.session.tracking.dispatch(window.state.tr.insertText("deep", at))
      // Who strikes these words meanwhile makes their place one deeper.
      others[7]!.delete(1, 3 + 12, 3 + 16)
      others[7]!.deliverUp()
    })
    expect(window.life.tray.peek().map(({ text, why, block }) => [text, why, block])).toEqual([["deep", whyKept.tooDeep, "c1"]])
    expect(window.said).toEqual([expect.stringContaining("8 proposals deep")])
    expect(all.own()).toEqual([])
    // Asked again it says the same and keeps them; elsewhere they are taken.
    const [entry] = window.life.tray.peek()
    expect(window.life.session.places.placeFor(entry!)?.isWhole).toBe(true)
    expect(window.life.session.places.putBack(entry!, true)).toBe(false)
    expect(window.life.session.tracking.propose(2, 0, entry!.text)).toBe(true)
    await window.settle()
    expect(all.own()).toEqual(["insert “deep”"])
    expect(proposedTextOf(blocksOf(server.cohort.room.main)).map(textOf)).toContain("deepto report yearly")
    await window.close()
  })
})
