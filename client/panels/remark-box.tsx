import { useId, useLayoutEffect, useRef } from "preact/hooks"
import { longestRemark } from "../../shared/comments/thread.ts"
import type { Draft } from "../draft/draft.ts"
import { type HalfWritten, remarkLength } from "../draft/remarks.ts"
import { numberOf } from "../ui/moment.ts"
import { SourceCode } from "../ui/source-code.tsx"

interface Wording {
  readonly label: string
  readonly button: string
}

const toTheMeeting: Wording = { label: "Comment, read by everyone in the meeting", button: "Send to the meeting" }
const reply: Wording = { label: "Reply, read by everyone in the meeting", button: "Reply" }

const keeps = "Closes the box; what is written stays here, not sent"

/** For whom a remark is sent, where that is not plain: the person writes for several, or began it for another than the one of now. */
function SentFor({ draft, half, id }: { draft: Draft; half: HalfWritten; id: string }) {
  const hat = draft.line.hat.value
  const as = half.as.value ?? hat
  if (as === null || hat === null || (draft.meeting.me.value.hats.length < 2 && as === hat)) return null
  return (
    <p class="sent-for" id={id}>
      Sent for <SourceCode code={as} look={draft.meeting.lookOf(as)} /> {draft.meeting.nameOf(as)}
      {as !== hat && (
        <>
          , for whom it was begun.{" "}
          <button type="button" class="quiet link" onClick={() => draft.remarks.takeOver(half)}>
            Send it for {draft.meeting.nameOf(hat)}
          </button>
        </>
      )}
    </p>
  )
}

/**
 * Where a remark is written. It takes the focus as soon as it is asked for; Ctrl+Enter sends; Escape gives the caret back and keeps what was written.
 * Where its card goes while one writes, the box on the card that comes has the focus and the caret. `note`: the id of a sentence about its subject.
 */
export function RemarkBox({ draft, half, note }: { draft: Draft; half: HalfWritten; note?: string }) {
  const { remarks } = draft
  const field = useRef<HTMLTextAreaElement>(null)
  const form = useRef<HTMLFormElement>(null)
  const isReply = half.target.on === "thread"
  const { label, button } = isReply ? reply : toTheMeeting
  const text = half.text.value
  const isOpen = remarks.open.value === half.key || text !== ""
  const length = remarkLength(text)
  const over = length - longestRemark
  const tooLong = useId()
  const sentFor = useId()
  const ruling = draft.rights.ruling("comment")
  const isAsked = remarks.focusAsked.value === half.key
  // At once, before the next key: what is typed then must not go into the draft.
  useLayoutEffect(() => {
    if (!isAsked || !field.current) return
    field.current.focus({ preventScroll: true })
    field.current.setSelectionRange(text.length, text.length)
    remarks.focusAsked.value = null
  }, [isAsked])
  useLayoutEffect(() => {
    const { current } = field
    const caret = remarks.takeUp(half)
    if (current && caret && (document.activeElement ?? document.body) === document.body) {
      current.focus({ preventScroll: true })
      current.setSelectionRange(...caret)
    }
    return () => {
      if (current && document.activeElement === current) remarks.letGo(half, current.selectionStart, current.selectionEnd)
    }
  }, [half.key])
  useLayoutEffect(() => {
    const { current } = field
    if (!current) return
    current.style.blockSize = "auto"
    current.style.blockSize = `${current.scrollHeight + 2}px`
  }, [text])
  const onKeyDown = (event: KeyboardEvent): void => {
    // An input method takes Escape and Enter for itself.
    if (event.isComposing) return
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit()
    else if (event.key === "Escape") remarks.close(half)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const submit = (): void => {
    if (text.trim() && ruling.isAllowed) void remarks.send(half)
    else field.current?.focus()
  }
  const onFocusOut = (event: FocusEvent): void => {
    const into = event.relatedTarget as Element | null
    if (into && !form.current?.contains(into)) remarks.leave(half)
  }
  return (
    <form
      ref={form}
      class={`remark-form ${isReply && !isOpen ? "is-waiting" : ""}`}
      onFocusOut={onFocusOut}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <textarea
        ref={field}
        aria-label={label}
        aria-describedby={[note, over > 0 ? tooLong : null, isOpen ? sentFor : null].filter(Boolean).join(" ") || undefined}
        aria-invalid={over > 0}
        placeholder={label}
        rows={isOpen ? 3 : 1}
        value={text}
        // An Arabic comment is written from the right.
        dir={text ? "auto" : undefined}
        onFocus={() => remarks.enter(half)}
        onInput={(event) => remarks.write(half, event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {isOpen && <SentFor draft={draft} half={half} id={sentFor} />}
      {!ruling.isAllowed && (
        <p class="box-note" role="status">
          {ruling.sentence} {text.trim() && "Your comment is not sent."}
        </p>
      )}
      {over > 0 && (
        <p class="box-note" id={tooLong} role="status">
          {numberOf(length)} of {numberOf(longestRemark)} letters: all of it is kept here. Shorten it by {numberOf(over)} to send it.
        </p>
      )}
      <div class="row">
        <button
          type="submit"
          class={isOpen ? "primary" : ""}
          title="Ctrl+Enter"
          disabled={(!isReply && !text.trim()) || over > 0 || !ruling.isAllowed || draft.acts.isBusy.value}
        >
          {button}
        </button>
        {isOpen && (
          <button type="button" class="quiet" title={keeps} onClick={() => remarks.close(half)}>
            {text.trim() ? "Later" : "Cancel"} <kbd>Esc</kbd>
          </button>
        )}
        {text.trim() && (
          <button type="button" class="quiet" onClick={() => remarks.discard(half)}>
            Discard
          </button>
        )}
      </div>
    </form>
  )
}
