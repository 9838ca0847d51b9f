import type { ComponentChildren } from "preact"
import { useEffect, useRef } from "preact/hooks"

const edgePx = 8

/** Keeps a list within the window, whichever side its button stands on. */
function keepInside(list: HTMLElement): void {
  list.style.translate = ""
  const { left, right } = list.getBoundingClientRect()
  const away = Math.max(edgePx - left, Math.min(0, innerWidth - edgePx - right))
  if (away !== 0) list.style.translate = `${away}px 0`
}

/** A list of acts under a button. Escape closes it, wherever the focus is, and so does a press elsewhere, or an act that was taken. */
export function Menu({
  label,
  title,
  isReady = true,
  children,
}: {
  label: ComponentChildren
  title: string
  isReady?: boolean
  children: ComponentChildren
}) {
  const root = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const menu = root.current
    if (!menu) return
    const close = (): void => menu.removeAttribute("open")
    const onPress = (event: Event): void => {
      if (menu.open && event.target instanceof Node && !menu.contains(event.target)) close()
    }
    const onKey = (event: KeyboardEvent): void => {
      if (!menu.open || event.key !== "Escape") return
      event.preventDefault()
      event.stopImmediatePropagation()
      const hadFocus = menu.contains(document.activeElement)
      close()
      if (hadFocus) menu.querySelector("summary")?.focus()
    }
    const onTaken = (event: Event): void => {
      if (event.target instanceof Element && event.target.closest(".menu-list :is(button, a)")) close()
    }
    // Before it is painted: the browser tells of it by an event only afterwards, and the page would be wider for a moment.
    const opened = new MutationObserver(() => {
      const list = menu.querySelector<HTMLElement>(".menu-list")
      if (menu.open && list) keepInside(list)
    })
    opened.observe(menu, { attributeFilter: ["open"] })
    const kinds = ["pointerdown", "focusin"] as const
    // Before anything else sees them.
    for (const kind of kinds) addEventListener(kind, onPress, true)
    addEventListener("keydown", onKey, true)
    menu.addEventListener("click", onTaken)
    return () => {
      for (const kind of kinds) removeEventListener(kind, onPress, true)
      removeEventListener("keydown", onKey, true)
      menu.removeEventListener("click", onTaken)
      opened.disconnect()
    }
  }, [])
  return (
    <details ref={root} class="menu">
      <summary
        class="quiet"
        aria-disabled={!isReady}
        title={title}
        // The caret stays where it is: what is chosen is about its clause.
        onMouseDown={(event) => event.preventDefault()}
        onClick={(event) => {
          if (!isReady) event.preventDefault()
        }}
      >
        {label}
      </summary>
      <ul class="menu-list" onMouseDown={(event) => event.preventDefault()}>
        {children}
      </ul>
    </details>
  )
}
