import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readText } from "../server/files/text.ts"
import { writePlainText } from "../server/papers/text.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { ins, markIns, p, wordFile, words } from "./word-file.ts"

const text =
  "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the lamps each year;\n3\tto report.\n"

const clauses = (...added: readonly (readonly [author: string, line: string])[]): Uint8Array =>
  wordFile({
    body: [
      ...[
        "RESOLUTION 7",
        "On harbours",
        "The Council,",
        "resolves",
        "1\tto keep a lamp at every mole;",
        "2\tto count the lamps each year;",
      ].map((line) => p(words(line))),
      ...added.map(([author, line]) => p(ins(author, line), { mark: markIns(author) })),
      p(words("3\tto report.")),
    ].join(""),
  })

interface Answer {
  readonly relabelled: readonly { readonly what: string; readonly theirs: string; readonly ours: string }[]
}

describe("labels of clauses that a file adds", () => {
  let meeting: Meeting
  let secretary: Guest
  beforeAll(async () => {
    meeting = await Meeting.open()
    secretary = await meeting.guest("secretary")
  })
  afterAll(() => meeting.stop())

  const bring = async (draft: string, file: BodyInit, query: Record<string, string> = {}): Promise<Answer["relabelled"]> => {
    const { status, body } = await secretary.request("POST", `${apiRoot}/drafts/${draft}/import?${new URLSearchParams(query)}`, {
      raw: file,
    })
    expect(status, JSON.stringify(body)).toBeLessThan(300)
    return (body as Answer).relabelled
  }
  const shown = async (draft: string): Promise<string[]> => {
    const own = await meeting.server.drafts.open(draft)
    const lines = writePlainText(await meeting.server.drafts.whole.printable(own), "open").split("\n")
    // Without the marks of what is open.
    return lines.filter((line) => /\t/.test(line)).map((line) => line.trim().replace(/\{[+-](?:\w+|not stated[^:]*): |[+-]\}/g, ""))
  }

  it("[LABEL4] the review says line by line what each is labelled here, before anything is put in; and so does the answer", async () => {
    const draft = await meeting.draft(readText(text))
    const file = clauses(["Ann", "2bis\tto paint them;"], ["Bo", "4)\tto light them;"], ["Bo", "to wash them;"]) as BodyInit
    const authors = JSON.stringify({ Ann: "S", Bo: "B" })
    const before = await bring(draft, file, { preview: "true", authors })
    expect(before).toEqual([
      { what: "“to paint them;”", theirs: "2bis", ours: "2 bis" },
      { what: "“to light them;”", theirs: "4)", ours: "2 ter" },
      // Without a label in the file it is called as the file would have it.
      { what: "“to wash them;”", theirs: "4bis)", ours: "2 quater" },
    ])
    expect(await shown(draft)).toHaveLength(3)
    expect(await bring(draft, file, { authors })).toEqual(before)
    expect(await shown(draft)).toEqual([
      "1\tto keep a lamp at every mole;",
      "2\tto count the lamps each year;",
      "2 bis\tto paint them;",
      "2 ter\tto light them;",
      "2 quater\tto wash them;",
      "3\tto report.",
    ])
    // Behind what others propose there already another label is free, and none of theirs moves.
    const [next] = await bring(draft, clauses(["Cy", "2 bis\tto sell them;"]) as BodyInit, { preview: "true" })
    expect(next).toEqual({ what: "“to sell them;”", theirs: "2 bis", ours: "2 quinquies" })
    const [put] = await bring(draft, clauses(["Cy", "2 bis\tto sell them;"]) as BodyInit, { authors: JSON.stringify({ Cy: "B" }) })
    expect(put).toEqual(next)
    expect((await shown(draft)).slice(2)).toEqual([
      "2 bis\tto paint them;",
      "2 ter\tto light them;",
      "2 quater\tto wash them;",
      "2 quinquies\tto sell them;",
      "3\tto report.",
    ])
  })

  it("[LABEL4] what has the label of the file is told of nothing, nor what does not come", async () => {
    const draft = await meeting.draft(readText(text))
    const file = clauses(["Ann", "2 bis\tto paint them;"]) as BodyInit
    const authors = JSON.stringify({ Ann: "S" })
    expect(await bring(draft, file, { preview: "true", authors })).toEqual([])
    expect(await bring(draft, file, { authors })).toEqual([])
    expect(await bring(draft, file, { preview: "true", authors })).toEqual([])
  })

  it("[LABEL4] what a list of the file counts by itself is told as what is typed: as Word shows it", async () => {
    const level = (n: number, format: string, shown: string): string =>
      `<w:lvl w:ilvl="${n}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${shown}"/></w:lvl>`
    const numbering = `<w:abstractNum w:abstractNumId="0">${level(0, "lowerRoman", "%1)")}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>`
    const item = (content: string, mark = ""): string =>
      p(content, { mark, pPr: '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>' })
    const opening = ["RESOLUTION 7", "On harbours", "The Council,", "resolves"].map((line) => p(words(line))).join("")
    const added = (line: string): string => item(ins("Ann", line), markIns("Ann"))
    const list = (...items: string[]): BodyInit => wordFile({ numbering, body: opening + items.join("") }) as BodyInit
    const { body } = await secretary.request("POST", `${apiRoot}/drafts`, {
      raw: list(item(words("to keep a lamp;")), item(words("to count the lamps."))),
    })
    const draft = (body as { id: string }).id
    const file = list(
      added("to begin;"),
      item(words("to keep a lamp;")),
      item(words("to count the lamps.")),
      added("to paint them;"),
      added("to wash them."),
    )
    const authors = JSON.stringify({ Ann: "S" })
    const before = await bring(draft, file, { preview: "true", authors })
    expect(before.map(({ what, theirs }) => [what, theirs])).toEqual([
      ["“to begin;”", "i)"],
      ["“to paint them;”", "iv)"],
      ["“to wash them.”", "v)"],
    ])
    expect(before.map(({ ours }) => ours)).toEqual(["ante i)", "ii bis)", "ii ter)"])
    expect(await bring(draft, file, { authors })).toEqual(before)
  })

  it("[BASE1] every place where a file's text in force is another has an address: what the draft has not is called as the file calls it", async () => {
    const draft = await meeting.draft(readText(text))
    const file = [
      ...[
        "RESOLUTION 7",
        "On harbours",
        "The Council,",
        "resolves",
        "1\tto keep a bell at every mole;",
        "2\tto count the lamps each year;",
      ],
      ...["2.1\tby buoy;", "3\tto report."],
      ...["ANNEX 1", "A.1\tto burn oil;"],
    ]
    const body = file.map((line) => p(words(line))).join("") + p(ins("Ann", "more"), { mark: markIns("Ann") })
    const { body: answer } = await secretary.request("POST", `${apiRoot}/drafts/${draft}/import?preview=true`, {
      raw: wordFile({ body }) as BodyInit,
    })
    const { differences } = answer as { differences: readonly { address: string; theirs: string; ours: string }[] }
    expect(differences.map(({ address, theirs }) => [address, theirs])).toEqual([
      ["resolves 1", "to keep a bell at every mole;"],
      ["resolves 2.1 of the file", "by buoy;"],
      ['heading "ANNEX 1" of the file', "ANNEX 1"],
      ["ANNEX 1, A.1 of the file", "to burn oil;"],
    ])
  })

  it("[LABEL4] a draft that a file becomes has the labels that it types, those of what it adds too", async () => {
    const { body } = await secretary.request("POST", `${apiRoot}/drafts`, {
      raw: clauses(["Ann", "2bis\tto paint them;"], ["Bo", "4)\tto light them;"]) as BodyInit,
    })
    expect(await shown((body as { id: string }).id)).toEqual([
      "1\tto keep a lamp at every mole;",
      "2\tto count the lamps each year;",
      "2bis\tto paint them;",
      "4)\tto light them;",
      "3\tto report.",
    ])
  })
})
