import type { Command } from "commander"
import { dataFolder } from "../config.ts"
import { DomainError } from "../problems.ts"
import type { Services, Terminal } from "./terminal.ts"
import { hasFindings, verifiedText, withoutRemedy } from "./verify.ts"

interface DataFlags {
  readonly data: string
  readonly all?: boolean
  readonly head?: string
  readonly json?: boolean
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`

/** The commands about what is stored. They work beside a running server. `onFindings` hears whether something was found. */
export function storeCommands(
  verb: (name: string, description: string) => Command,
  terminal: Terminal,
  { verify, acceptLoss }: Services,
  onFindings: (code: 0 | 1) => void,
): void {
  const about = (name: string, description: string): Command =>
    verb(name, description).option("--data <folder>", "where the meeting is kept", dataFolder(process.env))
  about(
    "verify [draft]",
    "prove what is stored: logs, records of decisions, snapshots, published files, and that nothing is missing; works beside a running server",
  )
    .option("--head <digits>", "what stands beside the version on a published paper: is the log still the one that it was published from?")
    .action(async (draft: string | undefined, { data, head, json }: DataFlags) => {
      const verified = await verify(data, draft ?? null, head ?? null)
      terminal.out(json ? jsonText(verified) : verifiedText(verified))
      onFindings(hasFindings(verified) ? 1 : 0)
    })
  about(
    "accept-loss [draft]",
    "go on with what can be proven of a damaged draft; what is lost is kept apart, and the record of decisions says so; works beside a running server",
  )
    .option("--all", "every draft that is damaged")
    .action(async (draft: string | undefined, { data, all, json }: DataFlags) => {
      if ((draft === undefined) === (all === undefined))
        throw new DomainError("bad-input", "Say which draft: clausula accept-loss DRAFT, or --all for every draft that is damaged.")
      const { losses, tables, hurt, anew, others, next } = await acceptLoss(data, draft ?? null)
      const missing = tables.map((table) => `The table ${table} was missing; it begins anew, without what was in it.\n`)
      const lost = hurt.map((table) => `Of the table ${table} a part could not be read; that part is lost, the rest is kept.\n`)
      const accepted = losses.map((loss) => `${loss.draft}  ${loss.sentence}\n`)
      const about = others.map((sentence) => `Accepted as lost: ${withoutRemedy(sentence)}\n`)
      const lines = [...anew.map((line) => `${line}\n`), ...missing, ...lost, ...accepted, ...about, ...next.map((line) => `${line}\n`)]
      terminal.out(json ? jsonText({ accepted: losses, tables, hurt, anew, others, next }) : lines.join(""))
    })
}
