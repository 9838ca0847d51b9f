/**
 * Which signs a text takes, whoever brings them: typing, pasting, a file. What nobody sees could say other words than are read, so an invisible sign is
 * taken only where its script needs it (GATE1). The signs of a table, of a split and of a footnote's call have rules of their own.
 */

/**
 * Taken nowhere: control characters, separators, overrides and isolates of the direction, noncharacters, lone surrogates, and what is invisible without
 * being part of any writing.
 */
const nowhere =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u17b4\u17b5\u2028\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e001f}\u{e0080}-\u{e00ff}\u{e01f0}-\u{e0fff}]|[\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{3fffe}\u{3ffff}\u{4fffe}\u{4ffff}\u{5fffe}\u{5ffff}\u{6fffe}\u{6ffff}\u{7fffe}\u{7ffff}\u{8fffe}\u{8ffff}\u{9fffe}\u{9ffff}\u{afffe}\u{affff}\u{bfffe}\u{bffff}\u{cfffe}\u{cffff}\u{dfffe}\u{dffff}\u{efffe}\u{effff}\u{ffffe}\u{fffff}\u{10fffe}\u{10ffff}]|\p{Cs}/u

/** Invisible signs that some scripts need. */
const somewhere =
  /\u034f|[\u061c\u115f\u1160]|[\u180b-\u180f]|[\u200b-\u200f\u2800]|[\ufe00-\ufe0f]|[\u{e0020}-\u{e007f}]|[\u{e0100}-\u{e01ef}]/u

const joining =
  /[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mong}\p{scx=Nkoo}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]/u
const pictured = /\ufe0f|[\p{Extended_Pictographic}\p{EMod}\u{1f1e6}-\u{1f1ff}]/u
const unspaced = /[\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}\p{scx=Java}\p{scx=Bali}]/u
const rightToLeft = /[\p{scx=Arab}\p{scx=Hebr}\p{scx=Syrc}\p{scx=Thaa}\p{scx=Nkoo}]/u
const varied = /[\p{scx=Hani}\p{scx=Mymr}\p{scx=Phag}\p{Sm}]/u

const lastSign = (text: string): string => {
  const low = text.charCodeAt(text.length - 1)
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(-2) : text.slice(-1)
}

/** Whether a sign that some scripts need stands where one does: `before` and `after` are the text around it. */
function isNeeded(sign: string, before: string, after: string): boolean {
  const left = lastSign(before)
  switch (sign) {
    case "\u200c":
      return joining.test(left)
    case "\u200d":
      return joining.test(left) || pictured.test(left)
    case "\u200b":
      return unspaced.test(left)
    case "\u200e":
    case "\u200f":
    case "\u061c":
      return rightToLeft.test(before) || rightToLeft.test(after)
    case "\u034f":
      return /\p{scx=Hebr}/u.test(left)
    case "\u115f":
    case "\u1160":
      return /[\u1100-\u11ff]/.test(left) || /^[\u1160-\u11ff]/.test(after)
    case "\u2800":
      return /[\u2801-\u28ff]/.test(before) || /[\u2801-\u28ff]/.test(after)
    case "\ufe0e":
    case "\ufe0f":
      return /^[0-9#*]$/.test(left) ? after.startsWith("\u20e3") : /\p{Emoji}/u.test(left) || varied.test(left)
  }
  if (sign >= "\u180b" && sign <= "\u180f") return /\p{scx=Mong}/u.test(left)
  if (sign >= "\ufe00" && sign <= "\ufe0d") return varied.test(left)
  const code = sign.codePointAt(0) ?? 0
  return code >= 0xe0100 ? /\p{scx=Hani}/u.test(left) : /[\u{1f3f4}\u{e0020}-\u{e007e}]/u.test(left)
}

/** Signs of the direction are needed for what stands anywhere in the text; all others for what stands before them. */
const isOfDirection = (sign: string): boolean => sign === "\u200e" || sign === "\u200f" || sign === "\u061c"

/** Whether a text holds a sign that is taken nowhere. */
export const holdsRefused = (text: string): boolean => nowhere.test(text)

/** A text without the signs that are taken nowhere; a line separator is a blank. */
export const withoutRefused = (text: string): string =>
  nowhere.test(text) ? [...text.replaceAll("\u2028", " ")].filter((sign) => !nowhere.test(sign)).join("") : text

/** The first sign of a text that is taken nowhere, as "U+202E"; null where there is none. */
export function refusedSign(text: string): string | null {
  const sign = nowhere.exec(text)?.[0]
  return sign === undefined ? null : codeOf(sign)
}

/** Whether a text holds an invisible sign that is taken in some places. */
export const holdsInvisible = (text: string): boolean => somewhere.test(text)

interface Sign {
  readonly at: number
  readonly sign: string
}

/** The signs that a text does not take, between two texts that stand around it. */
function* strangeIn(text: string, before: string, after: string): Iterable<Sign> {
  if (!nowhere.test(text) && !somewhere.test(text)) return
  let at = 0
  // Of several in a row each is looked at behind those that stay.
  let kept = before
  for (const sign of text) {
    const isStrange = nowhere.test(sign) || (somewhere.test(sign) && !isNeeded(sign, kept, text.slice(at + sign.length) + after))
    if (isStrange) yield { at, sign }
    else kept += sign
    at += sign.length
  }
}

const codeOf = (sign: string): string => `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`

/** A text without the signs that it does not take. */
export function withoutStrange(text: string, before = "", after = ""): string {
  let rest = ""
  let from = 0
  for (const { at, sign } of strangeIn(text, before, after)) {
    rest += text.slice(from, at)
    from = at + sign.length
  }
  return rest + text.slice(from)
}

/** Where in a text signs stand that it does not take. */
export const strangePlaces = (text: string): { readonly from: number; readonly to: number }[] =>
  [...strangeIn(text, "", "")].map(({ at, sign }) => ({ from: at, to: at + sign.length }))

/**
 * Whether a piece of text holds an invisible sign that nothing around it can justify: it stands behind a letter of the same piece that does not need
 * it. The first of a piece, and signs of the direction, hang on what stands elsewhere.
 */
export function isSurelyStrange(text: string): boolean {
  if (!somewhere.test(text)) return false
  for (const { at, sign } of strangeIn(text, "", "")) if (at > 0 && !isOfDirection(sign) && !/^[\u115f\u1160\u2800]/.test(sign)) return true
  return false
}
