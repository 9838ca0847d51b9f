import { describe, expect, it } from "vitest"
import { seenIn } from "../server/acts/decide.ts"
import { proposedReadingOf, workingTextOf } from "../shared/changes/projections.ts"
import { resolved, type Verdict, waitingAmong } from "../shared/changes/resolve.ts"
import { shiftsIn } from "../shared/changes/spaces.ts"
import { togetherSaid } from "../shared/changes/taken-together.ts"
import { type Block, defaultAttrs, joinRuns, type Mark, noStructure, type Run, textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause as draftClause, draftState, head, random, run } from "./build.ts"
import { Cohort, type Member, signature, signatureOfState, standing } from "./cohort.ts"

const id = (source: string, n = 1): string => `${source}.${source.charCodeAt(0)}.${n}`
const ins = (source: string, n = 1, within: readonly string[] = []): Mark => newMark("insertion", { id: id(source, n), source, within })
const del = (source: string, n = 1, over: readonly string[] = []): Mark => newMark("deletion", { id: id(source, n), source, over })
/** The insertion of a replacement: it belongs to the source's deletion with this number. */
const comes = (source: string, n = 1): Mark => newMark("insertion", { id: id(source, n + 50), of: id(source, n), source })
const clause = (...runs: Block["runs"]): Block => ({ ...defaultAttrs, id: "c", type: "clause", runs, structure: noStructure })
const text = (blocks: readonly Block[]): string => blocks.map(textOf).join("|")

const orders = <Item>(items: readonly Item[]): Item[][] =>
  items.length < 2 ? [[...items]] : items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]))

/** The texts once all of some changes are accepted: one by one in every order, and in one act. */
function textsOf(runs: readonly Run[], ids: readonly string[]): string[] {
  const found = new Set([text(resolved([clause(...runs)], new Map(ids.map((one) => [one, "accept" as const]))))])
  for (const order of orders(ids)) {
    let blocks: readonly Block[] = [clause(...runs)]
    let noted = new Map<string, Verdict>()
    for (const one of order) {
      const verdicts = new Map<string, Verdict>([...noted, [one, "accept"]])
      blocks = resolved(blocks, verdicts)
      noted = new Map([...waitingAmong(blocks, verdicts)].map((other) => [other, "accept"]))
    }
    found.add(text(blocks))
  }
  return [...found]
}

const accepted = (runs: readonly Run[], ...ids: string[]): string => textsOf(runs, ids).join(" / ")

const all = [id("B"), id("K")]
const register = (within: readonly string[] = []): Run[] => [
  run("to keep "),
  run("a reg", del("B")),
  run(" and good", del("B"), ins("K", 1, within)),
  run("ister", del("B")),
  run("the list", comes("B")),
  run(" of all lines"),
]

describe("accepted words of several delegations keep one space between them", () => {
  it("[RIVAL8] put into the midst of what another replaces", () => {
    expect(accepted(register(), ...all)).toBe("to keep and good the list of all lines")
    expect(accepted(register([id("B")]), ...all)).toBe("to keep and good the list of all lines")
  })
  it("[RIVAL8] put behind a word that another strikes with the space behind it", () =>
    expect(
      accepted([run("a "), run("progress", del("B")), run(" (yearly)", del("B"), ins("K")), run(" ", del("B")), run("report")], ...all),
    ).toBe("a (yearly) report"))
  it("[RIVAL8] put before a word that another strikes with the space before it", () =>
    expect(
      accepted([run("a"), run(" ", del("B")), run("yearly ", del("B"), ins("K")), run("progress", del("B")), run(" report")], ...all),
    ).toBe("a yearly report"))
  it("[RIVAL8] put at the edge of what another replaces, on either side of its words", () => {
    const edge = (...between: Run[]): string => accepted([run("a "), run("yearly", del("B")), ...between, run(" report")], ...all)
    expect(edge(run(" short", ins("K")), run("monthly", comes("B")))).toBe("a short monthly report")
    expect(edge(run("monthly", comes("B")), run(" short", ins("K")))).toBe("a monthly short report")
  })
  it("[RIVAL8] at the beginning of a clause, and at its end", () => {
    expect(
      accepted(
        [run("yearly", del("B")), run(" short", del("B"), ins("K")), run(" list", del("B")), run("monthly", comes("B")), run(" a")],
        ...all,
      ),
    ).toBe("short monthly a")
    expect(accepted([run("a"), run(" ", del("B")), run("short ", del("B"), ins("K")), run("list", del("B"))], ...all)).toBe("a short")
  })
  it("[RIVAL8] of several put there each", () => {
    const two = [
      run("a "),
      run("yearly", del("B")),
      run(" short", del("B"), ins("K")),
      run(" old", del("B"), ins("S")),
      run(" list", del("B")),
    ]
    expect(accepted([...two, run("book", comes("B")), run(" of")], ...all, id("S"))).toBe("a short old book of")
  })
  it("[RIVAL8] with words that a third has put into them", () =>
    expect(
      accepted(
        [
          run("a "),
          run("yearly", del("B")),
          run(" sho", del("B"), ins("K")),
          run("w", del("B"), ins("K"), ins("S", 1, [id("K")])),
          run("rt", del("B"), ins("K")),
          run(" list", del("B")),
          run("book", comes("B")),
          run(" of"),
        ],
        ...all,
        id("S"),
      ),
    ).toBe("a showrt book of"))
  it("[RIVAL8] what is not accepted changes nothing", () => {
    expect(accepted(register(), id("B"))).toBe("to keep  and goodthe list of all lines")
    expect(accepted(register(), id("K"))).toBe("to keep a reg and goodisterthe list of all lines")
  })
  it("[RIVAL8] no space comes where none is doubled, and none goes", () => {
    expect(accepted([run("a reg"), run("ister", del("B")), run("ion", comes("B")), run(" of"), run(" all", ins("K"))], ...all)).toBe(
      "a region of all",
    )
    expect(accepted([run("a "), run("yearly", del("B")), run("x", ins("K")), run(" report")], ...all)).toBe("a x report")
    expect(accepted([run("col", ins("K")), run("our", ins("B"))], ...all)).toBe("colour")
    expect(accepted([run("a "), run("list", del("B")), run(" regist"), run("ry", ins("K"))], ...all)).toBe("a  registry")
  })
  it("[RIVAL8] a space that another strikes with one end of the words stays", () =>
    expect(
      accepted(
        [run("a "), run("yearly", del("B")), run(" ", ins("K"), del("S", 1, [id("K")])), run("short", ins("K")), run("list", comes("B"))],
        ...all,
      ),
    ).toBe("a  shortlist"))
  it("[RIVAL8] as proposed, the same is read", () => {
    expect(text(proposedReadingOf([clause(...register())]))).toBe("to keep and good the list of all lines")
    const [after] = resolved([clause(...register())], new Map([[id("B"), "accept"]]))
    expect(text(proposedReadingOf([after!]))).toBe("to keep and good the list of all lines")
    const edge = clause(run("a "), run("yearly", del("B")), run(" short", ins("K")), run("monthly", comes("B")), run(" report"))
    expect(text(proposedReadingOf([edge]))).toBe("a short monthly report")
    const [first] = resolved([edge], new Map([[id("K"), "accept"]]))
    expect(text(proposedReadingOf([first!]))).toBe("a short monthly report")
  })
})

/** A sentence in which several delegations strike, replace and put in words, each with the space that its own reading needs. */
function scene(seed: number): { runs: Run[]; ids: string[] } {
  const r = random(seed)
  const names = ["alpha", "beta", "gamma", "delta"]
  const sources = ["B", "J", "K", "S"]
  const letters = names.join(" ")
  const marks: Mark[][] = Array.from(letters, () => [])
  const behind: Run[][] = Array.from({ length: letters.length + 1 }, () => [])
  const ids: string[] = []
  let taken = 0
  const startOf = (word: number): number => names.slice(0, word).join(" ").length + (word > 0 ? 1 : 0)
  for (const [n, source] of sources.entries()) {
    if (r.next() < 0.3) continue
    ids.push(id(source))
    if (r.next() < 0.5 && taken < names.length) {
      // One takes out words that nobody else does.
      const first = taken + r.below(names.length - taken)
      const last = first + r.below(names.length - first)
      taken = last + 1
      let [from, to] = [startOf(first), startOf(last) + names[last]!.length]
      const isReplaced = r.next() < 0.6
      if (!isReplaced) {
        if (to < letters.length) to++
        else if (from > 0 && marks[from - 1]!.length === 0) from--
      }
      for (let at = from; at < to; at++) marks[at]!.push(del(source))
      if (isReplaced) behind[to]!.push({ text: source.toLowerCase().repeat(3), marks: [comes(source)] })
      continue
    }
    const word = r.below(names.length)
    const isBefore = r.next() < 0.4
    const at = startOf(word) + (isBefore ? 0 : names[word]!.length)
    const own = { text: isBefore ? `${n}${n} ` : ` ${n}${n}`, marks: [ins(source)] }
    if (r.next() < 0.5) behind[at]!.push(own)
    else behind[at]!.unshift(own)
  }
  const runs: Run[] = []
  for (let at = 0; at <= letters.length; at++) {
    for (const put of behind[at]!) {
      // What stands between two struck letters stands inside the deletion.
      const around = at > 0 && at < letters.length ? marks[at - 1]!.filter(({ key }) => marks[at]!.some((mark) => mark.key === key)) : []
      runs.push({ text: put.text, marks: [...around, ...put.marks] })
    }
    if (at < letters.length) runs.push({ text: letters[at]!, marks: marks[at]! })
  }
  return { runs: joinRuns(runs), ids }
}

it("[RIVAL8] [RES6] whatever is accepted in whichever order, no words run together, and no space is doubled but where two were brought", () => {
  const seeds = Number(process.env.SCENES ?? "1500")
  const tally = { doubled: 0, otherEdge: 0, shifted: 0 }
  const words = /^(?:alpha|beta|gamma|delta|bbb|jjj|kkk|sss|00|11|22|33)$/
  for (let seed = 1; seed <= seeds; seed++) {
    const { runs, ids } = scene(seed)
    const found = textsOf(runs, ids)
    for (const one of found) for (const word of one.split(" ")) if (word !== "") expect(word, `${seed}: ${one}`).toMatch(words)
    // Where all goes that stood at an edge of the clause a space may stand on either side of what is left there.
    const read = new Set(found.map((one) => one.replace(/ +/g, " ").trim()))
    expect([...read], `${seed}`).toHaveLength(1)
    if (found.length > 1) tally.otherEdge++
    if (found.some((one) => one.trim().includes("  "))) tally.doubled++
    if (
      shiftsIn({
        runs: runs.filter(({ marks }) => !marks.some(({ name }) => name === "deletion")),
        goes: () => false,
        isLifted: () => true,
      }).length > 0
    )
      tally.shifted++
  }
  console.log("spaces", JSON.stringify({ seeds, ...tally }))
  expect(tally.doubled / seeds).toBeLessThan(0.02)
  expect(tally.otherEdge / seeds).toBeLessThan(0.02)
  expect(tally.shifted / seeds).toBeGreaterThan(0.02)
})

describe("in the room", () => {
  const agreed = "resolves|to keep a register of all lines"
  async function room(): Promise<{ cohort: Cohort; b: Member; k: Member }> {
    const cohort = new Cohort(draftState([head("resolves"), draftClause("to keep a register of all lines", "a")]))
    const [b, k] = [cohort.member("B"), cohort.member("K")]
    await cohort.settle()
    return { cohort, b, k }
  }
  const working = (cohort: Cohort): string => text(workingTextOf(blocksOf(cohort.room.main)))
  const hashes = (cohort: Cohort): string[] => seenIn(cohort.room.gate).map(({ id: one, hash }) => `${one} ${hash}`)
  const accept = async (cohort: Cohort, ...sources: string[]): Promise<void> => {
    const ids = cohort.changes().flatMap((change) => (sources.includes(change.source) ? [change.id] : []))
    expect(await cohort.decide(ids, "accept"), cohort.refusal?.message).toBe(true)
    await cohort.settle()
  }
  const sound = (cohort: Cohort): void => {
    expect([cohort.refusals, cohort.faults]).toEqual([[], []])
    for (const doc of [cohort.replayed(), ...cohort.members.map((member) => member.session.doc)])
      expect(signature(doc)).toBe(signature(cohort.room.main))
    for (const member of cohort.members) expect(signatureOfState(member.state)).toBe(signature(cohort.room.main))
  }
  const both = async (how: "typed into it" | "crossing"): Promise<{ cohort: Cohort; b: Member; k: Member }> => {
    const there = await room()
    const { cohort, b, k } = there
    if (how === "crossing") k.type(1, 13, " and good")
    b.replace(1, 8, 18, "the list")
    if (how === "typed into it") {
      await cohort.settle()
      k.type(1, 13, " and good")
    }
    await cohort.settle()
    return there
  }
  for (const how of ["typed into it", "crossing"] as const)
    for (const order of [["B", "K"], ["K", "B"], ["BK"]])
      it(`[RIVAL8] ${how}, accepted in the order ${order.join(", ")}: one space stands on each side, and every step is taken back to the letter`, async () => {
        const { cohort } = await both(how)
        const steps = [[working(cohort), standing(cohort.room.main), hashes(cohort)]]
        for (const sources of order) {
          await accept(cohort, ...sources)
          steps.push([working(cohort), standing(cohort.room.main), hashes(cohort)])
        }
        expect(working(cohort)).toBe("resolves|to keep and good the list of all lines")
        for (let n = order.length; n > 0; n--) {
          expect(await cohort.takeBack(n), cohort.refusal?.message).toBe(true)
          await cohort.settle()
          expect([working(cohort), standing(cohort.room.main), hashes(cohort)]).toEqual(steps[n - 1])
          sound(cohort)
        }
        expect(working(cohort)).toBe(agreed)
        // And all of it once more.
        for (const sources of order) await accept(cohort, ...sources)
        expect(working(cohort)).toBe("resolves|to keep and good the list of all lines")
        sound(cohort)
      })

  it("[RIVAL8] [GATE8] what was typed and struck late in these words is where it was meant", async () => {
    const { cohort, k } = await both("crossing")
    k.cut()
    cohort.members.splice(cohort.members.indexOf(k), 1)
    const at = k.text(1).indexOf(" and good")
    k.type(1, at + 1, "new ")
    await accept(cohort, "B", "K")
    cohort.members.push(k)
    await cohort.settle()
    expect(text(proposedReadingOf(blocksOf(cohort.room.main)))).toBe("resolves|to keep new and good the list of all lines")
    sound(cohort)
  })
})

describe("on the card, before anybody decides", () => {
  const said = (...runs: Run[]): string | null => togetherSaid(clause(...runs), all)
  it("[RIVAL8] it is told how the text will read, and so it reads", () =>
    expect(said(...register())).toBe("“to keep and good the list of all lines”"))
  it("[RIVAL8] with its flaw, where no space was brought or one too many", () => {
    expect(said(run("to "), run("one", ins("B")), run("two", ins("K")), run(" held"))).toBe("“to onetwo held” (with no space between)")
    expect(said(run("x ", ins("B")), run("list", del("B")), run(" y", ins("K")))).toBe("“x  y” (with two spaces)")
  })
  it("[RIVAL8] not where nothing of it takes effect now", () =>
    expect(said(run("a"), run(" x", ins("S")), run(" y", ins("S"), ins("B", 1, [id("S")])))).toBe(null))
})
