import type { Signal } from "@preact/signals"
import type { Draft } from "../draft/draft.ts"
import { Icon } from "../ui/icon.tsx"
import { SourceCode } from "../ui/source-code.tsx"
import { Plate } from "./plate.tsx"
import type { PanelTab } from "./sheets.ts"
import { SittingLine } from "./sitting.tsx"
import { PresentList, SaveState, Tools } from "./top-bar.tsx"
import { FreshFates, HatChip, Step, Stepper, Views, WhoSees, WritingTools } from "./writing-bar.tsx"

const closeSheet = (): void => document.querySelector<HTMLElement>("#room-sheet:popover-open")?.hidePopover()

/** On a small window: one bar with the place, what is saved and who sees it, the changes, and for whom one writes; a sheet has the rest. */
export function SmallBar({
  draft,
  dialog,
  file,
  tab,
}: {
  draft: Draft
  dialog: Signal<string | null>
  file: Signal<File | null>
  tab: Signal<PanelTab | null>
}) {
  const hat = draft.line.hat.value
  const fresh = draft.acts.fates.fresh.value
  return (
    <>
      <header class="top-bar is-small">
        <button
          type="button"
          class={`quiet sheet-button ${fresh > 0 ? "has-news" : ""}`}
          popovertarget="room-sheet"
          aria-label={fresh > 0 ? `Tools and views; ${fresh} of yours decided` : "Tools and views"}
          onMouseDown={(event) => event.preventDefault()}
        >
          <Icon name="menu" />
        </button>
        <div class="what">
          <strong dir="auto" title={draft.text.heading.value}>
            {draft.text.heading.value}
          </strong>
          <span class="truth">
            <SaveState draft={draft} />
            <WhoSees draft={draft} />
          </span>
        </div>
        <Stepper draft={draft} tab={tab} />
        <Plate
          meeting={draft.meeting}
          unsent={() => draft.line.life.unsent}
          hat={hat === null || draft.meeting.me.value.role === "chair" ? null : <SourceCode code={hat} look={draft.meeting.lookOf(hat)} />}
        />
      </header>
      {/* It takes the focus itself: a choice in it would take letters that are typed. */}
      <div id="room-sheet" class="room-sheet" popover="auto" tabIndex={-1} autofocus>
        <section class="writing-bar" aria-label="Writing and views">
          <HatChip draft={draft} />
          <Views draft={draft} />
          <Step deciding={draft.deciding} direction={-1} hasName />
          <WritingTools draft={draft} onUsed={closeSheet} />
          <FreshFates
            acts={draft.acts}
            onOpen={() => {
              closeSheet()
              tab.value = "decided"
            }}
          />
        </section>
        <Tools draft={draft} dialog={dialog} file={file} onUsed={closeSheet} />
        <section class="who-is-here" aria-label="Present">
          <h2>Present</h2>
          <PresentList draft={draft} />
        </section>
        <p class="place">
          <a class="brand" href="/">
            All drafts
          </a>
          <SittingLine meeting={draft.meeting} />
        </p>
      </div>
    </>
  )
}
