import { codeShown } from "../../shared/schema/keys.ts"

/** The code of a source on its tone: never colour alone. */
export const SourceCode = ({ code, tone }: { code: string; tone: number }) => (
  <span class="source-code" style={{ "--tone": `var(--source-${tone})` }}>
    {codeShown(code)}
  </span>
)
