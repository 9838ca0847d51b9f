import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Role } from "../shared/policy/policy.ts"
import { readFile } from "./files/read-file.ts"
import { newSecret } from "./people/secrets.ts"
import { dayOf, type SittingTerms } from "./people/sittings.ts"
import { DomainError } from "./problems.ts"
import type { RunningServer } from "./server.ts"
import { demandFile, storeFailure } from "./storage/failures.ts"
import type { SourceRecord } from "./storage/store.ts"

/** A sitting of the sample meeting. No other meeting takes anything from it. */
export const sampleSitting = (now: Date): SittingTerms => ({
  body: "Working group of the plenary",
  room: "Room C",
  date: dayOf(now),
  chair: null,
})

interface Guest {
  readonly host: string
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly hats: readonly string[]
}

const guests: readonly Guest[] = [
  { host: "chair", id: "p-chair", name: "Amara Diallo", role: "chair", hats: ["CHAIR"] },
  { host: "secretary", id: "p-secretary", name: "Tomás Rivera", role: "secretary", hats: ["SEC"] },
  { host: "s", id: "p-s", name: "Elin Öberg", role: "delegate", hats: ["S"] },
  { host: "b", id: "p-b", name: "Rafael Nogueira", role: "delegate", hats: ["B"] },
  { host: "observer", id: "p-observer", name: "Mina Castellanos", role: "observer", hats: [] },
]

const labelOf: Record<Role, (guest: Guest) => string> = {
  chair: () => "Chair",
  secretary: () => "Secretary",
  delegate: (guest) => `Delegate of ${guest.hats[0] === "S" ? "Sweden" : "Brazil"}`,
  observer: () => "Observer",
}

export interface SampleAddress {
  readonly who: string
  readonly name: string
  readonly url: string
}

/**
 * Makes sure that the sample meeting is there: its people, and a draft of each seed. Its links stay good after a restart, for their tokens lie beside
 * the store. Gives the addresses to open, one host name each, so that one browser can hold all roles.
 */
export async function openSample(server: RunningServer, data: string, seedFolder: string): Promise<SampleAddress[]> {
  const file = join(data, "sample-links.json")
  demandFile(file)
  const isSample = guests.every(({ id, role }) => server.people.record(id)?.role === role)
  // Its links alone may be lost: the people of the sample are known by their ids.
  if (!existsSync(file) && !isSample && (server.people.everyone().length > 0 || (await server.drafts.ids()).length > 0))
    throw new DomainError(
      "conflict",
      `There is a meeting in ${data} that is not the sample. Start it without --sample, or give the sample a folder of its own with --data.`,
    )
  const [tokens, have] = await Promise.all([linksOf(server, file), seedsKnown(server)])
  if (!server.sittings.current()) await server.sittings.open({ ...sampleSitting(new Date()), chair: "p-chair" })
  await openSeeds(server, seedFolder, have)
  return guests.map((guest) => ({
    who: labelOf[guest.role](guest),
    name: guest.name,
    url: `http://${guest.host}.localhost:${server.port}/enter#${tokens[guest.host]}`,
  }))
}

/** The links as they were printed last time; null where there are none, or the file cannot be read: then new ones are made. */
function tokensIn(file: string): Record<string, string> | null {
  try {
    const tokens = JSON.parse(readFileSync(file, "utf8")) as Record<string, string> | null
    return tokens && guests.every(({ host }) => typeof tokens[host] === "string") ? tokens : null
  } catch (error) {
    // What is no JSON, or is not there, is made anew; what this user may not read could not be written either.
    if (["EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw storeFailure(error, file)
    return null
  }
}

/** The links of the sample's people: those that were printed last time, and others where the meeting knows them no longer. */
async function linksOf(server: RunningServer, file: string): Promise<Record<string, string>> {
  const had = tokensIn(file) ?? {}
  const kept = await Promise.all(
    guests.map(({ host, id }) => server.people.record(id) !== null && had[host] !== undefined && server.invitations.isKept(had[host])),
  )
  if (kept.every(Boolean)) return had
  const tokens: Record<string, string> = { ...had }
  for (const [i, { host, id, name, role, hats }] of guests.entries()) {
    if (kept[i]) continue
    if (server.people.record(id) === null) await server.people.save({ id, name, role, hats, isRevoked: false })
    tokens[host] = newSecret()
    await server.invitations.invite({ role, hats, person: id, days: 365, token: tokens[host] })
  }
  try {
    writeFileSync(file, `${JSON.stringify(tokens, null, 1)}\n`, { mode: 0o600 })
  } catch (error) {
    throw storeFailure(error, file)
  }
  return tokens
}

/** A delegation that the meeting calls otherwise by now stays as it is: its roster is no reason not to start. */
async function addIfFree({ people }: RunningServer, source: SourceRecord): Promise<void> {
  try {
    await people.addSource(source)
  } catch (error) {
    if (!(error instanceof DomainError && error.kind === "conflict")) throw error
  }
}

/** Drafts that are not made of their seeds: those that are there, and one whose loss was accepted; where all are gone the meeting begins anew. */
async function seedsKnown({ drafts }: RunningServer): Promise<ReadonlySet<string>> {
  const [ids, gone] = await Promise.all([drafts.ids(), drafts.gone()])
  return new Set(ids.length === 0 ? [] : [...ids, ...gone])
}

async function openSeeds(server: RunningServer, folder: string, have: ReadonlySet<string>): Promise<void> {
  const scripts = readdirSync(folder)
    .filter((name) => name.endsWith(".script.json"))
    .sort()
  for (const script of scripts) {
    const id = script.replace(/\.script\.json$/, "")
    const { sources } = JSON.parse(readFileSync(join(folder, script), "utf8")) as { sources: Record<string, string> }
    // An invitation brings a delegation as its code alone.
    const named = new Set(server.people.sources().flatMap(({ code, name }) => (name === code ? [] : [code])))
    for (const [code, name] of Object.entries(sources)) if (!named.has(code)) await addIfFree(server, { code, name })
    if (have.has(id)) continue
    const draft = readFile(new Uint8Array(readFileSync(join(folder, `${id}.json`))), `${id}.json`)
    await server.drafts.create(draft, { id, enteredBy: "p-secretary" })
  }
}
