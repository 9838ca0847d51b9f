import { pino } from "pino"
import { afterEach, describe, expect, it } from "vitest"
import { acceptLosses, verify } from "../server/commands/verify.ts"
import { apiRoot, damageHeader } from "../shared/api/contract.ts"
import { tamper } from "./damage.ts"
import { Guest, Meeting } from "./meeting.ts"
import { p, wordFile, words } from "./word-file.ts"

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop().catch(() => undefined)
})

/** A meeting whose log is kept, with a version of a draft that was named and published, and a template. */
class Kept {
  meeting!: Meeting
  secretary!: Guest
  draft = ""
  hash = ""
  readonly lines: string[] = []

  static async open(): Promise<Kept> {
    const kept = new Kept()
    await kept.#start(undefined)
    kept.secretary = await kept.meeting.guest("secretary")
    const draft = await kept.meeting.draft()
    kept.draft = draft
    await kept.secretary.call("nameVersion", { draft }, { name: "Rev. 1" } as never)
    kept.hash = ((await kept.publish("txt")).body as { hash: string }).hash
    const template = wordFile({ body: p(words("{{title}}")) })
    const set = await kept.secretary.request("POST", `${apiRoot}/template?name=ours.docx`, { raw: template as Uint8Array<ArrayBuffer> })
    expect(set.status).toBe(201)
    return kept
  }

  async #start(folder: string | undefined): Promise<void> {
    const log = pino({ level: "error" }, { write: (line: string) => void this.lines.push(line) })
    this.meeting = await Meeting.open(folder, { log })
    stops.push(() => this.meeting.stop())
  }

  /** Stops the server, does something to its folder, and starts it again. */
  async spoilt(...statements: readonly string[]): Promise<void> {
    const { folder } = this.meeting
    await this.meeting.stop()
    tamper(folder, ...statements)
    await this.#start(folder)
    this.secretary = new Guest(this.meeting, this.secretary.cookie, this.secretary.id)
  }

  publish(format: string): Promise<{ status: number; body: unknown }> {
    return this.secretary.request("POST", `${apiRoot}/drafts/${this.draft}/versions/1/files`, { body: { format, view: "working" } })
  }

  async told(path: string): Promise<readonly [number, string | undefined]> {
    const { status, body } = await this.secretary.request("GET", `${apiRoot}${path}`)
    return [status, (body as { detail?: string }).detail]
  }

  async notes(): Promise<readonly string[]> {
    return ((await this.secretary.request("GET", "/readyz")).body as { notes: string[] }).notes
  }

  async findings(): Promise<readonly string[]> {
    const { drafts, findings } = await verify(this.meeting.folder, null)
    return [...drafts.flatMap((draft) => draft.findings), ...findings]
  }
}

describe("a published file that is not what was published", () => {
  for (const [what, sql, sentence] of [
    ["missing", "DELETE FROM files", /^The published file \S+\.txt is missing\. Ask the operator/],
    ["altered", "UPDATE files SET bytes = x'00'", /^The published file \S+\.txt was altered\. Ask the operator/],
  ] as const)
    it(`[DAM8] ${what}: said to who wants it, in the log, in readyz and in the metrics, before anybody comes upon it`, async () => {
      const kept = await Kept.open()
      await kept.spoilt(`${sql} WHERE hash = '${kept.hash}'`)
      await expect.poll(() => kept.notes()).toContain("A published file is missing or altered.")
      expect(kept.lines.join("")).toMatch(new RegExp(`"damage":"The published file \\S+ ${what === "missing" ? "is" : "was"} ${what}\\."`))
      expect(await kept.told(`/drafts/${kept.draft}/versions/1/files/${kept.hash}`)).toEqual([503, expect.stringMatching(sentence)])
      expect(await kept.told(`/drafts/${kept.draft}/versions/1/files/${"0".repeat(64)}`)).toEqual([
        404,
        "No such file was published of this version.",
      ])
      const { body } = await kept.secretary.request("GET", "/metrics")
      expect(body).toMatch(/^clausula_files_damaged 1$/m)
      expect(kept.lines.filter((line) => line.includes("file damaged"))).toHaveLength(1)
    })

  it("[DAM8] an altered one is whole again once it is published again", async () => {
    const kept = await Kept.open()
    await kept.spoilt(`UPDATE files SET bytes = x'00' WHERE hash = '${kept.hash}'`)
    const again = (await kept.publish("html")).body as { hash: string }
    expect((await kept.told(`/drafts/${kept.draft}/versions/1/files/${again.hash}`))[0]).toBe(200)
  })
})

describe("an institution's template that is not what was set", () => {
  const other = Buffer.from(wordFile({ body: p(words("another")) })).toString("hex")
  const theirs = (hash: string): string => `WHERE hash <> '${hash}'`
  for (const [what, sql, sentence] of [
    [
      "missing",
      (hash: string) => `DELETE FROM files ${theirs(hash)}`,
      /^The institution's template ours\.docx \(SHA-256 [\da-f]{12}\) is missing\./,
    ],
    [
      "swapped for another",
      (hash: string) => `UPDATE files SET bytes = x'${other}' ${theirs(hash)}`,
      /^The institution's template ours\.docx \(SHA-256 [\da-f]{12}\) was altered\./,
    ],
    [
      "not to be read in the settings",
      () => "UPDATE settings SET value = '{' WHERE name = 'template'",
      /^What is stored about the institution's template cannot be read\./,
    ],
  ] as const)
    it(`[DAM8] ${what}: told, and no paper is written as if there were none, until it is set again`, async () => {
      const kept = await Kept.open()
      await kept.spoilt(sql(kept.hash))
      await expect.poll(() => kept.notes()).toEqual(["The institution's template is missing or altered."])
      expect(kept.lines.join("")).toContain("file damaged")
      expect(await kept.findings()).toEqual([expect.stringMatching(sentence)])
      const draft = `/drafts/${kept.draft}`
      expect(await kept.told("/template")).toEqual([503, expect.stringMatching(sentence)])
      expect(await kept.told(`${draft}/export?format=docx`)).toEqual([503, expect.stringMatching(sentence)])
      const { status, body } = await kept.publish("docx")
      expect([status, (body as { detail: string }).detail]).toEqual([503, expect.stringMatching(sentence)])
      expect((await kept.told(`${draft}/export?format=docx&template=false`))[0], "who wants none gets none").toBe(200)
      expect((await kept.told(`${draft}/export?format=txt`))[0]).toBe(200)
      const { others, next } = await acceptLosses(kept.meeting.folder, null, "2026-11-22T09:00:00.000Z")
      expect([others, next]).toEqual([[expect.stringMatching(sentence)], [expect.stringMatching(/Set the institution's template again/)]])
      expect(await kept.findings()).toEqual([])
      const raw = wordFile({ body: p(words("{{title}}")) }) as Uint8Array<ArrayBuffer>
      expect((await kept.secretary.request("POST", `${apiRoot}/template?name=ours.docx`, { raw })).status).toBe(201)
      expect((await kept.publish("docx")).status).toBe(201)
      expect(await kept.notes()).toEqual([])
    })
})

describe("what is read of a damaged draft", () => {
  it("[DAM2] answers about versions and the record, which may be shorter than they were, say that it is damaged", async () => {
    const kept = await Kept.open()
    const marked = async (path: string): Promise<readonly [number, string | null]> => {
      const answer = await fetch(`${kept.meeting.url}${apiRoot}/drafts/${kept.draft}${path}`, {
        headers: { Cookie: kept.secretary.cookie },
      })
      return [answer.status, answer.headers.get(damageHeader)]
    }
    const paths = ["", "/versions", "/register", "/changes", "/force"]
    for (const path of paths) expect([path, ...(await marked(path))]).toEqual([path, 200, null])
    await kept.spoilt(`DELETE FROM log WHERE draft = '${kept.draft}' AND seq > 1`)
    const sentence = expect.stringMatching(/^This draft is damaged\. The last entry of its log is missing\./)
    for (const path of paths) expect([path, ...(await marked(path))]).toEqual([path, 200, sentence])
  })
})

describe("a draft of which nothing can be proven", () => {
  it("[DAM5] accept-loss says that it is gone; the list, its own address and verify name it afterwards, and a restart changes nothing", async () => {
    const kept = await Kept.open()
    const other = await kept.meeting.draft()
    await kept.spoilt(`UPDATE log SET bytes = x'0000' WHERE draft = '${kept.draft}' AND seq = 1`)
    const { losses, next } = await acceptLosses(kept.meeting.folder, kept.draft, "2026-11-22T09:00:00.000Z")
    const gone =
      /Nothing of it can be proven: the draft “On the lighting of harbours” is gone from the meeting, and its place in the list says so\./
    expect(losses).toMatchObject([{ draft: kept.draft, isGone: true, sentence: expect.stringMatching(gone) }])
    expect(next.join(" ")).toMatch(/begin it anew with the last paper/)
    for (const restart of [false, true]) {
      if (restart) await kept.spoilt()
      const listed = (await kept.secretary.call("drafts")).map(({ id, title, damage }) => [id, title, damage?.isReadable, damage?.sentence])
      expect(listed).toEqual([
        [other, "On the lighting of harbours", undefined, undefined],
        [kept.draft, "On the lighting of harbours", false, expect.stringMatching(gone)],
      ])
      expect(await kept.told(`/drafts/${kept.draft}`)).toEqual([404, expect.stringMatching(/^This draft is gone\. On 22 November 2026/)])
    }
    const { findings, accepted } = await verify(kept.meeting.folder, null)
    expect([findings, accepted]).toEqual([[], [expect.stringMatching(gone)]])
  })
})
