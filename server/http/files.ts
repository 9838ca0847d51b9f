import type { Express } from "express"
import { z } from "zod"
import type { RouteName } from "../../shared/api/contract.ts"
import { may } from "../../shared/policy/policy.ts"
import { sourcePattern } from "../../shared/schema/keys.ts"
import type { Acts } from "../acts/acts.ts"
import type { Drafts } from "../drafts.ts"
import { authorsOf, type SourceOfAuthor, withSources } from "../exchange/authors.ts"
import { chosenOffers, confirmed } from "../exchange/compared.ts"
import { extensionOf, type Format, mimeOf, publish } from "../exchange/formats.ts"
import type { ImportedDraft } from "../exchange/imported.ts"
import type { View } from "../exchange/publishable.ts"
import { chosenText } from "../exchange/read-file.ts"
import type { FileReader } from "../exchange/reading.ts"
import type { Marks } from "../exchange/sheet.ts"
import type { People } from "../people/people.ts"
import { DomainError } from "../problems.ts"
import type { Sitting } from "../storage/store.ts"
import type { Call, Handler } from "./handler.ts"
import { sendProblem } from "./problems.ts"

interface FileParts {
  readonly drafts: Drafts
  readonly people: People
  readonly acts: Acts
  readonly sitting: Sitting
  readonly readFile: FileReader
}

interface SentFile {
  readonly read: ImportedDraft
  /** Whose its authors' changes are. */
  readonly stated: SourceOfAuthor
  readonly texts: { designation: string; title: string }[]
  readonly isPreview: boolean
  readonly name: string
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

const authorTable = z.record(z.string(), z.string().regex(sourcePattern).or(z.literal("")))

/** Files in and out: a new draft, changes onto a draft, a draft as a paper. */
export function fileHandlers({
  drafts,
  people,
  acts,
  sitting,
  readFile,
}: FileParts): Pick<Record<RouteName, Handler>, "importDraft" | "importChanges" | "exportDraft"> {
  /** Reads the file that somebody sent, away from everybody else; ends where the sender goes away. */
  const readSent = async (call: Call): Promise<SentFile> => {
    const {
      preview,
      text,
      name = "The file",
      authors: stated,
    } = call.query as { preview?: string; text?: string; name?: string; authors?: string }
    const bytes = Buffer.isBuffer(call.body) ? call.body : Buffer.alloc(0)
    const gone = new AbortController()
    const onClose = (): void => gone.abort()
    call.response.on("close", onClose)
    const texts = await readFile(new Uint8Array(bytes), name, gone.signal)
    call.response.off("close", onClose)
    const chosen = preview && texts.length > 1 && text === undefined ? texts[0]!.draft : chosenText(texts, name, text ?? null)
    return {
      read: chosen,
      stated: sourcesStated(stated),
      texts: texts.map(({ designation, title }) => ({ designation, title })),
      isPreview: preview !== undefined,
      name,
    }
  }
  return {
    importDraft: async (call) => {
      const ruling = may("importDraft", { role: call.person.role, hat: null }, { stage: "drafting", secretaryOperates: true })
      if (!ruling.isAllowed) throw new DomainError("not-allowed", ruling.sentence)
      const { title } = call.query as { title?: string }
      const { read, stated, texts, isPreview } = await readSent(call)
      const understood = withSources(read, stated)
      const authors = authorsOf(read, people.sources())
      if (isPreview) {
        call.response.status(200).json({ id: null, understood, authors, texts })
        return undefined
      }
      const chair = people.everyone().find((person) => person.role === "chair")
      const id = await drafts.create(understood, {
        title,
        sitting,
        enteredBy: call.person.id,
        decidedBy: chair?.id ?? call.person.id,
      })
      return { id, understood, authors, texts }
    },
    importChanges: async (call) => {
      const { person } = call
      const draft = await drafts.open(call.draft)
      const { compare, confirmed: deletions } = call.query as { compare?: string; confirmed?: string }
      const { read, stated, texts, isPreview, name } = await readSent(call)
      const isCompared = compare !== undefined && read.changes.length === 0
      const compared = isCompared ? await drafts.comparedWith(draft, read) : read
      const changed = confirmed(compared, chosenOffers(compared, deletions ? deletions.split(",") : []))
      const understood = withSources(changed, stated)
      const said = {
        authors: authorsOf(changed, people.sources()),
        texts,
        differences: isCompared ? [] : drafts.differencesFrom(draft, read),
        offered: drafts.offersOf(draft, compared),
      }
      if (isPreview) {
        call.response.status(200).json({ changes: [], comments: 0, left: [], understood, ...said })
        return undefined
      }
      const { changes, comments, left } = await acts.importChanges(person, draft, understood, name)
      return { changes, comments, left, understood: null, ...said }
    },
    exportDraft: async ({ query, response, draft: id }) => {
      const draft = await drafts.open(id)
      const { format, view, marks, comments } = query as { format: Format; view: View; marks: Marks; comments: string }
      const publishable = await drafts.publishable(draft)
      const name = `${draft.record.title.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60) || "draft"}.${extensionOf(format)}`
      response.setHeader(
        "Content-Disposition",
        `attachment; filename="draft.${extensionOf(format)}"; filename*=UTF-8''${encodeURIComponent(name)}`,
      )
      const bytes = await publish(publishable, { format, view, marks, hasComments: comments === "true", template: null })
      response.type(mimeOf[format]).send(Buffer.from(bytes))
    },
  }
}

/**
 * The page that everybody may read without signing in, where the secretariat has opened it: the text as it is now, without comments. It runs no script
 * and loads nothing.
 */
export function mountPublicPage(app: Express, { drafts }: Pick<FileParts, "drafts">): void {
  app.get("/public/:draft", async (request, response) => {
    const draft = await drafts.open(String(request.params.draft)).catch(() => null)
    const view = draft?.room.committedMeta.publicView ?? null
    if (!draft || view === null) return sendProblem(response, "not-found", "There is no public page under this address, or no longer.")
    const bytes = await publish(await drafts.publishable(draft), {
      format: "html",
      view,
      marks: "delegation",
      hasComments: false,
      template: null,
    })
    response.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    response.setHeader("Cache-Control", "no-cache")
    response.type(mimeOf.html).send(Buffer.from(bytes))
  })
}
