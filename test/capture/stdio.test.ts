/**
 * TRACELOG_CAPTURE_STDIO=on: what is written to standard output itself arrives once, with its trace, and is printed as it is without us.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runChild, type ChildOptions } from '../support/child.ts'
import { libraryProgram } from '../support/libraries.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type ReceivedLog, type Receiver } from '../support/receiver.ts'

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

async function run(program: string, options: ChildOptions = {}) {
  const before = receiver.receivedLogs.length
  const end = await runChild(program, {
    ...options,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACELOG_CAPTURE_STDIO: 'on', ...options.env },
  })
  return { ...end, records: receiver.receivedLogs.slice(before) }
}

/** Scope, severity and text of each, as they were written. */
const brief = (records: readonly ReceivedLog[]) =>
  records
    .toSorted((a, b) => seqOf(a) - seqOf(b))
    .map(({ scope, record }) => [scope.name, record.severityNumber, record.body])

const seqOf = ({ record }: ReceivedLog): number => Number(record.attributes['tracelog.seq'])

const WRITTEN = [
  ['stdout', 9, 'plain text'],
  ['stdout', 9, 'partial'],
  ['stdout', 9, 'next'],
  ['api', 13, 'as pino'],
  ['stdout', 17, 'as winston'],
  ['old', 17, 'as bunyan'],
  ['stdout', 9, 'green'],
  ['stderr', 9, 'only said'],
  ['stderr', 17, 'TypeError: boom'],
  ['stderr', 9, 'after the stack'],
  ['stdout', 9, 'bytes \u00E9'],
  ['stdout', 9, 'cut \u00E9'],
  ['stdout', 9, 'hex'],
  ['stdout', 9, expect.stringMatching(/^x{8000,}$/) as unknown],
  ['stdout', 9, expect.not.stringContaining('hunter2') as unknown],
  ['console', 9, 'by console'],
  ['console', 5, 'debug of console'],
  ['winston', 9, 'by winston'],
  ['stdout', 9, 'with callback'],
  ['stdout', 9, 'through another write'],
  ['stdout', 9, 'put back'],
  ['stdout', 9, expect.stringMatching(/^\[\[/) as unknown],
  ['stdout', 9, 'no newline at the end'],
]

const WRITTEN_IN_THREAD = [
  ['stdout', 9, 'of a thread'],
  ['console', 9, 'console of a thread'],
]

describe.each(NODE_VERSIONS)('Node %s', (version) => {
  test('each line is one record, and what is printed, returned and thrown is what it is without us', async () => {
    const node = nodeBinary(version)
    const ours = await run('stdio/writes.cjs', { node })
    const bare = await runChild('stdio/writes.cjs', { node, preload: 'none' })
    expect({ ...ours, records: undefined, tookMillis: 0 }).toEqual({ ...bare, records: undefined, tookMillis: 0 })
    const ofThread = ({ record }: ReceivedLog) => record.attributes['thread.id'] !== undefined
    expect(brief(ours.records.filter((each) => !ofThread(each)))).toEqual(WRITTEN)
    expect(brief(ours.records.filter(ofThread))).toEqual(WRITTEN_IN_THREAD)
    const of = (body: unknown) => ours.records.find(({ record }) => record.body === body)?.record
    expect(of('as pino')).toMatchObject({ timeUnixNano: 1_700_000_000_000_000_000n })
    expect(Object.keys(of('as pino')!.attributes).toSorted()).toEqual(['a', 'log.iostream', 'tracelog.seq'])
    expect(of('as winston')?.attributes).toMatchObject({ b: { c: 2 } })
    expect(of('as bunyan')?.attributes).toMatchObject({
      'error.type': 'TypeError',
      'exception.message': 'm',
      'exception.stacktrace': 's',
    })
    expect(of('TypeError: boom')?.attributes).toMatchObject({
      'log.iostream': 'stderr',
      'exception.type': 'TypeError',
      'exception.message': 'boom',
      'exception.stacktrace': 'TypeError: boom\n    at f (/app.js:1:2)\n    at g (/app.js:3:4)',
    })
  })
})

describe.each([
  ['oldest', NODE_VERSIONS[0]],
  ['newest', NODE_VERSIONS[1]],
  ['newest', NODE_VERSIONS[2]],
] as const)("Nest's Logger of the %s libraries, Node %s", (set, version) => {
  test('its lines arrive with their level and context, in the trace of the call', async () => {
    const { records, stderr } = await run(libraryProgram('loggers/nest.cjs', set), {
      node: nodeBinary(version as string),
      env: { TRACELOG_ACCESS: 'off', OTEL_TRACES_EXPORTER: 'none' },
    })
    expect(stderr).not.toContain('tracelog:')
    const lines = records
      .toSorted((a, b) => seqOf(a) - seqOf(b))
      .map(({ scope, record }) => [
        scope.name,
        record.severityNumber,
        (record.body as string | undefined)?.split(' +')[0],
      ])
    expect(lines.slice(0, 3)).toEqual([
      ['Orders', 9, 'outside'],
      ['Orders', 9, 'inside'],
      ['Orders', 13, 'careful'],
    ])
    expect(lines).toContainEqual(['Orders', 17, 'failed'])
    expect(lines).toContainEqual(['stderr', 17, 'TypeError: boom'])
    expect(lines.map(([, severity]) => severity)).toContain(5)
    const traces = new Set(
      records.filter(({ record }) => record.body !== 'outside').map(({ record }) => record.traceId),
    )
    expect([...traces]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect(records.find(({ record }) => record.body === 'outside')?.record.traceId).toBe('')
  })
})

test.each([
  ['oldest', NODE_VERSIONS[0]],
  ['newest', NODE_VERSIONS[1]],
  ['newest', NODE_VERSIONS[2]],
] as const)(
  'what pino-pretty of the %s libraries prints of lines of pino comes once, Node %s',
  async (set, version) => {
    const program = libraryProgram('loggers/pino-apps.cjs', set)
    const args = ['pino-pretty on standard output']
    const node = nodeBinary(version as string)
    const { records, stdout, stderr } = await run(program, { args, node })
    expect(stderr).toBe('')
    const told = brief(records)
    expect(told).toHaveLength(7)
    // Which of both ways is first nobody promises.
    expect(told).toEqual(
      expect.arrayContaining([
        ['pino', 5, 'again'],
        ['pino', 9, 'handled'],
        ['pino', 13, undefined],
        ['pino', 17, 'boom'],
        ['stdout', 9, 'by itself'],
        ['stdout', 9, 'handled'],
        ['stdout', 9, expect.stringContaining('of another program')],
      ]),
    )
    expect(stdout).toContain('again')
  },
)

test('TRACELOG_CONSOLE=off: what console prints is a line as any other', async () => {
  const { records } = await run('stdio/writes.cjs', { env: { TRACELOG_CONSOLE: 'off' } })
  expect(brief(records)).toContainEqual(['stdout', 9, 'by console'])
  expect(records.filter(({ scope }) => scope.name === 'console')).toEqual([])
})

test('TRACELOG_LEVEL decides of them by their stream or logger', async () => {
  const { records } = await run('stdio/writes.cjs', { env: { TRACELOG_LEVEL: 'off,stderr=error,api=info' } })
  expect(brief(records)).toEqual([
    ['api', 13, 'as pino'],
    ['stderr', 17, 'TypeError: boom'],
  ])
})

test('off, which is the default, nothing of it arrives', async () => {
  const { records } = await run('stdio/writes.cjs', { env: { TRACELOG_CAPTURE_STDIO: undefined } })
  expect([...new Set(records.map(({ scope }) => scope.name))].toSorted()).toEqual(['console', 'winston'])
})
