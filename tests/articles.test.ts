import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { withArticle } from "../shared/changes/wording.ts"

const home = fileURLToPath(new URL("..", import.meta.url))
const filesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesIn(path) : /\.tsx?$/.test(name) ? [path] : []
  })

/** An article right before a value that is put into a sentence, in a template or in JSX. */
const article = /(?<![\p{L}\p{N}])[Aa]n? (?:<\w+[^>]*>)?\$?\{([^{}]*)\}/gu
/** Nouns of ours that all take "a": nobody's names. */
const nouns: ReadonlySet<string> = new Set(["story", "role"])

describe("an article in a sentence", () => {
  it("[WHO5] stands before no name, and before no other value of which nobody knows how it begins", () => {
    const files = ["client", "server", "shared"].flatMap((house) => filesIn(join(home, house)))
    expect(files.length).toBeGreaterThan(200)
    const found = files.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(article)].flatMap(([sentence, value]) =>
        nouns.has(value!) ? [] : [`${file.slice(home.length)}: ${sentence}`],
      ),
    )
    expect(found).toEqual([])
  })
  it("[WHO5] of a noun of ours follows its first letter", () =>
    expect(["space", "index", "view", "ideographic space"].map(withArticle)).toEqual([
      "a space",
      "an index",
      "a view",
      "an ideographic space",
    ]))
})
