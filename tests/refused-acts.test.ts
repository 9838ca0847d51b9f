/** An act that is refused has changed nothing, however much of it was done by then (ROOM5). */

import { expect, it } from "vitest"
import * as Y from "yjs"
import { DomainError } from "../server/problems.ts"
import { textOf } from "../shared/schema/block.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { removeText } from "../shared/sync/write.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort } from "./cohort.ts"

const refusals: readonly [string, (write: () => void) => Generator<undefined, never>][] = [
  [
    "at once",
    // biome-ignore lint/correctness/useYield: it is refused before its first pause
    function* (write) {
      write()
      throw new DomainError("conflict", "It may not be done.")
    },
  ],
  [
    "after a pause",
    function* (write) {
      write()
      yield
      throw new DomainError("conflict", "It may not be done.")
    },
  ],
]
for (const [when, refused] of refusals)
  it(`[ROOM5] an act that is refused ${when}, after it has written, leaves nothing in the shadow`, async () => {
    const cohort = new Cohort(draftState([head("resolves"), clause("to keep a lamp at every mole,", "a")]))
    const s = cohort.member("S")
    await cohort.settle()
    const { room } = cohort
    const act = room.act((gate) => refused(() => void gate.act((tr) => removeText(tr, textOfElement(elementsOf(gate.shadow)[1]!)!, 0, 8))))
    const told = expect(act).rejects.toThrow("It may not be done.")
    await cohort.settle()
    await told
    s.type(1, 29, " and pier")
    await cohort.settle()
    const texts = [room.gate.shadow, room.main, s.session.doc].map((doc) => blocksOf(doc).map(textOf)[1])
    expect(texts).toEqual(Array(3).fill("to keep a lamp at every mole, and pier"))
    expect(Y.encodeStateVector(room.gate.shadow)).toEqual(Y.encodeStateVector(room.main))
    expect([cohort.refusals, cohort.faults]).toEqual([[], []])
  })
