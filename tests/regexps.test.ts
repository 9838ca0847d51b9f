import { readdirSync, readFileSync, statSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { parseSync } from "vite"
import { describe, expect, it } from "vitest"
import { additionSource } from "../shared/clauses/additions.ts"

const home = fileURLToPath(new URL("..", import.meta.url))
const filesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesIn(path) : /\.(?:tsx?|mjs)$/.test(name) ? [path] : []
  })

interface Found {
  readonly where: string
  readonly pattern: string
  readonly flags: string
}
/** A node of the syntax tree, as far as this test looks. */
interface SyntaxNode {
  readonly type?: string
  readonly start?: number
  readonly end?: number
  readonly regex?: { readonly pattern: string; readonly flags: string }
  readonly callee?: { readonly name?: string }
}

/** Every regular expression in a file, and every place where one is made while the program runs. */
function regexpsOf(file: string): { literals: Found[]; made: string[] } {
  const source = readFileSync(file, "utf8")
  const literals: Found[] = []
  const made: string[] = []
  const walk = (node: SyntaxNode, isInFunction: boolean): void => {
    const line = source.slice(0, node.start ?? 0).split("\n").length
    if (node.type === "Literal" && node.regex) literals.push({ where: `${relative(home, file)}:${line}`, ...node.regex })
    if (isInFunction && (node.type === "NewExpression" || node.type === "CallExpression") && node.callee?.name === "RegExp")
      made.push(`${relative(home, file)}: ${source.slice(node.start, node.end)}`)
    const isInside = isInFunction || /Function/.test(node.type ?? "")
    for (const value of Object.values(node) as unknown[])
      if (typeof value === "object" && value !== null) walk(value as SyntaxNode, isInside)
  }
  walk(parseSync(file, source).program as SyntaxNode, false)
  return { literals, made }
}

const houses = ["shared", "server", "client"].flatMap((house) => filesIn(join(home, house)))
const all = houses.map(regexpsOf)

/** Those that the modules of two houses make of their own constants as they are loaded; the hundred words for "second", "third" ... are three here. */
async function madeAtFirst(): Promise<Found[]> {
  const made: RegExp[] = []
  const Real = globalThis.RegExp
  globalThis.RegExp = new Proxy(Real, {
    construct: (target, given: [string, string?]) => {
      const regexp = new target(...given)
      made.push(regexp)
      return regexp
    },
  })
  try {
    for (const file of houses) if (!/\/client\/|\/main\.ts$|worker\.ts$|\.mjs$/.test(file)) await import(file)
  } finally {
    globalThis.RegExp = Real
  }
  const few = "(?:[ \\u00a0]?(?:bis|ter|之[一二]+))"
  const patterns = made.map(({ source, flags }) => ({ where: "made", pattern: source.replaceAll(additionSource, few), flags }))
  return patterns.filter(({ pattern }) => !looksAtLabels.some((start) => pattern.startsWith(start)))
}

/** These look at labels alone, of which none is longer than 64 signs. */
const looksAtLabels = ["(?<=[\\p{L}\\p{N}()", "(?<=.)(?:", "^[\\s(（.]*(?:", "^(.*?[\\p{L}", "^(.*[\\p{L}"]

/** Signs that stand for the classes of a pattern. */
const alphabet = [..." \t\n\u00a0a:zZ0.-–_[](){}<>=/\"'…&;,%x1", "ä", "و", "\u064b", "中", "\ufffc", "\u2029", "\u0001", "\ue021"]

/** The pieces of a pattern that match one sign each, in order, each as two signs that it matches; what quantifies and groups them is left out. */
function atomsOf({ pattern, flags }: Pick<Found, "pattern" | "flags">): string[][] {
  const piece =
    /\[(?:\\.|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\u[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]+\}|\\x[0-9a-fA-F]{2}|\\.|\(\?<?[:=!]|\{\d*,?\d*\}|./gsu
  const atoms: string[][] = []
  for (const [found] of pattern.matchAll(piece)) {
    if (/^(?:\(\?<?[:=!]|\{\d*,?\d*\}|[|()^$*+?]|\\[bB0-9])$/.test(found)) continue
    // Of a variant half a class may be left.
    if (found === "[") continue
    const one = new RegExp(`^(?:${found})$`, flags.replace(/[gy]/g, ""))
    const signs = [found.length === 1 ? found : "", ...alphabet].filter((sign) => sign !== "" && one.test(sign))
    if (signs.length > 0) atoms.push(signs.slice(0, 2))
  }
  return atoms
}

/** A pattern with one of its alternatives at each place where it has some: the first, the second, the third. */
function variantsOf(pattern: string): string[] {
  const variants = [0, 1, 2].map((n) => {
    const choose = (alternatives: string): string => {
      const list = alternatives.split("|")
      return list[Math.min(n, list.length - 1)]!
    }
    let rest = pattern
    for (let before = ""; before !== rest; ) {
      before = rest
      rest = rest.replace(/\((?:\?[:=!]|\?<[=!])?([^()|]*(?:\|[^()|]*)+)\)/g, (_, alternatives: string) => `(?:${choose(alternatives)})`)
    }
    return choose(rest)
  })
  return [...new Set([pattern, ...variants])]
}

/** What could make a pattern look at the same signs again and again: each stretch of what it matches, many times over, before what it does not. */
function* attacksOn({ pattern, flags }: Pick<Found, "pattern" | "flags">): Generator<{ prefix: string; pump: string }> {
  const seen = new Set<string>()
  for (const variant of variantsOf(pattern)) yield* attacksFrom(atomsOf({ pattern: variant, flags }), seen)
}

function* attacksFrom(atoms: readonly string[][], seen: Set<string>): Generator<{ prefix: string; pump: string }> {
  for (let from = 0; from < atoms.length; from++) {
    const before = atoms.slice(0, from).map((signs) => signs[0]!)
    const prefixes = new Set(["", "\u0000", before.join(""), before.slice(-1).join("")])
    const pumps = new Set<string>()
    for (let to = from + 1; to <= Math.min(atoms.length, from + 24); to++) {
      const stretch = atoms.slice(from, to)
      pumps.add(stretch.map((signs) => signs[0]!).join(""))
      if (stretch.length <= 2) pumps.add(stretch.map((signs) => signs.at(-1)!).join(""))
    }
    for (const pump of pumps)
      for (const prefix of prefixes) {
        const name = JSON.stringify([prefix, pump])
        if (!seen.has(name)) yield { prefix, pump }
        seen.add(name)
      }
  }
}

// In steps of a quarter while it can still grow with a power of its length: what is quick at one of them, by whatever little,
// is back from the next in a second or two. From 22 straight to 100 a machine that did 22 in 29 ms never came back.
const lengths = [22, 26, 32, 40, 50, 62, 77, 96, 120, 150, 187, 234, 292, 365, 456, 570, 2_000, 12_000]
const suffixes = ["", "\u0000", "\u0000 a"]

function msFor(regexp: RegExp, text: string): number {
  const from = performance.now()
  text.replace(regexp, "")
  return performance.now() - from
}

/** The text on which a pattern takes longer than its length allows, and how long; null where none was found. */
function slowest({ pattern, flags }: Pick<Found, "pattern" | "flags">): string | null {
  const regexp = new RegExp(pattern, flags.includes("y") ? flags : flags.includes("g") ? flags : `${flags}g`)
  for (const { prefix, pump } of attacksOn({ pattern, flags }))
    for (const suffix of suffixes) {
      const textOf = (length: number): string => prefix + pump.repeat(Math.ceil(length / pump.length)) + suffix
      // From short to long: what doubles with every sign would never come back from the longest. Again and again, for a busy
      // machine is slow at times.
      const isSlow = (length: number): boolean => [1, 2, 3, 4].every(() => msFor(regexp, textOf(length)) > 30)
      if (lengths.some(isSlow) || (msFor(regexp, textOf(12_000)) > 2 && isSlow(60_000)))
        return `${JSON.stringify(prefix)} + ${JSON.stringify(pump)} x n + ${JSON.stringify(suffix)}`
    }
  return null
}

describe("regular expressions", () => {
  // Found in this project once; a check that does not find them proves nothing.
  const bad: readonly Pick<Found, "pattern" | "flags">[] = [
    { pattern: "^-+|-+$", flags: "g" },
    { pattern: "(?:[\\p{L}\\p{M}\\p{N}][\\p{L}\\p{M}\\p{N}.-]*)$", flags: "u" },
    { pattern: "\\[(bookmark|image):\\s*([^\\]]*)\\]", flags: "g" },
    { pattern: "\\s*Comment by ([^:\\n]{1,80}):[ \\t]*", flags: "" },
    { pattern: "[ \\u00a0]*\\t[ \\t\\u00a0]*", flags: "g" },
    { pattern: "^[\\s(.]*(?:[\\p{N}.\\-–]+|\\p{L}{1,2}|[ivxlcdm]+)?\\s*(?:bis|ter|alt)?[\\s.)°–-]*$", flags: "iu" },
    { pattern: "<w:p[ >](?:(?!<\\/w:p>)[\\s\\S])*<\\/w:p>", flags: "g" },
    { pattern: "<w:t(?:\\s[^>]*)?>([^<]*)<\\/w:t>", flags: "g" },
    { pattern: "<w:sdt>((?:(?!<\\/w:sdt>)[\\s\\S])*)<\\/w:sdt>", flags: "g" },
    { pattern: "<w:rsids>[\\s\\S]*?<\\/w:rsids>|<w:attachedTemplate [^>]*\\/>", flags: "g" },
    { pattern: '<Relationship\\b[^>]*\\/officeDocument"[^>]*>', flags: "" },
    { pattern: "<w:document\\b([^>]*)>", flags: "" },
    { pattern: "\\d+(?=\\.?$)", flags: "" },
    { pattern: "\\s+$", flags: "" },
    { pattern: "(a+)+b", flags: "" },
  ]
  for (const regexp of bad) it(`[REGEX1] the check finds what is slow in /${regexp.pattern}/`, () => expect(slowest(regexp)).not.toBeNull())

  it("[REGEX1] every one in the three houses takes time by the length of the text, whatever the text is", async () => {
    const literals = [...all.flatMap((file) => file.literals), ...(await madeAtFirst())]
    expect(literals.length).toBeGreaterThan(100)
    const slow = literals.flatMap((regexp) => {
      const found = slowest(regexp)
      return found === null ? [] : [`${regexp.where} /${regexp.pattern}/${regexp.flags} on ${found}`]
    })
    expect(slow).toEqual([])
  }, 180_000)

  it("[REGEX2] none is made of what a file or a person says: all are there when the program has begun", () => {
    // A part of a label's form, from our own constants.
    expect(all.flatMap((file) => file.made)).toEqual([expect.stringMatching(/^shared\/clauses\/label-forms\.ts: .*pattern/)])
  })
})
