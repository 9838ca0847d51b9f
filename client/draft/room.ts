import { type Signal, signal } from "@preact/signals"
import type * as Y from "yjs"
import type { Answer, DraftSummary } from "../../shared/api/contract.ts"
import { type ForestalledBy, noneForestalled } from "../../shared/changes/forestalled.ts"
import { noTies, type Ties } from "../../shared/changes/links.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import type { Thread } from "../../shared/comments/thread.ts"
import type { StructuralProposal } from "../../shared/schema/block.ts"
import { structureOf, structureRoot } from "../../shared/sync/read.ts"
import { type DraftMeta, forestalledIn, metaOfDoc, roots, threadsOf, tiesIn } from "../../shared/sync/roots.ts"
import { call } from "../meeting/api.ts"

const emptyMeta: DraftMeta = {
  stage: "drafting",
  profile: "itu",
  secretaryOperates: true,
  labels: {},
  renumbered: {},
  publicView: null,
  versions: [],
}

/**
 * The room of the draft, as this page knows it: what it holds beside the words, one signal for each root of the document, and what the routes tell of it:
 * whether it is damaged, and the text in force.
 */
export class RoomHere {
  readonly summary: DraftSummary
  readonly meta: Signal<DraftMeta> = signal(emptyMeta)
  readonly threads: Signal<readonly Thread[]> = signal([])
  readonly proposals: Signal<readonly (readonly [string, ProposalEntry])[]> = signal([])
  readonly forestalled: Signal<ForestalledBy> = signal(noneForestalled)
  readonly structure: Signal<readonly StructuralProposal[]> = signal([])
  /** Which changes are decided by one verdict. */
  readonly ties: Signal<Ties> = signal(noTies)
  /** What is damaged in it; null: it is whole. What is left of it is read, and nobody writes. */
  readonly damage: Signal<DraftSummary["damage"]>
  /** The last loss that the operator accepted. */
  readonly loss: Signal<DraftSummary["loss"]>
  readonly force: Signal<Answer<"force"> | null> = signal(null)

  constructor(summary: DraftSummary) {
    this.summary = summary
    this.damage = signal(summary.damage)
    this.loss = signal(summary.loss)
  }

  /** Follows the document of a session from its first letter on. `onMeta`: after each change of its settings, with the stage before. */
  follow(doc: Y.Doc, onMeta: (before: DraftMeta["stage"]) => void): void {
    const showMeta = (): void => {
      const before = this.meta.peek().stage
      this.meta.value = metaOfDoc(doc)
      onMeta(before)
    }
    roots.meta(doc).observeDeep(showMeta)
    roots.given(doc).observe(showMeta)
    const showThreads = (): void => {
      this.threads.value = threadsOf(doc)
    }
    roots.threads(doc).observe(showThreads)
    roots.replies(doc).observe(showThreads)
    doc.getMap(structureRoot).observe(() => {
      this.structure.value = structureOf(doc)
    })
    roots.links(doc).observe(() => {
      this.ties.value = tiesIn(doc)
    })
    const showForestalled = (): void => {
      this.forestalled.value = forestalledIn(doc)
    }
    roots.forestalled(doc).observe(showForestalled)
    roots.proposals(doc).observe(() => {
      this.proposals.value = [...roots.proposals(doc).entries()]
      showForestalled()
    })
  }

  /** Reads the text in force, unless it was read. Where it does not come now it is asked for again once the line is there. */
  async readForce(): Promise<void> {
    if (this.force.value) return
    const force = await call("force", { params: { draft: this.summary.id } }).catch(() => null)
    if (force) this.force.value = force
  }

  /** Asks the server whether it is damaged. */
  async lookAtDamage(): Promise<void> {
    const summary = await call("draft", { params: { draft: this.summary.id } }).catch(() => null)
    if (!summary) return
    this.damage.value = summary.damage
    this.loss.value = summary.loss
  }
}
