import { describe, expect, it } from "vitest"
import { laidBeside } from "../server/comparison/beside.ts"
import { type ImportedOnto, importChanges } from "../server/comparison/import-changes.ts"
import { withSources } from "../server/files/authors.ts"
import type { FileChange, FileDraft } from "../server/files/file-draft.ts"
import { spansIn } from "../server/files/hosts.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import { write } from "../server/papers/formats.ts"
import { finished } from "../shared/changes/slices.ts"
import { roots } from "../shared/sync/roots.ts"
import { Cohort, type Member } from "./cohort.ts"
import { paperOf } from "./paper-of.ts"

const idsOf = (cohort: Cohort, isOf: (source: string) => boolean): string[] =>
  cohort.changes().flatMap(({ id, source }) => (isOf(source) ? [id] : []))

const clean = readText("RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep the register of all boats;\n2\tto report.\n")
const place = clean.blocks.findIndex(({ text }) => text.includes("register"))
const forms = ["json", "docx", "akn"] as const
const authors = { "Sweden (S)": "S", "Brazil (B)": "B", "France (F)": "F" }

const opened = (draft: FileDraft): Cohort => new Cohort(openingStateOf(draft).update)
const line = (cohort: Cohort): string =>
  paperOf(cohort.room.gate.shadow)
    .blocks[place]!.runs.map(({ text }) => text)
    .join("")
const working = ({ room }: Cohort): string => fileDraftOf(paperOf(room.gate.shadow), "working").blocks[place]!.text

const typed = (member: Member, word: string, words: string): void => {
  const at = member.text(place).indexOf(word) + word.length
  member.type(place, at, words)
}

/** S puts words in; what B, and F, put into these waits for S's. */
async function drafted(): Promise<Cohort> {
  const cohort = opened(clean)
  const [s, b, f] = ["S", "B", "F"].map((source) => cohort.member(source)) as [Member, Member, Member]
  await cohort.settle()
  typed(s, "register", " of ships and ports")
  await cohort.settle()
  const at = b.text(place).indexOf("ships")
  b.replace(place, at, at + 5, "boats and quays")
  await cohort.settle()
  typed(b, "boats and", " even")
  typed(f, "boats", " large")
  const last = f.text(place).indexOf("ports")
  f.replace(place, last, last + 5, "docks")
  await cohort.settle()
  return cohort
}

function fileOf({ room }: Cohort, format: (typeof forms)[number]): Uint8Array {
  const sources = new Map([
    ["S", "Sweden"],
    ["B", "Brazil"],
    ["F", "France"],
  ])
  const paper = { ...paperOf(room.gate.shadow), body: "Working group", sources }
  return write(paper, { format, view: "open", marks: "delegation", hasComments: true, template: null })
}

async function bring(cohort: Cohort, file: Uint8Array): Promise<ImportedOnto> {
  const { gate } = cohort.room
  const draft = withSources(readFile(file), authors)
  const beside = laidBeside(draft, fileDraftOf(paperOf(gate.shadow), "working"), { isCompared: false, confirmed: [] })
  let done!: ImportedOnto
  await cohort.act("importChanges", () => (done = finished(importChanges(gate, { ...beside, name: "back" }))))
  return done
}

/** Of each change whose it is, what it does, and whose words it stands in. */
function said(cohort: Cohort): string[] {
  const all = cohort.changes()
  const sourceOf = (id: string): string => id.split(".")[0]!
  return all
    .map(
      ({ source, deleted, inserted, inside }) => `${source} ${deleted}>${inserted} in ${[...new Set(inside.map(sourceOf))].sort().join()}`,
    )
    .sort()
}

describe("what one put into the midst of another's open words, and a file brings", () => {
  it.each(forms)("[ONTO17] stands inside them on a new draft and on one that has none of it, from %s, and waits for them", async (form) => {
    const was = await drafted()
    const file = fileOf(was, form)
    const onto = opened(clean)
    expect(await bring(onto, file)).toMatchObject({ left: [], already: [] })
    for (const cohort of [opened(withSources(readFile(file), authors)), onto]) {
      await cohort.settle()
      expect(line(cohort)).toBe(line(was))
      expect(said(cohort)).toEqual(said(was))
      const others = idsOf(cohort, (source) => source !== "S")
      expect(await cohort.decide(others, "accept"), cohort.refusal?.message).toBe(true)
      expect(working(cohort)).toBe("to keep the register of all boats;")
      const own = idsOf(cohort, (source) => source === "S")
      expect(await cohort.decide(own, "accept"), cohort.refusal?.message).toBe(true)
      expect(working(cohort)).toBe("to keep the register of boats large and even quays and docks of all boats;")
    }
  })

  it.each(forms)("[ONTO17] where some of it is there already the rest comes inside, and twice nothing comes, from %s", async (form) => {
    const was = await drafted()
    const cohort = opened(clean)
    const s = cohort.member("S")
    await cohort.settle()
    typed(s, "register", " of ships and ports")
    await cohort.settle()
    await bring(cohort, fileOf(was, form))
    expect(said(cohort)).toEqual(said(was))
    expect((await bring(cohort, fileOf(was, form))).changes).toEqual([])
    expect((await bring(was, fileOf(was, form))).changes).toEqual([])
  })

  it.each(forms)("[ONTO17] does not come without them: where they were not retained that is said, from %s", async (form) => {
    const was = await drafted()
    const file = fileOf(was, form)
    const [cohort, s] = [opened(clean), "S"]
    const own = readFile(file)
    const words = own.changes.filter(({ enteredBy, source }) => source === s || enteredBy === "Sweden (S)")
    expect(words).toHaveLength(1)
    await bring(cohort, file)
    const ids = cohort.changes().map(({ id }) => id)
    expect(await cohort.decide(ids, "notRetain"), cohort.refusal?.message).toBe(true)
    cohort.room.gate.shadow.transact(() => {
      for (const id of ids) if (!id.startsWith(s)) roots.filed(cohort.room.gate.shadow).delete(id)
    })
    const done = await bring(cohort, file)
    expect(done.changes).toEqual([])
    expect(new Set(done.left.map(({ why }) => why))).toContain("The words that it stands in are not in this draft.")
    expect(line(cohort)).toBe("to keep the register of all boats;")
  })

  it("[ONTO17] a file of our own names the change that it stands in, whichever of its marks that is", () => {
    const { id: block } = clean.blocks[place]!
    const change = (source: string, words: string, parts: [number, number][], inside: string[] = []): FileChange => ({
      ...{ id: source, kind: "insertion", source, enteredBy: null, date: null, block, text: words, inside },
      segments: parts.map(([from, to]) => ({ block, kind: "insertion", from, to })),
    })
    const blocks = clean.blocks.map((one) => (one.id === block ? { ...one, text: "to surely keep, big and old, it;" } : one))
    const own = change("S", "surely  … , big old,", [
      [3, 10],
      [14, 19],
      [23, 28],
    ])
    const cohort = opened({ ...clean, blocks, changes: [own, change("F", " and", [[19, 23]], ["S"])] })
    const { changes } = readFile(fileOf(cohort, "json"))
    expect(changes.find(({ source }) => source === "F")!.inside).toEqual([changes.find(({ source }) => source === "S")!.id])
  })

  it("[ONTO17] changes that a file says to stand in each other do not", () => {
    const part = (id: string, from: number, to: number, inside: string[]): FileChange => ({
      ...{ id, kind: "insertion", source: "S", enteredBy: null, date: null, block: "b", text: "" },
      ...{ segments: [{ block: "b", kind: "insertion", from, to }], inside },
    })
    const blocks = [{ id: "b", type: "clause" as const, text: "abcdef" }]
    const spans = spansIn({ blocks, notes: [], changes: [part("x", 0, 2, ["y"]), part("y", 2, 4, ["x"]), part("z", 4, 6, ["z"])] })
    expect(spans.map(({ change, segment }) => [change.id, segment.from, segment.to])).toEqual([
      ["y", 0, 4],
      ["x", 0, 2],
      ["z", 4, 6],
    ])
  })
})
