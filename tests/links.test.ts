import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { laidBeside } from "../server/comparison/beside.ts"
import { importChanges } from "../server/comparison/import-changes.ts"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import type { FileChange, FileDraft } from "../server/files/file-draft.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readText } from "../server/files/text.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { type Link, Ties } from "../shared/changes/links.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { finished } from "../shared/changes/slices.ts"
import { textOf } from "../shared/schema/block.ts"
import { markId, serverClient } from "../shared/schema/keys.ts"
import { blocksOf, structureRoot } from "../shared/sync/read.ts"
import { linksIn, linksRoot, roots, tiesIn } from "../shared/sync/roots.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { paperOf } from "./paper-of.ts"

const text = "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the lamps each year.\n"
const clean = readText(text)
const [keep, count] = clean.blocks.filter(({ type }) => type === "clause").map(({ id }) => id) as [string, string]

/** A file of S: words that come at two places of one clause, and words that go in another. */
function file(source: string | null = "S"): FileDraft {
  const texts: Record<string, string> = { [keep]: "to always keep a bright lamp at every mole;" }
  const by = { source, enteredBy: "Ann", date: null }
  const put = (id: string, from: number, words: string): FileChange => ({
    ...{ ...by, id, kind: "insertion", block: keep, text: words },
    segments: [{ block: keep, kind: "insertion", from, to: from + words.length }],
  })
  return {
    ...clean,
    blocks: clean.blocks.map((block) => ({ ...block, text: texts[block.id] ?? block.text })),
    changes: [
      put("c1", 3, "always "),
      put("c2", 17, "bright "),
      {
        ...by,
        id: "c3",
        kind: "deletion",
        block: count,
        text: " each year",
        segments: [{ block: count, kind: "deletion", from: 18, to: 28 }],
      },
    ],
  }
}

const wordsIn = (cohort: Cohort): string[] => workingTextOf(blocksOf(cohort.room.gate.shadow)).map(textOf)

async function brought(): Promise<Cohort> {
  const cohort = new Cohort(openingStateOf(clean).update)
  const beside = laidBeside(file(), fileDraftOf(paperOf(cohort.room.gate.shadow), "working"), { isCompared: false, confirmed: [] })
  await cohort.act("importChanges", (gate) => ({ row: finished(importChanges(gate, { ...beside, name: "s.json" })).row }))
  return cohort
}

const idOf = (cohort: Cohort, words: string): string =>
  cohort.changes().find((change) => `${change.inserted}${change.deleted}`.includes(words))!.id

describe("linked changes", () => {
  it("[LINK1] a file's changes in one clause come linked, and are decided by one verdict; those of another clause are not", async () => {
    for (const verdict of ["accept", "notRetain"] as const) {
      const cohort = await brought()
      expect(linksIn(cohort.room.main).map(({ source, changes }) => [source, changes.length])).toEqual([["S", 2]])
      expect(await cohort.decide([idOf(cohort, "bright")], verdict)).toBe(true)
      expect(cohort.changes().map(({ deleted }) => deleted)).toEqual([" each year"])
      expect(wordsIn(cohort)).toContain(
        verdict === "accept" ? "to always keep a bright lamp at every mole;" : "to keep a lamp at every mole;",
      )
      expect(linksIn(cohort.room.main)).toEqual([])
      expect([...roots.proposals(cohort.room.main).values()].map(({ status }) => status)).toHaveLength(2)
    }
  })

  it("[LINK1] of what nobody has stated one author's are linked, never two authors', and nothing that is nobody's", async () => {
    const byAuthors = async (first: string | null, second: string | null): Promise<number[]> => {
      const draft = file(null)
      const changes = draft.changes.map((change, i) => ({ ...change, enteredBy: i === 0 ? first : second }))
      const cohort = new Cohort(openingStateOf(clean).update)
      const beside = laidBeside({ ...draft, changes }, fileDraftOf(paperOf(cohort.room.gate.shadow), "working"), {
        isCompared: false,
        confirmed: [],
      })
      await cohort.act("importChanges", (gate) => ({ row: finished(importChanges(gate, { ...beside, name: "s.json" })).row }))
      return linksIn(cohort.room.main).map(({ changes: tied }) => tied.length)
    }
    expect(await byAuthors("Kenji Mori", "Kenji Mori")).toEqual([2])
    expect(await byAuthors("Kenji Mori", "Lars Holm")).toEqual([])
    expect(await byAuthors("Kenji Mori", null)).toEqual([])
    for (const nobody of [null, "Author", ""]) expect(await byAuthors(nobody, nobody), `by ${nobody}`).toEqual([])
  })

  it("[LINK1] the hash of a change has what is linked with it: one who looked before that was changed decides nothing", async () => {
    const cohort = await brought()
    const s: Member = cohort.member("S")
    await cohort.settle()
    const seen = seenIn(cohort.room.gate, [idOf(cohort, "always")])
    const index = [...Array(s.state.doc.childCount).keys()].find((i) => s.text(i).includes("bright"))!
    s.type(index, s.text(index).indexOf("bright") + 3, "XX")
    await cohort.settle()
    expect(seenIn(cohort.room.gate, [seen[0]!.id])[0]!.hash).not.toBe(seen[0]!.hash)
    // What is not linked with it is in no way part of it.
    const other = seenIn(cohort.room.gate, [idOf(cohort, "each year")])
    s.type(index, s.text(index).indexOf("always") + 3, "YY")
    await cohort.settle()
    expect(seenIn(cohort.room.gate, [other[0]!.id])).toEqual(other)
  })

  it("[LINK1] what competes with one of them competes with all: accepting it ends them together", async () => {
    const cohort = new Cohort(draftState([head("resolves"), clause("to keep one lamp at every mole", "a")]))
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    s.replace(1, 8, 11, "two")
    s.type(1, s.text(1).indexOf("every") + 5, " long")
    b.replace(1, 8, 11, "nine")
    await cohort.settle()
    const own = cohort.changes().filter(({ source }) => source === "S")
    expect(own).toHaveLength(2)
    link(
      s,
      own.map(({ id }) => id),
    )
    await cohort.settle()
    expect(tiesIn(cohort.room.main).with(own[0]!.id)).toHaveLength(2)
    const rival = cohort.changes().find(({ source }) => source === "B")!
    expect(await cohort.decide([rival.id, own[1]!.id], "accept"), "never both").toBe(false)
    expect(await cohort.decide([rival.id], "accept")).toBe(true)
    expect(cohort.changes()).toEqual([])
    for (const { id } of own) expect(roots.proposals(cohort.room.main).get(id)).toMatchObject({ status: "overtaken", by: rival.id })
  })

  it("[LINK1] what says the same as all of them together is decided with them; what says the same as one of them competes", async () => {
    for (const isWhole of [true, false]) {
      const cohort = new Cohort(draftState([head("resolves"), clause("to keep one lamp at every mole", "a")]))
      const [s, b] = [cohort.member("S"), cohort.member("B")]
      await cohort.settle()
      for (const member of isWhole ? [s, b] : [s]) {
        member.replace(1, 8, 11, "two")
        member.replace(1, member.text(1).indexOf("mole"), member.text(1).indexOf("mole") + 4, "pier")
      }
      if (!isWhole) b.replace(1, 8, 11, "two")
      await cohort.settle()
      for (const member of isWhole ? [s, b] : [s])
        link(
          member,
          cohort
            .changes()
            .filter(({ source }) => source === member.source)
            .map(({ id }) => id),
        )
      await cohort.settle()
      const first = cohort.changes().find(({ source }) => source === "S")!
      expect(await cohort.decide([first.id], "accept")).toBe(true)
      expect(wordsIn(cohort)).toContain("to keep two lamp at every pier")
      expect(cohort.changes()).toEqual([])
      const fates = [...roots.proposals(cohort.room.main).values()].map(({ source, status }) => `${source} ${status}`).sort()
      expect(fates).toEqual(
        isWhole ? ["B accepted", "B accepted", "S accepted", "S accepted"] : ["B overtaken", "S accepted", "S accepted"],
      )
    }
  })

  it("[LINK3] a delegation links its own changes alone: every other entry is refused", async () => {
    const cohort = new Cohort(draftState([head("resolves"), clause("to keep one lamp at every mole", "a")]))
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    s.type(1, 3, "now ")
    s.type(1, s.text(1).length, " soon")
    b.type(1, 3, "often ")
    await cohort.settle()
    const own = cohort
      .changes()
      .filter(({ source }) => source === "S")
      .map(({ id }) => id)
    const [foreign] = cohort.changes().filter(({ source }) => source === "B")
    const client = s.session.doc.clientID
    const id = (n: number): string => markId("S", client, 8_000 + n)
    const lies: [string, unknown][] = [
      [id(1), { source: "S", changes: [own[0], foreign!.id] }],
      [id(2), { source: "S", changes: [own[0], markId("S", client, 7_777)] }],
      [id(3), { source: "B", changes: own }],
      [id(4), { source: "S", changes: own, evil: 1 }],
      [id(5), { source: "S", changes: [own[0]] }],
      [id(6), { source: "S", changes: [own[0], own[0]] }],
      [id(7), "words"],
      [markId("B", b.session.doc.clientID, 8_000), { source: "S", changes: own }],
      [markId("S", serverClient, 900_000), { source: "S", changes: own }],
    ]
    for (const [key, value] of lies) {
      const before = cohort.refusals.length
      s.session.doc.transact(() => s.session.doc.getMap(linksRoot).set(key, value))
      s.deliverUp()
      await cohort.tick()
      expect(cohort.refusals.length, JSON.stringify([key, value])).toBe(before + 1)
      expect(linksIn(cohort.room.gate.shadow)).toEqual([])
      await cohort.settle()
    }
    link(s, own)
    await cohort.settle()
    expect(linksIn(cohort.room.main)).toHaveLength(1)
    const [made] = linksIn(cohort.room.main)
    link(s, own)
    s.deliverUp()
    await cohort.tick()
    expect(cohort.refusals.at(-1), "what is linked already is in no other link: groups would grow without a bound").toMatchObject({
      reason: "link-shape",
    })
    await cohort.settle()
    const before = cohort.refusals.length
    b.session.doc.transact(() => b.session.doc.getMap(linksRoot).delete(made!.id))
    b.deliverUp()
    await cohort.tick()
    expect(cohort.refusals.length, "of another").toBe(before + 1)
    expect(linksIn(cohort.room.gate.shadow)).toHaveLength(1)
  })
})

it("[LINK3] a link that names decided changes ties those that are open alone; fewer than two tie nothing", async () => {
  const cohort = new Cohort(draftState([head("resolves"), clause("to keep one lamp at every mole", "a")]))
  const s = cohort.member("S")
  await cohort.settle()
  for (const [at, words] of [
    [3, "now "],
    [12, "old "],
    [s.text(1).length, " soon"],
    [0, "here "],
  ] as const)
    s.type(1, at, words)
  await cohort.settle()
  const ids = cohort.changes().map(({ id }) => id)
  expect(ids).toHaveLength(4)
  expect(await cohort.decide([ids[0]!], "accept")).toBe(true)
  expect(await cohort.decide([ids[1]!], "notRetain")).toBe(true)
  await cohort.settle()
  for (const [named, stays] of [
    [ids.slice(0, 2), []],
    [[ids[0]!, ids[2]!], []],
    [[ids[0]!, ids[2]!, ids[3]!], ids.slice(2)],
  ] as const) {
    link(s, named)
    await cohort.settle()
    expect(cohort.refusals).toEqual([])
    expect(linksIn(cohort.room.main).map(({ changes }) => changes)).toEqual(stays.length === 0 ? [] : [stays])
    expect(linksIn(s.session.doc)).toEqual(linksIn(cohort.room.main))
  }
})

/** A level proposed as a browser that is not ours may write it: its id. */
function level(member: Member, n: number, index: number, to: number, of = ""): string {
  const { doc } = member.session
  const id = markId(member.source, doc.clientID, n)
  const block = blocksOf(doc)[index]!.id
  doc.transact(() => doc.getMap(structureRoot).set(id, { id, of, source: member.source, block, kind: "level", level: to }))
  return id
}

describe("rivals that are linked", () => {
  const draft = () => new Cohort(draftState([head("resolves"), clause("to keep one lamp", "a"), clause("to count the lamps", "b")]))

  it("[LINK3] a link leaves out what competes with another of its changes: nothing is refused, and both stay open", async () => {
    const cohort = draft()
    const s = cohort.member("S")
    await cohort.settle()
    // In one update with what it links, and in one of its own.
    const pair = [level(s, 7_001, 1, 2), level(s, 7_002, 1, 3)]
    link(s, pair)
    await cohort.settle()
    expect(cohort.refusals).toEqual([])
    expect(linksIn(cohort.room.main)).toEqual([])
    const beside = level(s, 7_003, 2, 2)
    await cohort.settle()
    link(s, [pair[1]!, pair[0]!, beside])
    await cohort.settle()
    expect(cohort.refusals).toEqual([])
    expect(linksIn(cohort.room.main).map(({ changes }) => changes)).toEqual([[pair[1], beside]])
    expect(linksIn(s.session.doc)).toEqual(linksIn(cohort.room.main))
    expect(cohort.changes()).toHaveLength(3)
    expect(await cohort.decide([pair[1]!], "accept")).toBe(true)
    expect(roots.proposals(cohort.room.main).get(pair[0]!), "as rivals that are not linked").toMatchObject({ status: "overtaken" })
    expect(blocksOf(cohort.room.main).map((block) => block.level)).toEqual([1, 3, 2])
  })

  it("[LINK1] [RIVAL2] what came to compete within a link is never accepted together: a decision on it is refused with a sentence", async () => {
    const cohort = draft()
    const s = cohort.member("S")
    await cohort.settle()
    const pair = [level(s, 7_001, 1, 2), level(s, 7_002, 2, 2)]
    link(s, pair)
    await cohort.settle()
    expect(linksIn(cohort.room.main)).toHaveLength(1)
    level(s, 7_003, 2, 3, pair[0])
    await cohort.settle()
    expect(cohort.refusals).toEqual([])
    const before = blocksOf(cohort.room.main)
    const { gate } = cohort.room
    const accept = (isPartial: boolean): unknown => finished(decideChanges(gate, seenIn(gate, pair), "accept", { isPartial }))
    expect(() => accept(false)).toThrow(
      /^Nothing was decided: what is linked here, by S, cannot all be accepted, .+ Untie it and choose\.$/,
    )
    expect(() => accept(true)).toThrow(/^Nothing was decided: what was asked for competes \(S\)/)
    expect(blocksOf(gate.shadow)).toEqual(before)
    expect(await cohort.decide(pair, "notRetain")).toBe(true)
    expect(cohort.changes()).toEqual([])
  })

  it("[LINK1] of one author's changes in one clause of a file those are not linked that compete", async () => {
    const levels = [2, 3].map((to, i) => ({
      ...{ source: "S", enteredBy: "Ann", date: null, id: `c${i + 4}`, kind: "structure" as const, block: keep, text: "" },
      structure: [{ kind: "level" as const, block: keep, level: to }],
    }))
    const base = file()
    const cohort = new Cohort(openingStateOf(clean).update)
    const beside = laidBeside(
      { ...base, changes: [...base.changes, ...levels] as FileChange[] },
      fileDraftOf(paperOf(cohort.room.gate.shadow), "working"),
      { isCompared: false, confirmed: [] },
    )
    await cohort.act("importChanges", (gate) => ({ row: finished(importChanges(gate, { ...beside, name: "s.json" })).row }))
    expect(cohort.changes().filter(({ kind }) => kind === "level change")).toHaveLength(2)
    expect(linksIn(cohort.room.main).map(({ changes }) => changes.length)).toEqual([3])
  })
})

it("[LINK1] links that meet are one group, however they are told", () => {
  const chain = (n: number): Link[] => Array.from({ length: n }, (_, i) => ({ id: `${i}`, source: "S", changes: [`c${i}`, `c${i + 1}`] }))
  const many = chain(5_000)
  for (const links of [many, [...many].reverse(), [...many.filter((_, i) => i % 2), ...many.filter((_, i) => i % 2 === 0)]])
    expect(new Set(new Ties(links).with("c17")).size).toBe(5_001)
  const apart = new Ties([
    { id: "1", source: "S", changes: ["a", "b"] },
    { id: "2", source: "S", changes: ["c", "d", "e"] },
  ])
  expect([apart.with("b"), apart.with("e"), apart.with("x")].map((group) => [...group].sort().join())).toEqual(["a,b", "c,d,e", "x"])
})

/** A browser of ours does not write links: another may, of its own changes. */
let links = 0
function link(member: Member, changes: readonly string[]): void {
  const { doc } = member.session
  const id = markId(member.source, doc.clientID, 9_000 + ++links)
  doc.transact(() => doc.getMap(linksRoot).set(id, { source: member.source, changes }))
}

describe("untying", () => {
  let meeting: Meeting
  let chair: Guest
  let secretary: Guest
  let sweden: Guest
  beforeAll(async () => {
    meeting = await Meeting.open()
    chair = await meeting.guest("chair")
    secretary = await meeting.guest("secretary")
    sweden = await meeting.guest("delegate", ["S"])
  })
  afterAll(() => meeting.stop())

  it("[LINK2] the chair unties: each is decided by itself; the record has it, and a delegation may not", async () => {
    const draft = await meeting.draft(clean)
    const path = `${apiRoot}/drafts/${draft}/import?${new URLSearchParams({ authors: '{"Ann":"S"}' })}`
    expect((await secretary.request("POST", path, { raw: JSON.stringify(file(null)) })).status).toBe(201)
    const open = async () => await secretary.call("changes", { draft })
    const [one] = (await open()).filter(({ inserted }) => inserted === "always ")
    expect((await sweden.call("untie", { draft }, { change: one!.id })).status).toBe(403)
    const { untied } = await chair.call("untie", { draft }, { change: one!.id })
    expect(untied).toHaveLength(2)
    expect((await chair.call("untie", { draft }, { change: one!.id })).status).toBe(404)
    const [alone] = (await open()).filter(({ id }) => id === one!.id)
    expect(alone!.hash, "another is bound").not.toBe(one!.hash)
    const done = await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: alone!.id, hash: alone!.hash }] })
    expect(done.decided).toEqual([alone!.id])
    expect(await open()).toHaveLength(2)
    const entries = (await chair.call("register", { draft })) as unknown as { act: string; details: { changes?: unknown[] } }[]
    expect(entries.find(({ act }) => act === "untie")?.details.changes).toHaveLength(2)
  })

  it("[WHO3] the secretariat unties on the word of the chair who presides: the record names both, and for whom it was entered", async () => {
    const draft = await meeting.draft(clean)
    const path = `${apiRoot}/drafts/${draft}/import?${new URLSearchParams({ authors: '{"Ann":"S"}' })}`
    expect((await secretary.request("POST", path, { raw: JSON.stringify(file(null)) })).status).toBe(201)
    const [one] = await secretary.call("changes", { draft })
    expect((await secretary.call("untie", { draft }, { change: one!.id })).untied).toHaveLength(2)
    const entry = (await chair.call("register", { draft })).find(({ act }) => act === "untie")
    expect(entry).toMatchObject({ source: "SEC", enteredBy: "secretary", decidedBy: "chair" })
  })
})
