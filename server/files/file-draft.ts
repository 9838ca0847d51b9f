import type { Profile } from "../../shared/clauses/labels.ts"
import type { BlockType, Part, StructuralAct } from "../../shared/schema/block.ts"

/** A draft as files hold it: the public JSON of `clausula import` (design section 9). Absent facts are null, never invented. */
export interface FileDraft {
  readonly profile: Profile
  readonly cover: readonly CoverField[]
  readonly blocks: readonly FileBlock[]
  readonly changes: readonly FileChange[]
  readonly comments: readonly FileComment[]
  readonly notes: readonly FileNote[]
  /** Passages in square brackets, where there are any: told with a file, understood anew from its text. */
  readonly brackets?: readonly FileBracket[]
  /** What a conversion left behind (bookmarks, bullets, rules), literally. */
  readonly debris: readonly string[]
  readonly warnings: readonly FileWarning[]
  /** Of a Word file: every revision in it, those of looks and numbers too. */
  readonly revisions?: readonly FileRevision[]
  /** Of a paper against the text in force: that text, and what was accepted since. Without it what is not proposed is in force. */
  readonly inForce?: FileForce
}

/** A text in force that is another than what is agreed now; the `origin` of each block of the draft is one of it. */
export interface FileForce {
  readonly blocks: readonly FileBlock[]
  readonly notes: readonly FileNote[]
  /** Empty places among the draft's blocks: of a clause whose words are in the block `joined`, or, where that is itself, in none. `behind`: a block, or a place. */
  readonly left: readonly {
    readonly id: string
    readonly type: BlockType
    readonly origin: string | null
    readonly joined: string
    readonly behind: string | null
  }[]
  /** Whose each accepted change was, and what it did. */
  readonly accepted: readonly {
    readonly source: string | null
    readonly segments: readonly { readonly block: string; readonly kind: "insertion" | "deletion"; readonly text: string }[]
    readonly acts: readonly { readonly kind: StructuralAct["kind"]; readonly block: string; readonly origin: string | null }[]
  }[]
}

export interface CoverField {
  readonly field: string | null
  readonly text: string
}

/** `text` as proposed including struck words; U+FFFC stands for a footnote anchor. */
export interface FileBlock {
  readonly id: string
  readonly type: BlockType
  readonly part?: Part
  readonly level?: number
  /** The label under which it stands: as the file has it; of a clause that is added without one, as it is labelled behind its predecessor. */
  readonly label?: string
  /** The label as the file has it, literally; "" where it has none. */
  readonly importedLabel?: string
  /** Of a clause that is added to a list which counts by itself: what is read there, which is no label of its own. */
  readonly shownLabel?: string
  /** A tracked change of its label. */
  readonly renumbered?: FileRenumbering
  readonly dir?: "rtl"
  readonly origin?: string | null
  readonly text: string
}

/** What a clause is labelled in the text in force, where the file proposes another label, and who proposes it. */
export interface FileRenumbering {
  readonly was: string
  readonly source: string | null
  readonly enteredBy: string | null
  readonly date: string | null
}

/** What becomes of a block as a whole. */
export type FileStructure = { readonly block: string } & StructuralAct

export interface FileChange {
  readonly id: string
  readonly kind: "insertion" | "deletion" | "replacement" | "move" | "structure"
  readonly source: string | null
  readonly enteredBy: string | null
  /** Written, not read: of what a file brought to the meeting, who brought it there. `enteredBy` and `date` are then what that file said. */
  readonly broughtBy?: string
  readonly date: string | null
  readonly block: string
  /** The words; of a replacement those that go. */
  readonly text: string
  readonly replacedBy?: string
  readonly newBlocks?: readonly string[]
  /** Where, in UTF-16 units of the block's text. */
  readonly segments?: readonly {
    readonly block: string
    readonly kind: "insertion" | "deletion"
    readonly from: number
    readonly to: number
  }[]
  readonly structure?: readonly FileStructure[]
  readonly inside?: readonly string[]
  /** Written, not read: that it came too late for what it was to replace, and what accepting it does. */
  readonly late?: string
  /** Written, not read: of what is left of a replacement, how the text will read. */
  readonly otherSide?: string
}

export interface FileComment {
  readonly id: string
  readonly by: string | null
  /** Whose remark it is, where the file says. */
  readonly source?: string | null
  /** Of one that a file brought to a meeting: who brought it there. `by` and `date` are then what that file said. */
  readonly broughtBy?: string
  readonly date: string | null
  readonly block: string | null
  readonly quote: string
  readonly text: string
  readonly replies: readonly {
    readonly by: string | null
    readonly source?: string | null
    readonly broughtBy?: string
    readonly date: string | null
    readonly text: string
  }[]
  readonly resolved: boolean
  /** The words that it is about: those in `block`, and those in blocks behind it. */
  readonly at?: { readonly from: number; readonly to: number }
  readonly further?: readonly { readonly block: string; readonly from: number; readonly to: number }[]
  /** The change of the file that it is about. */
  readonly change?: string
  /** What it was about that is gone: its words, or its whole clause; then `block` is the one that stands before it. */
  readonly lost?: "words" | "clause"
  /** Of a clause that is gone: how it was spoken of. */
  readonly address?: string
}

export interface FileNote {
  readonly id: string
  readonly label: string
  readonly text: string
  /** The block that calls it, and where its anchor stands there. */
  readonly block: string | null
  readonly at: number | null
}

/** A passage in square brackets, which are part of `text`. */
export interface FileBracket {
  readonly block: string
  readonly from: number
  readonly to: number
  readonly text: string
}

/** A revision as a Word file has it, literally: also what is no change of text, such as looks and numbers. */
export interface FileRevision {
  readonly kind:
    | "insertion"
    | "deletion"
    | "paragraph-insertion"
    | "paragraph-deletion"
    | "move-from"
    | "move-to"
    | "formatting"
    | "numbering"
  readonly enteredBy: string | null
  readonly date: string | null
  readonly block: string | null
  readonly text: string
  /** Where it stands that is no part of the text. */
  readonly story?: "text box" | "header" | "footer"
}

export interface FileWarning {
  readonly code: string
  readonly block?: string
  readonly message: string
}
