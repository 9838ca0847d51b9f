import { expect, it } from "vitest"
import { type LifeEvent, next, type State, type Told } from "../client/life/machine.ts"
import { sentenceOf, whyKept, whyRefused } from "../client/life/sentences.ts"
import { Browser, Server, turns, Window } from "./life-world.ts"

it("[UI134] who had words on the way when the text was adopted is told that, and not to try at another moment", () => {
  const refused = { reason: "may-not-write" } as Parameters<typeof whyRefused>[0]
  expect(whyRefused(refused)).toBe("You may not write in this draft at this moment.")
  expect(whyRefused(refused, true)).toBe("The text was adopted before these words came: it is sealed, and they are not in it.")
  expect(whyRefused({ ...refused, reason: "too-large" }, true)).toBe("This is too much at once. Propose it in parts.")
})

/** Somebody who writes for S changes to B: what is told as an event comes. */
function changing(event: LifeEvent): Told[] {
  const life = { key: 1, client: 7, source: "S", epoch: "log 1", pass: "k" }
  const live: State = { at: "live", life, last: 1 }
  const [waiting] = next(live, { type: "choose", hat: "B", isSaved: false })
  return next(waiting, event)[1].flatMap((effect) => (effect.do === "tell" ? [effect.told] : []))
}

const names: Readonly<Record<string, string>> = { S: "Sweden", B: "Brazil" }

const stays: readonly (readonly [event: LifeEvent, said: string])[] = [
  [{ type: "timer", key: 2 }, "You still write for Sweden: the server did not answer in time. Choose again in a moment."],
  [
    { type: "failed", key: 2, why: "unreachable", sentence: "" },
    "You still write for Sweden: the server did not answer in time. Choose again in a moment.",
  ],
  [{ type: "failed", key: 2, why: "hat", sentence: "" }, "You still write for Sweden: you may not write for Brazil."],
  [{ type: "hats", hats: ["S"], isSaved: false }, "You still write for Sweden: you may not write for Brazil."],
  [{ type: "closed", key: 2, code: 4409 }, "You still write for Sweden: the server ended the change. Choose again in a moment."],
  [
    { type: "refused", key: 2, isRaced: false, clock: 0, why: "" },
    "You still write for Sweden: the server ended the change. Choose again in a moment.",
  ],
  [
    { type: "closed", key: 1, code: 1006 },
    "The server cannot be reached. You go on writing for Sweden; choose again once the connection is back.",
  ],
]
it.each(stays)("[LIFE3] who goes on writing for whom one wrote is told why: %j", (event, said) => {
  expect(changing(event).map((told) => sentenceOf(told, (source) => names[source]!))).toEqual([said])
})

it("[LIFE3] what was typed for whom one could not change to is handed back, and it is not said that one writes for that", async () => {
  const server = new Server()
  const window = new Window(server, new Browser())
  await window.settle(6)
  window.life.choose("B")
  expect(window.type(1, true, " early")).toBe(true)
  await window.pass(10_000)
  await turns()
  expect([window.life.hat.peek(), window.said]).toEqual(["SEC", ["still"]])
  const tray = window.life.tray.peek().map(({ text, source, why }) => ({ text, source, why }))
  expect(tray).toEqual([{ text: " early", source: "B", why: whyKept.otherHat }])
  expect(whyKept.otherHat).toBe("You wrote for another delegation when they could be taken.")
  await window.close()
})
