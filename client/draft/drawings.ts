import { effect } from "@preact/signals"
import { acceptedStructureOf, kinOf } from "../../shared/changes/compare.ts"
import type { Block } from "../../shared/schema/block.ts"
import { type Drawing, readsAsProposed, redraw } from "../editor/marks.ts"
import { type StructureDrawing, structureKey } from "../editor/structure.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import type { Choice } from "./choice.ts"
import type { Page } from "./page.ts"
import type { Rights } from "./rights.ts"
import type { RoomHere } from "./room.ts"
import type { DraftText } from "./text.ts"

// What is drawn of the changes, read off the other parts and put into the editor again whenever one of them changes. What is drawn of remarks stands in
// `remark-drawings`, of others' carets in `line`, of labels where the settings come in.

export interface DrawnParts {
  readonly page: Page
  readonly room: RoomHere
  readonly text: DraftText
  readonly meeting: MeetingHere
  readonly choice: Choice
}

const forceOf = (room: RoomHere): readonly Block[] | null => (room.force.value?.blocks ?? null) as readonly Block[] | null

/** What the drawing of changes and comments in the words follows from. */
export function drawingOf({ page, room, text, meeting, choice }: DrawnParts): Drawing {
  const blocks = forceOf(room)
  void text.layout.value
  void meeting.tones.value
  return {
    view: page.view.value,
    source: page.oneSource.value,
    chosen: choice.chosen.value,
    kin: kinOf(text.blocks.peek(), new Map((blocks ?? []).map((block) => [block.id, block]))),
    echoes: readsAsProposed(page.view.value) ? text.echoes() : new Set(),
    hasForce: blocks !== null,
    accepted: room.proposals.value.map(([, entry]) => entry).filter((entry) => entry.status === "accepted"),
    openThreads: new Set(room.threads.value.filter((thread) => !thread.isResolved).map((thread) => thread.id)),
    lookOf: (source) => meeting.lookOf(source),
  }
}

/** What the drawing of proposals about clauses as wholes follows from. */
export function structureDrawingOf({ page, room, text, meeting, choice }: DrawnParts): StructureDrawing {
  const force = forceOf(room)
  const isShown = page.view.value === "force" && force !== null && room.proposals.value.length > 0
  void text.layout.value
  void meeting.me.value.sources
  return {
    view: page.view.value,
    source: page.oneSource.value,
    chosen: choice.chosen.value,
    proposals: room.structure.value,
    accepted: isShown ? acceptedStructureOf(text.blocks.peek(), force) : null,
    labels: new Map(Object.entries(room.meta.value.labels)),
    hasLeads: room.meta.value.profile === "un",
    addressOf: (block) => text.addresses.peek().get(block) ?? "the text",
    nameOf: (source) => meeting.nameOf(source),
    lookOf: (source) => meeting.lookOf(source),
  }
}

/** Draws both again whenever they are others. Returns how to stop. */
export function watchDrawings(parts: DrawnParts & { readonly rights: Rights }): () => void {
  const { page, rights } = parts
  const isDrawn = (): void => {
    page.drawn.value = page.drawn.peek() + 1
  }
  const stops = [
    effect(() => {
      const drawing = drawingOf(parts)
      void rights.mayWrite.value
      page.draw((state) => redraw(state, drawing))
      isDrawn()
    }),
    effect(() => {
      const drawing = structureDrawingOf(parts)
      page.draw((state) => state.tr.setMeta(structureKey, drawing).setMeta("addToHistory", false))
      isDrawn()
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
