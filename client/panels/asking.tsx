import { useEffect } from "preact/hooks"
import type { Draft } from "../draft/draft.ts"
import type { PointerPlace } from "../ui/question.tsx"
import { AskAdoption } from "./ask-adoption.tsx"
import { AskDecision } from "./ask-decision.tsx"
import { standAtConsole } from "./sheets.ts"

/** Asks what the chair has set out to do to many changes at once, or for good. */
export function Asking({ draft, pointer }: { draft: Draft; pointer: PointerPlace }) {
  const asked = draft.deciding.asked.value
  const isAsking = asked !== null
  // A browser gives the focus back to what had it before: where that has gone meanwhile, the hand is at the console.
  useEffect(() => (isAsking ? () => void requestAnimationFrame(standAtConsole) : undefined), [isAsking])
  if (asked?.kind === "decide") return <AskDecision draft={draft} asked={asked} pointer={pointer} />
  return asked ? <AskAdoption draft={draft} pointer={pointer} /> : null
}
