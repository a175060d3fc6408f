/**
 * How does a trace reach another process? As TRACEPARENT, TRACESTATE and BAGGAGE in its environment, and the task that it was started
 * in as TRACELOG_TASK.
 *
 * Pure: the environment is passed in, and `process.env` is never written.
 */
import {
  ROOT_CONTEXT,
  trace,
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api'

import { takeTaskPath, withForeignTask } from './foreign-task.ts'
import { InheritedContext } from './inherited-context.ts'
import { TRACEPARENT, type TracelogPropagator } from './propagation.ts'

type Environment = Readonly<Record<string, string | undefined>>

const GETTER: TextMapGetter<Environment> = {
  keys: (env) => Object.keys(env).map((name) => name.toLowerCase()),
  get: (env, key) => env[variableOf(key)],
}
const SETTER: TextMapSetter<Record<string, string>> = {
  set(variables, key, value) {
    variables[variableOf(key)] = value
  },
}

/** Source: OpenTelemetry specification, "Environment variables as carriers": upper case, `_` for what no name may hold. */
function variableOf(field: string): string {
  return field.toUpperCase().replaceAll('-', '_')
}

/** As a carrier has it (model/task-token.ts). */
const TASK_VARIABLE = 'TRACELOG_TASK'

/** The context that this process was started in; the root context when nobody said. A path that is none leaves the trace as it is. */
export function contextOfEnvironment(env: Environment, propagator: TextMapPropagator): InheritedContext {
  const names = [...propagator.fields().map(variableOf), TASK_VARIABLE]
  const pairs = names.flatMap((name) => (env[name] === undefined ? [] : [`${name}=${env[name]}`]))
  const made = propagator.extract(ROOT_CONTEXT, env, GETTER)
  return new InheritedContext(withForeignTask(made, env[TASK_VARIABLE]), { pairs })
}

export interface ChildContextOptions {
  readonly propagator: TracelogPropagator
  /** What this process was started in. Default: nothing. */
  readonly inherited?: InheritedContext | undefined
}

/**
 * The environment of a child process with this context in it: replaced, never appended.
 *
 * @param pairs  `NAME=value` each; not changed
 * @returns `undefined` when there is nothing to change: the child gets what the application gives it
 */
export function withContext(
  pairs: readonly string[],
  context: Context,
  { propagator, inherited }: ChildContextOptions,
): string[] | undefined {
  const variables: Record<string, string> = {}
  propagator.inject(context, variables, SETTER)
  const names = new Set(Object.keys(variables))
  if (names.has(variableOf(TRACEPARENT))) {
    const task = takeTaskPath(context)
    if (task !== '') variables[TASK_VARIABLE] = task
    names.add(TASK_VARIABLE)
  }
  // What belongs to a trace goes with it.
  if (trace.getSpanContext(context) !== undefined)
    for (const field of propagator.staleFields) names.add(variableOf(field))
  const stale = inherited?.stalePairs() ?? []
  const others = pairs.filter((pair) => !names.has(pair.slice(0, pair.indexOf('='))) && !stale.includes(pair))
  if (names.size === 0 && others.length === pairs.length) return undefined
  return [...others, ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)]
}
