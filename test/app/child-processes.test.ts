/** A trace crosses a process start: given to the child in a copy of the environment, adopted by it. On each Node. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runChild, type ChildOptions } from '../support/child.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

function run(program: string, options: ChildOptions = {}) {
  return runChild(program, { ...options, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...options.env } })
}

describe.each(NODE_VERSIONS)('on Node %s', (version) => {
  test.each(['spawn', 'fork', 'exec', 'execFile'])('%s: the child goes on with the trace', async (way) => {
    const ended = await run('preload/parent.cjs', { args: [way], node: nodeBinary(version) })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const span = receiver.receivedSpans.find((one) => one.span.name === 'outer')?.span
    const printed = JSON.parse(ended.stdout) as Record<string, unknown>
    // What the application gave is replaced in the child, and nowhere else.
    expect(printed['child']).toEqual({ TRACEPARENT: `00-${span?.traceId}-${span?.spanId}-03` })
    expect(printed).toMatchObject({ own: '', given: 'stale' })
    expect(printed['stack']).toMatch(/ENOENT/)
    expect(printed['stack']).not.toMatch(/engine\.cjs|tracelog/)
    const record = receiver.receivedLogs.find((one) => one.record.body === 'from the child')?.record
    expect(record).toMatchObject({ traceId: span?.traceId, spanId: span?.spanId })
  })

  test('the environment it is started in is adopted, as strictly as a header', async () => {
    const [traceId, spanId] = ['a'.repeat(32), 'b'.repeat(16)]
    const node = nodeBinary(version)
    await run('preload/child.cjs', { node, env: { TRACEPARENT: `00-${traceId}-${spanId}-01` } })
    await run('preload/child.cjs', { node, env: { TRACEPARENT: `00-${traceId}-${spanId}-01-more` } })
    expect(receiver.receivedLogs.map(({ record }) => [record.traceId, record.spanId])).toEqual([
      [traceId, spanId],
      ['', ''],
    ])
  })
})

test('without a span the environment of a child is what the application gives it', async () => {
  const ended = await run('preload/untraced-parent.cjs', { env: { TRACESTATE: 'a=1' } })
  expect(ended).toMatchObject({ code: 0, stdout: '{"TRACESTATE":"a=1"}', stderr: '' })
})
