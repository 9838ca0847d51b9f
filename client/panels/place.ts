import { effect } from "@preact/signals"
import { useEffect } from "preact/hooks"
import type { Draft } from "../draft/draft.ts"
import type { RoomHere } from "../draft/room.ts"
import type { View } from "../editor/marks.ts"
import { rememberedHere, rememberHere } from "../meeting/shelf.ts"
import { viewNames } from "./views.ts"

/** What a window shows: the view, and which block stands how far below the upper edge, in px. */
interface Place {
  readonly view: View
  readonly source: string | null
  readonly block: string | null
  readonly below: number
}

const keyOf = (room: RoomHere): string => `clausula.place.${room.summary.id}`
/** How long the text is waited for, and how long the place is held while the heights of what was not drawn yet come out. */
const patienceMs = 20_000
const steadyFrames = 12

function kept(room: RoomHere): Place | null {
  try {
    const place = JSON.parse(rememberedHere(keyOf(room)) ?? "null") as Place | null
    return place && viewNames.some(([view]) => view === place.view) && Number.isFinite(place.below) ? place : null
  } catch {
    // Not written by us: the window opens at its beginning.
    return null
  }
}

const keep = (room: RoomHere, place: Place): void => rememberHere(keyOf(room), JSON.stringify(place))

/** What the text is scrolled in. */
export const scroller = (): HTMLElement => document.querySelector<HTMLElement>(".desk")!
const blocks = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(".paper:not([hidden]) .ProseMirror > *")]
const idOf = (block: HTMLElement): string | null => block.dataset.block ?? block.dataset.force ?? null

/** The first block that is seen, with its distance from the upper edge. */
export function placeNow(): Pick<Place, "block" | "below"> {
  const edge = scroller().getBoundingClientRect().top
  for (const block of blocks()) {
    const { bottom, top, height } = block.getBoundingClientRect()
    if (height > 0 && bottom > edge && idOf(block)) return { block: idOf(block), below: Math.round(top - edge) }
  }
  return { block: null, below: 0 }
}

/** A block that is drawn, by its id. */
export const blockNamed = (id: string): HTMLElement | undefined =>
  blocks().find((block) => idOf(block) === id && block.getBoundingClientRect().height > 0)

/** Scrolls to a place once it is there; whether it stands already. */
function approach({ block, below }: Place): boolean {
  const found = block === null ? undefined : blockNamed(block)
  if (!found) return false
  const away = found.getBoundingClientRect().top - scroller().getBoundingClientRect().top - below
  const before = scroller().scrollTop
  if (Math.abs(away) >= 1) scroller().scrollTop += away
  return Math.abs(scroller().scrollTop - before) < 1
}

const handActs = ["wheel", "touchstart", "pointerdown", "keydown"] as const

/** View and place survive a reload of the window: they are kept in it, and found again once the text is there. */
export function usePlace(draft: Draft): void {
  useEffect(() => {
    const place = kept(draft.room)
    let isReturning = place?.block != null
    let frame = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const save = (): void => {
      if (isReturning || blocks().length === 0) return
      keep(draft.room, { view: draft.page.view.value, source: draft.page.oneSource.value, ...placeNow() })
    }
    const later = (): void => {
      clearTimeout(timer)
      timer = setTimeout(save, 200)
    }
    const desk = scroller()
    const settle = (): void => {
      isReturning = false
      // Not while the click is on its way that ended it: Chromium 156 loses the page where what is hit is no longer laid out.
      requestAnimationFrame(() => requestAnimationFrame(() => desk.classList.remove("is-returning")))
      cancelAnimationFrame(frame)
    }
    if (place) {
      draft.page.oneSource.value = place.source
      draft.page.view.value = place.view
      const end = performance.now() + patienceMs
      let steady = 0
      const goOn = (): void => {
        steady = approach(place) ? steady + 1 : 0
        if (steady < steadyFrames && performance.now() < end) frame = requestAnimationFrame(goOn)
        else settle()
      }
      // Blocks that were never drawn have no true height yet.
      desk.classList.toggle("is-returning", isReturning)
      if (isReturning) frame = requestAnimationFrame(goOn)
    }
    const stop = effect(() => {
      void draft.page.view.value
      void draft.page.oneSource.value
      later()
    })
    desk.addEventListener("scroll", later, { passive: true })
    addEventListener("pagehide", save)
    for (const act of handActs) addEventListener(act, settle, { capture: true, passive: true })
    return () => {
      stop()
      settle()
      clearTimeout(timer)
      desk.removeEventListener("scroll", later)
      removeEventListener("pagehide", save)
      for (const act of handActs) removeEventListener(act, settle, { capture: true })
    }
  }, [])
}
