import { strFromU8, unzipSync } from "fflate"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { FileDraft } from "../server/files/file-draft.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readWord } from "../server/files/word/read.ts"
import { type Format, formats, writePaper } from "../server/papers/formats.ts"
import { withoutTimes } from "../server/papers/pdf.ts"
import { type Printable, paperViews, printableOf } from "../server/papers/printable.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { ofFile } from "../shared/comments/thread.ts"
import { random } from "./build.ts"
import { Meeting } from "./meeting.ts"
import { RandomFile } from "./random-file.ts"
import { by, ins, p, wordFile, words } from "./word-file.ts"

/** Signs that stand where a name, a code, a time or an id of somebody stands in a draft; none is a word of its text. */
const signs = ["QZX", "Zubrowka", "Gustave", "Agatha", "2031-12-13", "15:16:17", "u-serge"]

/** A draft in which everything that has an author is by somebody with a sign: of files that hold every kind of change. */
function signed(seed: number): Printable {
  const file = readWord(new RandomFile(seed).bytes)
  const date = "2031-12-13T15:16:17Z"
  const draft: FileDraft = {
    ...file,
    changes: file.changes.map((change) => ({ ...change, source: "QZX", enteredBy: "Gustave", date })),
    comments: [
      ...file.comments,
      {
        id: "k9",
        by: "Agatha",
        date,
        block: file.blocks[0]!.id,
        quote: "",
        text: "a remark",
        replies: [{ by: "Gustave", date, text: "a reply" }],
        resolved: false,
      },
    ].map((comment) => ({ ...comment, by: "Agatha", source: "QZX", date })),
    warnings: [{ code: "MARGIN", message: "In a header Gustave deletes “x”." }],
    debris: ["[text box: by Agatha]"],
  }
  const published = printableOf(draft)
  // A clause that a window of somebody proposed, with an id as such have.
  const first = published.blocks[0]!.id
  const renamed = <Part>(part: Part): Part => JSON.parse(JSON.stringify(part).replaceAll(`"${first}"`, '"bQZX.77.1"')) as Part
  const [own, ...others] = renamed(published.blocks)
  return {
    ...published,
    blocks: [{ ...own!, origin: null }, ...others],
    places: new Map(renamed([...published.places])),
    threads: renamed(published.threads).map((thread) => ({
      ...thread,
      remarks: [
        ...thread.remarks,
        { person: "u-serge", source: "QZX", text: "more", at: date },
        { person: `${ofFile}Gustave`, source: "QZX", text: "yet more", at: "" },
      ],
    })),
    accepted: [
      { status: "accepted", source: "QZX", with: ["QZX"], segments: [{ block: others[0]?.id ?? "b1", kind: "insertion", text: "x" }] },
    ],
    sources: new Map([["QZX", "Zubrowka"]]),
    people: new Map([["u-serge", "Serge Gustave"]]),
    body: "The Assembly",
    date: "2026-05-04",
  }
}

/** All that a file holds, parts of an archive by name. */
function contentOf(bytes: Uint8Array, format: Format): Record<string, string> {
  if (format !== "docx") return { [format]: new TextDecoder().decode(bytes) }
  return Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, part]) => [name, `${name} ${strFromU8(part)}`]))
}

const written = formats.filter((format) => format !== "pdf")

describe("papers in nobody's name", () => {
  for (const format of written)
    for (const view of paperViews)
      it(`[WORD13] ${format}, ${view}: with plain marks and with the body's no sign of anybody is in any part of it`, async () => {
        for (let seed = 1; seed <= 12; seed++) {
          const draft = signed(seed)
          const named = contentOf(await writePaper(draft, { format, view, marks: "delegation", hasComments: true, template: null }), format)
          for (const marks of ["plain", "body"] as const) {
            const content = contentOf(await writePaper(draft, { format, view, marks, hasComments: true, template: null }), format)
            for (const [part, text] of Object.entries(content))
              for (const sign of signs)
                expect(text.includes(sign), `SEED=${seed} ${marks}: ${sign} in ${part}: ${around(text, sign)}`).toBe(false)
            expect(Object.keys(content)).toEqual(Object.keys(named))
          }
        }
      })

  it("[WORD13] the signs are there in each delegation's name: the test looks where they stand", async () => {
    const found = new Set<string>()
    for (const format of written)
      for (const view of paperViews) {
        const content = contentOf(
          await writePaper(signed(3), { format, view, marks: "delegation", hasComments: true, template: null }),
          format,
        )
        for (const sign of signs) if (Object.values(content).some((text) => text.includes(sign))) found.add(`${format} ${sign}`)
      }
    for (const format of ["docx", "html", "json", "akn"]) expect(found).toContain(`${format} QZX`)
    for (const sign of signs.filter((own) => own !== "u-serge"))
      expect(
        [...found].some((own) => own.endsWith(sign)),
        sign,
      ).toBe(true)
  })

  it("[WORD13] the text, the kinds of changes and the comments are the same in whosever name", async () => {
    const options = { view: "open", hasComments: true, template: null } as const
    const essence = ({ blocks, changes, comments, notes }: FileDraft): unknown => ({
      blocks: blocks.map(({ type, text, label, level }) => ({ type, text, label, level })),
      changes: changes.map(({ kind, text, replacedBy, segments }) => ({
        kind,
        text,
        replacedBy,
        segments: segments?.map(({ kind: own, from, to }) => ({ own, from, to })),
      })),
      comments: comments.map(({ text, quote, at, further, replies }) => ({
        text,
        quote,
        at,
        further: further?.length,
        replies: replies.map((reply) => reply.text),
      })),
      notes: notes.map(({ text, at }) => ({ text, at })),
    })
    for (let seed = 1; seed <= 30; seed++)
      for (const format of ["json", "akn"] as const) {
        const draft = signed(seed)
        const read = async (marks: "delegation" | "plain" | "body"): Promise<FileDraft> =>
          readFile(await writePaper(draft, { format, marks, ...options }))
        const named = await read("delegation")
        const plain = await read("plain")
        expect(essence(plain), `SEED=${seed} ${format}`).toEqual(essence(named))
        expect(essence(await read("body")), `SEED=${seed} ${format}`).toEqual(essence(named))
        expect(plain.changes.every(({ source, enteredBy, date }) => source === null && enteredBy === null && date === null)).toBe(true)
        expect((await read("body")).changes.every(({ source, enteredBy }) => source === null && enteredBy === "The Assembly")).toBe(true)
        // It opens as a draft.
        expect(() => openingStateOf(plain)).not.toThrow()
      }
  })

  it("[WORD13] in the body's name its changes are its own, and a remark or a reply is nobody's", async () => {
    const options = { view: "open", hasComments: true, template: null, marks: "body" } as const
    for (let seed = 1; seed <= 12; seed++)
      for (const format of written) {
        const paper = await writePaper(signed(seed), { format, ...options })
        const content = contentOf(paper, format)
        if (format === "docx") {
          const comments = content["word/comments.xml"]!
          // What Word has no mark for is said in a comment on the change, which is the body's.
          const said = [...comments.matchAll(/<w:comment [^>]*w:author="([^"]*)"[^>]*>[\s\S]*?<\/w:comment>/g)]
          const remarks = said.filter(([comment]) => /a remark|a reply|>more<|yet more/.test(comment))
          expect(remarks.length, `SEED=${seed}`).toBeGreaterThan(3)
          expect(new Set(remarks.map(([, author]) => author))).toEqual(new Set(["Author"]))
        }
        if (format === "html")
          for (const [, author] of content.html!.matchAll(/class="remark"[^>]*><b>([^<]*)/g)) expect(author, `SEED=${seed}`).toBe("Author")
        if (format === "txt") expect(content.txt).not.toMatch(/Comment by The Assembly/)
        if (format === "json" || format === "akn") {
          const { comments } = readFile(paper)
          expect(comments.length).toBeGreaterThan(0)
          for (const { by, source = null, replies } of comments) {
            expect([by, source], `SEED=${seed} ${format}`).toEqual([null, null])
            for (const reply of replies) expect([reply.by, reply.source ?? null]).toEqual([null, null])
          }
        }
      }
  })

  it("[WORD13] rolling text says whose a bracket is, and in nobody's name does not", async () => {
    const draft = printableOf(
      readFile(
        new TextEncoder().encode(
          JSON.stringify({
            blocks: [{ id: "a", type: "paragraph", text: "the old new text" }],
            changes: [
              {
                id: "c",
                kind: "replacement",
                source: "QZX",
                block: "a",
                text: "old ",
                replacedBy: "new ",
                segments: [
                  { block: "a", kind: "deletion", from: 4, to: 8 },
                  { block: "a", kind: "insertion", from: 8, to: 12 },
                ],
              },
            ],
          }),
        ),
      ),
    )
    const rolling = async (marks: "delegation" | "plain"): Promise<string> =>
      new TextDecoder().decode(await writePaper(draft, { format: "txt", view: "rolling", marks, hasComments: false, template: null }))
    expect(await rolling("delegation")).toBe("the [old ] QZX del[QZX: new ]text\n")
    expect(await rolling("plain")).toBe("the [old ] del[new ]text\n")
  })

  it("[WORD13] what nobody has stated is null in our own JSON, and no source", async () => {
    const file = readWord(new RandomFile(random(5).below(50) + 1).bytes)
    const json = await writePaper(printableOf(file), {
      format: "json",
      view: "open",
      marks: "delegation",
      hasComments: true,
      template: null,
    })
    const read = readFile(json)
    expect([...read.changes, ...read.comments].map(({ source }) => source ?? null).filter((source) => source !== null)).toEqual([])
    expect(read.changes.map(({ enteredBy }) => enteredBy).sort()).toEqual(file.changes.map(({ enteredBy }) => enteredBy).sort())
  })
})

describe("papers of what nobody is named for", () => {
  let meeting: Meeting
  beforeAll(async () => void (meeting = await Meeting.open()))
  afterAll(() => meeting.stop())

  it("[ONTO9] who brings a file is not said to have made what it says of nobody, as a draft or on one", async () => {
    const secretary = await meeting.guest("secretary", [], "Serge Gustave")
    const nobody = (markup: string): string => markup.replaceAll(/ w:(?:author|date)="[^"]*"/g, "")
    const file = wordFile({
      body:
        p(words("considering")) +
        p(words("a)\tthat ships arrive by night;")) +
        p(words("b)\tthat lamps fail in storms,")) +
        p(words("resolves")) +
        p(words("1\tto keep a lamp") + nobody(ins("x", " and a bell")) + words(" at every mole;")),
      comments: nobody(`<w:comment ${by("x")}>${p(words("why?"))}</w:comment>`),
    })
    const post = async (path: string): Promise<string> => {
      const { status, body } = await secretary.request("POST", `${apiRoot}${path}?name=x.docx`, { raw: file as Uint8Array<ArrayBuffer> })
      expect(status).toBe(201)
      return (body as { id?: string }).id ?? ""
    }
    const onto = await meeting.draft()
    await post(`/drafts/${onto}/import`)
    for (const draft of [await post("/drafts"), onto]) {
      const paper = await fetch(`${meeting.url}${apiRoot}/drafts/${draft}/export?format=docx`, { headers: { Cookie: secretary.cookie } })
      const all = Object.values(unzipSync(new Uint8Array(await paper.arrayBuffer())))
        .map((part) => strFromU8(part))
        .join(" ")
      expect(all).toContain(" and a bell")
      for (const name of ["Serge", "Secretariat", "SEC"]) expect(all, name).not.toContain(name)
      const changes = await secretary.call("changes", { draft })
      expect(changes.map(({ source, enteredBy, at }) => [source, enteredBy, at])).toEqual([["NOT-STATED", null, null]])
    }
  })
})

it("[WORD13] a PDF does not say when it was printed, and keeps its length", () => {
  const pdf = Buffer.from("%PDF-1.7\n<</CreationDate (D:20311213151617+00'00')\n/ModDate(D:20311213151617Z')>>\n\xff\x00", "latin1")
  const timeless = Buffer.from(withoutTimes(pdf))
  expect(timeless.length).toBe(pdf.length)
  expect(timeless.toString("latin1")).not.toContain("2031")
})

const around = (text: string, sign: string): string => {
  const at = text.indexOf(sign)
  return at < 0 ? "" : text.slice(Math.max(0, at - 60), at + 60)
}
