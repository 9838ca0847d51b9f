import type { DraftSummary } from "../../shared/api/contract.ts"
import { textOf } from "../../shared/schema/block.ts"
import { Composition } from "../editor/composition.ts"
import type { DraftSession } from "../editor/draft-session.ts"
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
      keep: (words, block) => this.line.handBack(words, block),
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

  // ---- the parts' own, under one name each, until all panels take the parts

  get summary(): RoomHere["summary"] {
    return this.room.summary
  }
  get meta(): RoomHere["meta"] {
    return this.room.meta
  }
  get threads(): RoomHere["threads"] {
    return this.room.threads
  }
  get proposals(): RoomHere["proposals"] {
    return this.room.proposals
  }
  get structure(): RoomHere["structure"] {
    return this.room.structure
  }
  get damage(): RoomHere["damage"] {
    return this.room.damage
  }
  get loss(): RoomHere["loss"] {
    return this.room.loss
  }
  get force(): RoomHere["force"] {
    return this.room.force
  }
  get said(): Page["said"] {
    return this.page.said
  }
  get view(): Page["view"] {
    return this.page.view
  }
  get oneSource(): Page["oneSource"] {
    return this.page.oneSource
  }
  get showsSigns(): Page["showsSigns"] {
    return this.page.showsSigns
  }
  get drawn(): Page["drawn"] {
    return this.page.drawn
  }
  get editor(): Page["editor"] {
    return this.page.editor
  }
  get topOf(): Page["topOf"] {
    return this.page.topOf.bind(this.page)
  }
  get blocks(): DraftText["blocks"] {
    return this.text.blocks
  }
  get changes(): DraftText["changes"] {
    return this.text.changes
  }
  get noted(): DraftText["noted"] {
    return this.text.noted
  }
  get inPart(): DraftText["inPart"] {
    return this.text.inPart
  }
  get places(): DraftText["places"] {
    return this.text.places
  }
  get labels(): DraftText["labels"] {
    return this.text.labels
  }
  get addresses(): DraftText["addresses"] {
    return this.text.addresses
  }
  get heading(): DraftText["heading"] {
    return this.text.heading
  }
  get outline(): DraftText["outline"] {
    return this.text.outline
  }
  get addressOf(): DraftText["addressOf"] {
    return this.text.addressOf.bind(this.text)
  }
  get addressOfThread(): DraftText["addressOfThread"] {
    return this.text.addressOfThread.bind(this.text)
  }
  get dirOf(): DraftText["dirOf"] {
    return this.text.dirOf.bind(this.text)
  }
  get life(): Line["life"] {
    return this.line.life
  }
  get status(): Line["status"] {
    return this.line.status
  }
  get hat(): Line["hat"] {
    return this.line.hat
  }
  get present(): Line["present"] {
    return this.line.present
  }
  get unsent(): Line["life"]["unsent"] {
    return this.line.life.unsent
  }
  get writing(): Line["beingWritten"]["said"] {
    return this.line.beingWritten.said.bind(this.line.beingWritten)
  }
  get ruling(): Rights["ruling"] {
    return this.rights.ruling.bind(this.rights)
  }
  get mayDecide(): Rights["mayDecide"] {
    return this.rights.mayDecide
  }
  get mayWrite(): Rights["mayWrite"] {
    return this.rights.mayWrite
  }
  get isEditable(): Rights["isEditable"] {
    return this.rights.isEditable
  }
  get chosen(): Choice["chosen"] {
    return this.choice.chosen
  }
  get ticked(): Choice["ticked"] {
    return this.choice.ticked
  }
  get selected(): Choice["selected"] {
    return this.choice.selected
  }
  get caretBlock(): Choice["caretBlock"] {
    return this.choice.caretBlock
  }
  get handAsked(): Choice["handAsked"] {
    return this.choice.handAsked
  }
  get choose(): Choice["choose"] {
    return this.choice.choose.bind(this.choice)
  }
  get look(): Choice["look"] {
    return this.choice.look.bind(this.choice)
  }
  get show(): Choice["show"] {
    return this.choice.show.bind(this.choice)
  }
  get tick(): Choice["tick"] {
    return this.choice.tick.bind(this.choice)
  }
  get caretLine(): Choice["caretLine"] {
    return this.choice.caretLine.bind(this.choice)
  }
  get caretPlace(): Choice["caretPlace"] {
    return this.choice.caretPlace.bind(this.choice)
  }
  get placeWritten(): Choice["placeWritten"] {
    return this.choice.placeWritten.bind(this.choice)
  }
  get takeCaretBack(): Choice["takeCaretBack"] {
    return this.choice.takeCaretBack.bind(this.choice)
  }
  get restructure(): Drafting["restructure"] {
    return this.drafting.restructure.bind(this.drafting)
  }
  get proposeClause(): Drafting["proposeClause"] {
    return this.drafting.proposeClause.bind(this.drafting)
  }
  get wear(): Drafting["wear"] {
    return this.drafting.wear.bind(this.drafting)
  }
  get notTaken(): Drafting["notTaken"] {
    return this.drafting.notTaken
  }
  get placeOfKept(): Tray["placeOf"] {
    return this.tray.placeOf.bind(this.tray)
  }
  get isBack(): Tray["isBack"] {
    return this.tray.isBack.bind(this.tray)
  }
  get discard(): Tray["discard"] {
    return this.tray.discard.bind(this.tray)
  }
  get hasPlaceFor(): Tray["hasPlaceFor"] {
    return this.tray.hasPlaceFor.bind(this.tray)
  }
  get insertAgain(): Tray["insertAgain"] {
    return this.tray.insertAgain.bind(this.tray)
  }
  get isBusy(): Acts["isBusy"] {
    return this.acts.isBusy
  }
  get entered(): Acts["entered"] {
    return this.acts.entered
  }
  get freshFates(): Acts["fates"]["fresh"] {
    return this.acts.fates.fresh
  }
  get fatesSeen(): Acts["fates"]["look"] {
    return this.acts.fates.look.bind(this.acts.fates)
  }
  get forestalledSaid(): Outlook["forestalledSaid"] {
    return this.outlook.forestalledSaid.bind(this.outlook)
  }
  get lateReads(): Outlook["lateReads"] {
    return this.outlook.lateReads.bind(this.outlook)
  }
  get sideReads(): Outlook["sideReads"] {
    return this.outlook.sideReads.bind(this.outlook)
  }
  get otherSideSaid(): Outlook["otherSideSaid"] {
    return this.outlook.otherSideSaid.bind(this.outlook)
  }
  get acceptingSaid(): Outlook["acceptingSaid"] {
    return this.outlook.acceptingSaid.bind(this.outlook)
  }
  get partSaid(): Outlook["partSaid"] {
    return this.outlook.partSaid.bind(this.outlook)
  }
  get togetherSaid(): Outlook["togetherSaid"] {
    return this.outlook.togetherSaid.bind(this.outlook)
  }
  get tiedWith(): Outlook["tiedWith"] {
    return this.outlook.tiedWith.bind(this.outlook)
  }
  get relatedTo(): Outlook["relatedTo"] {
    return this.outlook.relatedTo.bind(this.outlook)
  }
  get placeOfRemark(): Remarks["placeOf"] {
    return this.remarks.placeOf.bind(this.remarks)
  }
  get lookOf(): MeetingHere["lookOf"] {
    return this.meeting.lookOf.bind(this.meeting)
  }
  get nameOf(): MeetingHere["nameOf"] {
    return this.meeting.nameOf.bind(this.meeting)
  }
  get personName(): MeetingHere["personName"] {
    return this.meeting.personName.bind(this.meeting)
  }
  get me(): MeetingHere["me"]["value"] {
    return this.meeting.me.value
  }
}
