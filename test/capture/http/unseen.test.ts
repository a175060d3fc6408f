/** What an application sees of its servers, requests, responses and sockets with the preload is what it sees bare. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runChild, type ChildEnd } from '../../support/child.ts'
import { NODE_VERSIONS, nodeBinary } from '../../support/nodes.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'

const HTTP_END = 'tracelog.http.server.end'

/** `ends`: how often a request was completed, and with which status. */
const CASES: readonly { name: string; ends: readonly unknown[] }[] = [
  { name: 'requests', ends: [200] },
  { name: 'upgrades, nobody listens', ends: [200] },
  { name: 'upgrades, one that comes and goes', ends: [101, 200, 101] },
  { name: 'an upgrade that wraps write', ends: [101] },
  { name: 'an upgrade that is refused by end', ends: [403] },
  { name: 'an upgrade that is corked', ends: [101] },
  { name: 'connects', ends: [200] },
  { name: 'all listeners removed', ends: [200] },
  { name: 'all listeners of finish removed', ends: [200] },
  { name: 'an emit of its own', ends: [200] },
  { name: 'http2', ends: [200] },
]

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

describe.each(NODE_VERSIONS)('on Node %s', (version) => {
  const run = (preload: 'none' | 'import', name: string, service: string): Promise<ChildEnd> => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: service, TRACELOG_CONSOLE: 'off' }
    return runChild('unseen/servers.cjs', { preload, args: [name], env, node: nodeBinary(version) })
  }

  test.each(CASES)('$name: nothing of ours is seen, and each request is completed once', async ({ name, ends }) => {
    const service = `${version}, ${name}`
    const [bare, ours] = await Promise.all([run('none', name, service), run('import', name, service)])
    expect(bare).toMatchObject({ code: 0, stderr: '' })
    expect(ours.stdout).toBe(bare.stdout)
    expect({ code: ours.code, stderr: ours.stderr }).toEqual({ code: 0, stderr: '' })
    const statuses = receiver.receivedLogs
      .filter(({ resource, record }) => resource['service.name'] === service && record.eventName === HTTP_END)
      .map(({ record }) => record.attributes['http.response.status_code'])
    expect(statuses).toEqual(ends)
  })

  test('a malformed message on a connection is no part of the request before', async () => {
    const service = `${version}, malformed`
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: service }
    const args = ['a malformed message after a request']
    expect(await runChild('unseen/servers.cjs', { args, env, node: nodeBinary(version) })).toMatchObject({ code: 0 })
    const records = receiver.receivedLogs.filter(({ resource }) => resource['service.name'] === service)
    const said = records.find(({ record }) => JSON.stringify(record.body).startsWith('"clientError'))
    expect(said?.record.traceId).toBe('')
  })
})
