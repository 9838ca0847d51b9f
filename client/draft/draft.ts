import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals"
import { baseKeymap } from "prosemirror-commands"
import { keymap } from "prosemirror-keymap"
import { EditorState, Plugin, type Transaction } from "prosemirror-state"
import { ReplaceStep } from "prosemirror-transform"
import { DecorationSet, EditorView } from "prosemirror-view"
import type * as Y from "yjs"
import type { Answer, DraftSummary, Me } from "../../shared/api/contract.ts"
import { type Change, changesIn } from "../../shared/changes/changes.ts"
import { acceptedStructureOf, kinOf } from "../../shared/changes/compare.ts"
import { type ForestalledBy, forestalledOf, forestalledSaid, noneForestalled, toldOf } from "../../shared/changes/forestalled.ts"
import { noTies, type Ties, Units, withLinked } from "../../shared/changes/links.ts"
import { changesNear } from "../../shared/changes/near.ts"
import { echoesIn } from "../../shared/changes/once.ts"
import { otherSideSaid, sideReads, spoiltReading } from "../../shared/changes/other-side.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import type { Part } from "../../shared/changes/part.ts"
import { workingTextOf } from "../../shared/changes/projections.ts"
import { relationsOf } from "../../shared/changes/rivals.ts"
import { changeHash, hashForPart, sightOf } from "../../shared/changes/sight.ts"
import { finished } from "../../shared/changes/slices.ts"
import { acceptedReads, partTakenSaid, readingSaid, type WillRead } from "../../shared/changes/taken-together.ts"
import type { Twins } from "../../shared/changes/twins.ts"
import { isSurrounded, struckIn } from "../../shared/changes/waiting.ts"
import { inQuotes } from "../../shared/changes/wording.ts"
import { addressesOf, labelsOf, type OutlineEntry, outlineOf } from "../../shared/clauses/labels.ts"
import { quoted } from "../../shared/clauses/notes.ts"
import { placesOf, type ThreadPlace } from "../../shared/comments/place-of.ts"
import { ofFile, type Thread } from "../../shared/comments/thread.ts"
import { type Act, may, type Ruling } from "../../shared/policy/policy.ts"
import { type Block, isPresent, ownerOf, type Run, type StructuralProposal, textOf } from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { schema } from "../../shared/schema/schema.ts"
import { agreedSinceIn } from "../../shared/sync/agreed-since.ts"
import { groundOf } from "../../shared/sync/ground.ts"
import { originsOf } from "../../shared/sync/origins.ts"
import { encodeMessage, type NoticeMessage } from "../../shared/sync/protocol.ts"
import { blocksOf, inOrderOfOpening, structureOf, structureRoot } from "../../shared/sync/read.ts"
import {
  type DraftMeta,
  forestalledIn,
  metaOfDoc,
  notedAmong,
  otherSidesIn,
  roots,
  thereIn,
  threadsOf,
  tiesIn,
  twinsIn,
} from "../../shared/sync/roots.ts"
import { isAside, keepsCaretAway, placeBetween } from "../editor/asides.ts"
import { type StateHost, startOf } from "../editor/binding.ts"
import { blockViews } from "../editor/block-view.ts"
import { caretBlocksPlugin } from "../editor/caret-blocks.ts"
import { caretReadPlugin, readCaret } from "../editor/caret-read.ts"
import { type Caret, caretsKey, caretsPlugin } from "../editor/carets.ts"
import { type ClipboardContext, clipboardProps } from "../editor/clipboard.ts"
import { deleteBy, newClause, selectAt } from "../editor/commands.ts"
import { Composition, compositionPlugin } from "../editor/composition.ts"
import type { DraftSession } from "../editor/draft-session.ts"
import { draggingPlugin } from "../editor/dragging.ts"
import { labelsKey, labelsPlugin } from "../editor/labels.ts"
import { type Drawing, marksPlugin, readsAsProposed, redraw, type View } from "../editor/marks.ts"
import type { PlaceGone } from "../editor/own-pieces.ts"
import { bringIntoView, firstSeen, isSeen, startsOf, topOfPlace } from "../editor/places.ts"
import { type RemarkSign, remarkKey, remarkPlugin, signsKey, signsPlugin } from "../editor/remark-words.ts"
import { steady, steadyPlugin } from "../editor/steady.ts"
import { type StructureDrawing, structuredBlocks, structureKey, structurePlugin } from "../editor/structure.ts"
import { takesClauseBehind } from "../editor/tracking.ts"
import { typingKeys } from "../editor/typing-keys.ts"
import { undrawnPlugin } from "../editor/undrawn.ts"
import { browserWorld } from "../life/browser-world.ts"
import { Life } from "../life/life.ts"
import type { SaveStatus } from "../life/machine.ts"
import type { TrayEntry } from "../life/outbox.ts"
import { lateSentences, sentenceOf, whyKept, whyNotTaken, whyRefused } from "../life/sentences.ts"
import { call, unreachableSaid } from "../meeting/api.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { remember, remembered, rememberedHere, rememberHere } from "../meeting/shelf.ts"
import type { SourceLook } from "../ui/look.ts"
import { Acts, type SeenChange } from "./acts.ts"
import { BeingWritten } from "./being-written.ts"
import { Deciding } from "./deciding.ts"
import { EnteredBook } from "./entered.ts"
import { fateTold, reopenedTold } from "./fates.ts"
import { Presence, type Present } from "./presence.ts"
import { placeOfRemark, type Stretch } from "./remark-places.ts"
import { type RemarkPlace, Remarks, type RemarkTarget } from "./remarks.ts"

/** A stretch of text that somebody wants to comment on. */
export interface SelectedWords {
  readonly block: string
  readonly from: number
  readonly to: number
  readonly quote: string
}

const adoptedSaid = "The text is adopted. It is sealed: nothing more is proposed in it or said about it."

/** So long something that was typed may wait for the room's word. */
const unansweredMs = 3_000

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
 * One draft, open in this browser: the editor, the line to the room, and everything that panels show, as signals. Panels read signals and call its
 * methods; none of them touches the editor.
 */
export class Draft {
  readonly summary: DraftSummary
  readonly meeting: MeetingHere
  readonly meta: Signal<DraftMeta> = signal(emptyMeta)
  readonly life: Life
  readonly status: ReadonlySignal<SaveStatus>
  /** For whom one writes: the source of what typing goes into. */
  readonly hat: ReadonlySignal<string | null>
  readonly tray: ReadonlySignal<readonly TrayEntry[]>
  readonly said: Signal<string> = signal("")
  readonly present: Signal<readonly Present[]> = signal([])
  readonly view: Signal<View> = signal("force")
  readonly oneSource: Signal<string | null> = signal(null)
  readonly chosen: Signal<string | null> = signal(null)
  /** Whether the margin has no rows, so that comments without marked words are signs in the text. */
  readonly showsSigns: Signal<boolean> = signal(false)
  readonly ticked: Signal<ReadonlySet<string>> = signal(new Set())
  readonly threads: Signal<readonly Thread[]> = signal([])
  readonly proposals: Signal<readonly (readonly [string, ProposalEntry])[]> = signal([])
  readonly forestalled: Signal<ForestalledBy> = signal(noneForestalled)
  readonly selected: Signal<SelectedWords | null> = signal(null)
  readonly caretBlock: Signal<string | null> = signal(null)
  /** How far into its block the caret stands. */
  readonly caretAt: Signal<number> = signal(0)
  /** What takes the focus, being a change, a thread or a remark, where somebody closes what stands for it and has no caret in the text to go back to. */
  readonly handAsked: Signal<string | null> = signal(null)
  /** Whether a hand has ever put the caret into the text: until then nothing gives it one. */
  #hasCaret = false
  /** What was selected on the page when the text was last pressed. */
  #pressedWith: StaticRange | null = null
  readonly isBusy: Signal<boolean> = signal(false)
  /** What is damaged in it; null: it is whole. What is left of it is read, and nobody writes. */
  readonly damage: Signal<DraftSummary["damage"]>
  /** The last loss that the operator accepted. */
  readonly loss: Signal<DraftSummary["loss"]>
  /** Grows whenever the page may look different: what measures positions listens to it. */
  readonly drawn: Signal<number> = signal(0)
  readonly #doc = signal(schema.topNodeType.create())
  readonly structure: Signal<readonly StructuralProposal[]> = signal([])
  readonly blocks: ReadonlySignal<readonly Block[]> = computed(() => structuredBlocks(this.#doc.value, this.structure.value))
  readonly changes: ReadonlySignal<readonly Change[]> = computed(() => changesIn(this.blocks.value))
  /** Changes that were accepted and wait for the proposal around them. */
  readonly noted: ReadonlySignal<ReadonlySet<string>> = computed(() => notedAmong(this.proposals.value))
  /** Of these, those of which a part is in the text already. */
  readonly inPart: ReadonlySignal<ReadonlySet<string>> = computed(
    () => new Set(this.proposals.value.flatMap(([id, { inPart }]) => (inPart ? [id] : []))),
  )
  /** What says the same as another and is read once, as a list that is the same for the same changes. */
  readonly #echoes = computed(() => [...echoesIn(this.blocks.value, this.changes.value, twinsIn(this.#session.doc))].join("\n"))
  /** The one place of each thread, whatever became of its words (ANCHOR1). */
  readonly places: ReadonlySignal<ReadonlyMap<string, ThreadPlace>> = computed(() => {
    void this.proposals.value
    return placesOf(this.threads.value, groundOf(this.#session.doc, this.blocks.value))
  })
  /** Which changes are decided by one verdict. */
  readonly ties: Signal<Ties> = signal(noTies)
  readonly labels = computed(() => labelsOf(this.blocks.value, this.meta.value.profile, this.meta.value.labels))
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
    return of("designation") || of("title") || this.summary.title
  })
  /** Changes with which blocks there are and what of them is agreed, and not with each letter that somebody proposes. */
  readonly #fatesSeen: Signal<number> = signal(0)
  /** How many of the own delegation's changes were decided since one last looked what became of them. */
  readonly freshFates = computed(() => Math.max(0, this.#ownFates - this.#fatesSeen.value))
  readonly #layout = computed(() =>
    this.blocks.value
      .map(({ id, origin, joined, insertedBy, runs }) => [id, origin, joined, insertedBy, agreedLength(runs)].join(" "))
      .join("\n"),
  )
  readonly outline: ReadonlySignal<readonly OutlineEntry[]> = computed(() => outlineOf(this.blocks.value))
  /** Whether the person may write in what is shown; whether it is taken at this very moment is another matter. */
  readonly mayWrite = computed(
    () => this.ruling("propose").isAllowed && this.hat.value !== null && (this.view.value === "force" || this.view.value === "markup"),
  )
  readonly isEditable = computed(() => this.mayWrite.value && this.life.takesTyping.value)
  readonly force: Signal<Answer<"force"> | null> = signal(null)
  readonly acts: Acts
  readonly deciding: Deciding
  readonly remarks: Remarks
  readonly entered: EnteredBook
  /** Something that was typed waits, and the room has acknowledged nothing for a while. */
  readonly #isUnanswered: Signal<boolean> = signal(false)
  /** The server was asked for an act, and has said nothing of it for a while. */
  readonly #isActLate: Signal<boolean> = signal(false)
  readonly #beingWritten = new BeingWritten()
  /** For whom others type at this moment. */
  readonly #typing: Signal<readonly Pick<Caret, "source" | "by">[]> = signal([])
  readonly editor: EditorView
  readonly #composition: Composition
  #presence: Presence | null = null
  #docPlanned = false
  readonly #stops: (() => void)[] = []

  constructor(parts: { summary: DraftSummary; meeting: MeetingHere }) {
    this.summary = parts.summary
    this.damage = signal(parts.summary.damage)
    this.loss = signal(parts.summary.loss)
    this.meeting = parts.meeting
    const editorState = (): EditorState => this.editor.state
    const page: StateHost = {
      get state() {
        return editorState()
      },
      update: (tr) => this.#update(tr),
      read: () => readCaret(this.editor),
    }
    this.#composition = new Composition(page, {
      session: () => this.#session,
      keep: (text, stood, why, source) => this.life.handBack({ text, ...stood }, whyKept[why], source),
      onStatus: () => this.life.refresh(),
      now: () => performance.now(),
    })
    this.life = this.#newLife(page)
    const { hat, tray } = this.life
    this.status = computed(() => {
      const status = this.life.status.value
      if (status.kind === "saving" && this.#isUnanswered.value) return { kind: "unanswered" }
      const isActing = this.deciding.isUnderWay() || this.#isActLate.value
      return status.kind === "saved" && isActing ? { kind: "acting", isLate: this.#isActLate.value } : status
    })
    this.hat = hat
    this.tray = tray
    const after = (): { client: number; n: number } => ({ client: this.life.client, n: this.#session.sentCount })
    const { blocks, changes, ticked, chosen, said } = this
    const choose = (id: string | null): void => this.choose(id)
    const seen = (ids: readonly string[], part?: Part): SeenChange[] => seenIn(this.#session.doc, ids, part)
    const addressOf = (block: string): string => this.addressOf(block)
    const nameOf = (source: string): string => this.nameOf(source)
    const decidesOwn = (count: number): void => this.#sawFates(this.#fatesSeen.value + count)
    this.acts = new Acts({ draft: parts.summary.id, changes, hat, chosen, said, after, choose, nameOf, seen, decidesOwn }, this.isBusy)
    const twins = (): Twins => twinsIn(this.#session.doc)
    this.deciding = new Deciding({
      blocks,
      changes,
      chosen,
      caretBlock: this.caretBlock,
      here: () => this.placeWritten() ?? this.#placeSeen(),
      ticked,
      said,
      acts: this.acts,
      seen,
      grown: (ids) => {
        const grown = grownIn(this.#session.doc, changes.value, ids)
        // A picture that was not only late but wrong is drawn anew, so that nobody is asked to look again for ever.
        if (grown.length > 0) this.#session.binding.verify()
        return grown
      },
      twins,
      inOrder: (read) => inOrderOfOpening(read, this.#session.doc),
      noted: this.noted,
      inPart: this.inPart,
      forestalled: this.forestalled,
      ties: this.ties,
      choose,
      addressOf,
      nameOf,
    })
    this.entered = new EnteredBook(parts.summary.id)
    this.remarks = new Remarks({
      draft: parts.summary.id,
      person: this.me.id,
      aboutOf: ({ block }) => `${this.heading.value}, ${this.addressOf(block)}`,
      placeOf: (target) => this.placeOfRemark(target),
      textOf: (block, from, to) => textOf(this.blocks.value.find((other) => other.id === block)!).slice(from, to),
      hat: () => this.hat.value,
      comment: (anchor, text, as) => this.acts.comment(anchor, text, as),
      reply: (thread, text, as) => this.acts.reply(thread, text, as),
      say: (sentence) => {
        said.value = sentence
      },
      staysOpen: (id) => this.ruling("comment").isAllowed && this.threads.value.some((thread) => thread.id === id && !thread.isResolved),
      giveCaretBack: (subject) => this.#giveCaretBack(subject),
      writeOn: (subject) => this.#writeOn(subject),
    })
    const plugins = [
      caretReadPlugin(),
      steadyPlugin(),
      compositionPlugin(this.#composition),
      typingKeys(() => this.#session, this.#composition, { isSeen: (pos) => isSeen(this.editor, pos), say: (text) => this.#say(text) }),
      keymap(baseKeymap),
      steady(marksPlugin(this.#drawing())),
      steady(structurePlugin(this.#structureDrawing())),
      steady(labelsPlugin(emptyMeta)),
      steady(caretsPlugin()),
      undrawnPlugin(),
      caretBlocksPlugin(),
      new Plugin({
        props: {
          handleDOMEvents: {
            beforeinput: (_view, event) => this.#beforeInput(event),
            mousedown: (view, event) => {
              this.#pressedWith = selectedRange()
              return this.mayWrite.value && keepsCaretAway(view, event)
            },
            click: (_view, event) => this.#clicked(event),
            focus: () => {
              this.#hasCaret = true
              return false
            },
          },
        },
      }),
      draggingPlugin((sentence) => this.#say(sentence)),
      new Plugin({ props: clipboardProps(this.#clipboard()) }),
      steady(remarkPlugin()),
      steady(signsPlugin()),
    ]
    this.editor = new EditorView(null, {
      state: EditorState.create({ schema, plugins }),
      nodeViews: blockViews,
      dispatchTransaction: (tr) => this.#dispatch(tr),
      editable: () => this.mayWrite.value,
      attributes: { "aria-label": "Draft text", role: "textbox", "aria-multiline": "true", spellcheck: "false" },
    })
    this.#stops.push(
      effect(() => {
        for (const [block, address] of this.addresses.value) this.#spokenOf.set(block, address)
      }),
      effect(() => this.#redraw()),
      effect(() => this.#redrawStructure()),
      effect(() => {
        const sentence = this.meeting.ended.value
        if (sentence !== "") untracked(() => this.#end(sentence))
      }),
      effect(() => {
        const { hats } = this.me
        untracked(() => this.life.wear(hats))
      }),
      effect(() => {
        void this.damage.value
        untracked(() => this.life.refresh())
      }),
      effect(() => {
        if (this.hat.value !== null) rememberHere(this.#hatShelf, this.hat.value)
      }),
      effect(() => {
        // Between two lives with the room an input method goes on: what it writes is proposed in the next one.
        if (!this.mayWrite.value) untracked(() => this.#composition.finish())
      }),
      this.deciding.watch(),
      this.remarks.watch(),
      this.#watchAnswers(),
      this.#watchActs(),
      effect(() => {
        const now = this.changes.value
        untracked(() => this.#beingWritten.follow(now))
      }),
      () => this.#beingWritten.stop(),
      effect(() => this.#drawRemarked()),
      effect(() => this.#drawSigns()),
      effect(() => {
        this.#fatesSeen.value = Number(remembered(this.#fatesShelf) ?? 0)
      }),
    )
    const leave = (event: BeforeUnloadEvent): void => {
      if (this.unsent > 0 || this.remarks.isAtRisk || this.deciding.isUnderWay()) event.preventDefault()
    }
    addEventListener("beforeunload", leave)
    this.#stops.push(() => removeEventListener("beforeunload", leave))
  }

  /** Oneself, as the server knows one now. */
  get me(): Me {
    return this.meeting.me.value
  }

  get #session(): DraftSession {
    return this.life.session
  }

  /** How many pieces of text are in no room yet. */
  get unsent(): number {
    return this.life.unsent
  }

  /** Joins the room and stays in it. */
  open(): void {
    void this.#readForce()
    const worn = rememberedHere(this.#hatShelf)
    const { hats } = this.me
    void this.life.begin(worn !== null && hats.includes(worn) ? worn : (hats[0] ?? null))
  }

  get #hatShelf(): string {
    return `clausula.hat.${this.summary.id}`
  }

  async #readForce(): Promise<void> {
    if (this.force.value) return
    // Where it does not come now it is asked for again once the line is there.
    const force = await call("force", { params: { draft: this.summary.id } }).catch(() => null)
    if (force) this.force.value = force
  }

  destroy(): void {
    for (const stop of this.#stops) stop()
    this.#presence?.destroy()
    this.#composition.destroy()
    this.life.stop()
    this.editor.destroy()
  }

  // ---- the life with the room

  #newLife(host: StateHost): Life {
    const say = (sentence: string): void => this.#say(sentence)
    const world = browserWorld({
      draft: this.summary.id,
      person: this.me.id,
      host,
      hats: () => this.me.hats,
      isDamaged: () => this.damage.peek() !== null,
      isComposing: () => this.#composition.isUnsaved,
      onKept: () => this.life.refresh(),
      lookAtDamage: () => this.#lookAtDamage(),
      onSignedOut: (sentence) => this.meeting.end(sentence),
    })
    return new Life(world, {
      onBegin: (session) => this.#watch(session.doc),
      onShow: (session) => this.#welcome(session),
      onLine: (session, isOpen) => this.#followLine(session, isOpen),
      onAwareness: (session, update) => {
        if (session === this.#session) this.#presence?.receive(update)
      },
      onNotice: (...told) => this.#noticed(...told),
      onSay: say,
      onTold: (told) => say(sentenceOf(told, (source) => this.nameOf(source))),
      onEarly: (text) => this.#typeEarly(text),
      // What is being composed goes on in another session, once that has what was put back.
      onTransition: () => this.#composition.synced(),
      whyRefused: (refused) => whyRefused(refused, this.meta.peek().stage === "adopted"),
      addressOf: (block) => this.#spokenOf.get(block),
    })
  }

  /** One is signed in no longer: what is in no room yet is kept in the tray, and nothing more is typed. */
  #end(sentence: string): void {
    this.#composition.finish()
    this.life.send({ type: "revoked", sentence })
  }

  #handBack(text: string, stood: PlaceGone = {}): void {
    this.life.handBack({ text, block: null, after: null, isOwnBlock: false, ...stood }, whyKept.clauseGone)
  }

  async #lookAtDamage(): Promise<void> {
    const summary = await call("draft", { params: { draft: this.summary.id } }).catch(() => null)
    if (!summary) return
    this.damage.value = summary.damage
    this.loss.value = summary.loss
  }

  /** Who reads what is left of the draft joins it again once it goes on. */
  async #joinOnceWhole(): Promise<void> {
    if (!this.damage.value) return
    await this.#lookAtDamage()
    if (!this.damage.value) this.life.send({ type: "again" })
  }

  /** Whoever types on a line that has fallen silent is told so long before the line is given up. Returns how to stop. */
  #watchAnswers(): () => void {
    const isSaving = computed(() => this.life.status.value.kind === "saving")
    return effect(() => {
      void this.life.acknowledged.value
      this.#isUnanswered.value = false
      if (!isSaving.value) return
      const timer = setTimeout(() => {
        this.#isUnanswered.value = true
      }, unansweredMs)
      return () => clearTimeout(timer)
    })
  }

  /** Whoever waits for the answer to an act is told so; and once the line is back, what became of a decision whose answer was lost. Returns how to stop. */
  #watchActs(): () => void {
    const isSaved = computed(() => this.life.status.value.kind === "saved")
    const stops = [
      effect(() => {
        this.#isActLate.value = false
        if (!this.isBusy.value) return
        const timer = setTimeout(() => {
          this.#isActLate.value = true
          if (this.deciding.isUnderWay()) this.#say("The server has not answered: your decision is not known to have been made yet.")
        }, unansweredMs)
        return () => clearTimeout(timer)
      }),
      effect(() => {
        // The changes follow the text by a frame.
        if (isSaved.value) requestAnimationFrame(() => requestAnimationFrame(() => this.deciding.tellUnknown()))
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }

  #followLine(session: DraftSession, isOpen: boolean): void {
    if (session === this.#session) {
      if (isOpen) this.#presence?.opened()
      else this.#presence?.closed()
    }
    if (isOpen && this.said.peek().startsWith(unreachableSaid)) this.said.value = ""
    if (isOpen) void this.#readForce()
    // Where nothing is saved any more the page says so: what was typed is kept here.
    if (isOpen || this.damage.value) void this.#joinOnceWhole()
    else void this.#lookAtDamage()
    // What was told while the line was away was not heard; and a browser is not told why a line was refused: the routes say whether one is signed in.
    this.meeting.soon()
  }

  /** Another session has come into the editor: who is here is asked and told anew. */
  #welcome(session: DraftSession): void {
    this.#composition.moved()
    this.#presence?.destroy()
    this.#presence = new Presence(session, {
      me: this.me.id,
      lookOf: (code) => this.lookOf(code),
      caret: () => this.editor.state.selection.head,
      onPresent: (present) => {
        this.present.value = present
      },
      onCarets: (carets) => {
        this.#typing.value = carets
        this.#draw((state) => state.tr.setMeta(caretsKey, carets))
      },
    })
    this.#presence.opened()
    session.send(encodeMessage({ kind: "queryAwareness" }))
  }

  #watch(doc: Y.Doc): void {
    const showMeta = (): void => {
      const before = this.meta.peek().stage
      this.meta.value = metaOfDoc(doc)
      const isNews = doc === this.#session.doc && this.#session.isSynced && before !== this.meta.value.stage
      if (isNews && this.meta.value.stage === "adopted") this.#say(adoptedSaid)
      this.#draw((state) => state.tr.setMeta(labelsKey, this.meta.value))
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

  #noticed(notice: NoticeMessage, stood?: PlaceGone): void {
    if (notice.kind === "meeting") this.meeting.soon()
    if (notice.kind === "meeting" && this.damage.value) void this.#joinOnceWhole()
    if (notice.kind === "late") this.said.value = lateSentences[notice.proposal]
    if (notice.kind === "kept") this.#handBack(notice.words, stood)
    if (notice.kind === "forestalled") this.#sayForestalled(notice.change)
    if (notice.kind === "decided") this.said.value = fateTold(notice)
    if (notice.kind === "reopened") this.said.value = reopenedTold(notice)
  }

  #sayForestalled(id: string): void {
    const change = changesIn(blocksOf(this.#session.doc), new Set([id]))[0]
    const said = change && this.forestalledSaid(change)
    if (said) this.said.value = `${this.addressOf(change.block)}: ${said}`
  }

  /** That what a change was to replace had gone before it came, and what accepting it would do now (RIVAL4); null: it had not. */
  forestalledSaid(change: Change): string | null {
    const forestalled = forestalledOf(change, this.forestalled.value)
    if (forestalled.length === 0) return null
    const proposals = new Map(this.proposals.value)
    const told = forestalled.map((one) => toldOf(one, proposals.get(one.by)))
    return forestalledSaid(change, told, (source) => this.nameOf(source))
  }

  /** Of one that came too late, how the text will read once it is accepted, where that is spoilt: its words glued to others, or two spaces; else null. */
  lateReads(change: Change): string | null {
    return forestalledOf(change, this.forestalled.value).length === 0 ? null : spoiltReading(change, this.blocks.value)
  }

  /** How the text will read where only one side of a replacement is accepted; null: that hangs on the proposal around it. */
  sideReads(change: Change, side: "in" | "out"): string | null {
    return sideReads(change, side, this.blocks.value)
  }

  /** Of what is left of a replacement one side of which was accepted, how the text will read (PART6); null: it is none. */
  otherSideSaid(change: Change): string | null {
    const { doc } = this.#session
    return otherSideSaid(change, otherSidesIn(doc), this.blocks.value, agreedSinceIn(doc))
  }

  /**
   * What accepting a change would do that its words do not show: a part of it takes effect at once and the rest waits, or accepted deletions take words of
   * it out; each in a sentence.
   */
  acceptingSaid(change: Change): string[] {
    const noted = this.noted.value
    if (noted.has(change.id)) return []
    const struck = struckIn(change.id, this.blocks.value, noted)
    const said = struck.map(
      ({ source, words }) =>
        `${this.nameOf(source)} takes out ${inQuotes(words.trim(), 80)} of this, which was accepted before: where this is accepted these words do not come into the text.`,
    )
    const reads = this.#acceptedReads([change.id])
    const isAmid = change.inside.length > 0 || isSurrounded(change, this.blocks.value)
    const meant = isAmid ? this.deciding.meantByOne(change.id) : null
    if (meant?.inPart.has(change.id))
      return [
        "Accepted, a part of this takes effect at once, and the rest with the proposal around it.",
        ...(reads ? [`The text in force then reads ${readingSaid(reads)}.`] : []),
        ...said,
      ]
    // Of what it was put into itself its card speaks.
    if (change.inside.length === 0 && meant?.waiting.has(change.id))
      return ["Accepted, this takes effect only with the proposal that came to stand around it.", ...said]
    // Of what came too late, and of the other side of what was parted, its card tells the reading in any case.
    const isTold = this.lateReads(change) !== null || this.otherSideSaid(change) !== null
    return reads && reads.flaws.length > 0 && !isTold ? [`Accepted, the text in force then reads ${readingSaid(reads)}.`, ...said] : said
  }

  /** How the text in force will read where a part of a change is accepted; null: nothing of that takes effect now. */
  partSaid(change: Change, part: Part): string | null {
    return partTakenSaid(this.#inOrder(), change, part, agreedSinceIn(this.#session.doc))
  }

  /** The blocks with their marks in the order in which they were opened. */
  #inOrder(): readonly Block[] {
    return inOrderOfOpening(this.blocks.value, this.#session.doc)
  }

  // ---- the editor

  // Virtual keyboards tell of deletions here, not as keys.
  #beforeInput(event: Event): boolean {
    const { inputType, data } = event as InputEvent
    if (this.editor.composing) return false
    if (inputType === "insertText" && data !== null && !this.editor.state.selection.empty) {
      // The browser would take out what is drawn of others' changes with the selected words, and what is left be read as typed.
      event.preventDefault()
      this.#composition.finish()
      this.#dispatch(this.editor.state.tr.insertText(data).scrollIntoView())
      return true
    }
    if (!inputType.startsWith("deleteContent")) return false
    event.preventDefault()
    this.#composition.finish()
    const step = inputType === "deleteContentForward" ? 1 : -1
    deleteBy(this.#session.source, step, "grapheme", (index) => this.#session.restructuring.join(index))(this.editor.state, (tr) =>
      this.#dispatch(tr),
    )
    return true
  }

  #echoesNow(): ReadonlySet<string> {
    return new Set(this.#echoes.value.split("\n").filter(Boolean))
  }

  #clipboard(): ClipboardContext {
    return {
      view: () => this.view.value,
      oneSource: () => this.oneSource.value,
      proposals: () => this.structure.value,
      echoes: () => this.#echoesNow(),
      labels: () => this.labels.value,
      say: (sentence) => {
        this.said.value = sentence
      },
    }
  }

  #dispatch(tr: Transaction): void {
    if (tr.docChanged && !this.#composition.holds) {
      if (!this.isEditable.value || !this.#session.isSynced) {
        if (this.mayWrite.value && !this.#keptEarly(tr)) this.said.value = this.notTaken
        return
      }
      // Who goes elsewhere begins anew: an undo takes back what was done here alone.
    } else if (tr.selectionSet && !tr.docChanged) {
      this.#session.undoManager.stopCapturing()
      if (tr.selection.head !== this.editor.state.selection.head) this.life.endEarly()
    }
    if (tr.docChanged) this.#presence?.typed()
    // What is cut, pasted or dropped is a step of its own.
    const isWhole = tr.getMeta("uiEvent") !== undefined
    if (isWhole) this.#session.undoManager.stopCapturing()
    this.#composition.dispatch(tr)
    if (isWhole) this.#session.undoManager.stopCapturing()
  }

  /** Letters that are typed at the caret while nothing takes them wait until something does (LIFE2); of anything else it is said that it was not taken. */
  #keptEarly(tr: Transaction): boolean {
    const { $head, empty, head } = this.editor.state.selection
    const [step] = tr.steps
    if (!empty || $head.depth === 0 || tr.steps.length !== 1 || !(step instanceof ReplaceStep)) return false
    const { from, to, slice } = step
    if (slice.size === 0) return to === head && to - from <= 2 && this.life.takeBackEarly()
    const text = slice.content.textBetween(0, slice.content.size)
    return from === head && to === head && text.length === slice.size && this.life.typedEarly(text)
  }

  /** What was typed while nothing took it is typed now. */
  #typeEarly(text: string): boolean {
    const { $head, $to } = this.editor.state.selection
    if (!this.isEditable.value || $head.depth === 0) return false
    const at = { index: $to.index(0), at: $to.parentOffset }
    if (this.#session.tracking.typing(at, text).length > 0) this.editor.dispatch(this.editor.state.tr.insertText(text))
    else this.life.handBack({ text, block: null, after: null, isOwnBlock: false, stoodIn: $to.parent.attrs.id as string }, whyKept.tooDeep)
    return true
  }

  #update(tr: Transaction): void {
    this.editor.updateState(this.editor.state.apply(tr))
    if (tr.docChanged) this.#planDoc()
    if (tr.selectionSet || tr.docChanged) this.#showSelection()
  }

  // Panels follow once a frame, however many letters come in it.
  #planDoc(): void {
    if (this.#docPlanned) return
    this.#docPlanned = true
    requestAnimationFrame(() => {
      this.#docPlanned = false
      this.#doc.value = this.#session.binding.truth(this.editor.state.doc)
      this.drawn.value++
    })
  }

  #showSelection(): void {
    const { selection, doc } = this.editor.state
    const { $from, $to, empty } = selection
    const index = $from.index(0)
    // With everything selected: the first.
    const block = $from.depth > 0 || !empty ? doc.maybeChild(index) : null
    this.caretBlock.value = block ? (block.attrs.id as string) : null
    this.caretAt.value = selection.$head.parentOffset
    if (empty || $from.depth === 0 || !$from.sameParent($to)) {
      if (this.selected.value) this.selected.value = null
      return
    }
    const quote = doc.textBetween($from.pos, $to.pos)
    this.selected.value = quote.trim()
      ? { block: doc.child(index).attrs.id as string, from: $from.parentOffset, to: $to.parentOffset, quote }
      : null
  }

  /** By the browser's own click: ProseMirror tells of none where something was drawn between the press and its end. */
  #clicked(event: MouseEvent): boolean {
    const takesNoCaret = this.mayWrite.value && isAside(this.editor, event.target)
    // Who selects words opens nothing. What was selected before the press, elsewhere, has nothing to do with it.
    if (!takesNoCaret && getSelection()?.isCollapsed === false && !isSameRange(this.#pressedWith, selectedRange())) return false
    const markAt = (element: Element | null): HTMLElement | null => element?.closest<HTMLElement>("[data-thread],[data-change]") ?? null
    // What was pressed may have been drawn anew since: then the click is its block's.
    const pressed = document.elementFromPoint(event.clientX, event.clientY)
    const mark = markAt(event.target as Element) ?? markAt(pressed)
    // Words with no mark of their own belong to what is proposed about their clause as a whole.
    const whole = pressed?.closest<HTMLElement>("[data-whole-change]")?.dataset.wholeChange
    const half = (event.target as Element).closest<HTMLElement>("[data-half]")?.dataset.half
    const kept = half === undefined ? undefined : this.remarks.about(half)
    if (kept) this.remarks.resume(kept)
    const id = mark?.dataset.thread ?? mark?.dataset.change ?? whole ?? null
    // What is chosen is drawn anew: what was clicked is asked for its place before.
    const takesHand = id !== null && takesNoCaret
    const between = this.mayWrite.value ? placeBetween(this.editor, event.target) : null
    if (id !== this.chosen.value) this.chosen.value = id
    // A browser has no caret for what is drawn between two letters: it would stay where it was.
    if (between !== null) {
      const { state } = this.editor
      this.editor.dispatch(state.tr.setSelection(selectAt(state.doc, between)))
      this.editor.focus()
    }
    // What took no caret has no hand in the text either: it is at the card.
    if (takesHand) this.handAsked.value = id
    return false
  }

  #drawing(): Drawing {
    const blocks = (this.force?.value?.blocks ?? null) as readonly Block[] | null
    void this.#layout.value
    void this.meeting.tones.value
    return {
      view: this.view.value,
      source: this.oneSource.value,
      chosen: this.chosen.value,
      kin: kinOf(this.blocks.peek(), new Map((blocks ?? []).map((block) => [block.id, block]))),
      echoes: readsAsProposed(this.view.value) ? this.#echoesNow() : new Set(),
      hasForce: blocks !== null,
      accepted: this.proposals.value.map(([, entry]) => entry).filter((entry) => entry.status === "accepted"),
      openThreads: new Set(this.threads.value.filter((thread) => !thread.isResolved).map((thread) => thread.id)),
      lookOf: (source) => this.lookOf(source),
    }
  }

  #structureDrawing(): StructureDrawing {
    const force = (this.force?.value?.blocks ?? null) as readonly Block[] | null
    const isShown = this.view.value === "force" && force !== null && this.proposals.value.length > 0
    void this.#layout.value
    void this.me.sources
    return {
      view: this.view.value,
      source: this.oneSource.value,
      chosen: this.chosen.value,
      proposals: this.structure.value,
      accepted: isShown ? acceptedStructureOf(this.blocks.peek(), force) : null,
      labels: new Map(Object.entries(this.meta.value.labels)),
      hasLeads: this.meta.value.profile === "un",
      addressOf: (block) => this.addresses.peek().get(block) ?? "the text",
      nameOf: (source) => this.nameOf(source),
      lookOf: (source) => this.lookOf(source),
    }
  }

  #redrawStructure(): void {
    const drawing = this.#structureDrawing()
    this.#draw((state) => state.tr.setMeta(structureKey, drawing).setMeta("addToHistory", false))
    this.drawn.value = this.drawn.peek() + 1
  }

  /** Draws something else around the words: the caret stays where a hand has put it, whether the browser has told of it or not. */
  #draw(change: (state: EditorState) => Transaction): void {
    untracked(() => readCaret(this.editor))
    this.editor.updateState(this.editor.state.apply(change(this.editor.state)))
  }

  #redraw(): void {
    const drawing = this.#drawing()
    void this.mayWrite.value
    this.#draw((state) => redraw(state, drawing))
    this.drawn.value = this.drawn.peek() + 1
  }

  lookOf(source: string): SourceLook {
    return this.meeting.lookOf(source)
  }

  nameOf(source: string): string {
    return this.me.sources.find((known) => known.code === source)?.name ?? (source === notStated ? "Not stated" : source)
  }

  personName(id: string): string {
    return id.startsWith(ofFile) ? id.slice(ofFile.length) : (this.meeting.names.value.get(id) ?? "Somebody")
  }

  /** In which direction a clause is written, and what stands for it in one line beside it. */
  dirOf(block: string): Block["dir"] {
    return this.blocks.value.find((other) => other.id === block)?.dir ?? "ltr"
  }

  /** How a comment's place is spoken of: where its clause is gone, as that was. */
  addressOfThread({ id, anchor }: Thread): string {
    const place = this.places.value.get(id)
    return place?.gone ? place.gone.address || "a clause that is gone" : this.addressOf(place?.block ?? anchor.block)
  }

  addressOf(block: string): string {
    return this.addresses.value.get(block) ?? "the text"
  }

  // ---- what people do

  /** Whether the person may do an act now, or the sentence that says why not. */
  ruling(act: Act): Ruling {
    if (this.meeting.ended.value !== "" && act !== "read") return { isAllowed: false, sentence: this.meeting.ended.value }
    if (this.damage.value && act !== "read") return { isAllowed: false, sentence: this.damage.value.sentence }
    return may(act, { role: this.me.role, hat: this.hat.value }, this.meta.value)
  }

  get mayDecide(): boolean {
    return this.ruling("decide").isAllowed
  }

  /** Writes for another source, once what was typed before is saved and the room knows of it. */
  wear(source: string): void {
    this.#composition.finish()
    this.life.choose(source)
  }

  /** Why letters are not taken at this moment, though one may write. */
  get notTaken(): string {
    return whyNotTaken(this.life.state.value, (source) => this.nameOf(source))
  }

  /** Proposes something about the clause that holds the caret, with its sub-clauses. */
  restructure(act: "delete" | "join" | "up" | "down" | "indent" | "outdent" | "split"): void {
    const { $head } = this.editor.state.selection
    if (!this.isEditable.value || $head.depth === 0) return
    this.#composition.finish()
    const { restructuring, tracking } = this.#session
    const index = $head.index(0)
    const acts: Record<typeof act, () => unknown> = {
      delete: () => restructuring.deleteClause(index),
      join: () => restructuring.join(index),
      up: () => restructuring.moveClause(index, -1),
      down: () => restructuring.moveClause(index, 1),
      indent: () => restructuring.changeLevel(index, 1),
      outdent: () => restructuring.changeLevel(index, -1),
      split: () => newClause(tracking)(this.editor.state, (tr) => this.#dispatch(tr)),
    }
    this.#session.undoManager.stopCapturing()
    acts[act]()
    this.#session.undoManager.stopCapturing()
    this.editor.focus()
  }

  /** Proposes a new clause behind the one that holds the caret, or at the end of the text. */
  proposeClause(): void {
    const at = this.blocks.value.findIndex((block) => block.id === this.caretBlock.value)
    const last = this.blocks.value.findLastIndex((block) => block.type !== "note")
    const index = at >= 0 ? at : last
    const behind = this.blocks.value[index]
    if (behind && index !== last && !takesClauseBehind(behind)) {
      this.said.value = "Put the caret into the clause behind which the new one is to stand."
      return
    }
    this.#composition.finish()
    this.#session.undoManager.stopCapturing()
    this.#session.tracking.addClause(index + 1, this.blocks.value[index] ?? null)
    this.editor.focus()
  }

  /** Chooses a change or thread and brings its words into view. */
  choose(id: string | null): void {
    this.chosen.value = id
    if (id === null) return
    const change = this.changes.value.find((other) => other.id === id)
    const thread = this.threads.value.find((other) => other.id === id)
    const place = thread && this.places.value.get(thread.id)
    const block = change?.segments[0]?.block ?? change?.block ?? place?.block
    if (block) this.show(block, change?.segments[0]?.from ?? place?.from ?? 0)
  }

  /** The other open changes that are decided by one verdict with one (LINK1). */
  tiedWith({ id, source }: Change): readonly Change[] {
    const tied = new Set(this.ties.value.with(id))
    return tied.size < 2 ? [] : this.changes.value.filter((other) => tied.has(other.id) && other.id !== id && other.source === source)
  }

  /** Changes that say the same as one, compete with it, or stand at its place (RIVAL). */
  relatedTo(change: Change): Record<"same" | "rivals" | "alike" | "atPlace" | "amid" | "around", readonly Change[]> {
    const ties = this.ties.value
    const near = finished(changesNear(this.blocks.value, withLinked([change.id], ties)))
    const units = new Units(near, ties)
    const relations = relationsOf(this.blocks.value, units.units, twinsIn(this.#session.doc))
    const among = (ids: readonly string[]): Change[] => ids.flatMap((unit) => units.membersOf(unit))
    const id = units.of(change.id)?.id ?? change.id
    const [amid, around] = [relations.amidOf(id), relations.aroundOf(id)]
    const rivals = among(relations.rivalsOf(id))
    // By themselves these say the same; with what is linked with one of them they compete (LINK1).
    const alone =
      ties.isEmpty || rivals.length === 0 ? [] : relationsOf(this.blocks.value, near, twinsIn(this.#session.doc)).identicalTo(change.id)
    const atPlace = relations.atPlaceOf(id).filter((other) => !amid.includes(other) && !around.includes(other))
    return {
      ...{ same: among(relations.identicalTo(id)), rivals, alike: rivals.filter((rival) => alone.includes(rival.id)) },
      ...{ atPlace: among(atPlace), amid: among(amid), around: among(around) },
    }
  }

  /** How its clause will read where a change and others at its place are all accepted; null: nothing of that takes effect now, or not all can be. */
  togetherSaid(change: Change, others: readonly Change[]): string | null {
    const reads = this.#acceptedReads([change.id, ...others.map(({ id }) => id)])
    return reads && readingSaid(reads)
  }

  /** How the text in force will read where some changes are accepted, with all that goes along; null: none of its words change now. */
  #acceptedReads(ids: readonly string[]): WillRead | null {
    const { ties, noted, inPart } = this
    const doc = this.#session.doc
    return acceptedReads(this.blocks.value, withLinked(ids, ties.value), {
      ...{ ties: ties.value, twins: twinsIn(doc), noted: noted.value, inPart: inPart.value },
      isThere: thereIn(this.blocks.value, new Map(this.proposals.value)),
      sinceOf: agreedSinceIn(doc),
      inOrder: (blocks) => inOrderOfOpening(blocks, doc),
    })
  }

  /** Chooses a change or thread beside its words: they are brought into view, the caret stays where the person writes. */
  look(id: string, block: string, at = 0): void {
    this.chosen.value = id
    bringIntoView(this.editor, block, at, "nearest")
  }

  /** Brings a place into view without taking the focus. */
  show(block: string, at = 0): void {
    const index = this.blocks.value.findIndex((other) => other.id === block)
    if (index < 0) return
    const { state } = this.editor
    const pos = startOf(state.doc, index) + 1 + at
    this.editor.dispatch(state.tr.setSelection(selectAt(state.doc, pos)))
    const { node } = this.editor.domAtPos(pos)
    const element = node instanceof Element ? node : node.parentElement
    element?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" })
  }

  tick(id: string, isTicked: boolean): void {
    const ticked = new Set(this.ticked.value)
    if (isTicked) ticked.add(id)
    else ticked.delete(id)
    this.ticked.value = ticked
  }

  /** The top of a place on the page, in pixels of the window, or null where it is not drawn. */
  topOf(block: string, at: number): number | null {
    return topOfPlace(this.editor, block, at)
  }

  /** The line of the page on which the person writes, in pixels of the window. */
  caretLine(): { readonly top: number; readonly bottom: number } | null {
    if (!this.isEditable.value) return null
    const block = this.caretBlock.value
    const top = block === null ? null : topOfPlace(this.editor, block, this.editor.state.selection.$head.parentOffset)
    return top === null ? null : { top, bottom: top + 28 }
  }

  /** Who else writes a change at this moment, in a sentence: its delegation, or the secretariat for it; null: nobody. */
  writing({ id, source }: Change): string | null {
    if (!this.#beingWritten.ids.value.has(id)) return null
    const writers = this.#typing.value.filter((caret) => caret.source === source)
    if (writers.length === 0) return null
    return writers.every(({ by }) => by !== null)
      ? `The secretariat is entering this for ${this.nameOf(source)}.`
      : `${this.nameOf(source)} is still writing this.`
  }

  // ---- remarks

  /** Opens the box for a comment on the selected words, else on the clause of the caret. */
  comment(): void {
    const ruling = this.ruling("comment")
    if (!ruling.isAllowed) return this.#say(ruling.sentence)
    if (this.view.value === "original") return this.#say("The text in force is sealed. Choose another view to comment on the draft.")
    const target = this.#commented()
    if (target) return this.remarks.begin(target)
    // What is typed next is meant for a comment: it must not go into the draft.
    this.editor.dom.blur()
    this.#say("Put the caret into the clause that you comment on, or select its words.")
  }

  #say(sentence: string): void {
    this.said.value = sentence
  }

  #commented(): RemarkTarget | null {
    const { doc } = this.editor.state
    const { binding } = this.#session
    const words = this.selected.value
    const start = words ? startsOf(doc).get(words.block) : undefined
    if (words && start !== undefined) {
      const from = binding.relativeOf(start + 1 + words.from, 0)
      const to = binding.relativeOf(start + 1 + words.to)
      if (from && to) return { on: "words", block: words.block, quote: words.quote, start: from, end: to }
    }
    return this.caretBlock.value === null ? null : { on: "clause", block: this.caretBlock.value }
  }

  /** Where the subject of a remark stands now, or null where its clause is gone. */
  placeOfRemark(target: RemarkTarget): RemarkPlace | null {
    return placeOfRemark(target, {
      blocks: this.blocks.value,
      between: ({ start, end }) => this.#between(start, end),
      placeOf: (thread) => this.places.value.get(thread),
    })
  }

  #between(start: Y.RelativePosition, end: Y.RelativePosition): Stretch | null {
    const { doc } = this.editor.state
    const { binding } = this.#session
    const from = binding.absoluteOf(start)
    const to = binding.absoluteOf(end)
    if (from === null || to === null || to > doc.content.size) return null
    const $from = doc.resolve(from)
    const $to = doc.resolve(to)
    if ($from.depth === 0 || !$from.sameParent($to)) return null
    return { block: $from.parent.attrs.id as string, from: $from.parentOffset, to: $to.parentOffset }
  }

  /** Marks on the page what the open remark box is about. */
  #drawRemarked(): void {
    void this.#doc.value
    const key = this.remarks.open.value
    const half = key === null ? undefined : this.remarks.about(key)
    const place = half && half.target.on !== "thread" && half.target.on !== "change" ? this.placeOfRemark(half.target) : null
    const { state } = this.editor
    const start = place ? startsOf(state.doc).get(place.block) : undefined
    const isClause = place !== null && place.from === place.to
    const range =
      place && start !== undefined
        ? isClause
          ? { from: start, to: start + state.doc.nodeAt(start)!.nodeSize, isClause }
          : { from: start + 1 + place.from, to: start + 1 + place.to, isClause }
        : null
    this.#draw((now) => now.tr.setMeta(remarkKey, range).setMeta("addToHistory", false))
  }

  /** What stands for comments of which no words are marked, where nothing beside the text does. */
  #drawSigns(): void {
    void this.#doc.value
    const signs = this.showsSigns.value ? [...this.#threadSigns(), ...this.#halfWrittenSigns()] : []
    // With every letter that anybody types: where there is nothing to draw the page is left alone.
    if (signs.length === 0 && signsKey.getState(this.editor.state) === DecorationSet.empty) return
    this.#draw((now) => now.tr.setMeta(signsKey, signs).setMeta("addToHistory", false))
  }

  #signAt(block: string, at: number, sign: Omit<RemarkSign, "pos">): RemarkSign[] {
    const { doc } = this.editor.state
    const start = startsOf(doc).get(block)
    return start === undefined ? [] : [{ ...sign, pos: start + 1 + Math.min(at, doc.nodeAt(start)!.content.size) }]
  }

  #threadSigns(): RemarkSign[] {
    return this.threads.value.flatMap(({ id, isResolved }) => {
      const place = this.places.value.get(id)
      if (isResolved || !place || place.block === null || place.words.length > 0 || place.change?.status === "open") return []
      return this.#signAt(place.block, place.from, { id, isHalfWritten: false, title: "Comment" })
    })
  }

  #halfWrittenSigns(): RemarkSign[] {
    return this.remarks.halfWritten.value.flatMap(({ key, target, text }) => {
      const isOnCard = target.on === "thread" || (target.on === "change" && this.changes.value.some(({ id }) => id === target.change))
      const place = isOnCard || !text.value.trim() || this.remarks.open.value === key ? null : this.placeOfRemark(target)
      return place ? this.#signAt(place.block, place.to, { id: key, isHalfWritten: true, title: "Your comment, not sent" }) : []
    })
  }

  /** The person writes on in the text, with nothing selected: the next letter must not replace what was commented on. */
  #writeOn(subject: string): void {
    const { state } = this.editor
    const { head } = state.selection
    if (!state.selection.empty) this.editor.dispatch(state.tr.setSelection(selectAt(state.doc, head)))
    this.#giveCaretBack(this.chosen.value ?? subject)
  }

  /** The person writes in the text again, where the caret was; what is in view stays in view. False where nobody may write now, or has no caret. */
  takeCaretBack(): boolean {
    if (!this.mayWrite.value || !this.#hasCaret) return false
    this.editor.focus()
    return true
  }

  /** The same, with the caret in view; without one, or in a list, what stands for a subject has the focus. */
  #giveCaretBack(subject: string): void {
    const { editor } = this
    // Who wrote in a list goes on there.
    const isInList = document.activeElement?.closest(".changes-panel, .clause-list")
    if (isInList || !this.takeCaretBack()) {
      this.handAsked.value = subject
      return
    }
    const { $head } = editor.state.selection
    if ($head.depth > 0) bringIntoView(editor, $head.parent.attrs.id as string, $head.parentOffset, "nearest")
  }

  // ---- what became of one's changes

  get #ownFates(): number {
    return this.proposals.value.filter(([, entry]) => entry.source === this.hat.value).length
  }

  get #fatesShelf(): string {
    return `clausula.fates.${this.summary.id}.${this.hat.value}`
  }

  /** The person has looked what became of the own delegation's changes. */
  fatesSeen(): void {
    this.#sawFates(this.#ownFates)
  }

  #sawFates(count: number): void {
    this.#fatesSeen.value = count
    remember(this.#fatesShelf, String(count))
  }

  // ---- the tray

  /** In which clause words stood that were not sent. */
  placeOfKept(entry: TrayEntry): string {
    const { block, stoodIn, isOwnBlock, address = this.#spokenOf.get(block ?? stoodIn ?? "") } = entry
    const standing = block ?? (this.isBack(entry) ? stoodIn : undefined)
    const here = standing === undefined ? undefined : this.addresses.value.get(standing)
    if (isOwnBlock) return `a new clause behind ${here ?? address ?? "one that is no longer here"}`
    return here ?? (address === undefined ? "a clause that is no longer here" : `${address}, no longer here`)
  }

  /** Whether the clause is in the draft again that was gone when words were handed back. */
  isBack({ block, stoodIn }: TrayEntry): boolean {
    return block === null && stoodIn !== undefined && this.blocks.value.some((other) => other.id === stoodIn && isPresent(other))
  }

  discard(key: number): void {
    this.life.discard(key)
  }

  /** Where kept words would go back to, and whether all that they were to replace is there too; null: that place is gone. */
  placeFor(entry: TrayEntry): { readonly block: string; readonly at: number; readonly isWhole: boolean } | null {
    return this.#session.placeFor(entry)
  }

  /** Where the caret stands: the clause, and the last words before it; null: nowhere. */
  caretPlace(): { readonly block: string; readonly at: number } | null {
    const { $head } = this.editor.state.selection
    return $head.depth > 0 && this.caretBlock.value !== null ? { block: this.caretBlock.value, at: $head.parentOffset } : null
  }

  /** The first place that is in view. */
  #placeSeen(): { readonly block: string; readonly at: number } | null {
    const block = firstSeen(this.editor)
    return block === null ? null : { block, at: 0 }
  }

  /** The same, where a hand has put it. */
  placeWritten(): { readonly block: string; readonly at: number } | null {
    return this.#hasCaret ? this.caretPlace() : null
  }

  /**
   * Puts kept words back where they stood, as a new proposal, in place of what they were to replace; without that once the person was told so. They stay
   * kept unless they stand there now; whether they do.
   */
  insertAgain(entry: TrayEntry): boolean {
    if (!this.isEditable.value) return false
    this.#composition.finish()
    const isThere = this.#session.putBack(entry, true)
    if (isThere) this.discard(entry.key)
    return isThere
  }

  /** Proposes kept words behind the caret, once the person was told where that is; they stay kept unless they stand there now. */
  insertAtCaret(entry: TrayEntry): void {
    if (!this.isEditable.value) return
    this.#composition.finish()
    const { $head } = this.editor.state.selection
    if ($head.depth > 0 && this.#session.tracking.propose($head.index(0), $head.parentOffset, entry.text)) this.discard(entry.key)
  }
}

/** What is selected on the page, as it is now; null: nothing. */
function selectedRange(): StaticRange | null {
  const selection = getSelection()
  return selection && selection.rangeCount > 0 ? new StaticRange(selection.getRangeAt(0)) : null
}

const isSameRange = (a: StaticRange | null, b: StaticRange | null): boolean =>
  a !== null &&
  b !== null &&
  a.startContainer === b.startContainer &&
  a.startOffset === b.startOffset &&
  a.endContainer === b.endContainer &&
  a.endOffset === b.endOffset

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

/** Changes as a document has them, each with the hash that a decision on it, or on a part of it, bears. */
function seenIn(doc: Y.Doc, ids: readonly string[], part?: Part): SeenChange[] {
  const sight = sightOf(blocksOf(doc), originsOf(doc), tiesIn(doc))
  const hashOf = part && "segment" in part ? hashForPart : changeHash
  return changesIn(sight.blocks, new Set(ids)).map((change) => ({ id: change.id, hash: hashOf(change, sight), ...(part && { part }) }))
}

/** Those of some changes whose author's words are other ones in a document than were drawn: letters came since the last picture. */
function grownIn(doc: Y.Doc, drawn: readonly Change[], ids: ReadonlySet<string>): Change[] {
  const now = new Map(changesIn(blocksOf(doc), ids).map((change) => [change.id, change]))
  const wordsOf = ({ deleted, inserted }: Change): string => `${deleted}\n${inserted}`
  return drawn.filter((change) => {
    const other = ids.has(change.id) ? now.get(change.id) : undefined
    return other !== undefined && wordsOf(change) !== wordsOf(other)
  })
}
