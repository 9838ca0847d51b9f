import type { Me } from "../../shared/api/contract.ts"
import { shortened } from "../../shared/schema/letters.ts"
import { count } from "../ui/words.ts"
import type { Understood } from "./file-said.ts"
import { addressesIn, fileChangeSaid } from "./file-said.ts"
import type { LeftOut, Match } from "./other-text.tsx"

export interface Review {
  readonly understood: Understood
  readonly authors: readonly { name: string; changes: number; comments: number; suggested: string | null }[]
  /** Whose the file itself says words to be. */
  readonly said: readonly { code: string; changes: number; comments: number; isOnRoster: boolean }[]
  readonly texts: readonly { designation: string; title: string }[]
  readonly differences: readonly { address: string; theirs: string; ours: string; isDecided: boolean }[]
  readonly offered: readonly Offer[]
  /** How it lies beside the draft; null where it becomes one of its own. */
  readonly match: Match | null
  /** Changes that find no place in the draft. */
  readonly left: readonly LeftOut[]
  /** What its source has proposed on the draft already. */
  readonly already: readonly AlreadyThere[]
  /** How many of its changes would come. */
  readonly placed: number
  /** How many comments and replies would come that are not there yet; of a draft of its own all. */
  readonly comments: number
  readonly replies: number
  /** Clauses that it adds, which are labelled otherwise here. */
  readonly relabelled: readonly Relabelled[]
}

/** A clause that a file adds: its label as the file reads, and the one that it has on the draft. */
export interface Relabelled {
  readonly what: string
  readonly theirs: string
  readonly ours: string
}

/** A change or comment of the file that is on the draft already, and what became of it. */
export interface AlreadyThere {
  readonly what: string
  readonly status: string
}

const fates: Readonly<Record<string, string>> = {
  open: "is on the draft",
  accepted: "was accepted",
  acceptedWithHost: "was accepted with the proposal around it",
  notRetained: "was not retained",
  withdrawn: "was withdrawn",
  superseded: "went with the text around it",
  overtaken: "was overtaken by another that was accepted",
  incorporated: "was taken into the proposal around it",
}

const isComment = ({ what }: AlreadyThere): boolean => what.startsWith("comment ")

/** How many of a file's changes and comments are on the draft already. */
export const alreadyIn = (already: readonly AlreadyThere[]): { changes: number; comments: number } => {
  const comments = already.filter(isComment).length
  return { changes: already.length - comments, comments }
}

/** One sentence: the same file may have been brought before. */
export function alreadySaid(already: readonly AlreadyThere[], all: { changes: number; comments: number }): string {
  const { changes, comments } = alreadyIn(already)
  const parts = [
    ...(changes > 0 ? [`${changes} of ${count(all.changes, "change")}`] : []),
    ...(comments > 0 ? [`${comments} of ${count(all.comments, "comment")}`] : []),
  ]
  const isOne = changes + comments === 1
  return `${parts.join(" and ")} ${isOne ? "is" : "are"} on the draft already, or ${isOne ? "was" : "were"} decided there: nothing is put twice.`
}

/** What of the file is on the draft already, and what became of each. */
export function AlreadyThere({ already, all }: { already: readonly AlreadyThere[]; all: { changes: number; comments: number } }) {
  if (already.length === 0) return null
  return (
    <details class="already" open={already.length <= 5}>
      <summary>{alreadySaid(already, all)}</summary>
      <ul>
        {already.slice(0, 200).map(({ what, status }, i) => (
          <li key={i} dir="auto">
            {what}: {fates[status] ?? status}
          </li>
        ))}
      </ul>
      {already.length > 200 && <p>and {already.length - 200} more</p>}
    </details>
  )
}

/** That added clauses are labelled here behind what stands before them, whatever the file calls them: line by line. */
export function RelabelledList({ relabelled }: { relabelled: readonly Relabelled[] }) {
  if (relabelled.length === 0) return null
  return (
    <details class="relabelled" open={relabelled.length <= 20}>
      <summary>
        {count(relabelled.length, "added clause is labelled", "added clauses are labelled")} otherwise on this draft than in the file
      </summary>
      <ul>
        {relabelled.slice(0, 200).map(({ what, theirs, ours }, i) => (
          <li key={i} dir="auto">
            <b>{theirs}</b> as the file reads, <b>{ours || "no label"}</b> on this draft: {what}
          </li>
        ))}
      </ul>
      {relabelled.length > 200 && <p>and {relabelled.length - 200} more</p>}
    </details>
  )
}

/** Words of the text in force that a flattened file may have struck. */
export interface Offer {
  readonly id: string
  readonly address: string
  readonly text: string
  readonly by: string
}

/**
 * Whose the changes of each author are, and of each source that the file itself names. Not stated is legal: it can be stated later. `welcomed`:
 * delegations that come on the roster with the file.
 */
export function Authors({
  review,
  stated,
  welcomed,
  me,
  onState,
  onWelcome,
}: {
  review: Review
  stated: Readonly<Record<string, string>>
  welcomed: readonly string[]
  me: Me
  onState: (stated: Readonly<Record<string, string>>) => void
  onWelcome: (welcomed: readonly string[]) => void
}) {
  const choices = me.sources.filter((source) => me.hats.includes(source.code))
  return (
    <table class="authors">
      <caption>Whose changes are they?</caption>
      <thead>
        <tr>
          <th scope="col">In the file</th>
          <th scope="col">Changes</th>
          <th scope="col">Comments and replies</th>
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
        {review.said.map(({ code, changes, comments, isOnRoster }) => (
          <tr key={`said ${code}`}>
            <th scope="row" dir="auto">
              said to be by {sourceNamed(code, me)}
            </th>
            <td>{changes}</td>
            <td>{comments}</td>
            <td>
              <SaidBy
                {...{ code, isOnRoster, me }}
                isWelcome={welcomed.includes(code)}
                onWelcome={(isWelcome) => onWelcome(isWelcome ? [...welcomed, code] : welcomed.filter((other) => other !== code))}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function sourceNamed(code: string, { sources }: Me): string {
  const name = sources.find((source) => source.code === code)?.name ?? code
  return name === code ? code : `${name} (${code})`
}

/** As whose the words come that a file says to be a source's: nobody comes on the roster, and nothing is the chair's, because a file says so. */
function SaidBy({
  code,
  isOnRoster,
  isWelcome,
  me,
  onWelcome,
}: {
  code: string
  isOnRoster: boolean
  isWelcome: boolean
  me: Me
  onWelcome: (isWelcome: boolean) => void
}) {
  if (me.role !== "secretary") return <>{me.hats.includes(code) ? sourceNamed(code, me) : "stays out"}</>
  if (code === "CHAIR") return <>Not stated: that is the chair's to say</>
  if (isOnRoster) return <>{sourceNamed(code, me)}</>
  return (
    <label class="welcome">
      <input type="checkbox" checked={isWelcome} onChange={(event) => onWelcome(event.currentTarget.checked)} />
      {isWelcome ? `${code}, put on the roster` : `Not stated: ${code} is not on the roster. Put it there`}
    </label>
  )
}

export function Changes({ understood, isCompared }: { understood: Understood; isCompared: boolean }) {
  if (understood.changes.length === 0) return null
  const addresses = addressesIn(understood)
  return (
    <details>
      <summary>{count(understood.changes.length, isCompared ? "change" : "tracked change")}</summary>
      <ul class="warnings">
        {understood.changes.slice(0, 200).map((change) => (
          <li key={change.id} dir="auto">
            {!isCompared && <b>{change.enteredBy ?? "Nobody named"}: </b>}
            {fileChangeSaid(change, understood, addresses)}
          </li>
        ))}
      </ul>
      {understood.changes.length > 200 && <p class="more">… {understood.changes.length - 200} more</p>}
    </details>
  )
}

/** What a flattened file may have struck: nothing in it says so, and nobody but a person can. */
export function Offers({
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

/** Where the file was made on other words than the draft has: said before what it changes, for that is what its changes stand on. */
export function Differences({ differences }: { differences: Review["differences"] }) {
  const others = differences.filter(({ isDecided, theirs }) => !isDecided && theirs !== "")
  return (
    <DifferencesList
      differences={others}
      said={`The file was made on another text in ${count(others.length, "place")}`}
      isOpen={others.length <= 10}
    />
  )
}

/** What of the draft the file has not, and what was decided since it was made. */
export function FurtherDifferences({ differences }: { differences: Review["differences"] }) {
  const lacking = differences.filter(({ isDecided, theirs }) => !isDecided && theirs === "")
  const since = differences.filter(({ isDecided }) => isDecided)
  return (
    <>
      <DifferencesList differences={since} said={`${count(since.length, "place was", "places were")} decided on this draft since`} />
      <DifferencesList differences={lacking} said={`The file lacks ${count(lacking.length, "passage")} of this draft`} />
    </>
  )
}

function DifferencesList({ differences, said, isOpen = false }: { differences: Review["differences"]; said: string; isOpen?: boolean }) {
  if (differences.length === 0) return null
  return (
    <details open={isOpen}>
      <summary>{said}</summary>
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

/** What is to be looked at comes unfolded, but for a list that nobody would read through to reach what to do. */
const shownWarnings = 20

export function Warnings({ understood }: { understood: Understood }) {
  const labelOf = (id: string | undefined): string => understood.blocks.find((block) => block.id === id)?.label ?? ""
  if (understood.warnings.length === 0) return null
  const list = (warnings: Understood["warnings"]) => (
    <ul class="warnings">
      {warnings.map((warning, i) => (
        <li key={i}>
          {labelOf(warning.block) && <b>{labelOf(warning.block)} </b>}
          {warning.message}
        </li>
      ))}
    </ul>
  )
  const further = understood.warnings.slice(shownWarnings)
  return (
    <details open>
      <summary>{count(understood.warnings.length, "thing")} to look at</summary>
      {list(understood.warnings.slice(0, shownWarnings))}
      {further.length > 0 && (
        <details>
          <summary>{further.length} more</summary>
          {list(further)}
        </details>
      )}
    </details>
  )
}
