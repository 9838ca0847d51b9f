import { type Signal, useSignal } from "@preact/signals"
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import type { DraftSummary } from "../../shared/api/contract.ts"
import { Draft } from "../draft.ts"
import type { MeetingHere } from "../meeting.ts"
import { Icon } from "../ui/icon.tsx"
import { usePointer } from "../ui/question.tsx"
import { useSmall } from "../ui/small.ts"
import { Asking } from "./asking.tsx"
import { ChangesPanel, type PanelTab } from "./changes-panel.tsx"
import { Console } from "./console.tsx"
import { DamageStrip } from "./damage-strip.tsx"
import { Ended } from "./ended.tsx"
import { ForceText } from "./force-text.tsx"
import { ImportReview } from "./import-review.tsx"
import { useKeys } from "./keys.ts"
import { KeysSheet } from "./keys-sheet.tsx"
import { beginComment, Margin } from "./margin.tsx"
import { Outline } from "./outline.tsx"
import { usePlace } from "./place.ts"
import { MeetingDialogs } from "./plate.tsx"
import { Publish } from "./publish.tsx"
import { Register } from "./register.tsx"
import { Said } from "./said.tsx"
import { useSheets } from "./sheets.ts"
import { SmallBar } from "./small-bar.tsx"
import { TopBar } from "./top-bar.tsx"
import { Tray } from "./tray.tsx"
import { Versions } from "./versions.tsx"
import { WritingBar } from "./writing-bar.tsx"

/** Comments on the selected words; beside the selection, where the eye is. */
function SelectionTool({ draft }: { draft: Draft }) {
  const words = draft.selected.value
  void draft.drawn.value
  if (!words || draft.remarks.open.value !== null || !draft.ruling("comment").isAllowed) return null
  const top = draft.topOf(words.block, words.from)
  if (top === null) return null
  // At the end of the lines, whatever the direction of the page: the labels of clauses stand at their beginning.
  const paper = document.querySelector(".paper:not([hidden])")?.getBoundingClientRect()
  const side =
    draft.dirOf(words.block) === "rtl" ? { left: `${(paper?.left ?? 0) + 8}px` } : { right: `${innerWidth - (paper?.right ?? 0) + 8}px` }
  return (
    <button
      type="button"
      class="selection-tool"
      style={{ top: `${Math.max(60, top - 44)}px`, ...side }}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => beginComment(draft)}
    >
      <Icon name="messageSquare" /> Comment
    </button>
  )
}

/** The drafting room: one draft, its margin, and what the person may do with it. */
export function RoomPage({ summary, meeting }: { summary: DraftSummary; meeting: MeetingHere }) {
  const [draft] = useState(() => new Draft({ summary, meeting }))
  useEffect(() => {
    draft.open()
    return () => draft.destroy()
  }, [])
  return (
    <div class={`room is-${meeting.me.value.role}`}>
      <RoomChrome draft={draft} />
    </div>
  )
}

/** A file that is dropped on the room brings its changes onto the draft. */
function useDrop(draft: Draft, file: Signal<File | null>): void {
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean =>
      event.dataTransfer?.types.includes("Files") === true && draft.ruling("importChanges").isAllowed
    const onOver = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault()
    }
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      event.stopPropagation()
      file.value = event.dataTransfer?.files[0] ?? null
    }
    // Before the editor, which would take it for a paste.
    addEventListener("dragover", onOver, true)
    addEventListener("drop", onDrop, true)
    return () => {
      removeEventListener("dragover", onOver, true)
      removeEventListener("drop", onDrop, true)
    }
  }, [draft])
}

function RoomChrome({ draft }: { draft: Draft }) {
  const dialog = useSignal<string | null>(null)
  const file = useSignal<File | null>(null)
  /** Which version is to be downloaded; "": the draft as it is now. */
  const version = useSignal("")
  const tab = useSignal<PanelTab | null>(null)
  const showsResolved = useSignal(false)
  useKeys({ draft, tab, showSheet: () => (dialog.value = "keys") })
  const isSmall = useSmall()
  useEffect(() => {
    draft.showsSigns.value = isSmall
  }, [isSmall])
  const pointer = usePointer()
  usePlace(draft)
  useDrop(draft, file)
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    place.current?.append(draft.editor.dom)
  }, [])
  // A comment is written at its words, where the list of changes has the place of the margin.
  const written = draft.remarks.open.value
  const on = written === null ? undefined : draft.remarks.about(written)?.target.on
  const hasPanel = tab.value !== null && on !== "words" && on !== "clause"
  // Nor does the list hold a box whose card has gone from it.
  const isHomeless = draft.remarks.hand.value !== null
  useLayoutEffect(() => {
    if (!hasPanel || draft.remarks.hand.peek() !== null) tab.value = null
  }, [hasPanel, isHomeless])
  useSheets(draft, tab, hasPanel)
  const view = draft.view.value
  /** A dialog that is told late of its closing leaves alone what has taken its place. */
  const closed = (name: string): void => {
    if (dialog.value === name) dialog.value = null
  }
  return (
    <>
      {isSmall ? (
        <SmallBar draft={draft} dialog={dialog} file={file} tab={tab} />
      ) : (
        <>
          <TopBar draft={draft} dialog={dialog} file={file} />
          <WritingBar draft={draft} tab={tab} />
        </>
      )}
      <DamageStrip draft={draft} />
      <div class={`desk ${hasPanel ? "has-panel" : ""}`}>
        <Outline draft={draft} />
        <main class={`sheet view-${view} ${draft.meta.value.profile}`}>
          <div class="paper" ref={place} hidden={view === "original"} />
          {view === "original" && (
            <div class="paper">
              <ForceText draft={draft} />
            </div>
          )}
          <SelectionTool draft={draft} />
        </main>
        {view !== "original" && !hasPanel && <Margin draft={draft} showsResolved={showsResolved.value} />}
      </div>
      {hasPanel && <ChangesPanel draft={draft} tab={tab} showsResolved={showsResolved} />}
      {draft.mayDecide && <Console draft={draft} />}
      <Tray draft={draft} />
      <Asking draft={draft} pointer={pointer} />
      {dialog.value === "keys" && <KeysSheet draft={draft} onClose={() => closed("keys")} />}
      {dialog.value === "register" && <Register draft={draft} onClose={() => closed("register")} />}
      {file.value && (
        <ImportReview
          key={`${file.value.name}${file.value.size}${file.value.lastModified}`}
          file={file.value}
          target={{ kind: "onto", draft: draft.summary.id, designation: draft.heading.value }}
          me={draft.me}
          onClose={() => (file.value = null)}
        />
      )}
      {dialog.value === "publish" && (
        <Publish
          draft={draft}
          version={version.value}
          onClose={() => {
            closed("publish")
            version.value = ""
          }}
        />
      )}
      {dialog.value === "versions" && (
        <Versions
          draft={draft}
          onDownload={(n) => {
            version.value = n
            dialog.value = "publish"
          }}
          onClose={() => closed("versions")}
        />
      )}
      <MeetingDialogs meeting={draft.meeting} discard={() => draft.life.discardAll()} />
      <Ended meeting={draft.meeting} />
      <Said draft={draft} />
    </>
  )
}
