import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readText } from "../server/files/text.ts"
import { writePlainText } from "../server/papers/text.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { del, markDel, p, wordFile, words } from "./word-file.ts"

const text =
  "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the lamps each year;\n3\tto report.\n"

/** A file in which Ann deletes the ends of some clauses; `clauses`: what stands in each. */
const file = (clauses: readonly { content: string; isJoined?: boolean }[]): Uint8Array =>
  wordFile({
    body: [
      ...["RESOLUTION 7", "On harbours", "The Council,", "resolves"].map((line) => p(words(line))),
      ...clauses.map(({ content, isJoined }) => p(content, { mark: isJoined ? markDel("Ann") : "" })),
    ].join(""),
  })

const [keep, count, report] = ["1\tto keep a lamp at every mole;", "2\tto count the lamps each year;", "3\tto report."].map(words) as [
  string,
  string,
  string,
]

describe("a join that a file makes", () => {
  let meeting: Meeting
  let chair: Guest
  let secretary: Guest
  beforeAll(async () => {
    meeting = await Meeting.open()
    chair = await meeting.guest("chair")
    secretary = await meeting.guest("secretary")
  })
  afterAll(() => meeting.stop())

  const accepted = async (draft: string): Promise<string[]> => {
    const open = await chair.call("changes", { draft })
    await chair.call("decide", { draft }, { verdict: "accept", changes: open.map(({ id, hash }) => ({ id, hash })) })
    const own = await meeting.server.drafts.open(draft)
    return writePlainText(await meeting.server.drafts.whole.printable(own), "working")
      .split("\n")
      .filter((line) => /^\d/.test(line))
  }

  it.each([
    [
      "of two clauses",
      [{ content: keep, isJoined: true }, { content: count }, { content: report }],
      ["1\tto keep a lamp at every mole; to count the lamps each year;", "3\tto report."],
    ],
    [
      "of three",
      [{ content: keep, isJoined: true }, { content: count, isJoined: true }, { content: report }],
      ["1\tto keep a lamp at every mole; to count the lamps each year; to report."],
    ],
    [
      "where a space is left",
      [{ content: words("1\tto keep a lamp at every mole; "), isJoined: true }, { content: count }, { content: report }],
      ["1\tto keep a lamp at every mole; to count the lamps each year;", "3\tto report."],
    ],
    [
      "of what is left of two words",
      [
        { content: words("1\tto keep a lamp at ever") + del("Ann", "y mole;"), isJoined: true },
        { content: words("2\t") + del("Ann", "to count the lamps each ") + words("year;") },
        { content: report },
      ],
      ["1\tto keep a lamp at ever year;", "3\tto report."],
    ],
    [
      "of what is left of one",
      [
        { content: words("1\tto keep a lamp at ever") + del("Ann", "y mole;"), isJoined: true },
        { content: words("2\t") + del("Ann", "to count the lamps each ye") + words("ar;") },
        { content: report },
      ],
      ["1\tto keep a lamp at everar;", "3\tto report."],
    ],
  ])("[TRK11] %s makes no one word of two, onto a draft and as one, and the same file is there already", async (_, clauses, lines) => {
    const bytes = file(clauses) as Uint8Array<ArrayBuffer>
    const path = (draft: string): string => `${apiRoot}/drafts/${draft}/import?${new URLSearchParams({ authors: '{"Ann":"S"}' })}`
    const draft = await meeting.draft(readText(text))
    const preview = await secretary.request("POST", `${path(draft)}&preview=true`, { raw: bytes })
    const { warnings } = (preview.body as { understood: { warnings: { message: string }[] } }).understood
    expect(warnings.map(({ message }) => message)).toContainEqual(expect.stringContaining("its label “2” goes with that"))
    expect((await secretary.request("POST", path(draft), { raw: bytes })).status).toBe(201)
    const again = (await secretary.request("POST", path(draft), { raw: bytes })).body as { changes: string[] }
    expect(again.changes).toEqual([])
    expect(await accepted(draft)).toEqual(lines)
    const made = await secretary.request("POST", `${apiRoot}/drafts?${new URLSearchParams({ authors: '{"Ann":"S"}', name: "a.docx" })}`, {
      raw: bytes,
    })
    expect(made.status).toBe(201)
    expect(await accepted((made.body as { id: string }).id)).toEqual(lines)
  })
})
