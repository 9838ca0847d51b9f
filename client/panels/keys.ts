import type { Signal } from "@preact/signals"
import { useEffect } from "preact/hooks"
import type { Draft } from "../draft/draft.ts"
import type { ClauseAct } from "../draft/drafting.ts"
import { asks, whyItStays } from "../ui/dialog.tsx"
import { isSmallNow } from "../ui/small.ts"
import { beginComment } from "./margin.tsx"
import type { PanelTab } from "./sheets.ts"
import { closeCard, closePanel } from "./sheets.ts"
import { showView, viewNames, whyReadOnly } from "./views.ts"

/** Where a key acts: anywhere in the room, while one writes in the text, while the chair's console has the focus. */
export type KeyPlace = "anywhere" | "text" | "console"

/** What keys reach beside the draft. */
export interface Keyed {
  readonly draft: Draft
  readonly showSheet: () => void
  readonly tab: Signal<PanelTab | null>
}

export interface Shortcut {
  /** Such as "Alt+Shift+ArrowUp"; the first is the one that the sheet shows. */
  readonly presses: readonly string[]
  readonly says: string
  readonly place: KeyPlace
  /** It opens something, or shows the text in another view: a dialog that is open closes for it; one that asks something not for a view. */
  readonly opens?: "something" | "view"
  /** Where it is not always meant: whether it is, with the focus there. */
  readonly isReady?: (keyed: Keyed, target: Element) => boolean
  /** Absent where the editor itself does it. */
  readonly run?: (keyed: Keyed) => void
}

const restructure =
  (act: ClauseAct) =>
  ({ draft }: Keyed): void =>
    draft.drafting.restructure(act)

const step =
  (direction: 1 | -1) =>
  ({ draft }: Keyed): void =>
    draft.deciding.step(direction)

const clickToWrite = "Click in the text where you want to write."

function toTheConsole({ draft }: Keyed): void {
  const console = document.querySelector<HTMLElement>(".console")
  if (console) console.focus()
  else draft.page.said.value = "The console is the chair's: you have none."
}

function leaveConsole({ draft }: Keyed): void {
  if (!draft.choice.takeCaretBack()) draft.page.said.value = whyReadOnly(draft) ?? clickToWrite
}

function toggleList({ draft, tab }: Keyed): void {
  if (tab.value === null) {
    tab.value = "open"
    // The hand is in the list: there the arrows and Tab go on, and Escape closes it.
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(".changes-panel [role=tab][aria-selected=true]")?.focus({ preventScroll: true }),
    )
  } else if (document.activeElement?.closest(".changes-panel")) closePanel(draft.choice, tab)
  else tab.value = null
}

/** Whether there is a card or a list to close, and nothing nearer to the hand that Escape would close. */
function hasOpen({ draft, tab }: Keyed, target: Element): boolean {
  if (isField(target) || openMenus().length > 0 || target.closest(".clause-list")) return false
  if (draft.choice.chosen.value !== null || (tab.value !== null && target.closest(".changes-panel"))) return true
  // What is at the selection closes first, by its own hand.
  return tab.value !== null && (isSmallNow() || document.querySelector(".selection-tool") === null)
}

function closeOpen({ draft, tab }: Keyed): void {
  if (draft.choice.chosen.value !== null) closeCard(draft.choice)
  else closePanel(draft.choice, tab)
}

/** Every key of the room. The sheet under "?" is made from this list, and one handler reads it. */
export const shortcuts: readonly Shortcut[] = [
  { presses: ["Alt+ArrowDown"], says: "next change", place: "anywhere", run: step(1) },
  { presses: ["Alt+ArrowUp"], says: "change before", place: "anywhere", run: step(-1) },
  {
    presses: ["Alt+M"],
    says: "comment on the selection, or on the clause",
    place: "anywhere",
    opens: "something",
    run: ({ draft }) => beginComment(draft),
  },
  {
    presses: ["Alt+L"],
    says: "list of changes and comments",
    place: "anywhere",
    opens: "something",
    run: toggleList,
  },
  { presses: ["Alt+C"], says: "to the chair's console", place: "anywhere", opens: "something", run: toTheConsole },
  ...viewNames.map(
    ([view, name], i): Shortcut => ({
      presses: [`Alt+${i + 1}`],
      says: name.toLowerCase(),
      place: "anywhere",
      opens: "view",
      run: ({ draft }) => showView(draft, view),
    }),
  ),
  {
    presses: ["?", "Alt+?"],
    says: "this sheet; while you write, with Alt",
    place: "anywhere",
    opens: "something",
    run: ({ showSheet }) => showSheet(),
  },
  { presses: ["Escape"], says: "back to the text", place: "console", run: leaveConsole },
  { presses: ["Escape"], says: "close the card or the list; back to the text", place: "anywhere", isReady: hasOpen, run: closeOpen },
  { presses: ["Enter"], says: "split the clause; at its end a new one", place: "text" },
  { presses: ["Backspace"], says: "at the start of a clause: join it to the one above", place: "text" },
  { presses: ["Alt+Shift+ArrowUp"], says: "move the clause up", place: "text", run: restructure("up") },
  { presses: ["Alt+Shift+ArrowDown"], says: "move it down", place: "text", run: restructure("down") },
  { presses: ["Alt+Shift+ArrowRight"], says: "make it a sub-clause", place: "text", run: restructure("indent") },
  { presses: ["Alt+Shift+ArrowLeft"], says: "one level up", place: "text", run: restructure("outdent") },
  { presses: ["Alt+Shift+Backspace"], says: "delete the clause", place: "text", run: restructure("delete") },
  { presses: ["Ctrl+Z"], says: "undo what you wrote", place: "text" },
  { presses: ["Ctrl+Shift+Z"], says: "do it again", place: "text" },
  { presses: ["A"], says: "accept into the text", place: "console", run: ({ draft }) => draft.deciding.decide("accept") },
  { presses: ["N"], says: "not retained", place: "console", run: ({ draft }) => draft.deciding.decide("notRetain") },
  { presses: ["ArrowDown", "J", "Enter"], says: "next change", place: "console", run: step(1) },
  { presses: ["ArrowUp", "K"], says: "change before", place: "console", run: step(-1) },
  {
    presses: ["U", "Ctrl+Z"],
    says: "take back the last decision",
    place: "console",
    run: ({ draft }) => draft.deciding.takeBackLast(),
  },
]

/** How a press is written in the list above, or null for one that is not ours. */
function nameOf(event: KeyboardEvent): string | null {
  if (event.isComposing) return null
  if (event.ctrlKey || event.metaKey) return /^z$/i.test(event.key) && !event.shiftKey && !event.altKey ? "Ctrl+Z" : null
  const alt = event.altKey ? "Alt+" : ""
  if (event.key === "?" || (event.altKey && event.shiftKey && event.code === "Slash")) return `${alt}?`
  const digit = /^Digit(\d)$/.exec(event.code)?.[1]
  // With Alt some keyboards write other signs; the key itself is meant.
  const letter = /^[a-z]$/i.exec(event.key)?.[0] ?? (event.altKey ? /^Key([A-Z])$/.exec(event.code)?.[1] : undefined)
  return `${alt}${event.shiftKey ? "Shift+" : ""}${digit ?? letter?.toUpperCase() ?? event.key}`
}

/** Of a letter that acts at the console alone: that, and the way there, for who presses it elsewhere; null for any other press. */
function saidOfLetter(press: string | null): string | null {
  const act = shortcuts.find(({ place, presses }) => place === "console" && press !== null && presses.includes(press))
  return act && /^[A-Z]$/.test(press!) ? `At the console ${press} is “${act.says}”: Alt+C leads there.` : null
}

const isWriting = (target: Element): boolean => target.closest(".ProseMirror[contenteditable=true]") !== null

const isField = (target: Element): boolean =>
  target.closest("textarea, select, input:not([type=checkbox], [type=radio], [type=file])") !== null

/** Whether a press that a shortcut names is meant for it, where the focus is. */
function isMeant(shortcut: Shortcut, press: string, target: Element): boolean {
  if (shortcut.place === "text") return isWriting(target)
  if (shortcut.place === "console") {
    const console = target.closest(".console")
    if (!console || isField(target)) return false
    return press !== "Enter" || target === console
  }
  if (press === "?") return !isWriting(target) && !isField(target)
  // In a choice these open the list.
  return !(press.startsWith("Alt+Arrow") && target.closest("select"))
}

const isTyped = (event: KeyboardEvent): boolean =>
  !event.ctrlKey && !event.metaKey && !event.altKey && (/^[^ ]$/u.test(event.key) || ["Backspace", "Delete", "Enter"].includes(event.key))

const isInText = (target: Element): boolean => target === document.body || target.closest(".sheet") !== null

/** Whether a letter is typed where a card was opened from the text: nothing takes it there, though somebody may mean to write. */
const isLetterAtCard = (event: KeyboardEvent, target: Element): boolean =>
  target.closest(".card .title") !== null && /^\S$/u.test(event.key)

/** Whether a key does something to what has the focus: writes, deletes, presses a button. */
const isActing = (event: KeyboardEvent): boolean => event.key === " " || isTyped(event)

/** Closes the dialog that lies over the room, so that a key can open something else; or says in it why it stays. */
function closesFor(dialog: HTMLDialogElement, shortcut: Shortcut): boolean {
  const why = shortcut.opens === "view" && asks(dialog) ? "Answer this first: the view is the same until then." : whyItStays(dialog)
  if (why === null) dialog.close()
  else dialog.dispatchEvent(new CustomEvent<string>("stays", { detail: why }))
  return why === null
}

const openMenus = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[popover]:popover-open, details.menu[open]")]

function closeMenus(): void {
  for (const menu of openMenus()) {
    if (menu.popover === null) menu.removeAttribute("open")
    else menu.hidePopover()
  }
}

/** The one handler of keys: a press does one thing once, however long it is held. */
export function useKeys(keyed: Keyed): void {
  useEffect(() => {
    const { draft } = keyed
    const explain = (): void => {
      const why = whyReadOnly(draft) ?? (draft.rights.mayWrite.value ? clickToWrite : null)
      if (why !== null) draft.page.said.value = why
    }
    let pressedAt: Element | null = null
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target instanceof Element ? event.target : document.body
      const take = (): void => {
        event.preventDefault()
        event.stopPropagation()
      }
      // What a key has opened takes the focus: held on, the key would write in it, or press its button.
      if (!event.repeat) pressedAt = target
      else if (target !== pressedAt && isActing(event)) return take()
      const dialog = document.querySelector<HTMLDialogElement>("dialog:modal")
      const press = nameOf(event)
      const shortcut = shortcuts.find(
        (one) => press !== null && one.presses.includes(press) && isMeant(one, press, target) && one.isReady?.(keyed, target) !== false,
      )
      if (dialog && !shortcut?.opens) return
      if (shortcut?.run) {
        take()
        if (event.repeat || (dialog && !closesFor(dialog, shortcut))) return
        if (shortcut.opens) closeMenus()
        shortcut.run(keyed)
        return
      }
      if (!isTyped(event) || isField(target) || isWriting(target)) return
      const atConsole = draft.rights.mayDecide ? saidOfLetter(press) : null
      if (atConsole !== null) draft.page.said.value = atConsole
      else if (isInText(target) ? !target.closest("button, a, summary") : isLetterAtCard(event, target)) explain()
    }
    const onPaste = (event: ClipboardEvent): void => {
      const target = event.target instanceof Element ? event.target : document.body
      if (isInText(target) && !isField(target)) explain()
    }
    // Before the editor and the browser take them.
    addEventListener("keydown", onKey, true)
    addEventListener("paste", onPaste, true)
    return () => {
      removeEventListener("keydown", onKey, true)
      removeEventListener("paste", onPaste, true)
    }
  }, [])
}
