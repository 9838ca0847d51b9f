/**
 * Identity of a mark. A mark's id is `SOURCE.clientId.n`; its Yjs format key is `name--` and eight base64 characters that spell clientId and n
 * (24 bits each). The key is injective, so the owner of every marker is readable from the key alone (TRK1, GATE5).
 */
const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const valueOfDigit = new Map([...digits].map((digit, value) => [digit, value]))

/** Client ids and counters are 24 bits wide. */
export const idLimit = 0x1000000

/** The client id under which the server writes: imports, decisions, repairs, comment anchors. */
export const serverClient = idLimit - 1

/** The source of a change whose file does not say whose it is. It stands in marks; people see "not stated". */
export const notStated = "NOT-STATED"

/** A source as it is written beside its words. */
export const codeShown = (source: string): string => (source === notStated ? "?" : source)

/** A delegation, a group, `CHAIR` or `SEC`: roster data, one to sixteen capitals, digits and hyphens. */
export const sourcePattern = /^[A-Z][A-Z0-9-]{0,15}$/

const idPattern = /^([A-Z][A-Z0-9-]{0,15})\.(\d{1,8})\.(\d{1,8})$/

export interface MarkIdentity {
  readonly source: string
  readonly client: number
  readonly n: number
}

/** `S`, 12, 3 -> `S.12.3`. */
export const markId = (source: string, client: number, n: number): string => `${source}.${client}.${n}`

/** The parts of a mark id, or null where the text is not one. */
export function parseMarkId(id: string): MarkIdentity | null {
  const match = idPattern.exec(id)
  if (!match) return null
  const source = match[1] ?? ""
  const client = Number(match[2])
  const n = Number(match[3])
  if (client >= idLimit || n >= idLimit || markId(source, client, n) !== id) return null
  return { source, client, n }
}

const spell = (value: number): string =>
  digits.charAt((value >> 18) & 63) + digits.charAt((value >> 12) & 63) + digits.charAt((value >> 6) & 63) + digits.charAt(value & 63)

function unspell(text: string): number {
  let value = 0
  for (const digit of text) {
    const next = valueOfDigit.get(digit)
    if (next === undefined) return -1
    value = value * 64 + next
  }
  return value
}

/** The Yjs format key of a mark. Throws where the id is not a mark id: ids are made by `markId`, never typed. */
export function keyOf(name: string, id: string): string {
  const parts = parseMarkId(id)
  if (!parts) throw new Error(`not a mark id: ${JSON.stringify(id)}`)
  return `${name}--${spell(parts.client)}${spell(parts.n)}`
}

/** The name, client id and counter that a format key spells, or null where it spells none. */
export function parseKey(key: string): { name: string; client: number; n: number } | null {
  const dash = key.length - 10
  if (dash < 1 || key[dash] !== "-" || key[dash + 1] !== "-") return null
  const client = unspell(key.slice(dash + 2, dash + 6))
  const n = unspell(key.slice(dash + 6))
  return client < 0 || n < 0 ? null : { name: key.slice(0, dash), client, n }
}
