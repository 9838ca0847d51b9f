import { useEffect, useState } from "preact/hooks"
import { type Answer, apiRoot } from "../../shared/api/contract.ts"
import { formatNames, paperParts } from "../../shared/api/papers.ts"
import type { Draft } from "../draft/draft.ts"
import type { RoomHere } from "../draft/room.ts"
import { call } from "../meeting/api.ts"
import { Dialog } from "../ui/dialog.tsx"
import { FileLink } from "../ui/file-link.tsx"
import { recordedAt } from "../ui/moment.ts"
import { Incomplete } from "./damage-strip.tsx"
import { formats, isMarked, marks, Select, views } from "./paper-choices.tsx"

type Version = Answer<"versions">[number]
type PublishRequest = Parameters<Draft["acts"]["publish"]>[1]

const toKeep = [["", "no file, the name alone"], ...formats] as const

/** Names the draft as it is now, and keeps a file of it, or of a version that has a name already, as it is published. */
function Naming({ draft, onDone }: { draft: Draft; onDone: () => void }) {
  const [version, setVersion] = useState("")
  const [name, setName] = useState("")
  const [format, setFormat] = useState("docx")
  const [view, setView] = useState("against")
  const [whose, setWhose] = useState("body")
  const isBusy = draft.acts.isBusy.value
  const isNew = version === ""
  const publish = async (event: Event): Promise<void> => {
    event.preventDefault()
    const n = isNew ? await draft.acts.nameVersion(name.trim()) : Number(version)
    if (n === null) return
    // It has its name now, also where its file cannot be written.
    setName("")
    if (format !== "" && !(await draft.acts.publish(n, { format, view, marks: whose, comments: false } as PublishRequest)) && isNew)
      setVersion(String(n))
    onDone()
  }
  const named = draft.room.meta.value.versions.toReversed().map(({ n, name: own }) => [String(n), `version ${n}: ${own}`] as const)
  return (
    <form class="naming" onSubmit={(event) => void publish(event)}>
      {named.length > 0 && (
        <Select
          label="Publish"
          choices={[["", "the draft as it is now"], ...named]}
          value={version}
          onChange={(chosen) => {
            setVersion(chosen)
            if (format === "") setFormat("docx")
          }}
        />
      )}
      {isNew && (
        <label class="name">
          Name of the version
          <input
            type="text"
            required
            maxLength={200}
            dir="auto"
            placeholder="DT/12 or Revision 1"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
      )}
      <Select label="Kept as" choices={isNew ? toKeep : formats} value={format} onChange={setFormat} />
      {format !== "" && <Select label="Text" choices={views} value={view} onChange={setView} />}
      {format !== "" && isMarked(view) && <Select label="Whose marks" choices={marks} value={whose} onChange={setWhose} />}
      <button type="submit" class="primary" disabled={isBusy || (isNew && name.trim() === "")}>
        {isBusy ? "Publishing …" : format === "" ? "Name it" : "Publish"}
      </button>
      <p role="status">{draft.page.said.value}</p>
    </form>
  )
}

/** What changed from a version to another: a file with tracked changes. */
function Compare({
  room,
  version,
  all,
  onSaid,
}: {
  room: RoomHere
  version: Version
  all: readonly Version[]
  onSaid: (sentence: string) => void
}) {
  const [to, setTo] = useState("")
  const href = (format: string): string => {
    const query = new URLSearchParams({ format, ...(to ? { with: to } : {}) })
    return `${apiRoot}/drafts/${room.summary.id}/versions/${version.n}/compare?${query}`
  }
  const others = all.filter((other) => other.n !== version.n)
  return (
    <span class="compare">
      <select aria-label={`Compare ${version.name} with`} value={to} onChange={(event) => setTo(event.currentTarget.value)}>
        <option value="">now</option>
        {others.map(({ n, name }) => (
          <option key={n} value={n}>
            {n}: {name}
          </option>
        ))}
      </select>
      <FileLink href={href("docx")} onSaid={onSaid}>
        Word
      </FileLink>
      <FileLink href={href("html")} onSaid={onSaid}>
        Web page
      </FileLink>
    </span>
  )
}

/** The named versions of a draft: what was published of each, what changed since. */
export function Versions({ draft, onDownload, onClose }: { draft: Draft; onDownload: (version: string) => void; onClose: () => void }) {
  const [versions, setVersions] = useState<readonly Version[] | string | null>(null)
  const load = (): void => {
    call("versions", { params: { draft: draft.room.summary.id } }).then(setVersions, (error: Error) => setVersions(error.message))
  }
  const [said, setSaid] = useState("")
  const named = draft.room.meta.value.versions.length
  useEffect(load, [named])
  return (
    <Dialog title="Versions" onClose={onClose}>
      {draft.rights.ruling("nameVersion").isAllowed && <Naming draft={draft} onDone={load} />}
      {versions === null && <p class="empty">Opening …</p>}
      {typeof versions === "string" && <p class="empty">{versions}</p>}
      <Incomplete room={draft.room} what="Versions that were named, and files that were published," />
      {Array.isArray(versions) && versions.length === 0 && !draft.room.damage.value && (
        <p class="empty">No version has a name yet. A named version can be had again at any time, whatever is decided later.</p>
      )}
      {said && <p role="status">{said}</p>}
      {Array.isArray(versions) && versions.length > 0 && (
        <div class="table-frame">
          <table class="register versions">
            <thead>
              <tr>
                <th scope="col">No.</th>
                <th scope="col">Name</th>
                <th scope="col">When</th>
                <th scope="col">Published</th>
                <th scope="col">Changes up to</th>
                <th scope="col">
                  <span class="visually-hidden">As a file</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {versions.toReversed().map((version: Version) => (
                <tr key={version.n}>
                  <td>{version.n}</td>
                  <td dir="auto">
                    <b>{version.name}</b>
                  </td>
                  <td>
                    {recordedAt(version.at)}
                    <small>{version.enteredBy}</small>
                  </td>
                  <td>
                    {version.files.map((file) => (
                      <FileLink
                        key={file.hash}
                        class="published"
                        href={`${apiRoot}/drafts/${draft.room.summary.id}/versions/${version.n}/files/${file.hash}`}
                        title={`${file.name}, ${recordedAt(file.at)}, SHA-256 ${file.hash}`}
                        onSaid={setSaid}
                      >
                        <b>{formatNames[file.format]}</b>, {paperParts(file).join(", ")}
                      </FileLink>
                    ))}
                  </td>
                  <td>
                    <Compare room={draft.room} version={version} all={versions} onSaid={setSaid} />
                  </td>
                  <td>
                    <button type="button" class="quiet" onClick={() => onDownload(String(version.n))}>
                      Download …
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Dialog>
  )
}
