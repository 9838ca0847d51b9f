import { spawnSync } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, expect, it } from "vitest"
import { StoreFailure } from "../server/storage/failures.ts"
import { StoreWatch } from "../server/storage/watched.ts"
import { type Guest, Meeting, newFolder } from "./meeting.ts"

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A file system of a few megabytes of its own, or null where this user may mount none. */
function smallDisk(kilobytes: number): string | null {
  const place = newFolder()
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", place]).status !== 0) {
    console.log("skipped: no file system can be mounted here")
    return null
  }
  ends.push(() => spawnSync("umount", ["-l", place]))
  return place
}

const remark = { anchor: { on: "clause", block: "b1" }, text: "y".repeat(3_500) }

it("[DAM13] on a full disk all is read and every paper leaves, writing is refused in a sentence, and it heals without anybody's doing", async () => {
  const disk = smallDisk(3_000)
  if (!disk) return
  const meeting = await Meeting.open(join(disk, "data"))
  ends.push(() => meeting.stop())
  const chair: Guest = await meeting.guest("chair")
  const draft = await meeting.draft()
  const write = async () => chair.request("POST", `/api/v1/drafts/${draft}/threads`, { body: remark })
  const readyz = async (): Promise<{ ready: boolean; reasons: string[] }> => (await fetch(`${meeting.url}/readyz`)).json() as never
  expect((await write()).status).toBe(201)
  const filler = join(disk, "filler")
  spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=1k"])
  let refused = await write()
  for (let n = 0; n < 100 && refused.status === 201; n++) refused = await write()
  expect([refused.status, refused.body]).toMatchObject([503, { detail: expect.stringMatching(/^The store cannot write at this moment\./) }])
  for (const path of ["/drafts", "/people", `/drafts/${draft}`, `/drafts/${draft}/changes`, `/drafts/${draft}/register`])
    expect([path, (await chair.request("GET", `/api/v1${path}`)).status]).toEqual([path, 200])
  for (const format of ["docx", "txt", "html", "akn", "json"]) {
    const answer = await fetch(`${meeting.url}/api/v1/drafts/${draft}/export?format=${format}`, { headers: { Cookie: chair.cookie } })
    expect([format, answer.status]).toEqual([format, 200])
  }
  expect(await readyz()).toMatchObject({
    ready: false,
    reasons: [expect.stringMatching(/^The disk that holds the meeting's store is full\./)],
  })
  // Nobody types, and it is no better: the next look finds it so.
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect((await readyz()).ready).toBe(false)
  rmSync(filler)
  await expect.poll(async () => (await readyz()).ready, { timeout: 6_000 }).toBe(true)
  expect((await write()).status).toBe(201)
}, 60_000)

it("[DAM13] a store that fails is asked again; what cannot be read, and what one draft lost, makes no server unready", async () => {
  const watch = new StoreWatch(() => undefined)
  const failing = (failure: StoreFailure) => async (): Promise<never> => Promise.reject(failure)
  const lost = new StoreFailure("It is damaged.", true)
  const store = watch.over({
    onTrouble: () => undefined,
    people: failing(lost),
    savePerson: failing(new StoreFailure("The disk is full.", false)),
    append: failing(new StoreFailure("The draft is damaged.", true, { draft: "d1" })),
    tryWriting: async () => undefined,
  } as never)
  const answers = async (work: Promise<unknown>): Promise<void> => void (await work.catch(() => undefined))
  await answers(store.people())
  await answers(store.append("d1", { rows: [], entries: [] }))
  expect([watch.failing, watch.notes]).toEqual([null, [expect.stringMatching(/could not be read/)]])
  await answers(store.savePerson({} as never))
  expect(watch.failing).toBe("The disk is full.")
  ends.push(watch.probing(store))
  await expect.poll(() => watch.failing, { timeout: 4_000 }).toBe(null)
})

it("[DAM15] on a full disk people sign in and read, are told so, and write once there is room, in their own names", async () => {
  const disk = smallDisk(3_000)
  if (!disk) return
  const folder = join(disk, "data")
  const meeting = await Meeting.open(folder)
  ends.push(() => meeting.stop())
  const chair = await meeting.guest("chair")
  // One link is of one person, the other of a delegation: who comes by it is new. The drafts are opened by nobody yet.
  const draft = await meeting.draft()
  const by = { role: "chair", person: chair.id } as const
  await meeting.server.people.save({ id: "p-ann", name: "Ann Ek", role: "delegate", hats: ["S"], isRevoked: false })
  const { token: own } = await meeting.server.invitations.invite({ role: "delegate", hats: ["S"], person: "p-ann", days: 1, by })
  const { token: shared } = await meeting.server.invitations.invite({ role: "delegate", hats: ["B"], person: null, days: 1, by })
  const filler = join(disk, "filler")
  spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=1k"])
  // Until not even a line of a table finds room.
  const more = (n: number) => meeting.server.people.save({ id: `p-${n}`, name: `N ${n}`, role: "observer", hats: [], isRevoked: false })
  let isFull = false
  for (let n = 0; n < 2_000 && !isFull; n++)
    isFull = await more(n).then(
      () => false,
      () => true,
    )
  expect(isFull, "the disk is full").toBe(true)
  const guests = [await meeting.enter({ token: own }), await meeting.enter({ token: shared, name: "Bo Li" })]
  for (const guest of guests) {
    expect((await guest.call("me")).notKept).toMatch(/^The meeting's store cannot be written at this moment\. You are signed in and read/)
    expect(await guest.call("drafts")).toMatchObject([
      {
        id: draft,
        damage: { isReadable: true, sentence: expect.stringMatching(/disk .* is full\..* Meanwhile this draft is read as it was saved/) },
      },
    ])
    const refused = await guest.request("POST", `/api/v1/drafts/${draft}/join`, { body: {} })
    expect([refused.status, (refused.body as { detail: string }).detail]).toEqual([503, expect.stringMatching(/is full/)])
    // Without a client id one reads.
    const line = await guest.socket(draft, null).ready()
    expect(line.doc.getXmlFragment("blocks").length).toBeGreaterThan(5)
    line.close()
  }
  // Nobody comes in twice as one, and what is read of the store anew forgets nobody.
  await expect(meeting.enter({ token: shared, name: "Bo Li" })).rejects.toThrow(/Bo Li has entered already/)
  await meeting.server.people.read()
  expect((await guests[1]!.call("me")).name).toBe("Bo Li")
  const told = chair.socket(draft, null)
  await told.ready()
  rmSync(filler)
  // Who reads hears that it goes on, and joins again.
  await told.until(() => told.messages.some((message) => message.kind === "notice" && message.notice.kind === "meeting"))
  await expect.poll(async () => (await guests[0]!.call("me")).notKept, { timeout: 6_000 }).toBeNull()
  expect((await guests[0]!.call("draft", { draft })).damage).toBeNull()
  for (const guest of guests) {
    expect((await guest.join(draft)).clientId).toBeGreaterThan(0)
    expect((await guest.request("POST", `/api/v1/drafts/${draft}/threads`, { body: remark })).status).toBe(201)
  }
  await meeting.stop()
  const again = await Meeting.open(folder, { isBare: true })
  ends.push(() => again.stop())
  for (const guest of guests) {
    const answer = await fetch(`${again.url}/api/v1/me`, { headers: { Cookie: guest.cookie } })
    expect([answer.status, ((await answer.json()) as { notKept: unknown }).notKept]).toEqual([200, null])
  }
}, 60_000)
