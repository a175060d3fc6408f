/**
 * argv -> flags and operands of one command: what was typed, and which rule does it break?
 *
 * node:util's parseArgs cuts it into tokens; the rules and their messages are ours, so that every error names flag and rule.
 */
import { parseArgs } from 'node:util'

import { TracelogError } from '../diag/errors.ts'
import { nearest } from '../model/nearest.ts'
import { COMMON_FLAGS, type CommandSpec, type Flags, type FlagSpec } from './command.ts'

export interface ParsedArguments {
  readonly flags: Flags
  readonly operands: readonly string[]
  readonly command: readonly string[]
}

/** @throws TRACELOG_USAGE */
export function parseFlags(spec: CommandSpec, argv: readonly string[]): ParsedArguments {
  const known: Readonly<Record<string, FlagSpec>> = { ...spec.flags, ...COMMON_FLAGS }
  const { own, command } = cutCommand(spec, argv)
  const { args, terms } = spec.takesQuery === true ? hideNegatedTerms(own) : { args: own, terms: new Map() }
  const { tokens } = parseArgs({ args, options: optionsOf(known), strict: false, allowPositionals: true, tokens: true })

  const values = new Map<string, string | true>()
  const lists = new Map<string, string[]>()
  const operands: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(terms.get(token.value) ?? token.value)
    if (token.kind !== 'option') continue
    const value = valueOf(spec, known, token)
    values.set(token.name, value)
    if (typeof value === 'string') lists.set(token.name, [...(lists.get(token.name) ?? []), value])
  }
  if (!values.has('help')) checkOperands(spec, operands, command)
  return { flags: flagsOf(spec, values, lists), operands, command }
}

/** Without `--`, the first operand begins the command: `tracelog run node app.js`. */
function cutCommand(spec: CommandSpec, argv: readonly string[]): { own: string[]; command: string[] } {
  if (spec.takesCommand !== true) return { own: [...argv], command: [] }
  const cut = argv.indexOf('--')
  if (cut >= 0 && !hasOperandBefore(spec, argv, cut)) return { own: argv.slice(0, cut), command: argv.slice(cut + 1) }
  const start = firstOperand(spec, argv)
  return { own: argv.slice(0, start), command: argv.slice(start) }
}

function hasOperandBefore(spec: CommandSpec, argv: readonly string[], cut: number): boolean {
  return firstOperand(spec, argv) < cut
}

function firstOperand(spec: CommandSpec, argv: readonly string[]): number {
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string
    if (!argument.startsWith('-')) return i
    if (argument === '--') return i
    const flag = spec.flags[argument.replace(/^--/, '')]
    if (flag?.type === 'string') i++
  }
  return argv.length
}

/** `-cache_hit:true` and `-"some words"` are terms of a query, though they look like short flags. */
function hideNegatedTerms(argv: readonly string[]): { args: string[]; terms: Map<string, string> } {
  const terms = new Map<string, string>()
  const args = argv.map((argument, i) => {
    if (!/^-(?:"|\(|[\w.@/]+\*?(?::|=|!=|[<>]))/.test(argument)) return argument
    const mark = `\0${i}`
    terms.set(mark, argument)
    return mark
  })
  return { args, terms }
}

function optionsOf(
  known: Readonly<Record<string, FlagSpec>>,
): Record<string, { type: 'boolean' | 'string'; short?: string }> {
  return Object.fromEntries(
    Object.entries(known).map(([name, { type, short }]) => [name, short === undefined ? { type } : { type, short }]),
  )
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
}

function valueOf(spec: CommandSpec, known: Readonly<Record<string, FlagSpec>>, token: OptionToken): string | true {
  const flag = Object.hasOwn(known, token.name) ? known[token.name] : undefined
  if (flag === undefined) throw unknownFlag(spec, known, token.rawName)
  if (flag.type === 'boolean') {
    if (token.value === undefined) return true
    throw usage(spec, `${token.rawName} is "${token.value}", but must stand alone`)
  }
  // `--port --json`: parseArgs would take the next flag for the value.
  if (token.value === undefined || token.value.startsWith('--')) {
    throw usage(spec, `${token.rawName} is without a value, but must be followed by ${flag.value ?? 'one'}`)
  }
  return token.value
}

function unknownFlag(spec: CommandSpec, known: Readonly<Record<string, FlagSpec>>, rawName: string): TracelogError {
  const names = Object.keys(known).map((name) => `--${name}`)
  const rule = `${rawName} is no flag of tracelog ${spec.name}, but must be one of ${names.join(', ')}`
  const meant = rawName.startsWith('--') ? nearest(rawName, names) : undefined
  if (meant !== undefined) {
    const hint = `Did you mean ${meant}? See tracelog ${spec.name} --help.`
    return new TracelogError(rule, { code: 'TRACELOG_USAGE', hint })
  }
  if (spec.takesQuery !== true || rawName.startsWith('--')) return usage(spec, rule)
  return new TracelogError(rule, {
    code: 'TRACELOG_USAGE',
    hint: `Quote the query if ${rawName} belongs to it: tracelog ${spec.name} -- "..."`,
  })
}

function checkOperands(spec: CommandSpec, operands: readonly string[], command: readonly string[]): void {
  const { min, max } = spec.operandCount
  const given = spec.takesCommand === true ? command : operands
  if (given.length < min) {
    throw usage(spec, `${spec.operands} is missing, but must be given`)
  }
  if (given.length > max) {
    throw usage(
      spec,
      `"${given[max]}" is too much: tracelog ${spec.name} takes ${max === 0 ? 'no operand' : spec.operands}`,
    )
  }
}

function flagsOf(
  spec: CommandSpec,
  values: ReadonlyMap<string, string | true>,
  lists: ReadonlyMap<string, readonly string[]>,
): Flags {
  const text = (name: string): string | undefined => {
    const value = values.get(name)
    return value === true ? undefined : value
  }
  return {
    isSet: (name) => values.has(name),
    text,
    texts: (name) => lists.get(name) ?? [],
    integer(name, { min, max }) {
      const given = text(name)
      if (given === undefined) return undefined
      const value = Number(given)
      if (given.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value
      throw usage(spec, `--${name} is "${given}", but must be a whole number from ${min} to ${max}`)
    },
    choice(name, choices) {
      const given = text(name)
      if (given === undefined) return undefined
      const choice = choices.find((candidate) => candidate === given)
      if (choice !== undefined) return choice
      throw usage(spec, `--${name} is "${given}", but must be one of ${choices.join(', ')}`)
    },
  }
}

function usage(spec: CommandSpec, message: string): TracelogError {
  return new TracelogError(message, { code: 'TRACELOG_USAGE', hint: `See tracelog ${spec.name} --help.` })
}
