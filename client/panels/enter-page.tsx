import { useEffect, useRef, useState } from "preact/hooks"
import type { Answer } from "../../shared/api/contract.ts"
import type { ProblemDetails } from "../../shared/api/problems.ts"
import { ApiProblem, call } from "../meeting/api.ts"
import { Icon } from "../ui/icon.tsx"
import { recordedAt } from "../ui/moment.ts"
import { dayName } from "./sitting.tsx"

type Invitation = Answer<"lookAtInvitation">

/** Somebody of the name that was given, who has entered already. */
interface Namesake {
  readonly id: string
  readonly name: string
  readonly since: string | null
}

/** Of whom the name that was given is already. */
interface Unlike {
  /** Who one may be, on another device. */
  readonly people: readonly Namesake[]
  /** Who one is not: of another delegation or role, or invited by a link of their own. */
  readonly others: readonly { readonly name: string; readonly standing: string; readonly isColleague: boolean }[]
  /** How the meeting sees one who goes on under this name. */
  readonly asAnother: string
}

const noInvitation = "This address holds no invitation. Use the whole link that you were sent."

/**
 * Turns the address of an invitation into a signed-in person: says what it is for, asks who enters, and where somebody of that name has entered before,
 * which of the two it is. The token stands behind `#`, so that it reaches no log and no mail scanner.
 */
export function EnterPage({ token, onEntered }: { token: string; onEntered: () => void }) {
  const [invitation, setInvitation] = useState<Invitation | null>(null)
  const [name, setName] = useState("")
  const [unlike, setUnlike] = useState<Unlike | null>(null)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState(token ? "" : noInvitation)
  const enter = async (who: { name?: string; same?: string }): Promise<void> => {
    setBusy(true)
    setProblem("")
    try {
      await call("signIn", { body: { token, ...who } })
      onEntered()
    } catch (error) {
      setBusy(false)
      const asked: ProblemDetails = error instanceof ApiProblem ? error.problem : {}
      const { people = [], others = [], asAnother = "" } = asked
      setUnlike(asked.needs === "same" ? { people, others, asAnother } : null)
      if (asked.needs !== "same") setProblem((error as Error).message)
    }
  }
  useEffect(() => {
    if (!token) return
    call("lookAtInvitation", { body: { token } }).then(
      (found) => {
        setInvitation(found)
        // A link that is for one person asks nothing.
        if (found.name !== null) void enter({})
      },
      (error: Error) => setProblem(error.message),
    )
  }, [])
  const asks = invitation !== null && invitation.name === null
  return (
    <main class="enter-page">
      <Orientation sitting={invitation?.sitting ?? null} />
      <section class="enter">
        {invitation && <Welcome invitation={invitation} />}
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        {asks && unlike === null && (
          <NameForm
            name={name}
            here={invitation.here}
            isBusy={isBusy}
            onName={setName}
            onEnter={() => void enter({ name: name.trim() })}
            onGoOn={onEntered}
          />
        )}
        {asks && unlike !== null && (
          <WhichOne
            name={name.trim()}
            unlike={unlike}
            isBusy={isBusy}
            onChoose={(same) => void enter({ name: name.trim(), same })}
            onBack={() => setUnlike(null)}
          />
        )}
        {!problem && !asks && <p class="empty">Signing in …</p>}
        {asks && <ReadsWhat invitation={invitation} />}
      </section>
    </main>
  )
}

/** Where one is: the product, and the sitting as far as it is said. */
function Orientation({ sitting }: { sitting: Invitation["sitting"] | null }) {
  const isSet = sitting !== null && sitting.body !== ""
  return (
    <section class="orientation">
      <p class="brand">
        <img src="/icon.svg" alt="" width="30" height="30" />
        <span>Clausula</span>
      </p>
      <div>
        <h1 dir="auto">{isSet ? sitting.body : "The drafting room"}</h1>
        {isSet && (
          <p class="facts" dir="auto">
            {[sitting.room, dayName(sitting.date)].filter(Boolean).join(" · ")}
          </p>
        )}
        {isSet && sitting.chair && (
          <p class="facts" dir="auto">
            {sitting.chair} presiding
          </p>
        )}
        {sitting !== null && !isSet && <p class="facts">The secretariat has not said yet what sitting it is.</p>}
      </div>
    </section>
  )
}

/** For whom one writes by this link, like the plate on a desk. */
function Welcome({ invitation: { role, sources, name } }: { invitation: Invitation }) {
  const [first] = sources
  const delegations = sources.map((source) => source.name).join(", ")
  const whom = { chair: "You preside", secretary: "You work for the secretariat", observer: "You read, as an observer" }
  return (
    <div class="big-plate" style={{ "--tone": `var(--source-${first?.tone ?? 0})` }}>
      <small>
        {name === null ? "Welcome." : `Welcome, ${name}.`} {role === "delegate" ? "You write for" : ""}
      </small>
      <b dir="auto" class={delegations.length > 40 ? "is-long" : ""}>
        {role === "delegate" ? delegations : whom[role]}
      </b>
    </div>
  )
}

function NameForm({
  name,
  here,
  isBusy,
  onName,
  onEnter,
  onGoOn,
}: {
  name: string
  here: Invitation["here"]
  isBusy: boolean
  onName: (name: string) => void
  onEnter: () => void
  onGoOn: () => void
}) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (!here) input.current?.focus()
  }, [])
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onEnter()
      }}
    >
      {here && (
        <div class="is-here">
          <p dir="auto">
            You are signed in on this device as <b>{here.name}</b>.
          </p>
          <button type="button" class="primary" onClick={onGoOn}>
            Go on as {here.name}
          </button>
          <p class="soft">Or enter by this link; then this device is signed in under that name.</p>
        </div>
      )}
      <label>
        Your name, as the meeting should see it
        <input
          ref={input}
          type="text"
          required
          maxLength={200}
          autocomplete="name"
          dir="auto"
          value={name}
          onInput={(event) => onName(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class={here ? "" : "primary"} disabled={isBusy || !name.trim()}>
        Enter the room
      </button>
    </form>
  )
}

/** Somebody of this name is there: nobody becomes another unasked. */
function WhichOne({
  name,
  unlike: { people, others, asAnother },
  isBusy,
  onChoose,
  onBack,
}: {
  name: string
  unlike: Unlike
  isBusy: boolean
  onChoose: (same: string) => void
  onBack: () => void
}) {
  const first = useRef<HTMLHeadingElement>(null)
  useEffect(() => first.current?.focus(), [])
  return (
    <div class="which-one">
      <h2 ref={first} tabIndex={-1} dir="auto">
        {people.length > 0
          ? `${name} has entered already. Who are you?`
          : `Somebody called ${name} is in this meeting already: ${[...new Set(others.map(({ standing }) => standing))].join("; ")}`}
      </h2>
      {others
        .filter(({ isColleague }) => isColleague)
        .map((other) => (
          <p key={other.name} class="soft" dir="auto">
            {other.name} was invited by a personal link. If that is you, open that link on this device, or ask the secretariat for a new
            one.
          </p>
        ))}
      {people.map(({ id, name: known, since }) => (
        <button key={id} type="button" disabled={isBusy} onClick={() => onChoose(id)}>
          <b dir="auto">I am {known}, on another device</b>
          {since && <small>first entered {recordedAt(since)}</small>}
        </button>
      ))}
      <button type="button" disabled={isBusy} onClick={() => onChoose("another")}>
        <b>I am another person of this name</b>
        <small dir="auto">the meeting sees you as {asAnother}</small>
      </button>
      <button type="button" class="quiet" onClick={onBack}>
        Write the name differently
      </button>
    </div>
  )
}

/** Who reads and keeps what: only what is so. */
function ReadsWhat({ invitation: { role } }: { invitation: Invitation }) {
  return (
    <ul class="reads-what">
      {role !== "observer" && (
        <li>
          <Icon name="eye" /> What you type in a draft is seen by all who may open it, letter by letter.
        </li>
      )}
      <li>
        <Icon name="scroll" />{" "}
        {role === "observer"
          ? "You read drafts, comments and the record; you do not write."
          : "The record keeps who entered what, and when."}
      </li>
    </ul>
  )
}
