import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runChild, type ChildEnd } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const VALUES = [
  'an object without prototype',
  'a revoked Proxy',
  'an error with a revoked Proxy as cause',
  'an object whose getters throw',
  'an error whose getters throw',
  'an error whose cause throws',
  'an object that is no primitive',
  'a Proxy that throws',
  'a symbol',
  'a function',
  'a huge text',
  'null',
  'undefined',
]
const WAYS = ['at the top', 'in a timer', 'as a rejection', 'as a warning', 'in a request'] as const

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

/** With --require, so that Node prints its own frames the same. */
function run(preload: 'none' | 'require', args: readonly string[], service: string): Promise<ChildEnd> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: service }
  return runChild('ends/thrown.cjs', { preload, args, env })
}

/** Frames, the source line above them and the process number: an empty preload changes them as well. */
function applicationPart(stderr: string): string {
  return stderr
    .replaceAll(/^ +at .*\n/gm, '')
    .replace(/^\n?.*:\d+\n.*\n *\^\n/m, '')
    .replaceAll(/\(node:\d+\)/g, '(node)')
}

describe.each(WAYS)('thrown %s', (way) => {
  const handlers = way === 'in a request' || way === 'as a rejection' ? ['handled', 'not handled'] : ['not handled']
  describe.each(handlers)('%s:', (handler) => {
    test.each(VALUES)('%s', async (value) => {
      const service = `${way}, ${handler}, ${value}`
      const args = [value, way, handler]
      const [bare, ours] = await Promise.all([run('none', args, service), run('require', args, service)])
      expect({ code: ours.code, signal: ours.signal, stdout: ours.stdout }).toEqual({
        code: bare.code,
        signal: bare.signal,
        stdout: bare.stdout,
      })
      expect(applicationPart(ours.stderr)).toBe(applicationPart(bare.stderr))
      const events = receiver.receivedLogs
        .filter(({ resource }) => resource['service.name'] === service)
        .map(({ record }) => record.eventName)
      const ends = way === 'in a request' ? ['tracelog.http.server.end'] : []
      expect(events).toEqual(expect.arrayContaining([expect.stringMatching(/^process\./), ...ends]))
    })
  })
})
