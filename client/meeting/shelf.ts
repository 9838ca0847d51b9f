/** What this browser keeps for the person until it signs out. A browser that keeps nothing forgets it with the window. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // It keeps nothing.
  }
}

/** What was kept under a name, or null. */
export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

/** What this window keeps over a reload; another window knows nothing of it. */
export function rememberHere(name: string, value: string): void {
  try {
    sessionStorage.setItem(name, value)
  } catch {
    // It keeps nothing.
  }
}

/** What this window kept under a name, or null. */
export function rememberedHere(name: string): string | null {
  try {
    return sessionStorage.getItem(name)
  } catch {
    return null
  }
}
