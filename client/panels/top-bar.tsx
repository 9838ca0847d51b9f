import type { Signal } from "@preact/signals"
import { useLayoutEffect, useRef, useState } from "preact/hooks"
import type { Role } from "../../shared/policy/policy.ts"
import type { Draft } from "../draft/draft.ts"
import { entersFor, standsAs } from "../draft/presence.ts"
import { statusSentence } from "../life/sentences.ts"
import { Icon } from "../ui/icon.tsx"
import { Menu } from "../ui/menu.tsx"
import { SourceCode } from "../ui/source-code.tsx"
import { readableFiles, roleNames } from "../ui/words.ts"
import { Plate } from "./plate.tsx"
import { SittingLine } from "./sitting.tsx"

/** Who is here, by the code under which they are: names, and for whom they enter words. */
function presentByCode(draft: Draft): readonly (readonly [code: string, people: readonly string[]])[] {
  const byCode = new Map<string, Map<string, Set<string>>>()
  for (const one of draft.line.present.value) {
    const code = standsAs(one) || (roleNames[one.role as Role] ?? one.role)
    const people = byCode.get(code) ?? new Map<string, Set<string>>()
    const whom = entersFor(one)
    // Not as the room told it when they came: somebody of the same name may have come since.
    const name = draft.meeting.names.value.get(one.person) ?? one.name
    byCode.set(code, people.set(name, new Set([...(people.get(name) ?? []), ...(whom === null ? [] : [draft.meeting.nameOf(whom)])])))
  }
  return [...byCode].map(([code, people]) => [
    code,
    [...people].map(([name, whom]) => (whom.size === 0 ? name : `${name} (for ${[...whom].join(", ")})`)),
  ])
}

/** All who are here, with their names. */
export function PresentList({ draft }: { draft: Draft }) {
  const present = presentByCode(draft)
  if (present.length === 0) return <p class="soft">Nobody else is here.</p>
  return (
    <ul class="present-list" aria-label="Present">
      {present.map(([code, people]) => (
        <li key={code}>
          <SourceCode code={code} look={draft.meeting.lookOf(code)} /> <b class="name">{draft.meeting.nameOf(code)}</b>{" "}
          <span class="soft" dir="auto">
            {people.join(", ")}
          </span>
        </li>
      ))}
    </ul>
  )
}

const gapPx = 4
/** What the count of those who have no room takes. */
const morePx = 48
/** So many codes stand beside a title that is too long to be read whole in any case. */
const leastCodes = 3

/** Whether the title beside a line is cut though the line were as narrow as it can be. */
function isCutAnyway(line: HTMLElement): boolean {
  const what = line.parentElement?.querySelector<HTMLElement>(".what")
  const title = what?.querySelector<HTMLElement>("strong")
  if (!what || !title) return false
  const around = what.offsetWidth - what.clientWidth + Number.parseFloat(getComputedStyle(what).paddingInlineStart)
  return title.scrollWidth + around + morePx > what.offsetWidth + line.offsetWidth
}

/** How many of some codes stand in one line beside the count of the others, measured as they are drawn. */
function useFitting(list: { readonly current: HTMLElement | null }, drawn: string): number {
  const [fitting, setFitting] = useState(Number.POSITIVE_INFINITY)
  useLayoutEffect(() => {
    const line = list.current
    if (!line) return
    const measure = (): void => {
      const widths = [...line.querySelectorAll<HTMLElement>(":scope > .one")].map((one) => one.offsetWidth + gapPx)
      const all = widths.reduce((sum, width) => sum + width, 0)
      // It asks for the room of all: that what has none is out of the line must not make the line narrower still.
      line.style.flexBasis = `${all}px`
      const least = widths.length > leastCodes ? widths.slice(0, leastCodes).reduce((sum, width) => sum + width, morePx) : all
      line.style.minInlineSize = isCutAnyway(line) ? `${least}px` : ""
      const room = line.clientWidth + gapPx
      let left = all <= room ? room : room - morePx
      const most = widths.findIndex((width) => (left -= width) < 0)
      setFitting(most < 0 ? widths.length : most)
    }
    const sizes = new ResizeObserver(measure)
    sizes.observe(line)
    const what = line.parentElement?.querySelector(".what")
    if (what) sizes.observe(what)
    measure()
    return () => sizes.disconnect()
  }, [drawn])
  return fitting
}

/** Who is here: as many codes as there is room for in one line, and a count of the others that opens the whole list. */
function Presence({ draft }: { draft: Draft }) {
  const list = useRef<HTMLUListElement>(null)
  const present = presentByCode(draft)
  const fitting = useFitting(list, present.map(([code]) => code).join(" "))
  if (present.length === 0) return null
  return (
    <ul class="presence" aria-label="Present" ref={list}>
      {present.map(([code, people], i) => (
        <li key={code} class={`one ${i < fitting ? "" : "has-no-room"}`} title={`${draft.meeting.nameOf(code)}: ${people.join(", ")}`}>
          <SourceCode code={code} look={draft.meeting.lookOf(code)} />
        </li>
      ))}
      {fitting < present.length && (
        <li class="more">
          <Menu
            title={present
              .slice(fitting)
              .map(([code]) => draft.meeting.nameOf(code))
              .join(", ")}
            label={
              <>
                +{present.length - fitting}
                <span class="visually-hidden"> more present: open the list</span>
              </>
            }
          >
            <li>
              <PresentList draft={draft} />
            </li>
          </Menu>
        </li>
      )}
    </ul>
  )
}

/** What is true of the person's words. */
export function SaveState({ draft }: { draft: Draft }) {
  const status = draft.line.status.value
  const isCalm = status.kind === "saved" && status.notSent === 0
  return (
    <output class={`save-status is-${status.kind} ${isCalm ? "is-calm" : ""}`} aria-live="polite">
      <span>{statusSentence(status, (source) => draft.meeting.nameOf(source))}</span>
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
      {draft.rights.ruling("importChanges").isAllowed && (
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
        <strong dir="auto">{draft.text.heading.value}</strong>
        <SittingLine meeting={draft.meeting} />
      </div>
      <Presence draft={draft} />
      <SaveState draft={draft} />
      <Tools draft={draft} dialog={dialog} file={file} />
      <Plate meeting={draft.meeting} unsent={() => draft.line.life.unsent} />
    </header>
  )
}
