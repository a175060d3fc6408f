/** A server that sends what it likes: the call is as it was, memory is bounded, nothing throws, and the stream ends. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { withLogs, type LogEvent } from '../../src/client.ts'
import { MAX_KEPT_EVENTS } from '../../src/client/kept-events.ts'
import { GRANT } from './fake-streams.ts'

const BASE = 'http://api.example/.tracelog/v1'
const END = 'id: 9007199254740991\nevent: end\ndata: {"status":"ok"}\n\n'

/** A `fetch` whose streams send this, each time somebody comes. */
function fetchOf(pieces: readonly (string | Uint8Array)[]) {
  const encoder = new TextEncoder()
  return (url: string, init?: RequestInit): Promise<Response> => {
    if (url.endsWith('/streams') && init?.method === 'POST') {
      const place = { id: 's1', url: 'streams/s1', grant: GRANT, expires_at: '2026-11-30T10:00:00Z' }
      return Promise.resolve(Response.json(place, { status: 201 }))
    }
    if (!url.includes('/streams/')) return Promise.resolve(new Response('answer'))
    const bytes = pieces.map((piece) => (typeof piece === 'string' ? encoder.encode(piece) : piece))
    const body = ReadableStream.from<Uint8Array>(bytes)
    return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
  }
}

async function logsOf(pieces: readonly (string | Uint8Array)[]) {
  const { response, logs } = await withLogs(fetchOf(pieces), { streams: BASE })('http://api.example/call')
  expect(await response.text()).toBe('answer')
  expect(await logs.ended).toBe('ok')
  const events: LogEvent[] = []
  for await (const event of logs) events.push(event)
  return { logs, events }
}

const anyEvent = fc
  .record({
    id: fc.oneof(fc.string(), fc.integer().map(String), fc.constant('NaN')),
    event: fc.constantFrom('log', 'stdout', 'stderr', 'gap', 'END', ''),
    data: fc.oneof(fc.json(), fc.string(), fc.constantFrom('{"text":"a"}', '{"dropped":1e308}', '{"__proto__":1}')),
  })
  .map(({ id, event, data }) => `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`)

test('events of any kind, and bytes that are none', async () => {
  const piece = fc.oneof(anyEvent, fc.uint8Array({ maxLength: 50 }))
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
      // A server that reads nothing of ours may number as it likes, but who says the end is believed.
      const { logs, events } = await logsOf([...pieces, '\n\n', 'id: x\n', END.replace(/^id.*\n/, '')])
      expect(events.at(-1)?.type).toBe('end')
      expect(logs.dropped).toBeGreaterThanOrEqual(0)
    }),
    { numRuns: 60 },
  )
})

describe('floods', () => {
  test('of small events', async () => {
    const many = Array.from({ length: 5 * MAX_KEPT_EVENTS }, (_, i) => `id: ${i + 1}\nevent: log\ndata: {"n":${i}}\n\n`)
    const { logs, events } = await logsOf([many.join(''), END])
    expect(logs.messages().length).toBeLessThanOrEqual(MAX_KEPT_EVENTS)
    expect(events[0]).toEqual({ type: 'gap', dropped: logs.dropped })
    expect(logs.dropped + logs.messages().length).toBe(5 * MAX_KEPT_EVENTS)
  })

  test('of comments, of one event without an end, and of one that is too long', async () => {
    const megabyte = 'x'.repeat(1 << 20)
    const { events, logs } = await logsOf([`:${megabyte}\n`, '\n', `data: ${megabyte}`, megabyte, '\n\n', END])
    expect(events.map(({ type }) => type)).toEqual(['gap', 'gap', 'end'])
    expect(logs.dropped).toBe(2)
  })
})
