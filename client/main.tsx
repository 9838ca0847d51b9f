import { render } from "preact"
import { ApiProblem, call } from "./api.ts"
import { DraftsPage } from "./panels/drafts-page.tsx"
import { EnterPage } from "./panels/enter-page.tsx"
import { RoomPage } from "./panels/room-page.tsx"

const root = document.querySelector<HTMLElement>("#app")!

function showProblem(sentence: string): void {
  render(
    <main class="enter-page">
      <img src="/icon.svg" alt="" width="56" height="56" />
      <h1>Clausula</h1>
      <p class="problem" role="alert">
        {sentence}
      </p>
      <a class="button" href="/">
        All drafts
      </a>
    </main>,
    root,
  )
}

/** Shows the page of the address. */
async function show(): Promise<void> {
  const path = location.pathname
  if (path === "/enter") {
    const token = location.hash.slice(1)
    // The token leaves the address bar and the history at once.
    history.replaceState(null, "", "/enter")
    render(<EnterPage token={token} onEntered={() => location.replace("/")} />, root)
    return
  }
  const me = await call("me")
  const draft = /^\/drafts\/([\w-]+)$/.exec(path)?.[1]
  if (draft === undefined) {
    document.title = "Drafts · Clausula"
    render(<DraftsPage me={me} />, root)
    return
  }
  const [summary, people] = await Promise.all([call("draft", { params: { draft } }), call("people")])
  document.title = `${summary.designation || summary.title} · Clausula`
  render(<RoomPage summary={summary} me={me} names={new Map(people.map((person) => [person.id, person.name]))} />, root)
}

show().catch((error: unknown) => showProblem(error instanceof ApiProblem ? error.message : "The page could not be opened. Reload it."))
