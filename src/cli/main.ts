/**
 * argv -> one command -> exit code. Every error ends here, as one line and a hint.
 */
import { TracelogError } from '../diag/errors.ts'
import { nearest } from '../model/nearest.ts'
import { COMMANDS, type CommandEntry, type CommandGroup } from './commands.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { groupText, helpText, overviewText } from './help.ts'
import { writeLine, type Io } from './io.ts'
import { requireNode } from './node-version.ts'
import { parseFlags } from './parse-flags.ts'
import { writeError } from './write-error.ts'

/**
 * Runs what was typed.
 *
 * @param argv  without node and the script
 * @returns the exit code: 0 done, 1 nothing found or a check failed, 2 wrong usage, 3 cannot reach the backend
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = argv
  try {
    return await dispatch(name, rest, io)
  } catch (error) {
    writeError(io, { error, command: name, asJson: argv.includes('--json') })
    return exitCodeOf(error)
  }
}

async function dispatch(name: string | undefined, rest: readonly string[], io: Io): Promise<number> {
  if (name === '--version' || name === '-v') return await printVersion(io)
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    io.out.write(overviewText(COMMANDS))
    return EXIT.done
  }
  if (name === undefined) {
    io.err.write(overviewText(COMMANDS))
    return EXIT.usage
  }
  return name === 'help'
    ? await runCommand(rest[0] as string, [...rest.slice(1), '--help'], io)
    : await runCommand(name, rest, io)
}

async function runCommand(name: string, argv: readonly string[], io: Io): Promise<number> {
  const entry = COMMANDS.find((candidate) => candidate.name === name)
  if (entry === undefined) throw unknownCommand(name, COMMANDS)
  return 'commands' in entry ? await runMember(entry, argv, io) : await runEntry(entry, argv, io)
}

/** `tracelog stack` alone is a question; `tracelog stack chek` is a mistake. */
async function runMember(group: CommandGroup, [name, ...rest]: readonly string[], io: Io): Promise<number> {
  const isHelp = name === '--help' || name === '-h'
  if (name === undefined || isHelp) {
    const output = isHelp ? io.out : io.err
    output.write(groupText(group))
    return isHelp ? EXIT.done : EXIT.usage
  }
  const entry = group.commands.find((candidate) => candidate.name === name)
  if (entry === undefined) throw unknownCommand(name, group.commands)
  return await runEntry(entry, rest, io)
}

async function runEntry(entry: CommandEntry, argv: readonly string[], io: Io): Promise<number> {
  // `doctor` says it among its checks.
  if (entry.name !== 'doctor') requireNode(process.version)
  const command = await entry.load()
  const parsed = parseFlags(command, argv)
  if (parsed.flags.isSet('help')) {
    io.out.write(helpText(command))
    return EXIT.done
  }
  return await command.run({ ...parsed, io })
}

async function printVersion(io: Io): Promise<number> {
  const { packageVersion } = await import('./package-info.ts')
  writeLine(io.out, packageVersion())
  return EXIT.done
}

function unknownCommand(name: string, entries: readonly { readonly name: string }[]): TracelogError {
  const names = entries.map((entry) => entry.name)
  const meant = nearest(name, names)
  return new TracelogError(`the command is "${name}", but must be one of ${names.join(', ')}`, {
    code: 'TRACELOG_USAGE',
    hint: meant === undefined ? 'See tracelog --help.' : `Did you mean "${meant}"? See tracelog --help.`,
  })
}
