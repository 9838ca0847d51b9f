import type { ComponentChildren } from "preact"
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import type { Draft } from "../draft/draft.ts"
import { Icon } from "../ui/icon.tsx"
import type { Entry } from "./entries.ts"
import type { ClauseView, OpenCard } from "./margin-view.ts"
import { countOf, EntryRow } from "./rows.tsx"

const isFocusNowhere = (): boolean => (document.activeElement ?? document.body) === document.body

/**
 * All that stands at one clause, a row for each change and comment; the open one as a card among them. It takes the focus from the button that it has
 * taken the place of; Escape closes it.
 */
export function ClauseList({
  draft,
  clause,
  onOpen,
  onClose,
  cardOf,
}: {
  draft: Draft
  clause: ClauseView
  onOpen: (entry: Entry) => void
  onClose: () => void
  cardOf: (card: OpenCard) => ComponentChildren
}) {
  const { block, entries, cards } = clause
  const address = draft.text.addressOf(block)
  const root = useRef<HTMLElement>(null)
  const close = useRef(onClose)
  close.current = onClose
  useLayoutEffect(() => {
    if (isFocusNowhere()) root.current?.querySelector<HTMLElement>(".line, .title[tabindex]")?.focus({ preventScroll: true })
  }, [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.isComposing && isFocusNowhere()) close.current()
    }
    addEventListener("keydown", onKey)
    return () => removeEventListener("keydown", onKey)
  }, [])
  return (
    <section
      ref={root}
      class="card clause-list"
      aria-label={`All at ${address}`}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing) return
        event.stopPropagation()
        onClose()
      }}
    >
      <header>
        <span class="title">
          <b class="address" dir="auto">
            {address}
          </b>
          <span class="tag">{countOf(draft, entries)}</span>
        </span>
        <button type="button" class="quiet close" aria-label={`Close the list at ${address}`} onClick={onClose}>
          <Icon name="chevronUp" />
        </button>
      </header>
      {entries.map((entry) => {
        const card = cards.find((open) => open.entry.key === entry.key)
        return card ? <div key={card.key}>{cardOf(card)}</div> : <EntryRow key={entry.key} draft={draft} entry={entry} onOpen={onOpen} />
      })}
    </section>
  )
}
