import { labelsOf } from "../../shared/clauses/labels.ts"
import { anchorCharacter, type Block, textOf } from "../../shared/schema/block.ts"
import type { Draft } from "../draft.ts"

const tagOf: Partial<Record<Block["type"], "h1" | "h2" | "h3">> = { designation: "h1", title: "h2", heading: "h2", head: "h3" }

/** The sealed text in force, to read. */
export function ForceText({ draft }: { draft: Draft }) {
  const blocks = draft.force.value?.blocks as readonly Block[] | null | undefined
  if (!blocks) return <p class="empty">This is a new resolution: there is no text in force.</p>
  const labels = labelsOf(blocks, draft.meta.value.profile, draft.meta.value.labels)
  return (
    <div class="ProseMirror is-sealed">
      {blocks.map((block) => {
        const Tag = tagOf[block.type] ?? "p"
        const label = labels.get(block.id)
        return (
          <Tag key={block.id} data-type={block.type} data-level={block.level} dir={block.dir} {...(label ? { "data-label": label } : {})}>
            {textOf(block).replaceAll(anchorCharacter, "")}
          </Tag>
        )
      })}
    </div>
  )
}
