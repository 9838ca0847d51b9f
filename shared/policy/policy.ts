/** Who may do what, in which stage: one table, read by the server to decide and by the browser to grey out (POL). */
export type Role = "chair" | "secretary" | "delegate" | "observer"
export type Stage = "drafting" | "adopted"

export type Act =
  | "read"
  | "propose"
  | "comment"
  | "resolveThread"
  | "withdraw"
  | "incorporate"
  | "decide"
  | "takeBack"
  | "adopt"
  | "letSecretaryOperate"
  | "importDraft"
  | "importChanges"
  | "attribute"
  | "openToPublic"
  | "nameVersion"
  | "publish"
  | "setTemplate"
  | "invite"
  | "setSitting"

/** A person as far as rights go. `hat` is the source that it acts for now, null for one who has none. */
export interface Actor {
  readonly role: Role
  readonly hat: string | null
}

export interface DraftState {
  readonly stage: Stage
  readonly secretaryOperates: boolean
}

interface Rule {
  readonly stages: readonly Stage[]
  readonly roles: readonly Role[]
  /** What is missing, said to the person, where the role is not enough. */
  readonly sentence: string
}

const everyone: readonly Role[] = ["chair", "secretary", "delegate", "observer"]
const members: readonly Role[] = ["chair", "secretary", "delegate"]
const always: readonly Stage[] = ["drafting", "adopted"]

/** Source: meeting.md, "Who". */
export const policy: Readonly<Record<Act, Rule>> = {
  read: { stages: always, roles: everyone, sentence: "" },
  propose: { stages: ["drafting"], roles: members, sentence: "Observers read this draft; they do not write in it." },
  comment: { stages: ["drafting"], roles: members, sentence: "Observers read this draft; they do not comment on it." },
  resolveThread: {
    stages: ["drafting"],
    roles: members,
    sentence: "Comments are resolved by who made them, the chair or the secretariat.",
  },
  incorporate: {
    stages: ["drafting"],
    roles: members,
    sentence: "Only the delegation whose proposal it is can take others' words into it.",
  },
  withdraw: { stages: ["drafting"], roles: members, sentence: "Only the delegation whose change it is can withdraw it." },
  decide: { stages: ["drafting"], roles: ["chair", "secretary"], sentence: "Only the chair decides on changes." },
  takeBack: { stages: ["drafting"], roles: ["chair", "secretary"], sentence: "Only the chair takes a decision back." },
  adopt: { stages: ["drafting"], roles: ["chair", "secretary"], sentence: "Only the chair adopts the text." },
  letSecretaryOperate: { stages: always, roles: ["chair"], sentence: "Only the chair says whether the secretary operates." },
  importDraft: { stages: always, roles: ["chair", "secretary"], sentence: "The secretariat imports drafts." },
  attribute: { stages: ["drafting"], roles: ["secretary"], sentence: "The secretariat states whose a change is." },
  openToPublic: { stages: always, roles: ["secretary"], sentence: "The secretariat opens a draft to the public." },
  nameVersion: { stages: always, roles: ["chair", "secretary"], sentence: "The chair or the secretariat names a version." },
  publish: { stages: always, roles: ["chair", "secretary"], sentence: "The secretariat publishes." },
  setTemplate: { stages: always, roles: ["secretary"], sentence: "The secretariat keeps the institution's template." },
  importChanges: { stages: ["drafting"], roles: members, sentence: "Observers read this draft; they bring no changes to it." },
  invite: { stages: always, roles: ["chair", "secretary"], sentence: "The secretariat keeps the list of people." },
  setSitting: { stages: always, roles: ["chair", "secretary"], sentence: "The secretariat says what sitting it is." },
}

/** Acts of the chair that the secretary does on the chair's word, where the chair lets the secretary operate. */
export const chairActs: ReadonlySet<Act> = new Set(["decide", "takeBack", "adopt"])

export type Ruling = { readonly isAllowed: true } | { readonly isAllowed: false; readonly sentence: string }

const allowed: Ruling = { isAllowed: true }
const refused = (sentence: string): Ruling => ({ isAllowed: false, sentence })

/** Whether an actor may do an act in this state of the draft, or the sentence that says why not (POL1-POL4). */
export function may(act: Act, actor: Actor, draft: DraftState): Ruling {
  const rule = policy[act]
  if (!rule.stages.includes(draft.stage)) return refused("The text is adopted. It is sealed; later errors are corrected by a corrigendum.")
  if (!rule.roles.includes(actor.role)) return refused(rule.sentence)
  if (actor.role === "secretary" && chairActs.has(act) && !draft.secretaryOperates)
    return refused("The chair has not let the secretary operate. Ask the chair to decide, or to switch it on.")
  if ((act === "propose" || act === "comment" || act === "withdraw" || act === "incorporate") && actor.hat === null)
    return refused("Choose first for whom you write.")
  return allowed
}

/** Whether an actor may resolve or reopen a thread that `source` began. */
export const mayResolve = (actor: Actor, source: string, draft: DraftState): Ruling => {
  const ruling = may("resolveThread", actor, draft)
  if (!ruling.isAllowed || actor.role !== "delegate" || actor.hat === source) return ruling
  return refused(policy.resolveThread.sentence)
}

/** Whether an actor may withdraw a change of `source`. */
export const mayWithdraw = (actor: Actor, source: string, draft: DraftState): Ruling => {
  const ruling = may("withdraw", actor, draft)
  return !ruling.isAllowed || actor.hat === source ? ruling : refused(policy.withdraw.sentence)
}
