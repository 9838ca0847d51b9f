interface Bucket {
  tokens: number
  at: number
}

/** Buckets kept at most; beyond that the ones that were used longest ago are forgotten. */
const mostKept = 20_000

/**
 * How often a key may do something: so many a minute, as many saved up. Counted by a clock that only goes forward, so that a server whose date is set
 * while it runs neither locks anybody out nor lets a flood in.
 */
export class Rate {
  readonly #perMinute: number
  readonly #elapsedMs: () => number
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(perMinute: number, elapsedMs: () => number) {
    this.#perMinute = perMinute
    this.#elapsedMs = elapsedMs
  }

  /** Takes one; 0, or how many seconds to wait until there is one. */
  take(key: string): number {
    const now = this.#elapsedMs()
    const known = this.#buckets.get(key)
    const each = 60_000 / this.#perMinute
    const tokens = known ? Math.min(this.#perMinute, known.tokens + (now - known.at) / each) : this.#perMinute
    const isTaken = tokens >= 1
    this.#keep(key, { tokens: isTaken ? tokens - 1 : tokens, at: now })
    return isTaken ? 0 : Math.max(1, Math.ceil(((1 - tokens) * each) / 1_000))
  }

  /** Gives one back: what it was taken for does not count. */
  giveBack(key: string): void {
    const known = this.#buckets.get(key)
    if (known) known.tokens = Math.min(this.#perMinute, known.tokens + 1)
  }

  #keep(key: string, bucket: Bucket): void {
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size <= mostKept) return
    const [oldest] = this.#buckets.keys()
    this.#buckets.delete(oldest!)
  }
}

/** An address as one counts it: of IPv6 the first half, for who has one address there has them all. */
export function addressKey(address: string | undefined): string {
  if (address === undefined) return ""
  const plain = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address
  if (!plain.includes(":")) return plain
  const [head = "", tail = ""] = plain.split("::")
  const heads = head.split(":").filter(Boolean)
  const tails = tail.split(":").filter(Boolean)
  const groups = [...heads, ...Array<string>(Math.max(0, 8 - heads.length - tails.length)).fill("0"), ...tails]
  return groups.slice(0, 4).join(":")
}
