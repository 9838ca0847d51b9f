import { normal } from "../../shared/changes/as-compared.ts"

interface Stretch {
  readonly block: string
  readonly kind: "insertion" | "deletion"
  readonly from: number
  readonly to: number
}

/** A change of a file or of a draft, as far as its words go. */
export interface Worded {
  readonly id: string
  readonly segments?: readonly Stretch[]
}

/** What words of a block belong to an insertion, and from where to where it reaches there, others' words inside it counted. */
interface Host {
  readonly id: string
  readonly from: number
  readonly to: number
  readonly own: readonly Stretch[]
}

/** What changes say that stand wholly inside insertions of others: by their words and where among the host's own words these are. */
export class Nested {
  readonly #hosts = new Map<string, Host[]>()
  readonly #textOf: (block: string) => string

  /** Changes of one id are one. `textOf`: the words of a block, proposed and struck ones too. */
  constructor(changes: readonly Worded[], textOf: (block: string) => string) {
    this.#textOf = textOf
    const byId = new Map<string, Stretch[]>()
    for (const { id, segments = [] } of changes) byId.set(id, [...(byId.get(id) ?? []), ...segments])
    for (const [id, segments] of byId) {
      const puts = segments.filter(({ kind }) => kind === "insertion")
      for (const block of new Set(puts.map((part) => part.block))) {
        const own = puts.filter((part) => part.block === block)
        const host = { id, from: Math.min(...own.map(({ from }) => from)), to: Math.max(...own.map(({ to }) => to)), own }
        this.#hosts.set(block, [...(this.#hosts.get(block) ?? []), host])
      }
    }
  }

  /** Null for what does not stand wholly inside others' insertions. */
  formOf({ id, segments = [] }: Worded): string | null {
    const parts = segments.map((part) => {
      const host = this.#around(id, part)
      return host ? [host.id, this.#before(host, part), part.kind, normal(this.#textOf(part.block).slice(part.from, part.to))] : null
    })
    return parts.length > 0 && parts.every((part) => part !== null) ? JSON.stringify(parts) : null
  }

  /** The innermost insertion of another change around a stretch. */
  #around(id: string, { block, kind, from, to }: Stretch): Host | undefined {
    const around = (this.#hosts.get(block) ?? []).filter(
      (host) => host.id !== id && (kind === "insertion" ? host.from < from && to < host.to : host.from <= from && to <= host.to),
    )
    return around.sort((a, b) => a.to - a.from - (b.to - b.from))[0]
  }

  /** How many letters of a host stand before a stretch. */
  #before(host: Host, { block, from }: Stretch): number {
    const inner = (this.#hosts.get(block) ?? []).filter((other) => other.id !== host.id && host.from <= other.from && other.to <= host.to)
    const isIn = (list: readonly Stretch[], at: number): boolean => list.some((part) => part.from <= at && at < part.to)
    let n = 0
    for (let at = host.from; at < from; at++) if (isIn(host.own, at) && !inner.some(({ own }) => isIn(own, at))) n++
    return n
  }
}
