import { expect, it } from "vitest"
import { whyRefused } from "../client/life/sentences.ts"

it("[UI134] who had words on the way when the text was adopted is told that, and not to try at another moment", () => {
  const refused = { reason: "may-not-write" } as Parameters<typeof whyRefused>[0]
  expect(whyRefused(refused)).toBe("You may not write in this draft at this moment.")
  expect(whyRefused(refused, true)).toBe("The text was adopted before these words came: it is sealed, and they are not in it.")
  expect(whyRefused({ ...refused, reason: "too-large" }, true)).toBe("This is too much at once. Propose it in parts.")
})
