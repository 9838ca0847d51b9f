import { type Signal, useSignal } from "@preact/signals"
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import type { DraftSummary } from "../../shared/api/contract.ts"
import { Draft } from "../draft/draft.ts"
import type { Page } from "../draft/page.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { Icon } from "../ui/icon.tsx"
import { usePointer } from "../ui/question.tsx"
import { useSmall } from "../ui/small.ts"
import { Asking } from "./asking.tsx"
import { ChangesPanel } from "./changes-panel.tsx"
import { Console } from "./console.tsx"
import { DamageStrip } from "./damage-strip.tsx"
import { Ended } from "./ended.tsx"
import { ForceText } from "./force-text.tsx"
import { useHeldPlace } from "./held-place.ts"
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
import { isFocusInText, type PanelTab, useSheets } from "./sheets.ts"
import { SmallBar } from "./small-bar.tsx"
import { TopBar } from "./top-bar.tsx"
import { Tray } from "./tray.tsx"
import { SelectedActs } from "./verdict-acts.tsx"
import { Versions } from "./versions.tsx"
import { WritingBar } from "./writing-bar.tsx"

/** Lets what is drawn at the text follow it. */
function useScrolled(): void {
  const scrolls = useSignal(0)
  void scrolls.value
  useEffect(() => {
    const onMove = (): void => void scrolls.value++
    // Scrolling does not bubble, but it is captured: whatever is scrolled around the text.
    addEventListener("scroll", onMove, { capture: true, passive: true })
    addEventListener("resize", onMove)
    return () => {
      removeEventListener("scroll", onMove, true)
      removeEventListener("resize", onMove)
    }
  }, [])
}

const toolHeightPx = 36
const edgePx = 8
/** So far an open card of the margin stands out of it. */
const cardOutPx = 12

/** Where a selection is in view: the top of its first line that is; null where none is. `over`: so much of the text the line over it takes. */
function lineInView(page: Page, { block, from, to }: { block: string; from: number; to: number }, over: number): number | null {
  const desk = document.querySelector(".desk")?.getBoundingClientRect()
  const first = page.topOf(block, from)
  const last = page.topOf(block, to)
  if (!desk || first === null || last === null) return null
  const top = Math.max(first, desk.top - over)
  return top <= last && top + toolHeightPx <= desk.bottom ? top : null
}

/** What is free beside a text: up to the margin, where that lies on this side of it. */
function freeBeside(text: DOMRect, desk: DOMRect): { left: number; right: number } {
  const margin = document.querySelector(".margin")?.getBoundingClientRect()
  return {
    left: margin && margin.right <= text.left ? margin.right + cardOutPx : desk.left + edgePx,
    right: margin && margin.left >= text.right ? margin.left - cardOutPx : desk.right - edgePx,
  }
}

/**
 * What can be done with the selected words; beside the selection, where the eye is, over no words and nothing of the margin: in signs where there is room for
 * no more, else in a line over the text.
 */
function SelectionTool({ draft }: { draft: Draft }) {
  const words = draft.choice.selected.value
  const root = useRef<HTMLDivElement>(null)
  /** How far the line over the text has pushed that down. */
  const pushedPx = useRef(0)
  const closedFor = useSignal("")
  const key = words ? `${words.block} ${words.from} ${words.to}` : ""
  void draft.page.drawn.value
  useScrolled()
  // At once: the next key may be meant for what is drawn now.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.isComposing && isFocusInText()) closedFor.value = key
    }
    if (key === "") closedFor.value = ""
    addEventListener("keydown", onKey, true)
    return () => removeEventListener("keydown", onKey, true)
  }, [key])
  const isShown = words !== null && draft.remarks.open.value === null && draft.rights.ruling("comment").isAllowed && closedFor.value !== key
  const top = isShown ? lineInView(draft.page, words, pushedPx.current) : null
  useLayoutEffect(() => {
    const tool = root.current
    const desk = document.querySelector<HTMLElement>(".desk")!
    // The text stays where it was, whether the line over it comes or goes; what is selected at the very top comes out from under that.
    const push = (px: number): void => {
      if (px === pushedPx.current) return
      desk.parentElement!.style.setProperty("--over-text", `${px}px`)
      const first = px > 0 && words ? draft.page.topOf(words.block, words.from) : null
      const pushed = px - pushedPx.current
      const hidden = first === null ? 0 : desk.getBoundingClientRect().top + edgePx - (first - pushed)
      desk.scrollTop += pushed - Math.max(0, Math.min(px, hidden))
      pushedPx.current = px
    }
    if (!tool || !words || top === null) return push(0)
    const text =
      document.querySelector(`.ProseMirror > [data-block="${CSS.escape(words.block)}"]`)?.getBoundingClientRect() ?? new DOMRect()
    const bounds = desk.getBoundingClientRect()
    const { left, right } = bounds
    const free = freeBeside(text, bounds)
    // At the end of the lines, whatever the direction of the page: the labels of clauses stand at their beginning.
    const isRtl = draft.text.dirOf(words.block) === "rtl"
    const isBeside = ["", "is-signs"].some((drawn) => {
      tool.className = `selection-tool ${drawn}`
      tool.style.inlineSize = ""
      return tool.offsetWidth <= (isRtl ? text.left - edgePx - free.left : free.right - text.right - edgePx)
    })
    const start = isRtl ? text.left - edgePx - tool.offsetWidth : text.right + edgePx
    if (!isBeside) {
      tool.className = "selection-tool is-over"
      tool.style.inlineSize = `${right - left}px`
    }
    push(isBeside ? 0 : tool.offsetHeight)
    tool.style.left = `${isBeside ? start : left}px`
    tool.style.top = `${isBeside ? top - 4 : desk.getBoundingClientRect().top - tool.offsetHeight}px`
  })
  if (!isShown || top === null) return null
  return (
    // The selection stays while one acts on it.
    <div ref={root} class="selection-tool" role="group" aria-label="The selected words" onMouseDown={(event) => event.preventDefault()}>
      <button type="button" class="quiet" title="Comment on the selected words" onClick={() => beginComment(draft)}>
        <Icon name="messageSquare" /> <span class="word">Comment</span>
      </button>
      <SelectedActs draft={draft} />
    </div>
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

/** A file that is dropped on the room brings its changes onto the draft, or it is said why not: the browser would go away to the file. */
function useDrop(draft: Draft, file: Signal<File | null>): void {
  useEffect(() => {
    // A field for a file takes what is dropped on it.
    const hasFiles = ({ dataTransfer, target }: DragEvent): boolean =>
      dataTransfer?.types.includes("Files") === true && !(target instanceof HTMLInputElement)
    const onOver = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault()
    }
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      event.stopPropagation()
      const ruling = draft.rights.ruling("importChanges")
      if (ruling.isAllowed) file.value = event.dataTransfer?.files[0] ?? null
      else draft.page.said.value = ruling.sentence
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
    draft.page.showsSigns.value = isSmall
  }, [isSmall])
  const pointer = usePointer()
  usePlace(draft)
  useHeldPlace(draft)
  useDrop(draft, file)
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    place.current?.append(draft.page.editor.dom)
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
  const view = draft.page.view.value
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
        <main class={`sheet view-${view} ${draft.room.meta.value.profile}`}>
          <div class="paper" ref={place} hidden={view === "original"} />
          {view === "original" && (
            <div class="paper">
              <ForceText room={draft.room} />
            </div>
          )}
          <SelectionTool draft={draft} />
        </main>
        {view !== "original" && !hasPanel && <Margin draft={draft} showsResolved={showsResolved.value} />}
      </div>
      {hasPanel && <ChangesPanel draft={draft} tab={tab} showsResolved={showsResolved} />}
      {draft.rights.mayDecide && <Console draft={draft} />}
      <Tray draft={draft} />
      <Asking draft={draft} pointer={pointer} />
      {dialog.value === "keys" && <KeysSheet rights={draft.rights} onClose={() => closed("keys")} />}
      {dialog.value === "register" && <Register draft={draft} onClose={() => closed("register")} />}
      {file.value && (
        <ImportReview
          key={`${file.value.name}${file.value.size}${file.value.lastModified}`}
          file={file.value}
          target={{ kind: "onto", draft: draft.room.summary.id, designation: draft.text.heading.value }}
          me={draft.meeting.me.value}
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
      <MeetingDialogs meeting={draft.meeting} discard={() => draft.line.life.discardAll()} />
      <Ended meeting={draft.meeting} />
      <Said draft={draft} />
    </>
  )
}
