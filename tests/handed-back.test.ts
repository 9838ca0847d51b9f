import { describe, expect, it } from "vitest"
import { describeChange } from "../shared/changes/changes.ts"
import { isPresent, textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"

const agreed = "to require mobile operators to report;"
const standing = (cohort: Cohort): string[] => blocksOf(cohort.room.main).map(textOf)

/** Brazil writes without a line, at a place in a clause that goes meanwhile: what it is handed back. */
async function handedBack(
  write: (b: Member) => void,
  goes: (s: Member) => void,
  before: (b: Member) => void = () => undefined,
): Promise<{ cohort: Cohort; b: Member }> {
  const cohort = new Cohort(draftState([head("resolves"), clause("to meet;", "c0"), clause(agreed, "c1"), clause("to end,", "c2")]))
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  // Struck and agreed before: that does not come back with the clause.
  s.delete(2, "to require".length, "to require mobile".length)
  await cohort.settle()
  await cohort.decide([cohort.changes()[0]!.id], "accept")
  await cohort.settle()
  before(b)
  await cohort.settle()
  b.cut()
  cohort.members.splice(cohort.members.indexOf(b), 1)
  write(b)
  goes(s)
  await cohort.settle()
  expect(await cohort.decide([cohort.changes().find(({ source }) => source === "S")!.id], "accept")).toBe(true)
  await cohort.settle()
  cohort.members.push(b)
  b.connect()
  await cohort.settle()
  return { cohort, b }
}

describe("words that are handed back because their clause has gone", () => {
  const ways: Record<string, (s: Member) => void> = {
    "is deleted": (s) => s.session.restructuring.deleteClause(2),
  }
  const places: readonly (readonly [at: number, words: string, gives: string])[] = [
    ["to require".length, " and to ask", "to require and to ask operators to report;"],
    ["to require operators".length, " and others", "to require operators and others to report;"],
    [0, "hereby ", "hereby to require operators to report;"],
    ["to require operators to report;".length, " and to end", "to require operators to report; and to end"],
  ]
  for (const [way, goes] of Object.entries(ways))
    it.each(places)(
      `[LIFE9] where it ${way}: they have no place, and once that is taken back go where they stood: %i %j`,
      async (at, words, gives) => {
        const { cohort, b } = await handedBack((member) => member.type(2, at, words), goes)
        expect(b.handedBack.map(({ text, stoodIn }) => [text, stoodIn])).toEqual([[words, "c1"]])
        const [kept] = b.handedBack
        expect(b.session.places.hasPlaceFor(kept!)).toBe(false)
        expect(b.session.places.putBack(kept!)).toBe(false)
        expect(await cohort.takeBack(2), cohort.refusal?.message).toBe(true)
        await cohort.settle()
        expect(b.session.places.hasPlaceFor(kept!)).toBe(true)
        expect(b.session.places.putBack(kept!)).toBe(true)
        await cohort.settle()
        expect(standing(cohort)).toContain(gives)
        expect(
          cohort
            .changes()
            .filter(({ source }) => source === "B")
            .map((change) => describeChange(change)),
        ).toEqual([`insert “${words}”`])
      },
    )

  /** A word is typed over, letter by letter; the last letters go between the first. */
  const typesOver = (member: Member): void => {
    const at = member.text(2).indexOf("operators")
    member.replace(2, at, at + "operators".length, "s")
    const behind = member.text(2).indexOf("s to report") + 1
    for (const [i, letter] of [..."hps"].entries()) member.type(2, behind + i, letter)
    member.type(2, behind + 1, "i")
  }

  it("[LIFE8] what is typed over a word, in turns, is handed back as one text in its order", async () => {
    const { b, cohort } = await handedBack(typesOver, ways["is deleted"]!)
    expect(b.handedBack.map(({ text, stoodIn }) => [text, stoodIn])).toEqual([["ships", "c1"]])
    expect(await cohort.takeBack(2), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    expect(b.session.places.putBack(b.handedBack[0]!)).toBe(true)
  })

  it("[LIFE8] so where each letter was on its way as the clause went, and the room tells of each", async () => {
    const cohort = new Cohort(draftState([head("resolves"), clause("to meet;", "c0"), clause(agreed, "c1"), clause("to end,", "c2")]))
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    s.session.restructuring.deleteClause(2)
    s.deliverUp()
    await cohort.tick()
    typesOver(b)
    b.type(3, 0, "not ")
    expect(await cohort.decide([cohort.changes()[0]!.id], "accept")).toBe(true)
    await cohort.settle()
    expect(b.notices.length).toBe(1)
    expect(b.handedBack.map(({ text, stoodIn }) => [text, stoodIn])).toEqual([["ships", "c1"]])
    expect(standing(cohort)).toContain("not to end,")
  })

  it("[LIFE8] what is typed at two places of a clause is handed back as two texts", async () => {
    const { b } = await handedBack((member) => {
      member.type(2, 0, "hereby ")
      member.type(2, member.text(2).length - 1, " yearly")
    }, ways["is deleted"]!)
    expect(b.handedBack.map(({ text }) => text)).toEqual(["hereby ", " yearly"])
  })

  it("[LIFE9] so in another's new clause that is not retained", async () => {
    const cohort = new Cohort(draftState([head("resolves"), clause("to meet;", "c0"), clause("to end,", "c2")]))
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    s.session.tracking.addClauseWith(2, "to list all stars;")
    await cohort.settle()
    b.cut()
    cohort.members.splice(cohort.members.indexOf(b), 1)
    b.type(2, "to list all".length, " bright")
    await cohort.decide([cohort.changes()[0]!.id], "notRetain")
    await cohort.settle()
    cohort.members.push(b)
    b.connect()
    await cohort.settle()
    const [kept] = b.handedBack
    expect(b.session.places.hasPlaceFor(kept!)).toBe(false)
    expect(await cohort.takeBack(1), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    expect(b.session.places.putBack(kept!)).toBe(true)
    await cohort.settle()
    expect(standing(cohort)).toContain("to list all bright stars;")
  })

  it("[LIFE9] of which nobody knows behind which letter they stood have no place that a room could know", async () => {
    const { cohort, b } = await handedBack((member) => member.type(2, 3, "Z"), ways["is deleted"]!)
    const { stoodAfter: _, ...kept } = b.handedBack[0]!
    expect(await cohort.takeBack(2)).toBe(true)
    await cohort.settle()
    expect(b.session.places.hasPlaceFor(kept)).toBe(false)
  })

  const changesOf = (cohort: Cohort, source: string): string[] =>
    cohort
      .changes()
      .filter((change) => change.source === source)
      .map((change) => describeChange(change))

  it("[LIFE9] what was to replace words is handed back with them, and is proposed again in their place", async () => {
    const { cohort, b } = await handedBack(typesOver, ways["is deleted"]!)
    const [kept] = b.handedBack
    expect(kept!.struck?.map(({ text }) => text)).toEqual(["operators"])
    expect(await cohort.takeBack(2), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    expect(b.session.places.placeFor(kept!)?.isWhole).toBe(true)
    expect(b.session.places.putBack(kept!)).toBe(true)
    await cohort.settle()
    expect(standing(cohort)).toContain("to require operatorsships to report;")
    expect(changesOf(cohort, "B")).toEqual(["replace “operators” by “ships”"])
  })

  it("[LIFE9] so what was struck on either side of the words, and at two places", async () => {
    const { cohort, b } = await handedBack((member) => {
      const text = (): string => member.text(2)
      const [from, to] = [text().indexOf("operators"), text().indexOf("operators") + "operators".length]
      member.replace(2, from, to, "ships")
      member.delete(2, text().indexOf(" to report"), text().indexOf(" to report") + " to report".length)
      member.replace(2, 0, 2, "hereby")
    }, ways["is deleted"]!)
    // In the order of the clause, not in that of typing.
    expect(b.handedBack.map(({ text, struck }) => [text, struck?.map((part) => part.text).join("|")])).toEqual([
      ["hereby", "to"],
      ["ships", "operators| to report"],
    ])
    expect(await cohort.takeBack(2), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    for (const kept of b.handedBack) expect(b.session.places.putBack(kept)).toBe(true)
    await cohort.settle()
    expect(standing(cohort)).toContain("tohereby require operatorsships to report;")
    expect(changesOf(cohort, "B")).toEqual(["replace “to” by “hereby”", "replace “operators to report” by “ships”"])
  })

  it("[LIFE9] where what they were to replace stands there no more the words alone go back only where that is wanted", async () => {
    const { cohort, b } = await handedBack(typesOver, ways["is deleted"]!)
    const [kept] = b.handedBack
    expect(await cohort.takeBack(2), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    const s = cohort.members[0]!
    const at = s.text(2).indexOf("operators")
    s.delete(2, at, at + "operators".length)
    await cohort.settle()
    expect(await cohort.decide([cohort.changes().find(({ kind }) => kind === "deletion")!.id], "accept"), cohort.refusal?.message).toBe(
      true,
    )
    await cohort.settle()
    expect(b.session.places.placeFor(kept!)?.isWhole).toBe(false)
    expect(b.session.places.putBack(kept!)).toBe(false)
    expect(changesOf(cohort, "B")).toEqual([])
    expect(b.session.places.putBack(kept!, true)).toBe(true)
    await cohort.settle()
    expect(changesOf(cohort, "B")).toEqual(["insert “ships”"])
  })

  const open = " and coastal states"
  const proposes = (b: Member): void => b.type(2, "to require".length, open)
  const over = (b: Member, was: string, words: string): void => {
    const at = b.text(2).indexOf(was)
    b.replace(2, at, at + was.length, words)
  }
  const typedOver: readonly (readonly [name: string, write: (b: Member) => void, handed: readonly [string, string], gives: string])[] = [
    ["a word of it", (b) => over(b, "coastal", "island"), ["island", "coastal"], " and island states"],
    ["its first word", (b) => over(b, " and", ", of"), [", of", " and"], ", of coastal states"],
    ["its last word", (b) => over(b, " states", " lands"), [" lands", " states"], " and coastal lands"],
    ["all of it", (b) => over(b, open, ", in time,"), [", in time,", open], ", in time,"],
    [
      "a word that is taken out before",
      (b) => {
        over(b, "coastal", "")
        b.type(2, "to require and ".length, "island")
      },
      ["island", "coastal"],
      " and island states",
    ],
    [
      "a word, letter by letter, with a slip",
      (b) => {
        over(b, "coastal", "i")
        b.type(2, "to require and i".length, "sx")
        over(b, "isx", "is")
        b.type(2, "to require and is".length, "land")
      },
      ["island", "coastal"],
      " and island states",
    ],
  ]
  it.each(typedOver)(
    "[LIFE9] what is typed over words of one's own open proposal goes in their place again: %s",
    async (_, write, handed, gives) => {
      const { cohort, b } = await handedBack(write, ways["is deleted"]!, proposes)
      expect(b.handedBack.map(({ text, struck }) => [text, struck?.map((part) => part.text).join("|")])).toEqual([handed])
      expect(await cohort.takeBack(2), cohort.refusal?.message).toBe(true)
      await cohort.settle()
      expect(changesOf(cohort, "B")).toEqual([`insert “${open}”`])
      expect(b.session.places.placeFor(b.handedBack[0]!)?.isWhole).toBe(true)
      expect(b.session.places.putBack(b.handedBack[0]!)).toBe(true)
      await cohort.settle()
      expect(changesOf(cohort, "B")).toEqual([`insert “${gives}”`])
      expect(standing(cohort)).toContain(`to require${gives} operators to report;`)
    },
  )

  const split =
    (before: string) =>
    (s: Member): void =>
      s.session.tracking.split({ index: 2, at: s.text(2).indexOf(before) })
  const since: readonly (readonly [way: string, does: (s: Member) => void, block: number, gives: readonly string[]])[] = [
    ["split before it", split("report"), 3, ["to require operators to ", "reportsend;"]],
    ["split behind it", split(";"), 2, ["to require operators to reportsend", ";"]],
    ["joined to the one before", (s) => s.session.restructuring.join(2), 1, ["to meet; to require operators to reportsend;"]],
    ["moved", (s) => s.session.restructuring.moveClause(2, -1), 1, ["to require operators to reportsend;"]],
  ]
  it.each(since)("[LIFE9] where the clause was %s since, they follow their letter", async (_, does, block, gives) => {
    const { cohort, b } = await handedBack((member) => over(member, "report", "send"), ways["is deleted"]!)
    const [kept] = b.handedBack
    expect(await cohort.takeBack(2), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    const [deletion] = cohort.changes()
    expect(await cohort.decide([deletion!.id], "notRetain"), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    does(cohort.members[0]!)
    await cohort.settle()
    expect(await cohort.decide([cohort.changes()[0]!.id], "accept"), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    const place = b.session.places.placeFor(kept!)
    expect(place?.isWhole).toBe(true)
    expect(place?.block).toBe(blocksOf(cohort.room.main).filter(isPresent)[block]!.id)
    expect(b.session.places.putBack(kept!)).toBe(true)
    await cohort.settle()
    expect(changesOf(cohort, "B")).toEqual(["replace “report” by “send”"])
    for (const text of gives) expect(standing(cohort)).toContain(text)
  })

  it("[LIFE9] so what stood at the beginning of a clause that was joined to another since", async () => {
    const { cohort, b } = await handedBack((member) => member.type(2, 0, "hereby "), ways["is deleted"]!)
    expect(b.handedBack[0]!.stoodAfter).toBe(null)
    expect(await cohort.takeBack(2), cohort.refusal?.message).toBe(true)
    expect(await cohort.decide([cohort.changes()[0]!.id], "notRetain"), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    cohort.members[0]!.session.restructuring.join(2)
    await cohort.settle()
    expect(await cohort.decide([cohort.changes()[0]!.id], "accept"), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    expect(b.session.places.putBack(b.handedBack[0]!)).toBe(true)
    await cohort.settle()
    expect(standing(cohort)).toContain("to meet; hereby to require operators to report;")
  })
})
