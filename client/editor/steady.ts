import type { Node } from "prosemirror-model"
import { type EditorState, Plugin, PluginKey } from "prosemirror-state"
import { type Decoration, DecorationSet, type DecorationSource } from "prosemirror-view"

interface HeldDrawing {
  readonly block: string
  /** What each plugin had drawn in the block when it was held. */
  readonly drawn: ReadonlyMap<Plugin, DecorationSet>
}

/** Set on a transaction with the block that is to be held as it is drawn, or null where it is no longer. */
export const heldKey = new PluginKey<HeldDrawing | null>("held")

const rawDecorations = new WeakMap<Plugin, (state: EditorState) => DecorationSource | null | undefined>()

function rangeOf(doc: Node, block: string): { from: number; to: number } | null {
  let found: { from: number; to: number } | null = null
  doc.forEach((node, pos) => {
    if (node.attrs.id === block) found = { from: pos + 1, to: pos + node.nodeSize - 1 }
  })
  return found
}

/** What is drawn inside a block: not what is drawn of the block as a whole, nor beside it. */
const drawnIn = (set: DecorationSource | null | undefined, { from, to }: { from: number; to: number }): Decoration[] =>
  set instanceof DecorationSet ? set.find(from, to).filter((drawn) => drawn.from >= from && drawn.to <= to) : []

/** Another's caret at words that are selected: Chromium takes the element around them away with them where it stands at their edge. */
const isInTheWay = ({ from, to }: Decoration, { selection }: EditorState): boolean =>
  !selection.empty && from === to && selection.from <= from && to <= selection.to

function hold(state: EditorState, block: string): HeldDrawing | null {
  const range = rangeOf(state.doc, block)
  if (!range) return null
  const drawn = new Map<Plugin, DecorationSet>()
  for (const plugin of state.plugins) {
    const raw = rawDecorations.get(plugin)
    if (!raw) continue
    const kept = drawnIn(raw(state), range).filter((part) => !isInTheWay(part, state))
    drawn.set(plugin, DecorationSet.create(state.doc, kept))
  }
  return { block, drawn }
}

/** Knows which block is held: in it no plugin draws anything new, for a change beside the composed words would take the input method's text away. */
export const steadyPlugin = (): Plugin<HeldDrawing | null> =>
  new Plugin<HeldDrawing | null>({
    key: heldKey,
    state: {
      init: () => null,
      apply: (tr, held, before) => {
        const block = tr.getMeta(heldKey) as string | null | undefined
        if (block !== undefined) return block === null ? null : hold(before, block)
        if (!held || !tr.docChanged) return held
        return { ...held, drawn: new Map([...held.drawn].map(([plugin, set]) => [plugin, set.map(tr.mapping, tr.doc)])) }
      },
    },
  })

/** The plugin, but that it draws nothing new in a block that is held. */
export function steady<T>(plugin: Plugin<T>): Plugin<T> {
  const raw = plugin.spec.props?.decorations
  if (!raw) return plugin
  const steadied: Plugin<T> = new Plugin<T>({
    ...plugin.spec,
    props: {
      ...plugin.spec.props,
      decorations(state) {
        const set = raw.call(steadied, state)
        const held = heldKey.getState(state)
        const range = held ? rangeOf(state.doc, held.block) : null
        if (!held || !range || !(set instanceof DecorationSet)) return set
        return set.remove(drawnIn(set, range)).add(state.doc, held.drawn.get(steadied as Plugin)?.find() ?? [])
      },
    },
  })
  rawDecorations.set(steadied as Plugin, (state) => raw.call(steadied, state))
  return steadied
}
