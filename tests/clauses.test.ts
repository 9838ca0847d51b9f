import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { rootOf } from "../shared/clauses/additions.ts"
import { annexNamed } from "../shared/clauses/annexes.ts"
import { bracketsIn, countBrackets } from "../shared/clauses/brackets.ts"
import { leadWords, nearestHead, partOfHead, spokenHead } from "../shared/clauses/heads.ts"
import { addressesOf, computedLabels, labelsOf, letterOf, outlineOf, withRenumbered } from "../shared/clauses/labels.ts"
import { type Block, defaultAttrs, type Part } from "../shared/schema/block.ts"

const block = (id: string, type: Block["type"], parts: Partial<Block> = {}, text = "words"): Block => ({
  ...defaultAttrs,
  id,
  type,
  runs: [{ text, marks: [] }],
  structure: [],
  ...parts,
})
const head = (text: string, part: Part): Block => block(`h-${text}`, "head", { part, origin: `h-${text}` }, text)
const clause = (id: string, level = 1, parts: Partial<Block> = {}): Block => block(id, "clause", { level, origin: id, ...parts })
const list = (labels: ReadonlyMap<string, string>): string[] => [...labels.values()]

describe("labels", () => {
  it("[NUM1] ITU: letters under each preambular head, numbers under each operative head", () => {
    const blocks = [
      head("recalling", "preamble"),
      clause("a"),
      clause("b"),
      head("noting", "preamble"),
      clause("c"),
      clause("d"),
      head("resolves", "operative"),
      clause("e"),
      clause("f"),
    ]
    expect(list(computedLabels(blocks, "itu"))).toEqual(["a)", "b)", "a)", "b)", "1", "2"])
  })
  it("[NUM2] ITU: a lone clause has no label; sub-clauses are 1.1, then i)", () => {
    const blocks = [
      head("noting", "preamble"),
      clause("a"),
      head("resolves", "operative"),
      clause("b"),
      clause("c", 2),
      clause("d", 3),
      clause("e", 3),
      clause("f", 2),
      clause("g"),
    ]
    expect(list(computedLabels(blocks, "itu"))).toEqual(["", "1", "1.1", "i)", "ii)", "1.2", "2"])
  })
  it("[NUM2] a quotation or a paragraph between clauses moves no label", () => {
    const blocks = [head("noting", "preamble"), clause("a"), block("q", "quote"), clause("b")]
    expect(list(computedLabels(blocks, "itu"))).toEqual(["a)", "b)"])
  })
  it("[NUM3] UN: numbers run through the operative part; after z) comes aa)", () => {
    expect(list(computedLabels([clause("a"), clause("b", 2), clause("c", 2), clause("d")], "un"))).toEqual(["1.", "(a)", "(b)", "2."])
    expect([1, 26, 27, 52, 53].map(letterOf)).toEqual(["a", "z", "aa", "zz", "aaa"])
  })
  const frozen = { a: "1", b: "2", c: "3" }
  it("[NUM4] a clause added under frozen numbering is labelled after its predecessor and moves no other label", () => {
    const blocks = [head("resolves", "operative"), clause("a"), clause("b"), clause("n1"), clause("n2"), clause("c"), clause("n3")]
    expect(list(labelsOf(blocks, "itu", frozen))).toEqual(["1", "2", "2 bis", "2 ter", "3", "3 bis"])
  })
  it("[NUM5] an accepted addition keeps its label; later ones go around it", () => {
    const blocks = [head("resolves", "operative"), clause("a"), clause("b"), clause("x"), clause("n"), clause("c")]
    expect(list(labelsOf(blocks, "itu", { ...frozen, x: "2 bis" }))).toEqual(["1", "2", "2 bis", "2 ter", "3"])
  })
  it("[NUM10] a proposed clause that holds nothing has no label, takes none, and is not in the outline", () => {
    const added = (id: string, parts: Partial<Block> = {}): Block =>
      clause(id, 1, { origin: null, insertedBy: "S", insertedId: "S.1.1", ...parts })
    const blocks = [head("resolves", "operative"), clause("a"), added("gone", { runs: [] }), added("new"), clause("b")]
    const labels = labelsOf(blocks, "itu", { a: "1", b: "2" })
    expect(Object.fromEntries(labels)).toEqual({ a: "1", new: "1 bis", b: "2" })
    expect(outlineOf(blocks).flatMap(({ clauses }) => clauses.map(({ id }) => id))).toEqual(["a", "new", "b"])
    expect(addressesOf(blocks, labels).get("gone")).toBe("resolves 1")
  })
  it("[NUM6] before the first, after a lone clause, among letters, below a clause", () => {
    expect(list(labelsOf([head("r", "operative"), clause("n"), clause("a"), clause("b")], "itu", { a: "1", b: "2" }))).toEqual([
      "0",
      "1",
      "2",
    ])
    expect(list(labelsOf([head("r", "preamble"), clause("n"), clause("a"), clause("b")], "itu", { a: "a)", b: "b)" }))).toEqual([
      "ante a)",
      "a)",
      "b)",
    ])
    expect(list(labelsOf([head("r", "operative"), clause("a"), clause("n")], "itu", { a: "" }))).toEqual(["", "2"])
    expect(list(labelsOf([head("r", "preamble"), clause("a"), clause("b"), clause("n")], "itu", { a: "a)", b: "b)" }))).toEqual([
      "a)",
      "b)",
      "b bis)",
    ])
    expect(list(labelsOf([head("r", "operative"), clause("a"), clause("n", 2), clause("b")], "itu", { a: "1", b: "2" }))).toEqual([
      "1",
      "1.1",
      "2",
    ])
    const below = [head("r", "operative"), clause("a"), clause("n", 1, { origin: null }), clause("m", 2, { origin: null }), clause("b")]
    expect(list(labelsOf(below, "itu", { a: "1", b: "2" }))).toEqual(["1", "1 bis", "1 bis.1", "2"])
  })
  const resolves = head("resolves", "operative")
  const behind = (own: Record<string, string>, ids: readonly string[], part: Part = "operative"): string[] =>
    list(labelsOf([head("h", part), ...ids.map((id) => clause(id, 1, id in own ? {} : { origin: null }))], "itu", own))
  it.each([
    ["digits", { a: "2", b: "3" }, ["2", "2 bis", "2 ter", "3"]],
    ["glued", { a: "2", b: "3bis" }, ["2", "2bis", "2ter", "3bis"]],
    ["behind the sign", { a: "b)", b: "c)bis" }, ["b)", "b)bis", "b)ter", "c)bis"]],
    ["behind the sign, with a blank", { a: "b)", b: "c) bis" }, ["b)", "b) bis", "b) ter", "c) bis"]],
    ["within the sign", { a: "(b)", b: "(c bis)" }, ["(b)", "(b bis)", "(b ter)", "(c bis)"]],
    ["glued within the sign", { a: "b)", b: "cbis)" }, ["b)", "bbis)", "bter)", "cbis)"]],
    ["numbers as letters do, but for the sign", { a: "2", b: "c)bis" }, ["2", "2bis", "2ter", "c)bis"]],
    ["the most, where a text has two", { a: "1", b: "1bis", c: "2bis", d: "3 ter" }, ["1", "1ter", "1quater", "1bis", "2bis", "3 ter"]],
    ["its own", { a: "2 ter", b: "3bis" }, ["2 ter", "2 quater", "2 quinquies", "3bis"]],
    ["full stops", { a: "2.", b: "3." }, ["2.", "2 bis.", "2 ter.", "3."]],
    ["of a number with an addition within", { a: "1bis.1", b: "1bis.2" }, ["1bis.1", "1bis.1 bis", "1bis.1 ter", "1bis.2"]],
    ["Arabic letters", { a: "أ )", b: "ب)" }, ["أ )", "أ مكرراً )", "أ مكرراً ثانياً )", "ب)"]],
    ["Chinese signs", { a: "㈠", b: "㈡" }, ["㈠", "㈠之二", "㈠之三", "㈡"]],
    ["dashes say nothing", { a: "–", b: "–" }, ["–", "–", "–", "–"]],
  ] as const)("[NUM8] an addition is spelled as the text spells others: %s", (_, own, expected) => {
    const [first, ...rest] = Object.keys(own)
    expect(behind(own, [first!, "n1", "n2", ...rest])).toEqual(expected)
  })
  it("[NUM8] there is an addition for every number, and no two are alike", () => {
    const ids = Array.from({ length: 2_500 }, (_, i) => `n${i}`)
    const labels = behind({ a: "2", b: "3" }, ["a", ...ids, "b"])
    expect(labels.slice(0, 8)).toEqual(["2", "2 bis", "2 ter", "2 quater", "2 quinquies", "2 sexies", "2 septies", "2 octies"])
    expect(new Set(labels).size).toBe(labels.length)
    for (const label of labels.slice(1, -1)) expect(rootOf(label), label).toBe("2")
  })
  it("[NUM8] what is added behind an addition goes on from it, also where those before it are missing", () =>
    expect(behind({ a: "2", b: "2 ter", c: "3" }, ["a", "b", "n1", "c"])).toEqual(["2", "2 ter", "2 quater", "3"]))
  it("[NUM8] no label is computed where the text has others: lone, skipping, repeated, none", () => {
    const own = { a: "a)", b: "d)", c: "d)", d: "", e: "1.4" }
    expect(behind(own, Object.keys(own), "preamble")).toEqual(Object.values(own))
    expect(behind({ a: "a)" }, ["a"], "preamble")).toEqual(["a)"])
    expect(behind({ a: "", b: "" }, ["a", "n", "b"])).toEqual(["", "", ""])
  })
  it("[NUM8] under a head that was added clauses are counted, and keep their numbers when some are accepted", () => {
    const added = (id: string): Block => clause(id, 1, { origin: null })
    const blocks = [
      resolves,
      clause("a"),
      clause("b"),
      { ...head("invites", "operative"), origin: null },
      added("x"),
      added("y"),
      added("z"),
    ]
    expect(list(labelsOf(blocks, "itu", { a: "1", b: "2" }))).toEqual(["1", "2", "1", "2", "3"])
    expect(list(labelsOf(blocks, "itu", { a: "1", b: "2", y: "2" }))).toEqual(["1", "2", "1", "2", "3"])
  })
  it("[NUM6] before what does not begin at one", () => {
    expect(behind({ a: "4", b: "7" }, ["n", "a", "b"])).toEqual(["ante 4", "4", "7"])
    expect(behind({ a: "1", b: "2" }, ["n1", "n2", "a", "b"])).toEqual(["0", "0 bis", "1", "2"])
  })
  it("[NUM9] a renumbering that a file proposes moves no label in force", () => {
    const frozen = { a: "4", b: "7" }
    const renumbered = { a: { id: "S.1.1", source: "S", now: "6" } }
    expect(withRenumbered(frozen, renumbered)).toEqual({ a: "6", b: "7" })
    expect(withRenumbered(frozen, {})).toBe(frozen)
  })
  it("[NUM4] for any text and any additions, frozen labels stay and no two clauses of a head share one", () => {
    const section = fc.record({
      part: fc.constantFrom<Part>("preamble", "operative"),
      levels: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 2, maxLength: 8 }),
      added: fc.array(fc.nat(8), { maxLength: 4 }),
    })
    fc.assert(
      fc.property(fc.array(section, { minLength: 1, maxLength: 4 }), (sections) => {
        const base: Block[] = []
        const grown: Block[] = []
        sections.forEach(({ part, levels, added }, s) => {
          const clauses = levels.map((level, i) => clause(`${s}-${i}`, i === 0 ? 1 : level))
          base.push(head(`${s}`, part), ...clauses)
          const all = [...clauses]
          for (const [n, at] of added.entries()) all.splice(Math.min(at, all.length), 0, clause(`${s}-new-${n}`))
          grown.push(head(`${s}`, part), ...all)
        })
        const frozenLabels = Object.fromEntries(computedLabels(base, "itu"))
        const labels = labelsOf(grown, "itu", frozenLabels)
        for (const [id, label] of Object.entries(frozenLabels)) expect(labels.get(id)).toBe(label)
        for (const { clauses } of outlineOf(grown)) {
          const own = clauses
            .filter((part) => part.level === 1)
            .map((part) => labels.get(part.id))
            .filter(Boolean)
          expect(new Set(own).size).toBe(own.length)
        }
      }),
    )
  })
  it("[NUM7] addresses are said as the room says them", () => {
    const blocks = [
      block("d", "designation"),
      head("recalling", "preamble"),
      clause("a"),
      clause("b"),
      block("q", "quote"),
      head("resolves", "operative"),
      clause("c"),
      clause("c1", 2),
      head("instructs the Director of the Telecommunication Development Bureau", "operative"),
      clause("e"),
      clause("f"),
      { ...head("resolves", "operative"), id: "h-again" },
      clause("g"),
    ]
    const addresses = addressesOf(blocks, computedLabels(blocks, "itu"))
    expect([...addresses.values()]).toEqual([
      "the designation",
      'head "recalling"',
      "recalling a)",
      "recalling b)",
      "quotation after recalling b)",
      'head "resolves"',
      "resolves",
      "resolves 1.1",
      'head "instructs the Director of BDT"',
      "instructs the Director of BDT 1",
      "instructs the Director of BDT 2",
      'head "resolves (2)"',
      "resolves (2)",
    ])
  })

  const worded = (id: string, text: string): Block => block(id, "heading", {}, text)
  it("[NUM7] what stands in an annex is named by it, not by the last head of the resolution", () => {
    const blocks = [
      head("invites Member States", "operative"),
      clause("a"),
      worded("x1", "ANNEX 1 TO RESOLUTION 130"),
      worded("x1t", "Terms of reference of the group"),
      clause("b"),
      block("p", "paragraph"),
      worded("s", "Part A"),
      clause("c"),
      worded("x2", "Annex 2"),
      { ...head("resolves", "operative"), id: "h1" },
      clause("d"),
      clause("e"),
      worded("x3", "ANNEX 2"),
      { ...head("resolves", "operative"), id: "h2" },
      clause("f"),
    ]
    const labels = new Map([
      ["a", ""],
      ["b", "A.1"],
      ["c", "A.1"],
      ["d", "1"],
      ["e", "2"],
      ["f", ""],
    ])
    expect([...addressesOf(blocks, labels)]).toEqual([
      ["h-invites Member States", 'head "invites Member States"'],
      ["a", "invites Member States"],
      ["x1", 'heading "ANNEX 1"'],
      ["x1t", 'heading "Terms of reference of the group"'],
      ["b", "ANNEX 1, A.1"],
      ["p", "paragraph after ANNEX 1, A.1"],
      ["s", 'heading "Part A"'],
      ["c", "ANNEX 1, Part A, A.1"],
      ["x2", 'heading "Annex 2"'],
      ["h1", 'Annex 2, head "resolves"'],
      ["d", "Annex 2, resolves 1"],
      ["e", "Annex 2, resolves 2"],
      ["x3", 'heading "ANNEX 2 (2)"'],
      ["h2", 'ANNEX 2 (2), head "resolves"'],
      ["f", "ANNEX 2 (2), resolves"],
    ])
    expect(outlineOf(blocks).map(({ head: own, clauses }) => [own?.id, clauses.map(({ id }) => id)])).toEqual([
      ["h-invites Member States", ["a"]],
      ["x1", []],
      ["x1t", ["b"]],
      ["s", ["c"]],
      ["x2", []],
      ["h1", ["d", "e"]],
      ["x3", []],
      ["h2", ["f"]],
    ])
  })
  it.each([
    ["ANNEX 1 (to Resolution 2)", "ANNEX 1"],
    ["Annex", "Annex"],
    ["APPENDIX B – Rates", "APPENDIX B"],
    ["ANNEXE À LA RÉSOLUTION 25", "ANNEXE"],
    ["ANEXO A LA RESOLUCIÓN 25", "ANEXO"],
    ["ANEXO 3 A LA RESOLUCIÓN 25", "ANEXO 3"],
    ["ПРИЛОЖЕНИЕ 1 К РЕЗОЛЮЦИИ 2", "ПРИЛОЖЕНИЕ 1"],
    ["الملحق ١ بالقرار ٢", "الملحق ١"],
    ["附件1", "附件1"],
    ["附件一", "附件一"],
    ["Annexation of lamps", null],
    ["Part A", null],
  ] as const)("[NUM7] an annex is known by its word: %s", (text, name) => expect(annexNamed(text)).toBe(name))
})

describe("square brackets", () => {
  const inside = (text: string): string[] => bracketsIn(text).map(({ from, to }) => text.slice(from, to))
  it("[BRK1] passages in them are told, one in another too; an omission is none, nor is a bracket without its other end", () => {
    expect(inside("to meet [each year] [or [at least] twice],")).toEqual(["[each year]", "[or [at least] twice]", "[at least]"])
    expect(inside("“whereas […] the lamps [ ... ] burn [...] on”")).toEqual([])
    expect(inside("] to [meet")).toEqual([])
    expect(inside("[]")).toEqual(["[]"])
    expect(countBrackets("to meet [each year] [or [at least] twice],")).toBe(2)
  })
  it("[BRK1] brackets forty thousand deep are told eight deep, at once, and the outline counts one", () => {
    const deep = `${"[".repeat(40_000)}x${"]".repeat(40_000)} [y]`
    expect(bracketsIn(deep)).toHaveLength(9)
    expect(bracketsIn(deep).at(-1)).toEqual({ from: 80_002, to: 80_005 })
    expect(countBrackets(deep)).toBe(2)
    expect(JSON.stringify(inside(deep)).length).toBeLessThan(9 * deep.length)
  })
})

describe("heads", () => {
  it.each([
    ["recalling further", "preamble"],
    ["further resolves", "operative"],
    ["instructs the Director of the Radiocommunication Bureau", "operative"],
    ["Recognizing", "preamble"],
    ["وإذ تذكّر", "preamble"],
    ["يقرر", "operative"],
    ["the Council", null],
    ["recallings", null],
  ] as const)("[HEAD1] %s -> %s", (text, part) => expect(partOfHead(text)).toBe(part))
  it("[HEAD2] a misspelt head is near a known one", () =>
    expect(nearestHead("recgnizing")).toEqual({ head: "recognizing", part: "preamble" }))
  it("[HEAD3] lead words of UN paragraphs", () => {
    expect(leadWords("Noting with concern that stars fade")).toBe("Noting with concern")
    expect(leadWords("Decides to remain seized")).toBe("Decides")
    expect(leadWords("The stars fade")).toBeNull()
  })
  it("[HEAD4] bodies are said short", () => expect(spokenHead("requests the Radiocommunication Advisory Group,")).toBe("requests RAG"))
})
