import { describe, expect, it } from "vitest"
import { changesIn } from "../shared/changes/changes.ts"
import { choiceInSlices } from "../shared/changes/choice.ts"
import type { Choice, Competing } from "../shared/changes/chosen.ts"
import type { Verdict } from "../shared/changes/effects.ts"
import { proposedReadingOf } from "../shared/changes/projections.ts"
import { resolved } from "../shared/changes/resolve.ts"
import { relationsOf } from "../shared/changes/rivals.ts"
import { changeHash, hashForPart, seenOf, sightOf } from "../shared/changes/sight.ts"
import { finished } from "../shared/changes/slices.ts"
import { type Block, defaultAttrs, type Mark, noStructure, type StructuralAct, textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { run } from "./build.ts"

const id = (source: string, n = 1): string => `${source}.1.${n}`
const ins = (source: string, n = 1, within: readonly string[] = []): Mark => newMark("insertion", { id: id(source, n), source, within })
const del = (source: string, n = 1, over: readonly string[] = []): Mark => newMark("deletion", { id: id(source, n), source, over })
/** The insertion of a replacement: it belongs to the source's deletion with this number. */
const comes = (source: string, n = 1): Mark => newMark("insertion", { id: id(source, n + 50), of: id(source, n), source })
const clause = (...runs: Block["runs"]): Block => ({ ...defaultAttrs, id: "c", type: "clause", runs, structure: noStructure })
const text = (blocks: readonly Block[]): string => blocks.map(textOf).join("|")

const related = (
  blocks: readonly Block[],
  change: string,
): { same: readonly string[]; rivals: readonly string[]; place: readonly string[] } => {
  const relations = relationsOf(blocks, changesIn(blocks))
  return { same: relations.identicalTo(change), rivals: relations.rivalsOf(change), place: relations.atPlaceOf(change) }
}
const alone = { same: [], rivals: [], place: [] }

function choose(blocks: readonly Block[], ids: readonly string[], verdict: Verdict, ...leaveOut: Competing["kind"][]): Choice {
  const near = changesIn(blocks)
  const asked = near.filter((change) => ids.includes(change.id))
  return finished(choiceInSlices(asked, verdict, near, relationsOf(blocks, near), new Set(leaveOut)))
}
const accept = (blocks: readonly Block[], ...ids: string[]): string => text(resolved(blocks, choose(blocks, ids, "accept").verdicts))

/** "shall": S and B make it "should", J makes it "may". */
const shall = [
  clause(
    run("it "),
    run("shall", del("S"), del("B"), del("J")),
    run("should", comes("S")),
    run("should", comes("B")),
    run("may", comes("J")),
    run(" report"),
  ),
]

describe("changes that say the same, or compete", () => {
  it("[RIVAL1] the same words by several sources are identical", () =>
    expect(related(shall, id("S"))).toEqual({ same: [id("B")], rivals: [id("J")], place: [] }))
  it("[RIVAL2] other words for the same are rivals", () =>
    expect(related(shall, id("J"))).toEqual({ same: [], rivals: [id("S"), id("B")], place: [] }))
  it("[RIVAL1] accepting one writes the words once, and ends what competes", () => expect(accept(shall, id("B"))).toBe("it should report"))
  it("[RIVAL1] one that says the same is decided along, in the name of all", () => {
    const choice = choose(shall, [id("B")], "accept")
    expect([[...choice.identical], [...choice.writtenAs], [...choice.overtaken]]).toEqual([
      [[id("S"), id("B")]],
      [[id("B"), id("S")]],
      [[id("J"), id("S")]],
    ])
  })
  it("[RIVAL1] not retaining one says it of all that are identical, and leaves the rivals", () => {
    const choice = choose(shall, [id("S")], "notRetain")
    expect(text(resolved(shall, choice.verdicts))).toBe("it shallmay report")
    expect([...choice.identical.keys()]).toEqual([id("B")])
  })
  it("[RIVAL1] a withdrawal is the source's own", () =>
    expect([...choose(shall, [id("S")], "withdraw").verdicts.keys()]).toEqual([id("S")]))
  it("[RIVAL2] asked to accept all, rivals are told, and left out where that was asked for", () => {
    const ids = ["S", "B", "J"].map((source) => id(source))
    expect(choose(shall, ids, "accept").competing).toEqual([{ kind: "rivals", changes: ids }])
    expect(choose(shall, ids, "accept", "rivals").decided).toEqual([])
  })
  it("[RIVAL1] the least that each says is compared: common words at the ends do not count", () => {
    const wide = clause(
      run("Resolution 179 "),
      run("(Rev. ", del("B")),
      run("Busan", del("S"), del("B")),
      run("Bucharest", comes("S")),
      run(")", del("B")),
      run("(Rev. Bucharest)", comes("B")),
    )
    expect(related([wide], id("S")).same).toEqual([id("B")])
    expect(accept([wide], id("S"))).toBe("Resolution 179 (Rev. Bucharest)")
  })
  const two = (a: string, b: string): Block[] => [clause(run("x"), run(a, ins("S")), run(b, ins("B")))]
  it("[RIVAL1] quotation marks, spaces and composed letters are folded, case is not", () => {
    expect(related(two(" “é”", ' "e\u0301"'), id("S")).same).toEqual([id("B")])
    expect(related(two(" The", " the"), id("S"))).toEqual({ ...alone, place: [id("B")] })
  })
  it.each([
    [" “new”", " «new‟"],
    [" ‘new’", " 'new'"],
    [" a b", " a  b"],
    [" 70 %", " 70\u00a0%"],
  ])("[RIVAL1 HASH1] of what is folded the one is written that was accepted, and in its words: %j, %j", (a, b) => {
    const blocks = [clause(run("x"), run(a, ins("S")), run(b, ins("B")))]
    expect(related(blocks, id("B")).same).toEqual([id("S")])
    expect(accept(blocks, id("B"))).toBe(`x${b}`)
    expect(accept(blocks, id("S"))).toBe(`x${a}`)
  })
  it.each([
    [" 50-70 %", " 50—70 %"],
    [" 2010-11", " 2010\u221211"],
    [" کتاب\u200cها", " کتابها"],
  ])("[RIVAL1 HASH1] what is accepted is what was shown, whatever nearly the same stands before it: %j, %j", (a, b) => {
    for (const [first, second] of [
      [a, b],
      [b, a],
    ] as const) {
      const blocks = [clause(run("x"), run(first, ins("S")), run(second, ins("B", 2)))]
      expect(related(blocks, id("B", 2))).toEqual({ ...alone, place: [id("S")] })
      expect(accept(blocks, id("B", 2))).toBe(`x${first}${second}`)
      expect([...choose(blocks, [id("B", 2)], "accept").verdicts]).toEqual([[id("B", 2), "accept"]])
      expect(changesIn(resolved(blocks, choose(blocks, [id("B", 2)], "accept").verdicts)).map((change) => change.inserted)).toEqual([first])
    }
    const instead = [clause(run("x "), run("old", del("S"), del("B")), run(a, comes("S")), run(b, comes("B")))]
    expect(related(instead, id("B")).rivals).toEqual([id("S")])
    expect(accept(instead, id("B"))).toBe(`x ${b}`)
  })
  it("[RIVAL1] the first or the second of two equal words is the same result", () => {
    const twice = [clause(run("to "), run("the ", del("S")), run("the ", del("B")), run("end"))]
    expect(related(twice, id("S")).same).toEqual([id("B")])
    expect(accept(twice, id("S"))).toBe("to the end")
    expect(accept(twice, id("S"), id("B"))).toBe("to the end")
  })
  it("[RIVAL2] overlapping deletions are no rivals", () => {
    const both = [clause(run("a", del("S")), run("b", del("S"), del("B")), run("c", del("B")), run("d"))]
    expect(related(both, id("S"))).toEqual(alone)
    expect(accept(both, id("S"), id("B"))).toBe("d")
  })
  it("[RIVAL2] a deletion of words that another replaces is its rival", () => {
    const mixed = [clause(run("ab", del("S"), del("B")), run("x", comes("B")), run("c"))]
    expect(related(mixed, id("S")).rivals).toEqual([id("B")])
    expect(accept(mixed, id("S"))).toBe("c")
  })
  it("[RIVAL3] insertions at one place are listed, and taken in the order of the text where that was asked for", () => {
    const place = [clause(run("a"), run(" x", ins("S")), run(" y", ins("B")), run(" b"))]
    expect(related(place, id("S"))).toEqual({ ...alone, place: [id("B")] })
    expect(choose(place, [id("S"), id("B")], "accept", "rivals", "at one place").decided).toEqual([])
    expect(accept(place, id("S"), id("B"))).toBe("a x y b")
  })
  it("[RIVAL3] an insertion in words that another strikes is neither", () =>
    expect(related([clause(run("a", del("S")), run("x", ins("B", 1, [id("S")])), run("b", del("S")))], id("S"))).toEqual(alone))
  it("[RIVAL1] inside another's insertion it counts what is said there, under the same host", () => {
    const host = ins("A")
    const inside = (source: string): Mark => newMark("insertion", { id: id(source, 51), of: id(source), source, within: [id("A")] })
    const nested = [
      clause(
        run("x"),
        run("he", host),
        run("re", host, del("S", 1, [id("A")]), del("B", 1, [id("A")])),
        run("r", host, inside("S")),
        run("r", host, inside("B")),
      ),
    ]
    expect(related(nested, id("S")).same).toEqual([id("B")])
  })

  const added = (source: string, words: string, level = 1): Block => ({
    ...clause(run(words, newMark("insertion", { id: id(source, 9), of: id(source), source }))),
    id: `n${id(source, 3)}`,
    level,
    insertedBy: source,
    insertedId: id(source),
  })
  it("[RIVAL1] the same new clause at one place is agreed once", () => {
    const blocks = [clause(run("a")), added("S", "to report"), added("B", "to  report"), { ...clause(run("b")), id: "d" }]
    expect(related(blocks, id("S")).same).toEqual([id("B")])
    expect(accept(blocks, id("S"))).toBe("a|to report|b")
    expect(accept(blocks, id("B"))).toBe("a|to  report|b")
  })
  it("[RIVAL3] other new clauses there share a place", () => {
    const blocks = [clause(run("a")), added("S", "to report"), added("B", "to pay"), added("J", "to report", 2)]
    expect(related(blocks, id("S"))).toEqual({ ...alone, place: [id("B"), id("J")] })
  })

  const about = (source: string, act: StructuralAct, block = "c"): Block["structure"][number] => ({
    id: id(source),
    of: "",
    source,
    block,
    changeId: id(source),
    ...act,
  })
  const level = (n: number): StructuralAct => ({ kind: "level", level: n })
  it("[RIVAL1] the same for a clause as a whole", () => {
    const blocks = [{ ...clause(run("a")), structure: [about("S", level(2)), about("B", level(2)), about("J", level(3))] }]
    expect(related(blocks, id("S"))).toEqual({ same: [id("B")], rivals: [id("J")], place: [] })
    expect(resolved(blocks, choose(blocks, [id("B")], "accept").verdicts)[0]).toMatchObject({ level: 2, structure: [] })
  })
})

describe("said in other pieces, or in the middle of what another takes out", () => {
  /** "Oslo, 2019" by "Porto, 2027": S in two pieces, B in one, J over the comma too, F of the year alone. */
  const pieces = [
    clause(
      run("held in "),
      run("Oslo", del("S"), del("B"), del("J")),
      run("Porto", comes("S")),
      run(", ", del("B"), del("J")),
      run("2019", del("S"), del("B"), del("J"), del("F")),
      run("2027", comes("S")),
      run("Porto, 2027", comes("B")),
      run("Porto,  2027", comes("J")),
      run("2031", comes("F")),
      run(" by all"),
    ),
  ]
  it("[RIVAL1] what comes to the same text is the same, in however many pieces it was tracked", () => {
    for (const source of ["S", "B", "J"]) {
      const others = ["S", "B", "J"].filter((other) => other !== source).map((other) => id(other))
      expect(related(pieces, id(source)), source).toMatchObject({ same: others, rivals: [id("F")] })
      expect(accept(pieces, id(source)), source).toBe("held in Porto, 2027 by all")
    }
  })
  it("[RIVAL1] a split is no space", () => {
    const split = [clause(run("a"), run("\u2029", ins("S")), run(" ", ins("B")), run("b"))]
    expect(related(split, id("S"))).toEqual({ same: [], rivals: [], place: [id("B")] })
  })
  it("[RIVAL1] other quotation marks at two places are two changes", () => {
    const quotes = [clause(run('"', del("S")), run("“", comes("S")), run('a and "'), run("b"), run('"', del("B")), run("”", comes("B")))]
    expect(related(quotes, id("S"))).toEqual(alone)
  })

  /** S puts "ordinary" into "at the next Conference", which B replaces, and J's "soon" stands behind it. */
  const inside = [
    clause(
      run("to review it "),
      run("at the next ", del("B")),
      run("ordinary ", ins("S")),
      run("Conference", del("B")),
      run("every year", comes("B")),
      run(" soon", ins("J")),
    ),
  ]
  it("[RIVAL3] words in the middle of what another takes out wait for a choice, on both cards", () => {
    expect(related(inside, id("S"))).toEqual({ same: [], rivals: [], place: [id("B")] })
    expect(related(inside, id("B")).place).toContain(id("S"))
    const all = choose(inside, [id("S"), id("B")], "accept", "rivals", "at one place")
    expect([all.decided, all.competing]).toEqual([[], [{ kind: "at one place", changes: [id("B"), id("S")] }]])
  })
  it("[RIVAL5] which of the two takes out what, and that nothing is taken out at a place that is merely shared, is told apart", () => {
    const told = (blocks: readonly Block[], change: string): readonly (readonly string[])[] => {
      const relations = relationsOf(blocks, changesIn(blocks))
      return [relations.amidOf(change), relations.aroundOf(change)]
    }
    expect(told(inside, id("S"))).toEqual([[id("B")], []])
    expect(told(inside, id("B"))).toEqual([[], [id("S")]])
    const shared = [clause(run("a"), run(" x", ins("S")), run(" y", ins("B")), run(" b"))]
    expect(told(shared, id("S"))).toEqual([[], []])
  })
  it("[RIVAL3] where it is a deletion too, and at the edge of one it is none", () => {
    const edge = (at: "middle" | "edge"): Block[] => [
      clause(
        run("ab", del("B")),
        ...(at === "middle" ? [run("x", ins("S")), run("c", del("B"))] : [run("c", del("B")), run("x", ins("S"))]),
      ),
    ]
    expect(related(edge("middle"), id("S")).place).toEqual([id("B")])
    expect(related(edge("edge"), id("S"))).toEqual(alone)
  })
})

describe("what a decision binds to", () => {
  const hash = (change: string, ...blocks: readonly Block[]): string =>
    changeHash(changesIn(blocks).find((other) => other.id === change)!, sightOf(blocks))
  const words = (...runs: Block["runs"]): string => hash(id("S"), clause(...runs))
  const base = words(run("the Union shall"), run(" not", ins("S")), run(" pay"))

  it("[HASH1] others' typing beside it moves nothing", () =>
    expect(words(run("the Union shall"), run(" never", ins("B")), run(" not", ins("S")), run(" ever", ins("J")), run(" pay"))).toBe(base))
  it("[HASH1] others' letters in its own words move nothing: in what it puts in, in what it strikes, in its new clause", () => {
    const inside = (owner: Block["runs"][0]["marks"][0]): Block["runs"][0] => run("x", owner, ins("B"))
    const own = ins("S")
    expect(words(run("the Union shall"), run(" n", own), inside(own), run("ot", own), run(" pay"))).toBe(base)
    const gone = del("S")
    const struck = words(run("the Union "), run("shall", gone), run(" pay"))
    expect(words(run("the Union "), run("sh", gone), inside(gone), run("all", gone), run(" pay"))).toBe(struck)
    const block = (...runs: Block["runs"]): Block => ({ ...clause(...runs), id: "n", insertedBy: "S", insertedId: id("S") })
    const comes = newMark("insertion", { id: id("S", 2), of: id("S"), source: "S" })
    expect(hash(id("S"), block(run("to re", comes), inside(comes), run("port", comes)))).toBe(hash(id("S"), block(run("to report", comes))))
  })
  it("[HASH1] agreed words that come to stand between its own are seen", () => {
    const own = ins("S")
    expect(words(run("the Union shall"), run(" n", own), run("x"), run("ot", own), run(" pay"))).not.toBe(base)
  })
  it("[HASH1] a decision on some letters of a stretch is on the stretch as others' words cut it", () => {
    const of = (...runs: Block["runs"]): string => {
      const blocks = [clause(...runs)]
      return hashForPart(changesIn(blocks).find((other) => other.id === id("S"))!, sightOf(blocks))
    }
    const own = ins("S")
    expect(of(run("the Union shall"), run(" not", own), run(" pay"))).toBe(base)
    expect(of(run("the Union shall"), run(" n", own), run("x", own, ins("B")), run("ot", own), run(" pay"))).not.toBe(base)
  })
  it("[HASH1] others' striking around it moves nothing", () =>
    expect(words(run("the Union "), run("shall", del("B")), run(" not", ins("S")), run(" pay"))).toBe(base))
  it("[HASH1] another place among equal words is another", () => {
    const ids = (at: number, ...runs: Block["runs"]): Block =>
      clause(...runs.map((part, i) => ({ ...part, client: 7, clock: part.marks.length > 0 ? 900 : at + 10 * i })))
    const first = ids(0, run("aa"), run("x", ins("S")), run("aa"))
    const second = { ...first, runs: first.runs.map((part, i) => ({ ...part, clock: [40, 900, 60][i]! })) }
    expect(hash(id("S"), second)).not.toBe(hash(id("S"), first))
  })
  it("[HASH1] a hidden letter is another word, and is spelled out in what was hashed", () => {
    const hidden = clause(run("shall"), run(" n\u200bot", ins("S")))
    expect(hash(id("S"), hidden)).not.toBe(hash(id("S"), clause(run("shall"), run(" not", ins("S")))))
    expect(seenOf(changesIn([hidden])[0]!, sightOf([hidden]))).toContain(" n\\u200bot")
  })
  it("[HASH1] a decision right beside it is seen", () =>
    expect(words(run("the Union shall", ins("B", 4)), run(" not", ins("S")), run(" pay"))).not.toBe(base))
  it("[HASH1] the level of a new clause is part of it", () => {
    const block = (level: number): Block => ({
      ...clause(run("to report", newMark("insertion", { id: id("S", 2), of: id("S"), source: "S" }))),
      id: "n",
      level,
      insertedBy: "S",
      insertedId: id("S"),
    })
    expect(hash(id("S"), block(2))).not.toBe(hash(id("S"), block(1)))
  })
  it("[HASH1] another target is another change", () => {
    const move = (after: string | null): Block[] => [
      clause(run("a")),
      { ...clause(run("b")), id: "d" },
      {
        ...clause(run("e")),
        id: "e",
        structure: [{ id: id("S"), of: "", source: "S", block: "e", changeId: id("S"), kind: "move", after }],
      },
    ]
    expect(hash(id("S"), ...move(null))).not.toBe(hash(id("S"), ...move("c")))
  })
})

describe("words in the midst of what something else replaces", () => {
  const replaced = (...amid: Block["runs"]): Block[] => [
    clause(run("in "), run("the", del("J")), ...amid, run(" results", del("J")), run("all findings", comes("J")), run(".")),
  ]
  it("[RIVAL3] are listed at one place with it, whether they were typed before it or into it, and left out where all are taken", () => {
    for (const within of [[], [id("J")]]) {
      const blocks = replaced(run(" final", del("J"), ins("K", 1, within)))
      expect(related(blocks, id("J")).place).toEqual([id("K")])
      expect(related(blocks, id("K")).place).toEqual([id("J")])
      expect(choose(blocks, [id("J"), id("K")], "accept", "rivals", "at one place").decided).toEqual([])
    }
  })
  it("[RIVAL3] of several each is named by each", () => {
    const blocks = replaced(run(" final", del("J"), ins("K", 1, [id("J")])), run(" seismic", del("J"), ins("B")))
    for (const source of ["J", "K", "B"])
      expect([...related(blocks, id(source)).place].sort()).toEqual(
        ["B", "J", "K"].filter((other) => other !== source).map((other) => id(other)),
      )
    const relations = relationsOf(blocks, changesIn(blocks))
    expect([relations.amidOf(id("K")), relations.aroundOf(id("J"))]).toEqual([[id("J")], [id("K"), id("B")]])
  })
})

describe("the text as proposed, to be read", () => {
  const read = (...runs: Block["runs"]): string => text(proposedReadingOf([clause(...runs)]))
  it("[RIVAL6] words of several sources at one place stand each by itself", () => {
    expect(read(run("to be "), run("suitably", ins("S")), run("fairly", ins("B")), run(" held"))).toBe("to be suitably fairly held")
    expect(read(run("Kigali", ins("S")), run("2022", ins("B")), run("(Rev. Kigali)", ins("K")))).toBe("Kigali 2022 (Rev. Kigali)")
    expect(read(run("a "), run("shall", del("S"), del("B")), run("should", comes("S")), run("may", comes("B")))).toBe("a should may")
  })
  it("[RIVAL6] no space comes where there is one, into words that stand inside another's, or beside agreed ones and signs", () => {
    expect(read(run("so"), run(" x", ins("S")), run(" y", ins("B")), run("."))).toBe("so x y.")
    expect(read(run("col", ins("S")), run("o", ins("S"), ins("B", 1, [id("S")])), run("ur", ins("S")))).toBe("colour")
    expect(read(run("draft"), run("ing", ins("S")), run(", it", ins("B")))).toBe("drafting, it")
  })
})
