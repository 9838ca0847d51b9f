import { connect } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { addressKey, Rate } from "../server/http/rates.ts"
import { apiRoot, type RouteName, routes } from "../shared/api/contract.ts"
import { type Guest, Meeting } from "./meeting.ts"

/** Sends a request's head over a bare socket and says that a body follows, of which it sends nothing; the answer's first line and sentence. */
function headOnly(url: string, method: string, path: string, cookie: string | null): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ""
    const timer = setTimeout(() => reject(new Error(`no answer before the body of ${method} ${path}`)), 5_000)
    socket.on("data", (data) => {
      text += data.toString()
      if (!/\r\n\r\n[\s\S]*\}/.test(text)) return
      clearTimeout(timer)
      socket.destroy()
      resolve({ status: Number(text.slice(9, 12)), text })
    })
    socket.on("error", reject)
    socket.write(
      `${method} ${path} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n${cookie ? `Cookie: ${cookie}\r\n` : ""}\r\n`,
    )
  })
}

let meeting: Meeting
let observer: Guest
let draft: string
beforeAll(async () => {
  meeting = await Meeting.open()
  observer = await meeting.guest("observer")
  draft = await meeting.draft()
})
afterAll(() => meeting.stop())

const withBody = (Object.entries(routes) as [RouteName, { method: string; path: string; isPublic?: boolean }][]).filter(
  ([, route]) => route.method === "post",
)
const pathOf = (path: string): string => `${apiRoot}${path.replace(":draft", draft).replace(/:\w+/g, "1")}`

describe("what is settled before a body is read", () => {
  for (const [name, route] of withBody.filter(([, { isPublic }]) => !isPublic))
    it(`[HTTP4] ${name}: a stranger is turned away before a byte of the body is there`, async () => {
      const { status, text } = await headOnly(meeting.url, "POST", pathOf(route.path), null)
      expect([status, text]).toEqual([401, expect.stringContaining("Open the address of your invitation first.")])
      expect((await headOnly(meeting.url, "POST", pathOf(route.path), "clausula=made-up")).status).toBe(401)
    })

  // An observer may open a draft and nothing else.
  const observerMay = new Set<RouteName>(["join"])
  for (const [name, route] of withBody.filter(([name, { isPublic }]) => !isPublic && !observerMay.has(name)))
    it(`[HTTP5] ${name}: whoever may not do it hears so before the body is there`, async () => {
      const { status, text } = await headOnly(meeting.url, "POST", pathOf(route.path), observer.cookie)
      expect([status, text]).toEqual([403, expect.stringMatching(/"detail":"[A-Z][^"]+\."/)])
    })

  it("[HTTP5] a delegate who may not import does not have a preview read; an observer none beside a draft", async () => {
    const sweden = await meeting.guest("delegate", ["S"])
    for (const [guest, path] of [
      [sweden, "/drafts?preview=true"],
      [observer, `/drafts/${draft}/import?preview=true`],
    ] as const)
      expect((await headOnly(meeting.url, "POST", `${apiRoot}${path}`, guest.cookie)).status).toBe(403)
  })

  it("[HTTP4] a stranger who signs in is read four thousand bytes, not more", async () => {
    const answer = await fetch(`${meeting.url}${apiRoot}/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: "x".repeat(20), name: "y".repeat(5_000) }),
    })
    expect(answer.status).toBe(413)
  })

  it("[HTTP4] a stranger's body that never ends is cut off", async () => {
    const { hostname, port } = new URL(meeting.url)
    const socket = connect(Number(port), hostname)
    let answer = ""
    socket.on("data", (data) => (answer += data.toString()))
    const closed = new Promise((resolve) => socket.on("close", resolve).on("error", resolve))
    socket.write(`POST ${apiRoot}/drafts HTTP/1.1\r\nHost: ${hostname}\r\nTransfer-Encoding: chunked\r\n\r\n`)
    const chunk = `${(1 << 20).toString(16)}\r\n${"x".repeat(1 << 20)}\r\n`
    let sent = 0
    while (!socket.destroyed && sent < 200) {
      sent++
      if (!socket.write(chunk)) await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), closed])
    }
    await closed
    expect(answer).toContain("401 Unauthorized")
    expect(sent).toBeLessThan(200)
  })
})

describe("how often", () => {
  const signIns = (cookie: string): Promise<Response> => fetch(`${meeting.url}${apiRoot}/me`, { headers: { Cookie: cookie } })

  it("[HTTP6] made-up cookies count to the address, however many there are; people of the meeting behind it go on, and others come in", async () => {
    const answers: Response[] = []
    for (let i = 0; i < 1_600; i += 50)
      answers.push(...(await Promise.all(Array.from({ length: 50 }, (_, j) => signIns(`clausula=made-up-${i + j}`)))))
    const refused = answers.filter(({ status }) => status === 429)
    expect([answers[0]!.status, refused.length > 50]).toEqual([401, true])
    expect(Number(refused[0]!.headers.get("retry-after"))).toBe(1)
    expect((await refused[0]!.json()) as unknown).toMatchObject({ detail: expect.stringMatching(/^Too many requests.*\.$/) })
    expect((await signIns(observer.cookie)).status).toBe(200)
    expect((await signIns((await meeting.guest("delegate", ["EUR"])).cookie)).status).toBe(200)
  })

  it("[HTTP6] a person who asks too often waits; a second sign-in of the same person does not help, another person is not held up", async () => {
    const eager = await meeting.guest("delegate", ["B"])
    const { token } = await meeting.server.invitations.invite({ role: "delegate", hats: ["B"], person: eager.id, days: 1 })
    const { cookie } = await meeting.server.invitations.enter(token, {})
    let refused = 0
    for (let i = 0; i < 1_600; i += 50)
      for (const answer of await Promise.all(Array.from({ length: 50 }, () => signIns(eager.cookie)))) if (answer.status === 429) refused++
    expect(refused).toBeGreaterThan(0)
    // Many at once: what a slow machine has saved up meanwhile is not enough for them.
    const others = await Promise.all(Array.from({ length: 400 }, () => signIns(`clausula=${cookie}`)))
    expect(others.some(({ status }) => status === 429)).toBe(true)
    expect((await signIns(observer.cookie)).status).toBe(200)
  })

  it("[HTTP6] is counted by a clock that only goes forward, gives what was saved up, and says how long to wait", () => {
    let now = 0
    const rate = new Rate(60, () => now)
    for (let i = 0; i < 60; i++) expect(rate.take("a")).toBe(0)
    expect([rate.take("a"), rate.take("b")]).toEqual([1, 0])
    now += 1_000
    expect([rate.take("a"), rate.take("a")]).toEqual([0, 1])
    rate.giveBack("a")
    expect(rate.take("a")).toBe(0)
    now += 3_600_000
    for (let i = 0; i < 60; i++) expect(rate.take("a")).toBe(0)
    expect(rate.take("a")).toBe(1)
  })

  it("[HTTP6] an IPv6 address counts with its neighbours, an IPv4 one alone", () => {
    expect(addressKey("::ffff:10.1.2.3")).toBe("10.1.2.3")
    expect(addressKey("2001:db8:1:2:3:4:5:6")).toBe(addressKey("2001:db8:1:2::9"))
    expect(addressKey("2001:db8::1")).toBe("2001:db8:0:0")
    expect(addressKey("2001:db8:1:3::9")).not.toBe(addressKey("2001:db8:1:2::9"))
  })
})
