import { z } from "zod"
import type { RouteName } from "../../shared/api/contract.ts"
import { may } from "../../shared/policy/policy.ts"
import { notStated, sourcePattern } from "../../shared/schema/keys.ts"
import type { Acts } from "../acts/acts.ts"
import type { Already } from "../acts/already.ts"
import { brought, demandMayState } from "../acts/brought.ts"
import type { Drafts } from "../drafts.ts"
import { authorsOf, type FileAuthor, type SourceOfAuthor, withSources } from "../exchange/authors.ts"
import { withBrackets } from "../exchange/brackets.ts"
import type { Desk } from "../exchange/desk.ts"
import { namesOf, textMeant } from "../exchange/file-work.ts"
import type { ImportedDraft } from "../exchange/imported.ts"
import type { LeftOut } from "../exchange/placing.ts"
import { pauses } from "../pauses.ts"
import type { Meeting } from "../people/meeting.ts"
import { DomainError } from "../problems.ts"
import type { Person } from "../rooms/session.ts"
import { type Call, type Handler, whileThere } from "./handler.ts"

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
}

function sentFile({ body, query }: Call): SentFile {
  const { preview, text = null, name = "The file", authors } = query as { preview?: string; text?: string; name?: string; authors?: string }
  const bytes = new Uint8Array(Buffer.isBuffer(body) ? body : Buffer.alloc(0))
  return { bytes, name, text, isPreview: preview !== undefined, stated: sourcesStated(authors) }
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

/** A file of which something is on the draft already was made for it, however much was decided since. */
const ofThis = <Match extends { readonly isOther: boolean }>(match: Match, already: readonly Already[]): Match =>
  already.length > 0 ? { ...match, isOther: false } : match

const told = ({ what, change, status }: Already): Pick<Already, "what" | "change" | "status"> => ({ what, change, status })

/** Files in: a new draft, changes onto a draft. */
export function fileHandlers({
  drafts,
  meeting,
  acts,
  desk,
}: FileParts): Pick<Record<RouteName, Handler>, "importDraft" | "importChanges"> {
  const { people, fileAuthors } = meeting
  /** Who is named in a file, with what is proposed to who brings it: a source that it may write for, and for the secretariat what it stated before. */
  const authorsFor = async ({ role, hats }: Person, draft: ImportedDraft): Promise<FileAuthor[]> => {
    const mine = people.sources().filter(({ code }) => hats.includes(code))
    return authorsOf(draft, mine, role === "secretary" ? await fileAuthors.known() : new Map())
  }
  const remember = async ({ role }: Person, authors: readonly FileAuthor[], stated: SourceOfAuthor): Promise<void> => {
    if (role !== "secretary") return
    await fileAuthors.remember(
      authors.map(({ name }) => name),
      stated,
    )
  }
  /** Who brings the file, as its rights are once it was read: that may have taken a while. */
  const present = ({ person: { id } }: Call): Person => {
    const person = people.person(id)
    if (person.isRevoked) throw new DomainError("not-signed-in", "Your access to this meeting was withdrawn. Ask the secretariat.")
    return person
  }
  return {
    importDraft: async (call) => {
      const ruling = may("importDraft", { role: call.person.role, hat: null }, { stage: "drafting", secretaryOperates: true })
      if (!ruling.isAllowed) throw new DomainError("not-allowed", ruling.sentence)
      const { title } = call.query as { title?: string }
      const { bytes, name, text, isPreview, stated } = sentFile(call)
      const found = await whileThere(call, (asker) => desk.read({ bytes, name }, asker))
      const read = textMeant(found, name, text, isPreview)
      const texts = namesOf(found)
      const person = present(call)
      demandMayState(person, stated)
      const authors = await authorsFor(person, read)
      const { draft: own, left, fresh } = brought(withSources(read, stated), person, new Set(people.sources().map(({ code }) => code)))
      const understood = withBrackets({ ...own, warnings: [...own.warnings, ...left.map(asWarning)] })
      if (isPreview) {
        call.response.status(200).json({ id: null, understood, authors, texts })
        return undefined
      }
      for (const code of fresh) await people.addSource({ code, name: code })
      const id = await drafts.create(understood, { title, enteredBy: call.person.id })
      await remember(person, authors, stated)
      return { id, understood, authors, texts }
    },
    importChanges: async (call) => {
      const draft = await drafts.open(call.draft)
      const { compare, confirmed } = call.query as { compare?: string; confirmed?: string }
      const { stated, ...file } = sentFile(call)
      const options = { isCompared: compare !== undefined, confirmed: confirmed ? confirmed.split(",") : [] }
      const gather = async () => ({ ...file, ...options, working: await drafts.working(draft) })
      const beside = await whileThere(call, (asker) => desk.readBeside(gather, asker))
      const pause = pauses()
      const understood = withBrackets(withSources(beside.draft, stated))
      const person = present(call)
      demandMayState(person, stated)
      await pause()
      const said = { authors: await authorsFor(person, beside.draft), texts: [...beside.texts], ...(await drafts.told(draft, beside)) }
      await pause()
      if (file.isPreview) {
        const suggested = new Map(said.authors.map(({ name, suggested }) => [name, suggested]))
        const hat = call.person.role === "delegate" ? (call.person.hats[0] ?? null) : null
        const brings = { draft: understood, homes: beside.homes, name: file.name }
        // What nobody states is put on the draft as not stated: what a delegation has proposed alike is another proposal then.
        const suggestion = (author: string | null): string =>
          hat ?? ((Object.hasOwn(stated, author ?? "") ? stated[author ?? ""] : suggested.get(author ?? "")) || notStated)
        const { already, ...remarks } = await acts.alreadyIn(draft, brings, suggestion, person)
        const known = new Set(already.map(({ what }) => what))
        const relabelled = await acts.relabelledBy(draft, brings, already)
        const left = beside.left.filter(({ what }) => !known.has(what))
        await pause()
        call.response.status(200).json({
          changes: [],
          ...remarks,
          left,
          already: already.map(told),
          relabelled,
          understood,
          ...said,
          match: ofThis(said.match, already),
        })
        return undefined
      }
      const { changes, comments, replies, left, already, relabelled } = await acts.importChanges(person, draft, {
        draft: understood,
        homes: beside.homes,
        name: file.name,
      })
      await remember(person, said.authors, stated)
      return { changes, comments, replies, left, already: already.map(told), relabelled: [...relabelled], understood: null, ...said }
    },
  }
}
