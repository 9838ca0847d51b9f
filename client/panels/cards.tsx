import type { ComponentChildren } from "preact"
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks"
import type { Change } from "../../shared/changes/changes.ts"
import { isIncorporable } from "../../shared/changes/incorporate.ts"
import type { Part } from "../../shared/changes/part.ts"
import { standingSaid } from "../../shared/comments/place-of.ts"
import { fileSaid, isOfFile, type Remark, type Thread } from "../../shared/comments/thread.ts"
import { mayResolve } from "../../shared/policy/policy.ts"
import { notStated } from "../../shared/schema/keys.ts"
import type { Decision } from "../draft/acts.ts"
import type { Choice } from "../draft/choice.ts"
import type { Deciding } from "../draft/deciding.ts"
import type { Draft } from "../draft/draft.ts"
import type { Outlook } from "../draft/outlook.ts"
import type { HalfWritten } from "../draft/remarks.ts"
import type { RoomHere } from "../draft/room.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { Icon } from "../ui/icon.tsx"
import { styleOf } from "../ui/look.ts"
import { momentOf } from "../ui/moment.ts"
import { SourceCode } from "../ui/source-code.tsx"
import { Related } from "./related.tsx"
import { RemarkBox } from "./remark-box.tsx"
import { closeCard } from "./sheets.ts"
import { CardWords, isLong, shown } from "./words.tsx"

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

const CloseCard = ({ draft }: { draft: Draft }) => (
  <button type="button" class="quiet close" aria-label="Close the card" onClick={() => closeCard(draft.choice)}>
    <Icon name="x" />
  </button>
)

/** What a card has between its head and its acts: where the window has no room for all of it, it is scrolled, and the acts stay in view. */
function Inside({ children }: { children: ComponentChildren }) {
  const root = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const inside = root.current
    if (!inside) return
    // What is scrolled can be scrolled by the keyboard; what is not is no stop of the Tab key.
    const sizes = new ResizeObserver(() => {
      if (inside.scrollHeight > inside.clientHeight + 1) inside.tabIndex = 0
      else inside.removeAttribute("tabindex")
    })
    sizes.observe(inside)
    for (const part of inside.children) sizes.observe(part)
    return () => sizes.disconnect()
  })
  return (
    <div class="inside" ref={root}>
      {children}
    </div>
  )
}

/** The letters of a change that are selected in the text; null: none, all, or of several stretches. */
function selectedPart(choice: Choice, { segments }: Change): Part | null {
  const words = choice.selected.value
  if (!words) return null
  const found = segments.flatMap(({ block, from, to }, segment) => {
    const part = { segment, from: Math.max(words.from, from) - from, to: Math.min(words.to, to) - from }
    return block === words.block && part.from < part.to ? [{ part, isAll: part.to - part.from === to - from }] : []
  })
  const [only] = found
  return found.length === 1 && only && !(only.isAll && segments.length === 1) ? only.part : null
}

/** Decides on a card. The card goes, and with it the button that has the focus: the hand is then at the console, where the next act is. */
function decideOnCard(deciding: Deciding, change: Change, verdict: Decision, part?: Part): void {
  if (!document.activeElement?.closest(".changes-panel")) document.querySelector<HTMLElement>(".console")?.focus()
  deciding.decideOne(change.id, verdict, part)
}

/** What the text reads where one side of a replacement is accepted: what is left stands beside it, and that is known before. */
function partReads(outlook: Outlook, change: Change, part: Part): string {
  const reads = "side" in part ? outlook.sideReads(change, part.side) : null
  return reads === null ? "" : `${reads}; `
}

/** Decides a part of a change: of a replacement one side, or the words that are selected in the text. What is left stays open. */
function PartActs({ draft, change }: { draft: Draft; change: Change }) {
  const selected = selectedPart(draft.choice, change)
  // Of a replacement what is left stands beside the selected words.
  const reads = selected && change.kind === "replacement" ? draft.outlook.partSaid(change, selected) : null
  const decide = (verdict: Decision, part: Part): void => decideOnCard(draft.deciding, change, verdict, part)
  // On the button stands what its line does not say yet; its name says all of it.
  const act = (shown: string, name: string, verdict: Decision, part: Part) => (
    <button
      type="button"
      class="part"
      aria-label={name}
      disabled={draft.acts.isBusy.value}
      title={`${name}; ${partReads(draft.outlook, change, part)}what is left stays open`}
      onClick={() => decide(verdict, part)}
    >
      {shown}
    </button>
  )
  return (
    <>
      {selected && (
        <div class="parts">
          <span>Selection</span>
          {act("accept", "Accept the selected words", "accept", selected)}
          {act("not retained", "Selected words not retained", "notRetain", selected)}
        </div>
      )}
      {reads !== null && (
        <p class="together">
          Accepted, the text in force then reads <bdi>{reads}</bdi>.
        </p>
      )}
      {change.kind === "replacement" && (
        <div class="parts">
          <span>Accept only</span>
          {act("what goes", "Accept only what goes", "accept", { side: "out" })}
          {act("what comes", "Accept only what comes", "accept", { side: "in" })}
        </div>
      )}
    </>
  )
}

/** Decides on the selected words where they are selected: of the one open change that they are a part of. */
export function SelectedActs({ draft }: { draft: Draft }) {
  if (!draft.rights.mayDecide) return null
  const parts = draft.deciding.open.value.flatMap((change) => {
    const part = selectedPart(draft.choice, change)
    return part ? [{ change, part }] : []
  })
  const [only] = parts
  // Its open card beside the selection offers the same, and is not to be covered.
  if (!only || parts.length > 1 || draft.choice.chosen.value === only.change.id) return null
  const act = (name: ComponentChildren, verdict: Decision) => (
    <button
      type="button"
      class={`quiet ${verdict === "accept" ? "accept" : "not-retain"}`}
      disabled={draft.acts.isBusy.value}
      title={`${verdict === "accept" ? "Accept the selected words" : "Not retained"}: of the change by ${draft.meeting.nameOf(only.change.source)}; what is left stays open`}
      onClick={() => draft.deciding.decideOne(only.change.id, verdict, only.part)}
    >
      <Icon name={verdict === "accept" ? "check" : "x"} /> <span class="word">{name}</span>
    </button>
  )
  return (
    <>
      {act(
        <>
          Accept <span class="rest">the selected</span> words
        </>,
        "accept",
      )}
      {act("Not retained", "notRetain")}
    </>
  )
}

/** What can be done with a change by whom. */
function ChangeActs({ draft, change }: { draft: Draft; change: Change }) {
  const isOwn = change.source === draft.line.hat.value && draft.rights.ruling("withdraw").isAllowed
  const isInsideOwn =
    draft.line.hat.value !== null &&
    draft.rights.ruling("incorporate").isAllowed &&
    isIncorporable(draft.text.blocks.value, change, draft.line.hat.value)
  const isWriting = draft.remarks.open.value === draft.remarks.aboutChange(change.id)?.key
  // What is accepted and waits is decided.
  const mayDecide = draft.rights.mayDecide && !draft.text.noted.value.has(change.id)
  return (
    <footer class="acts">
      {mayDecide && (
        <div class="verdicts">
          <button
            type="button"
            class="accept"
            disabled={draft.acts.isBusy.value}
            onClick={() => decideOnCard(draft.deciding, change, "accept")}
          >
            <Icon name="check" /> Accept into text
          </button>
          <button
            type="button"
            class="not-retain"
            disabled={draft.acts.isBusy.value}
            onClick={() => decideOnCard(draft.deciding, change, "notRetain")}
          >
            <Icon name="x" /> Not retained
          </button>
        </div>
      )}
      {mayDecide && <PartActs draft={draft} change={change} />}
      <div class="row">
        {change.source === notStated && draft.rights.ruling("attribute").isAllowed && <StateSource draft={draft} change={change} />}
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

/** States whose a change is whose file did not say it; with it, those ticked that are not stated either. */
function StateSource({ draft, change }: { draft: Draft; change: Change }) {
  const ticked = draft.text.changes.value
    .filter((other) => other.source === notStated && draft.choice.ticked.value.has(other.id))
    .map((other) => other.id)
  const ids = ticked.includes(change.id) ? ticked : [change.id]
  return (
    <WhoseIsIt
      meeting={draft.meeting}
      asks={ids.length > 1 ? `Whose are these ${ids.length}?` : "Whose is it?"}
      onStated={(source) => void draft.acts.attribute(ids, source)}
    />
  )
}

/** States whose a remark of a file is that did not say it; with it, what the same author says in the thread. */
function StateRemark({ draft, thread, index }: { draft: Draft; thread: Thread; index: number }) {
  const { person } = thread.remarks[index]!
  const isIts = (other: Remark): boolean => other.source === notStated && other.person === person
  const all = thread.remarks.flatMap((other, i) => (isIts(other) && (i === index || person !== "") ? [i] : []))
  return (
    <WhoseIsIt
      meeting={draft.meeting}
      asks={all.length > 1 ? `Whose are these ${all.length} remarks?` : "Whose is it?"}
      onStated={(source) => void draft.acts.attributeRemarks(thread.id, all, source)}
    />
  )
}

function WhoseIsIt({ meeting, asks, onStated }: { meeting: MeetingHere; asks: string; onStated: (source: string) => void }) {
  return (
    <label class="state-source">
      {asks}{" "}
      <select value="" onChange={(event) => onStated(event.currentTarget.value)}>
        <option value="">Not stated</option>
        {meeting.me.value.sources
          .filter(({ code }) => meeting.me.value.hats.includes(code))
          .map(({ code, name }) => (
            <option key={code} value={code}>
              {name === code ? code : `${name} (${code})`}
            </option>
          ))}
      </select>
    </label>
  )
}

/** Who said something: here, or in a file that somebody brought. */
function SaidBy({ meeting, remark }: { meeting: MeetingHere; remark: Remark }) {
  const { person, source, at, broughtBy } = remark
  const when = at && <time dateTime={at}>{momentOf(at)}</time>
  const code = <SourceCode code={source} look={meeting.lookOf(source)} />
  if (isOfFile(remark))
    return (
      <p class="by">
        {code} {fileSaid(person === "" ? null : meeting.personName(person), broughtBy === undefined ? null : meeting.personName(broughtBy))}
        {when && <>; its date there: {when}</>}
      </p>
    )
  return (
    <p class="by">
      {code} <b class="name">{meeting.personName(person)}</b> {when}
    </p>
  )
}

function ThreadBody({ draft, thread }: { draft: Draft; thread: Thread }) {
  return (
    <>
      {thread.remarks.map((remark, i) => (
        // Remarks are only ever added at the end.
        <div key={i} class="remark">
          <SaidBy meeting={draft.meeting} remark={remark} />
          <p class="text" dir="auto">
            {remark.text}
          </p>
          {remark.source === notStated && draft.rights.ruling("attribute").isAllowed && (
            <StateRemark draft={draft} thread={thread} index={i} />
          )}
        </div>
      ))}
    </>
  )
}

// WAI-ARIA 1.3's role, which the types do not know yet.
const commentRole = { role: "comment" } as Record<string, string>

/** The box for a reply to a thread, and what becomes of it. */
function TalkActs({ draft, thread }: { draft: Draft; thread: Thread }) {
  const { remarks } = draft
  const mayComment = draft.rights.ruling("comment").isAllowed
  const ruling = mayResolve(
    { role: draft.meeting.me.value.role, hat: draft.line.hat.value },
    thread.remarks[0]?.source ?? "",
    draft.room.meta.value,
  )
  const half = remarks.aboutThread(thread.id)
  // What was sent or thrown away leaves nothing in the box: the next one is another.
  const blank = useMemo(() => remarks.blank({ on: "thread", block: thread.anchor.block, thread: thread.id }), [thread.id, half?.kept])
  return (
    <>
      {(half || (mayComment && !thread.isResolved)) && <RemarkBox draft={draft} half={half ?? blank} />}
      {ruling.isAllowed && mayComment && (
        <footer class="row">
          <button type="button" class="quiet" onClick={() => void draft.acts.setResolved(thread.id, !thread.isResolved)}>
            {thread.isResolved ? "Reopen" : "Resolve"}
          </button>
        </footer>
      )}
    </>
  )
}

/** A card of one comment thread. */
export function ThreadCard({ draft, thread }: { draft: Draft; thread: Thread }) {
  const isChosen = draft.choice.chosen.value === thread.id
  const place = draft.text.places.value.get(thread.id)
  const block = place?.block ?? thread.anchor.block
  const about = place && standingSaid(place)
  return (
    <div
      class={`card thread ${isChosen ? "is-chosen" : ""} ${thread.isResolved ? "is-resolved" : ""}`}
      {...commentRole}
      data-card={thread.id}
    >
      <header>
        <button type="button" class="quiet title" onClick={() => draft.choice.look(thread.id, block, place?.from)}>
          <Icon name="messageSquare" />
          <b>Comment</b>
          <span class="address" dir="auto">
            {draft.text.addressOfThread(thread)}
          </span>
          {thread.isResolved && <span class="tag">resolved</span>}
        </button>
        <CloseCard draft={draft} />
      </header>
      <Inside>
        {about && <p class="note standing">{about}</p>}
        {thread.anchor.on === "words" && <blockquote dir="auto">{shown(thread.anchor.quote, 80)}</blockquote>}
        <ThreadBody draft={draft} thread={thread} />
      </Inside>
      <TalkActs draft={draft} thread={thread} />
    </div>
  )
}

/** What became of a change while somebody wrote about it. */
function goneBy(room: RoomHere, change: string): string {
  const status = room.proposals.value.find(([id]) => id === change)?.[1].status
  switch (status) {
    case "withdrawn":
      return "Its author has withdrawn the change meanwhile."
    case "accepted":
    case "acceptedWithHost":
      return "The change has been accepted meanwhile."
    case "notRetained":
      return "The change was not retained meanwhile."
    case "superseded":
      return "The change has gone with the proposal that it stood in."
    case "overtaken":
      return "The change has been overtaken by other words."
    case "incorporated":
      return "The change has been taken into another proposal."
    case undefined:
      return "The change is no longer there: its author has taken it back, or made another of it."
    default:
      return status satisfies never
  }
}

/** What a remark is about that nothing else in the margin stands for. */
function subjectOf(draft: Draft, half: HalfWritten): string | null {
  const { target } = half
  if (target.on === "change") return `${goneBy(draft.room, target.change)} Your comment will be on its clause.`
  if (target.on === "thread") return "The comment has been resolved meanwhile. Your reply will be beneath it."
  if (target.on === "clause") return null
  return draft.remarks.placeOf(target)?.isGone === false ? null : "These words are gone. Your comment will be on their clause."
}

/** A card in which a comment on words or on a clause is written. */
export function RemarkCard({ draft, half }: { draft: Draft; half: HalfWritten }) {
  const { target } = half
  const place = draft.remarks.placeOf(target)
  const subject = subjectOf(draft, half)
  const note = useId()
  return (
    <article class="card thread remark-card is-chosen" aria-label="A comment that you write">
      <header>
        <p class="title">
          <Icon name="messageSquare" />
          <b>Comment</b>
          <span class="address" dir="auto">
            {draft.text.addressOf(place?.block ?? target.block)}
          </span>
        </p>
        <button type="button" class="quiet close" aria-label="Put it aside" onClick={() => draft.remarks.close(half)}>
          <Icon name="x" />
        </button>
      </header>
      {target.on === "words" && <blockquote dir="auto">{shown(target.quote, 80)}</blockquote>}
      {subject && (
        <p class="note" id={note}>
          {place ? subject : "The clause is gone. Copy your words and comment elsewhere."}
        </p>
      )}
      <RemarkBox draft={draft} half={half} {...(subject ? { note } : {})} />
    </article>
  )
}
