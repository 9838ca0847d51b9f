/** Versions of a draft are named; what is published of them is in `papers.ts`. */
import { metaOfDoc, roots } from "../../shared/sync/roots.ts"
import { besideText } from "../decisions/proven.ts"
import { DomainError } from "../problems.ts"
import type { ActsOnDraft, Procedure } from "./procedure.ts"

/** Versions that a draft has at most. */
export const mostVersions = 500

export const versions = (procedure: Procedure) =>
  ({
    /** Names the draft as it is at this moment; the row that says so is the last of that state. */
    nameVersion: async (asker, draft, request) => {
      await procedure.settle(asker, draft, request.after)
      return procedure.turn(asker, draft, (gate, person) => {
        const actor = procedure.actor(person)
        procedure.allow("nameVersion", actor, draft)
        const { versions: before } = metaOfDoc(gate.shadow)
        const name = request.name.trim()
        if (before.some((version) => version.name === name))
          throw new DomainError("conflict", `There is a version “${name}” already. Give this one another name.`)
        if (before.length >= mostVersions)
          throw new DomainError(
            "too-many",
            `This draft has ${mostVersions} named versions, as many as one has. Publish one of them, or go on in a new draft.`,
          )
        const n = (before.at(-1)?.n ?? 0) + 1
        const entry = procedure.entry("nameVersion", person, procedure.sourceOf(actor), { n, name })
        const row = besideText(gate, (_, shadow) => roots.meta(shadow).set("versions", [...before, { n, name, at: entry.at }]))
        return { row, entry, answer: { n } }
      })
    },
  }) satisfies ActsOnDraft<"nameVersion">
