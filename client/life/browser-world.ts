import type { Problem } from "../../shared/api/problems.ts"
import { ApiProblem, call } from "../meeting/api.ts"
import { Connection } from "./connection.ts"
import { BrowserDevice } from "./device.ts"
import { Outbox } from "./outbox.ts"
import { JoinFailed, type World } from "./world.ts"

export interface BrowserParts extends Pick<World, "host" | "hats" | "isDamaged" | "isComposing"> {
  readonly draft: string
  readonly person: string
  /** Whether words outlive the window has changed. */
  readonly onKept: () => void
  /** Asks the server whether the draft is damaged. */
  readonly lookAtDamage: () => Promise<void>
  readonly onSignedOut: (sentence: string) => void
}

const kinds: Readonly<Record<number, JoinFailed["why"]>> = { 401: "signedOut", 403: "hat", 404: "gone" }

const failureOf = ({ status, detail }: Problem): JoinFailed => new JoinFailed(kinds[status] ?? "unreachable", detail)

/** A life in a browser: routes, websockets, its database, its clock. */
export function browserWorld(parts: BrowserParts): World {
  const { draft, host, hats, isDamaged, isComposing } = parts
  const scheme = location.protocol === "https:" ? "wss" : "ws"
  const outbox = new Outbox(new BrowserDevice(draft, parts.person), parts.onKept)
  return {
    ...{ host, outbox, hats, isDamaged, isComposing },
    join: async (as) => {
      // What is left of a damaged draft is read, without a client id; for whom one would write stays as it is.
      const reading = { client: null, source: as ?? "", epoch: "", pass: "" }
      if (isDamaged()) return reading
      try {
        const joined = await call("join", { params: { draft }, body: as === null ? {} : { as } })
        return { client: joined.clientId, source: joined.as ?? "", epoch: `${joined.log} ${joined.epoch}`, pass: joined.pass }
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error
        if (error.problem.status === 401) parts.onSignedOut(error.message)
        if (error.problem.status >= 500) await parts.lookAtDamage()
        if (isDamaged()) return reading
        throw failureOf(error.problem)
      }
    },
    line: ({ client, pass }, doc, events) => {
      const as = client === null ? {} : { client: String(client), pass }
      return new Connection({ server: `${scheme}://${location.host}/sync`, draft, params: { ...as, v: "1" } }, doc, events)
    },
    // With jitter: when a server restarts, a hundred browsers should not knock at the same moment.
    later: (task, ms) => void setTimeout(task, ms * (0.75 + Math.random() / 2)),
    now: () => new Date(),
  }
}
