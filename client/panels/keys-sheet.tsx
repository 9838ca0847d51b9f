import type { Rights } from "../draft/rights.ts"
import { Dialog } from "../ui/dialog.tsx"
import { type KeyPlace, shortcuts } from "./keys.ts"

const caps: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
}

function Keys({ press }: { press: string }) {
  return (
    <>
      {press.split("+").map((key) => (
        <kbd key={key}>{caps[key] ?? key}</kbd>
      ))}
    </>
  )
}

function List({ title, place, isView }: { title: string; place: KeyPlace; isView?: boolean }) {
  const rows = shortcuts.filter(({ place: where, presses }) => where === place && (isView ?? false) === /^Alt\+\d$/.test(presses[0]!))
  return (
    <section>
      <h3>{title}</h3>
      <dl class="keys">
        {rows.map(({ presses: [press], says }) => (
          <div key={press}>
            <dt>
              <Keys press={press!} />
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

const Ends = ({ code }: { code: string }) => <b class="code-behind">{code}</b>

/** How the marks in the text are read: each drawn as in the text. */
function Marks() {
  return (
    <section>
      <h3>How to read the text</h3>
      <dl class="marks">
        <dt class="is-s">
          <ins>words</ins>
          <Ends code="S" />
        </dt>
        <dd>Sweden proposes to add</dd>
        <dt class="is-b">
          <del>words</del>
          <Ends code="B" />
        </dt>
        <dd>Brazil proposes to delete</dd>
        <dt class="is-s">
          <del>old</del> <ins>new</ins>
          <Ends code="S" />
        </dt>
        <dd>one change: new words for old</dd>
        <dt class="is-b">
          <b class="sign">¶</b>
          <Ends code="B" />
        </dt>
        <dd>a new clause from here on</dd>
        <dt>
          <span class="agreed-in">words</span> <span class="agreed-out">words</span>
        </dt>
        <dd>accepted already, against the text in force</dd>
        <dt>
          <span class="in-brackets">[words]</span>
        </dt>
        <dd>in square brackets: not agreed</dd>
        <dt>
          <span class="said-of">words</span>
        </dt>
        <dd>somebody has made a comment</dd>
      </dl>
    </section>
  )
}

/** What the marks mean and what the keys do: the sheet under "?". */
export function KeysSheet({ rights, onClose }: { rights: Rights; onClose: () => void }) {
  return (
    <Dialog title="Marks and keys" onClose={onClose}>
      <div class="keys-sheet">
        <Marks />
        <div>
          <List title="Anywhere" place="anywhere" />
          <List title="Views, one key each" place="anywhere" isView />
        </div>
        <div>
          <List title="While you write" place="text" />
          {rights.mayDecide && <List title="Chair's console, when it has the focus" place="console" />}
        </div>
      </div>
    </Dialog>
  )
}
