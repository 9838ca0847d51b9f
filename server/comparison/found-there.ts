// What of a file is on the draft already, letter by letter: first what is agreed there (`find-agreed`), then what is open (`find-open`), for what is agreed is
// nobody's proposal any more. Both note in the whereabouts where the file's words are; what is not there as a whole is forgotten again, and comes.
import type * as Y from "yjs"
import type { Sliced } from "../../shared/changes/slices.ts"
import type { Already, KnownOfFile } from "./already-there.ts"
import { FilePieces } from "./file-pieces.ts"
import { FindAgreed } from "./find-agreed.ts"
import { FindOpen } from "./find-open.ts"
import type { Whereabouts } from "./whereabouts.ts"

/**
 * Finds the words and clauses of a file on the draft, letter by letter: those that have become agreed text, whoever the file says to have proposed them,
 * and those that are open proposals of their source, in however many pieces the file has them because others wrote into them there. Notes where they
 * are, and gives the changes of the file that are there with them beside those that are known (ONTO10).
 */
export function* foundThere(doc: Y.Doc, where: Whereabouts, file: KnownOfFile): Sliced<Already[]> {
  const pieces = new FilePieces(where, file.draft)
  const agreed = new FindAgreed(doc, where, file.draft, pieces)
  yield* agreed.find()
  const open = new FindOpen(doc, where, file, pieces, agreed)
  yield* open.find()
  const known = new Set(file.known.map(({ id }) => id))
  const found = new Map([...agreed.settled(({ id }) => known.has(id)), ...open.settled()].map((one) => [one.id, one]))
  where.forget(({ id }) => !known.has(id) && !found.has(id))
  return file.draft.changes.flatMap(({ id }) => found.get(id) ?? [])
}
