import { expect, it } from "vitest"
import { decideChanges } from "../server/acts/decide.ts"
import { importChanges } from "../server/acts/import-changes.ts"
import { withSources } from "../server/exchange/authors.ts"
import { laidBeside } from "../server/exchange/beside.ts"
import { cleanText } from "../server/exchange/compared.ts"
import { draftStateOf } from "../server/exchange/draft-state.ts"
import { publish } from "../server/exchange/formats.ts"
import type { ImportedDraft } from "../server/exchange/imported.ts"
import { publishJson } from "../server/exchange/publish.ts"
import { publishableOf } from "../server/exchange/publishable.ts"
import { readFile } from "../server/exchange/read-file.ts"
import { readWord } from "../server/exchange/word/read.ts"
import { Gate } from "../server/gate/gate.ts"
import { type Change, changeHash, changesIn } from "../shared/changes/changes.ts"
import { proposedTextOf, workingTextOf } from "../shared/changes/projections.ts"
import { finished } from "../shared/changes/slices.ts"
import { type Block, textOf } from "../shared/schema/block.ts"
import { random } from "./build.ts"
import { by, p, wordFile } from "./word-file.ts"

/** What is known of a word of a random file: whether it comes, whether it goes, and in which footnote it stands. */
interface Known {
  readonly text: string
  readonly comes: boolean
  readonly goes: boolean
  readonly note: number | null
}

/** Makes a Word file at random, with revisions in and around everything that Word puts between words, and keeps the truth about every word. */
class RandomFile {
  readonly bytes: Uint8Array
  readonly #random: ReturnType<typeof random>
  readonly #words: Known[] = []
  readonly #notes: string[] = []
  /** What is so of all that is written now. */
  #state: Omit<Known, "text"> = { comes: false, goes: false, note: null }
  #count = 0
  #moving: { text: string; name: string; own: string } | null = null

  constructor(seed: number) {
    this.#random = random(seed)
    const { below } = this.#random
    const blocks = this.#some(2 + below(6), () => (below(7) === 0 ? this.#table() : this.#paragraph()))
    const body = blocks + p(this.#plain())
    const notes = `<w:footnote w:id="0" w:type="separator">${p("")}</w:footnote>${this.#notes.join("")}`
    this.bytes = wordFile({ body, footnotes: notes })
  }

  /** The text with everything accepted, or rejected; of the footnotes it is told apart. */
  text(view: "proposed" | "working", isNote: boolean): string {
    const isThere = ({ comes, goes }: Known): boolean => (view === "proposed" ? !goes : !comes)
    return this.#words
      .filter((word) => (word.note !== null) === isNote && isThere(word))
      .map((word) => word.text)
      .join("")
  }

  #some(n: number, make: () => string): string {
    return Array.from({ length: n }, make).join("")
  }

  #under(more: Partial<Known>, make: () => string): string {
    const was = this.#state
    this.#state = { ...was, ...more }
    const made = make()
    this.#state = was
    return made
  }

  #by(): string {
    const { pick } = this.#random
    return by(pick(["Ann", "Bob", "Cy"]), pick(["2026-03-01T10:00:00Z", "2026-03-02T11:00:00Z"]))
  }

  #phrase(isSaid = true): string {
    const { below, pick } = this.#random
    const letter = (n: number): string => String.fromCharCode(97 + (n % 26))
    const word = (): string => {
      const n = this.#count++
      return `${pick(["lamp", "mole", "rope", "ship", "bell", "tide", "mast", "keel"])}${letter(n)}${letter(Math.floor(n / 26))}`
    }
    const text = Array.from({ length: 1 + below(3) }, word).join(" ") + pick(["", " ", ", "])
    if (isSaid) this.#words.push({ text, ...this.#state })
    return text
  }

  #plain(): string {
    const look = this.#random.below(4) === 0 ? "<w:rPr><w:b/></w:rPr>" : ""
    return `<w:r>${look}<w:t xml:space="preserve">${this.#phrase()}</w:t></w:r>`
  }

  #ins(make: () => string, own = this.#by()): string {
    return `<w:ins ${own}>${this.#under({ comes: true }, make)}</w:ins>`
  }

  #del(own = this.#by()): string {
    return `<w:del ${own}>${this.#under({ goes: true }, () => `<w:r><w:delText xml:space="preserve">${this.#phrase()}</w:delText></w:r>`)}</w:del>`
  }

  /** One end of a move of words: the second takes up what the first has left, if there is any. */
  #move(): string {
    const known = this.#state.note === null ? this.#moving : null
    if (this.#state.note === null) this.#moving = null
    const { text = this.#phrase(false), name = `move${this.#count}`, own = this.#by() } = known ?? {}
    const end = known ? "To" : "From"
    if (!known && this.#state.note === null) this.#moving = { text, name, own }
    const { comes, goes } = this.#state
    this.#words.push({ text, ...this.#state, comes: comes || end === "To", goes: goes || end === "From" })
    const id = 1_000 + this.#words.length
    const run = `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`
    return `<w:move${end}RangeStart w:id="${id}" w:name="${name}"/><w:move${end} ${own}>${run}</w:move${end}><w:move${end}RangeEnd w:id="${id}"/>`
  }

  #field(result: string): string {
    const sign = (kind: string): string => `<w:r><w:fldChar w:fldCharType="${kind}"/></w:r>`
    return `${sign("begin")}<w:r><w:instrText xml:space="preserve"> REF x </w:instrText></w:r>${sign("separate")}${result}${sign("end")}`
  }

  #footnote(): string {
    if (this.#state.note !== null) return this.#plain()
    const id = this.#notes.length + 2
    this.#notes.push("")
    const isNew = this.#random.below(3) === 0
    const maybe = (make: () => string): string => (this.#random.below(2) ? make() : "")
    const words = this.#under({ note: id, comes: isNew || this.#state.comes }, () =>
      p(this.#plain() + maybe(() => this.#ins(() => this.#plain())) + maybe(() => this.#del())),
    )
    this.#notes[id - 2] = `<w:footnote w:id="${id}">${words}</w:footnote>`
    const call = `<w:r><w:footnoteReference w:id="${id}"/></w:r>`
    return isNew ? `<w:ins ${this.#by()}>${call}</w:ins>` : call
  }

  #run(depth = 0): string {
    const inner = (): string => this.#run(depth + 1)
    switch (this.#random.below(depth > 1 ? 6 : 14)) {
      case 0:
        return this.#ins(() => this.#del() + this.#plain())
      case 1:
        return this.#ins(() => this.#some(1 + this.#random.below(2), () => this.#plain()))
      case 2:
        return this.#del()
      case 3:
        return `<w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="${this.#count}" w:name="b${this.#count}"/><w:bookmarkEnd w:id="${this.#count}"/>`
      case 4:
        return this.#random.below(3) === 0 ? this.#move() : this.#plain()
      case 6:
        return `<w:hyperlink w:anchor="x">${this.#some(2, inner)}</w:hyperlink>`
      case 7:
        return `<w:sdt><w:sdtPr/><w:sdtContent>${this.#some(2, inner)}</w:sdtContent></w:sdt>`
      case 8:
        return `<w:smartTag w:uri="u" w:element="e">${inner()}</w:smartTag>`
      case 9:
        return this.#field(this.#run(2))
      case 10:
        return `<w:fldSimple w:instr=" REF y ">${this.#plain()}</w:fldSimple>`
      case 11:
        return this.#footnote()
      case 12:
        return "<w:r><w:tab/></w:r>"
      case 13:
        return "<w:r><w:noBreakHyphen/></w:r>"
      default:
        return this.#plain()
    }
  }

  #paragraph(): string {
    const { below, pick } = this.#random
    const label = below(5) === 0 ? `<w:r><w:t xml:space="preserve">${pick(["3)", "1", "1.1", "2."])}\t</w:t></w:r>` : ""
    const whole = below(6)
    const own = this.#by()
    if (whole === 0)
      return p(
        this.#ins(() => this.#plain(), own),
        { mark: `<w:ins ${own}/>` },
      )
    if (whole === 1) return p(this.#del(own), { mark: `<w:del ${own}/>` })
    const mark = below(8) === 0 ? `<w:ins ${this.#by()}/>` : below(8) === 0 ? `<w:del ${this.#by()}/>` : ""
    return p(label + this.#some(1 + below(5), () => this.#run()), { mark })
  }

  #table(): string {
    const { below } = this.#random
    const row = (): string => {
      const kind = below(12)
      const mark = kind < 2 ? `<w:trPr><w:${kind === 0 ? "ins" : "del"} ${this.#by()}/></w:trPr>` : ""
      const cells = (): string => this.#some(1 + below(3), () => `<w:tc>${p(this.#some(1 + below(5), () => this.#run()))}</w:tc>`)
      return `<w:tr>${mark}${this.#under(kind === 0 ? { comes: true } : kind === 1 ? { goes: true } : {}, cells)}</w:tr>`
    }
    return `<w:tbl>${this.#some(1 + below(2), row)}</w:tbl>`
  }
}

/** The letters alone: numbers are structure, and blanks are folded beside them. */
const letters = (text: string): string => text.replace(/[^\p{L}]/gu, "")
const sorted = (text: string): string => [...text].sort().join("")
const { SEED, SCALE = "1" } = process.env
const seeds = SEED ? [Number(SEED)] : Array.from({ length: 400 * Number(SCALE) }, (_, i) => i + 1)

it("[WORD18] of random files every word is where it belongs, with all accepted and with all rejected, and what is written of them reads back the same", async () => {
  for (const seed of seeds) {
    const file = new RandomFile(seed)
    const draft = readWord(file.bytes, `seed ${seed}`)
    for (const view of ["proposed", "working"] as const) {
      const { cover, blocks, notes } = cleanText(draft, view)
      expect(letters([...cover, ...blocks].map(({ text }) => text).join("")), `SEED=${seed} ${view}`).toBe(letters(file.text(view, false)))
      // In which order they are called is seen in the text.
      const ours = sorted(letters(notes.map(({ text }) => text).join("")))
      expect(ours, `SEED=${seed} ${view}, footnotes`).toBe(sorted(letters(file.text(view, true))))
    }
    const options = { format: "docx", view: "open", marks: "delegation", hasComments: true, template: null } as const
    const again = readWord(await publish(publishableOf(draft), options), "ours")
    expect(essence(again), `SEED=${seed} written and read`).toEqual(essence(draft))
  }
}, 120_000)

it("[AKN2] of random files our Akoma Ntoso comes back equal", async () => {
  const options = { view: "open", marks: "delegation", hasComments: true, template: null } as const
  for (const seed of seeds.slice(0, 150)) {
    const draft = publishableOf(readWord(new RandomFile(seed).bytes, `seed ${seed}`))
    const json = JSON.parse(new TextDecoder().decode(await publish(draft, { format: "json", ...options }))) as unknown
    expect(readFile(await publish(draft, { format: "akn", ...options })), `SEED=${seed}`).toEqual(json)
  }
})

const shapes = (blocks: readonly Pick<Block, "type" | "level">[], textOfBlock: (i: number) => string): string[] =>
  blocks.map(({ type, level }, i) => `${type} ${type === "clause" ? (level ?? 1) : ""} ${textOfBlock(i)}`)

/** All that each author puts in and takes out, footnotes aside, as sorted letters. */
function byAuthor(changes: readonly Pick<Change, "source" | "segments">[], notes: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { source, segments } of changes)
    for (const { block, kind, text } of segments)
      if (!notes.includes(block)) found[`${source} ${kind}`] = sorted((found[`${source} ${kind}`] ?? "") + letters(text))
  return Object.fromEntries(Object.entries(found).filter(([, text]) => text !== ""))
}

/** A file's changes with the words of each of their segments; inserted ones are those of the innermost insertion. */
function asChanges({ changes, blocks }: ImportedDraft, sources: Readonly<Record<string, string>>): Pick<Change, "source" | "segments">[] {
  const texts = new Map(blocks.map(({ id, text }) => [id, text]))
  const segmentsOf = ({ segments = [] }: ImportedDraft["changes"][number]): NonNullable<ImportedDraft["changes"][number]["segments"]> =>
    segments
  const isOwn = (own: ImportedDraft["changes"][number], block: string, at: number): boolean => {
    const around = changes.flatMap((change) =>
      segmentsOf(change)
        .filter((part) => part.kind === "insertion" && part.block === block && part.from <= at && at < part.to)
        .map((part) => ({ change, length: part.to - part.from })),
    )
    return around.sort((a, b) => a.length - b.length)[0]!.change === own
  }
  return changes.map((change) => ({
    source: sources[change.enteredBy ?? ""]!,
    segments: segmentsOf(change).map(({ block, kind, from, to }) => {
      const text = [...(texts.get(block) ?? "").slice(from, to)]
        .filter((_, i) => kind === "deletion" || isOwn(change, block, from + i))
        .join("")
      return { block, kind, from, to, text }
    }),
  }))
}

it("[ONTO8] brought onto the text that it was made on, a file changes nothing agreed and proposes its own text: every change at its words, with its author", () => {
  for (const seed of seeds) {
    const draft = readWord(new RandomFile(seed).bytes, `seed ${seed}`)
    if (draft.changes.length === 0) continue
    const working = cleanText(draft, "working")
    const { update } = draftStateOf(working)
    const gate = new Gate([update], () => undefined)
    const room = publishJson({ ...publishableOf(working), blocks: gate.blocks }, "working")
    const sources = Object.fromEntries(
      [...new Set(draft.changes.map((change) => change.enteredBy ?? ""))].map((name) => [name, name.toUpperCase()]),
    )
    const beside = laidBeside(withSources(draft, sources), room, { isCompared: false, confirmed: [] })
    const before = workingTextOf(gate.blocks)
    const done = finished(importChanges(gate, { ...beside, name: "x.docx" }))
    expect(done.left, `SEED=${seed} left out`).toEqual([])
    expect(workingTextOf(gate.blocks).map(textOf), `SEED=${seed} agreed text`).toEqual(before.map(textOf))
    expect(
      byAuthor(
        changesIn(gate.blocks),
        gate.blocks.filter((block) => block.type === "note").map(({ id }) => id),
      ),
      `SEED=${seed} whose`,
    ).toEqual(
      byAuthor(
        asChanges(draft, sources),
        draft.notes.map(({ id }) => id),
      ),
    )
    const proposed = cleanText(draft, "proposed")
    const ours = proposedTextOf(gate.blocks)
    const theirs = [...proposed.blocks, ...proposed.notes.map((note) => ({ ...note, type: "note" as const }))]
    expect(
      shapes(ours, (i) => textOf(ours[i]!)),
      `SEED=${seed} as proposed`,
    ).toEqual(shapes(theirs as never, (i) => theirs[i]!.text))
  }
}, 120_000)

it("[ONTO8] the chair who accepts all that a file brings has its text; one who retains nothing has the text as it was", () => {
  for (const seed of seeds)
    for (const verdict of ["accept", "notRetain"] as const) {
      const draft = readWord(new RandomFile(seed).bytes, `seed ${seed}`)
      if (draft.changes.length === 0) continue
      const working = cleanText(draft, "working")
      const gate = new Gate([draftStateOf(working).update], () => undefined)
      const beside = laidBeside(draft, working, { isCompared: false, confirmed: [] })
      finished(importChanges(gate, { ...beside, name: "x.docx" }))
      const seen = changesIn(gate.blocks).map((change) => ({ id: change.id, hash: changeHash(change) }))
      finished(decideChanges(gate, seen, verdict, false))
      const wanted = cleanText(draft, verdict === "accept" ? "proposed" : "working")
      const texts = [...wanted.blocks, ...wanted.notes].map(({ text }) => text)
      expect(changesIn(gate.blocks), `SEED=${seed} ${verdict}: nothing is open`).toEqual([])
      expect(workingTextOf(gate.blocks).map(textOf).filter(Boolean), `SEED=${seed} ${verdict}`).toEqual(texts.filter(Boolean))
    }
}, 120_000)

/** A text as another meeting has it by now: words and whole blocks gone, come and changed places. */
function altered(draft: ImportedDraft, seed: number): ImportedDraft {
  const { below, pick } = random(seed)
  const words = (text: string): string =>
    text.includes("\ufffc")
      ? text
      : text
          .split(" ")
          .flatMap((word) => (below(9) === 0 ? [] : below(9) === 0 ? [word, pick(["anchor", "buoy"])] : [word]))
          .join(" ")
  const blocks = draft.blocks
    .filter((block) => block.text.includes("\ufffc") || below(8) > 0)
    .map((block) => ({ ...block, text: words(block.text) }))
  if (blocks.length > 2 && below(3) === 0) blocks.push(blocks.shift()!)
  return { ...draft, blocks }
}

it("[ONTO2] brought onto a text that is another by now, what is placed is what the file changes, to the letter, and nothing agreed changes", () => {
  let placed = 0
  for (const seed of seeds) {
    const draft = readWord(new RandomFile(seed).bytes, `seed ${seed}`)
    if (draft.changes.length === 0) continue
    const room = altered(cleanText(draft, "working"), seed)
    if (room.blocks.length === 0) continue
    const gate = new Gate([draftStateOf(room).update], () => undefined)
    const beside = laidBeside(draft, room, { isCompared: false, confirmed: [] })
    const before = workingTextOf(gate.blocks).map(textOf)
    const done = finished(importChanges(gate, { ...beside, name: "x.docx" }))
    expect(workingTextOf(gate.blocks).map(textOf), `SEED=${seed} agreed text`).toEqual(before)
    expect(
      done.changes.length + done.left.filter(({ what }) => !what.startsWith("comment")).length,
      `SEED=${seed} each is placed or told`,
    ).toBe(beside.draft.changes.length)
    const told = new Set(beside.draft.changes.flatMap(({ text, replacedBy = "" }) => [text, replacedBy].map((own) => sorted(letters(own)))))
    for (const change of changesIn(gate.blocks)) {
      placed++
      if (change.newBlocks.length > 0 || change.structure.length > 0) continue
      for (const own of [change.deleted, change.inserted]) expect(told, `SEED=${seed} ${own}`).toContain(sorted(letters(own)))
    }
  }
  expect(placed).toBeGreaterThan(seeds.length)
}, 120_000)

const essence = ({
  revisions: _,
  warnings: __,
  debris: ___,
  ...rest
}: ImportedDraft): Omit<ImportedDraft, "revisions" | "warnings" | "debris"> => ({
  ...rest,
  // How many blanks stand between words that go is not told by a file where their ends are revised too.
  changes: rest.changes.map((change) =>
    change.kind === "structure" ? { ...change, text: change.text.replace(/[\s¶]+/g, " ").trim() } : change,
  ),
})
