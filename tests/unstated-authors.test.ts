import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readText } from "../server/exchange/text.ts"
import { apiRoot } from "../shared/api/contract.ts"
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

  it("[ONTO10 RIVAL1] two who say the same are two, read once, and each is there already once it comes again", async () => {
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
})
