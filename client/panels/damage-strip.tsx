import { useState } from "preact/hooks"
import type { DraftSummary } from "../../shared/api/contract.ts"
import type { Draft } from "../draft/draft.ts"
import type { RoomHere } from "../draft/room.ts"
import { remember, remembered } from "../meeting/shelf.ts"
import { Icon } from "../ui/icon.tsx"
import { recordedAt } from "../ui/moment.ts"

/** Whether this browser was told of a loss and its person has noted it. */
const seenKey = (draft: string, epoch: number): string => `clausula-loss/${draft}/${epoch}`

/**
 * Above the text: to everybody, that a draft is damaged and what is shown of it; to chair and secretariat, until they have noted it, that the draft
 * went on after a loss.
 */
export function DamageStrip({ draft }: { draft: Draft }) {
  const damage = draft.room.damage.value
  if (damage)
    return (
      <div class="damage-strip" role="alert">
        <Icon name="triangleAlert" />
        <p>{damage.sentence}</p>
      </div>
    )
  const { role } = draft.meeting.me.value
  const loss = draft.room.loss.value
  return loss && (role === "chair" || role === "secretary") ? <LossStrip key={loss.epoch} id={draft.room.summary.id} loss={loss} /> : null
}

function LossStrip({ id, loss }: { id: string; loss: NonNullable<DraftSummary["loss"]> }) {
  const [isSeen, setSeen] = useState(() => remembered(seenKey(id, loss.epoch)) !== null)
  if (isSeen) return null
  return (
    <div class="damage-strip" role="alert">
      <Icon name="triangleAlert" />
      <p>
        This draft was damaged. On {recordedAt(loss.at)} the operator accepted the loss. {loss.sentence} It stands in the record of
        decisions.
      </p>
      <button
        type="button"
        onClick={() => {
          remember(seenKey(id, loss.epoch), "noted")
          setSeen(true)
        }}
      >
        Noted
      </button>
    </div>
  )
}

/** In a list of a damaged draft: that it may have been longer. */
export function Incomplete({ room, what }: { room: RoomHere; what: string }) {
  const damage = room.damage.value
  if (!damage) return null
  return (
    <p class="incomplete" role="alert">
      {what} may be missing here: this draft is damaged.
    </p>
  )
}
