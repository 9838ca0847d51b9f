/** The wire format; PROTOCOL.md says it as formulas. */
import * as decoding from "lib0/decoding"
import * as encoding from "lib0/encoding"
import type { ProposalStatus } from "../changes/outcome.ts"
import type { StructuralProposal } from "../schema/block.ts"

export const messageType = { sync: 0, awareness: 1, queryAwareness: 3, acknowledged: 100, refused: 101, notice: 102 } as const
export const syncType = { step1: 0, step2: 1, update: 2 } as const

/** Codes with which the server closes a socket. 4400-4499 end it: a standard provider does not come back by itself, one must ask first. */
export const closeCode = {
  goingAway: 1001,
  restarting: 1012,
  tryLater: 1013,
  refused: 4409,
  notAllowed: 4403,
  unknownDraft: 4404,
  slow: 4508,
  tooFast: 4529,
} as const

export interface RefusedMessage {
  readonly reason: string
  readonly block: string | null
  /** The refusal touches only what was decided before the sender could know: no offence, no dialog. */
  readonly raced: boolean
  /** So much the room has of what this client wrote, also where the line broke before it could say so: the rest was not taken. */
  readonly clock: number
}

/** What became of one's changes: to each open socket of the delegation whose they are, beside that of who did it. */
export interface DecidedNotice {
  readonly kind: "decided"
  readonly status: ProposalStatus
  /** By whom, as one says it in the room: "the chair". */
  readonly by: string
  /** The first of them, in words. */
  readonly changes: readonly { readonly change: string; readonly address: string; readonly what: string }[]
  /** How many there are. */
  readonly count: number
}

/** Changes of one's own that are open again, for what was decided on them was taken back. */
export interface ReopenedNotice {
  readonly kind: "reopened"
  readonly by: string
  readonly changes: DecidedNotice["changes"]
  readonly count: number
}

export type NoticeMessage =
  | { readonly kind: "kept"; readonly words: string }
  | { readonly kind: "late"; readonly proposal: StructuralProposal["kind"] }
  /** What this change of one's own was to replace had been taken out by then. */
  | { readonly kind: "forestalled"; readonly change: string }
  | { readonly kind: "meeting" }
  | DecidedNotice
  | ReopenedNotice

export type Message =
  | { readonly kind: "step1"; readonly stateVector: Uint8Array }
  | { readonly kind: "step2" | "update"; readonly update: Uint8Array }
  | { readonly kind: "awareness"; readonly update: Uint8Array }
  | { readonly kind: "queryAwareness" }
  | { readonly kind: "acknowledged"; readonly n: number }
  | { readonly kind: "refused"; readonly refused: RefusedMessage }
  | { readonly kind: "notice"; readonly notice: NoticeMessage }

/** The bytes of a message. */
export function encodeMessage(message: Message): Uint8Array {
  return encoding.encode((encoder) => {
    switch (message.kind) {
      case "step1":
        encoding.writeVarUint(encoder, messageType.sync)
        encoding.writeVarUint(encoder, syncType.step1)
        return encoding.writeVarUint8Array(encoder, message.stateVector)
      case "step2":
      case "update":
        encoding.writeVarUint(encoder, messageType.sync)
        encoding.writeVarUint(encoder, syncType[message.kind])
        return encoding.writeVarUint8Array(encoder, message.update)
      case "awareness":
        encoding.writeVarUint(encoder, messageType.awareness)
        return encoding.writeVarUint8Array(encoder, message.update)
      case "queryAwareness":
        return encoding.writeVarUint(encoder, messageType.queryAwareness)
      case "acknowledged":
        encoding.writeVarUint(encoder, messageType.acknowledged)
        return encoding.writeVarUint(encoder, message.n)
      case "refused":
        encoding.writeVarUint(encoder, messageType.refused)
        return encoding.writeVarString(encoder, JSON.stringify(message.refused))
      case "notice":
        encoding.writeVarUint(encoder, messageType.notice)
        return encoding.writeVarString(encoder, JSON.stringify(message.notice))
      default:
        message satisfies never
    }
  })
}

/** The message in a frame, or null where it is none that we know. */
export function decodeMessage(frame: Uint8Array): Message | null {
  try {
    const decoder = decoding.createDecoder(frame)
    switch (decoding.readVarUint(decoder)) {
      case messageType.sync:
        return decodeSync(decoder)
      case messageType.awareness:
        return { kind: "awareness", update: decoding.readVarUint8Array(decoder) }
      case messageType.queryAwareness:
        return { kind: "queryAwareness" }
      case messageType.acknowledged:
        return { kind: "acknowledged", n: decoding.readVarUint(decoder) }
      case messageType.refused:
        return { kind: "refused", refused: JSON.parse(decoding.readVarString(decoder)) }
      case messageType.notice:
        return { kind: "notice", notice: JSON.parse(decoding.readVarString(decoder)) }
      default:
        return null
    }
  } catch {
    return null
  }
}

function decodeSync(decoder: decoding.Decoder): Message | null {
  const type = decoding.readVarUint(decoder)
  const bytes = decoding.readVarUint8Array(decoder)
  if (type === syncType.step1) return { kind: "step1", stateVector: bytes }
  if (type === syncType.step2) return { kind: "step2", update: bytes }
  return type === syncType.update ? { kind: "update", update: bytes } : null
}
