import type { Express } from "express"
import { paperParts } from "../../shared/api/papers.ts"
import { may } from "../../shared/policy/policy.ts"
import { beginningOf } from "../../shared/schema/letters.ts"
import { fileName, type Papers } from "../acts/papers.ts"
import type { Drafts } from "../drafts/drafts.ts"
import type { OpenDraft } from "../drafts/open-draft.ts"
import { extensionOf, type Format, mimeOf } from "../papers/formats.ts"
import type { PaperView } from "../papers/printable.ts"
import type { People } from "../people/people.ts"
import { DomainError } from "../problems.ts"
import type { Admission } from "./admission.ts"
import { type Answered, type AnyCall, answered, type Handlers, openedFor, whileThere } from "./handler.ts"
import { sendProblem } from "./problems.ts"

interface PaperParts {
  readonly drafts: Drafts
  readonly people: People
  readonly papers: Papers
}

type PaperRoute =
  | "exportDraft"
  | "versions"
  | "publish"
  | "publishedFile"
  | "compareVersions"
  | "template"
  | "setTemplate"
  | "removeTemplate"

function send({ response }: AnyCall, name: string, format: Format, bytes: Uint8Array): Answered {
  response.setHeader(
    "Content-Disposition",
    `attachment; filename="draft.${extensionOf(format)}"; filename*=UTF-8''${encodeURIComponent(name)}`,
  )
  response.type(mimeOf[format]).send(Buffer.from(bytes))
  return answered
}

/** What tells a comparison from another: the two that are compared. */
function comparedParts({ room }: OpenDraft, from: number, to: number | null): string[] {
  const named = (version: number | null): string => room.committedMeta.versions.find(({ n }) => n === version)?.name ?? "now"
  return ["compared", beginningOf(named(from), 40), "with", beginningOf(named(to), 40)]
}

const versionIn = ({ params }: { readonly params: { readonly version: string } }): number => {
  const n = Number(params.version)
  if (!Number.isInteger(n) || n < 1) throw new DomainError("not-found", "A version is named by its number, counted from 1.")
  return n
}

/** Drafts as files: now, as a named version, published and kept; and the institution's template. */
export function paperHandlers({ drafts, people, papers }: PaperParts): Handlers<PaperRoute> {
  const demandTemplate = (call: AnyCall): void => {
    const ruling = may("setTemplate", { role: call.person.role, hat: null }, { stage: "drafting", secretaryOperates: true })
    if (!ruling.isAllowed) throw new DomainError("not-allowed", ruling.sentence)
  }
  return {
    exportDraft: async (call) => {
      const draft = await openedFor(call, drafts)
      const { format, view, marks, comments, version = null, template } = call.query
      const options = { format, view, marks, hasComments: comments === "true", inTemplate: template === "true" }
      const bytes = await whileThere(call, (asker) => papers.written(draft, version, options, asker))
      const named = draft.room.committedMeta.versions.find(({ n }) => n === version)
      const parts = [...(named ? [beginningOf(named.name, 60)] : []), ...paperParts({ view, marks, comments: options.hasComments })]
      return send(call, fileName(draft.record.title, format, parts), format, bytes)
    },
    versions: async (call) => papers.versions(await openedFor(call, drafts), (person) => people.nameOf(person)),
    publish: async (call) => {
      const draft = await openedFor(call, drafts)
      const { format, view, marks, comments, template } = call.body
      const options = { format, view, marks, hasComments: comments, inTemplate: template }
      return whileThere(call, (asker) => papers.publish(call.person, draft, versionIn(call), options, asker))
    },
    publishedFile: async (call) => {
      const draft = await openedFor(call, drafts)
      const { file, bytes } = await papers.published(draft, versionIn(call), call.params.hash)
      return send(call, file.name, file.format, bytes)
    },
    compareVersions: async (call) => {
      const draft = await openedFor(call, drafts)
      const { with: to = null, text, format } = call.query
      const bytes = await whileThere(call, (asker) => papers.compared(draft, versionIn(call), to, { text, format }, asker))
      return send(call, fileName(beginningOf(draft.record.title, 40), format, comparedParts(draft, versionIn(call), to)), format, bytes)
    },
    template: async () => ({ name: (await papers.template())?.name ?? null }),
    setTemplate: async (call) => {
      demandTemplate(call)
      const { name } = call.query
      await whileThere(call, (asker) => papers.setTemplate(name, call.body, asker))
      return { name }
    },
    removeTemplate: async (call) => {
      demandTemplate(call)
      await papers.removeTemplate()
    },
  }
}

const freshForMs = 2_000

interface PublicParts extends Pick<PaperParts, "drafts" | "papers"> {
  readonly admission: Admission
}

/**
 * The page that everybody may read without signing in, where the secretariat has opened it: the text as it is now, without comments. It runs no script
 * and loads nothing. However many read it, it is written once for each state of the draft and of who meets, and not more often than every two seconds while people type.
 */
export function mountPublicPage(app: Express, { drafts, papers, admission }: PublicParts): void {
  const pages = new Map<
    string,
    { readonly view: PaperView; readonly state: string; readonly at: number; readonly page: Promise<Uint8Array> }
  >()
  app.get("/public/:draft", admission.visitor, async (request, response) => {
    const none = (): void => sendProblem(response, "not-found", "There is no public page under this address, or no longer.")
    const draft = await drafts.open(String(request.params.draft)).catch((error: unknown) => {
      if (error instanceof DomainError && error.kind === "not-found") return null
      throw error
    })
    const view = draft?.room.committedMeta.publicView ?? null
    // Whether it was open stands in what is lost, maybe.
    if (draft && view === null && draft.proof.damage !== null)
      return sendProblem(response, "store-failed", "No page can be shown under this address: what is kept of the draft is damaged.")
    if (!draft || view === null) return none()
    const { id } = draft.record
    const state = `${draft.room.seq} ${drafts.whole.aboutNow()}`
    const now = performance.now()
    let known = pages.get(id)
    if (!known || known.view !== view || (known.state !== state && now - known.at > freshForMs)) {
      const page = papers.written(draft, null, { format: "html", view, marks: "delegation", hasComments: false, inTemplate: false })
      known = { view, state, at: now, page }
      pages.set(id, known)
      page.catch(() => pages.delete(id))
    }
    const bytes = await known.page
    // One that is kept ready is given out like any other paper.
    await drafts.demandProven(draft)
    // Closed, or shown in another view, while it was written.
    if (draft.room.committedMeta.publicView !== view) return none()
    response.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    response.setHeader("Cache-Control", "no-cache")
    response.type(mimeOf.html).send(Buffer.from(bytes))
  })
}
