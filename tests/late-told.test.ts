import { strFromU8, unzipSync } from "fflate"
import { describe, expect, it } from "vitest"
import { fateNames, fatesIn } from "../client/draft/fates.ts"
import { OpenChanges } from "../server/drafts/open-changes.ts"
import type { OpenDraft } from "../server/drafts/open-draft.ts"
import { readFile } from "../server/files/read-file.ts"
import { formats, write } from "../server/papers/formats.ts"
import type { Printable } from "../server/papers/printable.ts"
import type { Entry } from "../shared/api/contract.ts"
import { changeShape } from "../shared/api/shapes.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

/** Sweden replaces "publish orbits" without a line, while Brazil's other words for it are accepted. */
async function late(): Promise<Cohort> {
  const cohort = new Cohort(draftState([head("resolves"), clause("to publish orbits and brightness;", "c1"), clause("to report,", "c2")]))
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  s.cut()
  cohort.members.splice(cohort.members.indexOf(s), 1)
  s.replace(1, 3, 17, "register each orbit")
  b.replace(1, 3, 17, "disclose paths")
  await cohort.settle()
  expect(await cohort.decide([cohort.changes()[0]!.id], "accept")).toBe(true)
  await cohort.settle()
  cohort.members.push(s)
  await cohort.settle()
  return cohort
}

const said = (whose: string): string =>
  `This came too late for what it was to replace: “publish orbits” was replaced by “disclose paths” of ${whose}, accepted meanwhile. Accepting this puts “register each orbit” in beside that: both stand.`

const paper = (cohort: Cohort): Printable => ({ ...paperOf(cohort.room.main), sources: new Map([["B", "Brazil"]]) })

/** All words that a file holds. */
function wordsOf(format: (typeof written)[number], bytes: Uint8Array): string {
  const text =
    format === "docx"
      ? Object.values(unzipSync(bytes))
          .map((part) => strFromU8(part))
          .join("\n")
      : new TextDecoder().decode(bytes)
  return text.replace(/<[^>]*>/g, (tag) => (tag.includes(" late=") ? tag : "")).replaceAll("&quot;", '"')
}

/** A PDF is printed from the page. */
const written = formats.filter((format) => format !== "pdf")

describe("wherever it is told what became of a change that came too late", () => {
  it("[RIVAL4] every form that shows changes says what its card says", async () => {
    const cohort = await late()
    for (const format of written)
      for (const view of ["open", "against"] as const)
        for (const marks of ["delegation", "body", "plain"] as const) {
          const bytes = write(paper(cohort), { format, view, marks, hasComments: false, template: null })
          const whose = marks !== "delegation" ? "another delegation" : format === "json" || format === "akn" ? "B" : "Brazil (B)"
          expect(wordsOf(format, bytes), `${format}, ${view}, ${marks}`).toContain(said(whose))
          // Our own forms are read again, whatever they say of it.
          if (format === "json" || format === "akn") expect(readFile(bytes).changes).not.toEqual([])
        }
  })
  it("[RIVAL4] no form says it of what is shown without changes, or once the other is taken back", async () => {
    const cohort = await late()
    for (const view of ["force", "working", "proposed", "rolling"] as const)
      for (const format of written)
        expect(
          wordsOf(format, write(paper(cohort), { format, view, marks: "delegation", hasComments: true, template: null })),
        ).not.toContain("came too late")
    expect(await cohort.takeBack(1)).toBe(true)
    for (const format of written)
      expect(
        wordsOf(format, write(paper(cohort), { format, view: "open", marks: "delegation", hasComments: true, template: null })),
      ).not.toContain("came too late")
  })
  it("[RIVAL4] the list of open changes says it", async () => {
    const cohort = await late()
    const bytes = await new OpenChanges(async () => () => null).json({ room: cohort.room } as OpenDraft)
    const list = changeShape.array().parse(JSON.parse(new TextDecoder().decode(bytes)))
    expect(list.map((change) => change.late)).toEqual([said("B")])
  })
  it.each(["accept", "notRetain"] as const)("[RIVAL4] the record says it of what was decided (%s), and “Decided” too", async (verdict) => {
    const cohort = await late()
    expect(await cohort.decide([cohort.changes()[0]!.id], verdict)).toBe(true)
    const { details } = cohort.log.entries.at(-1)!
    expect((details.changes as { late?: string }[]).map((change) => change.late)).toEqual([said("B")])
    const [fate] = fatesIn(cohort.log.entries as unknown as Entry[])
    expect([fate!.late, fateNames[fate!.act]]).toEqual([said("B"), verdict === "accept" ? "Accepted into the text" : "Not retained"])
    expect((cohort.log.entries[0]!.details.changes as { late?: string }[])[0]!.late).toBeUndefined()
  })
})
