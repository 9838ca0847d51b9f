import { render } from "preact"
import { ApiProblem, call } from "./meeting/api.ts"
import { MeetingHere } from "./meeting/meeting.ts"
import { DraftsPage } from "./panels/drafts-page.tsx"
import { EnterPage } from "./panels/enter-page.tsx"
import { RoomPage } from "./panels/room-page.tsx"

const root = document.querySelector<HTMLElement>("#app")!

function showProblem(sentence: string, way: string | null = "All drafts"): void {
  render(
    <main class="notice-page">
      <img src="/icon.svg" alt="" width="56" height="56" />
      <h1>Clausula</h1>
      <p class={way ? "problem" : ""} role="alert">
        {sentence}
      </p>
      {way && (
        <a class="button" href="/">
          {way}
        </a>
      )}
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
  if (path === "/left") {
    document.title = "Signed out · Clausula"
    return showProblem("You are signed out. To come back, open the address of your invitation again.", null)
  }
  const meeting = await MeetingHere.open()
  const draft = /^\/drafts\/([\w-]+)$/.exec(path)?.[1]
  if (draft === undefined) {
    document.title = "Drafts · Clausula"
    render(<DraftsPage meeting={meeting} />, root)
    return
  }
  const summary = await call("draft", { params: { draft } })
  document.title = `${summary.designation || summary.title} · Clausula`
  render(<RoomPage summary={summary} meeting={meeting} />, root)
}

show().catch((error: unknown) => showProblem(error instanceof ApiProblem ? error.message : "The page could not be opened. Reload it."))
