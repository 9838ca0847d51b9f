import { useEffect, useState } from "preact/hooks"
import type { DraftSummary, Me } from "../../shared/api/contract.ts"
import { may } from "../../shared/policy/policy.ts"
import { ApiProblem, call } from "../api.ts"
import { Dialog } from "../ui/dialog.tsx"
import { Icon } from "../ui/icon.tsx"

interface Understood {
  readonly cover: readonly { field: string | null; text: string }[]
  readonly blocks: readonly { id: string; type: string; label?: string; text: string }[]
  readonly changes: readonly unknown[]
  readonly comments: readonly unknown[]
  readonly notes: readonly unknown[]
  readonly warnings: readonly { code: string; block?: string; message: string }[]
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** What was understood of a file, before it becomes a draft. */
function ImportReview({ file, onClose, onImported }: { file: File; onClose: () => void; onImported: (id: string) => void }) {
  const [state, setState] = useState<Understood | string | null>(null)
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    call("importDraft", { file, query: { preview: "true" } }).then(
      (answer) => setState(answer.understood as Understood),
      (error: Error) => setState(error.message),
    )
  }, [])
  const importNow = async (): Promise<void> => {
    setBusy(true)
    try {
      const { id } = await call("importDraft", { file })
      if (id) onImported(id)
    } catch (error) {
      setState(error instanceof ApiProblem ? error.message : "The import failed. Try again.")
    } finally {
      setBusy(false)
    }
  }
  const understood = typeof state === "object" ? state : null
  const of = (type: string): number => understood?.blocks.filter((block) => block.type === type).length ?? 0
  const labelOf = (id: string | undefined): string => understood?.blocks.find((block) => block.id === id)?.label ?? ""
  return (
    <Dialog title={`Import ${file.name}`} onClose={onClose}>
      {state === null && <p class="empty">Reading …</p>}
      {typeof state === "string" && (
        <p class="problem" role="alert">
          {state}
        </p>
      )}
      {understood && (
        <>
          <p class="understood">
            {count(of("head"), "head")}, {count(of("clause"), "clause")}, {count(of("quote"), "quotation")},{" "}
            {count(understood.notes.length, "footnote")}, {count(understood.comments.length, "comment")},{" "}
            {count(understood.cover.length, "cover field")}.
          </p>
          <div class="preview" dir="auto">
            {understood.blocks.slice(0, 12).map((block) => (
              <p key={block.id} data-type={block.type}>
                {block.label && <span class="label">{block.label}</span>}{" "}
                {block.text.length > 120 ? `${block.text.slice(0, 119)}…` : block.text}
              </p>
            ))}
            {understood.blocks.length > 12 && <p class="more">… {understood.blocks.length - 12} more</p>}
          </div>
          {understood.warnings.length > 0 && (
            <details open={understood.warnings.length <= 8}>
              <summary>{count(understood.warnings.length, "thing")} to look at</summary>
              <ul class="warnings">
                {understood.warnings.map((warning, i) => (
                  <li key={i}>
                    {labelOf(warning.block) && <b>{labelOf(warning.block)} </b>}
                    {warning.message}
                  </li>
                ))}
              </ul>
            </details>
          )}
          <div class="row">
            <button type="button" class="primary" disabled={isBusy} onClick={() => void importNow()}>
              Import as a new draft
            </button>
            <button type="button" class="quiet" onClick={onClose}>
              Cancel
            </button>
          </div>
        </>
      )}
    </Dialog>
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
          <span class="name">{me.name}</span>
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
                accept=".txt,.json,text/plain,application/json"
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
              ? "There is no draft yet. Drop a text here, or import a file."
              : "There is no draft yet. The secretariat will import one."}
          </p>
        )}
        {Array.isArray(drafts) && (
          <ul class="drafts">
            {drafts.map((draft: DraftSummary) => (
              <li key={draft.id}>
                <a href={`/drafts/${draft.id}`} dir="auto">
                  <b>{draft.designation || "Draft"}</b>
                  <span class="title">{draft.title}</span>
                  <span class="facts" dir="ltr">
                    {draft.stage === "adopted" ? "adopted" : "live drafting"} · {count(draft.openChanges, "open change")} ·{" "}
                    {count(draft.openComments, "open comment")}
                  </span>
                </a>
              </li>
            ))}
          </ul>
        )}
      </main>
      {file && (
        <ImportReview
          key={`${file.name}${file.size}${file.lastModified}`}
          file={file}
          onClose={() => setFile(null)}
          onImported={(id) => location.assign(`/drafts/${id}`)}
        />
      )}
    </div>
  )
}
