/**
 * bunyan 1.8 and 2: every call is one record, what the application prints is what it was, and no frame of ours stands anywhere.
 *
 * One program, whose loggers have the names of the cases, beside three versions, as CommonJS and ESM, on three Nodes.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { REGISTER, runChild } from '../../../support/child.ts'
import { libraryProgram, libraryVersion, type LibrarySet } from '../../../support/libraries.ts'
import { NODE_VERSIONS, nodeBinary } from '../../../support/nodes.ts'
import { startReceiver, type ReceivedLog, type Receiver } from '../../../support/receiver.ts'

interface Printed {
  readonly lines: Readonly<Record<string, readonly string[]>>
  readonly seen: Readonly<Record<string, unknown>>
}

const RUNS: readonly { readonly set: LibrarySet; readonly program: string; readonly version: string }[] = [
  ...(['oldest', 'between', 'newest'] as const).flatMap((set) =>
    ['bunyan.cjs', 'bunyan.mjs'].map((program) => ({ set, program, version: NODE_VERSIONS[1] as string })),
  ),
  { set: 'newest', program: 'bunyan.mjs', version: NODE_VERSIONS[0] as string },
  { set: 'oldest', program: 'bunyan.cjs', version: NODE_VERSIONS[2] as string },
]

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

/** What the program printed, and its records but for those of its requests. */
async function run(
  { set, program, version }: (typeof RUNS)[number],
  env: Readonly<Record<string, string>> = {},
): Promise<Printed & { readonly records: readonly ReceivedLog[] }> {
  const before = receiver.receivedLogs.length
  const end = await runChild(libraryProgram(`loggers/${program}`, set), {
    node: nodeBinary(version),
    flushesAtEnd: true,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_EXPORTER: 'none', TRACELOG_ACCESS: 'off', ...env },
  })
  expect({ code: end.code, stderr: end.stderr }).toEqual({ code: 0, stderr: '' })
  return { ...(JSON.parse(lastLine(end.stdout)) as Printed), records: receiver.receivedLogs.slice(before) }
}

const lastLine = (text: string): string => text.slice(text.indexOf('{"lines"'))

/** The record of each call, by the logger's name. */
const TABLE: readonly (readonly [name: string, record: object, ...more: object[]])[] = [
  ['text', { body: 'hello', severityNumber: 9, severityText: 'info', attributes: {} }],
  ['printf', { body: 'hi bob 3', attributes: {} }],
  ['fields', { body: 'with fields', attributes: { user: 'bob', n: 3, ok: true, nil: null, list: [1, 'b'] } }],
  ['map', { body: 'x', attributes: { error: { code: 'E1', detail: 'd', http: { status: 500 } } } }],
  ['error alone', { body: 'boom', attributes: error('boom') }],
  ['error and text', { body: 'failed', attributes: error('own') }],
  ['error in fields', { body: 'failed', attributes: { ...error('own'), 'exception.code': 'E7' } }],
  ['error serialized', { body: 'failed', attributes: { ...error('own'), 'exception.code': 'E7' } }],
  ['values', { attributes: { d: '1970-01-01T00:00:00.000Z', m: { k: 1 }, s: [1], u: 'http://a/', r: '/x/', f: 1.5 } }],
  [
    'hostile',
    { body: 'x', attributes: { hostile: { ok: 1, self: '[Circular]' }, toJSON: { told: 1 }, lone: '\uFFFD' } },
  ],
  ['frozen', { body: 'x', attributes: { a: 1 } }],
  ['colours', { body: 'red' }],
  [
    'levels',
    { body: 't', severityNumber: 1, severityText: 'trace' },
    { severityNumber: 5, severityText: 'debug' },
    { severityNumber: 9, severityText: 'info' },
    { severityNumber: 13, severityText: 'warn' },
    { severityNumber: 17, severityText: 'error' },
    { severityNumber: 21, severityText: 'fatal' },
    { body: 'of its own', severityNumber: 13, severityText: '35' },
  ],
  ['changed', { body: 'now', severityNumber: 5 }, { body: 'more', severityNumber: 1 }],
  [
    'several',
    { body: 'twice', attributes: {} },
    { body: 'child', attributes: { a: 1 } },
    { body: 'simple child', attributes: { b: 2 } },
    { body: 'grandchild', attributes: { c: 3, d: 4 } },
  ],
  ['ring', { body: 'kept', attributes: { a: 1 } }],
  ['own names', { body: 'x', attributes: { name: 'Bob', pid: 7, hostname: 'other' } }],
  ['own time', { body: 'dated', timeUnixNano: 1_000_000_000_000_000_000n, attributes: {} }],
  ['no time', { body: 'x', attributes: { time: 'tomorrow' } }],
  [
    'source',
    {
      body: 'where',
      attributes: {
        'code.file.path': expect.stringMatching(/bunyan-cases\.cjs$/),
        'code.line.number': expect.any(Number),
        'code.function.name': 'run',
      },
    },
  ],
  ['serializer', { attributes: { user: 'bob' } }],
  ['stream frames', {}],
  ['toJSON frames', { attributes: { w: 1 } }],
  ['recursive', { body: 'outer' }, { body: 'inner' }, { body: 'child of the write', attributes: { c: 1 } }],
  ['throwing', { body: 'first' }, { body: 'second' }, { body: 'third' }],
  ['console', { body: 'once' }],
  [
    'traced',
    { body: 'in a request', attributes: { a: 1 } },
    { body: 'simple child', attributes: { component: 'c' } },
    { body: 'child', attributes: { component: 'd' } },
    { body: 'child with its own', attributes: { component: 'd', trace_id: 'mine' } },
    { body: 'later', attributes: {} },
    { body: 'after the request', attributes: { component: 'd' } },
    { body: 'second request', attributes: {} },
  ],
  ['own trace', { body: 'x', attributes: { trace_id: 'mine' } }],
]

function error(message: string): object {
  return {
    'exception.type': 'TypeError',
    'exception.message': message,
    'exception.stacktrace': expect.stringMatching(new RegExp(`^TypeError: ${message}\\n`)),
  }
}

const TRACE = /"trace_id":"[0-9a-f]{32}","span_id":"[0-9a-f]{16}","trace_flags":"[0-9a-f]{2}",/

/** Without what is another each time. A stack's end is how the program was loaded. */
const steady = (printed: Printed): unknown =>
  JSON.parse(
    JSON.stringify([printed.lines, printed.seen], (_, value: unknown) =>
      typeof value === 'string'
        ? value
            .replace(/"time":"20[2-9][^"]*"/, '')
            .replace(/"pid":\d\d+/, '')
            .replace(/(?:\\n|\n) {4}at (?:Object\.<anonymous>|file:)[^"]*/, '')
            .replace(TRACE, '')
        : value,
    ),
  )

describe.each(RUNS)('bunyan of the $set libraries, $program, Node $version', (runOf) => {
  let ours: Awaited<ReturnType<typeof run>>
  beforeAll(async () => {
    ours = await run(runOf)
  })
  const of = (name: string) => ours.records.filter(({ scope }) => scope.name === name)

  test('one record per call, with the name of the logger and the version of bunyan', () => {
    expect(ours.records.map(({ scope }) => scope.name).toSorted()).toEqual(
      TABLE.flatMap(([name, ...records]) => records.map(() => name)).toSorted(),
    )
    expect(of('text')[0]?.scope.version).toBe(libraryVersion('bunyan', runOf.set))
  })

  test.each(TABLE.map(([name, ...expected]) => ({ name, expected })))('$name', ({ name, expected }) => {
    const records = of(name).map(({ record }) => record)
    expect(records).toEqual(expected.map((each) => expect.objectContaining(withSeq(each)) as unknown))
  })

  test('records have the trace of the call, and so have the lines, first', () => {
    const traced = of('traced').map(({ record }) => record.traceId)
    const [first, , , , later, after, second] = traced
    expect(first).toMatch(/^[0-9a-f]{32}$/)
    expect([later, after]).toEqual([first, ''])
    expect(second).toMatch(/^[0-9a-f]{32}$/)
    expect(second).not.toBe(first)
    const inLines = ours.lines['traced']!.map((line) => (JSON.parse(line) as { trace_id?: string }).trace_id ?? '')
    expect(inLines).toEqual([first, first, first, 'mine', first, '', second])
    expect(ours.lines['traced']![0]).toMatch(new RegExp(`^\\{${TRACE.source}"name":"traced"`))
    expect(Object.keys(JSON.parse(ours.lines['own trace']![0]!) as object)).not.toContain('span_id')
  })

  test('what the application prints and sees is what it is without us, with no frame of ours', async () => {
    const bare = await runChild(libraryProgram(`loggers/${runOf.program}`, runOf.set), {
      node: nodeBinary(runOf.version),
      preload: 'none',
    })
    expect(steady(ours)).toEqual(steady(JSON.parse(lastLine(bare.stdout)) as Printed))
  })
})

/** Each attribute is expected; the number of the record is another one each time. */
const SEQ: unknown = expect.anything()
function withSeq(record: object): object {
  const { attributes } = record as { attributes?: object }
  return attributes === undefined ? record : { ...record, attributes: { ...attributes, 'tracelog.seq': SEQ } }
}

test.each(['oldest', 'newest'] as const)('loggers of the %s bunyan that were made before us are heard', async (set) => {
  const before = receiver.receivedLogs.length
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  await runChild(libraryProgram('loggers/bunyan-late.cjs', set), { preload: 'none', args: [REGISTER], env })
  expect(receiver.receivedLogs.slice(before).map(({ scope, record }) => [scope.name, record.body])).toEqual([
    ['used', 'after'],
    ['unused', 'child after'],
  ])
})

describe('levels', () => {
  const [runOf] = RUNS.filter(({ set }) => set === 'newest') as [(typeof RUNS)[number]]

  test('TRACELOG_LEVEL alone decides of what bunyan writes', async () => {
    const { records } = await run(runOf, { TRACELOG_LEVEL: 'error' })
    expect(records.map(({ record }) => record.severityNumber).every((severity) => severity >= 17)).toBe(true)
    expect(records.length).toBeGreaterThan(5)
  })

  test('TRACELOG_BUNYAN_ALL=on: levels that are off arrive where TRACELOG_LEVEL wants them, and are not printed', async () => {
    const ours = await run(runOf, { TRACELOG_BUNYAN_ALL: 'on', TRACELOG_LEVEL: 'debug' })
    const bodies = ours.records.filter(({ scope }) => scope.name === 'off' || scope.name === 'changed')
    expect(bodies.map(({ record }) => record.body)).toEqual(['not printed', 'not yet', 'now'])
    expect(ours.lines['off']).toBeUndefined()
    expect(ours.lines['changed']).toHaveLength(2)
    // What asks whether a level is on hears that somebody wants it; its level is what it was.
    expect(ours.seen).toMatchObject({ enabled: [true, true], streams: [3, '30,50,30', 30] })
  })

  test('TRACELOG_BUNYAN_ALL=on alone changes nothing', async () => {
    const ours = await run(runOf, { TRACELOG_BUNYAN_ALL: 'on' })
    expect(ours.records.filter(({ scope }) => scope.name === 'off')).toEqual([])
    expect(ours.seen).toMatchObject({ enabled: [true, false] })
  })
})
