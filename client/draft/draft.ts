import type { DraftSummary } from "../../shared/api/contract.ts"
import { textOf } from "../../shared/schema/block.ts"
import { Composition } from "../editor/composition.ts"
import type { DraftSession } from "../editor/draft-session.ts"
import { whyKept } from "../life/sentences.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { Acts } from "./acts.ts"
import { Choice } from "./choice.ts"
import { Deciding } from "./deciding.ts"
import { Drafting } from "./drafting.ts"
import { watchDrawings } from "./drawings.ts"
import { Line } from "./line.ts"
import { Outlook } from "./outlook.ts"
import { OwnFates } from "./own-fates.ts"
import { Page } from "./page.ts"
import { pluginsOf } from "./plugins.ts"
import { stretchBetween, watchRemarked, watchSigns } from "./remark-drawings.ts"
import { placeOfRemark } from "./remark-places.ts"
import { Remarks } from "./remarks.ts"
import { Rights } from "./rights.ts"
import { RoomHere } from "./room.ts"
import { grownIn, seenIn } from "./seen.ts"
import { DraftText } from "./text.ts"
import { Tray } from "./tray.ts"

/**
 * One draft, open in this browser: puts its parts together, each with what it needs of the others, and in the order in which they follow what changes.
 * Panels take the parts, read their signals and call their methods; none of them touches the editor.
 */
export class Draft {
  readonly meeting: MeetingHere
  readonly room: RoomHere
  readonly page: Page
  readonly text: DraftText
  readonly line: Line
  readonly rights: Rights
  readonly choice: Choice
  readonly drafting: Drafting
  readonly tray: Tray
  readonly acts: Acts
  readonly deciding: Deciding
  readonly outlook: Outlook
  readonly remarks: Remarks
  readonly #stops: readonly (() => void)[]

  constructor({ summary, meeting }: { summary: DraftSummary; meeting: MeetingHere }) {
    const session = (): DraftSession => this.line.life.session
    this.meeting = meeting
    this.room = new RoomHere(summary)
    this.page = new Page({
      onDispatch: (tr) => this.drafting.dispatch(tr),
      onUpdate: (tr) => {
        if (tr.docChanged) this.text.follow()
        if (tr.selectionSet || tr.docChanged) this.choice.follow()
      },
    })
    const { room, page } = this
    this.text = new DraftText({ page, room, session })
    const { text } = this
    const composition = new Composition(page, {
      session,
      keep: (text, stood, why, source) => this.line.life.handBack({ text, ...stood }, whyKept[why], source),
      onStatus: () => this.line.life.refresh(),
      now: () => performance.now(),
    })
    this.line = new Line({
      ...{ page, room, text, meeting, composition },
      typeEarly: (words) => this.drafting.typeEarly(words),
      forestalledSaid: (change) => this.outlook.forestalledSaid(change),
      isBusy: () => this.acts.isBusy.value,
      isDeciding: () => this.deciding.isUnderWay(),
      tellUnknown: () => this.deciding.tellUnknown(),
    })
    const { line } = this
    this.rights = new Rights({ meeting, room, page, life: line.life })
    const { rights } = this
    this.choice = new Choice({ page, room, text, rights, session })
    const { choice } = this
    this.drafting = new Drafting({ page, text, meeting, choice, rights, line, composition })
    this.tray = new Tray({ page, text, rights, life: line.life, composition })
    this.acts = this.#newActs()
    this.deciding = this.#newDeciding()
    this.outlook = new Outlook({ room, text, meeting, deciding: this.deciding })
    this.remarks = this.#newRemarks()
    const { remarks, drafting } = this
    page.equip(pluginsOf({ page, room, text, meeting, choice, rights, remarks, line, composition, drafting }), () => rights.mayWrite.value)
    this.#stops = [
      text.watch(),
      watchDrawings({ page, room, text, meeting, choice, rights }),
      line.watch(),
      drafting.watch(),
      this.deciding.watch(),
      remarks.watch(),
      line.watchAnswers(),
      line.beingWritten.watch(text.changes),
      watchRemarked({ page, room, text, remarks }),
      watchSigns({ page, room, text, remarks }),
      this.acts.fates.watch(),
      this.#watchLeaving(),
    ]
  }

  /** Joins the room and stays in it. */
  open(): void {
    this.line.open()
  }

  destroy(): void {
    for (const stop of this.#stops) stop()
    this.line.destroy()
    this.page.editor.destroy()
  }

  /** Opens the box for a comment on the selected words, else on the clause of the caret. */
  comment(): void {
    const { page } = this
    const ruling = this.rights.ruling("comment")
    if (!ruling.isAllowed) return page.say(ruling.sentence)
    if (page.view.value === "original") return page.say("The text in force is sealed. Choose another view to comment on the draft.")
    const target = this.choice.commented()
    if (target) return this.remarks.begin(target)
    // What is typed next is meant for a comment: it must not go into the draft.
    page.editor.dom.blur()
    page.say("Put the caret into the clause that you comment on, or select its words.")
  }

  /** Before the window goes with something that is nowhere else, the browser asks. Returns how to stop. */
  #watchLeaving(): () => void {
    const leave = (event: BeforeUnloadEvent): void => {
      if (this.line.life.unsent > 0 || this.remarks.isAtRisk || this.deciding.isUnderWay()) event.preventDefault()
    }
    addEventListener("beforeunload", leave)
    return () => removeEventListener("beforeunload", leave)
  }

  #newActs(): Acts {
    const { room, page, text, line, choice, meeting } = this
    return new Acts({
      draft: room.summary.id,
      changes: text.changes,
      hat: line.hat,
      chosen: choice.chosen,
      said: page.said,
      after: () => ({ client: line.life.client, n: line.life.session.sentCount }),
      choose: (id) => choice.choose(id),
      nameOf: (source) => meeting.nameOf(source),
      seen: (ids) => seenIn(text.doc, ids),
      fates: new OwnFates(room, line.hat),
    })
  }

  #newDeciding(): Deciding {
    const { room, page, text, line, choice, meeting, acts } = this
    return new Deciding({
      blocks: text.blocks,
      changes: text.changes,
      chosen: choice.chosen,
      caretBlock: choice.caretBlock,
      here: () => choice.here(),
      ticked: choice.ticked,
      said: page.said,
      acts,
      seen: (ids, part) => seenIn(text.doc, ids, part),
      grown: (ids) => {
        const grown = grownIn(text.doc, text.changes.value, ids)
        // A picture that was not only late but wrong is drawn again, so that nobody is asked to look again for ever.
        if (grown.length > 0) line.life.session.binding.verify()
        return grown
      },
      twins: () => text.twins(),
      inOrder: (read) => text.inOrder(read),
      noted: text.noted,
      inPart: text.inPart,
      forestalled: room.forestalled,
      ties: room.ties,
      choose: (id) => choice.choose(id),
      addressOf: (block) => text.addressOf(block),
      nameOf: (source) => meeting.nameOf(source),
    })
  }

  #newRemarks(): Remarks {
    const { room, page, text, line, rights, choice, acts, meeting } = this
    return new Remarks({
      draft: room.summary.id,
      person: meeting.me.value.id,
      aboutOf: ({ block }) => `${text.heading.value}, ${text.addressOf(block)}`,
      placeOf: (target) =>
        placeOfRemark(target, {
          blocks: text.blocks.value,
          between: (words) => stretchBetween(page, line.life.session, words),
          placeOf: (thread) => text.places.value.get(thread),
        }),
      textOf: (block, from, to) => textOf(text.blocks.value.find((other) => other.id === block)!).slice(from, to),
      hat: () => line.hat.value,
      comment: (anchor, words, as) => acts.comment(anchor, words, as),
      reply: (thread, words, as) => acts.reply(thread, words, as),
      say: (sentence) => page.say(sentence),
      staysOpen: (id) => rights.ruling("comment").isAllowed && room.threads.value.some((thread) => thread.id === id && !thread.isResolved),
      giveCaretBack: (subject) => choice.giveCaretBack(subject),
      writeOn: (subject) => choice.writeOn(subject),
    })
  }
}
