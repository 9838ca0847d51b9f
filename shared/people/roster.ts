import type { Role } from "../policy/policy.ts"
import { notStated, sourcePattern } from "../schema/keys.ts"

/** A source that is no delegation: nobody is invited under it, and no roster holds it. */
const reserved: ReadonlySet<string> = new Set(["CHAIR", "SEC", notStated])

/** Whether a code can be a delegation's (or a group's): well formed, and not the chair's or the secretariat's. */
export const isDelegationCode = (code: string): boolean => sourcePattern.test(code) && !reserved.has(code)

/** Letters and digits that look like a Latin letter, in small letters; capitals that do are known by their small ones. */
const lookAlikes: Readonly<Record<string, string>> = Object.fromEntries(
  [
    "aаαɑᴀ4",
    "cсϲᴄ",
    "eеεєᴇ3",
    "hнһηʜ",
    "iіιıɪlӏ1|!",
    "nпɴ",
    "oоο0",
    "rʀг",
    "sѕꜱ5$",
    "tтτᴛ7",
    "mмᴍ",
    "pрρ",
    "wѡ",
    "dԁ",
    "yуγ",
    "jј",
    "kкκ",
    "xхχ",
    "bвβ",
  ].flatMap((alike) => [...alike].map((sign) => [sign, alike[0]!])),
)

/** What an eye takes a name for: without case, accents, spaces and signs, each look-alike as the letter that it looks like. */
const seenAs = (name: string): string =>
  [...name.normalize("NFKD").toLowerCase()]
    .map((sign) => lookAlikes[sign] ?? sign)
    .join("")
    .replace(/\P{L}/gu, "")

const ofChair = ["chair", "chairman", "chairwoman", "chairperson"].map(seenAs)
const ofSecretariat = ["sec", "secretary", "secretariat"].map(seenAs)
const ofNobody = ["not stated"].map(seenAs)
interface Mistakable {
  readonly words: readonly string[]
  readonly whom: string
  /** Who is called so. */
  readonly role: Role | null
}

const mistakable: readonly Mistakable[] = [
  { words: ofChair, whom: "the chair", role: "chair" },
  { words: ofSecretariat, whom: "the secretariat", role: "secretary" },
  { words: ofNobody, whom: "a proposal of which nobody has said whose it is", role: null },
]

const the = seenAs("the")

/** Whether a name, as it is seen, is made of some words alone, one or several. */
const isMadeOf = (seen: string, words: readonly string[]): boolean =>
  words.some((word) => seen.startsWith(word) && (seen === word || isMadeOf(seen.slice(word.length), words)))

function takenFor(name: string): Mistakable | undefined {
  const seen = seenAs(name)
  const bare = seen.startsWith(the) ? seen.slice(the.length) : seen
  return mistakable.find(({ words }) => isMadeOf(bare, words))
}

/**
 * Why a delegation cannot have a code or a name: it would be taken for the chair or the secretariat, in whatever case and letters (ROS4). Null where it
 * can.
 */
export function mistakenFor(name: string): string | null {
  const found = takenFor(name)
  return found
    ? `“${name}” would be taken for ${found.whom}: no delegation is called that. Give the code and the name of the State or organization.`
    : null
}

/** What stands in brackets in a name. */
const bracketed = (name: string): string[] => [...name.normalize("NFKC").matchAll(/\(([^()]*)\)/g)].map((match) => match[1]!)

/** Why a person of a role cannot enter under a name: it would be taken for the chair or the secretariat, which it is not (WHO14). Null where it can. */
export function personMistakenFor(name: string, role: Role): string | null {
  const found = [name, ...bracketed(name)].flatMap((part) => takenFor(part) ?? []).find((taken) => taken.role !== role)
  return found ? `“${name}” would be taken for ${found.whom}. Give the name of the person.` : null
}

/** A delegation's name as an eye reads it: what differs in case, accents, spaces, signs that nobody sees or look-alikes alone is the same. */
const nameSeen = (name: string): string =>
  [...name.normalize("NFKD").toLowerCase()]
    .map((sign) => (/\p{L}/u.test(sign) ? (lookAlikes[sign] ?? sign) : sign))
    .join("")
    .replace(/[^\p{L}\p{N}]/gu, "")

/** Whether an eye takes one name for the other. */
const looksLike = (name: string, other: string): boolean => (nameSeen(name) || nameKey(name)) === (nameSeen(other) || nameKey(other))

/** Whether a name says that it is the delegation of a code: it is the code, ends with it in brackets, or is the name of that with the code behind it. */
const saysCode = (said: string, code: string, name: string): boolean =>
  [said, ...bracketed(said)].some((part) => looksLike(part, code)) || looksLike(said, `${name} (${code})`)

/**
 * Why a delegation cannot be called so: another is, or has that code, as far as an eye can tell (ROS5). Null where it can. `known`: names by code. A code
 * that stands for its own name is not compared with others' codes, which are told apart as codes are.
 */
export function nameTaken(code: string, name: string, known: Iterable<readonly [string, string]>): string | null {
  for (const [other, its] of known) {
    if (other === code) continue
    if (looksLike(name, its) || (name !== code && saysCode(name, other, its)))
      return `“${name}” would be taken for ${its} (${other}), which is on the roster. Give ${code} a name that tells the two apart.`
    if (its !== other && saysCode(its, code, name))
      return `${other} is called “${its}” on the roster, which would be taken for ${code}. Give ${other} another name first.`
  }
  return null
}

/** How many tones delegations share; beyond them they repeat, and what `turnsOf` gives tells apart those that have the same. */
const delegationTones = 9

/**
 * The tone of each source of a roster, by its order there: the same on every screen and on paper. A delegation that comes later is last, so it changes
 * nobody's. 0 is the meeting's own ink, 10 the chair's, 11 the secretariat's.
 */
export function tonesOf(codes: Iterable<string>): ReadonlyMap<string, number> {
  const tones = new Map<string, number>([
    ["CHAIR", 10],
    ["SEC", 11],
    [notStated, 0],
  ])
  let next = 0
  for (const code of codes) if (!tones.has(code)) tones.set(code, 1 + (next++ % delegationTones))
  return tones
}

/** How many turns of the tones are drawn differently; with the tones that are as many delegations as are told apart without reading their codes. */
const turns = 4

/**
 * How often the tones had been given out before a source got its own: 0 for the first nine, 1 for the next. Delegations of one tone differ in it, and are
 * drawn so wherever the tone is: their codes stand on another ground, their lines have another weight. By order, as the tones are.
 */
export function turnsOf(codes: Iterable<string>): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const code of codes) if (!reserved.has(code) && !found.has(code)) found.set(code, Math.floor(found.size / delegationTones) % turns)
  return found
}

/** A person's name for comparing: what looks the same is the same. */
export const nameKey = (name: string): string =>
  name
    .normalize("NFKC")
    .replace(/[\s\p{Cf}]+/gu, " ")
    .trim()
    .toLowerCase()

/**
 * What an eye takes a person's name for, for comparing: without case, accents, spaces and signs, each look-alike as the letter that it looks like. Digits
 * count, and so do the vowel signs of scripts that make other names of them. A name of signs alone is itself.
 */
export function seenAsName(name: string): string {
  const letters = [...name.normalize("NFKD").toLowerCase()].map((sign) => lookAlikes[sign] ?? sign).join("")
  return letters.replace(/[\u0300-\u036f]|[^\p{L}\p{M}\p{N}]/gu, "") || nameKey(name)
}

/** A name that nobody among `taken` has: the name itself, or with the next number behind it. */
export function nameApart(name: string, taken: readonly string[]): string {
  const keys = new Set(taken.map(nameKey))
  if (!keys.has(nameKey(name))) return name
  for (let n = 2; ; n++) if (!keys.has(nameKey(`${name} (${n})`))) return `${name} (${n})`
}

/** Whether a name can be shown and written as it is: no control characters, no halves of letters, nothing that turns the direction of what follows. */
export const isPlainName = (name: string): boolean => !/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(name)
