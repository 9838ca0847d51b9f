import type { Part } from "../schema/block.ts"

/**
 * The heads of resolutions, lower case, without addressees. ITU heads stand on a line of their own in italics; UN lead words run into the paragraph.
 * Source: the facts collected for the project (heads of ITU conferences 2010-2024 and of the General Assembly's editorial practice).
 */
const preambular = [
  "considering",
  "recognizing",
  "recalling",
  "noting",
  "taking into account",
  "emphasizing",
  "aware",
  "reaffirming",
  "bearing in mind",
  "acknowledging",
  "affirming",
  "appreciating",
  "believing",
  "concerned",
  "conscious",
  "convinced",
  "having considered",
  "having examined",
  "having noted",
  "having regard to",
  "having studied",
  "having taken note",
  "in view of",
  "mindful",
  "observing",
  "realizing",
  "referring to",
  "remembering",
  "stressing",
  "taking into consideration",
  "taking note",
  "underlining",
  "understanding",
  "welcoming",
  "expressing its appreciation",
  "expressing its gratitude",
  "alarmed by",
  "cognizant of",
  "commending",
  "deploring",
  "desiring",
  "determined",
  "encouraged by",
  "guided by",
  "having adopted",
  "having heard",
  "having received",
  "having reviewed",
  "reiterating",
  "regretting",
  "underscoring",
] // prettier-ignore

const operative = [
  "resolves",
  "decides",
  "instructs",
  "requests",
  "invites",
  "urges",
  "calls upon",
  "calls on",
  "encourages",
  "recommends",
  "approves",
  "adopts",
  "authorizes",
  "charges",
  "confirms",
  "declares",
  "endorses",
  "expresses",
  "appeals to",
  "notes",
  "reaffirms",
  "supports",
  "directs",
  "abrogates",
  "draws the attention",
  "affirms",
  "appoints",
  "commends",
  "condemns",
  "considers",
  "deplores",
  "designates",
  "emphasizes",
  "hopes",
  "looks forward to",
  "proclaims",
  "recalls",
  "recognizes",
  "regrets",
  "reiterates",
  "stresses",
  "takes note",
  "transmits",
  "trusts",
  "underlines",
  "welcomes",
  "strongly urges",
  "acknowledges",
] // prettier-ignore

/** The six languages' commonest heads beside English. Unverified: a translator must confirm them. */
const arabic: Readonly<Record<Part, readonly string[]>> = {
  preamble: [
    "إذ يضع في اعتباره",
    "إذ تضع في اعتبارها",
    "إذ يذكر",
    "إذ تذكر",
    "إذ يعترف",
    "إذ تعترف",
    "إذ يلاحظ",
    "إذ تلاحظ",
    "إذ يدرك",
    "إذ تدرك",
  ],
  operative: ["يقرر", "تقرر", "يكلف", "تكلف", "يدعو", "تدعو", "يحث", "تحث", "يطلب", "تطلب"],
}

const modifiers = /^(also|further|strongly|deeply|fully|gravely)\s+/
/** Lower case, single spaces, no end punctuation, no Arabic vowel signs. */
const fold = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\u064b-\u0652]/g, "")
    .replace(/\s+/g, " ")
    .replace(/[,:،]$/, "")

const startsWithWord = (text: string, head: string): boolean => text === head || text.startsWith(`${head} `)

/** The part that a known head belongs to, or null where its first words are not a known head. */
export function partOfHead(text: string): Part | null {
  const plain = fold(text).replace(modifiers, "")
  const withoutAnd = plain.replace(/^و(?=إذ)/, "")
  if (arabic.preamble.some((head) => startsWithWord(withoutAnd, head))) return "preamble"
  if (arabic.operative.some((head) => startsWithWord(plain, head))) return "operative"
  if (preambular.some((head) => startsWithWord(plain, head))) return "preamble"
  if (operative.some((head) => startsWithWord(plain, head))) return "operative"
  return null
}

const oneApart = (a: string, b: string): boolean => {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a]
  return longer.slice(i + 1) === shorter.slice(longer.length === shorter.length ? i + 1 : i)
}

/** The known head one letter away from a misspelt one (`recgnizing` -> `recognizing`), or null. */
export function nearestHead(text: string): { head: string; part: Part } | null {
  const word = fold(text)
  const inPreamble = preambular.find((head) => oneApart(head, word))
  if (inPreamble) return { head: inPreamble, part: "preamble" }
  const inOperative = operative.find((head) => oneApart(head, word))
  return inOperative ? { head: inOperative, part: "operative" } : null
}

/** The lead words with which a UN paragraph opens ("Recalling also", "Decides"), or null. */
export function leadWords(text: string): string | null {
  const match = /^((?:Also|Further|Strongly|Deeply|Fully|Gravely)\s+)?(\p{L}+)((?:\s+\p{L}+){0,3})/u.exec(text)
  if (!match) return null
  const words = match[0].split(/\s+/)
  for (let count = words.length; count > 0; count--) {
    const lead = words.slice(0, count).join(" ")
    const plain = fold(lead).replace(modifiers, "")
    if (preambular.includes(plain) || operative.includes(plain)) return extendLead(text, lead)
  }
  return null
}

const extendLead = (text: string, lead: string): string => {
  const tail = /^\s+(?:also|further|with (?:deep )?(?:concern|appreciation|satisfaction|regret)|of)\b/.exec(text.slice(lead.length))
  return tail ? lead + tail[0] : lead
}

const bodies: readonly (readonly [RegExp, string])[] = [
  [/the Telecommunication Development Bureau/g, "BDT"],
  [/the Telecommunication Standardization Bureau/g, "TSB"],
  [/the Radiocommunication Bureau/g, "BR"],
  [/the Telecommunication Development Advisory Group/g, "TDAG"],
  [/the Telecommunication Standardization Advisory Group/g, "TSAG"],
  [/the Radiocommunication Advisory Group/g, "RAG"],
]

/** A head as the room says it: "instructs the Director of BDT". */
export const spokenHead = (text: string): string =>
  bodies.reduce((head, [name, short]) => head.replace(name, short), text.trim().replace(/\s+/g, " ").replace(/[,:]$/, ""))
