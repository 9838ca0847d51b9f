import type { ComponentChildren } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { Icon } from "./icon.tsx"

/** A native modal dialog that is open while it is mounted. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    ref.current?.showModal()
  }, [])
  return (
    <dialog ref={ref} class="dialog" aria-label={title} onClose={onClose}>
      <header>
        <h2>{title}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={() => ref.current?.close()}>
          <Icon name="x" />
        </button>
      </header>
      {children}
    </dialog>
  )
}
