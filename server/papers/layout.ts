// Where everything stands on a paper, and who did what to it. Against the text in force, what was accepted since is put among the open changes: words come
// back struck where they stood, clauses that went or moved stand at their old place too. Offsets are those of the block's words now; struck words of the
// text in force take no place in them.
import { joinsIn } from "../../shared/changes/changes.ts"
import { type Accepted, acceptedIn, acceptedStructureOf, actedBy, cutBy, type Kin, kinOf } from "../../shared/changes/compare.ts"
import { byIdOf, survivorOf } from "../../shared/changes/restructure.ts"
import { wholesSaid } from "../../shared/changes/wholes.ts"
import { addressesOf, type FrozenLabels } from "../../shared/clauses/labels.ts"
import { type Block, type StructuralProposal, textOf } from "../../shared/schema/block.ts"
import { isApart } from "../../shared/schema/structure.ts"
import type { Attributor } from "./attributor.ts"
import type { LabelChange } from "./paper-labels.ts"
import { type PaperView, type Printable, type Reading, showsChanges } from "./printable.ts"
import type { Attribution, SheetBlock, SheetRun, WholeProposal } from "./sheet.ts"
import { bare, cutAt, insertAt, type Notes, withMarks, withoutProposals } from "./sheet-runs.ts"

/** What of a draft a sheet draws, and how. */
export interface Drawn {
  readonly blocks: readonly Block[]
  readonly labels: ReadonlyMap<string, string>
  readonly parted: Reading["parted"]
  readonly cutOff: ReadonlyMap<string, readonly string[]>
}

/** Lays the blocks of a draft out, one after the other. */
export class Layout {
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
  readonly #ontoOf: ReturnType<typeof joinsIn>
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
