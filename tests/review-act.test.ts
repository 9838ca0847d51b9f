import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readText } from "../server/files/text.ts"
import { write } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { type Guest, Meeting } from "./meeting.ts"

const text =
  "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the lamps each year;\n3\tto report.\n"
const clean = readText(text)
const [keep, count] = clean.blocks.filter(({ type }) => type === "clause").map(({ id }) => id) as [string, string, string]

/** Who a file says that its changes and remarks are by: a source, or nobody. */
const sources = ["CHAIR", "SEC", "S", "B", "NOT-STATED", null] as const
type Source = (typeof sources)[number]

/** An insertion, a deletion, a new clause under another label, a comment with a reply, and a deletion in a clause that is nowhere. */
function fileOf(source: Source, enteredBy: string | null): FileDraft {
  const by = { source, enteredBy, date: "2026-11-20T09:00:00Z" }
  const said = { by: enteredBy, source, date: by.date }
  const blocks = clean.blocks.flatMap((block) => {
    if (block.id === keep) return [{ ...block, text: "to always keep a lamp at every mole;" }]
    if (block.id !== count) return [block]
    const added = { id: "new", type: "clause" as const, level: 1, label: "9", text: "to light them at dusk;" }
    return [
      block,
      added,
      { id: "alien", type: "clause" as const, level: 1, text: "whereas zinc quotas were negotiated elsewhere entirely" },
    ]
  })
  return {
    ...clean,
    blocks,
    changes: [
      { ...by, id: "c1", kind: "insertion", block: keep, text: "always ", segments: [{ block: keep, kind: "insertion", from: 3, to: 10 }] },
      {
        ...{ ...by, id: "c2", kind: "deletion", block: count, text: " each year" },
        segments: [{ block: count, kind: "deletion", from: 18, to: 28 }],
      },
      {
        ...{ ...by, id: "c3", kind: "insertion", block: "new", text: "to light them at dusk;", newBlocks: ["new"] },
        segments: [{ block: "new", kind: "insertion", from: 0, to: 22 }],
      },
      {
        ...{ ...by, id: "c4", kind: "deletion", block: "alien", text: "zinc" },
        segments: [{ block: "alien", kind: "deletion", from: 8, to: 12 }],
      },
    ],
    comments: [
      {
        ...{ ...said, id: "k1", block: keep, quote: "lamp", text: "Which lamp?", resolved: false, at: { from: 17, to: 21 } },
        replies: [{ ...said, text: "Each of them." }],
      },
    ],
  }
}

const asJson = (draft: FileDraft): Uint8Array => new TextEncoder().encode(JSON.stringify(draft))
const asWord = (draft: FileDraft): Uint8Array =>
  write(printableOf(draft), { format: "docx", view: "open", marks: "delegation", hasComments: true, template: null })

interface Answer {
  changes: string[]
  placed: number
  comments: number
  replies: number
  left: unknown[]
  already: unknown[]
  relabelled: unknown[]
  authors: { name: string; suggested: string | null }[]
}

const roles = ["chair", "secretary", "delegate"] as const

describe("a review and its act", () => {
  let meeting: Meeting
  const guests: Record<string, Guest> = {}
  beforeAll(async () => {
    meeting = await Meeting.open()
    for (const role of ["chair", "secretary"] as const) guests[role] = await meeting.guest(role)
    guests.delegate = await meeting.guest("delegate", ["S"])
  })
  afterAll(() => meeting.stop())

  const send = async (who: string, draft: string, raw: Uint8Array, query: Record<string, string>) => {
    const path = `${apiRoot}/drafts/${draft}/import?${new URLSearchParams(query)}`
    const { status, body } = await guests[who]!.request("POST", path, { raw: raw as Uint8Array<ArrayBuffer> })
    return { status, body: body as Answer & { detail?: string } }
  }
  const told = ({ placed, comments, replies, left, already, relabelled }: Answer) => ({
    ...{ placed, comments, replies, left, already, relabelled },
  })

  /** Looks at a file as its review opens, states what that proposes, and puts it on the draft. */
  async function reviewed(who: string, draft: string, raw: Uint8Array, about: string): Promise<Answer | null> {
    const first = await send(who, draft, raw, { preview: "true" })
    const own = who === "delegate" ? "S" : null
    const authors = JSON.stringify(
      Object.fromEntries((first.body.authors ?? []).map(({ name, suggested }) => [name, own ?? suggested ?? ""])),
    )
    const again = await send(who, draft, raw, { preview: "true", authors })
    const done = await send(who, draft, raw, { authors })
    if (done.status >= 400) {
      // What the act refuses the review refuses, with the same sentence; but a file of nobody's own is shown with what stays out.
      expect([first.status, first.body.detail], about).toEqual([done.status, done.body.detail])
      return null
    }
    expect(done.status, about).toBe(201)
    expect(told(first.body), `${about}, before the sources are stated`).toEqual(told(done.body))
    expect(told(again.body), `${about}, with the sources stated`).toEqual(told(done.body))
    expect(done.body.placed, about).toBe(done.body.changes.length)
    return done.body
  }

  /** What becomes of the open changes between one time and the next. */
  const meanwhile: Readonly<Record<string, (draft: string) => Promise<void>>> = {
    "nothing happens": () => Promise.resolve(),
    "the chair states that all are the chair's": async (draft) => {
      const changes = (await open(draft)).filter(({ source }) => source === "NOT-STATED")
      if (changes.length > 0) await guests.chair!.call("attribute", { draft }, { changes, source: "CHAIR" })
    },
    "all are accepted": async (draft) => {
      const changes = (await open(draft)).map(({ id, hash }) => ({ id, hash }))
      if (changes.length > 0) await guests.chair!.call("decide", { draft }, { verdict: "accept", changes })
    },
  }
  const open = async (draft: string): Promise<{ id: string; hash: string; source: string }[]> =>
    (await guests.chair!.call("changes", { draft })) as never

  for (const source of sources)
    for (const author of ["Ann Ek", "CHAIR", null])
      it(`[ONTO12] agree about a file of ${author ?? "nobody"}'s, of ${source ?? "no source"}, whoever brings it, once and again`, async () => {
        const file = fileOf(source, author)
        for (const [form, raw] of author === "Ann Ek"
          ? ([
              ["json", asJson(file)],
              ["docx", asWord(file)],
            ] as const)
          : ([["json", asJson(file)]] as const))
          for (const first of roles)
            for (const [what, happens] of Object.entries(meanwhile)) {
              const draft = await meeting.draft(clean)
              if ((await reviewed(first, draft, raw, `${form} by ${first}`)) === null) continue
              await happens(draft)
              for (const next of roles) await reviewed(next, draft, raw, `${form} by ${first}, then ${what}, then by ${next}`)
            }
      })

  it("[ONTO12] what a file says to be the chair's and the chair has stated is there already, open or decided", async () => {
    const raw = asJson(fileOf("CHAIR", null))
    for (const what of ["the chair states that all are the chair's", "all are accepted"] as const) {
      const draft = await meeting.draft(clean)
      await reviewed("secretary", draft, raw, "first")
      await meanwhile["the chair states that all are the chair's"]!(draft)
      await meanwhile[what]!(draft)
      expect(await reviewed("secretary", draft, raw, what)).toMatchObject({ placed: 0, already: { length: 4 } })
    }
  })
})
