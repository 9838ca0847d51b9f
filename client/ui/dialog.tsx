import type { ComponentChildren } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"
import { Icon } from "./icon.tsx"

/** Fields in which somebody wrote. */
const written = new WeakSet<EventTarget>()

const isText = ({ type }: HTMLInputElement): boolean => !["checkbox", "radio", "file"].includes(type)

/** Why a dialog does not close for a key that opens something else: something was written or begun in it. Null: it closes. */
export function whyItStays(dialog: HTMLDialogElement): string | null {
  const { holds } = dialog.dataset
  if (holds) return holds
  const fields = [...dialog.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("textarea, input")]
  return fields.some((field) => written.has(field) && field.value.trim())
    ? "What you wrote here would be lost: finish it, or close this first."
    : null
}

/** A native modal dialog that is open while it is mounted. `holds`: why it does not close for a key that opens something else. */
export function Dialog({
  title,
  holds,
  onClose,
  children,
}: {
  title: string
  holds?: string | undefined
  onClose: () => void
  children: ComponentChildren
}) {
  const ref = useRef<HTMLDialogElement>(null)
  const [stays, setStays] = useState("")
  useEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    const onStays = (event: Event): void => setStays((event as CustomEvent<string>).detail)
    dialog?.addEventListener("stays", onStays)
    return () => dialog?.removeEventListener("stays", onStays)
  }, [])
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-label={title}
      data-holds={holds}
      onInput={({ target }) => {
        if (target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && isText(target))) written.add(target)
      }}
      onClose={onClose}
    >
      <header>
        <h2>{title}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={() => ref.current?.close()}>
          <Icon name="x" />
        </button>
      </header>
      {stays && (
        <p class="problem stays" role="status">
          {stays}
        </p>
      )}
      {children}
    </dialog>
  )
}
