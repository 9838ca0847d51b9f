/** What holds for a draft as a whole: whether the secretary operates, and whether everybody may read it. */
import { roots } from "../../shared/sync/roots.ts"
import { besideText } from "../decisions/proven.ts"
import type { ActsOnDraft, Procedure } from "./procedure.ts"

export const settings = (procedure: Procedure) =>
  ({
    settings: async (asker, draft, { secretaryOperates }) =>
      procedure.turn(asker, draft, (gate, person) => {
        procedure.allow("letSecretaryOperate", procedure.actor(person), draft)
        const row = besideText(gate, (_, shadow) => roots.meta(shadow).set("secretaryOperates", secretaryOperates))
        const entry = procedure.entry("secretaryOperates", person, "CHAIR", { secretaryOperates })
        return { row, entry, answer: { secretaryOperates } }
      }),

    /** Opens a page that everybody may read, or closes it. */
    openToPublic: async (asker, draft, { view }) =>
      procedure.turn(asker, draft, (gate, person) => {
        procedure.allow("openToPublic", procedure.actor(person), draft)
        const row = besideText(gate, (_, shadow) => roots.meta(shadow).set("publicView", view))
        return { row, entry: procedure.entry("openToPublic", person, "SEC", { view }), answer: { view } }
      }),
  }) satisfies ActsOnDraft<"settings" | "openToPublic">
