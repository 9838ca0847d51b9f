import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readText } from "../server/files/text.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { threadCaps } from "../shared/comments/thread.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { roots, threadsOf } from "../shared/sync/roots.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { by, ins, p, wordFile, words } from "./word-file.ts"

const text = "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the lamps each year.\n"
const clean = readText(text)
const clause = clean.blocks.find((block) => block.text.startsWith("to keep"))!.id

interface Said {
  readonly by: string
  readonly source: string | null
  readonly text: string
}
const remark = ({ by: name, source, text: said }: Said) => ({ by: name, source, date: "2026-11-20T09:00:00Z", text: said })

/** A file of the product's own form: one insertion, and a thread on a clause. */
function json({ change, comment, replies = [] }: { change?: string | null; comment?: Said; replies?: readonly Said[] }): string {
  const block = clean.blocks.find(({ id }) => id === clause)!
  const isChanged = change !== undefined
  const blocks = clean.blocks.map((other) =>
    other.id === clause && isChanged ? { ...other, text: `${block.text.slice(0, 3)}always ${block.text.slice(3)}` } : other,
  )
  const draft: FileDraft = {
    ...clean,
    blocks,
    changes: isChanged
      ? [
          {
            ...{ id: "c1", kind: "insertion" as const, source: change, enteredBy: "Ann", date: null, block: clause, text: "always " },
            segments: [{ block: clause, kind: "insertion" as const, from: 3, to: 10 }],
          },
        ]
      : [],
    comments: comment ? [{ id: "t1", ...remark(comment), block: clause, quote: "", replies: replies.map(remark), resolved: false }] : [],
  }
  return JSON.stringify(draft)
}

const mine: Said = { by: "Ann", source: "S", text: "ours" }
const theirs: Said = { by: "Rafael", source: "B", text: "never said so" }
const chairs: Said = { by: "Amara", source: "CHAIR", text: "I agree" }
const nobodys: Said = { by: "Somebody", source: null, text: "whoever" }

describe("a file brings nobody else's words", () => {
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

  const onto = async (guest: Guest, file: BodyInit, query: Record<string, string> = {}) => {
    const draft = await meeting.draft(clean)
    const { status, body } = await guest.request("POST", `${apiRoot}/drafts/${draft}/import?${new URLSearchParams(query)}`, { raw: file })
    return { status, body: body as { left: { what: string; why: string }[]; detail?: string }, said: await said(draft), draft }
  }
  /** Source and words of every change and remark on a draft. */
  const said = async (draft: string): Promise<string[]> => {
    const { room } = await meeting.server.drafts.open(draft)
    const remarks = threadsOf(room.main).flatMap((thread) => thread.remarks)
    const changes = await secretary.call("changes", { draft })
    return [
      ...changes.map(({ source, inserted }) => `${source}: ${inserted}`),
      ...remarks.map(({ source, text: word }) => `${source}: ${word}`),
    ]
  }

  it("[WHO9 ONTO3] a delegate's changes and comments come; what others said in the thread stays out, and is listed", async () => {
    const {
      status,
      body,
      said: found,
    } = await onto(sweden, json({ change: "S", comment: mine, replies: [theirs, { ...mine, text: "and again" }, chairs, nobodys] }))
    expect(status).toBe(201)
    expect(found).toEqual(["S: always ", "S: ours", "S: and again"])
    expect(body.left).toEqual([
      { what: "reply “never said so”", why: "It is by B. You bring your own delegation's words only." },
      { what: "reply “I agree”", why: "It is by CHAIR. You bring your own delegation's words only." },
      { what: "reply “whoever”", why: "It is by Somebody. You bring your own delegation's words only." },
    ])
  })

  it("[WHO9 ONTO3] a comment of another stays out with all that answers it; a change of another refuses the file", async () => {
    const comment = await onto(sweden, json({ change: "S", comment: theirs, replies: [mine] }))
    expect([comment.status, comment.said]).toEqual([201, ["S: always "]])
    expect(comment.body.left.map(({ what }) => what)).toEqual(["comment “never said so”"])
    for (const change of ["B", "CHAIR", "SEC", "NOT-STATED", null]) {
      const refused = await onto(sweden, json({ change, comment: mine }))
      expect([refused.status, refused.said], String(change)).toEqual([403, []])
      expect(refused.body.detail).toMatch(/own delegation only/)
    }
    const nothing = await onto(sweden, json({ comment: theirs }))
    expect([nothing.status, nothing.body.detail]).toEqual([403, expect.stringMatching(/^Nothing in this file is your own/)])
  })

  it("[WHO9] so of Word files, whose authors are stated, and of Akoma Ntoso, which says it itself", async () => {
    const word = wordFile({
      body: `${p(words("resolves"))}${p(`${words("1\tto keep ")}${ins("Ann Ek", "always ")}<w:commentRangeStart w:id="1"/>${words("a lamp at every mole")}<w:commentRangeEnd w:id="1"/>${words(";")}`)}${p(words("2\tto count the lamps each year."))}`,
      comments: `<w:comment ${by("Bo Li")}><w:p>${words("which moles?")}</w:p></w:comment>`,
    })
    const stated = (table: object): Promise<Awaited<ReturnType<typeof onto>>> =>
      onto(sweden, word as BodyInit, { authors: JSON.stringify(table) })
    expect((await stated({ "Ann Ek": "S", "Bo Li": "B" })).said).toEqual(["S: always "])
    expect((await stated({ "Ann Ek": "S" })).body.left).toHaveLength(1)
    expect((await stated({ "Ann Ek": "B", "Bo Li": "S" })).status).toBe(403)
    const { draft } = await onto(secretary, json({ change: "S", comment: mine, replies: [theirs] }))
    const { body: akn } = await secretary.request("GET", `${apiRoot}/drafts/${draft}/export?format=akn`)
    expect((await onto(sweden, String(akn))).said).toEqual(["S: always ", "S: ours"])
  })

  it("[WHO9] the secretariat brings those of all delegations; what a file says to be the chair's is not stated, and told", async () => {
    const { status, said: found } = await onto(
      secretary,
      json({ change: "CHAIR", comment: chairs, replies: [mine, theirs, { ...mine, source: "SEC", text: "noted" }] }),
    )
    expect(status).toBe(201)
    expect(found).toEqual(["NOT-STATED: always ", "NOT-STATED: I agree", "S: ours", "B: never said so", "SEC: noted"])
    const { body } = await secretary.request("POST", `${apiRoot}/drafts`, {
      raw: json({ change: "CHAIR", comment: mine, replies: [chairs] }),
    })
    const { id, understood } = body as { id: string; understood: FileDraft }
    expect(await said(id)).toEqual(["NOT-STATED: always ", "S: ours", "NOT-STATED: I agree"])
    expect(understood.warnings.map(({ message }) => message).join()).toMatch(/2 changes or remarks that they are the chair's/)
  })

  it("[WHO12] whom a file names said nothing here: comments, replies and every form tell who brought them", async () => {
    const forged = { ...mine, by: "Amara Diallo (Chair)" }
    const reply = { ...mine, by: "Rafael Nogueira", text: "Brazil agrees" }
    const { draft } = await onto(sweden, json({ change: "S", comment: forged, replies: [reply] }))
    const { room } = await meeting.server.drafts.open(draft)
    const broughtTo = (id: Guest): object => ({ broughtBy: id.id })
    expect(threadsOf(room.main)[0]!.remarks).toEqual([
      { person: "file:Amara Diallo (Chair)", source: "S", text: "ours", at: "2026-11-20T09:00:00Z", ...broughtTo(sweden) },
      { person: "file:Rafael Nogueira", source: "S", text: "Brazil agrees", at: "2026-11-20T09:00:00Z", ...broughtTo(sweden) },
    ])
    const form = async (of: string, format: string): Promise<string> =>
      String((await secretary.request("GET", `${apiRoot}/drafts/${of}/export?format=${format}&view=open&comments=true`)).body)
    const name = meeting.server.people.nameOf(sweden.id)
    const html = await form(draft, "html")
    expect(html).toContain(`From a file by Amara Diallo (Chair), brought by ${name}`)
    expect(html).toMatch(/From a file by Amara Diallo \(Chair\), brought by .*; its date there: <time datetime="2026-11-20T09:00:00Z">/)
    expect(html).toContain(`From a file by Rafael Nogueira, brought by ${name}`)
    expect(await form(draft, "txt")).toContain(`Comment by S: (From a file by Amara Diallo (Chair), brought by ${name}) ours`)
    const { body } = await secretary.request("GET", `${apiRoot}/drafts/${draft}/export?format=json`)
    const [comment] = (body as FileDraft).comments
    expect([comment!.broughtBy, comment!.replies[0]!.broughtBy]).toEqual([name, name])
    expect(await form(draft, "akn")).toContain(`by="Rafael Nogueira" source="S" broughtBy="${name}"`)
    // What is said in the meeting is nobody else's.
    await sweden.call("comment", { draft }, { anchor: { on: "clause", block: blocksOf(room.main).at(-1)!.id }, text: "said here" })
    expect(threadsOf(room.main).find(({ remarks }) => remarks[0]!.text === "said here")!.remarks[0]).not.toHaveProperty("broughtBy")
  })

  it("[WHO12] so with a draft that begins with a file, and with replies that a file adds to a thread", async () => {
    const { body } = await secretary.request("POST", `${apiRoot}/drafts`, { raw: json({ comment: mine, replies: [nobodys] }) })
    const { id } = body as { id: string }
    const { room } = await meeting.server.drafts.open(id)
    const bringers = (): (string | undefined)[] => threadsOf(room.main).flatMap(({ remarks }) => remarks.map(({ broughtBy }) => broughtBy))
    expect(bringers()).toEqual([secretary.id, secretary.id])
    const raw = json({ comment: mine, replies: [nobodys, { ...mine, text: "later" }] })
    expect((await sweden.request("POST", `${apiRoot}/drafts/${id}/import`, { raw })).status).toBe(201)
    expect(bringers()).toEqual([secretary.id, secretary.id, sweden.id])
    const word = await secretary.request("GET", `${apiRoot}/drafts/${id}/export?format=html&view=open&comments=true`)
    expect(String(word.body)).toContain("<b>Somebody (from a file)</b>")
  })

  it("[WHO9 WHO13] a delegation that only a file names comes on the roster where the secretariat confirms it; else its words are not stated", async () => {
    const isKnown = (code: string): boolean => meeting.server.people.sources().some((source) => source.code === code)
    const raw = json({ change: "NIU", comment: { ...theirs, source: "NIU" }, replies: [theirs] })
    const said = [
      { code: "NIU", changes: 1, comments: 1, isOnRoster: false },
      { code: "B", changes: 0, comments: 1, isOnRoster: true },
    ]
    const preview = await secretary.request("POST", `${apiRoot}/drafts?preview=true`, { raw })
    expect(preview).toMatchObject({ status: 200, body: { said } })
    expect(JSON.stringify(preview.body)).toMatch(/NIU is not on the roster: whose 2 changes or remarks are/)
    const unconfirmed = await onto(secretary, raw)
    expect([unconfirmed.body, unconfirmed.said]).toMatchObject([
      { said },
      ["NOT-STATED: always ", "NOT-STATED: never said so", "B: never said so"],
    ])
    expect((await onto(secretary, raw, { preview: "true" })).body).toMatchObject({ said })
    await secretary.request("POST", `${apiRoot}/drafts`, { raw })
    expect(isKnown("NIU")).toBe(false)
    const confirmed = await secretary.request("POST", `${apiRoot}/drafts?preview=true&roster=NIU`, { raw })
    expect([isKnown("NIU"), JSON.stringify(confirmed.body)]).toEqual([false, expect.stringMatching(/NIU was not on the roster/)])
    // Where nothing of the file is brought, nobody comes on the roster with it.
    const full = await meeting.draft(clean)
    const { room } = await meeting.server.drafts.open(full)
    const entry = { act: "fill", at: "", decidedBy: "", enteredBy: "", source: "SEC", sitting: meeting.server.sittings.now(), details: {} }
    await room.act((gate) => ({
      row: gate.act((_, shadow) => {
        const anchor = { on: "draft" as const, block: blocksOf(shadow)[0]!.id }
        const remarks = [{ person: sweden.id, source: "S", text: "so", at: "" }]
        for (let n = 0; n < threadCaps.inAll; n++) roots.threads(shadow).set(`t${n}`, { id: `t${n}`, anchor, remarks, isResolved: false })
      }),
      ...{ entry, answer: null },
    }))
    const refused = await secretary.request("POST", `${apiRoot}/drafts/${full}/import?roster=NIU`, { raw })
    expect(refused).toMatchObject({ body: { detail: expect.stringMatching(/^With this file the draft would have more than/) } })
    expect(isKnown("NIU")).toBe(false)
    expect((await onto(secretary, raw, { roster: "NIU" })).said).toEqual(["NIU: always ", "NIU: never said so", "B: never said so"])
    expect(isKnown("NIU")).toBe(true)
    expect((await secretary.call("me")).hats).toContain("NIU")
    // Whose words are stated to be that of nobody on the roster is refused by each way alike.
    const { draft } = await onto(secretary, json({ change: null }))
    const [change] = await secretary.call("changes", { draft })
    const attributed = await secretary.call("attribute", { draft }, { source: "ZZZ", changes: [{ id: change!.id, hash: change!.hash }] })
    expect(attributed).toMatchObject({ detail: expect.stringMatching(/^ZZZ is not on the roster/) })
    for (const query of [{}, { preview: "true" }] as Record<string, string>[]) {
      const stated = await onto(secretary, json({ change: null }), { authors: '{"Ann":"ZZZ"}', ...query })
      expect([stated.status, stated.body.detail]).toEqual([400, attributed.detail])
      const created = await secretary.request("POST", `${apiRoot}/drafts?${new URLSearchParams({ authors: '{"Ann":"ZZZ"}', ...query })}`, {
        raw: json({ change: null }),
      })
      expect(created).toMatchObject({ status: 400, body: { detail: attributed.detail } })
    }
    expect(isKnown("ZZZ")).toBe(false)
    for (const roster of ["CHAIR", "SEC", "CHA1R", "NOT-STATED"])
      expect((await onto(secretary, json({ change: roster }), { roster })).said, roster).not.toContain("CHA1R: always ")
    expect(isKnown("CHA1R")).toBe(false)
  })

  it("[ONTO13] the review names every source that a file gives words to, with their number, and no names that are not lacking", async () => {
    const raw = json({ change: "S", comment: chairs, replies: [theirs, { ...mine, source: "SEC" }] })
    const withOld = JSON.stringify({ ...JSON.parse(raw), warnings: [{ code: "AUTHOR", message: "Names were removed from this file." }] })
    const said = ["S 1 0", "CHAIR 0 1", "B 0 1", "SEC 0 1"]
    const draft = await meeting.draft(clean)
    for (const path of [`/drafts/${draft}/import?preview=true`, "/drafts?preview=true", `/drafts/${draft}/import`, "/drafts"]) {
      const { body } = await secretary.request("POST", `${apiRoot}${path}`, { raw: withOld })
      const answer = body as { said: { code: string; changes: number; comments: number }[]; understood: FileDraft | null }
      expect(
        answer.said.map(({ code, changes, comments }) => `${code} ${changes} ${comments}`),
        path,
      ).toEqual(said)
      expect(JSON.stringify(answer.understood?.warnings ?? [])).not.toMatch(/Names were removed/)
    }
  })

  it("[WHO9] a chair brings its own and nobody's, as a draft and onto one", async () => {
    expect((await onto(chair, json({ change: "S" }))).status).toBe(403)
    expect((await onto(chair, json({ change: "CHAIR", comment: chairs, replies: [theirs, nobodys] }))).said).toEqual([
      "CHAIR: always ",
      "CHAIR: I agree",
      "NOT-STATED: whoever",
    ])
    expect((await chair.request("POST", `${apiRoot}/drafts`, { raw: json({ change: "S" }) })).status).toBe(403)
    const { body, status } = await chair.request("POST", `${apiRoot}/drafts`, { raw: json({ comment: chairs, replies: [theirs] }) })
    expect(status).toBe(201)
    expect(await said((body as { id: string }).id)).toEqual(["CHAIR: I agree"])
    expect((body as { understood: FileDraft }).understood.warnings.map(({ message }) => message).join()).toMatch(/never said so/)
  })

  it("[WHO9] the secretariat states whose a change is, but not that it is the chair's", async () => {
    const { draft } = await onto(secretary, json({ change: null }))
    const [change] = await secretary.call("changes", { draft })
    const changes = [{ id: change!.id, hash: change!.hash }]
    expect(await secretary.call("attribute", { draft }, { source: "CHAIR", changes })).toMatchObject({ status: 403 })
    expect((await secretary.call("attribute", { draft }, { source: "B", changes })).attributed).toHaveLength(1)
  })
})
