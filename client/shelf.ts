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
