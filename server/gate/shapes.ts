import * as Y from "yjs"
import { anchorCharacter, type Block, defaultAttrs, type StructuralProposal, splitCharacter } from "../../shared/schema/block.ts"
import { keyOf, parseKey, parseMarkId } from "../../shared/schema/keys.ts"
import { idSeparator, isMarkName, markAttrs, optionalMarkAttrs } from "../../shared/schema/schema.ts"
import { isLevel, longestBlockId } from "../../shared/schema/structure.ts"
import { attributesOf, blocksRoot, type PlacedRun, structureRoot } from "../../shared/sync/read.ts"

/** Caps of GATE1 and GATE11. Lengths count UTF-16 units. */
export const caps = {
  updateBytes: 1_000_000,
  newCharacters: 200_000,
  attributeLength: longestBlockId,
  listedIds: 8,
  newTypesInUpdate: 2_000,
  newBlocksOfSource: 500,
  openMarksOfSource: 20_000,
  openLettersOfSource: 400_000,
  lettersOfBlock: 100_000,
  structureOfSource: 1_000,
} as const

/** Who wrote under a client id: bound for ever to one person and one hat. */
export interface Binding {
  readonly person: string
  readonly source: string
}
export type BindingOf = (client: number) => Binding | undefined

/** A struct of an update that the document did not know, cut to its unknown part. */
export interface FreshText {
  readonly client: number
  readonly clock: number
  readonly text: string
}

/** What an update brings that is new, read from its structs before anything is applied. */
export interface Fresh {
  /** First unknown clock per client. */
  readonly known: ReadonlyMap<number, number>
  readonly texts: readonly FreshText[]
  /** Markers by key: how many open, how many close. */
  readonly markers: ReadonlyMap<string, { opens: number; closes: number }>
  readonly types: readonly { client: number; clock: number }[]
  /** Whether it takes back some of what it brings: only then can a redo be in it that no earlier update prepared. */
  readonly takesBack: boolean
  /** Whether its text holds a sign of a table, or the call of a footnote: where these stand is proved. */
  readonly hasSigns: boolean
}

/**
 * Characters that a person's own text may not hold: control, bidi overrides, separators and anchors of ours, lone surrogates (GATE1). Those of a table,
 * and the call of a footnote, may come back by an undo: where they stand is proved once they do.
 */
const refusedCharacters =
  /[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffc]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

const contentKinds: readonly unknown[] = [Y.ContentString, Y.ContentFormat, Y.ContentType, Y.ContentAny, Y.ContentDeleted]

const isList = (value: string): boolean =>
  value === "" || (value.split(idSeparator).length <= caps.listedIds && value.split(idSeparator).every((id) => parseMarkId(id)))

/** Why a marker may not be written by this source, or null. Keys are injective, so a mark's owner is its key's client (GATE1, GATE5). */
export function badMarker(content: Y.ContentFormat, source: string, bindingOf: BindingOf): string | null {
  const key = parseKey(content.key)
  if (!key || !isMarkName(key.name)) return "unknown-mark"
  if (key.name !== "insertion" && key.name !== "deletion") return "mark-of-the-server"
  if (bindingOf(key.client)?.source !== source) return "foreign-key"
  const value = content.value as unknown
  if (value === null) return null
  if (typeof value !== "object") return "mark-shape"
  const attrs = value as Record<string, unknown>
  const names = markAttrs[key.name]
  if (Object.keys(attrs).some((name) => !names.includes(name))) return "mark-shape"
  for (const name of names)
    if (typeof attrs[name] !== "string" && !(attrs[name] === undefined && optionalMarkAttrs.has(name))) return "mark-shape"
  const { id, of, source: claimed, within = "", over = "", heard = "" } = attrs as Record<string, string>
  if (heard !== "" && !/^(?:0|[1-9]\d{0,9})$/.test(heard)) return "mark-shape"
  if (claimed !== source) return "forged-source"
  const parts = parseMarkId(id!)
  if (parts?.source !== source || keyOf(key.name, id!) !== content.key) return "mark-id"
  if (of !== "" && parseMarkId(of!)?.source !== source) return "foreign-change"
  if (!isList(within) || !isList(over)) return "mark-shape"
  return within.split(idSeparator).includes(id!) ? "mark-shape" : null
}

/** Why the new structs of an update may not come from this person under this hat, or what they are. Nothing is applied yet (GATE1). */
export function readFresh(
  { structs, ds }: ReturnType<typeof Y.decodeUpdate>,
  shadow: Y.Doc,
  who: Binding,
  bindingOf: BindingOf,
): Fresh | { refused: string } {
  const known = new Map<number, number>()
  const texts: FreshText[] = []
  const markers = new Map<string, { opens: number; closes: number }>()
  const types: { client: number; clock: number }[] = []
  let characters = 0
  for (const struct of structs) {
    const { client, clock } = struct.id
    const state = Y.getState(shadow.store, client)
    if (clock + struct.length <= state) continue
    if (struct instanceof Y.Skip) return { refused: "gap" }
    const owner = bindingOf(client)
    if (owner?.source !== who.source || owner.person !== who.person) return { refused: "foreign-client" }
    if (!known.has(client)) {
      if (clock > state) return { refused: "gap" }
      known.set(client, state)
    }
    if (struct instanceof Y.GC) continue
    if (typeof struct.parent === "string" && struct.parent !== blocksRoot && struct.parent !== structureRoot)
      return { refused: "foreign-root" }
    const { content } = struct as Y.Item
    if (!contentKinds.includes(content.constructor)) return { refused: "content-kind" }
    if (content instanceof Y.ContentString) {
      const text = content.str.slice(Math.max(0, state - clock))
      characters += text.length
      // A split stands alone, between the markers of its own pair; so does the call of a footnote.
      const isSign = content.str === splitCharacter || content.str === anchorCharacter
      if (!isSign && refusedCharacters.test(text)) return { refused: "characters" }
      texts.push({ client, clock: Math.max(clock, state), text })
    } else if (content instanceof Y.ContentFormat) {
      const bad = badMarker(content, who.source, bindingOf)
      if (bad) return { refused: bad }
      const count = markers.get(content.key) ?? { opens: 0, closes: 0 }
      if ((content.value as unknown) === null) count.closes++
      else count.opens++
      markers.set(content.key, count)
    } else if (content instanceof Y.ContentType) {
      if (!(content.type instanceof Y.XmlElement) && !(content.type instanceof Y.XmlText)) return { refused: "content-kind" }
      types.push({ client, clock })
    } else if (content instanceof Y.ContentAny && !isSmall(content.arr)) return { refused: "block-shape" }
  }
  if (characters > caps.newCharacters || types.length > caps.newTypesInUpdate) return { refused: "too-large" }
  const takesBack =
    ds.clients.size > 0 && [...known].some(([client, state]) => ds.clients.get(client)?.some((range) => range.clock + range.len > state))
  const hasSigns = texts.some(({ text }) => /[\t\n\ufffc]/.test(text))
  return { known, texts, markers, types, takesBack, hasSigns }
}

const isSmallValue = (value: unknown): boolean =>
  value === null || typeof value === "number" || (typeof value === "string" && value.length <= caps.attributeLength)

const isSmall = (values: readonly unknown[]): boolean => values.every((value) => isSmallValue(value) || isSmallEntry(value))

/** An entry of the root `structure`: a flat object of a few short values. */
const isSmallEntry = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length <= 8 &&
  Object.values(value).every(isSmallValue)

/** Kinds of block that a delegation may add. */
const proposable = new Set(["clause", "paragraph", "quote"])

/** Why a new block may not be this source's, or null (GATE4). `isTaken`: block ids are unique. */
export function badNewBlock(element: Y.XmlElement, source: string, isTaken: (id: string) => boolean): string | null {
  const attrs = attributesOf(element)
  if (!proposable.has(element.nodeName)) return "block-type"
  const { id, insertedBy, insertedId, dir, level, ...others } = attrs
  if (insertedBy !== source) return "forged-block"
  if (typeof insertedId !== "string" || parseMarkId(insertedId)?.source !== source) return "forged-block"
  if (typeof id !== "string" || !id.startsWith("n") || parseMarkId(id.slice(1))?.source !== source) return "block-id"
  if (isTaken(id)) return "block-id"
  if (dir !== undefined && dir !== "rtl" && dir !== "ltr") return "block-shape"
  if (level !== undefined && (element.nodeName !== "clause" || !isLevel(level))) return "block-shape"
  const isUnderstood = Object.entries(others).every(([name, value]) => name === "part" && value === defaultAttrs.part)
  return isUnderstood ? null : "block-shape"
}

/** Which kinds of block a proposal may be about. */
const restructurable: Readonly<Record<StructuralProposal["kind"], ReadonlySet<Block["type"]>>> = {
  delete: new Set(["head", "clause", "paragraph", "quote", "heading", "table"]),
  join: new Set(["clause", "paragraph", "quote"]),
  move: new Set(["head", "clause", "paragraph", "quote", "heading", "table"]),
  level: new Set(["clause"]),
}

/** Why a structural proposal cannot be about these blocks, or null (GATE3). */
export function badProposal(proposal: StructuralProposal, typeOf: (block: string) => Block["type"] | null): string | null {
  const type = typeOf(proposal.block)
  if (type === null || !restructurable[proposal.kind].has(type)) return "structure-block"
  if (proposal.kind === "join") {
    const into = typeOf(proposal.into)
    return into === null || !restructurable.join.has(into) || proposal.into === proposal.block ? "structure-block" : null
  }
  if (proposal.kind === "move" && proposal.after !== null)
    return typeOf(proposal.after) === null || proposal.after === proposal.block ? "structure-block" : null
  return null
}

/** Whether new text holds a sign of a table elsewhere, or the call of a footnote that it does not call (GATE1). */
export function isMisplaced({ text, client, clock, marks }: PlacedRun, element: Y.XmlElement, fresh: Fresh): boolean {
  const known = fresh.known.get(client)
  if (known === undefined || clock + text.length <= known) return false
  const own = text.slice(Math.max(0, known - clock))
  if (element.nodeName !== "table" && /[\t\n]/.test(own)) return true
  return own.includes(anchorCharacter) && !marks.some((mark) => mark.name === "noteRef")
}
