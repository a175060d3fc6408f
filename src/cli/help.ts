/**
 * The text of `tracelog --help` and `tracelog <command> --help`.
 */
import { COMMON_FLAGS, type CommandSpec, type FlagSpec } from './command.ts'
import type { CommandEntry, CommandGroup } from './commands.ts'

const EXIT_CODES: Readonly<Record<string, string>> = {
  '0': 'done',
  '1': 'nothing found, or a check failed',
  '2': 'wrong usage',
  '3': 'the backend cannot be reached',
}

export function overviewText(entries: readonly (CommandEntry | CommandGroup)[]): string {
  return [
    'What happened to this request? Every log line of every service it touched, in one place.',
    '',
    'Usage: tracelog <command> [flags]',
    '',
    'Commands:',
    ...twoColumns(entries.map(({ name, summary }) => [name, summary])),
    '',
    'Start: `tracelog dev` in one terminal, `tracelog run -- npm start` in another, then `tracelog tail`.',
    'Each command has --help. `tracelog --version` prints the version.',
    '',
  ].join('\n')
}

export function groupText({ name, summary, commands }: CommandGroup): string {
  return [
    `${summary}.`,
    '',
    `Usage: tracelog ${name} <command> [flags]`,
    '',
    'Commands:',
    ...twoColumns(commands.map((command) => [command.name, command.summary])),
    '',
    'Each has --help.',
    '',
  ].join('\n')
}

export function helpText(spec: CommandSpec): string {
  const sections = [
    `${spec.summary}.`,
    `Usage: tracelog ${[spec.name, '[flags]', spec.operands].filter((part) => part !== '').join(' ')}`,
    ...(spec.details === undefined ? [] : [spec.details]),
    ['Flags:', ...twoColumns(Object.entries({ ...spec.flags, ...COMMON_FLAGS }).map(flagRow))].join('\n'),
    ['Examples:', ...twoColumns(spec.examples.map(([command, meaning]) => [command, meaning]))].join('\n'),
    ['Exit codes:', ...twoColumns(Object.entries({ ...EXIT_CODES, ...spec.exitCodes }))].join('\n'),
  ]
  return `${sections.join('\n\n')}\n`
}

function flagRow([name, flag]: [string, FlagSpec]): [string, string] {
  const short = flag.short === undefined ? '' : `-${flag.short}, `
  return [`${short}--${name}${flag.type === 'string' ? ` ${flag.value ?? 'VALUE'}` : ''}`, flag.help]
}

function twoColumns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
