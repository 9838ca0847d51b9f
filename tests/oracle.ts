import * as Y from "yjs"
import { roots } from "../shared/sync/roots.ts"

/**
 * What the server promises of an update (server/README GATE), read from a document by code that the judge does not use: the agreed text, what others
 * propose, and the record, as lists of lines; and what may never be true of any document. An update of a source changes none of the lists.
 */
export interface Promised {
  readonly agreed: readonly string[]
  readonly others: readonly string[]
  readonly record: readonly string[]
  /** What is unsound about it, whoever did it. */
  readonly flaws: readonly string[]
}

interface OpenMark {
  readonly key: string
  readonly name: string
  readonly id: string
  readonly change: string
  readonly source: string
  readonly within: readonly string[]
  readonly over: readonly string[]
}

const serverClient = 0xffffff
const listOf = (text: unknown): string[] => (typeof text === "string" && text !== "" ? text.split(",") : [])

function markFrom(key: string, value: Record<string, unknown>): OpenMark {
  const id = String(value.id)
  return {
    key,
    name: key.slice(0, key.indexOf("--")),
    id,
    change: String(value.of || id),
    source: String(value.source),
    within: listOf(value.within),
    over: listOf(value.over),
  }
}

/** The innermost insertion, which no other names among those that it stands in; of several the one that was opened last. */
function ownerAmong(marks: readonly OpenMark[]): OpenMark | null {
  const insertions = marks.filter(({ name }) => name === "insertion")
  const innermost = insertions.filter((mark) => !insertions.some((other) => other !== mark && other.within.includes(mark.id)))
  return innermost.at(-1) ?? insertions.at(-1) ?? null
}

/** Under which id each letter was first written. */
function firstIds(doc: Y.Doc): (client: number, clock: number) => string {
  const before = new Map<string, [number, number]>()
  for (const [client, clock, length, toClient, toClock] of doc.getArray<[number, number, number, number, number]>("relocations").toArray())
    for (let i = 0; i < length; i++) before.set(`${toClient}.${toClock + i}`, [client, clock + i])
  return (client, clock) => {
    let at: [number, number] = [client, clock]
    for (let was = before.get(at.join(".")); was; was = before.get(at.join("."))) at = was
    return at.join(".")
  }
}

/** Roots that the server writes; each is part of the record, but for where it put words. */
const serverRoots = Object.keys(roots).filter((name) => name !== "relocations" && name !== "brought" && name !== "proposals")
const knownRoots = new Set(["blocks", "structure", ...Object.keys(roots)])

export function promised(doc: Y.Doc, source: string): Promised {
  const agreed: string[] = []
  const others: string[] = []
  const record: string[] = []
  const flaws: string[] = []
  const firstId = firstIds(doc)
  const final = new Set(
    [...doc.getMap<{ status: string }>("proposals").entries()].filter(([, { status }]) => status !== "acceptedWithHost").map(([id]) => id),
  )
  const fragment = doc.getXmlFragment("blocks") as unknown as Y.AbstractType<unknown> & { _map: Map<string, Y.Item> }
  for (const name of doc.share.keys()) if (!knownRoots.has(name)) flaws.push(`root ${name}`)
  for (const [key, item] of fragment._map) if (!item.deleted) flaws.push(`key ${key} on the list of blocks`)
  for (let item = fragment._start; item; item = item.right) {
    if (item.deleted) continue
    const element = item.content instanceof Y.ContentType ? item.content.type : null
    if (!(element instanceof Y.XmlElement)) {
      flaws.push(`${item.content.constructor.name} in the list of blocks`)
      continue
    }
    readBlock(element)
  }
  for (const [key, value] of [...doc.getMap<Record<string, unknown>>("structure").entries()].sort())
    if (value?.source !== source) others.push(JSON.stringify(["entry", key, Object.entries(value ?? {}).sort()]))
    else if (final.has(String(value.of || value.id)) || final.has(key)) flaws.push(`entry ${key} under a decided change`)
  for (const [id, { next: _, ...entry }] of [...doc.getMap<Record<string, unknown>>("proposals").entries()].sort())
    record.push(JSON.stringify(["decided", id, entry]))
  for (const name of serverRoots) record.push(JSON.stringify([name, [...doc.getMap(name).entries()].sort()]))
  record.push(JSON.stringify(doc.getArray("brought").toArray()))
  return { agreed, others, record, flaws }

  function readBlock(element: Y.XmlElement): void {
    const attrs = [...element._map].filter(([, item]) => !item.deleted).map(([name, item]) => [name, item.content.getContent()] as const)
    const of = (name: string): unknown => attrs.find(([other]) => other === name)?.[1][0]
    for (const [name, values] of attrs) if (values.length !== 1) flaws.push(`${values.length} values of ${name}`)
    const id = String(of("id"))
    const insertedBy = of("insertedBy")
    const told = JSON.stringify(["block", element.nodeName, attrs.filter(([name]) => !(insertedBy === source && name === "level")).sort()])
    if (insertedBy === undefined) agreed.push(told)
    else if (insertedBy !== source) others.push(told)
    else if (final.has(String(of("insertedId")))) flaws.push(`block ${id} under a decided change`)
    const texts: Y.XmlText[] = []
    for (let item = element._start; item; item = item.right) {
      if (item.deleted) continue
      if (item.content instanceof Y.ContentType && item.content.type instanceof Y.XmlText) texts.push(item.content.type)
      else flaws.push(`${item.content.constructor.name} in block ${id}`)
    }
    if (texts.length !== 1) flaws.push(`${texts.length} texts in block ${id}`)
    for (const text of texts) readText(text, element, id, insertedBy)
  }

  function readText(text: Y.XmlText, element: Y.XmlElement, block: string, insertedBy: unknown): void {
    for (const [key, item] of text._map) if (!item.deleted) flaws.push(`key ${key} on the text of block ${block}`)
    let marks: OpenMark[] = []
    for (let item = text._start; item; item = item.right) {
      if (item.deleted) continue
      const { content } = item
      if (content instanceof Y.ContentFormat) {
        const value = content.value as unknown
        if (value !== null && marks.some(({ key }) => key === content.key)) flaws.push(`${content.key} opens twice in block ${block}`)
        marks = marks.filter(({ key }) => key !== content.key)
        if (value !== null) marks = [...marks, markFrom(content.key, value as Record<string, unknown>)]
      } else if (content instanceof Y.ContentString)
        for (let i = 0; i < content.str.length; i++)
          readLetter(content.str[i]!, firstId(item.id.client, item.id.clock + i), item.id.client, marks, element, block, insertedBy)
      else flaws.push(`${content.constructor.name} in the text of block ${block}`)
    }
    for (const { key } of marks) flaws.push(`${key} in force at the end of block ${block}`)
  }

  function readLetter(
    letter: string,
    id: string,
    client: number,
    marks: readonly OpenMark[],
    element: Y.XmlElement,
    block: string,
    insertedBy: unknown,
  ): void {
    const owner = ownerAmong(marks)
    const foreign = marks.filter((mark) => mark.source !== source || mark.name === "comment")
    const told = JSON.stringify([block, id, letter, foreign.map(({ key }) => key).sort()])
    if (owner === null) {
      agreed.push(told)
      if (insertedBy !== undefined && client !== serverClient) flaws.push(`${JSON.stringify(letter)} of nobody in a new block ${block}`)
      if (letter === "\u2029") flaws.push(`an agreed split in block ${block}`)
    } else if (owner.source !== source) others.push(told)
    else if (final.has(owner.change)) flaws.push(`${JSON.stringify(letter)} under the decided change ${owner.change}`)
    for (const mark of marks) {
      const isInEffect = owner === null || (!owner.within.includes(mark.id) && marks.some((other) => mark.over.includes(other.id)))
      // What others object to of one's own words goes with these.
      if (owner?.source === source) continue
      if (mark.name === "deletion" && mark.source !== source && isInEffect) others.push(JSON.stringify(["struck", mark.change, id]))
    }
    if (letter === "\ufffc" && !marks.some(({ name }) => name === "noteRef")) flaws.push(`a call of nothing in block ${block}`)
    if (/[\t\n]/.test(letter) && element.nodeName !== "table") flaws.push(`a table's sign in block ${block}`)
    if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]/.test(letter))
      flaws.push(`a sign that no text takes in block ${block}`)
  }
}

/** What of the promise an update broke; nothing where it kept it. */
export function brokenBy(before: Promised, after: Promised): string[] {
  const differing = (name: string, a: readonly string[], b: readonly string[]): string[] => {
    const [was, now] = [new Set(a), new Set(b)]
    const lines = [
      ...a.filter((line) => !now.has(line)).map((line) => `- ${line}`),
      ...b.filter((line) => !was.has(line)).map((line) => `+ ${line}`),
    ]
    return lines.length > 0 ? [`${name}: ${lines.slice(0, 3).join(" ")}`] : a.join() === b.join() ? [] : [`${name}: another order`]
  }
  const flaws = after.flaws.filter((flaw) => !before.flaws.includes(flaw))
  return [
    ...differing("agreed", before.agreed, after.agreed),
    ...differing("others", before.others, after.others),
    ...differing("record", before.record, after.record),
    ...flaws.map((flaw) => `flaw: ${flaw}`),
  ]
}
