/** The context that a process was started in is that of its first work only: workers of pools, servers, daemons, on each Node. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const TRACE = 'a'.repeat(32)
const TRACEPARENT = `00-${TRACE}-${'b'.repeat(16)}-01`
let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

/** The trace of each line, by its text. */
function traces(): Readonly<Record<string, string>> {
  return Object.fromEntries(receiver.receivedLogs.map(({ record }) => [record.body as string, record.traceId]))
}

describe.each(NODE_VERSIONS)('on Node %s', (version) => {
  const run = (role: string, env: Readonly<Record<string, string>> = {}) =>
    runChild('preload/first-work.cjs', {
      args: [role],
      node: nodeBinary(version),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
    })

  // request 1: forks ── worker: start, first (and what it begins)
  // request 2, 3: send ── worker: second, third, what it starts: of no request that this process knows
  test('a worker of a pool: what it was started for, not what it does for others later', async () => {
    expect(await run('pool')).toMatchObject({ code: 0, stderr: '' })
    const forked = receiver.receivedSpans.find(({ span }) => span.name === 'forks')?.span.traceId ?? ''
    expect(traces()).toEqual({
      start: forked,
      first: forked,
      'first, later': forked,
      second: '',
      'second, later': '',
      third: '',
      'third, later': '',
      command: '',
    })
  })

  test.each(['server', 'cluster'])('a %s: until it listens', async (role) => {
    expect(await run(role, { TRACEPARENT, BAGGAGE: 'a=1' })).toMatchObject({ code: 0, stderr: '' })
    expect(traces()).toEqual({ start: TRACE, serving: '', command: '' })
  })

  test('a daemon: until the process is gone that started it', async () => {
    await run('parent')
    await receiver.until('alone', () => 'alone' in traces())
    const started = receiver.receivedSpans.find(({ span }) => span.name === 'starts')?.span.traceId ?? ''
    expect(traces()).toEqual({ start: started, alone: '' })
  })

  test('a command: to its last line, and on to what it starts', async () => {
    await run('spawns', { TRACEPARENT })
    expect(traces()).toEqual({ command: TRACE })
  })
})
