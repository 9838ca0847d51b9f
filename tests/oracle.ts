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

export interface OpenMark {
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

/** Under which id each letter was first written; what is noted later is read when it is asked for. */
class Firsts {
  readonly #noted: Y.Array<[number, number, number, number, number]>
  readonly #before = new Map<string, [number, number]>()
  #read = 0

  constructor(doc: Y.Doc) {
    this.#noted = doc.getArray("relocations")
  }

  of(client: number, clock: number): string {
    if (this.#noted.length > this.#read) {
      for (const [from, first, length, to, toClock] of this.#noted.toArray().slice(this.#read))
        for (let i = 0; i < length; i++) this.#before.set(`${to}.${toClock + i}`, [from, first + i])
      this.#read = this.#noted.length
    }
    let at = `${client}.${clock}`
    for (let was = this.#before.get(at); was; was = this.#before.get(at)) at = was.join(".")
    return at
  }
}

/** Letters that one client wrote one after the other, under the same marks. */
export interface LettersRead {
  readonly text: string
  readonly client: number
  readonly clock: number
  /** The id of each letter as it was first written. */
  readonly ids: readonly string[]
  readonly marks: readonly OpenMark[]
  readonly owner: OpenMark | null
}

/** A block as it stands in the document, whoever looks at it. */
export interface BlockRead {
  readonly id: string
  readonly type: string
  readonly attrs: readonly (readonly [string, readonly unknown[]])[]
  readonly insertedBy: unknown
  readonly insertedId: unknown
  readonly letters: readonly LettersRead[]
  readonly flaws: readonly string[]
}

/** A document, read. What did not change since it was read before is the same object. */
export interface DocRead {
  readonly blocks: readonly BlockRead[]
  /** Entries about blocks, by key. */
  readonly entries: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  /** The record, a line for each part of it. */
  readonly record: readonly string[]
  /** Changes that were decided for good. */
  readonly final: ReadonlySet<string>
  readonly flaws: readonly string[]
}

/** Lists, and what an update's repairs note of its source's own changes and clauses. */
const readApart = ["relocations", "brought", "taken", "proposals", "forestalled", "late", "given"]
/** Roots that the server writes; each is part of the record, but for where it put words. */
const serverRoots = Object.keys(roots).filter((name) => !readApart.includes(name))
const knownRoots = new Set(["blocks", "structure", ...Object.keys(roots)])

type Fragment = Y.AbstractType<unknown> & { _map: Map<string, Y.Item> }

/** Reads a document again and again; what was not written to since is not read anew. */
export class Reader {
  readonly #doc: Y.Doc
  readonly #firsts: Firsts
  readonly #blocks = new Map<Y.XmlElement, BlockRead>()
  #entries: DocRead["entries"] | null = null
  #record: readonly string[] | null = null
  #final: ReadonlySet<string> | null = null
  #last: DocRead | null = null

  constructor(doc: Y.Doc) {
    this.#doc = doc
    this.#firsts = new Firsts(doc)
    doc.on("afterTransaction", (tr: Y.Transaction) => {
      if (tr.changed.size === 0) return
      this.#last = null
      for (const type of tr.changed.keys()) this.#forget(type as unknown as Y.AbstractType<unknown>)
    })
  }

  #forget(type: Y.AbstractType<unknown>): void {
    let at: Y.AbstractType<unknown> | null = type
    for (; at?._item; at = at.parent) if (at instanceof Y.XmlElement) this.#blocks.delete(at)
    if (at === (this.#doc.share.get("structure") as unknown)) this.#entries = null
    else if (at !== (this.#doc.share.get("blocks") as unknown)) {
      this.#record = null
      this.#final = null
    }
  }

  read(): DocRead {
    if (this.#last) return this.#last
    const doc = this.#doc
    const flaws: string[] = []
    const fragment = doc.getXmlFragment("blocks") as unknown as Fragment
    for (const name of doc.share.keys()) if (!knownRoots.has(name)) flaws.push(`root ${name}`)
    for (const [key, item] of fragment._map) if (!item.deleted) flaws.push(`key ${key} on the list of blocks`)
    const blocks: BlockRead[] = []
    for (let item = fragment._start; item; item = item.right) {
      if (item.deleted) continue
      const element = item.content instanceof Y.ContentType ? item.content.type : null
      if (element instanceof Y.XmlElement) blocks.push(this.#block(element))
      else flaws.push(`${item.content.constructor.name} in the list of blocks`)
    }
    const typeOf = new Map(blocks.map(({ id, type }) => [id, type]))
    for (const root of ["structure", "late"])
      for (const [key, entry] of doc.getMap<Record<string, unknown>>(root).entries()) flaws.push(...nonsenseOf(key, entry, typeOf))
    this.#entries ??= new Map([...doc.getMap<Record<string, unknown>>("structure").entries()].sort(([a], [b]) => (a < b ? -1 : 1)))
    this.#final ??= new Set(
      [...doc.getMap<{ status: string }>("proposals").entries()]
        .filter(([, { status }]) => status !== "acceptedWithHost")
        .map(([id]) => id),
    )
    this.#record ??= recordIn(doc)
    this.#last = { blocks, entries: this.#entries, record: this.#record, final: this.#final, flaws }
    return this.#last
  }

  #block(element: Y.XmlElement): BlockRead {
    let block = this.#blocks.get(element)
    if (!block) this.#blocks.set(element, (block = readBlock(element, this.#firsts)))
    return block
  }
}

/** What nobody can propose: a clause that leads onto itself, or that becomes one with what is no clause. */
function nonsenseOf(key: string, entry: Readonly<Record<string, unknown>>, typeOf: ReadonlyMap<unknown, string>): string[] {
  const isText = (block: unknown): boolean => ["clause", "paragraph", "quote", undefined].includes(typeOf.get(block))
  if ((entry.into ?? entry.after ?? "") === entry.block) return [`entry ${key} leads onto itself`]
  return "into" in entry && !(isText(entry.into) && isText(entry.block)) ? [`entry ${key} joins what is no clause`] : []
}

function recordIn(doc: Y.Doc): string[] {
  const record: string[] = []
  for (const [id, { next: _, ...entry }] of [...doc.getMap<Record<string, unknown>>("proposals").entries()].sort())
    record.push(JSON.stringify(["decided", id, entry]))
  for (const name of serverRoots) record.push(JSON.stringify([name, [...doc.getMap(name).entries()].sort()]))
  for (const name of ["brought", "taken"]) record.push(JSON.stringify(doc.getArray(name).toArray()))
  return record
}

function readBlock(element: Y.XmlElement, firsts: Firsts): BlockRead {
  const flaws: string[] = []
  const attrs = [...element._map]
    .filter(([, item]) => !item.deleted)
    .map(([name, item]) => [name, item.content.getContent() as unknown[]] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const of = (name: string): unknown => attrs.find(([other]) => other === name)?.[1][0]
  for (const [name, values] of attrs) if (values.length !== 1) flaws.push(`${values.length} values of ${name}`)
  const id = String(of("id"))
  const texts: Y.XmlText[] = []
  for (let item = element._start; item; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentType && item.content.type instanceof Y.XmlText) texts.push(item.content.type)
    else flaws.push(`${item.content.constructor.name} in block ${id}`)
  }
  if (texts.length !== 1) flaws.push(`${texts.length} texts in block ${id}`)
  const letters: LettersRead[] = []
  for (const text of texts) readText(text, { id, type: element.nodeName, letters, flaws }, firsts)
  return { id, type: element.nodeName, attrs, insertedBy: of("insertedBy"), insertedId: of("insertedId"), letters, flaws }
}

const badSign = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]/

function readText(text: Y.XmlText, block: { id: string; type: string; letters: LettersRead[]; flaws: string[] }, firsts: Firsts): void {
  const { id: name, letters, flaws } = block
  for (const [key, item] of text._map) if (!item.deleted) flaws.push(`key ${key} on the text of block ${name}`)
  let marks: OpenMark[] = []
  for (let item = text._start; item; item = item.right) {
    if (item.deleted) continue
    const { content } = item
    if (content instanceof Y.ContentFormat) {
      const value = content.value as unknown
      if (value !== null && marks.some(({ key }) => key === content.key)) flaws.push(`${content.key} opens twice in block ${name}`)
      marks = marks.filter(({ key }) => key !== content.key)
      if (value !== null) marks = [...marks, markFrom(content.key, value as Record<string, unknown>)]
    } else if (content instanceof Y.ContentString) {
      const { client, clock } = item.id
      const ids = Array.from({ length: content.str.length }, (_, i) => firsts.of(client, clock + i))
      letters.push({ text: content.str, client, clock, ids, marks, owner: ownerAmong(marks) })
      if (content.str.includes("\ufffc") && !marks.some((mark) => mark.name === "noteRef")) flaws.push(`a call of nothing in block ${name}`)
      if (/[\t\n]/.test(content.str) && block.type !== "table") flaws.push(`a table's sign in block ${name}`)
      if (badSign.test(content.str)) flaws.push(`a sign that no text takes in block ${name}`)
    } else flaws.push(`${content.constructor.name} in the text of block ${name}`)
  }
  for (const { key } of marks) flaws.push(`${key} in force at the end of block ${name}`)
}

/** Whether a deletion takes a letter out: not one that it was typed into, nor one that was aimed at other words. */
export const isStruckBy = (owner: OpenMark | null, mark: OpenMark, marks: readonly OpenMark[]): boolean =>
  owner === null || (!owner.within.includes(mark.id) && marks.some((other) => mark.over.includes(other.id)))

/** Whether a mark was put into another, or into one that was. */
function isPutInto(inner: OpenMark, outer: OpenMark, marks: readonly OpenMark[]): boolean {
  const names = (mark: OpenMark): readonly string[] => (mark.name === "insertion" ? mark.within : mark.over)
  const known = new Set([inner])
  for (const mark of known) for (const other of marks) if (names(mark).includes(other.id)) known.add(other)
  return known.has(outer)
}

interface Lines {
  readonly agreed: string[]
  readonly others: string[]
  readonly flaws: string[]
}

/** What one block holds that is not a source's own, and what is unsound about it. */
function linesOf(block: BlockRead, source: string, final: ReadonlySet<string>): Lines {
  const agreed: string[] = []
  const others: string[] = []
  const flaws = [...block.flaws]
  const { id, insertedBy } = block
  const told = JSON.stringify(["block", block.type, block.attrs.filter(([name]) => !(insertedBy === source && name === "level"))])
  if (insertedBy === undefined) agreed.push(told)
  else if (insertedBy !== source) others.push(told)
  else if (final.has(String(block.insertedId))) flaws.push(`block ${id} under a decided change`)
  for (const { text, client, ids, marks, owner } of block.letters) {
    const isOwn = owner?.source === source
    const keys = marks
      .filter((mark) => mark.source !== source || mark.name === "comment")
      .map(({ key }) => key)
      .sort()
      .join(" ")
    // What others object to of one's own words goes with these, from what a third one wrote in them too.
    const isAgainstOwn = ({ over }: OpenMark): boolean => marks.some((mark) => mark.source === source && over.includes(mark.id))
    const strikes = isOwn
      ? []
      : marks.filter((mark) => mark.name === "deletion" && mark.source !== source && isStruckBy(owner, mark, marks) && !isAgainstOwn(mark))
    if (isOwn && final.has(owner.change)) flaws.push(`${JSON.stringify(text)} under the decided change ${owner.change}`)
    // Letter by letter: what was accepted there before is cut into other stretches by what comes next.
    if (owner === null && insertedBy !== undefined && client !== serverClient)
      for (let i = 0; i < text.length; i++) flaws.push(`${JSON.stringify(text[i])} ${ids[i]} of nobody in a new block ${id}`)
    if (owner === null && text.includes("\u2029")) flaws.push(`an agreed split in block ${id}`)
    for (const mark of marks)
      if (mark.name === "insertion" && mark.source === source && owner !== null && !isOwn && !isPutInto(owner, mark, marks))
        flaws.push(`${mark.key} in block ${id} around ${owner.key}, which was not put into it`)
    if (isOwn) continue
    const list = owner === null ? agreed : others
    for (let i = 0; i < text.length; i++) {
      list.push(`${id} ${ids[i]} ${text[i]} ${keys}`)
      for (const { change } of strikes) others.push(`struck ${change} ${ids[i]}`)
    }
  }
  return { agreed, others, flaws }
}

/** Entries that are not a source's own, and its own under a change that was decided. */
function entryLines({ entries, final }: DocRead, source: string): { others: string[]; flaws: string[] } {
  const others: string[] = []
  const flaws: string[] = []
  for (const [key, value] of entries)
    if (value?.source !== source) others.push(JSON.stringify(["entry", key, Object.entries(value ?? {}).sort()]))
    else if (final.has(String(value.of || value.id)) || final.has(key)) flaws.push(`entry ${key} under a decided change`)
  return { others, flaws }
}

/** Own changes that do more than one card shows: words and clauses that go, new clauses, moves, levels. */
function mixedIn({ blocks, entries }: DocRead, source: string): string[] {
  const sorts = new Map<string, Set<string>>()
  const note = (change: unknown, sort: string): void =>
    void (sorts.get(String(change)) ?? sorts.set(String(change), new Set()).get(String(change)))!.add(sort)
  for (const { type, insertedBy, insertedId, letters } of blocks) {
    const sort = type === "note" ? "words" : "new clause"
    if (insertedBy === source) note(insertedId, sort)
    for (const { marks } of letters)
      for (const { name, source: by, change } of marks)
        if (by === source && name !== "comment") note(change, change === insertedId ? sort : "words")
  }
  for (const value of entries.values())
    if (value?.source === source) note(value.of || value.id, ["move", "level"].includes(String(value.kind)) ? String(value.kind) : "words")
  return [...sorts].flatMap(([change, { size }]) => (size > 1 ? [`change ${change} does ${size} things`] : []))
}

export function promisedOf(read: DocRead, source: string): Promised {
  const parts = read.blocks.map((block) => linesOf(block, source, read.final))
  const entries = entryLines(read, source)
  return {
    agreed: parts.flatMap(({ agreed }) => agreed),
    others: [...parts.flatMap(({ others }) => others), ...entries.others],
    record: read.record,
    flaws: [...read.flaws, ...mixedIn(read, source), ...parts.flatMap(({ flaws }) => flaws), ...entries.flaws],
  }
}

export const promised = (doc: Y.Doc, source: string): Promised => promisedOf(new Reader(doc).read(), source)

/** What of the promise was broken between two readings of one document: only what was written to meanwhile is compared. */
export function brokenBetween(before: DocRead, after: DocRead, source: string): string[] {
  if (before === after) return []
  const was = new Set(before.blocks)
  const is = new Set(after.blocks)
  const isOwnNew = (block: BlockRead): boolean => block.insertedBy === source
  // Blocks that are the same stay; all that is not the source's own must come in the same order.
  const order = (read: DocRead): string =>
    read.blocks
      .filter((block) => !isOwnNew(block))
      .map(({ id }) => id)
      .join(" ")
  const changed = (read: DocRead, same: ReadonlySet<BlockRead>): DocRead => ({
    ...read,
    blocks: read.blocks.filter((block) => !same.has(block)),
    entries: before.entries === after.entries ? noEntries : read.entries,
    record: before.record === after.record ? noRecord : read.record,
  })
  const broken = brokenBy(promisedOf(changed(before, is), source), promisedOf(changed(after, was), source))
  return order(before) === order(after) ? broken : [...broken, "blocks: another order"]
}

const noEntries: DocRead["entries"] = new Map()
const noRecord: readonly string[] = []

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
