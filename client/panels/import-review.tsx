import { useEffect, useRef, useState } from "preact/hooks"
import type { Me } from "../../shared/api/contract.ts"
import { countBrackets } from "../../shared/clauses/brackets.ts"
import { quoted } from "../../shared/clauses/notes.ts"
import { beginningOf, shortened } from "../../shared/schema/letters.ts"
import { ApiProblem, type Sending, send } from "../api.ts"
import { Dialog } from "../ui/dialog.tsx"
import { count } from "../ui/words.ts"

/** What a review shows of a file: the public JSON of an import. */
interface Understood {
  readonly cover: readonly { field: string | null; text: string }[]
  readonly blocks: readonly { id: string; type: string; label?: string; text: string }[]
  readonly changes: readonly {
    id: string
    kind: string
    enteredBy: string | null
    text: string
    replacedBy?: string
    newBlocks?: readonly string[]
    segments?: readonly { block: string; kind: string; from: number; to: number }[]
    structure?: readonly { kind: string; block: string }[]
  }[]
  readonly comments: readonly unknown[]
  readonly notes: readonly unknown[]
  readonly warnings: readonly { code: string; block?: string; message: string }[]
}

interface Review {
  readonly understood: Understood
  readonly authors: readonly { name: string; changes: number; comments: number; suggested: string | null }[]
  readonly texts: readonly { designation: string; title: string }[]
  readonly differences: readonly { address: string; theirs: string; ours: string }[]
  readonly offered: readonly Offer[]
}

/** Words of the text in force that a flattened file may have struck. */
interface Offer {
  readonly id: string
  readonly address: string
  readonly text: string
  readonly by: string
}

interface Done {
  readonly sentence: string
  readonly left: readonly { what: string; why: string }[]
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
  const [isCompared, setCompared] = useState(false)
  const [struck, setStruck] = useState<readonly Offer[]>([])
  const sending = useRef<Sending<"importDraft"> | Sending<"importChanges"> | null>(null)

  const query = (isPreview: boolean, of: string | null, comparing: boolean): Record<string, string> => ({
    name: beginningOf(file.name, 200),
    ...(isPreview ? { preview: "true" } : { authors: JSON.stringify(stated) }),
    ...(of === null ? {} : { text: of }),
    ...(comparing ? { compare: "true" } : {}),
    ...(isPreview || struck.length === 0 ? {} : { confirmed: struck.map((offer) => offer.id).join(",") }),
  })
  const failed = (error: unknown): void => {
    setBusy(false)
    setProblem(error instanceof ApiProblem ? error.message : "The file could not be sent. Try again.")
  }
  const look = (of: string | null, comparing: boolean): void => {
    setBusy(true)
    setProblem(null)
    setCompared(comparing)
    setStruck([])
    const options = { file, query: query(true, of, comparing), onProgress: setProgress }
    const now =
      target.kind === "new" ? send("importDraft", options) : send("importChanges", { ...options, params: { draft: target.draft } })
    sending.current = now
    now.answer.then((answer) => {
      const { differences, offered } = "offered" in answer ? answer : { differences: [], offered: [] }
      setReview({ understood: answer.understood as Understood, authors: answer.authors, texts: answer.texts, differences, offered })
      setStated(
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

  const act = (): void => {
    setBusy(true)
    setProblem(null)
    const options = { file, query: query(false, text, isCompared), onProgress: setProgress }
    if (target.kind === "new") {
      const now = send("importDraft", options)
      sending.current = now
      now.answer.then(({ id }) => location.assign(`/drafts/${id}`), failed)
      return
    }
    const now = send("importChanges", { ...options, params: { draft: target.draft } })
    sending.current = now
    now.answer.then(({ changes, comments, left }) => {
      setBusy(false)
      setDone({ sentence: `${count(changes.length, "change")} and ${count(comments, "comment")} are on the draft now.`, left, open: null })
    }, failed)
  }

  return (
    <Dialog title={target.kind === "new" ? `Import ${file.name}` : `Changes from ${file.name}`} onClose={onClose}>
      {isBusy && <Progress share={progress} />}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {done && <Outcome done={done} />}
      {review && !done && (
        <div class="review" aria-busy={isBusy}>
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
          {review.authors.length > 0 && <Authors review={review} stated={stated} me={me} onState={setStated} />}
          <Changes understood={review.understood} isCompared={isCompared} />
          <Offers offered={review.offered} struck={struck} onStrike={setStruck} />
          <Differences differences={review.differences} />
          <Warnings understood={review.understood} />
        </div>
      )}
      <div class="row">
        {!done && review && (
          <button
            type="button"
            class="primary"
            disabled={isBusy || (target.kind === "onto" && review.understood.changes.length + review.understood.comments.length === 0)}
            onClick={act}
          >
            {target.kind === "new" ? "Import as a new draft" : `Put ${count(review.understood.changes.length, "change")} on this draft`}
          </button>
        )}
        <button type="button" class="quiet" onClick={onClose}>
          {done ? "Close" : "Cancel"}
        </button>
      </div>
    </Dialog>
  )
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
      {done.left.length > 0 && (
        <>
          <p>{count(done.left.length, "part")} found no place in this draft and stayed in the file:</p>
          <ul class="warnings">
            {done.left.map(({ what, why }, i) => (
              <li key={i}>
                <b dir="auto">{what}</b> {why}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

const shownBlocks = 10

function Summary({ understood, isCompared }: { understood: Understood; isCompared: boolean }) {
  const touched = new Set(
    understood.changes.flatMap(({ newBlocks = [], segments = [], structure = [] }) => [
      ...newBlocks,
      ...[...segments, ...structure].map((part) => part.block),
    ]),
  )
  // Of a comparison one wants to see what differs; of a file that one does not know yet, how it begins.
  const telling = isCompared ? understood.blocks.filter((block) => touched.has(block.id)) : understood.blocks
  const of = (type: string): number => understood.blocks.filter((block) => block.type === type).length
  const brackets = understood.blocks.reduce((sum, block) => sum + countBrackets(block.text), 0)
  const parts: readonly (readonly [number, string, string?])[] = [
    [of("head"), "head"],
    [of("clause"), "clause"],
    [of("quote"), "quotation"],
    [of("table"), "table"],
    [understood.notes.length, "footnote"],
    [brackets, "passage in square brackets", "passages in square brackets"],
    isCompared
      ? [understood.changes.length, "difference from the text in force", "differences from the text in force"]
      : [understood.changes.length, "tracked change"],
    [understood.comments.length, "comment"],
    [understood.cover.length, "cover line"],
  ]
  return (
    <>
      <p class="understood">
        {parts
          .filter(([n]) => n > 0)
          .map(([n, one, many]) => count(n, one, many))
          .join(", ") || "No text that we know the shape of"}
        .
      </p>
      <section class="preview" dir="auto" tabIndex={0} aria-label={isCompared ? "What differs" : "How the file was understood"}>
        {telling.slice(0, shownBlocks).map((block) => (
          <p key={block.id} data-type={block.type} dir="auto">
            {block.label && <span class="label">{block.label}</span>} <Words block={block} understood={understood} />
          </p>
        ))}
        {telling.length > shownBlocks && <p class="more">… {telling.length - shownBlocks} more</p>}
      </section>
    </>
  )
}

/** The first words of a block, those that go struck and those that come underlined. */
function Words({ block, understood }: { block: Understood["blocks"][number]; understood: Understood }) {
  const text = shortened(block.text, 120)
  const segments = understood.changes.flatMap((change) => change.segments ?? []).filter((part) => part.block === block.id)
  const isWholly = (kind: string): boolean =>
    understood.changes.some((change) =>
      (kind === "insertion"
        ? change.newBlocks
        : change.structure?.filter((act) => act.kind === "delete").map((act) => act.block)
      )?.includes(block.id),
    )
  const cuts = [...new Set([0, text.length, ...segments.flatMap(({ from, to }) => [from, to])])]
    .filter((at) => at <= text.length)
    .sort((a, b) => a - b)
  return (
    <>
      {cuts.slice(1).map((to, i) => {
        const from = cuts[i]!
        const has = (kind: string): boolean =>
          isWholly(kind) || segments.some((part) => part.kind === kind && part.from <= from && part.to >= to)
        const words = quoted(text.slice(from, to))
        if (has("deletion")) return <del key={from}>{words}</del>
        return has("insertion") ? <ins key={from}>{words}</ins> : words
      })}
    </>
  )
}

/** Whose the changes of each author are. Not stated is legal: it can be stated later. */
function Authors({
  review,
  stated,
  me,
  onState,
}: {
  review: Review
  stated: Readonly<Record<string, string>>
  me: Me
  onState: (stated: Readonly<Record<string, string>>) => void
}) {
  const choices = me.role === "delegate" ? me.sources.filter((source) => me.hats.includes(source.code)) : me.sources
  return (
    <table class="authors">
      <caption>Whose changes are they?</caption>
      <thead>
        <tr>
          <th scope="col">In the file</th>
          <th scope="col">Changes</th>
          <th scope="col">Comments</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {review.authors.map(({ name, changes, comments }) => (
          <tr key={name}>
            <th scope="row" dir="auto">
              {name || "nobody named"}
            </th>
            <td>{changes}</td>
            <td>{comments}</td>
            <td>
              <select
                aria-label={`From whom the changes of ${name || "nobody"} are`}
                value={stated[name] ?? ""}
                disabled={me.role === "delegate"}
                onChange={(event) => onState({ ...stated, [name]: event.currentTarget.value })}
              >
                {me.role !== "delegate" && <option value="">Not stated</option>}
                {choices.map(({ code, name: own }) => (
                  <option key={code} value={code}>
                    {own === code ? code : `${own} (${code})`}
                  </option>
                ))}
              </select>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Changes({ understood, isCompared }: { understood: Understood; isCompared: boolean }) {
  if (understood.changes.length === 0) return null
  return (
    <details>
      <summary>{count(understood.changes.length, isCompared ? "change" : "tracked change")}</summary>
      <ul class="warnings">
        {understood.changes.slice(0, 200).map(({ id, kind, enteredBy, text, replacedBy }) => (
          <li key={id} dir="auto">
            {!isCompared && <b>{enteredBy ?? "Nobody named"}: </b>}
            {kind === "structure" ? "clause" : kind} “{shortened(text, 80)}”
            {replacedBy !== undefined && ` by “${shortened(replacedBy, 80)}”`}
          </li>
        ))}
      </ul>
      {understood.changes.length > 200 && <p class="more">… {understood.changes.length - 200} more</p>}
    </details>
  )
}

/** What a flattened file may have struck: nothing in it says so, and nobody but a person can. */
function Offers({
  offered,
  struck,
  onStrike,
}: {
  offered: readonly Offer[]
  struck: readonly Offer[]
  onStrike: (struck: readonly Offer[]) => void
}) {
  if (offered.length === 0) return null
  return (
    <fieldset class="offers">
      <legend>{count(offered.length, "deletion")} to confirm</legend>
      <p>Struck and inserted words stand side by side in this file. Tick what was struck.</p>
      {offered.map((offer) => (
        <label key={offer.id}>
          <input
            type="checkbox"
            checked={struck.includes(offer)}
            onChange={(event) => onStrike(event.currentTarget.checked ? [...struck, offer] : struck.filter((other) => other !== offer))}
          />
          <span dir="auto">
            {offer.address && <b>{offer.address} </b>}
            <del>{shortened(offer.text, 80)}</del> <ins>{shortened(offer.by, 80)}</ins>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

/** The file's own text in force against ours. */
function Differences({ differences }: { differences: Review["differences"] }) {
  if (differences.length === 0) return null
  return (
    <details>
      <summary>The file was made on another text in {count(differences.length, "place")}</summary>
      <ul class="warnings differences">
        {differences.slice(0, 100).map(({ address, theirs, ours }, i) => (
          <li key={i}>
            {address && <b>{address}</b>}
            <span dir="auto">
              <i>file</i> {theirs ? shortened(theirs, 160) : "nothing"}
            </span>
            <span dir="auto">
              <i>draft</i> {ours ? shortened(ours, 160) : "nothing"}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}

function Warnings({ understood }: { understood: Understood }) {
  const labelOf = (id: string | undefined): string => understood.blocks.find((block) => block.id === id)?.label ?? ""
  if (understood.warnings.length === 0) return null
  return (
    <details open={understood.warnings.length <= 5}>
      <summary>{count(understood.warnings.length, "thing")} to look at</summary>
      <ul class="warnings">
        {understood.warnings.map((warning, i) => (
          <li key={i}>
            {labelOf(warning.block) && <b>{labelOf(warning.block)} </b>}
            {warning.message}
          </li>
        ))}
      </ul>
    </details>
  )
}
