const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" })
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })

/** A time as the room says it: "14:02", and on another day "26 Nov, 14:02". */
export function momentOf(at: string, now: Date = new Date()): string {
  const then = new Date(at)
  if (Number.isNaN(then.getTime())) return ""
  return then.toDateString() === now.toDateString() ? clock.format(then) : `${day.format(then)}, ${clock.format(then)}`
}
