import type { ComponentChildren } from "preact"
import { useEffect, useState } from "preact/hooks"
import type { Meaning } from "../../shared/changes/carried.ts"
import type { Change } from "../../shared/changes/changes.ts"
import type { Competing } from "../../shared/changes/chosen.ts"
import type { Verdict } from "../../shared/changes/effects.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import type { Part } from "../../shared/changes/part.ts"
import { changeSaid, clausesOf, listed } from "../../shared/changes/pieces.ts"
import { countBrackets } from "../../shared/clauses/brackets.ts"
import { quoted } from "../../shared/clauses/notes.ts"
import { isPresent, textOf } from "../../shared/schema/block.ts"
import { beginningOf, endOf } from "../../shared/schema/letters.ts"
import { withNamesakes, writtenFor } from "../../shared/sync/roots.ts"
import type { Asked } from "../draft/deciding.ts"
import type { Draft } from "../draft/draft.ts"
import { standsAs } from "../draft/presence.ts"
import { styleOf } from "../ui/look.ts"
import { type PointerPlace, Question } from "../ui/question.tsx"
import { SourceCode } from "../ui/source-code.tsx"
import { count } from "../ui/words.ts"
import { standAtConsole } from "./sheets.ts"
import { isOfPieces, wholeChangeSaid } from "./words.tsx"

const mostWords = 34
/** Letters that a question quotes of each piece of a change. */
const mostOfPiece = 100
const mostPlaces = 4

/** Shortened in the middle, so that both ends are read. */
function inBrief(text: string): string {
  const words = quoted(text)
  if (words.length <= mostWords) return words
  const half = mostWords / 2
  return `${beginningOf(words, half).trimEnd()} … ${endOf(words, half).trimStart()}`
}

/** The first words of a change, as they are drawn in the text; of one about a clause as a whole, what it does to which clause. */
function FirstWords({ draft, change }: { draft: Draft; change: Change }) {
  if (
    isOfPieces(change) ||
    (change.kind !== "insertion" && change.kind !== "deletion" && change.kind !== "replacement" && change.kind !== "new clause")
  )
    return <span class="soft">{wholeChangeSaid(draft, change)}</span>
  return (
    <span class="words" dir="auto" style={styleOf(draft.lookOf(change.source))}>
      {change.deleted && <del>{inBrief(change.deleted)}</del>} {change.inserted && <ins>{inBrief(change.inserted)}</ins>}
    </span>
  )
}

/** The first of some things, and the others behind a button. `what`: what the button counts. */
function First<Item>({
  items,
  most,
  what,
  children,
}: {
  items: readonly Item[]
  most: number
  what: string
  children: (shown: readonly Item[]) => ComponentChildren
}) {
  const [isOpen, setOpen] = useState(false)
  // One more is as long as the button that stands for it.
  const isCut = items.length > most + 1
  return (
    <>
      {children(isOpen || !isCut ? items : items.slice(0, most))}
      {isCut && (
        <button type="button" class="quiet link and-more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "fewer" : `and ${items.length - most} more ${what}`}
        </button>
      )}
    </>
  )
}

const placesOf = (draft: Draft, changes: readonly Change[]): string[] => [
  ...new Set(changes.flatMap((change) => clausesOf(change).map((block) => draft.addressOf(block)))),
]

const Places = ({ draft, changes }: { draft: Draft; changes: readonly Change[] }) => (
  <First items={placesOf(draft, changes)} most={mostPlaces} what="places">
    {(places) => <span>{places.join(", ")} </span>}
  </First>
)

/** Some changes of one place: where, and whose. */
const AtPlace = ({ draft, changes }: { draft: Draft; changes: readonly Change[] }) => (
  <li>
    <b dir="auto">{placesOf(draft, changes).join(", ")}</b>:{" "}
    {[...bySource(changes)].map(([source, own], i) => (
      <span key={source} class="of-place">
        {i > 0 && ", "}
        <SourceCode code={source} look={draft.lookOf(source)} /> <span class="name">{draft.nameOf(source)}</span>
        {own.length > 1 && ` (${own.length})`}
      </span>
    ))}
  </li>
)

/** Why some changes are not decided, or are decided along, and which, place by place. */
function Told({
  draft,
  groups,
  hasWords = false,
  title,
  why,
}: {
  draft: Draft
  groups: readonly (readonly Change[])[]
  /** In a table with their first words, in place of a list of places. */
  hasWords?: boolean
  title: (many: string) => string
  why: string
}) {
  const told = groups.filter((group) => group.length > 0)
  if (told.length === 0) return null
  const size = told.reduce((sum, group) => sum + group.length, 0)
  return (
    <section class="left-out">
      <p>
        <b>{title(count(size, "change"))}:</b> {why}
      </p>
      {hasWords ? (
        <ChangesByDelegation draft={draft} changes={told.flat()} />
      ) : (
        <First items={told} most={mostPlaces} what="places">
          {(shown) => (
            <ul>
              {shown.map((group) => (
                <AtPlace key={group[0]!.id} draft={draft} changes={group} />
              ))}
            </ul>
          )}
        </First>
      )}
    </section>
  )
}

const byBlock = (changes: readonly Change[]): Change[][] => {
  const groups = new Map<string, Change[]>()
  for (const change of changes) groups.set(change.block, [...(groups.get(change.block) ?? []), change])
  return [...groups.values()]
}

const bySource = (changes: readonly Change[]): Map<string, Change[]> => {
  const groups = new Map<string, Change[]>()
  for (const change of changes) groups.set(change.source, [...(groups.get(change.source) ?? []), change])
  return groups
}

const From = ({ draft, source }: { draft: Draft; source: string }) => (
  <th scope="row">
    <SourceCode code={source} look={draft.lookOf(source)} /> <span class="name">{draft.nameOf(source)}</span>
  </th>
)

/** The changes that a decision covers, counted by delegation. */
function ChangesByDelegation({ draft, changes }: { draft: Draft; changes: readonly Change[] }) {
  return (
    <table class="by-delegation">
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col" class="number">
            Changes
          </th>
          <th scope="col" class="first-words">
            First words
          </th>
          <th scope="col">Where</th>
        </tr>
      </thead>
      <tbody>
        {[...bySource(changes)].map(([source, own]) => (
          <tr key={source}>
            <From draft={draft} source={source} />
            <td class="number">{own.length}</td>
            <td class="first-words">
              <FirstWords draft={draft} change={own[0]!} />
            </td>
            <td dir="auto">
              <Places draft={draft} changes={own} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Together</th>
          <td class="number">{changes.length}</td>
          <td class="first-words" />
          <td />
        </tr>
      </tfoot>
    </table>
  )
}

const onWord = (draft: Draft): string => (draft.me.role === "secretary" ? " It is entered as decided by the chair." : "")

/** What a question on one change asks, and the name of its act. */
function onOne(draft: Draft, change: Change, verdict: Verdict, part: Part | null): { title: string; act: string; said: string } {
  const name = draft.nameOf(change.source)
  const place = listed(placesOf(draft, [change]))
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
      said: `It does all of this: ${changeSaid(change, (block) => draft.addressOf(block), mostOfPiece)}.`,
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

function AskDecision({ draft, asked, pointer }: { draft: Draft; asked: Asked & { kind: "decide" }; pointer: PointerPlace }) {
  const { verdict, one, part, which, meant, isChanged } = asked
  const { deciding } = draft
  const openOf = (wanted: ReadonlySet<string>): Change[] => draft.changes.value.filter((change) => wanted.has(change.id))
  const covered = openOf(meant.decided)
  const proposals = draft.proposals.value
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
        {verdict !== "withdraw" && onWord(draft)}
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

type Fate = "accepted" | "notRetained" | "overtaken" | "withdrawn"
const fateOf: Readonly<Record<ProposalEntry["status"], Fate>> = {
  accepted: "accepted",
  acceptedWithHost: "accepted",
  incorporated: "accepted",
  notRetained: "notRetained",
  overtaken: "overtaken",
  superseded: "overtaken",
  withdrawn: "withdrawn",
}
const fateNames: readonly (readonly [Fate, string])[] = [
  ["accepted", "Accepted"],
  ["notRetained", "Not retained"],
  ["overtaken", "Overtaken"],
  ["withdrawn", "Withdrawn"],
]

function AskAdoption({ draft, pointer }: { draft: Draft; pointer: PointerPlace }) {
  const { deciding } = draft
  const counts = new Map<string, Record<Fate, number>>()
  for (const [, { source, status }] of draft.proposals.value) {
    const row = counts.get(source) ?? { accepted: 0, notRetained: 0, overtaken: 0, withdrawn: 0 }
    row[fateOf[status]]++
    counts.set(source, row)
  }
  const total = (fate: Fate): number => [...counts.values()].reduce((sum, row) => sum + row[fate], 0)
  const fates = fateNames.filter(([fate]) => fate === "accepted" || total(fate) > 0)
  const brackets = draft.blocks.value.filter(isPresent).reduce((sum, block) => sum + countBrackets(textOf(block)), 0)
  const comments = draft.threads.value.filter((thread) => !thread.isResolved).length
  // Who enters words for a delegation does not make it present.
  const present = new Set(draft.present.value.map(standsAs))
  // What comes in while it is asked is told, and there is nothing to adopt until it is decided.
  const open = deciding.undecided.value
  const openBy = [...bySource(open).keys()].map((source) => draft.nameOf(source))
  const ruling = draft.ruling("adopt")
  const absent = [...counts.keys()].filter((source) => source !== draft.hat.value && !present.has(source))
  return (
    <Question
      title={`Adopt ${draft.heading.value}?`}
      act="Adopt the text"
      kind="primary"
      notNow="Not yet"
      isReady={ruling.isAllowed && draft.changes.value.length === 0}
      pointer={pointer}
      onAct={() => deciding.confirm()}
      onClose={() => deciding.cancel()}
    >
      <p class="soft">The text is sealed. Later errors need a corrigendum: this cannot be taken back.{onWord(draft)}</p>
      {counts.size > 0 && (
        <table class="by-delegation">
          <thead>
            <tr>
              <th scope="col">From</th>
              {fates.map(([fate, name]) => (
                <th key={fate} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...counts].map(([source, row]) => (
              <tr key={source}>
                <From draft={draft} source={source} />
                {fates.map(([fate]) => (
                  <td key={fate} class="number">
                    {row[fate] || "–"}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Together</th>
              {fates.map(([fate]) => (
                <td key={fate} class="number">
                  {total(fate)}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      )}
      <ul class="checks">
        {!ruling.isAllowed && <li class="warn">{ruling.sentence}</li>}
        {open.length === 0 ? (
          <li>No change is open.</li>
        ) : (
          <li class="warn">
            {count(open.length, "change")} open, by {openBy.join(", ")}: decide on {open.length === 1 ? "it" : "them"} first.
          </li>
        )}
        {brackets > 0 && <li class="warn">{count(brackets, "stretch", "stretches")} in square brackets: not agreed.</li>}
        {comments > 0 && <li class="warn">{count(comments, "comment")} not resolved.</li>}
        {absent.length > 0 && <li class="warn">Not connected at this moment: {absent.map((code) => draft.nameOf(code)).join(", ")}.</li>}
      </ul>
    </Question>
  )
}

/** Asks what the chair has set out to do to many changes at once, or for good. */
export function Asking({ draft, pointer }: { draft: Draft; pointer: PointerPlace }) {
  const asked = draft.deciding.asked.value
  const isAsking = asked !== null
  // A browser gives the focus back to what had it before: where that has gone meanwhile, the hand is at the console.
  useEffect(() => (isAsking ? () => void requestAnimationFrame(standAtConsole) : undefined), [isAsking])
  if (asked?.kind === "decide") return <AskDecision draft={draft} asked={asked} pointer={pointer} />
  return asked ? <AskAdoption draft={draft} pointer={pointer} /> : null
}
