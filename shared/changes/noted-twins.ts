// Twins as they are to be noted: those that a decision moves apart, and those that nothing but their authors tells apart.
import { type Block, splitCharacter } from "../schema/block.ts"
import { notStated } from "../schema/keys.ts"
import { folded } from "./as-compared.ts"
import { type Change, changesInSlices } from "./changes.ts"
import { noTies, type Ties, Units, withLinked } from "./links.ts"
import { type Relations, relationsInSlices } from "./rivals.ts"
import type { Sliced } from "./slices.ts"
import { BlockOrder, hostMarks, traitOf } from "./trait.ts"
import { areTaking, saidBy, type Twin } from "./twins.ts"

/**
 * The twins that a decision moves apart, by change, as they are to be noted. `near`: the changes before it, and `then`, how they stood to each other;
 * `after`: the blocks that it leaves.
 */
export function* twinsParted(
  near: readonly Change[],
  then: Relations,
  after: readonly Block[],
  ties: Ties = noTies,
): Sliced<Map<string, Twin[]>> {
  const paired = near.filter(({ id }) => then.identicalTo(id).length > 0)
  if (paired.length === 0) return new Map()
  const ids = withLinked(
    paired.map(({ id }) => id),
    ties,
  )
  const left = new Units(yield* changesInSlices(after, ids), ties).units
  const now = yield* relationsInSlices(after, left)
  const open = new Map(left.map((change) => [change.id, change]))
  const parted = new Map<string, Twin[]>()
  for (const change of left) {
    const still = new Set(now.identicalTo(change.id))
    const gone = then.identicalTo(change.id).filter((other) => open.has(other) && !still.has(other))
    if (gone.length > 0)
      parted.set(
        change.id,
        gone.map((other) => ({ change: other, said: saidBy(change) })),
      )
  }
  return parted
}

/** So many others are noted to say the same as a change. */
const mostTwins = 32

/**
 * Of changes of whom nobody has stated whose they are, and that only put in, those that say the same and are by two authors: they are to be noted as twins,
 * for what is proposed does not tell the one from the other. `whoOf`: the author of a change, "" where that is a name that is nobody's.
 */
export function* twinsUnstated(
  blocks: readonly Block[],
  changes: readonly Change[],
  ties: Ties,
  whoOf: (change: string) => string,
): Sliced<Map<string, Twin[]>> {
  const noted = new Map<string, Twin[]>()
  const order = new BlockOrder(blocks)
  // Two ends at one place are two clauses that begin there.
  const isSuch = (change: Change): boolean =>
    change.source === notStated && !areTaking(change) && !change.segments.some(({ text }) => text.includes(splitCharacter))
  // What is linked says the same together; untied, each by itself.
  for (const tied of ties.isEmpty ? [ties] : [ties, noTies]) {
    const such = new Units(changes, tied).units.filter(isSuch)
    if (such.length < 2) continue
    const hostOf = hostMarks(blocks, such)
    const forms = new Map<string, Map<string, Change[]>>()
    for (const change of such) {
      yield
      const who = whoOf(change.id)
      if (who === "") continue
      const { form } = traitOf(change, 0, order, hostOf, folded)
      const authors = forms.get(form) ?? new Map<string, Change[]>()
      forms.set(form, authors)
      authors.set(who, [...(authors.get(who) ?? []), change])
    }
    for (const authors of forms.values())
      for (const [who, own] of authors) {
        const others = [...authors].flatMap(([other, theirs]) => (other === who ? [] : theirs.slice(0, mostTwins))).slice(0, mostTwins)
        for (const change of own) {
          const twins = others.map((other) => ({ change: other.id, said: saidBy(change) }))
          if (twins.length > 0) noted.set(change.id, [...(noted.get(change.id) ?? []), ...twins])
        }
      }
  }
  return noted
}
