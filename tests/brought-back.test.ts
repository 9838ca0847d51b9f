import { strFromU8, strToU8, unzipSync, zipSync } from "fflate"
import { describe, expect, it } from "vitest"
import { laidBeside } from "../server/comparison/beside.ts"
import { type ImportedOnto, importChanges } from "../server/comparison/import-changes.ts"
import { withSources } from "../server/files/authors.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { type WriteOptions, write } from "../server/papers/formats.ts"
import { writePlainText } from "../server/papers/text.ts"
import { finished } from "../shared/changes/slices.ts"
import type { Block } from "../shared/schema/block.ts"
import { Cohort, type Member } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

const text =
  "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the educational lamps each year;\n3\tto report.\n"

const at = (member: Member, word: string): number => {
  for (let i = 0; i < member.state.doc.childCount; i++) if (member.text(i).includes(word)) return i
  throw new Error(`no clause holds ${word}`)
}

interface Room {
  readonly cohort: Cohort
  readonly force: readonly Block[]
}

/** S replaces a word by several, and adds a clause. */
async function drafted(): Promise<Room> {
  const { update, force } = openingStateOf(readText(text))
  const cohort = new Cohort(update)
  const s = cohort.member("S")
  await cohort.settle()
  const [count, word] = [at(s, "to count"), "educational"]
  const from = s.text(count).indexOf(word)
  s.replace(count, from, from + word.length, "cultural and educational")
  s.session.tracking.addClauseWith(count + 1, "to light some lamps at dusk;")
  await cohort.settle()
  expect(cohort.changes()).toHaveLength(2)
  return { cohort, force: force ?? [] }
}

type Edit = (xml: string) => string

/** The draft's own Word paper, with an edit made to it. */
function paper({ cohort, force }: Room, edit: Edit | null = null, options: Partial<WriteOptions> = {}): Uint8Array {
  const published = { ...paperOf(cohort.room.gate.shadow, force), body: "Working group", sources: new Map([["S", "Sweden"]]) }
  const bytes = write(published, { format: "docx", view: "open", marks: "delegation", hasComments: true, template: null, ...options })
  const files = unzipSync(bytes)
  const was = strFromU8(files["word/document.xml"]!)
  const now = edit?.(was) ?? was
  if (edit) expect(now, "nothing was edited").not.toBe(was)
  return zipSync({ ...files, "word/document.xml": strToU8(now) })
}

const authors = { "Sweden (S)": "S", "Sweden (S) – accepted": "S", "Kari Lie": "NOR", NOR: "NOR" }

async function bring({ cohort }: Room, file: Uint8Array, stated: Record<string, string> = authors): Promise<ImportedOnto> {
  const { gate } = cohort.room
  const beside = laidBeside(withSources(readFile(file), stated), fileDraftOf(paperOf(gate.shadow), "working"), {
    isCompared: false,
    confirmed: [],
  })
  let done!: ImportedOnto
  await cohort.act("importChanges", () => (done = finished(importChanges(gate, { ...beside, name: "back.docx" }))))
  return done
}

const proposed = ({ cohort }: Room): string[] =>
  writePlainText(paperOf(cohort.room.gate.shadow), "proposed")
    .split("\n")
    .filter((line) => /^\d/.test(line))
const kinds = ({ cohort }: Room): string[] =>
  cohort.changes().map(({ source, kind, deleted, inserted }) => `${source} ${kind} ${deleted}>${inserted}`)

const by = 'w:author="Kari Lie" w:date="2026-11-28T05:00:00Z"'
const ins = (words: string, id: number): string => `<w:ins w:id="${id}" ${by}><w:r><w:t xml:space="preserve">${words}</w:t></w:r></w:ins>`
const del = (words: string, id: number): string =>
  `<w:del w:id="${id}" ${by}><w:r><w:delText xml:space="preserve">${words}</w:delText></w:r></w:del>`

/** Cuts the insertion that holds some words in two, as Word does where another author types or strikes there. */
function within(words: string, offset: number, length: number, put: string): Edit {
  return (xml) => {
    const pattern = new RegExp(`(<w:ins [^>]*>)((?:(?!</w:ins>).)*?<w:t[^>]*>)([^<]*${words}[^<]*)</w:t></w:r></w:ins>`)
    return xml.replace(pattern, (_, opens: string, run: string, all: string) => {
      const from = all.indexOf(words) + offset
      const part = (own: string): string =>
        own === "" ? "" : `${opens}${run}${own}</w:t></w:r></w:ins>`.replace("<w:t>", '<w:t xml:space="preserve">')
      const struck = all.slice(from, from + length)
      const goes = struck === "" ? "" : `${opens}${del(struck, 8_001)}</w:ins>`
      return `${part(all.slice(0, from))}${goes}${put === "" ? "" : ins(put, 8_002)}${part(all.slice(from + length))}`
    })
  }
}

describe("a draft's own paper, edited and brought back to it", () => {
  it("[ONTO14] another's insertion into open words is put inside them, and they are there already", async () => {
    const room = await drafted()
    const done = await bring(room, paper(room, within("cultural and", 9, 0, "or social ")))
    expect(done).toMatchObject({ left: [] })
    expect(done.changes).toHaveLength(1)
    expect(kinds(room)).toEqual([
      "S replacement educational>cultural and educational",
      "NOR insertion >or social ",
      "S new clause >to light some lamps at dusk;",
    ])
    expect(proposed(room)).toContain("2\tto count the cultural or social and educational lamps each year;")
    const [, inner] = room.cohort.changes()
    expect(inner!.inside).toHaveLength(1)
  })

  it("[ONTO14] so is what another strikes, or replaces, there, in words and in a clause that is added", async () => {
    for (const [edit, words, line] of [
      [within("cultural and", 8, 4, ""), "NOR deletion  and>", "2\tto count the cultural educational lamps each year;"],
      [within("cultural and", 0, 24, ""), "NOR deletion cultural and educational>", "2\tto count the  lamps each year;"],
      [within("cultural and", 9, 3, "or"), "NOR replacement and>or", "2\tto count the cultural or educational lamps each year;"],
      [within("to light some", 9, 0, "at least "), "NOR insertion >at least ", "2 bis\tto light at least some lamps at dusk;"],
      [within("to light some", 9, 5, ""), "NOR deletion some >", "2 bis\tto light lamps at dusk;"],
      [within("to light some", 9, 4, "four"), "NOR replacement some>four", "2 bis\tto light four lamps at dusk;"],
    ] as const) {
      const room = await drafted()
      const file = paper(room, edit)
      const done = await bring(room, file)
      expect(done.left, words).toEqual([])
      expect(kinds(room).filter((kind) => kind.startsWith("NOR"))).toEqual([words])
      expect(kinds(room).filter((kind) => kind.startsWith("S "))).toHaveLength(2)
      expect(proposed(room)).toContain(line)
      // Once more it is all there, and so is the paper of what stands there now.
      for (const again of [file, paper(room)]) expect((await bring(room, again)).changes, words).toEqual([])
    }
  })

  it("[ONTO14] what another strikes of a clause that is added, as a whole, is about that", async () => {
    const room = await drafted()
    const edit: Edit = (xml) =>
      xml.replace(/<w:p>(?:(?!<\/w:p>).)*to light some lamps(?:(?!<\/w:p>).)*<\/w:p>/s, (paragraph) =>
        paragraph
          .replace(/(<w:rPr><w:ins [^>]*\/>)/, `$1<w:del w:id="8001" ${by}/>`)
          .replace(/(<w:ins [^>]*[^/]>)(.*?)<\/w:ins>/gs, (_, opens: string, runs: string) => {
            const struck = runs.replaceAll("<w:t>", "<w:delText>").replaceAll("<w:t ", "<w:delText ").replaceAll("</w:t>", "</w:delText>")
            return `${opens}<w:del w:id="8002" ${by}>${struck}</w:del></w:ins>`
          }),
      )
    const done = await bring(room, paper(room, edit))
    expect(done.left).toEqual([])
    expect(kinds(room).filter((kind) => kind.startsWith("NOR"))).toHaveLength(1)
    expect(proposed(room)).toEqual([
      "1\tto keep a lamp at every mole;",
      "2\tto count the cultural and educational lamps each year;",
      "3\tto report.",
    ])
  })

  it("[ONTO14] a new clause behind another's open one stands behind that", async () => {
    const room = await drafted()
    const edit: Edit = (xml) =>
      xml.replace(
        /(to light some lamps at dusk;<\/w:t><\/w:r><\/w:ins><\/w:p>)/,
        `$1<w:p><w:pPr><w:rPr><w:ins w:id="8001" ${by}/></w:rPr></w:pPr>${ins("to dim them;", 8_002)}</w:p>`,
      )
    const done = await bring(room, paper(room, edit))
    expect(done.left).toEqual([])
    expect(done.changes).toHaveLength(1)
    expect(proposed(room).slice(2)).toEqual(["2 bis\tto light some lamps at dusk;", "2 ter\tto dim them;", "3\tto report."])
  })
})

it("[WORD20] of a file that only numbers clauses otherwise that is said, not that it tracks nothing", async () => {
  const room = await drafted()
  const numbers = (lines: number): FileDraft => ({
    ...readText(text),
    blocks: readText(text).blocks.map((block) =>
      block.type === "clause" && lines-- > 0 ? { ...block, renumbered: { was: "9", source: null, enteredBy: "Ann", date: null } } : block,
    ),
  })
  const put = (draft: FileDraft): unknown => finished(importChanges(room.cohort.room.gate, { name: "n.docx", draft, homes: new Map() }))
  expect(() => put(numbers(1))).toThrow(/only numbers 1 clause otherwise/)
  expect(() => put(numbers(2))).toThrow(/only numbers 2 clauses otherwise/)
  expect(() => put(numbers(0))).toThrow(/holds no tracked changes and no comments/)
})

describe("a draft's paper against the text in force, brought to it after the decision", () => {
  const accepted = async (): Promise<Room> => {
    const room = await drafted()
    expect(
      await room.cohort.decide(
        room.cohort.changes().map(({ id }) => id),
        "accept",
      ),
    ).toBe(true)
    return room
  }

  it("[ONTO15] all that is agreed is there already, whoever the paper says to have proposed it, and though nobody says", async () => {
    for (const marks of ["delegation", "body", "plain"] as const)
      for (const stated of [{}, authors]) {
        const room = await accepted()
        const done = await bring(room, paper(room, null, { view: "against", marks, hasComments: false }), stated)
        expect(done.changes, `${marks} ${Object.keys(stated)}`).toEqual([])
        expect(done.left).toEqual([])
        expect(done.already.map(({ status }) => status)).toEqual(["accepted", "accepted"])
        expect(proposed(room)).toHaveLength(4)
      }
  })

  it("[ONTO15] what a delegation has changed in such a paper comes alone, and into the agreed words", async () => {
    for (const [edit, words, line] of [
      [
        within("cultural and", 9, 0, "or social "),
        "NOR insertion >or social ",
        "2\tto count the cultural or social and educational lamps each year;",
      ],
      [within("cultural and", 9, 3, "or"), "NOR replacement and>or", "2\tto count the cultural or educational lamps each year;"],
      [within("to light some", 9, 4, "four"), "NOR replacement some>four", "2 bis\tto light four lamps at dusk;"],
    ] as const)
      for (const marks of ["delegation", "body"] as const) {
        const room = await accepted()
        const done = await bring(room, paper(room, edit, { view: "against", marks, hasComments: false }), { "Kari Lie": "NOR" })
        expect(done.left).toEqual([])
        expect(kinds(room)).toEqual([words])
        expect(proposed(room)).toContain(line)
        expect(proposed(room)).toHaveLength(4)
      }
  })

  it.each([
    ["a clause that went", (s: Member) => s.session.restructuring.deleteClause(at(s, "to count"))],
    ["clauses that became one", (s: Member) => s.session.restructuring.join(at(s, "to count"))],
    ["a clause that was divided", (s: Member) => s.session.tracking.split({ index: at(s, "to count"), at: 8 })],
    ["a clause that moved", (s: Member) => s.session.restructuring.moveClause(at(s, "to report"), -1)],
  ] as const)("[ONTO15] so is %s, and what is changed in the words that went along comes to where they are", async (_, edit) => {
    for (const marks of ["delegation", "body"] as const) {
      const { update, force } = openingStateOf(readText(text))
      const cohort = new Cohort(update)
      const s = cohort.member("S")
      await cohort.settle()
      edit(s)
      await cohort.settle()
      const [change] = cohort.changes()
      expect(await cohort.decide([change!.id], "accept")).toBe(true)
      const room: Room = { cohort, force: force ?? [] }
      const lines = proposed(room)
      const own = paper(room, null, { view: "against", marks, hasComments: false })
      const done = await bring(room, own, {})
      expect(done.left).toEqual([])
      expect(done.changes).toEqual([])
      expect(done.already.map(({ status }) => status)).toContain("accepted")
      expect(proposed(room)).toEqual(lines)
    }
  })

  it("[ONTO15] what a file changes in words that went elsewhere with their clause comes to where they are", async () => {
    for (const [edit, lines] of [
      [
        (s: Member) => s.session.restructuring.join(at(s, "to count")),
        ["1\tto keep a lamp at every mole; to count the educational and other lamps each year;", "3\tto report."],
      ],
      [
        (s: Member) => s.session.tracking.split({ index: at(s, "to count"), at: 8 }),
        ["2\tto count", "the educational and other lamps each year;"],
      ],
      [
        (s: Member) => s.session.tracking.split({ index: at(s, "to count"), at: s.text(at(s, "to count")).indexOf(" each") }),
        ["2\tto count the educational and other lamps", "each year;"],
      ],
    ] as const) {
      const { update, force } = openingStateOf(readText(text))
      const cohort = new Cohort(update)
      const s = cohort.member("S")
      await cohort.settle()
      const room: Room = { cohort, force: force ?? [] }
      const file = paper(room, (xml) =>
        xml.replace(
          "to count the educational lamps",
          `to count the educational </w:t></w:r>${ins("and other ", 8_001)}<w:r><w:t xml:space="preserve">lamps`,
        ),
      )
      edit(s)
      await cohort.settle()
      expect(
        await cohort.decide(
          cohort.changes().map(({ id }) => id),
          "accept",
        ),
      ).toBe(true)
      const done = await bring(room, file)
      expect(done.left).toEqual([])
      expect(kinds(room)).toEqual(["NOR insertion >and other "])
      const now = writePlainText(paperOf(cohort.room.gate.shadow), "proposed").replace(/\t +/g, "\t")
      for (const line of lines) expect(now).toContain(line)
    }
  })
})
