import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { beginThread, replyTo } from "../server/acts/threads.ts"
import { mostVersions } from "../server/acts/versions.ts"
import { demandQuota } from "../server/comparison/import-changes.ts"
import { Gate } from "../server/gate/gate.ts"
import { caps } from "../server/gate/shapes.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { longestRemark, type Remark, threadCaps } from "../shared/comments/thread.ts"
import { threadsOf } from "../shared/sync/roots.ts"
import { clause, draftState } from "./build.ts"
import { type Guest, Meeting } from "./meeting.ts"

const remark = (text: string, source = "S"): Remark => ({ person: "p", source, text, at: "2026-11-26T08:00:00Z" })
const newGate = (): Gate => new Gate([draftState([clause("to count the lamps;", "c0")])], () => undefined)
const onClause = { on: "clause", block: "c0" } as const

describe("comments", () => {
  it("[ACT7] a thread takes five hundred remarks, each written by itself, and keeps their order; then a sentence", () => {
    const gate = newGate()
    const { id } = beginThread(gate, onClause, remark("0"))
    let longest = 0
    for (let n = 1; n < threadCaps.remarks; n++)
      longest = Math.max(longest, replyTo(gate, id, remark(`${n} ${"x".repeat(longestRemark - 10)}`))!.length)
    expect(() => replyTo(gate, id, remark("one more"))).toThrow("This thread has 500 remarks, as many as one has. Begin a new comment.")
    const [thread] = threadsOf(gate.shadow)
    expect(thread!.remarks.map(({ text }) => Number(text.split(" ")[0]))).toEqual(Array.from({ length: threadCaps.remarks }, (_, n) => n))
    // As much as the first reply: what was said before is not written again.
    expect(longest).toBeLessThan(longestRemark + 500)
  })

  it("[ACT7] a source begins a thousand threads on a draft, and another still has room", () => {
    const gate = newGate()
    for (let n = 0; n < threadCaps.ofSource; n++) beginThread(gate, onClause, remark("why?"))
    expect(() => beginThread(gate, onClause, remark("why?"))).toThrow(
      /^Your delegation has begun 1000 comments on this draft, as many as one may\. Reply to one\.$/,
    )
    expect(beginThread(gate, onClause, remark("why?", "B")).row).not.toBeNull()
  })
})

describe("a file", () => {
  const many = <Part>(count: number, part: (n: number) => Part): Part[] => Array.from({ length: count }, (_, n) => part(n))
  const comment = (n: number, source = "S") => ({ id: `m${n}`, source, text: `${n}`, date: null, quote: "", replies: [] as unknown[] })
  const segment = (block: string) => ({ block, kind: "deletion", from: 0, to: 1 })
  const bringing =
    (changes: readonly object[], comments: readonly object[] = []) =>
    (): void =>
      demandQuota(newGate(), { draft: { changes, comments } as never }, new Set())
  for (const [what, most, changes] of [
    ["new clauses", caps.newBlocksOfSource, (count: number) => many(count, (n) => ({ id: `${n}`, source: "S", newBlocks: [`b${n}`] }))],
    [
      "entries about clauses",
      caps.structureOfSource,
      (count: number) => many(count, (n) => ({ id: `${n}`, source: "S", structure: [{ block: "b" }] })),
    ],
    [
      "links",
      caps.linksOfSource,
      (count: number) => many(2 * count, (n) => ({ id: `${n}`, source: "S", segments: [segment(`b${n >> 1}`)] })),
    ],
  ] as const)
    it(`[ACT7] brings as many ${what} of a source as one has, and none more`, () => {
      expect(bringing(changes(most))).not.toThrow()
      expect(bringing(changes(most + 1))).toThrow("With this file S would have more open changes than one has on a draft.")
    })

  it("[ACT7] brings as many comments of a source as one begins, and as many in all and in one thread as there are", () => {
    expect(
      bringing(
        [],
        many(threadCaps.ofSource, (n) => comment(n)),
      ),
    ).not.toThrow()
    expect(
      bringing(
        [],
        many(threadCaps.ofSource + 1, (n) => comment(n)),
      ),
    ).toThrow("With this file S would have more comments than one has")
    expect(
      bringing(
        [],
        many(threadCaps.inAll + 1, (n) => comment(n, `S${n % 9}`)),
      ),
    ).toThrow(/the draft would have more than 5000 comments/)
    expect(bringing([], [{ ...comment(1), replies: many(threadCaps.remarks, (n) => n) }])).toThrow(/has more than 500 remarks/)
  })
})

describe("versions", () => {
  let meeting: Meeting
  let secretary: Guest
  beforeAll(async () => {
    meeting = await Meeting.open()
    secretary = await meeting.guest("secretary")
  })
  afterAll(() => meeting.stop())

  it("[VER6] a draft has five hundred named versions at most, and a version a hundred files", async () => {
    const id = await meeting.draft()
    const draft = await meeting.server.drafts.open(id)
    const person = meeting.server.people.person(secretary.id)
    for (let n = 1; n <= mostVersions; n++) await meeting.server.acts.nameVersion(person, draft, { name: `v${n}` })
    const refused = await secretary.request("POST", `${apiRoot}/drafts/${id}/versions`, { body: { name: "one more" } })
    expect([refused.status, (refused.body as { detail: string }).detail]).toEqual([
      429,
      expect.stringMatching(/^This draft has 500 named versions/),
    ])
    const publish = (): Promise<{ status: number; body: unknown }> =>
      secretary.request("POST", `${apiRoot}/drafts/${id}/versions/1/files`, { body: { format: "txt" } })
    for (let n = 0; n < 100; n++) expect((await publish()).status).toBe(201)
    const full = await publish()
    expect([full.status, (full.body as { detail: string }).detail]).toEqual([
      429,
      expect.stringMatching(/^100 files of this version are published.*\.$/),
    ])
  })
})
