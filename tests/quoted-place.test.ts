import { describe, expect, it } from "vitest"
import { addressesIn, fileChangeSaid } from "../client/panels/file-said.ts"
import { wordsBefore } from "../client/panels/words.tsx"
import { readFile } from "../server/files/read-file.ts"
import { write } from "../server/papers/formats.ts"
import type { Change } from "../shared/changes/changes.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

const text = "to watch the coastal area at night;"
const end = text.length - 1

async function room(): Promise<{ cohort: Cohort; s: Member; b: Member }> {
  const cohort = new Cohort(draftState([head("resolves"), clause(text, "c1"), clause("to report,", "c2")]))
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  return { cohort, s, b }
}

/** After which words a card says that a change stands. */
function placeOf(cohort: Cohort, isIt: (change: Change) => boolean): string {
  const change = cohort.changes().find(isIt)!
  const [{ block, from }] = change.segments as [Change["segments"][number]]
  return wordsBefore(
    blocksOf(cohort.room.main).find(({ id }) => id === block),
    from,
    change.source,
  )
}

describe("the words after which a change stands", () => {
  it("[UI151] are those that its delegation reads, and never a mixture of words that are struck and words that others propose", async () => {
    const { cohort, s, b } = await room()
    b.replace(1, "to watch the ".length, "to watch the coastal".length, "seaside")
    await cohort.settle()
    s.type(1, s.text(1).indexOf(" area") + " area".length, " and islands")
    b.type(1, b.text(1).indexOf(" at night"), " or ports")
    await cohort.settle()
    expect(b.text(1)).toContain("coastalseaside")
    expect(placeOf(cohort, ({ inserted }) => inserted === " and islands")).toBe("watch the coastal area")
    expect(placeOf(cohort, ({ inserted }) => inserted === " or ports")).toBe("watch the seaside area")
  })

  it("[UI151] stand within another's words where the change does, or in another's new clause", async () => {
    const { cohort, s, b } = await room()
    b.replace(1, "to watch the ".length, "to watch the coastal".length, "wide seaside")
    b.session.tracking.addClauseWith(2, "to list all stars;")
    await cohort.settle()
    s.type(1, s.text(1).indexOf("wide") + "wide".length, " open")
    s.type(2, "to list all".length, " bright")
    await cohort.settle()
    expect(placeOf(cohort, ({ inserted }) => inserted === " open")).toBe("to watch the wide")
    expect(placeOf(cohort, ({ inserted }) => inserted === " bright")).toBe("to list all")
  })

  it("[UI151] so of a split, on its card and of a file", async () => {
    const { cohort, s, b } = await room()
    b.replace(1, "to watch the ".length, "to watch the coastal".length, "seaside")
    await cohort.settle()
    s.session.tracking.split({ index: 1, at: s.text(1).length - (end - "to watch the coastal area ".length) - 1 })
    await cohort.settle()
    expect(placeOf(cohort, ({ source }) => source === "S")).toBe("watch the coastal area")
    const file = readFile(
      write(paperOf(cohort.room.main), { format: "json", view: "open", marks: "delegation", hasComments: true, template: null }),
    )
    const said = file.changes.map((change) => fileChangeSaid(change, file, addressesIn(file)))
    expect(said).toContain("split resolves 1 after “watch the coastal area”")
  })
})
