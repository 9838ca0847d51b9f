import { cleaned } from "./characters.ts"
import type { FileDraft } from "./file-draft.ts"

const form = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/

/** Whether a text is a date, or a date with a time, that there is: what a file says is kept as it says it, where it says anything. */
export function isDate(text: string): boolean {
  const [, year, month, day, hour = "0", minute = "0", second = "0"] = form.exec(text) ?? []
  if (year === undefined) return false
  const [y, m, d] = [Number(year), Number(month), Number(day)]
  const lastOfMonth = new Date(Date.UTC(y < 100 ? y + 400 : y, m, 0)).getUTCDate()
  return m >= 1 && m <= 12 && d >= 1 && d <= lastOfMonth && Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60
}

/** A draft without what a file gives as a date and is none, and a sentence for each of these. */
export function withTrueDates(draft: FileDraft): FileDraft {
  const bad = new Set<string>()
  const dated = <Dated extends { readonly date: string | null }>(part: Dated): Dated => {
    if (part.date === null || isDate(part.date)) return part
    bad.add(part.date)
    return { ...part, date: null }
  }
  const dates: FileDraft = {
    ...draft,
    blocks: draft.blocks.map((block) => (block.renumbered ? { ...block, renumbered: dated(block.renumbered) } : block)),
    changes: draft.changes.map(dated),
    comments: draft.comments.map((comment) => ({ ...dated(comment), replies: comment.replies.map(dated) })),
    ...(draft.revisions ? { revisions: draft.revisions.map(dated) } : {}),
  }
  if (bad.size === 0) return draft
  const some = [...bad].slice(0, 3).map((date) => `“${cleaned(date).slice(0, 40)}”`)
  const message = `The file gives ${some.join(", ")}${bad.size > 3 ? ` and ${bad.size - 3} more` : ""} as a date, which is none: it was left out.`
  return { ...dates, warnings: [...draft.warnings, { code: "DATE", message }] }
}
