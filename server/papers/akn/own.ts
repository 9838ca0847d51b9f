// What Akoma Ntoso has no place for, in a namespace of ours under `proprietary`: `files/akn/own` reads it. Other programs pass it by.
import { isApart } from "../../../shared/schema/structure.ts"
import type { FileDraft, FileForce } from "../../files/file-draft.ts"
import { escaped, tag } from "../../files/markup.ts"

/** Who proposes what, and what is proposed about blocks as wholes. */
export function ownMarkup({ changes, comments, profile, cover, blocks, debris, warnings, inForce }: FileDraft): string {
  // What is changed between cells has no place in the text of a table.
  const tables = new Set(blocks.flatMap((block) => (block.type === "table" ? [block.id] : [])))
  const list = [
    tag("c:draft", { profile }),
    ...cover.map(({ field, text }) => tag("c:cover", { field }, escaped(text))),
    ...changes.map((change) =>
      tag(
        "c:change",
        {
          id: change.id,
          kind: change.kind,
          source: change.source,
          enteredBy: change.enteredBy,
          broughtBy: change.broughtBy ?? null,
          date: change.date,
          block: change.block,
          text: change.text,
          replacedBy: change.replacedBy ?? null,
          newBlocks: change.newBlocks?.join(" ") ?? null,
          inside: change.inside?.join(" ") ?? null,
          late: change.late ?? null,
          otherSide: change.otherSide ?? null,
        },
        (change.segments ?? [])
          .filter((part) => tables.has(part.block))
          .map((part) => tag("c:segment", { block: part.block, kind: part.kind, from: part.from, to: part.to }))
          .join("") +
          (change.structure ?? [])
            .map((act) =>
              tag("c:act", {
                kind: act.kind,
                block: act.block,
                into: act.kind === "join" ? act.into : null,
                apart: isApart(act) ? "true" : null,
                after: act.kind === "move" ? (act.after ?? "") : null,
                level: act.kind === "level" ? act.level : null,
              }),
            )
            .join(""),
      ),
    ),
    ...comments.map((comment) => {
      const remark = (part: (typeof comment.replies)[number]): string =>
        tag(
          "c:remark",
          { by: part.by, source: part.source ?? null, broughtBy: part.broughtBy ?? null, date: part.date },
          escaped(part.text),
        )
      return tag(
        "c:thread",
        {
          id: comment.id,
          block: comment.block,
          quote: comment.quote,
          resolved: String(comment.resolved),
          change: comment.change ?? null,
          lost: comment.lost ?? null,
          address: comment.address ?? null,
        },
        [comment, ...comment.replies].map(remark).join(""),
      )
    }),
    ...blocks.map(({ id, origin = null, importedLabel = null, renumbered }) =>
      tag("c:block", {
        id,
        origin,
        importedLabel,
        renumberedFor: renumbered?.source ?? null,
        renumberedBy: renumbered?.enteredBy ?? null,
        renumberedAt: renumbered?.date ?? null,
      }),
    ),
    ...debris.map((text) => tag("c:debris", {}, escaped(text))),
    ...warnings.map(({ code, block, message }) => tag("c:warning", { code, block: block ?? null }, escaped(message))),
    ...(inForce ? [forceMarkup(inForce)] : []),
  ]
  return list.join("")
}

/** The text in force and what was accepted since, for readers that know this product; the text of the document is as it stands now. */
function forceMarkup({ blocks, notes, left, accepted }: FileForce): string {
  const list = [
    ...blocks.map(({ text, id, type, part = null, level = null, label = null, importedLabel = null, dir = null, origin = null }) =>
      tag("c:forceBlock", { id, type, part, level, label, importedLabel, dir, origin }, escaped(text)),
    ),
    ...notes.map(({ text, id, label, block, at }) => tag("c:forceNote", { id, label, block, at }, escaped(text))),
    ...left.map((place) => tag("c:left", { ...place })),
    ...accepted.map(({ source, segments, acts }) =>
      tag(
        "c:accepted",
        { source },
        segments.map(({ text, ...words }) => tag("c:words", words, escaped(text))).join("") +
          acts.map((act) => tag("c:act", { ...act })).join(""),
      ),
    ),
  ]
  return tag("c:force", {}, list.join(""))
}
