import { useState } from "preact/hooks"
import type { Change } from "../../shared/changes/changes.ts"
import { isIncorporable } from "../../shared/changes/incorporate.ts"
import { quoted } from "../../shared/clauses/notes.ts"
import type { Thread } from "../../shared/comments/thread.ts"
import { mayResolve } from "../../shared/policy/policy.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { targetOf } from "../../shared/schema/structure.ts"
import type { Draft } from "../draft.ts"
import { Icon } from "../ui/icon.tsx"
import { SourceCode } from "../ui/source-code.tsx"

const moment = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })

const shorten = (text: string, most = 160): string => quoted(text.length > most ? `${text.slice(0, most - 1)}…` : text)

/** Where a move leads, in the words of the room. */
function Target({ draft, change }: { draft: Draft; change: Change }) {
  const [first] = change.structure
  if (first?.proposal.kind !== "move") return null
  return <> {first.proposal.after === null ? "to the front" : `behind ${draft.addressOf(first.proposal.after)}`}</>
}

function What({ draft, change }: { draft: Draft; change: Change }) {
  const inserted = <ins>{shorten(change.inserted)}</ins>
  const deleted = <del>{shorten(change.deleted)}</del>
  const own = <q>{shorten(change.structure.map((part) => part.text).join(" … "))}</q>
  switch (change.kind) {
    case "insertion":
      return <>insert {inserted}</>
    case "deletion":
      return <>delete {deleted}</>
    case "replacement":
      return (
        <>
          replace {deleted} by {inserted}
        </>
      )
    case "new clause":
      return <>new clause {inserted}</>
    case "split":
      return <>split the clause at ¶</>
    case "join":
      return <>join to the clause above: {own}</>
    case "clause deletion":
      return <>delete the clause {deleted}</>
    case "move":
      return (
        <>
          move {own}
          <Target draft={draft} change={change} />
        </>
      )
    case "level change":
      return (
        <>
          put {own} at level {change.structure.map(({ proposal }) => targetOf(proposal)).join(", ")}
        </>
      )
    default:
      return change.kind satisfies never
  }
}

/** A form of one text field; Ctrl+Enter sends. */
export function RemarkForm({
  label,
  button,
  onSend,
  onCancel,
}: {
  label: string
  button: string
  onSend: (text: string) => Promise<boolean>
  onCancel?: () => void
}) {
  const [text, setText] = useState("")
  const send = async (): Promise<void> => {
    if (text.trim() && (await onSend(text.trim()))) setText("")
  }
  return (
    <form
      class="remark-form"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <textarea
        aria-label={label}
        placeholder={label}
        rows={2}
        value={text}
        maxLength={4000}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send()
          if (event.key === "Escape") onCancel?.()
        }}
      />
      <div class="row">
        <button type="submit" disabled={!text.trim()}>
          {button}
        </button>
        {onCancel && (
          <button type="button" class="quiet" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  )
}

/** A card of one open change. */
export function ChangeCard({ draft, change }: { draft: Draft; change: Change }) {
  const [isCommenting, setCommenting] = useState(false)
  const isChosen = draft.chosen.value === change.id
  const isOwn = change.source === draft.hat.value && draft.ruling("withdraw").isAllowed
  const isInsideOwn =
    isChosen &&
    draft.hat.value !== null &&
    draft.ruling("incorporate").isAllowed &&
    isIncorporable(draft.blocks.value, change, draft.hat.value)
  const threads = draft.threads.value.filter((thread) => thread.anchor.on === "change" && thread.anchor.change === change.id)
  const entry = draft.proposals.value.find(([id]) => id === change.id)?.[1]
  return (
    <article
      class={`card change ${isChosen ? "is-chosen" : ""}`}
      style={{ "--tone": `var(--source-${draft.colourOf(change.source)})` }}
      data-card={change.id}
    >
      <header>
        {draft.mayDecide && (
          <input
            type="checkbox"
            aria-label={`Select the change by ${draft.nameOf(change.source)} at ${draft.addressOf(change.block)}`}
            checked={draft.ticked.value.has(change.id)}
            onChange={(event) => draft.tick(change.id, event.currentTarget.checked)}
          />
        )}
        <button type="button" class="quiet title" onClick={() => draft.choose(change.id)}>
          <SourceCode code={change.source} tone={draft.colourOf(change.source)} />
          <b>{draft.nameOf(change.source)}</b>
          <span class="address" dir="auto">
            {draft.addressOf(change.block)}
          </span>
        </button>
      </header>
      <p class="what" dir="auto">
        <What draft={draft} change={change} />
      </p>
      {entry?.status === "acceptedWithHost" && <p class="note">Accepted: takes effect with the proposal around it.</p>}
      {threads.map((thread) => (
        <ThreadBody key={thread.id} draft={draft} thread={thread} />
      ))}
      {isChosen && (
        <footer class="row">
          {draft.mayDecide && (
            <>
              <button
                type="button"
                class="accept"
                disabled={draft.isBusy.value}
                onClick={() => draft.deciding.decideOne(change.id, "accept")}
              >
                <Icon name="check" /> Accept into text
              </button>
              <button
                type="button"
                class="not-retain"
                disabled={draft.isBusy.value}
                onClick={() => draft.deciding.decideOne(change.id, "notRetain")}
              >
                <Icon name="x" /> Not retained
              </button>
            </>
          )}
          {change.source === notStated && draft.ruling("attribute").isAllowed && <StateSource draft={draft} change={change} />}
          {isOwn && (
            <button type="button" onClick={() => void draft.acts.withdraw([change.id])}>
              Withdraw
            </button>
          )}
          {isInsideOwn && (
            <button
              type="button"
              title="It becomes part of your proposal; the record names whose words they were"
              onClick={() => void draft.acts.incorporate([change.id])}
            >
              Take into ours
            </button>
          )}
          {draft.ruling("comment").isAllowed && !isCommenting && (
            <button type="button" class="quiet" onClick={() => setCommenting(true)}>
              <Icon name="messageSquare" /> Comment
            </button>
          )}
        </footer>
      )}
      {isChosen && isCommenting && (
        <RemarkForm
          label="Comment, read by everyone in the meeting"
          button="Send to the meeting"
          onCancel={() => setCommenting(false)}
          onSend={async (text) => {
            const isSent = await draft.acts.comment({ on: "change", block: change.block, change: change.id }, text)
            if (isSent) setCommenting(false)
            return isSent
          }}
        />
      )}
    </article>
  )
}

/** States whose a change is whose file did not say it; with it, those ticked that are not stated either. */
function StateSource({ draft, change }: { draft: Draft; change: Change }) {
  const ticked = draft.changes.value
    .filter((other) => other.source === notStated && draft.ticked.value.has(other.id))
    .map((other) => other.id)
  const ids = ticked.includes(change.id) ? ticked : [change.id]
  return (
    <label class="state-source">
      {ids.length > 1 ? `Whose are these ${ids.length}?` : "Whose is it?"}{" "}
      <select value="" onChange={(event) => void draft.acts.attribute(ids, event.currentTarget.value)}>
        <option value="">Not stated</option>
        {draft.me.sources.map(({ code, name }) => (
          <option key={code} value={code}>
            {name === code ? code : `${name} (${code})`}
          </option>
        ))}
      </select>
    </label>
  )
}

function ThreadBody({ draft, thread }: { draft: Draft; thread: Thread }) {
  return (
    <>
      {thread.remarks.map((remark, i) => (
        // Remarks are only ever added at the end.
        <div key={i} class="remark">
          <p class="by">
            <SourceCode code={remark.source} tone={draft.colourOf(remark.source)} /> <b>{draft.personName(remark.person)}</b>{" "}
            {remark.at && <time dateTime={remark.at}>{moment.format(new Date(remark.at))}</time>}
          </p>
          <p class="text" dir="auto">
            {remark.text}
          </p>
        </div>
      ))}
    </>
  )
}

// WAI-ARIA 1.3's role, which the types do not know yet.
const commentRole = { role: "comment" } as Record<string, string>

/** A card of one comment thread. */
export function ThreadCard({ draft, thread }: { draft: Draft; thread: Thread }) {
  const isChosen = draft.chosen.value === thread.id
  const mayComment = draft.ruling("comment").isAllowed
  const ruling = mayResolve({ role: draft.me.role, hat: draft.hat.value }, thread.remarks[0]?.source ?? "", draft.meta.value)
  return (
    <div
      class={`card thread ${isChosen ? "is-chosen" : ""} ${thread.isResolved ? "is-resolved" : ""}`}
      {...commentRole}
      data-card={thread.id}
    >
      <button type="button" class="quiet title" onClick={() => draft.choose(thread.id)}>
        <Icon name="messageSquare" />
        <span class="address" dir="auto">
          {draft.addressOf(thread.anchor.block)}
        </span>
        {thread.isResolved && <span class="tag">resolved</span>}
      </button>
      {thread.anchor.on === "words" && <blockquote dir="auto">{shorten(thread.anchor.quote, 80)}</blockquote>}
      <ThreadBody draft={draft} thread={thread} />
      {isChosen && (
        <>
          {mayComment && !thread.isResolved && (
            <RemarkForm
              label="Reply, read by everyone in the meeting"
              button="Reply"
              onSend={(text) => draft.acts.reply(thread.id, text)}
            />
          )}
          {ruling.isAllowed && (
            <footer class="row">
              <button type="button" class="quiet" onClick={() => void draft.acts.setResolved(thread.id, !thread.isResolved)}>
                {thread.isResolved ? "Reopen" : "Resolve"}
              </button>
            </footer>
          )}
        </>
      )}
    </div>
  )
}
