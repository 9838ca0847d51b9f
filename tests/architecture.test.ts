import { readdirSync, readFileSync, statSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const home = fileURLToPath(new URL("..", import.meta.url))
const filesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesIn(path) : /\.tsx?$/.test(name) ? [path] : []
  })
const importsOf = (file: string): string[] => [...readFileSync(file, "utf8").matchAll(/from "([^"]+)"/g)].map((match) => match[1]!)
const codeOf = (file: string): string => readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
const housesOf = (file: string): string[] =>
  importsOf(file)
    .filter((path) => path.startsWith("."))
    .map((path) => relative(home, join(file, "..", path)).split("/")[0]!)

describe("the house", () => {
  const allowed: Record<string, readonly string[]> = { shared: ["shared"], client: ["shared", "client"], server: ["shared", "server"] }
  for (const [house, may] of Object.entries(allowed))
    it(`[ARCH1] ${house} imports from ${may.join(" and ")} only`, () => {
      const files = filesIn(join(home, house))
      expect(files.length).toBeGreaterThan(5)
      for (const file of files) for (const other of housesOf(file)) expect(may, file).toContain(other)
    })
  /** Rooms from the top of a house to its foundation: a room imports from those below it alone. */
  const rooms: Readonly<Record<string, readonly string[]>> = {
    server: "commands http acts drafts workers comparison papers files decisions rooms gate people storage pace".split(" "),
    client: "panels draft life meeting editor ui".split(" "),
    shared: "api sync people policy comments changes clauses schema".split(" "),
  }
  /** Files at the top of a house that its rooms may import: what all have in common. The others put the house together. */
  const common: readonly string[] = ["problems.ts", "config.ts", "metrics.ts", "damage.ts", "readiness.ts"]
  for (const [house, order] of Object.entries(rooms)) {
    const folder = join(home, house)
    const roomOf = (file: string): string | null => {
      const [room, ...rest] = relative(folder, file).split("/")
      return rest.length > 0 ? room! : null
    }
    it(`[ARCH5] in ${house} every room stands in the order, and imports from those below it alone`, () => {
      const files = filesIn(folder)
      expect([...new Set(files.map(roomOf))].filter((room) => room !== null && !order.includes(room))).toEqual([])
      const upwards = files.flatMap((file) => {
        const room = roomOf(file)
        if (room === null) return []
        return importsOf(file).flatMap((path) => {
          const other = join(file, "..", path)
          if (!path.startsWith(".") || relative(folder, other).startsWith("..")) return []
          const to = roomOf(other)
          const isBelow = to === null ? common.includes(relative(folder, other)) : order.indexOf(to) >= order.indexOf(room)
          return isBelow ? [] : [`${relative(home, file)} imports ${relative(home, other)}`]
        })
      })
      expect(upwards).toEqual([])
    })
  }
  it("[ARCH7] a file of more than 400 lines says at its head why it is one", () => {
    const files = Object.keys(rooms).flatMap((house) => filesIn(join(home, house)))
    const long = files.filter((file) => readFileSync(file, "utf8").split("\n").length > 401)
    expect(long.length).toBeLessThan(10)
    const head = (file: string): string => readFileSync(file, "utf8").split(/^import /m)[0]!
    expect(long.filter((file) => !/\bone (?:thing|object|class|life)\b/i.test(head(file))).map((file) => relative(home, file))).toEqual([])
  })
  it("[ARCH6] no files import each other in a circle", () => {
    const files = Object.keys(rooms).flatMap((house) => filesIn(join(home, house)))
    const imports = new Map(
      files.map((file) => [file, importsOf(file).flatMap((path) => (path.startsWith(".") ? [join(file, "..", path)] : []))]),
    )
    const done = new Set<string>()
    const circles: string[] = []
    const walk = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].map((path) => relative(home, path)).join(" > "))
      else if (!done.has(file)) {
        for (const other of imports.get(file) ?? []) walk(other, [...way, file])
        done.add(file)
      }
    }
    for (const file of files) walk(file, [])
    expect(circles).toEqual([])
  })
  it("[ARCH2] shared knows no Node, no DOM, no clock and no randomness", () => {
    for (const file of filesIn(join(home, "shared")))
      expect(codeOf(file), file).not.toMatch(/from "node:|\bdocument\.|\bwindow\.|Date\.now|new Date\(|Math\.random/)
  })
  it("[ARCH3] a room never touches express, and a store knows no role's rights", () => {
    for (const file of filesIn(join(home, "server/rooms"))) expect(importsOf(file), file).not.toContain("express")
    for (const file of filesIn(join(home, "server/storage"))) expect(readFileSync(file, "utf8"), file).not.toMatch(/\bmay\(/)
  })
  it("[ARCH4] a panel never touches EditorView", () => {
    for (const file of filesIn(join(home, "client/panels"))) expect(importsOf(file).join(), file).not.toMatch(/prosemirror/)
  })
})
