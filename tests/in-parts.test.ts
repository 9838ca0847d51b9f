import { describe, expect, it } from "vitest"
import { encodeStateAsUpdate } from "yjs"
import { alreadyOn, asStated } from "../server/comparison/already.ts"
import { laidBeside } from "../server/comparison/beside.ts"
import { type ImportedOnto, importChanges, importedBefore } from "../server/comparison/import-changes.ts"
import { withSources } from "../server/files/authors.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { write } from "../server/papers/formats.ts"
import type { Part } from "../shared/changes/part.ts"
import { finished } from "../shared/changes/slices.ts"
import { Cohort } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

const clean = readText(
  "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep the register of all boats;\n2\tto read the yearly report;\n",
)
const at = (word: string): number => clean.blocks.findIndex(({ text }) => text.includes(word))
const [keep, read] = [at("register"), at("yearly")] as const
const authors = { "Sweden (S)": "S", "Brazil (B)": "B" }

/** S puts words in and takes words out, B replaces some. */
async function drafted(): Promise<Cohort> {
  const cohort = new Cohort(openingStateOf(clean).update)
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  s.type(keep, "to keep the register".length, " of ships and ports")
  b.replace(read, "to read the ".length, "to read the yearly report".length, "annual account")
  await cohort.settle()
  return cohort
}

const bytesOf = ({ room }: Cohort, format: "json" | "docx" | "akn"): Uint8Array => {
  const sources = new Map([
    ["S", "Sweden"],
    ["B", "Brazil"],
  ])
  const paper = { ...paperOf(room.gate.shadow), body: "Working group", sources }
  return write(paper, { format, view: "open", marks: "delegation", hasComments: true, template: null })
}

const besideOf = ({ room }: Cohort, bytes: Uint8Array) => ({
  ...laidBeside(withSources(readFile(bytes), authors), fileDraftOf(paperOf(room.gate.shadow), "working"), {
    isCompared: false,
    confirmed: [],
  }),
  name: "back",
})

async function bring(cohort: Cohort, bytes: Uint8Array): Promise<ImportedOnto> {
  const { gate } = cohort.room
  const [file, state] = [besideOf(cohort, bytes), encodeStateAsUpdate(gate.shadow)]
  const before = finished(importedBefore(state, file, asStated))
  const said = finished(alreadyOn(state, file, asStated))
  let done!: ImportedOnto
  await cohort.act("importChanges", () => (done = finished(importChanges(gate, file, { said }))))
  expect(inOrder(before.already), "the review").toEqual(inOrder(done.already))
  return done
}

const inOrder = (already: ImportedOnto["already"]) => already.toSorted((a, b) => (a.id < b.id ? -1 : 1))
const text = ({ room }: Cohort): string[] => paperOf(room.gate.shadow).blocks.map(({ runs }) => runs.map((run) => run.text).join(""))

const decisions: [string, [source: string, part: Part][], string[]][] = [
  ["the first words of an insertion", [["S", { segment: 0, from: 0, to: 9 }]], ["accepted", "open", "open"]],
  ["the last words of one", [["S", { segment: 0, from: 9, to: 19 }]], ["accepted", "open", "open"]],
  ["words in the midst of one", [["S", { segment: 0, from: 3, to: 13 }]], ["accepted", "open", "open"]],
  [
    "two parts of one, one after the other",
    [
      ["S", { segment: 0, from: 0, to: 3 }],
      ["S", { segment: 0, from: 6, to: 10 }],
    ],
    ["accepted", "accepted", "open", "open"],
  ],
  ["what a replacement takes out", [["B", { side: "out" }]], ["accepted", "open", "open"]],
  ["what it puts in", [["B", { side: "in" }]], ["accepted", "open", "open"]],
]

describe("a draft's own file, brought back after a part of a change was decided", () => {
  const forms = ["json", "docx", "akn"] as const
  it.each(decisions.flatMap(([name, parts, statuses]) => forms.map((form) => [name, form, parts, statuses] as const)))(
    "[ONTO18] %s, accepted, is known to be there from %s, and so is the rest",
    async (_, form, parts, statuses) => {
      const cohort = await drafted()
      const bytes = bytesOf(cohort, form)
      for (const [source, part] of parts) {
        const change = cohort.changes().find((one) => one.source === source)!
        expect(await cohort.decide([change.id], "accept", new Map([[change.id, part]])), cohort.refusal?.message).toBe(true)
      }
      const was = text(cohort)
      const done = await bring(cohort, bytes)
      expect({ changes: done.changes, left: done.left }).toEqual({ changes: [], left: [] })
      expect(done.already.map(({ status }) => status).sort()).toEqual(statuses.toSorted())
      expect(text(cohort)).toEqual(was)
    },
  )

  it.each(forms)("[ONTO18] what is accepted does not come twice either where the rest was not retained, from %s", async (form) => {
    const cohort = await drafted()
    const bytes = bytesOf(cohort, form)
    const own = (): string => cohort.changes().find(({ source }) => source === "S")!.id
    const part = { segment: 0, from: 0, to: 9 }
    expect(await cohort.decide([own()], "accept", new Map([[own(), part]])), cohort.refusal?.message).toBe(true)
    expect(await cohort.decide([own()], "notRetain"), cohort.refusal?.message).toBe(true)
    const done = await bring(cohort, bytes)
    expect(done.already.map(({ status }) => status).sort()).toEqual(["accepted", "open"])
    expect(text(cohort)[keep]).toBe("to keep the register of ships and ports of all boats;")
  })
})
