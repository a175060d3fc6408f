/** pino inside of frameworks, printers, threads and bundles, and before the preload. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runChild, type ChildOptions } from '../../../support/child.ts'
import { libraryProgram, type LibrarySet } from '../../../support/libraries.ts'
import { startReceiver, type ReceivedLog, type Receiver } from '../../../support/receiver.ts'

const APPS = 'loggers/pino-apps.cjs'
const pathOf = (file: string): string => fileURLToPath(new URL(`../../../../${file}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tracelog-pino-'))
let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(async () => {
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

async function run(program: string, options: ChildOptions = {}) {
  const before = receiver.receivedLogs.length
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...options.env }
  const end = await runChild(program, { ...options, env })
  expect({ code: end.code, stderr: end.stderr }).toEqual({ code: 0, stderr: '' })
  const logs = receiver.receivedLogs.slice(before).filter(({ record }) => record.eventName === '')
  return { stdout: end.stdout, logs }
}

const only = (logs: readonly ReceivedLog[], body: string) => {
  const found = logs.filter(({ record }) => record.body === body)
  expect(found).toHaveLength(1)
  return found[0]!.record
}

describe.each<{ app: string; set: LibrarySet }>([
  { app: 'pino-http', set: 'oldest' },
  { app: 'pino-http', set: 'between' },
  { app: 'pino-http', set: 'newest' },
  { app: 'fastify', set: 'oldest' },
  { app: 'fastify', set: 'between' },
  { app: 'fastify', set: 'newest' },
  { app: 'nestjs-pino', set: 'newest' },
])('$app of the $set set', ({ app, set }) => {
  test('a line of a request is a record of its trace, with the trace in the line', async () => {
    const { logs, stdout } = await run(libraryProgram(APPS, set), { args: [app] })
    const record = only(logs, 'handled')
    expect(record.attributes).toMatchObject({ a: 1 })
    const line = stdout.split('\n').find((each) => each.includes('"handled"')) ?? ''
    expect(JSON.parse(line)).toMatchObject({ a: 1, trace_id: record.traceId, span_id: record.spanId })
  })
})

test('what pino-http says of a request has its parts nested, and no secret in them', async () => {
  const { logs } = await run(libraryProgram(APPS, 'newest'), { args: ['pino-http'] })
  const { attributes } = only(logs, 'request completed')
  expect(attributes).toMatchObject({ req: { method: 'GET', url: '/path' }, res: { statusCode: 200 } })
  expect(attributes['responseTime']).toEqual(expect.any(Number))
  expect(JSON.stringify(attributes)).not.toContain('hunter2')
})

test.each<LibrarySet>(['oldest', 'newest'])(
  'pino-pretty of the %s set colours the terminal, not the record',
  async (set) => {
    const { logs, stdout } = await run(libraryProgram(APPS, set), { args: ['pino-pretty'] })
    expect(stdout).toContain('\u001B[')
    expect(only(logs, 'handled').attributes).toMatchObject({ a: 1 })
  },
)

test.each<LibrarySet>(['oldest', 'newest'])('a transport in a thread of pino %s sends nothing itself', async (set) => {
  const { logs, stdout } = await run(libraryProgram(APPS, set), { args: ['transport'] })
  expect(stdout).toContain('"handled"')
  expect(logs.map(({ record }) => record.body)).toEqual(['handled'])
})

test.each<LibrarySet>(['oldest', 'between', 'newest'])(
  'a logger made before the preload, of the %s set',
  async (set) => {
    const { logs } = await run(libraryProgram(APPS, set), {
      args: ['none'],
      preload: 'none',
      nodeArgs: ['--require', libraryProgram('loggers/pino-early.cjs', set), '--require', pathOf('dist/register.cjs')],
    })
    expect(logs.map(({ record }) => [record.body, record.severityNumber])).toEqual([
      ['handled', 9],
      ['later', 5],
    ])
  },
)

test('switched off, pino writes what it writes alone', async () => {
  const { logs, stdout } = await run(libraryProgram(APPS, 'newest'), {
    args: ['fastify'],
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pino' },
  })
  expect(logs).toEqual([])
  expect(stdout).not.toContain('trace_id')
})

const FACADE = pathOf('dist/pino.js')

async function bundle(name: string, set: LibrarySet, lines: readonly string[]): Promise<string> {
  const outfile = join(folder, `${name}.cjs`)
  await build({
    stdin: { contents: lines.join('\n'), resolveDir: pathOf(`test/libraries/${set}`), sourcefile: `${name}.mjs` },
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    external: [FACADE],
    logLevel: 'error',
  })
  return outfile
}

const FLUSHED = pathOf('test/libraries/programs/loggers/flushed.cjs')
const CALLS = [
  "const log = pino({ name: 'orders' })",
  "log.info({ a: 1 }, 'hi %s', 'bob')",
  "log.debug('off')",
  'flushed()',
]
const BY_HAND = [
  `import { flushed } from '${FLUSHED}'`,
  "import pino from 'pino'",
  `import { instrumentPino } from '${FACADE}'`,
  'instrumentPino(pino)',
  ...CALLS,
]
const RECORD = ['orders', 'hi bob', 1]

const shown = (logs: readonly ReceivedLog[]) =>
  logs.map(({ record, scope }) => [scope.name, record.body, record.attributes['a']])

test.each<LibrarySet>(['between', 'newest'])('a bundle of pino of the %s set is heard by itself', async (set) => {
  const { logs } = await run(
    await bundle(`bare-${set}`, set, [`import { flushed } from '${FLUSHED}'`, "import { pino } from 'pino'", ...CALLS]),
  )
  expect(shown(logs)).toEqual([RECORD])
})

describe.each<LibrarySet>(['oldest', 'newest'])('instrumentPino in a bundle of the %s set', (set) => {
  test.each(['none', 'import'] as const)('once, preload %s', async (preload) => {
    const program = await bundle(`by-hand-${set}`, set, [...BY_HAND, 'instrumentPino(pino)'])
    expect(shown((await run(program, { preload })).logs)).toEqual([RECORD])
  })

  test('levels that are off are heard, also where pino is switched off otherwise', async () => {
    const program = await bundle(`levels-${set}`, set, BY_HAND)
    const env = { TRACELOG_LEVEL: 'debug', OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pino' }
    expect(shown((await run(program, { env })).logs)).toEqual([RECORD, ['orders', 'off', undefined]])
  })
})
