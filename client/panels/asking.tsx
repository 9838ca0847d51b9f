import type { Change } from "../../shared/changes/changes.ts"
import { countBrackets } from "../../shared/clauses/brackets.ts"
import { quoted } from "../../shared/clauses/notes.ts"
import { isPresent, textOf } from "../../shared/schema/block.ts"
import { beginningOf, endOf } from "../../shared/schema/letters.ts"
import type { ProposalEntry } from "../../shared/sync/roots.ts"
import type { Asked } from "../deciding.ts"
import type { Draft } from "../draft.ts"
import { styleOf } from "../ui/look.ts"
import { type PointerPlace, Question } from "../ui/question.tsx"
import { SourceCode } from "../ui/source-code.tsx"
import { count } from "../ui/words.ts"

const mostWords = 34
const mostPlaces = 4

/** Shortened in the middle, so that both ends are read. */
function inBrief(text: string): string {
  const words = quoted(text)
  if (words.length <= mostWords) return words
  const half = mostWords / 2
  return `${beginningOf(words, half).trimEnd()} … ${endOf(words, half).trimStart()}`
}

/** The first words of a change, as they are drawn in the text; of one about a clause as a whole, what it is. */
function FirstWords({ draft, change }: { draft: Draft; change: Change }) {
  if (change.kind !== "insertion" && change.kind !== "deletion" && change.kind !== "replacement" && change.kind !== "new clause")
    return <span class="soft">{change.kind}</span>
  return (
    <span class="words" dir="auto" style={styleOf(draft.lookOf(change.source))}>
      {change.deleted && <del>{inBrief(change.deleted)}</del>} {change.inserted && <ins>{inBrief(change.inserted)}</ins>}
    </span>
  )
}

function Places({ draft, changes }: { draft: Draft; changes: readonly Change[] }) {
  const places = [...new Set(changes.map((change) => draft.addressOf(change.block)))]
  const more = places.length - mostPlaces
  return (
    <>
      {places.slice(0, mostPlaces).join(", ")}
      {more > 0 && ` and ${more} more`}
    </>
  )
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

function AskDecision({ draft, asked, pointer }: { draft: Draft; asked: Asked & { kind: "decide" }; pointer: PointerPlace }) {
  const { verdict, ids, which, competing, forestalled } = asked
  const { deciding } = draft
  const covered = deciding.open.value.filter((change) => ids.has(change.id))
  const rivals = deciding.open.value.filter((change) => competing.has(change.id))
  const late = deciding.open.value.filter((change) => forestalled.has(change.id))
  const many = `${count(covered.length, "change")}${which && ` ${which}`}`
  const delegations = count(bySource(covered).size, "delegation")
  return (
    <Question
      title={verdict === "accept" ? `Accept ${many}?` : `Not retain ${many}?`}
      act={verdict === "accept" ? `Accept ${count(covered.length, "change")}` : `Not retain ${count(covered.length, "change")}`}
      kind={verdict === "accept" ? "yes" : "no"}
      isReady={covered.length > 0}
      pointer={pointer}
      onAct={() => deciding.confirm()}
      onClose={() => deciding.cancel()}
    >
      <p class="soft">
        {verdict === "accept"
          ? `Proposals of ${delegations} enter the text.`
          : `Proposals of ${delegations} leave the text. Their words stay in the record of decisions.`}
        {onWord(draft)}
      </p>
      <ChangesByDelegation draft={draft} changes={covered} />
      {rivals.length > 0 && (
        <p class="left-out">
          <b>Left out, {count(rivals.length, "change")}:</b> of these only some can be accepted, in{" "}
          <Places draft={draft} changes={rivals} />. They stay open; choose among them one by one.
        </p>
      )}
      {late.length > 0 && (
        <p class="left-out">
          <b>Left out, {count(late.length, "change")}:</b> what {late.length === 1 ? "it was" : "they were"} to replace had gone when{" "}
          {late.length === 1 ? "it" : "they"} came, for another on the same words was accepted, in <Places draft={draft} changes={late} />.{" "}
          {late.length === 1 ? "It stays" : "They stay"} open; read and decide each by itself.
        </p>
      )}
    </Question>
  )
}

function AskSuppression({ draft, asked, pointer }: { draft: Draft; asked: Asked & { kind: "suppress" }; pointer: PointerPlace }) {
  const { deciding } = draft
  const change = deciding.open.value.find((other) => other.id === asked.id)
  const ending = deciding.open.value.filter((other) => asked.ending.has(other.id))
  const place = change ? draft.addressOf(change.block) : "the clause"
  return (
    <Question
      title={`Delete ${place}?`}
      act="Delete the clause"
      kind="no"
      isReady={change !== undefined}
      pointer={pointer}
      onAct={() => deciding.confirm()}
      onClose={() => deciding.cancel()}
    >
      <p class="soft">
        {change && draft.nameOf(change.source)} proposes it. What is open in the clause ends with it: {count(ending.length, "change")} by{" "}
        {count(bySource(ending).size, "delegation")}.{onWord(draft)}
      </p>
      <ChangesByDelegation draft={draft} changes={ending} />
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
  const present = new Set(draft.present.value.map(({ source }) => source))
  const absent = [...counts.keys()].filter((source) => source !== draft.hat.value && !present.has(source))
  return (
    <Question
      title={`Adopt ${draft.heading.value}?`}
      act="Adopt the text"
      kind="primary"
      notNow="Not yet"
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
        <li>No change is open.</li>
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
  if (asked?.kind === "decide") return <AskDecision draft={draft} asked={asked} pointer={pointer} />
  if (asked?.kind === "suppress") return <AskSuppression draft={draft} asked={asked} pointer={pointer} />
  return asked ? <AskAdoption draft={draft} pointer={pointer} /> : null
}
