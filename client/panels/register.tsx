import type { ComponentChildren } from "preact"
import { useEffect, useState } from "preact/hooks"
import { type Entry, type ListName, listIn, type RecordedChange } from "../../shared/api/contract.ts"
import { formatNames, paperParts } from "../../shared/api/papers.ts"
import { goesAlong, isDecision, openedAgain, openedBy, takesEffect, undoneBy, undoneIn } from "../../shared/changes/taken-back.ts"
import { inQuotes } from "../../shared/changes/wording.ts"
import { mayWithdraw } from "../../shared/policy/policy.ts"
import type { Acts, StaysDecided } from "../draft/acts.ts"
import type { Draft } from "../draft/draft.ts"
import type { DraftText } from "../draft/text.ts"
import { call } from "../meeting/api.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { Dialog } from "../ui/dialog.tsx"
import { recordedAt } from "../ui/moment.ts"
import { Incomplete } from "./damage-strip.tsx"
import { shown } from "./words.tsx"

const actNames: Readonly<Record<Entry["act"], string>> = {
  import: "Imported",
  accept: "Accepted into text",
  notRetain: "Not retained",
  withdraw: "Withdrawn",
  incorporate: "Taken into own proposal",
  comment: "Comment",
  reply: "Reply",
  resolve: "Comment resolved",
  reopen: "Comment reopened",
  adopt: "Adopted",
  secretaryOperates: "The secretary operates",
  importChanges: "Changes from a file",
  attribute: "Source stated",
  untie: "Changes untied",
  openToPublic: "Public page",
  nameVersion: "Version named",
  publish: "Published",
  acceptLoss: "Loss accepted",
  takeBack: "Taken back",
  reopenChange: "Opened again",
  takeEffect: "Settled",
}

interface RemarkTold {
  readonly address?: string
  readonly quote?: string | undefined
  readonly text: string
}

/** What was said, and of what: it stays in the record whatever becomes of the words. */
const Remark = ({ details: { address, quote, text } }: { details: RemarkTold }) => (
  <span dir="auto">
    {address && `${address}: `}
    {quote && <q>{shown(quote, 80)}</q>} {text}
  </span>
)

/** What became of others by the same act: a line each. */
function Along({ meeting, told, how }: { meeting: MeetingHere; told: readonly RecordedChange[]; how: string }) {
  return told.map((change, i) => (
    <li key={`${how}${i}`} dir="auto">
      {how}: <b>{meeting.nameOf(change.source ?? "")}</b>, {change.what}
    </li>
  ))
}

/** What became of the changes that waited for the proposal around them: in which entry each went with that, or took effect. */
interface Waited {
  readonly gone: ReadonlyMap<string, number>
  readonly effective: ReadonlyMap<string, number>
}

function waitedIn(entries: readonly Entry[], undone: ReadonlySet<number>): Waited {
  const held = entries.filter(({ n }) => !undone.has(n))
  const entryOf = (name: ListName): ReadonlyMap<string, number> =>
    new Map(held.flatMap((entry) => listIn(entry, name).map(({ id }): [string, number] => [id, entry.n])))
  return { gone: entryOf("superseded"), effective: entryOf("effective") }
}

/** Of a change that waited, as a whole or in part: that it still does, or in which entry it took effect or went. */
export function waitSaid({ id, inPart }: Pick<RecordedChange, "id" | "inPart">, { gone, effective }: Waited): string {
  const [went, came] = [gone.get(id), effective.get(id)]
  const what = inPart ? "in part in the text; the rest " : ""
  if (came !== undefined) return ` (${what}took effect, entry ${came})`
  if (went !== undefined) return ` (${what}did not take effect: gone with the proposal around it, entry ${went})`
  return ` (${what}takes effect with the proposal around it)`
}

function Details({
  entry,
  draft,
  waited,
  again,
}: {
  entry: Entry
  draft: Draft
  waited: Waited
  again: (change: string) => ComponentChildren
}) {
  const all = listIn(entry, "changes")
  const listed = new Set(all.map((change) => change.id))
  // What says the same as another that was decided with it stands in the line of that, by its source.
  const changes = all.filter(({ by }) => by === undefined || !listed.has(by))
  if (entry.act === "openToPublic")
    return <>{entry.details.view === null ? "closed" : entry.details.view === "open" ? "with open changes" : "working text"}</>
  if (entry.act === "nameVersion")
    return (
      <>
        {entry.details.n}: {entry.details.name}
      </>
    )
  if (entry.act === "publish") {
    const { file, versionName } = entry.details
    return (
      <>
        {versionName}: {formatNames[file.format]}, {paperParts(file).join(", ")}
        <small class="file-name">{file.name}</small>
      </>
    )
  }
  if (entry.act === "comment" || entry.act === "reply") return <Remark details={entry.details} />
  if (entry.act === "acceptLoss") return <>{entry.details.sentence}</>
  if (entry.act === "secretaryOperates") return <>{entry.details.secretaryOperates ? "yes" : "no"}</>
  return (
    <ul>
      {entry.act === takesEffect && <li>the proposal around it was taken back in the text by its delegation:</li>}
      {entry.act === "takeBack" && <li>{takenBackSaid(entry)}; open again:</li>}
      {entry.act === "reopenChange" && <li>{takenBackSaid(entry)}:</li>}
      {entry.act === "importChanges" && <li dir="auto">{entry.details.file}</li>}
      {changes.slice(0, 50).map((change, i) => (
        <li key={i} dir="auto">
          <b>{(change.sources ?? [change.source ?? ""]).map((source) => draft.meeting.nameOf(source)).join(", ")}</b>, {change.address}:{" "}
          {change.what}
          {change.waits ? waitSaid(change, waited) : ""}
          {change.struck ? " (no word of it is in the text: an accepted deletion takes all of them out)" : ""}
          {change.rest ? ` (in part; ${restNamed(draft.text, change.rest)})` : ""}
          {change.id !== undefined && again(change.id)}
        </li>
      ))}
      {changes.length > 50 && <li>and {changes.length - 50} more</li>}
      {entry.act === "attribute" &&
        (entry.details.remarks ?? []).map((remark, i) => (
          <li key={`remark${i}`} dir="auto">
            <b>{draft.meeting.nameOf(entry.details.to)}</b>, a comment: <Remark details={remark} />
          </li>
        ))}
      <Along meeting={draft.meeting} told={listIn(entry, "overtaken")} how="overtaken, for something else was made of its words" />
      <Along meeting={draft.meeting} told={listIn(entry, "superseded").filter(({ inPart }) => !inPart)} how="gone with what it stood in" />
      <Along
        meeting={draft.meeting}
        told={listIn(entry, "superseded").filter(({ inPart }) => inPart)}
        how="accepted in part before; what waited of it is gone with what it stood in"
      />
      <Along meeting={draft.meeting} told={listIn(entry, "effective")} how="accepted before, in the text from now on" />
    </ul>
  )
}

/** What an entry takes back, in words. */
function takenBackSaid(entry: Entry): string {
  const [asked, ...others] = entry.act === "takeBack" ? undoneBy(entry) : [null, ...undoneBy(entry)]
  const parts = openedBy(entry).map(({ n }) => n)
  const said = asked == null ? `of entry ${parts.shift()}` : `entry ${asked} is taken back`
  const also = [...others, ...(parts.length > 0 ? [`of ${parts.join(", ")} what had taken effect with that`] : [])]
  return also.length === 0 ? said : `${said}, and with it ${also.join("; ")}`
}

/** What was left of a change that was decided in part, in words. */
function restNamed(text: DraftText, id: string): string {
  const rest = text.changes.value.find((change) => change.id === id)
  if (!rest) return "what was left of it is a change of its own"
  const words = [rest.deleted, rest.inserted].filter(Boolean).map((text) => inQuotes(text, 60))
  return words.length === 0 ? "the rest stays open" : `${words.join(" by ")} stays open`
}

/** The sitting in which an act was done, as far as it was said. */
function sittingOf({ sitting: { body, room, chair } }: Entry): string {
  const facts = [body, room, chair && `${chair} presiding`].filter(Boolean)
  return facts.length > 0 ? facts.join(", ") : "the sitting was not set"
}

/** Takes back what an entry decided, or one change of it; or says what must be taken back first, all of it in its order, and offers that. `n`: the entry. */
function TakeBack({
  acts,
  n,
  name,
  act,
  onDone,
}: {
  acts: Acts
  n: number
  name: string
  act: () => Promise<StaysDecided | null>
  onDone: () => void
}) {
  const [stays, setStays] = useState<StaysDecided | null>(null)
  const run = async (first: readonly number[]): Promise<void> => {
    let refused: StaysDecided | null = null
    for (const other of first) if (refused === null) refused = await acts.takeBack(other)
    // With its whole entry a change is open again already.
    if (!first.includes(n)) refused ??= await act()
    setStays(refused)
    // Of several that come first some may be taken back though another was not.
    if (refused === null || first.length > 0) onDone()
  }
  const numbers = stays?.first.join(", ")
  return (
    <>
      <button type="button" disabled={acts.isBusy.value} onClick={() => void run([])}>
        {name}
      </button>
      {stays && <p role="alert">{stays.why}</p>}
      {stays && stays.first.length > 0 && (
        <button type="button" disabled={acts.isBusy.value} onClick={() => void run(stays.first)}>
          {stays.first.includes(n) ? `Take back ${numbers}` : `Take back ${numbers}, then this`}
        </button>
      )}
    </>
  )
}

/** What a button does that takes an entry back: what is no decision of its own goes with the one that it completed. */
function takeBackNamed(entries: readonly Entry[], n: number): string {
  const along = goesAlong(entries, n)
  return along.length === 0 ? "Take back" : `Take back, with ${along.join(", ")}`
}

/** The record of decisions: every act, who decided, who entered it. */
export function Register({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const [entries, setEntries] = useState<readonly Entry[] | string | null>(null)
  const load = (): void => {
    call("register", { params: { draft: draft.room.summary.id } }).then(setEntries, (error: Error) => setEntries(error.message))
  }
  useEffect(load, [])
  const undone = undoneIn(Array.isArray(entries) ? entries : [])
  const waited = waitedIn(Array.isArray(entries) ? entries : [], undone)
  const mayTakeBack = (entry: Entry): boolean => {
    if (!isDecision(entry) || entry.row === undefined || undone.has(entry.n)) return false
    return entry.act === "withdraw"
      ? mayWithdraw({ role: draft.meeting.me.value.role, hat: draft.line.hat.value }, entry.source, draft.room.meta.value).isAllowed
      : draft.rights.ruling("takeBack").isAllowed
  }
  const opened = openedAgain(Array.isArray(entries) ? entries : [])
  /** Of several that were decided together one is opened alone. */
  const mayOpenAgain = (entry: Entry, change: string): boolean =>
    mayTakeBack(entry) && listIn(entry, "changes").length > 1 && !opened.get(entry.n)?.has(change)
  return (
    <Dialog title="Record of decisions" onClose={onClose}>
      {entries === null && <p class="empty">Opening …</p>}
      {typeof entries === "string" && <p class="empty">{entries}</p>}
      <Incomplete room={draft.room} what="Entries of the record" />
      {Array.isArray(entries) && (
        <div class="table-frame">
          <table class="register">
            <thead>
              <tr>
                <th scope="col">No.</th>
                <th scope="col">When</th>
                <th scope="col">Act</th>
                <th scope="col">Decided by</th>
                <th scope="col">Entered by</th>
                <th scope="col">What</th>
              </tr>
            </thead>
            <tbody>
              {entries.toReversed().map((entry: Entry) => (
                <tr key={entry.n}>
                  <td data-name="No.">{entry.n}</td>
                  <td data-name="When">
                    {recordedAt(entry.at)}
                    <small dir="auto">{sittingOf(entry)}</small>
                  </td>
                  <td data-name="Act">
                    {actNames[entry.act] ?? entry.act}
                    {undone.has(entry.n) && <small>taken back</small>}
                    {mayTakeBack(entry) && (
                      <TakeBack
                        acts={draft.acts}
                        n={entry.n}
                        name={takeBackNamed(entries, entry.n)}
                        act={() => draft.acts.takeBack(entry.n)}
                        onDone={load}
                      />
                    )}
                  </td>
                  <td data-name="Decided by">{entry.decidedBy}</td>
                  <td data-name="Entered by">{entry.enteredBy}</td>
                  <td data-name="What">
                    <Details
                      entry={entry}
                      draft={draft}
                      waited={waited}
                      again={(change) =>
                        mayOpenAgain(entry, change) && (
                          <TakeBack acts={draft.acts} n={entry.n} name="Open again" act={() => draft.acts.reopen(change)} onDone={load} />
                        )
                      }
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Dialog>
  )
}
