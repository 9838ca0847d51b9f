import { DOMSerializer, type Node } from "prosemirror-model"
import type { Decoration, NodeView, NodeViewConstructor } from "prosemirror-view"
import { blockTypes } from "../../shared/schema/block.ts"

/** What a node decoration says in its `spec` of a block that is not drawn. */
export const undrawn = { isUndrawn: true } as const

const isUndrawn = (node: Node, decorations: readonly Decoration[]): boolean =>
  node.attrs.joined !== null || decorations.some(({ spec }) => (spec as Partial<typeof undrawn>).isUndrawn === true)

/** A block as the schema draws it; one that is not drawn is nobody's block on the page, for what looks for one by its id or its place. */
const blockView: NodeViewConstructor = (first, _view, _place, decorations): NodeView => {
  let node = first
  const isHidden = isUndrawn(node, decorations)
  const { dom, contentDOM } = DOMSerializer.renderSpec(document, node.type.spec.toDOM!(node))
  if (isHidden) (dom as HTMLElement).removeAttribute("data-block")
  return {
    dom,
    contentDOM: contentDOM!,
    // The only attributes that others than the editor write are there for the style sheet.
    ignoreMutation: (mutation) => mutation.type === "attributes" && mutation.target === dom,
    update: (next, others) => {
      if (!next.sameMarkup(node) || isUndrawn(next, others) !== isHidden) return false
      node = next
      return true
    },
  }
}

export const blockViews: Readonly<Record<string, NodeViewConstructor>> = Object.fromEntries(blockTypes.map((type) => [type, blockView]))
