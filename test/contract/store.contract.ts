/**
 * The store's contract (src/backend/store/store.ts) as a suite: each store must pass it.
 */
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { LiveBatch, Store, StoreRequest } from '../../src/backend/store/store.ts'
import type { InstrumentationScope, LogRecord, Resource } from '../../src/model/log-record.ts'
import { OtlpEncoder } from '../../src/model/otlp-encode.ts'
import { assembleRequest, encodeResource, encodeScope } from '../../src/model/otlp-request.ts'
import { SPAN_KIND, type SpanRecord } from '../../src/model/span-record.ts'

const RESOURCE: Resource = { attributes: { 'service.name': 'api', 'service.instance.id': 'one' } }
const SCOPE: InstrumentationScope = { name: 'winston', version: '3' }
export const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const START = 1_790_000_000_000_000_000n

export function log(fields: Partial<LogRecord> = {}): LogRecord {
  return {
    timeUnixNano: START,
    observedTimeUnixNano: START + 5n,
    severityNumber: 9,
    severityText: 'info',
    eventName: '',
    body: 'hello',
    attributes: {},
    traceId: TRACE,
    spanId: '00f067aa0ba902b7',
    traceFlags: 1,
    droppedAttributesCount: 0,
    ...fields,
  }
}

export function span(fields: Partial<SpanRecord> = {}): SpanRecord {
  return {
    traceId: TRACE,
    spanId: '00f067aa0ba902b7',
    parentSpanId: '',
    traceState: '',
    flags: 1,
    name: 'GET /cart',
    kind: SPAN_KIND.server,
    startTimeUnixNano: START,
    endTimeUnixNano: START + 5_000_000n,
    attributes: {},
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: '',
    ...fields,
  }
}

function encode(write: (encoder: OtlpEncoder) => void, resource: Resource = RESOURCE): Uint8Array {
  const encoder = new OtlpEncoder()
  write(encoder)
  return assembleRequest([
    { resource: encodeResource(resource), scopes: [{ scope: encodeScope(SCOPE), records: [encoder.take()] }] },
  ])
}

export function logsRequest(
  sequence: number,
  records: readonly LogRecord[],
  resource: Resource = RESOURCE,
): StoreRequest {
  const bytes = encode((encoder) => records.forEach((record) => encoder.appendLog(record)), resource)
  return { sequence, signal: 'logs', bytes, receivedUnixNano: START + 9n }
}

export function spansRequest(
  sequence: number,
  spans: readonly SpanRecord[],
  resource: Resource = RESOURCE,
): StoreRequest {
  const bytes = encode((encoder) => spans.forEach((one) => encoder.appendSpan(one)), resource)
  return { sequence, signal: 'spans', bytes, receivedUnixNano: START + 9n }
}

const bodies = async (store: Store): Promise<unknown[]> =>
  (await store.read('SELECT body FROM logs ORDER BY time_ns, body')).rows.map(([body]) => body)

/** @param open  a store over the same directory each time within one test */
export function storeContract(name: string, open: (directory: string) => Store, makeDirectory: () => string): void {
  describe(`${name} keeps the contract of a store`, () => {
    let store: Store
    let directory: string
    beforeEach(async () => {
      directory = makeDirectory()
      store = open(directory)
      await store.start()
    })
    afterEach(async () => await store.stop())

    const reopen = async () => {
      await store.stop()
      store = open(directory)
      return await store.start()
    }

    test('a new store holds nothing', async () => {
      expect(await store.stats()).toMatchObject({
        logs: 0,
        spans: 0,
        traces: 0,
        corruptRequests: 0,
        oldestUnixNano: undefined,
      })
      expect(await bodies(store)).toEqual([])
    })

    test('what was appended is visible after flush, in both signals', async () => {
      store.append(
        logsRequest(1, [
          log({ body: 'one' }),
          log({ body: 'two', attributes: { 'http.route': '/cart', price: 12.5 } }),
        ]),
      )
      store.append(spansRequest(2, [span({ attributes: { 'http.route': '/cart' } })]))
      await store.flush()
      expect(await bodies(store)).toEqual(['one', 'two'])
      const { rows } = await store.read('SELECT name, duration_ms, kind, trace_id, span_id, service FROM spans')
      expect(rows).toEqual([['GET /cart', 5, 'server', TRACE, '00f067aa0ba902b7', 'api']])
      expect(await store.stats()).toMatchObject({ logs: 2, spans: 1, undecodedBytes: 0, undecodedRequests: 0 })
    })

    test('what was appended is visible after caughtUp, as often as it is asked', async () => {
      for (let sequence = 1; sequence <= 20; sequence++) {
        store.append(logsRequest(sequence, [log()]))
        await store.caughtUp()
        expect((await store.read('SELECT count(*) FROM log_rows')).rows).toEqual([[BigInt(sequence)]])
      }
    })

    test('what was rolled is there after a restart, once, and says up to where', async () => {
      store.append(logsRequest(1, [log({ body: 'one' })]))
      store.append(spansRequest(3, [span()]))
      await store.roll()
      const position = await reopen()
      expect(position).toEqual({ committedSequence: 3, lastSequence: 3 })
      store.append(logsRequest(1, [log({ body: 'one' })]))
      store.append(spansRequest(3, [span()]))
      store.append(logsRequest(4, [log({ body: 'two' })]))
      await store.flush()
      expect(await bodies(store)).toEqual(['one', 'two'])
      expect(await store.stats()).toMatchObject({ logs: 2, spans: 1 })
    })

    test('listeners hear of committed requests', async () => {
      const heard: number[] = []
      store.onCommitted((sequence) => heard.push(sequence))
      store.append(logsRequest(7, [log()]))
      await store.roll()
      expect(heard.at(-1)).toBe(7)
    })

    test('listeners hear of records before or when they are visible, and no longer after they stopped', async () => {
      const heard: LiveBatch[] = []
      const stop = store.onLive((batch) => heard.push(batch))
      store.append(logsRequest(1, [log({ body: 'live', attributes: { a: 1n, b: 1.5 } })]))
      store.append(spansRequest(2, [span({ name: 'GET' })]))
      await store.flush()
      stop()
      store.append(logsRequest(3, [log({ body: 'unheard' })]))
      await store.flush()
      expect(heard.flatMap(({ logs }) => logs.map(({ record }) => record.body))).toEqual(['live'])
      expect(heard.flatMap(({ spans }) => spans.map((live) => live.span.name))).toEqual(['GET'])
      expect(heard[0]?.logs[0]).toMatchObject({ resource: { 'service.name': 'api' }, scope: 'winston' })
    })

    test('a corrupt request is counted, and what follows is kept', async () => {
      store.append(logsRequest(1, [log({ body: 'before' })]))
      store.append({ ...logsRequest(2, [log()]), bytes: Uint8Array.from([0x0a, 0xff, 0xff, 0xff, 0x7f]) })
      store.append(logsRequest(3, [log({ body: 'after' })]))
      await store.flush()
      expect(await bodies(store)).toEqual(['after', 'before'])
      expect(await store.stats()).toMatchObject({ corruptRequests: 1 })
    })

    test('a record without a time takes its observed time, else the time of receipt', async () => {
      store.append(logsRequest(1, [log({ timeUnixNano: 0n }), log({ timeUnixNano: 0n, observedTimeUnixNano: 0n })]))
      await store.flush()
      const { rows } = await store.read('SELECT time_ns FROM logs ORDER BY 1')
      expect(rows).toEqual([[START + 5n], [START + 9n]])
    })

    test('an empty request only moves the position', async () => {
      store.append({ sequence: 5, signal: 'logs', bytes: new Uint8Array(0), receivedUnixNano: START })
      await store.roll()
      expect((await reopen()).committedSequence).toBe(5)
    })

    test('append after stop is ignored, stop twice is harmless', async () => {
      await store.stop()
      store.append(logsRequest(1, [log()]))
      await store.stop()
      await store.room()
      store = open(directory)
      await store.start()
      expect(await bodies(store)).toEqual([])
    })

    test('a user may ask one SELECT and nothing else', async () => {
      store.append(logsRequest(1, [log({ body: 'one' })]))
      await store.flush()
      expect((await store.readUser('SELECT count(*) AS n FROM logs')).rows).toEqual([[1n]])
      for (const sql of [
        'DROP VIEW logs',
        'SELECT 1; SELECT 2',
        "COPY logs TO '/tmp/x.csv'",
        "SELECT * FROM read_text('/etc/passwd')",
        'nonsense',
        '',
      ]) {
        await expect(store.readUser(sql), sql).rejects.toMatchObject({ code: 'TRACELOG_QUERY_SYNTAX' })
      }
      expect(await bodies(store)).toEqual(['one'])
    })

    test('a question that takes too long is interrupted', async () => {
      const forever = 'SELECT count(*) FROM range(100000000) a, range(100000000) b'
      await expect(store.readUser(forever, { timeoutMillis: 50 })).rejects.toMatchObject({
        code: 'TRACELOG_QUERY_TIMEOUT',
      })
      expect((await store.readUser('SELECT 1')).rows).toEqual([[1]])
    })

    test('more rows than asked for are cut, and that is said', async () => {
      expect(await store.read('SELECT * FROM range(10)', [], { maxRows: 3 })).toMatchObject({
        truncated: true,
        rows: [[0n], [1n], [2n]],
      })
    })

    test('a full row group goes into the file and is read back with what came later', async () => {
      const records = Array.from({ length: 5_000 }, (_, i) =>
        log({ body: `line ${i % 7}`, attributes: { n: i, tenant: `t${i % 50}` } }),
      )
      for (let sequence = 1; sequence <= 26; sequence++) store.append(logsRequest(sequence, records))
      await store.flush()
      const { rows } = await store.read(
        "SELECT count(*), count(DISTINCT body) FROM logs WHERE attributes->>'$.tenant' = 't7'",
      )
      expect(rows).toEqual([[2_600n, 7n]])
      const position = await reopen()
      expect(position.committedSequence).toBe(26)
      expect((await store.read('SELECT count(*) FROM logs')).rows).toEqual([[130_000n]])
    })

    test('any text comes back as it was', async () => {
      let sequence = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { minLength: 1, maxLength: 20 }),
          async (texts) => {
            sequence++
            const at = START + BigInt(sequence) * 1_000_000n
            store.append(
              logsRequest(
                sequence,
                texts.map((body, i) =>
                  log({ body, timeUnixNano: at + BigInt(i), attributes: { 'x.text': body, [`k${i}`]: body } }),
                ),
              ),
            )
            await store.flush()
            const { rows } = await store.read(
              'SELECT body, attributes->>\'$."x.text"\' FROM logs WHERE time_ns >= ? AND time_ns < ? ORDER BY time_ns',
              [at, at + 1_000n],
            )
            expect(rows).toEqual(texts.map((text) => [text, text]))
          },
        ),
        { numRuns: 40 },
      )
    })
  })
}
