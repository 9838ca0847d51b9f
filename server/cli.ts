import { readFileSync, writeFileSync } from "node:fs"
import { Command, CommanderError } from "commander"
import { asSource, oneOf, peopleCommands } from "./commands/people-commands.ts"
import { storeCommands } from "./commands/store-commands.ts"
import type { Services, Terminal } from "./commands/terminal.ts"
import { compareDrafts } from "./comparison/compare-drafts.ts"
import type { OfferedDeletion } from "./comparison/merger.ts"
import { cleanText, onBaseline } from "./comparison/on-baseline.ts"
import { confirmed, readFlattened } from "./comparison/read-flattened.ts"
import { withBrackets } from "./files/brackets.ts"
import type { FileDraft } from "./files/file-draft.ts"
import { chosenText, readFile, readTexts } from "./files/read-file.ts"
import { type Format, formats, writePaper } from "./papers/formats.ts"
import { type PaperView, paperViews, printableOf } from "./papers/printable.ts"
import { type Marks, marksOfPaper } from "./papers/sheet.ts"
import { DomainError } from "./problems.ts"
import { unwritableFor } from "./storage/failures.ts"

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

function writeOutput(path: string | undefined, content: string | Uint8Array, terminal: Terminal): void {
  if (path === undefined || path === "-") return terminal.out(content)
  try {
    writeFileSync(path, content)
  } catch (error) {
    throw new DomainError("bad-input", `Cannot write ${path}: ${unwritableFor(error)}.`, {}, { cause: error })
  }
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`

/** Changes whose file does not say whose they are get the source that the caller states. */
const withSource = (draft: FileDraft, source: string | undefined): FileDraft =>
  source === undefined ? draft : { ...draft, changes: draft.changes.map((change) => ({ ...change, source: change.source ?? source })) }

interface ImportFlags {
  readonly source?: string
  readonly text?: string
  readonly baseline?: string
  readonly out?: string
}

function importFile(path: string, flags: ImportFlags, terminal: Terminal): void {
  const texts = readTexts(readInput(path, terminal), nameOf(path))
  if (texts.length > 1 && flags.text === undefined) {
    // A collection is a library of texts: all of them, each as it would be by itself.
    writeOutput(
      flags.out,
      jsonText({ library: texts.map((text) => ({ ...text, draft: withBrackets(withSource(text.draft, flags.source)) })) }),
      terminal,
    )
    return terminal.err(`${texts.length} texts; --text "${texts[0]!.designation}" takes one\n`)
  }
  const read = chosenText(texts, nameOf(path), flags.text ?? null)
  const baseline = flags.baseline === undefined ? null : readFile(readInput(flags.baseline, terminal), nameOf(flags.baseline))
  const draft = withSource(baseline ? onBaseline(read, baseline) : read, flags.source)
  writeOutput(flags.out, jsonText(withBrackets(draft)), terminal)
  const clauses = draft.blocks.filter((block) => block.type === "clause").length
  terminal.err(
    `${draft.blocks.length} blocks, ${clauses} clauses, ${draft.changes.length} changes, ${draft.comments.length} comments, ${draft.notes.length} footnotes, ${draft.warnings.length} warnings\n`,
  )
}

interface ExportFlags {
  readonly format: Format
  readonly view: PaperView
  readonly marks: Marks
  readonly comments: boolean
  readonly template?: string
  readonly proposal?: string
  readonly reasons?: string
  readonly text?: string
  readonly out?: string
  readonly json?: boolean
}

const textual: ReadonlySet<Format> = new Set(["txt", "json", "akn", "html"])

async function exportFile(path: string, flags: ExportFlags, terminal: Terminal): Promise<void> {
  const { format, view, marks, out } = flags
  const read = readFile(readInput(path, terminal), nameOf(path), flags.text ?? null)
  // The lines of a proposal: its symbol and number before the text, its reasons behind it.
  const lines = [
    ...(flags.proposal === undefined ? [] : [{ field: "proposal", text: flags.proposal }]),
    ...(flags.reasons === undefined ? [] : [{ field: "reasons", text: `Reasons: ${flags.reasons}` }]),
  ]
  const draft = printableOf({ ...read, cover: [...read.cover, ...lines] })
  const template = flags.template === undefined ? null : readInput(flags.template, terminal)
  const bytes = await writePaper(draft, { format, view, marks, hasComments: flags.comments, template })
  const isText = textual.has(format)
  if (flags.json && out === undefined && format !== "json") {
    const content = isText ? { text: new TextDecoder().decode(bytes) } : { base64: Buffer.from(bytes).toString("base64") }
    return terminal.out(jsonText({ format, view, ...content }))
  }
  writeOutput(out, bytes, terminal)
  if (flags.json && out !== undefined) terminal.out(jsonText({ format, view, out }))
}

const nameOf = (path: string): string => (path === "-" ? "The input" : path)

interface CompareFlags {
  readonly source?: string
  readonly flattened?: boolean
  readonly confirm?: string
  readonly format: Format
  readonly view: PaperView
  readonly out?: string
  readonly json?: boolean
}

/** The offered deletions that a list names by number. */
function offersIn(list: string, offered: readonly OfferedDeletion[]): readonly OfferedDeletion[] {
  if (list === "all") return offered
  return list.split(",").map((part) => {
    const offer = /^\d+$/.test(part.trim()) ? offered[Number(part) - 1] : undefined
    if (!offer)
      throw new DomainError("bad-input", `--confirm takes "all" or numbers of offered deletions, 1 to ${offered.length}: not “${part}”.`)
    return offer
  })
}

/** A tracked draft out of two texts: its text in force is the first, its text as proposed the second. */
async function compareFiles(before: string, after: string, flags: CompareFlags, terminal: Terminal): Promise<void> {
  const read = (path: string): FileDraft => cleanText(readFile(readInput(path, terminal), nameOf(path)))
  const [a, b] = [read(before), read(after)]
  if (flags.confirm !== undefined && !flags.flattened)
    throw new DomainError("bad-input", "--confirm goes with --flattened: only of a flattened text deletions are offered.")
  const compared = flags.flattened ? readFlattened(a, b) : compareDrafts(a, b, flags.source ?? null)
  const { offered = [] } = compared
  terminal.err(`${compared.changes.length} changes${compared.offered ? `, ${offered.length} deletions offered for confirmation` : ""}\n`)
  if (flags.confirm === undefined)
    offered.forEach(({ text, change }, i) => {
      const by = compared.changes.find((other) => other.id === change)!.text
      terminal.err(`${i + 1}  was “${text}” struck, for “${by}”? --confirm ${i + 1}\n`)
    })
  const draft = flags.confirm === undefined ? compared : confirmed(compared, offersIn(flags.confirm, offered))
  if (flags.format === "json") return writeOutput(flags.out, jsonText(draft), terminal)
  const { format, view } = flags
  writeOutput(
    flags.out,
    await writePaper(printableOf(draft), { format, view, marks: "delegation", hasComments: true, template: null }),
    terminal,
  )
}

/** Runs one command line; the exit code. Every failure is one sentence on stderr. */
export async function runCommand(argv: readonly string[], terminal: Terminal, services: Services, version: string): Promise<ExitCode> {
  let code: ExitCode = 0
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
    .action((flags: Parameters<Services["serve"]>[0]) => services.serve(flags))
  verb("import <file>", "read a file as a draft: Word, plain text or the product's own JSON, by content; - is stdin")
    .option("--source <code>", "source of changes whose file names none", asSource)
    .option("--text <designation>", "of a collection, the text that is meant")
    .option("--baseline <file>", "the text in force that the file revises")
    .option("-o, --out <file>", "write the JSON there instead of to stdout")
    .action((path: string, flags: ImportFlags) => importFile(path, flags, terminal))
  verb("export <file>", "write a draft in another form; - is stdin")
    .requiredOption("--format <format>", formats.join(", "), oneOf<Format>(formats))
    .option("--view <view>", paperViews.join(", "), oneOf<PaperView>(paperViews), "open")
    .option("--marks <whose>", "whose marks a paper shows: delegation, body or plain", oneOf<Marks>(marksOfPaper), "delegation")
    .option("--no-comments", "without margin comments")
    .option("--text <designation>", "of a collection, the text that is meant")
    .option("--proposal <line>", 'the header of the proposal, such as "MOD S/44A7/1"')
    .option("--reasons <text>", "the reasons of the proposal")
    .option("--template <file>", "an institution's Word file whose styles, headers and page are taken")
    .option("-o, --out <file>", "write there instead of to stdout")
    .action((path: string, flags: ExportFlags) => exportFile(path, flags, terminal))
  verb("compare <before> <after>", "two clean texts as one tracked draft")
    .option("--source <code>", "whose the changes are; without it that is not stated", asSource)
    .option("--flattened", "the second text holds struck and inserted words side by side")
    .option("--confirm <numbers>", "of the deletions that --flattened offers, those that are some: 1,3 or all")
    .option("--format <format>", formats.join(", "), oneOf<Format>(formats), "json")
    .option("--view <view>", paperViews.join(", "), oneOf<PaperView>(paperViews), "open")
    .option("-o, --out <file>", "write there instead of to stdout")
    .action((before: string, after: string, flags: CompareFlags) => compareFiles(before, after, flags, terminal))
  peopleCommands(verb, terminal, services, (path) => readInput(path, terminal))
  storeCommands(verb, terminal, services, (found) => (code = found))
  try {
    await program.parseAsync([...argv], { from: "user" })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof DomainError) {
      terminal.err(`clausula: ${error.message}\n`)
      return 2
    }
    throw error
  }
}
