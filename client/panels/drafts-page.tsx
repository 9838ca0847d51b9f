import { useEffect, useState } from "preact/hooks"
import type { DraftSummary, Me } from "../../shared/api/contract.ts"
import { may } from "../../shared/policy/policy.ts"
import { call } from "../api.ts"
import { Icon } from "../ui/icon.tsx"
import { count, readableFiles } from "../ui/words.ts"
import { ImportReview } from "./import-review.tsx"

/** One draft of the list. Where nothing of it can be shown it leads nowhere. */
function Row({ draft }: { draft: DraftSummary }) {
  const { id, title, designation, stage, openChanges, openComments, damage } = draft
  const facts = `${stage === "adopted" ? "adopted" : "live drafting"} · ${count(openChanges, "open change")} · ${count(openComments, "open comment")}`
  const words = (
    <>
      <b>{designation || "Draft"}</b>
      <span class="title">{title}</span>
      {damage ? (
        <span class="damage" dir="ltr">
          {damage.sentence}
        </span>
      ) : (
        <span class="facts" dir="ltr">
          {facts}
        </span>
      )}
    </>
  )
  if (damage && !damage.isReadable)
    return (
      <li class="lost" dir="auto">
        {words}
      </li>
    )
  return (
    <li>
      <a href={`/drafts/${id}`} dir="auto">
        {words}
      </a>
    </li>
  )
}

/** The drafts of the meeting. The secretariat drops a file on the page to import it. */
export function DraftsPage({ me }: { me: Me }) {
  const [drafts, setDrafts] = useState<readonly DraftSummary[] | string | null>(null)
  const [file, setFile] = useState<File | null>(null)
  const [isOver, setOver] = useState(false)
  const mayImport = may("importDraft", { role: me.role, hat: null }, { stage: "drafting", secretaryOperates: true }).isAllowed
  useEffect(() => {
    call("drafts").then(setDrafts, (error: Error) => setDrafts(error.message))
  }, [])
  return (
    <div
      class={`drafts-page ${isOver ? "is-over" : ""}`}
      onDragOver={(event) => {
        if (!mayImport) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        const dropped = event.dataTransfer?.files[0]
        if (mayImport && dropped) setFile(dropped)
      }}
    >
      <header class="top-bar">
        <span class="brand">
          <img src="/icon.svg" alt="" width="26" height="26" />
          <span>Clausula</span>
        </span>
        <div class="what" />
        <div class={`who is-${me.role}`}>
          <span class="role">{me.role === "secretary" ? "Secretariat" : me.role}</span>
          <span class="name" title={me.name}>
            {me.name}
          </span>
        </div>
      </header>
      <main>
        <div class="heading-row">
          <h1>Drafts</h1>
          {mayImport && (
            <label class="button">
              <Icon name="upload" /> Import a file
              <input
                type="file"
                class="visually-hidden"
                accept={readableFiles}
                onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
              />
            </label>
          )}
        </div>
        {drafts === null && <p class="empty">Opening …</p>}
        {typeof drafts === "string" && <p class="problem">{drafts}</p>}
        {Array.isArray(drafts) && drafts.length === 0 && (
          <p class="empty">
            {mayImport
              ? "There is no draft yet. Drop a Word file or a text here, or import a file."
              : "There is no draft yet. The secretariat will import one."}
          </p>
        )}
        {Array.isArray(drafts) && (
          <ul class="drafts">
            {drafts.map((draft: DraftSummary) => (
              <Row key={draft.id} draft={draft} />
            ))}
          </ul>
        )}
      </main>
      {file && (
        <ImportReview
          key={`${file.name}${file.size}${file.lastModified}`}
          file={file}
          target={{ kind: "new" }}
          me={me}
          onClose={() => setFile(null)}
        />
      )}
    </div>
  )
}
