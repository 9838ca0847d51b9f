import { useRef, useState } from "preact/hooks"
import type { Draft } from "../draft.ts"
import { Icon } from "../ui/icon.tsx"
import { SourceCode } from "../ui/source-code.tsx"

/** What one act of the chair covers. */
type Grain = "one" | "ticked" | "clause" | "source" | "all"

/**
 * The chair's console: the change on the table, what a decision covers, and the decision. Single letters act only while the focus is in it: A accepts,
 * N does not retain, the arrows move.
 */
export function Console({ draft }: { draft: Draft }) {
  const [grain, setGrain] = useState<Grain>("one")
  const [isSure, setSure] = useState<"accept" | "notRetain" | null>(null)
  const root = useRef<HTMLElement>(null)
  const changes = draft.changes.value
  const current = changes.find((change) => change.id === draft.chosen.value) ?? null
  const ticked = changes.filter((change) => draft.ticked.value.has(change.id))
  const covered: Record<Grain, typeof changes> = {
    one: current ? [current] : [],
    ticked,
    clause: current ? changes.filter((change) => change.block === current.block) : [],
    source: current ? changes.filter((change) => change.source === current.source) : [],
    all: changes,
  }
  const names: Record<Grain, string> = {
    one: "this change",
    ticked: `the selected (${ticked.length})`,
    clause: current ? `all in ${draft.addressOf(current.block)} (${covered.clause.length})` : "all of the clause",
    source: current ? `all by ${draft.nameOf(current.source)} (${covered.source.length})` : "all of a delegation",
    all: `all open changes (${changes.length})`,
  }
  const effective: Grain = ticked.length > 0 && grain === "one" ? "ticked" : grain
  const list = covered[effective]
  const act = async (verdict: "accept" | "notRetain"): Promise<void> => {
    if (list.length > 1 && isSure !== verdict) return setSure(verdict)
    setSure(null)
    setGrain("one")
    await draft.acts.decide(
      list.map((change) => change.id),
      verdict,
    )
    root.current?.focus()
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).tagName === "SELECT") return
    const acts: Record<string, () => void> = {
      a: () => void act("accept"),
      n: () => void act("notRetain"),
      ArrowDown: () => draft.step(1),
      ArrowUp: () => draft.step(-1),
      j: () => draft.step(1),
      k: () => draft.step(-1),
      Escape: () => setSure(null),
    }
    const run = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (!run) return
    event.preventDefault()
    run()
  }
  const isReady = list.length > 0 && !draft.isBusy.value
  return (
    // The console as a whole takes the focus, and with it single letters.
    <section ref={root} class="console" aria-label="Chair's console" tabIndex={0} onKeyDown={onKey}>
      <p class="on-table">
        {current ? (
          <>
            <SourceCode code={current.source} tone={draft.colourOf(current.source)} />
            <b>{draft.nameOf(current.source)}</b>
            <span class="address" dir="auto">
              {draft.addressOf(current.block)}
            </span>
          </>
        ) : (
          <span class="address" dir="auto">
            {changes.length === 0 ? "Nothing is open." : "Step to a change, or choose what to decide."}
          </span>
        )}
      </p>
      <label class="grain">
        <span>Decide</span>
        <select value={effective} onChange={(event) => setGrain(event.currentTarget.value as Grain)}>
          {(Object.keys(names) as Grain[]).map((name) => (
            <option key={name} value={name} disabled={covered[name].length === 0}>
              {names[name]}
            </option>
          ))}
        </select>
      </label>
      <div class="row">
        <button type="button" class="accept" disabled={!isReady} title="A" onClick={() => void act("accept")}>
          <Icon name="check" /> {isSure === "accept" ? `Accept ${list.length}: sure?` : "Accept into text"}
        </button>
        <button type="button" class="not-retain" disabled={!isReady} title="N" onClick={() => void act("notRetain")}>
          <Icon name="x" /> {isSure === "notRetain" ? `Not retain ${list.length}: sure?` : "Not retained"}
        </button>
      </div>
      {draft.me.role === "chair" && (
        <label class="operates">
          <input
            type="checkbox"
            checked={draft.meta.value.secretaryOperates}
            onChange={(event) => void draft.acts.letSecretaryOperate(event.currentTarget.checked)}
          />
          The secretary operates
        </label>
      )}
      {draft.me.role === "secretary" && <span class="on-word">on the chair's word</span>}
      {changes.length === 0 && draft.meta.value.stage === "drafting" && (
        <button type="button" onClick={() => void draft.acts.adopt()}>
          Adopt the text
        </button>
      )}
    </section>
  )
}
