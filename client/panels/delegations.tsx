import { useEffect, useState } from "preact/hooks"
import type { Answer } from "../../shared/api/contract.ts"
import { isDelegationCode } from "../../shared/people/roster.ts"
import { call, send } from "../meeting/api.ts"
import { Icon } from "../ui/icon.tsx"
import { SourceCode } from "../ui/source-code.tsx"
import { count } from "../ui/words.ts"
import type { ListActs } from "./people-acts.ts"

/** The roster: who takes part, whether anybody of it has signed in or not. Its order gives each its tone. */
export function Delegations({ acts }: { acts: ListActs }) {
  const { roster, meeting, isBusy, run } = acts
  const [code, setCode] = useState("")
  const [name, setName] = useState("")
  const [file, setFile] = useState<File | null>(null)
  const add = (): Promise<void> =>
    run(async () => {
      await call("addDelegation", { body: { code, name: name.trim() } })
      setCode("")
      setName("")
      return `${name.trim()} is on the roster.`
    })
  const peopleOf = (source: string): number => roster.people.filter(({ hats, isWithdrawn }) => hats.includes(source) && !isWithdrawn).length
  return (
    <>
      <form
        class="inviting"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <label>
          Code
          <input
            type="text"
            required
            maxLength={16}
            placeholder="S"
            autocomplete="off"
            value={code}
            onInput={(event) => setCode(event.currentTarget.value.trim().toUpperCase())}
          />
        </label>
        <label class="wide">
          Name
          <input
            type="text"
            required
            maxLength={200}
            dir="auto"
            placeholder="Sweden"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" disabled={isBusy || !isDelegationCode(code) || name.trim() === ""}>
          {roster.delegations.some((known) => known.code === code) ? "Change its name" : "Add"}
        </button>
        <label class="button">
          <Icon name="upload" /> From a CSV file
          <input
            type="file"
            class="visually-hidden"
            accept=".csv,text/csv,text/plain"
            onChange={(event) => {
              setFile(event.currentTarget.files?.[0] ?? null)
              event.currentTarget.value = ""
            }}
          />
        </label>
      </form>
      {file && <RosterReview key={`${file.name}${file.lastModified}`} file={file} acts={acts} onClose={() => setFile(null)} />}
      {roster.delegations.length === 0 && (
        <p class="empty">No delegation is on the roster yet. Add one, or take a CSV file: a line each, code and name.</p>
      )}
      <ul class="rows">
        {roster.delegations.map((delegation) => (
          <li key={delegation.code}>
            <span>
              <SourceCode code={delegation.code} look={meeting.lookOf(delegation.code)} />
            </span>
            <span class="name" dir="auto">
              {delegation.name}
            </span>
            <small>{count(peopleOf(delegation.code), "person", "people")}</small>
          </li>
        ))}
      </ul>
    </>
  )
}

type Read = Answer<"readRoster">

/** What a roster file would bring, with its errors by line; then one act. */
function RosterReview({ file, acts, onClose }: { file: File; acts: ListActs; onClose: () => void }) {
  const [read, setRead] = useState<Read | string | null>(null)
  useEffect(() => {
    const sending = send("readRoster", { file, query: { preview: "true" } })
    sending.answer.then(setRead, (error: Error) => setRead(error.message))
    return () => sending.cancel()
  }, [])
  if (read === null) return <p class="empty">Reading {file.name} …</p>
  if (typeof read === "string") return <p class="problem">{read}</p>
  const fresh = read.rows.filter(({ brings }) => brings === "new").length
  const renamed = read.rows.filter(({ brings }) => brings === "renamed").length
  const take = (): Promise<void> =>
    acts.run(async () => {
      await send("readRoster", { file }).answer
      onClose()
      return `${count(fresh, "delegation")} added, ${renamed} renamed.`
    })
  return (
    <div class="roster-review">
      <p>
        <b dir="auto">{file.name}</b>: {count(fresh, "new delegation")}, {count(renamed, "other name")},{" "}
        {read.rows.length - fresh - renamed} as they are.
      </p>
      {read.errors.length > 0 && <p>Nothing is taken before these lines are right.</p>}
      {read.errors.length > 0 && (
        <ul class="problem">
          {read.errors.map(({ line, say }) => (
            <li key={line} dir="auto">
              Line {line}: {say}
            </li>
          ))}
        </ul>
      )}
      <div class="row">
        <button
          type="button"
          class="primary"
          disabled={acts.isBusy || read.errors.length > 0 || fresh + renamed === 0}
          onClick={() => void take()}
        >
          Put them on the roster
        </button>
        <button type="button" class="quiet" onClick={onClose}>
          {read.errors.length > 0 ? "Close" : "Not now"}
        </button>
      </div>
    </div>
  )
}
