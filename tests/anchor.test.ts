import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { type AnchorRequest, beginThread } from "../server/acts/threads.ts"
import { commentsAlready } from "../server/comparison/talked.ts"
import { seenIn } from "../server/decisions/as-seen.ts"
import { attribute } from "../server/decisions/attribute.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { type Format, write } from "../server/papers/formats.ts"
import { printableOf, printableOfDoc } from "../server/papers/printable.ts"
import { addressesOf, labelsOf } from "../shared/clauses/labels.ts"
import { placesOf, standingSaid, type ThreadPlace } from "../shared/comments/place-of.ts"
import type { StructuralAct } from "../shared/schema/block.ts"
import { markId } from "../shared/schema/keys.ts"
import { groundOf } from "../shared/sync/ground.ts"
import { blocksOf, structureRoot } from "../shared/sync/read.ts"
import { metaOfDoc, roots, threadsOf } from "../shared/sync/roots.ts"
import { newDraftDoc } from "../shared/sync/write.ts"
import { clause, draftState, head, note } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

const sentence = "Is it one per country?"
const remark = { person: "p", source: "B", text: sentence, at: "2026-11-27T09:00:00Z" }
/** Every form in which a draft with its changes leaves the house. */
const files: readonly Exclude<Format, "pdf">[] = ["json", "html", "docx", "akn", "txt"]

/** Plain text without the marks of changes and the line that tells of them: with them it is refused (PAPER5). */
function unmarked(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(bytes)
  const marks = /^Changes are marked.*\n|\{[+-]\w+(?:, accepted)?: |[+-]\}/g
  return new TextEncoder().encode(text.replace(marks, ""))
}

/** Four clauses, a footnote on the last, and two delegations. */
class Room {
  readonly cohort = new Cohort(
    draftState([
      head("resolves"),
      clause("to designate a national alerting office,", "a"),
      clause("to report to the Council,", "b"),
      clause("to share what was learned,", "c"),
      { ...clause("to keep lamps\ufffc lit.", "d"), calls: ["n"] },
      note("of bronze or of iron", "n"),
    ]),
  )
  readonly s: Member = this.cohort.member("S")
  readonly b: Member = this.cohort.member("B")
  readonly force = blocksOf(this.cohort.room.main)
  thread = ""
  #entries = 0

  async begun(): Promise<this> {
    await this.cohort.settle()
    return this
  }

  get doc() {
    return this.cohort.room.main
  }

  async comment(anchor: AnchorRequest): Promise<void> {
    await this.cohort.act("comment", (gate) => {
      const { row, id } = beginThread(gate, anchor, remark)
      this.thread = id
      return { row }
    })
    await this.cohort.settle()
  }

  commentOn(block: string, quote: string): Promise<void> {
    const text = blocksOf(this.doc)
      .find(({ id }) => id === block)!
      .runs.map((run) => run.text)
      .join("")
    const from = text.indexOf(quote)
    return this.comment({ on: "words", block, from, to: from + quote.length, quote })
  }

  /** S proposes something about a clause as a whole; the id of the change. */
  async propose(block: string, act: StructuralAct): Promise<string> {
    const id = markId("S", this.s.session.doc.clientID, 9_000 + ++this.#entries)
    this.s.session.doc.transact(() => this.s.session.doc.getMap(structureRoot).set(id, { id, of: "", source: "S", block, ...act }))
    await this.cohort.settle()
    return id
  }

  /** The id of the one open change, or that of a source. */
  change(source = "S"): string {
    const found = this.cohort.changes().filter((change) => change.source === source)
    expect(found.length, "one change").toBe(1)
    return found[0]!.id
  }

  async decide(id: string, verdict: "accept" | "notRetain" | "withdraw"): Promise<void> {
    expect(await this.cohort.decide([id], verdict), verdict).toBe(true)
    await this.cohort.settle()
  }

  get place(): ThreadPlace {
    return placesOf(threadsOf(this.doc), groundOf(this.doc, blocksOf(this.doc))).get(this.thread)!
  }

  addressOf(block: string): string {
    const { profile, labels } = metaOfDoc(this.doc)
    const blocks = blocksOf(this.doc)
    return addressesOf(blocks, labelsOf(blocks, profile, labels)).get(block)!
  }

  /** Its place for people: block, standing, and what is said of it. */
  get told(): readonly (string | null)[] {
    const { block, standing } = this.place
    // Every party computes the same.
    for (const { session } of [this.s, this.b])
      expect(placesOf(threadsOf(session.doc), groundOf(session.doc, blocksOf(session.doc))).get(this.thread)).toEqual(this.place)
    return [block, standing, standingSaid(this.place)]
  }

  /** How often it is in each file, and in a draft that opens with that file. */
  inFiles(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const view of ["open", "against"] as const)
      for (const format of files) {
        const bytes = write(paperOf(this.doc, this.force), { format, view, marks: "delegation", hasComments: true, template: null })
        if (format === "html") {
          const page = new TextDecoder().decode(bytes)
          counts[`${format} ${view}`] = page.split(sentence).length - 1
          expect(page, `${format} ${view}`).toContain(standingSaid(this.place) ?? "")
          counts[`${format} ${view}, called`] = page.split('href="#comment-1"').length - 1
          continue
        }
        const read = readFile(format === "txt" ? unmarked(bytes) : bytes)
        const told = standingSaid(this.place)
        if (told !== null && (format === "docx" || format === "txt"))
          expect(
            read.comments.map(({ text }) => text),
            `${format} ${view}`,
          ).toContain(`(${told}) ${sentence}`)
        // A paper that comes back brings none twice, whatever it says before the words of one.
        if (told !== null && format === "docx") expect(commentsAlready(this.doc, read, () => "B").size, `${format} ${view}`).toBe(1)
        counts[`${format} ${view}`] = read.comments.filter(({ text }) => text.endsWith(sentence)).length
        const again = printableOf(read)
        const thread = again.threads.find(({ remarks }) => remarks[0]?.text.endsWith(sentence))
        counts[`${format} ${view}, placed again`] = thread && again.places.get(thread.id)?.block ? 1 : 0
      }
    return counts
  }

  inNoFileLost(): void {
    for (const [file, count] of Object.entries(this.inFiles())) expect(count, file).toBe(1)
  }
}

const begun = (): Promise<Room> => new Room().begun()

describe("the place of a comment", () => {
  it("[ANCHOR1] is at its words", async () => {
    const room = await begun()
    await room.commentOn("a", "national alerting")
    expect(room.told).toEqual(["a", "words", null])
    room.inNoFileLost()
  })

  it("[ANCHOR1] is where its words stood, once they were struck and that was accepted", async () => {
    const room = await begun()
    await room.commentOn("a", "national alerting")
    room.s.delete(1, 10, "to designate a national alerting".length)
    await room.cohort.settle()
    await room.decide(room.change(), "accept")
    expect(room.told).toEqual(["a", "struck", "On words that were deleted."])
    expect(room.place.from, "behind what stands before them").toBe(10)
    room.inNoFileLost()
  })

  it("[ANCHOR1] follows the words around, whatever becomes of their clause later", async () => {
    const room = await begun()
    await room.commentOn("b", "the")
    room.s.delete(2, "to report to ".length, "to report to the".length)
    await room.cohort.settle()
    await room.decide(room.change(), "accept")
    await room.decide(await room.propose("b", { kind: "join", into: "a" }), "accept")
    expect(room.told).toEqual(["a", "struck", "On words that were deleted."])
    const text = room.b.text(1)
    expect(text.slice(0, room.place.from).endsWith("to report to "), text).toBe(true)
    room.inNoFileLost()
  })

  it("[ANCHOR1] of a clause's words is with the part that has them, once it is split; of a clause with the first", async () => {
    for (const [quote, block] of [
      ["designate", "a"],
      ["alerting", null],
    ] as const) {
      const room = await begun()
      await room.commentOn("a", quote)
      room.s.session.tracking.split({ index: 1, at: "to designate a".length })
      await room.cohort.settle()
      await room.decide(room.change(), "accept")
      const [at, standing] = room.told
      expect(standing).toBe("words")
      if (block === null) expect(at).not.toBe("a")
      else expect(at).toBe(block)
      room.inNoFileLost()
    }
    const room = await begun()
    await room.comment({ on: "clause", block: "a" })
    room.s.session.tracking.split({ index: 1, at: 15 })
    await room.cohort.settle()
    await room.decide(room.change(), "accept")
    expect(room.told).toEqual(["a", "clause", null])
    room.inNoFileLost()
  })

  it("[ANCHOR1] of a clause that was joined or moved is at what has its words", async () => {
    for (const on of ["words", "clause"] as const)
      for (const act of [
        { kind: "join", into: "a" },
        { kind: "move", after: "d" },
      ] as const) {
        const room = await begun()
        if (on === "words") await room.commentOn("b", "Council")
        else await room.comment({ on, block: "b" })
        await room.decide(await room.propose("b", act), "accept")
        expect(room.told, `${on} ${act.kind}`).toEqual([act.kind === "join" ? "a" : "b", on, null])
        room.inNoFileLost()
      }
  })

  it("[ANCHOR2] of a clause that is gone is where that stood, with its old address and the words that it quotes", async () => {
    for (const on of ["words", "clause"] as const) {
      const room = await begun()
      if (on === "words") await room.commentOn("b", "Council")
      else await room.comment({ on, block: "b" })
      const said = `On a clause that is no longer here: it was ${room.addressOf("b")}.`
      expect(said).toMatch(/it was resolves/)
      await room.decide(await room.propose("b", { kind: "delete" }), "accept")
      expect(room.told).toEqual(["a", "gone", said])
      room.inNoFileLost()
      // The clause that it stands behind goes too.
      await room.decide(await room.propose("a", { kind: "delete" }), "accept")
      expect(room.told).toEqual(["resolves", "gone", said])
      room.inNoFileLost()
      if (on === "words") expect((threadsOf(room.doc)[0]!.anchor as { quote: string }).quote).toBe("Council")
    }
  })

  it("[ANCHOR2] against the text in force is at the struck clause", async () => {
    const room = await begun()
    await room.commentOn("b", "Council")
    await room.decide(await room.propose("b", { kind: "delete" }), "accept")
    const page = new TextDecoder().decode(
      write(paperOf(room.doc, room.force), { format: "html", view: "against", marks: "delegation", hasComments: true, template: null }),
    )
    const line = page.split("\n").find((part) => part.includes('href="#comment-1"'))
    expect(line).toContain("to report to the Council,")
    expect(page).toContain("<blockquote")
  })

  it("[ANCHOR2] of words that a split had carried to a clause which then went, is where that stood", async () => {
    const room = await begun()
    await room.commentOn("a", "alerting")
    room.s.session.tracking.split({ index: 1, at: "to designate a".length })
    await room.cohort.settle()
    await room.decide(room.change(), "accept")
    const second = room.place.block!
    expect(second).not.toBe("a")
    const said = `On a clause that is no longer here: it was ${room.addressOf(second)}.`
    await room.decide(await room.propose(second, { kind: "delete" }), "accept")
    expect(room.told).toEqual(["a", "gone", said])
    room.inNoFileLost()
  })

  it("[ANCHOR1] of an open proposal's words is where they stood, once their author takes them back", async () => {
    const room = await begun()
    room.s.type(1, 3, "solemnly ")
    await room.cohort.settle()
    await room.commentOn("a", "solemnly")
    room.s.delete(1, 3, 12)
    await room.cohort.settle()
    expect(room.told).toEqual(["a", "struck", "On words that were deleted."])
    expect(room.place.from).toBe(3)
    room.inNoFileLost()
  })

  it("[ANCHOR1] of a new clause is where that stood, once it is withdrawn, emptied, or swept", async () => {
    for (const how of ["withdraw", "empty", "sweep"] as const) {
      const room = await begun()
      room.s.session.tracking.addClause(3, null)
      await room.cohort.settle()
      room.s.type(3, 0, "to think,")
      await room.cohort.settle()
      const id = blocksOf(room.doc)[3]!.id
      await room.commentOn(id, "think")
      if (how === "withdraw") await room.decide(room.change(), "withdraw")
      else room.s.delete(3, 0, "to think,".length)
      await room.cohort.settle()
      if (how === "sweep") {
        room.s.cut()
        await room.cohort.muchLater()
        expect(blocksOf(room.doc).some((block) => block.id === id)).toBe(false)
        room.s.recover()
        await room.cohort.settle()
      }
      expect(room.told.slice(0, 2), how).toEqual(["b", "gone"])
      room.inNoFileLost()
    }
  })

  it("[ANCHOR3] of a change is on its card while it is open, then says what became of it", async () => {
    for (const [verdict, said] of [
      ["accept", "On a change that was accepted."],
      ["notRetain", "On a change that was not retained."],
      ["withdraw", "On a change that was withdrawn."],
    ] as const) {
      const room = await begun()
      room.s.replace(1, 3, 12, "choose")
      await room.cohort.settle()
      const change = room.change()
      await room.comment({ on: "change", block: "a", change })
      expect(room.place).toMatchObject({ block: "a", standing: "change", change: { id: change, status: "open" } })
      room.inNoFileLost()
      await room.decide(change, verdict)
      const [block, , told] = room.told
      expect([block, told]).toEqual(["a", said])
      room.inNoFileLost()
    }
  })

  it("[ANCHOR3] of a change says that another overtook it, or that its author took it back", async () => {
    const room = await begun()
    room.s.replace(1, 3, 12, "choose")
    room.b.replace(1, 3, 12, "name")
    await room.cohort.settle()
    await room.comment({ on: "change", block: "a", change: room.change("S") })
    await room.decide(room.change("B"), "accept")
    expect(room.told.slice(2)).toEqual(["On a change that was overtaken by another that was accepted."])
    room.inNoFileLost()

    const other = await begun()
    other.s.type(1, 3, "soon ")
    await other.cohort.settle()
    await other.comment({ on: "change", block: "a", change: other.change() })
    other.s.delete(1, 3, 8)
    await other.cohort.settle()
    expect(other.told).toEqual(["a", "struck", "On a change that its author took back."])
    other.inNoFileLost()
  })

  it("[ANCHOR3] of a change goes to what took its place: whose it is was stated, or a part of it was decided", async () => {
    const room = await begun()
    const opened = readFile(
      write(paperOf(room.doc), { format: "json", view: "open", marks: "delegation", hasComments: true, template: null }),
    )
    const change = { id: "x1", kind: "insertion", source: null, enteredBy: null, date: null, block: "a", text: "to " } as const
    const { update } = openingStateOf({
      ...opened,
      changes: [{ ...change, segments: [{ block: "a", kind: "insertion", from: 0, to: 3 }] }],
      comments: [{ id: "k1", by: "Ann", date: null, block: "a", quote: "", text: sentence, replies: [], resolved: false, change: "x1" }],
    })
    const cohort = new Cohort(update)
    const placed = (): ThreadPlace => {
      const { main } = cohort.room
      return [...placesOf(threadsOf(main), groundOf(main, blocksOf(main))).values()][0]!
    }
    const old = cohort.changes()[0]!.id
    expect(placed()).toMatchObject({ standing: "change", change: { id: old, status: "open" } })
    await cohort.act("attribute", (gate) => attribute(gate, seenIn(gate), "S"))
    const now = cohort.changes()[0]!
    expect(now.source).toBe("S")
    expect(placed()).toMatchObject({ standing: "change", change: { id: now.id, status: "open" } })

    // Of a change of which a part was decided it is on what is left.
    const half = await begun()
    half.s.type(1, 3, "soon and often ")
    await half.cohort.settle()
    const whole = half.change()
    await half.comment({ on: "change", block: "a", change: whole })
    expect(await half.cohort.decide([whole], "accept", new Map([[whole, { segment: 0, from: 0, to: 5 }]]))).toBe(true)
    await half.cohort.settle()
    expect(half.place).toMatchObject({ block: "a", standing: "change", change: { id: half.change(), status: "open" } })
    expect(half.change()).not.toBe(whole)
    half.inNoFileLost()
  })

  it("[ANCHOR3] of a decided change goes to the one that its source went on with", async () => {
    const room = await begun()
    room.s.type(1, 3, "soon ")
    await room.cohort.settle()
    const [old, now] = [markId("S", 9, 1), room.change()]
    const anchor = { on: "change", block: "b", change: old } as const
    const ground = { ...groundOf(room.doc, blocksOf(room.doc)), proposal: () => ({ status: "withdrawn", source: "S", next: now }) as const }
    const places = placesOf([{ id: "t", anchor, remarks: [remark], isResolved: false }], ground)
    expect(places.get("t")).toMatchObject({ block: "a", standing: "change", change: { id: now, status: "open" } })
  })

  it("[ANCHOR2] of a footnote that is gone is where it was called", async () => {
    const room = await begun()
    await room.commentOn("n", "bronze")
    expect(room.told).toEqual(["n", "words", null])
    room.inNoFileLost()
    room.s.delete(4, "to keep lamps".length, "to keep lamps".length + 1)
    await room.cohort.settle()
    await room.decide(room.change(), "accept")
    const [block, standing] = room.told
    expect([block, standing]).toEqual(["d", "gone"])
    room.inNoFileLost()
  })

  it("[ANCHOR1] is found once in a draft with nothing but it", async () => {
    const room = await begun()
    await room.commentOn("b", "Council")
    for (const id of ["a", "b", "c", "d"]) await room.decide(await room.propose(id, { kind: "delete" }), "accept")
    await room.decide(await room.propose("resolves", { kind: "delete" }), "accept").catch(() => undefined)
    expect(room.place.standing).toBe("gone")
  })
})

describe("the order of threads", () => {
  /** Threads on clauses, written by these clients in this order: [client, block, time, text]. */
  const written = [
    [3, "c", "2026-11-27T09:00:00Z", "first of all, on c"],
    [9, "a", "2026-11-27T09:05:00Z", "later, on a"],
    [5, "a", "2026-11-27T09:04:00Z", "sooner, on a"],
    [2, "b", "2026-11-27T09:09:00Z", "last of all, on b"],
    [7, "b", "2026-11-27T09:08:00Z", "before it, on b"],
  ] as const

  function drafts(): { live: Y.Doc; restarted: Y.Doc } {
    const live = newDraftDoc()
    Y.applyUpdate(live, draftState([head("resolves"), clause("to report,", "a"), clause("to share,", "b"), clause("to meet.", "c")]))
    written.forEach(([client, block, at, text], i) => {
      live.clientID = client
      const id = `t${i}`
      roots
        .threads(live)
        .set(id, { id, anchor: { on: "clause", block }, remarks: [{ person: "p", source: "B", text, at }], isResolved: false })
    })
    const restarted = newDraftDoc()
    Y.applyUpdate(restarted, Y.encodeStateAsUpdate(live))
    return { live, restarted }
  }

  const surroundings = {
    ...{ force: null, cover: [], debris: [], warnings: [], entered: new Map(), people: new Map(), sources: new Map() },
    ...{ body: "", version: null, date: null },
  }

  it("[ANCHOR4] is by time, after a restart too", () => {
    const { live, restarted } = drafts()
    const keys = (doc: Y.Doc): string[] => [...roots.threads(doc).keys()]
    expect(keys(restarted), "the map alone would tell another order").not.toEqual(keys(live))
    for (const doc of [live, restarted]) expect(threadsOf(doc).map(({ id }) => id)).toEqual(["t0", "t2", "t1", "t4", "t3"])
  })

  it("[ANCHOR4] is by place and then by time in every paper", () => {
    const texts = ["sooner, on a", "later, on a", "before it, on b", "last of all, on b", "first of all, on c"]
    for (const doc of Object.values(drafts()))
      for (const format of files) {
        const bytes = write(printableOfDoc(doc, surroundings), {
          ...{ format, view: "open", marks: "delegation", hasComments: true, template: null },
        })
        const page = new TextDecoder().decode(bytes)
        const told =
          format === "html"
            ? texts.toSorted((a, b) => page.indexOf(a) - page.indexOf(b))
            : readFile(format === "txt" ? unmarked(bytes) : bytes).comments.map(({ text }) => text)
        expect(told, format).toEqual(texts)
      }
  })
})
