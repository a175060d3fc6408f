/**
 * NATS over a real nats-server: a message is handled in the trace of the request that published it, by loops and by callbacks.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect } from 'vitest'

import { IN_TASK, startQueueApp, type AskedTrace, type QueueApp } from '../../support/queue-kit.ts'
import { startReceiver, type Receiver } from '../../support/receiver.ts'
import { startNats, type Nats } from '../../support/servers/nats.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'

/* eslint-disable vitest/no-standalone-expect -- the tests of requireServers are tests */
const it = requireServers('nats-server')
const isThere = findServer('nats-server') !== undefined

const RUNS = [
  { set: 'oldest', program: 'messaging/nats.cjs', node: '22.15.0', hasStreams: false },
  { set: 'oldest', program: 'messaging/nats.mjs', node: '26.10.0', hasStreams: false },
  { set: 'newest', program: 'messaging/nats.mjs', node: '24.21.0', hasStreams: true },
  { set: 'newest', program: 'messaging/nats-io.cjs', node: '22.15.0', hasStreams: true },
  { set: 'newest', program: 'messaging/nats-io.mjs', node: '24.21.0', hasStreams: true },
  { set: 'newest', program: 'messaging/nats-io.cjs', node: '26.10.0', hasStreams: true },
] as const

let folder: string
let nats: Nats
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tracelog-nats-'))
  if (isThere) nats = await startNats(folder)
})
afterAll(async () => {
  if (isThere) await nats.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(RUNS)('$program of the $set on Node $node', ({ set, program, node, hasStreams }) => {
  let receiver: Receiver
  let app: QueueApp
  let pid = 0
  beforeAll(async () => {
    receiver = await startReceiver()
    if (!isThere) return
    app = await startQueueApp(receiver, {
      program,
      set,
      node,
      env: { NATS_PORT: String(nats.port), STREAMS: hasStreams ? 'on' : 'off', LEGACY_STREAMS: 'on' },
    })
    pid = app.child.process.pid ?? 0
  }, 60_000)
  afterAll(async () => {
    if (isThere) await app.end()
    await receiver.close()
  })
  const handled = (trace: AskedTrace) =>
    trace.until('the message', () => trace.ends().length === 1 && trace.spans().some(isConsumer))

  it('a loop handles each message as a child of the request that published it', async () => {
    const trace = await app.ask('/send?n=7')
    // The loop asks for the next message when it has handled one.
    await handled(trace)
    expect(trace.tree()).toEqual(['server GET', '  producer send orders.eu', '    consumer process orders.*'])
    const consumer = trace.spans().find(isConsumer)
    expect(trace.ends()[0]).toMatchObject({
      spanId: consumer?.spanId,
      severityNumber: 9,
      attributes: {
        'messaging.system': 'nats',
        'messaging.destination.name': 'orders.*',
        'tracelog.component': 'app',
        'tracelog.response_time_ms': expect.any(Number),
      },
    })
    expect(consumer?.attributes).toMatchObject({ 'server.address': '127.0.0.1', 'server.port': nats.port })
    expect(linesOf(trace)).toEqual(['handling order 7', 'timer of order 7'])
    expect(trace.answer).toBe('own')
    const seen = JSON.parse((await app.ask('/seen')).answer) as { keys: string[]; stack: string }
    expect(seen.keys).toEqual(['own', 'traceparent'])
    expect(seen.stack).not.toMatch(OURS)
  })

  it('called from a task, the request and the message are nodes of its tree', async () => {
    const trace = await app.ask('/send?n=1', IN_TASK)
    expect(await trace.pathInTree()).toMatch(/^1\/\d+\/\d+$/)
  })

  it('two requests at once: each message stays in its own trace', async () => {
    const traces = await Promise.all([1, 2].map((n) => app.ask(`/bare?n=${n}`)))
    for (const [index, trace] of traces.entries()) {
      await handled(trace)
      expect(linesOf(trace)).toEqual([`handling order ${index + 1}`, `timer of order ${index + 1}`])
    }
  })

  it('a request is a send, its answer part of the message that is answered; one frame of ours above the callback', async () => {
    const trace = await app.ask('/request?n=2')
    await handled(trace)
    expect(trace.answer).toBe('answer')
    expect(trace.tree()).toEqual(['server GET', '  producer send called', '    consumer process called'])
    expect(trace.spans().find(isConsumer)?.attributes['messaging.consumer.group.name']).toBe('workers')
    expect(linesOf(trace)).toEqual(['handling called 2', 'timer of called 2'])
    const { stack } = JSON.parse((await app.ask('/seen')).answer) as { stack: string }
    expect(stack.split('\n').filter((line) => OURS.test(line))).toHaveLength(1)
    expect((await app.ask('/looks')).answer).toContain("'called'")
  })

  it('a callback whose promise rejects is an ERROR with its error', async () => {
    const trace = await app.ask('/failing')
    await handled(trace)
    expect(trace.ends()[0]).toMatchObject({
      severityNumber: 17,
      attributes: { 'error.type': 'NO_STOCK', 'exception.message': 'no stock' },
    })
  })

  it('a consumer of JetStream tells attempt and time in the stream', async () => {
    if (!hasStreams) return
    const trace = await app.ask('/stream?n=3')
    await handled(trace)
    expect(trace.tree()).toEqual(['server GET', `  producer send jobs-${pid}.x`, `    consumer process jobs-${pid}`])
    expect(trace.ends()[0]?.attributes).toMatchObject({
      'tracelog.attempt': 1,
      'tracelog.queued_ms': expect.any(Number),
    })
    expect(linesOf(trace)).toEqual(['handling job 3', 'timer of job 3'])
  })

  it.each(['looped', 'called'])('js.subscribe of nats 2 tells them too: %s', async (how) => {
    if (program.includes('nats-io')) return
    const trace = await app.ask(`/legacy?n=5&how=${how}`)
    await handled(trace)
    const name = `legacy-${pid}`
    expect(trace.tree()).toEqual(['server GET', `  producer send ${name}.${how}`, `    consumer process ${name}`])
    expect(trace.ends()[0]?.attributes).toMatchObject({
      'tracelog.attempt': 1,
      'tracelog.queued_ms': expect.any(Number),
    })
    const kind = how === 'looped' ? 'legacy loop' : 'legacy call'
    expect(linesOf(trace)).toEqual([`handling ${kind} 5`, `timer of ${kind} 5`])
  })

  it('a consumer of JetStream with a callback, too; one frame of ours above it', async () => {
    if (!hasStreams) return
    const trace = await app.ask('/stream-called?n=4')
    await handled(trace)
    expect(trace.tree()).toEqual(['server GET', `  producer send calls-${pid}.x`, `    consumer process calls-${pid}`])
    expect(trace.ends()[0]?.attributes).toMatchObject({
      'tracelog.attempt': 1,
      'tracelog.queued_ms': expect.any(Number),
    })
    expect(trace.spans().find(isConsumer)?.attributes['messaging.consumer.group.name']).toBe('caller')
    expect(linesOf(trace)).toEqual(['handling call 4', 'timer of call 4'])
    const { stack } = JSON.parse((await app.ask('/seen')).answer) as { stack: string }
    expect(stack.split('\n').filter((line) => OURS.test(line))).toHaveLength(1)
  })
})

const OURS = /engine[\w-]*\.cjs|register\.cjs/

function linesOf(trace: AskedTrace): unknown[] {
  return trace.logs().flatMap(({ body, eventName }) => (eventName === '' ? [body] : []))
}

function isConsumer({ kind }: { readonly kind: number }): boolean {
  return kind === 5
}
