import type { ComponentChildren } from "preact"
import { useState } from "preact/hooks"

/** What a file is called, as the answer that brings it says. */
function nameIn(disposition: string | null): string {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? "")?.[1]
  return encoded === undefined ? "" : decodeURIComponent(encoded)
}

async function sentenceIn(response: Response): Promise<string> {
  const problem = (await response.json().catch(() => null)) as { detail?: string } | null
  return problem?.detail ?? `The server answered ${response.status}.`
}

/** Hands a file over to the browser, as a click on a link does. */
function hand(file: Blob, name: string): void {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/**
 * A link that brings a file. A browser says of one that the server refuses only that the download failed: here it is asked for first, and what is said
 * in its place is told. `onSaid` hears that it is on its way, then nothing, or why there is none.
 */
export function FileLink({
  href,
  title,
  class: look,
  onSaid,
  children,
}: {
  href: string
  title?: string
  class?: string
  onSaid: (sentence: string) => void
  children: ComponentChildren
}) {
  const [isBusy, setBusy] = useState(false)
  const bring = async (event: MouseEvent): Promise<void> => {
    // A middle click, or one with a key, opens it elsewhere.
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    onSaid("The file is being made …")
    try {
      const response = await fetch(href)
      if (response.ok) hand(await response.blob(), nameIn(response.headers.get("Content-Disposition")))
      onSaid(response.ok ? "" : await sentenceIn(response))
    } catch {
      onSaid("The server cannot be reached. Try again.")
    } finally {
      setBusy(false)
    }
  }
  return (
    <a href={href} title={title} class={look} download aria-busy={isBusy} onClick={(event) => void bring(event)}>
      {children}
    </a>
  )
}
