import { createHash } from "node:crypto"
import type { Logger } from "pino"
import { detailsOf } from "../decisions/recorded.ts"
import { DomainError } from "../problems.ts"
import type { Proof, Store, StoredEntry } from "../storage/store.ts"

export const hashOfBytes = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** The institution's template, as the settings name it. */
export interface Template {
  readonly name: string
  /** SHA-256 of the file. */
  readonly hash: string
}

/** A file that a record of decisions names. */
interface NamedFile {
  readonly name: string
  readonly hash: string
}

const publishedIn = (entries: readonly StoredEntry[]): NamedFile[] => entries.flatMap((entry) => detailsOf(entry, "publish")?.file ?? [])

/** A finding as it is accepted, and told: of one draft alone. */
export const aboutDraft = (draft: string, finding: string): string => `${draft}: ${finding}`

const publishedSentence = (name: string, what: string): string => `The published file ${name} ${what}.`

/** What is wrong with a file that is kept under its hash, in words; null: it is what was kept. */
async function fileProblem(store: Store, hash: string): Promise<"is missing" | "was altered" | null> {
  const bytes = await store.file(hash)
  if (!bytes) return "is missing"
  return hashOfBytes(bytes) === hash ? null : "was altered"
}

/** Which files that were published of a draft are not what was published, in sentences. */
export async function publishedFindings(store: Store, { draft, seq }: Pick<Proof, "draft" | "seq">): Promise<string[]> {
  const findings: string[] = []
  for (const { name, hash } of publishedIn(await store.register(draft, seq))) {
    const problem = await fileProblem(store, hash)
    if (problem !== null) findings.push(publishedSentence(name, problem))
  }
  return findings
}

/** The template that the meeting has set; null: none. */
async function templateIn(store: Store): Promise<Template | "unreadable" | null> {
  const stored = await store.setting("template")
  if (stored === null) return null
  try {
    const { name, hash } = JSON.parse(stored) as Partial<Template>
    return typeof name === "string" && typeof hash === "string" ? { name, hash } : "unreadable"
  } catch {
    return "unreadable"
  }
}

const templateSentence = ({ name, hash }: Template, what: string): string =>
  `The institution's template ${name} (SHA-256 ${hash.slice(0, 12)}) ${what}.`
const templateUnreadable = "What is stored about the institution's template cannot be read."

/** What is wrong with the institution's template, in a sentence; null: nothing, or there is none. */
export async function templateFinding(store: Store): Promise<string | null> {
  const template = await templateIn(store)
  if (template === null) return null
  if (template === "unreadable") return templateUnreadable
  const problem = await fileProblem(store, template.hash)
  return problem && templateSentence(template, problem)
}

interface KeptFilesParts {
  readonly store: Store
  readonly log: Logger
  /** Hears how many files are known to be damaged. */
  readonly onCount: (count: number) => void
}

const publishedRemedy = "Ask the operator for a backup; the secretariat can publish the version anew."
const templateRemedy =
  "No paper is written as if there were none: the secretariat sets the template again, or removes it; or take the paper without the template."

/** Files that are kept under the hash of what is in them, each proven whenever it is used; what is found damaged is told (DAM8). */
export class KeptFiles {
  readonly #store: Store
  readonly #parts: KeptFilesParts
  /** What is known to be damaged: the hash of a file, or "template", with its sentence. */
  readonly #found = new Map<string, string>()

  constructor(parts: KeptFilesParts) {
    this.#store = parts.store
    this.#parts = parts
  }

  /** What everybody is told, in sentences. */
  get notes(): readonly string[] {
    const published = [...this.#found.keys()].filter((key) => key !== templateKey).length
    return [
      ...(published > 0 ? [`${published === 1 ? "A published file is" : `${published} published files are`} missing or altered.`] : []),
      ...(this.#found.has(templateKey) ? ["The institution's template is missing or altered."] : []),
    ]
  }

  /** A published file. Throws where it is not what was published. */
  async published({ name, hash }: NamedFile, draft: string): Promise<Uint8Array> {
    const { bytes, problem } = await this.#read(hash)
    this.#tell(hash, problem && publishedSentence(name, problem), draft)
    if (bytes && problem === null) return bytes
    throw new DomainError("store-failed", `${publishedSentence(name, problem ?? "is missing")} ${publishedRemedy}`)
  }

  /** The institution's template with its file; null: none is set. Throws where it is not what was set. */
  async template(): Promise<{ readonly name: string; readonly bytes: Uint8Array } | null> {
    const template = await templateIn(this.#store)
    const { bytes, problem } = template === null || template === "unreadable" ? nothing : await this.#read(template.hash)
    const finding = template === "unreadable" ? templateUnreadable : template && problem && templateSentence(template, problem)
    this.#tell(templateKey, finding)
    if (finding) throw new DomainError("store-failed", `${finding} ${templateRemedy}`)
    return template && template !== "unreadable" && bytes ? { name: template.name, bytes } : null
  }

  async setTemplate(name: string, bytes: Uint8Array): Promise<void> {
    const template: Template = { name, hash: hashOfBytes(bytes) }
    await this.#store.saveFile(template.hash, bytes)
    await this.#store.saveSetting("template", JSON.stringify(template))
    this.#tell(templateKey, null)
  }

  async removeTemplate(): Promise<void> {
    await this.#store.saveSetting("template", null)
    this.#tell(templateKey, null)
  }

  /** Proves all of them, one after the other, so that the operator hears of damage before anybody comes upon it; not what was accepted as lost. */
  async lookThrough(): Promise<void> {
    const accepted = await this.#store.acceptedProblems()
    const template = await templateFinding(this.#store)
    if (template && !accepted.has(template)) this.#tell(templateKey, template)
    for (const draft of await this.#store.draftIds())
      for (const { name, hash } of publishedIn(await this.#store.register(draft))) {
        const problem = await fileProblem(this.#store, hash)
        const finding = problem && publishedSentence(name, problem)
        if (finding && !accepted.has(aboutDraft(draft, finding))) this.#tell(hash, finding, draft)
      }
  }

  async #read(hash: string): Promise<{ readonly bytes: Uint8Array | null; readonly problem: string | null }> {
    const bytes = await this.#store.file(hash)
    return { bytes, problem: bytes === null ? "is missing" : hashOfBytes(bytes) === hash ? null : "was altered" }
  }

  #tell(key: string, finding: string | null, draft?: string): void {
    if ((this.#found.get(key) ?? null) === finding) return
    if (finding === null) this.#found.delete(key)
    else {
      this.#found.set(key, finding)
      this.#parts.log.error({ ...(draft === undefined ? {} : { draft }), damage: finding }, "file damaged")
    }
    this.#parts.onCount(this.#found.size)
  }
}

const templateKey = "template"
const nothing = { bytes: null, problem: null } as const
