/** An application that prints, copies or compares the objects of a request sees nothing of ours on them. */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { runChild } from '../../support/child.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

test.each(['channels', 'otel'])('nothing of ours is seen on requests, responses and sockets (%s)', async (engine) => {
  const env = { TRACELOG_HTTP_ENGINE: engine, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const [bare, ours] = await Promise.all([
    runChild('hops/inspected.cjs', { preload: 'none' }),
    runChild('hops/inspected.cjs', { env }),
  ])
  expect(ours).toMatchObject({ code: 0, stderr: '', stdout: bare.stdout })
})
