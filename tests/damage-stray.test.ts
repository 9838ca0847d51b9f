import { copyFileSync, cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { acceptLosses, type Verified, verify } from "../server/commands/verify.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import type { Store } from "../server/storage/store.ts"
import { databaseIn } from "./damage.ts"
import { newFolder } from "./meeting.ts"
import { draftRecord } from "./store-contract.ts"

const at = "2026-11-22T09:00:00.000Z"
const row = (bytes: number) => ({
  ...{ client: 20, person: "p1", source: "S", kind: "edit" as const, at },
  // An update that changes nothing, of so many bytes.
  update: new Uint8Array(bytes),
})
const append = async (store: Store, draft: string, bytes: number, times: number): Promise<void> => {
  for (let i = 0; i < times; i++) await store.append(draft, { rows: [row(bytes)], entries: [] })
}

/** A folder as a killed server leaves it after a long log was brought in, and a backup of it from before. */
async function killed(): Promise<{ folder: string; backup: string }> {
  const [served, backup, folder] = [newFolder(), newFolder(), newFolder()]
  const first = openInlineStore(served, { isServer: true })
  for (const id of ["d1", "d2"]) await first.createDraft(draftRecord(id), { rows: [row(600)], entries: [] })
  await append(first, "d1", 600, 20)
  await first.close()
  cpSync(served, backup, { recursive: true })
  const store = openInlineStore(served, { isServer: true })
  await append(store, "d1", 1_500_000, 3)
  await append(store, "d1", 600, 2)
  cpSync(served, folder, { recursive: true })
  await store.close()
  // Whoever was killed wrote its heads a moment before.
  copyFileSync(join(served, "heads"), join(folder, "heads"))
  return { folder, backup }
}

/** The folder of a meeting that was stopped in order, and beside it the write-ahead log that it had long before. */
async function older(): Promise<{ folder: string; entries: number }> {
  const [served, folder] = [newFolder(), newFolder()]
  const store = openInlineStore(served, { isServer: true })
  for (const id of ["d1", "d2"]) await store.createDraft(draftRecord(id), { rows: [row(600)], entries: [] })
  await append(store, "d1", 600, 20)
  copyFileSync(`${databaseIn(served)}-wal`, `${databaseIn(folder)}-wal`)
  await append(store, "d1", 900, 20)
  await append(store, "d2", 900, 20)
  await store.close()
  for (const name of ["clausula.db", "heads"]) copyFileSync(join(served, name), join(folder, name))
  return { folder, entries: 41 }
}

/** As `cp -a` does it: what the backup does not have stays. */
function putBack({ folder, backup }: { folder: string; backup: string }, names: readonly string[] = ["clausula.db", "heads"]): void {
  for (const name of names) writeFileSync(join(folder, name), readFileSync(join(backup, name)))
}

const stray = /The write-ahead log \S+clausula\.db-wal does not belong to the database beside it, which is whole without it/
const proofs = ({ drafts }: Verified): unknown => drafts.map(({ draft, entries, findings }) => [draft, entries, findings])

const places: readonly (readonly [string, () => Promise<{ folder: string; d1: number; d2: number }>])[] = [
  [
    "is a killed server's, beside a backup from before",
    async () => {
      const meeting = await killed()
      putBack(meeting)
      return { folder: meeting.folder, d1: 21, d2: 1 }
    },
  ],
  ["is from long before", async () => ({ folder: (await older()).folder, d1: 41, d2: 21 })],
]

describe("a write-ahead log that is not the database's", () => {
  for (const [name, meeting] of places)
    it(`[DAM16] that ${name}: the start moves it aside, says so, keeps it, and the database is whole`, async () => {
      const { folder, d1, d2 } = await meeting()
      const wal = readFileSync(`${databaseIn(folder)}-wal`)
      const whole = (more: number): unknown => [
        ["d1", d1 + more, []],
        ["d2", d2, []],
      ]
      const looked = await verify(folder, null)
      expect([looked.findings, proofs(looked)]).toEqual([
        [expect.stringMatching(new RegExp(`${stray.source}.*Move it away; a server does so as it starts`))],
        whole(0),
      ])
      // A command that does one thing leaves it to the operator.
      expect(() => openInlineStore(folder, { isBeside: true })).toThrow(new RegExp(`${stray.source}.*Move that file away`))
      const store = openInlineStore(folder, { isServer: true, expected: ["d1", "d2"] })
      const told: string[] = []
      store.onTrouble((error) => told.push(error.message))
      await expect.poll(() => told.join()).toMatch(new RegExp(`${stray.source}.*is kept as clausula\\.db-wal\\.other-1`))
      await append(store, "d1", 600, 1)
      await store.close()
      expect(readFileSync(`${databaseIn(folder)}-wal.other-1`).equals(wal)).toBe(true)
      const after = await verify(folder, null)
      expect([after.findings, proofs(after)]).toEqual([[], whole(1)])
    })

  it("[DAM16] where the database alone was put back heads tell what is missing, and of that draft alone", async () => {
    const meeting = await killed()
    putBack(meeting, ["clausula.db"])
    const store = openInlineStore(meeting.folder, { isServer: true, expected: ["d1", "d2"] })
    expect(await store.setAside()).toHaveLength(1)
    expect(await store.examine("d1")).toMatchObject({ damage: expect.stringMatching(/The last 5 entries of its log are missing/) })
    expect(await store.examine("d2")).toMatchObject({ damage: null })
    await store.close()
  })

  it("[DAM16] accept-loss beside no server moves it aside too, and says so", async () => {
    const meeting = await killed()
    putBack(meeting)
    const { anew, losses } = await acceptLosses(meeting.folder, null, at)
    expect([anew, losses]).toEqual([[expect.stringMatching(stray)], []])
  })

  it("[DAM16] the one that a killed server left is its own", async () => {
    const { folder } = await killed()
    expect((await verify(folder, null)).findings).toEqual([])
    const store = openInlineStore(folder, { isServer: true, expected: ["d1", "d2"] })
    expect([await store.setAside(), await store.examine("d1")]).toEqual([[], expect.objectContaining({ seq: 26, damage: null })])
    await store.close()
  })
})
