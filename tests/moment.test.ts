import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { clockOf, dayOf, momentOf, numberOf, recordedAt } from "../client/ui/moment.ts"
import { home } from "./process.ts"

it("[UI96] times and numbers are in one form and in the page's language: hours to 24, no seconds, the day before the month", () => {
  const at = new Date(2026, 10, 26, 14, 2, 31)
  expect(clockOf(at)).toBe("14:02")
  expect(momentOf(at, new Date(2026, 10, 26, 18))).toBe("14:02")
  expect(momentOf(at, new Date(2026, 10, 27))).toBe("26 Nov, 14:02")
  expect(momentOf(at, new Date(2027, 0, 1))).toBe("26 Nov 2026, 14:02")
  expect(dayOf(at)).toBe("26 Nov 2026")
  expect(recordedAt(at)).toBe("26 Nov 2026, 14:02")
  expect(clockOf(new Date(2026, 0, 1, 0, 5))).toBe("00:05")
  expect([clockOf("never"), dayOf("never"), momentOf("never"), recordedAt("never")]).toEqual(["", "", "", ""])
  expect(numberOf(1204)).toBe("1,204")
})

it("[UI96] nothing on a page is put into words by another formatter", () => {
  const files = (readdirSync(join(home, "client"), { recursive: true }) as string[]).filter((name) => /\.tsx?$/.test(name))
  expect(files.length).toBeGreaterThan(50)
  const own = files.filter((name) => /toLocale\w*String|DateTimeFormat|NumberFormat/.test(readFileSync(join(home, "client", name), "utf8")))
  expect(own.map((name) => name.replaceAll("\\", "/"))).toEqual(["ui/moment.ts"])
})
