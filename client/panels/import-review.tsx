import { useEffect, useRef, useState } from "preact/hooks"
import type { Me } from "../../shared/api/contract.ts"
import { beginningOf, shortened } from "../../shared/schema/letters.ts"
import { ApiProblem, type Sending, send } from "../meeting/api.ts"
import { Dialog } from "../ui/dialog.tsx"
import { count } from "../ui/words.ts"
import type { Understood } from "./file-said.ts"
import { Summary } from "./import-summary.tsx"
import { LeftList, type LeftOut, OtherText } from "./other-text.tsx"
import {
  AlreadyThere,
  Authors,
  alreadySaid,
  Changes,
  Differences,
  FurtherDifferences,
  type Offer,
  Offers,
  RelabelledList,
  type Review,
  Warnings,
} from "./review-parts.tsx"

const holds = "The file is not on the draft yet: put it there, or close this first."

interface Done {
  readonly sentence: string
  readonly left: readonly LeftOut[]
  readonly relabelled: Review["relabelled"]
  readonly open: (() => void) | null
}

/** Where a file goes: it becomes a draft of its own, or its changes come onto one. */
export type ImportTarget = { readonly kind: "new" } | { readonly kind: "onto"; readonly draft: string; readonly designation: string }

/** What was understood of a file, whose its changes are, and where it differs; then one act. */
export function ImportReview({ file, target, me, onClose }: { file: File; target: ImportTarget; me: Me; onClose: () => void }) {
  const [review, setReview] = useState<Review | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [done, setDone] = useState<Done | null>(null)
  const [progress, setProgress] = useState<number | null>(0)
  const [isBusy, setBusy] = useState(true)
  const [text, setText] = useState<string | null>(null)
  const [stated, setStated] = useState<Readonly<Record<string, string>>>({})
  const [welcomed, setWelcomed] = useState<readonly string[]>([])
  const [isCompared, setCompared] = useState(false)
  const [struck, setStruck] = useState<readonly Offer[]>([])
  const sending = useRef<Sending<"importDraft"> | Sending<"importChanges"> | null>(null)

  const query = (
    isPreview: boolean,
    of: string | null,
    comparing: boolean,
    whose: Readonly<Record<string, string>> | null,
    roster: readonly string[] = welcomed,
  ): Record<string, string> => ({
    name: beginningOf(file.name, 200),
    ...(isPreview ? { preview: "true" } : {}),
    ...(whose === null ? {} : { authors: JSON.stringify(whose) }),
    ...(roster.length === 0 ? {} : { roster: roster.join(",") }),
    ...(of === null ? {} : { text: of }),
    ...(comparing ? { compare: "true" } : {}),
    ...(isPreview || struck.length === 0 ? {} : { confirmed: struck.map((offer) => offer.id).join(",") }),
  })
  const failed = (error: unknown): void => {
    setBusy(false)
    setProblem(error instanceof ApiProblem ? error.message : "The file could not be sent. Try again.")
  }
  /** `whose`: what was stated of the authors; null: the file is read for the first time, and the sources are proposed. */
  const look = (
    of: string | null,
    comparing: boolean,
    whose: Readonly<Record<string, string>> | null = null,
    roster: readonly string[] = welcomed,
  ): void => {
    sending.current?.cancel()
    setBusy(true)
    setProblem(null)
    setCompared(comparing)
    if (whose === null) setStruck([])
    const options = { file, query: query(true, of, comparing, whose, roster), onProgress: setProgress }
    const now =
      target.kind === "new" ? send("importDraft", options) : send("importChanges", { ...options, params: { draft: target.draft } })
    sending.current = now
    now.answer.then((answer) => {
      const understood = answer.understood as Understood
      const all = {
        comments: understood.comments.length,
        replies: understood.comments.reduce((sum, { replies }) => sum + replies.length, 0),
      }
      const none = { differences: [], offered: [], match: null, left: [], already: [], relabelled: [] }
      const { differences, offered, match, left, already, relabelled, placed, comments, replies } =
        "offered" in answer ? answer : { ...none, placed: understood.changes.length, ...all }
      setReview({
        understood,
        placed,
        comments,
        replies,
        authors: answer.authors,
        said: answer.said,
        texts: answer.texts,
        differences,
        offered,
        match,
        left,
        already,
        relabelled,
      })
      setStated(
        whose ??
          Object.fromEntries(
            answer.authors.map(({ name, suggested }) => [name, me.role === "delegate" ? (me.hats[0] ?? "") : (suggested ?? "")]),
          ),
      )
      setBusy(false)
    }, failed)
  }
  useEffect(() => {
    look(null, false)
    return () => sending.current?.cancel()
  }, [])

  /** What is on a draft already depends on whose the changes are: it is asked anew. */
  const state = (whose: Readonly<Record<string, string>>): void => {
    setStated(whose)
    if (target.kind === "onto") look(text, isCompared, whose)
  }

  const welcome = (roster: readonly string[]): void => {
    setWelcomed(roster)
    if (target.kind === "onto") look(text, isCompared, stated, roster)
  }

  const act = (): void => {
    setBusy(true)
    setProblem(null)
    const options = { file, query: query(false, text, isCompared, stated), onProgress: setProgress }
    if (target.kind === "new") {
      const now = send("importDraft", options)
      sending.current = now
      now.answer.then(({ id }) => location.assign(`/drafts/${id}`), failed)
      return
    }
    const now = send("importChanges", { ...options, params: { draft: target.draft } })
    sending.current = now
    const all = { changes: review?.understood.changes.length ?? 0, comments: review?.understood.comments.length ?? 0 }
    now.answer.then(({ changes, comments, replies, left, already, relabelled }) => {
      setBusy(false)
      const what = namesOf({ changes: changes.length, comments, replies })
      const verb = changes.length + comments + replies === 1 ? "is" : "are"
      const put = what ? `${what} ${verb} on the draft now.` : "Nothing was put on the draft."
      setDone({ sentence: already.length > 0 ? `${put} ${alreadySaid(already, all)}` : put, left, relabelled, open: null })
    }, failed)
  }

  return (
    <Dialog
      title={target.kind === "new" ? `Import ${file.name}` : `Changes from ${file.name}`}
      onClose={onClose}
      holds={done || problem ? undefined : holds}
    >
      {isBusy && <Progress share={progress} />}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {done && <Outcome done={done} />}
      {review && !done && (
        <div class="review" aria-busy={isBusy}>
          {target.kind === "onto" && review.match?.isOther && (
            <OtherText
              match={review.match}
              changes={review.understood.changes.length}
              left={review.left}
              designation={target.designation}
            />
          )}
          {review.texts.length > 1 && (
            <label class="which-text">
              This file holds {review.texts.length} texts. Which one?
              <select
                value={text ?? review.texts[0]!.designation}
                onChange={(event) => {
                  setText(event.currentTarget.value)
                  look(event.currentTarget.value, isCompared)
                }}
              >
                {review.texts.map(({ designation, title }) => (
                  <option key={designation} value={designation}>
                    {shortened(`${designation} – ${title}`, 90)}
                  </option>
                ))}
              </select>
            </label>
          )}
          <Differences differences={review.differences} />
          <Summary understood={review.understood} isCompared={isCompared} />
          {target.kind === "onto" && !isCompared && review.understood.changes.length === 0 && (
            <div class="clean">
              <p>
                Nothing is tracked in this file. If it holds the whole text as its delegation wants it, what differs from the text in force
                of {target.designation} can become its changes.
              </p>
              <button type="button" disabled={isBusy} onClick={() => look(text, true)}>
                Compare with the text in force
              </button>
            </div>
          )}
          {review.authors.length + review.said.length > 0 && (
            <Authors review={review} stated={stated} welcomed={welcomed} me={me} onState={state} onWelcome={welcome} />
          )}
          <Changes understood={review.understood} isCompared={isCompared} />
          <AlreadyThere
            already={review.already}
            all={{ changes: review.understood.changes.length, comments: review.understood.comments.length }}
          />
          <RelabelledList relabelled={review.relabelled} />
          {review.left.length > 0 && (
            <details open={review.left.length <= 5}>
              <summary>{count(review.left.length, "change")} without a place in this draft</summary>
              <LeftList left={review.left} />
            </details>
          )}
          <Offers offered={review.offered} struck={struck} onStrike={setStruck} />
          <FurtherDifferences differences={review.differences} />
          <Warnings understood={review.understood} />
        </div>
      )}
      <Buttons
        review={done ? null : review}
        isDone={done !== null}
        target={target}
        isBusy={isBusy}
        isCompared={isCompared}
        onAct={act}
        onClose={onClose}
      />
    </Dialog>
  )
}

interface Brings {
  readonly changes: number
  readonly comments: number
  readonly replies: number
}

/** What of a file would be on the draft. */
const bringsOf = ({ placed, comments, replies }: Review): Brings => ({ changes: placed, comments, replies })

/** "2 changes, 1 comment and 3 replies"; "" for nothing. */
function namesOf({ changes, comments, replies }: Brings): string {
  const parts = [
    changes > 0 ? count(changes, "change") : "",
    comments > 0 ? count(comments, "comment") : "",
    replies > 0 ? count(replies, "reply", "replies") : "",
  ].filter(Boolean)
  return parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}` : (parts[0] ?? "")
}

/** Why nothing of a file can be put on the draft. */
function nothingOf({ understood, already }: Review, isCompared: boolean): string {
  if (already.length > 0) return "Nothing to put on this draft: all that finds a place is there already, or was decided."
  if (understood.changes.length > 0) return "Nothing to put on this draft: none of its changes finds a place here."
  if (isCompared) return "Nothing to put on this draft: the file reads as the text in force does."
  const labels = understood.blocks.filter(({ renumbered }) => renumbered).length
  if (labels > 0)
    return `Nothing to put on this draft: the file only numbers ${count(labels, "clause")} otherwise, and the numbers of this draft stay as they are.`
  return "Nothing to put on this draft: the file has no tracked changes and no comments."
}

/** What is done with the file: on another text than its own that is not the first thing to do. */
function Buttons({
  review,
  isDone,
  target,
  isBusy,
  isCompared,
  onAct,
  onClose,
}: {
  review: Review | null
  isCompared: boolean
  isDone: boolean
  target: ImportTarget
  isBusy: boolean
  onAct: () => void
  onClose: () => void
}) {
  const isOther = target.kind === "onto" && review?.match?.isOther === true
  const what = review ? namesOf(bringsOf(review)) : ""
  const act =
    review &&
    (target.kind === "new" || what ? (
      <button type="button" class={isOther ? "" : "primary"} disabled={isBusy} onClick={onAct}>
        {target.kind === "new" ? "Import as a new draft" : `Put ${what} on this draft${isOther ? " all the same" : ""}`}
      </button>
    ) : (
      <p class="nothing">{nothingOf(review, isCompared)}</p>
    ))
  const close = (
    <button type="button" class={isOther ? "primary" : "quiet"} onClick={onClose}>
      {isDone ? "Close" : isOther ? "Leave this draft as it is" : "Cancel"}
    </button>
  )
  return <div class="row">{isOther ? [close, act] : [act, close]}</div>
}

function Progress({ share }: { share: number | null }) {
  return (
    <p class="reading" role="status">
      <progress {...(share === null ? {} : { value: share })} max={1} />
      {share === null ? "Reading …" : "Sending …"}
    </p>
  )
}

function Outcome({ done }: { done: Done }) {
  return (
    <div role="status">
      <p class="understood">{done.sentence}</p>
      <RelabelledList relabelled={done.relabelled} />
      {done.left.length > 0 && (
        <>
          <p>{count(done.left.length, "part")} found no place in this draft and stayed in the file:</p>
          <LeftList left={done.left} />
        </>
      )}
    </div>
  )
}
