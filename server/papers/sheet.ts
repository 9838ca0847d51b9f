// A draft as a paper: what every printed form is written from, so that all of them say the same. `sheet-of` lays one out.
import type { Thread } from "../../shared/comments/thread.ts"
import type { Block, StructuralProposal } from "../../shared/schema/block.ts"
import type { PaperView, Printable } from "./printable.ts"

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
