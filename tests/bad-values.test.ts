import { describe, expect, it } from "vitest"
import type { FileDraft } from "../server/files/file-draft.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { type Format, writePaper } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"
import { DomainError } from "../server/problems.ts"
import { del, ins, markIns, p, type WordSketch, wordFile, words } from "./word-file.ts"

const forms: readonly Exclude<Format, "pdf">[] = ["docx", "html", "akn", "json", "txt"]

/** What is written of a file in every form; what our own forms hold reads back. Throws where anything does. */
async function written(draft: FileDraft): Promise<void> {
  openingStateOf(draft)
  for (const format of forms) {
    const bytes = await writePaper(printableOf(draft), { format, view: "open", marks: "delegation", hasComments: true, template: null })
    if (format !== "html" && format !== "txt") readFile(bytes, `ours.${format}`)
  }
}

let taken = 0

/** A file is read, or refused in a sentence that names it; it is never anything else. Null: it was refused. Of what is read some is written. */
async function readOrRefused(bytes: Uint8Array, name: string, isWritten = () => true): Promise<FileDraft | null> {
  let draft: FileDraft
  try {
    draft = readFile(bytes, name)
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError)
    const { message } = error as Error
    expect(message).toMatch(new RegExp(`^${name}.*\\.$`, "s"))
    expect(message.length, message).toBeLessThan(600)
    expect(message, "no sign that would show other words").not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/)
    return null
  }
  if (isWritten()) await written(draft)
  return draft
}

/** Some are enough where there are thousands. */
const everySixth = (): boolean => taken++ % 6 === 0

const hostile = [
  "",
  "x",
  "-1",
  "0",
  "9",
  "99",
  "1.5",
  "1e9",
  "NaN",
  "99999999999999999999",
  "__proto__",
  "constructor",
  "\u202elevel",
  "a".repeat(5_000),
  "two words",
] as const

describe("bad values in Word files cost a sentence", () => {
  const numbering = (lvl: string, start = '<w:start w:val="1"/>'): string =>
    `<w:abstractNum w:abstractNumId="0"><w:lvl ${lvl}>${start}<w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>`
  const item = (level: string): string => p(words("to meet;"), { pPr: `<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="1"/></w:numPr>` })
  const levels = hostile.filter((value) => !/^[0-8]$/.test(value))

  it("[IMP13] levels of lists that are none, in a paragraph, a style, a list, an override", async () => {
    for (const level of levels) {
      const places: readonly WordSketch[] = [
        { body: p(words("resolves")) + item(level), numbering: numbering('w:ilvl="0"') },
        {
          body: p(words("resolves")) + p(words("to meet;"), { style: "L" }),
          numbering: numbering('w:ilvl="0"'),
          styles: `<w:style w:type="paragraph" w:styleId="L"><w:name w:val="L"/><w:pPr><w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>`,
        },
        { body: p(words("resolves")) + item("0"), numbering: numbering(`w:ilvl="${level}"`) },
        {
          body: p(words("resolves")) + item("0"),
          numbering: numbering('w:ilvl="0"').replace(
            "</w:num>",
            `<w:lvlOverride w:ilvl="${level}"><w:startOverride w:val="7"/></w:lvlOverride></w:num>`,
          ),
        },
      ]
      for (const [i, sketch] of places.entries()) {
        const draft = (await readOrRefused(wordFile(sketch), "x.docx"))!
        expect(
          draft.blocks.map(({ text }) => text),
          `${i} ${level.slice(0, 20)}`,
        ).toEqual(["resolves", "to meet;"])
        const told = draft.warnings.filter((warning) => warning.code === "LEVEL").map(({ message }) => message)
        expect(told, `${i} ${level.slice(0, 20)}`).toHaveLength(1)
        expect(told[0], "what is told is short").toMatch(/^.{20,200}$/s)
        for (const { level: own = 1 } of draft.blocks) expect([1, 2, 3, 4]).toContain(own)
      }
    }
  })

  it("[IMP13] lists that begin with what is no number, and lists that go deeper than a draft", async () => {
    for (const start of ["x", "", "1.5", "1e9", "99999999999999999999"]) {
      const draft = (await readOrRefused(
        wordFile({ body: p(words("resolves")) + item("0"), numbering: numbering('w:ilvl="0"', `<w:start w:val="${start}"/>`) }),
        "x.docx",
      ))!
      expect([draft.blocks[1]!.importedLabel, draft.warnings.map(({ code }) => code)], start).toEqual(["1.", ["LEVEL"]])
    }
    const deep = (await readOrRefused(wordFile({ body: p(words("resolves")) + item("6"), numbering: numbering('w:ilvl="6"') }), "x.docx"))!
    expect([deep.blocks[1]!.level, deep.warnings]).toEqual([
      4,
      [
        {
          code: "LEVEL",
          block: "b2",
          message: "The list of the file goes 7 levels deep here; a draft has four, so this stands on the fourth.",
        },
      ],
    ])
  })

  it("[IMP13] dates that are none are left out and told; dates of every form that there is are kept", async () => {
    const dated = (date: string): string => p(`${words("a")}<w:ins w:id="1" w:author="Ann" w:date="${date}">${words("b")}</w:ins>`)
    for (const date of [...hostile, "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z", "01/02/2026", "2026-1-1"]) {
      const draft = (await readOrRefused(wordFile({ body: dated(date) }), "x.docx"))!
      expect([draft.changes[0]!.date, draft.warnings.map(({ code }) => code)], date.slice(0, 30)).toEqual([null, ["DATE"]])
    }
    for (const date of [
      "2026-02-28T10:00:00Z",
      "2026-02-28T10:00:00",
      "2024-02-29",
      "2026-02-28T10:00:00.123Z",
      "2026-02-28T10:00:00+05:30",
      "0001-01-01T00:00:00Z",
    ]) {
      const draft = (await readOrRefused(wordFile({ body: dated(date) }), "x.docx"))!
      expect([draft.changes[0]!.date, draft.warnings], date).toEqual([date, []])
    }
  })

  it("[IMP13] names, styles, ids and names of moves that try to be something else are what they are: names", async () => {
    for (const value of [...hostile, "toString", "valueOf", "&lt;b&gt;", "a&#10;b"]) {
      const body = [
        p(words("resolves"), { style: value }),
        p(words("a") + ins(value, "b") + del(value, "c"), { mark: markIns(value), style: value }),
        `<w:moveFromRangeStart w:id="${value}" w:name="${value}"/><w:moveFrom w:id="${value}" w:author="${value}">${p(words("d"))}</w:moveFrom><w:moveFromRangeEnd w:id="${value}"/>`,
        p(
          `<w:commentRangeStart w:id="${value}"/>${words("e")}<w:commentRangeEnd w:id="${value}"/><w:r><w:footnoteReference w:id="${value}"/></w:r>`,
        ),
      ]
      const draft = (await readOrRefused(
        wordFile({
          body: body.join(""),
          styles: `<w:style w:type="paragraph" w:styleId="${value}"><w:name w:val="${value}"/><w:basedOn w:val="${value}"/></w:style>`,
          comments: `<w:comment w:id="${value}" w:author="${value}" w:initials="${value}"><w:p w14:paraId="${value}">${words("why")}</w:p></w:comment>`,
          commentsExtended: `<w15:commentEx w15:paraId="${value}" w15:paraIdParent="${value}" w15:done="${value}"/>`,
          footnotes: `<w:footnote w:id="${value}">${p(words("note"))}</w:footnote>`,
        }),
        "x.docx",
      ))!
      for (const { enteredBy } of draft.changes) expect(enteredBy!.length, value.slice(0, 20)).toBeLessThanOrEqual(255)
      expect(JSON.stringify(draft)).not.toContain("\u202e")
      expect(draft.blocks.map(({ text }) => text).join(" ")).toContain("resolves")
    }
  })

  it("[IMP13] elements and namespaces of no name that there is hold nothing up, and are told", async () => {
    for (const name of ["constructor", "toString", "valueOf", "w:constructor", "w:__proto__", "q:x"]) {
      const odd = (inner: string): string => `<${name} xmlns:q="constructor">${inner}</${name}>`
      const body = p(words("a")) + odd(p(words("b"))) + p(odd(words("c")) + words("d"))
      const draft = (await readOrRefused(wordFile({ body }), "x.docx"))!
      expect(draft.blocks.map(({ text }) => text)).toEqual(["a", "d"])
      expect(draft.warnings.map(({ code }) => code)).toEqual(["UNKNOWN"])
      for (const text of ["“b”", "“c”"]) expect(draft.warnings[0]!.message).toContain(text)
    }
  })
})

/** A draft of our own with something of every kind. */
const rich: FileDraft = {
  profile: "itu",
  cover: [{ field: "source", text: "Somewhere" }],
  blocks: [
    { id: "h", type: "head", part: "operative", origin: "h", text: "resolves" },
    { id: "a", type: "clause", level: 1, label: "1", importedLabel: "1", origin: "a", text: "to meet and to part\ufffc;" },
    { id: "b", type: "clause", level: 2, label: "1.1", origin: "b", text: "at noon;" },
    { id: "n", type: "clause", level: 1, label: "2", origin: null, text: "to rest;" },
    { id: "t", type: "table", origin: "t", text: "a\tb\nc\td" },
  ],
  changes: [
    {
      ...{
        id: "c1",
        kind: "replacement",
        source: "S",
        enteredBy: "Ann",
        date: "2026-03-01T10:00:00Z",
        block: "a",
        text: "and ",
        replacedBy: "part",
      },
      segments: [
        { block: "a", kind: "deletion", from: 8, to: 12 },
        { block: "a", kind: "insertion", from: 15, to: 19 },
      ],
    },
    {
      ...{ id: "c2", kind: "insertion", source: "B", enteredBy: "Bob", date: null, block: "n", text: "to rest;", newBlocks: ["n"] },
      segments: [{ block: "n", kind: "insertion", from: 0, to: 8 }],
    },
    {
      ...{ id: "c3", kind: "structure", source: "S", enteredBy: null, date: null, block: "b", text: "at noon;" },
      structure: [
        { kind: "level", block: "b", level: 3 },
        { kind: "move", block: "b", after: "h" },
      ],
      segments: [],
    },
    {
      ...{ id: "c4", kind: "deletion", source: "S", enteredBy: null, date: null, block: "t", text: "b" },
      segments: [{ block: "t", kind: "deletion", from: 2, to: 3 }],
    },
  ],
  comments: [
    {
      ...{
        id: "k1",
        by: "Eve",
        source: "B",
        date: "2026-03-01T10:00:00Z",
        block: "a",
        quote: "to meet\nat noon",
        text: "why?",
        resolved: false,
      },
      replies: [{ by: "Ann", source: "S", date: null, text: "because" }],
      at: { from: 0, to: 7 },
      further: [{ block: "b", from: 0, to: 7 }],
    },
  ],
  notes: [{ id: "f1", label: "1", text: "A note.", block: "a", at: 19 }],
  debris: ["[x]"],
  warnings: [{ code: "X", message: "Something." }],
}

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** The path of every leaf of a value. */
function leavesOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [path]
  return Object.entries(value).flatMap(([key, part]) => leavesOf(part, [...path, Array.isArray(value) ? Number(key) : key]))
}

const at = (value: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], value)

function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const copy = structuredClone(value)
  const holder = at(copy, path.slice(0, -1)) as Record<string | number, unknown>
  holder[path.at(-1)!] = by
  return copy
}

const pathOf = (path: string): (string | number)[] => path.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key))

describe("bad values in our own files cost a sentence", () => {
  it("[IMP13] the draft with something of every kind is good", async () => {
    await written(readFile(json(rich), "x.json"))
  })

  it("[IMP13] own JSON: whatever stands at any place, the file is refused, or what stands there is what is read", async () => {
    const values: readonly unknown[] = [null, true, -1, 0, 5, 1.5, 1e12, [], {}, "NOT-STATED", "\u0000", ...hostile]
    let refused = 0
    for (const path of leavesOf(rich))
      for (const value of values) {
        const draft = await readOrRefused(json(replaced(rich, path, value)), "x.json", everySixth)
        if (draft === null) refused++
        // A source that nobody states is null.
        else
          expect(at(draft, path) ?? null, `${path.join(".")} = ${String(value).slice(0, 20)}`).toEqual(
            value === "NOT-STATED" && path.at(-1) === "source" ? null : value,
          )
      }
    expect(refused).toBeGreaterThan(500)
  }, 60_000)

  const lies: readonly (readonly [string, unknown, RegExp])[] = [
    ["changes.0.kind", "deletion", /kind “deletion”/],
    ["changes.0.text", "or", /says “or”/],
    ["changes.1.kind", "deletion", /kind “deletion”/],
    ["changes.1.segments", [], /./],
    ["changes.2.structure", [], /changes nothing/],
    ["changes.2.structure.1.after", "b", /behind itself/],
    ["changes.2.structure.1.after", "nowhere", /“nowhere”, which is no block/],
    ["changes.2.structure.0.level", 7, /level/],
    ["changes.2.structure.0.kind", "lift", /structure/],
    ["changes.0.source", "sweden", /a source is/],
    ["blocks.1.level", 9, /level/],
    ["blocks.1.type", "chapter", /type/],
    ["comments.0.further.0.block", "nowhere", /“nowhere”/],
  ]
  const more = /that is more than one change, each with an id of its own/
  const goes = { block: "a", kind: "deletion", from: 8, to: 12 }
  const mixed: readonly (readonly [what: string, path: string, value: unknown])[] = [
    ["a new clause, and a clause that goes", "changes.1.structure", [{ kind: "delete", block: "b" }]],
    ["a new clause, and words that go", "changes.1.segments", [{ block: "n", kind: "insertion", from: 0, to: 8 }, goes]],
    ["a new clause, and a move", "changes.1.structure", [{ kind: "move", block: "b", after: "h" }]],
    ["a move, and words that go", "changes.2.segments", [goes]],
    ["a move, and another clause at a level", "changes.2.structure.0.block", "n"],
    ["a move, and a clause that goes", "changes.2.structure.0", { kind: "delete", block: "a" }],
    ["words, and a clause at a level", "changes.0.structure", [{ kind: "level", block: "b", level: 3 }]],
  ]
  for (const [what, path, value] of mixed)
    it(`[IMP13 PIECE1] own JSON with one change that is ${what}`, () => {
      expect(() => readFile(json(replaced(rich, pathOf(path), value)), "x.json")).toThrow(more)
    })

  it("[IMP13] words that move into a new clause are one change", () => {
    const moved = {
      ...{ id: "c9", kind: "move", source: "S", enteredBy: null, date: null, block: "n", text: "to rest;", newBlocks: ["n"] },
      segments: [
        { block: "n", kind: "insertion", from: 0, to: 8 },
        { block: "b", kind: "deletion", from: 0, to: 8 },
      ],
    }
    const draft = replaced({ ...rich, changes: [moved] }, pathOf("blocks.2.text"), "to rest;")
    expect(readFile(json(draft), "x.json").changes).toHaveLength(1)
  })

  for (const [path, value, sentence] of lies)
    it(`[IMP13] own JSON with ${path} = ${JSON.stringify(value)}`, () => {
      const spoilt = replaced(rich, pathOf(path), value)
      expect(() => readFile(json(spoilt), "x.json")).toThrow(sentence)
    })

  it("[IMP13] own Akoma Ntoso: whatever stands in any attribute of ours, the file is refused, or it reads the same but for that", async () => {
    const good = new TextDecoder().decode(
      await writePaper(printableOf(readFile(json(rich))), {
        format: "akn",
        view: "open",
        marks: "delegation",
        hasComments: true,
        template: null,
      }),
    )
    const before = readFile(new TextEncoder().encode(good), "x.xml")
    const attributes = [...good.matchAll(/<(c:\w+|ins|del|inline|[\w]+(?= [^>]*wId=))[^>]*>/g)].flatMap((element) =>
      [...element[0].matchAll(/ ([\w:]+)="([^"]*)"/g)].map((found) => ({
        name: `${element[1]} ${found[1]}`,
        from: element.index + found.index + found[0].indexOf('"') + 1,
        length: found[2]!.length,
      })),
    )
    expect(new Set(attributes.map(({ name }) => name)).size).toBeGreaterThan(30)
    let refused = 0
    for (const { name, from, length } of attributes)
      for (const value of hostile) {
        const was = good.slice(from, from + length)
        if (was === value) continue
        const draft = await readOrRefused(
          new TextEncoder().encode(good.slice(0, from) + value.replace(/[<&"]/g, "") + good.slice(from + length)),
          "x.xml",
          everySixth,
        )
        if (draft === null) {
          refused++
          continue
        }
        // Only what is told by name can be another: then that name is read.
        const changed = JSON.stringify(draft) !== JSON.stringify(before)
        if (changed)
          expect(
            differences(before, draft).every((other) => other === value || isNothing(other)),
            `${name} = ${value.slice(0, 20)}: ${JSON.stringify(differences(before, draft)).slice(0, 200)}`,
          ).toBe(true)
      }
    expect(refused).toBeGreaterThan(400)
  }, 60_000)
})

const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0)

/** What stands in B at the places where it is not what stands in A. */
function differences(a: unknown, b: unknown): unknown[] {
  if (typeof a === "object" && a !== null && typeof b === "object" && b !== null && Array.isArray(a) === Array.isArray(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...keys].flatMap((key) => differences((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  }
  return Object.is(a, b) ? [] : [b]
}
