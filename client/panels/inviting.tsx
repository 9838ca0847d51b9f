import { useState } from "preact/hooks"
import { mayGrantRole } from "../../shared/people/grants.ts"
import { isDelegationCode } from "../../shared/people/roster.ts"
import type { Role } from "../../shared/policy/policy.ts"
import { call } from "../meeting/api.ts"
import { roleNames } from "../ui/words.ts"
import { addressOf, type ListActs } from "./people-acts.ts"

const roles: readonly Role[] = ["delegate", "observer", "secretary", "chair"]

/** Makes a link: for a delegation, or for one person. */
export function Inviting({ acts }: { acts: ListActs }) {
  const { roster, meeting, isBusy, run, show } = acts
  const [role, setRole] = useState<Role>("delegate")
  const [code, setCode] = useState("")
  const [sourceName, setSourceName] = useState("")
  const [name, setName] = useState("")
  const [days, setDays] = useState("30")
  const own = meeting.me.value.role
  const known = roster.delegations.find((delegation) => delegation.code === code)
  const isNew = role === "delegate" && code !== "" && !known
  const isReady = role !== "delegate" || (isDelegationCode(code) && (known !== undefined || sourceName.trim() !== ""))
  const invite = (): Promise<void> =>
    run(async () => {
      const hats = role === "delegate" ? [code] : []
      const person = name.trim() === "" ? {} : { name: name.trim() }
      const fresh = isNew ? { sourceName: sourceName.trim() } : {}
      const made = await call("invite", { body: { role, hats, days: Number(days), ...person, ...fresh } })
      const delegation = known?.name ?? (sourceName.trim() || code)
      show({
        whom: made.name ?? (role === "delegate" ? delegation : roleNames[role]),
        url: addressOf(made.token),
        expiresAt: made.expiresAt,
      })
      setName("")
      return made.name !== null && made.name !== name.trim()
        ? `${name.trim()} is on the list already; this one is called ${made.name}.`
        : ""
    })
  return (
    <form
      class="inviting"
      onSubmit={(event) => {
        event.preventDefault()
        void invite()
      }}
    >
      <label>
        Link for
        <select value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
          {roles
            .filter((other) => mayGrantRole(own, other).isAllowed)
            .map((other) => (
              <option key={other} value={other}>
                {roleNames[other]}
              </option>
            ))}
        </select>
      </label>
      {role === "delegate" && (
        <label>
          Delegation
          <input
            type="text"
            required
            list="delegation-codes"
            maxLength={16}
            placeholder="S"
            autocomplete="off"
            value={code}
            onInput={(event) => setCode(event.currentTarget.value.trim().toUpperCase())}
          />
          <datalist id="delegation-codes">
            {roster.delegations.map((delegation) => (
              <option key={delegation.code} value={delegation.code}>
                {delegation.name}
              </option>
            ))}
          </datalist>
        </label>
      )}
      {isNew && (
        <label class="wide">
          It is new: its name
          <input
            type="text"
            required
            maxLength={200}
            dir="auto"
            value={sourceName}
            onInput={(event) => setSourceName(event.currentTarget.value)}
          />
        </label>
      )}
      <label class="wide">
        Name of the one person, or nothing
        <input
          type="text"
          maxLength={200}
          dir="auto"
          autocomplete="off"
          placeholder="several: each gives a name"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        Good for days
        <input type="number" required min={1} max={365} value={days} onInput={(event) => setDays(event.currentTarget.value)} />
      </label>
      <button type="submit" class="primary" disabled={isBusy || !isReady}>
        Make a link
      </button>
      {known && (
        <p class="soft" dir="auto">
          {known.name}
        </p>
      )}
    </form>
  )
}
