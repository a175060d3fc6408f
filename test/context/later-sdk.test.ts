/** When a second tracer provider is let in, and that looking for it changes nothing. */
import { context, ROOT_CONTEXT, type TracerProvider } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { createLaterSdk } from '../../src/context/later-sdk.ts'
import { RequestUnit, withUnit } from '../../src/context/request-unit.ts'
import { SpanIds } from '../../src/context/span-ids.ts'

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
afterAll(() => context.disable())

const unit = new RequestUnit({
  ids: SpanIds.of('a'.repeat(32), 'b'.repeat(16)),
  traceFlags: 1,
  method: 'GET',
  path: '/',
  startedMillis: 0,
  isPeerTrusted: false,
  requestPath: undefined,
})

interface Registry {
  trace?: unknown
}

/** As the API does it. */
function registerGlobal(registry: Registry, another: object): boolean {
  if (registry.trace !== undefined) return false
  registry.trace = another
  return true
}

function provider(name: string): TracerProvider {
  return {
    getTracer: (scope: string) => ({ startSpan: () => `${name}:${scope}`, startActiveSpan: () => `${name}:${scope}` }),
  } as unknown as TracerProvider
}

function watched(): { registry: Registry; ours: TracerProvider; onTaken: () => void } {
  const later = createLaterSdk(provider('ours'))
  const registry: Registry = { trace: later.tracerProvider }
  const onTaken = vi.fn<() => void>()
  later.watch(registry, onTaken)
  return { registry, ours: later.tracerProvider, onTaken }
}

test('the slot holds ours for who reads, and takes another from who registers; tracers handed out before follow', () => {
  const { registry, ours, onTaken } = watched()
  const tracer = ours.getTracer('app')
  expect(registry.trace).toBe(ours)
  expect(tracer.startSpan('x')).toBe('ours:app')
  const theirs = provider('theirs')
  expect(registerGlobal(registry, theirs)).toBe(true)
  expect(registry.trace).toBe(theirs)
  expect(onTaken).toHaveBeenCalledOnce()
  expect(tracer.startSpan('x')).toBe('theirs:app')
  expect(tracer.startActiveSpan('x', () => {})).toBe('theirs:app')
  expect(registerGlobal(registry, provider('third'))).toBe(false)
})

test('what an application has made of Error stays: the formatter of its stacks, and their length', () => {
  const { registry } = watched()
  const before = [Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace'), Error.stackTraceLimit]
  expect(registry.trace).toBeDefined()
  expect([Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace'), Error.stackTraceLimit]).toEqual(before)
  const format = vi.fn<() => string>(() => 'theirs')
  Error.prepareStackTrace = format
  try {
    expect(registerGlobal(registry, provider('theirs'))).toBe(true)
    expect(Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')?.value).toBe(format)
    expect(format).not.toHaveBeenCalled()
  } finally {
    delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace
  }
})

test('in a request nobody looks at a stack, nor after many reads', () => {
  const { registry } = watched()
  const capture = vi.spyOn(Error, 'captureStackTrace')
  context.with(withUnit(ROOT_CONTEXT, unit), () => expect(registry.trace).toBeDefined())
  expect(capture).not.toHaveBeenCalled()
  for (let i = 0; i < 1000; i++) void registry.trace
  expect(capture.mock.calls.length).toBeLessThan(500)
  capture.mockRestore()
})
