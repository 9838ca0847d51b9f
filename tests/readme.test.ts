import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { command, home } from "./process.ts"

const read = (file: string): string => readFileSync(join(home, file), "utf8")
const readmes = [
  "README.md",
  "shared/README.md",
  "server/README.md",
  "client/README.md",
  "seeds/README.md",
  "tests/README.md",
  "CONTRIBUTING.md",
  ".github/HOW-TO.md",
  ".github/CAVEATS.md",
]
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> }

describe("what is written is true", () => {
  it("[DOC1] every script that is named exists, and every link leads somewhere", () => {
    for (const file of readmes) {
      const text = read(file)
      for (const [, name] of text.matchAll(/npm (?:run )?(start|test|[a-z]+(?::[a-z]+)?)\b/g))
        if (!["ci", "install"].includes(name!)) expect(scripts, `${file}: npm run ${name}`).toHaveProperty([name!])
      for (const [, path] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
        expect(existsSync(join(home, file, "..", path!)), `${file}: ${path}`).toBe(true)
    }
  })

  it("[DOC2] the README's commands do what they say", () => {
    const folder = mkdtempSync(join(tmpdir(), "clausula-readme-"))
    writeFileSync(join(folder, "draft.txt"), read("seeds/early-warning.txt"))
    const shown = [...read("README.md").matchAll(/^npx clausula (import|export) (.+)$/gm)]
    expect(shown.length).toBeGreaterThan(1)
    for (const [, verb, rest] of shown) {
      const args = rest!.split(" ").map((arg) => (arg.includes(".") && !arg.startsWith("-") ? join(folder, arg) : arg))
      expect(command([verb!, ...args]).code, `${verb} ${rest}`).toBe(0)
    }
  })

  it("[DOC3] no rule's name stands for two rules", () => {
    const stated = ["shared/README.md", "server/README.md", "client/README.md"].flatMap((file) =>
      [...read(file).matchAll(/(?:^- |[.;:] |\n {2})([A-Z]{2,7}\d+) (?=[A-Z“`])/gm)].map((match) => match[1]!),
    )
    expect(stated.length).toBeGreaterThan(300)
    expect(stated.filter((rule, i) => stated.indexOf(rule) !== i)).toEqual([])
  })

  it("[DOC3] every rule that a test cites stands in a README", () => {
    const written = readmes.map(read).join("\n") + read("shared/sync/PROTOCOL.md")
    const families = new Set([...written.matchAll(/\b([A-Z]{2,5})\d/g)].map((match) => match[1]!))
    const tests = readdirSync(join(home, "tests")).filter((name) => name.endsWith(".test.ts"))
    for (const file of tests)
      for (const [, rule] of read(`tests/${file}`).matchAll(/\("\[([A-Z]{2,5})\d+/g)) expect(families, `${file}: ${rule}`).toContain(rule)
  })
})
