import { useMemo } from "preact/hooks"
import { fileSaid, isOfFile, type Remark, type Thread } from "../../shared/comments/thread.ts"
import { mayResolve } from "../../shared/policy/policy.ts"
import { notStated } from "../../shared/schema/keys.ts"
import type { Draft } from "../draft/draft.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { momentOf } from "../ui/moment.ts"
import { SourceCode } from "../ui/source-code.tsx"
import { RemarkBox } from "./remark-box.tsx"
import { StateRemark } from "./whose.tsx"

// What was said in a thread, and the box for what is said next: on a card of its own, or on that of the change that it is about.

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

/** The remarks of a thread, in their order. */
export function ThreadBody({ draft, thread }: { draft: Draft; thread: Thread }) {
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

/** The box for a reply to a thread, and what becomes of it. */
export function TalkActs({ draft, thread }: { draft: Draft; thread: Thread }) {
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
