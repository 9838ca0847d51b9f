import { computed, effect, type ReadonlySignal, signal } from "@preact/signals"
import type * as Y from "yjs"
import { type Change, changesIn } from "../../shared/changes/changes.ts"
import { echoesIn } from "../../shared/changes/once.ts"
import { workingTextOf } from "../../shared/changes/projections.ts"
import type { Twins } from "../../shared/changes/twins.ts"
import { addressesOf, labelsOf, type OutlineEntry, outlineOf } from "../../shared/clauses/labels.ts"
import { quoted } from "../../shared/clauses/notes.ts"
import { placesOf, type ThreadPlace } from "../../shared/comments/place-of.ts"
import type { Thread } from "../../shared/comments/thread.ts"
import { type Block, ownerOf, type Run, textOf } from "../../shared/schema/block.ts"
import { schema } from "../../shared/schema/schema.ts"
import { groundOf } from "../../shared/sync/ground.ts"
import { inOrderOfOpening } from "../../shared/sync/read.ts"
import { notedAmong, twinsIn } from "../../shared/sync/roots.ts"
import type { DraftSession } from "../editor/draft-session.ts"
import { structuredBlocks } from "../editor/structure.ts"
import type { Page } from "./page.ts"
import type { RoomHere } from "./room.ts"

export interface TextParts {
  readonly page: Page
  readonly room: RoomHere
  readonly session: () => DraftSession
}

/** The text as everybody writes it: its clauses, the changes in them, their labels, and how one speaks of a place in it. Computed, once a frame at most. */
export class DraftText {
  readonly #parts: TextParts
  readonly #node = signal(schema.topNodeType.create())
  #isPlanned = false
  readonly blocks: ReadonlySignal<readonly Block[]> = computed(() => structuredBlocks(this.#node.value, this.#parts.room.structure.value))
  readonly changes: ReadonlySignal<readonly Change[]> = computed(() => changesIn(this.blocks.value))
  /** Changes that were accepted and wait for the proposal around them. */
  readonly noted: ReadonlySignal<ReadonlySet<string>> = computed(() => notedAmong(this.#parts.room.proposals.value))
  /** Of these, those of which a part is in the text already. */
  readonly inPart: ReadonlySignal<ReadonlySet<string>> = computed(
    () => new Set(this.#parts.room.proposals.value.flatMap(([id, { inPart }]) => (inPart ? [id] : []))),
  )
  /** What says the same as another and is read once, as a list that is the same for the same changes. */
  readonly #echoes = computed(() => [...echoesIn(this.blocks.value, this.changes.value, this.twins())].join("\n"))
  /** The one place of each thread, whatever became of its words (ANCHOR1). */
  readonly places: ReadonlySignal<ReadonlyMap<string, ThreadPlace>> = computed(() => {
    const { room } = this.#parts
    void room.proposals.value
    return placesOf(room.threads.value, groundOf(this.doc, this.blocks.value))
  })
  readonly labels = computed(() => {
    const { profile, labels } = this.#parts.room.meta.value
    return labelsOf(this.blocks.value, profile, labels)
  })
  readonly addresses = computed(() => addressesOf(this.blocks.value, this.labels.value))
  /** How each block was last spoken of, also those that are gone: words that were not sent still say where they stood. */
  readonly #spokenOf = new Map<string, string>()
  /** The designation as the working text has it, else the title. */
  readonly heading = computed(() => {
    const of = (type: Block["type"]): string =>
      workingTextOf(this.blocks.value)
        .filter((block) => block.type === type)
        .map((block) => quoted(textOf(block)))
        .join(" ")
        .trim()
    return of("designation") || of("title") || this.#parts.room.summary.title
  })
  /** Changes with which blocks there are and what of them is agreed, and not with each letter that somebody proposes. */
  readonly layout = computed(() =>
    this.blocks.value
      .map(({ id, origin, joined, insertedBy, runs }) => [id, origin, joined, insertedBy, agreedLength(runs)].join(" "))
      .join("\n"),
  )
  readonly outline: ReadonlySignal<readonly OutlineEntry[]> = computed(() => outlineOf(this.blocks.value))

  constructor(parts: TextParts) {
    this.#parts = parts
  }

  /** Remembers how each block is spoken of. Returns how to stop. */
  watch(): () => void {
    return effect(() => {
      for (const [block, address] of this.addresses.value) this.#spokenOf.set(block, address)
    })
  }

  /** The text was written to. Panels follow once a frame, however many letters come in it. */
  follow(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    const { page, session } = this.#parts
    requestAnimationFrame(() => {
      this.#isPlanned = false
      this.#node.value = session().binding.truth(page.state.doc)
      page.drawn.value++
    })
  }

  /** What reads this in an effect is done again with every letter. */
  readEachLetter(): void {
    void this.#node.value
  }

  /** The document of the session that the editor shows. */
  get doc(): Y.Doc {
    return this.#parts.session().doc
  }

  twins(): Twins {
    return twinsIn(this.doc)
  }

  echoes(): ReadonlySet<string> {
    return new Set(this.#echoes.value.split("\n").filter(Boolean))
  }

  /** Blocks with the marks of each run in the order in which they were opened. */
  inOrder(blocks: readonly Block[]): readonly Block[] {
    return inOrderOfOpening(blocks, this.doc)
  }

  addressOf(block: string): string {
    return this.addresses.value.get(block) ?? "the text"
  }

  /** How a block was last spoken of; undefined: nobody here has seen it. */
  lastAddressOf(block: string): string | undefined {
    return this.#spokenOf.get(block)
  }

  /** How a comment's place is spoken of: where its clause is gone, as that was. */
  addressOfThread({ id, anchor }: Thread): string {
    const place = this.places.value.get(id)
    return place?.gone ? place.gone.address || "a clause that is gone" : this.addressOf(place?.block ?? anchor.block)
  }

  /** In which direction a clause is written, and what stands for it in one line beside it. */
  dirOf(block: string): Block["dir"] {
    return this.blocks.value.find((other) => other.id === block)?.dir ?? "ltr"
  }
}

const agreedLengths = new WeakMap<readonly Run[], number>()

/** How many characters of a block are agreed; remembered, for the runs of a block that nobody touches stay the same. */
function agreedLength(runs: readonly Run[]): number {
  let length = agreedLengths.get(runs)
  if (length === undefined) {
    length = runs.reduce((sum, run) => (ownerOf(run.marks) === null ? sum + run.text.length : sum), 0)
    agreedLengths.set(runs, length)
  }
  return length
}
