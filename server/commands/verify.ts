import { join } from "node:path"
import * as Y from "yjs"
import { blocksOf, structureRoot } from "../../shared/sync/read.ts"
import { roots } from "../../shared/sync/roots.ts"
import { noFolder } from "../config.ts"
import { docOf } from "../drafts/draft-summary.ts"
import { aboutDraft, publishedFindings, templateFinding } from "../drafts/kept-files.ts"
import { provenByReplay } from "../drafts/replayed.ts"
import { DomainError } from "../problems.ts"
import { expected, openInlineStore } from "../storage/embedded.ts"
import { isDamage, standsAt } from "../storage/failures.ts"
import { readHeads } from "../storage/heads.ts"
import { hourOf } from "../storage/hour.ts"
import { MeetingLost, missingIn } from "../storage/open-meeting.ts"
import type { Loss, Proof, Store } from "../storage/store.ts"

/** What was proven of one draft. */
export interface VerifiedDraft {
  readonly draft: string
  readonly title: string
  readonly epoch: number
  /** How many entries of its log, and of its record of decisions, are whole. */
  readonly entries: number
  readonly decisions: number
  readonly findings: readonly string[]
}

export interface Verified {
  readonly drafts: readonly VerifiedDraft[]
  /** What is wrong beside the drafts. */
  readonly findings: readonly string[]
  /** What is lost and was accepted as lost, with the hour of that. */
  readonly accepted: readonly string[]
}

export const hasFindings = ({ drafts, findings }: Verified): boolean =>
  findings.length > 0 || drafts.some((draft) => draft.findings.length > 0)

/** Throws where no meeting is kept in a folder, nor was. */
export function demandMeeting(directory: string): void {
  if (directory === "") throw noFolder()
  if (["clausula.db", "heads"].some((name) => standsAt(join(directory, name)) !== null)) return
  throw new DomainError("bad-input", `There is no meeting in ${directory}. Start it once with \`clausula serve --data ${directory}\`.`)
}

/**
 * Proves a meeting's folder, or one draft in it, beside a running server too: chains of logs and records, snapshots against what their log gives,
 * published files against their hashes, and that no tail is missing, by the heads beside the database; `head`: that a log still goes through what a
 * published paper bears. It writes nothing.
 */
export async function verify(directory: string, only: string | null, head: string | null = null): Promise<Verified> {
  demandMeeting(directory)
  if (head !== null && !/^[\da-f]{16,64}$/i.test(head))
    throw new DomainError("bad-input", `What a published paper bears are 16 digits from 0 to 9 and a to f: not “${head}”.`)
  try {
    return await verifyIn(
      openInlineStore(directory, { isReadOnly: true, expected: [...readHeads(directory).heads.keys()] }),
      directory,
      only,
      head?.toLowerCase() ?? null,
    )
  } catch (error) {
    // A database that cannot be read at all is what was looked for.
    if (error instanceof MeetingLost || isDamage(error)) return { drafts: [], findings: [(error as Error).message], accepted: [] }
    throw error
  }
}

async function verifyIn(store: Store, directory: string, only: string | null, head: string | null): Promise<Verified> {
  try {
    const known = await store.draftIds()
    if (only !== null && !known.includes(only))
      throw new DomainError(
        "bad-input",
        `There is no draft ${only} in ${directory}. There ${known.length === 0 ? "is none" : `are: ${known.join(", ")}`}.`,
      )
    const drafts: VerifiedDraft[] = []
    for (const id of only === null ? known : [only]) drafts.push(await verifiedDraft(store, id))
    const isHeld = head === null || (await Promise.all(drafts.map(({ draft }) => store.hasHead(draft, head)))).includes(true)
    const lacking = `No log here ever ended as the paper says that bears ${head}: it is of another meeting, or a log was rewritten or lost since.`
    const findings = [...(only === null ? await meetingFindings(store) : []), ...(isHeld ? [] : [lacking])]
    return { drafts, findings, accepted: await acceptedLines(store, known) }
  } finally {
    await store.close()
  }
}

/** What is wrong beside the drafts, without what was accepted as lost. */
async function meetingFindings(store: Store): Promise<string[]> {
  const template = await templateFinding(store)
  const accepted = await store.acceptedProblems()
  return [...(await store.problems()), ...(template === null || accepted.has(template) ? [] : [template])]
}

const acceptedLines = async (store: Store, known: readonly string[]): Promise<string[]> => [
  ...(await store.losses()).flatMap(({ draft, at, sentence, isGone }) =>
    isGone && !known.includes(draft) ? [`Accepted as lost on ${hourOf(at)}: ${aboutDraft(draft, sentence)}`] : [],
  ),
  ...[...(await store.acceptedProblems())].map(([sentence, at]) => `Accepted as lost on ${hourOf(at)}: ${withoutRemedy(sentence)}`),
]

/** A sentence about what is lost once that was accepted. */
export const withoutRemedy = (sentence: string): string => sentence.replace(/ Put a backup of the folder in its place\.$/, "")

async function verifiedDraft(store: Store, id: string): Promise<VerifiedDraft> {
  const examined = await store.examine(id)
  const proof = examined && (await provenByReplay(store, examined))
  if (!proof) return { draft: id, title: id, epoch: 1, entries: 0, decisions: 0, findings: ["Nothing of it is left in the database."] }
  const { draft, title, epoch, seq, register, damage } = proof
  const accepted = await store.acceptedProblems()
  const findings = [
    damage,
    await store.recordProblem(draft),
    await snapshotFinding(store, proof),
    ...(await publishedFindings(store, proof)),
  ].filter((finding) => finding !== null && !accepted.has(aboutDraft(draft, finding))) as string[]
  return { draft, title, epoch, entries: seq, decisions: register, findings }
}

/** Whether a snapshot that would be used is what the log gives: the same state vector, the same text and records. */
async function snapshotFinding(store: Store, { draft, seq }: Proof): Promise<string | null> {
  const problem = await store.snapshotProblem(draft)
  if (problem) return `${problem} It is not used; the log is replayed.`
  const snapshot = await store.snapshot(draft, seq)
  if (!snapshot) return null
  try {
    const kept = docOf({ snapshot, rows: [] })
    const replayed = docOf({ snapshot: null, rows: await store.rows(draft, 0, snapshot.seq) })
    return isSameState(kept, replayed) ? null : `Its snapshot at entry ${snapshot.seq} is not what its log gives.`
  } catch (error) {
    return `Its snapshot or its log cannot be read as a draft (${(error as Error).message}).`
  }
}

function isSameState(a: Y.Doc, b: Y.Doc): boolean {
  const clocks = (doc: Y.Doc): string =>
    JSON.stringify([...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([one], [other]) => one - other))
  return clocks(a) === clocks(b) && canonical(a) === canonical(b)
}

/** All that a document says, written in one way. The order of a map's entries is no part of it: Yjs reads a state writer by writer, not as it was made. */
const canonical = (doc: Y.Doc): string => {
  const values = Object.values(roots).map((root) => root(doc).toJSON())
  return JSON.stringify([blocksOf(doc), doc.getMap(structureRoot).toJSON(), values], sortedKeys)
}

const sortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** What was lost and accepted: of drafts, and whole tables that begin anew without what was in them. */
export interface AcceptedLosses {
  readonly losses: readonly Loss[]
  readonly tables: readonly string[]
  /** Tables of which only a part could be read: the rest is lost. */
  readonly hurt: readonly string[]
  /** That the damaged file was made anew, or a write-ahead log of something else moved aside, and where it is kept. */
  readonly anew: readonly string[]
  /** What else is lost and was accepted: people, links, published files. */
  readonly others: readonly string[]
  /** What the operator does now, in sentences. */
  readonly next: readonly string[]
}

/** What the operator does after a table lost something. */
const afterwards: Readonly<Record<string, (data: string) => string>> = {
  people: (data) =>
    `Whoever is no longer on the list of people cannot come in, by no link and with no browser. Invite them anew: clausula invite --role chair --name NAME --data ${data}, then clausula invite --role secretary --name NAME --data ${data}; the secretariat invites all others in the room.`,
  invitations: (data) => `Links that are lost let nobody in. Make others in the room, or with clausula invite --data ${data}`,
  sources: (data) => `Set the roster of delegations again in the room, or with clausula roster FILE.csv --data ${data}`,
  sittings: (data) => `Set the sitting again in the room, or with clausula sitting --new --data ${data}`,
  settings: () => "Set the institution's template again in the room, where there was one.",
  files: () => "Published files that are lost can be published anew of their versions; set the institution's template again.",
}

/** What the operator does where a draft is gone. */
const goneStep =
  "Where a draft is gone, the secretariat can begin it anew with the last paper of it that somebody has, or with a file of that paper."

/** What is lost that no sentence names by its table. */
const otherTable = (sentence: string): string[] =>
  /published file/.test(sentence) ? ["files"] : /institution's template/.test(sentence) ? ["settings"] : []

/** Which tables lost something: those that are named by a sentence, or were found missing or hurt. */
function nextSteps(tables: readonly string[], sentences: readonly string[], data: string): string[] {
  const named = sentences.flatMap((sentence) => /\(table (\w+)\)/.exec(sentence)?.[1] ?? otherTable(sentence))
  const lost = new Set([...tables, ...named])
  return Object.keys(afterwards).flatMap((table) => (lost.has(table) ? [afterwards[table]!(data)] : []))
}

/** Accepts the loss of one draft, or of all that is damaged, tables that are missing too; beside a running server too. */
export async function acceptLosses(directory: string, only: string | null, at: string): Promise<AcceptedLosses> {
  demandMeeting(directory)
  const missing = only === null ? missingIn(directory) : []
  // Where the whole database is lost that is what is accepted.
  const known = only === null ? {} : expected(directory)
  const store = openInlineStore(directory, { ...known, isBeside: true, acceptsLoss: only === null, makesAnew: true })
  try {
    const [hurt, anew] = [await store.tablesHurt(), [...(await store.setAside()), ...(await store.madeAnew()).slice(0, 1)]]
    const known = await store.draftIds()
    if (only !== null && !known.includes(only)) throw new DomainError("bad-input", `There is no draft ${only} in ${directory}.`)
    const losses: Loss[] = []
    for (const id of only === null ? known : [only]) {
      const examined = await store.examine(id)
      const proof = examined && (await provenByReplay(store, examined))
      const loss = await store.acceptLoss(id, at, proof)
      if (loss) losses.push(loss)
    }
    const others = await acceptOthers(store, only, at)
    if (losses.length + missing.length + anew.length + others.length === 0)
      throw new DomainError(
        "bad-input",
        only === null ? "No draft is damaged: there is no loss to accept." : `The draft ${only} is whole: there is no loss to accept.`,
      )
    const hasPeople = (await store.people()).length > 0
    const ofGone = losses.some(({ isGone }) => isGone) ? [goneStep] : []
    const next = nextSteps([...missing, ...hurt, ...(hasPeople ? [] : ["people"])], others, directory)
    return { losses, tables: missing, hurt, anew, others, next: [...next, ...ofGone] }
  } finally {
    await store.close()
  }
}

/** Accepts what else is lost: files that were published, and, where all is accepted, people and what is about them. */
async function acceptOthers(store: Store, only: string | null, at: string): Promise<readonly string[]> {
  const known = await store.acceptedProblems()
  const ofDrafts: string[] = []
  const thrownAway: string[] = []
  for (const id of only === null ? await store.draftIds() : [only]) {
    const proof = await store.examine(id)
    if (!proof) continue
    const snapshot = await store.snapshotProblem(id)
    if (snapshot) {
      await store.dropSnapshot(id)
      thrownAway.push(`${aboutDraft(id, snapshot)} It was thrown away: the log has all that it had.`)
    }
    const record = await store.recordProblem(id)
    ofDrafts.push(...[...(record ? [record] : []), ...(await publishedFindings(store, proof))].map((finding) => aboutDraft(id, finding)))
  }
  const template = only === null ? await templateFinding(store) : null
  const ofMeeting = only === null ? [...(await store.peopleProblems()), ...(template === null ? [] : [template])] : []
  const found = [...ofMeeting, ...ofDrafts].filter((sentence) => !known.has(sentence))
  if (found.length > 0) await store.acceptProblems(found, at)
  return [...found, ...thrownAway]
}

/** What a clean answer says, and what it does not. */
const proves = [
  "Proven is of each draft: its log, its record of decisions, its title and text in force, its snapshot and its published files, and that nothing of them is missing; and the file of the institution's template.",
  "Not proven are people, roster, links, sittings, client ids and settings, with them sign-ins and which template is set, for no chain covers them: only that what is there can be read, not that nothing of it was altered, added, taken out or emptied. Whoever can write to the database and to heads alike can make all of it anew; then what a published paper bears (--head) tells.",
]

/** Findings for a person, a draft a line. */
export const verifiedText = ({ drafts, findings, accepted }: Verified): string =>
  [
    ...drafts.flatMap(({ draft, title, entries, decisions, findings: found }) => [
      `${draft}  ${title}: ${entries === 1 ? "1 entry" : `${entries} entries`}, ${decisions} in the record of decisions${found.length === 0 ? ", whole" : ""}`,
      ...found.map((finding) => `  ${finding}`),
    ]),
    ...findings,
    ...accepted,
    ...proves,
    "",
  ].join("\n")
