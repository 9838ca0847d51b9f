import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { readText } from "../server/files/text.ts"

const file = new URL("../../shared/akn/akn4itu_pp18_final_acts_akn.xml", import.meta.url)
const isThere = existsSync(file)
if (!isThere) console.log("skipped: the texts of the 2018 Plenipotentiary Conference in ../shared/akn are not beside this clone")

interface Element {
  readonly name: string
  readonly children: (Element | string)[]
}

/** Just enough of XML for this one well-formed file. */
function parse(xml: string): Element {
  const root: Element = { name: "", children: [] }
  const open: Element[] = [root]
  for (const [, close, name, , self, text] of xml.matchAll(/<(\/?)([\w:]+)((?:\s[^>]*?)?)(\/?)>|([^<]+)/g)) {
    if (text !== undefined) open.at(-1)!.children.push(text)
    else if (close) open.pop()
    else {
      const element: Element = { name: name!, children: [] }
      open.at(-1)!.children.push(element)
      if (!self) open.push(element)
    }
  }
  return root
}

const entities: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'" }
const raw = (node: Element | string): string => (typeof node === "string" ? node : node.children.map(raw).join(""))
const textOf = (node: Element): string =>
  raw(node)
    .replace(/&\w+;/g, (entity) => entities[entity] ?? entity)
    .replace(/\s+/g, " ")
    .trim()
const all = (node: Element, name: string): Element[] =>
  node.children.flatMap((child) => (typeof child === "string" ? [] : child.name === name ? [child] : all(child, name)))

/** One resolution as somebody would type it, and the heads that its mark-up says it has. */
function typed(statement: Element): { lines: string[]; heads: string[] } {
  const lines: string[] = []
  const heads: string[] = []
  const items = new Set(["recital", "paragraph", "point"])
  const walk = (node: Element): void => {
    if (node.name === "intro" || node.name === "heading") {
      heads.push(textOf(node))
      lines.push(textOf(node))
    } else if (items.has(node.name)) {
      const parts = node.children.filter((child): child is Element => typeof child !== "string")
      const num = parts.find((part) => part.name === "num")
      let label = num ? `${textOf(num)}\t` : ""
      for (const part of parts) {
        if (part.name === "num") continue
        if ([...items].some((name) => all(part, name).length > 0)) walk(part)
        else {
          lines.push(label + textOf(part))
          label = ""
        }
      }
    } else if (node.name === "p" || node.name === "formula" || node.name === "longTitle") lines.push(textOf(node))
    else for (const child of node.children) if (typeof child !== "string") walk(child)
  }
  for (const part of statement.children) if (typeof part !== "string" && part.name !== "meta") walk(part)
  return { lines, heads }
}

describe.runIf(isThere)("the 64 texts of the 2018 Plenipotentiary Conference", () => {
  const texts = isThere ? all(parse(readFileSync(file, "utf8")), "statement").map(typed) : []
  it("[IMP10] as typed text give the heads that their mark-up has, all under the ITU profile", () => {
    expect(texts).toHaveLength(64)
    const wrong = texts.flatMap(({ lines, heads }) => {
      const read = readText(lines.join("\n"))
      const found = read.blocks.filter((block) => block.type === "head").map((block) => block.text)
      return read.profile === "itu" && JSON.stringify(found) === JSON.stringify(heads)
        ? []
        : [`${lines[0]}: ${heads.filter((head) => !found.includes(head)).join(", ")}`]
    })
    expect(wrong).toEqual([])
  })
})
