/** Every outgoing request has its CLIENT span, however it ends: unread, given up, cut off, or with the process. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runChild, startChild } from '../../support/child.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

/** The CLIENT span of a call, by the end of its URL. */
function call(path: string) {
  return receiver.receivedSpans.find(({ span }) => {
    const { 'url.full': url, 'tracelog.cache.name': cache } = span.attributes
    return span.kind === 3 && ((typeof url === 'string' && url.endsWith(path)) || cache === path)
  })?.span
}

describe.each(['channels', 'otel'])('engine %s', (engine) => {
  const env = () => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    TRACELOG_HTTP_ENGINE: engine,
    TRACELOG_CACHE_SPANS: 'all',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  })

  test('a body that nobody reads, or wants any more, is no error and loses no span', async () => {
    const child = startChild('hops/unread-calls.cjs', { env: env() })
    await child.prints('made ')
    const paths = ['/closed', '/destroyed', '/request-destroyed', '/broken-off', '/cancelled', '/aborted', '/unread']
    for (const path of paths) {
      await receiver.until(path, () => call(path) !== undefined)
      expect(call(path)).toMatchObject({ statusCode: 0, attributes: { 'http.response.status_code': 200 } })
      expect(call(path)?.attributes['error.type']).toBeUndefined()
    }
    const unread = call('/unread')
    // As of its head, not as of the moment in which it was found.
    expect(Number((unread?.endTimeUnixNano ?? 0n) - (unread?.startTimeUnixNano ?? 0n)) / 1e6).toBeLessThan(1_500)
    for (const [path, type] of [
      ['/timed-out', 'TimeoutError'],
      ['/cut', 'ECONNRESET'],
    ] as const) {
      await receiver.until(path, () => call(path) !== undefined)
      expect(call(path)).toMatchObject({ statusCode: 2, attributes: { 'error.type': type } })
    }
    child.kill('SIGTERM')
    await child.ended
  })

  test.each(['exit', 'throw', 'SIGTERM'])('what is under way at %s is finished, and marked', async (end) => {
    await runChild('hops/open-calls.cjs', { args: [end], env: env() })
    for (const path of ['/silent', '/silent-fetch', '/read', 'users']) {
      expect(call(path), path).toMatchObject({ statusCode: 0, attributes: { 'tracelog.aborted': true } })
    }
    // Its head was all that was wanted.
    expect(call('/unread')?.attributes).toMatchObject({ 'http.response.status_code': 200 })
    expect(call('/unread')?.attributes['tracelog.aborted']).toBeUndefined()
  })
})

test('a body that nobody reads keeps no process alive', async () => {
  const bare = await runChild('hops/unread-ends.cjs', { preload: 'none' })
  const ours = await runChild('hops/unread-ends.cjs', { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } })
  expect(ours).toMatchObject({ code: bare.code, stdout: bare.stdout, stderr: '' })
  expect(call('/')).toMatchObject({ statusCode: 0, attributes: { 'http.response.status_code': 200 } })
})
