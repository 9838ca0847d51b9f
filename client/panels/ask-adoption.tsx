import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import { countBrackets } from "../../shared/clauses/brackets.ts"
import { isPresent, textOf } from "../../shared/schema/block.ts"
import type { Draft } from "../draft/draft.ts"
import { standsAs } from "../draft/presence.ts"
import { type PointerPlace, Question } from "../ui/question.tsx"
import { count } from "../ui/words.ts"
import { onWord } from "./ask-decision.tsx"
import { bySource, From } from "./changes-told.tsx"

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

/** Asks before the text is adopted: what became of each delegation's changes, and what is not settled. */
export function AskAdoption({ draft, pointer }: { draft: Draft; pointer: PointerPlace }) {
  const { deciding } = draft
  const counts = new Map<string, Record<Fate, number>>()
  for (const [, { source, status }] of draft.room.proposals.value) {
    const row = counts.get(source) ?? { accepted: 0, notRetained: 0, overtaken: 0, withdrawn: 0 }
    row[fateOf[status]]++
    counts.set(source, row)
  }
  const total = (fate: Fate): number => [...counts.values()].reduce((sum, row) => sum + row[fate], 0)
  const fates = fateNames.filter(([fate]) => fate === "accepted" || total(fate) > 0)
  const brackets = draft.text.blocks.value.filter(isPresent).reduce((sum, block) => sum + countBrackets(textOf(block)), 0)
  const comments = draft.room.threads.value.filter((thread) => !thread.isResolved).length
  // Who enters words for a delegation does not make it present.
  const present = new Set(draft.line.present.value.map(standsAs))
  // What comes in while it is asked is told, and there is nothing to adopt until it is decided.
  const open = deciding.undecided.value
  const openBy = [...bySource(open).keys()].map((source) => draft.meeting.nameOf(source))
  const ruling = draft.rights.ruling("adopt")
  const absent = [...counts.keys()].filter((source) => source !== draft.line.hat.value && !present.has(source))
  return (
    <Question
      title={`Adopt ${draft.text.heading.value}?`}
      act="Adopt the text"
      kind="primary"
      notNow="Not yet"
      isReady={ruling.isAllowed && draft.text.changes.value.length === 0}
      pointer={pointer}
      onAct={() => deciding.confirm()}
      onClose={() => deciding.cancel()}
    >
      <p class="soft">The text is sealed. Later errors need a corrigendum: this cannot be taken back.{onWord(draft.meeting)}</p>
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
                <From meeting={draft.meeting} source={source} />
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
        {absent.length > 0 && (
          <li class="warn">Not connected at this moment: {absent.map((code) => draft.meeting.nameOf(code)).join(", ")}.</li>
        )}
      </ul>
    </Question>
  )
}
