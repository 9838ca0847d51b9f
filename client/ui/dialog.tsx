import type { ComponentChildren, RefObject } from "preact"
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
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

/** Whether a dialog asks something, rather than shows it. */
export const asks = (dialog: HTMLDialogElement): boolean => dialog.getAttribute("role") === "alertdialog"

/** What an open dialog says of why it stays; "" while nothing has asked it to go. */
export function useStays(dialog: RefObject<HTMLDialogElement>): string {
  const [stays, setStays] = useState("")
  useEffect(() => {
    const onStays = (event: Event): void => setStays((event as CustomEvent<string>).detail)
    const element = dialog.current
    element?.addEventListener("stays", onStays)
    return () => element?.removeEventListener("stays", onStays)
  }, [])
  return stays
}

/** A native modal dialog that is open while it is mounted. `holds`: why it does not close for a key that opens something else. `isQuestion`: it asks something. */
export function Dialog({
  title,
  holds,
  isQuestion = false,
  onClose,
  children,
}: {
  title: string
  holds?: string | undefined
  isQuestion?: boolean
  onClose: () => void
  children: ComponentChildren
}) {
  const ref = useRef<HTMLDialogElement>(null)
  const stays = useStays(ref)
  // At once: a key that comes before the next picture finds it open.
  useLayoutEffect(() => ref.current?.showModal(), [])
  return (
    <dialog
      ref={ref}
      class="dialog"
      role={isQuestion ? "alertdialog" : undefined}
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
