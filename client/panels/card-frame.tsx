import type { ComponentChildren } from "preact"
import { useLayoutEffect, useRef } from "preact/hooks"
import type { Draft } from "../draft/draft.ts"
import { Icon } from "../ui/icon.tsx"
import { closeCard } from "./sheets.ts"

// What every card has: a way to close it, and what of it is scrolled.

/** Closes the card, and gives the hand back. */
export const CloseCard = ({ draft }: { draft: Draft }) => (
  <button type="button" class="quiet close" aria-label="Close the card" onClick={() => closeCard(draft.choice)}>
    <Icon name="x" />
  </button>
)

/** What a card has between its head and its acts: where the window has no room for all of it, it is scrolled, and the acts stay in view. */
export function Inside({ children }: { children: ComponentChildren }) {
  const root = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const inside = root.current
    if (!inside) return
    // What is scrolled can be scrolled by the keyboard; what is not is no stop of the Tab key.
    const sizes = new ResizeObserver(() => {
      if (inside.scrollHeight > inside.clientHeight + 1) inside.tabIndex = 0
      else inside.removeAttribute("tabindex")
    })
    sizes.observe(inside)
    for (const part of inside.children) sizes.observe(part)
    return () => sizes.disconnect()
  })
  return (
    <div class="inside" ref={root}>
      {children}
    </div>
  )
}
