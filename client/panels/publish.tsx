import { useState } from "preact/hooks"
import { apiRoot } from "../../shared/api/contract.ts"
import type { Draft } from "../draft.ts"
import { Dialog } from "../ui/dialog.tsx"

const views: readonly (readonly [string, string])[] = [
  ["open", "With open changes"],
  ["proposed", "As proposed"],
  ["working", "Working text"],
  ["force", "Text in force"],
]

/** Takes the draft away as a file. */
export function Publish({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const [view, setView] = useState("open")
  const href = (format: string): string => `${apiRoot}/drafts/${draft.summary.id}/export?format=${format}&view=${view}`
  return (
    <Dialog title="Download" onClose={onClose}>
      <fieldset class="choices">
        <legend>Which text</legend>
        {views.map(([value, name]) => (
          <label key={value}>
            <input type="radio" name="view" value={value} checked={view === value} onChange={() => setView(value)} /> {name}
          </label>
        ))}
      </fieldset>
      <div class="row">
        <a class="button" href={href("txt")} download>
          Plain text
        </a>
        <a class="button" href={href("json")} download>
          Clausula file (.json)
        </a>
      </div>
    </Dialog>
  )
}
