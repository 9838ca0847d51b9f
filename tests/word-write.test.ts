import { spawnSync } from "node:child_process"
import { strFromU8, unzipSync } from "fflate"
import { describe, expect, it } from "vitest"
import { cleanText } from "../server/comparison/on-baseline.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readFile } from "../server/files/read-file.ts"
import { readText } from "../server/files/text.ts"
import { readWord } from "../server/files/word/read.ts"
import { type WritePaperOptions, writePaper } from "../server/papers/formats.ts"
import { type PaperView, type Printable, printableOf } from "../server/papers/printable.ts"
import { changesIn } from "../shared/changes/changes.ts"
import { proposedTextOf, workingTextOf } from "../shared/changes/projections.ts"
import { type Block, textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head, random } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"
import { competingAmong } from "./competing.ts"
import { paperOf } from "./paper-of.ts"
import { by, ins, p, wordFile, words } from "./word-file.ts"

const options: Omit<WritePaperOptions, "format"> = { view: "open", marks: "delegation", hasComments: true, template: null }

const printable = (cohort: Cohort, force: readonly Block[] | null = null): Printable => {
  const { main } = cohort.room
  return {
    ...paperOf(main, force),
    entered: new Map(changesIn(blocksOf(main)).map(({ id }) => [id, { by: "Somebody", at: "2026-11-22T09:00:00Z" }])),
    sources: new Map([["S", "Sweden"]]),
    body: "WG Plenary",
    date: "2026-11-22",
  }
}

/** Lines with words in them: where the first half of a split loses all of its words, Word keeps its number alone. */
const lines = (texts: readonly string[]): string[] =>
  texts.map((text) => text.replace(/\s+/g, " ").trim()).filter((text) => text !== "" && !/^(?:\d+(?:\.\d+)*|[a-z]\))$/.test(text))

/** Three people edit for a while, in every way that a draft can be edited. */
async function edited(seed: number): Promise<Cohort> {
  const r = random(seed)
  const texts = [
    "that the Council shall report each year;",
    "to invite the Member States – أعضاء – 文本 😀;",
    "to instruct the Secretary-General to act,",
    "to close;",
  ]
  const cohort = new Cohort(
    draftState(
      [
        head("considering", "preamble"),
        clause(texts[0]!, "c0"),
        head("resolves"),
        ...texts.slice(1).map((text, i) => clause(text, `d${i}`)),
      ].map((block, i) => ({ ...block, origin: `o${i}` })),
    ),
  )
  const members = ["S", "B", "EUR"].map((source) => cohort.member(source))
  await cohort.settle()
  for (let step = 0; step < 14; step++) {
    const member: Member = r.pick(members)
    const index = r.below(member.state.doc.childCount)
    const size = member.text(index).length
    const at = r.below(size + 1)
    const edits: (() => void)[] = [
      () => member.type(index, at, r.pick(["new ", "und ", "و", "ZZ"])),
      () => size > at + 3 && member.delete(index, at, at + 3),
      () => size > at + 2 && member.replace(index, at, at + 2, "RR"),
      () => member.session.tracking.addClause(1 + r.below(member.state.doc.childCount), null),
      () => index > 0 && member.session.tracking.split({ index, at }),
      () => index > 0 && void member.session.restructuring.join(index),
      () => index > 0 && member.session.restructuring.deleteClause(index),
      () => index > 0 && member.session.restructuring.moveClause(index, r.pick([1, -1])),
    ]
    r.pick(edits)()
    member.session.undoManager.stopCapturing()
    if (r.next() < 0.5) await cohort.settle()
  }
  await cohort.settle()
  return cohort
}

const hasPandoc = spawnSync("pandoc", ["--version"]).status === 0

/** The lines of a Word file for pandoc, with all changes accepted or rejected. */
function linesForPandoc(bytes: Uint8Array, changes: "accept" | "reject"): string[] {
  const { stdout } = spawnSync("pandoc", ["-f", "docx", "-t", "plain", "--wrap=none", `--track-changes=${changes}`], { input: bytes })
  return stdout
    .toString()
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "")
}

/** Three numbered clauses about which others propose something. */
async function numbered(...acts: readonly ((s: Member, b: Member) => void)[]): Promise<Cohort> {
  const text = "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto mark shallow waters;\n2\tto send a report;\n3\tto close.\n"
  const cohort = new Cohort(openingStateOf(readText(text)).update)
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  for (const act of acts) {
    act(s, b)
    await cohort.settle()
  }
  return cohort
}

const clauseAt = (member: Member, words: string): number => {
  for (let i = 0; i < member.state.doc.childCount; i++) if (member.text(i).startsWith(words)) return i
  throw new Error(`no clause begins with ${words}`)
}

describe.skipIf(!hasPandoc)("Word out, judged by pandoc", () => {
  it.each([
    [
      "a join takes the label of the joined clause along",
      [(s: Member): void => void s.session.restructuring.join(clauseAt(s, "to send"))],
      ["resolves", "1 to mark shallow waters; to send a report;", "3 to close."],
    ],
    [
      "two joins, one into the other, do",
      [
        (s: Member): void => void s.session.restructuring.join(clauseAt(s, "to send")),
        (_: Member, b: Member): void => void b.session.restructuring.join(clauseAt(b, "to close")),
      ],
      ["resolves", "1 to mark shallow waters; to send a report; to close."],
    ],
    [
      "nothing is joined to a clause that goes",
      [
        (s: Member): void => void s.session.restructuring.join(clauseAt(s, "to send")),
        (_: Member, b: Member): void => b.session.restructuring.deleteClause(clauseAt(b, "to mark")),
      ],
      ["resolves", "2 to send a report;", "3 to close."],
    ],
  ] as const)("[WORD12] %s", async (_, acts, accepted) => {
    const bytes = await writePaper(printable(await numbered(...acts)), { format: "docx", ...options })
    expect(linesForPandoc(bytes, "accept").slice(-accepted.length)).toEqual(accepted)
    expect(linesForPandoc(bytes, "reject").slice(-4)).toEqual([
      "resolves",
      "1 to mark shallow waters;",
      "2 to send a report;",
      "3 to close.",
    ])
  })
})

const lamps = "to mark shallow waters here"

describe.skipIf(!hasPandoc)("Word out, with all accepted in Word", () => {
  const splitBehind =
    (words: string) =>
    (member: Member): void => {
      const index = clauseAt(member, "to mark")
      member.session.tracking.split({ index, at: member.text(index).indexOf(words) + words.length })
    }

  it.each([
    ["a split", [splitBehind("shallow")], ["1 to mark shallow", "1 bis waters here;"]],
    [
      "two splits of two delegations",
      [splitBehind("shallow"), (_: Member, b: Member): void => splitBehind("mark")(b)],
      ["1 to mark", "1 bis shallow", "1 ter waters here;"],
    ],
    [
      "a split of a clause that is joined",
      [
        splitBehind("shallow"),
        (_: Member, b: Member): void => void b.session.restructuring.join(clauseAt(b, "to send")),
        (s: Member): void => s.session.tracking.split({ index: clauseAt(s, "to send"), at: "to send".length }),
      ],
      ["1 to mark shallow", "1 bis waters here; to send", "1 ter a yearly report;"],
    ],
    [
      "a split in a new clause",
      [
        (s: Member): void => s.session.tracking.addClauseWith(clauseAt(s, "to send"), "to light them all;"),
        (_: Member, b: Member): void => b.session.tracking.split({ index: clauseAt(b, "to light"), at: "to light".length }),
      ],
      ["1 to mark shallow waters here;", "1 bis to light", "1 ter them all;"],
    ],
    [
      "a split that somebody strikes again is none",
      [
        splitBehind("shallow"),
        (_: Member, b: Member): void => {
          const index = clauseAt(b, "to mark")
          const at = b.text(index).indexOf("waters") - 1
          b.delete(index, at - 1, at)
        },
      ],
      null,
    ],
  ] as const)(
    "[WORD12 NUM11] %s: each clause has the label that it has as proposed; with all rejected none has come",
    async (_, acts, accepted) => {
      const text = `RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\t${lamps};\n2\tto send a yearly report;\n3\tto close.\n`
      const cohort = new Cohort(openingStateOf(readText(text)).update)
      const [s, b] = [cohort.member("S"), cohort.member("B")]
      await cohort.settle()
      for (const act of acts) {
        act(s, b)
        await cohort.settle()
      }
      for (const marks of ["delegation", "body", "plain"] as const) {
        const bytes = await writePaper(printable(cohort), { format: "docx", ...options, marks })
        if (accepted) {
          const proposed = linesForPandoc(
            await writePaper(printable(cohort), { format: "docx", ...options, marks, view: "proposed" }),
            "accept",
          )
          expect(linesForPandoc(bytes, "accept").slice(4), marks).toEqual(expect.arrayContaining([...accepted]))
          expect(linesForPandoc(bytes, "accept"), marks).toEqual(proposed)
        } else expect(strFromU8(unzipSync(bytes)["word/document.xml"]!)).not.toContain("bis")
        expect(linesForPandoc(bytes, "reject").slice(3), marks).toEqual([
          "resolves",
          `1 ${lamps};`,
          "2 to send a yearly report;",
          "3 to close.",
        ])
        const read = readWord(bytes)
        expect(read.changes.map(({ text, replacedBy }) => `${text} ${replacedBy ?? ""}`).join("\n")).not.toMatch(/bis|ter\b/)
        expect(lines(cleanText(read, "proposed").blocks.map((block) => block.text))).toEqual(
          lines(proposedTextOf(blocksOf(cohort.room.main)).map(textOf)),
        )
      }
    },
  )

  it("[WORD12 NUM11] random splits, joins, deletions and new words: a reader of the paper that shows changes has the labels of the one that shows them as proposed", async () => {
    let compared = 0
    let splits = 0
    for (let seed = 1; seed <= 60; seed++) {
      const r = random(seed)
      const text = `RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\t${lamps};\n2\tto send a yearly report there;\n3\tto close all gates;\n4\tto meet again next year.\n`
      const cohort = new Cohort(openingStateOf(readText(text)).update)
      const members = ["S", "B", "EUR"].map((source) => cohort.member(source))
      await cohort.settle()
      for (let step = 0; step < 5; step++) {
        const member: Member = r.pick(members)
        const index = 4 + r.below(member.state.doc.childCount - 4)
        const size = member.text(index).length
        // In the midst of the words: some stay on either side.
        const at = 4 + r.below(Math.max(1, size - 8))
        const edits: (() => void)[] = [
          () => size > 8 && member.type(index, at, r.pick(["new ", "und ", "ZZ"])),
          () =>
            size > 10 &&
            !member
              .text(index)
              .slice(at, at + 2)
              .includes("\u2029") &&
            member.delete(index, at, at + 2),
          () => size > 8 && member.session.tracking.split({ index, at }),
          () => size > 8 && member.session.tracking.split({ index, at }),
          () => index > 4 && void member.session.restructuring.join(index),
          () => member.session.restructuring.deleteClause(index),
        ]
        r.pick(edits)()
        member.session.undoManager.stopCapturing()
        if (r.next() < 0.5) await cohort.settle()
      }
      await cohort.settle()
      const changes = cohort.changes()
      if (competingAmong(blocksOf(cohort.room.main), new Map(changes.map(({ id }) => [id, "accept" as const]))).length > 0) continue
      const bytes = await writePaper(printable(cohort), { format: "docx", ...options })
      if (readWord(bytes).comments.some((comment) => comment.text.startsWith("Proposes to join"))) continue
      compared++
      splits += changes.filter(({ kind }) => kind === "split").length
      const proposed = await writePaper(printable(cohort), { format: "docx", ...options, view: "proposed" })
      const now = changes.map(({ source, kind, inserted, deleted }) => `${source} ${kind} ${inserted}|${deleted}`).join(", ")
      expect(linesForPandoc(bytes, "accept"), `seed ${seed}: ${now}`).toEqual(linesForPandoc(proposed, "accept"))
    }
    expect(compared).toBeGreaterThan(25)
    expect(splits).toBeGreaterThan(25)
  })
})

describe("Word out", () => {
  it("[WORD12] random drafts: with all accepted and with all rejected a reader has our text, and each author's changes", async () => {
    let compared = 0
    for (let seed = 1; seed <= 60; seed++) {
      const cohort = await edited(seed)
      const blocks = blocksOf(cohort.room.main)
      const changes = changesIn(blocks)
      // What competes is shown by whichever; a file can say it only one way.
      if (competingAmong(blocks, new Map(changes.map((change) => [change.id, "accept" as const]))).length > 0) continue
      const json = await writePaper(printable(cohort), { format: "json", ...options })
      expect(readFile(json), `seed ${seed}: our own JSON`).toEqual(JSON.parse(new TextDecoder().decode(json)))
      const read = readWord(await writePaper(printable(cohort), { format: "docx", ...options }))
      const texts = (draft: FileDraft): string[] => lines(draft.blocks.map((block) => block.text))
      expect(texts(cleanText(read, "working")), `seed ${seed}, rejected`).toEqual(lines(workingTextOf(blocks).map(textOf)))
      // A join over a new clause that stands between has no mark in Word: a comment says it.
      if (read.comments.some((comment) => comment.text.startsWith("Proposes to join"))) continue
      compared++
      expect(texts(cleanText(read, "proposed")), `seed ${seed}, accepted`).toEqual(lines(proposedTextOf(blocks).map(textOf)))
    }
    expect(compared).toBeGreaterThan(25)
  })

  it("[AKN2] of rooms in which some was decided and more was proposed, our own forms read back equal", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const cohort = await edited(seed)
      const ids = cohort.changes().map((change) => change.id)
      await cohort
        .decide(
          ids.filter((_, i) => (i + seed) % 3 === 0),
          seed % 2 ? "accept" : "notRetain",
        )
        .catch(() => undefined)
      await cohort.settle()
      for (const marks of ["delegation", "plain"] as const) {
        const json = await writePaper(printable(cohort), { format: "json", ...options, marks })
        const read = readFile(json, "ours.json")
        expect(read, `seed ${seed}`).toEqual(JSON.parse(new TextDecoder().decode(json)))
        expect(readFile(await writePaper(printable(cohort), { format: "akn", ...options, marks }), "ours.xml"), `seed ${seed}`).toEqual(
          read,
        )
      }
    }
  })

  it("[AKN2 PAPER6] our own forms of a paper against the text in force carry that text and what was accepted since, and say the same when they are read back", async () => {
    const whole = { template: null, marks: "delegation", hasComments: true } as const
    // As a room freezes them, and as its text in force has them.
    const labels = { c0: "", d0: "1", d1: "2", d2: "3", o1: "", o3: "1", o4: "2", o5: "3" }
    let accepted = 0
    for (let seed = 1; seed <= 60; seed++) {
      const cohort = await edited(seed)
      const force = workingTextOf(blocksOf(cohort.room.main)).map((block) => ({ ...block, id: block.origin! }))
      const ids = cohort.changes().map((change) => change.id)
      await cohort
        .decide(
          ids.filter((_, i) => (i + seed) % 2 === 0),
          "accept",
        )
        .catch(() => undefined)
      await cohort.settle()
      const draft = { ...printable(cohort, force), people: new Map(), sources: new Map(), body: "", date: null, labels }
      const said = async (from: Printable, view: PaperView): Promise<string> =>
        new TextDecoder().decode(await writePaper(from, { format: "txt", view, ...whole }))
      const json = await writePaper(draft, { format: "json", view: "against", ...whole })
      const read = readFile(json, "ours.json")
      expect(read, `seed ${seed}`).toEqual(JSON.parse(new TextDecoder().decode(json)))
      expect(readFile(await writePaper(draft, { format: "akn", view: "against", ...whole }), "ours.xml"), `seed ${seed}`).toEqual(read)
      const again = printableOf(read)
      for (const view of ["force", "working", "against", "open", "proposed"] as const)
        expect(await said(again, view), `seed ${seed}, ${view}`).toBe(await said(draft, view))
      if ((await said(draft, "against")) !== (await said(draft, "open"))) accepted++
      const alone = printableOf(readFile(await writePaper(draft, { format: "json", view: "open", ...whole })))
      expect(await said(alone, "against"), `seed ${seed}: what carries no other text in force has accepted nothing`).toBe(
        await said(alone, "open"),
      )
      expect(read.inForce!.blocks.map(({ text }) => text)).toEqual(force.filter(({ type }) => type !== "note").map(textOf))
    }
    expect(accepted).toBeGreaterThan(30)
  })

  it("[WORD11] the name of a move is that of one range at each end", async () => {
    let ranges = 0
    for (let seed = 1; seed <= 60; seed++) {
      const cohort = await edited(seed)
      const force = workingTextOf(blocksOf(cohort.room.main)).map((block) => ({ ...block, id: block.origin! }))
      const labels = { d0: "1", d1: "2", d2: "3" }
      const docx = await writePaper({ ...printable(cohort, force), labels }, { format: "docx", ...options, view: "against" })
      const document = strFromU8(unzipSync(docx)["word/document.xml"]!)
      for (const end of ["From", "To"]) {
        const open = new Map<string, string>()
        const seen = new Set<string>()
        for (const [, edge, id, , name] of document.matchAll(
          new RegExp(`<w:move${end}Range(Start|End) (?=[^>]*w:id="(\\d+)")(?=([^>]*w:name="([^"]*)")?)`, "g"),
        )) {
          if (edge === "End") open.delete(id!)
          else {
            expect(seen, `seed ${seed}`).not.toContain(name)
            open.set(id!, name!)
            ranges++
            seen.add(name!)
          }
        }
        expect([...open.keys()], `seed ${seed}: left open`).toEqual([])
      }
    }
    expect(ranges).toBeGreaterThan(20)
  })

  it("[WORD12] against the text in force: accepted changes are told from open ones, and both reject to the text in force", async () => {
    const cohort = new Cohort(
      draftState([
        { ...head("resolves"), origin: "resolves" },
        { ...clause("to keep the old lamp;", "a"), origin: "a" },
        { ...clause("to go;", "b"), origin: "b" },
      ]),
    )
    const force = blocksOf(cohort.room.main)
    const s = cohort.member("S")
    await cohort.settle()
    s.replace(1, 12, 15, "new")
    s.session.undoManager.stopCapturing()
    s.session.restructuring.deleteClause(2)
    s.session.undoManager.stopCapturing()
    await cohort.settle()
    await cohort.decide(
      cohort.changes().map((change) => change.id),
      "accept",
    )
    await cohort.settle()
    s.type(1, 3, "always ")
    await cohort.settle()
    const read = readWord(await writePaper(printable(cohort, force), { format: "docx", ...options, view: "against" }))
    expect(read.changes.map(({ enteredBy, kind, text, replacedBy }) => `${enteredBy}: ${kind} ${text} ${replacedBy ?? ""}`.trim())).toEqual(
      ["Sweden (S): insertion always", "Sweden (S) – accepted: replacement old new", "Sweden (S) – accepted: structure to go;"],
    )
    expect(lines(cleanText(read, "working").blocks.map((block) => block.text))).toEqual(["resolves", "to keep the old lamp;", "to go;"])
  })

  it("[WORD12] against the text in force each accepted act is its source's, whatever it did", async () => {
    const acts: Record<string, (s: Member) => void> = {
      words: (s) => s.replace(1, 3, 8, "kindle"),
      deletion: (s) => s.session.restructuring.deleteClause(2),
      level: (s) => void s.session.restructuring.changeLevel(3, 1),
      move: (s) => s.session.restructuring.moveClause(4, -1),
      split: (s) => s.session.tracking.split({ index: 1, at: 3 }),
      join: (s) => void s.session.restructuring.join(2),
    }
    const texts = ["resolves", "to light;", "to burn;", "to count;", "to close;"]
    for (const [name, act] of Object.entries(acts)) {
      const cohort = new Cohort(
        draftState(texts.map((text, i) => ({ ...(i === 0 ? head(text) : clause(text, `c${i}`)), origin: `o${i}` }))),
      )
      const force = blocksOf(cohort.room.main).map((block) => ({ ...block, id: block.origin! }))
      const [s, b] = [cohort.member("S"), cohort.member("B")]
      const accept = async (): Promise<void> => {
        await cohort.settle()
        await cohort.decide(
          cohort.changes().map(({ id }) => id),
          "accept",
        )
        await cohort.settle()
      }
      await cohort.settle()
      b.type(4, 0, "now ")
      await accept()
      act(s)
      await accept()
      const docx = await writePaper(printable(cohort, force), { format: "docx", ...options, view: "against" })
      const authors = [...strFromU8(unzipSync(docx)["word/document.xml"]!).matchAll(/w:author="([^"]*)"/g)].map(([, author]) => author!)
      expect(authors, name).toContain("B – accepted")
      expect(new Set(authors), name).toEqual(new Set(["B – accepted", "Sweden (S) – accepted"]))
    }
  })

  it("[WORD12] against the text in force an accepted move has both its ends, whatever else was accepted or is proposed there", async () => {
    const texts = ["resolves", "to light;", "to burn;", "to count;", "to close;"]
    const cohort = new Cohort(draftState(texts.map((text, i) => ({ ...(i === 0 ? head(text) : clause(text, `c${i}`)), origin: `o${i}` }))))
    const force = blocksOf(cohort.room.main).map((block) => ({ ...block, id: block.origin! }))
    const s = cohort.member("S")
    await cohort.settle()
    const readings = async (): Promise<{ read: FileDraft; html: string }> => {
      const draft = printable(cohort, force)
      const [docx, html] = await Promise.all(
        (["docx", "html"] as const).map((format) => writePaper(draft, { format, ...options, view: "against" })),
      )
      return { read: readWord(docx!), html: new TextDecoder().decode(html) }
    }
    const accept = async (): Promise<void> => {
      s.session.undoManager.stopCapturing()
      await cohort.settle()
      await cohort.decide(
        cohort.changes().map(({ id }) => id),
        "accept",
      )
      await cohort.settle()
    }
    s.session.restructuring.moveClause(1, 1)
    s.session.undoManager.stopCapturing()
    s.session.restructuring.deleteClause(3)
    s.session.undoManager.stopCapturing()
    s.session.restructuring.deleteClause(4)
    await accept()
    const moved = await readings()
    expect(moved.read.changes.filter(({ kind }) => kind === "move")).toMatchObject([
      { enteredBy: "Sweden (S) – accepted", text: "to light;" },
    ])
    expect(moved.html).toContain("moved from here, accepted")
    expect(lines(cleanText(moved.read, "working").blocks.map(({ text }) => text))).toEqual(texts)
    expect(lines(cleanText(moved.read, "proposed").blocks.map(({ text }) => text))).toEqual(["resolves", "to burn;", "to light;"])
    const at = s.state.doc.children.findIndex(({ textContent }) => textContent === "to light;")
    s.replace(at, 3, 8, "kindle")
    await accept()
    s.type(at, 3, "always ")
    s.session.restructuring.moveClause(at, -1)
    await cohort.settle()
    const { read } = await readings()
    expect(lines(cleanText(read, "working").blocks.map(({ text }) => text))).toEqual(texts)
    expect(lines(cleanText(read, "proposed").blocks.map(({ text }) => text))).toEqual(["resolves", "to always kindle;", "to burn;"])
  })

  it.each([
    ["split", (s: Member): void => s.session.tracking.split({ index: 1, at: 3 }), ["resolves", "to ", "light;", "to burn;"]],
    ["join", (s: Member): void => void s.session.restructuring.join(2), ["resolves", "to light; to burn;"]],
  ] as const)("[WORD12] against the text in force an accepted %s is an end that came or went", async (_, act, now) => {
    const texts = ["resolves", "to light;", "to burn;"]
    const blocks = texts.map((text, i) => ({ ...(i === 0 ? head(text) : clause(text, `c${i}`)), origin: `o${i}` }))
    const cohort = new Cohort(draftState(blocks))
    const force = blocksOf(cohort.room.main).map((block) => ({ ...block, id: block.origin! }))
    const s = cohort.member("S")
    await cohort.settle()
    act(s)
    await cohort.settle()
    await cohort.decide([cohort.changes()[0]!.id], "accept")
    const read = readWord(await writePaper(printable(cohort, force), { format: "docx", ...options, view: "against" }))
    expect(read.changes.length).toBeGreaterThan(0)
    expect(new Set(read.changes.map(({ enteredBy }) => enteredBy))).toEqual(new Set(["Sweden (S) – accepted"]))
    expect(lines(cleanText(read, "working").blocks.map(({ text }) => text))).toEqual(texts)
    const proposed = cleanText(read, "proposed").blocks.map(({ text }) => text.replace(/^1 bis\s/, ""))
    expect(lines(proposed)).toEqual(lines(now))
  })

  it("[WORD12] against the text in force random drafts, of which some was accepted, reject to it", async () => {
    let moved = 0
    for (let seed = 1; seed <= 60; seed++) {
      const cohort = await edited(seed)
      const force = workingTextOf(blocksOf(cohort.room.main)).map((block) => ({ ...block, id: block.origin! }))
      const ids = cohort.changes().map((change) => change.id)
      const kinds = new Map(cohort.changes().map(({ id, kind }) => [id, kind]))
      // Where a clause that was split was joined to others too, the record does not tell where their words came from.
      const isWhole = (id: string): boolean => !["split", "join"].includes(kinds.get(id)!)
      for (const id of ids.filter((id, i) => isWhole(id) && (i + seed) % 3 !== 0))
        if ((await cohort.decide([id], "accept")) && kinds.get(id) === "move") moved++
      await cohort.settle()
      const blocks = blocksOf(cohort.room.main)
      const read = readWord(await writePaper(printable(cohort, force), { format: "docx", ...options, view: "against" }))
      const texts = (draft: FileDraft): string[] => lines(draft.blocks.map((block) => block.text))
      expect(texts(cleanText(read, "working")), `seed ${seed}, rejected`).toEqual(lines(force.map(textOf)))
      const changes = changesIn(blocks)
      if (competingAmong(blocks, new Map(changes.map((change) => [change.id, "accept" as const]))).length > 0) continue
      if (read.comments.some((comment) => comment.text.startsWith("Proposes to join"))) continue
      expect(texts(cleanText(read, "proposed")), `seed ${seed}, accepted`).toEqual(lines(proposedTextOf(blocks).map(textOf)))
    }
    expect(moved).toBeGreaterThan(5)
  })

  it("[WORD12] a number that a file proposes is a tracked renumbering of its author's, no change of text", async () => {
    const cohort = new Cohort(
      draftState([
        { ...head("resolves"), origin: "resolves" },
        { ...clause("to keep a lamp;", "a"), origin: "a" },
        { ...clause("to go;", "b"), origin: "b" },
      ]),
    )
    const renumbered = { b: { id: "S.1.1", source: "S", now: "3" } }
    const draft = { ...printable(cohort, blocksOf(cohort.room.main)), labels: { a: "1", b: "2" }, renumbered }
    const bytes = await writePaper(draft, { format: "docx", ...options, view: "against" })
    const document = strFromU8(unzipSync(bytes)["word/document.xml"]!)
    expect(document).toMatch(/<w:del [^>]*><w:r><w:delText[^>]*>2<\/w:delText><\/w:r><\/w:del><w:ins [^>]*><w:r><w:t[^>]*>3<\/w:t>/)
    const read = readWord(bytes)
    expect(read.changes).toEqual([])
    expect(read.revisions!.filter(({ kind }) => kind === "numbering")).toMatchObject([{ text: "“2” → “3”", enteredBy: "Sweden (S)" }])
    expect(read.blocks.map(({ label, renumbered }) => [label, renumbered?.was])).toContainEqual(["3", "2"])
    expect(read.blocks.map((block) => block.text)).toEqual(["resolves", "to keep a lamp;", "to go;"])
  })

  it("[WORD13] in the body's name, or in nobody's, no name, time or rsid of anybody is in the file", async () => {
    const draft = readWord(
      wordFile({
        body: p(words("a ") + ins("Ann Person", "b")) + p(words("c")),
        comments: `<w:comment ${by("Bob Writer").replace('w:id="1"', 'w:id="5"')}><w:p>${words("why?")}</w:p></w:comment>`,
      }),
    )
    for (const marks of ["body", "plain"] as const) {
      const bytes = await writePaper(printableOf(draft), { format: "docx", ...options, marks })
      const files = unzipSync(bytes)
      const all = Object.entries(files)
        .map(([name, content]) => `${name} ${strFromU8(content)}`)
        .join("\n")
      expect(all).toContain("<w:ins ")
      for (const trace of ["Ann Person", "Bob", "2026-", "rsid", "dcterms", "creator", "lastModifiedBy"])
        expect(all, `${marks}: ${trace}`).not.toContain(trace)
      // The entries of the archive bear no time either.
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      expect(view.getUint16(12, true)).toBe((0 << 9) | (1 << 5) | 1)
      expect(await writePaper(printableOf(draft), { format: "docx", ...options, marks })).toEqual(bytes)
    }
    const named = await writePaper(printableOf(draft), { format: "docx", ...options })
    expect(strFromU8(unzipSync(named)["word/document.xml"]!)).toContain("Ann Person")
  })

  it("[WORD13] of a template, too, who made it, when, and on what machine is taken out; what was saved as .dotx is a document", async () => {
    const wordprocessing = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    const template = wordFile({
      body: `<w:p w:rsidR="00AB12CD" w:rsidRDefault="00AB12CE"><w:r w:rsidRPr="00AB12CF"><w:t>{{text}}</w:t></w:r></w:p>`,
      more: {
        "[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="${wordprocessing}.template.main+xml"/></Types>`,
        "docProps/core.xml": "<a><creator>Ann Person</creator><modified>2026-03-01T10:00:00Z</modified></a>",
        "docProps/app.xml": "<a><Manager>Bob Writer</Manager></a>",
        "docProps/custom.xml": "<a>Bob Writer</a>",
        "word/settings.xml": `<w:settings xmlns:w="x"><w:attachedTemplate r:id="rId1"/><w:rsids><w:rsidRoot w:val="00AB12CD"/></w:rsids></w:settings>`,
        "word/_rels/settings.xml.rels": `<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="file:///C:/Users/Bob/letter.dotx" TargetMode="External"/></Relationships>`,
      },
    })
    const draft = printableOf(readWord(wordFile({ body: p(words("resolves")) + p(words("1\tto act") + ins("Cy Else", " now")) })))
    const bytes = await writePaper(draft, { format: "docx", ...options, marks: "plain", template })
    const all = Object.entries(unzipSync(bytes))
      .map(([name, content]) => `${name} ${strFromU8(content)}`)
      .join("\n")
    for (const trace of ["Ann", "Bob", "Cy", "2026-", "rsid", "00AB12C", "template.main"]) expect(all, trace).not.toContain(trace)
    expect(all).toContain("document.main+xml")
    expect(readWord(bytes).changes.map(({ text }) => text)).toEqual([" now"])
  })

  it("[WORD14] a template with macros, tracked changes or comments is refused in a sentence: they would pass for the meeting's", async () => {
    const draft = printableOf(readWord(wordFile({ body: p(words("resolves")) + p(words("1\tto act")) })))
    const write = (template: Uint8Array) => writePaper(draft, { format: "docx", ...options, template })
    const text = p(words("{{text}}"))
    await expect(write(wordFile({ body: text, more: { "word/vbaProject.bin": new Uint8Array([1]) } }))).rejects.toThrow(/holds macros/)
    await expect(write(wordFile({ body: text + p(ins("Ann", "new")) }))).rejects.toThrow(/holds tracked changes\. Accept or reject them/)
    const comments = `<w:comment ${by("Ann")}><w:p>${words("why?")}</w:p></w:comment>`
    await expect(write(wordFile({ body: text, comments }))).rejects.toThrow(/holds comments/)
    await expect(write(new TextEncoder().encode("no Word file"))).rejects.toThrow(/template/i)
  })

  it("[WORD14] an institution's template keeps its styles, headers and page; names are filled, the text goes to its place", async () => {
    const template = wordFile({
      styles: `<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style><w:style w:type="paragraph" w:styleId="zz"><w:name w:val="Call"/><w:rPr><w:b/></w:rPr></w:style>`,
      body: `${p(`${words("For: {{desig")}${words("nation}}")}`)}<w:sdt><w:sdtPr><w:tag w:val="title"/></w:sdtPr><w:sdtContent>${p(words("here"))}</w:sdtContent></w:sdt>${p(words("{{text}}"))}${p(words("The end"))}<w:sectPr><w:pgSz w:w="5000" w:h="7000"/></w:sectPr>`,
      relationships:
        '<Relationship Id="h" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" Target="header1.xml"/>',
      more: {
        "word/header1.xml": `<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">${p(words("{{title}}"))}</w:hdr>`,
        "word/media/logo.png": new Uint8Array([137, 80]),
      },
    })
    const draft = readFile(
      new TextEncoder().encode("RESOLUTION 7 (Geneva, 2024)\nOn lamps\nThe Council,\nresolves\n1\tto light;\n2\tto count."),
    )
    const bytes = await writePaper(printableOf(draft), { format: "docx", ...options, template })
    const files = unzipSync(bytes)
    const document = strFromU8(files["word/document.xml"]!)
    expect(document).toContain("For: RESOLUTION 7 (Geneva, 2024)")
    expect(document).toContain('<w:pStyle w:val="zz"/>')
    expect(document.indexOf("to count.")).toBeLessThan(document.indexOf("The end"))
    expect(document).toContain('<w:pgSz w:w="5000"')
    expect(strFromU8(files["word/header1.xml"]!)).toContain("On lamps")
    expect(files["word/media/logo.png"]).toEqual(new Uint8Array([137, 80]))
    const read = readWord(bytes)
    expect(read.cover.map((line) => line.text)).toEqual(["For: RESOLUTION 7 (Geneva, 2024)", "On lamps"])
    expect(read.blocks.map((block) => block.text)).toEqual([
      "RESOLUTION 7 (Geneva, 2024)",
      "On lamps",
      "The Council,",
      "resolves",
      "to light;",
      "to count.",
      "The end",
    ])
  })

  it("[WORD12] rolling text says in brackets who adds and who deletes", async () => {
    const draft = readWord(wordFile({ body: p(`${words("The ")}${ins("Ann", "new ")}${words("text")}`) }))
    const stated = { ...draft, changes: draft.changes.map((change) => ({ ...change, source: "B" })) }
    const text = new TextDecoder().decode(await writePaper(printableOf(stated), { format: "txt", ...options, view: "rolling" }))
    expect(text.trim()).toBe("The [B: new ]text")
  })
})
