import { useEffect, useState } from "preact/hooks"
import { ApiProblem, call } from "../api.ts"

/** Turns the address of an invitation into a signed-in person. The token stands behind `#`, so that it reaches no log and no mail scanner. */
export function EnterPage({ token, onEntered }: { token: string; onEntered: () => void }) {
  const [name, setName] = useState("")
  const [needsName, setNeedsName] = useState(false)
  const [problem, setProblem] = useState(token ? "" : "This address holds no invitation. Use the whole link that you were sent.")
  const enter = async (given?: string): Promise<void> => {
    try {
      await call("signIn", { body: { token, ...(given ? { name: given } : {}) } })
      onEntered()
    } catch (error) {
      const asked = error instanceof ApiProblem && (error.problem as { needs?: string }).needs === "name"
      setNeedsName(asked)
      setProblem(asked ? "" : (error as Error).message)
    }
  }
  useEffect(() => {
    if (token) void enter()
  }, [])
  return (
    <main class="enter-page">
      <img src="/icon.svg" alt="" width="56" height="56" />
      <h1>Clausula</h1>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {needsName && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void enter(name.trim())
          }}
        >
          <label>
            Your name, as the meeting should see it
            <input required maxLength={200} autocomplete="name" value={name} onInput={(event) => setName(event.currentTarget.value)} />
          </label>
          <button type="submit" class="primary" disabled={!name.trim()}>
            Enter
          </button>
        </form>
      )}
      {!problem && !needsName && <p class="empty">Signing in …</p>}
    </main>
  )
}
