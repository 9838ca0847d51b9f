import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Y from "yjs"
import { asStated, saidAlready } from "../server/comparison/already.ts"
import { laidBeside } from "../server/comparison/beside.ts"
import { importChanges } from "../server/comparison/import-changes.ts"
import type { FileChange, FileDraft } from "../server/files/file-draft.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readText } from "../server/files/text.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { write } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { finished } from "../shared/changes/slices.ts"
import { Cohort } from "./cohort.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { paperOf } from "./paper-of.ts"

const text =
  "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the lamps each year;\n3\tto report.\n"
const clean = readText(text)
const [keep, count] = clean.blocks.filter(({ type }) => type === "clause").map(({ id }) => id) as [string, string, string]
const annsOwn: { enteredBy: string | null; date: string | null; source: null } = {
  enteredBy: "Ann",
  date: "2026-11-20T09:00:00Z",
  source: null,
}
const by = annsOwn

/** What Ann's file changes: words that come, words that go for others, a new clause, a comment; with `isRevised` a deletion more. `said`: or whose. */
function anns({ isRevised = false, said = {} }: { isRevised?: boolean; said?: Partial<typeof annsOwn> } = {}): FileDraft {
  const by = { ...annsOwn, ...said }
  const texts: Record<string, string> = { [keep]: "to always keep a lamp at every mole;", [count]: "to tellcount the lamps each year;" }
  const blocks = clean.blocks.flatMap((block) => {
    const now = { ...block, text: texts[block.id] ?? block.text }
    return block.id === count ? [now, { id: "new", type: "clause" as const, level: 1, text: "to light them at dusk;" }] : [now]
  })
  const changes: FileChange[] = [
    { ...by, id: "c1", kind: "insertion", block: keep, text: "always ", segments: [{ block: keep, kind: "insertion", from: 3, to: 10 }] },
    {
      ...{ ...by, id: "c2", kind: "replacement", block: count, text: "count", replacedBy: "tell" },
      segments: [
        { block: count, kind: "insertion", from: 3, to: 7 },
        { block: count, kind: "deletion", from: 7, to: 12 },
      ],
    },
    {
      ...{ ...by, id: "c3", kind: "insertion", block: "new", text: "to light them at dusk;", newBlocks: ["new"] },
      segments: [{ block: "new", kind: "insertion", from: 0, to: 22 }],
    },
    ...(isRevised
      ? [
          {
            ...{ ...by, id: "c4", kind: "deletion" as const, block: count, text: " each year" },
            segments: [{ block: count, kind: "deletion" as const, from: 22, to: 32 }],
          },
        ]
      : []),
  ]
  const comment = {
    id: "k1",
    by: by.enteredBy,
    date: by.date,
    block: keep,
    quote: "lamp",
    text: "Which lamp?",
    resolved: false,
    replies: [],
  }
  return { ...clean, blocks, changes, comments: [{ ...comment, at: { from: 17, to: 21 } }] }
}

const asJson = (draft: FileDraft): Uint8Array => new TextEncoder().encode(JSON.stringify(draft))
const asWord = (draft: FileDraft): Uint8Array =>
  write(printableOf(draft), { format: "docx", view: "open", marks: "delegation", hasComments: true, template: null })

interface Answer {
  changes: string[]
  placed: number
  comments: number
  already: { what: string; change: string; status: string }[]
  left: unknown[]
  authors: { name: string; suggested: string | null }[]
  match: { isOther: boolean }
}

describe("the same file twice", () => {
  let meeting: Meeting
  let chair: Guest
  let secretary: Guest
  beforeAll(async () => {
    meeting = await Meeting.open()
    chair = await meeting.guest("chair")
    secretary = await meeting.guest("secretary")
  })
  afterAll(() => meeting.stop())

  const opened = (): Promise<string> => meeting.draft(clean)
  const bring = async (draft: string, bytes: Uint8Array, query: Record<string, string> = {}): Promise<Answer> => {
    const path = `${apiRoot}/drafts/${draft}/import?${new URLSearchParams({ authors: '{"Ann":"S"}', ...query })}`
    const { status, body } = await secretary.request("POST", path, { raw: bytes as Uint8Array<ArrayBuffer> })
    expect(status, JSON.stringify(body)).toBeLessThan(300)
    return body as Answer
  }
  const open = async (draft: string): Promise<{ id: string; hash: string; inserted: string }[]> =>
    (await secretary.call("changes", { draft })) as never
  const decide = async (draft: string, verdict: "accept" | "notRetain", words: string): Promise<void> => {
    const { id, hash } = (await open(draft)).find(({ inserted }) => inserted.includes(words))!
    await chair.call("decide", { draft }, { verdict, changes: [{ id, hash }] })
  }
  const statuses = ({ already }: Answer): Record<string, number> => {
    const counts: Record<string, number> = {}
    for (const { status } of already) counts[status] = (counts[status] ?? 0) + 1
    return counts
  }

  it("[ONTO10] puts nothing twice, and says so before and after", async () => {
    const draft = await opened()
    expect(await bring(draft, asJson(anns()))).toMatchObject({ comments: 1, already: [], left: [] })
    expect(await open(draft)).toHaveLength(3)
    for (const file of [asJson(anns()), asWord(anns())]) {
      const before = await bring(draft, file, { preview: "true" })
      expect(statuses(before)).toEqual({ open: 4 })
      expect(before.match.isOther).toBe(false)
      const after = await bring(draft, file)
      expect(after).toMatchObject({ changes: [], comments: 0, left: [] })
      expect(statuses(after)).toEqual({ open: 4 })
      expect(await open(draft)).toHaveLength(3)
    }
    const { openComments } = await secretary.call("draft", { draft })
    expect(openComments).toBe(1)
  })

  it("[ONTO10] also when some was decided since: it tells what became of each", async () => {
    const draft = await opened()
    await bring(draft, asJson(anns()))
    await decide(draft, "accept", "always")
    await decide(draft, "notRetain", "tell")
    const before = await bring(draft, asJson(anns()), { preview: "true" })
    expect(statuses(before)).toEqual({ accepted: 1, notRetained: 1, open: 2 })
    expect(before).toMatchObject({ left: [], match: { isOther: false } })
    const after = await bring(draft, asJson(anns()))
    expect(after).toMatchObject({ changes: [], comments: 0, left: [] })
    expect(statuses(after)).toEqual({ accepted: 1, notRetained: 1, open: 2 })
    expect(await open(draft)).toHaveLength(1)
  })

  it("[ONTO10] of a revised file what is new is put there", async () => {
    const draft = await opened()
    await bring(draft, asJson(anns()))
    const revised = await bring(draft, asJson(anns({ isRevised: true })))
    expect(revised.changes).toHaveLength(1)
    expect(statuses(revised)).toEqual({ open: 4 })
    expect(await open(draft)).toHaveLength(4)
  })

  it("[ONTO10] two who bring it at one moment bring it once; another author's same words, or of another time, are another delegation's own", async () => {
    const draft = await opened()
    await Promise.all([bring(draft, asJson(anns())), bring(draft, asJson(anns()))])
    expect(await open(draft)).toHaveLength(3)
    for (const [n, said] of [{ enteredBy: "Bo" }, { date: "2026-11-20T09:01:00Z" }, { enteredBy: null, date: null }].entries()) {
      const authors = JSON.stringify({ [said.enteredBy ?? ("enteredBy" in said ? "" : "Ann")]: ["B", "EUR", "B"][n] })
      const fresh = await opened()
      await bring(fresh, asJson(anns()))
      expect((await bring(fresh, asJson(anns({ said })), { authors })).changes, authors).toHaveLength(3)
    }
  })

  it("[ONTO10] a delegation that brings the same file for itself makes the words its own too", async () => {
    const draft = await opened()
    await bring(draft, asJson(anns()))
    const brazil = await meeting.guest("delegate", ["B"])
    const path = `${apiRoot}/drafts/${draft}/import?${new URLSearchParams({ authors: '{"Ann":"B"}' })}`
    const { body } = await brazil.request("POST", path, { raw: asJson(anns()) as Uint8Array<ArrayBuffer> })
    expect((body as Answer).changes).toHaveLength(3)
  })

  it("[ONTO10 RIVAL1] stated to be another delegation's than before, the same words are that one's own", async () => {
    const draft = await opened()
    await bring(draft, asJson(anns()))
    const other = await bring(draft, asJson(anns()), { authors: '{"Ann":"B"}' })
    expect(other.changes).toHaveLength(3)
    for (const authors of ['{"Ann":"S"}', '{"Ann":"B"}', '{"Ann":""}', "{}"])
      expect(await bring(draft, asWord(anns()), { authors }), authors).toMatchObject({ placed: 0, comments: 0 })
    expect(await open(draft)).toHaveLength(6)
  })

  it.each([
    ['{"Ann":"S"}', '{"Ann":""}'],
    ['{"Ann":"S"}', "{}"],
    ['{"Ann":""}', '{"Ann":"B"}'],
    ["{}", '{"Ann":"B"}'],
    ["{}", "{}"],
  ])(
    "[ONTO10 ONTO12] the same file is there already where it is not stated whose it was, before or now: first %s, then %s",
    async (first, authors) => {
      const draft = await opened()
      await bring(draft, asJson(anns()), { authors: first })
      for (const file of [asJson(anns()), asWord(anns())]) {
        for (const preview of [{ preview: "true" }, {}] as Record<string, string>[]) {
          const answer = await bring(draft, file, { authors, ...preview })
          expect(answer).toMatchObject({ placed: 0, comments: 0, left: [] })
          expect(answer.already.filter(({ what }) => !what.startsWith("comment"))).toHaveLength(3)
        }
        expect(await open(draft)).toHaveLength(3)
      }
    },
  )

  it.each([{ enteredBy: "Ann" }, { enteredBy: null, date: null }])(
    "[ONTO10] so of a file that was put as nobody's, and of which some was stated or decided since: %o",
    async (said) => {
      const draft = await opened()
      const file = asJson(anns({ said }))
      await bring(draft, file, { authors: "{}" })
      const [first] = await open(draft)
      await secretary.call("attribute", { draft }, { source: "B", changes: [first!] })
      await decide(draft, "accept", "tell")
      expect(statuses(await bring(draft, file, { authors: "{}", preview: "true" }))).toEqual({ open: 3, accepted: 1 })
      expect(await bring(draft, file, { authors: "{}" })).toMatchObject({ placed: 0, comments: 0 })
      expect(await open(draft)).toHaveLength(2)
    },
  )

  it("[ONTO10] so of a file that a draft began with", async () => {
    for (const file of [asJson(anns()), asWord(anns())]) {
      const { body } = await secretary.request("POST", `${apiRoot}/drafts`, { raw: file as Uint8Array<ArrayBuffer> })
      const { id: draft } = body as { id: string }
      const [first] = await open(draft)
      await secretary.call("attribute", { draft }, { source: "B", changes: [first!] })
      for (const authors of ['{"Ann":"B"}', '{"Ann":""}', "{}"])
        expect(await bring(draft, file, { authors }), authors).toMatchObject({ placed: 0, comments: 0 })
      expect(await open(draft)).toHaveLength(3)
    }
  })

  it("[ONTO10] of two who say the same in one file each has its change, and of an own paper with both nothing comes", async () => {
    const draft = await opened()
    await bring(draft, asJson(anns()))
    await bring(draft, asJson(anns({ said: { enteredBy: "Bo" } })), { authors: '{"Bo":"B"}' })
    expect(await open(draft)).toHaveLength(6)
    const url = `${meeting.url}${apiRoot}/drafts/${draft}/export?format=json&view=open&marks=delegation`
    const own = new Uint8Array(await (await fetch(url, { headers: { Cookie: secretary.cookie } })).arrayBuffer())
    const { authors } = await bring(draft, own, { preview: "true", authors: "{}" })
    const table = JSON.stringify(Object.fromEntries(authors.map(({ name, suggested }) => [name, suggested ?? ""])))
    expect(await bring(draft, own, { authors: table })).toMatchObject({ placed: 0, comments: 0 })
  })

  it("[ONTO10] of a draft's own paper the review counts only the comments and replies that would come, whosever they are", async () => {
    const draft = await opened()
    await bring(draft, asJson(anns()))
    const anchor = { on: "clause", block: keep } as const
    const added = await chair.call("comment", { draft }, { anchor, text: "Is this all?" })
    await secretary.call("reply", { draft, thread: (added as { id: string }).id }, { text: "It is." })
    const url = `${meeting.url}${apiRoot}/drafts/${draft}/export?format=docx&view=open&marks=delegation`
    const own = new Uint8Array(await (await fetch(url, { headers: { Cookie: secretary.cookie } })).arrayBuffer())
    const review = await bring(draft, own, { preview: "true", authors: "{}" })
    expect(review).toMatchObject({ comments: 0, replies: 0 })
    // As the review proposes it.
    const authors = JSON.stringify(Object.fromEntries(review.authors.map(({ name, suggested }) => [name, suggested ?? ""])))
    expect(await bring(draft, own, { authors })).toMatchObject({ changes: [], comments: 0, replies: 0 })
    const { openComments } = await secretary.call("draft", { draft })
    expect(openComments).toBe(2)
    const more = anns()
    const [first] = more.comments
    const reply = { by: "Ann", date: by.date, text: "The old one." }
    const said = asJson({
      ...more,
      comments: [
        { ...first!, replies: [reply] },
        { ...first!, id: "k2", text: "And which mole?" },
      ],
    })
    const comes = { comments: 1, replies: 1 }
    expect(await bring(draft, said, { preview: "true" })).toMatchObject(comes)
    expect(await bring(draft, said)).toMatchObject(comes)
  })

  it("[ONTO10] a comment whose words are gone since is there already, in the draft's own paper too", async () => {
    const draft = await opened()
    const whole = clean.blocks.find(({ id }) => id === keep)!.text
    const from = whole.indexOf("lamp")
    const { changes: _, ...kept } = anns()
    const [comment] = kept.comments
    const gone: FileChange = {
      ...{ ...by, id: "g", kind: "deletion", block: keep, text: "lamp" },
      segments: [{ block: keep, kind: "deletion", from, to: from + 4 }],
    }
    const file = { ...clean, changes: [gone], comments: [{ ...comment!, at: { from, to: from + 4 } }] }
    await bring(draft, asJson(file))
    const [change] = await secretary.call("changes", { draft })
    await chair.call("decide", { draft }, { verdict: "accept", changes: [change!] })
    const url = `${meeting.url}${apiRoot}/drafts/${draft}/export?format=docx&view=open&marks=delegation`
    const own = new Uint8Array(await (await fetch(url, { headers: { Cookie: secretary.cookie } })).arrayBuffer())
    const review = await bring(draft, own, { preview: "true", authors: "{}" })
    expect(review).toMatchObject({ comments: 0, replies: 0 })
    const authors = JSON.stringify(Object.fromEntries(review.authors.map(({ name, suggested }) => [name, suggested ?? ""])))
    expect(await bring(draft, own, { authors })).toMatchObject({ comments: 0, replies: 0 })
  })

  it("[ONTO1] of a paper that is brought back later the review says what was decided since, and calls that no other text", async () => {
    const draft = await opened()
    await bring(draft, asJson(anns()))
    const url = `${meeting.url}${apiRoot}/drafts/${draft}/export?format=docx&view=open&marks=delegation`
    const own = new Uint8Array(await (await fetch(url, { headers: { Cookie: secretary.cookie } })).arrayBuffer())
    const differences = async (bytes: Uint8Array): Promise<(readonly [boolean, string])[]> => {
      const { differences: found } = (await bring(draft, bytes, { preview: "true" })) as unknown as {
        differences: { isDecided: boolean; ours: string }[]
      }
      return found.map(({ isDecided, ours }) => [isDecided, ours] as const)
    }
    expect(await differences(own)).toEqual([])
    await decide(draft, "accept", "always")
    await decide(draft, "accept", "dusk")
    expect(await differences(own)).toEqual([
      [true, "to always keep a lamp at every mole;"],
      [true, "to light them at dusk;"],
    ])
    const other = { ...anns(), blocks: anns().blocks.map((block) => ({ ...block, text: block.text.replace("mole", "pier") })) }
    expect(await differences(asJson(other))).toContainEqual([false, "to always keep a lamp at every mole;"])
  })

  it("[ONTO2] a clause that stands elsewhere by now is found there, and what would become of a clause is said", () => {
    const moved = clean.blocks.toSorted((a, b) => Number(b.id === count) - Number(a.id === count))
    const gone: FileChange = {
      ...{ ...by, id: "g", kind: "deletion", block: count, text: " each year" },
      segments: [{ block: count, kind: "deletion", from: 18, to: 28 }],
    }
    const whole: FileChange = {
      ...by,
      id: "w",
      kind: "structure",
      block: "x",
      text: "to burn;",
      structure: [{ block: "x", kind: "delete" }],
    }
    const blocks = [...clean.blocks, { id: "x", type: "clause" as const, level: 1, text: "to burn;" }]
    const { left, differences } = laidBeside(
      { ...clean, blocks, changes: [gone, whole] },
      { ...clean, blocks: moved },
      { isCompared: false, confirmed: [] },
    )
    expect(left).toEqual([{ what: "deletion of the clause “to burn;”", why: "A clause that it is about is not in this draft." }])
    expect(differences.map(({ theirs }) => theirs)).toEqual(["to burn;"])
  })

  it("[ONTO10] what its source has typed is there already", () => {
    const cohort = new Cohort(openingStateOf(clean).update)
    const s = cohort.member("S")
    return cohort.settle().then(async () => {
      const index = [...Array(s.state.doc.childCount).keys()].find((i) => s.text(i).startsWith("to keep"))!
      s.type(index, 3, "always ")
      s.replace(index + 1, 3, 8, "tell")
      await cohort.settle()
      const { gate } = cohort.room
      const ours = fileDraftOf(paperOf(gate.shadow), "working")
      const stated = anns()
      const file = laidBeside({ ...stated, changes: stated.changes.map((change) => ({ ...change, source: "S" })) }, ours, {
        isCompared: false,
        confirmed: [],
      })
      const brings = { ...file, name: "ann.json" }
      const said = finished(saidAlready(Y.encodeStateAsUpdate(gate.shadow), brings, new Set(), asStated))
      expect(said.map(({ id, status }) => [id, status])).toEqual([
        ["c1", "open"],
        ["c2", "open"],
      ])
      const done = finished(importChanges(gate, brings, { said }))
      expect(done.changes).toHaveLength(1)
      expect(cohort.changes()).toHaveLength(3)
    })
  })
})
