import { useSignalEffect } from "@preact/signals"
import { useEffect, useState } from "preact/hooks"
import type { Roster } from "../../shared/api/contract.ts"
import { mayGrantRole } from "../../shared/people/grants.ts"
import type { Role } from "../../shared/policy/policy.ts"
import { call } from "../meeting/api.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { Dialog } from "../ui/dialog.tsx"
import { dayOf, recordedAt } from "../ui/moment.ts"
import { Question, usePointer } from "../ui/question.tsx"
import { SourceCode } from "../ui/source-code.tsx"
import { count, roleNames } from "../ui/words.ts"
import { Delegations } from "./delegations.tsx"
import { Inviting } from "./inviting.tsx"
import { addressOf, type ListActs, type NewLink } from "./people-acts.ts"

type Tab = "people" | "links" | "delegations"
const pollMs = 4_000

/** The people of the meeting, their links and the roster: for who keeps the list. */
export function PeopleDialog({ meeting, onClose }: { meeting: MeetingHere; onClose: () => void }) {
  const [roster, setRoster] = useState<Roster | null>(null)
  const [tab, setTab] = useState<Tab>("people")
  const [said, setSaid] = useState("")
  // Each is shown until one is done with it: the next one takes the place of none.
  const [links, setLinks] = useState<readonly NewLink[]>([])
  const [isBusy, setBusy] = useState(false)
  const read = (): Promise<void> => call("roster").then(setRoster, (error: Error) => setSaid(error.message))
  useSignalEffect(() => {
    void meeting.me.value
    void read()
  })
  useEffect(() => {
    const timer = setInterval(() => void read(), pollMs)
    return () => clearInterval(timer)
  }, [])
  const run = async (act: () => Promise<string>): Promise<void> => {
    setBusy(true)
    setSaid(await act().catch((error: Error) => error.message))
    await Promise.all([read(), meeting.read()])
    setBusy(false)
  }
  const tabs: readonly (readonly [Tab, string])[] = [
    ["people", roster ? `People ${roster.people.length}` : "People"],
    ["links", roster ? `Links ${roster.invitations.length}` : "Links"],
    ["delegations", roster ? `Delegations ${roster.delegations.length}` : "Delegations"],
  ]
  return (
    <Dialog title="People and links" onClose={onClose}>
      <div class="people">
        <nav class="tabs" aria-label="List">
          {tabs.map(([name, words]) => (
            <button key={name} type="button" class="quiet" aria-current={tab === name ? "page" : undefined} onClick={() => setTab(name)}>
              {words}
            </button>
          ))}
        </nav>
        <p role="status" class={said ? "outcome" : ""}>
          {said}
        </p>
        {links.map((link) => (
          <Link key={link.url} link={link} onClose={() => setLinks((all) => all.filter((other) => other !== link))} />
        ))}
        {roster === null && <p class="empty">Opening …</p>}
        {roster && <Lists tab={tab} acts={{ roster, meeting, isBusy, run, show: (link) => setLinks((all) => [link, ...all]) }} />}
      </div>
    </Dialog>
  )
}

function Lists({ tab, acts }: { tab: Tab; acts: ListActs }) {
  switch (tab) {
    case "people":
      return <Persons acts={acts} />
    case "links":
      return <Links acts={acts} />
    case "delegations":
      return <Delegations acts={acts} />
    default:
      return tab satisfies never
  }
}

/** A link, shown once: the server keeps only what tells it apart. */
function Link({ link, onClose }: { link: NewLink; onClose: () => void }) {
  const [isCopied, setCopied] = useState(false)
  return (
    <div class="new-link">
      <p>
        <b dir="auto">Link for {link.whom}</b>, good until {dayOf(link.expiresAt)}. It is shown once: send it now.
      </p>
      <div class="row">
        <input
          type="text"
          readOnly
          aria-label={`Link for ${link.whom}`}
          value={link.url}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button
          type="button"
          class="primary"
          onClick={() =>
            navigator.clipboard.writeText(link.url).then(
              () => setCopied(true),
              () => setCopied(false),
            )
          }
        >
          {isCopied ? "Copied" : "Copy"}
        </button>
        <button type="button" class="quiet" onClick={onClose}>
          Done
        </button>
      </div>
    </div>
  )
}

/** For whom somebody writes, as codes; a role's name where that says it. */
function Whom({ role, hats, meeting }: { role: Role; hats: readonly string[]; meeting: MeetingHere }) {
  if (role !== "delegate") return <span>{roleNames[role]}</span>
  return (
    <span class="codes">
      {hats.map((code) => (
        <SourceCode key={code} code={code} look={meeting.lookOf(code)} />
      ))}
    </span>
  )
}

function Persons({ acts }: { acts: ListActs }) {
  const { roster, meeting, isBusy, run } = acts
  const [wanted, setWanted] = useState("")
  const [leaving, setLeaving] = useState<Roster["people"][number] | null>(null)
  const pointer = usePointer()
  const me = meeting.me.value
  const key = wanted.trim().toLowerCase()
  const names = new Map(roster.delegations.map(({ code, name }) => [code, name]))
  const shown = roster.people.filter(
    ({ name, hats, role }) =>
      key === "" || [name, role, ...hats, ...hats.map((code) => names.get(code) ?? "")].join(" ").toLowerCase().includes(key),
  )
  const setAccess = (id: string, name: string, withdrawn: boolean, invitation: string | null): Promise<void> =>
    run(async () => {
      await call("setAccess", { params: { person: id }, body: { withdrawn } })
      if (!withdrawn) return `${name} may enter again.`
      const shared = roster.invitations.find((one) => one.id === invitation && one.person === null && !one.isWithdrawn)
      return `${name} was withdrawn and is out.${shared ? " The delegation's link by which they came is still good; withdraw it under Links if it went astray." : ""}`
    })
  if (roster.people.length === 0) return <p class="empty">Nobody is on the list yet. Make a link under Links and send it.</p>
  return (
    <>
      {roster.people.length > 8 && (
        <input
          type="text"
          class="filter"
          placeholder="Name or delegation"
          aria-label="Show"
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      <ul class="rows">
        {shown.map((person) => {
          const { id, name, role, hats, isHere, isWithdrawn, lastSeen, since, invitation, problem } = person
          return (
            <li key={id} class={isWithdrawn ? "is-withdrawn" : ""}>
              <Whom role={role} hats={hats} meeting={meeting} />
              <span class="name" dir="auto">
                {name}
                {id === me.id && <small> (you)</small>}
              </span>
              <small class={isHere ? "is-here" : ""}>{whereabouts({ isHere, isWithdrawn, lastSeen, since, problem })}</small>
              {mayGrantRole(me.role, role).isAllowed && problem === undefined && (
                <span class="row">
                  {!isWithdrawn && (
                    <button
                      type="button"
                      class="quiet"
                      disabled={isBusy}
                      title={`Another link for ${name}: a lost one, another device`}
                      onClick={() => void run(() => linkFor(acts, id, name))}
                    >
                      New link
                    </button>
                  )}
                  {id !== me.id && (
                    <button
                      type="button"
                      class="quiet"
                      disabled={isBusy}
                      aria-label={isWithdrawn ? `Give ${name} access again` : `Withdraw ${name}`}
                      onClick={() => (isWithdrawn ? void setAccess(id, name, false, invitation) : setLeaving(person))}
                    >
                      {isWithdrawn ? "Give access again" : "Withdraw"}
                    </button>
                  )}
                </span>
              )}
            </li>
          )
        })}
      </ul>
      {shown.length === 0 && <p class="empty">Nobody fits “{wanted}”.</p>}
      {leaving && (
        <Question
          title={`Withdraw ${leaving.name}?`}
          act="End their access"
          kind="no"
          pointer={pointer}
          onAct={() => {
            setLeaving(null)
            void setAccess(leaving.id, leaving.name, true, leaving.invitation)
          }}
          onClose={() => setLeaving(null)}
        >
          <p class="soft">{leaving.name} is out of the meeting at once. What they proposed and said stays.</p>
        </Question>
      )}
    </>
  )
}

function whereabouts({
  isHere,
  isWithdrawn,
  lastSeen,
  since,
  problem,
}: Pick<Roster["people"][number], "isHere" | "isWithdrawn" | "lastSeen" | "since" | "problem">): string {
  if (problem !== undefined) return `cannot come in, for what is stored is damaged: ${problem}. Invite the person anew.`
  if (isWithdrawn) return "withdrawn"
  if (isHere) return "here"
  if (lastSeen) return `seen ${recordedAt(lastSeen)}`
  return since ? `on the list since ${dayOf(since)}` : "not seen yet"
}

async function linkFor({ show }: ListActs, person: string, whom: string): Promise<string> {
  const { token, expiresAt } = await call("invite", { body: { person } })
  show({ whom, url: addressOf(token), expiresAt })
  return ""
}

function Links({ acts }: { acts: ListActs }) {
  const { roster, meeting, isBusy, run } = acts
  const { role: own } = meeting.me.value
  const stateOf = ({ isWithdrawn, expiresAt }: Roster["invitations"][number]): string => {
    if (isWithdrawn) return "withdrawn"
    return Date.parse(expiresAt) < Date.now() ? "expired" : `good until ${dayOf(expiresAt)}`
  }
  return (
    <>
      <Inviting acts={acts} />
      <ul class="rows">
        {roster.invitations.toReversed().map((link) => (
          <li key={link.id} class={link.isWithdrawn ? "is-withdrawn" : ""}>
            <Whom role={link.role} hats={link.hats} meeting={meeting} />
            <span class="name" dir="auto">
              {link.name ?? count(link.entered, "person has entered", "people have entered")}
              <small> made by {link.madeBy ?? "the operator"}</small>
            </span>
            <small>{stateOf(link)}</small>
            {!link.isWithdrawn && mayGrantRole(own, link.role).isAllowed && (
              <button
                type="button"
                class="quiet"
                disabled={isBusy}
                onClick={() =>
                  void run(async () => {
                    await call("withdrawInvitation", { params: { invitation: link.id } })
                    return "Nobody enters by this link any more. Who has entered stays; withdraw them under People."
                  })
                }
              >
                Withdraw
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
