import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import type { Draft } from "../draft.ts"

const shownMs = 8_000
/** Beside the page there is room for a sentence from this width on. */
const besidePx = 190
const gapPx = 10

type Stretch = { readonly top: number; readonly bottom: number }

const overlap = (a: Stretch, b: Stretch): boolean => a.top < b.bottom && b.top < a.bottom

/** The lines on which somebody writes: one's own, those of others whose carets are seen, and the box of a remark. */
function writtenLines(draft: Draft): Stretch[] {
  const elements = [...document.querySelectorAll<HTMLElement>(".ProseMirror .caret, .slot:has(textarea:focus)")]
  const lines: Stretch[] = elements.map((element) => element.getBoundingClientRect())
  const own = draft.caretLine()
  return own ? [...lines, own] : lines
}

/** Puts a sentence where nobody writes: beside the page, else at the foot of the desk or at its head, whichever is free. */
function place(element: HTMLElement, draft: Draft): void {
  const desk = document.querySelector(".desk")?.getBoundingClientRect()
  const paper = document.querySelector(".paper:not([hidden])")?.getBoundingClientRect()
  if (!desk || !paper) return
  const isMirrored = getComputedStyle(element).direction === "rtl"
  const beside = (isMirrored ? desk.right - paper.right : paper.left - desk.left) - 2 * gapPx
  const isBeside = beside >= besidePx
  element.style.inlineSize = isBeside ? `${Math.min(beside, 320)}px` : ""
  element.classList.toggle("is-beside", isBeside)
  const height = element.offsetHeight
  const foot = { top: desk.bottom - height - gapPx, bottom: desk.bottom }
  const isFootFree = isBeside || !writtenLines(draft).some((line) => overlap(line, foot))
  element.style.insetBlockStart = `${Math.round(isFootFree ? foot.top : desk.top + gapPx)}px`
}

/** What has just happened, in a sentence; it covers no line that is being written. The page's one live region. */
export function Said({ draft }: { draft: Draft }) {
  const said = draft.said.value
  const element = useRef<HTMLParagraphElement>(null)
  void draft.drawn.value
  useEffect(() => {
    if (!said) return
    const timer = setTimeout(() => {
      if (draft.said.value === said) draft.said.value = ""
    }, shownMs)
    return () => clearTimeout(timer)
  }, [said])
  useLayoutEffect(() => {
    if (said && element.current) place(element.current, draft)
  })
  return (
    <p ref={element} class={`said ${said ? "is-shown" : ""}`} role="status" aria-live="polite">
      {said}
    </p>
  )
}
