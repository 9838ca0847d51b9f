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
