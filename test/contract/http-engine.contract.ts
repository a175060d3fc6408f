/**
 * What every HTTP engine does, shown on a real application in a real process, in ES modules and in CommonJS.
 *
 * Run by test/capture/http/channels-engine.test.ts and otel-engine.test.ts; what an engine cannot do is listed there with the
 * reason.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Attributes } from '../../src/model/any-value.ts'
import { startChild, type RunningChild } from '../support/child.ts'
import { get, openRaw } from '../support/raw-http.ts'
import { startReceiver, type ReceivedLog, type ReceivedSpan, type Receiver } from '../support/receiver.ts'

export type EngineAbility = 'upgrades' | 'no frames in stacks'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const TRACEPARENT = `traceparent: 00-${TRACE}-${PARENT}-01\r\n`

export function httpEngineContract(engine: 'channels' | 'otel', without: Partial<Record<EngineAbility, string>>): void {
  describe.each(['mjs', 'cjs'])(`HTTP engine ${engine}, application as .%s`, (extension) => {
    let receiver: Receiver
    let child: RunningChild
    let port: number
    let mark = 0

    beforeAll(async () => {
      receiver = await startReceiver()
      child = startServer(receiver, extension, engine)
      await child.prints('port ')
      port = Number(/port (\d+)/.exec(child.stdout())?.[1])
    })
    afterAll(async () => {
      child.kill('SIGTERM')
      await child.ended
      await receiver.close()
    })

    /** A query of its own finds a test's spans and records among all others. */
    const path = (name: string) => `${name}?mark=${++mark}`
    const fetchText = async (target: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}${target}`, { headers })
      return { status: response.status, headers: response.headers, text: await response.text() }
    }
    const spanOf = async (query: string): Promise<ReceivedSpan> => {
      const find = () =>
        receiver.receivedSpans.find(({ span }) => span.kind === 2 && span.attributes['url.query'] === query)
      await receiver.until(`the SERVER span of ?${query}`, () => find() !== undefined)
      return find() as ReceivedSpan
    }
    const recordsOf = async (spanId: string): Promise<ReceivedLog[]> => {
      // What the program prints is captured too, and has no event name.
      const find = () =>
        receiver.receivedLogs.filter(({ record }) => record.spanId === spanId && record.eventName !== '')
      await receiver.until(`the completion record of ${spanId}`, () => find().length > 0)
      return find()
    }
    const outcomeOf = async (
      target: string,
    ): Promise<{ span: ReceivedSpan['span']; record: ReceivedLog['record'] }> => {
      const { span } = await spanOf(target.split('?')[1] ?? '')
      const records = await recordsOf(span.spanId)
      expect(records).toHaveLength(1)
      return { span, record: (records[0] as ReceivedLog).record }
    }

    test('a request is one SERVER span that continues the trace, and one completion record', async () => {
      const target = path('/ok')
      await fetchText(target, { traceparent: `00-${TRACE}-${PARENT}-01`, 'user-agent': 'test/1' })
      const { span, record } = await outcomeOf(target)
      expect(span).toMatchObject({ name: 'GET', traceId: TRACE, parentSpanId: PARENT, statusCode: 0 })
      expect(span.attributes).toMatchObject({
        'http.request.method': 'GET',
        'url.path': '/ok',
        'url.scheme': 'http',
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'server.port': port,
        'client.address': '127.0.0.1',
        'network.protocol.version': '1.1',
        'user_agent.original': 'test/1',
      } satisfies Attributes)
      expect(record).toMatchObject({ traceId: TRACE, eventName: 'tracelog.http.server.end', severityNumber: 9 })
      expect(record.attributes).toMatchObject({
        'http.request.method': 'GET',
        'url.path': '/ok',
        'http.response.status_code': 200,
        'tracelog.component': 'http_server',
      } satisfies Attributes)
      const millis = record.attributes['tracelog.response_time_ms'] as number
      expect(millis).toBeGreaterThanOrEqual(0)
      expect(millis).toBe(Math.round(millis * 1000) / 1000)
    })

    test.each([
      { route: '/not-found', status: 404, severity: 9, spanStatus: 0, errorType: undefined },
      { route: '/fails', status: 503, severity: 17, spanStatus: 2, errorType: '503' },
    ])(
      'status $status is written with severity $severity',
      async ({ route, status, severity, spanStatus, errorType }) => {
        const target = path(route)
        await fetchText(target)
        const { span, record } = await outcomeOf(target)
        expect(span).toMatchObject({ statusCode: spanStatus })
        expect(span.attributes['error.type']).toBe(errorType)
        expect(record.severityNumber).toBe(severity)
        expect(record.attributes['http.response.status_code']).toBe(status)
        expect(record.attributes['error.type']).toBe(errorType)
      },
    )

    test('secrets in the query are not written down', async () => {
      const target = `${path('/ok')}&token=abc123`
      await fetchText(target)
      await receiver.until('the span', () =>
        receiver.receivedSpans.some(({ span }) =>
          JSON.stringify(span.attributes['url.query'])?.startsWith(`"mark=${mark}&token=`),
        ),
      )
      expect(JSON.stringify(receiver.receivedSpans.map(({ span }) => span.attributes))).not.toContain('abc123')
    })

    test('keep-alive reuse: one hop per request', async () => {
      const raw = await openRaw(port)
      const targets = [path('/ok'), path('/ok')]
      raw.send(get(targets[0] as string, TRACEPARENT))
      await raw.received('HTTP/1.1 200')
      raw.send(get(targets[1] as string))
      await raw.received('HTTP/1.1 200', 2)
      const [first, second] = [await outcomeOf(targets[0] as string), await outcomeOf(targets[1] as string)]
      expect(first.span.traceId).toBe(TRACE)
      expect(second.span.traceId).not.toBe(TRACE)
      await raw.close()
    })

    test('a slow body and pipelined requests keep their context in every event', async () => {
      const raw = await openRaw(port)
      raw.send('POST /contexts HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n')
      // The handler runs before the body's first byte is on its way.
      await raw.received('100 Continue')
      raw.send('abcd')
      await raw.received('HTTP/1.1 200')
      raw.send(get('/contexts') + get('/contexts'))
      await raw.received('HTTP/1.1 200', 3)
      while (contextLines(child).length < 3) await new Promise((resolve) => setImmediate(resolve))
      for (const line of contextLines(child)) expect(line.replaceAll(/\w+=ok/g, '').trim()).toBe('contexts')
      await raw.close()
    })

    test('a body read by for await keeps the context', async () => {
      const response = await fetch(`http://127.0.0.1:${port}/for-await`, {
        method: 'POST',
        duplex: 'half',
        body: new Blob(['abc', 'def']).stream(),
      })
      const seen = (await response.json()) as string[]
      const [own] = seen
      expect(own).not.toBe('none')
      expect(seen.every((entry) => entry.endsWith(own as string))).toBe(true)
    })

    test('a client that goes away: one record, aborted, WARN', async () => {
      const raw = await openRaw(port)
      const target = path('/hangs')
      raw.send(get(target))
      await raw.received('begun')
      await raw.close()
      const { span, record } = await outcomeOf(target)
      expect(record.severityNumber).toBe(13)
      expect(record.attributes['tracelog.aborted']).toBe(true)
      expect(span.statusCode).toBe(0)
    })

    test('an outgoing request is a CLIENT span, and the callee continues its trace', async () => {
      const target = path('/call')
      const { text } = await fetchText(target)
      const { span } = await spanOf(target.split('?')[1] ?? '')
      const client = () => receiver.receivedSpans.find((each) => each.span.parentSpanId === span.spanId)
      await receiver.until('the CLIENT span', () => client() !== undefined)
      expect(client()?.span).toMatchObject({ kind: 3, name: 'GET', statusCode: 0 })
      expect(client()?.span.attributes).toMatchObject({
        'server.address': '127.0.0.1',
        'server.port': port,
        'http.response.status_code': 200,
      } satisfies Attributes)
      expect(JSON.stringify(client()?.span.attributes)).not.toContain('abc')
      expect(headersNamed(text, 'traceparent')).toEqual([`00-${span.traceId}-${client()?.span.spanId}-03`])
    })

    test('a traceparent that the application forwards is replaced, and its tracestate goes', async () => {
      const { text } = await fetchText(path('/call-forwarded'))
      expect(headersNamed(text, 'traceparent')).toEqual([expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/)])
      expect(headersNamed(text, 'tracestate')).toEqual([])
    })

    test('headers in array form arrive intact, with one traceparent', async () => {
      const { text } = await fetchText(path('/call-array'))
      expect(headersNamed(text, 'host')).toEqual(['own.example'])
      expect(headersNamed(text, 'x-a')).toEqual(['1', '2'])
      expect(headersNamed(text, '0')).toEqual([])
      expect(headersNamed(text, 'traceparent')).toEqual([expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/)])
    })

    test('a refused connection is a CLIENT span with the reason', async () => {
      const target = path('/call-refused')
      await fetchText(target)
      const { span } = await spanOf(target.split('?')[1] ?? '')
      const client = () => receiver.receivedSpans.find((each) => each.span.parentSpanId === span.spanId)
      await receiver.until('the CLIENT span', () => client() !== undefined)
      expect(client()?.span.statusCode).toBe(2)
      expect(client()?.span.attributes['error.type']).toBe('ECONNREFUSED')
      expect(client()?.span.attributes['server.port']).toBe(1)
    })

    test('ignored paths leave nothing behind, and pass the trace on', async () => {
      const trace = 'abcdefabcdefabcdefabcdefabcdef00'
      const { text } = await fetchText(path('/health'), { traceparent: `00-${trace}-${PARENT}-01` })
      expect(headersNamed(text, 'traceparent')).toEqual([`00-${trace}-${PARENT}-01`])
      const target = path('/ok')
      await fetchText(target)
      await outcomeOf(target)
      expect(receiver.receivedSpans.filter(({ span }) => span.attributes['url.path'] === '/health')).toEqual([])
      expect(receiver.receivedLogs.filter(({ record }) => record.attributes['url.path'] === '/health')).toEqual([])
    })

    test("Server-Timing carries the trace beside the application's own entries", async () => {
      const plain = await fetchText(path('/ok'), { traceparent: `00-${TRACE}-${PARENT}-01` })
      expect(plain.headers.get('server-timing')).toMatch(new RegExp(`^trace;desc=00-${TRACE}-[0-9a-f]{16}-01$`))
      const own = await fetchText(path('/write-head'))
      expect(own.status).toBe(201)
      expect(own.headers.get('x-own')).toBe('yes')
      expect(own.headers.get('server-timing')).toMatch(/^db;dur=5, trace;desc=00-/)
    })

    test('a folded traceparent is malformed: a new trace begins', async () => {
      const raw = await openRaw(port)
      const target = path('/ok')
      raw.send(get(target, TRACEPARENT + TRACEPARENT))
      await raw.received('HTTP/1.1 200')
      expect((await outcomeOf(target)).span.traceId).not.toBe(TRACE)
      await raw.close()
    })

    // An engine that cannot do it says so in its list; there is nothing to run then.
    const testUpgrades = without['upgrades'] ? () => undefined : test
    testUpgrades(`an upgrade is a hop that ends with its answer, and its socket keeps the context`, async () => {
      const raw = await openRaw(port)
      const target = path('/socket')
      raw.send(get(target, 'Connection: Upgrade\r\nUpgrade: test\r\n'))
      await raw.received('101 Switching')
      const { span, record } = await outcomeOf(target)
      expect(record.attributes['http.response.status_code']).toBe(101)
      raw.send('later')
      expect(await raw.received(span.spanId, 2)).toContain(`${span.spanId}:${span.spanId}`)
      await raw.close()
    })

    test('a handler that throws: the record says so, and the process ends as it would have', async () => {
      const bare = startServer(receiver, extension, undefined)
      const traced = startServer(receiver, extension, engine)
      const ends = await Promise.all(
        [bare, traced].map(async (server) => {
          await server.prints('port ')
          const own = /port (\d+)/.exec(server.stdout())?.[1]
          await fetch(`http://127.0.0.1:${own}/throws?mark=thrown`).catch(() => {})
          return server.ended
        }),
      )
      expect(ends.map(({ code, signal }) => [code, signal])).toEqual([
        [1, null],
        [1, null],
      ])
      const { span } = await spanOf('mark=thrown')
      const records = (await recordsOf(span.spanId)).filter(
        ({ record }) => record.eventName === 'tracelog.http.server.end',
      )
      expect(records).toHaveLength(1)
      expect(records[0]?.record).toMatchObject({ severityNumber: 17 })
      expect(records[0]?.record.attributes['error.type']).toBe('RangeError')
      expect(span.statusCode).toBe(2)
      receiver.receivedSpans.length = 0
      const [bareFrames, tracedFrames] = ends.map(({ stderr }) => frames(stderr))
      expect(without['no frames in stacks'] === undefined ? tracedFrames : bareFrames).toEqual(bareFrames)
    })
  })
}

/** What the route /contexts has printed: one line per request. */
function contextLines(child: RunningChild): readonly string[] {
  return child.stdout().match(/contexts .*close=\S+/g) ?? []
}

function startServer(receiver: Receiver, extension: string, engine: string | undefined): RunningChild {
  return startChild(`hops/contract-server.${extension}`, {
    preload: engine === undefined ? 'none' : 'import',
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_SERVICE_NAME: 'contract',
      TRACELOG_HTTP_ENGINE: engine,
    },
  })
}

/** Values of a header in a flat list of raw headers as JSON. */
function headersNamed(json: string, name: string): string[] {
  const raw = JSON.parse(json) as string[]
  return raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name)
}

/** The stack that Node printed, without positions in Node's own files. */
function frames(stderr: string | undefined): string[] {
  return (stderr ?? '').split('\n').filter((line) => line.startsWith('    at '))
}
