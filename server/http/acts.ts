import type { RouteName } from "../../shared/api/contract.ts"
import type { Acts } from "../acts/acts.ts"
import type { ActOnDraft, ActsOnDraft } from "../acts/procedure.ts"
import type { Drafts } from "../drafts/drafts.ts"
import { type Handler, type Handlers, openedFor } from "./handler.ts"

/** A file is read before it is brought onto a draft: that act has a handler of its own. */
type OfFiles = "importChanges"

/** Acts on a draft: each bears the name of its route, and is given what that was asked with. */
export function actHandlers({ acts, drafts }: { readonly acts: Acts; readonly drafts: Drafts }): Handlers<Exclude<keyof Acts, OfFiles>> {
  const handlerOf =
    <Name extends RouteName>(act: ActOnDraft<Name>): Handler<Name> =>
    async (call) =>
      act(call.person, await openedFor(call, drafts), call.body, call.params)
  const handlersOf = <Names extends RouteName>(byRoute: ActsOnDraft<Names>): Handlers<Names> => {
    const handlers = {} as { [Name in Names]: Handler<Name> }
    for (const name of Object.keys(byRoute) as Names[]) handlers[name] = handlerOf(byRoute[name])
    return handlers
  }
  const { importChanges: _, ...byRoute } = acts
  return handlersOf(byRoute)
}
