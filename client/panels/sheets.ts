import type { Signal } from "@preact/signals"
import { useEffect, useLayoutEffect } from "preact/hooks"
import type { Choice } from "../draft/choice.ts"
import type { Draft } from "../draft/draft.ts"
import { isSmallNow } from "../ui/small.ts"

/** Whether the focus is in the text, or nowhere. */
export function isFocusInText(): boolean {
  const { activeElement } = document
  return isNowhere(activeElement) || activeElement?.closest(".ProseMirror") !== null
}

/** Whether the focus is on nothing that a key acts on: the page as a whole, or the text that one reads. */
const isNowhere = (element: Element | null): boolean => element === null || element === document.body || element.matches("main.sheet")

/** Gives the focus to the text as a whole, to be read on: what had it is no longer there. Once it goes elsewhere the text takes none by a click. */
export function standAtText(): void {
  const text = document.querySelector<HTMLElement>("main.sheet")
  if (!text || !isNowhere(document.activeElement)) return
  text.tabIndex = -1
  text.focus({ preventScroll: true })
  text.addEventListener("blur", () => text.removeAttribute("tabindex"), { once: true })
}

/** Gives the focus to the console, and where there is none to the text, unless something has it. */
export function standAtConsole(): void {
  if (isNowhere(document.activeElement)) document.querySelector<HTMLElement>(".console")?.focus({ preventScroll: true })
  standAtText()
}

/** Closes the open card. The hand is then where it was: at the caret in the text; in a list, or where nobody writes, at the row that stands for the card. */
export function closeCard(choice: Choice): void {
  const id = choice.chosen.value
  if (id === null) return
  const isInList = document.activeElement?.closest(".changes-panel, .clause-list")
  choice.chosen.value = null
  if (!isInList && choice.takeCaretBack()) return
  choice.handAsked.value = id
}

/** So many frames long what stands for something is waited for. */
const handFrames = 60

function takesFocus(element: HTMLElement): boolean {
  element.focus({ preventScroll: true })
  return document.activeElement === element
}

/** Gives the focus to what stands for a change, a thread or a remark, its card or its row, as soon as it is drawn and while nothing else has it. */
function useHand(draft: Draft): void {
  const asked = draft.choice.handAsked.value
  useEffect(() => {
    if (asked === null) return
    let frame = 0
    let left = handFrames
    const look = (): void => {
      const { activeElement } = document
      // A box that was put aside on a card that stays has the focus until something else takes it.
      const isLeft = draft.remarks.open.value === null && activeElement?.closest(".remark-form")
      const isFree = isNowhere(activeElement) || isLeft
      const entry = `[data-entry="${CSS.escape(asked)}"] .line`
      const all = draft.choice.chosen.value === asked ? `.card.is-chosen button.title, ${entry}` : entry
      // What is drawn is hidden until it has its place, and takes no focus before.
      const isTaken = isFree && [...document.querySelectorAll<HTMLElement>(all)].some(takesFocus)
      if (isTaken || !isFree || --left === 0) draft.choice.handAsked.value = null
      else frame = requestAnimationFrame(look)
    }
    frame = requestAnimationFrame(look)
    return () => cancelAnimationFrame(frame)
  }, [asked])
}

/** Closes the list of changes; one writes on, or is at the button that opens it again. */
export function closePanel(choice: Choice, tab: Signal<PanelTab | null>): void {
  tab.value = null
  if (!choice.takeCaretBack()) document.querySelector<HTMLElement>(".stepper .count")?.focus()
}

/**
 * On a small window a sheet lies over the text: it takes the focus as it opens, and goes once the text takes the focus, so that nothing is typed into
 * words that it covers.
 */
export function useSheets(draft: Draft, tab: Signal<PanelTab | null>, hasPanel: boolean): void {
  useHand(draft)
  useEffect(() => {
    const onFocus = ({ target }: FocusEvent): void => {
      if (!isSmallNow() || !(target instanceof Element) || !target.closest(".ProseMirror")) return
      tab.value = null
      draft.choice.chosen.value = null
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

/** What the panel shows. */
export type PanelTab = "open" | "decided" | "comments"
