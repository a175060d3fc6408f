/**
 * What becomes of the API's tracers when the application starts an OpenTelemetry SDK of its own after us? They lead to that SDK, as
 * they do when it was first.
 *
 * The API refuses a second tracer provider without a word. So what stands in its registry is an accessor, which is empty for who
 * registers and ours for who reads: the other is taken, and tracers that were handed out before (NodeSDK gives them to its
 * instrumentations first) follow. It works for every copy of the API, ES modules too, and puts no frame of ours on any stack.
 */
import type { Tracer, TracerProvider } from '@opentelemetry/api'

import { guardedQuestion, safely } from '../diag/guarded.ts'
import { currentUnit } from './request-unit.ts'

/** The API's own entry for tracer providers. */
const SLOT = 'trace'
/** The API's function that refuses. Its only caller that reads the slot and wants it empty. */
const REGISTERING = 'registerGlobal'
const MAX_LOOKS = 256

export interface LaterSdk {
  /** Ours, as the API is to have it. */
  readonly tracerProvider: TracerProvider
  /** Once ours stands in the registry. @param onTaken  another has come, and is asked from now on */
  watch(registry: object, onTaken: () => void): void
}

export function createLaterSdk(own: TracerProvider): LaterSdk {
  let other: TracerProvider | undefined
  return {
    tracerProvider: { getTracer: (...scope) => followingTracer(own, () => other, scope) },
    watch(registry, onTaken) {
      const ours: unknown = (registry as { [SLOT]?: unknown })[SLOT]
      const isRegistering = guardedQuestion('the registry of OpenTelemetry', createLook())
      const get = (): unknown => other ?? (isRegistering(get) === true ? undefined : ours)
      const set = (value: TracerProvider) => {
        other = value
        safely('the registry of OpenTelemetry', onTaken)
      }
      Object.defineProperty(registry, SLOT, { configurable: true, enumerable: true, get, set })
    },
  }
}

type Scope = Parameters<TracerProvider['getTracer']>

function followingTracer(own: TracerProvider, other: () => TracerProvider | undefined, scope: Scope): Tracer {
  const first = own.getTracer(...scope)
  let next: Tracer | undefined
  const tracer = () => {
    next ??= other()?.getTracer(...scope)
    return next ?? first
  }
  return {
    startSpan: (name, options, context) => tracer().startSpan(name, options, context),
    startActiveSpan: (...given: unknown[]) => (tracer().startActiveSpan as (...given: unknown[]) => unknown)(...given),
  } as Tracer
}

/**
 * Whether who reads the slot is about to fill it; no other way shows that. SDKs are started outside of requests, and early: in
 * requests, where some frameworks ask for a tracer per span, nobody looks at a stack, nor after so many looks.
 *
 * @returns a question about the caller of its argument, the accessor
 */
function createLook(): (reader: () => unknown) => boolean {
  let left = MAX_LOOKS
  return (reader) => left > 0 && currentUnit() === undefined && left-- > 0 && callerOf(reader) === REGISTERING
}

/** What V8 calls the function that has called this one; `undefined` where Error may not be changed. About 7 us. */
function callerOf(callee: () => unknown): unknown {
  // --frozen-intrinsics, SES: to put back what could not be set would throw, too.
  if (Object.isFrozen(Error)) return undefined
  const { stackTraceLimit } = Error
  const format = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
  try {
    Error.stackTraceLimit = 1
    Object.defineProperty(Error, 'prepareStackTrace', { value: nameOfFirst, configurable: true, writable: true })
    const holder: { stack?: unknown } = {}
    Error.captureStackTrace(holder, callee)
    return holder.stack
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    if (format === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace')
    else Object.defineProperty(Error, 'prepareStackTrace', format)
  }
}

function nameOfFirst(_: Error, frames: readonly NodeJS.CallSite[]): string | null | undefined {
  return frames[0]?.getFunctionName()
}
