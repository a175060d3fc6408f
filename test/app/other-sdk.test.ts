/**
 * An application with an OpenTelemetry SDK of its own, started before or after us: it is told once which of the two gets what, and
 * every request is one trace in both, in which its records stand below our span of the request.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { SPAN_KIND } from '../../src/model/span-record.ts'
import { runChild } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

interface TheirSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly parent: string | undefined
}
const KIND_SERVER = 1

async function run(program: string, when: string) {
  const [logsBefore, spansBefore] = [receiver.receivedLogs.length, receiver.receivedSpans.length]
  const end = await runChild(`loggers/${program}`, {
    args: [when],
    preload: 'none',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  })
  return {
    said: end.stderr.split('\n').filter((line) => line.startsWith('tracelog: ')),
    theirs: JSON.parse(end.stdout.trim().split('\n').at(-1) ?? '[]') as TheirSpan[],
    logs: receiver.receivedLogs.slice(logsBefore).map(({ record }) => record),
    spans: receiver.receivedSpans.slice(spansBefore).map(({ span }) => span),
  }
}

const SAID: Readonly<Record<string, RegExp>> = {
  none: /^$/,
  before:
    /^tracelog: an OpenTelemetry SDK of the application \(TracerProvider(?:\$1)?\) was started before tracelog: [^\n]+$/,
  after: /^tracelog: the application starts an OpenTelemetry SDK of its own after tracelog: [^\n]+$/,
}

/** By hand, and the NodeSDK as its users start it, from both kinds of modules. */
const PROGRAMS = ['own-sdk.cjs', 'node-sdk.cjs', 'node-sdk.mjs']

test.each(PROGRAMS.flatMap((program) => ['none', 'before', 'after'].map((when) => ({ program, when }))))(
  '$program, SDK: $when',
  async ({ program, when }) => {
    const { said, theirs, logs, spans } = await run(program, when)
    expect(said.join('\n')).toMatch(SAID[when] as RegExp)
    for (const path of ['/one', '/two']) {
      const server = spans.find(({ kind, attributes }) => kind === SPAN_KIND.server && attributes['url.path'] === path)
      const of = (text: string) => logs.find(({ body }) => body === `${text} ${path}`)
      for (const record of [of('logged'), of('printed')]) {
        expect({ path, traceId: record?.traceId, spanId: record?.spanId }).toEqual({
          path,
          traceId: server?.traceId,
          spanId: server?.spanId,
        })
      }
      expect(of('worked')?.traceId).toBe(server?.traceId)
      // Whatever a record stands below has arrived.
      expect(spans.map(({ spanId }) => spanId)).toContain(of('worked')?.spanId)
    }
    const traces = new Set(spans.filter(({ kind }) => kind === SPAN_KIND.server).map(({ traceId }) => traceId))
    expect(traces.size).toBe(2)
    const theirServers = theirs.filter(({ kind }) => kind === KIND_SERVER)
    expect(theirServers).toHaveLength(when === 'none' ? 0 : 2)
    for (const { traceId, parent } of theirServers) {
      expect(traces).toContain(traceId)
      expect(spans.map(({ spanId }) => spanId)).toContain(parent)
    }
    expect(theirs.filter(({ name }) => name === 'work')).toHaveLength(when === 'none' ? 0 : 2)
  },
)
