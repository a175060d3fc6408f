/**
 * What does one record with five attributes cost in each codec, beside the SDK's own serialiser? And hostile values?
 *
 * One process, one thread, rounds in turn; medians. Records are built anew for each call, as an application does.
 */
import { SeverityNumber } from '@opentelemetry/api'
import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer'
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'

import { toFlatLine } from '../../src/model/flat-line.ts'
import { parseFlatLine } from '../../src/model/flat-line-read.ts'
import { crc32c } from '../../src/model/crc32c.ts'
import { convertAttributes } from '../../src/model/js-value.ts'
import type { LogRecord } from '../../src/model/log-record.ts'
import { checkRequest } from '../../src/backend/receive/check-request.ts'
import { decodeLogsRequest } from '../../src/model/otlp-decode.ts'
import { OtlpEncoder } from '../../src/model/otlp-encode.ts'
import { assembleRequest, encodeResource, encodeScope } from '../../src/model/otlp-request.ts'
import { createClock } from '../../src/diag/clock.ts'
import { announce, median, table } from './support/figures.ts'

const ROUNDS = 9
const CALLS = 50_000
const CHUNK_BYTES = 250_000

const clock = createClock()
const encoder = new OtlpEncoder()

function attributesOf(i: number): Record<string, string | number | boolean> {
  return {
    'http.request.method': 'GET',
    'url.path': `/api/items/${i}`,
    'user.id': i,
    'cache.hit': true,
    component: 'orders-service',
  }
}

function recordOf(i: number, attributes: LogRecord['attributes']): LogRecord {
  const now = clock.nowUnixNano()
  return {
    timeUnixNano: now,
    observedTimeUnixNano: now,
    severityNumber: 9,
    severityText: 'INFO',
    eventName: '',
    body: `request handled in ${i} ms for customer`,
    attributes,
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    droppedAttributesCount: 0,
  }
}

function append(record: LogRecord, i: number): void {
  encoder.appendLog(record, i)
  if (encoder.byteLength > CHUNK_BYTES) encoder.take()
}

const resource = { attributes: { 'service.name': 'bench', 'service.instance.id': 'a' } }
const scope = { name: 'winston', version: '3.19.0' }
const request = (() => {
  for (let i = 0; i < 1000; i++) encoder.appendLog(recordOf(i, attributesOf(i)), i)
  const records = [encoder.take()]
  return assembleRequest([{ resource: encodeResource(resource), scopes: [{ scope: encodeScope(scope), records }] }])
})()
const records = decodeLogsRequest(request)[0]!.scopes[0]!.records
const lines = records.map((record) => toFlatLine(record, resource, scope))

const exporter = new InMemoryLogRecordExporter()
const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] })
const sdkLogger = provider.getLogger('bench')
for (let i = 0; i < 512; i++)
  sdkLogger.emit({ severityNumber: SeverityNumber.INFO, body: `request ${i}`, attributes: attributesOf(i) })
const sdkRecords = exporter.getFinishedLogRecords()

/** Name -> does the work for `CALLS` records. */
const work: Readonly<Record<string, () => void>> = {
  'the record object and its time alone': () => {
    for (let i = 0; i < CALLS; i++) if (recordOf(i, attributesOf(i)).severityNumber !== 9) throw new Error('never')
  },
  '+ encode': () => {
    for (let i = 0; i < CALLS; i++) append(recordOf(i, attributesOf(i)), i)
  },
  '+ convert (js-value) + encode': () => {
    for (let i = 0; i < CALLS; i++) append(recordOf(i, convertAttributes(attributesOf(i)).attributes), i)
  },
  "the SDK's serialiser, records given": () => {
    for (let i = 0; i < CALLS; i += sdkRecords.length) ProtobufLogsSerializer.serializeRequest(sdkRecords)
  },
  'check before the acknowledgement': () => {
    for (let i = 0; i < CALLS; i += 1000) checkRequest('logs', request)
  },
  decode: () => {
    for (let i = 0; i < CALLS; i += 1000) decodeLogsRequest(request)
  },
  'write a flat line': () => {
    for (let i = 0; i < CALLS; i++) toFlatLine(records[i % 1000]!, resource, scope)
  },
  'read a flat line': () => {
    for (let i = 0; i < CALLS; i++) parseFlatLine(lines[i % 1000]!)
  },
  'checksum (crc32c) of its bytes': () => {
    for (let i = 0; i < CALLS; i += 1000) crc32c(request)
  },
}

announce(`One record with five attributes (${Math.round(request.length / 1000)} bytes): ns of one thread`)
const results = new Map(Object.keys(work).map((name) => [name, [] as number[]]))
for (let round = -2; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(work)) {
    const started = performance.now()
    run()
    if (round >= 0) results.get(name)!.push(((performance.now() - started) / CALLS) * 1e6)
  }
}
table(
  ['', 'ns a record'],
  [...results].map(([name, values]) => [name, median(values)]),
)

function nest(depth: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

const million = Array.from({ length: 1e6 }, (_, i) => i)
const hostile: Readonly<Record<string, unknown>> = {
  'a text of 100 MB': 'x'.repeat(100_000_000),
  'a list of 1,000,000': million,
  'a Map of 1,000,000': new Map(million.map((i) => [i, i])),
  'lists nested 100,000 deep': nest(100_000),
  '1,000 x 1,000 objects': Array.from({ length: 1000 }, () =>
    Array.from({ length: 1000 }, () => ({ a: 1, b: 'text' })),
  ),
  '1,000,000 keys': Object.fromEntries(million.map((i) => [`key ${i}`, i])),
  'Object.keys of that object, alone': undefined,
}

announce('One hostile value: ms of one thread to convert and encode it')
table(
  ['', 'ms'],
  Object.entries(hostile).map(([name, value]) => {
    const times = Array.from({ length: 5 }, () => {
      const started = performance.now()
      if (value === undefined) Object.keys(hostile['1,000,000 keys'] as object)
      else append(recordOf(0, convertAttributes({ first: 1, value, last: 2 }).attributes), 0)
      return performance.now() - started
    })
    return [name, median(times)]
  }),
)
