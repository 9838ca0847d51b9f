// A planted bug whose code has gone plants nothing: the list is held against the tree at every run, the bugs themselves by `npm run mutants`.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"

const mutants: [rule: string, file: string, code: string, bug: string][] = JSON.parse(
  readFileSync(join(import.meta.dirname, "planted.json"), "utf8"),
)

test("every planted bug finds the code that it changes", () => {
  const stale = mutants.filter(([, file, code]) => !readFileSync(join(import.meta.dirname, "..", file), "utf8").includes(code))
  expect(stale.map(([rule, file]) => `${rule}: ${file}`)).toEqual([])
})

test("a planted bug changes something, and no two are the same", () => {
  expect(mutants.filter(([, , code, bug]) => code === bug)).toEqual([])
  expect(new Set(mutants.map(([, file, code, bug]) => `${file}\n${code}\n${bug}`)).size).toBe(mutants.length)
})
