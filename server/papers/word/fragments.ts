/** An element in markup, by its places there: `from` at its first sign, `inner` behind its opening tag, `close` at its closing tag, `to` behind it. */
export interface Fragment {
  readonly from: number
  readonly inner: number
  readonly close: number
  readonly to: number
}

/**
 * The elements of a name in well-formed markup, in order; of those that nest the outer one ends where the first inner one does. Looks at each sign once,
 * which a regular expression for the same would not.
 */
export function fragmentsOf(markup: string, name: string): Fragment[] {
  const found: Fragment[] = []
  const end = `</${name}>`
  for (let from = tagFrom(markup, name, 0); from >= 0; ) {
    const inner = markup.indexOf(">", from) + 1
    if (inner === 0) break
    const isEmpty = markup[inner - 2] === "/"
    const close = isEmpty ? inner : markup.indexOf(end, inner)
    if (close < 0) break
    const to = isEmpty ? inner : close + end.length
    found.push({ from, inner, close, to })
    from = tagFrom(markup, name, to)
  }
  return found
}

/** Where the next tag of a name opens; -1 where none does. */
function tagFrom(markup: string, name: string, at: number): number {
  const opening = `<${name}`
  let from = markup.indexOf(opening, at)
  while (from >= 0 && !/[\s/>]/.test(markup[from + opening.length] ?? "")) from = markup.indexOf(opening, from + opening.length)
  return from
}

/** Markup with each element of a name replaced by what `replace` gives for it. */
export function replaceFragments(markup: string, name: string, replace: (whole: string, inner: string) => string): string {
  const kept: string[] = []
  let at = 0
  for (const { from, inner, close, to } of fragmentsOf(markup, name)) {
    kept.push(markup.slice(at, from), replace(markup.slice(from, to), markup.slice(inner, close)))
    at = to
  }
  return kept.join("") + markup.slice(at)
}

/** Markup without the elements of some names. */
export const withoutFragments = (markup: string, ...names: readonly string[]): string =>
  names.reduce((rest, name) => replaceFragments(rest, name, () => ""), markup)
