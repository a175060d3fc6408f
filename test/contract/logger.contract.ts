/**
 * What the bridge of every logger does: one table of calls, run in real processes, per set of libraries, module system and Node.
 *
 * How a logger joins: a program `test/libraries/programs/loggers/<name>.cjs` and `.mjs` that runs `calls.cjs` with an adapter to the
 * logger (pino-adapter.cjs is one), and a test at the path of its bridge that calls `loggerContract`. Rows of its own stand in the adapter
 * (`rows`), what is expected of them in `rows` here; what a logger or a version does in another way stands there too, under the row's name,
 * with the reason.
 */
import { beforeAll, describe, expect, test } from 'vitest'

import type { LogRecord } from '../../src/model/log-record.ts'
import { runChild, type Preload } from '../support/child.ts'
import { libraryProgram, libraryVersion, type LibrarySet } from '../support/libraries.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver } from '../support/receiver.ts'

/** What is expected of one record; `attributes` are all that it has, but for those that it is counted by. */
export interface ExpectedRecord {
  readonly body: unknown
  readonly level?: string
  readonly severityNumber?: number
  /** Default: the library's name. */
  readonly scope?: string
  /** Default: none. */
  readonly attributes?: Readonly<Record<string, unknown>>
}

/** What a row printed, returned and sent. */
export interface RowResult {
  readonly lines: readonly string[]
  readonly seen: unknown
  readonly records: readonly (LogRecord & { readonly scope: string; readonly scopeVersion: string })[]
  readonly traceId: string
}

export interface LoggerRun {
  readonly set: LibrarySet
  /** Of the library. */
  readonly version: string
}

type Expected = readonly ExpectedRecord[] | ((result: RowResult, run: LoggerRun) => void)

export interface LoggerContract {
  /** Of the package, and of its programs. */
  readonly name: string
  /** Oldest first. */
  readonly sets: readonly LibrarySet[]
  /** Rows of its own, and rows that are otherwise. */
  readonly rows?: Readonly<Record<string, Expected>>
  /** Rows whose lines are not what they are without us; each with its reason. Default: none. */
  readonly printedOtherwise?: readonly string[]
}

const stackOf = (first: string): unknown => expect.stringMatching(new RegExp(`^${first}\n {4}at `))
const RANGE_ERROR = {
  'exception.type': 'RangeError',
  'exception.message': 'boom',
  'exception.stacktrace': stackOf('RangeError: boom'),
}
export const exceptionOf: Readonly<Record<string, unknown>> = RANGE_ERROR

/** Bodies alone, of a level that is checked elsewhere. */
export const bodies = (...all: readonly unknown[]): Expected => all.map((body) => ({ body }))

/** Node's own frames are in them too. */
const FRAMES = "frames in the application's stacks"

const ROWS: Readonly<Record<string, Expected>> = {
  placeholders: bodies('hi bob 3'),
  'plain fields': [
    { body: 'took', attributes: { ms: 42, route: '/a', isFast: true, size: 1.5, none: null }, severityNumber: 9 },
  ],
  'an object under error': [
    { body: 'x', severityNumber: 17, attributes: { error: { code: 'E1', detail: 'd', http: { status: 500 } } } },
  ],
  'an error with a message': [
    { body: 'failed', severityNumber: 17, attributes: { ...RANGE_ERROR, 'exception.code': 'E1' } },
  ],
  'an error under err': [{ body: 'failed', severityNumber: 17, attributes: RANGE_ERROR }],
  'an error alone, with a cause'({ records }) {
    expect(records).toMatchObject([{ body: 't', severityNumber: 17 }])
    expect(withoutCounting(records[0]!.attributes)).toEqual({
      'exception.type': 'TypeError',
      'exception.message': 't',
      'exception.stacktrace': stackOf('TypeError: t'),
      'exception.cause': { type: 'Error', message: 'c', stacktrace: stackOf('Error: c') },
    })
  },
  values: [
    {
      body: 'x',
      attributes: { d: '1970-01-01T00:00:00.000Z', m: { k: 1 }, s: [1], u: 'http://a/', n: { deep: [1] } },
    },
  ],
  levels: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level, index) => ({
    body: level,
    level,
    severityNumber: 1 + 4 * index,
  })),
  'a level that is off': bodies('once'),
  'a level changed while running': bodies('after'),
  'several streams': bodies('one record'),
  'children of children': [{ body: 'kid', severityNumber: 13, attributes: { a: 1, b: 'two', c: 3 } }],
  'the same object twice': ['first', 'second'].map((body) => ({ body, attributes: { a: 1 } })),
  'a trace of its own'({ records, lines }) {
    expect(records).toMatchObject([{ body: 'own', attributes: { trace_id: 'mine' } }])
    expect(JSON.parse(lines[0]!)).toMatchObject({ trace_id: 'mine' })
    expect(lines[0]!.match(/trace_id|span_id|trace_flags/g)).toEqual(['trace_id'])
  },
  'colours in the message': bodies('red'),
  'values that resist'({ records }) {
    expect(records.map(({ body }) => body)).toEqual(['frozen', 'circular'])
    expect(records[0]!.attributes).toMatchObject({ a: 1 })
    expect(records[1]!.attributes).toMatchObject({ circular: { a: 1, self: '[Circular]' } })
  },
  [FRAMES]({ seen, records }) {
    expect(seen).toHaveLength(2)
    expect(String(seen)).not.toMatch(OURS)
    expect(records).toMatchObject([{ body: 'x', attributes: { value: 'json' } }])
  },
}

/** A file of ours in a stack. */
export const OURS: RegExp = /engine[^\n]*\.cjs/

/** The project's Node with all sets as both, the oldest and the newest Node with the oldest and the newest set: each process takes a second. */
function runsOf(sets: readonly LibrarySet[]) {
  const others = NODE_VERSIONS.filter((version) => version !== process.versions.node)
  const ends = [...new Set([sets[0]!, sets.at(-1)!])]
  return [
    ...sets.flatMap((set) => [
      { set, node: process.versions.node, extension: 'cjs' },
      { set, node: process.versions.node, extension: 'mjs' },
    ]),
    ...others.flatMap((node) => ends.map((set, index) => ({ set, node, extension: index === 0 ? 'cjs' : 'mjs' }))),
  ]
}

export function loggerContract({ name, sets, rows = {}, printedOtherwise = [] }: LoggerContract): void {
  const expected = { ...ROWS, ...rows }
  describe.concurrent.each(runsOf(sets))(
    `${name} of the $set set, on Node $node, as .$extension`,
    ({ set, ...run }) => {
      const program = libraryProgram(`loggers/${name}.${run.extension}`, set)
      const version = libraryVersion(name, set) ?? ''
      let results: Readonly<Record<string, RowResult>> = {}
      beforeAll(async () => {
        results = await resultsOf(program, nodeBinary(run.node))
      }, 60_000)

      test('every row of the table ran', () => {
        expect(Object.keys(results).toSorted()).toEqual(Object.keys(expected).toSorted())
      })

      test.each(Object.keys(expected))('%s', (row) => {
        const result = results[row] as RowResult
        const what = expected[row] as Expected
        for (const record of result.records) expect(record.traceId).toBe(result.traceId)
        if (typeof what === 'function') what(result, { set, version })
        else expectRecords(result, what, name)
      })

      test('lines carry the trace, once and whole', () => {
        for (const line of results['children of children']!.lines) expectTraceIn(line, results['children of children']!)
      })
    },
  )

  test.each(sets)(`${name} of the %s set prints and sees what it does without us, but for the trace`, async (set) => {
    const program = libraryProgram(`loggers/${name}.cjs`, set)
    const [bare, ours] = await Promise.all((['none', 'import'] as const).map((preload) => printedBy(program, preload)))
    const others = (printed: Record<string, PrintedRow>) =>
      Object.entries(printed).filter(([row]) => !printedOtherwise.includes(row))
    expect(others(ours!)).toEqual(others(bare!))
  })
}

function expectRecords({ records }: RowResult, expected: readonly ExpectedRecord[], name: string): void {
  expect(records.map(({ body }) => body)).toEqual(expected.map(({ body }) => body))
  for (const [index, { level, severityNumber, scope = name, attributes = {} }] of expected.entries()) {
    const record = records[index]!
    expect(withoutCounting(record.attributes)).toEqual(attributes)
    expect(record.scope).toBe(scope)
    expect(record.severityNumber).toBe(severityNumber ?? record.severityNumber)
    expect(record.severityText).toBe(level ?? record.severityText)
  }
}

export function withoutCounting(attributes: LogRecord['attributes']): Record<string, unknown> {
  const { 'tracelog.seq': _seq, ...rest } = attributes
  return rest
}

/** @throws when the line is no JSON object with each of the keys once */
export function expectTraceIn(line: string, { traceId }: Pick<RowResult, 'traceId'>): void {
  expect(JSON.parse(line)).toMatchObject({
    trace_id: traceId,
    span_id: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
    trace_flags: expect.stringMatching(/^[0-9a-f]{2}$/) as unknown,
  })
  expect(line.match(/"(?:trace_id|span_id|trace_flags)":/g)).toHaveLength(3)
}

interface PrintedRow {
  readonly lines: readonly string[]
  readonly traceId?: string
  readonly seen?: unknown
  readonly threw?: string
}

async function resultsOf(program: string, node: string): Promise<Record<string, RowResult>> {
  const receiver = await startReceiver()
  try {
    const end = await runChild(program, { node, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } })
    const printed = printedRows(end.stdout, end.stderr)
    const arrived = receiver.receivedLogs
      .filter(({ record }) => record.eventName === '')
      .map(({ record, scope: { name: scope, version: scopeVersion } }) => {
        return { ...record, scope, scopeVersion, seq: Number(record.attributes['tracelog.seq']) }
      })
      .toSorted((a, b) => a.seq - b.seq)
    return Object.fromEntries(
      Object.entries(printed).map(([row, { lines, traceId = '', seen, threw }]) => {
        if (threw !== undefined) throw new Error(`${row}: ${threw}`)
        const records = arrived.filter((record) => record.traceId === traceId)
        return [row, { lines, seen, traceId, records }]
      }),
    )
  } finally {
    await receiver.close()
  }
}

/** By row, without what differs in each run. */
async function printedBy(program: string, preload: Preload): Promise<Record<string, PrintedRow>> {
  const { stdout, stderr } = await runChild(program, { preload, env: { OTEL_LOGS_EXPORTER: 'none' } })
  const comparable = (line: string) =>
    line
      .replaceAll(/,"(?:trace_id|span_id|trace_flags)":"[0-9a-f]{2,32}"/g, '')
      .replace(/^(\{)(?:"(?:trace_id|span_id|trace_flags)":"[0-9a-f]{2,32}",?)+/, '$1')
      .replaceAll(/"(?:time|timestamp)":(?:\d+|"[^"]*")/g, '"time":0')
      .replaceAll(/"pid":\d+/g, '"pid":0')
      .replaceAll(/\\n +at [^"]*/g, '')
  return Object.fromEntries(
    Object.entries(printedRows(stdout, stderr)).map(([row, { lines, seen }]) => [
      row,
      { lines: lines.map(comparable), seen: row === FRAMES ? [] : seen },
    ]),
  )
}

function printedRows(stdout: string, stderr: string): Record<string, PrintedRow> {
  try {
    return JSON.parse(stdout) as Record<string, PrintedRow>
  } catch {
    throw new Error(`no table came: ${stdout}\n${stderr}`)
  }
}
