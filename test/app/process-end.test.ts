import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { runChild, type ChildEnd, type Preload } from '../support/child.ts'
import { slack } from '../support/machine.ts'
import { startReceiver, type Fault, type Receiver } from '../support/receiver.ts'

const ENDS = ['natural', 'exit0', 'exit3', 'throw', 'reject', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const
const COUNT = 200

let receiver: Receiver
let runs = 0

beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

interface EndCase {
  readonly end: string
  readonly handler?: string
  readonly kind?: 'cjs' | 'mjs'
  readonly preload?: Preload
  readonly count?: number
  readonly endpoint?: string
}

async function end(options: EndCase): Promise<ChildEnd & { readonly arrived: number; readonly run: string }> {
  const run = `run${runs++}`
  const { handler = 'none', kind = 'cjs', preload = 'import', count = COUNT, endpoint = receiver.url } = options
  const ended = await runChild(`ends/end.${kind}`, {
    args: [options.end, handler, run, String(count)],
    preload,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
  })
  const bodies = receiver.receivedLogs
    .map((log) => log.record.body)
    .filter((body) => typeof body === 'string' && body.startsWith(`${run}-`))
  return { ...ended, run, arrived: new Set(bodies).size }
}

/** Node's own frames are not the application's: --import alone changes them. */
function applicationPart(stderr: string): string {
  return stderr.replaceAll(/^ +at .*node:.*\n/gm, '')
}

describe('with an endpoint that answers, nothing is lost and the process ends as on bare Node', () => {
  for (const kind of ['cjs', 'mjs'] as const) {
    for (const handler of ['none', 'own']) {
      test.each(ENDS)(`%s (${kind}, handler: ${handler})`, async (name) => {
        const [bare, ours] = await Promise.all([
          end({ end: name, handler, kind, preload: 'none' }),
          end({ end: name, handler, kind }),
        ])
        expect({ code: ours.code, signal: ours.signal }).toEqual({ code: bare.code, signal: bare.signal })
        expect(applicationPart(ours.stderr)).toBe(applicationPart(bare.stderr))
        expect(ours.stdout).toBe(bare.stdout)
        expect(ours.arrived).toBe(COUNT)
      })
    }
  }
})

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'])(
  'a library that ends the process only when nobody else listens to %s still ends it',
  async (signal) => {
    const ours = await end({ end: signal, handler: 'signal-exit' })
    expect(ours.signal).toBe(signal)
    expect(ours.arrived).toBe(COUNT)
  },
)

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'])(
  'an application whose last act is %s to itself ends by it',
  async (signal) => {
    const ours = await end({ end: signal, handler: 'last act' })
    expect(ours.signal).toBe(signal)
    expect(ours.arrived).toBe(COUNT)
  },
)

test.each(['removed', 'removes all'])(
  'a signal is still watched after the application has %s listeners',
  async (handler) => {
    const ours = await end({ end: 'SIGTERM', handler })
    expect(ours.signal).toBe('SIGTERM')
    expect(ours.arrived).toBe(COUNT)
  },
)

test('as many listeners as Node allows without a warning are allowed with us', async () => {
  const [bare, ours] = await Promise.all([
    end({ end: 'SIGTERM', handler: 'ten', preload: 'none' }),
    end({ end: 'SIGTERM', handler: 'ten' }),
  ])
  expect({ code: ours.code, stderr: ours.stderr }).toEqual({ code: bare.code, stderr: bare.stderr })
  expect(ours.stderr).toBe('')
  expect(ours.arrived).toBe(COUNT)
})

test('records that later exit listeners write are sent too', async () => {
  const ours = await end({ end: 'exit0', handler: 'late' })
  expect(ours.arrived).toBe(COUNT + 20)
  expect(ours.code).toBe(0)
})

test.each(['require', 'node-options'] as const)('nothing is lost with the preload by %s', async (preload) => {
  const ours = await end({ end: 'exit3', preload })
  expect(ours.code).toBe(3)
  expect(ours.arrived).toBe(COUNT)
})

test('100,000 records of one tick all arrive', async () => {
  const ours = await end({ end: 'exit0', count: 100_000 })
  expect(ours.stderr).toBe('')
  expect(ours.arrived).toBe(100_000)
})

const DOWN: Readonly<Record<string, Fault>> = { blackhole: { blackhole: true }, 'HTTP 503': { status: 503 } }

describe('with an endpoint that does not answer, the end is delayed by at most 1 s and the loss is told', () => {
  for (const name of ['natural', 'exit3', 'SIGTERM', 'throw']) {
    test(`refused, ${name}`, async () => {
      const down = await startReceiver()
      await down.close()
      const bare = await end({ end: name, preload: 'none' })
      const ours = await end({ end: name, endpoint: down.url })
      expect({ code: ours.code, signal: ours.signal }).toEqual({ code: bare.code, signal: bare.signal })
      expect(ours.tookMillis - bare.tookMillis).toBeLessThan(1000 + slack(100))
      expect(ours.stderr).toContain(`tracelog: nothing answers at ${down.url} (ECONNREFUSED)`)
      expect(ours.stderr).toContain('npx tracelog dev')
      // One more where the exception itself was recorded.
      const count = name === 'throw' ? COUNT + 1 : COUNT
      expect(ours.stderr).toContain(`tracelog: ${count} records dropped (process_end)`)
    })
  }
  for (const [fault, answer] of Object.entries(DOWN)) {
    test(`${fault}, exit3`, async () => {
      const down = await startReceiver()
      down.fault = answer
      const bare = await end({ end: 'exit3', preload: 'none' })
      const ours = await end({ end: 'exit3', endpoint: down.url })
      await down.close()
      expect(ours.code).toBe(3)
      expect(down.requests.length).toBeGreaterThan(0)
      expect(ours.tookMillis - bare.tookMillis).toBeLessThan(1000 + slack(100))
      expect(ours.stderr).toContain(`tracelog: ${COUNT} records dropped (process_end)`)
    })
  }
})

test('an endpoint that answered before, and is slow now, is waited for longer than one that never answered', async () => {
  const slow = await startReceiver()
  slow.failNext({})
  // Four at a time: ten take three waves.
  slow.fault = { delayMillis: 1_000 }
  const ended = await runChild('ends/answered-before.cjs', {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: slow.url, OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '1' },
  })
  const arrived = slow.receivedLogs.length
  await slow.close()
  expect({ ...ended, arrived }).toMatchObject({ code: 0, stderr: '', arrived: 11 })
})
