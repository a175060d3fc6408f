import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { runChild } from './support/child.ts'
import { startReceiver, type Receiver } from './support/receiver.ts'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

test('exports these names and no others', async () => {
  const api: Record<string, unknown> = await import('../src/index.ts')
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "TracelogError",
      "cached",
      "currentRequest",
      "currentTask",
      "flush",
      "goal",
      "importTask",
      "instrumentCache",
      "recorder",
      "requestFields",
      "returnHandler",
      "setLevel",
      "shutdown",
      "start",
      "startTask",
      "stats",
      "task",
      "tellCaller",
      "to",
      "wrap",
    ]
  `)
})

test('the entry for tests exports these names and no others', () => {
  // In a process of its own: it starts tracelog, and then something was started.
  const entry = fileURLToPath(new URL('../dist/testing.js', import.meta.url))
  const names = execFileSync(process.execPath, ['-p', 'Object.keys(require(process.argv[1])).sort().join()', entry])
  expect(String(names).trim()).toBe('capture,capturedOf')
})

test('the entry for callers exports this name and no other', async () => {
  expect(Object.keys(await import('../src/client.ts'))).toEqual(['withLogs'])
})

test('the entry for plugins is types alone', async () => {
  expect(Object.keys(await import('../src/processor.ts'))).toEqual([])
})

test('does nothing and never throws when nothing was started', async () => {
  const api = await import('../src/index.ts')
  api.setLevel('debug')
  api.requestFields({ user: 'u1' })
  expect(api.currentRequest()).toBeUndefined()
  expect(await api.cached('cache', 'get', () => 42)).toBe(42)
  await expect(api.cached('cache', 'get', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
  const cache = new Map([['a', 1]])
  api.instrumentCache(cache, 'cache')()
  expect(Reflect.ownKeys(cache)).toEqual([])
  expect(api.recorder.unit('job', () => 42)).toBe(42)
  expect(api.importTask('no token', 'pack', (task) => [task.traceId, task.token()])).toEqual(['0'.repeat(32), ''])
  expect(api.importTask(undefined, 'pack', { level: 'debug' }, () => 42)).toBe(42)
  api.recorder.dump('nothing')
  api.recorder.discard()
  expect(api.recorder.stats()).toMatchObject({ units: 0, kept: 0, share: 1, dumps: { level: 0 } })
  expect(await api.flush()).toEqual({ isComplete: true, queued: 0 })
  expect(await api.shutdown()).toEqual({ isComplete: true, queued: 0 })
  expect(api.stats()).toMatchObject({ endpoint: 'unknown', logs: { emitted: 0, dropped: { queue_full: 0 } } })
})

async function runProgram(
  program: 'start.mjs' | 'start.cjs',
  env: Record<string, string> = {},
  preload: 'none' | 'import' = 'none',
) {
  const ended = await runChild(`api/${program}`, {
    preload,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
  })
  return { ...ended, said: ended.stdout === '' ? undefined : (JSON.parse(ended.stdout) as Record<string, unknown>) }
}

test.each(['start.mjs', 'start.cjs'] as const)('start() starts the pipeline, once (%s)', async (program) => {
  const { said, stderr, code } = await runProgram(program)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(said).toMatchObject({
    isSame: true,
    flushed: { isComplete: true, queued: 0 },
    levelError: 'TRACELOG_CONFIG_INVALID',
    logs: { emitted: 1, delivered: 1, queued: 0 },
    afterShutdown: { emitted: 1 },
  })
  expect(receiver.receivedLogs.map((log) => log.record.body)).toEqual(['after start'])
  expect(receiver.receivedLogs[0]?.resource['service.name']).toBe('from-code')
})

test('start() finds the engine of the preload', async () => {
  const { said } = await runProgram('start.mjs', { OTEL_SERVICE_NAME: 'from-env' }, 'import')
  expect(said).toMatchObject({ isSame: true })
  expect(receiver.receivedLogs[0]?.resource['service.name']).toBe('from-env')
})

test('start() with OTEL_SDK_DISABLED=true accepts nothing and sends nothing', async () => {
  const { said, code } = await runProgram('start.mjs', { OTEL_SDK_DISABLED: 'true' })
  expect(code).toBe(0)
  expect(said).toMatchObject({ isSame: true, flushed: { isComplete: true }, logs: { emitted: 0 } })
  expect(receiver.requests).toHaveLength(0)
})

test('start() throws on a wrong setting', async () => {
  const { said, stderr } = await runProgram('start.mjs', { TRACELOG_WORKER: 'maybe' })
  expect(stderr).toContain('TRACELOG_WORKER is "maybe", but must be one of on, off')
  expect(stderr).toContain("code: 'TRACELOG_CONFIG_INVALID'")
  expect(said).toBeUndefined()
})

/** Every package that a declaration file and those it imports name. */
function packagesOf(declarations: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>()
  if (seen.has(declarations)) return packages
  seen.add(declarations)
  for (const [, from = ''] of readFileSync(declarations, 'utf8').matchAll(/(?:from|import)\s*\(?'([^']+)'/g)) {
    if (!from.startsWith('.')) packages.add(from)
    else
      for (const name of packagesOf(resolve(dirname(declarations), from.replace(/\.[jt]s$/, '.d.ts')), seen))
        packages.add(name)
  }
  return packages
}

test.each(['index', 'winston', 'bunyan', 'pino', 'client'])(
  'the types of %s need nothing that is not installed with us',
  (entry) => {
    const dist = fileURLToPath(new URL('../dist', import.meta.url))
    const packages = [...packagesOf(`${dist}/${entry}.d.ts`)].filter((name) => !name.startsWith('node:'))
    // Who imports the entry for winston has it.
    expect(packages.filter((name) => name !== '@opentelemetry/api' && name !== entry)).toEqual([])
  },
)
