const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" })
const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" })

/** An hour as sentences about what is stored say it; ISO 8601 goes in. */
export function hourOf(at: string): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? at : `${day.format(date)} at ${time.format(date)} UTC`
}
