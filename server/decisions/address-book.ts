import { addressesOf, labelsOf } from "../../shared/clauses/labels.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { metaOfDoc } from "../../shared/sync/roots.ts"
import type { Gate } from "../gate/gate.ts"

/** How the blocks of a draft are spoken of at this moment. */
export function addressBook({ shadow }: Pick<Gate, "shadow">): (block: string) => string {
  const blocks = blocksOf(shadow)
  const { profile, labels } = metaOfDoc(shadow)
  const addresses = addressesOf(blocks, labelsOf(blocks, profile, labels))
  return (block) => addresses.get(block) ?? "the text"
}
