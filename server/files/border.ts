// The one border of the house for files: no draft comes in but through here, whatever form it had, so that what is behind it asks nothing again. A reader may
// mend what its form is careless with; what it leaves is refused. Our own forms come here twice: as what they say, and as what was read of that.
import type { ZodError } from "zod"
import { halfLetterIn } from "../../shared/schema/letters.ts"
import { DomainError } from "../problems.ts"
import { tooMuchIn } from "./bounds.ts"
import type { FileDraft } from "./file-draft.ts"
import { fileDraftShape } from "./file-shape.ts"
import { Fit } from "./fit.ts"
import { withInnermost } from "./innermost.ts"

/** The first of what a value is not, and where. */
const said = ({ issues: [issue] }: ZodError): string => `at ${issue?.path.join(".") || "the top"}, ${issue?.message}`

/**
 * A draft as our own forms hold it, which say of each change what it does and where. Throws a DomainError that says what is not as it should be. `form`:
 * what the file is written in.
 */
export function demandOwn(value: unknown, name: string, form: string): FileDraft {
  const read = fileDraftShape.safeParse(value)
  if (!read.success) throw new DomainError("bad-input", `${name} is ${form}, but not a draft: ${said(read.error)}.`)
  const draft = read.data as unknown as FileDraft
  demandSizes(draft, name)
  const fit = new Fit(draft)
  demandNone(fit.flaw() ?? halfLetter(draft) ?? fit.untruth(), name)
  const own = withInnermost(draft)
  demandNone(new Fit(own).twice(), name)
  return own
}

/** Lets a draft from a file in. Throws a DomainError where it is too large, is made of what no draft is, or its parts do not fit together. */
export function demandFileDraft(draft: FileDraft, name: string): void {
  demandSizes(draft, name)
  const { error } = fileDraftShape.safeParse(draft)
  demandNone((error ? said(error) : null) ?? new Fit(draft).flaw() ?? halfLetter(draft), name)
}

function demandSizes(draft: FileDraft, name: string): void {
  const excess = tooMuchIn(draft)
  if (excess !== null) throw new DomainError("too-large", `${name} ${excess}.`)
}

function demandNone(flaw: string | null, name: string): void {
  if (flaw !== null) throw new DomainError("bad-input", `${name} does not fit together: ${flaw}.`)
}

function halfLetter(draft: FileDraft): string | null {
  const half = halfLetterIn(draft)
  return half === null ? null : `${half} holds half of a letter`
}
