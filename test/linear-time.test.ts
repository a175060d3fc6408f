/**
 * Nothing that comes from outside takes time that grows faster than its length: one request must not stop the process.
 *
 * Each row is a parser of what a client, an upstream or a balancer writes.
 */
import { expect, test, vi } from 'vitest'

import { databaseFailure } from '../src/capture/database/database-failure.ts'
import { sqlShape } from '../src/capture/database/sql-shape.ts'
import { sqlSummary } from '../src/capture/database/sql-summary.ts'
import { createSseParser } from '../src/client/sse-parser.ts'
import { serverAttributes } from '../src/capture/http/server-attributes.ts'
import { withHeader } from '../src/capture/http/outgoing-headers.ts'
import { parseTarget } from '../src/capture/http/request-target.ts'
import { visibleBlock } from '../src/model/visible-text.ts'
import { foldStack } from '../src/tree/text/stack-fold.ts'
import { mergeBaggage, parseBaggage } from '../src/context/baggage.ts'
import { parseTraceState, withOwnParts } from '../src/context/trace-state.ts'
import { parseRetryAfter } from '../src/export/transports/retry-policy.ts'
import { recordOfAccess } from '../src/model/access-log/access-line.ts'
import { readCaddyLine } from '../src/model/access-log/caddy-line.ts'
import { readEnvoyLine } from '../src/model/access-log/envoy-line.ts'
import { readHaproxyLine } from '../src/model/access-log/haproxy-line.ts'
import { readNginxLine } from '../src/model/access-log/nginx-line.ts'
import { readTraefikLine } from '../src/model/access-log/traefik-line.ts'
import { detectAccessLogKind } from '../src/model/access-log/read-access-line.ts'
import { readCacheStatus } from '../src/model/cache-status.ts'
import { parseFlatLine } from '../src/model/flat-line-read.ts'
import { createGlob } from '../src/model/glob.ts'
import { createShapedLineReader } from '../src/model/line-shapes/read-line.ts'
import type { LogRecord } from '../src/model/log-record.ts'
import { redactQuery, redactUrlQuery } from '../src/model/secrets/redact-query.ts'
import { readTaskToken } from '../src/model/task-token.ts'
import { parseTimestamp } from '../src/model/time.ts'
import { parseTraceparent } from '../src/model/trace-context.ts'
import { parseTracelogMember } from '../src/model/tracelog-member.ts'
import { createRedactor } from '../src/process/redactor.ts'
import { compileMatcher } from '../src/query-text/match.ts'
import { parseQueryText } from '../src/query-text/parse.ts'
import { ACCESS_CASES } from './contract/access-lines.ts'
import { fasterThanSize, type Frame } from './support/growth.ts'

// Processor time is measured, seconds of it: on a machine that is busy that is more by the clock.
vi.setConfig({ testTimeout: 180_000 })

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const redactor = createRedactor()

function redact(record: Partial<LogRecord>) {
  return redactor.redactLog({ attributes: {}, body: undefined, ...record } as LogRecord)
}

function headers(values: Readonly<Record<string, string>>) {
  return serverAttributes({ method: 'GET', httpVersion: '1.1', headers: values }, parseTarget('/'), {})
}

const READERS = {
  nginx: readNginxLine,
  haproxy: readHaproxyLine,
  caddy: readCaddyLine,
  envoy: readEnvoyLine,
  traefik: readTraefikLine,
}
/** Without a time a line is none of its kind. Caddy has some fields in an object. */
const KEPT = ['msec', 'ts', 'StartUTC', 'Duration', 'duration']

/** A line with the text in all its fields. */
function accessLine(kind: keyof typeof READERS, text: string): unknown {
  const line = ACCESS_CASES.find((one) => one.kind === kind && one.expected !== undefined)?.line ?? '{}'
  const fill = (fields: object): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]: [string, unknown]) => {
        if (KEPT.includes(name)) return [name, value]
        return [name, typeof value === 'object' && value !== null ? fill(value) : text]
      }),
    )
  const read = READERS[kind](fill(JSON.parse(line) as object))
  return typeof read === 'string' ? read : recordOfAccess(read, 0n)
}

const PARSERS: readonly (readonly [name: string, parse: (text: string) => unknown, frames?: readonly Frame[]])[] = [
  [
    'traceparent',
    parseTraceparent,
    [{}, { before: `${TRACEPARENT}-` }, { before: TRACEPARENT.replace('00', '01'), after: ',' }],
  ],
  ['tracestate', (text) => parseTraceState(text)?.serialize()],
  ['our member of tracestate', parseTracelogMember, [{ before: 'd:1;r:' }]],
  [
    'tracestate with our member',
    (text) => withOwnParts(parseTraceState(text), { requestPath: ['a'.repeat(16)] }),
    [{ before: 'tracelog=' }],
  ],
  ["a task's token", readTaskToken, [{}, { before: `${TRACEPARENT};` }, { before: `${TRACEPARENT};3/`, after: 'x' }]],
  ["a task's token in a carrier", (text) => readTaskToken({ [text]: text, traceparent: text, tracelog_task: text })],
  ['baggage', parseBaggage, [{}, { before: 'k=v;p', after: ',' }]],
  ['baggage merged', (text) => mergeBaggage('own=1;p=2', text)],
  [
    'baggage in headers in array form',
    (text) => withHeader(`GET / HTTP/1.1\r\nbaggage:${text}\r\n\r\n`, 'baggage', 'a=1'),
  ],
  ['Cache-Status', readCacheStatus, [{}, { before: 'a; hit', after: ',' }, { before: '"' }]],
  ['Forwarded', (text) => headers({ forwarded: text }), [{}, { before: 'for=', after: 'x' }]],
  ['X-Forwarded-For', (text) => headers({ 'x-forwarded-for': text }), [{}, { before: '[', after: 'x' }]],
  ['X-Forwarded-Host', (text) => headers({ 'x-forwarded-host': text })],
  ['Host', (text) => headers({ host: text }), [{}, { before: '[', after: 'x' }]],
  ['the target', parseTarget, [{}, { before: 'http://', after: '#' }]],
  ['a path against a glob', createGlob('/api/*/v1/*/v1/*/ping'), [{ before: '/api/', after: '/pong' }]],
  ['a path against a glob of one letter', createGlob('*a*a*a*a*b'), [{}, { after: 'x' }]],
  ['Retry-After', (text) => parseRetryAfter(text, 0)],
  ...(['nginx', 'haproxy', 'caddy', 'envoy', 'traefik'] as const).map(
    (kind) => [`fields of ${kind}'s access line`, (text: string) => accessLine(kind, text)] as const,
  ),
  ['an access line', detectAccessLogKind, [{}, { before: '{"kind":"', after: '"}' }]],
  ['a flat line', (text) => parseFlatLine(text), [{}, { before: '{"message":"' }]],
  ['the time of a line', (msec) => readNginxLine({ msec }), [{}, { before: '1795246176.474' }]],
  [
    "another program's line",
    (line) => createShapedLineReader().read(line),
    [
      {},
      { before: '{"level":30,"msg":"', after: '"}' },
      { before: 'level=info msg="' },
      { before: '<13>1 2026-11-21T08:29:46Z host app 1 - ' },
      { before: '2026-11-21T08:29:46.1Z stdout P' },
      { before: '[INFO] ', after: ']' },
    ],
  ],
  ...(['postgresql', 'mysql'] as const).map(
    (dialect) =>
      [
        `a statement of ${dialect}`,
        (text: string) => sqlSummary(sqlShape(text, dialect)),
        [{}, { before: "SELECT '" }, { before: 'SELECT a FROM ' }, { before: '/*' }],
      ] as const,
  ),
  ["a database's error", (text) => databaseFailure(new Error(text)), [{}, { before: "key '" }, { before: '{' }]],
  ['a time', parseTimestamp, [{}, { before: '2026-11-21T08:29:46.', after: 'Z' }]],
  ['a query', parseQueryText, [{}, { before: 'path:', after: '"' }]],
  ['a message against a word', (message) => compileMatcher('a*a*a*b')({ message })],
  ['a field against a glob', (path) => compileMatcher('path:*a*a*/v1/*b')({ path })],
  ['redaction of a text', (body) => redact({ body }), [{}, { before: '"token":"' }, { after: ' password=x' }]],
  ['redaction of a value', (text) => redact({ attributes: { text } }), [{ before: 'authorization: basic ' }]],
  ['redaction of a url', (url) => redact({ attributes: { 'url.full': url } }), [{ before: 'http://a:b' }]],
  ['redaction of a query', redactQuery, [{}, { before: 'token=' }]],
  ['redaction of a url query', redactUrlQuery, [{ before: '/?' }]],
  ['redaction of a key', (key) => redact({ attributes: { [key]: 'x' } })],
  ['a stack', (text) => foldStack(text), [{}, { before: '    at ', after: 'x' }]],
  ['a text on the terminal', visibleBlock],
  ['a stream of returned logs', (text) => createSseParser().push(text), [{}, { before: 'data: ' }, { before: ':' }]],
]

test.each(PARSERS.map(([name, parse, frames]) => ({ name, parse, frames })))('$name', ({ parse, frames }) => {
  expect(fasterThanSize(parse, frames)).toEqual([])
})

test('one that starts anew inside a run is found', () => {
  expect(fasterThanSize((text) => text.replace(/[ \t]+$/, ''), [{ after: 'x' }])).not.toEqual([])
})
