/**
 * What of a record survives Collector and Loki, value by value: sent against seen, as the table of collector/FIDELITY.md.
 *
 * The document is checked against what the real servers do. To write it again:
 * npx vitest run --config test/vitest.config.ts test/stack/sources/fidelity.test.ts -u
 */
import { expect, onTestFinished, vi } from 'vitest'

import type { LogRow } from '../../../src/model/api.ts'
import type { LogRecord } from '../../../src/model/log-record.ts'
import { ownKey, toLogRow } from '../../../src/model/log-row.ts'
import { logsToJson } from '../../../src/model/otlp-json.ts'
import type { LogSource } from '../../../src/sources/log-source.ts'
import { requireServers } from '../../support/servers/program.ts'
import { fidelityCases, type FidelityCase } from './fidelity-cases.ts'
import { startStack } from './running-stack.ts'

const DOCUMENT = new URL('../../../collector/FIDELITY.md', import.meta.url).pathname

requireServers(
  'otelcol',
  'loki',
  'tempo',
)('what is seen of what was sent is as the document says', async () => {
  const stack = await startStack()
  onTestFinished(async () => await stack.stop())
  const start = BigInt(Date.now() - 60_000) * 1_000_000n
  const sent = fidelityCases((nanos) => start + nanos).map((one, i) => sentCase(one, i, start))
  for (const { request } of sent) {
    const response = await fetch(`${stack.collector.httpUrl}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: request,
    })
    expect(response.status).toBe(200)
  }
  const rows = new Map<string, LogRow>()
  await vi.waitFor(
    async () => {
      const { logs } = await stack.source.logs({ text: 'service:case-*', since: '1h', limit: 5_000 })
      for (const row of logs) rows.set(row.service, row)
      expect(sent.filter(({ service }) => !rows.has(service)).map(({ what }) => what)).toEqual([])
    },
    { timeout: 60_000, interval: 200 },
  )
  await expectFound(stack.source, sent)
  const lines = sent.map(({ group, what, local, service }) => {
    const [dev, loki] = [shown(local, start), shown(rows.get(service)!, start)]
    return { group, cells: [what, dev, dev === loki ? 'the same' : loki] }
  })
  await expect(documentOf(lines)).toMatchFileSnapshot(DOCUMENT)
})

/** What is asked for by the name that was written is found, under whatever name Loki keeps it. */
async function expectFound(source: LogSource, sent: readonly SentCase[]): Promise<void> {
  const asked = sent
    .filter(({ group }) => group === 'names')
    .flatMap(({ service, record }) =>
      Object.entries(record?.attributes ?? {})
        .filter(([key, value]) => ASKABLE.test(key) && !LOST.has(key) && typeof value === 'string')
        .map(([key, value]) => ({ service, text: `service:${service} ${asKey(key)}:${value as string}` })),
    )
  expect(asked.length).toBe(14)
  for (const { service, text: query } of asked) {
    const { logs } = await source.logs({ text: query, since: '1h' })
    expect([query, ...logs.map((row) => row.service)]).toEqual([query, service])
    const others = await source.logs({ text: query.replace(' ', ' -'), since: '1h' })
    expect([query, ...others.logs.map((row) => row.service)]).toEqual([query])
  }
}

/** What the query language takes for a key. */
const ASKABLE = /^[\p{L}_][\p{L}\p{N}_.\-/]*$/u
/** Of two that fold to one, one survives; these are Loki's own. */
const LOST: ReadonlySet<string> = new Set(['a.b', 'service_name', 'trace_id', 'flags', 'host.name'])

/** As a row shows it: what would be taken for a field of the record has a prefix. */
function asKey(name: string): string {
  return name === 'level' || name === 'message' ? `attr.${name}` : name
}

interface SentCase extends FidelityCase {
  readonly service: string
  readonly request: string
  /** The row that `tracelog dev` gives. */
  readonly local: LogRow
}

function sentCase(one: FidelityCase, index: number, start: bigint): SentCase {
  const service = `case-${index}`
  const record: LogRecord = {
    timeUnixNano: start,
    observedTimeUnixNano: start,
    severityNumber: 9,
    severityText: 'info',
    eventName: '',
    body: 'body',
    attributes: {},
    traceId: '',
    spanId: '',
    traceFlags: 0,
    droppedAttributesCount: 0,
    ...one.record,
  }
  // Else the Collector adds the machine's.
  const resource = { attributes: { 'service.name': service, 'host.name': 'h', 'os.type': 'linux', ...one.resource } }
  const scope = one.scope ?? { name: '', version: '' }
  const time = record.timeUnixNano === 0n ? record.observedTimeUnixNano : record.timeUnixNano
  const observed = record.observedTimeUnixNano === 0n ? time : record.observedTimeUnixNano
  return {
    ...one,
    service,
    request: JSON.stringify(logsToJson([{ resource, scopes: [{ scope, records: [record] }] }])),
    local: toLogRow({ id: '', time, observed, record, resource, service, scope }),
  }
}

/** What every record has, unless its case is about that. */
const ORDINARY: Readonly<Record<string, unknown>> = { level: 'INFO', message: 'body', 'host.name': 'h' }
const NEVER_SHOWN: ReadonlySet<string> = new Set(['timestamp', 'service'])

/** The row as the table tells it: what is out of the ordinary; times from the start of the test. */
function shown(row: LogRow, start: bigint): string {
  const entries = Object.entries(row).flatMap(([key, value]): [string, unknown][] => {
    if (key === ownKey('_id', row) || NEVER_SHOWN.has(key) || ORDINARY[key] === value) return []
    if (key !== 'time_ns' && key !== 'observed_ns') return [[key, value]]
    const since = BigInt(value as string) - start
    return since === 0n ? [] : [[key, `start + ${since} ns`]]
  })
  const missing = Object.keys(ORDINARY).filter((key) => row[key] === undefined)
  const parts = [
    ...entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => code(`${key}=${text(value)}`)),
    ...missing.map((key) => `no ${code(key)}`),
  ]
  return parts.length === 0 ? '-' : parts.join(' ')
}

function text(value: unknown): string {
  const whole = JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )
  return whole.length <= 120 ? whole : `${whole.slice(0, 12)}… (${(value as string).length} characters)`
}

function code(inner: string): string {
  return `\`${inner.replaceAll('|', String.raw`\|`)}\``
}

function documentOf(lines: readonly { readonly group: string; readonly cells: readonly string[] }[]): string {
  const groups = [...Map.groupBy(lines, ({ group }) => group)].map(([group, own]) =>
    [
      `## ${group[0]!.toUpperCase()}${group.slice(1)}`,
      '',
      '| sent | as `tracelog dev` gives it | as Loki gives it |',
      '|---|---|---|',
      ...own.map(({ cells }) => `| ${cells.join(' | ')} |`),
    ].join('\n'),
  )
  return `${[INTRODUCTION, ...groups].join('\n\n')}\n`
}

const INTRODUCTION = `# What survives Collector and Loki

Each line is one record, sent to the Collector (standalone.yaml), kept by Loki and read back with \`tracelog query --source loki --json\`:
shown are the keys of the flat line that are out of the ordinary. Written and checked with the real programs by
test/stack/sources/fidelity.test.ts; \`npx vitest run --config test/vitest.config.ts test/stack/sources/fidelity.test.ts -u\` writes it
again.

In short: ids, severity, times (to the nanosecond) and bodies that are text are exact, and so are the attributes of ours and those
of OpenTelemetry that src/model/semconv.ts names, types included. Other attributes come back as text under a folded name, all in the
order of their names. Empty values do not come back. A few names are Loki's own (\`trace_id\`, \`severity_number\`, \`flags\`,
\`service_name\` …): do not give them to attributes. Tempo keeps spans whole.`
