import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readText } from "../server/files/text.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { metaOfDoc, threadsOf } from "../shared/sync/roots.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { by, ins, p, wordFile, words } from "./word-file.ts"

const text = "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the lamps each year.\n"
const clean = readText(text)
const clause = clean.blocks.find((block) => block.text.startsWith("to keep"))!.id

const word = (...more: readonly string[]): Uint8Array =>
  wordFile({
    body: [
      ...["RESOLUTION 7", "On harbours", "The Council,", "resolves"].map((line) => p(words(line))),
      p(
        `${words("1\tto ")}${ins("Ann Ek", "always ")}<w:commentRangeStart w:id="1"/>${words("keep a lamp at every mole;")}<w:commentRangeEnd w:id="1"/>`,
      ),
      p(words("2\tto count the lamps each year.")),
      ...more,
    ].join(""),
    comments: `<w:comment ${by("Ann Ek")}><w:p>${words("which moles?")}</w:p></w:comment>`,
  })

/** The product's own form: one insertion and one comment of a source, or of an author whose it is not said. */
function json(source: string | null): string {
  const draft: FileDraft = {
    ...clean,
    blocks: clean.blocks.map((block) => (block.id === clause ? { ...block, text: `to always ${block.text.slice(3)}` } : block)),
    changes: [
      {
        ...{ id: "c1", kind: "insertion" as const, source, enteredBy: "Ann Ek", date: null, block: clause, text: "always " },
        segments: [{ block: clause, kind: "insertion" as const, from: 3, to: 10 }],
      },
    ],
    comments: [
      {
        ...{ id: "t1", by: "Ann Ek", date: null, source, text: "which moles?", block: clause, quote: "", replies: [], resolved: false },
      },
    ],
  }
  return JSON.stringify(draft)
}

const hats = ["CHAIR", "SEC", "S", "B"]
const holds: Readonly<Record<string, readonly string[]>> = { chair: ["CHAIR"], secretary: ["SEC", "S", "B"], delegate: ["S"], observer: [] }

describe("for whom a file is entered", () => {
  let meeting: Meeting
  const guests: Record<string, Guest> = {}
  beforeAll(async () => {
    meeting = await Meeting.open()
    for (const role of ["chair", "secretary", "observer"] as const) guests[role] = await meeting.guest(role)
    guests.delegate = await meeting.guest("delegate", ["S"])
  })
  afterAll(() => meeting.stop())

  const onto = async (who: string, raw: BodyInit, query: Record<string, string> = {}) => {
    const draft = await meeting.draft(clean)
    const { status, body } = await guests[who]!.request("POST", `${apiRoot}/drafts/${draft}/import?${new URLSearchParams(query)}`, { raw })
    return { status, body, said: await said(draft) }
  }
  /** Sources of all that a draft holds. */
  const said = async (draft: string): Promise<string[]> => {
    const { room } = await meeting.server.drafts.open(draft)
    const changes = (await guests.secretary!.call("changes", { draft })) as unknown as { source: string }[]
    const numbers = Object.values(metaOfDoc(room.main).renumbered)
    const remarks = threadsOf(room.main).flatMap((thread) => thread.remarks)
    return [...new Set([...changes, ...numbers, ...remarks].map(({ source }) => source))].sort()
  }

  /** Every way in which a file says, or who brings it states, for whom it is: as a raw file and a query. */
  const ways = async (hat: string): Promise<[string, BodyInit, Record<string, string>, "stated" | "in the file"][]> => {
    const stated = (name: string): Record<string, string> => ({ authors: JSON.stringify({ [name]: hat }) })
    // Akoma Ntoso that says it: an export, with the source put in its place.
    const own = await meeting.server.drafts.create(JSON.parse(json("EUR")) as FileDraft, { enteredBy: "p-secretary" })
    const { body: akn } = await guests.secretary!.request("GET", `${apiRoot}/drafts/${own}/export?format=akn`)
    const longer = text.replace("to count", "to always count")
    return [
      ["docx", word() as BodyInit, stated("Ann Ek"), "stated"],
      ["json", json(null), stated("Ann Ek"), "stated"],
      ["json", json(hat), {}, "in the file"],
      ["akn", String(akn).replaceAll(/(?<=source="|#)EUR(?=")/g, hat), {}, "in the file"],
      ["text", longer, { ...stated(""), compare: "true" }, "stated"],
    ]
  }

  for (const role of Object.keys(holds))
    for (const hat of hats)
      it(`[WHO11] ${role} as ${hat}: ${holds[role]!.includes(hat) ? "entered" : "not"}`, async () => {
        for (const [format, file, query, how] of await ways(hat)) {
          const { status, said: found, body } = await onto(role, file, query)
          const about = `${format}, ${how}: ${status} ${JSON.stringify(body)}`
          if (holds[role]!.includes(hat)) expect([status, found], about).toEqual([201, [hat]])
          // What a file says to be the chair's the secretariat brings as not stated.
          else if (role === "secretary" && how === "in the file") expect([status, found], about).toEqual([201, ["NOT-STATED"]])
          else expect([status, found], about).toEqual([403, []])
        }
        const draft = await meeting.draft(clean)
        const joined = await guests[role]!.call("join", { draft }, { as: hat })
        if (!holds[role]!.includes(hat)) expect(joined.status, "join").toBeGreaterThanOrEqual(400)
      })

  it("[WHO11] nor is a tracked number, in a draft that a file becomes", async () => {
    const numbers = p(
      `${words("")}<w:del ${by("Ann Ek")}><w:r><w:delText>3</w:delText></w:r></w:del>${ins("Ann Ek", "4")}${words("\tto report.")}`,
    )
    const create = async (who: string, raw: BodyInit, query: Record<string, string> = {}) => {
      const { status, body } = await guests[who]!.request("POST", `${apiRoot}/drafts?${new URLSearchParams(query)}`, { raw })
      return { status, said: status === 201 ? await said((body as { id: string }).id) : [] }
    }
    const file = word(numbers) as BodyInit
    expect(await create("secretary", file, { authors: JSON.stringify({ "Ann Ek": "B" }) })).toEqual({ status: 201, said: ["B"] })
    expect((await create("secretary", file, { authors: JSON.stringify({ "Ann Ek": "CHAIR" }) })).status).toBe(403)
    const numbered = (source: string): string =>
      JSON.stringify({
        ...clean,
        blocks: clean.blocks.map((block) =>
          block.id === clause ? { ...block, renumbered: { was: "9", source, enteredBy: "Ann", date: null } } : block,
        ),
      })
    expect(await create("secretary", numbered("CHAIR"))).toEqual({ status: 201, said: ["NOT-STATED"] })
    expect(await create("chair", numbered("CHAIR"))).toEqual({ status: 201, said: ["CHAIR"] })
    expect((await create("chair", numbered("S"))).status).toBe(403)
    expect((await create("delegate", numbered("S"))).status).toBe(403)
  })

  it("[ONTO11] whose an author's words were stated to be is proposed for the next file, to the secretariat alone", async () => {
    const proposed = async (who: string, raw: BodyInit): Promise<Record<string, string | null>> => {
      const draft = await meeting.draft(clean)
      const { body } = await guests[who]!.request("POST", `${apiRoot}/drafts/${draft}/import?preview=true`, { raw })
      return Object.fromEntries(
        (body as { authors: { name: string; suggested: string | null }[] }).authors.map((a) => [a.name, a.suggested]),
      )
    }
    const bySomebody = (name: string): BodyInit =>
      wordFile({ body: p(`${words("1\tto keep a lamp ")}${ins(name, "or two ")}`) }) as BodyInit
    const state = async (raw: BodyInit, authors: Record<string, string>, who = "secretary"): Promise<void> => {
      expect((await onto(who, raw, { authors: JSON.stringify(authors) })).status).toBe(201)
    }
    const bo = word(p(ins("Bo Li", "3\tto sell them."))) as BodyInit
    expect(await proposed("secretary", bySomebody("Bo Li"))).toEqual({ "Bo Li": null })
    await state(bo, { "Ann Ek": "S", "Bo Li": "B", "Cy Nobody": "B" })
    expect(await proposed("secretary", bo)).toEqual({ "Ann Ek": "S", "Bo Li": "B" })
    expect(await proposed("secretary", bySomebody("Bo Li"))).toEqual({ "Bo Li": "B" })
    expect(await proposed("delegate", bySomebody("Bo Li"))).toEqual({ "Bo Li": null })
    // Who is not in the file was not stated of it; a draft that a file becomes is remembered like one brought onto a draft.
    expect(await proposed("secretary", bySomebody("Cy Nobody"))).toEqual({ "Cy Nobody": null })
    const created = await guests.secretary!.request("POST", `${apiRoot}/drafts?${new URLSearchParams({ authors: '{"Bo Li":"S"}' })}`, {
      raw: bo,
    })
    expect([created.status, await proposed("secretary", bo)]).toEqual([201, { "Ann Ek": "S", "Bo Li": "S" }])
    // Said to be not stated it is forgotten; a delegation's own file says nothing of others'; a scrubbed name is nobody's.
    await state(bo, { "Ann Ek": "S", "Bo Li": "" })
    expect(await proposed("secretary", bo)).toEqual({ "Ann Ek": "S", "Bo Li": null })
    await state(bySomebody("Di Mo"), { "Di Mo": "S" }, "delegate")
    expect(await proposed("secretary", bySomebody("Di Mo"))).toEqual({ "Di Mo": null })
    await state(bySomebody("Author"), { Author: "B" })
    expect(await proposed("secretary", bySomebody("Author"))).toEqual({ Author: null })
    // Nobody is proposed a source that is not theirs to write for.
    expect(await proposed("secretary", bySomebody("CHAIR"))).toEqual({ CHAIR: null })
    expect(await proposed("chair", bySomebody("CHAIR"))).toEqual({ CHAIR: "CHAIR" })
  })
})
