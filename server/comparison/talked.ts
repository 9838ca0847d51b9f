import type * as Y from "yjs"
import { withoutStanding } from "../../shared/comments/place-of.ts"
import type { Remark, Thread } from "../../shared/comments/thread.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { threadsOf } from "../../shared/sync/roots.ts"
import type { FileDraft } from "../files/file-draft.ts"
import { personInFile } from "../files/opening-state.ts"
import { isNobodysName } from "../people/nobody.ts"
import type { FileBeside } from "./homes.ts"

type FileComment = FileDraft["comments"][number]

/** What tells a comment of a file from others, however often it is brought. */
const commentKey = (text: string, at: string | null): string => JSON.stringify([text, (at ?? "").slice(0, 16)])

const quoteOf = ({ anchor }: Thread): string => (anchor.on === "words" ? anchor.quote : "")

/** The words that each thread still has in the text, struck ones too, as a Word file quotes them. */
function markedWords(shadow: Y.Doc): Map<string, string> {
  const words = new Map<string, string>()
  for (const { runs } of blocksOf(shadow)) {
    const here = new Map<string, string>()
    for (const { text, marks } of runs) for (const { name, id } of marks) if (name === "comment") here.set(id, (here.get(id) ?? "") + text)
    for (const [id, text] of here) words.set(id, words.has(id) ? `${words.get(id)}\n${text}` : text)
  }
  return words
}

/**
 * Which comments of a file are on the draft already, each with its thread there. `sourceOf`: whose a comment of the file is; where nobody knows, one that
 * says the same at the same minute about the same words is that, whosever it is, and so is one of the same author that was nobody's, unless its
 * bringer enters it for itself. What a comment quotes becomes less as words of it go, so that a paper of the draft quotes those alone that are left.
 */
export function commentsAlready(
  shadow: Y.Doc,
  draft: FileDraft,
  sourceOf: (comment: FileComment) => string | null = ({ source = null }) => source,
  { isForItself = false }: Pick<FileBeside, "isForItself"> = {},
): Map<string, Thread> {
  const known = new Map<string, Thread[]>()
  for (const thread of threadsOf(shadow)) {
    const [first] = thread.remarks
    if (!first) continue
    const key = commentKey(first.text, first.at)
    known.set(key, [...(known.get(key) ?? []), thread])
  }
  const found = new Map<string, Thread>()
  const find = (comment: FileComment, isIts: (first: Remark) => boolean, quoteNow = quoteOf): void => {
    if (found.has(comment.id)) return
    // A paper says before the words of one what became of its subject, and quotes nothing that is gone.
    const lost = withoutStanding(comment.text)
    const same = known.get(commentKey(lost ?? comment.text, comment.date)) ?? []
    const isAbout = (thread: Thread): boolean => lost !== null || quoteNow(thread) === comment.quote
    const at = same.findIndex((thread) => isIts(thread.remarks[0]!) && isAbout(thread))
    if (at >= 0) found.set(comment.id, same.splice(at, 1)[0]!)
  }
  const whose = (comment: FileComment): string => sourceOf(comment) || notStated
  for (const comment of draft.comments) find(comment, ({ source }) => source === whose(comment))
  for (const comment of draft.comments) if (whose(comment) === notStated) find(comment, () => true)
  // What the same author said at the same time of the same words is that, where nobody had stated whose it was: as with changes. About no words it may
  // be of any text.
  for (const comment of isForItself ? [] : draft.comments)
    if (comment.quote !== "" && (!isNobodysName(comment.by ?? "") || comment.date !== null))
      find(comment, ({ person, source }) => source === notStated && person === personInFile(comment.by))
  // Without a time too many remarks are alike.
  const rest = draft.comments.filter(({ id, date }) => date !== null && !found.has(id))
  if (rest.length > 0) {
    const words = markedWords(shadow)
    for (const comment of rest)
      find(
        comment,
        ({ source }) => source === whose(comment),
        ({ id }) => words.get(id) ?? "",
      )
  }
  return found
}

/** The replies of a comment that its thread does not have yet. */
export function newReplies({ remarks }: Thread, { replies }: FileComment): FileComment["replies"] {
  const said = new Set(remarks.map(({ text, at }) => `${at.slice(0, 16)} ${text}`))
  return replies.filter(({ text, date }) => !said.has(`${(date ?? "").slice(0, 16)} ${text}`))
}
