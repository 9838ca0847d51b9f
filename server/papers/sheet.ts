import { type Change, changesIn, clauseJoined, joinsIn } from "../../shared/changes/changes.ts"
import { type Accepted, acceptedIn, acceptedStructureOf, actedBy, cutBy, type Kin, kinOf } from "../../shared/changes/compare.ts"
import { lateSaid, noneForestalledTold } from "../../shared/changes/forestalled.ts"
import { noOtherSides, otherSideSaid } from "../../shared/changes/other-side.ts"
import { workingTextOf } from "../../shared/changes/projections.ts"
import { byIdOf, survivorOf } from "../../shared/changes/restructure.ts"
import { wholesSaid } from "../../shared/changes/wholes.ts"
import { formOf } from "../../shared/clauses/label-forms.ts"
import { addressesOf, type FrozenLabels } from "../../shared/clauses/labels.ts"
import { noteCalledBy } from "../../shared/clauses/notes.ts"
import { standingSaid, type ThreadPlace } from "../../shared/comments/place-of.ts"
import { ofFile, type Remark, type Thread } from "../../shared/comments/thread.ts"
import {
  anchorCharacter,
  type Block,
  isBlank,
  isDeletionInEffect,
  isPresent,
  joinRuns,
  type Mark,
  noStructure,
  ownerOf,
  type Run,
  type StructuralProposal,
  splitCharacter,
  textOf,
} from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { isApart } from "../../shared/schema/structure.ts"
import { onlyInFile, signedAccepted } from "../files/authors.ts"
import { notStatedName } from "../people/nobody.ts"
import { type LabelChange, labelsOfView } from "./paper-labels.ts"
import { nameOf, type PaperView, type Printable, type Reading, remarkFrom, showsChanges } from "./printable.ts"
import { readingOf } from "./reading.ts"

/** Whose marks a paper shows: each delegation's, the body's, or nobody's. */
export type Marks = "delegation" | "body" | "plain"
export const marksOfPaper: readonly Marks[] = ["delegation", "body", "plain"]

export interface SheetOptions {
  readonly view: PaperView
  readonly marks: Marks
  readonly hasComments: boolean
}

/** Who made a revision, as the paper shows it. */
export interface Attribution {
  /** The change in the room; of what was accepted, the difference. */
  readonly change: string
  readonly author: string
  readonly source: string | null
  /** How the room names the change: "S 3", the third of its source. */
  readonly handle: string | null
  /** ISO 8601 as the record or the file has it; null where it is not known or not shown. */
  readonly date: string | null
  readonly isAccepted: boolean
  /** The name of the move that it is an end of. */
  readonly move: string | null
}

export interface SheetRun {
  readonly text: string
  readonly inserted: Attribution | null
  readonly deleted: Attribution | null
  /** Others who delete the same words. */
  readonly alsoDeleted: readonly Attribution[]
  readonly threads: readonly string[]
  /** The number of the footnote that it calls. */
  readonly note: number | null
  /** Whether it would be read as one word with what another source proposes before it (RIVAL6). */
  readonly isParted: boolean
}

/** A proposal about a block as a whole. */
export interface WholeProposal {
  readonly by: Attribution
  readonly proposal: StructuralProposal
  /** The block of the sheet that it is to be joined to or to stand behind, null: of none; undefined: the sheet has it no more. */
  readonly target: string | null | undefined
  /** "would delete it", "would move it behind resolves 2". */
  readonly said: string
}

/** A block as it is printed. */
export interface SheetBlock {
  readonly block: Block
  readonly label: string
  /** Its label in the text in force, where somebody proposes another. */
  readonly relabelled: { readonly was: string; readonly by: Attribution } | null
  readonly runs: readonly SheetRun[]
  /** Of each end that is proposed in it, in their order, the label of the clause that it cuts off as proposed; "" where that has none of its own. */
  readonly cutOff: readonly string[]
  readonly inserted: Attribution | null
  readonly deleted: Attribution | null
  /** It joins the block before it, or another. */
  readonly joined: Attribution | null
  /** The words of that other. */
  readonly onto: string | null
  /** Its end was put into a clause of the text in force: that was split here. */
  readonly cut: Attribution | null
  readonly level: { readonly was: number; readonly by: Attribution } | null
  /** All that is proposed about it as a whole. */
  readonly proposals: readonly WholeProposal[]
  /** Those of them that are not drawn, for another of the same kind is, or one that goes before them (PAPER7). */
  readonly others: readonly WholeProposal[]
  /** One end of a move of the block as a whole. */
  readonly moved: { readonly end: "from" | "to"; readonly by: Attribution } | null
  /** Open changes here of which the room says more: what came too late for what it was to replace (RIVAL4), one side of a replacement (PART6). */
  readonly late: readonly { readonly by: Attribution; readonly said: string }[]
}

export interface SheetNote {
  readonly number: number
  readonly block: Block
  readonly runs: readonly SheetRun[]
}

export interface SheetThread {
  readonly number: number
  readonly thread: Thread
  /** The id of the block or footnote of the sheet that it stands at; null where the sheet has none. */
  readonly home: string | null
  /** What became of what it is about; null: nothing to be said. */
  readonly said: string | null
  readonly remarks: readonly {
    readonly author: string
    readonly date: string | null
    /** Where it comes from, if a file brought it to the meeting. */
    readonly from: string | null
    /** Whether anybody has said whose it is. */
    readonly isStated: boolean
    readonly text: string
  }[]
}

/** A draft as a paper: what every printed form is written from. */
export interface Sheet {
  readonly blocks: readonly SheetBlock[]
  readonly notes: readonly SheetNote[]
  readonly threads: readonly SheetThread[]
  /** The cover lines that stand before the text, and the reasons, which stand behind it. */
  readonly opening: Printable["cover"]
  readonly closing: Printable["cover"]
  readonly profile: Printable["profile"]
  readonly designation: string
  readonly title: string
  readonly view: PaperView
  readonly body: string
  readonly version: string | null
  readonly date: string | null
  /** The codes of the roster in its order, which gives each its tone; empty where the file is no draft of a meeting. */
  readonly roster: readonly string[]
  readonly marks: Marks
  readonly hasComments: boolean
  /** Changes that put in what another puts in already: as proposed their words are read once (RIVAL6). */
  readonly echoes: ReadonlySet<string>
}

/** How a paper names a source as an author: "Sweden (S)". */
export const signedAs = (source: string, name: string | undefined): string =>
  name === undefined || name === source ? source : `${name} (${source})`

/** The name that Word itself puts where it removes one. */
const nobody = "Author"

class Attributor {
  readonly #draft: Printable
  readonly #marks: Marks
  readonly #changes: ReadonlyMap<string, Change>
  readonly #handles = new Map<string, string>()
  /** Whether anybody is stated to be a source: then a name that only a file gives could be taken for one. */
  readonly #hasSources: boolean

  constructor(draft: Printable, marks: Marks) {
    this.#draft = draft
    this.#marks = marks
    const changes = changesIn(draft.blocks)
    this.#changes = new Map(changes.map((change) => [change.id, change]))
    const parts = [...changes, ...draft.accepted, ...Object.values(draft.renumbered), ...draft.threads.flatMap(({ remarks }) => remarks)]
    this.#hasSources = draft.sources.size > 0 || parts.some(({ source }) => source !== notStated)
    const counts = new Map<string, number>()
    for (const { id, source } of changes) {
      const n = (counts.get(source) ?? 0) + 1
      counts.set(source, n)
      this.#handles.set(id, `${codeOf(source)} ${n}`)
    }
  }

  /** `unstated`: how one is named whose source nobody has stated. */
  name(source: string | null, unstated: string): string {
    if (this.#marks === "plain") return nobody
    if (this.#marks === "body") return this.#draft.body || nobody
    if (source === null || source === notStated) return unstated
    return signedAs(source, this.#draft.sources.get(source))
  }

  /** Whose a remark is: its own, or nobody's. Whom only a file names has said nothing here. */
  said(remark: Remark): string {
    if (this.#marks !== "delegation") return nobody
    const name = nameOf(remark.person, this.#draft.people)
    return this.name(
      remark.source,
      name !== null && remark.broughtBy !== undefined ? `${name} (from a file)` : (name ?? (this.#hasSources ? notStatedName : "")),
    )
  }

  /** Where a remark comes from that a file brought. */
  from(remark: Remark): string | null {
    return this.#marks === "delegation" ? remarkFrom(remark, this.#draft.people) : null
  }

  date(date: string | null): string | null {
    return this.#marks === "delegation" ? date : null
  }

  of(change: string, source: string): Attribution {
    const entered = this.#draft.entered.get(change)
    const by = entered?.by ?? ""
    const isMove = isMoveOfWords(this.#changes.get(change))
    return {
      change,
      author: this.name(source, this.#hasSources ? onlyInFile(by) : by),
      source: this.#marks === "delegation" && source !== notStated ? source : null,
      handle: this.#marks === "delegation" ? (this.#handles.get(change) ?? null) : null,
      date: this.date(entered?.at ?? null),
      isAccepted: false,
      move: isMove ? `move-${change}` : null,
    }
  }

  /** What more is said of the open changes of a block. */
  lateIn(block: string): SheetBlock["late"] {
    const { late = noneForestalledTold, sides = noOtherSides, sources, blocks } = this.#draft
    const nameOf = (source: string): string => (source === notStated ? "another delegation" : signedAs(source, sources.get(source)))
    return [...new Set([...late.keys(), ...sides.keys()])].flatMap((id) => {
      const change = this.#changes.get(id)
      if (change?.block !== block) return []
      const told = [lateSaid(change, late, nameOf), otherSideSaid(change, sides, blocks)]
      return told.flatMap((said) => (said === null ? [] : [{ by: this.of(id, change.source), said }]))
    })
  }

  accepted(source: string | null, key: string): Attribution {
    const name = this.name(source, source === notStated ? notStatedName : this.#draft.body)
    const author = this.#marks === "delegation" ? signedAccepted(name) : name
    return {
      change: key,
      author,
      source: this.#marks === "delegation" && source !== notStated ? source : null,
      handle: null,
      date: null,
      isAccepted: true,
      move: null,
    }
  }
}

/** A move of words may divide and join clauses: where it does is no part of the words. */
const wordsAlone = (text: string): string => text.replace(/[¶…\s]/g, "")

/** Words that a change takes out at one place and puts in, the same, at another; clauses among them go and come as wholes. */
export function isMoveOfWords(change: Change | undefined): boolean {
  if (!change || change.structure.some(({ proposal }) => proposal.kind !== "delete" && proposal.kind !== "join")) return false
  const words = wordsAlone(change.inserted)
  if (words === "" || words !== wordsAlone(change.deleted)) return false
  const [a, b, ...others] = change.segments
  return (
    others.length > 0 ||
    change.structure.length > 0 ||
    (b !== undefined && (a!.block !== b.block || (a!.to !== b.from && b.to !== a!.from)))
  )
}

function withMarks(run: Run, attributor: Attributor, notes: Notes): SheetRun {
  const owner = ownerOf(run.marks)
  const deletions = run.marks.filter((mark) => mark.name === "deletion" && isDeletionInEffect(mark, run.marks))
  const said = (mark: Mark): Attribution => attributor.of(mark.changeId, mark.source)
  const [first, ...others] = deletions.map(said)
  const noteId = run.marks.find((mark) => mark.name === "noteRef")?.noteId
  return {
    text: run.text,
    inserted: owner ? said(owner) : null,
    deleted: first ?? null,
    alsoDeleted: others,
    threads: run.marks.filter((mark) => mark.name === "comment").map((mark) => mark.id),
    note: noteId !== undefined && run.text.includes(anchorCharacter) ? notes.numberOf(noteId) : null,
    isParted: false,
  }
}

/** Numbers footnotes in the order in which they are called. */
class Notes {
  readonly #bodies: ReadonlyMap<string, Block>
  readonly called: Block[] = []

  constructor(blocks: readonly Block[]) {
    this.#bodies = new Map(blocks.flatMap((block) => (block.type === "note" && block.noteId !== null ? [[block.noteId, block]] : [])))
  }

  numberOf(noteId: string): number | null {
    const body = this.#bodies.get(noteId)
    if (!body) return null
    if (!this.called.includes(body)) this.called.push(body)
    return this.called.indexOf(body) + 1
  }
}

type OntoOf = ReturnType<typeof joinsIn>

/** What is proposed and holds nothing is no change, and would be read back as agreed. */
const isThere = (block: Block): boolean => isPresent(block) && !isBlank(block)

/** The blocks of a view: `open` and `against` as they stand, struck and proposed words too. */
export function blocksOfView(draft: Printable, view: PaperView): readonly Block[] {
  switch (view) {
    case "force":
      return draft.force ?? []
    case "working":
      return workingTextOf(draft.blocks)
    case "proposed":
      return (draft.reading ?? readingOf(draft)).proposed
    case "rolling": {
      const ontoOf = joinsIn(draft.blocks)
      return draft.blocks.filter(isThere).map((block) => rolled(block, ontoOf, draft))
    }
    case "open":
    case "against":
      return draft.blocks.filter(isThere)
    default:
      return view satisfies never
  }
}

/**
 * Rolling text for paper and black and white: "[B: where appropriate]", "[national] S del"; in nobody's name "[where appropriate]", "[national] del". Calls
 * of footnotes stay calls, in brackets too.
 */
function rolled(block: Block, ontoOf: OntoOf, { isNameless = false }: Pick<Printable, "isNameless">): Block {
  const whose = (source: string, sign: string): string => (isNameless ? "" : `${codeOf(source)}${sign}`)
  const runs: Run[] = []
  const say = (text: string, marks: readonly Mark[] = []): void => void runs.push({ text, marks })
  let open: { kind: "ins" | "del"; change: string; source: string } | null = null
  const close = (): void => {
    if (open) say(open.kind === "ins" ? "]" : `] ${whose(open.source, " ")}del`)
    open = null
  }
  for (const run of block.runs) {
    const owner = ownerOf(run.marks)
    const struck = run.marks.find((mark) => mark.name === "deletion" && isDeletionInEffect(mark, run.marks))
    const mark = owner ?? struck
    const kind = owner ? "ins" : "del"
    if (!mark || open === null || open.change !== mark.changeId || open.kind !== kind) {
      close()
      if (mark) {
        open = { kind, change: mark.changeId, source: mark.source }
        say(kind === "ins" ? `[${whose(mark.source, ": ")}` : "[")
      }
    }
    say(
      run.text.replaceAll(splitCharacter, "¶"),
      run.marks.filter(({ name }) => name === "noteRef"),
    )
  }
  close()
  say(block.structure.map((proposal) => ` [${whose(proposal.source, ": ")}${spoken(proposal, ontoOf)}]`).join(""))
  return { ...block, insertedBy: null, insertedId: null, structure: noStructure, runs: joinRuns(runs) }
}

const codeOf = (source: string): string => (source === notStated ? "not stated" : source)

const spoken = (proposal: StructuralProposal, ontoOf: OntoOf): string => {
  switch (proposal.kind) {
    case "delete":
      return "suppress"
    case "join":
      return isApart(proposal) ? "move" : `join to ${clauseJoined(ontoOf(proposal))}`
    case "move":
      return "move"
    case "level":
      return `level ${proposal.level}`
    default:
      return proposal satisfies never
  }
}

const isReasons = ({ field }: Printable["cover"][number]): boolean => field?.toLowerCase() === "reasons"

/** Lays a draft out as a paper in a view. */
export function sheetOf(draft: Printable, { view, marks, hasComments }: SheetOptions): Sheet {
  const blocks = blocksOfView(draft, view)
  const { labels, renumbered } = labelsOfView(draft, view, blocks)
  const attributor = new Attributor(draft, marks)
  const notes = new Notes(blocks)
  // A new clause that is empty, or was emptied, is drawn as nothing.
  // So is a table of which no row is left.
  const isNothing = (block: Block): boolean => block.runs.length === 0 && (block.insertedBy !== null || block.type === "table")
  const shown = blocks.filter((block) => block.type !== "note" && !isNothing(block))
  const reading = showsChanges(view) ? (draft.reading ?? readingOf(draft)) : null
  const drawn = { blocks: shown, labels, parted: reading?.parted ?? new Map(), cutOff: labelsCutOff(draft, reading, labels) }
  const layout = new Layout(draft, attributor, notes, view, drawn)
  const sheets = shown.map((block) => layout.block(block, labels.get(block.id) ?? "", renumbered.get(block.id) ?? null))
  const laid = layout.placed(sheets)
  const bodies = notes.called.map((block, i): SheetNote => ({ number: i + 1, block, runs: layout.runs(block) }))
  const workingWordsOf = (type: Block["type"]): string =>
    workingTextOf(shown.filter((block) => block.type === type))
      .map(textOf)
      .join(" ")
  return {
    blocks: laid,
    notes: bodies,
    threads: hasComments && showsChanges(view) ? threadsOf(draft, attributor, laid, bodies) : [],
    opening: draft.cover.filter((line) => !isReasons(line)),
    closing: draft.cover.filter(isReasons),
    profile: draft.profile,
    designation: workingWordsOf("designation"),
    title: workingWordsOf("title"),
    view,
    body: draft.body,
    version: draft.version,
    date: draft.date,
    roster: [...draft.sources.keys()],
    ...{ marks, hasComments, echoes: reading?.echoes ?? new Set() },
  }
}

/** By block: the labels that what proposed ends cut off has as proposed, but where it has the label of the block itself, of which nothing else is left. */
function labelsCutOff(draft: Printable, reading: Reading | null, labels: ReadonlyMap<string, string>): Drawn["cutOff"] {
  if (!reading || reading.cutOff.size === 0) return new Map()
  const proposed = labelsOfView(draft, "proposed", reading.proposed).labels
  // What a paragraph cuts off is a clause only where it is to be joined to one: Word has no label for that.
  const areClauses = new Set(draft.blocks.flatMap(({ id, type }) => (type === "clause" ? [id] : [])))
  return new Map(
    [...reading.cutOff]
      .filter(([block]) => areClauses.has(block))
      .map(([block, clauses]) => {
        const own = labels.get(block) ?? ""
        // One of another form, as of a clause that is joined elsewhere, could not be told from words when the paper is read back.
        const isAlike = (label: string): boolean => label !== own && (own === "" || formOf(label) === formOf(own))
        return [
          block,
          clauses.map((clause) => (clause === null ? "" : (proposed.get(clause) ?? ""))).map((label) => (isAlike(label) ? label : "")),
        ]
      }),
  )
}

function threadsOf(draft: Printable, attributor: Attributor, laid: readonly SheetBlock[], notes: readonly SheetNote[]): SheetThread[] {
  const shown = new Set([...laid, ...notes].map(({ block }) => block.id))
  return draft.threads.map((thread, i) => {
    const place = draft.places.get(thread.id)!
    return {
      number: i + 1,
      thread,
      home: homeOf(place, draft.blocks, shown) ?? laid[0]?.block.id ?? null,
      said: standingSaid(place),
      remarks: thread.remarks.map((remark) => ({
        author: attributor.said(remark),
        // What a file says stays as it says it; the meeting's own times are whole seconds.
        date: attributor.date((remark.person.startsWith(ofFile) ? remark.at : remark.at.replace(/\.\d+Z$/, "Z")) || null),
        from: attributor.from(remark),
        isStated: remark.source !== notStated,
        text: remark.text,
      })),
    }
  })
}

/** Where a sheet shows a thread: at its struck clause where that is drawn, else at its block, or what is drawn before that. */
function homeOf({ block, gone }: ThreadPlace, blocks: readonly Block[], shown: ReadonlySet<string>): string | null {
  const struck = [gone?.block, gone?.origin].find((id) => typeof id === "string" && shown.has(id))
  if (struck) return struck
  if (block === null || shown.has(block)) return block
  const note = blocks.find((other) => other.id === block && other.type === "note")
  const caller = note && blocks.find((other) => shown.has(other.id) && other.runs.some((run) => noteCalledBy(run) === note.noteId))
  if (caller) return caller.id
  return (
    blocks
      .slice(
        0,
        blocks.findIndex((other) => other.id === block),
      )
      .findLast(({ id, type }) => shown.has(id) && type !== "note")?.id ?? null
  )
}

/** What of a draft a sheet draws, and how. */
interface Drawn {
  readonly blocks: readonly Block[]
  readonly labels: ReadonlyMap<string, string>
  readonly parted: Reading["parted"]
  readonly cutOff: ReadonlyMap<string, readonly string[]>
}

class Layout {
  readonly #attributor: Attributor
  readonly #notes: Notes
  readonly #view: PaperView
  readonly #accepted: (block: Block) => readonly Accepted[]
  readonly #structure: ReturnType<typeof acceptedStructureOf> | null
  readonly #record: Printable["accepted"]
  /** The blocks that one is compared together with. */
  readonly #kinOf: (block: Block) => ReadonlySet<string>
  /** Whether a block is compared with one of the text in force alone: it was not split, and none was joined to it. */
  readonly #isAlone: (block: Block) => boolean
  /** All blocks, those too that are not drawn, and their ids. */
  readonly #ontoOf: OntoOf
  readonly #order: readonly string[]
  readonly #labels: FrozenLabels
  /** How each block is spoken of. */
  readonly #addresses: ReadonlyMap<string, string>
  readonly #shown: ReadonlySet<string>
  readonly #byId: ReadonlyMap<string, Block>
  readonly #parted: Reading["parted"]
  readonly #cutOff: Drawn["cutOff"]
  #differences = 0

  constructor(draft: Printable, attributor: Attributor, notes: Notes, view: PaperView, drawn: Drawn) {
    this.#attributor = attributor
    this.#notes = notes
    this.#view = view
    this.#ontoOf = joinsIn(draft.blocks)
    this.#order = draft.blocks.map((block) => block.id)
    this.#labels = draft.labels
    this.#addresses = addressesOf(draft.blocks, drawn.labels)
    this.#shown = new Set(drawn.blocks.map(({ id }) => id))
    this.#byId = byIdOf(draft.blocks)
    this.#parted = drawn.parted
    this.#cutOff = drawn.cutOff
    const isAgainst = view === "against" && draft.force !== null
    const kin: ReadonlyMap<string, Kin> = isAgainst
      ? kinOf(draft.blocks, new Map(draft.force!.map((block) => [block.id, block])))
      : new Map()
    const ofForce = new Set(draft.blocks.flatMap(({ id, origin }) => (origin === null ? [] : [id])))
    this.#isAlone = ({ id }) => [...(kin.get(id)?.blocks ?? [])].every((other) => other === id || !ofForce.has(other))
    this.#record = draft.accepted
    this.#kinOf = ({ id }) => kin.get(id)?.blocks ?? new Set([id])
    this.#accepted = (block) => (isAgainst ? acceptedIn(block, kin.get(block.id) ?? null, draft.accepted) : [])
    this.#structure = isAgainst ? acceptedStructureOf(draft.blocks, draft.force!) : null
  }

  runs(block: Block): SheetRun[] {
    const plain = block.runs.map((run, i) => {
      if (!showsChanges(this.#view)) return withoutProposals(run, this.#attributor, this.#notes)
      return { ...withMarks(run, this.#attributor, this.#notes), isParted: this.#parted.get(block.id)?.has(i) === true }
    })
    if (!block.insertedBy || this.#structure === null) return this.#withAccepted(block, plain)
    // What bears no mark of its own stands in no text in force: it comes with the clause.
    const by = this.#attributor.of(block.insertedId!, block.insertedBy)
    return plain.map((run) => (run.inserted ? run : { ...run, inserted: by }))
  }

  #difference(source: string | null): Attribution {
    return this.#attributor.accepted(source, `accepted-${++this.#differences}`)
  }

  /** What was done to a block of the draft, or of the text in force, as a whole. */
  #acted(kind: StructuralProposal["kind"], { id, origin }: Block): Attribution {
    return this.#difference(actedBy(this.#record, kind, new Set([id, origin])))
  }

  /** Puts what was accepted since the text in force among the open changes: inserted words are marked, those that went stand struck in their place. */
  #withAccepted(block: Block, runs: SheetRun[]): SheetRun[] {
    let list = runs
    for (const part of this.#accepted(block)) {
      if (part.kind === "split") continue
      const by = this.#difference(part.source)
      if (part.kind === "inserted") list = cutAt(cutAt(list, part.from), part.to)
      else list = cutAt(list, part.kind === "deleted" ? part.at : 0)
      if (part.kind === "inserted") {
        let at = 0
        list = list.map((run) => {
          const from = at
          if (!run.deleted?.isAccepted) at += run.text.length
          return from >= part.from && from < part.to && !run.inserted && !run.deleted?.isAccepted ? { ...run, inserted: by } : run
        })
      }
    }
    // From the last to the first, so that offsets hold.
    for (const part of this.#accepted(block).toReversed()) {
      if (part.kind !== "deleted") continue
      const gone: SheetRun = { ...bare(part.text), deleted: this.#difference(part.source) }
      list = insertAt(list, part.at, gone)
    }
    return list
  }

  block(block: Block, label: string, renumbered: LabelChange | null): SheetBlock {
    const runs = this.runs(block)
    const isMarked = showsChanges(this.#view)
    const by = (proposal: StructuralProposal): Attribution => this.#attributor.of(proposal.changeId, proposal.source)
    const find = <Kind extends StructuralProposal["kind"]>(kind: Kind): (StructuralProposal & { kind: Kind }) | undefined =>
      isMarked
        ? (block.structure.find((proposal) => proposal.kind === kind && !isApart(proposal)) as
            | (StructuralProposal & { kind: Kind })
            | undefined)
        : undefined
    const [deletion, join, level, move] = [find("delete"), find("join"), find("level"), find("move")]
    const drawn = new Set<StructuralProposal | undefined>([deletion, join, level, deletion ? undefined : move])
    const proposals = isMarked ? this.#proposals(block) : []
    const isAddedSince = this.#view === "against" && block.origin === null && !block.insertedBy
    const levelWas = this.#structure?.levelWas.get(block.id)
    return {
      block,
      label,
      cutOff: this.#cutOff.get(block.id) ?? [],
      relabelled: renumbered && { was: renumbered.was, by: this.#attributor.of(renumbered.id, renumbered.source) },
      runs,
      inserted:
        isMarked && block.insertedBy
          ? this.#attributor.of(block.insertedId!, block.insertedBy)
          : isAddedSince
            ? (runs[0]?.inserted ?? null)
            : null,
      deleted: deletion ? by(deletion) : null,
      joined: join ? by(join) : null,
      onto: join ? this.#ontoOf(join) : null,
      cut: this.#accepted(block).some(({ kind }) => kind === "split") ? this.#difference(cutBy(this.#record, this.#kinOf(block))) : null,
      proposals,
      others: proposals.filter(({ proposal }) => !drawn.has(proposal)),
      late: isMarked ? this.#attributor.lateIn(block.id) : [],
      level: level
        ? { was: block.level, by: by(level) }
        : levelWas !== undefined
          ? { was: levelWas, by: this.#acted("level", block) }
          : null,
      // A clause that somebody deletes is not shown at the place where another would have it.
      moved: move && !deletion ? { end: "from", by: { ...by(move), move: `move-${move.changeId}` } } : null,
    }
  }

  #proposals(block: Block): WholeProposal[] {
    const addressOf = (id: string): string => (id === block.id ? "it" : (this.#addresses.get(id) ?? "another clause"))
    const moveOf = ({ kind, changeId }: StructuralProposal): { move?: string } => (kind === "move" ? { move: `move-${changeId}` } : {})
    return block.structure.map((proposal) => ({
      by: { ...this.#attributor.of(proposal.changeId, proposal.source), ...moveOf(proposal) },
      proposal,
      target: this.#target(proposal),
      said: `would ${wholesSaid([proposal], addressOf)}`,
    }))
  }

  #target(proposal: StructuralProposal): string | null | undefined {
    const isOther = (id: string | undefined): id is string => id !== undefined && id !== proposal.block && this.#shown.has(id)
    if (proposal.kind === "join") {
      const into = survivorOf(this.#byId, proposal.into)?.id
      return isOther(into) ? into : undefined
    }
    if (proposal.kind !== "move" || proposal.after === null) return null
    return this.#order.slice(0, this.#order.indexOf(proposal.after) + 1).findLast(isOther) ?? null
  }

  /** A block among those shown or, where it is not drawn, what stands before it. */
  #standing(id: string, list: readonly SheetBlock[]): SheetBlock | null {
    for (let i = this.#order.indexOf(id); i >= 0; i--) {
      const found = list.find((sheet) => sheet.block.id === this.#order[i] && sheet.moved?.end !== "to")
      if (found) return found
    }
    return null
  }

  /** Puts the other ends of moves where they lead, and what stood elsewhere in the text in force where it stood. */
  placed(sheets: readonly SheetBlock[]): SheetBlock[] {
    let list = [...sheets]
    // Behind the block that it names, or, where that moves too and is of the same change, behind the other end of that.
    const ends = new Map<string, SheetBlock>()
    for (const sheet of sheets) {
      if (sheet.moved?.end !== "from") continue
      const proposal = sheet.block.structure.find((other) => other.kind === "move") as StructuralProposal & { kind: "move" }
      const end: SheetBlock = { ...sheet, moved: { end: "to", by: sheet.moved.by } }
      const anchor = proposal.after === null ? null : (ends.get(proposal.after) ?? this.#standing(proposal.after, list))
      const at = anchor === null ? 0 : list.indexOf(anchor) + 1
      list = [...list.slice(0, at), end, ...list.slice(at)]
      ends.set(sheet.block.id, end)
    }
    return this.#withLeft(list)
  }

  /**
   * What stood elsewhere in the text in force, or is gone from it. A clause that an accepted move took elsewhere has both ends of that move; one about
   * which more is proposed or was accepted than a move can tell goes at its old place and comes at the new one.
   */
  #withLeft(shown: readonly SheetBlock[]): SheetBlock[] {
    let list = [...shown]
    const moved = this.#structure?.moved ?? new Set()
    const olds = new Map<string, SheetBlock>()
    for (const sheet of shown) {
      if (!moved.has(sheet.block.id)) continue
      const by = this.#acted("move", sheet.block)
      const isSimple =
        this.#isAlone(sheet.block) && sheet.moved === null && [sheet.inserted, sheet.deleted, sheet.joined].every((other) => other === null)
      const name = { ...by, move: `move-${by.change}` }
      const come: SheetBlock = isSimple ? { ...sheet, moved: { end: "to", by: name } } : comingAs(sheet, by)
      if (isSimple) olds.set(sheet.block.id, { ...sheet, moved: { end: "from", by: name } })
      list = list.map((other) => (other === sheet ? come : other))
    }
    const last = new Map<string | null, SheetBlock>()
    for (const { block, behind, to } of this.#structure?.left ?? []) {
      const old = (to === null ? undefined : olds.get(to)) ?? this.#gone(block)
      const anchor = last.get(behind) ?? (behind === null ? null : this.#standing(behind, list))
      const at = anchor === null ? 0 : list.indexOf(anchor) + 1
      list = [...list.slice(0, at), old, ...list.slice(at)]
      last.set(behind, old)
    }
    return list
  }

  /** A clause of the text in force that is struck where it stood. */
  #gone(block: Block): SheetBlock {
    const by = this.#acted("delete", block)
    return {
      ...{
        block,
        cutOff: [],
        relabelled: null,
        inserted: null,
        deleted: by,
        joined: null,
        onto: null,
        cut: null,
        proposals: [],
        others: [],
        level: null,
        moved: null,
        late: [],
      },
      label: this.#labels[block.id] ?? "",
      runs: [{ ...bare(textOf(block)), deleted: by }],
    }
  }
}

/** A block that comes as a whole; what is struck in it of the text in force stands at its old place. */
const comingAs = (sheet: SheetBlock, by: Attribution): SheetBlock => ({
  ...sheet,
  inserted: sheet.inserted ?? by,
  runs: sheet.runs.filter((run) => !run.deleted?.isAccepted).map((run) => (run.inserted ? run : { ...run, inserted: by })),
})

const bare = (text: string): SheetRun => ({
  text,
  inserted: null,
  deleted: null,
  alsoDeleted: [],
  threads: [],
  note: null,
  isParted: false,
})

const withoutProposals = (run: Run, attributor: Attributor, notes: Notes): SheetRun => ({
  ...withMarks({ text: run.text, marks: run.marks.filter((mark) => mark.name === "noteRef") }, attributor, notes),
  inserted: null,
  deleted: null,
})

/** Cuts a run in two where an offset falls into it. Struck words of the text in force take no place. */
function cutAt(runs: readonly SheetRun[], offset: number): SheetRun[] {
  let at = 0
  return runs.flatMap((run) => {
    if (run.deleted?.isAccepted) return [run]
    const cut = offset - at
    at += run.text.length
    if (cut <= 0 || cut >= run.text.length) return [run]
    return [
      { ...run, text: run.text.slice(0, cut) },
      { ...run, text: run.text.slice(cut), isParted: false },
    ]
  })
}

function insertAt(runs: readonly SheetRun[], offset: number, added: SheetRun): SheetRun[] {
  const cut = cutAt(runs, offset)
  let at = 0
  for (let i = 0; i < cut.length; i++) {
    if (at >= offset) return [...cut.slice(0, i), added, ...cut.slice(i)]
    if (!cut[i]!.deleted?.isAccepted) at += cut[i]!.text.length
  }
  return [...cut, added]
}

/** Runs cut at a separator; each part with the run of the separator that ends it. */
export function splitRuns(runs: readonly SheetRun[], separator: string): { runs: SheetRun[]; end: SheetRun | null }[] {
  const parts: { runs: SheetRun[]; end: SheetRun | null }[] = [{ runs: [], end: null }]
  for (const run of runs) {
    const texts = run.text.split(separator)
    texts.forEach((text, i) => {
      if (text) parts.at(-1)!.runs.push({ ...run, text, isParted: i === 0 && run.isParted })
      if (i === texts.length - 1) return
      parts.at(-1)!.end = { ...run, text: separator, isParted: false }
      parts.push({ runs: [], end: null })
    })
  }
  return parts
}
