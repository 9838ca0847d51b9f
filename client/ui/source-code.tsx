import { codeShown } from "../../shared/schema/keys.ts"
import { type SourceLook, styleOf } from "./look.ts"

/** The code of a source on its tone: never colour alone. Its ground tells apart those of one tone. */
export const SourceCode = ({ code, look }: { code: string; look: SourceLook }) => (
  <span class="source-code" data-turn={look.turn || undefined} style={styleOf(look)}>
    {codeShown(code)}
  </span>
)
