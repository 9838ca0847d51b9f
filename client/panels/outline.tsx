import { workingText } from "../../shared/changes/projections.ts"
import { countBrackets } from "../../shared/clauses/brackets.ts"
import { quoted } from "../../shared/clauses/notes.ts"
import { textOf } from "../../shared/schema/block.ts"
import type { Draft } from "../draft.ts"
import { count } from "../ui/words.ts"

/** Heads and clauses as a way through the text, with the number of open changes at each. */
export function Outline({ draft }: { draft: Draft }) {
  const open = draft.deciding.counts.value.byBlock
  const labels = draft.labels.value
  return (
    <nav class="outline" aria-label="Outline">
      <ol>
        {draft.outline.value.map(({ head, clauses }, i) => (
          <li key={head?.id ?? `start-${i}`}>
            {head && (
              <button type="button" class="quiet head" dir={head.dir} onClick={() => draft.show(head.id)}>
                {quoted(textOf(workingText(head)) || textOf(head))}
              </button>
            )}
            <ul dir={head?.dir ?? "ltr"}>
              {clauses.map((clause) => (
                <li key={clause.id}>
                  <button
                    type="button"
                    class={`quiet clause ${draft.caretBlock.value === clause.id ? "is-here" : ""} level-${clause.level}`}
                    title={draft.addressOf(clause.id)}
                    dir={clause.dir}
                    onClick={() => draft.show(clause.id)}
                  >
                    {labels.get(clause.id) || "•"}
                    {countBrackets(textOf(clause)) > 0 && (
                      <span class="in-brackets" title="Text in square brackets: not agreed">
                        [ ]
                      </span>
                    )}
                    {open.has(clause.id) && (
                      <span class="has-open" title={count(open.get(clause.id)!, "open change")}>
                        <span class="visually-hidden">, {count(open.get(clause.id)!, "open change")}</span>
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
