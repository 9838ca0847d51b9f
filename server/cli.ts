import { readFileSync, writeFileSync } from "node:fs"
import { Command, CommanderError, InvalidArgumentError } from "commander"
import * as Y from "yjs"
import type { Role } from "../shared/policy/policy.ts"
import type { Block } from "../shared/schema/block.ts"
import { sourcePattern } from "../shared/schema/keys.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { metaOfDoc, roots } from "../shared/sync/roots.ts"
import { newDraftDoc } from "../shared/sync/write.ts"
import type { ServeFlags } from "./config.ts"
import { draftStateOf } from "./exchange/draft-state.ts"
import type { ImportedDraft } from "./exchange/imported.ts"
import { type Format, type Publishable, publishJson, publishText, type View, views } from "./exchange/publish.ts"
import { readFile } from "./exchange/read-file.ts"
import { DomainError } from "./problems.ts"

/** Where a command reads and writes, so that tests can look. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly stdin: () => Uint8Array
}

export interface InviteFlags {
  readonly data: string
  readonly role: Role
  readonly source?: string
  readonly sourceName?: string
  readonly name?: string
  readonly days: number
}

/** What needs more than files: given by the composition root. */
export interface Services {
  serve(flags: ServeFlags & { json?: boolean }): Promise<void>
  invite(flags: InviteFlags): Promise<{ token: string; expiresAt: string }>
}

/** 0 done, 1 findings or refusals, 2 bad input with one clear sentence. */
export type ExitCode = 0 | 1 | 2

function readInput(path: string, terminal: Terminal): Uint8Array {
  if (path === "-") return terminal.stdin()
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : (error as Error).message
    throw new DomainError("bad-input", `Cannot read ${path}: ${why}.`, {}, { cause: error })
  }
}

function writeOutput(path: string | undefined, text: string, terminal: Terminal): void {
  if (path === undefined || path === "-") return terminal.out(text)
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new DomainError("bad-input", `Cannot write ${path}: ${(error as Error).message}.`, {}, { cause: error })
  }
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`

const asSource = (value: string): string => {
  if (!sourcePattern.test(value))
    throw new InvalidArgumentError("A source is one to sixteen capitals, digits or hyphens, such as S or EUR.")
  return value
}

const oneOf =
  <Value extends string>(values: readonly Value[]) =>
  (value: string): Value => {
    if (!values.includes(value as Value)) throw new InvalidArgumentError(`It is one of ${values.join(", ")}.`)
    return value as Value
  }

const asDays = (value: string): number => {
  const days = Number(value)
  if (!Number.isInteger(days) || days < 1 || days > 365) throw new InvalidArgumentError("It is a whole number of days from 1 to 365.")
  return days
}

/** Changes whose file does not say whose they are get the source that the caller states. */
const withSource = (draft: ImportedDraft, source: string | undefined): ImportedDraft =>
  source === undefined ? draft : { ...draft, changes: draft.changes.map((change) => ({ ...change, source: change.source ?? source })) }

function publishableOf(draft: ImportedDraft): Publishable {
  const { update, force } = draftStateOf(draft, new Date(0).toISOString())
  const doc = newDraftDoc()
  Y.applyUpdate(doc, update)
  const { profile, labels } = metaOfDoc(doc)
  const threads = [...roots.threads(doc).values()]
  return {
    profile,
    labels,
    blocks: blocksOf(doc),
    force: force as readonly Block[],
    threads,
    cover: draft.cover,
    debris: draft.debris,
    warnings: draft.warnings,
    enteredOf: () => null,
    nameOf: () => null,
  }
}

function importFile(path: string, flags: { source?: string; out?: string }, terminal: Terminal): void {
  const draft = withSource(readFile(readInput(path, terminal), path === "-" ? "The input" : path), flags.source)
  writeOutput(flags.out, jsonText(draft), terminal)
  const clauses = draft.blocks.filter((block) => block.type === "clause").length
  terminal.err(
    `${draft.blocks.length} blocks, ${clauses} clauses, ${draft.changes.length} changes, ${draft.comments.length} comments, ${draft.notes.length} footnotes, ${draft.warnings.length} warnings\n`,
  )
}

function exportFile(path: string, flags: { format: Format; view: View; out?: string; json?: boolean }, terminal: Terminal): void {
  const draft = publishableOf(readFile(readInput(path, terminal), path === "-" ? "The input" : path))
  const text = flags.format === "json" ? jsonText(publishJson(draft, flags.view)) : publishText(draft, flags.view)
  const isWrapped = flags.json && flags.format === "txt" && flags.out === undefined
  writeOutput(flags.out, isWrapped ? jsonText({ format: flags.format, view: flags.view, text }) : text, terminal)
  if (flags.json && flags.out !== undefined) terminal.out(jsonText({ format: flags.format, view: flags.view, out: flags.out }))
}

/** Runs one command line; the exit code. Every failure is one sentence on stderr. */
export async function runCommand(argv: readonly string[], terminal: Terminal, services: Services, version: string): Promise<ExitCode> {
  const program = new Command("clausula")
  program.description("The drafting room of an international conference.").version(version)
  program.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
  const verb = (name: string, description: string): Command => {
    const command = program.command(name).description(description).option("--json", "one JSON value on stdout, messages on stderr")
    return command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
  }
  verb("serve", "run the drafting room")
    .option("--data <folder>", "where the meeting is kept (CLAUSULA_DATA; data)")
    .option("--port <n>", "port (CLAUSULA_PORT; 8080)")
    .option("--host <address>", "address to listen on (CLAUSULA_HOST; 127.0.0.1)")
    .option("--origin <address...>", "pages elsewhere that may use this server (CLAUSULA_ORIGINS)")
    .option("--secure", "a proxy before this server ends TLS (CLAUSULA_SECURE=1)")
    .option("--insecure-lan", "serve plain http to other machines: what people type can then be read on the network")
    .option("--sample", "open a sample meeting and print an address for each role")
    .action((flags: ServeFlags) => services.serve(flags))
  verb("import <file>", "read a file as a draft: plain text or the product's own JSON, by content; - is stdin")
    .option("--source <code>", "source of changes whose file names none", asSource)
    .option("-o, --out <file>", "write the JSON there instead of to stdout")
    .action((path: string, flags: { source?: string; out?: string }) => importFile(path, flags, terminal))
  verb("export <file>", "write a draft in another form; - is stdin")
    .requiredOption("--format <format>", "json or txt", oneOf<Format>(["json", "txt"]))
    .option("--view <view>", "force, working, proposed or open", oneOf<View>(views), "open")
    .option("-o, --out <file>", "write there instead of to stdout")
    .action((path: string, flags: { format: Format; view: View; out?: string; json?: boolean }) => exportFile(path, flags, terminal))
  verb("invite", "make a link for a delegation or a person; works beside a running server")
    .requiredOption("--role <role>", "chair, secretary, delegate or observer", oneOf<Role>(["chair", "secretary", "delegate", "observer"]))
    .option("--source <code>", "the delegation, for a delegate", asSource)
    .option("--source-name <name>", "its name, where it is new")
    .option("--name <name>", "the one person whom the link is for; without it each gives a name")
    .option("--days <n>", "how long the link is good", asDays, 30)
    .option("--data <folder>", "where the meeting is kept", process.env.CLAUSULA_DATA ?? "data")
    .option("--url <address>", "address of the server", "http://localhost:8080")
    .action(async (flags: InviteFlags & { url: string; json?: boolean }) => {
      if (flags.role === "delegate" && !flags.source)
        throw new DomainError("bad-input", "A delegate writes for a source. Say which with --source, such as --source S.")
      const { token, expiresAt } = await services.invite(flags)
      const url = `${flags.url.replace(/\/$/, "")}/enter#${token}`
      terminal.out(flags.json ? jsonText({ url, token, expiresAt }) : `${url}\n`)
    })
  try {
    await program.parseAsync([...argv], { from: "user" })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof DomainError) {
      terminal.err(`clausula: ${error.message}\n`)
      return 2
    }
    throw error
  }
}
