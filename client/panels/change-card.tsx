import { useEffect, useState } from "preact/hooks"
import type { Change } from "../../shared/changes/changes.ts"
import { isIncorporable } from "../../shared/changes/incorporate.ts"
import { fileSaid } from "../../shared/comments/thread.ts"
import { notStated } from "../../shared/schema/keys.ts"
import type { Draft } from "../draft/draft.ts"
import { Icon } from "../ui/icon.tsx"
import { styleOf } from "../ui/look.ts"
import { momentOf } from "../ui/moment.ts"
import { SourceCode } from "../ui/source-code.tsx"
import { CloseCard, Inside } from "./card-frame.tsx"
import { Related } from "./related.tsx"
import { RemarkBox } from "./remark-box.tsx"
import { TalkActs, ThreadBody } from "./talk.tsx"
import { VerdictActs } from "./verdict-acts.tsx"
import { StateSource } from "./whose.tsx"
import { CardWords, isLong } from "./words.tsx"

/** A card of one open change: whose it is, what goes and what comes, who entered it, what was said about it, and what can be done. */
export function ChangeCard({ draft, change }: { draft: Draft; change: Change }) {
  const [isFull, setFull] = useState(false)
  const { remarks } = draft
  const { chosen } = draft.choice
  const places = draft.text.places.value
  const threads = draft.room.threads.value.filter(
    ({ id }) => places.get(id)?.change?.status === "open" && places.get(id)?.change?.id === change.id,
  )
  const status = draft.room.proposals.value.find(([id]) => id === change.id)?.[1].status
  const half = remarks.aboutChange(change.id)
  const writing = draft.line.beingWritten.said(change)
  return (
    <article
      class={`card change ${chosen.value === change.id ? "is-chosen" : ""}`}
      style={styleOf(draft.meeting.lookOf(change.source))}
      data-card={change.id}
    >
      <header>
        <Tick draft={draft} change={change} />
        <button type="button" class="quiet title" onClick={() => draft.choice.look(change.id, change.block, change.segments[0]?.from)}>
          <SourceCode code={change.source} look={draft.meeting.lookOf(change.source)} />
          <b class="name">{draft.meeting.nameOf(change.source)}</b>
          <span class="address" dir="auto">
            {draft.text.addressOf(change.block)}
          </span>
        </button>
        <CloseCard draft={draft} />
      </header>
      <Inside>
        <CardWords text={draft.text} change={change} {...(isFull ? { most: Number.POSITIVE_INFINITY } : {})} />
        {isLong(change) && (
          <button type="button" class="quiet all-words" aria-expanded={isFull} onClick={() => setFull(!isFull)}>
            {isFull ? "Fewer words" : "All words"}
          </button>
        )}
        {writing ? (
          // In the place of a line of the same height: no button moves under a hand.
          <p class="entered is-writing">{writing}</p>
        ) : (
          <EnteredBy draft={draft} change={change} />
        )}
        <Related draft={draft} change={change} />
        {status === "acceptedWithHost" && (
          <p class="note">
            {draft.text.inPart.value.has(change.id)
              ? "Accepted, and in part in the text: the rest takes effect with the proposal around it, and goes with that."
              : "Accepted: takes effect with the proposal around it, and goes with that."}{" "}
            It is no longer open; the record can take it back.
          </p>
        )}
        {threads.map((thread) => (
          <section key={thread.id} class="talk" aria-label="Comment on the change">
            <ThreadBody draft={draft} thread={thread} />
            <TalkActs draft={draft} thread={thread} />
          </section>
        ))}
      </Inside>
      <ChangeActs draft={draft} change={change} />
      {half && <RemarkBox draft={draft} half={half} />}
    </article>
  )
}

/** Ticks a change for a decision on several. What is accepted and waits is decided: it has none. */
export function Tick({ draft, change }: { draft: Draft; change: Change }) {
  if (!draft.rights.mayDecide || draft.text.noted.value.has(change.id)) return null
  return (
    <input
      type="checkbox"
      aria-label={`Select the change by ${draft.meeting.nameOf(change.source)} at ${draft.text.addressOf(change.block)}`}
      checked={draft.choice.ticked.value.has(change.id)}
      onChange={(event) => draft.choice.tick(change.id, event.currentTarget.checked)}
    />
  )
}

/** Who entered a change: for its own delegation, for another, or in a file. */
function EnteredBy({ draft, change }: { draft: Draft; change: Change }) {
  useEffect(() => void draft.acts.entered.ask(change.id), [change.id])
  const entered = draft.acts.entered.of(change.id).value
  if (!entered) return null
  const { how, by, at, broughtBy } = entered
  const when = at && <time dateTime={at}>{momentOf(at)}</time>
  if (how === "for")
    return (
      <p class="entered is-for">
        <b>Entered for {draft.meeting.nameOf(change.source)}</b> by {by}, secretariat, {when}
      </p>
    )
  if (how === "file")
    return (
      <p class="entered">
        {fileSaid(by, broughtBy)}
        {when && <>, {when}</>}
      </p>
    )
  return (
    <p class="entered">
      Entered by {by}, {when}
    </p>
  )
}

/** What can be done with a change by whom. */
function ChangeActs({ draft, change }: { draft: Draft; change: Change }) {
  // What is accepted and waits is decided.
  const isOpen = !draft.text.noted.value.has(change.id)
  const isOwn = isOpen && change.source === draft.line.hat.value && draft.rights.ruling("withdraw").isAllowed
  const isInsideOwn =
    draft.line.hat.value !== null &&
    draft.rights.ruling("incorporate").isAllowed &&
    isIncorporable(draft.text.blocks.value, change, draft.line.hat.value, draft.text.noted.value)
  const isWriting = draft.remarks.open.value === draft.remarks.aboutChange(change.id)?.key
  return (
    <footer class="acts">
      <VerdictActs draft={draft} change={change} />
      <div class="row">
        {isOpen && change.source === notStated && draft.rights.ruling("attribute").isAllowed && (
          <StateSource draft={draft} change={change} />
        )}
        {isOwn && (
          <button type="button" onClick={() => draft.deciding.withdraw(change.id)}>
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
        {draft.rights.ruling("comment").isAllowed && !isWriting && (
          <button type="button" class="quiet" onClick={() => draft.remarks.begin({ on: "change", block: change.block, change: change.id })}>
            <Icon name="messageSquare" /> Comment
          </button>
        )}
      </div>
    </footer>
  )
}
