import type { Meaning } from "../../shared/changes/carried.ts"
import type { Change } from "../../shared/changes/changes.ts"
import type { Competing } from "../../shared/changes/chosen.ts"
import type { Verdict } from "../../shared/changes/effects.ts"
import type { Part } from "../../shared/changes/part.ts"
import { changeSaid, listed } from "../../shared/changes/pieces.ts"
import { withNamesakes, writtenFor } from "../../shared/sync/roots.ts"
import type { Asked } from "../draft/deciding.ts"
import type { Draft } from "../draft/draft.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { type PointerPlace, Question } from "../ui/question.tsx"
import { count } from "../ui/words.ts"
import { byBlock, bySource, ChangesByDelegation, placesOf, Told } from "./changes-told.tsx"
import { isOfPieces } from "./words.tsx"

/** Letters that a question quotes of each piece of a change. */
const mostOfPiece = 100

/** That what the secretariat does is the chair's decision. */
export const onWord = (meeting: MeetingHere): string =>
  meeting.me.value.role === "secretary" ? " It is entered as decided by the chair." : ""

/** What a question on one change asks, and the name of its act. */
function onOne(draft: Draft, change: Change, verdict: Verdict, part: Part | null): { title: string; act: string; said: string } {
  const name = draft.meeting.nameOf(change.source)
  const place = listed(placesOf(draft.text, [change]))
  if (verdict === "withdraw")
    return {
      title: `Withdraw the change by ${name} in ${place}?`,
      act: "Withdraw it",
      said: "What others have open inside it stays open; what was accepted inside it falls with it.",
    }
  if (part)
    return {
      title:
        verdict === "accept"
          ? `Accept a part of the change by ${name} in ${place}?`
          : `Not retain a part of the change by ${name} in ${place}?`,
      act: verdict === "accept" ? "Accept the part" : "Not retain the part",
      said: "What is left of it stays open.",
    }
  if (verdict === "notRetain")
    return {
      title: `Not retain the change by ${name} in ${place}?`,
      act: "Not retain it",
      said: "Its words stay in the record of decisions.",
    }
  if (isOfPieces(change))
    return {
      title: `Accept the change by ${name} in ${place}?`,
      act: "Accept it into the text",
      said: `It does all of this: ${changeSaid(change, (block) => draft.text.addressOf(block), mostOfPiece)}.`,
    }
  if (change.kind === "clause deletion") return { title: `Delete ${place}?`, act: "Delete the clause", said: `${name} proposes it.` }
  return { title: `Accept the change by ${name} in ${place}?`, act: "Accept it into the text", said: "" }
}

const isAre = (n: number): string => (n === 1 ? "is" : "are")

/** What happens to the words of what is decided. */
function onMany(verdict: Verdict, covered: readonly Change[], { waiting, inPart, struck }: Meaning): string {
  const delegations = (changes: readonly Change[]): string => count(bySource(changes).size, "delegation")
  if (verdict === "notRetain") return `Proposals of ${delegations(covered)} leave the text. Their words stay in the record of decisions.`
  const later = covered.filter(({ id }) => waiting.has(id) && !inPart.has(id))
  const partly = covered.filter(({ id }) => waiting.has(id) && inPart.has(id))
  const out = covered.filter(({ id }) => struck.has(id))
  const now = covered.filter(({ id }) => !waiting.has(id) && !struck.has(id))
  const are = (some: readonly Change[]): string => `${count(some.length, "change")} of ${delegations(some)} ${isAre(some.length)} accepted`
  return [
    now.length > 0 ? `Proposals of ${delegations(now)} enter the text.` : "",
    partly.length > 0 ? `${are(partly)} and in part in the text at once; the rest takes effect only with the proposal around.` : "",
    later.length > 0
      ? `${are(later)} and ${later.length === 1 ? "takes" : "take"} effect only with the proposal around ${later.length === 1 ? "it" : "them"}.`
      : "",
    out.length > 0 ? `${are(out)}, of which nothing comes into the text: accepted deletions take the words out.` : "",
  ]
    .filter(Boolean)
    .join(" ")
}

/** Of one change that is to be accepted: that it waits, as a whole or in part, or that nothing comes of it. */
function waitOfOne(id: string, { waiting, inPart, struck }: Meaning): string {
  if (struck.has(id)) return " Nothing of it comes into the text: accepted deletions take its words out."
  if (!waiting.has(id)) return ""
  return inPart.has(id)
    ? " A part of it takes effect at once; the rest takes effect only with the proposal around it."
    : " It takes effect only with the proposal around it."
}

/** Asks before a decision on many changes, or on one with which others end: what is decided, what goes along, what is left out and why. */
export function AskDecision({ draft, asked, pointer }: { draft: Draft; asked: Asked & { kind: "decide" }; pointer: PointerPlace }) {
  const { verdict, one, part, which, meant, isChanged } = asked
  const { deciding } = draft
  const openOf = (wanted: ReadonlySet<string>): Change[] => draft.text.changes.value.filter((change) => wanted.has(change.id))
  const covered = openOf(meant.decided)
  const proposals = draft.room.proposals.value
  const known = new Map(proposals)
  const lapsing = withNamesakes(proposals, openOf(meant.lapsed))
  const isInPart = (id: string): boolean => meant.inPart.has(writtenFor(known, id))
  const leftOutAs = (kind: Competing["kind"]): Change[][] =>
    meant.leftOut.filter((group) => group.kind === kind).map(({ changes }) => openOf(new Set(changes)))
  const many = `${count(covered.length, "change")}${which && ` ${which}`}`
  const only = one === null ? undefined : covered.find(({ id }) => id === one)
  const asks = only
    ? onOne(draft, only, verdict, part)
    : {
        title: verdict === "accept" ? `Accept ${many}?` : `Not retain ${many}?`,
        act: verdict === "accept" ? `Accept ${count(covered.length, "change")}` : `Not retain ${count(covered.length, "change")}`,
        said: onMany(verdict, covered, meant),
      }
  return (
    <Question
      title={asks.title}
      act={asks.act}
      kind={verdict === "accept" && !meant.ended.size ? "yes" : "no"}
      isReady={covered.length > 0}
      changed={isChanged ? "Something has changed since this was asked. What stands here is as it is now: look at it again." : null}
      pointer={pointer}
      isTrue={() => deciding.isTrue()}
      onAct={() => deciding.confirm()}
      onLook={() => deciding.look()}
      onClose={() => deciding.cancel()}
    >
      <p class="soft">
        {asks.said}
        {only && verdict === "accept" && waitOfOne(only.id, meant)}
        {verdict !== "withdraw" && onWord(draft.meeting)}
      </p>
      {!only && <ChangesByDelegation draft={draft} changes={covered} />}
      <Told
        draft={draft}
        groups={byBlock(openOf(meant.same))}
        title={(many) => `Decided along, ${many}`}
        why="they say the same, and are decided once, for all."
      />
      <Told
        draft={draft}
        groups={byBlock(withNamesakes(proposals, openOf(meant.overtaken)))}
        title={(many) => `Ended by it, ${many}`}
        why="they compete with what is accepted. Their words stay in the record of decisions."
      />
      <Told
        draft={draft}
        groups={byBlock(openOf(meant.ended))}
        hasWords={only !== undefined}
        title={(many) => `Ended with it, ${many}`}
        why="the words or the clause that they stand in go. Their words stay in the record of decisions."
      />
      <Told
        draft={draft}
        groups={byBlock(lapsing.filter(({ id }) => !isInPart(id)))}
        hasWords={verdict === "withdraw"}
        title={(many) => `Accepted before and gone with it, ${many}`}
        why="they waited for the proposal around them, which goes. Their words stay in the record of decisions."
      />
      <Told
        draft={draft}
        groups={byBlock(lapsing.filter(({ id }) => isInPart(id)))}
        hasWords={verdict === "withdraw"}
        title={(many) => `Accepted before in part, ${many}`}
        why="what of them waited for the proposal around goes with that; what is in the text stays."
      />
      <Told
        draft={draft}
        groups={leftOutAs("rivals")}
        title={(many) => `Left out, ${many} that compete`}
        why="they make different things of the same words, and accepting one ends those against it. They stay open; choose among them one by one."
      />
      <Told
        draft={draft}
        groups={leftOutAs("at one place")}
        title={(many) => `Left out, ${many} that share a place`}
        why="each can be accepted, and all that are accepted stand; in which order is for the meeting to see. They stay open; decide on them one by one."
      />
      <Told
        draft={draft}
        groups={leftOutAs("clause goes")}
        title={(many) => `Left out, ${many} in or about a clause or footnote that one of them deletes`}
        why="accepting the deletion ends what others propose there. They stay open; choose first whether it goes."
      />
      <Told
        draft={draft}
        groups={leftOutAs("forestalled")}
        title={(many) => `Left out, ${many} that came too late`}
        why="the words to be replaced had gone, for another proposal on them was accepted. They stay open; read and decide each by itself."
      />
    </Question>
  )
}
