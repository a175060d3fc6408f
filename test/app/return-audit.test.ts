/**
 * Who was shown what, and who was refused: in records, also of a process that ends by a signal, and in `stats()`.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'

import { startReceiver, type Receiver } from '../support/receiver.ts'
import { ask, openStream, readStream } from '../support/return-client.ts'
import { startReturningService, stopService, type ReturningService } from '../support/returning-service.ts'

const TOKENS = JSON.stringify({ ann: { sub: 'ann', scopes: ['logs:all'], level: 'debug' } })

let receiver: Receiver
let service: ReturningService

beforeEach(async () => {
  receiver = await startReceiver()
  const env = { TRACELOG_RETURN: 'on', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  service = await startReturningService({ env, args: [TOKENS] })
})
afterEach(() => receiver.close())

const recordsOf = (eventName: string) =>
  receiver.receivedLogs.filter(({ record }) => record.eventName === eventName).map(({ record }) => record.attributes)

/** Three that are refused, and a call that runs on. */
async function callAndRefuse(): Promise<() => void> {
  const { url, grant } = await openStream(service.base, 'ann')
  const read = await readStream(`${service.base}/${url}`, 'ann')
  for (const refused of ['nonsense', 'v1.x.y'])
    await ask(`${service.url}/seen`, { headers: { 'tracelog-return': refused } })
  await ask(`${service.base}/streams`, { method: 'POST', headers: { authorization: 'bob' } })
  // It waits for longer than the test.
  void ask(`${service.url}/lines?wait=600000`, { headers: { 'tracelog-return': grant } }).catch(() => {})
  await read.sees(({ data }) => data['message'] === 'halfway')
  return () => read.close()
}

test.each(['SIGTERM', 'SIGINT'] as const)('a process that %s ends has told both', async (signal) => {
  const close = await callAndRefuse()
  service.child.kill(signal)
  expect((await service.child.ended).signal).toBe(signal)
  expect(recordsOf('tracelog.return.granted')).toMatchObject([
    { 'tracelog.return.subject': 'ann', 'tracelog.return.level': 'debug' },
  ])
  expect(recordsOf('tracelog.return.refused')).toMatchObject([
    { 'tracelog.return.refused.malformed': 2, 'tracelog.return.refused.unauthorised': 1 },
  ])
  close()
})

test('stats() has them since the start, without what was refused', async () => {
  const close = await callAndRefuse()
  const told = JSON.parse((await ask(`${service.url}/stats`)).text) as unknown
  expect(told).toEqual({ streams: 1, granted: 0, refused: { malformed: 2, unauthorised: 1 } })
  await stopService(service)
  close()
})
