/**
 * Who owns the globals of the OpenTelemetry API? An application may have started an SDK of its own before us, or starts one later.
 *
 * Its tracer provider stays: what the application traces goes where it wants. Its context manager makes room for ours, or our
 * requests would be in no context that the API can see: both keep contexts in an AsyncLocalStorage, and the API asks whichever
 * stands there. Its propagator stays, and learns of our requests (joining-propagator.ts).
 */
import {
  context,
  propagation,
  trace,
  type ContextManager,
  type TextMapPropagator,
  type TracerProvider,
} from '@opentelemetry/api'

import { joined } from './joining-propagator.ts'
import { createLaterSdk } from './later-sdk.ts'

export interface ApiGlobals {
  readonly contextManager: ContextManager
  readonly propagator: TextMapPropagator
  readonly tracerProvider: TracerProvider
}

/** Where all copies of the API of major version 1 meet. Source: the API's `internal/global-utils`. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1')

interface Registry {
  readonly trace?: { getDelegate?: () => object }
  context?: ContextManager
  propagation?: TextMapPropagator
}

/** Who is told of another SDK. */
export interface SdkListener {
  /** @param provider  the class of the provider that was there before us */
  onEarlier(provider: string): void
  /** One has come after us. */
  onLater(): void
}

export function claimApiGlobals({ contextManager, propagator, tracerProvider }: ApiGlobals, told: SdkListener): void {
  const later = createLaterSdk(tracerProvider)
  const isFirst = trace.setGlobalTracerProvider(later.tracerProvider)
  const registry = (globalThis as { [REGISTRY]?: Registry })[REGISTRY]
  if (!context.setGlobalContextManager(contextManager) && registry !== undefined) registry.context = contextManager
  const { propagation: theirs } = registry ?? {}
  if (!propagation.setGlobalPropagator(joined(propagator)) && registry !== undefined && theirs !== undefined) {
    registry.propagation = joined(theirs)
  }
  if (!isFirst) told.onEarlier(registry?.trace?.getDelegate?.().constructor.name ?? 'TracerProvider')
  else if (registry !== undefined) later.watch(registry, () => told.onLater())
}
