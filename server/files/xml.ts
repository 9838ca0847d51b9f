import { SaxesParser, type SaxesTagPlain } from "saxes"
import { DomainError } from "../problems.ts"

/** An element with its name as `prefix:local`, the prefix that this reader knows the namespace by; unknown namespaces have the prefix `?`. */
export interface XmlElement {
  readonly name: string
  /** By the same kind of name; attributes without a prefix have their local name alone. */
  readonly attrs: Readonly<Record<string, string>>
  readonly children: readonly XmlNode[]
}
export type XmlNode = XmlElement | string

/** Deepest nesting that is read. */
export const deepestXml = 400

const textOfBytes = (bytes: Uint8Array): string => {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  const encoding = isUtf16 ? (bytes[0] === 0xff ? "utf-16le" : "utf-16be") : "utf-8"
  return new TextDecoder(encoding, { fatal: true }).decode(bytes)
}

/**
 * Parses XML into a tree. `prefixes` gives the prefix for each namespace. A DOCTYPE is refused, and with it every entity; so is what nests deeper than
 * 400. Prefixes are resolved here: the parser's own way is quadratic in depth (measured). Throws a DomainError; `name` says of what.
 */
export function parseXml(source: Uint8Array | string, prefixes: Readonly<Record<string, string>>, name: string): XmlElement {
  const bad = (why: string, cause?: unknown): DomainError => new DomainError("bad-input", `${name} is not good XML: ${why}.`, {}, { cause })
  let text: string
  try {
    text = typeof source === "string" ? source : textOfBytes(source)
  } catch (error) {
    throw bad("it is not in UTF-8", error)
  }
  const parser = new SaxesParser({ xmlns: false, position: false })
  interface Open {
    name: string
    attrs: Record<string, string>
    children: XmlNode[]
  }
  const open: Open[] = []
  // One scope an element that declares a namespace; most declare none and share their parent's.
  const scopes: ReadonlyMap<string, string>[] = [new Map([["xml", "xml"]])]
  let root: XmlElement | null = null
  const named = (raw: string, scope: ReadonlyMap<string, string>, isAttribute: boolean): string => {
    const colon = raw.indexOf(":")
    if (colon < 0) {
      const prefix = isAttribute ? "" : scope.get("")
      return prefix ? `${prefix}:${raw}` : raw
    }
    return `${scope.get(raw.slice(0, colon)) ?? "?"}:${raw.slice(colon + 1)}`
  }
  parser.on("doctype", () => {
    throw bad("it has a DOCTYPE, which is never read")
  })
  parser.on("error", (error) => {
    throw bad(error.message.replace(/^\d+:\d+:\s*/, ""), error)
  })
  parser.on("opentag", (tag: SaxesTagPlain) => {
    if (open.length >= deepestXml) throw bad(`it nests deeper than ${deepestXml} elements`)
    let scope = scopes.at(-1)!
    for (const [key, value] of Object.entries(tag.attributes)) {
      if (key !== "xmlns" && !key.startsWith("xmlns:")) continue
      if (scope === scopes.at(-1)) scope = new Map(scope)
      ;(scope as Map<string, string>).set(key === "xmlns" ? "" : key.slice(6), Object.hasOwn(prefixes, value) ? prefixes[value]! : "?")
    }
    scopes.push(scope)
    const attrs: Record<string, string> = Object.create(null) as Record<string, string>
    for (const [key, value] of Object.entries(tag.attributes)) if (!key.startsWith("xmlns")) attrs[named(key, scope, true)] = value
    open.push({ name: named(tag.name, scope, false), attrs, children: [] })
  })
  parser.on("text", (words) => void open.at(-1)?.children.push(words))
  parser.on("cdata", (words) => void open.at(-1)?.children.push(words))
  parser.on("closetag", () => {
    const closed = open.pop()!
    scopes.pop()
    const parent = open.at(-1)
    if (parent) parent.children.push(closed)
    else root = closed
  })
  parser.write(text).close()
  if (!root) throw bad("it is empty")
  return root
}

export const isElement = (node: XmlNode): node is XmlElement => typeof node !== "string"

export const elementsIn = (element: XmlElement): XmlElement[] => element.children.filter(isElement)

/** The first child of a name. */
export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child): child is XmlElement => isElement(child) && child.name === name)

export const childrenOf = (element: XmlElement | undefined, name: string): XmlElement[] =>
  element?.children.filter((child): child is XmlElement => isElement(child) && child.name === name) ?? []

/** All text below an element. */
export const wordsOf = (node: XmlNode): string => (isElement(node) ? node.children.map(wordsOf).join("") : node)
