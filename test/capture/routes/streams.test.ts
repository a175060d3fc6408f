/**
 * Bodies that take their time, behind fastify and koa: one completion record each, at the body's end; of a client that leaves, aborted; of
 * a websocket at its handshake.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { runChild } from '../../support/child.ts'
import { libraryProgram } from '../../support/libraries.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

/** Five pieces with 5 ms between them. */
const BODY_MILLIS = 20

test('one record each, when it is over', async () => {
  const { code, stderr } = await runChild(libraryProgram('streams/required.cjs', 'newest'), {
    flushesAtEnd: true,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const ends = receiver.receivedLogs
    .map(({ record }) => record)
    .filter(({ eventName }) => eventName === 'tracelog.http.server.end')
    .map(({ attributes }) => [
      attributes['url.path'],
      attributes['http.route'],
      attributes['http.response.status_code'],
      attributes['tracelog.aborted'],
      Number(attributes['tracelog.response_time_ms']) >= BODY_MILLIS,
    ])
  const endsOf = (name: string) => [
    [`/stream/${name}`, '/stream/:id', 200, undefined, true],
    [`/events/${name}`, '/events/:id', 200, undefined, true],
    [`/endless/${name}`, '/endless/:id', 200, true, expect.any(Boolean)],
    ['/socket', undefined, 101, undefined, expect.any(Boolean)],
  ]
  expect(ends).toEqual([...endsOf('fastify'), ...endsOf('koa')])
})
