/**
 * winston and bunyan inside a bundle, where nobody can find them; and winston wired by hand, without the preload.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { runChild, type ChildOptions } from '../../support/child.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'

const folder = mkdtempSync(join(tmpdir(), 'tracelog-bundled-'))
const facade = new URL('../../../dist/winston.js', import.meta.url).pathname
const bunyanFacade = new URL('../../../dist/bunyan.js', import.meta.url).pathname
const libraries = new URL('../../libraries/newest', import.meta.url).pathname
const repository = new URL('../../..', import.meta.url).pathname
let receiver: Receiver

beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(async () => {
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

async function bundle(name: string, lines: readonly string[], resolveDir = repository): Promise<string> {
  const source = join(folder, `${name}.src.mjs`)
  const outfile = join(folder, `${name}.cjs`)
  writeFileSync(source, lines.join('\n'))
  await build({
    stdin: { contents: lines.join('\n'), resolveDir, sourcefile: source },
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    external: [facade, bunyanFacade, 'dtrace-provider'],
    logLevel: 'error',
  })
  return outfile
}

async function bodiesOf(program: string, options: ChildOptions): Promise<readonly unknown[]> {
  const before = receiver.receivedLogs.length
  const end = await runChild(program, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, ...options })
  if (end.code !== 0) throw new Error(end.stderr)
  return receiver.receivedLogs
    .slice(before)
    .map(({ record, scope }) => [scope.name, record.body, record.attributes['a']])
}

const APP = [
  "import winston from 'winston'",
  'const logger = winston.createLogger({ transports: [new winston.transports.Console()] })',
  "winston.loggers.add('billing', { transports: [new winston.transports.Console()] })",
  "logger.info('hello %s', 'bob', { a: 1 })",
  "winston.loggers.get('billing').warn('late')",
]
const RECORDS = [
  ['winston', 'hello bob', 1],
  ['billing', 'late', undefined],
]

test('instrumentWinston: one line, with the preload', async () => {
  const program = await bundle('with', [
    `import { instrumentWinston } from '${facade}'`,
    ...APP.slice(0, 1),
    'instrumentWinston(winston)',
    'instrumentWinston(winston)',
    ...APP.slice(1),
  ])
  expect(await bodiesOf(program, {})).toEqual(RECORDS)
})

test('instrumentWinston: one line, without the preload', async () => {
  const program = await bundle('without', [
    `import { instrumentWinston } from '${facade}'`,
    ...APP.slice(0, 1),
    'instrumentWinston(winston)',
    ...APP.slice(1),
  ])
  expect(await bodiesOf(program, { preload: 'none' })).toEqual(RECORDS)
})

test.each(['none', 'import'] as const)(
  'instrumentBunyan: loggers made before and after, preload %s',
  async (preload) => {
    const lines = [
      `import { instrumentBunyan } from '${bunyanFacade}'`,
      "import bunyan from 'bunyan'",
      "const early = bunyan.createLogger({ name: 'early' })",
      "early.info('not heard')",
      'const undo = instrumentBunyan(bunyan)',
      'instrumentBunyan(bunyan)()',
      "early.info({ a: 1 }, 'hello %s', 'bob')",
      "early.info('again')",
      "bunyan.createLogger({ name: 'late' }).child({ a: 2 }, true).warn('child')",
      'undo()',
      "early.info('not heard any more')",
      'undo()',
    ]
    const program = await bundle(`bunyan-${preload}`, lines, libraries)
    expect(await bodiesOf(program, { preload })).toEqual([
      ['early', 'hello bob', 1],
      ['early', 'again', undefined],
      ['late', 'child', 2],
    ])
  },
)

test.each(['none', 'import'] as const)('TracelogTransport: once, preload %s', async (preload) => {
  const program = join(folder, `transport-${preload}.mjs`)
  writeFileSync(
    program,
    [
      `import { createRequire } from 'node:module'`,
      `const winston = createRequire('${repository}')('winston')`,
      `import { TracelogTransport } from '${facade}'`,
      'const logger = winston.createLogger({ transports: [new TracelogTransport()] })',
      "logger.info('by hand', { a: 1 })",
    ].join('\n'),
  )
  expect(await bodiesOf(program, { preload })).toEqual([['winston', 'by hand', 1]])
})
