import { Plugin, PluginKey } from "prosemirror-state"
import { Decoration, DecorationSet } from "prosemirror-view"
import { type SourceLook, toneValue } from "../ui/look.ts"

/** Where somebody who types has the caret. */
export interface Caret {
  readonly client: number
  readonly pos: number
  readonly source: string
  /** Who enters words for the source, where that is another. */
  readonly by: string | null
  readonly look: SourceLook
}

export const caretsKey = new PluginKey<DecorationSet>("carets")

/** How long a flag stands over the line above once its caret rests. */
const restsMs = 2_000

function flag({ source, by, look }: Caret): HTMLElement {
  const caret = document.createElement("span")
  caret.className = "caret"
  caret.style.setProperty("--tone", toneValue(look.tone))
  caret.setAttribute("aria-hidden", "true")
  const name = caret.appendChild(document.createElement("span"))
  name.textContent = by === null ? source : `${by} for ${source}`
  if (look.turn > 0) name.dataset.turn = String(look.turn)
  // Words may stand under it, and somebody may be reading them: then only the caret is left, and its flag under the pointer.
  setTimeout(() => caret.classList.add("is-resting"), restsMs)
  return caret
}

interface Spec {
  readonly client: number
  readonly key: string
  readonly moves: number
}

/** One caret; it is drawn anew, with its flag, where it has moved, not where words before it have come or gone. */
function drawn(caret: Caret, before: DecorationSet): Decoration {
  const [was] = before.find(undefined, undefined, (spec) => (spec as Spec).client === caret.client)
  const { moves = 0 } = (was?.spec as Spec | undefined) ?? {}
  const now = was && was.from === caret.pos ? moves : moves + 1
  const spec: Spec = { client: caret.client, moves: now, key: `${caret.client}:${caret.by}:${caret.source}:${now}` }
  return Decoration.widget(caret.pos, () => flag(caret), { ...spec, side: 10, ignoreSelection: true })
}

/** Draws the carets of those who type, each with its code; where somebody merely reads is never shown. */
export const caretsPlugin = (): Plugin<DecorationSet> =>
  new Plugin<DecorationSet>({
    key: caretsKey,
    state: {
      init: () => DecorationSet.empty,
      apply: (tr, set) => {
        const mapped = tr.docChanged ? set.map(tr.mapping, tr.doc) : set
        const carets = tr.getMeta(caretsKey) as readonly Caret[] | undefined
        if (!carets) return mapped
        const inside = carets.filter((caret) => caret.pos <= tr.doc.content.size)
        return DecorationSet.create(
          tr.doc,
          inside.map((caret) => drawn(caret, mapped)),
        )
      },
    },
    props: { decorations: (state) => caretsKey.getState(state) },
  })
