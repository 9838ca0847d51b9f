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

/** A comment of which no words are marked, and where it stands. */
export interface RemarkSign {
  readonly pos: number
  /** Of a thread, or of a comment that is half-written. */
  readonly id: string
  readonly isHalfWritten: boolean
  readonly title: string
}

export const signsKey = new PluginKey<DecorationSet>("remark signs")

function sign({ id, isHalfWritten, title }: RemarkSign): HTMLElement {
  const element = document.createElement("span")
  // The sign itself is drawn by the style sheet: it is no letter of the text.
  element.className = `remark-sign${isHalfWritten ? " is-half" : ""}`
  element.dataset[isHalfWritten ? "half" : "thread"] = id
  element.contentEditable = "false"
  element.title = title
  element.setAttribute("role", "img")
  element.setAttribute("aria-label", title)
  return element
}

/** Where the margin has no rows: a sign in the text for each comment that no words of it stand for. */
export const signsPlugin = (): Plugin<DecorationSet> =>
  new Plugin<DecorationSet>({
    key: signsKey,
    state: {
      init: () => DecorationSet.empty,
      apply: (tr, set) => {
        const signs = tr.getMeta(signsKey) as readonly RemarkSign[] | undefined
        if (!signs) return set.map(tr.mapping, tr.doc)
        const inside = signs.filter(({ pos }) => pos <= tr.doc.content.size)
        return DecorationSet.create(
          tr.doc,
          inside.map((one) =>
            Decoration.widget(one.pos, () => sign(one), { side: 5, key: `${one.id} ${one.title}`, ignoreSelection: true }),
          ),
        )
      },
    },
    props: { decorations: (state) => signsKey.getState(state) },
  })
