import type { ForestalledNote } from "../../shared/changes/forestalled.ts"
import type { Mark, StructuralProposal } from "../../shared/schema/block.ts"
import type { ItemId, Stretch } from "../../shared/schema/runs.ts"

/** Where something is in the room's document: a block by the Yjs identity of its element, which no update changes. */
export type At = string

/**
 * What the server mends in an update that knew nothing of a decision, as plain values (GATE7, GATE8). Each speaks of characters and markers by their
 * ids, is carried out by `apply` under the server's client, and needs no trust: the judge reads again what came of it.
 */
export type Repair =
  /** Own markers and characters go. */
  | { readonly kind: "strip"; readonly items: readonly Stretch[] }
  /** A deletion's marker is put back beside what it was made at. */
  | { readonly kind: "tighten"; readonly marker: ItemId; readonly beside: ItemId }
  /** A mark is written anew as it should be: in another change, or without ids that name nothing. */
  | { readonly kind: "rename"; readonly what: "mark"; readonly at: At; readonly mark: Mark }
  | { readonly kind: "rename"; readonly what: "entry"; readonly id: string; readonly of: string }
  | { readonly kind: "rename"; readonly what: "block"; readonly at: At; readonly change: string }
  /** What belongs to a change that takes nothing in any more belongs to this one from now on. */
  | { readonly kind: "succeed"; readonly change: string; readonly next: string }
  /** It is noted that accepted changes had taken out before what a change of the update is to take out. */
  | { readonly kind: "forestall"; readonly change: string; readonly taken: readonly ForestalledNote[] }
  /** What was noted of a deletion that had come too late is forgotten: its source has taken it back. */
  | { readonly kind: "forget"; readonly change: string; readonly mark: string }
  /**
   * An entry that came too late, that was decided, or of which its source took back what it was written for, is taken out; or it is put back as it was
   * decided. `isLate`: it is open again once what it is about is there.
   */
  | { readonly kind: "dropEntry"; readonly id: string; readonly stays: StructuralProposal | null; readonly isLate?: true }
  /** What leads to a block of which the words are elsewhere leads there. */
  | { readonly kind: "retarget"; readonly proposal: StructuralProposal }
  /** What is proposed about a block that was split holds for these parts of it too, as entries of the same change. */
  | { readonly kind: "extend"; readonly proposal: StructuralProposal; readonly parts: readonly string[] }
  /** A new block goes behind the last part of the one that it was written behind. */
  | { readonly kind: "place"; readonly at: At; readonly behind: At }
  /** A link is left with those of its changes that are open and do not compete; with none it is taken out. */
  | { readonly kind: "dropLinked"; readonly id: string; readonly source: string; readonly stays: readonly string[] }
  /** The level of a clause that is agreed by now is what it was; another is proposed. */
  | { readonly kind: "level"; readonly at: At; readonly level: unknown; readonly proposed: number | null }
  /** Words go behind what stood before them, wherever that is now; under `mark`, or a new insertion where it is null. */
  | { readonly kind: "carry"; readonly letters: Stretch; readonly words: string; readonly behind: ItemId; readonly mark: Mark | null }
  /** Characters are struck: by this deletion, or by a new one where it is null; `over`: the insertion that they are words of. */
  | { readonly kind: "strike"; readonly letters: readonly Stretch[]; readonly mark: Mark | null; readonly over?: string }
  /** What a deletion came to stand around is not struck by it: its writer did not see it. */
  | { readonly kind: "spare"; readonly letters: readonly Stretch[]; readonly mark: Mark }
  /** Agreed words that their writer removed come back where they stood, struck by it. */
  | { readonly kind: "restore"; readonly letters: Stretch; readonly words: string }
  /** Words get an insertion of their source, of this change or, where it is "", a new one. */
  | { readonly kind: "mark"; readonly at: At; readonly letters: readonly Stretch[]; readonly of: string }
  /** An insertion that was taken back stays around these, from the first to the last: words of its source that are there still, and what others put in. */
  | { readonly kind: "keep"; readonly at: At; readonly letters: readonly Stretch[]; readonly mark: Mark }

/** In this order they are carried out: what goes first, what is written at places after those have been found. */
export const repairOrder = [
  "strip",
  "tighten",
  "rename",
  "succeed",
  "forget",
  "forestall",
  "dropEntry",
  "retarget",
  "extend",
  "dropLinked",
  "level",
  "carry",
  "spare",
  "strike",
  "restore",
  "mark",
  "keep",
  "place",
] as const satisfies readonly Repair["kind"][]
