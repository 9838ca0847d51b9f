import type { CommentPlace } from "../../../shared/comments/places.ts"
import { shown } from "../characters.ts"
import type { FileBlock, FileComment, FileDraft, FileNote } from "../file-draft.ts"
import { childrenOf, wordsOf, type XmlElement } from "../xml.ts"

/** A stretch of words under one `ins`, `del` or comment. */
export interface Range {
  readonly name: "insertion" | "deletion" | "comment"
  readonly id: string
  readonly block: string
  from: number
  to: number
}

/**
 * What our own files say in `meta`, as they say it: whether their kinds, levels, sources and times are any is for who asks for the draft to see, so that
 * nothing bad is read as something else.
 */
export interface OwnDraft {
  readonly profile: unknown
  readonly blocks: readonly unknown[]
  readonly changes: readonly unknown[]
  readonly comments: readonly unknown[]
  readonly cover: FileDraft["cover"]
  readonly notes: readonly FileNote[]
  readonly debris: readonly string[]
  readonly warnings: readonly unknown[]
  readonly inForce?: unknown
}

/** A number that an attribute gives; what is none stays what it is. */
const numberIn = (value: string | undefined): unknown => (value !== undefined && /^-?\d{1,9}$/.test(value) ? Number(value) : value)

/** A draft of our own with what `meta` says of the blocks, notes and ranges that were read. */
export function ownDraft(
  own: XmlElement,
  { blocks, notes, ranges }: { blocks: readonly FileBlock[]; notes: readonly FileNote[]; ranges: readonly Range[] },
): OwnDraft {
  const [force] = childrenOf(own, "c:force")
  const facts = new Map(childrenOf(own, "c:block").map(({ attrs }) => [attrs.id, attrs]))
  return {
    profile: childrenOf(own, "c:draft")[0]?.attrs.profile,
    blocks: blocks.map((block) => ownBlock(block, facts.get(block.id) ?? {})),
    changes: changesOf(own, [...blocks, ...notes], ranges),
    comments: commentsOf(own, ranges),
    cover: childrenOf(own, "c:cover").map((element) => ({ field: element.attrs.field ?? null, text: wordsOf(element) })),
    notes,
    debris: childrenOf(own, "c:debris").map(wordsOf),
    warnings: childrenOf(own, "c:warning").map((element) => ({
      code: element.attrs.code ?? "",
      ...(element.attrs.block === undefined ? {} : { block: element.attrs.block }),
      message: wordsOf(element),
    })),
    ...(force ? { inForce: forceOf(force) } : {}),
  }
}

/** The text in force and what was accepted since. */
const forceOf = (force: XmlElement): unknown => ({
  blocks: childrenOf(force, "c:forceBlock").map((element) => {
    const { level, origin = null, ...attrs } = element.attrs
    return { ...attrs, ...(level === undefined ? {} : { level: numberIn(level) }), origin, text: wordsOf(element) }
  }),
  notes: childrenOf(force, "c:forceNote").map((element) => {
    const { id, label, block = null, at } = element.attrs
    return { id, label, text: wordsOf(element), block, at: at === undefined ? null : numberIn(at) }
  }),
  left: childrenOf(force, "c:left").map(({ attrs: { id, type, origin = null, joined, behind = null } }) => ({
    ...{ id, type, origin, joined, behind },
  })),
  accepted: childrenOf(force, "c:accepted").map((element) => ({
    source: element.attrs.source ?? null,
    segments: childrenOf(element, "c:words").map((part) => ({ block: part.attrs.block, kind: part.attrs.kind, text: wordsOf(part) })),
    acts: childrenOf(element, "c:act").map(({ attrs: { kind, block, origin = null } }) => ({ kind, block, origin })),
  })),
})

/** What the text of our own file says and `meta` does not know: then something of it would be lost. Null: nothing. */
export function strayIn(own: XmlElement, ranges: readonly Range[], blocks: readonly FileBlock[]): string | null {
  const idsOf = (name: string): Set<string | undefined> => new Set(childrenOf(own, name).map(({ attrs }) => attrs.id))
  const [changes, threads] = [idsOf("c:change"), idsOf("c:thread")]
  const stray = ranges.find(({ name, id }) => !(name === "comment" ? threads : changes).has(id))
  if (stray) return `words of block ${shown(stray.block)} are marked as of ${shown(stray.id)}, which the file does not list`
  const known = new Set(blocks.map(({ id }) => id))
  const lost = childrenOf(own, "c:block").find(({ attrs }) => !known.has(attrs.id ?? ""))
  return lost ? `it tells of a block ${shown(lost.attrs.id ?? "")}, which its text does not hold` : null
}

/** A block of our own file: its number is the label under which it stands; what else is known of it is said in `meta`. */
function ownBlock({ importedLabel: label = "", renumbered, ...block }: FileBlock, facts: Readonly<Record<string, string>>): unknown {
  const { origin = null, importedLabel, renumberedFor: source = null, renumberedBy: enteredBy = null, renumberedAt: date = null } = facts
  return {
    ...block,
    ...(block.type === "clause" ? { label } : {}),
    ...(importedLabel === undefined ? {} : { importedLabel }),
    ...(renumbered ? { renumbered: { was: renumbered.was, source, enteredBy, date } } : {}),
    origin,
  }
}

function changesOf(own: XmlElement, all: readonly { readonly id: string }[], ranges: readonly Range[]): unknown[] {
  const byChange = new Map<string, Range[]>()
  for (const range of ranges) if (range.name !== "comment") byChange.set(range.id, [...(byChange.get(range.id) ?? []), range])
  const place = new Map(all.map(({ id }, i) => [id, i]))
  const inOrder = (a: { block: string }, b: { block: string }): number => (place.get(a.block) ?? 0) - (place.get(b.block) ?? 0)
  return childrenOf(own, "c:change").map((element) => {
    const { attrs } = element
    const structure = childrenOf(element, "c:act").map(actOf)
    const between = childrenOf(element, "c:segment").map(({ attrs: part }) => ({
      block: part.block ?? "",
      kind: part.kind,
      from: numberIn(part.from),
      to: numberIn(part.to),
    }))
    const tables = new Set(between.map((part) => part.block))
    const inText = (byChange.get(attrs.id ?? "") ?? []).flatMap(({ block, name, from, to }) =>
      tables.has(block) ? [] : [{ block, kind: name, from, to }],
    )
    return {
      id: attrs.id ?? "",
      kind: attrs.kind,
      source: attrs.source ?? null,
      enteredBy: attrs.enteredBy ?? null,
      date: attrs.date ?? null,
      block: attrs.block ?? "",
      text: attrs.text ?? "",
      ...(attrs.replacedBy === undefined ? {} : { replacedBy: attrs.replacedBy }),
      ...(attrs.newBlocks ? { newBlocks: attrs.newBlocks.split(" ") } : {}),
      segments: [...inText, ...between].sort(inOrder),
      ...(structure.length > 0 ? { structure } : {}),
      ...(attrs.inside ? { inside: attrs.inside.split(" ") } : {}),
    }
  })
}

function actOf({ attrs }: XmlElement): unknown {
  const { kind, block = "", into, apart, after, level } = attrs
  return {
    ...{ kind, block },
    ...(into === undefined ? {} : { into }),
    ...(apart === undefined ? {} : { apart: apart === "true" }),
    ...(after === undefined ? {} : { after: after || null }),
    ...(level === undefined ? {} : { level: numberIn(level) }),
  }
}

function commentsOf(own: XmlElement, ranges: readonly Range[]): unknown[] {
  return childrenOf(own, "c:thread").map((thread): Partial<FileComment> | Record<string, unknown> => {
    const { attrs } = thread
    const [first, ...replies] = childrenOf(thread, "c:remark").map((remark) => ({
      by: remark.attrs.by ?? null,
      source: remark.attrs.source ?? null,
      date: remark.attrs.date ?? null,
      text: wordsOf(remark),
    }))
    const [at, ...further] = placesOf(ranges.filter((range) => range.name === "comment" && range.id === attrs.id))
    return {
      id: attrs.id ?? "",
      ...(first ?? { by: null, source: null, date: null, text: "" }),
      block: attrs.block ?? null,
      quote: attrs.quote ?? "",
      replies,
      resolved: attrs.resolved === "true" || (attrs.resolved === "false" ? false : attrs.resolved),
      ...(at ? { at: { from: at.from, to: at.to } } : {}),
      ...(further.length > 0 ? { further } : {}),
      ...(attrs.change === undefined ? {} : { change: attrs.change }),
      ...(attrs.lost === undefined ? {} : { lost: attrs.lost }),
      ...(attrs.address === undefined ? {} : { address: attrs.address }),
    }
  })
}

/** From the first to the last of some ranges in each block. */
function placesOf(ranges: readonly Range[]): CommentPlace[] {
  const places: CommentPlace[] = []
  for (const { block, from, to } of ranges) {
    const last = places.at(-1)
    if (last?.block === block) places[places.length - 1] = { block, from: Math.min(last.from, from), to: Math.max(last.to, to) }
    else places.push({ block, from, to })
  }
  return places
}
