import { type Command, InvalidArgumentError } from "commander"
import { isDelegationCode, isPlainName } from "../../shared/people/roster.ts"
import { readRoster } from "../../shared/people/roster-file.ts"
import { missingIn } from "../../shared/people/sitting.ts"
import type { Role } from "../../shared/policy/policy.ts"
import { sourcePattern } from "../../shared/schema/keys.ts"
import { dataFolder } from "../config.ts"
import { idOfInvitation, operator } from "../people/invitations.ts"
import type { Meeting } from "../people/meeting.ts"
import { dayOf, type SittingTerms } from "../people/sittings.ts"
import { DomainError } from "../problems.ts"
import type { Services, Terminal } from "./terminal.ts"

export const asSource = (value: string): string => {
  if (!sourcePattern.test(value))
    throw new InvalidArgumentError("A source is one to sixteen capitals, digits or hyphens, such as S or EUR.")
  return value
}

export const oneOf =
  <Value extends string>(values: readonly Value[]) =>
  (value: string): Value => {
    if (!values.includes(value as Value)) throw new InvalidArgumentError(`It is one of ${values.join(", ")}.`)
    return value as Value
  }

const asDays = (value: string): number => {
  const days = Number(value)
  if (!Number.isInteger(days) || days < 1 || days > 365) throw new InvalidArgumentError("It is a whole number of days from 1 to 365.")
  return days
}

const asName = (value: string): string => {
  const name = value.trim()
  if (name === "" || name.length > 200 || !isPlainName(name)) throw new InvalidArgumentError("A name has 1 to 200 letters.")
  return name
}

const asAddress = (value: string): string => {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
    throw new InvalidArgumentError("An address begins with http:// or https://, such as https://drafting.example.org.")
  if (/[?#]/.test(value)) throw new InvalidArgumentError("An address ends with its path: nothing with ? or # stands behind it.")
  return value
}

const asDate = (value: string): string => {
  const day = new Date(`${value}T12:00:00Z`)
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== value)
    throw new InvalidArgumentError("A date is written as 2026-11-27.")
  return value
}

interface DataFlags {
  readonly data: string
  readonly json?: boolean
}

interface InviteFlags extends DataFlags {
  readonly role?: Role
  readonly source?: string
  readonly sourceName?: string
  readonly name?: string
  readonly person?: string
  readonly days: number
  readonly url?: string
}

interface SittingFlags extends DataFlags, Partial<SittingTerms> {
  readonly new?: boolean
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`

/** The commands about who meets. All of them work beside a running server, which takes in at once what they write. */
export function peopleCommands(
  verb: (name: string, description: string) => Command,
  terminal: Terminal,
  { beside, address }: Services,
  read: (path: string) => Uint8Array,
): void {
  const about = (name: string, description: string): Command =>
    verb(name, `${description}; works beside a running server`).option(
      "--data <folder>",
      "where the meeting is kept",
      dataFolder(process.env),
    )
  about("invite", "make a link for a delegation or a person")
    .option("--role <role>", "chair, secretary, delegate or observer", oneOf<Role>(["chair", "secretary", "delegate", "observer"]))
    .option("--source <code>", "the delegation, for a delegate", asSource)
    .option("--source-name <name>", "its name, where it is new", asName)
    .option("--name <name>", "the one person whom the link is for, new on the list; without it each gives a name", asName)
    .option("--person <id>", "another link for a person on the list")
    .option("--days <n>", "how long the link is good", asDays, 30)
    .option("--url <address>", "address by which people reach the server; without it that of the one that runs on the folder", asAddress)
    .action((flags: InviteFlags) => {
      demandWhom(flags)
      return beside(flags.data, (meeting) =>
        invite(meeting, { ...flags, url: flags.url ?? demandAddress(address(flags.data), flags.data) }, terminal),
      )
    })
  about("people", "list the people and the invitations, with the ids that withdraw takes").action(({ data, json }: DataFlags) =>
    beside(data, (meeting) => listPeople(meeting, json ?? false, terminal)),
  )
  about("withdraw <id>", "withdraw an invitation, or a person with all its sign-ins")
    .option("--restore", "give a person access back")
    .action((id: string, { data, json, restore }: DataFlags & { restore?: boolean }) =>
      beside(data, (meeting) => withdraw(meeting, id, { isRestored: restore ?? false, isJson: json ?? false }, terminal)),
    )
  about("roster <file>", "put the delegations of a CSV file on the roster: a line a delegation, code and name; - is stdin")
    .option("--preview", "say what the file would do, and do nothing")
    .action((path: string, { data, json, preview }: DataFlags & { preview?: boolean }) =>
      beside(data, (meeting) => takeRoster(meeting, read(path), { isPreview: preview ?? false, isJson: json ?? false }, terminal)),
    )
  about("sitting", "show the sitting that acts and papers bear, or say what it is")
    .option("--new", "open a new sitting; without it what is given is changed in the one in force")
    .option("--body <name>", "the body that meets", asName)
    .option("--room <name>", "the room", asName)
    .option("--date <day>", "the day, as 2026-11-27; of a new sitting today", asDate)
    .option("--chair <name>", "who presides: a person invited as chair, by name or id", asName)
    .action((flags: SittingFlags) => beside(flags.data, (meeting) => sitting(meeting, flags, terminal)))
}

function demandWhom({ role, source, person }: InviteFlags): void {
  if (person === undefined && role === undefined)
    throw new DomainError("bad-input", "Say for which role the link is, such as --role delegate --source S, or for whom with --person.")
  if (role === "delegate" && !source && person === undefined)
    throw new DomainError("bad-input", "A delegate writes for a source. Say which with --source, such as --source S.")
}

/** A link without the address of its server leads nowhere: nothing is made where that is not known. */
function demandAddress(address: string | null, data: string): string {
  if (address !== null) return address
  throw new DomainError(
    "bad-input",
    `The address of the link is not known: no server runs on ${data}, or it does not know the address of the proxy before it. Start it, or say the address with --url, such as --url https://drafting.example.org.`,
  )
}

async function invite({ invitations }: Meeting, flags: InviteFlags & { readonly url: string }, terminal: Terminal): Promise<void> {
  const { role, source, sourceName, name, person, days, json } = flags
  const hats = source ? [source] : []
  const made = await invitations.invite({ role, hats, person: person ?? null, name, sourceName, days, by: operator })
  const url = `${flags.url.replace(/\/$/, "")}/enter#${made.token}`
  terminal.out(json ? jsonText({ url, ...made }) : `${url}\n`)
  if (name !== undefined && made.name !== name)
    terminal.err(`${name} is on the list already; this one is called ${made.name}. For another link for the same person take --person.\n`)
}

async function listPeople(meeting: Meeting, isJson: boolean, terminal: Terminal): Promise<void> {
  const { people, invitations } = meeting
  const made = (await invitations.list()).map((invitation) => ({
    id: idOfInvitation(invitation),
    ...{ role: invitation.role, hats: invitation.hats, expiresAt: invitation.expiresAt, isWithdrawn: invitation.isWithdrawn },
    name: invitation.person === null ? null : people.nameOf(invitation.person),
  }))
  const known = people.records().map(({ id, role, hats, isRevoked, problem }) => ({
    ...{ id, name: people.nameOf(id), role, hats, isWithdrawn: isRevoked },
    ...(problem === undefined ? {} : { problem }),
  }))
  const problems = await meeting.problems()
  for (const problem of problems) terminal.err(`${problem}\n`)
  if (isJson) return terminal.out(jsonText({ people: known, invitations: made }))
  const line = (id: string, words: readonly string[]): string => `  ${id.padEnd(20)} ${words.filter(Boolean).join(", ")}\n`
  terminal.out("People\n")
  for (const { id, name, role, hats, isWithdrawn, problem } of known) {
    const standing = [role, role === "delegate" ? hats.join("+") : "", isWithdrawn ? "withdrawn" : ""]
    terminal.out(line(id, [name, ...(problem === undefined ? standing : [`damaged: ${problem}`])]))
  }
  terminal.out("Invitations\n")
  for (const { id, role, hats, name, expiresAt, isWithdrawn } of made)
    terminal.out(
      line(id, [
        role,
        role === "delegate" ? hats.join("+") : "",
        name === null ? "" : `for ${name}`,
        isWithdrawn ? "withdrawn" : `good until ${expiresAt.slice(0, 10)}`,
      ]),
    )
}

async function withdraw(
  { people, invitations }: Meeting,
  id: string,
  { isRestored, isJson }: { isRestored: boolean; isJson: boolean },
  terminal: Terminal,
): Promise<void> {
  if (people.record(id)) {
    const { name } = await invitations.setAccess(id, !isRestored, operator)
    return terminal.out(
      isJson ? jsonText({ id, name, withdrawn: !isRestored }) : `${name} ${isRestored ? "may enter again" : "was withdrawn"}.\n`,
    )
  }
  if (isRestored) throw new DomainError("bad-input", `${id} is no person of this meeting. An invitation that was withdrawn is made anew.`)
  await invitations.withdraw(id, operator)
  terminal.out(isJson ? jsonText({ id, withdrawn: true }) : "Nobody enters by this invitation any more. Who has entered stays.\n")
}

async function takeRoster(
  { people }: Meeting,
  bytes: Uint8Array,
  { isPreview, isJson }: { isPreview: boolean; isJson: boolean },
  terminal: Terminal,
): Promise<void> {
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch (error) {
    throw new DomainError("bad-input", "The roster is not UTF-8. Save it as “CSV UTF-8”.", {}, { cause: error })
  }
  const { rows, errors } = readRoster(
    text,
    people.sources().filter(({ code }) => isDelegationCode(code)),
  )
  for (const { line, say } of errors) terminal.err(`line ${line}: ${say}\n`)
  if (errors.length > 0 && !isPreview) throw new DomainError("bad-input", "Nothing was taken: mend these lines first.")
  if (!isPreview) for (const { code, name, brings } of rows) if (brings !== "same") await people.addSource({ code, name })
  if (isJson) return terminal.out(jsonText({ rows, errors }))
  for (const { code, name, brings } of rows) terminal.out(`${brings.padEnd(8)} ${code.padEnd(8)} ${name}\n`)
}

async function sitting({ sittings, people }: Meeting, flags: SittingFlags, terminal: Terminal): Promise<void> {
  const { body, room, date, chair } = flags
  const given = Object.fromEntries(Object.entries({ body, room, date, chair }).filter(([, value]) => value !== undefined))
  if (flags.new || (Object.keys(given).length > 0 && sittings.current() === null)) {
    if (body === undefined || room === undefined)
      throw new DomainError("bad-input", "A new sitting has a body and a room, such as --new --body “Committee 3” --room “Room C”.")
    await sittings.open({ body, room, date: date ?? dayOf(new Date()), chair: chair ?? null })
  } else if (Object.keys(given).length > 0) await sittings.change(given)
  const now = sittings.current()
  const name = now?.chair ? people.nameOf(now.chair) : ""
  if (flags.json) return terminal.out(jsonText(now && { ...now, chair: name }))
  if (!now) return terminal.out("No sitting is open: acts and papers say so. Open one with --new --body ... --room ...\n")
  const isWithdrawn = now.chair !== null && people.record(now.chair)?.isRevoked === true
  const missing = missingIn({ ...now, chair: name })
  terminal.out(`${now.body}, ${now.room}, ${now.date}${name && !isWithdrawn ? `, ${name} presiding` : ""}\n`)
  if (isWithdrawn) terminal.err(`${name}, who was named to preside, was withdrawn. Name another with --chair.\n`)
  if (missing.length > 0) terminal.err(`Not said yet: ${missing.join(", ")}\n`)
}
