/**
 * How does a trace reach another process? As TRACEPARENT, TRACESTATE and BAGGAGE in its environment.
 *
 * Pure: the environment is passed in, and `process.env` is never written.
 */
import {
  ROOT_CONTEXT,
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api'

import { TRACEPARENT, TRACESTATE } from './propagation.ts'

type Environment = Readonly<Record<string, string | undefined>>

const GETTER: TextMapGetter<Environment> = {
  keys: (env) => Object.keys(env).map((name) => name.toLowerCase()),
  get: (env, key) => env[key.toUpperCase()],
}
const SETTER: TextMapSetter<Record<string, string>> = {
  set(variables, key, value) {
    variables[key.toUpperCase()] = value
  },
}

/** The context that this process was started in; the root context when nobody said. */
export function contextOfEnvironment(env: Environment, propagator: TextMapPropagator): Context {
  return propagator.extract(ROOT_CONTEXT, env, GETTER)
}

/**
 * The environment of a child process with this context in it: replaced, never appended.
 *
 * @param pairs  `NAME=value` each; not changed
 * @returns `undefined` when the context holds nothing to tell: the child gets what the application gives it
 */
export function withContext(
  pairs: readonly string[],
  context: Context,
  propagator: TextMapPropagator,
): string[] | undefined {
  const variables: Record<string, string> = {}
  propagator.inject(context, variables, SETTER)
  const names = new Set(Object.keys(variables))
  if (names.size === 0) return undefined
  // State and parent belong together.
  if (names.has(TRACEPARENT.toUpperCase())) names.add(TRACESTATE.toUpperCase())
  const others = pairs.filter((pair) => !names.has(pair.slice(0, pair.indexOf('='))))
  return [...others, ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)]
}
