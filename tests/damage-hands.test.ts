import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pino } from "pino"
import { afterEach, describe, expect, it } from "vitest"
import { acceptLosses, verify } from "../server/commands/verify.ts"
import { operator } from "../server/people/invitations.ts"
import { openSample } from "../server/sample.ts"
import { hashOfSnapshot } from "../server/storage/chain.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import type { Store } from "../server/storage/store.ts"
import { tamper } from "./damage.ts"
import { Meeting, newFolder } from "./meeting.ts"
import { commandBeside } from "./process.ts"
import { draftRecord } from "./store-contract.ts"

const at = "2026-11-22T09:00:00.000Z"
const row = (client = 20) => ({
  ...{ client, person: "p1", source: "S", kind: "edit" as const, at },
  // An update that changes nothing.
  update: new Uint8Array(2),
})
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop().catch(() => undefined)
})

async function stored(folder = newFolder()): Promise<{ folder: string; store: Store }> {
  const store = openInlineStore(folder, { isServer: true })
  stops.push(() => store.close())
  return { folder, store }
}

describe("client ids, whatever a hand does to the tables", () => {
  it("[STO3] one that a running server gave is never given again, though their list was emptied meanwhile", async () => {
    const { folder, store } = await stored()
    await store.createDraft(draftRecord("d1"), { rows: [row()], entries: [] })
    const before = await store.assignClient("d1", "p1", "S", "k")
    tamper(folder, "DELETE FROM clients")
    expect(await store.assignClient("d1", "p2", "B", "k")).toBe(before + 1)
    await store.close()
    // Nor one that the server before gave, and that nobody has written with.
    const { store: again } = await stored(folder)
    tamper(folder, "DELETE FROM clients")
    expect(await again.assignClient("d1", "p2", "B", "k")).toBe(before + 2)
  })

  for (const value of ["NaN", "16777214", "-5", "1e3"])
    it(`[STO3] the number up to which none is given any more is ${value}: verify says so, and people join all the same`, async () => {
      const { folder, store } = await stored()
      await store.createDraft(draftRecord("d1"), { rows: [row()], entries: [] })
      await store.close()
      tamper(folder, `INSERT INTO settings (name, value) VALUES ('last client of all', '${value}')`)
      expect((await verify(folder, null)).findings).toEqual([
        expect.stringMatching(/^The number up to which no client id is given any more was altered;.*\(table settings\)\.$/),
      ])
      const { store: again } = await stored(folder)
      expect(await again.assignClient("d1", "p1", "S", "k")).toBe(1_021)
      expect(await again.assignClient("d1", "p1", "S", "k")).toBe(1_022)
    })

  it("[STO3] a row with an id that leaves none is told, and leaves the others", async () => {
    const { folder, store } = await stored()
    await store.createDraft(draftRecord("d1"), { rows: [row()], entries: [] })
    await store.close()
    tamper(folder, "INSERT INTO clients (draft, client, person, source, pass) VALUES ('d1', 16777213, 'p1', 'S', 'k')")
    expect((await verify(folder, null)).findings).toContainEqual(expect.stringMatching(/^1 client id cannot be read/))
    const { store: again } = await stored(folder)
    expect(await again.assignClient("d1", "p1", "S", "k")).toBe(21)
  })
})

describe("a snapshot that is another draft's state", () => {
  it("[STO5] is told by verify and not used: head and end prove the log behind it", async () => {
    const { folder, store } = await stored()
    await store.createDraft(draftRecord("d1"), { rows: [row(), row(), row()], entries: [] })
    await store.saveSnapshot("d1", { seq: 2, state: new Uint8Array([0, 0]) })
    await store.close()
    const [chain, state] = [new Uint8Array(32).fill(9), new Uint8Array([0, 0])]
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
    tamper(folder, `UPDATE snapshots SET chain = x'${hex(chain)}', hash = x'${hex(hashOfSnapshot("d1", 2, chain, state))}'`)
    const { drafts, findings } = await verify(folder, null)
    expect([findings, drafts[0]?.findings]).toEqual([
      [],
      ["Its snapshot is not of entry 2 of its log. It is not used; the log is replayed."],
    ])
    const { store: again } = await stored(folder)
    expect([await again.examine("d1"), await again.snapshot("d1")]).toEqual([expect.objectContaining({ damage: null }), null])
  })
})

describe("people's tables damaged while the server runs", () => {
  it("[DAM8] the log says what, once, and readyz that it does, until it is well again", async () => {
    const lines: string[] = []
    const log = pino({ level: "error" }, { write: (line: string) => void lines.push((JSON.parse(line) as { reason: string }).reason) })
    const meeting = await Meeting.open(newFolder(), { log })
    stops.push(() => meeting.stop())
    await meeting.guest("secretary")
    const notes = async (): Promise<unknown> => ((await (await fetch(`${meeting.url}/readyz`)).json()) as { notes: unknown }).notes
    expect(await notes()).toEqual([])
    tamper(meeting.folder, "UPDATE people SET role = 'king'")
    await expect.poll(notes).toEqual([expect.stringMatching(/^Something that is stored about people is damaged/)])
    expect(lines).toEqual([expect.stringMatching(/cannot come in: its role is “king” \(table people\)/)])
    tamper(meeting.folder, "UPDATE people SET role = 'secretary'")
    await expect.poll(notes).toEqual([])
    expect(lines).toHaveLength(1)
  })
})

describe("the sample", () => {
  it("[DAM5] a draft that is gone, and whose loss was accepted, is not made anew from its seed", async () => {
    const folder = newFolder()
    const seeds = newFolder()
    for (const name of ["early-warning", "night-sky"])
      for (const end of [".json", ".script.json"]) writeFileSync(join(seeds, `${name}${end}`), readFileSync(join("seeds", `${name}${end}`)))
    const open = async (): Promise<Meeting> => {
      const meeting = await Meeting.open(folder, { isBare: true })
      stops.push(() => meeting.stop())
      await openSample(meeting.server, folder, seeds)
      return meeting
    }
    await (await open()).stop()
    const of = "draft = 'early-warning'"
    tamper(
      folder,
      "DELETE FROM drafts WHERE id = 'early-warning'",
      ...["log", "register", "snapshots"].map((table) => `DELETE FROM ${table} WHERE ${of}`),
    )
    expect((await acceptLosses(folder, null, at)).losses).toMatchObject([{ draft: "early-warning", isGone: true }])
    const meeting = await open()
    expect(await meeting.server.drafts.list()).toMatchObject([
      { id: "night-sky" },
      { id: "early-warning", damage: { sentence: expect.stringMatching(/is gone/) } },
    ])
    await meeting.stop()
    expect((await verify(folder, null)).accepted).toEqual([expect.stringMatching(/is gone from the meeting/)])
  })
})

describe("a sitting whose chair was withdrawn", () => {
  it("[WHO3] is changed all the same; nobody presides, and who names the one that was withdrawn is told that", async () => {
    const meeting = await Meeting.open()
    stops.push(() => meeting.stop())
    const { sittings, people } = meeting.server
    await people.save({ id: "p-ada", name: "Ada Obi", role: "chair", hats: ["CHAIR"], isRevoked: false })
    await sittings.change({ chair: "Ada Obi", date: "2026-11-27" })
    await meeting.server.invitations.setAccess("p-ada", true, operator)
    expect(await sittings.change({ room: "Room D" })).toMatchObject({ room: "Room D", chair: "p-ada" })
    await expect(sittings.change({ chair: "Ada Obi" })).rejects.toThrow(/^Ada Obi was withdrawn and cannot preside\./)
    expect(sittings.presiding()).toBeNull()
    const { out, err } = await commandBeside(["sitting", "--data", meeting.folder])
    expect(out + err).toMatch(/Room D, [\d-]+\nAda Obi, who was named to preside, was withdrawn\. Name another with --chair\./)
  })
})
