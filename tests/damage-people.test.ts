import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { apiRoot } from "../shared/api/contract.ts"
import { headIn, tamper } from "./damage.ts"
import { type Guest, Meeting } from "./meeting.ts"
import { commandBeside } from "./process.ts"

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop().catch(() => undefined)
})

async function open(): Promise<Meeting> {
  const meeting = await Meeting.open()
  stops.push(() => meeting.stop())
  return meeting
}

const detailOf = async (guest: Guest, path: string): Promise<readonly [number, string | undefined]> => {
  const { status, body } = await guest.request("GET", `${apiRoot}${path}`)
  return [status, (body as { detail?: string }).detail]
}

describe("what is stored of a person or a link, damaged", () => {
  for (const [what, sql, problem] of [
    ["role", "UPDATE people SET role = 'king'", "its role is “king”"],
    ["hats", "UPDATE people SET hats = '[1'", "what it may write for cannot be read"],
  ] as const)
    it(`[WHO15] a damaged ${what} is told as damage: to the person by cookie and by link, in the room's list, by people`, async () => {
      const meeting = await open()
      const [secretary, sweden] = [await meeting.guest("secretary"), await meeting.guest("delegate", ["S"])]
      const { token } = await meeting.server.invitations.invite({ hats: [], person: sweden.id, days: 1 })
      tamper(meeting.folder, `${sql} WHERE id = '${sweden.id}'`)
      const damaged = /^What is stored about you is damaged/
      await expect.poll(() => detailOf(sweden, "/me")).toEqual([401, expect.stringMatching(damaged)])
      await expect(meeting.enter({ token })).rejects.toThrow(damaged)
      const roster = await secretary.call("roster")
      expect(roster.people.find(({ id }) => id === sweden.id)?.problem).toBe(problem)
      const { code, out, err } = await commandBeside(["people", "--data", meeting.folder])
      expect([code, out.split("\n").find((line) => line.includes(sweden.id))]).toEqual([0, expect.stringMatching(`damaged: ${problem}$`)])
      expect(err).toContain(`cannot come in: ${problem}`)
      const json = JSON.parse((await commandBeside(["people", "--json", "--data", meeting.folder])).out) as { people: { id: string }[] }
      expect(json.people.find(({ id }) => id === sweden.id)).toMatchObject({ problem })
    })

  it("[WHO15] a damaged invitation is told as damage to who opens it, and by people", async () => {
    const meeting = await open()
    await meeting.guest("secretary")
    const { token } = await meeting.server.invitations.invite({ role: "delegate", hats: ["S"], person: null, days: 1 })
    tamper(meeting.folder, "UPDATE invitations SET expires = 'never' WHERE person IS NULL")
    await expect(meeting.enter({ token, name: "Elin" })).rejects.toThrow(
      /^What is stored about this invitation is damaged: nobody comes in by it/,
    )
    await expect(meeting.enter({ token: "x".repeat(43), name: "Elin" })).rejects.toThrow(/is not an invitation to this meeting/)
    expect((await commandBeside(["people", "--data", meeting.folder])).err).toMatch(/1 invitation cannot be read/)
  })
})

describe("heads that cannot be written", () => {
  it("[DAM8] readyz says so as long as it lasts, though words are saved; then it is well again", async () => {
    const meeting = await open()
    const secretary = await meeting.guest("secretary")
    const notes = async (): Promise<readonly unknown[]> => {
      const { status, body } = await secretary.request("GET", "/readyz")
      return [status, ...(body as { notes: string[] }).notes]
    }
    const first = await meeting.draft()
    await expect.poll(() => headIn(meeting.folder, first)?.seq).toBe(1)
    rmSync(join(meeting.folder, "heads"))
    mkdirSync(join(meeting.folder, "heads", "in-its-place"), { recursive: true })
    const draft = await meeting.draft()
    await expect.poll(notes).toEqual([200, expect.stringMatching(/^The file heads cannot be written: what is saved is kept/)])
    // Another draft is saved meanwhile, and it is still told.
    await meeting.draft()
    expect(await notes()).toHaveLength(2)
    expect((await secretary.request("GET", "/metrics")).body).toMatch(/clausula_store_failures_total\{call="heads"\} [1-9]/)
    rmSync(join(meeting.folder, "heads"), { recursive: true })
    await expect.poll(notes, { timeout: 3_000 }).toEqual([200])
    expect(headIn(meeting.folder, draft)?.seq).toBe(1)
  })
})
