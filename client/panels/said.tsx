import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import type { Choice } from "../draft/choice.ts"
import type { Draft } from "../draft/draft.ts"

const shownMs = 8_000
/** Beside the page there is room for a sentence from this width on. */
const besidePx = 190
const gapPx = 10
/** So far apart are the heights that are tried between foot and head. */
const stepPx = 24

type Stretch = { readonly top: number; readonly bottom: number }

const overlap = (a: Stretch, b: Stretch): boolean => a.top < b.bottom && b.top < a.bottom

const boxesOf = (selector: string): Stretch[] =>
  [...document.querySelectorAll<HTMLElement>(selector)].map((element) => element.getBoundingClientRect())

/** The lines on which one writes oneself: in the text, or in the box of a remark. */
function ownLines(choice: Choice): Stretch[] {
  const line = choice.caretLine()
  return [...boxesOf(".slot:has(textarea:focus)"), ...(line ? [line] : [])]
}

/** What lies over the text on a small window: a card, or the list of changes, with its buttons. */
const sheets = (): Stretch[] =>
  [...document.querySelectorAll<HTMLElement>(".margin:has(.card), .changes-panel")]
    .filter((element) => getComputedStyle(element).position === "fixed")
    .map((element) => element.getBoundingClientRect())

/** Where of some heights a sentence covers no line: of others neither, if that can be. */
function freeTop(tops: readonly number[], height: number, own: readonly Stretch[], others: readonly Stretch[]): number {
  const isFree = (lines: readonly Stretch[]) => (top: number) => !lines.some((line) => overlap(line, { top, bottom: top + height }))
  return tops.find(isFree([...own, ...others])) ?? tops.find(isFree(own)) ?? tops[0]!
}

/** Puts a sentence where nobody writes: beside the page, else at the foot of the desk, at its head, or as near to its foot as it is free. */
function place(element: HTMLElement, choice: Choice): void {
  const desk = document.querySelector(".desk")?.getBoundingClientRect()
  const paper = document.querySelector(".paper:not([hidden])")?.getBoundingClientRect()
  if (!desk || !paper) return
  const isMirrored = getComputedStyle(element).direction === "rtl"
  const beside = (isMirrored ? desk.right - paper.right : paper.left - desk.left) - 2 * gapPx
  const isBeside = beside >= besidePx
  element.style.inlineSize = isBeside ? `${Math.min(beside, 320)}px` : ""
  element.classList.toggle("is-beside", isBeside)
  const height = element.offsetHeight
  // A keyboard on the screen lies over the foot of the page.
  const seen = visualViewport ? visualViewport.offsetTop + visualViewport.height : innerHeight
  const foot = Math.min(desk.bottom, seen) - height - gapPx
  const head = desk.top + gapPx
  const between = Array.from({ length: Math.max(0, Math.floor((foot - head) / stepPx)) }, (_, i) => foot - (i + 1) * stepPx)
  const tops = isBeside ? [foot] : [foot, head, ...between]
  element.style.insetBlockStart = `${Math.round(freeTop(tops, height, [...ownLines(choice), ...sheets()], boxesOf(".ProseMirror .caret")))}px`
}

/** What moves the lines under a sentence that stands. */
function onMoves(act: () => void): () => void {
  const moves = [
    [document, "scroll"],
    [document, "selectionchange"],
    [window, "resize"],
    ...(visualViewport ? ([[visualViewport, "resize"]] as const) : []),
  ] as const
  for (const [target, kind] of moves) target.addEventListener(kind, act, { capture: true, passive: true })
  return () => {
    for (const [target, kind] of moves) target.removeEventListener(kind, act, { capture: true })
  }
}

/** What has just happened, in a sentence; it covers no line that is being written, and no card. The page's one live region. */
export function Said({ draft }: { draft: Draft }) {
  const said = draft.page.said.value
  const element = useRef<HTMLParagraphElement>(null)
  void draft.page.drawn.value
  void draft.choice.chosen.value
  useEffect(() => {
    if (!said) return
    const timer = setTimeout(() => {
      if (draft.page.said.value === said) draft.page.said.value = ""
    }, shownMs)
    const stop = onMoves(() => element.current && place(element.current, draft.choice))
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [said])
  useLayoutEffect(() => {
    if (!said || !element.current) return
    place(element.current, draft.choice)
    // A card that comes with the sentence may be drawn after it.
    const frame = requestAnimationFrame(() => element.current && place(element.current, draft.choice))
    return () => cancelAnimationFrame(frame)
  })
  return (
    <p ref={element} class={`said ${said ? "is-shown" : ""}`} role="status" aria-live="polite">
      {said}
    </p>
  )
}
