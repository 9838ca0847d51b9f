import { describe, expect, it } from "vitest"
import type { Rest, Sort, State, Verdict } from "../server/gate/case.ts"
import { type Fresh, nothingFresh } from "../server/gate/fresh.ts"
import { judge } from "../server/gate/judge.ts"
import { keyOf, serverClient } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { Moves } from "../shared/sync/moves.ts"
import { between, block, clients, idOf, rest, type Sketch } from "./reading.ts"

/** What the judge says of an update of S that made the second text of the first; `others`: what else there is. */
function judging(before: string | null, after: string, others: Partial<Rest> = {}, sketch: Sketch = {}): Verdict {
  return judge(block(before, sketch), block(after, sketch), between(before, after, "S", sketch), { source: "S", rest: rest(others) })
}

/** The same looked at as a state, with nothing fresh: what must hold after repairs. */
const looking = (before: string | null, after: string, others: Partial<Rest> = {}, sketch: Sketch = {}): Verdict =>
  judge(block(before, sketch), block(after, sketch), nothingFresh, { source: "S", rest: rest(others) })

const ok: Verdict = { repairs: [], kept: [] }
const refused = (reason: string): unknown => expect.objectContaining({ refused: reason })
/** Taken, with these repairs and no others. */
const mended = (...repairs: unknown[]): unknown => ({
  repairs: repairs.map((repair) => expect.objectContaining(repair as object)),
  kept: [],
})
const letter = (sign: string, source: string | null = "S"): unknown =>
  expect.objectContaining({ client: source === null ? serverClient : clients[source], clock: sign.codePointAt(0) })
const own = { attrs: { id: `n${idOf("S", 9)}`, insertedBy: "S", insertedId: idOf("S", 9) } }
const decided = (...changes: string[]): Partial<Rest> => ({ isDecided: (change) => changes.includes(change), lastNumberOf: () => 4 })

describe("the judge, a line for each rule", () => {
  it("[GATE5] words in an insertion of one's own", () => expect(judging("ab", "a[S:x]b")).toEqual(ok))
  it("[GATE5] more of them in the same", () => expect(judging("a[S:x]b", "a[S:xy]b")).toEqual(ok))
  it("[GATE5] a deletion", () => expect(judging("ab", "{S:a}b")).toEqual(ok))
  it("[GATE5] own open words are taken back", () => expect(judging("a[S:x]b", "a[S:]b")).toEqual(ok))
  it("[GATE5] agreed words go", () => expect(judging("ab", "a")).toEqual(refused("agreed-text-changed")))
  it("[GATE5] agreed words change their order", () => expect(judging("ab", "ba")).toEqual(refused("agreed-text-changed")))
  it("[GATE5] another's open words go", () => expect(judging("a[B:y]", "a[B:]")).toEqual(refused("others-words-changed")))
  it("[GATE5] another's deletion is taken back", () => expect(judging("{B:a}b", "ab")).toEqual(refused("foreign-marker-deleted")))
  it("[GATE5] an own insertion over agreed words", () =>
    expect(judging("ab", "[S:ab]", {}, { writers: { a: "", b: "" } })).toEqual(refused("agreed-text-changed")))
  it("[GATE6] another's words called one's own", () =>
    expect(judging("[B:y]", "[B:[S:y]]", {}, { writers: { y: "B" } })).toEqual(refused("others-words-changed")))
  it("[GATE6] an own pair around another's words", () =>
    expect(judging("[B:y]", "[S:[B:y]]", {}, { marks: { [idOf("B")]: { within: [] } } })).toEqual(refused("foreign-words")))
  describe("what stands between words of one's own was not put into them", () => {
    const apart = { marks: { [idOf("B")]: { within: [] } } }
    const wrapping = (
      before: string,
      after: string,
      others: Partial<Rest> = {},
      fresh: Partial<Fresh> = {},
      sketch: Sketch = apart,
    ): Verdict =>
      judge(
        block(before, sketch),
        block(after, sketch),
        { ...between(before, after, "S", sketch), ...fresh },
        { source: "S", rest: rest(others) },
      )
    const tight = mended({ kind: "strip" }, { kind: "mark", of: "", letters: [letter("x")] })
    it("[GATE6] a new pair around it, with something of one's own taken back at once", () =>
      expect(wrapping("a[B:y]b", "a[S:x[B:y]]b", {}, { takesBack: true })).toEqual(refused("foreign-words")))
    it("[GATE6] so with a mark that is older than others of its client: its words get a pair that holds them alone", () =>
      expect(wrapping("a[B:y]b", "a[S:x[B:y]]b", { lastNumberOf: () => 4 })).toEqual(tight))
    it("[GATE6] so of a pair that was written and taken back within the update", () =>
      expect(
        wrapping(
          "a[B:y]b",
          "a[S:x[B:y]]b",
          {},
          { takesBack: true, cuts: [{ key: keyOf("insertion", idOf("S")), at: "1.1", isFresh: true }] },
        ),
      ).toEqual(tight))
    it("[GATE6] one that was put into it there comes back around it", () =>
      expect(wrapping("a[B:y]b", "a[S:x[B:y]]b", { lastNumberOf: () => 4 }, {}, {})).toEqual(ok))
    it("[GATE6] and what a third one put into that", () =>
      expect(
        wrapping(
          "a[B:y[B2:z]]b",
          "a[S:x[B:y[B2:z]]]b",
          { lastNumberOf: () => 4 },
          {},
          { marks: { [idOf("B", 2)]: { within: [idOf("B")] } } },
        ),
      ).toEqual(ok))
    it("[GATE6] no state has such a pair that was not there before", () => {
      expect(looking("a[B:y]b", "a[S:x[B:y]]b", {}, apart)).toEqual(refused("foreign-words"))
      expect(looking("a[S:x[B:y]]b", "a[S:xz[B:y]]b", {}, apart)).toEqual(ok)
    })
  })
  it("[GATE5] only the closing marker goes, at the end of a block", () =>
    expect(judging("a[B:y]", "a[B:y")).toEqual(refused("foreign-marker-deleted")))
  it("[GATE5] the same by its source", () => expect(judging("a[S:y]", "a[S:y")).toEqual(refused("broken-pair")))
  it("[GATE16] a mark in force at the end of a block", () => expect(looking("a[S:y]", "a[S:y")).toEqual(refused("broken-pair")))
  it("[GATE16] a mark that opens twice", () => expect(looking("a", "a[S:x[S:y]")).toEqual(refused("broken-pair")))
  it("[GATE5] a pair that never closes", () => expect(judging("ab", "a[S:xb", {}, { writers: { b: "" } })).toEqual(refused("broken-pair")))
  it("[GATE0] a clean-up of an empty pair is completed", () =>
    expect(judging("a[B:]b", "a/B;b")).toEqual(mended({ kind: "strip", items: [expect.objectContaining({ kind: "marker", mark: null })] })))
  it("[GATE0] of a pair that holds words nothing is taken", () => {
    const fresh = { ...between("[B:]", "/B;", "S"), pieces: between("[B:]", "[B:y", "S").pieces }
    expect(judge(block("a[B:y]"), block("a[B:y]"), fresh, { source: "S", rest: rest() })).toEqual({ dropped: true })
  })

  it("[GATE7] late words get an insertion", () =>
    expect(judging("ab", "axb", {}, { writers: { x: "S" } })).toEqual(mended({ kind: "mark", of: "", letters: [letter("x")] })))
  it("[GATE7] so do words in another's insertion", () =>
    expect(judging("a[B:y]", "a[B:yx]", {}, { writers: { x: "S" } })).toEqual(mended({ kind: "mark", letters: [letter("x")] })))
  it("[GATE7] agreed words that their writer removed come back", () =>
    expect(judging("axb", "ab", {}, { writers: { x: "S" } })).toEqual(mended({ kind: "restore", letters: letter("x"), words: "x" })))
  it("[GATE7] what the server restored is what it was", () => {
    const moves = new Moves()
    moves.note([clients.S!, "x".codePointAt(0)!, 1, serverClient, "X".codePointAt(0)!, true])
    const before = block("axb", { writers: { x: "S" } })
    const after = block("a{S2:X}b")
    const same = (text: string): string => text.toLowerCase()
    for (const reading of after.blocks.values()) for (const run of reading!.runs) Object.assign(run, { text: same(run.text) })
    expect(judge(before, after, nothingFresh, { source: "S", rest: rest({ moves }) })).toEqual(ok)
  })
  it("[GATE7] a decided mark that an undo brings back is stripped, its words get another", () =>
    expect(judging("ab", "a[S:x]b", decided(idOf("S")))).toEqual(
      mended({ kind: "strip" }, { kind: "mark", of: "", letters: [letter("x")] }),
    ))
  it("[GATE7] a level of a clause that is agreed by now is proposed", () =>
    expect(
      judge(
        block("a", { attrs: { id: own.attrs.id } }),
        block("a", { attrs: { id: own.attrs.id, level: 2 } }),
        { ...nothingFresh },
        { source: "S", rest: rest() },
      ),
    ).toEqual(mended({ kind: "level", level: undefined, proposed: 2 })))

  it("[GATE14] a mark that joins a decided change is a change of its own, and takes its place", () =>
    expect(judging("ab", "a[S5:x]b", decided(idOf("S")), { marks: { [idOf("S", 5)]: { of: idOf("S") } } })).toEqual(
      mended(
        { kind: "rename", what: "mark", mark: expect.objectContaining({ of: "", changeId: idOf("S", 5) }) },
        { kind: "succeed", change: idOf("S"), next: idOf("S", 5) },
      ),
    ))
  it("[GATE14] but not that of one that was elsewhere", () =>
    expect(
      judging(
        "ab",
        "a[S5:x]b",
        { ...decided(idOf("S")), blocksOf: () => new Set(["elsewhere"]) },
        { marks: { [idOf("S", 5)]: { of: idOf("S") } } },
      ),
    ).toEqual(mended({ kind: "rename", what: "mark", mark: expect.objectContaining({ of: "" }) })))
  it("[GATE14] what is left of a divided one takes in what is where it stands", () =>
    expect(
      judging(
        "a[S7:y]b",
        "a[S7:y][S5:x]b",
        { isOpen: () => true, isRest: () => true },
        { marks: { [idOf("S", 5)]: { of: idOf("S", 3) }, [idOf("S", 7)]: { of: idOf("S", 3) } } },
      ),
    ).toEqual(ok))
  it("[GATE14] and nothing elsewhere", () =>
    expect(
      judging("ab", "a[S5:x]b", { isOpen: () => true, isRest: () => true }, { marks: { [idOf("S", 5)]: { of: idOf("S", 3) } } }),
    ).toEqual(mended({ kind: "rename", what: "mark", mark: expect.objectContaining({ of: "" }) })))
  it("[GATE14] or joins what has taken its place", () =>
    expect(
      judging(
        "ab",
        "a[S6:x]b",
        { ...decided(idOf("S")), nextOf: () => idOf("S", 5), isOpen: (change) => change === idOf("S", 5) },
        { marks: { [idOf("S", 6)]: { of: idOf("S") } } },
      ),
    ).toEqual(mended({ kind: "rename", what: "mark", mark: expect.objectContaining({ of: idOf("S", 5) }) })))
  it("[GATE14] a change that is nowhere takes nothing in", () =>
    expect(judging("ab", "a[S5:x]b", {}, { marks: { [idOf("S", 5)]: { of: idOf("S", 3) } } })).toEqual(
      mended({ kind: "rename", what: "mark", mark: expect.objectContaining({ of: "" }) }),
    ))
  it("[GATE14] an open one does", () =>
    expect(
      judging("ab", "a[S5:x]b", { isOpen: (change) => change === idOf("S", 3) }, { marks: { [idOf("S", 5)]: { of: idOf("S", 3) } } }),
    ).toEqual(ok))
  it("[GATE14] no mark is under a decided change once all is mended", () =>
    expect(looking("ab", "a[S5:x]b", decided(idOf("S")), { marks: { [idOf("S", 5)]: { of: idOf("S") } } })).toEqual(
      refused("decided-change"),
    ))
  it("[GATE14] words typed into what was accepted with its host are a change of their own", () =>
    expect(judging("a[S:x]b", "a[S:xy]b", decided(idOf("S")))).toEqual(mended({ kind: "mark", of: "", letters: [letter("y")] })))
  describe("[GATE14] a mark that is there, and not around, cannot be named as what words stand inside of", () => {
    const there = (...ids: string[]): Partial<Rest> => ({
      lastNumberOf: () => 9,
      markOf: (key) => {
        const id = ids.find((other) => ["insertion", "deletion"].some((name) => keyOf(name, other) === key))
        return id === undefined ? null : newMark(key.startsWith("insertion") ? "insertion" : "deletion", { id, source: "B" })
      },
    })
    const named = (...within: string[]): Sketch => ({ marks: { [idOf("S")]: { within } } })
    const without = mended({ kind: "rename", what: "mark", mark: expect.objectContaining({ within: [] }) })
    it("in another clause", () => expect(judging("ab", "a[S:x]b", there(idOf("B")), named(idOf("B")))).toEqual(without))
    it("in this one", () => expect(judging("[B:y]ab", "[B:y]a[S:x]b", there(idOf("B")), named(idOf("B")))).toEqual(without))
    it("nor by a mark that has an older number", () =>
      expect(judging("ab", "a[S:x]b", there(idOf("B"), idOf("S", 9)), named(idOf("B")))).toEqual(without))
    it("what is around it can", () => expect(judging("a[B:yz]b", "a[B:y[S:x]z]b", there(idOf("B")), named(idOf("B")))).toEqual(ok))
    it("so can what was written once and is gone", () => expect(judging("ab", "a[S:x]b", there(), named(idOf("B")))).toEqual(ok))
    it("so can what is one's own", () => expect(judging("ab", "a[S:x]b", there(idOf("S", 7)), named(idOf("S", 7)))).toEqual(ok))
  })
  it("[GATE14] marks that were never written cannot be named as what words stand inside of", () =>
    expect(judging("ab", "a[S:x]b", {}, { marks: { [idOf("S")]: { within: [idOf("B", 7)] } } })).toEqual(
      mended({ kind: "rename", what: "mark", mark: expect.objectContaining({ within: [] }) }),
    ))

  it("[GATE4] a new clause with its words", () => expect(judging(null, "[S9:xy]", {}, own)).toEqual(ok))
  it("[GATE4] unmarked words of a new clause belong to it", () =>
    expect(judging(null, "xy", {}, { ...own, writers: { x: "S", y: "S" } })).toEqual(
      mended({ kind: "mark", of: idOf("S", 9), letters: [letter("x"), letter("y")] }),
    ))
  it("[GATE4] a deletion owns nothing of a new clause", () =>
    expect(judging(null, "{S8:x}", {}, { ...own, writers: { x: "S" } })).toEqual(mended({ kind: "mark", of: idOf("S", 9) })))
  it("[GATE14] a new clause of a decided change is a change of its own", () =>
    expect(judging(null, "[S9:x]", decided(idOf("S", 3)), { attrs: { ...own.attrs, insertedId: idOf("S", 3) } })).toEqual(
      mended({ kind: "rename", what: "block", change: idOf("S", 9) }, { kind: "succeed", change: idOf("S", 3) }),
    ))
  it.each([
    ["a table's sign", "x\t"],
    ["a line feed", "x\n"],
    ["the call of a footnote", "\ufffc"],
    ["a split without its mark", "\u2029"],
  ])("[GATE1] %s in a new clause", (_, text) =>
    expect(judging(null, text, {}, { ...own, writers: Object.fromEntries([...text].map((sign) => [sign, "S"])) })).toEqual(
      refused("characters"),
    ),
  )
  it("[GATE1] the call of a footnote that went meanwhile goes from the words that an undo brings back", () =>
    expect(judging("a[S:x]b", "a[S:x\ufffcy]b")).toEqual(mended({ kind: "strip", items: [letter("\ufffc")] })))
  it.each(["clause", "paragraph", "quote"])("[GATE1] a split under a mark of its own, in a %s", (type) =>
    expect(judging("ab", "a[S:\u2029]b", {}, { type })).toEqual(ok),
  )
  it.each(["note", "title", "designation", "formula", "head", "heading", "table"])("[GATE1] nothing else is cut in two, so no %s", (type) =>
    expect(judging("ab", "a[S:\u2029]b", {}, { type })).toEqual(refused("characters")),
  )
  it("[GATE1] the call of no footnote in words that are new", () => expect(judging("ab", "a[S:x\ufffc]b")).toEqual(refused("characters")))
  it("[GATE1] an invisible sign where no script needs it goes", () =>
    expect(judging("ab", "a[S:\u200c]b")).toEqual(mended({ kind: "strip", items: [letter("\u200c")] })))
  it.each([
    ["another's", { id: own.attrs.id, insertedBy: "B", insertedId: idOf("B", 9) }, "forged-block"],
    ["nobody's", { id: own.attrs.id }, "forged-block"],
    ["under another's id", { ...own.attrs, id: `n${idOf("B", 9)}` }, "block-id"],
    ["that calls itself joined", { ...own.attrs, joined: "c" }, "block-shape"],
    ["with an attribute of no block", { ...own.attrs, evil: "1" }, "block-shape"],
  ])("[GATE4] a new clause %s", (_, attrs, reason) => expect(judging(null, "[S9:x]", {}, { attrs })).toEqual(refused(reason)))
  it("[GATE4] a block is removed", () =>
    expect(judge(block("a"), block(null), { ...nothingFresh }, { source: "S", rest: rest() })).toEqual(refused("block-removed")))
  it("[GATE4] an attribute of an agreed clause", () =>
    expect(judge(block("a"), block("a", { attrs: { level: 2 } }), { ...nothingFresh }, { source: "S", rest: rest() })).toEqual(
      refused("block-attributes"),
    ))
  it.each([
    ["open", own.attrs],
    ["agreed by now", { id: own.attrs.id }],
  ])("[GATE4] a level of a paragraph of one's own, %s: only a clause has one", (_, attrs) => {
    const paragraph = (parts: Sketch["attrs"]): State => block("a", { attrs: parts ?? {}, type: "paragraph" })
    expect(judge(paragraph(attrs), paragraph({ ...attrs, level: 3 }), { ...nothingFresh }, { source: "S", rest: rest() })).toEqual(
      refused("block-attributes"),
    )
  })
  it("[GATE11] more marks than a source may have", () =>
    expect(judging("ab", "a[S:x]b", { countOf: () => ({ marks: 1_000_000, letters: 0, blocks: 0, entries: 0 }) })).toEqual(
      refused("too-many-changes"),
    ))

  describe("among tombstones that lead elsewhere", () => {
    const moves = new Moves()
    moves.note([serverClient, 5, 1, serverClient, 500])
    it("[GATE8] new words go there", () =>
      expect(judging("a~", "a~[S:x]", { moves })).toEqual(
        mended({ kind: "strip" }, { kind: "carry", words: "x", behind: { client: serverClient, clock: 5 } }),
      ))
    it("[GATE8] a deletion that reaches over them strikes what they are now", () =>
      expect(judging("a~b", "{S:a~b}", { moves })).toEqual(
        mended({ kind: "strike", letters: [expect.objectContaining({ clock: 5, length: 1 })] }),
      ))
    it("[GATE8] but for what its writer had heard of", () => {
      const sketch = { marks: { [idOf("S")]: { heard: "501" } } }
      const fresh = between("a~b", "{S:a~b}", "S", sketch)
      const heard = { ...fresh, marks: new Map([...fresh.marks].map(([key, { mark }]) => [key, { mark, heard: 501 }])) }
      expect(judge(block("a~b"), block("{S:a~b}", sketch), heard, { source: "S", rest: rest({ moves }) })).toEqual(ok)
    })
  })

  describe("proposals about blocks as wholes", () => {
    const entry = (parts: Record<string, unknown> = {}): Record<string, unknown> => ({
      id: idOf("S"),
      of: "",
      source: "S",
      block: "c",
      kind: "delete",
      ...parts,
    })
    const writing = (value: unknown, others: Partial<Rest> = {}, key = idOf("S"), was: unknown = undefined): Verdict =>
      judge(
        { blocks: new Map(), entries: new Map(was === undefined ? [] : [[key, was]]) },
        { blocks: new Map(), entries: new Map([[key, value]]) },
        { ...nothingFresh, known: new Map([[clients.S!, 0]]) },
        { source: "S", rest: rest({ typeOf: () => "clause", ...others }) },
      )
    it("[GATE3] one's own", () => expect(writing(entry())).toEqual(ok))
    it("[GATE3] under another's source", () => expect(writing(entry({ source: "B" }))).toEqual(refused("structure-shape")))
    it("[GATE3] of no known kind", () => expect(writing(entry({ kind: "adopt" }))).toEqual(refused("structure-shape")))
    it("[GATE3] one that follows what is joined: the server writes it", () => {
      expect(writing(entry({ kind: "join", into: "d", apart: true }))).toEqual(refused("structure-shape"))
      expect(writing(entry({ kind: "join", into: "d", apart: false }))).toEqual(refused("structure-shape"))
    })
    it("[GATE3] nor is it made something else: only taken back", () => {
      const key = `S.${serverClient}.4`
      const following = { ...entry({ id: key, of: idOf("S"), kind: "join", into: "d", apart: true }), changeId: idOf("S") }
      const over = (value: unknown): Verdict => writing(value, { lastNumberOf: () => 4, isOpen: () => true }, key, following)
      const others = [
        { kind: "join", into: "d" },
        { kind: "delete" },
        { kind: "move", after: "d" },
        { kind: "join", into: "e", apart: true },
      ]
      for (const other of others) expect(over(entry({ id: key, of: idOf("S"), ...other }))).toEqual(refused("structure-shape"))
      expect(over(entry({ id: key, of: idOf("S"), kind: "join", into: "d", apart: true }))).toEqual(ok)
      expect(over(undefined)).toEqual(ok)
    })
    it("[GATE3] of a client that is not one's own", () =>
      expect(writing(entry({ id: "S.102.1" }), {}, "S.102.1")).toEqual(refused("foreign-key")))
    it("[GATE3] of another, written and taken back at once: its tombstone would win over what that one writes there", () =>
      expect(writing(undefined, {}, idOf("B"))).toEqual(refused("foreign-key")))
    it.each([entry({ id: "S.103.1" }), undefined])("[GATE3] of a colleague, that was never written", (value) =>
      expect(writing(value, { sourceOf: () => "S" }, "S.103.1")).toEqual(refused("foreign-key")),
    )
    it("[GATE3] one's own, taken back at once", () => expect(writing(undefined)).toEqual(ok))
    it("[GATE3] one's own, taken back once more", () =>
      expect(writing(undefined, { sourceOf: () => "S", lastNumberOf: () => 4 }, "S.103.4")).toEqual(ok))
    it("[GATE3] of another, that the server made", () =>
      expect(writing(undefined, {}, `B.${serverClient}.4`)).toEqual(refused("foreign-key")))
    it("[LINK3] so of links", () => {
      const linking = (key: string): Verdict =>
        judge(
          { blocks: new Map(), entries: new Map() },
          { blocks: new Map(), entries: new Map(), links: new Map([[key, undefined]]) },
          { ...nothingFresh, known: new Map([[clients.S!, 0]]) },
          { source: "S", rest: rest() },
        )
      expect(linking(idOf("B"))).toEqual(refused("foreign-key"))
      expect(linking(idOf("S"))).toEqual(ok)
    })
    it("[GATE3] about a title", () => expect(writing(entry(), { typeOf: () => "title" })).toEqual(refused("structure-block")))
    it("[GATE3] about a title that is gone", () =>
      expect(writing(entry(), { typeOf: () => null, typeEver: () => "title" })).toEqual(refused("structure-block")))
    it("[GATE3] about a block that is gone: told", () =>
      expect(writing(entry(), { typeOf: () => null })).toEqual({
        repairs: [{ kind: "dropEntry", id: idOf("S"), stays: null, isLate: true }],
        kept: [{ proposal: "delete" }],
      }))
    it("[GATE7] that was decided, in silence", () => expect(writing(entry(), decided(idOf("S")))).toEqual(mended({ kind: "dropEntry" })))
    it("[GATE14] that was accepted and waits is taken out by nobody", () => {
      const there = { ...entry(), changeId: idOf("S") }
      const taking = (others: Partial<Rest>): Verdict =>
        judge(
          { blocks: new Map(), entries: new Map([[idOf("S"), there]]) },
          { blocks: new Map(), entries: new Map([[idOf("S"), undefined]]) },
          { ...nothingFresh, known: new Map([[clients.S!, 0]]) },
          { source: "S", rest: rest({ typeOf: () => "clause", ...others }) },
        )
      expect(taking({})).toEqual(ok)
      expect(taking(decided(idOf("S")))).toEqual(mended({ kind: "dropEntry", stays: there }))
    })
    it("[GATE14] that joins a decided change", () =>
      expect(writing(entry({ of: idOf("S", 3) }), { isDecided: (change) => change === idOf("S", 3) })).toEqual(
        mended({ kind: "rename", what: "entry", of: "" }, { kind: "succeed", change: idOf("S", 3), next: idOf("S") }),
      ))
    const of = (...sorts: Sort[]): Partial<Rest> => ({
      isOpen: (change) => change === idOf("S", 3),
      sortsOf: (change) => new Set(change === idOf("S", 3) ? sorts : []),
    })
    it.each<[string, Record<string, unknown>, Sort]>([
      ["the deletion of a clause in the change of a new one", {}, "new clause"],
      ["a join in the change of a level", { kind: "join", into: "d" }, "level"],
      ["a move in the change of words", { kind: "move", after: "d" }, "text"],
      ["a level in the change of a move", { kind: "level", level: 2 }, "move"],
    ])("[GATE14] %s is a change of its own: a card shows one thing, and a decision does no more", (_, act, sort) =>
      expect(writing(entry({ ...act, of: idOf("S", 3) }), of(sort))).toEqual(mended({ kind: "rename", what: "entry", of: "" })),
    )
    it("[GATE14] what one gesture does to words and clauses is one", () =>
      expect(writing(entry({ kind: "join", into: "d", of: idOf("S", 3) }), of("text"))).toEqual(ok))
    it("[GATE14] words elsewhere in the change of a new clause are a change of their own", () =>
      expect(judging("ab", "a[S5:x]b", of("new clause"), { marks: { [idOf("S", 5)]: { of: idOf("S", 3) } } })).toEqual(
        mended({ kind: "rename", what: "mark", mark: expect.objectContaining({ of: "" }) }),
      ))
    it("[GATE14] a new clause in the change of words is one too", () =>
      expect(judging(null, "[S9:x]", of("text"), { attrs: { ...own.attrs, insertedId: idOf("S", 3) } })).toEqual(
        mended({ kind: "rename", what: "block", change: idOf("S", 9) }),
      ))
    it("[GATE14] two of different sorts cannot have one id", () =>
      expect(writing(entry({ kind: "move", after: "d" }), { isOpen: () => true, sortsOf: () => new Set<Sort>(["text"]) })).toEqual(
        refused("mixed-change"),
      ))
    const beside = (act: Record<string, unknown>, ...there: Record<string, unknown>[]): Verdict =>
      judge(
        {
          blocks: new Map(),
          entries: new Map(there.map((other, i) => [idOf("S", 5 + i), { ...entry(other), id: idOf("S", 5 + i), changeId: idOf("S", 3) }])),
        },
        { blocks: new Map(), entries: new Map([[idOf("S"), entry({ ...act, of: idOf("S", 3) })]]) },
        { ...nothingFresh, known: new Map([[clients.S!, 0]]) },
        { source: "S", rest: rest({ typeOf: () => "clause", isOpen: (change) => change === idOf("S", 3) }) },
      )
    it.each<[string, Record<string, unknown>, Record<string, unknown>[]]>([
      ["a second level", { kind: "level", level: 3 }, [{ kind: "level", level: 2 }]],
      ["a second place", { kind: "move", after: "e" }, [{ kind: "move", after: "d" }]],
      ["a join of a clause that goes", { kind: "join", into: "d" }, [{ kind: "delete" }]],
      ["a join into a clause that goes", { kind: "join", into: "d" }, [{ kind: "delete", block: "d" }]],
      ["the end of a clause that takes words in", { kind: "delete" }, [{ kind: "join", block: "d", into: "c" }]],
      [
        "a join back, over others",
        { kind: "join", into: "d" },
        [
          { kind: "join", block: "d", into: "e" },
          { kind: "join", block: "e", into: "c" },
        ],
      ],
      ["a move in a circle", { kind: "move", after: "d" }, [{ kind: "move", block: "d", after: "c" }]],
    ])("[GATE14] %s is a change of its own: no text follows both", (_, act, there) =>
      expect(beside(act, ...there)).toEqual(mended({ kind: "rename", what: "entry", of: "" })),
    )
    it("[GATE14 GATE15] so what repairs have led on to a clause that another of the change does something to", () => {
      const written = (kind: Record<string, unknown>, n: number): [string, unknown] => [
        idOf("S", n),
        { ...entry(kind), id: idOf("S", n), of: idOf("S", 3) },
      ]
      const left = (...parts: [string, unknown][]): Verdict =>
        judge({ blocks: new Map(), entries: new Map() }, { blocks: new Map(), entries: new Map(parts) }, nothingFresh, {
          source: "S",
          rest: rest({ typeOf: () => "clause", isOpen: () => true, sourceOf: () => "S", lastNumberOf: () => 9 }),
        })
      const goes = written({ kind: "delete", block: "d" }, 5)
      expect(left(goes, written({ kind: "join", into: "d" }, 6))).toEqual(
        mended({ kind: "rename", what: "entry", id: idOf("S", 6), of: "" }),
      )
      expect(left(goes, written({ kind: "join", into: "e" }, 6))).toEqual(ok)
    })
    it("[GATE14] several clauses may go, be joined or move by one gesture", () => {
      expect(beside({ kind: "delete" }, { kind: "delete", block: "d" }, { kind: "join", block: "e", into: "f" })).toEqual(ok)
      expect(beside({ kind: "join", into: "d" }, { kind: "join", block: "d", into: "e" })).toEqual(ok)
      expect(beside({ kind: "move", after: "d" }, { kind: "move", block: "d", after: "e" })).toEqual(ok)
    })
    it("[GATE14] nor can it be one with what names it", () =>
      expect(
        judge(
          {
            blocks: new Map(),
            entries: new Map([[idOf("S", 5), { ...entry({ kind: "level", level: 2 }), of: idOf("S"), changeId: idOf("S") }]]),
          },
          { blocks: new Map(), entries: new Map([[idOf("S"), entry({ kind: "level", level: 3 })]]) },
          { ...nothingFresh, known: new Map([[clients.S!, 0]]) },
          { source: "S", rest: rest({ typeOf: () => "clause" }) },
        ),
      ).toEqual(refused("mixed-change")))
    it("[GATE14] of two insertions none stands in the other and the other in it", () => {
      const circle = { marks: { [idOf("S")]: { within: [idOf("S", 2)] }, [idOf("S", 2)]: { within: [idOf("S")] } } }
      expect(judging("ab", "a[S:x[S2:y]]b", {}, circle)).toEqual(refused("circular-names"))
    })
    it("[GATE14] so of one that is written anew under its old key", () => {
      const [as, now] = [[], [idOf("B")]].map((within) => ({ marks: { [idOf("S")]: { within }, [idOf("B")]: { within: [idOf("S")] } } }))
      const text = "a[S:x[B:y]]b"
      expect(judge(block(text, as), block(text, now), nothingFresh, { source: "S", rest: rest() })).toEqual(refused("circular-names"))
      expect(judge(block(text, as), block(text, as), nothingFresh, { source: "S", rest: rest() })).toEqual(ok)
    })
    it("[GATE11] more than a source may have", () =>
      expect(writing(entry(), { countOf: () => ({ marks: 0, letters: 0, blocks: 0, entries: 1_000_000 }) })).toEqual(
        refused("too-many-changes"),
      ))
  })
})
