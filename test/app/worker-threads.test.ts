/** The application's own worker threads: what they log arrives like everything else, and they see nothing of it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { REGISTER, runChild, type ChildOptions } from '../support/child.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

function run(program: string, { env, ...options }: ChildOptions = {}) {
  return runChild(`threads/${program}`, {
    ...options,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
  })
}

const LINES = ['line 0', 'line 1', 'line 2', 'console']

function bodiesOf(name: string): readonly unknown[] {
  return receiver.receivedLogs.map((log) => log.record.body).filter((body) => (body as string).startsWith(`${name} `))
}

describe.each(NODE_VERSIONS)('Node %s:', (version) => {
  const node = nodeBinary(version)

  test('what a thread logs arrives, however it ends', async () => {
    const ends = ['natural', 'exit', 'throw', 'late']
    const ended = await run('main.cjs', { node, args: [ends.join(',')] })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    for (const end of ends) {
      const expected = LINES.map((line) => `${end} ${line}`)
      expect(bodiesOf(end).filter((body) => body !== 'throw failed')).toEqual(expected)
    }
    const failure = receiver.receivedLogs.find((log) => log.record.eventName === 'process.uncaught_exception')
    expect(failure?.record.attributes['exception.message']).toBe('throw failed')
  })

  test('an application sees the same of its threads as without us', async () => {
    const args = ['natural,exit,throw,late']
    const bare = await run('main.cjs', { node, args, preload: 'none' })
    const ended = await run('main.cjs', { node, args })
    expect(ended).toMatchObject({ code: bare.code, stdout: bare.stdout, stderr: bare.stderr })
    expect(ended.stdout).toContain('"seen":[]')
  })

  test('a thread belongs to the trace in which it was made, and so does a thread of that thread', async () => {
    const ended = await run('in-span.cjs', { node })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    // The application's own listener for messages of threads has heard none of ours.
    expect(JSON.parse(ended.stdout)).toEqual({ heard: [], count: 1 })
    const [span] = receiver.receivedSpans
    for (const name of ['made', 'nested']) expect(bodiesOf(name)).toEqual(LINES.map((line) => `${name} ${line}`))
    const lines = receiver.receivedLogs.filter((log) => (log.record.body as string).startsWith('made '))
    expect(lines.map((log) => log.record.traceId)).toEqual(LINES.map(() => span?.span.traceId))
    expect(lines.map((log) => log.record.spanId)).toEqual(LINES.map(() => span?.span.spanId))
  })
})

test('records have a number of their own thread, and its id', async () => {
  await run('main.cjs', { args: ['natural,late'] })
  const keys = receiver.receivedLogs.map(
    ({ record: { attributes } }) => `${attributes['thread.id'] as number}/${attributes['tracelog.seq'] as number}`,
  )
  expect(keys.toSorted((a, b) => a.localeCompare(b))).toEqual(
    [1, 2].flatMap((thread) => LINES.map((_, seq) => `${thread}/${seq}`)),
  )
  expect(new Set(receiver.receivedLogs.map((log) => log.resource['service.instance.id'])).size).toBe(1)
})

test('many lines of many threads all arrive', async () => {
  await run('main.cjs', { args: ['natural,exit,late', '3000'] })
  expect(receiver.receivedLogs.filter((log) => /line \d+$/.test(log.record.body as string))).toHaveLength(9000)
})

test('a main thread that ends the process takes over what its threads have', async () => {
  expect(await run('exits.cjs')).toMatchObject({ code: 0, stderr: '' })
  expect(bodiesOf('wait')).toEqual(LINES.map((line) => `wait ${line}`))
})

test('a thread can flush, and is told when the main thread has an answer', async () => {
  const ended = await run('flushes.cjs')
  expect(JSON.parse(ended.stdout)).toMatchObject({
    result: { isComplete: true, queued: 0 },
    stats: { emitted: 4, delivered: 4, queued: 0 },
  })
  expect(bodiesOf('flush')).toHaveLength(4)
})

test('where the main thread has no engine, the thread runs a whole one', async () => {
  const ended = await run('only-thread.cjs', { preload: 'none', args: [REGISTER] })
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(bodiesOf('alone')).toEqual(LINES.map((line) => `alone ${line}`))
})

test('standard output shows lines of threads too, where it is asked for', async () => {
  const ended = await run('main.cjs', { env: { OTEL_LOGS_EXPORTER: 'console' } })
  for (const line of LINES) expect(ended.stdout).toContain(`natural ${line}`)
})

test('who has switched worker_threads off hears nothing of them', async () => {
  const env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'worker_threads' }
  expect(await run('main.cjs', { env })).toMatchObject({ code: 0, stderr: '' })
  expect(receiver.receivedLogs).toEqual([])
})
