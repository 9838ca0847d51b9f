import { expect, it } from "vitest"
import { EarlyWords } from "../client/life/early-words.ts"
import { KeptTray } from "../client/life/kept-tray.ts"
import { beginning, type State } from "../client/life/machine.ts"
import { Outbox } from "../client/life/outbox.ts"

const nothing = async (): Promise<void> => undefined

/** Letters that wait for a hat that is on its way, and the tray. */
function waiting(text: string): { early: EarlyWords; whys: () => string[] } {
  const outbox = new Outbox({ open: nothing, write: nothing, watch: nothing, close: () => undefined })
  const tray = new KeptTray({ outbox, now: () => new Date(0), addressOf: () => undefined, onChange: () => undefined })
  const state: State = { ...beginning, as: "S" } as State
  const early = new EarlyWords({
    state: () => state,
    session: () => expect.unreachable("no session is asked for"),
    tray,
    put: () => false,
    onChange: () => undefined,
  })
  early.type(text)
  return { early, whys: () => tray.entries.peek().map(({ text: words, why }) => `${words}: ${why}`) }
}

it("[LIFE3] letters that wait at the caret are handed back with the reason once it goes elsewhere", () => {
  const { early, whys } = waiting("soon")
  early.end()
  expect(whys()).toEqual(["soon: The caret was put elsewhere before they were taken."])
})

it("[LIFE3] letters that wait are handed back as the window closes, and none is taken after that", () => {
  const { early, whys } = waiting("soon")
  early.stop()
  expect(early.type("late")).toBe(false)
  expect(whys()).toEqual(["soon: The window was closed before they were taken."])
})
