import { describe, expect, it } from "vitest"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { write } from "../server/papers/formats.ts"
import { writePlainText } from "../server/papers/text.ts"
import { labelsOf } from "../shared/clauses/labels.ts"
import { isBlank, isPresent, textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { metaOfDoc } from "../shared/sync/roots.ts"
import { Cohort, type Member, signature } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

const text = "RESOLUTION 1\nOn lamps\nThe Council,\nresolves\n1\tone burns;\n2\ttwo burns;\n3\tthree burns.\n"

async function room(): Promise<{ cohort: Cohort; f: Member; b: Member }> {
  const cohort = new Cohort(openingStateOf(readText(text)).update)
  const [f, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  return { cohort, f, b }
}

const at = (member: Member, words: string): number => {
  for (let i = 0; i < member.state.doc.childCount; i++) if (member.text(i).startsWith(words)) return i
  throw new Error(`no clause begins with ${words}`)
}
const add = (member: Member, behind: string, words: string): void => member.session.tracking.addClauseWith(at(member, behind) + 1, words)

/** The labels of the clauses that were added, in order, the same for everybody. */
async function labels(cohort: Cohort): Promise<string[]> {
  await cohort.settle()
  const seen = [cohort.room.gate.shadow, cohort.room.main, ...cohort.members.map(({ session }) => session.doc)].map((doc) => {
    const { profile, labels: standing } = metaOfDoc(doc)
    const blocks = blocksOf(doc)
    const called = labelsOf(blocks, profile, standing)
    return blocks.flatMap((block) =>
      block.type === "clause" && isPresent(block) && !isBlank(block) && block.origin === null
        ? [`${called.get(block.id)} ${textOf(block)}`]
        : [],
    )
  })
  for (const other of seen) expect(other).toEqual(seen[0])
  expect(signature(cohort.replayed())).toBe(signature(cohort.room.main))
  return seen[0]!
}

const idOf = (cohort: Cohort, source: string): string => cohort.changes().find((change) => change.source === source)!.id

describe("the label of a clause that is proposed", () => {
  it("[NUM12] is moved by nobody else's clause above it, and is that of the agreed clause", async () => {
    const { cohort, f, b } = await room()
    add(f, "two", "to list stars;")
    expect(await labels(cohort)).toEqual(["2 bis to list stars;"])
    add(b, "two", "to list moons;")
    expect(await labels(cohort)).toEqual(["2 ter to list moons;", "2 bis to list stars;"])
    const paper = writePlainText(paperOf(cohort.room.main), "proposed")
    expect(paper).toContain("2 bis\tto list stars;")
    expect(paper).toContain("2 ter\tto list moons;")
    for (const format of ["docx", "akn", "json"] as const) {
      const open = write(paperOf(cohort.room.main), { format, view: "open", marks: "delegation", hasComments: true, template: null })
      const read = readFile(open).blocks.flatMap(({ label, text: words }) => (words.startsWith("to list") ? [`${label} ${words}`] : []))
      expect(read, format).toEqual(["2 ter to list moons;", "2 bis to list stars;"])
    }
    await cohort.decide([idOf(cohort, "B")], "withdraw")
    expect(await labels(cohort)).toEqual(["2 bis to list stars;"])
    await cohort.decide([idOf(cohort, "S")], "accept")
    expect(await labels(cohort)).toEqual(["2 bis to list stars;"])
    expect(writePlainText(paperOf(cohort.room.main), "working")).toContain("2 bis\tto list stars;")
  })

  it("[NUM12] stays whichever of the two is decided first, and where that is taken back", async () => {
    for (const order of [
      ["S", "B"],
      ["B", "S"],
    ] as const) {
      const { cohort, f, b } = await room()
      add(f, "two", "to list stars;")
      await cohort.settle()
      add(b, "two", "to list moons;")
      const expected = ["2 ter to list moons;", "2 bis to list stars;"]
      expect(await labels(cohort)).toEqual(expected)
      for (const source of order) {
        await cohort.decide([idOf(cohort, source)], "accept")
        expect(await labels(cohort)).toEqual(expected)
      }
      expect(await cohort.takeBack(2), cohort.refusal?.message).toBe(true)
      expect(await labels(cohort)).toEqual(expected)
      expect(await cohort.takeBack(1), cohort.refusal?.message).toBe(true)
      expect(await labels(cohort)).toEqual(expected)
    }
  })

  it("[NUM12] follows the order of the clauses of one delegation, among what others hold", async () => {
    const { cohort, f, b } = await room()
    add(f, "two", "to list stars;")
    await cohort.settle()
    add(f, "two", "to count stars;")
    expect(await labels(cohort)).toEqual(["2 bis to count stars;", "2 ter to list stars;"])
    add(b, "to count", "to list moons;")
    expect(await labels(cohort)).toEqual(["2 bis to count stars;", "2 quater to list moons;", "2 ter to list stars;"])
    add(f, "two", "to name stars;")
    expect(await labels(cohort)).toEqual([
      "2 bis to name stars;",
      "2 ter to count stars;",
      "2 quater to list moons;",
      "2 quinquies to list stars;",
    ])
  })

  it("[NUM12] is free once the clause holds nothing, and is given anew where it has another level", async () => {
    const { cohort, f, b } = await room()
    add(f, "two", "stars;")
    await cohort.settle()
    f.delete(at(f, "stars"), 0, "stars;".length)
    await cohort.settle()
    add(b, "two", "to list moons;")
    expect(await labels(cohort)).toEqual(["2 bis to list moons;"])
    add(f, "to list", "to list stars;")
    expect(await labels(cohort)).toEqual(["2 bis to list moons;", "2 ter to list stars;"])
    f.session.restructuring.changeLevel(at(f, "to list stars"), 1)
    expect(await labels(cohort)).toEqual(["2 bis to list moons;", "2 bis.1 to list stars;"])
    await cohort.decide([idOf(cohort, "S")], "withdraw")
    expect([...cohort.room.main.getMap("given").values()]).toEqual([["2 bis", 1]])
  })

  it("[NUM12] under a head that was added itself clauses are counted, and a lone one has no label", async () => {
    const cohort = new Cohort(openingStateOf(readText("RESOLUTION 1\nOn lamps\nThe Council,\nresolves\n")).update)
    const [f, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    add(f, "resolves", "to list stars;")
    await cohort.settle()
    add(b, "resolves", "to list moons;")
    expect((await labels(cohort)).map((line) => line.slice(0, 2))).toEqual(["1 ", "2 "])
  })
})
