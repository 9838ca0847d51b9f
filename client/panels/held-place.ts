import { useEffect } from "preact/hooks"
import type { Draft } from "../draft/draft.ts"
import { blockNamed, placeNow, scroller } from "./place.ts"

/** What stays in view: a place in the text, so far below the upper edge; `share`: so much of its block lies above that edge. */
interface Held {
  readonly block: string
  /** Of the caret; null: the block as a whole is meant. */
  readonly at: number | null
  readonly below: number
  readonly share: number
  /** The upper edge then, and how wide the text was. */
  readonly edge: number
  readonly width: number
}

const lineHeightPx = 28
const edgePx = 8
const laterMs = 120
/** The heights of what was not drawn yet come out as it is scrolled to. */
const steadyFrames = 6
const mostFrames = 90

/** The line of the caret where it is in view, else the clause at the top of it. `room`: how high the view is, or was a moment ago. */
function heldNow(draft: Draft, room = scroller().getBoundingClientRect().height): Held | null {
  const { top: edge } = scroller().getBoundingClientRect()
  const size = { edge, width: scroller().clientWidth }
  const caret = draft.choice.placeWritten()
  const line = caret && draft.page.topOf(caret.block, caret.at)
  if (caret && line !== null && line >= edge && line + lineHeightPx <= edge + room)
    return { ...caret, below: line - edge, share: 0, ...size }
  const { block, below } = placeNow()
  const height = block === null ? 0 : (blockNamed(block)?.getBoundingClientRect().height ?? 0)
  return block === null ? null : { block, at: null, below, share: below < 0 && height > 0 ? -below / height : 0, ...size }
}

/** How far a place is from where it is to be, in px; null where it is not drawn. */
function away(draft: Draft, held: Held): number | null {
  const { block, at, share } = held
  const { top: edge, height: room } = scroller().getBoundingClientRect()
  // What comes over the text, or goes, pushes none of it.
  const isPushed = edge !== held.edge && scroller().clientWidth === held.width
  const below = held.below + (isPushed ? held.edge - edge : 0)
  if (at !== null) {
    const line = draft.page.topOf(block, at)
    return line === null ? null : line - edge - Math.max(edgePx, Math.min(below, room - 2 * lineHeightPx))
  }
  const box = blockNamed(block)?.getBoundingClientRect()
  return box ? box.top - edge - (share > 0 && !isPushed ? -share * box.height : Math.min(below, room / 2)) : null
}

/** Where the window, or what of it is the text's, changes its size, the line that one writes, else the clause at the top, stays where it is in view. */
export function useHeldPlace(draft: Draft): void {
  useEffect(() => {
    const desk = scroller()
    let held: Held | null = null
    /** Whether the person has gone elsewhere since what is held was looked up. */
    let isMoving = false
    let size = ""
    let height = 0
    let frame = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const sizeNow = (): string => `${desk.clientWidth} ${desk.clientHeight}`
    const look = (): void => {
      // What a change of size does to the place is not what the person went to.
      if (frame !== 0 || (size !== "" && size !== sizeNow())) return
      size = sizeNow()
      height = desk.clientHeight
      held = heldNow(draft)
      isMoving = false
    }
    const later = (): void => {
      isMoving = true
      clearTimeout(timer)
      timer = setTimeout(look, laterMs)
    }
    const stop = (): void => {
      cancelAnimationFrame(frame)
      frame = 0
    }
    const hold = (): void => {
      if (size === sizeNow()) return
      size = sizeNow()
      stop()
      if (isMoving) held = heldNow(draft, height)
      height = desk.clientHeight
      let steady = 0
      let left = mostFrames
      const goOn = (): void => {
        const far = held && away(draft, held)
        const before = desk.scrollTop
        if (far !== null && Math.abs(far) >= 1) desk.scrollTop += far
        steady = Math.abs(desk.scrollTop - before) < 1 ? steady + 1 : 0
        if (steady < steadyFrames && --left > 0) frame = requestAnimationFrame(goOn)
        else stop()
      }
      goOn()
    }
    const onHand = (): void => {
      if (frame !== 0) stop()
      later()
    }
    const sizes = new ResizeObserver(hold)
    sizes.observe(desk)
    const hands = ["wheel", "touchmove", "pointerdown", "keydown"] as const
    for (const hand of hands) addEventListener(hand, onHand, { capture: true, passive: true })
    desk.addEventListener("scroll", later, { passive: true })
    document.addEventListener("selectionchange", later)
    later()
    return () => {
      stop()
      clearTimeout(timer)
      sizes.disconnect()
      for (const hand of hands) removeEventListener(hand, onHand, { capture: true })
      desk.removeEventListener("scroll", later)
      document.removeEventListener("selectionchange", later)
    }
  }, [])
}
