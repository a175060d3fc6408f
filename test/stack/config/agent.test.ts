/** What the agent makes of log files: flat lines become the records that this package reads of them; all else stays text. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect } from 'vitest'

import type { Attributes } from '../../../src/model/any-value.ts'
import { ATTRIBUTE_BY_FLAT_KEY } from '../../../src/model/flat-keys.ts'
import { parseFlatLine } from '../../../src/model/flat-line-read.ts'
import { startReceiver, type ReceivedLog, type Receiver } from '../../support/receiver.ts'
import { startOtelcol, type Otelcol } from '../../support/servers/otelcol.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'

const withCollector = requireServers('otelcol')
const folder = mkdtempSync(join(tmpdir(), 'tracelog-agent-'))
const logFile = join(folder, 'logs', 'shop.log')
let receiver: Receiver
let agent: Otelcol

beforeAll(async () => {
  if (findServer('otelcol') === undefined) return
  mkdirSync(join(folder, 'logs'))
  receiver = await startReceiver()
  agent = await startOtelcol({
    configs: ['agent.yaml'],
    folder: join(folder, 'otelcol'),
    env: {
      TRACELOG_GATEWAY: receiver.url,
      TRACELOG_FILES: join(folder, 'logs', '*.log'),
      // A machine whose clock shows another time than UTC.
      TZ: 'America/New_York',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    },
  })
})
afterAll(async () => {
  await agent?.stop()
  await receiver?.close()
  rmSync(folder, { recursive: true, force: true })
})

let counter = 0

/** Adds lines, each with a mark of its own. @returns what left the agent, in the same order, without the mark */
async function throughAgent(lines: readonly ((mark: string) => string)[]): Promise<readonly ReceivedLog[]> {
  const marks = lines.map(() => `mark-${++counter}-`)
  appendFileSync(logFile, lines.map((line, index) => `${line(marks[index]!)}\n`).join(''))
  const find = (mark: string): ReceivedLog | undefined =>
    receiver.receivedLogs.find(({ record }) => record.attributes['mark'] === mark || hasText(record.body, mark))
  await receiver.until(marks.join(), () => marks.every((mark) => find(mark) !== undefined), 30_000)
  return marks.map((mark) => find(mark)!)
}

function hasText(body: unknown, text: string): boolean {
  return typeof body === 'string' && body.includes(text)
}

/** One value for each key of the table. */
const TABLE = Object.fromEntries(
  [...ATTRIBUTE_BY_FLAT_KEY.keys()].map((key) => {
    if (key.endsWith('_ms')) return [key, 15]
    if (/^(?:status|seq|retries|cache_reads|cache_hits|db_calls|attempt)$/.test(key)) return [key, 3]
    if (/^(?:cache_hit|buffered|aborted|truncated)$/.test(key)) return [key, true]
    if (/^upstream_(?:tried|statuses)$/.test(key)) return [key, ['10.0.0.1:80', '10.0.0.2:80']]
    return [key, `a ${key}`]
  }),
)

const HEAD = { timestamp: '2024-09-12T14:35:22.001Z', level: 'INFO', message: 'done' }
const TRACE = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7', trace_flags: '03' }

const FLAT_LINES: readonly { readonly name: string; readonly line: Readonly<Record<string, unknown>> }[] = [
  { name: 'every key of the table', line: { ...HEAD, ...TRACE, service: 'shop', event: 'tracelog.lb.end', ...TABLE } },
  {
    name: 'the example of the specification, with an id of another system',
    line: {
      timestamp: '2024-09-12T14:35:22.001Z',
      trace_id: 'abc123xyz',
      service: 'load_balancer',
      level: 'INFO',
      method: 'GET',
      path: '/api/bookings',
      response_time_ms: 15,
      cache_hit: true,
      message: 'GET /api/bookings',
    },
  },
  {
    name: 'an exception',
    line: { ...HEAD, level: 'ERROR', error_type: 'TypeError', error_stack: 'TypeError: x\n at y' },
  },
  { name: 'a time to the nanosecond', line: { ...HEAD, time_ns: '1726151722001234567' } },
  { name: 'a resource and a logger', line: { ...HEAD, service: 'shop', 'service.version': '1.2', logger: 'db.pool' } },
  {
    name: 'attributes of its own',
    line: { ...HEAD, 'http.route.x': 'a', count: 3, share: 0.5, list: [1, 'a'], 'attr.status': 'new', none: null },
  },
  { name: 'attributes that were dropped', line: { ...HEAD, dropped_attributes: 2 } },
]

const OF_THE_MACHINE = ['host.name', 'os.type', 'deployment.environment.name']

function without(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)))
}

describe('a flat line', () => {
  withCollector.for(FLAT_LINES)('$name', async ({ line }) => {
    const text = (mark: string): string => JSON.stringify({ ...line, mark })
    const [received] = await throughAgent([text])
    const mark = received!.record.attributes['mark'] as string
    const { record, resource, scope } = parseFlatLine(text(mark))!
    const { observedTimeUnixNano: _seen, ...expected } = record
    const attributes = without(received!.record.attributes, ['log.file.name', 'log.file.path'])
    expect({ ...received!.record, attributes }).toMatchObject({ ...expected, attributes: expect.anything() as unknown })
    expect(attributes).toEqual(record.attributes)
    expect(without(received!.resource, OF_THE_MACHINE)).toEqual(resource.attributes)
    expect(received!.scope.name).toBe(scope.name)
  })

  withCollector('without a message has the name of its event instead, or nothing', async () => {
    const { message: _message, ...head } = HEAD
    const [named, unnamed] = await throughAgent([
      (mark) => JSON.stringify({ ...head, event: 'shop.started', mark }),
      (mark) => JSON.stringify({ ...head, mark }),
    ])
    expect(named!.record).toMatchObject({ eventName: 'shop.started', body: 'shop.started' })
    expect(unnamed!.record.body).toBe('')
  })
})

withCollector('takes what the file does not say from the machine and from OTEL_RESOURCE_ATTRIBUTES', async () => {
  const [received] = await throughAgent([(mark) => JSON.stringify({ ...HEAD, service: 'shop', mark })])
  expect(received!.resource).toMatchObject({
    'service.name': 'shop',
    'deployment.environment.name': 'test',
    'host.name': expect.stringMatching(/./),
  })
})

withCollector('leaves other lines as they are: text, JSON of others, JSON that is none', async () => {
  const lines = [
    (mark: string) => `12:00 plain text ${mark}`,
    (mark: string) => JSON.stringify({ level: 30, time: 1_726_151_722_001, msg: 'pino', mark }),
    (mark: string) => `{"cut": "${mark}`,
    (mark: string) => `{"level":"info","message":"winston","password":"hunter2","mark":"${mark}"}`,
  ]
  const [text, pino, cut, winston] = await throughAgent(lines)
  expect(text!.record).toMatchObject({
    body: expect.stringMatching(/^12:00 plain text mark/) as unknown,
    severityNumber: 0,
  })
  expect(pino!.record.attributes).toMatchObject({ level: 30, time: 1_726_151_722_001, msg: 'pino' })
  expect(cut!.record.body).toMatch(/^\{"cut": "mark/)
  expect(winston!.record).toMatchObject({ body: 'winston', severityNumber: 9, attributes: { password: '****' } })
})

withCollector('says nothing about lines that it cannot read', async () => {
  await throughAgent([(mark) => `{"cut": "${mark}`, (mark) => `{"level":{},"timestamp":[],"mark":"${mark}"}`])
  expect(agent.said()).not.toMatch(/\t(?:warn|error)\t/)
})
