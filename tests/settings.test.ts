import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { readConfig } from "../server/config.ts"

const home = fileURLToPath(new URL("..", import.meta.url))
const read = (file: string): string => readFileSync(join(home, file), "utf8")
const filesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesIn(path) : path.endsWith(".ts") ? [path] : []
  })
const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!)
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort()

/** The cells of the rows of the tables under "Settings", without those of their heads. */
function rows(): string[][] {
  const section = read("server/README.md").split("\n## Settings\n")[1]!.split("\n## ")[0]!
  const lines = section.split("\n").filter((line) => line.startsWith("|"))
  const isHead = (i: number): boolean => /^\| -/.test(lines[i + 1] ?? "") || /^\| -/.test(lines[i]!)
  return lines
    .filter((_, i) => !isHead(i))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

describe("the table of settings", () => {
  const table = rows()
  const written = (pattern: RegExp, column: number): string[] => sorted(table.flatMap((cells) => found(cells[column]!, pattern)))
  const server = filesIn(join(home, "server")).map((file) => readFileSync(file, "utf8"))

  it("[SET1] has a row for each variable that is read, and for no other", () => {
    const config = found(read("server/config.ts"), /"(CLAUSULA_[A-Z_]+)"|env\.(?=CLAUSULA)/g).filter(Boolean)
    expect(config.length).toBeGreaterThan(5)
    const all = server.flatMap((text) => found(text, /\b(CLAUSULA_[A-Z_]+)\b/g))
    const others = server.flatMap((text) => found(text, /\benv\.([A-Z_]+)\b/g))
    expect(written(/`([A-Z_]+)`/g, 1)).toEqual(sorted([...config, ...all, ...others]))
  })

  it("[SET1] has a row for each flag of serve, and for no other", () => {
    const fields = found(read("server/config.ts").split("interface ServeFlags {")[1]!.split("}")[0]!, /readonly (\w+)\?/g)
    const flags = fields.map((field) => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
    const offered = found(read("server/cli.ts").split('verb("serve"')[1]!.split(".action(")[0]!, /"--([a-z-]+)/g)
    expect(sorted(offered)).toEqual(sorted(flags))
    expect(written(/^`--([a-z-]+)/g, 0)).toEqual(sorted([...flags, "json"]))
  })

  it("[SET1] says what holds where nothing is set", () => {
    const nothingSet = readConfig({}, {})
    const defaults = table.flatMap(([, name, value]) => (name && value ? [[found(name, /`(.*)`/g)[0]!, found(value, /`(.*)`/g)[0]!]] : []))
    expect(defaults.length).toBeGreaterThan(5)
    for (const [name, value] of defaults) expect(readConfig({}, { [name!]: value }), name).toEqual(nothingSet)
  })

  it("[SET2] has a row for each file that the server keeps in the data folder, and for no other", () => {
    const folder = join(home, "server/storage")
    const beside = filesIn(folder).flatMap((file) => {
      const base = file.endsWith("heads.ts") ? "heads" : file.endsWith("stray-wal.ts") ? "clausula.db-wal" : "clausula.db"
      return found(readFileSync(file, "utf8"), /`\$\{(?:stray\.)?path\}(\.[a-z]+)`/g).map((end) => `${base}${end}`)
    })
    const inFolder = server.flatMap((text) => found(text, /join\((?:directory|data|this\.#directory), "([^"]+)"\)/g))
    expect(inFolder.length).toBeGreaterThan(4)
    expect(beside.length).toBeGreaterThan(4)
    const files = table.filter((cells) => cells.length === 2).map(([name]) => found(name!, /`(.*)`/g)[0]!)
    expect(files.sort()).toEqual(sorted([...inFolder, ...beside]))
  })
})
