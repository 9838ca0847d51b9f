import { useEffect, useState } from "preact/hooks"

/** Below this width the heads are one bar, and what does not fit lies in a sheet (`styles/small.css`). */
const small = "(width < 52rem)"

/** Whether the window is small at this moment, for what only listens. */
export const isSmallNow = (): boolean => matchMedia(small).matches

function useMatch(media: string): boolean {
  const [isMatching, setMatching] = useState(() => matchMedia(media).matches)
  useEffect(() => {
    const query = matchMedia(media)
    const onChange = (): void => setMatching(query.matches)
    query.addEventListener("change", onChange)
    onChange()
    return () => query.removeEventListener("change", onChange)
  }, [])
  return isMatching
}

/** Whether the window is as small as a phone's, or is so by its zoom. */
export const useSmall = (): boolean => useMatch(small)
