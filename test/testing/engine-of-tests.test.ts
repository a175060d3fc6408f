/**
 * Which engine a capture uses: the one that runs, whatever it sends; or one of its own, which sends nothing.
 */
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const TESTING = fileURLToPath(new URL('../../dist/testing.js', import.meta.url))

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

const CAPTURED = [
  ['below', true],
  ['within', false],
]

test.each([
  { name: 'without the preload nothing is sent', preload: 'none', env: {}, sent: [] },
  { name: 'with the preload what leaves still leaves', preload: 'import', env: {}, sent: ['within', 'after'] },
  {
    name: 'with the preload and no exporters nothing is sent',
    preload: 'import',
    env: { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' },
    sent: [],
  },
  {
    name: 'without the flight recorder the same is seen',
    preload: 'none',
    env: { TRACELOG_RECORDER: 'off' },
    sent: [],
  },
  {
    name: 'with a sampler that takes nothing the same is seen',
    preload: 'none',
    env: { OTEL_TRACES_SAMPLER: 'always_off' },
    sent: [],
  },
] as const)('$name', async ({ preload, env, sent }) => {
  const { stdout, stderr, code } = await runChild('testing/captures.mjs', {
    preload,
    env: { TESTING, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
    flushesAtEnd: preload === 'import',
  })
  expect(stderr).toBe('')
  const lines = stdout.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: 'info', message: 'within' },
    { level: 'info', message: 'after' },
    CAPTURED,
  ])
  expect(code).toBe(0)
  const bodies = receiver.receivedLogs.map(({ record }) => record.body)
  expect(bodies.filter((body) => typeof body === 'string' && !body.startsWith('['))).toEqual(sent)
})
