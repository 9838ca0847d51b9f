import { Fragment, Slice } from "prosemirror-model"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { pasteTold } from "../client/editor/clipboard.ts"
import { asStated, saidAlready } from "../server/comparison/already.ts"
import { laidBeside } from "../server/comparison/beside.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { write } from "../server/papers/formats.ts"
import { finished } from "../shared/changes/slices.ts"
import { blocksOfDoc, schema } from "../shared/schema/schema.ts"
import { Cohort, type Member } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

const text =
  "RESOLUTION 7\nOn harbours\nThe Council,\nconsidering\na)\tthat lamps burn;\nb)\tthat lamps smoke,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the lamps each year;\n3\tto report.\n"

const at = (member: Member, word: string): number => {
  for (let i = 0; i < member.state.doc.childCount; i++) if (member.text(i).includes(word)) return i
  throw new Error(`no clause holds ${word}`)
}

/** Pastes paragraphs at a place of a clause. */
function paste(member: Member, word: string, offset: number, lines: readonly string[]): void {
  const nodes = lines.map((line) => schema.nodes.paragraph!.create(null, schema.text(line)))
  const index = at(member, word)
  const place = member.pos(index, offset < 0 ? member.text(index).length : offset)
  member.session.tracking.dispatch(member.state.tr.replace(place, place, new Slice(Fragment.from(nodes), 1, 1)))
}

/** What the draft's own paper would bring it: changes that are not there already, in the words of each. */
function broughtBy(cohort: Cohort, format: "json" | "akn" | "docx", of: Cohort = cohort): string[] {
  const { gate } = cohort.room
  const paper = paperOf(of.room.gate.shadow)
  const read = readFile(write(paper, { format, view: "open", marks: "delegation", hasComments: true, template: null }))
  const stated = read.changes.map((change) => ({ ...change, source: change.source ?? change.enteredBy }))
  const file = laidBeside({ ...read, changes: stated }, fileDraftOf(paperOf(gate.shadow), "working"), { isCompared: false, confirmed: [] })
  const said = finished(saidAlready(Y.encodeStateAsUpdate(gate.shadow), { ...file, name: "ours" }, new Set(), asStated))
  const known = new Set(said.map(({ id }) => id))
  return file.draft.changes.filter(({ id }) => !known.has(id)).map(({ kind, text, source }) => `${source} ${kind}: ${text}`)
}

describe("a draft's own paper, brought back to it", () => {
  const list = ["to light one;", "to light two;", "to light three;"]
  it.each([
    ["a list behind a clause", (s: Member) => paste(s, "to count", -1, list)],
    ["a list within a clause", (s: Member) => paste(s, "to count", 3, list)],
    ["a list before a clause", (s: Member) => paste(s, "to count", 0, list)],
    [
      "a list in a new clause",
      (s: Member) => {
        s.session.tracking.addClauseWith(at(s, "to count") + 1, "to act:")
        paste(s, "to act", -1, list)
      },
    ],
    [
      "a list in an empty new clause",
      (s: Member) => {
        s.session.tracking.addClause(at(s, "to count") + 1, null)
        s.session.tracking.dispatch(
          s.state.tr.replace(
            s.pos(at(s, "to count") + 1, 0),
            s.pos(at(s, "to count") + 1, 0),
            new Slice(Fragment.from(list.map((line) => schema.nodes.paragraph!.create(null, schema.text(line)))), 1, 1),
          ),
        )
      },
    ],
    [
      "two new clauses, one after the other",
      (s: Member) => {
        s.session.tracking.addClauseWith(at(s, "to count") + 1, "to act;")
        s.session.undoManager.stopCapturing()
        s.session.tracking.addClauseWith(at(s, "to act") + 1, "to act again;")
      },
    ],
    [
      "words in two places",
      (s: Member) => {
        s.type(at(s, "to count"), 3, "always ")
        s.replace(at(s, "to keep"), 3, 7, "put")
      },
    ],
    ["words in a head", (s: Member) => s.type(at(s, "resolves"), 0, "further ")],
    ["a head that is replaced", (s: Member) => s.replace(at(s, "considering"), 0, "considering".length, "lamenting")],
    [
      "words taken out over two clauses",
      (s: Member) => s.session.tracking.dispatch(s.state.tr.delete(s.pos(at(s, "to keep"), 8), s.pos(at(s, "to count"), 3))),
    ],
  ] as const)("[ONTO10] %s: nothing is brought", async (_, act) => {
    const cohort = new Cohort(openingStateOf(readText(text)).update)
    const s = cohort.member("S")
    await cohort.settle()
    act(s)
    await cohort.settle()
    for (const format of ["json", "akn", "docx"] as const) expect(broughtBy(cohort, format), format).toEqual([])
  })
  it("[TRK9] several paragraphs that are pasted are not glued to the words around, stand in their order, and are each a change", async () => {
    const pasted = async (word: string, offset: number, lines: readonly string[]): Promise<{ texts: string[]; changes: string[] }> => {
      const cohort = new Cohort(openingStateOf(readText(text)).update)
      const s = cohort.member("S")
      await cohort.settle()
      paste(s, word, offset, lines)
      await cohort.settle()
      const texts = Array.from({ length: s.state.doc.childCount }, (_, i) => s.text(i)).slice(-(lines.length + 2))
      return { texts, changes: cohort.changes().map(({ kind, inserted }) => `${kind}: ${inserted}`) }
    }
    expect(await pasted("to count", -1, list)).toEqual({
      texts: [
        "to keep a lamp at every mole;",
        "to count the lamps each year; to light one;",
        "to light two;",
        "to light three;",
        "to report.",
      ],
      changes: ["insertion:  to light one;", "new clause: to light two;", "new clause: to light three;"],
    })
    expect(await pasted("to count", 3, list)).toMatchObject({ changes: ["insertion: to light one;¶to light two;¶to light three; "] })
    expect(await pasted("to count", 0, list)).toEqual({
      texts: [...list, "to count the lamps each year;", "to report."],
      changes: list.map((line) => `new clause: ${line}`),
    })
    expect(await pasted("to count", 8, ["ing", "ed"])).toMatchObject({ changes: ["insertion:  ing¶ed"] })
    expect(await pasted("to count", -1, [" and", "more"])).toMatchObject({ changes: ["insertion:  and", "new clause: more"] })
    expect(await pasted("to count", -1, ["、灯", "火"])).toMatchObject({ changes: ["insertion: 、灯", "new clause: 火"] })
    expect((await pasted("to count", 8, ["er"])).changes).toEqual(["insertion: er"])
  })
  it("[SAID2] what is said of a paste is what became of it, wherever it was pasted", async () => {
    const told = async (word: string, offset: number, lines: readonly string[], hasTable = false): Promise<string> => {
      const cohort = new Cohort(openingStateOf(readText(text)).update)
      const s = cohort.member("S")
      await cohort.settle()
      const { doc } = s.state
      const hasLevels = lines.some((line) => line.startsWith("\t"))
      const into = word === "" ? null : blocksOfDoc(doc)[at(s, word)]!
      paste(s, word, offset, lines)
      return pasteTold({ lines: lines.length, hasLevels, hasTable, leftOut: new Set() }, into, doc, s.state.doc)
    }
    expect(await told("to count", -1, list)).toBe("3 paragraphs pasted: the first into the clause that was there, behind it 2 new clauses.")
    expect(await told("to count", 0, list)).toBe("3 paragraphs pasted as new clauses.")
    const inside = "3 paragraphs pasted into the middle of a clause, as one change: accepted, it makes 3 clauses of that one."
    expect(await told("to count", 3, list)).toBe(inside)
    expect(await told("to count", 3, ["one;", "\ttwo;", "three;"])).toBe(`${inside} They all have its level.`)
    expect(await told("to count", 3, ["North\u2003twelve"], true)).toBe("A table is pasted as plain words, a line for each row.")
    expect(await told("to count", 3, ["one"])).toBe("")
  })
  it("[TRK9] a label typed before a tab is no words where its paragraph becomes a clause; items of deeper lists stand deeper", async () => {
    const cohort = new Cohort(openingStateOf(readText(text)).update)
    const s = cohort.member("S")
    await cohort.settle()
    const pasted = ["b)ter\tto wash windows;", "\t(i)\tby hand;", "\t\tby eye;", "see 1\tand 2;"]
    s.session.tracking.addClause(at(s, "to count") + 1, null)
    const empty = at(s, "to count") + 1
    const nodes = pasted.map((line) => schema.nodes.paragraph!.create(null, schema.text(line)))
    s.session.tracking.dispatch(s.state.tr.replace(s.pos(empty, 0), s.pos(empty, 0), new Slice(Fragment.from(nodes), 1, 1)))
    await cohort.settle()
    const lines = pasted.map((_, i) => [s.state.doc.child(empty + i).attrs.level, s.text(empty + i)])
    expect(lines).toEqual([
      [1, "to wash windows;"],
      [2, "by hand;"],
      [3, "by eye;"],
      [1, "see 1 and 2;"],
    ])
    // Into a sentence it comes as it is.
    paste(s, "to report", 9, ["a)\tthe minutes"])
    await cohort.settle()
    expect(s.text(at(s, "to report"))).toContain("to reporta) the minutes")
  })
  it("[ONTO10] what is proposed about another's new clause, or inside its words, is found to be there with it", async () => {
    const cohort = new Cohort(openingStateOf(readText(text)).update)
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    b.session.tracking.addClauseWith(at(b, "to count") + 1, "to act at once;")
    b.type(at(b, "to report"), 9, " on every lamp")
    await cohort.settle()
    s.session.restructuring.moveClause(at(s, "to act"), -1)
    s.type(at(s, "to report"), 12, " nearly")
    await cohort.settle()
    expect(cohort.changes()).toHaveLength(4)
    expect(broughtBy(cohort, "json")).toEqual([])
  })
  it("[ONTO10] words put into another's words, or struck there, are there already; at another place in them they are not", async () => {
    const drafted = async (place: number): Promise<Cohort> => {
      const cohort = new Cohort(openingStateOf(readText(text)).update)
      const [s, b] = [cohort.member("S"), cohort.member("B")]
      await cohort.settle()
      b.type(at(b, "to report"), 9, " on every lamp at sea")
      await cohort.settle()
      s.type(at(s, "to report"), place, " nearly")
      await cohort.settle()
      const from = s.text(at(s, "to report")).indexOf(" at sea")
      s.delete(at(s, "to report"), from, from + 7)
      await cohort.settle()
      expect(cohort.changes()).toHaveLength(3)
      return cohort
    }
    const [cohort, other] = [await drafted(12), await drafted(18)]
    for (const format of ["json", "akn", "docx"] as const) {
      expect(broughtBy(cohort, format), format).toEqual([])
      expect(broughtBy(cohort, format, other), format).toContain("S insertion:  nearly")
    }
  })
})
