/** A comment that was written and not sent, as this browser keeps it: for one person and one draft, whichever windows they open. */
export interface KeptRemark {
  readonly id: string
  readonly person: string
  readonly draft: string
  /** What it is about, for who reads it elsewhere than in its draft. */
  readonly about: string
  /** As `Remarks` writes it. */
  readonly target: unknown
  readonly text: string
  /** For which source it was begun; absent: for whichever one writes. */
  readonly as?: string
}

const prefix = "clausula.remark."

let last = 0

/** A name that no other window gives, in the order in which they were begun. */
export const newRemarkId = (): string => `${Date.now()}.${++last}.${Math.random().toString(36).slice(2)}`

/** Keeps a comment until it is forgotten, or one signs out. False: this browser keeps nothing. */
export function keepRemark(remark: KeptRemark): boolean {
  try {
    localStorage.setItem(prefix + remark.id, JSON.stringify(remark))
    return true
  } catch {
    return false
  }
}

export function forgetRemark(id: string): void {
  try {
    localStorage.removeItem(prefix + id)
  } catch {
    // It keeps nothing.
  }
}

function keptUnder(name: string): KeptRemark | null {
  try {
    const { id, person, draft, about, target, text, as } = JSON.parse(localStorage.getItem(name) ?? "") as Record<string, unknown>
    const isWhole = [id, person, draft, about, text].every((value) => typeof value === "string") && typeof target === "object"
    return isWhole && target ? ({ id, person, draft, about, target, text, ...(typeof as === "string" && { as }) } as KeptRemark) : null
  } catch {
    // Not written by this version of the page.
    return null
  }
}

/** The comments that a person has not sent, on one draft or on all, in the order in which they were begun. */
export function keptRemarks(person: string, draft?: string): readonly KeptRemark[] {
  let names: string[] = []
  try {
    names = Object.keys(localStorage).filter((name) => name.startsWith(prefix))
  } catch {
    // It keeps nothing.
  }
  return names
    .flatMap((name) => keptUnder(name) ?? [])
    .filter((kept) => kept.person === person && (draft === undefined || kept.draft === draft))
    .sort((a, b) => Number.parseInt(a.id, 10) - Number.parseInt(b.id, 10) || (a.id < b.id ? -1 : 1))
}

/** Tells whenever another window keeps or forgets a comment. Returns how to stop. */
export function onKeptElsewhere(tell: () => void): () => void {
  const onStorage = ({ key }: StorageEvent): void => {
    if (key === null || key.startsWith(prefix)) tell()
  }
  addEventListener("storage", onStorage)
  return () => removeEventListener("storage", onStorage)
}
