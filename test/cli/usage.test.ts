/** What is typed wrong, what it is told, and the exit codes. */
import { describe, expect, test } from 'vitest'

import { COMMANDS } from '../../src/cli/commands.ts'
import { exitCodeOf } from '../../src/cli/exit-code.ts'
import { MIN_NODE, requireNode } from '../../src/cli/node-version.ts'
import { ERROR_CODES } from '../../src/diag/errors.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { runCli } from './run-cli.ts'

describe('wrong usage ends with 2 and names flag and rule', () => {
  test.each([
    { argv: ['query', '--limit', 'many'], err: '--limit is "many", but must be a whole number from 1 to 1000000' },
    { argv: ['query', '--limit=0'], err: '--limit is "0", but must be a whole number' },
    { argv: ['query', '--limit'], err: '--limit is without a value, but must be followed by N' },
    { argv: ['query', '--limit', '--json'], err: '--limit is without a value' },
    { argv: ['query', '--order', 'up'], err: '--order is "up", but must be one of newest, oldest' },
    { argv: ['query', '--format', 'xml'], err: '--format is "xml", but must be one of flat, otlp' },
    { argv: ['query', '--colour'], err: '--colour is no flag of tracelog query, but must be one of --since' },
    { argv: ['query', '-word'], err: 'Quote the query if -w belongs to it' },
    { argv: ['query', '--json=yes'], err: '--json is "yes", but must stand alone' },
    { argv: ['trace', 'a', 'b'], err: '"b" is too much: tracelog trace takes [ID]' },
    { argv: ['trace', 'short'], err: 'the id is "short", but must have at least 8 characters' },
    { argv: ['trace', '--last', '4bf92f35'], err: '--last is given with the id' },
    { argv: ['tree'], err: 'ID is missing' },
    { argv: ['tail', '--trace', 'x y'], err: '--trace is "x y", but must be a trace id' },
    { argv: ['sql'], err: 'SELECT is missing' },
    { argv: ['run'], err: '-- COMMAND [ARGUMENT...] is missing' },
    { argv: ['run', '--nonsense', '--', 'x'], err: '--nonsense is no flag of tracelog run' },
    { argv: ['stack', 'chek'], err: 'the command is "chek", but must be one of ' },
    { argv: ['stack', 'check', '--wait', '0'], err: '--wait is "0", but must be a whole number from 1 to 3600' },
    { argv: ['stack', 'check', '--loki', 'here'], err: '--loki is "here", but must be an http:// or https:// URL' },
    { argv: ['stack', 'check', '--otlp', 'here'], err: '--otlp is "here", but must be an http:// or https:// URL' },
    {
      argv: ['trees', 'x'],
      err: 'the command is "trees", but must be one of dev, run, tail, ',
    },
  ])('$argv', async ({ argv, err }) => {
    const ran = await runCli(argv, { env: { TRACELOG_BACKEND: 'http://127.0.0.1:9' } })
    expect(ran.err).toContain(err)
    expect([ran.code, ran.out]).toEqual([2, ''])
  })

  test.each(['v18.20.8', 'v22.14.0'])('Node %s is refused with what it must be', (node) => {
    expect(() => requireNode(node)).toThrow(`Node is ${node}, but must be 22.15.0 or newer`)
  })

  test('this Node is not', () => {
    expect(() => requireNode(process.version)).not.toThrow()
    expect(MIN_NODE).toBe(/[\d.]+/.exec(packageJson.engines.node)![0])
  })

  test('no command at all shows the overview on stderr', async () => {
    const ran = await runCli([])
    expect([ran.code, ran.out]).toEqual([2, ''])
    expect(ran.err).toContain('Commands:')
  })
})

const EVERY_COMMAND = COMMANDS.flatMap((entry) =>
  'commands' in entry ? entry.commands.map(({ name }) => `${entry.name} ${name}`) : [entry.name],
)

describe('help', () => {
  test.each(EVERY_COMMAND)('of %s lists its flags, examples and exit codes', async (name) => {
    const words = name.split(' ')
    for (const argv of [
      [...words, '--help'],
      [...words, '-h'],
      ['help', ...words],
    ]) {
      const ran = await runCli(argv)
      expect([ran.code, ran.err]).toEqual([0, ''])
      for (const part of [`Usage: tracelog ${name}`, 'Flags:', '--help', 'Examples:', 'Exit codes:']) {
        expect(ran.out).toContain(part)
      }
    }
  })

  test('of a group is the list of its commands, on stderr when none was named', async () => {
    for (const [argv, code] of [
      [['stack', '--help'], 0],
      [['help', 'stack'], 0],
      [['stack'], 2],
    ] as const) {
      const ran = await runCli(argv)
      expect([ran.code, code === 0 ? ran.err : ran.out]).toEqual([code, ''])
      expect(code === 0 ? ran.out : ran.err).toMatch(/Usage: tracelog stack <command>[^]*\n {2}check +send one record/)
    }
  })

  test('of all is the list of commands', async () => {
    const ran = await runCli(['--help'])
    const width = Math.max(...COMMANDS.map(({ name }) => name.length))
    for (const { name, summary } of COMMANDS) expect(ran.out).toContain(`${name.padEnd(width)}  ${summary}`)
    expect(ran.out.split('\n').every((line) => line.length <= 120)).toBe(true)
  })

  test('--version is that of the package', async () => {
    expect((await runCli(['--version'])).out).toMatch(/^\d+\.\d+\.\d+/)
  })
})

test('every error code has its exit code', () => {
  const table = Object.fromEntries(ERROR_CODES.map((code) => [code, exitCodeOf({ code })]))
  expect(table).toMatchObject({
    TRACELOG_USAGE: 2,
    TRACELOG_CONFIG_INVALID: 2,
    TRACELOG_QUERY_SYNTAX: 2,
    TRACELOG_BACKEND_UNREACHABLE: 3,
    TRACELOG_ALREADY_RUNNING: 1,
    TRACELOG_PORT_IN_USE: 1,
    TRACELOG_DUCKDB_MISSING: 1,
    TRACELOG_STORE_NEWER: 1,
  })
  expect(exitCodeOf(new Error('a fault of ours'))).toBe(1)
})
