import type { Sitting } from "../../shared/people/sitting.ts"
import type { Role } from "../../shared/policy/policy.ts"

/** A sitting as the secretariat has set it; the last one that is not closed is in force. */
export interface SittingRecord extends Omit<Sitting, "chair"> {
  readonly id: string
  /** The person who is to preside; null: nobody has said who. */
  readonly chair: string | null
  /** Whether the secretariat has stated that this person sits in the hall, without a page of the meeting. */
  readonly inHall?: boolean
  /** ISO 8601, UTC. */
  readonly openedAt: string
  readonly closedAt: string | null
}

export interface DraftRecord {
  readonly id: string
  readonly title: string
  readonly designation: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** The text in force that it revises, as JSON of `Block[]`, sealed at the first import; null for a new resolution. */
  readonly force: string | null
  /** SHA-256 of `force`, 64 hexadecimal digits. */
  readonly forceHash: string | null
  /** What the import understood beside blocks: cover fields, debris, warnings, as JSON. */
  readonly imported: string
}

/** One committed update, as the shadow emitted it. */
export interface LogRow {
  readonly seq: number
  readonly client: number
  readonly person: string
  readonly source: string
  readonly kind: "edit" | "act"
  readonly at: string
  readonly update: Uint8Array
}

/** One act in the record of decisions. */
export interface RegisterEntry {
  readonly act: string
  readonly at: string
  /** A person who was there; "" where the secretariat entered a decision and no chair was. */
  readonly decidedBy: string
  readonly enteredBy: string
  readonly source: string
  /** The sitting that was in force when the act was done. */
  readonly sitting: Sitting
  readonly details: Readonly<Record<string, unknown>>
}

export interface StoredEntry extends RegisterEntry {
  readonly n: number
  /** The row of the log that the act wrote; absent where it wrote none, or an earlier version entered it. */
  readonly row?: number
}

/** What one commit writes, all or nothing. `seq` of rows is given by the store. */
export interface Commit {
  readonly rows: readonly Omit<LogRow, "seq">[]
  /** Each with the place of its row among these, where it has one. */
  readonly entries: readonly (RegisterEntry & { readonly ofRow?: number })[]
  /** What comes on the roster with it. */
  readonly sources?: readonly SourceRecord[]
}

export interface Snapshot {
  readonly seq: number
  readonly state: Uint8Array
}

export interface PersonRecord {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** Sources that the person may write for. */
  readonly hats: readonly string[]
  readonly isRevoked: boolean
  /** Hash of the token by which the person came first; absent for one whom nobody invited. */
  readonly invitation?: string
  /** When the person was first on the list; ISO 8601, UTC. */
  readonly since?: string
  /** What is wrong with what is stored of it: it has no rights. Never written. */
  readonly problem?: string
}

export interface SourceRecord {
  readonly code: string
  readonly name: string
}

export interface InvitationRecord {
  /** SHA-256 of the token, hexadecimal. The token itself is never kept. */
  readonly tokenHash: string
  readonly role: Role
  readonly hats: readonly string[]
  /** The one person whom it is for, with a name; null: each who uses it gives a name. */
  readonly person: string | null
  readonly expiresAt: string
  readonly madeAt: string
  /** The person who made it; null: the operator, at the command line. */
  readonly madeBy: string | null
  readonly isWithdrawn: boolean
}

export interface SignInRecord {
  /** SHA-256 of the cookie's value, hexadecimal. */
  readonly cookieHash: string
  readonly person: string
  readonly expiresAt: string
}

export interface ClientRecord {
  readonly draft: string
  readonly client: number
  readonly person: string
  readonly source: string
  /** Shown with the id by whom it was given to; "": given by a version that made none, or known from the log alone. */
  readonly pass: string
}

/** Thrown where stored bytes do not prove themselves. `saved`: how many rows can be trusted. */
export class DamageError extends Error {
  readonly saved: number
  constructor(sentence: string, saved: number) {
    super(sentence)
    this.saved = saved
  }
}

/** Something that was found as the store was opened, and hinders nobody: a sentence for the operator, and what everybody is told; null: nothing. */
export class Finding extends Error {
  readonly note: string | null
  constructor(sentence: string, note: string | null) {
    super(sentence)
    this.note = note
  }
}

/** How far a log went at some moment, to be published. */
export interface PublishedHead {
  readonly seq: number
  readonly chain: string
}

/** A loss that the operator accepted: the draft went on without what was lost, in a new epoch. */
export interface Loss {
  readonly draft: string
  readonly epoch: number
  /** ISO 8601, UTC. */
  readonly at: string
  /** What was lost, in a sentence. */
  readonly sentence: string
  /** Client ids up to this one were given before: who holds one starts again. */
  readonly lastClient: number
  /** Nothing of the draft was left: this is all that tells of it. */
  readonly isGone: boolean
  /** What a draft that is gone was called, as far as that was known. */
  readonly title: string
}

/** What can be proven of a draft: by its chains, and by the head that is kept beside the database (rules DAM). */
export interface Proof {
  readonly draft: string
  readonly title: string
  readonly epoch: number
  /** The last row of the log that can be trusted, and when it was written; null where there is none. */
  readonly seq: number
  readonly at: string | null
  /** The last entry of the record of decisions that can be trusted. */
  readonly register: number
  /** What is damaged, in whole sentences; null where all is whole. */
  readonly damage: string | null
  readonly loss: Loss | null
}

/**
 * Everything that outlives the process (rules STO, DAM). A promise resolves only when what it wrote survives a crash; what a disk refuses is a
 * DomainError with a sentence. One contract suite tests every implementation: `tests/store-contract.ts`.
 */
export interface Store {
  createDraft(draft: DraftRecord, commit: Commit): Promise<void>
  /** All drafts, in the order in which they were created; those too of which the store knows no more than that they were there. */
  draftIds(): Promise<string[]>
  /** A draft's record; where that is lost and its log is not, one that says only what is known. Null: there is no such draft. */
  draft(id: string): Promise<DraftRecord | null>
  /** Proves a draft from its first row on. Null: there is no such draft. */
  examine(draft: string): Promise<Proof | null>
  /** What of a draft's record (title, designation) was altered, in a sentence; it is shown as it was entered. Null: nothing. */
  recordProblem(draft: string): Promise<string | null>
  /** Where a draft's log ends and its chain there, hexadecimal: whoever has it can tell later whether the log is still the same up to there. */
  head(draft: string): Promise<PublishedHead | null>
  /** Whether a draft's log had a chain that begins so at one of its rows; lower-case hexadecimal. */
  hasHead(draft: string, chain: string): Promise<boolean>
  /** Appends rows and acts in one transaction; the sequence number of the last row. */
  append(draft: string, commit: Commit): Promise<number>
  /** Rows after a sequence number, up to `through` or the last, in order. Throws DamageError where the chain is broken. */
  rows(draft: string, after: number, through?: number): Promise<LogRow[]>
  /** The last snapshot up to row `through`, where it fits that row of this draft and has the bytes that were saved. Else null: it is a cache. */
  snapshot(draft: string, through?: number): Promise<Snapshot | null>
  saveSnapshot(draft: string, snapshot: Snapshot): Promise<void>
  /** Why a snapshot that is kept is not used, in a sentence; null: it fits, or there is none, or an earlier version made it. */
  snapshotProblem(draft: string): Promise<string | null>
  /** Throws a snapshot away: the log has all that it has. */
  dropSnapshot(draft: string): Promise<void>
  /** The record of decisions; `through`: what was entered up to that row. */
  register(draft: string, through?: number): Promise<StoredEntry[]>
  /** The last loss that was accepted of each draft. */
  losses(): Promise<Loss[]>
  /**
   * Sets a damaged draft back to what can be proven, in a new epoch, with an entry in its record. What is taken out is kept apart in the store.
   * `proof`: what was found by who replayed it; else it is examined. Null: there is nothing to accept.
   */
  acceptLoss(draft: string, at: string, proof?: Proof | null): Promise<Loss | null>
  /** Keeps a file by the SHA-256 of its bytes, 64 hexadecimal digits; what is kept never changes. */
  saveFile(hash: string, bytes: Uint8Array): Promise<void>
  file(hash: string): Promise<Uint8Array | null>
  /** What the meeting has set once for all drafts, as JSON; null: nothing, or no longer. */
  setting(name: string): Promise<string | null>
  saveSetting(name: string, value: string | null): Promise<void>
  sources(): Promise<SourceRecord[]>
  saveSource(source: SourceRecord): Promise<void>
  people(): Promise<PersonRecord[]>
  savePerson(person: PersonRecord): Promise<void>
  /** Null: there is none of this token. "damaged": there is, and what is stored of it is no invitation. */
  invitation(tokenHash: string): Promise<InvitationRecord | "damaged" | null>
  /** All of them, the oldest first. */
  invitations(): Promise<InvitationRecord[]>
  saveInvitation(invitation: InvitationRecord): Promise<void>
  signIn(cookieHash: string): Promise<SignInRecord | null>
  saveSignIn(signIn: SignInRecord): Promise<void>
  removeSignIn(cookieHash: string): Promise<void>
  removeSignInsOf(person: string): Promise<void>
  /** The sittings, the oldest first. */
  sittings(): Promise<SittingRecord[]>
  saveSitting(sitting: SittingRecord): Promise<void>
  /** A number that is another whenever a process beside this one has written into the store. */
  writtenBeside(): Promise<number>
  /** Drafts that a process beside this one has written to, or taken something from, since this was asked last: they are to be proven anew. */
  altered(): Promise<string[]>
  /** Writes something and takes it away again. Rejects where nothing could be written at this moment. */
  tryWriting(): Promise<void>
  /** Assigns a client id that the draft has never used, bound for ever to person and source. */
  assignClient(draft: string, person: string, source: string, pass: string): Promise<number>
  clients(draft: string): Promise<ClientRecord[]>
  /** What is wrong with the store itself beside its drafts, in sentences. */
  problems(): Promise<string[]>
  /** What of that is about people, roster, links, sittings and client ids. */
  peopleProblems(): Promise<string[]>
  /** What is wrong and was accepted by the operator, each sentence with the hour of that: it is a problem no more. */
  acceptedProblems(): Promise<ReadonlyMap<string, string>>
  acceptProblems(sentences: readonly string[], at: string): Promise<void>
  /** Sentences about a damaged file that was made anew as it was opened, of all that could be read; none: it was as it is. */
  madeAnew(): Promise<string[]>
  /** That a write-ahead log of something else was moved aside at the start, in a sentence; none: there was none. */
  setAside(): Promise<string[]>
  /** Tables of the whole meeting that could not be read to their end then: what they lack is lost. */
  tablesHurt(): Promise<string[]>
  /** Hears of failures that no call waits for, and of each time that where the drafts end was written beside them. */
  onTrouble(listener: (error: Error) => void, whenHeadsWritten?: () => void): void
  close(): Promise<void>
}
