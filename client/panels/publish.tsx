import { useEffect, useState } from "preact/hooks"
import { apiRoot } from "../../shared/api/contract.ts"
import type { PublicView } from "../../shared/sync/roots.ts"
import type { Draft } from "../draft/draft.ts"
import type { Rights } from "../draft/rights.ts"
import { ApiProblem, call, send } from "../meeting/api.ts"
import { Dialog } from "../ui/dialog.tsx"
import { FileLink } from "../ui/file-link.tsx"
import { formats, isMarked, marks, Radios, Select, views } from "./paper-choices.tsx"

/** A page that everybody may read: the secretariat opens it, and all see that it is open. */
function PublicPage({ draft }: { draft: Draft }) {
  const { publicView } = draft.room.meta.value
  const mayOpen = draft.rights.ruling("openToPublic").isAllowed
  if (!mayOpen && publicView === null) return null
  const path = `/public/${draft.room.summary.id}`
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

/** The institution's Word template: what it is, and for the secretariat another. */
function Template({ rights, isUsed, onUse }: { rights: Rights; isUsed: boolean; onUse: (use: boolean) => void }) {
  const [name, setName] = useState<string | null>(null)
  /** There is one, and it is not what was set. */
  const [isDamaged, setDamaged] = useState(false)
  const [said, setSaid] = useState("")
  const maySet = rights.ruling("setTemplate").isAllowed
  const failed = (error: unknown): void => setSaid(error instanceof ApiProblem ? error.message : "That did not work. Try again.")
  useEffect(() => {
    call("template").then(
      (template) => setName(template.name),
      (error: unknown) => {
        setDamaged(error instanceof ApiProblem && error.problem.type.endsWith(":store-failed"))
        failed(error)
      },
    )
  }, [])
  const set = (file: File | undefined): void => {
    if (!file) return
    setSaid("Reading …")
    const { answer } = send("setTemplate", { file, query: { name: file.name } })
    answer.then((template) => {
      setName(template.name)
      setDamaged(false)
      setSaid("Kept. Papers are written in it from now on.")
    }, failed)
  }
  const remove = (): void => {
    call("removeTemplate").then(() => {
      setName(null)
      setDamaged(false)
      setSaid("Removed.")
    }, failed)
  }
  const isThere = name !== null || isDamaged
  if (!isThere && !maySet) return null
  return (
    <fieldset class="choices">
      <legend>Word template</legend>
      {!isThere ? (
        <p>Word files are written with our own styles.</p>
      ) : (
        <label>
          <input type="checkbox" checked={isUsed} onChange={(event) => onUse(event.currentTarget.checked)} /> in the institution's template,{" "}
          <b dir="auto">{name ?? "which is damaged"}</b>
        </label>
      )}
      {maySet && (
        <div class="row">
          <label class="button">
            {isThere ? "Another template" : "Choose the institution's template"}
            <input
              type="file"
              class="visually-hidden"
              accept=".docx,.dotx"
              onChange={(event) => {
                set(event.currentTarget.files?.[0])
                event.currentTarget.value = ""
              }}
            />
          </label>
          {isThere && (
            <button type="button" onClick={remove}>
              Remove it
            </button>
          )}
        </div>
      )}
      <p role="status">{said}</p>
    </fieldset>
  )
}

/** Takes the draft away as a file: as it is now, or as a named version was. */
export function Publish({ draft, version: first, onClose }: { draft: Draft; version: string; onClose: () => void }) {
  const [version, setVersion] = useState(first)
  const [view, setView] = useState("open")
  const [whose, setWhose] = useState("delegation")
  const [hasComments, setComments] = useState(true)
  const [inTemplate, setInTemplate] = useState(true)
  const [said, setSaid] = useState("")
  const { versions } = draft.room.meta.value
  const href = (format: string): string => {
    const query = new URLSearchParams({ format, view, marks: whose, comments: String(hasComments), template: String(inTemplate) })
    if (version) query.set("version", version)
    return `${apiRoot}/drafts/${draft.room.summary.id}/export?${query}`
  }
  return (
    <Dialog title="Download" onClose={onClose}>
      <fieldset class="choices">
        <legend>Which text</legend>
        {versions.length > 0 && (
          <Select
            label="The draft"
            choices={[
              ["", "as it is now"],
              ...versions.toReversed().map(({ n, name }) => [String(n), `as in version ${n}: ${name}`] as const),
            ]}
            value={version}
            onChange={setVersion}
          />
        )}
        <Radios name="view" choices={views} value={view} onChange={setView} />
      </fieldset>
      {isMarked(view) && (
        <fieldset class="choices">
          <legend>Whose marks</legend>
          <Radios name="marks" choices={marks} value={whose} onChange={setWhose} />
          <label>
            <input type="checkbox" checked={hasComments} onChange={(event) => setComments(event.currentTarget.checked)} /> with comments
          </label>
        </fieldset>
      )}
      <Template rights={draft.rights} isUsed={inTemplate} onUse={setInTemplate} />
      <PublicPage draft={draft} />
      <div class="row formats">
        {formats.map(([format, name]) => (
          <FileLink key={format} class={`button ${format === "docx" ? "primary" : ""}`} href={href(format)} onSaid={setSaid}>
            {name}
          </FileLink>
        ))}
      </div>
      <p role="status">{said}</p>
    </Dialog>
  )
}
