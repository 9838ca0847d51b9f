// Who is named on a paper, and how: each delegation, the body that meets, or nobody. Everything that a paper says of a person or a source comes from here.
import { type Change, changesIn } from "../../shared/changes/changes.ts"
import { lateSaid, noneForestalledTold } from "../../shared/changes/forestalled.ts"
import { noOtherSides, otherSideSaid } from "../../shared/changes/other-side.ts"
import type { Remark } from "../../shared/comments/thread.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { onlyInFile, signedAccepted } from "../files/authors.ts"
import { notStatedName } from "../people/nobody.ts"
import { nameOf, type Printable, remarkFrom } from "./printable.ts"
import type { Attribution, Marks, SheetBlock } from "./sheet.ts"

/** How a paper names a source as an author: "Sweden (S)". */
export const signedAs = (source: string, name: string | undefined): string =>
  name === undefined || name === source ? source : `${name} (${source})`

/** How a source is named in few signs. */
export const codeOf = (source: string): string => (source === notStated ? "not stated" : source)

/** The name that Word itself puts where it removes one. */
const nobody = "Author"

/** Names whoever made something, in the way that a paper is to show. */
export class Attributor {
  readonly #draft: Printable
  readonly #marks: Marks
  readonly #changes: ReadonlyMap<string, Change>
  readonly #handles = new Map<string, string>()
  /** Whether anybody is stated to be a source: then a name that only a file gives could be taken for one. */
  readonly #hasSources: boolean

  constructor(draft: Printable, marks: Marks) {
    this.#draft = draft
    this.#marks = marks
    const changes = changesIn(draft.blocks)
    this.#changes = new Map(changes.map((change) => [change.id, change]))
    const parts = [...changes, ...draft.accepted, ...Object.values(draft.renumbered), ...draft.threads.flatMap(({ remarks }) => remarks)]
    this.#hasSources = draft.sources.size > 0 || parts.some(({ source }) => source !== notStated)
    const counts = new Map<string, number>()
    for (const { id, source } of changes) {
      const n = (counts.get(source) ?? 0) + 1
      counts.set(source, n)
      this.#handles.set(id, `${codeOf(source)} ${n}`)
    }
  }

  /** `unstated`: how one is named whose source nobody has stated. */
  name(source: string | null, unstated: string): string {
    if (this.#marks === "plain") return nobody
    if (this.#marks === "body") return this.#draft.body || nobody
    if (source === null || source === notStated) return unstated
    return signedAs(source, this.#draft.sources.get(source))
  }

  /** Whose a remark is: its own, or nobody's. Whom only a file names has said nothing here. */
  said(remark: Remark): string {
    if (this.#marks !== "delegation") return nobody
    const name = nameOf(remark.person, this.#draft.people)
    return this.name(
      remark.source,
      name !== null && remark.broughtBy !== undefined ? `${name} (from a file)` : (name ?? (this.#hasSources ? notStatedName : "")),
    )
  }

  /** Where a remark comes from that a file brought. */
  from(remark: Remark): string | null {
    return this.#marks === "delegation" ? remarkFrom(remark, this.#draft.people) : null
  }

  date(date: string | null): string | null {
    return this.#marks === "delegation" ? date : null
  }

  of(change: string, source: string): Attribution {
    const entered = this.#draft.entered.get(change)
    const by = entered?.by ?? ""
    const isMove = isMoveOfWords(this.#changes.get(change))
    return {
      change,
      author: this.name(source, this.#hasSources ? onlyInFile(by) : by),
      source: this.#marks === "delegation" && source !== notStated ? source : null,
      handle: this.#marks === "delegation" ? (this.#handles.get(change) ?? null) : null,
      date: this.date(entered?.at ?? null),
      isAccepted: false,
      move: isMove ? `move-${change}` : null,
    }
  }

  /** What more is said of the open changes of a block. */
  lateIn(block: string): SheetBlock["late"] {
    const { late = noneForestalledTold, sides = noOtherSides, sources, blocks } = this.#draft
    const nameOf = (source: string): string => (source === notStated ? "another delegation" : signedAs(source, sources.get(source)))
    return [...new Set([...late.keys(), ...sides.keys()])].flatMap((id) => {
      const change = this.#changes.get(id)
      if (change?.block !== block) return []
      const told = [lateSaid(change, late, nameOf), otherSideSaid(change, sides, blocks)]
      return told.flatMap((said) => (said === null ? [] : [{ by: this.of(id, change.source), said }]))
    })
  }

  accepted(source: string | null, key: string): Attribution {
    const name = this.name(source, source === notStated ? notStatedName : this.#draft.body)
    const author = this.#marks === "delegation" ? signedAccepted(name) : name
    return {
      change: key,
      author,
      source: this.#marks === "delegation" && source !== notStated ? source : null,
      handle: null,
      date: null,
      isAccepted: true,
      move: null,
    }
  }
}

/** A move of words may divide and join clauses: where it does is no part of the words. */
const wordsAlone = (text: string): string => text.replace(/[¶…\s]/g, "")

/** Words that a change takes out at one place and puts in, the same, at another; clauses among them go and come as wholes. */
function isMoveOfWords(change: Change | undefined): boolean {
  if (!change || change.structure.some(({ proposal }) => proposal.kind !== "delete" && proposal.kind !== "join")) return false
  const words = wordsAlone(change.inserted)
  if (words === "" || words !== wordsAlone(change.deleted)) return false
  const [a, b, ...others] = change.segments
  return (
    others.length > 0 ||
    change.structure.length > 0 ||
    (b !== undefined && (a!.block !== b.block || (a!.to !== b.from && b.to !== a!.from)))
  )
}
