/**
 * The signs of symbol fonts, which Word writes by their place in the font (in the private use area from U+F000): what they are in Unicode. Sources:
 * the Adobe Symbol encoding; of Wingdings those that stand in texts.
 */
const symbolFont: Readonly<Record<number, string>> = {
  32: " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",
  160: "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪",
  241: "⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭",
}

const wingdings: Readonly<Record<number, string>> = {
  40: "☎",
  42: "✉",
  108: "●",
  110: "■",
  111: "□",
  113: "❑",
  117: "◆",
  118: "❖",
  159: "•",
  167: "▪",
  168: "◻",
  216: "➢",
  223: "←→↑↓",
  232: "➔",
  239: "⇦⇨",
  251: "✗✓☒☑",
}

const byPlace = (font: Readonly<Record<number, string>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(font).flatMap(([first, signs]) => [...signs].map((sign, i) => [Number(first) + i, sign] as const)))

const symbolSigns = byPlace(symbolFont)
const wingdingsSigns = byPlace(wingdings)

/** What a sign of a symbol font is. One that has no place of its own in Unicode stays as the file has it. */
export function signOf(font: string, point: number): string {
  const place = point >= 0xf000 && point <= 0xf0ff ? point - 0xf000 : point
  const signs = /wingdings|webdings/i.test(font) ? wingdingsSigns : symbolSigns
  if (place < 256 && (point >= 0xf000 || /symbol|wingdings/i.test(font))) {
    const sign = signs.get(place)
    if (sign !== undefined) return sign
  }
  const isCharacter = point > 0x20 && point < 0x11_0000 && !(point >= 0xd800 && point < 0xe000)
  return isCharacter ? String.fromCodePoint(point) : ""
}

/** The words of a run, in which signs of a symbol font may stand; in the font Symbol every letter is one. */
export const withSigns = (text: string, font: string): string =>
  text.replace(/^symbol$/i.test(font) ? /[!-\u00ff\uf020-\uf0ff]/g : /[\uf020-\uf0ff]/g, (sign) => signOf(font, sign.charCodeAt(0)))
