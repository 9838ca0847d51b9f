import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readText } from "../server/files/text.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { threadsOf } from "../shared/sync/roots.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { del, ins, p, wordFile, words } from "./word-file.ts"

const text = "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto report.\n"

/** A file in which somebody replaces one word, puts in another, adds a clause, and says something. */
const fileOf = (author: string, clause = "to dim them;"): Uint8Array<ArrayBuffer> =>
  wordFile({
    body: [
      ...["RESOLUTION 7", "On harbours", "The Council,", "resolves"].map((line) => p(words(line))),
      p(words("1\tto ") + del(author, "keep") + ins(author, "hold") + words(" a lamp at every mole;")),
      p(ins(author, `1bis\t${clause}`), { mark: `<w:ins w:id="90" w:author="${author}" w:date="2026-03-01T10:00:00Z"/>` }),
      p(words("2\tto report.")),
    ].join(""),
  }) as Uint8Array<ArrayBuffer>

interface Brought {
  changes: string[]
  already: { what: string }[]
}

describe("authors of files of whom nobody has stated whose delegation's they are", () => {
  let meeting: Meeting
  let secretary: Guest
  let chair: Guest
  beforeAll(async () => {
    meeting = await Meeting.open()
    secretary = await meeting.guest("secretary")
    chair = await meeting.guest("chair")
  })
  afterAll(() => meeting.stop())

  const bring = async (draft: string, raw: Uint8Array<ArrayBuffer>, authors = "{}"): Promise<Brought> => {
    const query = new URLSearchParams({ name: "file.docx", authors })
    const answer = await secretary.request("POST", `${apiRoot}/drafts/${draft}/import?${query}`, { raw })
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    return answer.body as Brought
  }
  const proposed = async (draft: string): Promise<string[]> => {
    const { body } = await secretary.request("GET", `${apiRoot}/drafts/${draft}/export?format=txt&view=proposed`)
    return (body as string).split("\n").filter((line) => /^\d/.test(line))
  }
  const open = async (draft: string): Promise<string[]> =>
    (await secretary.call("changes", { draft })).map(({ source, deleted, inserted }) => `${source} ${deleted}>${inserted}`)

  const both = ["NOT-STATED keep>hold", "NOT-STATED keep>hold", "NOT-STATED >to dim them;", "NOT-STATED >to dim them;"]

  it("[ONTO10 RIVAL1] two who say the same are two, what they say is read once, and each is there already once it comes again", async () => {
    const draft = await meeting.draft(readText(text))
    expect((await bring(draft, fileOf("Kenji Mori"))).changes).toHaveLength(2)
    const second = await bring(draft, fileOf("Lars Holm"))
    expect(second.already).toEqual([])
    expect(second.changes).toHaveLength(2)
    expect(await open(draft)).toEqual(both)
    expect(await proposed(draft)).toEqual(["1\tto hold a lamp at every mole;", "1 bis\tto dim them;", "2\tto report."])
    for (const author of ["Kenji Mori", "Lars Holm"]) {
      const again = await bring(draft, fileOf(author))
      expect(again.changes).toEqual([])
      expect(again.already).toHaveLength(2)
    }
    expect(await open(draft)).toEqual(both)
  })

  /** A file in which two authors put in the same words at one place. */
  const twice = (one: string, other: string): Uint8Array<ArrayBuffer> =>
    wordFile({
      body: [
        ...["RESOLUTION 7", "On harbours", "The Council,", "resolves"].map((line) => p(words(line))),
        p(words("1\tto keep a") + ins(one, " bright") + ins(other, " bright") + words(" lamp at every mole;")),
        p(words("2\tto report.")),
      ].join(""),
    }) as Uint8Array<ArrayBuffer>
  const asDraft = async (raw: Uint8Array<ArrayBuffer>): Promise<string> => {
    const { status, body } = await secretary.request("POST", `${apiRoot}/drafts?name=file.docx`, { raw })
    expect(status, JSON.stringify(body)).toBe(201)
    return (body as { id: string }).id
  }
  const doors: Readonly<Record<string, (raw: Uint8Array<ArrayBuffer>) => Promise<string>>> = {
    "onto a draft": async (raw) => {
      const draft = await meeting.draft(readText(text))
      await bring(draft, raw)
      return draft
    },
    "as a draft of its own": asDraft,
  }
  for (const [door, enter] of Object.entries(doors)) {
    it(`[RIVAL1] words that two authors put in at one place are read once, and accepted once, ${door}`, async () => {
      const draft = await enter(twice("Kenji Mori", "Lars Holm"))
      expect(await open(draft)).toEqual(["NOT-STATED > bright", "NOT-STATED > bright"])
      expect(await proposed(draft)).toEqual(["1\tto keep a bright lamp at every mole;", "2\tto report."])
      const [first] = await chair.call("changes", { draft })
      const done = await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: first!.id, hash: first!.hash }] })
      expect(done.identical).toHaveLength(1)
      expect(await open(draft)).toEqual([])
      expect(await proposed(draft)).toEqual(["1\tto keep a bright lamp at every mole;", "2\tto report."])
    })
    it(`[RIVAL1] what one author, or nobody, puts in twice stays twice, ${door}`, async () => {
      for (const other of ["Kenji Mori", "Author"]) {
        const draft = await enter(twice("Kenji Mori", other))
        expect((await proposed(draft))[0]).toBe("1\tto keep a bright bright lamp at every mole;")
      }
    })
  }

  it("[RIVAL1] whosever they are stated to be, two delegations say the same once, and one delegation twice", async () => {
    for (const [of, line] of [
      [["S", "B"], "1\tto keep a bright lamp at every mole;"],
      [["S", "S"], "1\tto keep a bright bright lamp at every mole;"],
    ] as const) {
      const draft = await meeting.draft(readText(text))
      await bring(draft, twice("Kenji Mori", "Lars Holm"))
      for (const source of of) {
        const [left] = (await secretary.call("changes", { draft })).filter((change) => change.source === "NOT-STATED")
        await secretary.call("attribute", { draft }, { changes: [{ id: left!.id, hash: left!.hash }], source })
      }
      expect((await proposed(draft))[0]).toBe(line)
    }
  })

  it("[ONTO10] whose the one is does not say whose the other is", async () => {
    const draft = await meeting.draft(readText(text))
    const { changes } = await bring(draft, fileOf("Kenji Mori"))
    await bring(draft, fileOf("Lars Holm"))
    const listed = await secretary.call("changes", { draft })
    const own = listed.filter(({ id }) => changes.includes(id)).map(({ id, hash }) => ({ id, hash }))
    await secretary.call("attribute", { draft }, { changes: own, source: "S" })
    expect((await open(draft)).sort()).toEqual(["NOT-STATED >to dim them;", "NOT-STATED keep>hold", "S >to dim them;", "S keep>hold"])
    expect((await bring(draft, fileOf("Lars Holm"))).changes).toEqual([])
    expect((await bring(draft, fileOf("Kenji Mori"))).changes).toEqual([])
    // Accepted once, in the name of both.
    const left = await chair.call("changes", { draft })
    await chair.call("decide", { draft }, { verdict: "accept", changes: left.map(({ id, hash }) => ({ id, hash })) })
    expect(await open(draft)).toEqual([])
    expect(await proposed(draft)).toEqual(["1\tto hold a lamp at every mole;", "1 bis\tto dim them;", "2\tto report."])
  })

  it("[ONTO10] a name that is nobody's tells no author from another", async () => {
    const draft = await meeting.draft(readText(text))
    await bring(draft, fileOf("Author"))
    expect((await bring(draft, fileOf("Lars Holm"))).changes).toEqual([])
    expect((await bring(draft, fileOf("Unknown"))).changes).toEqual([])
  })

  it("[ONTO4] whose a remark is can be stated later, in the thread and in every paper, by the secretariat alone and once", async () => {
    const draft = await meeting.draft(readText(text))
    const said = (id: number, by: string, words: string): string =>
      `<w:comment w:id="${id}" w:author="${by}" w:date="2026-03-01T10:0${id}:00Z"><w:p w14:paraId="0000000${id}"><w:r><w:t>${words}</w:t></w:r></w:p></w:comment>`
    const lines = ["RESOLUTION 7", "On harbours", "The Council,", "resolves"].map((line) => p(words(line)))
    const ranged = `<w:commentRangeStart w:id="1"/><w:commentRangeStart w:id="2"/><w:r><w:t>lamp</w:t></w:r><w:commentRangeEnd w:id="1"/><w:commentRangeEnd w:id="2"/><w:r><w:commentReference w:id="1"/><w:commentReference w:id="2"/></w:r>`
    const file = (more = "", states = ""): Uint8Array<ArrayBuffer> =>
      wordFile({
        body: [...lines, p(`${words("1\tto keep a ")}${ranged}${words(" at every mole;")}`), p(words("2\tto report."))].join(""),
        comments: said(1, "Kenji Mori", "Why a lamp?") + said(2, "Lars Holm", "For the ships.") + more,
        commentsExtended: `<w15:commentEx w15:paraId="00000001" w15:done="0"/><w15:commentEx w15:paraId="00000002" w15:paraIdParent="00000001" w15:done="0"/>${states}`,
      }) as Uint8Array<ArrayBuffer>
    await bring(draft, file())
    const own = await meeting.server.drafts.open(draft)
    const thread = () => threadsOf(own.room.main)[0]!
    const sources = (): string[] => thread().remarks.map(({ source, text }) => `${source}: ${text}`)
    expect(sources()).toEqual(["NOT-STATED: Why a lamp?", "NOT-STATED: For the ships."])
    const { id } = thread()
    const state = (who: Guest, source: string, ...remarks: number[]) =>
      who.call("attribute", { draft }, { source, changes: [], remarks: remarks.map((remark) => ({ thread: id, remark })) })
    expect((await state(chair, "S", 1)).status).toBe(403)
    expect((await state(secretary, "ZZ", 1)).status).toBe(400)
    expect((await state(secretary, "S", 2)).status).toBe(404)
    expect((await state(secretary, "S")).detail).toMatch(/Name the changes, or the remarks/)
    expect(await state(secretary, "S", 1, 1)).toEqual({ attributed: [], remarks: 1 })
    expect(sources()).toEqual(["NOT-STATED: Why a lamp?", "S: For the ships."])
    expect((await state(secretary, "B", 1)).detail).toMatch(/by S\. Only what is not stated/)
    // A reply that was made here stands behind those of the file, each under its own key.
    await chair.call("reply", { draft, thread: id }, { text: "Agreed." })
    expect(await state(secretary, "B", 0)).toEqual({ attributed: [], remarks: 1 })
    expect(sources()).toEqual(["B: Why a lamp?", "S: For the ships.", "CHAIR: Agreed."])
    const { body } = await secretary.request(
      "GET",
      `${apiRoot}/drafts/${draft}/export?format=html&view=open&comments=true&marks=delegation`,
    )
    expect(body).toMatch(/From a file by Kenji Mori/)
    expect(body).not.toMatch(/not stated/i)
    const entry = (await secretary.call("register", { draft })).findLast(({ act }) => act === "attribute")!
    expect(entry.details).toMatchObject({ to: "B", changes: [], remarks: [{ thread: id, address: "resolves 1", text: "Why a lamp?" }] })
    // Brought again it is there already, stated or not.
    expect((await bring(draft, file())).already).toHaveLength(1)
    // What a later file adds stands by itself behind them.
    const state3 = '<w15:commentEx w15:paraId="00000003" w15:paraIdParent="00000001" w15:done="0"/>'
    await bring(draft, file(said(3, "Kenji Mori", "And in fog?"), state3))
    expect(sources().at(-1)).toBe("NOT-STATED: And in fog?")
    await state(secretary, "B", 3)
    expect(sources()).toEqual(["B: Why a lamp?", "S: For the ships.", "CHAIR: Agreed.", "B: And in fog?"])
  })
})
