import { labelsOf } from "../../shared/clauses/labels.ts"
import { noteCalledBy, noteNumbers } from "../../shared/clauses/notes.ts"
import type { Block } from "../../shared/schema/block.ts"
import type { RoomHere } from "../draft/room.ts"
import { roomFor } from "../editor/labels.ts"

const tagOf: Partial<Record<Block["type"], "h1" | "h2" | "h3">> = { designation: "h1", title: "h2", heading: "h2", head: "h3" }

/** The words of a block, with the numbers of the footnotes that they call. */
function Words({ block, notes }: { block: Block; notes: ReadonlyMap<string, number> }) {
  return (
    <>
      {block.runs.map((run, i) => {
        const note = noteCalledBy(run)
        return note === null ? run.text : <span key={i} class="note-ref" data-note={notes.get(note) ?? ""} />
      })}
    </>
  )
}

/** The sealed text in force, to read. */
export function ForceText({ room }: { room: RoomHere }) {
  const blocks = room.force.value?.blocks as readonly Block[] | null | undefined
  if (!blocks) return <p class="empty">This is a new resolution: there is no text in force.</p>
  const labels = labelsOf(blocks, room.meta.value.profile, room.meta.value.labels)
  const notes = noteNumbers(blocks)
  const firstNote = blocks.find((block) => block.type === "note")
  return (
    <div class="ProseMirror is-sealed">
      {blocks.map((block) => {
        const Tag = tagOf[block.type] ?? "p"
        const label = block.type === "note" ? notes.get(block.noteId ?? "")?.toString() : labels.get(block.id)
        return (
          <Tag
            key={block.id}
            data-force={block.id}
            class={block === firstNote ? "first-note" : undefined}
            data-type={block.type}
            data-level={block.level}
            dir={block.dir}
            {...(label ? { "data-label": label, style: roomFor(label.length) } : {})}
          >
            <Words block={block} notes={notes} />
          </Tag>
        )
      })}
    </div>
  )
}
