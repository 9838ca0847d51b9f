import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { WebSocket } from "ws"
import { paperTones } from "../server/papers/html.ts"
import { People } from "../server/people/people.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import { openDatabase } from "../server/storage/sqlite-driver.ts"
import { apiRoot, type Roster, routes } from "../shared/api/contract.ts"
import { type Granter, hatsOf, mayGrantRole, mayWear } from "../shared/people/grants.ts"
import { isSameName, type Named, namesApart } from "../shared/people/names.ts"
import {
  isDelegationCode,
  isPlainName,
  mistakenFor,
  nameApart,
  nameKey,
  nameTaken,
  personMistakenFor,
  tonesOf,
  turnsOf,
} from "../shared/people/roster.ts"
import { readRoster } from "../shared/people/roster-file.ts"
import type { Role } from "../shared/policy/policy.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { type Guest, type Line, Meeting, newFolder } from "./meeting.ts"

const roles: readonly Role[] = ["chair", "secretary", "delegate", "observer"]
const until = async (test: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> => {
  const end = Date.now() + ms
  while (!(await test())) {
    if (Date.now() > end) throw new Error(`never came true: ${test}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
/** A socket that is open and has the draft, and how it ends. */
const seated = async (guest: Guest, draft: string, writes = true): Promise<Line> =>
  guest.socket(draft, writes ? (await guest.join(draft)).clientId : null).ready()
const endsWithin = async (lines: readonly Line[], ms: number): Promise<void> => {
  const started = performance.now()
  await Promise.all(lines.map((line) => line.until(() => line.closed !== null)))
  expect(performance.now() - started).toBeLessThan(ms)
  expect(lines.map((line) => line.closed)).toEqual(lines.map(() => 4403))
}
const isOpen = (line: Line): boolean => line.closed === null && line.socket.readyState === WebSocket.OPEN

describe("who may give what", () => {
  it("[POL6] nobody gives or takes a role above the own; a delegate and an observer give none", () => {
    const given = (by: Granter): Role[] => roles.filter((role) => mayGrantRole(by, role).isAllowed)
    expect(given("operator")).toEqual(["chair", "secretary", "delegate", "observer"])
    expect(given("chair")).toEqual(["chair", "secretary", "delegate", "observer"])
    expect(given("secretary")).toEqual(["secretary", "delegate", "observer"])
    expect([...given("delegate"), ...given("observer")]).toEqual([])
  })

  it("[POL6] a delegate wears hats of delegations alone, and nobody else wears any beside its own", () => {
    const wears = (role: Role, ...hats: string[]): boolean => mayWear(role, hats).isAllowed
    expect([wears("delegate", "S"), wears("delegate", "S", "EUR")]).toEqual([true, true])
    for (const hat of ["CHAIR", "SEC", "NOT-STATED", "s", ""]) expect(wears("delegate", "S", hat), hat).toBe(false)
    expect([wears("delegate"), wears("observer", "S"), wears("secretary", "CHAIR"), wears("chair", "SEC"), wears("chair", "S")]).toEqual([
      ...Array<boolean>(5).fill(false),
    ])
    expect([wears("chair", "CHAIR"), wears("secretary", "SEC"), wears("observer")]).toEqual([true, true, true])
    expect(hatsOf("delegate", ["S", "CHAIR", "SEC"])).toEqual(["S"])
    expect(hatsOf("observer", ["CHAIR"])).toEqual([])
  })

  it("[ROS1] names for comparing: what looks the same is the same, also with a number behind it", () => {
    expect(nameKey("  Elin  Öberg ")).toBe(nameKey("elin o\u0308berg".normalize("NFD")))
    expect(nameKey("El\u200bin")).toBe(nameKey("El in"))
    expect(nameApart("Li Wei", ["li wei", "Li Wei (2)"])).toBe("Li Wei (3)")
    expect(nameApart("Li Wei", ["Li Wen"])).toBe("Li Wei")
    for (const name of ["a\u0000b", "a\u202eb", "\ud83d", "a\nb"]) expect(isPlainName(name)).toBe(false)
    for (const name of ["Åsa Öberg", "王伟", "محمد", "N’Diaye 😀"]) expect(isPlainName(name)).toBe(true)
  })

  it("[WHO10] of several of one name each is told apart by what it writes for or its role, by a number where that is equal too, and by nothing else", () => {
    const person = (name: string, role: Role, ...hats: string[]): Named => ({ id: `${Math.random()}`, name, role, hats })
    const told = (...people: Named[]): string[] => [...namesApart(people).values()]
    const [us, sec] = [person("Tom Reed", "delegate", "US"), person("Tom Reed", "secretary", "SEC")]
    expect(told(us, person("Tom Read", "secretary"))).toEqual(["Tom Reed", "Tom Read"])
    expect(told(us, sec)).toEqual(["Tom Reed (US)", "Tom Reed (Secretariat)"])
    expect(told(person("Li Wei", "delegate", "S"), person("Li Wei (2)", "delegate", "S"))).toEqual(["Li Wei", "Li Wei (2)"])
    expect(told(us, person("tom  reed", "delegate", "US"))).toEqual(["Tom Reed", "tom  reed (2)"])
    expect(new Set(told(us, person("Tom Reed (2)", "delegate", "US"), sec, person("Tom Reed", "delegate", "US")))).toEqual(
      new Set(["Tom Reed (US)", "Tom Reed (US, 2)", "Tom Reed (Secretariat)", "Tom Reed (US, 3)"]),
    )
    expect(told(sec, person("Tom Re\u0435d", "delegate", "F", "B"), person("Tom Reed (US)", "delegate", "F"), us)).toEqual([
      "Tom Reed (Secretariat)",
      "Tom Re\u0435d (B, F)",
      "Tom Reed (US) (F)",
      "Tom Reed (US)",
    ])
    const many = [...Array(3_000)].map((_, i) => person("Kim Lee", "delegate", i % 2 === 0 ? "S" : "B"))
    const began = performance.now()
    expect(new Set(told(...many)).size).toBe(3_000)
    expect(performance.now() - began).toBeLessThan(1_000)
    for (const [one, other] of [
      ["Ann Bell", "Ann Ball"],
      ["Guest 2", "Guest 3"],
      ["राम", "रमा"],
      ["王伟", "王伟明"],
    ])
      expect(isSameName(one!, other!), one).toBe(false)
    for (const [one, other] of [
      ["Ada Lund", "АDA  LUND"],
      ["Elin Öberg", "elin oberg (3)"],
      ["(2)", "（2）"],
    ])
      expect(isSameName(one!, other!), one).toBe(true)
  })

  it("[ROS2] tones go by the order of the roster: who comes later changes nobody's", () => {
    const before = tonesOf(["S", "B", "J"])
    const after = tonesOf(["CHAIR", "SEC", "S", "B", "J", "KEN"])
    for (const code of ["S", "B", "J", "CHAIR", "SEC"]) expect(after.get(code)).toBe(before.get(code))
    expect(after.get("KEN")).toBe(4)
    expect(tonesOf([...Array(12)].map((_, i) => `D${i}`)).get("D9")).toBe(1)
  })

  it("[ROS2] the first 36 delegations of a roster are all drawn differently, by tone or by turn; who comes later changes nobody's", () => {
    const codes = ["CHAIR", "SEC", ...[...Array(36)].map((_, i) => `D${i}`)]
    const looks = (all: readonly string[]): string[] => codes.slice(2).map((code) => `${tonesOf(all).get(code)} ${turnsOf(all).get(code)}`)
    expect(new Set(looks(codes)).size).toBe(36)
    expect(looks([...codes, "LATE"])).toEqual(looks(codes))
    expect(turnsOf(codes).get("D8")).toBe(0)
    expect(turnsOf(codes).get("D9")).toBe(1)
  })

  it("[ROS2] paper has the tones of a light screen", () => {
    const css = readFileSync(join(fileURLToPath(new URL("..", import.meta.url)), "client/styles/base.css"), "utf8")
    const light = [...css.matchAll(/--source-(\d+): light-dark\((#\w{6}),/g)].map(([, n, tone]) => [Number(n), tone])
    expect(light).toHaveLength(paperTones.length)
    for (const [n, tone] of light) expect(paperTones[n as number]).toBe(tone)
  })

  it("[ROS3] a roster file is read by its columns; each error names its line; what is reserved is no delegation", () => {
    expect(readRoster('S,Sweden\nB,"Brazil, Federative Republic of"\n', [{ code: "S", name: "S" }])).toEqual({
      rows: [
        { line: 1, code: "S", name: "Sweden", brings: "renamed" },
        { line: 2, code: "B", name: "Brazil, Federative Republic of", brings: "new" },
      ],
      errors: [],
    })
    expect(
      readRoster("\uFEFFNo;Name;Code\r\n1;Kenya;KEN\r\n\r\n2;Japan;J\r\n", []).rows.map(({ line, code, name }) => [line, code, name]),
    ).toEqual([
      [2, "KEN", "Kenya"],
      [4, "J", "Japan"],
    ])
    const { rows, errors } = readRoster("CHAIR,Chair\nSEC,x\nNOT-STATED,y\nken,Kenya\nJ,\nS,Sweden\nS,Schweden\n", [])
    expect(rows.map(({ code }) => code)).toEqual(["S"])
    expect(errors.map(({ line, field }) => [line, field])).toEqual([
      [1, "code"],
      [2, "code"],
      [3, "code"],
      [4, "code"],
      [5, "name"],
      [7, "code"],
    ])
    for (const { say } of errors) expect(say).toMatch(/^.+\.$/)
    expect(readRoster("", []).errors).toHaveLength(1)
    expect(isDelegationCode("EUR")).toBe(true)
  })
})

describe("names that would be taken for chair or secretariat", () => {
  const others = [
    "Chad",
    "Secretan",
    "Sector Members",
    "Chair Makers Union",
    "Seychelles",
    "Τσαντ",
    "Чад",
    "主席国联盟",
    "S",
    "EUR",
    "SE",
    "Isle of Cha",
  ]
  it("[ROS4] in any case, letters and signs are no delegation's, and no other name is", () => {
    for (const name of [
      ...[
        "Chair",
        "CHAIR",
        "chair.",
        "The Chair",
        "C h a i r",
        "Chair (CHAIR)",
        "Сhаіr",
        "СНАІR",
        "ＣＨＡＩＲ",
        "Châir",
        "Cha1r",
        "Cha\u200bir",
        "Chairman",
      ],
      ...[
        "Secretariat",
        "SECRETARIAT",
        "the secretariat",
        "Sec",
        "SEC",
        "Ѕес",
        "5ecretariat",
        "Secretary",
        "Secretariat (SEC)",
        "Not stated",
      ],
    ])
      expect(mistakenFor(name), name).toMatch(/^“.+” would be taken for .+\. Give .+\.$/)
    for (const name of others) expect(mistakenFor(name), name).toBeNull()
  })
  it("[ROS5] no delegation has a name that an eye takes for another's", () => {
    const known = [
      ["S", "Sweden"],
      ["CIV", "Côte d’Ivoire"],
      ["G1", "Group 1"],
      ["SA", "السعودية"],
    ] as const
    for (const name of ["Sweden", "SWEDEN", "Swеden", "Swe\u200bden", "Sweden.", " S w e d e n", "Cote d'Ivoire", "GROUP-1", "السعوديّة"])
      expect(nameTaken("X", name, known), name).toMatch(/^“.+” would be taken for .+, which is on the roster\. Give X a name/)
    for (const name of ["Swedan", "Group 2", "Group 11", "Côte", "السودان", "Group I", "…"])
      expect(nameTaken("X", name, known), name).toBeNull()
    expect(nameTaken("S", "Kingdom of Sweden", known)).toBeNull()
    expect(nameTaken("S", "SWEDEN", known)).toBeNull()
    const { rows, errors } = readRoster("X,SWEDEN\nK,Kenya\nL,kenya\n", [{ code: "S", name: "Sweden" }])
    expect([rows.map(({ code }) => code), errors.map(({ line, field }) => [line, field])]).toEqual([
      ["K"],
      [
        [1, "name"],
        [3, "name"],
      ],
    ])
  })
  it("[ROS5] no delegation has another's code as its name, alone, in brackets or behind the name, by whatever order they come", () => {
    const known = [
      ["J", "Japan"],
      ["EUR", "EUR"],
      ["SEC", "Secretariat"],
    ] as const
    for (const name of ["J", "j", "Ј", "Japan (J)", "JAPAN  (Ј)", "Nippon (J)", "Japan J", "EUR", "Europe (EUR)", "Staff (SEC)"])
      expect(nameTaken("JPN", name, known), name).toMatch(/^“.+” would be taken for .+, which is on the roster\. Give JPN a name/)
    for (const name of ["Jamaica", "Nippon", "Nippon (JP)", "JPN", "Europe", "Côte d’Ivoire (CIV)"])
      expect(nameTaken("JPN", name, known), name).toBeNull()
    for (const [code, name] of [
      ["K", "Kenya"],
      ["K", "K"],
    ] as const)
      expect(nameTaken(code, name, [["KEN", "K"]]), name).toMatch(
        name === "K" ? /would be taken for/ : /^KEN is called “K”.*Give KEN another name first/,
      )
    // A name of one's own code, and of its own in brackets, is nobody else's.
    expect([nameTaken("J", "Japan (J)", known), nameTaken("BL", "BL", [["BI", "Bilbao"]])]).toEqual([null, null])
    expect(readRoster("JPN,J\nKEN,Kenya\n", [{ code: "J", name: "Japan" }]).errors).toMatchObject([{ line: 1, field: "name" }])
  })
  it("[WHO14] nobody is called the chair or the secretariat who is not", () => {
    for (const name of [
      "Chair",
      "The Chair",
      "СНАІR",
      "Ann (Chair)",
      "Chair 2",
      "Secretariat",
      "5ecretariat",
      "Tom Reed (Secretariat)",
      "Not stated",
    ])
      for (const role of ["delegate", "observer"] as const)
        expect(personMistakenFor(name, role), name).toMatch(/^“.+” would be taken for .+\. Give the name of the person\.$/)
    for (const name of ["Ann Chairwell", "Secundus", "Li Wei (S)", "Ann (2)", "Anna Sec-Lund"])
      expect(personMistakenFor(name, "delegate"), name).toBeNull()
    expect([personMistakenFor("Chair", "chair"), personMistakenFor("Secretariat", "secretary")]).toEqual([null, null])
    expect([personMistakenFor("Secretariat", "chair"), personMistakenFor("The Chair", "secretary")]).not.toContain(null)
  })
  it("[ROS4] a roster file with such a name is refused by its line", () => {
    const { rows, errors } = readRoster("S,Sweden\nX,Chair\nY,Ѕecretariat\nCHA1R,Chad\n", [])
    expect(rows.map(({ code }) => code)).toEqual(["S"])
    expect(errors.map(({ line, field }) => [line, field])).toEqual([
      [2, "name"],
      [3, "name"],
      [4, "code"],
    ])
  })
})

describe("invitations over HTTP", () => {
  let meeting: Meeting
  let chair: Guest
  let secretary: Guest
  let sweden: Guest
  beforeAll(async () => {
    meeting = await Meeting.open()
    chair = await meeting.guest("chair")
    secretary = await meeting.guest("secretary")
    sweden = await meeting.guest("delegate", ["S"])
  })
  afterAll(() => meeting.stop())
  const roster = (): Promise<Roster> => secretary.call("roster") as Promise<Roster>

  it("[ROS4] by no door a delegation comes that would be taken for chair or secretariat", async () => {
    const before = (await roster()).delegations
    const bodies: readonly [string, string, object][] = [
      ["POST", "/roster/delegations", { code: "X", name: "Secretariat" }],
      ["POST", "/roster/delegations", { code: "CHA1R", name: "Chad" }],
      ["POST", "/roster/delegations", { code: "S", name: "СНАІR" }],
      ["POST", "/invitations", { role: "delegate", hats: ["X"], sourceName: "The Chair" }],
      ["POST", "/invitations", { role: "delegate", hats: ["S-EC"] }],
    ]
    for (const [method, path, body] of bodies) {
      const answer = await secretary.request(method, `${apiRoot}${path}`, { body })
      expect(answer.status, JSON.stringify(body)).toBe(400)
      expect((answer.body as { detail: string }).detail).toMatch(/would be taken for/)
    }
    expect((await roster()).delegations).toEqual(before)
  })

  it("[ROS5] by no door a delegation comes that would be taken for another, two at once neither", async () => {
    const add = (code: string, name: string) => secretary.request("POST", `${apiRoot}/roster/delegations`, { body: { code, name } })
    const answers = await Promise.all([add("N", "Nauru"), add("NR", "Nаuru")])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect((await add("NRU", "Nau\u200bru")).status).toBe(409)
    const invited = { role: "delegate", hats: ["Q"], sourceName: "NAURU" }
    expect((await secretary.request("POST", `${apiRoot}/invitations`, { body: invited })).status).toBe(409)
    expect((await roster()).delegations.filter(({ name }) => /ru$/i.test(name))).toHaveLength(1)
  })

  it("[WHO4] a link names no delegation otherwise than the roster does, and none where it is for none: it says so, and is not made", async () => {
    const ask = (body: object) => secretary.request("POST", `${apiRoot}/invitations`, { body })
    const before = (await roster()).delegations
    for (const [terms, status, told] of [
      [{ role: "delegate", hats: ["S"], sourceName: "Egypt" }, 409, /^S is on the roster as “Land S”, .* to “Egypt”\. Leave the name out/],
      [{ role: "observer", sourceName: "Egypt" }, 400, /^“Egypt” would be the name of a delegation, and this link is for none/],
      [{ role: "delegate", hats: ["S"], sourceName: "land S" }, 201, /^$/],
    ] as const) {
      const { status: given, body } = await ask(terms)
      expect(given, JSON.stringify(terms)).toBe(status)
      expect((body as { detail?: string }).detail ?? "").toMatch(told)
    }
    expect((await roster()).delegations).toEqual(before)
  })

  it("[WHO14 ROS5] by no door one comes in under such a name, and no delegation under another's code", async () => {
    const ask = (body: object) => secretary.request("POST", `${apiRoot}/invitations`, { body })
    const link = (await ask({ role: "delegate", hats: ["S"] })).body as { token: string }
    const before = (await roster()).people.length
    for (const name of ["Chair", "the chair", "Secretariat", "Ѕесretariat", "Ann (Chair)"]) {
      for (const same of [{}, { same: "another" }])
        await expect(meeting.enter({ token: link.token, name, ...same }), name).rejects.toThrow(/would be taken for/)
      const invited = await ask({ role: "observer", hats: [], name })
      expect([invited.status, (invited.body as { detail: string }).detail], name).toEqual([
        400,
        expect.stringMatching(/would be taken for/),
      ])
    }
    expect((await roster()).people).toHaveLength(before)
    await secretary.request("POST", `${apiRoot}/roster/delegations`, { body: { code: "J", name: "Japan" } })
    for (const [path, body] of [
      ["/roster/delegations", { code: "JPN", name: "J" }],
      ["/roster/delegations", { code: "JPN", name: "Japan (J)" }],
      ["/invitations", { role: "delegate", hats: ["JPN"], sourceName: "J" }],
    ] as const)
      expect((await secretary.request("POST", `${apiRoot}${path}`, { body })).status).toBe(409)
    expect((await roster()).delegations.map(({ code }) => code)).not.toContain("JPN")
  })

  it("[WHO4] a link for a person on the list is for the person's own role, and says so where another is asked for", async () => {
    const observer = await meeting.guest("observer", [], "Olga")
    const ask = (by: Guest, body: object) => by.request("POST", `${apiRoot}/invitations`, { body })
    for (const terms of [
      { role: "delegate" },
      { role: "secretary" },
      { role: "chair" },
      { hats: ["S"] },
      { name: "Ola" },
      { sourceName: "Sweden" },
    ])
      for (const by of [secretary, chair]) {
        const { status, body } = await ask(by, { person: observer.id, ...terms })
        expect([status, (body as { detail: string }).detail], JSON.stringify(terms)).toEqual([
          400,
          "Olga is on the list as observer, and a link for a person on the list gives nothing else. Leave role, delegation and name out; for another role invite the person by name.",
        ])
      }
    for (const terms of [{}, { role: "observer" }, { name: "olga" }])
      expect((await ask(secretary, { person: observer.id, ...terms })).status).toBe(201)
    expect((await ask(secretary, { person: sweden.id, role: "delegate", hats: ["S"] })).status).toBe(201)
    // Nobody makes a link for one above.
    expect((await ask(secretary, { person: chair.id, role: "chair" })).status).toBe(403)
  })

  it("[WHO4] a secretary makes no chair, a delegate gets no hat CHAIR or SEC, nobody above the own; nothing of what is refused is kept", async () => {
    const observer = await meeting.guest("observer")
    const before = await roster()
    const cases: readonly [string, Guest, object, number, RegExp][] = [
      ["a chair by the secretary", secretary, { role: "chair" }, 403, /a chair, makes a chair/],
      ["a chair by the secretary, with a name", secretary, { role: "chair", name: "Eve" }, 403, /makes a chair/],
      ["a delegate as CHAIR", secretary, { role: "delegate", hats: ["CHAIR"] }, 400, /CHAIR is no delegation/],
      ["a delegate as SEC too", secretary, { role: "delegate", hats: ["S", "SEC"] }, 400, /SEC is no delegation/],
      ["a delegate as CHAIR by the chair", chair, { role: "delegate", hats: ["CHAIR"] }, 400, /CHAIR is no delegation/],
      ["a delegate of nobody", secretary, { role: "delegate" }, 400, /Say which/],
      ["a delegate as not stated", secretary, { role: "delegate", hats: ["NOT-STATED"] }, 400, /no delegation/],
      ["a secretary as CHAIR", secretary, { role: "secretary", hats: ["CHAIR"] }, 400, /CHAIR/],
      ["an observer who writes", secretary, { role: "observer", hats: ["ZZ"] }, 400, /writes for nobody/],
      ["by a delegate", sweden, { role: "delegate", hats: ["S"] }, 403, /secretariat/],
      ["by an observer", observer, { role: "observer" }, 403, /secretariat/],
      ["of an unknown person", secretary, { person: "p-nobody" }, 404, /no such person/],
      ["another link for the chair, by the secretary", secretary, { person: chair.id }, 403, /makes a chair/],
      ["for nothing", secretary, {}, 400, /which role/],
      ["a name with signs", secretary, { role: "observer", name: "a\u202eb" }, 400, /no letters/],
    ]
    for (const [name, guest, body, status, sentence] of cases)
      expect(await guest.call("invite", {}, body as never), name).toMatchObject({ status, detail: expect.stringMatching(sentence) })
    expect(await roster()).toMatchObject({ delegations: before.delegations, invitations: before.invitations })
    expect((await chair.call("invite", {}, { role: "chair", name: "Vera Vice" })).token).toBeTruthy()
  })

  it("[WHO4] an invitation that was kept before these rules gives no more than they do", async () => {
    const db = openDatabase(`${meeting.folder}/clausula.db`)
    const { createHash } = await import("node:crypto")
    const hash = createHash("sha256").update("old-token-of-a-delegate").digest("hex")
    db.prepare(
      "INSERT INTO invitations (token, role, hats, person, expires) VALUES (?, 'delegate', '[\"CHAIR\",\"SEC\",\"B\"]', NULL, '2999-01-01')",
    ).run(hash)
    db.close()
    const entered = await meeting.enter({ token: "old-token-of-a-delegate", name: "Old" })
    expect((await entered.call("me")).hats).toEqual(["B"])
  })

  it("[WHO4] `name` binds the link to one person, who enters without being asked; of two of one name the later has a number", async () => {
    const terms = { role: "delegate" as const, hats: ["S"], name: "Li Wei" }
    const first = await secretary.call("invite", {}, terms)
    const second = await secretary.call("invite", {}, terms)
    expect([first.name, second.name]).toEqual(["Li Wei", "Li Wei (2)"])
    const [a, b] = [await meeting.enter({ token: first.token }), await meeting.enter({ token: second.token })]
    expect(a.id).toBe(first.person)
    expect(b.id).not.toBe(a.id)
    expect((await b.call("me")).name).toBe("Li Wei (2)")
    const another = await secretary.call("invite", {}, { person: a.id })
    expect((await meeting.enter({ token: another.token })).id).toBe(a.id)
  })

  it("[WHO5] who enters by a delegation's link under a name that is there already is asked: the same on another device, or another person", async () => {
    const { token } = await secretary.call("invite", {}, { role: "delegate", hats: ["B"] })
    const first = await meeting.enter({ token, name: "Rafael Nogueira" })
    const asked = (await meeting.enter({ token, name: "rafael  nogueira" }).catch((error: { answer: unknown }) => error.answer)) as {
      people: { id: string; name: string; since: string }[]
    }
    expect(asked).toMatchObject({ status: 409, needs: "same", detail: expect.stringMatching(/another device/) })
    expect(asked.people).toEqual([{ id: first.id, name: "Rafael Nogueira", since: expect.stringMatching(/^20/) }])
    const same = await meeting.enter({ token, name: "rafael nogueira", same: first.id })
    expect(same.id).toBe(first.id)
    const another = await meeting.enter({ token, name: "Rafael Nogueira", same: "another" })
    expect(another.id).not.toBe(first.id)
    expect((await another.call("me")).name).toBe("Rafael Nogueira (2)")
    const third = (await meeting.enter({ token, name: "Rafael Nogueira" }).catch((error: { answer: unknown }) => error.answer)) as {
      people: { name: string }[]
    }
    expect(third.people.map(({ name }) => name)).toEqual(["Rafael Nogueira", "Rafael Nogueira (2)"])
    expect(
      await meeting.enter({ token, name: "Rafael Nogueira", same: sweden.id }).catch((error: { answer: unknown }) => error.answer),
    ).toMatchObject({
      status: 409,
      needs: "name",
    })
  })

  it("[WHO5 WHO10] who enters under the name of somebody of another delegation or role is told so, and goes on as another or chooses another name", async () => {
    const tom = await meeting.guest("secretary", [], "Tom Reed")
    const { token } = await secretary.call("invite", {}, { role: "delegate", hats: ["B"] })
    const asked = (await meeting.enter({ token, name: "tom reed" }).catch((error: { answer: unknown }) => error.answer)) as object
    expect(asked).toMatchObject({
      ...{ status: 409, needs: "same", people: [], asAnother: "tom reed (B)" },
      others: [{ standing: "Secretariat", isColleague: false }],
      detail:
        "Somebody called Tom Reed is in this meeting already: Secretariat. Go on, and the meeting sees you as tom reed (B); or choose another name.",
    })
    expect(
      await meeting.enter({ token, name: "Tom Reed", same: tom.id }).catch((error: { answer: unknown }) => error.answer),
    ).toMatchObject({
      status: 409,
    })
    const other = await meeting.enter({ token, name: "Tom Reed", same: "another" })
    const names = new Map((await secretary.call("people")).map(({ id, name }) => [id, name]))
    expect([names.get(tom.id), names.get(other.id)]).toEqual(["Tom Reed (Secretariat)", "Tom Reed (B)"])
    expect([(await tom.call("me")).name, (await other.call("me")).name]).toEqual(["Tom Reed (Secretariat)", "Tom Reed (B)"])
    const link = await secretary.call("invite", {}, { role: "delegate", hats: ["S"], name: "Tom Reed" })
    expect(link.name).toBe("Tom Reed (S)")
    expect((await roster()).people.filter(({ name }) => name.startsWith("Tom Reed")).map(({ name }) => name)).toHaveLength(3)
    // By either name it is meant.
    expect((await secretary.call("invite", {}, { person: other.id, name: "Tom Reed (B)" })).person).toBe(other.id)
    const draft = await meeting.draft()
    await other.call(
      "comment",
      { draft },
      { anchor: { on: "clause", block: blocksOf((await meeting.server.drafts.open(draft)).room.main)[7]!.id }, text: "x" },
    )
    expect((await tom.call("register", { draft })).at(-1)!.enteredBy).toBe("Tom Reed (B)")
    const paper = await tom.request("GET", `${apiRoot}/drafts/${draft}/export?format=txt&comments=true`)
    expect(String(paper.body)).toContain("Comment by Tom Reed (B)")
    // No answer and no paper calls anybody by the bare name.
    let read = 0
    for (const { path } of Object.values(routes).filter(({ method }) => method === "get")) {
      const address = path.replace(":draft", draft).replace(":version", "1").replace(":hash", "0".repeat(64))
      expect(JSON.stringify((await tom.request("GET", `${apiRoot}${address}`)).body), address).not.toMatch(/Tom Reed(?! \()/)
      read++
    }
    expect(read).toBeGreaterThan(10)
    for (const format of ["html", "txt", "json", "akn"]) {
      const { body } = await tom.request("GET", `${apiRoot}/drafts/${draft}/export?format=${format}&comments=true`)
      const paper = typeof body === "string" ? body : JSON.stringify(body)
      expect(paper, format).not.toMatch(/Tom Reed(?! \()/)
      // A page for reading has the delegation alone.
      if (format !== "html") expect(paper, format).toContain("Tom Reed (B)")
    }
  })

  it("[WHO4 WHO5] who was invited by a personal link is nobody whom a delegation's link lets in: that link is asked for, or a new one", async () => {
    const common = await secretary.call("invite", {}, { role: "delegate", hats: ["EUR"] })
    const own = await secretary.call("invite", {}, { role: "delegate", hats: ["EUR"], name: "Ito Kenji" })
    const ito = await meeting.enter({ token: own.token })
    const answered = (terms: object): Promise<unknown> =>
      meeting.enter({ token: common.token, name: "Ito Kenji", ...terms }).catch((error: { answer: unknown }) => error.answer)
    expect(await answered({})).toMatchObject({
      ...{ status: 409, needs: "same", people: [], others: [{ name: "Ito Kenji", isColleague: true }], asAnother: "Ito Kenji (2)" },
      detail: expect.stringMatching(/was invited by a personal link\. .* opens that link there, or asks the secretariat for a new one/),
    })
    expect(await answered({ same: ito.id })).toMatchObject({ status: 403, detail: expect.stringMatching(/was invited by a personal link/) })
    await secretary.call("withdrawInvitation", { invitation: own.id })
    expect(await answered({ same: ito.id }), "a link that is withdrawn makes nobody less").toMatchObject({ status: 403 })
    const anew = await secretary.call("invite", {}, { person: ito.id })
    expect((await meeting.enter({ token: anew.token })).id).toBe(ito.id)
    expect(((await answered({ same: "another" })) as Guest).id).not.toBe(ito.id)
    // Who has come by the delegation's link and is given one of its own comes by that alone from then on.
    const came = await meeting.enter({ token: common.token, name: "Mori Aya" })
    expect((await meeting.enter({ token: common.token, name: "Mori Aya", same: came.id })).id).toBe(came.id)
    await secretary.call("invite", {}, { person: came.id })
    expect(
      await meeting.enter({ token: common.token, name: "Mori Aya", same: came.id }).catch((error: { answer: unknown }) => error.answer),
    ).toMatchObject({ status: 403 })
  })

  it("[WHO5] two who enter under one name in the same moment are two persons or asked, never one", async () => {
    const { token } = await secretary.call("invite", {}, { role: "delegate", hats: ["EUR"] })
    const came = await Promise.allSettled([1, 2, 3, 4].map(() => meeting.enter({ token, name: "Kim Lee" })))
    const ids = came.flatMap((one) => (one.status === "fulfilled" ? [one.value.id] : []))
    expect(ids.length).toBe(1)
    const answers = came.flatMap((one) => (one.status === "rejected" ? [(one.reason as { answer: { needs: string } }).answer.needs] : []))
    expect(answers).toEqual(["same", "same", "same"])
    expect((await secretary.call("people")).filter(({ name }) => name.startsWith("Kim Lee"))).toHaveLength(1)
  })

  it("[WHO5] what a link is for is told before anybody enters by it, and uses nothing up", async () => {
    const { token } = await secretary.call("invite", {}, { role: "delegate", hats: ["KEN"], sourceName: "Kenya" })
    const look = (cookie = ""): Promise<unknown> =>
      fetch(`${meeting.url}${apiRoot}/session/invitation`, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...(cookie ? { Cookie: cookie } : {}) },
        body: JSON.stringify({ token }),
      }).then((answer) => answer.json())
    expect(await look()).toMatchObject({
      role: "delegate",
      sources: [{ code: "KEN", name: "Kenya" }],
      name: null,
      here: null,
      sitting: { room: "Room C" },
    })
    expect(await look(sweden.cookie)).toMatchObject({ here: { id: sweden.id } })
    expect((await secretary.call("people")).some(({ name }) => name === "Somebody")).toBe(false)
    const entered = await meeting.enter({ token, name: "Wanjiru" })
    expect((await entered.call("me")).hats).toEqual(["KEN"])
  })

  it("[WHO6] the list tells of every link and person; a link that is withdrawn lets nobody in, who is in stays", async () => {
    const made = await secretary.call("invite", {}, { role: "delegate", hats: ["S"], days: 3 })
    const guest = await meeting.enter({ token: made.token, name: "Nils Holm" })
    const listed = await roster()
    expect(listed.invitations.find(({ id }) => id === made.id)).toMatchObject({
      ...{ role: "delegate", hats: ["S"], person: null, name: null, madeBy: "secretary", isWithdrawn: false, entered: 1 },
      expiresAt: made.expiresAt,
    })
    expect(listed.people.find(({ id }) => id === guest.id)).toMatchObject({
      name: "Nils Holm",
      isHere: false,
      isWithdrawn: false,
      invitation: made.id,
    })
    expect(JSON.stringify(listed)).not.toContain(made.token)
    for (const outsider of [sweden, guest]) {
      expect(await outsider.call("roster")).toMatchObject({ status: 403 })
      expect((await outsider.request("DELETE", `${apiRoot}/invitations/${made.id}`)).status).toBe(403)
      expect(await outsider.call("setAccess", { person: sweden.id }, { withdrawn: true })).toMatchObject({ status: 403 })
    }
    expect((await secretary.request("DELETE", `${apiRoot}/invitations/${made.id}`)).status).toBe(204)
    expect(await meeting.enter({ token: made.token, name: "Late" }).catch((error: { answer: unknown }) => error.answer)).toMatchObject({
      status: 401,
      detail: expect.stringMatching(/was withdrawn/),
    })
    expect((await guest.call("me")).name).toBe("Nils Holm")
    expect((await roster()).invitations.find(({ id }) => id === made.id)).toMatchObject({ isWithdrawn: true })
    expect((await secretary.request("DELETE", `${apiRoot}/invitations/nothing`)).status).toBe(404)
  })

  it("[WHO6] a person who is withdrawn does not come back by the link or the name, only by being given access again", async () => {
    const { token } = await secretary.call("invite", {}, { role: "delegate", hats: ["S"] })
    const guest = await meeting.enter({ token, name: "Gone Person" })
    expect(await secretary.call("setAccess", { person: guest.id }, { withdrawn: true })).toEqual({ id: guest.id, withdrawn: true })
    expect(await guest.call("me")).toMatchObject({ status: 401 })
    for (const terms of [{}, { same: guest.id }, { same: "another" }])
      expect(
        await meeting.enter({ token, name: "gone person", ...terms }).catch((error: { answer: unknown }) => error.answer),
      ).toMatchObject({
        status: 403,
        detail: expect.stringMatching(/was withdrawn/),
      })
    expect(await secretary.call("invite", {}, { person: guest.id })).toMatchObject({ status: 409 })
    await secretary.call("setAccess", { person: guest.id }, { withdrawn: false })
    expect(await guest.call("me"), "its old sign-ins stay ended").toMatchObject({
      status: 401,
      detail: expect.stringMatching(/You have access to this meeting again/),
    })
    expect((await meeting.enter({ token, name: "Gone Person", same: guest.id })).id).toBe(guest.id)
  })

  it("[WHO6] nobody takes away above the own, or the own", async () => {
    expect(await secretary.call("setAccess", { person: chair.id }, { withdrawn: true })).toMatchObject({ status: 403 })
    expect(await secretary.call("setAccess", { person: secretary.id }, { withdrawn: true })).toMatchObject({ status: 409 })
    const made = await chair.call("invite", {}, { role: "chair" })
    expect((await secretary.request("DELETE", `${apiRoot}/invitations/${made.id}`)).status).toBe(403)
    const other = await meeting.guest("secretary")
    expect(await chair.call("setAccess", { person: other.id }, { withdrawn: true })).toMatchObject({ withdrawn: true })
  })

  it("[WHO6] the roster is read from a file by the secretariat alone: looked at first, refused whole, taken twice as once", async () => {
    const send = (guest: Guest, csv: string | Uint8Array, query = ""): ReturnType<Guest["request"]> =>
      guest.request("POST", `${apiRoot}/roster${query}`, { raw: csv as BodyInit })
    expect((await send(sweden, "FJI,Fiji")).status).toBe(403)
    expect((await send(secretary, "FJI,Fiji\nCHAIR,x", "?preview=true")).body).toMatchObject({
      rows: [{ code: "FJI" }],
      errors: [{ line: 2 }],
    })
    expect(await send(secretary, "FJI,Fiji\nCHAIR,x")).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/line 2: CHAIR/) },
    })
    expect((await roster()).delegations.some(({ code }) => code === "FJI")).toBe(false)
    expect((await send(secretary, new Uint8Array([70, 74, 73, 44, 0xe9]))).status).toBe(400)
    for (let i = 0; i < 2; i++) expect((await send(secretary, "FJI,Fiji\nTUV,Tuvalu")).status).toBe(200)
    expect((await roster()).delegations.map(({ code }) => code).slice(-2)).toEqual(["FJI", "TUV"])
    expect((await secretary.call("me")).hats).toEqual(expect.arrayContaining(["FJI", "TUV"]))
    expect(await secretary.call("addDelegation", {}, { code: "SEC", name: "x" })).toMatchObject({ status: 400 })
    expect(await secretary.call("addDelegation", {}, { code: "WSM", name: "Samoa" })).toMatchObject({ code: "WSM" })
  })
})

describe("sign-ins end", () => {
  let meeting: Meeting
  let nowMs = Date.now()
  const open = async (): Promise<string> => {
    nowMs = Date.now()
    meeting = await Meeting.open(newFolder(), { now: () => new Date(nowMs) })
    return meeting.draft()
  }
  afterEach(() => meeting.stop())

  it("[WHO7] signing out ends all sockets of that sign-in within a second, and no other's", async () => {
    const draft = await open()
    const { token } = await meeting.server.invitations.invite({ role: "delegate", hats: ["S"], person: null, days: 1 })
    const laptop = await meeting.enter({ token, name: "Elin" })
    const phone = await meeting.enter({ token, name: "Elin", same: laptop.id })
    const lines = [await seated(laptop, draft), await seated(laptop, await meeting.draft()), await seated(laptop, draft, false)]
    const kept = [await seated(phone, draft), await seated(await meeting.guest("delegate", ["S"]), draft)]
    const ended = endsWithin(lines, 1_000)
    expect((await laptop.request("DELETE", `${apiRoot}/session`)).status).toBe(204)
    await ended
    expect(kept.map(isOpen)).toEqual([true, true])
    const again = laptop.socket(draft, null)
    await again.until(() => again.failed !== null)
    expect(again.failed).toBe("401")
  })

  it("[WHO7] withdrawing a person ends all its sockets on every device within a second; what it sends meanwhile goes nowhere", async () => {
    const draft = await open()
    const secretary = await meeting.guest("secretary")
    const { token } = await meeting.server.invitations.invite({ role: "delegate", hats: ["S"], person: null, days: 1 })
    const laptop = await meeting.enter({ token, name: "Elin" })
    const phone = await meeting.enter({ token, name: "Elin", same: laptop.id })
    const lines = [await seated(laptop, draft), await seated(phone, draft)]
    const kept = await seated(secretary, draft)
    const ended = endsWithin(lines, 1_000)
    await secretary.call("setAccess", { person: laptop.id }, { withdrawn: true })
    await ended
    expect(isOpen(kept)).toBe(true)
    expect(await phone.call("drafts")).toMatchObject({ status: 401 })
    const room = (await meeting.server.drafts.open(draft)).room
    await until(() => room.sessionCount === 1)
  })

  it("[WHO7] a client that does not answer the close is cut off within a second all the same", async () => {
    const draft = await open()
    const guest = await meeting.guest("delegate", ["S"])
    const line = await seated(guest, draft)
    // It stops reading: the server's close never reaches it.
    ;(line.socket as unknown as { _socket: { pause(): void } })._socket.pause()
    const { room } = await meeting.server.drafts.open(draft)
    const clients = async (): Promise<number> =>
      Number(/^clausula_clients (\d+)$/m.exec(String((await guest.request("GET", "/metrics")).body))![1])
    expect(await clients()).toBe(1)
    const started = performance.now()
    await guest.request("DELETE", `${apiRoot}/session`)
    expect(room.sessionCount).toBe(0)
    await until(async () => (await clients()) === 0, 2_000)
    expect(performance.now() - started).toBeLessThan(1_000)
    line.socket.terminate()
  })

  it("[WHO7] at its hour a sign-in ends: the cookie that is remembered, and the sockets that are open", async () => {
    const draft = await open()
    const guest = await meeting.guest("delegate", ["S"])
    const line = await seated(guest, draft)
    expect((await guest.call("me")).id).toBe(guest.id)
    nowMs += 30 * 86_400_000 - 5_000
    expect((await guest.call("me")).id).toBe(guest.id)
    nowMs += 5_000
    const ended = endsWithin([line], 1_000)
    expect(await guest.call("me")).toMatchObject({ status: 401, detail: expect.stringMatching(/come to its end/) })
    await ended
  })

  it("[WHO7] another person who enters at the same device ends the pages of the one before; the same person does not", async () => {
    const draft = await open()
    const invite = (hats: string[]): Promise<{ token: string }> =>
      meeting.server.invitations.invite({ role: "delegate", hats, person: null, days: 1 })
    const [s, b] = [await invite(["S"]), await invite(["B"])]
    const elin = await meeting.enter({ token: s.token, name: "Elin" })
    const line = await seated(elin, draft)
    await meeting.enter({ token: s.token, name: "Elin", same: elin.id }, elin.cookie)
    expect((await elin.call("me")).id).toBe(elin.id)
    expect(isOpen(line)).toBe(true)
    const ended = endsWithin([line], 1_000)
    await meeting.enter({ token: b.token, name: "Rafael" }, elin.cookie)
    await ended
    expect(await elin.call("me")).toMatchObject({ status: 401 })
  })

  it("[WHO7] an import that was under way when its person was withdrawn brings nothing", async () => {
    await open()
    const secretary = await meeting.guest("secretary")
    const before = (await meeting.server.drafts.ids()).length
    // The door has let the request in before the rest of its body comes.
    nowMs += 1_000
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const sending = fetch(`${meeting.url}${apiRoot}/drafts`, {
      method: "POST",
      headers: { Cookie: secretary.cookie },
      body: readable,
      duplex: "half",
    } as RequestInit)
    const body = writable.getWriter()
    await body.write(new TextEncoder().encode("RESOLUTION 1\nOn x\nresolves\n"))
    await until(() => meeting.server.meeting.attendance.lastSeen(secretary.id) === nowMs)
    await meeting.server.people.save({ ...meeting.server.people.record(secretary.id)!, isRevoked: true })
    await body.write(new TextEncoder().encode("1\tto act.\n"))
    await body.close()
    expect((await sending).status).toBe(401)
    expect((await meeting.server.drafts.ids()).length).toBe(before)
  })
})

describe("acts of one who was withdrawn meanwhile", () => {
  it("[WHO7] what was let in before, and has its turn only now, is not done any more", async () => {
    const meeting = await Meeting.open()
    const draft = await meeting.server.drafts.open(await meeting.draft())
    const guest = await meeting.guest("chair")
    const before = meeting.server.people.person(guest.id)
    const block = blocksOf(draft.room.main)[7]!.id
    const comment = (): Promise<unknown> => meeting.server.acts.comment(before, draft, { anchor: { on: "clause", block }, text: "late" })
    await comment()
    await meeting.server.people.save({ ...meeting.server.people.record(guest.id)!, isRevoked: true })
    await expect(comment()).rejects.toThrow(/was withdrawn/)
    await expect(meeting.server.acts.settings(before, draft, { secretaryOperates: false })).rejects.toThrow(/was withdrawn/)
    await expect(meeting.server.acts.nameVersion(before, draft, { name: "late" })).rejects.toThrow(/was withdrawn/)
    expect((await meeting.server.drafts.history.record(draft)).map(({ act }) => act)).toEqual(["import", "comment"])
    await meeting.stop()
  })
})

describe("beside a running server", () => {
  let meeting: Meeting
  beforeAll(async () => {
    meeting = await Meeting.open()
  })
  afterAll(() => meeting.stop())
  /** Writes into the store as another process does: over a connection of its own. */
  const beside = async (work: (store: ReturnType<typeof openInlineStore>) => Promise<unknown>): Promise<void> => {
    const store = openInlineStore(meeting.folder)
    await work(store)
    await store.close()
  }
  const isToldOf = (line: Line): boolean => line.messages.some((message) => message.kind === "notice" && message.notice.kind === "meeting")

  it("[WHO8] a delegation that another process puts on the roster is there at once: in answers, as a hat of the secretariat, on open sockets", async () => {
    const draft = await meeting.draft()
    const secretary = await meeting.guest("secretary")
    const observer = await meeting.guest("observer")
    const lines = [await seated(secretary, draft), await seated(observer, draft)]
    await beside((store) => store.saveSource({ code: "NRU", name: "Nauru" }))
    const me = await secretary.call("me")
    expect(me.hats).toContain("NRU")
    expect(me.sources.at(-1)).toEqual({ code: "NRU", name: "Nauru" })
    expect(await secretary.join(draft, "NRU")).toMatchObject({ as: "NRU" })
    await Promise.all(lines.map((line) => line.until(() => isToldOf(line))))
    await beside((store) => store.saveSource({ code: "KIR", name: "Kiribati" }))
    await until(() => meeting.server.people.sources().some(({ code }) => code === "KIR"), 1_000)
  })

  it("[WHO8] who asks while that is being read waits for it: a link that was made beside is good for the first who comes, and for who comes with them", async () => {
    const { meeting: here } = meeting.server
    for (let i = 0; i < 30; i++) {
      const id = `p-beside-${i}`
      await beside((store) => store.savePerson({ id, name: `Beside ${i}`, role: "observer", hats: [], isRevoked: false }))
      const first = here.catchUp()
      await here.catchUp()
      expect(here.people.record(id), `the second of two, round ${i}`).not.toBeNull()
      await first
    }
  })

  it("[WHO8] a person withdrawn, or a sign-in ended, by another process ends its sockets within a second", async () => {
    const draft = await meeting.draft()
    const [gone, out, stays] = [
      await meeting.guest("delegate", ["S"]),
      await meeting.guest("delegate", ["B"]),
      await meeting.guest("observer"),
    ]
    const lines = [await seated(gone, draft), await seated(out, draft)]
    const kept = await seated(stays, draft)
    const ended = endsWithin(lines, 1_000)
    await beside(async (store) => {
      await store.savePerson({ ...meeting.server.people.record(gone.id)!, isRevoked: true })
      await store.removeSignInsOf(out.id)
    })
    await ended
    expect(isOpen(kept)).toBe(true)
    expect(await out.call("me")).toMatchObject({ status: 401 })
    const db = openDatabase(`${meeting.folder}/clausula.db`)
    db.prepare("UPDATE sign_ins SET expires = '2020-01-01T00:00:00.000Z' WHERE person = ?").run(stays.id)
    db.close()
    await endsWithin([kept], 1_000)
    expect(await stays.call("me")).toMatchObject({ status: 401 })
  })

  it("[WHO8] who was withdrawn is told so in one sentence, whether in the room or by another process, and as often as they ask", async () => {
    const draft = await meeting.draft()
    const secretary = await meeting.guest("secretary")
    const [inRoom, byOther, out] = [
      await meeting.guest("delegate", ["S"]),
      await meeting.guest("delegate", ["B"]),
      await meeting.guest("observer"),
    ]
    const lines = [await seated(inRoom, draft), await seated(byOther, draft), await seated(out, draft, false)]
    const ended = endsWithin(lines, 1_000)
    await secretary.call("setAccess", { person: inRoom.id }, { withdrawn: true })
    // As the command line does it.
    await beside(async (store) => {
      await store.savePerson({ ...meeting.server.people.record(byOther.id)!, isRevoked: true })
      await store.removeSignInsOf(byOther.id)
      await store.removeSignInsOf(out.id)
    })
    await ended
    const told = async (guest: Guest): Promise<string> => JSON.stringify(await guest.call("me"))
    for (let i = 0; i < 2; i++) {
      for (const guest of [inRoom, byOther])
        expect(await told(guest)).toMatch(/Your access to this meeting was withdrawn\. Ask the secretariat\./)
      expect(await told(out)).toMatch(/You are signed out\. Open the address of your invitation again\./)
    }
  })

  it("[WHO8] a sitting that another process opens is in force at once, and told on open sockets", async () => {
    const secretary = await meeting.guest("secretary")
    const line = await seated(secretary, await meeting.draft())
    const sitting = {
      id: "x",
      body: "Plenary",
      room: "Hall",
      date: "2026-11-26",
      chair: null,
      openedAt: new Date().toISOString(),
      closedAt: null,
    }
    await beside((store) => store.saveSitting(sitting))
    expect((await secretary.call("me")).sitting).toMatchObject({ body: "Plenary", room: "Hall" })
    await line.until(() => isToldOf(line))
  })

  it("[WHO8] what is saved here while the store is read again is known throughout, and kept", async () => {
    const store = openInlineStore(newFolder())
    let isHeld = false
    const held: (() => void)[] = []
    const slow = {
      ...store,
      people: async () => {
        if (isHeld) await new Promise<void>((go) => held.push(go))
        return store.people()
      },
    }
    const before = { id: "p1", name: "Before", role: "observer" as const, hats: [], isRevoked: false }
    await store.savePerson(before)
    const people = await People.open(slow)
    isHeld = true
    const reading = people.read()
    await until(() => held.length === 1)
    const saving = people.save({ ...before, isRevoked: true })
    expect(people.person("p1").isRevoked).toBe(true)
    held[0]!()
    await reading
    expect(people.person("p1").isRevoked, "read while it was being written").toBe(true)
    await saving
    expect([people.person("p1").isRevoked, (await store.people())[0]!.isRevoked]).toEqual([true, true])
    await store.close()
  })
})
