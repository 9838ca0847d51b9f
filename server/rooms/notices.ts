// What sessions are told in words of our own, beside the document: what became of their changes, and of words that came late.
import { encodeMessage, type NoticeMessage } from "../../shared/sync/protocol.ts"
import type { Kept } from "../gate/case.ts"
import type { Session } from "../people/session.ts"

/** A notice to the sockets of a source. */
export interface SourceNotice {
  readonly source: string
  readonly notice: NoticeMessage
}

export const notify = (session: Session, notice: NoticeMessage): void => {
  if (session.speaksOurs) session.send(encodeMessage({ kind: "notice", notice }))
}

/** `but`: a person who has done it, and needs not be told. */
export function tellSources(sessions: readonly Session[], notices: readonly SourceNotice[], but?: string): void {
  for (const { source, notice } of notices)
    for (const session of sessions) if (session.source === source && session.person().id !== but) notify(session, notice)
}

/** What a writer is told of what of an update stands elsewhere than it was written, or nowhere. */
export function noticeOfKept(kept: Kept): NoticeMessage {
  if ("words" in kept) return { kind: "kept", words: kept.words }
  return "proposal" in kept ? { kind: "late", proposal: kept.proposal } : { kind: "forestalled", change: kept.forestalled }
}
