import { Plugin, PluginKey } from "prosemirror-state"
import { Decoration, DecorationSet } from "prosemirror-view"

/** The words, or the clause, that the person writes a remark about. */
export interface RemarkedRange {
  readonly from: number
  readonly to: number
  readonly isClause: boolean
}

export const remarkKey = new PluginKey<DecorationSet>("remark")

/** Marks what the open remark box is about: while one writes there, the page's own selection is gone. */
export const remarkPlugin = (): Plugin<DecorationSet> =>
  new Plugin<DecorationSet>({
    key: remarkKey,
    state: {
      init: () => DecorationSet.empty,
      apply: (tr, set) => {
        const range = tr.getMeta(remarkKey) as RemarkedRange | null | undefined
        if (range === undefined) return set.map(tr.mapping, tr.doc)
        if (range === null || range.to > tr.doc.content.size) return DecorationSet.empty
        const attrs = { class: "remarked" }
        return DecorationSet.create(tr.doc, [
          range.isClause ? Decoration.node(range.from, range.to, attrs) : Decoration.inline(range.from, range.to, attrs),
        ])
      },
    },
    props: { decorations: (state) => remarkKey.getState(state) },
  })
