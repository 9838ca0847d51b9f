import type { ComponentChildren } from "preact"
import { useRef } from "preact/hooks"
import { call } from "../api.ts"
import type { MeetingHere } from "../meeting.ts"
import { Dialog } from "../ui/dialog.tsx"
import { roleNames } from "../ui/words.ts"
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
            if (unsent() > 0) meeting.dialog.value = "leaving"
            else void leave()
          }}
        >
          Sign out
        </button>
      </div>
    </>
  )
}

/** The dialogs about the meeting, on whatever page they were asked for. `discard`: forgets what is not sent, on this device too. */
export function MeetingDialogs({ meeting, discard }: { meeting: MeetingHere; discard?: () => Promise<void> }) {
  const close = (): void => {
    meeting.dialog.value = null
  }
  switch (meeting.dialog.value) {
    case "people":
      return <PeopleDialog meeting={meeting} onClose={close} />
    case "sitting":
      return <SittingDialog meeting={meeting} onClose={close} />
    case "leaving":
      return (
        <Dialog title="Some of your words are not sent" isQuestion onClose={close}>
          <p>Signing out takes them from this device. Copy them first, or wait until they are sent.</p>
          <div class="row">
            <button type="button" class="not-retain" onClick={() => void Promise.resolve(discard?.()).then(leave)}>
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
