import type { FileDraft } from "../../server/files/file-draft.ts"

const words = "that the protection of cables in shallow waters is a matter for each coastal State and for those who fish there".split(" ")

/** A draft in which several delegations have changes at every clause: `changes` over `clauses`, by `codes` in turn; each clause has those of all it can. */
export function crowdedDraft({
  clauses,
  changes,
  codes,
  between = 4,
}: {
  clauses: number
  changes: number
  codes: readonly string[]
  /** So many agreed words stand between two changes. */
  between?: number
}): FileDraft {
  const blocks: FileDraft["blocks"][number][] = [
    { id: "b1", type: "designation", text: "RESOLUTION 41 (Suva, 2022)" },
    { id: "b2", type: "title", text: "Keeping islands connected when a submarine cable fails" },
    { id: "b3", type: "head", part: "operative", text: "resolves" },
  ]
  const made: FileDraft["changes"][number][] = []
  for (let i = 0; i < clauses; i++) {
    const id = `c${i}`
    const count = Math.floor((changes * (i + 1)) / clauses) - Math.floor((changes * i) / clauses)
    let text = `${i + 1} to ask `
    for (let n = 0; n < count; n++) {
      const number = made.length
      const source = codes[number % codes.length]!
      text += `${words.slice(n % 4, (n % 4) + between).join(" ")} `
      const old = n % 3 === 0 ? `old${number} words` : ""
      const fresh = n % 3 === 1 ? `new${number} words` : n % 3 === 0 ? `better${number} words` : ""
      const gone = n % 3 === 2 ? `needless${number} words` : old
      const from = text.length
      text += gone + fresh
      made.push({
        id: `${source}.${200 + (number % codes.length)}.${number}`,
        kind: gone && fresh ? "replacement" : fresh ? "insertion" : "deletion",
        source,
        enteredBy: null,
        date: null,
        block: id,
        text: gone || fresh,
        ...(gone && fresh ? { replacedBy: fresh } : {}),
        segments: [
          ...(gone ? [{ block: id, kind: "deletion" as const, from, to: from + gone.length }] : []),
          ...(fresh ? [{ block: id, kind: "insertion" as const, from: from + gone.length, to: from + gone.length + fresh.length }] : []),
        ],
      })
      text += " "
    }
    blocks.push({ id, type: "clause", level: 1, text: `${text}of the Union;` })
  }
  return {
    profile: "itu",
    cover: [],
    blocks: blocks.map((block) => ({ ...block, origin: block.id })),
    changes: made,
    comments: [],
    notes: [],
    debris: [],
    warnings: [],
  }
}

/**
 * A draft in which the chair has to choose: at `places` clauses Sweden and Brazil replace the same words by others, at as many they put other words at
 * one place, and at one each Sweden alone proposes something and both propose the same.
 */
export function choicesDraft(places: number): FileDraft {
  const before = "to keep "
  const old = "the old words"
  const changes: FileDraft["changes"][number][] = []
  const blocks: FileDraft["blocks"][number][] = [
    { id: "b1", type: "designation", text: "RESOLUTION 42 (Suva, 2022)" },
    { id: "b2", type: "title", text: "Choices" },
    { id: "b3", type: "head", part: "operative", text: "resolves" },
  ]
  const clause = (id: string, wanted: readonly (readonly [source: string, words: string])[], isReplaced: boolean): void => {
    let text = before + old
    for (const [source, words] of wanted) {
      const from = text.length
      text += ` ${words}`
      const segments: { block: string; kind: "deletion" | "insertion"; from: number; to: number }[] = [
        { block: id, kind: "insertion", from, to: text.length },
      ]
      if (isReplaced) segments.unshift({ block: id, kind: "deletion", from: before.length, to: before.length + old.length })
      changes.push({
        ...{
          id: `${source}.400.${changes.length}`,
          kind: isReplaced ? "replacement" : "insertion",
          source,
          enteredBy: null,
          date: null,
          block: id,
        },
        ...(isReplaced ? { text: old, replacedBy: ` ${words}` } : { text: ` ${words}` }),
        segments,
      })
    }
    blocks.push({ id, type: "clause", level: 1, text: `${text} of the Union;` })
  }
  for (let i = 0; i < places; i++) {
    clause(
      `r${i}`,
      [
        ["S", `words${i} of Sweden`],
        ["B", `words${i} of Brazil`],
      ],
      true,
    )
    clause(
      `p${i}`,
      [
        ["S", `also${i} of Sweden`],
        ["B", `also${i} of Brazil`],
      ],
      false,
    )
  }
  clause("free", [["S", "alone"]], false)
  clause(
    "same",
    [
      ["S", "agreed"],
      ["B", "agreed"],
    ],
    false,
  )
  return {
    ...{ profile: "itu", cover: [], blocks: blocks.map((block) => ({ ...block, origin: block.id })), changes },
    ...{ comments: [], notes: [], debris: [], warnings: [] },
  }
}
