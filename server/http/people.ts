import type { Request } from "express"
import type { Answer } from "../../shared/api/contract.ts"
import { isDelegationCode, tonesOf } from "../../shared/people/roster.ts"
import { readRoster } from "../../shared/people/roster-file.ts"
import { type Act, may } from "../../shared/policy/policy.ts"
import type { Config } from "../config.ts"
import { type GivenBy, idOfInvitation } from "../people/invitations.ts"
import type { Meeting } from "../people/meeting.ts"
import type { Person } from "../people/session.ts"
import { untilRestart } from "../people/sign-ins.ts"
import { DomainError } from "../problems.ts"
import { cannotWrite } from "../storage/failures.ts"
import type { Handlers } from "./handler.ts"
import { cookieOf, setCookie } from "./origins.ts"

interface PeopleParts {
  readonly config: Config
  readonly meeting: Meeting
}

type PeopleRoute =
  | "signIn"
  | "signOut"
  | "lookAtInvitation"
  | "me"
  | "people"
  | "roster"
  | "readRoster"
  | "addDelegation"
  | "invite"
  | "withdrawInvitation"
  | "setAccess"
  | "sittings"
  | "openSitting"
  | "changeSitting"

const publicPerson = ({ id, name, role, hats }: Person): Pick<Person, "id" | "name" | "role" | "hats"> => ({ id, name, role, hats })

function demand(act: Act, { role }: Person): void {
  const ruling = may(act, { role, hat: null }, { stage: "drafting", secretaryOperates: true })
  if (!ruling.isAllowed) throw new DomainError("not-allowed", ruling.sentence)
}

const moment = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** Who meets, over HTTP: entering and leaving, the roster, invitations, people, sittings. */
export function peopleHandlers({ config, meeting }: PeopleParts): Handlers<PeopleRoute> {
  const { people, invitations, sittings } = meeting
  return {
    ...enteringHandlers({ config, meeting }),
    people: async () => {
      await meeting.catchUp()
      return people.everyone().map(({ id, name, role }) => ({ id, name, role }))
    },
    roster: async ({ person }) => {
      demand("invite", person)
      await meeting.catchUp()
      return rosterOf(meeting)
    },
    readRoster: async ({ person, body, query }) => {
      demand("invite", person)
      await meeting.catchUp()
      const read = readRoster(
        textOf(body),
        people.sources().filter(({ code }) => isDelegationCode(code)),
      )
      if (query.preview !== undefined) return read
      if (read.errors.length > 0)
        throw new DomainError("bad-input", `Nothing was taken: ${said(read.errors)}`, { errors: read.errors, rows: read.rows })
      for (const { code, name, brings } of read.rows) if (brings !== "same") await people.addSource({ code, name })
      return read
    },
    addDelegation: async ({ person, body }) => {
      demand("invite", person)
      const { code, name } = body
      if (!isDelegationCode(code)) throw new DomainError("bad-input", `${code} is no delegation: it is not on the roster.`)
      await meeting.catchUp()
      await people.addSource({ code, name })
      return { code, name }
    },
    invite: async ({ person, body }) => {
      demand("invite", person)
      await meeting.catchUp()
      const { role, hats = [], name, person: known, sourceName, days = 30 } = body
      const by = givenBy(person)
      return invitations.invite({ role, hats, person: known ?? null, name, sourceName, days, by })
    },
    withdrawInvitation: async ({ person, params }) => {
      demand("invite", person)
      await invitations.withdraw(params.invitation, givenBy(person))
    },
    setAccess: async ({ person, body, params }) => {
      demand("invite", person)
      await meeting.catchUp()
      const { withdrawn } = body
      const { id } = await invitations.setAccess(params.person, withdrawn, givenBy(person))
      return { id, withdrawn }
    },
    sittings: async () => {
      await meeting.catchUp()
      return sittings.list().map(({ chair, inHall: _, ...sitting }) => ({ ...sitting, chair: chair === null ? "" : people.nameOf(chair) }))
    },
    openSitting: async ({ person, body }) => {
      demand("setSitting", person)
      await meeting.catchUp()
      const { body: name, room, date, chair = null, inHall = false } = body
      await sittings.open({ body: name, room, date, chair, inHall })
      return sittingNow(meeting)
    },
    changeSitting: async ({ person, body }) => {
      demand("setSitting", person)
      await meeting.catchUp()
      await sittings.change(withoutGaps(body))
      return sittingNow(meeting)
    },
  }
}

/** The members that were given. */
function withoutGaps<Terms extends object>(terms: Terms): { [Key in keyof Terms]?: Exclude<Terms[Key], undefined> } {
  return Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined)) as never
}

function enteringHandlers({ config, meeting }: PeopleParts): Handlers<"signIn" | "signOut" | "lookAtInvitation" | "me"> {
  const { people, invitations, signIns, sittings } = meeting
  const standing = (request: Request): ReturnType<typeof signIns.of> => signIns.of(cookieOf(request, config))
  return {
    lookAtInvitation: async ({ request, body }) => {
      await meeting.catchUp()
      const { role, hats, name } = await invitations.look(body.token)
      const { person } = await standing(request)
      const tones = tonesOf(people.sources().map(({ code }) => code))
      const sources = people
        .sources()
        .filter(({ code }) => hats.includes(code))
        .map((source) => ({ ...source, tone: tones.get(source.code) ?? 0 }))
      return { role, sources, name, sitting: sittings.now(), here: person && publicPerson(person) }
    },
    signIn: async ({ request, response, body }) => {
      await meeting.catchUp()
      const { token, name, same } = body
      const { cookie, person } = await invitations.enter(token, { name, same })
      const before = await standing(request)
      // Another person at the same device: pages that are still open for the one before end, so that nothing is entered under a name that is not theirs.
      if (before.person && before.person.id !== person.id)
        await meeting.signOut(before.signIn, before.person.id).catch((error: unknown) => {
          // It has ended here, and this browser has another cookie from now on.
          if (!cannotWrite(error)) throw error
        })
      meeting.attendance.saw(person.id)
      response.setHeader("Set-Cookie", setCookie(cookie, config))
      return publicPerson(person)
    },
    signOut: async ({ request, response }) => {
      const { person, ...rest } = await standing(request)
      if (person && "signIn" in rest) await meeting.signOut(rest.signIn, person.id)
      response.setHeader("Set-Cookie", setCookie(null, config))
      response.setHeader("Clear-Site-Data", '"storage"')
    },
    me: async ({ request }) => {
      await meeting.catchUp()
      // Another process may have ended it a moment ago.
      const found = await standing(request)
      if (!found.person) throw new DomainError("not-signed-in", found.sentence)
      const notKept = signIns.isKept(found.signIn) ? null : untilRestart
      return { ...publicPerson(found.person), sources: people.sources(), sitting: sittingNow(meeting), notKept }
    },
  }
}

const givenBy = ({ id, role }: Person): GivenBy => ({ role, person: id })

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch (error) {
    throw new DomainError("bad-input", "The roster is not UTF-8. Save it as “CSV UTF-8”.", {}, { cause: error })
  }
}

const said = (errors: readonly { line: number; say: string }[]): string => {
  const [first] = errors
  const more = errors.length > 1 ? ` ${errors.length - 1} more ${errors.length === 2 ? "line has" : "lines have"} errors.` : ""
  return `line ${first!.line}: ${first!.say}${more}`
}

function sittingNow({ sittings, people }: Meeting): Answer<"me">["sitting"] {
  const sitting = sittings.current()
  const { body, room, date, chair: present } = sittings.now()
  const chair = sitting?.chair ? { id: sitting.chair, name: people.nameOf(sitting.chair) } : null
  return { id: sitting?.id ?? null, body, room, date, chair, present, ...(sitting?.inHall ? { inHall: true } : {}) }
}

async function rosterOf({ people, attendance, invitations }: Meeting): Promise<Answer<"roster">> {
  const here = attendance.here()
  const records = people.records()
  const made = await invitations.list()
  const ids = new Map(made.map((invitation) => [invitation.tokenHash, idOfInvitation(invitation)]))
  return {
    delegations: people.sources().filter(({ code }) => isDelegationCode(code)),
    people: records.map(({ id, since = null, invitation, isRevoked, hats, role, problem }) => ({
      ...{ id, name: people.nameOf(id), role, hats: [...hats], isHere: here.has(id), isWithdrawn: isRevoked, since },
      ...(problem === undefined ? {} : { problem }),
      lastSeen: moment(attendance.lastSeen(id)),
      invitation: (invitation !== undefined && ids.get(invitation)) || null,
    })),
    invitations: made.map((invitation) => ({
      id: idOfInvitation(invitation),
      ...{ role: invitation.role, hats: [...invitation.hats], person: invitation.person },
      name: invitation.person === null ? null : people.nameOf(invitation.person),
      madeAt: invitation.madeAt,
      madeBy: invitation.madeBy === null ? null : people.nameOf(invitation.madeBy),
      expiresAt: invitation.expiresAt,
      isWithdrawn: invitation.isWithdrawn,
      entered: records.filter((person) => person.invitation === invitation.tokenHash).length,
    })),
  }
}
