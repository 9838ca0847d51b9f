import type { Draft } from "../draft/draft.ts"
import type { View } from "../editor/marks.ts"

/** The views in the order of their keys: Alt+1 to Alt+7. */
export const viewNames: readonly (readonly [View, string])[] = [
  ["force", "Against the text in force"],
  ["markup", "All markup"],
  ["proposed", "As proposed"],
  ["working", "Working text"],
  ["original", "Text in force"],
  ["source", "One delegation"],
  ["simple", "Simple"],
]

/** The sources that can be shown alone: those with open changes, and the one that is shown. */
export function sourcesOf(draft: Draft): string[] {
  const sources = draft.text.changes.value.map((change) => change.source)
  const shown = draft.page.oneSource.value
  return [...new Set(shown === null ? sources : [...sources, shown])]
}

/** Shows the text another way. For one delegation that of the chosen change is taken, else one's own, else the first in the text. */
export function showView(draft: Draft, view: View): void {
  if (view === "source" && draft.page.oneSource.value === null) {
    const sources = sourcesOf(draft)
    const chosen = draft.text.changes.value.find((change) => change.id === draft.choice.chosen.value)?.source
    const own = draft.line.hat.value
    const found = chosen ?? (own !== null && sources.includes(own) ? own : (sources[0] ?? own ?? draft.meeting.me.value.sources[0]?.code))
    if (found === undefined) {
      draft.page.said.value = "No delegation is on the roster yet whose changes could be shown alone."
      return
    }
    draft.page.oneSource.value = found
  }
  draft.page.view.value = view
}

/** Why nothing happens when somebody types, or null where it does. */
export function whyReadOnly(draft: Draft): string | null {
  if (draft.rights.mayWrite.value) return draft.rights.isEditable.value ? null : draft.drafting.notTaken
  const ruling = draft.rights.ruling("propose")
  if (!ruling.isAllowed) return ruling.sentence
  if (draft.line.hat.value === null) return "You read this draft; you do not write in it."
  const name = viewNames.find(([view]) => view === draft.page.view.value)?.[1] ?? ""
  return `“${name}” is for reading: nothing was written. To write, show all markup (Alt+2).`
}
