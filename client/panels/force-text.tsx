import { labelsOf } from "../../shared/clauses/labels.ts"
import { type Block, textOf } from "../../shared/schema/block.ts"
import type { Draft } from "../draft.ts"

/** The sealed text in force, to read. */
export function ForceText({ draft }: { draft: Draft }) {
  const blocks = draft.force.value?.blocks as readonly Block[] | null | undefined
  if (!blocks) return <p class="empty">This is a new resolution: there is no text in force.</p>
  const labels = labelsOf(blocks, draft.meta.value.profile, draft.meta.value.labels)
  return (
    <div class="ProseMirror is-sealed">
      {blocks.map((block) => (
        <p
          key={block.id}
          data-type={block.type}
          data-level={block.level}
          dir={block.dir}
          {...(labels.get(block.id) ? { "data-label": labels.get(block.id) } : {})}
        >
          {textOf(block).replaceAll("\ufffc", "")}
        </p>
      ))}
    </div>
  )
}
