import type { History } from "../drafts/history.ts"
import { attributions } from "./attributions.ts"
import { comments } from "./comments.ts"
import { decisions } from "./decisions.ts"
import { fileActs } from "./files.ts"
import type { Procedure } from "./procedure.ts"
import { proposals } from "./proposals.ts"
import { settings } from "./settings.ts"
import { stages } from "./stages.ts"
import { takingBack } from "./taking-back.ts"
import { versions } from "./versions.ts"

/** All acts of the meeting on a draft, each under the name of its route. What they share is in `procedure.ts`. */
export const actsOf = (procedure: Procedure, history: History) => ({
  ...decisions(procedure),
  ...takingBack(procedure, history),
  ...proposals(procedure),
  ...attributions(procedure, history),
  ...comments(procedure),
  ...fileActs(procedure),
  ...versions(procedure),
  ...settings(procedure),
  ...stages(procedure),
})

export type Acts = ReturnType<typeof actsOf>
