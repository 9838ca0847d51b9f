import type { ComponentChildren } from "preact"
import { useEffect, useRef } from "preact/hooks"

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
    const kinds = ["pointerdown", "focusin"] as const
    // Before anything else sees them.
    for (const kind of kinds) addEventListener(kind, onPress, true)
    addEventListener("keydown", onKey, true)
    menu.addEventListener("click", onTaken)
    return () => {
      for (const kind of kinds) removeEventListener(kind, onPress, true)
      removeEventListener("keydown", onKey, true)
      menu.removeEventListener("click", onTaken)
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
