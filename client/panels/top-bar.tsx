import type { Signal } from "@preact/signals"
import type { Role } from "../../shared/policy/policy.ts"
import type { Draft } from "../draft.ts"
import { statusSentence } from "../life/sentences.ts"
import { Icon } from "../ui/icon.tsx"
import { useNarrow } from "../ui/small.ts"
import { SourceCode } from "../ui/source-code.tsx"
import { readableFiles, roleNames } from "../ui/words.ts"
import { Plate } from "./plate.tsx"
import { SittingLine } from "./sitting.tsx"

function Presence({ draft }: { draft: Draft }) {
  const bySource = new Map<string, string[]>()
  for (const { source, person, name, role } of draft.present.value) {
    const code = source || (roleNames[role as Role] ?? role)
    // Not as the room told it when they came: somebody of the same name may have come since.
    bySource.set(code, [...(bySource.get(code) ?? []), draft.meeting.names.value.get(person) ?? name])
  }
  // One more is as long as the count of those that are left out.
  const most = useNarrow() ? 3 : 8
  const shown = bySource.size <= most + 1 ? bySource.size : most
  if (bySource.size === 0) return null
  return (
    <ul class="presence" aria-label="Present">
      {[...bySource].slice(0, shown).map(([code, names]) => (
        <li key={code} title={`${draft.nameOf(code)}: ${[...new Set(names)].join(", ")}`}>
          <SourceCode code={code} look={draft.lookOf(code)} />
        </li>
      ))}
      {bySource.size > shown && (
        <li
          class="more"
          title={[...bySource]
            .slice(shown)
            .map(([code]) => draft.nameOf(code))
            .join(", ")}
        >
          +{bySource.size - shown}
        </li>
      )}
    </ul>
  )
}

/** What is true of the person's words. */
export function SaveState({ draft }: { draft: Draft }) {
  const status = draft.status.value
  const isCalm = status.kind === "saved" && status.notSent === 0
  return (
    <output class={`save-status is-${status.kind} ${isCalm ? "is-calm" : ""}`} aria-live="polite">
      <span>{statusSentence(status, (source) => draft.nameOf(source))}</span>
    </output>
  )
}

/** What is done with the draft as a whole. `onUsed`: one of them was taken. */
export function Tools({
  draft,
  dialog,
  file,
  onUsed,
}: {
  draft: Draft
  dialog: Signal<string | null>
  file: Signal<File | null>
  onUsed?: () => void
}) {
  const open = (name: string): void => {
    onUsed?.()
    dialog.value = name
  }
  return (
    <nav class="tools">
      <button type="button" class="quiet" title="Record of decisions" onClick={() => open("register")}>
        <Icon name="scroll" />
        <span>Record</span>
      </button>
      <button type="button" class="quiet" title="Named versions, what was published, what changed since" onClick={() => open("versions")}>
        <Icon name="history" />
        <span>Versions</span>
      </button>
      {draft.ruling("importChanges").isAllowed && (
        <label class="button quiet" title="Take the tracked changes of a Word file onto this draft">
          <Icon name="upload" />
          <span>Import</span>
          <input
            type="file"
            class="visually-hidden"
            accept={readableFiles}
            onChange={(event) => {
              file.value = event.currentTarget.files?.[0] ?? null
              event.currentTarget.value = ""
              onUsed?.()
            }}
          />
        </label>
      )}
      <button type="button" class="quiet" title="Take the draft away as a file" onClick={() => open("publish")}>
        <Icon name="download" />
        <span>Download</span>
      </button>
      <button type="button" class="quiet" title="What the marks mean and what the keys do (?)" onClick={() => open("keys")}>
        <Icon name="circleHelp" />
        <span>Help</span>
      </button>
    </nav>
  )
}

/** The head of the window: what is open, who is here, what is saved, who one is. */
export function TopBar({ draft, dialog, file }: { draft: Draft; dialog: Signal<string | null>; file: Signal<File | null> }) {
  return (
    <header class="top-bar">
      <a class="brand" href="/" title="All drafts" aria-label="Clausula: all drafts">
        <img src="/icon.svg" alt="" width="26" height="26" />
        <span>Clausula</span>
      </a>
      <div class="what">
        <strong dir="auto">{draft.heading.value}</strong>
        <SittingLine meeting={draft.meeting} />
      </div>
      <Presence draft={draft} />
      <SaveState draft={draft} />
      <Tools draft={draft} dialog={dialog} file={file} />
      <Plate meeting={draft.meeting} unsent={() => draft.unsent} />
    </header>
  )
}
