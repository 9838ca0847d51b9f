import { count } from "../ui/words.ts"

/** How much of the text that a file was made on stands in a draft, and what of it finds no place there. */
export interface Match {
  readonly words: number
  readonly here: number
  readonly isOther: boolean
}

export interface LeftOut {
  readonly what: string
  readonly why: string
}

/** Said before anything else where a file was made on another text: what is put on the wrong draft is hard to take back. */
export function OtherText({
  match: { words, here },
  changes,
  left,
  designation,
}: {
  match: Match
  changes: number
  left: readonly LeftOut[]
  designation: string
}) {
  const draft = designation || "this draft"
  return (
    <section class="other-text problem" role="alert">
      <h3>This file was made on another text</h3>
      <p>
        {words === 0
          ? `It has no text that stands in ${draft}.`
          : here === 0
            ? `Nothing of the text that it was made on stands in ${draft}.`
            : `Of the ${words} words that it was made on ${here === 1 ? "one stands" : `${here} stand`} in ${draft}.`}
        {left.length > 0 &&
          ` ${left.length === changes ? (changes === 1 ? "Its change finds" : `Its ${changes} changes find`) : `${left.length} of its ${count(changes, "change")} ${left.length === 1 ? "finds" : "find"}`} no place there.`}
      </p>
      <p>If it is meant for another draft, close this and drop it on that one.</p>
    </section>
  )
}

/** The parts of a file that find no place. */
export function LeftList({ left }: { left: readonly LeftOut[] }) {
  return (
    <ul class="warnings">
      {left.map(({ what, why }, i) => (
        <li key={i}>
          <b dir="auto">{what}</b> {why}
        </li>
      ))}
    </ul>
  )
}
