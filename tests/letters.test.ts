import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { fileName } from "../server/acts/papers.ts"
import { readTexts } from "../server/files/read-file.ts"
import { apiRoot, type RouteName, routes } from "../shared/api/contract.ts"
import { beginningOf, endOf, halfLetterIn, shortened } from "../shared/schema/letters.ts"
import { type Guest, Meeting } from "./meeting.ts"

const family = "👨‍👩‍👧‍👦"
/** Letters of one, two and many UTF-16 units. */
const scripts = ["𐐷", "e\u0301", family, "a", "日", "שׁ", "क्ष", "🇸🇪"]

describe("where something is shortened", () => {
  it("[CUT1] no letter is cut, wherever the end falls, and nothing is longer than asked", () => {
    for (const letter of scripts)
      for (let most = 1; most < 40; most++) {
        const text = letter.repeat(30)
        for (const cut of [beginningOf(text, most), endOf(text, most), shortened(text, most).replace("…", "")]) {
          expect(cut.isWellFormed()).toBe(true)
          expect(cut.length).toBeLessThanOrEqual(most)
          expect(cut.replaceAll(letter, ""), `${letter} ${most}`).toBe("")
        }
      }
    expect([beginningOf("abc", 5), endOf("abc", 5), shortened("abcdef", 4)]).toEqual(["abc", "abc", "abc…"])
  })

  it("[CUT1] a thousand signs on one letter are cut between two of them, at once", () => {
    const tower = `a${"\u0301".repeat(100_000)}`
    const from = performance.now()
    expect(beginningOf(tower, 1_000)).toHaveLength(1_000)
    expect(endOf(tower, 1_000).length).toBeLessThanOrEqual(1_000)
    expect(performance.now() - from).toBeLessThan(500)
  })

  it("[CUT1] the name of a file goes into a header, whatever its title is", () => {
    for (const letter of scripts)
      for (let n = 0; n < 3; n++) expect(() => encodeURIComponent(fileName("x".repeat(n) + letter.repeat(80), "docx"))).not.toThrow()
  })
})

describe("half a letter", () => {
  let meeting: Meeting
  let secretary: Guest
  let draft: string
  beforeAll(async () => {
    meeting = await Meeting.open()
    secretary = await meeting.guest("secretary")
    draft = await meeting.draft()
  })
  afterAll(() => meeting.stop())

  /** Bodies of the right shape with a text, of each route that takes one. */
  const bodies: Partial<Record<RouteName, (text: string) => object>> = {
    comment: (text) => ({ anchor: { on: "clause", block: "b5" }, text }),
    reply: (text) => ({ text }),
    nameVersion: (name) => ({ name }),
    invite: (name) => ({ role: "delegate", hats: ["S"], name }),
    signIn: (name) => ({ token: "x".repeat(20), name }),
  }
  for (const [name, body] of Object.entries(bodies) as [RouteName, (text: string) => object][])
    it(`[CUT2] ${name}: is refused in a sentence that says where`, async () => {
      const path = routes[name].path.replace(":draft", draft).replace(":thread", "t")
      const answer = await secretary.request("POST", `${apiRoot}${path}`, {
        raw: JSON.stringify(body("half \ud83d")),
        headers: { "Content-Type": "application/json" },
      })
      expect([answer.status, (answer.body as { detail: string }).detail]).toEqual([
        400,
        expect.stringMatching(
          /^The body is not as expected: (?:text|name)(?: holds half of a letter\. Write it again|: It holds signs that are no letters)\.$/,
        ),
      ])
    })

  it("[CUT2] a draft of ours with one, in a text, a remark, a name or a title, is refused in a sentence", () => {
    const half = "a\ud800"
    const block = { id: "a", type: "clause", text: "to act;" }
    const drafts: readonly object[] = [
      { blocks: [{ ...block, text: half }] },
      { blocks: [block], comments: [{ id: "k", by: half, block: "a", quote: "", text: "t", replies: [], resolved: false }] },
      { blocks: [block], cover: [{ field: "title", text: half }] },
      { blocks: [{ ...block, label: half }] },
    ]
    for (const value of drafts)
      expect(() => readTexts(new TextEncoder().encode(JSON.stringify(value)), "own.json"), JSON.stringify(value)).toThrow(
        /^own\.json .*(?:half of a letter|U\+D800|a sign that no text takes).*\.$/,
      )
    expect(halfLetterIn({ a: ["b", { c: "\udc00" }] })).toBe("a.1.c")
  })

  it("[CUT1] a draft with a long title of letters of two units is exported in every form, published and compared", async () => {
    const title = `${"x".repeat(19)}${"𐐷".repeat(60)}`
    const made = await secretary.request("POST", `${apiRoot}/drafts?title=${encodeURIComponent(title)}`, {
      raw: "resolves\n1\tto act;\n2\tto wait;\n",
    })
    const { id } = made.body as { id: string }
    await secretary.call("nameVersion", { draft: id }, { name: `v${"𐐷".repeat(40)}` })
    const exported = ["docx", "html", "akn", "json", "txt"].map((format) => `/drafts/${id}/export?format=${format}`)
    for (const path of [...exported, `/drafts/${id}/versions/1/compare?format=txt`])
      expect([path, (await secretary.request("GET", `${apiRoot}${path}`)).status]).toEqual([path, 200])
    expect((await secretary.request("POST", `${apiRoot}/drafts/${id}/versions/1/files`, { body: { format: "txt" } })).status).toBe(201)
  })
})
