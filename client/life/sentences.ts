import type { StructuralProposal } from "../../shared/schema/block.ts"
import { shortened } from "../../shared/schema/letters.ts"
import type { RefusedMessage } from "../../shared/sync/protocol.ts"
import type { UnsavedAct } from "../editor/unsaved-acts.ts"
import { unreachableSaid } from "../meeting/api.ts"
import { clockOf, numberOf } from "../ui/moment.ts"
import type { SaveStatus, State, Told } from "./machine.ts"

const reasons: Readonly<Record<string, string>> = {
  "agreed-text-changed": "Agreed text can only be changed by a proposal.",
  "may-not-write": "You may not write in this draft at this moment.",
  damaged: "The draft is damaged: what is left of it does not have all that this page had.",
  epoch: "The draft was set back to what could be saved of it, and no longer has all that this page had.",
  "server-fault": "Something failed on the server. It was noted there.",
  "too-large": "This is too much at once. Propose it in parts.",
  "too-many-changes": "Your delegation has as many open changes as one can have here.",
  "too-many-letters": "Your delegation has as many words open as one can have here. Wait until the chair has decided on some.",
  "block-too-long": "This clause has become too long. Split it, or propose a new one.",
  "too-deep": "Proposals stand in one another here as deep as the room goes. Ask the chair to decide on one of them first.",
  "within-sign": "These words stood in the middle of one sign, between its two halves. Write them before it or behind it.",
  "too-many-blocks": "Your delegation has as many new clauses as one can have here.",
}

/** Why the room did not take something. `isAdopted`: nothing is taken any more. */
export const whyRefused = ({ reason }: RefusedMessage, isAdopted = false): string =>
  reason === "may-not-write" && isAdopted
    ? "The text was adopted before these words came: it is sealed, and they are not in it."
    : (reasons[reason] ?? "The room could not take these words where they stood.")

export const lateSentences: Readonly<Record<StructuralProposal["kind"], string>> = {
  delete: "Your proposal to delete this clause came too late: the clause is no longer there.",
  join: "Your proposal to join these clauses came too late: one of them is no longer there.",
  move: "Your proposal to move this clause came too late: its place is no longer there.",
  level: "Your proposal to change this clause's level came too late: the clause is no longer there.",
}

/** Why words that were typed stand in no proposal, where it is not the room that did not take them. */
export const whyKept = {
  placeGone: "Their place is gone.",
  clauseGone: "The clause is gone in which you typed them.",
  replacedGone: "What they were to replace is gone.",
  tooDeep:
    "Proposals stand in one another there as deep as the room goes. Ask the chair to decide on one of them first, or propose these elsewhere.",
  // Also where one went on writing for whom one wrote before.
  otherHat: "You wrote for another delegation when they could be taken.",
} as const
export type WhyKept = keyof typeof whyKept

/** Why something is not in the draft of which the room says that its place was decided on as it came. */
export const decidedThere = "What stands there was decided on a moment before. Propose it again if it is still wanted."

const proposedSaid: Readonly<Record<StructuralProposal["kind"], string>> = {
  delete: "the proposal to delete a clause",
  join: "the proposal to join a clause to the one before",
  move: "the proposal to move a clause",
  level: "the proposal to change a clause's level",
}

function actSaid(act: UnsavedAct): string {
  switch (act.kind) {
    case "strike":
      return `the deletion of “${shortened(withoutSigns(act.words), mostQuoted)}”`
    case "split":
      return "the proposal to split a clause"
    case "add":
      return "a new clause"
    case "relevel":
      return "another level of a new clause"
    case "propose":
      return proposedSaid[act.proposal]
    case "takeBack":
      return `taking back ${proposedSaid[act.proposal]}`
    default:
      return act satisfies never
  }
}

/** So many acts are named, and so much of what each is about is quoted; of more their number is told. */
const mostNamed = 5
const mostQuoted = 60

/** Signs that stand for what is no letter, the call of a footnote or a cut, are not read. */
const withoutSigns = (words: string): string => words.replace(/[\ufffc\u2029]/g, "")

/**
 * What somebody did that brought no words, and that is not in the draft; of words the tray tells. `isAll`: nothing else was on its way. `addressOf`: how a
 * block is spoken of, where that is known.
 */
export function actsLost(
  acts: readonly UnsavedAct[],
  why: string,
  { isAll, addressOf }: { readonly isAll: boolean; readonly addressOf: (block: string) => string | undefined },
): string {
  const named = acts.slice(0, mostNamed).map((act) => {
    const address = act.block === null ? undefined : addressOf(act.block)
    return address === undefined ? actSaid(act) : `${actSaid(act)} (${address})`
  })
  const rest = acts.length - named.length
  const all = [...named, ...(rest > 0 ? [`${numberOf(rest)} more`] : [])].join("; ")
  return `${isAll ? "Your last changes are not in the draft" : "Of your last changes these are not in the draft"}: ${all}. ${why}`
}

type NameOf = (source: string) => string

/** What the person is told about its hat, as it happens. */
export function sentenceOf(told: Told, nameOf: NameOf): string {
  if (told.kind === "sentence") return told.sentence
  if (told.kind === "wait") return "Your words are being put back first. Choose again in a moment."
  const name = told.hat === null ? "" : nameOf(told.hat)
  switch (told.kind) {
    case "changed":
      return `You now write for ${name}.`
    case "still":
      return `You still write for ${name}: ${whyStill(told, nameOf)}`
    case "away":
      return `${unreachableSaid} You go on writing for ${name}; choose again once the connection is back.`
    case "withdrawn":
      return `You write for ${name} no longer.`
    default:
      return told satisfies never
  }
}

function whyStill({ to, why }: Extract<Told, { kind: "still" }>, nameOf: NameOf): string {
  switch (why) {
    case "late":
      return "the server did not answer in time. Choose again in a moment."
    case "barred":
      return `you may not write for ${nameOf(to ?? "")}.`
    case "ended":
      return "the server ended the change. Choose again in a moment."
    default:
      return why satisfies never
  }
}

/** Why letters are not taken at this moment, though the person may write. */
export function whyNotTaken(state: State, nameOf: NameOf): string {
  const again = "these letters were not taken. Type them again in a moment."
  if (state.at === "changing") return `You are changing to write for ${nameOf(state.to ?? "")}: ${again}`
  return `The draft is just being opened: ${again}`
}

const counted = (count: number, one: string, many = `${one}s`): string => `${numberOf(count)} ${count === 1 ? one : many}`

/** What is true of the person's words, in a few words. */
export function statusSentence(status: SaveStatus, nameOf: NameOf): string {
  switch (status.kind) {
    case "opening":
      return "Opening …"
    case "again":
      return "Starting again …"
    case "changing":
      return status.to === null ? "Changing …" : `Changing to ${nameOf(status.to)} …`
    case "acting":
      return status.isLate ? "No answer yet …" : "Deciding …"
    case "saving":
      return "Saving …"
    case "unanswered":
      return "Not sent yet …"
    case "saved": {
      const saved = status.at ? `Saved ${clockOf(status.at)}` : "All saved"
      return status.notSent > 0 ? `${saved}; ${counted(status.notSent, "text")} not sent` : saved
    }
    case "offline":
      if (status.kept === 0) return "Offline: connecting again …"
      // How many steps that was nobody counts: a word is as many as it has letters.
      return `Offline: your words are kept ${status.isKept ? "on this device" : "in this window: do not close it"}`
    case "damaged":
      return "Damaged: to read only"
    case "ended":
      return "Ended: nothing more is sent"
    default:
      return status satisfies never
  }
}
