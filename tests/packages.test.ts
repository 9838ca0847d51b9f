import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const home = fileURLToPath(new URL("..", import.meta.url))
const read = (file: string): string => readFileSync(join(home, file), "utf8")

interface Locked {
  readonly version?: string
  readonly license?: string
  readonly resolved?: string
  readonly dev?: boolean
}
const locked = Object.entries((JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> }).packages).filter(
  ([path]) => path !== "",
)
const nameOf = (path: string): string => path.split("node_modules/").at(-1)!
/** What the product itself depends on, however far below. */
const needed = locked.filter(([, { dev }]) => !dev)

const permitted = /^(?:MIT(?:-0)?|Apache-2\.0|BSD-[23]-Clause|0BSD|ISC|MPL-2\.0)$/

/** Whether one may take something under a licence, written as SPDX does: of "OR" one is enough, of "AND" all are wanted. */
function isPermitted(licence: string): boolean {
  const bare = licence.replace(/^\(([^()]*)\)$/, "$1")
  if (/[()]/.test(bare)) return false
  return bare.split(" OR ").some((all) => all.split(" AND ").every((one) => permitted.test(one)))
}

describe("packages", () => {
  it("[PKG1] what the product depends on is under a licence that it may take", () => {
    expect(needed.length).toBeGreaterThan(50)
    expect(needed.filter(([, { license = "none" }]) => !isPermitted(license)).map(([path, { license }]) => `${path}: ${license}`)).toEqual(
      [],
    )
  })

  it.each([
    ["AGPL-3.0-only", false],
    ["GPL-2.0-or-later", false],
    ["LGPL-3.0-only", false],
    ["MIT AND GPL-3.0-only", false],
    ["(MIT OR GPL-3.0-only)", true],
    ["(MIT AND (GPL-3.0-only OR ISC))", false],
    ["SEE LICENSE IN LICENSE.md", false],
    ["", false],
    ["BSD-3-Clause", true],
  ])("[PKG1] %j: %s", (licence, may) => expect(isPermitted(licence)).toBe(may))

  it("[PKG2] the lockfile names no registry, versions are exact, and no script fetches what is not locked", () => {
    expect(read("package-lock.json")).not.toMatch(/"resolved"|https?:\/\/[^"]*registry/)
    const { scripts, dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>
    for (const version of Object.values({ ...dependencies, ...devDependencies }))
      expect(version).toMatch(/^(?:npm:[a-z-]+@)?\d+\.\d+\.\d+$/)
    for (const script of [...Object.values(scripts!), read(".ci/run")]) expect(script).not.toMatch(/\bnpx\b|npm exec|npm install/)
    expect(devDependencies).toHaveProperty(["@biomejs/biome"])
  })

  it("[PKG3] the icons are those that are drawn, each with its licence", () => {
    const drawn = [...read("client/ui/icon.tsx").matchAll(/"\.\/icons\/([a-z-]+\.svg)\?raw"/g)].map((match) => match[1]!)
    expect(drawn.length).toBeGreaterThan(10)
    expect(readdirSync(join(home, "client/ui/icons")).sort()).toEqual([...drawn, "LICENSE"].sort())
    for (const icon of drawn) expect(read(`client/ui/icons/${icon}`), icon).toMatch(/@license lucide-static v[\d.]+ - ISC/)
    expect(read("client/ui/icons/LICENSE")).toMatch(/^ISC License/)
  })

  it("[PKG4] the bill of materials has all that the product depends on, and tells what is for building and testing alone", () => {
    const { stdout, status } = spawnSync("npm", ["run", "--silent", "sbom"], {
      cwd: home,
      encoding: "utf8",
      shell: process.platform === "win32",
    })
    expect(status).toBe(0)
    const bill = JSON.parse(stdout) as {
      bomFormat: string
      components: { name: string; version: string; properties: { name: string }[] }[]
    }
    expect(bill.bomFormat).toBe("CycloneDX")
    const isForWork = ({ properties }: (typeof bill.components)[number]): boolean =>
      properties.some(({ name }) => name === "cdx:npm:package:development")
    const listed = bill.components.filter((component) => !isForWork(component)).map(({ name, version }) => `${name} ${version}`)
    expect([...new Set(listed)].sort()).toEqual([...new Set(needed.map(([path, { version }]) => `${nameOf(path)} ${version}`))].sort())
  })
})
