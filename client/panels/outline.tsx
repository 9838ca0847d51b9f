import { placesOf } from "../../shared/changes/changes.ts"
import { workingText } from "../../shared/changes/projections.ts"
import { countBrackets } from "../../shared/clauses/brackets.ts"
import { quoted } from "../../shared/clauses/notes.ts"
import { textOf } from "../../shared/schema/block.ts"
import type { Draft } from "../draft/draft.ts"
import { count } from "../ui/words.ts"

/** Heads and clauses as a way through the text, with the number of open changes at each. */
export function Outline({ draft }: { draft: Draft }) {
  const open = draft.deciding.counts.value.byBlock
  const touched = new Set(draft.deciding.undecided.value.flatMap((change) => [...placesOf(change).keys()]))
  // A change is counted where it begins (COUNT1), and marked wherever it goes on.
  const openAt = (clause: string): string => {
    const begin = open.get(clause) ?? 0
    return begin > 0 ? count(begin, "open change") : "part of an open change"
  }
  const labels = draft.text.labels.value
  return (
    <nav class="outline" aria-label="Outline">
      <ol>
        {draft.text.outline.value.map(({ head, clauses }, i) => (
          <li key={head?.id ?? `start-${i}`}>
            {head && (
              <button type="button" class="quiet head" dir={head.dir} onClick={() => draft.choice.show(head.id)}>
                {quoted(textOf(workingText(head)) || textOf(head))}
              </button>
            )}
            <ul dir={head?.dir ?? "ltr"}>
              {clauses.map((clause) => (
                <li key={clause.id}>
                  <button
                    type="button"
                    class={`quiet clause ${draft.choice.caretBlock.value === clause.id ? "is-here" : ""} level-${clause.level}`}
                    title={draft.text.addressOf(clause.id)}
                    dir={clause.dir}
                    onClick={() => draft.choice.show(clause.id)}
                  >
                    {labels.get(clause.id) || "•"}
                    {countBrackets(textOf(clause)) > 0 && (
                      <span class="in-brackets" title="Text in square brackets: not agreed">
                        [ ]
                      </span>
                    )}
                    {touched.has(clause.id) && (
                      <span class="has-open" title={openAt(clause.id)}>
                        <span class="visually-hidden">, {openAt(clause.id)}</span>
                      </span>
                    )}
                  </button>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </nav>
  )
}
