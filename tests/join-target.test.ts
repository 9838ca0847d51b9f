import { strFromU8, unzipSync } from "fflate"
import { describe, expect, it } from "vitest"
import { write } from "../server/papers/formats.ts"
import { describeChange } from "../shared/changes/changes.ts"
import { structureRoot } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

async function scene(): Promise<{ cohort: Cohort; s: Member; b: Member }> {
  const words = ["to keep a lamp,", "to count the lamps,", "to report yearly,", "to share all,"]
  const cohort = new Cohort(draftState([head("resolves"), ...words.map((text, i) => clause(text, `c${i}`))]))
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  return { cohort, s, b }
}

/** Written as no client of ours writes it. */
function propose({ session: { doc } }: Member, block: string, into: string, of = ""): void {
  const id = `S.${doc.clientID}.900`
  doc.getMap(structureRoot).set(id, { id, of, source: "S", block, kind: "join", into })
}

const said = (cohort: Cohort, source = "S"): string[] =>
  cohort
    .changes()
    .filter((change) => change.source === source)
    .map((change) => describeChange(change))

/** What the paper of a draft says in a form, in a view. */
function paper(cohort: Cohort, format: "txt" | "html" | "docx", view: "open" | "rolling" = "open"): string {
  const bytes = write(paperOf(cohort.room.main), { format, view, marks: "delegation", hasComments: false, template: null })
  const text =
    format === "docx"
      ? Object.values(unzipSync(bytes))
          .map((part) => strFromU8(part))
          .join("\n")
      : new TextDecoder().decode(bytes)
  return text.replace(/<[^>]*>/g, "")
}

describe("where a clause would go that is to become one with another", () => {
  it("[TRK5] the one before is called that", async () => {
    const { cohort, s } = await scene()
    s.session.restructuring.join(4)
    await cohort.settle()
    expect(said(cohort)).toEqual(["join “to share all,” to the clause before"])
    expect(paper(cohort, "txt")).toContain("joined to the clause before")
    expect(paper(cohort, "html")).toContain("joins the clause before")
    expect(paper(cohort, "txt", "rolling")).toContain("join to the clause before")
  })
  it.each([
    ["an earlier one", "c3", "c0", "to keep a lamp,", "resolves 1"],
    ["a later one", "c0", "c2", "to report yearly,", "resolves 3"],
    ["the one behind it", "c1", "c2", "to report yearly,", "resolves 3"],
  ])("[TRK5] %s is named, wherever the change is told", async (_, block, into, words, address) => {
    const { cohort, s } = await scene()
    propose(s, block, into)
    await cohort.settle()
    expect(said(cohort)[0]).toContain(`to the clause “${words}”`)
    expect(paper(cohort, "txt")).toContain(`joined to the clause “${words}”`)
    expect(paper(cohort, "html")).toContain(`joins the clause “${words}”`)
    expect(paper(cohort, "docx")).toContain(`S would join it to ${address}.`)
    expect(paper(cohort, "txt", "rolling")).toContain(`join to the clause “${words}”`)
    for (const form of ["txt", "html", "docx"] as const) expect(paper(cohort, form)).not.toContain("clause before")
  })
  it("[TRK5] so is the one before once another has come between, accepted or not, and again once that has gone", async () => {
    const { cohort, s, b } = await scene()
    s.session.restructuring.join(4)
    await cohort.settle()
    b.session.tracking.addClauseWith(4, "to begin,")
    await cohort.settle()
    const named = ["join “to share all,” to the clause “to report yearly, ”"]
    const between = said(cohort)
    expect(between.map((text) => text.replace(", ”", ",”"))).toEqual(named.map((text) => text.replace(", ”", ",”")))
    const id = cohort.changes().find(({ source }) => source === "B")!.id
    expect(await cohort.decide([id], "accept")).toBe(true)
    await cohort.settle()
    expect(said(cohort)).toEqual(between)
    expect(await cohort.takeBack(1)).toBe(true)
    await cohort.settle()
    b.session.restructuring.deleteClause(4)
    await cohort.settle()
    expect(said(cohort)).toEqual(["join “to share all,” to the clause before"])
  })
  it("[TRK5] what one takes out over several clauses is told as before; a join that hangs on to words elsewhere is told with them", async () => {
    const { cohort, s } = await scene()
    s.session.tracking.dispatch(s.state.tr.delete(s.pos(1, 7), s.pos(3, 3)))
    await cohort.settle()
    const [whole] = said(cohort)
    expect(whole).not.toContain("join")
    const other = await scene()
    other.s.delete(1, 3, 7)
    await other.cohort.settle()
    propose(other.s, "c3", "c2", other.cohort.changes()[0]!.id)
    await other.cohort.settle()
    expect(said(other.cohort)).toEqual(["delete “keep”, join “to share all,” to the clause before"])
  })
})
