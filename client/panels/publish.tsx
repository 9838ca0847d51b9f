import { useState } from "preact/hooks"
import { apiRoot } from "../../shared/api/contract.ts"
import type { PublicView } from "../../shared/sync/roots.ts"
import type { Draft } from "../draft.ts"
import { Dialog } from "../ui/dialog.tsx"

type Choices = readonly (readonly [value: string, name: string])[]

const views: Choices = [
  ["against", "Against the text in force: accepted and open changes"],
  ["open", "With open changes"],
  ["proposed", "As proposed"],
  ["working", "Working text"],
  ["force", "Text in force"],
  ["rolling", "Rolling text, in brackets for black and white"],
]

const marks: Choices = [
  ["delegation", "Each delegation's"],
  ["body", "The body's"],
  ["plain", "Nobody's: no name and no time is in the file"],
]

const formats: Choices = [
  ["docx", "Word (.docx)"],
  ["pdf", "PDF"],
  ["html", "Web page (.html)"],
  ["akn", "Akoma Ntoso (.xml)"],
  ["txt", "Plain text"],
  ["json", "Clausula file (.json)"],
]

const marked = new Set(["against", "open"])

function Radios({ name, choices, value, onChange }: { name: string; choices: Choices; value: string; onChange: (value: string) => void }) {
  return (
    <>
      {choices.map(([choice, label]) => (
        <label key={choice}>
          <input type="radio" name={name} value={choice} checked={value === choice} onChange={() => onChange(choice)} /> {label}
        </label>
      ))}
    </>
  )
}

/** A page that everybody may read: the secretariat opens it, and all see that it is open. */
function PublicPage({ draft }: { draft: Draft }) {
  const { publicView } = draft.meta.value
  const mayOpen = draft.ruling("openToPublic").isAllowed
  if (!mayOpen && publicView === null) return null
  const path = `/public/${draft.summary.id}`
  return (
    <fieldset class="choices">
      <legend>Public page</legend>
      {mayOpen && (
        <label>
          Readable by everybody:{" "}
          <select
            value={publicView ?? ""}
            onChange={(event) => void draft.acts.openToPublic((event.currentTarget.value || null) as PublicView)}
          >
            <option value="">closed</option>
            <option value="working">working text</option>
            <option value="open">with open changes</option>
          </select>
        </label>
      )}
      {publicView !== null && (
        <a href={path} target="_blank" rel="noreferrer">
          {new URL(path, location.href).href}
        </a>
      )}
    </fieldset>
  )
}

/** Takes the draft away as a file. */
export function Publish({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const [view, setView] = useState("open")
  const [whose, setWhose] = useState("delegation")
  const [hasComments, setComments] = useState(true)
  const href = (format: string): string => {
    const query = new URLSearchParams({ format, view, marks: whose, comments: String(hasComments) })
    return `${apiRoot}/drafts/${draft.summary.id}/export?${query}`
  }
  return (
    <Dialog title="Download" onClose={onClose}>
      <fieldset class="choices">
        <legend>Which text</legend>
        <Radios name="view" choices={views} value={view} onChange={setView} />
      </fieldset>
      {marked.has(view) && (
        <fieldset class="choices">
          <legend>Whose marks</legend>
          <Radios name="marks" choices={marks} value={whose} onChange={setWhose} />
          <label>
            <input type="checkbox" checked={hasComments} onChange={(event) => setComments(event.currentTarget.checked)} /> with comments
          </label>
        </fieldset>
      )}
      <PublicPage draft={draft} />
      <div class="row formats">
        {formats.map(([format, name]) => (
          <a key={format} class={`button ${format === "docx" ? "primary" : ""}`} href={href(format)} download>
            {name}
          </a>
        ))}
      </div>
    </Dialog>
  )
}
