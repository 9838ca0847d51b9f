import { existsSync, readFileSync } from "node:fs"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { laidBeside } from "../server/comparison/beside.ts"
import { compareDrafts } from "../server/comparison/compare-drafts.ts"
import { cleanText, onBaseline } from "../server/comparison/on-baseline.ts"
import { confirmed, readFlattened } from "../server/comparison/read-flattened.ts"
import type { FileBlock, FileDraft } from "../server/files/file-draft.ts"
import { readFile, readTexts } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { writePaper } from "../server/papers/formats.ts"
import { printableOf } from "../server/papers/printable.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { threadsOf } from "../shared/sync/roots.ts"
import { random } from "./build.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { by, del, ins, p, wordFile, words } from "./word-file.ts"

const options = { view: "open", marks: "delegation", hasComments: true, template: null } as const
const text = `RESOLUTION 7 (Geneva, 2024)
On the lighting of harbours
The Council,
considering
a)	that ships arrive by night;
b)	that lamps fail in storms,
resolves
1	to keep a lamp at every mole;
2	to count the lamps each year,
`
const draftOf = (source: string): FileDraft => readText(source)

const shape = (draft: FileDraft): unknown[] =>
  draft.blocks.map(({ type, part, level, label, text: own }) => [
    type,
    part ?? "",
    ...(type === "clause" ? [level ?? 1, label ?? ""] : []),
    own,
  ])

/** Both texts come back to the letter from what a comparison gives (CMP1). */
function comparesExactly(a: FileDraft, b: FileDraft): FileDraft {
  const compared = compareDrafts(a, b, "S")
  expect(shape(cleanText(compared, "working")), "the first text").toEqual(shape(a))
  expect(shape(cleanText(compared, "proposed")), "the second text").toEqual(shape(b))
  for (const change of compared.changes) expect(change.source).toBe("S")
  return compared
}

describe("comparing two texts", () => {
  it("[CMP3] words, clauses that came and went, and clauses that moved", () => {
    const after = text
      .replace("Geneva, 2024", "Rev. Nairobi, 2026")
      .replace("b)\tthat lamps fail in storms,\n", "")
      .replace("a)\tthat ships arrive by night;", "that ships arrive by night,")
      .replace("2\tto count the lamps each year,\n", "2\tto count the lamps each month;\n3\tto publish the count,\n")
    const compared = comparesExactly(draftOf(text), draftOf(after))
    expect(compared.changes.map(({ kind, text: own, replacedBy }) => [kind, own, replacedBy])).toEqual([
      ["replacement", "Geneva", "Rev. Nairobi"],
      ["replacement", "2024", "2026"],
      ["replacement", ";", ","],
      ["structure", "that lamps fail in storms,", undefined],
      ["replacement", "year,", "month;"],
      ["insertion", "to publish the count,", undefined],
    ])
    const moved = text.replace(
      "1\tto keep a lamp at every mole;\n2\tto count the lamps each year,\n",
      "1\tto count the lamps each year,\n2\tto keep a lamp at every mole;\n",
    )
    expect(comparesExactly(draftOf(text), draftOf(moved)).changes.map((change) => change.kind)).toEqual(["move"])
  })

  it("[CMP3] footnotes go with their anchors, and their words are compared", () => {
    const note = (words: string, extra = ""): string => text.replace("by night;", `by night[footnoteRef:1]1${extra}; [1: ${words} ]`)
    const compared = comparesExactly(draftOf(note("At any hour.")), draftOf(note("At any late hour.")))
    expect(compared.notes.map((part) => part.text)).toEqual(["At any late hour."])
    expect(compared.changes).toMatchObject([{ kind: "insertion", block: compared.notes[0]!.id, text: "late " }])
    expect(comparesExactly(draftOf(text), draftOf(note("New."))).notes).toHaveLength(1)
    expect(comparesExactly(draftOf(note("Old.")), draftOf(text)).notes).toHaveLength(1)
  })

  it("[CMP3] comments of the second text stay at their words, whatever block those are in now", () => {
    const after = draftOf(
      text.replace("a)\tthat ships", "a)\tthat nights are long;\nb)\tthat many ships").replace("b)\tthat lamps", "c)\tthat lamps"),
    )
    const block = after.blocks.find((other) => other.text.includes("many ships"))!
    const at = { from: block.text.indexOf("ships"), to: block.text.indexOf("ships") + 5 }
    const remark = { by: "Ann Ek", date: null, quote: "ships", text: "and boats?", replies: [], resolved: false }
    const fresh = after.blocks.find((other) => other.text.includes("nights are"))!
    const compared = compareDrafts(
      draftOf(text),
      {
        ...after,
        comments: [
          { id: "k1", block: block.id, at, ...remark },
          { id: "k2", block: fresh.id, ...remark },
          { id: "k3", block: null, ...remark },
        ],
      },
      null,
    )
    const words = compared.comments.map(({ block: home, at: place }) => {
      const own = compared.blocks.find((other) => other.id === home)?.text ?? null
      return place ? own!.slice(place.from, place.to) : own
    })
    expect(words).toEqual(["ships", "that nights are long;", null])
  })

  it("[CMP3] Chinese has no blanks between words: a clause is amended sign by sign, not replaced as a whole", () => {
    const [a, b] = ["resolves\n1\t在每个码头设置一盏灯；\n", "resolves\n1\t在每个码头和防波堤设置两盏灯；\n"].map(draftOf)
    expect(comparesExactly(a!, b!).changes.map(({ kind, text: own, replacedBy }) => [kind, own, replacedBy])).toEqual([
      ["insertion", "和防波堤", undefined],
      ["replacement", "一", "两"],
    ])
  })

  it("[CMP3] a table that plain text has as lines is that table again; where rows differ that is said", async () => {
    const table = "Year\tAmount\n2024\tCHF 1 000\n2025\tCHF 2 500\nb)\t12.5 %"
    const clean = draftOf(text)
    const base = {
      ...clean,
      blocks: [
        ...clean.blocks,
        { id: "t", type: "table" as const, text: table },
        { id: "z", type: "paragraph" as const, text: "Sums are in francs." },
      ],
    }
    const own = new TextDecoder().decode(await writePaper(printableOf(base), { format: "txt", ...options, view: "working" }))
    expect(own).toContain("2024\tCHF 1 000")
    const file = readText(own)
    expect(file.blocks.some(({ type }) => type === "table")).toBe(false)
    for (const compared of [
      compareDrafts(base, file, null),
      onBaseline(file, base),
      laidBeside(file, base, { isCompared: true, confirmed: [] }).draft,
    ]) {
      expect(compared.changes).toEqual([])
      expect(compared.warnings).toEqual([])
    }
    // A remark on a row is on the table.
    const row = file.blocks.find(({ label }) => label === "2025")!
    const remark = { id: "k1", by: "Ann", date: null, block: row.id, quote: "", text: "Too much?", replies: [], resolved: false }
    expect(compareDrafts(base, { ...file, comments: [remark] }, null).comments).toMatchObject([{ block: "t", text: "Too much?" }])
    const other = onBaseline(readText(own.replace("2 500", "2 600")), base)
    expect(other.warnings.map(({ code, message }) => `${code} ${message}`)).toEqual([
      expect.stringMatching(/^TABLE Plain text has no tables: the rows of the table “Year Amount 2024/),
    ])
    expect(
      laidBeside(readText(own.replace("2 500", "2 600")), base, { isCompared: true, confirmed: [] }).draft.warnings.map(({ code }) => code),
    ).toContain("TABLE")
    expect(onBaseline(draftOf(text), base).warnings).toEqual([])
  })
  it("[CMP1] any two texts give both back", () => {
    const block = fc.record({
      type: fc.constantFrom("clause", "clause", "head", "paragraph", "quote", "title") as fc.Arbitrary<FileBlock["type"]>,
      part: fc.constantFrom("preamble", "operative") as fc.Arbitrary<"preamble" | "operative">,
      level: fc.integer({ min: 1, max: 4 }),
      label: fc.constantFrom("", "1", "2", "2 bis", "a)", "b)bis", "–", "㈠"),
      words: fc.array(fc.constantFrom("to", "keep", "a", "lamp", "1.2", "أن", "文", ";", "the Council", ","), {
        minLength: 1,
        maxLength: 8,
      }),
    })
    const draft = fc.array(block, { minLength: 1, maxLength: 8 }).map(
      (list): FileDraft => ({
        ...draftOf(text),
        blocks: list.map(({ type, part, level, label, words: own }, i) => ({
          id: `b${i + 1}`,
          type,
          ...(type === "head" ? { part } : {}),
          ...(type === "clause" ? { level, label } : {}),
          text: own.join(" "),
        })),
      }),
    )
    fc.assert(
      fc.property(draft, draft, (a, b) => void comparesExactly(a, b)),
      { numRuns: 300, seed: 5 },
    )
  })
})

describe("a flattened text with its text in force", () => {
  it("[FLAT1] insertions are recovered; struck words are offered, each with what seems to come in its place; no source is guessed", () => {
    const flat = text
      .replace("(Geneva, 2024)", "(GenevaNairobi, 20242026)")
      .replace("fail in storms", "often fail in storms")
      .replace("each year", "each yearmonth")
    const read = readFlattened(draftOf(text), draftOf(flat))
    expect(read.changes.map(({ kind, text: own, source }) => [kind, own, source])).toEqual([
      ["insertion", "Nairobi", null],
      ["insertion", "2026", null],
      ["insertion", "often ", null],
      ["insertion", "month", null],
    ])
    expect(read.offered!.map((offer) => offer.text)).toEqual(["Geneva", "2024", "year"])
    expect(shape(cleanText(read, "working"))).toEqual(shape(draftOf(text)))
    const exact = confirmed(read, read.offered!)
    const meant = draftOf(
      text
        .replace("(Geneva, 2024)", "(Nairobi, 2026)")
        .replace("fail in storms", "often fail in storms")
        .replace("each year", "each month"),
    )
    expect(shape(cleanText(exact, "proposed"))).toEqual(shape(meant))
  })

  it("[FLAT1] of random edits that were flattened nearly every inserted character is recovered", () => {
    const vocabulary = "further also regional annual digital sustainable Nairobi Kigali 2026 2031 stakeholders networks of the and".split(
      " ",
    )
    let [all, recovered] = [0, 0]
    const base = draftOf(text.repeat(1))
    for (let seed = 1; seed <= 200; seed++) {
      const r = random(seed)
      const blocks = base.blocks.map((block) => {
        if (block.type !== "clause" || r.next() < 0.4) return { block, inserted: "" }
        const list = block.text.split(" ")
        const at = 1 + r.below(list.length - 1)
        const inserted = Array.from({ length: 1 + r.below(3) }, () => r.pick(vocabulary)).join(" ")
        // Struck words stay; what replaces them is glued behind, what is added stands between blanks.
        const isGlued = r.next() < 0.5
        const flat = isGlued
          ? [...list.slice(0, at - 1), `${list[at - 1]}${inserted}`, ...list.slice(at)]
          : [...list.slice(0, at), inserted, ...list.slice(at)]
        return { block: { ...block, text: flat.join(" ") }, inserted }
      })
      const read = readFlattened(base, { ...base, blocks: blocks.map(({ block }) => block) })
      const found = read.changes
        .map((change) => change.text)
        .join("")
        .replace(/\s/g, "").length
      const meant = blocks
        .map(({ inserted }) => inserted)
        .join("")
        .replace(/\s/g, "").length
      all += meant
      recovered += Math.min(found, meant)
      expect(shape(cleanText(read, "working"))).toEqual(shape(base))
    }
    expect(recovered / all).toBeGreaterThan(0.98)
  })

  it("[BASE1] a file with tracked changes keeps them; where its own text in force differs from ours is said", () => {
    const file = readFile(
      wordFile({ body: p(words("resolves")) + p(`${words("1\tto keep a lamp at every pier")}${ins("Ann", " and mole")}${words(";")}`) }),
    )
    const ours = draftOf("resolves\n1\tto keep a lamp at every mole;\n")
    const read = onBaseline(file, ours)
    expect(read.changes).toEqual(file.changes)
    expect(read.warnings.filter((warning) => warning.code === "BASE")).toMatchObject([
      { message: "The file was made on “to keep a lamp at every pier;”; the text in force is “to keep a lamp at every mole;”." },
    ])
  })
})

describe("Akoma Ntoso", () => {
  for (const name of ["early-warning", "night-sky", "water-arabic"])
    it(`[AKN2] ${name}: our own export comes back equal, with sources, comments, footnotes and labels`, async () => {
      const draft = printableOf(readFile(new Uint8Array(readFileSync(new URL(`../seeds/${name}.json`, import.meta.url)))))
      const json = JSON.parse(new TextDecoder().decode(await writePaper(draft, { format: "json", ...options }))) as unknown
      expect(readFile(await writePaper(draft, { format: "akn", ...options }))).toEqual(json)
    })

  it("[AKN2] what is proposed in a designation is not glued to it where the text is named", async () => {
    const draft = readFile(
      wordFile({
        body:
          p(words("RESOLUTION 41 (Rev. ") + del("Ann", "Kigali, 2022") + ins("Ann", "Nairobi, 2026") + words(")")) +
          p(words("Lamps")) +
          p(words("The Conference,")) +
          p(words("resolves")) +
          p(words("1\tto end.")),
      }),
    )
    for (const [view, place] of [
      ["open", "Kigali, 2022"],
      ["proposed", "Nairobi, 2026"],
    ] as const) {
      const paper = { format: "akn", view, marks: "delegation", hasComments: true, template: null } as const
      const xml = new TextDecoder().decode(await writePaper(printableOf(draft), paper))
      expect(xml).toContain(`<FRBRnumber value="RESOLUTION 41 (Rev. ${place})"/>`)
      expect(xml).toContain(`/resolution-41-rev-${place.toLowerCase().replace(", ", "-")}/!main"`)
    }
  })

  it("[AKN2] a file of others: its ins and del are changes whose source is not stated, its margin notes comments by whom it says", () => {
    const xml = `<?xml version="1.0"?>
      <akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><statement name="resolution">
        <meta><references source="#x"><TLCOrganization eId="s" href="/s" showAs="Sweden"/></references><notes source="#s"><note eId="n1"><p>why?</p></note></notes></meta>
        <preface><longTitle><p><docType>RESOLUTION</docType> <docNumber>7</docNumber></p></longTitle></preface>
        <preamble><recitals><heading><i>noting</i></heading><recital><num>a)</num><p>that lamps <del>fail</del><ins>burn</ins> <noteRef href="#n1"/>;</p></recital></recitals></preamble>
        <mainBody><hcontainer name="x"><heading>resolves</heading><paragraph><num><del>2</del><ins>1</ins></num><content><p>to act<authorialNote marker="1"><p>now</p></authorialNote>.</p></content></paragraph></hcontainer></mainBody>
      </statement></akomaNtoso>`
    const draft = readFile(new TextEncoder().encode(xml))
    expect(draft.changes).toMatchObject([{ kind: "replacement", source: null, text: "fail", replacedBy: "burn" }])
    expect(draft.comments).toMatchObject([
      { by: "Sweden", text: "why?", block: draft.blocks.find((block) => block.text.startsWith("that lamps"))!.id },
    ])
    expect(draft.notes).toMatchObject([{ text: "now", label: "1" }])
    expect(draft.blocks.map((block) => [block.type, block.importedLabel ?? ""])).toEqual([
      ["designation", ""],
      ["head", ""],
      ["clause", "a)"],
      ["head", ""],
      ["clause", "1"],
    ])
  })
})

const pp18 = new URL("../../shared/akn/akn4itu_pp18_final_acts_akn.xml", import.meta.url)
if (!existsSync(pp18)) console.log("skipped: the texts of the 2018 Plenipotentiary Conference in ../shared/akn are not beside this clone")

describe.skipIf(!existsSync(pp18))("a library of texts in force", () => {
  it("[AKN3] the 64 texts of PP-18: heads and clauses are those of the XML, each opens by its designation", () => {
    const bytes = new Uint8Array(readFileSync(pp18))
    const xml = new TextDecoder().decode(bytes)
    const texts = readTexts(bytes)
    const statements = xml.split("<statement ").slice(1)
    expect(texts).toHaveLength(statements.length)
    expect(texts).toHaveLength(64)
    texts.forEach(({ draft, designation, title }, i) => {
      const count = (name: string): number => statements[i]!.split(new RegExp(`<${name}[ >]`)).length - 1
      const of = (type: string): number => draft.blocks.filter((block) => block.type === type).length
      expect(of("head"), designation).toBe(count("recitals") + count("hcontainer"))
      expect(of("clause"), designation).toBe(count("recital") + count("paragraph") + count("point"))
      expect([of("designation"), of("title"), of("formula")], designation).toEqual([1, 1, 1])
      expect(title).not.toBe("")
      expect(readFile(bytes, "x", designation).blocks, designation).toEqual(draft.blocks)
    })
    for (const number of ["130", "175", "179"])
      expect(readFile(bytes, "x", `RESOLUTION ${number} (Rev. Dubai, 2018)`).blocks.length).toBeGreaterThan(10)
    expect(() => readFile(bytes, "pp18.xml")).toThrow(/holds 64 texts.*RESOLUTION|DECISION/)
    expect(() => readFile(bytes, "pp18.xml", "RESOLUTION 99999")).toThrow(/holds no text named/)
  })
})

describe("a delegation's file on a draft", () => {
  let meeting: Meeting
  let secretary: Guest
  let sweden: Guest
  beforeAll(async () => {
    meeting = await Meeting.open()
    secretary = await meeting.guest("secretary")
    sweden = await meeting.guest("delegate", ["S"])
  })
  afterAll(() => meeting.stop())

  const post = (guest: Guest, draft: string, bytes: Uint8Array, query: Record<string, string> = {}) =>
    guest.request("POST", `${apiRoot}/drafts/${draft}/import?${new URLSearchParams(query)}`, { raw: bytes as Uint8Array<ArrayBuffer> })
  const exported = async (draft: string): Promise<{ bytes: Uint8Array }> => {
    const response = await fetch(`${meeting.url}${apiRoot}/drafts/${draft}/export?format=docx`, { headers: { Cookie: secretary.cookie } })
    return { bytes: new Uint8Array(await response.arrayBuffer()) }
  }
  const heading =
    p(words("considering")) +
    p(words("a)\tthat ships arrive by night;")) +
    p(words("b)\tthat lamps fail in storms,")) +
    p(words("resolves"))
  const file = wordFile({
    body: `${heading}${p(`${words("1\tto keep ")}${del("Ann Ek", "a lamp")}${ins("Ann Ek", "two lamps")}<w:commentRangeStart w:id="1"/>${words(" at every mole")}<w:commentRangeEnd w:id="1"/>${words(";")}`)}${p(ins("Bo Li", "2\tto paint them;"), { mark: `<w:ins ${by("Bo Li")}/>` })}${p(del("Ann Ek", "2\tto count the lamps each year,"), { mark: `<w:del ${by("Ann Ek")}/>` })}${p(words("instructs the Secretary-General"))}${p(`${words("to report to the Council")}${ins("Ann Ek", " and to its Members")}${words(".")}`)}`,
    comments: `<w:comment ${by("Bo Li")}><w:p>${words("which moles?")}</w:p></w:comment>`,
  })

  it("[ONTO1] the review tells authors, what is understood and where the texts differ, and changes nothing", async () => {
    const draft = await meeting.draft()
    const { body, status } = await post(secretary, draft, file, { preview: "true", name: "sweden.docx" })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      authors: [
        { name: "Ann Ek", changes: 3, comments: 0, suggested: null },
        { name: "Bo Li", changes: 1, comments: 1, suggested: null },
      ],
      changes: [],
    })
    expect((body as { differences: { ours: string }[] }).differences.map((difference) => difference.ours)).toEqual([
      "RESOLUTION 7 (Geneva, 2024)",
      "On the lighting of harbours",
      "The Council,",
    ])
    expect(await sweden.call("changes", { draft })).toEqual([])
  })

  it("[ONTO1] one act: each change at its words, with source, author and date; a comment at its words; all by the ordinary road", async () => {
    const draft = await meeting.draft()
    const room = (await meeting.server.drafts.open(draft)).room
    const before = workingTextOf(blocksOf(room.main)).map(textOf)
    const authors = JSON.stringify({ "Ann Ek": "S", "Bo Li": "EUR" })
    const { body, status } = await post(secretary, draft, file, { authors, name: "sweden.docx" })
    expect(status).toBe(201)
    expect(body).toMatchObject({ comments: 1, left: [] })
    const changes = await sweden.call("changes", { draft })
    expect(changes.map(({ source, kind, inserted, deleted, enteredBy, at }) => [source, kind, deleted, inserted, enteredBy, at])).toEqual([
      ["S", "replacement", "a lamp", "two lamps", "file:Ann Ek", "2026-03-01T10:00:00Z"],
      ["EUR", "new clause", "", "to paint them;", "file:Bo Li", "2026-03-01T10:00:00Z"],
      ["S", "clause deletion", "to count the lamps each year,", "", "file:Ann Ek", "2026-03-01T10:00:00Z"],
      ["S", "insertion", "", " and to its Members", "file:Ann Ek", "2026-03-01T10:00:00Z"],
    ])
    expect(workingTextOf(blocksOf(room.main)).map(textOf), "the working text is untouched").toEqual(before)
    const chair = await meeting.guest("chair")
    const decided = await chair.call(
      "decide",
      { draft },
      { verdict: "accept", changes: changes.map(({ id, hash }) => ({ id, hash })), partial: false },
    )
    expect(decided.decided).toHaveLength(4)
    expect(workingTextOf(blocksOf(room.main)).map(textOf).filter(Boolean).slice(-5)).toEqual([
      "resolves",
      "to keep two lamps at every mole;",
      "to paint them;",
      "instructs the Secretary-General",
      "to report to the Council and to its Members.",
    ])
    expect(signatureHolds(room)).toBe(true)
  })

  it("[ONTO2] beside what others have typed meanwhile; what finds no place is listed and never guessed", async () => {
    const draft = await meeting.draft()
    const room = (await meeting.server.drafts.open(draft)).room
    const line = await sweden.socket(draft, (await sweden.join(draft)).clientId).ready()
    line.close()
    const other = wordFile({
      body:
        heading +
        p(`${words("1\tto keep a lantern ")}${del("Ann Ek", "on the roof")}${ins("Ann Ek", "in the cellar")}${words(" at every mole;")}`) +
        p(`${words("2\tto count the lamps each ")}${ins("Ann Ek", "single ")}${words("year,")}`),
    })
    const { body } = await post(secretary, draft, other, { authors: JSON.stringify({ "Ann Ek": "S" }), name: "other.docx" })
    expect((body as { left: { what: string; why: string }[] }).left).toEqual([
      { what: "replacement “on the roof”", why: "The words that it deletes are not in this draft." },
    ])
    expect((await sweden.call("changes", { draft })).map((change) => change.inserted)).toEqual(["single "])
    expect(room.faults).toBe(0)
  })

  it("[ONTO3] a delegate brings its own delegation's changes; nobody's, and others', are the secretariat's to bring", async () => {
    const draft = await meeting.draft()
    expect((await post(sweden, draft, file)).status).toBe(403)
    expect((await post(sweden, draft, file, { authors: JSON.stringify({ "Ann Ek": "S", "Bo Li": "EUR" }) })).status).toBe(403)
    expect((await post(sweden, draft, file, { authors: JSON.stringify({ "Ann Ek": "S", "Bo Li": "S" }) })).status).toBe(201)
    const observer = await meeting.guest("observer")
    expect((await post(observer, draft, file, { authors: JSON.stringify({ "Ann Ek": "S", "Bo Li": "S" }) })).status).toBe(403)
    expect(new Set((await sweden.call("changes", { draft })).map((change) => change.source))).toEqual(new Set(["S"]))
    const other = await meeting.draft()
    const stated = await post(secretary, other, file)
    expect(stated.status, "not stated is legal").toBe(201)
    expect(new Set((await sweden.call("changes", { draft: other })).map((change) => change.source))).toEqual(new Set(["NOT-STATED"]))
  })

  it("[ONTO4] whose a change is can be stated later: marks, clauses and what others put inside follow; author and date stay", async () => {
    const draft = await meeting.draft()
    const room = (await meeting.server.drafts.open(draft)).room
    await post(secretary, draft, file)
    const open = await sweden.call("changes", { draft })
    const clause = open.find((change) => change.kind === "new clause")!
    const line = await sweden.socket(draft, (await sweden.join(draft)).clientId).ready()
    line.close()
    const thread = await sweden.call(
      "comment",
      { draft },
      { anchor: { on: "change", block: clause.block, change: clause.id }, text: "whose?" },
    )
    const before = workingTextOf(blocksOf(room.main)).map(textOf)
    const seen = open.map(({ id, hash }) => ({ id, hash }))
    expect((await sweden.call("attribute", { draft }, { source: "S", changes: seen })).status).toBe(403)
    expect((await secretary.call("attribute", { draft }, { source: "ZZ", changes: seen })).status).toBe(400)
    const { attributed } = await secretary.call("attribute", { draft }, { source: "EUR", changes: seen })
    expect(attributed).toHaveLength(4)
    const after = await sweden.call("changes", { draft })
    expect(
      after.map(({ id, source, kind, inserted, deleted, enteredBy, at }) => [id, source, kind, inserted, deleted, enteredBy, at]),
    ).toEqual(open.map(({ kind, inserted, deleted, enteredBy, at }, i) => [after[i]!.id, "EUR", kind, inserted, deleted, enteredBy, at]))
    expect(new Set(after.map((change) => change.id))).toEqual(new Set(attributed))
    const found = threadsOf(room.main).find((other) => other.id === thread.id)!
    expect(found.anchor).toMatchObject({ on: "change", change: after.find((change) => change.kind === "new clause")!.id })
    expect(workingTextOf(blocksOf(room.main)).map(textOf)).toEqual(before)
    expect(signatureHolds(room)).toBe(true)
    expect(
      (await secretary.call("attribute", { draft }, { source: "S", changes: after.map(({ id, hash }) => ({ id, hash })) })).status,
    ).toBe(409)
    const register = await secretary.call("register", { draft })
    expect(register.map((entry) => entry.act).slice(-2)).toEqual(["comment", "attribute"])
  })

  const whole = (change: (text: string) => string): Uint8Array =>
    new TextEncoder().encode(change(`${text}instructs the Secretary-General\nto report to the Council.\n`))

  it("[ONTO5] a file that tracks nothing is compared where one asks for it: what differs from the text in force becomes its delegation's changes", async () => {
    const draft = await meeting.draft()
    const clean = whole((own) => own.replace("a lamp at", "two lamps at").replace("b)\tthat lamps fail in storms,\n", ""))
    const looked = await post(secretary, draft, clean, { preview: "true", compare: "true" })
    expect(looked.body).toMatchObject({
      authors: [{ name: "", changes: 2, comments: 0, suggested: null }],
      differences: [],
      offered: [],
    })
    expect(await sweden.call("changes", { draft })).toEqual([])
    expect(await post(sweden, draft, clean, { compare: "true" }), "nobody's changes are not a delegate's to bring").toMatchObject({
      status: 403,
    })
    expect((await post(sweden, draft, clean, { compare: "true", authors: '{"": "S"}' })).status).toBe(201)
    const changes = await sweden.call("changes", { draft })
    expect(changes.map(({ source, kind, deleted, inserted }) => [source, kind, deleted, inserted])).toEqual([
      ["S", "clause deletion", "that lamps fail in storms,", ""],
      ["S", "replacement", "a lamp", "two lamps"],
    ])
  })

  const noted = whole((own) => `${own.replace("a lamp at", "a lamp and a bell[footnoteRef:1]1 at")}[1: Of bronze. ]\n`)
  const notesOf = async (draft: string): Promise<unknown[]> => {
    const { body } = await secretary.request("GET", `${apiRoot}/drafts/${draft}/export?format=json`)
    return (body as FileDraft).notes.map(({ label, text: own, block }) => [label, own, block !== null])
  }

  it("[ONTO6] a footnote of inserted words comes with them, is part of their change, and goes with them", async () => {
    for (const verdict of ["accept", "notRetain"] as const) {
      const draft = await meeting.draft()
      const { body } = await post(secretary, draft, noted, { compare: "true", authors: '{"": "S"}' })
      expect(body).toMatchObject({ left: [] })
      const [change, ...others] = await sweden.call("changes", { draft })
      expect(others).toEqual([])
      expect(change).toMatchObject({
        kind: "insertion",
        source: "S",
        inserted: "and a bell\ufffc  … Of bronze.",
        newBlocks: [expect.any(String)],
      })
      expect(await notesOf(draft)).toEqual([["1", "Of bronze.", true]])
      const { main } = (await meeting.server.drafts.open(draft)).room
      expect(
        workingTextOf(blocksOf(main)).some((block) => block.type === "note"),
        "proposed, not agreed",
      ).toBe(false)
      const word = readFile((await exported(draft)).bytes)
      expect(word.notes.map(({ text: own }) => own)).toEqual(["Of bronze."])
      expect(word.changes.map(({ text: own }) => own)).toEqual(["and a bell\ufffc ", "Of bronze."])
      const chair = await meeting.guest("chair")
      expect(await chair.call("decide", { draft }, { verdict, changes: [{ id: change!.id, hash: change!.hash }] })).toMatchObject({
        decided: [change!.id],
      })
      expect(await notesOf(draft)).toEqual(verdict === "accept" ? [["1", "Of bronze.", true]] : [])
      expect(
        blocksOf(main)
          .filter((block) => block.type === "note")
          .map((block) => block.insertedBy),
      ).toEqual(verdict === "accept" ? [null] : [])
    }
  })

  it("[ONTO6] footnotes are numbered by their calls; one that two sources have put in stays where the other's goes", async () => {
    const draft = await meeting.draft()
    await post(secretary, draft, noted, { compare: "true", authors: '{"": "S"}' })
    const [bell] = await sweden.call("changes", { draft })
    const earlier = whole((own) => `${own.replace("by night;", "by night[footnoteRef:1]1;")}[1: Or in fog. ]\n`)
    await post(secretary, draft, earlier, { compare: "true", authors: '{"": "B"}' })
    expect(await notesOf(draft)).toEqual([
      ["1", "Or in fog.", true],
      ["2", "Of bronze.", true],
    ])
    const chair = await meeting.guest("chair")
    await chair.call("decide", { draft }, { verdict: "notRetain", changes: [{ id: bell!.id, hash: bell!.hash }] })
    expect(await notesOf(draft)).toEqual([["1", "Or in fog.", true]])
  })

  it("[ONTO7] in a clause that one adds, what another put in and struck stays the other's", async () => {
    const draft = await meeting.draft()
    const body = `${heading}${p(words("1\tto keep a lamp at every mole;"))}${p(
      `${ins("Ann Ek", "2\tto paint ")}${ins("Bo Li", "and to oil ")}${ins("Ann Ek", "them ")}<w:ins ${by("Ann Ek")}>${del("Bo Li", "in green")}</w:ins>${ins("Ann Ek", ";")}`,
      { mark: `<w:ins ${by("Ann Ek")}/>` },
    )}${p(words("3\tto count the lamps each year,"))}`
    expect((await post(secretary, draft, wordFile({ body }), { authors: '{"Ann Ek": "S", "Bo Li": "B"}' })).status).toBe(201)
    const changes = await sweden.call("changes", { draft })
    expect(changes.map(({ source, kind, inserted, deleted }) => [source, kind, inserted, deleted])).toEqual([
      ["S", "new clause", "to paint them in green;", ""],
      ["B", "insertion", "and to oil ", ""],
      ["B", "deletion", "", "in green"],
    ])
    const chair = await meeting.guest("chair")
    const [ours, ...theirs] = changes
    await chair.call("decide", { draft }, { verdict: "notRetain", changes: theirs.map(({ id, hash }) => ({ id, hash })) })
    const fresh = (await sweden.call("changes", { draft }))[0]!
    await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: ours!.id, hash: fresh.hash }] })
    const { main } = (await meeting.server.drafts.open(draft)).room
    expect(workingTextOf(blocksOf(main)).map(textOf)).toContain("to paint them in green;")
  })

  it("[ONTO2] what stands in words that are left out is left out too, and told", async () => {
    const draft = await meeting.draft()
    const lost: FileDraft = {
      ...draftOf(text),
      blocks: [{ id: "x", type: "clause", level: 1, text: "that whales sing in the deep of every harbour, and that new words follow" }],
      changes: [
        {
          id: "a",
          kind: "insertion",
          source: "S",
          enteredBy: null,
          date: null,
          block: "x",
          text: " and that new words follow",
          segments: [{ block: "x", kind: "insertion", from: 46, to: 72 }],
        },
        {
          id: "b",
          kind: "deletion",
          source: "B",
          enteredBy: null,
          date: null,
          block: "x",
          text: "new",
          segments: [{ block: "x", kind: "deletion", from: 56, to: 59 }],
        },
      ],
    }
    const { body } = await post(secretary, draft, new TextEncoder().encode(JSON.stringify(lost)))
    expect(body).toMatchObject({
      changes: [],
      left: [{ why: expect.stringMatching(/not in this draft/) }, { why: expect.stringMatching(/not in this draft/) }],
    })
  })

  it("[ONTO5] of a flattened file deletions are offered; those that are confirmed are made, and no longer where the text has changed", async () => {
    const draft = await meeting.draft()
    const flat = whole((own) =>
      own.replace("(Geneva, 2024)", "(GenevaNairobi, 20242026)").replace("fail in", "often fail in").replace("each year", "each yearmonth"),
    )
    const query = { compare: "true", authors: '{"": "S"}' }
    const { body } = (await post(secretary, draft, flat, { preview: "true", ...query })) as {
      body: { offered: { id: string; text: string; by: string; address: string }[] }
    }
    expect(body.offered.map(({ text: own, by: instead }) => [own, instead])).toEqual([
      ["Geneva", "Nairobi"],
      ["2024", "2026"],
      ["year", "month"],
    ])
    expect(body.offered[2]!.address).toBe("resolves 2")
    expect(await post(secretary, draft, flat, { ...query, confirmed: "0123456789ab" })).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/Look at it again/) },
    })
    const ids = body.offered.filter(({ text: own }) => own !== "2024").map(({ id }) => id)
    expect((await post(secretary, draft, flat, { ...query, confirmed: ids.join(",") })).status).toBe(201)
    const changes = await sweden.call("changes", { draft })
    expect(changes.map(({ source, deleted, inserted }) => [source, deleted, inserted])).toEqual([
      ["S", "Geneva", "Nairobi … 2026"],
      ["S", "", "often "],
      ["S", "year", "month"],
    ])
  })

  it("[ONTO3] bad tables, files without changes and hostile files are told in a sentence, and change nothing", async () => {
    const draft = await meeting.draft()
    expect(await post(secretary, draft, file, { authors: "{" })).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/not JSON/) },
    })
    expect(await post(secretary, draft, file, { authors: '{"Ann Ek": "not a source"}' })).toMatchObject({ status: 400 })
    expect(await post(secretary, draft, wordFile({ body: p(words("clean")) }))).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/no tracked changes/) },
    })
    expect(await post(secretary, draft, file.slice(0, 200))).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/damaged/) },
    })
    expect(await sweden.call("changes", { draft })).toEqual([])
  })

  it("[PAPER1] every form in every view is given as a file, with a name and a type of its own", async () => {
    const draft = await meeting.draft()
    await post(secretary, draft, file, { authors: JSON.stringify({ "Ann Ek": "S", "Bo Li": "EUR" }) })
    for (const format of ["docx", "html", "akn", "json", "txt"] as const)
      for (const view of ["force", "working", "proposed", "open", "against", "rolling"]) {
        const { status, type } = await sweden.request("GET", `${apiRoot}/drafts/${draft}/export?format=${format}&view=${view}`)
        expect([status, type.split(";")[0]], `${format} ${view}`).toEqual([
          200,
          {
            docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            html: "text/html",
            akn: "application/akn+xml",
            json: "application/json",
            txt: "text/plain",
          }[format],
        ])
      }
  })
})

describe("the public page", () => {
  it("[PAPER3] is there only where the secretariat opened it, without comments, scripts and sign-in; closed, it is gone", async () => {
    const meeting = await Meeting.open()
    const secretary = await meeting.guest("secretary")
    const sweden = await meeting.guest("delegate", ["S"])
    const draft = await meeting.draft()
    const block = blocksOf((await meeting.server.drafts.open(draft)).room.main).find((other) => other.type === "clause")!.id
    await sweden.call("comment", { draft }, { anchor: { on: "clause", block }, text: "for the meeting only" })
    const page = (): Promise<Response> => fetch(`${meeting.url}/public/${draft}`)
    expect((await page()).status).toBe(404)
    expect((await sweden.call("openToPublic", { draft }, { view: "working" })).status).toBe(403)
    expect((await page()).status).toBe(404)
    await secretary.call("openToPublic", { draft }, { view: "open" })
    const open = await page()
    const html = await open.text()
    expect([open.status, open.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"])
    expect(open.headers.get("content-security-policy")).toMatch(/default-src 'none'/)
    expect(html).toContain("that ships arrive by night;")
    expect(html).not.toContain("for the meeting only")
    expect(html).not.toContain("<script")
    await secretary.call("openToPublic", { draft }, { view: "working" })
    expect(await (await page()).text(), "another view is shown at once").toContain("Working text")
    await secretary.call("openToPublic", { draft }, { view: null })
    expect((await page()).status).toBe(404)
    expect((await fetch(`${meeting.url}/public/nothing`)).status).toBe(404)
    await meeting.stop()
  })
})

/** What the shadow and the committed document hold is the same. */
function signatureHolds(room: { gate: { shadow: Parameters<typeof blocksOf>[0] }; main: Parameters<typeof blocksOf>[0] }): boolean {
  return JSON.stringify(blocksOf(room.gate.shadow)) === JSON.stringify(blocksOf(room.main))
}

describe("HTML", () => {
  it("[PAPER2] what people wrote is text, never markup; ins and del say who and when; comments and footnotes are at the end", async () => {
    const draft = readFile(
      wordFile({
        body: p(
          `${words("a &lt;script&gt; &amp; ")}${ins("Eve&quot;&gt;", "&lt;img src=x onerror=1&gt;")}<w:r><w:footnoteReference w:id="1"/></w:r><w:r><w:commentReference w:id="1"/></w:r>`,
        ),
        footnotes: `<w:footnote w:id="1"><w:p>${words("&lt;b&gt;note")}</w:p></w:footnote>`,
        comments: `<w:comment ${by("Bob")}><w:p>${words("&lt;i&gt;why")}</w:p></w:comment>`,
      }),
    )
    const html = new TextDecoder().decode(await writePaper(printableOf(draft), { format: "html", ...options }))
    const body = html.slice(html.indexOf("<body>"))
    for (const tag of ["<script", "<img", "<b>note", "<i>why", 'Eve">']) expect(body).not.toContain(tag)
    expect(body).toMatch(/<ins datetime="2026-03-01T10:00:00Z"[^>]*>&lt;img/)
    expect(body).toContain("&lt;b&gt;note")
    expect(body).toContain("&lt;i&gt;why")
    expect(html).not.toMatch(/https?:\/\//)
  })
})
