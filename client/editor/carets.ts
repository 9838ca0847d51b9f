import { Plugin, PluginKey } from "prosemirror-state"
import { Decoration, DecorationSet } from "prosemirror-view"

/** Where somebody who types has the caret. */
export interface Caret {
  readonly client: number
  readonly pos: number
  readonly source: string
  readonly colour: number
}

export const caretsKey = new PluginKey<DecorationSet>("carets")

function flag({ source, colour }: Caret): HTMLElement {
  const caret = document.createElement("span")
  caret.className = "caret"
  caret.style.setProperty("--tone", `var(--source-${colour})`)
  caret.setAttribute("aria-hidden", "true")
  const name = caret.appendChild(document.createElement("span"))
  name.textContent = source
  return caret
}

/** Draws the carets of those who type, each with its code; where somebody merely reads is never shown. */
export const caretsPlugin = (): Plugin<DecorationSet> =>
  new Plugin<DecorationSet>({
    key: caretsKey,
    state: {
      init: () => DecorationSet.empty,
      apply: (tr, set) => {
        const carets = tr.getMeta(caretsKey) as readonly Caret[] | undefined
        if (!carets) return set.map(tr.mapping, tr.doc)
        const inside = carets.filter((caret) => caret.pos <= tr.doc.content.size)
        return DecorationSet.create(
          tr.doc,
          inside.map((caret) =>
            Decoration.widget(caret.pos, () => flag(caret), { key: `${caret.client}:${caret.source}`, side: 10, ignoreSelection: true }),
          ),
        )
      },
    },
    props: { decorations: (state) => caretsKey.getState(state) },
  })
