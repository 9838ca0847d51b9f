import type { ComponentChildren } from "preact"
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks"
import { useStays } from "./dialog.tsx"

/** Where the pointer was seen last, in pixels of the viewport. */
export interface PointerPlace {
  x: number
  y: number
}

/** Keeps where the pointer is, so that no question puts its buttons there. */
export function usePointer(): Readonly<PointerPlace> {
  const place = useRef<PointerPlace>({ x: -1_000, y: -1_000 })
  useEffect(() => {
    const onPointer = ({ clientX, clientY }: PointerEvent): void => {
      place.current.x = clientX
      place.current.y = clientY
    }
    const options = { capture: true, passive: true }
    const kinds = ["pointermove", "pointerdown"] as const
    for (const kind of kinds) addEventListener(kind, onPointer, options)
    return () => {
      for (const kind of kinds) removeEventListener(kind, onPointer, options)
    }
  }, [])
  return place.current
}

/** A button nearer to the pointer than this is under the next click, in px. */
const reachPx = 32
const edgePx = 8

/** Stands in the middle, unless a button would then lie where the pointer is: then wholly above or below it, where there is more room. */
function standAside(dialog: HTMLDialogElement, pointer: PointerPlace): void {
  const { style } = dialog
  style.cssText = ""
  const isUnder = [...dialog.querySelectorAll(":is(footer, .body) button")].some((button) => {
    const { left, right, top, bottom } = button.getBoundingClientRect()
    return pointer.x > left - reachPx && pointer.x < right + reachPx && pointer.y > top - reachPx && pointer.y < bottom + reachPx
  })
  if (!isUnder) return
  const above = pointer.y - reachPx
  const below = innerHeight - pointer.y - reachPx
  const isAbove = above > below
  style.marginBlock = "0"
  style.insetBlock = isAbove ? `auto ${innerHeight - above}px` : `${innerHeight - below}px auto`
  style.maxBlockSize = `${Math.max(above, below) - edgePx}px`
}

/**
 * Asks before something is done that is about many, or final. The act stands at the start, "Not now" at the end with the focus, and neither where the
 * pointer is: a key or a click that was meant for what came before does nothing.
 */
export function Question({
  title,
  act,
  kind,
  notNow = "Not now",
  isReady = true,
  changed = null,
  pointer,
  isTrue = () => true,
  onAct,
  onLook,
  onClose,
  children,
}: {
  title: string
  act: string
  kind: "yes" | "no" | "primary"
  notNow?: string
  isReady?: boolean
  /** What has become of that which was asked since one looked: the next press only says that one has seen it. */
  changed?: string | null
  pointer: Readonly<PointerPlace>
  /** Whether what stands here is still so, read at the press; where it is not nothing is done, and it says what has changed. */
  isTrue?: () => boolean
  onAct: () => void
  onLook?: () => void
  onClose: () => void
  children: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const stay = useRef<HTMLButtonElement>(null)
  const id = useId()
  const stays = useStays(dialog)
  useLayoutEffect(() => {
    dialog.current?.showModal()
    stay.current?.focus()
    if (dialog.current) standAside(dialog.current, pointer)
  }, [])
  return (
    <dialog
      ref={dialog}
      class="dialog question"
      role="alertdialog"
      aria-labelledby={id}
      onClose={onClose}
      onMouseDown={(event) => {
        // A press beside it takes the focus from nothing.
        if (event.target === dialog.current) event.preventDefault()
      }}
    >
      <h2 id={id}>{title}</h2>
      {stays && (
        <p class="problem stays" role="status">
          {stays}
        </p>
      )}
      {changed && (
        <p class="problem changed" role="status">
          {changed}
        </p>
      )}
      <div class="body">{children}</div>
      <footer>
        <button
          type="button"
          class={`act is-${changed ? "primary" : kind}`}
          disabled={!isReady}
          onClick={() => {
            if (changed) return onLook?.()
            if (!isTrue()) return
            dialog.current?.close()
            onAct()
          }}
        >
          {changed ? "I have looked" : act}
        </button>
        <button ref={stay} type="button" onClick={() => dialog.current?.close()}>
          {notNow} <kbd>Esc</kbd>
        </button>
      </footer>
    </dialog>
  )
}
