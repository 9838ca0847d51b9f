import { strFromU8, strToU8, unzipSync, zipSync } from "fflate"
import { describe, expect, it } from "vitest"
import { authorsOf, withSources } from "../server/files/authors.ts"
import type { FileChange, FileDraft } from "../server/files/file-draft.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { readWord } from "../server/files/word/read.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { type WritePaperOptions, writePaper } from "../server/papers/formats.ts"
import { type Printable, printableOf } from "../server/papers/printable.ts"
import { compareWords } from "../shared/changes/compare.ts"
import { echoesIn } from "../shared/changes/once.ts"
import { placesOf } from "../shared/comments/place-of.ts"
import { ofFile, type Remark, type Thread } from "../shared/comments/thread.ts"
import { anchorCharacter } from "../shared/schema/block.ts"
import { notStated } from "../shared/schema/keys.ts"
import { groundOf } from "../shared/sync/ground.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head, note } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

const options: Omit<WritePaperOptions, "format" | "view"> = { marks: "delegation", hasComments: true, template: null }
const decoded = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe("papers say all", () => {
  it("[WORD12] rolling text calls its footnotes in every form", async () => {
    const call = anchorCharacter
    const cohort = new Cohort(
      draftState([
        head("resolves"),
        { ...clause(`to light 12 lamps${call};`, "a"), calls: ["n1"] },
        { ...clause(`to count 7${call} of them`, "b"), calls: ["n2"] },
        note("See Decision 612.", "n1"),
        note("Each year.", "n2"),
      ]),
    )
    const s = cohort.member("S")
    await cohort.settle()
    s.type(1, 3, "always ")
    await cohort.settle()
    const draft = paperOf(cohort.room.main)
    const paper = (format: WritePaperOptions["format"]): Promise<Uint8Array> => writePaper(draft, { format, ...options, view: "rolling" })
    const notes = ["See Decision 612.", "Each year."]
    for (const format of ["docx", "akn"] as const) {
      const bytes = await paper(format)
      const read = readFile(bytes, `ours.${format}`)
      expect(
        read.notes.map(({ text }) => text),
        format,
      ).toEqual(notes)
      expect(read.blocks.map(({ text }) => text)).toEqual([
        "resolves",
        `to [S: always ]light 12 lamps${call};`,
        `to count 7${call} of them`,
      ])
    }
    expect(strFromU8(unzipSync(await paper("docx"))["word/document.xml"]!)).not.toContain(call)
    const html = decoded(await paper("html"))
    expect(html).not.toContain(call)
    expect([...html.matchAll(/<li id="note-(\d)"[^>]*>([^<]*)</g)].map(([, n, text]) => `${n} ${text!.trim()}`)).toEqual([
      "1 See Decision 612.",
      "2 Each year.",
    ])
    expect(html).toMatch(/lamps<a [^>]*>1<\/a>;/)
  })
})

/** A draft with a member for each source. */
async function room(texts: readonly string[], ...sources: readonly string[]): Promise<{ cohort: Cohort; members: Member[] }> {
  const cohort = new Cohort(draftState([head("resolves"), ...texts.map((text, i) => clause(text, `c${i}`))]))
  const members = sources.map((source) => cohort.member(source))
  await cohort.settle()
  return { cohort, members }
}

const paper = (cohort: Cohort, more: Partial<Printable> = {}): Printable => ({
  ...paperOf(cohort.room.main),
  sources: new Map([
    ["J", "Japan"],
    ["F", "France"],
    ["B", "Brazil"],
  ]),
  ...more,
})

const sourceOf: Readonly<Record<string, string>> = { "Japan (J)": "J", "France (F)": "F", "Brazil (B)": "B" }

/** What a Word paper says once it is read in again, each author taken for the source that signs so. */
const readAgain = async (draft: Printable, more: Partial<WritePaperOptions> = {}): Promise<FileDraft> =>
  withSources(readWord(await writePaper(draft, { format: "docx", view: "open", ...options, ...more })), sourceOf)

/** Plain text of a paper: it says of each word whose it is, and of each clause what is proposed about it. */
const open = async (draft: Printable): Promise<string> => decoded(await writePaper(draft, { format: "txt", view: "open", ...options }))

/** The same draft comes back from Word: word for word and mark for mark, without a remark that nobody made. */
async function expectBack(cohort: Cohort, more: Partial<WritePaperOptions> = {}): Promise<FileDraft> {
  const draft = paper(cohort)
  const read = await readAgain(draft, more)
  const again = printableOf(read)
  expect(await open({ ...again, sources: draft.sources })).toBe(await open(draft))
  expect(read.comments).toEqual([])
  expect(read.warnings).toEqual([])
  const said = ({ changes }: FileDraft): string[] =>
    changes.map(({ source, kind, text, replacedBy = "" }) => `${source} ${kind} “${text}” “${replacedBy}”`).sort()
  expect(said(read)).toEqual(said(fileDraftOf(draft, "open")))
  return read
}

describe("what several propose about the same words", () => {
  it.each([
    ["alike", ["should", "shall"], ["should", "shall"]],
    ["otherwise", ["should", "shall"], ["should", "must"]],
    ["more of them", ["that ITU should", "to"], ["should", "shall"]],
    ["less of them", ["should", "shall"], ["ITU should continue", "the Union goes on"]],
    ["a part", ["that ITU should", "to"], ["ITU should continue", "go on"]],
    ["deleted by both", ["should ", ""], ["should ", ""]],
  ] as const)("[WORD25] %s: Word holds both, and they come back", async (_, first, second) => {
    const text = "that ITU should continue in 2027;"
    const { cohort, members } = await room([text], "J", "F")
    const [j, f] = members as [Member, Member]
    const change = (member: Member, [gone, come]: readonly [string, string]): void => {
      const from = text.indexOf(gone)
      if (come) member.replace(1, from, from + gone.length, come)
      else member.delete(1, from, from + gone.length)
    }
    change(j, first)
    change(f, second)
    await cohort.settle()
    await expectBack(cohort)
    await expectBack(cohort, { hasComments: false })
  })
})

describe("a new clause that several propose alike", () => {
  const text = "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto light 3 lamps;\n2\tto count 12 lamps;\n3\tto close.\n"
  async function room(...sources: readonly string[]): Promise<{ cohort: Cohort; members: Member[] }> {
    const cohort = new Cohort(openingStateOf(readText(text)).update)
    const members = sources.map((source) => cohort.member(source))
    await cohort.settle()
    return { cohort, members }
  }
  const words = "to dim them at dawn;"
  const behind = (text = words): ((member: Member) => void) => {
    return (member) => void member.session.tracking.addClauseWith(5, text)
  }
  const scenes: readonly [name: string, acts: readonly ((member: Member) => void)[], lines: readonly string[]][] = [
    ["by two", [behind(), behind()], [words]],
    ["by three", [behind(), behind(), behind()], [words]],
    ["and another beside them", [behind(), behind("to wash them;"), behind()], [words, "to wash them;"]],
    ["and the deletion of the clause before", [behind(), behind(), (member) => member.session.restructuring.deleteClause(4)], [words]],
  ]
  it.each(scenes)("[RIVAL6 WORD25] %s: with all accepted Word has it once, and all come back", async (_, acts, lines) => {
    const { cohort, members } = await room("J", "F", "B")
    for (const [i, act] of acts.entries()) {
      act(members[i]!)
      await cohort.settle()
    }
    const proposed = decoded(await writePaper(paper(cohort), { format: "txt", view: "proposed", ...options }))
    for (const line of lines) expect(proposed.split(line)).toHaveLength(2)
    const force = blocksOf(cohort.room.main).filter(({ insertedBy }) => insertedBy === null)
    for (const view of ["open", "against"] as const)
      for (const marks of ["delegation", "body", "plain"] as const) {
        const draft = { ...paper(cohort), ...(view === "against" ? { force } : {}) }
        const bytes = await writePaper(draft, { format: "docx", view, ...options, marks })
        const all = accepted(bytes).join("\n")
        for (const line of lines) expect(all.split(line), `${view} ${marks}`).toHaveLength(2)
        if (marks !== "delegation")
          expect(
            Object.values(unzipSync(bytes))
              .map((part) => strFromU8(part))
              .join(""),
          ).not.toContain("France")
      }
    await expectBack(cohort)
    await expectBack(cohort, { hasComments: false })
    await expectBack(cohort, { view: "against" })
  })

  it("[WORD25] one that somebody has a remark on stands in full, and a mark that names itself brings it once", async () => {
    const { cohort, members } = await room("J", "F")
    behind()(members[0]!)
    await cohort.settle()
    behind()(members[1]!)
    await cohort.settle()
    const bytes = await writePaper(paper(cohort), { format: "docx", view: "open", ...options })
    const files = unzipSync(bytes)
    const part = strFromU8(files["customXml/itemClausula.xml"]!)
    const [, name] = /name="(\w+)" kind="clause"/.exec(part)!
    const again = part.replace(/(kind="clause"[^>]*>.*?)<\/w:p>/s, `$1<w:bookmarkStart w:id="9001" w:name="${name}"/></w:p>`)
    expect(again).not.toBe(part)
    expect(readWord(zipSync({ ...files, "customXml/itemClausula.xml": strToU8(again) })).changes).toHaveLength(2)
    const draft = paper(cohort)
    const [echo] = echoesIn(draft.blocks)
    const at = draft.blocks.findIndex(({ insertedId }) => insertedId === echo)
    const second = draft.blocks[at]!.id
    const remark: Remark = { person: "p-1", source: "J", text: "Ours too.", at: "2026-11-20T09:00:00Z" }
    const thread: Thread = { id: "t1", anchor: { on: "clause", block: second }, remarks: [remark], isResolved: false }
    const noted = { ...draft, threads: [thread], places: placesOf([thread], groundOf(cohort.room.main, draft.blocks)) }
    const read = readWord(await writePaper(noted, { format: "docx", view: "open", ...options }))
    expect(read.comments).toHaveLength(1)
    expect(read.changes).toHaveLength(2)
    expect(read.blocks.findIndex(({ id }) => id === read.comments[0]!.block)).toBe(at)
  })
})

describe("what several propose about one clause", () => {
  const texts = ["to light 3 lamps;", "to count 12 lamps;", "to report in 2027;", "to close."]
  type Act = (member: Member) => void
  const whole = {
    delete: (member) => member.session.restructuring.deleteClause(2),
    front: (member) => member.session.restructuring.moveClause(2, -1),
    back: (member) => member.session.restructuring.moveClause(2, 1),
    join: (member) => void member.session.restructuring.join(2),
    level: (member) => void member.session.restructuring.changeLevel(2, 1),
  } satisfies Record<string, Act>
  const kinds = Object.keys(whole) as (keyof typeof whole)[]
  const pairs = kinds.flatMap((first) => kinds.map((second) => [first, second] as const))

  it.each(pairs)(
    "[PAPER7 WORD25] %s by one and %s by another: every form says whose each is, and Word, JSON and AKN bring both back",
    async (first, second) => {
      const { cohort, members } = await room(texts, "J", "B")
      whole[first](members[0]!)
      whole[second](members[1]!)
      await cohort.settle()
      expect(
        cohort
          .changes()
          .map(({ source }) => source)
          .sort(),
      ).toEqual(["B", "J"])
      for (const view of ["open", "against"] as const)
        for (const format of ["html", "txt"] as const) {
          const draft = { ...paper(cohort), force: blocksOf(cohort.room.main) }
          const said = decoded(await writePaper(draft, { format, view, ...options, hasComments: false }))
          const [j, b] = format === "html" ? [/, J 1</, /, B 1</] : [/J: /, /B: /]
          expect(said, `${format} ${view}`).toMatch(j)
          expect(said, `${format} ${view}`).toMatch(b)
        }
      await expectBack(cohort)
      await expectBack(cohort, { hasComments: false })
    },
  )
})

/** The words that any program has of a Word paper once all that is tracked in it is accepted, paragraph for paragraph. */
function accepted(docx: Uint8Array): string[] {
  const body = strFromU8(unzipSync(docx)["word/document.xml"]!).replace(/<w:del [^>]*[^/]>.*?<\/w:del>/g, "")
  return [...body.matchAll(/<w:p>.*?<\/w:p>/g)].map(([paragraph]) =>
    [...paragraph.matchAll(/<w:t [^>]*>([^<]*)<\/w:t>|<w:tab\/>/g)].map(([sign, words]) => (sign === "<w:tab/>" ? "\t" : words!)).join(""),
  )
}

describe("an open paper in Word", () => {
  const text = "1 000 educational tools should be used;"
  async function twice(): Promise<Printable> {
    const { cohort, members } = await room([text, "to close."], "J", "F", "B")
    const at = (words: string): [number, number] => [text.indexOf(words), text.indexOf(words) + words.length]
    for (const [i, come] of ["leisure", "leisure", "cultural"].entries()) members[i]!.replace(1, ...at("educational"), come)
    for (const member of members) member.session.undoManager.stopCapturing()
    for (const [i, come] of ["shall", "shall", "shall"].entries())
      members[i]!.replace(
        1,
        ...((members[i]!.text(1).indexOf("should") < 0
          ? [0, 0]
          : [members[i]!.text(1).indexOf("should"), members[i]!.text(1).indexOf("should") + 6]) as [number, number]),
        come,
      )
    await cohort.settle()
    return paper(cohort)
  }

  it("[RIVAL6] reads as proposed once all is accepted: what several put in alike once, words of several apart", async () => {
    const draft = await twice()
    const proposed = decoded(await writePaper(draft, { format: "txt", view: "proposed", ...options }))
    expect(proposed).toBe("resolves\n1\t1 000 leisure cultural tools shall be used;\n2\tto close.\n")
    for (const marks of ["body", "plain"] as const)
      expect(decoded(await writePaper(draft, { format: "txt", view: "proposed", ...options, marks }))).toBe(proposed)
    for (const marks of ["delegation", "body", "plain"] as const)
      expect(accepted(await writePaper(draft, { format: "docx", view: "open", ...options, marks })).join("\n"), marks).toBe(
        proposed.trimEnd(),
      )
  })

  it("[WORD25] without comments has none, and with them its own notes are signed by nobody of the meeting", async () => {
    const draft = await twice()
    for (const marks of ["delegation", "body", "plain"] as const)
      for (const view of ["open", "against"] as const) {
        const files = unzipSync(await writePaper(draft, { format: "docx", view, ...options, marks, hasComments: false }))
        expect(Object.keys(files), `${marks} ${view}`).not.toContain("word/comments.xml")
        const noted = unzipSync(await writePaper(draft, { format: "docx", view, ...options, marks }))
        const comments = noted["word/comments.xml"] ? strFromU8(noted["word/comments.xml"]) : ""
        for (const [, author] of comments.matchAll(/<w:comment [^>]*w:author="([^"]*)"/g)) expect(author).toBe("Clausula")
        expect(comments.includes("France (F) also deletes “should”."), marks).toBe(marks === "delegation")
      }
  })

  it("[WORD25] a note of the product to which somebody answered: the answer is a comment, the note is none", async () => {
    const bytes = await writePaper(await twice(), { format: "docx", view: "open", ...options })
    const files = unzipSync(bytes)
    const [, id, paragraph] = /<w:comment w:id="(\d+)".*?w14:paraId="(\w+)"/.exec(strFromU8(files["word/comments.xml"]!))!
    expect(Number(id)).toBeGreaterThan(0)
    const answered = strFromU8(files["word/comments.xml"]!).replace(
      "</w:comments>",
      '<w:comment w:id="7" w:author="Norway"><w:p w14:paraId="00000777"><w:r><w:t>We do not.</w:t></w:r></w:p></w:comment></w:comments>',
    )
    const states = strFromU8(files["word/commentsExtended.xml"]!).replace(
      "</w15:commentsEx>",
      `<w15:commentEx w15:paraId="00000777" w15:paraIdParent="${paragraph}" w15:done="0"/></w15:commentsEx>`,
    )
    const read = readWord(zipSync({ ...files, "word/comments.xml": strToU8(answered), "word/commentsExtended.xml": strToU8(states) }))
    expect(read.comments).toMatchObject([{ by: "Norway", text: "We do not.", replies: [] }])
  })

  it("[WORD25] a mark of ours whose clause is gone is told; one that means nothing, and others' parts beside the text, are passed over", async () => {
    const { cohort, members } = await room(["to light;", "to burn;", "to count;", "to close."], "J", "F")
    members[0]!.session.restructuring.moveClause(4, -1)
    members[1]!.session.restructuring.moveClause(4, -1)
    members[1]!.session.restructuring.moveClause(4, -1)
    await cohort.settle()
    const files = unzipSync(await writePaper(paper(cohort), { format: "docx", view: "open", ...options }))
    const marks = strFromU8(files["customXml/itemClausula.xml"]!)
    const lost = {
      ...files,
      "customXml/itemClausula.xml": strToU8(
        marks
          .replace(/ to="\w+"/, ' to="_Gone"')
          .replace("</c:marks>", '<c:mark name="_X" kind="join"/><c:mark kind="level" level="9"/><c:mark kind="?"/></c:marks>'),
      ),
    }
    const read = readWord(zipSync(lost))
    expect(read.warnings.map(({ message }) => message)).toEqual([
      "France (F) proposes to bring this to a clause that the file no longer holds; that proposal was left out.",
    ])
    const other = readWord(zipSync({ ...files, "customXml/item1.xml": strToU8("no < XML") }))
    expect(other.changes.map(({ enteredBy }) => enteredBy).sort()).toEqual(["France (F)", "Japan (J)"])
  })
})

describe("tables are compared row by row", () => {
  const table = (...rows: readonly (readonly string[])[]): string => rows.map((row) => row.join("\t")).join("\n")
  const before = table(["Year", "Amount"], ["2024", "CHF 1 000"], ["2025", "CHF 2 500"])
  it.each([
    ["a number", table(["Year", "Amount"], ["2024", "CHF 1 100"], ["2025", "CHF 2 500"]), ["-000", "+100"]],
    ["numbers of two rows", table(["Year", "Amount"], ["2024", "CHF 1 100"], ["2026", "CHF 2 500"]), ["-000", "+100", "-2025", "+2026"]],
    ["a row that goes", table(["Year", "Amount"], ["2025", "CHF 2 500"]), ["-2024\tCHF 1 000\n"]],
    ["a row that comes", table(["Year", "Amount"], ["2024", "CHF 1 000"], ["2024 bis", "7"], ["2025", "CHF 2 500"]), ["+2024 bis\t7\n"]],
    ["the last row, and one behind", table(["Year", "Amount"], ["2024", "1 100"]), ["-CHF ", "-000", "+100", "-\n2025\tCHF 2 500"]],
    ["rows to one", "Year\tAmount", ["-\n2024\tCHF 1 000\n2025\tCHF 2 500"]],
  ])("[TRK7] %s", (_, after, expected) => {
    const stretches = compareWords(before, after)
    const side = (kind: "deleted" | "inserted"): string =>
      stretches.flatMap((part) => (part.kind === kind || part.kind === "kept" ? [part.text] : [])).join("")
    expect([side("deleted"), side("inserted")]).toEqual([before, after])
    expect(stretches.flatMap(({ kind, text }) => (kind === "kept" ? [] : [`${kind === "deleted" ? "-" : "+"}${text}`]))).toEqual(expected)
  })
})

describe("whom only a file names, and whom nothing names", () => {
  async function brought(): Promise<Printable> {
    const { cohort, members } = await room(["to light 3 lamps;"], notStated, "J")
    members[0]!.type(1, 3, "nearly ")
    members[1]!.replace(1, members[1]!.text(1).indexOf("3"), members[1]!.text(1).indexOf("3") + 1, "4")
    await cohort.settle()
    const draft = paper(cohort)
    const remark: Remark = { person: `${ofFile}Hiro Tanaka`, source: "J", text: "Why 4?", at: "2026-11-20T09:00:00Z", broughtBy: "p-1" }
    const thread: Thread = { id: "t1", anchor: { on: "clause", block: "c0" }, remarks: [remark], isResolved: false }
    const [unknown, known] = cohort.changes().map(({ id }) => id)
    return {
      ...draft,
      threads: [thread],
      places: placesOf([thread], groundOf(cohort.room.main, draft.blocks)),
      people: new Map([["p-1", "Elin Öberg"]]),
      entered: new Map([
        [unknown!, { by: null, at: null, broughtBy: "Elin Öberg" }],
        [known!, { by: "Hiro Tanaka", at: "2026-11-20T09:00:00Z", broughtBy: "Elin Öberg" }],
      ]),
    }
  }

  it("[PAPER9] a change that nothing names anybody of is not stated, in every form", async () => {
    const draft = await brought()
    const files = unzipSync(await writePaper(draft, { format: "docx", view: "open", ...options }))
    const authors = [...strFromU8(files["word/document.xml"]!).matchAll(/w:author="([^"]*)"/g)].map(([, author]) => author)
    expect([...new Set(authors)].sort()).toEqual(["Japan (J)", "not stated"])
    expect(await open(draft)).toContain("{+not stated: nearly +}")
    const read = await readAgain(draft)
    expect(authorsOf(read, [{ code: "J", name: "Japan" }]).map(({ name, suggested }) => [name, suggested])).toContainEqual([
      "not stated",
      null,
    ])
    expect(read.warnings.map(({ message }) => message)).toEqual([
      "This file does not say who made some of its changes or comments. Whose they are must be stated.",
    ])
  })

  it("[PAPER9] our own forms say of a change, too, who brought the file", async () => {
    const draft = await brought()
    const changes = JSON.parse(decoded(await writePaper(draft, { format: "json", view: "open", ...options }))).changes
    expect(changes.map(({ enteredBy, broughtBy }: FileChange) => [enteredBy, broughtBy])).toEqual([
      [null, "Elin Öberg"],
      ["Hiro Tanaka", "Elin Öberg"],
    ])
    expect(decoded(await writePaper(draft, { format: "akn", view: "open", ...options }))).toMatch(
      /<c:change [^>]*enteredBy="Hiro Tanaka" broughtBy="Elin Öberg"/,
    )
    for (const marks of ["body", "plain"] as const)
      expect(decoded(await writePaper(draft, { format: "json", view: "open", ...options, marks }))).not.toContain("Elin")
  })

  it("[PAPER9 WORD25] a remark that a file brought says so in Word, and comes back as it was", async () => {
    const draft = await brought()
    const bytes = await writePaper(draft, { format: "docx", view: "open", ...options })
    expect(strFromU8(unzipSync(bytes)["word/comments.xml"]!)).toContain("From a file by Hiro Tanaka, brought by Elin Öberg")
    expect(readWord(bytes).comments).toMatchObject([{ by: "Japan (J)", text: "Why 4?" }])
    const nameless = unzipSync(await writePaper(draft, { format: "docx", view: "open", ...options, marks: "body" }))
    for (const part of Object.values(nameless)) expect(strFromU8(part)).not.toMatch(/Hiro|Elin/)
  })
})

it("[PAPER8] against the text in force an accepted change of a table is drawn in its own row", async () => {
  const rows = (...list: readonly (readonly string[])[]): string => list.map((row) => row.join("\t")).join("\n")
  const force = rows(["Year", "Amount"], ["2024", "CHF 1 000"], ["2025", "CHF 2 500"])
  const now = rows(["Year", "Amount in CHF"], ["2024", "1 100"], ["2026", "CHF 3 000"])
  const cohort = new Cohort(draftState([head("resolves"), { id: "t", type: "table", text: now, origin: "t0" }]))
  const before = blocksOf(cohort.room.main).map((block) =>
    block.id === "t" ? { ...block, id: "t0", runs: [{ text: force, marks: [] }] } : block,
  )
  const html = decoded(await writePaper(paper(cohort, { force: before }), { format: "html", view: "against", ...options }))
  const cells = [...html.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) =>
    cell!
      .replace(/<(ins|del)[^>]*>(.*?)<\/\1>/g, (_, name, words) => (name === "ins" ? `+${words}+` : `-${words}-`))
      .replace(/<[^>]*>/g, ""),
  )
  expect(cells).toEqual(["Year", "Amount+ in CHF+", "2024", "-CHF -1 -000-+100+", "-2025-+2026+", "CHF -2 500-+3 000+"])
})
