import { useEffect, useState } from "preact/hooks"
import type { Answer, SittingNow } from "../../shared/api/contract.ts"
import { missingIn } from "../../shared/people/sitting.ts"
import { call } from "../meeting/api.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { Dialog } from "../ui/dialog.tsx"
import { dayOf } from "../ui/moment.ts"

/** A day as people write it. */
export const dayName = (date: string): string => {
  return dayOf(`${date}T12:00:00`) || date
}

/** Today where this browser is, as YYYY-MM-DD. */
const today = (): string => {
  const now = new Date()
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
}

const listed = (words: readonly string[]): string =>
  words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : (words[0] ?? "")

/** The sitting in force in a line; where something of it is not said, that, with the way to say it for who may. */
export function SittingLine({ meeting, hasDate = false }: { meeting: MeetingHere; hasDate?: boolean }) {
  const { sitting } = meeting.me.value
  const missing = missingIn(sitting)
  const facts = [sitting.body, sitting.room, hasDate && sitting.id ? dayName(sitting.date) : "", chairOf(sitting)].filter(Boolean)
  return (
    <span class="sitting-line">
      <span dir="auto">{sitting.id === null ? "The sitting is not set" : facts.join(" · ")}</span>
      {meeting.mayKeep && missing.length > 0 && (
        <button
          type="button"
          class="link"
          onClick={() => {
            meeting.dialog.value = "sitting"
          }}
        >
          {sitting.id === null ? "Set it" : `Say the ${listed(missing)}`}
        </button>
      )}
    </span>
  )
}

function chairOf({ chair, present }: SittingNow): string {
  if (chair) return present === "" ? `${chair.name}, chair, is not here` : `${present} presiding`
  return present === "" ? "" : `${present} presiding`
}

interface Terms {
  readonly body: string
  readonly room: string
  readonly date: string
  readonly chair: string
  readonly inHall: boolean
}

/** Says what sitting it is: a new one, or something else of the one in force. `before`: what waits for it. */
export function SittingDialog({
  meeting,
  before = null,
  onClose,
}: {
  meeting: MeetingHere
  before?: { say: string; skip: string; go: () => void } | null
  onClose: () => void
}) {
  const { sitting } = meeting.me.value
  const [terms, setTerms] = useState<Terms>({
    ...{ body: sitting.body, room: sitting.room, date: sitting.id === null ? today() : sitting.date },
    chair: sitting.chair?.id ?? "",
    inHall: sitting.inHall ?? false,
  })
  const [chairs, setChairs] = useState<Answer<"roster">["people"]>([])
  const [problem, setProblem] = useState("")
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    call("roster").then(
      ({ people }) => setChairs(people.filter(({ role, isWithdrawn }) => role === "chair" && !isWithdrawn)),
      (error: Error) => setProblem(error.message),
    )
    // What the last sitting was called is likely to be what this one is: offered, not taken.
    if (sitting.id === null)
      call("sittings").then((all) => {
        const last = all.at(-1)
        if (last) setTerms((now) => ({ ...now, body: now.body || last.body, room: now.room || last.room }))
      }, nothing)
  }, [])
  const set = (part: Partial<Terms>): void => setTerms((now) => ({ ...now, ...part }))
  const act = async (isNew: boolean): Promise<void> => {
    setBusy(true)
    setProblem("")
    const body = { ...terms, chair: terms.chair || null, inHall: terms.inHall && terms.chair !== "" }
    try {
      await (isNew ? call("openSitting", { body }) : call("changeSitting", { body }))
      await meeting.read()
      if (before) before.go()
      else onClose()
    } catch (error) {
      setProblem((error as Error).message)
      setBusy(false)
    }
  }
  const isReady = terms.body.trim() !== "" && terms.room.trim() !== "" && terms.date !== "" && !isBusy
  return (
    <Dialog title={sitting.id === null ? "Set the sitting" : "The sitting"} onClose={onClose}>
      <form
        class="sitting-form"
        onSubmit={(event) => {
          event.preventDefault()
          void act(sitting.id === null)
        }}
      >
        <p class="soft">
          {before?.say ??
            "Everything that is done from now on bears it, and every paper. What was done before keeps the sitting in which it was done."}
        </p>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <Field label="Body that meets" isFirst value={terms.body} placeholder="Committee 3" onInput={(body) => set({ body })} />
        <Field label="Room" value={terms.room} placeholder="Room C" onInput={(room) => set({ room })} />
        <label>
          Date
          <input type="date" required value={terms.date} onInput={(event) => set({ date: event.currentTarget.value })} />
        </label>
        <label>
          Chairperson
          <select value={terms.chair} onChange={(event) => set({ chair: event.currentTarget.value, inHall: false })}>
            <option value="">not said yet</option>
            {chairs.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {terms.chair !== "" && (
          <label class="check">
            <input type="checkbox" checked={terms.inHall} onChange={(event) => set({ inHall: event.currentTarget.checked })} />
            Presides in the hall, without a page of the meeting open
          </label>
        )}
        <p class="soft">
          {chairs.length === 0 && "Nobody is invited as chair yet. "}
          {terms.inHall && terms.chair !== ""
            ? "A decision that you enter names this chairperson as present, for you say so: take the mark away when the chair leaves the hall."
            : "A decision that you enter names the chairperson who has a page of the meeting open then, or had one up to 20 seconds before; where none has, the record says so."}
        </p>
        <div class="row">
          <button type="submit" class="primary" disabled={!isReady}>
            {sitting.id === null ? "Open the sitting" : "Change this sitting"}
          </button>
          {sitting.id !== null && (
            <button type="button" disabled={!isReady} onClick={() => void act(true)}>
              Open it as a new sitting
            </button>
          )}
          {before && (
            <button type="button" class="quiet" onClick={before.go}>
              {before.skip}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  )
}

const nothing = (): void => undefined

function Field({
  label,
  value,
  placeholder,
  isFirst = false,
  onInput,
}: {
  label: string
  value: string
  placeholder: string
  isFirst?: boolean
  onInput: (value: string) => void
}) {
  return (
    <label>
      {label}
      <input
        type="text"
        required
        autofocus={isFirst}
        maxLength={200}
        dir="auto"
        placeholder={placeholder}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  )
}
