import { splitCharacter } from "../schema/block.ts"

/** A stretch of the way from one text to another: as `Stretch` of the comparison, with whose change it was. */
export interface ProposedStretch {
  readonly kind: "kept" | "inserted" | "deleted"
  readonly text: string
  readonly source: string | null
}

/** Words that a change put in or took out. */
export interface ProposedWords {
  readonly kind: "insertion" | "deletion"
  readonly text: string
  readonly source: string
}

/** A place on the way: how much of each text is behind it, and which of the words are used, one bit each. */
interface Place {
  readonly i: number
  readonly j: number
  readonly used: number
}

interface Way {
  /** Letters of the words that are used on it. */
  readonly letters: number
  readonly steps: readonly ProposedStretch[]
  readonly next: Way | null
}

/** As many pieces of words, places and steps between them as are looked at, for it is done while one types; a comparison is drawn beyond. */
const mostWords = 30
const mostPlaces = 2_000
const mostSteps = 20_000

class TooMuch extends Error {}

/** The ways from text A to text B that put in and take out nothing but the given words, each once at most. */
class Ways {
  readonly #a: string
  readonly #b: string
  readonly #words: readonly ProposedWords[]
  readonly #known = new Map<string, Way | null>()
  #steps = 0

  constructor(a: string, b: string, words: readonly ProposedWords[]) {
    this.#a = a
    this.#b = b
    this.#words = words
  }

  best(): Way | null {
    try {
      return this.#from({ i: 0, j: 0, used: 0 })
    } catch (error) {
      if (error instanceof TooMuch) return null
      throw error
    }
  }

  #from(start: Place): Way | null {
    const { i: from, j, used } = start
    const key = `${from},${j},${used}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size >= mostPlaces) throw new TooMuch()
    let best: Way | null = null
    const take = (to: Place, letters: number, steps: readonly ProposedStretch[]): void => {
      const next = this.#from(to)
      const isEnd = to.i === this.#a.length && to.j === this.#b.length
      if (!next && !isEnd) return
      const all = letters + (next?.letters ?? 0)
      if (!best || all > best.letters) best = { letters: all, steps, next }
    }
    // Where nothing else can be done the texts go on together.
    let kept = 0
    while (this.#isKept(from + kept, j + kept) && !(kept > 0 && this.#isFork(from + kept, j + kept, used))) kept++
    const before: ProposedStretch[] = kept > 0 ? [{ kind: "kept", text: this.#a.slice(from, from + kept), source: null }] : []
    const forks: (() => void)[] = []
    if (this.#isFork(from, j, used)) {
      for (const [n, word] of this.#words.entries())
        if (this.#isNext(n, used))
          for (const { to, steps } of this.#taken(n, word, start)) forks.push(() => take(to, word.text.length, steps))
      if (this.#a[from] === splitCharacter)
        forks.push(() => take({ i: from + 1, j, used }, 0, [{ kind: "deleted", text: splitCharacter, source: null }]))
      if (this.#b[j] === splitCharacter)
        forks.push(() => take({ i: from, j: j + 1, used }, 0, [{ kind: "inserted", text: splitCharacter, source: null }]))
    }
    for (const fork of forks) fork()
    if (kept > 0) take({ i: from + kept, j: j + kept, used }, 0, before)
    this.#known.set(key, best)
    return best
  }

  /** Whether some words are not used yet; of those that are the same the first come first. */
  #isNext(n: number, used: number): boolean {
    const { kind, text } = this.#words[n]!
    return (
      (used & (1 << n)) === 0 &&
      !this.#words.some((other, m) => m < n && (used & (1 << m)) === 0 && other.kind === kind && other.text === text)
    )
  }

  #isKept(i: number, j: number): boolean {
    return i < this.#a.length && j < this.#b.length && this.#a[i] === this.#b[j]
  }

  /** Whether something may come or go here. */
  #isFork(i: number, j: number, used: number): boolean {
    if (this.#a[i] === splitCharacter || this.#b[j] === splitCharacter) return true
    return this.#words.some(({ kind, text }, n) => {
      if ((used & (1 << n)) !== 0) return false
      // What was put in first may have been changed since: its first letters may be gone.
      return kind === "deletion" ? text[0] === this.#a[i] || this.#mayBegin(n, used) : text[0] === this.#b[j] || this.#mayBegin(n, used)
    })
  }

  /** Whether other words begin where some begin: then theirs are the first letters. */
  #mayBegin(n: number, used: number): boolean {
    const { kind, text } = this.#words[n]!
    return this.#words.some((other, m) => m !== n && (used & (1 << m)) === 0 && other.kind !== kind && text.startsWith(other.text))
  }

  /**
   * Where one gets by some words: those put in stand in B, but for what was taken out of them since, and with what was put into them since; those taken out
   * stand in A, but for what had been put in before.
   */
  *#taken(n: number, word: ProposedWords, { i, j, used }: Place): Generator<{ to: Place; steps: ProposedStretch[] }> {
    const isIn = word.kind === "insertion"
    const text = isIn ? this.#b : this.#a
    const stack: { k: number; at: number; used: number; steps: ProposedStretch[] }[] = [
      { k: 0, at: isIn ? j : i, used: used | (1 << n), steps: [] },
    ]
    for (let top = stack.pop(); top; top = stack.pop()) {
      const { k, at, steps } = top
      if (++this.#steps > mostSteps) throw new TooMuch()
      if (k === word.text.length) {
        if (at > (isIn ? j : i)) yield { to: isIn ? { i, j: at, used: top.used } : { i: at, j, used: top.used }, steps }
        continue
      }
      for (const [m, other] of this.#words.entries()) {
        if (!this.#isNext(m, top.used)) continue
        const isWithin = other.kind !== word.kind && k + other.text.length <= word.text.length && word.text.startsWith(other.text, k)
        if (isWithin) stack.push({ ...top, k: k + other.text.length, used: top.used | (1 << m) })
        if (isIn && k > 0 && other.kind === "insertion" && text.startsWith(other.text, at))
          stack.push({
            k,
            at: at + other.text.length,
            used: top.used | (1 << m),
            steps: [...steps, { kind: "inserted", text: other.text, source: other.source }],
          })
      }
      let same = 0
      while (
        k + same < word.text.length &&
        word.text[k + same] === text[at + same] &&
        (same === 0 || !this.#isInner(word, k + same, top.used))
      )
        same++
      if (same > 0)
        stack.push({
          k: k + same,
          at: at + same,
          used: top.used,
          steps: [...steps, { kind: isIn ? "inserted" : "deleted", text: text.slice(at, at + same), source: word.source }],
        })
    }
  }

  /** Whether within some words others may begin. */
  #isInner(word: ProposedWords, k: number, used: number): boolean {
    return this.#words.some((other, m) => {
      if ((used & (1 << m)) !== 0) return false
      return other.kind === word.kind ? word.kind === "insertion" : word.text.startsWith(other.text, k)
    })
  }
}

/**
 * How text A became text B by the accepted words, as they were proposed: a comparison word by word would show another division, which nobody asked for.
 * Null where the words do not tell it.
 */
export function asProposed(a: string, b: string, words: readonly ProposedWords[]): ProposedStretch[] | null {
  // What goes stands before what comes in its place.
  const given = [...words.filter(({ kind }) => kind === "deletion"), ...words.filter(({ kind }) => kind === "insertion")].filter(
    ({ text }) => text !== "",
  )
  if (given.length === 0 || given.length > mostWords) return null
  const found: ProposedStretch[] = []
  let way = new Ways(a, b, given).best()
  if (!way) return null
  for (; way; way = way.next) for (const step of way.steps) join(found, step)
  return found
}

function join(found: ProposedStretch[], step: ProposedStretch): void {
  const last = found.at(-1)
  const isSame = last?.kind === step.kind && last.source === step.source && step.text !== splitCharacter && last.text !== splitCharacter
  if (isSame) found[found.length - 1] = { ...step, text: last.text + step.text }
  else found.push(step)
}
