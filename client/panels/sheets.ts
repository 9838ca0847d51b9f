import type { Signal } from "@preact/signals"
import { useEffect, useLayoutEffect } from "preact/hooks"
import type { Draft } from "../draft.ts"
import { isSmallNow } from "../ui/small.ts"
import type { PanelTab } from "./changes-panel.tsx"

/** Whether the focus is in the text, or nowhere. */
export function isFocusInText(): boolean {
  const { activeElement } = document
  return activeElement === null || activeElement === document.body || activeElement.closest(".ProseMirror") !== null
}

/** Closes the open card. The hand is then where it was: at the caret in the text; in a list, or where nobody writes, at the row that stands for the card. */
export function closeCard(draft: Draft): void {
  const id = draft.chosen.value
  if (id === null) return
  const isInList = document.activeElement?.closest(".changes-panel, .clause-list")
  draft.chosen.value = null
  if (!isInList && draft.takeCaretBack()) return
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-entry="${CSS.escape(id)}"] .line`)?.focus({ preventScroll: true }))
}

/** Closes the list of changes; one writes on, or is at the button that opens it again. */
export function closePanel(draft: Draft, tab: Signal<PanelTab | null>): void {
  tab.value = null
  if (!draft.takeCaretBack()) document.querySelector<HTMLElement>(".stepper .count")?.focus()
}

/**
 * On a small window a sheet lies over the text: it takes the focus as it opens, and goes once the text takes the focus, so that nothing is typed into
 * words that it covers.
 */
export function useSheets(draft: Draft, tab: Signal<PanelTab | null>, hasPanel: boolean): void {
  useEffect(() => {
    const onFocus = ({ target }: FocusEvent): void => {
      if (!isSmallNow() || !(target instanceof Element) || !target.closest(".ProseMirror")) return
      tab.value = null
      draft.chosen.value = null
      draft.remarks.rest()
    }
    addEventListener("focusin", onFocus)
    return () => removeEventListener("focusin", onFocus)
  }, [])
  useLayoutEffect(() => {
    if (hasPanel && isSmallNow() && isFocusInText())
      document.querySelector<HTMLElement>(".changes-panel [role=tab][aria-selected=true]")?.focus({ preventScroll: true })
  }, [hasPanel])
}
