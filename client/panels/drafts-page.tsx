import { useEffect, useState } from "preact/hooks"
import type { DraftSummary } from "../../shared/api/contract.ts"
import { may } from "../../shared/policy/policy.ts"
import { call } from "../meeting/api.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { Icon } from "../ui/icon.tsx"
import { count, readableFiles } from "../ui/words.ts"
import { Ended } from "./ended.tsx"
import { ImportReview } from "./import-review.tsx"
import { MeetingDialogs, Plate } from "./plate.tsx"
import { SittingDialog, SittingLine } from "./sitting.tsx"

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
export function DraftsPage({ meeting }: { meeting: MeetingHere }) {
  const me = meeting.me.value
  const [drafts, setDrafts] = useState<readonly DraftSummary[] | string | null>(null)
  const [file, setFile] = useState<File | null>(null)
  /** The secretariat goes on with a file though nobody has said what sitting it is. */
  const [isUnset, setUnset] = useState(false)
  const [isOver, setOver] = useState(false)
  const mayImport = may("importDraft", { role: me.role, hat: null }, { stage: "drafting", secretaryOperates: true }).isAllowed
  useEffect(() => {
    call("drafts").then(setDrafts, (error: Error) => setDrafts(error.message))
    return meeting.keepUp()
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
        <Plate meeting={meeting} />
      </header>
      <main>
        <p class="meeting-line">
          <SittingLine meeting={meeting} hasDate />
        </p>
        {me.notKept && (
          <p class="problem" role="status">
            {me.notKept}
          </p>
        )}
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
      {file && me.sitting.id === null && !isUnset && (
        <SittingDialog
          meeting={meeting}
          before={{
            say: `The record and the papers of ${file.name} bear the sitting. Say first which one it is.`,
            skip: "Import without one",
            go: () => setUnset(true),
          }}
          onClose={() => setFile(null)}
        />
      )}
      {file && (me.sitting.id !== null || isUnset) && (
        <ImportReview
          key={`${file.name}${file.size}${file.lastModified}`}
          file={file}
          target={{ kind: "new" }}
          me={me}
          onClose={() => setFile(null)}
        />
      )}
      <MeetingDialogs meeting={meeting} />
      <Ended meeting={meeting} />
    </div>
  )
}
