import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { command, commandBeside, home, kill, serve } from "./process.ts"

const folder = mkdtempSync(join(tmpdir(), "clausula-cli-"))
const seed = join(home, "seeds/early-warning.txt")

describe("commands", () => {
  it("[CLI1] import gives the public JSON on stdout and messages on stderr; - is stdin", () => {
    const read = command(["import", seed, "--json"])
    expect(read.code).toBe(0)
    const draft = JSON.parse(read.out)
    expect(draft.blocks[0]).toMatchObject({ id: "b1", type: "designation" })
    expect(Object.keys(draft)).toEqual(expect.arrayContaining(["cover", "blocks", "changes", "comments", "notes", "debris", "warnings"]))
    expect(read.err).toMatch(/blocks/)
    expect(JSON.parse(command(["import", "-"], readFileSync(seed, "utf8")).out)).toEqual(draft)
  })

  it("[CLI2] export writes every view; text that is read again gives the same blocks", () => {
    const json = join(folder, "draft.json")
    expect(command(["import", seed, "-o", json]).code).toBe(0)
    const text = command(["export", json, "--format", "txt"])
    expect(text.code).toBe(0)
    const again = JSON.parse(command(["import", "-"], text.out).out)
    expect(again.blocks).toEqual(JSON.parse(readFileSync(json, "utf8")).blocks)
    const sample = join(home, "seeds/early-warning.json")
    const view = (name: string): string => command(["export", sample, "--format", "txt", "--view", name]).out
    expect(view("force")).toContain("Rev. Dubai, 2018")
    expect(view("proposed")).toContain("Rev. Doha, 2026")
    expect(view("proposed")).not.toContain("Rev. Dubai, 2018)\n")
    expect(view("working")).not.toContain("Doha")
    const exported = JSON.parse(command(["export", sample, "--format", "json"]).out)
    const original = JSON.parse(readFileSync(sample, "utf8"))
    expect(
      exported.changes.map((change: { kind: string; source: string; text: string }) => [change.kind, change.source, change.text]),
    ).toEqual(original.changes.map((change: { kind: string; source: string; text: string }) => [change.kind, change.source, change.text]))
  })

  it("[CLI1] import tells what stands in square brackets", () => {
    const { out } = command(["import", "-"], "resolves\n1\tto meet [each year];\n2\tto act.\n")
    expect(JSON.parse(out)).toMatchObject({ brackets: [{ block: "b2", from: 8, to: 19, text: "[each year]" }] })
    expect(JSON.parse(command(["import", "-"], "resolves\n1\tto act.\n").out)).not.toHaveProperty("brackets")
  })

  const bad: readonly [string, string[], RegExp][] = [
    ["an unknown file", ["import", "/nowhere/at/all.txt"], /no such file/],
    ["a folder", ["import", folder], /folder/],
    ["an empty file", ["import", "EMPTY"], /is empty/],
    ["a binary file", ["import", "BINARY"], /binary/],
    ["text that is not UTF-8", ["import", "LATIN1"], /UTF-8/],
    ["30 MB of text", ["import", "HUGE"], /at most/],
    ["malformed JSON", ["import", "JSON"], /not: /],
    ["an unknown format", ["export", seed, "--format", "rtf"], /json, txt/],
    ["no format", ["export", seed], /--format/],
    ["an unknown verb", ["frobnicate"], /unknown command/],
    ["an impossible port", ["serve", "--port", "99999"], /0 to 65535/],
    ["plain http for other machines", ["serve", "--host", "0.0.0.0", "--data", folder], /--insecure-lan/],
    ["an invitation to no meeting", ["invite", "--role", "chair", "--data", join(folder, "none")], /no meeting/],
    ["a delegate of nobody", ["invite", "--role", "delegate", "--data", folder], /--source/],
  ]
  const files: Record<string, Uint8Array> = {
    EMPTY: new Uint8Array(),
    BINARY: Uint8Array.of(1, 0, 2, 0, 3),
    LATIN1: Uint8Array.of(0x63, 0x61, 0x66, 0xe9),
    HUGE: new TextEncoder().encode("word ".repeat(6_000_000)),
    JSON: new TextEncoder().encode("{ not json"),
  }
  for (const [name, args, sentence] of bad)
    it(`[CLI3] ${name}: exit 2 and one sentence`, () => {
      const given = args.map((arg) => {
        const content = files[arg]
        if (!content) return arg
        writeFileSync(join(folder, arg), content)
        return join(folder, arg)
      })
      const result = command(given)
      expect(result.code).toBe(2)
      expect(result.err).toMatch(sentence)
      expect(result.err).not.toMatch(/at .*\.js:\d+/)
    })

  for (const verb of ["serve", "import", "export", "invite", "people", "withdraw", "roster", "sitting"])
    it(`[CLI4] ${verb} --help explains itself`, () => {
      const result = command([verb, "--help"])
      expect(result.code).toBe(0)
      expect(result.out).toMatch(/--json/)
    })

  it("[CLI5] a second serve on one directory exits 2; invite works beside the first; links stay good after a restart", async () => {
    const data = join(folder, "meeting")
    const first = await serve(["--sample", "--data", data, "--port", "0"])
    const second = command(["serve", "--data", data, "--port", "0"])
    expect([second.code, second.err]).toEqual([2, expect.stringContaining("Another server already uses")])
    const invited = command(["invite", "--role", "delegate", "--source", "J", "--source-name", "Japan", "--data", data, "--json"])
    const { token } = JSON.parse(invited.out)
    const enter = (url: string, body: object): Promise<Response> =>
      fetch(`${url}/api/v1/session`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })
    expect((await enter(first.url, { token })).status).toBe(400)
    const entered = await enter(first.url, { token, name: "Ito" })
    expect([entered.status, await entered.json()]).toEqual([201, expect.objectContaining({ name: "Ito", hats: ["J"] })])
    await kill(first, "SIGTERM")
    const again = await serve(["--sample", "--data", data, "--port", "0"])
    expect(again.addresses.map((address) => address.url.split("#")[1])).toEqual(first.addresses.map((address) => address.url.split("#")[1]))
    expect((await enter(again.url, { token: again.addresses[0]!.url.split("#")[1] })).status).toBe(201)
    await kill(again, "SIGTERM")
  })

  it("[CLI9] a server that is asked to end does so at once, whoever has just gone away", async () => {
    const serving = await serve(["--sample", "--data", join(folder, "ending"), "--port", "0"])
    const { hostname, port } = new URL(serving.url)
    const token = serving.addresses[0]!.url.split("#")[1]
    const headers = { "Content-Type": "application/json" }
    const entered = await fetch(`${serving.url}/api/v1/session`, { method: "POST", headers, body: JSON.stringify({ token }) })
    const cookie = entered.headers.get("set-cookie")!.split(";")[0]
    // Its answers are ready when nobody listens any more.
    for (let i = 0; i < 20; i++)
      await new Promise<void>((resolve) => {
        const line = connect(Number(port), hostname, () => {
          line.write(
            `GET /api/v1/drafts/early-warning/export?format=docx HTTP/1.1\r\nHost: ${hostname}:${port}\r\nCookie: ${cookie}\r\n\r\n`,
            () => {
              line.destroy()
              resolve()
            },
          )
        })
      })
    const asked = performance.now()
    expect(await kill(serving, "SIGTERM")).toBe(0)
    expect(performance.now() - asked).toBeLessThan(10_000)
  })

  it("[CLI6 WHO4] invite gives no more than a role may have, binds a name, and keeps nothing of what it refuses", async () => {
    const data = join(folder, "invites")
    const serving = await serve(["--data", data, "--port", "0"])
    const run = (...args: string[]): ReturnType<typeof command> => command([...args, "--data", data, "--json"])
    const refused: readonly [string[], RegExp][] = [
      [["--role", "delegate", "--source", "CHAIR"], /CHAIR is no delegation/],
      [["--role", "delegate", "--source", "SEC"], /SEC is no delegation/],
      [["--role", "secretary", "--source", "S"], /S by no invitation/],
      [["--role", "observer", "--source", "S"], /writes for nobody/],
      [["--role", "observer", "--name", "a\u202eb"], /A name has/],
      [["--person", "p-nobody"], /no such person/],
      [[], /Say for which role/],
    ]
    for (const [args, sentence] of refused) {
      const { code, err } = run("invite", ...args)
      expect([code, err], args.join(" ")).toEqual([2, expect.stringMatching(sentence)])
      expect(err.trim().split("\n")).toHaveLength(1)
    }
    expect(JSON.parse(run("people").out)).toEqual({ people: [], invitations: [] })
    const first = JSON.parse(run("invite", "--role", "delegate", "--source", "S", "--name", "Li Wei").out)
    const second = run("invite", "--role", "delegate", "--source", "S", "--name", "Li Wei")
    expect(JSON.parse(second.out).name).toBe("Li Wei (2)")
    expect(second.err).toMatch(/on the list already/)
    const again = JSON.parse(run("invite", "--person", first.person).out)
    const entered = await fetch(`${serving.url}/api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: again.token }),
    })
    expect(await entered.json()).toMatchObject({ id: first.person, name: "Li Wei", hats: ["S"] })
    await kill(serving, "SIGTERM")
  })

  it("[CLI8] a link has the address of the server that runs on the folder; where that is not known a sentence says what is missing", async () => {
    const data = join(folder, "addresses")
    const invite = (...args: string[]): ReturnType<typeof command> => command(["invite", "--role", "observer", "--data", data, ...args])
    const local = await serve(["--data", data, "--port", "0"])
    const own = `http://localhost:${new URL(local.url).port}`
    expect(invite()).toMatchObject({ code: 0, out: expect.stringMatching(new RegExp(`^${own}/enter#\\S+\n$`)) })
    expect(JSON.parse(invite("--json").out).url).toMatch(new RegExp(`^${own}/enter#`))
    const given = invite("--url", "https://drafting.example.org/")
    expect(given.out).toMatch(/^https:\/\/drafting\.example\.org\/enter#/)
    expect(invite("--url", "drafting")).toMatchObject({ code: 2, err: expect.stringMatching(/begins with http/) })
    await kill(local, "SIGKILL")
    const links = JSON.parse(command(["people", "--data", data, "--json"]).out).invitations
    const missing = { code: 2, out: "", err: expect.stringMatching(/^clausula: The address of the link is not known[^\n]*--url[^\n]*\n$/) }
    expect(invite()).toMatchObject(missing)
    const proxied = await serve(["--data", data, "--port", "0", "--secure"])
    expect(invite()).toMatchObject(missing)
    await kill(proxied, "SIGTERM")
    const named = await serve(["--data", data, "--port", "0", "--secure", "--origin", "https://room.example.org"])
    expect(JSON.parse(command(["people", "--data", data, "--json"]).out).invitations).toEqual(links)
    expect(invite().out).toMatch(/^https:\/\/room\.example\.org\/enter#/)
    await kill(named, "SIGTERM")
    expect(invite()).toMatchObject(missing)
  })

  it("[CLI6 WHO1 WHO6 WHO8] roster, people, withdraw and sitting work beside a running server, which has it at once; no name of the sample is there", async () => {
    const data = join(folder, "real")
    const serving = await serve(["--data", data, "--port", "0"])
    const run = (...args: string[]): ReturnType<typeof commandBeside> => commandBeside([...args, "--data", data])
    const roster = join(folder, "roster.csv")
    writeFileSync(roster, "code,name\nS,Sweden\nCHAIR,x\n")
    expect(await run("roster", roster)).toMatchObject({ code: 2, err: expect.stringMatching(/line 3: CHAIR[\s\S]*Nothing was taken/) })
    writeFileSync(roster, "code,name\nS,Sweden\nKEN,Kenya\n")
    expect(await run("roster", roster)).toMatchObject({ code: 0, out: expect.stringMatching(/new +S +Sweden\nnew +KEN +Kenya/) })
    const { token, person } = JSON.parse((await run("invite", "--role", "secretary", "--name", "Ana", "--json")).out)
    const answer = await fetch(`${serving.url}/api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    })
    const me = (): Promise<Response> =>
      fetch(`${serving.url}/api/v1/me`, { headers: { Cookie: answer.headers.get("set-cookie")!.split(";")[0]! } })
    expect((await run("sitting")).out).toMatch(/No sitting is open/)
    expect(await (await me()).json()).toMatchObject({ hats: ["SEC", "S", "KEN"], sitting: { id: null, body: "", room: "", chair: null } })
    expect(await run("sitting", "--room", "B")).toMatchObject({ code: 2, err: expect.stringMatching(/a body and a room/) })
    expect(await run("sitting", "--new", "--body", "Committee 3", "--room", "B", "--chair", "Ana")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/No chair is called/),
    })
    await run("invite", "--role", "chair", "--name", "Ada Lund")
    const opened = await run("sitting", "--new", "--body", "Committee 3", "--room", "B", "--date", "2026-11-26", "--chair", "ada lund")
    expect([opened.code, opened.out]).toEqual([0, "Committee 3, B, 2026-11-26, Ada Lund presiding\n"])
    await run("sitting", "--room", "C")
    expect(await (await me()).json()).toMatchObject({
      sitting: { body: "Committee 3", room: "C", chair: { name: "Ada Lund" }, present: "" },
    })
    expect(await run("withdraw", person)).toMatchObject({ code: 0, out: "Ana was withdrawn.\n" })
    expect((await me()).status).toBe(401)
    expect(await run("withdraw", "nothing")).toMatchObject({ code: 2, err: expect.stringMatching(/no such invitation/) })
    const listed = (await run("people")).out
    expect(listed).toMatch(/Ana, secretary, withdrawn/)
    expect((await run("withdraw", /^ {2}(\w{16}) .*secretary/m.exec(listed.split("Invitations")[1]!)![1]!)).out).toMatch(/Nobody enters/)
    expect(
      `${listed}${JSON.stringify(["clausula.db", "clausula.db-wal"].map((name) => readFileSync(join(data, name), "latin1")))}`,
    ).not.toMatch(/Amara|Diallo|Working group of the plenary/)
    await kill(serving, "SIGTERM")
    expect(command(["serve", "--sample", "--data", data, "--port", "0"])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/not the sample/),
    })
  })
})
