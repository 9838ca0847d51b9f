import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { forgetRemark, type KeptRemark, keepRemark, keptRemarks, newRemarkId } from "../client/draft/kept-remarks.ts"

/** What a browser keeps, of so many letters at the most. */
function shelf(most: number): Record<string, unknown> {
  const kept: Record<string, string> = {}
  const methods = {
    getItem: (name: string) => kept[name] ?? null,
    setItem: (name: string, value: string) => {
      if (value.length > most) throw new Error("QuotaExceededError")
      kept[name] = value
    },
    removeItem: (name: string) => delete kept[name],
  }
  return new Proxy(kept, { get: (_kept, name) => methods[name as keyof typeof methods] ?? kept[name as string] })
}

const global = globalThis as { localStorage?: unknown }
const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage")
const put = (value: unknown): void => {
  Object.defineProperty(globalThis, "localStorage", { value, configurable: true, writable: true })
}
beforeEach(() => put(shelf(1_000)))
afterEach(() => {
  if (before) Object.defineProperty(globalThis, "localStorage", before)
  else delete global.localStorage
})

const remark = (person: string, draft: string, text: string): KeptRemark => ({
  id: newRemarkId(),
  person,
  draft,
  about: "resolves 2",
  target: { on: "clause", block: "b" },
  text,
})

const texts = (person: string, draft?: string): string[] => keptRemarks(person, draft).map(({ text }) => text)

describe("comments that were not sent", () => {
  it("[REM5] are kept for their person and draft alone, in the order in which they were begun, until they are forgotten", () => {
    const all = [remark("ann", "d1", "one"), remark("ann", "d1", "two"), remark("bob", "d1", "three"), remark("ann", "d2", "four")]
    for (const one of all) expect(keepRemark(one)).toBe(true)
    expect([texts("ann", "d1"), texts("bob", "d1"), texts("ann"), texts("eve")]).toEqual([
      ["one", "two"],
      ["three"],
      ["one", "two", "four"],
      [],
    ])
    forgetRemark(all[0]!.id)
    expect(texts("ann", "d1")).toEqual(["two"])
  })

  it("[REM5] that a browser does not keep are said to be at risk, and what others wrote there is passed over", () => {
    expect(keepRemark(remark("ann", "d1", "x".repeat(2_000)))).toBe(false)
    for (const junk of ["", "{", "null", '{"id":1}', '{"id":"a","person":"ann","draft":"d1","about":"","target":null,"text":""}'])
      (globalThis.localStorage as Storage).setItem("clausula.remark.junk", junk)
    expect(texts("ann")).toEqual([])
    put(undefined)
    expect([keepRemark(remark("ann", "d1", "one")), texts("ann")]).toEqual([false, []])
  })
})
