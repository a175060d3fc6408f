/**
 * The Collector's files for access logs against the table of lines; test/model/access-log/ runs our reader against the same.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'

import type { AccessLogKind } from '../../../src/model/access-log/read-access-line.ts'
import type { LogRecord } from '../../../src/model/log-record.ts'
import { DOUBLE_KEYS } from '../../../src/model/semconv.ts'
import { ACCESS_CASES, type AccessCase } from '../../contract/access-lines.ts'
import { freePorts } from '../../support/servers/free-port.ts'
import { COLLECTOR_FOLDER, startOtelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { recordsOf } from './hop-records.ts'

const KINDS = [...new Set(ACCESS_CASES.map(({ kind }) => kind))]

requireServers('otelcol').for(['standalone.yaml', 'agent.yaml'])('%s reads every line as we do', async (role) => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-lines-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [syslog, batched] = (await freePorts(2)) as [number, number]
  const env: Record<string, string> = {
    TRACELOG_HAPROXY_LISTEN: `127.0.0.1:${syslog}`,
    TRACELOG_BATCHED: `127.0.0.1:${batched}`,
  }
  for (const kind of KINDS) {
    const file = join(folder, `${kind}.json`)
    env[`TRACELOG_${kind.toUpperCase()}_LOG`] = file
    if (kind !== 'haproxy')
      writeFileSync(
        file,
        linesOf(kind)
          .map((line) => `${line}\n`)
          .join(''),
      )
  }
  const collector = await startOtelcol({
    configs: [role, ...KINDS.map((kind) => `receivers/${kind}.yaml`), AGGREGATE],
    folder: join(folder, 'otelcol'),
    env: {
      ...env,
      TRACELOG_LOKI: 'http://127.0.0.1:9',
      TRACELOG_GATEWAY: 'http://127.0.0.1:9',
      OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=shop,deployment.environment.name=test',
    },
  })
  onTestFinished(() => collector.stop())
  await sendSyslog(syslog, linesOf('haproxy'))

  await expect.poll(() => recordsOf(collector).length, { timeout: 30_000 }).toBe(ACCESS_CASES.length)
  for (const kind of KINDS) {
    const records = recordsOf(collector).filter(({ resource }) => resource['service.name'] === kind)
    const cases = ACCESS_CASES.filter((candidate) => candidate.kind === kind)
    expect(records.map(({ record }) => seen(record))).toEqual(cases.map(expectedOf))
    for (const { resource } of records) {
      expect(resource).toMatchObject({ 'service.namespace': 'shop', 'deployment.environment.name': 'test' })
    }
  }
  expect(doublesOf(collector.aggregateFile)).toEqual(new Set(['doubleValue']))
})

test('each file turns fields into records by the same statements, and hands over to the same pipeline', () => {
  const files = KINDS.map((kind) => readConfig(`receivers/${kind}.yaml`))
  for (const file of files) {
    expect(file.processors['transform/load_balancer']).toEqual(files[0]?.processors['transform/load_balancer'])
    expect(file.service.pipelines['logs']).toEqual({ receivers: ['otlp', 'forward/lines'] })
  }
})

/** The agent writes no file of its own; in both roles this one is written before the gateway or Loki are asked. */
const AGGREGATE = join(import.meta.dirname, 'aggregate.yaml')

interface Config {
  readonly processors: Readonly<Record<string, unknown>>
  readonly service: { readonly pipelines: Readonly<Record<string, unknown>> }
}

function readConfig(name: string): Config {
  return parse(readFileSync(join(COLLECTOR_FOLDER, name), 'utf8')) as Config
}

function linesOf(kind: AccessLogKind): readonly string[] {
  return ACCESS_CASES.filter((candidate) => candidate.kind === kind).map(({ line }) => line)
}

/** RFC 5424 with octet counting, as HAProxy's ring sends it. */
async function sendSyslog(port: number, lines: readonly string[]): Promise<void> {
  const socket = createConnection(port, '127.0.0.1')
  for (const line of lines) {
    const message = `<134>1 2026-11-21T07:29:36.841599+00:00 - haproxy 3155 - - ${line}`
    socket.write(`${Buffer.byteLength(message)} ${message}`)
  }
  await new Promise<void>((resolve) => socket.end(resolve))
}

type Seen = Pick<LogRecord, 'body' | 'attributes'> & Partial<LogRecord>

/** What the table states. `event.name` is added for Loki, and is the event's name again. */
function seen(record: LogRecord): Seen {
  const { 'event.name': eventName, ...attributes } = record.attributes
  const { body, severityNumber } = record
  if (record.eventName === '') return { body, attributes, severityNumber }
  expect([undefined, record.eventName]).toContain(eventName)
  const { timeUnixNano, traceId, spanId, traceFlags, severityText } = record
  return { eventName: record.eventName, timeUnixNano, traceId, spanId, traceFlags, severityText, body, attributes }
}

function expectedOf({ line, expected }: AccessCase): Seen {
  if (expected === undefined) return { body: line, attributes: {}, severityNumber: 9 }
  return { eventName: 'tracelog.lb.end', ...expected }
}

/** Which types the keys have that must be doubles whatever their value. */
function doublesOf(file: string): Set<string> {
  const text = readFileSync(file, 'utf8')
  const types = [...DOUBLE_KEYS].flatMap((key) =>
    [...text.matchAll(new RegExp(`"key":"${key}","value":\\{"(\\w+)"`, 'g'))].map(([, type]) => type!),
  )
  return new Set(types)
}
