import { DomainError } from "../problems.ts"

/** How plain text of a paper that shows changes begins: it is for reading, and is not read back. */
export const markedOpening = "Changes are marked in this text: "

// A pair that names whose it is. Without a name braces may be anybody's words.
const markedPair = /\{([+-])[\p{Lu}\p{N}][\p{L}\p{N} ,;()–-]{0,80}: [^{}]{0,2000}\1\}/u

/** Refuses a text in which changes are marked. */
export function refuseMarked(text: string): void {
  const [found] = text.match(markedPair) ?? []
  if (!text.replace(/^\ufeff/, "").startsWith(markedOpening) && found === undefined) return
  const shown = found === undefined ? "" : ` (“${found.length > 60 ? `${found.slice(0, 40)}…` : found}”)`
  throw new DomainError(
    "unsupported",
    `Changes are marked in this plain text${shown}: it is for reading, and would be taken for words of the text. Bring the Word or JSON file of the same paper, or plain text of one view without marks, such as “as proposed”.`,
  )
}
