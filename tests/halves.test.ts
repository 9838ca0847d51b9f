/** A sign of two UTF-16 units is never cut in two: Yjs would leave a sign that nobody wrote in each copy that is read anew (GATE1, BIND2). */
import { expect, it } from "vitest"
import type * as Y from "yjs"
import { elementsOf, textOfElement } from "../shared/sync/read.ts"
import { removeText } from "../shared/sync/write.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort } from "./cohort.ts"

const line = "to keep a lamp at every mole,"

const cuts: readonly [string, (text: Y.XmlText, tr: Y.Transaction) => void][] = [
  ["taking out its first half", (text, tr) => removeText(tr, text, line.length + 2, line.length + 3)],
  ["taking out its second half", (text, tr) => removeText(tr, text, line.length + 3, line.length + 4)],
  ["taking out the half of one and of the next", (text, tr) => removeText(tr, text, line.length + 3, line.length + 5)],
]
for (const [how, cut] of cuts)
  it(`[GATE1 BIND2] no sign is cut in two by ${how}`, async () => {
    const cohort = new Cohort(draftState([head("resolves"), clause(line, "a")]))
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    s.type(1, line.length, " a😀😀b")
    await cohort.settle()
    const { doc } = s.session
    doc.transact((tr) => cut(textOfElement(elementsOf(doc)[1]!)!, tr))
    await cohort.settle()
    const left = how.includes("next") ? " ab" : " a😀b"
    for (const copy of [cohort.room.main, s.session.doc, b.session.doc, cohort.member("J").session.doc]) {
      await cohort.settle()
      expect(
        textOfElement(elementsOf(copy)[1]!)!
          .toString()
          .replace(/<[^>]*>/g, ""),
      ).toBe(line + left)
    }
    expect([cohort.refusals, cohort.faults, b.session.binding.corrections]).toEqual([[], [], 0])
  })
