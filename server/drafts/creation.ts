import { randomUUID } from "node:crypto"
import { hashOf } from "../../shared/changes/hash.ts"
import { type Block, textOf } from "../../shared/schema/block.ts"
import type { FileDraft } from "../files/file-draft.ts"
import type { Clock } from "../pace/clock.ts"
import type { Meeting } from "../people/meeting.ts"
import type { DraftRecord, RegisterEntry, SourceRecord, Store } from "../storage/store.ts"
import type { Desk } from "../workers/desk.ts"
import type { Imported } from "./open-draft.ts"

export interface CreationOptions {
  readonly id?: string
  readonly title?: string | undefined
  readonly enteredBy: string
  /** What comes on the roster with it. */
  readonly sources?: readonly SourceRecord[]
}

interface CreationParts {
  readonly store: Store
  readonly desk: Desk
  readonly meeting: Meeting
  readonly clock: Clock
}

/** Creates a draft from what a file holds, and gives its id; its text becomes the sealed text in force. */
export async function createDraft(
  { store, desk, meeting, clock }: CreationParts,
  imported: FileDraft,
  { id = randomUUID(), title, enteredBy, sources = [] }: CreationOptions,
): Promise<string> {
  const at = clock.now().toISOString()
  const { update, force, entered } = await desk.open({ draft: imported, broughtBy: enteredBy })
  const wordsOf = (type: Block["type"]): string =>
    force
      .filter((block) => block.type === type)
      .map(textOf)
      .join(" ")
  const { cover, debris, warnings } = imported
  const record: DraftRecord = {
    id,
    title: title || wordsOf("title") || wordsOf("designation") || "Untitled draft",
    designation: wordsOf("designation"),
    createdAt: at,
    force: JSON.stringify(force),
    forceHash: hashOf(force),
    imported: JSON.stringify({ cover, debris, warnings, entered } satisfies Imported),
  }
  const entry: RegisterEntry = {
    act: "import",
    at,
    decidedBy: enteredBy,
    enteredBy,
    source: "SEC",
    sitting: meeting.sittings.now(),
    details: {
      ...{ blocks: imported.blocks.length, warnings: warnings.length },
      // In the chain of the record of decisions: so it is proven what the draft is called.
      ...{ title: record.title, designation: record.designation, forceHash: record.forceHash },
    },
  }
  const row = { client: 0, person: enteredBy, source: "SEC", kind: "act" as const, at, update }
  await store.createDraft(record, { rows: [row], entries: [entry], sources })
  return id
}
