import { z } from "zod"
import { may } from "../../shared/policy/policy.ts"
import { sourcePattern } from "../../shared/schema/keys.ts"
import type { Acts } from "../acts/acts.ts"
import type { Already } from "../comparison/already-there.ts"
import { brought, demandMayState } from "../comparison/brought.ts"
import type { LeftOut } from "../comparison/placing.ts"
import { withDecided } from "../drafts/decided-since.ts"
import type { Drafts } from "../drafts/drafts.ts"
import { authorsOf, type FileAuthor, type SourceOfAuthor, sourcesSaid, withSources } from "../files/authors.ts"
import { withBrackets } from "../files/brackets.ts"
import type { Meeting } from "../people/meeting.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { Desk } from "../workers/desk.ts"
import { namesOf, textMeant } from "../workers/file-work.ts"
import type { Reviewer } from "../workers/review.ts"
import { type AnyCall, answered, type Call, type Handlers, openedFor, whileThere } from "./handler.ts"

interface FileParts {
  readonly drafts: Drafts
  readonly meeting: Meeting
  readonly acts: Acts
  readonly desk: Desk
}

/** What a request about a file says. */
interface SentFile {
  readonly bytes: Uint8Array
  readonly name: string
  readonly text: string | null
  readonly isPreview: boolean
  /** Whose its authors' changes are. */
  readonly stated: SourceOfAuthor
  /** Delegations that come on the roster with it. */
  readonly welcomed: readonly string[]
}

function sentFile({ body, query }: Call<"importDraft" | "importChanges">): SentFile {
  const { preview, text = null, name = "The file", authors, roster } = query
  return {
    ...{ bytes: body, name, text, isPreview: preview !== undefined },
    ...{ stated: sourcesStated(authors), welcomed: roster ? roster.split(",") : [] },
  }
}

/** The table author -> source that came with a file. */
function sourcesStated(json: string | undefined): SourceOfAuthor {
  if (json === undefined) return {}
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw new DomainError("bad-input", 'The table of authors is not JSON: {"Name in the file": "CODE"}.', {}, { cause: error })
  }
  const read = authorTable.safeParse(value)
  if (!read.success)
    throw new DomainError(
      "bad-input",
      "The table of authors gives each name a source: one to sixteen capitals, digits or hyphens, or nothing.",
    )
  return read.data
}

const asWarning = ({ what, why }: LeftOut): { code: string; message: string } => ({ code: "left-out", message: `${what}: ${why}` })

const authorTable = z.record(z.string(), z.string().regex(sourcePattern).or(z.literal("")))

/** An object that is JSON already, with one more member. */
const withMember = (json: Uint8Array, name: string, value: unknown): Buffer =>
  Buffer.concat([json.subarray(0, -1), Buffer.from(`,${JSON.stringify(name)}:${JSON.stringify(value)}}`)])

const told = ({ what, change, status }: Already): Pick<Already, "what" | "change" | "status"> => ({ what, change, status })

/** Files in: a new draft, changes onto a draft. */
export function fileHandlers({ drafts, meeting, acts, desk }: FileParts): Handlers<"importDraft" | "importChanges"> {
  const { people, fileAuthors } = meeting
  /** Whom the names in a file may mean for who brings it: a source that it may write for, and for the secretariat what it stated before. */
  const namesFor = async (person: Person): Promise<Pick<Reviewer, "person" | "sources" | "roster" | "earlier">> => ({
    person,
    roster: people.sources(),
    sources: people.sources().filter(({ code }) => person.hats.includes(code)),
    earlier: person.role === "secretary" ? await fileAuthors.known() : new Map(),
  })
  const remember = async ({ role }: Person, authors: readonly FileAuthor[], stated: SourceOfAuthor): Promise<void> => {
    if (role !== "secretary") return
    await fileAuthors.remember(
      authors.map(({ name }) => name),
      stated,
    )
  }
  const rosterWith = (welcomed: readonly string[]): string[] => [...people.sources().map(({ code }) => code), ...welcomed]
  /** Who brings the file, as its rights are once it was read: that may have taken a while. */
  const present = ({ person: { id } }: AnyCall): Person => {
    const why = people.whyNot(id)
    if (why !== null) throw new DomainError("not-signed-in", why)
    return people.person(id)
  }
  return {
    importDraft: async (call) => {
      const ruling = may("importDraft", { role: call.person.role, hat: null }, { stage: "drafting", secretaryOperates: true })
      if (!ruling.isAllowed) throw new DomainError("not-allowed", ruling.sentence)
      const { title } = call.query
      const { bytes, name, text, isPreview, stated, welcomed } = sentFile(call)
      const found = await whileThere(call, (asker) => desk.read({ bytes, name }, asker))
      const read = textMeant(found, name, text, isPreview)
      const texts = namesOf(found)
      const person = present(call)
      demandMayState(person, stated, rosterWith(welcomed))
      const { sources, earlier } = await namesFor(person)
      const authors = authorsOf(read, sources, earlier)
      const said = sourcesSaid(read, people.sources())
      const {
        draft: own,
        left,
        fresh,
      } = brought(withSources(read, stated), person, new Set(people.sources().map(({ code }) => code)), welcomed)
      const understood = withBrackets({ ...own, warnings: [...own.warnings, ...left.map(asWarning)] })
      if (isPreview) {
        call.response.status(200).json({ id: null, understood, authors, said, texts })
        return answered
      }
      const coming = fresh.map((code) => ({ code, name: code }))
      people.demandNew(coming)
      const id = await drafts.create(understood, { title, enteredBy: call.person.id, sources: coming })
      people.cameOn(coming)
      await remember(person, authors, stated)
      return { id, understood, authors, said, texts }
    },
    importChanges: async (call) => {
      const draft = await openedFor(call, drafts)
      const { compare, confirmed } = call.query
      const { stated, welcomed, ...file } = sentFile(call)
      const options = { isCompared: compare !== undefined, confirmed: confirmed ? confirmed.split(",") : [] }
      const gather = () => ({ ...file, ...options, ...drafts.whole.beside(draft) })
      if (file.isPreview) {
        const { json, differences } = await whileThere(call, (asker) =>
          desk.review(async () => ({ ...gather(), reviewer: { stated, welcomed, ...(await namesFor(present(call))) } }), asker),
        )
        demandMayState(present(call), stated, rosterWith(welcomed))
        const answer = withMember(json, "differences", await withDecided(differences, () => drafts.history.record(draft)))
        call.response.status(200).type("json").end(answer)
        return answered
      }
      const { differences, ...beside } = await whileThere(call, (asker) => desk.readBeside(async () => gather(), asker))
      const person = present(call)
      demandMayState(person, stated, rosterWith(welcomed))
      const { texts, offered, match } = beside
      const { sources, earlier } = await namesFor(person)
      const authors = authorsOf(beside.draft, sources, earlier)
      const said = sourcesSaid(beside.draft, people.sources())
      const { changes, comments, replies, left, already, relabelled } = await acts.importChanges(person, draft, {
        draft: withBrackets(withSources(beside.draft, stated)),
        homes: beside.homes,
        name: file.name,
        welcomed,
      })
      await remember(person, authors, stated)
      return {
        placed: changes.length,
        ...{ changes, comments, replies, left, already: already.map(told), relabelled: [...relabelled], understood: null },
        ...{ authors, said, texts: [...texts], offered: [...offered], match },
        differences: await withDecided(differences, () => drafts.history.record(draft)),
      }
    },
  }
}
