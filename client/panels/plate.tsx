import type { ComponentChildren } from "preact"
import { useRef } from "preact/hooks"
import { forgetRemark, keptRemarks } from "../draft/kept-remarks.ts"
import { call } from "../meeting/api.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { Dialog } from "../ui/dialog.tsx"
import { count, roleNames } from "../ui/words.ts"
import { PeopleDialog } from "./people.tsx"
import { SittingDialog } from "./sitting.tsx"

async function leave(): Promise<void> {
  // Whatever the server says, this page is left: its sign-in may have ended already.
  await call("signOut").catch(() => undefined)
  location.replace("/left")
}

/**
 * Who one is, at the end of the bar; its menu leads to the people, the sitting and out. `unsent`: how many pieces of text would be lost; `hat`: for whom one
 * writes, where nothing else says it.
 */
export function Plate({ meeting, unsent = () => 0, hat }: { meeting: MeetingHere; unsent?: () => number; hat?: ComponentChildren }) {
  const menu = useRef<HTMLDivElement>(null)
  const me = meeting.me.value
  const choose = (what: "people" | "sitting") => (): void => {
    menu.current?.hidePopover()
    meeting.dialog.value = what
  }
  return (
    <>
      <button type="button" class={`who is-${me.role}`} popovertarget="plate-menu" title="People, sitting, sign out">
        <span class="role">{roleNames[me.role]}</span>
        {hat}
        <span class="name" dir="auto">
          {me.name}
        </span>
      </button>
      <div ref={menu} id="plate-menu" class="plate-menu" popover="auto">
        <p dir="auto">
          <b>{me.name}</b>
          <span>{roleNames[me.role]}</span>
        </p>
        {meeting.mayKeep && (
          <>
            <button type="button" class="quiet" onClick={choose("people")}>
              People and links
            </button>
            <button type="button" class="quiet" onClick={choose("sitting")}>
              Sitting
            </button>
          </>
        )}
        <button
          type="button"
          class="quiet"
          onClick={() => {
            menu.current?.hidePopover()
            if (unsent() > 0 || keptRemarks(me.id).length > 0) meeting.dialog.value = "leaving"
            else void leave()
          }}
        >
          Sign out
        </button>
      </div>
    </>
  )
}

/** The comments that signing out would take from the device, to be copied. */
function KeptComments({ person }: { person: string }) {
  const field = useRef<HTMLTextAreaElement>(null)
  const kept = keptRemarks(person)
  if (kept.length === 0) return null
  const copy = async (): Promise<void> => {
    field.current?.select()
    // Where the browser lets no page copy, all is selected for the hand.
    await navigator.clipboard?.writeText(field.current?.value ?? "").catch(() => undefined)
  }
  return (
    <>
      <label class="not-sent">
        {count(kept.length, "comment")} not sent
        <textarea
          ref={field}
          readOnly
          rows={Math.min(8, 3 * kept.length)}
          dir="auto"
          value={kept.map(({ about, text }) => `${about}:\n${text}`).join("\n\n")}
        />
      </label>
      <button type="button" onClick={() => void copy()}>
        Copy {kept.length === 1 ? "the comment" : "the comments"}
      </button>
    </>
  )
}

/** The dialogs about the meeting, on whatever page they were asked for. `discard`: forgets what is not sent, on this device too. */
export function MeetingDialogs({ meeting, discard }: { meeting: MeetingHere; discard?: () => Promise<void> }) {
  const close = (): void => {
    meeting.dialog.value = null
  }
  const lose = async (): Promise<void> => {
    for (const { id } of keptRemarks(meeting.me.value.id)) forgetRemark(id)
    await discard?.()
    await leave()
  }
  switch (meeting.dialog.value) {
    case "people":
      return <PeopleDialog meeting={meeting} onClose={close} />
    case "sitting":
      return <SittingDialog meeting={meeting} onClose={close} />
    case "leaving":
      return (
        <Dialog title="Some of your words are not sent" isQuestion onClose={close}>
          <p>Signing out takes them from this device. Copy them first, or stay and send them.</p>
          <KeptComments person={meeting.me.value.id} />
          <div class="row">
            <button type="button" class="not-retain" onClick={() => void lose()}>
              Sign out and lose them
            </button>
            <button type="button" onClick={close}>
              Stay
            </button>
          </div>
        </Dialog>
      )
    default:
      return null
  }
}
