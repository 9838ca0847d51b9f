import { describe, expect, it } from "vitest"
import { readFile } from "../server/files/read-file.ts"
import { type Format, writePaper } from "../server/papers/formats.ts"
import type { Printable } from "../server/papers/printable.ts"
import { echoesIn } from "../shared/changes/once.ts"
import { type Block, defaultAttrs, type Mark, noStructure, type StructuralAct } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { run } from "./build.ts"

const id = (source: string, n = 1): string => `${source}.1.${n}`
const del = (source: string): Mark => newMark("deletion", { id: id(source), source })
const comes = (source: string): Mark => newMark("insertion", { id: id(source, 50), of: id(source), source })
const clause = (name: string, ...runs: Block["runs"]): Block => ({
  ...defaultAttrs,
  id: name,
  type: "clause",
  part: "operative",
  runs,
  structure: noStructure,
})
const added = (source: string, text: string): Block => ({
  ...clause(`n${source}`, run(text, newMark("insertion", { id: id(source, 2), source }))),
  insertedBy: source,
  insertedId: id(source, 2),
  origin: null,
})
const paper = (blocks: readonly Block[]): Printable => ({
  ...{
    profile: "itu",
    labels: {},
    renumbered: {},
    blocks,
    force: null,
    threads: [],
    places: new Map(),
    accepted: [],
    cover: [],
    debris: [],
  },
  ...{ warnings: [], entered: new Map(), people: new Map(), sources: new Map(), body: "", version: null, date: null },
})
const proposed = async (blocks: readonly Block[], format: Format): Promise<string> => {
  const bytes = await writePaper(paper(blocks), { format, view: "proposed", marks: "delegation", hasComments: false, template: null })
  if (format === "html") return new TextDecoder().decode(bytes)
  return JSON.stringify((await readFile(bytes, `a.${format}`)).blocks)
}

/** Three make 14 into 15; two add the same clause, one another. */
const scene = (inside: Block["runs"] = []): Block[] => [
  clause(
    "c",
    run("to thank the "),
    run("14", del("J"), del("K"), del("E")),
    run("15", comes("J")),
    run("15", comes("K")),
    ...inside,
    run("15", comes("E")),
    run(" keepers;"),
  ),
  added("J", "to count the lamps;"),
  added("K", "to count the lamps;"),
  added("E", "to count the bells;"),
  clause("d", run("to end.")),
]

describe("what several propose alike is read once", () => {
  it("[RIVAL1] as proposed, in every format", async () => {
    for (const format of ["txt", "html", "json", "docx", "akn"] as const) {
      const text = await proposed(scene(), format)
      expect(text, format).toContain("to thank the 15 keepers;")
      expect(text.split("to count the lamps;").length - 1, format).toBe(1)
      expect(text, format).toContain("to count the bells;")
    }
  })

  it("[RIVAL1] of several the one is read that others have put something into, or do something about", () => {
    const within = newMark("insertion", { id: "X.1.1", source: "X", within: [id("K", 50)] })
    expect([...echoesIn(scene([run("th", within, comes("K"))]))].sort()).toEqual([id("E"), id("J"), id("K", 2)])
    const act: StructuralAct = { kind: "delete" }
    const about = scene().map((block) =>
      block.id === "nK"
        ? { ...block, structure: [{ id: "X.1.2", source: "X", changeId: "X.1.2", of: null, block: "nK", ...act } as never] }
        : block,
    )
    expect([...echoesIn(about)].sort()).toEqual([id("E"), id("J", 2), id("K")])
  })

  it("[RIVAL1] what one source says twice, and what competes, stays", () => {
    expect([
      ...echoesIn([
        clause(
          "c",
          run("a"),
          run("b", newMark("insertion", { id: id("J"), source: "J" })),
          run("b", newMark("insertion", { id: id("J", 2), source: "J" })),
        ),
      ]),
    ]).toEqual([])
    expect([...echoesIn([clause("c", run("14", del("J"), del("K")), run("15", comes("J")), run("16", comes("K")))])]).toEqual([])
  })
})
