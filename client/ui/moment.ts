/** The language in which the page is written: all times and numbers on it are in that one, whatever the browser's. */
const pageLanguage = (globalThis.document as Document | undefined)?.documentElement.lang || "en"
/** Of English, the way that meetings write it: the day before the month, hours to 24. */
const language = pageLanguage === "en" ? "en-GB" : pageLanguage

const shortDay = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" })
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" })
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
const number = new Intl.NumberFormat(language)

type When = string | number | Date

const valid = (at: When): Date | null => {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? null : date
}

/** A time of the day: "14:02". */
export const clockOf = (at: When): string => {
  const date = valid(at)
  return date ? clock.format(date) : ""
}

/** A day: "26 Nov 2026". */
export const dayOf = (at: When): string => {
  const date = valid(at)
  return date ? day.format(date) : ""
}

/** A day and a time, as a record has them: "26 Nov 2026, 14:02". */
export const recordedAt = (at: When): string => (valid(at) ? `${dayOf(at)}, ${clockOf(at)}` : "")

/** A time as the room says it: "14:02", on another day "26 Nov, 14:02", in another year "26 Nov 2020, 14:02". */
export function momentOf(at: When, now: Date = new Date()): string {
  const then = valid(at)
  if (!then) return ""
  if (then.toDateString() === now.toDateString()) return clockOf(then)
  return `${(then.getFullYear() === now.getFullYear() ? shortDay : day).format(then)}, ${clockOf(then)}`
}

/** A number, such as of changes: "1,204". */
export const numberOf = (n: number): string => number.format(n)
