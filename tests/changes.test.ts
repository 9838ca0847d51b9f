import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { asProposed } from "../shared/changes/as-proposed.ts"
import { changesIn, describeChange } from "../shared/changes/changes.ts"
import { acceptedIn, compareWords, kinOf } from "../shared/changes/compare.ts"
import type { Verdict } from "../shared/changes/effects.ts"
import { proposedTextOf, textBySource, workingTextOf } from "../shared/changes/projections.ts"
import { differing, resolved, supersededBy } from "../shared/changes/resolve.ts"
import { byIdOf } from "../shared/changes/restructure.ts"
import { changeHash, sightOf } from "../shared/changes/sight.ts"
import { addressesOf } from "../shared/clauses/labels.ts"
import { noteNumbers } from "../shared/clauses/notes.ts"
import { anchorCharacter, type Block, defaultAttrs, type Mark, textOf } from "../shared/schema/block.ts"
import { keyOf, markId, parseKey, parseMarkId } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { run } from "./build.ts"

const ins = (source: string, n: number, within: readonly string[] = []): Mark =>
  newMark("insertion", { id: `${source}.1.${n}`, source, within })
const del = (source: string, n: number, over: readonly string[] = []): Mark => newMark("deletion", { id: `${source}.1.${n}`, source, over })
const block = (...runs: Block["runs"]): Block => ({ ...defaultAttrs, id: "c", type: "clause", runs, structure: [] })
const text = (blocks: readonly Block[]): string => blocks.map(textOf).join("|")
const decide = (blocks: readonly Block[], ...verdicts: [string, Verdict][]): Block[] => resolved(blocks, new Map(verdicts))

const host = ins("A", 1)
const inner = ins("B", 2, ["A.1.1"])
const objection = del("C", 3, ["A.1.1"])
const strike = del("B", 4)
const scene = [block(run("be "), run("he", host), run("re", host, inner), run("by", host, objection), run(" done", strike))]

describe("projections", () => {
  it("[TRK7] working text, as proposed, and by source", () => {
    expect(text(workingTextOf(scene))).toBe("be  done")
    expect(text(proposedTextOf(scene))).toBe("be here")
    expect(text(textBySource(scene, "A"))).toBe("be heby done")
    expect(text(textBySource(scene, "B"))).toBe("be ")
  })
  it("[TRK2] a deletion that somebody typed inside is inert on his words", () => {
    const typedInside = [block(run("old", strike), run("new", strike, ins("A", 9)), run("er", strike))]
    expect(text(proposedTextOf(typedInside))).toBe("new")
    expect(text(decide(typedInside, ["B.1.4", "accept"]))).toBe("new")
  })
  it("[TRK7] as proposed, and by source, a clause of which no word is left is none, as once that is accepted", () => {
    const at = (id: string, ...runs: Block["runs"]): Block => ({ ...block(...runs), id })
    const behind = at("behind", run("to go"))
    for (const emptied of [
      [at("c", run("to stay", strike)), behind],
      [at("c", run("to ", strike), run("stay", del("C", 3))), behind],
      [at("c", run("to stay", strike), run("wait", ins("C", 3), del("D", 5, ["C.1.3"]))), behind],
    ]) {
      const all = changesIn(emptied).map(({ id }): [string, Verdict] => [id, "accept"])
      expect(proposedTextOf(emptied).map(({ id }) => id)).toEqual(["behind"])
      expect(decide(emptied, ...all).map(({ id }) => id)).toEqual(["behind"])
    }
    const alone = [at("c", run("to stay", strike)), behind]
    expect(textBySource(alone, "B").map(({ id }) => id)).toEqual(["behind"])
    expect(textBySource(alone, "A").map(({ id }) => id)).toEqual(["c", "behind"])
    // Nobody has emptied what was empty.
    expect(proposedTextOf([at("c"), behind]).map(({ id }) => id)).toEqual(["c", "behind"])
    expect(proposedTextOf([{ ...at("c", run("On lamps", strike)), type: "title" as const }, behind]).map(({ id }) => id)).toEqual([
      "c",
      "behind",
    ])
  })
})

describe("resolve", () => {
  it("[RES1] inner changes wait for their host", () => expect(text(decide(scene, ["B.1.2", "accept"]))).toBe(text(scene)))
  it("[CHG1] a change that its source wrote within itself stands inside the others' alone", () => {
    const first = ins("A", 1, ["B.1.2"])
    const second = newMark("insertion", { id: "A.1.5", of: "A.1.1", source: "A", within: ["B.1.2", "A.1.1"] })
    const third = newMark("insertion", { id: "A.1.6", of: "A.1.1", source: "A", within: ["A.1.5"] })
    const around = ins("B", 2)
    const blocks = [block(run("be", around), run(" he", around, first), run("re", around, first, second), run("by", second, third))]
    expect(changesIn(blocks).map(({ id, inside }) => [id, inside])).toEqual([
      ["B.1.2", []],
      ["A.1.1", ["B.1.2"]],
    ])
    expect(changesIn(blocks, new Set(["A.1.1"])).map(({ inside }) => inside)).toEqual([["B.1.2"]])
  })
  it("[RES1] accepting the host leaves what is inside open", () => {
    const after = decide(scene, ["A.1.1", "accept"])
    expect(changesIn(after).map((change) => change.id)).toEqual(["B.1.2", "C.1.3", "B.1.4"])
  })
  it("[RES2] not retaining the host ends what is inside", () => expect(text(decide(scene, ["A.1.1", "notRetain"]))).toBe("be  done"))
  it("[RES3] withdrawing the host leaves what others put inside", () =>
    expect(text(decide(scene, ["A.1.1", "withdraw"]))).toBe("be re done"))
  it("[RES5] accepting a deletion removes agreed words; not retaining it keeps them", () => {
    expect(text(decide(scene, ["B.1.4", "accept"]))).toBe("be hereby")
    expect(changesIn(decide(scene, ["B.1.4", "notRetain"]))).toHaveLength(3)
  })

  const ids = ["A.1.1", "B.1.2", "C.1.3", "B.1.4"]
  const orders = (list: readonly string[]): string[][] =>
    list.length < 2 ? [[...list]] : list.flatMap((id) => orders(list.filter((other) => other !== id)).map((rest) => [id, ...rest]))
  const verdicts: readonly Verdict[] = ["accept", "notRetain"]
  for (let code = 0; code < 16; code++)
    it(`[RES6] every order of the same verdicts gives the same text: ${ids.map((_, i) => verdicts[(code >> i) & 1]).join(", ")}`, () => {
      const results = orders(ids).map((order) => {
        let blocks: readonly Block[] = scene
        const noted = new Map<string, Verdict>()
        for (const id of order) {
          const verdict = verdicts[(code >> ids.indexOf(id)) & 1]!
          blocks = resolved(blocks, new Map([...noted, [id, verdict]]))
          if (verdict === "accept") noted.set(id, "accept")
        }
        return text(blocks)
      })
      expect(new Set(results).size).toBe(1)
    })
})

describe("footnotes", () => {
  const call = (noteId: string, ...marks: Mark[]): Block["runs"][number] =>
    run(anchorCharacter, ...marks, newMark("noteRef", { id: `SEC.1.${noteId.length}`, source: "SEC", noteId }))
  const note = (id: string, extra: Partial<Block> = {}, ...runs: Block["runs"]): Block => ({
    ...block(...(runs.length > 0 ? runs : [run(`words of ${id}`)])),
    id,
    type: "note",
    noteId: id,
    ...extra,
  })
  const numbers = (blocks: readonly Block[]): [string, number][] => [...noteNumbers(blocks)]
  const notes = (blocks: readonly Block[]): string[] => blocks.filter((one) => one.type === "note").map((one) => one.id)
  const bell = ins("A", 1)
  /** `first` is called behind `second`, and a third by words that A puts in. */
  const noted = [
    block(
      run("a lamp"),
      call("second"),
      run(" at every", del("B", 2)),
      call("first", del("B", 2)),
      run(" and a bell", bell),
      call("third", bell),
    ),
    note("first"),
    note("second"),
    note(
      "third",
      { insertedBy: "A", insertedId: "A.1.1" },
      run("of bronze", newMark("insertion", { id: "A.1.9", of: "A.1.1", source: "A" })),
    ),
    note("alone", { noteId: null }),
  ]

  it("[NOTE1] they are numbered in the order of their calls, whatever theirs is; one that nothing ever called has no number", () => {
    expect(numbers(noted)).toEqual([
      ["second", 1],
      ["first", 2],
      ["third", 3],
    ])
    const addresses = addressesOf(noted, new Map())
    expect(["first", "second", "alone"].map((id) => addresses.get(id))).toEqual(["footnote 2", "footnote 1", "footnote without a call"])
    expect(numbers([block(call("elsewhere"))]), "its words are not here").toEqual([])
  })
  it("[NOTE1] a footnote that comes with words is part of their change, which is no new clause", () => {
    const change = changesIn(noted).find(({ id }) => id === "A.1.1")!
    expect([change.kind, change.newBlocks, change.inserted]).toEqual(["insertion", ["third"], ` and a bell${anchorCharacter} … of bronze`])
    expect(describeChange(change)).toBe("insert “ and a bell* … of bronze”")
  })
  it("[NOTE2] as proposed, and once it is decided, a footnote goes with the last words that call it", () => {
    expect(notes(workingTextOf(noted))).toEqual(["first", "second", "alone"])
    expect(notes(proposedTextOf(noted))).toEqual(["second", "third", "alone"])
    expect(notes(decide(noted, ["B.1.2", "accept"]))).toEqual(["second", "third", "alone"])
    expect(notes(decide(noted, ["B.1.2", "notRetain"], ["A.1.1", "notRetain"]))).toEqual(["first", "second", "alone"])
    expect(notes(decide(noted, ["A.1.1", "accept"]))).toEqual(["first", "second", "third", "alone"])
    expect(notes(decide([noted[0]!, block(call("first")), ...noted.slice(1)], ["B.1.2", "accept"])), "called elsewhere too").toContain(
      "first",
    )
  })
  it("[NOTE2] what others propose in its words ends with it", () => {
    const amended = [...noted.slice(0, 1), note("first", {}, run("words", del("C", 5))), ...noted.slice(2)]
    const after = decide(amended, ["B.1.2", "accept"])
    expect([...supersededBy(amended, after, new Map([["B.1.2", "accept" as const]]))]).toEqual(["C.1.5"])
  })
})

describe("lists of blocks", () => {
  const named = (id: string): Block => ({ ...block(run(id)), id })
  const [a, b, c, d] = [named("a"), named("b"), named("c"), named("d")] as const

  it("[RES2] what differs is what is in one list alone, whatever was moved, came and went", () => {
    const other = named("b")
    const cases: [Block[], Block[], Block[], Block[]][] = [
      [[a, b, c], [a, b, c], [], []],
      [[a, b, c], [a, other, c], [b], [other]],
      [[a, b, c], [c, a, b], [], []],
      [[a, b, c, d], [a, c, d], [b], []],
      [[a, c], [d, a, other, c], [], [d, other]],
      [[a, b, c], [c, other], [a, b], [other]],
      [[], [a], [], [a]],
    ]
    for (const [before, after, was, now] of cases) expect(differing(before, after)).toEqual({ was, now })
  })
  it("[RES2] blocks are found by their ids in the list that is asked, not in one that it was made of", () => {
    const before = [a, b]
    expect(byIdOf(before).get("b")).toBe(b)
    const now = named("b")
    const after = before.map((one) => (one === b ? now : one))
    expect(byIdOf(after).get("b")).toBe(now)
    expect(byIdOf(before).get("b")).toBe(b)
    expect(sightOf(after).block.get("b")).toBe(now)
  })
  it("[RES2] a decision leaves the list alone that it is made on: who keeps it by its ids reads no other", () => {
    const before = Object.freeze([block(run("a "), run("b", strike))])
    expect(text(decide(before, ["B.1.4", "accept"]))).toBe("a ")
    expect(text([...before])).toBe("a b")
  })
})

describe("changes", () => {
  it("[CHG1] lists each change once, with what goes and what comes", () => {
    const replaced = [block(run("old", del("A", 1)), run("new", newMark("insertion", { id: "A.1.2", of: "A.1.1", source: "A" })))]
    expect(changesIn(replaced).map(({ kind, deleted, inserted }) => [kind, deleted, inserted])).toEqual([["replacement", "old", "new"]])
  })
  it("[CHG2] the hash tells any other word, source or kind, and not typing elsewhere", () => {
    const hash = (blocks: readonly Block[]): string => changeHash(changesIn(blocks).find(({ id }) => id === host.id)!, sightOf(blocks))
    const one = hash([block(run("x"), run("new", host))])
    expect(hash([block(run("typed", ins("B", 9)), run("x"), run("new", host))])).toBe(one)
    expect(hash([block(run("agreed x"), run("new", host))])).not.toBe(one)
    expect(hash([block(run("x"), run("news", host))])).not.toBe(one)
    expect(one).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe("comparison", () => {
  const words = fc
    .array(fc.constantFrom("the ", "Union ", "1.2 ", "shall ", "report", ", ", "أن ", "😀", "Busan"), { maxLength: 20 })
    .map((list) => list.join(""))
  it("[CMP1] always gives both texts back exactly", () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const stretches = compareWords(a, b)
        const side = (kind: string): string =>
          stretches
            .filter((part) => part.kind !== kind)
            .map((part) => part.text)
            .join("")
        expect([side("inserted"), side("deleted")]).toEqual([a, b])
      }),
    )
  })
  it("[CMP2] never cuts a word or a number", () => {
    expect(
      compareWords("to 1.2 and Busan", "to 1.3 and Bucharest")
        .filter((part) => part.kind !== "kept")
        .map((part) => part.text),
    ).toEqual(["1.2", "1.3", "Busan", "Bucharest"])
  })
  it("[CMP2] a word that went from between two spaces is one deletion", () => {
    expect(compareWords("and shall report", "and  report")).toEqual([
      { kind: "kept", text: "and " },
      { kind: "deleted", text: "shall" },
      { kind: "kept", text: " report" },
    ])
  })
  it("[TRK7] accepted words are told with their source, also beside open ones", () => {
    const now = block(run("to keep "), run("very ", ins("B", 1)), run("bright lamps"))
    const force = { ...defaultAttrs, id: "c", type: "clause" as const, runs: [run("to keep old lamps")], structure: [] }
    const accepted = [
      {
        status: "accepted" as const,
        source: "S",
        segments: [
          { block: "c", kind: "insertion" as const, text: "bright" },
          { block: "c", kind: "deletion" as const, text: "old" },
        ],
      },
    ]
    expect(acceptedIn(now, kinOf([{ ...now, origin: "c" }], new Map([["c", force]])).get("c")!, accepted)).toEqual([
      { kind: "deleted", at: 13, text: "old", source: "S" },
      { kind: "inserted", from: 13, to: 19, source: "S" },
    ])
  })
})

describe("[CMP4] accepted changes against the text in force are as they were proposed", () => {
  type Part = readonly [source: string, kind: "insertion" | "deletion", text: string]
  const told = (before: string, after: string, ...parts: Part[]): string =>
    (
      asProposed(
        before,
        after,
        parts.map(([source, kind, text]) => ({ source, kind, text })),
      ) ?? []
    )
      .map(({ kind, text, source }) => (kind === "kept" ? text : `${kind === "inserted" ? "+" : "-"}${source}{${text}}`))
      .join("")
  it("letters put into a word are these letters", () =>
    expect(told("a warning system;", "a warning systems;", ["S", "insertion", "s"])).toBe("a warning system+S{s};"))
  it("a replacement that keeps a word in its middle is one", () =>
    expect(
      told(
        "to keep the old lamps lit",
        "to keep the new lamps lit",
        ["S", "deletion", "the old lamps"],
        ["S", "insertion", "the new lamps"],
      ),
    ).toBe("to keep -S{the old lamps}+S{the new lamps} lit"))
  it("two that stand beside one another stay two", () =>
    expect(told("to ask", "to ask soon, often", ["S", "insertion", " soon"], ["B", "insertion", ", often"])).toBe(
      "to ask+S{ soon}+B{, often}",
    ))
  it("what was put into, or taken out of, what was put in", () => {
    expect(told("to ask", "to ask very soon", ["S", "insertion", " soon"], ["B", "insertion", " very"])).toBe("to ask+B{ very}+S{ soon}")
    expect(told("to ask", "to ask as soon", ["S", "insertion", " a soon"], ["B", "insertion", "s"])).toBe("to ask+S{ a}+B{s}+S{ soon}")
    expect(told("to ask", "to ask on", ["S", "insertion", " soon"], ["B", "deletion", "so"])).toBe("to ask+S{ on}")
    expect(told("to ask them", "to", ["S", "insertion", " all"], ["B", "deletion", " ask all them"])).toBe("to-B{ ask them}")
  })
  it("what the record does not tell is not made up", () => {
    expect(asProposed("to ask", "to tell", [{ source: "S", kind: "insertion", text: " soon" }])).toBeNull()
    expect(asProposed("to ask", "to tell", [])).toBeNull()
  })
  it("however many there are of the same, it takes no time that one feels", () => {
    const many = [...Array(28)].map((_, n): Part => [`D${n}`, n % 2 ? "insertion" : "deletion", n % 3 ? " " : "a "])
    const [before, after] = ["a b a  b ".repeat(60), "a a b  a b ".repeat(60)]
    const start = performance.now()
    told(before, after, ...many)
    expect(performance.now() - start).toBeLessThan(500)
  })
  it("the same letters elsewhere do not lead astray, and both texts can be read back", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", " "), maxLength: 12 })
    const changes = fc.array(fc.tuple(fc.nat(30), fc.nat(3), fc.string({ unit: fc.constantFrom("a", "b", " "), maxLength: 3 })), {
      maxLength: 4,
    })
    fc.assert(
      fc.property(letters, changes, (text, edits) => {
        let now = text
        const words = edits.flatMap(([place, gone, fresh], n) => {
          const at = place % (now.length + 1)
          const out = now.slice(at, at + gone)
          now = now.slice(0, at) + fresh + now.slice(at + out.length)
          return [
            { source: `D${n}`, kind: "deletion" as const, text: out },
            { source: `D${n}`, kind: "insertion" as const, text: fresh },
          ]
        })
        const stretches = asProposed(text, now, words)
        if (!stretches) return
        const side = (kind: string): string => stretches.flatMap((part) => (part.kind === kind ? [] : [part.text])).join("")
        expect([side("inserted"), side("deleted")]).toEqual([text, now])
      }),
    )
  })
})

describe("keys", () => {
  const id = fc.tuple(fc.constantFrom("S", "EUR", "CHAIR", "A-1"), fc.nat(0xffffff), fc.nat(0xffffff))
  it("[TRK1] a key spells client and counter, and no two ids of a name share one", () => {
    fc.assert(
      fc.property(id, ([source, client, n]) => {
        const key = keyOf("insertion", markId(source, client, n))
        expect(parseKey(key)).toEqual({ name: "insertion", client, n })
        expect(key).toMatch(/^insertion--[A-Za-z0-9+/]{8}$/)
      }),
    )
    for (const bad of ["", "S", "S.1", "s.1.2", "S.1.2.3", "S.01.2", "S.16777216.1", "__proto__.1.2", "S.-1.2"])
      expect(parseMarkId(bad)).toBeNull()
  })
})
