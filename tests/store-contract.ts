import { describe, expect, it } from "vitest"
import type { DraftRecord, LogRow, Store } from "../server/storage/store.ts"

const sitting = { body: "Council", room: "A", date: "2026-11-22", chair: "Ms Chair" }
export const draftRecord = (id: string): DraftRecord => ({
  id,
  title: "On forests",
  designation: "RESOLUTION 9",
  createdAt: "2026-11-22T09:00:00.000Z",
  force: null,
  forceHash: null,
  imported: "{}",
})
const row = (text: string): Omit<LogRow, "seq"> => ({
  client: 20,
  person: "p1",
  source: "S",
  kind: "edit",
  at: "2026-11-22T09:00:01.000Z",
  update: new TextEncoder().encode(text),
})
const entry = (act: string): Parameters<Store["append"]>[1]["entries"][number] => ({
  act,
  at: "2026-11-22T09:00:01.000Z",
  decidedBy: "p0",
  enteredBy: "p1",
  source: "CHAIR",
  sitting,
  details: { changes: ["S.20.1"] },
})

/** What every store must do. `open` is called again on the same place after a close. */
export function storeContract(name: string, open: () => Promise<{ store: Store; reopen: () => Promise<Store> }>): void {
  describe(`store contract: ${name}`, () => {
    it("[STO1] gives back rows in order with one sequence per draft, also after it was closed", async () => {
      const { store, reopen } = await open()
      await store.createDraft(draftRecord("d1"), { rows: [row("first")], entries: [] })
      await store.createDraft(draftRecord("d2"), { rows: [], entries: [] })
      expect(await store.append("d1", { rows: [row("second"), row("third")], entries: [] })).toBe(3)
      expect(await store.append("d2", { rows: [row("other")], entries: [] })).toBe(1)
      await store.close()
      const again = await reopen()
      const rows = await again.rows("d1", 0)
      expect(rows.map((part) => [part.seq, new TextDecoder().decode(part.update)])).toEqual([
        [1, "first"],
        [2, "second"],
        [3, "third"],
      ])
      expect((await again.rows("d1", 2)).map((part) => part.seq)).toEqual([3])
      expect(await again.draftIds()).toEqual(["d1", "d2"])
      expect(await again.draft("nobody")).toBeNull()
      await again.close()
    })

    it("[STO9] keeps files by what is in them, and settings, also after it was closed", async () => {
      const { store, reopen } = await open()
      const bytes = new Uint8Array([0, 1, 255, 0])
      await store.saveFile("a".repeat(64), bytes)
      await store.saveFile("a".repeat(64), bytes)
      expect(await store.file("b".repeat(64))).toBeNull()
      expect(await store.setting("template")).toBeNull()
      await store.saveSetting("template", '{"name": "first"}')
      await store.saveSetting("template", '{"name": "Council.docx"}')
      await store.saveSetting("other", "1")
      await store.saveSetting("other", null)
      await store.close()
      const again = await reopen()
      expect(await again.file("a".repeat(64))).toEqual(bytes)
      expect([await again.setting("template"), await again.setting("other")]).toEqual(['{"name": "Council.docx"}', null])
      await again.close()
    })

    it("[STO2] writes rows and acts of one commit together, or neither", async () => {
      const { store } = await open()
      await store.createDraft(draftRecord("d1"), { rows: [], entries: [entry("import")] })
      await expect(store.createDraft(draftRecord("d1"), { rows: [row("x")], entries: [entry("import")] })).rejects.toThrow()
      expect(await store.rows("d1", 0)).toEqual([])
      await store.append("d1", { rows: [row("one")], entries: [entry("accept")] })
      expect((await store.register("d1")).map((part) => [part.n, part.act])).toEqual([
        [1, "import"],
        [2, "accept"],
      ])
      await store.close()
    })

    it("[DAM1] proves a draft from its first row on, its record of decisions with it", async () => {
      const { store, reopen } = await open()
      await store.createDraft(draftRecord("d1"), { rows: [row("one")], entries: [entry("import")] })
      await store.append("d1", { rows: [row("two"), row("three")], entries: [entry("accept"), entry("adopt")] })
      await store.append("d1", { rows: [], entries: [entry("publish")] })
      const whole = {
        draft: "d1",
        title: "On forests",
        epoch: 1,
        seq: 3,
        at: "2026-11-22T09:00:01.000Z",
        register: 4,
        damage: null,
        loss: null,
      }
      expect(await store.examine("d1")).toEqual(whole)
      expect(await store.examine("nobody")).toBeNull()
      expect((await store.register("d1", 1)).map((part) => part.act)).toEqual(["import"])
      expect(await store.rows("d1", 0, 2)).toHaveLength(2)
      expect(await store.acceptLoss("d1", "2026-11-23T09:00:00.000Z"), "a whole draft has no loss").toBeNull()
      await store.close()
      const again = await reopen()
      expect(await again.examine("d1")).toEqual(whole)
      expect([await again.losses(), await again.problems()]).toEqual([[], []])
      await again.close()
    })

    it("[STO3] assigns client ids that a draft never saw, bound to person and source", async () => {
      const { store } = await open()
      await store.createDraft(draftRecord("d1"), { rows: [], entries: [] })
      const ids = [
        await store.assignClient("d1", "p1", "S", "k"),
        await store.assignClient("d1", "p1", "EUR", "k"),
        await store.assignClient("d1", "p2", "B", "k"),
      ]
      expect(new Set(ids).size).toBe(3)
      expect(await store.clients("d1")).toEqual(
        ids.map((client, i) => ({ draft: "d1", client, person: i < 2 ? "p1" : "p2", source: ["S", "EUR", "B"][i], pass: "k" })),
      )
      await store.close()
    })

    it("[STO4] keeps people, sources, invitations and sign-ins", async () => {
      const { store } = await open()
      const person = { id: "p1", name: "Åsa Öberg", role: "delegate" as const, hats: ["S"], isRevoked: false }
      await store.savePerson(person)
      await store.savePerson({ ...person, isRevoked: true })
      await store.saveSource({ code: "S", name: "Sweden" })
      const invitation = {
        ...{ tokenHash: "h", role: "delegate" as const, hats: ["S"], person: null, expiresAt: "2027-01-01T00:00:00.000Z" },
        ...{ madeAt: "2026-11-22T09:00:00.000Z", madeBy: "p9", isWithdrawn: false },
      }
      await store.saveInvitation(invitation)
      await store.saveSignIn({ cookieHash: "c", person: "p1", expiresAt: "2027-01-01T00:00:00.000Z" })
      expect(await store.people()).toEqual([{ ...person, isRevoked: true }])
      expect(await store.sources()).toEqual([{ code: "S", name: "Sweden" }])
      expect(await store.invitation("h")).toEqual(invitation)
      expect((await store.signIn("c"))?.person).toBe("p1")
      await store.removeSignIn("c")
      expect(await store.signIn("c")).toBeNull()
      await store.close()
    })

    it("[STO10] keeps who came by which invitation, its withdrawal, and ends all sign-ins of a person alone", async () => {
      const { store, reopen } = await open()
      const person = { id: "p1", name: "Åsa Öberg", role: "delegate" as const, hats: ["S"], isRevoked: false }
      await store.savePerson({ ...person, invitation: "h1", since: "2026-11-22T09:00:00.000Z" })
      await store.savePerson({ ...person, name: "Åsa Ek" })
      const made = { role: "delegate" as const, hats: ["S"], expiresAt: "2027-01-01T00:00:00.000Z", madeAt: "2026-11-22T09:00:00.000Z" }
      for (const tokenHash of ["h1", "h2"])
        await store.saveInvitation({ ...made, tokenHash, person: null, madeBy: null, isWithdrawn: false })
      await store.saveInvitation({ ...made, tokenHash: "h1", person: null, madeBy: null, isWithdrawn: true })
      for (const [cookieHash, owner] of [
        ["a", "p1"],
        ["b", "p1"],
        ["c", "p2"],
      ] as const)
        await store.saveSignIn({ cookieHash, person: owner, expiresAt: "2027-01-01T00:00:00.000Z" })
      await store.removeSignInsOf("p1")
      await store.close()
      const again = await reopen()
      expect(await again.people()).toEqual([{ ...person, name: "Åsa Ek", invitation: "h1", since: "2026-11-22T09:00:00.000Z" }])
      expect((await again.invitations()).map(({ tokenHash, isWithdrawn }) => [tokenHash, isWithdrawn])).toEqual([
        ["h1", true],
        ["h2", false],
      ])
      expect([await again.signIn("a"), await again.signIn("b"), (await again.signIn("c"))?.person]).toEqual([null, null, "p2"])
      await again.close()
    })

    it("[STO11] keeps sittings in the order in which they were opened; a later word on one replaces what was said of it", async () => {
      const { store, reopen } = await open()
      const first = {
        id: "1",
        body: "Council",
        room: "A",
        date: "2026-11-22",
        chair: null,
        openedAt: "2026-11-22T09:00:00.000Z",
        closedAt: null,
      }
      await store.saveSitting(first)
      await store.saveSitting({ ...first, id: "2", room: "B" })
      await store.saveSitting({ ...first, closedAt: "2026-11-22T12:00:00.000Z" })
      await store.close()
      const again = await reopen()
      expect((await again.sittings()).map(({ id, room, closedAt }) => [id, room, closedAt])).toEqual([
        ["1", "A", "2026-11-22T12:00:00.000Z"],
        ["2", "B", null],
      ])
      await again.close()
    })

    it("[STO2 STO4] what comes on the roster with a commit is kept with it", async () => {
      const { store } = await open()
      await store.createDraft(draftRecord("d1"), { rows: [row("one")], entries: [], sources: [{ code: "S", name: "Sweden" }] })
      await store.append("d1", { rows: [row("two")], entries: [], sources: [{ code: "B", name: "Brazil" }] })
      expect((await store.sources()).map(({ code }) => code)).toEqual(["S", "B"])
      await store.close()
    })

    it("[STO12] tells that a process beside this one has written, and nothing of what it writes itself", async () => {
      const { store, reopen } = await open()
      await store.saveSource({ code: "S", name: "Sweden" })
      const before = await store.writtenBeside()
      await store.saveSource({ code: "B", name: "Brazil" })
      expect(await store.writtenBeside()).toBe(before)
      const beside = await reopen()
      await beside.saveSource({ code: "J", name: "Japan" })
      expect(await store.writtenBeside()).not.toBe(before)
      expect((await store.sources()).map(({ code }) => code)).toEqual(["S", "B", "J"])
      await beside.close()
      await store.close()
    })

    it("[STO5] keeps the newest snapshot of a row that it has, and gives it where it is not too new", async () => {
      const { store } = await open()
      await store.createDraft(draftRecord("d1"), { rows: [row("one"), row("two")], entries: [] })
      expect(await store.snapshot("d1")).toBeNull()
      await store.saveSnapshot("d1", { seq: 1, state: new Uint8Array([1, 2]) })
      await store.saveSnapshot("d1", { seq: 2, state: new Uint8Array([3]) })
      await store.saveSnapshot("d1", { seq: 1, state: new Uint8Array([1, 2]) })
      await store.saveSnapshot("d1", { seq: 3, state: new Uint8Array([9]) })
      expect(await store.snapshot("d1")).toEqual({ seq: 2, state: new Uint8Array([3]) })
      expect(await store.snapshot("d1", 1)).toBeNull()
      expect(await store.snapshotProblem("d1")).toBeNull()
      await store.close()
    })
  })
}
