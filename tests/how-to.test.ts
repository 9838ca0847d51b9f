import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const home = fileURLToPath(new URL("..", import.meta.url))
const read = (file: string): string => readFileSync(join(home, file), "utf8")
const sourcesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? sourcesIn(path) : /\.tsx?$/.test(name) ? [relative(home, path)] : []
  })
const product = ["shared", "server", "client"].flatMap((house) => sourcesIn(join(home, house)))

/** A file, and behind it in brackets what is in it: `` `shared/policy/policy.ts` (`Act`, `policy`) ``. */
const place = /`([\w./-]+\.(?:tsx?|mjs|json|md|css|svg|yml)|\.ci\/run)`(?: \(((?:`[^`]+`(?:, )?)+)\))?/g
const placesIn = (text: string): { path: string; names: string[] }[] =>
  [...text.replace(/\s+/g, " ").matchAll(place)].map(([, path, names = ""]) => ({
    path: path!,
    names: [...names.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  }))

const howTo = read(".github/HOW-TO.md")
const sectionOf = (title: string): string => howTo.split(`\n## ${title}\n`)[1]!.split("\n## ")[0]!

describe("how to add things", () => {
  it("[DOC4] every file that is named is there, and has in it what is named behind it", () => {
    const places = [...placesIn(howTo), ...placesIn(read("CONTRIBUTING.md"))]
    expect(places.length).toBeGreaterThan(60)
    for (const { path, names } of places) {
      expect(existsSync(join(home, path)), path).toBe(true)
      for (const name of names) expect(read(path).includes(name), `${path}: ${name}`).toBe(true)
    }
  })

  // What each list was made from, as it stands in the product.
  it.each([
    ["An act", /\buntie\b/],
    ["A form of files", /"akn"|\bakn:/],
    ["A panel", /<Versions\b|open\("versions"\)|dialog\.value === "versions"/],
    ["A check of what people write", /\bstrikesMended\b/],
    ["A sentence", /\botherSideSaid\b/],
  ])("[DOC4] %s: each file of the product in which its example is stands in its list", (title, example) => {
    const listed = new Set(placesIn(sectionOf(title)).map(({ path }) => path))
    const files = product.filter((file) => example.test(read(file)))
    expect(files.length).toBeGreaterThan(1)
    for (const file of files) expect(listed, title).toContain(file)
  })
})

describe("what a visitor sees first", () => {
  it("[DOC5] CI runs what .ci/run runs, and the tests without a browser on each Node that the README names", () => {
    const ci = read(".github/workflows/ci.yml")
    expect(ci).toMatch(/run: \.ci\/run$/m)
    const [, ...named] = /\((\d+), (\d+) and (\d+) are supported\)/.exec(read("README.md"))!
    expect(ci).toContain(`node: [${named.join(", ")}]`)
    expect(named[0]).toBe(/>=(\d+)/.exec((JSON.parse(read("package.json")) as { engines: { node: string } }).engines.node)![1])
  })
})
