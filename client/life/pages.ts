/** The windows of this browser: which of them are still open. */
export interface Pages {
  readonly own: string
  /** Resolves once this window is known to the others as open. */
  readonly ready: Promise<void>
  /** Resolves once a window is closed, at once where it is. */
  whenGone(page: string): Promise<void>
  leave(): void
}

const nameOf = (page: string): string => `clausula.page.${page}`
const newPage = (): string => [...crypto.getRandomValues(new Uint32Array(3))].map((n) => n.toString(36)).join("-")

export const thisPage = (): Pages => ("locks" in navigator ? pagesByLocks(navigator.locks) : pagesByAsking())

/** A window holds a lock of its own as long as it is open; the browser lets go of it, whatever became of the window. */
function pagesByLocks(locks: LockManager): Pages {
  const own = newPage()
  let leave: () => void = () => undefined
  const ready = new Promise<void>((resolve, reject) => {
    const held = (): Promise<void> => {
      resolve()
      return new Promise((release) => (leave = release))
    }
    locks.request(nameOf(own), held).catch(reject)
  })
  return { own, ready, whenGone: (page) => locks.request(nameOf(page), { mode: "shared" }, () => undefined), leave: () => leave() }
}

const answerMs = 500
const askEveryMs = 5_000

/** Where there are no locks (plain http within a house) windows are asked; one that does not answer counts as closed. */
function pagesByAsking(): Pages {
  const own = newPage()
  const channel = new BroadcastChannel("clausula.pages")
  const heard = new Set<string>()
  channel.onmessage = ({ data }: MessageEvent<{ ask?: string; here?: string }>) => {
    if (data.ask === own) channel.postMessage({ here: own })
    if (data.here !== undefined) heard.add(data.here)
  }
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
  const whenGone = async (page: string): Promise<void> => {
    for (;;) {
      heard.delete(page)
      channel.postMessage({ ask: page })
      await pause(answerMs)
      if (!heard.has(page)) return
      await pause(askEveryMs)
    }
  }
  return { own, ready: Promise.resolve(), whenGone, leave: () => channel.close() }
}
