import { describe, expect, it } from "vitest"
import type { Draft } from "../client/draft/draft.ts"
import { entriesOf } from "../client/panels/entries.ts"
import { countOf } from "../client/panels/rows.tsx"
import type { Change } from "../shared/changes/changes.ts"
import { countsOf } from "../shared/changes/counts.ts"
import { markId } from "../shared/schema/keys.ts"
import { structureRoot } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort } from "./cohort.ts"

const ids = ["a", "b", "c", "d"]
const base = draftState([head("resolves"), ...ids.map((id) => clause(`to keep a lamp at mole ${id},`, id))])

/** As much of an open draft as the margin's rows ask for. */
const shown = (changes: readonly Change[], leaving: readonly string[] = []): Draft =>
  ({
    page: { view: { value: "markup" } },
    room: { threads: { value: [] } },
    text: { changes: { value: changes }, places: { value: new Map() } },
    remarks: { halfWritten: { value: [] } },
    deciding: { open: { value: changes.filter(({ id }) => !leaving.includes(id)) } },
  }) as never

/** The numbers of changes that the margin tells, clause by clause: of those that begin there. */
const inMargin = (draft: Draft): number[] =>
  [...entriesOf(draft, false).values()].map((entries) => {
    const [said] = countOf(draft, entries).split(", ")
    return /^\d+ changes? that begins? elsewhere/.test(said!) ? 0 : Number.parseInt(said!, 10)
  })

describe("how many changes are open", () => {
  it("[COUNT1] the margin counts each once, where it begins, in however many clauses it has rows", async () => {
    const cohort = new Cohort(base)
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    // One change of three clauses; and words that two propose alike.
    const { doc } = s.session
    const of = markId("S", doc.clientID, 9_000)
    doc.transact(() => {
      for (const [i, block] of ["a", "b", "c"].entries()) {
        const id = markId("S", doc.clientID, 9_000 + i)
        doc.getMap(structureRoot).set(id, { id, of: i === 0 ? "" : of, source: "S", block, kind: "delete" })
      }
    })
    for (const member of [s, b]) member.type(4, 3, "always ")
    await cohort.settle()
    const changes = cohort.changes()
    expect([...countsOf(changes).bySource]).toEqual([
      ["S", 2],
      ["B", 1],
    ])
    const draft = shown(changes)
    const rows = [...entriesOf(draft, false).values()].flat()
    expect([rows.length, countsOf(changes).all]).toEqual([5, 3])
    expect(inMargin(draft).reduce((sum, n) => sum + n, 0)).toBe(countsOf(changes).all)
    expect(countOf(draft, entriesOf(draft, false).get("b")!)).toBe("1 change that begins elsewhere, 1 delegation")
    for (const [block, n] of countsOf(changes).byBlock)
      expect(countOf(draft, entriesOf(draft, false).get(block)!)).toMatch(new RegExp(`^${n} change`))
    // What has just been decided is drawn for a moment still, and counted nowhere.
    expect(inMargin(shown(changes, [changes[0]!.id])).reduce((sum, n) => sum + n, 0)).toBe(2)
  })
})
